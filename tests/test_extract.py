"""The main road: what `extract` takes, what it refuses, and the shapes that it hands out."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer, error
from pydantic import BaseModel

import extractor
from extractor import Document, InspectionRecord, aextract, extract
from extractor.batch import extract_many
from extractor.errors import EmptyDocument, MissingDocument, PromptError, SchemaError, SettingsError
from extractor.schemas.wire import gold_model, quoted, strict_schema, wire_model

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

HERE = Path(__file__).parent
ARTICLE = HERE / "data" / "llm" / "article.txt"
TEXT = ARTICLE.read_text(encoding="utf-8")
REPLY = (HERE / "data" / "llm" / "reply.json").read_text(encoding="utf-8")
SEEDS = HERE.parent.parent / "shared" / "seeds"
UNDATED = "Ofsted inspected Torbay Council in March. Children's services were judged good overall.\n"


class Own(BaseModel):
    """A caller's own schema."""

    council: str


class Free(BaseModel):
    """A schema that no strict server fills."""

    grades: dict[str, str]


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", [str(ARTICLE), ARTICLE], ids=["str", "Path"])
def test_a_path_is_read_and_named(source: str | Path) -> None:
    extraction = extract(source)
    assert extraction.source.path == str(ARTICLE)
    assert extraction.source.reader == "text"
    assert extraction.source.sha256 == extraction.source.text_sha256
    assert len(extraction.records) == 1


def test_text_goes_in_by_a_document_and_has_no_path() -> None:
    extraction = extract(Document.from_text(TEXT))
    assert extraction.source.path is None
    assert extraction.records == extract(ARTICLE).records


def test_offline_the_extraction_names_no_model_and_no_usage() -> None:
    extraction = extract(ARTICLE)
    assert extraction.engine == "offline"
    parts = (extraction.model, extraction.endpoint, extraction.prompt, extraction.parameters, extraction.usage)
    assert parts == (None,) * 5


def test_awaited_the_offline_result_is_the_same() -> None:
    assert asyncio.run(aextract(ARTICLE)) == extract(ARTICLE)


def test_extracting_twice_gives_the_same() -> None:
    assert extract(ARTICLE).model_dump_json() == extract(ARTICLE).model_dump_json()


@pytest.mark.parametrize("source", ["no such file.txt", Path("no/such/folder/file.pdf")])
def test_a_missing_file_is_named_in_the_error(source: str | Path) -> None:
    with pytest.raises(MissingDocument, match=r"no.such"):
        extract(source)


def test_an_empty_text_is_no_inspection() -> None:
    assert extract(Document.from_text("")).records == []


def test_a_text_about_something_else_is_no_inspection() -> None:
    text = 'Torbay Council has repainted the pier. A spokesman said: "The result is outstanding, and good value."\n'
    assert extract(Document.from_text(text)).records == []


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("given", "start"), [("2017-02-10", "2016-03"), ("2017-05", "2017-03"), (None, "XXXX-03")])
def test_a_published_date_settles_a_missing_year(given: str | None, start: str) -> None:
    extraction = extract(Document.from_text(UNDATED), published=given)
    (record,) = extraction.records
    assert isinstance(record, InspectionRecord)
    assert extraction.source.published == given
    assert record.inspection_start == start


def test_a_published_date_that_is_given_goes_before_the_documents_own() -> None:
    document = Document.from_text(UNDATED, published="2012-06-01")
    assert extract(document).records[0].inspection_start == "2012-03"  # type: ignore[attr-defined]
    assert extract(document, published="2020-06-01").records[0].inspection_start == "2020-03"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "published", ["yesterday", "2017-13-01", "2017-02-31", "10/02/2017", "10 February 2017", "", "17"]
)
def test_a_published_date_that_is_none_is_refused(published: str) -> None:
    with pytest.raises(SettingsError, match="published"):
        extract(ARTICLE, published=published)


