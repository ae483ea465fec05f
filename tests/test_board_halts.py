"""A moderator who drifts from the seeds in live work: stopped, checked by a sample, and let go on by two others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import DatabaseError

from board_app import Running, copied, execute
from senpolicy_board import halts, scoring, standardisation, trail
from senpolicy_board.tables import Account, BoardCase, Halt, HaltPart, TrailEntry
from test_board_meetings import said
from test_board_standardisation import (
    FAR,
    FIGURES,
    asking,
    drawn,
    given,
    live,
    one_of,
    proved,
    qualified,
    rate,
    seeded,
    seeds_of,
)

WHY = "The difference lies in one descriptor, which we have read together."


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return qualified(tmp_path_factory.mktemp("qualified"), drawn(tmp_path_factory.mktemp("halts")))


@pytest.fixture
def board(first: Running, tmp_path: Path) -> Iterator[Running]:
    """A board on which no seed may lie beyond the tolerance, and half of a stopped moderator's run is checked."""
    yield from proved(copied(first, tmp_path, policy=asking(**FIGURES, last=2, beyond=0, again=50)))


@pytest.fixture
def stopped(board: Running) -> Running:
    """The same, once the first moderator has rated a seed in live work far from its level."""
    assert rate(board, "mod-1", seeds_of(board)[3], FAR).status_code == 200
    return board


def halt(board: Running) -> Halt:
    with board.store.reading():
        found: Halt = Halt.objects.select_related("account").get()
        return found


def propose(board: Running, who: str, kind: str = "lifted", reason: str = WHY) -> Any:
    return board[who].post(f"/halts/{halt(board).key}", {"kind": kind, "because": reason})


def approve(board: Running, who: str, do: str = "approve") -> Any:
    with board.store.reading():
        version = halts.version(Halt.objects.get(), board.app.board.policies)
    return board[who].post(f"/halts/{halt(board).key}/approve", {"do": do, "version": version})


def test_who_stays_within_is_not_stopped_nor_anybody_where_the_file_says_nothing(
    first: Running, tmp_path: Path
) -> None:
    for number, (figures, level) in enumerate(((FIGURES | {"last": 2, "beyond": 1}, FAR), (FIGURES, FAR))):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = copied(first, folder, policy=asking(**figures))
        rate(made, "mod-1", seeds_of(made)[3], level)
        with made.store.reading():
            assert not Halt.objects.exists()
        assert given(made).live
        made.store.close()


def test_who_lies_beyond_is_given_no_further_live_case(stopped: Running) -> None:
    case = live(stopped)[2]
    home = said(stopped["mod-1"].get("/"))
    assert "You were stopped: too many seeds lay beyond the tolerance." in home
    assert str(case.ref) not in home
    stopped["mod-1"].get(f"/cases/{case.key}/score", 403)
    assert rate(stopped, "mod-1", case).status_code == 403
    assert (
        "1, 0 beyond, mean 0.00 (too few) 2, 0 beyond, mean 0.00 (no spread) 1, 1 beyond, mean +3.00 (too few) stopped"
        in said(stopped["officer"].get("/standardisation"))
    )
    page = said(stopped["mod-2"].get("/halts"))
    assert "1 of the last 1 seeds in live work lay beyond the tolerance" in page
    assert "Drawn to be rated by one more: 1 case." in page
    with stopped.store.reading():
        assert TrailEntry.objects.filter(action="moderator stopped").count() == 1


def test_a_share_of_what_they_rated_is_rated_by_one_more(stopped: Running) -> None:
    policies = stopped.app.board.policies
    with stopped.store.reading():
        part = HaltPart.objects.select_related("scoring__case").get()
        drawn_case = part.scoring.case
        needed = {case.pk: scoring.needed(one_of(case), policies) for case in live(stopped)[:2]}
    assert part.kind == "again"
    assert sorted(needed.values()) == [2, 3]
    assert needed[drawn_case.pk] == 3


def test_two_others_decide_how_it_ends(stopped: Running) -> None:
    assert propose(stopped, "mod-1").status_code == 403, "not the one who was stopped"
    for kind, reason in (("other", WHY), ("lifted", "So."), ("lifted", "As Liam " + "is hard to read.")):
        assert propose(stopped, "chair", kind, reason).status_code == 422
    assert approve(stopped, "mod-2").status_code == 403, "nothing is proposed"
    assert propose(stopped, "chair").status_code == 200
    assert propose(stopped, "mod-2").status_code == 409
    assert approve(stopped, "chair").status_code == 403, "not the one who proposed it"
    assert approve(stopped, "mod-1").status_code == 403
    assert not given(stopped).live
    assert approve(stopped, "mod-2").status_code == 200
    assert given(stopped).live
    with stopped.store.reading():
        assert not HaltPart.objects.filter(kind="aside").exists(), "what was rated counts"
    page = said(stopped["chair"].get("/halts"))
    assert "Decided by Chair and Mod 2" in page
    assert WHY in page
    assert approve(stopped, "mod-2").status_code == 404


