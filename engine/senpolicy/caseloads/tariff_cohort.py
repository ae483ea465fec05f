"""A mapped cohort and its schools, for the sums of a tariff: who is counted, in which band, and what is paid today."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from senpolicy.caseloads.engines import DEFAULT, engine
from senpolicy.caseloads.files.apart import ChunkedTable
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.files.limits import Limits
from senpolicy.caseloads.groups import UNDECLARED, columns_unread, is_group, not_a_group
from senpolicy.caseloads.run import decided
from senpolicy.caseloads.small_counts import told
from senpolicy.caseloads.tables import Caseload, RowBatch
from senpolicy.caseloads.tariff_sums import NotCounted, Seat, TariffPlan, TariffUnit
from senpolicy.deciding.cases import Refused, read_cell, read_row
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.models.tariffs import read_part
from senpolicy.files.models.views import Tariff, needed, views_of
from senpolicy.files.problems import Place, Problems, did_you_mean, listed
from senpolicy.language.conditions import FactType, facts_of, pence
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import UNKNOWN, code, compiled
from senpolicy.readings.say import say_caution

Numbers = NDArray[np.int64]
Figure = TypeVar("Figure", int, Fraction)
#: Who is on the tariff in the plan's year: by fact its values, or its first day.
PhaseIn = Mapping[str, Sequence[str] | date]
IN, OUT, NOT_KNOWN = 1, 0, -1
#: What becomes of the rows of a cohort, in the order in which they are counted.
FATES = ("counted", "not_mapped", "undetermined", "not_by_tariff", "refused")
#: Some rows for each school and setting are all that is needed.
LIMITS = Limits(rows=100_000, columns=64, seconds=60)
_POUNDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_COUNT = re.compile(r"[0-9]{1,6}")
_FACTOR = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
#: The columns of the schools' table beside the school, its kind, its need and the groups; `True`: it has to be there.
_COLUMNS = {"present_rate": True, **dict.fromkeys(("places", "pupils_paid", "present_other", "lump", "factor"), False)}


def tariff_of(policy: Policy) -> Tariff:
    """Return by what a plan is costed; raises `WrongUse` where rules/views.yaml does not say so."""
    return needed(views_of(policy.corpus.files).tariff, "tariff")


# The schools.


class SchoolPlace(NamedTuple):
    """A school and the kind of place there."""

    school: str
    setting: str


@dataclass
class TariffSchool:
    """A row of the schools' table, or several of one school and kind: what is paid there today, in pence.

    `rates` are by primary need, "" being for all others; None: not known. `pupils_paid` is for how many pupils the
    school is paid its average, None for those counted. `groups` are its values in the columns by which schools are
    counted.
    """

    rates: dict[str, int | None] = field(default_factory=dict)
    other: int = 0
    lump: int = 0
    factor: Fraction = Fraction(1)
    pupils_paid: int | None = None
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Schools:
    """The schools' table; `notes` are to be said of the file."""

    name: str
    rows: Mapping[SchoolPlace, TariffSchool]
    notes: tuple[str, ...] = ()


def open_schools(path: Path) -> ChunkedTable:
    """Return the schools' table of a file, CSV, Parquet or Excel; raises `PolicyError` where it cannot be read."""
    suffix = path.suffix.lower()
    return ChunkedTable(path, suffix if suffix in (".parquet", ".xlsx") else ".csv", LIMITS.rows, LIMITS)


def read_schools(file: ChunkedTable, policy: Policy, leave_unread: bool = False) -> Schools:
    """Return the schools of a table; raises `PolicyError` with all that is wrong with it.

    Columns that are not declared are a fault, or are left unread.
    """
    reader = _SchoolsReader(file.name, file.headings, policy, leave_unread)
    for part in file.parts():
        columns = {name: as_text(cells, None).to_pylist() for name, cells in part.cells.items()}
        for place, number in enumerate(part.rows.to_pylist()):
            fault = part.faults.get(place)
            if fault:
                reader.problems.add(reader.place(number), fault.code, f"Row {number}: {fault.message}", fault.help)
            else:
                reader.row(number, {name: (cells[place] or "").strip() for name, cells in columns.items()})
    return Schools(file.name, reader.finished(), (*file.notes, *columns_unread(reader.unread)))


