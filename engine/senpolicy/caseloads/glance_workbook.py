"""Some years of budgets at a glance as an Excel workbook: what follows from budgets, claims and allocations.

A budget is what the engine found for its year: it follows from shares of a pot, and the ends of its range from what is
open, which no formula here works out. So it is in a cell to fill in, marked as found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

from xlsxwriter.utility import xl_rowcol_to_cell

from senpolicy.caseloads.glance import Glance
from senpolicy.caseloads.ledger import Allocation, KeptClaim, Range, Row
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
from senpolicy.files.problems import WrongUse

TOP = 5
FINE = 10_000
FILL = "Yellow cells are for you to change."


def _free(end: str) -> tuple[str, str]:
    """Return the formulas of a budget less what is kept back: in whole pence, and millionths of a penny beside them."""
    high, low, part = f"INT({{{end}}}/1000000)", f"({{{end}}}-1000000*INT({{{end}}}/1000000))", "(1000000-Back)"
    return f"{high}*{part}+INT({low}*{part}/1000000)", f"{low}*{part}-1000000*INT({low}*{part}/1000000)"


#: In the order of their columns. `left_low` is rounded down and `left_high` up, as all ends of a range are.
STEPS = (
    FormulaStep("year", "Year", "{in_year}"),
    FormulaStep("name", "Name", "{in_name}", "text"),
    FormulaStep("before", "Before", 'IF({in_before}="","",ROUND({in_before}*100,0))'),
    FormulaStep("low", "Budget, at the least", "ROUND({in_low}*100,0)"),
    FormulaStep("high", "Budget, at the most", "ROUND({in_high}*100,0)"),
    FormulaStep("change_low", "Change, at the least", 'IF({before}="","",{low}-{before})'),
    FormulaStep("change_high", "Change, at the most", 'IF({before}="","",{high}-{before})'),
    FormulaStep("claims_low", "Claims of which a part is kept for certain", 'SUMIFS({amounts},{mine},{sure},"yes")'),
    FormulaStep("claims_high", "and those of which it may be", "SUMIFS({amounts},{mine})"),
    FormulaStep("kept_low", "Kept, at the least", "SUMIFS({kept_lows},{mine})"),
    FormulaStep("kept_high", "Kept, at the most", "SUMIFS({kept_highs},{mine})"),
    FormulaStep("free_low", "Budget less what is kept back, at the least", _free("low")[0]),
    FormulaStep("free_low_rest", "and millionths of a penny", _free("low")[1]),
    FormulaStep("free_high", "Budget less what is kept back, at the most", _free("high")[0]),
    FormulaStep("free_high_rest", "and millionths of a penny", _free("high")[1]),
    FormulaStep("back_low", "Kept back, at the least", "{low}-{free_low}-IF({free_low_rest}>0,1,0)"),
    FormulaStep("back_high", "Kept back, at the most", "IF({low}={high},{back_low},{high}-{free_high})"),
    FormulaStep("allocated", "Allocated", "SUMIFS({set_aside},{theirs})"),
    FormulaStep("left_low", "Left, at the least", "{free_low}-{kept_high}-{allocated}"),
    FormulaStep("left_high", "Left, at the most",
         "IF(AND({low}={high},{kept_low}={kept_high}),{left_low},"
         "{free_high}+IF({free_high_rest}>0,1,0)-{kept_low}-{allocated})"),
    FormulaStep("share_low", "Share of claims that it can bear, at the least: ten thousandths",
         'IF({claims_high}=0,"",MIN(10000,INT(({free_low}*10000+INT({free_low_rest}/100))/{claims_high})))'),
    FormulaStep("share_high", "Share of claims that it can bear, at the most: ten thousandths",
         'IF({claims_high}=0,"",IF({claims_low}=0,10000,IF(AND({low}={high},{claims_low}={claims_high}),{share_low},'
         "MIN(10000,-INT(-({free_high}*10000-INT(-{free_high_rest}/100))/MAX({claims_low},1))))))"),
)  # fmt: skip
PLACE = {one.name: place for place, one in enumerate(STEPS)}
#: What the sheet of years shows of it, in pounds.
SHOWN = (
    ("before", "Before"), ("low", "Budget, at the least"), ("high", "Budget, at the most"),
    ("change_low", "Change, at the least"), ("change_high", "Change, at the most"),
    ("kept_low", "Of earlier claims kept, at the least"), ("kept_high", "Of earlier claims kept, at the most"),
    ("back_low", "Kept back, at the least"), ("back_high", "Kept back, at the most"), ("allocated", "Allocated"),
    ("left_low", "Left, at the least"), ("left_high", "Left, at the most"),
)  # fmt: skip
READ_ME = (
    ("says", "For the council and whoever holds the budget; not for publication: each claim and allocation is here."),
    ("head", "How to use it"),
    ("prose", "Change a yellow cell: what was allocated before or is kept back on the sheet Inputs, a claim or the "
     "share of it that is kept on the sheet Claims, an amount on the sheet Allocations. All else follows, on the "
     "sheets Steps, Years and Financial years."),
    ("prose", "Violet cells are budgets that the engine found. No formula finds them again: they follow from the pots "
     "and from shares, some of which are open. Run senpolicy ledger again to find them."),
    ("head", "What is exact"),
    ("prose", "All sums are in whole pence, with shares in millionths, so each is right to the penny: what is kept of "
     "a claim is rounded down claim by claim, the low end of a range down, the high end up. A row that is added below "
     "the last of a table is not counted."),
    ("head", "What to bear in mind"),
)  # fmt: skip


def workbook(found: Glance) -> bytes:
    """Return the workbook; raises `WrongUse` where its figures are too large or fine for a spreadsheet's numbers."""
    shares = [found.contingency, *(share for one in found.ledgers for row in one.rows for claim in row.kept
                                   for share in (claim.least, claim.most))]  # fmt: skip
    largest = max([row.budget.high for one in found.ledgers for row in one.rows] + [Fraction(0)])
    if any(one * MILLION % 1 for one in shares) or largest * FINE >= EXACT:
        raise WrongUse(
            "A workbook would not be exact here: it holds budgets below £100,000,000, and shares with at most six "
            "decimals. Write the HTML file, or use --json."
        )
    return _GlanceBook(found).written()


