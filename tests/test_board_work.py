"""The board's work: samples, blind ratings, comparing, deciding, meetings, and two members at once."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import DatabaseError

from board_app import (
    AREAS,
    PASSWORD,
    TOKEN,
    Browser,
    Running,
    boards,
    caseload,
    execute,
    faults,
    load,
    running,
    version_of,
)
from board_proof import CHANGE, LEVEL, PLAN, ratings
from golden_files import FROZEN, ROOT
from running import senpolicy
from senpolicy.deciding import record as decision_record
from senpolicy.files.problems import WrongUse
from senpolicy_board import accounts, loading, sampling, trail
from senpolicy_board.pages import meetings as meeting_pages
from senpolicy_board.scoring import CONFLICTS
from senpolicy_board.store import compact, must_not_own
from senpolicy_board.tables import BoardCase, BoardOutcome, Meeting, Pick, Sample, Scoring, TrailEntry

#: The edition as a whole, on which a change to any level may rest.
WHOLE = {"paragraph": "own-illustration/all"}
MEETING = {"title": "November", "area": "area_1", "day": "5", "month": "10", "year": "2026"}


def drawn(folder: Path) -> Running:
    """A board with a caseload of which a sample has been drawn."""
    made = running(folder)
    key = load(made)
    answer = made["chair"].post(f"/caseloads/{key}/sample", PLAN)
    assert answer.status_code == 200, answer.text[:2000]
    return made


def meets(board: Running) -> str:
    """Open a meeting at which everybody is present, and return its path."""
    path = str(board["chair"].post("/meetings", MEETING).url.path)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    assert board["chair"].post(path, {"version": "1", "present": there, "minutes": ""}).status_code == 200
    return path


# Some tests tamper with their board, so it is not proved after each.
first, board = boards(drawn, proves=False)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a board that has changed one level, closed."""
    folder = tmp_path_factory.mktemp("settled")
    made = drawn(folder)
    approved(made, picked(made)[0].key)
    compact(made.store)
    made.store.close()
    return folder / "board.db"


def picked(board: Running) -> list[BoardCase]:
    """The cases in the sample, those first whose level a change can raise."""
    with board.store.reading():
        cases = list(BoardCase.objects.filter(picks__replaced_at=None, picks__isnull=False).order_by("id"))
    return sorted(cases, key=lambda case: case.level == CHANGE["to"])


def rate(board: Running, who: str, key: str, **more: str) -> Any:
    return board[who].post(f"/cases/{key}/score", ratings(**more))


def decided(board: Running, key: str, **more: str) -> Any:
    """Have a case rated by two moderators and a change proposed by the first."""
    for who in ("mod-1", "mod-2"):
        assert rate(board, who, key).status_code == 200
    return board["mod-1"].post(f"/cases/{key}/decide", CHANGE | more)


def entries(board: Running) -> list[tuple[str, str]]:
    with board.store.reading():
        return [(one.action, one.subject) for one in TrailEntry.objects.order_by("seq")]


def sound(board: Running) -> bool:
    return not faults(board.store)


def test_the_whole_walk_ends_in_a_closed_record_that_verifies(board: Running) -> None:
    chair, key = board["chair"], picked(board)[0].key
    meeting = meets(board).rsplit("/", 1)[1]
    decided(board, key, meeting=meeting)
    shown = board["mod-2"].get(f"/cases/{key}/decide")
    outcome = shown.select_one("form[action^='/outcomes/']")["action"]  # type: ignore[index]
    version = version_of(shown)
    answer = board["mod-2"].post(str(outcome), {"version": str(version), "do": "approve"})
    assert "What stands" in answer.text
    page = chair.get(f"/meetings/{meeting}")
    there = [box["value"] for box in page.select("input[name=present][checked]")]
    answer = chair.post(
        f"/meetings/{meeting}",
        {"version": version_of(page), "present": there, "minutes": "Two points.",
         "do": "close"},
    )  # fmt: skip
    assert "The record was closed" in answer.text
    with board.store.reading():
        head = re.search(r"[0-9a-f]{64}", answer.text.split("Its hash")[1])
        assert head
        found = trail.verify(TrailEntry.objects.order_by("seq"), head=head.group())
        assert found.faults == ()
        record = Meeting.objects.get().record
    assert record
    assert record["counts"] == {"changed": 1}
    assert "BD-0" not in trail.canonical(record)
    assert sound(board)
    for change in ("UPDATE meeting SET minutes = 'x'", "DELETE FROM meeting", "DELETE FROM present",
                   "UPDATE outcome SET kind = 'agreed'", "UPDATE scoring SET note = 'x'",
                   "DELETE FROM scoring", "UPDATE outcome SET state = 'proposed'"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)
    done = [action for action, _ in entries(board)]
    for action in ("caseload loaded", "sample drawn", "ratings confirmed", "change proposed", "change approved",
                   "meeting closed", "viewed"):  # fmt: skip
        assert action in done


