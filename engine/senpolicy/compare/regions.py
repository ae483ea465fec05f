"""Comparing two versions of the policy: in which cases, and on which days, an answer differs. Exact, by solver.

A case is told apart by everything that its decision says: answers, open points, missing facts, figures, cautions, and
whether it is decided at all. Where nothing differs that is a proof, over every possible case, facts not known included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import z3

from senpolicy.cases import Case, read_text
from senpolicy.conditions import Condition, FactType, Not, Test, Value
from senpolicy.corpus import Corpus
from senpolicy.decide import UNDETERMINED, Decider, Decision, NotIssued
from senpolicy.everycase import (
    EveryCase,
    Result,
    covers,
    joined,
    limits_of,
    lowered,
    plain_case,
    ranges,
    result_of,
    say_ranges,
)
from senpolicy.explain import say_figures
from senpolicy.problems import Place, PolicyError, Problem
from senpolicy.prove.asking import pupil_yaml
from senpolicy.readings.formula import Unprovable, case_rule, code, either
from senpolicy.readings.say import say_date, say_figure
from senpolicy.timeline import CaseRuleInForce, Period, Policy, PortionInForce, policy

Progress = Callable[[int, int], None]
Days = tuple[date | None, date | None]
#: The parts of a policy that are held against each other beside its questions.
DECIDED, CAUTIONS = "decided at all", "cautions"
REFUSED, ACCEPTED = Result("not decided: its facts contradict each other"), Result("decided")
#: So many regions of one question on one stretch of days are told apart; with more the two are different policies.
MOST_REGIONS = 300


@dataclass(frozen=True)
class Bounds:
    """The values of one fact in a region, and whether it may be unknown.

    `values` are ranges of whole numbers, both ends included (see `everycase.ranges`).
    """

    values: tuple[tuple[int, int], ...]
    unknown: bool


@dataclass(frozen=True)
class Region:
    """Cases for which one thing differs: what it is in the base and in the head, for which facts, on which days.

    A fact that `facts` leaves out may be anything. `related` are rules about several facts, such as two days, that must
    hold, or must not, besides. `pupil` is one such case, as YAML that `decide` reads.
    """

    about: str
    base: Result
    head: Result
    facts: tuple[tuple[str, Bounds], ...]
    days: tuple[Days, ...]
    related: tuple[tuple[str, bool], ...] = ()
    pupil: str = field(compare=False, default="")


@dataclass(frozen=True)
class Compared:
    """What differs between two policies as of one decision each, region by region."""

    base: Policy
    head: Policy
    regions: tuple[Region, ...]
    limits: Mapping[str, frozenset[Any]] = field(repr=False, default_factory=dict)


def same_facts(base: Policy, head: Policy) -> list[Problem]:
    """Return how the facts of two policies differ, so that their cases cannot be held against each other."""
    found = []
    ours = {name: kind for name, kind in base.types.items() if not kind.is_answer}
    theirs = {name: kind for name, kind in head.types.items() if not kind.is_answer}
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        here, there = ours.get(name), theirs.get(name)
        if here is None or there is None:
            said = f"The fact '{name}' stands in {'the base' if here else 'the head'} only."
        elif here.type != there.type:
            said = f"The fact '{name}' is of another type in the head."
        elif set(here.values) != set(there.values):
            said = f"The fact '{name}' has other values in the head."
        elif (here.lowest, here.highest) != (there.lowest, there.highest):
            said = f"The fact '{name}' has other bounds in the head."
        else:
            continue
        help = "Regions are proved between policies with the same facts; with --cases the shared facts are compared."
        found.append(Problem(Place("rules/facts.yaml"), "facts-differ", said, help))
    return found


def policies(base: Corpus, head: Corpus, as_of: str | None = None, **choice: Any) -> list[tuple[Policy, Policy]]:
    """Return the pairs of policies to compare: as each corpus stands, then as of each decision that both have taken.

    With `as_of` that one alone. Raises `WrongUse` for names that are not known.
    """
    if as_of:
        return [(policy(base, as_of=as_of, **choice), policy(head, as_of=as_of, **choice))]
    last = policy(base, **choice), policy(head, **choice)
    both = [number for number in last[0].decisions if number in last[1].decisions]
    earlier = [number for number in reversed(both) if (number, number) != (last[0].as_of, last[1].as_of)]
    return [last, *((policy(base, as_of=number, **choice), policy(head, as_of=number, **choice)) for number in earlier)]


def compare_all(
    chosen: Iterable[tuple[Policy, Policy]], progress: Progress | None = None, only: str | None = None
) -> list[Compared]:
    """Return what differs between each pair of policies, without what an earlier pair tells already."""
    found: list[Compared] = []
    seen: list[Any] = []
    for base, head in chosen:
        shapes = [[(period.start, period.end, shape(of, period)) for period in of.periods] for of in (base, head)]
        if shapes not in seen:
            seen.append(shapes)
            compared = compare(base, head, progress, only)
            told = {(one, one.days) for earlier in found for one in earlier.regions}
            new = tuple(one for one in compared.regions if (one, one.days) not in told)
            if new or not found:
                found.append(Compared(base, head, new, compared.limits))
    return found


def compare(base: Policy, head: Policy, progress: Progress | None = None, only: str | None = None) -> Compared:
    """Return every region in which a decision differs between two sound policies with the same facts.

    `only` names one question, of which the answer alone is compared. Raises `PolicyError` where the facts differ, where
    a rule cannot be written as a formula, where a policy is not sound after all, or where the solver and the evaluators
    come to different things.
    """
    problems = same_facts(base, head)
    if problems:
        raise PolicyError(problems)
    found: dict[Any, Region] = {}
    limits: dict[str, set[Any]] = {}
    stretches = [(ours, theirs) for ours in base.periods for theirs in head.periods if _overlap(ours, theirs)]
    deciders = Decider(base), Decider(head)
    for done, (ours, theirs) in enumerate(stretches, 1):
        if shape(base, ours) != shape(head, theirs):
            search = _Search(base, head, ours, theirs, deciders, only)
            for name, asked in search.limits.items():
                limits.setdefault(name, set()).update(asked)
            for region in search.regions():
                key = (region.about, region.base, region.head, region.facts, region.related)
                known = found.get(key)
                days = _joined_days([*known.days, *region.days]) if known else region.days
                found[key] = replace(known or region, days=tuple(days))
        if progress:
            progress(done, len(stretches))
    order = [DECIDED, *base.corpus.questions, *head.corpus.questions, CAUTIONS]
    regions = sorted(found.values(), key=lambda one: (order.index(one.about.partition(":")[0]), repr(one)))
    return Compared(base, head, tuple(regions), {name: frozenset(asked) for name, asked in limits.items()})


def _overlap(one: Period, other: Period) -> bool:
    return max(one.start or date.min, other.start or date.min) <= min(one.end or date.max, other.end or date.max)


def _joined_days(days: Iterable[Days]) -> list[Days]:
    numbers = [((first or date.min).toordinal(), (last or date.max).toordinal()) for first, last in days]
    return [_days(first, last) for first, last in joined(numbers)]


def shape(of: Policy, period: Period) -> Any:
    """Return what a period makes of cases, without words, sources and the order of rows.

    Two periods of one shape decide every case alike; of two shapes they may.
    """
    banding = of.edition.banding if of.edition else None
    mapped = (banding.method, tuple(area.id for area in of.edition.areas)) if of.edition and banding else None
    questions = [
        (name, question.step, question.ask,
         frozenset((_plain(one.condition), one.answer, one.point if one.answer is None else None,
                    tuple(sorted(one.gives.items(), key=lambda figure: figure[0])))
                   for one in question.outcomes),
         frozenset((one.id, _plain(one.condition)) for one in question.cautions))
        for name, question in period.questions.items()
    ]  # fmt: skip
    rules = [_plain_rule(rule) for rule in period.problems]
    follows = [(rule.field, rule.value, rule.condition and _plain(rule.condition)) for rule in period.follows]
    return questions, frozenset(rules), follows, mapped, {name: kind.values for name, kind in of.types.items()}


def _plain_rule(rule: CaseRuleInForce) -> Any:
    return rule.calculation, rule.condition and _plain(rule.condition)


def _plain(condition: Condition) -> Any:
    if isinstance(condition, Test):
        limit = condition.limit
        return condition.fact, condition.operator, frozenset(limit) if isinstance(limit, tuple) else limit
    if isinstance(condition, Not):
        return "not", _plain(condition.part)
    return type(condition).__name__, frozenset(_plain(part) for part in condition.parts)


class _Search:
    """Looks for every difference on the days that two periods share."""

    def __init__(
        self, base: Policy, head: Policy, ours: Period, theirs: Period, deciders: tuple[Decider, Decider],
        only: str | None = None,
    ) -> None:  # fmt: skip
        self.deciders, self.only = deciders, only
        try:
            self.base, self.head = EveryCase(base, ours), EveryCase(head, theirs, base.types)
        except Unprovable as fault:
            help = "Say it with the tests of the language, or write a formula for it in senpolicy/readings/formula.py."
            raise PolicyError([Problem(Place("rules/facts.yaml"), "cannot-be-proved", f"{fault}", help)]) from None
        self.kinds: Mapping[str, FactType] = self.base.kinds
        asked = {name: [*self.base.asked.get(name, ()), *self.head.asked.get(name, ())] for name in self.kinds}
        self.limits = {name: limits_of(tests) for name, tests in asked.items()}
        self.ranges = {name: ranges(kind, asked[name]) for name, kind in self.kinds.items()}
        self.days = _shared(ours, theirs)
        self.common: list[z3.BoolRef] = []
        self.solver, self.marks = z3.Solver(), dict[z3.BoolRef, z3.BoolRef]()
        self.add(*self.base.within, *self.head.within)
        # What both refuse is no difference; a calculation that one of them alone has is told beside the facts.
        self.related: dict[str, z3.BoolRef] = {}
        rules = [{_plain_rule(rule): rule for rule in period.problems} for period in (ours, theirs)]
        for key, rule in {**rules[0], **rules[1]}.items():
            holds = case_rule(rule, self.base.given).holds
            if key in rules[0] and key in rules[1]:
                self.add(z3.Not(holds))
            elif rule.calculation:
                self.related[rule.says] = holds

    def add(self, *formulas: z3.BoolRef) -> None:
        """Say something of all cases from here on."""
        self.common += formulas
        self.solver.add(*formulas)

    def regions(self) -> Iterator[Region]:
        """Yield a region for each way in which something differs, until nothing is left that does."""
        sides = [{REFUSED: one.refused, ACCEPTED: z3.Not(one.refused)} for one in (self.base, self.head)]
        if not self.only:
            yield from self.about(DECIDED, *sides)
        self.add(z3.Not(self.base.refused), z3.Not(self.head.refused))
        for name in self.base.period.questions:
            if name in self.head.period.questions and self.only in (None, name):
                yield from self.about(name, self.base.results(name), self.head.results(name))
        ours, theirs = ({(of, one): holds for of, one, holds in side.cautions()} for side in (self.base, self.head))
        for of, caution in () if self.only else dict.fromkeys([*ours, *theirs]):
            goes = [one.get((of, caution), z3.BoolVal(False)) for one in (ours, theirs)]
            sides = [{Result(f"with {caution}"): holds, Result(f"without {caution}"): z3.Not(holds)} for holds in goes]
            yield from self.about(f"{CAUTIONS}: {of}", *sides)

    def about(
        self, about: str, base: Mapping[Result, z3.BoolRef], head: Mapping[Result, z3.BoolRef]
    ) -> Iterator[Region]:
        """Yield the regions of one question; each is as wide as it can be and holds no case that is otherwise."""
        false = z3.BoolVal(False)
        differs = either(z3.And(holds, z3.Not(head.get(result, false))) for result, holds in base.items())
        asked = [self.mark(differs)]
        while self.solver.check(asked) == z3.sat:
            if len(asked) > MOST_REGIONS:
                said = f"'{about}' differs in more than {MOST_REGIONS} regions, too many to be listed."
                raise PolicyError([Problem(Place(""), "too-different", said, "Compare with --cases instead.")])
            model = self.solver.model()
            was, now = (next(one for one, holds in side.items() if z3.is_true(model.eval(holds, model_completion=True)))
                        for side in (base, head))  # fmt: skip
            both = z3.And(base[was], head[now])
            beside = {says: holds if z3.is_true(model.eval(holds, model_completion=True)) else z3.Not(holds)
                      for says, holds in self.related.items()}  # fmt: skip
            box = self.widened(self.base.read(model), both, beside)
            inside = [*(self.inside(name, bounds) for name, bounds in box.items()), *beside.values()]
            related = tuple((says, holds is self.related[says]) for says, holds in beside.items())
            yield self.region(about, was, now, box, related, [*inside, both])
            asked.append(self.mark(z3.Not(z3.And(inside))))

    def inside(self, name: str, bounds: Bounds) -> z3.BoolRef:
        fact = self.base.given[name]
        among = either(z3.And(fact.value >= first, fact.value <= last) for first, last in bounds.values)
        return z3.Or(z3.Not(fact.known), z3.And(fact.known, among)) if bounds.unknown else z3.And(fact.known, among)

    def widened(self, facts: Mapping[str, Value], both: z3.BoolRef, beside: dict[str, z3.BoolRef]) -> dict[str, Bounds]:
        """Return the widest bounds around a case within which every case that can be differs in the same way.

        What holds `beside` them is taken out where it makes no difference.
        """
        box = {name: self.around(name, facts.get(name)) for name in self.kinds}
        otherwise = self.mark(z3.Not(both))
        marks = {name: self.mark(self.inside(name, bounds)) for name, bounds in box.items()}
        for says in list(beside):
            kept = [self.mark(holds) for other, holds in beside.items() if other != says]
            if self.never(otherwise, *marks.values(), *kept):
                del beside[says]
        otherwise = self.mark(z3.And(z3.Not(both), *beside.values()))
        assert self.never(otherwise, *marks.values()), "within its ranges a case is told apart by nothing"
        needed = {str(one) for one in self.solver.unsat_core()}
        box = {name: bounds for name, bounds in box.items() if str(marks[name]) in needed}
        for name in reversed(list(box)):
            if self.never(otherwise, *(marks[other] for other in box if other != name)):
                del box[name]
        for name in box:
            rest = [marks[other] for other in box if other != name]
            for bounds in self.wider(name, box[name]):
                more = self.mark(self.inside(name, bounds))
                # What no case can be would only make the region harder to read.
                if self.never(otherwise, more, *rest) and not self.never(more, *rest):
                    values = tuple(joined([*box[name].values, *bounds.values]))
                    box[name] = Bounds(values, box[name].unknown or bounds.unknown)
            marks[name] = self.mark(self.inside(name, box[name]))
        assert self.never(otherwise, *(marks[name] for name in box)), "no case within the bounds is otherwise"
        return box

    def mark(self, what: z3.BoolRef) -> z3.BoolRef:
        """Return a sign that stands for a formula, so that it can be asked with others without being added for good."""
        if what not in self.marks:
            self.marks[what] = z3.Bool(f"mark {len(self.marks)}")
            self.solver.add(z3.Implies(self.marks[what], what))
        return self.marks[what]

    def never(self, *marks: z3.BoolRef) -> bool:
        """Return whether no case that can be meets all of these."""
        return bool(self.solver.check(list(marks)) == z3.unsat)

    def around(self, name: str, value: Value) -> Bounds:
        """Return the range in which a value lies, as bounds."""
        if value is None:
            return Bounds((), True)
        at = code(self.kinds[name], value)
        return Bounds((next(one for one in self.ranges[name] if one[0] <= at <= one[1]),), False)

    def wider(self, name: str, bounds: Bounds) -> Iterator[Bounds]:
        """Yield the other ranges of a fact, and that it is not known."""
        for one in self.ranges[name]:
            if one not in bounds.values:
                yield Bounds((one,), False)
        if not bounds.unknown and name != "decision_date":
            yield Bounds((), True)

    def region(
        self, about: str, was: Result, now: Result, box: dict[str, Bounds], related: tuple[tuple[str, bool], ...],
        formulas: list[z3.BoolRef],
    ) -> Region:  # fmt: skip
        """Return a region with a case that shows it, after deciding that case under both policies."""
        first, last = self.days
        days: tuple[Days, ...] = (self.days,)
        if "decision_date" in box:
            shared = [(max(low, (first or date.min).toordinal()), min(high, (last or date.max).toordinal()))
                      for low, high in box.pop("decision_date").values]  # fmt: skip
            days = tuple(_days(low, high) for low, high in shared if low <= high)
        start = next((one for one, _ in days if one), None)
        facts = plain_case(self.base, [*self.common, *formulas], [start] if start else ())
        assert facts is not None, "the solver has just held such a case"
        self.decide(about, was, now, facts)
        pupil = pupil_yaml("W-0001", facts, self.base.policy)
        return Region(about, was, now, tuple(box.items()), days, related, pupil)

    def decide(self, about: str, was: Result, now: Result, facts: Mapping[str, Value]) -> None:
        """Decide a case for real under both policies; raises `PolicyError` where the evaluators say otherwise."""
        for decider, expected in zip(self.deciders, (was, now), strict=True):
            (case,) = read_text(pupil_yaml("W-0001", facts, decider.policy), "witness.yaml", decider.policy)
            decision = decider.decide(case) if isinstance(case, Case) else None
            if isinstance(decision, NotIssued):
                said = f"As of {decider.policy.as_of} no decision is issued for {dict(facts)}: {decision.message}"
                raise PolicyError(
                    [Problem(Place(""), "not-sound", said, "Mend the rules; 'senpolicy prove' shows where.")]
                )
            if expected in (REFUSED, ACCEPTED):
                agrees = (decision is None) is (expected == REFUSED)
            elif not isinstance(decision, Decision):
                agrees = False
            elif about.startswith(CAUTIONS):
                answer = decision.answers[about.partition(": ")[2]]
                word, _, caution = expected.answer.partition(" ")
                agrees = (word == "with") is any(one.id == caution for one in answer.cautions)
            else:
                agrees = result_of(decision.answers[about], decision.period.questions[about]) == expected
            if not agrees:
                said = f"The solver and the evaluator differ on '{about}' for {dict(facts)}."
                raise PolicyError(
                    [Problem(Place(""), "proof-differs", said, "This is a fault of the engine: report it.")]
                )


def _shared(one: Period, other: Period) -> Days:
    first = max(one.start or date.min, other.start or date.min)
    last = min(one.end or date.max, other.end or date.max)
    return _days(first.toordinal(), last.toordinal())


def _days(first: int, last: int) -> Days:
    return (None if first == date.min.toordinal() else date.fromordinal(first),
            None if last == date.max.toordinal() else date.fromordinal(last))  # fmt: skip


# In words


def say_compared(result: Result, kinds: Mapping[str, FactType]) -> str:
    """Return what a question comes to in words: "undetermined (A1-rate-of-exactly-6000)", "none"."""
    words = result.answer if result.answer.startswith("with") else result.answer.replace("_", " ")
    if result.answer == UNDETERMINED:
        missing = [f"{name} is not known" for name in result.missing]
        words += f" ({', '.join([*result.open_points, *missing])})"
    figures = {name: _figure(value, kinds) for name, value in result.figures}
    part = figures.pop("part_year", None)
    said = [words, say_figures(figures), f"and {part}" if part else ""]
    return ", ".join(one for one in said if one)


def _figure(value: Any, kinds: Mapping[str, FactType]) -> Any:
    if not isinstance(value, PortionInForce):
        return value
    share = f"{say_figure(value.share)} of " if value.share is not None else ""
    until = f" for the days until {say_date(value.until)}" if value.until else ""
    return f"{share}{lowered(kinds[value.fact].label or value.fact).partition(',')[0]}{until}"


def say_days(days: Days) -> str:
    """Return days in words, both ends included: "from 1 April 2025 to 31 August 2025", "on every day"."""
    first, last = days
    if first is None:
        return "on every day" if last is None else f"until {say_date(last)}"
    if first == last:
        return f"on {say_date(first)}"
    return f"from {say_date(first)}" + (f" to {say_date(last)}" if last else " on")


def say_bounds(name: str, bounds: Bounds, kinds: Mapping[str, FactType], limits: Iterable[Any]) -> str:
    """Return the bounds of one fact in words: "age in completed years: at least 5 and below 16"."""
    kind = kinds[name]
    words = []
    if bounds.values:
        words.append("known" if covers(kind, bounds.values) else say_ranges(bounds.values, kind, limits))
    if bounds.unknown:
        words.append("not known")
    return f"{lowered(kind.label or name)}: {' or '.join(words)}"
