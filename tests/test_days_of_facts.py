"""Facts, values, levels, editions and answers that begin or end on a day, by a decision; and a scenario's own names.

One made-up decision brings all five at once to a copy of the policy. No old version, golden case, locked decision or
scenario of the copy is touched.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import generated
from columned import broken, coded, difference, rows_of
from copies import copied, replace, state, toy, write
from golden_files import ROOT, loaded
from senpolicy.caseloads.engines import engine
from senpolicy.checking import corpus as check
from senpolicy.checking import lock
from senpolicy.checking.days import out_of_force
from senpolicy.checking.exhaustive import faults
from senpolicy.checking.recovery import check_all
from senpolicy.deciding.cases import Case, Refused, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.explaining.timeline_of_a_case import Timeline
from senpolicy.explaining.timeline_of_a_case import timeline as timeline_of
from senpolicy.files.problems import Fix, Problem
from senpolicy.language.conditions import UNDETERMINED, Value
from senpolicy.policy import corpus as corpora
from senpolicy.policy import scenarios, timeline
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.days import known_by
from senpolicy.policy.places import place_of_row
from senpolicy.policy.scenarios import with_own_names
from senpolicy.proving import proofs
from senpolicy.readings.columns import Columns
from senpolicy.site import calculator
from senpolicy.site.addresses import Here
from senpolicy.site.rows import answer_rows, value_items
from senpolicy.site.today import Today

FACTS, DRAFT = "rules/facts.yaml", "descriptors/continuum-draft-2025-06/edition.yaml"
NEW = "descriptors/continuum-made-up/edition.yaml"
SOURCE = '{document: report, paragraph: "3.20"}'
DECISION = f"""\
# Illustrative: made up for a test.
number: 26/00041
title: Illustrative decision, made up for a test
status: taken
taken: {{day: 2026-11-03}}
decides: [{{id: illustration, says: Nothing; it is made up., source: {SOURCE}}}]
documents: [report]
"""
#: The hub, the fact about it, a level and a band from September 2027; an edition and another name a year later.
DAYS = {
    "hub_start": "2027-09-01", "level_start": "2027-09-01", "band_start": "2027-09-01", "band_until": "2028-08-31",
    "name_start": "2028-09-01", "edition_start": "2028-09-01",
}  # fmt: skip
LEVELS = "levels: [sen_support, wider_support, tier_1, tier_2]"
AREAS = ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health",
         "sensory_and_physical")  # fmt: skip
EDITION = f"""\
edition: continuum-made-up
title: A made-up Continuum
status: illustrative
decision: 26/00041
replaces: continuum-draft-2025-06
from: $edition_start
source: {SOURCE}
levels:
  - {{id: sen_support, label: Support in school (made up), order: 1}}
  - {{id: wider_support, label: Wider support (made up), order: 2}}
  - {{id: tier_1, label: Tier 1 (made up), order: 3}}
  - {{id: tier_2, label: Tier 2 (made up), order: 4}}
levels_held: true
areas: [{", ".join(f"{{id: {area}, label: {area}}}" for area in AREAS)}]
strands_held: false
statements_held: false
banding: {{method: highest_area}}
"""
#: A row by which the made-up band is that of every pupil whom the tariff pays for.
BAND = """\
      - id: {0}
        answer: {0}
        source: {1}
        when:
          all:
            - {{fact: route, is: tariff}}
            - not:
                all:
                  - {{fact: setting, is: mainstream}}
                  - any:
                      - {{fact: plan, one_of: [sen_support, none]}}
                      - {{fact: adaptation_level, one_of: $community_levels}}
