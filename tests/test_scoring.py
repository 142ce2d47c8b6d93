"""Scores: the cases on which published scorers mislead, the laws of any fair score, and what each part promises."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from extractor_eval.align import ALIGNERS, Lists, assign
from extractor_eval.rubric import RubricError, load, rubric
from extractor_eval.score import Counts, DocumentScore, RecordScore, score_document, score_record
from extractor_eval.scorers import SCORERS, folded
from extractor_eval.summary import cluster_counts, quotes, summarise
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import Document
from extractor.folding import fold
from extractor.schemas.extraction import Evidence, Extraction, Failure, Source
from extractor.schemas.inspection import InspectionRecord

JSON = dict[str, Any]
CASES = json.loads((Path(__file__).parent / "data" / "scoring_cases.json").read_text(encoding="utf-8"))
RUBRIC = load()


# ── The known-answer cases: their schema language as a rubric, their `fair` as measures ─────────────────────────────

KINDS = {"exact": "exact", "date": "edtf", "int": "number"}
FUZZY = {"overall_grade": "grade", "local_authority": "council"}  # what the cases call fuzzy has a type of its own
IDENTITY = {"judgements": ("area", "area"), "people": ("person", "name")}


def case_rubric(schema: JSON) -> Any:
    """A case's schema as a rubric in which everything counts: `?` says nothing, a text list aligns as sentences."""
    fields: JSON = {}
    for name, kind in schema.items():
        if isinstance(kind, str):
            plain = kind.rstrip("?")
            fields[name] = {"scorer": FUZZY[name] if plain == "fuzzy" else KINDS[plain], "weight": 1}
        elif kind[0].rstrip("?") == "strs":
            fields[name] = {"align": "text", "weight": 1}
        else:
            align, identity = IDENTITY[name]
            parts = {part: KINDS[scorer] for part, scorer in kind[1].items() if part != identity}
            fields[name] = {"align": align, "identity": identity, "parts": parts, "weight": 1}
    return rubric({"fields": fields, "unknown_keys": 1})


def only(score: RecordScore) -> Any:
    return next(outcome for outcome in score.outcomes if outcome.kind)


def of_part(part: str) -> Any:
    return lambda score: next(own for name, own in score.counts.items() if name.endswith(f".{part}"))


MEASURES: dict[str, Any] = {
    "score": lambda score, case: score.credit,
    "soft": lambda score, case: score.credit,
    "p": lambda score, case: score.total.precision,
    "r": lambda score, case: score.total.recall,
    "f1": lambda score, case: score.total.f1,
    "tp": lambda score, case: score.total.correct,
    "fp": lambda score, case: score.total.wrong + score.total.invented,
    "fn": lambda score, case: score.total.wrong + score.total.missed,
    "fa": lambda score, case: score.total.invented,
    "flag": lambda score, case: only(score).kind,
    "item": lambda score, case: only(score).kind,
    "span_p": lambda score, case: score.spans["findings"].precision,
    "span_r": lambda score, case: score.spans["findings"].recall,
    "people_p": lambda score, case: score.counts["people"].precision,
    "grade_recall": lambda score, case: of_part("grade")(score).recall,
    "grade_precision": lambda score, case: of_part("grade")(score).precision,
    **{part: lambda score, case, part=part: of_part(part)(score).f1 for part in ("name", "role", "area", "grade")},
    "quote": lambda score, case: float(
        SCORERS["quote"](case["gold"]["findings"][0], case["pred"]["findings"][0], None).correct
    ),
}
SAYS_NOTHING = {"or", "needs"}  # notes in `fair`, not measures


def scored(case: JSON) -> Any:
    """The score of a case; of several documents the mean, one that is no JSON being a failed one."""
    rules = case_rubric(case["schema"])
    if not isinstance(case["gold"], list):
        return score_record(case["gold"], case["pred"], rules)
    failed = {"records": [], "error": {"type": "ReplyError", "message": "cut off"}}
    answers = [{"records": [pred]} if isinstance(pred, dict) else failed for pred in case["pred"]]
    pairs = zip(case["gold"], answers, strict=True)
    return summarise([score_document([gold], answer, rules) for gold, answer in pairs], rules)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_reaches_its_fair_value(case: JSON) -> None:
    score = scored(case)
    measures = case["fair"].keys() - SAYS_NOTHING
    assert measures
    for measure in measures:
        fair, value = case["fair"][measure], MEASURES[measure](score, case)
        if not isinstance(fair, str):
            assert value == pytest.approx(fair, abs=1e-3), measure
        elif fair == "0<s<1":
            assert 0 < value < 1
        elif fair.startswith(">="):
            assert value >= float(fair[2:])
        elif fair.startswith("<1"):
            assert value < 1
            assert score.total.f1 == 0
            assert only(score).kind == "negated"
        elif between := re.match(r"([\d.]+)-([\d.]+)", fair):
            assert float(between[1]) <= value <= float(between[2])
        else:
            assert value == fair


