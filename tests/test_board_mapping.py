"""The mapping exercise: the council's order, who mapped whom, how schools map, and what goes to the tariff."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.db import DatabaseError

from board_app import Running, boards, execute, load, running
from board_proof import CHANGE, ratings
from golden_files import FROZEN, ROOT
from running import senpolicy
from senpolicy_board import cohort, mapping
from senpolicy_board.subject_access import held_of
from senpolicy_board.tables import BoardCase, Loaded, MappedLevel, Pick, Sample, TrailEntry
from test_board_meetings import agree, said, settle, undeclared

LEVELS = ("specific_allocation_1", "specific_allocation_2", "specific_allocation_3", "specific_allocation_4")


def county(high: str = "School 1", of_each: int = 12) -> str:
    """A made-up list of three special schools, one of which puts every pupil at the highest level; and an SRP of three."""
    rows = ["case_ref,decision_date,age,year_group,setting,plan,school,community,adaptation_level"]
    number = 0
    for school, pupils, setting in (("School 1", of_each, "special"), ("School 2", of_each, "special"),
                                    ("School 3", of_each, "special"), ("School 4", 3, "srp")):  # fmt: skip
        for one in range(pupils):
            number += 1
            level = LEVELS[3] if school == high else LEVELS[one % 3]
            rows.append(f"HI-{number:04},2026-10-01,9,4,{setting},ehcp,{school},Community 1,{level}")
    return "\n".join(rows) + "\n"


def unmapped(letters: str, pupils: int = 2) -> str:
    return "case_ref,decision_date,age,year_group,setting,plan,school\n" + "".join(
        f"{letters}-{number},2026-10-01,9,4,special,ehcp,School 2\n" for number in range(1, pupils + 1)
    )


def mapped(folder: Path) -> Running:
    """A board with a county that is mapped, and two lists that are not: a review's, and, loaded later, a transfer's."""
    made = running(folder)
    load(made, county(), "The county")
    for letters, title, reason in (("AR", "Reviews", "annual_review"), ("PT", "Transfers", "phase_transfer")):
        key = load(made, unmapped(letters), title)
        made["officer"].post(f"/caseloads/{key}/mapping", {"reason": reason})
    return made


first, board = boards(mapped)


def test_the_page_counts_each_list_once(board: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    monkeypatch.setattr(mapping, "lists", lambda policies, of=mapping.lists: counted.append(1) or of(policies))
    assert "PT-1" in said(board["officer"].get("/mapping"))
    assert counted == [1]


def case_of(board: Running, ref: str) -> BoardCase:
    with board.store.reading():
        found: BoardCase = BoardCase.objects.select_related("caseload").get(ref=ref)
    return found


def table(page: BeautifulSoup, label: str) -> list[list[str]]:
    rows = page.select(f"[aria-label='{label}'] tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in rows]


def test_pupils_are_mapped_in_the_order_of_the_response(board: Running) -> None:
    page = board["officer"].get("/mapping")
    assert [row[0] for row in table(page, "Lists")] == ["Transfers", "Reviews", "The county"]
    assert "line 830" in said(page)
    links = [str(one["href"]) for one in page.select("a[href$='/map']")]
    with board.store.reading():
        refs = [BoardCase.objects.get(key=link.split("/")[2]).ref for link in links]
    assert refs == ["PT-1", "PT-2", "AR-1", "AR-2"], "phase transfer first, though it was loaded last"
    key = case_of(board, "AR-1").caseload.key
    board["officer"].post(f"/caseloads/{key}/mapping", {"reason": "not one"})
    assert board["officer"].post(f"/caseloads/{key}/mapping", {"reason": "new_plan"}).status_code == 409, "a stale page"
    board["officer"].post(f"/caseloads/{key}/mapping", {"reason": "phase_transfer", "was": "annual_review"})
    assert [row[0] for row in table(board["officer"].get("/mapping"), "Lists")][:2] == ["Reviews", "Transfers"]


def test_a_pupil_is_mapped_by_an_officer_who_is_named_and_the_case_has_the_level(board: Running) -> None:
    case = case_of(board, "PT-1")
    answer = board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[1], mapped="0"))
    assert "PT-1 is mapped to" in said(answer)
    assert answer.url.path == f"/cases/{case_of(board, 'PT-2').key}/map", "the next one follows"
    again = case_of(board, "PT-1")
    assert (again.level, again.facts["adaptation_level"]) == (LEVELS[1], LEVELS[1])
    assert again.seal != case.seal
    assert again.answers != case.answers
    row = table(board["officer"].get("/mapping"), "Lists")[0]
    assert row[2:] == ["1", "1", "Officer: 1"]
    assert said(board["officer"].get(f"/cases/{case.key}")).count("Specific") > 0
    with board.store.reading():
        assert held_of("PT-1")["mapped_level"][0]["by"] == "Officer"  # type: ignore[index]
        entry = TrailEntry.objects.get(action="pupil mapped")
    assert LEVELS[1] not in entry.detail, "the trail holds the seal alone"


def test_what_was_mapped_elsewhere_meanwhile_is_not_overwritten(board: Running) -> None:
    case = case_of(board, "PT-1")
    board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[1], mapped="0"))
    stale = board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[2], mapped="0"))
    assert (stale.status_code, "was mapped elsewhere meanwhile" in stale.text) == (409, True)
    chosen = BeautifulSoup(stale.text, "html.parser").select("input[type=radio][checked]")
    assert {str(one["value"]) for one in chosen} == {LEVELS[2]}, "what was chosen is in the form"
    assert case_of(board, "PT-1").level == LEVELS[1]
    board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[2], mapped="1"))
    assert case_of(board, "PT-1").level == LEVELS[2]
    lacking = board["officer"].post(f"/cases/{case.key}/map", {"mapped": "2"})
    assert (lacking.status_code, "Rate every area" in lacking.text) == (422, True)


def test_a_level_stays_that_was_loaded_or_is_moderated_and_only_officers_map(board: Running) -> None:
    loaded, case = case_of(board, "HI-0001"), case_of(board, "PT-1")
    assert "loaded with its level" in board["officer"].post(f"/cases/{loaded.key}/map", ratings(mapped="0")).text
    for who in ("chair", "mod-1", "observer"):
        assert board[who].post(f"/cases/{case.key}/map", ratings(mapped="0")).status_code == 403
    board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[1], mapped="0"))
    sample = {"by_level": "1", "per_cent": "100", "fewest": "1", "most": "9", "crossed": "1"}
    board["chair"].post(f"/caseloads/{case.caseload.key}/sample", sample)
    answer = board["officer"].post(f"/cases/{case.key}/map", ratings(LEVELS[2], mapped="1"))
    assert (answer.status_code, "moderated already" in answer.text) == (409, True)
    other = case_of(board, "AR-1")
    board["officer"].post(f"/cases/{other.key}/conflict", {"kind": "school"})
    assert board["officer"].post(f"/cases/{other.key}/map", ratings(mapped="0")).status_code == 403
    assert "AR-1" not in said(board["officer"].get("/mapping"))
    for change in ("UPDATE mapped_level SET by_id = 1", "DELETE FROM mapped_level",
                   "UPDATE mapping_list SET reason = 'new_plan'"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)


def test_a_school_that_maps_high_comes_first_and_is_moderated_first(board: Running) -> None:
    page = board["chair"].get("/mapping")
    rows = table(page, "How schools map")
    assert rows[0][0] == "School 1"
    assert "higher than chance explains" in rows[0][-1]
    assert "as schools of its kind" in next(row for row in rows if row[0] == "School 3")[-1]
    assert "too few to say" in next(row for row in rows if row[0] == "School 4")[-1]
    levels = table(page, "Pupils by level")
    assert next(row for row in levels if row[:2] == ["All schools", "special"])[-4:] == ["8", "8", "8", "12"]
    assert next(row for row in levels if row[:2] == ["School 1", "special"])[-4:] == ["0", "0", "0", "12"]
    form = page.select_one("form[action='/mapping/sample']")
    assert form
    assert not board["officer"].get("/mapping").select("form[action='/mapping/sample']")
    board["chair"].post("/mapping/sample", {"school": "School 1", "setting": "special"})
    with board.store.reading():
        picks = Pick.objects.select_related("case")
        assert {one.case.groups["school"] for one in picks} == {"School 1"}
        said_of_it = "".join(TrailEntry.objects.filter(action__contains="sample").values_list("detail", flat=True))
        assert Sample.objects.count() == 1
    assert "School 1" not in said_of_it, "the trail does not tell which school maps high"
    assert board["chair"].post("/mapping/sample", {"school": "School 9", "setting": "special"}).status_code == 404
    work = board["mod-1"].get("/")
    assert len(work.select("tbody a")) == 2, "who rates has work"
    assert "School 1" not in said(work), "and is not told of which school, in a filter either"
    board["mod-1"].get("/mapping", 403)


def test_a_list_of_a_school_that_is_sampled_whole_does_not_keep_its_others_out(board: Running) -> None:
    further = [row.replace("HI-", "JK-") for row in county().splitlines() if "School 1," in row]
    key = load(board, "\n".join([county().splitlines()[0], *further]) + "\n", "Later")
    sample = {"by_level": "1", "per_cent": "100", "fewest": "1", "most": "99", "crossed": "1"}
    board["chair"].post(f"/caseloads/{key}/sample", sample)
    school = {"school": "School 1", "setting": "special"}
    assert board["chair"].post("/mapping/sample", school).status_code == 200
    with board.store.reading():
        assert [one.caseload.title for one in Sample.objects.select_related("caseload").order_by("id")] == [
            "Later", "The county",
        ]  # fmt: skip


def test_a_chair_with_an_interest_neither_sees_nor_draws_a_school(board: Running) -> None:
    with board.store.reading():
        key = BoardCase.objects.get(ref="HI-0001").caseload.key
    undeclared(board, "chair")
    assert board["chair"].client.get("/mapping").url.path.endswith("/interests"), "before anything is read"
    page = board["chair"].get(f"/caseloads/{key}/interests")
    label = next(one for one in page.select("label") if one.text == "School 1")
    board["chair"].post(f"/caseloads/{key}/interests", {str(label["for"]): "1", "kind": "work"})
    with board.store.reading():
        rest = list(Loaded.objects.exclude(key=key).values_list("key", flat=True))
    for one in rest:
        board["chair"].post(f"/caseloads/{one}/interests", {})
    page = board["chair"].get("/mapping")
    assert table(page, "How schools map")[0][2:] == ["You have declared an interest in it."]
    assert "School 1" not in {row[0] for row in table(page, "Pupils by level")}
    answer = board["chair"].post("/mapping/sample", {"school": "School 1", "setting": "special"})
    assert answer.status_code == 403


def test_what_may_be_shared_tells_no_count_under_five_and_rounds_the_others(board: Running) -> None:
    page = board["observer"].get("/mapping")
    rows = table(page, "Schools")
    assert rows[0] == ["School 1", "special", "10", "fewer than 5", "higher than chance explains"]
    assert ["School 4", "srp", "fewer than 5", "fewer than 5", "too few to say"] in rows
    numbers = {cell for row in (*rows, *table(page, "All schools by level")) for cell in row if cell.isdecimal()}
    assert {int(one) % 5 for one in numbers} == {0}
    assert "0" not in numbers, "where nobody is would tell where a few are"
    assert "HI-0" not in page.text
    file = list(csv.reader(io.StringIO(board["observer"].client.get("/mapping/saved/mapping.csv").text)))
    assert [row[2] for row in file[1:] if row[0] == "School 4"] == ["fewer than 5"]
    board["observer"].get("/mapping/saved/other.csv", 404)
    assert said(board["officer"].get("/mapping/shared")).count("fewer than 5") > 1


def test_a_pupil_of_two_lists_counts_once_as_in_the_newest(board: Running) -> None:
    load(board, county().splitlines()[0] + "\n" + "HI-0001,2026-10-01,9,4,special,ehcp,School 2,Community 1,"
         f"{LEVELS[0]}\n", "Again")  # fmt: skip
    with board.store.reading():
        found = [one for one in mapping.newest() if one.ref == "HI-0001"]
    assert [one.groups["school"] for one in found] == ["School 2"]


def test_no_cohort_is_written_before_anything_is_settled(board: Running) -> None:
    with board.store.reading():
        found, counts = cohort.rows(board.app.board.policies, mapped=False)
    assert (found, counts) == ([], {"mapped": 39, "not mapped": 4})


@pytest.mark.slow
def test_what_is_settled_is_the_cohort_of_a_tariff(
    board: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board["chair"].post("/mapping/sample", {"school": "School 1", "setting": "special"})
    with board.store.reading():
        picked = [one.case for one in Pick.objects.select_related("case").order_by("id")][:2]
    changed, agreed = picked
    for case in picked:
        for who in ("mod-1", "mod-2"):
            board[who].post(f"/cases/{case.key}/score", ratings(LEVELS[3]))
    board["mod-1"].post(f"/cases/{changed.key}/decide", CHANGE)
    where = ("--database", board.settings.database, "--root", str(FROZEN), "--scenario", "illustrative")
    out = tmp_path / "cohort.csv"
    settle(board, changed.key, "mod-2")
    agree(board, agreed)
    status, _, err = senpolicy(capsys, "board", "cohort", "-o", str(out), *where)
    assert (status, "2 pupils written to cohort.csv: 2 settled; 41 left out." in err) == (0, True), err
    rows = {row["case_ref"]: row for row in csv.DictReader(io.StringIO(out.read_text()))}
    assert {ref: row["adaptation_level"] for ref, row in rows.items()} == {
        changed.ref: CHANGE["to"], agreed.ref: LEVELS[3],
    }  # fmt: skip
    assert not any(name.startswith("rating_") for name in next(iter(rows.values())))
    schools = tmp_path / "schools.csv"
    schools.write_text("school,kind,present_rate\nSchool 1,special,12000\nSchool 2,special,12000\n"
                       "School 3,special,12000\nSchool 4,srp,9000\n")  # fmt: skip
    plan = str(ROOT / "docs" / "how-to" / "illustrative-tariff.yaml")
    told = ("tariff", plan, "--cohort", str(out), "--schools", str(schools), "--root", str(FROZEN))
    assert "2 counted for 1 September 2026, 0 not by the tariff, 0 refused" in senpolicy(capsys, *told)[1]
    status, _, err = senpolicy(capsys, "board", "cohort", "-o", str(out), "--mapped", *where)
    assert "39 pupils written to cohort.csv: 2 settled, 37 as mapped; 4 left out." in err, err
    with board.store.reading():
        assert TrailEntry.objects.filter(detail__contains="cohort, as a file").count() == 2
        assert MappedLevel.objects.count() == 0
