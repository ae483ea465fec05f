"""All that a user gets of the toy policy (tests/toy): each command's whole text, its --json, its files, and the site.

What is right is held by tests/test_toy.py, whose figures are worked out by hand. Here nothing may go missing or change
unread: a line, a column, a key, a cell of a page. tests/toy_further lies over the policy, so that every command has
something to say, and tests/toy_later over both, one decision later. JSON is shown as YAML, which takes fewer lines; digests, salts and dates of today are left out.
"""

from __future__ import annotations

import csv
import difflib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import markdown
import pytest
import yaml
from bs4 import BeautifulSoup
from syrupy.assertion import SnapshotAssertion

from copies import replace, state
from running import senpolicy
from senpolicy import __version__
from senpolicy.cli import main, modelling
from wording import Wording, steady

TESTS = Path(__file__).parent
#: The day on which the commands run that say what is so now.
ON = date(2026, 12, 1)
#: More than a digest's first letters, or the salt of a record: no figure of the toy policy is as long.
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,}(?![0-9a-f])")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the policy; beside it `changed`, in which no young reader is charged more than £2.00, `later`, and
    the records of what was decided.
    """
    folder = tmp_path_factory.mktemp("toy") / "library"
    for source in ("toy", "toy_further"):
        shutil.copytree(TESTS / source, folder, dirs_exist_ok=True)
    run("lock", "--root", str(folder))
    many(folder)
    changed = Path(shutil.copytree(folder, folder.parent / "changed"))
    replace(changed, "policy/fines-2026/parameters.yaml", r"value: 2.50", "value: 2.00")
    replace(changed, "rules/handling.yaml", r"The library may waive", "The committee may waive")
    later = Path(shutil.copytree(folder, folder.parent / "later"))
    shutil.copytree(TESTS / "toy_later", later, dirs_exist_ok=True)
    run("decide", str(folder / "loans.yaml"), "--root", str(folder), "--records", str(folder.parent / "records"))
    return folder


def run(*arguments: str) -> None:
    """Run a command for what it writes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", ["senpolicy", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
    assert not left.value.code


def many(folder: Path) -> None:
    """Write 48 loans, eight like each of loans.csv; and the six with four more that are refused."""
    head, *rows = (folder / "loans.csv").read_text(encoding="utf-8").splitlines()
    loans = [row.replace("L-", f"{letter}-") for letter in "ABCDEFGH" for row in rows]
    (folder / "many.csv").write_text("\n".join([head, *loans, ""]), encoding="utf-8")
    faulty = [
        rows[1].replace("L-2", "L-7").replace("40,8.00", "2,8.00"),
        rows[2].replace("L-3,", "L-8,").replace("film", "vase"),
    ]
    twice = [rows[0].replace("L-1", "L-9")] * 2
    (folder / "faulty.csv").write_text("\n".join([head, *rows, *faulty, *twice, ""]), encoding="utf-8")


