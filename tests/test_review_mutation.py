"""The review mutation score: its changes are of every kind, its brute force sees what moves, and it can fail."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import moves
from copies import git, write
from review_mutation import score
from review_mutation.brute import Moved
from review_mutation.changes import KINDS, Change, still
from review_mutation.score import PROVED, STOPPED, Jury, Verdict, judged, lines, wanted
from senpolicy.policy.corpus import Corpus

PENNY = Change("value", "a limit by a penny", moves.limit_by_a_penny)
WORDS = Change("still", "a label", moves.label, moves=False)
ROUTE = Moved("", "route", "K-1")


@pytest.fixture(scope="module")
def jury(tmp_path_factory: pytest.TempPathFactory) -> Jury:
    return Jury(tmp_path_factory.mktemp("changes"), pupils=20, drawn=0)


def test_there_are_fifteen_of_each_kind_in_two_hundred_and_thirty_that_move_nothing() -> None:
    many = Counter(kind for kind, _ in wanted(1, 200))
    assert many.pop("still") == 30
    assert many.keys() == KINDS.keys()
    assert set(KINDS) == {"value", "row", "version", "question", "fact", "level", "edition", "budget share", "scenario",
                          "proposal", "open point"}  # fmt: skip
    assert min(many.values()) >= 15
    assert sum(many.values()) == 200


#: Those that are drawn from every slip in the real rules, which takes seconds to list.
DRAWN = {"row", "version", "fact", "open point"}


@pytest.mark.parametrize(
    "kind", [pytest.param(one, marks=[pytest.mark.slow] * (one in DRAWN)) for one in (*KINDS, "still")]
)
def test_the_same_seed_makes_the_same_changes_and_another_seed_others(kind: str) -> None:
    make = still if kind == "still" else KINDS[kind]
    made = [[make(random.Random(f"{seed}/{number}")).says for number in range(12)] for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert len({*made[0], *made[2]}) > 1


@pytest.mark.parametrize(
    ("change", "moved", "text", "wrong"),
    [
        (PENNY, [ROUTE], f"{PROVED} So no pound moves.", "it says 'no decision changes'"),
        (PENNY, [ROUTE], "No pound moves.", "it says 'No pound moves'"),
        (PENNY, [ROUTE], "Protection changes.", "it names nothing of route"),
        (PENNY, [ROUTE], "Route changes.", ""),
        (PENNY, [Moved("with proposals", "route", "K-1")], "Protection changes.", ""),
        (PENNY, [Moved("", "budgets", "1")], "Route changes.", "it names nothing of budgets"),
        (PENNY, [], PROVED, ""),
        (PENNY, [ROUTE], STOPPED, ""),
        (WORDS, [], STOPPED, "it does not say that nothing moves"),
        (WORDS, [], PROVED, ""),
        (WORDS, [], "Route changes.", "it does not say that nothing moves"),
        (WORDS, [ROUTE], "Route changes.", "of a change that may move nothing"),
    ],
)
def test_a_review_that_denies_or_passes_over_what_moves_is_wrong(
    change: Change, moved: list[Moved], text: str, wrong: str
) -> None:
    said = judged(change, moved, text)
    assert wrong in said
    assert bool(said) is bool(wrong)


@pytest.mark.slow
def test_the_brute_force_sees_what_moves_and_a_lying_review_is_caught(
    jury: Jury, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights of the basket: no pupil moves, and every budget does; the review says so, and if it did not, it fails."""
    head = jury.head(Change("budget share", "weights", moves.weights))
    assert head is not None
    assert {one.about for one in jury.brute.moved(head, random.Random(1))} == {"budgets"}
    change = Change("budget share", "weights", moves.weights)
    assert jury.judge(change, head, random.Random(1)).wrong == ""
    monkeypatch.setattr(Jury, "text", lambda _self, _head: f"{PROVED} No decision changes, so no pound moves.")
    found = jury.judge(change, head, random.Random(1))
    assert "it says 'no decision changes'" in found.wrong
    assert any("0 of   1 right" in line for line in lines([("budget share", found)]))
    assert "review mutation score: 0 of 1 (0.0%)" in [*lines([("budget share", found)])]


def test_a_wrong_review_fails_the_run_and_what_is_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And so does a kind of which every change was refused."""
    state, asked = ["a"], list[str]()
    monkeypatch.setattr(score, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.setattr(score, "state_of", lambda _: state[0])

    def run(verdict: Verdict | None, only: str = "") -> int:
        def made(_jury: object, _kind: str, seed: str) -> Verdict | None:
            asked.append(seed)
            return verdict and replace(verdict, seed=seed)

        fake = type("Fake", (), {"__init__": lambda *_: None, "base": None, "made": made})
        monkeypatch.setattr(score, "Jury", fake)
        return score.main(1, 1, only)

    right = Verdict("", PENNY.says, [ROUTE], says_nothing=False)
    assert run(right) == 0
    assert asked == ["1/0", "1/still/0"]
    assert run(None) == 0  # Of the same files nothing is judged again.
    state[0] = "b"
    assert run(replace(right, says_nothing=True, wrong="it denies"), "1/0") == 1
    assert asked[2:] == ["1/0"]
    assert "WRONG value 1/0: a limit by a penny: it denies" in capsys.readouterr().out
    state[0] = "c"
    assert run(None) == 1


def test_what_is_judged_rests_on_the_commit_and_on_what_differs_from_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, "rules/a.yaml", "a: 1\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "One")
    commit = score.state_of(tmp_path)
    write(tmp_path, "rules/a.yaml", "a: 2\n")
    changed = score.state_of(tmp_path)
    write(tmp_path, "rules/b.yaml", "b: 1\n")
    assert len({commit, changed, score.state_of(tmp_path)}) == 3
    assert changed.startswith(f"{commit}-")


@pytest.mark.slow
def test_a_change_that_check_refuses_is_not_judged(jury: Jury) -> None:
    def broken(folder: Path) -> None:
        (folder / "rules/route.yaml").write_text("question: route\n", encoding="utf-8")

    found: Corpus | None = jury.head(Change("row", "broken", broken))
    assert found is None
