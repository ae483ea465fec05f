"""What two decided takes two to reopen, who was present stays present, and what a page reads holds nobody up."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from board_app import Running, boards, version_of
from board_proof import CHANGE
from senpolicy_board import agenda, decisions, queue
from senpolicy_board.pages import caseloads, columns, samples
from senpolicy_board.scoring import with_all
from senpolicy_board.store import using
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, CaseReview, Loaded, Meeting, Present, Sample
from test_board_meetings import agree, cases, close, interest, meets, rated, said, settle

first, board = boards(rated)
WHY = {"because": "A report was left out."}


def changed(board: Running, **more: str) -> BoardOutcome:
    """A case that one member has changed and another has approved."""
    case = cases(board)[1]
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | more)
    settle(board, case.key, "mod-2")
    with board.store.reading():
        outcome: BoardOutcome = BoardOutcome.objects.select_related("case").get(case=case, state="stands")
    return outcome


def reading(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[bool]:
    """Note of each call of a function whether it is asked in a transaction that writes."""
    whole, wrote = getattr(module, name), list[bool]()

    def noted(*asked: Any, **more: Any) -> Any:
        wrote.append(using().changed is not None)
        return whole(*asked, **more)

    monkeypatch.setattr(module, name, noted)
    return wrote


def test_pages_that_only_read_hold_nobody_up_who_writes(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    path, pages = meets(board), (caseloads, columns, samples)
    with board.store.reading():
        key = Loaded.objects.get().key
    wrote = [reading(monkeypatch, agenda, one) for one in ("items", "appeals", "outside")]
    wrote += [reading(monkeypatch, queue, "waiting"), *(reading(monkeypatch, one, "with_all") for one in pages)]
    board["chair"].get(path)
    with board.store.reading():
        sample = Sample.objects.get().key
    for address in ("/queue/saved/work.csv", f"/caseloads/{key}/saved/cases.csv", f"/caseloads/{key}", "/",
                    f"/samples/{sample}"):  # fmt: skip
        assert board["chair"].client.get(address).status_code == 200
    assert all(wrote), "they are asked"
    assert not any(one for several in wrote for one in several)


def test_the_first_page_makes_a_case_of_each_row_once(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, made, whole = board["officer"], list[int](), BoardCase.from_db.__func__

    def noted(table: Any, *row: Any) -> BoardCase:
        one: BoardCase = whole(table, *row)
        made.append(one.pk)
        return one

    monkeypatch.setattr(BoardCase, "from_db", classmethod(noted))
    page = browser.get("/?show=all")
    assert made
    assert len(made) == len(set(made)), "a case of the list is read once"
    assert page.select("#school option[value='School 2']"), "and the schools can be chosen"


def test_who_was_present_when_a_meeting_decided_stays_present(board: Running) -> None:
    path = meets(board)
    boxes = board["chair"].get(path).select("input[name=present][checked]")
    there = [str(box["value"]) for box in boxes]
    sent = {"minutes": "", "version": version_of(board["chair"].get(path))}
    assert board["chair"].post(path, sent | {"present": there[:3]}).status_code == 200, "nothing has been decided yet"
    board["chair"].post(path, {"minutes": "", "version": version_of(board["chair"].get(path)), "present": there})
    changed(board, meeting=path.rsplit("/", 1)[1])
    again = {"minutes": "", "version": version_of(board["chair"].get(path)), "present": there[:3]}
    answer = board["chair"].post(path, again)
    assert (answer.status_code, "Tick Mod 3 too" in answer.text) == (422, True), "Mod 3 did nothing but be there"
    with board.store.reading():
        assert Present.objects.count() == 4
    assert board["chair"].post(path, again | {"present": there}).status_code == 200


def test_what_two_decided_is_reopened_by_two(board: Running) -> None:
    outcome = changed(board)
    where, history = f"/outcomes/{outcome.key}/reopen", f"/cases/{outcome.case.key}/history"
    page = said(board["chair"].post(where, WHY))
    assert "Asked to be reopened A report was left out." in page
    with board.store.reading():
        assert BoardOutcome.objects.get(pk=outcome.pk).state == "stands", "one alone does not reopen it"
    assert "It waits already" in board["chair"].post(where, WHY).text
    assert board["chair"].post(f"{where}/second", {"do": "agree", "reviews": "1"}).status_code == 403
    assert board["officer"].post(f"{where}/second", {"do": "agree", "reviews": "1"}).status_code == 403
    assert outcome.case.ref in said(board["chair"].get(meets(board))), "the next meeting has it"
    assert outcome.case.ref in said(board["mod-1"].get("/")), "and each member who may agree"
    assert outcome.case.ref not in said(board["chair"].get("/"))
    page = board["mod-1"].get(history)
    form = page.select_one(f"form[action='{where}/second']")
    assert form
    assert board["mod-1"].post(f"{where}/second", {"do": "agree", "reviews": "0"}).status_code == 409, "a stale page"
    naming = {"do": "agree", "reviews": "1", "because": "As Liam " + "reads well."}
    assert "may name somebody" in board["mod-1"].post(f"{where}/second", naming).text
    assert board["mod-1"].post(f"{where}/second", {"do": "agree", "reviews": "1"}).status_code == 200
    with board.store.reading():
        assert BoardOutcome.objects.get(pk=outcome.pk).state == "reopened"
        assert [(one.kind, one.by.label) for one in CaseReview.objects.order_by("id")] == [
            ("asked", "Chair"), ("reopened", "Mod 1"),
        ]  # fmt: skip
        assert BoardCase.objects.get(pk=outcome.case_id).settled_at is None


def test_a_second_member_may_leave_a_case_as_it_is_and_what_one_decided_one_reopens(board: Running) -> None:
    outcome = changed(board)
    where = f"/outcomes/{outcome.key}/reopen"
    board["officer"].post(f"/outcomes/{outcome.key}/appeal", WHY)
    board["chair"].post(where, WHY)
    sent = {"do": "keep", "reviews": "2"}
    assert "A reason is missing" in board["mod-3"].post(f"{where}/second", sent).text
    page = said(board["mod-3"].post(f"{where}/second", sent | {"because": "Nothing new is shown."}))
    assert "Not reopened Nothing new is shown." in page
    assert "An appeal waits already" in board["officer"].post(f"/outcomes/{outcome.key}/appeal", WHY).text, "it waits"
    alone = cases(board)[0]
    agree(board, alone)
    with board.store.reading():
        key = BoardOutcome.objects.get(case=alone).key
        assert BoardOutcome.objects.get(pk=outcome.pk).state == "stands"
    board["chair"].post(f"/outcomes/{key}/reopen", WHY)
    with board.store.reading():
        assert BoardOutcome.objects.get(case=alone).state == "reopened"


def test_an_appeal_that_nobody_has_seen_yet_is_not_dismissed_from_an_older_page(board: Running) -> None:
    outcome = changed(board)
    appeal, where = f"/outcomes/{outcome.key}/appeal", f"/outcomes/{outcome.key}/reopen"
    board["officer"].post(appeal, WHY)
    old = {"do": "dismiss", "because": "Nothing new is shown.", "reviews": "1"}
    assert board["chair"].post(where, old).status_code == 200
    board["officer"].post(appeal, {"because": "The report is here now."})
    answer = board["chair"].post(where, old)
    assert (answer.status_code, "Nothing new is shown." in answer.text) == (409, True), "what was typed is shown"
    with board.store.reading():
        assert CaseReview.objects.order_by("-id")[0].kind == "appeal"


def test_a_dissent_goes_with_its_author_s_interest(board: Running) -> None:
    path = meets(board)
    outcome = changed(board, meeting=path.rsplit("/", 1)[1])
    for who in ("chair", "mod-3"):
        board[who].post(f"/outcomes/{outcome.key}/dissent", {"because": "The evidence is of one term."})
    words = "The evidence is of one term."
    assert f"Dissent of Chair: {words} Dissent of Mod 3: {words}" in said(board["chair"].get(path))
    interest(board, "mod-3", "school", outcome.case.groups["school"])
    assert f"Dissent of Chair: {words}" in said(board["chair"].get(path))
    assert "Dissent of Mod 3" not in said(board["chair"].get(path))
    history = said(board["chair"].get(f"/cases/{outcome.case.key}/history"))
    assert "Dissent, set aside Mod 3 has declared an interest" in history
    close(board, path)
    with board.store.reading():
        record = Meeting.objects.get().record
    assert record
    assert [one["dissent"] for one in record["outcomes"]] == [["Chair"]]


def test_levels_are_in_the_words_of_the_board_in_a_file(board: Running) -> None:
    with board.store.reading():
        key = Loaded.objects.get().key
    changed(board)
    rows = list(csv.DictReader(io.StringIO(board["officer"].client.get(f"/caseloads/{key}/saved/cases.csv").text)))
    shown = {row["level_as_mapped"] for row in rows} | {row["level_decided"] for row in rows}
    labels = {one.label for one in board.app.board.policies.levels_on(None)}
    assert shown - {""} <= labels, shown


def test_the_interests_of_those_present_are_shown_or_that_there_are_none(board: Running) -> None:
    path, school = meets(board), cases(board)[0].groups["school"]
    none = "Interests of those present None of those present has declared an interest in a school or Community."
    assert none in said(board["observer"].get(path))
    interest(board, "mod-3", "school", school)
    assert f"Interests of those present Mod 3, {school} (School)" in said(board["observer"].get(path))


def test_an_interest_in_a_case_is_told_to_those_alone_who_see_cases(board: Running) -> None:
    path = meets(board)
    outcome = changed(board, meeting=path.rsplit("/", 1)[1])
    board["mod-3"].post(f"/cases/{outcome.case.key}/conflict", {"kind": "friend"})
    assert f"Mod 3, in case {outcome.case.ref}" in said(board["chair"].get(path))
    seen = said(board["observer"].get(path)).partition("Interests of those present")[2].partition("Agenda")[0]
    assert outcome.case.ref not in seen
    assert "or in a case decided here" not in seen, "nothing is said of what is not told"


def test_nobody_is_asked_to_declare_who_cannot(board: Running) -> None:
    path = meets(board)
    assert "Declare an interest now" not in said(board["observer"].get(path))
    assert "Declare an interest now" in said(board["mod-3"].get(path))


def test_like_cases_are_looked_for_among_those_settled_last(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed, case = cases(board)[:2]
    agree(board, agreed)
    with board.store.reading():
        kept, chair = with_all(BoardCase.objects.filter(pk=case.pk))[0], Account.objects.get(sign_in="chair")
        policies = board.app.board.policies
        assert [one.case.pk for one in decisions.like_cases(kept, policies, chair)] == [agreed.pk]
        monkeypatch.setattr(decisions, "AMONG", 0)
        assert decisions.like_cases(kept, policies, chair) == []
