"""Every kind of case: where the rules give two answers or none, or the two evaluators differ, it is found and named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import generated
from copies import copied, replace
from golden_files import ROOT, decider, loaded
from senpolicy.checking import exhaustive
from senpolicy.checking.exhaustive import faults, tables
from senpolicy.cli import every_command
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, NotIssued
from senpolicy.files.problems import Problem
from senpolicy.policy import timeline
from senpolicy.proving.proofs import prove
from senpolicy.readings import durable, fire
from together import with_question, with_yes_or_no

#: The only row under `open` of a section of rules/route.yaml, and one under `answers`, with all their lines.
OPEN_A1 = r"^        open:\n          - point: A1-rate-of-exactly-6000\n(?:           .*\n)+"
NEW_PLAN = r"^          - id: new-plan\n(?:           .*\n)+"
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


def test_a_fault_that_is_mended_in_part_is_found_again(tmp_path: Path) -> None:
    """Of two versions with a gap the second adds no message; with the first mended it is told all the same."""
    file = "rules/exceptional_need_claim.yaml"
    data = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    left = {}
    for name, broken in {"both": (0, 1), "second": (1,)}.items():
        bent = copy.deepcopy(data)
        for version in broken:
            rows = bent["versions"][version]["answers"]
            rows[:] = [row for row in rows if row["id"] != "mainstream"]
        root = copied(tmp_path / name)
        (root / file).write_text(yaml.safe_dump(bent, sort_keys=False, allow_unicode=True), encoding="utf-8")
        left[name] = [fault.code for fault in found(root)]
    assert left == {"both": ["gap"], "second": ["gap"]}


def test_a_fault_that_can_be_on_no_day_of_a_period_is_looked_for_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two periods share a version: that no case has its gap in the first says nothing of the second."""
    real, september = exhaustive._QuestionWalk.real, date(2025, 9, 1)

    def from_september(self: Any, period: Any, *rest: Any) -> Any:
        return real(self, period, *rest) if period.start == september else None

    monkeypatch.setattr(exhaustive._QuestionWalk, "real", from_september)
    file = "rules/exceptional_need_claim.yaml"
    data = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    rows = data["versions"][0]["answers"]
    rows[:] = [row for row in rows if row["id"] != "mainstream"]
    root = copied(tmp_path)
    (root / file).write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    (fault,) = found(root)
    assert fault.code == "gap"


