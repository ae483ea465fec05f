"""A made population under two versions of the policy, on one day: who is paid what, and by how much that may differ.

Every question that pays is counted, and each sum is of pupils whose pounds are known under both versions: pupils and
pounds that are told together are those of the same pupils. No child is behind these figures.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from senpolicy.caseloads.population import Population
from senpolicy.caseloads.run import decided, open_caseload
from senpolicy.comparing.movement import Money, Moved, Movement, movement, views_of_both
from senpolicy.comparing.paying import paying
from senpolicy.comparing.shapes import shape
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.digests import PlainData
from senpolicy.files.models.views import Pays, needed, views_of
from senpolicy.language.conditions import pence, pounds
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import compiled

#: Whether a change keeps to a limit. A range says what may be.
KEPT, MAY_BE_EXCEEDED, EXCEEDED = "kept", "may be exceeded", "exceeded"
NOTHING_PAID: Money = (0, 0)
#: An answer as people are told it: with its open points, and the facts that it waits for.
ToldAnswer = tuple[str, tuple[str, ...], tuple[str, ...]]
NOT_ASKED = "not asked"
#: Between a question and what a column tells of its answer.
_PART = "|"


@dataclass(frozen=True)
class Paid:
    """Pounds a year, in pence, of so many pupils, known before and after; and the least and most that they differ by.

    Of a pupil for whom a range stays as it is nothing differs; of any other each figure of the one range may meet each
    of the other. `certain` are the pupils whose pounds change by one figure, and the sum of these; `possible` those for
    whom only the least and the most are known.
    """

    pupils: int
    base: Money
    head: Money
    change: Money
    certain: tuple[int, int] = (0, 0)
    possible: tuple[int, Money] = (0, NOTHING_PAID)

    @staticmethod
    def of(pairs: Iterable[tuple[Money, Money]]) -> Paid:
        """Return the sums of pupils' pounds before and after."""
        return Paid.together([one] for one in pairs)

    @staticmethod
    def together(pupils: Iterable[Sequence[tuple[Money, Money]]]) -> Paid:
        """Return the sums of what one or more questions pay each pupil before and after; each pupil is counted once."""
        listed = [pairs for pairs in pupils if pairs]
        changes = [added(_apart(was, now) for was, now in pairs) for pairs in listed]
        certain = [low for low, high in changes if low == high and low]
        possible = [one for one in changes if one[0] != one[1]]
        return Paid(
            len(listed),
            added(was for pairs in listed for was, _ in pairs),
            added(now for pairs in listed for _, now in pairs),
            added(changes),
            (len(certain), sum(certain)),
            (len(possible), added(possible)),
        )

    def against(self, share: Decimal) -> str:
        """Return whether this costs more than the base and a share of it: a word for it, "kept" where it does not."""
        if self.change[0] > self.base[1] * share:
            return EXCEEDED
        return MAY_BE_EXCEEDED if self.change[1] > self.base[0] * share else KEPT

    def to_json(self) -> dict[str, PlainData]:
        """Return the sums as text with two decimals."""
        sums = {"base": self.base, "head": self.head, "difference": self.change}
        ends = {name: {"low": pounds(one[0]), "high": pounds(one[1])} for name, one in sums.items()}
        return {"pupils": self.pupils, **ends}


def added(money: Iterable[Money]) -> Money:
    """Return the sum of ranges, end by end."""
    listed = list(money)
    return sum(low for low, _ in listed), sum(high for _, high in listed)


def _apart(was: Money, now: Money) -> Money:
    return NOTHING_PAID if was == now else (now[0] - was[1], now[1] - was[0])


@dataclass(frozen=True)
class PopulationDay:
    """The made population on one day.

    `movement` is that of the pupils whose pounds are known under both versions, `rest` that of all others. `total` are
    the pounds of the former, and `changes` by how much those of each route may differ: made-up pupils, so they are
    whole even where the movement withholds them. `new` and `gone` are, of the pupils whose pounds are known in the head
    alone and in the base alone, how many they are and their pounds in all. `others` are the further questions that pay,
    with the pupils whom they pay before or after, and `half` how many pupils' pounds of each are known under one
    version only. `whole` is what all questions that pay give in all, as far as it is known under both; each pupil is
    counted once. `apart` counts the pupils whom only one version decides. `moves` are, for each question of which the
    answer or a figure becomes another, from which answer to which, and of how many pupils; `changed` counts those of
    whom anything that the decision says becomes another, cautions included. `refused` counts those whom neither version
    decides, as where a scenario has other levels than the pupils.
    """

    day: date
    movement: Movement
    rest: Movement
    total: Paid
    changes: Mapping[str, Money]
    new: tuple[int, Money]
    gone: tuple[int, Money]
    whole: Paid
    others: Mapping[str, Paid] = field(default_factory=dict)
    half: Mapping[str, int] = field(default_factory=dict)
    apart: int = 0
    moves: Mapping[str, Mapping[tuple[ToldAnswer, ToldAnswer], int]] = field(default_factory=dict)
    changed: int = 0
    refused: int = 0

    def to_json(self) -> dict[str, PlainData]:
        """Return the day as plain data; null where withheld."""
        return {
            "day": self.day.isoformat(),
            **self.movement.to_json(),
            "pounds_not_known": self.rest.to_json()["questions"],
            "further_questions": {name: one.to_json() for name, one in self.others.items()},
            "decided_under_one_version_only": self.apart,
            "decided_otherwise": self.changed,
            "decided_under_no_version": self.refused,
        }


