"""Conditions, values and results in words, as reasons, pages and reviews say them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from senpolicy.language.conditions import FactKind, FactType, Test, TestResult
from senpolicy.readings.say import say_asked, say_figure, say_list, say_margin, say_result, say_test, say_value

TYPES = {
    "age": FactType("age", "integer", "Age in completed years", "years"),
    "year": FactType("year", "integer", "Year group", "year_group"),
    "rate": FactType("rate", "money", "The rate", "pounds_a_year"),
    "issued": FactType("issued", "date", "Day of issue"),
    "plan": FactType("plan", "choice", "Plan", "", ("ehcp", "none"), ("an EHC plan", "no plan")),
    "claim": FactType("claim", "boolean", "Existing claim"),
}
APRIL = date(2025, 4, 1)


@pytest.mark.parametrize(
    ("fact", "operator", "limit", "said", "opposite"),
    [
        ("age", "is", 5, "is 5", "is not 5"),
        ("age", "one_of", (5, 6), "is one of 5 or 6", "is none of 5 or 6"),
        ("age", "below", 5, "is below 5", "is at least 5"),
        ("age", "at_most", 5, "is at most 5", "is more than 5"),
        ("age", "at_least", 5, "is at least 5", "is below 5"),
        ("rate", "more_than", 600_000, "is more than £6,000", "is at most £6,000"),
        ("issued", "below", APRIL, "is before 1 April 2025", "is on or after 1 April 2025"),
        ("issued", "at_most", APRIL, "is on or before 1 April 2025", "is after 1 April 2025"),
        ("issued", "at_least", APRIL, "is on or after 1 April 2025", "is before 1 April 2025"),
        ("issued", "more_than", APRIL, "is after 1 April 2025", "is on or before 1 April 2025"),
        ("plan", "is", "ehcp", "is an EHC plan", "is not an EHC plan"),
        ("age", "known", True, "is known", "is not known"),
        ("age", "known", False, "is not known", "is known"),
    ],
)
def test_a_test_and_its_opposite(fact: str, operator: str, limit: Any, said: str, opposite: str) -> None:
    test, label = Test(fact, operator, limit, limit=limit), TYPES[fact].label
    subject = f"{label[0].lower()}{label[1:]}"
    assert say_test(test, TYPES) == f"{subject} {said}"
    assert say_test(test, TYPES, negated=True) == f"{subject} {opposite}"
    asked = [say_asked(test, TYPES[fact], negated=negated) for negated in (limit is False, limit is not False)]
    assert (said.startswith(asked[0]), opposite.startswith(asked[1])) == (True, True)


def test_what_is_true_or_false_is_yes_or_no() -> None:
    test = Test("claim", "is", True, limit=True)
    assert [say_test(test, TYPES, negated=negated) for negated in (False, True)] == [
        "existing claim: yes",
        "existing claim: no",
    ]


@pytest.mark.parametrize(
    ("operator", "value", "held", "margin", "negated", "said"),
    [
        ("at_least", 9, True, 4, False, "age in completed years: 9 (at least 5, by 4)"),
        ("at_least", 5, True, 0, False, "age in completed years: 5 (at least 5)"),
        ("below", 9, False, 4, False, "age in completed years: 9 (asked: below 5; off by 4)"),
        ("below", 5, False, 0, False, "age in completed years: 5 (asked: below 5)"),
        ("below", 9, False, 4, True, "age in completed years: 9 (at least 5, by 4)"),
        ("below", 4, True, 1, True, "age in completed years: 4 (asked: at least 5; off by 1)"),
        ("below", None, None, None, False, "age in completed years: not known (asked: below 5)"),
        ("known", 9, True, None, False, "age in completed years: 9"),
    ],
)
def test_how_a_test_came_out(
    operator: str, value: int | None, held: bool | None, margin: int | None, negated: bool, said: str
) -> None:
    result = TestResult(Test("age", operator, 5, limit=5), value, held, margin, negated)
    assert say_result(result, TYPES) == said


@pytest.mark.parametrize(
    ("kind", "margin", "said"),
    [
        ("money", 1, "£0.01"),
        ("money", 150_000, "£1,500"),
        ("date", 1, "1 day"),
        ("date", 2, "2 days"),
        ("integer", 3, "3"),
    ],
)
def test_how_far_a_value_is_from_its_limit(kind: FactKind, margin: int, said: str) -> None:
    assert say_margin(margin, FactType("x", kind)) == said


def test_values_and_figures() -> None:
    years = [say_value(one, TYPES["year"]) for one in (-1, 0, 1, 14)]
    assert years == ["nursery", "Reception", "Year 1", "Year 14"]
    assert [say_value(one, TYPES["claim"]) for one in (True, False)] == ["yes", "no"]
    assert [say_value(one, TYPES["plan"]) for one in ("none", "another")] == ["no plan", "another"]
    figures = [
        Decimal("0.75"),
        Decimal("0.025"),
        APRIL,
        True,
        False,
        123_456,
        {"days": 153, "amount": 250_000},
        "words",
    ]
    assert [say_figure(one) for one in figures] == [
        "75%", "2.5%", "1 April 2025", "yes", "no", "£1,234.56", "days 153, amount £2,500", "words"]  # fmt: skip
    assert [say_list(some) for some in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
