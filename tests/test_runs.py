"""Runs: made through extractor's own road against a server on loopback, kept, loaded, paid for and replayed."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from extractor_eval.calls import Call, charge
from extractor_eval.errors import GoldChanged, NotRecorded, RunError
from extractor_eval.gold import cases
from extractor_eval.recordings import Recordings, export
from extractor_eval.rubric import load as load_rubric
from extractor_eval.running import Terms, competitors, run
from extractor_eval.runs import SIGNATURE, Run, Used, draft_summary, load, save, summary
from fakeserver import FakeServer, Received, answer, error, hang
from smallgold import COUNCILS, PRICES, answering, council_in, reply_of, write_set

from extractor.budget import Budget
from extractor.engines import Usage
from extractor.errors import BudgetSpent, JournalError, SettingsError, UnknownPrice
from extractor.prices import Price, price_of, prices

Serve = Callable[..., FakeServer]
KEY = "sk-a-key-that-nobody-may-see"
RUBRIC = load_rubric()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_set(tmp_path / "gold")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    return path


def terms(gold: Path, table: Path | None = None, **changes: Any) -> Terms:
    made = Terms(cases(gold), gold.name, str(gold), RUBRIC, prices(table) if table else {})
    return replace(made, **changes)


def ran(server: FakeServer, gold: Path, folder: Path, table: Path | None = None, **changes: Any) -> Run:
    (one,) = _competitors(server)
    return run(one, terms(gold, table, **changes), folder)


def _competitors(server: FakeServer, **arguments: Any) -> list[Any]:
    return competitors(["openai/fake"], ["plain"], base_url=server.base_url, **arguments)


# ── Making one ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_asks_once_a_document_and_names_its_recipe(serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=answering())
    made = ran(server, gold, tmp_path / "run")
    assert sorted(council_in(received) for received in server.received) == sorted(COUNCILS)
    assert (made.name, made.repeats, made.failures) == ("plain", 1, 0)
    assert summary(made, RUBRIC).total.f1 == 1
    assert set(made.signature) == set(SIGNATURE)
    assert made.signature["model"] == "fake"
    assert made.signature["endpoint"] == "127.0.0.1"
    assert made.signature["prompt_sha256"] == made.extractions[0][0]["prompt"]["sha256"]
    assert sorted(path.name for path in (tmp_path / "run").glob("*.json*")) == [
        "extractions.jsonl",
        "run.json",
        "scores.jsonl",
        "summary.json",
    ]


def test_a_loaded_run_is_the_run_that_was_saved(serve: Serve, gold: Path, tmp_path: Path):
    made = ran(serve(script=answering()), gold, tmp_path / "run")
    again = load(tmp_path / "run")
    assert again.signature == made.signature
    assert again.extractions == made.extractions
    assert again.usage == made.usage
    assert again.drafts == made.drafts
    assert [score.counts for score in again.scores[0]] == [score.counts for score in made.scores[0]]
    assert summary(again, RUBRIC) == summary(made, RUBRIC)


def test_a_failed_document_misses_all_of_its_gold(serve: Serve, gold: Path, tmp_path: Path):
    made = ran(serve(script=answering({"Salford": error(422, "too strange")})), gold, tmp_path / "run")
    place = [case.id for case in made.cases].index("salford")
    assert made.failures == 1
    assert made.extractions[0][place]["error"]["type"] == "RequestRejected"
    assert made.scores[0][place].failed is not None
    assert made.drafts[0][place] is None
    whole = summary(made, RUBRIC)
    assert (whole.documents, whole.failed) == (len(COUNCILS), 1)
    assert whole.total.missed == made.scores[0][place].total.missed == 5
    assert whole.total.recall == pytest.approx(30 / 35)
    assert draft_summary(made, RUBRIC).failed == 1  # type: ignore[union-attr]


def test_the_drafts_show_what_look_ups_add(serve: Serve, gold: Path, tmp_path: Path):
    made = ran(serve(script=answering()), gold, tmp_path / "run")
    drafts = draft_summary(made, RUBRIC)
    assert drafts is not None
    assert drafts.counts["framework"].missed == len(COUNCILS)  # it follows from the dates alone
    assert summary(made, RUBRIC).counts["framework"].correct == len(COUNCILS)
    assert drafts.counts["overall_grade"].f1 == 1


def test_repeats_are_fresh_calls(serve: Serve, gold: Path, tmp_path: Path):
    said: dict[str, int] = {}

    def script(received: Received) -> Any:
        council = council_in(received)
        said[council] = said.get(council, 0) + 1
        reply = reply_of(council)
        if said[council] == 2:
            reply["records"][0]["overall_grade"] = None
        return answer(reply)

    made = ran(serve(script=script), gold, tmp_path / "run", repeats=2, concurrency=1)
    assert set(said.values()) == {2}
    assert [len(row) for row in made.extractions] == [len(COUNCILS)] * 2
    grades = [sum(score.counts["overall_grade"].correct for score in row) for row in made.scores]
    assert sorted(grades) == [0, len(COUNCILS)]
    assert load(tmp_path / "run").repeats == 2


def test_the_same_run_again_asks_nothing_and_has_the_same_numbers(
    serve: Serve, gold: Path, table: Path, tmp_path: Path
):
    server = serve(script=answering())
    first = ran(server, gold, tmp_path / "run", table, repeats=2)
    asked = len(server.received)
    again = ran(server, gold, tmp_path / "run", table, repeats=2)
    assert asked == len(server.received) == 2 * len(COUNCILS)
    assert again.usage == first.usage
    assert summary(again, RUBRIC) == summary(first, RUBRIC)


def test_usage_is_told_where_it_is_known(serve: Serve, gold: Path, table: Path, tmp_path: Path):
    silent = {"Leeds": answer(reply_of("Leeds"), usage=None)}
    made = ran(serve(script=answering(silent)), gold, tmp_path / "run", table)
    used = dict(zip((case.id for case in made.cases), made.usage[0], strict=True))
    bradford, leeds = used["bradford"], used["leeds"]
    assert (bradford.calls, bradford.input_tokens, bradford.output_tokens) == (1, 1000, 20)
    assert bradford.cost == pytest.approx((1000 * 10 + 20 * 100) / 1e6)
    assert bradford.seconds is not None
    assert bradford.seconds >= 0
    assert (leeds.calls, leeds.input_tokens, leeds.cost) == (1, None, None)


def test_a_broken_journal_stops_the_run(serve: Serve, gold: Path, tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "journal.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(JournalError):
        ran(serve(script=answering()), gold, tmp_path / "run")
    assert not (tmp_path / "run" / "run.json").exists()


# ── The offline engine ─────────────────────────────────────────────────────────────────────────────────────────────


def test_offline_with_and_without_a_rule_set(gold: Path, tmp_path: Path):
    whole, less = [
        run(one, terms(gold), tmp_path / one.name)
        for one in competitors(["offline"], [], ["overall_grade", "inspectorates"])
    ]
    assert (whole.name, less.name) == ("offline", "offline-without-overall_grade-inspectorates")
    assert less.signature["parameters"] == {"without": ["inspectorates", "overall_grade"]}
    for extraction in less.extractions[0]:
        assert [record["overall_grade"] for record in extraction["records"]] == [None]
        assert [record["inspectorates"] for record in extraction["records"]] == [[]]
        assert not any("/overall_grade" in one["field"] for one in extraction["evidence"])
    missed = summary(less, RUBRIC).counts["overall_grade"].missed
    assert missed - summary(whole, RUBRIC).counts["overall_grade"].missed == len(COUNCILS)
    assert set(whole.usage[0]) == {Used()}
    assert whole.extractions[0][0]["records"][0]["overall_grade"] == "good"


@pytest.mark.parametrize(
    ("models", "prompts", "without", "said"),
    [
        (["offline"], ["plain"], [], "needs a model"),
        (["openai/fake"], ["plain"], ["claims"], "needs --model offline"),
        (["offline"], [], ["moon"], "no field"),
        (["openai/fake"], ["plain", "plain"], [], "would be called"),
    ],
)
def test_competitors_that_cannot_be(models: list[str], prompts: list[str], without: list[str], said: str):
    with pytest.raises(SettingsError, match=said):
        competitors(models, prompts, without, base_url="http://127.0.0.1:9/v1")


def test_several_models_are_told_apart():
    made = competitors(["offline", "openai/a/b", "c"], ["plain"], base_url="http://127.0.0.1:9/v1")
    assert [one.name for one in made] == ["offline", "plain-a-b", "plain-c"]


# ── Loading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_refused_once_its_gold_changed(gold: Path, tmp_path: Path):
    (one,) = competitors(["offline"], [])
    run(one, terms(gold), tmp_path / "run")
    label = json.loads((gold / "leeds.json").read_text())
    label["records"][0]["inspectorates"] = []
    (gold / "leeds.json").write_text(json.dumps(label))
    with pytest.raises(GoldChanged, match="has changed since"):
        load(tmp_path / "run")
    mended = load(tmp_path / "run", changed=True)
    assert mended.scores[0][1].counts["inspectorates"].invented == 1
    save(mended, tmp_path / "run")
    assert load(tmp_path / "run").signature["gold"] == mended.signature["gold"]


def test_a_run_is_refused_where_documents_are_others(gold: Path, tmp_path: Path):
    (one,) = competitors(["offline"], [])
    run(one, terms(gold), tmp_path / "run")
    for path in gold.glob("leeds.*"):
        path.unlink()
    with pytest.raises(GoldChanged, match="leeds"):
        load(tmp_path / "run", changed=True)


@pytest.mark.parametrize("lost", ["run.json", "extractions.jsonl"])
def test_half_a_run_is_none(gold: Path, tmp_path: Path, lost: str):
    (one,) = competitors(["offline"], [])
    run(one, terms(gold), tmp_path / "run")
    (tmp_path / "run" / lost).unlink()
    with pytest.raises(RunError):
        load(tmp_path / "run")


# ── Money ──────────────────────────────────────────────────────────────────────────────────────────────────────────

PRICE = Price("fake", 10.0, 100.0, 50, None)  # type: ignore[arg-type]  # the date plays no part


def test_a_bound_is_never_below_the_cost():
    body = json.dumps({"model": "fake", "messages": [{"role": "user", "content": "naïve “words”"}]}).encode()
    assert PRICE.bound(body) == pytest.approx((len(body) * 10 + 50 * 100) / 1e6)
    assert PRICE.bound(json.dumps({"max_tokens": 5}).encode()) == pytest.approx((17 * 10 + 5 * 100) / 1e6)
    assert PRICE.bound(json.dumps({"max_tokens": 500}).encode()) == pytest.approx((19 * 10 + 50 * 100) / 1e6)
    assert PRICE.cost(Usage(100, 10)) == pytest.approx(0.002)
    assert PRICE.cost(Usage(100, None)) is None


def test_the_price_table_of_the_package_can_be_used():
    table = prices()
    assert table
    assert all(price.output >= price.input > 0 for price in table.values())
    with pytest.raises(UnknownPrice, match="fake"):
        price_of("fake", table)


@pytest.mark.parametrize("row", ["input = -1", 'input = "much"', "input = true", "inputs = 1"])
def test_a_price_that_is_none_is_refused(tmp_path: Path, row: str):
    path = tmp_path / "prices.toml"
    path.write_text(f"[fake]\noutput = 1\nmost_output = 1\ndate = 2026-01-01\n{row}\n")
    with pytest.raises(SettingsError, match="cannot be used"):
        prices(path)


def test_a_call_without_an_end_counts_at_its_bound():
    call = Call("key", "http://server", "fake", b'{"max_tokens": 5}', None, None, None)
    assert charge(call, PRICE) == PRICE.bound(call.request)
    assert charge(replace(call, fault="no whole reply within 1 seconds"), PRICE) == PRICE.bound(call.request)


def test_no_more_is_spent_than_was_allowed(serve: Serve, gold: Path, table: Path, tmp_path: Path):
    server = serve(script=answering())
    cost = PRICE.cost(Usage(1000, 20)) or 0
    budget = Budget(1.0)
    ran(server, gold, tmp_path / "all", table, budget=budget)
    assert budget.spent == pytest.approx(len(COUNCILS) * cost)
    bound = max(PRICE.bound(json.dumps(body, ensure_ascii=False).encode()) for body in server.bodies)

    asked = len(server.received)
    tight = Budget(3 * cost + bound)
    with pytest.raises(BudgetSpent, match="is left"):
        ran(server, gold, tmp_path / "some", table, budget=tight, concurrency=3)
    assert tight.spent <= tight.limit
    some = len(server.received) - asked
    assert 3 <= some < len(COUNCILS)
    assert not (tmp_path / "some" / "run.json").exists()

    made = ran(server, gold, tmp_path / "some", table, budget=Budget(1.0))
    assert len(server.received) - asked == len(COUNCILS)  # what was answered was not asked again
    assert summary(made, RUBRIC).total.f1 == 1


def test_what_was_spent_before_counts(serve: Serve, gold: Path, table: Path, tmp_path: Path):
    server = serve(script=answering())
    ran(server, gold, tmp_path / "run", table)
    budget = Budget(1.0)
    ran(server, gold, tmp_path / "run", table, budget=budget)
    assert budget.spent == pytest.approx(len(COUNCILS) * (PRICE.cost(Usage(1000, 20)) or 0))


def test_missing_usage_is_charged_at_the_bound(serve: Serve, gold: Path, table: Path, tmp_path: Path):
    server = serve(script=answering(usage=None))
    budget = Budget(10.0)
    ran(server, gold, tmp_path / "run", table, budget=budget)
    sent = [json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() for body in server.bodies]
    assert budget.spent == pytest.approx(sum(map(PRICE.bound, sent)))


def test_a_refused_request_costs_nothing(serve: Serve, gold: Path, table: Path, tmp_path: Path):
    server = serve(script=answering({"Leeds": error(422, "no")}))
    budget = Budget(10.0)
    made = ran(server, gold, tmp_path / "run", table, budget=budget)
    assert made.failures == 1
    assert budget.spent == pytest.approx((len(COUNCILS) - 1) * (PRICE.cost(Usage(1000, 20)) or 0))


def test_a_timeout_costs_its_bound(serve: Serve, table: Path, tmp_path: Path):
    server = serve(hang)
    budget = Budget(10.0)
    gold = write_set(tmp_path / "gold", ("Salford",))  # and none that must be answered in time
    (one,) = _competitors(server, timeout=0.5)
    made = run(one, terms(gold, table, budget=budget), tmp_path / "run")
    late = server.arrived(2)
    sent = [json.dumps(each.body, ensure_ascii=False, separators=(",", ":")).encode() for each in late]
    assert len(late) == 2  # a timeout is tried twice
    assert made.failures == 1
    assert budget.spent == pytest.approx(sum(map(PRICE.bound, sent)))


def test_an_unknown_price_stops_before_anything_is_asked(serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=answering())
    with pytest.raises(UnknownPrice):
        ran(server, gold, tmp_path / "run", budget=Budget(5))
    assert server.received == []


# ── Recordings ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def test_a_recording_gives_the_same_numbers_without_a_server(
    gold: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    odd = {
        "Leeds": error(422, "too strange for me"),
        "Salford": answer("no JSON at all"),
        "Plymouth": error(503, "busy", Retry_After="0"),
        "Bradford": answer(reply_of("Bradford"), usage=None),
        "Wakefield": answer({"records": []}),
    }
    with FakeServer(answering(odd)) as server:
        first = ran(server, gold, tmp_path / "run", table, repeats=2)
    assert first.failures == 6
    export(tmp_path / "run", tmp_path / "recordings")
    _no_network(monkeypatch)
    recorded = Recordings(tmp_path / "recordings")
    (one,) = competitors([], [], recorded=recorded)
    again = run(one, terms(gold, table, repeats=2, recorded=recorded), tmp_path / "replayed")
    assert again.signature == first.signature
    assert again.usage == first.usage
    assert again.drafts == first.drafts
    assert summary(again, RUBRIC) == summary(first, RUBRIC)
    errors = [[extraction["error"] for extraction in row] for row in first.extractions]
    assert [[extraction["error"] for extraction in row] for row in again.extractions] == errors
    assert not (tmp_path / "replayed" / "journal.sqlite").exists()


def test_nothing_secret_is_in_a_recording(serve: Serve, gold: Path, tmp_path: Path):
    told = f"Rate limit for org-AbCdEf123456 with key {KEY}: sk-proj-1234567890"
    server = serve(script=answering({"Leeds": error(400, told), "Salford": answer(reply_of("Salford"), refusal=None)}))
    (one,) = _competitors(server)
    one = replace(one, settings=replace(one.settings, endpoint=replace(one.settings.endpoint, api_key=KEY)))
    run(one, terms(gold), tmp_path / "run")
    assert any(received.headers["authorization"] == f"Bearer {KEY}" for received in server.received)
    recording = export(tmp_path / "run", tmp_path / "recordings").read_text(encoding="utf-8")
    for secret in (KEY, "org-AbCdEf123456", "sk-proj-1234567890", "Bearer", "chatcmpl-1", "They met 40 children"):
        assert secret not in recording
    assert "Salford City Council" in recording


def test_what_was_not_recorded_stops_the_run(serve: Serve, gold: Path, tmp_path: Path):
    ran(serve(script=answering()), gold, tmp_path / "run")
    export(tmp_path / "run", tmp_path / "recordings")
    recorded = Recordings(tmp_path / "recordings")
    (one,) = competitors([], [], recorded=recorded, parameters={"temperature": 1})
    with pytest.raises(NotRecorded, match="the parameters or"):
        run(one, terms(gold, recorded=recorded), tmp_path / "replayed")
    assert not (tmp_path / "replayed" / "run.json").exists()
    with pytest.raises(SettingsError, match="hold nothing of openai/other"):
        competitors(["openai/other"], [], recorded=recorded)


def test_what_is_no_recording_is_refused(gold: Path, tmp_path: Path):
    with pytest.raises(RunError, match="holds no recordings"):
        Recordings(tmp_path)
    (tmp_path / "some.jsonl").write_text('{"name": "x"}\n')
    with pytest.raises(RunError, match="cannot be read"):
        Recordings(tmp_path)
    (one,) = competitors(["offline"], [])
    run(one, terms(gold), tmp_path / "run")
    with pytest.raises(RunError, match="asked nothing"):
        export(tmp_path / "run", tmp_path / "recordings")
