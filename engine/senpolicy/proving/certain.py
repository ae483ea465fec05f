"""Two proofs about what is given and for how long: nothing is asked for in vain, and no promise outlasts its answer.

*Certain*: where every answer that is still possible is the same, it is given. It is proved step by step. If a case
lacks one fact, and with each value of that fact that contradicts nothing the answer is one and the same, the case
without the fact must have it too; and if an open point leaves an earlier question open, and with each answer that the
point would allow the answer is one and the same, it must be given. What holds for one fact and one point at a time
holds for any number of them, since each whole case is reached by adding fact after fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import z3

from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.models.views import views_of
from senpolicy.language.conditions import facts_of
from senpolicy.language.partition import cells_of
from senpolicy.policy.timeline import Figure, Outcome, Period, Policy, PortionInForce
from senpolicy.readings.formula import Derived, Symbol, Truth, either, every, formula, opposite
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult

#: An answer and the amounts that go with it, as the rules give them; until when they are paid may tighten.
Given = tuple[str, tuple[tuple[str, Figure | tuple[str, Decimal | None, str]], ...]]
Formulas = dict[Given, z3.BoolRef]
#: For each range of a fact that no test tells apart: that a value of it fits, and what represents it in a formula.
Cells = list[tuple[z3.BoolRef, list[tuple[z3.ExprRef, z3.ExprRef]]]]


def given_by(outcome: Outcome) -> Given:
    """Return an outcome's answer with its amounts: of a fact the part of it, else the pence."""
    amounts = [
        (name, (value.fact, value.share, value.round) if isinstance(value, PortionInForce) else value)
        for name, value in outcome.gives.items()
        if (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, PortionInForce) and value.until is None)
    ]
    return outcome.answer or UNDETERMINED, tuple(sorted(amounts))


