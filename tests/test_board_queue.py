"""Finding work on the board: search and filters, samples and their counts, files, columns, and requests of access."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from board_app import AREAS, SEED_OF, Running, boards, caseload, load
from board_proof import CHANGE, ratings
from running import senpolicy
from senpolicy_board import drawing, exporting
from senpolicy_board.queue import next_to_rate
from senpolicy_board.tables import TABLES, Account, BoardCase, Conflict, Loaded, Pick, Sample, TrailEntry
from test_board_meetings import agree, cases, interest, rated, said, settle, undeclared

first, board = boards(rated)


def listed(board: Running, who: str, **asked: str) -> list[str]:
    """The references that a list shows."""
    return [one.text for one in board[who].get("/", params=asked).select("tbody th")]


@pytest.mark.slow
def test_a_list_is_searched_and_filtered_and_never_unblinds(board: Running) -> None:
    alike, unlike = cases(board)[:2]
    assert listed(board, "chair") == [alike.ref, unlike.ref], "both are rated"
    assert listed(board, "chair", state="differing") == [unlike.ref]
    assert listed(board, "chair", reference=str(alike.ref)[-4:]) == [alike.ref]
    assert listed(board, "chair", school=unlike.groups["school"], state="differing") == [unlike.ref]
    agree(board, alike)
    assert listed(board, "officer", show="all", state="settled") == [alike.ref]
    assert set(listed(board, "officer", show="all", moderator="Mod 1")) == {alike.ref, unlike.ref}
    assert listed(board, "officer", show="all", moderator="Mod 3") == []
    blind = set(listed(board, "mod-3"))
    assert unlike.ref not in blind, "two have rated it already"
    for asked in ({"school": str(unlike.groups["school"])}, {"state": "differing"}, {"state": "open"},
                  {"moderator": "Mod 1"}):  # fmt: skip
        assert not blind & set(listed(board, "mod-3", **asked)), "what they have still to rate is not told by a filter"


def test_the_next_case_follows_and_one_choice_rates_every_area_left_open(board: Running) -> None:
    with board.store.reading():
        open_cases = [one for one in BoardCase.objects.filter(picks__isnull=False, settled_at=None).order_by("id")
                      if not one.scorings.all()]  # fmt: skip
    one, two = open_cases[:2]
    sent = {"version": "0", "do": "confirm", f"area_{AREAS[0]}": "specific_allocation_1", "rest": "sen_support"}
    answer = board["mod-3"].post(f"/cases/{one.key}/score", sent)
    assert answer.url.path == f"/cases/{two.key}/score"
    assert f"Your ratings of {one.ref} are confirmed." in said(answer)
    with board.store.reading():
        ratings = BoardCase.objects.get(pk=one.pk).scorings.get().ratings
    assert ratings["areas"] == dict.fromkeys(AREAS, "sen_support") | {AREAS[0]: "specific_allocation_1"}
    with board.store.reading():
        account = Account.objects.get(sign_in="mod-3")
        assert next_to_rate(account, one, board.app.board.policies) == two
    undeclared(board, "mod-3")
    with board.store.reading():
        assert next_to_rate(account, one, board.app.board.policies) is None, "they have still to declare"
    other = board["mod-2"].get(f"/cases/{two.key}/score?done={one.key}")
    assert str(one.ref) not in said(other), "of a case that somebody else rated nothing is said"


def test_a_third_moderator_rates_where_two_lie_further_apart_than_the_board_has_settled(board: Running) -> None:
    with board.store.reading():
        case = next(
            one for one in BoardCase.objects.filter(picks__isnull=False).order_by("id") if not one.scorings.all()
        )
    for who, level in (("mod-1", "sen_support"), ("mod-2", "specific_allocation_2")):
        board[who].post(f"/cases/{case.key}/score", ratings(level))
    page = board["chair"].get(f"/cases/{case.key}/decide")
    assert (
        "The board decides once 3 moderators have confirmed their ratings. One more rates, since two lie further apart"
        in said(page)
    )
    assert case.ref not in listed(board, "chair")
    blind = said(board["mod-3"].get("/", params={"reference": case.ref}))
    assert ("waits for your rating" in blind, "2 of" in blind) == (True, False), "that the others differ is not told"
    answer = board["chair"].post(f"/cases/{case.key}/decide", CHANGE)
    assert answer.status_code == 409
    board["mod-3"].post(f"/cases/{case.key}/score", ratings("sen_support"))
    assert case.ref in listed(board, "chair")


def test_a_sample_is_counted_before_it_is_drawn_and_nobody_chooses_its_seed(board: Running, monkeypatch: Any) -> None:
    key = load(board, caseload(60).replace("BD-", "CE-"), "Spring 2027")
    plan = {"by_community": "1", "by_level": "1", "per_cent": "10", "fewest": "1", "most": "5", "crossed": "0"}
    page = board["chair"].post(f"/caseloads/{key}/sample", plan | {"do": "count"})
    counted = re.search(r"About (\d+) cases, (\d+) ratings", said(page))
    assert counted, said(page)
    assert int(counted[2]) == 2 * int(counted[1])
    monkeypatch.setattr(drawing, "seed_of", SEED_OF)
    with board.store.reading():
        assert Sample.objects.count() == 1, "nothing is drawn by counting"
    board["chair"].post(f"/caseloads/{key}/sample", plan | {"do": "draw", "seed": "7"})
    every = plan | {"per_cent": "100", "most": "100"}
    board["chair"].post(f"/caseloads/{key}/sample", every)
    again = said(board["chair"].post(f"/caseloads/{key}/sample", every | {"do": "count"}))
    assert "About 0 cases, 0 ratings" in again, "what is in a sample is not drawn again, and not counted"
    with board.store.reading():
        sample = Sample.objects.order_by("-id")[1]
        asked = TrailEntry.objects.filter(action="sample asked for", subject=f"caseload:{key}").order_by("seq")[0]
        drawn = TrailEntry.objects.get(action="sample drawn", subject=f"sample:{sample.key}")
        assert sample.picks.count() == int(counted[1])
    assert sample.seed == int(asked.hash[:8], 16), "from the hash of the entry that asked for it"
    assert json.loads(drawn.detail)["seed_of_entry"] == asked.seq


def test_who_has_an_interest_in_a_case_neither_puts_it_into_a_sample_nor_takes_it_out(board: Running) -> None:
    case = next(one for one in cases(board)[2:])
    with board.store.reading():
        pick = Pick.objects.get(case=case)
    interest(board, "chair", "school", case.groups["school"])
    for path, sent in ((f"/picks/{pick.key}/replace", {"because": "Too new."}), (f"/cases/{case.key}/sample", {})):
        assert board["chair"].post(path, sent).status_code == 403, path
    with board.store.reading():
        assert Pick.objects.get(pk=pick.pk).replaced_at is None


def test_a_column_of_a_file_is_of_the_type_of_its_cells_whatever_its_heading() -> None:
    rows = [(None, "none", None), (Decimal("6500.50"), "two", 3)]
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(exporting.saved("cases.xlsx", "cases", ("a", "whole_number", "b"), rows).content)
    )
    assert book.get_sheet_by_index(0).to_python() == [
        ["a", "whole_number", "b"],
        ["", "none", ""],
        [6500.5, "two", 3.0],
    ]


def test_lists_and_caseloads_are_saved_as_files_without_what_is_barred(board: Running) -> None:
    with board.store.reading():
        key, barred = Loaded.objects.get().key, cases(board)[0]
    interest(board, "chair", "school", barred.groups["school"])
    rows = list(csv.DictReader(io.StringIO(board["chair"].client.get(f"/caseloads/{key}/saved/cases.csv").text)))
    assert {"case", "school", "community", "level_as_mapped", "band", "state"} <= set(rows[0])
    assert str(barred.ref) not in {row["case"] for row in rows}
    assert all("Section F" in row["bear_in_mind"] for row in rows), "cautions go with the answers"
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(board["officer"].client.get(f"/caseloads/{key}/saved/cases.xlsx").content)
    )
    assert len(book.get_sheet_by_index(0).to_python()) == 13
    work = csv.DictReader(io.StringIO(board["mod-3"].client.get("/queue/saved/work.csv").text))
    assert [row["case"] for row in work] == listed(board, "mod-3")
    with board.store.reading():
        before = TrailEntry.objects.count()
    for path in (f"/caseloads/{key}/saved/other.csv", "/queue/saved/work.pdf", "/columns/saved/x.xlsx"):
        board["officer"].get(path, 404)
    with board.store.reading():
        views = TrailEntry.objects.filter(seq__gt=before, action="viewed")
        assert not views, "of a file that was not given the trail says nothing"


def test_the_columns_of_a_caseload_are_explained_and_its_template_is_one(board: Running) -> None:
    page = board["officer"].get("/columns")
    assert "mainstream" in said(page)
    names = [one.text for one in page.select("tbody th code")]
    template = board["officer"].client.get("/columns/saved/caseload.csv").text
    assert next(csv.reader(io.StringIO(template))) == names
    assert {"case_ref", "decision_date", "school", "community"} <= set(names)
    filled = {"case_ref": "TE-0001", "decision_date": "2026-10-01", "age": "9"}
    rows = f"{','.join(names)}\n{','.join(filled.get(name, '') for name in names)}\n"
    assert load(board, rows, "From the template")


def test_a_request_of_access_is_answered_by_one_command(
    board: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = cases(board)[1]
    board["mod-1"].post(f"/cases/{case.key}/decide", CHANGE)
    board["mod-3"].post(f"/cases/{case.key}/conflict", {"kind": "friend"})
    settle(board, case.key, "mod-2")
    board["officer"].post(f"/cases/{case.key}/notice", {})
    other = next(one for one in cases(board) if one.pk != case.pk)
    board["chair"].get(f"/cases/{other.key}")
    out, where = tmp_path / "held.json", ("--database", board.settings.database, "--root", str(board.settings.root))
    status, _, err = senpolicy(capsys, "board", "subject", str(case.ref).lower(), "-o", str(out), *where)
    assert status == 0, err
    held = json.loads(out.read_text())
    assert held["board_case"][0]["facts"]["age"] == "9"
    assert [one["account"] for one in held["scoring"]] == ["Mod 1", "Mod 2"]
    assert held["outcome"][0]["content"]["reason"] == CHANGE["reason"]
    assert held["conflict"][0]["kind"] == "friend"
    told = {
        "caseload loaded",
        "sample drawn",
        "ratings confirmed",
        "change proposed",
        "conflict declared",
        "notice issued",
    }
    assert told <= {one["action"] for one in held["trail"]}
    assert held["notice"][0]["issued_by"] == "Officer"
    assert held["decision_record"][0]["outcome"] == held["outcome"][0]["key"], (
        "rows are told by the keys that are shown"
    )
    text = out.read_text()
    assert '"salt"' not in text, "of a row; the decision record that is given out holds its own"
    assert str(other.ref) not in text
    assert other.key not in text
    with board.store.reading():
        alone = TrailEntry.objects.get(subject=f"case:{other.key}", action="viewed").seq
    assert alone not in {one["seq"] for one in held["trail"]}, "what is about another pupil alone is left out"
    with board.store.reading():
        entry = TrailEntry.objects.get(detail__contains="all that is held, as a file")
    assert (entry.actor, entry.subject) == ("command", f"case:{case.key}"), "and that it was written is recorded"
    status, _, err = senpolicy(capsys, "board", "subject", "ZZ-9999", "-o", str(tmp_path / "no.json"), *where)
    assert (status, "holds nothing of 'ZZ-9999'" in err) == (2, True)
    referring = {name for name, table in TABLES.items() for field in table._meta.concrete_fields
                 if field.related_model is BoardCase}  # fmt: skip
    assert referring >= {Conflict._meta.db_table, "scoring", "pick"}
