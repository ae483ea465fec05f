"""Every case of two periods in truth values alone: each fact cut into cells, within which no rule tells values apart.

The solver is asked thousands of times which cells a difference needs. Over whole numbers each time takes it
milliseconds, over truth values a fraction of one. What is said here of cells is what the formulas say of numbers: that
each comparison is constant within a cell is proved before it is written so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import z3

from senpolicy.language.conditions import FactType
from senpolicy.language.partition import FactCell, bounds
from senpolicy.readings.formula import Symbol, either, every, opposite

_ORDER = (z3.Z3_OP_LE, z3.Z3_OP_LT, z3.Z3_OP_GE, z3.Z3_OP_GT)


class Encoded:
    """The facts of a case as cells, and formulas over whole numbers as formulas over cells.

    `given` are the facts as a case gives them, `cells` those of each fact (see `language.partition`), the last that it
    is not known, `always` the facts that every case gives. `signs` hold for each fact a truth value for each cell.
    """

    def __init__(
        self, kinds: Mapping[str, FactType], given: Mapping[str, Symbol],
        cells: Mapping[str, Sequence[FactCell | None]], always: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.kinds, self.given, self.cells = kinds, given, cells
        self.signs = {name: self._signs(name, "") for name in given}
        self._said: list[z3.BoolRef] = []
        for name, signs in self.signs.items():
            self._said += self._one_of(signs)
            self._said.append(given[name].known == opposite(signs[-1]))
            if name in always:
                self._said.append(given[name].known)
        self._plain: dict[int, tuple[z3.ExprRef, z3.BoolRef]] = {}
        self._names = {str(symbol.value): name for name, symbol in given.items()}
        self._numbers: set[str] = set()
        self._in_relation: set[str] = set()
        #: Whether everything that was said so far is said in truth values alone.
        self.pure = True

    def unsaid(self) -> list[z3.BoolRef]:
        """Return what has to be said to the solver of the cells and has not been asked for before."""
        said, self._said = self._said, []
        return said

    def _signs(self, name: str, tag: str) -> list[z3.BoolRef]:
        return [z3.Bool(f"{name}{tag} in {number}") for number in range(len(self.cells[name]))]

    def _one_of(self, signs: Sequence[z3.BoolRef]) -> Iterator[z3.BoolRef]:
        yield either(signs)
        yield from (opposite(every((one, other))) for one, other in itertools.combinations(signs, 2))

    def derived(self, name: str, fact: Symbol) -> list[z3.BoolRef]:
        """Return truth values for the cells of a fact as the decision takes it, with what follows counted."""
        signs = self._signs(name, " taken")
        for sign, cell in zip(signs, self.cells[name], strict=True):
            if cell is None:
                within = opposite(fact.known)
            else:
                within = every((fact.known, fact.value >= cell[0], fact.value <= cell[1]))
            self._said.append(sign == self.plain(within))
        return signs

    def plain(self, what: z3.ExprRef) -> z3.ExprRef:
        """Return a formula over whole numbers as one over cells; of a relation between two facts the numbers stay."""
        key = what.get_id()
        if key not in self._plain:
            # The formula is kept beside it: ids of formulas that are gone are given again.
            self._plain[key] = what, self._written(what)
        return self._plain[key][1]

    def _written(self, what: z3.ExprRef) -> z3.ExprRef:
        parts = what.children()
        if parts and any(part.sort_kind() == z3.Z3_INT_SORT for part in parts):
            return self._compared(what)
        return what.decl()(*(self.plain(part) for part in parts)) if parts else what

    def _compared(self, atom: z3.BoolRef) -> z3.BoolRef:
        choice = _choice(atom)
        if choice is not None:
            when = self.plain(choice.arg(0))
            then, other = (self.plain(z3.substitute(atom, (choice, choice.arg(at)))) for at in (1, 2))
            return either((every((when, then)), every((opposite(when), other))))
        names = {self._names[found] for found in _numbers(atom)}
        if len(names) > 1:
            return self._related(atom, sorted(names))
        if not names:
            return z3.simplify(atom)
        (name,) = names
        value, lowest = self.given[name].value, bounds(self.kinds[name])[0]
        held = []
        for sign, cell in zip(self.signs[name], self.cells[name], strict=True):
            # The number of a fact that is not known may be any; no formula asks for it.
            first, last = cell or (lowest, lowest)
            ends = {z3.is_true(z3.simplify(z3.substitute(atom, (value, z3.IntVal(at))))) for at in {first, last}}
            if len(ends) > 1 or (last - first > 1 and not _constant(atom, value, first, last)):
                raise AssertionError(f"within its ranges '{name}' is told apart by nothing")
            held += [sign] if True in ends else []
        return either(held)

    def _related(self, atom: z3.BoolRef, names: list[str]) -> z3.BoolRef:
        """Return a relation between facts as a truth value of its own, tied to the cells in which it cannot be free.

        Between two numbers on one line: where it gives the same at the four corners of two cells, it does within.
        Two relations of one fact could rest on each other, so there, and for any other relation, the numbers stay.
        """
        line = atom.decl().kind() in _ORDER and len(names) == 2 and not _multiplies(atom)
        if not line or self._in_relation & {*names}:
            self.pure = False
            self._keep_numbers(names)
            return atom
        self._in_relation |= {*names}
        sign = z3.Bool(f"{names[0]} to {names[1]}")
        values = [self.given[name].value for name in names]
        one, other = ([*zip(self.signs[name], self.cells[name], strict=True)] for name in names)
        for (here, first), (there, second) in itertools.product(one, other):
            if first is None or second is None:
                # A relation is asked of facts that are known, and is free where one is not.
                continue
            corners = {z3.is_true(z3.simplify(z3.substitute(atom, *zip(values, map(z3.IntVal, pair), strict=True))))
                       for pair in itertools.product({*first}, {*second})}  # fmt: skip
            if len(corners) == 1:
                self._said.append(z3.Implies(every((here, there)), sign if True in corners else opposite(sign)))
        return sign

    def _keep_numbers(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._numbers:
                self._numbers.add(name)
                value = self.given[name].value
                lowest, highest = bounds(self.kinds[name])
                self._said.append(every((value >= lowest, value <= highest)))
                for sign, cell in zip(self.signs[name], self.cells[name], strict=True):
                    if cell:
                        self._said.append(z3.Implies(sign, every((value >= cell[0], value <= cell[1]))))


def _constant(atom: z3.BoolRef, value: z3.ArithRef, first: int, last: int) -> bool:
    """Return whether it is proved that a comparison gives the same for all numbers from `first` to `last`."""
    solver, other = z3.Solver(), z3.Int("another")
    solver.add(value >= first, value <= last, other >= first, other <= last)
    solver.add(atom != z3.substitute(atom, (value, other)))
    return bool(solver.check() == z3.unsat)


def _choice(what: z3.ExprRef) -> z3.ArithRef | None:
    """Return a choice between two numbers within a comparison, None where there is none."""
    for part in what.children():
        if part.sort_kind() == z3.Z3_INT_SORT and part.decl().kind() == z3.Z3_OP_ITE:
            return part
        found = _choice(part)
        if found is not None:
            return found
    return None


def _multiplies(what: z3.ExprRef) -> bool:
    return what.decl().kind() == z3.Z3_OP_MUL or any(_multiplies(part) for part in what.children())


def _numbers(what: z3.ExprRef) -> set[str]:
    """Return the names of the numbers in a comparison."""
    if not what.children():
        return set() if z3.is_int_value(what) else {str(what)}
    return {name for part in what.children() for name in _numbers(part)}