class _SchoolsReader:
    def __init__(self, name: str, headings: Sequence[str], policy: Policy, leave_unread: bool) -> None:
        self.leave_unread, self.unread = leave_unread, list[int]()
        self.name, self.policy, self.of, self.problems = name, policy, tariff_of(policy), Problems()
        self.places = policy.types[self.of.place].values
        theirs = self.of.elsewhere and self.of.elsewhere.group
        beside = {self.of.school, self.of.need, self.of.weight, theirs, "kind"}
        self.groups = [one for one in policy.corpus.facts.groups if one in headings and one not in beside]
        self.rows: dict[SchoolPlace, TariffSchool] = {}
        self.seen: dict[tuple[SchoolPlace, str], int] = {}
        self._headings(headings)
        self.problems.stop_on_errors()

    def place(self, number: int = 0) -> Place:
        """Return the place of a row; rows are counted from 1, below the headings."""
        return Place(self.name, number + 1)

    def _headings(self, headings: Sequence[str]) -> None:
        wanted = [self.of.school, "kind", *(name for name, must in _COLUMNS.items() if must)]
        of_pupils = (self.of.weight, self.of.elsewhere and self.of.elsewhere.group)
        groups = [one for one in self.policy.corpus.facts.groups if one not in of_pupils]
        known = [*wanted, *(one for one in _COLUMNS if one not in wanted), *groups]
        if len(headings) == 1 and re.search(r"[;\t|]", headings[0]):
            said = "The columns of this file are not separated by commas."
            self.problems.add(self.place(), "separator", said, "Save it as 'CSV UTF-8 (comma delimited)'.")
            return
        for number, heading in enumerate(headings, 1):
            if heading in known and heading in headings[: number - 1]:
                said = f"Column {number} has the heading of an earlier one."
                self.problems.add(self.place(), "written-twice", said, "Keep one of the two.")
            elif heading and heading not in known:
                read = read_row([(heading, "")], 0, self.name, self.policy)
                codes = {one.code for one in read.problems} if isinstance(read, Refused) else set()
                if "identifies-a-child" in codes:
                    said = f"Column {number} looks like something that identifies a child."
                    self.problems.add(self.place(), "identifies-a-child", said, "Take it out.")
                    continue
                said = f"Column {number} is not a column of the schools' table."
                lacking = [one for one in known if one not in headings]
                near = did_you_mean(heading, lacking) if len(lacking) < len(known) else ""
                if self.leave_unread and lacking != known and not near.startswith("Did"):
                    self.unread.append(number)
                    continue
                help = near if near.startswith("Did") else UNDECLARED
                self.problems.add(self.place(), "unknown-column", said, help)
        for name in wanted:
            if name not in headings:
                said = f"There is no column '{name}'."
                self.problems.add(self.place(), "missing-column", said, f"Use {listed(wanted)}.")

    def row(self, number: int, cells: Mapping[str, str]) -> None:
        """Take one row, or add what is wrong with it."""
        of, school, kind = self.of, cells.get(self.of.school, ""), cells.get("kind", "")
        need = cells.get(of.need, "") if of.need else ""
        for name, text in (
            (of.school, school),
            (of.need or "", need),
            *((one, cells.get(one, "")) for one in self.groups),
        ):
            group = self.policy.corpus.facts.groups.get(name)
            if (text or name == of.school) and not is_group(text, group):
                wrong, help = not_a_group(name, group)
                said = f"Row {number}, column '{name}': {wrong[0].lower()}{wrong[1:]}"
                self.problems.add(self.place(number), "not-a-group", said, help)
                return
        if kind not in self.places:
            said = f"Row {number}, column 'kind': this is not a kind of place."
            help = did_you_mean(kind, self.places) if kind else ""
            self.problems.add(self.place(number), "unknown-value", said, help or f"Use one of {listed(self.places)}.")
            return
        where = SchoolPlace(school, kind)
        if (where, need) in self.seen:
            said = f"Row {number}: '{school}' has a row for this kind and need already, row {self.seen[where, need]}."
            self.problems.add(self.place(number), "same-name", said, "Keep one of the two rows.")
            return
        self.seen[where, need] = number
        found = self.rows.setdefault(where, TariffSchool())
        if kind in of.own_rates and cells.get("present_rate"):
            said = f"Row {number}, column 'present_rate': pupils there bring their own rates."
            help = f"Leave the cell empty, and give '{of.paid_today}' for each pupil of the cohort."
            self.problems.add(self.place(number), "present-rate", said, help)
        found.rates[need] = self._pounds(number, "present_rate", cells)
        self._once(number, found, cells)

    def _once(self, number: int, found: TariffSchool, cells: Mapping[str, str]) -> None:
        """Take what a school and kind has once, in whichever of its rows it is given."""
        if cells.get("places"):
            self._figure(number, "places", cells, _COUNT, "a whole number", int)  # In no sum, and yet a number.
        if cells.get("factor"):
            factor = self._figure(number, "factor", cells, _FACTOR, "a factor above 0, such as 1.05", Fraction)
            found.factor = Fraction(1) if factor is None else factor
            if factor == 0:
                said = f"Row {number}, column 'factor': a factor is above 0."
                self.problems.add(self.place(number), "out-of-range", said, "Leave it empty where there is none.")
        if cells.get("pupils_paid"):
            found.pupils_paid = self._figure(number, "pupils_paid", cells, _COUNT, "a whole number", int)
        found.other = self._pounds(number, "present_other", cells) or found.other
        found.lump = self._pounds(number, "lump", cells) or found.lump
        for name in self.groups:
            text = cells.get(name, "")
            if text and found.groups.setdefault(name, text) != text:
                said = f"Row {number}, column '{name}': another row of this school and kind says otherwise."
                self.problems.add(self.place(number), "same-name", said, "Say the same in each, or leave it empty.")

    def _pounds(self, number: int, column: str, cells: Mapping[str, str]) -> int | None:
        what = "pounds of 0 or more, with at most two decimals"
        return self._figure(number, column, cells, _POUNDS, what, lambda text: pence(Decimal(text)))

    def _figure(
        self,
        number: int,
        column: str,
        cells: Mapping[str, str],
        shape: re.Pattern[str],
        what: str,
        read: Callable[[str], Figure],
    ) -> Figure | None:
        """Return a figure of a cell; None where it is empty, or is not one, which is then told."""
        text = cells.get(column, "")
        if not text:
            return None
        if not shape.fullmatch(text):
            said = f"Row {number}, column '{column}': this is not {what}."
            help = "Write figures only, without commas, signs or a currency mark; leave it empty where it is not known."
            self.problems.add(self.place(number), "not-a-number", said, help)
            return None
        return read(text)

    def finished(self) -> dict[SchoolPlace, TariffSchool]:
        """Return the schools; raises `PolicyError` with all that is wrong with the table."""
        if not self.rows and not self.problems.errors:
            help = "Write one row for each school and kind of place."
            self.problems.add(Place(self.name), "empty", "This file has headings but no rows.", help)
        self.problems.stop_on_errors()
        return dict(sorted(self.rows.items()))


