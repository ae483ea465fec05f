"""What people type and load: nothing that tells who a child is is kept, and nothing that they typed is lost."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.db import DatabaseError

from board_app import TOKEN, Running, caseload, copied, faults, load, running
from board_files import FILES, LARGE
from running import senpolicy
from senpolicy_board.tables import BoardCase, Loaded, Pick, RefusedRow, TrailEntry

PASS = (
    "Autumn Term 2026", "Area board East, November", "Specific Allocation 2", "Wider Support and Strategies",
    "Educational Psychologist", "Education, Health and Care Plan", "Speech and Language", "Kent County Council",
    "Dartford Grammar School", "The evidence meets the higher descriptor.", "CL-LEARNING-5", "3.20",
)  # fmt: skip
STOP = {
    "Liam needs one to one": "Liam", "LIAM SMITH": "LIAM", "dob 3 May 2017": "3 May 2017",
    "his mum Karen works at Tesco": "Karen", "07700900123": "07700900123", "A801200001001": "A801200001001",
    "ME14 1XQ": "ME14 1XQ",
}  # fmt: skip


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Running:
    made = running(tmp_path_factory.mktemp("input"))
    key = load(made)
    plan = {"by_level": "1", "per_cent": "50", "fewest": "1", "most": "9", "crossed": "1"}
    assert made["chair"].post(f"/caseloads/{key}/sample", plan).status_code == 200
    made["chair"].post("/meetings", {"title": "November", "area": "area_1", "day": "5", "month": "10", "year": "2026"})
    return made


@pytest.fixture
def board(first: Running, tmp_path: Path) -> Any:
    if "postgresql" in first.settings.database:
        pytest.skip("It opens a copy of SQLite's file; a server's database is not copied so.")
    made = copied(first, tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize("words", PASS)
def test_the_words_of_a_board_pass(first: Running, words: str) -> None:
    assert first.app.board.policies.names_in(words) == []


@pytest.mark.parametrize(("words", "shown"), STOP.items())
def test_what_tells_who_somebody_is_is_stopped_and_named(first: Running, words: str, shown: str) -> None:
    assert shown in first.app.board.policies.names_in(words)


def test_no_field_takes_a_name_and_each_says_which_word_and_keeps_what_was_typed(board: Running) -> None:
    """The fields in which people write: titles, notes, minutes, reasons, a paragraph; the trail and the log hold none."""
    words = "Reads with Liam."
    with board.store.reading():
        picks = list(Pick.objects.order_by("case__above_trigger", "id"))
        case, pick = picks[-1].case.key, picks[0].key
    meeting = board["chair"].get("/meetings").select_one("a[href^='/meetings/']")
    assert meeting
    areas = {f"area_{area.id}": "sen_support" for area in board.app.board.policies.areas}
    upload = {"file": ("cases.csv", caseload(3).replace("BD-", "CE-").encode(), "text/csv")}
    change = {"kind": "changed", "to": "specific_allocation_2", "outcomes": "0"}
    answers = [
        board["officer"].post("/caseloads", {"title": words}, files=upload),
        board["chair"].post("/meetings", {"title": words, "day": "5", "month": "10", "year": "2026"}),
        board["chair"].post(str(meeting["href"]), {"version": "1", "minutes": words, "do": "save"}),
        board["chair"].post(f"/picks/{pick}/replace", {"because": words}),
        board["mod-1"].post(f"/cases/{case}/score", areas | {"version": "0", "do": "save", "note": words}),
    ]
    for who in ("mod-1", "mod-2"):
        board[who].post(f"/cases/{case}/score", areas | {"version": "0", "do": "confirm"})
    typed = {"reason": words, "paragraph": "own-illustration/all"}
    answers.append(board["mod-1"].post(f"/cases/{case}/decide", change | typed))
    other = board["mod-1"].post(f"/cases/{case}/decide", change | {"reason": "It meets it.", "paragraph": words})
    assert (other.status_code, "from the list" in other.text) == (422, True), "a paragraph is chosen, not written"
    for answer in answers:
        assert answer.status_code == 422, answer.url
        assert "“Liam”" in answer.text or "'Liam'" in answer.text or "&#39;Liam&#39;" in answer.text, answer.url
        assert words in answer.text, f"{answer.url} has lost what was typed"
    with board.store.reading():
        held = "\n".join(TrailEntry.objects.values_list("detail", flat=True))
    assert "Liam" not in held
    assert faults_of(board) == []


def faults_of(board: Running) -> list[str]:
    return faults(board.store)


@pytest.mark.parametrize("odd", ["\0", "a\0b", "\x07", "\x7f"])
def test_a_character_that_cannot_be_kept_is_refused_in_every_form(first: Running, odd: str) -> None:
    officer = first["officer"]
    for path in ("/caseloads", "/account", "/sign-in", "/sign-out", "/caseloads/0000000000000000/sample"):
        assert officer.client.post(path, data={TOKEN: "x", "title": odd, "sign_in": odd}).status_code == 422, path
        assert officer.client.post(path, data={TOKEN: "x", f"n{odd}": "1"}).status_code == 422, path
    for path in ("/cases/%00", "/trail?before=%00", "/cases/x%0a", "/%7f"):
        assert officer.client.get(path).status_code == 400, path
    assert officer.get("/account")


@pytest.mark.parametrize("token", ["é", "\u2028", "ключ", "x" * 5000])
def test_a_token_that_is_not_one_is_refused_and_never_an_error(first: Running, token: str) -> None:
    officer = first["officer"]
    assert officer.client.post("/meetings", data={TOKEN: token}).status_code == 403
    assert officer.client.post("/sign-in", data={TOKEN: token}).status_code == 403
    raw = f"board={token}; board-form={token}".encode().decode("latin-1")  # As WSGI has it.
    environ: dict[str, Any] = {"HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": raw}
    setup_testing_defaults(environ)
    said: list[str] = []
    first.app(environ, lambda status, _: said.append(status))
    assert said == ["303 See Other"]


def test_an_error_of_the_database_repeats_no_value_of_a_pupil(first: Running) -> None:
    """What an error says goes into logs: neither a fact nor a reference may be in it."""
    said = []
    for change in ({"ref": "BD-0001"}, {"key": None}):
        with first.store.reading():
            row = BoardCase.objects.first()
        assert row
        for name, value in ({"pk": None, "key": "0" * 16} | change).items():
            setattr(row, name, value)
        with pytest.raises(DatabaseError) as raised, first.store.writing():
            row.save(force_insert=True)
        said.append(str(raised.value))
    assert not any(word in one for one in said for word in ("BD-0001", "mainstream", "Community 1"))


def test_a_caseload_is_taken_back_whole_while_nothing_rests_on_it(board: Running) -> None:
    rows = caseload(4).replace("BD-", "CE-")
    bad = rows + rows.splitlines()[-1].replace("CE-0004", "CE-0005").replace(",9,4,", ",x,4,") + "\n"
    upload = {"file": ("cases.csv", bad.encode(), "text/csv")}
    answer = board["officer"].post("/caseloads", {"title": "Spring 2027"}, files=upload)
    assert "1 refused" in answer.text
    with board.store.reading():
        first, second = (one.key for one in Loaded.objects.order_by("id"))
        refused = RefusedRow.objects.get()
    # The refused row stays to be seen, by its number and why, on the page of the caseload.
    page = board["officer"].get(f"/caseloads/{second}").get_text(" ", strip=True)
    assert "1 row was refused" in page
    assert refused.says
    assert " ".join(refused.says.split()) in " ".join(page.split())
    again = board["officer"].post("/caseloads", {"title": "Again"}, files=upload)
    assert (again.status_code, "on the board already" in again.text) == (422, True)
    assert 'value="Again"' in again.text
    kept = board["officer"].post(f"/caseloads/{first}/take-back", {})
    assert (kept.status_code, "Something rests on this caseload" in kept.text) == (409, True)
    assert "Take it back" not in board["officer"].get(f"/caseloads/{first}").text
    board["officer"].post(f"/caseloads/{second}/take-back", {})
    with board.store.reading():
        assert [one.key for one in Loaded.objects.all()] == [first]
        assert list(RefusedRow.objects.all()) == []
        assert {one.caseload.key for one in BoardCase.objects.all()} == {first}
    board["officer"].get(f"/caseloads/{second}", 404)
    assert faults_of(board) == []
    assert board["officer"].post("/caseloads", {"title": "Again"}, files=upload).status_code == 200


def uploaded(board: Running, path: Path) -> Any:
    """The answer to a file that the officer loads."""
    files = {"file": (path.name, path.read_bytes(), "application/octet-stream")}
    return board["officer"].post("/caseloads", {"title": "Spring 2027"}, files=files)


def what_is_told(board: Running, path: Path, told: str, kept: int) -> None:
    """Load a file, and hold what is told, what is kept, and that nothing else has come onto the board."""
    with board.store.reading():
        before = Loaded.objects.count()
    answer = uploaded(board, path)
    text = unescape(answer.text)
    assert (answer.status_code, told in text) == (200 if kept else 422, True), text[:3000]
    assert "Traceback" not in text
    assert 'value="Spring 2027"' in text or kept
    with board.store.reading():
        assert Loaded.objects.count() == before + bool(kept)
        assert not kept or Loaded.objects.last().rows == kept
    assert faults_of(board) == []


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_was_tried_as_a_caseload_is_told_and_nothing_else_is_kept(
    board: Running, tmp_path: Path, name: str
) -> None:
    make, told, kept = FILES[name]
    (tmp_path / "files").mkdir()
    what_is_told(board, make(tmp_path / "files"), told, kept)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_file_that_would_take_a_machine_down_is_told(board: Running, tmp_path: Path, name: str) -> None:
    make, told, kept = LARGE[name]
    (tmp_path / "files").mkdir()
    what_is_told(board, make(tmp_path / "files"), told, kept)


def test_formulas_are_refused_row_by_row_and_not_repeated(board: Running, tmp_path: Path) -> None:
    """A cell that begins with =, +, - or @ is what a spreadsheet would work out, once the board's lists are saved."""
    text = uploaded(board, FILES["formulas"][0](tmp_path)).text
    assert "1 case loaded, 5 refused" in text
    for row in (1, 2, 3, 4, 5):
        assert f"case {row}, " in text
    for cell in ("=1+1", "@SUM", "=1"):
        assert cell not in unescape(text).partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("name", ["caseloads/", "cases", "cases.csv/", "..", "cases.csv.exe", ".csv"])
