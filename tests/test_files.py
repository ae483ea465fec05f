"""Tables that people bring: what their sheets look like, hostile files within limits, one name in two forms."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

import columned
from golden_files import ROOT, decider
from senpolicy.caseloads import budgets, tables
from senpolicy.caseloads import run as caseload
from senpolicy.caseloads.files import apart, grids, reader
from senpolicy.caseloads.files.apart import ChunkedTable
from senpolicy.caseloads.files.limits import LIMITS, Limits
from senpolicy.caseloads.files.readers import Readers
from senpolicy.caseloads.groups import is_group
from senpolicy.caseloads.run import Summary
from senpolicy.cli import main
from senpolicy.deciding.cases import Case, Refused, alike, read_cell, read_text
from senpolicy.files.problems import PolicyError
from senpolicy.language.conditions import FactType
from senpolicy.language.partition import MOST_WHOLE, bounds
from senpolicy.readings.columns import compiled

POLICY = decider(ROOT, None, "all").policy
FILES = ROOT / "tests" / "files"
HEAD = b"case_ref,decision_date\n"
NO_VALUE, ERROR, UNSURE = "formula-without-value", "error-cell", "cell-not-read"
ALIKE = "differ in nothing but capitals, a hyphen or a 0 in front"

#: For each file: the references that are decided, the rows refused and why, and what is told of the file.
FOUND: dict[str, tuple[list[str], list[tuple[str, str]], str]] = {
    "excel/1904-commented.xlsx": (["K-1 2025-09-30"], [], ""),
    "excel/1904-double.xlsx": (["K-1 2029-10-01"], [], ""),
    "excel/1904-single.xlsx": (["K-1 2029-10-01"], [], ""),
    "excel/blank-first-column.xlsx": (["K-1 2025-10-01"], [], ""),
    "excel/bool-formula-no-value.xlsx": ([], [("1", NO_VALUE)], ""),
    "excel/error-no-r-at-all.xlsx": ([], [("1", ERROR)], ""),
    "excel/error-no-r.xlsx": ([], [("1", ERROR)], ""),
    "excel/error-spaces.xlsx": ([], [("1", ERROR)], ""),
    "excel/error-with-place.xlsx": ([], [("1", ERROR)], ""),
    "excel/first-hidden.xlsx": (["K-1 2025-10-01"], [], "Only the sheet 'shown', the first that shows, was read"),
    "excel/first-very-hidden.xlsx": (["K-1 2025-10-01"], [], "the file has 1 more, 1 of them hidden."),
    "excel/float-noise.xlsx": (["K-1 2025-10-01"], [], ""),
    "excel/formula-changes-answer-value.xlsx": ([], [("1", "cost-below-rate")], ""),
    "excel/formula-changes-answer.xlsx": ([], [("1", NO_VALUE)], ""),
    "excel/formula-no-value.xlsx": ([], [("1", NO_VALUE)], ""),
    "excel/hidden-column.xlsx": (["K-1 2025-10-01"], [], "1 hidden column was read like the others."),
    "excel/hidden-row.xlsx": (["K-1 2025-10-01", "K-2 2025-10-01"], [], "1 hidden row was read like the others."),
    "excel/inf.xlsx": ([], [("1", "not-money")], ""),
    "excel/percent.xlsx": ([], [("1", "percentage")], ""),
    "excel/total-row.xlsx": (["K-1 2025-10-01"], [("2", NO_VALUE)], ""),
    "csv/blank-rows.csv": (["K-1 2025-10-01"], [("5", "not-boolean")], ""),
    "csv/dup-case.csv": (["K-1 2025-10-01", "k-1 2025-10-01"], [], f"The references of rows 1, 2 {ALIKE}"),
    "csv/dup-hyphen.csv": (["K-1 2025-10-01", "K1 2025-10-01"], [], ALIKE),
    "csv/dup-zeros.csv": (["K-1 2025-10-01", "K-01 2025-10-01"], [], ALIKE),
    "csv/quoted-newline.csv": ([], [("1", "not-choice")], ""),
    "csv/school-accent.csv": (["K-1 2025-10-01"], [], ""),
    "csv/school-bang.csv": (["K-1 2025-10-01"], [], ""),
    "csv/school-colon.csv": (["K-1 2025-10-01"], [], ""),
    "csv/school-nfd.csv": (["K-1 2025-10-01"], [], ""),
    "csv/school-welsh.csv": (["K-1 2025-10-01"], [], ""),
    "csv/short-row.csv": ([], [("1", "cells")], ""),
    "csv/trailing-comma.csv": (["K-1 2025-10-01"], [], ""),
    "csv/trailing-commas3.csv": (["K-1 2025-10-01"], [], ""),
    "csv/upper-bool.csv": (["K-1 2025-10-01"], [], ""),
}
#: Files of which no row is looked at.
STOPPED = {"excel/title-row.xlsx": "unknown-field"}


def decide(path: Path, out: Path) -> Summary:
    """Decide a caseload, every row of it decided again by the other readings."""
    running = columned.duckdb(compiled(POLICY))
    return caseload.decide(path, out, POLICY, engine_name=running, verify=1000, seed=1)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a CSV file by its headings; none where it is not there."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def stopped(path: Path, limits: Limits = LIMITS) -> str:
    """Return the one problem for which a file as a whole is refused."""
    with pytest.raises(PolicyError) as caught:
        list(tables.open_caseload(path, limits).pieces(POLICY.types))
    (problem,) = caught.value.problems
    assert problem.help
    assert problem.place.file == path.name
    return f"{problem.code}: {problem.message}"


def test_each_small_file_has_its_outcome() -> None:
    """No file lies here without a word of what becomes of it."""
    assert {path.relative_to(FILES).as_posix() for path in FILES.rglob("*.*")} == {*FOUND, *STOPPED}


@pytest.mark.parametrize("name", FOUND)
def test_what_becomes_of_a_file_as_people_make_them(tmp_path: Path, name: str) -> None:
    """Rows that are sound are decided, others refused with the reason, and what is odd of the file is told."""
    decided, refused, note = FOUND[name]
    summary = decide(FILES / name, tmp_path / "o.csv")
    assert [f"{row['case_ref']} {row['decision_date']}" for row in rows_of(tmp_path / "o.csv")] == decided
    assert [(one["row"], one["code"]) for one in rows_of(tmp_path / "o.refused.csv")] == refused
    assert note in " ".join(summary.notes)
    assert bool(summary.notes) == bool(note)


@pytest.mark.parametrize("name", STOPPED)
def test_a_file_whose_headings_are_elsewhere_is_not_looked_at(tmp_path: Path, name: str) -> None:
    """A title above the headings is said to be in the way."""
    with pytest.raises(PolicyError) as caught:
        decide(FILES / name, tmp_path / "o.csv")
    assert [one.code for one in caught.value.problems] == [STOPPED[name]]


# Workbooks.

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/></Types>'
)
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


TOP = f"<row>{cell('A1', 'case_ref')}{cell('B1', 'decision_date')}{cell('C1', 'age')}</row>"
GOOD = f"{cell('A2', 'K-1')}{cell('B2', '2025-10-01')}"


def book(path: Path, data: Iterable[str], *, before: str = "", target: str = "worksheets/sheet1.xml", more: str = "",
         shared: Iterable[str] = (), state: str = "visible", columns: str = "") -> Path:  # fmt: skip
    """Write a workbook, its XML as given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", f'<Relationships {RELATIONS}><Relationship Id="r" '
                         f'Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        archive.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{KINDS}"><sheets><sheet name="S" sheetId="1" '
                         f'state="{state}" r:id="r1"/></sheets>{more}</workbook>')  # fmt: skip
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships {RELATIONS}><Relationship Id="r1" '
                         f'Type="{KINDS}/worksheet" Target="{target}"/><Relationship Id="r2" '
                         f'Type="{KINDS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>')  # fmt: skip
        for name, around, parts in (
            ("worksheets/sheet1", f"{before}<worksheet {MAIN}>{columns}<sheetData>|</sheetData></worksheet>", data),
            ("sharedStrings", f"<sst {MAIN}>|</sst>", shared),
        ):
            with archive.open(f"xl/{name}.xml", "w", force_zip64=True) as file:
                file.write(around.partition("|")[0].encode())
                for one in parts:
                    file.write(one.encode())
                file.write(around.partition("|")[2].encode())
    return path


