"""Regions: the finitely many kinds of case that a question can tell apart, and what is checked on every one of them.

Conditions compare facts with constants only. So it is enough to try each limit at one below, at and one above, each
value that a rule names and one that it does not, and each fact not known: nothing else can come out differently.

They are counted before they are listed: where a question tells too many apart, its diagram shows whether it has a gap
or an overlap. The solver is asked whether a case that shows one can be at all: questions hang together through facts
that the later one need not name.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import z3

from senpolicy.checking.days import out_of_force
from senpolicy.checking.examples import plainest
from senpolicy.checking.waiting import apart, waiting
from senpolicy.deciding.cases import holds, with_consequences
from senpolicy.deciding.decide import UNDETERMINED, RuleFault, decide_question, fire_of
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.conditions import ORDERED, AllOf, Condition, FactType, Test, Value, tests, written
from senpolicy.language.diagram import Diagrams, paths
from senpolicy.language.partition import cells_of, edges, limits_of, value_of
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.diagrams import diagram_of, read_by, too_tangled
from senpolicy.policy.places import place_of_row
from senpolicy.policy.timeline import CaseRuleInForce, Outcome, Period, Policy, QuestionInForce
from senpolicy.readings.fire import UNKNOWN, Comparison, EngineFault, Fire, TooManyConjunctions, expanded
from senpolicy.readings.formula import Truth, Unprovable, either, every, opposite
from senpolicy.readings.judge import judge
from senpolicy.readings.symbolic_case import SymbolicCase

#: So many kinds of case of one question are listed and tried; of more its diagram is looked at, and so many are tried.
MOST_LISTED, TRIED = 4_000, 200
#: A value beside which an ordered fact is tried of which rules ask only whether it is known.
PLAIN: Mapping[str, Value] = {"date": date(2025, 10, 1), "money": 1, "integer": 1}
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CaseTable:
    """Every kind of case that one question can meet, with its result.

    `names` are the facts and earlier answers that it reads, `rows` their values (None: not known), `answers` the answer
    for each row, None where it is undetermined.
    """

    question: QuestionInForce
    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    answers: tuple[Value, ...]


def values_to_try(period: Period, types: Mapping[str, FactType]) -> dict[str, tuple[Value, ...]]:
    """Return for each fact or answer that the questions of a period read the values to try, None (not known) last.

    For an ordered fact each limit at one below, at and one above; for others one value of each kind that the tests can
    tell apart.
    """
    asked: dict[str, list[Test]] = {}
    for question in period.questions.values():
        for outcome in question.outcomes:
            for test in tests(outcome.condition):
                asked.setdefault(test.fact, []).append(test)
    return {name: (*_apart(types[name], found), None) for name, found in asked.items()}


def _apart(kind: FactType, asked: list[Test]) -> list[Value]:
    if kind.ordered:
        return edges(kind, cells_of(kind, asked, () if limits_of(asked) else [PLAIN[kind.type]]))
    every = [value_of(kind, cell.first) for cell in cells_of(kind)]
    if kind.is_answer:
        return every
    first: dict[tuple[bool | None, ...], Value] = {}
    for value in every:
        first.setdefault(tuple(judge(test, {kind.name: value}) for test in asked), value)
    return list(first.values())


#: Tables of which every kind of case was decided, and by both evaluators alike, each with the types of its facts: a
#: question that is the same in another period or policy (as proposed, under a scenario, on the other side of a
#: comparison) is not tried again. One with a fault is, though no such case can be in this period: in another it may.
_SOUND: deque[tuple[_Basis, CaseTable]] = deque(maxlen=400)


@dataclass(frozen=True)
class _Basis:
    """All on which the kinds of cases of a question rest: with the same there are the same ones."""

    question: QuestionInForce
    types: Mapping[str, FactType]
    values: tuple[tuple[Value, ...], ...]
    rules: tuple[tuple[CaseRuleInForce, ...], ...]
    earlier: tuple[CaseTable, ...] = field(compare=False)

    def same(self, other: _Basis) -> bool:
        """Return whether another is the same; of earlier tables that are equal there is one."""
        return self == other and [*map(id, self.earlier)] == [*map(id, other.earlier)]


@dataclass(frozen=True)
class _Asked:
    """All on which the faults of a question rest whose diagram is looked at: its conditions, and those before it."""

    types: Mapping[str, FactType]
    rules: tuple[tuple[CaseRuleInForce, ...], ...]
    questions: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, Condition, str | None], ...]], ...]

    @staticmethod
    def by(period: Period, question: QuestionInForce, policy: Policy) -> _Asked:
        """Return that of a question in a period; figures and words leave no case open and answer none."""
        upto = list(period.questions).index(question.name) + 1
        said = tuple(
            (one.name, one.ask, tuple((row.id, row.condition, row.answer) for row in one.outcomes))
            for one in [*period.questions.values()][:upto]
        )
        return _Asked(policy.types, (period.problems, period.follows), said)


#: Those of which nothing was found.
_LOOKED_AT: deque[_Asked] = deque(maxlen=100)


class _QuestionWalk:
    """Goes through the questions of every period in their order, and keeps the result of each kind of case."""

    def __init__(self, policy: Policy, progress: Progress | None) -> None:
        self.policy, self.progress = policy, progress
        self.found: dict[tuple[str, ...], Problem] = {}
        self.spaces: dict[int, _Proof | None] = {}
        self.impossible: set[tuple[str | int, ...]] = set()
        #: How often a fault was met, told of already or not.
        self.met = 0
        self.done = 0
        self.total = sum(len(period.questions) for period in policy.periods)

    def period(self, period: Period) -> dict[str, CaseTable]:
        values = values_to_try(period, self.policy.types)
        tables: dict[str, CaseTable] = {}
        for name, question in period.questions.items():
            table = self.question(period, question, values, tables)
            if table is not None:
                tables[name] = table
            if any(self.told_of(code, name) for code in ("overlap", "gap")) and (proof := self.proof(period)):
                # Cases that it leaves without one answer are not decided, so later questions need not cover them.
                proof.solver.add(opposite(proof.space.overlap(name)), opposite(proof.space.gap(name)))
            self.done += 1
            if self.progress:
                self.progress(self.done, self.total)
        try:
            fire_of(list(period.questions.values()), self.policy)
        except EngineFault as fault:
            help = "The questions of one day share one engine: join rows that give the same answer."
            place = Place("rules/questions.yaml", 1, 1)
            self.found.setdefault(("engine-limit",), Problem(place, "engine-limit", f"All together: {fault}.", help))
        except TooManyConjunctions:
            pass  # It has been said of the question.
        return tables

    def question(
        self,
        period: Period,
        question: QuestionInForce,
        values: Mapping[str, tuple[Value, ...]],
        earlier: Mapping[str, CaseTable],
    ) -> CaseTable | None:
        """Try every kind of case that a question can meet; return them, None where they are too many to be listed."""
        names = read_by(question)
        if math.prod(len(values[name]) for name in names) > MOST_LISTED:
            asked = _Asked.by(period, question, self.policy)
            if asked in _LOOKED_AT:
                return None
            fire, proof = self.fire(question), self.proof(period)
            try:
                if proof is None:
                    raise PolicyError([too_tangled(self.policy, question)])
                self.check_diagram(proof, period, question)
            except PolicyError as refused:
                self.met += 1
                self.found.setdefault(("too-tangled", question.name), *refused.problems)
            for facts in _spread({name: values[name] for name in names}, TRIED):
                self.evaluators(question, facts, fire)
            if not self.found:
                _LOOKED_AT.append(asked)
            return None
        earlier_tables = tuple(earlier[name] for name in names if name in earlier)
        tried = tuple(values[name] for name in names)
        basis = _Basis(question, self.policy.types, tried, (period.problems, period.follows), earlier_tables)
        for known, table in _SOUND:
            if known.same(basis):
                return table
        rows = tuple(self.reachable(names, values, earlier, period))
        for known, table in _SOUND:
            if known.question == question and table.rows == rows and known.types == self.policy.types:
                _SOUND.append((basis, table))
                return table
        met, fire = self.met, self.fire(question)
        answers = tuple(self.answer(period, question, dict(zip(names, row, strict=True)), fire) for row in rows)
        table = CaseTable(question, names, rows, answers)
        if self.met == met and fire:
            _SOUND.append((basis, table))
        return table

    def proof(self, period: Period) -> _Proof | None:
        """Return what the solver knows of a period, None where a rule cannot be written as a formula."""
        if id(period) not in self.spaces:
            try:
                self.spaces[id(period)] = _Proof(SymbolicCase(self.policy, period, complete=True))
            except Unprovable:
                self.spaces[id(period)] = None
        return self.spaces[id(period)]

    def check_diagram(self, proof: _Proof, period: Period, question: QuestionInForce) -> None:
        """Look in the question's diagram for a case with two answers or none; ask the solver how its rows expand.

        Raises `PolicyError` where the diagram would be too large.
        """
        for way, ending in paths(diagram_of(self.policy, question, Diagrams(self.policy.types), every=True)):
            if ending.missing is not None or len(ending.held) == 1:
                continue
            facts: dict[str, Value] = dict.fromkeys(read_by(question))
            facts |= {name: value_of(self.policy.types[name], cell.first) for name, cell in way.items() if cell}
            self.answer(period, question, facts, None)
        truths = proof.space.truths[question.name]
        for outcome, truth in zip(question.outcomes, truths, strict=True):
            if (differs := proof.expands_otherwise(question, outcome, truth)) is not None:
                self.differ(question, (outcome.id,), differs)

    def real(
        self, period: Period, question: QuestionInForce, fault: RuleFault, facts: dict[str, Value]
    ) -> dict[str, Value] | None:
        """Return facts of a case that can be and has this fault, those given if they can; None where there is none.

        The same facts come back where the solver cannot be asked.
        """
        proof = self.proof(period)
        if proof is None or fault.code == "not-asked":
            return facts
        what: tuple[str | int, ...] = (id(period), question.name, fault.code, *sorted(fault.outcomes))
        if what in self.impossible:
            return None
        if proof.can_be(facts):
            return facts
        truths = dict(zip((one.id for one in question.outcomes), proof.space.truths[question.name], strict=True))
        holds = [truths[name].holds for name in fault.outcomes] or [proof.space.gap(question.name)]
        found = proof.case(question, every(holds))
        if found is None:
            self.impossible.add(what)
        return found

    def reachable(
        self,
        names: tuple[str, ...],
        values: Mapping[str, tuple[Value, ...]],
        earlier: Mapping[str, CaseTable],
        period: Period,
    ) -> Iterator[tuple[Value, ...]]:
        """Yield the rows of values that some case can have: not contradictory, and with answers that go together."""
        shared = []
        for name in names:
            if name in earlier:
                table = earlier[name]
                common = [one for one in table.names if one in names]
                places = [table.names.index(one) for one in common]
                pairs = {
                    (*(row[at] for at in places), answer) for row, answer in zip(table.rows, table.answers, strict=True)
                }
                shared.append(([names.index(one) for one in common] + [names.index(name)], pairs))
        for row in itertools.product(*(values[name] for name in names)):
            if all(tuple(row[at] for at in places) in pairs for places, pairs in shared):
                facts = dict(zip(names, row, strict=True))
                known = with_consequences(facts, period)[0]
                # What follows may be a fact that this question does not read; what it reads must be there already.
                if not any(holds(rule, known) for rule in period.problems) and facts.items() <= known.items():
                    yield row

    def answer(self, period: Period, question: QuestionInForce, facts: dict[str, Value], fire: Fire | None) -> Value:
        """Return the result of a kind of case; a fault of the rules is told where such a case can be in the period."""
        self.evaluators(question, facts, fire)
        try:
            answer = decide_question(question, facts, {}).answer
            return None if answer == UNDETERMINED else answer
        except RuleFault as fault:
            self.met += 1
            rows = tuple(fault.outcomes)
            if self.told(fault.code, question, rows):
                return None
            real = self.real(period, question, fault, facts)
            if real is None:
                return None
            help = {
                "overlap": f"Change one of {', '.join(rows)} so that only one can hold.",
                "gap": "Add an answer for it, or a row under 'open' with the open point.",
                "not-asked": "Add it.",
            }[fault.code]
            said = f"{fault} One such case: {_shown(self.policy, real)}."
            near = self.near(question, real) if fault.code == "gap" else ()
            lost = self.lost(question, real, near) if fault.code == "gap" else None
            if lost:
                name, how = lost.id.partition("/")[2], "leaves it open" if lost.point else f"answers it '{lost.answer}'"
                help = f"An earlier version {how}, by the row '{name}', which is not here. Copy it, if it still holds."
                near = self.beside(question, lost)
            elif near:
                others = " and ".join(f"'{name}' (line {self.place(question, name).line})" for name in near)
                help = f"Only one condition keeps {others} from holding there: widen it. Or {help[0].lower()}{help[1:]}"
            if fault.code == "gap" and (new := self.unheard_of(question, real)):
                help += f" Or say in rules/facts.yaml, under 'days', from when {new} counts."
            first = next(
                (one for one in read_by(question) for code in ("overlap", "gap") if self.told_of(code, one)), ""
            )
            if first:
                help = f"It may follow from what is told of '{first}': mend that first. {help}"
            self.fault(question, rows, fault.code, said, help, at=near[0] if near else "")
        return None

    def unheard_of(self, question: QuestionInForce, facts: Mapping[str, Value]) -> str:
        """Return a value of a case that no version of a question names, though some name others of its fact, or ""."""
        declared = self.policy.corpus.facts.facts
        versions = self.policy.corpus.questions[question.name].versions
        asked = [test for version in versions for row in version.rows for test in tests(row.when.condition)]
        for name, value in facts.items():
            if name in declared and declared[name].values and value is not None:
                operands = [test.operand for test in asked if test.fact == name and test.operator in ("is", "one_of")]
                words = {one for each in operands for one in (each if isinstance(each, (list, tuple)) else [each])}
                if words and value not in words:
                    return f"'{value}'"
        return ""

    def near(self, question: QuestionInForce, facts: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the rows that hold for a case but for one of their conditions; none where they are more than two."""
        found, at_limit = [], []
        for outcome in question.outcomes:
            parts = outcome.condition.parts if isinstance(outcome.condition, AllOf) else (outcome.condition,)
            failing = [part for part in parts if judge(part, facts) is not True]
            # A row for cases that lack a fact is not widened to those that give it.
            lacks = any(isinstance(part, Test) and part.operator == "known" for part in failing)
            if len(failing) == 1 and len(parts) > 1 and not lacks:
                found.append(outcome.id)
            if len(failing) == 1 and isinstance(failing[0], Test) and failing[0].operator in ORDERED:
                value = facts.get(failing[0].fact)
                at_limit += [outcome.id] if value is not None and value == failing[0].limit else []
        answers = [one.id for one in question.outcomes if one.point is None and one.id in found]
        near = at_limit or answers or found
        return tuple(near) if len(near) <= 2 else ()

    def lost(self, question: QuestionInForce, facts: Mapping[str, Value], near: tuple[str, ...]) -> Outcome | None:
        """Return the row by which an earlier version decides a case, where this one has neither it nor another for it.

        This one must be copied from it: most of its rows are there, too. A new row that is `near`, and asks something
        that the lost row asks, is taken to be in its place. A scenario leaves rows out on purpose.
        """
        now = {one.id: one for one in question.outcomes}
        if self.policy.scenario is not None:
            return None
        earlier = {one.version: one for period in self.policy.periods for one in [period.questions.get(question.name)]
                   if one and one.version < question.version}  # fmt: skip
        for _, one in sorted(earlier.items(), reverse=True):
            held = [row for row in one.outcomes if judge(row.condition, facts) is True]
            shared = len(now.keys() & {row.id for row in one.outcomes})
            if held and held[0].id not in now and 2 * shared > len(now):
                new, asked = {*near} - {row.id for row in one.outcomes}, {*tests(held[0].condition)}
                return None if any(asked.intersection(tests(now[name].condition)) for name in new) else held[0]
        return None

    def beside(self, question: QuestionInForce, lost: Outcome) -> tuple[str, ...]:
        """Return the row of a version beside which one that it lacks has its place, as an earlier version has it."""
        versions = self.policy.corpus.questions[question.name].versions[: question.version + 1]
        rows = [[f"{question.name}/{row.name}" for row in version.rows] for version in versions]
        # It was copied from the version with which it shares most rows.
        before = max((one for one in rows[:-1] if lost.id in one), key=lambda one: len({*one} & {*rows[-1]}))
        at = before.index(lost.id)
        return tuple(one for one in [*before[at + 1 :], *reversed(before[:at])] if one in rows[-1])[:1]

    def place(self, question: QuestionInForce, row: str) -> Place:
        """Return where a row of a question in force is written, by its id "question/row"."""
        return place_of_row(self.policy.corpus, row, question.version)

    def evaluators(self, question: QuestionInForce, facts: dict[str, Value], fire: Fire | None) -> None:
        """Tell where the two evaluators differ on a kind of case."""
        if fire is None:
            return
        held = {outcome.id for outcome in question.outcomes if judge(outcome.condition, facts) is True}
        try:
            fired = {name for name in fire.holding(given(facts, self.policy.types)) if not name.startswith("given/")}
        except EngineFault as failed:
            self.fault(question, (), "engine-limit", f"{failed}.", "Split the question.")
            return
        if fired != held:
            self.differ(question, tuple(fired ^ held), facts)

    def differ(self, question: QuestionInForce, rows: tuple[str, ...], facts: dict[str, Value]) -> None:
        said = f"The two evaluators differ on {_shown(self.policy, facts)}."
        self.fault(question, rows, "evaluators-differ", said, "This is a fault of the engine: report it.")

    def told_of(self, code: str, question: str) -> bool:
        return any(key[:2] == (code, question) for key in self.found)

    def told(self, code: str, question: QuestionInForce, rows: tuple[str, ...]) -> bool:
        return (code, question.name, *sorted(rows)) in self.found

    def fault(
        self, question: QuestionInForce, rows: tuple[str, ...], code: str, message: str, help: str, at: str = ""
    ) -> None:
        self.met += 1
        place = self.policy.corpus.place(f"rules/{question.name}.yaml", "versions", question.version)
        if at:
            place = self.place(question, at)
        elif rows:  # Of rows that all hold, one that always does is at fault; else the lowest, which is mostly newest.
            always = {one.id for one in question.outcomes if not list(tests(one.condition))}
            place = max((one in always, self.place(question, one)) for one in rows)[1]
        self.found.setdefault((code, question.name, *sorted(rows)), Problem(place, code, message, help))

    def fire(self, question: QuestionInForce) -> Fire | None:
        """Return the engine with one question, and rules that infer earlier answers from facts of their own."""
        types = dict(self.policy.types)
        needed = [name for name in read_by(question) if types[name].is_answer]
        outcomes: list[tuple[str, str, str | None, Condition]] = []
        for name in needed:
            own = f"given_{name}"
            types[own] = FactType(own, "choice", values=types[name].values)
            outcomes += [
                (f"given/{name}/{value}", name, value, Test(own, "is", value, limit=value))
                for value in types[name].values
            ]
        outcomes += [(one.id, question.name, None, one.condition) for one in question.outcomes]
        try:
            return Fire(outcomes, types, needed)
        except TooManyConjunctions:
            self.fault(
                question,
                (),
                "too-tangled",
                f"A condition of '{question.name}' has too many ways to hold.",
                "Split the row in two, or move a part of it into a question of its own.",
            )
        except EngineFault as fault:
            self.fault(question, (), "engine-limit", f"{fault}.", "Split the question.")
        return None


