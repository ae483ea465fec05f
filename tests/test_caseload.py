"""Caseloads: three formats in and out, every bad row with its reason, whole or not at all, and nothing echoed."""

from __future__ import annotations

import compileall
import csv
import errno
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

import columned
import csv_files
import generated
from golden_files import ROOT, decider
from running import senpolicy
from senpolicy.caseloads import run as caseload
from senpolicy.caseloads import tables
from senpolicy.caseloads.files import limits
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.run import Differ, Summary
from senpolicy.deciding.cases import Refused, read_cell, read_text
from senpolicy.deciding.decide import Decider
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.language.conditions import Value, written
from senpolicy.readings.columns import Columns, code, compiled

POLICY = decider(ROOT, None, "all").policy
FACTS = [name for name in POLICY.corpus.facts.facts if not name.startswith("rating_")]
SUFFIXES = (".csv", ".parquet", ".xlsx")
GOOD = {
    "case_ref": "K-0007",
    "decision_date": "2025-10-01",
    "age": "9",
    "year_group": "4",
    "setting": "mainstream",
    "plan": "ehcp",
    "ehcp_issued_on": "2024-05-01",
    "element3_rate": "4000.01",
    "existing_claim": "true",
    "community_start": "2025-09-01",
    "community_protection": "kept",
}
#: Words of the rows that are refused below: none of them may come out again.
SECRETS = ("Zacharias", "Quentin", "1234567890", "nine", "7,123", "31/12")

Rows = list[dict[str, str]]


def some(count: int, seed: int = 1) -> Rows:
    """Return sound rows as text, made by the generator."""
    source, tried, rows = random.Random(seed), generated.values(POLICY), []
    while len(rows) < count:
        facts = generated.drawn(source, tried)
        if not isinstance(generated.given(facts, POLICY), Refused):
            cells = {name: as_cell(name, facts[name]) for name in FACTS if name in facts}
            rows.append({"case_ref": f"K-{len(rows):05}", **cells})
    return rows


def as_cell(name: str, value: Value) -> str:
    """Return a fact as the text of a cell."""
    plain = written(POLICY.types[name].type, value)
    return "" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def write(path: Path, rows: Rows) -> Path:
    """Write rows as a council's own program would: typed where the format has types."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            pen = csv.DictWriter(file, names)
            pen.writeheader()
            pen.writerows(rows)
    elif path.suffix == ".parquet":
        pq.write_table(pa.table({name: typed(name, [row.get(name, "") for row in rows]) for name in names}), path)
    else:
        book = xlsxwriter.Workbook(str(path))
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, names)
        for at, row in enumerate(rows, 1):
            for place, name in enumerate(names):
                excel(sheet, at, place, name, row.get(name, ""), day)
        book.close()
    return path


def typed(name: str, cells: list[str]) -> pa.Array:
    """Return a column of Parquet with the type of its fact."""
    kind = POLICY.types[name].type if name in POLICY.types else "choice"
    sorts = {"money": pa.decimal128(11, 2), "integer": pa.int64(), "date": pa.date32(), "boolean": pa.bool_()}
    text = pa.array([cell or None for cell in cells], pa.string())
    return text.cast(sorts.get(kind, pa.string()))


def excel(sheet: Any, row: int, place: int, name: str, cell: str, day: Any) -> None:
    """Write one cell as a person would: numbers as numbers, days as days."""
    kind = POLICY.types[name].type if name in POLICY.types else "choice"
    if cell and (kind == "date" or name == "community_start"):
        sheet.write_datetime(row, place, datetime.fromisoformat(cell), day)
    elif cell and kind in ("money", "integer"):
        sheet.write_number(row, place, Decimal(cell))
    elif cell and kind == "boolean":
        sheet.write_boolean(row, place, cell == "true")
    else:
        sheet.write_string(row, place, cell)


def read(path: Path) -> Rows:
    """Return a file as text, whatever its format; money with two decimals, days as ISO dates."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [dict(row) for row in csv.DictReader(file)]
    if path.suffix == ".parquet":
        return [{name: plain(value) for name, value in row.items()} for row in pq.read_table(path).to_pylist()]
    names, *rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [{str(name): plain(value, str(name)) for name, value in zip(names, row, strict=True)} for row in rows]