"""


def parameter(name: str, unit: str, value: str, start: str = "") -> str:
    since = f"\n    from: {start}" if start else ""
    return f"  {name}:\n    label: Made up\n    unit: {unit}\n    value: {value}{since}\n    source: {SOURCE}\n"


def next_version(folder: Path, question: str, start: str, old: str, *new: tuple[str, str]) -> None:
    """Add to a question a version like that of 24/00120 from September 2026, with other texts in the place of some."""
    file = folder / "rules" / f"{question}.yaml"
    text = file.read_text(encoding="utf-8")
    first, end = text.index(f"  - from: ${old}\n"), text.index("cautions:\n")
    version = text[first:end].split("\n  - from:")[0].rstrip("\n") + "\n"
    version = version.replace(f"${old}", f"${start}", 1).replace("decision: 24/00120", "decision: 26/00041", 1)
    for wrong, right in new:
        assert wrong in version, wrong
        version = version.replace(wrong, right)
    file.write_text(text[:end] + version + text[end:], encoding="utf-8")


def five_changes(folder: Path) -> Path:
    """Return a copy of the policy with all that the made-up decision brings."""
    root = copied(folder)
    values = "".join(parameter(name, "date", day) for name, day in DAYS.items())
    values += parameter("community_levels", "levels", "[sen_support, wider_support]", "2028-09-01")
    values += parameter("rate_of_band_1", "pounds_a_year", "1.00", "2027-09-01")  # The name that the scenario uses.
    write(root, "policy/26-00041/decision.yaml", DECISION)
    write(root, "policy/26-00041/parameters.yaml", f"parameters:\n{values}")
    hub = "      hub: a neighbourhood hub (made up)\n    days: {hub: {from: $hub_start, decision: 26/00041}}\n"
    replace(root, FACTS, r"^      hospital_school: .*\n", rf"\g<0>{hub}")
    fact = "  in_hub:\n    label: Made up\n    type: boolean\n    personal: true\n    from: $hub_start\n"
    replace(root, FACTS, r"^  proposed_allocation:\n", rf"{fact}    decision: 26/00041\n\g<0>")
    level = "  - {id: highest_support, label: Made up, order: 4, from: $level_start, decision: 26/00041}\n"
    replace(root, DRAFT, r"^levels_held", rf"{level}\g<0>")
    write(root, NEW, EDITION)
    outside = "[independent, non_maintained_special, early_years, post16_provider]"
    next_version(root, "scope", "hub_start", "tariff_start", (outside, f"{outside[:-1]}, hub]"))
    words = "  band_1: Band 1 (made up).\n  band_a: Band A, called band 1 before (made up).\ndays:\n"
    words += "  band_1: {from: $band_start, until: $band_until, decision: 26/00041}\n"
    words += "  band_a: {from: $name_start, decision: 26/00041}\n"
    replace(root, "rules/band.yaml", r"^  not_applicable: .*\n", rf"\g<0>{words}")
    for start, band in (("band_start", "band_1"), ("name_start", "band_a")):
        left_open = "    open:\n      - point: P-bands-not-named\n        when: {fact: route, is: tariff}\n"
        next_version(root, "band", start, "tariff_start", (left_open, BAND.format(band, SOURCE)))
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return five_changes(tmp_path_factory.mktemp("five"))


@pytest.fixture(scope="module")
def corpus(root: Path) -> Corpus:
    return check.sound(corpora.load(root))


@pytest.fixture(scope="module")
def decider(corpus: Corpus) -> Decider:
    return Decider(timeline.policy(corpus))


def read(decider: Decider, day: str, facts: dict[str, Any]) -> Decision | list[Problem]:
    """Return the decision of a case, or why it is refused."""
    given = ", ".join(f"{name}: {value}" for name, value in facts.items())
    (case,) = read_text(f"{{case_ref: K-1, decision_date: {day}, {given}}}", "case.yaml", decider.policy)
    if isinstance(case, Refused):
        return list(case.problems)
    found = decider.decide(case)
    assert isinstance(found, Decision), found
    return found


def answer(decider: Decider, day: str, question: str, **facts: Any) -> str:
    found = read(decider, day, facts)
    return found.answers[question].answer if isinstance(found, Decision) else found[0].code


PUPIL: dict[str, Any] = {"age": 9, "year_group": 5, "setting": "mainstream", "plan": "ehcp", "element3_rate": 9000}
#: For each change what a case is asked, on the last day before it and on its first.
SIDES: list[tuple[str, str, dict[str, Any], tuple[str, str], tuple[str, str]]] = [
    ("a setting", "scope", {"setting": "hub"}, ("2027-08-31", "setting-not-in-force"), ("2027-09-01", "out_of_scope")),
    ("a fact", "scope", {**PUPIL, "in_hub": "true"},
     ("2027-08-31", "in_hub-not-in-force"), ("2027-09-01", "in_scope")),
    ("a level", "route", {**PUPIL, "adaptation_level": "highest_support"},
     ("2027-08-31", "adaptation_level-not-in-force"), ("2027-09-01", "tariff")),
    ("a level of the new edition", "route", {**PUPIL, "adaptation_level": "tier_1"},
     ("2028-08-31", "adaptation_level-not-in-force"), ("2028-09-01", "tariff")),
    ("a level of the old edition", "route", {**PUPIL, "adaptation_level": "specific_allocation"},
     ("2028-08-31", "tariff"), ("2028-09-01", "adaptation_level-not-in-force")),
    ("a level of the Community under another id", "route", {**PUPIL, "adaptation_level": "wider_support"},
     ("2028-08-31", "adaptation_level-not-in-force"), ("2028-09-01", "community_budget")),
    ("a level that both editions have", "route", {**PUPIL, "adaptation_level": "sen_support"},
     ("2028-08-31", "community_budget"), ("2028-09-01", "community_budget")),
    ("a band", "band", {**PUPIL, "setting": "special"}, ("2027-08-31", UNDETERMINED), ("2027-09-01", "band_1")),
    ("a band with another name", "band", {**PUPIL, "setting": "special"},
     ("2028-08-31", "band_1"), ("2028-09-01", "band_a")),
    ("ratings, by the edition of the day", "route",
     {**PUPIL, **dict.fromkeys((f"rating_{area}" for area in AREAS), "sen_support"),
      "rating_cognition_and_learning": "wider_support"},
     ("2028-08-31", "rating_cognition_and_learning-not-in-force"), ("2028-09-01", "community_budget")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "question", "sides"), [(one[2], one[1], one[3:]) for one in SIDES], ids=lambda one: ""
)
def test_a_case_of_a_day_sees_what_counts_on_it(
    decider: Decider, facts: dict[str, Any], question: str, sides: tuple[tuple[str, str], ...]
) -> None:
    assert [answer(decider, day, question, **facts) for day, _ in sides] == [expected for _, expected in sides]


def test_what_does_not_count_on_the_day_is_refused_in_plain_words(decider: Decider) -> None:
    """Which field, that it is the day which is at fault, and what can be written; the case's own value is not said."""
    setting, hub = (read(decider, "2027-08-31", facts) for facts in ({"setting": "hub"}, {"in_hub": "true"}))
    assert isinstance(setting, list)
    assert isinstance(hub, list)
    said = "This value of 'setting' does not count on the day of the case."
    assert [(one.field, one.message) for one in setting] == [("setting", said)]
    assert setting[0].help.startswith("Check the day, or use one of mainstream, srp,")
    assert "hub" not in str(setting[0])
    assert [one.message for one in hub] == ["'in_hub' does not count on the day of the case."]
    assert hub[0].help == "Leave it out, or check the day."