def test_all_cases_are_here() -> None:
    assert len(CASES) == 35
    assert all("taken" in case for case in CASES if "or" in case["fair"])


# ── Laws ───────────────────────────────────────────────────────────────────────────────────────────────────────────

EVERYTHING = rubric(
    {
        "records": "authority",
        "unknown_keys": 1,
        "fields": {
            field.name: {"weight": 1}
            | ({"scorer": field.scorer} if field.scorer else {"align": field.align})
            | ({"identity": field.identity} if field.identity else {})
            | ({"parts": dict(field.parts), "aside": list(field.aside)} if field.parts else {})
            for field in RUBRIC.fields
        },
    }
)
GRADES = st.sampled_from(["good", "inadequate", "outstanding", "adequate"])
AREAS = st.sampled_from(["adoption services", "care leavers", "leadership", "overall effectiveness"])
NAMES = st.sampled_from(["Ann Lee", "A. Lee", "Cllr Ann Lee", "Alan Lee", "Tom Hughes", "Hughes", "Ofsted"])
EDTF = st.sampled_from(["2014", "2014-11", "2014-11-03", "XXXX-11", "XXXX-11-03", "2015-11"])
TEXTS = st.sampled_from(
    [
        "Caseloads are too high",
        "Caseloads are too high.",
        "Caseloads are too high and supervision is irregular.",
        "supervision is irregular",
        "Caseloads are not too high",
        "Thresholds are clear and well understood",
        "Thresholds are clear and well understood by partners",
        "Leaders know their service",
    ]
)
SPEAKERS = st.sampled_from(["Ann Lee", "Tom Hughes", "the council"])


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def items(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.fixed_dictionaries(parts), max_size=4)


COUNCILS = {"Bexley": "E09000004", "Kingston upon Hull": "E06000010", "Dorset": None}
RECORDS = st.fixed_dictionaries(
    {
        "authority": nullable(
            st.sampled_from([{"name": name, "as_written": name, "gss_code": code} for name, code in COUNCILS.items()])
        ),
        "framework": nullable(st.sampled_from(["SIF", "ILACS"])),
        "inspection_start": nullable(EDTF),
        "report_published": nullable(EDTF),
        "overall_grade": nullable(GRADES),
        "outcome": nullable(TEXTS),
        "inspectorates": st.lists(st.sampled_from(["Ofsted", "HMICFRS"]), max_size=2),
        "lead_inspectors": st.lists(NAMES, max_size=2),
        "judgements": items(
            area=AREAS, area_code=nullable(st.sampled_from(["sif.adoption", "sif.care_leavers"])), grade=GRADES
        ),
        "previous_judgements": items(area=nullable(AREAS), grade=GRADES, date=nullable(EDTF)),
        "claims": items(speaker=SPEAKERS, area=nullable(AREAS), grade=GRADES),
        "counts": items(
            measure=st.just("cases"),
            value=nullable(st.sampled_from([5, 5.5, 12])),
            unit=nullable(st.sampled_from(["cases", "%"])),
            qualifier=st.sampled_from(["exact", "about"]),
        ),
        "people": items(name=NAMES, role=nullable(st.sampled_from(["leader", "director"])), organisation=st.none()),
        "findings": items(kind=st.sampled_from(["strength", "weakness"]), text=TEXTS),
        "actions": items(text=TEXTS, status=st.sampled_from(["done", "planned"])),
    }
)
LISTS = [field.name for field in RUBRIC.fields if field.align]
SOURCE = "Caseloads are too high. Adoption services were good, care leavers inadequate. Thresholds are clear."