class _Proof:
    """The solver over every case that can be in one period, earlier answers included."""

    def __init__(self, space: SymbolicCase) -> None:
        self.space, self.types = space, space.policy.types
        self.tried = values_to_try(space.period, self.types)
        self.solver = z3.Solver()
        self.solver.add(space.possible)

    def has(self, name: str, value: Value) -> z3.BoolRef:
        """Return the formula that a fact, or an earlier answer, has a value (None: it is not known)."""
        one = self.space.symbols[name]
        return opposite(one.known) if value is None else every((one.known, one.among([value])))

    def can_be(self, facts: Mapping[str, Value]) -> bool:
        """Return whether some case has these facts and earlier answers."""
        return bool(self.solver.check(*(self.has(name, value) for name, value in facts.items())) == z3.sat)

    def case(self, question: QuestionInForce, what: z3.BoolRef) -> dict[str, Value] | None:
        """Return the facts and answers that a question reads of a case that meets a formula, None where there is none.

        Where it can, each has one of the values to try, and is not known rather than anything.
        """
        self.solver.push()
        try:
            self.solver.add(what)
            if self.solver.check() != z3.sat:
                return None
            names = read_by(question)
            # One value after the other: of several that would do, each run takes the same.
            model = plainest(self.solver, (self.has(name, one) for name in names for one in (None, *self.tried[name])))
            return {name: self.space.value(model, name) for name in names}
        finally:
            self.solver.pop()

    def expands_otherwise(self, question: QuestionInForce, outcome: Outcome, truth: Truth) -> dict[str, Value] | None:
        """Return a case on which the rules of the engine and a condition differ, None where there is none."""
        try:
            rules = expanded(outcome.condition, self.types)
        except TooManyConjunctions:
            return None  # It has been said of the question.
        fires = either(every([self.literal(one) for one in rule]) for rule in rules)
        return self.case(question, z3.Xor(fires, truth.holds))

    def literal(self, one: Comparison | tuple[str, int]) -> z3.BoolRef:
        """Return the formula of a comparison, or of an answer, of the rule engine."""
        if not isinstance(one, Comparison):
            name, number = one
            return self.has(name, value_of(self.types[name], number))
        fact: Any = self.space.symbols[one.field]
        return _COMPARED[one.operator](z3.If(fact.known, fact.value, z3.IntVal(UNKNOWN)), one.number)


