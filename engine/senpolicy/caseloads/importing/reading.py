"""From a record to a pupil: facts that the file settles, candidates that a person must confirm, and flags.

`imports/facts.yaml` says by which of the ways here each fact is read. What a file does not settle is never a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from senpolicy.caseloads.importing import values
from senpolicy.caseloads.importing.records import ENROLMENT, MAIN, FileRecords, Kinds, PupilRecord
from senpolicy.caseloads.importing.register import NOT_FIGURES, Register, School
from senpolicy.caseloads.importing.values import CellReading
from senpolicy.deciding.cases import read_cell
from senpolicy.files.digests import PlainData
from senpolicy.files.models.imports import FactColumns, ImportFactsFile
from senpolicy.language.conditions import FactType, Value

#: The candidate that is told and never written: what is paid now, by a payment that may have begun later.
IN_PAYMENT = "rate_in_payment"
#: From this year on a pupil may have left school by the next school year.
LAST_COMPULSORY = 11
#: An age and a year group are told where they are more than so many years apart.
APART = 2


@dataclass
class Pupil:
    """What was read of one pupil: facts as the engine holds them (money in pence), candidates, flags, groups.

    `excluded` says why the pupil is left out, "" where it is not; `settled` are candidates that a person confirmed.
    """

    at: Mapping[str, PlainData]
    facts: dict[str, Value | None]
    candidates: dict[str, Value]
    flags: list[str]
    groups: dict[str, str]
    excluded: str = ""
    ref: str = ""

    def flag(self, *names: str) -> None:
        """Add flags, each once."""
        self.flags = list(dict.fromkeys((*self.flags, *filter(None, names))))


@dataclass
class _Around:
    """What the ways of reading have in common: the pupil so far, its record, and the column that they read."""

    pupil: Pupil
    record: PupilRecord
    birth: date | None = None
    moved_on: bool = False
    other_place: bool = False


class Reader:
    """Reads the records of one file for one day."""

    def __init__(
        self,
        taken: FileRecords,
        told: ImportFactsFile,
        kinds: Kinds,
        types: Mapping[str, FactType],
        limits: Mapping[str, date],
        on: date,
        register: Register | None = None,
    ) -> None:
        """Take a file, how facts are read, and the day; `limits` gives the day of each parameter that is one."""
        self._taken, self._told, self._types, self._limits = taken, told, types, limits
        self._on, self._register = on, register
        self._codes = kinds.codes(taken.kind)
        days = {name for name, one in kinds.columns.items() if one.holds == "day"}
        days |= {f"fact:{name}" for name, one in types.items() if one.type == "date"}
        self._has = {name for _, name in taken.columns if name} | {name for one in taken.records for name in one.cells}
        # One day that can only be month first puts every day of the file in doubt.
        self._unclear = any(self._month_first(name) for name in self._has & days)
        titles = " ".join(taken.titles).lower()
        self._other_amounts = any(_has_words(titles, one) for one in told.other_amounts)
        unknown = " ".join(heading for heading, column in taken.columns if column is None).lower()
        self._doubtful_place = any(_has_words(unknown, one) for one in told.provision_words)
        # By the name that imports/facts.yaml has for each; facts are read in its order, for some look at earlier ones.
        self._ways: dict[str, Callable[[_Around, str, FactColumns], None]] = {
            "completed_years": self._age,
            "school_year": self._year,
            "place": self._place,
            "code": self._code,
            "day": self._day,
            "payment": self._payment,
        }

    def _month_first(self, name: str) -> bool:
        return any(values.month_first(one.cells.get(name, "")) for one in self._taken.records)

    def pupils(self) -> list[Pupil]:
        """Return what was read of each record, in the order of the file."""
        return [self._pupil(record) for record in self._taken.records]

    def _pupil(self, record: PupilRecord) -> Pupil:
        facts: dict[str, Value | None] = {}
        for name, reading in self._told.facts.items():
            facts |= {name: None} | ({reading.claim: None} if reading.claim else {})
        pupil = Pupil(record.at, facts, {}, [], {}, record.excluded)
        pupil.flag(*record.flags)
        around = _Around(pupil, record)
        pupil.flag(*values.upn_flags(record.cells.get("upn", "")))
        around.birth = self._cell_day(around, "birth")
        self._registration(around)
        for name, reading in self._told.facts.items():
            self._ways[reading.way](around, name, reading)
        self._as_written(around)
        for group, column in self._told.groups.items():
            self._group(around, group, column)
        self._left(around)
        return pupil

    # Cells.

    def _cell_day(self, around: _Around, name: str, text: str | None = None) -> date | None:
        text = around.record.cells.get(name, "") if text is None else text
        if not text.strip():
            return None
        if self._unclear and values.ambiguous(text):
            around.pupil.flag("day_order_unclear")
            return None
        day, flag = values.day(text, self._on, serials=self._taken.serials)
        around.pupil.flag(flag)
        return day

    def _registration(self, around: _Around) -> None:
        text = around.record.cells.get(ENROLMENT, "")
        said = self._codes[ENROLMENT].read(text).value if text.strip() else MAIN
        # Rows of one pupil that say different things leave it out, as two columns do.
        differs = not text.strip() and ENROLMENT in self._has and "two_values" in around.pupil.flags
        if said != MAIN or differs or ENROLMENT in self._taken.unread:
            around.pupil.flag("not_main_registration" if said not in ("", MAIN) else "enrolment_not_read")
            around.other_place = True

    # The ways of reading.

    def _age(self, around: _Around, name: str, reading: FactColumns) -> None:
        if around.birth is not None and around.birth <= self._on:
            self._set(around.pupil, name, values.completed_years(around.birth, self._on))

    def _year(self, around: _Around, name: str, reading: FactColumns) -> None:
        pupil, text = around.pupil, around.record.cells.get(reading.of, "")
        by_birth = values.year_of_birth(around.birth, self._on) if around.birth else None
        read = self._codes[reading.of].read(values.year_code(text)) if text.strip() else CellReading()
        if values.year_code(text).upper() in ("N1", "N2", "E1", "E2") or values.plain(text).startswith("nursery"):
            pupil.flag("nursery_class_in_school")
        pupil.flag(*(flag for flag in read.flags if flag != "local_status"))
        if text != text.strip():
            pupil.flag("code_with_space")
        if text.strip() and text.strip() != text.strip().upper() and len(text.strip()) <= 2:
            pupil.flag("code_in_lower_case")
        later = values.school_year(self._on) - values.school_year(self._taken.of_day) if self._taken.of_day else 0
        if read.value and later:
            pupil.flag("year_group_of_an_earlier_school_year" if later > 0 else "year_group_of_a_later_school_year")
            first_of_two = values.year_code(text).upper() == "N1"
            self._may_be(pupil, name, int(read.value) + later - (first_of_two and later > 0))
            if later > 0 and int(read.value) >= LAST_COMPULSORY:
                pupil.flag("may_have_left_since")
                around.moved_on = True
            return
        if read.value:
            self._set(pupil, name, int(read.value))
            if by_birth is not None and abs(by_birth - int(read.value)) > APART:
                pupil.flag("age_and_year_apart")
            return
        if read.may_be:
            self._may_be(pupil, name, int(read.may_be))
        elif by_birth is not None:
            self._may_be(pupil, name, by_birth)
        if text.strip() and not read.may_be:
            pupil.flag("year_not_read")
        elif not text.strip() and reading.of in self._has:
            pupil.flag("year_missing")

    def _place(self, around: _Around, name: str, reading: FactColumns) -> None:
        pupil, cells = around.pupil, around.record.cells
        own = [cells[one] for one in ("urn", "ukprn", reading.of) if cells.get(one, "").strip()]
        if pupil.excluded:
            return  # Where a pupil was who has left is not where the pupil is.
        written = self._codes_of(cells, "placement_type" if "placement_type" in cells else "placement")
        pupil.flag(*(flag for flag in written.flags if flag != "local_status"))
        value, certain = written.value, True
        school = self._school(own)
        if school is not None:
            value = school.setting
            pupil.flag(*school.flags)
            pupil.groups["school"] = school.number
        elif own and self._register is not None:
            pupil.flag("school_not_in_register")
        else:
            numbers = (NOT_FIGURES.sub("", one) for one in (*own, self._taken.school))
            if number := next((one for one in numbers if len(one) in (6, 7)), ""):
                pupil.groups["school"] = number  # A number of the register, by its form.
        named = cells.get("school_name", "")
        if named and not own and not value:
            pupil.flag("setting_without_number")
            found = self._register.named(named) if self._register else None
            value, certain = (found.setting, False) if found else ("", True)
        provision, unread = self._provision(cells)
        in_name = value in ("", *reading.may_hold) and any(
            _has_words(named.lower(), one) for one in self._told.provision_words
        )
        if in_name and not provision:
            pupil.flag("provision_named_in_text")
            value, certain = reading.provision or "", False
        if not provision and value in reading.may_hold and (unread or self._doubtful_place):
            pupil.flag("provision_not_read")
            certain = False
        if provision and reading.provision:
            value = reading.provision
            if provision == "unit":
                pupil.flag("sen_unit_read_as_srp")
        if not value:
            return
        if around.other_place or around.moved_on:
            certain = False
        (self._set if certain else self._may_be)(pupil, name, value)

    def _codes_of(self, cells: Mapping[str, str], column: str) -> CellReading:
        return (
            self._codes[column].read(cells[column])
            if cells.get(column, "").strip() and column in self._codes
            else CellReading()
        )

    def _school(self, own: list[str]) -> School | None:
        numbers = own or ([self._taken.school] if self._taken.school else [])
        return self._register.numbered(*numbers) if self._register and numbers else None

    def _provision(self, cells: Mapping[str, str]) -> tuple[str, bool]:
        """Return "resourced" or "unit" where the pupil has such a place, "" otherwise; and if a cell was not read."""
        found = {name: self._codes_of(cells, name) for name in ("resourced", "unit")}
        unread = any(one.flags and not one.value for one in found.values()) or bool({*found} & self._taken.unread)
        if found["resourced"].value not in ("", "none"):
            return "resourced", unread
        unit = found["unit"].value
        return "" if unit in ("", "none") else unit, unread

    def _code(self, around: _Around, name: str, reading: FactColumns) -> None:
        pupil, cells = around.pupil, around.record.cells
        read = self._codes_of(cells, reading.of)
        beside = self._codes_of(cells, reading.beside) if reading.beside else CellReading()
        other = self._codes_of(cells, "plan_yes_no")
        pupil.flag(*(flag for flag in other.flags if flag != "local_status"))
        if beside.value and read.value and beside.value != read.value:
            read = CellReading(may_be=beside.value, flags=("code_and_description_differ",))
        elif not read.value and not read.may_be and not read.flags and beside.value:
            read = beside
        if not any((read.value, read.may_be, read.flags)):
            read = CellReading(other.value, other.may_be)
        elif other.value and read.value and other.value != read.value:
            read = CellReading(may_be=other.value, flags=("code_and_description_differ",))
        pupil.flag(*read.flags)
        if read.value:
            self._set(pupil, name, read.value)
        elif read.may_be:
            self._may_be(pupil, name, read.may_be)
        has = {reading.of, "plan_yes_no"} & self._has
        told = self._taken.kind.record and self._taken.kind.record.present
        if has and not told and not pupil.excluded and not any(cells.get(one, "").strip() for one in has):
            pupil.flag("status_missing")

    def _day(self, around: _Around, name: str, reading: FactColumns) -> None:
        pupil = around.pupil
        day = self._cell_day(around, reading.of)
        plan = pupil.facts.get(reading.plan) if reading.plan else None
        with_plan = plan == reading.plan_is
        if day is not None:
            self._set(pupil, name, day)
            if day > self._on:
                pupil.flag("issued_after_decision")
            if plan is not None and not with_plan:
                pupil.flag("issued_without_plan")
        elif with_plan and {reading.of, "plan_start"} & self._has:
            pupil.flag("plan_without_date")
            start = self._cell_day(around, "plan_start")
            if start is not None:
                pupil.flag("status_start_not_issue")
                self._may_be(pupil, name, start)

    def _payment(self, around: _Around, name: str, reading: FactColumns) -> None:
        pupil, cells = around.pupil, around.record.cells
        cutoff = self._limits[(reading.before or "").removeprefix("$")]
        claim = reading.claim or ""
        plan = pupil.facts.get(reading.plan) if reading.plan else None
        some_plan = plan if plan is not None else pupil.candidates.get(reading.plan or "")
        without = some_plan is not None and some_plan != reading.plan_is
        received = values.yes_no(cells.get("top_up", ""))
        if received:
            if self._taken.of_day is not None and self._taken.of_day < cutoff:
                self._set(pupil, claim, True)
            else:
                pupil.flag("top_up_without_amount", "claim_date_unknown")
            if without and plan is not None:
                pupil.flag("top_up_without_plan")
        if around.record.periods:
            self._periods(around, name, reading, cutoff)
            if without and (pupil.facts.get(claim) or pupil.facts.get(name)):
                pupil.flag("top_up_without_plan")
            return
        amount, flag = values.money(cells.get(reading.of, ""))
        pupil.flag(flag)
        if amount is None:
            return
        if amount and self._other_amounts:
            pupil.flag("amount_of_another_kind")
            return
        if amount == 0:
            self._set(pupil, name, 0)
            return
        self._may_be(pupil, name, _pence(amount))
        issued = pupil.facts.get(reading.issued or "")
        if isinstance(issued, date) and issued >= cutoff:
            pupil.flag("rate_may_postdate_cutoff")
        else:
            pupil.flag("claim_date_unknown", "start_of_payment_not_known")
        if without and plan is not None:
            pupil.flag("top_up_without_plan")

    def _periods(self, around: _Around, name: str, reading: FactColumns, cutoff: date) -> None:
        """Read a schedule's rows of one pupil: since when a rate is paid without a gap, and what is paid on the day."""
        pupil, claim = around.pupil, reading.claim or ""
        lines: list[tuple[date, date, Decimal | None]] = []
        for cells in around.record.periods:
            amount, flag = values.money(cells.get(reading.of, ""))
            start = self._cell_day(around, "paid_from", cells.get("paid_from", ""))
            end = self._cell_day(around, "paid_until", cells.get("paid_until", ""))
            blank = not cells.get(reading.of, "").strip()
            if (blank and len(around.record.periods) > 1) or flag == "adjustment_row":
                pupil.flag("adjustment_row")
                continue
            pupil.flag(flag)
            if cells.get("paid_until", "").strip() and end is None:
                return  # An end that cannot be read: nothing of this pupil's payments is certain.
            if start is None:
                if amount:
                    pupil.flag("claim_date_unknown")
                    self._may_be(pupil, name, _pence(amount))
                return
            lines.append((start, end or date.max, amount))
        lines.sort(key=lambda line: line[:2])
        if self._other_amounts:
            pupil.flag("amount_of_another_kind")
            lines = [(start, end, None) for start, end, _ in lines]
        stale = self._taken.of_day is not None and _year_from(self._taken.of_day, cutoff) < _year_from(self._on, cutoff)
        if stale:
            pupil.flag("schedule_of_an_earlier_year")
        now = [line for line in lines if line[0] <= self._on <= line[1]]
        eve = cutoff - timedelta(days=1)
        held = any(start < cutoff and end >= eve for start, end, _ in lines)
        if len(lines) > 1:
            pupil.flag("rate_changed")
        fee = self._is_fee(around, reading)
        amount = now[0][2] if len(now) == 1 else None
        if len(now) > 1:
            pupil.flag("two_values")
        if held:
            (self._may_be if fee or stale else self._set)(pupil, claim, True)
            if amount is not None:
                certain = not fee and not stale and self._without_gap(lines, eve)
                (self._set if certain else self._may_be)(pupil, name, _pence(amount))
                if not certain and not fee and not stale:
                    pupil.flag("gap_over_cutoff")
            elif not now:
                pupil.flag("payment_ended")
        elif lines and amount is not None:
            pupil.candidates[IN_PAYMENT] = _pence(amount)
            self._began_later(pupil, reading, lines, cutoff)
        if fee and (held or amount is not None):
            pupil.flag("fee_not_top_up")

    def _began_later(
        self, pupil: Pupil, reading: FactColumns, lines: list[tuple[date, date, Decimal | None]], cutoff: date
    ) -> None:
        claim, issued = reading.claim or "", pupil.facts.get(reading.issued or "")
        if any(start < cutoff for start, _, _ in lines):
            pupil.flag("gap_over_cutoff")
            self._may_be(pupil, claim, True)
        elif lines[0][0] == cutoff:
            pupil.flag("start_is_first_day_of_the_files_year")
        else:
            pupil.flag("payment_began_after_cutoff")
            if isinstance(issued, date) and issued >= cutoff:
                self._may_be(pupil, claim, False)
            else:
                pupil.flag("earlier_payment_not_in_file")

    def _without_gap(self, lines: list[tuple[date, date, Decimal | None]], eve: date) -> bool:
        """Return whether payments go on from the eve to the day of the decision without a day between them."""
        reached = eve
        for start, end, _ in lines:
            if start <= reached or (start - reached).days == 1:
                reached = max(reached, end)
        return reached >= self._on

    def _is_fee(self, around: _Around, reading: FactColumns) -> bool:
        place = [*around.pupil.facts.values(), *around.pupil.candidates.values()]
        return self._says(around, self._told.fee_words) or any(one in reading.fees for one in place)

    def _says(self, around: _Around, words: list[str]) -> bool:
        text = around.record.cells.get("comments", "").lower()
        return any(_has_words(text, one) for one in words)

    # What is beside the facts.

    def _as_written(self, around: _Around) -> None:
        """Take a column that is headed as a fact of a case is: as it is written, where it is a value of that fact."""
        for column, text in around.record.cells.items():
            name = column.removeprefix("fact:")
            if name == column or not text.strip() or around.pupil.facts.get(name) is not None:
                continue
            kind = self._types[name]
            try:
                bare = text.strip()
                if kind.type == "money":
                    sum_, flag = values.money(bare)
                    if sum_ is None:
                        around.pupil.flag(flag)
                        continue
                    bare = f"{sum_:f}"
                elif kind.type == "date":
                    day = self._cell_day(around, column)
                    if day is None:
                        continue
                    bare = day.isoformat()
                elif kind.type == "boolean":
                    bare = {True: "true", False: "false", None: bare}[values.yes_no(bare)]
                self._written(around.pupil, name, read_cell(name, bare, kind))
            except ValueError:
                around.pupil.flag("value_not_read")

    def _written(self, pupil: Pupil, name: str, value: Value) -> None:
        """Take what a list says of a fact; of a payment, or of another day, it is asked about."""
        payments = {one for name_, of in self._told.facts.items() if of.way == "payment" for one in (name_, of.claim)}
        moves = self._told.facts[name].way in ("completed_years", "school_year") if name in self._told.facts else False
        another_day = moves and self._taken.of_day not in (None, self._on)
        if name in payments and not value:
            pupil.flag("claim_date_unknown")  # That nothing was paid before a day, no list of another day can say.
        elif name in payments or another_day:
            self._may_be(pupil, name, value)
        else:
            self._set(pupil, name, value)

    def _group(self, around: _Around, group: str, column: str) -> None:
        text = around.record.cells.get(column, "").strip()
        if not text:
            return
        value = (
            self._codes[column].code_of(text) or self._codes[column].code_of(text.partition(" - ")[0])
            if column in self._codes
            else text
        )
        if value:
            around.pupil.groups[group] = value

    def _left(self, around: _Around) -> None:
        pupil, cells = around.pupil, around.record.cells
        left = values.yes_no(cells.get("leaving", ""))
        day = self._cell_day(around, "leaving") if left is None else None
        gone = left or values.yes_no(cells.get("leaver", "")) or values.yes_no(cells.get("on_roll", "")) is False
        ended = "payment_ended" in pupil.flags and self._says(around, self._told.leaver_words)
        sheet = str(around.record.at.get("sheet", "")).lower()
        of_leavers = any(_has_words(sheet, one) for one in self._told.leaver_words)
        if (day is not None and day <= self._on) or gone or ended or of_leavers:
            pupil.flag("leaver")
            pupil.excluded = pupil.excluded or "leaver"
        ceased = self._cell_day(around, "plan_ceased")
        if (ceased is not None and ceased <= self._on) or "plan_ceased" in pupil.flags:
            pupil.flag("plan_ceased")
            pupil.excluded = pupil.excluded or "plan_ceased"

    def _set(self, pupil: Pupil, name: str, value: Value) -> None:
        if self._fits(name, value):
            pupil.facts[name] = value
            pupil.candidates.pop(name, None)

    def _may_be(self, pupil: Pupil, name: str, value: Value) -> None:
        if self._fits(name, value) and pupil.facts.get(name) is None:
            pupil.candidates[name] = value

    def _fits(self, name: str, value: Value) -> bool:
        kind = self._types[name]
        if kind.type == "choice":
            return value in kind.values
        if kind.type == "integer" and isinstance(value, int):
            return (kind.lowest is None or value >= kind.lowest) and (kind.highest is None or value <= kind.highest)
        return True


def _has_words(text: str, words: str) -> bool:
    """Return whether a text in small letters holds words, each whole."""
    return re.search(rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])", text) is not None


def _year_from(day: date, start: date) -> int:
    """Return in which year that begins on a day like `start` a day is."""
    return day.year - ((day.month, day.day) < (start.month, start.day))


def _pence(pounds: Decimal) -> int:
    return int(pounds * 100)
