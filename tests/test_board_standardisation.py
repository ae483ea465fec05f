"""Standardisation: seeds that two agree, practice and qualification before live cases, seeds that nobody can tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from board_app import AREAS, Running, caseload, copied, execute, faults, load, made_up, running, with_board_file
from board_proof import LEVEL, PLAN, ratings
from senpolicy.files.models.board import StandardisationSettled
from senpolicy_board import gather, loading, queue, scoring, seeds, standardisation, trail
from senpolicy_board.policies import Policies
from senpolicy_board.scoring import with_all
from senpolicy_board.tables import Account, BoardCase, Evidence, Pick, Seed, TrailEntry
from test_board_meetings import said

HIGHER, FAR = "specific_allocation_2", "specific_allocation_4"


@lru_cache
def asking(**figures: int) -> Policies:
    """The policy of the tests, whose board's file asks for standardisation. Its figures are made up."""
    return with_board_file(standardisation=StandardisationSettled(**made_up(**figures)))


FIGURES = {"practice": 1, "qualification": 2, "within": 1, "outside": 0, "live": 2}


def drawn(folder: Path) -> Running:
    """A board with a sample, and a second caseload of which cases can become seeds."""
    made = running(folder)
    key = load(made)
    assert made["chair"].post(f"/caseloads/{key}/sample", PLAN).status_code == 200
    load(made, caseload(8).replace("BD-", "CE-"), "Spring 2027")
    return made


def qualified(folder: Path, made: Running) -> Running:
    """The same board once it has seeds, and its first moderator has qualified and rated two live cases."""
    ready = copied(made, folder, policy=asking(**FIGURES))
    seeded(ready, "practice", "qualification", "qualification", "live")
    qualify(ready, "mod-1", [*seeds_of(ready)[:3], *live(ready)[:2]])
    return ready


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return drawn(tmp_path_factory.mktemp("standardisation"))


@pytest.fixture(scope="module")
def qualified_first(first: Running, tmp_path_factory: pytest.TempPathFactory) -> Running:
    return qualified(tmp_path_factory.mktemp("qualified"), first)


@pytest.fixture
def board(first: Running, tmp_path: Path) -> Iterator[Running]:
    """A board whose file asks for one practice and two qualification cases, and a seed after each two live ones."""
    yield from proved(copied(first, tmp_path, policy=asking(**FIGURES)))


@pytest.fixture
def ready(qualified_first: Running, tmp_path: Path) -> Iterator[Running]:
    """The same once a moderator has qualified and rated two live cases."""
    yield from proved(copied(qualified_first, tmp_path, policy=asking(**FIGURES)))


def proved(made: Running) -> Iterator[Running]:
    yield made
    assert faults(made.store) == []
    made.store.close()


def seeds_of(board: Running) -> list[BoardCase]:
    """The cases of the seeds, in their order."""
    with board.store.reading():
        return [one.case for one in Seed.objects.select_related("case").order_by("id")]


def spare(board: Running) -> list[BoardCase]:
    """The cases of which nothing has been made."""
    with board.store.reading():
        every = BoardCase.objects.filter(ref__startswith="CE-", seeds=None).select_related("caseload")
        return list(every.order_by("id"))


def one_of(case: BoardCase) -> BoardCase:
    """A case as it is now."""
    return with_all(BoardCase.objects.filter(pk=case.pk))[0]


def propose(board: Running, case: BoardCase, **more: str) -> Any:
    with board.store.reading():
        checker = Account.objects.get(sign_in="mod-3").key
    sent = {f"area_{one}": LEVEL for one in AREAS} | {"kind": "practice", "checker": checker}
    return board["chair"].post(
        f"/cases/{case.key}/seed", sent | {"because": "The reports of two terms meet this descriptor."} | more
    )


def seeded(board: Running, *kinds: str) -> list[BoardCase]:
    """Make the first spare cases seeds that two have agreed; their agreed level is `LEVEL`."""
    found = list(zip(spare(board), kinds, strict=False))
    with board.store.writing():
        chair, checker = (Account.objects.get(sign_in=who) for who in ("chair", "mod-3"))
        for case, kind in found:
            Seed.objects.create(
                case=case, kind=kind, agreed={"areas": dict.fromkeys(AREAS, LEVEL), "level": None}, set_by=chair,
                because="The reports of two terms meet this descriptor.", set_at=board.clock(), checker=checker,
                approved_at=board.clock(),
            )  # fmt: skip
        trail.append(board.clock(), chair.key, "seeds agreed for a test", "board")
    return [case for case, _ in found]


