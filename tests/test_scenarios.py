"""Scenarios in folders: laid over the policy as a further decision, seen in no answer of the policy itself.

What an officer mistypes in one is in mistakes/scenario-folders.yaml.
"""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from copies import copied
from golden_files import FROZEN, loaded
from running import senpolicy
from senpolicy.checking.corpus import check
from senpolicy.comparing.options import SAYS, Become, Option, Options, options
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError
from senpolicy.policy import corpus as corpora
from senpolicy.policy.places import place_of_row
from senpolicy.policy.scenarios import as_decisions, files_of, less
from senpolicy.policy.timeline import Policy, policy

CORPUS = loaded(FROZEN)
IN_OCTOBER = date(2025, 10, 1)
LAID = as_decisions(CORPUS)
PUPIL = (
    '[{"case_ref": "S-01", "decision_date": "2025-10-01", "age": 10, "year_group": 5, "setting": "mainstream",'
    ' "plan": "sen_support", "existing_claim": true, "element3_rate": "7000.00"}]'
)


@cache
def under(scenario: str | None, proposed: bool = False) -> Policy:
    return policy(CORPUS, scenario=scenario, include_proposed=proposed)


def decided(of: Policy, text: str = PUPIL) -> Decision:
    (case,) = read_text(text, "cases.json", of)
    assert isinstance(case, Case)
    made = Decider(of).decide(case)
    assert isinstance(made, Decision)
    return made


def test_the_policy_is_the_same_without_its_scenarios() -> None:
    """Nothing of them is in its rules, digest, facts, values, points or decisions, proposals counted or not."""
    bare = less(CORPUS, list(CORPUS.scenarios))
    assert not bare.scenarios
    for proposed in (False, True):
        ours, theirs = under(None, proposed), policy(bare, include_proposed=proposed)
        assert (ours.digest, ours.periods, ours.types) == (theirs.digest, theirs.periods, theirs.types)
    for held in ("order", "decisions", "parameters", "open_points", "facts", "questions"):
        assert getattr(CORPUS, held) == getattr(bare, held), held


@pytest.mark.parametrize("name", LAID)
def test_a_scenario_has_a_digest_of_its_own_and_names_no_decision_more(name: str) -> None:
    """Its own number is none of the policy's decisions, and as of which one the policy is stays as it was."""
    laid, plain = under(name), under(None)
    assert laid.digest != plain.digest
    without = CORPUS.scenarios[name].without_decisions
    assert (laid.as_of, laid.decisions) == (plain.as_of, tuple(one for one in plain.decisions if one not in without))
    assert name not in laid.corpus.decisions
    assert f"scenario {name}" not in CORPUS.decisions


def test_a_row_that_is_kept_is_the_decisions_and_one_of_its_own_the_scenarios() -> None:
    rows = {one.id: one for one in under("option-c").on(IN_OCTOBER).questions["route"].outcomes}
    kept, own = rows["route/new-plan"], rows["route/sen-support-above-limit"]
    assert (kept.decision, kept.assumed) == ("24/00120", "")
    assert (own.decision, own.assumed) == ("scenario option-c", "c-protects-sen-support-above-6000")
    assert "route/sen-support" not in rows


def test_each_row_is_found_where_it_is_written() -> None:
    """A kept row in the rules of the policy, an own one in the scenario's file."""
    of = under("option-c")
    route = of.on(IN_OCTOBER).questions["route"]
    places = [place_of_row(of.corpus, f"route/{row}", route.version) for row in ("new-plan", "sen-support-above-limit")]
    for place, file, row in zip(
        places,
        ("rules/route.yaml", "policy/scenarios/option-c/rules/route.yaml"),
        ("new-plan", "sen-support-above-limit"),
        strict=True,
    ):
        assert place.file == file
        assert (FROZEN / file).read_text(encoding="utf-8").splitlines()[place.line - 1].endswith(f"id: {row}")


def test_what_an_answer_rests_on_is_told() -> None:
    """The scenario's mark, the assumption, and that it is no decision of the council's."""
    data = decided(under("option-c")).to_json()
    assert data["scenario"]["name"] == "option-c"
    reason = data["answers"]["route"]["because"][0]
    assert reason["decision"] == "scenario option-c"
    assert reason["assumed"] == {"scenario": "option-c", "assumption": "c-protects-sen-support-above-6000"}
    assert "scenario" not in decided(under(None)).to_json()


