"""Consistency and precedents on a board's pages, and the check of its trail from outside."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import board_app
import copies
from board_app import AREAS, Browser, Running, load, policies, running
from running import senpolicy
from senpolicy.checking import golden
from senpolicy.comparing import precedents as compared
from senpolicy.deciding.decide import Decider, Decision
from senpolicy_board import gather, loading, trail
from senpolicy_board import precedents as stored
from senpolicy_board.pages.app import create_app
from senpolicy_board.policies import Policies
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Conflict, Scoring

LEVELS = ("universal", "sen_support", "wider_support_and_strategies", "specific_allocation_1", "specific_allocation_2",
          "specific_allocation_3", "specific_allocation_4")  # fmt: skip
CASES, RATED, SETTLED = 80, 60, 48


def caseload() -> str:
    """Return 80 cases of three Communities over four months, of which Community 1 rates one level high."""
    chance = random.Random(4)
    rows = ["case_ref,decision_date,age,year_group,setting,plan,additional_cost,community,"
            + ",".join(f"rating_{area}" for area in AREAS)]  # fmt: skip
    for number in range(CASES):
        true, high = 1 + number % 5, number % 3 == 0
        rated = [LEVELS[min(6, max(0, true - chance.choice([0, 0, 1]) + high))] for _ in AREAS]
        rated[0] = LEVELS[true + high]
        rows.append(
            f"CN-{number:04},{2027}-{1 + number % 4:02}-04,9,4,mainstream,ehcp,13000,Community {1 + number % 3},"
            + ",".join(rated)
        )
    return "\n".join(rows) + "\n"


def rate(board: Running) -> None:
    """Have two moderators rate 60 cases, agreeing in most, and the board settle 48 of them."""
    now, chance = board.clock(), random.Random(9)
    with board.store.writing():
        people = {one.sign_in: one for one in Account.objects.all()}
        cases = list(BoardCase.objects.order_by("id"))
        for number, case in enumerate(cases[:RATED]):
            true = 1 + number % 5
            for who in ("mod-1", "mod-2"):
                level = LEVELS[true + (chance.random() < 0.15)]
                scoring = Scoring(case_id=case.id, account_id=people[who].id, ratings={"areas": dict.fromkeys(AREAS, level)},
                                  saved_at=now, confirmed_at=now, salt=trail.new_salt())  # fmt: skip
                scoring.seal = trail.seal(scoring.salt or "", trail.content_of(scoring))
                scoring.save()
                trail.append(now, people[who].key, "ratings confirmed", f"case:{case.key}", seal=scoring.seal)
            if number < SETTLED:
                settle(case, LEVELS[true], people, now)


def settle(case: BoardCase, level: str, people: dict[str, Account], now: Any) -> None:
    kind = "agreed" if level == case.level else "changed"
    content = {"kind": kind, "from": case.level, "to": level, "reason": "The help described is given, and no more.",
               "document": "own-illustration", "paragraph": "all"}  # fmt: skip
    outcome = BoardOutcome(case_id=case.id, kind=kind, content=content, state="stands", proposed_at=now,
                      proposed_by_id=people["mod-1"].id, approved_at=now, approved_by_id=people["chair"].id,
                      salt=trail.new_salt())  # fmt: skip
    outcome.seal = trail.seal(outcome.salt or "", content)
    outcome.save()
    case.settled_at = now
    case.save()
    trail.append(now, people["chair"].key, "outcome approved", f"case:{case.key}", seal=outcome.seal)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = running(tmp_path_factory.mktemp("board"))
    load(made, caseload())
    rate(made)
    yield made
    made.store.close()


# The page.


def test_an_observer_sees_every_figure_and_no_case(board: Running) -> None:
    """Figures are for all; a pupil's case is not, and counts under five are not told."""
    page = board["observer"].get("/consistency")
    text = page.get_text(" ", strip=True)
    assert "Between moderators" in text
    assert "Between Communities and the board" in text
    assert "CN-" not in str(page)
    assert not page.select("a[href^='/cases/']")
    areas = page.select("section[aria-labelledby=moderators] table")[0].select("tbody tr")
    assert len(areas) == len(AREAS) + 1
    assert all(row.select("td")[0].get_text(strip=True) == str(RATED) for row in areas)