def test_the_highest_rating_is_looked_for_among_the_levels_of_the_day(decider: Decider) -> None:
    """The highest level of the new edition settles it, whatever else is not known; the draft has no method at all."""
    found = read(decider, "2028-09-01", {**PUPIL, "rating_cognition_and_learning": "tier_2"})
    assert isinstance(found, Decision)
    assert found.case.facts["adaptation_level"] == "tier_2"
    before = read(decider, "2028-08-31", {**PUPIL, "rating_cognition_and_learning": "sen_support"})
    assert isinstance(before, Decision)
    assert "adaptation_level" not in before.case.facts


def test_the_timeline_of_a_case_ends_where_a_value_no_longer_counts(decider: Decider) -> None:
    """With its level of the old edition a case is followed up to the new one, and it is said why no further."""
    (case,) = read_text(
        "{case_ref: K-1, decision_date: 2027-10-01, setting: special, adaptation_level: specific_allocation}",
        "case.yaml", decider.policy,
    )  # fmt: skip
    assert isinstance(case, Case)
    found = timeline_of(decider, case, date(2029, 8, 31))
    assert isinstance(found, Timeline)
    assert found.until == date(2028, 8, 31)
    assert [one.code for one in found.then] == ["adaptation_level-not-in-force"]
    assert [text for _, text in found.lines()][-2].startswith("  From 1 September 2028 on: This value")
    data: Any = found.to_json()
    assert data["then"][0]["code"] == "adaptation_level-not-in-force"


