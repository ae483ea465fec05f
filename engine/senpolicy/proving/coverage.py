"""Coverage: what of the policy the golden cases try, and for all that they do not, a case to paste.

Six kinds of thing are tried. A *row* when its condition holds for a case, an *open point* likewise. A *missing fact*
when it is the one that a question waits for; the leaves of its diagram name them all. A *test* when it decides, both
ways: were it otherwise, the row would hold, or would no longer hold. A *limit* when the test decides with the fact one
below it, at it, and one above. A *date* of the policy by a case on it, and one on the day before. What no case can try
is left out of the count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import z3

from senpolicy.checking.examples import decide_facts, plain_case, pupil_yaml
from senpolicy.checking.golden import Pinned, decided, deciders, in_folder
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.deciding.text import Line
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.conditions import AllOf, AnyOf, Condition, Test, Value, changed, tests
from senpolicy.language.diagram import Diagrams, paths
from senpolicy.language.partition import beside, limits_of
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.diagrams import diagram_of
from senpolicy.policy.timeline import Outcome, Period, Policy, QuestionInForce, policy
from senpolicy.readings.formula import Unprovable, formula
from senpolicy.readings.judge import judge
from senpolicy.readings.say import say_date, say_test, say_value
from senpolicy.readings.symbolic_case import SymbolicCase

KINDS = ("row", "open point", "missing fact", "test", "limit", "date")
ONE_DAY = timedelta(days=1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Item:
    """One thing to try: its kind, the version of the question that holds it (by its place in the file), and what it is.

    `row` is the id of a row or open point; `test` the place of a test in its condition, with `way` whether it holds;
    `fact` the fact that is missing, or that has `value`, which is at, one below or one above `limit`; `day` a day.
    """

    kind: str
    question: str = ""
    version: int = 0
    row: str = ""
    test: int = 0
    way: bool = False
    fact: str = ""
    limit: Value = None
    value: Value = None
    day: date | None = None


@dataclass(frozen=True)
class Lacking:
    """A case that would try what the golden cases do not: as YAML to paste, and the items that it would try."""

    items: tuple[Item, ...]
    paste: str


@dataclass(frozen=True)
class Coverage:
    """What the golden cases try of what can be tried, and what lacks."""

    cases: int
    tried: frozenset[Item]
    lacking: tuple[Lacking, ...]
    impossible: int
    words: Mapping[Item, str]
    #: The places of golden cases that expect an answer and are not decided: they try nothing.
    idle: tuple[Place, ...] = ()

    @property
    def lacks(self) -> list[Item]:
        """Everything that can be tried and is not."""
        return [item for one in self.lacking for item in one.items]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each kind of item how many are tried, of how many that can be."""
        found = {}
        for kind in KINDS:
            tried = sum(item.kind == kind for item in self.tried)
            found[kind] = tried, tried + sum(item.kind == kind for item in self.lacks)
        return found

    @property
    def per_cent(self) -> Decimal:
        """How much is tried of what can be, rounded down to a tenth of a per cent: 100.0 means that nothing lacks."""
        every = len(self.tried) + len(self.lacks)
        share = Decimal(100 * len(self.tried)) / every if every else Decimal(100)
        return share.quantize(Decimal("0.1"), ROUND_FLOOR)

    def lines(self) -> Iterator[Line]:
        """Yield the coverage as lines: the counts, and what lacks, with cases to paste."""
        yield "bold", f"{self.cases} golden cases try {self.per_cent}% of what can be tried of the policy"
        for kind, (tried, every) in self.counts().items():
            style = "green" if tried == every else "yellow"
            yield style, f"  {kind + 's':<12}{tried:>5} of {every:>5}"
        if self.impossible:
            ways, are = ("way", "is") if self.impossible == 1 else ("ways", "are")
            yield "dim", f"  {self.impossible} {ways} of a test that no case can try {are} not counted."
        for place in self.idle:
            yield (
                "bold red",
                f"  {place} is not decided, so it tries nothing. Decide it by what its file pins to see why.",
            )
        for one in self.lacking:
            yield "", ""
            for item in one.items:
                yield "yellow", f"# lacks: {self.words[item]}"
            yield from (("", line) for line in one.paste.splitlines())

    def to_json(self) -> dict[str, PlainData]:
        """Return the coverage as plain data."""
        return {
            "cases": self.cases,
            "not_decided": [str(place) for place in self.idle],
            "per_cent": str(self.per_cent),
            "counts": {kind: {"tried": tried, "of": every} for kind, (tried, every) in self.counts().items()},
            "lacking": [{"lacks": [self.words[item] for item in one.items], "case": one.paste} for one in self.lacking],
        }


