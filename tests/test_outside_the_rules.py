"""Days on which the policy has no rules, or of which its papers say nothing: never decided in silence."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bending import bent
from golden_files import FROZEN, ROOT, decider, loaded
from running import senpolicy
from senpolicy.checking.examples import usual_days
from senpolicy.deciding.cases import Case, Refused, read_text
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import policy
from senpolicy.proving.proofs import policies, prove

#: What only reaches a day without rules: no question counts before this.
FIRST = date(2025, 4, 1)


def late(data: Any) -> None:
    """Let every version without a first day start with the transition."""
    data["versions"] = [one for one in data["versions"] if one.get("from")] or [
        {**data["versions"][0], "from": "$transition_start", "decision": "24/00120"}
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Return the corpus in which no question has a version before the transition."""
    return bent(tmp_path_factory.mktemp("late"), **dict.fromkeys(loaded(FROZEN).questions, late))


@pytest.mark.slow
def test_a_day_without_any_rule_is_not_decided_and_says_why(
    corpus: Corpus, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One case, a list of them, and a caseload: it was '1 decided', exit 0."""
    root = ["--root", str(corpus.root)]
    file, rows, out = tmp_path / "cases.yaml", tmp_path / "cases.csv", tmp_path / "out.csv"
    days = [FIRST - timedelta(days=1), FIRST]
    file.write_text("".join(f"- {{case_ref: K-{at}, decision_date: {day}}}\n" for at, day in enumerate(days)))
    rows.write_text("case_ref,decision_date\n" + "".join(f"K-{at},{day}\n" for at, day in enumerate(days)))
    status, shown, told = senpolicy(capsys, "decide", str(file), "--json", *root)
    early, first = json.loads(shown)
    assert status == 1
    assert [one["code"] for one in early["problems"]] == ["no-rules-yet"]
    assert "No question of this policy has a version on this day" in told + shown
    assert first["answers"]
    assert senpolicy(capsys, "decide", str(rows), "-o", str(out), *root)[0] == 1
    with out.open(encoding="utf-8-sig", newline="") as written:
        assert [row["case_ref"] for row in csv.DictReader(written)] == ["K-1"]
    assert senpolicy(capsys, "model", str(rows), *root)[0] == 1


def test_a_proof_looks_at_every_day_of_the_calendar(corpus: Corpus) -> None:
    """A version that starts in 1999 leaves the days before it bare, as one that starts in 2025 does."""
    for moved, said in ((corpus, "1 April 2025"), (started(corpus, date(1999, 3, 1)), "1 March 1999")):
        found = prove(policies(moved, as_of="24/00120"), clock=lambda: 0.0, only="scope").findings
        bare = [one.problem.message for one in found if one.problem.code == "no-version"]
        assert bare == [f"'scope' has no version before {said}."]


def test_a_proof_says_as_of_which_decisions_a_day_is_bare(corpus: Corpus) -> None:
    """As of the arrangements before the reform nothing is decided at all; that is no fault of the later policy."""
    found = prove(policies(corpus), clock=lambda: 0.0, only="scope").findings
    bare = [one.problem.message for one in found if one.problem.code == "no-version"]
    late = [number for number in corpus.order if number not in ("before-24/00120", "24/00026", "24/00117")]
    counted = [number for number in reversed(late) if corpus.decisions[number].counts()]
    assert sorted(bare) == sorted([
        "'scope' has no version at all, as of '24/00117', '24/00026', 'before-24/00120'.",
        f"'scope' has no version before 1 April 2025, as of {', '.join(map(repr, counted))}.",
    ])  # fmt: skip


def started(corpus: Corpus, day: date) -> Corpus:
    """Return the corpus with its transition on another day."""
    found = dict(corpus.parameters)
    found["transition_start"] = [
        (number, one.model_copy(update={"value": day})) for number, one in found["transition_start"]
    ]
    return replace(corpus, parameters=found)


def test_made_up_cases_lie_about_the_policys_own_dates() -> None:
    """A year before its first change to a year after its last: no years are written into the engine.

    The values of 23/00006 start in 2021, those of 23/00125 in 2024, and no case rests on them.
    """
    assert usual_days(policy(loaded(ROOT))) == (date(2024, 4, 1), date(2027, 9, 1))
    moved = policy(started(loaded(ROOT), date(1999, 3, 1)))
    assert usual_days(moved)[0] == date(1998, 3, 1)


def test_made_up_cases_of_rules_that_never_change_lie_among_the_days_of_the_papers() -> None:
    """Any day of the calendar would do, and the year 1 would tell nobody anything."""
    assert usual_days(policy(loaded(ROOT), as_of="before-24/00120")) == (date(2022, 4, 1), date(2028, 3, 31))


@pytest.mark.parametrize(
    ("day", "caution"),
    [
        ("0001-01-01", "day-before-the-papers"), ("2005-05-05", "day-before-the-papers"),
        ("2022-03-31", "day-before-the-papers"), ("2022-04-01", ""), ("2028-03-31", ""),
        ("2028-04-01", "day-after-the-papers"), ("2099-01-01", "day-after-the-papers"),
        ("2525-01-01", "day-after-the-papers"), ("9999-12-31", "day-after-the-papers"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_of", [None, "before-24/00120"])
def test_a_day_of_which_the_papers_say_nothing_carries_a_caution(day: str, caution: str, as_of: str | None) -> None:
    """Whatever is known of the pupil, and as of whichever decision."""
    by = decider(ROOT, as_of, "all")
    for more in ("", "age: 9\nyear_group: 4\nsetting: srp\n"):
        (case,) = read_text(f"case_ref: K-1\ndecision_date: {day}\n{more}", "case.yaml", by.policy)
        assert isinstance(case, Case), case.problems if isinstance(case, Refused) else ""
        decision: Any = by.decide(case)
        carried = {one.id for one in decision.answers["scope"].cautions}
        assert carried & {"day-before-the-papers", "day-after-the-papers"} == ({caution} if caution else set())