def _ends(figure: Range | None, by: int = 1) -> tuple[int | None, int | None]:
    """Return the ends of a range as the engine shows them: the low one rounded down, the high one up."""
    if figure is None:
        return None, None
    low = floor(figure.low * by)
    return low, low if figure.settled else ceil(figure.high * by)


class _GlanceBook:
    def __init__(self, found: Glance) -> None:
        self.found, self.names = found, [row.community for row in found.ledgers[0].rows]
        self.rows = [(one, row, place) for one in found.ledgers for place, row in enumerate(one.rows)]
        self.claims = [(one.budgets.year, row.community, claim) for one, row, _ in self.rows for claim in row.kept]
        self.set_aside = [
            (one.budgets.year, row, entry) for one, row, _ in self.rows for entry in row.allocations
        ]  # fmt: skip
        title = f"{found.label}: {len(found.ledgers)} years at a glance"
        self.book = FormulaBook(title, found.says, found.ledgers[0].budgets.first)
        add = self.book.sheet
        self.front = add("Read me", title, "", (110,))
        self.given = add("Inputs", "Budgets, and what was allocated before", f"{FILL} Violet ones were found by the "
                         "engine, and no formula here finds them again. Pounds.", (40, 18))  # fmt: skip
        self.of_claims = add(
            "Claims", "Earlier claims of which a part is kept, or may be", f"{FILL} Pounds a year.", (34, 16)
        )
        self.of_money = add(
            "Allocations", "What is allocated, in order of day and reference", f"{FILL} Pounds.", (34, 16)
        )
        self.steps = add("Steps", "How each figure follows", "Whole pence.", (10, 34, 16), wide=True)
        self.years = add("Years", "By school year", "Pounds.", (10, 34, 16), wide=True)
        self.financial = add("Financial years", "By financial year", "Pounds. Each takes of a school year the months "
                             "that both have, in equal parts.", (34, 16))  # fmt: skip

    def written(self) -> bytes:
        """Return the workbook."""
        self._inputs()
        self._claims()
        self._steps()
        self._allocations()
        self._years()
        self._financial()
        notes = [*list(self.found.notes())[1:], *(line.strip() for one in self.found.ledgers for line in one.lines())]
        for row, (look, said) in enumerate((*READ_ME, *(("prose", one) for one in dict.fromkeys(notes))), 3):
            self.front.text(row, 0, said, look)
        return self.book.whole()

    def _inputs(self) -> None:
        sheet, found, row = self.given, self.found, TOP
        sheet.heads(4, ["Of all", "To fill in", "As it counts"])
        sheet.text(row, 0, "The share of each budget that is kept back")
        sheet.give(row, 1, found.contingency, "share")
        sheet.sum(row, 2, f"ROUND({sheet.at(row, 1)}*1000000,0)", millionths(found.contingency), "whole")
        self.book.name("Back", sheet.at(row, 2))
        row += 1
        trigger = found.ledgers[0].trigger
        sheet.text(row, 0, "An allocation above this for a pupil is marked (£)")
        sheet.give(row, 1, pence_in_pounds(trigger), "pounds")
        sheet.sum(row, 2, f'IF({sheet.at(row, 1)}="","",ROUND({sheet.at(row, 1)}*100,0))', trigger, "whole")
        self.book.name("Trigger", sheet.at(row, 2))
        row += 2
        numbers = [one.budgets.year for one in found.ledgers]
        sheet.heads(row, ["School year", "Its number", "First day", "Last day"])
        self.year_at = {}
        for one in found.ledgers:
            row += 1
            budgets = one.budgets
            self.year_at[budgets.year] = sheet.at(row, 1)
            sheet.text(row, 0, f"Year {budgets.year}")
            sheet.give(row, 1, budgets.year, "whole")
            for column, day in ((2, budgets.first), (3, budgets.last)):
                sheet.text(row, column, day.isoformat())
        row += 2
        sheet.heads(row, ["Months in a financial year", *(f"of year {one}" for one in numbers)])
        self.months_at = {}
        for year in found.financial_years:
            row += 1
            self.months_at[year.starts] = row
            sheet.text(row, 0, year.name)
            of = {one.year: one.months for one in year.parts}
            for column, number in enumerate(numbers, 1):
                sheet.give(row, column, of.get(number, 0), "whole")
        row += 2
        budget = [
            f"Year {one}: {end}" for one in numbers for end in ("at the least", "at the most", "ends are reached")
        ]
        sheet.heads(row, ["Name", f"Before: {found.before_label}", *budget])
        self.first_name = row + 1
        for place, name in enumerate(self.names):
            row += 1
            sheet.text(row, 0, name)
            sheet.give(row, 1, pence_in_pounds(found.before[place]) if found.before is not None else None, "pounds")
            for number, one in enumerate(found.ledgers):
                figure = one.rows[place].budget
                for column, end in enumerate((figure.low, figure.high), 2 + 3 * number):
                    sheet.give(row, column, pence_in_pounds(int(end)), "pounds", "found")
                sheet.give(row, 4 + 3 * number, "yes" if figure.low_reached else "no", "text", "found")

    def _claims(self) -> None:
        sheet, last = self.of_claims, TOP + max(len(self.claims), 1) - 1
        sheet.heads(4, ["Name", "Year", "Claim (£)", "Kept for certain", "Share that is kept, at the least",
                        "Share that is kept, at the most", "Claim (pence)", "Kept, at the least (pence)",
                        "Kept, at the most (pence)"])  # fmt: skip
        sheet.table(TOP, 1)
        for row, (year, name, claim) in enumerate(self.claims, TOP):
            sheet.text(row, 0, name)
            values: Sequence[tuple[CellValue, Kind]] = (
                (year, "whole"), (pence_in_pounds(claim.amount), "pounds"), ("yes" if claim.certain else "no", "text"),
                (claim.least, "share"), (claim.most, "share"),
            )  # fmt: skip
            for column, (value, kind) in enumerate(values, 1):
                sheet.give(row, column, value, kind, alone=False)
            amount, certain, low, high, pence = (sheet.at(row, column) for column in (2, 3, 4, 5, 6))
            sheet.sum(row, 6, f"ROUND({amount}*100,0)", claim.amount, "whole")
            kept = self.kept(claim)
            part = "INT({0}*ROUND({1}*1000000,0)/1000000)"
            sheet.sum(row, 7, f'IF({certain}="yes",{part.format(pence, low)},0)', kept[0], "whole")
            sheet.sum(row, 8, part.format(pence, high), kept[1], "whole")
        for column, kind in ((2, "pounds"), (4, "share"), (5, "share")):
            sheet.allow(TOP, column, last, column, kind)
        self.claim_cells = {
            name: sheet.over(TOP, last, column)
            for name, column in (
                ("amounts", 6),
                ("sure", 3),
                ("kept_lows", 7),
                ("kept_highs", 8),
                ("whose", 0),
                ("when", 1),
            )
        }

    @staticmethod
    def kept(claim: KeptClaim) -> tuple[int, int]:
        """Return what of a claim is kept at the least and at the most, in pence."""
        return floor(claim.amount * claim.least) if claim.certain else 0, floor(claim.amount * claim.most)

    def _steps(self) -> None:
        sheet, last = self.steps, TOP + max(len(self.set_aside), 1) - 1
        sheet.heads(4, [one.says for one in STEPS])
        sheet.table(TOP)
        of = self.of_money
        for row, (one, ledger_row, place) in enumerate(self.rows, TOP):
            number = self.found.ledgers.index(one)
            cells = {step.name: xl_rowcol_to_cell(row, column) for column, step in enumerate(STEPS)} | self.claim_cells
            name = self.first_name + place
            cells |= {
                "in_year": self.year_at[one.budgets.year], "in_name": self.given.at(name, 0),
                "in_before": self.given.at(name, 1), "in_low": self.given.at(name, 2 + 3 * number),
                "in_high": self.given.at(name, 3 + 3 * number), "set_aside": of.over(TOP, last, 6),
            }  # fmt: skip
            cells["mine"] = f"{cells['whose']},{cells['name']},{cells['when']},{cells['year']}"
            cells["theirs"] = f"{of.over(TOP, last, 0)},{cells['name']},{of.over(TOP, last, 1)},{cells['year']}"
            values = self._values(one.budgets.year, ledger_row, place)
            for column, step in enumerate(STEPS):
                sheet.sum(row, column, step.formula.format_map(cells), values[step.name], step.kind)

    def _values(self, year: int, row: Row, place: int) -> Mapping[str, CellValue]:
        """Return the value of each step, as the engine has it or by its figures."""
        before = self.found.before[place] if self.found.before is not None else None
        low, high = int(row.budget.low), int(row.budget.high)
        part = MILLION - millionths(self.found.contingency)
        free_low, free_high = divmod(low * part, MILLION), divmod(high * part, MILLION)
        back, left = _ends(row.contingency), _ends(row.left)
        share = _ends(row.affordable, FINE)
        return {
            "year": year, "name": row.community, "before": before, "low": low, "high": high,
            "change_low": None if before is None else low - before,
            "change_high": None if before is None else high - before,
            "claims_low": int(row.claims.low), "claims_high": int(row.claims.high),
            "kept_low": int(row.protected.low), "kept_high": int(row.protected.high),
            "free_low": free_low[0], "free_low_rest": free_low[1], "free_high": free_high[0],
            "free_high_rest": free_high[1], "back_low": back[0], "back_high": back[1], "allocated": row.allocated,
            "left_low": left[0], "left_high": left[1],
            "share_low": share[0], "share_high": share[1],
        }  # fmt: skip

    def _allocations(self) -> None:
        sheet = self.of_money
        sheet.heads(4, ["Name", "Year", "Reference", "Kind", "Pupils", "Amount (£)", "Amount (pence)", "So far (pence)",
                        "It fits", "Open to further moderation"])  # fmt: skip
        sheet.table(TOP, 1)
        last = TOP + max(len(self.rows), 1) - 1
        step = {name: self.steps.over(TOP, last, PLACE[name]) for name in ("name", "year", "free_low", "kept_high",
                "free_high", "free_high_rest", "kept_low")}  # fmt: skip
        so_far: dict[tuple[int, str], int] = {}
        for row, (year, ledger_row, (one, fits, marked)) in enumerate(self.set_aside, TOP):
            self._allocation(row, year, one)
            name, when, kind, pupils, pence = (sheet.at(row, column) for column in (0, 1, 3, 4, 6))
            key = (year, one.community)
            so_far[key] = so_far.get(key, 0) + one.amount
            above = f"{sheet.over(TOP, row, 6)},{sheet.over(TOP, row, 0)},{name},{sheet.over(TOP, row, 1)},{when}"
            sheet.sum(row, 6, f"ROUND({sheet.at(row, 5)}*100,0)", one.amount, "whole")
            sheet.sum(row, 7, f"SUMIFS({above})", so_far[key], "whole")
            here = f"{step['name']},{name},{step['year']},{when}"
            low, kept_high, high, rest, kept_low = (
                f"SUMIFS({step[of]},{here})"
                for of in ("free_low", "kept_high", "free_high", "free_high_rest", "kept_low")
            )
            place, number = (
                self.names.index(ledger_row.community),
                [o.budgets.year for o in self.found.ledgers].index(year),
            )
            reached = self.given.at(self.first_name + place, 4 + 3 * number)
            total = sheet.at(row, 7)
            room = f"{high}-{kept_low}"
            beyond = f'OR({total}>{room},AND({total}={room},{rest}=0,{reached}="no"))'
            sheet.sum(row, 8, f'IF({total}<={low}-{kept_high},"yes",IF({beyond},"no","open"))', fits, "text")
            each = f'IF({kind}="group",MAX({pupils},1),1)'
            formula = f'IF(OR(Trigger="",{kind}="service"),"no",IF({pence}>Trigger*{each},"yes","no"))'
            sheet.sum(row, 9, formula, "yes" if marked else "no", "text")
        sheet.allow(TOP, 5, TOP + max(len(self.set_aside), 1) - 1, 5, "pounds")

    def _allocation(self, row: int, year: int, one: Allocation) -> None:
        sheet = self.of_money
        sheet.text(row, 0, one.community)
        sheet.give(row, 1, year, "whole", alone=False)
        sheet.text(row, 2, one.reference)
        sheet.give(row, 3, one.kind, "text", alone=False)
        sheet.give(row, 4, one.pupils, "whole", alone=False)
        sheet.give(row, 5, pence_in_pounds(one.amount), "pounds", alone=False)

    def _years(self) -> None:
        sheet = self.years
        sheet.heads(4, ["Year", "Name", *(f"{says} (£)" for _, says in SHOWN),
                        "Share of claims that it can bear, at the least",
                        "Share of claims that it can bear, at the most"])  # fmt: skip
        sheet.table(TOP)
        for row, (one, ledger_row, place) in enumerate(self.rows, TOP):
            values = self._values(one.budgets.year, ledger_row, place)
            kinds: tuple[tuple[str, Kind], ...] = (("year", "whole"), ("name", "text"))
            for column, (name, kind) in enumerate(kinds):
                sheet.sum(row, column, self.steps.at(row, PLACE[name]), values[name], kind)
            for column, (name, _) in enumerate(SHOWN, 2):
                value, cell = values[name], self.steps.at(row, PLACE[name])
                shown = pence_in_pounds(value) if isinstance(value, int) else value
                sheet.sum(row, column, f'IF({cell}="","",{cell}/100)', shown, "pounds")
            for column, name in enumerate(("share_low", "share_high"), 2 + len(SHOWN)):
                cell, value = self.steps.at(row, PLACE[name]), values[name]
                share = Fraction(value, FINE) if isinstance(value, int) else value
                sheet.sum(row, column, f'IF({cell}="","",{cell}/10000)', share, "share")

    def _financial(self) -> None:
        sheet, found, size = self.financial, self.found, len(self.names)
        sheet.heads(4, ["Name", "Financial year", "Its months in these years", "Budgets, at the least (£)",
                        "Budgets, at the most (£)", "Before, in as many months (£)", "Change, at the least (£)",
                        "Change, at the most (£)"])  # fmt: skip
        sheet.table(TOP)
        row = TOP
        for place, name in enumerate(self.names):
            for year in found.financial_years:
                at = self.months_at[year.starts]
                parts = [self.given.at(at, 1 + number) for number in range(len(found.ledgers))]
                steps = [TOP + number * size + place for number in range(len(found.ledgers))]
                low, high = (
                    "+".join(f"{part}*{self.steps.at(of, PLACE[end])}" for part, of in zip(parts, steps, strict=True))
                    for end in ("low", "high")
                )
                was_there = self.steps.at(steps[0], PLACE["before"])
                before = f"{was_there}*{sheet.at(row, 2)}"
                budget, change = found.in_financial_year(place, year), found.change_in(place, year)
                sheet.sum(row, 0, self.given.at(self.first_name + place, 0), name, "text")
                sheet.sum(row, 1, self.given.at(at, 0), year.name, "text")
                sheet.sum(row, 2, "+".join(parts), year.months, "whole")
                self._range(row, 3, (low, high), budget)
                was = None if found.before is None else Fraction(found.before[place] * year.months, 12)
                sheet.sum(row, 5, f'IF({was_there}="","",{before}/1200)', None if was is None else was / 100, "pounds")
                self._range(row, 6, (f"{low}-{before}", f"{high}-{before}"), change, was_there)
                row += 1

    def _range(self, row: int, column: int, ends: tuple[str, str], figure: Range | None, given: str = "") -> None:
        """Write the ends of a range in twelfths of a penny, in pounds: the low one rounded down, the high one up.

        They are empty where the cell that is `given` is.
        """
        low, high = (f"({one})" for one in ends)
        values = _ends(figure)
        sheet = self.financial
        down, up = f"INT({low}/12)/100", f"IF({low}={high},INT({low}/12),-INT(-{high}/12))/100"
        for place, (formula, value) in enumerate(zip((down, up), values, strict=True), column):
            told = f'IF({given}="","",{formula})' if given else formula
            sheet.sum(row, place, told, pence_in_pounds(value), "pounds")