class Certain:
    """What a case of one period is certain of, as formulas: `broken` yields each way in which an answer is withheld."""

    def __init__(self, policy: Policy, period: Period) -> None:
        self.every, self.period = SymbolicCase(policy, period), period
        self.names = list(period.questions)
        declared = policy.corpus.facts.facts
        rules = [one.condition for question in period.questions.values() for one in question.outcomes]
        ruled = {name for one in (*rules, *(rule.condition for rule in period.follows)) for name in facts_of(one)}
        # A rating that no rule asks for leads to a level and nothing else, and the level waits for every area.
        aside = {name for name, fact in declared.items() if fact.area} - ruled
        self.facts = [name for name in self.every.asked if name in self.every.given and name not in aside]
        self.facts = [name for name in self.facts if name != "decision_date"]
        self._lacks: dict[str, tuple[Cells, list[z3.BoolRef]]] = {}
        self._known: dict[tuple[tuple[str, str], ...], tuple[dict[str, list[Truth]], Mapping[str, Any]]] = {}
        self._leads: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[z3.BoolRef, Formulas]] = {}

    @property
    def awaited(self) -> str:
        """The edition whose level waits for every area to be rated, "" where none does.

        One area more can leave an answer as it is, whatever its rating, and yet the answer waits for the level. That is
        the edition's own method; what a case lacks of ratings alone is not looked at here.
        """
        edition = self.period.edition
        return edition.edition if edition and edition.banding and edition.banding.method == "highest_area" else ""

    def withheld(self, question: str) -> Iterator[tuple[str, list[z3.BoolRef]]]:
        """Yield for open points, and for each fact, in words what a case leaves out, and the formulas that it meets.

        A case that meets them has no answer to the question, and could have one.
        """
        given = self._given(question, {})
        unsettled = opposite(either(given.values()))
        for answer, chosen in self._chosen(question, {}).items():
            yield f"every answer that an open point allows leads to '{answer[0]}'", [unsettled, chosen]
        for name, cells, lacks in self._lacking(question):
            for answer, holds in given.items():
                if all(amount[0] != name for _, amount in answer[1] if isinstance(amount, tuple)):
                    each = every(z3.Implies(possible, z3.substitute(holds, *at)) for possible, at in cells)
                    yield f"each value of '{name}' leads to '{answer[0]}'", [unsettled, *lacks, each]

    def asked_in_vain(self, question: str) -> Iterator[tuple[str, list[z3.BoolRef]]]:
        """Yield for each fact, in words and formulas, the case that lacks a fact without which it is open by points."""
        results = self.every.results(question)
        still_open = either(holds for one, holds in results.items() if one.answer == UNDETERMINED and not one.missing)
        missing = either(holds for one, holds in results.items() if one.missing)
        for name, cells, lacks in self._lacking(question):
            each = every(z3.Implies(possible, z3.substitute(still_open, *at)) for possible, at in cells)
            yield f"each value of '{name}' leaves it open by a point", [missing, *lacks, each]

    def _lacking(self, question: str) -> Iterator[tuple[str, Cells, list[z3.BoolRef]]]:
        """Yield each fact that could settle a question, its cells, and that a case lacks it and can have it.

        A fact on which neither the question nor what it reads rests settles nothing.
        """
        wanted = self._read_by(question)
        for name in self.facts:
            if name in wanted:
                if name not in self._lacks:
                    fact = self.every.given[name]
                    cells = [*self._cells(name, fact)]
                    lacks = [opposite(fact.known), either(possible for possible, _ in cells), self._applies(name)]
                    self._lacks[name] = cells, lacks
                yield name, *self._lacks[name]

    def _read_by(self, question: str) -> set[str]:
        """Return the facts on which a question rests, by its rows, earlier answers, and what follows from facts."""
        found: set[str] = set()
        waiting = [name for one in self.period.questions[question].outcomes for name in facts_of(one.condition)]
        declared = self.every.policy.corpus.facts.facts
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            for outcome in self.period.questions[name].outcomes if name in self.period.questions else ():
                waiting += facts_of(outcome.condition)
            waiting += [fact for rule in self.period.follows if rule.field == name for fact in facts_of(rule.condition)]
            if name in declared and declared[name].from_ratings:
                waiting += [fact for fact, one in declared.items() if one.area]
        return found

    def _cells(self, name: str, fact: Symbol) -> Iterator[tuple[z3.BoolRef, list[tuple[z3.ExprRef, z3.ExprRef]]]]:
        """Yield for each range of a fact that no test tells apart that a value of it fits, and what represents it."""
        for first, last in cells_of(fact.kind, self.every.asked[name]):
            ends = [[(fact.known, z3.BoolVal(True)), (fact.value, z3.IntVal(end))] for end in {first, last}]
            yield either(opposite(z3.substitute(self.every.refused, *end)) for end in ends), ends[0]

    def _applies(self, name: str) -> z3.BoolRef:
        """Return that a case gives all on which it rests whether a fact can be given at all.

        No plan has a day of issue until there is a plan: such a fact is asked for after what it hangs on.
        """
        none_fits = every(opposite(possible) for possible, _ in self._cells(name, self.every.given[name]))
        solver = z3.Solver()
        solver.add(*self.every.possible, opposite(self.every.given[name].known), none_fits)
        if solver.check() == z3.unsat:
            return z3.BoolVal(True)
        rules = [facts_of(rule.condition) for rule in self.period.problems]
        beside = {other for asked in rules if name in asked for other in asked} - {name}
        return every(self.every.symbols[other].known for other in sorted(beside))

    def _given(self, question: str, fixed: Mapping[str, str]) -> Formulas:
        """Return for each answer to a question the formula that it is given, with these answers to earlier ones."""
        found: dict[Given, list[z3.BoolRef]] = {}
        truths = self._truths(fixed)[question]
        for outcome, truth in zip(self.period.questions[question].outcomes, truths, strict=True):
            if outcome.answer is not None:
                found.setdefault(given_by(outcome), []).append(truth.holds)
        return {answer: either(holds) for answer, holds in found.items()}

    def _chosen(self, question: str, fixed: Mapping[str, str]) -> Formulas:
        """Return for each answer that it follows whichever answer the open points of earlier questions are given."""
        found: dict[Given, list[z3.BoolRef]] = {}
        for name in self.names[: self.names.index(question)]:
            if name in fixed:
                continue
            for outcome, truth in zip(self.period.questions[name].outcomes, self._truths(fixed)[name], strict=True):
                if outcome.answer is None and outcome.allows:
                    leads = [self._led(question, {**fixed, name: answer}) for answer in outcome.allows]
                    covered, each = every(one for one, _ in leads), [one for _, one in leads]
                    for answer in set(each[0]).intersection(*each[1:]):
                        holds = every(one[answer] for one in each)
                        found.setdefault(answer, []).append(every((truth.holds, covered, holds)))
        return {answer: either(holds) for answer, holds in found.items()}

    def _led(self, question: str, fixed: Mapping[str, str]) -> tuple[z3.BoolRef, Formulas]:
        """Return what these answers lead to: that it is covered, and each answer with the formula that it follows."""
        key = question, tuple(sorted(fixed.items()))
        if key not in self._leads:
            self._leads[key] = self._covered(question, fixed), self._settled(question, fixed)
        return self._leads[key]

    def _covered(self, question: str, fixed: Mapping[str, str]) -> z3.BoolRef:
        """Return that with these answers every question up to this one has a row that can hold.

        Where none can, the rules do not say what the answer leads to, so nothing follows from it.
        """
        names = self.names[: self.names.index(question) + 1]
        truths = self._truths(fixed)
        return every(either(opposite(truth.fails) for truth in truths[name]) for name in names if name not in fixed)

    def _settled(self, question: str, fixed: Mapping[str, str]) -> Formulas:
        given, chosen = self._given(question, fixed), self._chosen(question, fixed)
        return {answer: either([one[answer] for one in (given, chosen) if answer in one])
                for answer in {*given, *chosen}}  # fmt: skip

    def _truths(self, fixed: Mapping[str, str]) -> dict[str, list[Truth]]:
        """Return the formulas of every outcome, with these questions answered so."""
        key = tuple(sorted(fixed.items()))
        if key not in self._known:
            symbols: dict[str, Symbol | Derived] = dict(self.every.symbols)
            found: dict[str, list[Truth]] = {}
            for name, question in self.period.questions.items():
                found[name] = [formula(one.condition, symbols) for one in question.outcomes]
                answers: dict[str, list[z3.BoolRef]] = {}
                for outcome, truth in zip(question.outcomes, found[name], strict=True):
                    if outcome.answer is not None:
                        answers.setdefault(outcome.answer, []).append(truth.holds)
                given = {answer: either(parts) for answer, parts in answers.items()}
                given = {fixed[name]: z3.BoolVal(True)} if name in fixed else given
                symbols[name] = Derived(self.every.policy.types[name], given)
            self._known[key] = (found, symbols)
        return self._known[key][0]


