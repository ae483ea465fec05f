"""Why not another answer, what would lead to it, and what is still possible: each held against plain trying."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from copies import TOY
from golden_files import FROZEN, ROOT, decider
from running import senpolicy
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.deciding.text import say_figures
from senpolicy.explaining.explainer import Explainer
from senpolicy.files.problems import WrongUse
from senpolicy.language.conditions import AllOf, AnyOf, Not, Test, Value
from senpolicy.language.partition import cells_of, value_of
from senpolicy.proving import nearest as near
from senpolicy.proving.nearest import Distance, Nearest, given_facts, with_facts
from senpolicy.proving.plain import result_of
from senpolicy.proving.possible import possible
from senpolicy.proving.whynot import in_the_way, target_of, why_not
from senpolicy.readings.judge import judge
from senpolicy.readings.say import say_money
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult
from wording import Wording, steady

BELOW = """\
case_ref: K-0007
decision_date: 2025-10-01
age: 9
year_group: 4
setting: mainstream
plan: ehcp
ehcp_issued_on: 2023-06-12
element3_rate: 5999.99
community_protection: kept
"""
SIXTEEN = """\
case_ref: K-0008
decision_date: 2025-10-01
age: 17
year_group: 12
setting: mainstream
plan: sen_support
additional_cost: 5000
"""
LITTLE = """\
case_ref: K-0009
decision_date: 2025-10-01
age: 10
setting: mainstream
plan: sen_support
"""


@pytest.fixture(scope="module")
def by() -> Decider:
    return decider(FROZEN, None, "all")


@pytest.fixture
def wording(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Wording)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FROZEN)


def decided(by: Decider, text: str) -> Decision:
    (case,) = read_text(text, "case.yaml", by.policy)
    assert isinstance(case, Case)
    decision = by.decide(case)
    assert isinstance(decision, Decision)
    return decision


# Why not


def test_a_row_names_each_test_that_fails_with_its_value_limit_and_margin(by: Decider) -> None:
    """The margin of each test. A penny short is told as two pennies from above the limit, one from it."""
    why = why_not(decided(by, BELOW), "route", ("direct_existing_rate",))
    ((row,),) = (why.rows,)
    ((part,),) = (row.in_the_way,)
    assert part.to_json(by.policy) == {
        "fact": "element3_rate",
        "value": "5999.99",
        "asked": "more_than",
        "limit": "6000.00",
        "held": False,
        "parameter": "lower_support_limit",
        "margin": "0.01",
        "because": "The existing rate is above the limit for lower-level support.",
    }


def test_an_answer_that_holds_is_not_argued_with(by: Decider) -> None:
    """Why not the answer that it is? It is."""
    why = why_not(decided(by, BELOW), "route", ("community_budget",))
    assert why.holds
    assert not why.earlier


def test_what_an_earlier_answer_waits_for_is_told_too(by: Decider) -> None:
    """The route fails on the threshold, and the threshold on the cost: the reader needs the cost."""
    why = why_not(decided(by, SIXTEEN), "route", ("community_budget",))
    told = {one.question: one for one in why.earlier}
    assert set(told) == {"scope", "threshold"}
    (row,) = told["threshold"].rows
    (choice,) = row.in_the_way
    facts = [[part.result.test.fact for part in way if part.result] for way in choice.one_of]
    assert facts == [["additional_cost"], ["element3_rate"], ["existing_claim"]]


def test_an_answer_of_other_days_says_which_days(by: Decider) -> None:
    """No row gives the tariff in October 2025; from September 2026 on rows do."""
    why = why_not(decided(by, BELOW), "route", ("tariff",))
    assert why.rows == ()
    assert [(one.start.isoformat() if one.start else None, one.end) for one in why.other_days] == [("2026-09-01", None)]


@pytest.mark.parametrize("held", [True, False, None])
@pytest.mark.parametrize("other", [True, False, None])
def test_nothing_is_in_the_way_exactly_where_a_condition_holds(held: bool | None, other: bool | None) -> None:
    """All, any and not in every nesting of two: what is in the way agrees with judge."""
    one, two = Test("a", "is", True, limit=True), Test("b", "is", True, limit=True)
    facts: dict[str, Value] = {"a": held, "b": other}
    for group, inner, outer in itertools.product((AllOf, AnyOf), (one, Not(one)), (False, True)):
        condition: Any = group((inner, two))
        condition = Not(condition) if outer else condition
        assert (in_the_way(condition, facts) == ()) is (judge(condition, facts) is True)


def test_of_a_choice_that_is_met_nothing_is_in_the_way() -> None:
    """One way of several is enough; the others are no obstacle."""
    ways = AnyOf((Test("a", "is", True, limit=True), Test("b", "is", True, limit=True)))
    assert in_the_way(AllOf((ways, Test("c", "is", True, limit=True))), {"a": True, "b": False, "c": True}) == ()


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("route=tariff", ("route", "tariff")),
        ("tariff", ("route", "tariff")),
        ("route=A1-rate-of-exactly-6000", ("route", "A1-rate-of-exactly-6000")),
        ("exceeded", ("threshold", "exceeded")),
    ],
)
def test_an_answer_is_named_with_its_question_or_alone(by: Decider, text: str, target: tuple[str, str]) -> None:
    """A name that only one question has needs no question."""
    assert target_of(text, by.policy) == target


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tarif", "Did you mean 'tariff'?"),
        ("zzzzz", "Use one of 'in_scope', 'out_of_scope', "),
        ("rout=tariff", "Did you mean 'route'?"),
        ("route=tarif", "Did you mean 'tariff'?"),
        ("not_applicable", "moderation=not_applicable"),
    ],
)
def test_a_name_that_is_not_known_or_not_plain_is_wrong_use(by: Decider, text: str, said: str) -> None:
    """Where, what, what to do."""
    with pytest.raises(WrongUse, match=said.replace("?", r"\?")):
        target_of(text, by.policy)


# Nearest


def trying(
    by: Decider, decision: Decision, target: tuple[str, str], most: int
) -> Iterator[tuple[Distance, frozenset[str]]]:
    """Yield every change of at most so many facts that leads to a target, found by trying values around each limit."""
    search = Nearest(by, decision)
    every, now = search.every, search.now
    tried: dict[str, list[Value]] = {}
    for name in search.may_change:
        kind = every.kinds[name]
        points = {point for one in cells_of(kind, every.asked.get(name, ()), [decision.case.day] if kind.type == "date" else ())
                  for point in one}  # fmt: skip
        tried[name] = [value_of(every.kinds[name], point) for point in sorted(points)]
    for number in range(1, most + 1):
        for names in itertools.combinations(search.may_change, number):
            for chosen in itertools.product(*(tried[name] for name in names)):
                facts = {**now, **dict(zip(names, chosen, strict=True))}
                if any(facts[name] == now.get(name) for name in names):
                    continue
                found = with_facts(by, decision.case, facts)
                if found and found.answers[target[0]].answer == target[1]:
                    yield search.distance(facts), frozenset(names)


@pytest.mark.parametrize(
    ("text", "target", "most"),
    [
        (BELOW, ("route", "direct_existing_rate"), 1),
        (BELOW, ("route", "srp_average_rate"), 1),
        (BELOW, ("scope", "out_of_scope"), 1),
        (BELOW, ("protection", "none"), 1),
        (BELOW.replace("age: 9", "age: 12"), ("scope", "out_of_scope"), 1),
        (BELOW.replace("2023-06-12", "2025-05-01").replace("5999.99", "7000"), ("route", "community_budget"), 1),
        (LITTLE, ("route", "school_budget"), 1),
        (LITTLE, ("protection", "share_of_existing_claim"), 2),
        (SIXTEEN, ("scope", "in_scope"), 1),
        (SIXTEEN.replace("17", "16"), ("exceptional_need_claim", "available"), 2),
    ],
)
def test_no_change_is_nearer_than_those_found(by: Decider, text: str, target: tuple[str, str], most: int) -> None:
    """Fewest facts first, then the least distance. Every set of facts is tried by hand, none is missed."""
    decision = decided(by, text)
    found = Nearest(by, decision).towards(target)
    by_hand = sorted(trying(by, decision, target, most))
    fewest = by_hand[0][0].facts
    nearest: dict[frozenset[str], Distance] = {}
    for distance, names in by_hand:
        if distance.facts == fewest:
            nearest.setdefault(names, distance)
    assert {frozenset(one.fact for one in way.facts): way.distance for way in found} == nearest
    assert [way.distance for way in found] == sorted(nearest.values())


def test_each_change_is_decided_for_real(by: Decider) -> None:
    """Each is re-executed before it is printed; what it says then is what a case file would say."""
    decision = decided(by, BELOW)
    changes, _ = Nearest(by, decision).anywhere()
    assert changes
    for change in changes:
        facts = {**given_facts(decision.case), **{one.fact: one.then for one in change.facts}}
        again = with_facts(by, decision.case, facts)
        assert again is not None
        assert {name: then.answer for name, (_, then) in change.answers.items()} == {
            name: again.answers[name].answer for name in change.answers
        }


def test_a_change_that_the_evaluators_deny_is_not_shown(by: Decider, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the solver and the engine ever differed, the engine has the last word."""
    monkeypatch.setattr(near, "with_facts", lambda *_: None)
    assert Nearest(by, decided(by, BELOW)).towards(("route", "direct_existing_rate")) == []


