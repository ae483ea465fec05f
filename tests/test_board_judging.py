"""Answers of a rating that are not a level: no need in an area, and what cannot be judged from what is here."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from board_app import AREAS, Running, boards, load, policies, running
from board_proof import CHANGE, LEVEL, PLAN, ratings
from senpolicy_board import decisions, gather, judging, trail
from senpolicy_board.judging import CANNOT_JUDGE, NO_NEED, Rated
from senpolicy_board.scoring import with_all
from senpolicy_board.subject_access import held_of
from senpolicy_board.tables import BoardCase, BoardOutcome, Scoring
from test_board_meetings import said

AREA = f"area_{AREAS[0]}"
UNJUDGED = {AREA: f"={CANNOT_JUDGE}", "missing": "The report on reading of this year."}


def drawn(folder: Path) -> Running:
    """A board with a caseload of which a sample has been drawn."""
    made = running(folder)
    key = load(made)
    assert made["chair"].post(f"/caseloads/{key}/sample", PLAN).status_code == 200
    return made


first, board = boards(drawn)


def case_of(board: Running) -> BoardCase:
    with board.store.reading():
        return with_all(BoardCase.objects.filter(picks__replaced_at=None, picks__isnull=False, level=LEVEL))[0]


def rate(board: Running, who: str, key: str, **more: str) -> Any:
    return board[who].post(f"/cases/{key}/score", ratings() | more)


def kept(board: Running) -> list[Rated]:
    with board.store.reading():
        return [
            judging.rated(one, policies(board.settings.scenario), one.case.decision_date)
            for one in Scoring.objects.select_related("case").order_by("id")
        ]


def test_an_area_without_need_raises_no_level_and_is_not_one(board: Running) -> None:
    key = case_of(board).key
    assert rate(board, "mod-1", key, **{AREA: f"={NO_NEED}"}).status_code == 200
    found = kept(board)[0]
    assert (found.areas[AREAS[0]], found.answers, found.level) == (None, {AREAS[0]: NO_NEED}, LEVEL)
    assert not found.unjudged
    row = board["mod-1"].get(f"/cases/{key}/decide").select_one("tbody tr.differs")
    assert row
    assert "No need" in row.text, "it differs from the level as mapped, in words"


def test_no_need_in_any_area_gives_no_level_and_two_decide(board: Running) -> None:
    case = case_of(board)
    for who in ("mod-1", "mod-2"):
        assert rate(board, who, case.key, **{f"area_{one}": f"={NO_NEED}" for one in AREAS}).status_code == 200
    assert [one.level for one in kept(board)] == [None, None]
    board["chair"].post(
        f"/cases/{case.key}/decide", {"kind": "agreed", "outcomes": "0", "reason": "The mapping holds for this term."}
    )
    with board.store.reading():
        assert BoardOutcome.objects.get().state == "proposed", "no rating gives the level, so another member approves"


def test_who_cannot_judge_says_what_is_missing_and_names_nobody(board: Running) -> None:
    key = case_of(board).key
    for words in ("", "a report"):
        answer = rate(board, "mod-1", key, **UNJUDGED | {"missing": words})
        assert (answer.status_code, "Say what is missing" in answer.text) == (422, True)
    answer = rate(board, "mod-1", key, **UNJUDGED | {"missing": "The report of Liam, " + "his mum has it."})
    assert (answer.status_code, "What is missing may name somebody" in answer.text) == (422, True)
    checked = said(answer)
    assert "his mum has it." in checked, "what was typed is there still"
    assert rate(board, "mod-1", key, **UNJUDGED | {"do": "save", "missing": ""}).status_code == 200, "a draft may wait"
    page = board["mod-1"].get(f"/cases/{key}/score")
    assert page.select(f"#{AREA}-{CANNOT_JUDGE}[checked]")


def test_what_cannot_be_judged_gives_no_level_asks_for_one_more_and_is_told(board: Running) -> None:
    case = case_of(board)
    rate(board, "mod-1", case.key, **UNJUDGED)
    rate(board, "mod-2", case.key)
    assert [one.level for one in kept(board)] == [None, LEVEL]
    page = said(board["mod-2"].get(f"/cases/{case.key}/decide"))
    assert "Mod 1 could not judge" in page
    assert "Missing: The report on reading of this year." in page
    assert "Cannot judge" in page
    assert "The board decides once 3 moderators have confirmed" in page
    assert "Missing: The report on reading" in said(board["officer"].get(f"/cases/{case.key}")), (
        "who may get it is told"
    )
    blind = said(board["mod-3"].get(f"/cases/{case.key}/score"))
    assert "report on reading" not in blind
    assert "Ratings differ" in said(board["mod-1"].get("/"))
    assert str(case.ref) in said(board["mod-1"].get("/?state=differing&show=all"))
    rate(board, "mod-3", case.key)
    with board.store.reading():
        assert decisions.takes_two(with_all(BoardCase.objects.filter(pk=case.pk))[0], LEVEL, policies("illustrative"))


def test_an_answer_that_is_not_a_level_can_never_be_agreed_as_one(board: Running) -> None:
    case = case_of(board)
    for who in ("mod-1", "mod-2", "mod-3"):
        rate(board, who, case.key, **UNJUDGED)
    for to in (CANNOT_JUDGE, NO_NEED, f"={NO_NEED}"):
        answer = board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE | {"to": to})
        assert (answer.status_code, "Choose the level to which" in answer.text) == (422, True)
    page = board["mod-1"].get(f"/cases/{case.key}/decide")
    assert not [one for one in page.select("#to option") if "judge" in one.text.lower() or "need" in one.text.lower()]
    with board.store.reading():
        assert not BoardOutcome.objects.exists()


@pytest.mark.parametrize("sent", [CANNOT_JUDGE, NO_NEED, "=other", "=" + LEVEL])
def test_an_answer_comes_only_as_the_form_offers_it(board: Running, sent: str) -> None:
    assert rate(board, "mod-1", case_of(board).key, **{AREA: sent}).status_code == 422


def test_where_a_moderator_says_the_level_they_may_say_that_they_cannot() -> None:
    """An edition without a method has the moderator say the overall level; "no need" is said of areas alone."""
    own: Any = SimpleNamespace(rated_by_method=lambda _: False, areas=[SimpleNamespace(id="one")], level_label=str)
    open_in_all = judging.rated(Scoring(ratings=judging.read({"one": f"={NO_NEED}"}, "", ())), own, None)
    assert judging.lacking(open_in_all, own, None) == ["Rate every area, and choose an overall level."]
    for whole, complete in ((f"={CANNOT_JUDGE}", True), ("", False), ("low", True)):
        made = judging.read({"one": "low", judging.WHOLE: whole}, "The report of this year.", {"low"})
        found = judging.rated(Scoring(ratings=made), own, None)
        assert (judging.lacking(found, own, None) == []) is complete  # type: ignore[arg-type]
        assert (found.level, found.unjudged) == ("low" if whole == "low" else None, whole.startswith("="))
    assert judging.read({"one": "low", judging.WHOLE: f"={NO_NEED}"}, "", {"low"}) is None


def test_no_figure_counts_an_answer_that_is_not_a_level_and_few_are_not_told(board: Running) -> None:
    case = case_of(board)
    rate(board, "mod-1", case.key, **UNJUDGED | {f"area_{AREAS[1]}": f"={NO_NEED}"})
    rate(board, "mod-2", case.key)
    with board.store.reading():
        found = gather.ratings(board.app.board.policies)
    mine = [one for one in found.scores if one.kind == "moderator"]
    assert len([one for one in mine if one.area == AREAS[0]]) == len([one for one in mine if one.area == AREAS[1]]) == 1
    assert len([one for one in mine if one.area == judging.WHOLE]) == 1, "of who cannot judge there is no overall level"
    assert found.answers == {CANNOT_JUDGE: 1, NO_NEED: 1}
    page = said(board["observer"].get("/consistency"))
    assert "fewer than 5 said that there is no need in the area, and fewer than 5 could not judge it" in page


def test_a_case_that_nobody_could_judge_is_like_no_other(board: Running) -> None:
    case = case_of(board)
    rate(board, "mod-1", case.key, **UNJUDGED)
    with board.store.reading():
        assert gather.described(with_all(BoardCase.objects.filter(pk=case.pk))[0], policies("illustrative")) == {}
    rate(board, "mod-2", case.key)
    with board.store.reading():
        found = gather.described(with_all(BoardCase.objects.filter(pk=case.pk))[0], policies("illustrative"))
    assert set(found) == set(AREAS), "another could judge it"


def test_a_file_and_a_request_of_access_tell_of_what_could_not_be_judged(board: Running) -> None:
    case = case_of(board)
    rate(board, "mod-1", case.key, **UNJUDGED)
    with board.store.reading():
        path = f"/caseloads/{case.caseload.key}/saved/cases.csv"
        scored: Any = held_of(str(case.ref))["scoring"]
    rows = {row["case"]: row for row in csv.DictReader(io.StringIO(board["officer"].client.get(path).text))}
    assert rows[str(case.ref)]["could_not_judge_number"] == "1"
    assert scored[0]["ratings"]["missing"] == UNJUDGED["missing"]
    assert scored[0]["ratings"]["answers"] == {AREAS[0]: CANNOT_JUDGE}


def test_ratings_that_were_saved_elsewhere_are_shown_with_their_answers(board: Running) -> None:
    key = case_of(board).key
    rate(board, "mod-1", key, do="save", **UNJUDGED)
    answer = rate(board, "mod-1", key, do="save")
    assert answer.status_code == 409
    assert "Cannot judge" in said(answer)
    assert "What is missing: The report on reading" in said(answer)


def test_an_answer_is_sealed_with_the_rating(board: Running) -> None:
    rate(board, "mod-1", case_of(board).key, **UNJUDGED)
    with board.store.reading():
        one = Scoring.objects.get()
        content: Any = trail.content_of(one)
        assert one.seal == trail.seal(str(one.salt), content)
        assert content["ratings"]["answers"] == {AREAS[0]: CANNOT_JUDGE}
        changed = content | {"ratings": content["ratings"] | {"answers": {AREAS[0]: NO_NEED}}}
        assert one.seal != trail.seal(str(one.salt), changed)
