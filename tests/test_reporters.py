"""One list of problems, many readers: text, JSON, SARIF and GitHub, each pinned as a whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft4Validator
from syrupy.assertion import SnapshotAssertion

import code_use
from copies import copied, replace
from golden_files import ROOT
from running import senpolicy
from senpolicy.files import reporters
from senpolicy.files.codes import codes, worst_first
from senpolicy.files.problems import Fix, Place, Problem
from wording import Wording

#: The official schema, as a package of npm carries it; `make editor` installs it.
SARIF = ROOT / "tools/editor/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
TEXT = "parameters:\n  rate:\n    value: 1,200\n    label: 100% | *of* it, `all`\n"
FILE = "policy/26-00041/parameters.yaml"
PROBLEMS = worst_first(
    [
        Problem(Place(FILE, 2, 3), "same-start", "Two start: on one day,\nor 100% do.", "Look.", warning=True),
        Problem(Place(FILE, 3, 12), "ambiguous-number", "'1,200' could be read in more than one way.",
                "Write a plain number.", fix=Fix("1,200", "1200")),
        Problem(Place("policy/a: b,c.yaml"), "unknown-file", "This is | not *a* file.", "Compare it."),
        Problem(Place(FILE, 4, 12), "identifies-a-child", "Something may tell who a child is.", "Take it out."),
        Problem(Place(""), "a-rule-of-the-policy", "Two facts contradict each other.", "Look.", row=2, field="age"),
    ]
)  # fmt: skip


def texts(name: str) -> str | None:
    return TEXT if name == FILE else None


def test_text_shows_the_line_and_what_to_write(snapshot: SnapshotAssertion) -> None:
    """Where, what, the line with a mark below it, what to do; a line that may identify a child is not shown."""
    assert "\n".join(reporters.as_text(PROBLEMS, texts)) == snapshot.use_extension(Wording)


def test_json_says_it_to_programs(snapshot: SnapshotAssertion) -> None:
    """The same problems as plain data."""
    assert json.dumps(reporters.as_json(PROBLEMS), indent=2) == snapshot.use_extension(Wording)


def test_sarif_says_it_to_code_scanning(snapshot: SnapshotAssertion) -> None:
    """The log as a whole, so that a change of its shape is seen."""
    assert json.dumps(reporters.as_sarif(PROBLEMS, texts, "1.2.3"), indent=2) == snapshot.use_extension(Wording)


def test_github_annotations_and_summary_are_escaped(snapshot: SnapshotAssertion) -> None:
    """A colon, a comma or a line break in a message must not end the annotation; a bar must not end the cell."""
    assert "\n".join(
        [*reporters.as_annotations(PROBLEMS), reporters.as_summary(PROBLEMS, "5 problems.")]
    ) == snapshot.use_extension(Wording)


def test_sarif_has_what_the_standard_requires() -> None:
    """SARIF 2.1.0: version, tool.driver.name, message.text, known levels, indices that fit, places counted from 1."""
    log = reporters.as_sarif(PROBLEMS, texts, "1.2.3")

    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) == len(PROBLEMS)
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", []):
            physical = location["physicalLocation"]
            assert not physical["artifactLocation"]["uri"].startswith("/")
            assert all(number >= 1 for number in physical.get("region", {}).values())
        for fix in result.get("fixes", []):
            (change,) = fix["artifactChanges"]
            (replacement,) = change["replacements"]
            region = replacement["deletedRegion"]
            line = TEXT.splitlines()[region["startLine"] - 1]
            assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "1,200"
            assert replacement["insertedContent"]["text"] == "1200"
    assert sum("fixes" in result for result in run["results"]) == 1


@pytest.mark.editor
def test_sarif_is_what_its_official_schema_says(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the schema of SARIF 2.1.0 that Microsoft's package carries: whatever reads SARIF can read ours."""
    schema = json.loads(SARIF.read_text(encoding="utf-8"))
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    logs = [reporters.as_sarif(list(PROBLEMS), texts, "1.2.3"), reporters.as_sarif([], texts, "1.2.3")]
    logs.append(json.loads(senpolicy(capsys, "check", "--root", str(wrong), "--format", "sarif")[1]))
    assert [len(log["runs"][0]["results"]) for log in logs] == [len(PROBLEMS), 0, 2]
    for log in logs:
        assert not [(list(one.absolute_path), one.message) for one in validator.iter_errors(log)]
    logs[-1]["runs"][0]["results"][0]["level"] = "bad"
    del logs[-1]["runs"][0]["results"][1]["message"]
    assert len(list(validator.iter_errors(logs[-1]))) == 2


