"""Runs to report on: small ones whose every figure can be counted by hand, and one that is out to do harm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor_eval.gold import Case
from extractor_eval.rubric import load
from extractor_eval.runs import SIGNATURE, Run, Used, scored

from extractor.document import Document

JSON = dict[str, Any]

HOSTILE = (
    "<script>window.harmed = 1</script> \"><img src=x onerror='window.harmed = 2'> </script></style></title> "
    "javascript:window.harmed=3 <a href='javascript:window.harmed=4'>here</a> <svg onload=window.harmed=5> "
    "{{ 7 * 7 }} {% raw %} <!-- \x00 ' onfocus=window.harmed=6 autofocus='"
)

TEXTS = {
    "alpha": "Leeds City Council\n\nOfsted judged the council good overall. Care leavers: outstanding.\n",
    "beta": "York was found inadequate in May. Leaders were rated requires improvement.\n",
    "gamma": "The library opens at nine. No inspectors came.\n",
    "hostile": f"Hull was good. {HOSTILE} Care leavers: good.\n",
}

GOLD: dict[str, list[JSON]] = {
    "alpha": [
        {
            "authority": {"quote": "Leeds City Council", "name": "Leeds", "as_written": "Leeds City Council"},
            "overall_grade": {"quote": "Ofsted judged the council good overall", "value": "good"},
            "judgements": [{"quote": "Care leavers: outstanding", "area": "Care leavers", "grade": "outstanding"}],
        }
    ],
    "beta": [
        {
            "authority": {"quote": "York was found inadequate", "name": "York", "as_written": "York"},
            "overall_grade": {"quote": "York was found inadequate in May", "value": "inadequate"},
            "judgements": [
                {"quote": "Leaders were rated requires improvement", "area": "Leaders", "grade": "requires improvement"}
            ],
        }
    ],
    "gamma": [],
    "hostile": [
        {
            "overall_grade": {"quote": "Hull was good", "value": "good"},
            "judgements": [{"quote": "Care leavers: good", "area": f"Care leavers {HOSTILE}", "grade": "good"}],
            "findings": [{"quote": HOSTILE, "kind": "weakness", "text": HOSTILE}],
        }
    ],
}

PERFECT: dict[str, list[JSON]] = {
    "alpha": [
        {
            "authority": {"name": "Leeds", "as_written": "Leeds City Council"},
            "overall_grade": "good",
            "judgements": [{"area": "Care leavers", "grade": "outstanding"}],
        }
    ],
    "beta": [
        {
            "authority": {"name": "York", "as_written": "York"},
            "overall_grade": "inadequate",
            "judgements": [{"area": "Leaders", "grade": "requires improvement"}],
        }
    ],
    "gamma": [],
}

WORSE: dict[str, list[JSON]] = {
    **PERFECT,
    "alpha": [
        {
            "authority": {"name": "Leeds", "as_written": "Leeds City Council"},
            "overall_grade": "inadequate",
            "judgements": [{"area": "Care leavers", "grade": "good"}, {"area": "Leaders", "grade": "good"}],
        }
    ],
    "gamma": [{"authority": {"name": "Hull", "as_written": "Hull"}}],
}

HARMFUL: JSON = {
    "authority": {"name": f"{HOSTILE}\ud800", "as_written": HOSTILE},
    "overall_grade": HOSTILE,
    "judgements": [{"area": HOSTILE, "grade": HOSTILE}],
    HOSTILE: HOSTILE,
}


def case(name: str, labeller: str = "A") -> Case:
    return Case(name, Document.from_text(TEXTS[name]), f"about-{name}", labeller, GOLD[name])


def extraction(records: Sequence[JSON], *, text: str = "", shown: Sequence[tuple[str, str]] = (), **more: Any) -> JSON:
    """An Extraction as data; `shown` are (JSON pointer, words of the text)."""
    evidence = [
        {
            "field": field,
            "quote": words,
            "spans": [[text.index(words), text.index(words) + len(words), None]],
            "verdict": "verified",
            "support": "yes",
        }
        for field, words in shown
    ]
    source = {"text_sha256": Document.from_text(text).text_sha256 if text else ""}
    return {"source": source, "records": list(records), "evidence": evidence, "withheld": [], "warnings": []} | more


FAILED = extraction([], error={"type": "CallTimedOut", "message": "no answer within 600 s"})


def run(name: str, *repeats: dict[str, JSON], used: Used | None = None, **signature: Any) -> Run:
    """A scored run, from an extraction a document and repeat."""
    cases = tuple(case(one) for one in sorted(repeats[0]))
    rows = tuple(tuple(repeat[one.id] for one in cases) for repeat in repeats)
    told = dict.fromkeys(SIGNATURE) | {"prompt": name, "model": "m", "split": "dev", "repeats": len(rows)} | signature
    usage = tuple(tuple(used or Used() for _ in row) for row in rows)
    return scored(Run(name, told, cases, rows, (), usage), load())


def answers(records: dict[str, list[JSON]], **instead: JSON) -> dict[str, JSON]:
    """An extraction of each document, some of them others."""
    return {name: extraction(held) for name, held in records.items()} | instead


def hostile() -> list[Run]:
    """Two runs in which every name, value, message and word of a document is out to do harm."""
    harmful = extraction(
        [HARMFUL],
        withheld=[{"field": f"/records/0/{HOSTILE}", "value": {HOSTILE: HOSTILE}, "reason": HOSTILE}],
        warnings=[{"code": "x", "field": None, "message": HOSTILE}],
    )
    broken = extraction([], error={"type": HOSTILE, "message": HOSTILE})
    return [
        run(HOSTILE, {"hostile": harmful}, parameters={HOSTILE: HOSTILE}, model=HOSTILE),
        run("broken", {"hostile": broken}),
    ]