_COMPARED: dict[str, Callable[[z3.ArithRef, int], z3.BoolRef]] = {
    "eq": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}  # fmt: skip


def _spread(values: Mapping[str, tuple[Value, ...]], count: int) -> Iterator[dict[str, Value]]:
    """Yield so many of all combinations of values, spread evenly over them."""
    every = math.prod(len(one) for one in values.values())
    for number in range(count):
        at, facts = every * number // count, {}
        for name, one in values.items():
            at, place = divmod(at, len(one))
            facts[name] = one[place]
        yield facts


def tables(policy: Policy, progress: Progress | None = None) -> tuple[list[dict[str, CaseTable]], list[Problem]]:
    """Return for each period the table of each question that is listed, and every fault found (see `faults`)."""
    walk = _QuestionWalk(policy, progress)
    return [walk.period(period) for period in policy.periods], sorted(walk.found.values())


def policies(corpus: Corpus) -> Iterator[Policy]:
    """Yield each policy whose rules are tried: as it counts, and with what is proposed, and under each scenario.

    A scenario that is laid over the policy, or leaves decisions out, is tried over what has been decided alone.
    """
    proposed = any(one.status == "proposed" for one in corpus.decisions.values())
    out, alone = waiting(corpus), apart(corpus)
    for scenario in (None, *(one for one in corpus.scenarios if one not in out)):
        for included in (False, True) if proposed and scenario not in alone else (False,):
            yield timeline.policy(corpus, include_proposed=included, scenario=scenario)


