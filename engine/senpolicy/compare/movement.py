"""A caseload under two versions of the policy: who moves from which answer to which, and the pounds, as far as known.

Pounds a year are those that a decision gives: an amount that is known, or the low and the high end of a protected part.
What this policy does not pay counts as nothing. A case counts where its pounds are known under both. Counts under five,
and what would tell one, are withheld (see `compare.withhold`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from senpolicy.cases import Case, Refused, read_file
from senpolicy.compare.withhold import Number, count, withheld
from senpolicy.conditions import pounds
from senpolicy.decide import Decider, Decision
from senpolicy.timeline import Policy

Progress = Callable[[int, int], None]
#: The questions of the contract by which pounds are counted, and the figures that are pounds a year.
ROUTE, AMOUNT, NOTHING = "route", "amount", "not_applicable"
KNOWN, LOW, HIGH = "pounds_a_year", "protected_low", "protected_high"
NOT_DECIDED = "not decided"
ALL, MEMBER, MOVE = "all", "member", "move"
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
    """Pounds a year, in pence, of the cases that are known under both: in the base, in the head, and the difference.

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
    files = base.corpus.facts, head.corpus.facts
    known = {name for one in files for name in (*one.facts, *one.groups)}
    read = [read_cases(file, policy, known - policy.corpus.facts.facts.keys()) for policy in (base, head)]
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
    check_headings(SimpleNamespace(name=caseload.name, headings=headings), policy)
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
        places = ours.beside if isinstance(ours, Case) else {}
        groups = {name: str(places[name]) for name in base.policy.corpus.facts.groups if places.get(name)}
        found.append(Moved(answers, money_of(was) if was else None, money_of(now) if now else None, groups))
        if progress:
            progress(done, len(cases))
    return found


def _answer(decision: Decision | None, question: str) -> str:
    answer = decision.answers.get(question) if decision else None
    return answer.answer if answer else NOT_DECIDED


Cells = dict[tuple[str, ...], list[int]]


def movement(cases: Sequence[Moved]) -> Movement:
    """Return how a caseload moves, with every small count withheld."""
    shown = _Shown(cases)
    matrices: dict[str, dict[tuple[str, str], int | None]] = {}
    for key in shown.counts:
        if key[0] == "moves":
            matrices.setdefault(key[1], {})[key[2], key[3]] = shown.count(key)
    routes = sorted({answer for one in cases for answer in one.answers.get(ROUTE, ())})
    by = {ROUTE: {
        route: (shown.count(("moves", ROUTE, route, ALL)), shown.count(("moves", ROUTE, ALL, route)),
                shown.sums((ROUTE, route)))
        for route in routes
    }}  # fmt: skip
    for name in dict.fromkeys(name for one in cases for name in one.groups):
        keys = sorted({(MEMBER, name, one.groups[name]) for one in cases if name in one.groups})
        by[name] = {key[2]: (shown.count(key), shown.count(key), shown.sums(key)) for key in keys}
    movers = sorted(shown.movers(), key=lambda one: (-max(map(abs, one[2])), one[0]))[:MOST_MOVERS]
    return Movement(shown.count((ALL,)), matrices, by, movers, shown.sums((ALL,)))


