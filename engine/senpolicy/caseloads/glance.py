"""The ledgers of some years at a glance: each budget against what was allocated before, by school and financial year.

Each figure is one, or the range that open shares leave. Money is in pence. A financial year takes of each school year
the months that both have, in equal parts; its range adds up theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from senpolicy.caseloads.budgets import AllocationTable, before, formula_of, work_out
from senpolicy.caseloads.ledger import Allocation, Ledger, Range, Row, ledger, say_range
from senpolicy.caseloads.tables import Caseload
from senpolicy.files.digests import PlainData
from senpolicy.language.conditions import pounds
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_money

#: The month with which a financial year begins.
APRIL = 4
#: What every output says.
SAYS = "The pots, and any share or contingency that was chosen, are those of whoever asked. No decision sets them."


@dataclass(frozen=True)
class YearPart:
    """So many months of a school year, which is named by its number."""

    year: int
    months: int

    @property
    def part(self) -> Fraction:
        """The part of the school year."""
        return Fraction(self.months, 12)


@dataclass(frozen=True)
class FinancialYear:
    """A financial year, from April to March, and the parts of school years that are in it."""

    starts: int
    parts: tuple[YearPart, ...]

    @property
    def name(self) -> str:
        """Its name: "2025-26"."""
        return f"{self.starts}-{(self.starts + 1) % 100:02}"

    @property
    def months(self) -> int:
        """How many of its months are in one of the school years."""
        return sum(one.months for one in self.parts)


@dataclass(frozen=True)
class Glance:
    """The ledgers of some years in order, for the same names; `before` is what each was allocated before, in pence.

    It is None where the file of the budgets has no column in pounds, or several.
    """

    ledgers: tuple[Ledger, ...]
    before: tuple[int, ...] | None
    before_label: str
    one_pot: bool
    contingency: Fraction
    share: Fraction | None

    @property
    def policy(self) -> Policy:
        """The policy by which all is worked out."""
        return self.ledgers[0].budgets.policy

    @property
    def label(self) -> str:
        """What the names are together."""
        return formula_of(self.policy).label

    @property
    def says(self) -> str:
        """Whose the figures are, and what a scenario says of itself."""
        return f"{SAYS} {self.policy.scenario.says if self.policy.scenario else ''}".rstrip()

    def of(self, place: int) -> list[Row]:
        """Return the ledgers of the name at a place, year by year."""
        return [one.rows[place] for one in self.ledgers]

    def change(self, place: int, budget: Range, part: Fraction = Fraction(1)) -> Range | None:
        """Return by how much a budget is above what was allocated before, for a part of a year; None: not known."""
        if self.before is None:
            return None
        before = self.before[place] * part
        return budget.less(Range(before, before))

    @cached_property
    def financial_years(self) -> tuple[FinancialYear, ...]:
        """The financial years in which the school years lie; none where one does not begin with a month."""
        parts: dict[int, list[YearPart]] = defaultdict(list)
        for one in self.ledgers:
            first = one.budgets.first
            if first.day != 1:
                return ()
            until = (APRIL - first.month) % 12 or 12
            begins = first.year - (first.month < APRIL)
            parts[begins].append(YearPart(one.budgets.year, until))
            if until < 12:
                parts[begins + 1].append(YearPart(one.budgets.year, 12 - until))
        return tuple(FinancialYear(starts, tuple(some)) for starts, some in sorted(parts.items()))

    def in_financial_year(self, place: int, year: FinancialYear) -> Range:
        """Return what of the budgets of the name at a place is in a financial year."""
        by_year = {one.budgets.year: one.rows[place].budget for one in self.ledgers}
        return added(by_year[one.year].part(one.part) for one in year.parts)

    def change_in(self, place: int, year: FinancialYear) -> Range | None:
        """Return by how much these are above what was allocated before in as many months."""
        return self.change(place, self.in_financial_year(place, year), Fraction(year.months, 12))

    def to_json(self) -> list[dict[str, PlainData]]:
        """Return one object for each name; money as text, a range with its ends."""
        found: list[dict[str, PlainData]] = []
        for place, row in enumerate(self.ledgers[0].rows):
            years: list[PlainData] = [
                {"year": one.budgets.year, **here.to_json(), "change": _money(self.change(place, here.budget))}
                for one, here in zip(self.ledgers, self.of(place), strict=True)
            ]
            financial: list[PlainData] = [
                {"financial_year": year.name, "months": year.months,
                 "budget": self.in_financial_year(place, year).money(), "change": _money(self.change_in(place, year))}
                for year in self.financial_years
            ]  # fmt: skip
            before = None if self.before is None else pounds(self.before[place])
            found.append({"community": row.community, "before": before, "years": years, "financial_years": financial})
        return found

    def lines(self) -> Iterator[str]:
        """Yield the ledgers as text, one name after the other."""
        for place, row in enumerate(self.ledgers[0].rows):
            yield row.community
            if self.before is not None:
                yield f"  {self.before_label}: {say_money(self.before[place])}"
            for one, here in zip(self.ledgers, self.of(place), strict=True):
                yield f"  year {one.budgets.year}: {say_range(here.budget)}{_said(self.change(place, here.budget))}"
                yield f"    of earlier claims kept: {say_range(here.protected)}; allocated: {say_money(here.allocated)}"
                yield f"    left: {say_range(here.left)}"
            for year in self.financial_years:
                months = "" if year.months == 12 else f", {year.months} months"
                budget, change = self.in_financial_year(place, year), self.change_in(place, year)
                yield f"  financial year {year.name}{months}: {say_range(budget)}{_said(change)}"

    def notes(self) -> Iterator[str]:
        """Yield what is to be borne in mind with all of it."""
        yield self.says
        if self.one_pot:
            yield "The same pot is taken for each year. Give --quantum once for each, where they differ."
        if self.financial_years:
            yield (
                "A financial year takes of each school year the months that both have, in equal parts. Where some of "
                "its months are in no school year that is shown, it is held against as many months of before as are."
            )
        if self.before is None:
            yield "Nothing is held against earlier years: the file has no column in pounds, or more than one."
        yield "An allocation counts in the school year in which it begins; one that began before, in the first."


def added(ranges: Iterator[Range]) -> Range:
    """Return ranges added up; an end is reached where each of theirs is."""
    found = Range(Fraction(0), Fraction(0))
    for one in ranges:
        found = Range(found.low + one.low, found.high + one.high, found.low_reached and one.low_reached,
                      found.high_reached and one.high_reached)  # fmt: skip
    return found


def glance(
    policy: Policy,
    table: AllocationTable,
    years: Sequence[int],
    pots: Sequence[int],
    claims: Caseload,
    allocations: Sequence[Allocation],
    *,
    share: Fraction | None = None,
    contingency: Fraction = Fraction(0),
) -> Glance:
    """Return the ledgers of some years, each with its pot in pence; one pot is that of each year.

    Raises what `budgets.work_out` and `ledger.ledger` raise.
    """
    each = list(pots) * len(years) if len(pots) == 1 else list(pots)
    budgets = [work_out(policy, table, year, pot) for year, pot in zip(years, each, strict=True)]
    starts = [one.first for one in budgets]
    by_year: dict[date, list[Allocation]] = defaultdict(list)
    for one in allocations:
        by_year[max((first for first in starts if first <= one.day), default=starts[0])].append(one)
    ledgers = tuple(ledger(one, claims, by_year[one.first], share=share, contingency=contingency) for one in budgets)
    label, was = before(policy, table) or ("", None)
    return Glance(ledgers, was, label, len(pots) == 1 < len(years), contingency, share)


def _money(figure: Range | None) -> PlainData:
    return None if figure is None else figure.money()


def _said(change: Range | None) -> str:
    return "" if change is None else f" (change: {say_range(change)})"