def test_the_community_that_rates_high_is_named_with_its_chart(board: Running) -> None:
    """A tolerance, with the Communities outside it; a chart beside the table."""
    page = board["chair"].get("/consistency")
    assert "1 of 3 lie outside the tolerance: Community 1." in page.get_text(" ", strip=True)
    (row,) = page.select("section[aria-labelledby=leaning] tr.differs")
    assert "outside: clearly higher" in row.get_text(" ", strip=True)
    assert row.select("svg.strip circle.dot")
    assert "none of them the policy's" in page.get_text(" ", strip=True)


def test_the_page_holds_no_script_and_no_style_of_its_own(board: Running) -> None:
    """The content security policy would refuse both, and the charts must show all the same."""
    page = board["chair"].get("/consistency")
    assert not page.select("main style, main script, main [style], main [onclick]")
    assert page.select("svg.bar-of-levels rect")


def test_like_cases_are_of_settled_cases_alone(board: Running) -> None:
    """A moderator must not learn the level of a case that may still come to them blind."""
    with board.store.reading():
        settled = {case.key for case in BoardCase.objects.all() if case.settled_at}
        found = gather.ratings(policies("illustrative"))
    assert {one.case for one in found.decided} == settled
    assert len(found.placed) == CASES
    page = board["mod-3"].get("/consistency")
    linked = {str(link["href"]).rsplit("/", 1)[1] for link in page.select("a[href^='/cases/']")}
    assert linked <= settled


class Held:
    """A policy whose work with the solver waits until it is let go."""

    def __init__(self, real: Policies) -> None:
        self.real, self.let_go, self.begun = real, threading.Event(), 0
        self.let_go.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def begin(self, work: Any) -> Any:
        def later() -> Any:
            assert self.let_go.wait(60)
            return work()

        self.begun += 1
        return self.real.begin(later)


def test_figures_are_worked_out_once_and_older_ones_are_never_shown_as_new(board: Running, tmp_path: Path) -> None:
    """A page that took seconds after each rating would not be looked at; one that hid its age would mislead."""
    other = board_app.copied(board, tmp_path, figures_seconds=0.0, figures_first_seconds=0.0)
    held = Held(policies("illustrative"))
    figures = other.app.board.figures = gather.Figures(other.store, held, other.clock)  # type: ignore[arg-type]
    first = figures.look(60, 60)
    assert first
    assert first.behind == 0
    assert figures.look(0, 0) is first
    assert held.begun == 1, "nothing has changed, so nothing is worked out again"
    page = other["observer"].get("/consistency").get_text(" ", strip=True)
    assert "Worked out 5 October 2026, 09:00 UTC, from 120 confirmed ratings and 48 settled cases." in page
    assert "Not the newest" not in page
    with other.store.writing():
        people = {one.sign_in: one for one in Account.objects.all()}
        case = BoardCase.objects.order_by("-id").first()
        assert case
        settle(case, LEVELS[3], people, other.clock())
    other.clock.pass_by(minutes=5)
    held.let_go.clear()
    figures._rests_until = 0.0
    page = other["observer"].get("/consistency").get_text(" ", strip=True)
    assert "Worked out 5 October 2026, 09:00 UTC" in page
    assert "Not the newest. 1 thing has been confirmed" in page
    assert figures.look(0, 0).made is first.made  # type: ignore[union-attr]
    held.let_go.set()
    newest = figures.look(60, 60)
    assert newest
    assert (newest.behind, newest.state.decisions) == (0, SETTLED + 1)
    assert "Worked out 5 October 2026, 09:05 UTC" in other["observer"].get("/consistency").get_text(" ", strip=True)
    assert held.begun == 2
    # It rests for nine times as long as it took: a board at work is not slowed down by who looks at its figures.
    figures._rests_until = time.monotonic() + 60
    with other.store.writing():
        case = BoardCase.objects.filter(settled_at=None).first()
        assert case
        settle(case, LEVELS[3], people, other.clock())
    assert figures.look(60, 60).behind == 1  # type: ignore[union-attr]
    assert held.begun == 2
    # What has been removed is not shown again, not even while the others are worked out.
    held.let_go.clear()
    with other.store.writing():
        loading.remove(other.settings, other.clock() + timedelta(days=1))
    assert "being worked out" in other["observer"].get("/consistency").get_text(" ", strip=True)
    held.let_go.set()
    emptied = figures.look(60, 60)
    assert emptied
    assert emptied.made.cases == 0
    other.store.close()


