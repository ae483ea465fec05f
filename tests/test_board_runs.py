"""A Community that lies clearly beyond the tolerance is stopped, and a run is adjusted by two: old ratings stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

import board_app
from board_app import AREAS, CHEAP, PASSWORD, Running, copied, execute, faults, load, made_up, running, with_board_file
from board_proof import CHANGE, PLAN, ratings
from golden_files import FROZEN
from senpolicy.deciding.decide import Decision
from senpolicy_board import (
    accounts,
    cohort,
    communities,
    decisions,
    gather,
    halts,
    held,
    judging,
    schema,
    scoring,
    taking_over,
    trail,
)
from senpolicy_board.images import image
from senpolicy_board.policies import Policies
from senpolicy_board.rating import mapped, rated
from senpolicy_board.scoring import with_all
from senpolicy_board.settings import Settings
from senpolicy_board.store import Store, migrate
from senpolicy_board.subject_access import held_of
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Halt, HaltPart, Pick, Scoring, TrailEntry
from test_board_meetings import said

ONE, TWO, THREE, FOUR = (f"specific_allocation_{number}" for number in (1, 2, 3, 4))
WHY = "Its panel read the third descriptor as met by a plan for it alone."
ADJUST = {"kind": "adjusted", "because": WHY, "levels": "-1", "area": "", "paragraph": CHANGE["paragraph"]}


@lru_cache
def stopping(**more: str) -> Policies:
    """The policy of the tests, whose board's file stops Communities. The figures are made up."""
    whole = board_app.policies("illustrative").corpus.board
    assert whole
    return with_board_file(consistency=whole.consistency.model_copy(update=made_up(**({"again": "50"} | more))))