@pytest.mark.parametrize(
    ("cells", "more", "code"),
    [
        ('<c r="C2"><f>4+5</f></c>', "", NO_VALUE),
        ('<c r="C2"><f>4+5</f><v/></c>', "", NO_VALUE),
        ('<c r="C2"><f>4+5</f><v>0</v></c>', '<calcPr fullCalcOnLoad="1"/>', NO_VALUE),
        ('<c r="C2" t="str"><f>""</f><v></v></c>', "<calcPr fullCalcOnLoad = 'true'/>", NO_VALUE),
        ('<c r="C2"><f>4+5</f><v>9</v></c>', '<calcPr fullCalcOnLoad="1"/>', ""),
        ('<c r="C2"><f>4+5</f><v>9</v></c>', "", ""),
        ('<c r="C2" t="str"><f>""</f><v></v></c>', "", ""),  # It has been worked out, and is an empty text.
        ('<c r="C2" t="str"><f>4+5</f></c>', "", NO_VALUE),
        ('<c r="C2" t="str"><f>4+5</f><v>0</v></c>', '<calcPr fullCalcOnLoad="1"/>', NO_VALUE),
        ('<c r="C2"><f>4+5</f><v>0</v></c>', '<calcPr calcCompleted="0"/>', NO_VALUE),
        ('<c r="C2"><f t="shared" si="0"/></c>', "", NO_VALUE),
        ('<c r="C2"><f t="array" ref="C2:C3">A2:A3</f><v>9</v></c></row><row r="3">' + cell("A3", "K-2"), "", NO_VALUE),
        ('<c r="C2" t="e"><v>#REF!</v></c>', "", ERROR),
        ("<c r='C2' t='e'><f>NA()</f><v>#N/A</v></c>", "", ERROR),
        ('<c t="e"><v>#N/A</v></c>', "", ERROR),
        ('<!-- <c r="C2" t="e"/> --><c r="C2"><v>9</v></c>', "", ""),
        ('<c r="C2" t="inlineStr"><is><t> t="e"</t></is></c>', "", "not-integer"),
        ('<c r="C2"><v>NaN</v></c>', "", "not-integer"),
        ('<c r="C2"><v>1E400</v></c>', "", "not-integer"),
        ('<c r="C2"><v>-1E400</v></c>', "", "not-integer"),
        ('<c r="C2"><v>1E300</v></c>', "", "too-long"),
        ('<c r="C2" s="0"/>', "", ""),
        ('<c r="C2"><v>1<!-- and -->2</v></c>', "", UNSURE),
        ('<c r="C2"><v>1<?and?>2</v></c>', "", UNSURE),
        ('<c r="C2"><v>1&#50;</v></c>', "", UNSURE),
        ('<c r="C2"><v>1&#50;0</v></c>', "", UNSURE),
        ('<c r="C2" t="str"><v>1<![CDATA[2]]></v></c>', "", UNSURE),
        ('<c r="C2" t="str"><v>&#49;2</v></c>', "", ""),
        ('<c r="C2" t="inlineStr"><is><t>1<!-- and -->2</t></is></c>', "", ""),
    ],
)  # fmt: skip
def test_a_cell_that_is_filled_is_never_read_as_an_empty_one(tmp_path: Path, cells: str, more: str, code: str) -> None:
    """A formula that nobody worked out, and an error however it is written, refuse the row."""
    path = book(tmp_path / "a.xlsx", [TOP, f'<row r="2">{GOOD}{cells}</row>'], more=more)
    decide(path, tmp_path / "o.csv")
    codes = {one["code"] for one in rows_of(tmp_path / "o.refused.csv")}
    assert codes - {"missing-field"} == ({code} if code else set())


