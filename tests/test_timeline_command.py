"""The timeline of a case: the days on which an answer changes, by the policy, by a birthday, by facts with dates."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from golden_files import FROZEN, decider
from running import senpolicy
from senpolicy.deciding.cases import Case, Refused, read_text
from senpolicy.deciding.decide import Decider
from senpolicy.explaining.timeline_of_a_case import Ages, Timeline, changes_of, timeline
from senpolicy.files.problems import WrongUse
from senpolicy.language.days import years_after
from senpolicy.proving.nearest import differing, given_facts, warned, with_facts
from wording import Wording, steady

PUPIL = """\
case_ref: K-0007
decision_date: 2025-02-01
age: 9
year_group: 4
setting: mainstream
plan: ehcp
ehcp_issued_on: 2023-06-12
element3_rate: 7200
community_start: "2025-09-01"
adaptation_level: specific_allocation
"""
FIFTEEN = (
    PUPIL.replace("age: 9", "age: 15").replace("year_group: 4", "year_group: 11").replace("2025-02-01", "2025-10-01")
)


@pytest.fixture(scope="module")
def by() -> Decider:
    return decider(FROZEN, None, "all")


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FROZEN)


def read(by: Decider, text: str) -> Case:
    (case,) = read_text(text, "case.yaml", by.policy, beside=("changes",))
    assert isinstance(case, Case)
    return case


def told(by: Decider, text: str, until: date | None = None) -> Timeline:
    found = timeline(by, read(by, text), until)
    assert isinstance(found, Timeline)
    return found


def refused(by: Decider, text: str) -> list[str]:
    found = timeline(by, read(by, text))
    assert isinstance(found, Refused)
    return [one.code for one in found.problems]


def days(found: Timeline) -> list[tuple[str, str, str]]:
    return [
        (one.first.isoformat(), one.last.isoformat(), one.decision.answers["route"].answer) for one in found.stretches
    ]


def test_the_dates_of_the_policy_cut_the_timeline(by: Decider) -> None:
    """Report 3.20: the transition, the Community budgets, the tariff, each from its first day on."""
    assert days(told(by, PUPIL)) == [
        ("2025-02-01", "2025-03-31", "mainstream_claim"),
        ("2025-04-01", "2026-08-31", "direct_existing_rate"),
        ("2026-09-01", "2027-08-31", "tariff"),
    ]


def test_each_day_is_decided_as_the_case_would_be_on_it(by: Decider) -> None:
    """Exhaustively: on every day of two years the stretch says what `decide` says of the same facts on that day."""
    case = read(by, PUPIL + "changes:\n- {from: 2026-01-05, facts: {setting: srp}}\n")
    found = timeline(by, case)
    assert isinstance(found, Timeline)
    day = case.day
    while day <= found.until:
        facts = given_facts(case) | ({"setting": "srp"} if day >= date(2026, 1, 5) else {})
        decision = with_facts(by, case, facts, day)
        (stretch,) = [one for one in found.stretches if one.first <= day <= one.last]
        assert decision is not None
        assert differing(stretch.decision, decision) == {}, day
        assert warned(stretch.decision) == warned(decision), day
        day += timedelta(days=3)


def test_the_stretches_leave_no_day_out_and_each_differs_from_the_one_before(by: Decider) -> None:
    """First and last day are both included; a day that changes nothing is no boundary."""
    for text in (PUPIL, FIFTEEN):
        stretches = told(by, text).stretches
        for one, after in itertools.pairwise(stretches):
            assert after.first == one.last + timedelta(days=1)
            changed, from_birthday = after.changed(one)
            assert changed or from_birthday or after.warned(one) or after.birthday != one.birthday


def test_facts_with_dates_change_answers_from_their_day_on(by: Decider) -> None:
    """Change of school, plan, rate, level."""
    found = told(by, PUPIL + "changes:\n- {from: 2026-01-05, facts: {setting: srp}}\n"
                 "- {from: 2026-10-01, facts: {setting: mainstream, adaptation_level: sen_support}}\n")  # fmt: skip
    assert days(found)[1:] == [
        ("2025-04-01", "2026-01-04", "direct_existing_rate"),
        ("2026-01-05", "2026-08-31", "srp_average_rate"),
        ("2026-09-01", "2026-09-30", "tariff"),
        ("2026-10-01", "2027-09-30", "community_budget"),
    ]
    assert "Facts change: setting, adaptation_level." in found.stretches[-1].because


def test_a_fact_can_become_unknown(by: Decider) -> None:
    """A missing or empty field is not known: a plan that ends takes its day of issue with it."""
    changes = "changes:\n- {from: 2025-11-01, facts: {plan: sen_support, ehcp_issued_on: }}\n"
    assert days(told(by, FIFTEEN + changes))[1][2] == "community_budget"


def test_facts_that_contradict_each_other_after_a_change_refuse_the_case(by: Decider) -> None:
    """Validated as strictly as cases: the day from which on it is so is told."""
    text = FIFTEEN + "changes:\n- {from: 2025-11-01, facts: {plan: sen_support}}\n"
    found = timeline(by, read(by, text))
    assert isinstance(found, Refused)
    assert [one.code for one in found.problems] == ["issued-without-plan"]
    assert found.problems[0].message.startswith("From 1 November 2025 on: ")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ("- {from: 2025-10-01, facts: {setting: srp}}", ["change-too-early"]),
        ("- {from: 2025-9-1, facts: {setting: srp}}", ["not-date"]),
        ("- {from: 2026-02-30, facts: {setting: srp}}", ["not-date"]),
        ("- {from: 2026-01-05, facts: {setting: srpx}}", ["not-choice"]),
        ("- {from: 2026-01-05, facts: {settin: srp}}", ["unknown-field"]),
        ("- {from: 2026-01-05, facts: {case_ref: K-2}}", ["not-a-change"]),
        ("- {from: 2026-01-05, facts: {}}", ["not-a-change"]),
        ("- {from: 2026-01-05}", ["not-a-change"]),
        ("- {on: 2026-01-05, facts: {setting: srp}}", ["not-a-change"]),
        ("- srp", ["not-a-change"]),
        ("- {from: 2026-01-05, facts: {age: 40}}", ["not-integer"]),
        ("- {from: 2026-01-05, facts: {age: 12}}", ["age-does-not-follow"]),
        ("- {from: 2026-01-05, facts: {setting: srp}}\n- {from: 2026-01-05, facts: {plan: ehcp}}", ["same-day"]),
        ("- {from: [2026], facts: {setting: srp}}", ["not-a-date"]),
    ],
)
def test_a_mistake_in_the_changes_refuses_the_case(by: Decider, changes: str, codes: list[str]) -> None:
    """As strict as a case, and no value is echoed."""
    text = FIFTEEN + f"changes:\n{changes}\n"
    found = timeline(by, read(by, text))
    assert isinstance(found, Refused)
    assert [one.code for one in found.problems] == codes
    assert "srpx" not in str(found.problems)


def test_an_identifier_in_the_changes_is_refused(by: Decider) -> None:
    """What identifies a child is looked for there too."""
    text = FIFTEEN + "changes:\n- {from: 2026-01-05, facts: {setting: Jo Bloggs}}\n"
    assert refused(by, text) == ["identifies-a-child"]


def test_a_key_written_twice_in_a_change_is_refused(by: Decider) -> None:
    """In YAML and in JSON: the last of two would win in silence."""
    twice = FIFTEEN + "changes:\n- {from: 2026-01-05, from: 2026-01-06, facts: {setting: srp}}\n"
    (case,) = read_text(twice, "case.yaml", by.policy, beside=("changes",))
    assert isinstance(case, Refused)
    data = '{"case_ref": "K-1", "decision_date": "2025-10-01", "changes": [{"from": "2026-01-05", "facts": {"age": 9, "age": 8}}]}'
    (case,) = read_text(data, "case.json", by.policy, beside=("changes",))
    assert isinstance(case, Refused)
    assert [one.code for one in case.problems] == ["written-twice"]


def test_changes_are_no_field_of_a_case_elsewhere(by: Decider) -> None:
    """Only the timeline knows `changes`; `decide` would silently decide the first day alone."""
    (case,) = read_text(FIFTEEN + "changes: []\n", "case.yaml", by.policy)
    assert isinstance(case, Refused)


# Birthdays


def test_a_birthday_is_a_window_of_days_with_both_answers(by: Decider) -> None:
    """A case holds completed years, never a date of birth: sixteen comes on some day of the year after the decision."""
    first = told(by, FIFTEEN).stretches[0]
    assert first.birthday is not None
    assert first.from_birthday is not None
    window = (first.birthday.age, first.birthday.earliest, first.birthday.latest)
    assert window == (16, date(2025, 10, 2), date(2026, 10, 1))
    assert first.decision.answers["scope"].answer == "in_scope"
    assert first.from_birthday.answers["scope"].open_points == ("E3-sixteen-in-both-groups",)


def test_a_birthday_that_changes_nothing_is_not_told(by: Decider) -> None:
    """Nine or ten, the answers are the same."""
    assert all(one.birthday is None for one in told(by, PUPIL).stretches)


def test_a_change_of_age_is_a_birthday_and_the_later_ones_follow(by: Decider) -> None:
    """Once the day is given, there is no window any more."""
    found = told(by, FIFTEEN + "changes:\n- {from: 2026-05-04, facts: {age: 16}}\n")
    assert all(one.birthday is None for one in found.stretches)
    scopes = [(one.first.isoformat(), one.decision.answers["scope"].answer) for one in found.stretches]
    changes = [after for before, after in itertools.pairwise([("", ""), *scopes]) if before[1] != after[1]]
    assert changes == [("2025-10-01", "in_scope"), ("2026-05-04", "undetermined"), ("2027-05-04", "out_of_scope")]
    assert "A birthday: 17." in found.stretches[-1].because


def test_an_age_that_is_no_longer_given_says_nothing_more(by: Decider) -> None:
    """Not known from that day on: the age is asked for."""
    found = told(by, FIFTEEN + "changes:\n- {from: 2025-11-05, facts: {age: }}\n")
    assert found.stretches[-1].decision.answers["scope"].missing_facts == ("age",)


@pytest.mark.parametrize(
    "born", [date(2010, 5, 4), date(2009, 10, 2), date(2010, 10, 1), date(2008, 2, 29), date(2010, 1, 1)]
)
def test_the_true_age_is_always_one_of_those_that_are_said(born: date) -> None:
    """Whatever the date of birth that nobody holds: on each day its age is among the ages, and never a third."""
    start = date(2025, 10, 1)

    def completed(day: date) -> int:
        years = day.year - born.year
        return years if years_after(born, years) <= day else years - 1

    ages = Ages(start, completed(start), [])
    for number in range(0, 1500, 1):
        day = start + timedelta(days=number)
        assert completed(day) in ages.on(day)
        assert len(ages.on(day)) <= 2
    for years in range(4):
        assert ages.on(years_after(start, years)) == (completed(start) + years,)


def test_the_ages_that_are_said_can_all_be_true() -> None:
    """No age is said that no date of birth would give: the window is no wider than it must be."""
    start, ages = date(2025, 10, 1), Ages(date(2025, 10, 1), 15, [])
    births = [date(2009, 10, 2) + timedelta(days=number) for number in range(365)]

    def completed(born: date, day: date) -> int:
        years = day.year - born.year
        return years if years_after(born, years) <= day else years - 1

    assert {completed(born, start) for born in births} == {15}
    for number in range(0, 800, 7):
        day = start + timedelta(days=number)
        assert set(ages.on(day)) == {completed(born, day) for born in births}


# The end


def test_the_timeline_ends_a_year_after_the_last_date_unless_it_is_told_otherwise(by: Decider) -> None:
    """A horizon, since facts grow stale; --until sets another."""
    assert told(by, PUPIL).until == date(2027, 8, 31)
    assert told(by, PUPIL + "changes:\n- {from: 2028-01-01, facts: {setting: srp}}\n").until == date(2028, 12, 31)
    assert told(by, PUPIL, date(2025, 3, 1)).until == date(2025, 3, 1)
    for until in (date(2025, 1, 1), date(3000, 1, 1), date.max):
        with pytest.raises(WrongUse):
            told(by, PUPIL, until)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_day_at_an_end_of_the_calendar_has_no_timeline(by: Decider, day: str) -> None:
    """Birthdays are looked for before the day and after it, and the calendar ends."""
    with pytest.raises(WrongUse, match="1900 to 2999"):
        told(by, PUPIL.replace("2025-02-01", day).replace("2023-06-12", "0001-01-01"))


def test_the_changes_are_read_in_the_order_of_their_days(by: Decider) -> None:
    """The order in the file means nothing."""
    changes = "changes:\n- {from: 2026-02-05, facts: {setting: srp}}\n- {from: 2026-01-05, facts: {setting: special}}\n"
    found = changes_of(read(by, PUPIL + changes), by.policy)
    assert not isinstance(found, Refused)
    assert [one.facts for one in found] == [{"setting": "special"}, {"setting": "srp"}]


# The command


def test_timeline_says_it_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """What a member of a moderation board reads."""
    path = tmp_path / "case.yaml"
    path.write_text(FIFTEEN + "changes:\n- {from: 2026-01-05, facts: {setting: srp}}\n")
    status, out, _ = senpolicy(capsys, "timeline", str(path), "--until", "2026-12-31")
    assert status == 0
    assert steady(out) == snapshot.use_extension(Wording)


def test_timeline_prints_one_json_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """First and last day of each stretch, what changed, and both answers of a window."""
    path = tmp_path / "cases.yaml"
    text = "- " + FIFTEEN.replace("\n", "\n  ").rstrip() + "\n- case_ref: K-1\n"
    path.write_text(text)
    status, out, _ = senpolicy(capsys, "timeline", str(path), "--json")
    data: list[dict[str, Any]] = json.loads(out)
    assert status == 1
    assert data[1]["problems"]
    first = data[0]["stretches"][0]
    assert (first["from"], first["changed"], first["birthday"]["age"]) == ("2025-10-01", [], 16)
    assert first["birthday"]["latest"] == "2026-10-01"
    assert "scope" in first["birthday"]["changed"]
    assert data[0]["stretches"][-1]["until"] == data[0]["until"]


def test_a_day_that_is_none_is_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 2, and how a day is written."""
    path = tmp_path / "case.yaml"
    path.write_text(PUPIL)
    assert senpolicy(capsys, "timeline", str(path), "--until", "1.9.2026")[0] == 2


def test_a_day_on_which_a_caution_alone_changes_is_told(by: Decider) -> None:
    """A cost within the school's own part stays there in September 2026; that this rests on a plan is new."""
    text = PUPIL[: PUPIL.index("age:")].replace("2025-02-01", "2025-10-01")
    found = told(
        by, text + "age: 9\nsetting: mainstream\nplan: sen_support\nexisting_claim: false\nadditional_cost: 3000\n"
    )
    (cut,) = [(one, after) for one, after in itertools.pairwise(found.stretches) if after.first == date(2026, 9, 1)]
    before, after = cut
    assert after.changed(before) == ([], [])
    assert after.warned(before) == ["route"]
    lines = [line for _, line in found.lines()]
    assert [line for line in lines if line.startswith("      * caution: From September 2026 this rests on a plan")]
    (data,) = [one for one in found.to_json()["stretches"] if one["from"] == "2026-09-01"]
    assert (data["changed"], data["cautions_changed"]) == ([], ["route"])
    assert "plan-for-september-2026" in {one["id"] for one in data["answers"]["route"]["cautions"]}