def listed_rows(held: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table among all that is held of a pupil."""
    return list(held[table])


def level_of(result: Decision | object) -> object:
    """The level by which a case was decided; a case that was not decided fails the test."""
    assert isinstance(result, Decision), result
    return result.case.facts["adaptation_level"]


def listed(letters: str, pupils: int, community: str = "Community 1", level: str = THREE) -> str:
    rows = ["case_ref,decision_date,age,setting,plan,community,school," + ",".join(f"rating_{one}" for one in AREAS)]
    rows += [
        f"{letters}-{number:04},2026-10-01,9,special,ehcp,{community},School {number % 2 + 1}," + ",".join([level] * 4)
        for number in range(1, pupils + 1)
    ]
    return "\n".join(rows) + "\n"


def rated_low(folder: Path) -> Running:
    """A board on which eleven cases of a Community were rated two levels below as they were mapped, and one decided."""
    made = running(folder)
    key = load(made, listed("RA", 13))
    whole = PLAN | {"per_cent": "100", "fewest": "100", "most": "100"}
    assert made["chair"].post(f"/caseloads/{key}/sample", whole).status_code == 200
    load(made, listed("RB", 4), "Spring 2027")
    load(made, listed("RC", 4, "Community 2"), "Summer 2027")
    with made.store.writing():
        for case in BoardCase.objects.filter(ref__startswith="RA").order_by("id")[:11]:
            for who in ("mod-1", "mod-2"):
                one = Scoring(
                    case=case, account=Account.objects.get(sign_in=who), saved_at=made.clock(), salt=trail.new_salt(),
                    ratings={"areas": dict.fromkeys(AREAS, ONE), "level": None}, confirmed_at=made.clock(),
                )  # fmt: skip
                one.seal = trail.seal(one.salt or "", trail.content_of(one))
                one.save()
                trail.append(made.clock(), one.account.key, "ratings confirmed", f"scoring:{one.key}", seal=one.seal)
        one = BoardCase.objects.get(ref="RA-0001")
        board_settles(made, one)
    made.clock.pass_by(minutes=5)
    return made


def board_settles(made: Running, case: BoardCase) -> None:
    content = {"kind": "changed", "from": THREE, "to": ONE, "reason": "It meets the first.", "document": "own-illustration",
               "paragraph": "CL-LEARNING-5"}  # fmt: skip
    one, two = (Account.objects.get(sign_in=who) for who in ("mod-1", "mod-2"))
    outcome = BoardOutcome(
        case=case, kind="changed", content=content, state="stands", proposed_at=made.clock(), proposed_by=one,
        approved_at=made.clock(), approved_by=two, salt=trail.new_salt(),
    )  # fmt: skip
    outcome.seal = trail.seal(outcome.salt or "", content)
    outcome.save()
    case.settled_at = made.clock()
    case.save()
    trail.append(made.clock(), two.key, "change approved", f"outcome:{outcome.key}", case=case.key, seal=outcome.seal)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return rated_low(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def stopped_first(first: Running, tmp_path_factory: pytest.TempPathFactory) -> Running:
    made = copied(first, tmp_path_factory.mktemp("stopped"), policy=stopping())
    confirm(made)
    made.clock.pass_by(minutes=5)
    return made


@pytest.fixture
def stopped(stopped_first: Running, tmp_path: Path) -> Iterator[Running]:
    """The same once one more rating was confirmed, and the board's file says how much is rated again: half."""
    made = copied(stopped_first, tmp_path, policy=stopping())
    yield made
    assert faults(made.store) == []
    made.store.close()


def confirm(board: Running, ref: str = "RA-0012", level: str = ONE, who: str = "mod-1") -> None:
    assert board[who].post(f"/cases/{case_of(board, ref).key}/score", ratings(level)).status_code == 200


def case_of(board: Running, ref: str) -> BoardCase:
    with board.store.reading():
        found: BoardCase = with_all(BoardCase.objects.filter(ref=ref))[0]
        return found


def halt_of(board: Running) -> Halt:
    with board.store.reading():
        found: Halt = Halt.objects.get()
        return found


def propose(board: Running, who: str = "chair", **more: str) -> Any:
    return board[who].post(f"/halts/{halt_of(board).key}", ADJUST | more)


def approve(board: Running, who: str = "mod-2", do: str = "approve") -> Any:
    with board.store.reading():
        version = halts.version(Halt.objects.get(), board.app.board.policies)
    return board[who].post(f"/halts/{halt_of(board).key}/approve", {"do": do, "version": version})


def adjusted(board: Running, **more: str) -> None:
    assert propose(board, **more).status_code == 200
    assert approve(board).status_code == 200


def test_no_community_is_stopped_where_the_file_says_nothing(first: Running, tmp_path: Path) -> None:
    made = copied(first, tmp_path)
    confirm(made)
    with made.store.reading():
        assert not Halt.objects.exists()
    assert "No Community is stopped. The board’s file" in said(made["chair"].get("/halts"))
    assert "No Community is stopped" in said(made["observer"].get("/consistency"))
    assert not made["chair"].get("/").select("nav a[href='/halts']")
    made.store.close()


def test_a_community_beyond_the_tolerance_is_stopped_and_a_share_is_rated_again(stopped: Running) -> None:
    halt = halt_of(stopped)
    assert (halt.account_id, halt.community, halt.seeds, halt.beyond, halt.apart) == (None, "Community 1", 12, 12, 200)
    with stopped.store.reading():
        parts = list(HaltPart.objects.select_related("case"))
        kinds = {part.case.ref: part.kind for part in parts}
        assert len(parts) == 8, "half of sixteen that nobody has decided"
        assert {ref[:2] for ref, kind in kinds.items() if kind == "sampled"} <= {"RB"}
        assert {ref[:2] for ref, kind in kinds.items() if kind == "again"} == {"RA"}
        assert "RA-0001" not in kinds, "the board has decided it"
        picked = set(Pick.objects.filter(case__ref__startswith="RB").values_list("case__ref", flat=True))
        assert picked == {ref for ref, kind in kinds.items() if kind == "sampled"}
        one = TrailEntry.objects.get(action="community stopped")
        assert "Community 1" not in one.detail, "its name is sealed, as in an interest"
    again = next(ref for ref, kind in kinds.items() if kind == "again")
    assert scoring.needed(case_of(stopped, again), stopping()) == 3
    page = said(stopped["officer"].get("/halts"))
    assert "12 cases were mapped +2.00 levels from the board on average" in page
    assert "Drawn to be rated again: 8 cases." in page
    assert stopped["chair"].get("/").select("nav a[href='/halts']")
    stopped["observer"].get("/halts", 403)
    confirm(stopped, "RA-0013")
    with stopped.store.reading():
        assert Halt.objects.count() == 1, "one at a time"


def test_who_lies_near_or_has_too_few_cases_is_not_stopped(first: Running, tmp_path: Path) -> None:
    # The last is on average 1.83 levels above, and its interval reaches below 1.7.
    every = (({"tolerance": "2"}, ONE), ({"floor_of_group": "13"}, ONE), ({"tolerance": "1.7"}, THREE))
    for number, (figures, level) in enumerate(every):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = copied(first, folder, policy=stopping(**figures))
        confirm(made, level=level)
        with made.store.reading():
            assert not Halt.objects.exists(), figures
        made.store.close()


def test_what_a_stopped_community_rates_further_waits_until_two_end_it(stopped: Running) -> None:
    load(stopped, listed("RD", 2), "Winter 2027")
    late, early, other = (case_of(stopped, ref) for ref in ("RD-0001", "RB-0001", "RC-0001"))
    policies = stopping()
    with stopped.store.reading():
        assert [communities.waits(one, policies) for one in (late, early, other)] == [True, False, False]
        assert "waits until two members" in communities.not_agreed(late, policies)
        found, counts = cohort.rows(policies, mapped=True)
    assert counts["waiting"] == 2
    assert not {"RD-0001", "RD-0002"} & {one["case_ref"] for one in found}
    assert "As mapped, it waits." in said(stopped["officer"].get(f"/cases/{late.key}"))
    assert "Stopped: Community 1." in said(stopped["officer"].get("/mapping"))
    adjusted(stopped, kind="lifted")
    with stopped.store.reading():
        assert not communities.waits(case_of_now(late), policies)
        assert cohort.rows(policies, mapped=True)[1]["waiting"] == 0
    confirm(stopped, "RA-0013")
    with stopped.store.reading():
        assert Halt.objects.count() == 1, "only what is mapped after it counts"


def case_of_now(case: BoardCase) -> BoardCase:
    return with_all(BoardCase.objects.filter(pk=case.pk))[0]


def test_two_who_have_no_interest_in_the_community_end_it(stopped: Running) -> None:
    with stopped.store.reading():
        key = str(BoardCase.objects.select_related("caseload").get(ref="RA-0001").caseload.key)
    page = stopped["mod-3"].get(f"/caseloads/{key}/interests")
    box = next(one for one in page.select("input[name^='community-']") if said(one.parent).endswith("Community 1"))
    stopped["mod-3"].post(f"/caseloads/{key}/interests", {str(box["name"]): "1", "kind": "work"})
    assert propose(stopped, "mod-3").status_code == 403
    assert not stopped["mod-3"].get("/halts").select("form[action^='/halts/']")
    assert propose(stopped, "officer").status_code == 403
    assert propose(stopped).status_code == 200
    assert approve(stopped, "chair").status_code == 403
    assert approve(stopped, "mod-3").status_code == 403
    page = stopped["chair"].get(f"/caseloads/{key}/interests")
    stopped["chair"].post(f"/caseloads/{key}/interests", {str(box["name"]): "1", "kind": "work"})
    assert approve(stopped).status_code == 409, "whoever proposed it has an interest by now"
    assert approve(stopped, do="decline").status_code == 200
    assert (halt_of(stopped).kind, halt_of(stopped).levels, halt_of(stopped).rests) == (None, None, None)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"levels": "0"}, "Choose by how many levels"), ({"levels": "-40"}, "Choose by how many levels"),
        ({"levels": ""}, "Choose by how many levels"), ({"area": "no_such"}, "Choose what is adjusted"),
        ({"paragraph": "own-illustration/NO"}, "Choose the paragraph or descriptor"),
        ({"because": "So."}, "say why"), ({"because": "As Liam" + " reads two years behind."}, "may name somebody"),
    ],
)  # fmt: skip
def test_an_adjustment_says_what_by_how_much_why_and_by_which_paragraph(
    stopped: Running, more: dict[str, str], says: str
) -> None:
    answer = propose(stopped, **more)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert halt_of(stopped).kind is None