def day_of(day: date, cases: Sequence[Moved], route: str) -> PopulationDay:
    """Return what becomes of made pupils on a day, from what becomes of each; they move by the question `route`."""
    known = [(one, one.base, one.head) for one in cases if one.base is not None and one.head is not None]
    rest = [one for one in cases if one.base is None or one.head is None]
    changes: dict[str, list[Money]] = {}
    for one, base, head in known:
        was, now = one.answers[route]
        if was == now:
            changes.setdefault(was, []).append(_apart(base, head))
        else:
            changes.setdefault(was, []).append(_apart(base, NOTHING_PAID))
            changes.setdefault(now, []).append(_apart(NOTHING_PAID, head))
    new = [one.head for one in rest if one.head is not None]
    gone = [one.base for one in rest if one.base is not None]
    total = Paid.of((base, head) for _, base, head in known)
    return PopulationDay(
        day,
        movement([one for one, _, _ in known], route),
        movement(rest, route),
        total,
        {name: added(money) for name, money in changes.items()},
        (len(new), added(new)),
        (len(gone), added(gone)),
        total,
    )


def moved_population(base: Policy, head: Policy, population: Population, day: date, work: Path) -> PopulationDay:
    """Return what becomes of a made population on one day under two policies, decided by the columns engine.

    `work` is a folder for the files that are decided. What only the other version knows of a pupil is left out. Raises
    `WrongUse` where no views say by which question pupils move, or which one pays.
    """
    views = views_of_both(base, head)
    route, pays = needed(views.route, "route"), needed(views.pays, "pays")
    names = dict.fromkeys([*paying(base.corpus), *paying(head.corpus)])
    (was, told), (now, tells) = (_decided(work, population, day, one, names, route, pays) for one in (base, head))
    both = [ref for ref in was if ref in now]
    cases = [
        Moved({route: (old[0], new[0])}, old[1].get(pays.question), new[1].get(pays.question), {})
        for old, new in ((was[ref], now[ref]) for ref in both)
    ]
    pairs = {name: [(was[ref][1][name], now[ref][1][name]) for ref in both] for name in names}
    others, half = {}, {}
    for name in names:
        if name != pays.question:
            paid = Paid.of(pair for pair in _known(pairs[name]) if pair != (NOTHING_PAID, NOTHING_PAID))
            if paid.certain[0] or paid.possible[0]:
                others[name] = paid
            if count := sum((one is None) is not (other is None) for one, other in pairs[name]):
                half[name] = count
    moves, changed = _moves(told, tells)
    apart = len(was.keys() ^ now.keys())
    refused = population.pupils - len(was.keys() | now.keys())
    whole = Paid.together(_known(of_pupil) for of_pupil in zip(*pairs.values(), strict=True))
    return replace(day_of(day, cases, route), whole=whole, others=others, half=half, apart=apart, moves=moves,
                   changed=changed + apart, refused=refused)  # fmt: skip


def _known(pairs: Iterable[tuple[Money | None, Money | None]]) -> list[tuple[Money, Money]]:
    """Return those pounds that are known under both versions."""
    return [(one, other) for one, other in pairs if one is not None and other is not None]


def _moves(base: pa.Table, head: pa.Table) -> tuple[dict[str, Mapping[tuple[ToldAnswer, ToldAnswer], int]], int]:
    """Return of each question from which answer to which pupils move, and how many are told anything else."""
    refs = [pc.is_in(one["case_ref"], value_set=other["case_ref"]) for one, other in ((base, head), (head, base))]
    base, head = base.filter(refs[0]), head.filter(refs[1])
    assert base["case_ref"].equals(head["case_ref"]), "pupils are decided in the order of their file"
    columns: dict[str, list[str]] = {}
    for name in dict.fromkeys([*base.column_names, *head.column_names]):
        question = name.partition(_PART)[0]
        if name != "case_ref":
            columns.setdefault(question, []).append(name)
    anything = np.zeros(len(base), dtype=bool)
    found: dict[str, Mapping[tuple[ToldAnswer, ToldAnswer], int]] = {}
    for question, names in columns.items():
        differs, otherwise = (np.zeros(len(base), dtype=bool) for _ in range(2))
        for name in names:
            apart = _texts(base, name) != _texts(head, name)
            otherwise |= apart
            differs |= apart & (not name.endswith(f"{_PART}cautions"))
        anything |= otherwise
        places = np.flatnonzero(differs)
        if len(places):
            found[question] = Counter(zip(_told(base, question, places), _told(head, question, places), strict=True))
    return found, int(anything.sum())