def test_only_ten_annotations_are_given_and_they_are_the_worst() -> None:
    """GitHub shows ten of a step and drops the rest without a word."""
    many = [Problem(Place("a.yaml", line), "date", "This is not a date.", "Write one.") for line in range(1, 15)]
    many += [Problem(Place("z.yaml", 1), "tab", "A tab.", "Two spaces.")]
    many += [Problem(Place("a.yaml", 1), "same-start", "Two.", "One.", warning=True)]

    said = reporters.as_annotations(worst_first(many))

    assert len(said) == 10
    assert said[0].startswith("::error file=z.yaml"), "what keeps a file from being read stops all else"
    assert not any(line.startswith("::warning") for line in said)
    assert reporters.as_summary(worst_first(many), "").count("\n| ") == 17


def test_a_summary_that_is_too_long_says_how_many_are_left_out() -> None:
    """GitHub refuses a summary above 1 MiB as a whole."""
    many = [Problem(Place("a.yaml", line), "date", "x" * 500, "y" * 500) for line in range(3000)]

    page = reporters.as_summary(many, "")

    assert len(page.encode()) < 1024 * 1024
    left = re.search(r"^(\d+) more do not fit", page, re.MULTILINE)
    assert left is not None
    assert page.count("| `date` |") + int(left[1]) == 3000


def test_a_summary_of_just_the_largest_size_is_given_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a limit that just holds everything nothing is left out; one byte less, and the last problem is counted."""
    many = [Problem(Place("a.yaml", line), "date", "\u00a35 is not a date.", "Write one.") for line in range(3)]
    whole = reporters.as_summary(many, "Done.")
    monkeypatch.setattr(reporters, "MOST_SUMMARY", len(whole.encode()))
    assert reporters.as_summary(many, "Done.") == whole
    monkeypatch.setattr(reporters, "MOST_SUMMARY", len(whole.encode()) - 1)
    said = reporters.as_summary(many, "Done.")
    assert (said.count("| `date` |"), "\n1 more do not fit here" in said) == (2, True)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the corpus with two mistakes."""
    folder = copied(tmp_path_factory.mktemp("wrong"))
    replace(folder, "policy/readings.yaml", r"(- id: A3-rate.*\n.*\n    adopted_on: )2026-11-24", r"\g<1>24/11/2026")
    replace(folder, "policy/24-00120/decision.yaml", "^status: taken", "status: takn")
    return folder


def test_check_reports_in_each_format(
    wrong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is 1 whatever the format; programs find nothing else on standard output."""
    summary = tmp_path / "summary.md"
    summary.write_text("Before.\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    status, out, err = senpolicy(capsys, "check", "--root", str(wrong))
    assert (status, out) == (1, "")
    assert "\n    5 | status: takn\n      |         ^\n  help: Did you mean 'taken'?\n" in err
    for name in ("json", "sarif"):
        status, out, err = senpolicy(capsys, "check", "--root", str(wrong), "--format", name)
        assert status == 1
        found = json.loads(out)
        found = found if name == "json" else found["runs"][0]["results"]
        assert len(found) == 2
        more = "2 files could not be read whole: more may be found once that is mended.\n"
        assert err == more + "2 problems, no warnings.\n"
    status, out, err = senpolicy(capsys, "check", "--root", str(wrong), "--format", "github")
    assert status == 1
    assert [line.split(",")[0] for line in out.splitlines()] == [
        "::error file=policy/24-00120/decision.yaml",
        "::error file=policy/readings.yaml",
    ]
    page = summary.read_text(encoding="utf-8")
    assert page.startswith("Before.\n")
    assert "2 problems" in page
    assert "`date`" in page


def test_every_code_that_the_engine_uses_has_a_page_and_every_page_a_use() -> None:
    """An officer who looks a code up finds what to avoid, what to prefer, and why."""
    assert code_use.faults() == []
    assert len(code_use.used()) > 140, "the reader of the source has gone blind"
    for code in codes().values():
        assert all(len(part.strip()) > 3 for part in (code.title, code.avoid, code.prefer, code.why)), code.code
        assert code.title.endswith("."), code.code
        assert [line for line in code.page().splitlines() if line.startswith("## ")] == [
            "## Avoid",
            "## Prefer",
            "## Why",
        ]
        assert code.avoid != code.prefer


def test_check_explains_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    """And says what else could be meant."""
    from typer.testing import CliRunner

    from senpolicy.cli import every_command

    result = CliRunner().invoke(every_command(), ["check", "--explain", "date"])
    assert result.exit_code == 0
    assert "value: 2026-04-01" in result.stdout
    status, _, err = senpolicy(capsys, "check", "--explain", "dat")
    assert status == 2
    assert "Did you mean 'date'?" in err
