"""Every kind of case: where the rules give two answers or none, or the two evaluators differ, it is found and named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import generated
from copies import copied, replace
from golden_files import ROOT, decider, loaded
from senpolicy import timeline
from senpolicy.cases import Case, read_text
from senpolicy.cli import every_command
from senpolicy.decide import Decider, NotIssued
from senpolicy.problems import Problem
from senpolicy.readings import durable, fire
from senpolicy.regions import faults

#: A row of rules/route.yaml under `open`, and one under `answers`, with all their lines.
OPEN_A1 = r"^      - point: A1-rate-of-exactly-6000\n(?:       .*\n)+"
NEW_PLAN = r"^      - id: new-plan\n(?:       .*\n)+"
#: The cost is exactly what the school meets first: only `at_most` makes it so.
AT_THE_LIMIT = """
case_ref: K-1
decision_date: 2025-10-01
age: 9
setting: mainstream
plan: sen_support
additional_cost: 6000.00
"""


def found(root: Path) -> list[Problem]:
    """Return the faults of the corpus below `root`, with all decisions that have been taken and all readings."""
    return faults(timeline.policy(loaded(root)))


@pytest.mark.parametrize("pins", [*generated.POLICIES.values(), (None, "none")])
def test_the_policy_has_one_answer_or_one_open_point_for_every_kind_of_case(pins: tuple[str | None, str]) -> None:
    """Design: unique, not first match; what no answer covers an open point covers by name; both evaluators agree."""
    as_of, readings = pins
    assert faults(timeline.policy(loaded(ROOT), as_of=as_of, readings=readings)) == []


def test_the_policy_with_what_is_proposed_is_sound_too() -> None:
    """`senpolicy check` looks at proposals as well."""
    assert faults(timeline.policy(loaded(ROOT), include_proposed=True)) == []


def test_an_open_point_that_is_taken_out_leaves_a_gap_that_is_named(tmp_path: Path) -> None:
    """Nothing falls through: a rate of exactly £6,000 (600,000 pence) would have neither answer nor open point."""
    replace(copied(tmp_path), "rules/route.yaml", OPEN_A1, "")
    (fault,) = found(tmp_path)
    assert fault.code == "gap"
    assert fault.place.file == "rules/route.yaml"
    assert "'route'" in fault.message
    assert "element3_rate: 6000.00" in fault.message
    assert not fault.warning


def test_a_row_that_is_written_twice_with_another_answer_is_an_overlap(tmp_path: Path) -> None:
    """Order means nothing: where two rows hold, neither wins."""
    text = (ROOT / "rules/route.yaml").read_text(encoding="utf-8")
    copied(tmp_path)
    replace(tmp_path, "rules/route.yaml", NEW_PLAN, r"\g<0>ANOTHER")
    path = tmp_path / "rules/route.yaml"
    row = path.read_text(encoding="utf-8").partition("ANOTHER")[0].rpartition("      - id: new-plan\n")[2]
    other = "      - id: another-new-plan\n" + row.replace("answer: community_budget", "answer: tariff")
    path.write_text(path.read_text(encoding="utf-8").replace("ANOTHER", other), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8")) > len(text)
    (fault,) = found(tmp_path)
    assert fault.code == "overlap"
    assert "route/another-new-plan" in fault.help
    assert "route/new-plan" in fault.help
    assert "ehcp_issued_on: 2025-09-0" in fault.message
    assert fault.place.line > 1


@pytest.mark.parametrize(("operator", "wrong"), [("lt", "$lte"), ("lte", "$lt"), ("gt", "$gte"), ("gte", "$gt")])
def test_a_comparison_that_goes_wrong_in_the_rule_engine_is_found(
    monkeypatch: pytest.MonkeyPatch, operator: str, wrong: str
) -> None:
    """Two evaluators, fail closed: an error of one of them is seen before any case is decided."""
    monkeypatch.setitem(durable.OPERATORS, operator, wrong)
    wrongly = found(ROOT)
    assert wrongly
    assert {fault.code for fault in wrongly} == {"evaluators-differ"}


def test_a_difference_on_one_case_is_kept_with_both_accounts_and_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two evaluators, fail closed: where they differ no decision is issued."""
    monkeypatch.setitem(durable.OPERATORS, "lte", "$lt")
    by = Decider(timeline.policy(loaded(ROOT)))
    (case,) = read_text(AT_THE_LIMIT, "case.yaml", by.policy)
    assert isinstance(case, Case)
    result = by.decide(case)
    assert isinstance(result, NotIssued)
    assert set(result.accounts) == {"judge", "fire"}
    judged, fired = (set(result.accounts[who]) for who in ("judge", "fire"))
    assert {"scope/five-to-fifteen", "threshold/cost-within", "route/within-school-budget"} <= judged
    assert {"threshold/cost-within", "route/within-school-budget"}.isdisjoint(fired)
    assert "scope/five-to-fifteen" in fired


def test_an_engine_that_fails_issues_no_decision_and_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """durable-rules can fail in mid-run; the case is kept, and the next one has an engine of its own."""
    by = Decider(timeline.policy(loaded(ROOT)))
    (case,) = read_text(AT_THE_LIMIT, "case.yaml", by.policy)
    assert isinstance(case, Case)
    with monkeypatch.context() as patched:
        patched.setattr(fire.Fire, "holding", lambda *_: (_ for _ in ()).throw(fire.EngineFault("made up")))
        result = by.decide(case)
    assert isinstance(result, NotIssued)
    assert "made up" in result.message
    assert not isinstance(by.decide(case), NotIssued)


def test_decide_exits_with_1_where_the_evaluators_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contract: exit status 1; the list holds the reference and the problem in the decision's place."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "case.yaml"
    file.write_text(AT_THE_LIMIT, encoding="utf-8")
    command = ["decide", str(file), "--json", "--root", str(ROOT)]
    fine = CliRunner().invoke(every_command(), command)
    assert fine.exit_code == 0
    assert json.loads(fine.stdout)[0]["answers"]["route"]["answer"] == "school_budget"
    # The check of every kind of case has passed and is remembered; only the case itself can show the fault now.
    monkeypatch.setitem(durable.OPERATORS, "lte", "$lt")
    wrong = CliRunner().invoke(every_command(), command)
    assert wrong.exit_code == 1
    (kept,) = json.loads(wrong.stdout)
    assert kept["case_ref"] == "K-1"
    assert [problem["code"] for problem in kept["problems"]] == ["not-issued"]
    assert set(kept["accounts"]) == {"judge", "fire"}
    assert "answers" not in kept


def test_decide_refuses_the_policy_where_the_check_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of every kind of case is made whenever the corpus or the engine has changed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(durable.OPERATORS, "lte", "$lt")
    file = tmp_path / "case.yaml"
    file.write_text(AT_THE_LIMIT, encoding="utf-8")
    result = CliRunner().invoke(every_command(), ["decide", str(file), "--root", str(ROOT)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert {problem.code for problem in getattr(result.exception, "problems", [])} == {"evaluators-differ"}
    assert not list((tmp_path / "cache").rglob("agreed/*"))


def test_the_decider_of_the_tests_issues_the_case_at_the_limit() -> None:
    """The case above is a plain one: without the fault it is decided."""
    by = decider(ROOT, None, "all")
    (case,) = read_text(AT_THE_LIMIT, "case.yaml", by.policy)
    assert isinstance(case, Case)
    assert not isinstance(by.decide(case), NotIssued)
