"""Many small documents through a local server: the rate beside openai's bare client, memory, and runs that are killed.

bench/many.py [DOCUMENTS] [KILLS] [CONCURRENCY]
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

LATENCY = 0.020
AIM = 0.8
ARTICLE = """\
Ofsted finds {number} reasons to be cheerful

By Sam Reeve, 21 March 2024

Ofsted has rated children's services at Torbay Council good overall after an inspection from 4 to 15 March 2024.
The experiences and progress of care leavers were judged outstanding. Social workers know their children well, the
report says. Torbay Council looks after about {number} children.
"""
RECORD: dict[str, Any] = {
    "authority": {"quote": "children's services at Torbay Council", "as_written": "Torbay Council"},
    "inspectorates": [{"quote": "Ofsted has rated children's services", "value": "Ofsted"}],
    "inspection_start": {"quote": "after an inspection from 4 to 15 March 2024", "words": "4 to 15 March 2024"},
    "inspection_end": {"quote": "after an inspection from 4 to 15 March 2024", "words": "4 to 15 March 2024"},
    "overall_grade": {"quote": "rated children's services at Torbay Council good overall", "value": "good"},
    "judgements": [
        {
            "quote": "The experiences and progress of care leavers were judged outstanding",
            "area": "The experiences and progress of care leavers",
            "grade": "outstanding",
        }
    ],
}
REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 0,
    "model": "fake",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": json.dumps({"records": [RECORD]})},
        }
    ],
    "usage": {"prompt_tokens": 4_000, "completion_tokens": 300, "total_tokens": 4_300},
}


def main(count: int, kills: int, concurrency: int) -> None:
    """Print the three figures, each for so many documents."""
    with tempfile.TemporaryDirectory() as place, served() as base_url:
        folder = Path(place)
        paths = written(folder / "documents", count)
        size = paths[0].stat().st_size
        print(f"{count:,} documents of {size} bytes, {concurrency} calls at once, {LATENCY * 1000:g} ms each")
        rates(paths, folder, base_url, concurrency)
        killed(paths, folder, base_url, concurrency, kills)


# ── the rate and the memory ──────────────────────────────────────────────────────────────────────────────────────────


def rates(paths: list[Path], folder: Path, base_url: str, concurrency: int) -> None:
    """The bare client in each of its transports, then extract_many with and without the second opinion."""
    some = paths[: max(len(paths) // 4, 1)]
    bare = {name: asyncio.run(called(some, base_url, concurrency, name)) for name in ("httpx2", "aiohttp")}
    for name, rate in bare.items():
        print(f"bare openai async client, {name:8} {rate:7.0f} calls a second")
    for opinion in (False, True):
        told = "with" if opinion else "without"
        rate, settled = extracted(paths, folder / f"{told}.sqlite", base_url, concurrency, opinion)
        best = max(bare.values())
        print(f"extract_many {told:7} second opinion {rate:7.0f} documents a second, start included: {rate / best:.2f}")
        print(f"{'':42}{settled:7.0f} in its last three quarters: {settled / best:.2f} of the bare one (aim: {AIM})")


async def called(paths: list[Path], base_url: str, concurrency: int, transport: str) -> float:
    """Calls a second of the bare client, which is given ready requests and reads nothing of the replies."""
    import openai

    from extractor.client import arguments, endpoint
    from extractor.engines.llm import requests
    from extractor.prompt import load
    from extractor.readers import read
    from extractor.schemas.inspection import InspectionRecord

    at, prompt = endpoint("openai/fake", base_url), load()
    made = [arguments(at, next(requests(read(path), prompt, InspectionRecord)), "JSON_SCHEMA") for path in paths]
    bodies = iter([{name: one[name] for name in ("model", "messages", "extra_body")} for one in made])
    other = {"http_client": openai.DefaultAioHttpClient()} if transport == "aiohttp" else {}
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0, **other) as client:  # type: ignore[arg-type]

        async def work() -> None:
            for body in bodies:
                await client.chat.completions.create(**body)

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return len(paths) / (time.perf_counter() - started)


def extracted(paths: list[Path], journal: Path, base_url: str, concurrency: int, opinion: bool) -> tuple[float, float]:
    """Documents a second of extract_many, over all and over the last three quarters; prints its memory on the way."""
    from extractor import extract_many

    tenth, quarter = len(paths) // 10, len(paths) // 4
    started = since = time.perf_counter()
    found = extract_many(
        paths,
        concurrency=concurrency,
        model="openai/fake",
        base_url=base_url,
        journal=journal,
        second_opinion=opinion,
    )
    for done, extraction in enumerate(found, 1):
        assert extraction.error is None, extraction.error
        if done == quarter:
            since = time.perf_counter()
        if done in (tenth, len(paths)):
            here, others = memory()
            print(f"  at document {done:6,}: {here:.0f} MB in this process, {others:.0f} MB in its workers")
    ended = time.perf_counter()
    return len(paths) / (ended - started), (len(paths) - quarter) / (ended - since)


def memory() -> tuple[float, float]:
    """Resident megabytes of this process and of its children, as ps tells them."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss=,args="], capture_output=True, text=True).stdout
    rows = [line.split(maxsplit=3) for line in listed.splitlines()]
    here = sum(int(rss) for pid, _, rss, _ in rows if int(pid) == os.getpid())
    workers = sum(
        int(rss) for _, parent, rss, args in rows if int(parent) == os.getpid() and "extractor.processes" in args
    )
    return here / 1024, workers / 1024


