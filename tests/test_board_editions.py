"""A board whose edition of descriptors has changed: no page is an error, and an older case reads in its own words."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError

from board_app import AREAS, Clock, Running, caseload, execute, faults, load
from board_app import copied as copied_board
from board_proof import LEVEL, full
from copies import copied
from running import senpolicy
from senpolicy.files.problems import WrongUse
from senpolicy_board import editions, gather
from senpolicy_board.pages.app import create_app
from senpolicy_board.policies import Policies
from senpolicy_board.store import Store, compact
from senpolicy_board.tables import (
    Account,
    BoardCase,
    BoardOutcome,
    IssuedNotice,
    LevelTable,
    Loaded,
    Meeting,
    Sample,
    TrailEntry,
)
from test_days_of_facts import five_changes

pytestmark = pytest.mark.skipif(
    "SENPOLICY_BOARD_URL" in os.environ, reason="it opens a copy of SQLite's file by another version of the policy"
)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A board on which everything has happened, by the edition that is in use."""
    made = full(tmp_path_factory.mktemp("before"))
    compact(made.store)
    made.store.close()
    return made


def by(before: Running, root: Path, folder: Path) -> Running:
    """The same board, on a copy of its database, by another version of the policy."""
    database = folder / "board.db"
    database.write_bytes(Path(before.settings.database.removeprefix("sqlite:///")).read_bytes())
    clock = Clock(before.clock.at)
    settings = replace(before.settings, database=f"sqlite:///{database}", root=root, now=clock)
    store = Store(settings.database)
    return Running(settings, store, clock, create_app(settings, store, Policies(settings)), store)


@pytest.fixture(scope="module")
def newer(before: Running, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """The board by a policy with an edition that replaces the one in use from September 2028: levels gone, and new."""
    folder = tmp_path_factory.mktemp("newer")
    return by(before, five_changes(folder), folder)


def pages(board: Running) -> list[tuple[str, str, int]]:
    """Every page by every role, for every case, caseload, sample, meeting and notice, with its status."""
    with board.store.reading():
        keys = {
            name: [one.key for one in table.objects.all()]
            for name, table in (("cases", BoardCase), ("caseloads", Loaded), ("samples", Sample),
                                ("meetings", Meeting), ("notices", IssuedNotice))
        }  # fmt: skip
    found = []
    for who in ("officer", "mod-3", "mod-1"):
        for method, path in board.app.board.actions:
            # Those of PDFs and of the solver take seconds each.
            if method == "GET" and not path.endswith(".pdf") and "why-not" not in path:
                for key in keys.get(path.split("/")[1], [""])[:6]:
                    where = path.replace("{key}", key)
                    found.append((who, where, board[who].client.get(where).status_code))
    return found


@pytest.mark.slow
def test_no_page_is_an_error_once_the_edition_has_changed(newer: Running) -> None:
    found = pages(newer)
    assert len(found) > 150
    assert [one for one in found if one[2] >= 500] == []
    last = newer.app.board.policies.edition_on(None)
    if last.edition == "continuum-made-up":
        assert (
            "for which no table of the council has a row are not counted" in newer["officer"].get("/consistency").text
        ), "they are not mixed in silence"


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), [("specific_allocation_2", "tier_two"), (LEVEL, "tier_one")])
def test_no_page_is_an_error_where_a_level_was_renamed_in_its_place(
    before: Running, tmp_path: Path, old: str, new: str
) -> None:
    """What `check` tells an officer not to do; a board that has cases all the same shows them, and says why not more."""
    root = copied(tmp_path)
    for path in (root / "descriptors").rglob("*.yaml"):
        path.write_text(re.sub(rf"\b{old}\b", new, path.read_text(encoding="utf-8")), encoding="utf-8")
    scenario = root / "policy/scenarios/illustrative.yaml"
    scenario.write_text(re.sub(rf"\b{old}\b", new, scenario.read_text(encoding="utf-8")), encoding="utf-8")
    board = by(before, root, tmp_path)
    assert [one for one in pages(board) if one[2] >= 500] == []
    with board.store.reading():
        outcome = BoardOutcome.objects.filter(state="stands").first()
        assert outcome
        key, facts = outcome.case.key, outcome.case.facts or {}
    said = board["officer"].get(f"/cases/{key}").get_text(" ", strip=True)
    assert "No decision is issued for this case" in said or "The answer" in said
    if "No decision is issued" in said:
        assert re.search(r"(specific|Specific) allocation", said), said
        assert facts["setting"] in said, "what the case gives is still shown"
        assert re.search("The board (agreed|changed)", said)
    board.store.close()