def test_a_known_fact_does_not_become_unknown(by: Decider) -> None:
    """To forget a fact is no change of it."""
    changes, _ = Nearest(by, decided(by, SIXTEEN)).anywhere()
    assert all(one.then is not None for change in changes for one in change.facts)


def test_the_day_of_the_decision_is_no_fact_of_the_pupil(by: Decider) -> None:
    """Nothing leads to the tariff in October 2025, whatever the pupil: that is said, and no other day is tried."""
    changes, nowhere = Nearest(by, decided(by, BELOW)).anywhere()
    assert ("route", "tariff") in nowhere
    assert {one.decision.case.day.isoformat() for one in changes} == {"2025-10-01"}


def test_other_days_are_told_when_they_are_asked_for(by: Decider) -> None:
    """Outward from the day, each day from which on something differs, by the boundary next to the day."""
    days = [one.day.isoformat() for one in Nearest(by, decided(by, BELOW)).other_days()]
    assert days == ["2025-08-31", "2025-03-31", "2026-09-01"]


def test_facts_that_the_pupil_cannot_change_are_marked(by: Decider) -> None:
    """A change of age is shown as what it is, a fact of the child."""
    changes = [one.to_json() for one in Nearest(by, decided(by, SIXTEEN)).towards(("scope", "in_scope"))]
    data = next(one for one in changes if one["facts"][0]["fact"] == "age")
    assert data["facts"] == [{"fact": "age", "now": 17, "then": 15, "personal": True}]
    assert data["distance"] == {"facts": 1, "pounds": "0.00", "days": 0, "steps": 2}


