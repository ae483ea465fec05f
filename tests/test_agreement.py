"""The engine against the contract's tables, written twice, and against its own columns: every answer is the same.

A decision is issued only where *judge* and *fire* agree, so each case that is decided here shows that too.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import columned
import generated
import oracle
from copies import copied
from generated import Facts
from golden_files import ROOT, decider, loaded
from senpolicy.deciding.cases import Case
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.policy.layout import FOLDERS, files_digest, paths

SEED = 24_00120
#: 100,000 cases of the contract, and one batch under a scenario.
CASES = 105_000
BATCH = 5_000


def batches(number: int) -> tuple[list[int], list[int], list[columned.Kind]]:
    """Return the seed, the size and the policy of each batch of so many cases."""
    kinds = [3 if place % 21 == 20 else max(0, place % 5 - 2) for place in range(number // BATCH)]
    # Of one policy one after the other, so that a process compiles few of them.
    places = sorted(range(len(kinds)), key=lambda place: kinds[place])
    return [SEED + one for one in places], [BATCH] * len(places), [columned.KINDS[kinds[one]] for one in places]


def test_readings_and_contract_agree_on_100000_cases() -> None:
    """Two evaluators, the columns and the contract's tables come to the same, missing facts and odd days included.

    Answers, rules, open points, missing facts and figures are compared on every case; a scenario's with no contract.
    """
    tallies = list(map(columned.agree, *batches(CASES)))
    assert [found for tally in tallies for found in tally.differences] == []
    assert sum(tally.decided for tally in tallies) == CASES
    answered = sum((tally.answered for tally in tallies), Counter[tuple[str, str]]())
    wanted = {
        (name, row.answer) for name, one in loaded(ROOT).questions.items() for v in one.versions for row in v.answers
    }
    assert {key for key in wanted | reachable() if answered[key] < 20} == set(), "hardly tried"


def reachable() -> set[tuple[str, str]]:
    """Return every answer, open point and fact to ask for that the rules of the contract's questions name."""
    found = set()
    for name in ("scope", "route", "protection", "exceptional_need_claim", "moderation"):
        question = loaded(ROOT).questions[name]
        # A decision that is only proposed counts for none of these policies.
        for version in (one for one in question.versions if loaded(ROOT).decisions[one.decision].status != "proposed"):
            found |= {(name, row.answer) for row in version.answers} | {(name, row.point) for row in version.open}
        found |= {(name, fact) for fact in question.ask if fact not in loaded(ROOT).questions}
    return found


@pytest.mark.million
def test_readings_and_contract_agree_on_a_million_cases(capsys: pytest.CaptureFixture[str]) -> None:
    """The same on a million, in two processes; with a bar, or lines where there is no terminal."""
    tallies: list[columned.Tally] = []
    seeds, sizes, chosen = batches(1_000_000)
    with capsys.disabled(), ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        done: Iterable[columned.Tally] = pool.map(columned.agree, seeds, sizes, chosen, chunksize=11)
        if sys.stderr.isatty():
            from rich.progress import track

            done = track(done, "1,000,000 cases", total=len(seeds))
        for tally in done:
            tallies.append(tally)
            if len(tallies) % 20 == 0 and not sys.stderr.isatty():
                differences = sum(len(one.differences) for one in tallies)
                print(f"{len(tallies) * BATCH:,} of 1,000,000 cases, {differences} differences", flush=True)
    assert [found for tally in tallies for found in tally.differences] == []
    assert sum(tally.decided for tally in tallies) == 1_000_000


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.deferred(generated.strategy), st.sampled_from(list(generated.POLICIES)))
def test_the_engine_agrees_with_the_contract_on_the_smallest_case_that_shows_it(
    facts: Facts, kind: generated.Kind
) -> None:
    """The same comparison by hypothesis, which shrinks a difference to the facts that matter."""
    reformed, read = kind
    by = decider(ROOT, *generated.POLICIES[kind])
    assert generated.difference(facts, by, reformed=reformed, read=read) is None


