"""Workbooks for tests: read cell by cell, changed in single cells, and worked out again by LibreOffice."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NAMESPACE = MAIN.strip("{}")
#: The colours of cells to fill in (senpolicy.caseloads.workbook).
FILLED = {"FFFFF4C2", "FFE9D5F2"}
#: LibreOffice works every formula out when it opens a file, whoever wrote it.
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class Cell(NamedTuple):
    """A cell: its value, its formula ("" for none), and whether it is one to fill in."""

    value: float | str | None
    formula: str
    filled: bool


def cells(book: bytes) -> dict[tuple[str, str], Cell]:
    """Return every cell of a workbook that has a value or a formula, by sheet and address."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = {
            one.get("name"): place
            for place, one in enumerate(_tree(archive, "xl/workbook.xml").iter(f"{MAIN}sheet"), 1)
        }
        styles = _tree(archive, "xl/styles.xml")
        fills = [one.find(f".//{MAIN}fgColor") for one in styles.find(f"{MAIN}fills") or ()]
        filled = [fills[int(one.get("fillId", 0))] for one in styles.find(f"{MAIN}cellXfs") or ()]
        coloured = [one is not None and one.get("rgb") in FILLED for one in filled]
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            shared = [
                "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
                for one in _tree(archive, "xl/sharedStrings.xml")
            ]
        found = {}
        for name, place in names.items():
            for one in _tree(archive, f"xl/worksheets/sheet{place}.xml").iter(f"{MAIN}c"):
                kind, text = one.get("t"), one.findtext(f"{MAIN}v")
                value: float | str | None = text
                if kind == "s":
                    value = shared[int(text or 0)]
                elif kind in (None, "n"):
                    value = float(text) if text else None
                formula = one.findtext(f"{MAIN}f") or ""
                if value is not None or formula:
                    found[name or "", one.get("r", "")] = Cell(value, formula, coloured[int(one.get("s", 0))])
    return found


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(name))


