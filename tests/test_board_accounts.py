"""Accounts: disabled, reset, leavers; passwords; a second factor; and a lock that a stranger cannot aim at anybody."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest

from board_app import PASSWORD, Browser, Running, faults, running
from golden_files import FROZEN
from running import senpolicy
from senpolicy_board import accounts
from senpolicy_board.tables import Account, SignedIn, TrailEntry

OTHER = "a lamp by the window"
Do = Callable[..., tuple[int, str]]


@pytest.fixture
def board(tmp_path: Path) -> Any:
    made = running(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def do(board: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Do:
    """`senpolicy board account`, on the board."""
    if "postgresql" in board.settings.database:
        pytest.skip("The command runs as the role that the board uses, which the tests of PostgreSQL try.")

    def run(who: str, what: str, password: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        status, out, err = senpolicy(
            capsys, "board", "account", who, what, "--database", board.settings.database, "--root", str(FROZEN)
        )  # fmt: skip
        return status, out + err

    return run


def heading(page: Any) -> str:
    return str(page.h1.text)


def actions(board: Running) -> list[str]:
    with board.store.reading():
        return list(TrailEntry.objects.values_list("action", flat=True))


def test_a_stranger_who_guesses_cannot_lock_the_chair_out(board: Running) -> None:
    """The chair's browser is known, and counted for itself; the stranger's, and every other, is locked."""
    chair, stranger = board["chair"], Browser(board.app)
    for _ in range(7):
        assert stranger.sign_in("chair", "not the password").status_code == 403
    assert stranger.sign_in("chair", PASSWORD).status_code == 403, "locked for browsers that are not known"
    chair.post("/sign-out", {})
    assert chair.sign_in("chair").status_code == 200
    assert heading(chair.get("/account")) == "Your account"
    # A known browser locks itself alone, and is no way round the lock for guessing on.
    chair.post("/sign-out", {})
    for _ in range(5):
        assert chair.sign_in("chair", "not the password").status_code == 403
    assert chair.sign_in("chair").status_code == 403
    board.clock.pass_by(minutes=16)
    assert chair.sign_in("chair").status_code == 200
    assert {"account locked", "browser locked"} <= set(actions(board))
    assert faults(board.store) == []


def test_a_browser_is_known_for_the_account_that_signed_in_alone(board: Running) -> None:
    """Whoever has an account of their own cannot guess at another's from it without the lock."""
    moderator = board["mod-1"]
    for _ in range(5):
        assert moderator.sign_in("chair", "not the password").status_code == 403
    assert moderator.sign_in("chair").status_code == 403
    assert Browser(board.app).sign_in("chair").status_code == 403
    with board.store.reading():
        assert Account.objects.get(sign_in="chair").locked_until is not None


def test_an_account_is_disabled_and_enabled_again(board: Running, do: Do) -> None:
    moderator = board["mod-1"]
    assert do("mod-1", "disable")[0] == 0
    assert heading(moderator.get("/")) == "Sign in", "its sessions have ended"
    assert moderator.sign_in("mod-1").status_code == 403
    with board.store.reading():
        assert not SignedIn.objects.filter(account__sign_in="mod-1").exists()
    assert do("mod-1", "enable")[0] == 0
    assert moderator.sign_in("mod-1").status_code == 200
    assert faults(board.store) == []


def test_a_member_who_leaves_is_gone_for_good_and_stays_in_the_records(board: Running, do: Do) -> None:
    moderator = board["mod-1"]
    assert do("mod-1", "leave")[0] == 0
    assert moderator.sign_in("mod-1").status_code == 403
    for what in ("enable", "reset", "leave"):
        status, said = do("mod-1", what, OTHER)
        assert (status, "has left the board, for good" in said) == (2, True), said
    assert "Mod 1" not in board["chair"].get("/meetings").text
    assert "Mod 1" in board["observer"].get("/trail").text
    assert "member left" in actions(board)


def test_a_password_that_was_reset_is_changed_before_anything_else(board: Running, do: Do) -> None:
    moderator = board["mod-1"]
    assert do("mod-1", "reset", OTHER)[0] == 0
    assert moderator.sign_in("mod-1").status_code == 403
    assert moderator.sign_in("mod-1", OTHER).status_code == 200
    for path in ("/", "/meetings", "/precedents"):
        page = moderator.get(path)
        assert heading(page) == "Your account", path
        assert "Choose one of your own" in page.text
    same = moderator.post("/account", {"old": OTHER, "new": OTHER, "again": OTHER})
    assert same.status_code == 422
    moderator.post("/account", {"old": OTHER, "new": PASSWORD, "again": PASSWORD})
    assert moderator.sign_in("mod-1").status_code == 200
    assert heading(moderator.get("/")) == "Your work"
    assert faults(board.store) == []


