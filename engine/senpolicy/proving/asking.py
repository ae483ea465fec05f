"""Asking the solver within a time, and turning its answers into pupils who are decided for real."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import z3

from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider
from senpolicy.files.models.properties import Property, declared_properties
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import Value, written
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Period, Policy
from senpolicy.proving.plain import usual_days
from senpolicy.proving.report import Finding
from senpolicy.readings.formula import opposite
from senpolicy.readings.say import say_date, say_value
from senpolicy.readings.symbolic_case import SymbolicCase

Clock = Callable[[], float]

#: What a pupil who shows a fault looks like where nothing speaks against it: issued lately, with amounts of this size.
LATELY, USUAL_PENCE = date(2020, 1, 1), 5_000_000
#: How long the solver may look for a plainer pupil, in milliseconds for each wish.
WISH = 2_000


class TooLong(Exception):
    """Raised where the time for a question or property has run out."""


class Swap:
    """Turns formulas about one case into the same formulas about a second case that differs in these terms."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self.pairs = pairs

    def __call__(self, what: Any) -> Any:
        """Return the same formula about the second case."""
        return z3.substitute(what, *self.pairs) if self.pairs else what


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

    def model(self, kept: Iterable[str] = ()) -> Any:
        """Return the plainest case that the solver finds: few facts but those `kept`, a day and sizes people know."""
        facts, solver = self.view.space.given, self.solver
        wishes = [opposite(fact.known) for name, fact in reversed(facts.items()) if name not in kept]
        for fact in facts.values():
            if fact.kind.type == "date":
                wishes.append(fact.value >= LATELY.toordinal())
            if fact.kind.type == "money":
                wishes.append(fact.value <= USUAL_PENCE)
        if "decision_date" in facts:
            day = facts["decision_date"].value
            first, last = usual_days(self.view.policy)
            wishes += [day >= first.toordinal(), day <= last.toordinal()]
        model = solver.model()
        solver.set("timeout", WISH)
        for wish in wishes:
            solver.push()
            solver.add(wish)
            if solver.check() == z3.sat:
                model = solver.model()
            else:
                solver.pop()
        return model

    def pupil(self, model: Any, swap: Swap | None = None) -> dict[str, Value]:
        """Return the known facts of a case that the solver found, or with `swap` those of the second one."""
        swap = swap or Swap([])
        pupil: dict[str, Value] = {}
        for name, fact in self.view.space.given.items():
            if meets(model, swap(fact.known)):
                pupil[name] = fact.kind.value_of(model.eval(swap(fact.value), model_completion=True).as_long())
        return pupil


def meets(model: Any, what: z3.BoolRef) -> bool:
    """Return whether the case of a model meets a formula."""
    return bool(z3.is_true(model.eval(what, model_completion=True)))


class Inquiry:
    """Everything that the proofs of one run share: the time that is left, what was found, who decides the pupils."""

    def __init__(self, corpus: Corpus, as_of: str, clock: Clock, seconds: float, only: str | None) -> None:
        self.corpus, self.as_of = corpus, as_of
        self.clock, self.seconds, self.only = clock, seconds, only
        self.spent: dict[str, float] = {}
        self.late: set[str] = set()
        self.findings: dict[tuple[Any, ...], Finding] = {}
        self.deciders: dict[int, Decider] = {}
        self.numbers = itertools.count(1)

    def wanted(self, name: str) -> bool:
        """Return whether a question or property is to be proved."""
        return self.only in (None, name)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Do what stands inside unless the time for `name` has run out; note it where it does."""
        try:
            yield
        except TooLong:
            self.late.add(name)

    @contextmanager
    def asked(
        self, view: PeriodProof, name: str, *formulas: Any, solver: z3.Solver | None = None
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
        self, about: str, place: Place, code: str, what: tuple[Any, ...], said: str, help: str,
        pupils: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Add a fault, once for each `what`."""
        self.findings.setdefault((about, code, *what), Finding(about, Problem(place, code, said, help), pupils))

    def disagreement(self, about: str, place: Place, pupils: tuple[str, ...]) -> None:
        """Add the fault that a pupil does not show, once decided, what the solver found."""
        self.fault(about, place, "proof-differs", (), "The solver and the evaluator differ on a case.",
                   "This is a fault of the engine: report it, with the case.", pupils)  # fmt: skip

    def decided(self, view: PeriodProof, text: str) -> Any:
        """Return what becomes of a pupil, read from YAML and decided as `senpolicy decide` does."""
        case = read_text(text, "pupil.yaml", view.policy)[0]
        if not isinstance(case, Case):
            return case
        if id(view.policy) not in self.deciders:
            self.deciders[id(view.policy)] = Decider(view.policy)
        return self.deciders[id(view.policy)].decide(case)

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


def pupil_yaml(reference: str, facts: Mapping[str, Value], policy: Policy) -> str:
    """Return a case as YAML that `decide` reads: an item of a list, facts in the order in which they are declared."""
    lines = [f"- case_ref: {reference}"]
    for name, value in facts.items():
        kind = policy.types[name].type
        text = written(kind, value)
        text = str(text).lower() if isinstance(text, bool) else str(text)
        lines.append(f'  {name}: "{text}"' if kind == "choice" and text[:1].isdigit() else f"  {name}: {text}")
    return "\n".join(lines) + "\n"


def quoted(words: Iterable[str]) -> str:
    """Return words in quotes, the last with "and".

    >>> quoted(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    *first, last = [f"'{word}'" for word in words]
    return f"{', '.join(first)} and {last}" if first else last