def test_a_row_with_nothing_but_a_formula_is_not_passed_over(tmp_path: Path) -> None:
    """A total that was not worked out looks like an empty row to the reader."""
    decide(book(tmp_path / "a.xlsx", [TOP, f"<row>{GOOD}</row>", '<row r="3"><c r="C3"><f>SUM(C2)</f></c></row>']),
           tmp_path / "o.csv")  # fmt: skip
    (one,) = rows_of(tmp_path / "o.refused.csv")
    assert (one["row"], one["code"]) == ("2", NO_VALUE)
    assert "cell C3" in one["message"]


def test_formulas_far_below_the_last_value_are_found_in_their_rows(tmp_path: Path) -> None:
    """What reads the values ends with the last of them; rows without anything between are passed over."""
    rows = [TOP, f"<row>{GOOD}</row>", *(f'<row r="{at}"><c r="A{at}"><f>A1</f></c></row>' for at in (9, 40_000))]
    assert decide(book(tmp_path / "a.xlsx", rows), tmp_path / "o.csv").decided == 1
    refused = [(one["row"], one["code"]) for one in rows_of(tmp_path / "o.refused.csv")]
    assert refused == [("8", NO_VALUE), ("39999", NO_VALUE)]


def gridded(path: Path) -> grids.WorkbookGrid:
    """Return a workbook as a list is read, in this process."""
    return grids.WorkbookGrid(io.BytesIO(path.read_bytes()), LIMITS)


@pytest.mark.parametrize("rows", [[TOP, f'<row r="2">{GOOD}</row>'], []])
def test_a_list_that_ends_in_formulas_is_not_read_without_them(tmp_path: Path, rows: list[str]) -> None:
    """A pupil whose row is worked out from another sheet would be left out, and nobody told."""
    path = book(tmp_path / "a.xlsx", [*rows, '<row r="4"><c r="A4"><f>A1</f></c><c r="C4"><f>C1</f></c></row>'])
    with pytest.raises(PolicyError) as caught:
        list(gridded(path).parts(100))
    (problem,) = caught.value.problems
    assert (problem.code, "Sheet row 4: The formula in cell A4" in problem.message) == (NO_VALUE, True)


def test_what_is_hidden_in_a_list_is_told(tmp_path: Path) -> None:
    """The column may hold anything below a title, and is read like the others; one that is empty is not counted."""
    hidden = '<cols><col min="3" max="4" hidden="1"/></cols>'
    rows = [f"<row>{cell('A1', 'Title')}</row>", f'<row r="2" hidden="1">{GOOD}{cell("C2", "9")}</row>']
    (note,) = gridded(book(tmp_path / "a.xlsx", rows, columns=hidden)).notes()
    assert note == "1 hidden row and 1 hidden column were read like the others."


@pytest.mark.parametrize("said", [" 1 ", "on", ""])
def test_a_start_of_days_that_is_not_plain_stops_the_file(tmp_path: Path, said: str) -> None:
    """Every day would be another one, by four years."""
    path = book(tmp_path / "a.xlsx", [TOP, f'<row r="2">{GOOD}</row>'], more=f'<workbookPr date1904="{said}"/>')
    assert stopped(path).startswith("not-excel")


def test_a_heading_that_is_no_value_stops_the_file(tmp_path: Path) -> None:
    """Without its heading a column would be left out."""
    path = book(tmp_path / "a.xlsx", ["<row>" + cell("A1", "case_ref") + '<c r="B1"><f>A9</f></c></row>'])
    assert stopped(path).startswith(NO_VALUE)


@pytest.mark.parametrize("name", ["Liam", "Mara " + "Example"])
def test_the_name_of_a_sheet_that_may_be_a_childs_is_not_repeated(tmp_path: Path, name: str) -> None:
    """A sheet for each child is a way of keeping records, and its name goes into no message."""
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as written:
        written.add_worksheet("First").hide()
        sheet = written.add_worksheet(name)
        sheet.write_row(0, 0, ["case_ref", "decision_date"])
        sheet.write_row(1, 0, ["K-1", "2025-10-01"])
        sheet.activate()
        sheet.set_first_sheet()
    (note,) = decide(tmp_path / "a.xlsx", tmp_path / "o.csv").notes
    assert note == "Only sheet 2, the first that shows, was read; the file has 1 more, 1 of them hidden."