def plain(value: Any, name: str = "") -> str:
    """Return a value as CSV has it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if name.endswith("_days") else f"{Decimal(repr(value)):.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def decide(path: Path, out: Path, **how: Any) -> Summary:
    """Decide a caseload under the real policy."""
    running = columned.duckdb(compiled(POLICY))
    return caseload.decide(path, out, POLICY, **{"engine_name": running, "seed": 1, "verify": 1000, **how})


def reasons(out: Path) -> Rows:
    """Return the file of the rows refused that stands beside an output."""
    return read(out.with_name(f"{out.stem}.refused.csv"))


def run(*arguments: str, folder: Path, before: str = "", entry: str = "program") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own; `before` is run in it first. After `main`, Python ends as usual."""
    code = f"{before}\nfrom senpolicy.cli import {entry}\n{entry}()"
    command = [sys.executable, "-c", code, *arguments, "--root", str(ROOT)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces of a few rows, so that small files have several."""
    monkeypatch.setattr(tables, "PIECE", 40)


#: Each format once as what is read and once as what is written; `make slow` tries them all.
PAIRS = [
    pytest.param(one, other, marks=[] if place == (SUFFIXES.index(one) + 1) % len(SUFFIXES) else pytest.mark.slow)
    for one in SUFFIXES
    for place, other in enumerate(SUFFIXES)
]


@pytest.mark.parametrize(("given", "output"), PAIRS)
def test_every_format_gives_the_same_in_every_format(tmp_path: Path, given: str, output: str, small: None) -> None:
    """Round trips through each format; typed columns, dates and exact money come to the same rows."""
    rows = some(150)
    wanted = tmp_path / "wanted.csv"
    decide(write(tmp_path / "a.csv", rows), wanted)
    out = tmp_path / f"out{output}"
    summary = decide(write(tmp_path / f"b{given}", rows), out)
    assert summary.decided == summary.verified == 150
    assert read(out) == read(wanted)
    assert not out.with_name("out.refused.csv").exists()


def test_a_row_has_all_that_the_contract_names(tmp_path: Path) -> None:
    """Contract, "Commands": answers, ids of rule and open point, missing facts, low and high, the corpus digest."""
    write(
        tmp_path / "a.csv",
        [
            GOOD,
            GOOD | {"case_ref": "K-0008", "element3_rate": "6000"},
            GOOD | {"case_ref": "K-9", "setting": ""},
            GOOD | {"case_ref": "K-10", "plan": "", "ehcp_issued_on": "", "element3_rate": "6500"},
            GOOD | {"case_ref": "K-11", "plan": "", "ehcp_issued_on": ""},
        ],
    )
    decide(tmp_path / "a.csv", tmp_path / "o.csv")
    first, second, third, fourth, fifth = read(tmp_path / "o.csv")
    assert (
        first
        | {
            "case_ref": "K-0007",
            "route": "community_budget",
            "route_rule": "route/rate-below-limit",
            "protection": "share_of_existing_claim",
            "protection_low": "0.50",
            "protection_high": "0.75",
            "protection_until": "2026-08-31",
            "protection_approximate": "true",
            "amount_protected_low": "2000.00",
            "amount_protected_high": "3000.01",
            "policy_digest": POLICY.digest,
            "policy_as_of": POLICY.as_of,
        }
        == first
    )
    assert (second["route"], second["route_open_points"]) == ("undetermined", "A1-rate-of-exactly-6000")
    assert (third["route"], third["route_missing"], third["route_rule"]) == ("undetermined", "setting", "")
    assert third["protection_missing"] == "setting"
    # Above the limit the plan decides, and is missing; below it a plan and SEN Support lead to the Community alike.
    assert (fourth["route"], fourth["route_missing"], fourth["route_rule"]) == ("undetermined", "plan", "")
    assert fourth["protection_missing"] == "plan"
    assert (fifth["route"], fifth["route_missing"]) == ("community_budget", "")
    assert (fifth["protection"], fifth["protection_missing"]) == ("share_of_existing_claim", "")


def bad_rows() -> Rows:
    """Return rows each of which is refused, for as many reasons as there are."""
    wrong = {
        "case_ref": ["", "Zacharias Quentin", "DOB-1", "K-20110203", "KKKKK-1", "K_1"],
        "decision_date": ["", "31/12/2025", "2025-02-30", "2025-2-3", "45000"],
        "age": ["nine", "26", "-1", "9.5", "99999"],
        "year_group": ["15", "Reception", "-2"],
        "setting": ["mainstrem", "Mainstream", "Zacharias Quentin", "mainstream "],
        "plan": ["EHCP", "sen support"],
        "ehcp_issued_on": ["2030-01-01", "1/4/2024", "tomorrow"],
        "element3_rate": ["7,123", "£6000", "-1", "+1", "6000.001", "1e5", "1234567890", ".5", "6000.", "04000"],
        "existing_claim": ["false", "yes", "1"],
        "additional_cost": ["6000", "nine"],
    }
    rows = [GOOD | {name: cell} for name, cells in wrong.items() for cell in cells]
    rows += [GOOD | {"plan": "sen_support"}, GOOD | {"age": "nine", "setting": "x", "existing_claim": "false"}]
    return [
        row | ({} if row["case_ref"] != GOOD["case_ref"] else {"case_ref": f"B-{at}"}) for at, row in enumerate(rows)
    ]


@pytest.mark.parametrize("given", SUFFIXES)
def test_a_row_is_refused_just_as_the_same_case_is(tmp_path: Path, given: str, small: None) -> None:
    """The same codes, fields and words as `senpolicy.deciding.cases` has for a case in JSON, and the others are decided."""
    rows = bad_rows() + some(60)
    random.Random(3).shuffle(rows)
    if given == ".csv":
        path = write(tmp_path / "a.csv", rows)
    elif given == ".parquet":  # All text: no type could hold what is wrong.
        names = list(dict.fromkeys(name for row in rows for name in row))
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)
    else:
        path = tmp_path / "a.xlsx"
        names = list(dict.fromkeys(name for row in rows for name in row))
        book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
        sheet = book.add_worksheet()
        for at, cells in enumerate([names, *([row.get(name, "") for name in names] for row in rows)]):
            for place, cell in enumerate(cells):
                sheet.write_string(at, place, cell)
        book.close()
    cases = read_text(json.dumps(rows), "a.json", POLICY)
    wanted = [
        (str(problem.row), problem.field, problem.code, problem.message, problem.help)
        for case in cases
        if isinstance(case, Refused)
        for problem in case.problems
    ]
    summary = decide(path, tmp_path / "o.csv")
    assert [tuple(row.values()) for row in reasons(tmp_path / "o.csv")] == wanted
    assert summary.refused_rows == sum(isinstance(case, Refused) for case in cases) == len(bad_rows())
    assert summary.verified == summary.rows
    told = (tmp_path / "o.refused.csv").read_text(encoding="utf-8") + "\n".join(summary.lines(share=False))
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize("name", csv_files.EXPECTED)
def test_a_csv_file_is_read_by_the_rules_that_the_page_has_too(name: str) -> None:
    """Line ends, quotation marks, blank rows, cells too many or too few: as `tests/browser` has it of the page."""
    assert csv_files.by_command(csv_files.FOLDER / name, POLICY) == csv_files.EXPECTED[name]


def test_what_becomes_of_every_csv_file_is_written_down() -> None:
    """A file without an expectation would be read by nobody."""
    assert {path.name for path in csv_files.FOLDER.glob("*.csv")} == set(csv_files.EXPECTED)


def test_columns_of_mixed_types_are_read_cell_by_cell(tmp_path: Path) -> None:
    """A column with mixed types is a clear problem with the row, and only for the cells that do not fit."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["case_ref", "decision_date", "age", "element3_rate"])
    for at, (age, rate) in enumerate([(9, 6000.01), ("9", "6000.01"), ("nine", 6000.015), (9.5, True), (9.0, 1e9)], 1):
        sheet.write_row(at, 0, [f"K-{at}", "2025-10-01", age, rate])
    book.close()
    summary = decide(path, tmp_path / "o.csv")
    assert [row["row"] + row["field"] for row in reasons(tmp_path / "o.csv")] == [
        "3age",
        "3element3_rate",
        "4age",
        "4element3_rate",
        "5element3_rate",
    ]
    assert summary.decided == 2


def test_a_float_column_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Programs that know no decimals write pounds as floats: the shortest digits count, to the penny."""
    rates = pa.array([6000.01, 0.29, None, 1e6, 0.1 + 0.2, -1.0, float("nan")])
    table = pa.table(
        {
            "case_ref": [f"K-{at}" for at in range(7)],
            "decision_date": ["2025-03-01"] * 7,
            "setting": ["mainstream"] * 7,
            "age": pa.array([9.0, None, 9.0, 9.0, 9.0, 9.0, 9.0]),
            "element3_rate": rates,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    decide(tmp_path / "a.parquet", tmp_path / "o.csv")
    found = {row["case_ref"]: row["amount_pounds_a_year"] for row in read(tmp_path / "o.csv")}
    assert found == {"K-0": "6000.01", "K-1": "0.29", "K-2": "", "K-3": "1000000.00"}
    assert {row["code"] for row in reasons(tmp_path / "o.csv")} == {"not-money"}


@pytest.mark.parametrize(
    "sort", [pa.decimal128(12, 3), pa.decimal128(9, 0), pa.int32(), pa.uint64(), pa.large_string(), pa.string_view()]
)
def test_money_of_any_exact_type_comes_to_the_penny(tmp_path: Path, sort: pa.DataType) -> None:
    """Decimals of another scale, whole pounds and every kind of text are the same money."""
    table = pa.table(
        {
            "case_ref": ["K-1", "K-2"],
            "decision_date": [date(2025, 3, 1)] * 2,
            "setting": ["mainstream"] * 2,
            "age": pa.array(["9", "9"]).dictionary_encode(),
            "element3_rate": pa.array([Decimal(6001), None], pa.decimal128(9, 0)).cast(sort),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert decide(tmp_path / "a.parquet", tmp_path / "o.csv").decided == 2
    assert [row["amount_pounds_a_year"] for row in read(tmp_path / "o.csv")] == ["6001.00", ""]


def _typed_cells() -> Iterator[tuple[str, pa.Array]]:
    """Yield columns with the types of other programs, whose cells are at the ends of what a fact may be."""
    most, beyond = Decimal("999999999.99"), Decimal(2**64 + 10_000)  # 64 bits of `beyond` are those of 10,000.
    pounds = {0: [0, 999_999_999, 10**9, -1, beyond, -beyond, 2**63], 2: ["0", "0.01", most, most + 1, "-0.01", beyond],
              3: ["0.010", "0.001", "999999999.990", "1000000000", "-0.010"], 18: ["1.5", "0.000000000000000001"],
              19: ["1.5", "0.0000000000000000001"]}  # fmt: skip
    for scale, cells in pounds.items():
        yield "element3_rate", pa.array([*map(Decimal, cells), None], pa.decimal128(38, scale))
    for whole in (pa.int64(), pa.uint64(), pa.int32()):
        yield "element3_rate", pa.array([0, 999_999_999, 10**9, None], whole)
    yield "element3_rate", pa.array(["0", "0.1", "0.01", "0.001", "999999999.99", "1000000000", "-1", "01", None])
    yield "age", pa.array([-1, 0, 9, 25, 26, 99, 100, None], pa.int8())
    yield "existing_claim", pa.array([True, False, None])
    days = [date(1, 1, 1), date(9999, 12, 31), date(2025, 10, 1), None]
    yield "ehcp_issued_on", pa.array(days, pa.date32())
    yield "ehcp_issued_on", pa.array([-719_163, 2_932_896, -719_162], pa.int32()).cast(pa.date32())


def test_a_column_is_read_as_its_cells_are_one_by_one() -> None:
    """A value at the end of what a fact may be, or beyond 64 bits, is neither let in nor cut off where it is typed.

    What is surely sound by the column is the number that the cell gives by itself; what no cell may say is not sound.
    """
    for name, column in _typed_cells():
        kind = POLICY.types[name]
        numbers, fine = caseload.coded_column(column, kind, len(column))
        for cell, number, sound in zip(as_text(column, kind).to_pylist(), numbers, fine, strict=True):
            try:
                expected = code(kind, read_cell(name, cell, kind) if cell is not None else None)
            except ValueError:
                expected = None
            assert sound == (expected is not None), (column.type, cell)
            assert not sound or number == expected, (column.type, cell)


def test_one_row_in_a_hundred_is_bad_and_the_others_are_decided(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A caseload with 1% bad rows decides the rest and writes the bad rows to a file beside it."""
    rows = some(1000)
    bad = sorted(random.Random(2).sample(range(1000), 10))
    for at in bad:
        rows[at] = rows[at] | {"additional_cost": "£7,000"}
    write(tmp_path / "a.csv", rows)
    monkeypatch.chdir(tmp_path)
    status, _, told = senpolicy(capsys, "decide", "a.csv", "-o", "o.parquet", "--seed", "4", "--root", str(ROOT))
    assert status == 1, told
    assert "1000 rows: 990 decided" in told
    assert [int(row["row"]) for row in reasons(tmp_path / "o.parquet")] == [at + 1 for at in bad]
    assert [row["case_ref"] for row in read(tmp_path / "o.parquet")] == [
        f"K-{at:05}" for at in range(1000) if at not in bad
    ]


def test_a_clean_run_takes_the_reasons_of_an_earlier_one_away(tmp_path: Path) -> None:
    """A file of reasons beside an output speaks of that output's rows, or it is not there."""
    for rows, there in (([GOOD, GOOD | {"case_ref": "K-8", "age": "x"}], True), ([GOOD], False)):
        decide(write(tmp_path / "a.csv", rows), tmp_path / "o.csv")
        assert (tmp_path / "o.refused.csv").exists() == there


def test_the_same_reference_twice_refuses_both_wherever_they_stand(tmp_path: Path, small: None) -> None:
    """Contract, "Commands": of cases with the same `case_ref` none is decided, wherever they stand."""
    rows = some(200)
    for at, other in ((3, 190), (50, 120), (50, 121)):
        rows[other] = rows[other] | {"case_ref": rows[at]["case_ref"]}
    decide(write(tmp_path / "a.csv", rows), tmp_path / "o.csv")
    found = {(int(row["row"]), row["code"], row["message"][:1]) for row in reasons(tmp_path / "o.csv")}
    refs = [row["case_ref"] for row in rows]
    assert found == {
        (at + 1, "same-reference", str(refs.count(ref))) for at, ref in enumerate(refs) if refs.count(ref) > 1
    }
    assert len(found) == 5


def test_rows_that_do_not_fit_are_refused_and_empty_ones_passed_over(tmp_path: Path) -> None:
    """A comma too many or too few, or a cell below no heading, is a problem with the row; an empty row is none."""
    names = list(GOOD)
    lines = [
        ",".join([*names, ""]),
        ",".join([*GOOD.values(), ""]),
        "",
        ", ,,,,,,,,,,",
        "K-2,2025-10-01,9",
        ",".join([*(GOOD | {"case_ref": "K-3"}).values(), "Zacharias"]),
        ",".join([*(GOOD | {"case_ref": "K-4"}).values(), "", "", ""]),
    ]
    (tmp_path / "a.csv").write_text("\r\n".join(lines), encoding="utf-8-sig")
    decide(tmp_path / "a.csv", tmp_path / "o.csv")
    assert [row["case_ref"] for row in read(tmp_path / "o.csv")] == ["K-0007", "K-4"]
    assert [(row["row"], row["code"]) for row in reasons(tmp_path / "o.csv")] == [("4", "cells"), ("5", "cells")]
    assert "Zacharias" not in (tmp_path / "o.refused.csv").read_text()


@pytest.mark.parametrize("given", SUFFIXES)
@pytest.mark.parametrize(
    ("names", "codes", "said"),
    [
        (["case_ref", "decision_dat", "age"], ["missing-field", "unknown-field"], "Did you mean 'decision_date'?"),
        (["case_ref", "age"], ["missing-field"], "'decision_date'"),
        (["decision_date", "age"], ["missing-field"], "'case_ref'"),
        (["case_ref", "decision_date", "Settting"], ["unknown-field"], "Did you mean 'setting'?"),
        (["case_ref", "decision_date", "Year Group"], ["unknown-field"], "Did you mean 'year_group'?"),
        (["case_ref", "Decision Date"], ["missing-field", "unknown-field"], "Did you mean 'decision_date'?"),
        (["Our pupils", "shoe_size"], ["unknown-field"], "None of the headings in the first row"),
        (["case_ref", "decision_date", "shoe_size"], ["unknown-field"], "Column 3"),
        (["case_ref", "decision_date", "surname"], ["identifies-a-child"], "Column 3"),
        (["case_ref", "decision_date", "Zacharias Quentin"], ["identifies-a-child"], "Column 3"),
    ],
)
def test_a_heading_that_does_not_fit_stops_before_any_case(
    tmp_path: Path, given: str, names: list[str], codes: list[str], said: str
) -> None:
    """A column missing, extra or renamed is a clear problem, and what may identify a child is not repeated."""
    write(
        tmp_path / f"a{given}",
        [{name: {"case_ref": "K-1", "decision_date": "2025-10-01"}.get(name, "") for name in names}],
    )
    with pytest.raises(PolicyError) as caught:
        decide(tmp_path / f"a{given}", tmp_path / "o.csv")
    assert sorted(problem.code for problem in caught.value.problems) == codes
    assert said in str(caught.value)
    assert not [secret for secret in (*SECRETS, "surname", "shoe") if secret in str(caught.value)]
    assert {path.name for path in tmp_path.iterdir()} == {f"a{given}"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"case_ref,decision_date\n", "empty"),
        ("a.csv", b"case_ref,decision_date\n,\n", "empty"),
        ("a.csv", b"case_ref;decision_date\nK-1;2025-10-01\n", "separator"),
        ("a.csv", b"case_ref,decision_date\nK-1,2025-10-01\nK-2,\xff\xfe\n", "not-utf-8"),
        ("a.csv", b'case_ref,decision_date\nK-1,"2025-10-01\n', "not-csv"),
        ("a.csv", b'case_ref,decision_date\nK-1,"2025"-10-01\n', "not-csv"),
        ("a.csv", b"case_ref,decision_date\nK-1," + b"9" * 200_000, "not-csv"),
        ("a.csv", b"case_ref,case_ref,decision_date\nK-1,K-2,2025-10-01\n", "written-twice"),
        ("a.parquet", b"PAR1 nothing of the kind PAR1", "not-parquet"),
        ("a.parquet", b"", "not-parquet"),
        ("a.xlsx", b"PK nothing of the kind", "not-excel"),
        ("a.xlsx", b"", "not-excel"),
        ("b.csv", None, "no-file"),
    ],
)
def test_a_fault_of_the_file_stops_before_any_case(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    code: str,
) -> None:
    """Contract, "Commands": a fault of the file stops before any case, in plain words."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name).write_bytes(content)
    status, _, said = senpolicy(capsys, "decide", name, "-o", "o.csv", "--root", str(ROOT))
    assert status == 1
    assert f"[{code}]" in said
    assert not Path("o.csv").exists()


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx"])
def test_a_file_that_is_gone_after_the_first_look_is_decided_as_it_was(tmp_path: Path, name: str) -> None:
    """A caseload is gone through more than once, and read once; on a shared drive it may be moved away in between."""
    path = write(tmp_path / name, [GOOD, GOOD | {"case_ref": "K-0008"}])
    found = caseload.open_caseload(path)
    path.unlink()
    for _ in range(2):
        (piece,) = found.pieces(POLICY.types)
        assert piece.columns["case_ref"].to_pylist() == ["K-0007", "K-0008"]


def test_whole_numbers_and_midnights_of_any_type_are_plain(tmp_path: Path) -> None:
    """Databases give whole numbers as decimals, and days as midnights of a time zone."""
    midnights = pa.array([datetime(2025, 9, 1), datetime(2025, 12, 1, 1)], pa.timestamp("us"))
    table = pa.table(
        {
            "case_ref": ["K-1", "K-2"],
            "decision_date": pa.compute.assume_timezone(midnights, "Europe/London"),
            "age": pa.array([Decimal("9.0"), Decimal("9.0")], pa.decimal128(5, 1)),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert decide(tmp_path / "a.parquet", tmp_path / "o.csv").decided == 1
    assert [row["decision_date"] for row in read(tmp_path / "o.csv")] == ["2025-09-01"]
    assert [(row["row"], row["code"]) for row in reasons(tmp_path / "o.csv")] == [("2", "not-date")]


def test_a_damaged_parquet_file_leaves_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can only be seen half-way through leaves nothing behind either."""
    path = write(tmp_path / "a.parquet", some(3000))
    content = bytearray(path.read_bytes())
    content[200:6000] = bytes(5800)
    path.write_bytes(content)
    monkeypatch.chdir(tmp_path)
    status, _, told = senpolicy(capsys, "decide", "a.parquet", "-o", "o.csv", "--root", str(ROOT))
    assert (status, {one.name for one in tmp_path.iterdir()}) == (1, {"a.parquet"})
    assert "not-parquet" in told
    assert "Traceback" not in told