def changed(book: bytes, values: Mapping[tuple[str, str], str]) -> bytes:
    """Return a workbook with other figures in some cells to fill in; every formula keeps its old value."""
    ElementTree.register_namespace("", NAMESPACE)
    out = io.BytesIO()
    left = dict(values)
    with zipfile.ZipFile(io.BytesIO(book)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        names = [one.get("name") or "" for one in _tree(archive, "xl/workbook.xml").iter(f"{MAIN}sheet")]
        for item in archive.namelist():
            data = archive.read(item)
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", item)
            here = {at: one for (sheet, at), one in values.items() if number and names[int(number[1]) - 1] == sheet}
            if here:
                tree = ElementTree.fromstring(data)
                for cell in tree.iter(f"{MAIN}c"):
                    if cell.get("r") in here:
                        _set(cell, here[cell.get("r", "")])
                        left.pop((names[int(number[1]) - 1] if number else "", cell.get("r", "")))
                data = ElementTree.tostring(tree, xml_declaration=True, encoding="UTF-8")
            made.writestr(item, data)
    assert not left, left
    return out.getvalue()


def _set(cell: ElementTree.Element, value: str) -> None:
    assert cell.find(f"{MAIN}f") is None, "a formula is not to fill in"
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if re.fullmatch(r"-?[0-9.]+", value):
        ElementTree.SubElement(cell, f"{MAIN}v").text = value
    elif value:
        cell.set("t", "inlineStr")
        ElementTree.SubElement(ElementTree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value


def recalculated(books: Mapping[str, bytes], folder: Path) -> dict[str, dict[tuple[str, str], Cell]]:
    """Return the cells of workbooks, by name, once LibreOffice has worked every formula out again."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
    (folder / "in").mkdir()
    for name, book in books.items():
        (folder / "in" / f"{name}.xlsx").write_bytes(book)
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is not installed here."
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(folder / "out"), *(str(folder / "in" / f"{name}.xlsx") for name in books)]  # fmt: skip
    subprocess.run(command, check=True, timeout=900, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return {name: cells((folder / "out" / f"{name}.xlsx").read_bytes()) for name in books}


def listing(book: bytes) -> str:
    """Return all that a workbook holds, as text: each sheet's layout, then its cells with formula, value and look.

    Cells of one column that differ in nothing but their row, and rows whose formulas differ in nothing but theirs, are
    one line, so that a long table is as short as its first row.
    """
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        found = _looks(_tree(archive, "xl/styles.xml"))
        short = {look: f"look {place}" for place, look in enumerate(dict.fromkeys(found))}
        styles = [short[look] for look in found]
        whole = _tree(archive, "xl/workbook.xml")
        shared = [
            "".join(part.text or "" for part in one.iter(f"{MAIN}t"))
            for one in _tree(archive, "xl/sharedStrings.xml").iter(f"{MAIN}si")
        ]
        lines = [f"{name}: {look}" for look, name in short.items()]
        lines += [f"name {one.get('name')}: {one.text}" for one in whole.iter(f"{MAIN}definedName")]
        for place, sheet in enumerate(whole.iter(f"{MAIN}sheet"), 1):
            tree = _tree(archive, f"xl/worksheets/sheet{place}.xml")
            lines += ["", f"# {sheet.get('name')}", *_layout(tree)]
            runs: dict[tuple[str, str], list[int]] = {}
            for one in tree.iter(f"{MAIN}c"):
                column, row = _place(one)
                formula, text = one.findtext(f"{MAIN}f") or "", one.findtext(f"{MAIN}v") or ""
                said = shared[int(text)] if one.get("t") == "s" else text
                said = f"={_relative(formula, row)}" if formula else said
                runs.setdefault((column, f"{said}  [{styles[int(one.get('s', 0))]}]"), []).append(row)
            lines += [f"{column} {_ranges(rows)}: {said}" for (column, said), rows in runs.items()]
    return "\n".join(lines) + "\n"


def _place(cell: ElementTree.Element) -> tuple[str, int]:
    column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", "")).groups()  # type: ignore[union-attr]  # Excel's own.
    return column, int(row)


def _relative(formula: str, row: int) -> str:
    """Return a formula with the rows of its cells as steps from its own: B7 in row 6 is B[+1]; B$7 stays."""
    return re.sub(r"(?<![A-Za-z_$])(\$?[A-Z]{1,2})(\d+)\b(?!\()", lambda at: f"{at[1]}[{int(at[2]) - row:+}]", formula)


def _ranges(rows: list[int]) -> str:
    said: list[list[int]] = []
    for row in rows:
        if said and row == said[-1][-1] + 1:
            said[-1][1:] = [row]
        else:
            said.append([row])
    return ",".join("-".join(map(str, one)) for one in said)


def _looks(styles: ElementTree.Element) -> list[str]:
    """Return what each look of a cell is made of: format of number, font, fill, edge, place, and whether it is locked."""
    formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{MAIN}numFmt")}
    parts = {name: list(styles.find(f"{MAIN}{name}") or ()) for name in ("fonts", "fills", "borders", "cellXfs")}
    said = []
    for one in parts["cellXfs"]:
        number = one.get("numFmtId", "")
        look = [formats.get(number) or number]
        look += [_flat(parts[name][int(one.get(kind, 0))]) for name, kind in
                 (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId"))]  # fmt: skip
        said.append("; ".join([*look, *(_flat(part) for part in one)]))
    return said


def _flat(element: ElementTree.Element) -> str:
    inner = " ".join(_flat(one) for one in element)
    words = [f"{name}={value}" for name, value in element.items()]
    said = [element.tag.replace(MAIN, ""), *words, f"({inner})" if inner else "", (element.text or "").strip()]
    return " ".join(one for one in said if one)


def _layout(tree: ElementTree.Element) -> list[str]:
    """Return what a sheet says beside its cells: panes, widths, heights, merged cells, what may be filled in, print."""
    heights = [f"row {one.get('r')}: {one.get('ht')}" for one in tree.iter(f"{MAIN}row") if one.get("ht")]
    return [_flat(one) for one in tree if one.tag != f"{MAIN}sheetData"] + heights