def quoted(record: JSON, dice: random.Random) -> JSON:
    """The record with a quote in each item, as gold has it, so that evidence takes part in aligning."""
    passages = ["Adoption services were good", "care leavers inadequate", "Thresholds are clear", SOURCE]
    return {
        name: [{"quote": dice.choice(passages), **item} if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in record.items()
    }


def shuffled(record: JSON, dice: random.Random) -> JSON:
    return {
        name: dice.sample(value, len(value)) if isinstance(value, list) else value for name, value in record.items()
    }


def figures(score: RecordScore | DocumentScore) -> Any:
    """All that a score says in numbers."""
    return score.counts, score.spans, score.total, score.credit and round(score.credit, 9)


@given(RECORDS, RECORDS)
def test_every_score_lies_between_0_and_1(gold: JSON, predicted: JSON) -> None:
    score = score_record(gold, predicted, EVERYTHING)
    ratios = [score.credit, *(outcome.credit for outcome in score.outcomes)]
    for counts in (score.total, *score.counts.values()):
        ratios += [counts.precision, counts.recall, counts.f1, counts.agreement]
    for spans in score.spans.values():
        ratios += [spans.precision, spans.recall]
    assert all(ratio is None or 0 <= ratio <= 1 for ratio in ratios)


@given(RECORDS)
def test_the_gold_itself_is_perfect(gold: JSON) -> None:
    score = score_record(gold, gold, EVERYTHING)
    assert all(own.wrong == own.missed == own.invented == 0 for own in score.counts.values())
    assert score.total.f1 in (None, 1.0)
    assert score.credit in (None, 1.0)
    assert all(spans.precision in (None, 1.0) and spans.recall in (None, 1.0) for spans in score.spans.values())


@given(RECORDS, RECORDS)
def test_every_value_is_counted_once(gold: JSON, predicted: JSON) -> None:
    score = score_record(gold, predicted, EVERYTHING)
    for name, own in score.counts.items():
        if name in ("findings", "actions", "statements"):
            assert own.correct + own.wrong + own.missed == len(gold.get(name, []))
        elif name in LISTS:
            assert own.correct + own.wrong + own.missed == len(gold.get(name, []))
            assert own.correct + own.wrong + own.invented == len(predicted.get(name, []))
        elif name in gold:
            assert sum(own) == 1


@given(RECORDS, RECORDS, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_a_list_never_matters(gold: JSON, predicted: JSON, dice: random.Random, with_quotes: bool) -> None:
    if with_quotes:
        gold, predicted = quoted(gold, dice), quoted(predicted, dice)
    once = score_record(gold, predicted, EVERYTHING)
    again = score_record(shuffled(gold, dice), shuffled(predicted, dice), EVERYTHING)
    assert figures(once) == figures(again)


BROKEN: JSON = {"exact": "none of the list", "grade": "not judged", "edtf": "1899-01-01", "number": 999_999}


@given(RECORDS, RECORDS, st.data())
def test_breaking_what_was_right_never_helps(gold: JSON, predicted: JSON, data: st.DataObject) -> None:
    predicted = {name: data.draw(st.sampled_from([gold[name], predicted[name]])) for name in predicted}
    before = score_record(gold, predicted, EVERYTHING)
    right = [outcome for outcome in before.outcomes if outcome.outcome == "correct"]
    if not right:
        return
    hit = data.draw(st.sampled_from(right))
    field = EVERYTHING.by_name[hit.field]
    broken = json.loads(json.dumps(predicted))
    if field.scorer:
        broken[hit.field] = BROKEN.get(field.scorer, "Nobody's own words")
    else:
        parts = [(key, how) for key, how in field.parts if hit.gold.get(key) is not None] if field.keys else []
        parts = [(key, how) for key, how in parts if (field.align, key) not in {("count", "value"), ("count", "unit")}]
        if not parts:
            return
        key, how = data.draw(st.sampled_from(parts))
        broken[hit.field][hit.predicted_index][key] = BROKEN.get(how, "Nobody's own words")
    after = score_record(gold, broken, EVERYTHING)
    assert after.total.correct <= before.total.correct
    assert (after.total.f1 or 0) <= (before.total.f1 or 0)


@given(RECORDS, RECORDS)
def test_a_mapping_and_a_model_score_alike(gold: JSON, predicted: JSON) -> None:
    models = [InspectionRecord.model_validate(record) for record in (gold, predicted)]
    dumped = [model.model_dump() for model in models]
    assert figures(score_record(*models, RUBRIC)) == figures(score_record(*dumped, RUBRIC))
    extraction = Extraction(source=Source(), engine="offline", records=[models[1]])
    as_model = score_document([models[0]], extraction, RUBRIC)
    assert figures(as_model) == figures(score_document([dumped[0]], extraction.model_dump(), RUBRIC))
    assert figures(as_model) == figures(score_document([dumped[0]], [dumped[1]], RUBRIC))


@given(st.lists(RECORDS, max_size=3), st.lists(RECORDS, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_records_never_matters(gold: list[JSON], predicted: list[JSON], dice: random.Random) -> None:
    once = score_document(gold, predicted, EVERYTHING)
    again = score_document(dice.sample(gold, len(gold)), dice.sample(predicted, len(predicted)), EVERYTHING)
    assert once.total == again.total
    for field in ("authority", "framework", "overall_grade"):
        own = once.counts[field]
        assert own.correct + own.wrong + own.missed == sum(record[field] is not None for record in gold)
        assert own.correct + own.wrong + own.invented == sum(record[field] is not None for record in predicted)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | TEXTS,
    lambda inside: (
        st.lists(inside, max_size=2)
        | st.dictionaries(
            st.sampled_from(["quote", "value", "area", "area_code", "text", "name", "x"]), inside, max_size=3
        )
    ),
    max_leaves=6,
)


@given(RECORDS, st.dictionaries(st.sampled_from(sorted(InspectionRecord.model_fields)), JUNK), JUNK, st.booleans())
def test_whatever_a_model_writes_can_be_scored(gold: JSON, broken: JSON, record: Any, at_hand: bool) -> None:
    gold = quoted(gold, random.Random(1))
    score = score_document([gold], {"records": [broken, record]}, EVERYTHING, SOURCE if at_hand else None)
    assert score.counts["judgements"].correct <= len(gold["judgements"])


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(st.sampled_from("aB9 .,'\"`’“–—\u00a0\u00ad\n\t(ﬁ-…é•*[]"), max_size=20))
def test_the_short_cut_folds_as_folding_does(text: str) -> None:
    assert folded(text) == fold(text).lower()


@pytest.mark.parametrize(
    ("scorer", "gold", "predicted", "kind"),
    [
        ("exact", "good", "Good ", None),
        ("exact", "adequate", "inadequate", "other"),
        ("grade", "adequate", "inadequate", "other grade"),
        ("council", {"as_written": "Hull", "gss_code": "E06000010"}, "Hull City Council", None),
        ("council", {"as_written": "the county", "gss_code": "E06000010"}, {"gss_code": "E06000010"}, None),
        (
            "council",
            {"as_written": "Hull", "gss_code": "E06000010"},
            {"as_written": "Hull", "gss_code": "X"},
            "other council",
        ),
        ("council", {"as_written": "Dorset", "gss_code": "E10000009"}, {"as_written": "Dorset"}, None),
        ("council", "Dorset", "Dorset County Council", "other council"),
        ("council", "Anyshire", "anyshire", None),
        ("council", "Anyshire", "Anyshira", "other council"),
        ("edtf", "XXXX-08-24", "XXXX-08-24", None),
        ("edtf", "XXXX-08-24", "2012-08-24", "over-precise"),
        ("edtf", "2012-08-24", "XXXX-08-24", "under-precise"),
        ("edtf", "XXXX-08", "2012", "other"),
        ("edtf", "2012-08", "2013-08-01", "other"),
        ("edtf", "2012", "last summer", "other words"),
        ("number", 12, 12.0, None),
        ("number", 1255, "1,255", None),
        ("number", 9, "9%", None),
        ("number", "9 weeks", "9%", "other unit"),
        ("number", "9 per cent", "9%", None),
        ("number", 12, "twenty", "other number"),
        ("number", 12, "about a dozen or 13", "other words"),
        ("unit", "per cent", "%", None),
        ("unit", "cases", "children", "other unit"),
        ("text", "Oak House", "“oak house”", None),
        ("person", "Cllr Ann Lee OBE", "ann lee", None),
        ("person", "Ann Lee", "A. Lee", "near"),
        ("person", "Ann Lee", "Alan Lee", "other name"),
        ("person", "Ann Lee", "Mrs Lee", "near"),
        ("person", "Ann Lee", "Ann Leigh", "other name"),
    ],
)
def test_values_compare_by_type(scorer: str, gold: Any, predicted: Any, kind: str | None) -> None:
    verdict = SCORERS[scorer](gold, predicted, None)
    assert verdict.kind == kind
    assert verdict.correct == (kind in (None, "near"))


def test_a_quote_must_be_printed_where_the_document_is_at_hand() -> None:
    document = Document.from_text("Leaders were slow to act.")
    assert SCORERS["quote"]("were slow to act", "were slow to act", document).correct
    assert SCORERS["quote"]("were quick to act", "were quick to act", document).kind == "not in the document"
    assert SCORERS["quote"]("were quick to act", "were quick to act", None).correct


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}, {"as_written": None, "quote": "x"}])
def test_saying_nothing_has_many_forms(nothing: Any) -> None:
    score = score_record({"authority": None, "overall_grade": "good"}, {"authority": nothing}, RUBRIC)
    assert score.counts["authority"] == Counts(absent=1)
    assert score.counts["overall_grade"] == Counts(missed=1)


