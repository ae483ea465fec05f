"""What a change really moves, by deciding: made pupils, generated and golden cases, in every way to decide; and a pot.

Nothing of the comparison is used here: each case is decided by both versions, and what they say is held together.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import generated
from golden_files import ROOT, every
from senpolicy.caseloads import budgets
from senpolicy.caseloads.population import simulate
from senpolicy.checking import golden
from senpolicy.checking.opening import Asked
from senpolicy.deciding.cases import Case, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.language.conditions import Value
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy

TABLE = ROOT / "docs/how-to/illustrative-communities.csv"
POT = 1_000_000_00
#: What becomes of a case: by question what is answered, or under "refused" why it is not decided.
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Moved:
    """Something that moves: in which way of deciding, of which question (or "refused", or "budgets"), and for whom."""

    way: str
    about: str
    case: str


def ways(*corpora: Corpus) -> Iterator[tuple[str, Asked]]:
    """Yield the ways to decide that all of these know, the policy as it is first."""
    yield "", Asked()
    yield "with proposals", Asked(include_proposed=True)
    yield "without readings", Asked(readings="none")
    for name in corpora[0].scenarios:
        if all(name in one.scenarios for one in corpora):
            yield f"scenario {name}", Asked(scenario=name)


class Brute:
    """Cases of the base, decided by it once.

    `pupils` are made; so many cases are `drawn` from the base's limits, and a quarter as many again from each head's. Golden cases are decided as their files say, so that every row of every time is reached.
    """

    def __init__(self, base: Corpus, pupils: int, drawn: int) -> None:
        self.base = base
        made = simulate(base, pupils, random.Random(1))
        known = [name for name in made.headings if name in base.facts.facts]
        self.pupils = [{name: made.columns[name][at] for name in known} for at in range(pupils)]
        self.by = {name: Decider(asked.of(base)) for name, asked in ways(base)}
        source, tried = random.Random(2), _tried(self.by[""])
        self.drawn = [generated.drawn(source, tried) for _ in range(drawn)]
        self.told = cache(lambda way, kind, at: self._kinds(kind)(at, self.by[way]))
        self.golden, self.pinned = every(), golden.deciders(base)
        self.golden_told = cache(lambda at: _told_golden(self.golden[at], self.pinned))
        self.pots = cache(lambda way: _pots(self.by[way].policy))

    def moved(self, head: Corpus, source: random.Random, *, far: bool = True) -> Iterator[Moved]:
        """Yield what moves between the base and a head, the first case of each way and question.

        Where not `far`, by the policy as it is alone: for what is said of nothing else.
        """
        seen = set[tuple[str, str]]()
        for way, case, was, now in self._cases(head, source, far=far):
            # What one version refuses it answers nothing of.
            for about in ("refused",) if "refused" in was or "refused" in now else was.keys() | now.keys():
                if was.get(about) != now.get(about) and (way, about) not in seen:
                    seen.add((way, about))
                    yield Moved(way, about, f"{case}")
        for way, asked in self._ways(head, far=far):
            if (was := self.pots(way)) != (now := _pots(asked.of(head))):
                yield Moved(way, "budgets", f"{sorted(was.keys() ^ now.keys())}")

    def _ways(self, head: Corpus, *, far: bool) -> list[tuple[str, Asked]]:
        return [*ways(self.base, head)][: None if far else 1]

    def _cases(self, head: Corpus, source: random.Random, *, far: bool) -> Iterator[tuple[str, Any, Told, Told]]:
        for way, asked in self._ways(head, far=far):
            ours, theirs = self.by[way], Decider(asked.of(head))
            for kind, cases in (("pupil", self.pupils), ("drawn", self.drawn)):
                for at, case in enumerate(cases):
                    yield way, case, self.told(way, kind, at), self._kinds(kind)(at, theirs)
            tried = _tried(theirs)
            for _ in range(len(self.drawn) // 4):
                facts = generated.drawn(source, tried)
                yield way, facts, _given(facts, ours), _given(facts, theirs)
        by = golden.deciders(head)
        for at, pinned in enumerate(self.golden if far else ()):
            try:
                now = _told_golden(pinned, by)
            except (PolicyError, WrongUse):  # The head does not know its decision, reading or scenario.
                continue
            yield pinned.place.file, pinned.golden.name, self.golden_told(at), now

    def _kinds(self, kind: str) -> Callable[[int, Decider], Told]:
        if kind == "pupil":
            return lambda at, by: _read(self.pupils[at], by)
        return lambda at, by: _given(self.drawn[at], by)


def _tried(*deciders: Decider) -> dict[str, list[Value]]:
    """Return the values of each fact around the limits of these."""
    found: dict[str, list[Value]] = {}
    for one in deciders:
        for name, values in generated.values(one.policy).items():
            found[name] = [*dict.fromkeys([*found.get(name, []), *values])]
    return found


def _read(cells: Mapping[str, str], by: Decider) -> Told:
    known = [(name, text) for name, text in cells.items() if name in by.policy.corpus.facts.facts]
    return _told(read_row(known, 1, "made.csv", by.policy, ()), by)


def _given(facts: generated.Facts, by: Decider) -> Told:
    """Return what becomes of these facts, less those that this version does not know."""
    types = by.policy.types
    known = {name: value for name, value in facts.items() if name in types}
    strange = [name for name, value in known.items()
               if types[name].type == "choice" and value is not None and value not in types[name].values]  # fmt: skip
    if strange:
        return {"refused": strange}
    return _told(generated.given(known, by.policy), by)


def _told_golden(pinned: golden.Pinned, by: Callable[[golden.Pinned], Decider]) -> Told:
    decider = by(pinned)
    return _told_of(golden.decided(pinned.golden, decider))


def _told(case: Any, by: Decider) -> Told:
    return _told_of(by.decide(case) if isinstance(case, Case) else case)


def _told_of(decision: Any) -> Told:
    """Return what is told of a case that is decided, or refused, less its reasons."""
    if not isinstance(decision, Decision):
        return {"refused": sorted(one.code for one in getattr(decision, "problems", ()))}
    found = {}
    for name, one in decision.answers.items():
        if not one.step:
            reading = one.because[0].outcome.reading if len(one.because) == 1 else None
            cautions = [caution.id for caution in one.cautions]
            found[name] = one.answer, dict(one.gives), one.missing_facts, one.open_points, reading, cautions
    return found


@cache
def _table_text() -> str:
    return TABLE.read_text(encoding="utf-8")


def _pots(policy: Policy) -> dict[int, Any]:
    """Return by year what each of some Communities gets of a pot of a round sum; the error where it cannot be told."""
    found: dict[int, Any] = {}
    try:
        table = budgets.read_text(_table_text(), TABLE.name, budgets.formula_of(policy))
        for year in budgets.years_of(policy):
            one = budgets.work_out(policy, table, year, POT)
            rows = [{name: cell for name, cell in row.items() if name != "policy"} for row in one.to_json()]
            found[year] = one.first, one.last, rows
    except (PolicyError, WrongUse) as error:
        found[0] = type(error).__name__
    return found