def test_a_column_of_no_width_and_a_row_of_no_height_are_hidden(tmp_path: Path) -> None:
    """Programs that write workbooks hide a column so, and a spreadsheet shows none of it."""
    wide = '<cols><col min="1" max="1" width="9.5"/><col min="3" max="3" width="0.0" customWidth="1"/></cols>'
    rows = [TOP, f'<row r="2" ht="15">{GOOD}</row>', f'<row r="3" ht="0" customHeight="1">{cell("A3", "K-2")}</row>']
    (note,) = decide(book(tmp_path / "a.xlsx", rows, columns=wide), tmp_path / "o.csv").notes
    assert note == "1 hidden row and 1 hidden column were read like the others."


@pytest.mark.parametrize("shown", [2024, 1900, 7000, 36_525])
def test_a_year_or_a_sum_is_no_day(tmp_path: Path, shown: int) -> None:
    """2024 in a column of days is a year, and not 16 July 1905: a plan of that day would keep its rate."""
    day = f'<c r="B2"><v>{shown}</v></c>'
    decide(book(tmp_path / "a.xlsx", [TOP, f'<row r="2">{cell("A2", "K-1")}{day}</row>']), tmp_path / "o.csv")
    assert [(one["field"], one["code"]) for one in rows_of(tmp_path / "o.refused.csv")] == [
        ("decision_date", "not-date")
    ]


def hostile_books(folder: Path) -> dict[str, Path]:
    """Write workbooks that would take a machine down, or another file with them."""
    lol = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    good = f'<row r="2">{GOOD}</row>'
    return {
        "a cell far to the right": book(folder / "1.xlsx", [TOP, good, f'<row r="60000">{cell("XFD60000", "x")}</row>']),
        "a cell at the end": book(folder / "2.xlsx", [TOP, good, f'<row r="1048576">{cell("XFD1048576", "x")}</row>']),
        "a row below the last": book(folder / "3.xlsx", [TOP, good, f'<row r="1048577">{cell("A1048577", "x")}</row>']),
        "entities": book(folder / "4.xlsx", [TOP, f'<row r="2">{cell("A2", "&l9;")}</row>'],
                         before=f'<!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>'),
        "a path out of the archive": book(folder / "5.xlsx", [TOP, good], target="../../../../etc/passwd"),
        "a cell twice": book(folder / "6.xlsx", [TOP, f'<row r="2">{GOOD}{cell("A2", "K-2")}</row>']),
        "a cell of another row": book(folder / "7.xlsx", [TOP, f'<row r="2">{GOOD}{cell("C9", "9")}</row>']),
        "no sheet that shows": book(folder / "8.xlsx", [TOP, good], state="hidden"),
    }  # fmt: skip


def test_a_hostile_workbook_is_one_clear_problem(tmp_path: Path) -> None:
    """No workbook takes this process with it: each is refused, in words, with nothing written."""
    said = {what: stopped(path) for what, path in hostile_books(tmp_path).items()}
    damaged = "not-excel: This cannot be read as an Excel workbook."
    assert said == {
        "a cell far to the right": "too-large: This table has more than 256 columns.",
        "a cell at the end": "too-large: This table has more than 256 columns.",
        "a row below the last": damaged,
        "entities": damaged,
        "a path out of the archive": damaged,
        "a cell twice": damaged,
        "a cell of another row": damaged,
        "no sheet that shows": "empty: No sheet of this workbook shows.",
    }


@pytest.mark.slow
def test_what_takes_too_much_memory_ends_the_reader_and_not_the_command(tmp_path: Path) -> None:
    """Shared texts of 900 MB in one megabyte: the reader dies of its limit, and the command says so."""
    shared = ("<si><t>" + "a" * 1_000_000 + "</t></si>" for _ in range(900))
    path = book(tmp_path / "a.xlsx", [TOP, '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'], shared=shared)
    assert path.stat().st_size < 2_000_000
    limits = LIMITS._replace(memory=1 << 30)
    (piece,) = tables.open_caseload(FILES / "excel" / "percent.xlsx", limits).pieces(POLICY.types)
    assert len(piece) == 1  # There is room for what people bring.
    said = stopped(path, limits)
    assert said.startswith("too-large: To read this file takes more memory than a table may take")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le"), "a.xlsx",
         "not-excel: This workbook is locked with a password."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "a.xlsx", "not-excel: This is an old Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "a.csv", "not-csv: This is an old Excel workbook"),
        (b"PK\x03\x04" + bytes(100), "a.csv", "not-csv: This is an Excel workbook, or another archive"),
        (b"PK\x03\x04" + b"nothing" * 100, "a.xlsx", "not-excel: This cannot be read"),
        (b"PAR1" + bytes(100), "a.xlsx", "not-excel: This is a Parquet file under another kind of name."),
        (HEAD, "a.parquet", "not-parquet: This cannot be read as Parquet."),
        (HEAD, "a.xlsx", "not-excel: This cannot be read"),
        (b"%PDF-1.7", "a.csv", "not-csv: This is a PDF, not a table."),
        (b"\n<!DOCTYPE html>", "a.xlsx", "not-excel: This is a web page"),
    ],
)  # fmt: skip
def test_a_file_under_the_name_of_another_kind_is_said_to_be(
    tmp_path: Path, content: bytes, name: str, said: str
) -> None:
    """Who renames a file, or saves it with a password, is told what it is."""
    (tmp_path / name).write_bytes(content)
    assert stopped(tmp_path / name).startswith(said)