#: What would tell a moderator how a case was mapped, were it on a page.
TELLING = re.compile(r"band[ _]\d|specific allocation \d \(illustrative\)</d|£|tariff", re.I)


def test_no_page_tells_a_moderator_anything_before_their_ratings_are_confirmed(board: Running) -> None:
    case = picked(board)[0]
    with board.store.reading():
        sample = Sample.objects.get().key
        loaded = BoardCase.objects.get(pk=case.id).caseload.key
    moderator = board["mod-1"]
    pages = {path for method, path in board.app.board.actions if method == "GET"}
    tried = 0
    for path in sorted(pages):
        key = {"caseloads": loaded, "samples": sample}.get(path.split("/")[1], case.key)
        answer = moderator.client.get(path.replace("{key}", key))
        where = answer.url.path
        if path.startswith("/cases/{key}") and path not in ("/cases/{key}/conflict",):
            assert answer.status_code == 403 or where == f"/cases/{case.key}/score", path
        facts = re.sub(r"<form.*?</form>", "", answer.text, flags=re.S)  # The form lists every level there is.
        assert not TELLING.search(facts), (path, TELLING.search(facts))
        tried += 1
    assert tried >= 12
    form = moderator.get(f"/cases/{case.key}/score")
    assert not form.select("input[checked]"), "nothing is chosen beforehand"
    rate(board, "mod-1", case.key)
    assert moderator.get(f"/cases/{case.key}").h1.text == f"Case {case.ref}"  # type: ignore[union-attr]
    assert board["mod-2"].client.get(f"/cases/{case.key}").url.path.endswith("/score"), "the other is still blind"


def test_a_case_outside_the_sample_is_not_open_to_a_moderator(board: Running) -> None:
    inside = {case.key for case in picked(board)}
    with board.store.reading():
        outside = next((one.key for one in BoardCase.objects.all() if one.key not in inside), None)
    if outside is None:
        key = load(board, caseload(3), title="Spring 2027")
        with board.store.reading():
            outside = BoardCase.objects.filter(caseload__key=key)[0].key
    for path in ("", "/score", "/decide", "/why-not", "/case.pdf"):
        board["mod-1"].get(f"/cases/{outside}{path}", 403)


def test_confirmed_ratings_are_final_and_a_draft_comes_back(board: Running) -> None:
    key = picked(board)[0].key
    moderator = board["mod-1"]
    moderator.post(f"/cases/{key}/score", ratings(do="save", note="Reads alone."))
    page = moderator.get(f"/cases/{key}/score")
    assert len(page.select("input[checked]")) == len(AREAS)
    assert "Reads alone." in page.select_one("#note").text  # type: ignore[union-attr]
    incomplete = {**ratings(version="1"), f"area_{AREAS[0]}": ""}
    answer = moderator.post(f"/cases/{key}/score", incomplete)
    assert (answer.status_code, "Rate every area" in answer.text) == (422, True)
    rate(board, "mod-1", key, version="1")
    answer = rate(board, "mod-1", key, version="2", level="sen_support")
    assert answer.url.path.endswith("/decide"), "it leads on, and changes nothing"
    with board.store.reading():
        kept = Scoring.objects.get()
    assert kept.ratings
    assert set(kept.ratings["areas"].values()) == {LEVEL}


def test_two_windows_never_lose_each_others_ratings(board: Running) -> None:
    key = picked(board)[0].key
    moderator = board["mod-1"]
    moderator.post(f"/cases/{key}/score", ratings(do="save", note="From the first."))
    answer = moderator.post(f"/cases/{key}/score", ratings("sen_support", do="save", note="From the second."))
    assert answer.status_code == 409
    assert "From the first." in answer.text
    assert "From the second." in answer.text
    assert 'name="version" value="1"' in answer.text, "saving again is deliberate"


def test_two_moderators_who_decide_at_once_both_see_both(board: Running) -> None:
    key = picked(board)[0].key
    decided(board, key)
    second = CHANGE | WHOLE | {"to": "sen_support", "reason": "To my mind it is the lower level."}
    answer = board["mod-2"].post(f"/cases/{key}/decide", second)
    assert answer.status_code == 409
    assert "To my mind it is the lower level." in answer.text
    assert CHANGE["reason"] in answer.text
    with board.store.reading():
        assert [one.content["to"] for one in BoardOutcome.objects.all() if one.content] == [CHANGE["to"]]


