"""The reading *say*: a condition, a test or a value in plain English, for the explanation and the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from senpolicy.files.models.documents import Document
from senpolicy.files.models.rules import Settlement
from senpolicy.language.conditions import OPERATORS, AllOf, AnyOf, Condition, FactType, Not, Test, TestResult
from senpolicy.language.days import MONTHS
from senpolicy.policy.timeline import CautionInForce

OPPOSITES = {
    "is": "is not",
    "one_of": "is none of",
    "below": "is at least",
    "at_most": "is more than",
    "at_least": "is below",
    "more_than": "is at most",
    "known": "is not known",
}
#: What people call the years before Year 1.
YEAR_GROUPS = {-1: "nursery", 0: "Reception"}
#: What the operators ask of a date, after "is".
_OF_DATES = {"below": "before", "at_most": "on or before", "at_least": "on or after", "more_than": "after"}


def say_asked(test: Test, kind: FactType, *, negated: bool = False) -> str:
    """Return what an operator asks of a fact, without its limit: "is at least", "is before" for a date."""
    if kind.type == "date" and test.operator in _OF_DATES:
        opposite = {"below": "at_least", "at_least": "below", "at_most": "more_than", "more_than": "at_most"}
        return f"is {_OF_DATES[opposite[test.operator] if negated else test.operator]}"
    return (OPPOSITES if negated else OPERATORS)[test.operator]


def say_money(pence: int, *, full: bool = False, signed: bool = False) -> str:
    """Return integer pence as people write pounds; `full` with pence throughout, `signed` with a plus for a gain.

    >>> say_money(350000), say_money(-7550), say_money(350000, full=True, signed=True)
    ('£3,500', '-£75.50', '+£3,500.00')
    """
    pounds, rest = divmod(abs(pence), 100)
    sign = "-" if pence < 0 else "+" if signed and pence else ""
    return f"{sign}£{pounds:,}" + (f".{rest:02d}" if rest or full else "")


def say_document(document: str, documents: Mapping[str, Document]) -> str:
    """Return what people call a document, its id where that is not said: "equality assessment"."""
    known = documents.get(document)
    return known.short if known and known.short else document


def say_caution(caution: CautionInForce) -> str:
    """Return a caution with its paragraph: "... must be secured whatever the route. (report 6.5)"."""
    return f"{caution.says} ({caution.source.document} {caution.source.paragraph})"


def say_date(day: date) -> str:
    """Return a date as people write it: "1 April 2025"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def say_list(parts: Sequence[str], last: str = "and") -> str:
    """Return one or more parts as a list in a sentence: "a", "a and b", "a, b or c"."""
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def say_value(value: Any, kind: FactType) -> str:
    """Return a value of a fact in words: money in pounds, a date in full, a choice by its label."""
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        return say_list([say_value(one, kind) for one in value], "or")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return say_date(value)
    if kind.type == "money":
        return say_money(value)
    if kind.unit == "year_group":
        return YEAR_GROUPS.get(value, f"Year {value}")
    if kind.type == "choice" and value in kind.values:
        return kind.value_labels[kind.values.index(value)]
    return str(value)


def say_figure(value: Any) -> str:
    """Return a figure that goes with an answer in words: a share as per cent, pence as pounds, a date in full."""
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}%"
    if isinstance(value, date):
        return say_date(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {one if name == 'days' else say_figure(one)}" for name, one in value.items())
    return say_money(value) if isinstance(value, int) else str(value)


def say_test(test: Test, types: Mapping[str, FactType], *, negated: bool = False) -> str:
    """Return what a test asks: "age in completed years is at least 5"."""
    kind = types[test.fact]
    asked = say_asked(test, kind, negated=negated)
    subject = lowered(kind.label or test.fact)
    if test.operator == "known":
        known = test.limit is not negated
        return f"{subject} is {'known' if known else 'not known'}"
    if kind.type == "boolean":
        return f"{subject}: {say_value(test.limit is not negated, kind)}"
    return f"{subject} {asked} {say_value(test.limit, kind)}"


def say_result(result: TestResult, types: Mapping[str, FactType]) -> str:
    """Return how a test came out: "age in completed years: 9 (at least 5, by 4)", or "(asked: below 4; off by 5)"."""
    test, kind = result.test, types[result.test.fact]
    subject = f"{lowered(kind.label or test.fact)}: {say_value(result.value, kind)}"
    if test.operator == "known" or kind.type in ("boolean", "choice"):
        return subject
    asked = say_asked(test, kind, negated=result.negated).removeprefix("is ")
    asked = f"{asked} {say_value(test.limit, kind)}"
    margin = say_margin(result.margin, kind) if result.margin else ""
    if result.held is None:
        return f"{subject} (asked: {asked})"
    if result.held is result.negated:
        return f"{subject} (asked: {asked}{f'; off by {margin}' if margin else ''})"
    return f"{subject} ({asked}{f', by {margin}' if margin else ''})"


def say_settled(number: str, settles: Settlement) -> str:
    """Return by which decision an open point is settled, and from when: "settled by 26/00041, from 1 April 2027"."""
    part = "" if settles.leaves is None else " in part"
    return f"settled{part} by {number}, from {say_date(settles.start)}"


def say_margin(margin: int, kind: FactType) -> str:
    """Return how far a value was from its limit, in pounds, days or whole numbers."""
    if kind.type == "money":
        return say_money(margin)
    if kind.type == "date":
        return f"{margin} day" + ("s" if margin != 1 else "")
    return str(margin)


def say(condition: Condition, types: Mapping[str, FactType], *, negated: bool = False) -> str:
    """Return a condition as one phrase that can follow "when"."""
    if isinstance(condition, Test):
        return say_test(condition, types, negated=negated)
    if isinstance(condition, Not):
        return say(condition.part, types, negated=not negated)
    parts = [say(part, types, negated=negated) for part in condition.parts]
    together = isinstance(condition, AllOf) is not negated
    if not parts:
        return "in every case" if together else "never"
    if len(parts) == 1:
        return parts[0]
    inner = [
        f"({part})" if isinstance(one, (AllOf, AnyOf)) and len(one.parts) > 1 else part
        for one, part in zip(condition.parts, parts, strict=True)
    ]
    return (" and " if together else " or ").join(inner)


def lowered(label: str) -> str:
    """Return a label as it is written within a sentence: "the day of issue", "a rate", but "SEN Support", "A1"."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label.startswith("A ") else label
