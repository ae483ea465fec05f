"""Looking for every difference on the days that two periods share: exact, by solver, region by region."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import z3

from senpolicy.checking.examples import LATELY, USUAL, decide_facts, plain_case, plain_number, pupil_yaml, usual_days
from senpolicy.comparing.cells import Encoded
from senpolicy.comparing.cubes import ACCEPTED, CAUTIONS, DECIDED, REFUSED, Days, FactBounds, Ground, Region, days_of
from senpolicy.comparing.shapes import plain_rule
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.files.models.rules import Source
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.conditions import FactType, Value
from senpolicy.language.partition import cells_of, clipped, joined, limits_of, partition, relates, value_of
from senpolicy.policy.timeline import Outcome, Period, Policy
from senpolicy.proving.plain import result_of
from senpolicy.readings.formula import Derived, Symbol, Unprovable, either, every, formula, meets, opposite
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult

#: So many regions of one question on one stretch of days are told apart; with more the two are different policies.
MOST_REGIONS = 300
_DAY = "decision_date"
#: For each fact that matters the places of its cells.
Box = dict[str, frozenset[int]]
Signs = Mapping[str, Sequence[z3.BoolRef]]


@dataclass(frozen=True)
class Half:
    """One of the two policies on one matter: its possible results, and the rows on which that rests, as formulas."""

    results: Mapping[SymbolicResult, z3.BoolRef]
    rows: Mapping[SymbolicResult, Sequence[tuple[Ground, z3.BoolRef]]]


@dataclass(eq=False)
class Cube:
    """A cube, or kind of case: the cells of its facts, and what holds of several facts `beside` them.

    `facts`, `days` and a `case` of it are filled in when they are first asked for.
    """

    cells: Box
    related: tuple[tuple[str, bool], ...]
    beside: tuple[z3.BoolRef, ...]
    facts: dict[str, FactBounds] | None = None
    days: tuple[Days, ...] = ()
    case: Mapping[str, Value] | None = None


@dataclass(frozen=True, eq=False)
class FoundDifference:
    """A kind of case in which something differs in one way."""

    was: SymbolicResult
    now: SymbolicResult
    kind: Cube


class Search:
    """Looks for every difference between two periods. `limits` are those with which tests compare, by fact."""

    def __init__(
        self, base: Policy, head: Policy, ours: Period, theirs: Period, deciders: tuple[Decider, Decider],
        only: str | None = None,
    ) -> None:  # fmt: skip
        self.deciders, self.only = deciders, only
        try:
            self.base, self.head = SymbolicCase(base, ours), SymbolicCase(head, theirs, base.types)
        except Unprovable as fault:
            help = "Say it with the tests of the language, or write a formula for it in senpolicy/readings/formula.py."
            raise PolicyError([Problem(Place("rules/facts.yaml"), "cannot-be-proved", f"{fault}", help)]) from None
        self.kinds: Mapping[str, FactType] = self.base.kinds
        asked = {name: [*self.base.asked.get(name, ()), *self.head.asked.get(name, ())] for name in self.kinds}
        self.limits = {name: limits_of(tests) for name, tests in asked.items()}
        cut = {name: partition(kind, asked[name]) for name, kind in self.kinds.items()}
        self.days = shared(ours, theirs)
        first, last = (self.days[0] or date.min).toordinal(), (self.days[1] or date.max).toordinal()
        cut[_DAY] = [*clipped(cells_of(self.kinds[_DAY], asked[_DAY]), first, last), None]
        self.encoded = Encoded(self.kinds, self.base.given, cut, [_DAY])
        self.cells = self.encoded.cells
        self.told: list[z3.BoolRef] = []
        #: What was told of the one matter that is being looked at, None between two.
        self.matter: list[z3.BoolRef] | None = None
        self.solver, self.pure = z3.SimpleSolver(), True
        self.solver.set("relevancy", 0)
        self.marks: dict[Hashable, z3.BoolRef] = {}
        self.found: list[Cube] = []
        self.decisions: dict[tuple[tuple[str, Value], ...], tuple[Decision | None, ...]] = {}
        self.given: Signs = self.encoded.signs
        # Regions tell of facts as the decisions take them, with what follows; as given, where different things follow.
        self.as_given = not all(_same(self.base.symbols[name], self.head.symbols[name]) for name in self.kinds)
        self.taken: Signs = {name: self._taken(name) for name in self.kinds}
        self.signs: Signs = self.given
        self.nots, self.taken_nots = _nots(self.given), _nots(self.taken)
        self.fact_of = {sign.get_id(): name for facts in (self.nots, self.taken_nots)
                        for name, signs in facts.items() for sign in signs}  # fmt: skip
        self.usual = {name: self._usual(name) for name, kind in self.kinds.items()
                      if kind.type in ("money", "date") and name != _DAY}  # fmt: skip
        # What both refuse does not differ; a fact held against another by one of them alone is told beside the facts.
        self.common: list[z3.BoolRef] = []
        self.related: dict[str, z3.BoolRef] = {}
        rules = [{plain_rule(rule): rule for rule in period.problems} for period in (ours, theirs)]
        for key, rule in {**rules[0], **rules[1]}.items():
            holds = formula(rule.condition, self.base.given).holds
            if key in rules[0] and key in rules[1]:
                self.add(opposite(holds))
            elif relates(rule.condition):
                self.related[rule.says] = holds
        self.beside = {says: self.mark(says, holds) for says, holds in self.related.items()}

    def _taken(self, name: str) -> Sequence[z3.BoolRef]:
        fact = self.base.symbols[name]
        if self.as_given or not isinstance(fact, Symbol) or fact is self.base.given[name]:
            return self.given[name]
        return self.encoded.derived(name, fact)

    def _usual(self, name: str) -> z3.BoolRef:
        days = LATELY.toordinal(), usual_days(self.base.policy)[1].toordinal()
        low, high = USUAL if self.kinds[name].type == "money" else days
        signs = zip(self.given[name], self.cells[name], strict=True)
        return self.sign(either(sign for sign, cell in signs if cell and cell[0] <= high and cell[1] >= low))

    # Asking the solver

    def add(self, *formulas: z3.BoolRef) -> None:
        """Say something of all cases from here on."""
        self.common += formulas
        self.tell(self.encoded.plain(one) for one in formulas)

    def tell(self, formulas: Iterable[z3.BoolRef]) -> None:
        """Tell the solver; the one that knows truth values alone is left where numbers stay."""
        told, lasting = [*formulas], self.encoded.unsaid()
        (self.told if self.matter is None else self.matter).extend(told)
        self.told += lasting
        if self.pure and not self.encoded.pure:
            self.solver, self.pure = z3.Solver(), False
            if self.matter is None:
                told, lasting = self.told, []
            else:
                self.solver.add(*self.told)
                self.solver.push()
                told, lasting = self.matter, []
        self.solver.add(*told, *lasting)

    @contextmanager
    def one_matter(self) -> Iterator[None]:
        """Forget at the end what the solver was told within, but of cells: the less it knows, the faster it answers."""
        marks, told = self.marks, len(self.told)
        self.marks, self.matter = dict(marks), []
        self.solver.push()
        try:
            yield
        finally:
            self.solver.pop()
            self.marks, self.matter = marks, None
            self.solver.add(*self.told[told:])

    def sign(self, what: z3.BoolRef) -> z3.BoolRef:
        """Return a truth value that is true just where a formula over cells is."""
        sign = z3.Bool(f"sign {len(self.marks)}")
        self.marks[sign] = sign
        self.tell([sign == what])
        return sign

    def mark(self, key: Hashable, what: z3.BoolRef) -> z3.BoolRef:
        """Return the truth value of a formula over numbers; `key` tells the formula from others."""
        if key not in self.marks:
            self.marks[key] = self.sign(self.encoded.plain(what))
        return self.marks[key]

    def case(self, assumed: Iterable[z3.BoolRef], box: Box) -> z3.ModelRef | None:
        """Return a case within cells that meets all of these as well, None where it is proved that none does."""
        return self.solver.model() if self.meets(assumed, box) else None

    def meets(self, assumed: Iterable[z3.BoolRef], box: Box) -> bool:
        """Return whether some case within cells meets all of these; what it looks like takes as long again to ask."""
        found = self.check([*assumed, *self.within(box)])
        if found == z3.unknown:
            said = f"The solver gives up: {self.solver.reason_unknown()}."
            raise PolicyError([Problem(Place(""), "not-proved", said, "Compare with --cases instead.")])
        return bool(found == z3.sat)

    def check(self, assumed: Sequence[z3.BoolRef]) -> z3.CheckSatResult:
        """Return whether some case meets all of these. As `Solver.check`, which takes each of many up again."""
        signs = (z3.Ast * len(assumed))(*(one.ast for one in assumed))
        return z3.CheckSatResult(
            z3.Z3_solver_check_assumptions(self.solver.ctx.ref(), self.solver.solver, len(assumed), signs)
        )

    def within(self, box: Box) -> Iterator[z3.BoolRef]:
        """Yield for each cell outside that a case does not lie in it."""
        for name, inside in box.items():
            for at, outside in enumerate(self.nots[name]):
                if at not in inside:
                    yield outside

    def core(self, assumed: Iterable[z3.BoolRef], box: Box) -> set[str] | None:
        """Return facts whose cells are enough to rule out every case that meets these, None where some case does."""
        if self.meets(assumed, box):
            return None
        return {self.fact_of[one] for one in self.needed() if one in self.fact_of}

    def needed(self) -> set[int]:
        """Return the ids of what was assumed, and is enough that no case met it. As `Solver.unsat_core`."""
        context = self.solver.ctx
        core = z3.AstVector(z3.Z3_solver_get_unsat_core(context.ref(), self.solver.solver), context)
        size = z3.Z3_ast_vector_size(context.ref(), core.vector)
        return {
            z3.Z3_get_ast_id(context.ref(), z3.Z3_ast_vector_get(context.ref(), core.vector, at)) for at in range(size)
        }

    def place(self, model: z3.ModelRef, name: str, signs: Signs) -> int:
        """Return in which of its cells a fact of a case lies."""
        return next(at for at, sign in enumerate(signs[name]) if meets(model, sign))

    # Regions

    def answers(self) -> Iterator[Region]:
        """Yield a region for each way in which it differs whether a case is decided, or the result of a question."""
        if not self.only:
            yield from self.about(DECIDED, _decided(self.base), _decided(self.head))
        self.only_decided()
        for name in self.base.period.questions:
            if name in self.head.period.questions and self.only in (None, name):
                yield from self.about(name, _answered(self.base, name), _answered(self.head, name))

    def only_decided(self) -> None:
        """Speak of nothing but cases that both decide from here on."""
        self.add(opposite(self.base.refused), opposite(self.head.refused))
        self.signs, self.nots, self.found = self.taken, self.taken_nots, []

    def cautions(self, like: Search | None = None) -> Iterator[Region]:
        """Yield a region for each way in which a caution comes or goes.

        After `answers`; or after those of a search `like` this one, of which only the cautions are others.
        """
        if like is not None:
            self.only_decided()
            for kind in like.found if like.cells == self.cells else ():
                signs = [self.beside[says] if holds else opposite(self.beside[says]) for says, holds in kind.related]
                self.found.append(Cube(kind.cells, kind.related, tuple(signs)))
        ours, theirs = ({(of, one): holds for of, one, holds in side.cautions()} for side in (self.base, self.head))
        for of, caution in () if self.only else dict.fromkeys([*ours, *theirs]):
            halves = [_carried(side, of, caution, goes.get((of, caution)))
                      for side, goes in ((self.base, ours), (self.head, theirs))]  # fmt: skip
            yield from self.about(f"{CAUTIONS}: {of}", *halves)

    def about(self, about: str, base: Half, head: Half) -> Iterator[Region]:
        """Yield the regions of one matter; each is as wide as it can be and has no case that is otherwise."""
        with self.one_matter():
            yield from self._regions(about, base, head)

    def _regions(self, about: str, base: Half, head: Half) -> Iterator[Region]:
        signs = [{result: self.mark((about, side, result), holds) for result, holds in half.results.items()}
                 for side, half in enumerate((base, head))]  # fmt: skip
        never = z3.BoolVal(False)
        asked = [self.sign(either(every((sign, opposite(signs[1].get(result, never))))
                                  for result, sign in signs[0].items()))]  # fmt: skip
        found: list[FoundDifference] = []
        # Kinds of case in which something else differs come first: the fewer kinds there are, the better they are read.
        for kind in list(self.found):
            if model := self.case([*asked, *kind.beside], kind.cells):
                was, now = self.sides(about, model, signs)
                if self.core([self.otherwise(about, was, now, signs), *kind.beside], kind.cells) is not None:
                    found.append(FoundDifference(was, now, kind))
                    asked.append(self.out(kind))
        while model := self.case(asked, {}):
            if len(found) > MOST_REGIONS:
                said = f"'{about}' differs in more than {MOST_REGIONS} regions, too many to be listed."
                raise PolicyError([Problem(Place(""), "too-different", said, "Compare with --cases instead.")])
            was, now = self.sides(about, model, signs)
            kind = self.generalised(model, self.otherwise(about, was, now, signs))
            found.append(FoundDifference(was, now, kind))
            asked.append(self.out(kind))
            self.found.append(kind)
        for one in self.irredundant(found, signs):
            yield self.region(about, one, (base, head), signs)

    def sides(
        self, about: str, model: z3.ModelRef, signs: Sequence[Mapping[SymbolicResult, z3.BoolRef]]
    ) -> tuple[SymbolicResult, SymbolicResult]:
        """Return the results of a case in the base and in the head; raises `PolicyError` where one has none."""
        was, now = (next((one for one, sign in side.items() if meets(model, sign)), None) for side in signs)
        if was is None or now is None:
            side = "head" if now is None else "base"
            said = f"In the {side}, no answer and no open point of '{about}' covers some case."
            help = "Mend the rules; 'senpolicy prove' shows where."
            raise PolicyError([Problem(Place(""), "not-sound", said, help)])
        return was, now

    def otherwise(
        self, about: str, was: SymbolicResult, now: SymbolicResult, signs: Sequence[Mapping[SymbolicResult, z3.BoolRef]]
    ) -> z3.BoolRef:
        """Return the truth value that a case does not give this in the base and that in the head."""
        if (about, was, now) not in self.marks:
            self.marks[about, was, now] = self.sign(opposite(every((signs[0][was], signs[1][now]))))
        return self.marks[about, was, now]

    def generalised(self, model: z3.ModelRef, otherwise: z3.BoolRef) -> Cube:
        """Return the widest cells around a case within which no case that can be is otherwise: a prime implicant.

        It is found by the cores of what the solver cannot meet, cell by cell. What holds of several facts beside them
        is left out where it makes no difference.
        """
        box = {name: frozenset({self.place(model, name, self.signs)}) for name in self.kinds}
        holding = {says: meets(model, sign) for says, sign in self.beside.items()}
        kept = {says: sign if holding[says] else opposite(sign) for says, sign in self.beside.items()}
        for says in self.beside:
            rest = [sign for other, sign in kept.items() if other != says]
            if self.core([otherwise, *rest], box) is not None:
                del kept[says]
        asked = [otherwise, *kept.values()]
        needed = self.core(asked, box)
        assert needed is not None, "within its cells a case is told apart by nothing"
        box = {name: cells for name, cells in box.items() if name in needed}
        for name in reversed(list(box)):
            if name in box:
                fewer = {other: cells for other, cells in box.items() if other != name}
                needed = self.core(asked, fewer)
                if needed is not None:
                    box = {other: cells for other, cells in fewer.items() if other in needed}
        # Of the cells outside, one after another is let in, and with it all that then need not be kept out.
        out = {one.get_id(): one for one in self.within(box)}
        for one in list(out):
            if one in out:
                found = self.check([*asked, *(sign for other, sign in out.items() if other != one)])
                if found == z3.unsat:
                    ids = self.needed()
                    out = {other: sign for other, sign in out.items() if other in ids}
        box = {name: frozenset(at for at, sign in enumerate(self.nots[name]) if sign.get_id() not in out)
               for name in box}  # fmt: skip
        assert self.core(asked, box) is not None, "no case within the bounds is otherwise"
        return Cube(box, tuple((says, holding[says]) for says in kept), tuple(kept.values()))

    def out(self, kind: Cube) -> z3.BoolRef:
        """Return the truth value that a case is of another kind."""
        if kind not in self.marks:
            outside = (*self.within(kind.cells), *kind.beside)
            self.marks[kind] = self.sign(either(opposite(one) for one in outside))
        return self.marks[kind]

    def lived_in(self, box: Box, asked: Sequence[z3.BoolRef]) -> Box:
        """Return the cells of a box in which some case can be: others would only make the region harder to read."""
        found = {name: set[int]() for name in box}
        while True:
            left = [self.signs[name][at] for name, cells in box.items() for at in cells if at not in found[name]]
            model = self.case([*asked, self.any_of(left)], box) if left else None
            if model is None:
                return {name: frozenset(cells) for name, cells in found.items()}
            for name in box:
                found[name].add(self.place(model, name, self.signs))

    def irredundant(
        self, found: list[FoundDifference], signs: Sequence[Mapping[SymbolicResult, z3.BoolRef]]
    ) -> list[FoundDifference]:
        """Return the regions without those whose every case lies in others of the same change."""
        kept = list(found)
        for one in reversed(found):
            alike = [self.out(other.kind) for other in kept
                     if other is not one and (other.was, other.now) == (one.was, one.now)]  # fmt: skip
            here = [signs[0][one.was], signs[1][one.now], *one.kind.beside]
            if alike and self.core([*here, *alike], one.kind.cells) is not None:
                kept.remove(one)
        return kept

    def region(
        self,
        about: str,
        found: FoundDifference,
        halves: tuple[Half, Half],
        signs: Sequence[Mapping[SymbolicResult, z3.BoolRef]],
    ) -> Region:
        """Return a region with its rows and a case that shows it, after deciding that case under both policies."""
        was, now, kind = found.was, found.now, found.kind
        here = [signs[0][was], signs[1][now], *kind.beside]
        base, head = (tuple(self.rows((about, side), half.rows.get(result, ()), here, kind.cells))
                      for side, (half, result) in enumerate(zip(halves, (was, now), strict=True)))  # fmt: skip
        if kind.facts is None:
            lived_in = self.lived_in(kind.cells, kind.beside)
            kind.facts = {name: self.bounds(name, cells) for name, cells in lived_in.items()}
            if _DAY in kind.facts:
                kind.days = tuple(days_of(low, high) for low, high in kind.facts.pop(_DAY).values)
            else:
                kind.days = (self.days,)
        if kind.case is None or not self.shows(about, found, kind.case):
            kind.case = self.witness(about, found, halves, here)
        pupil = pupil_yaml("W-0001", kind.case, self.base.policy)
        as_given = self.as_given or about == DECIDED
        facts = tuple(kind.facts.items())
        return Region(about, was, now, facts, kind.days, kind.related, (base, head), as_given, pupil)

    def bounds(self, name: str, inside: frozenset[int]) -> FactBounds:
        """Return cells of a fact as bounds."""
        cells = [self.cells[name][at] for at in inside]
        return FactBounds(tuple(joined(cell for cell in cells if cell)), None in cells)

    def rows(
        self, key: tuple[Hashable, ...], rows: Sequence[tuple[Ground, z3.BoolRef]], here: Sequence[z3.BoolRef], box: Box
    ) -> Iterator[Ground]:
        """Yield the rows that decide some case of a region, in their order."""
        if len(rows) == 1:
            yield rows[0][0]
            return
        signs = [self.mark((*key, ground, holds.get_id()), holds) for ground, holds in rows]
        left, decides = dict(enumerate(signs)), set[int]()
        while left and (model := self.case([*here, self.any_of(left.values())], box)):
            decides |= {at for at, sign in left.items() if meets(model, sign)}
            left = {at: sign for at, sign in left.items() if at not in decides}
        yield from dict.fromkeys(rows[at][0] for at in sorted(decides))

    def any_of(self, signs: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """Return the truth value that one of these is true."""
        one = either(signs)
        return self.marks.setdefault(one, self.sign(one)) if one not in self.marks else self.marks[one]

    # A case that shows a region

    def witness(
        self, about: str, found: FoundDifference, halves: tuple[Half, Half], here: Sequence[z3.BoolRef]
    ) -> Mapping[str, Value]:
        """Return a plain case of a region, after deciding it under both policies."""
        kind = found.kind
        start = next((one for one, _ in kind.days if one), None)
        wishes = [self.given[name][-1] for name in reversed([*self.kinds]) if name != _DAY]
        for at, cell in enumerate(self.cells[_DAY]):
            if start and cell and cell[0] <= start.toordinal() <= cell[1]:
                wishes.insert(0, self.given[_DAY][at])
        wishes += [*self.usual.values(), *(self.signs[name][min(cells)] for name, cells in kind.cells.items())]
        model = self.case([*here, *self.granted(wishes, here, kind.cells)], kind.cells)
        assert model is not None, "the solver has held such a case"
        inside = {name: cell for name in self.kinds
                  if (cell := self.cells[name][self.place(model, name, self.given)])}  # fmt: skip
        day = start or usual_days(self.base.policy)[0]
        facts = {name: value_of(self.kinds[name], plain_number(self.kinds[name], cell, day))
                 for name, cell in inside.items()}  # fmt: skip
        if kind.related or not self.shows(about, found, facts):
            facts = self.exactly(found, halves, inside, start)
            if not self.shows(about, found, facts):
                said = f"The solver and the evaluator differ on '{about}' for {facts}."
                raise PolicyError(
                    [Problem(Place(""), "proof-differs", said, "This is a fault of the engine: report it.")]
                )
        return facts

    def granted(self, wishes: Sequence[z3.BoolRef], asked: Sequence[z3.BoolRef], box: Box) -> Sequence[z3.BoolRef]:
        """Return the wishes that a case can meet beside what is asked: each that goes with those granted before it."""
        if not wishes or self.meets([*asked, *wishes], box):
            return wishes
        if len(wishes) == 1:
            return ()
        half = len(wishes) // 2
        first = self.granted(wishes[:half], asked, box)
        return [*first, *self.granted(wishes[half:], [*asked, *first], box)]

    def exactly(
        self,
        found: FoundDifference,
        halves: tuple[Half, Half],
        inside: Mapping[str, tuple[int, int]],
        start: date | None,
    ) -> dict[str, Value]:
        """Return a case in these cells by the formulas over numbers: one day may have to lie before another."""
        cells = []
        for name, fact in self.base.given.items():
            low, high = inside.get(name, (0, 0))
            within = every((fact.known, fact.value >= low, fact.value <= high))
            cells.append(within if name in inside else opposite(fact.known))
        related = [self.related[says] if holds else opposite(self.related[says]) for says, holds in found.kind.related]
        both = [half.results[result] for half, result in zip(halves, (found.was, found.now), strict=True)]
        facts = plain_case(self.base, [*self.common, *cells, *related, *both], [start] if start else ())
        assert facts is not None, "the solver has held such a case"
        return facts

    def decided(self, facts: Mapping[str, Value]) -> tuple[Decision | None, ...]:
        """Return what becomes of a case under both policies, None where it is refused."""
        key = tuple(facts.items())
        if key not in self.decisions:
            found = []
            for decider in self.deciders:
                decision = decide_facts(decider, facts)
                if isinstance(decision, NotIssued):
                    said = f"As of {decider.policy.as_of} no decision is issued for {dict(facts)}: {decision.message}"
                    raise PolicyError(
                        [Problem(Place(""), "not-sound", said, "Mend the rules; 'senpolicy prove' shows where.")]
                    )
                found.append(decision if isinstance(decision, Decision) else None)
            self.decisions[key] = tuple(found)
        return self.decisions[key]

    def shows(self, about: str, found: FoundDifference, facts: Mapping[str, Value]) -> bool:
        """Decide a case for real under both policies; return whether it comes out as the region says."""
        return all(_comes_to(decision, about, expected)
                   for decision, expected in zip(self.decided(facts), (found.was, found.now), strict=True))  # fmt: skip


def _comes_to(decision: Decision | None, about: str, expected: SymbolicResult) -> bool:
    if expected in (REFUSED, ACCEPTED):
        return (decision is None) is (expected == REFUSED)
    if decision is None:
        return False
    if about.startswith(CAUTIONS):
        answer = decision.answers[about.partition(": ")[2]]
        word, _, caution = expected.answer.partition(" ")
        return (word == "with") is any(one.id == caution for one in answer.cautions)
    return result_of(decision.answers[about], decision.period.questions[about]) == expected


# The results of each policy


def _decided(side: SymbolicCase) -> Half:
    rules = [(Ground(f"facts/{rule.id}"), formula(rule.condition, side.given).holds) for rule in side.period.problems]
    return Half({REFUSED: side.refused, ACCEPTED: opposite(side.refused)}, {REFUSED: rules})


def _answered(side: SymbolicCase, name: str) -> Half:
    rows = {result: [(_ground(outcome), holds) for outcome, holds in rows] for result, rows in side.rows(name).items()}
    return Half(side.results(name), rows)


def _carried(side: SymbolicCase, question: str, caution: str, holds: z3.BoolRef | None) -> Half:
    goes, stays = SymbolicResult(f"with {caution}"), SymbolicResult(f"without {caution}")
    if holds is None:
        return Half({goes: z3.BoolVal(False), stays: z3.BoolVal(True)}, {})
    always = z3.BoolVal(True)
    grounds = [(_at(f"{question}/{one.id}", one.decision, one.source), always)
               for one in side.period.questions[question].cautions if one.id == caution]  # fmt: skip
    return Half({goes: holds, stays: opposite(holds)}, {goes: grounds, stays: grounds})


def _ground(outcome: Outcome) -> Ground:
    return _at(outcome.id, outcome.decision, outcome.source, outcome.point or "", outcome.reading or "")


def _at(rule: str, decision: str, source: Source, *more: str) -> Ground:
    return Ground(rule, decision, source.document, source.paragraph, *more)


def _nots(signs: Signs) -> Signs:
    return {name: [opposite(sign) for sign in some] for name, some in signs.items()}


def _same(one: Symbol | Derived, other: Symbol | Derived) -> bool:
    """Return whether a fact is taken in the same way by both policies."""
    if not isinstance(one, Symbol) or not isinstance(other, Symbol):
        return False
    return bool(one.known.eq(other.known) and one.value.eq(other.value))


def shared(one: Period, other: Period) -> Days:
    """Return the days that two periods share."""
    first = max(one.start or date.min, other.start or date.min)
    last = min(one.end or date.max, other.end or date.max)
    return days_of(first.toordinal(), last.toordinal())