KILL = """
import os, signal
from senpolicy.caseloads import tables
from senpolicy.caseloads.files.cells import as_text
tables.PIECE = 100
kept = tables.CsvWriter.write, tables.ExcelWriter.write, tables.ParquetWriter.write
count = 0
def write(self, table):
    global count
    count += 1
    if count == 3:
        os.kill(os.getpid(), signal.{signal})
        import time
        time.sleep(2)
    return dict(zip(("CsvWriter", "ExcelWriter", "ParquetWriter"), kept))[type(self).__name__](self, table)
tables.CsvWriter.write = tables.ExcelWriter.write = tables.ParquetWriter.write = write
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("output", [SUFFIXES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in SUFFIXES[1:])])
def test_killed_half_way_it_leaves_no_output(tmp_path: Path, output: str, how: signal.Signals) -> None:
    """The output appears whole or not at all, and an earlier one stays as it was."""
    write(tmp_path / "a.csv", some(600))
    before = {"a.csv": (tmp_path / "a.csv").read_bytes(), f"o{output}": b"an earlier output"}
    (tmp_path / f"o{output}").write_bytes(before[f"o{output}"])
    done = run("decide", "a.csv", "-o", f"o{output}", folder=tmp_path, before=KILL.format(signal=how.name))
    assert done.returncode in (-how, 143)
    assert (done.stderr == "Stopped before the end; nothing was written.\n") is (how == signal.SIGTERM)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_stop_that_comes_while_something_is_let_go_of_stops_all_the_same() -> None:
    """There an exit goes no further by itself, and Python would print it and go on: as in the middle of a proof."""
    program = """
