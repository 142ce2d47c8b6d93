"""The gold: documents with the records that a person read in them, checked before anything is scored by them.

A set is a folder of ID.txt, .pdf, … each with its label, ID.json, in the shape that `extractor schema gold` prints.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rapidfuzz.fuzz import ratio

from extractor.datelines import dateline
from extractor.dates import resolve
from extractor.document import Document
from extractor.domain.areas import areas
from extractor.domain.authorities import councils_called
from extractor.domain.measures import measure_codes
from extractor.errors import DocumentError
from extractor.evidence import locate
from extractor.readers import read
from extractor.schemas.inspection import InspectionRecord
from extractor.schemas.wire import gold_model, quoted

from .errors import GoldError

JSON = dict[str, Any]

ALIKE = 80
"""Texts of which this share (per cent, by edits) is the same count as one text."""
SPLITS = ("dev", "test")

_DATES = {"inspection_start": "start", "inspection_end": "end", "report_published": "end"}
_LISTS = [name for name, info in InspectionRecord.model_fields.items() if info.default_factory is list]


@dataclass(frozen=True)
class Case:
    """One document of a set and its label. `cluster` names what documents about one matter have in common."""

    id: str
    document: Document
    cluster: str
    labeller: str
    records: list[JSON]


def cases(folder: Path) -> list[Case]:
    """Every case of the set, by id.

    Raises:
        GoldError: where the set is empty or `problems` finds anything.
    """
    wrong = list(problems(folder))
    if wrong:
        raise GoldError(wrong)
    return [_case(path) for path in _labels(folder)]


def fingerprint(gold: Sequence[Case]) -> str:
    """The set's hash: the same for the same documents and labels, whatever their files' dates or order."""
    told = [
        [case.id, case.document.sha256, case.cluster, case.records] for case in sorted(gold, key=lambda one: one.id)
    ]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def problems(folder: Path) -> Iterator[str]:
    """What is wrong with the set, one line each: file, place and fault. None where it can be trusted."""
    paths = _labels(folder)
    if not paths:
        yield f"{folder}: holds no labels (ID.json beside each document)"
    documents: dict[str, str] = {}
    for path in sorted(folder.glob("*")):
        labelled = path.suffix == ".json" or path.with_suffix(".json").exists()
        if path.is_file() and not labelled and path.stem != "README":
            yield f"{path}: has no label beside it"
    for path in paths:
        for fault in _faults(path, documents):
            yield f"{path}: {fault}"


def alike(gold: Sequence[Case]) -> Iterator[str]:
    """Documents that say nearly the same, one line a pair: in one set they count twice, in two sets one leaks."""
    for place, one in enumerate(gold):
        for other in gold[place + 1 :]:
            share = ratio(one.document.visible, other.document.visible, score_cutoff=ALIKE)
            if share:
                yield f"{other.document.path}: is nearly the text of {one.document.path} ({share:.0f}% the same)"


def _labels(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _document_of(label: Path) -> Path | None:
    return next(iter(_documents_of(label)), None)


def _documents_of(label: Path) -> list[Path]:
    return [path for path in sorted(label.parent.glob("*")) if path.stem == label.stem and path != label]


def _case(path: Path) -> Case:
    label = json.loads(path.read_text(encoding="utf-8"))
    source = _document_of(path)
    assert source is not None
    return Case(label["id"], read(source), label["cluster"], label["labeller"], label["records"])


def _faults(path: Path, documents: dict[str, str]) -> Iterator[str]:
    try:
        label = json.loads(path.read_text(encoding="utf-8"))
        gold_model().model_validate(label)
    except ValidationError as error:
        for one in error.errors():
            yield f"{'/'.join(map(str, one['loc']))}: {one['msg']}"
        return
    except ValueError as error:
        yield f"is no JSON ({error})"
        return
    source = _document_of(path)
    if source is None:
        yield "has no document beside it"
        return
    if len(found := _documents_of(path)) > 1:
        yield f"has several documents beside it: {', '.join(one.name for one in found)}"
    try:
        document = read(source)
    except DocumentError as error:
        yield str(error)
        return
    if label.get("split") and path.parent.name in SPLITS and label["split"] != path.parent.name:
        yield f"is labelled for the split {label['split']!r}, and lies in {path.parent.name!r}"
    if label["id"] != path.stem:
        yield f"its id is {label['id']!r}, not the file's name"
    if label["document_sha256"] != document.sha256:
        yield f"the document changed since it was labelled: its SHA-256 is now {document.sha256}"
    same = documents.setdefault(" ".join(document.visible.split()), path.stem)
    if same != path.stem:
        yield f"holds the same text as {same}"
    published = document.published or _dateline(document)
    for number, record in enumerate(label["records"]):
        for fault in _record_faults(record, document, published):
            yield f"records/{number}/{fault}"


def _dateline(document: Document) -> str | None:
    line = dateline(document.visible)
    return line.edtf if line else None


def _record_faults(record: JSON, document: Document, published: str | None) -> Iterator[str]:
    for pointer, item in quoted(record):
        found = locate(document, item["quote"])
        if found.verdict != "verified":
            yield f"{pointer.lstrip('/')}: the quote is not in the document: {item['quote']!r}"
    yield from _code_faults(record)
    yield from _date_faults(record, published)
    for field in _LISTS:
        values = Counter(json.dumps({**item, "quote": None}, sort_keys=True) for item in record.get(field, []))
        for value, times in values.items():
            if times > 1:
                yield f"{field}: stands {times} times: {value}"
    if (record.get("overall_grade") is None) == (record.get("overall_grade_absent") is None):
        yield "overall_grade: either a grade or, in overall_grade_absent, why there is none"
    framework, basis = record.get("framework"), record.get("framework_basis")
    if (framework is None) != (basis is None) or isinstance(framework, dict) != (basis == "named"):
        yield "framework_basis: 'named' goes with a quoted framework, areas or dates with a plain one, null with none"


def _code_faults(record: JSON) -> Iterator[str]:
    authority = record.get("authority")
    if authority and authority.get("gss_code"):
        meant = {council.gss_code: council.la_code for council in councils_called(authority.get("name") or "")}
        if authority["gss_code"] not in meant:
            yield f"authority/gss_code: {authority['gss_code']} is not the code of {authority.get('name')!r}"
        elif authority.get("la_code") != meant[authority["gss_code"]]:
            yield f"authority/la_code: {authority.get('la_code')} is not the code of {authority.get('name')!r}"
    for index, item in enumerate(record.get("judgements", [])):
        if item.get("area_code") and item["area_code"] not in _area_codes():
            yield f"judgements/{index}/area_code: {item['area_code']!r} is not in the register of areas"
    for index, item in enumerate(record.get("counts", [])):
        if item.get("measure_code") and item["measure_code"] not in measure_codes():
            yield f"counts/{index}/measure_code: {item['measure_code']!r} is not in the table of measures"


def _date_faults(record: JSON, published: str | None) -> Iterator[str]:
    for field, part in _DATES.items():
        item = record.get(field)
        if item and item["words"].lower() not in " ".join(item["quote"].split()).lower():
            yield f"{field}: the words {item['words']!r} are not in the quote"
        if item and part and not _can_be(item, part, published):
            yield f"{field}: {item['words']!r} is no way to say {item['value']}"
    first, last = ((record.get(field) or {}).get("value", "X") for field in ("inspection_start", "inspection_end"))
    if "X" not in first + last and last < first[: len(last)]:
        yield f"inspection_end: {last} is before the start, {first}"


def _can_be(item: JSON, part: Any, published: str | None) -> bool:
    """Whether the words can mean the labelled date: none of its known digits is another."""
    read_as = resolve(item["words"], quote=item["quote"], part=part, published=published).edtf
    return read_as is None or all(
        one == other or "X" in (one, other) for one, other in zip(read_as, item["value"], strict=False)
    )


@cache
def _area_codes() -> frozenset[str]:
    return frozenset(area.code for area in areas())
