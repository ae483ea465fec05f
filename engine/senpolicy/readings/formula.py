"""The reading *formula*: a condition as two formulas for the solver: that it holds, that it fails; neither, not known.

A fact is a whole number, and whether it is known: pence, day numbers, years, the place of a value in its list, 0 or 1
for yes or no. The answer of an earlier question is not a variable: it is written in terms of the outcomes that give it,
so only combinations that a case can have are counted. Conditions compare with constants, or with
another fact at a fixed distance, so the solver always ends.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import z3

from senpolicy.language.conditions import AllOf, AnyOf, Condition, FactLimit, FactType, Not, Test, Value


class Unprovable(Exception):
    """Raised for what cannot be written as a formula. `rule` is the id of the row or rule of facts that holds it."""

    rule = ""


class Truth(NamedTuple):
    """A condition for the solver: that it holds, and that it fails. Neither: it rests on a fact that is not known."""

    holds: z3.BoolRef
    fails: z3.BoolRef


#: What has been asked of a fact: the operator, and the limit with its type, for yes and 1 are equal.
Asked = tuple[str, tuple[type, Value | tuple[Value, ...]]]


@dataclass(frozen=True)
class Symbol:
    """A fact for the solver: whether it is known, and its value as a whole number (any number where it is not).

    `tests` holds what has been asked of it, by operator and limit: many rows put the same test to a fact.
    """

    kind: FactType
    known: z3.BoolRef
    value: z3.ArithRef
    tests: dict[Asked, Truth] = field(default_factory=dict, repr=False, compare=False)

    def among(self, values: Iterable[Value]) -> z3.BoolRef:
        """Return the formula that the value is one of these, of which some may be no value of the fact."""
        can_be = (one for one in values if self.kind.type != "choice" or one in self.kind.values)
        return either(self.value == self.kind.number(one) for one in can_be)


@dataclass(frozen=True)
class Derived:
    """The answer of an earlier question for the solver: for each answer the formula that it is given.

    `tests` holds what has been asked of it, as for a fact.
    """

    kind: FactType
    answers: Mapping[str, z3.BoolRef]
    tests: dict[Asked, Truth] = field(default_factory=dict, repr=False, compare=False)

    @property
    def known(self) -> z3.BoolRef:
        """Return the formula that the question has an answer, so is not undetermined."""
        return either(self.answers.values())

    def among(self, values: Iterable[Value]) -> z3.BoolRef:
        """Return the formula that the answer is one of these."""
        wanted = set(values)
        return either(given for answer, given in self.answers.items() if answer in wanted)


Symbols = Mapping[str, Symbol | Derived]

_COMPARED: dict[str, Callable[[z3.ArithRef, int | z3.ArithRef], z3.BoolRef]] = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "at_least": lambda value, limit: value >= limit,
    "more_than": lambda value, limit: value > limit,
}


def either(parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Return that at least one of these holds: of none, false."""
    given = list(parts)
    return given[0] if len(given) == 1 else _joined(z3.Z3_mk_or, given) if given else z3.BoolVal(False)


def every(parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Return that all of these hold: of none, true."""
    given = list(parts)
    return given[0] if len(given) == 1 else _joined(z3.Z3_mk_and, given) if given else z3.BoolVal(True)


def opposite(part: z3.BoolRef) -> z3.BoolRef:
    """Return that this does not hold."""
    return z3.BoolRef(z3.Z3_mk_not(part.ctx.ref(), part.ast), part.ctx)


def meets(model: z3.ModelRef, what: z3.BoolRef) -> bool:
    """Return whether the case of a model meets a formula. As `is_true` of `ModelRef.eval`, without what wraps each."""
    found = (z3.Ast * 1)()
    z3.Z3_model_eval(model.ctx.ref(), model.model, what.ast, True, found)
    return bool(z3.Z3_get_bool_value(model.ctx.ref(), found[0]) == z3.Z3_L_TRUE)


def _joined(make: Callable[..., z3.Ast], parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Return what the solver makes of several formulas. `z3.And` and `z3.Or` look at each part some ten times first."""
    context = parts[0].ctx
    return z3.BoolRef(make(context.ref(), len(parts), (z3.Ast * len(parts))(*(one.ast for one in parts))), context)


@contextmanager
def steady() -> Iterator[None]:
    """Keep Python's collector from changing which of several equal cases the solver shows.

    The solver's choice among equals follows from where its memory lies, and the collector frees memory at moments of
    its own. So it waits until the end. What was done before in the same process may still change the choice.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def symbol(kind: FactType) -> Symbol:
    """Return a fact for the solver."""
    return Symbol(kind, z3.Bool(f"{kind.name} known"), z3.Int(kind.name))


def formula(condition: Condition, symbols: Symbols) -> Truth:
    """Return the formulas of a condition; raises `Unprovable` for what the solver cannot be told."""
    if isinstance(condition, Test) and isinstance(condition.limit, FactLimit):
        return _related(condition, condition.limit, symbols)
    if isinstance(condition, Test):
        fact = symbols[condition.fact]
        key = condition.operator, (type(condition.limit), condition.limit)
        if key not in fact.tests:
            fact.tests[key] = _test(condition, fact)
        return fact.tests[key]
    if isinstance(condition, Not):
        part = formula(condition.part, symbols)
        return Truth(part.fails, part.holds)
    if isinstance(condition, (AllOf, AnyOf)):
        parts = [formula(part, symbols) for part in condition.parts]
        holds, fails = [part.holds for part in parts], [part.fails for part in parts]
        return (
            Truth(every(holds), either(fails)) if isinstance(condition, AllOf) else Truth(either(holds), every(fails))
        )
    raise Unprovable(f"A condition of the kind '{type(condition).__name__}' cannot be proved.")


def _test(test: Test, fact: Symbol | Derived) -> Truth:
    if test.operator == "known":
        known, unknown = fact.known, opposite(fact.known)
        return Truth(known, unknown) if test.limit else Truth(unknown, known)
    if test.operator in ("is", "one_of"):
        asked = fact.among(test.limit if test.operator == "one_of" else (test.limit,))
    elif isinstance(fact, Symbol) and test.operator in _COMPARED and test.limit is not None:
        asked = _COMPARED[test.operator](fact.value, fact.kind.number(test.limit))
    else:
        raise Unprovable(f"The test '{test.fact} {test.operator}' cannot be proved.")
    return Truth(every((fact.known, asked)), every((fact.known, opposite(asked))))


def _related(test: Test, limit: FactLimit, symbols: Symbols) -> Truth:
    one, other = symbols[test.fact], symbols[limit.fact]
    if not isinstance(one, Symbol) or not isinstance(other, Symbol) or test.operator not in _COMPARED:
        raise Unprovable(f"The test '{test.fact} {test.operator} {limit.fact}' cannot be proved.")
    known, asked = every((one.known, other.known)), _COMPARED[test.operator](one.value, other.value + limit.by)
    return Truth(every((known, asked)), every((known, opposite(asked))))