@pytest.mark.parametrize("name", ["FIRST_COST", "CUT", "TRIGGER"])
def test_the_comparison_finds_a_limit_that_is_a_penny_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A comparison that could not fail would show nothing."""
    monkeypatch.setattr(oracle, name, getattr(oracle, name) - 1)
    assert columned.agree(SEED, 3_000, columned.KINDS[0]).differences


@pytest.mark.parametrize("name", ["APRIL_2025", "SEPTEMBER_2025", "SEPTEMBER_2026"])
def test_the_comparison_finds_a_date_that_is_a_day_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A comparison that could not fail would show nothing."""
    monkeypatch.setattr(oracle, name, getattr(oracle, name).replace(day=2))
    assert columned.agree(SEED, 3_000, columned.KINDS[0]).differences


def test_every_word_of_the_contract_is_tried() -> None:
    """A value that no case has would be agreed on by nobody."""
    tried = generated.values(decider(ROOT, None, "all").policy)
    assert {(name, value) for name, found in oracle.VALUES.items() for value in {*found} - {*tried[name]}} == set()


@pytest.mark.parametrize("number", [300, pytest.param(1_000, marks=pytest.mark.slow)])
def test_one_more_fact_never_changes_an_answer(number: int) -> None:
    """What is known is enough or it is not: an answer is never a guess that a further fact overturns."""
    source, by = random.Random(SEED), decider(ROOT, None, "all")
    tried, compared = generated.values(by.policy), 0
    for _ in range(number):
        facts = generated.drawn(source, tried)
        if oracle.contradictions(facts):
            continue
        more = answers_of(facts, by)
        for name in (one for one, value in facts.items() if value is not None and one != "decision_date"):
            less = answers_of(facts | {name: None}, by)
            known = {question: answer for question, answer in less.items() if answer != "undetermined"}
            assert known.items() <= more.items(), f"without {name}: {facts}"
            compared += 1
    assert compared > 5 * number


def answers_of(facts: Facts, by: Decider) -> dict[str, str]:
    """Return the answer of every question and step for facts that do not contradict themselves."""
    case = generated.given(facts, by.policy)
    assert isinstance(case, Case)
    decision = by.decide(case)
    assert isinstance(decision, Decision)
    return {name: answer.answer for name, answer in decision.answers.items()}


@pytest.mark.parametrize(
    "form", [["--json", "--all"], *(pytest.param([one], marks=pytest.mark.slow) for one in ("--json", "--all"))]
)
def test_the_same_case_and_policy_give_the_same_bytes(tmp_path: Path, form: list[str]) -> None:
    """Deterministic output, in every process, whatever its hash seed, checked afresh or remembered."""
    outputs = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path)}
        command = [sys.executable, "-c", "from senpolicy.cli import program; program()", "decide"]
        file = [str(ROOT / "tests/cases/every-route.yaml"), "--root", str(ROOT)]
        done = subprocess.run([*command, *file, *form], env=environment, capture_output=True, check=True)
        assert done.stdout
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_the_digest_of_the_files_changes_with_any_byte_of_them(tmp_path: Path) -> None:
    """What is remembered of files, and what pages say of theirs, is so to the byte. What decides: tests/test_meaning.py."""
    copied(tmp_path)
    digests = {files_digest(tmp_path)}
    assert digests == {loaded(ROOT).files_digest}
    files = list(paths(tmp_path))
    assert {path.relative_to(tmp_path).parts[0] for path in files} == set(FOLDERS)
    for path in files:
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            digests.add(files_digest(tmp_path))
        path.write_bytes(content)
    assert len(digests) == 1 + 3 * len(files)
    assert files_digest(tmp_path) == loaded(ROOT).files_digest
    files[0].rename(files[0].with_name(f"a-{files[0].name}"))
    (tmp_path / "policy" / "empty.yaml").touch()
    digests.add(files_digest(tmp_path))
    assert len(digests) == 2 + 3 * len(files)
