"""A school's model as a workbook: each pupil's amounts as the engine decided them, and all sums as live formulas."""

from __future__ import annotations

from fractions import Fraction

from xlsxwriter.utility import xl_rowcol_to_cell

from senpolicy.caseloads.school_model import ModelledPupil, PupilResult, SchoolModel, label
from senpolicy.caseloads.school_report import amount_words, capitalised
from senpolicy.caseloads.school_years import days_due
from senpolicy.caseloads.workbook import MILLION, FormulaBook, FormulaSheet, pence_in_pounds
from senpolicy.files.problems import WrongUse
from senpolicy.language.conditions import pence
from senpolicy.language.days import DAYS_IN_YEAR
from senpolicy.readings.say import say_date

#: The columns of each period in the sheet of pupils.
KINDS = ("how funded", "certain", "assumed", "protected, least", "protected, most", "more not known", "not settled")
CERTAIN, ASSUMED, LEAST, MOST, UNKNOWN = range(1, 6)
AMOUNTS = ("Certain", "Assumed", "Protected, least", "Protected, most")
#: The columns of the sheet of pupils before those of the periods, and the row of its headings.
AHEAD = ("Reference", "Group", "Paid before")
HEADS = 4
#: So many pupils have room: more make a workbook that no spreadsheet opens with ease.
MOST_PUPILS = 20_000
#: Where a protected part is tried first, between its least and its most.
HALFWAY = Fraction(1, 2)


def workbook(found: SchoolModel) -> bytes:
    """Return the workbook of a model; raises `WrongUse` for more pupils than it has room for."""
    if len(found.pupils) > MOST_PUPILS:
        raise WrongUse(f"A workbook has room for {MOST_PUPILS:,} pupils. Write a page, or split the list.")
    made = _SchoolBook(found)
    made.read_me()
    made.summary()
    made.years()
    made.proposed()
    made.options()
    made.pupils()
    return made.book.whole()


