"""One engine on one target, in a process with limits of time and memory: what ends it is a finding of who started it.

Before each input is tried it stands in a file that is shared, so that one that kills the process is known.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import mmap
import pkgutil
import resource
import signal
import struct
import sys
import time
import traceback
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from fuzzseeds import packed, seeds
from fuzztargets import TARGETS, file, keeps_its_laws

JSON = dict[str, Any]

STATE = struct.Struct("<QQdQQ")
"""Inputs begun and ended, the seconds of the slowest, the most memory in MB, and the length of the one in hand."""
LONGEST = 1 << 20
BATCH = 500


class Watch:
    """Tries one input after another, and keeps account of them where the parent process sees it."""

    def __init__(self, given: JSON) -> None:
        self.given = given
        self.target = TARGETS[given["target"]]
        self.folder = Path(given["out"])
        with open(given["state"], "r+b") as file:
            self._shared = mmap.mmap(file.fileno(), STATE.size + LONGEST)
        self.begun = self.ended = 0
        self.slowest = 0.0
        self.left = given["executions"]
        self._known: set[str] = set()

    def __call__(self, data: bytes) -> None:
        """Try it; a fault is written down, and the next one may come."""
        if len(data) > LONGEST or self.left <= 0:
            return
        self.left -= 1
        self.begun += 1
        self._shared[STATE.size : STATE.size + len(data)] = data
        before = self._tell(len(data))
        signal.setitimer(signal.ITIMER_PROF, self.given["seconds"])
        start = time.process_time()
        try:
            self.target(data)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # a panic of a library in Rust is no Exception
            self._found(data, fault)
        taken = time.process_time() - start
        signal.setitimer(signal.ITIMER_PROF, 0)
        self.ended += 1
        if taken > self.slowest:
            self.slowest = taken
            (self.folder / f"{self.given['target']}.slowest").write_bytes(data)
        if (grown := self._tell(0) - before) > self.given["growth"]:
            self._note(data, f"memory: {grown} MB more", "")

    def _tell(self, length: int) -> int:
        memory = most_memory()
        STATE.pack_into(self._shared, 0, self.begun, self.ended, self.slowest, memory, length)
        return memory

    def _found(self, data: bytes, fault: BaseException) -> None:
        frames = traceback.extract_tb(fault.__traceback__)
        ours = [frame for frame in frames if "/extractor/" in frame.filename or "/fuzz" in frame.filename]
        at = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
        self._note(
            data, f"{type(fault).__name__} at {at}: {str(fault)[:200]}", "".join(traceback.format_exception(fault))
        )

    def _note(self, data: bytes, told: str, trace: str) -> None:
        """One file and one line for each kind of fault."""
        kind = told.partition(":")[0] + told.partition(":")[2].partition(":")[0]
        if kind not in self._known:
            self._known.add(kind)
            note(self.folder, self.given["target"], data, told, trace)


def note(folder: Path, target: str, data: bytes, told: str, trace: str = "") -> None:
    """Save an input that is a finding, and say what it does."""
    path = folder / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    with (folder / "findings.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"target": target, "file": str(path), "told": told, "trace": trace}) + "\n")


def most_memory() -> int:
    """The most memory that this process has had, in MB."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def limit(given: JSON) -> None:
    """More memory than this is refused, which native code seldom outlives."""
    most = given["megabytes"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_apart(target: str, data: bytes) -> None:
    """Read it as the product reads a file, by a process of its own that may fall: a result, or an error of ours."""
    from extractor.errors import DocumentError
    from extractor.readers import read

    with file(data, f"a.{target}") as path, suppress(DocumentError):
        keeps_its_laws(read(path))


# ── Engines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def by_hypothesis(watch: Watch) -> None:
    """Inputs of the target's shape, in batches, each with a seed of its own: hypothesis remembers all of a batch."""
    from fuzzshapes import SHAPES
    from hypothesis import HealthCheck, Phase, given, seed, settings

    _warm(watch)
    number = watch.given["seed"]
    while watch.left > 0:
        number += 1
        few = settings(
            max_examples=min(BATCH, watch.left),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(number)(few(given(SHAPES[watch.given["target"]])(watch.__call__)))()


def by_atheris(watch: Watch) -> None:
    """Inputs that reach new code of ours, grown from the seeds."""
    import atheris

    with atheris.instrument_imports(include=["extractor"]):
        for package in ("extractor", "extractor_eval"):
            _import_all(package)
    _warm(watch)
    target = watch.given["target"]
    corpus = Path(watch.given["corpus"])
    corpus.mkdir(exist_ok=True)
    for at, one in enumerate(seeds(target)):
        (corpus / f"seed-{at}").write_bytes(one)
    longest = max(4096, *(2 * len(one) for one in seeds(target)))
    flags = {"runs": watch.left, "seed": watch.given["seed"] + 1, "max_len": longest, "verbosity": 0}
    flags |= {"rss_limit_mb": 0, "timeout": 600, "len_control": 0, "handle_segv": 0, "handle_abrt": 0, "handle_bus": 0}
    more: dict[str, Callable[..., bytes]] = {}
    if target in ("docx", "workbook"):
        more["custom_mutator"] = _in_an_archive
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in flags.items()), str(corpus)], watch, **more)
    atheris.Fuzz()


def _in_an_archive(data: bytes, most: int, number: int) -> bytes:
    """The archive with one of its parts changed; now and then its own bytes are."""
    import atheris

    chance = Random(number)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # it is none any more
        parts = {}
    if not parts or chance.random() < 0.1:
        return bytes(atheris.Mutate(data, most))
    name = chance.choice(sorted(parts))
    parts[name] = bytes(atheris.Mutate(parts[name], max(len(parts[name]) + 64, 256)))
    made = packed(parts)
    return made if len(made) <= most else data


def _import_all(package: str) -> None:
    """Every module of a package, so that all are instrumented: the readers import late."""
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if not module.name.endswith(("workbook_reader", "__main__")):
            importlib.import_module(module.name)


def _warm(watch: Watch) -> None:
    """What is imported late is no memory or time of an input."""
    for one in seeds(watch.given["target"]):
        watch.target(one)


ENGINES: dict[str, Callable[[Watch], None]] = {"hypothesis": by_hypothesis, "atheris": by_atheris}


def main() -> None:
    given = json.loads(sys.argv[1])
    if "read" in given:
        read_apart(given["target"], Path(given["read"]).read_bytes())
        return
    watch = Watch(given)
    limit(given)
    if "repeat" in given:
        watch.target(Path(given["repeat"]).read_bytes())
    else:
        ENGINES[given["engine"]](watch)


if __name__ == "__main__":
    main()