@pytest.fixture(autouse=True)
def _in_the_folder(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(library)


@pytest.fixture
def wording(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Wording)


def calm(text: str) -> str:
    """Return text without what differs from one run, or from one version of the engine, to the next."""
    return HEX.sub("…", steady(text, __version__))


class Readable(yaml.SafeDumper):
    """YAML in which a text of several lines is shown line by line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Readable.add_representer(str, _text)


def as_yaml(data: Any) -> str:
    return yaml.dump(data, Dumper=Readable, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


#: What is run by itself: which of several equal examples the solver gives may hang on what it did before.
ALONE = {"coverage", "--nearest"}


def by_itself(*arguments: str) -> tuple[int, str, str]:
    """Return the exit status of a command in a process of its own, and what it printed on both streams."""
    program = [sys.executable, "-c", "from senpolicy.cli import program; program()"]
    done = subprocess.run([*program, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modelling, "today", lambda: ON)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a terminal shows of a command: it, its output, what went to standard error, and its exit status."""
    status, out, err = by_itself(*arguments) if ALONE & {*arguments} else senpolicy(capsys, *arguments)
    if "--json" in arguments:
        out = as_yaml(json.loads(out)) if out else out
    said = f"$ senpolicy {shlex.join(arguments)}\n{out}"
    said += f"--- standard error\n{err}" if err else ""
    return calm(said + f"--- exit {status}\n")


#: Each command, as it is typed in the folder of the policy.
READING = {
    "decide": "decide loans.yaml",
    "decide-all": "decide loans.yaml --all",
    "decide-json": "decide loans.yaml --json",
    "decide-all-json": "decide loans.yaml --all --json",
    "decide-what-cannot-be": "decide cases.yaml",
    "decide-what-cannot-be-json": "decide cases.yaml --json",
    "decide-as-of": "decide loans.yaml --as-of fines-2024",
    "explain-what-cannot-be": "explain cases.yaml",
    "explain-why-not": "explain loans.yaml --why-not handling=billed --other-days",
    "explain-why-not-json": "explain loans.yaml --why-not handling=billed --other-days --json",
    "explain-nearest": "explain loans.yaml --nearest",
    "explain-nearest-json": "explain loans.yaml --nearest --json",
    "timeline": "timeline through-time.yaml",
    "timeline-json": "timeline through-time.yaml --json",
    "check": "check",
    "check-json": "check --json",
    "check-explain": "check --explain gap",
    "figures": "figures",
    "figures-json": "figures --json",
    "open-points": "open-points --cases loans.yaml",
    "open-points-json": "open-points --cases loans.yaml --json",
    "prove": "prove",
    "prove-json": "prove --json",
    "coverage-json": "coverage --json --fail-under 90",
    "compare": "compare . ../changed --cases many.csv",
    "compare-markdown": "compare . ../changed --markdown",
    "compare-json": "compare . ../changed --cases many.csv --json",
    "compare-alike": "compare . .",
    "review": "review . ../changed",
    "review-json": "review . ../changed --json",
    "review-alike": "review . .",
    "review-later": "review . ../later --cases many.csv --decided ../records",
    "review-back": "review ../later .",
    "review-back-json": "review ../later . --json",
    "budgets": "budgets branches.csv --year 1 --quantum 4000.00",
    "budgets-json": "budgets branches.csv --year 1 --quantum 4000.00 --json",
    "budgets-settled": "budgets branches.csv --year 2 --quantum 4000.00",
    "budgets-scenario": "budgets branches.csv --year 1 --quantum 4000.00 --scenario halves",
    "budgets-scenario-json": "budgets branches.csv --year 1 --quantum 4000.00 --scenario halves --json",
    "simulate": "simulate --pupils 4 --seed 1",
    "simulate-json": "simulate --pupils 4 --seed 1 --json -o {out}/made.csv",
    "model": "model loans.csv --by branch",
    "model-json": "model loans.csv --json",
    "model-share": "model many.csv --by branch --share",
    "fmt": "fmt --check",
    "upgrade": "upgrade --check",
    "upgrade-json": "upgrade --check --json",
    "lock": "lock --check",
    "schemas": "schemas nowhere --check",
}


@pytest.mark.parametrize("name", READING)
def test_a_command_says_all_of_this(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion, name: str
) -> None:
    said = shown(capsys, *READING[name].format(out=tmp_path).split())
    assert said.replace(f"{tmp_path}/", "") == wording


def test_coverage_names_what_no_golden_case_tries(
    capsys: pytest.CaptureFixture[str], wording: SnapshotAssertion
) -> None:
    """The counts, and the first of the cases to paste; the JSON beside it has them all."""
    said = shown(capsys, "coverage")
    assert "\n\n".join(said.split("\n\n")[:4]) == wording


# A caseload, records, the report of a model


def test_decide_of_a_caseload(capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion) -> None:
    """What is said of it, in three ways, and every cell of what is written; of the rows that are refused too."""
    given = ("decide", "faulty.csv", "-o", str(tmp_path / "decided.csv"), "--seed", "1")
    said = [shown(capsys, *given, *further).replace(f"{tmp_path}/", "") for further in ((), ("--json",), ("--share",))]
    said += [f"==== {file.name}\n{cells(file.read_text(encoding='utf-8'))}" for file in sorted(tmp_path.iterdir())]
    assert "\n".join(said) == wording


def cells(text: str) -> str:
    """Return each row of a table by its first cell, with the columns that are filled."""
    head, *rows = csv.reader(text.splitlines())
    listed = [f"columns: {', '.join(head)}"]
    for row in rows:
        listed += ["", *(f"  {name}: {cell}" for name, cell in zip(head, row, strict=True) if cell)]
    return calm("\n".join(listed) + "\n")


def test_records_and_what_is_said_of_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion
) -> None:
    """One that was changed afterwards is refused."""
    said = [
        shown(capsys, "decide", "loans.yaml", "--records", str(tmp_path), "--json").partition("--- standard error\n")[2]
    ]
    first, second = sorted(tmp_path.glob("*.json"))
    said.append(calm(as_yaml(json.loads(first.read_text(encoding="utf-8")))))
    second.write_text(second.read_text(encoding="utf-8").replace('"15.00"', '"14.00"'), encoding="utf-8")
    said += [shown(capsys, "verify-record", str(tmp_path), *further) for further in ((), ("--json",))]
    assert "\n".join(said).replace(str(tmp_path), "records") == wording


