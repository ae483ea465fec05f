"""The golden cases: every answer that the repository vouches for, worked out from the papers and pinned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from copies import toy
from golden_files import FOLDER, ROOT, Pinned, deciding, differences, every, explained, load, loaded
from senpolicy.checking.golden import deciders, lacking, problems
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy import corpus
from senpolicy.policy.places import places_of_values
from senpolicy.site.golden import golden_cases
from senpolicy.writing.tidying import tidy_text

LEAST = 80


@pytest.mark.parametrize("pinned", every(), ids=lambda pinned: pinned.id)
def test_a_golden_case_comes_out_as_its_paragraph_says(pinned: Pinned) -> None:
    """The golden cases: every route, open point, threshold and date, each with its paragraph."""
    by = deciding(pinned)
    found = [str(problem) for problem in problems(pinned, by)]
    if found:
        pytest.fail("\n".join([*found, "", explained(pinned.golden, by)]), pytrace=False)


def test_there_are_enough_golden_cases_and_no_reference_stands_twice() -> None:
    """The contract decides no two cases of one reference; there are at least 80 of them."""
    references = Counter(pinned.golden.case.get("case_ref") for pinned in every())
    assert len(every()) >= LEAST
    assert {reference for reference, times in references.items() if times > 1} == set()


def test_no_two_golden_cases_have_the_same_facts_policy_and_answers() -> None:
    """A case that says again what another says pins nothing; its paragraph would seem to have two cases."""
    references: dict[str, list[str]] = {}
    for pinned in every():
        golden = pinned.golden
        facts = sorted((name, str(value)) for name, value in golden.case.items() if name != "case_ref")
        pins = (pinned.as_of, pinned.readings, pinned.scenario, pinned.include_proposed)
        said = golden.model_dump(include={"expect", "refused"}, exclude_none=True)
        references.setdefault(repr((facts, pins, said)), []).append(golden.case["case_ref"])
    assert [same for same in references.values() if len(same) > 1] == []


def test_each_file_stands_in_the_folder_of_the_decision_or_scenario_that_it_pins() -> None:
    """Tests mirror the folders of the policy (PolicyEngine's habit)."""
    misplaced = {
        pinned.place.file
        for pinned in every()
        if Path(pinned.place.file).parent.name != (pinned.scenario or pinned.as_of.replace("/", "-"))
    }
    assert misplaced == set()


def test_each_file_pins_its_readings_by_name() -> None:
    """With `all` a reading adopted later would change what was vouched for."""
    assert {pinned.place.file for pinned in every() if pinned.readings == "all"} == set()


def test_each_paragraph_is_of_a_document_that_the_policy_knows() -> None:
    """Provenance: a golden case can be looked up."""
    known = loaded(ROOT).documents
    unknown = {str(pinned.place) for pinned in every() if pinned.golden.paragraph.split(" ", 1)[0] not in known}
    assert unknown == set()


def test_each_decision_answer_and_open_point_has_a_golden_case() -> None:
    """Examples are the policy (Gatekeeper's habit); what a decision does not change for a pupil is pinned too."""
    lacks = [str(one) for one in lacking(loaded(ROOT), every())]
    if lacks:
        pytest.fail("\n".join(lacks), pytrace=False)


def test_what_has_no_golden_case_is_named() -> None:
    """By the decision, the answer and the point, each at its line."""
    corpus = loaded(ROOT)
    without = [one for one in every() if one.as_of != "24/00026" and "disapplied" not in str(one.golden.expect)]
    found = list(lacking(corpus, without))
    assert {one.code for one in found} == {"golden-lacks"}
    assert all(one.warning and one.place.line for one in found)
    said = " ".join(one.message for one in found)
    assert "as of '24/00026'" in said
    assert list(lacking(corpus, [])), "no case at all"


def test_a_proposal_counts_only_where_the_file_says_so() -> None:
    """Nobody takes what a proposal would do for the policy: neither by a file that forgets it, nor on a page."""
    proposed = next(one for one in every() if one.include_proposed)
    with pytest.raises(WrongUse, match="only proposed"):
        deciders(loaded(ROOT))(replace(proposed, include_proposed=False))
    shown = {case.file for case in golden_cases(loaded(ROOT), FOLDER)}
    assert "24-00120/scope.yaml" in shown
    assert not any(file.startswith("25-00108/") for file in shown)


@pytest.mark.parametrize(
    ("written", "line", "word"),
    [
        ("    expects: {scope: in_scope}\n", 6, "expects"),
        ("    expect: {scope: {anser: in_scope}}\n", 6, "anser"),
        ("    expect: {scope: {answer: in_scope, missing: [age]}}\n", 6, "neither"),
        ("    expect: {scope: {low: '0.50'}}\n", 6, "neither"),
        ("    expect: {scope: in_scope}\n    expect: {scope: out_of_scope}\n", 7, "twice"),
        ("", 4, "neither"),
    ],
)
def test_a_mistake_in_a_golden_file_is_told_with_its_place(tmp_path: Path, written: str, line: int, word: str) -> None:
    """A test that skips what it cannot read is no test: parsing failure is a failure."""
    path = tmp_path / "wrong.yaml"
    head = "as_of: 24/00120\nreadings: none\ncases:\n  - name: A case\n    paragraph: report 3.20\n"
    path.write_text(head + written + "    case: {case_ref: A-1}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as raised:
        load(path, "wrong.yaml")
    assert any(problem.place.line == line and word in problem.message for problem in raised.value.problems)


@pytest.mark.parametrize(
    "written",
    [
        "    name: Anneliese Quackenbush: 999 000 0000\n",
        "    name: A case\n    case: Anneliese Quackenbush 999 000 0000\n",
        "    name: A case\n    Anneliese Quackenbush 999 000 0000: 3\n",
        '    name: A case\n    case: {case_ref: A-1, plan: "Anneliese Quackenbush\n',
        "    name: A case\n    case: {case_ref: \u201cAnneliese Quackenbush\u201d}\n",
    ],
)
def test_no_message_about_a_golden_file_repeats_what_may_tell_who_a_child_is(tmp_path: Path, written: str) -> None:
    """A golden case is made up; where by a slip it is not, the log of the check must not publish it."""
    path, name = tmp_path / "wrong.yaml", f"{FOLDER.name}/24-00120/wrong.yaml"
    path.write_text("as_of: 24/00120\nreadings: none\ncases:\n  - paragraph: report 3.20\n" + written, encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    for reading in (lambda: load(path, name), lambda: tidy_text(text, f"tests/{name}")):
        with pytest.raises(PolicyError) as raised:
            reading()
        said = " ".join(f"{problem} {problem.to_json()}" for problem in raised.value.problems)
        assert not [word for word in ("Anneliese", "Quackenbush", "999") if word in said]


def test_a_golden_file_in_another_encoding_is_refused_at_the_line(tmp_path: Path) -> None:
    """Saved at once as UTF-8 it would lose the letter, so the message says which it is, as of any file of the policy."""
    path = tmp_path / "wrong.yaml"
    path.write_bytes("as_of: 24/00120\r\n# a na\u00efve case\r\n".encode("cp1252"))
    with pytest.raises(PolicyError, match=r"wrong\.yaml:2: .*'ï' in Windows-1252"):
        load(path, "wrong.yaml")


def test_a_mistake_beside_words_with_capitals_is_told_of_as_any_other(tmp_path: Path) -> None:
    """Two of them may be a name or not: what is wrong is still said, without the words."""
    path = tmp_path / "wrong.yaml"
    path.write_text("as_of: 24/00120\ncases:\n  - name: East Kent: one pupil\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="Put quotes round the text") as raised:
        load(path, "wrong.yaml")
    assert not any(problem.fix for problem in raised.value.problems)


def test_a_golden_case_that_expects_another_answer_is_red() -> None:
    """The comparison itself can fail: each part of an expectation is held against what the engine finds."""
    pinned = next(one for one in every() if "share_of_existing_claim" in str(one.golden.expect))
    by, wrong = deciding(pinned), []
    for protection in ({"answer": "none"}, {"answer": "share_of_existing_claim"}, {"missing": ["age"]},
                       {"answer": "share_of_existing_claim", "low": "0.50", "high": "0.75", "approximate": True,
                        "until": "2026-09-01"}):  # fmt: skip
        changed = type(pinned.golden).model_validate(
            {**pinned.golden.model_dump(exclude_defaults=True), "expect": {"protection": protection}}
        )
        wrong.append(differences(changed, by))
    assert [len(found) for found in wrong] == [1, 1, 1, 1]
    assert differences(pinned.golden.model_copy(update={"cautions": ["section-f"]}), by)
    assert differences(pinned.golden.model_copy(update={"warnings": ["age-and-year-apart"]}), by)
    assert differences(pinned.golden.model_copy(update={"expect": {}, "refused": ["rate-without-claim"]}), by)


def test_the_folder_of_golden_cases_holds_nothing_else() -> None:
    """A file that the loader would pass over would pin nothing."""
    assert {path.suffix for path in FOLDER.rglob("*") if path.is_file()} == {".yaml"}


def test_a_golden_case_that_comes_out_otherwise_leads_to_the_value_as_it_is_now(tmp_path: Path) -> None:
    """Set first by fines-2024, and again by fines-2026."""
    again = 'parameters:\n  most_charged: {label: X, unit: pounds, value: 6.00, from: 2026-04-01, source: {document: notice, paragraph: "1"}}'
    root = toy(tmp_path, ("policy/fines-2026/parameters.yaml", "^parameters:", again))
    found = places_of_values(corpus.load(root), "charge/capped", 0)
    assert {name: place.file for name, place in found.items()} == {"most_charged": "policy/fines-2026/parameters.yaml"}