def test_a_meeting_tells_nothing_of_a_case_that_someone_has_still_to_rate(board: Running) -> None:
    key = picked(board)[0].key
    path = meets(board)
    decided(board, key, meeting=path.rsplit("/", 1)[1])
    assert f"/cases/{key}" in str(board["chair"].get(path))
    assert f"/cases/{key}" in str(board["mod-2"].get(path))
    assert f"/cases/{key}" not in str(board["mod-3"].get(path))
    assert "1 case is not shown to you" in board["mod-3"].get(path).text


def test_two_who_save_a_meeting_at_once_both_see_both(board: Running) -> None:
    chair = board["chair"]
    path = chair.post("/meetings", MEETING).url.path
    there = [str(box["value"]) for box in chair.get(path).select("input[name=present]")]
    chair.post(path, {"version": "1", "present": there[:1], "minutes": ""})
    answer = chair.post(path, {"version": "1", "present": there[1:2], "minutes": "A second hand."})
    assert answer.status_code == 409
    assert "Chair saved this meeting meanwhile" in answer.text
    assert "A second hand." in answer.text


def chairs(board: Running) -> tuple[Browser, Browser]:
    """Two chairs, each with a browser."""
    with board.store.writing():
        accounts.add(board.settings, "chair-2", "Chair 2", "chair", PASSWORD)
    return board["chair"], board["chair-2"]


def said_of(page: Any) -> str:
    return " ".join(BeautifulSoup(page.text, "html.parser").get_text(" ").split())


