"""Accounts: disabled, reset, leavers; passwords; a second factor; and a lock that a stranger cannot aim at anybody."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pyotp
import pytest
import waitress

from board_app import PASSWORD, TOKEN, Browser, Clock, Running, faults, running
from golden_files import FROZEN
from running import senpolicy
from senpolicy_board import accounts
from senpolicy_board.commands import serving
from senpolicy_board.guessing import GuessWaits
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


def at(board: Running, source: str) -> Browser:
    """A new browser, at an address of its own."""
    return Browser(board.app, source)


def guessed(browser: Browser, times: int, **more: str) -> list[str]:
    """What each of so many wrong attempts at the chair's account was told, with one token of a form."""
    form = {TOKEN: browser.token("/sign-in"), "sign_in": "chair", "password": "not the password", **more}
    return [browser.client.post("/sign-in", data=form).text for _ in range(times)]


def test_ten_thousand_guesses_of_a_stranger_do_not_keep_the_chair_out_of_a_new_browser(board: Running) -> None:
    stranger = at(board, "203.0.113.9")
    said = guessed(stranger, 40)
    assert sum("Wait 1 minute" in one for one in said) == 35, "five are looked at, and the rest are answered at once"
    for _ in range(9_960):
        board.app.board.waits.until("chair", "203.0.113.9")
    assert "tried too often from here" in stranger.sign_in("chair").text, "the right password too, from there"
    assert at(board, "198.51.100.4").sign_in("chair").status_code == 200
    # What is answered at once leaves no entry: nobody fills the trail from outside.
    assert actions(board).count("sign-in refused") == 5
    assert faults(board.store) == []


def test_a_stranger_gets_ten_guesses_in_the_first_hour_and_one_in_each_after() -> None:
    """At one attempt every ten seconds; what is asked for is a guess that is held against the password."""
    clock = Clock()
    waits = GuessWaits(clock)

    def hour(source: str = "203.0.113.9") -> int:
        looked = 0
        for _ in range(360):
            looked += waits.until("chair", source) is None
            clock.pass_by(seconds=10)
        return looked

    assert [hour() for _ in range(3)] == [10, 1, 1]
    assert hour("203.0.113.10") == 10
    waits.forget("chair", "203.0.113.9")
    assert hour() == 10, "once it has signed in"
    clock.pass_by(hours=24)
    assert hour() == 10, "after a day without a failure"
    assert (waits.until("chair", "203.0.113.9") or clock()) > clock(), "and told until when"


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("senpolicy_board.guessing.MOST", 3)
    waits = GuessWaits(Clock())
    for source in "aaaaa", "bbbbb", "c", "a", "d", "e":
        for one in source:
            waits.until("chair", one)
    assert waits.until("chair", "a"), "the one that failed last is kept"
    assert waits.until("chair", "b") is None, "the oldest is forgotten"


def test_strangers_at_many_addresses_get_fifty_guesses_an_hour_and_a_code_opens_all_the_same(board: Running) -> None:
    """By the account, whoever asks; only what a stranger does not have opens it: a known browser, or a code."""
    chair = board["chair"]
    code = pyotp.TOTP(second(chair))
    chair.post("/account/second", {"secret": code.secret, "code": code.at(board.clock()), "password": PASSWORD})
    paper = str(chair.post("/account/recovery", {"password": PASSWORD}).text)
    recovery = re.search(r"<code>([A-Z2-7-]{19})</code>", paper)
    assert recovery
    looked = [one for n in range(12) for one in guessed(at(board, f"2001:db8:0:{n:x}::1"), 5)]
    assert sum("do not fit" in one for one in looked) == 60
    assert actions(board).count("account locked") == 1, "the last ten were not held against the password"
    board.clock.pass_by(minutes=2)

    def tried(given: str, password: str = PASSWORD, source: str = "198.51.100.4") -> int:
        form = {"sign_in": "chair", "password": password, "code": given}
        return int(at(board, source).post("/sign-in", form, on="/sign-in").status_code)

    assert tried("") == 403, "locked"
    assert tried("000000") == 403
    now = code.at(board.clock())
    assert tried(now, "not the password") == 403
    assert tried(now) == 403, "a code that opened the lock for a wrong password is used up"
    board.clock.pass_by(seconds=90)
    assert tried(code.at(board.clock())) == 200
    # Signing in has ended the lock; the recovery code opens the next one, and a wait, and serves once.
    for n in range(10):
        guessed(at(board, f"2001:db8:1:{n:x}::1"), 5)
    assert tried(recovery[1].lower(), "not the password") == 403
    assert tried(recovery[1], source="2001:db8:1:3::77") == 200, "a source that has to wait, by its network"
    board.clock.pass_by(hours=2)
    assert tried(recovery[1]) == 403
    chair.post("/sign-out", {})
    assert chair.sign_in("chair").status_code == 403, "a second factor is asked for in a known browser too"
    assert faults(board.store) == []


def test_a_lock_of_the_account_ends_after_an_hour_and_a_known_browser_is_none_of_it(board: Running) -> None:
    chair = board["chair"]
    chair.post("/sign-out", {})
    for n in range(10):
        guessed(at(board, f"192.0.2.{n}"), 5)
    assert at(board, "198.51.100.4").sign_in("chair").status_code == 403
    assert chair.sign_in("chair").status_code == 200
    for n in range(10, 20):
        guessed(at(board, f"192.0.2.{n}"), 5)
    board.clock.pass_by(minutes=59)
    assert at(board, "198.51.100.4").sign_in("chair").status_code == 403
    board.clock.pass_by(minutes=2)
    assert at(board, "198.51.100.5").sign_in("chair").status_code == 200