def test_a_proposal_that_is_declined_leaves_the_halt_as_it_was(stopped: Running) -> None:
    propose(stopped, "chair", "set_aside")
    approve(stopped, "mod-2", "decline")
    found = halt(stopped)
    assert (found.kind, found.reason, found.settled_at) == (None, None, None)
    assert not given(stopped).live
    assert propose(stopped, "mod-2").status_code == 200


def test_only_the_proposal_that_was_shown_is_approved(stopped: Running) -> None:
    propose(stopped, "chair", "lifted")
    form = stopped["mod-2"].get("/halts").select_one("form[action$='/approve'] input[name=version]")
    assert form
    approve(stopped, "mod-2", "decline")
    propose(stopped, "chair", "set_aside")
    late = {"do": "approve", "version": str(form["value"])}
    answer = stopped["mod-2"].post(f"/halts/{halt(stopped).key}/approve", late)
    assert (answer.status_code, "Another end is proposed by now" in answer.text) == (409, True)
    assert halt(stopped).settled_at is None


def test_what_was_typed_of_an_end_stays_where_something_is_lacking(stopped: Running) -> None:
    answer = propose(stopped, "chair", "set_aside", "As Liam " + "is hard to read.")
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert [one.text for one in page.select("textarea[name=because]")] == ["As Liam is hard to read."]
    assert [str(one["value"]) for one in page.select("input[name=kind][checked]")] == ["set_aside"]


def test_a_run_that_is_set_aside_counts_no_longer(stopped: Running) -> None:
    before = live(stopped)[:2]
    with stopped.store.reading():
        assert [len(scoring.confirmed(one_of(case))) for case in before] == [1, 1]
    propose(stopped, "chair", "set_aside")
    approve(stopped, "mod-2")
    with stopped.store.reading():
        assert [len(scoring.confirmed(one_of(case))) for case in before] == [0, 0]
        assert halts.undecided(Halt.objects.get(), stopped.app.board.policies) == [], (
            "a further halt sets them aside no second time"
        )
    assert "Set aside: 2 ratings." in said(stopped["chair"].get("/halts"))
    case = live(stopped)[2]
    rate(stopped, "mod-1", case)
    with stopped.store.reading():
        assert len(scoring.confirmed(one_of(case))) == 1, "what is rated later counts"


def test_what_the_board_has_decided_stays(stopped: Running) -> None:
    decided, other = live(stopped)[:2]
    with stopped.store.writing():
        case = BoardCase.objects.get(pk=decided.pk)
        case.settled_at = stopped.clock()
        case.save()
        trail.append(stopped.clock(), "command", "settled for a test", "board")
    propose(stopped, "chair", "set_aside")
    approve(stopped, "mod-2")
    with stopped.store.reading():
        aside = HaltPart.objects.filter(kind="aside").values_list("scoring__case_id", flat=True)
        assert list(aside) == [other.pk]


def test_after_a_halt_only_later_seeds_count(stopped: Running) -> None:
    (later,) = seeded(stopped, "live")
    stopped.clock.pass_by(minutes=5)
    propose(stopped, "chair")
    approve(stopped, "mod-2")
    stopped.clock.pass_by(minutes=5)
    for case in live(stopped)[2:4]:
        rate(stopped, "mod-1", case)
    assert rate(stopped, "mod-1", later).status_code == 200
    assert given(stopped).live, "the one of before lies beyond the tolerance, and does not count again"
    with stopped.store.reading():
        assert Halt.objects.count() == 1
        found = standardisation.results(Account.objects.get(sign_in="mod-1"), stopped.app.board.policies)
    assert [one.beyond for one in found if one.kind == "live"] == [True, False], "it is told all the same"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE halt SET beyond = 0", "DELETE FROM halt", "UPDATE halt_part SET kind = 'aside'", "DELETE FROM halt_part",
        "UPDATE halt SET settled_at = '2026-10-06 09:00:00', kind = 'lifted', settled_by_id = 1, proposed_by_id = 3",
        "UPDATE halt SET proposed_by_id = account_id, kind = 'lifted'",
    ],
)  # fmt: skip
def test_the_database_refuses_to_undo_a_halt_by_one_alone(stopped: Running, change: str) -> None:
    with pytest.raises(DatabaseError, match=r"never|two others"):
        execute(stopped.owner, change)
