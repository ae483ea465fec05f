"""The working of an equality impact assessment: each figure worked out by hand, and nothing told of a few pupils."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from copies import TOY, toy
from golden_files import FROZEN, ROOT
from running import senpolicy
from senpolicy.checking.opening import Asked
from senpolicy.comparing.equality import EqualityWorking, working
from senpolicy.comparing.equality_report import html, lines
from senpolicy.comparing.intervals import newcombe
from senpolicy.comparing.movement import Money, Moved
from senpolicy.policy import corpus
from senpolicy.policy.timeline import Policy
from test_toy_outputs import as_yaml, calm, visible
from wording import Wording

PAID = (700000, 700000)
LESS = (500000, 500000)
PART = (400000, 900000)


@cache
def policies() -> tuple[Policy, Policy]:
    """Return the policy before and after a decision, its records with it."""
    whole = corpus.load(ROOT)
    return Asked(as_of="24/00117").of(whole), Asked(as_of="24/00120").of(whole)


def pupils(sex: str, base: Money | None, head: Money | None, number: int) -> list[Moved]:
    route = ("direct_existing_rate", "school_budget" if head != base else "direct_existing_rate")
    return [Moved({"route": route}, base, head, {"sex": sex, "school": "Oak Lane"} if sex else {})] * number


def worked(*cases: list[Moved]) -> EqualityWorking:
    return working([one for some in cases for one in some], ("before", "after"), *policies(), "pupils.csv", ())


def test_each_figure_is_that_of_the_pupils_by_hand() -> None:
    """Of 14 girls 6 go from £7,000 to £5,000, and 8 stay. Of 20 boys 5 do, 8 stay, and 7 may get £4,000 to £9,000. Of a
    further 6 boys nothing is known after the change.
    """
    found = worked(
        pupils("female", PAID, LESS, 6), pupils("female", PAID, PAID, 8),
        pupils("male", PAID, LESS, 5), pupils("male", PAID, PAID, 8), pupils("male", PAID, PART, 7),
        pupils("male", PAID, None, 6),
    )  # fmt: skip
    girls, boys = found.groups["sex"]
    assert [(one.value, one.pupils, one.compared, one.lose, one.may_lose) for one in (girls, boys)] == [
        ("female", 14, 14, 6, 0),
        ("male", 26, 20, 5, 7),
    ]
    assert girls.money.difference == (-1200000, -1200000)
    assert boys.money.difference == (-5 * 200000 - 7 * 300000, -5 * 200000 + 7 * 200000)
    assert girls.interval == newcombe(6, 14, 5, 20)
    assert (found.every.pupils, found.every.compared, found.every.lose, found.every.may_lose) == (40, 34, 11, 7)
    assert "6 of 40 pupils are in no figure" in " ".join(found.not_known())


def test_what_is_assumed_is_marked_by_the_scenarios_own_words() -> None:
    whole = corpus.load(ROOT)
    both = [Asked(scenario=name).of(whole) for name in ("option-a", "option-c")]
    found = working(pupils("female", PAID, LESS, 9), ("option-a", "option-c"), both[0], both[1], "pupils.csv", ())
    data = json.dumps(found.to_json(), ensure_ascii=False)
    for said in ("\n".join(text for _, text in lines(found)), html(found), data):
        assert all(whole.scenarios[name].says in said for name in ("option-a", "option-c"))


def test_a_range_that_stays_as_it_is_is_no_loss() -> None:
    found = worked(pupils("female", PART, PART, 9), pupils("male", PART, PART, 9))
    assert [(one.lose, one.may_lose) for one in found.groups["sex"]] == [(0, 0), (0, 0)]


def test_nothing_is_told_of_a_few_pupils() -> None:
    """Three girls lose: neither how many, nor how many boys do, from whom and from all it could be worked out."""
    found = worked(
        pupils("female", PAID, LESS, 3), pupils("female", PAID, PAID, 20),
        pupils("male", PAID, LESS, 9), pupils("male", PAID, PAID, 20),
    )  # fmt: skip
    assert [one.lose for one in found.groups["sex"]] == [None, None]
    assert [one.interval for one in found.groups["sex"]] == [None, None]
    few = worked(pupils("female", PAID, LESS, 2), pupils("male", PAID, LESS, 30))
    assert [one.pupils for one in few.groups["sex"]] == [None, None]


def test_of_few_whose_pounds_are_not_known_nothing_is_told_either() -> None:
    """By the totals, or by a sentence: two of 45 are in no figure."""
    found = worked(pupils("female", PAID, PAID, 20), pupils("male", PAID, LESS, 23), pupils("male", PAID, None, 2))
    assert (found.every.pupils, found.every.compared) == (45, None)
    text = "\n".join(text for _, text in lines(found)).split("What the equality assessment")[0]
    assert not re.search("43|\\b2 of", "\n".join([text, *found.not_known()]))
    assert "For how many pupils the pounds are not known is withheld." in found.not_known()


def test_who_is_not_told_is_told_and_the_school_is_not_counted_by() -> None:
    found = worked(pupils("female", PAID, PAID, 9), pupils("", PAID, PAID, 7), pupils("male", PAID, PAID, 9))
    assert [one.value for one in found.groups["sex"]] == ["female", "male", "(not given)"]
    assert list(found.groups) == ["sex"]
    assert "Sex: of how many pupils the caseload does not tell it: 7." in list(found.not_known())


def test_sections_and_actions_are_those_that_the_policy_holds() -> None:
    """Only what is declared is counted; a section without figures says so, and no later decision's is shown."""
    found = worked(pupils("female", PAID, PAID, 9), pupils("male", PAID, PAID, 9))
    (assessment,) = found.assessments
    assert assessment.decision == "24/00120"
    assert [one.group.section for one in assessment.sections] == list(range(19, 29))
    sections = {one.group.id: one for one in assessment.sections}
    assert sections["sex"].counted_by == ["sex"]
    assert sections["race"].why_not == "Not counted: no declared column tells of it."
    assert sections["disability"].impacts == "No and Yes, both in one field"
    assert [one.id for one in sections["sex"].promises] == sections["sex"].group.mitigations
    assert not sections["pregnancy-and-maternity"].promises
    text = "\n".join(text for _, text in lines(found))
    for one in assessment.sections:
        assert f"{one.group.section}. {one.group.label}" in text
        assert found.cited(one.group.source) in text
        _, _, after = text.partition(f"\n{one.group.section}. {one.group.label}\n")
        own = re.split(r"\n[0-9]+\. ", after)[0]
        assert re.findall(r"^  - ([\w-]+): ", own.partition("What is not known")[0], re.MULTILINE) == [
            promise.id for promise in one.promises
        ]