def test_a_point_that_is_settled_leaves_its_cases_to_the_one_that_it_becomes() -> None:
    """In the rows that name it, wherever they name it; a row is named as it was."""
    for name in ("option-a", "option-b-60", "option-c"):
        period = under(name).on(IN_OCTOBER)
        assert not any("C6-share-protected" in one.open_points for one in period.questions["amount"].outcomes)
    kept = {one.id: one for one in under("option-b-60").on(IN_OCTOBER).questions["amount"].outcomes}
    assert kept["amount/protection-not-known"].open_points == ("P-what-a-community-pays",)
    assert kept["amount/issue-not-known-kept"].open_points[0] == "P-what-a-community-pays"


def test_without_decisions_the_policy_is_as_if_they_had_not_been_taken() -> None:
    of = under("model-1")
    assert "24/00120" not in of.decisions
    assert of.on(date(2026, 10, 1)).questions["route"].decision == "before-24/00120"
    assert decided(of).answers["route"].answer == "mainstream_claim"


FACTS = """facts:
  visits_a_year:
    label: How often a specialist teacher visits
    type: integer
    unit: count
    personal: true
"""
ROUTE = """question: route
ask: [visits_a_year]
versions:
  - from: $community_budgets_start
    keeps: {decision: 24/00120, from: $community_budgets_start, without: [out-of-scope]}
    rests_on: made-up
    answers:
      - id: out-of-scope-all-the-same
        answer: unchanged_process
        source: {document: report, paragraph: "7.2"}
        when: {all: [{fact: scope, is: out_of_scope}, {fact: visits_a_year, at_least: $some_visits}]}
      - id: out-of-scope-and-no-visit
        answer: school_budget
        source: {document: report, paragraph: "7.2"}
        when: {all: [{fact: scope, is: out_of_scope}, {fact: visits_a_year, below: $some_visits}]}
"""
VISITS = """scenario: visits
title: A further fact
says: "Made up: a further fact."
assumptions:
  - id: made-up
    says: Visits are counted.
    because: A test needs a fact that the policy does not have.
parameters:
  some_visits:
    label: A visit
    unit: count
    value: 1
    assumption: made-up
"""


def with_visits(folder: Path) -> Path:
    """Return a copy of the policy with a scenario that brings a fact."""
    root = copied(folder)
    own = root / "policy/scenarios/visits"
    (own / "rules").mkdir(parents=True)
    for name, text in {"scenario.yaml": VISITS, "rules/facts.yaml": FACTS, "rules/route.yaml": ROUTE}.items():
        (own / name).write_text(text, encoding="utf-8")
    return root


def test_a_scenario_brings_facts_that_the_policy_does_not_know(tmp_path: Path) -> None:
    """With it they are asked for and decided by; without it a case that gives one is refused."""
    root = with_visits(tmp_path)
    corpus = corpora.load(root)
    assert not [one for one in check(corpus) if not one.warning]
    laid = policy(corpus, scenario="visits")
    assert "visits_a_year" in laid.types
    assert "visits_a_year" not in policy(corpus).types
    text = PUPIL.replace('"age": 10, "year_group": 5', '"age": 3')
    assert "visits_a_year" in decided(laid, text).answers["route"].missing_facts
    given = text.replace('"age"', '"visits_a_year": 2, "age"')
    assert decided(laid, given).answers["route"].answer == "unchanged_process"
    (refused,) = read_text(given, "cases.json", policy(corpus))
    assert not isinstance(refused, Case)
    own = root / "policy/scenarios/visits"
    (own / "rules/facts.yaml").write_text(FACTS.replace("visits_a_year", "age"), encoding="utf-8")
    (own / "rules/route.yaml").unlink()
    told = [one for one in check(corpora.load(root)) if one.code == "same-id"]
    assert [(one.place.file, one.place.line) for one in told] == [("policy/scenarios/visits/rules/facts.yaml", 2)]


def test_a_folder_needs_what_names_it_and_a_name_is_used_once(tmp_path: Path) -> None:
    root = with_visits(tmp_path)
    own = root / "policy/scenarios/visits"
    (root / "policy/scenarios/visits.yaml").write_text(VISITS, encoding="utf-8")
    with pytest.raises(PolicyError) as raised:
        corpora.load(root)
    assert [(one.code, one.place.file) for one in raised.value.problems] == [
        ("same-id", "policy/scenarios/visits/scenario.yaml")
    ]
    (root / "policy/scenarios/visits.yaml").unlink()
    (own / "scenario.yaml").unlink()
    with pytest.raises(PolicyError) as raised:
        corpora.load(root)
    assert {one.code for one in raised.value.problems} == {"no-scenario"}


