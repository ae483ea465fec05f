"""A school's model as a workbook: each pupil's amounts as the engine decided them, and all sums as live formulas."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from senpolicy.caseloads.school_model import ModelledPupil, PupilResult, SchoolModel, label
from senpolicy.caseloads.school_report import amount_words, capitalised
from senpolicy.caseloads.school_years import days_due
from senpolicy.caseloads.workbooks import Book, Cell, Live, Pence, Share, Sheet, column, workbook
from senpolicy.files.problems import WrongUse
from senpolicy.language.days import DAYS_IN_YEAR
from senpolicy.readings.say import say_date

#: The columns of each period in the sheet of pupils.
KINDS = (
    "How funded",
    "Certain",
    "Assumed",
    "Protected, least",
    "Protected, most",
    "More not known",
    "What is not settled",
)
CERTAIN, ASSUMED, LEAST, MOST, UNKNOWN = range(1, 6)
#: The columns of the sheet of pupils before those of the periods.
AHEAD = ("Reference", "Group", "Paid before")
#: So many pupils have room: more make a workbook that no spreadsheet opens with ease.
MOST_PUPILS = 20_000


def write_workbook(path: Path, found: SchoolModel) -> None:
    """Write the workbook of a model whole or not at all; raises `WrongUse` for more pupils than it has room for."""
    if len(found.pupils) > MOST_PUPILS:
        raise WrongUse(f"A workbook has room for {MOST_PUPILS:,} pupils. Write a page, or split the list.")
    with workbook(path) as book:
        made = _Made(book, found)
        made.read_me()
        made.summary()
        made.years()
        if found.proposal:
            made.proposed()
        if found.options:
            made.options()
        made.pupils()


class _Made:
    def __init__(self, book: Book, found: SchoolModel) -> None:
        self.book, self.found = book, found
        self.last = max(len(found.pupils), 1) + 2

    def cells(self, span: int, kind: int) -> str:
        """Return the range of one column of one period in the sheet of pupils."""
        letter = column(len(AHEAD) + span * len(KINDS) + kind)
        return f"Pupils!${letter}$3:${letter}${self.last}"

    def sheet(self, name: str, *widths: int) -> Sheet:
        """Return a new sheet; one of a scenario says so above all."""
        sheet = self.book.sheet(name, widths)
        if self.found.mark and name != "Pupils":
            sheet.write(self.found.mark, bold=True)
        return sheet

    def read_me(self) -> None:
        """Write what the workbook is, when it was made, and all that it rests on."""
        found, sheet = self.found, self.sheet("Read me", 110)
        made = f"Made on {say_date(found.made_on)} from" if found.made_on else "Made from"
        sheet.write("What the funding rules mean for your pupils", bold=True)
        sheet.write(f"{made} {found.file}. Rules as they were once {found.policy.as_of} had been decided.")
        sheet.write(f"This is a model, not a decision. Policy {found.policy.digest}.")
        sheet.write("It has a row for each pupil: keep it in the school, and do not pass it on.")
        if found.refused:
            sheet.write(f"Rows left out, because something in them is wrong: {len(found.refused)}.", bold=True)
        sheet.write("How to use it", bold=True)
        sheet.write(
            "Yellow cells are yours to change, and the sums follow: how far a protected part goes, and proposed rates."
        )
        sheet.write(
            "The amounts in the sheet of pupils are the engine's decisions. To change a fact, change your list and "
            "run it again."
        )
        sheet.write(
            "Certain is what the rules give. Protected is a part of what was paid before, from the least to the most."
        )
        sheet.write("More not known: the pupil gets more, or something, and the papers do not say how much.")
        sheet.write("What it assumes", bold=True)
        for said in found.assumptions:
            sheet.write(said)
        if found.policy.scenario:
            for one in found.policy.scenario.assumptions:
                sheet.write(f"Assumed: {one.says} {one.because}")

    def summary(self) -> None:
        """Write the sums of each period, and of what was paid before."""
        found, sheet = self.found, self.sheet("Summary", 38, 10, 16, 16, 16, 16, 20, 16)
        sheet.write("How far a protected part goes from the least (0%) to the most (100%):", Share(Decimal("0.5")))
        sheet.between(sheet.row - 1, 1, 0, 1, "Write a share from 0% to 100%.")
        tried = f"$B${sheet.row}"
        sheet.write("A year", "Pupils", "Certain", "Assumed", "Protected, least", "Protected, most",
                    "Protected, as tried above", "More not known for", bold=True)  # fmt: skip
        paid, pupils, _ = found.paid_before
        before = f"Pupils!$C$3:$C${self.last}"
        sheet.write("Before", Live(f'=COUNTIF({before},">0")', pupils, money=False), Live(f"=SUM({before})", paid))
        for at, view in enumerate(found.whole.views):
            row, total = sheet.row + 1, view.total
            name = f"{view.span} ({found.stands(view.span)})" if found.made_on else str(view.span)
            halfway = (total.low + total.high) // 2
            sheet.write(
                name,
                Live(f'=COUNTIF({self.cells(at, 0)},"?*")', view.pupils, money=False),
                Live(f"=SUM({self.cells(at, CERTAIN)})", total.known),
                Live(f"=SUM({self.cells(at, ASSUMED)})", total.supposed),
                Live(f"=SUM({self.cells(at, LEAST)})", total.low),
                Live(f"=SUM({self.cells(at, MOST)})", total.high),
                Live(
                    f"=ROUNDDOWN((ROUND(E{row}*100,0)+(ROUND(F{row}*100,0)-ROUND(E{row}*100,0))*{tried}),0)/100",
                    halfway,
                ),
                Live(f"=SUM({self.cells(at, UNKNOWN)})", total.unknown, money=False),
            )

    def years(self) -> None:
        """Write what falls to each stretch of days, and to the years that are made of them."""
        found, sheet = self.found, self.sheet("Years", 58, 14, 14, 16, 16, 16, 16)
        heads = ("Certain", "Assumed", "Protected, least", "Protected, most")
        sheet.write(f"Amounts fall to days, by days of {DAYS_IN_YEAR}. Days before and until the end: of the period.")
        sheet.write("Days", "Days before", "Until the end", *heads, bold=True)
        first = sheet.row + 1
        for at, days in enumerate(found.days):
            span, due, row = found.spans[days.period], found.whole.due[at], sheet.row + 1
            before, end = days_due(span.first, days)
            sums = (due.known, due.supposed, due.low, due.high)
            sheet.write(str(days), before, end, *(
                Live(self._falls(days.period, kind, row, "UP" if kind == MOST else "DOWN"), value)
                for kind, value in zip((CERTAIN, ASSUMED, LEAST, MOST), sums, strict=True)
            ))  # fmt: skip
        sheet.write("Years", None, None, *heads, bold=True)
        for year, due in found.whole.years:
            top, bottom = first + year.stretches[0], first + year.stretches[-1]
            sums = (due.known, due.supposed, due.low, due.high)
            sheet.write(capitalised(str(year)), None, None, *(
                Live(f"=SUM({letter}{top}:{letter}{bottom})", value) for letter, value in zip("DEFG", sums, strict=True)
            ), bold=True)  # fmt: skip

    def _falls(self, span: int, kind: int, row: int, way: str) -> str:
        pence = f"ROUND({self.cells(span, kind)}*100,0)"
        until, before = (f"ROUND{way}({pence}*${letter}{row}/{DAYS_IN_YEAR},0)" for letter in "CB")
        return f"=SUMPRODUCT({until}-{before})/100"

    def proposed(self) -> None:
        """Write what a plan would pay: its rates may be changed."""
        plan, sheet = self.found.proposal, self.sheet("Proposed", 30, 16, 14, 18)
        if plan is None:
            return
        sheet.write(f"Proposed, and not decided: {plan.title}. From {say_date(plan.day)} on, before limits.", bold=True)
        sheet.write("Band", "Rate a year", "Pupils", "Proposed, a year", bold=True)
        top, bottom = sheet.row + 1, sheet.row + len(plan.bands)
        first = bottom + 3
        last = max(first, first + plan.mapped - 1)
        bands, sums = f"$B${first}:$B${last}", f"$D${first}:$D${last}"
        for one in plan.bands:
            row = sheet.row + 1
            sheet.write(one.id, Pence(int(one.rate * 100), input=True),
                        Live(f"=COUNTIF({bands},A{row})", len(one.paid), money=False),
                        Live(f"=SUMIF({bands},A{row},{sums})", one.sum))  # fmt: skip
        sheet.write("Together", None, Live(f"=SUM(C{top}:C{bottom})", plan.mapped, money=False),
                    Live(f"=SUM(D{top}:D{bottom})", plan.sum), bold=True)  # fmt: skip
        sheet.write("Reference", "Band", "Factor", "Proposed, a year", bold=True)
        for one in plan.bands:
            for ref, (amount, factor) in one.paid.items():
                row = sheet.row + 1
                rate = f"ROUND(VLOOKUP(B{row},$A${top}:$B${bottom},2,FALSE)*100,0)"
                formula = f"=ROUNDDOWN({rate}*ROUND(C{row}*1000000,0)/1000000,0)/100"
                shown = Decimal(factor.numerator) / Decimal(factor.denominator)
                sheet.write(ref, one.id, shown, Live(formula, amount))

    def options(self) -> None:
        """Write what others still choose, each answer supposed for those for whom it is not known."""
        sheet = self.sheet("Options", 50, 40, 34, 10, 16, 16, 16, 40)
        sheet.write("Each line supposes one answer for those for whom it is not known. Nothing of it is in a sum.")
        sheet.write("What is chosen", "If it is so", "Period", "Pupils", "Certain", "Protected, least",
                    "Protected, most", "In words", bold=True)  # fmt: skip
        for option in self.found.options:
            for one in option.periods:
                sums = (Pence(one.sums.known), Pence(one.sums.low), Pence(one.sums.high))
                sheet.write(option.asks, option.says, str(one.span), len(one.pupils), *sums, amount_words(one.sums))

    def pupils(self) -> None:
        """Write a row for each pupil."""
        found = self.found
        sheet = self.sheet(
            "Pupils", 14, 18, 14, *(width for _ in found.spans for width in (44, 14, 14, 14, 14, 10, 44))
        )
        sheet.write(
            "", "", "", *(cell for span in found.spans for cell in (str(span), *[""] * (len(KINDS) - 1))), bold=True
        )
        sheet.write(*AHEAD, *(kind for _ in found.spans for kind in KINDS), bold=True)
        sheet.freeze(2, 1)
        for pupil in found.pupils:
            before = None if pupil.before is None else Pence(pupil.before)
            sheet.write(
                pupil.ref,
                pupil.group,
                before,
                *(cell for at in range(len(found.spans)) for cell in self._of(pupil, at)),
            )

    def _of(self, pupil: ModelledPupil, at: int) -> tuple[Cell, ...]:
        if at not in pupil.fates:
            return (None,) * len(KINDS)
        fate, sums = pupil.fates[at], pupil.sums[at]
        amounts = (sums.known, sums.supposed, sums.low, sums.high)
        route = self.found.spans[at].modelled.route
        return (
            label(route, fate.route, self.found.policy),
            *(Pence(one) if one else None for one in amounts),
            sums.unknown or None,
            self._unsettled(fate),
        )

    def _unsettled(self, fate: PupilResult) -> str:
        policy = self.found.policy
        facts = dict.fromkeys(policy.types[name].label for said in fate for name in said.missing)
        points = dict.fromkeys(policy.corpus.open_points[name][1].title for said in fate for name in said.points)
        return "; ".join([*(f"missing: {one}" for one in facts), *(f"open: {one}" for one in points)])