@pytest.mark.slow
def test_an_older_case_reads_and_is_rated_in_its_own_words_and_a_newer_one_in_the_new(newer: Running) -> None:
    with newer.store.reading():
        changed = BoardOutcome.objects.filter(kind="changed").first()
        assert changed
        case = changed.case.key
        waiting = [one.key for one in BoardCase.objects.all() if not one.scorings.all() and one.picks.all()]
    assert "Specific allocation 2" in newer["officer"].get(f"/cases/{case}").get_text(" ", strip=True)
    form = newer["mod-2"].get(f"/cases/{waiting[0]}/score").get_text(" ", strip=True)
    assert "Specific allocation 2" in form
    assert "made up)" not in form
    sent = {f"area_{area}": LEVEL for area in AREAS} | {"version": "0", "do": "confirm"}
    assert newer["mod-2"].post(f"/cases/{waiting[0]}/score", sent).status_code == 200
    # A case of the new edition's days: its levels alone can be chosen.
    levels = {"universal": "sen_support", "wider_support_and_strategies": "wider_support",
              "specific_allocation_1": "tier_1", "specific_allocation_2": "tier_2"}  # fmt: skip
    rows = caseload(6, day="2028-10-02").replace("BD-", "NE-").replace("2024-05-01", "2027-05-01")
    rows = re.sub("|".join(levels), lambda one: levels[one[0]], rows)
    key = load(newer, rows, title="Autumn 2028")
    plan = {"by_level": "1", "per_cent": "100", "fewest": "1", "most": "9", "crossed": "1"}
    assert newer["chair"].post(f"/caseloads/{key}/sample", plan).status_code == 200
    with newer.store.reading():
        new = BoardCase.objects.filter(caseload__key=key).first()
        assert new
    form = newer["mod-2"].get(f"/cases/{new.key}/score").get_text(" ", strip=True)
    assert "Tier 2 (made up)" in form
    assert "Specific allocation" not in form
    assert newer["mod-2"].post(f"/cases/{new.key}/score", sent).status_code == 422, "not a level of that day"
    sent |= {f"area_{area}": "tier_1" for area in AREAS}
    for who in ("mod-1", "mod-2"):
        assert newer[who].post(f"/cases/{new.key}/score", sent).status_code == 200
    change = {"kind": "changed", "to": "tier_2", "reason": "The evidence meets the higher descriptor.",
              "paragraph": "report/3.20", "outcomes": "0"}  # fmt: skip
    answer = newer["mod-1"].post(f"/cases/{new.key}/decide", change | {"to": "specific_allocation_2"})
    assert answer.status_code == 422, "not a level of that day"
    assert newer["mod-1"].post(f"/cases/{new.key}/decide", change).status_code == 200
    assert "Tier 2 (made up)" in newer["chair"].get(f"/cases/{new.key}/decide").get_text(" ", strip=True)
    assert faults(newer.store) == []


OLD, NEW = "illustrative", "continuum-made-up"
ROWS = "sen_support,sen_support\nspecific_allocation_1,tier_1\nspecific_allocation_2,tier_1\n"


def given(board: Running, text: str | bytes) -> Any:
    """The table of levels that the chair takes over; raises `WrongUse` where it is not one."""
    content = text.encode() if isinstance(text, str) else text
    with board.store.writing():
        chair = Account.objects.get(sign_in="chair")
        return editions.take_over(board.settings, board.app.board.policies, content, chair)


def says(page: Any) -> str:
    return " ".join(page.get_text(" ", strip=True).split())