def golden_cases(folder: Path) -> list[Pinned]:
    """Return the golden cases of a folder, files in order; raises `PolicyError` where there are none, or wrong ones."""
    found = in_folder(folder, folder)
    if not found:
        said, help = "There are no golden cases here.", "Name the folder that holds them."
        raise PolicyError([Problem(Place(folder.name), "no-file", said, help)])
    return found


def coverage(corpus: Corpus, golden: Iterable[Pinned], progress: Progress | None = None) -> Coverage:
    """Return what golden cases try of the policy as it is, with a case to paste for all that they do not.

    Each is decided by what its file pins. Raises `WrongUse` for a decision, reading or scenario that a file pins and
    the policy does not know, `PolicyError` where a rule cannot be written as a formula, or tells too many cases apart.
    """
    cases = list(golden)
    by = deciders(corpus)
    tried: set[Item] = set()
    idle: list[Place] = []
    for done, one in enumerate(cases, 1):
        decision = decided(one.golden, by(one))
        if isinstance(decision, Decision):
            tried |= set(tried_by(decision))
        elif not one.golden.refused:
            idle.append(one.place)
        if progress:
            progress(done, len(cases))
    last = Decider(policy(corpus))
    every: dict[Item, tuple[Period, Test | None]] = {}
    for item, period, test in wanted(last.policy):
        every.setdefault(item, (period, test))
    lacking, impossible = _Lacks(last, every, tried).found()
    words = {item: _words(item, last.policy, period, test) for item, (period, test) in every.items()}
    return Coverage(len(cases), frozenset(tried & every.keys()), tuple(lacking), impossible, words, tuple(idle))


def tried_by(decision: Decision) -> Iterator[Item]:
    """Yield everything that one case tries."""
    yield Item("date", day=decision.case.day)
    facts = dict(decision.case.facts)
    facts |= {name: None if one.answer == UNDETERMINED else one.answer for name, one in decision.answers.items()}
    for question in decision.period.questions.values():
        for outcome in question.outcomes:
            if judge(outcome.condition, facts) is True:
                yield _row(question, outcome)
            for place, test in enumerate(tests(outcome.condition)):
                held, value = judge(test, facts), facts.get(test.fact)
                if held is not None and _decides(outcome.condition, place, facts):
                    yield _test(question, outcome, place, held)
                    yield from _limits(question, test, decision.policy, [value])
        answer = decision.answers[question.name]
        # What it takes over from an earlier question is tried there.
        if answer.missing_facts and answer.because[0].outcome.question == question.name:
            yield Item("missing fact", question.name, question.version, fact=answer.missing_facts[0])


def _row(question: QuestionInForce, outcome: Outcome) -> Item:
    kind = "open point" if outcome.point else "row"
    return Item(kind, question.name, question.version, outcome.id.partition("/")[2])


def _test(question: QuestionInForce, outcome: Outcome, place: int, way: bool) -> Item:
    return Item("test", question.name, question.version, outcome.id.partition("/")[2], place, way)


def _limits(question: QuestionInForce, test: Test, of: Policy, values: Iterable[Value] | None) -> Iterator[Item]:
    """Yield the items of a test's limits: those that are among the values, or every one where these are None."""
    kind = of.types[test.fact]
    for limit in limits_of([test]) if kind.ordered else ():
        for value in beside(kind, limit):
            if values is None or value in values:
                yield Item("limit", question.name, question.version, fact=test.fact, limit=limit, value=value)


