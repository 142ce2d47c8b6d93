"""A hunt for the API key: a server says it in every place it can, and then all that was written and shown is searched.

    python tests/keyhunt.py [--only PATTERN]

In each place the commands really run, against a server on loopback, with the logs of all libraries switched on.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import logging
import os
import pickle
import re
import signal
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from echoes import echoes
from fakeserver import FakeServer, Received, answer, hang
from rich.console import Console
from rich.table import Table
from rich.traceback import Traceback
from smallgold import PRICES, council_in, reply_of, text_of, write_set

KEY = "sk-hunt-Zq7Wv3Tn9Kx5/Bd2+Fm8_Hj4"
COUNCILS = ("Leeds", "Bradford")
LOOKED = {
    "terminal": "terminal",
    "logs": "logs at DEBUG",
    "results": "results, review, sheets",
    "journals": "journals",
    "runs": "runs, recordings, pages",
    "objects": "reprs, pickles, tracebacks",
    "cache": "cache, home, temporary",
}
"""Where the key is looked for: each folder of a hunt, and what is in it."""


# ── How the key is recognised: by undoing every spelling, which is not how the product does it ─────────────────────


def says(data: bytes, key: str = KEY) -> bool:
    """Whether these bytes say the key, however spelled."""
    return any(key.lower() in seen.lower() for seen in _readings(data)) or key.encode().hex() in data.lower().decode(
        "latin-1"
    )


def _readings(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    for one in (text, data.decode("utf-16-le", "ignore"), data.decode("utf-16-be", "ignore")):
        flat = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), one)
        yield from (one, flat, flat.replace("\\", ""), unquote(unquote(one)), html.unescape(html.unescape(one)))
    for run in re.findall(rb"[A-Za-z0-9+/_-]{24,}", data):
        for skip in range(4):
            whole = run[skip:].replace(b"-", b"+").replace(b"_", b"/")
            yield b64decode(whole[: len(whole) // 4 * 4]).decode("latin-1")


# ── One place ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Found:
    """What came of one hunt: how often the key was sent to the server that says it, and where it was seen after."""

    requests: int
    seen: Counter[str] = field(default_factory=Counter)
    files: int = 0
    size: int = 0
    wrong: list[str] = field(default_factory=list)


def searched(folder: Path, requests: int) -> Found:
    """Every file below the folder, by the folder of it that it is in."""
    found = Found(requests)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        found.files, found.size = found.files + 1, found.size + len(data)
        if says(data) or says(str(path.relative_to(folder)).encode()):
            found.seen[path.relative_to(folder).parts[0]] += 1
            found.wrong.append(f"the key is in {path.relative_to(folder)}")
        if path.parent.name == "terminal" and b"Traceback (most recent" in data:
            found.wrong.append(f"a traceback is in {path.relative_to(folder)}")
    return found


def prepared(folder: Path) -> dict[str, str]:
    """A folder with documents and gold in it, and the environment of whoever works there."""
    for name in (*LOOKED, "documents"):
        (folder / name).mkdir(parents=True)
    for council in COUNCILS:
        (folder / "documents" / f"{council}.txt").write_text(text_of(council), encoding="utf-8")
    (folder / "results" / "prices.toml").write_text(PRICES, encoding="utf-8")
    write_set(folder / "gold", COUNCILS)
    own = {name: str(folder / "cache") for name in ("XDG_CACHE_HOME", "HOME", "TMPDIR")}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    return {**kept, **own, "OPENAI_API_KEY": KEY, "SSL_CERT_DIR": str(folder / "cache"), "COLUMNS": "200"}


def hunt(name: str, folder: Path) -> Found:
    """Let a server say the key in this place, work with it, and search all that is left."""
    with FakeServer([answer({})]) as elsewhere, FakeServer([answer({})]) as server:
        right = {council: echoes(KEY, reply_of(council), elsewhere.base_url)[name] for council in COUNCILS}

        def script(received: Received) -> object:
            return right[council_in(received) if "messages" in received.body else COUNCILS[0]]

        server.script = script  # type: ignore[assignment]
        env = prepared(folder)
        _run([sys.executable, __file__, "--inside", server.base_url], folder, env)
        found = searched(folder, len(server.received))
        if elsewhere.received:
            found.wrong.append(f"{len(elsewhere.received)} requests went to another server")
        return found


def _run(command: list[str], folder: Path, env: Mapping[str, str]) -> int:
    with (folder / "terminal" / "out").open("ab") as out, (folder / "terminal" / "err").open("ab") as err:
        return subprocess.run(command, cwd=folder, env=env, stdout=out, stderr=err, timeout=600, check=False).returncode


# ── What is done there ─────────────────────────────────────────────────────────────────────────────────────────────


def commands(base_url: str) -> list[list[str]]:
    """Every command that asks, or that reads what was asked."""
    where = ["--model", "openai/fake", "--base-url", base_url, "--timeout", "20"]
    one, out = "documents/Leeds.txt", "results/out.jsonl"
    plain = ["extract", *where, "--prompt", "plain"]
    tried = ["run", *where, "--prompt", "plain", "--prompt", "one-line", "--gold", "gold", "--out", "runs/asked"]
    paid = ["--review", "results/review.jsonl", "--max-cost", "100", "--prices", "results/prices.toml"]
    page = ["runs/asked/plain", "--gold", "gold"]
    return [
        ["extractor", *plain, "documents", "-v", "--journal", "journals/many.sqlite", "-o", out, *paid],
        ["extractor", *plain, one, "-v", "--journal", "journals/one.sqlite"],
        ["extractor", *plain, one, "--no-journal", "--format", "json"],
        ["extractor", *plain, one, "--dry-run", "--journal", "journals/many.sqlite"],
        ["extractor", "table", out, "-o", "results/sheet.xlsx"],
        ["extractor", "table", out, "-o", "results/sheet.csv"],
        ["extractor", "models", "--base-url", base_url],
        ["extractor", "journal", "journals/many.sqlite"],
        ["extractor", "render", one],
        ["extractor", "explain", one],
        ["extractor-eval", *tried],
        ["extractor-eval", "record", "runs/asked/plain", "runs/recorded"],
        ["extractor-eval", "run", "--replay", "runs/recorded", "--gold", "gold", "--out", "runs/replayed"],
        ["extractor-eval", "report", *page, "-o", "runs/page.html"],
        ["extractor-eval", "compare", *page[:1], "runs/asked/one-line", "--gold", "gold"],
        ["extractor-eval", "gate", "runs/asked/one-line", "--baseline", *page, "--junit", "runs/gate.xml"],
    ]


def inside(base_url: str) -> None:
    """Work in this folder: from Python, and by every command."""
    import extractor_eval.cli

    import extractor.cli

    logging.basicConfig(filename="logs/debug.txt", level=logging.DEBUG, force=True)
    sys.setswitchinterval(0.001)
    Path("objects/told.txt").write_text("\n".join(objects(base_url)), encoding="utf-8")
    mains = {"extractor": extractor.cli.main, "extractor-eval": extractor_eval.cli.main}
    for command in commands(base_url):
        sys.argv = command
        try:
            mains[command[0]]()
        except SystemExit:
            sys.stdout.flush()


def objects(base_url: str) -> Iterator[str]:
    """What a program can get hold of, as text: results, settings, and every error with all that it hangs on to."""
    from extractor import aextract, extract, extract_many
    from extractor.client import Client, endpoint
    from extractor.extracting import settings

    where = {"model": "openai/fake", "base_url": base_url, "prompt": "plain", "timeout": 20, "journal": False}
    yield repr((settings(**where), endpoint("openai/fake", base_url, KEY), vars(Client(endpoint("a", base_url), None))))
    ways = [
        lambda: extract("documents/Leeds.txt", **where, api_key=KEY),
        lambda: asyncio.run(aextract("documents/Leeds.txt", **where)),
        lambda: list(extract_many(["documents/Leeds.txt"], **where, api_key=KEY, processes=0)),
        lambda: extract("documents/Leeds.txt", **where | {"prompt": "no such prompt"}, api_key=KEY),
        lambda: extract("documents/none.txt", **where, api_key=KEY),
        lambda: extract("documents/Leeds.txt", **where | {"journal": "documents"}, api_key=KEY),
    ]
    for way in ways:
        try:
            made = way()
        except Exception as error:
            yield from _errors(error, set())
        else:
            yield f"{made!r}\n{made}\n{pickle.dumps(made)!r}"


def _errors(error: BaseException | None, told: set[int]) -> Iterator[str]:
    """An error, those it came from, and every variable of every frame of ours and of libraries."""
    if error is None or id(error) in told:
        return
    told.add(id(error))
    yield repr((error, str(error), error.args, vars(error), getattr(error, "__notes__", None), pickle.dumps(error)))
    at = error.__traceback__
    while at and at.tb_frame.f_code.co_filename == __file__:  # the hunter's own frames know the key
        at = at.tb_next
    if at and not Path("objects/traceback.txt").exists():  # one is enough: they take seconds to draw
        with Path("objects/traceback.txt").open("w") as stream:
            shown = Traceback.from_exception(type(error), error, at, show_locals=True, extra_lines=0, max_frames=20)
            Console(file=stream, width=400).print(shown)
    while at:
        yield "\n".join(f"{name} = {value!r}" for name, value in at.tb_frame.f_locals.items())
        at = at.tb_next
    yield from _errors(error.__cause__, told)
    yield from _errors(error.__context__, told)


# ── What the user does, and what happens on the way ────────────────────────────────────────────────────────────────


def slips(base_url: str) -> dict[str, list[str]]:
    """Places where a user may put the key by mistake: none of them is taken."""
    host = base_url.removeprefix("http://")
    extract = ["extractor", "extract", "documents", "-v", "--prompt", "plain", "-o", "results/out.jsonl"]
    asked = [*extract, "--model", "openai/fake"]
    here = [*asked, "--base-url", base_url]
    return {
        "user: password in the base URL": [*asked, "--base-url", f"http://user:{KEY}@{host}"],
        "user: query of the base URL": [*asked, "--base-url", f"{base_url}?api_key={KEY}"],
        "user: path of the base URL": [*asked, "--base-url", f"{base_url}/{KEY}"],
        "user: base URL that is none": [*asked, "--base-url", f"htp://user:{KEY}@{host}?{KEY}"],
        "user: port that is none": [*asked, "--base-url", f"http://user:{KEY}@host:port/v1"],
        "user: --param": [*here, "--param", f"api_key={KEY}"],
        "user: --param with headers": [*here, "--param", f'headers={{"Authorization": "Bearer {KEY}"}}'],
        "user: --param without a name": [*here, "--param", KEY],
        "user: name of the model": [*extract, "--base-url", base_url, "--model", f"openai/{KEY}"],
    }


def slipped(command: list[str], folder: Path) -> Found:
    """Run it, and search all that is left; nothing may have been sent."""
    with FakeServer([answer({})]) as server:
        env = prepared(folder)
        at = [part.replace("SERVER", server.base_url.removeprefix("http://").removesuffix("/v1")) for part in command]
        status = _run([str(Path(sys.executable).with_name(at[0])), *at[1:]], folder, env)
        found = searched(folder, len(server.received))
    if status != 2 or found.requests:
        found.wrong.append(f"exit status {status}, {found.requests} requests, where nothing is to be sent")
    return found


def through_a_proxy(folder: Path) -> Found:
    """A proxy of the environment that has a password, and cannot be set up."""
    env = prepared(folder) | {"ALL_PROXY": f"nothing://user:{KEY}@127.0.0.1:9"}
    command = ["extract", "documents", "--model", "openai/fake", "--base-url", "http://127.0.0.1:9/v1"]
    _run([str(Path(sys.executable).with_name("extractor")), *command], folder, env)
    return searched(folder, 1)


def killed(folder: Path) -> Found:
    """A run that is killed while calls are on their way, and looked at by `ps` before."""

    def script(received: Received) -> object:
        return answer({"records": [], "key": KEY}) if council_in(received) == "Leeds" else hang

    with FakeServer(script) as server:  # type: ignore[arg-type]
        env = prepared(folder)
        command = [*commands(server.base_url)[0], "--processes", "2"]
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            cwd=folder,
            env=env,
            stdout=(folder / "terminal" / "out").open("wb"),
            stderr=(folder / "terminal" / "err").open("wb"),
            start_new_session=True,
        )
        server.arrived(len(COUNCILS))
        shown = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, check=False).stdout
        (folder / "terminal" / "ps").write_bytes(shown)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found = searched(folder, len(server.received))
    if b"extract" not in shown:
        found.wrong.append("ps did not show the run")
    return found


# ── What is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def places() -> list[str]:
    """The name of every place where the server or the user says the key, in order."""
    return [*echoes(KEY, reply_of("Leeds"), ""), *slips("http://SERVER/v1"), "user: password of a proxy", "killed"]


def looked_at(name: str, folder: Path) -> Found:
    """The hunt of this name."""
    if name in (mistakes := slips("http://SERVER/v1")):
        return slipped(mistakes[name], folder)
    if name == "user: password of a proxy":
        return through_a_proxy(folder)
    return killed(folder) if name == "killed" else hunt(name, folder)


def shown(found: Mapping[str, Found]) -> Table:
    """One table: where the key was said, and in how many files of each kind it was found."""
    table = Table("where the key was said", "requests", *LOOKED.values(), "files", "MB")
    for name, one in found.items():
        looked = [str(one.seen[place]) for place in LOOKED]
        table.add_row(name, str(one.requests), *looked, str(one.files), f"{one.size / 1e6:.1f}")
    every = [sum(one.seen[place] for one in found.values()) for place in LOOKED]
    files, size = sum(one.files for one in found.values()), sum(one.size for one in found.values())
    table.add_section()
    requests = sum(one.requests for one in found.values())
    table.add_row("in all", str(requests), *map(str, every), f"{files:,}", f"{size / 1e6:.1f}")
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="places whose name this pattern is found in")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(given.inside)
        return 0
    wanted = [name for name in places() if re.search(given.only, name)]
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        homes = [Path(folder, str(number)) for number in range(len(wanted))]
        found = dict(zip(wanted, pool.map(looked_at, wanted, homes), strict=True))
    Console(width=200).print(shown(found))
    wrong = [f"{name}: {fault}" for name, one in found.items() for fault in one.wrong]
    print("\n".join(wrong) or "The key is nowhere.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