def test_an_adjusted_run_counts_as_adjusted_and_the_old_ratings_stay_and_show(stopped: Running) -> None:
    policies = stopping()
    assert propose(stopped).status_code == 200
    page = said(stopped["officer"].get("/halts"))
    assert "1 level lower in every area and over all. It rests on" in page
    page = said(stopped["mod-2"].get("/halts"))
    shown = [ref for ref in ("RA-0002", "RA-0011", "RA-0012", "RB-0001") if ref in page]
    assert shown == ["RA-0002", "RA-0011"], "nothing of cases that who approves has still to rate"
    assert "6 more, which you may not see yet" in page
    assert approve(stopped).status_code == 200
    open_one, decided, other = (case_of(stopped, ref) for ref in ("RB-0001", "RA-0001", "RC-0001"))
    with stopped.store.reading():
        made = mapped(open_one, policies)
        assert (made.level, made.before and made.before.level, open_one.level) == (TWO, THREE, THREE)
        assert set(made.areas.values()) == {TWO}
        assert [mapped(one, policies).before for one in (decided, other)] == [None, None]
        result = policies.decide(open_one)
        assert isinstance(result, Decision)
        assert level_of(policies.decide(decided)) == ONE
        assert result.case.facts["adaptation_level"] == TWO
        assert {one["case_ref"]: one["adaptation_level"] for one in cohort.rows(policies, mapped=True)[0]}[
            "RB-0001"
        ] == TWO
        placed = {one.case: one.level for one in gather.ratings(policies).placed}
        levels = {level.id: level.order for level in policies.levels_on(None)}
        assert placed[open_one.key] == levels[TWO]
        (halt,) = listed_rows(held_of("RB-0001"), "halt")
        assert halt["reason"] == WHY
        assert "halt ended" in str(held_of("RB-0001")["trail"])
        assert "halt" not in held_of("RC-0001")
        entry = TrailEntry.objects.get(action="halt ended")
        assert open_one.key in entry.detail
        assert decided.key not in entry.detail
        assert '"levels":-1' in entry.detail
    text = f"As mapped, adjusted with its run: 1 level lower in every area and over all, from {label(THREE)} to {label(TWO)}"
    page = said(stopped["officer"].get(f"/cases/{open_one.key}"))
    assert text in page
    assert WHY in page
    notice = said(stopped["officer"].get(f"/cases/{open_one.key}/notice"))
    assert f"This level was {label(THREE)}, and is read as {label(TWO)}." in notice
    assert WHY in notice
    rows = stopped["officer"].client.get(f"/caseloads/{open_one.caseload.key}/saved/cases.csv").text
    assert f'"{label(THREE)}","{label(TWO)}"' in rows
    assert WHY in rows
    assert "adjusted" not in said(stopped["officer"].get(f"/cases/{decided.key}"))