def test_a_declared_column_that_the_caseload_lacks_is_told() -> None:
    found = worked(pupils("", PAID, PAID, 9))
    (sex,) = (one for one in found.assessments[0].sections if one.group.id == "sex")
    assert sex.why_not == "Not counted: the caseload has no column sex."


def test_page_text_and_json_say_the_same_and_ask_for_nothing() -> None:
    found = worked(
        pupils("female", PAID, LESS, 6), pupils("female", PAID, PAID, 8), pupils("male", PAID, PART, 7),
        pupils("male", PAID, PAID, 9), [Moved({}, None, None, {})],
    )  # fmt: skip
    page, text = html(found), "\n".join(text for _, text in lines(found))
    assert not re.search(r'(?:src|href)="|url\(|<script', page)
    made: Any = found.to_json()
    (girls, _) = made["groups"][0]["values"]
    assert girls["change"] == {"low": "-12000.00", "high": "-12000.00"}
    for shown in (page, text):
        assert "6 (42.9%)" in shown
        assert "Fewer than 5 rows were refused, and are counted nowhere" in shown
        assert "Area moderation boards are set up" in shown
    seen = Counter(re.findall(r"<h3>(\d+)\. ", page))
    assert seen == Counter(str(number) for number in range(19, 29))


def loans(folder: Path, number: int) -> str:
    """Return a file of late loans, half of them of young readers, with how each reader came in."""
    rows = [
        {"case_ref": f"L-{at}", "decision_date": "2026-05-01", "item": "book", "card": "young" if at % 2 else "adult",
         "days_late": "40", "run_up": "8.00", "lost": "false", "came": "on foot" if at % 3 else "by bus"}
        for at in range(1, number + 1)
    ]  # fmt: skip
    path = folder / "loans.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_the_command_works_for_any_policy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """£2.50 is the most that is charged in 2026; a version that charges £2.00 takes 50p from each who is charged so."""
    group = ("rules/facts.yaml", r"^  branch: .*", r"\g<0>" + "\n  came: {label: Way in, plural: Ways in}")
    base = toy(tmp_path / "base", group)
    head = toy(tmp_path / "head", group, ("policy/fines-2026/parameters.yaml", r"value: 2.50", "value: 2.00"))
    file = loans(tmp_path, 60)
    status, out, err = senpolicy(capsys, "equality", file, str(base), str(head), "--json", "--root", str(TOY))
    assert status == 0, err
    (found,) = json.loads(out)
    assert calm(as_yaml(json.loads(out.replace(f"{tmp_path}/", "")))) == snapshot(extension_class=Wording, name="json")
    (came,) = found["groups"]
    assert [(one["value"], one["pupils"]) for one in came["values"]] == [("by bus", 20), ("on foot", 40)]
    assert sum(one["lose"] for one in came["values"]) == found["all"]["lose"] == 30
    assert (
        "No equality assessment is held in the policy, so neither are its sections and actions." in found["not_known"]
    )
    page = tmp_path / "equality.html"
    status, _, err = senpolicy(capsys, "equality", file, str(base), str(head), "-o", str(page), "--root", str(TOY))
    assert (status, "Written: equality.html" in err) == (0, True)
    text = page.read_text(encoding="utf-8")
    assert "Way in" in text
    assert calm(visible(text)).replace(f"{tmp_path}/", "") == snapshot(extension_class=Wording, name="page")


@pytest.mark.parametrize("few", [pytest.param(3, id="some-are-few"), pytest.param(6, id="none-are-few")])
def test_all_that_is_said_where_the_policy_holds_an_assessment(few: int, snapshot: SnapshotAssertion) -> None:
    """Who loses and who may, whose pounds and whose group are not known, and who was refused, beside what is promised."""
    whole = corpus.load(FROZEN)
    both = Asked(as_of="24/00117").of(whole), Asked(as_of="24/00120").of(whole)
    cases = [
        *pupils("female", PAID, LESS, 12), *pupils("female", PAID, PART, 7), *pupils("female", PAID, PAID, 25),
        *pupils("male", PAID, PAID, 40), *pupils("male", LESS, PAID, 8), *pupils("male", PAID, LESS, few),
        *pupils("", PAID, PAID, 9), *pupils("male", PAID, None, few), *pupils("female", None, None, 5),
        *[replace(one, answers={}) for one in pupils("male", PAID, PAID, few)],
    ]  # fmt: skip
    found = working(cases, ("before", "after"), *both, "pupils.csv", ())
    in_words = "\n".join([*(text for _, text in lines(found)), "", visible(html(found))])
    said = in_words if few < 5 else as_yaml(found.to_json())
    assert calm(said) == snapshot(extension_class=Wording)


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--plan", "plan.yaml"], "give --plan and --schools together"), (["-o", "working.pdf"], "ends in .html")],
)
def test_what_cannot_be_written_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str], says: str
) -> None:
    status, _, err = senpolicy(capsys, "equality", loans(tmp_path, 5), str(TOY), str(TOY), *more, "--root", str(TOY))
    assert status == 2
    assert says in err


def test_a_refused_row_is_no_pupil() -> None:
    found = worked(pupils("female", PAID, PAID, 9), [replace(pupils("male", PAID, PAID, 1)[0], answers={})] * 2)
    assert (found.every.pupils, found.refused) == (9, 2)
