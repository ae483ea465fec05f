"""A plan of bands and rates as an Excel workbook: from counts of pupils to what each school is paid, all as formulas.

The values beside the formulas are the engine's. No formula finds the figure that fits an envelope, so what was solved
for is in a cell to fill in, marked as found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import ceil, lcm
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from senpolicy.caseloads.tariff_cohort import tariff_of
from senpolicy.caseloads.tariff_sums import Others, PlanCost, SchoolPay, Seat, UnitPay, others_cost
from senpolicy.caseloads.workbook import (
    EXACT,
    MILLION,
    CellValue,
    FormulaBook,
    FormulaSheet,
    FormulaStep,
    Kind,
    millionths,
    pence_in_pounds,
)
from senpolicy.comparing import tariff_steps as steps
from senpolicy.comparing.tariffs import PlanAnswer
from senpolicy.files.problems import WrongUse
from senpolicy.readings.say import say_date

#: Decimals of a scale that was solved for. With so many it gives the rates that the exact fraction gives.
DECIMALS = range(4, 13)
WAYS: tuple[Others, ...] = ("set_aside", "as_today", "like_mapped", "lowest", "highest")
#: The row of the first school, below the head of a sheet and the headings of its table.
TOP = 5
#: The column of the sheet by school for the first financial year.
FIRST_YEAR = 10
GIVEN = ("school", "setting", "factor", "rate", "total", "other", "lump")
#: The columns of further fields, where a plan has them.
FURTHER = {
    "theirs": "Paid today for those for whom another authority pays (£)",
    "places": "Pupils whom the school is paid its average for; empty: those counted",
    "alone": "yes: limits are for each of these pupils, who are alike",
}
FILL = "Yellow cells are for you to change."
#: What the first sheet says, after what this plan and its cohort are.
READ_ME = (
    ("head", "How to use it"),
    ("prose", "Change a yellow cell: a rate, a factor or a limit on the sheet Plan, a count or what is paid today on "
     "the sheet Schools, those not mapped on the sheet Others. What follows is worked out on the sheets Rates and "
     "Steps, and shown on the sheets Result and By school."),
    ("prose", "Violet cells are figures that the engine found for the envelope. No formula finds them again: once "
     "something else has changed, they are no longer what fits. Run senpolicy tariff again to find them."),
    ("prose", "Where a school has one rate of today, what it is paid today follows from its pupils. Where each pupil "
     "brings a rate, or rates differ by need, it is one figure: change it together with the number of pupils."),
    ("head", "What is exact"),
    ("prose", "All sums are in whole pence, with shares and factors in millionths, so each is right to the penny: "
     "rates × factors are rounded down, floors up, ceilings down. Shares and factors count with six decimals, rates in "
     "whole pence. This holds while no pupil is paid £1,000,000 a year or more, and no limit is 9,900% or more."),
    ("head", "What is not here"),
    ("prose", "What each pupil is paid of a school's figure, groups of pupils, each school's average level, what "
     "becomes of the cost where pupils move up a level, and the search for a figure that fits the envelope. The "
     "report and the JSON file have them."),
    ("head", "What to bear in mind"),
)  # fmt: skip


def workbook(answer: PlanAnswer) -> bytes:
    """Return the workbook of a plan; raises `WrongUse` where its figures are too large for a spreadsheet's numbers."""
    return _TariffBook(answer).written()


class _Entry(NamedTuple):
    """A figure of the whole plan: its name in formulas, what it is, its cell, and how it counts in sums."""

    name: str
    says: str
    value: CellValue
    kind: Kind
    formula: str
    counts: CellValue
    note: str
    found: bool = False


