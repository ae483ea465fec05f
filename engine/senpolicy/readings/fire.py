"""The reading *fire*: which outcomes hold for a case, inferred by the rule engine from question to question.

Each condition is expanded so that every rule of the engine is one conjunction over whole numbers (`FactType.number`). A
fact that is not known has a number of its own that no value has, so that no comparison holds for it, just as no test
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from senpolicy.language.conditions import AllOf, Condition, FactType, Not, Test, Value
from senpolicy.readings.durable import LARGEST, Comparison, EngineFault, Rule, Session

__all__ = ["Comparison", "EngineFault", "Fire", "TooManyConjunctions", "expanded"]

UNKNOWN = -LARGEST
#: A condition that expands into more conjunctions than this is too tangled to be read, let alone decided.
MOST_CONJUNCTIONS = 64

Answered = tuple[str, int]
Literal = Comparison | Answered
Conjunction = frozenset[Literal]


class TooManyConjunctions(Exception):
    """Raised for a condition that expands into too many conjunctions."""


def expanded(condition: Condition, types: Mapping[str, FactType], negated: bool = False) -> list[Conjunction]:
    """Return the conjunctions of which at least one is true just when the condition (or its negation) is true.

    Raises `TooManyConjunctions` when there are more than `MOST_CONJUNCTIONS`.
    """
    if isinstance(condition, Not):
        return expanded(condition.part, types, not negated)
    if isinstance(condition, Test):
        return _literals(condition, types[condition.fact], negated)
    parts = [expanded(part, types, negated) for part in condition.parts]
    joined: list[Conjunction] = [frozenset()]
    if isinstance(condition, AllOf) is not negated:
        for part in parts:
            if len(joined) * len(part) > 4 * MOST_CONJUNCTIONS:
                raise TooManyConjunctions
            joined = _least([one | other for one in joined for other in part])
    else:
        joined = _least([conjunction for part in parts for conjunction in part])
    if len(joined) > MOST_CONJUNCTIONS:
        raise TooManyConjunctions
    return joined


def _least(conjunctions: list[Conjunction]) -> list[Conjunction]:
    """Return the conjunctions without those that contain another one, or that can never be true."""
    possible = [one for one in dict.fromkeys(conjunctions) if not _contradicts_itself(one)]
    return [one for one in possible if not any(other < one for other in possible)]


def _contradicts_itself(conjunction: Conjunction) -> bool:
    """Return whether one fact, or one answer, is to be two values at once."""
    chosen = [(one.field, one.number) for one in conjunction if isinstance(one, Comparison) and one.operator == "eq"]
    chosen += [one for one in conjunction if not isinstance(one, Comparison)]
    return len(chosen) > len(dict(chosen))


def _literals(test: Test, kind: FactType, negated: bool) -> list[Conjunction]:
    name, operator, limit = test.fact, test.operator, test.limit
    if operator == "known":
        wanted = limit is not negated
        if kind.is_answer:
            raise TooManyConjunctions  # `check` refuses it: the engine could only answer by absence.
        return [frozenset([Comparison(name, "gt" if wanted else "eq", UNKNOWN)])]
    if operator in ("is", "one_of") and not kind.ordered:
        chosen = {kind.number(one) for one in (limit if isinstance(limit, tuple) else (limit,))}
        every = {0, 1} if kind.type == "boolean" else set(range(len(kind.values)))
        return [
            frozenset([(name, one) if kind.is_answer else Comparison(name, "eq", one)])
            for one in sorted(every - chosen if negated else chosen)
        ]
    if operator in ("is", "one_of"):
        numbers = sorted(kind.number(one) for one in (limit if isinstance(limit, tuple) else (limit,)))
        if not negated:
            return [frozenset([Comparison(name, "eq", number)]) for number in numbers]
        edges = [UNKNOWN, *numbers, LARGEST]
        return [frozenset([Comparison(name, "gt", low), Comparison(name, "lt", high)]) for low, high in pairwise(edges)]
    opposite = {"below": "at_least", "at_least": "below", "at_most": "more_than", "more_than": "at_most"}
    if negated:
        operator = opposite[operator]
    word = {"below": "lt", "at_most": "lte", "at_least": "gte", "more_than": "gt"}[operator]
    literal = Comparison(name, word, kind.number(limit))
    # Not known is the lowest number of all: only a lower bound keeps it from being below a limit.
    return [frozenset([literal, Comparison(name, "gt", UNKNOWN)] if word in ("lt", "lte") else [literal])]


class Fire:
    """The rules of one period in one session of the engine. Not for more than one thread.

    `outcomes` are (id, question, answer or None, condition), questions in the order in which they are decided. Raises
    `EngineFault` or `TooManyConjunctions` when they lie outside what the engine does safely.
    """

    def __init__(
        self,
        outcomes: Iterable[tuple[str, str, str | None, Condition]],
        types: Mapping[str, FactType],
        needed: Iterable[str] = (),
    ) -> None:
        self._types = types
        needed = set(needed)
        #: The conjunctions as they are given to the engine.
        self.rules: list[Rule] = []
        for name, question, answer, condition in outcomes:
            infers = (question, types[question].number(answer)) if answer and question in needed else None
            for number, conjunction in enumerate(expanded(condition, types)):
                self.rules.append(_rule(f"{name}#{number}", conjunction, infers))
        self._fields = sorted({comparison.field for rule in self.rules for comparison in rule.case})
        self._session = Session(self.rules)

    def holding(self, facts: Mapping[str, Value]) -> set[str]:
        """Return the ids of the outcomes that hold for a case. Raises `EngineFault` when the engine failed."""
        given = {name: facts.get(name) for name in self._fields}
        coded = {name: UNKNOWN if value is None else self._types[name].number(value) for name, value in given.items()}
        return {name.rpartition("#")[0] for name in self._session.run(coded)}


def _rule(name: str, conjunction: Conjunction, infers: tuple[str, int] | None) -> Rule:
    case = sorted(
        (one for one in conjunction if isinstance(one, Comparison)), key=lambda c: (c.field, c.operator, c.number)
    )
    answers = sorted(one for one in conjunction if not isinstance(one, Comparison))
    return Rule(name, tuple(case), tuple(answers), infers)
