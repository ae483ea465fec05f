"""What was typed when a session ended is there after signing in again; a page that is out of date overwrites nothing."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from board_app import PASSWORD, TOKEN, Running, boards, version_of
from board_proof import CHANGE, LEVEL, ratings
from senpolicy_board import kept_work, trail
from senpolicy_board.tables import BoardCase, BoardOutcome, Meeting, Scoring, TrailEntry
from test_board_meetings import cases, meets, rated, said

first, board = boards(rated)
NOTE = "The daily plan decided it."


def late(board: Running, who: str, path: str, sent: dict[str, Any], on: str) -> Any:
    """Send a form of a page that was opened before the session ended."""
    browser = board[who]
    form = {TOKEN: browser.token(on), **sent}
    board.clock.pass_by(minutes=31)
    return browser.client.post(path, data=form)


def again(board: Running, who: str, name: str = "") -> BeautifulSoup:
    """The page after signing in again in the same browser, as the same member or as another."""
    form = {"sign_in": name or who, "password": PASSWORD}
    return BeautifulSoup(board[who].post("/sign-in", form, on="/sign-in").text, "html.parser")


def unrated(board: Running) -> BoardCase:
    with board.store.reading():
        return next(one for one in BoardCase.objects.filter(picks__isnull=False).order_by("id")
                    if not one.scorings.all())  # fmt: skip


def typed_in(page: BeautifulSoup) -> set[str]:
    return {str(one["value"]) for one in page.select("input[type=radio][checked]")}


def test_ratings_typed_in_a_session_that_ended_are_there_after_signing_in_again(board: Running) -> None:
    case = unrated(board)
    path = f"/cases/{case.key}/score"
    answer = late(board, "mod-1", path, ratings(note=NOTE), path)
    assert answer.url.path == "/sign-in"
    assert "What you typed is kept" in said(answer)
    page = again(board, "mod-1")
    assert "is not saved yet" in said(page)
    assert (typed_in(page), NOTE in said(page)) == ({LEVEL}, True)
    with board.store.reading():
        assert not Scoring.objects.filter(case=case).exists(), "nothing is saved by showing it"
    assert NOTE in said(board["mod-1"].get("/kept")), "nor lost by reloading it"
    board["mod-1"].post(path, ratings(note=NOTE, version=version_of(page)))
    with board.store.reading():
        assert Scoring.objects.get(case=case).note == NOTE
        everything = "\n".join(f"{one.subject} {one.detail}" for one in TrailEntry.objects.all())
    assert NOTE not in everything
    assert board["mod-1"].client.get("/kept").url.path == "/", "it is forgotten once it is sent"


def test_where_another_signs_in_nothing_is_shown_and_it_is_gone(board: Running) -> None:
    path = f"/cases/{unrated(board).key}/score"
    late(board, "mod-1", path, ratings(note=NOTE), path)
    page = again(board, "mod-1", "mod-2")
    assert NOTE not in str(page)
    assert NOTE not in board["mod-1"].client.get("/kept").text
    board["mod-1"].post("/sign-out", {})
    assert NOTE not in str(again(board, "mod-1"))
    assert board["mod-1"].client.get("/kept").url.path == "/"


def test_a_proposal_is_shown_again_beside_what_was_decided_meanwhile(board: Running) -> None:
    case = cases(board)[1]
    path = f"/cases/{case.key}/decide"
    late(board, "mod-1", path, CHANGE, path)
    page = again(board, "mod-1")
    reason = page.select_one("#reason")
    chosen = page.select_one("#to option[selected]")
    assert reason
    assert chosen
    assert (reason.text, chosen["value"]) == (CHANGE["reason"], CHANGE["to"])
    with board.store.reading():
        assert BoardOutcome.objects.count() == 0
    board.browsers.pop("mod-2", None)  # Where it was used before, its session has ended too.
    board["mod-2"].post(path, CHANGE)
    page = board["mod-1"].get("/kept")
    assert "Someone else decided meanwhile" in said(page)
    assert CHANGE["reason"] in said(page)


def test_the_forms_of_a_meeting_are_shown_again_and_stay_out_of_date(board: Running) -> None:
    opening = {"title": "December", "area": "area_2", "day": "7", "month": "12", "year": "2026"}
    late(board, "chair", "/meetings", opening, "/meetings")
    page = again(board, "chair")
    kept = {name: page.select_one(f"#{name}") for name in ("title", "day", "month", "year")}
    assert {name: str(one["value"]) for name, one in kept.items() if one} == {
        name: opening[name] for name in kept
    }  # fmt: skip
    assert page.select_one("#area option[value=area_2][selected]")
    path = meets(board)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    old = version_of(board["chair"].get(path))
    sent = {"version": old, "present": there[:3], "minutes": "Three points."}
    late(board, "chair", path, sent, path)
    page = again(board, "chair")
    minutes = page.select_one("#minutes")
    assert minutes
    assert minutes.text == "Three points."
    assert len(page.select("input[name=present][checked]")) == 3
    board["chair"].post(path, {"version": version_of(board["chair"].get(path)), "present": there, "minutes": "Two."})
    answer = board["chair"].post(path, sent | {"version": version_of(page)})
    assert (answer.status_code, "Nothing has been overwritten" in answer.text) == (409, True)
    with board.store.reading():
        assert Meeting.objects.get().minutes == "Two."


def test_a_reason_is_shown_to_be_copied_and_no_password_is_kept(board: Running) -> None:
    case = cases(board)[0]
    board["chair"].post(f"/cases/{case.key}/decide", {"kind": "agreed", "outcomes": "0"})
    with board.store.reading():
        key = BoardOutcome.objects.get().key
    why = {"because": "A report was left out.", "do": "reopen", "reviews": "0"}
    late(board, "chair", f"/outcomes/{key}/reopen", why, f"/cases/{case.key}/history")
    page = again(board, "chair")
    assert "A report was left out." in said(page)
    with board.store.reading():
        assert BoardOutcome.objects.get().state == "stands"
    secret = {"old": "something old and long", "new": "something new and long", "again": "something new and long"}
    late(board, "mod-1", "/account", secret, "/account")
    assert again(board, "mod-1").h1.text == "Your work"  # type: ignore[union-attr]


def test_a_note_of_evidence_is_kept_to_be_copied_and_no_form_that_is_too_long(board: Running) -> None:
    path = f"/cases/{cases(board)[0].key}/evidence"
    late(board, "officer", path, {"title": "Report", "note": NOTE, "looked": "yes"}, path)
    page = said(again(board, "officer"))
    assert ("Title Report" in page, NOTE in page) == (True, True)
    late(board, "officer", path, {"note": NOTE, "because": "x" * kept_work.MOST_LETTERS}, path)
    assert "xxx" not in str(again(board, "officer"))


def test_words_of_a_page_that_is_closed_by_now_are_shown_with_why(board: Running) -> None:
    case = unrated(board)
    path = f"/cases/{case.key}/score"
    late(board, "mod-1", path, ratings(note=NOTE), path)
    with board.store.writing():
        kept = BoardCase.objects.get(pk=case.pk)
        kept.settled_at = board.clock()
        kept.save()
        trail.append(board.clock(), "command", "settled for a test", "board")
    page = again(board, "mod-1")
    assert (NOTE in said(page), "not open to you" in said(page)) == (True, True)


def test_what_is_kept_is_bounded_in_time_and_number(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_work.KeptWork(board.clock)
    monkeypatch.setattr(kept_work, "MOST", 2)
    one, two, three = (kept.keep(account, "/meetings", {"title": ["x"]}) for account in (1, 2, 3))
    assert [kept.of(token) is not None for token in (one, two, three, "no token", "")] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert kept.of(two, 3) is None
    assert kept.of(two, 2) is None, "another's token forgets it"
    newer = kept.keep(3, "/meetings", {"title": ["y"]})
    assert (kept.of(three), kept.of(newer) is not None) == (None, True), "one for each account"
    board.clock.pass_by(hours=3)
    assert kept.of(newer) is None


def test_a_form_without_its_token_or_of_nobody_is_not_kept(board: Running) -> None:
    path = f"/cases/{unrated(board).key}/score"
    browser = board["mod-1"]
    browser.get(path)
    board.clock.pass_by(minutes=31)
    browser.client.post(path, data=ratings(note=NOTE))
    assert NOTE not in str(again(board, "mod-1"))
    browser.post("/sign-out", {})
    browser.post(path, ratings(note=NOTE), on="/sign-in")
    assert NOTE not in str(again(board, "mod-1"))


def test_a_form_that_is_out_of_date_and_lacks_something_does_not_overwrite_once_it_is_sound(board: Running) -> None:
    path = meets(board)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    old = version_of(board["chair"].get(path))
    board["chair"].post(path, {"version": old, "present": there, "minutes": "Two points."})
    lacking = board["chair"].post(path, {"version": old, "present": there, "minutes": "Liam came late."})
    page = BeautifulSoup(lacking.text, "html.parser")
    answer = board["chair"].post(path, {"version": version_of(page), "present": there, "minutes": "None."})
    assert answer.status_code == 409
    case = cases(board)[1]
    board["mod-2"].post(f"/cases/{case.key}/decide", CHANGE)
    page = board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"reason": "Short", "outcomes": "0"})
    assert (page.status_code, "Short" in page.text) == (422, True), "what was typed is shown beside what is proposed"
