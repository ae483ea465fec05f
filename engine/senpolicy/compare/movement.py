"""A caseload under two versions of the policy: who moves from which answer to which, and the pounds, as far as known.

Pounds a year are those that a decision gives: an amount that is known, or the low and the high end of a protected part.
What this policy does not pay counts as nothing; an amount that nobody knows counts nowhere. Counts under five, and what
would tell one, are withheld (see `compare.withhold`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from senpolicy.cases import Case, Refused, read_file
from senpolicy.compare.withhold import withheld
from senpolicy.conditions import pounds
from senpolicy.decide import Decider, Decision
from senpolicy.timeline import Policy

Progress = Callable[[int, int], None]
#: The questions of the contract by which pounds are counted, and the figures that are pounds a year.
ROUTE, AMOUNT, NOTHING = "route", "amount", "not_applicable"
KNOWN, LOW, HIGH = "pounds_a_year", "protected_low", "protected_high"
#: Columns that say where a pupil is, in words of the authority's own; they are no facts of the policy.
GROUPS = ("school", "community")
NOT_DECIDED = "not decided"
ALL = "all"
MOST_MOVERS = 10

Money = tuple[int, int]
Pair = tuple[Case | Refused, Case | Refused]


@dataclass(frozen=True)
class Moved:
    """One case under both policies: its answers by question, and the pounds a year, low and high, None if not known."""

    answers: Mapping[str, tuple[str, str]]
    base: Money | None
    head: Money | None
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Sum:
    """Pounds a year, in pence: under the base, under the head, and the difference for those known under both.

    Each is the low and the high end, None where it is withheld.
    """

    base: Money | None
    head: Money | None
    difference: Money | None

    def to_json(self) -> dict[str, Any]:
        """Return the sums as text with two decimals, null where withheld."""
        both = {"base": self.base, "head": self.head, "difference": self.difference}
        return {name: None if money is None else {"low": pounds(money[0]), "high": pounds(money[1])}
                for name, money in both.items()}  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """How a caseload moves. A count that is None is withheld; a cell that is not there is nought.

    `matrices` give for each question the counts by (answer in the base, answer in the head), with "all" for totals.
    `by` gives for the routes and for each group its members' counts under base and head and their pounds. `movers` are
    the largest moves from route to route, and between groups' members, by the difference in pounds.
    """

    cases: int | None
    matrices: Mapping[str, Mapping[tuple[str, str], int | None]]
    by: Mapping[str, Mapping[str, tuple[int | None, int | None, Sum]]]
    movers: Sequence[tuple[str, int | None, Money]]
    total: Sum
    notes: Sequence[str] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """Return the counts and sums as plain data; null where withheld."""
        return {
            "cases": self.cases,
            "questions": {
                name: [{"base": was, "head": now, "cases": count} for (was, now), count in matrix.items()]
                for name, matrix in self.matrices.items()
            },
            "pounds_a_year": {
                name: [{"name": member, "cases_base": was, "cases_head": now, **money.to_json()}
                       for member, (was, now, money) in members.items()]
                for name, members in self.by.items()
            },
            "largest_movers": [
                {"move": name, "cases": count, "low": pounds(money[0]), "high": pounds(money[1])}
                for name, count, money in self.movers
            ],
            "total": self.total.to_json(),
            "notes": list(self.notes),
        }  # fmt: skip


def pairs(file: Path, base: Policy, head: Policy) -> list[Pair]:
    """Return each case of a file as both policies read it; what only the other knows as a fact is left aside.

    Raises `PolicyError` for a fault of the file.
    """
    ours, theirs = set(base.corpus.facts.facts), set(head.corpus.facts.facts)
    read = [read_cases(file, policy, {*GROUPS, *other} - set(policy.corpus.facts.facts))
            for policy, other in ((base, theirs), (head, ours))]  # fmt: skip
    return list(zip(*read, strict=True))


def read_cases(file: Path, policy: Policy, beside: set[str]) -> list[Case | Refused]:
    """Return the cases of a YAML or JSON file, or of a caseload (CSV, Parquet, Excel); see `cases.read_file`."""
    if file.suffix.lower() not in (".csv", ".parquet", ".xlsx"):
        return read_file(file, policy, beside)
    from types import SimpleNamespace

    from senpolicy.caseload import check_headings
    from senpolicy.caseload.tables import as_text, open_caseload
    from senpolicy.cases import read_row, refuse_repeated

    found: list[Case | Refused] = []
    caseload: Any = open_caseload(file)
    headings = [heading for heading in caseload.headings if heading not in beside]
    check_headings(SimpleNamespace(name=caseload.name, headings=headings), policy)  # type: ignore[arg-type]
    for piece in caseload.pieces(policy.types):
        columns = {name: as_text(column, policy.types.get(name)).to_pylist() for name, column in piece.columns.items()}
        for place, number in enumerate(piece.rows.tolist()):
            if place in piece.faults:
                found.append(Refused(None, (piece.faults[place],), number))
                continue
            cells = [(name, texts[place] or "") for name, texts in columns.items()]
            found.append(read_row(cells, number, caseload.name, policy, beside))
    return refuse_repeated(found, caseload.name)


def money_of(decision: Decision) -> Money | None:
    """Return the pounds a year that a decision gives, in pence, low and high; None where nobody knows."""
    amount = decision.answers.get(AMOUNT)
    if amount is None:
        return None
    if amount.answer == NOTHING:
        return 0, 0
    if isinstance(amount.gives.get(KNOWN), int):
        return amount.gives[KNOWN], amount.gives[KNOWN]
    low, high = amount.gives.get(LOW), amount.gives.get(HIGH)
    return (low, high) if isinstance(low, int) and isinstance(high, int) else None


def moved(cases: Sequence[Pair], base: Decider, head: Decider, progress: Progress | None = None) -> list[Moved]:
    """Return what becomes of each case under both policies."""
    found = []
    for done, (ours, theirs) in enumerate(cases, 1):
        decided = [decider.decide(case) if isinstance(case, Case) else None
                   for decider, case in ((base, ours), (head, theirs))]  # fmt: skip
        was, now = (one if isinstance(one, Decision) else None for one in decided)
        questions = [name for one in (was, now) if one for name, answer in one.answers.items() if not answer.step]
        answers = {name: (_answer(was, name), _answer(now, name)) for name in dict.fromkeys(questions)}
        groups = {name: str(ours.beside[name]) for name in GROUPS if isinstance(ours, Case) and ours.beside.get(name)}
        found.append(Moved(answers, was and money_of(was), now and money_of(now), groups))
        if progress:
            progress(done, len(cases))
    return found


def _answer(decision: Decision | None, question: str) -> str:
    answer = decision.answers.get(question) if decision else None
    return answer.answer if answer else NOT_DECIDED


Cells = dict[tuple[str, ...], list[int]]


def movement(cases: Sequence[Moved]) -> Movement:
    """Return how a caseload moves, with every small count withheld."""
    answers, places = _answer_cells(cases), _group_cells(cases)
    # Nobody can hold an answer against a school: the two are published apart, and share the number of cases alone.
    hidden = withheld(answers) | withheld(places)
    count = _Shown({**answers, **places}, hidden, cases)
    matrices: dict[str, dict[tuple[str, str], int | None]] = {}
    for kind, name, *cell in answers:
        if kind == "moves":
            matrices.setdefault(name, {})[cell[0], cell[1]] = count(("moves", name, *cell))
    by = {ROUTE: {
        route: (count(("moves", ROUTE, route, ALL)), count(("moves", ROUTE, ALL, route)), count.sum((ROUTE, route)))
        for route in _members(cases)
    }}  # fmt: skip
    for name in GROUPS:
        members = sorted({one.groups[name] for one in cases if name in one.groups})
        if members:
            by[name] = {
                member: (count((name, member)), count((name, member)), count.sum((name, member))) for member in members
            }
    movers = sorted(count.moves(), key=lambda one: (-max(map(abs, one[2])), one[0]))[:MOST_MOVERS]
    return Movement(count((ALL,)), matrices, by, movers, count.sum((ALL,)))


def _members(cases: Iterable[Moved]) -> list[str]:
    return sorted({answer for one in cases for answer in one.answers.get(ROUTE, ())})


def _answer_cells(cases: Sequence[Moved]) -> Cells:
    """Return every count by answers that is published: the moves with their totals, and who stands behind each sum."""
    cells: Cells = {(ALL,): list(range(len(cases)))}
    for number, one in enumerate(cases):
        for name, (was, now) in one.answers.items():
            for cell in ((was, now), (was, ALL), (ALL, now), (ALL, ALL)):
                cells.setdefault(("moves", name, *cell), []).append(number)
        was, now = one.answers.get(ROUTE, (NOT_DECIDED, NOT_DECIDED))
        _behind(cells, number, one, {"base": (ALL,), "head": (ALL,), "difference": (ALL,)})
        _behind(cells, number, one, {"base": (ROUTE, was), "head": (ROUTE, now), "difference": ("move", was, now)})
    return cells


def _behind(cells: Cells, number: int, one: Moved, sums: Mapping[str, tuple[str, ...]]) -> None:
    """Count a case behind each sum of pounds to which it adds: in the base, in the head, and to the difference."""
    for kind, money in (("base", one.base), ("head", one.head), ("difference", _difference(one))):
        if money is not None:
            cells.setdefault((kind, *sums[kind]), []).append(number)


def _group_cells(cases: Sequence[Moved]) -> Cells:
    cells: Cells = {(ALL,): list(range(len(cases)))}
    for number, one in enumerate(cases):
        for name, member in one.groups.items():
            cells.setdefault((name, member), []).append(number)
            _behind(cells, number, one, dict.fromkeys(("base", "head", "difference"), (name, member)))
    return cells


class _Shown:
    """Tells counts and sums as far as they may be told."""

    def __init__(self, cells: Mapping[tuple[str, ...], Sequence[int]], hidden: set[tuple[str, ...]],
                 cases: Sequence[Moved]) -> None:  # fmt: skip
        self.cells, self.hidden, self.cases = cells, hidden, cases

    def __call__(self, key: tuple[str, ...]) -> int | None:
        return None if key in self.hidden else len(self.cells.get(key, ()))

    def sum(self, key: tuple[str, ...]) -> Sum:
        """Return the sums of pounds of a route, a member of a group, or all."""
        base = self._sum(("base", *key), lambda one: one.base)
        head = self._sum(("head", *key), lambda one: one.head)
        if key[0] == ROUTE:
            # What leaves a route and what comes to it: the difference of what it pays, not of the pupils on it.
            either = None if base is None or head is None else (head[0] - base[0], head[1] - base[1])
            return Sum(base, head, either)
        return Sum(base, head, self._sum(("difference", *key), _difference))

    def _sum(self, key: tuple[str, ...], money: Callable[[Moved], Money | None]) -> Money | None:
        if key in self.hidden:
            return None
        found = [one for number in self.cells.get(key, ()) if (one := money(self.cases[number]))]
        return sum(low for low, _ in found), sum(high for _, high in found)

    def moves(self) -> Iterator[tuple[str, int | None, Money]]:
        """Yield the moves from route to route, and the members of groups, whose pounds differ and may be told."""
        for key in self.cells:
            money = self._sum(key, _difference) if key[0] == "difference" and key[1] != ALL else None
            if money and money != (0, 0):
                name = f"{key[2]} to {key[3]}" if key[1] == "move" else f"{key[1]} {key[2]}"
                yield name, self(key), money


def _difference(one: Moved) -> Money | None:
    if one.base is None or one.head is None:
        return None
    return one.head[0] - one.base[0], one.head[1] - one.base[1]
