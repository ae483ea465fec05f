"""Precedents of a board, held against a draft of the policy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

import copies
from golden_files import FROZEN, ROOT, decider
from running import senpolicy
from senpolicy.comparing import precedents as compared
from senpolicy.comparing.precedents import Precedent
from senpolicy.deciding.decide import Decider
from senpolicy.files.problems import PolicyError
from wording import Wording

RATED = {
    f"rating_{area}": "specific_allocation_1"
    for area in ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health")
} | {"rating_sensory_and_physical": "specific_allocation_1"}


def base() -> Decider:
    return decider(ROOT, None, "all", "illustrative")


@cache
def precedent() -> Precedent:
    """Return a case that the ratings put at the first specific allocation, and the board one higher."""
    facts = {"age": "9", "year_group": "4", "setting": "mainstream", "plan": "ehcp", "additional_cost": "9000", **RATED}
    bare = Precedent(
        "0123456789abcdef", date(2026, 10, 1), facts, "adaptation_level", "specific_allocation_1",
        "specific_allocation_2", "A trained adult is at hand for most of the day.", "own-illustration", "all",
        "moderator", "chair", {}, {"as_of": "25/00092", "digest": "", "readings": "all", "scenario": "illustrative"},
    )  # fmt: skip
    answers = compared.answers_of(base(), bare)
    assert isinstance(answers, dict)
    assert (answers["route"]["answer"], answers["band"]["answer"]) == ("tariff", "band_2")
    return replace(bare, answers=answers)


def draft(folder: Path) -> Path:
    """Return a draft of the illustration in which bands 1 and 2 have changed places."""
    root, file = copies.copied(folder), "policy/scenarios/illustrative.yaml"
    for one, other in (("band_1", "x"), ("band_2", "band_1"), ("x", "band_2")):
        copies.replace(root, file, rf"(answer: ){one}$", rf"\g<1>{other}")
    return root


def test_under_the_policy_of_its_time_a_precedent_stands() -> None:
    (held,) = compared.hold([precedent()], base(), base())
    assert (held.overturned, held.before) == (False, False)
    assert held.follows is False


def test_a_board_member_is_told_what_was_decided_why_and_what_the_draft_would_give_on_which_paragraph() -> None:
    """The text names reason, paragraph with its document's title, both answers, and where the draft has its own from."""
    other = {**precedent().answers, "band": {"answer": "band_1"}}
    (held,) = compared.hold([replace(precedent(), answers=other)], base(), base())
    said = [text.strip() for _, text in compared.lines([held])]
    document = base().policy.corpus.documents["own-illustration"].title
    start = said.index("Precedent 0123456789abcdef, decided for 1 October 2026")
    assert said[start + 1 : start + 5] == [
        "The board changed: Specific allocation 1 (illustrative) to Specific allocation 2 (illustrative)",
        "Its reason: A trained adult is at hand for most of the day.",
        f"It rests on: {document}, all",
        "Changed by: moderator, approved by chair",
    ]
    band = said.index("* Band")
    assert said[band + 1 : band + 3] == ["was decided:    band 1", "the head gives: band 2"]
    assert said[band + 3].startswith("because of:     ")
    assert "Route" in next(one for one in said if one.startswith("As decided: "))


