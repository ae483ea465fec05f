"""What the solver finds, in plain words: the result of an answer, and ranges of values as tests put them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from senpolicy.deciding.decide import Answer
from senpolicy.language.conditions import FactType
from senpolicy.language.partition import bounds, joined, value_of
from senpolicy.policy.timeline import QuestionInForce
from senpolicy.readings.say import say_list, say_value
from senpolicy.readings.symbolic_case import SymbolicResult, figures_of


def result_of(answer: Answer, question: QuestionInForce) -> SymbolicResult:
    """Return an answer to a question as the solver's result, with the figures as the rules give them."""
    held = next((one for one in question.outcomes if one.id == answer.held), None)
    figures = figures_of(held) if held else ()
    return SymbolicResult(answer.answer, answer.open_points, answer.missing_facts, figures)


def say_ranges(found: Sequence[tuple[int, int]], kind: FactType, limits: Iterable[Any] = ()) -> str:
    """Return ranges of a fact's values in words, as its tests would put them: "at least 5 and below 16".

    `limits` are those of the tests; a range that starts or ends next to one is put in terms of it.
    """
    lowest, highest = bounds(kind)
    if not kind.ordered:
        every = [value_of(kind, one) for first, last in found for one in range(first, last + 1)]
        return say_value(tuple(every), kind)
    known = {kind.number(limit) for limit in limits}
    more, least, less, most = ("after", "on or after", "before", "on or before") if kind.type == "date" else (
        "more than", "at least", "below", "at most")  # fmt: skip
    said = []
    for first, last in joined(found):
        if first == last:
            said.append(say_value(value_of(kind, first), kind))
            continue
        parts = []
        if first > lowest:
            past = first not in known and first - 1 in known
            parts.append(f"{more if past else least} {say_value(value_of(kind, first - past), kind)}")
        if last < highest:
            short = last not in known and last + 1 in known
            parts.append(f"{less if short else most} {say_value(value_of(kind, last + short), kind)}")
        said.append(" and ".join(parts) or "any")
    return say_list(said, "or")
