"""What members are told: that a decision was reopened, that an appeal waits, that nobody is left to rate."""

from __future__ import annotations

from board_app import Running, boards
from board_proof import ratings
from senpolicy_board.tables import BoardOutcome
from test_board_meetings import agree, cases, meets, rated, said

first, board = boards(rated)
WHY = {"because": "A report was left out."}


def test_a_notice_of_a_decision_that_was_reopened_says_so_and_blames_no_policy(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case)
    board["chair"].post(f"/cases/{case.key}/notice", {})
    told = said(board["officer"].get(f"/cases/{case.key}/notice"))
    assert ("The policy here says otherwise" in told, "reopened" in told) == (False, False)
    board.clock.pass_by(minutes=1)
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    told = said(board["officer"].get(f"/cases/{case.key}/notice"))
    assert "This decision was reopened on 5 October 2026 and no longer counts." in told
    assert "This notice has not been replaced yet." in told
    assert "The policy here says otherwise" not in told
    row = said(board["chair"].get("/"))
    assert f"{case.ref} 1 October 2026 reopened, since a member declared an interest" in row, "and the chair is told"
    board["mod-3"].post(f"/cases/{case.key}/score", ratings(case.level))
    agree(board, case)
    assert "issue the notice of that" in said(board["officer"].get(f"/cases/{case.key}/notice"))
    board["chair"].post(f"/cases/{case.key}/notice", {})
    page = board["officer"].get(f"/cases/{case.key}/notice")
    assert "no longer counts" not in said(page), "the newer notice is of the decision that counts"
    older = page.select_one("#issued + ul a")
    assert older
    assert "Another notice has been issued since." in said(board["officer"].get(str(older["href"])))


def test_a_case_that_nobody_may_rate_is_reported_to_the_chair(board: Running) -> None:
    case = cases(board)[1]
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    assert case.ref not in said(board["chair"].get("/")), "the third moderator may rate it"
    board["mod-3"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    stuck = "No moderator is left who may rate this case."
    assert f"{case.ref} 1 October 2026 {stuck}" in said(board["chair"].get("/"))
    assert stuck in said(board["chair"].get(f"/cases/{case.key}/decide"))


def test_an_appeal_reaches_the_chairs_work_and_so_does_what_follows_from_it(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case, "mod-1")
    with board.store.reading():
        outcome = BoardOutcome.objects.get()
    board["officer"].post(f"/outcomes/{outcome.key}/appeal", WHY)
    assert f"{case.ref} 1 October 2026 an appeal waits Reopen it, or dismiss the appeal" in said(
        board["chair"].get("/")
    )
    assert "an appeal waits" not in said(board["mod-2"].get("/"))
    board["chair"].post(f"/outcomes/{outcome.key}/reopen", WHY)
    for path in ("/", meets(board)):
        assert "reopened on appeal" in said(board["chair"].get(path)), path
