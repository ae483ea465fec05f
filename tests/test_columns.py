"""The reading *columns* against the two evaluators: on generated cases every answer, rule and figure is the same."""

from __future__ import annotations

import multiprocessing
import operator
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import bending
import columned
from columned import KINDS, Tally
from golden_files import ROOT, loaded
from senpolicy import calculations
from senpolicy.caseload.engines import engine
from senpolicy.conditions import OPERATORS
from senpolicy.readings import columns as reading
from senpolicy.readings.columns import Columns, TooTangled, money
from senpolicy.timeline import policy

CASES = 50_000
SEED = 5_000
BATCH = 5_000


def agreed(number: int, *, shown: bool = False) -> list[Tally]:
    """Return what came of so many cases, in two processes; `shown`, with a bar, or lines where there is no terminal."""
    batches = number // BATCH
    kinds = [KINDS[0] if place % 5 < 2 else KINDS[1 + place % 5 - 2] for place in range(batches)]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        done = pool.map(columned.agree, range(SEED, SEED + batches), [BATCH] * batches, kinds)
        if shown and sys.stderr.isatty():
            from rich.progress import track

            return list(track(done, f"{number:,} cases", total=batches))
        found = []
        for tally in done:
            found.append(tally)
            if shown and len(found) % 20 == 0:
                differences = sum(len(one.differences) for one in found)
                print(f"{len(found) * BATCH:,} of {number:,} cases, {differences} differences", flush=True)
        return found


def test_columns_agree_with_both_evaluators_on_50000_cases() -> None:
    """Answers, rules, open points, missing facts and figures are the same on every case."""
    tallies = agreed(CASES)
    assert [found for tally in tallies for found in tally.differences] == []
    assert sum(tally.decided for tally in tallies) > CASES * 0.9
    answered = sum((tally.answered for tally in tallies), Counter[tuple[str, str]]())
    wanted = {
        (name, row.answer) for name, one in loaded(ROOT).questions.items() for v in one.versions for row in v.answers
    }
    assert {key for key in wanted if answered[key] < 20} == set(), "hardly tried"


@pytest.mark.million
def test_columns_agree_with_both_evaluators_on_a_million_cases(capsys: pytest.CaptureFixture[str]) -> None:
    """The same on a million; `judge` and `fire` decide each of them too."""
    with capsys.disabled():
        tallies = agreed(1_000_000, shown=True)
    assert [found for tally in tallies for found in tally.differences] == []
    assert sum(tally.decided for tally in tallies) > 900_000


@pytest.mark.parametrize("word", [word for word in OPERATORS if word != "known"])
def test_the_comparison_finds_a_wrong_operator(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """A comparison that could not fail would show nothing: each operator is made a little wrong."""
    wrong = {
        "is": operator.ge,
        "below": operator.le,
        "at_most": operator.lt,
        "at_least": operator.gt,
        "more_than": operator.ge,
    }
    instead = wrong.get(word, lambda number, numbers: number in numbers[1:])
    monkeypatch.setitem(reading._HOLDS, word, instead)
    assert columned.agree(SEED, 3_000, KINDS[0]).differences


@pytest.mark.parametrize("name", ["wants", "_followed", "_mapped"])
def test_the_comparison_finds_a_step_left_out(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The missing fact, what follows from facts, and the level from ratings are each compared."""
    if name == "wants":
        monkeypatch.setattr(reading, name, lambda rest, fact: True)
    elif name == "_followed":
        monkeypatch.setattr(Columns, name, lambda self, table, rules: table[reading._the(rules).field])
    else:
        monkeypatch.setattr(Columns, name, lambda self, table: table)
    assert columned.agree(SEED, 3_000, KINDS[3]).differences


def test_columns_know_every_operator_and_every_calculation() -> None:
    """A new operator, or a new function for what the language cannot say, is added here too."""
    assert {*reading._HOLDS, "known"} == set(OPERATORS)
    assert set(reading.CALCULATIONS) == set(calculations.CALCULATIONS)


def test_a_figure_is_exact_and_never_a_float() -> None:
    """Money and shares are exact decimals from end to end."""
    columns = Columns(columned.policy_of(KINDS[0]))
    table = columns.answers(pa.table({name: pa.array([], width) for name, width in columns.gives.items()}))
    assert not [one for one in table.schema if pa.types.is_floating(one.type)]
    assert not [name for name, width in {**columns.reads, **columns.gives}.items() if "float" in width]
    assert [str(one) for one in money(np.array([0, 1, 600_001, 99_999_999_999, -1])).to_pylist()] == [
        "0.00",
        "0.01",
        "6000.01",
        "999999999.99",
        "None",
    ]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "pyspark"])
def test_the_query_has_no_float_and_no_null_in_it(dialect: str) -> None:
    """SQL's three values play no part: what is not known is a number, and no number has a point."""
    query = Columns(columned.policy_of(KINDS[0])).sql(dialect)
    for word in ("NULL", "DOUBLE", "FLOAT", "REAL", "DECIMAL", "."):
        bare = query.upper().replace('".', '"').replace("`.", "`")
        assert word not in bare, f"{word} in {bare[max(bare.find(word) - 80, 0) :][:200]}"


def test_a_question_that_is_not_asked_in_a_period_has_no_answer_in_it(tmp_path: Path) -> None:
    """A question may have no version for early days; then its columns are empty, and nothing is invented."""
    corpus = bending.bent(tmp_path, moderation=lambda data: data["versions"].pop(0))
    columns = Columns(policy(corpus))
    facts = [dict.fromkeys(columns.facts) | {"decision_date": day} for day in (date(2024, 1, 1), date(2025, 10, 1))]
    running = engine("duckdb", columns)
    early, later = columned.rows_of(columns, next(running.resolved(iter([columned.coded(columns, facts)]))))
    assert "moderation" not in early
    assert later["moderation"] == "undetermined"


def test_a_question_too_tangled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree that would grow without end is said to, before any case is decided."""
    monkeypatch.setattr(reading, "MOST_NODES", 5)
    with pytest.raises(TooTangled):
        _ = Columns(columned.policy_of(KINDS[0])).expression