REFUSED: dict[str, tuple[JSON, type[Exception], str]] = {
    "own schema offline": ({"schema": Own}, SettingsError, "name a model"),
    "no model's name": ({"model": "openai/"}, SettingsError, "openai/NAME"),
    "no key": ({"model": "openai/gpt"}, SettingsError, "OPENAI_API_KEY"),
    "no address": ({"model": "openai/x", "base_url": "localhost:8000"}, SettingsError, "base URL"),
    "timeout": ({"model": "openai/x", "base_url": "http://localhost/v1", "timeout": 0}, SettingsError, "timeout"),
    "parameter": (
        {"model": "openai/x", "base_url": "http://localhost/v1", "parameters": {"stream": True}},
        SettingsError,
        "stream",
    ),
    "prompt": ({"model": "openai/x", "base_url": "http://localhost/v1", "prompt": "plane"}, PromptError, "plain"),
    "free dictionary": (
        {"model": "openai/x", "base_url": "http://localhost/v1", "schema": Free},
        SchemaError,
        "grades",
    ),
}


@pytest.mark.parametrize(("arguments", "kind", "said"), REFUSED.values(), ids=REFUSED)
def test_settings_that_cannot_work_are_refused_with_the_way_out(
    arguments: JSON, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        extract(ARTICLE, journal=False, **arguments)
    with pytest.raises(kind, match=said):
        next(extract_many([ARTICLE], journal=False, **arguments), None)


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="modle"):
        extract(ARTICLE, modle="offline")


# ── many documents ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three articles, one empty file and one that is missing."""
    for number in range(3):
        (tmp_path / f"article-{number}.txt").write_text(TEXT.replace("340", f"34{number}"), encoding="utf-8")
    (tmp_path / "empty.txt").write_text("")
    return tmp_path


def test_many_documents_come_in_any_order_and_one_that_fails_is_a_result(folder: Path) -> None:
    paths = [*sorted(folder.iterdir()), folder / "missing.txt"]
    found = {Path(one.source.path or "").name: one for one in extract_many(paths)}
    assert found.keys() == {path.name for path in paths}
    errors = {name: one.error.type for name, one in found.items() if one.error}
    assert errors == {"empty.txt": EmptyDocument.__name__, "missing.txt": MissingDocument.__name__}
    for name in errors:
        data = json.loads(found[name].model_dump_json())
        assert (data["records"], data["evidence"]) == ([], [])
        assert name in data["error"]["message"]
    for number in range(3):
        assert found[f"article-{number}.txt"].records == extract(folder / f"article-{number}.txt").records


def test_a_model_that_fails_on_one_document_costs_no_other(serve: Serve, folder: Path) -> None:
    def script(received: Any) -> Any:
        return error(401, "no") if "about 341 children" in str(received.body) else answer(json.loads(REPLY))

    server = serve(script=script)
    paths = sorted(folder.glob("article-*.txt"))
    arguments: JSON = {"model": "openai/fake", "base_url": server.base_url, "journal": False, "max_reasks": 0}
    found = {Path(one.source.path or "").name: one for one in extract_many(paths, **arguments)}
    assert {name: one.error.type if one.error else None for name, one in found.items()} == {
        "article-0.txt": None,
        "article-1.txt": "RequestRejected",
        "article-2.txt": None,
    }
    assert {(one.engine, one.model) for one in found.values()} == {("llm", "fake")}
    assert len(server.bodies) == 3


@pytest.mark.parametrize("concurrency", [1, 2, 16])
def test_no_document_is_lost_however_many_are_in_hand(folder: Path, concurrency: int) -> None:
    paths = [folder / f"article-{number % 3}.txt" for number in range(9)]
    assert len(list(extract_many(paths, concurrency=concurrency))) == 9


