"""Proving: one answer or one named open point for every case that can be, on every date; and what else is declared.

By solver, over the whole domain of facts, facts not known included, in every stretch of time between two dates of the
policy. A fault comes with the pupils who show it, and they are decided for real before they are shown.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import z3

from senpolicy import model as m
from senpolicy.cases import Case, read_text
from senpolicy.conditions import AllOf, AnyOf, Condition, Not, Test, Value, facts_of, written
from senpolicy.corpus import Corpus
from senpolicy.decide import UNDETERMINED, Decider, Decision, NotIssued
from senpolicy.problems import Place, PolicyError, Problem, WrongUse, did_you_mean, listed
from senpolicy.readings.formula import Derived, Space, Truth, Unprovable, either, formula
from senpolicy.readings.say import say_date, say_value
from senpolicy.timeline import CaseRuleInForce, Period, Policy, QuestionInForce, policy

Clock = Callable[[], float]
Progress = Callable[[int, int], None]

#: The days for which every question must have one version.
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2030, 12, 31)
#: What a pupil who shows a fault looks like where nothing speaks against it: issued lately, with amounts of this size.
LATELY, USUAL_PENCE = date(2020, 1, 1), 5_000_000


@dataclass(frozen=True)
class Finding:
    """A fault, or what could not be proved in time: the problem, and as YAML the pupils who show it (or none)."""

    about: str
    problem: Problem
    pupils: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain data, with the pupils as YAML text that `decide` reads."""
        place = {"file": self.problem.place.file} if self.problem.place.file else {}
        said = {"about": self.about, "result": "not proved" if self.problem.warning else "fault"}
        return {**said, **place, **self.problem.to_json(), "pupils": list(self.pupils)}


@dataclass
class Report:
    """What was proved of each question and property, what was found, and which answers nothing reaches.

    `proved` maps each question and property to what holds, in words; `notes` holds what is listed and is no fault.
    """

    findings: list[Finding] = field(default_factory=list)
    proved: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def faults(self) -> list[Finding]:
        """The findings that are faults."""
        return [one for one in self.findings if not one.problem.warning]

    @property
    def unproved(self) -> list[Finding]:
        """The findings that only say that the time was too short."""
        return [one for one in self.findings if one.problem.warning]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the report as lines, each with a style for terminals: what is proved, what is listed, what is wrong."""
        width = max(map(len, [*self.proved, *(name for name, _ in self.notes), ""])) + 2
        for name, said in self.proved.items():
            yield "green", f"{name:<{width}}proved: {said}"
        for name, said in self.notes:
            yield "dim", f"{name:<{width}}note: {said}"
        for one in self.findings:
            yield "", ""
            yield "yellow" if one.problem.warning else "bold red", str(one.problem)
            for line in "".join(one.pupils).splitlines():
                yield "", f"  {line}"

    def to_json(self) -> list[dict[str, Any]]:
        """Return everything as one list of plain data."""
        proved = [{"about": name, "result": "proved", "message": said} for name, said in self.proved.items()]
        notes = [{"about": name, "result": "note", "message": said} for name, said in self.notes]
        return [*(one.to_json() for one in self.findings), *proved, *notes]


def policies(
    corpus: Corpus, *, as_of: str | None = None, include_proposed: bool = False, readings: str = "all",
    scenario: str | None = None,
) -> list[Policy]:  # fmt: skip
    """Return every policy that a proof without choice covers: as of each decision, and under each scenario.

    With `as_of` or `scenario`, that one alone. Raises `WrongUse` for names that are not known.
    """
    if as_of or scenario:
        return [policy(corpus, as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario)]
    decisions = [n for n in corpus.order if include_proposed or corpus.decisions[n].status != "proposed"]
    found = [policy(corpus, as_of=n, include_proposed=include_proposed, readings=readings) for n in decisions]
    last = {"include_proposed": include_proposed, "readings": readings}
    return found + [policy(corpus, scenario=name, **last) for name in corpus.scenarios]  # type: ignore[arg-type]


def prove(
    policies: Iterable[Policy], *, clock: Clock, seconds: float = 60, only: str | None = None,
    progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Return what can be proved of these policies, which are of one corpus, and every fault with pupils who show it.

    Each question and property has so many `seconds` by `clock`; what takes longer is reported as not proved. `only`
    names one question or property. Raises `PolicyError` for a rule that cannot be written as a formula, `WrongUse` for
    a name that is not known.
    """
    chosen = list(policies)
    names = [*chosen[0].corpus.questions, *(one.id for one in chosen[0].corpus.properties)]
    if only is not None and only not in names:
        raise WrongUse(f"'{only}' is neither a question nor a property. {did_you_mean(only, names) or listed(names)}")
    prover = _Prover(chosen, clock, seconds, only)
    stretches = [(of, period) for of in chosen for period in of.periods]
    for done, (of, period) in enumerate(stretches, 1):
        prover.period(of, period)
        if progress:
            progress(done, len(stretches))
    return prover.report()


