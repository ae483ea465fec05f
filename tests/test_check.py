"""What officers mistype: each mistake is found, at its place, with what to do, and nothing is decided on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mistaking
from copies import copied, toy
from golden_files import ROOT
from mistaking import Mistake
from running import senpolicy
from senpolicy.checking import golden, golden_files
from senpolicy.checking.corpus import check
from senpolicy.files.problems import PolicyError, Problem
from senpolicy.policy import corpus as corpora
from senpolicy.policy.layout import RECORDS

PARAMETERS = "policy/24-00120/parameters.yaml"
DECISION = "policy/24-00120/decision.yaml"
POINTS = "policy/24-00120/open-points.yaml"
ORDER = "policy/decisions.yaml"
DOCUMENTS = "policy/documents.yaml"
READINGS = "policy/readings.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
FACTS = "rules/facts.yaml"
QUESTIONS = "rules/questions.yaml"
SCOPE = "rules/scope.yaml"
MODERATION = "rules/moderation.yaml"
PROTECTION = "rules/protection.yaml"
EDITION = "descriptors/continuum-draft-2025-06/edition.yaml"


#: The mistakes of officers, by what they are; that each is found and mended is test_mistakes' to show.
MISTAKES = {one.what: one for one in mistaking.every() if not one.accepted}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the corpus, in which each test puts back what it changed."""
    return copied(tmp_path_factory.mktemp("corpus"))


def broken(corpus: Path, mistake: Mistake) -> tuple[str, int, str]:
    """Write a mistake into the copy; return the place where it must be found, as file and line, and the old text."""
    path = corpus / mistake.file
    before = path.read_text(encoding="utf-8")
    after = before.replace(mistake.replace, mistake.by, 1)
    path.write_text(after, encoding="utf-8")
    return (
        (mistake.in_, 0, before) if mistake.in_ else (mistake.file, mistaking.line_of(mistake, before, after), before)
    )


#: One of each way in which a problem comes about: YAML, model, names across files, units, order.
SEEN_BY_COMMANDS = [
    "a tab", "a key that is written twice", "a comma in an amount", "a key mistyped", "a document mistyped",
    "an operator mistyped", "pounds for years", "a question that comes later", "a number that is not the folder's",
    "a decision that is not in the order",
]  # fmt: skip


@pytest.mark.parametrize("what", SEEN_BY_COMMANDS)
def test_check_fails_on_a_mistake_and_nothing_is_decided(
    what: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`senpolicy check` and `decide` refuse both: exit 1, with the place and the help on standard error."""
    mistake = MISTAKES[what]
    file, line, before = broken(corpus, mistake)
    try:
        checked = senpolicy(capsys, "check", "--root", str(corpus))
        decided = senpolicy(capsys, "decide", str(ROOT / "tests/cases/every-route.yaml"), "--root", str(corpus))
    finally:
        (corpus / mistake.file).write_text(before, encoding="utf-8")
    place = re.escape(file) + (f":{line}" if line else r":\d+")
    for status, out, err in (checked, decided):
        assert (status, out) == (1, "")
        excerpt = r"(\n +\d* \| .*){0,2}"
        assert re.search(rf"^{place}:\d+: .* \[{mistake.code}\]{excerpt}\n  help: .+$", err, re.MULTILINE), err
    assert "problem" in checked[2].splitlines()[-1]


def problems_of(root: Path) -> list[Problem]:
    """Return every problem of the corpus below `root`."""
    try:
        return check(corpora.load(root, without=RECORDS))
    except PolicyError as error:
        return list(error.problems)


def test_the_corpus_itself_has_no_problem() -> None:
    """Without this no mistake above would show anything."""
    assert problems_of(ROOT) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("# nothing yet\n", "empty"),
        ("- a\n- b\n", "shape"),
        ("hello\n", "shape"),
        ("---\n...\n", "empty"),
    ],
)
@pytest.mark.parametrize("file", [PARAMETERS, READINGS, SCOPE, FACTS, EDITION])
def test_a_file_that_holds_nothing_or_no_map_is_said_to(file: str, text: str, code: str, corpus: Path) -> None:
    """An empty file in the place of a decision's values is not a decision without values."""
    path = corpus / file
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(text, encoding="utf-8")
        found = problems_of(corpus)
    finally:
        path.write_text(before, encoding="utf-8")
    assert (file, code) in {(problem.place.file, problem.code) for problem in found}
    assert all(problem.help for problem in found)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"# Values.\nparameters:\n  a:\n    label: \xa36000\n", 4), ("parameters:".encode("utf-16"), 1)],
)
def test_a_file_that_is_not_utf_8_is_refused_with_the_line(content: bytes, line: int, corpus: Path) -> None:
    """Saved by an editor in the encoding of the machine."""
    path = corpus / PARAMETERS
    before = path.read_bytes()
    try:
        path.write_bytes(content)
        found = problems_of(corpus)
    finally:
        path.write_bytes(before)
    assert (PARAMETERS, line, "not-utf-8") in {(one.place.file, one.place.line, one.code) for one in found}