class _SchoolBook:
    def __init__(self, found: SchoolModel) -> None:
        self.found = found
        says = found.mark or "This is a model, not a decision. It has a row for each pupil: do not pass it on."
        self.day = found.made_on or found.spans[0].first
        self.book = FormulaBook("What the funding rules mean for your pupils", says, self.day)
        self.last = HEADS + max(len(found.pupils), 1)

    def over(self, column: int) -> str:
        """Return the range of a column of the sheet of pupils."""
        first, last = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for row in (HEADS + 1, self.last))
        return f"'Pupils'!{first}:{last}"

    def of(self, span: int, kind: int) -> str:
        """Return the range of one column of one period in the sheet of pupils."""
        return self.over(len(AHEAD) + span * len(KINDS) + kind)

    def read_me(self) -> None:
        """Write what the workbook is, when it was made, and all that it rests on."""
        found = self.found
        made = f"Made on {say_date(found.made_on)} from" if found.made_on else "Made from"
        about = f"{made} {found.file}. Rules as they were once {found.policy.as_of} had been decided."
        sheet = self.book.sheet("Read me", "What the funding rules mean for your pupils", about, (110,))
        lines = [
            f"Policy {found.policy.digest}.",
            "Cells in colour are yours to change, and the sums follow: how far a protected part goes, proposed rates.",
            "The amounts in the sheet of pupils are the engine's decisions. To change a fact, change your list and run "
            "the command again.",
            "Certain is what the rules give. Protected is a part of what was paid before, from its least to its most. "
            "More not known: the pupil gets something more, and the papers do not say how much.",
            *found.assumptions,
        ]
        if found.refused:
            lines.insert(0, f"Rows left out, because something in them is wrong: {len(found.refused)}.")
        if found.policy.scenario:
            lines += [f"Assumed: {one.says} {one.because}" for one in found.policy.scenario.assumptions]
        for row, line in enumerate(lines, 4):
            sheet.text(row, 0, line, "prose")

    def amounts(self, sheet: FormulaSheet, row: int, column: int, formulas: list[str], values: tuple[int, ...]) -> None:
        """Write formulas side by side with the engine's figures in pence."""
        for place, (formula, value) in enumerate(zip(formulas, values, strict=True)):
            sheet.sum(row, column + place, formula, pence_in_pounds(value), "pounds")

    def summary(self) -> None:
        """Write the sums of each period, and of what was paid before."""
        found = self.found
        sheet = self.book.sheet("Summary", "The money of a year", "In pounds a year, by period.", (40, 10, 16))
        sheet.text(4, 0, "How far a protected part goes, from its least (0) to its most (1)")
        sheet.give(4, 1, HALFWAY, "share")
        tried = f"INT({sheet.at(4, 1)}*{MILLION}+0.5)"
        sheet.heads(6, ("Period", "Pupils", *AMOUNTS, "Protected, as tried above", "More not known for"))
        paid, pupils, _ = found.paid_before
        sheet.text(7, 0, "Before")
        sheet.sum(7, 1, f'COUNTIF({self.over(2)},">0")', pupils, "whole")
        sheet.sum(7, 2, f"SUM({self.over(2)})", pence_in_pounds(paid), "pounds")
        for at, view in enumerate(found.whole.views):
            row, total = 8 + at, view.total
            sheet.text(row, 0, f"{view.span}{f' ({found.stands(view.span)})' if found.made_on else ''}")
            sheet.sum(row, 1, f'COUNTIF({self.of(at, 0)},"?*")', view.pupils, "whole")
            sums = [f"SUM({self.of(at, kind)})" for kind in (CERTAIN, ASSUMED, LEAST, MOST)]
            self.amounts(sheet, row, 2, sums, (total.known, total.supposed, total.low, total.high))
            least, most = (f"INT({sheet.at(row, place)}*100+0.5)" for place in (4, 5))
            halfway = total.low + int((total.high - total.low) * HALFWAY)
            formula = f"({least}+INT(({most}-{least})*{tried}/{MILLION}))/100"
            sheet.sum(row, 6, formula, pence_in_pounds(halfway), "pounds")
            sheet.sum(row, 7, f"SUM({self.of(at, UNKNOWN)})", total.unknown, "whole")

    def years(self) -> None:
        """Write what falls to each stretch of days, and to the years that are made of them."""
        found = self.found
        about = f"Amounts fall to days, by days of {DAYS_IN_YEAR} and pupil by pupil. When money is paid may differ."
        sheet = self.book.sheet("Years", "What falls to each year and term", about, (62, 14, 14, 16))
        sheet.heads(4, ("Days", "Days of the period before", "Until the end", *AMOUNTS))
        for at, days in enumerate(found.days):
            due, row = found.whole.due[at], 5 + at
            sheet.text(row, 0, str(days))
            for place, number in enumerate(days_due(found.spans[days.period].first, days), 1):
                sheet.number(row, place, Fraction(number), "whole")
            ways = [self._falls(sheet, row, days.period, kind) for kind in (CERTAIN, ASSUMED, LEAST, MOST)]
            self.amounts(sheet, row, 3, ways, (due.known, due.supposed, due.low, due.high))
        top = 6 + len(found.days)
        sheet.heads(top, ("Years", "", "", *AMOUNTS))
        for row, (year, due) in enumerate(found.whole.years, top + 1):
            sheet.text(row, 0, capitalised(str(year)))
            first, last = 5 + year.stretches[0], 5 + year.stretches[-1]
            sums = [f"SUM({sheet.over(first, last, place)})" for place in range(3, 7)]
            self.amounts(sheet, row, 3, sums, (due.known, due.supposed, due.low, due.high))

    def _falls(self, sheet: FormulaSheet, row: int, span: int, kind: int) -> str:
        """Return the formula of what falls to a stretch: due until its end less due before, in whole pence."""
        whole_pence = f"INT({self.of(span, kind)}*100+0.5)"
        sign = "-" if kind == MOST else ""  # Up to the next penny is down below 0.
        end, before = (f"INT({sign}{whole_pence}*{sheet.at(row, place)}/{DAYS_IN_YEAR})" for place in (2, 1))
        return f"{sign}SUMPRODUCT({end}-{before})/100"

    def proposed(self) -> None:
        """Write what a plan would pay: its rates may be changed."""
        plan = self.found.proposal
        if plan is None:
            return
        about = f"{plan.title}. From {say_date(plan.day)} on, before any limit on gains and losses. Nobody decided it. "
        about += " ".join(plan.notes)
        sheet = self.book.sheet("Proposed", "Proposed, and not decided", about, (30, 16, 14, 18))
        sheet.heads(4, ("Band", "Rate a year", "Pupils", "Proposed, a year"))
        top, bottom = 5, 4 + len(plan.bands)
        first = bottom + 4
        last = max(first, first + plan.mapped - 1)
        bands, sums = sheet.over(first, last, 1), sheet.over(first, last, 3)
        for row, one in enumerate(plan.bands, top):
            sheet.text(row, 0, one.id)
            sheet.give(row, 1, pence_in_pounds(pence(one.rate)), "pounds")
            sheet.sum(row, 2, f"COUNTIF({bands},{sheet.at(row, 0)})", len(one.paid), "whole")
            sheet.sum(row, 3, f"SUMIF({bands},{sheet.at(row, 0)},{sums})", pence_in_pounds(one.sum), "pounds")
        sheet.text(bottom + 1, 0, "Together")
        sheet.sum(bottom + 1, 2, f"SUM({sheet.over(top, bottom, 2)})", plan.mapped, "whole", bold=True)
        sheet.sum(bottom + 1, 3, f"SUM({sheet.over(top, bottom, 3)})", pence_in_pounds(plan.sum), "pounds", bold=True)
        sheet.heads(first - 1, ("Reference", "Band", "Factor", "Proposed, a year"))
        pupils = ((one.id, ref, *paid) for one in plan.bands for ref, paid in one.paid.items())
        for row, (band, ref, amount, factor) in enumerate(pupils, first):
            sheet.text(row, 0, ref)
            sheet.text(row, 1, band)
            sheet.give(row, 2, factor, "share")
            table = sheet.over(top, bottom, 0, 1)
            rate = f"INT(VLOOKUP({sheet.at(row, 1)},{table},2,FALSE)*100+0.5)"
            formula = f"INT({rate}*INT({sheet.at(row, 2)}*{MILLION}+0.5)/{MILLION})/100"
            sheet.sum(row, 3, formula, pence_in_pounds(amount), "pounds")

    def options(self) -> None:
        """Write what others still choose, each answer supposed for those for whom it is not known."""
        if not self.found.options:
            return
        about = "Each line supposes one answer for those for whom it is not known. Nothing of it is in a sum."
        sheet = self.book.sheet("Options", "What others still choose", about, (50, 40, 36, 10, 90))
        sheet.heads(4, ("What is chosen", "If it is so", "Period", "Pupils", "A year"))
        lines = ((option, one) for option in self.found.options for one in option.periods)
        for row, (option, one) in enumerate(lines, 5):
            cells = (option.asks, option.says, str(one.span), str(len(one.pupils)), amount_words(one.sums))
            for place, cell in enumerate(cells):
                sheet.text(row, place, cell)

    def pupils(self) -> None:
        """Write a row for each pupil."""
        found, groups = self.found, self.found.by.label if self.found.by else "Group"
        about = "In pounds a year, as the engine decided. Not settled: what is missing, or what the papers leave open."
        sheet = self.book.sheet("Pupils", "Pupil by pupil", about, (14, 18, 14, 22), wide=True)
        names = [f"{span}: {kind}" for span in found.spans for kind in KINDS]
        sheet.heads(HEADS, (AHEAD[0], groups, AHEAD[2], *names))
        sheet.table(HEADS + 1, 1)
        for row, pupil in enumerate(found.pupils, HEADS + 1):
            sheet.text(row, 0, pupil.ref)
            sheet.text(row, 1, pupil.group)
            if pupil.before is not None:
                sheet.number(row, 2, Fraction(pupil.before, 100), "pounds")
            for at in pupil.fates:
                self._period(sheet, row, pupil, at)

    def _period(self, sheet: FormulaSheet, row: int, pupil: ModelledPupil, at: int) -> None:
        fate, sums = pupil.fates[at], pupil.sums[at]
        first = len(AHEAD) + at * len(KINDS)
        sheet.text(row, first, label(self.found.spans[at].modelled.route, fate.route, self.found.policy))
        for kind, amount in ((CERTAIN, sums.known), (ASSUMED, sums.supposed), (LEAST, sums.low), (MOST, sums.high)):
            if amount:
                sheet.number(row, first + kind, Fraction(amount, 100), "pounds")
        if sums.unknown:
            sheet.number(row, first + UNKNOWN, Fraction(1), "whole")
        sheet.text(row, first + UNKNOWN + 1, self._unsettled(fate))

    def _unsettled(self, fate: PupilResult) -> str:
        policy = self.found.policy
        facts = dict.fromkeys(policy.types[name].label for said in fate for name in said.missing)
        points = dict.fromkeys(policy.corpus.open_points[name][1].title for said in fate for name in said.points)
        return "; ".join([*(f"missing: {one}" for one in facts), *(f"open: {one}" for one in points)])
