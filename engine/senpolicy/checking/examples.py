"""Example pupils: the plainest case that meets formulas, decided as any other case is, and written as YAML."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import z3

from senpolicy.deciding.cases import Case, Refused, checked
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import FactType, Value, tests, written
from senpolicy.language.days import years_after
from senpolicy.language.partition import limits_of
from senpolicy.policy.timeline import Policy
from senpolicy.readings.formula import meets, opposite
from senpolicy.readings.symbolic_case import SymbolicCase, conditions_of

#: What a made-up case looks like where nothing speaks against it: issued lately, with amounts (in pence) of this size.
LATELY = date(2020, 1, 1)
USUAL = (100_000, 5_000_000)


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


def plain_wishes(every: SymbolicCase, days: Iterable[date] = (), kept: Collection[str] = ()) -> list[z3.BoolRef]:
    """Return what makes a case plain, what matters most first.

    It has one of `days`, or one of the policy's usual days; it gives few facts but those `kept`; and its amounts are of
    a size that people know.
    """
    facts, day = every.given, every.given["decision_date"].value
    first, last = usual_days(every.policy)
    wishes = [day == wanted.toordinal() for wanted in days]
    wishes += [day >= first.toordinal(), day <= last.toordinal()]
    wishes += [opposite(fact.known) for name, fact in reversed(facts.items()) if name not in ("decision_date", *kept)]
    for name, fact in facts.items():
        if fact.kind.type == "date" and name != "decision_date":
            wishes += [fact.value >= LATELY.toordinal(), fact.value <= day]
        elif fact.kind.type == "money":
            wishes += [fact.value <= USUAL[1], fact.value >= USUAL[0], fact.value % 100 == 0]
    # Of choices that make no difference the first in their order: in each run the same.
    wishes += [
        z3.Implies(fact.known, fact.value <= place)
        for fact in facts.values() if fact.kind.type == "choice" for place in range(len(fact.kind.values) - 1)
    ]  # fmt: skip
    return wishes


def plain_number(kind: FactType, cell: tuple[int, int], day: date) -> int:
    """Return a number of a cell that people know: a usual amount in whole pounds, a late day, `day` to decide for."""
    first, last = cell
    if kind.type == "money":
        usual = min(max(first, USUAL[0]), last)
        return whole if (whole := -(-usual // 100) * 100) <= last else usual
    if kind.type != "date":
        return first
    return min(max(first, (day if kind.name == "decision_date" else LATELY).toordinal()), last)


def plainest(solver: z3.Solver, wishes: Iterable[z3.BoolRef]) -> z3.ModelRef:
    """Return a case that the solver has just found, with as many of these wishes met as can be, in their order.

    The wishes that are met stay in the solver. One that it cannot settle in its time counts as not met.
    """
    model = solver.model()
    for wish in wishes:
        if not meets(model, wish):
            if solver.check(wish) != z3.sat:
                continue
            model = solver.model()
        solver.add(wish)
    return model


def plain_case(
    every: SymbolicCase, formulas: Iterable[z3.BoolRef], days: Iterable[date] = ()
) -> dict[str, Value] | None:
    """Return the facts of the plainest case that meets these formulas (see `plain_wishes`), None where none can."""
    solver = z3.Solver()
    solver.add(*every.within, *formulas)
    return every.read(plainest(solver, plain_wishes(every, days))) if solver.check() == z3.sat else None


def decide_facts(
    decider: Decider, facts: Mapping[str, Value], ref: str = "W-0001", row: int = 1
) -> Decision | NotIssued | Refused:
    """Return what becomes of a case of which these facts are known, the day (`decision_date`) among them.

    It is refused where a fact, or its value, is not there as of the policy's decision.
    """
    day, kinds = facts["decision_date"], decider.policy.types
    assert isinstance(day, date), "every case has its day"
    for name, value in facts.items():
        if name not in kinds or (kinds[name].type == "choice" and value not in (None, *kinds[name].values)):
            said = f"The policy as of {decider.policy.as_of} does not know this of '{name}'."
            problem = Problem(Place(""), "unknown-field", said, "Decide it by a later one.", row=row, field=name)
            return Refused(ref, (problem,), row)
    case = checked(ref, day, dict(facts), decider.policy, Place(""), row)
    return decider.decide(case) if isinstance(case, Case) else case


def pupil_yaml(reference: str, facts: Mapping[str, Value], policy: Policy) -> str:
    """Return a case as YAML that `decide` reads: an item of a list, facts in the order in which they are declared."""
    lines = [f"- case_ref: {reference}"]
    for name, value in facts.items():
        kind = policy.types[name].type
        text = written(kind, value)
        text = str(text).lower() if isinstance(text, bool) else str(text)
        lines.append(f'  {name}: "{text}"' if kind == "choice" and text[:1].isdigit() else f"  {name}: {text}")
    return "\n".join(lines) + "\n"