import os, signal, time
from senpolicy.cli.stopping import stop_in_order
stop_in_order()
class Let:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        len([number for number in range(10)])
held = Let()
del held
for number in range(300):
    time.sleep(0.01)
print("It went on.")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "Stopped before the end; nothing was written.\n")


@pytest.mark.parametrize(
    "output", [SUFFIXES[1], *(pytest.param(SUFFIXES[at], marks=pytest.mark.slow) for at in (0, 2))]
)
def test_a_file_that_may_grow_no_larger_is_said_to_be(tmp_path: Path, output: str) -> None:
    """The real limit of the system on the size of a file, reached half-way."""
    write(tmp_path / "a.csv", some(1500))
    # What Python compiles on the way, in the processes that read too, would be cut short and stay so.
    compileall.compile_dir(ROOT / "engine", quiet=1)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))"
    done = run("decide", "a.csv", "-o", f"o{output}", folder=tmp_path, before=limit)
    assert (done.returncode, {path.name for path in tmp_path.iterdir()}) == (1, {"a.csv"}), done.stderr
    assert "[too-large]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Disk full says so, and leaves nothing behind."""

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    write(tmp_path / "a.csv", [GOOD])
    monkeypatch.setattr(tables.os, "fsync", full)
    with pytest.raises(PolicyError, match="disk is full"):
        decide(tmp_path / "a.csv", tmp_path / "o.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv"}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own with room for 16 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], check=False, stderr=subprocess.DEVNULL
    )
    if mounted.returncode:
        pytest.skip("A disk of one's own can be had by root alone.")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("output", SUFFIXES)
