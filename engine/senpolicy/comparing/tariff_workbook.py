"""A plan of bands and rates as an Excel workbook: from counts of pupils to what each school is paid, all as formulas.

The values beside the formulas are the engine's. No formula finds the figure that fits an envelope, so what was solved
for is in a cell to fill in, marked as found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from senpolicy.caseloads.tariff_cohort import tariff_of
from senpolicy.caseloads.tariff_sums import Others, Seat, UnitPay, others_cost
from senpolicy.caseloads.workbook import (
    EXACT,
    MILLION,
    CellValue,
    FormulaBook,
    FormulaStep,
    Kind,
    millionths,
    pence_in_pounds,
)
from senpolicy.comparing import tariff_steps as steps
from senpolicy.comparing.tariffs import PlanAnswer
from senpolicy.files.problems import WrongUse, listed
from senpolicy.readings.say import say_date

#: Decimals of a scale that was solved for. With so many it gives the rates that the exact fraction gives.
DECIMALS = range(4, 13)
WAYS: tuple[Others, ...] = ("set_aside", "as_today", "like_mapped", "lowest", "highest")
#: The row of the first school, below the head of a sheet and the headings of its table.
TOP = 5
GIVEN = ("school", "setting", "factor", "rate", "total", "other", "lump")
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
        self.units = sorted(self.cost.units, key=lambda one: (one.unit.school, one.unit.setting))
        self.schools_paid = sorted(self.cost.schools, key=lambda one: (one.school, one.setting))
        self.last = TOP + max(len(self.units), 1) - 1
        self._fits()
        self._holds()
        self.sums = [
            steps.values(one, self.cost, self.settings.index(one.unit.setting) + 1, self.part) for one in self.units
        ]
        self.rates_of = [
            FormulaStep(f"rate_{place}", f"Rate: {level}", steps.RATE) for place, level in enumerate(self.levels)
        ]
        self.columns = [*steps.FIRST, *self.rates_of, *steps.THEN, *(steps.FIRST_YEAR if self.part is not None else ())]
        self.place_of = {one.name: place for place, one in enumerate(self.columns)}
        size = len(self.levels)
        self.within, self.outside = (7, 6 + size), (7 + size, 6 + 2 * size)
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
        self.result = add("Result", "What follows from the plan", "Pounds a year.", (46, 18))
        self.schools = add("By school", "What each school is paid", "Pounds a year.", (28, 14, 10, 17))

    def _fits(self) -> None:
        """Raise `WrongUse` where a formula would have to multiply beyond what a spreadsheet's numbers hold."""
        rates = [*self.cost.rates.values(), *(band.rate for band in self.plan.bands), 0]
        factors = max([*self.plan.factors.values(), Fraction(1)])
        own = max([one.unit.factor for one in self.units] + [Fraction(1)])
        limits = (self.plan.gain, self.cost.gain_ceiling, *self.plan.guarantee.values())
        large = max(rates) * factors * own * MILLION >= EXACT
        if large or any(one >= 99 for one in limits if one is not None) or (self.cost.scale or 0) >= 100:
            raise WrongUse(
                "A workbook would not be exact here: it holds rates with their factors below £1,000,000, limits below "
                "9,900% and scales below 100. Write the CSV or JSON file instead."
            )

    def _holds(self) -> None:
        """Raise `WrongUse` where the plan or its cohort has fields that no sheet follows."""
        units, plan = [one.unit for one in self.cost.units], self.plan
        part_year = any(seat.part != 1 for one in units for seat in (*one.within, *one.outside, *one.kept))
        found = [
            what
            for what, there in (
                ("parts of a year", part_year or self.answer.cohort.others.years is not None),
                ("pupils for whom another authority pays", self.answer.paid_elsewhere),
                ("places beyond the counted pupils", self.answer.has_places),
                ("bands that pay as today", plan.own),
                ("limits that are pupil by pupil", plan.protect),
                ("the year after", plan.after),
            )
            if there
        ]
        if found:
            raise WrongUse(f"A workbook does not follow {listed(found)}. Write the CSV, JSON or HTML file instead.")

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
        return self.rates.over(TOP, TOP + len(self.levels) - 1, column)

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
        sheet.heads(row, ["Band", "Rate (£)", "Rate (pence)", "Rate paid (pence)"])
        self.bands = (row + 1, row + len(plan.bands))
        for band in sorted(plan.bands, key=lambda one: one.id):
            row += 1
            own = sheet.at(row, 2)
            sheet.text(row, 0, band.id)
            sheet.give(row, 1, pence_in_pounds(band.rate), "pounds")
            sheet.sum(row, 2, f"ROUND({sheet.at(row, 1)}*100,0)", band.rate, "whole")
            scaled = f"INT(({own}*Scale_high+INT({own}*Scale_low/1000000))/1000000)"
            sheet.sum(row, 3, f"INT({scaled}/Step)*Step", self.cost.rates[band.id], "whole")

        row += 2
        sheet.heads(row, ["Level, from the least need", "Its band"])
        self.first_level = row + 1
        for level in self.levels:
            row += 1
            sheet.text(row, 0, level)
            sheet.choose(row, 1, plan.band_of[level].id, sheet.over(*self.bands, 0))

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
        sheet.heads(4, ["School", "Setting", "Own factor", "Rate of today (£)", "or paid today in all (£)",
                        "Paid beside, today (£)", "To be paid beside (£)",
                        *(f"Pupils with a rate of today: {one}" for one in self.levels),
                        *(f"Pupils without one: {one}" for one in self.levels)])  # fmt: skip
        sheet.table(TOP)
        of = {(where.school, where.setting): school for where, school in self.answer.cohort.schools.rows.items()}
        for row, one in enumerate(self.units, TOP):
            unit = one.unit
            rates = set(of[unit.school, unit.setting].rates.values())
            single = rates.pop() if len(rates) == 1 and unit.setting not in own else None
            sheet.text(row, 0, unit.school)
            sheet.text(row, 1, unit.setting)
            total = unit.present if single is None and unit.within else None
            money = [single, total, unit.other or None, unit.lump or None]
            cells: list[tuple[CellValue, Kind]] = [
                (unit.factor, "share"),
                *((pence_in_pounds(one), "pounds") for one in money),
            ]
            counts = [of_them.get(Seat(level), 0) for of_them in (unit.within, unit.outside) for level in self.levels]
            for column, (value, kind) in enumerate([*cells, *((one, "whole") for one in counts)], 2):
                sheet.give(row, column, value, kind, alone=False)
        for left, right, kind in ((2, 2, "share"), (3, 6, "pounds"), (7, self.outside[1], "whole")):
            sheet.allow(TOP, left, self.last, right, kind)

    # What follows.

    def _rates(self) -> None:
        sheet, size = self.rates, len(self.settings)
        dropped = [f"{one}: millionths of a penny dropped" for one in self.settings]
        sheet.heads(
            4, ["Level", "Band", "Rate paid", "Pupils counted", "They cost before limits", *self.settings, *dropped]
        )
        sheet.table(TOP, 1)
        bands, paid = (self.of_plan.over(*self.bands, column) for column in (0, 3))
        for place, level in enumerate(self.levels):
            row, band = TOP + place, self.plan.band_of[level].id
            for column, word in enumerate((level, band)):
                sheet.sum(row, column, self.of_plan.at(self.first_level + place, column), word, "text")
            rate = self.cost.rates[band]
            sheet.sum(row, 2, f"INDEX({paid},MATCH({sheet.at(row, 1)},{bands},0))", rate, "whole")
            counts = [self.given.over(TOP, self.last, of[0] + place) for of in (self.within, self.outside)]
            sheet.sum(row, 3, "+".join(f"SUM({one})" for one in counts), self._pupils_at(level), "whole")
            each = self._step(f"rate_{place}")
            costs = sum(steps.levels_of(one).get(level, 0) * self.cost.pay(Seat(level), one.unit) for one in self.units)
            sheet.sum(row, 4, "+".join(f"SUMPRODUCT({each},{one})" for one in counts), costs, "whole")
            for number, setting in enumerate(self.settings):
                product = f"{sheet.at(row, 2)}*{self.of_plan.at(self.setting_rows[0] + number, 2)}"
                whole, rest = divmod(rate * millionths(self.plan.factors.get(setting, Fraction(1))), MILLION)
                sheet.sum(row, 5 + number, f"INT({product}/1000000)", whole, "whole")
                sheet.sum(row, 5 + size + number, f"{product}-1000000*{sheet.at(row, 5 + number)}", rest, "whole")

    def _pupils_at(self, level: str) -> int:
        return sum(steps.levels_of(one).get(level, 0) for one in self.units)

    def _steps(self) -> None:
        sheet, size = self.steps, len(self.settings)
        sheet.heads(4, [one.says for one in self.columns])
        sheet.table(TOP)
        first = self.place_of["rate_0"] if self.levels else 0
        tables = {"settings": self._setting(0), "averages": self._setting(3), "guarantees": self._setting(4),
                  "cores": self._setting(5)}  # fmt: skip
        rows = {one.name: TOP + place for place, one in enumerate(self.rates_of)}
        for row, held in enumerate(self.sums, TOP):
            cells = {one.name: xl_rowcol_to_cell(row, place) for place, one in enumerate(self.columns)} | tables
            cells |= {f"given_{name}": self.given.at(row, column) for column, name in enumerate(GIVEN)}
            cells |= {
                "within": self.given.over(row, row, *self.within),
                "outside": self.given.over(row, row, *self.outside),
            }
            cells["rates"] = sheet.over(row, row, first, first + len(self.levels) - 1)
            for place, one in enumerate(self.columns):
                if one.name in rows:
                    at = rows[one.name]
                    cells |= {"whole": self.rates.over(at, at, 5, 4 + size),
                              "dropped": self.rates.over(at, at, 5 + size, 4 + 2 * size)}  # fmt: skip
                kind: Kind = "text" if one.name in steps.WORDS else "whole"
                sheet.sum(row, place, one.formula.format_map(cells), held[one.name], kind)

    def _others(self) -> None:
        sheet, others = self.others, self.answer.cohort.others
        sheet.heads(4, ["Setting", "How many there are", "Factor (millionths)", "Pupils × factor",
                        "Counted pupils there", "These × factor"])  # fmt: skip
        factors = [millionths(self.plan.factors.get(one, Fraction(1))) for one in self.settings]
        # One whose setting the plan gives no factor for is costed like one whose setting is not known.
        here = [others.pupils.get(one, 0) if one in self.plan.factors else 0 for one in self.settings]
        counted = [sum(pay.unit.pupils for pay in self.units if pay.unit.setting == one) for one in self.settings]
        for place, setting in enumerate(self.settings):
            row, of = TOP + place, self.setting_rows[0] + place
            number, factor, pupils = (sheet.at(row, column) for column in (1, 2, 4))
            sheet.sum(row, 0, self.of_plan.at(of, 0), setting, "text")
            sheet.give(row, 1, here[place], "whole")
            sheet.sum(row, 2, self.of_plan.at(of, 2), factors[place], "whole")
            sheet.sum(row, 3, f"{number}*{factor}", here[place] * factors[place], "whole")
            sheet.sum(row, 4, f"SUMIFS({self._step('pupils')},{self._step('setting')},{sheet.at(row, 0)})",
                      counted[place], "whole")  # fmt: skip
            sheet.sum(row, 5, f"{pupils}*{factor}", counted[place] * factors[place], "whole")
        row = TOP + len(self.settings)
        sheet.text(row, 0, "not known, or without a factor")
        sheet.give(row, 1, others.number - sum(here), "whole")
        sheet.text(row + 1, 0, "Paid for them today, as far as it is known (£)")
        sheet.give(row + 1, 1, pence_in_pounds(others.present), "pounds")
        cells = {
            "U": sheet.at(row, 1), "today": sheet.at(row + 1, 1),
            "factors": sheet.over(TOP, TOP + max(self.known, 1) - 1, 2), "pupils": self._level(3),
            "rates": self._level(2), "lowest": self.rates.at(TOP, 2),
            "highest": self.rates.at(TOP + len(self.levels) - 1, 2),
            **{name: f"SUM({sheet.over(TOP, row - 1, column)})"
               for name, column in (("A", 3), ("counted", 4), ("counted_factors", 5))},
        }  # fmt: skip
        of_them = steps.NotMapped(
            sum(one * factor for one, factor in zip(here, factors, strict=True)),
            others.number - sum(here),
            sum(counted),
            sum(one * factor for one, factor in zip(counted, factors, strict=True)),
            sum(self._pupils_at(level) * self.cost.rates[self.plan.band_of[level].id] for level in self.levels),
        )
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
        paid, before, after = (f"SUM({self._step(name)})" for name in ("paid", "before", "after"))
        rows = [
            ("Paid today for the counted pupils", f"{paid}/100", cost.present),
            ("By the bands' rates", f"{before}/100", cost.before_limits),
            ("After limits", f"{after}/100", cost.after_limits),
            ("Kept for the others", "Others_cost/100", cost.others),
            ("What the plan costs", f"({after}+Others_cost)/100", cost.after_limits + cost.others),
            ("The envelope", "Envelope/100", self.plan.envelope),
            ("Headroom", f"(Envelope-{after}-Others_cost)/100", cost.headroom),
        ]
        if self.answer.first_year is not None:
            said = "The counted pupils in the first financial year"
            rows.append((said, f"SUM({self._step('first_year')})/100", self.answer.first_year))
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
        for place, (name, pupils, rate, whole) in enumerate(self.answer.bands):
            if rate is None:
                continue
            row, of = first + place, self.bands[0] + place
            here = f"{self._level(1)},{sheet.at(row, 0)}"
            sheet.sum(row, 0, self.of_plan.at(of, 0), name, "text")
            sheet.sum(row, 1, f"SUMIFS({self._level(3)},{here})", pupils, "whole")
            sheet.sum(row, 2, f"{self.of_plan.at(of, 3)}/100", pence_in_pounds(rate), "pounds")
            sheet.sum(row, 3, f"SUMIFS({self._level(4)},{here})/100", pence_in_pounds(whole), "pounds")
        return first, row

    def _result_settings(self, row: int) -> tuple[int, int]:
        """Write the table of settings below its headings, and return its first and last row."""
        sheet, first = self.result, row + 1
        money: tuple[tuple[str, str, Callable[[UnitPay], int]], ...] = (
            ("paid", "Paid today (£)", lambda one: one.unit.paid),
            ("before", "By the bands (£)", lambda one: one.new),
            ("after", "Paid (£)", lambda one: one.limited),
            ("change", "Change (£)", lambda one: one.limited - one.unit.paid),
        )
        held = ("gain", "loss", "guarantee")
        sheet.heads(row, ["Setting", "Pupils", *(heading for _, heading, _ in money), "Schools that gain",
                          "Schools that lose", *(f"Held by {one}" for one in held)])  # fmt: skip
        for place, setting in enumerate(self.settings):
            row = first + place
            units = [one for one in self.units if one.unit.setting == setting]
            here = f"{self._step('setting')},{sheet.at(row, 0)}"
            sheet.sum(row, 0, self.of_plan.at(self.setting_rows[0] + place, 0), setting, "text")
            sheet.sum(row, 1, f"SUMIFS({self._step('pupils')},{here})", sum(one.unit.pupils for one in units), "whole")
            for column, (name, _, of) in enumerate(money, 2):
                whole = sum(of(one) for one in units)
                sheet.sum(row, column, f"SUMIFS({self._step(name)},{here})/100", pence_in_pounds(whole), "pounds")
            changes = [one.limited - one.unit.paid for one in units]
            gain = sum(one > 0 for one in changes), sum(one < 0 for one in changes)
            for column, (test, number) in enumerate(zip((">0", "<0"), gain, strict=True), 6):
                sheet.sum(row, column, f'COUNTIFS({here},{self._step("change")},"{test}")', number, "whole")
            for column, by in enumerate(held, 8):
                number = sum(one.held_by == by for one in units)
                sheet.sum(row, column, f'COUNTIFS({here},{self._step("held_by")},"{by}")', number, "whole")
        return first, row

    def _checks(self, row: int, bands: tuple[int, int], settings: tuple[int, int]) -> None:
        sheet, rates = self.result, [self.rates.at(TOP + place, 2) for place in range(len(self.levels))]
        counts = self.given.over(TOP, self.last, self.within[0], self.outside[1])
        rises = ",".join([f"{rates[0]}>=0", *(f"{one}<={other}" for one, other in pairwise(rates))])
        sheet.heads(row, ["What must hold", ""])
        for says, test in (
            ("What the settings are paid adds up to the whole",
             f"ROUND(SUM({sheet.over(*settings, 4)})*100,0)=SUM({self._step('after')})"),
            ("What is within and outside the limits adds up to the whole",
             f"SUM({self._step('new')})+SUM({self._step('free')})=SUM({self._step('before')})"),
            ("The pupils of the bands are those of the schools", f"SUM({sheet.over(*bands, 1)})=SUM({counts})"),
            ("No rate falls as levels rise", f"AND({rises})"),
            ("Each count of pupils is a whole number", f"SUMPRODUCT(ABS({counts}-INT({counts})))=0"),
        ):  # fmt: skip
            row += 1
            sheet.text(row, 0, says)
            sheet.sum(row, 1, f'IF({test},"yes","NO: look here")', "yes", "text")

    def _by_school(self) -> None:
        sheet = self.schools
        shown: tuple[tuple[str, str, Kind], ...] = (
            ("school", "School", "text"), ("setting", "Setting", "text"), ("pupils", "Pupils", "whole"),
            ("paid", "Paid today", "pounds"), ("before", "By the bands", "pounds"), ("after", "Paid", "pounds"),
            ("change", "Change", "pounds"),
        )  # fmt: skip
        sheet.heads(4, [*(heading for _, heading, _ in shown), "Change in per cent", "Held by"])
        sheet.table(TOP)
        for row, (held, one) in enumerate(zip(self.sums, self.schools_paid, strict=True), TOP):
            for column, (name, _, kind) in enumerate(shown):
                cell, value = self.steps.at(row, self.place_of[name]), held[name]
                if kind == "pounds" and isinstance(value, int):
                    cell, value = f"{cell}/100", pence_in_pounds(value)
                sheet.sum(row, column, cell, value, kind)
            paid, change = (self.steps.at(row, self.place_of[name]) for name in ("paid", "change"))
            sheet.sum(row, 7, f'IF({paid}=0,"",{change}/MAX({paid},1))', one.change_part, "percent")
            sheet.sum(row, 8, self.steps.at(row, self.place_of["held_by"]), one.held_by, "text")