def outlasted(policy: Policy, period: Period) -> Iterator[tuple[str, str, SymbolicCase, z3.ArithRef, list[z3.BoolRef]]]:
    """Yield for each promise with a last day what the solver is asked: whether a later day until then breaks it.

    Each is the question, its result, the cases of the period, the later day as a number, and the formulas that a
    case meets that has the answer, and with the same facts loses it on the later day.
    """
    every_case = SymbolicCase(policy, period)
    later = z3.Int("a later day")
    protects = views_of(policy.corpus.files).protects
    last_day = protects.until if protects else "until"
    for name, question in period.questions.items():
        for outcome, truth in zip(question.outcomes, every_case.truths[name], strict=True):
            until = outcome.gives.get(last_day)
            if not isinstance(until, date):
                continue
            result = SymbolicResult(outcome.answer or UNDETERMINED, outcome.open_points)
            for other in policy.periods:
                if (other.end or date.max) < (period.start or date.min) or (other.start or date.min) > until:
                    continue
                then = SymbolicCase(policy, other)
                day = every_case.given["decision_date"].value
                at = [(day, later)]
                same = either(
                    holds for one, holds in then.results(name).items() if name in other.questions
                    and (one.answer, one.open_points) == (result.answer, result.open_points)
                )  # fmt: skip
                breaks = every((opposite(z3.substitute(then.refused, *at)), opposite(z3.substitute(same, *at))))
                bounds = [later >= day, later <= until.toordinal(),
                          later >= (other.start or date.min).toordinal(),
                          later <= (other.end or date.max).toordinal()]  # fmt: skip
                said = result.answer if outcome.answer else ", ".join(outcome.open_points)
                yield name, said, every_case, later, [*every_case.possible, truth.holds, *bounds, breaks]