@pytest.mark.parametrize(("part", "said"), [("xl/workbook.bin", ".xlsb"), ("mimetype", ".ods"), ("x", "not an Excel")])
def test_another_archive_is_not_a_workbook(tmp_path: Path, part: str, said: str) -> None:
    """A document of another program is an archive too."""
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(part, "x")
    assert said in stopped(tmp_path / "a.xlsx")


# Parquet and CSV.


def repeated(path: Path, table: pa.Table, times: int) -> Path:
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for _ in range(times):
            writer.write_table(table)
    return path


@pytest.mark.slow
def test_hostile_parquet_is_one_clear_problem(tmp_path: Path) -> None:
    """Thirty million rows of nothing, lists, bytes and one endless text are refused before they fill the memory."""
    day, many = pa.array(["2025-10-01"]), pa.nulls(1_000_000, pa.string())
    nulls = repeated(tmp_path / "nulls.parquet", pa.table({"case_ref": many, "decision_date": many}), 30)
    assert nulls.stat().st_size < 200_000
    assert stopped(nulls) == "too-large: This table has more than 5,000,000 rows."
    for number, odd in enumerate((pa.array([["K-1"]]), pa.array([b"K-1"]), pa.array([{"a": "K-1"}]))):
        path = repeated(tmp_path / f"{number}.parquet", pa.table({"case_ref": odd, "decision_date": day}), 1)
        assert stopped(path).startswith("not-plain-cells: The cells of column 1 are lists, bytes or the like")
    wide = repeated(tmp_path / "wide.parquet", pa.table({f"c{at}": day for at in range(300)}), 1)
    assert stopped(wide) == "too-large: This table has more than 256 columns."
    endless = pa.table({"case_ref": ["K" * 300_000_000], "decision_date": day})
    long = repeated(tmp_path / "long.parquet", endless, 1)
    assert long.stat().st_size < 100_000
    assert stopped(long, LIMITS._replace(memory=800 << 20)).startswith("too-large: To read this file takes more memory")


def as_parquet(**columns: list[object]) -> io.BytesIO:
    """Return a Parquet file in memory."""
    pq.write_table(pa.table(columns), made := io.BytesIO())
    return made


def refused(kind: type[reader.Csv | reader.Parquet], file: io.BytesIO, limits: Limits = LIMITS) -> str:
    """Return the message with which a file is refused as it is read here, in this process."""
    with pytest.raises(PolicyError) as caught:
        list(kind(file, limits).parts(1000))
    return caught.value.problems[0].message


def test_a_column_that_is_not_plain_is_named_by_its_number() -> None:
    """The first column is column 1; a name is not repeated, for it may tell who a child is."""
    file = as_parquet(case_ref=["K-1"], decision_date=[["2025-10-01"]])
    assert refused(reader.Parquet, file).startswith("The cells of column 2 are lists, bytes or the like")


@pytest.mark.parametrize("kind", [reader.Csv, reader.Parquet])
def test_a_table_of_exactly_the_most_rows_and_columns_is_read(kind: type[reader.Csv | reader.Parquet]) -> None:
    """The limit is the most that is let in, and one more is refused."""
    csv_file = io.BytesIO(HEAD + b"K-1,2025-10-01\nK-2,2025-10-01\n")
    file = csv_file if kind is reader.Csv else as_parquet(case_ref=["K-1", "K-2"], decision_date=["2025-10-01"] * 2)
    limits = LIMITS._replace(rows=2, columns=2)
    assert [list(rows) for rows, _, _ in kind(file, limits).parts(1000)] == [[1, 2]]
    assert refused(kind, io.BytesIO(file.getvalue()), limits._replace(rows=1)) == "This table has more than 1 rows."
    if kind is reader.Parquet:  # Of the others the columns are counted where all kinds are read.
        assert refused(kind, file, limits._replace(columns=1)) == "This table has more than 1 columns."


def test_rows_keep_their_numbers_over_parts_and_empty_rows() -> None:
    """A row is told by its number in the file: those that are passed over count, and so do those of earlier parts."""
    text = "K-1,2025-10-01\n,\nK-2,2025-10-01\nK-3\nK-4,2025-10-01,,\nK-5,2025-10-01,x\n \t, \nK-6,2025-10-01\n"
    parts = list(reader.Csv(io.BytesIO(HEAD + text.encode()), LIMITS).parts(4))
    assert [list(rows) for rows, _, _ in parts] == [[1, 3], [4, 5], [6, 8]]
    assert [columns[0][1].to_pylist() for _, columns, _ in parts] == [["K-1", "K-2"], [None, "K-4"], [None, "K-6"]]
    said = [{place: problem[1] for place, problem in faults.items()} for _, _, faults in parts]
    assert said == [{}, {0: "This row has 1 cells, and there are 2 headings."},
                    {0: "This row has 3 cells, and there are 2 headings."}]  # fmt: skip


def test_a_cell_below_no_heading_refuses_its_row_and_an_empty_one_does_not() -> None:
    """What the column is of cannot be guessed."""
    text = b"case_ref,,decision_date\nK-1,,2025-10-01\nK-2,x,2025-10-01\n"
    ((_, columns, faults),) = reader.Csv(io.BytesIO(text), LIMITS).parts(1000)
    assert [(name, cells.to_pylist()) for name, cells in columns] == [("0", ["K-1", None]), ("2", ["2025-10-01", None])]
    assert {place: problem[1] for place, problem in faults.items()} == {
        1: "A cell of this row is in a column that has no heading."
    }