def test_zero_and_false_say_something() -> None:
    gold = {
        "counts": [{"measure": "areas", "value": 0, "unit": "areas"}],
        "statements": [{"text": "No.", "direct": False}],
    }
    score = score_record(gold, {}, RUBRIC)
    assert score.counts["counts.value"] == Counts(missed=1)
    assert score.counts["statements.direct"] == Counts(missed=1)


# ── Items ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 50), max_size=14))
def test_an_assignment_is_the_best_of_all(weights: dict[tuple[int, int], int]) -> None:
    pairs = assign(weights)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    columns = [*range(5), *[None] * 5]
    best = max(
        sum(weights.get((i, j), 0) for i, j in enumerate(chosen) if j is not None)
        for chosen in set(itertools.permutations(columns[:5], 5))
    )
    assert sum(weights[pair] for pair in pairs) == best


def kinds(score: RecordScore, field: str) -> list[Any]:
    return [(outcome.outcome, outcome.kind) for outcome in score.outcomes if outcome.field == field]


def judged(*items: JSON) -> JSON:
    return {"judgements": list(items)}


def test_areas_meet_by_code_before_words() -> None:
    gold = judged(
        {"area": "adoption", "area_code": "sif.adoption", "grade": "good"},
        {"area": "leaders", "area_code": "sif.leadership", "grade": "good"},
    )
    predicted = judged(
        {"area": "leaders", "area_code": "sif.adoption", "grade": "good"},
        {"area": "adoption", "area_code": "sif.care_leavers", "grade": "good"},
    )
    assert score_record(gold, predicted, RUBRIC).counts["judgements"] == Counts(correct=1, missed=1, invented=1)