@pytest.mark.slow
def test_a_draft_that_gives_the_case_another_band_overturns_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Compare shows which precedents a draft policy would overturn, with the reason that they had."""
    file, head = tmp_path / "precedents.json", tmp_path / "head"
    head.mkdir()
    file.write_text(compared.as_file([precedent(), replace(precedent(), id="second", now="specific_allocation_3")]))
    arguments = [str(ROOT), str(draft(head)), "--precedents", str(file), "--scenario", "illustrative"]
    status, out, _ = senpolicy(capsys, "compare", *arguments, "--question", "scope")
    assert status == 0
    assert "Precedents of the board" in out
    assert "2 of 2 precedents would be overturned." in out
    assert "Precedent 0123456789abcdef, decided for 1 October 2026" in out
    status, out, _ = senpolicy(capsys, "compare", *arguments, "--question", "scope", "--json")
    (report,) = json.loads(out)
    first, second = report["precedents"]
    assert first["changed"]["band"]["decided"]["answer"] == "band_2"
    assert first["changed"]["band"]["would_be"]["answer"] == "band_1"
    assert (first["under_the_base_already"], second["under_the_base_already"]) == (False, True)


@pytest.mark.walk
def test_a_review_tells_of_what_was_issued_and_of_what_the_board_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command of the workflow: a folder of decisions as `decide --json` wrote them, and a file of precedents."""
    head, issued, file = tmp_path / "head", tmp_path / "decided", tmp_path / "precedents.json"
    head.mkdir()
    issued.mkdir()
    file.write_text(compared.as_file([precedent()]))
    case = tmp_path / "case.json"
    facts = {**precedent().facts, "adaptation_level": "specific_allocation_2"}
    case.write_text(json.dumps([{"case_ref": "R-0001", "decision_date": "2026-10-01", **facts}]))
    status, out, _ = senpolicy(capsys, "decide", str(case), "--scenario", "illustrative", "--json")
    assert (status, json.loads(out)[0]["answers"]["band"]["answer"]) == (0, "band_2")
    (issued / "october.json").write_text(out)
    arguments = ["review", str(ROOT), str(draft(head)), "--scenario", "illustrative", "--pupils", "50",
                 "--decided", str(issued), "--precedents", str(file)]  # fmt: skip
    status, out, _ = senpolicy(capsys, *arguments, "--markdown")
    assert status == 0, out
    assert "#### Decisions already issued\n\n```\n1 decision read; 1 would come out differently." in out
    assert "R-0001, decided for 1 October 2026" in out
    assert "Band: band 1 (issued: band 2)" in out
    assert "#### Precedents of the board" in out
    assert "### Money, over 50 made-up pupils" in out
    assert "The rest is left out" not in out
    assert "1 of 1 precedents would be overturned." in out
    status, out, _ = senpolicy(capsys, *arguments, "--json")
    comparison = json.loads(out)[0]["comparison"]
    assert [len(comparison[name]) for name in ("issued", "precedents")] == [1, 1]
    (issued / "notes.json").write_text("not JSON")
    status, out, err = senpolicy(capsys, *arguments, "--markdown")
    assert status == 1
    assert "notes.json: This is not a file of decisions." in err
    assert "This review was not made to its end." in out
    assert "`notes.json` This is not a file of decisions." in out
    assert "would come out differently" not in out


def test_a_draft_that_leads_to_the_boards_level_by_itself_is_said_to_follow() -> None:
    """Then the reason has found its way into the descriptors, and the precedent has done its work."""
    rated = {**precedent().facts, "rating_cognition_and_learning": "specific_allocation_2"}
    (held,) = compared.hold([replace(precedent(), facts=rated)], base(), base())
    assert held.follows is True
    assert "1 of them the head leads to by itself" in " ".join(text for _, text in compared.lines([held]))


def test_a_level_that_is_no_more_is_no_longer_decided() -> None:
    (held,) = compared.hold([replace(precedent(), now="specific_allocation_9")], base(), base())
    assert held.overturned
    assert "not one of the values" in held.refused


def test_a_file_of_precedents_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "precedents.json"
    file.write_text(compared.as_file([precedent()]), encoding="utf-8")
    assert compared.read(file) == [precedent()]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff", b'{"format": "senpolicy precedents", "version": "2", "precedents": []}', b"[" * 9000,
     b'{"format": "senpolicy precedents", "version": "1", "precedents": [{"id": "x"}]}'],
)  # fmt: skip
def test_what_is_no_file_of_precedents_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "precedents.json"
    file.write_bytes(content)
    with pytest.raises(PolicyError) as raised:
        compared.read(file)
    assert {problem.code for problem in raised.value.problems} == {"not-precedents"}


def test_no_message_about_precedents_repeats_a_value(tmp_path: Path) -> None:
    data: Any = json.loads(compared.as_file([precedent()]))
    data["precedents"][0]["decision_date"] = "secret-day"
    file = tmp_path / "precedents.json"
    file.write_text(json.dumps(data))
    with pytest.raises(PolicyError) as raised:
        compared.read(file)
    assert "secret-day" not in str(raised.value)


def test_all_that_is_said_of_precedents(snapshot: SnapshotAssertion) -> None:
    """Those that are overturned and those that are not, by one answer or by all, and one that is no longer decided."""
    by = decider(FROZEN, None, "all", "illustrative")
    one, band = precedent(), {"answer": "band_9", "pounds_a_year": "1.00"}
    waits = {"answer": "undetermined", "missing_facts": ["age"], "open_points": ["A1-rate-of-exactly-6000"]}
    groups = {
        "none": [],
        "one that is upheld": [one],
        "some that are upheld": [one, replace(one, id="second")],
        "one that the ratings lead to": [
            replace(one, now="specific_allocation_1", answers={**one.answers, "band": band})
        ],
        "some that are overturned": [
            one,
            replace(one, id="an-answer", approved_by="", answers={**one.answers, "band": band, "route": waits}),
            replace(one, id="all-answers", answers=dict.fromkeys(one.answers, band)),
            replace(one, id="no-answer", answers={**one.answers, "band": {}}),
            replace(one, id="not-decided", facts=one.facts | {"age": "200"}),
        ],
    }
    said = []
    for name, some in groups.items():
        said += [f"== {name}", *(f"{style}| {text}" for style, text in compared.lines(compared.hold(some, by, by)))]
    assert "\n".join(said) == snapshot(extension_class=Wording)