def test_of_values_that_come_to_the_same_all_are_named(by: Decider) -> None:
    """Four kinds of setting lead out of scope alike; none is picked at random."""
    (setting,) = [way for way in Nearest(by, decided(by, BELOW)).towards(("scope", "out_of_scope"))
                  if way.facts[0].fact == "setting"]  # fmt: skip
    kind = by.policy.types["setting"]
    named = {kind.values[first] for first, _ in setting.facts[0].alike}
    assert named == {"independent", "non_maintained_special", "early_years", "post16_provider"}


# Still possible


def completions(by: Decider, decision: Decision, names: list[str]) -> Iterator[Decision]:
    """Yield the decision for every way of learning these facts, or not, by trying each value that matters."""
    every = SymbolicCase(by.policy, decision.period)
    tried = [
        [None, *(value_of(every.kinds[name], point) for one in cells_of(every.kinds[name], every.asked[name], [decision.case.day]
                 if every.kinds[name].type == "date" else ()) for point in one)]
        for name in names
    ]  # fmt: skip
    for chosen in itertools.product(*tried):
        facts = {name: value for name, value in zip(names, chosen, strict=True) if value is not None}
        found = with_facts(by, decision.case, {**given_facts(decision.case), **facts})
        if found:
            yield found


def settled(found: Decision) -> Iterator[tuple[str, SymbolicResult]]:
    for name, answer in found.answers.items():
        result = result_of(answer, found.period.questions[name])
        if not answer.step and result.settled:
            yield name, result


