"""Deciding: every question answered twice, by *judge* and by *fire*, and every answer with its reasons.

Where the two evaluators differ no decision is issued: the case is kept with both accounts. Where the text leaves
something open, or a fact is not known, the answer is undetermined and says why. Nothing falls through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from senpolicy.deciding.answers import Answer, Decision, GivenFigure, NotIssued, Reason
from senpolicy.deciding.cases import Case, Refused, with_warnings
from senpolicy.language.conditions import UNDETERMINED, Value, facts_of
from senpolicy.language.days import DAYS_IN_YEAR, part_of_year
from senpolicy.policy.timeline import CautionInForce, Figure, Period, Policy, PortionInForce, QuestionInForce
from senpolicy.readings.fire import EngineFault, Fire
from senpolicy.readings.judge import judge

# What a decision holds is in `answers`; who decides finds it here too.
__all__ = ["UNDETERMINED", "Answer", "Decider", "Decision", "NotIssued", "Reason", "decide_question", "fire_of"]


class Decider:
    """Decides cases under one policy. For one thread: the rule engine's sessions are not shared."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._fires: dict[int, Fire] = {}

    def decide(self, case: Case, *, everything: bool = False) -> Decision | NotIssued:
        """Return the decision of a case, or NotIssued where the evaluators differ or the rules fail.

        With `everything` each answer also carries the outcomes that did not hold.
        """
        period = self.policy.on(case.day)
        facts = case.facts
        answers: dict[str, Answer] = {}
        for name, question in period.questions.items():
            try:
                answer = decide_question(question, facts, answers, everything=everything)
            except RuleFault as fault:
                return NotIssued(case, str(fault), {"judge": fault.outcomes})
            # A new dict: the reasons of earlier answers rest on what was known then.
            facts = {**facts, name: None if answer.answer == UNDETERMINED else answer.answer}
            cautions = cautions_of(question, facts)
            answers[name] = replace(answer, cautions=cautions) if cautions else answer
        held = sorted(answer.held for answer in answers.values() if answer.held)
        try:
            fired = self._fire(period).holding(case.facts)
        except EngineFault as fault:
            self._fires.clear()
            return NotIssued(case, f"The rule engine failed: {fault}.", {"judge": held})
        if sorted(fired) != held:
            return NotIssued(case, "The two evaluators differ.", {"judge": held, "fire": sorted(fired)})
        return Decision(with_warnings(case, period, facts), self.policy, period, answers)

    def decide_all(
        self, cases: list[Case | Refused], *, everything: bool = False
    ) -> list[Decision | NotIssued | Refused]:
        """Return for each case its decision, or why there is none, in the same order."""
        return [case if isinstance(case, Refused) else self.decide(case, everything=everything) for case in cases]

    def _fire(self, period: Period) -> Fire:
        if id(period) not in self._fires:
            self._fires[id(period)] = fire_of(list(period.questions.values()), self.policy)
        return self._fires[id(period)]


class RuleFault(Exception):
    """Raised where the rules themselves fail, which those that pass `check` never do.

    `code` is that of the problem: "overlap" where two answers hold (`outcomes` are their ids), "gap" where none can,
    "not-asked" where `ask` leaves out a fact.
    """

    def __init__(self, code: str, message: str, outcomes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code, self.outcomes = code, list(outcomes)


def fire_of(questions: list[QuestionInForce], policy: Policy) -> Fire:
    """Return the rule engine loaded with the outcomes of these questions."""
    outcomes = [outcome for question in questions for outcome in question.outcomes]
    needed = {name for outcome in outcomes for name in facts_of(outcome.condition) if policy.types[name].is_answer}
    return Fire([(one.id, one.question, one.answer, one.condition) for one in outcomes], policy.types, needed)


def decide_question(
    question: QuestionInForce, facts: Mapping[str, Value], earlier: Mapping[str, Answer], *, everything: bool = False
) -> Answer:
    """Return the answer of one question by *judge*, from the facts and the answers of earlier questions.

    `facts` holds the earlier answers too, None where undetermined. Raises `RuleFault` when more than one outcome holds,
    or none can, or what is missing is not among what the question asks for.
    """
    standing = {outcome.id: judge(outcome.condition, facts) for outcome in question.outcomes}
    holding = [outcome for outcome in question.outcomes if standing[outcome.id] is True]
    possible = [outcome for outcome in question.outcomes if standing[outcome.id] is None]
    others = tuple(Reason(one, facts) for one in question.outcomes if everything and standing[one.id] is not True)
    if len(holding) > 1:
        names = [outcome.id for outcome in holding]
        raise RuleFault("overlap", f"More than one answer holds for '{question.name}'.", names)
    if holding:
        outcome, gives = holding[0], figures_of(holding[0].gives, facts)
        return Answer(question.name, outcome.answer or UNDETERMINED, (Reason(outcome, facts),), (), outcome.open_points,
                      gives, did_not_hold=others, step=question.step, held=outcome.id)  # fmt: skip
    if not possible:
        raise RuleFault("gap", f"No answer and no open point covers this case for '{question.name}'.")
    reasons = tuple(Reason(one, facts) for one in possible)
    wanted = {result.test.fact for reason in reasons for result in reason.supporting}
    first = next((name for name in question.ask if name in wanted), None)
    if first is None:
        raise RuleFault("not-asked", f"'ask' of '{question.name}' leaves out a fact that it rests on.")
    # What an earlier answer waits for, this one waits for too.
    waits = earlier.get(first) or Answer(first, UNDETERMINED, reasons, (first,))
    return Answer(question.name, UNDETERMINED, waits.because, waits.missing_facts, waits.open_points,
                  did_not_hold=others, step=question.step)  # fmt: skip


def figures_of(gives: Mapping[str, Figure | PortionInForce], facts: Mapping[str, Value]) -> dict[str, GivenFigure]:
    """Return the figures of an outcome for one case; one that rests on a fact not known is left out.

    Where every amount is left out, what only says more of them (until when, that it is approximate) is left out too.
    Money is integer pence. A part of a year is a dict: its days, both ends included, and its amount (`part_of_year`).
    """
    figures = {}
    for name, value in gives.items():
        figures[name] = portion(value, facts) if isinstance(value, PortionInForce) else value
    amounts = [figures[name] for name, value in gives.items() if isinstance(value, PortionInForce)]
    if amounts and all(amount is None for amount in amounts):
        return {}
    return {name: value for name, value in figures.items() if value is not None}


def portion(wanted: PortionInForce, facts: Mapping[str, Value]) -> GivenFigure:
    """Return a share or a part of a year of a fact in integer pence, None where the fact is not known."""
    whole, day = facts.get(wanted.fact), facts.get("decision_date")
    if not isinstance(whole, int):
        return None
    rounding = ROUND_FLOOR if wanted.round == "down" else ROUND_CEILING
    if wanted.until is None:
        share = Decimal(1) if wanted.share is None else wanted.share
        return int((whole * share).to_integral_value(rounding))
    if not isinstance(day, date) or day > wanted.until:
        return None
    days = (wanted.until - day).days + 1
    amount = part_of_year(whole, days, up=wanted.round == "up")
    return {"from": day, "until": wanted.until, "days": days, "amount": amount, "assumes": f"days of {DAYS_IN_YEAR}"}


def cautions_of(question: QuestionInForce, facts: Mapping[str, Value]) -> tuple[CautionInForce, ...]:
    """Return the cautions of a question that go with its answer; `facts` holds that answer."""
    return tuple(caution for caution in question.cautions if judge(caution.condition, facts) is True)
