"""The page of some years of budgets at a glance: it asks for nothing else, and tells of no few pupils.

What is worked out from fewer than five claims, or for fewer than five pupils, is withheld, and so is what is left of a
budget then, from which it could be told. No sum over all of them is shown but that of the budgets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from senpolicy.caseloads.budgets import formula_of
from senpolicy.caseloads.glance import Glance
from senpolicy.caseloads.ledger import Range, Row, say_range, say_share
from senpolicy.caseloads.school_report import WIDE, BarSegment
from senpolicy.caseloads.small_counts import LEAST, WITHHELD, few, shared
from senpolicy.caseloads.templates import page_template
from senpolicy.readings.say import say_date, say_money


@dataclass(frozen=True)
class SharedRow:
    """What may be shared of the ledger of one name in one year, in words: what is withheld is said so."""

    name: str
    claims: str
    kept: str
    contingency: str
    allocated: str
    left: str
    bears: str


def shared_row(row: Row) -> SharedRow:
    """Return what may be shared of a ledger.

    The ends of a range tell of those claims that are kept for certain, and of those that may be: so each number counts.
    """
    certain = sum(one.certain for one in row.kept)
    of_claims = any(few(one) for one in (row.claimants, certain, row.claimants - certain))
    pupils = sum(max(one.pupils or 1, 1) for one, *_ in row.allocations if one.kind != "service")
    of_allocations = few(pupils)
    bears = "-" if row.affordable is None else WITHHELD if of_claims else say_share(row.affordable)
    return SharedRow(
        row.community,
        WITHHELD if of_claims else words(row.claims),
        WITHHELD if of_claims else words(row.protected),
        words(row.contingency),
        WITHHELD if of_allocations else say_money(row.allocated),
        WITHHELD if of_claims or of_allocations else words(row.left),
        bears,
    )


def html(found: Glance) -> str:
    """Return some years at a glance as one HTML page, small counts withheld."""
    tables = [(one, [shared_row(row) for row in one.rows]) for one in found.ledgers]
    page = page_template("ledger.html.j2", money=say_money, day=say_date, range=words)
    return page.render(
        found=found, tables=tables, column=formula_of(found.policy).column.capitalize(), bars=bars,
        short=list(short(found)), fewest=LEAST, notes=list(notes(found)),
        hidden=any(WITHHELD in (one.claims, one.allocated) for _, rows in tables for one in rows),
    )  # fmt: skip


def short(found: Glance) -> Iterator[str]:
    """Yield in sentences what each year is, and for how many it is certain that they gain or lose."""
    for one in found.ledgers:
        budgets = one.budgets
        said = (
            f"Year {budgets.year}, {say_date(budgets.first)} to {say_date(budgets.last)}: {say_money(budgets.quantum)} "
            f"for {len(one.rows)} {found.label}."
        )
        if found.before is None:
            yield said
            continue
        changes = [found.change(place, row.budget) for place, row in enumerate(one.rows)]
        gain = sum(change is not None and change.low >= 0 and change.high > 0 for change in changes)
        lose = sum(change is not None and change.high <= 0 and change.low < 0 for change in changes)
        same = sum(change is not None and change.low == change.high == 0 for change in changes)
        either = len(changes) - gain - lose - same
        counted = ((gain, "more than before"), (lose, "less than before"), (same, "the same"))
        gets = ", ".join(f"{number} get{'s' if number == 1 else ''} {what}" for number, what in counted if number)
        depends = f"for {either} it depends on what is open" if either else ""
        yield f"{said} Of these {'; '.join(one for one in (gets, depends) if one)}."


def notes(found: Glance) -> Iterator[str]:
    """Yield what the page rests on, each once; how many claims are left out only as far as that may be shared."""
    said = [*list(found.notes())[1:]]
    if found.share is not None:
        said.append(f"Of each claim {say_share(Range(found.share, found.share))} is kept, as was chosen.")
    if found.contingency:
        said.append(f"{say_share(Range(found.contingency, found.contingency))} of each budget is kept back.")
    for one in found.ledgers:
        said += [line.strip() for line in one.budgets.lines()]
    refused, without = (max(getattr(one, name) for one in found.ledgers) for name in ("refused", "without_rate"))
    for number, what in ((refused, "rows of the claims are not cases"), (without, "claims are without an amount")):
        if number:
            told = "Some" if few(number) else f"About {shared(number)}"
            said.append(f"{told} {what}, and are not counted.")
    yield from dict.fromkeys(said)


def bars(found: Glance, place: int) -> list[tuple[str, str, list[BarSegment]]]:
    """Return for a name what was allocated before and the budget of each year: what it is, in words, and its bar."""
    rows = found.of(place)
    before = 0 if found.before is None else found.before[place]
    longest = max([before, 1, *(math.ceil(row.budget.high) for row in rows)])

    def upto(amount: Fraction | int) -> int:
        return max(math.floor(Fraction(amount) * WIDE / longest), 0)

    drawn = []
    if found.before is not None:
        drawn.append((found.before_label, say_money(before), [BarSegment("open", 0, upto(before), say_money(before))]))
    for one, row in zip(found.ledgers, rows, strict=True):
        low, high = upto(row.budget.low), upto(row.budget.high)
        bar = [BarSegment("certain", 0, low, "at the least")]
        if high > low:
            bar.append(BarSegment("high", low, max(high - low, 4), "up to the most"))
        drawn.append((f"Year {one.budgets.year}", words(row.budget), bar))
    return drawn


def words(figure: Range | None) -> str:
    """Return a figure or its range for a table; of a range without further words neither end is reached."""
    if figure is None:
        return "-"
    between = not figure.settled and not figure.low_reached and not figure.high_reached
    said = say_range(replace(figure, low_reached=True, high_reached=True) if between else figure)
    return said.replace("-£", "\u2212\u2060£")  # A hyphen, or a minus alone, would end a line before its figure.
