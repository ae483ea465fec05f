"""Later decisions and readings: what was pinned stays as it was, and what was not pinned follows."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from copies import append, copied, replace, write
from golden_files import FROZEN, decider, differences, every, loaded
from senpolicy.checking.exhaustive import faults
from senpolicy.checking.golden import deciders
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import lines
from senpolicy.files.problems import WrongUse
from senpolicy.policy import timeline

DECISION = """\
# Illustrative: made up for a test. There is no such decision.
number: 26/00041
title: Illustrative decision, made up for a test
status: taken
taken: {unknown: It is made up.}
decides:
  - {id: illustration, says: Nothing; it is made up., source: {document: report, paragraph: "3.20"}}
documents: [report]
"""
PARAMETERS = """\
# Illustrative: made up for a test.
parameters:
  lower_support_limit:
    label: The existing Element 3 rate below which a plan counts as lower-level support in the transition
    unit: pounds_a_year
    value: 7000.00
    from: 2025-09-01
    source: {document: report, paragraph: "3.20"}
    note: Illustrative, made up for a test.
  illustrative_start:
    label: The first day of an illustrative rule
    unit: date
    value: 2025-10-01
    source: {document: report, paragraph: "3.20"}
    note: Illustrative, made up for a test.
"""
VERSION = """
  - from: $illustrative_start
    decision: 26/00041
    answers:
      - id: illustrative-out
        answer: not_applicable
        source: {document: report, paragraph: "3.20"}
        when: {fact: scope, is: out_of_scope}
      - id: illustrative-in
        answer: available
        says: Illustrative, made up for a test.
        source: {document: report, paragraph: "3.20"}
        when: {fact: scope, is: in_scope}
"""
READING = """
  - id: A1-illustrative
    point: A1-rate-of-exactly-6000
    adopted_on: 2026-12-01
    by: A policy officer
    says: Illustrative, made up for a test.
    because: It is made up.
    answers: {route: direct_existing_rate}
"""
EXACTLY_6000 = """
case_ref: K-1
decision_date: 2025-10-01
age: 9
year_group: 4
setting: mainstream
plan: ehcp
ehcp_issued_on: 2023-06-12
element3_rate: 6000.00
"""


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus with a later decision: a new value for an old parameter, and a new version of a rule."""
    root = copied(tmp_path_factory.mktemp("later"), FROZEN)
    write(root, "policy/26-00041/decision.yaml", DECISION)
    write(root, "policy/26-00041/parameters.yaml", PARAMETERS)
    replace(root, "policy/decisions.yaml", r"^  - 25/00108$", r"\g<0>\n  - 26/00041")
    append(root, "rules/exceptional_need_claim.yaml", VERSION)
    return root


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus after an officer has adopted a reading of the open point A1."""
    root = copied(tmp_path_factory.mktemp("read"), FROZEN)
    append(root, "policy/readings.yaml", READING)
    return root


def decision(by: Decider) -> Decision:
    """Return the decision on an existing plan with a rate of exactly £6,000."""
    (case,) = read_text(EXACTLY_6000, "case.yaml", by.policy)
    assert isinstance(case, Case)
    result = by.decide(case)
    assert isinstance(result, Decision)
    return result


def answer(by: Decider, question: str = "route") -> tuple[str, tuple[str, ...]]:
    """Return the answer of that decision and its open points."""
    found = decision(by).answers[question]
    return found.answer, found.open_points


OPEN = ("undetermined", ("A1-rate-of-exactly-6000",))


def red(root: Path, **pins: Any) -> list[str]:
    """Return the golden cases that come out otherwise than before with the corpus below `root`; `pins` overrule their own.

    Those are left out that are pinned as of a decision of a later day than the copy of the policy.
    """
    by, before, known = deciders(loaded(root)), deciders(loaded(FROZEN)), loaded(FROZEN)
    return [
        pinned.id
        for pinned in every()
        if pinned.as_of in known.order
        and (pinned.scenario is None or pinned.scenario in known.scenarios)
        and differences(pinned.golden, by(dataclasses.replace(pinned, **pins)))
        != differences(pinned.golden, before(pinned))
    ]


def test_a_later_decision_turns_no_golden_case_red(later: Path) -> None:
    """--as-of pins the golden cases."""
    assert red(later) == []


def test_the_same_decision_changes_golden_cases_that_are_not_pinned(later: Path) -> None:
    """Without this the test above could not fail: the decision does change answers, by its value and by its rule."""
    assert answer(decider(FROZEN, None, "all")) == OPEN
    changed = decider(later, None, "all")
    assert changed.policy.as_of == "26/00041"
    assert answer(changed) == ("community_budget", ())
    assert answer(changed, "exceptional_need_claim") == ("available", ())
    assert answer(decider(later, "24/00120", "all")) == OPEN
    assert answer(decider(later, "24/00120", "all"), "exceptional_need_claim") == ("not_available", ())
    assert len(red(later, as_of=None)) > 10


def test_the_corpus_with_the_later_decision_is_sound(later: Path) -> None:
    """The change above is one that `senpolicy check` lets through."""
    assert faults(timeline.policy(loaded(later))) == []


def test_a_decision_that_is_only_proposed_counts_only_when_asked_for(tmp_path: Path, later: Path) -> None:
    """Contract: a decision that is only proposed is left out unless --include-proposed."""
    root = copied(tmp_path / "root", FROZEN)
    write(root, "policy/26-00041/decision.yaml", DECISION.replace("status: taken\n", "status: proposed\n"))
    write(root, "policy/26-00041/parameters.yaml", PARAMETERS)
    replace(root, "policy/decisions.yaml", r"^  - 25/00108$", r"\g<0>\n  - 26/00041")
    assert answer(decider(root, None, "all")) == OPEN
    assert answer(Decider(timeline.policy(loaded(root), include_proposed=True))) == ("community_budget", ())
    with pytest.raises(WrongUse, match="only proposed"):
        timeline.policy(loaded(root), as_of="26/00041")


def test_the_engine_answers_once_an_officer_has_adopted_a_reading(read: Path) -> None:
    """An officer adopts a reading by a pull request, and the engine then answers, and names the reading."""
    assert answer(decider(FROZEN, None, "all")) == OPEN
    result = decision(decider(read, None, "all"))
    assert answer(decider(read, None, "all")) == ("direct_existing_rate", ())
    (reason,) = result.to_json()["answers"]["route"]["because"]
    assert reason["reading"] == "A1-illustrative"
    assert reason["open_point"] == "A1-rate-of-exactly-6000"
    assert any("A1-illustrative" in text for _, text in lines(result))
    assert result.answers["protection"].answer == "existing_rate_in_full"
    assert faults(timeline.policy(loaded(read))) == []


def test_without_the_reading_the_point_stays_open(read: Path) -> None:
    """Contract: --readings all, none, or up to an id."""
    before = loaded(FROZEN).readings[-1].id
    assert answer(decider(read, None, "none")) == OPEN
    assert answer(decider(read, None, before)) == OPEN
    assert answer(decider(read, None, "A1-illustrative")) == ("direct_existing_rate", ())
    with pytest.raises(WrongUse, match="A1-illustrativ'"):
        decider(read, None, "A1-illustrativ")


def test_a_later_reading_turns_no_golden_case_red(read: Path) -> None:
    """Contract: a golden case pins the readings with which it is decided."""
    assert red(read) == []
    assert red(read, readings="all")
