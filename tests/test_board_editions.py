"""A board whose edition of descriptors has changed: no page is an error, and an older case reads in its own words."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from board_app import AREAS, Clock, Running, caseload, faults, load
from board_proof import LEVEL, full
from copies import copied
from senpolicy_board.pages.app import create_app
from senpolicy_board.policies import Policies
from senpolicy_board.store import Store, compact
from senpolicy_board.tables import BoardCase, BoardOutcome, IssuedNotice, Loaded, Meeting, Sample
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


def test_no_page_is_an_error_once_the_edition_has_changed(newer: Running) -> None:
    found = pages(newer)
    assert len(found) > 150
    assert [one for one in found if one[2] >= 500] == []
    last = newer.app.board.policies.edition_on(None)
    if last.edition == "continuum-made-up":
        assert "Cases of an earlier edition" in newer["officer"].get("/consistency").text, (
            "they are not mixed in silence"
        )


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
    plan = {"by_level": "1", "per_cent": "100", "fewest": "1", "most": "9", "seed": "7"}
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
              "document": "report", "paragraph": "3.20", "outcomes": "0"}  # fmt: skip
    answer = newer["mod-1"].post(f"/cases/{new.key}/decide", change | {"to": "specific_allocation_2"})
    assert answer.status_code == 422, "not a level of that day"
    assert newer["mod-1"].post(f"/cases/{new.key}/decide", change).status_code == 200
    assert "Tier 2 (made up)" in newer["chair"].get(f"/cases/{new.key}/decide").get_text(" ", strip=True)
    assert faults(newer.store) == []