def test_paths_are_taken_as_they_are_needed(folder: Path) -> None:
    taken = []

    def endless() -> Iterator[Path]:
        while True:
            taken.append(folder / "article-0.txt")
            yield taken[-1]

    results = extract_many(endless(), concurrency=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 10


def test_settings_are_checked_before_the_first_document() -> None:
    with pytest.raises(SettingsError):
        extract_many(["no such file.txt"], published="never")


# ── importing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_importing_loads_nothing_and_each_public_name_is_there() -> None:
    heavy = "openai instructor pydantic pypdfium2 trafilatura rapidfuzz tenacity rich"
    code = f"import sys, extractor; print([name for name in '{heavy}'.split() if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
    assert all(getattr(extractor, name) for name in extractor.__all__)
    assert {"extract", "aextract", "extract_many", "Document", "Extraction", "InspectionRecord"} <= set(
        extractor.__all__
    )
    with pytest.raises(AttributeError):
        _ = extractor.extrakt  # type: ignore[attr-defined]


def test_the_offline_engine_loads_no_client_library() -> None:
    code = f"import sys; from extractor import extract; extract({str(ARTICLE)!r}); print('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


# ── the shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def objects(node: Any, where: str = "") -> Iterator[tuple[str, JSON]]:
    """Every object schema in a schema, with where it stands."""
    if isinstance(node, dict):
        if node.get("type") == "object" or "properties" in node:
            yield where, node
        for key, value in node.items():
            yield from objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from objects(value, f"{where}/{index}")


def keywords(node: Any) -> set[str]:
    """Every JSON Schema keyword used, names of properties and definitions aside."""
    if isinstance(node, list):
        return set().union(*map(keywords, node))
    if not isinstance(node, dict):
        return set()
    used = set(node)
    for key, value in node.items():
        if key in ("properties", "$defs"):
            used |= set().union(*map(keywords, value.values()))
        elif key not in ("enum", "const", "required", "description"):
            used |= keywords(value)
    return used


STRICT = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
    "description",
}  # fmt: skip


class Odd(BaseModel):
    """A schema that uses what strict servers do not take."""

    class Part(BaseModel):
        """A part with defaults."""

        title: str = "untitled"
        default: int = 3

    parts: list[Part] = []
    best: Part | None = None


@pytest.mark.parametrize("model", [wire_model(), Odd], ids=["wire", "a caller's"])
def test_the_strict_schema_uses_only_what_strict_servers_take(model: type[BaseModel]) -> None:
    schema = strict_schema(model)
    assert keywords(schema) <= STRICT
    assert schema["type"] == "object"
    for where, part in objects(schema):
        assert part["required"] == list(part["properties"]), where
        assert part["additionalProperties"] is False, where


def test_properties_that_are_called_like_keywords_stay() -> None:
    assert set(strict_schema(Odd)["$defs"]["Part"]["properties"]) == {"title", "default"}


def test_on_the_wire_a_quote_stands_first_in_every_object_but_the_record() -> None:
    for where, part in objects(strict_schema(wire_model())):
        names = list(part["properties"])
        if where and not where.endswith("/InspectionRecord"):
            assert names[0] == "quote", where
        else:
            assert "quote" not in names


def test_on_the_wire_there_is_nothing_derived() -> None:
    text = json.dumps(strict_schema(wire_model()))
    derived = ("area_code", "measure_code", "gss_code", "la_code", "framework_basis", "overall_grade_absent", "EDTF")
    assert [name for name in derived if name in text] == []


def test_every_field_of_the_wire_is_described_or_has_a_described_class() -> None:
    schema = strict_schema(wire_model())
    for where, part in objects(schema):
        for name, field in part["properties"].items():
            told = "description" in field or "$ref" in field or name in ("value", "records")
            assert told, f"{where}/{name}"


def test_the_full_reply_fits_the_wire() -> None:
    wire_model().model_validate_json(REPLY)


GOLD = sorted(SEEDS.glob("*.json"))


@pytest.mark.skipif(not GOLD, reason="../shared/seeds is not here")
@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_the_labels_of_the_seeds_are_gold(path: Path) -> None:
    label = json.loads(path.read_text(encoding="utf-8"))
    gold = gold_model().model_validate(label)
    text = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert gold.model_dump(mode="json", exclude_unset=True) == label
    assert all(item["quote"] in text for _, item in quoted(label["records"]))


def test_gold_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="extra"):
        gold_model().model_validate({"id": "x", "mood": "good"})
