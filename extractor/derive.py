"""What code adds to what the text says: codes, dates in EDTF, the framework's basis, why a grade is absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from extractor import dates
from extractor.document import Document
from extractor.domain import frameworks
from extractor.domain.areas import area_code, areas, plain
from extractor.domain.authorities import Council, When, councils_called
from extractor.domain.measures import measure_code

JSON = dict[str, Any]
Warn = Callable[[str, str | None, str], None]

UNGRADED_TYPES = {"monitoring visit", "focused visit"}


def derived(record: JSON, document: Document, quotes: dict[str, str], published: str | None, warn: Warn) -> JSON:
    """The record with everything derived filled in.

    `record` holds delivered values, dates still as words; `quotes` the passage behind each field and item
    ("inspection_start", "counts/0", …); `published` is the date that may settle a missing year, EDTF or null.
    """
    record = dict(record)
    where = quotes.get("report_published", "")
    record["report_published"] = _date(record["report_published"], where, "end", published, "report_published", warn)
    known = published or _settled(record["report_published"])  # fieldwork comes before its report
    for field, part in (("inspection_start", "start"), ("inspection_end", "end")):
        record[field] = _date(record[field], quotes.get(field, ""), part, known, field, warn)
    for field, key in (("previous_judgements", "date"), ("counts", "as_of")):
        for index, item in enumerate(record[field]):
            where = f"{field}/{index}"
            item[key] = _date(item[key], quotes.get(where, ""), "end", published, where, warn)
    fieldwork = _settled(record["inspection_start"]) or _settled(record["inspection_end"])
    record["framework"], record["framework_basis"] = _framework(record, document, fieldwork, warn)
    for index, item in enumerate(record["judgements"]):
        quote = quotes.get(f"judgements/{index}", "")
        item["area_code"] = area_code(item["area"], record["framework"], fieldwork, quote)
    for item in record["counts"]:
        item["measure_code"] = measure_code(item["measure"], item["unit"])
    if record["authority"]:
        when = fieldwork or _settled(published) or frameworks.fieldwork(record["framework"])
        record["authority"] |= _authority(record["authority"]["as_written"], when, warn)
    record["overall_grade_absent"] = None if record["overall_grade"] else _absent(record, fieldwork)
    return record


def _date(words: str | None, quote: str, part: Any, published: str | None, where: str, warn: Warn) -> str | None:
    if words is None:
        return None
    resolved = dates.resolve(words, quote=quote, part=part, published=published)
    if resolved.candidates:
        warn("date_candidates", where, f"'{words}' could be {', '.join(resolved.candidates)}; no year is said.")
    elif resolved.edtf is None:
        warn("date_unresolved", where, f"'{words}' could not be read as a date.")
    return resolved.edtf


def _settled(date: str | None) -> str | None:
    return date if date and not date.startswith("X") else None


def _framework(record: JSON, document: Document, fieldwork: str | None, warn: Warn) -> tuple[str | None, str | None]:
    """The framework and how it is known: named, else by its areas, else by the dates of fieldwork."""
    if record["framework"]:
        return record["framework"], "named"
    if record["inspection_type"] in UNGRADED_TYPES or record["provider"]:
        return None, None
    possible = frameworks.possible(fieldwork, document.published)
    by_areas = _by_areas(record, possible) or frameworks.shown_by(document.visible, possible) or _by_areas(record)
    by_dates = frameworks.in_force(fieldwork, record["inspectorates"])
    if by_areas and by_dates and by_areas != by_dates and not frameworks.could_be(by_areas, fieldwork):
        warn("framework_conflict", "framework", f"The areas are {by_areas}'s, the dates of fieldwork {by_dates}'s.")
        return by_dates, "dates"
    return (by_areas, "areas") if by_areas else (by_dates, "dates" if by_dates else None)


def _by_areas(record: JSON, among: Collection[str] | None = None) -> str | None:
    """The framework, of these if any are given, that has most of the judged areas; null where two have as many."""
    said = {plain(item["area"]) for item in record["judgements"]}
    known = [row for row in areas() if among is None or row.framework in among]
    votes = Counter(row.framework for row in known for words in said if words in row.forms)
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _authority(as_written: str, when: When, warn: Warn) -> JSON:
    """The council's name and codes by the register; null, with a warning that lists the candidates, where unsettled."""
    councils = councils_called(as_written, when)
    if len(councils) == 1:
        return {"name": councils[0].name, "gss_code": councils[0].gss_code, "la_code": councils[0].la_code}
    known = councils or councils_called(as_written)
    names = [name for council in known for name in ((council.name,) if councils else council.successors)]
    if councils:
        told = " or ".join(map(_lived, councils))
        warn("authority_ambiguous", "authority", f"'{as_written}' can be {told}; the text does not say which.")
    elif names:
        told = " or ".join(names)
        warn("authority_ended", "authority", f"There was no '{as_written}' by then; it can be {told}.")
    else:
        warn("authority_unknown", "authority", f"'{as_written}' is not in the register of councils.")
    return {"name": None, "gss_code": None, "la_code": None}


def _lived(council: Council) -> str:
    """The council's name with the dates that bound it."""
    since = f" from {council.valid_from}" if council.valid_from else ""
    until = f" until {council.valid_to}" if council.valid_to else ""
    return f"{council.name} ({council.gss_code}{since}{until})"


def _absent(record: JSON, fieldwork: str | None) -> str:
    if record["inspection_type"] in UNGRADED_TYPES or not frameworks.gives_grades(record["framework"]):
        return "ungraded visit"
    return "not stated" if frameworks.has_overall(record["framework"], fieldwork) else "not in framework"
