"""Sections: rows that share a condition mean the same as rows that say it each, and are told of where they stand."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bending import bent
from copies import copied
from golden_files import FROZEN
from senpolicy.checking.corpus import sound
from senpolicy.checking.recovery import check_all
from senpolicy.files.models.rules import Version
from senpolicy.files.problems import At, Problem
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.places import place_of_row
from senpolicy.policy.timeline import policy
from senpolicy.proving.proofs import policies, prove
from senpolicy.proving.questions import within
from senpolicy.readings.say import say
from senpolicy.writing import new, tidying
from senpolicy.writing.lines import Flow

ROUTE = "rules/route.yaml"
SOURCE = {"document": "report", "paragraph": "1"}


@pytest.fixture(scope="module")
def real() -> Corpus:
    return sound(corpora.load(FROZEN))


def version(*sections: dict[str, Any], **own: Any) -> Version:
    return Version.model_validate({"decision": "24/00120", **own, "sections": sections}, by_alias=True, by_name=False)


def row(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "answer": "yes", "source": SOURCE, **more}


def put(folder: Path, old: str, other: str) -> Path:
    """Return a copy of the policy in which one text of rules/route.yaml is another."""
    put_again(copied(folder), old, other)
    return folder


def put_again(folder: Path, old: str, other: str) -> None:
    path = folder / ROUTE
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    path.write_text(text.replace(old, other), encoding="utf-8")


def line(folder: Path, words: str) -> int:
    """Return the line of rules/route.yaml on which words stand for the first time."""
    text = (folder / ROUTE).read_text(encoding="utf-8")
    return text.count("\n", 0, text.index(words)) + 1


# What a row of a section means


def test_a_row_holds_where_what_its_section_is_given_and_its_own_condition_hold() -> None:
    """The `given` comes first, its parts and the row's in one `all`; a row may leave its own condition out."""
    srp, ehcp = {"fact": "setting", "is": "srp"}, {"fact": "plan", "is": "ehcp"}
    either = {"any": [{"fact": "age", "known": False}, {"fact": "age", "at_most": "0"}]}
    held = version(
        {
            "heading": "One",
            "given": {"all": [srp, ehcp]},
            "answers": [row("both", when={"all": [either]}), row("given-alone")],
            "open": [{"point": "P", "when": either}],
        },
        {"heading": "Two", "given": srp, "answers": [row("alone"), row("in-every-case", when={"all": []})]},
        answers=[row("own", when=ehcp)],
    )
    said = {one.row.name: one.row.model_dump(by_alias=True, exclude_none=True)["when"] for one in held.placed}
    assert said == {
        "own": ehcp,
        "both": {"all": [srp, ehcp, either]},
        "given-alone": {"all": [srp, ehcp]},
        "P": {"all": [srp, ehcp, either]},
        "alone": srp,
        "in-every-case": srp,
    }
    assert [one.name for one in held.rows] == ["own", "both", "given-alone", "alone", "in-every-case", "P"]
    assert [one.name for one in held.answers] == ["own", "both", "given-alone", "alone", "in-every-case"]
    assert [one.name for one in held.open] == ["P"]


def test_each_part_of_a_whole_condition_is_found_where_it_is_written() -> None:
    srp, ehcp, age = ({"fact": "setting", "is": "srp"}, {"fact": "plan", "is": "ehcp"}, {"fact": "age", "at_most": "0"})
    held = version(
        {"heading": "One", "given": {"all": [srp]}, "answers": [row("a", when={"any": [ehcp, age]}), row("b")]},
        answers=[row("own", when={"all": [srp, age]})],
    )
    own, a, b = held.placed
    at: At = ("versions", 0)
    assert within(at, own, "all", 1) == (*at, "answers", 0, "when", "all", 1)
    assert within(at, a, "all", 0) == (*at, "sections", 0, "given", "all", 0)
    assert within(at, a, "all", 1, "any", 1) == (*at, "sections", 0, "answers", 0, "when", "any", 1)
    assert within(at, b) == (*at, "sections", 0, "given", "all", 0)
    assert b.path == ("sections", 0, "answers", 1)


