"""A prompt file: what it may hold, what it is refused for, and how it is filled."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from extractor.errors import PromptError
from extractor.prompt import Message, default, load, messages, shipped, shipped_names

GOOD = """
name = "own"
about = "A prompt of one's own."
[[steps]]
system = "You read documents."
user = "Read $document by $schema for $$5."
"""
FIRST = '[[steps]]\nuser = "Notes on $document"\noutput = "text"\n'
LAST = '[[steps]]\nuser = "$previous $document"\n'
HEAD = 'name = "own"\nabout = "A prompt."\n'
EXAMPLE = '[[examples]]\ndocument = "A story of $document."\nreply = "{}"\n'

REFUSED: dict[str, tuple[str, str]] = {
    "not TOML": ("name = ", "TOML"),
    "unknown key": (f"temperature = 0\n{GOOD}", "temperature"),
    "unknown key in a step": (f'{GOOD}model = "x"\n', "model"),
    "unknown key in an example": (f'{GOOD}[[examples]]\ndocument = "x"\nanswer = "{{}}"\n', "answer"),
    "no name": (GOOD.replace('name = "own"', ""), "name"),
    "no about": (GOOD.replace("about", "#"), "about"),
    "blank name": (GOOD.replace('"own"', '" "'), "name"),
    "a number for a name": (GOOD.replace('"own"', "3"), "name"),
    "no steps": (HEAD, "step"),
    "a step without user": (f'{HEAD}[[steps]]\nsystem = "x"\n', "user"),
    "a system that is no text": (f'{HEAD}[[steps]]\nsystem = 3\nuser = "$document"\n', "system"),
    "steps that are no tables": (f"{HEAD}steps = 3\n", "step"),
    "steps that are text": (f'{HEAD}steps = ["$document"]\n', "step"),
    "examples that are no tables": (GOOD.replace("[[steps]]", "examples = 1\n[[steps]]"), "example"),
    "unknown output": (f'{HEAD}[[steps]]\nuser = "$document"\noutput = "json"\n', "output"),
    "last step gives text": (HEAD + FIRST, "records"),
    "records twice": (f'{HEAD}[[steps]]\nuser = "$document"\n{LAST}', "records"),
    "unknown placeholder": (GOOD.replace("$schema", "$text"), r"\$text"),
    "unknown placeholder in system": (GOOD.replace("You read", "You $read"), r"\$read"),
    "no document": (GOOD.replace("$document", "it"), r"\$document"),
    "previous in the first step": (GOOD.replace("$schema", "$previous"), r"\$previous"),
    "previous in the first system": (GOOD.replace("You read", "$previous"), r"\$previous"),
    "example that is no JSON": (GOOD + EXAMPLE.replace("{}", "none found"), "JSON"),
    "example without a reply": (f'{GOOD}[[examples]]\ndocument = "x"\n', "reply"),
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_a_prompt_that_cannot_work_is_refused_and_the_file_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PromptError, match=said) as caught:
        load(written(tmp_path, text))
    assert "own.toml" in str(caught.value)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(GOOD.encode().replace(b"Read", b"\xff\xfe"))
    with pytest.raises(PromptError):
        load(path)


@pytest.mark.parametrize("name", ["plane", "../plain", "no/such.toml", "plain ", "PLAIN.TOML"])
def test_a_prompt_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(PromptError, match="prompt"):
        load(name)


def test_the_way_out_names_the_prompts_that_there_are() -> None:
    with pytest.raises(PromptError, match=default()):
        load("plane")


def test_every_prompt_that_is_shipped_loads_and_is_called_as_its_file() -> None:
    assert default() in shipped_names()
    assert [prompt.name for prompt in shipped()] == shipped_names()
    assert load() == load(default())


def test_a_prompt_is_known_by_the_hash_of_its_bytes(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD)).sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert load(written(tmp_path, f"{GOOD}# a remark\n")).sha256 != hashlib.sha256(GOOD.encode()).hexdigest()


def test_placeholders_are_filled_in_one_pass(tmp_path: Path) -> None:
    prompt = load(written(tmp_path, GOOD))
    values = {"document": "$schema costs $$3 {{ x }} \\1", "schema": "$document", "previous": "no"}
    assert messages(prompt, prompt.steps[0], values) == (
        Message("system", "You read documents."),
        Message("user", "Read $schema costs $$3 {{ x }} \\1 by $document for $5."),
    )


def test_a_step_without_a_system_text_has_the_user_message_alone(tmp_path: Path) -> None:
    prompt = load(written(tmp_path, HEAD + FIRST + LAST))
    values = {"document": "D", "schema": "S", "previous": "P"}
    assert messages(prompt, prompt.steps[0], values) == (Message("user", "Notes on D"),)
    assert messages(prompt, prompt.steps[1], values) == (Message("user", "P D"),)


def test_examples_come_before_the_document_in_the_step_that_fills_records(tmp_path: Path) -> None:
    prompt = load(written(tmp_path, HEAD + FIRST + LAST + EXAMPLE))
    values = {"document": "D", "schema": "S", "previous": "P"}
    assert len(messages(prompt, prompt.steps[0], values)) == 1
    asked, replied, last = messages(prompt, prompt.steps[1], values)
    assert (asked.role, replied.role, last.role) == ("user", "assistant", "user")
    assert "A story of $document." in asked.content
    assert "P" not in asked.content.split()
    assert replied.content == "{}"
    assert last.content == "P D"
