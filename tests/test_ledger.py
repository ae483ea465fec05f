"""A Community's ledger: what earlier claims take, what fits, and which share a budget can bear, to the penny."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from running import senpolicy
from senpolicy.caseloads import budgets as sums
from senpolicy.caseloads.budgets import Budget, Budgets
from senpolicy.caseloads.ledger import Allocation, Ledger, ledger, read_allocations, read_share
from senpolicy.caseloads.tables import open_caseload
from senpolicy.cli.shared import load_policy
from senpolicy.files.problems import PolicyError, WrongUse

ROOT = Path(__file__).resolve().parents[1]
FIRST, LAST = date(2025, 9, 1), date(2026, 8, 31)
HEAD = ["case_ref", "decision_date", "age", "year_group", "setting", "plan", "additional_cost", "element3_rate", "existing_claim",
        "community_protection", "adaptation_level", "community"]  # fmt: skip


@pytest.fixture(scope="module")
def year_one() -> Budgets:
    """The policy's budgets of year 1, whose rows each test puts in."""
    policy = load_policy(ROOT, None, False, "all", faults=False)
    how = sums.division(policy, 1)
    return Budgets(policy, 1, how.first, how.last, 1_000_000, 0, how.off, how.parts, ())


def claims(path: Path, *rows: tuple[str, str, str]) -> Path:
    """Write a caseload of claims: the rate, whether the Community keeps the protection, and the Community."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for number, (rate, kept, whose) in enumerate(rows, 1):
            out.writerow([f"K-{number}", "2025-10-01", "9", "4", "mainstream", "sen_support", "90000", rate, "true", kept,
                          "sen_support", whose])  # fmt: skip
    return path


def of(
    year: Budgets,
    path: Path,
    *rows: tuple[str, str, str],
    budget: Budget,
    set_aside: Sequence[Allocation] = (),
    **how: Any,
) -> Ledger:
    from dataclasses import replace

    found = claims(path / "claims.csv", *rows)
    return ledger(replace(year, rows=(budget,)), open_caseload(found), set_aside, **how)


def allocated(
    reference: str, pounds: int, day: int = 1, kind: str = "service", pupils: int | None = None
) -> Allocation:
    return Allocation(reference, "North", kind, pupils, pounds * 100, date(2025, 9, day))


def test_the_example_of_the_guide_is_right_to_the_penny(tmp_path: Path, year_one: Budgets) -> None:
    budget = Budget("North", 1_000_000, 1_000_000)
    found = of(year_one, tmp_path, ("3000.33", "kept", "North"), ("2000", "kept", "North"), budget=budget,
               set_aside=[allocated("A-1", 6000), allocated("A-2", 1000, 2)],
               share=Fraction(13, 20), contingency=Fraction(1, 20))  # fmt: skip
    assert found.rows[0].to_json() == {
        "community": "North", "budget": "10000.00", "claims": "5000.33", "protected": "3250.21",
        "contingency": "500.00", "allocated": "7000.00", "left": "-750.21", "affordable_share": "1.0000",
        "allocations": [
            {"reference": "A-1", "amount": "6000.00", "fits": "yes", "moderation": False},
            {"reference": "A-2", "amount": "1000.00", "fits": "no", "moderation": False},
        ],
    }  # fmt: skip


def test_without_a_share_the_policys_range_is_kept_and_a_claim_that_may_be_counts_at_the_high_end(
    tmp_path: Path, year_one: Budgets
) -> None:
    rows = (("1000", "kept", "North"), ("2000", "", "North"), ("4000", "opted_out", "North"))
    [row] = of(year_one, tmp_path, *rows, budget=Budget("North", 900_000, 900_000)).rows
    assert (row.claims.low, row.claims.high) == (Fraction(100_000), Fraction(300_000))
    assert (row.protected.low, row.protected.high) == (Fraction(50_000), Fraction(225_000))
    assert row.left.money() == {"low": "6750.00", "high": "8500.00", "low_reached": True, "high_reached": True}


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [
        # An end of the budget that is left out gives no share that is reached; a share of 1 is reached below it.
        (50_000, 80_000, {"low": "0.5000", "high": "0.8000", "low_reached": False, "high_reached": False}),
        (50_000, 100_000, {"low": "0.5000", "high": "1.0000", "low_reached": False, "high_reached": False}),
        (50_000, 100_001, {"low": "0.5000", "high": "1.0000", "low_reached": False, "high_reached": True}),
        (100_000, 200_000, "1.0000"),
        (33_333, 33_333, "0.3333"),
    ],
)
def test_the_share_that_a_budget_bears_says_of_each_end_whether_it_is_reached(
    tmp_path: Path, year_one: Budgets, low: int, high: int, share: Any
) -> None:
    budget = Budget("North", low, high, "excluded" if low < high else "included")
    [row] = of(year_one, tmp_path, ("1000", "kept", "North"), budget=budget, share=Fraction(1)).rows
    assert row.affordable is not None
    assert row.affordable.share() == share


def test_no_share_is_told_without_claims_or_where_none_is_kept(tmp_path: Path, year_one: Budgets) -> None:
    [row] = of(year_one, tmp_path, ("1000", "opted_out", "North"), budget=Budget("North", 100, 100)).rows
    assert (row.affordable, row.to_json()["affordable_share"]) == (None, None)


@pytest.mark.parametrize(("pounds", "fits"), [(500, "yes"), (501, "open"), (799, "open"), (800, "no"), (801, "no")])
def test_an_allocation_fits_within_the_low_end_and_does_not_at_a_high_end_that_is_never_reached(
    tmp_path: Path, year_one: Budgets, pounds: int, fits: str
) -> None:
    budget = Budget("North", 50_000, 80_000, "excluded")
    [row] = of(
        year_one, tmp_path, ("1", "opted_out", "North"), budget=budget, set_aside=[allocated("A-1", pounds)]
    ).rows
    assert [told for _, told, _ in row.allocations] == [fits]


def test_allocations_are_counted_by_day_then_reference(tmp_path: Path, year_one: Budgets) -> None:
    set_aside = [allocated("A-3", 60, 2), allocated("A-2", 60), allocated("A-1", 60)]
    budget = Budget("North", 12_000, 12_000)
    [row] = of(year_one, tmp_path, ("1", "opted_out", "North"), budget=budget, set_aside=set_aside).rows
    assert [(one.reference, fits) for one, fits, _ in row.allocations] == [
        ("A-1", "yes"),
        ("A-2", "yes"),
        ("A-3", "no"),
    ]


@pytest.mark.parametrize(
    ("kind", "pupils", "pounds", "marked"),
    [("pupil", None, 6000, False), ("pupil", None, 6001, True), ("group", 4, 24_000, False),
     ("group", 4, 24_001, True), ("service", 1, 90_000, False)],
)  # fmt: skip
def test_what_a_pupil_or_a_groups_average_exceeds_the_amount_by_is_marked(
    tmp_path: Path, year_one: Budgets, kind: str, pupils: int | None, pounds: int, marked: bool
) -> None:
    set_aside = [allocated("A-1", pounds, 1, kind, pupils)]
    [row] = of(year_one, tmp_path, ("1", "opted_out", "North"), budget=Budget("North", 1, 1), set_aside=set_aside).rows
    assert [told for *_, told in row.allocations] == [marked]


def test_a_community_without_a_row_is_refused(tmp_path: Path, year_one: Budgets) -> None:
    with pytest.raises(PolicyError, match="has no row"):
        of(year_one, tmp_path, ("1000", "kept", "Nroth"), budget=Budget("North", 1, 1))
    other = Allocation("A-1", "South", "service", None, 100, FIRST)
    with pytest.raises(PolicyError, match="has no row"):
        of(year_one, tmp_path, ("1000", "kept", "North"), budget=Budget("North", 1, 1), set_aside=[other])


def test_everything_that_is_wrong_with_allocations_is_told_at_once(tmp_path: Path, year_one: Budgets) -> None:
    path = tmp_path / "allocations.csv"
    head = "reference,community,kind,pupils,amount,from\n"
    path.write_text(head + "A-1,North,gift,,5,2025-09-01\nA-2,North,group,0,5,2025-09-01\nA-3,North,pupil,,-5,soon\n"
                    "A-4,North,pupil,,5.001,2026-09-01\nA-5,North,pupil,,5,2025-09-01\nA-5,North,pupil,,5,2025-09-01\n",
                    encoding="utf-8")  # fmt: skip
    with pytest.raises(PolicyError) as raised:
        read_allocations(path, year_one.policy, FIRST, LAST)
    said = [one.message for one in raised.value.problems]
    for told in ("Row 1, column 'kind'", "Row 2, column 'pupils'", "Row 3, column 'amount'", "Row 3, column 'from'",
                 "Row 4, column 'amount'", "Row 4, column 'from'", "Row 6, column 'reference'"):  # fmt: skip
        assert any(one.startswith(told) for one in said), told
    assert len(said) == 7


@pytest.mark.parametrize("ending", [".csv", ".CSV", ".xlsx", ".parquet"])
def test_allocations_are_read_from_each_kind_of_table(tmp_path: Path, year_one: Budgets, ending: str) -> None:
    head, row = (
        ["reference", "community", "kind", "pupils", "amount", "from"],
        ["A-1", "North", "group", "4", "24000.50", "2025-09-01"],
    )
    path = tmp_path / f"allocations{ending}"
    if ending == ".xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, head)
            sheet.write_row(1, 0, row)
    elif ending == ".parquet":
        pq.write_table(pa.table(dict(zip(head, ([cell] for cell in row), strict=True))), path)
    else:
        path.write_text(f"{','.join(head)}\n{','.join(row)}\n", encoding="utf-8")
    assert read_allocations(path, year_one.policy, FIRST, LAST) == [
        Allocation("A-1", "North", "group", 4, 2_400_050, FIRST)
    ]


def test_claims_without_rows_are_refused_since_nothing_is_known_of_them(tmp_path: Path, year_one: Budgets) -> None:
    with pytest.raises(PolicyError, match="no cases"):
        of(year_one, tmp_path, budget=Budget("North", 1, 1))


@pytest.mark.parametrize("text", ["1.1", "-0.1", "65%", "", "NaN", "1e-1"])
def test_a_share_is_from_0_to_1(text: str) -> None:
    with pytest.raises(WrongUse, match="not a share"):
        read_share(text, "--share")


def test_the_command_gives_each_community_and_warns_of_few_claims(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    communities = tmp_path / "communities.csv"
    communities.write_text("community,pupils,idaci,looked_after,low_prior_attainment,historic\n"
                           "North,1,1,1,1,1.00\nSouth,1,1,1,1,1.00\n", encoding="utf-8")  # fmt: skip
    found = claims(tmp_path / "claims.csv", ("1000", "kept", "North"))
    common = ("ledger", str(communities), "--claims", str(found), "--quantum", "4000.00", "--root", str(ROOT))
    status, out, said = senpolicy(capsys, *common, "--year", "1", "--json")
    assert (status, [one["community"] for one in json.loads(out)]) == (0, ["North", "South"])
    assert [one["budget"] for one in json.loads(out)] == ["2000.00", "2000.00"]
    assert "Fewer than 5 claims: North." in said
    # After the first year no share is kept.
    status, out, _ = senpolicy(capsys, *common, "--year", "2", "--json")
    assert (status, [one["affordable_share"] for one in json.loads(out)]) == (0, [None, None])