@dataclass(frozen=True)
class _Part:
    """A row, test or branch of the rules that must be able to matter in some period."""

    question: str
    file: str
    path: tuple[Any, ...]
    what: str
    message: str


class _TooLong(Exception):
    """Raised inside the prover where the time for a question or property has run out."""


class _Prover:
    def __init__(self, chosen: list[Policy], clock: Clock, seconds: float, only: str | None) -> None:
        self.policies, self.corpus = chosen, chosen[0].corpus
        self.clock, self.seconds, self.only = clock, seconds, only
        self.spent: dict[str, float] = {}
        self.late: set[str] = set()
        self.findings: dict[tuple[Any, ...], Finding] = {}
        self.parts: dict[_Part, bool] = {}
        self.reached: set[tuple[str, str]] = set()
        self.spoken: set[str] = set()
        self.seen: list[tuple[Period, Any]] = []
        self.stretches: Counter[str] = Counter()
        self.deciders: dict[int, Decider] = {}

    # What is proved of each period

    def period(self, of: Policy, period: Period) -> None:
        types = (of.types, of.scenario is not None)
        if any(_covers(other, period) and types == its for other, its in self.seen):
            return
        self.seen.append((period, types))
        space, solver = self.space(of, period), z3.Solver()
        solver.add(space.possible)
        view = _View(of, period, space, solver, [])
        self.stretch(view)
        for question in period.questions.values():
            faulty = not self.wanted(question.name) or self.question(view, question)
            if faulty:
                # Later questions are asked only of cases that this one settles or leaves open: others are not decided.
                decides = [z3.Not(space.overlap(question.name)), z3.Not(space.gap(question.name))]
                view.sound += decides
                solver.add(decides)
        for declared in self.corpus.properties:
            if self.wanted(declared.id):
                with self.within(declared.id):
                    self.declared(view, declared)

    def space(self, of: Policy, period: Period) -> Space:
        try:
            return Space(period, of.types)
        except Unprovable as fault:
            place = self.place_of_rule(fault.rule, period)
            raise PolicyError([Problem(place, "cannot-be-proved", f"{fault}",
                                       "Say it with the tests of the language, or write a formula for it in "
                                       "senpolicy/readings/formula.py.")]) from None  # fmt: skip

    def stretch(self, view: _View) -> None:
        """Note it where no case at all can be: every proof would hold for want of cases."""
        with self.within("facts"), self.asked(view, "facts") as found:
            if not found:
                self.fault("facts", "no-case", Place("rules/facts.yaml", 1, 1), (),
                           "No case can be without a contradiction, so nothing can be proved.",
                           "Change the problems there so that cases can pass.")  # fmt: skip

    def question(self, view: _View, question: QuestionInForce) -> bool:
        """Prove what can be of a question in a period; return whether some case has no answer, or more than one."""
        faulty = True
        self.stretches[question.name] += 1
        with self.within(question.name):
            faulty = self.overlaps(view, question) | self.gaps(view, question)
            self.reach(view, question)
            if view.policy.scenario is None:
                self.alive(view, question)
        return faulty

    def overlaps(self, view: _View, question: QuestionInForce) -> bool:
        holds = [truth.holds for truth in view.space.outcomes[question.name]]
        pairs = list(itertools.combinations(range(len(holds)), 2))
        any_found = False
        while pairs:
            with self.asked(view, question.name, either(z3.And(holds[a], holds[b]) for a, b in pairs)) as found:
                if not found:
                    return any_found
                any_found, pupil, model = True, self.pupil(view), view.solver.model()
                held = [at for at, one in enumerate(holds) if z3.is_true(model.eval(one, model_completion=True))]
                outcomes = [question.outcomes[at].id for at in held]
                said = f"{_listed(outcomes)} hold together for {self.said(view, pupil)}."
                self.shown(view, question, "overlap", outcomes, self.place(question, held[0]), said,
                           "Change one of them so that only one can hold.", pupil)  # fmt: skip
            pairs = [(a, b) for a, b in pairs if not (a in held and b in held)]
        return any_found

    def gaps(self, view: _View, question: QuestionInForce) -> bool:
        with self.asked(view, question.name, view.space.gap(question.name)) as found:
            if not found:
                return False
            pupil = self.pupil(view)
            said = f"No answer and no open point of '{question.name}' covers {self.said(view, pupil)}."
            self.shown(view, question, "gap", [], self.place(question), said,
                       "Add an answer for it, or a row under 'open' with the open point.", pupil)  # fmt: skip
            return True

    def reach(self, view: _View, question: QuestionInForce) -> None:
        for answer, given in view.space.answers[question.name].items():
            if (question.name, answer) not in self.reached and self.can_be(view, question.name, given):
                self.reached.add((question.name, answer))

    # Rows, tests and branches that can never matter

    def alive(self, view: _View, question: QuestionInForce) -> None:
        """Note for each part of a question's version whether it can matter in this period."""
        name, file = question.name, f"rules/{question.name}.yaml"
        written_version = self.corpus.questions[name].versions[question.version]
        for at, (outcome, truth) in enumerate(zip(question.outcomes, view.space.outcomes[name], strict=True)):
            key = ("answers", at) if at < len(written_version.answers) else ("open", at - len(written_version.answers))
            self.row(view, name, file, ("versions", question.version, *key), outcome.id, outcome.condition, truth)
        cautions = self.corpus.questions[name].cautions
        for caution in question.cautions:
            at = next(at for at, one in enumerate(cautions) if (one.id, one.decision) == (caution.id, caution.decision))
            truth = formula(caution.condition, view.space.symbols)
            self.row(view, name, file, ("cautions", at), caution.id, caution.condition, truth)

    def row(
        self, view: _View, name: str, file: str, path: tuple[Any, ...], row: str, condition: Condition, truth: Truth
    ) -> None:
        if not self.matters(view, _Part(name, file, path, "row", f"'{row}' can never hold."), truth.holds):
            return
        for where, part, negated, alternative in _parts(condition, (*path, "when"), False, False):
            its = formula(part, view.space.symbols)
            supports, hinders = (its.fails, its.holds) if negated else (its.holds, its.fails)
            if isinstance(part, Test):
                fact, asked = view.space.symbols[part.fact], f"'{part.fact} {part.operator}'"
                if isinstance(fact, Derived):
                    # A test on an answer also makes the row wait for that answer, even where it could not hinder it.
                    hinders = z3.Or(hinders, z3.Not(fact.known))
                never, always = ("fails", "holds") if negated else ("holds", "fails")
                if not self.matters(view, _Part(name, file, where, "test", f"{asked} never {never} here."), supports):
                    continue
                self.matters(view, _Part(name, file, where, "test not", f"{asked} never {always} here."), hinders)
            if alternative:
                said = f"'{row}' never holds by this branch."
                if not self.matters(view, _Part(name, file, where, "branch", said), z3.And(truth.holds, supports)):
                    continue
            if isinstance(part, Test) and part.operator == "one_of" and len(part.limit) > 1:
                for value in part.limit:
                    said = f"'{part.fact}' is never {_word(value)} where this is asked."
                    meets = z3.And(fact.known, fact.among([value]))
                    # Under a `not` the value keeps the row from holding, so it has to be possible, no more.
                    self.matters(view, _Part(name, file, where, f"value {value}", said),
                                 meets if negated else z3.And(truth.holds, meets))  # fmt: skip

    def matters(self, view: _View, part: _Part, can: z3.BoolRef) -> bool:
        """Return whether this part can matter in the period, or did in an earlier one."""
        if not self.parts.get(part):
            self.parts[part] = self.can_be(view, part.question, can)
        return self.parts[part]

    # Declared properties

    def declared(self, view: _View, declared: m.Property) -> None:
        if declared.monotone:
            self.monotone(view, declared, declared.monotone)
        elif declared.one_answer:
            self.one_answer(view, declared, declared.one_answer.question)
        elif declared.more_facts:
            self.more_facts(view, declared, declared.more_facts)

    def monotone(self, view: _View, declared: m.Property, wanted: m.Monotone) -> None:
        """Prove that of two cases that differ in one fact, the one with the higher value never has a lower answer."""
        answers = view.space.answers.get(wanted.question, {})
        order = [answer for answer in wanted.order or view.policy.types[wanted.question].values if answer in answers]
        if len(order) < 2:
            return
        self.spoken.add(declared.id)
        fact = view.space.facts[wanted.fact]
        higher = _Swap([(fact.value, z3.Int(f"{wanted.fact} higher"))])
        falls = [z3.And(answers[order[high]], higher(answers[order[low]]))
                 for low, high in itertools.combinations(range(len(order)), 2)]  # fmt: skip
        more = [fact.known, fact.value < higher(fact.value), *map(higher, (*view.space.possible, *view.sound))]
        with self.asked(view, declared.id, either(falls), *more) as found:
            if found:
                pair = [self.pupil(view, kept=[wanted.fact]), self.pupil(view, higher, kept=[wanted.fact])]
                said = f"With a higher '{wanted.fact}' the answer to '{wanted.question}' falls"
                rank = {answer: place for place, answer in enumerate(order)}
                self.pair(view, declared, wanted.question, said, pair, lambda one, other: rank[one] > rank[other])

    def one_answer(self, view: _View, declared: m.Property, question: str) -> None:
        """Prove that no case has two answers; that each day has one version of the rules is shown beside it."""
        answers = view.space.answers.get(question, {})
        self.spoken.add(declared.id)
        both = [z3.And(one, other) for one, other in itertools.combinations(answers.values(), 2)]
        with self.asked(view, declared.id, either(both), sound=False) as found:
            if found:
                pupil = self.pupil(view)
                model = view.solver.model()
                given = [
                    answer for answer, one in answers.items() if z3.is_true(model.eval(one, model_completion=True))
                ]
                text = self.yaml(view, pupil)
                self.fault(declared.id, "property", self.place_of_property(declared), (question, *given),
                           f"{declared.says} Here {_listed(given)} hold together for {self.said(view, pupil)}.",
                           "Mend the rules, or the property.", (text,))  # fmt: skip

    def more_facts(self, view: _View, declared: m.Property, wanted: m.MoreFacts) -> None:
        """Prove that an answer to a case is the answer to every case that gives the same facts and more."""
        self.spoken.add(declared.id)
        facts = view.space.facts
        later = _Swap([(fact.known, z3.Bool(f"{name} known later")) for name, fact in facts.items()])
        grows = [z3.Implies(fact.known, later(fact.known)) for fact in facts.values()]
        more = [*grows, *map(later, (*view.space.possible, *view.sound))]
        excepted = {
            one.question: [e.fact for e in wanted.exceptions if e.question == one.question] for one in wanted.exceptions
        }
        for name, question in view.period.questions.items():
            # What a question takes over from an excepted one is excepted there, not here.
            stays = [given == later(given) for earlier in self.rests_on(view, question) if earlier in excepted
                     for given in view.space.answers[earlier].values()]  # fmt: skip
            stays += [facts[fact].known == later(facts[fact].known) for fact in excepted.get(name, ())]
            changes = either(z3.And(given, z3.Not(later(given))) for given in view.space.answers[name].values())
            with self.asked(view, declared.id, changes, *more, *stays) as found:
                if found:
                    pair = [self.pupil(view), self.pupil(view, later)]
                    said = f"With more facts the answer to '{name}' changes"
                    self.pair(view, declared, name, said, pair, lambda one, other: one != UNDETERMINED and one != other)

    def rests_on(self, view: _View, question: QuestionInForce) -> set[str]:
        """Return the earlier questions whose answers a question reads, and those that they read."""
        found: set[str] = set()
        for outcome in question.outcomes:
            for name in facts_of(outcome.condition):
                if name in view.period.questions:
                    found |= {name} | self.rests_on(view, view.period.questions[name])
        return found

    def pair(
        self, view: _View, declared: m.Property, question: str, said: str, pupils: list[dict[str, Value]],
        shows: Callable[[str, str], bool],
    ) -> None:  # fmt: skip
        """Report two cases that break a property, after deciding both."""
        texts = [self.yaml(view, pupil, number) for number, pupil in enumerate(pupils)]
        decided = [self.decided(view, text) for text in texts]
        answers = [one.answers[question].answer for one in decided if isinstance(one, Decision)]
        if len(answers) < 2 or not shows(answers[0], answers[1]):
            self.disagreement(declared.id, self.place_of_property(declared), tuple(texts))
            return
        self.fault(declared.id, "property", self.place_of_property(declared), (question, *answers),
                   f"{declared.says} {said}, from '{answers[0]}' to '{answers[1]}', for {self.said(view, pupils[0])}.",
                   "Mend the rules, or record the exception.", tuple(texts))  # fmt: skip

    # By plain code

    def dates(self) -> Iterator[Finding]:
        """Yield where a day has no version of a question, or two of one decision."""
        last = self.policies[-1] if self.policies[-1].scenario is None else self.policies[0]
        for name in self.corpus.questions:
            if not self.wanted(name):
                continue
            missing = [(period.start or FIRST_DAY) for period in last.periods
                       if name not in period.questions and (period.start or FIRST_DAY) <= LAST_DAY
                       and (period.end or LAST_DAY) >= FIRST_DAY]  # fmt: skip
            for day in missing:
                yield Finding(name, Problem(
                    Place(f"rules/{name}.yaml", 1, 1), "no-version",
                    f"'{name}' has no version on {say_date(max(day, FIRST_DAY))}.",
                    "Let its first version start as early as the policy goes: without 'from'."))  # fmt: skip
            starts = Counter((version.start, version.decision) for version in self.corpus.questions[name].versions)
            for (start, decision), count in starts.items():
                if count > 1:
                    yield Finding(name, Problem(
                        Place(f"rules/{name}.yaml", 1, 1), "two-versions",
                        f"{count} versions of '{name}' by {decision} start on one day ({start or 'the first'}).",
                        "Keep one of them."))  # fmt: skip

    def no_fact(self, declared: m.Property, wanted: m.NoFact) -> Iterator[Finding]:
        """Yield each fact that is about one of the words, and each use of an excepted fact outside its questions."""
        permitted = {one.fact: one.only_in for one in wanted.exceptions}
        words = {word.casefold() for word in wanted.words}
        for name, fact in self.corpus.facts.facts.items():
            values = fact.values if isinstance(fact.values, dict) else dict.fromkeys(fact.values, "")
            said = " ".join([name, fact.label, *values, *values.values()]).replace("_", " ").casefold()
            about = sorted(words & set(re.findall(r"\w+", said)))
            if about and name not in permitted:
                yield Finding(declared.id, Problem(
                    self.corpus.place("rules/facts.yaml", "facts", name, key=True), "property",
                    f"{declared.says} '{name}' speaks of {_listed(about)}.",
                    "Take the fact out, or record the exception with its paragraph."))  # fmt: skip
        for name, question in self.corpus.questions.items():
            conditions = [row.when for version in question.versions for row in version.answers]
            conditions += [row.when for version in question.versions for row in version.open]
            for asked in _asked([*conditions, *(one.when for one in question.cautions)]):
                if asked in permitted and name not in permitted[asked]:
                    yield Finding(declared.id, Problem(
                        Place(f"rules/{name}.yaml", 1, 1), "property",
                        f"{declared.says} '{name}' asks for '{asked}', which only {_listed(permitted[asked])} may.",
                        "Take the test out, or record the exception with its paragraph."))  # fmt: skip

    # The report

    def report(self) -> Report:
        findings = [*self.findings.values(), *self.dates()]
        notes = []
        for declared in self.corpus.properties:
            if declared.no_fact and self.wanted(declared.id):
                findings += self.no_fact(declared, declared.no_fact)
                self.spoken.add(declared.id)
        findings += [
            Finding(part.question, Problem(self.corpus.place(part.file, *part.path), "dead", part.message,
                                           "Take it out, or change what keeps it from mattering."))
            for part, mattered in self.parts.items() if not mattered and part.question not in self.late
        ]  # fmt: skip
        places = {one.id: self.place_of_property(one) for one in self.corpus.properties}
        findings += [
            Finding(name, Problem(places.get(name, Place(f"rules/{name}.yaml", 1, 1)), "not-proved",
                                  f"'{name}' was not proved in {self.seconds:g} s.",
                                  "Give it more time with --seconds.", warning=True))
            for name in sorted(self.late)
        ]  # fmt: skip
        unsettled = {one.about for one in findings}
        proved = {}
        for name, question in self.corpus.questions.items():
            if self.wanted(name) and name not in unsettled:
                count = self.stretches[name]
                proved[name] = (
                    f"one answer or one open point for every case ({count} stretch{'es' if count != 1 else ''} of time)"
                )
            if self.wanted(name) and name not in self.late:
                notes += [
                    (name, f"nothing reaches '{answer}'")
                    for answer in question.answers
                    if (name, answer) not in self.reached
                ]
        for declared in self.corpus.properties:
            if self.wanted(declared.id) and declared.id not in unsettled:
                empty = "" if declared.id in self.spoken else " Nothing speaks of it yet: its answers are not reached."
                proved[declared.id] = declared.says + empty
        return Report(sorted(findings, key=lambda one: (one.problem.warning, one.problem)), proved, notes)

    # Asking the solver

    def wanted(self, name: str) -> bool:
        return self.only in (None, name)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Do what stands inside unless the time for `name` has run out; note it where it does."""
        try:
            yield
        except _TooLong:
            self.late.add(name)

    @contextmanager
    def asked(self, view: _View, name: str, *formulas: z3.BoolRef, sound: bool = True) -> Iterator[bool]:
        """Yield whether a case can meet these formulas; inside, the solver holds one that does.

        Without `sound`, cases that a question does not decide count too. Raises `_TooLong` when the time has run out.
        """
        left = self.seconds - self.spent.get(name, 0)
        if left <= 0:
            raise _TooLong
        solver = view.solver if sound else view.fresh()
        started = self.clock()
        solver.set("timeout", max(int(left * 1000), 1))
        depth = solver.num_scopes()
        solver.push()
        try:
            solver.add(*formulas)
            result = solver.check()
            self.spent[name] = self.seconds - left + self.clock() - started
            if result == z3.unknown:
                self.spent[name] = self.seconds
                raise _TooLong
            held, view.solver = view.solver, solver
            try:
                yield result == z3.sat
            finally:
                view.solver = held
        finally:
            solver.pop(solver.num_scopes() - depth)

    def can_be(self, view: _View, name: str, what: z3.BoolRef) -> bool:
        with self.asked(view, name, what) as found:
            return found

    # Showing a fault

    def pupil(self, view: _View, other: _Swap | None = None, kept: Iterable[str] = ()) -> dict[str, Value]:
        """Return the facts of a case that the solver holds, as few and as plain as it allows; None where not known."""
        swap = other or _Swap([])
        if other is None:
            self.plainly(view, kept)
        model = view.solver.model()
        facts: dict[str, Value] = {}
        for name, fact in view.space.facts.items():
            if z3.is_true(model.eval(swap(fact.known), model_completion=True)):
                facts[name] = fact.read(model.eval(swap(fact.value), model_completion=True).as_long())
        return facts

    def plainly(self, view: _View, kept: Iterable[str]) -> None:
        """Hold the solver to a case with few facts, a day in the years that are proved, and sizes that people know."""
        facts = view.space.facts
        wishes = [z3.Not(fact.known) for name, fact in reversed(facts.items()) if name not in kept]
        for fact in facts.values():
            if fact.kind.type == "date":
                wishes.append(fact.value >= LATELY.toordinal())
            if fact.kind.type == "money":
                wishes.append(fact.value <= USUAL_PENCE)
        if "decision_date" in facts:
            day = facts["decision_date"].value
            wishes += [day >= FIRST_DAY.toordinal(), day <= LAST_DAY.toordinal()]
        for wish in wishes:
            view.solver.push()
            view.solver.add(wish)
            if view.solver.check() != z3.sat:
                view.solver.pop()
        assert view.solver.check() == z3.sat

    def shown(
        self, view: _View, question: QuestionInForce, code: str, outcomes: list[str], place: Place, said: str,
        help: str, pupil: dict[str, Value],
    ) -> None:  # fmt: skip
        """Report a fault of a question with the pupil who shows it, after deciding that pupil for real."""
        text = self.yaml(view, pupil)
        decided = self.decided(view, text)
        if not isinstance(decided, NotIssued) or sorted(decided.accounts.get("judge", ["?"])) != sorted(outcomes):
            self.disagreement(question.name, place, (text,))
            return
        self.fault(question.name, code, place, (question.version, *sorted(outcomes)), said, help, (text,))

    def fault(
        self,
        about: str,
        code: str,
        place: Place,
        what: tuple[Any, ...],
        said: str,
        help: str,
        pupils: tuple[str, ...] = (),
    ) -> None:
        self.findings.setdefault((about, code, *what), Finding(about, Problem(place, code, said, help), pupils))

    def disagreement(self, about: str, place: Place, pupils: tuple[str, ...]) -> None:
        self.fault(about, "proof-differs", place, (), "The solver and the evaluator differ on a case.",
                   "This is a fault of the engine: report it, with the case.", pupils)  # fmt: skip

    def decided(self, view: _View, text: str) -> Any:
        case = read_text(text, "witness.yaml", view.policy)[0]
        if not isinstance(case, Case):
            return case
        decider = self.deciders.setdefault(id(view.policy), Decider(view.policy))
        return decider.decide(case)

    def yaml(self, view: _View, pupil: Mapping[str, Value], extra: int = 0) -> str:
        return pupil_yaml(f"W-{len(self.findings) + extra + 1:04d}", pupil, view.policy)

    def said(self, view: _View, pupil: Mapping[str, Value]) -> str:
        types = view.policy.types
        given = [f"{types[name].label or name}: {say_value(value, types[name])}"
                 for name, value in pupil.items() if name != "decision_date"]  # fmt: skip
        day = pupil.get("decision_date")
        on = f" on {say_date(day)}" if isinstance(day, date) else ""
        return f"a pupil{on} ({'; '.join(given) or 'of whom nothing else is known'})"

    def place(self, question: QuestionInForce, outcome: int | None = None) -> Place:
        file, path = f"rules/{question.name}.yaml", ("versions", question.version)
        if outcome is None:
            return self.corpus.place(file, *path)
        answers = len(self.corpus.questions[question.name].versions[question.version].answers)
        row = ("answers", outcome) if outcome < answers else ("open", outcome - answers)
        return self.corpus.place(file, *path, *row)

    def place_of_property(self, declared: m.Property) -> Place:
        return self.corpus.place("rules/properties.yaml", "properties", self.corpus.properties.index(declared))

    def place_of_rule(self, rule: str, period: Period) -> Place:
        for part in ("problems", "follows"):
            rules: tuple[CaseRuleInForce, ...] = getattr(period, part)
            for at, one in enumerate(rules):
                if one.id == rule:
                    return self.corpus.place("rules/facts.yaml", part, at)
        return Place(f"rules/{rule.partition('/')[0]}.yaml", 1, 1)


@dataclass
class _View:
    """One period as the prover sees it: its space, the solver that holds it, and what keeps undecided cases out."""

    policy: Policy
    period: Period
    space: Space
    solver: z3.Solver
    sound: list[z3.BoolRef]

    def fresh(self) -> z3.Solver:
        """Return a solver in which cases count that some question does not decide."""
        solver = z3.Solver()
        solver.add(self.space.possible)
        return solver


class _Swap:
    """Turns formulas about one case into the same formulas about a second case that differs in these terms."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self.pairs = pairs

    def __call__(self, what: Any) -> Any:
        return z3.substitute(what, *self.pairs) if self.pairs else what