def test_a_disk_that_fills_up_half_way_is_said_to_be_full(tmp_path: Path, tiny_disk: Path, output: str) -> None:
    """A real disk without room: a clear word, no output, and an earlier one as it was."""
    earlier = tiny_disk / f"o{output}"
    earlier.write_bytes(b"an earlier output")
    write(tmp_path / "a.csv", some(1500))
    with pytest.raises(PolicyError, match="disk is full"):
        decide(tmp_path / "a.csv", earlier, verify=0)
    assert [(path.name, path.read_bytes()) for path in tiny_disk.iterdir()] == [(earlier.name, b"an earlier output")]


def test_where_files_without_a_name_are_not_to_be_had_a_draft_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have no files without a name: there a draft stands beside, and goes whatever happens."""
    real = os.open

    def without(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not here")
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(tables.os, "open", without)
    write(tmp_path / "a.csv", [GOOD])
    decide(tmp_path / "a.csv", tmp_path / "o.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "o.csv"}
    monkeypatch.setattr(Columns, "answers", lambda self, resolved: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        decide(tmp_path / "a.csv", tmp_path / "p.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "o.csv"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.csv"], "Name the file to write"),
        (["a.csv", "-o", "o.txt"], "ends in .csv, .parquet, .xlsx"),
        (["a.csv", "-o", "a.csv"], "would replace the caseload"),
        (["a.refused.csv", "-o", "a.parquet"], "would replace the caseload"),
        (["a.csv", "-o", "nowhere/o.csv"], "folder for .o.csv. does not exist"),
        (["a.csv", "-o", "o.csv", "--engine", "sqlite"], "not an engine"),
        (["a.csv", "-o", "o.csv", "--engine", "polars"], "Use duckdb or spark"),
        (["a.yaml", "-o", "o.csv"], "for a caseload"),
    ],
)
def test_wrong_use_is_said_in_plain_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """Exit 2, and nothing written."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.csv", [GOOD])
    write(tmp_path / "a.refused.csv", [GOOD])
    (tmp_path / "a.yaml").write_text("case_ref: K-1\ndecision_date: 2025-10-01\n", encoding="utf-8")
    status, _, told = senpolicy(capsys, "decide", *arguments, "--root", str(ROOT))
    assert status == 2, told
    assert re.search(said, told)
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "a.refused.csv", "a.yaml"}


