"""Conditions with no test left: they hold always, or never, in every reading, and wherever a condition can stand."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

import always
import columned
import generated
from running import senpolicy
from senpolicy.caseloads.engines import engine
from senpolicy.checking.examples import plain_case
from senpolicy.checking.exhaustive import faults
from senpolicy.deciding.cases import Case
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.language.conditions import AllOf, AnyOf, Condition, Not
from senpolicy.readings.columns import Columns
from senpolicy.readings.say import say
from senpolicy.readings.symbolic_case import SymbolicCase

HEADS = "case_ref,decision_date,age,year_group,setting,plan,existing_claim,element3_rate,additional_cost"
ALWAYS = AllOf(())
#: The day, the age, and what the question comes to: only the last version waits for the age.
ROWS = [
    ("2024-02-28", "", "holds"), ("2025-05-28", "", "holds"), ("2025-10-28", "", "holds"),
    ("2026-10-28", "", "undetermined"), ("2026-10-28", "9", "holds"), ("2026-10-28", "3", "fails"),
]  # fmt: skip


@pytest.mark.slow
def test_such_rules_pass_the_check_and_every_reading_decides_them_alike() -> None:
    """The reference, the rule engine and the columns, facts not known included."""
    policy, source = always.policy(), random.Random(5)
    assert faults(policy) == []
    columns, by, tried = Columns(policy), Decider(policy), generated.values(policy)
    drawn = [generated.drawn(source, tried) for _ in range(1500)]
    running = engine("duckdb", columns)
    resolved = pa.concat_tables(running.resolved(iter([columned.coded(columns, drawn)]))).combine_chunks()
    running.close()
    answered = Counter[str]()
    for place, (facts, row) in enumerate(zip(drawn, columned.rows_of(columns, resolved), strict=True)):
        case = generated.given(facts, policy)
        if isinstance(case, Case):
            decision = by.decide(case)
            warned = columned.broken(resolved["warnings"].to_pylist()[place], columns.warning_rules)
            assert columned.difference(decision, row, warned) is None
            assert isinstance(decision, Decision)
            assert "always-so" in warned
            assert "made-up" in {one.id for one in decision.answers["always"].cautions}
            answered[decision.answers["always"].answer] += 1
    assert set(answered) == {"holds", "fails", "undetermined"}


@pytest.mark.slow
def test_such_rules_are_decided_by_file_by_list_and_in_a_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each command that could stumble over them: one case, a caseload, a model, a timeline, a proof, its publication."""
    folder = always.write(tmp_path / "corpus")
    cases, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    lines = [f"K-{at},{day},{age},4,mainstream,sen_support,true,3000,9000" for at, (day, age, _) in enumerate(ROWS, 1)]
    cases.write_text("\n".join([HEADS, *lines, ""]))
    root = ["--root", str(folder)]
    assert senpolicy(capsys, "check", *root)[0] == 0
    assert senpolicy(capsys, "decide", str(cases), "-o", str(out), *root)[0] == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["always"] for row in csv.DictReader(file)] == [answer for _, _, answer in ROWS]
    assert senpolicy(capsys, "model", str(cases), *root)[0] == 0
    one = tmp_path / "case.yaml"
    one.write_text("case_ref: K-1\ndecision_date: 2025-10-28\nage: 9\nsetting: mainstream\nplan: sen_support\n")
    assert senpolicy(capsys, "timeline", str(one), *root)[0] == 0
    assert "Always" in senpolicy(capsys, "explain", str(one), "--nearest", "--why-not", "mainstream_claim", *root)[1]


def test_such_rules_are_told_and_found() -> None:
    """In words, and for the solver."""
    policy = always.policy()
    told: list[tuple[Condition, str]] = [
        (ALWAYS, "in every case"), (Not(ALWAYS), "never"), (AnyOf((ALWAYS,)), "in every case"),
        (Not(Not(AllOf((ALWAYS,)))), "in every case"), (AnyOf(()), "never"), (Not(AnyOf(())), "in every case"),
    ]  # fmt: skip
    assert [say(condition, policy.types) for condition, _ in told] == [words for _, words in told]
    period = policy.on(date(2025, 10, 1))
    every = SymbolicCase(policy, period)
    results = every.results("always")
    found = {one.answer: plain_case(every, [*every.possible, holds]) is not None for one, holds in results.items()}
    assert (found["holds"], found["fails"]) == (True, False)