def test_two_chairs_who_save_a_meeting_at_the_same_moment_never_lose_each_others_work(
    board: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have sent their form, and wait for each other at the last step before the database; over and over.

    One is saved. The other is told who saved, what, and in what the two differ, and keeps what they wrote.
    """
    hands, gate = chairs(board), threading.Barrier(2)
    path = hands[0].post("/meetings", MEETING).url.path
    there = [str(box["value"]) for box in hands[0].get(path).select("input[name=present]")]
    labels = [box.text.rsplit(" (", 1)[0] for box in hands[0].get(path).select("fieldset label")]
    held = meeting_pages.naming

    def meet(*given: Any) -> list[str]:
        gate.wait(30)
        return held(*given)

    for turn in range(4):
        version = version_of(hands[0].get(path))
        wrote = [f"Point {turn} of the first.", f"Point {turn} of the second."]
        forms = [
            {TOKEN: hand.token(path), "version": version, "present": [there[place]], "minutes": words}
            for place, (hand, words) in enumerate(zip(hands, wrote, strict=True))
        ]
        monkeypatch.setattr(meeting_pages, "naming", meet)
        answers = at_once(
            *(partial(hand.client.post, path, data=form) for hand, form in zip(hands, forms, strict=True))
        )
        monkeypatch.setattr(meeting_pages, "naming", held)
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
        kept, told = 1 - lost, said_of(answers[lost])
        assert f"{('Chair', 'Chair 2')[kept]} saved this meeting meanwhile" in told
        assert f"Minutes: {wrote[kept]}" in told
        assert f"Only in yours present: {labels[lost]}" in told
        assert f"Only in what is saved present: {labels[kept]}" in told
        form = BeautifulSoup(answers[lost].text, "html.parser")
        assert form.textarea
        assert form.textarea.text.strip() == wrote[lost]
        assert [box["value"] for box in form.select("input[name=present][checked]")] == [there[lost]]
        with board.store.reading():
            meeting = Meeting.objects.get()
            assert (meeting.minutes, [one.account.key for one in meeting.present.all()]) == (wrote[kept], [there[kept]])
        # Saved again with the version that they were shown, both are in it.
        again = forms[lost] | {"version": version_of(form)}
        again |= {"present": there[:2], "minutes": "\n".join(wrote)}
        assert hands[lost].client.post(path, data=again).status_code == 200
    assert sound(board)


def test_who_saves_a_meeting_that_the_other_chair_has_closed_keeps_what_they_wrote(board: Running) -> None:
    first, second = chairs(board)
    path = first.post("/meetings", MEETING).url.path
    there = [str(box["value"]) for box in first.get(path).select("input[name=present]")]
    first.post(path, {"version": "1", "present": there[:1], "minutes": "Closed early.", "do": "close"})
    answer = second.post(path, {"version": "1", "present": there[1:2], "minutes": "One more point."})
    assert answer.status_code == 409
    said = said_of(answer)
    for words in ("Chair closed this meeting meanwhile", "Minutes: Closed early.", "Minutes: One more point."):
        assert words in said
    with board.store.reading():
        assert Meeting.objects.get().minutes == "Closed early."


def test_a_meeting_that_cannot_be_closed_yet_keeps_what_was_written(board: Running) -> None:
    path = meets(board)
    decided(board, picked(board)[0].key, meeting=path.rsplit("/", 1)[1])
    page = board["chair"].get(path)
    there = [str(box["value"]) for box in page.select("input[name=present]")]
    version = version_of(page)
    sent = {"version": version, "present": there, "minutes": "A long minute.", "do": "close"}
    answer = board["chair"].post(path, sent)
    assert answer.status_code == 409
    assert "A change waits for approval" in answer.text
    assert "A long minute.</textarea>" in answer.text
    assert "meanwhile" not in said_of(answer)


def test_nobody_approves_their_own_change(board: Running) -> None:
    key = picked(board)[0].key
    decided(board, key)
    with board.store.reading():
        outcome = BoardOutcome.objects.get()
    answer = board["mod-1"].post(f"/outcomes/{outcome.key}/approve", {"version": "1", "do": "approve"})
    assert (answer.status_code, "yourself" in answer.text) == (403, True)
    answer = board["mod-3"].post(f"/outcomes/{outcome.key}/approve", {"version": "1", "do": "approve"})
    assert answer.url.path.endswith("/score"), "who has not rated the case does not approve"
    answer = board["chair"].post(
        f"/outcomes/{outcome.key}/approve", {"version": "1", "do": "decline", "because": "x y"}
    )
    assert "Declined: a change" in answer.text
    late = board["mod-2"].post(
        f"/outcomes/{outcome.key}/approve", {"version": "1", "do": "decline", "because": "No day is given."}
    )
    assert (late.status_code, "What you wrote has not been saved: No day is given." in late.text) == (409, True)
    with board.store.reading():
        assert BoardCase.objects.get(key=key).settled_at is None


@pytest.mark.parametrize("missing", ["to", "reason", "paragraph"])
def test_a_change_needs_its_reason_and_paragraph(board: Running, missing: str) -> None:
    key = picked(board)[0].key
    assert decided(board, key, **{missing: ""}).status_code == 422
    with board.store.reading():
        assert list(BoardOutcome.objects.all()) == []


def test_a_case_is_decided_only_once_enough_have_rated_it(board: Running) -> None:
    key = picked(board)[0].key
    rate(board, "mod-1", key)
    assert board["mod-1"].post(f"/cases/{key}/decide", CHANGE).status_code == 409


@pytest.mark.parametrize("who", ["mod-1", "chair"])
def test_a_declared_conflict_bars_from_the_case_everywhere(board: Running, who: str) -> None:
    key = picked(board)[0].key
    answer = board[who].post(f"/cases/{key}/conflict", {"kind": next(iter(CONFLICTS))})
    assert answer.status_code == 200
    for path in ("", "/decide", "/why-not", "/case.pdf"):
        assert "barred" in board[who].get(f"/cases/{key}{path}", 403).text
    if who == "mod-1":
        assert rate(board, who, key).status_code == 403
        assert key not in str(board[who].get("/"))
    assert board[who].post(f"/cases/{key}/decide", CHANGE).status_code == 403
    with pytest.raises(DatabaseError, match="never"):
        execute(board.owner, "DELETE FROM conflict")


def test_words_that_name_somebody_are_not_kept(board: Running) -> None:
    key = picked(board)[0].key
    named = "Spoke with " + " ".join(["Erin", "Ashdown"])
    assert rate(board, "mod-1", key, note=named).status_code == 422
    assert decided(board, key, reason=named).status_code == 422
    assert board["chair"].post("/meetings", MEETING | {"title": named}).status_code == 422


def test_a_case_is_replaced_by_the_next_of_its_stratum_or_by_none(board: Running) -> None:
    with board.store.reading():
        pick = Pick.objects.filter(why="stratum").first()
        assert pick
    answer = board["chair"].post(f"/picks/{pick.key}/replace", {"because": "The pupil has moved away."})
    assert answer.status_code == 200
    with board.store.reading():
        gone = Pick.objects.get(pk=pick.id)
        assert gone.replaced_at is not None
        if gone.replaced_by_id:
            new = Pick.objects.get(pk=gone.replaced_by_id)
            assert (new.why, new.stratum) == ("replacement", gone.stratum)
    board["mod-1"].get(f"/cases/{picked(board)[0].key}/score")


def units() -> list[sampling.SamplingUnit]:
    return [
        sampling.SamplingUnit(
            f"k{n}", f"R-{n}", f"C{n % 4}", f"L{n % 3}", None if n % 11 == 0 else n * 100, n % 13 == 0, n % 29 == 0
        )
        for n in range(1, 301)
    ]


def test_a_sample_is_the_same_for_the_same_seed_and_covers_every_stratum() -> None:
    plan = sampling.Plan(per_cent=10, fewest=1, most=3)
    drawn = sampling.draw(units(), plan, 7)
    assert drawn == sampling.draw(list(reversed(units())), plan, 7)
    assert {one.unit.key for one in drawn} != {one.unit.key for one in sampling.draw(units(), plan, 8)}
    open_units = [unit for unit in units() if not unit.out]
    limits = sampling.limits_of(units())
    strata: dict[str, list[sampling.SamplingUnit]] = {}
    for unit in open_units:
        strata.setdefault(sampling.stratum_of(unit, plan, limits), []).append(unit)
    inside = {name: [one for one in drawn if one.stratum == name] for name in strata}
    for name, cases in strata.items():
        above = sum(unit.above for unit in cases)
        assert len(inside[name]) == max(above, sampling.wanted(len(cases), plan))
    assert {unit.key for unit in open_units if unit.above} <= {one.unit.key for one in drawn}
    assert not {unit.key for unit in units() if unit.out} & {one.unit.key for one in drawn}


def test_strata_that_are_not_combined_see_everything_with_far_fewer_cases() -> None:
    plan, crossed = sampling.Plan(crossed=False), sampling.Plan()
    drawn, many = sampling.draw(units(), plan, 7), sampling.draw(units(), crossed, 7)
    limits = sampling.limits_of(units())
    open_units = [unit for unit in units() if not unit.out]
    assert drawn == sampling.draw(list(reversed(units())), plan, 7)
    counts = Counter(name for unit in open_units for name in sampling.strata_of(unit, plan, limits))
    inside = Counter(name for one in drawn for name in sampling.strata_of(one.unit, plan, limits))
    assert all(inside[name] >= sampling.wanted(count, plan) for name, count in counts.items()), (
        "each Community and level"
    )
    assert {unit.key for unit in open_units if unit.above} <= {one.unit.key for one in drawn}
    further = [one for one in drawn if one.why == "stratum"]
    assert len(further) < len([one for one in many if one.why == "stratum"]) / 3


def test_a_replacement_is_the_next_of_the_stratum_and_never_a_case_that_was_drawn() -> None:
    plan = sampling.Plan(per_cent=10, fewest=1, most=3)
    drawn = sampling.draw(units(), plan, 7)
    gone = next(one for one in drawn if one.why == "stratum")
    taken = {one.unit.key for one in drawn}
    while found := sampling.replacement(units(), plan, 7, gone.unit, taken):
        assert found.stratum == gone.stratum
        assert found.unit.key not in taken
        taken.add(found.unit.key)
    limits = sampling.limits_of(units())
    same = {u.key for u in units() if not u.out and sampling.stratum_of(u, plan, limits) == gone.stratum}
    assert same <= taken


def test_retention_removes_every_fact_and_the_chain_still_verifies(board: Running) -> None:
    key = picked(board)[0].key
    decided(board, key)
    rate(board, "mod-3", picked(board)[1].key, do="save")
    with board.store.writing():
        assert loading.remove(board.settings, board.clock())["cases"] == 0, "loaded on this very moment: kept"
    board.clock.pass_by(days=400)
    with board.store.writing():
        counts = loading.remove(board.settings, board.clock())
    assert counts["cases"] == 12
    compact(board.store)
    assert sound(board)
    board.store.close()
    if not board.settings.database.startswith("sqlite"):
        return
    held = b"".join(
        path.read_bytes() for path in Path(board.settings.database.removeprefix("sqlite:///")).parent.iterdir()
    )
    for word in (b"BD-00", b"rating_", b"Community 1", b"School 2", b"mainstream", CHANGE["reason"].encode()):
        assert word not in held, word
    board["officer"].sign_in("officer")
    board["officer"].get(f"/cases/{key}", 410)


def approved(board: Running, key: str) -> None:
    """Have a case rated by two moderators, a change proposed by the first and approved by the second."""
    decided(board, key)
    approves(board, key)


def approves(board: Running, key: str) -> None:
    """Have the second moderator approve what the first proposed."""
    shown = board["mod-2"].get(f"/cases/{key}/decide")
    outcome, version = shown.select_one("form[action^='/outcomes/']"), shown.select_one("input[name=version]")
    assert outcome
    assert version
    board["mod-2"].post(str(outcome["action"]), {"version": str(version["value"]), "do": "approve"})


def proved(capsys: pytest.CaptureFixture[str], board: Running, *files: Path) -> tuple[int, str]:
    status, out, err = senpolicy(
        capsys, "verify-record", *map(str, files), "--trail", board.settings.database, "--root", str(FROZEN)
    )  # fmt: skip
    return status, out + err


def test_a_decision_is_recorded_and_record_and_trail_confirm_each_other_before_and_after_retention(
    board: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record for an agreed and for a changed level, saved from the case's page and proved with the trail."""
    changed, agreed, other = (case.key for case in picked(board)[:3])
    assert "Record of the decision" not in board["officer"].get(f"/cases/{changed}").text
    board["officer"].get(f"/cases/{changed}/record", 404)
    approved(board, changed)
    for who in ("mod-1", "mod-2"):
        rate(board, who, agreed)
    board["mod-1"].post(f"/cases/{agreed}/decide", {**CHANGE, "kind": "agreed"})
    approves(board, agreed)
    saved = []
    for key in (changed, agreed):
        page = board["officer"].get(f"/cases/{key}")
        link = page.select_one("section[aria-labelledby=record] a")
        assert link
        answer = board["officer"].client.get(str(link["href"]))
        record = answer.json()
        assert record["digest"] in page.text
        saved.append(
            tmp_path / re.findall(r'filename="(record-[0-9a-f]{12}\.json)"', answer.headers["content-disposition"])[0]
        )
        saved[-1].write_bytes(answer.content)
        script = subprocess.run([sys.executable, ROOT / "tools/verify_record.py", saved[-1], "--corpus", FROZEN],
                                capture_output=True, text=True)  # fmt: skip
        assert (script.returncode, "valid" in script.stdout) == (0, True), script.stdout
    notice = board["officer"].get(f"/cases/{changed}/notice").get_text(" ", strip=True)
    assert "The moderation board changed the level to Specific allocation 2" in notice
    assert f"The board’s reason: {CHANGE['reason']}" in notice
    assert "The moderation board looked at this case and agreed" in board["officer"].get(f"/cases/{agreed}/notice").text
    first = json.loads(saved[0].read_text())
    assert first["facts"]["known"]["adaptation_level"]["value"] == CHANGE["to"], "the board's level, not the mapped one"
    assert board["mod-3"].client.get(f"/cases/{changed}/record").status_code == 200, "settled, so it is open to members"
    assert board["mod-3"].client.get(f"/cases/{other}/record").url.path.endswith("/score"), "not before rating blind"
    assert sound(board)
    status, said = proved(capsys, board, *saved)
    assert status == 0, said
    assert said.count("decided again by the policy here, with the same result; entry ") == 2
    assert "2 decision records named" in said
    # A record that stands by itself, but that this board never wrote, is not confirmed by its trail.
    stranger = tmp_path / "stranger.json"
    stranger.write_text(decision_record.text_of(decision_record.without_facts(first) | {"digest": saved[1].name}))
    status, said = proved(capsys, board, stranger)
    assert (status, "The trail does not hold the digest of this record." in said) == (1, True)
    for change in ("UPDATE decision_record SET content = 'x'", "UPDATE decision_record SET digest = 'x'",
                   "DELETE FROM decision_record", "UPDATE decision_record SET made_at = '2020-01-01'"):  # fmt: skip
        with pytest.raises(DatabaseError, match="never"):
            execute(board.owner, change)
    board.clock.pass_by(days=400)
    with board.store.writing():
        assert loading.remove(board.settings, board.clock())["records"] == 2
    board["officer"].sign_in("officer")
    board["officer"].get(f"/cases/{changed}/record", 410)
    status, said = proved(capsys, board, *saved)
    assert status == 0, said
    assert said.count("of the trail holds its digest") == 2
    # Even without the facts, as retention asks of whoever was given a copy.
    stripped = tmp_path / "stripped.json"
    stripped.write_text(decision_record.text_of(decision_record.without_facts(first)))
    status, said = proved(capsys, board, stripped)
    assert (status, "removed from it: facts, reasons; entry" in said) == (0, True), said


def test_rows_that_are_kept_cannot_be_replaced_or_emptied_either(board: Running) -> None:
    """SQLite deletes a replaced row without asking a trigger; PostgreSQL empties a table without looking at its rows."""
    approved(board, picked(board)[0].key)
    tables = ("decision_record", "outcome", "scoring")
    if "SENPOLICY_BOARD_URL" in os.environ:
        tries = [f"TRUNCATE {table} CASCADE" for table in (*tables, "conflict", "meeting", "present", "trail")]
    else:
        tries = [f"REPLACE INTO {table} SELECT * FROM {table}" for table in tables]
    for change in tries:
        with pytest.raises(DatabaseError, match=r"never (emptied|replaced)"):
            execute(board.owner, change)
    assert sound(board)


@pytest.mark.skipif("SENPOLICY_BOARD_URL" not in os.environ, reason="SQLite has no roles; make board-postgres runs it")
def test_the_role_that_the_board_uses_owns_nothing_and_can_take_off_nothing(board: Running) -> None:
    decided(board, picked(board)[0].key)
    tries = (
        "DROP TRIGGER trail_kept ON trail", "ALTER TABLE trail DISABLE TRIGGER USER", "DROP TABLE conflict",
        "UPDATE trail SET actor = 'x'", "DELETE FROM trail", "DELETE FROM conflict", "DELETE FROM meeting",
        "TRUNCATE trail", "ALTER TABLE scoring OWNER TO CURRENT_USER", "CREATE TABLE other (id int)",
        "CREATE OR REPLACE FUNCTION trail_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "UPDATE django_migrations SET name = '0001'", "SET session_replication_role = replica",
    )  # fmt: skip
    for one in tries:
        with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
            execute(board.store, one)
    with pytest.raises(WrongUse, match="owns the board's tables"):
        must_not_own(board.owner)
    assert sound(board)


@pytest.mark.parametrize(
    ("table", "change", "says"),
    [
        ("trail", "UPDATE trail SET actor = 'another' WHERE seq = 9", "entry 9 is not what was recorded"),
        ("trail", "DELETE FROM trail WHERE seq = 9", "entry 10 stands where entry 9 should"),
        ("trail", "DELETE FROM trail", "has a seal that the trail does not hold"),
        ("trail", "UPDATE trail SET detail = 'x' WHERE seq = 9", "entry 9 is not what was recorded"),
        ("outcome", "UPDATE outcome SET state = 'stands', content = '{}'", "is not what was recorded"),
        ("board_case", "UPDATE board_case SET facts = '{}'", "is not what was recorded"),
    ],
)
def test_what_is_changed_with_the_triggers_off_is_found(
    board: Running, capsys: pytest.CaptureFixture[str], table: str, change: str, says: str
) -> None:
    """Whoever owns the database can switch its triggers off; the check finds what they did, in SQLite and PostgreSQL."""
    decided(board, picked(board)[0].key)
    assert proved(capsys, board)[0] == 0
    if "SENPOLICY_BOARD_URL" in os.environ:
        execute(board.owner, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        with board.owner.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            for (name,) in cursor.fetchall():
                execute(board.owner, f"DROP TRIGGER {name}")
    execute(board.owner, change)
    status, said = proved(capsys, board)
    assert (status, "REFUSED" in said) == (1, True), said
    found = faults(board.store)
    assert any(says in fault for fault in found), found


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do several things at the same moment, each in a thread of its own, and return what came of each."""
    gate = threading.Barrier(len(works))

    def after_the_gate(work: Callable[[], Any]) -> Any:
        gate.wait(30)
        return work()

    with ThreadPoolExecutor(len(works)) as hands:
        return [one.result(60) for one in [hands.submit(after_the_gate, work) for work in works]]


def test_two_who_decide_at_the_same_moment_never_lose_each_others_work(board: Running) -> None:
    """Really at once, over and over: one decision is kept, and the other member is shown both, their own words too."""
    for key in [case.key for case in picked(board)[:4]]:
        for who in ("mod-1", "mod-2"):
            rate(board, who, key)
        reasons = {"mod-1": "To my mind the evidence meets it.", "mod-2": "To my mind the help is for most of the day."}
        levels = {"mod-1": "specific_allocation_3", "mod-2": "specific_allocation_4"}
        sent = {who: CHANGE | WHOLE | {"reason": reasons[who], "to": levels[who]} for who in reasons}
        for who in sent:
            board[who].get(f"/cases/{key}/decide")
        answers = at_once(*(partial(board[who].post, f"/cases/{key}/decide", sent[who]) for who in sent))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert all(reason in lost.text for reason in reasons.values()), "both are on the page"
        with board.store.reading():
            kept = list(BoardOutcome.objects.filter(case__key=key))
        assert len(kept) == 1
        # The chair declines it while the other approves it: one of the two stands, and the other is told.
        path, version = f"/outcomes/{kept[0].key}/approve", str(kept[0].version)
        other = "mod-2" if answers[0].status_code == 200 else "mod-1"
        answers = at_once(
            partial(board["chair"].post, path, {"version": version, "do": "decline", "because": "No day is given."}),
            partial(board[other].post, path, {"version": version, "do": "approve"}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert sound(board)


def test_two_windows_that_save_at_the_same_moment_never_lose_each_others_ratings(board: Running) -> None:
    windows = [Browser(board.app), Browser(board.app)]
    for window in windows:
        window.sign_in("mod-1")
    for key in [case.key for case in picked(board)[:4]]:
        notes = ("From the first window.", "From the second window.")
        sent = [ratings(do="save", note=note) for note in notes]
        pairs = zip(windows, sent, strict=True)
        answers = at_once(*(partial(window.post, f"/cases/{key}/score", form) for window, form in pairs))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert all(note in lost.text for note in notes)
    assert sound(board)


@pytest.mark.skipif("SENPOLICY_BOARD_URL" in os.environ, reason="tampers with a file of SQLite")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            'UPDATE decision_record SET content = replace(content, \'"answer":"tariff"\', \'"answer":"other"\')',
            "not as it was",
        ),
        (
            "UPDATE decision_record SET content = replace(content, 'mainstream', 'special')",
            "This part is not as it was sealed",
        ),
        ("UPDATE decision_record SET content = NULL", "has been removed, though the facts of its case are kept"),
        ("DELETE FROM decision_record", "names is not kept"),
        ("UPDATE decision_record SET digest = 'sha256:0'", "has a digest that the trail does not hold"),
    ],
)
def test_a_record_that_was_changed_behind_the_boards_back_is_found(
    settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, says: str
) -> None:
    copy = tmp_path / "board.db"
    shutil.copyfile(settled, copy)
    with closing(sqlite3.connect(copy)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        assert db.execute(change).rowcount == 1
        db.commit()
    status, out, err = senpolicy(capsys, "verify-record", "--trail", str(copy), "--root", str(FROZEN))
    assert (status, says in out + err) == (1, True), out + err


def unpacked(made: bytes) -> bytes:
    """A PDF with every stream of it that is packed beside it, unpacked."""
    found = [made]
    for one in re.finditer(rb"stream\n(.*?)\nendstream", made, re.S):
        with suppress(zlib.error):
            found.append(zlib.decompress(one.group(1)))
    return b"\n".join(found)


def test_the_notice_says_only_what_is_held(board: Running) -> None:
    key = picked(board)[0].key
    page = board["officer"].get(f"/cases/{key}/notice")
    said = page.main.text if page.main else ""
    for part in ("What was decided, and why", "What it rests on", "What is open", "If you disagree"):
        assert part in said
    assert "not the council" in page.text
    # In the plain words of the policy's files: no id, no term of the engine, and no decision of the board before there is one.
    assert "The moderation board has not decided this case." in said
    assert "By which route is this pupil's Element 3 funding decided and paid?" in said
    assert "From the budget of the school's Community, on its recommendation." in said
    assert not re.search(r"undetermined|[a-z]_[a-z]|own-illustration", said, re.I), said
    # How to dispute it is not held, so nothing is made up: no deadline, no body, no address to write to.
    disputes = said.split("If you disagree")[1]
    assert "do not say how to dispute a decision" in disputes
    assert not re.search(r"\d+ (working )?(day|week|month)s?|tribunal|appeal|ombudsman|@|https?:", disputes, re.I), (
        disputes
    )
    made = board["officer"].client.get(f"/cases/{key}/notice.pdf")
    assert made.content.startswith(b"%PDF")
    inside = unpacked(made.content)
    for part in (b"pdfuaid", b"/MarkInfo", b"/StructTreeRoot", b"/Lang"):
        assert part in inside, part
    assert "BD-" not in made.headers["content-disposition"]


def test_a_case_is_shown_as_it_stood_before_side_by_side_and_why_not(board: Running) -> None:
    key = picked(board)[0].key
    page = board["officer"].get(f"/cases/{key}?as_of=before-24/00120")
    table = page.select_one("section[aria-labelledby=before] table")
    assert table
    assert table.select("tr.differs")
    board["officer"].get(f"/cases/{key}?as_of=99/00001", 404)
    found = board["officer"].get(f"/cases/{key}/why-not?answer=scope=out_of_scope")
    assert "What is in the way" in found.text
    assert "smallest change" in found.text


def test_a_case_above_the_trigger_is_in_every_sample(board: Running) -> None:
    with board.store.reading():
        rows = list(BoardCase.objects.all())
        above = {row.key for row in rows if int((row.facts or {})["proposed_allocation"].split(".")[0]) > 6000}
        assert above
        assert above == {row.key for row in rows if row.above_trigger}
        assert above <= {pick.case.key for pick in Pick.objects.all()}