def rate(board: Running, who: str, case: BoardCase, level: str = LEVEL, **more: str) -> Any:
    return board[who].post(f"/cases/{case.key}/score", ratings(level) | more)


def live(board: Running) -> list[BoardCase]:
    with board.store.reading():
        return list(BoardCase.objects.filter(picks__isnull=False).order_by("id"))


def given(board: Running, who: str = "mod-1") -> standardisation.GivenWork:
    with board.store.reading():
        return standardisation.given(Account.objects.get(sign_in=who), board.app.board.policies)


def qualify(board: Running, who: str, many: list[BoardCase]) -> None:
    for case in many:
        assert rate(board, who, case).status_code == 200


def test_a_board_whose_file_says_nothing_asks_for_nothing(first: Running, tmp_path: Path) -> None:
    made = copied(first, tmp_path)
    assert given(made) == standardisation.GivenWork(live=True)
    assert rate(made, "mod-1", live(made)[0]).status_code == 200
    page = made["chair"].get("/standardisation")
    assert "asks for none" in said(page)
    assert not page.select("nav a[href='/standardisation']")
    assert not made["chair"].get(f"/cases/{spare(made)[0].key}").select("a[href$='/seed']")
    made.store.close()


def test_who_has_not_qualified_rates_no_live_case(board: Running) -> None:
    practice, one, other = seeded(board, "practice", "qualification", "qualification")
    case = live(board)[0]
    assert board["chair"].get("/").select("nav a[href='/standardisation']")
    home = said(board["mod-1"].get("/"))
    assert "Rate 1 more practice case first." in home
    assert (str(practice.ref) in home, str(one.ref) in home, str(case.ref) in home) == (True, False, False)
    for refused in (case, one):
        board["mod-1"].get(f"/cases/{refused.key}/score", 403)
        assert rate(board, "mod-1", refused).status_code == 403
    answer = rate(board, "mod-1", practice, HIGHER)
    assert answer.url.path == f"/cases/{practice.key}/agreed"
    assert "The reports of two terms meet this descriptor." in answer.text
    assert "Rate qualification cases until of the last 2 at most 0 lie further than 1 from the agreed level" in said(
        answer
    )
    qualify(board, "mod-1", [one, other])
    assert given(board).live
    assert "You have qualified." in said(board["mod-1"].get(f"/cases/{other.key}/agreed"))
    assert rate(board, "mod-1", case).status_code == 200
    page = said(board["mod-1"].get("/standardisation"))
    assert f"{practice.ref} practice +1.00 within" in page


def test_who_lies_beyond_the_tolerance_or_gives_no_level_has_not_qualified(board: Running) -> None:
    practice, *many = seeded(board, "practice", *["qualification"] * 4)
    rate(board, "mod-1", practice)
    rate(board, "mod-1", many[0], FAR)
    rate(board, "mod-1", many[1])
    assert not given(board).live, "one of the last two lies beyond it"
    cannot = {f"area_{AREAS[0]}": "=cannot_judge", "missing": "The report on reading of this year."}
    rate(board, "mod-1", many[2], **cannot)
    assert not given(board).live, "a seed has a level, so no level is beyond the tolerance"
    rate(board, "mod-1", many[3])
    work = given(board)
    assert (work.live, work.seeds) == (False, frozenset())
    assert "None is left: the chair sets more." in work.why
    with board.store.reading():
        found = standardisation.results(Account.objects.get(sign_in="mod-1"), board.app.board.policies)
    assert [(one.difference, one.beyond) for one in found] == [
        (0, False), (3, True), (0, False), (None, True), (0, False),
    ]  # fmt: skip


def test_only_the_last_qualification_cases_count(board: Running) -> None:
    practice, *many = seeded(board, "practice", *["qualification"] * 3)
    rate(board, "mod-1", practice)
    rate(board, "mod-1", many[0], FAR)
    qualify(board, "mod-1", many[1:])
    assert given(board).live