def label(level: str) -> str:
    return stopping().level_label(level, None)


def test_a_case_of_an_adjusted_run_is_decided_by_two_with_its_reason_at_hand(stopped: Running) -> None:
    adjusted(stopped)
    with stopped.store.reading():
        drawn = set(HaltPart.objects.filter(kind="again").values_list("case__ref", flat=True))
    ref = next(f"RA-{number:04}" for number in range(2, 12) if f"RA-{number:04}" not in drawn)
    case = case_of(stopped, ref)
    page = stopped["mod-1"].get(f"/cases/{case.key}/decide")
    assert "As mapped, adjusted" in [one.text for one in page.select("thead th")]
    assert page.select_one(f"#to option[value='{TWO}'][selected]")
    assert said(page.select_one("#reason")) == WHY
    with stopped.store.reading():
        assert decisions.levels_of(case, stopping()) == {
            ONE: ["Mod 1", "Mod 2"],
            TWO: ["As mapped, adjusted"],
            THREE: ["As mapped"],
        }
        assert [decisions.takes_two(case, level, stopping()) for level in (TWO, THREE)] == [True, True]
    sent = {"kind": "changed", "to": ONE, "reason": WHY, "paragraph": "own-illustration/all", "outcomes": "0"}
    stopped["mod-1"].post(f"/cases/{case.key}/decide", sent)
    version = (
        stopped["mod-2"].get(f"/cases/{case.key}/decide").select_one("form[action$='/approve'] input[name=version]")
    )
    assert version
    with stopped.store.reading():
        outcome = BoardOutcome.objects.get(case=case)
    stopped["mod-2"].post(f"/outcomes/{outcome.key}/approve", {"do": "approve", "version": str(version["value"])})
    with stopped.store.reading():
        assert level_of(stopping().decide(case_of_now(case))) == ONE
    assert "adjusted the ratings of this Community" not in said(stopped["officer"].get(f"/cases/{case.key}/notice"))


