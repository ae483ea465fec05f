"""The files that were tried as caseloads: what would take a machine down, what is not a table, and what only looks odd."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from test_files import GOOD, HEAD, TOP, book, cell, repeated

ROW = "K-{},2026-10-01\n"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le")
LOL = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _far(place: str) -> Callable[[Path], Path]:
    row = "".join(one for one in place if one.isdigit())
    data = [TOP, f'<row r="2">{GOOD}</row>', f'<row r="{row}">{cell(place, "x")}</row>']
    return lambda folder: book(folder / "cases.xlsx", data)


def _nulls(rows: int, times: int) -> Callable[[Path], Path]:
    many = pa.nulls(rows, pa.string())
    table = pa.table({"case_ref": many, "decision_date": many})
    return lambda folder: repeated(folder / "cases.parquet", table, times)


def _odd(value: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        table = pa.table({"case_ref": pa.array([value]), "decision_date": ["2026-10-01"]})
        pq.write_table(table, folder / "cases.parquet")
        return folder / "cases.parquet"

    return make


def _shared(folder: Path) -> Path:
    texts = ("<si><t>" + "a" * 1_000_000 + "</t></si>" for _ in range(1_500))
    return book(folder / "cases.xlsx", [TOP, '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'], shared=texts)


def _sheets(folder: Path) -> Path:
    with xlsxwriter.Workbook(str(folder / "cases.xlsx")) as made:
        for name, ref in (("First", "K-1"), ("Second", "K-2")):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, ["case_ref", "decision_date"])
            sheet.write_row(1, 0, [ref, "2026-10-01"])
    return folder / "cases.xlsx"


def _text(name: str, content: bytes | str) -> Callable[[Path], Path]:
    held = content.encode() if isinstance(content, str) else content
    return lambda folder: written(folder / name, held)


_REFS = HEAD.decode() + "".join(ROW.format(number) for number in range(1, 150_001))
_SAME = [{"case_ref": "K-1", "decision_date": "2026-10-01"}]

#: Each file: how it is made; what is told; and how many of its cases are kept. Each tells of the file, the row and what to do.
FILES: dict[str, tuple[Callable[[Path], Path], str, int]] = {
    "a cell in XFD1048576": (_far("XFD1048576"), "This table has more than 256 columns", 0),
    "a cell in XFD60000": (_far("XFD60000"), "This table has more than 256 columns", 0),
    "a cell in T1048576": (_far("T1048576"), "This table has more than 100,000 rows", 0),
    "a cell in F1048576": (_far("F1048576"), "This table has more than 100,000 rows", 0),
    "entities that multiply": (
        lambda folder: book(folder / "cases.xlsx", [TOP, f'<row r="2">{cell("A2", "&l9;")}</row>'],
                            before=f'<!DOCTYPE x [<!ENTITY l0 "lol">{LOL}]>'), "This cannot be read as an Excel workbook", 0),
    "a path out of the archive": (
        lambda folder: book(folder / "cases.xlsx", [TOP], target="../../../../etc/passwd"), "This cannot be read as an Excel workbook", 0),
    "only begins like a zip": (_text("cases.xlsx", b"PK\x03\x04 no zip"), "This cannot be read as an Excel workbook", 0),
    "two million rows of Parquet": (_nulls(1_000_000, 2), "This table has more than 100,000 rows", 0),
    "nested columns of Parquet": (_odd(["K-1"]), "The cells of column 1 are lists, bytes or the like", 0),
    "bytes in Parquet": (_odd(b"K-1"), "The cells of column 1 are lists, bytes or the like", 0),
    "150,000 references": (_text("cases.csv", _REFS), "This table has more than 100,000 rows", 0),
    "one line of 4.9 million letters": (_text("cases.csv", HEAD + b"K" * 4_900_000), "Near line 2: A cell here is longer than any case needs", 0),
    "aliases of YAML": (_text("cases.yaml", "- &a {case_ref: K-1, decision_date: 2026-10-01}\n- *a\n"), "Aliases ('*') and anchors ('&') are not used in these files", 0),
    "JSON nested 100,000 deep": (_text("cases.json", "[" * 100_000), "This is nested too deeply to be read", 0),
    "YAML nested 100,000 deep": (_text("cases.yaml", "[" * 100_000), "This is nested too deeply to be read", 0),
    "cases of one reference": (_text("cases.csv", HEAD + ROW.format(1).encode() * 5_000), "5000 cases have this reference", 0),
    "cases of one reference in JSON": (_text("cases.json", json.dumps(_SAME * 5_000)), "5000 cases have this reference", 0),
    "an empty list": (_text("cases.json", "[]"), "This file contains no cases", 0),
    "only begins like Parquet": (_text("cases.parquet", b"PAR1PAR1"), "This cannot be read as Parquet", 0),
    "NUL alone": (_text("cases.csv", b"\0\0"), "", 0),
    "an empty file": (_text("cases.csv", b""), "This file is empty", 0),
    "NUL": (_text("cases.csv", HEAD + b"K-1,2026-10-01\0\n"), "This is not a date", 0),
    "not UTF-8": (_text("cases.csv", HEAD + b"K-1,2026-10-01\xff\n"), "This file is not written in UTF-8", 0),
    "formulas": (
        _text("cases.csv", "case_ref,decision_date,age\n=1+1,2026-10-01,9\n+1,2026-10-01,9\n-1,2026-10-01,9\n"
              "@SUM(A1),2026-10-01,9\nK-5,2026-10-01,=1\nK-6,2026-10-01,9\n"), "", 1),
    "two sheets": (_sheets, "Only the first sheet was read; the file has 1 more.", 1),
    "a password": (_text("cases.xlsx", LOCKED), "This workbook is locked with a password", 0),
}  # fmt: skip
#: Those that take seconds each.
LARGE: dict[str, tuple[Callable[[Path], Path], str, int]] = {
    "shared strings of 1.5 GB": (_shared, "Field 1 of this case is longer than 200 letters", 0),
    "a million empty rows": (
        lambda folder: book(folder / "cases.xlsx", [TOP, *("<row/>" for _ in range(1_048_575))]),
        "This file contains no cases", 0),
    "thirty million rows of Parquet": (_nulls(1_000_000, 30), "This table has more than 100,000 rows", 0),
    "twenty million rows of Parquet": (_nulls(1_000_000, 20), "This table has more than 100,000 rows", 0),
    "1.6 million short lines": (
        _text("cases.csv", HEAD + b"1\n" * 1_600_000), "This table has more than 100,000 rows", 0),
}  # fmt: skip