def test_a_seed_waits_until_so_many_live_cases_are_rated(ready: Running) -> None:
    hidden, cases = seeds_of(ready)[3], live(ready)
    assert given(ready).seeds == {hidden.pk}, "two live cases have been rated"
    with ready.store.reading():
        account, last = Account.objects.get(sign_in="mod-1"), with_all(BoardCase.objects.filter(pk=cases[-1].pk))[0]
        after = queue.next_to_rate(account, last, ready.app.board.policies)
    assert after
    assert after.pk == hidden.pk, "it may be the next one after confirming"
    rate(ready, "mod-1", hidden)
    assert given(ready).seeds == frozenset(), "the next one is due after two more"
    assert given(ready, "mod-2").seeds == {seeds_of(ready)[0].pk}
    ready["mod-2"].get(f"/cases/{hidden.key}/score", 403)


def test_a_seed_that_is_not_due_is_not_given_to_who_has_qualified(ready: Running) -> None:
    practice, second = seeded(ready, "practice", "live")
    for one in (practice, second):
        ready["mod-1"].get(f"/cases/{one.key}/score", 403)
    rate(ready, "mod-1", seeds_of(ready)[3])
    assert given(ready).seeds == frozenset(), "one seed for two live cases"
    ready["mod-1"].get(f"/cases/{second.key}/score", 403)


def test_the_next_case_of_who_has_not_qualified_is_no_live_one(ready: Running) -> None:
    practice = seeds_of(ready)[0]
    with ready.store.reading():
        account, policies = Account.objects.get(sign_in="mod-2"), ready.app.board.policies
        after = queue.next_to_rate(account, one_of(live(ready)[0]), policies)
        assert after
        assert after.pk == practice.pk
        assert queue.next_to_rate(account, one_of(practice), policies) is None


def test_nobody_can_tell_a_seed_in_live_work(ready: Running) -> None:
    hidden, case = seeds_of(ready)[3], live(ready)[2]
    assert str(hidden.ref) in said(ready["mod-1"].get("/"))
    for one in (hidden, case):
        assert "seed" not in said(ready["mod-1"].get(f"/cases/{one.key}/score")).lower()
    answers = [rate(ready, "mod-1", one, HIGHER) for one in (hidden, case)]
    assert [one.url.path.rsplit("/", 1)[1] for one in answers] == ["score", "score"], "the next case follows each"
    for one in (hidden, case):
        assert "1 of 2 moderators’ ratings are confirmed" in said(ready["mod-1"].get(f"/cases/{one.key}/decide"))
    ready["mod-1"].get(f"/cases/{hidden.key}/agreed", 404)
    assert str(hidden.ref) not in said(ready["mod-1"].get("/standardisation")), "nor is it told afterwards"


def test_the_chair_sees_each_moderators_difference_from_the_seeds(ready: Running) -> None:
    rate(ready, "mod-1", seeds_of(ready)[3], HIGHER)
    (second,) = seeded(ready, "live")
    for case in live(ready)[2:4]:
        rate(ready, "mod-1", case)
    rate(ready, "mod-1", second)
    page = said(ready["chair"].get("/standardisation"))
    assert "Mod 1 1, 0 beyond, mean 0.00 (too few) 2, 0 beyond, mean 0.00 (no spread)" in page
    # By Student's t with one degree of freedom, whose 97.5% point is 12.706: 0.5 and 12.706 times 0.5.
    assert "2, 0 beyond, mean +0.50 (\N{MINUS SIGN}5.85 to +6.85) given" in page
    assert "+0.50" not in said(ready["mod-1"].get("/standardisation")), "nor does a moderator see it"
    assert "Mod 2 0 0 0 practice first" in page
    assert "Illustrative: made up for a test." in page, "each figure with its reason"


def test_a_seed_is_never_sampled_decided_or_counted(board: Running) -> None:
    (seed,) = seeded(board, "practice")
    for who in ("mod-1", "mod-2"):
        rate(board, who, seed, HIGHER)
    sent = {"kind": "changed", "to": HIGHER, "reason": "It meets the higher one.", "outcomes": "0",
            "paragraph": "own-illustration/CL-LEARNING-5"}  # fmt: skip
    assert board["chair"].post(f"/cases/{seed.key}/decide", sent).status_code == 409
    with board.store.reading():
        key = seed.caseload.key
        found = gather.ratings(board.app.board.policies)
    assert seed.key not in {one.case for one in (*found.scores, *found.placed)}
    assert (
        board["chair"].post(f"/caseloads/{key}/sample", PLAN | {"per_cent": "100", "fewest": "100"}).status_code == 200
    )
    with board.store.reading():
        picks = {one.case_id for one in Pick.objects.filter(sample__caseload__key=key)}
    assert len(picks) == 7, "all others of eight"
    assert seed.pk not in picks
    assert board["chair"].post(f"/cases/{seed.key}/sample", {}).status_code == 409
    other = next(one for one in spare(board) if one.pk in picks)
    assert propose(board, other).status_code == 409, "nor does a case of a sample become one"


