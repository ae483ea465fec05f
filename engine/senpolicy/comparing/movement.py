"""A caseload under two versions of the policy: who moves from which answer to which, and the pounds, as far as known.

Pounds a year are those that a decision gives: an amount that is known, or the low and the high end of a protected part.
What this policy does not pay counts as nothing. A case counts where its pounds are known under both. By which question
cases move, and which one pays, is named in rules/views.yaml: the base names it, for a change does not choose its own
measure, or else the head does. Counts under five, what would tell one and what rests on one are withheld (see
`suppression.withheld`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.groups import left_unread, with_groups, without
from senpolicy.caseloads.run import check_headings, decided, references
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.caseloads.tables import Caseload, open_caseload
from senpolicy.comparing.suppression import Number, Part, count, withheld
from senpolicy.deciding.cases import Case, Refused, read_file, read_row, refuse_repeated
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.models.groups import Group
from senpolicy.files.models.views import Pays, ViewsFile, needed, views_of
from senpolicy.language.conditions import pence, pounds
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import compiled

#: A row of a decided caseload, by column.
Row = Mapping[str, str | Decimal | date | bool | None]
Progress = Callable[[int, int], None]
NOT_DECIDED = "not decided"
ALL, ON, MEMBER, MOVE = "all", "on", "member", "move"
MOST_MOVERS = 10
#: So many rows of a caseload are decided again by the other two readings, under each policy.
VERIFIED = 200
CASELOADS = (".csv", ".parquet", ".xlsx")

Money = tuple[int, int]
#: A sum of pounds that may be told: its low and its high end, the high end None where only the low one may be told.
Told = tuple[int, int | None]
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

    Each is None where it is withheld; see `Told`. `known` says of how many of the cases the pounds are
    known: "all", "some", "none", or "" where that is withheld; of none there is no sum, and each is None.
    """

    base: Told | None
    head: Told | None
    difference: Told | None
    known: str = "all"

    def to_json(self) -> dict[str, PlainData]:
        """Return the sums as text with two decimals, null where withheld or where none is known."""
        both = {"base": self.base, "head": self.head, "difference": self.difference}
        found: dict[str, PlainData] = {name: None if told is None else _ends(told) for name, told in both.items()}
        return {**found, "known": self.known or None}


def _ends(told: Told) -> dict[str, PlainData]:
    return {"low": pounds(told[0]), "high": None if told[1] is None else pounds(told[1])}


@dataclass(frozen=True)
class Movement:
    """How a caseload moves from answer to answer of the question `route`.

    A count that is None is withheld; a cell that is not there is zero.

    `matrices` give for each question the counts by (answer in the base, answer in the head), with "all" for totals.
    `by` gives for the routes and for each group its members' counts under base and head and their pounds. `movers` are
    the largest moves from route to route, and between groups' members, by the difference in pounds.
    """

    cases: int | None
    matrices: Mapping[str, Mapping[tuple[str, str], int | None]]
    by: Mapping[str, Mapping[str, tuple[int | None, int | None, Sum]]]
    movers: Sequence[tuple[str, int | None, Told]]
    total: Sum
    notes: Sequence[str] = field(default_factory=tuple)
    route: str = ""

    @property
    def routes(self) -> Mapping[str, tuple[int | None, int | None, Sum]]:
        """Return the routes' counts under base and head and their pounds."""
        return self.by.get(self.route, {})

    def to_json(self) -> dict[str, PlainData]:
        """Return the counts and sums as plain data; null where withheld."""
        return {
            "cases": self.cases,
            "questions": {
                name: [{"base": was, "head": now, "cases": count} for (was, now), count in matrix.items()]
                for name, matrix in self.matrices.items()
            },
            "cases_by": {
                name: [{"name": member, "base": was, "head": now} for member, (was, now, _) in members.items()]
                for name, members in self.by.items()
            },
            "pounds_a_year": {
                name: [{"name": member, **money.to_json()} for member, (_, _, money) in members.items()]
                for name, members in self.by.items()
            },
            "largest_movers": [
                {"move": name, "cases": count, **_ends(told)} for name, count, told in self.movers
            ],
            "total": self.total.to_json(),
            "notes": list(self.notes),
        }  # fmt: skip


def views_of_both(base: Policy, head: Policy) -> ViewsFile:
    """Return the views by which two policies are held against each other: the base's, or else the head's."""
    return views_of(base.corpus.files, head.corpus.files)