MISSING = ["additional_cost", "element3_rate", "existing_claim", "community_protection"]


def test_what_is_still_possible_is_exactly_what_some_facts_lead_to(by: Decider) -> None:
    """The set of answers still possible. Every value that matters of four missing facts is tried by hand."""
    decision = decided(by, LITTLE + "proposed_allocation: 7000\n")
    by_hand = {one for found in completions(by, decision, MISSING) for one in settled(found)}
    told = {(name, one) for name, results in possible(decision).results.items() for one in results}
    assert told == by_hand
    assert len(told) > len({name for name, _ in told})


@pytest.mark.slow
def test_the_fact_that_would_settle_most_leaves_the_fewest_results_on_average(by: Decider) -> None:
    """The rule of the docstring, worked out by hand for each missing fact."""
    decision = decided(by, LITTLE + "proposed_allocation: 7000\n")
    found = possible(decision)
    for one in found.learning:
        if one.fact not in MISSING:
            continue
        kinds: dict[tuple[bool | None, ...], set[tuple[str, SymbolicResult]]] = {}
        asked = SymbolicCase(by.policy, decision.period).asked[one.fact]
        for other in completions(by, decision, MISSING):
            value = given_facts(other.case).get(one.fact, other.case.facts.get(one.fact))
            if other.case.facts.get(one.fact) is not None:
                key = tuple(judge(test, {one.fact: value}) for test in asked)
                kinds.setdefault(key, set()).update(settled(other))
        assert one.left == pytest.approx(sum(map(len, kinds.values())) / len(kinds))
    assert found.learning == tuple(sorted(found.learning, key=lambda one: one.left))
    # A cost of £6,000 or less settles every question; that there is no claim settles the protection alone.
    assert found.learning[0].fact == "additional_cost"


@pytest.mark.parametrize(
    ("given", "learning"),
    [
        ("lost: false", [("card", 4, 6)]),
        ("{card: adult, price: 15}", [("lost", 4, 6)]),
        ("{}", [("lost", 5, 8), ("card", 6, 8)]),
        ("{card: adult, run_up: 8, days_late: null}", [("lost", 4, 6)]),
        ("{card: adult, lost: false}", []),
        ("{lost: true, price: 15}", []),
    ],
)
def test_a_fact_is_worth_knowing_where_two_results_are_left_and_it_would_leave_fewer(
    given: str, learning: list[tuple[str, int, int]]
) -> None:
    """Counted by hand for a book that came back 12 days late: of its four questions, two are settled by the item.

    The handling is fined or billed, or open for a school's card; the charge then is owed, or open as the handling is.
    So a lost item settles both questions, and of one that is not lost the card does. What is lost is billed, whoever
    borrowed it: then the card is not worth asking for. Nor are the days, where a fine of £8 has run up in some.
    """
    by = decider(TOY, None, "all")
    late = {"case_ref": "L-1", "decision_date": "2026-03-01", "item": "book", "days_late": 12, "run_up": "2.40"}
    (case,) = read_text(json.dumps([late | yaml.safe_load(given)]), "loans.yaml", by.policy)
    assert isinstance(case, Case)
    found = possible(by.decide(case))
    assert [(one.fact, one.left, one.now) for one in found.learning] == [
        (fact, Fraction(left), now) for fact, left, now in learning
    ]
    assert set(found.open) == ({"handling", "charge"} if learning else set())


