"""The board: signing in, who may do what, the trail, and what the server refuses."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import DatabaseError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from board_app import PASSWORD, TOKEN, WHO, Running, caseload, execute, faults, load, running
from golden_files import FROZEN
from running import senpolicy
from senpolicy_board import accounts, schema, trail
from senpolicy_board.pages import urls
from senpolicy_board.store import Store
from senpolicy_board.tables import Account, BoardCase, TrailEntry


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A board with a caseload, for tests that leave it as it is but for the trail."""
    made = running(tmp_path_factory.mktemp("board"))
    load(made)
    return made


def cases(board: Running) -> list[BoardCase]:
    with board.store.reading():
        return list(BoardCase.objects.order_by("id"))


def verified(board: Running) -> trail.Verified:
    with board.store.reading():
        return trail.verify(TrailEntry.objects.order_by("seq"))


def test_the_migrations_make_the_tables_that_the_code_speaks_of(board: Running) -> None:
    """No table, column or constraint that the code speaks of is left out of the migrations, nor the other way round."""
    state = MigrationLoader(None, ignore_no_migrations=True).project_state()
    asked = MigrationAutodetector(state, ProjectState.from_apps(apps)).changes(graph=MigrationLoader(None).graph)
    assert {app: change for app, change in asked.items() if app == "board"} == {}
    with board.store.reading():
        assert list(schema.changed_schema(board.store.connection, schema.REVISIONS[-1])) == []


def test_a_caseload_is_loaded_and_its_cases_are_shown(board: Running) -> None:
    page = board["officer"].get(f"/cases/{cases(board)[0].key}")
    assert page.h1
    assert page.h1.text == "Case BD-0001"
    assert page.select_one("dl.answers"), "the answer comes first"
    assert "Illustrative" in page.select_one(".mark").text  # type: ignore[union-attr]
    assert page.select("table.tests")


#: What only one of the two databases has: SQLite replaces a row by a statement of its own, PostgreSQL empties a table.
OF_ITS_OWN = (
    ["TRUNCATE trail", "TRUNCATE trail CASCADE"]
    if "SENPOLICY_BOARD_URL" in os.environ
    else ["REPLACE INTO trail SELECT seq, at, 'x', action, subject, detail, previous, hash FROM trail WHERE seq = 1"]
)


@pytest.mark.parametrize(
    "change",
    [
        *OF_ITS_OWN,
        "UPDATE trail SET actor = 'x' WHERE seq = 1",
        "DELETE FROM trail WHERE seq = (SELECT MAX(seq) FROM trail)",
        "INSERT INTO trail SELECT seq + 5, at, actor, action, subject, detail, previous, hash FROM trail WHERE seq = 1",
        "INSERT INTO trail SELECT (SELECT MAX(seq) + 1 FROM trail), at, actor, action, subject, detail, previous, hash"
        " FROM trail WHERE seq = 1",
    ],
)  # fmt: skip
def test_the_database_itself_refuses_to_change_the_trail(board: Running, change: str) -> None:
    before = verified(board)
    with pytest.raises(DatabaseError, match=r"an entry of the trail|never emptied"):
        execute(board.owner, change)
    assert verified(board) == before


def test_the_trail_verifies_and_every_kind_of_tampering_is_found(board: Running) -> None:
    with board.store.reading():
        entries = list(TrailEntry.objects.order_by("seq"))
        assert trail.verify(entries).faults == ()
        assert trail.verify(entries, head=entries[3].hash).faults == ()
        assert trail.verify(entries[:-1], head=entries[-1].hash).faults
        assert trail.verify([*entries[:2], *entries[3:]]).faults
    for name in ("at", "actor", "action", "subject", "detail", "previous", "hash"):
        kept = getattr(entries[2], name)
        setattr(entries[2], name, f"{kept}x")
        assert trail.verify(entries).faults, name
        setattr(entries[2], name, kept)


def test_a_fact_that_is_changed_in_the_database_breaks_its_seal(tmp_path: Path) -> None:
    board = running(tmp_path)
    load(board, caseload(3))
    assert faults(board.store) == []
    with board.store.reading():
        case = BoardCase.objects.all()[0]
    facts = json.dumps({**(case.facts or {}), "age": "10"})
    execute(board.store, "UPDATE board_case SET facts = %s WHERE id = %s", facts, case.id)
    assert faults(board.store) == [
        f"board_case {case.key}: the trail gives otherwise: one of what is sealed (above_trigger, answers, "
        "decision_date, facts, groups, level, ref, salt, size)",
        f"board_case {case.key} is not what was recorded",
    ]


def test_the_trail_holds_nothing_of_a_pupil(board: Running) -> None:
    case = cases(board)[0]
    board["officer"].get(f"/cases/{case.key}")
    with board.store.reading():
        said = "\n".join(f"{one.subject} {one.detail}" for one in TrailEntry.objects.all())
    assert case.seal in said
    assert case.key in said
    for word in ("BD-0001", "specific_allocation", "mainstream", "Community 1", "School 1", case.salt):
        assert str(word) not in said