@pytest.mark.slow
@pytest.mark.parametrize("readings", ["all", "none"])
def test_the_rules_without_their_sections_are_the_same_policy(tmp_path: Path, real: Corpus, readings: str) -> None:
    """The older form is still read, and means the same: as of each decision, and with what is proposed."""
    older = bent(tmp_path, **dict.fromkeys(real.questions, lambda data: None))
    held = [
        [name for name, one in corpus.questions.items() if any(each.sections for each in one.versions)]
        for corpus in (real, older)
    ]
    assert held == [["scope", "route", "protection", "moderation", "amount"], []]
    for number in real.order:
        for proposed in (False, True):
            if real.decisions[number].counts(proposed):
                pins: dict[str, Any] = {"as_of": number, "readings": readings, "include_proposed": proposed}
                ours, theirs = policy(real, **pins), policy(older, **pins)
                assert ours.periods == theirs.periods
                assert ours.digest == theirs.digest


def test_what_is_said_of_a_row_is_its_whole_condition(real: Corpus) -> None:
    """Who reads an explanation or a page does not have to know in which section a row stands."""
    route = policy(real).periods[-1].questions["route"]
    (support,) = (one for one in route.outcomes if one.id == "route/sen-support")
    said = say(support.condition, real.types)
    assert said == (
        "scope is in scope and the kind of place where the pupil is educated is a mainstream school "
        "and threshold is exceeded and how the pupil's needs are recorded is SEN Support"
    )


# Where what is wrong is told


def found(root: Path) -> list[Problem]:
    return [one for one in check_all(root).problems if not one.warning]


def test_what_is_wrong_with_a_shared_condition_is_said_once_and_there(tmp_path: Path) -> None:
    """Three rows share it."""
    given = "given: {all: [{fact: scope, is: in_scope}, {fact: setting, is: srp}]}"
    folder = put(tmp_path, given, given.replace("is: srp", "at_least: srp"))
    (problem,) = found(folder)
    assert (problem.code, problem.place.line) == ("operator", line(folder, "at_least: srp"))


def test_a_section_or_a_version_without_rows_is_refused(tmp_path: Path) -> None:
    made_up = "      - heading: Made up\n        given: {fact: scope, is: in_scope}\n"
    folder = put(tmp_path / "section", "      - heading: SRPs\n", f"{made_up}      - heading: SRPs\n")
    (problem,) = found(folder)
    assert (problem.code, problem.place.line) == ("no-rows", line(folder, "Made up"))
    assert problem.message == "'Made up' has no rows."
    bare = "  - from: $tariff_end\n    decision: 24/00120\n"
    folder = put(tmp_path / "version", "cautions:\n", bare.replace("tariff_end", "tariff_start") + "cautions:\n")
    assert {(one.code, one.message) for one in found(folder)} >= {("no-rows", "This version has no rows.")}


def test_a_condition_is_left_out_and_not_left_empty(tmp_path: Path) -> None:
    """An empty `when:` may be one that somebody forgot to write, and the row would hold too often."""
    folder = put(tmp_path, "            when: {fact: plan, is: ehcp}\n          - point: G10-plans-only-or-sen-support-too\n"
                 "            id: srp-without-a-plan", "            when:\n          - point: G10-plans-only-or-sen-support-too\n"
                 "            id: srp-without-a-plan")  # fmt: skip
    (problem,) = found(folder)
    assert (problem.code, problem.place.line) == ("empty", line(folder, "when:\n          - point: G10"))
    assert "'when' is empty" in problem.message


def test_a_row_outside_of_a_section_still_needs_its_condition(tmp_path: Path) -> None:
    text = "says: The pupil is out of scope, so the funding goes on by its own process.\n"
    when = '        source: {document: report, paragraph: "3.7"}\n        when: {fact: scope, is: out_of_scope}\n'
    folder = put(tmp_path, f"        {text}{when}", f"        {text}" + when.partition("        when")[0])
    (problem,) = [one for one in found(folder) if one.code == "missing"]
    assert "'when'" in problem.message