def test_an_officer_settles_the_tolerance_and_the_floors_in_yaml(board: Running, tmp_path: Path) -> None:
    """Without Python: the page uses the value of rules/board.yaml, and shows it with where it comes from."""
    root, file = copies.copied(tmp_path / "draft"), "rules/board.yaml"
    copies.replace(root, file, r"value: 0\.5$", "value: 1.5")
    copies.replace(root, file, r"value: 20$", "value: 70")
    copies.replace(
        root, file, r"    assumption: No source says so. It keeps[^\n]*\n", "    assumption: Settled for a try.\n"
    )
    settings = replace(board.settings, root=root)
    draft = Policies(settings)
    try:
        assert (draft.bounds.tolerance, draft.bounds.least) == (1.5, 70)
        there = Browser(create_app(settings, board.store, draft))
        there.sign_in("chair")
        page = there.get("/consistency")
        text = page.get_text(" ", strip=True)
        assert "0 of 3 lie outside the tolerance" in text
        assert "too few cases have been rated by two moderators" in text
        row = page.select_one("section[aria-labelledby=settled] tbody tr")
        assert row
        assert [cell.get_text(" ", strip=True) for cell in row.select("th, td")][:2] == ["Tolerance, in levels", "1.5"]
        assert "Assumed:" in row.text
        with board.store.reading():
            key = loading.Loaded.objects.all()[0].key
        plan = there.get(f"/caseloads/{key}/sample").get_text(" ", strip=True)
        assert "Settled for a try." in plan
        assert "above the trigger of £6,000" in plan
    finally:
        draft.close()
    shown = board["chair"].get("/consistency").get_text(" ", strip=True)
    assert "1 of 3 lie outside the tolerance" in shown


def test_a_board_without_ratings_says_so(tmp_path: Path) -> None:
    empty = running(tmp_path)
    text = empty["observer"].get("/consistency").get_text(" ", strip=True)
    assert "too few cases have been rated by two moderators" in text
    assert "No case has a level yet." in text
    empty.store.close()


def test_the_levels_of_each_rater_are_read_as_they_stand(board: Running) -> None:
    """The figures can be no better than what they are made from."""
    with board.store.reading():
        found = gather.ratings(policies("illustrative"))
        case = BoardCase.objects.order_by("id").first()
        assert case
        order = {level.id: level.order for level in policies("illustrative").levels_on(None)}
        mine = {(one.kind, one.rater, one.area): one.level for one in found.scores if one.case == case.key}
        for scoring in case.scorings.all():
            for area, level in (scoring.ratings or {})["areas"].items():
                assert mine["moderator", scoring.account.key, area] == order[level]
        assert mine["community", "Community 1", "level"] == order[str(case.level)]
        assert mine["board", "board", "level"] == order[(case.outcomes.all()[0].content or {})["to"]]


def test_ratings_of_someone_with_a_conflict_do_not_count(board: Running, tmp_path: Path) -> None:
    other = board_app.copied(board, tmp_path)
    with other.store.writing():
        people = {one.sign_in: one for one in Account.objects.all()}
        case = BoardCase.objects.order_by("id").first()
        assert case
        Conflict.objects.create(case=case, account=people["mod-1"], kind="family", declared_at=other.clock())
        trail.append(other.clock(), people["mod-1"].key, "conflict declared", f"case:{case.key}", kind="family")
        key = case.key
    with other.store.reading():
        found = gather.ratings(policies("illustrative"))
    raters = {one.rater for one in found.scores if one.case == key and one.kind == "moderator"}
    assert raters == {people["mod-2"].key}
    # Barred from the case, they are not told of its precedent either.
    changed = [one.case for one in _precedents(other, None)]
    assert key in changed
    assert key not in [one.case for one in _precedents(other, people["mod-1"])]
    # What is removed is gone from every figure and precedent at once.
    before = other["chair"].get("/consistency").get_text(" ", strip=True)
    assert str(RATED) in before
    with other.store.writing():
        loading.remove(other.settings, other.clock() + timedelta(days=1))
    assert _precedents(other, None) == []
    after = other["chair"].get("/consistency").get_text(" ", strip=True)
    assert "too few cases have been rated by two moderators" in after
    other.store.close()