def test_two_members_agree_a_seed_and_neither_is_given_it(board: Running) -> None:
    case = spare(board)[0]
    propose(board, case)
    with board.store.reading():
        seed = Seed.objects.get()
    assert given(board).seeds == frozenset(), "one member alone makes none"
    assert str(case.ref) in said(board["mod-3"].get("/standardisation"))
    board["mod-1"].get(f"/seeds/{seed.key}", 403)
    assert board["mod-1"].post(f"/seeds/{seed.key}", {"do": "agree"}).status_code == 403
    assert board["chair"].post(f"/seeds/{seed.key}", {"do": "agree"}).status_code == 403, (
        "whoever proposed it does not agree"
    )
    assert "meet this descriptor" in said(board["mod-3"].get(f"/seeds/{seed.key}"))
    board["mod-3"].post(f"/seeds/{seed.key}", {"do": "agree"})
    assert given(board).seeds == {case.pk}
    assert given(board, "mod-3").seeds == frozenset()
    board["mod-3"].get(f"/cases/{case.key}/score", 403)
    assert board["mod-3"].post(f"/seeds/{seed.key}", {"do": "retire"}).status_code == 403
    with board.store.reading():
        assert seeds.may_rate(one_of(case), Account.objects.get(sign_in="mod-1"))
    assert board["chair"].post(f"/seeds/{seed.key}", {"do": "retire"}).status_code == 200
    assert given(board).seeds == frozenset()
    with board.store.reading():
        assert not seeds.may_rate(one_of(case), Account.objects.get(sign_in="mod-1"))