@pytest.mark.parametrize(
    ("file", "code"),
    [("rules/route.yml", "unknown-file"), ("rules/route.YAML", "unknown-file"), ("policy/readings.json", "unknown-file"),
     ("policy/26-00001/parameter.yaml", "unknown-file"), ("policy/26-00001/parameters.yaml", "no-decision")],
)  # fmt: skip
def test_a_file_with_another_name_or_without_its_decision_is_not_passed_over(
    file: str, code: str, tmp_path: Path
) -> None:
    """What is not read must not look as if it were."""
    copied(tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text((ROOT / PARAMETERS).read_text(encoding="utf-8"), encoding="utf-8")
    assert (file, code) in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize("file", [ORDER, DOCUMENTS, READINGS, FACTS, QUESTIONS])
def test_a_file_that_is_gone_is_missed(file: str, tmp_path: Path) -> None:
    """Each of these is needed; without it nothing is decided."""
    (copied(tmp_path) / file).unlink()
    assert (file, "no-file") in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize("folder", ["policy", "rules", "descriptors"])
def test_a_folder_that_is_gone_is_missed(folder: str, tmp_path: Path) -> None:
    """All three belong together."""
    (copied(tmp_path) / folder).rename(tmp_path / "gone")
    assert (folder, "no-folder") in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize(
    ("file", "copy"),
    [("rules/route.yaml", "rules/route-2.yaml"), (EDITION, "descriptors/continuum-2026/edition.yaml"),
     (SCENARIO, "policy/scenarios/another.yaml"), (DECISION, "policy/26-00001/decision.yaml")],
)  # fmt: skip
def test_a_file_that_is_copied_and_not_renamed_inside_is_refused(file: str, copy: str, tmp_path: Path) -> None:
    """Two files of one name: whichever is read last would win in silence."""
    text = (copied(tmp_path) / file).read_text(encoding="utf-8")
    (tmp_path / copy).parent.mkdir(exist_ok=True)
    (tmp_path / copy).write_text(text, encoding="utf-8")
    assert copy in {one.place.file for one in problems_of(tmp_path) if one.code in ("file-name", "folder-name")}


def test_the_questions_in_another_order_are_refused_at_each_test_that_comes_too_early(corpus: Path) -> None:
    """A question may rest on the answers of those before it only."""
    path = corpus / QUESTIONS
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(
            before.replace("  - moderation\n", "").replace("questions:\n", "questions:\n  - moderation\n"),
            encoding="utf-8",
        )
        found = problems_of(corpus)
    finally:
        path.write_text(before, encoding="utf-8")
    # Its rows name open points of the route, too, which no question before it leaves open any more.
    expected = {("rules/moderation.yaml", code) for code in ("question-order", "point-does-not-block")}
    assert {(problem.place.file, problem.code) for problem in found} == expected


def test_two_versions_with_one_start_are_worth_a_warning_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Design: the decision taken later wins, and `check` reports it."""
    text = (copied(tmp_path) / MODERATION).read_text(encoding="utf-8")
    version = text[text.index("  - from: $tariff_start") : text.index("\n  # Proposed")]
    later = version.replace("decision: 24/00120", "decision: 24/00121", 1)
    (tmp_path / MODERATION).write_text(text.rstrip("\n") + "\n" + later, encoding="utf-8")
    (warning,) = problems_of(tmp_path)
    assert (warning.code, warning.warning, warning.place.file) == ("same-start", True, MODERATION)
    assert warning.place.line == text.count("\n") + 1
    status, _, err = senpolicy(capsys, "check", "--root", str(tmp_path))
    assert status == 0
    assert "warning: " in err
    assert "1 warning." in err


def test_mistakes_in_several_files_are_all_said_once(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run shows everything: the reader of one file does not repeat what was found in another."""
    mistakes = [MISTAKES["a comma in an amount"], MISTAKES["a state mistyped"], MISTAKES["an operator mistyped"]]
    mistakes += [MISTAKES["two levels with one order"], MISTAKES["the day of a reading with slashes"]]
    alias = Mistake("", DOCUMENTS, "    publisher:", "    publisher: &p", code="alias")
    places = [(mistake, broken(corpus, mistake)) for mistake in [*mistakes, alias]]
    try:
        _, _, err = senpolicy(capsys, "check", "--root", str(corpus))
    finally:
        for mistake, (_, _, before) in places:
            (corpus / mistake.file).write_text(before, encoding="utf-8")
    for mistake, (file, line, _) in places:
        assert len(re.findall(rf"^{file}:{line}:\d+: .* \[{mistake.code}\]$", err, re.MULTILINE)) == 1, err
    assert f"{err.count('  help: ')} problems, no warnings." in err


def test_json_lists_the_same_problems_whether_the_files_can_be_read_or_not(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --json` prints one list, of everything that is wrong, and nothing else on standard output."""
    for what in ("a tab", "a document mistyped"):
        file, line, before = broken(corpus, MISTAKES[what])
        try:
            status, out, err = senpolicy(capsys, "check", "--json", "--root", str(corpus))
        finally:
            (corpus / file).write_text(before, encoding="utf-8")
        assert status == 1
        (problem,) = json.loads(out)
        assert (problem["file"], problem["line"], problem["code"]) == (file, line, MISTAKES[what].code)
        assert problem.keys() >= {"message", "help", "column", "warning"}
        assert "1 problem" in err


#: Sentences beside the most that a young reader is charged, £2.50, held against the £5.00 of an adult; and of its half.
CAPPED, HALF = (
    r"^        gives: {to_pay: \$most_charged_young}",
    r"^        gives: {to_pay: {of: run_up, share: \$young_share}}",
)


@pytest.mark.parametrize(
    ("row", "says", "found"),
    [
        (CAPPED, "At most £2.50 is charged, half of the £5 of an adult.", []),
        (CAPPED, "At £0.20 a day and £1.40 per week no more is charged than £2.50.", []),
        (CAPPED, "At most £2.50 of the £8.00 of 40 days is charged.", [("£8.00", True)]),
        (CAPPED, "At most £2.40 is charged.", [("£2.40", False)]),
        (CAPPED, "At most £5m is charged.", [("£5m", False)]),
        (HALF, "Half is paid, 50 percent.", []),
        (HALF, "A young reader pays 50%, not 100%.", [("100%", True)]),
        (HALF, "A young reader pays 60%.", [("60%", False)]),
    ],
)
def test_a_sum_that_may_be_meant_is_only_warned_of(tmp_path: Path, row: str, says: str, found: list[Any]) -> None:
    """A sentence is refused for a sum that is no value of its rule, not for an example beside the sum that is one."""
    changed = corpora.load(toy(tmp_path, ("rules/charge.yaml", row, rf"        says: {says}\n\g<0>")))

    told = [one for one in check(changed) if one.code == "sum-in-words"]
    assert [(one.message.split("'")[1], one.warning) for one in told] == found


@pytest.mark.parametrize(
    ("name", "right"),
    [("README.md", ""), ("workings.csv", ""), ("Sheet.XLSX", ""), (".gitkeep", ""), ("rates.yaml.old", ""),
     ("Rates.YML", "rates.yaml"), ("rates.yaml.txt", "rates.yaml"), ("rates", "rates.yaml"),
     ("fines - Copy.yaml", "fines.yaml")],
)  # fmt: skip
def test_only_what_looks_like_golden_cases_is_missed_among_them(tmp_path: Path, name: str, right: str) -> None:
    """Notes or workings beside them are no mistake, and become none by another ending."""
    folder = tmp_path / golden.FOLDER / "24-00120"
    folder.mkdir(parents=True)
    (folder / name).touch()
    told = list(golden_files.misnamed_in(tmp_path, golden.FOLDER))
    assert [one.code for one in told] == ["unknown-file"] * bool(right)
    assert all(f"'{right}'" in one.help for one in told)
    assert all(("is not read" in one.message) is not name.endswith(".yaml") for one in told), "each .yaml is read"


def test_a_word_of_the_engine_that_is_given_to_an_answer_is_told_at_the_word(tmp_path: Path) -> None:
    root = toy(tmp_path, ("rules/handling.yaml", "^  desk: ", "  undetermined: Nobody says.\n  desk: "))
    (found,) = (one for one in check(corpora.load(root)) if one.code == "reserved")
    assert (found.place.file, found.place.line, found.place.column) == ("rules/handling.yaml", 7, 3)
    assert found.message == "'undetermined' is what the engine says of a question without an answer."


def test_a_wrong_sum_is_held_against_what_its_row_gives(tmp_path: Path) -> None:
    """The run-up is compared with another value, of which this sentence does not speak."""
    row = r"(gives: \{to_pay: \$most_charged_young\})$"
    edit = ("rules/charge.yaml", row, r"\1\n        says: At most £9.00 is charged.")
    (found,) = (one for one in check(corpora.load(toy(tmp_path, edit))) if one.code == "sum-in-words")
    assert found.message == "'£9.00' is not a value of what this sentence speaks of: 'most_charged_young' is 2.50."
