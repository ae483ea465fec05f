"""What officers get wrong: each mistake is refused, at its line, and mended by what its message says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

import mistaking
from mistaking import Copy, Mistake, Outcome
from senpolicy.files.problems import Problem
from senpolicy.policy.layout import KINDS, kind_of

TRIED = [one for one in mistaking.every() if not one.accepted]
ACCEPTED = [one for one in mistaking.every() if one.accepted]
#: Trying the rules on every kind of case takes seconds for each; one of them here, and all by `make mistakes`.
DEEP = [one for one in TRIED if one.deep]
#: The long lists: most were written by people who tried the program. A code that no other list has is tried here.
TRIALS = {"fresh", "further", "officers", "slips", "sixty", "values", "views", "scenario-folders"}
USUAL = {one.code for one in TRIED if one.of not in TRIALS and not one.deep}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the policy, in which each test puts back what it changed."""
    copied = Copy(tmp_path_factory.mktemp("mistakes"))
    assert not [one for one in copied.problems("policy/readings.yaml", deep=False) if not one.warning]
    return copied


def first_of_each_code(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield the first three problems of each code; not that the made-up decision is unlocked, which is told of most."""
    seen: Counter[str] = Counter({"not-locked": 3})
    for one in problems:
        seen[one.code] += 1
        if seen[one.code] <= 3:
            yield str(one)


def held(outcome: Outcome, snapshot: SnapshotAssertion) -> None:
    """Check one outcome: refused by its code at its line, in the author's words, and green once the message is followed.

    All that is said beside it is as it was read: each place with its column, each help with every name that it offers.
    """
    assert outcome.refused, "let in"
    assert outcome.right, outcome.why
    assert outcome.mended, outcome.why
    for problem in outcome.problems:
        assert re.fullmatch(r"['A-Z0-9].*[.]", problem.message), problem
        assert problem.help, problem
        assert problem.place.file, problem
        # What is wrong with a whole file has no line; two cases of one reference have the number of each.
        assert problem.place.line or problem.row or problem.code in ("unknown-file", "no-file", "no-decision"), problem
    assert "\n".join(first_of_each_code(outcome.problems)) == snapshot


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(one, marks=pytest.mark.mistakes if one.of in TRIALS and one.code in USUAL else [])
        for one in TRIED
        if not one.deep
    ],
    ids=lambda one: one.what,
)
def test_a_mistake_is_refused_where_it_is_and_mended_as_the_message_says(
    mistake: Mistake, copy: Copy, snapshot: SnapshotAssertion
) -> None:
    """An officer mends it from the message alone."""
    held(copy.outcome(mistake), snapshot)


@pytest.mark.parametrize(
    "mistake",
    [pytest.param(one, marks=[] if one is DEEP[0] else pytest.mark.mistakes) for one in DEEP],
    ids=lambda one: one.what,
)
def test_a_mistake_that_only_cases_show_is_refused_and_mended(
    mistake: Mistake, copy: Copy, snapshot: SnapshotAssertion
) -> None:
    """A gap or an overlap shows once the rules are tried on every kind of case."""
    held(copy.outcome(mistake), snapshot)


@pytest.mark.parametrize("mistake", ACCEPTED, ids=lambda one: one.what)
def test_what_is_let_in_is_known_to_be(mistake: Mistake, copy: Copy) -> None:
    """The few that no check can know are listed with why; one that is refused by now is moved among the others."""
    with copy.wrong(mistake):
        assert not [one for one in copy.problems(mistake.file, deep=False) if not one.warning]
    assert len(mistake.accepted.split()) > 10


def test_the_corpus_of_mistakes_is_large_and_covers_every_kind_of_file() -> None:
    """At least 400 edits, of every kind of file; at least 99% of them refused."""
    every = mistaking.every()

    assert len(every) >= 400
    assert len({one.what for one in every}) == len(every)
    assert len({(one.file, one.replace, one.by, one.rename) for one in every}) == len(every)
    assert len(ACCEPTED) <= len(every) / 100
    kinds = {known[0] for one in every if (known := kind_of(one.file))}
    # A kind of which there is no file yet has none that can be spoilt.
    assert kinds >= {kind for kind in KINDS if any(mistaking.ROOT.glob(kind))}
    assert {one.file.split("/")[1] for one in every if one.file.startswith("tests/")} == {"golden", "cases"}


def test_a_mend_that_does_not_help_is_noticed(copy: Copy) -> None:
    """The test itself can fail: a help that says nothing of use, and a mend that leaves the problem."""
    mistake = Mistake("no mend", "policy/readings.yaml", "adopted_on: 2026-11-24", "adopted_on: soon", code="date")

    assert not copy.outcome(mistake).mended
    said = Mistake(**{**vars(mistake), "says": "year, month, day", "mend": {"replace": "soon", "by": "later"}})
    assert not copy.outcome(said).mended
    assert not copy.outcome(Mistake(**{**vars(mistake), "code": "number"})).right


@pytest.mark.slow
def test_a_mend_that_passes_and_says_something_else_is_noticed(copy: Copy) -> None:
    """A green check is not enough: what the message leads to must be what the author meant."""
    file, written = "policy/26-00041/parameters.yaml", "value: 7000.00"
    mistake = Mistake("a day", file, written, "value: £7k", code="ambiguous-number", says="figures only")

    assert copy.outcome(mistake).mended
    other = Mistake(**{**vars(mistake), "by": "value: £8k"})
    assert "does not say what was meant" in copy.outcome(other).why
    assert copy.outcome(Mistake(**{**vars(other), "meant": {"replace": written, "by": "value: 8000.00"}})).mended


def test_the_accepted_are_counted(tmp_path: Path) -> None:
    """Whatever is not listed as accepted must be refused, so the list cannot grow unseen."""
    assert {one.what for one in ACCEPTED} == {
        "a paragraph with a figure changed",
        "day and month of the decision swapped",
    }
