"""On PYTHONPATH: tells the file SEAL of every socket that is opened, and ends the process, unless TELL_ONLY is set."""

import os
import sys


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket.") or event == "socket.gethostname":
        return
    if _looks_for_ipv6():
        raise PermissionError("no sockets")
    told = os.open(os.environ["SEAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(told, f"{event} {arguments[event != 'socket.getaddrinfo' :]!r}\n".encode())
    os.close(told)
    if "TELL_ONLY" not in os.environ:
        os._exit(97)


def _looks_for_ipv6() -> bool:
    """Whether urllib3, which trafilatura imports, looks if the system has IPv6: it goes on without a socket."""
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_name == "_has_ipv6" and frame.f_globals["__name__"] == "urllib3.util.connection":
            return True
    return False


sys.addaudithook(watch)
