"""The reading *columns* against the two evaluators: on generated cases every answer, rule and figure is the same."""

from __future__ import annotations

import operator
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import bending
import columned
from columned import KINDS
from senpolicy.caseloads.engines import engine
from senpolicy.files.problems import PolicyError
from senpolicy.language import diagram
from senpolicy.language.conditions import OPERATORS
from senpolicy.policy.timeline import policy
from senpolicy.readings import columns as reading
from senpolicy.readings.columns import Columns, money

SEED = 5_000


@pytest.fixture
def compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be taken from what was compiled before a reading was made wrong, nor be left for other tests."""
    monkeypatch.setattr(columned, "shared", Columns)
    monkeypatch.setattr(columned, "compiled", cache(columned.compiled.__wrapped__))


@pytest.mark.usefixtures("compiled_anew")
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
    monkeypatch.setitem(diagram.COMPARED, word, instead)
    assert columned.agree(SEED, 3_000, KINDS[0]).differences


@pytest.mark.usefixtures("compiled_anew")
@pytest.mark.parametrize("name", ["wants", "_followed", "_mapped"])
def test_the_comparison_finds_a_step_left_out(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The missing fact, what follows from facts, and the level from ratings are each compared."""
    if name == "wants":
        monkeypatch.setattr(diagram, name, lambda residual, fact: True)
    elif name == "_followed":
        monkeypatch.setattr(Columns, name, lambda self, table, rules: table[reading._the(rules).field])
    else:
        monkeypatch.setattr(Columns, name, lambda self, table: table)
    assert columned.agree(SEED, 3_000, KINDS[3]).differences


def test_columns_know_every_operator() -> None:
    """A new operator is added here too."""
    assert {*diagram.COMPARED, "known"} == set(OPERATORS)


def test_a_figure_is_exact_and_never_a_float() -> None:
    """Money and shares are exact decimals from end to end."""
    columns = Columns(columned.compiled(KINDS[0]).policy)
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


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark"])
def test_the_query_has_no_float_and_no_null_in_it(dialect: str) -> None:
    """SQL's three values play no part: what is not known is a number, and no number has a point."""
    query = columned.compiled(KINDS[0]).columns.sql(dialect)
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


def test_a_question_with_too_large_a_diagram_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A diagram that would grow without end is said to, before any case is decided."""
    monkeypatch.setattr(diagram, "MOST_NODES", 5)
    with pytest.raises(PolicyError, match=r"rules/scope\.yaml:\d+:5: 'scope' tells too many kinds of case apart"):
        _ = Columns(columned.compiled(KINDS[0]).policy).expression
