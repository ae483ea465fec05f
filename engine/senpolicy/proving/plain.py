"""Plain pupils and plain words: an example that meets a formula, and ranges of values as tests put them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import z3

from senpolicy.deciding.decide import Answer
from senpolicy.language.conditions import FactType, Value, tests
from senpolicy.language.days import years_after
from senpolicy.language.partition import bounds, joined, limits_of
from senpolicy.policy.timeline import Policy, QuestionInForce
from senpolicy.readings.formula import opposite
from senpolicy.readings.say import say_list, say_value
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult, conditions_of, figures_of

#: What a made-up case looks like where nothing speaks against it: issued lately, with amounts (in pence) of this size.
LATELY = date(2020, 1, 1)
USUAL = (100_000, 5_000_000)


def result_of(answer: Answer, question: QuestionInForce) -> SymbolicResult:
    """Return what the answer to a question comes to, with the figures as the rules give them."""
    held = next((one for one in question.outcomes if one.id == answer.held), None)
    figures = figures_of(held) if held else ()
    return SymbolicResult(answer.answer, answer.open_points, answer.missing_facts, figures)


def say_ranges(found: Sequence[tuple[int, int]], kind: FactType, limits: Iterable[Any] = ()) -> str:
    """Return ranges of a fact's values in words, as its tests would put them: "at least 5 and below 16".

    `limits` are those of the tests; a range that starts or ends next to one is put in terms of it.
    """
    lowest, highest = bounds(kind)
    if not kind.ordered:
        every = [kind.value_of(one) for first, last in found for one in range(first, last + 1)]
        return say_value(tuple(every), kind)
    known = {kind.number(limit) for limit in limits}
    more, least, less, most = ("after", "on or after", "before", "on or before") if kind.type == "date" else (
        "more than", "at least", "below", "at most")  # fmt: skip
    said = []
    for first, last in joined(found):
        if first == last:
            said.append(say_value(kind.value_of(first), kind))
            continue
        parts = []
        if first > lowest:
            past = first not in known and first - 1 in known
            parts.append(f"{more if past else least} {say_value(kind.value_of(first - past), kind)}")
        if last < highest:
            short = last not in known and last + 1 in known
            parts.append(f"{less if short else most} {say_value(kind.value_of(last + short), kind)}")
        said.append(" and ".join(parts) or "any")
    return say_list(said, "or")


def lowered(label: str) -> str:
    """Return a label as it stands within a sentence: "The day of issue" becomes "the day of issue"."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def usual_days(policy: Policy) -> tuple[date, date]:
    """Return the days among which a made-up case lies if it can: a year before the policy's first change to one after.

    Of a policy that never changes: from the first to the last day of which its rules speak. They bound no proof: a
    period without a first or last day has every day of the calendar.
    """
    starts = [period.start for period in policy.periods if period.start]
    if starts:
        return years_after(starts[0], -1), years_after(starts[-1], 1)
    asked = (test for period in policy.periods for condition in conditions_of(period) for test in tests(condition))
    spoken = limits_of(test for test in asked if test.fact == "decision_date")
    return (min(spoken), max(spoken)) if spoken else (date.min, date.max)


def plain_case(
    every: SymbolicCase, formulas: Iterable[z3.BoolRef], days: Iterable[date] = ()
) -> dict[str, Value] | None:
    """Return the facts of one case that meets these formulas, None where none can.

    It gives as few facts as it can, one of `days` if it can, or one of the policy's usual days, and amounts of a size
    that people know.
    """
    solver = z3.Solver()
    solver.add(*every.within, *formulas)
    if solver.check() != z3.sat:
        return None
    facts, day = every.given, every.given["decision_date"].value
    wishes = [day == wanted.toordinal() for wanted in days]
    first, last = usual_days(every.policy)
    wishes += [day >= first.toordinal(), day <= last.toordinal()]
    wishes += [opposite(fact.known) for name, fact in reversed(facts.items()) if name != "decision_date"]
    for name, fact in facts.items():
        if fact.kind.type == "date" and name != "decision_date":
            wishes += [fact.value >= LATELY.toordinal(), fact.value <= day]
        elif fact.kind.type == "money":
            wishes += [fact.value <= USUAL[1], fact.value >= USUAL[0], fact.value % 100 == 0]
    for wish in wishes:
        solver.push()
        solver.add(wish)
        if solver.check() != z3.sat:
            solver.pop()
    assert solver.check() == z3.sat, "the wishes that are kept can be met"
    return every.read(solver.model())