def test_no_decision_is_left_is_told() -> None:
    """A scenario that leaves out every decision has nothing to be laid over."""
    scenario = CORPUS.scenarios["model-1"].model_copy(update={"without_decisions": list(CORPUS.order)})
    (file,) = files_of(CORPUS, "model-1")
    broken = replace(CORPUS, scenarios=CORPUS.scenarios | {"model-1": scenario}, files=CORPUS.files | {file: scenario})
    assert "nothing-counts" in {one.code for one in check(broken)}


HEAD = "case_ref,decision_date,age,year_group,setting,plan,ehcp_issued_on,existing_claim,element3_rate,community_protection"


def cohort(folder: Path, *, in_srps: int = 0) -> Path:
    """Return a caseload of five pupils on SEN Support at £7,000 and five plans at £3,000, and some plans in SRPs."""
    rows = [f"A-{n},2025-10-01,10,5,mainstream,sen_support,,true,7000.00,kept" for n in range(5)]
    rows += [f"B-{n},2025-10-01,10,5,mainstream,ehcp,2024-03-01,true,3000.00,kept" for n in range(5)]
    rows += [f"C-{n},2025-10-01,10,5,srp,ehcp,2024-03-01,,," for n in range(in_srps)]
    path = folder / "cohort.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


#: By hand: 5 x £7,000 and 5 x £3,000 are £50,000; of all of it 50% to 75% is £25,000 to £37,500, and 60% is £30,000.
#: Under option C the £35,000 above £6,000 go on, and with plans only half and three quarters of £15,000 are protected.
BY_HAND = {
    None: ({"community_budget": 10}, {"known": 0, "in_part": 10, "open": 0, "nothing": 0}, "0.00", "25000.00", "37500.00"),
    "option-a": ({"community_budget": 10}, {"known": 0, "in_part": 0, "open": 10, "nothing": 0}, "0.00", "0.00", "0.00"),
    "option-b-60": (
        {"community_budget": 10}, {"known": 0, "in_part": 10, "open": 0, "nothing": 0}, "0.00", "30000.00", "30000.00",
    ),
    "option-c": (
        {"direct_existing_rate": 5, "community_budget": 5}, {"known": 5, "in_part": 0, "open": 5, "nothing": 0},
        "35000.00", "0.00", "0.00",
    ),
    "plans-only": (
        {"community_budget": 5, "school_budget": 5}, {"known": 0, "in_part": 5, "open": 0, "nothing": 5},
        "0.00", "7500.00", "11250.00",
    ),
    "model-1": ({"mainstream_claim": 10}, {"known": 10, "in_part": 0, "open": 0, "nothing": 0}, "50000.00", "0.00", "0.00"),
}  # fmt: skip


def test_options_stand_side_by_side_with_what_is_paid_protected_and_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each figure of ten pupils is worked out by hand; every option says whose it is."""
    names = ",".join(name for name in BY_HAND if name)
    status, out, err = senpolicy(capsys, "options", str(cohort(tmp_path)), "--scenarios", names, "--json")
    assert (status, SAYS in err) == (0, True)
    (found,) = json.loads(out)
    for one, (name, (routes, paid, known, low, high)) in zip(found["options"], BY_HAND.items(), strict=True):
        assert (one["scenario"] and one["scenario"]["name"]) == name
        assert bool(one["weighs"] and one["assumes"]) == (name is not None)
        assert (one["pupils"], one["not_decided"]) == (10, 0)
        assert {row["answer"]: row["pupils"] for row in one["answers"]["route"]} == routes, name
        assert {kind: held["pupils"] for kind, held in one["paid"].items()} == paid, name
        assert one["paid"]["known"]["pounds_a_year"] == known, name
        assert (one["paid"]["in_part"]["low"], one["paid"]["in_part"]["high"]) == (low, high), name


@pytest.mark.slow
def test_few_rows_are_decided_one_by_one_and_many_by_a_query_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query for each option takes far longer than ten pupils do."""
    path = cohort(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "X-1,soon,10,5\n", encoding="utf-8")
    few = options(path, [under(None), under("option-c")])
    monkeypatch.setattr("senpolicy.comparing.options.FEW", 0)
    many = options(path, [under(None), under("option-c")])
    assert few.to_json() == many.to_json()
    assert few.options[0].refused == 1


def test_small_counts_of_options_are_withheld(tmp_path: Path) -> None:
    """Three pupils of SRPs, and the count by which they would be told from the total; of pounds, what few of them get."""
    found = options(cohort(tmp_path, in_srps=3), [under(None), under("option-c")])
    assert found.count(0, "all", "") == 13
    assert found.count(0, "route", "srp_average_rate") is None
    assert found.count(0, "route", "community_budget") is None
    text = found.to_csv()
    assert "withheld" in text
    assert ",3" not in text.replace(",37500", "")


