"""A worked example of the budgets: a made-up pot over made-up rows, year by year, as a table and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from senpolicy.caseloads.budgets import Budgets, before, formula_of, read_file, work_out, years_of
from senpolicy.policy.timeline import Policy
from senpolicy.site.drawings import Span, spans
from senpolicy.site.html import Cell
from senpolicy.site.words import format_date, format_money, format_range


@dataclass(frozen=True)
class BudgetExample:
    """The budgets of a made-up table in each year.

    `pot` is the whole of a year in pence, `history` what went to each name before; `column` heads the names.
    """

    pot: int
    column: str
    names: tuple[str, ...]
    history: tuple[int, ...]
    years: tuple[Budgets, ...]

    @property
    def heads(self) -> list[str]:
        """The heads of the table: a column for history, and one for each year with its days."""
        days = [f"Year {one.year} (from {format_date(one.first)})" for one in self.years]
        return [self.column, "Before", *days]

    @property
    def shared_out(self) -> str:
        """The pot in whole pounds."""
        return _said(self.pot, self.pot)

    @property
    def rows(self) -> list[list[Cell]]:
        """A row for each budget: what went there before, and the range of each year in pounds."""
        return [[name, _said(was, was), *(_said(*self.ends(place, year)) for year in self.years)]
                for place, (name, was) in enumerate(zip(self.names, self.history, strict=True))]  # fmt: skip

    def ends(self, place: int, year: Budgets) -> tuple[int, int]:
        """Return the ends of a budget in a year, in pence."""
        row = year.rows[place]
        return row.low, row.high

    @property
    def drawing(self) -> Markup:
        """The ranges as SVG, a row for each budget and year."""
        bars = [Span(f"{name}, year {year.year}", *self.ends(place, year), _said(*self.ends(place, year)))
                for place, name in enumerate(self.names) for year in self.years]  # fmt: skip
        said = " ".join(f"{one.name}: {one.said}." for one in bars)
        return spans("budgets", "Made-up budgets by year", said, bars, len(self.years))


def _said(low: int, high: int) -> str:
    if low == high:
        return format_money(low // 100 * 100)
    low, high = low // 100 * 100, -(-high // 100) * 100
    return format_money(low) if low == high else format_range(format_money(low), format_money(high))


def budget_example(policy: Policy, file: Path, years: Sequence[int] = ()) -> BudgetExample | None:
    """Return the budgets of the rows of a file, whose pot of each year is the sum of their history.

    None where there is no such file, or where it does not say what was before. Figures of a range are rounded to whole
    pounds, the low end down and the high end up. Raises `PolicyError` for a file that cannot be read.
    """
    if not file.is_file():
        return None
    table = read_file(file, policy)
    held = before(policy, table)
    if held is None:
        return None
    history = held[1]
    pot = sum(history)
    found = tuple(work_out(policy, table, year, pot) for year in years or years_of(policy))
    return BudgetExample(pot, formula_of(policy).column.capitalize(), table.names, history, found)
