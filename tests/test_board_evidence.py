"""Evidence beside a case: known by its content, looked through for names, seen by those who judge, gone with the case."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from board_app import Running, boards, caseload, execute, faults, load, running
from board_proof import PLAN, ratings
from senpolicy_board import file_kinds, loading
from senpolicy_board.file_kinds import JPEG, PDF, PNG, TEXT, Unfit, known
from senpolicy_board.subject_access import held_of
from senpolicy_board.tables import BoardCase, Evidence, TrailEntry
from test_board_meetings import said, undeclared

NOTE = {"title": "Report on reading", "note": "Reads two years behind; one report, spring.", "looked": "yes"}


def drawn(folder: Path) -> Running:
    """A board with a caseload of which a sample has been drawn."""
    made = running(folder, most_evidence=2)
    key = load(made)
    assert made["chair"].post(f"/caseloads/{key}/sample", PLAN).status_code == 200
    return made


first, board = boards(drawn)


def case_of(board: Running) -> BoardCase:
    with board.store.reading():
        found: BoardCase = BoardCase.objects.filter(picks__replaced_at=None, picks__isnull=False).order_by("id")[0]
        return found


def piece(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*more: bytes, wide: int = 1) -> bytes:
    """A picture of one dot, with more pieces before it is drawn."""
    head = piece(b"IHDR", struct.pack(">IIBBBBB", wide, 1, 8, 2, 0, 0, 0))
    drawn = piece(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *more, drawn, piece(b"IEND", b"")])


def jpeg(*more: bytes, high: int = 1) -> bytes:
    """What a JPEG is made of, with more segments before it is drawn."""
    sized = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, high, 1, 1) + b"\x01\x11\x00"
    return b"".join([b"\xff\xd8", b"\xff\xe0\x00\x04JF", *more, sized, b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",
                     b"\x2a\xff\x00\x2a", b"\xff\xd9"])  # fmt: skip


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def pdf(words: str, *, password: str = "", author: str = "") -> bytes:
    """A PDF of one page with these words."""
    made, file = PdfWriter(), io.BytesIO()
    page = made.add_blank_page(300, 300)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                             NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F"): font})})
    drawn = DecodedStreamObject()
    drawn.set_data(f"BT /F 12 Tf 20 200 Td ({words}) Tj ET".encode())
    page[NameObject("/Contents")] = drawn
    if author:
        made.add_metadata({"/Author": author})
    if password:
        made.encrypt(password, algorithm="RC4-128")
    made.write(file)
    return file.getvalue()


def attach(board: Running, content: bytes, name: str = "x.txt", who: str = "officer", **more: str) -> Any:
    sent = {"title": "Report on reading", "looked": "yes"} | more
    return board[who].post(f"/cases/{case_of(board).key}/evidence", sent, files={"file": (name, content)})


@pytest.mark.parametrize(
    ("content", "kind"),
    [(pdf("Reads behind"), PDF), (png(), PNG), (jpeg(), JPEG), ("Reads £5 behind".encode(), TEXT), (b"<svg/>", TEXT)],
    ids=["pdf", "png", "jpeg", "text", "svg"],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert known(content).kind == kind


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00", b"PK\x03\x04\x00\x00", b"\x7fELF", b"GIF89a\x00", b"  \n", b"%PDF-1.7\nno end",
        pdf("Reads", password="x"), pdf("Reads") + b"<script>", b"%PDF-1.7\n%%EOF", pdf("Reads")[:-400] + b"%%EOF", png() + b"<script>",
        png()[:-12], png().replace(b"IDAT", b"IDAX"), png().replace(b"x\x9c", b"x\x9d"), png(wide=50_000_000), png(wide=0), b"\x89PNG\r\n\x1a\n", png()[:20],
        jpeg() + b"<script>", jpeg()[:-2], jpeg(high=0), b"\xff\xd8\xff\xe0", jpeg()[:9], jpeg()[:22],
    ],
)  # fmt: skip
def test_what_is_not_of_these_kinds_is_damaged_or_hides_another_is_refused(content: bytes) -> None:
    with pytest.raises(Unfit, match=r"\. (Save|Print|Attach)"):
        known(content)


def test_a_long_text_and_a_long_pdf_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "MOST_LETTERS", 3)
    for content in (b"Reads", pdf("Reads " * 10)):
        with pytest.raises(Unfit, match="Attach the part that matters"):
            known(content)
    monkeypatch.setattr(file_kinds, "MOST_PAGES", 0)
    with pytest.raises(Unfit, match="more than 0 pages"):
        known(pdf("x"))


def test_what_a_camera_or_a_program_wrote_into_a_picture_is_not_kept() -> None:
    words = piece(b"tEXt", b"Author\0Some" + b"body"), piece(b"pHYs", b"\0" * 9), piece(b"eXIf", b"51.27N")
    kept = known(png(*words)).content
    assert kept == png(words[1])
    worded = segment(0xE1, b"Exif\0\0 51.27N"), segment(0xFE, b"by Somebody"), segment(0xED, b"8BIM")
    assert known(jpeg(*worded, segment(0xDB, b"\0" * 65))).content == jpeg(segment(0xDB, b"\0" * 65))


def test_evidence_is_seen_beside_the_descriptors_by_who_rates_blind_and_by_who_may_see_the_case(board: Running) -> None:
    case = case_of(board)
    assert board["officer"].post(f"/cases/{case.key}/evidence", NOTE).status_code == 200
    assert attach(board, png(), "liam.png", title="A page of writing").status_code == 200
    blind = board["mod-1"].get(f"/cases/{case.key}/score")
    assert "Reads two years behind" in said(blind)
    picture = blind.select_one("img[alt='A page of writing']")
    assert picture
    for who in ("mod-1", "chair", "officer"):
        answer = board[who].client.get(str(picture["src"]))
        assert (answer.status_code, answer.content) == (200, png())
    board["mod-1"].post(f"/cases/{case.key}/score", ratings())
    for path in ("", "/decide"):
        assert "Reads two years behind" in said(board["mod-1"].get(f"/cases/{case.key}{path}")), path
    with board.store.reading():
        seen = TrailEntry.objects.filter(action="viewed", subject__startswith="evidence:")
        assert len(seen) == 3, "each look is in the trail"
        assert "liam" not in "".join(one.detail for one in TrailEntry.objects.all())


def test_who_is_barred_or_has_no_part_in_the_case_sees_none_of_it(board: Running) -> None:
    case = case_of(board)
    attach(board, png())
    path = str(board["mod-1"].get(f"/cases/{case.key}/score").select("img")[0]["src"])
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    board["mod-2"].get(path, 403)
    board["observer"].get(path, 403)
    board["mod-1"].get(f"/cases/{case.key}/evidence", 403)
    undeclared(board, "mod-3")
    assert board["mod-3"].client.get(path).url.path.endswith("/interests")
    load(board, caseload(3).replace("BD-", "CE-"), "Spring 2027")
    with board.store.reading():
        outside = BoardCase.objects.get(ref="CE-0001").key
    assert board["officer"].post(f"/cases/{outside}/evidence", NOTE).status_code == 200
    with board.store.reading():
        other = Evidence.objects.get(case__key=outside).key
    board["mod-1"].get(f"/evidence/{other}/file", 403)
    board["officer"].get(f"/evidence/{other}/file")
    board["officer"].get("/evidence/0123456789abcdef/file", 404)


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [
        (b"<script>alert(1)</script>", "text/plain; charset=utf-8", ".txt"),
        (pdf("Reads"), PDF, ".pdf"),
        (png(), PNG, ".png"),
    ],
    ids=["text", "pdf", "png"],
)
def test_nothing_of_a_file_runs_in_a_browser(board: Running, content: bytes, kind: str, ending: str) -> None:
    case = case_of(board)
    assert attach(board, content, "x.html", title="A page").status_code == 200
    page = board["officer"].get(f"/cases/{case.key}/evidence")
    assert not page.select("main script")
    answer = board["officer"].client.get(f"/evidence/{page.select('summary + p a')[0]['href'].split('/')[2]}/file")
    assert answer.content == content
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    name = answer.headers["content-disposition"].removeprefix("attachment; filename=")
    assert name.startswith('"evidence-')
    assert name.endswith(f'{ending}"')


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"title": "Liam " + "reads"}, "The title may name somebody"),
        ({"note": "His mum " + "Karen says so."}, "What you attach may name somebody"),
        ({"title": ""}, "Give it a title"),
        ({"looked": ""}, "Read it first"),
        ({"note": ""}, "Choose a file, or write a note"),
    ],
    ids=["title", "note", "no title", "not read", "nothing"],
)
def test_words_that_name_somebody_are_not_kept_nor_what_nobody_read(
    board: Running, more: dict[str, str], says: str
) -> None:
    case = case_of(board)
    answer = board["officer"].post(f"/cases/{case.key}/evidence", NOTE | more)
    assert (answer.status_code, says in said(answer)) == (422, True)
    assert (NOTE | more)["note"] in answer.text, "what was typed is there still"
    with board.store.reading():
        assert not Evidence.objects.exists()


def test_the_words_of_a_pdf_and_what_it_says_of_itself_are_looked_through(board: Running) -> None:
    for content in (pdf("Written by " + "Liam"), pdf("Reads behind", author="Karen " + "Liam")):
        answer = attach(board, content, "x.pdf")
        assert (answer.status_code, "What you attach may name somebody" in answer.text) == (422, True)
    assert attach(board, pdf("Reads two years behind"), "x.pdf").status_code == 200


def test_a_case_has_only_so_much_evidence_and_a_file_and_a_note_are_two(board: Running) -> None:
    answer = attach(board, png(), note="And a note.")
    assert (answer.status_code, "one of the two" in answer.text) == (422, True)
    for _ in range(2):
        assert attach(board, png()).status_code == 200
    answer = attach(board, png())
    assert (answer.status_code, "which is the most" in answer.text) == (422, True)


def test_a_file_that_is_too_large_is_refused(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    most = board.settings.most_upload
    answer = attach(board, b"x" * (most + 1))
    assert (answer.status_code, "larger than 5 MB" in answer.text) == (422, True)
    case = case_of(board)
    sent = board["officer"].client.post(f"/cases/{case.key}/evidence", content=b"x" * (most + 20_000))
    assert sent.status_code == 413
    assert board["mod-1"].client.post(f"/cases/{case.key}/score", content=b"x" * 300_000).status_code == 413


def test_what_was_attached_by_mistake_is_gone_and_that_it_was_there_stays(board: Running) -> None:
    case = case_of(board)
    attach(board, png(), title="Another pupil")
    form = board["officer"].get(f"/cases/{case.key}/evidence").select_one("form[action$='/withdraw']")
    assert form
    path = str(form["action"])
    assert board["mod-1"].post(path, {"because": "Wrong."}).status_code == 403
    assert board["officer"].post(path, {"because": "Of Liam, " + "not of this one."}).status_code == 422
    assert board["officer"].post(path, {"because": "It is of another pupil."}).status_code == 200
    assert board["officer"].post(path, {"because": "Again."}).status_code == 404
    page = said(board["officer"].get(f"/cases/{case.key}/evidence"))
    assert "by Officer: It is of another pupil." in page
    assert "Another pupil" not in page
    for who, path in (("officer", "/evidence"), ("mod-1", "/score")):
        assert not board[who].get(f"/cases/{case.key}{path}").select("summary + p")
    with board.store.reading():
        one = Evidence.objects.get()
    assert (one.title, one.content, one.kind) == (None, None, PNG)
    board["officer"].get(f"/evidence/{one.key}/file", 404)


def test_an_officer_with_an_interest_in_a_case_neither_attaches_nor_withdraws(board: Running) -> None:
    case = case_of(board)
    attach(board, png())
    with board.store.reading():
        key = Evidence.objects.get().key
    board["officer"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    for path, sent in ((f"/evidence/{key}/withdraw", {"because": "Wrong."}), (f"/cases/{case.key}/evidence", NOTE)):
        assert board["officer"].post(path, sent).status_code == 403
    with board.store.reading():
        assert Evidence.objects.get().withdrawn_at is None


def test_evidence_is_removed_with_the_case_and_the_trail_still_verifies(board: Running) -> None:
    case = case_of(board)
    attach(board, png())
    board["officer"].post(f"/cases/{case.key}/evidence", NOTE)
    form = board["officer"].get(f"/cases/{case.key}/evidence").select("form[action$='/withdraw']")[-1]
    board["officer"].post(str(form["action"]), {"because": "It is of another pupil."})
    with board.store.writing():
        counts = loading.remove(board.settings, board.clock() + timedelta(days=1))
    assert counts["pieces of evidence"] == 2
    with board.store.reading():
        for one in Evidence.objects.all():
            assert (one.title, one.content, one.because, one.salt) == (None, None, None, None)
    assert faults(board.store) == []


def test_a_caseload_with_evidence_is_not_taken_back(board: Running) -> None:
    key = load(board, caseload(3).replace("BD-", "CE-"), "Spring 2027")
    with board.store.reading():
        outside = BoardCase.objects.get(ref="CE-0001").key
    board["officer"].post(f"/cases/{outside}/evidence", NOTE)
    assert board["officer"].post(f"/caseloads/{key}/take-back", {}).status_code == 409


def test_a_request_of_access_gives_the_evidence(board: Running) -> None:
    case = case_of(board)
    attach(board, png())
    board["officer"].post(f"/cases/{case.key}/evidence", NOTE)
    with board.store.reading():
        found: Any = held_of(str(case.ref))
    assert [one["title"] for one in found["evidence"]] == ["Report on reading", "Report on reading"]
    assert base64.b64decode(found["evidence"][0]["content"]) == png()
    assert found["evidence"][1]["content"] == NOTE["note"]
    assert "evidence attached" in [one["action"] for one in found["trail"]]


def test_the_database_refuses_to_change_evidence_and_a_changed_file_is_named(board: Running) -> None:
    attach(board, png())
    with board.store.reading():
        key = Evidence.objects.get().key
    for change in ("UPDATE evidence SET content = 'eA=='", "UPDATE evidence SET title = 'Other'",
                   "UPDATE evidence SET content = NULL, title = NULL, kind = 'text/plain'", "DELETE FROM evidence",
                   "UPDATE evidence SET title = NULL"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)
    if not board.store.sqlite:
        return
    (made,) = [one.text for one in trail_triggers() if one.name == "evidence_kept"]
    execute(board.owner, "DROP TRIGGER evidence_kept")
    execute(board.owner, "UPDATE evidence SET content = 'eA=='")
    execute(board.owner, made)
    assert [f"evidence {key}: the trail gives otherwise" in one for one in faults(board.store)] == [True]
    execute(board.owner, "DROP TRIGGER evidence_kept")
    execute(board.owner, "UPDATE evidence SET content = %s", base64.b64encode(png()).decode())
    execute(board.owner, made)


def trail_triggers() -> list[Any]:
    from senpolicy_board import schema

    return list(schema.triggers("0008", "sqlite").values())