def test_areas_without_a_code_meet_by_the_passage_that_shows_them() -> None:
    text = "Adoption was rated good. Work with those leaving care was inadequate."
    gold = judged(
        {"quote": "Adoption was rated good", "area": "Adoption", "area_code": "sif.adoption", "grade": "good"},
        {"quote": "Work with those leaving care was inadequate", "area": "care leavers", "grade": "inadequate"},
    )
    start = text.index("those leaving")
    extraction = Extraction(
        source=Source(),
        engine="llm",
        records=[
            InspectionRecord.model_validate(judged({"area": "those leaving care", "grade": "good"})),
        ],
        evidence=[
            Evidence(
                field="/records/0/judgements/0",
                quote=text[start:-1],
                spans=[(start, len(text) - 1, None)],
                verdict="verified",
                support="yes",
            )
        ],
    )
    for source in (text, None):
        score = score_document([gold], extraction, RUBRIC, source).records[0]
        assert kinds(score, "judgements") == [("wrong", "near"), ("missed", None)]
        assert score.counts["judgements.area"] == Counts(correct=1, missed=1)
        assert score.counts["judgements.grade"] == Counts(wrong=1, missed=1)


def test_a_passage_that_shows_several_areas_does_not_tell_which_is_meant() -> None:
    both = "Adoption and work with care leavers were both good"
    gold = judged(
        {"quote": both, "area": "Adoption", "grade": "good"}, {"quote": both, "area": "care leavers", "grade": "good"}
    )
    strange = judged({"quote": both, "area": "fostering", "grade": "good"})
    assert score_record(gold, strange, RUBRIC).counts["judgements"] == Counts(missed=2, invented=1)
    alike = judged({"quote": both, "area": "work with care leavers", "grade": "good"})
    assert score_record(gold, alike, RUBRIC).counts["judgements"] == Counts(correct=1, missed=1)


def test_the_whole_and_an_area_are_never_right_for_each_other() -> None:
    quote = "it was rated good in 2012"
    gold = {"previous_judgements": [{"quote": quote, "area": None, "grade": "good", "date": "2012"}]}
    overall = {
        "previous_judgements": [{"quote": quote, "area": "overall effectiveness", "grade": "good", "date": "2012"}]
    }
    adoption = {"previous_judgements": [{"quote": quote, "area": "adoption", "grade": "good", "date": "2012"}]}
    assert score_record(gold, overall, RUBRIC).counts["previous_judgements"] == Counts(correct=1)
    assert kinds(score_record(gold, adoption, RUBRIC), "previous_judgements") == [("wrong", "other area")]


def test_counts_meet_by_value_and_unit_then_by_passage() -> None:
    quote = "10 of 22 areas were adequate"
    gold = {
        "counts": [
            {"quote": quote, "value": 10, "unit": "areas", "qualifier": "exact"},
            {"quote": quote, "value": 22, "unit": "areas", "qualifier": "exact"},
        ]
    }
    predicted = {
        "counts": [
            {"quote": quote, "value": 22, "unit": "areas", "qualifier": "exact"},
            {"quote": quote, "value": 11, "unit": "areas", "qualifier": "exact"},
        ]
    }
    score = score_record(gold, predicted, RUBRIC)
    assert score.counts["counts"] == Counts(correct=1, wrong=1)
    assert score.counts["counts.value"] == Counts(correct=1, wrong=1)
    apart = {"counts": [{**item, "quote": "elsewhere"} for item in predicted["counts"]]}
    assert score_record(gold, apart, RUBRIC).counts["counts"] == Counts(correct=1, missed=1, invented=1)


def test_of_equal_values_the_passage_decides_before_the_other_parts() -> None:
    def counted(first: str, second: str) -> JSON:
        same = {"value": 5, "unit": "cases"}
        quotes = ["five cases were late", "of five cases sampled"]
        both = zip(quotes, (first, second), strict=True)
        return {"counts": [{"quote": quote, "qualifier": how, **same} for quote, how in both]}

    score = score_record(counted("exact", "about"), counted("about", "exact"), RUBRIC)
    assert score.counts["counts"] == Counts(wrong=2)
    assert score.counts["counts.qualifier"] == Counts(wrong=2)


def test_order_does_not_settle_what_nothing_else_settles() -> None:
    gold = [{"name": "Ann Lee", "role": "leader", "organisation": "A"}, {"name": "Ann Lee", "role": "mayor"}]
    predicted = [
        {"name": "Ann Lee", "role": "leader", "organisation": "A"},
        {"name": "Ann Lee", "role": "nurse", "organisation": "B"},
        {"name": "Ann Lee", "role": "clerk", "organisation": "C"},
        {"name": "Ann Lee", "role": None, "organisation": "D"},
    ]
    scores = [
        score_record({"people": list(ones)}, {"people": list(others)}, EVERYTHING)
        for ones in itertools.permutations(gold)
        for others in itertools.permutations(predicted)
    ]
    assert all(figures(score) == figures(scores[0]) for score in scores)