def groups_of(base: Policy, head: Policy) -> dict[str, Group]:
    """Return by what pupils are counted: every group that one of two policies declares, as the head does if both."""
    return {**base.corpus.facts.groups, **head.corpus.facts.groups}


def pairs(file: Path, base: Policy, head: Policy, leave_unread: bool = False) -> list[Pair]:
    """Return each case of a file as both policies read it; what only the other knows as a fact is left aside.

    Columns of a caseload that neither declares may be left unread; else they are a fault. Raises `PolicyError` for a
    fault of the file.
    """
    files = base.corpus.facts, head.corpus.facts
    known = {name for one in files for name in (*one.facts, *one.groups)}
    if leave_unread and file.suffix.lower() in CASELOADS:
        caseload = open_caseload(file)
        known |= {*caseload.headings} - {*left_unread(caseload, base, head).headings}
    read = [read_cases(file, policy, known - policy.corpus.facts.facts.keys()) for policy in (base, head)]
    return list(zip(*read, strict=True))


def read_cases(file: Path, policy: Policy, beside: set[str]) -> list[Case | Refused]:
    """Return the cases of a YAML or JSON file, or of a caseload (CSV, Parquet, Excel); see `cases.read_file`."""
    if file.suffix.lower() not in CASELOADS:
        return [_grouped(case, file.name, policy) for case in read_file(file, policy, beside)]
    found: list[Case | Refused] = []
    caseload: Caseload = open_caseload(file)
    headings = ["" if heading in beside else heading for heading in caseload.headings]
    check_headings(SimpleNamespace(name=caseload.name, headings=headings), policy)
    for piece in caseload.pieces(policy.types):
        columns = {name: as_text(column, policy.types.get(name)).to_pylist() for name, column in piece.columns.items()}
        for place, number in enumerate(piece.rows.tolist()):
            if place in piece.faults:
                found.append(Refused(None, (piece.faults[place],), number))
                continue
            cells = [(name, texts[place] or "") for name, texts in columns.items()]
            found.append(_grouped(read_row(cells, number, caseload.name, policy, beside), caseload.name, policy))
    return refuse_repeated(found, caseload.name)


def _grouped(case: Case | Refused, name: str, policy: Policy) -> Case | Refused:
    """Return a case, refused where what its pupil is counted to cannot be that."""
    if isinstance(case, Refused):
        return case
    groups = {one: str(case.beside[one]) for one in policy.corpus.facts.groups if case.beside.get(one)}
    return with_groups(case, groups, name, policy)


def moved_rows(whole: Caseload, base: Policy, head: Policy, progress: Progress | None = None) -> list[Moved]:
    """Return what becomes of each row of a caseload (CSV, Parquet, Excel) under both policies, by *columns*.

    As `moved` of `pairs` gives it, but in seconds for a whole county; a sample is decided again by the other readings.
    Raises `PolicyError` for a fault of the file.
    """
    pays = needed(views_of_both(base, head).pays, "pays")
    files = base.corpus.facts, head.corpus.facts
    known = {name for one in files for name in (*one.facts, *one.groups)}
    sides: list[dict[str, Row]] = []
    rows = 0
    for done, policy in enumerate((base, head), 1):
        caseload = without(whole, known - {*policy.corpus.facts.facts, *policy.corpus.facts.groups})
        columns = compiled(policy)
        rows, _ = references(caseload, columns.types)
        found: dict[str, Row] = {}
        wanted = ["case_ref", *groups_of(base, head), pays.question, *_columns(pays)]
        wanted += [name for name, one in policy.corpus.questions.items() if not one.step and name not in wanted]
        for piece in decided(caseload, columns, verify=VERIFIED):
            for row in piece.table.select([name for name in wanted if name in piece.table.column_names]).to_pylist():
                found[row["case_ref"]] = row
        sides.append(found)
        if progress:
            progress(done, 2)
    was, now = sides
    cases = [_moved_row(was.get(ref), now.get(ref), base, head, pays) for ref in dict.fromkeys([*was, *now])]
    return cases + [Moved({}, None, None, {})] * (rows - len(cases))


def _columns(pays: Pays) -> list[str]:
    """Return the columns of a decided caseload that hold the pounds: what is known, the least and the most."""
    return [f"{pays.question}_{name}" for name in pays.figures]