def test_nothing_of_before_is_touched(root: Path, corpus: Corpus) -> None:
    """As of each earlier decision, and so for each golden case, every case is decided as before; the locks hold."""
    old = loaded(ROOT)
    for scenario in (None, "illustrative"):
        for decision in ("before-24/00120", "24/00026", "24/00117", "24/00120", "24/00121", "25/00092"):
            was, now = (timeline.policy(one, as_of=decision, scenario=scenario) for one in (old, corpus))
            assert was.digest == now.digest, (decision, scenario)
    assert [one for one in lock.check(corpus) if not one.warning] == []
    before, after = state(ROOT / "policy"), state(root / "policy")
    assert {name for name in after if before.get(name) != after[name]} == {
        "26-00041/decision.yaml", "26-00041/parameters.yaml",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [None, "illustrative"])
def test_every_kind_of_case_of_every_day_has_one_answer_or_open_point(corpus: Corpus, scenario: str | None) -> None:
    """Old versions say nothing of the new setting and need not; the made-up scenario goes on as it is."""
    assert faults(timeline.policy(corpus, scenario=scenario)) == []


# The other readings.


@pytest.mark.slow
def test_a_caseload_in_sql_is_refused_and_decided_as_a_single_case_is(decider: Decider) -> None:
    """On generated cases of days around each change, values and levels of every time among them."""
    policy, columns, source = decider.policy, Columns(decider.policy), random.Random(20260901)
    days: list[Value] = [date.fromisoformat(day) for day in ("2027-08-31", "2027-09-01", "2028-08-31", "2028-09-01")]
    tried = {**generated.values(policy), "decision_date": days}
    facts = [generated.drawn(source, tried) for _ in range(600)]
    cases = [generated.given(one, policy) for one in facts]
    running = engine("duckdb", columns)
    resolved = pa.concat_tables(running.resolved(iter([coded(columns, facts)]))).combine_chunks()
    running.close()
    problems, seen = resolved["problems"].to_pylist(), set[str]()
    for place, row in enumerate(rows_of(columns, resolved)):
        case = cases[place]
        refused = {problem.code for problem in case.problems} if isinstance(case, Refused) else set()
        assert refused == broken(problems[place], columns.problem_rules), facts[place]
        seen |= refused
        if isinstance(case, Case):
            warnings = broken(resolved["warnings"][place].as_py(), columns.warning_rules)
            assert difference(decider.decide(case), row, warnings) is None, facts[place]
    assert {"setting-not-in-force", "in_hub-not-in-force", "adaptation_level-not-in-force"} <= seen


def test_the_calculator_has_the_days_and_the_editions_of_each_stretch(decider: Decider) -> None:
    data: Any = calculator.compiled(decider.policy)
    by_start = {one["start"]: one for one in data["periods"]}
    rules = {start: {data["rules"][place]["id"] for place in one["problems"]} for start, one in by_start.items()}
    assert "setting-not-in-force" in rules[""]
    assert "setting-not-in-force" not in rules["2027-09-01"]
    assert by_start["2027-09-01"]["levels"] is None
    assert by_start["2028-09-01"]["levels"]["order"] == ["sen_support", "wider_support", "tier_1", "tier_2"]


def test_pages_say_from_when_until_when(corpus: Corpus) -> None:
    here = Here("policy/facts.md", corpus, Today(date(2026, 11, 30)))
    (hub,) = [one for one in value_items(here, corpus.facts.facts["setting"]) if "hub" in one]
    assert "from" in hub
    assert "1 September 2027" in hub
    assert "26/00041" in hub
    assert [one for one in value_items(here, corpus.facts.facts["setting"]) if "(from" in one] == [hub]
    said = dict(answer_rows(here, corpus.questions["band"], str))
    assert "until" in str(said["Band_1"])


# What is wrong, at its place.