# The cohort.


@dataclass(frozen=True)
class TariffCohort:
    """A cohort as far as the sums need it, decided for one day by the levels of one edition.

    `pupils` says how many rows are which of `FATES`. Of those counted, in order of their references: `unit` is the
    place of each in `where`, `level` the place of its level in `levels`, `present` what is paid today in pence, -1
    where it is not known, and `groups` the values in each group, "" where none is given. `cautions` are those that go
    with the route of some row, by id, and what they say. `leaving` is what is paid today for those whose money goes to
    another budget, `leaves` for how many, and `below` how many of them are at each level, by setting. `moved` is how
    many rows had another day. `not_yet` are those who would be counted and are not phased in, and
    `phase_not_known` of how many of these a fact is missing by which they might be.

    `part` is the place in `parts` of the part of the year for which each is there; what is paid today is for that part.
    `elsewhere` says of each whether another authority pays: none of these is among the others, or in what leaves.
    `others_at` is how many of the others are in each school and setting.
    """

    name: str
    levels: tuple[str, ...]
    pupils: Mapping[str, int]
    where: tuple[SchoolPlace, ...]
    unit: Numbers
    level: Numbers
    present: Numbers
    groups: Mapping[str, Sequence[str]]
    others: NotCounted
    leaving: int
    below: Mapping[tuple[str, Seat], int]
    refused: tuple[Refused, ...]
    moved: int
    schools: Schools
    cautions: Mapping[str, str]
    part: Numbers
    parts: tuple[Fraction, ...]
    elsewhere: NDArray[np.bool_]
    others_at: Mapping[SchoolPlace, int]
    not_yet: int = 0
    phase_not_known: int = 0
    leaves: int = 0

    def units(self, plan: TariffPlan) -> tuple[TariffUnit, ...]:
        """Return what the limits of a plan are about, in order of schools and settings; those with no pupils too."""
        return self.divided(plan)[0]

    def divided(self, plan: TariffPlan) -> tuple[tuple[TariffUnit, ...], Numbers]:
        """Return the same, and of each counted pupil which she is in.

        First come the schools and settings, each with those pupils who share its limits. Then come pupils who are paid
        as today, and those whose limits are theirs alone, alike ones together.
        """
        kept = np.isin(self.level, [at for at, level in enumerate(self.levels) if level in plan.own])
        alone = np.isin(self.unit, [at for at, one in enumerate(self.where) if one.setting in plan.protect]) & ~kept
        place, number = self.unit.copy(), len(self.where)
        kinds = [(at, False, False) for at in range(number)]
        if kept.any() or alone.any():
            alike = np.stack(
                [self.unit, kept, *(np.where(alone, one, -2) for one in (self.level, self.part, self.present))]
            )
            apart = kept | alone
            different, which = np.unique(alike[:, apart], axis=1, return_inverse=True)
            place[apart] = number + which.reshape(-1)
            kinds += [(int(one[0]), bool(one[1]), not one[1]) for one in different.T]
        return tuple(self._unit(*one) for one in zip(kinds, self._counts(place, len(kinds)), strict=True)), place

    def _counts(
        self, place: Numbers, number: int
    ) -> Iterator[tuple[dict[Seat, int], dict[Seat, int], dict[Seat, int], int, int]]:
        """Yield of each unit who has a rate of today, who has none, for whom another pays, and what the first are paid.

        The last is what those are paid for whom another pays.
        """
        seats = [Seat(level, part) for level in self.levels for part in self.parts]
        known, seat = self.present >= 0, self.level * len(self.parts) + self.part
        elsewhere = known & self.elsewhere
        counts, sums = [], []
        for of in (known, ~known & ~self.elsewhere, elsewhere):
            found = np.bincount(place[of] * len(seats) + seat[of], minlength=len(seats) * number)
            counts.append(found.reshape(-1, len(seats)))
        for of in (known, elsewhere):
            paid = np.zeros(number, np.int64)
            np.add.at(paid, place[of], self.present[of])
            sums.append(paid)
        for at in range(number):
            within, outside, others = (
                {seats[one]: int(count[at, one]) for one in np.flatnonzero(count[at]).tolist()} for count in counts
            )
            yield within, outside, others, int(sums[0][at]), int(sums[1][at])

    def _unit(
        self,
        kind: tuple[int, bool, bool],
        counts: tuple[dict[Seat, int], dict[Seat, int], dict[Seat, int], int, int],
    ) -> TariffUnit:
        (at, kept, alone), (within, outside, elsewhere, present, theirs) = kind, counts
        where = self.where[at]
        school = self.schools.rows[where]
        if kept:
            return TariffUnit(*where, kept=within, kept_paid=present)
        unit = TariffUnit(*where, present, within, outside, factor=school.factor, alone=alone, elsewhere=elsewhere,
                          elsewhere_present=theirs)  # fmt: skip
        if alone:
            return unit
        return replace(unit, other=school.other, lump=school.lump, places=school.pupils_paid)

    def rising(self, plan: TariffPlan) -> dict[tuple[str, Seat], int]:
        """Return how many pupils outside the tariff would come into it one level up, by setting and that level."""
        found: Counter[tuple[str, Seat]] = Counter()
        for (setting, seat), number in self.below.items():
            following = plan.next_level(seat.level)
            if following != seat.level and setting in plan.factors:
                found[setting, seat._replace(level=following)] += number
        return dict(found)


