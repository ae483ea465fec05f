"""The years of the Communities' budgets at a glance: by school and financial year, and what may be shared of them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from syrupy.assertion import SnapshotAssertion

from formulas import evaluated
from golden_files import FROZEN
from running import senpolicy
from senpolicy.caseloads.budgets import AllocationTable
from senpolicy.caseloads.glance import SAYS, Glance, glance
from senpolicy.caseloads.glance_report import html, shared_row
from senpolicy.caseloads.glance_workbook import workbook
from senpolicy.caseloads.ledger import Allocation, KeptClaim, Range, Row, _fits
from senpolicy.caseloads.tables import open_caseload
from senpolicy.cli.shared import load_policy
from senpolicy.files.problems import WrongUse
from senpolicy.policy.timeline import Policy
from test_ledger import claims
from test_workbook import alike
from wording import Wording, steady
from workbooks import Cell, cells, changed, listing, recalculated

YEARS = (1, 2, 3)
COMMUNITIES = "community,pupils,idaci,looked_after,low_prior_attainment,historic\n"


@cache
def policy() -> Policy:
    return load_policy(FROZEN, None, False, "all", faults=False)


def table(*rows: tuple[str, int, int]) -> AllocationTable:
    """Return the table of the Communities: the name, each of its counts, and what it was allocated, in pence."""
    columns = {name: tuple(number for _, number, _ in rows) for name in COMMUNITIES.strip().split(",")[1:5]}
    return AllocationTable(tuple(name for name, *_ in rows), columns | {"historic": tuple(was for *_, was in rows)})


def of(
    path: Path, of_table: AllocationTable, rows: Sequence[tuple[str, str, str]], *set_aside: Allocation, **how: Any
) -> Glance:
    found = open_caseload(claims(path / "claims.csv", *rows))
    pots = how.pop("pots", (400_000,))
    return glance(policy(), of_table, YEARS, pots, found, set_aside, **how)


def money(
    reference: str, pounds: int, day: date, whose: str = "North", kind: str = "service", pupils: int | None = None
) -> Allocation:
    return Allocation(reference, whose, kind, pupils, pounds * 100, day)


SAME = table(("North", 1, 150_000), ("South", 1, 150_000))


def test_each_year_is_held_against_before_by_school_year_and_by_financial_year(tmp_path: Path) -> None:
    """Both have half of each column, so whatever is open each gets half of £4,000; before it was £1,500.

    The first financial year has seven months of it, £1,166.666, against £875: £291.666 more. A figure is rounded down.
    """
    found = of(tmp_path, SAME, [("1000", "kept", "North")], share=Fraction(1, 2))
    north = found.to_json()[0]
    assert (north["before"], [one["budget"] for one in north["years"]]) == ("1500.00", ["2000.00"] * 3)
    assert [one["change"] for one in north["years"]] == ["500.00"] * 3
    assert [
        (one["financial_year"], one["months"], one["budget"], one["change"]) for one in north["financial_years"]
    ] == [
        ("2025-26", 7, "1166.66", "291.66"),
        ("2026-27", 12, "2000.00", "500.00"),
        ("2027-28", 12, "2000.00", "500.00"),
        ("2028-29", 5, "833.33", "208.33"),
    ]
    assert [one["protected"] for one in north["years"]] == ["500.00", "0.00", "0.00"], "in the first year alone"


def test_each_year_is_the_ledger_of_that_year_and_each_has_its_pot(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "communities.csv").write_text(
        COMMUNITIES + "North,1,2,3,4,1.00\nSouth,4,3,2,1,1.00\n", encoding="utf-8"
    )
    found = claims(tmp_path / "claims.csv", ("1000", "kept", "North"), ("2000", "", "South"))
    common = ("ledger", str(tmp_path / "communities.csv"), "--claims", str(found), "--json", "--root", str(FROZEN))
    pots = ("4000.00", "5000.00", "6000.00")
    status, out, said = senpolicy(capsys, *common, *(word for pot in pots for word in ("--quantum", pot)))
    assert (status, SAYS in said, "The same pot" in said) == (0, True, False)
    for year, pot in zip(YEARS, pots, strict=True):
        _, alone, _ = senpolicy(capsys, *common, "--year", str(year), "--quantum", pot)
        together = [{key: value for key, value in one["years"][year - 1].items() if key not in ("year", "change")}
                    for one in json.loads(out)]  # fmt: skip
        assert together == json.loads(alone)
    status, _, said = senpolicy(capsys, *common, "--quantum", "1.00", "--quantum", "2.00")
    assert (status, "2 pots for 3 years" in said) == (2, True)


def test_an_allocation_counts_in_the_year_in_which_it_begins(tmp_path: Path) -> None:
    days = (date(2025, 3, 1), date(2026, 8, 31), date(2026, 9, 1), date(2028, 8, 31))
    set_aside = [money(f"A-{place}", 10**place, day) for place, day in enumerate(days)]
    found = of(tmp_path, SAME, [("1000", "opted_out", "North")], *set_aside)
    assert [row.allocated for row in found.of(0)] == [11_00, 100_00, 1000_00]


def test_an_open_share_leaves_a_range_and_a_financial_year_adds_up_its_parts(tmp_path: Path) -> None:
    found = of(tmp_path, table(("North", 3, 100_000), ("South", 1, 300_000)), [("1000", "opted_out", "North")])
    year = found.financial_years[1]
    first, second = (row.budget for row in found.of(0)[:2])
    here = found.in_financial_year(0, year)
    assert here.low == (5 * first.low + 7 * second.low) / 12
    assert here.high == (5 * first.high + 7 * second.high) / 12
    assert not second.settled
    assert (here.low_reached, here.high_reached) == (second.low_reached, second.high_reached)


def test_without_one_column_in_pounds_nothing_is_held_against_before(tmp_path: Path) -> None:
    found = replace(of(tmp_path, SAME, [("1000", "opted_out", "North")]), before=None)
    assert found.to_json()[0]["before"] is None
    assert any("no column in pounds, or more than one" in note for note in found.notes())
    assert "Change" not in html(found)
    assert cells(workbook(found))["Years", "F6"].value is None


# What may be shared.


def row_of(*claimed: bool, **more: Any) -> Any:
    found = Range(Fraction(1_000_00), Fraction(1_000_00))
    kept = tuple(KeptClaim(100_00, Fraction(1, 2), Fraction(3, 4), one) for one in claimed)
    half = Range(Fraction(1, 2), Fraction(1, 2))
    return Row("North", found, found, found, found, 0, found, half, more.get("allocations", ()), kept)


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [([], True), ([True] * 4, False), ([True] * 5, True), ([True] * 5 + [False], False), ([False] * 5 + [True], False),
     ([True] * 5 + [False] * 5, True)],
)  # fmt: skip
def test_claims_of_few_and_those_that_the_ends_of_a_range_tell_of_are_withheld(
    claimed: list[bool], shown: bool
) -> None:
    found = shared_row(row_of(*claimed))
    told = {found.claims, found.kept, found.left, found.bears}
    assert told == ({"£1,000", "50.00%"} if shown else {"withheld"})
    assert found.contingency == "£1,000"


@pytest.mark.parametrize(("kind", "pupils", "shown"), [("pupil", None, False), ("group", 4, False), ("group", 5, True),
                                                       ("service", None, True)])  # fmt: skip
def test_what_is_allocated_for_few_pupils_is_withheld_and_so_is_what_is_left(
    kind: str, pupils: int | None, shown: bool
) -> None:
    one = money("A-1", 10, date(2025, 9, 1), kind=kind, pupils=pupils)
    found = shared_row(row_of(allocations=((one, "yes", False),)))
    assert (found.allocated != "withheld", found.left != "withheld") == (shown, shown)


def test_the_page_asks_for_nothing_and_tells_of_no_few(tmp_path: Path) -> None:
    rows = [*([("1000.01", "kept", "North")] * 6), *([("1234.56", "kept", "South")] * 3), ("", "kept", "South")]
    found = of(tmp_path, table(("North", 3, 100_000), ("South", 1, 300_000)), rows,
               money("A-1", 777, date(2025, 9, 1), "South", "pupil"))  # fmt: skip
    page = html(found)
    assert not re.search(r'(src|href)="|https?:|@import|url\(', page)
    assert SAYS in page
    assert "£6,000.06" in page
    assert not [said for said in ("3,703.68", "1,851.84", "777", "A-1") if said in page]
    assert "Some claims are without an amount" in page
    assert page.count("<svg") == 2 * 4
    assert "share of claims that every one" not in page, "the least of them may be one that is withheld"


# The workbook.


def made(path: Path, seed: int, **other: Any) -> Glance:
    """Return the years of made Communities with claims and allocations of every kind; `other` are changes."""
    chance = random.Random(seed)
    names = ("East", "North", "South")
    path.mkdir(exist_ok=True)
    of_table = table(*((name, chance.randrange(1, 90), chance.randrange(10**6, 10**8)) for name in names))
    rows = [(f"{chance.randrange(100, 9000)}.{chance.randrange(100):02}", chance.choice(["kept", "kept", "", "opted_out"]),
             chance.choice(names)) for _ in range(chance.choice([1, 25, 60]))]  # fmt: skip
    set_aside = [
        Allocation(f"A-{n}", chance.choice(names), (kind := chance.choice(["pupil", "group", "service"])),
                   chance.randrange(1, 9) if kind == "group" else None, chance.randrange(10**5, 9 * 10**6),
                   date(2025 + chance.randrange(3), 10, 1)) for n in range(12)
    ]  # fmt: skip
    contingency = Fraction(chance.choice(["0", "0.05", "0.033333"]))
    share = chance.choice([None, Fraction("0.654321")])
    given = {"table": of_table, "rows": rows, "set_aside": set_aside, "contingency": contingency} | other
    pots = tuple(chance.randrange(10**7, 10**9) for _ in YEARS)
    return of(
        path,
        given["table"],
        given["rows"],
        *given["set_aside"],
        pots=pots,
        share=share,
        contingency=given["contingency"],
    )


def pence(one: Cell) -> int | None:
    return None if not isinstance(one.value, float) else round(one.value * 100)


def differences(found: dict[tuple[str, str], Cell], wanted: Glance) -> list[str]:
    """Return where a workbook is not what the engine has; each end of a range as it shows it."""
    said = []
    places = [(one, place) for one in wanted.ledgers for place in range(len(one.rows))]
    for row, (one, place) in enumerate(places, 6):
        here = one.rows[place]
        figures = [here.budget, wanted.change(place, here.budget), here.protected, here.contingency, here.left]
        columns = [("D", "E"), ("F", "G"), ("H", "I"), ("J", "K"), ("M", "N")]
        for figure, ends in zip(figures, columns, strict=True):
            shown = [pence(found["Years", f"{end}{row}"]) for end in ends]
            if figure is not None and shown != both(figure):
                said.append(f"year {one.budgets.year}, {here.community}, {ends}: {shown} for {both(figure)}")
        if pence(found["Years", f"L{row}"]) != here.allocated:
            said.append(f"{here.community}: allocated")
        shares = [found["Years", f"{end}{row}"].value for end in "OP"]
        told = [round(one * 10_000) if isinstance(one, float) else None for one in shares]
        if told != (both(here.affordable, 10_000) if here.affordable else [None, None]):
            said.append(f"{here.community}: bears {told}")
    row = 6
    for place in range(len(wanted.ledgers[0].rows)):
        for year in wanted.financial_years:
            for figure, ends in ((wanted.in_financial_year(place, year), "DE"), (wanted.change_in(place, year), "GH")):
                shown = [pence(found["Financial years", f"{end}{row}"]) for end in ends]
                if figure is not None and shown != both(figure):
                    said.append(f"{year.name}, {place}: {shown} for {both(figure)}")
            row += 1
    entries = [entry for one in wanted.ledgers for here in one.rows for entry in here.allocations]
    for row, (_, fits, marked) in enumerate(entries, 6):
        told_fits = found["Allocations", f"I{row}"].value, found["Allocations", f"J{row}"].value
        if told_fits != (fits, "yes" if marked else "no"):
            said.append(f"allocation {row}: {told_fits}")
    return said


def both(figure: Range, by: int = 1) -> list[int]:
    low = floor(figure.low * by)
    return [low, low if figure.settled else ceil(figure.high * by)]


@pytest.mark.parametrize("seed", range(3))
def test_the_stored_values_are_the_engines_and_no_result_is_a_constant(tmp_path: Path, seed: int) -> None:
    one = made(tmp_path, seed)
    found = cells(workbook(one))
    assert differences(found, one) == []
    assert [
        at for at, cell in found.items() if isinstance(cell.value, float) and not cell.formula and not cell.filled
    ] == []
    assert all(str(found[sheet, "A2"].value).startswith(SAYS) for sheet, _ in found)
    assert any("not for publication" in str(cell.value) for cell in found.values())


def test_every_sheet_formula_and_line_is_as_read(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """The workbook and the page, as text. That formulas are right is held by `make workbook`; here none changes unread."""
    rows = [("1000.00", "kept", "North"), ("700.50", "", "South"), ("20.00", "opted_out", "East")]
    one = made(tmp_path, 1, rows=rows, set_aside=[
        money("A-1", 900, date(2025, 10, 1)), money("A-2", 70, date(2026, 10, 1), "South", "group", 6),
        money("A-3", 500, date(2026, 10, 1), "South", "pupil"),
    ])  # fmt: skip
    assert steady(listing(workbook(one))) == snapshot(extension_class=Wording, name="workbook")
    page = BeautifulSoup(html(one), "html.parser")
    assert steady("\n".join(page.stripped_strings)) + "\n" == snapshot(extension_class=Wording, name="page")


def test_shares_that_are_too_fine_for_a_workbook_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="would not be exact"):
        workbook(made(tmp_path, 1, contingency=Fraction(1, 3)))


def test_an_output_is_written_and_replaces_none_of_what_was_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "communities.csv").write_text(
        COMMUNITIES + "North,1,2,3,4,1.00\nSouth,4,3,2,1,1.00\n", encoding="utf-8"
    )
    found = claims(tmp_path / "claims.xlsx", ("1000", "kept", "North"))
    common = ("ledger", str(tmp_path / "communities.csv"), "--quantum", "4000.00", "--root", str(FROZEN))
    status, _, said = senpolicy(capsys, *common, "--claims", str(found), "-o", str(found))
    assert (status, "would replace 'claims.xlsx'" in said) == (2, True)
    found = claims(tmp_path / "claims.csv", ("1000", "kept", "North"))
    for name in ("out.html", "out.xlsx"):
        status, out, said = senpolicy(capsys, *common, "--claims", str(found), "-o", str(tmp_path / name))
        assert (status, out, f"Written: {name}" in said, (tmp_path / name).stat().st_size > 5000) == (0, "", True, True)


@pytest.mark.workbook
def test_libreoffice_gives_the_engines_answer_to_each_change(tmp_path: Path) -> None:
    answers_to_each_change(tmp_path, range(6), lambda books: recalculated(books, tmp_path / "office"))


@pytest.mark.parametrize("seed", [0, 3])
def test_the_formulas_give_the_engines_answer_to_each_change(tmp_path: Path, seed: int) -> None:
    """As LibreOffice does, which is not at hand in each run."""
    answers_to_each_change(tmp_path, [seed], lambda books: {name: evaluated(book) for name, book in books.items()})


def answers_to_each_change(
    tmp_path: Path, seeds: Sequence[int], work_out: Callable[[dict[str, bytes]], dict[str, dict[tuple[str, str], Cell]]]
) -> None:
    """Counties as they are, and each with the contingency, an earlier figure, an allocation or a claim changed."""
    books: dict[str, bytes] = {}
    wanted: dict[str, Glance] = {}
    for seed in seeds:
        chance, one = random.Random(seed), made(tmp_path / f"{seed}", seed)
        book = workbook(one)
        books[f"same-{seed}"], wanted[f"same-{seed}"] = book, one
        found = cells(book)

        books[f"back-{seed}"] = changed(book, {("Inputs", "B6"): "0.071429"})
        wanted[f"back-{seed}"] = made(tmp_path / f"{seed}", seed, contingency=Fraction("0.071429"))

        row = next(int(at[1:]) for (sheet, at), cell in found.items() if sheet == "Inputs" and cell.value == "East")
        books[f"before-{seed}"] = changed(book, {("Inputs", f"B{row}"): "12345.67"})
        assert one.before is not None
        wanted[f"before-{seed}"] = replace(one, before=(12345_67, *one.before[1:]))

        entries = [entry for each in one.ledgers for here in each.rows for entry, *_ in here.allocations]
        place = chance.randrange(len(entries))
        books[f"money-{seed}"] = changed(book, {("Allocations", f"F{place + 6}"): "9876.54"})
        other = [replace(entry, amount=9876_54) if entry == entries[place] else entry for entry in entries]
        wanted[f"money-{seed}"] = made(tmp_path / f"{seed}", seed, set_aside=other)

        kept = one.ledgers[0].rows[0].kept
        if kept:
            # The row of the first claim of the first Community; its share becomes another.
            claim = replace_claim(one, Fraction("0.456789"))
            books[f"claim-{seed}"] = changed(book, {("Claims", f"{column}6"): "0.456789" for column in "EF"})
            wanted[f"claim-{seed}"] = claim
    found_all = work_out(books)
    wrong = {name: some for name, one in wanted.items() if (some := differences(found_all[name], one))}
    assert wrong == {}
    for name, book in books.items():
        if name.startswith("same"):
            before = cells(book)
            assert [at for at, one in before.items() if one.formula and not alike(one, found_all[name].get(at))] == []
    seen = [
        name for name, one in wanted.items() if not name.startswith("same") and differences(cells(books[name]), one)
    ]
    print(f"{len(books)} workbooks, {len(books) - len(seeds)} of them changed, {len(seen)} changes seen in the result")
    assert len(seen) >= 3 * len(seeds)


def replace_claim(one: Glance, share: Fraction) -> Glance:
    """Return the years where the first claim of the first Community keeps another share in the first year."""
    first, *others = one.ledgers
    row, *rest = first.rows
    claim, *kept = row.kept
    new = claim._replace(least=share, most=share)
    each = [new, *kept]
    low = sum(int(it.amount * it.least) for it in each if it.certain)
    high = sum(int(it.amount * it.most) for it in each)
    protected = Range(Fraction(low), Fraction(high))
    room = row.budget.part(1 - one.contingency).less(protected)
    total, placed = 0, []
    for entry, _, marked in row.allocations:
        total += entry.amount
        placed.append((entry, _fits(total, room), marked))
    left = room.less(Range(Fraction(total), Fraction(total)))
    changed_row = replace(row, protected=protected, kept=tuple(each), left=left, allocations=tuple(placed))
    return replace(one, ledgers=(replace(first, rows=(changed_row, *rest)), *others))