#: What is changed in the copy, the code of the problem, and the place and the words that it must have.
FAULTS: list[tuple[str, str, str, str, str, str, str]] = [
    ("no decision", FACTS, "hub: {from: \\$hub_start, decision: 26/00041}", "hub: {from: $hub_start}",
     "days", FACTS, "Add 'decision'"),
    ("days of a value that is not there", FACTS, "days: {hub: ", "days: {hubs: ", "unknown-value", FACTS, "'hub'"),
    ("a day that no decision sets", FACTS, r"hub: {from: \$hub_start", "hub: {from: $hub_begin",
     "unknown-parameter", FACTS, "Look it up"),
    ("an amount for a day", FACTS, r"hub: {from: \$hub_start", "hub: {from: $rate_of_band_1",
     "unit-mismatch", FACTS, "Name a value"),
    ("an end before the start", "rules/band.yaml", r"until: \$band_until", "until: $tariff_start",
     "dates-reversed", "rules/band.yaml", "Let it end"),
    ("a fact that every case needs", FACTS, "type: reference\n    required: true",
     "type: reference\n    required: true\n    from: $hub_start\n    decision: 26/00041", "days", FACTS, "Take out"),
    ("an edition without a day", NEW, r"from: \$edition_start\n", "", "days", NEW, "Add 'from'"),
    ("an edition that replaces itself", NEW, "replaces: continuum-draft-2025-06", "replaces: continuum-made-up",
     "days", NEW, "used until then"),
    ("levels in another order", NEW, "{id: sen_support, label: Support in school .made up., order: 1}",
     "{id: specific_allocation, label: Made up, order: 1}\n  - {id: sen_support, label: Made up, order: 2}",
     "level-order", NEW, "new id"),
    ("a rule of before that asks for what comes later", FACTS, "  - when: {fact: plan, is: none}\n",
     "  - when: {fact: setting, is: hub}\n", "not-yet-set", FACTS, "Name that decision"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "pattern", "by", "code", "where", "help"), [one[1:] for one in FAULTS],
                         ids=[one[0] for one in FAULTS])  # fmt: skip
def test_days_that_are_not_whole_are_told_at_their_place(
    root: Path, file: str, pattern: str, by: str, code: str, where: str, help: str
) -> None:
    before = (root / file).read_text(encoding="utf-8")
    try:
        replace(root, file, pattern, by)
        found = [one for one in check_all(root).problems if not one.warning]
    finally:
        (root / file).write_text(before, encoding="utf-8")
    assert [one for one in found if (one.code, one.place.file) == (code, where) and help in one.help], found


def deep(root: Path, file: str, pattern: str, by: str) -> list[Problem]:
    """Return what trying the rules says of the copy with one change, which is then taken back."""
    before = (root / file).read_text(encoding="utf-8")
    try:
        replace(root, file, pattern, by)
        return sorted(set(out_of_force(timeline.policy(check.sound(corpora.load(root))))))
    finally:
        (root / file).write_text(before, encoding="utf-8")


@pytest.mark.slow
def test_a_row_that_goes_on_giving_an_answer_after_its_last_day_is_told(root: Path) -> None:
    found = deep(root, "rules/band.yaml", r"answer: band_a\n", "answer: band_1\n")
    (one,) = found
    assert (one.place.file, one.message) == (
        "rules/band.yaml", "'band_1' does not count from 2028-09-01, and this row gives it then.")  # fmt: skip
    assert "id: band_a" in (root / one.place.file).read_text(encoding="utf-8").splitlines()[one.place.line - 1]


def test_a_version_that_asks_for_what_never_counts_in_its_days_is_told(root: Path) -> None:
    """A level of the later edition in the version that the edition's first day ends."""
    file = "rules/band.yaml"
    found = deep(root, file, r"(?s)(answer: band_1\n.*?)\{fact: route, is: tariff\}",
                 r"\g<1>{fact: route, is: tariff}\n            - {fact: adaptation_level, is: tier_1}")  # fmt: skip
    assert [one.message for one in found] == [
        "'tier_1' of 'adaptation_level' does not count on any day of this version."
    ]


def test_an_edition_without_a_level_that_a_value_names_is_told_there(root: Path) -> None:
    """The value is a locked decision's: it is the new edition that lacks the level, and a new value that is wanted."""
    found = deep(root, "policy/26-00041/parameters.yaml", "^    from: 2028-09-01\n", "    from: 2029-09-01\n")
    assert {(one.place.file, one.place.line) for one in found} == {(NEW, 8)}
    assert found[0].message.startswith(
        "'community_levels' of 24/00120 names 'wider_support_and_strategies' from 2028-09-01"
    )
    assert "let 26/00041 set 'community_levels' again" in found[0].help


