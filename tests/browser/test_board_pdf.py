"""The board's PDFs as a reader of them meets them: tagged, in order, and on as many sheets as a meeting can handle.

`make browser` runs these. They need poppler's pdfinfo and pdftotext, which the target installs where it may.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import test_board_work as work
from board_app import AREAS, Running, load
from senpolicy.board.tables import BoardCase

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("pdfinfo"), reason="pdfinfo is not here: apt-get install poppler-utils"),
]

#: A case that gives nearly every fact there is, and waits for several answers all the same.
FULL = {
    "case_ref": "LG-0001", "decision_date": "2025-10-01", "age": "16", "year_group": "11", "setting": "mainstream",
    "plan": "ehcp", "ehcp_issued_on": "2024-05-01", "additional_cost": "13000", "element3_rate": "5999.99",
    "existing_claim": "true", "community_start": "2025-04-01", "community_protection": "opted_out",
    "proposed_allocation": "6500.01", "community": "Community 1", "school": "School 1",
    **{f"rating_{area}": "specific_allocation_3" for area in AREAS},
}  # fmt: skip


def cases() -> str:
    """A caseload in which the longest page of a case is likely to be."""
    more = [
        FULL | {"case_ref": f"LG-{number:04}", "decision_date": day, "setting": setting, "plan": plan}
        for number, (day, setting, plan) in enumerate(
            [("2026-10-01", "mainstream", "ehcp"), ("2026-10-01", "special", "ehcp"), ("2026-10-01", "srp", "ehcp"),
             ("2025-06-01", "mainstream", "ehcp"), ("2025-10-01", "srp", "ehcp"), ("2024-10-01", "mainstream", "ehcp")],
            2,
        )
    ]  # fmt: skip
    rows = [FULL, *more]
    return "\n".join([",".join(FULL), *(",".join(row[name] for name in FULL) for row in rows)]) + "\n"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A board with a case that was changed, and those that have the most to say."""
    made = work.drawn(tmp_path_factory.mktemp("board"))
    work.approved(made, work.picked(made)[0].key)
    load(made, cases(), "Long cases")
    yield made
    made.store.close()


def keys(board: Running) -> list[str]:
    """The case that the board has changed, then the three with the longest pages."""
    with board.store.reading() as db:
        rows = db.query(BoardCase).order_by(BoardCase.id).all()
    settled = next(row.key for row in rows if row.settled_at)
    long = [row.key for row in rows if (row.ref or "").startswith("LG-")]
    said = {key: len(board["officer"].get(f"/cases/{key}").get_text()) for key in long}
    return [settled, *sorted(long, key=lambda key: -said[key])[:3]]


def saved(board: Running, path: str, folder: Path) -> Path:
    answer = board["officer"].client.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    file = folder / f"{path.rsplit('/', 1)[1]}"
    file.write_bytes(answer.content)
    return file


def told(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read_in_order(file: Path) -> str:
    """The text as its order in the file gives it, as a screen reader would meet it."""
    return " ".join(told("pdftotext", "-raw", file, "-").split())


def bare(text: str) -> str:
    """Letters and figures alone: lines break, and words are hyphenated, as the sheet needs it."""
    return re.sub(r"[^a-z0-9£]", "", text.lower())


@pytest.mark.parametrize("what", ["case", "notice"])
def test_a_pdf_is_tagged_titled_and_read_in_the_order_of_its_page(board: Running, tmp_path: Path, what: str) -> None:
    """Headings never skip a step, tables have headers to which cells point, lists hold items, and text comes in order."""
    tagged_tables = 0
    for key in keys(board)[:2]:
        file = saved(board, f"/cases/{key}/{what}.pdf", tmp_path)
        about = told("pdfinfo", file)
        assert re.search(r"^Tagged: +yes$", about, re.M)
        assert re.search(r"^Title: +(Case|Decision notice, case) (BD|LG)-\d{4}$", about, re.M), about
        assert re.search(r"^PDF subtype: +PDF/UA-1", about, re.M) or b"pdfuaid" in work.unpacked(file.read_bytes())
        assert b"/Lang (en-GB)" in work.unpacked(file.read_bytes())
        tree = told("pdfinfo", "-struct", file).splitlines()
        headings = [int(found[1]) for line in tree if (found := re.match(r" *H([1-6])\b", line))]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(headings)), headings
        inside: list[tuple[int, str]] = []
        for line in tree:
            depth, name = len(line) - len(line.lstrip()), line.split()[0].rstrip(":") if line.strip() else ""
            while inside and inside[-1][0] >= depth:
                inside.pop()
            parent = inside[-1][1] if inside else ""
            assert parent != "L" or name in ("LI", "Caption", "L"), f"{name} stands between a list and its items"
            assert name != "LI" or parent == "L", f"an item stands in {parent}"
            assert name != "TR" or parent in ("Table", "THead", "TBody", "TFoot")
            assert name not in ("TH", "TD") or parent == "TR"
            tagged_tables += name == "TH"
            inside.append((depth, name))
        # Some readers ask a cell for its headers, others a header for its scope.
        inside_file = work.unpacked(file.read_bytes())
        if what == "case":
            assert re.search(rb"/Headers ?\[", inside_file)
            scoped = re.findall(rb"/Scope /(Column|Row)", inside_file)
            assert len(scoped) == len(re.findall(rb"/S /TH\b", inside_file))
            assert {*scoped} == {b"Column", b"Row"}
        # A reader shows the title and not the name of the file, and goes from heading to heading by the bookmarks.
        assert b"/DisplayDocTitle true" in inside_file
        assert inside_file.count(b"/Dest [") == len(headings)
        assert len(re.findall(rb"/Tabs ?/S", inside_file)) == int(re.findall(r"^Pages: +(\d+)$", about, re.M)[0])
        # Nothing is shown as a picture that no words stand for.
        assert inside_file.count(b"/S /Figure") == inside_file.count(b"/Alt ") == 0
        page = board["officer"].get(f"/cases/{key}" if what == "case" else f"/cases/{key}/notice").main
        assert page
        for part in page.select(".noprint, details, form"):
            part.decompose()
        inner, at = bare(read_in_order(file)), 0
        for one in page.select("h1, h2, h3, dt, tbody th"):
            said = bare(one.get_text(" "))
            found = inner.find(said, at)
            assert found >= 0, f"{one.get_text(' ', strip=True)!r} is not read after what stands before it"
            at = found + len(said)
    assert tagged_tables or what == "notice"


def test_a_case_prints_on_one_or_two_sheets_however_much_there_is_to_say(board: Running, tmp_path: Path) -> None:
    """A meeting has one sheet, or two, before it for each case; a notice is a letter of two sheets at most."""
    for key in keys(board):
        for what in ("case", "notice"):
            file = saved(board, f"/cases/{key}/{what}.pdf", tmp_path)
            pages = re.search(r"^Pages: +(\d+)$", told("pdfinfo", file), re.M)
            assert pages
            assert int(pages[1]) <= 2, (what, board["officer"].get(f"/cases/{key}").h1)


def test_a_printed_case_carries_the_digest_of_its_record(board: Running, tmp_path: Path) -> None:
    """So paper, record and trail can be held against each other."""
    key = keys(board)[0]
    digest = board["officer"].client.get(f"/cases/{key}/record").json()["digest"]
    file = saved(board, f"/cases/{key}/case.pdf", tmp_path)
    assert digest.removeprefix("sha256:") in read_in_order(file).replace(" ", "")
