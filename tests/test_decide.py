"""Where the deciding core could guess: figures that are not set, limits at the ends of the calendar, three values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from golden_files import FROZEN, decider, loaded
from senpolicy.checking.exhaustive import faults, values_to_try
from senpolicy.deciding.cases import with_consequences
from senpolicy.deciding.decide import RuleFault, cautions_of, decide_question, figures_of
from senpolicy.language.conditions import AllOf, AnyOf, Condition, FactType, Not, Test, pence, pounds
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import (
    CaseRuleInForce,
    CautionInForce,
    Outcome,
    Period,
    PortionInForce,
    QuestionInForce,
    policy,
)
from senpolicy.readings.fire import Fire
from senpolicy.readings.judge import judge, margin, trace

FACTS = {"element3_rate": 500_001, "decision_date": date(2026, 8, 30)}


def changed(name: str, **update: Any) -> Corpus:
    """Return the corpus with one parameter, which one decision alone sets, changed."""
    corpus = loaded(FROZEN)
    ((number, parameter),) = corpus.parameters[name]
    return replace(corpus, parameters={**corpus.parameters, name: [(number, parameter.model_copy(update=update))]})


@pytest.mark.parametrize(
    ("share", "rounded", "pence"),
    [
        (None, "down", 500_001),
        (Decimal("0"), "down", 0),
        (Decimal("0"), "up", 0),
        (Decimal("0.5"), "down", 250_000),
        (Decimal("0.5"), "up", 250_001),
        (Decimal("1"), "up", 500_001),
    ],
)
def test_a_share_of_an_amount_is_exact_to_the_penny_and_a_share_of_nothing_is_nothing(
    share: Decimal | None, rounded: str, pence: int
) -> None:
    """The low end of a range is rounded down and the high end up; no share at all is the whole."""
    assert figures_of({"paid": PortionInForce("element3_rate", share, rounded)}, FACTS) == {"paid": pence}


@pytest.mark.parametrize(("until", "days"), [(date(2026, 8, 31), 2), (date(2026, 8, 30), 1)])
def test_a_part_of_a_year_counts_both_its_ends(until: date, days: int) -> None:
    """The last day that is paid for is the day named, inclusive (B10)."""
    part = figures_of({"paid": PortionInForce("element3_rate", until=until)}, FACTS)["paid"]
    assert (part["days"], part["amount"]) == (days, 500_001 * days // 365)


def test_a_part_of_a_year_that_is_over_is_no_figure() -> None:
    """Nothing is left to pay on the day after the last one."""
    assert figures_of({"paid": PortionInForce("element3_rate", until=date(2026, 8, 29)), "until": 1}, FACTS) == {}


def test_a_share_that_is_not_set_yet_gives_no_figure_rather_than_the_whole_and_the_check_says_so() -> None:
    """Without its share a protected part would be told as the whole claim."""
    late = policy(changed("protected_share_high", start=date(2027, 1, 1)))
    (row,) = [
        one for one in late.on(date(2025, 9, 1)).questions["amount"].outcomes if one.id == "amount/C6-share-protected"
    ]
    assert row.gives["protected_high"] is None
    assert "protected_high" not in figures_of(row.gives, FACTS)
    assert "protected_low" in figures_of(row.gives, FACTS)
    found = faults(late)
    assert {one.code for one in found} == {"not-yet-set"}
    assert any(one.place.file == "rules/amount.yaml" and "'protected_high'" in one.message for one in found)


@pytest.mark.parametrize(
    ("name", "file"), [("lower_support_limit", "rules/route.yaml"), ("first_cost_met_by_school", "rules/facts.yaml")]
)
def test_a_limit_that_counts_only_later_is_found_before_any_case_is_tried(name: str, file: str) -> None:
    """A comparison with nothing would be an error in the middle of a case."""
    corpus = loaded(FROZEN)
    setters = [(number, one.model_copy(update={"start": date(2027, 1, 1)})) for number, one in corpus.parameters[name]]
    found = faults(policy(replace(corpus, parameters={**corpus.parameters, name: setters})))
    assert {one.code for one in found} == {"not-yet-set"}
    assert any(one.place.file == file and one.place.line > 1 for one in found)


def test_a_value_that_counts_since_ever_starts_no_period_of_its_own() -> None:
    """The first day of the calendar has none before it."""
    assert policy(changed("lower_support_limit", start=date.min)).periods == policy(loaded(FROZEN)).periods


@pytest.mark.parametrize("limit", [date.min, date.max])
def test_at_the_ends_of_the_calendar_only_days_that_there_are_are_tried(limit: date) -> None:
    """One below the first day and one above the last are no days."""
    asked = Test("issued", "at_most", "$last", limit=limit, parameter="last")
    question = QuestionInForce("route", False, ("issued",), "1", (_outcome("a", asked),), ())
    tried = values_to_try(Period(None, None, {"route": question}), {"issued": FactType("issued", "date")})["issued"]
    assert len(tried) == 3
    assert limit in tried
    assert tried[-1] is None


def test_a_limit_beyond_all_that_a_fact_can_be_leaves_the_fact_tried_all_the_same() -> None:
    """Two rows that both ask for an age below 30 overlap for every pupil whose age is known."""
    asked = Test("age", "below", 30, limit=30)
    question = QuestionInForce("route", False, ("age",), "1", (_outcome("a", asked), _outcome("b", asked)), ())
    types = {"age": FactType("age", "integer", lowest=0, highest=25)}
    assert values_to_try(Period(None, None, {"route": question}), types)["age"] == (0, None)


def _outcome(name: str, condition: Test) -> Outcome:
    source: Any = None
    return Outcome(f"route/{name}", "route", condition, "1", source, name)


@pytest.mark.parametrize(
    ("ask", "facts", "code"),
    [
        (("age",), {"age": 1}, "overlap"),
        (("age",), {"age": 3}, "gap"),
        ((), {}, "not-asked"),
    ],
)
def test_rules_that_fail_give_no_answer_and_say_how(ask: tuple[str, ...], facts: dict[str, Any], code: str) -> None:
    """Two answers, none, or nothing to ask for: each is a fault of the rules, never an answer."""
    rows = (_outcome("a", Test("age", "below", "$x", limit=2)), _outcome("b", Test("age", "below", "$y", limit=3)))
    with pytest.raises(RuleFault) as raised:
        decide_question(QuestionInForce("route", False, ask, "1", rows, ()), facts, {})
    assert raised.value.code == code
    assert raised.value.outcomes == (["route/a", "route/b"] if code == "overlap" else [])


def test_every_period_of_the_policy_ends_the_day_before_the_next_one_starts() -> None:
    """Every day lies in one period; the first has no start, the last no end."""
    found = decider(FROZEN, None, "all").policy
    periods = found.periods
    assert periods[0].start is None
    assert periods[-1].end is None
    for one, following in pairwise(periods):
        assert one.end is not None
        assert following.start is not None
        assert (following.start - one.end).days == 1
        assert found.on(one.end) is one
        assert found.on(following.start) is following


def test_what_follows_never_takes_the_place_of_what_the_case_gives() -> None:
    """A fact that is given counts, even where another would follow."""
    rule = CaseRuleInForce("follows-b", "b", "It follows.", condition=Test("a", "is", True, limit=True), value=0)
    period = Period(None, None, {}, follows=(rule,))
    assert with_consequences({"a": True, "b": 5}, period) == ({"a": True, "b": 5}, {})
    assert with_consequences({"a": True}, period) == ({"a": True, "b": 0}, {"b": "It follows."})
    assert with_consequences({}, period) == ({}, {})


def test_pounds_and_pence_are_exact_in_both_directions() -> None:
    """A difference may be below nothing; a part of a penny is refused, not rounded."""
    assert [pounds(one) for one in (-1, 0, 9, 100, -600_001)] == ["-0.01", "0.00", "0.09", "1.00", "-6000.01"]
    assert pence(Decimal("-6000.01")) == -600_001
    with pytest.raises(ValueError, match="penny"):
        pence(Decimal("0.001"))


TEST = Test("a", "at_most", "$x", limit=5)


@pytest.mark.parametrize(
    ("condition", "facts", "held", "supporting"),
    [
        (TEST, {}, None, 1),
        (TEST, {"a": 5}, True, 1),
        (TEST, {"a": 6}, False, 1),
        (Not(TEST), {}, None, 1),
        (Not(TEST), {"a": 6}, True, 1),
        (AllOf((TEST, Test("b", "is", "x", limit="x"))), {"b": "y"}, False, 1),
        (AllOf((TEST, Test("b", "is", "x", limit="x"))), {"b": "x"}, None, 1),
        (AllOf((Test("b", "is", "x", limit="x"), TEST)), {"a": 5}, None, 1),
        (AnyOf((TEST, Test("b", "is", "x", limit="x"))), {"b": "x"}, True, 1),
        (AnyOf((TEST, Test("b", "is", "x", limit="x"))), {"b": "y"}, None, 1),
        (AnyOf((TEST, Test("b", "is", "x", limit="x"))), {"a": 6, "b": "y"}, False, 2),
        (Test("a", "known", False, limit=False), {}, True, 1),
        (Test("a", "known", False, limit=False), {"a": 0}, False, 1),
        (Test("a", "known", True, limit=True), {"a": 0}, True, 1),
        (AllOf(()), {}, True, 0),
        (AnyOf(()), {}, False, 0),
    ],
)
def test_three_values_come_out_as_kleene_has_them_with_the_tests_that_make_it_so(
    condition: Condition, facts: dict[str, Any], held: bool | None, supporting: int
) -> None:
    """`all` is false as soon as one part is, `any` true as soon as one is; the engine fires just where judge says true."""
    traced = trace(condition, facts)
    assert judge(condition, facts) is held
    assert traced.held is held
    assert len(traced.supporting) == supporting
    fire = Fire([("route/a", "route", None, condition)], TYPES)
    assert fire.holding(facts) == ({"route/a"} if held else set())


TYPES = {
    "a": FactType("a", "integer"),
    "b": FactType("b", "choice", values=("x", "y")),
    "yes": FactType("yes", "boolean"),
}


@pytest.mark.parametrize("operator", ["is", "below", "at_most", "at_least", "more_than", "one_of"])
@pytest.mark.parametrize("value", [-6, 4, 5, 6, 2**53 - 2, None])
def test_both_evaluators_agree_at_each_edge_of_each_operator_and_under_not(operator: str, value: int | None) -> None:
    """One below, at and one above the limit, the largest number, and not known; and the same under `not`."""
    limit: Any = (5, 7) if operator == "one_of" else 5
    for condition in (Test("a", operator, "$x", limit=limit), Not(Test("a", operator, "$x", limit=limit))):
        holding = Fire([("route/a", "route", None, condition)], TYPES).holding({"a": value})
        assert holding == ({"route/a"} if judge(condition, {"a": value}) is True else set())


@pytest.mark.parametrize("value", [True, False, None])
def test_yes_and_no_are_told_apart_from_not_known_under_not_too(value: bool | None) -> None:
    """The negation of true is false, and never what is not known."""
    condition = Not(Test("yes", "is", True, limit=True))
    holding = Fire([("route/a", "route", None, condition)], TYPES).holding({"yes": value})
    assert holding == ({"route/a"} if value is False else set())


def test_a_margin_is_never_below_nothing() -> None:
    """How far a value stands from its limit, in pence or days, on either side."""
    day = Test("d", "below", "$d", limit=date(2026, 9, 1))
    assert [margin(TEST, one) for one in (3, 5, 8)] == [2, 0, 3]
    assert [margin(day, date(2026, month, 1)) for month in (8, 10)] == [31, 30]
    assert margin(Test("yes", "is", True, limit=True), True) is None


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("value", [0, None])
def test_whether_a_fact_is_known_can_stand_under_not(wanted: bool, value: int | None) -> None:
    """Known or not is never itself not known."""
    condition = Not(Test("a", "known", wanted, limit=wanted))
    assert judge(condition, {"a": value}) is ((value is not None) is not wanted)
    holding = Fire([("route/a", "route", None, condition)], TYPES).holding({"a": value})
    assert holding == ({"route/a"} if judge(condition, {"a": value}) else set())


def test_the_negation_of_no_is_yes() -> None:
    """Both values of a yes or no can be asked for under `not`."""
    fire = Fire([("route/a", "route", None, Not(Test("yes", "is", False, limit=False)))], TYPES)
    assert [fire.holding({"yes": value}) for value in (True, False, None)] == [{"route/a"}, set(), set()]


def test_a_test_under_not_says_that_it_is_negated() -> None:
    """The explanation turns what was asked round."""
    assert [one.negated for one in trace(Not(TEST), {"a": 6}).tests] == [True]
    assert [one.negated for one in trace(Not(Not(TEST)), {"a": 6}).tests] == [False]


def test_a_caution_on_a_fact_that_is_not_known_is_not_given() -> None:
    """A caution says what is so of the case."""
    source: Any = None
    caution = CautionInForce("c", TEST, "Mind.", "1", source)
    question = QuestionInForce("route", False, (), "1", (), (caution,))
    assert cautions_of(question, {"a": 5}) == (caution,)
    assert cautions_of(question, {}) == ()


def test_one_amount_that_is_not_known_does_not_take_another_with_it() -> None:
    """What is known of the figures is told."""
    gives = {"one": PortionInForce("element3_rate"), "other": PortionInForce("additional_cost"), "approximate": True}
    assert figures_of(gives, FACTS) == {"one": 500_001, "approximate": True}


def test_a_period_starts_only_where_rules_or_values_of_theirs_change() -> None:
    """A value of 2021, 2024 or April 2026 that decides no case starts none; as of no change there is one period."""
    starts = [one.start for one in policy(loaded(FROZEN)).periods]
    assert starts == [None, date(2025, 4, 1), date(2025, 9, 1), date(2026, 9, 1)]
    assert [one.start for one in policy(loaded(FROZEN), as_of="before-24/00120").periods] == [None]
    idle = policy(changed("special_school_core_funding", start=date(2026, 2, 3)))
    assert idle.periods == policy(loaded(FROZEN)).periods
    days = date(2026, 2, 2), date(2026, 2, 3)
    assert [bool(idle.parameter("special_school_core_funding", day)) for day in days] == [False, True]


def test_a_value_that_counts_from_a_day_starts_a_period_on_it() -> None:
    """The limits of a period are the same on each of its days."""
    starts = {one.start for one in policy(changed("lower_support_limit", start=date(2026, 2, 3))).periods}
    assert date(2026, 2, 3) in starts
