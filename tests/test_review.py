"""The review: what a person should look at, worst first, whatever the order in which documents come."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer
from typer.testing import CliRunner

from extractor import Extraction
from extractor.cli import app
from extractor.errors import SettingsError
from extractor.review import items, reviewed, write_review
from extractor.schemas.extraction import Evidence, Failure, Source, Warned, Withheld
from extractor.schemas.inspection import InspectionRecord, Judgement

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]


def extraction(path: str = "a.txt", **told: Any) -> Extraction:
    return Extraction(source=Source(path=path), engine="llm", **told)


def withheld(field: str, reason: str = "the passage says 'good'") -> Withheld:
    return Withheld(
        field=f"/records/0/{field}", value={"value": 1}, model_quote="as it said", nearest="near", reason=reason
    )


def warned(code: str, field: str | None = None) -> Warned:
    return Warned(code=code, field=field and f"/records/0/{field}", message=f"about {field}")


def evidence(field: str, verdict: Any = "verified", **more: Any) -> Evidence:
    return Evidence(
        field=f"/records/0/{field}",
        quote=f"words of {field}",
        spans=[(0, 4, None)],
        verdict=verdict,
        support="yes",
        **more,
    )


EVERYTHING: list[tuple[int, str, Extraction]] = [
    (1, "withheld", extraction(withheld=[withheld("overall_grade")])),
    (1, "withheld", extraction(withheld=[withheld("judgements/-")])),
    (1, "second_opinion", extraction(warnings=[warned("second_opinion", "judgements/0")])),
    (1, "sections_differ", extraction(warnings=[warned("sections_differ", "overall_grade")])),
    (1, "withheld", extraction(withheld=[withheld("inspection_start")])),
    (1, "second_opinion", extraction(warnings=[warned("second_opinion", "report_published")])),
    (2, "failed", extraction(error=Failure(type="CallTimedOut", message="no reply"))),
    (2, "part_failed", extraction(warnings=[warned("part_failed")])),
    (3, "altered", extraction(evidence=[evidence("judgements/0", "altered", model_quote="words")])),
    (3, "altered", extraction(evidence=[evidence("claims/0", "altered", model_quote="words")])),
    (4, "withheld", extraction(withheld=[withheld("authority")])),
    (4, "withheld", extraction(withheld=[withheld("people/-")])),
    (5, "support_unknown", extraction(warnings=[warned("support_unknown", "overall_grade")])),
    (5, "second_opinion_absent", extraction(warnings=[warned("second_opinion_absent", "inspection_end")])),
    (5, "sections_differ", extraction(warnings=[warned("sections_differ", "outcome")])),
    (6, "authority_ambiguous", extraction(warnings=[warned("authority_ambiguous", "authority")])),
    (6, "reask_failed", extraction(warnings=[warned("reask_failed")])),
    (6, "a code of next year", extraction(warnings=[warned("a code of next year", "people/0")])),
]
"""One Extraction for each thing that there is to look at, with its severity and code, worst first."""


def lines(path: Path) -> list[JSON]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("severity", "code", "told"), EVERYTHING)
def test_each_thing_to_look_at_has_its_severity(severity: int, code: str, told: Extraction) -> None:
    (item,) = items(told)
    assert (item.severity, item.code, item.path) == (severity, code, "a.txt")


def test_the_order_is_severity_then_grades_dates_and_the_rest_then_path(tmp_path: Path) -> None:
    told = [
        one.model_copy(update={"source": Source(path=path)}) for path in ("b.txt", "a.txt") for *_, one in EVERYTHING
    ]
    random.Random(7).shuffle(told)
    write_review(told, tmp_path / "review.jsonl")
    found = lines(tmp_path / "review.jsonl")
    assert [item["severity"] for item in found] == sorted(severity for severity, *_ in EVERYTHING * 2)
    worst = [(item["path"], item["field"] or "") for item in found if item["severity"] == 1]
    fields = [field.split("/")[3] for _, field in worst]
    assert (
        fields
        == ["judgements", "judgements", "overall_grade", "overall_grade"] * 2
        + [
            "inspection_start",
            "report_published",
        ]
        * 2
    )
    assert [path for path, _ in worst] == ["a.txt"] * 4 + ["b.txt"] * 4 + ["a.txt"] * 2 + ["b.txt"] * 2
    random.Random(8).shuffle(told)
    write_review(told, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "review.jsonl").read_bytes()


def test_an_item_says_the_value_the_words_and_why() -> None:
    record = InspectionRecord(judgements=[Judgement(area="care leavers", grade="good")])
    told = extraction(
        records=[record],
        evidence=[evidence("judgements/0", "altered", model_quote="the model's words")],
        withheld=[withheld("counts/-")],
        warnings=[
            warned("support_unknown", "judgements/0"),
            Warned(code="second_opinion_absent", field="/records/0", message="?"),
        ],
    )
    by_code = {item.code: item for item in items(told)}
    assert by_code["altered"].value == {"area": "care leavers", "area_code": None, "grade": "good"}
    assert (by_code["altered"].quote, by_code["altered"].nearest) == ("words of judgements/0", None)
    assert "the model's words" in by_code["altered"].why
    assert by_code["support_unknown"].quote == "words of judgements/0"
    assert by_code["support_unknown"].why == "about judgements/0"
    kept = by_code["withheld"]
    assert (kept.value, kept.quote, kept.nearest) == ({"value": 1}, "as it said", "near")
    assert kept.why == "the passage says 'good'"
    assert by_code["second_opinion_absent"].value is None


def test_what_is_sound_is_not_in_it(tmp_path: Path) -> None:
    sound = extraction(evidence=[evidence("overall_grade"), evidence("findings/0", "altered", model_quote="words")])
    write_review([sound], tmp_path / "review.jsonl")
    assert lines(tmp_path / "review.jsonl") == []


def test_half_characters_in_a_path_or_a_text_do_not_stop_it(tmp_path: Path) -> None:
    told = extraction("\udcff.txt", error=Failure(type="X", message="half \ud83d"))
    write_review([told], tmp_path / "review.jsonl")
    (item,) = lines(tmp_path / "review.jsonl")
    assert item["path"] == told.source.path
    assert item["why"] == "X: half \ud83d"


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_appears_only_when_all_is_done(tmp_path: Path) -> None:
    out = tmp_path / "review.jsonl"
    out.write_text("what was there before\n", encoding="utf-8")
    with reviewed(out) as look_at:
        look_at(EVERYTHING[0][2])
        assert out.read_text(encoding="utf-8") == "what was there before\n"
    assert len(lines(out)) == 1
    assert list(tmp_path.iterdir()) == [out]


def test_a_run_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "review.jsonl"
    out.write_text("what was there before\n", encoding="utf-8")
    with pytest.raises(OSError, match="the caller's own"), reviewed(out):
        raise OSError("the caller's own fault")
    assert out.read_text(encoding="utf-8") == "what was there before\n"
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(tmp_path: Path) -> None:
    taken: list[int] = []

    def one() -> Iterator[Extraction]:
        taken.append(1)
        yield EVERYTHING[0][2]

    with pytest.raises(SettingsError, match="--review"):
        write_review(one(), tmp_path / "no-such-folder" / "review.jsonl")
    assert taken == []


def test_ten_thousand_documents_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    def many(count: int) -> Iterator[Extraction]:
        for number in range(count):
            yield extraction(f"{number % 97}-{number}.txt", withheld=[withheld("people/-", "x" * 1_000)] * 3)

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            write_review(many(count), tmp_path / "review.jsonl")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(100)
    many_lines = peak(10_000)
    assert len(lines(tmp_path / "review.jsonl")) == 30_000
    assert many_lines < few + 5_000_000  # all of it is 40 MB


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = "Inspection of Torbay Council, March 2024.\nOfsted rated children's services in Torbay good overall.\n"
ALTERED = {"quote": "Ofsted has rated the children's services in Torbay as good overall", "value": "good"}
INVENTED = {"quote": "nobody ever saw this council at all", "as_written": "Atlantis Council"}


def test_extract_writes_the_review_beside_the_results(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    server = serve(answer({"records": [{"overall_grade": ALTERED, "authority": INVENTED}]}))
    out = tmp_path / "review.jsonl"
    command = ["extract", str(tmp_path / "one.txt"), str(tmp_path / "empty.txt"), "--model", "openai/fake"]
    where = ["--base-url", server.base_url, "--no-journal", "--max-reasks", "0", "--review", str(out)]
    result = CliRunner().invoke(app, [*command, *where, "--format", "jsonl"])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    found = [(item["severity"], item["code"], Path(item["path"]).name) for item in lines(out)]
    assert found[:3] == [(2, "failed", "empty.txt"), (3, "altered", "one.txt"), (4, "withheld", "one.txt")]


def test_offline_results_are_reviewed_too(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Ofsted rated children's services in Dorset County good overall on 3 May.\n", encoding="utf-8")
    out = tmp_path / "review.jsonl"
    CliRunner().invoke(app, ["extract", str(path), "--review", str(out), "--format", "jsonl"])
    assert [(item["severity"], item["code"]) for item in lines(out)] == [(6, "authority_ambiguous")]