def _moved_row(was: Row | None, now: Row | None, base: Policy, head: Policy, pays: Pays) -> Moved:
    answers = {}
    for name in dict.fromkeys([*base.corpus.questions, *head.corpus.questions]):
        pair = [(side or {}).get(name) for side in (was, now)]
        if pair != [None, None]:
            answers[name] = (str(pair[0] or NOT_DECIDED), str(pair[1] or NOT_DECIDED))
    places = {**(now or {}), **{name: one for name, one in (was or {}).items() if one}}
    groups = {name: str(places[name]).strip() for name in groups_of(base, head) if places.get(name)}
    return Moved(answers, row_money(was, pays), row_money(now, pays), groups)


def row_money(row: Row | None, pays: Pays) -> Money | None:
    """Return the same of a row of a decided caseload as `money_of` of a decision."""
    if row is None or row.get(pays.question) is None:
        return None
    if row[pays.question] == pays.nothing:
        return 0, 0
    whole = row.get(f"{pays.question}_{pays.known}")
    low, high = (whole or row.get(f"{pays.question}_{name}") for name in (pays.least, pays.most))
    return (pence(low), pence(high)) if isinstance(low, Decimal) and isinstance(high, Decimal) else None


def money_of(decision: Decision, pays: Pays | None) -> Money | None:
    """Return the pounds a year that a decision gives, in pence, low and high; None where nobody knows what is paid."""
    amount = decision.answers.get(pays.question) if pays else None
    if pays is None or amount is None:
        return None
    if amount.answer == pays.nothing:
        return 0, 0
    if isinstance(whole := amount.gives.get(pays.known), int):
        return whole, whole
    low, high = (amount.gives.get(name) if name else None for name in (pays.least, pays.most))
    return (low, high) if isinstance(low, int) and isinstance(high, int) else None


def moved(cases: Sequence[Pair], base: Decider, head: Decider, progress: Progress | None = None) -> list[Moved]:
    """Return what becomes of each case under both policies."""
    pays = needed(views_of_both(base.policy, head.policy).pays, "pays")
    found = []
    for done, (ours, theirs) in enumerate(cases, 1):
        decided = [decider.decide(case) if isinstance(case, Case) else None
                   for decider, case in ((base, ours), (head, theirs))]  # fmt: skip
        was, now = (one if isinstance(one, Decision) else None for one in decided)
        questions = [name for one in (was, now) if one for name, answer in one.answers.items() if not answer.step]
        answers = {name: (_answer(was, name), _answer(now, name)) for name in dict.fromkeys(questions)}
        places = {
            **(theirs.beside if isinstance(theirs, Case) else {}),
            **(ours.beside if isinstance(ours, Case) else {}),
        }
        groups = {name: str(places[name]).strip() for name in groups_of(base.policy, head.policy) if places.get(name)}
        before, after = (money_of(one, pays) if one else None for one in (was, now))
        found.append(Moved(answers, before, after, groups))
        if progress:
            progress(done, len(cases))
    return found


def _answer(decision: Decision | None, question: str) -> str:
    answer = decision.answers.get(question) if decision else None
    return answer.answer if answer else NOT_DECIDED


Cells = dict[tuple[str, ...], list[int]]


def movement(cases: Sequence[Moved], route: str, notes: Sequence[str] = ()) -> Movement:
    """Return how a caseload moves from answer to answer of the question `route`, with every small count withheld.

    `notes` are those of its file.
    """
    shown = _Shown(cases, route)
    matrices: dict[str, dict[tuple[str, str], int | None]] = {}
    for key in shown.counts:
        if key[0] == "moves":
            matrices.setdefault(key[1], {})[key[2], key[3]] = shown.count(key)
    routes = sorted({answer for one in cases for answer in one.answers.get(route, ())})
    by = {route: {
        one: (shown.count(("moves", route, one, ALL)), shown.count(("moves", route, ALL, one)), shown.sums((ON, one)))
        for one in routes
    }}  # fmt: skip
    for name in dict.fromkeys(name for one in cases for name in one.groups):
        keys = sorted({(MEMBER, name, one.groups[name]) for one in cases if name in one.groups})
        by[name] = {key[2]: (shown.count(key), shown.count(key), shown.sums(key)) for key in keys}
    movers = sorted(shown.movers(), key=lambda one: (-max(abs(end or 0) for end in one[2]), one[0]))[:MOST_MOVERS]
    return Movement(shown.count((ALL,)), matrices, by, movers, shown.sums((ALL,)), notes, route)