class OnDay:
    """A caseload with every row moved to one day; a row whose own day cannot be read stays as it is.

    `moved` counts the rows that had another day, once all of them have been taken.
    """

    def __init__(self, caseload: Caseload, day: date) -> None:
        self._caseload, self._day, self.moved = caseload, day.isoformat(), 0
        self.name, self.headings, self.notes = caseload.name, caseload.headings, ()

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows; see `Caseload`."""
        for piece in self._caseload.pieces(types, only):
            if "decision_date" in piece.columns:
                own = as_text(piece.columns["decision_date"], types["decision_date"])
                days = pa.array([text for text in own.unique().to_pylist() if _is_day(text)], pa.string())
                is_day = pc.is_in(own, days)
                self.moved += pc.sum(pc.and_(is_day, pc.not_equal(own, self._day))).as_py() or 0
                piece.columns["decision_date"] = pc.if_else(is_day, self._day, own)
            yield piece


def _is_day(text: str | None) -> bool:
    with suppress(ValueError):
        return bool(text) and date.fromisoformat(text or "").isoformat() == text
    return False


@lru_cache(maxsize=4)
def of_one_day(policy: Policy, day: date, question: str) -> Policy:
    """Return a policy as it is on one day, with one question and those that its answers rest on: it decides alike."""
    period = policy.on(day)
    wanted = [question]
    for name in wanted:
        asked = period.questions[name].ask if name in period.questions else ()
        wanted += [one for one in asked if one in period.questions and one not in wanted]
    questions = {name: one for name, one in period.questions.items() if name in wanted}
    answers = {name for name, kind in policy.types.items() if kind.is_answer}
    warnings = tuple(one for one in period.warnings if not answers - set(wanted) & set(facts_of(one.condition)))
    return replace(policy, periods=(replace(period, questions=questions, warnings=warnings),))


def read_cohort(
    caseload: Caseload,
    policy: Policy,
    schools: Schools,
    day: date,
    *,
    phase_in: PhaseIn | None = None,
    verify: int = 1000,
    seed: int = 0,
) -> TariffCohort:
    """Return a cohort, each row decided for the day.

    With `phase_in` pupils are counted whom one of its facts names. `verify` rows are decided again by both evaluators.
    Raises `PolicyError` for a fault of the file, and where counted pupils are in a school and setting that the schools'
    table lacks; `caseloads.run.Differ` where readings differ.
    """
    of, route = tariff_of(policy), needed(views_of(policy.corpus.files).route, "route")
    keeps = dict.fromkeys((of.level, of.place, of.paid_today, *(phase_in or ())))
    columns = compiled(of_one_day(policy, day, route), tuple(keeps))
    moved = OnDay(caseload, day)
    taken, refused, cautions = [], list[Refused](), Counter[str]()
    with closing(engine(DEFAULT, columns)) as running:
        for done in decided(moved, columns, by=running, verify=verify, seed=seed):
            taken.append(_Taken.of(done.table, done.facts, route, of, policy, phase_in))
            refused += done.refused
            cautions += done.cautions.get(route, Counter())
    rows = _Taken.together(taken)
    says = {name: say_caution(one) for name, one in columns.cautions.get(route, {}).items() if cautions[name]}
    return _Counting(caseload.name, rows, of, policy, schools).cohort(tuple(refused), moved.moved, says)


def phased_in(facts: pa.Table, phase_in: PhaseIn | None, policy: Policy) -> Numbers:
    """Return for each row whether its pupil is phased in: `IN`, `OUT`, or `NOT_KNOWN` where a fact is missing.

    `facts` has each fact of `phase_in` as whole numbers.
    """
    found = np.full(facts.num_rows, IN if phase_in is None else OUT, np.int64)
    for name, wanted in (phase_in or {}).items():
        kind, numbers = policy.types[name], facts[name].to_numpy()
        known = numbers != UNKNOWN[kind.type]
        if isinstance(wanted, date):
            named = known & (numbers >= code(kind, wanted))
        else:
            named = np.isin(numbers, [code(kind, read_cell(name, text, kind)) for text in wanted])
        found[~known & (found != IN)] = NOT_KNOWN
        found[named] = IN
    return found


@dataclass(frozen=True)
class _Taken:
    """What is taken of decided rows: answers and groups as words, facts as whole numbers, `phased` by `phased_in`."""

    words: pa.Table
    level: Numbers
    place: Numbers
    paid: Numbers
    phased: Numbers

    @classmethod
    def of(
        cls, table: pa.Table, facts: pa.Table, route: str, of: Tariff, policy: Policy, phase_in: PhaseIn | None
    ) -> _Taken:
        groups = [name for name in policy.corpus.facts.groups if name in table.column_names]
        words = {"ref": table["case_ref"]}
        words |= {f"group/{name}": pc.utf8_trim_whitespace(pc.fill_null(table[name], "")) for name in groups}
        for name, suffix in (("answer", ""), ("missing", "_missing"), ("points", "_open_points")):
            words[name] = pc.fill_null(table[f"{route}{suffix}"].cast(pa.string()), "")
        level, place, paid = (facts[name].to_numpy().astype(np.int64) for name in (of.level, of.place, of.paid_today))
        return cls(pa.table(words), level, place, paid, phased_in(facts, phase_in, policy))

    @classmethod
    def together(cls, parts: list[_Taken]) -> _Taken:
        words = pa.concat_tables([one.words for one in parts])
        order = pc.sort_indices(words["ref"])
        at = order.to_numpy()
        level, place, paid, phased = (
            np.concatenate(one)[at] for one in zip(*((p.level, p.place, p.paid, p.phased) for p in parts), strict=True)
        )
        return cls(words.take(order).combine_chunks(), level, place, paid, phased)


class _Counting:
    """Sorts decided rows into those that are counted and all others; `name` is the file's."""

    def __init__(self, name: str, rows: _Taken, of: Tariff, policy: Policy, schools: Schools) -> None:
        self.name, self.rows, self.of, self.policy, self.schools = name, rows, of, policy, schools
        self.places = policy.types[of.place].values
        answer, words = rows.words["answer"], rows.words
        on, unsettled = (_mask(pc.equal(answer, one)) for one in (of.answer, UNDETERMINED))
        unmapped = unsettled & _mask(pc.and_(pc.equal(words["missing"], of.level), pc.equal(words["points"], "")))
        self.counted = on & (rows.level >= 0) & (rows.phased == IN)
        self.not_yet = on & (rows.level >= 0) & (rows.phased != IN)
        self.not_mapped = unmapped | (on & (rows.level < 0))
        self.undetermined = unsettled & ~unmapped
        self.part, self.parts = self._parts()
        self.elsewhere = np.array([False])
        if of.elsewhere:
            self.elsewhere = np.array([one == of.elsewhere.value for one in self.group(of.elsewhere.group)], bool)
        self.by_other = ~on & ~unsettled
        self.leaving = self.by_other & _mask(pc.is_in(answer, pa.array(of.leaves, pa.string())))

    def group(self, name: str) -> list[str]:
        """Return the value of every row in a column of groups, "" where none is given."""
        column = f"group/{name}"
        if column not in self.rows.words.column_names:
            return [""] * len(self.rows.level)
        words: list[str] = self.rows.words[column].to_pylist()
        return words

    def cohort(self, refused: tuple[Refused, ...], moved: int, cautions: Mapping[str, str]) -> TariffCohort:
        """Return the cohort; raises `PolicyError` where the schools' table lacks what is counted."""
        pairs, place = self._pairs()
        self._all_in_table(self.name, pairs, place)
        where = tuple(self.schools.rows)
        at = {one: number for number, one in enumerate(where)}
        unit = np.array([at.get(pair, -1) for pair in pairs] or [-1], np.int64)[place]
        paid = self._of_the_part(self._paid_today(pairs, place))
        counted, others = self.counted, (self.not_mapped | self.undetermined | self.not_yet) & ~self.elsewhere
        leaving = self.leaving & ~self.elsewhere
        settings = ["", *self.places]
        here = [settings[number + 1] for number in self.rows.place[others].tolist()]
        levels = self.policy.types[self.of.level].values
        below = leaving & (self.rows.level >= 0)
        each = zip(*(one[below].tolist() for one in (self.rows.place, self.rows.level, self.part)), strict=True)
        years = None
        if len(self.parts) > 1 or self.parts[0] != 1:
            years = dict[str, Fraction]()
            for one, part in zip(here, self.part[others].tolist(), strict=True):
                years[one] = years.get(one, Fraction(0)) + self.parts[part]
        fates = (counted, self.not_mapped, self.undetermined, self.by_other)
        return TariffCohort(
            self.name,
            levels,
            dict(zip(FATES, (*(int(one.sum()) for one in fates), len(refused)), strict=True)),
            where,
            unit[counted],
            self.rows.level[counted],
            paid[counted],
            self._groups(counted, unit),
            NotCounted(
                dict(Counter(here)),
                int(paid[others & (paid >= 0)].sum()),
                int((others & (paid < 0)).sum()),
                years,
            ),
            int(paid[leaving & (paid >= 0)].sum()),
            dict(Counter((settings[at + 1], Seat(levels[level], self.parts[part])) for at, level, part in each)),
            refused,
            moved,
            self.schools,
            cautions,
            self.part[counted],
            self.parts,
            self._elsewhere_of(counted),
            dict(Counter(pairs[number] for number in place[others].tolist())),
            int(self.not_yet.sum()),
            int((self.not_yet & (self.rows.phased == NOT_KNOWN)).sum()),
            int((leaving & (paid > 0)).sum()),
        )  # fmt: skip

    def _parts(self) -> tuple[Numbers, tuple[Fraction, ...]]:
        """Return for every row the place of its pupil's part of the year, and these parts, the largest first.

        Raises `PolicyError` for what is not a part of a year.
        """
        words, codes = _coded(self.group(self.of.weight) if self.of.weight else [""] * len(self.rows.level))
        found, problems = dict[str, Fraction](), Problems()
        for at, word in enumerate(words):
            try:
                part = read_part(word) if word else Fraction(1)
            except ValueError:
                part = Fraction(0)
            if not part:
                first = self.rows.words["ref"].to_pylist()[int(np.flatnonzero(codes == at)[0])]
                said = f"{first}, column '{self.of.weight}': this is not a part of a year above 0, up to 1."
                help = "Write 7/12 for seven months of twelve; leave it empty for the whole year."
                problems.add(Place(self.name), "out-of-range", said, help)
            found[word] = part
        problems.stop_on_errors()
        parts = tuple(sorted({*found.values(), Fraction(1)}, reverse=True))
        return np.array([parts.index(found[word]) for word in words], np.int64)[codes], parts

    def _of_the_part(self, paid: Numbers) -> Numbers:
        """Return what is paid today for the part of the year for which each pupil is there, rounded down to a penny."""
        found = paid.copy()
        for at, part in enumerate(self.parts):
            some = (self.part == at) & (paid >= 0)
            found[some] = paid[some] * part.numerator // part.denominator
        return found

    def _elsewhere_of(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.broadcast_to(self.elsewhere, rows.shape)[rows]

    def _pairs(self) -> tuple[list[SchoolPlace], Numbers]:
        """Return each school and setting that there is, and for every row which it is."""
        words, codes = _coded(self.group(self.of.school))
        size = len(self.places) + 1
        different, place = np.unique(codes * size + self.rows.place + 1, return_inverse=True)
        settings = ["", *self.places]
        return [SchoolPlace(words[one // size], settings[one % size]) for one in different.tolist()], place

    def _all_in_table(self, name: str, pairs: Sequence[SchoolPlace], place: Numbers) -> None:
        """Raise `PolicyError` where counted pupils are in a school and setting that the schools' table lacks."""
        problems, numbers = Problems(), np.bincount(place[self.counted], minlength=len(pairs)).tolist()
        lacking = {
            where: number
            for where, number in zip(pairs, numbers, strict=True)
            if number and where not in self.schools.rows
        }
        nameless = sum(number for where, number in lacking.items() if not where.school)
        if nameless:
            said = f"{pupils_are(nameless)} counted without a school."
            help = f"Give the column '{self.of.school}' for each of them."
            problems.add(Place(name), "no-school", said, help)
        schools = {one.school for one in self.schools.rows}
        for where, number in sorted(lacking.items()):
            if where.school:
                counted = f"{pupils_are(number)} counted in '{where.school}', {where.setting}"
                said = f"{counted}, which {self.schools.name} lacks."
                near = "" if where.school in schools else did_you_mean(where.school, sorted(schools))
                help = near if near.startswith("Did") else "Add a row for this school and kind of place."
                problems.add(Place(name), "no-school", said, help)
        problems.stop_on_errors()

    def _paid_today(self, pairs: Sequence[SchoolPlace], place: Numbers) -> Numbers:
        """Return what is paid today for every row in pence, -1 where it is not known."""
        words, codes = _coded(self.group(self.of.need) if self.of.need else [""] * len(place))
        different, which = np.unique(place * len(words) + codes, return_inverse=True)
        rates, own = [-1], [False]  # The first is for no row.
        for one in different.tolist():
            where, need = pairs[one // len(words)], words[one % len(words)]
            school = self.schools.rows.get(where)
            rate = school.rates.get(need, school.rates.get("")) if school else None
            rates.append(-1 if rate is None else rate)
            own.append(where.setting in self.of.own_rates)
        return np.where(np.array(own)[which + 1], self.rows.paid, np.array(rates, np.int64)[which + 1])

    def _groups(self, counted: NDArray[np.bool_], unit: Numbers) -> dict[str, list[str]]:
        """Return the values of the counted pupils in every group but the school: their own, or their school's."""
        found, places = {}, unit[counted].tolist()
        schools = list(self.schools.rows.values())
        of_schools = {name for one in schools for name in one.groups}
        beside = {self.of.school, self.of.weight, self.of.elsewhere and self.of.elsewhere.group}
        for name in self.policy.corpus.facts.groups:
            if name in beside:
                continue
            if f"group/{name}" in self.rows.words.column_names:
                every = self.group(name)
                found[name] = [every[row] for row in np.flatnonzero(counted).tolist()]
            elif name in of_schools:
                found[name] = [schools[place].groups.get(name, "") for place in places]
        return found


def _coded(words: Sequence[str]) -> tuple[list[str], Numbers]:
    """Return each word once, and for every place which it is."""
    found = pa.array(words, pa.string()).dictionary_encode()
    return found.dictionary.to_pylist() or [""], found.indices.to_numpy().astype(np.int64)


def pupils_are(number: int, shared: bool = False) -> str:
    """Return a number of pupils as the beginning of a sentence about them; see `small_counts.told`."""
    return "1 pupil is" if number == 1 and not shared else f"{told(number, shared).capitalize()} pupils are"


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.to_numpy().astype(bool)
    return mask
