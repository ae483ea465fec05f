"""The nearest changes: which other facts would lead to another answer, fewest facts first, then the least distance.

They say what would lead there, not what to do: a pupil's age is what it is. By solver over every case that can be, so
nothing nearer is missed; each change is decided for real before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import z3

from senpolicy.checking.examples import decide_facts
from senpolicy.deciding.cases import Case
from senpolicy.deciding.decide import Answer, Decider, Decision
from senpolicy.deciding.text import Line, caution_lines, say_answer, title
from senpolicy.files.digests import PlainData
from senpolicy.language.conditions import Value, pounds, written
from senpolicy.language.partition import FactCell, bounds, cells_of, limits_of, value_of
from senpolicy.policy.timeline import Policy
from senpolicy.proving.plain import result_of, say_ranges
from senpolicy.readings.formula import either
from senpolicy.readings.say import lowered, say_date, say_margin, say_value
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult

#: A question and one of its answers, or one of its open points.
Target = tuple[str, str]
_STEPS = ("integer", "choice", "boolean")
#: So many sets of facts are shown for one answer; more of them say no more.
MOST_WAYS = 12


@dataclass(frozen=True, order=True)
class Distance:
    """How far a case is from another: how many facts differ, then pounds (in pence), days and steps.

    A step is one whole number, one level of an edition, or another value of a choice. Becoming known costs no distance.
    """

    facts: int
    pence: int = 0
    days: int = 0
    steps: int = 0


@dataclass(frozen=True)
class FactChange:
    """One fact that would be different: its value now (None: not known) and then.

    `alike` are the ranges of values that give the same (see `language.partition`); of an ordered fact that is known
    only the value itself, which is the nearest.
    """

    fact: str
    now: Value
    then: Value
    alike: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class NearestChange:
    """A smallest change of facts, the decision that it leads to, and the answers that it changes (now, then)."""

    facts: tuple[FactChange, ...]
    distance: Distance
    decision: Decision
    answers: Mapping[str, tuple[Answer, Answer]]

    def to_json(self) -> dict[str, PlainData]:
        """Return the change as plain data, money as text."""
        policy = self.decision.policy
        declared, types = policy.corpus.facts.facts, policy.types
        far = self.distance
        return {
            "facts": [
                {"fact": one.fact, "now": written(types[one.fact].type, one.now),
                 "then": written(types[one.fact].type, one.then), "personal": declared[one.fact].personal}
                for one in self.facts
            ],
            "distance": {"facts": far.facts, "pounds": pounds(far.pence), "days": far.days, "steps": far.steps},
            "answers": {
                name: {"now": _json(now, policy), "then": _json(then, policy)}
                for name, (now, then) in self.answers.items()
            },
        }  # fmt: skip


def _json(answer: Answer, policy: Policy) -> dict[str, PlainData]:
    data = answer.to_json(policy)
    return {name: value for name, value in data.items() if name not in ("because", "did_not_hold")}


@dataclass(frozen=True)
class OtherDay:
    """The nearest day of another stretch of time, and the answers that differ there for the same facts (now, then)."""

    day: date
    decision: Decision
    answers: Mapping[str, tuple[Answer, Answer]]

    def to_json(self) -> dict[str, PlainData]:
        """Return the day and its answers as plain data."""
        policy = self.decision.policy
        answers = {name: {"now": _json(now, policy), "then": _json(then, policy)}
                   for name, (now, then) in self.answers.items()}  # fmt: skip
        return {"decision_date": self.day.isoformat(), "answers": answers}


def given_facts(case: Case) -> dict[str, Value]:
    """Return the facts that a case gives itself, without the day and what follows from them."""
    return {name: value for name, value in case.facts.items()
            if name not in case.followed and name != "decision_date" and value is not None}  # fmt: skip


def differing(one: Decision, other: Decision) -> dict[str, tuple[Answer, Answer]]:
    """Return the answers, without the steps, in which two decisions differ, as (of the one, of the other).

    A part of a year that only differs by the day of the decision is not a difference.
    """
    found = {}
    for name in dict.fromkeys([*one.answers, *other.answers]):
        now, then = one.answers.get(name), other.answers.get(name)
        if now and then and not now.step and _comes_to(now) != _comes_to(then):
            found[name] = (now, then)
    return found


def warned(decision: Decision) -> dict[str, tuple[str, ...]]:
    """Return for each question, without the steps, the ids of the cautions that go with its answer."""
    return {name: tuple(one.id for one in answer.cautions)
            for name, answer in decision.answers.items() if not answer.step}  # fmt: skip


def _comes_to(answer: Answer) -> tuple[Any, ...]:
    figures = {name: value for name, value in answer.gives.items() if not isinstance(value, dict)}
    return answer.answer, answer.missing_facts, answer.open_points, figures


def with_facts(decider: Decider, case: Case, facts: Mapping[str, Value], day: date | None = None) -> Decision | None:
    """Return the decision of a case with other facts (or on another day), None where they contradict each other."""
    decision = decide_facts(decider, {**facts, "decision_date": day or case.day}, case.ref, case.row)
    return decision if isinstance(decision, Decision) else None


class OutOfTime(Exception):
    """Raised where the time that was given for a search is over, or the solver gives up; nothing has been shown."""


class Nearest:
    """Looks for the nearest changes of one decided case. For one thread, as its decider is.

    `left` says how many seconds are left; None: as long as it takes.
    """

    def __init__(self, decider: Decider, decision: Decision, left: Callable[[], float] | None = None) -> None:
        self.decider, self.decision, self.case, self.left = decider, decision, decision.case, left
        self.every = SymbolicCase(decider.policy, decision.period)
        self.now = given_facts(self.case)
        self.may_change = [name for name in self.every.given if name != "decision_date" and self._matters(name)]
        self.ranges = {name: self._ranges(name) for name in self.may_change}
        self.changed: dict[str, z3.BoolRef] = {}
        self.solver = z3.Solver()
        self.solver.add(*self.every.possible, *self._from_here())
        self.pence, self.days, self.steps = (self._sum(one) for one in (("money",), ("date",), _STEPS))
        self._decided: dict[tuple[tuple[str, Value], ...], Decision | None] = {}

    def _check(self, *assumed: z3.BoolRef) -> z3.CheckSatResult:
        """Return what the solver finds; raises `OutOfTime` where it finds nothing."""
        if self.left is not None:
            left = self.left()
            if left <= 0:
                raise OutOfTime
            self.solver.set("timeout", max(1, int(left * 1000)))
        found = self.solver.check(*assumed)
        if found == z3.unknown:
            raise OutOfTime
        return found

    def _matters(self, name: str) -> bool:
        declared = self.decider.policy.corpus.facts.facts[name]
        return name in self.every.asked or name in self.now or declared.area is not None

    def _ranges(self, name: str) -> list[FactCell]:
        # A rule about facts may compare a date with the day for which the case is decided.
        also = [self.case.day] if self.every.kinds[name].type == "date" else []
        return cells_of(self.every.kinds[name], self.every.asked.get(name, ()), also)

    def _from_here(self) -> Iterator[z3.BoolRef]:
        """Yield that a known fact stays known, and that each value is the one of its range that lies nearest."""
        for name, fact in self.every.given.items():
            value = self.case.day if name == "decision_date" else self.now.get(name)
            self.changed[name] = fact.known if value is None else fact.value != fact.kind.number(value)
            if name not in self.may_change:
                yield z3.Not(self.changed[name])
                continue
            if value is not None:
                yield fact.known
                at = fact.kind.number(value)
                points = {min(max(at, first), last) for first, last in self.ranges[name]}
            else:
                points = {self._plain(name, *one) for one in self.ranges[name]}
            yield either(fact.value == point for point in sorted(points))

    def _plain(self, name: str, first: int, last: int) -> int:
        """Return the value that represents a range where a fact is not known: the last, unless the range has no end."""
        return first if last == bounds(self.every.kinds[name])[1] else last

    def _sum(self, kinds: tuple[str, ...]) -> z3.ArithRef:
        names = [name for name in self.now if self.every.kinds[name].type in kinds]
        return z3.Sum([self._apart(name) for name in names]) if names else z3.IntVal(0)

    def _apart(self, name: str) -> z3.ArithRef:
        fact, at = self.every.given[name], self.every.kinds[name].number(self.now[name])
        if self._in_order(name):
            return z3.If(fact.value >= at, fact.value - at, at - fact.value)
        return z3.If(fact.value == at, 0, 1)

    def _in_order(self, name: str) -> bool:
        return self.every.kinds[name].ordered or bool(self.decider.policy.corpus.facts.facts[name].values_from)

    def distance(self, facts: Mapping[str, Value]) -> Distance:
        """Return how far this case is from one that gives `facts`."""
        apart = {"money": 0, "date": 0, "step": 0}
        for name, now in self.now.items():
            kind, then = self.every.kinds[name], facts.get(name)
            far = abs(kind.number(then) - kind.number(now))
            far = far if self._in_order(name) else min(far, 1)
            apart[kind.type if kind.type in apart else "step"] += far
        return Distance(sum(facts.get(name) != self.now.get(name) for name in self.may_change), *apart.values())

    def towards(self, target: Target) -> list[NearestChange]:
        """Return the smallest changes that lead to an answer or open point: one for each smallest set of facts.

        All have the same number of facts, nearest first; at most `MOST_WAYS`. Empty where nothing leads there on this
        day, or where it is the result of the question already.
        """
        results = self.every.results(target[0])
        wanted = either(holds for result, holds in results.items() if _is(result, target[1]))
        found: list[NearestChange] = []
        flags = [(self.changed[name], 1) for name in self.may_change]
        self.solver.push()
        self.solver.add(wanted)
        if not self._is_now(target) and self._check() == z3.sat:
            most = 1
            while self._check(z3.PbLe(flags, most)) != z3.sat:
                most += 1
            self.solver.add(z3.PbLe(flags, most))
            while len(found) < MOST_WAYS and self._check() == z3.sat:
                facts = self._nearest(self._facts())
                sets = [name for name in self.may_change if self.now.get(name) != facts.get(name)]
                self.solver.add(z3.Not(z3.And([self.changed[name] for name in sets])))
                change = self._change(facts, sets, target)
                if change:
                    found.append(change)
        self.solver.pop()
        return sorted(found, key=lambda one: (one.distance, [self.may_change.index(fact.fact) for fact in one.facts]))

    def _is_now(self, target: Target) -> bool:
        return _is(_results(self.decision)[target[0]], target[1])

    def _facts(self) -> dict[str, Value]:
        facts = self.every.read(self.solver.model())
        facts.pop("decision_date", None)
        return facts

    def _nearest(self, facts: dict[str, Value]) -> dict[str, Value]:
        """Return, of the cases that the solver holds and that differ in the same facts as this one, the nearest."""
        self.solver.push()
        for name in self.may_change:
            if self.now.get(name) == facts.get(name):
                self.solver.add(z3.Not(self.changed[name]))
        while True:
            far = self.distance(facts)
            nearer = z3.Or(
                self.pence < far.pence,
                z3.And(self.pence == far.pence, self.days < far.days),
                z3.And(self.pence == far.pence, self.days == far.days, self.steps < far.steps),
            )
            if self._check(nearer) != z3.sat:
                break
            facts = self._facts()
        # Of several that are as near, the one with the lowest values in the order of facts: in each run the same.
        self.solver.add(self.pence == far.pence, self.days == far.days, self.steps == far.steps)
        for name in self.may_change:
            fact = self.every.given[name]
            while self.now.get(name) != facts.get(name):
                number = fact.kind.number(facts[name])
                if self._check(fact.value < number) != z3.sat:
                    self.solver.add(fact.value == number)
                    break
                facts = self._facts()
        self.solver.pop()
        return facts

    def decided(self, facts: Mapping[str, Value]) -> Decision | None:
        """Return the decision of this case with other facts, None where they contradict each other."""
        key = tuple(sorted(facts.items(), key=lambda one: one[0]))
        if key not in self._decided:
            self._decided[key] = with_facts(self.decider, self.case, facts)
        return self._decided[key]

    def _change(self, facts: dict[str, Value], sets: list[str], target: Target) -> NearestChange | None:
        decision = self.decided(facts)
        if decision is None or not _is(_results(decision)[target[0]], target[1]):
            return None
        changes = []
        for name in sets:
            alike = self._alike(name, facts)
            if not self.every.kinds[name].ordered or name not in self.now:
                # Of values that give the same the first represents all of them.
                facts = {**facts, name: value_of(self.every.kinds[name], self._plain(name, *alike[0]))}
            changes.append(FactChange(name, self.now.get(name), facts[name], alike))
        decision = self.decided(facts) or decision
        return NearestChange(tuple(changes), self.distance(facts), decision, differing(self.decision, decision))

    def _alike(self, name: str, facts: dict[str, Value]) -> tuple[tuple[int, int], ...]:
        """Return the values of a fact for which every question gives the same, the other changes being the same.

        Values are left out that lie at another distance from the present one.
        """
        kind, fact = self.every.kinds[name], self.every.given[name]
        here = (kind.number(facts[name]),) * 2
        if name in self.now and self._in_order(name):
            return (here,)
        found = []
        for first, last in self.ranges[name]:
            decision, other = (
                self.decided(facts),
                self.decided({**facts, name: value_of(fact.kind, self._plain(name, first, last))}),
            )
            if decision and other and _results(decision) == _results(other):
                found.append((first, last))
        return tuple(found) or (here,)

    def anywhere(self) -> tuple[list[NearestChange], list[Target]]:
        """Return the nearest changes to every other answer of every question, and the answers that nothing leads to."""
        found: dict[Any, NearestChange] = {}
        nowhere: list[Target] = []
        for name, question in self.decision.period.questions.items():
            if question.step:
                continue
            for answer in self.decider.policy.types[name].values:
                if answer == self.decision.answers[name].answer:
                    continue
                ways = self.towards((name, answer))
                for way in ways:
                    found.setdefault(tuple((one.fact, one.alike) for one in way.facts), way)
                if not ways:
                    nowhere.append((name, answer))
        return sorted(found.values(), key=lambda one: one.distance), nowhere

    def other_days(self) -> Iterator[OtherDay]:
        """Yield each other day, outward from this one, from which on an answer differs for the same facts.

        Of the days of a stretch of time it is the one nearest to the day of the decision.
        """
        periods, here = self.decider.policy.periods, self.decision.period
        at = periods.index(here)
        before = [(period, period.end) for period in reversed(periods[:at])]
        after = [(period, period.start) for period in periods[at + 1 :]]
        for outward in (before, after):
            last = self.decision
            for _, day in outward:
                decision = with_facts(self.decider, self.case, self.now, day)
                if day and decision:
                    answers = differing(self.decision, decision)
                    if answers and differing(last, decision):
                        yield OtherDay(day, decision, answers)
                    last = decision


def _results(decision: Decision) -> dict[str, SymbolicResult]:
    questions = decision.period.questions
    return {name: result_of(answer, questions[name]) for name, answer in decision.answers.items()}


def _is(result: SymbolicResult, name: str) -> bool:
    return result.answer == name or (result.settled and name in result.open_points)


def lines(changes: list[NearestChange], nearest: Nearest, most: int = MOST_WAYS) -> Iterator[Line]:
    """Yield the lines of changes, nearest first: the facts that would differ, and what would come out otherwise."""
    facts = 0
    for change in changes[:most]:
        if change.distance.facts != facts:
            facts = change.distance.facts
            yield "", f"    With {facts} other fact{'s' if facts > 1 else ''}:"
        for number, one in enumerate(change.facts):
            yield "", f"      {'- ' if number == 0 else '  and '}{say_change(one, nearest)}"
        for name, (now, then) in change.answers.items():
            yield "green", f"          {title(name)}: {say_answer(then)} (now {say_answer(now)})"
            yield from caution_lines(then, 12)
    if len(changes) > most:
        yield "dim", f"    and {len(changes) - most} more: --json lists them all."


def say_change(change: FactChange, nearest: Nearest) -> str:
    """Return one fact that would differ, in words: "age: 15 instead of 16 (1 away)"."""
    kind, every = nearest.every.kinds[change.fact], nearest.every
    label = lowered(kind.label or change.fact)
    said = say_ranges(change.alike, kind, limits_of(every.asked.get(change.fact, ())))
    if change.now is None:
        at = kind.number(change.then)
        instance = (
            f", for instance {say_value(change.then, kind)}" if kind.ordered and change.alike != ((at, at),) else ""
        )
        return f"{label}: {said}{instance} (not known now)"
    apart = abs(kind.number(change.then) - kind.number(change.now))
    away = f" ({say_margin(apart, kind)} away)" if kind.ordered else ""
    return f"{label}: {said} instead of {say_value(change.now, kind)}{away}"


def day_lines(days: list[OtherDay]) -> Iterator[Line]:
    """Yield the lines of other days: what would come out otherwise if the facts were the same there."""
    for one in days:
        yield "", f"    On {say_date(one.day)}, were the facts the same:"
        for name, (now, then) in one.answers.items():
            yield "green", f"      {title(name)}: {say_answer(then)} (now {say_answer(now)})"
            yield from caution_lines(then, 8)