# ── killed ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def killed(paths: list[Path], folder: Path, base_url: str, concurrency: int, kills: int) -> None:
    """A run that is killed (kill -9) at random moments and started again: what it leaves, and what it asked."""
    out, before = folder / "out.jsonl", asked(base_url)
    command = [sys.executable, "-m", "extractor.cli", "extract", str(paths[0].parent), "-o", str(out), "--quiet"]
    command += ["--model", "openai/fake", "--base-url", base_url, "--journal", str(folder / "killed.sqlite")]
    command += ["--concurrency", str(concurrency)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("EXTRACTOR_", "OPENAI_"))}
    moments, done, starts = random.Random(kills), 0, 0
    while True:
        starts += 1
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environ)
        if done == kills:
            status, said = run.wait(), run.stderr.read() if run.stderr else ""
            break
        aim = lines(out) + moments.uniform(0.2, 1.2) * len(paths) / (kills + 2)
        while run.poll() is None and lines(out) < aim:
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 0.1))
        done += run.poll() is None
        run.kill()
        run.wait()
    names = [json.loads(line)["source"]["path"] for line in out.open(encoding="utf-8")]
    once = len(names) == len(set(names)) == len(paths) and set(names) == set(map(str, paths))
    calls = asked(base_url) - before
    print(f"killed {done} times in {starts} starts, exit status {status}: {said.strip().splitlines()[-1]}")
    print(f"{len(names):,} lines, {len(set(names)):,} documents: {'each exactly once' if once else 'NOT each once'}")
    repeated = f"{calls - len(paths)} repeated; {done * concurrency} could have been in flight"
    print(f"{calls:,} calls for {len(paths):,} documents: {repeated}")


def lines(out: Path) -> int:
    """About how many lines are in the file: counted by its size."""
    return out.stat().st_size // 3_000 if out.exists() else 0


# ── the server ───────────────────────────────────────────────────────────────────────────────────────────────────────


def written(folder: Path, count: int) -> list[Path]:
    """So many documents that differ in a number."""
    folder.mkdir()
    paths = [folder / f"{number:06}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(ARTICLE.format(number=1_000 + number), encoding="utf-8")
    return paths


@contextmanager
def served() -> Iterator[str]:
    """The address of a chat-completions server in a process of its own."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    finally:
        server.kill()
        server.wait()


def asked(base_url: str) -> int:
    """How many calls the server has had."""
    with urlopen(f"{base_url}/asked") as reply:
        return int(reply.read())


class Connection(asyncio.Protocol):
    """Answers every POST alike, LATENCY after it came; a GET with how many there were."""

    posts = 0

    def connection_made(self, transport: Any) -> None:
        """Begin with nothing received."""
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that has come whole."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            mark = head.find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            self.received = self.received[end + 4 + length :]
            if head.startswith(b"post"):
                Connection.posts += 1
                asyncio.get_running_loop().call_later(LATENCY, self.answer, ANSWER)
            else:
                self.answer(whole(str(Connection.posts).encode()))

    def answer(self, reply: bytes) -> None:
        """Send it, if anybody is still there."""
        if not self.transport.is_closing():
            self.transport.write(reply)


def whole(body: bytes) -> bytes:
    """The body as a reply."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


ANSWER = whole(json.dumps(REPLY).encode())


async def serve() -> None:
    """Serve until killed; the port is printed first."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    else:
        main(*[int(given) for given in sys.argv[1:]] + [1_000, 5, 64][len(sys.argv) - 1 :])