def test_where_nothing_is_missing_nothing_is_still_possible_beside_the_answers(by: Decider) -> None:
    """A settled case has one result for each question, and no fact worth asking for."""
    found = possible(decided(by, BELOW + "proposed_allocation: 4500\n"))
    assert found.open == {}
    assert found.learning == ()


# The command


def test_explain_says_it_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion
) -> None:
    """What a member of a moderation board reads."""
    path = tmp_path / "case.yaml"
    path.write_text(BELOW)
    status, out, _ = senpolicy(
        capsys, "explain", str(path), "--why-not", "direct_existing_rate", "--nearest", "--other-days"
    )
    assert status == 0
    assert steady(out[out.index("  Why not") :]) == wording


def test_explain_says_what_is_missing_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion
) -> None:
    """What is still possible, which fact to ask for first, and what would lead where."""
    path = tmp_path / "case.yaml"
    path.write_text(LITTLE)
    status, out, _ = senpolicy(capsys, "explain", str(path), "--why-not", "school_budget", "--nearest")
    assert status == 0
    assert steady(out[out.index("  Facts are missing") :]) == wording


def test_explain_prints_one_json_list_and_nothing_else(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The contract: `--json` prints one list on standard output."""
    path = tmp_path / "cases.yaml"
    path.write_text(
        "".join("- " + text.replace("\n", "\n  ").rstrip() + "\n" for text in (BELOW, LITTLE, "case_ref: K-1\n"))
    )
    status, out, _ = senpolicy(
        capsys, "explain", str(path), "--why-not", "route=tariff", "--nearest", "--other-days", "--json"
    )
    first, second, refused = json.loads(out)
    assert status == 1
    assert refused["problems"]
    assert first["answers"]["route"]["answer"] == "community_budget"
    assert first["nothing_leads_to"] == [{"question": "route", "answer": "tariff"}]
    assert {"why_not", "nearest", "other_days"} <= first.keys()
    assert second["still_possible"]["best_to_learn"][0]["fact"] == "additional_cost"


def test_explain_refuses_an_answer_that_is_not_known(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Wrong use: exit 2, and what to write instead."""
    path = tmp_path / "case.yaml"
    path.write_text(BELOW)
    status, out, err = senpolicy(capsys, "explain", str(path), "--why-not", "not_applicable")
    assert (status, out) == (2, "")
    assert "moderation=not_applicable" in err


@pytest.mark.slow
def test_every_golden_day_can_be_explained(by: Decider) -> None:
    """No case of the examples makes the search fail, and none of its changes leaves the answers as they were."""
    explainer = Explainer(by, nearest=True)
    for case in read_text((ROOT / "tests/cases/every-route.yaml").read_text(), "every-route.yaml", by.policy):
        assert isinstance(case, Case)
        decision = by.decide(case)
        assert isinstance(decision, Decision)
        told = explainer.explain(decision)
        assert all(change.answers for change in told.changes)
        for name, results in told.possible.results.items():
            answer = decision.answers[name]
            if answer.answer != UNDETERMINED:
                assert answer.answer in {one.answer for one in results}


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "for the 1 day left (by days of 365)"),
        (365, "for the 365 days left (by days of 365)"),
        (366, "for the 366 days left (more than a year, so the amount of a year; by days of 365)"),
    ],
)
def test_days_that_are_more_than_a_year_are_said_to_be(days: int, said: str) -> None:
    part = {"days": days, "amount": 2_000 * days, "assumes": "days of 365"}
    assert say_figures({"part_year": part}) == f"{say_money(2_000 * days)} {said}"