def _precedents(board: Running, account: Account | None) -> list[stored.Stored]:
    with board.store.reading():
        return stored.precedents(policies("illustrative"), account)


# Precedents.


def test_each_changed_decision_is_a_precedent_with_its_reason(board: Running) -> None:
    """A changed decision becomes a precedent; an agreed one does not."""
    found = _precedents(board, None)
    with board.store.reading():
        changed = {one.key for one in BoardOutcome.objects.all() if one.kind == "changed"}
    assert {one.precedent.id for one in found} == changed
    assert 0 < len(changed) < SETTLED
    text = board["mod-1"].get("/precedents").get_text(" ", strip=True)
    assert "The help described is given, and no more." in text
    assert "moderator, approved by chair" in text
    board["observer"].get("/precedents", 403)


def test_the_cautions_of_a_precedent_stand_with_its_answers(board: Running) -> None:
    """On the page, in the file, and in the golden case."""
    found = _precedents(board, None)
    page = board["mod-1"].get("/precedents")
    data = board["chair"].client.get("/precedents/saved/precedents.json").json()["precedents"]
    kept = {one["id"]: one["cautions"] for one in data}
    by = policies("illustrative")
    for one in found:
        decided = by.decided_as(
            "PR-1", {name: value for name, value in one.precedent.cells().items() if name != "case_ref"}
        )
        assert isinstance(decided, Decision)
        carried = {name: answer.cautions for name, answer in decided.answers.items() if answer.cautions}
        assert kept[one.precedent.id] == {name: [caution.id for caution in of] for name, of in carried.items()}
        section = page.select_one(f"section[aria-labelledby=p-{one.precedent.id}]")
        if section:
            assert all(of.says in section.get_text(" ") for name in ("route", "band") for of in carried.get(name, ()))
    assert "section-f" in kept[found[0].precedent.id]["route"]
    golden = board["chair"].client.get(f"/precedents/{found[0].precedent.id}/golden").text
    assert re.search(r"^    cautions: \[.*plan-for-september-2026.*\]$", golden, re.M)