@pytest.mark.parametrize("what", ["answers", "decider", "refused"])
def test_verify_stops_without_output_on_any_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """`--verify` re-decides a sample through both evaluators, and stops without output on any difference."""
    rows = some(100)
    if what == "answers":
        real = Columns.answers

        def wrong(self: Columns, resolved: pa.Table) -> pa.Table:
            table = real(self, resolved)
            at = table.column_names.index("route_rule")
            return table.set_column(
                at, "route_rule", pa.array(["route/out-of-scope"] * table.num_rows).dictionary_encode()
            )

        monkeypatch.setattr(Columns, "answers", wrong)
    elif what == "decider":
        monkeypatch.setattr(Decider, "decide", lambda self, case: Decider(POLICY))
    else:
        rows[7] = rows[7] | {"plan": "sen_support", "ehcp_issued_on": "2024-01-01", "decision_date": "2025-10-01"}
        monkeypatch.setattr(caseload, "read_row", lambda *arguments: read_text(json.dumps(GOOD), "a", POLICY)[0])
    write(tmp_path / "a.csv", rows)
    with pytest.raises(Differ):
        decide(tmp_path / "a.csv", tmp_path / "o.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv"}


def test_the_sample_is_the_seeds_and_no_larger_than_asked_for(tmp_path: Path) -> None:
    """The same seed picks the same rows; another, others; of any stretch of the file some."""
    assert caseload.sampled(10_000, 100, 1) == caseload.sampled(10_000, 100, 1) != caseload.sampled(10_000, 100, 2)
    assert {number // 1000 for number in caseload.sampled(9_999, 100, 1)} == set(range(10))
    assert caseload.sampled(5, 100, 1) == {1, 2, 3, 4, 5}
    write(tmp_path / "a.csv", some(300))
    assert decide(tmp_path / "a.csv", tmp_path / "o.csv", verify=17).verified == 17
    assert decide(tmp_path / "a.csv", tmp_path / "o.csv", verify=0).verified == 0


def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    """Cells that begin with =, +, -, @, a tab or a return are never run by a spreadsheet."""
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "K-1"]
    table = pa.table({"a": pa.array(bad).dictionary_encode(), "b": bad, "money": pa.array([Decimal("-1.00")] * 7)})
    for suffix in (".csv", ".xlsx"):
        file = io.BytesIO()
        pen = tables.writer(suffix, file, table.schema)
        pen.write(table)
        pen.close()
        if suffix == ".csv":
            rows = list(csv.reader(io.StringIO(file.getvalue().decode(), newline="")))
            assert [row[:2] for row in rows[1:]] == [[f"'{cell}"] * 2 for cell in bad[:6]] + [["K-1", "K-1"]]
            assert {row[2] for row in rows[1:]} == {"-1.00"}  # A number is a number.
        else:
            with zipfile.ZipFile(file) as archive:
                sheet = archive.read("xl/worksheets/sheet1.xml").decode()
                assert "<f>" not in sheet
                assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()