def test_people_meet_by_name_whatever_their_role() -> None:
    gold = {"people": [{"name": "Ann Lee", "role": "leader"}, {"name": "Tom Hughes", "role": None}]}
    predicted = {"people": [{"name": "Cllr A Lee", "role": "mayor"}, {"name": "Hughes", "role": "leader"}]}
    score = score_record(gold, predicted, RUBRIC)
    assert score.counts["people.name"] == Counts(correct=2)
    assert score.counts["people.role"] == Counts(wrong=1, invented=1)
    assert score.counts["people"] == Counts(wrong=2)


def found(*texts: str) -> JSON:
    return {"findings": [{"kind": "weakness", "text": text} for text in texts]}


@pytest.mark.parametrize(
    ("gold", "predicted", "outcomes", "shared"),
    [
        (["Caseloads are too high and supervision is irregular."],
         ["Caseloads are too high", "supervision is irregular."], [("wrong", "split")], (0.9, 1.0)),
        (["Caseloads are too high", "supervision is irregular."],
         ["Caseloads are too high and supervision is irregular."], [("wrong", "merged")] * 2, (1.0, 0.9)),
        (["Caseloads are too high in every team of the duty service of the north"],
         ["Caseloads are too high in every"], [("wrong", "truncated")], (0.4, 1.0)),
        (["Caseloads are too high in every"],
         ["Caseloads are too high in every team of the duty service of the north"],
         [("wrong", "extended")], (1.0, 0.4)),
        (["Leaders know their service"], ["Plans are late"], [("missed", None), ("invented", None)], (0, 0)),
        (["Leaders know their service"] * 2, ["Leaders know their service"],
         [("correct", None), ("missed", None)], (0.5, 1)),
        (["Leaders know their service well."], ["Leaders know this service well."], [("correct", "near")], (0.9, 0.9)),
    ],
)  # fmt: skip
def test_findings_are_scored_by_item_and_by_span(
    gold: list[str], predicted: list[str], outcomes: list[Any], shared: tuple[float, float]
) -> None:
    score = score_record(found(*gold), found(*predicted), RUBRIC)
    assert kinds(score, "findings") == outcomes
    spans = score.spans["findings"]
    assert spans.recall == pytest.approx(shared[0], abs=0.1)
    assert spans.precision == pytest.approx(shared[1], abs=0.1)


def test_a_finding_near_golds_is_wrong_where_the_document_does_not_print_it() -> None:
    text = "Leaders know their service well."
    near = found("Leaders know this service well.")
    assert kinds(score_record(found(text), near, RUBRIC, text), "findings") == [("wrong", "not in the document")]
    longer = score_record(found(text), found("Leaders know their service"), RUBRIC, text)
    assert kinds(longer, "findings") == [("correct", "near")]


def test_items_of_one_identity_are_told_apart_by_their_other_parts() -> None:
    def recalled(*grades: str) -> JSON:
        return {"previous_judgements": [{"area": None, "grade": grade} for grade in grades]}

    score = score_record(recalled("good", "inadequate"), recalled("inadequate", "good", "good"), RUBRIC)
    assert score.counts["previous_judgements"] == Counts(correct=2, invented=1)


def test_what_an_outcome_keeps() -> None:
    gold = {"judgements": [{"quote": "q", "area": "adoption", "grade": "good"}]}
    predicted = {"judgements": [{"area": "fostering", "grade": "good"}, {"area": "adoption", "grade": "inadequate"}]}
    score = score_record(gold, predicted, RUBRIC)
    wrong, invented = (outcome for outcome in score.outcomes if outcome.field == "judgements")
    assert (wrong.outcome, wrong.kind, wrong.gold_index, wrong.predicted_index) == ("wrong", "grade", 0, 1)
    assert wrong.gold == gold["judgements"][0]
    assert wrong.predicted == predicted["judgements"][1]
    (part,) = wrong.parts
    assert (part.field, part.gold, part.predicted, part.kind) == (
        "judgements.grade",
        "good",
        "inadequate",
        "other grade",
    )
    assert (invented.outcome, invented.predicted_index) == ("invented", 0)


def test_gold_comes_with_quotes_or_without() -> None:
    plain = {"framework": "SIF", "overall_grade": "good", "inspection_end": "2014-11", "inspectorates": ["Ofsted"]}
    with_quotes = {
        "framework": {"quote": "q", "value": "SIF"},
        "overall_grade": {"quote": "q", "value": "good"},
        "inspection_end": {"quote": "q", "words": "last November", "value": "2014-11"},
        "inspectorates": [{"quote": "q", "value": "Ofsted"}],
    }
    assert figures(score_record(with_quotes, plain, RUBRIC)) == figures(score_record(plain, plain, RUBRIC))
    on_the_wire = {**with_quotes, "inspection_end": {"quote": "q", "words": "November 2014"}}
    assert score_record(with_quotes, on_the_wire, RUBRIC).total.f1 == 1