def test_the_file_of_precedents_is_the_one_that_compare_reads(board: Running, tmp_path: Path) -> None:
    answer = board["chair"].client.get("/precedents/saved/precedents.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="precedents.json"'
    file = tmp_path / "precedents.json"
    file.write_bytes(answer.content)
    read = compared.read(file)
    assert read == [one.precedent for one in _precedents(board, None)]
    by = Decider(policies("illustrative").policy)
    assert not any(one.overturned for one in compared.hold(read[:5], by, by))


def test_a_precedent_as_a_golden_case_passes_and_names_nobody(board: Running, tmp_path: Path) -> None:
    """A precedent can be turned into a golden case, the adopted change marked."""
    first = _precedents(board, None)[0]
    answer = board["chair"].client.get(f"/precedents/{first.precedent.id}/golden")
    file = tmp_path / "precedent.yaml"
    file.write_bytes(answer.content)
    (pinned,) = golden.load(file, "tests/golden/illustrative/precedent.yaml")
    by = Decider(policies("illustrative").policy)
    assert golden.differences(pinned.golden, by) == []
    assert pinned.golden.case["adaptation_level"] == first.precedent.now
    assert "# as the board changed it" in answer.text
    assert first.ref not in answer.text
    assert not any(name.startswith("rating_") for name in pinned.golden.case)
    assert set(pinned.golden.expect) >= {"route", "band", "amount"}
    board["chair"].get("/precedents/0000000000000000/golden", 404)


def test_the_commands_write_what_the_pages_show(
    board: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ["--database", board.settings.database, "--scenario", "illustrative", "--root", str(board.settings.root)]
    file = tmp_path / "out.json"
    status, _, err = senpolicy(capsys, "board", "precedents", "-o", str(file), *chosen)
    found = _precedents(board, None)
    assert status == 0
    assert f"{len(found)} precedents written to out.json." in err
    assert compared.read(file) == [one.precedent for one in found]
    status, out, _ = senpolicy(capsys, "board", "golden", found[0].precedent.id[:10], *chosen)
    assert (status, out) == (0, stored.golden(found[0].precedent, policies("illustrative")))
    status, _, err = senpolicy(capsys, "board", "golden", "zzz", *chosen)
    assert status == 2
    assert "no precedent starts with that id" in err


# The trail, from outside.


@pytest.fixture(scope="module")
def exported(board: Running, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    from senpolicy_board import trail_file

    with board.store.reading():
        return list(trail_file.lines())


def check(capsys: pytest.CaptureFixture[str], source: Path, *more: str) -> tuple[int, str]:
    status, out, err = senpolicy(capsys, "verify-record", "--trail", str(source), *more)
    return status, out + err


def test_a_trail_stands_as_a_file_and_in_its_database(
    board: Running, exported: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify-record proves it offline."""
    database = Path(board.settings.database.removeprefix("sqlite:///"))
    status, said = check(capsys, database)
    assert status == 0, said
    assert "every row of the database is as the trail gives it" in said
    file = tmp_path / "trail.jsonl"
    assert senpolicy(capsys, "board", "trail", "-o", str(file), "--database", board.settings.database)[0] == 0
    status, said = check(capsys, file, "--head", json.loads(exported[-1])["hash"])
    assert status == 0
    assert f"unbroken from entry 1 to {len(exported)}" in said


@pytest.mark.parametrize("how", ["changed", "removed", "swapped", "forged", "no entry"])
def test_the_first_broken_entry_is_named(
    how: str, exported: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever changes an entry would have to change each one after it, and the hash that a meeting has closed with."""
    lines, at = list(exported), len(exported) // 2
    entry = json.loads(lines[at])
    if how == "changed":
        lines[at] = json.dumps(entry | {"actor": "another"}) + "\n"
    elif how == "removed":
        del lines[at]
    elif how == "swapped":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif how == "forged":
        # The entry gets a hash that fits; the one after it no longer continues it.
        fields = {**entry, "actor": "another"}
        fields["hash"] = trail.hash_of(*(fields[name] for name in
                                         ("seq", "at", "actor", "action", "subject", "detail", "previous")))  # fmt: skip
        lines[at] = json.dumps(fields) + "\n"
    else:
        lines[at] = "{}\n"
    file = tmp_path / "trail.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    status, said = check(capsys, file)
    assert status == 1
    first = said.splitlines()[1]
    expected = {
        "changed": f"entry {at + 1} is not what was recorded",
        "removed": f"entry {at + 2} stands where entry {at + 1} should",
        "swapped": f"entry {at + 2} stands where entry {at + 1} should",
        "forged": f"entry {at + 2} does not continue the entry before it",
        "no entry": f"line {at + 1} is not an entry of a trail; what follows was not checked",
    }
    assert first.strip() == expected[how]


def test_a_trail_that_was_cut_short_is_known_by_the_hash_of_a_closed_meeting(
    exported: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "trail.jsonl"
    file.write_text("".join(exported[:-3]), encoding="utf-8")
    assert check(capsys, file)[0] == 0
    status, said = check(capsys, file, "--head", json.loads(exported[-2])["hash"])
    assert status == 1
    assert "cut short or written again" in said


def test_a_database_whose_contents_were_changed_behind_its_back_is_found(
    board: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The chain alone would not tell: each rating's seal stands in it."""
    copy = tmp_path / "board.db"
    with sqlite3.connect(board.settings.database.removeprefix("sqlite:///")) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with sqlite3.connect(copy) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE scoring SET ratings = replace(ratings, 'sen_support', 'specific_allocation_4')")
    db.close()
    status, said = check(capsys, copy)
    assert status == 1
    assert "is not what was recorded" in said


def test_what_holds_no_trail_is_said_to_hold_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, tmp_path / "nothing.db")[0] == 2
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE other (id INTEGER)")
    db.close()
    status, said = check(capsys, tmp_path / "other.db")
    assert status == 2
    assert "not a database of a board" in said
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert check(capsys, damaged)[0] == 2
    shutil.copy(tmp_path / "other.db", tmp_path / "copy.db")