def test_excels_own_ways_are_met(tmp_path: Path) -> None:
    """Leading zeros kept, dates read as dates: as days, as serial numbers and from 1904, and as text."""
    for epoch in (False, True):
        path = tmp_path / f"{epoch}.xlsx"
        book = xlsxwriter.Workbook(str(path), {"date_1904": epoch})
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "d mmm yyyy"})
        sheet.write_row(0, 0, ["case_ref ", "decision_date", "setting", "community_start", "age"])
        serial = (date(2025, 10, 1) - (date(1904, 1, 1) if epoch else date(1899, 12, 30))).days
        for at in range(1, 4):
            sheet.write_string(at, 0, f"00{at}" if at == 3 else f"K-000{at}")
            sheet.write_datetime(at, 3, datetime(2025, 4, 1), day)
            sheet.write_number(at, 4, 9)
        sheet.write_datetime(1, 1, datetime(2025, 10, 1), day)
        sheet.write_number(2, 1, serial)
        sheet.write_string(3, 1, "2025-10-01")
        sheet.write_datetime(4, 1, datetime(2025, 10, 1, 12, 30), day)
        book.close()
        decide(path, tmp_path / "o.csv")
        assert [(row["case_ref"], row["decision_date"]) for row in read(tmp_path / "o.csv")] == [
            ("K-0001", "2025-10-01"),
            ("K-0002", "2025-10-01"),
        ]
        assert [(row["row"], row["code"]) for row in reasons(tmp_path / "o.csv")] == [
            ("3", "reference"),
            ("4", "not-date"),
            ("4", "missing-field"),
        ]


def test_what_excel_shows_and_does_not_hold_is_no_empty_cell(tmp_path: Path) -> None:
    """A merged cell and a formula's error would count as not known, and a pupil would lose a fact without a word."""
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("L3:M4", "")  # Beside the table.
        for row, cells in enumerate([["case_ref", "decision_date", "age", "setting"], *(
            [f"K-{number}", "2025-10-01", 9, "mainstream"] for number in range(1, 8)
        )]):  # fmt: skip
            sheet.write_row(row, 0, cells)
        sheet.write_formula("C3", "=NA()", None, "#N/A")
        sheet.write_formula("C4", "=4+4", None, 8)
        sheet.merge_range("D5:D6", "mainstream")
        sheet.write_string("J8", ' t="e"')  # Words, not an error; below no heading.
        book.add_worksheet("not read").write(0, 0, "case_ref")
    summary = decide(tmp_path / "a.xlsx", tmp_path / "o.csv")
    assert [(one["row"], one["code"]) for one in reasons(tmp_path / "o.csv")] == [
        ("2", "error-cell"),
        ("4", "merged-cells"),
        ("5", "merged-cells"),
        ("7", "cells"),
    ]
    assert [row["case_ref"] for row in read(tmp_path / "o.csv")] == ["K-1", "K-3", "K-6"]
    assert "Only the first sheet was read; the file has 1 more." in summary.lines(share=False)