def test_the_report_of_a_model(capsys: pytest.CaptureFixture[str], tmp_path: Path, wording: SnapshotAssertion) -> None:
    said = shown(capsys, "model", "loans.csv", "--by", "branch", "-o", str(tmp_path / "report.html"))
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{said.replace(f'{tmp_path}/', '')}\n{calm(visible(report))}" == wording


def visible(page: str) -> str:
    """Return the text of a page line by line: headings after `#`, items after `-`, each row of a table on one line."""
    soup = BeautifulSoup(page, "html.parser")
    for one in soup.select("script, style, [hidden]"):
        one.decompose()
    for row in soup.find_all("tr"):
        for item in row.find_all("li"):
            item.append("; ")
        row.replace_with("\n| " + " | ".join(one_line(cell.get_text()) for cell in row.find_all(["th", "td"])) + "\n")
    marks = {"li": "- ", "dt": "", "p": "", "caption": "Table: ", "summary": "", "text": "", "desc": "", "title": ""}
    marks |= {f"h{depth}": f"{'#' * depth} " for depth in range(1, 7)}
    for one in soup.find_all(list(marks)):
        one.insert_before("\n" + marks[one.name])
        one.insert_after(": " if one.name == "dt" else "\n")
    for one in soup.select(".says > span"):
        one.append(" ")
    lines = map(one_line, soup.get_text().split("\n"))
    return "\n".join(line for line in lines if line.strip(" -|")) + "\n"


def one_line(text: str) -> str:
    return " ".join(text.split()).removesuffix(";")


# What is written, and what is wrong


def test_what_the_commands_write(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    wording: SnapshotAssertion,
) -> None:  # fmt: skip
    """A decision, a value, an open point, an answer, a case, a reading, what settles it, a correction: what each adds."""
    folder = Path(shutil.copytree(library, tmp_path / "written"))
    monkeypatch.chdir(folder)
    document = ("--document-title", "Notice of a week", "--publisher", "The made-up library", "--dated", "2026-07-06")
    week = ("--source", "week 1")
    said = [
        written(capsys, folder, *command)
        for command in (
            ("new", "decision", "fines-2027", "--title", "A week of grace", "--taken-on", "2026-07-06", "--does",
             "Makes a week late free.", *week, *document),
            ("new", "parameter", "fines-2027", "week_start", "--label", "The first day of a free week", "--unit", "date",
             "--value", "2026-09-01", *week),
            ("new", "parameter", "fines-2027", "week_days", "--label", "Days late that cost nothing then", "--unit",
             "count", "--value", "7", *week),
            ("new", "open-point", "fines-2027", "W1-half-days", "--title", "Whether half a day counts", "--says",
             "The notice counts days.", *week, "--settle", "A word in the notice.", "--allows-text", "whole days alone",
             "--allows-text", "half days too"),
            ("new", "answer", "handling", "--decision", "fines-2027", "--from", "week_start", "--of", "late", "--when",
             "days_late at_most $week_days", "--answer", "let_off", "--id", "within-a-week", "--says",
             "A week late costs nothing.", *week),
            ("new", "case", "fines-2027", "--file", "week", "--name", "Five days late", *week, "--fact",
             "decision_date=2026-10-01", "--fact", "item=book", "--fact", "card=adult", "--fact", "lost=false", "--fact",
             "days_late=5", "--fact", "run_up=1.00", "--expect", "handling=let_off", "--expect", "charge=nothing_owed"),
            ("adopt", "S1-cards-of-schools", "let_off", "--by", "The library committee", "--because",
             "Schools borrow for their readers.", "--on", "2026-08-03"),
            ("new", "settlement", "fines-2027", "D1-which-days-count", "--from", "2026-09-01", "--by",
             "D1-closed-days-count", "--says", "Closed days count.", *week),
            ("new", "correction", "fines-2024", "most_charged", "--says", "The most is £4.00, not £5.00.", "--because",
             "The byelaws say so.", "--by", "The library committee", "--from", "2024-01-08", "--value", "4.00", "--on",
             "2026-08-03"),
            ("lock", "--check"),
            ("lock",),
            ("upgrade",),
            ("upgrade",),
            ("check",),
        )
    ]  # fmt: skip
    replace(folder, "rules/lent.yaml", r"^question: lent\n(asks: .*)$", r"\1\nquestion: lent")
    said += [written(capsys, folder, *command) for command in (("fmt", "--check"), ("fmt", "--json"), ("fmt",))]
    assert "\n".join(said) == wording