def test_a_cell_that_is_longer_than_any_refuses_its_row(tmp_path: Path) -> None:
    """What is too long is cut on the way, and its row refused as ever."""
    pq.write_table(pa.table({"case_ref": ["K" * 9_000_000, "K-1"], "decision_date": ["2025-10-01"] * 2}),
                   tmp_path / "a.parquet")  # fmt: skip
    assert decide(tmp_path / "a.parquet", tmp_path / "o.csv").decided == 1
    assert {one["code"] for one in rows_of(tmp_path / "o.refused.csv")} == {"too-long"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + b"K" * 4_900_000, "not-csv: Near line 2: A cell here is longer than any case needs."),
        (b"a" * 4_900_000, "not-csv: Near line 1: A cell here is longer than any case needs."),
        (b"a," * 400, "too-large: This table has more than 256 columns."),
        (HEAD + b"K-1,2025-10-01\n" * 3_000, "too-large: This table has more than 2,000 rows."),
        (HEAD + b"\n" * 1_000 + b"K-1,2025-10-01\n" * 2_000, "too-large: This table has more than 2,000 rows."),
        (HEAD + b"K-1,\xff\n", "not-utf-8: This file is not written in UTF-8."),
    ],
)
def test_hostile_csv_is_one_clear_problem(tmp_path: Path, content: bytes, said: str) -> None:
    """One line of millions of letters, and more rows or columns than a table may have."""
    (tmp_path / "a.csv").write_bytes(content)
    assert stopped(tmp_path / "a.csv", LIMITS._replace(rows=2_000)) == said


def test_a_line_of_commas_refuses_its_row(tmp_path: Path) -> None:
    """Millions of cells in one row are counted, and not kept."""
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\nx" + b"," * 3_000_000 + b"x\n")
    assert decide(tmp_path / "a.csv", tmp_path / "o.csv").decided == 1
    assert [(one["row"], one["code"]) for one in rows_of(tmp_path / "o.refused.csv")] == [("2", "cells")]


def test_a_folder_a_pipe_and_what_is_not_there_are_no_files(tmp_path: Path) -> None:
    """None of them is waited for."""
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    assert stopped(tmp_path / "folder.csv") == "no-file: This is a folder, not a file."
    assert stopped(tmp_path / "pipe.csv") == "no-file: This is not a file on a disk."
    assert stopped(tmp_path / "gone.csv") == "no-file: This file is not there."


# The process.


@pytest.mark.slow
def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    """The time of the processor is limited, and so is the time by the clock between two pieces."""
    (tmp_path / "a.csv").write_bytes(HEAD + b"".join(b"K-%d,2025-10-01\n" % at for at in range(3_000_000)))
    begun = time.monotonic()
    assert (
        stopped(tmp_path / "a.csv", LIMITS._replace(seconds=1))
        == "too-large: To read this file takes longer than 1 seconds."
    )
    assert time.monotonic() - begun < 30


def test_a_reader_that_dies_is_a_problem_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed by the system, or ended by its own fault: one message, and no output."""
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\n")
    monkeypatch.setattr(apart, "READERS", Readers("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    with pytest.raises(PolicyError, match="more memory than a table may take, or the file is damaged"):
        decide(tmp_path / "a.csv", tmp_path / "o.csv")
    monkeypatch.setattr(apart, "READERS", Readers("raise SystemExit(3)"))
    with pytest.raises(PolicyError, match="or the file is damaged"):
        decide(tmp_path / "a.csv", tmp_path / "o.csv")
    assert {one.name for one in tmp_path.iterdir()} == {"a.csv"}


def readers_of(readers: Readers) -> tuple[int, str]:
    """The process from which readers come, and those that are at work."""
    assert readers._end is not None
    _, _, (_, process), _ = readers._end.peek() or pytest.fail("no process")
    return process.pid, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")


def test_a_reader_is_let_go_of_with_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops in the middle of a table leaves no process behind."""
    monkeypatch.setattr(apart, "READERS", Readers())
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\n" * 400_000)
    table = ChunkedTable(tmp_path / "a.csv", ".csv", 1000)
    next(table.parts())
    assert readers_of(apart.READERS)[1]
    del table
    assert not readers_of(apart.READERS)[1]