class _Shown:
    """Tells counts, and sums of pounds, as far as they may be told.

    Answers and places are published apart, and so are counts and pounds. All that answers and places share are the
    totals, so the totals are told by both. `counts` are the cases of each cell, `sums` those whose pounds, known under
    both, are summed there, as (in the base, in the head).
    """

    def __init__(self, cases: Sequence[Moved]) -> None:
        self.cases = cases
        known = [number for number, one in enumerate(cases) if one.base and one.head]
        answers, places = self._answers(range(len(cases))), self._places(range(len(cases)))
        self.counts = {**answers, **places}
        routes, members = self._routes(known), {key: (numbers, numbers) for key, numbers in self._places(known).items()}
        self.behind: dict[tuple[str, ...], tuple[list[int], list[int]]] = {**routes, **members}
        counts = [{key: count(numbers) for key, numbers in found.items()} for found in (answers, places)]
        self.hidden = {key for found in counts for key in withheld(found, [(ALL,)])}
        sums = [self._sides(found) for found in (routes, members)]
        self.hidden_sums = {key for found in sums for key in withheld(found, [("base", ALL), ("head", ALL)])}

    def _answers(self, numbers: Iterable[int]) -> Cells:
        cells: Cells = {(ALL,): []}
        for number in numbers:
            cells[ALL,].append(number)
            for name, (was, now) in self.cases[number].answers.items():
                for cell in ((was, now), (was, ALL), (ALL, now), (ALL, ALL)):
                    cells.setdefault(("moves", name, *cell), []).append(number)
        return cells

    def _places(self, numbers: Iterable[int]) -> Cells:
        cells: Cells = {(ALL,): []}
        for number in numbers:
            for key in ((ALL,), *((MEMBER, *place) for place in self.cases[number].groups.items())):
                cells.setdefault(key, []).append(number)
        return cells

    def _routes(self, numbers: Iterable[int]) -> dict[tuple[str, ...], tuple[list[int], list[int]]]:
        """Return for each route who is on it in the base and in the head, and who makes each move."""
        cells: dict[tuple[str, ...], tuple[list[int], list[int]]] = {(ALL,): ([], [])}
        for number in numbers:
            was, now = self.cases[number].answers.get(ROUTE, (NOT_DECIDED, NOT_DECIDED))
            for key, sides in (
                ((ALL,), (0, 1)),
                ((ROUTE, was), (0,)),
                ((ROUTE, now), (1,)),
                ((MOVE, was, now), (0, 1)),
            ):
                for side in sides:
                    cells.setdefault(key, ([], []))[side].append(number)
        return cells

    def _sides(
        self, cells: Mapping[tuple[str, ...], tuple[Sequence[int], Sequence[int]]]
    ) -> dict[tuple[str, ...], Number]:
        """Return each sum as numbers to be published, made of the cases that have any pounds."""
        found = {}
        for key, (was, now) in cells.items():
            base = frozenset((number, "base") for number in was if self.cases[number].base != (0, 0))
            head = frozenset((number, "head") for number in now if self.cases[number].head != (0, 0))
            if key[0] == MOVE:
                found["difference", *key] = Number(head, base)
            else:
                found |= {("base", *key): Number(base), ("head", *key): Number(head)}
        return found

    def count(self, key: tuple[str, ...]) -> int | None:
        """Return a count, None where it is withheld."""
        return None if key in self.hidden else len(self.counts.get(key, ()))

    def sums(self, key: tuple[str, ...]) -> Sum:
        """Return the pounds of a route, a member of a group, or all, in the base and in the head."""
        was, now = (None if (side, *key) in self.hidden_sums else self._sum(key, at)
                    for at, side in enumerate(("base", "head")))  # fmt: skip
        return Sum(was, now, (now[0] - was[0], now[1] - was[1]) if was and now else None)

    def _sum(self, key: tuple[str, ...], at: int) -> Money:
        numbers = self.behind.get(key, ([], []))[at]
        found = [one for one in ((self.cases[number].base, self.cases[number].head)[at] for number in numbers) if one]
        return sum(low for low, _ in found), sum(high for _, high in found)

    def movers(self) -> Iterator[tuple[str, int | None, Money]]:
        """Yield the moves from route to route, and the members of groups, whose pounds differ and may be told."""
        for key in self.behind:
            difference: Money | None = None
            if key[0] == MOVE and ("difference", *key) not in self.hidden_sums:
                was, now = self._sum(key, 0), self._sum(key, 1)
                difference = now[0] - was[0], now[1] - was[1]
            elif key[0] == MEMBER:
                difference = self.sums(key).difference
            if difference and difference != (0, 0):
                moves = key[0] == MOVE
                name = f"{key[1]} to {key[2]}" if moves else f"{key[1]} {key[2]}"
                yield name, self.count(("moves", ROUTE, *key[1:]) if moves else key), difference