def test_an_unknown_key_is_invented_in_a_prediction_and_refused_in_gold() -> None:
    score = score_record(
        {"framework": "SIF"}, {"framework": "SIF", "rating": "good", "people": [{"name": "A", "age": 5}]}, RUBRIC
    )
    assert score.counts["unknown_keys"] == Counts(invented=2)
    assert [outcome.predicted for outcome in score.outcomes if outcome.field == "unknown_keys"] == [
        {"people.age": 5},
        {"rating": "good"},
    ]
    assert score.total.precision == pytest.approx(1 / 3)
    with pytest.raises(RubricError, match="rating"):
        score_record({"rating": "good"}, {}, RUBRIC)


# ── Documents ──────────────────────────────────────────────────────────────────────────────────────────────────────


def one(council: str | None, grade: str | None = None, **more: Any) -> JSON:
    return {"authority": council and {"as_written": council}, "overall_grade": grade, **more}


def test_records_meet_by_council_whatever_else_they_say() -> None:
    gold = [one("Bexley", "good", framework="SIF"), one("Hull", "inadequate", framework="ILACS")]
    predicted = [one("Hull City Council", "good", framework="SIF"), one("Bexley", "inadequate", framework="ILACS")]
    score = score_document(gold, predicted, RUBRIC)
    assert score.pairs == ((0, 1), (1, 0))
    assert score.counts["authority"] == Counts(correct=2)
    assert score.counts["overall_grade"] == Counts(wrong=2)


def test_records_left_over_meet_by_what_they_agree_on() -> None:
    gold = [
        one("Bexley", "good", framework="SIF"),
        one("Bexley", "adequate", framework="ILACS"),
        one(None, "inadequate"),
    ]
    predicted = [
        one(None, "inadequate"),
        one("Bexley", "adequate", framework="ILACS"),
        one("Halton", "good", framework="SIF"),
    ]
    assert score_document(gold, predicted, RUBRIC).pairs == ((0, 2), (1, 1), (2, 0))


def test_another_councils_inspection_is_another_inspection() -> None:
    score = score_document([one("Bexley", "good")], [one("Halton", "inadequate")], RUBRIC)
    assert score.pairs == ((0, None), (None, 0))
    assert score.counts["overall_grade"] == Counts(missed=1, invented=1)
    assert score.counts["framework"] == Counts()
    nameless = score_document([one("Bexley", "good")], [one(None, "inadequate")], RUBRIC)
    assert nameless.counts["overall_grade"] == Counts(wrong=1)


def test_a_record_more_invents_and_a_record_less_misses() -> None:
    both = [one("Bexley", "good"), one("Hull", "good")]
    more, less = score_document(both[:1], both, RUBRIC), score_document(both, both[:1], RUBRIC)
    assert more.total == Counts(correct=2, invented=2, absent=more.total.absent)
    assert less.total == Counts(correct=2, missed=2, absent=more.total.absent)


FAILED = Extraction(source=Source(), engine="llm", error=Failure(type="ReplyError", message="cut off"))


def test_a_failed_document_misses_all_of_its_gold() -> None:
    gold = one(
        "Bexley", "good", judgements=[{"area": "adoption", "grade": "good"}, {"area": "fostering", "grade": "good"}]
    )
    for answer in (FAILED, FAILED.model_dump(), None):
        score = score_document([gold], answer, RUBRIC)
        assert score.failed
        assert score.total == Counts(missed=4)
        assert score.credit == 0
    assert score_document([gold], FAILED, RUBRIC).failed == "ReplyError: cut off"


def test_nothing_where_there_is_nothing_is_a_rejection_outside_f1() -> None:
    right, wrong, failed = (score_document([], answer, RUBRIC) for answer in ([], [one("Hull", "good")], FAILED))
    assert (right.rejected, wrong.rejected, failed.rejected) == (True, False, False)
    assert right.total == Counts()
    assert right.total.f1 is None
    assert wrong.total == Counts(invented=2)
    assert score_document([one("Hull")], [], RUBRIC).rejected is None


# ── Sums ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_counts_become_ratios() -> None:
    own = Counts(correct=3, wrong=1, missed=2, invented=4, absent=10)
    assert own.precision == 3 / 8
    assert own.recall == 3 / 6
    assert own.f1 == pytest.approx(2 * (3 / 8) * (3 / 6) / (3 / 8 + 3 / 6))
    assert own.agreement == 13 / 20
    assert Counts(absent=4).f1 is None
    assert Counts(missed=1).f1 == 0


def test_a_summary_counts_failures_and_grades() -> None:
    gold = [
        one("Bexley", "good", judgements=[{"area": "adoption", "grade": "good"}]),
        one("Hull", None),
        one("Halton", "good"),
    ]
    answers: list[Any] = [
        [
            one(
                "Bexley",
                "inadequate",
                judgements=[{"area": "adoption", "grade": "adequate"}, {"area": "x", "grade": "good"}],
            )
        ],
        [one("Hull", "outstanding")],
        FAILED,
    ]
    scores = [score_document([record], answer, RUBRIC) for record, answer in zip(gold, answers, strict=True)]
    scores += [score_document([], [], RUBRIC), score_document([], FAILED, RUBRIC)]
    total = summarise(scores, RUBRIC)
    assert (total.documents, total.failed, total.empty, total.rejected) == (5, 2, 2, 1)
    assert (total.grades_invented, total.severe) == (2, 2)
    assert total.counts["overall_grade"] == Counts(wrong=1, missed=1, invented=1)
    assert total.total[:4] == (2, 2, 2, 2)
    assert total.total.f1 == pytest.approx(4 / (4 + 4 + 2 + 2))
    assert total.credit == pytest.approx((1.25 / 4 + 1 / 2 + 0) / 3, abs=0.1)