def test_a_level_that_gets_another_id_is_told_at_the_edition_and_not_at_the_locked_decision(tmp_path: Path) -> None:
    """F24 of the edits that officers could make: the help once was to change what the council decided."""
    root = copied(tmp_path)
    replace(root, DRAFT, "id: wider_support_and_strategies", "id: wider_support")
    (found,) = check_all(root).problems
    line = (root / DRAFT).read_text(encoding="utf-8").splitlines()[found.place.line - 1]
    assert (found.place.file, line.strip()) == (DRAFT, "- id: wider_support")
    assert "new edition that replaces 'continuum-draft-2025-06'" in found.help
    assert found.fix == Fix("wider_support", "wider_support_and_strategies")


def test_that_a_level_waits_for_every_area_is_said_and_not_told_as_a_fault(corpus: Corpus) -> None:
    """With three areas of four rated the route can be certain and the level is not: by the edition it waits."""
    name = "what-cannot-matter-is-not-asked"
    report = proofs.prove([timeline.policy(corpus)], clock=lambda: 0.0, only=name)
    assert [one.problem.message for one in report.findings] == []
    assert [(about, "'continuum-made-up'" in said) for about, said in report.notes] == [(name, True)]


# Names of a scenario's own.


def test_a_decision_that_uses_a_scenarios_names_changes_nothing_of_the_scenario(corpus: Corpus) -> None:
    """Its bands and its rates are its own: the decision's band_1 is not paid by the made-up rate of that name."""
    assumed = Decider(timeline.policy(corpus, scenario="illustrative"))
    first = {**PUPIL, "adaptation_level": "specific_allocation_1"}
    before = read(assumed, "2026-10-01", first)
    assert isinstance(before, Decision)
    assert (before.answers["band"].answer, before.answers["amount"].gives["pounds_a_year"]) == ("band_1", 700000)
    now = read(assumed, "2027-10-01", first)
    assert isinstance(now, Decision)
    assert now.answers["band"].answer == "band_1"
    assert now.answers["band"].because[0].outcome.assumed == ""
    assert (now.answers["amount"].answer, now.answers["amount"].open_points) == (UNDETERMINED, ("P-tariff-rates",))


def test_a_row_may_have_the_id_of_a_scenarios_row_that_counts_beside_it(tmp_path: Path) -> None:
    """One row is an outcome of the policy, and the other of the scenario: each has its own place and its own figure."""
    root = copied(tmp_path)
    first = r"(  - from: \$tariff_start\n    decision: 24/00120\n    answers:\n      - id: )nothing-by-this-policy"
    replace(root, "rules/amount.yaml", first, r"\1rate-of-band-1")
    assumed = timeline.policy(corpora.load(root), scenario="illustrative")
    question = assumed.on(date(2026, 10, 1)).questions["amount"]
    both = [one.id for one in question.outcomes if "rate-of-band-1" in one.id]
    assert both == ["amount/rate-of-band-1", "amount/illustrative.rate-of-band-1"]
    files = [place_of_row(assumed.corpus, one, question.version).file for one in both]
    assert files == ["rules/amount.yaml", "policy/scenarios/illustrative.yaml"]
    pupil = read(Decider(assumed), "2026-10-01", {**PUPIL, "adaptation_level": "specific_allocation_1"})
    assert isinstance(pupil, Decision)
    assert pupil.answers["amount"].gives["pounds_a_year"] == 700000


def test_a_row_is_found_in_its_own_version_where_one_decision_has_several(corpus: Corpus) -> None:
    versions = corpus.questions["amount"].versions
    own = [at for at, one in enumerate(versions) if any(row.name == "nothing-by-this-policy" for row in one.rows)]
    lines = [place_of_row(corpus, "amount/nothing-by-this-policy", at).line for at in own]
    assert len(set(lines)) == len(own) > 3


def test_a_scenarios_edition_gives_way_to_a_later_one_of_the_council(corpus: Corpus) -> None:
    assumed = Decider(timeline.policy(corpus, scenario="illustrative"))
    days = ("2028-08-31", "2028-09-01")
    assert [answer(assumed, day, "route", **PUPIL, adaptation_level="universal") for day in days] == [
        "community_budget", "adaptation_level-not-in-force",
    ]  # fmt: skip
    assert answer(assumed, "2028-09-01", "route", **PUPIL, adaptation_level="wider_support") == "community_budget"
    assert answer(assumed, "2028-09-01", "route", **PUPIL, adaptation_level="tier_1") == "tariff"