@pytest.fixture
def changing(newer: Running, tmp_path: Path) -> Iterator[Running]:
    made = copied_board(newer, tmp_path, policy=newer.app.board.policies)
    yield made
    made.store.close()


def test_levels_are_read_in_the_new_edition_by_a_table_and_none_is_guessed(changing: Running) -> None:
    with changing.store.reading():
        cases = {one.level: one.key for one in BoardCase.objects.filter(settled_at=None, facts__isnull=False)}
    assert "Unmapped. No table" in says(changing["officer"].get(f"/cases/{cases[LEVEL]}"))
    digest = given(changing, f"{OLD},{NEW}\n{ROWS}").digest
    assert digest == f"sha256:{hashlib.sha256(f'{OLD},{NEW}{chr(10)}{ROWS}'.encode()).hexdigest()}"
    told = says(changing["officer"].get(f"/cases/{cases[LEVEL]}"))
    assert "counts as Tier 1 (made up) , by the table of the council that Chair took over" in told.replace("),", ") ,")
    assert digest in told
    # The case itself, its facts and what is rated of it, are as they were.
    assert "Level Specific allocation 1 (illustrative)" in told
    with changing.store.reading():
        assert BoardCase.objects.get(key=cases[LEVEL]).level == LEVEL
        entry = TrailEntry.objects.get(action="table of levels taken over", detail__contains=digest)
        chair = Account.objects.get(sign_in="chair")
    assert entry.actor == chair.key
    assert faults(changing.store) == []


def test_the_figures_count_what_a_table_maps_and_leave_out_what_it_does_not(changing: Running) -> None:
    policies = changing.app.board.policies
    with changing.store.reading():
        before = gather.ratings(policies)
    given(changing, f"{OLD},{NEW}\n{ROWS}")
    with changing.store.reading():
        after, by = gather.ratings(policies), editions.tables()
        order = editions.order_on(date(2026, 10, 1), policies, by)
        seen = {score.case for score in after.scores} - {score.case for score in before.scores}
        levels = {one.key: one.level for one in BoardCase.objects.all()}
    assert (before.mapped, before.earlier, after.mapped, after.earlier) == (False, True, True, True)
    assert order == {"sen_support": 1, "specific_allocation_1": 3, "specific_allocation_2": 3}
    assert seen
    assert {one.level for one in after.placed if levels[one.case] == LEVEL} == {3}
    page = changing["officer"].get("/consistency").text
    assert "counted in the levels of the one in use, by the table that the council has set" in page
    assert "for which no table of the council has a row are not counted" in page


def test_a_newer_table_counts_and_ways_lead_over_several_editions(changing: Running) -> None:
    """The draft stands between: from the illustrative edition to it, and from it to the one in use."""
    policies, day = changing.app.board.policies, date(2026, 10, 1)

    def counts(level: str) -> str | None:
        with changing.store.reading():
            return editions.mapped(level, day, policies, editions.tables())[0]

    draft = "continuum-draft-2025-06"
    assert counts("universal") is None, "the table to the draft leads no further"
    given(changing, f"{draft},{NEW}\nsen_support,sen_support\nspecific_allocation,tier_2\n")
    assert counts("universal") == "sen_support"
    assert counts(LEVEL) is None
    given(changing, f"{OLD},{draft}\nuniversal,sen_support\n{LEVEL},specific_allocation\n")
    assert counts(LEVEL) == "tier_2"
    given(changing, f"{OLD},{NEW}\n{LEVEL},tier_1\n")
    assert counts(LEVEL) == "tier_1", "the table that leads straight there goes before"
    assert counts("universal") is None, "and where it has no row, the level is unmapped"
    given(changing, f"{OLD},{NEW}\nuniversal,wider_support\n")
    assert (counts(LEVEL), counts("universal")) == (None, "wider_support"), "the newer one counts, whole"
    # A way back is a way round, and ends.
    given(changing, f"{NEW},{OLD}\ntier_1,{LEVEL}\n")
    assert counts(LEVEL) is None
    # A name that an edition no longer has.
    assert counts("universal_support") == "wider_support"
    assert counts("never_there") is None
    # One to an edition that the policy no longer has leads nowhere.
    table = LevelTable(from_edition=OLD, to_edition="taken-out", levels={LEVEL: "tier_1"})
    assert editions.mapped(LEVEL, day, policies, {(OLD, "taken-out"): table}) == (None, [])