def test_fields_of_weight_0_are_shown_and_do_not_count() -> None:
    gold, predicted = {"framework": "SIF", "people": [{"name": "Ann Lee"}]}, {"framework": "SIF"}
    score = score_record(gold, predicted, RUBRIC)
    assert score.counts["people"] == Counts(missed=1)
    assert score.total.f1 == 1
    assert score.credit == 1
    assert set(RUBRIC.weights) == {
        *("authority", "framework", "inspection_type", "inspection_start", "inspection_end", "report_published"),
        *("overall_grade", "judgements", "previous_judgements", "claims", "unknown_keys"),
    }


def test_counts_are_kept_by_cluster() -> None:
    gold, wrong = one("Bexley", "good"), one("Bexley", "adequate")
    scores = [score_document([gold], [answer], RUBRIC) for answer in (gold, wrong, wrong)]
    counts = cluster_counts(scores, ["b", "a", "b"], RUBRIC)
    assert counts.clusters == ("a", "b")
    grade = counts.fields.index("overall_grade")
    assert [row[grade] for row in counts.rows] == [(0, 1, 0, 0), (1, 1, 0, 0)]
    assert [row[counts.fields.index("authority")] for row in counts.rows] == [(1, 0, 0, 0), (2, 0, 0, 0)]
    with pytest.raises(ValueError, match="shorter"):
        cluster_counts(scores, ["a"], RUBRIC)


def test_quotes_are_counted_by_verdict() -> None:
    shown = Evidence(field="/a", quote="q", spans=[(0, 1, None)], verdict="verified", support="yes")
    extraction = Extraction(
        source=Source(), engine="llm", evidence=[shown, shown, shown.model_copy(update={"verdict": "altered"})]
    )
    extraction.withheld = [{"field": "/b", "value": 1, "model_quote": "x", "reason": "absent"}]  # type: ignore[list-item]
    for given_as in (extraction, extraction.model_dump(warnings=False)):
        assert quotes([given_as, given_as]) == (4, 2, 2)
        assert quotes([given_as]).shares == (0.5, 0.25, 0.25)
    assert quotes([]).shares is None


# ── The rubric ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_rubric_covers_the_record() -> None:
    assert {field.name for field in RUBRIC.fields} == set(InspectionRecord.model_fields)
    score = score_record(InspectionRecord(), InspectionRecord(), RUBRIC)
    assert score.total.f1 is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"colour": 1}, "unknown key colour"),
        ({"fields": {"a": {"scorer": "exact", "wieght": 1}}}, "unknown key wieght"),
        ({"fields": {"a": {"scorer": "fuzzy"}}}, "no scorer is called 'fuzzy'"),
        ({"fields": {"a": {"align": "area", "parts": {"b": "fuzzy"}}}}, "no scorer is called 'fuzzy'"),
        ({"fields": {"a": {"align": "any"}}}, "no way to align called 'any'"),
        ({"fields": {"a": {"weight": 1}}}, "a scalar has a scorer"),
        ({"fields": {"a": {"scorer": "exact", "parts": {}}}}, "belong to a list"),
        ({"fields": {"a": {"scorer": "exact", "weight": -1}}}, "whole number"),
        ({"fields": {"a": {"scorer": "exact", "weight": 0.5}}}, "whole number"),
        ({"fields": {"a": {"scorer": "exact"}}, "records": "b"}, "no field with a scorer"),
    ],
)
def test_a_rubric_that_cannot_be_used_is_refused(content: JSON, says: str) -> None:
    with pytest.raises(RubricError, match=says):
        rubric(content)


def test_a_rubrics_hash_is_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('[fields.a]\nscorer = "exact"\nweight = 1\n')
    (tmp_path / "same.toml").write_text('[fields]\na = { weight = 1, scorer = "exact" } # said otherwise\n')
    (tmp_path / "other.toml").write_text('[fields.a]\nscorer = "exact"\nweight = 2\n')
    one, same, other = (load(tmp_path / f"{name}.toml").sha256 for name in ("one", "same", "other"))
    assert one == same != other
    with pytest.raises(RubricError, match="missing"):
        load(tmp_path / "missing.toml")
    (tmp_path / "broken.toml").write_text("fields")
    with pytest.raises(RubricError, match="broken"):
        load(tmp_path / "broken.toml")


def test_every_aligner_takes_empty_lists() -> None:
    for align in ALIGNERS.values():
        assert align(Lists([], [])).exact == []
