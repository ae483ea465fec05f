"""The board's PDFs as a reader of them meets them: tagged, in order, and on as many sheets as a meeting can handle."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader

import test_board_work as work
from board_app import AREAS, Running, load
from senpolicy_board import sheets
from senpolicy_board.tables import BoardCase

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
    with board.store.reading():
        rows = list(BoardCase.objects.order_by("id"))
    settled = next(row.key for row in rows if row.settled_at)
    long = [row.key for row in rows if (row.ref or "").startswith("LG-")]
    said = {key: len(board["officer"].get(f"/cases/{key}").get_text()) for key in long}
    return [settled, *sorted(long, key=lambda key: -said[key])[:3]]


def made(board: Running, path: str) -> PdfReader:
    answer = board["officer"].client.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def read_in_order(file: PdfReader) -> str:
    """The text as its order in the file gives it, as a screen reader would meet it."""
    return " ".join(" ".join(page.extract_text() for page in file.pages).split())


def bare(text: str) -> str:
    """Letters and figures alone: lines break, and words are hyphenated, as the sheet needs it."""
    return re.sub(r"[^a-z0-9£]", "", text.lower())


@dataclass(frozen=True)
class Tag:
    """An element of the tree of tags: its kind, that of the element around it, and its attributes."""

    kind: str
    parent: str
    element: Any

    def of_table(self, key: str) -> Any:
        """An attribute that a cell has as a part of its table, None where it has none."""
        held = self.element.get("/A", [])
        found = [one for one in (held if isinstance(held, list) else [held]) if one["/O"] == "/Table" and key in one]
        return found[0][key] if found else None


def tags(file: PdfReader) -> tuple[list[Tag], list[tuple[int, int]]]:
    """The tree of tags, and the pieces of the pages that it marks, by page and number, both in the order of reading.

    A kind that is not of PDF itself is told by the one to which the file maps it.
    """
    root: Any = file.root_object["/StructTreeRoot"]
    mapped = root.get("/RoleMap", {})
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(file.pages) if page.indirect_reference}
    found: list[Tag] = []
    marked: list[tuple[int, int]] = []

    def walk(element: Any, parent: str, on: int) -> None:
        on = pages[element.raw_get("/Pg").idnum] if "/Pg" in element else on
        if "/MCID" in element:
            marked.append((on, element["/MCID"]))
            return
        kind = mapped.get(element["/S"], element["/S"]).lstrip("/")
        found.append(Tag(kind, parent, element))
        inside = element.get("/K", [])
        for kid in inside if isinstance(inside, list) else [inside]:
            if isinstance(kid, int):
                marked.append((on, kid))
            else:
                walk(kid.get_object(), kind, on)

    for top in root["/K"]:
        walk(top.get_object(), "", -1)
    return found, marked


@pytest.mark.parametrize("what", ["case", "notice"])
def test_a_pdf_is_tagged_titled_and_read_in_the_order_of_its_page(board: Running, what: str) -> None:
    """Headings never skip a step, tables have headers to which cells point, lists hold items, and text comes in order."""
    tagged_tables = 0
    for key in keys(board)[:2]:
        file = made(board, f"/cases/{key}/{what}.pdf")
        root: Any = file.root_object
        assert root["/MarkInfo"]["/Marked"].value is True
        assert file.metadata
        assert re.fullmatch(r"(Case|Decision notice, case) (BD|LG)-\d{4}", file.metadata.title or "")
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
        assert file.pdf_header == "%PDF-1.7"
        assert root["/Lang"] == "en-GB"
        tree, marked = tags(file)
        headings = [int(tag.kind[1]) for tag in tree if re.fullmatch("H[1-6]", tag.kind)]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(headings)), headings
        for tag in tree:
            name, parent = tag.kind, tag.parent
            assert parent != "L" or name in ("LI", "Caption", "L"), f"{name} stands between a list and its items"
            assert name != "LI" or parent == "L", f"an item stands in {parent}"
            assert name not in ("Lbl", "LBody") or parent == "LI"
            assert name != "TR" or parent in ("Table", "THead", "TBody", "TFoot")
            assert name not in ("TH", "TD") or parent == "TR"
            assert name not in ("L", "Table") or tag.element["/K"], f"an empty {name}"
        # Some readers ask a cell for its headers, others a header for its scope.
        headers = {tag.element["/ID"]: tag.of_table("/Scope") for tag in tree if tag.kind == "TH"}
        tagged_tables += len(headers)
        if what == "case":
            assert len(headers) == sum(tag.kind == "TH" for tag in tree)
            assert {*headers.values()} == {"/Column", "/Row"}
            listed = root["/StructTreeRoot"]["/IDTree"]["/Names"]
            assert [*listed[::2]] == sorted(headers)
            assert {name: one.get_object() for name, one in zip(listed[::2], listed[1::2], strict=True)} == {
                tag.element["/ID"]: tag.element for tag in tree if tag.kind == "TH"
            }
        for tag in tree:
            if tag.kind == "TD":
                assert {headers[name] for name in tag.of_table("/Headers")} == {"/Column", "/Row"}
        # A reader shows the title and not the name of the file, and goes from heading to heading by the bookmarks.
        assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
        assert root["/Outlines"]
        assert bookmarks(file.outline) == len(headings)
        assert [page.get("/Tabs") for page in file.pages] == ["/S"] * len(file.pages)
        # Nothing is shown as a picture that no words stand for.
        assert not [tag for tag in tree if tag.kind in ("Figure", "Formula") or "/Alt" in tag.element]
        # What is read by the tags comes in the order in which it is drawn.
        assert marked == sorted(marked)
        assert len({*marked}) == len(marked) > len(headings)
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


def bookmarks(outline: list[Any]) -> int:
    """How many bookmarks there are, those below others too."""
    return sum(bookmarks(one) if isinstance(one, list) else 1 for one in outline)


@pytest.mark.parametrize("what", ["case", "notice"])
def test_a_pdf_says_every_word_of_its_page_and_no_more(board: Running, what: str) -> None:
    """But for the number of the sheet below each."""
    for key in keys(board):
        file = made(board, f"/cases/{key}/{what}.pdf")
        page = board["officer"].get(f"/cases/{key}" if what == "case" else f"/cases/{key}/notice").main
        assert page
        for part in page.select(".noprint, details, form"):
            part.decompose()
        said = read_in_order(file)
        assert file.metadata
        for number in range(1, len(file.pages) + 1):
            said = said.replace(f"{file.metadata.title}, page {number} of {len(file.pages)}", "", 1)
        mark = bare("Illustrative: assumed levels, bands and rates, not the council's.")
        before, foot, _ = bare(said).rpartition(bare("Policy as of"))
        assert foot
        assert before == mark + bare(page.get_text(" "))


def test_a_case_prints_on_one_or_two_sheets_however_much_there_is_to_say(board: Running) -> None:
    """A meeting has one sheet, or two, before it for each case; a notice is a letter of two sheets at most."""
    for key in keys(board):
        for what in ("case", "notice"):
            file = made(board, f"/cases/{key}/{what}.pdf")
            assert 1 <= len(file.pages) <= 2, (what, board["officer"].get(f"/cases/{key}").h1)
            assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in file.pages} == {(595, 842)}


def test_a_printed_case_carries_the_digest_of_its_record(board: Running) -> None:
    """So paper, record and trail can be held against each other."""
    key = keys(board)[0]
    digest = board["officer"].client.get(f"/cases/{key}/record").json()["digest"]
    file = made(board, f"/cases/{key}/case.pdf")
    assert digest.removeprefix("sha256:") in read_in_order(file).replace(" ", "")


def sheet(said: str, title: str = "A page") -> PdfReader:
    """A page with one paragraph, as PDF; `said` is HTML."""
    html = f'<html lang="en-GB"><head><title>{title}</title></head><body class="sheet"><h1>A</h1><p>{said}</p></body></html>'
    return PdfReader(io.BytesIO(sheets.pdf(html)))


@pytest.mark.parametrize(
    "said",
    ["#import \"x.typ\": * and #read(\"/etc/hostname\")", "= Heading *bold* _soft_ $x^2$ `raw` @label &lt;label&gt; // not a note",
     "\\ \\u{41} \\# \"] } #panic() [", "&lt;script&gt;&amp;amp;&lt;/script&gt;", "-- --- ... 1. 2) + - /* no */ https://example.invalid"],
)  # fmt: skip
def test_what_somebody_wrote_is_never_read_as_markup(said: str) -> None:
    """It comes out letter by letter, as the browser shows it."""
    shown = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown in " ".join(sheet(said).pages[0].extract_text().split())


def test_a_character_that_no_font_draws_is_told_by_its_name() -> None:
    """So that every page becomes a PDF, and nothing of a reason is lost."""
    said = sheet("Ŵ “x” – Γειά 😀 中 e\u0301 \x01 end", title="Case 😀").pages[0].extract_text()
    assert "Ŵ “x” – Γειά [GRINNING FACE] [CJK UNIFIED IDEOGRAPH-4E2D]" in " ".join(said.split())
    assert "[U+0001] end" in " ".join(said.split())
    assert "Case [GRINNING FACE], page 1 of 1" in said


def test_a_page_that_is_too_long_for_two_sheets_takes_more_and_loses_nothing() -> None:
    """What almost fits has smaller letters; what does not is never cut."""
    lengths = {words: len(sheet("word " * words + "end").pages) for words in (500, 4000, 9000)}
    assert lengths[500] == 1
    assert lengths[4000] == 2
    assert lengths[9000] > 2
    assert bare(read_in_order(sheet("word " * 9000 + "end"))).count("word") == 9000


def test_a_sheet_has_the_same_letters_on_every_machine() -> None:
    """Its fonts come with the board and lie in the file: none of the machine's is asked for."""
    fonts: Any = sheet('Plain <strong>bold</strong> <span class="digest">sha256:0</span> ◌').pages[0]["/Resources"][
        "/Font"
    ]
    drawn = [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts.values()]
    assert {re.sub(r"^[A-Z]{6}\+", "", one["/BaseFont"].lstrip("/")).split("-")[0] for one in drawn} == {
        "SourceSans3",
        "DejaVuSansMono",
    }
    assert all("/FontFile2" in one["/FontDescriptor"] or "/FontFile3" in one["/FontDescriptor"] for one in drawn)