def test_of_two_ways_round_the_table_that_was_taken_over_last_counts() -> None:
    """Also where it took the place of one that was older than that of the other way."""
    known = {name: SimpleNamespace(levels=[SimpleNamespace(id=name)]) for name in "abcz"}
    policies: Any = SimpleNamespace(
        edition_on=lambda day: SimpleNamespace(edition="a" if day else "z"), corpus=SimpleNamespace(editions=known)
    )
    by = {(old, new): LevelTable(id=number, from_edition=old, to_edition=new, levels={old: new})
          for old, new, number in (("a", "b", 4), ("a", "c", 2), ("b", "z", 1), ("c", "z", 3))}  # fmt: skip
    level, used = editions.mapped("a", date(2026, 10, 1), policies, by)
    assert (level, [one.to_edition for one in used]) == ("z", ["b", "z"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "two columns"), (f"{OLD},{NEW}\n", "two columns"), (f"{OLD}\nuniversal\n", "two columns"),
        (f"{OLD},{NEW},x\nuniversal,tier_1,1\n", "two columns"), (f"{OLD},another\nuniversal,tier_1\n", "two columns"),
        (f"{OLD},{NEW}\nLiam Smith,tier_1\n", "Row 2 of the table begins"),
        (f"{OLD},{NEW}\nuniversal,tier_1\nsen_support,universal\n", "Row 3 of the table ends"),
        (f"{OLD},{NEW}\nuniversal,tier_1\nuniversal,tier_2\n", "A level has two rows"),
        (f"{OLD},{OLD}\nuniversal,sen_support\n", "that the edition illustrative still has"),
        (b"\xff\xfe", "CSV in UTF-8"), ('illustrative,"continuum', "CSV in UTF-8"),
    ],
)  # fmt: skip
def test_what_is_not_a_table_of_levels_is_told_and_not_repeated(newer: Running, text: str | bytes, told: str) -> None:
    with pytest.raises(WrongUse) as raised:
        given(newer, text)
    assert told in str(raised.value)
    assert "Liam" not in str(raised.value)


@pytest.mark.slow
def test_a_table_is_taken_over_by_the_chair_once_and_never_changed(
    changing: Running, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "levels.csv"
    file.write_text(f"\ufeff{OLD},{NEW}\n\n{ROWS}", encoding="utf-8")

    def levels(*more: str) -> tuple[int, str, str]:
        settings = changing.settings
        return senpolicy(capsys, "board", "levels", *more, "--database", settings.database, "--root",
                         str(settings.root), "--scenario", str(settings.scenario))  # fmt: skip

    status, out, _ = levels()
    assert (status, all(f"{OLD}: {level} is unmapped\n" in out for level in ("sen_support", LEVEL))) == (0, True), out
    for who in ("officer", "nobody", ""):
        status, _, err = levels(str(file), "--by", who)
        assert (status, "is not the account of a chair" in err) == (2, True), err
    status, out, err = levels(str(file), "--by", "chair")
    assert (status, "Taken over: illustrative to continuum-made-up, sha256:" in err) == (0, True), err
    assert f"{OLD}: specific_allocation_3 is unmapped\n" in out
    assert f": {LEVEL} is" not in out
    status, _, err = levels(str(file), "--by", "chair")
    assert (status, "has been taken over already" in err) == (2, True)
    file.write_text("x" * 20_001)
    assert "too large to be meant" in levels(str(file), "--by", "chair")[2]
    for said in ("UPDATE level_table SET levels = '{}'", "DELETE FROM level_table"):
        with pytest.raises(DatabaseError, match="a table of levels is never"):
            execute(changing.store, said)
    assert faults(changing.store) == []