def told_once(found: Iterable[tuple[Policy, Iterable[Problem]]]) -> list[Problem]:
    """Return the faults of policies in their order, each once.

    A scenario rests on the policy, so it has the policy's faults, too: one in a file of the rules is told of a scenario
    where the policy itself, which comes first, has none of its kind there.
    """
    kept: dict[Problem, None] = {}
    own: set[tuple[str, str]] = set()
    for policy, problems in found:
        for one in problems:
            kind = one.place.file, one.code
            if policy.scenario is None:
                own.add(kind)
            if policy.scenario is None or kind not in own:
                kept[one] = None
    return list(kept)


def faults(policy: Policy, progress: Progress | None = None) -> list[Problem]:
    """Return every way in which the rules fail on some kind of case: an overlap, a gap, or evaluators that differ.

    Every kind of case that can be is tried on every question, facts not known included; where they are too many to be
    listed the question's diagram is looked at; `progress` is told (done, of).
    A fault is shown with the facts of one case that has it, one fault for each set of rows. Where a value that a rule
    names is not set yet on a day on which the rule counts, or does not count on it, that is said alone: no case can be
    tried on such a rule.
    """
    found = {*_not_yet_set(policy), *out_of_force(policy)}
    return sorted(found) or tables(policy, progress)[1]