def test_what_is_not_done_to_an_account_is_told(board: Running, do: Do) -> None:
    for who, what, says in (
        ("nobody", "disable", "not an account"),
        ("mod-1", "promote", "Say one of disable, enable"),
    ):
        status, said = do(who, what)
        assert (status, says in said) == (2, True), said


@pytest.mark.parametrize(
    ("password", "says"),
    [("short", "12 letters or more"), ("aaaaaaaaaaaaa", "not the same few"), ("unbelievable1", ""),
     ("123456789012", "numeric"), ("moderator-one1", ""), ("123qweasdzxc", "common")],
)  # fmt: skip
def test_a_weak_password_is_refused(board: Running, password: str, says: str) -> None:
    """Short, of few letters, figures alone, or one of the list of common ones that Django keeps."""
    answer = board["mod-1"].post("/account", {"old": PASSWORD, "new": password, "again": password})
    refused = bool(says)
    assert (answer.status_code == 422) is refused, answer.text
    assert says in answer.text


def second(browser: Browser) -> str:
    """The key of a second factor that an account's page offers."""
    page = browser.get("/account")
    assert page.code
    return str(page.code.text)


def test_a_second_factor_is_asked_for_once_it_is_set_and_no_code_serves_twice(board: Running, do: Do) -> None:
    chair = board["chair"]
    secret = second(chair)
    code = pyotp.TOTP(secret)
    wrong = chair.post("/account/second", {"secret": secret, "code": "000000", "password": PASSWORD})
    assert (wrong.status_code, "code does not fit" in wrong.text) == (422, True)
    assert secret in wrong.text, "the key that was put into the app is not another now"
    no = chair.post("/account/second", {"secret": secret, "code": code.at(board.clock()), "password": "not it"})
    assert no.status_code == 422
    assert chair.post("/account/second", {"secret": secret, "code": code.at(board.clock()), "password": PASSWORD})
    assert "Your account has one" in chair.get("/account").text

    def tried(given: str) -> int:
        new = Browser(board.app)
        form = {"sign_in": "chair", "password": PASSWORD, "code": given}
        return int(new.post("/sign-in", form, on="/sign-in").status_code)

    assert tried("") == 403
    assert tried(code.at(board.clock())) == 403, "it was used when the factor was set"
    board.clock.pass_by(seconds=60)
    now = code.at(board.clock())
    assert tried("é" * 6) == 403
    assert tried(f"{now[:3]} {now[3:]}") == 200
    assert tried(now) == 403
    board.clock.pass_by(minutes=5)
    assert tried(now) == 403
    assert do("chair", "drop-second-factor")[0] == 0
    assert tried("") == 200
    # Neither the secret nor a code is in the trail, and the proof holds all the same.
    with board.store.reading():
        said = "\n".join(TrailEntry.objects.values_list("detail", flat=True))
    assert secret not in said
    assert {"second factor set", "second factor taken off"} <= set(actions(board))
    assert faults(board.store) == []


def test_a_board_that_asks_for_a_second_factor_shows_nothing_without_one(tmp_path: Path) -> None:
    board = running(tmp_path, second_factor=True)
    chair = board["chair"]
    assert heading(chair.get("/")) == "Your account"
    secret = second(chair)
    code = pyotp.TOTP(secret).at(board.clock())
    chair.post("/account/second", {"secret": secret, "code": code, "password": PASSWORD})
    assert heading(chair.get("/")) == "Your work"
    board.store.close()


def test_who_is_signed_in_changes_the_token_and_the_cookie(board: Running) -> None:
    """A token that someone planted before is none after: Django makes both anew."""
    new = Browser(board.app)
    before = new.client.get("/sign-in").cookies["board-form"]
    new.sign_in("chair")
    assert new.client.cookies["board-form"] != before
    kept = new.client.cookies["board"]
    new.post("/sign-out", {})
    stranger = Browser(board.app)
    stranger.client.cookies.set("board", kept, domain="127.0.0.1")
    assert heading(stranger.get("/")) == "Sign in"


def test_an_error_tells_whoever_runs_the_board_where_and_never_of_whom(
    board: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an error says of itself may hold what a row holds."""

    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("BD-" + "0001")

    chair, log = board["chair"], io.StringIO()
    told = logging.StreamHandler(log)
    logging.getLogger().addHandler(told)
    monkeypatch.setattr("senpolicy_board.trail.last", fails)
    answer = chair.client.get("/trail")
    assert (answer.status_code, "Nothing was saved by this request" in answer.text) == (500, True)
    said = "".join(capsys.readouterr())
    assert re.search(r"ValueError at .*trail", said, re.S)
    logging.getLogger().removeHandler(told)
    assert "BD-0001" not in said + answer.text + log.getvalue()


def test_every_role_and_label_is_as_it_was_added(board: Running) -> None:
    with board.store.reading():
        for one in Account.objects.all():
            assert (one.role in accounts.ROLES, one.active, one.left_at) == (True, True, None)