def test_a_known_browser_locks_itself_alone_and_is_no_way_to_guess_on(board: Running) -> None:
    chair = board["chair"]
    chair.post("/sign-out", {})
    for _ in range(5):
        assert chair.sign_in("chair", "not the password").status_code == 403
    assert chair.sign_in("chair").status_code == 403
    board.clock.pass_by(minutes=14)
    assert chair.sign_in("chair").status_code == 403
    board.clock.pass_by(minutes=2)
    assert chair.sign_in("chair").status_code == 200
    assert "browser locked" in actions(board)
    assert faults(board.store) == []


def test_a_browser_is_known_for_the_account_that_signed_in_alone(board: Running) -> None:
    """Whoever has an account of their own cannot guess at another's from it without a wait."""
    moderator = board["mod-1"]
    for _ in range(5):
        assert "do not fit" in moderator.sign_in("chair", "not the password").text
    assert "Wait 1 minute" in moderator.sign_in("chair").text
    with board.store.reading():
        assert Account.objects.get(sign_in="chair").failed == 5


def test_a_name_that_is_not_an_account_waits_as_one_that_is(board: Running) -> None:
    """What is told depends on nothing but what was tried from there."""
    told = [[at(board, "203.0.113.9").sign_in(who, "not it").text for _ in range(7)] for who in ("chair", "nobody-1")]
    assert [["Wait" in one for one in said] for said in told] == [[False] * 5 + [True] * 2] * 2


def test_a_recovery_code_needs_the_password_and_is_kept_as_a_digest_alone(board: Running) -> None:
    chair = board["chair"]
    assert chair.post("/account/recovery", {"password": "not it"}).status_code == 422
    assert "Your account has none" in chair.get("/account").text
    page = chair.post("/account/recovery", {"password": PASSWORD}).text
    code = re.search(r"<code>([A-Z2-7-]{19})</code>", page)
    assert code
    assert "Your account has one" in chair.get("/account").text
    assert code[1] not in chair.get("/account").text
    with board.store.reading():
        held = str(Account.objects.get(sign_in="chair").recovery)
        said = "\n".join(TrailEntry.objects.values_list("detail", flat=True))
    assert held
    assert code[1].replace("-", "") not in held + said
    assert held not in said
    assert "recovery code set" in actions(board)


def test_whoever_finds_a_recovery_code_guesses_no_faster_than_others_from_any_address(board: Running) -> None:
    page = board["chair"].post("/account/recovery", {"password": PASSWORD}).text
    found = re.search(r"<code>([A-Z2-7-]{19})</code>", page)
    assert found
    said = [guessed(at(board, f"203.0.113.{n}"), 1, code=found[1])[0] for n in range(8)]
    assert ["given too often with a wrong password. Wait 1 minute" in one for one in said] == [False] * 5 + [True] * 3
    holder = at(board, "198.51.100.4")
    form = {"sign_in": "chair", "password": PASSWORD, "code": found[1]}
    assert holder.post("/sign-in", form, on="/sign-in").status_code == 403
    assert at(board, "198.51.100.5").sign_in("chair").status_code == 200, "without it nobody waits for what it did"
    board.clock.pass_by(minutes=1)
    assert holder.post("/sign-in", form, on="/sign-in").status_code == 200


@pytest.mark.slow
def test_a_member_with_neither_a_code_app_nor_a_known_browser_has_a_code_on_paper_from_the_start(
    board: Running, do: Do, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{OTHER}\n"))
    where = ("--database", board.settings.database, "--root", str(FROZEN))
    out = senpolicy(capsys, "board", "add-account", "mod-9", "moderator", *where)[1]
    paper = re.fullmatch(r"recovery code: ([A-Z2-7-]{19})\n", out)
    assert paper, out

    def tried(code: str) -> int:
        form = {"sign_in": "mod-9", "password": OTHER, "code": code}
        return int(at(board, "198.51.100.4").post("/sign-in", form, on="/sign-in").status_code)

    def locked_by_strangers(first: int) -> None:
        for n in range(first, first + 10):
            stranger = at(board, f"203.0.113.{n}")
            form = {TOKEN: stranger.token("/sign-in"), "sign_in": "mod-9", "password": "not the password"}
            for _ in range(5):
                stranger.client.post("/sign-in", data=form)

    locked_by_strangers(1)
    assert (tried(""), tried(paper[1])) == (403, 200)
    locked_by_strangers(101)
    assert (tried(""), tried(paper[1])) == (403, 403), "it works once"
    another = re.search(r"recovery code: ([A-Z2-7-]{19})", do("mod-9", "recovery-code")[1])
    assert another
    assert tried(another[1]) == 200
    assert actions(board).count("recovery code set") == 2
    assert faults(board.store) == []


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
     ("123456789012", "numeric"), ("moderator-one1", ""), ("123qweasdzxc", "common"),
     ("passwordpassword", "several times over"), ("Password-Password", "several times over"),
     ("letmein password", "two common ones joined")],
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


@pytest.mark.parametrize(("secure", "source"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_from_where_somebody_asks_a_proxy_says_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secure: bool, source: str
) -> None:
    """By the board's own server: without a proxy the header is anybody's, and is not read."""
    board, asked = running(tmp_path), dict[str, Any]()
    monkeypatch.setattr("waitress.serve", lambda _, **more: asked.update(more))
    monkeypatch.setattr("senpolicy_board.commands.serving.create_app", lambda _: board.app)
    serving.serve("127.0.0.1", 0, replace(board.settings, secure=secure))

    def application(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [environ["REMOTE_ADDR"].encode()]

    server: Any = waitress.create_server(application, **asked)
    environ: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.1, 203.0.113.9"}
    setup_testing_defaults(environ)
    assert list(server.application(environ, lambda *_: None)) == [source.encode()]
    server.close()
    board.store.close()