def _decides(condition: Condition, place: int, facts: Mapping[str, Value]) -> bool:
    """Return whether a row would hold, or not, by this one of its tests, the others being as they are."""
    ways = [judge(replaced(condition, place, way), facts) is True for way in (True, False)]
    return ways[0] is not ways[1]


def replaced(condition: Condition, place: int, way: bool) -> Condition:
    """Return the condition with the test at a place (in the order of writing) in favour, or against."""
    numbers = iter(range(1_000_000))
    found = AllOf(()) if way else AnyOf(())
    return changed(condition, lambda test: found if next(numbers) == place else test)


def wanted(of: Policy) -> Iterator[tuple[Item, Period, Test | None]]:
    """Yield everything that is to be tried of a policy, with a period in which it is, and the test that it is about."""
    diagrams = Diagrams(of.types)
    for period in of.periods:
        if period.start:
            yield Item("date", day=period.start - ONE_DAY), period, None
            yield Item("date", day=period.start), period, None
        for question in period.questions.values():
            for _, ending in paths(diagram_of(of, question, diagrams)):
                if ending.missing and not of.types[ending.missing].is_answer:
                    yield Item("missing fact", question.name, question.version, fact=ending.missing), period, None
            for outcome in question.outcomes:
                yield _row(question, outcome), period, None
                for place, test in enumerate(tests(outcome.condition)):
                    yield _test(question, outcome, place, True), period, test
                    yield _test(question, outcome, place, False), period, test
                    for item in _limits(question, test, of, None):
                        yield item, period, test