def written(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """Return what a terminal shows of a command, and what it changed in the files of a folder."""
    before = state(folder)
    said = shown(capsys, *arguments)
    after = state(folder)
    changes: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = (one.get(name, b"").decode().splitlines() for one in (before, after))
        changes += difflib.unified_diff(old, new, name, name, n=1, lineterm="")
    return calm("\n".join([said.rstrip("\n"), *changes, ""]))


#: Commands that cannot be followed, as they are typed.
REFUSED = {
    "asking": """
decide loans.yaml --as-of fines-2025
explain loans.yaml --why-not handling=billd
timeline loans.yaml --until 1.9.2026
decide nothing.yaml
check --explain gapp
decide ../nowhere/loans.yaml
decide policy
decide README.md
decide loans.yaml --readings D9
explain loans.yaml --why-not handling
explain loans.yaml --why-not undetermined
explain loans.yaml --why-not route=fined
timeline loans.yaml --until soon
timeline loans.yaml --until 2020-01-01
check --sources ../nowhere
check --today tomorrow
schemas loans.yaml
open-points --cases ../nowhere.yaml
prove --question lend
prove --as-of 24/00120
prove --scenario thirds
coverage ../nowhere
coverage docs
""",
    "comparing": """
compare . ../changed --question lend
compare . ../nowhere
compare . fines-2029
compare . ../changed --cases ../nowhere.csv
compare . ../changed --decided ../nowhere
compare . ../changed --decided docs
compare . ../changed --decided loans.yaml
compare . ../changed --precedents loans.yaml
compare . ../changed --as-of fines-2029
compare . ../changed --scenario thirds
review . ../changed --decided docs
review . ../changed --cases ../nowhere.csv
review . ../changed --scenario thirds
equality loans.csv . ../changed -o ../equality.txt
equality loans.csv . ../nowhere -o ../equality.html
equality loans.csv . ../changed -o loans.csv
verify-record ../nowhere
verify-record loans.yaml
verify-record docs
verify-record
verify-record loans.yaml --last
verify-record loans.yaml --head abc
verify-record --trail loans.yaml
""",
    "counting": """
model loans.csv --by school
model loans.csv --scenario thirds
budgets branches.csv --year 5 --quantum 4000.00
decide loans.csv
decide loans.csv -o ../nowhere/decided.csv
decide loans.csv -o decided.txt
decide loans.csv -o loans.csv
decide loans.csv -o decided.csv --engine oracle
decide loans.yaml -o decided.csv
decide branches.csv -o decided.csv
explain loans.csv
timeline loans.csv
open-points --cases loans.csv
budgets branches.csv --year 1 --quantum many
budgets branches.csv --year 1 --quantum -5
budgets branches.csv --year 1 --quantum 4000.005
budgets branches.csv --year 1 --quantum 0
budgets ../nowhere.csv --year 1 --quantum 4000
budgets loans.yaml --year 1 --quantum 4000
budgets loans.csv --year 1 --quantum 4000
budgets branches.csv --year 1 --quantum 4000 --scenario thirds
budgets branches.csv --year 1 --quantum 4000 -o out.txt
budgets branches.csv --year 1 --quantum 4000 -o branches.csv
budgets branches.csv --year 1 --quantum 4000 --as-of fines-2024
ledger branches.csv --year 1 --quantum 4000 --claims loans.csv
tariff halves.yaml --cohort loans.csv --schools branches.csv
options loans.csv --scenarios halves,thirds
model loans.yaml
model loans.csv --by case_ref
model loans.csv -o report.pdf
model loans.csv -o loans.csv
model ../nowhere.csv
import loans.csv
import loans.csv -o loans.csv
import loans.csv --on soon -o ../made.csv
import branches.csv --learn "Our list"
""",
    "mending": """
adopt S2-cards let_off --by Committee --because Because --on 2026-08-03
adopt S1-cards-of-schools owed --by Committee --because Because --on 2026-08-03
new correction fines-2024 most --says No --because No --by No --from 2024-01-08 --on 2026-08-03
adopt S1-cards-of-schools handling=owed --by Committee --because Because --on 2026-08-03
adopt S1-cards-of-schools charge=owed --by Committee --because Because --on 2026-08-03
adopt S1-cards-of-schools let_off --by "Ann Smith" --because Because --on 2026-08-03
adopt S1-cards-of-schools let_off --by "The library committee" --because Because --on 2020-08-03
adopt S1-cards-of-schools let_off --by "The library committee" --because Because --on 2999-08-03
adopt S1-cards-of-schools let_off --by "The library committee" --because Because --on soon
adopt S1-cards-of-schools let_off --by "The library committee" --because Because --on 2026-08-03 --id D1-closed-days-count
adopt D1-which-days-count "open days alone" --by "The library committee" --because Because --on 2026-08-03
adopt F1-share-by-the-past "a third" --by "The library committee" --because Because --on 2026-08-03
fmt nowhere.yaml
fmt loans.yaml
new correction fines-2029 most_charged --says X --because X --by "The library committee" --from 2024-01-08 --on 2026-08-03
new correction fines-2024 standing --says X --because X --by "The library committee" --from soon --on 2026-08-03
new correction fines-2024 standing --says X --because X --by "The library committee" --from 2024-01-08 --value 4.00 --on 2026-08-03
new correction fines-2024 most_charged --says X --because X --by "The library committee" --from 2024-01-08 --value four --on 2026-08-03
new correction fines-2024 most_charged --says X --because X --by "Ann Smith" --from 2024-01-08 --value 4.00 --on 2026-08-03
""",
    "new": """
new parameter fines-2029 week_days --label Days --unit count --value 7 --source "notice 1"
new parameter fines-2026 week_days --label Days --unit count --value 7 --source "nowhere 1"
new case fines-2029 --file week --name A --source "notice 1" --fact item=book
new answer handling --decision fines-2029 --from half_fines_start --of late --when "days_late at_most 9" --answer let_off --id nine --says Nine --source "notice 1"
new decision fines-2026 --title X --taken-on 2026-07-06 --does X --source "notice 1"
new decision "Fines 2027" --title X --taken-on 2026-07-06 --does X --source "notice 1"
new decision fines-2027 --title X --taken-on soon --does X --source "notice 1"
new decision fines-2027 --title X --taken-on 2026-07-06 --proposed --does X --source "notice 1"
new decision fines-2027 --title X --taken-on 2026-07-06 --does X --source "notice"
new decision fines-2027 --title X --earliest 2026-07-06 --latest 2026-07-01 --does X --source "notice 1"
new parameter fines-2026 young_share --label X --unit share --value 0.4 --source "notice 1"
new parameter fines-2026 "Young Share" --label X --unit share --value 0.4 --source "notice 1"
new parameter fines-2026 week_share --label X --unit shares --value 0.4 --source "notice 1"
new parameter fines-2026 week_share --label X --unit share --value 4 --source "notice 1"
new parameter fines-2026 week_share --label X --unit share --source "notice 1"
new parameter fines-2026 grace_days --label X --unit count --value 4 --source "notice 1"
new open-point fines-2026 L1-price-of-lost-items --title X --says X --source "notice 1" --settle X --allows-text a --allows-text b
new open-point fines-2026 "w1 half" --title X --says X --source "notice 1" --settle X --allows-text a --allows-text b
new open-point fines-2026 W1-half --title X --says X --source "notice 1" --settle X --allows route=a
new answer handling --decision fines-2026 --from half_fines_start --of lat --when "days_late at_most 9" --answer let_off --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days_late under 9" --answer let_off --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days at_most $grace_days" --answer let_off --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days_late at_most $grace_day" --answer let_off --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from grace_days --of late --when "days_late at_most $grace_days" --answer let_off --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days_late at_most $grace_days" --answer let_of --id nine --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days_late at_most $grace_days" --answer let_off --id gone --says X --source "notice 1"
new answer handling --decision fines-2026 --from half_fines_start --of late --when "days_late at_most $grace_days" --answer let_off --id nine --says X --source "notice 1" --gives to_pay=$most_charged
new answer charge --decision fines-2026 --from half_fines_start --of capped --when "card is adult" --answer owed --id nine --says X --source "notice 1" --gives to_pay
new settlement fines-2026 S1-cards --from 2026-04-01 --by handling/late --says X --source "notice 1"
new settlement fines-2026 S1-cards-of-schools --from soon --by handling/late --says X --source "notice 1"
new settlement fines-2026 S1-cards-of-schools --from 2026-04-01 --by handling/lat --says X --source "notice 1"
new settlement fines-2026 S1-cards-of-schools --from 2026-04-01 --answer handling=billed --says X --source "notice 1"
new settlement fines-2026 S1-cards-of-schools --from 2020-04-01 --answer handling=let_off --says X --source "notice 1"
new settlement fines-2026 S1-cards-of-schools --from 2026-04-01 --says X --source "notice 1"
new edition autumn --of spring --title X
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact item=vase --expect handling=fined
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=soon --fact item=book --expect handling=fined
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact itm=book --expect handling=fined
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact item --expect handling=fined
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact item=book --expect handlin=fined
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact item=book --expect handling=fine
new case fines-2026 --file week --name X --source "notice 1" --fact decision_date=2026-05-01 --fact item=book
""",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused(
    capsys: pytest.CaptureFixture[str], wording: SnapshotAssertion, name: str
) -> None:
    """In a line or two each, which say what to do; nothing is written."""
    before = state(Path())
    said = [shown(capsys, *shlex.split(command)) for command in REFUSED[name].strip().splitlines()]
    assert "\n".join(said) == wording
    assert state(Path()) == before


#: What is done to a copy: a file, what is replaced, and by what.
BROKEN = {
    "a value of three decimals": ("policy/fines-2026/parameters.yaml", r"value: 2.50", "value: 2.505"),
    "an unknown name": (
        "rules/charge.yaml",
        r"(run_up, at_most: )\$most_charged(.*\n.*to_pay: {of: run_up, share)",
        r"\1$most_chargd\2",
    ),
    "a case without an answer": ("rules/handling.yaml", r"\[adult, young\]", "[adult]"),
    "two answers for a case": ("rules/lent.yaml", r"is: atlas", "one_of: [atlas, film]"),
    "a bracket that is open": ("rules/lent.yaml", r"\[item\]", "[item"),
    "a figure that does not agree": ("policy/figures.yaml", r"stated: 600", "stated: 500"),
    "a point that is not there": ("rules/handling.yaml", r"point: S1-cards-of-schools", "point: S2-cards"),
}


def broken(library: Path, folder: Path, names: Iterable[str]) -> None:
    shutil.copytree(library, folder)
    for name in names:
        replace(folder, *BROKEN[name])


def test_check_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    wording: SnapshotAssertion,
) -> None:  # fmt: skip
    said = []
    for place, name in enumerate(BROKEN):
        broken(library, tmp_path / str(place), [name])
        monkeypatch.chdir(tmp_path / str(place))
        said.append(f"== {name}\n{shown(capsys, 'check')}")
    assert "\n".join(said) == wording


@pytest.mark.parametrize("form", ["json", "github"])
def test_check_says_it_to_programs(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    wording: SnapshotAssertion, form: str,
) -> None:  # fmt: skip
    broken(library, tmp_path / "broken", ["a value of three decimals", "an unknown name"])
    monkeypatch.chdir(tmp_path / "broken")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert shown(capsys, "check", *(["--json"] if form == "json" else ["--format", form])) == wording


#: Properties of each form: some hold of the rules, and some do not.
PROPERTIES = """\
properties:
  - {id: one-way, says: A return is handled in one way., one_answer: {question: handling}}
  - {id: later-never-cheaper, says: A later return never costs less., monotone: {question: charge, fact: days_late, order: [nothing_owed, owed]}}
  - {id: later-never-dearer, says: A later return never costs more., monotone: {question: charge, fact: days_late, order: [owed, nothing_owed]}}
  - {id: no-card, says: No card is asked for., no_fact: {words: [card, adult], exceptions: [
     {fact: card, only_in: [handling, charge], because: So., source: {document: byelaws, paragraph: "1"}}]}}
  - {id: no-young, says: Nobody is young., no_fact: {words: [young]}}
  - {id: more-facts, says: More facts change nothing., more_facts: {}}
  - {id: certain, says: What is certain is given., same_answer: {}}
  - {id: open, says: What is open is named., stays_open: {questions: [handling]}}
  - {id: billed-is-owed, says: A bill is open., rules_out: {question: handling, answers: {billed: {charge: [owed, nothing_owed]}}}}
  - {id: fined-and-free, says: No fine is owed., rules_out: {question: handling, answers: {fined: {charge: [owed], amnesty: [promised, no_promise]}, let_off: {charge: [nothing_owed]}}}}
  - {id: promised, says: A promise is kept., until_holds: {}}
  - {id: elsewhere, says: A promise is kept., until_holds: {questions: [handling]}}
"""
#: Rules of which more is wrong: a film is lent and not lent, and a promise is lost on its last day.
AGAINST = [
    ("rules/lent.yaml", r"is: atlas", "one_of: [atlas, film]"),
    ("rules/amnesty.yaml", r"\Z", """\
  - from: $open_until
    decision: fines-2026
    answers:
      - {id: lost, answer: no_promise, source: {document: notice, paragraph: "2"}, when: {fact: lent, is: loan}}
      - {id: not-lent, answer: does_not_arise, source: {document: notice, paragraph: "2"}, when: {fact: lent, is: no_loan}}
"""),
]  # fmt: skip


@pytest.mark.parametrize("edits", [pytest.param([], id="as-they-are"), pytest.param(AGAINST, id="against-them")])
def test_prove_says_which_properties_hold_and_which_do_not(
    capsys: pytest.CaptureFixture[str], library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    wording: SnapshotAssertion, edits: list[tuple[str, str, str]],
) -> None:  # fmt: skip
    """Without the pupil that the solver found: of several it may give another."""
    folder = Path(shutil.copytree(library, tmp_path / "held"))
    (folder / "rules/properties.yaml").write_text(PROPERTIES, encoding="utf-8")
    for edit in edits:
        replace(folder, *edit)
    monkeypatch.chdir(folder)
    said = re.sub(
        r", for (?=a pupil on).*|^  (?:- |  ).*\n",
        "",
        shown(capsys, "prove", "--as-of", "fines-2026"),
        flags=re.MULTILINE,
    )
    assert re.sub(r" for a pupil on .*", "", re.sub(r"'\w+' and '\w+' are both", "Two are", said)) == wording


# The site


@pytest.fixture(scope="module")
def site(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    run("publish", "-o", str(out), "--on", ON.isoformat(), "--root", str(library))
    return out / "docs"


#: Pages that say the same of every policy: tests/test_publish.py looks at them.
OF_THE_ENGINE = re.compile(r"reference/(commands|files|glossary|problems/.*)\.md")


def test_what_the_site_says(site: Path, wording: SnapshotAssertion) -> None:
    """Every line of every page, and every cell of its tables."""
    said = []
    for page in sorted(site.rglob("*.md")):
        name = page.relative_to(site).as_posix()
        if not OF_THE_ENGINE.fullmatch(name):
            text = re.sub(r"\A---\n.*?\n---\n", "", page.read_text(encoding="utf-8"), flags=re.S)
            html = markdown.markdown(text, extensions=["attr_list", "md_in_html", "toc", "fenced_code"])
            said.append(f"==== {name}\n{calm(visible(html))}")
    assert "\n".join(said) == wording


def test_what_the_site_offers_to_download(site: Path, wording: SnapshotAssertion) -> None:
    said = []
    for file in sorted((site / "downloads").iterdir()):
        text = file.read_text(encoding="utf-8")
        said.append(f"==== {file.name}\n{calm(as_yaml(json.loads(text)) if file.suffix == '.json' else text)}")
    assert "\n".join(said) == wording