def test_a_row_that_is_written_twice_with_another_answer_is_an_overlap(tmp_path: Path) -> None:
    """Order means nothing: where two rows hold, neither wins."""
    text = (ROOT / "rules/route.yaml").read_text(encoding="utf-8")
    copied(tmp_path)
    replace(tmp_path, "rules/route.yaml", NEW_PLAN, r"\g<0>ANOTHER")
    path = tmp_path / "rules/route.yaml"
    row = path.read_text(encoding="utf-8").partition("ANOTHER")[0].rpartition("          - id: new-plan\n")[2]
    other = "          - id: another-new-plan\n" + row.replace("answer: community_budget", "answer: tariff")
    path.write_text(path.read_text(encoding="utf-8").replace("ANOTHER", other), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8")) > len(text)
    (fault,) = found(tmp_path)
    assert fault.code == "overlap"
    assert "route/another-new-plan" in fault.help
    assert "route/new-plan" in fault.help
    assert "ehcp_issued_on: 2025-09-0" in fault.message
    assert fault.place.line > 1


@pytest.fixture
def tried_anew() -> Iterator[None]:
    """Let nothing be taken from what was tried before an evaluator was made wrong, or after."""
    exhaustive._SOUND.clear()
    yield
    exhaustive._SOUND.clear()


@pytest.mark.usefixtures("tried_anew")
@pytest.mark.parametrize(("operator", "wrong"), [("lt", "$lte"), ("lte", "$lt"), ("gt", "$gte"), ("gte", "$gt")])
def test_a_comparison_that_goes_wrong_in_the_rule_engine_is_found(
    monkeypatch: pytest.MonkeyPatch, operator: str, wrong: str
) -> None:
    """Two evaluators, fail closed: an error of one of them is seen before any case is decided."""
    monkeypatch.setitem(durable.OPERATORS, operator, wrong)
    wrongly = found(ROOT)
    assert wrongly
    assert {fault.code for fault in wrongly} == {"evaluators-differ"}


@pytest.mark.usefixtures("tried_anew")
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
    assert {"scope/five-to-fifteen", "threshold/cost-within", "route/school-budget"} <= judged
    assert {"threshold/cost-within", "route/school-budget"}.isdisjoint(fired)
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


@pytest.mark.usefixtures("tried_anew")
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


@pytest.mark.usefixtures("tried_anew")
def test_decide_refuses_the_policy_where_the_check_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of every kind of case is made whenever the corpus or the engine has changed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(durable.OPERATORS, "lte", "$lt")
    file = tmp_path / "case.yaml"
    file.write_text(AT_THE_LIMIT, encoding="utf-8")
    for _ in range(2):  # That the files are in order may be remembered, and never that the rules are.
        result = CliRunner().invoke(every_command(), ["decide", str(file), "--root", str(ROOT)])
        assert result.exit_code == 1
        assert result.stdout == ""
        assert {problem.code for problem in getattr(result.exception, "problems", [])} == {"evaluators-differ"}


def test_the_decider_of_the_tests_issues_the_case_at_the_limit() -> None:
    """The case above is a plain one: without the fault it is decided."""
    by = decider(ROOT, None, "all")
    (case,) = read_text(AT_THE_LIMIT, "case.yaml", by.policy)
    assert isinstance(case, Case)
    assert not isinstance(by.decide(case), NotIssued)


# Questions that hang together, and questions that tell very many cases apart

YOUNG, OLD = "{fact: age, below: $youngest_age}", "{fact: age, at_least: $youngest_age}"
FACTS = [f"yes_or_no_{number}" for number in range(12)]


def hung(folder: Path, third: dict[str, str]) -> list[Problem]:
    """Return the faults where two questions turn on the age, and a third one on their answers alone."""
    copied(folder)
    with_question(folder, "first", ["age"], young=YOUNG, old=OLD)
    with_question(folder, "second", ["age"], small=YOUNG, tall=OLD)
    with_question(folder, "third", ["first", "second"], **third)
    return found(folder)


@pytest.mark.slow
def test_questions_that_hang_together_through_a_fact_have_no_gap_and_no_overlap(tmp_path: Path) -> None:
    """No pupil is young and tall: what the first two questions read joins them, as in the proof."""
    both = {"child": "{all: [{fact: first, is: young}, {fact: second, is: small}]}",
            "adult": "{all: [{fact: first, is: old}, {fact: second, is: tall}]}"}  # fmt: skip
    assert hung(tmp_path / "gap", both) == []
    either = {"child": "{any: [{fact: first, is: young}, {fact: second, is: small}]}",
              "adult": "{any: [{fact: first, is: old}, {fact: second, is: tall}]}"}  # fmt: skip
    assert hung(tmp_path / "overlap", either) == []
    for folder in ("gap", "overlap"):
        of = timeline.policy(loaded(tmp_path / folder))
        assert prove([of], clock=lambda: 0.0, only="third").faults == []


@pytest.mark.slow
def test_a_gap_and_an_overlap_of_such_questions_are_still_found(tmp_path: Path) -> None:
    """With a case that can be."""
    (gap,) = hung(tmp_path / "gap", {"child": "{all: [{fact: first, is: young}, {fact: second, is: small}]}"})
    assert (gap.code, "{first: old, second: tall}" in gap.message) == ("gap", True)
    (overlap,) = hung(
        tmp_path / "overlap",
        {"child": "{fact: first, is: young}", "small": "{fact: second, is: small}", "adult": "{fact: first, is: old}"},
    )
    assert (overlap.code, "{first: young, second: small}" in overlap.message) == ("overlap", True)


@pytest.mark.parametrize("fault", ["", "gap", pytest.param("overlap", marks=pytest.mark.slow)])
def test_a_condition_over_twelve_facts_is_counted_before_it_is_listed(tmp_path: Path, fault: str) -> None:
    """Half a million kinds of case took two minutes, and were given up; a fault among them is shown with a case."""
    copied(tmp_path)
    with_yes_or_no(tmp_path, FACTS)
    every = ", ".join(f"{{fact: {name}, is: true}}" for name in FACTS)
    fewer = ", ".join(f"{{fact: {name}, is: true}}" for name in FACTS[: 11 if fault == "gap" else 12])
    rows = {"all_of_them": f"{{all: [{every}]}}", "not_all": f"{{not: {{all: [{fewer}]}}}}"}
    if fault == "overlap":
        rows["last_is_no"] = f"{{all: [{{fact: {FACTS[0]}, is: true}}, {{fact: {FACTS[-1]}, is: false}}]}}"
    with_question(tmp_path, "twelve", FACTS, **rows)
    of = timeline.policy(loaded(tmp_path))
    started = process_time()
    listed, problems = tables(of)
    spent = process_time() - started
    assert [one.code for one in problems] == ([fault] if fault else [])
    assert all("twelve" not in by_question for by_question in listed)
    assert spent < 20, "it is not listed, whatever the machine"
    for problem in problems:
        assert f"{FACTS[-1]}: false" in problem.message
        assert f"{FACTS[0]}: true" in problem.message


@pytest.mark.slow
@pytest.mark.usefixtures("tried_anew")
def test_where_the_rule_engines_form_of_a_long_condition_is_wrong_the_solver_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not listed is not tried case by case: its expansion is held against the condition as a whole."""
    copied(tmp_path)
    with_yes_or_no(tmp_path, FACTS)
    every = ", ".join(f"{{fact: {name}, is: true}}" for name in FACTS)
    with_question(tmp_path, "twelve", FACTS, yes_all=f"{{all: [{every}]}}", not_all=f"{{not: {{all: [{every}]}}}}")
    of = timeline.policy(loaded(tmp_path))
    real = fire.expanded
    monkeypatch.setattr(exhaustive, "expanded", lambda condition, types: real(condition, types)[:-1])
    assert "evaluators-differ" in {one.code for one in faults(of)}