def test_a_sum_is_withheld_that_differs_by_what_few_pupils_get(tmp_path: Path) -> None:
    """With three of eleven above the limit on SEN Support, option C's known sum less the policy's would be theirs."""
    rows = [f"A-{n},2025-10-01,10,5,mainstream,ehcp,2024-03-01,true,7000.00,kept" for n in range(8)]
    rows += [f"B-{n},2025-10-01,10,5,mainstream,sen_support,,true,7000.00,kept" for n in range(3)]
    path = tmp_path / "cohort.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    found = options(path, [under(None), under("option-c")])
    assert None in (found.pounds(0, "known"), found.pounds(1, "known"))


def test_a_sum_is_withheld_that_differs_from_another_of_its_option_by_what_few_pupils_get() -> None:
    """With a range for two of ten alone, the most less the least would be what these two may get more."""
    several = [Become({}, (low, high), (), whole=False) for low, high in [(3500, 3500)] * 8 + [(2000, 3000)] * 2]
    found = Options([Option(under(None), several)], [])
    assert found.count(0, "paid", "in_part") == 10
    assert None in (found.pounds(0, "in_part"), found.pounds(0, "in_part", 1))


def test_options_are_written_as_a_page_and_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With each option's mark, what the paper weighs of it, and what is assumed; a name that is not known is refused."""
    file = str(cohort(tmp_path))
    for name in ("o.html", "o.csv"):
        status, _, err = senpolicy(capsys, "options", file, "--scenarios", "option-a", "-o", str(tmp_path / name))
        assert status == 0, err
        text = html.unescape((tmp_path / name).read_text(encoding="utf-8"))
        assert CORPUS.scenarios["option-a"].says in text
        assert all(one.says in text for one in CORPUS.scenarios["option-a"].grounds)
    status, _, err = senpolicy(capsys, "options", file, "--scenarios", "option-x")
    assert (status, "'option-x' is not a scenario" in err) == (2, True)
    status, _, err = senpolicy(capsys, "options", file, "-o", str(tmp_path / "o.xlsx"))
    assert status == 2, err


def test_a_column_that_is_not_declared_stops_options_or_is_left_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = cohort(tmp_path)
    rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{rows[0]},shoe", *(f"{row},red" for row in rows[1:])]) + "\n", encoding="utf-8")
    status, _, err = senpolicy(capsys, "options", str(file), "--scenarios", "option-a")
    assert (status, "shoe" in err) == (1, False), err
    status, _, err = senpolicy(capsys, "options", str(file), "--scenarios", "option-a", "--leave-unread")
    assert status == 0, err
    assert "left unread" in err


@pytest.mark.slow
def test_two_scenarios_are_held_against_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """By their names, for every case that can be."""
    status, out, err = senpolicy(
        capsys, "compare", "option-a", "option-d", "--question", "protection", "--json", "--root", str(FROZEN)
    )
    assert status == 0, err
    (found,) = json.loads(out)
    assert (found["base"]["name"], found["head"]["name"]) == ("option-a", "option-d")
    assert [found[side]["digest"] for side in ("base", "head")] == [
        under(one).digest for one in ("option-a", "option-d")
    ]
    assert "D-three-months-of-which-year" in out
    for kind in ((), ("--markdown",)):
        _, out, _ = senpolicy(
            capsys, "compare", "option-a", "option-d", "--question", "protection", *kind, "--root", str(FROZEN)
        )
        told = " ".join(out.split())
        assert all(CORPUS.scenarios[name].says in told for name in ("option-a", "option-d")), out


def test_a_folder_of_which_nothing_is_read_is_not_passed_over(tmp_path: Path) -> None:
    """A scenario's or a decision's, empty or with a note alone."""
    root = copied(tmp_path, FROZEN)
    (root / "policy/scenarios/option-x").mkdir()
    (root / "policy/26-00041").mkdir()
    (root / "policy/26-00041/README.md").write_text("A note.", encoding="utf-8")
    found = [(one.code, one.place.file) for one in check(corpora.load(root)) if not one.warning]
    assert found == [("no-decision", "policy/26-00041"), ("no-scenario", "policy/scenarios/option-x")]


def test_another_policy_is_made_from_what_is_beneath_a_scenario() -> None:
    """A scenario that is laid over the policy is in no policy that is made from there."""
    laid = under("option-c").corpus
    again = policy(laid)
    assert (again.digest, again.decisions) == (under(None).digest, under(None).decisions)
    assert policy(laid, scenario="option-c").digest == under("option-c").digest