class _TariffBook:
    def __init__(self, answer: PlanAnswer) -> None:
        self.answer, self.plan, self.cost, self.part = answer, answer.plan, answer.cost, answer.file.tariff_part
        known = sorted(self.plan.factors)
        self.settings = [*known, *sorted({one.unit.setting for one in self.cost.units} - set(known))]
        self.known, self.levels = len(known), self.plan.banded
        order = sorted(range(len(self.cost.units)), key=lambda at: self._where(self.cost.units[at]))
        self.units = [self.cost.units[at] for at in order]
        self.after = self.cost.next_year
        self.units_after = [self.after.units[at] for at in order] if self.after else []
        self.kept = self._kept(order)
        self.schools_paid = sorted(self.cost.schools, key=lambda one: (one.school, one.setting))
        self.last = TOP + max(len(self.units), 1) - 1
        self.parts = sorted(
            {seat.part for one in self.units for seat in (*one.unit.within, *one.unit.outside)} - {Fraction(1)},
            reverse=True,
        )
        self.seats = [Seat(level, part) for level in self.levels for part in (Fraction(1), *self.parts)]
        whole = lcm(*(part.denominator for part in self.parts))
        elsewhere = any(one.unit.elsewhere for one in self.units)
        own = tuple(dict.fromkeys(self.plan.own.values()))
        self.follows = steps.Follows(whole, answer.has_places, own, bool(self.plan.protect), elsewhere)
        self.others_by, self.other_parts = self._others_by()
        self._fits()
        self._fits_parts()
        self.sums = [
            steps.values(one, self.cost, self.settings.index(one.unit.setting) + 1, self.seats, self.follows)
            for one in self.units
        ]
        self.rates_of = [
            FormulaStep(f"rate_{place}", f"Rate: {_said(seat)}", steps.RATE) for place, seat in enumerate(self.seats)
        ]
        self.columns = [*steps.FIRST, *self.rates_of, *steps.then(self.follows)]
        self.place_of = {one.name: place for place, one in enumerate(self.columns)}
        size = len(self.seats)
        self.within, self.outside, end = (7, 6 + size), (7 + size, 6 + 2 * size), 6 + 2 * size
        self.theirs = (end + 1, end + size)
        wanted = {"theirs": elsewhere, "places": self.follows.places, "alone": self.follows.alone}
        further = {name: FURTHER[name] for name, there in wanted.items() if there}
        for at, band in enumerate(own):
            further |= {f"kept_pupils_{at}": f"Pupils who are paid as today: {band}", f"kept_{at}": "Paid to them (£)"}
        self.headings_of = further
        self.further = {
            name: (self.theirs if elsewhere else self.outside)[1] + 1 + at for at, name in enumerate(further)
        }
        self.book = FormulaBook(answer.file.title, answer.says, answer.file.day)
        add = self.book.sheet
        self.front = add("Read me", answer.file.title, "", (110,))
        self.of_plan = add("Plan", "The plan", f"{FILL} Violet ones were found by the engine, and no formula here "
                           "finds them again.", (44, 18))  # fmt: skip
        self.given = add("Schools", "The schools and their counted pupils", f"{FILL} Pounds a year.",
                         (28, 14, 10, 15, 17, 15, 15, 11), wide=True)  # fmt: skip
        self.rates = add("Rates", "What a pupil of each level is paid", "A band's rate × the factor of the setting, "
                         "rounded down to a penny. Pence a year.", (30, 16), wide=True)  # fmt: skip
        self.steps = add("Steps", "How each school's figure follows", "Whole pence a year. Limits are about the pupils "
                         "with a rate of today; all others are paid beside them.", (28, 14, 13), wide=True)  # fmt: skip
        self.others = add("Others", "Pupils who are not mapped or phased in, or whose route is open", f"{FILL} What "
                          "they cost if they turn out in each way, and as the plan says. Pence a year.",
                          (66, 18))  # fmt: skip
        if self.after:
            self.rates_after = add("Rates after", "What a pupil of each level is paid in the year after", "As on the "
                                   "sheet Rates. Pence a year.", (30, 16), wide=True)  # fmt: skip
            self.steps_after = add("Year after", "How each school's figure of the year after follows", "Whole pence a "
                                   "year. P is what is paid in this year.", (28, 14, 13), wide=True)  # fmt: skip
        self.result = add("Result", "What follows from the plan", "Pounds a year.", (46, 18))
        self.schools = add("By school", "What each school is paid", "Pounds a year.", (28, 14, 10, 17))

    @staticmethod
    def _where(one: UnitPay) -> tuple[str, str]:
        return one.unit.school, one.unit.setting

    def _kept(self, order: Sequence[int]) -> list[dict[str, tuple[int, int]]]:
        """Return of each school and setting who is paid as today: by band how many pupils, and what they are paid."""
        found = [dict[str, tuple[int, int]]() for _ in order]
        cohort, place = self.answer.cohort, {at: number for number, at in enumerate(order)}
        if self.plan.own:
            rows = zip(
                cohort.divided(self.plan)[1].tolist(), cohort.level.tolist(), cohort.present.tolist(), strict=True
            )
            for unit, level, paid in rows:
                band = self.plan.own.get(cohort.levels[level])
                if band:
                    held = found[place[unit]]
                    pupils, whole = held.get(band, (0, 0))
                    held[band] = pupils + 1, whole + paid
        return found

    def _others_by(self) -> tuple[Mapping[str, int], int | None]:
        """Return how many of the others there are by setting, and None; or in parts of a year, and how many it has."""
        others = self.answer.cohort.others
        if others.years is None or sum(others.years.values()) == others.number:
            return others.pupils, None
        parts = lcm(*(one.denominator for one in others.years.values()))
        return {where: int(one * parts) for where, one in others.years.items()}, parts

    def _fits(self) -> None:
        """Raise `WrongUse` where a formula would have to multiply beyond what a spreadsheet's numbers hold."""
        rates = [*self.cost.rates.values(), *(band.rate for band in self.plan.bands), 0]
        rates += self.after.rates.values() if self.after else []
        factors = max([*self.plan.factors.values(), Fraction(1)])
        rise = max(1 + self.plan.after.uplift, Fraction(1)) if self.plan.after else Fraction(1)
        own = max([one.unit.factor for one in self.units] + [Fraction(1)])
        limits = (self.plan.gain, self.cost.gain_ceiling, *self.plan.guarantee.values())
        large = max(rates) * max(factors * own, rise) * MILLION >= EXACT
        if large or any(one >= 99 for one in limits if one is not None) or (self.cost.scale or 0) >= 100:
            raise WrongUse(
                "A workbook would not be exact here: it holds rates with their factors below £1,000,000, limits below "
                "9,900% and scales below 100. Write the CSV or JSON file instead."
            )
        # Those not mapped, in parts of a year, × their factors in millionths, and × the highest rate in whole millions.
        others = sum(self.others_by.values()) * factors
        if self.other_parts and others * max(MILLION, *rates) >= EXACT:
            raise WrongUse(
                "A workbook would not be exact here: those not mapped are there for parts of a year that together have "
                "too many digits. Write the CSV or JSON file instead."
            )

    def _fits_parts(self) -> None:
        """Raise `WrongUse` where an amount × the parts of a year, or × places, is beyond a number's digits."""
        limits = [self.plan.gain, self.cost.gain_ceiling, *self.plan.guarantee.values()]
        most = 1 + max([one for one in limits if one is not None], default=Fraction(0))
        for one in self.units:
            amount = max(one.unit.paid, one.within_new, one.within) + one.unit.pupils * max(
                self.plan.core.values(), default=0
            )
            # In an average of which another authority pays a part, × how many parts of a year all are there.
            pupils = sum(one.unit.within.values()) if one.unit.elsewhere else 1
            digits = amount * max(most, Fraction(pupils)) * self.follows.parts
            if digits >= EXACT or (one.unit.places or 0) * one.within >= EXACT:
                raise WrongUse(
                    f"A workbook would not be exact here: what '{one.unit.school}' is paid, times the parts of a year, "
                    "the pupils or the places there, has too many digits. Write the CSV or JSON file instead."
                )

    @property
    def scaled(self) -> bool:
        """Whether a scale of all rates was solved for and found."""
        return self.plan.solve == "scale" and self.cost.solved == "exactly"

    @cached_property
    def scale(self) -> Fraction:
        """The scale as a decimal, by which each band has the rate that the exact one gives."""
        if not self.scaled or self.cost.scale is None:
            return Fraction(1)
        exact, step = self.cost.scale, self.plan.step
        for places in DECIMALS:
            down = Fraction(exact * 10**places // 1, 10**places)
            for near in (down, down + Fraction(1, 10**places)):
                if all(one.rate * near // step * step == self.cost.rates[one.id] for one in self.plan.bands):
                    return near
        raise WrongUse("No scale of 12 decimals gives these rates, so no workbook can. Write the CSV or JSON file.")

    def written(self) -> bytes:
        """Return the workbook. The order matters: a sheet calls upon places that those before it have laid out."""
        self._plan()
        self._schools()
        self._rates()
        self._steps()
        if self.after:
            self._year_after(self.after)
        self._others()
        self._result()
        self._by_school()
        about = self.answer
        lines = [
            ("says", "For whoever sets the tariff, and not for publication: nothing is withheld, however few pupils."),
            ("prose", about.first_line()),
            ("prose", f"Plan {about.plan.id}, for {say_date(about.file.day)}; levels of the edition "
             f"{about.file.edition}; policy as of {about.policy.as_of}, {about.policy.digest}."),
            *READ_ME,
            *(("prose", said) for said in (*about.notes(), *about.cohort.cautions.values())),
        ]  # fmt: skip
        for row, (look, said) in enumerate(lines, 3):
            self.front.text(row, 0, said, look)
        return self.book.whole()

    def _step(self, name: str) -> str:
        """Return the address of a step of all schools."""
        return self.steps.over(TOP, self.last, self.place_of[name])

    def _level(self, column: int) -> str:
        """Return the address of a column of the sheet of rates."""
        return self.rates.over(TOP, TOP + len(self.seats) - 1, column)

    def _setting(self, column: int) -> str:
        """Return the address of a column of the table of settings."""
        return self.of_plan.over(*self.setting_rows, column)

    # What is filled in.

    def _entries(self) -> Iterator[_Entry]:
        plan, cost = self.plan, self.cost
        share, optional = "ROUND({0}*1000000,0)", 'IF({0}="","",ROUND({0}*1000000,0))'
        part = "A part of what is paid today, counted in millionths; empty: no limit."
        found = {one: plan.solve == one and cost.solved == "exactly" for one in ("gain_ceiling", "gain_scale")}
        exact = f" It was found: exactly {cost.scale}. So many decimals give the same rates." if self.scaled else ""
        step = plan.step if self.scaled else 1
        as_given = "" if self.scaled else " Rates that no scale changed are as given."
        kept = Fraction(1) if cost.gain_scale is None else cost.gain_scale
        ceiling = cost.gain_ceiling
        yield _Entry("Envelope", "The envelope", pence_in_pounds(plan.envelope), "pounds", "ROUND({0}*100,0)",
                     plan.envelope, "Pounds, counted in pence.")  # fmt: skip
        yield _Entry("Scale_high", "Scale of all rates", self.scale, "share", "INT(ROUND({0}*1000000000000,0)/1000000)",
                     self.scale * 10**12 // MILLION, f"Counted in millionths.{exact}", self.scaled)  # fmt: skip
        yield _Entry("Scale_low", "  what its millionths leave of it", None, "share",
                     "ROUND({above}*1000000000000,0)-1000000*Scale_high", self.scale * 10**12 % MILLION,
                     "Counted in millionths of a millionth.")  # fmt: skip
        yield _Entry("Step", "Rates are rounded down to", pence_in_pounds(step), "pounds", "MAX(ROUND({0}*100,0),1)",
                     step, f"Pounds, counted in pence.{as_given}")  # fmt: skip
        yield _Entry("Loss", "The most that a school may lose", plan.loss, "share", optional,
                     None if plan.loss is None else millionths(plan.loss), part)  # fmt: skip
        yield _Entry("Gain", "The most that a school may gain", ceiling, "share", optional,
                     None if ceiling is None else millionths(ceiling),
                     f"{part}{' It was found.' if found['gain_ceiling'] else ''}", found["gain_ceiling"])  # fmt: skip
        yield _Entry("Kept", "The share of each gain that is kept", kept, "share", share, millionths(kept),
                     "Counted in millionths; 1: all of it. Below 1 it takes the place of the limit on gains."
                     f"{' It was found.' if found['gain_scale'] else ''}", found["gain_scale"])  # fmt: skip
        if plan.after:
            yield _Entry("Uplift", "Every rate rises in the year after by", plan.after.uplift, "share", share,
                         millionths(plan.after.uplift), "A part of it, in millionths; below 0 it falls.")  # fmt: skip
            yield _Entry("Next_loss", "The most that a school may lose in that year", plan.after.loss, "share", share,
                         millionths(plan.after.loss), "A part of what it is paid in this year.")  # fmt: skip
        if self.part is not None:
            yield _Entry("First_parts", "Of the first financial year so much is on the tariff:", self.part.numerator,
                         "whole", "{0}", self.part.numerator, "Before, it is as today.")  # fmt: skip
            yield _Entry("First_whole", "  of so many parts", self.part.denominator, "whole", "MAX({0},1)",
                         self.part.denominator, "")  # fmt: skip

    def _plan(self) -> None:
        plan, sheet, row = self.plan, self.of_plan, TOP
        sheet.heads(4, ["Of the whole plan", "To fill in", "As it counts", "What it is"])
        for one in self._entries():
            sheet.text(row, 0, one.says)
            if one.value is not None or "{0}" in one.formula:
                sheet.give(row, 1, one.value, one.kind, "found" if one.found else "given")
            sheet.sum(row, 2, one.formula.format(sheet.at(row, 1), above=sheet.at(row - 1, 1)), one.counts, "whole")
            sheet.text(row, 3, one.note, "note")
            self.book.name(one.name, sheet.at(row, 2))
            row += 1
        sheet.text(row, 0, "Those not mapped, or whose route is open")
        sheet.choose(row, 1, plan.others, WAYS)
        sheet.text(row, 3, f"One of {', '.join(WAYS)}. The sheet Others works each of them out.", "note")
        self.book.name("Way", sheet.at(row, 1))

        row += 2
        sheet.heads(row, ["Band", "Rate (£)", "Rate (pence)", "Rate paid (pence)",
                          *(["Rate of the year after (pence)"] if self.after else [])])  # fmt: skip
        self.bands = (row + 1, row + len(plan.bands))
        for band in sorted(plan.bands, key=lambda one: one.id):
            row += 1
            own = sheet.at(row, 2)
            sheet.text(row, 0, band.id)
            sheet.give(row, 1, pence_in_pounds(band.rate), "pounds")
            sheet.sum(row, 2, f"ROUND({sheet.at(row, 1)}*100,0)", band.rate, "whole")
            scaled = f"INT(({own}*Scale_high+INT({own}*Scale_low/1000000))/1000000)"
            sheet.sum(row, 3, f"INT({scaled}/Step)*Step", self.cost.rates[band.id], "whole")
            if self.after:
                risen = f"INT({sheet.at(row, 3)}*(1000000+Uplift)/1000000)"
                sheet.sum(row, 4, risen, self.after.rates[band.id], "whole")

        row += 2
        sheet.heads(row, ["Level, from the least need", "Its band"])
        self.first_level = row + 1
        for level in self.levels:
            row += 1
            sheet.text(row, 0, level)
            sheet.choose(row, 1, plan.band_of[level].id, sheet.over(*self.bands, 0))

        if self.parts:
            row += 2
            sheet.heads(row, ["Part of the year", "So many", "of so many parts"])
            self.first_part = row + 1
            for part in self.parts:
                row += 1
                sheet.text(row, 0, str(part))
                sheet.give(row, 1, part.numerator, "whole")
                sheet.give(row, 2, part.denominator, "whole")
            last, row = row, row + 1
            sheet.text(row, 0, "Parts of a year that all of them are made of")
            sheet.sum(row, 2, f"LCM({sheet.over(self.first_part, last, 2)})", self.follows.parts, "whole")
            self.book.name("Parts", sheet.at(row, 2))

        row += 2
        sheet.heads(row, ["Setting", "Factor on every rate", "Factor (millionths)", "Each is paid the school's average",
                          "Guarantee: the change that may not be undercut; empty: none",
                          "Core funding of a place (£), if the guarantee is on both together"])  # fmt: skip
        self.setting_rows = (row + 1, row + len(self.settings))
        for setting in self.settings:
            row += 1
            factor = plan.factors.get(setting, Fraction(1))
            sheet.text(row, 0, setting)
            sheet.give(row, 1, factor, "share")
            sheet.sum(row, 2, f"ROUND({sheet.at(row, 1)}*1000000,0)", millionths(factor), "whole")
            sheet.choose(row, 3, "yes" if setting in plan.average_in else "no", ("yes", "no"))
            sheet.give(row, 4, plan.guarantee.get(setting), "share")
            sheet.give(row, 5, pence_in_pounds(plan.core.get(setting)), "pounds")

    def _schools(self) -> None:
        sheet, own = self.given, tariff_of(self.answer.policy).own_rates
        theirs = self.seats if self.follows.elsewhere else []
        sheet.heads(4, ["School", "Setting", "Own factor", "Rate of today (£)", "or paid today in all (£)",
                        "Paid beside, today (£)", "To be paid beside (£)",
                        *(f"Pupils with a rate of today: {_said(one)}" for one in self.seats),
                        *(f"Pupils without one: {_said(one)}" for one in self.seats),
                        *(f"Of those with one, another authority pays for: {_said(one)}" for one in theirs),
                        *self.headings_of.values()])  # fmt: skip
        sheet.table(TOP)
        if self.parts:
            sheet.text(TOP - 2, 0, "Parts of a year for which each of the pupils below is there")
            for column, seat in enumerate(self.seats, self.within[0]):
                parts = "Parts" if seat.part == 1 else f"Parts*{self._part(seat, 1)}/{self._part(seat, 2)}"
                sheet.sum(TOP - 2, column, parts, int(seat.part * self.follows.parts), "whole")
        of = {(where.school, where.setting): school for where, school in self.answer.cohort.schools.rows.items()}
        for row, (one, kept) in enumerate(zip(self.units, self.kept, strict=True), TOP):
            unit = one.unit
            rates = set(of[unit.school, unit.setting].rates.values())
            whole = all(seat.part == 1 for seat in unit.within)
            single = rates.pop() if len(rates) == 1 and unit.setting not in own and whole else None
            sheet.text(row, 0, unit.school)
            sheet.text(row, 1, unit.setting)
            total = unit.present if single is None and unit.within else None
            money = [single, total, unit.other or None, unit.lump or None]
            cells: list[tuple[CellValue, Kind]] = [
                (unit.factor, "share"),
                *((pence_in_pounds(one), "pounds") for one in money),
            ]
            counts = [of_them.get(seat, 0) for of_them in (unit.within, unit.outside) for seat in self.seats]
            counts += [unit.elsewhere.get(seat, 0) for seat in theirs]
            for column, (value, kind) in enumerate([*cells, *((one, "whole") for one in counts)], 2):
                sheet.give(row, column, value, kind, alone=False)
            given: dict[str, tuple[CellValue, Kind]] = {
                "theirs": (pence_in_pounds(unit.elsewhere_present) if total is not None else None, "pounds"),
                "places": (unit.places, "whole"),
                "alone": ("yes" if unit.alone else None, "text"),
            }
            for at, band in enumerate(self.follows.own):
                pupils, paid = kept.get(band, (0, 0))
                given |= {f"kept_pupils_{at}": (pupils, "whole"), f"kept_{at}": (pence_in_pounds(paid), "pounds")}
            for name, column in self.further.items():
                sheet.give(row, column, *given[name])
        end = self.theirs[1] if theirs else self.outside[1]
        for left, right, kind in ((2, 2, "share"), (3, 6, "pounds"), (7, end, "whole")):
            sheet.allow(TOP, left, self.last, right, kind)

    # What follows.

    def _rates(self) -> None:
        sheet = self.rates
        self._rates_heads(sheet, "Rate paid", "Pupils counted", "They cost before limits")
        for place, seat in enumerate(self.seats):
            row, band = TOP + place, self.plan.band_of[seat.level].id
            self._rate(sheet, row, seat, 3, self.cost.rates[band], 5)
            counts = [self._counts(place, of) for of in (self.within, self.outside)]
            theirs = self._counts(place, self.theirs) if self.follows.elsewhere else ""
            pupils = "+".join(f"SUM({one})" for one in counts) + (f"-SUM({theirs})" if theirs else "")
            sheet.sum(row, 3, pupils, self._pupils_at(seat), "whole")
            each = self._step(f"rate_{place}")
            costs = sum(steps.rated(one).get(seat, 0) * self.cost.pay(seat, one.unit) for one in self.units)
            whole = "+".join(f"SUMPRODUCT({each},{one})" for one in counts)
            sheet.sum(row, 4, f"{whole}-SUMPRODUCT({each},{theirs})" if theirs else whole, costs, "whole")

    def _counts(self, place: int, of: tuple[int, int]) -> str:
        """Return the address of the counts of all schools at a level, of those with a rate of today or of others."""
        return self.given.over(TOP, self.last, of[0] + place)

    def _rates_heads(self, sheet: FormulaSheet, *headings: str) -> None:
        dropped = [f"{one}: millionths of a penny dropped" for one in self.settings]
        sheet.heads(4, ["Level", "Band", *headings, *self.settings, *dropped])
        sheet.table(TOP, 1)

    def _rate(self, sheet: FormulaSheet, row: int, seat: Seat, column: int, rate: int, first: int) -> None:
        """Write a level, its band and its rate, and from column `first` on what it is in each setting.

        The rate is that of a `column` of the bands of the plan.
        """
        size, at = len(self.settings), self.first_level + self.levels.index(seat.level)
        for place, word in enumerate((seat.level, self.plan.band_of[seat.level].id)):
            sheet.sum(row, place, self.of_plan.at(at, place), word, "text")
        bands, rates = (self.of_plan.over(*self.bands, one) for one in (0, column))
        sheet.sum(row, 2, f"INDEX({rates},MATCH({sheet.at(row, 1)},{bands},0))", rate, "whole")
        for number, setting in enumerate(self.settings):
            product = f"{sheet.at(row, 2)}*{self.of_plan.at(self.setting_rows[0] + number, 2)}"
            whole, rest = divmod(rate * millionths(self.plan.factors.get(setting, Fraction(1))), MILLION)
            sheet.sum(row, first + number, f"INT({product}/1000000)", whole, "whole")
            left = f"{product}-1000000*{sheet.at(row, first + number)}"
            sheet.sum(row, first + size + number, left, rest, "whole")

    def _pupils_at(self, seat: Seat) -> int:
        return sum(steps.rated(one).get(seat, 0) for one in self.units)

    def _part(self, seat: Seat, column: int) -> str:
        """Return the address of how many parts of a year there are in a part, column 1, or of how many these are."""
        return self.of_plan.at(self.first_part + self.parts.index(seat.part), column)

    def _steps(self) -> None:
        sheet, size = self.steps, len(self.settings)
        sheet.heads(4, [one.says for one in self.columns])
        sheet.table(TOP)
        first = self.place_of["rate_0"] if self.levels else 0
        rows = {one.name: TOP + place for place, one in enumerate(self.rates_of)}
        for row, held in enumerate(self.sums, TOP):
            cells = {one.name: xl_rowcol_to_cell(row, place) for place, one in enumerate(self.columns)}
            cells |= self._places(row)
            cells["lengths"] = self.given.over(TOP - 2, TOP - 2, *self.within)
            cells["rates"] = sheet.over(row, row, first, first + len(self.seats) - 1)
            for place, one in enumerate(self.columns):
                if one.name in rows:
                    at = rows[one.name]
                    cells |= {"whole": self.rates.over(at, at, 5, 4 + size),
                              "dropped": self.rates.over(at, at, 5 + size, 4 + 2 * size)}  # fmt: skip
                kind: Kind = "text" if one.name in steps.WORDS else "whole"
                formula = one.formula.format_map(cells)
                of_rate = self.seats[rows[one.name] - TOP] if one.name in rows else None
                if of_rate and of_rate.part != 1:
                    formula = f"INT({formula}*{self._part(of_rate, 1)}/{self._part(of_rate, 2)})"
                sheet.sum(row, place, formula, held[one.name], kind)

    def _places(self, row: int) -> dict[str, str]:
        """Return the addresses of what the sheets Plan and Schools give for a row of steps."""
        found = {"settings": self._setting(0), "averages": self._setting(3), "guarantees": self._setting(4),
                 "cores": self._setting(5)}  # fmt: skip
        given = {**{name: column for column, name in enumerate(GIVEN)}, **self.further}
        found |= {f"given_{name}": self.given.at(row, column) for name, column in given.items()}
        counts = {"within": self.within, "outside": self.outside, "theirs": self.theirs}
        return found | {name: self.given.over(row, row, *columns) for name, columns in counts.items()}

    def _year_after(self, found: PlanCost) -> None:
        """Write the rates of the year after, and the steps of each school there. All pupils are there for all of it."""
        rates, sheet, size = self.rates_after, self.steps_after, len(self.settings)
        self._rates_heads(rates, "Rate of the year after")
        for place, seat in enumerate(self.seats):
            self._rate(rates, TOP + place, seat, 4, found.rates[self.plan.band_of[seat.level].id], 3)
        of_rates = steps.RATE.replace("{place}", "{of_place}").replace("{factor}", "{of_factor}")
        columns = [FormulaStep("school", "School", "{of_school}"), FormulaStep("setting", "Setting", "{of_setting}"),
                   *(one._replace(formula=of_rates) for one in self.rates_of),
                   *steps.year_after(self.follows)]  # fmt: skip
        self.place_after = {one.name: place for place, one in enumerate(columns)}
        sheet.heads(4, [one.says for one in columns])
        sheet.table(TOP)
        for row, pay in enumerate(self.units_after, TOP):
            held = steps.values_after(pay, found, self.seats)
            cells = {one.name: xl_rowcol_to_cell(row, place) for place, one in enumerate(columns)}
            cells |= {f"of_{name}": self.steps.at(row, place) for name, place in self.place_of.items()}
            cells |= self._places(row) | {"rates": sheet.over(row, row, 2, 1 + len(self.seats))}
            for place, one in enumerate(columns):
                at = TOP + place - 2
                cells |= {
                    "whole": rates.over(at, at, 3, 2 + size),
                    "dropped": rates.over(at, at, 3 + size, 2 + 2 * size),
                }
                kind: Kind = "text" if one.name in steps.WORDS else "whole"
                sheet.sum(row, place, one.formula.format_map(cells), held[one.name], kind)

    def _others(self) -> None:
        sheet, others = self.others, self.answer.cohort.others
        number = "How many there are" if self.other_parts is None else "Parts of a year that they are there in all"
        sheet.heads(4, ["Setting", number, "Factor (millionths)", "These × factor", "Counted pupils there",
                        "These × factor"])  # fmt: skip
        factors = [millionths(self.plan.factors.get(one, Fraction(1))) for one in self.settings]
        # One whose setting the plan gives no factor for is costed like one whose setting is not known.
        here = [self.others_by.get(one, 0) if one in self.plan.factors else 0 for one in self.settings]
        counted = [
            sum(sum(steps.rated(pay).values()) for pay in self.units if pay.unit.setting == one)
            for one in self.settings
        ]
        for place, setting in enumerate(self.settings):
            row, of = TOP + place, self.setting_rows[0] + place
            number, factor, pupils = (sheet.at(row, column) for column in (1, 2, 4))
            sheet.sum(row, 0, self.of_plan.at(of, 0), setting, "text")
            sheet.give(row, 1, here[place], "whole")
            sheet.sum(row, 2, self.of_plan.at(of, 2), factors[place], "whole")
            sheet.sum(row, 3, f"{number}*{factor}", here[place] * factors[place], "whole")
            there = f"{self._step('setting')},{sheet.at(row, 0)}"
            counts = [f"SUMIFS({self._step(name)},{there})" for name in ("with_rate", "without")]
            less = f"-SUMIFS({self._step('elsewhere')},{there})" if self.follows.elsewhere else ""
            sheet.sum(row, 4, f"{'+'.join(counts)}{less}", counted[place], "whole")
            sheet.sum(row, 5, f"{pupils}*{factor}", counted[place] * factors[place], "whole")
        row = TOP + len(self.settings)
        sheet.text(row, 0, "not known, or without a factor")
        unknown = sum(self.others_by.values()) - sum(here)
        sheet.give(row, 1, unknown, "whole")
        sheet.text(row + 1, 0, "Paid for them today, as far as it is known (£)")
        sheet.give(row + 1, 1, pence_in_pounds(others.present), "pounds")
        cells = {
            "U": sheet.at(row, 1), "today": sheet.at(row + 1, 1),
            "factors": sheet.over(TOP, TOP + max(self.known, 1) - 1, 2), "pupils": self._level(3),
            "rates": self._level(2), "lowest": self.rates.at(TOP, 2),
            "highest": self.rates.at(TOP + len(self.seats) - 1, 2),
            **{name: f"SUM({sheet.over(TOP, row - 1, column)})"
               for name, column in (("A", 3), ("counted", 4), ("counted_factors", 5))},
        }  # fmt: skip
        of_them = steps.NotMapped(
            sum(one * factor for one, factor in zip(here, factors, strict=True)),
            unknown,
            sum(counted),
            sum(one * factor for one, factor in zip(counted, factors, strict=True)),
            sum(self._pupils_at(seat) * self.cost.rates[self.plan.band_of[seat.level].id] for seat in self.seats),
            self.other_parts,
        )
        if self.other_parts is not None:
            row += 1
            sheet.text(row + 1, 0, "A year has so many of these parts")
            sheet.give(row + 1, 1, self.other_parts, "whole")
            self.book.name("Other_parts", sheet.at(row + 1, 1))
        row += 3
        for one in self._other_figures(of_them, factors[: self.known]):
            sheet.text(row, 0, one.says)
            sheet.sum(row, 1, one.formula.format_map(cells), one.value, "whole", one.name.startswith("cost"))
            cells[one.name] = sheet.at(row, 1)
            row += 1
        self.book.name("Others_cost", cells["cost"])

    def _other_figures(self, of: steps.NotMapped, factors: list[int]) -> Iterator[steps.FormulaFigure]:
        units, others = [one.unit for one in self.cost.units], self.answer.cohort.others
        costs = {way: others_cost(self.plan, self.cost.rates, units, others, way) for way in WAYS}
        yield steps.FormulaFigure(
            "cost_as_today", "as_today: what is paid for them today", "ROUND({today}*100,0)", costs["as_today"]
        )
        yield from steps.by_an_end("lowest", "MIN", of, min(factors), costs["lowest"])
        yield from steps.by_an_end("highest", "MAX", of, max(factors), costs["highest"])
        yield from steps.like_mapped(of, costs["like_mapped"])
        chosen = 'IF(Way="as_today",{cost_as_today},IF(Way="lowest",{cost_lowest},IF(Way="highest",{cost_highest},'
        chosen += 'IF(Way="like_mapped",{cost_like_mapped},0))))'
        yield steps.FormulaFigure(
            "cost", "What they cost, as the plan says; set_aside: nothing", chosen, self.cost.others
        )

    # The result.

    def _result(self) -> None:
        cost, sheet, row = self.cost, self.result, 4
        paid, before, after = (f"SUM({self._step(name)})" for name in ("today", "before", "after"))
        further = f"+SUM({self._step('further')})" if self.follows.places else ""
        rows = [
            ("Paid today for the counted pupils", f"{paid}/100", cost.present),
            ("By the bands' rates", f"{before}/100", cost.before_limits),
            ("After limits", f"{after}/100", cost.after_limits),
            ("Kept for the others", "Others_cost/100", cost.others),
            ("What the plan costs", f"({after}{further}+Others_cost)/100", cost.whole),
            ("The envelope", "Envelope/100", self.plan.envelope),
            ("Headroom", f"(Envelope-({after}{further})-Others_cost)/100", cost.headroom),
        ]
        if further:
            rows.insert(3, ("For places beyond these pupils", f"SUM({self._step('further')})/100", cost.further))
        if self.answer.first_year is not None:
            said = "The counted pupils in the first financial year"
            formula = f"SUMPRODUCT(ROUND({self._school(FIRST_YEAR)}*100,0))/100"
            rows.append((said, formula, self.answer.first_year))
        if self.after:
            column = self.steps_after.over(TOP, self.last, self.place_after["after"])
            rows.append(("The counted pupils in the year after", f"SUM({column})/100", self.after.after_limits))
        sheet.heads(row, ["Of the whole plan", "£ a year"])
        for says, formula, amount in rows:
            row += 1
            sheet.text(row, 0, says)
            sheet.sum(row, 1, formula, pence_in_pounds(amount), "pounds", says in ("What the plan costs", "Headroom"))
        bands = self._result_bands(row + 2)
        settings = self._result_settings(bands[1] + 2)
        self._checks(settings[1] + 2, bands, settings)

    def _result_bands(self, row: int) -> tuple[int, int]:
        """Write the table of bands below its headings, and return its first and last row."""
        sheet, first = self.result, row + 1
        sheet.heads(row, ["Band", "Pupils", "Rate paid (£)", "Cost before limits (£)"])
        rated = [(name, pupils, rate, whole) for name, pupils, rate, whole in self.answer.bands if rate is not None]
        for place, (name, pupils, rate, whole) in enumerate(rated):
            row, of = first + place, self.bands[0] + place
            here = f"{self._level(1)},{sheet.at(row, 0)}"
            sheet.sum(row, 0, self.of_plan.at(of, 0), name, "text")
            sheet.sum(row, 1, f"SUMIFS({self._level(3)},{here})", pupils, "whole")
            sheet.sum(row, 2, f"{self.of_plan.at(of, 3)}/100", pence_in_pounds(rate), "pounds")
            sheet.sum(row, 3, f"SUMIFS({self._level(4)},{here})/100", pence_in_pounds(whole), "pounds")
        row = first + len(rated) - 1
        figures = {name: (pupils, whole) for name, pupils, rate, whole in self.answer.bands if rate is None}
        for at, name in enumerate(self.follows.own):
            row += 1
            pupils, whole = figures.get(name, (0, 0))
            number, paid = (
                self.given.over(TOP, self.last, self.further[f"{one}_{at}"]) for one in ("kept_pupils", "kept")
            )
            sheet.text(row, 0, f"{name}, paid as today")
            sheet.sum(row, 1, f"SUM({number})", pupils, "whole")
            sheet.sum(row, 3, f"SUMPRODUCT(ROUND({paid}*100,0))/100", pence_in_pounds(whole), "pounds")
        return first, row

    def _result_settings(self, row: int) -> tuple[int, int]:
        """Write the table of settings below its headings, and return its first and last row."""
        sheet, first = self.result, row + 1
        money: tuple[tuple[str, str, Callable[[UnitPay], int]], ...] = (
            ("today", "Paid today (£)", lambda one: one.unit.today),
            ("before", "By the bands (£)", lambda one: one.new),
            ("after", "Paid (£)", lambda one: one.limited),
            ("change", "Change (£)", lambda one: one.limited - one.unit.today),
        )
        held = ("gain", "loss", "guarantee")
        sheet.heads(row, ["Setting", "Pupils", *(heading for _, heading, _ in money), "Schools that gain",
                          "Schools that lose", *(f"Held by {one}" for one in held)])  # fmt: skip
        for place, setting in enumerate(self.settings):
            row = first + place
            units = [one for one in self.units if one.unit.setting == setting]
            schools = [one for one in self.schools_paid if one.setting == setting]
            by_school = f"{self._school(1)},{sheet.at(row, 0)}"
            here = f"{self._step('setting')},{sheet.at(row, 0)}"
            sheet.sum(row, 0, self.of_plan.at(self.setting_rows[0] + place, 0), setting, "text")
            sheet.sum(row, 1, f"SUMIFS({self._step('pupils')},{here})", sum(one.unit.pupils for one in units), "whole")
            for column, (name, _, of) in enumerate(money, 2):
                whole = sum(of(one) for one in units)
                sheet.sum(row, column, f"SUMIFS({self._step(name)},{here})/100", pence_in_pounds(whole), "pounds")
            gain = sum(one.change > 0 for one in schools), sum(one.change < 0 for one in schools)
            for column, (test, number) in enumerate(zip((">0", "<0"), gain, strict=True), 6):
                sheet.sum(row, column, f'COUNTIFS({by_school},{self._school(6)},"{test}")', number, "whole")
            for column, by in enumerate(held, 8):
                number = sum(one.held_by == by for one in schools)
                sheet.sum(row, column, f'COUNTIFS({by_school},{self._school(8)},"{by}")', number, "whole")
        return first, row

    def _checks(self, row: int, bands: tuple[int, int], settings: tuple[int, int]) -> None:
        sheet, rates = self.result, [self.rates.at(TOP + place, 2) for place in range(len(self.seats))]
        counts = self.given.over(TOP, self.last, self.within[0], self.outside[1])
        kept = f"+SUM({self._step('kept')})" if self.follows.own else ""
        kept_pupils = f"+SUM({self._step('kept_pupils')})" if self.follows.own else ""
        if self.follows.elsewhere:
            kept += f"-SUM({self._step('theirs_new')})"
            kept_pupils += f"-SUM({self.given.over(TOP, self.last, *self.theirs)})"
        rises = ",".join([f"{rates[0]}>=0", *(f"{one}<={other}" for one, other in pairwise(rates))])
        sheet.heads(row, ["What must hold", ""])
        for says, test in (
            ("What the settings are paid adds up to the whole",
             f"ROUND(SUM({sheet.over(*settings, 4)})*100,0)=SUM({self._step('after')})"),
            ("What is within and outside the limits adds up to the whole",
             f"SUM({self._step('new')})+SUM({self._step('free')}){kept}=SUM({self._step('before')})"),
            ("The pupils of the bands are those of the schools",
             f"SUM({sheet.over(*bands, 1)})=SUM({counts}){kept_pupils}"),
            ("No rate falls as levels rise", f"AND({rises})"),
            ("Each count of pupils is a whole number", f"SUMPRODUCT(ABS({counts}-INT({counts})))=0"),
        ):  # fmt: skip
            row += 1
            sheet.text(row, 0, says)
            sheet.sum(row, 1, f'IF({test},"yes","NO: look here")', "yes", "text")

    def _school(self, column: int) -> str:
        """Return the address of a column of the sheet by school."""
        return self.schools.over(TOP, TOP + max(len(self.schools_paid), 1) - 1, column)

    def _by_school(self) -> None:
        sheet = self.schools
        shown: tuple[tuple[str, str, Kind, Callable[[SchoolPay], int]], ...] = (
            ("pupils", "Pupils", "whole", lambda one: one.pupils),
            ("today", "Paid today", "pounds", lambda one: one.paid),
            ("before", "By the bands", "pounds", lambda one: one.new),
            ("after", "Paid", "pounds", lambda one: one.limited),
            ("change", "Change", "pounds", lambda one: one.change),
        )  # fmt: skip
        headings = ["School", "Setting", *(heading for _, heading, _, _ in shown), "Change in per cent", "Held by"]
        if self.part is not None:
            headings += ["Change in whole parts of the first financial year (pence)", "In the first financial year"]
        next_of = {(one.school, one.setting): one.limited for one in self.after.schools} if self.after else {}
        headings += ["In the year after"] if next_of else []
        sheet.heads(4, headings)
        sheet.table(TOP)
        first = {(one.unit.school, one.unit.setting): row for row, one in reversed([*enumerate(self.units, TOP)])}
        for row, one in enumerate(self.schools_paid, TOP):
            at = first[one.school, one.setting]
            for column, (name, word) in enumerate((("school", one.school), ("setting", one.setting))):
                sheet.sum(row, column, self.steps.at(at, self.place_of[name]), word, "text")
            here = f"{self._step('school')},{sheet.at(row, 0)},{self._step('setting')},{sheet.at(row, 1)}"
            for column, (name, _, kind, of) in enumerate(shown, 2):
                found = of(one)
                formula = f"SUMIFS({self._step(name)},{here})"
                whole = kind == "whole"
                sheet.sum(row, column, formula if whole else f"{formula}/100",
                          found if whole else pence_in_pounds(found), kind)  # fmt: skip
            paid, change = sheet.at(row, 3), sheet.at(row, 6)
            sheet.sum(row, 7, f'IF({paid}=0,"",{change}/MAX({paid},0.01))', one.change_part, "percent")
            sheet.sum(row, 8, self._held(here), one.held_by, "text")
            if self.part is not None:
                in_pence = (f"ROUND({cell}*100,0)" for cell in (change, paid))
                parts, cost = steps.first_year(*in_pence)
                sheet.sum(row, FIRST_YEAR - 1, parts, one.change // self.part.denominator, "whole")
                found = ceil((1 - self.part) * one.paid + self.part * one.limited)
                cost = cost.format(whole=sheet.at(row, FIRST_YEAR - 1))
                sheet.sum(row, FIRST_YEAR, f"({cost})/100", pence_in_pounds(found), "pounds")
            if next_of:
                after, schools, settings = (
                    self.steps_after.over(TOP, self.last, self.place_after[name])
                    for name in ("after", "school", "setting")
                )
                formula = f"SUMIFS({after},{schools},{sheet.at(row, 0)},{settings},{sheet.at(row, 1)})/100"
                paid_after = pence_in_pounds(next_of[one.school, one.setting])
                sheet.sum(row, len(headings) - 1, formula, paid_after, "pounds")

    def _held(self, here: str) -> str:
        """Return the formula of the limit that moves the most money of a school, of equals the one first named."""
        moved = {by: f'SUMIFS({self._step("moved")},{here},{self._step("held_by")},"{by}")' for by in steps.LIMITS}
        most = f"MAX({','.join(moved.values())})"
        formula = f'"{steps.LIMITS[-1]}"'
        for by in reversed(steps.LIMITS[:-1]):
            formula = f'IF({moved[by]}={most},"{by}",{formula})'
        return f'IF({most}=0,"none",{formula})'


def _said(seat: Seat) -> str:
    """Return a level, and for what part of the year where it is not the whole."""
    return seat.level if seat.part == 1 else f"{seat.level}, {seat.part} of the year"