class _Lacks:
    """Finds for everything that is not tried a case that would, where there is one."""

    def __init__(self, decider: Decider, every: Mapping[Item, tuple[Period, Test | None]], tried: set[Item]) -> None:
        self.decider, self.every, self.tried = decider, every, tried
        self.cases: dict[int, SymbolicCase] = {}
        self.solvers: dict[int, z3.Solver] = {}

    def found(self) -> tuple[list[Lacking], int]:
        left = [item for item in self.every if item not in self.tried]
        lacking: list[Lacking] = []
        impossible = 0
        while left:
            item = left[0]
            facts = next((one for period in self.periods(item) if (one := self.case(item, period))), None)
            if facts is None:
                impossible += 1
                left.remove(item)
                continue
            also, text = self.shown(facts, len(lacking) + 1)
            if item not in also:
                said = f"The solver and the evaluator differ on {dict(facts)}."
                raise PolicyError(
                    [Problem(Place(""), "proof-differs", said, "This is a fault of the engine: report it.")]
                )
            lacking.append(Lacking(tuple(one for one in left if one in also), self.golden(item, text)))
            left = [one for one in left if one not in also]
        return lacking, impossible

    def periods(self, item: Item) -> Iterator[Period]:
        for period in self.decider.policy.periods:
            if item.kind == "date":
                if item.day and period == self.decider.policy.on(item.day):
                    yield period
            elif item.question in period.questions and period.questions[item.question].version == item.version:
                yield period

    def case(self, item: Item, period: Period) -> dict[str, Value] | None:
        """Return a case of a period that tries an item, None where there is none."""
        if id(period) not in self.cases:
            try:
                self.cases[id(period)] = SymbolicCase(self.decider.policy, period)
            except Unprovable as fault:
                help = (
                    "Say it with the tests of the language, or write a formula for it in senpolicy/readings/formula.py."
                )
                raise PolicyError([Problem(Place("rules/facts.yaml"), "cannot-be-proved", f"{fault}", help)]) from None
        every = self.cases[id(period)]
        if item.kind == "date":
            day = every.given["decision_date"]
            return plain_case(every, [*every.possible, day.value == day.kind.number(item.day)])
        for formulas in self.ways(item, every):
            if self.solver(every).check(*formulas) != z3.sat:
                continue
            facts = plain_case(every, [*every.possible, *formulas], [period.start] if period.start else ())
            if facts is not None:
                return facts
        return None

    def solver(self, every: SymbolicCase) -> z3.Solver:
        """Return the solver of a period's cases: one for all questions about them, since it learns from each."""
        if id(every) not in self.solvers:
            self.solvers[id(every)] = z3.Solver()
            self.solvers[id(every)].add(*every.within, *every.possible)
        return self.solvers[id(every)]

    def ways(self, item: Item, every: SymbolicCase) -> Iterator[list[z3.BoolRef]]:
        """Yield what would try an item: of a limit, for each test that has it."""
        question = every.period.questions[item.question]
        if item.kind == "missing fact":
            yield [waits for fact, waits in every.waiting(question.name) if fact == item.fact]
            return
        for outcome in question.outcomes:
            if item.kind in ("row", "open point"):
                if _row(question, outcome) == item:
                    yield [formula(outcome.condition, every.symbols).holds]
                continue
            for place, test in enumerate(tests(outcome.condition)):
                ways = [formula(replaced(outcome.condition, place, way), every.symbols).holds for way in (True, False)]
                decides = z3.Xor(*ways)
                truth = formula(test, every.symbols)
                if item.kind == "test" and item in (_test(question, outcome, place, way) for way in (True, False)):
                    yield [decides, truth.holds if item.way else truth.fails]
                if item.kind == "limit" and item in _limits(question, test, every.policy, [item.value]):
                    fact: Any = every.symbols[test.fact]
                    yield [decides, fact.known, fact.value == fact.kind.number(item.value)]

    def shown(self, facts: Mapping[str, Value], number: int) -> tuple[set[Item], str]:
        """Return what a case tries once it is decided for real, and the case as YAML."""
        text = pupil_yaml(f"GC-{number:04d}", facts, self.decider.policy)
        decision = decide_facts(self.decider, facts)
        return set(tried_by(decision)) if isinstance(decision, Decision) else set(), text

    def golden(self, item: Item, text: str) -> str:
        """Return a case as an item of a file of golden cases, its result left to be worked out."""
        words = _words(item, self.decider.policy, *self.every[item])
        sources = [outcome.source for outcome in self._outcomes(item)]
        paragraph = [json.dumps(f"{one.document} {one.paragraph}", ensure_ascii=False) for one in sources]
        fields = [f"      {line.removeprefix('- ').strip()}" for line in text.splitlines()]
        return "\n".join([
            f"  - name: {json.dumps(words, ensure_ascii=False)}",
            f"    paragraph: {paragraph[0] if paragraph else ' # the document and the paragraph in it'}",
            "    case:", *fields,
            "    expect: {}  # work it out from the paragraph, not from the engine",
        ]) + "\n"  # fmt: skip

    def _outcomes(self, item: Item) -> Iterator[Outcome]:
        question = self.every[item][0].questions.get(item.question)
        for outcome in question.outcomes if question else ():
            if outcome.id.partition("/")[2] == item.row or (
                item.fact and item.fact in map(_fact, tests(outcome.condition))
            ):
                yield outcome
                return


def _fact(test: Test) -> str:
    return test.fact


def _words(item: Item, of: Policy, period: Period, test: Test | None) -> str:
    """Return an item in words."""
    if item.day:
        return f"a case on {say_date(item.day)}"
    start = f"from {say_date(period.start)}" if period.start else "before the first date"
    where = f"{item.question}, {start}"
    if item.kind in ("row", "open point"):
        return f"{where}: {item.kind} {item.row}"
    if item.kind == "missing fact":
        return f"{where}: waits for {item.fact}"
    assert test is not None, "what is about a test comes with it"
    if item.kind == "test":
        return f"{where}: {item.row}, decided by '{say_test(test, of.types)}' {'holding' if item.way else 'failing'}"
    kind = of.types[item.fact]
    below = kind.number(item.value) - kind.number(item.limit)
    how = {-1: "one below", 0: "at", 1: "one above"}[below]
    return f"{where}: {item.fact} {how} its limit of {say_value(item.limit, kind)}"