def test_a_run_is_adjusted_in_one_area_and_no_further_than_the_last_level(stopped: Running) -> None:
    adjusted(stopped, levels="3", area=AREAS[1])
    case = case_of(stopped, "RB-0001")
    with stopped.store.reading():
        made = mapped(case, stopping())
        top = max(stopping().levels_on(case.decision_date), key=lambda one: one.order).id
    assert {area: level for area, level in made.areas.items() if level != THREE} == {AREAS[1]: top}
    assert made.level == top, "the edition of the day takes the highest area"


def test_a_rating_is_adjusted_once_however_often_its_community_is_stopped(stopped: Running) -> None:
    adjusted(stopped)
    with stopped.store.reading():
        again = Halt(community="Community 1", at=stopped.clock(), beyond=6, seeds=6, apart=100)
        assert len(halts.run_of(again, stopping(), "set_aside")) == 16
        assert halts.run_of(again, stopping(), "adjusted") == [], "what is shown is what an approval does"


def test_a_paragraph_is_offered_only_where_it_is_of_the_level(stopped: Running) -> None:
    adjusted(stopped, levels="-2")
    case = case_of(stopped, "RB-0001")
    with stopped.store.reading():
        assert {**halts.offered(case, stopping()), "reason": ""} == {
            "kind": "changed", "to": ONE, "reason": "", "paragraph": "",
        }  # fmt: skip


def test_a_run_of_a_community_that_is_set_aside_is_agreed_by_two_alone(stopped: Running) -> None:
    adjusted(stopped, kind="set_aside")
    case = case_of(stopped, "RB-0001")
    with stopped.store.reading():
        assert decisions.takes_two(case, THREE, stopping())
        assert decisions.levels_of(case, stopping()) == {THREE: ["As mapped, set aside"]}
        scores = {one.case for one in gather.ratings(stopping()).scores if one.kind == "community"}
        assert case.key not in scores
        assert halts.undecided(Halt.objects.get(), stopping()) == []
        assert HaltPart.objects.filter(kind="aside").count() == 16
        assert "RB-0001" not in {one["case_ref"] for one in cohort.rows(stopping(), mapped=True)[0]}
    assert case_of(stopped, "RA-0001").key in scores, "what the board has decided is as it was"


def test_a_caseload_of_an_adjusted_run_is_not_taken_back(stopped: Running) -> None:
    adjusted(stopped, levels="1")
    key = case_of(stopped, "RB-0001").caseload.key
    assert stopped["officer"].post(f"/caseloads/{key}/take-back", {}).status_code == 409


def test_an_approval_is_of_the_run_that_was_shown(stopped: Running) -> None:
    propose(stopped)
    with stopped.store.reading():
        version = halts.version(Halt.objects.get(), stopping())
    load(stopped, listed("RD", 1), "Winter 2027")
    sent = {"do": "approve", "version": version}
    assert stopped["mod-2"].post(f"/halts/{halt_of(stopped).key}/approve", sent).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE halt SET community = 'Community 2'", "UPDATE halt SET apart = 0", "UPDATE halt SET account_id = 1",
        "UPDATE halt SET settled_at = '2026-10-06 09:00:00', settled_by_id = 3, levels = 2",
        "UPDATE halt SET settled_at = '2026-10-06 09:00:00', settled_by_id = proposed_by_id",
        "INSERT INTO halt_part (halt_id, kind, case_id) SELECT id, 'adjusted', 1 FROM halt",
        "INSERT INTO halt_part (halt_id, kind, case_id) SELECT id, 'aside', 1 FROM halt",
        "INSERT INTO halt_part (halt_id, kind) SELECT id, 'again' FROM halt",
        "INSERT INTO halt (key, at, beyond, seeds) VALUES ('0000000000000000', '2026-10-06 09:00:00', 1, 1)",
        "UPDATE halt_part SET case_id = 2", "DELETE FROM halt_part",
    ],
)  # fmt: skip
def test_the_database_refuses_an_adjustment_by_one_alone(stopped: Running, change: str) -> None:
    propose(stopped)
    with pytest.raises(DatabaseError, match=r"never|two others"):
        execute(stopped.owner, change)