def test_no_row_of_a_scenario_waits_for_a_band_that_nobody_gives_any_longer(corpus: Corpus) -> None:
    """Where its edition gave way, its bands are none: their rates settle nothing, and no fact is asked for."""
    assumed = timeline.policy(corpus, scenario="illustrative")
    by_day = {day: [one.id for one in assumed.on(date.fromisoformat(day)).questions["amount"].outcomes if one.assumed]
              for day in ("2026-10-01", "2028-10-01")}  # fmt: skip
    assert (len(by_day["2026-10-01"]), by_day["2028-10-01"]) == (4, [])
    pupil = read(Decider(assumed), "2028-10-01", {"age": 9, "year_group": 4, "setting": "srp"})
    assert isinstance(pupil, Decision)
    amount = pupil.answers["amount"]
    assert (amount.answer, amount.open_points, amount.missing_facts) == (UNDETERMINED, ("P-tariff-rates",), ())


def test_rules_read_the_decisions_value_and_the_scenarios_rows_their_own() -> None:
    """Of one name; a value that no row of the scenario names is in the place of the policy's, as before."""
    scenario = loaded(ROOT).scenarios["illustrative"]
    made = with_own_names(scenario, ["rate_of_band_1", "community_levels"])
    assert {"illustrative.rate_of_band_1", "rate_of_band_2", "community_levels"} <= made.parameters.keys()
    assert "rate_of_band_1" not in made.parameters
    rows = [row for one in made.settles for row in one.rows if row.id == "rate-of-band-1"]
    assert [row.gives for row in rows] == [{"pounds_a_year": "$illustrative.rate_of_band_1"}]
    assert with_own_names(scenario, ["community_levels"]) is scenario


def with_a_caution_that_ends(corpus: Corpus) -> Corpus:
    """The corpus with a caution that no longer counts within a stretch in which nothing else changes."""
    question = next(one for one in corpus.questions.values() if one.cautions)
    ended = [one.model_copy(update={"before": "$ends", "start": None}) for one in question.cautions]
    number, day = next(
        setter for setters in corpus.parameters.values() for setter in setters if setter[1].unit == "date"
    )
    ends = day.model_copy(update={"value": date(2025, 12, 24), "start": None})
    questions = {**corpus.questions, question.question: question.model_copy(update={"cautions": ended})}
    parameters = {**corpus.parameters, "ends": [(number, ends)]}
    return dataclasses.replace(corpus, questions=questions, parameters=parameters)


@pytest.mark.slow
@pytest.mark.parametrize("changed", [None, with_a_caution_that_ends])
def test_what_is_bound_once_is_what_would_be_bound_again(
    corpus: Corpus, changed: Callable[[Corpus], Corpus] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question is taken again for another day, decision or scenario only where it would be the same."""
    corpus = changed(corpus) if changed else corpus
    ways: list[dict[str, Any]] = [
        {"as_of": as_of, "include_proposed": proposed, "readings": readings, "scenario": scenario}
        for readings in ("all", "none")
        for scenario in (None, *(corpus.scenarios if readings == "all" else ()))
        for proposed in (False, True)
        for as_of in (None, *(one for one in corpus.order if corpus.decisions[one].counts(proposed)))
    ]
    ways = [one for one in ways if one["scenario"] is None or one["as_of"] in (None, corpus.order[-1])]
    once = [timeline.policy(corpus, **way).periods for way in ways]
    monkeypatch.setattr(scenarios.MadeOnce, "made", lambda self, rests_on, value_of, make: make())
    assert once == [timeline.policy(dataclasses.replace(corpus), **way).periods for way in ways]


def test_as_of_an_earlier_decision_what_a_later_one_brings_is_not_there_and_all_else_is(tmp_path: Path) -> None:
    root = toy(
        tmp_path,
        (
            "rules/facts.yaml",
            r"(values: \{book.*)",
            r"\1\n    days: {atlas: {from: $half_fines_start, decision: fines-2026}}",
        ),
    )
    corpus = corpora.load(root)
    values = [
        [*known_by(corpus, decisions).facts.facts["item"].values]
        for decisions in (["fines-2024"], ["fines-2024", "fines-2026"])
    ]
    assert values == [["book", "film"], ["book", "film", "atlas"]]