def _texts(table: pa.Table, name: str) -> NDArray[np.object_]:
    """Return a column as texts, "" where nothing is told."""
    if name not in table.column_names:
        return np.full(len(table), "", dtype=object)
    texts: NDArray[np.object_] = table[name].fill_null("").to_numpy(zero_copy_only=False)
    return texts


def _told(table: pa.Table, question: str, places: NDArray[np.int64]) -> list[ToldAnswer]:
    answers, points, missing = (
        _texts(table, f"{question}{_PART}{part}")[places].tolist() for part in ("", "open_points", "missing")
    )
    return [
        (answer or NOT_ASKED, tuple(of.split()), tuple(asks.split()))
        for answer, of, asks in zip(answers, points, missing, strict=True)
    ]


def _decided(
    work: Path,
    population: Population,
    day: date,
    under: Policy,
    questions: Collection[str],
    route: str,
    counted: Pays,
) -> tuple[dict[str, tuple[str, dict[str, Money | None]]], pa.Table]:
    """Return each pupil's route, and by question the pounds a year, low and high, None where nobody knows them.

    And all that the decisions tell, in columns by question and part.
    """
    facts = under.corpus.facts
    headings = [name for name in population.headings if name in facts.facts or name in facts.groups]
    columns = {**population.columns, "decision_date": [day.isoformat()] * population.pupils}
    file = work / "made.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(zip(*(columns[name] for name in headings), strict=True))
    # The columns of a decided caseload that hold pounds a year, after the name of the question.
    pounds_in = [f"_{one}" if one else "" for one in (counted.known, counted.least, counted.most)]
    wanted = ["case_ref", route, *(f"{name}{one}" for name in questions for one in ("", *pounds_in))]
    pays, found = paying(under.corpus), dict[str, tuple[str, dict[str, Money | None]]]()
    tables = []
    for done in decided(open_caseload(file), compiled(under), verify=0):
        tables.append(_by_question(done.table, under))
        nothing: list[Any] = [None] * done.table.num_rows
        cells = {name: done.table[name].to_pylist() for name in wanted if name in done.table.column_names}
        refs, routes = cells["case_ref"], cells.get(route, nothing)
        money: dict[str, list[Money | None]] = {}
        for name in questions:
            figures = [cells.get(f"{name}{one}", nothing) if one else nothing for one in pounds_in]
            paid = pays[name].answers if name in pays else frozenset()
            rows = zip(cells.get(name, nothing), *figures, strict=True)
            money[name] = [_money(row, paid) for row in rows]
        for place, (ref, on) in enumerate(zip(refs, routes, strict=True)):
            found[ref] = (on, {name: listed[place] for name, listed in money.items()})
    return found, pa.concat_tables(tables)


def _by_question(table: pa.Table, under: Policy) -> pa.Table:
    """Return what is told of each question, its columns named by the question and what they tell of its answer."""
    names = sorted(under.corpus.questions, key=len, reverse=True)
    found = {"case_ref": table["case_ref"].cast(pa.string())}
    for column in table.column_names:
        of = next((one for one in names if column == one or column.startswith(f"{one}_")), None)
        if of and (part := column[len(of) + 1 :]) != "rule":
            found[f"{of}{_PART}{part}"] = table[column].cast(pa.string())
    return pa.table(found)


def _money(row: tuple[Any, ...], paid: Collection[str | None]) -> Money | None:
    """Return the pounds of an answer; nothing where it pays nothing, None where nobody knows."""
    answer, known, low, high = row
    if known is not None:
        return pence(known), pence(known)
    if low is not None and high is not None:
        return pence(low), pence(high)
    return None if answer in paid or answer == UNDETERMINED else NOTHING_PAID


def uncounted(base: Corpus, head: Corpus) -> list[str]:
    """Return which pounds no sum counts, since the policy gives them by names of their own, where they differ."""
    found = []
    counted = views_of(base.files, head.files).pays
    pays = [paying(one, counted.figures if counted else ()) for one in (base, head)]
    for name in dict.fromkeys([*pays[0], *pays[1]]):
        was, now = (one[name].uncounted if name in one else {} for one in pays)
        same = base.questions.get(name) == head.questions.get(name)
        figures = [one for one in dict.fromkeys([*was, *now]) if not same or was.get(one) != now.get(one)]
        found += [f"what the question '{name}' pays as '{one}'" for one in figures]
    return found


def days_apart(base: Policy, head: Policy) -> list[date]:
    """Return the days from which on the rules or facts of two policies differ in another way; `date.min` for always."""
    found, before = [], None
    for day in sorted({period.start or date.min for of in (base, head) for period in of.periods}):
        shapes = shape(base, base.on(day)), shape(head, head.on(day))
        if shapes[0] != shapes[1] and shapes != before:
            found.append(day)
        before = shapes
    return found
