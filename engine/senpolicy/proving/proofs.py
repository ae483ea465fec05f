"""Proving: one answer or one named open point for every case that can be, on every date; and what else is declared.

By solver, over the whole domain of facts, facts not known included, in every stretch of time between two dates of the
policy. A fault comes with the pupils who show it, and they are decided for real before they are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import z3

from senpolicy.checking.waiting import apart, waiting
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse, did_you_mean, listed
from senpolicy.language.partition import joined
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.scenarios import LaidCorpus
from senpolicy.policy.timeline import Period, Policy, policy
from senpolicy.proving.asking import Clock, Inquiry, PeriodProof
from senpolicy.proving.properties import Properties
from senpolicy.proving.questions import Questions
from senpolicy.proving.report import Finding, ProofReport
from senpolicy.readings.formula import Unprovable, every, opposite
from senpolicy.readings.say import say_date
from senpolicy.readings.symbolic_case import SymbolicCase

__all__ = ["Finding", "ProofReport", "policies", "prove"]

Progress = Callable[[int, int], None]
ONE_DAY = timedelta(days=1)


def policies(
    corpus: Corpus, *, as_of: str | None = None, include_proposed: bool = False, readings: str = "all",
    scenario: str | None = None,
) -> list[Policy]:  # fmt: skip
    """Return every policy that a proof without choice covers: as of each decision, last first, and under each scenario.

    With `as_of` or `scenario`, that one alone. Else a scenario that is laid over the policy, or leaves decisions out,
    is tried over what has been decided, proposals or not. Raises
    `WrongUse` for names that are not known.
    """
    alone = () if scenario else apart(corpus)

    def one(as_of: str | None, scenario: str | None) -> Policy:
        counted = include_proposed and scenario not in alone
        return policy(corpus, as_of=as_of, include_proposed=counted, readings=readings, scenario=scenario)

    if as_of or scenario:
        return [one(as_of, scenario)]
    decisions = [number for number in corpus.order if corpus.decisions[number].counts(include_proposed)]
    waits = waiting(corpus)
    scenarios = [name for name in corpus.scenarios if name not in waits]
    return [one(number, None) for number in reversed(decisions)] + [one(None, name) for name in scenarios]


def prove(
    policies: Iterable[Policy], *, clock: Clock, seconds: float = 60, only: str | None = None,
    progress: Progress | None = None,
) -> ProofReport:  # fmt: skip
    """Return what can be proved of these policies, which are of one corpus, and every fault with pupils who show it.

    Each question and property has so many `seconds` by `clock`; what takes longer is reported as not proved. `only`
    names one question or property. Raises `PolicyError` for a rule that cannot be written as a formula, `WrongUse` for
    a name that is not known.
    """
    chosen = list(policies)
    names = [*chosen[0].corpus.questions, *(one.id for one in declared_properties(chosen[0].corpus.files))]
    if only is not None and only not in names:
        raise WrongUse(f"'{only}' is neither a question nor a property. {did_you_mean(only, names) or listed(names)}")
    prover = _Prover(chosen, clock, seconds, only)
    stretches = [(of, period) for of in chosen for period in of.periods]
    for done, (of, period) in enumerate(stretches, 1):
        prover.period(of, period)
        if progress:
            progress(done, len(stretches))
    return prover.report()


class _Prover:
    """Goes through the periods of every policy, leaving out what is proved already, and gathers the report."""

    def __init__(self, chosen: list[Policy], clock: Clock, seconds: float, only: str | None) -> None:
        self.policies, self.corpus = chosen, chosen[0].corpus
        self.inquiry = Inquiry(self.corpus, chosen[0].as_of, clock, seconds, only)
        self.questions, self.properties = Questions(self.inquiry), Properties(self.inquiry)
        self.seen: list[tuple[Period, Any]] = []
        self.stretches: Counter[str] = Counter()

    def period(self, of: Policy, period: Period) -> None:
        kind = (of.types, of.scenario is not None)
        if any(_covers(other, period) and its == kind for other, its in self.seen):
            return
        self.seen.append((period, kind))
        self.inquiry.corpus, self.inquiry.laid = of.corpus, isinstance(of.corpus, LaidCorpus)
        space, solver = self.space(of, period), z3.Solver()
        self.facts(PeriodProof(of, period, space, solver))
        solver.add(space.possible)
        view = PeriodProof(of, period, space, solver)
        for question in period.questions.values():
            faulty = not self.inquiry.wanted(question.name) or self.questions.question(view, question)
            self.stretches[question.name] += 1
            if faulty:
                # Later questions are asked only of cases that this one settles or leaves open: others are not decided.
                decides = [opposite(space.overlap(question.name)), opposite(space.gap(question.name))]
                view.decides += decides
                solver.add(decides)
        for declared in declared_properties(self.corpus.files):
            if self.inquiry.wanted(declared.id):
                self.properties.property(view, declared)

    def space(self, of: Policy, period: Period) -> SymbolicCase:
        try:
            return SymbolicCase(of, period, complete=True)
        except Unprovable as fault:
            help = "Say it with the tests of the language, or write a formula for it in senpolicy/readings/formula.py."
            place = self.place_of_rule(fault.rule, period)
            raise PolicyError([Problem(place, "cannot-be-proved", f"{fault}", help)]) from None

    def facts(self, view: PeriodProof) -> None:
        """Prove that some case can be, else everything would hold for want of cases; and that no rule is idle."""
        view.solver.push()
        view.solver.add(view.space.within)
        with self.inquiry.within("facts"):
            if not self.inquiry.can_be(view, "facts", every(view.space.possible)):
                self.inquiry.fault("facts", Place("rules/facts.yaml", 1, 1), "no-case", (),
                                   "No case can be without a contradiction, so nothing can be proved.",
                                   "Change the problems there so that cases can pass.")  # fmt: skip
            if self.inquiry.only is None and view.policy.scenario is None:
                self.questions.case_rules(view)
        view.solver.pop()

    def dates(self) -> Iterator[Finding]:
        """Yield where a day has no version of a question, or two of one decision."""
        for name, question in self.corpus.questions.items():
            place = Place(f"rules/{name}.yaml", 1, 1)
            bare: dict[tuple[int, int], dict[str, None]] = {}
            for of in [one for one in self.policies if one.scenario is None] or self.policies:
                lacks = [period for period in of.periods if name not in period.questions]
                for span in joined(((one.start or date.min).toordinal(), (one.end or date.max).toordinal())
                                   for one in lacks):  # fmt: skip
                    bare.setdefault(span, {})[of.as_of] = None
            for (first, last), numbers in bare.items():
                said = f"'{name}' has no version {_when(date.fromordinal(first), date.fromordinal(last))}"
                if len(numbers) < len({of.as_of for of in self.policies}):
                    said += f", as of {listed(numbers)}"
                help = "Let its first version start without 'from'."
                yield Finding(name, Problem(place, "no-version", f"{said}.", help))
            starts = Counter((version.start, version.decision) for version in question.versions)
            for (start, decision), count in starts.items():
                if count > 1:
                    said = f"{count} versions of '{name}' by {decision} start on one day ({start or 'the first'})."
                    yield Finding(name, Problem(place, "two-versions", said, "Keep one of them."))

    def report(self) -> ProofReport:
        wanted, late = self.inquiry.wanted, self.inquiry.late
        findings = [*self.inquiry.findings.values(), *(one for one in self.dates() if wanted(one.about))]
        self.questions.suppose()
        findings += self.idle()
        for declared in declared_properties(self.corpus.files):
            if declared.no_fact and wanted(declared.id):
                findings += self.properties.no_fact(declared, declared.no_fact)
        findings += [Finding(name, Problem(self.place_of_name(name), "not-proved",
                                           f"'{name}' was not proved in {self.inquiry.seconds:g} s.",
                                           "Give it more time with --seconds.", warning=True))
                     for name in sorted(late)]  # fmt: skip
        unsettled = {one.about for one in findings}
        proved: dict[str, str] = {}
        notes = []
        for name, question in self.corpus.questions.items():
            count = self.stretches[name]
            if wanted(name) and name not in unsettled:
                said = f"{count} stretch" if count == 1 else f"{count} stretches"
                proved[name] = f"one answer or one open point for every case, in {said} of time"
            if wanted(name) and name not in late:
                notes += [(name, f"nothing reaches '{answer}'") for answer in question.answers
                          if (name, answer) not in self.questions.reached]  # fmt: skip
        for declared in declared_properties(self.corpus.files):
            if wanted(declared.id) and declared.id not in unsettled:
                empty = "" if declared.id in self.properties.spoken else " No case is about it yet."
                proved[declared.id] = declared.says + empty
                left = "areas without a rating are left aside: the level of the edition '{}' waits for each"
                notes += [(declared.id, left.format(one)) for one in self.properties.aside.get(declared.id, ())]
        return ProofReport(sorted(findings, key=lambda one: (one.problem.warning, one.problem)), proved, notes)

    def idle(self) -> list[Finding]:
        """Return a finding for each part of the rules that can never matter.

        Not for questions after a gap or an overlap: what it leaves undecided may be what they lack.
        """
        names = ["facts", *self.corpus.questions]
        faulty = {one.about for one in self.inquiry.findings.values() if one.problem.code in ("gap", "overlap")}
        sound = names[: min(map(names.index, faulty), default=len(names)) + 1]
        help = "Take it out, or change what keeps it from mattering."
        return [Finding(part.about, Problem(self.corpus.place(part.file, *part.path), "dead", part.message, help))
                for part, matters in self.questions.parts.items()
                if not matters and part.about in sound and part.about not in self.inquiry.late]  # fmt: skip

    def place_of_name(self, name: str) -> Place:
        declared = next((one for one in declared_properties(self.corpus.files) if one.id == name), None)
        return self.inquiry.place_of(declared) if declared else Place(f"rules/{name}.yaml", 1, 1)

    def place_of_rule(self, rule: str, period: Period) -> Place:
        for key in ("problems", "follows"):
            ids = [one.id for one in getattr(period, key)]
            if rule in ids:
                return self.corpus.place("rules/facts.yaml", key, ids.index(rule))
        return Place(f"rules/{rule.partition('/')[0]}.yaml", 1, 1)


def _when(first: date, last: date) -> str:
    """Return on which days, in words.

    >>> _when(date.min, date(2025, 3, 31)), _when(date.min, date.max)
    ('before 1 April 2025', 'at all')
    >>> _when(date(2025, 9, 1), date(2026, 8, 31)), _when(date(2026, 9, 1), date.max)
    ('from 1 September 2025 to 31 August 2026', 'from 1 September 2026 on')
    """
    if first == date.min:
        return f"before {say_date(last + ONE_DAY)}" if last < date.max else "at all"
    return f"from {say_date(first)} " + (f"to {say_date(last)}" if last < date.max else "on")


def _covers(seen: Period, period: Period) -> bool:
    """Return whether what was proved of one period holds for another: the same rules, on days that lie within."""
    starts = (seen.start or date.min) <= (period.start or date.min)
    ends = (seen.end or date.max) >= (period.end or date.max)
    versions = [[one.version for one in period.questions.values()] for period in (seen, period)]
    same = (seen.questions, seen.follows, seen.problems) == (period.questions, period.follows, period.problems)
    return starts and ends and same and versions[0] == versions[1]
