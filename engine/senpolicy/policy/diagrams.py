"""The diagrams of a policy's questions."""

from __future__ import annotations

from collections.abc import Callable

from senpolicy.files.problems import PolicyError, Problem
from senpolicy.language.conditions import facts_of
from senpolicy.language.diagram import Diagrams, Ending, Given, Node, TooLarge
from senpolicy.policy.timeline import Policy, QuestionInForce


def diagram_of(
    policy: Policy,
    question: QuestionInForce,
    made: Diagrams,
    gives: Callable[[Ending], Given] = lambda ending: ending,
    *,
    every: bool = False,
) -> Node:
    """Return the diagram of a question in force (see `Diagrams.question`), made by `made`, facts in the order of `ask`.

    Raises `PolicyError` with the place of the question's version where the diagram would be too large.
    """
    conditions = [outcome.condition for outcome in question.outcomes]
    try:
        return made.question(conditions, question.ask, gives, every=every)
    except TooLarge:
        raise PolicyError([too_tangled(policy, question)]) from None


def read_by(question: QuestionInForce) -> tuple[str, ...]:
    """Return the facts and earlier answers that a question reads, each once."""
    return tuple(dict.fromkeys(fact for outcome in question.outcomes for fact in facts_of(outcome.condition)))


def too_tangled(policy: Policy, question: QuestionInForce) -> Problem:
    """Return the problem of a question that tells too many kinds of case apart."""
    place = policy.corpus.place(f"rules/{question.name}.yaml", "versions", question.version)
    said = f"'{question.name}' tells too many kinds of case apart to be checked."
    return Problem(place, "too-tangled", said, "Move a part of its conditions into a question of its own.")
