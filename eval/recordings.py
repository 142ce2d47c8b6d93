"""A run's replies as files, so that its numbers can be had again without a server, a network or a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from extractor.errors import CallTimedOut, EndpointFault
from extractor.journal import NoJournal, RawReply
from extractor.parts import replacing
from extractor.terminal import escaped

from .calls import Call, RunJournal
from .errors import NotRecorded, RunError
from .naming import file_name

JSON = dict[str, Any]

_KEPT = ("model", "choices", "usage", "error")
"""What is kept of a reply. Headers, and the numbers by which a server knows its customer, are not."""
_SECRET = re.compile(r"\b(?:sk|org|proj|user|req)[-_][\w*-]{5,}")
"""How keys, accounts and requests are called in a server's complaints."""
_HEAD = ("prompt", "prompt_sha256", "model", "parameters", "gold", "split", "repeats", "date")
_LATE = "no whole reply within"  # how a timeout begins in the client's own words


def export(run: Path, folder: Path) -> Path:
    """Write the replies of a run to folder/NAME.jsonl: first what it was, then a line a call, in the order of calls.

    A line has the journal's `key`, the `status` and `reply` that came, or the `fault` where none did, and `seconds`.
    Requests, and so the documents' text, are not in it. The server's address is: keys are made with it.

    Raises:
        RunError: no run there, one that asked nothing, or a folder that cannot be written.
    """
    path = run / "journal.sqlite"
    try:
        signature = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{run} holds no whole run ({error}).") from error
    if not path.exists():
        raise RunError(f"{run} has no journal: it asked nothing, and can be run again as it is.")
    with closing(RunJournal(path)) as journal:
        calls = [call for call in journal.history() if call.model == signature["model"] and _ended(call)]
    if not calls:
        raise RunError(f"{run}: no call was answered in it.")
    head = {"name": signature["name"], "base_url": calls[0].endpoint} | {key: signature[key] for key in _HEAD}
    target = folder / f"{file_name(str(signature['name']))}.jsonl"
    lines = [escaped(json.dumps(line, ensure_ascii=False)) for line in (head, *map(_told, calls))]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(target) as part:
            part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise RunError(f"{target} cannot be written ({error.strerror}). Name another folder.") from error
    return target


def _ended(call: Call) -> bool:
    return call.reply is not None or call.fault is not None


def _told(call: Call) -> JSON:
    if call.reply is None:
        return {"key": call.key, "fault": _clean(call.fault or ""), "seconds": call.seconds}
    completion = call.reply.completion()
    if completion is not None:
        reply: Any = {name: completion[name] for name in _KEPT if name in completion}
    else:
        reply = _clean(call.reply.body.decode("utf-8", "replace"))
    return {"key": call.key, "status": call.reply.status, "reply": reply, "seconds": call.seconds}


def _clean(said: str) -> str:
    return _SECRET.sub("[removed]", said)


class Recordings(NoJournal):
    """A folder of recordings in the journal's place: what was recorded is served, and nothing else can be asked.

    Args:
        folder: with files as `export` writes them.

    Raises:
        RunError: no recordings there, or one that cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.heads: list[JSON] = []
        """What each recorded run was: name, base_url, prompt, prompt_sha256, model, parameters, gold, split, …"""
        self._calls: dict[str, list[Call]] = {}
        for path in sorted(folder.glob("*.jsonl")):
            for call in self._read(path):
                self._calls.setdefault(call.key, []).append(call)
        if not self.heads:
            raise RunError(f"{folder} holds no recordings (NAME.jsonl). Make one with `extractor-eval record RUN`.")

    def _read(self, path: Path) -> list[Call]:
        try:
            head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
            calls = [_call(line, head) for line in lines]
            self.heads.append({key: head[key] for key in ("name", "base_url", *_HEAD)})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"The recording {path} cannot be read ({type(error).__name__}: {error}).") from error
        return calls

    def find(self, key: str) -> RawReply:
        """The recorded reply, a refusal or an error included.

        Raises:
            CallError: no reply came then, so none comes now.
            NotRecorded: this was not asked when the recording was made.
        """
        calls = self._calls.get(key)
        if not calls:
            asked = ", ".join(f"{head['prompt']} on {head['model']}" for head in self.heads)
            raise NotRecorded(
                f"The recordings ({asked}) have no reply to this request: the prompt, the documents, the parameters or "
                "the repeats are others than those recorded. Ask a server, without --replay."
            )
        call = next((call for call in calls if call.reply and call.reply.usable()), calls[-1])
        if call.reply is None:
            fault = call.fault or ""
            raise CallTimedOut(fault) if _LATE in fault else EndpointFault(fault)
        return call.reply

    def history(self) -> Iterator[Call]:
        """Every recorded call."""
        return (call for calls in self._calls.values() for call in calls)

    def heads_of(self, model: str) -> Iterable[JSON]:
        """What was recorded of this model."""
        return [head for head in self.heads if head["model"] == model.removeprefix("openai/")]

    def close(self) -> None:
        """Nothing is open."""


def _call(line: JSON, head: JSON) -> Call:
    reply = None
    if "status" in line:
        said = line["reply"]
        reply = RawReply(line["status"], {}, (said if isinstance(said, str) else json.dumps(said)).encode())
    return Call(line["key"], head["base_url"], head["model"], b"", reply, line.get("fault"), line["seconds"])
