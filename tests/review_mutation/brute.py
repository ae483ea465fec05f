"""What a change really moves, by deciding: made pupils and generated cases, in every way to decide; and a pot divided.

Nothing of the comparison is used here: each case is decided by both versions, and what they say is held together.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import generated
from golden_files import ROOT, found_in
from senpolicy.caseloads import budgets
from senpolicy.caseloads.population import simulate
from senpolicy.checking.opening import Asked
from senpolicy.deciding.cases import Case, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.language.conditions import Value
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy

TABLE = ROOT / "docs/how-to/illustrative-communities.csv"
POT = 1_000_000_00


@dataclass(frozen=True)
class Moved:
    """Something that moves: in which way of deciding, of which question (or "refused", or "budgets"), and for whom."""

    way: str
    about: str
    case: str


def ways(*corpora: Corpus) -> Iterator[tuple[str, Asked]]:
    """Yield the ways to decide that all of these know."""
    yield "", Asked()
    yield "with proposals", Asked(include_proposed=True)
    yield "without readings", Asked(readings="none")
    for name in corpora[0].scenarios:
        if all(name in one.scenarios for one in corpora):
            yield f"scenario {name}", Asked(scenario=name)


class Brute:
    """Cases of the base, decided by it once: `pupils` that are made, and as many `generated` for each head."""

    def __init__(self, base: Corpus, pupils: int, generated: int) -> None:
        self.base, self.generated = base, generated
        made = simulate(base, pupils, random.Random(1))
        known = [name for name in made.headings if name in base.facts.facts]
        self.pupils = [{name: made.columns[name][at] for name in known} for at in range(pupils)]
        self.deciders = {name: Decider(asked.of(base)) for name, asked in ways(base)}
        self.told: dict[tuple[str, int], Mapping[str, Any]] = {}

    def moved(self, head: Corpus, source: random.Random) -> Iterator[Moved]:
        """Yield what moves between the base and a head, the first case of each way and question."""
        seen = set[tuple[str, str]]()
        for way, asked in ways(self.base, head):
            by = self.deciders[way], Decider(asked.of(head))
            for case, was, now in [*self._pupils(way, by), *self._drawn(by, source)]:
                # What one version refuses it answers nothing of.
                for about in ("refused",) if "refused" in was or "refused" in now else was.keys() | now.keys():
                    if was.get(about) != now.get(about) and (way, about) not in seen:
                        seen.add((way, about))
                        yield Moved(way, about, f"{case}")
        yield from self._budgets(head)

    def _pupils(self, way: str, by: tuple[Decider, Decider]) -> Iterator[tuple[Any, Any, Any]]:
        for number, cells in enumerate(self.pupils):
            key = way, number
            if key not in self.told:
                self.told[key] = _read(cells, by[0])
            yield cells, self.told[key], _read(cells, by[1])

    def _drawn(self, by: tuple[Decider, Decider], source: random.Random) -> Iterator[tuple[Any, Any, Any]]:
        tried: dict[str, list[Value]] = {}
        for one in by:
            for name, found in generated.values(one.policy).items():
                tried[name] = [*dict.fromkeys([*tried.get(name, []), *found])]
        for _ in range(self.generated):
            facts = generated.drawn(source, tried)
            yield facts, *(_given(facts, one) for one in by)

    def _budgets(self, head: Corpus) -> Iterator[Moved]:
        for way, asked in ways(self.base, head):
            was, now = (_pots(asked.of(one)) for one in (self.base, head))
            if was != now:
                yield Moved(way, "budgets", f"{sorted(was.keys() ^ now.keys())}")


def _read(cells: Mapping[str, str], by: Decider) -> Mapping[str, Any]:
    known = [(name, text) for name, text in cells.items() if name in by.policy.corpus.facts.facts]
    return _told(read_row(known, 1, "made.csv", by.policy, ()), by)


def _given(facts: generated.Facts, by: Decider) -> Mapping[str, Any]:
    """Return what becomes of these facts, less those that this version does not know."""
    types = by.policy.types
    known = {name: value for name, value in facts.items() if name in types}
    strange = [name for name, value in known.items()
               if types[name].type == "choice" and value is not None and value not in types[name].values]  # fmt: skip
    if strange:
        return {"refused": strange}
    return _told(generated.given(known, by.policy), by)


def _told(case: Any, by: Decider) -> Mapping[str, Any]:
    decision = by.decide(case) if isinstance(case, Case) else None
    if not isinstance(decision, Decision):
        return {"refused": sorted(one.code for one in getattr(case, "problems", ()))}
    data = decision.to_json()["answers"]
    return {name: {**found_in(answer), "cautions": [one["id"] for one in answer.get("cautions", [])]}
            for name, answer in data.items()}  # fmt: skip


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
