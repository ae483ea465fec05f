"""Meetings of the board: interests, decisions of two, areas, quorum, agenda, dissent, appeals and reopening."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import DatabaseError

from board_app import Running, boards, caseload, execute, load, running, version_of
from board_proof import CHANGE, LEVEL, PLAN, ratings
from senpolicy_board import agenda, decisions, trail
from senpolicy_board.scoring import with_all
from senpolicy_board.tables import (
    Account,
    BoardCase,
    BoardOutcome,
    CaseReview,
    Declared,
    Dissent,
    Interest,
    Loaded,
    Meeting,
)


def rated(folder: Path) -> Running:
    """A board with a caseload, a sample of it, and two cases that two moderators have rated: at one level, and at two."""
    made = running(folder)
    key = load(made)
    made["chair"].post(f"/caseloads/{key}/sample", PLAN)
    for number, case in enumerate(cases(made)[:2]):
        for who, level in (("mod-1", case.level), ("mod-2", case.level if number == 0 else LEVEL)):
            assert made[who].post(f"/cases/{case.key}/score", ratings(level)).status_code == 200
    return made


def cases(board: Running) -> list[BoardCase]:
    """The cases in the sample whose level is another than the one that differs."""
    with board.store.reading():
        found = BoardCase.objects.filter(picks__replaced_at=None, picks__isnull=False, level__isnull=False)
        return [case for case in found.order_by("id") if case.level != LEVEL]


first, board = boards(rated)


def said(page: Any) -> str:
    soup = page if isinstance(page, BeautifulSoup) else BeautifulSoup(page.text, "html.parser")
    return " ".join(soup.get_text(" ").split()).replace(" :", ":")


def interest(board: Running, who: str, part: str, value: str) -> Any:
    """Have someone declare an interest, on the page of the one caseload."""
    with board.store.reading():
        key = Loaded.objects.get().key
    page = board[who].get(f"/caseloads/{key}/interests")
    label = next(one for one in page.select("label") if one.text == value and str(one["for"]).startswith(part))
    return board[who].post(f"/caseloads/{key}/interests", {str(label["for"]): "1", "kind": "work"})


def undeclared(board: Running, *who: str) -> None:
    """Have members still to declare their interests in every caseload."""
    with board.store.writing():
        for one in Declared.objects.filter(account__sign_in__in=who):
            one.delete()
        trail.append(board.clock(), "command", "undone for a test", "board")


def test_a_member_declares_before_they_see_a_case_and_an_officer_need_not(board: Running) -> None:
    load(board, caseload(3).replace("BD-", "CE-"), "Spring 2027")
    undeclared(board, "chair", "mod-1")
    with board.store.reading():
        spring = Loaded.objects.get(title="Spring 2027")
        case = spring.cases.all()[0].key
    for path in (f"/cases/{case}", f"/cases/{case}/decide", f"/cases/{case}/notice", f"/caseloads/{spring.key}"):
        answer = board["chair"].client.get(path)
        assert answer.url.path == f"/caseloads/{spring.key}/interests", path
        assert "CE-" not in answer.text, "schools and Communities are shown, and no case"
    assert "School 2" in answer.text
    board["officer"].get(f"/cases/{case}")
    board["chair"].post(f"/caseloads/{spring.key}/interests", {})
    board["chair"].get(f"/cases/{case}")
    assert "Spring 2027" in said(board["observer"].get("/interests")), "who has still to declare is told"


def test_who_has_still_to_declare_neither_approves_nor_is_shown_or_counted(board: Running) -> None:
    alike, case = cases(board)[:2]
    agree(board, alike)
    path = meets(board, present=3)
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"meeting": path.rsplit("/", 1)[1]})
    with board.store.reading():
        proposed, declares = BoardOutcome.objects.get(state="proposed"), f"/caseloads/{case.caseload.key}/interests"
    undeclared(board, "mod-2")
    sent = {"version": str(proposed.version), "do": "approve"}
    assert board["mod-2"].post(f"/outcomes/{proposed.key}/approve", sent).url.path == declares
    page = said(board["mod-2"].get(path))
    assert (str(alike.ref) in page, str(case.ref) in page) == (False, False)
    assert "2 of its members may decide it, and 3 must be" in board["chair"].post(
        f"/outcomes/{proposed.key}/approve", sent
    ).text  # fmt: skip
    with board.store.reading():
        assert BoardOutcome.objects.get(pk=proposed.pk).state == "proposed"


def test_cases_and_precedents_of_a_caseload_to_declare_for_are_not_shown_beside_another(board: Running) -> None:
    case = cases(board)[0]
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE)
    settle(board, case.key, "mod-2")
    assert str(case.ref) in said(board["chair"].get("/precedents"))
    undeclared(board, "chair")
    assert str(case.ref) not in said(board["chair"].get("/precedents"))
    with board.store.reading():
        kept, chair = with_all(BoardCase.objects.filter(picks__isnull=False))[1], Account.objects.get(sign_in="chair")
        policies = board.app.board.policies
        assert decisions.like_cases(kept, policies, chair) == []
        assert decisions.precedents_for(kept, policies, chair) == []


def test_a_decision_for_a_meeting_that_is_closed_meanwhile_is_not_kept_as_one_outside(board: Running) -> None:
    case, path = cases(board)[1], meets(board)
    close(board, path)
    answer = board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"meeting": path.rsplit("/", 1)[1]})
    assert (answer.status_code, "This meeting has been closed meanwhile." in answer.text) == (422, True)
    with board.store.reading():
        assert BoardOutcome.objects.count() == 0


def test_an_interest_in_a_school_bars_from_its_cases_and_is_seen_by_all(board: Running) -> None:
    agreed = cases(board)[0]
    board["mod-3"].get(f"/cases/{agreed.key}/score")
    assert interest(board, "mod-3", "school", agreed.groups["school"]).status_code == 200
    board["mod-3"].get(f"/cases/{agreed.key}/score", 403)
    other = next(case for case in cases(board) if case.groups["school"] != agreed.groups["school"])
    board["mod-3"].get(f"/cases/{other.key}/score")
    assert f"{agreed.groups['school']} (School): “I work for it" in said(board["observer"].get("/interests"))
    with board.store.reading():
        key = Loaded.objects.get().key
    answer = board["mod-2"].post(f"/caseloads/{key}/interests", {"school-0": "1"})
    assert (answer.status_code, "Choose what your interest is." in answer.text) == (422, True)


def test_an_interest_takes_rating_and_proposal_with_it(board: Running) -> None:
    case = cases(board)[1]
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE)
    interest(board, "mod-1", "community", case.groups["community"])
    page = said(board["mod-2"].get(f"/cases/{case.key}/decide"))
    assert "Mod 1 has declared an interest in this case. Their ratings are set aside." in page
    assert "Set aside: whoever proposed it has declared an interest" in page
    assert "The board decides once 2 moderators have confirmed" in page
    with board.store.reading():
        assert BoardOutcome.objects.get().state == "declined"
        assert Interest.objects.get().value == case.groups["community"]
    board["mod-1"].get(f"/cases/{case.key}", 403)


def test_an_interest_takes_what_it_decided_with_it(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case)
    with board.store.reading():
        assert BoardOutcome.objects.get().state == "stands"
    board["mod-2"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    with board.store.reading():
        outcome, review = BoardOutcome.objects.get(), CaseReview.objects.get()
        assert (outcome.state, outcome.kind, review.kind) == ("reopened", "agreed", "interest")
        assert BoardCase.objects.get(pk=case.pk).settled_at is None
    board["mod-3"].post(f"/cases/{case.key}/score", ratings(case.level))
    agree(board, case)
    with board.store.reading():
        assert [one.state for one in BoardOutcome.objects.order_by("id")] == ["reopened", "stands"]


def agree(board: Running, case: BoardCase, who: str = "chair") -> Any:
    """Agree with the level of a case as it was mapped."""
    page = board[who].get(f"/cases/{case.key}/decide")
    before = page.select_one("input[name=outcomes]")
    assert before, said(page)
    return board[who].post(f"/cases/{case.key}/decide", {"kind": "agreed", "outcomes": str(before["value"])})


def meets(board: Running, present: int = 4, area: str = "area_1") -> str:
    """Open a meeting at which so many are present, the chair and the moderators first; return its path."""
    sent = {"title": "November", "area": area, "day": "5", "month": "10", "year": "2026"}
    path = str(board["chair"].post("/meetings", sent).url.path)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    assert board["chair"].post(path, {"version": "1", "present": there[:present], "minutes": ""}).status_code == 200
    return path


def settle(board: Running, key: str, who: str, do: str = "approve", **more: str) -> Any:
    page = board[who].get(f"/cases/{key}/decide")
    form = page.select_one("form[action^='/outcomes/']")
    assert form, said(page)
    return board[who].post(str(form["action"]), {"version": version_of(page), "do": do} | more)


def test_what_agrees_with_every_rating_takes_one_member_and_what_does_not_takes_two(board: Running) -> None:
    alike, unlike = cases(board)[:2]
    agree(board, alike)
    answer = agree(board, unlike)
    assert (answer.status_code, "Two members agree to this level. Give the reason" in answer.text) == (422, True)
    sent = {"kind": "agreed", "reason": "The lower rating rests on one term.", "outcomes": "0"}
    board["chair"].post(f"/cases/{unlike.key}/decide", sent)
    with board.store.reading():
        states = {one.case_id: one.state for one in BoardOutcome.objects.all()}
    assert states == {alike.pk: "stands", unlike.pk: "proposed"}
    assert settle(board, unlike.key, "mod-1").status_code == 200
    with board.store.reading():
        outcome = BoardOutcome.objects.get(case=unlike)
        assert (outcome.state, outcome.kind, outcome.approved_by.label) == ("stands", "agreed", "Mod 1")
        assert outcome.record, "its decision record is kept"


@pytest.mark.parametrize("level", [None, "level_of_an_older_edition"])
def test_a_level_that_is_not_known_or_is_no_longer_one_cannot_be_agreed(board: Running, level: str | None) -> None:
    case = cases(board)[0]
    with board.store.writing():
        kept = BoardCase.objects.get(pk=case.pk)
        kept.level = level
        kept.save()
        trail.append(board.clock(), "command", "changed for a test", "board")
    page = board["chair"].get(f"/cases/{case.key}/decide")
    assert not page.select("#kind-agreed")
    answer = board["chair"].post(f"/cases/{case.key}/decide", {"kind": "agreed", "outcomes": "0"})
    assert (answer.status_code, "is not known, or is no longer a level" in answer.text) == (422, True)


def test_one_page_shows_what_each_level_brings_and_the_paragraphs_to_choose_from(board: Running) -> None:
    alike, case = cases(board)[:2]
    agree(board, alike)
    page = board["mod-1"].get(f"/cases/{case.key}/decide")
    text = said(page)
    table = page.select_one("[aria-label='What each level would bring'] table")
    assert table
    assert len(table.select("tbody tr")) == 2, "the level as mapped, and the other rating"
    assert "£" in said(BeautifulSoup(str(table), "html.parser")), "in pounds"
    assert f"{alike.ref}: decided at" in text
    assert "its ratings lie" in text
    assert f"School: {case.groups['school']}" in text
    values = [str(one["value"]) for one in page.select("#paragraph option")]
    assert {"own-illustration/CL-LEARNING-5", "report/3.20"} <= set(values)
    blind = said(board["mod-3"].get(f"/cases/{case.key}/score"))
    assert case.groups["school"] not in blind
    assert case.groups["community"] not in blind


def test_a_meeting_decides_with_its_quorum_by_those_present_and_a_conflict_counts_against_it(board: Running) -> None:
    case = cases(board)[1]
    path = meets(board, present=2)
    sent = CHANGE | {"meeting": path.rsplit("/", 1)[1]}
    assert "2 of its members may decide it, and 3 must be present" in board["mod-1"].post(
        f"/cases/{case.key}/decide", sent
    ).text  # fmt: skip
    assert "not among the members present" in board["mod-2"].post(f"/cases/{case.key}/decide", sent).text
    path = meets(board, present=3)
    sent = CHANGE | {"meeting": path.rsplit("/", 1)[1]}
    assert board["mod-1"].post(f"/cases/{case.key}/decide", sent).status_code == 200
    page = board["chair"].get(path)
    version = version_of(page)
    mine = [str(box["value"]) for box in page.select("input[name=present]")][:1]
    answer = board["chair"].post(path, {"version": version, "present": mine, "minutes": ""})
    assert (answer.status_code, "Tick Mod 1, Mod 2 too" in answer.text) == (422, True)
    board["chair"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    assert "2 of its members may decide it" in settle(board, case.key, "mod-2").text


def test_a_case_comes_to_the_meeting_of_its_area(board: Running) -> None:
    case, policies = cases(board)[1], board.app.board.policies
    whole = policies.corpus.board
    listed = [
        one.model_copy(update={"communities": [case.groups["community"]] if one.id == "area_2" else []})
        for one in whole.meetings.areas
    ]  # fmt: skip
    settled = whole.model_copy(update={"meetings": whole.meetings.model_copy(update={"areas": listed})})
    with board.store.reading():
        kept = with_all(BoardCase.objects.filter(pk=case.pk))[0]
        assert agenda.of_area(kept, "area_1", policies), "of no area that is listed: it comes to each"
        changed = copy(policies)
        changed.corpus = SimpleNamespace(board=settled)
        assert agenda.of_area(kept, "area_2", changed)
        assert not agenda.of_area(kept, "area_1", changed)


def test_an_agenda_goes_by_disagreement_money_and_waiting_time(board: Running) -> None:
    alike, unlike = cases(board)[:2]
    path = meets(board)
    page = board["chair"].get(path)
    shown = [one.text for one in page.select("[aria-label=Agenda] tbody th")]
    assert shown == [unlike.ref, alike.ref], "the one on which ratings differ comes first"
    with board.store.reading():
        first, last = agenda.items(None, board.app.board.policies)
        assert (first.spread > 0, last.spread, last.stake) == (True, 0, 0)
        ends = [one.pence for one in decisions.effects(first.case, board.app.board.policies)]
        known = [one for one in ends if one is not None]
        if len(known) < len(ends):
            assert first.stake is None
        else:
            assert first.stake == max(high for _, high in known) - min(low for low, _ in known)
    assert "2 cases wait; 2 are not shown to you" in said(board["mod-3"].get(path)), "who has still to rate them"
    assert alike.ref not in said(board["observer"].get(path))


def test_dissent_is_recorded_and_closed_with_the_meeting(board: Running) -> None:
    case, path = cases(board)[1], meets(board)
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"meeting": path.rsplit("/", 1)[1]})
    settle(board, case.key, "mod-2")
    with board.store.reading():
        outcome = BoardOutcome.objects.get()
    sent = {"because": "The evidence is of one term."}
    assert "rests on your own word" in board["mod-1"].post(f"/outcomes/{outcome.key}/dissent", sent).text
    assert board["mod-3"].client.get(f"/cases/{case.key}/history").status_code == 200, "settled, so open to members"
    page = board["mod-3"].post(f"/outcomes/{outcome.key}/dissent", sent)
    assert "Dissent Mod 3: The evidence is of one term." in said(page)
    assert "recorded already" in board["mod-3"].post(f"/outcomes/{outcome.key}/dissent", sent).text
    close(board, path)
    assert "The record of its meeting is closed." in board["chair"].post(f"/outcomes/{outcome.key}/dissent", sent).text
    with board.store.reading():
        record = Meeting.objects.get().record
        assert Dissent.objects.count() == 1
    assert record
    assert [one["dissent"] for one in record["outcomes"]] == [["Mod 3"]]
    assert (record["area"], record["quorum"]) == ("area_1", {"needed": 3, "present": 4})


def close(board: Running, path: str) -> Any:
    page = board["chair"].get(path)
    there = [str(box["value"]) for box in page.select("input[name=present][checked]")]
    version = version_of(page)
    answer = board["chair"].post(path, {"version": version, "present": there, "minutes": "Two.", "do": "close"})
    assert "The record was closed" in answer.text
    return answer


def test_what_is_decided_outside_a_meeting_comes_to_the_next_one_alone(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case)
    path = meets(board)
    assert f"to be noted {case.ref}: agreed" in said(board["chair"].get(path))
    assert f"and noted {case.ref}: agreed" in said(close(board, path))
    with board.store.reading():
        record, outcome = Meeting.objects.get().record, BoardOutcome.objects.get()
    assert record
    assert record["noted"] == [{"outcome": outcome.key, "seal": outcome.seal}]
    assert "to be noted" not in said(board["chair"].get(meets(board)))


def test_of_what_was_decided_outside_a_meeting_the_part_that_is_not_shown_is_counted(board: Running) -> None:
    alike, unlike = cases(board)[:2]
    agree(board, alike)
    board["mod-1"].post(f"/cases/{unlike.key}/decide", CHANGE)
    settle(board, unlike.key, "mod-2")
    board["mod-3"].post(f"/cases/{alike.key}/conflict", {"kind": "friend"})
    assert f"to be noted {unlike.ref}: changed 1, not shown to you" in said(board["mod-3"].get(meets(board)))


def test_an_appeal_waits_for_a_meeting_and_reopening_leaves_what_was_decided(board: Running) -> None:
    case = cases(board)[0]
    agree(board, case)
    with board.store.reading():
        first = BoardOutcome.objects.get()
        seal, record = first.seal, first.record.digest
    sent = {"because": "A report was left out."}
    board["officer"].post(f"/outcomes/{first.key}/appeal", sent)
    assert "An appeal waits already" in board["chair"].post(f"/outcomes/{first.key}/appeal", sent).text
    assert f"Appeals {case.ref}: A report was left out." in said(board["chair"].get(meets(board)))
    answer = board["chair"].post(f"/outcomes/{first.key}/reopen", sent | {"do": "dismiss"})
    assert "cannot be dismissed by you" in answer.text, "the chair decided it"
    assert "A reason is missing" in board["chair"].post(f"/outcomes/{first.key}/reopen", {}).text
    board["chair"].post(f"/outcomes/{first.key}/reopen", sent)
    page = board["chair"].get(meets(board))
    assert (f"Appeals {case.ref}" in said(page), "reopened" in said(page)) == (False, True)
    agree(board, case)
    text = said(board["officer"].get(f"/cases/{case.key}/history"))
    for words in ("no longer counts", "valid", "Appeal A report was left out.", "Reopened A report was left out."):
        assert words in text
    with board.store.reading():
        older, newer = BoardOutcome.objects.order_by("id")
        assert (older.state, older.seal, older.record.digest) == ("reopened", seal, record)
        assert (newer.state, newer.record.digest != record) == ("stands", True)
    for change in ("UPDATE outcome SET state = 'declined' WHERE state = 'reopened'",
                   "UPDATE outcome SET state = 'stands' WHERE state = 'reopened'", "UPDATE review SET kind = 'appeal'",
                   "UPDATE outcome SET state = 'reopened', approved_by_id = 3 WHERE state = 'stands'",
                   "DELETE FROM review"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)