def _not_yet_set(policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each rule that names a value which nothing sets yet in a period in which the rule counts."""
    corpus = policy.corpus

    def problem(place: Place, period: Period, names: Iterable[str]) -> Iterator[Problem]:
        since = f"on {period.start.isoformat()}" if period.start else "from the beginning"
        for name in names:
            said = f"'{name}' has no value yet {since}, and this counts already."
            yield Problem(place, "not-yet-set", said, "Let the value count from then, or the rule from a later day.")

    for period in policy.periods:
        for question in period.questions.values():
            for outcome in question.outcomes:
                place = place_of_row(corpus, outcome.id, question.version)
                figures = (name for name, value in outcome.gives.items() if value is None)
                yield from problem(place, period, (*_unbound(outcome.condition), *figures))
            for caution in question.cautions:
                ids = [one.id for one in corpus.questions[question.name].cautions]
                place = corpus.place(f"rules/{question.name}.yaml", "cautions", ids.index(caution.id))
                yield from problem(place, period, _unbound(caution.condition))
        for key, rules in (("follows", period.follows), ("problems", period.problems), ("warnings", period.warnings)):
            for index, rule in enumerate(rules):
                place = corpus.place("rules/facts.yaml", key, index)
                yield from problem(place, period, _unbound(rule.condition))


def _unbound(condition: Condition) -> Iterator[str]:
    """Yield `$` and the name of each parameter in a condition that has no value."""
    return (f"${test.parameter}" for test in tests(condition) if test.parameter and test.limit is None)


def given(facts: Mapping[str, Value], types: Mapping[str, FactType]) -> dict[str, Value]:
    """Return facts with earlier answers as the facts of their own that `_fire`'s rules turn into answers."""
    return {f"given_{name}" if types[name].is_answer else name: value for name, value in facts.items()}


def _shown(policy: Policy, facts: Mapping[str, Value]) -> str:
    said = [f"{name}: {_plain(written(policy.types[name].type, value))}" for name, value in facts.items()]
    return "{" + ", ".join(said) + "}" if said else "a case of which nothing is known"


def _plain(value: Value | list[Value]) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