def test_the_second_member_of_a_seed_sees_its_evidence_and_has_no_interest_in_it(board: Running) -> None:
    case, other = spare(board)[:2]
    note = {"title": "Report on reading", "note": "Reads two years behind.", "looked": "yes"}
    assert board["officer"].post(f"/cases/{case.key}/evidence", note).status_code == 200
    propose(board, case)
    with board.store.reading():
        seed, path = Seed.objects.get(), f"/evidence/{Evidence.objects.get().key}/file"
    assert "Reads two years behind." in said(board["mod-3"].get(f"/seeds/{seed.key}"))
    assert board["mod-3"].client.get(path).status_code == 200
    board["mod-1"].get(path, 403)
    board["mod-3"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    board["mod-3"].get(f"/seeds/{seed.key}", 403)
    board["mod-3"].get(path, 403)
    assert board["mod-3"].post(f"/seeds/{seed.key}", {"do": "agree"}).status_code == 409, "it is out of use with that"
    board["mod-3"].post(f"/cases/{other.key}/conflict", {"kind": "friend"})
    answer = propose(board, other)
    assert (answer.status_code, "Choose the member who is to agree" in answer.text) == (422, True)


def test_who_declined_a_seed_knows_its_levels_and_is_never_given_it(board: Running) -> None:
    case, other = spare(board)[:2]
    with board.store.reading():
        second = Account.objects.get(sign_in="mod-2").key
    for one in (case, other):
        propose(board, one)
        with board.store.reading():
            seed = Seed.objects.get(case=one, retired_at=None)
        board["mod-3"].post(f"/seeds/{seed.key}", {"do": "decline"})
    propose(board, case, checker=second)
    with board.store.reading():
        seed = Seed.objects.get(case=case, retired_at=None)
    board["mod-2"].post(f"/seeds/{seed.key}", {"do": "agree"})
    assert [given(board, who).seeds for who in ("mod-1", "mod-2", "mod-3")] == [{case.pk}, set(), set()]
    every = PLAN | {"per_cent": "100", "fewest": "100", "most": "100"}
    assert board["chair"].post(f"/caseloads/{other.caseload.key}/sample", every).status_code == 200
    with board.store.reading():
        first, third = (Account.objects.get(sign_in=who) for who in ("mod-1", "mod-3"))
        assert [scoring.may_score(one_of(other), who) for who in (first, third)] == [True, False], "nor as a live case"


@pytest.mark.parametrize("who", ["chair", "mod-3"])
def test_a_seed_goes_out_of_use_where_who_made_it_declares_an_interest(board: Running, who: str) -> None:
    by_case, by_school = seeded(board, "practice", "practice")
    board[who].post(f"/cases/{by_case.key}/conflict", {"kind": "friend"})
    assert given(board).seeds == {by_school.pk}
    with board.store.reading():
        key, school = by_school.caseload.key, (by_school.groups or {})["school"]
    page = board[who].get(f"/caseloads/{key}/interests")
    box = next(one for one in page.select("input[name^='school-']") if said(one.parent).endswith(school))
    board[who].post(f"/caseloads/{key}/interests", {str(box["name"]): "1", "kind": "work"})
    assert given(board).seeds == frozenset()
    with board.store.reading():
        assert TrailEntry.objects.filter(action="seed taken out of use").count() == 2


def test_who_is_not_given_a_case_is_not_given_its_evidence(board: Running) -> None:
    case = live(board)[0]
    note = {"title": "Report on reading", "note": "Reads two years behind.", "looked": "yes"}
    assert board["officer"].post(f"/cases/{case.key}/evidence", note).status_code == 200
    with board.store.reading():
        path = f"/evidence/{Evidence.objects.get().key}/file"
    board["mod-1"].get(f"/cases/{case.key}/score", 403)
    board["mod-1"].get(path, 403)


def test_a_seed_that_is_declined_is_none_and_may_be_proposed_again(board: Running) -> None:
    case = spare(board)[0]
    propose(board, case)
    assert propose(board, case).status_code == 409
    with board.store.reading():
        seed = Seed.objects.get()
    board["mod-3"].post(f"/seeds/{seed.key}", {"do": "decline"})
    assert board["mod-3"].post(f"/seeds/{seed.key}", {"do": "agree"}).status_code == 409
    assert propose(board, case).status_code == 200
    with board.store.reading():
        assert seeds.seed_of(with_all(BoardCase.objects.filter(pk=case.pk))[0]) is None


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kind": "other"}, "Choose what the seed is for"),
        ({f"area_{AREAS[0]}": ""}, "Give every area its level"),
        ({f"area_{AREAS[0]}": "=cannot_judge"}, "Give every area its level"),
        ({f"area_{one}": "=no_need" for one in AREAS}, "Give every area its level"),
        ({f"area_{AREAS[0]}": "none_such"}, "Give every area its level"),
        ({"because": "So."}, "Say why these are the levels"),
        ({"because": "As Liam" + " reads two years behind."}, "The reason may name somebody"),
        ({"checker": "0" * 16}, "Choose the member who is to agree"),
    ],
)
def test_a_seed_has_its_levels_its_reason_and_a_second_member(board: Running, more: dict[str, str], says: str) -> None:
    answer = propose(board, spare(board)[0], **more)
    assert (answer.status_code, says in answer.text) == (422, True)
    with board.store.reading():
        assert not Seed.objects.exists()


def test_a_seed_goes_with_its_case_and_the_database_refuses_to_change_it(board: Running) -> None:
    seeded(board, "practice")
    for change in ("UPDATE seed SET agreed = '{}'", "UPDATE seed SET because = 'Other'", "UPDATE seed SET kind = 'live'",
                   "UPDATE seed SET approved_at = NULL", "DELETE FROM seed", "UPDATE seed SET checker_id = 1"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)
    with board.store.writing():
        loading.remove(board.settings, board.clock() + timedelta(days=1))
    with board.store.reading():
        one = Seed.objects.get()
    assert (one.agreed, one.because, one.salt) == (None, None, None)
    assert "CE-" not in said(board["chair"].get("/standardisation"))


def test_a_caseload_of_which_a_case_is_a_seed_is_not_taken_back(board: Running) -> None:
    case = spare(board)[0]
    propose(board, case)
    with board.store.reading():
        key = BoardCase.objects.get(pk=case.pk).caseload.key
    assert board["officer"].post(f"/caseloads/{key}/take-back", {}).status_code == 409