def test_every_route_asks_for_the_role_on_the_server(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    # Who may see a page is what is asked here: what takes seconds to draw or to work out is left out of it.
    monkeypatch.setattr("senpolicy_board.sheets.pdf", lambda _: b"%PDF")
    key = cases(board)[0].key
    tokens = {who: board[who].token("/account") for who in WHO}
    tried = 0
    for (method, path), action in board.app.board.actions.items():
        where = path.replace("{key}", key)
        for role, who in {role: who for who, role in WHO.items()}.items():
            browser = board[who]
            answer = (
                browser.client.get(where, follow_redirects=False)
                if method == "GET"
                else browser.client.post(where, data={TOKEN: tokens[who]}, follow_redirects=False)
            )
            refused = answer.status_code == 403 and "not for your role" in answer.text
            assert refused is (role not in accounts.MAY[action]), (method, path, role, answer.status_code)
            tried += 1
    assert tried >= 6 * 8


def test_no_route_can_be_had_without_signing_in(board: Running) -> None:
    from board_app import Browser

    paths = {"/" + re.sub(r"<str:([a-z]+)>", r"{\1}", str(one.pattern)) for one in urls.urlpatterns}
    open_to_all = {"/sign-in", "/sign-out", "/static/<path:path>"}
    assert paths - open_to_all == {path for _, path in board.app.board.actions}, "every route names its action"
    for path in paths - open_to_all:
        stranger = Browser(board.app)
        for method in ("GET", "POST"):
            if (method, path) not in board.app.board.actions:
                continue
            answer = stranger.client.request(method, path.replace("{key}", "0" * 16), follow_redirects=False)
            assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), path


def test_the_same_file_is_not_loaded_twice(board: Running) -> None:
    """Two caseloads of one file would be moderated twice: the second is refused by its digest, whatever its title."""
    upload = {"file": ("other.csv", caseload().encode(), "text/csv")}
    answer = board["officer"].post("/caseloads", {"title": "Spring 2027"}, files=upload)
    assert answer.status_code == 422
    assert "This very file is on the board already" in answer.text
    assert "Autumn 2026" in answer.text
    assert "Spring 2027" not in board["officer"].get("/caseloads").get_text()
    load(board, caseload() + "\n", "Spring 2027")  # Another file.


def test_what_is_odd_of_a_file_is_told_when_it_is_loaded(board: Running) -> None:
    """References that look alike are told to whoever loads them; a hostile file is refused in one message."""
    rows = caseload().splitlines()
    alike = "\n".join([*rows, rows[1].lower().replace("bd-", "bd")])
    answer = board["officer"].post(
        "/caseloads", {"title": "Alike"}, files={"file": ("a.csv", alike.encode(), "text/csv")}
    )
    assert "differ in nothing but capitals, a hyphen or a 0 in front" in answer.text
    many = {"file": ("a.csv", b"case_ref,decision_date\n" + b"a\n" * 1_600_000, "text/csv")}
    answer = board["officer"].post("/caseloads", {"title": "Many"}, files=many)
    assert answer.status_code == 422
    assert "more than 100,000 rows" in answer.text


def test_a_form_without_its_token_is_refused(board: Running) -> None:
    chair = board["chair"]
    for token in ("", "x" * 43, board["officer"].token("/account")):
        answer = chair.client.post("/account", data={TOKEN: token, "old": "a", "new": "b", "again": "b"})
        assert answer.status_code == 403
        assert "out of date" in answer.text
    answer = chair.client.post(
        "/account", data={TOKEN: chair.token("/account")}, headers={"Origin": "http://elsewhere.example"}
    )  # fmt: skip
    assert answer.status_code == 403


def test_the_headers_and_the_cookie_are_strict(board: Running) -> None:
    answer = board["chair"].client.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    page = board["chair"].get("/")
    assert not page.select("[style], style, script:not([src]), [onclick]")
    from board_app import Browser

    new = Browser(board.app)
    token = new.token("/sign-in")
    said = new.client.post(
        "/sign-in", data={TOKEN: token, "sign_in": "chair", "password": "four words in a row"}, follow_redirects=False
    ).headers["set-cookie"]  # fmt: skip
    assert "HttpOnly" in said
    assert "SameSite=Strict" in said


def test_a_session_ends_when_idle_and_in_any_case(tmp_path: Path) -> None:
    board = running(tmp_path)
    chair = board["chair"]
    board.clock.pass_by(minutes=29)
    chair.get("/account")
    board.clock.pass_by(minutes=29)
    assert chair.get("/account").h1.text == "Your account"  # type: ignore[union-attr]
    board.clock.pass_by(minutes=31)
    assert chair.get("/account").h1.text == "Sign in"  # type: ignore[union-attr]
    chair.sign_in("chair")
    for _ in range(41):
        board.clock.pass_by(minutes=15)
        page = chair.get("/account")
    assert page.h1
    assert page.h1.text == "Sign in"


def test_the_commands_hash_passwords_at_full_strength(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests hash cheaply by `Settings`, which no command, option or variable of the environment can weaken."""
    url = f"sqlite:///{tmp_path}/board.db"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    status, _, err = senpolicy(
        capsys, "board", "add-account", "chair", "chair", "--database", url, "--root", str(FROZEN)
    )
    assert status == 0, err
    store = Store(url)
    with store.reading():
        hashed = Account.objects.get().password
    store.close()
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_account_is_locked_after_five_failures_and_the_lock_ends(tmp_path: Path) -> None:
    from board_app import Browser

    board = running(tmp_path)
    browser = Browser(board.app)
    for _ in range(5):
        assert browser.sign_in("chair", "not the password").status_code == 403
    assert browser.sign_in("chair", PASSWORD).status_code == 403, "locked, although the password fits"
    board.clock.pass_by(minutes=16)
    assert browser.sign_in("chair", PASSWORD).status_code == 200
    assert browser.get("/account").h1.text == "Your account"  # type: ignore[union-attr]
