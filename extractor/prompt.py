"""A prompt file: loaded, checked, hashed, rendered."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from extractor.errors import PromptError

PLACEHOLDERS = {"document", "schema", "previous"}

_PLACEHOLDER = re.compile(r"\$(\$|[a-z_]+)")


@dataclass(frozen=True)
class Message:
    """One chat message: role is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class Step:
    """One question of a prompt; `output` "text" hands its reply to the next step as $previous."""

    user: str
    system: str | None = None
    output: Literal["text", "records"] = "records"


@dataclass(frozen=True)
class Example:
    """A worked example: a document and the reply that it should get."""

    document: str
    reply: str


@dataclass(frozen=True)
class Prompt:
    """A prompt file; `sha256` is that of the file's bytes, so that a result names exactly what was asked."""

    name: str
    about: str
    steps: tuple[Step, ...]
    examples: tuple[Example, ...]
    sha256: str


def load(prompt: str | Path | None = None) -> Prompt:
    """A prompt by its name in prompts/, or by the path of a TOML file; null is the default prompt.

    Raises:
        PromptError: no such prompt, unknown keys or placeholders, or no step that fills records.
    """
    name = str(prompt or default())
    try:
        source = Path(name).read_bytes() if name.endswith(".toml") else _shipped(name).read_bytes()
    except OSError as error:
        raise PromptError(
            f"No prompt '{name}'. There are {', '.join(shipped_names())}; or give the path of a .toml file."
        ) from error
    return _checked(source, name)


def scores() -> dict[str, Any]:
    """How each prompt did on the gold, as `extractor-eval standings` wrote it: default, sets, runs."""
    return dict(json.loads(files("extractor_prompts").joinpath("scores.json").read_bytes()))


def default() -> str:
    """The name of the prompt that did best, which is taken where none is named."""
    return str(scores()["default"])


def shipped() -> Iterator[Prompt]:
    """Every prompt that comes with the package, by name."""
    return (load(name) for name in shipped_names())


def shipped_names() -> list[str]:
    """Names of the prompts that come with the package."""
    folder = files("extractor_prompts")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def messages(prompt: Prompt, step: Step, values: Mapping[str, str]) -> tuple[Message, ...]:
    """The messages of one step, its placeholders filled in one pass, so that a value is never read as one."""
    made = [Message("system", _filled(step.system, values))] if step.system else []
    for example in prompt.examples if step.output == "records" else ():
        told = {**values, "document": fenced(example.document), "previous": ""}
        made.append(Message("user", _filled(step.user, told)))
        made.append(Message("assistant", example.reply))
    return (*made, Message("user", _filled(step.user, values)))


def fenced(text: str) -> str:
    """A document's text as data: between marks that it cannot contain."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    while mark in text:  # it would have to contain its own hash
        mark += "0"
    return f"<document-{mark}>\n{text}\n</document-{mark}>"


def _shipped(name: str) -> Any:
    if not re.fullmatch(r"[\w.-]+", name):
        raise PromptError(
            f"'{name}' is no prompt's name: use letters, digits and hyphens, or the path of a .toml file."
        )
    return files("extractor_prompts").joinpath(f"{name}.toml")


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: "$" if match[1] == "$" else values[match[1]], text)


def _checked(source: bytes, name: str) -> Prompt:
    try:
        table = tomllib.loads(source.decode("utf-8"))
    except ValueError as error:
        raise PromptError(f"{name}: not a TOML file: {error}.") from error
    _only(table, {"name", "about", "steps", "examples"}, name)
    for key in ("steps", "examples"):
        if not isinstance(table.get(key, []), list):
            raise PromptError(f"{name}: {key} is written [[{key}]], once for each.")
    steps = tuple(_step(row, f"{name}: step {number}") for number, row in enumerate(table.get("steps", ()), 1))
    examples = tuple(_example(row, f"{name}: example {n}") for n, row in enumerate(table.get("examples", ()), 1))
    if not steps or steps[-1].output != "records" or any(step.output == "records" for step in steps[:-1]):
        raise PromptError(f'{name}: its last step, and no other, must have output = "records".')
    if "$previous" in f"{steps[0].system} {steps[0].user}":
        raise PromptError(f"{name}: the first step has no $previous reply to use.")
    digest = hashlib.sha256(source).hexdigest()
    return Prompt(_text(table, "name", name), _text(table, "about", name), steps, examples, digest)


def _step(row: Any, where: str) -> Step:
    _only(row, {"system", "user", "output"}, where)
    output = row.get("output", "records")
    if output not in ("text", "records"):
        raise PromptError(f'{where}: output is "text" or "records", not {output!r}.')
    user = _text(row, "user", where)
    if not isinstance(row.get("system", ""), str):
        raise PromptError(f"{where}: system is a text.")
    for text in (user, row.get("system", "")):
        unknown = {name for name in _PLACEHOLDER.findall(text) if name != "$"} - PLACEHOLDERS
        if unknown:
            raise PromptError(f"{where}: unknown placeholder ${min(unknown)}; there are $document, $schema, $previous.")
    if "$document" not in user:
        raise PromptError(f"{where}: the user text has no $document.")
    return Step(user, row.get("system"), output)


def _example(row: Any, where: str) -> Example:
    _only(row, {"document", "reply"}, where)
    try:
        json.loads(_text(row, "reply", where))
    except ValueError as error:
        raise PromptError(f"{where}: its reply is not JSON: {error}.") from error
    return Example(_text(row, "document", where), row["reply"])


def _only(row: Any, keys: set[str], where: str) -> None:
    if not isinstance(row, dict):
        raise PromptError(f"{where}: is not a table.")
    unknown = row.keys() - keys
    if unknown:
        raise PromptError(f"{where}: unknown key '{min(unknown)}'; there are {', '.join(sorted(keys))}.")


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PromptError(f"{where}: needs a text '{key}'.")
    return value