def pupil_yaml(reference: str, facts: Mapping[str, Value], policy: Policy) -> str:
    """Return a case as YAML that `decide` reads: an item of a list, facts in the order in which they are declared."""
    lines = [f"- case_ref: {reference}"]
    for name, value in facts.items():
        text = written(policy.types[name].type, value)
        text = str(text).lower() if isinstance(text, bool) else str(text)
        lines.append(
            f'  {name}: "{text}"' if policy.types[name].type == "choice" and text[:1].isdigit() else f"  {name}: {text}"
        )
    return "\n".join(lines) + "\n"


def _covers(seen: Period, period: Period) -> bool:
    """Return whether what was proved of one period holds for another: the same rules, on days that lie within."""
    starts = (seen.start or date.min) <= (period.start or date.min)
    ends = (seen.end or date.max) >= (period.end or date.max)
    rules = (seen.questions, seen.follows, seen.problems) == (period.questions, period.follows, period.problems)
    same = [one.version for one in seen.questions.values()] == [one.version for one in period.questions.values()]
    return starts and ends and rules and same


def _parts(
    condition: Condition, path: tuple[Any, ...], negated: bool, alternative: bool
) -> Iterator[tuple[tuple[Any, ...], Condition, bool, bool]]:
    """Yield each part of a condition with its path, whether it stands under a `not`, and whether it is a branch."""
    yield path, condition, negated, alternative
    if isinstance(condition, Not):
        yield from _parts(condition.part, (*path, "not"), not negated, alternative)
    elif isinstance(condition, (AllOf, AnyOf)):
        word = "all" if isinstance(condition, AllOf) else "any"
        branches = isinstance(condition, AnyOf) is not negated
        for at, part in enumerate(condition.parts):
            yield from _parts(part, (*path, word, at), negated, branches and len(condition.parts) > 1)


def _asked(conditions: Iterable[m.ConditionModel]) -> Iterator[str]:
    for one in conditions:
        if isinstance(one, m.TestModel):
            yield one.fact
        elif isinstance(one, m.NotModel):
            yield from _asked([one.part])
        else:
            yield from _asked(one.all if isinstance(one, m.AllModel) else one.any)


def _listed(words: list[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _word(value: Any) -> str:
    return f"'{value}'"
