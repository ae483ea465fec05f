"""The policy mutation score: the program that makes wrong edits, a sample of them, and the proof that one is none."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bending import ROOT
from golden_files import decider, differences, every, load
from mutation.mutants import Mutant
from mutation.score import Jury, all_mutants

SAMPLE, SEED = 30, 20250401

#: Slips that must be among them, by the kinds of this program.
ASKED = ("comparison turned", "limit slipped", "a penny off", "a day off", "one off", "row removed",
         "row written twice", "any for all", "all for any", "value dropped", "value added", "not dropped",
         "answer replaced", "start moved", "figures swapped")  # fmt: skip


@pytest.fixture(scope="module")
def jury(tmp_path_factory: pytest.TempPathFactory) -> Jury:
    return Jury(ROOT, tmp_path_factory.mktemp("mutants"), every())


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Jury:
    """A jury without golden cases."""
    return Jury(ROOT, tmp_path_factory.mktemp("blind"), [])


def one(wanted: Callable[[Mutant], bool]) -> Mutant:
    return next(mutant for mutant in all_mutants(ROOT) if wanted(mutant))


def test_at_least_200_wrong_edits_are_made_each_with_its_place_and_of_each_kind() -> None:
    """At least 200 wrong edits made by program to the real rules, each labelled."""
    made = all_mutants(ROOT)
    kinds = Counter(mutant.kind for mutant in made)
    assert len(made) >= 200
    assert [kind for kind in ASKED if not kinds[kind]] == []
    assert all(re.fullmatch(rf"{mutant.file}:\d+:\d+", mutant.place) for mutant in made)


@pytest.mark.parametrize(
    "number", [*range(10), *(pytest.param(number, marks=pytest.mark.slow) for number in range(10, SAMPLE))]
)
def test_a_wrong_edit_is_caught_or_proved_to_change_nothing(number: int, jury: Jury) -> None:
    """A sample of `make mutation`: check, a golden case or prove catches what changes a decision."""
    made = all_mutants(ROOT)
    mutant = random.Random(SEED).sample(made, SAMPLE)[number]
    verdict = jury.judge(mutant)
    assert not verdict.survives, f"{mutant}\n{verdict.said}\n{verdict.pupil}"


def test_the_corpus_without_an_edit_is_not_caught(jury: Jury) -> None:
    """A jury that catches everything would prove nothing, and golden cases that are red already catch nothing."""
    assert jury.red == 0
    some = all_mutants(ROOT)[0]
    same = Mutant("none", some.file, some.place, "nothing", None)
    object.__setattr__(same, "text", lambda: (ROOT / some.file).read_text(encoding="utf-8"))
    verdict = jury.judge(same)
    assert (verdict.by, verdict.equivalent) == ("", True)


@pytest.mark.slow
def test_an_edit_that_changes_no_decision_is_proved_equivalent(blind: Jury) -> None:
    """Two days of the policy are the same: a version that starts on the wrong one changes nothing yet.

    Nor would one of the three amounts of £6,000 for another; that the check knows, by the limits of the fact.
    """
    confused = "additional_cost: '$first_cost_met_by_school' becomes '$lower_support_limit'"
    mutant = [mutant for mutant in all_mutants(ROOT) if mutant.says == confused and "threshold" in mutant.file][-1]
    assert blind.judge(mutant).by == "check"
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    started = Mutant("none", mutant.file, mutant.place, "the version starts on another name of the day", None)
    moved = text.replace("from: $transition_start", "from: $early_adopter_start")
    object.__setattr__(started, "text", lambda: moved)
    verdict = blind.judge(started)
    assert moved != text
    assert verdict.equivalent, verdict


@pytest.mark.slow
def test_an_edit_that_nobody_notices_survives_with_a_case_that_would_catch_it(blind: Jury, tmp_path: Path) -> None:
    """Each survivor is printed with the case that would catch it, and the case is decided with both corpora."""
    mutant = one(lambda m: m.kind == "limit slipped" and "additional_cost" in m.says and "more_than" in m.says)
    # With the limit slipped, £6,000 exactly comes under two rows: prove sees it without any golden case.
    assert blind.judge(mutant).by == "prove"
    mutant = one(lambda m: m.kind == "figure changed" and "'approximate'" in m.says and "protection" in m.file)
    verdict = blind.judge(mutant)
    assert verdict.survives
    path = tmp_path / "pasted.yaml"
    path.write_text(f"as_of: 24/00120\nreadings: all\ncases:\n{verdict.pupil}", encoding="utf-8")
    (pasted,) = load(path, "pasted.yaml")
    assert pasted.golden.expect["protection"].low == "0.50"
    assert differences(pasted.golden, decider(ROOT, "24/00120", "all")) == []


def test_the_copy_is_left_as_it_was(jury: Jury) -> None:
    """One mutant at a time: what one edit leaves behind would be blamed on the next."""
    mutant = all_mutants(ROOT)[0]
    jury.judge(mutant)
    assert (jury.folder / mutant.file).read_bytes() == (ROOT / mutant.file).read_bytes()


def test_a_mutant_differs_from_the_real_file_in_one_place_only() -> None:
    """Small mistakes: an edit that changed much would be caught too easily."""
    for mutant in all_mutants(ROOT)[::100]:
        real = yaml.safe_load(Path(ROOT / mutant.file).read_text(encoding="utf-8"))
        assert mutant.data != real
        assert set(mutant.data) == set(real)