def test_an_output_too_long_for_excel_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet has a last row; what does not fit is never cut off."""
    monkeypatch.setattr(tables, "EXCEL_ROWS", 50)
    write(tmp_path / "a.csv", some(60))
    with pytest.raises(PolicyError, match="no room for more than 49 rows"):
        decide(tmp_path / "a.csv", tmp_path / "o.xlsx")
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv"}


def test_a_reference_that_passes_at_once_is_one_that_a_case_may_have() -> None:
    """The quick look at a reference never lets through what the careful one refuses."""
    source = random.Random(5)
    days = [f"{source.randrange(33):02}" for _ in range(200)]
    refs = [
        source.choice(["K", "ab", "DOB", "Upn", "NHS", "KKKKK"])
        + source.choice(["-", "", "_"])
        + source.choice(
            [
                f"{source.randrange(10**8):08}",
                f"{source.choice((1995, 2011, 2030))}{source.randrange(13):02}{source.choice(days)}",
                f"{source.choice(days)}{source.randrange(13):02}{source.choice((1995, 2011, 2031))}",
                "12",
                "\u0663",
            ]
        )
        for _ in range(20_000)
    ]
    quick = re.compile(caseload._REFERENCE, re.ASCII), re.compile(caseload._IDENTIFIER, re.ASCII)
    passed = [ref for ref in refs if quick[0].search(ref) and not quick[1].search(ref)]
    assert len(passed) > 2_000
    kept = [
        ref
        for ref in passed
        if isinstance(read_text(json.dumps({"case_ref": ref, "decision_date": "2025-10-01"}), "a", POLICY)[0], Refused)
    ]
    assert kept == []
    assert read_cell("age", "9", POLICY.types["age"]) == 9


def test_four_are_not_told_as_five() -> None:
    """One to four are not told; from five on a count is rounded to the nearest five."""
    assert [caseload.shared(number) for number in range(9)] == [0, *["fewer than 5"] * 4, 5, 5, 5, 10]


def test_the_counts_may_be_shared_only_without_the_small_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--share` no count of fewer than five is told, nor one from which it could be worked out."""
    rows = [GOOD | {"case_ref": f"K-{at}"} for at in range(11)] + [
        GOOD | {"case_ref": f"S-{at}", "setting": "srp"} for at in range(3)
    ]
    write(tmp_path / "a.csv", rows)
    monkeypatch.chdir(tmp_path)
    command = ("decide", "a.csv", "-o", "o.csv", "--root", str(ROOT))
    shared = json.loads(senpolicy(capsys, *command, "--share", "--json")[1])[0]
    assert shared["rows"] == shared["verified"] == 15
    assert shared["answers"]["route"] == {"community_budget": 10, "srp_average_rate": "fewer than 5"}
    write(tmp_path / "b.csv", rows[:3])
    _, _, few = senpolicy(capsys, "decide", "b.csv", *command[2:], "--share")
    assert "fewer than 5 rows decided again" in few
    assert not re.search(r"\b[1-4] (rows|decided)", few)
    whole = json.loads(senpolicy(capsys, *command, "--json")[1])[0]
    assert whole["answers"]["route"] == {"community_budget": 11, "srp_average_rate": 3}
    assert whole["rows"] == whole["verified"] == 14


def test_one_case_is_decided_without_the_libraries_of_a_caseload(tmp_path: Path) -> None:
    """A cold start stays quick: nothing of a caseload is loaded for a single case."""
    (tmp_path / "a.yaml").write_text("case_ref: K-1\ndecision_date: 2025-10-01\n", encoding="utf-8")
    after = "import atexit, sys\natexit.register(lambda: print('loaded', sorted(sys.modules), file=sys.stderr))"
    done = run("decide", "a.yaml", folder=tmp_path, before=after, entry="main")
    loaded = done.stderr.partition("loaded ")[2]
    assert "'durable_rules_engine'" in loaded
    for name in ("ibis", "pyarrow", "numpy", "duckdb", "xlsxwriter", "python_calamine"):
        assert f"'{name}'" not in loaded


@pytest.mark.slow
def test_the_memory_of_a_caseload_is_that_of_its_pieces(tmp_path: Path) -> None:
    """Twenty times the rows take nowhere near twenty times the memory."""
    peaks = []
    for count in (10_000, 200_000):
        table = pa.table(
            {
                "case_ref": [f"K-{at}" for at in range(count)],
                "decision_date": ["2025-10-01"] * count,
                "setting": ["mainstream"] * count,
                "age": pa.array([9] * count, pa.int8()),
            }
        )
        pq.write_table(table, tmp_path / "a.parquet")
        before = "from senpolicy.caseloads import tables\ntables.PIECE = 5_000"
        peak = (  # What the system tells of a process begins with its parent's peak; this is its own.
            "\nimport atexit, pathlib, sys"
            "\nused = lambda: pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]"
            "\natexit.register(lambda: print('peak', used(), file=sys.stderr))"
        )
        words = ("decide", "a.parquet", "-o", "o.parquet", "--verify", "10")
        done = run(*words, folder=tmp_path, before=before + peak, entry="main")
        peaks.append(int(done.stderr.partition("peak ")[2]))
    assert peaks[1] < peaks[0] * 1.5


def test_an_unknown_format_is_wrong_use(tmp_path: Path) -> None:
    """A name says what a file is."""
    with pytest.raises(WrongUse):
        limits.suffix_of(tmp_path / "a.ods")