def test_what_can_never_matter_is_told_where_it_is_written(tmp_path: Path) -> None:
    """A row against its section's `given`, and a part of a `given` that helps none of its rows."""
    old = "            when: {fact: threshold, is: exceeded}\n        open:\n"
    never = """          - id: never
            answer: tariff
            source: {document: report, paragraph: "3.20"}
            when: {fact: plan, is: none}
"""
    folder = put(tmp_path, old, old.replace("        open:\n", f"{never}        open:\n"))
    given = "                      {fact: ehcp_issued_on, below: $transition_start}]}\n"
    branch = (
        "                      {any: [{fact: ehcp_issued_on, below: $transition_start}, {fact: plan, is: none}]}]}\n"
    )
    put_again(folder, given, branch)
    corpus = sound(corpora.load(folder))
    versions = [[row.name for row in one.rows] for one in corpus.questions["route"].versions]
    (at,) = (number for number, names in enumerate(versions) if "never" in names)
    assert place_of_row(corpus, "route/never", at).line == line(folder, "- id: never")
    dead = [
        one.problem
        for one in prove(policies(corpus), clock=lambda: 0.0, only="route").findings
        if one.problem.code == "dead"
    ]
    assert sorted((one.place.line, one.message) for one in dead) == [
        (line(folder, "{fact: plan, is: none}]}]}"), "The row never holds by this branch."),
        (line(folder, "- id: never"), "'route/never' can never hold."),
    ]


# Writing


def divided(folder: Path, of: str, *when: Flow) -> str:
    """Return rules/route.yaml with a row of it answered otherwise, after checking that it is sound and in order."""
    made = new.answer(
        sound(corpora.load(folder)),
        new.NewAnswer(
            "route", "24/00120", "tariff_start", of, "made-up", "tariff", "Made up.", new.Cited("report", "3.20"), when
        ),
    )
    (text,) = made.values()
    (folder / ROUTE).write_text(text, encoding="utf-8")
    sound(corpora.load(folder))
    assert tidying.tidy_text(text, ROUTE) == text
    return text


def added(before: str, after: str) -> list[str]:
    return [one[2:] for one in difflib.ndiff(before.splitlines(), after.splitlines()) if one.startswith("+ ")]


@pytest.mark.slow
def test_a_row_of_a_section_is_divided_within_the_section(tmp_path: Path) -> None:
    """The new row shares the `given` of the old one; where the old one had no condition, each gets the one that divides."""
    before = (copied(tmp_path / "one") / ROUTE).read_text(encoding="utf-8")
    ehcp = Flow(fact="plan", **{"is": "ehcp"})
    says = ["            says: Made up.", '            source: {document: report, paragraph: "3.20"}']
    head = ["          - id: made-up", "            answer: tariff", *says]
    after = divided(tmp_path / "one", "sen-support", Flow(fact="existing_claim", **{"is": True}))
    assert added(before, after) == [
        "            when:",
        "              all:",
        "                - {all: [{fact: threshold, is: exceeded}, {fact: plan, is: sen_support}]}",
        "                - not: {fact: existing_claim, is: true}",
        *head,
        "            when:",
        "              all:",
        "                - {all: [{fact: threshold, is: exceeded}, {fact: plan, is: sen_support}]}",
        "                - {fact: existing_claim, is: true}",
    ]
    copied(tmp_path / "other")
    after = divided(tmp_path / "other", "plan-at-community-level", ehcp)
    assert added(before, after) == [
        "            when:",
        "              not: {fact: plan, is: ehcp}",
        *head,
        "            when: {fact: plan, is: ehcp}",
    ]


def test_a_row_of_a_section_is_answered_otherwise_as_a_whole(tmp_path: Path) -> None:
    """The new row is the first answer of a section that had open rows alone."""
    copied(tmp_path)
    after = divided(tmp_path, "above-limit-not-mapped")
    given = yaml.safe_load(after)["versions"][3]["sections"][4]
    assert [one["id"] for one in given["answers"]] == ["made-up"]
    assert given["answers"][0]["when"] == {"all": [{"fact": "adaptation_level", "known": False}]}
    assert [one["id"] for one in given["open"]] == ["above-limit-at-community-level"]
    assert list(given) == ["heading", "given", "answers", "open"]


def test_the_keys_of_a_section_are_put_in_order(tmp_path: Path) -> None:
    """As of a row of the version itself: what it is, its source, then when it holds."""
    text = (copied(tmp_path) / ROUTE).read_text(encoding="utf-8")
    row = "          - id: claim\n            answer: mainstream_claim\n"
    assert row in text
    untidy = text.replace(row, "          - answer: mainstream_claim\n            id: claim\n")
    heading = "      - heading: SRPs\n        given: {all: [{fact: scope, is: in_scope}, {fact: setting, is: srp}]}\n"
    assert heading in untidy
    other = "      - given: {all: [{fact: scope, is: in_scope}, {fact: setting, is: srp}]}\n        heading: SRPs\n"
    assert tidying.tidy_text(untidy.replace(heading, other), ROUTE) == text