def test_readers_come_from_one_process_and_from_a_new_one_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables that are read side by side are kept apart, and what stops the process stops no later table."""
    monkeypatch.setattr(apart, "READERS", Readers())
    for name in "ab":
        (tmp_path / f"{name}.csv").write_bytes(HEAD + f"K-{name},2025-10-01\n".encode())
    one, other = (ChunkedTable(tmp_path / f"{name}.csv", ".csv", 1000) for name in "ab")
    said = [[row for part in table.parts() for row in part.cells["case_ref"].to_pylist()] for table in (other, one)]
    assert said == [["K-b"], ["K-a"]]
    first, _ = readers_of(apart.READERS)
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert ChunkedTable(tmp_path / "a.csv", ".csv", 1000).headings == ["case_ref", "decision_date"]
    assert readers_of(apart.READERS)[0] != first


def test_what_reads_ends_with_the_process_that_asks(tmp_path: Path) -> None:
    """A command that is killed leaves neither its reader behind nor the process from which readers come."""
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\n" * 400_000)
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom senpolicy.caseloads.files import apart\n"
        "table = apart.ChunkedTable(Path(sys.argv[1]), '.csv', 1000)\n"
        "print(apart.READERS._end.peek()[2][1].pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.csv")], capture_output=True, check=False)
    gone = Path(f"/proc/{int(done.stdout)}")
    until = time.monotonic() + 20
    while gone.exists() and gone.joinpath("stat").read_text().split()[2] != "Z" and time.monotonic() < until:
        time.sleep(0.01)
    assert time.monotonic() < until


@pytest.mark.slow
def test_the_reader_takes_nothing_from_the_folder_it_is_called_in(tmp_path: Path) -> None:
    """A file named like a library, in the folder of a caseload, is not run."""
    (tmp_path / "json.py").write_text("raise SystemExit('taken')", encoding="utf-8")
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\n")
    code = "import sys; sys.path[:] = sys.argv[1:]\nfrom senpolicy.cli import main\nsys.argv = sys.argv[:1] + ['decide', 'a.csv', '-o', 'o.csv', '--root', %r]\nmain()"
    done = subprocess.run([sys.executable, "-I", "-c", code % str(ROOT), *filter(None, sys.path)], cwd=tmp_path,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, "taken" in done.stderr) == (0, False), done.stderr


# Names and numbers.


@pytest.mark.parametrize(
    "name",
    ["Ysgol Gŵyr", "Sainte-Mère", "École 2", "Škola", "Σχολή", "Школа", "学校", "विद्यालय", "St Mary's: Infants",
     "St Mary\u2019s", "Westward Ho!", "Deal + Walmer", "3rd Primary", "S" * 80],
)  # fmt: skip
def test_a_school_may_have_letters_of_every_script(name: str) -> None:
    """Names of Wales and of the world are names."""
    assert is_group(name)
    assert is_group(unicodedata.normalize("NFD", name)) or unicodedata.normalize("NFD", name)[0].isascii()


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@x", "!x", "", " x", "a\tb", "a\u202eb", "a" * 81, "a<b", "a|b", "1/2/" + "2014", "\u0301a"],
)
def test_what_is_not_a_name_is_still_refused(name: str) -> None:
    """Nothing that a spreadsheet runs, that turns the text round, or that belongs to one child."""
    assert not is_group(name)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_one_name_in_two_forms_is_one_school(tmp_path: Path, suffix: str) -> None:
    """é is written as one character or as two; both are one school, whose pot is not split."""
    names = [unicodedata.normalize(form, "Sainte-Mère") for form in ("NFC", "NFD")]
    columns = {"case_ref": ["K-1", "K-2"], "decision_date": ["2025-10-01"] * 2, "school": names}
    path = tmp_path / f"a{suffix}"
    if suffix == ".csv":
        lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
        path.write_text("\n".join(lines), encoding="utf-8")
    elif suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    else:
        with xlsxwriter.Workbook(str(path)) as written:
            sheet = written.add_worksheet()
            for place, (heading, cells) in enumerate(columns.items()):
                sheet.write_column(0, place, [heading, *cells])
    decide(path, tmp_path / "o.csv")
    assert [row["school"] for row in rows_of(tmp_path / "o.csv")] == [names[0]] * 2
    cases = read_text(json.dumps([{"case_ref": "K-1", "decision_date": "2025-10-01", "school": names[1]}],
                                 ensure_ascii=False), "a", POLICY, ("school",))  # fmt: skip
    assert isinstance(cases[0], Case)
    assert cases[0].beside["school"] == names[0]


def test_one_community_in_two_forms_stands_twice(tmp_path: Path) -> None:
    """Two rows of one name are refused, whatever the form of its letters."""
    formula_ = budgets.formula_of(POLICY)
    names = [unicodedata.normalize(form, "Gŵyr") for form in ("NFC", "NFD")]
    lines = [
        ",".join([formula_.column, *formula_.columns]),
        *(f"{name}{',1' * len(formula_.columns)}" for name in names),
    ]
    (tmp_path / "c.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        budgets.read_file(tmp_path / "c.csv", POLICY)
    assert [one.code for one in caught.value.problems] == ["same-name"]


def test_budgets_are_read_from_a_workbook_too_and_within_limits(tmp_path: Path) -> None:
    """The same checks and the same limits for every table."""
    formula_ = budgets.formula_of(POLICY)
    with xlsxwriter.Workbook(str(tmp_path / "c.xlsx")) as written:
        sheet = written.add_worksheet()
        sheet.write_row(0, 0, [formula_.column, *formula_.columns])
        sheet.write_row(1, 0, ["North", *[3] * len(formula_.columns)])
    table = budgets.read_file(tmp_path / "c.xlsx", POLICY)
    assert table.names == ("North",)
    assert set(table.columns.values()) == {(3,), (300,)}
    many = ",".join([formula_.column, *formula_.columns]) + "\n" + "North\n" * 3_000_000
    (tmp_path / "c.csv").write_text(many, encoding="utf-8")
    with pytest.raises(PolicyError, match="more than 10,000 rows"):
        budgets.read_file(tmp_path / "c.csv", POLICY)
    shutil.copy(hostile_books(tmp_path)["a cell far to the right"], tmp_path / "h.xlsx")
    with pytest.raises(PolicyError, match="more than 64 columns"):
        budgets.read_file(tmp_path / "h.xlsx", POLICY)


def test_alike_references_are_told_by_rows_as_by_cases() -> None:
    """Row by row or by columns: the same references are alike, and the same ones are not."""
    source = random.Random(3)
    refs = [
        source.choice(["K", "k", "AB", "Ab", "abcd"]) + source.choice(["", "-"]) + source.choice(["", "0", "00"])
        + str(source.randrange(1, 40)) for _ in range(3_000)
    ]  # fmt: skip
    odd = ["", "K", "K-", "K--1", "ABCDE1", "K-123456789", "K 1", "-1", "1", "K-1 ", "K-1x", "K١", "ä1"]
    numbers = reader.keys(pa.array([*refs, *odd]))
    assert (numbers[: len(refs)] > 0).all()
    assert not numbers[len(refs) :].any()
    by_case, by_column = {}, {}
    for ref, number in zip(refs, numbers.tolist(), strict=False):
        by_case.setdefault(alike(ref), set()).add(ref)
        by_column.setdefault(number >> int(reader.HOW), set()).add(ref)
    assert sorted(map(sorted, by_case.values())) == sorted(map(sorted, by_column.values()))
    assert len({*numbers[: len(refs)].tolist()}) == len({*refs})


@pytest.mark.parametrize(
    ("refs", "told"),
    [
        ([f"K-{at:07}" for at in range(500)], False),
        ([f"K-{at}" for at in range(500)], False),
        ([f"K-{at}" for at in range(500)] + ["K-0007"], True),
        ([f"K-{at:03}" for at in range(500)] + ["k-007"], True),
        ([f"K-{at:03}" for at in range(500)] + ["k-900"], False),
        (["A1", "B1", "A-2"], False),
        (["A1", "B1", "A-1"], True),
        (["K-10", "K-01"], False),
        (["K-1", "K-1"], False),
        ([None, "K-1", None], False),
    ],
)
def test_references_of_one_style_need_no_second_look(refs: list[str | None], told: bool) -> None:
    """The quick look passes over nothing that is alike."""
    for size in (1000, 7):
        found = reader.SimilarReferences()
        for start in range(0, len(refs), size):
            few = refs[start : start + size]
            found.add(range(start + 1, start + 1 + len(few)), pa.array(few, pa.string()))
        assert bool(list(found.notes())) == told


def test_alike_references_of_a_file_of_cases_are_warned_of() -> None:
    """A file of cases has the warning at each case; both are decided."""
    text = json.dumps([{"case_ref": ref, "decision_date": "2025-10-01"} for ref in ("K-1", "k01", "K-2")])
    warned = [[one.code for one in case.warnings] for case in read_text(text, "a", POLICY) if isinstance(case, Case)]
    assert warned == [["alike-reference"], ["alike-reference"], []]


def test_a_whole_number_follows_the_facts_own_bounds() -> None:
    """What the fact allows is a number, however large; and what it does not allow is said with its bounds."""
    large = FactType("places", "integer", lowest=-5, highest=2_000_000)
    assert read_cell("places", "10000", large) == 10_000
    assert read_cell("places", "2000000", large) == 2_000_000
    with pytest.raises(ValueError, match="outside what the field allows"):
        read_cell("places", "2000001", large)
    boundless = FactType("places", "integer")
    assert read_cell("places", str(MOST_WHOLE), boundless) == MOST_WHOLE == bounds(boundless)[1]
    with pytest.raises(ValueError, match="not a whole number"):
        read_cell("places", str(MOST_WHOLE + 1), boundless)
    for column in (pa.array([70_000, 2_000_001]), pa.array(["70000", "2000001"])):
        numbers, fine = caseload.coded_column(column, large, 2)
        assert (numbers[0], fine.tolist()) == (70_000, [True, False])
    said = read_text(json.dumps({"case_ref": "K-1", "decision_date": "2025-10-01", "age": "99999"}), "a", POLICY)[0]
    assert isinstance(said, Refused)
    assert "outside what the field allows" in said.problems[0].message


def test_days_before_1900_come_out_of_excel_as_they_went_in(tmp_path: Path) -> None:
    """Excel counts no day before 1900, and one too many in it: such days are written as text."""
    days = [date(1899, 12, 31), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(2025, 10, 1), date(1, 1, 1)]
    table = pa.table({"day": pa.array(days, pa.date32())})
    with (tmp_path / "a.xlsx").open("wb") as file:
        pen = tables.writer(".xlsx", file, table.schema)
        pen.write(table)
        pen.close()
    read = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "a.xlsx")).get_sheet_by_index(0).to_python()
    assert [one if isinstance(one, str) else one.isoformat() for (one,) in read[1:]] == [
        day.isoformat() for day in days
    ]


@pytest.mark.parametrize(
    ("words", "endings"),
    [
        (("decide", "a.csv"), (".csv", ".parquet", ".xlsx")),
        (("budgets", "a.csv", "--year", "1", "--quantum", "1"), (".csv",)),
        (("simulate", "--pupils", "1", "--seed", "1"), (".csv",)),
        (("model", "a.csv"), (".html", ".xlsx")),
        (("board", "precedents"), (".json",)),
        (("board", "trail"), (".jsonl",)),
    ],
)
def test_an_output_is_what_its_name_says_or_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...], endings: tuple[str, ...],
) -> None:  # fmt: skip
    """A name that says another format is wrong use, with the formats that can be written; nothing is written then."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(HEAD + b"K-1,2025-10-01\n")
    for wrong in {".csv", ".xlsx", ".html", ".json", ".docx"} - {*endings}:
        monkeypatch.setattr(sys, "argv", ["senpolicy", *words, "-o", f"out{wrong}"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert all(ending in said for ending in endings), said
    assert {one.name for one in tmp_path.iterdir()} == {"a.csv"}
