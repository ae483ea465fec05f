"""The proofs of one question: no two outcomes hold together, none is missing, and no part of its rule is idle."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import z3

from senpolicy.deciding.decide import NotIssued
from senpolicy.files.models.rules import AnswerRow, OpenRow, PlacedRow
from senpolicy.files.problems import At, Place
from senpolicy.language.conditions import AllOf, AnyOf, Condition, Not, Test
from senpolicy.policy.timeline import QuestionInForce
from senpolicy.proving.asking import Inquiry, PeriodProof, SolverAnswer, quoted
from senpolicy.readings.formula import Derived, Truth, either, every, formula, meets, opposite
from senpolicy.readings.symbolic_case import SymbolicCase


@dataclass(frozen=True)
class RulePart:
    """A row, test or branch of the rules, which must be able to matter in some period."""

    about: str
    file: str
    path: At
    what: str
    message: str


class Questions:
    """Proves question after question; `parts` says of each part of the rules whether it can matter anywhere."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.parts: dict[RulePart, bool] = {}
        self.reached: set[tuple[str, str]] = set()
        self.asked: list[tuple[PeriodProof, QuestionInForce]] = []

    def question(self, view: PeriodProof, question: QuestionInForce) -> bool:
        """Prove what can be of a question in a period; return whether some case may have no answer, or two."""
        faulty = True
        with self.inquiry.within(question.name):
            faulty = self.overlaps(view, question) | self.gaps(view, question)
            if view.policy.scenario is None:
                self.reach(view, question)
                self.matter(view, question)
                self.asked.append((view, question))
        return faulty

    def overlaps(self, view: PeriodProof, question: QuestionInForce) -> bool:
        """Report every set of outcomes that hold together; return whether there is one."""
        holds = [truth.holds for truth in view.space.truths[question.name]]
        pairs = list(itertools.combinations(range(len(holds)), 2))
        faulty = False
        while pairs:
            both = either(every((holds[one], holds[other])) for one, other in pairs)
            with self.inquiry.asked(view, question.name, both) as found:
                if not found.any:
                    break
                model = found.model()
                held = [at for at, one in enumerate(holds) if meets(model, one)]
                outcomes = [question.outcomes[at].id for at in held]
                self.shown(found, question, "overlap", self.place(question, held[0]), outcomes, model,
                           f"{quoted(outcomes)} hold together for",
                           "Change one of them so that only one can hold.")  # fmt: skip
            faulty = True
            pairs = [pair for pair in pairs if not set(pair) <= set(held)]
        return faulty

    def gaps(self, view: PeriodProof, question: QuestionInForce) -> bool:
        """Report a case that no outcome covers; return whether there is one."""
        with self.inquiry.asked(view, question.name, view.space.gap(question.name)) as found:
            if found.any:
                self.shown(found, question, "gap", self.place(question), [], found.model(),
                           f"No answer and no open point of '{question.name}' covers",
                           "Add an answer for it, or a row under 'open' with the open point.")  # fmt: skip
            return found.any

    def shown(
        self, found: SolverAnswer, question: QuestionInForce, code: str, place: Place, outcomes: list[str],
        model: z3.ModelRef, said: str, help: str,
    ) -> None:  # fmt: skip
        """Report a fault with the pupil who shows it, after deciding that pupil for real."""
        view, pupil = found.view, found.pupil(model)
        text = self.inquiry.yaml(view, pupil)
        decided = self.inquiry.decided(view, pupil)
        if isinstance(decided, NotIssued) and sorted(decided.accounts.get("judge", ["?"])) == sorted(outcomes):
            self.inquiry.fault(question.name, place, code, (question.version, *outcomes),
                               f"{said} {self.inquiry.said(view, pupil)}.", help, (text,))  # fmt: skip
        else:
            self.inquiry.disagreement(question.name, place, (text,))

    def place(self, question: QuestionInForce, outcome: int | None = None) -> Place:
        """Return the place of a version of a question, or one of its outcomes."""
        row = () if outcome is None else self.placed(question, outcome).path
        return self.inquiry.corpus.place(f"rules/{question.name}.yaml", "versions", question.version, *row)

    def placed(self, question: QuestionInForce, outcome: int) -> PlacedRow:
        """Return the row of an outcome, and where in its version it is; for a scenario's, the open row it settles."""
        version, one = (
            self.inquiry.corpus.questions[question.name].versions[question.version],
            question.outcomes[outcome],
        )
        name = one.id.partition("/")[2]
        kind = AnswerRow if one.point is None else OpenRow
        rows = [placed for placed in version.placed if isinstance(placed.row, kind)]
        named = [placed for placed in rows if placed.row.name == name]
        # Of a scenario's row, whose name the version does not have, the point says which one it settles.
        return (named or [placed for placed in rows if getattr(placed.row, "point", "") == one.point])[0]

    def reach(self, view: PeriodProof, question: QuestionInForce) -> None:
        """Note which answers some case has."""
        for answer, given in view.space.answers[question.name].items():
            if (question.name, answer) not in self.reached and self.inquiry.can_be(view, question.name, given):
                self.reached.add((question.name, answer))

    # Rows, tests and branches that never matter

    def matter(self, view: PeriodProof, question: QuestionInForce) -> None:
        """Note for each part of a question's version, and of its cautions, whether it can matter in this period."""
        name, file = question.name, f"rules/{question.name}.yaml"
        for at, (outcome, truth) in enumerate(zip(question.outcomes, view.space.truths[name], strict=True)):
            placed, version = self.placed(question, at), ("versions", question.version)
            part = RulePart(name, file, (*version, *placed.path), "row", f"'{outcome.id}' can never hold.")
            self.row(view, part, outcome.condition, truth, partial(within, version, placed))
        ids = [(caution.id, caution.decision) for caution in self.inquiry.corpus.questions[name].cautions]
        for caution in question.cautions:
            path = ("cautions", ids.index((caution.id, caution.decision)))
            truth = formula(caution.condition, view.space.symbols)
            self.row(
                view, RulePart(name, file, path, "row", f"'{caution.id}' can never hold."), caution.condition, truth
            )

    def suppose(self) -> None:
        """Note what can matter once an earlier question has an answer that an open point of it allows.

        A row that waits for such an answer keeps its question open until the point is settled, so it is not idle.
        """
        for view, question in self.asked:
            names = list(view.period.questions)
            for earlier in names[: names.index(question.name)]:
                for answer, allows in view.space.allowed(earlier).items():
                    if self.idle(question):
                        space = SymbolicCase(view.policy, view.period, complete=True, supposed={earlier: answer})
                        view.solver.push()
                        view.solver.add(allows)
                        with self.inquiry.within(question.name):
                            self.matter(replace(view, space=space), question)
                        view.solver.pop()

    def idle(self, question: QuestionInForce) -> bool:
        """Return whether some part of a question's version has not been seen to matter."""
        version = ("versions", question.version)
        return not all(matters for part, matters in self.parts.items()
                       if part.about == question.name and part.path[:2] == version)  # fmt: skip

    def case_rules(self, view: PeriodProof) -> None:
        """Note for each rule about facts, and each part of it, whether it can matter in this period."""
        for key in ("problems", "warnings", "follows"):
            for at, rule in enumerate(getattr(view.period, key)):
                part = RulePart("facts", "rules/facts.yaml", (key, at), "row", f"'{rule.id}' can never hold.")
                self.row(view, part, rule.condition, formula(rule.condition, view.space.symbols))

    def row(
        self, view: PeriodProof, row: RulePart, condition: Condition, truth: Truth, at: Callable[..., At] | None = None
    ) -> None:
        """Note whether a row can hold, and whether each test, branch and listed value of it can matter.

        `at` returns where a part of the condition is written, by the way to it; without it that is below the row's
        `when`.
        """
        if not self.matters(view, row, truth.holds):
            return
        for way, part, negated, branch in _parts(condition, (), negated=False, branch=False):
            where = at(*way) if at else (*row.path, "when", *way)
            its = formula(part, view.space.symbols)
            helps = its.fails if negated else its.holds
            if isinstance(part, Test) and not self.test(view, row, where, part, its, negated=negated):
                continue
            alone = RulePart(row.about, row.file, where, "branch", "The row never holds by this branch.")
            if branch and not self.matters(view, alone, every((truth.holds, helps))):
                continue
            if isinstance(part, Test) and part.operator == "one_of" and len(part.limit) > 1:
                fact = view.space.symbols[part.fact]
                for value in part.limit:
                    said = f"'{part.fact}' is never '{value}' where this is asked."
                    meets_it = every((fact.known, fact.among([value])))
                    # Under a `not` the value keeps the row from holding, so it has to be possible, no more.
                    self.matters(view, RulePart(row.about, row.file, where, f"value {value}", said),
                                 meets_it if negated else every((truth.holds, meets_it)))  # fmt: skip

    def test(self, view: PeriodProof, row: RulePart, where: At, test: Test, its: Truth, *, negated: bool) -> bool:
        """Note whether a test can help its row to hold, and hinder it; return whether it can help."""
        fact, asked = view.space.symbols[test.fact], f"'{test.fact} {test.operator}'"
        helps, hinders = (its.fails, its.holds) if negated else (its.holds, its.fails)
        never, always = ("fails", "holds") if negated else ("holds", "fails")
        if isinstance(fact, Derived):
            # A test on an answer also makes the row wait for that answer, even where it could not hinder it.
            hinders = either((hinders, opposite(fact.known)))
        if not self.matters(view, RulePart(row.about, row.file, where, "helps", f"{asked} never {never} here."), helps):
            return False
        self.matters(view, RulePart(row.about, row.file, where, "hinders", f"{asked} never {always} here."), hinders)
        return True

    def matters(self, view: PeriodProof, part: RulePart, can: z3.BoolRef) -> bool:
        """Return whether this part can matter in the period, or did in an earlier one."""
        if not self.parts.get(part):
            self.parts[part] = self.inquiry.can_be(view, part.about, can)
        return self.parts[part]


def within(version: At, placed: PlacedRow, *way: str | int) -> At:
    """Return the path at which a part of a row's whole condition is written; `way` leads to the part: "all", 1.

    `version` is the path of the row's version.
    """
    if len(placed.parts) == 1:
        return (*version, *placed.parts[0][1], *way)
    return (*version, *placed.parts[int(way[1])][1], *way[2:]) if way else (*version, *placed.path)


def _parts(
    condition: Condition, path: At, *, negated: bool, branch: bool
) -> Iterator[tuple[At, Condition, bool, bool]]:
    """Yield each part of a condition with its path, whether it is under a `not`, and whether it is a branch."""
    yield path, condition, negated, branch
    if isinstance(condition, Not):
        yield from _parts(condition.part, (*path, "not"), negated=not negated, branch=branch)
    elif isinstance(condition, (AllOf, AnyOf)):
        word = "all" if isinstance(condition, AllOf) else "any"
        branches = isinstance(condition, AnyOf) is not negated and len(condition.parts) > 1
        for at, part in enumerate(condition.parts):
            yield from _parts(part, (*path, word, at), negated=negated, branch=branches)
