"""Asking the solver within a time, and turning its answers into pupils who are decided for real."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import z3

from senpolicy.checking.examples import decide_facts, plain_wishes, plainest, pupil_yaml
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.files.models.properties import Property, declared_properties
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import Value
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Period, Policy
from senpolicy.proving.report import Finding
from senpolicy.readings.say import say_date, say_value
from senpolicy.readings.symbolic_case import Swap, SymbolicCase

Clock = Callable[[], float]

#: How long the solver may look for a plainer pupil, in milliseconds for each wish.
WISH = 2_000


class TooLong(Exception):
    """Raised where the time for a question or property has run out."""


@dataclass
class PeriodProof:
    """One period under proof: its space, a solver that holds what is possible, and what every decided case meets.

    `decides` grows with each question that leaves some case without one answer: later questions count such cases out.
    """

    policy: Policy
    period: Period
    space: SymbolicCase
    solver: z3.Solver
    decides: list[z3.BoolRef] = field(default_factory=list)


@dataclass
class SolverAnswer:
    """What the solver said: whether some case meets what was asked, and it is there to be looked at."""

    view: PeriodProof
    solver: z3.Solver
    any: bool

    def model(self, kept: Iterable[str] = ()) -> z3.ModelRef:
        """Return the plainest case that the solver finds, the facts `kept` among those that it gives."""
        wishes = plain_wishes(self.view.space, kept=[*kept])
        self.solver.set("timeout", WISH)
        return plainest(self.solver, wishes)

    def pupil(self, model: z3.ModelRef, swap: Swap | None = None) -> dict[str, Value]:
        """Return the known facts of a case that the solver found, or with `swap` those of the second one."""
        return self.view.space.read(model, swap)


class Inquiry:
    """Everything that the proofs of one run share: the time that is left, what was found, who decides the pupils."""

    def __init__(self, corpus: Corpus, as_of: str, clock: Clock, seconds: float, only: str | None) -> None:
        self.corpus, self.as_of = corpus, as_of
        self.clock, self.seconds, self.only = clock, seconds, only
        self.spent: dict[str, float] = {}
        self.late: set[str] = set()
        self.findings: dict[tuple[str | int, ...], Finding] = {}
        self.deciders: dict[int, Decider] = {}
        self.numbers = itertools.count(1)
        #: Whether what is proved now is a scenario that is laid over the policy.
        self.laid = False

    def wanted(self, name: str) -> bool:
        """Return whether a question or property is to be proved."""
        return self.only in (None, name)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Do what is inside unless the time for `name` has run out; note it where it does."""
        try:
            yield
        except TooLong:
            self.late.add(name)

    @contextmanager
    def asked(
        self, view: PeriodProof, name: str, *formulas: z3.BoolRef, solver: z3.Solver | None = None
    ) -> Iterator[SolverAnswer]:
        """Yield whether some case meets these formulas; raises `TooLong` when the time for `name` has run out."""
        left = self.seconds - self.spent.get(name, 0)
        if left <= 0:
            raise TooLong
        solver = solver or view.solver
        started, depth = self.clock(), solver.num_scopes()
        solver.set("timeout", max(int(left * 1000), 1))
        solver.push()
        try:
            solver.add(*formulas)
            result = solver.check()
            self.spent[name] = self.seconds - left + self.clock() - started
            if result == z3.unknown:
                self.spent[name] = self.seconds
                raise TooLong
            yield SolverAnswer(view, solver, result == z3.sat)
        finally:
            solver.pop(solver.num_scopes() - depth)

    def can_be(self, view: PeriodProof, name: str, what: z3.BoolRef, solver: z3.Solver | None = None) -> bool:
        """Return whether some case meets a formula; raises `TooLong` as `asked` does."""
        with self.asked(view, name, what, solver=solver) as found:
            return found.any

    def fault(
        self, about: str, place: Place, code: str, what: tuple[str | int, ...], said: str, help: str,
        pupils: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Add a fault, once for each `what`.

        What is laid over a faulty policy has its faults too: one of the same kind is told of the policy alone.
        """
        if self.laid and any(known[:2] == (about, code) for known in self.findings):
            return
        self.findings.setdefault((about, code, *what), Finding(about, Problem(place, code, said, help), pupils))

    def disagreement(self, about: str, place: Place, pupils: tuple[str, ...]) -> None:
        """Add the fault that a pupil does not show, once decided, what the solver found."""
        self.fault(about, place, "proof-differs", (), "The solver and the evaluator differ on a case.",
                   "This is a fault of the engine: report it, with the case.", pupils)  # fmt: skip

    def decided(self, view: PeriodProof, pupil: Mapping[str, Value]) -> Decision | NotIssued | Refused:
        """Return what becomes of a pupil, decided as `senpolicy decide` does."""
        if id(view.policy) not in self.deciders:
            self.deciders[id(view.policy)] = Decider(view.policy)
        return decide_facts(self.deciders[id(view.policy)], pupil)

    def yaml(self, view: PeriodProof, pupil: Mapping[str, Value]) -> str:
        """Return a pupil as YAML, with a remark where `decide` needs an option to decide it by this policy."""
        scenario, as_of = view.policy.scenario, view.policy.as_of
        option = f"--scenario {scenario.scenario}" if scenario else f"--as-of {as_of}" if as_of != self.as_of else ""
        remark = f"# decide with {option}\n" if option else ""
        return remark + pupil_yaml(f"W-{next(self.numbers):04d}", pupil, view.policy)

    def said(self, view: PeriodProof, pupil: Mapping[str, Value]) -> str:
        """Return a pupil in words that can follow "for"."""
        types = view.policy.types
        given = [f"{types[name].label or name}: {say_value(value, types[name])}"
                 for name, value in pupil.items() if name != "decision_date"]  # fmt: skip
        day = pupil.get("decision_date")
        on = f" on {say_date(day)}" if isinstance(day, date) else ""
        return f"a pupil{on} ({'; '.join(given) or 'of whom nothing else is known'})"

    def place_of(self, declared: Property) -> Place:
        """Return where a property is declared."""
        return self.corpus.place(
            "rules/properties.yaml", "properties", declared_properties(self.corpus.files).index(declared)
        )


def quoted(words: Iterable[str]) -> str:
    """Return words in quotes, the last with "and".

    >>> quoted(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    *first, last = [f"'{word}'" for word in words]
    return f"{', '.join(first)} and {last}" if first else last
