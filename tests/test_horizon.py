"""The horizon: what falls due is announced in time, and not before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from copies import copied, replace
from golden_files import ROOT
from senpolicy.checking import horizon
from senpolicy.checking.horizon import warnings
from senpolicy.cli import main
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Period, policy

PLANNED = date(2026, 9, 1)
REVIEW = date(2027, 2, 28)


@pytest.fixture(scope="module")
def real() -> Corpus:
    return corpora.load(ROOT)


def codes(corpus: Corpus, day: date) -> list[tuple[str, str]]:
    return [(one.code, one.place.file) for one in warnings(corpus, day)]


def test_a_proposed_decision_whose_planned_day_has_come_is_announced(real: Corpus) -> None:
    """25/00108 is planned for 1 September 2026, and its outcome is not held."""
    due = ("plan-has-passed", "policy/25-00108/decision.yaml")
    assert due not in codes(real, PLANNED - timedelta(days=1))
    assert due in codes(real, PLANNED)
    (problem,) = [one for one in warnings(real, PLANNED) if one.code == "plan-has-passed"]
    assert problem.warning
    assert problem.help
    line = (ROOT / problem.place.file).read_text(encoding="utf-8").splitlines()[problem.place.line - 1]
    assert line == "planned: 2026-09-01"


def test_a_taken_decision_is_not_announced_whatever_day_it_was_planned_for(tmp_path: Path) -> None:
    root = copied(tmp_path)
    replace(root, "policy/25-00108/decision.yaml", "^status: proposed$", "status: taken")
    assert "plan-has-passed" not in {code for code, _ in codes(corpora.load(root), PLANNED)}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (REVIEW - timedelta(days=91), None),
        (REVIEW - timedelta(days=90), "on 2027-02-28, in 90 days."),
        (REVIEW, "on 2027-02-28, today."),
        (REVIEW + timedelta(days=3), "on 2027-02-28, 3 days ago."),
    ],
)
def test_a_value_is_announced_ninety_days_before_its_review_and_from_then_on(
    real: Corpus, day: date, said: str | None
) -> None:
    """A value's review date is near, or past."""
    about = [one for one in warnings(real, day) if one.code == "review-is-due"]
    assert {one.place.file for one in about} == ({"policy/25-00092/parameters.yaml"} if said else set())
    assert all(said and one.message.endswith(said) for one in about)


def test_no_question_is_without_a_version_in_the_real_corpus(real: Corpus) -> None:
    for day in (date(2020, 1, 1), date(2025, 4, 1), PLANNED, date(2040, 1, 1)):
        assert "no-version" not in {code for code, _ in codes(real, day)}


def test_a_question_that_has_no_version_within_a_year_is_announced_with_its_days(tmp_path: Path) -> None:
    """Refuse to answer outside the dates that are modelled (Catala), and say so before they come."""
    root = copied(tmp_path)
    text = (root / "rules/band.yaml").read_text(encoding="utf-8")
    start, later = text.index("  - decision: before-24/00120\n"), text.index("  - from: $transition_start\n")
    text = text[:start] + text[later:].replace("$transition_start", "$tariff_start")
    (root / "rules/band.yaml").write_text(text, encoding="utf-8")
    corpus = corpora.load(root)
    (problem,) = [one for one in warnings(corpus, date(2026, 6, 1)) if one.code == "no-version"]
    assert problem.message == "'band' has no version on 2026-06-01 until 2026-08-31."
    assert (problem.place.file, problem.warning) == ("rules/band.yaml", True)
    assert "no-version" not in {code for code, _ in codes(corpus, PLANNED)}


def test_what_is_only_proposed_is_no_version(tmp_path: Path) -> None:
    """A question that only a proposed decision would answer has no version, and the policy's keepers are told."""
    root = copied(tmp_path)
    text = (root / "rules/band.yaml").read_text(encoding="utf-8")
    text = text.replace("decision: before-24/00120", "decision: 25/00108")
    (root / "rules/band.yaml").write_text(text, encoding="utf-8")
    assert codes(corpora.load(root), date(2024, 1, 1)).count(("no-version", "rules/band.yaml")) == 1


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2025, 8, 31), None),
        (date(2025, 9, 1), "'route' has no version on 2026-09-01 until 2026-12-31."),
        (date(2026, 10, 1), "'route' has no version on 2026-10-01 until 2026-12-31."),
        (date(2027, 1, 1), None),
    ],
)
def test_a_day_without_a_version_is_announced_a_year_ahead_and_not_when_it_is_over(
    real: Corpus, monkeypatch: pytest.MonkeyPatch, day: date, said: str | None
) -> None:
    """No version ends today without another; should one ever, its end is told in time."""
    all_questions = policy(real).periods[-1].questions
    without = {name: one for name, one in all_questions.items() if name != "route"}
    periods = (
        Period(None, date(2026, 8, 31), all_questions),
        Period(date(2026, 9, 1), date(2026, 12, 31), without),
        Period(date(2027, 1, 1), None, all_questions),
    )
    monkeypatch.setattr(horizon, "policy", lambda _: SimpleNamespace(periods=periods))
    assert [one.message for one in warnings(real, day) if one.code == "no-version"] == ([said] if said else [])


# The command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["senpolicy", "check", "--root", str(ROOT), *arguments])
    with pytest.raises(SystemExit) as raised:
        main()
    return int(raised.value.code or 0)


def test_what_falls_due_is_a_warning_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--today", "2026-09-01", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["code"], one["warning"]) == ("plan-has-passed", True)


def test_without_a_day_nothing_is_due(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The same corpus gives the same result on any day: the clock is not read."""
    assert run(monkeypatch, "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "01/09/2026", "20260901", ""])
def test_a_day_that_is_no_day_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    assert run(monkeypatch, "--today", day) == 2
    assert "is not a day" in capsys.readouterr().err