def test_a_moderators_run_is_adjusted_by_the_same_decision(stopped: Running) -> None:
    policies = stopping()
    with stopped.store.writing():
        halt = Halt.objects.create(account=Account.objects.get(sign_in="mod-1"), at=stopped.clock(), beyond=2, seeds=2)
        trail.append(stopped.clock(), "command", "moderator stopped", f"halt:{halt.key}")
    sent = ADJUST | {"levels": "1"}
    assert stopped["chair"].post(f"/halts/{halt.key}", sent).status_code == 200
    with stopped.store.reading():
        version = halts.version(Halt.objects.get(key=halt.key), policies)
    answer = stopped["mod-2"].post(f"/halts/{halt.key}/approve", {"do": "approve", "version": version})
    assert answer.status_code == 200
    case, decided = case_of(stopped, "RA-0002"), case_of(stopped, "RA-0001")
    with stopped.store.reading():
        mine = scoring.own(case, Account.objects.get(sign_in="mod-1"))
        assert mine
        made = rated(mine, policies, case.decision_date)
        assert (made.level, made.before and made.before.level) == (TWO, ONE)
        assert (mine.ratings or {})["areas"] == dict.fromkeys(AREAS, ONE), "what was confirmed stays"
        columns = {who: level for who, _, level in judging.columns(case, scoring.confirmed(case), policies)}
        assert columns == {
            "As mapped": label(THREE),
            "Mod 1": label(ONE),
            "Mod 1, adjusted": label(TWO),
            "Mod 2": label(ONE),
        }
        assert HaltPart.objects.filter(kind="adjusted", scoring__case=decided).count() == 0
        assert held_of("RA-0002")["halt"]
    assert "Mod 1, adjusted with its run: 1 level higher" in said(stopped["mod-2"].get(f"/cases/{case.key}/decide"))


@pytest.mark.skipif("SENPOLICY_BOARD_URL" in os.environ, reason="it migrates a file of SQLite from an older version")
def test_a_board_of_before_is_brought_up_to_date_with_its_halts_as_they_were(tmp_path: Path) -> None:
    """Its halts keep their rows and their entries, verify before and after, and are protected again."""
    store = Store(f"sqlite:///{tmp_path}/board.db")
    migrate(store, "0009")
    settings, at = Settings(f"sqlite:///{tmp_path}/board.db", FROZEN, passwords=CHEAP), "2026-10-05 09:00:00.000000"
    with store.writing():
        for who in ("mod-1", "mod-2"):
            accounts.add(settings, who, who.capitalize(), "moderator", PASSWORD)
        row = {"id": 1, "key": "0" * 16, "account_id": 1, "at": at, "beyond": 2, "seeds": 3, "kind": "lifted"}
        insert(store, row | {"reason": WHY, "proposed_by_id": 2, "salt": "5a"}, "halt")
    head = trail_of(store)
    assert faults(store) == []
    migrate(store)
    assert faults(store) == []
    assert trail_of(store) == head, "nothing is written into the trail"
    with store.reading():
        halt = Halt.objects.get()
        assert (halt.who, halt.community, halt.reason) == ("Mod-1", None, WHY)
        assert set(schema.triggers("0010", "sqlite")) == set(schema._triggers(store.connection))
    for change in ("UPDATE halt SET beyond = 0", "DELETE FROM halt"):
        with pytest.raises(DatabaseError, match="never"):
            execute(store, change)
    store.close()


def insert(store: Store, row: dict[str, Any], table: str) -> None:
    """Add a row to a table as it was, with its entry in the trail."""
    shape = schema.shapes("0009")[table]
    marks = ", ".join(["%s"] * len(row))
    with store.connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    held_now = next(held.rows(store.connection, shape))
    taking_over.write(store.connection, "moderator stopped", [(table, row["id"], image(shape, held_now))])


def trail_of(store: Store) -> tuple[int, str] | None:
    with store.reading():
        return trail.last()