def _anything(money: Money) -> bool:
    return money != (0, 0)


def _in_part(money: Money) -> bool:
    return money[0] != money[1]


def _exact(money: Money) -> bool:
    return money[0] == money[1] != 0


class _Shown:
    """Tells counts, and sums of pounds, as far as they may be told.

    Answers and places are published apart, and so are counts and pounds. All that answers and places share are the
    totals, so the totals are told by both. `counts` are the cases of each cell; `sides` those of the cells for which
    pounds are summed, as (in the base, in the head). No pounds are told of a cell whose count is withheld, nor a
    difference that is made by the pounds of a few.
    """

    def __init__(self, cases: Sequence[Moved], route: str) -> None:
        self.cases, self.route = cases, route
        self.known = {number for number, one in enumerate(cases) if one.base and one.head}
        answers, places = self._answers(), self._places()
        self.counts = {**answers, **places}
        counts = [{key: count(numbers) for key, numbers in found.items()} for found in (answers, places)]
        self.hidden = {key for found in counts for key in withheld(found, [(ALL,)])}
        routes, members = self._routes(), {key: (numbers, numbers) for key, numbers in places.items()}
        self.sides: dict[tuple[str, ...], tuple[Sequence[int], Sequence[int]]] = {**routes, **members}
        self.hidden_sums = self._hidden_sums(routes) | self._hidden_sums(members)

    def _answers(self) -> Cells:
        cells: Cells = {(ALL,): []}
        for number, one in enumerate(self.cases):
            cells[ALL,].append(number)
            for name, (was, now) in one.answers.items():
                for cell in ((was, now), (was, ALL), (ALL, now), (ALL, ALL)):
                    cells.setdefault(("moves", name, *cell), []).append(number)
        return cells

    def _places(self) -> Cells:
        cells: Cells = {(ALL,): []}
        for number, one in enumerate(self.cases):
            for key in ((ALL,), *((MEMBER, *place) for place in one.groups.items())):
                cells.setdefault(key, []).append(number)
        return cells

    def _routes(self) -> dict[tuple[str, ...], tuple[list[int], list[int]]]:
        """Return for each route who is on it in the base and in the head, and who makes each move."""
        cells: dict[tuple[str, ...], tuple[list[int], list[int]]] = {(ALL,): ([], [])}
        for number, one in enumerate(self.cases):
            was, now = one.answers.get(self.route, (NOT_DECIDED, NOT_DECIDED))
            for key, sides in (
                ((ALL,), (0, 1)),
                ((ON, was), (0,)),
                ((ON, now), (1,)),
                ((MOVE, was, now), (0, 1)),
            ):
                for side in sides:
                    cells.setdefault(key, ([], []))[side].append(number)
        return cells

    def _hidden_sums(self, sides: Mapping[tuple[str, ...], tuple[Sequence[int], Sequence[int]]]) -> set[Any]:
        """Return the sums that must not be shown, each as its side (and "end", for the high end) and its key.

        Of a sum both ends tell, to whom knows the shares, what is part of a claim and what is not. So the low ends are
        published, and those of claims in part; what is exact is the rest.
        """
        cells: dict[tuple[str, ...], Number] = {}
        also, gone = set[tuple[str, ...]](), set[tuple[str, ...]]()
        # That none of a few pupils of a school has pounds is not told either.
        few_there = {number for key, both in sides.items() if key[0] == MEMBER and len(both[0]) < LEAST
                     for number in both[0]}  # fmt: skip
        few = False
        for key, both in sides.items():
            whole, part, exact = ([self._parts(numbers, at, of) for at, numbers in enumerate(both)]
                                  for of in (_anything, _in_part, _exact))  # fmt: skip
            for name, (base, head) in (("whole", whole), ("end", part), ("exact", exact)):
                difference = Number(head - base, base - head)
                if key[0] == MOVE and name != "exact":
                    cells["difference" if name == "whole" else "difference end", *key] = difference
                elif 0 < len(difference.cases) < LEAST:
                    cells["difference of", name, *key] = difference
                    gone |= {("head", *key), ("head end", *key)}
                    few = few or key == (ALL,)
            if key[0] == MOVE:
                continue
            for at, side in enumerate(("base", "head")):
                some = {number for number, _ in whole[at]}
                noughts = frozenset((n, "nought") for n in both[at] if n in few_there and n not in some)
                cells[side, *key] = Number(whole[at], noughts=noughts)
                cells[f"{side} end", *key] = Number(part[at])
                if part[at] and 0 < len(exact[at]) < LEAST:
                    cells[f"{side} exact", *key] = Number(exact[at])
                if key[0] == MEMBER and len(both[at]) < LEAST:
                    also.add((side, *key))
                if self._counted(key)[at]:
                    gone |= {(side, *key), (f"{side} end", *key)}
        if few:
            # The totals differ by the pounds of a few: of the head nothing is told.
            cells = {key: number for key, number in cells.items() if key[0].startswith("base")}
        told = [(side, ALL) for side in ("base", "head", "base end", "head end")]
        hidden: set[Any] = withheld(cells, told, also & cells.keys(), gone & cells.keys())
        if few:
            names = ("head", "head end", "difference", "difference end")
            hidden |= {(name, *key) for key in sides for name in names}
        return hidden

    def _parts(self, numbers: Iterable[int], at: int, of: Callable[[Money], bool]) -> frozenset[Part]:
        """Return the pounds of these cases in the base or in the head; what does not change is one part of both."""
        found = set()
        for number in numbers:
            both = self.cases[number].base, self.cases[number].head
            money = both[at]
            if money and number in self.known and of(money):
                found.add((number, "both" if both[0] == both[1] else ("base", "head")[at]))
        return frozenset(found)

    def _counted(self, key: tuple[str, ...]) -> tuple[bool, bool]:
        """Return whether the count of a cell is withheld, in the base and in the head."""
        if key[0] == ON:
            of = ("moves", self.route)
            return (*of, key[1], ALL) in self.hidden, (*of, ALL, key[1]) in self.hidden
        return key in self.hidden, key in self.hidden

    def count(self, key: tuple[str, ...]) -> int | None:
        """Return a count, None where it is withheld."""
        return None if key in self.hidden else len(self.counts.get(key, ()))

    def sums(self, key: tuple[str, ...]) -> Sum:
        """Return the pounds of a route, a member of a group, or all, in the base and in the head."""
        sides = self.sides.get(key, ((), ()))
        known = [number in self.known for numbers in sides for number in numbers]
        if any(self._counted(key)):
            said = ""
        else:
            said = "all" if all(known) else "some" if any(known) else "none"
        if said == "none":
            return Sum(None, None, None, said)
        was, now = (self._told(key, at, side) for at, side in enumerate(("base", "head")))
        return Sum(was, now, _apart(was, now) if was and now else None, said)

    def _told(self, key: tuple[str, ...], at: int, side: str) -> Told | None:
        if (side, *key) in self.hidden_sums:
            return None
        low, high = self._sum(key, at)
        return low, None if (f"{side} end", *key) in self.hidden_sums else high

    def _sum(self, key: tuple[str, ...], at: int) -> Money:
        numbers = [number for number in self.sides.get(key, ((), ()))[at] if number in self.known]
        found = [one for one in ((self.cases[number].base, self.cases[number].head)[at] for number in numbers) if one]
        return sum(low for low, _ in found), sum(high for _, high in found)

    def movers(self) -> Iterator[tuple[str, int | None, Told]]:
        """Yield the moves from route to route, and the members of groups, whose pounds differ and may be told."""
        for key in self.sides:
            moves = key[0] == MOVE
            counted = ("moves", self.route, *key[1:]) if moves else key
            difference: Told | None = None
            if moves and ("difference", *key) not in self.hidden_sums and counted not in self.hidden:
                low, high = _apart(self._sum(key, 0), self._sum(key, 1))
                difference = low, None if ("difference end", *key) in self.hidden_sums else high
            elif key[0] == MEMBER:
                difference = self.sums(key).difference
            if difference and (difference[0] or difference[1]):
                name = f"{key[1]} to {key[2]}" if moves else f"{key[1]} {key[2]}"
                yield name, self.count(counted), difference


def _apart(was: Told, now: Told) -> Told:
    return now[0] - was[0], None if was[1] is None or now[1] is None else now[1] - was[1]