def test_the_name_of_a_folder_or_of_another_kind_is_told(first: Running, name: str) -> None:
    files = {"file": (name, b"case_ref\n", "text/csv")}
    answer = first["officer"].post("/caseloads", {"title": "Spring 2027"}, files=files)
    assert (answer.status_code, "Choose a file" in answer.text) == (422, True), answer.text[:2000]


@pytest.mark.slow
def test_a_folder_is_told_by_the_command_too(
    first: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases.csv").mkdir()
    for name in ("cases.csv", "none.csv"):
        status, out, err = senpolicy(
            capsys, "board", "load", str(tmp_path / name), "--title", "Spring 2027", "--by", "officer",
            "--database", first.settings.database,
        )  # fmt: skip
        assert (status in (1, 2), "Traceback" in out + err, name in err) == (True, False, True), err


@pytest.mark.parametrize("column", ["school", "community"])
@pytest.mark.parametrize("between", [" ({})", ", {}", " - {}", ": {}"])
def test_a_name_beside_that_of_a_school_or_community_is_refused(board: Running, column: str, between: str) -> None:
    rows, name = caseload(3).replace("BD-", "CE-"), "Oliver " + "Smith"
    old = {"school": "School 2", "community": "Community 2"}[column]
    odd = f'"St Mary\'s School{between.format(name)}"'
    upload = {"file": ("cases.csv", rows.replace(f",{old},", f",{odd},", 1).encode(), "text/csv")}
    answer = board["officer"].post("/caseloads", {"title": "Spring 2027"}, files=upload)
    assert "2 cases loaded, 1 refused" in answer.text
    assert "This looks like something that identifies a child." in answer.text
    assert "Oliver" not in answer.text
    place = rows.replace(f",{old},", ',"St Mary\'s School (Isle of Sheppey), Leysdown",', 1).replace("CE-", "CF-")
    upload = {"file": ("cases.csv", place.encode(), "text/csv")}
    board["officer"].post("/caseloads", {"title": "Summer 2027"}, files=upload)
    with board.store.reading():
        assert Loaded.objects.get(title="Summer 2027").rows == 3, "a place is not a name"
