"""Cautions reach everybody: wherever an answer is shown, what goes with it is shown too.

What each output shows is held against what the engine decides. The calculator's page is in `tests/browser`, the site's
pages are in `tests/test_publish.py`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Set
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import python_calamine
from typer.main import get_command

from board_app import Running, copied, load, running
from golden_files import FROZEN, ROOT, decider
from running import senpolicy
from senpolicy.cli import every_command
from senpolicy.deciding.cases import Case, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.policy.timeline import CautionInForce, Policy
from senpolicy.proving.nearest import with_facts
from senpolicy.readings.say import say_date

day = date.fromisoformat
BY = decider(ROOT, None, "all")
POLICY = BY.policy


def every_of(policy: Policy) -> set[str]:
    return {one.says for period in policy.periods for asked in period.questions.values() for one in asked.cautions}


#: Every caution of the policy by what it says.
EVERY = every_of(POLICY)
HEADS = ("case_ref", "decision_date", "age", "year_group", "setting", "plan", "ehcp_issued_on", "additional_cost",
         "element3_rate", "community_start", "community_protection", "adaptation_level")  # fmt: skip
#: Cases that carry every caution between them; the last has none with its route.
CASES = [
    dict(zip(HEADS, row.split(","), strict=True))
    for row in (
        "K-1,2025-10-01,9,4,mainstream,ehcp,2024-05-01,,5999.99,2025-09-01,kept,",
        "K-2,2025-10-01,9,4,mainstream,ehcp,2025-10-01,9000,,2025-09-01,kept,",
        "K-3,2025-10-01,9,4,mainstream,sen_support,,3000,,,,",
        "K-4,2026-10-01,9,4,special,sen_support,,,,,,",
        "K-5,2026-10-01,9,4,mainstream,ehcp,2024-05-01,9000,,,,specific_allocation",
        "K-7,2031-10-01,9,4,mainstream,sen_support,,9000,,,,",
        "K-8,2005-10-01,9,4,mainstream,sen_support,,9000,,,,",
        "K-6,2025-10-01,9,4,independent,sen_support,,,,,,",
    )
]


def decision(cells: Mapping[str, str], by: Decider = BY) -> Decision:
    case = read_row(cells.items(), 1, "", by.policy)
    assert isinstance(case, Case)
    found = by.decide(case)
    assert isinstance(found, Decision)
    return found


def cautions(found: Decision) -> dict[str, list[CautionInForce]]:
    """Return what goes with each answer of a decision that is shown."""
    return {name: list(one.cautions) for name, one in found.answers.items() if one.cautions and not one.step}


DECIDED = {cells["case_ref"]: decision(cells) for cells in CASES}


def said(found: Decision) -> set[str]:
    return {one.says for beside in cautions(found).values() for one in beside}


def named_in(text: str, every: Set[str] = EVERY) -> set[str]:
    """Return which cautions of the policy a text gives in full, however its lines are broken."""
    plain = " ".join(text.split())
    return {says for says in every if says in plain}


def test_the_cases_carry_every_caution_of_the_policy() -> None:
    """A caution that no case here carries would be looked for nowhere."""
    assert set().union(*map(said, DECIDED.values())) == EVERY


@pytest.fixture(params=CASES, ids=lambda one: one["case_ref"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Decision]:
    """A file with one case, and what the engine decides of it."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps([{name: value for name, value in request.param.items() if value}]))
    return path, DECIDED[request.param["case_ref"]]


def test_decide_shows_the_cautions_of_each_answer(
    capsys: pytest.CaptureFixture[str], case: tuple[Path, Decision]
) -> None:
    path, found = case
    assert named_in(senpolicy(capsys, "decide", str(path))[1]) == said(found)
    answers = json.loads(senpolicy(capsys, "decide", str(path), "--json")[1])[0]["answers"]
    assert by_question(answers) == ids(found)


def test_explain_shows_the_cautions_of_each_answer_and_of_those_on_other_days(
    capsys: pytest.CaptureFixture[str], case: tuple[Path, Decision]
) -> None:
    path, found = case
    assert named_in(senpolicy(capsys, "explain", str(path))[1]) == said(found)
    status, out, _ = senpolicy(capsys, "explain", str(path), "--nearest", "--other-days", "--json")
    assert status == 0
    (data,) = json.loads(out)
    assert by_question(data["answers"]) == ids(found)
    now = ids(found)
    for other in data["other_days"]:
        facts = {name: value for name, value in found.case.facts.items() if name != "decision_date"}
        then = with_facts(BY, found.case, facts, day(other["decision_date"]))
        assert then is not None
        for name, answers in other["answers"].items():
            assert [one["id"] for one in answers["then"].get("cautions", [])] == ids(then).get(name, [])
            assert [one["id"] for one in answers["now"].get("cautions", [])] == now.get(name, [])
    text = senpolicy(capsys, "explain", str(path), "--nearest", "--other-days")[1]
    carried = [
        one["then"] for other in (*data["other_days"], *data["nearest"][:1]) for one in other["answers"].values()
    ]
    assert {one["says"] for then in carried for one in then.get("cautions", [])} <= named_in(text)


def test_timeline_shows_the_cautions_of_each_stretch(
    capsys: pytest.CaptureFixture[str], case: tuple[Path, Decision]
) -> None:
    path, found = case
    (data,) = json.loads(senpolicy(capsys, "timeline", str(path), "--json")[1])
    text = senpolicy(capsys, "timeline", str(path))[1]
    assert by_question(data["stretches"][0]["answers"]) == ids(found)
    told = {one["says"] for stretch in data["stretches"] for answer in every_answer(stretch)
            for one in answer.get("cautions", [])}  # fmt: skip
    assert said(found) <= told == named_in(text)


def test_a_decision_record_holds_the_cautions_of_each_answer(
    capsys: pytest.CaptureFixture[str], case: tuple[Path, Decision], tmp_path: Path
) -> None:
    path, found = case
    assert senpolicy(capsys, "decide", str(path), "--records", str(tmp_path / "records"))[0] == 0
    (record,) = (tmp_path / "records").iterdir()
    data = json.loads(record.read_text(encoding="utf-8"))
    told = {name: one["cautions"] for name, one in data["answers"].items() if one["cautions"]}
    assert told == ids(found)
    held = {one["says"] for asked in data["reasons"]["questions"] for one in asked["cautions"] if one["holds"]}
    assert held == said(found)
    assert senpolicy(capsys, "verify-record", str(record))[0] == 0


@pytest.fixture
def caseload(tmp_path: Path) -> Path:
    path = tmp_path / "cases.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        pen = csv.DictWriter(file, HEADS)
        pen.writeheader()
        pen.writerows(CASES)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_every_row_of_a_decided_caseload_names_the_cautions_of_each_answer(
    capsys: pytest.CaptureFixture[str], caseload: Path, suffix: str
) -> None:
    out = caseload.with_name(f"out{suffix}")
    _, _, err = senpolicy(capsys, "decide", str(caseload), "-o", str(out))
    rows = list(decided_rows(out))
    assert len(rows) == len(CASES)
    for row in rows:
        told = {name.removesuffix("_cautions"): value.split() for name, value in row.items()
                if name.endswith("_cautions") and value}  # fmt: skip
        assert told == ids(DECIDED[row["case_ref"]])
        assert {f"{name}_cautions" for name in DECIDED["K-1"].answers} <= set(row)
    assert named_in(err) == EVERY, "the summary says what each means"


def test_the_summary_counts_the_rows_of_each_caution(capsys: pytest.CaptureFixture[str], caseload: Path) -> None:
    out = str(caseload.with_name("out.csv"))
    (data,) = json.loads(senpolicy(capsys, "decide", str(caseload), "-o", out, "--json")[1])
    for name, found in data["cautions"].items():
        for caution, told in found.items():
            assert told["rows"] == sum(caution in ids(one).get(name, []) for one in DECIDED.values())
    assert data["cautions"]["route"]["section-f"]["rows"] == 3
    (shared,) = json.loads(senpolicy(capsys, "decide", str(caseload), "-o", out, "--json", "--share")[1])
    assert shared["cautions"]["route"]["section-f"]["rows"] == "fewer than 5"


@pytest.mark.slow
@pytest.mark.parametrize("share", [[], ["--share"]])
def test_a_model_gives_what_can_go_with_its_answers_period_by_period(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, share: list[str]
) -> None:
    """Of a group of pupils it is not told which of it goes with whom."""
    path, page = tmp_path / "cases.csv", tmp_path / "report.html"
    rows = [CASES[0] | {"case_ref": f"K-{number}", "element3_rate": "5000"} for number in range(1, 8)]
    with path.open("w", encoding="utf-8", newline="") as file:
        pen = csv.DictWriter(file, HEADS)
        pen.writeheader()
        pen.writerows(rows)
    words, policy = ("model", str(path), "--root", str(ROOT), *share), decider(ROOT, None, "all").policy
    senpolicy(capsys, *words, "-o", str(page))
    html = page.read_text(encoding="utf-8")
    text = senpolicy(capsys, *words)[1]
    (data,) = json.loads(senpolicy(capsys, *words, "--json")[1])
    assert len(data["periods"]) == 2
    wanted = set()
    for period in data["periods"]:
        asked = policy.on(day(period["from"])).questions
        every = {(name, one.id) for name in ("route", "protection", "amount") for one in asked[name].cautions}
        assert {(one["question"], one["id"]) for one in period["cautions"]} == every
        wanted |= {one["says"] for one in period["cautions"]}
        part = html[html.index(f"<h3>{say_date(day(period['from']))} to {say_date(day(period['until']))}</h3>") :]
        part = part[: part.index("<footer>")].split("<h3>", 2)[1]
        assert {one["says"] for one in period["cautions"]} <= named_in(part)
    assert wanted == named_in(text) == named_in(html)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A board with a caseload of these cases, under no scenario."""
    return running(tmp_path_factory.mktemp("board"), scenario=None)


@pytest.mark.slow
def test_the_board_shows_the_cautions_on_each_page_of_a_case(made: Running, tmp_path: Path) -> None:
    """The case's page beside the answer, the notice, the record, how it stood before, and the list of cases."""
    board, by = copied(made, tmp_path), decider(FROZEN, None, "all")
    every, decided = every_of(by.policy), {cells["case_ref"]: decision(cells, by) for cells in CASES}
    key = load(board, csv_of(CASES))
    listed = board["officer"].get(f"/caseloads/{key}")
    assert named_in(listed.get_text(" "), every) == {
        one.says
        for on in {one.case.day for one in decided.values()}
        for name in ("route", "band")
        for one in by.policy.on(on).questions[name].cautions
    }
    links = {str(one.get_text(strip=True)): str(one["href"]) for one in listed.select("th.ref a")}
    for ref, found in decided.items():
        page = board["officer"].get(links[ref])
        answers = page.select_one("dl.answers")
        assert answers is not None
        assert named_in(answers.get_text(" "), every) == said(found)
        assert named_in(board["officer"].get(f"{links[ref]}/notice").get_text(" "), every) == said(found)
        side = board["officer"].get(f"{links[ref]}?as_of=before-24/00120").select_one("#before ~ .scroll table")
        assert side is not None
        then = decider(FROZEN, "before-24/00120", "all").decide(found.case)
        assert isinstance(then, Decision)
        assert named_in(side.get_text(" "), every) == (said(found) | said(then)) & every
        why = board["officer"].get(f"{links[ref]}/why-not?answer=scope=in_scope").select("#why-not-answer ol li")
        for way in why[:1]:
            assert named_in(way.get_text(" "), every)
    board.store.close()


#: Which commands show answers to cases, each with its test above; and why none of the others does.
SHOWN = {"decide", "explain", "timeline", "model", "verify-record"}
NOT_SHOWN = {
    "a caution that comes or goes is a difference of its own": {"compare", "review"},
    "the policy itself, and no case": {
        "check", "schemas", "figures", "open-points", "prove", "coverage", "adopt", "lock", "fmt", "upgrade", "new"},
    "a golden case pins the cautions of its answers itself": {"golden"},
    "amounts of Communities": {"budgets", "ledger"},
    "sums of groups, and no case": {"equality"},
    "counts and sums, and no case": {"options"},
    "facts of a file, before any answer": {"import"},
    "held in tests/test_tariff.py": {"tariff"},
    "the bytes of the commands; tests/test_serving.py": {"serve"},
    "made-up facts without answers": {"simulate"},
    "held against the pages in tests/test_publish.py, and of the calculator in tests/browser": {"publish"},
    "the pages above; precedents in tests/test_board_work.py": {"board"},
}  # fmt: skip


def test_every_command_is_looked_at_here() -> None:
    """A new command that shows answers has its cautions looked for, or it is said why not."""
    group: Any = get_command(every_command())
    assert {*SHOWN, *(name for names in NOT_SHOWN.values() for name in names)} == set(group.commands)


# How outputs are read.


def ids(found: Decision) -> dict[str, list[str]]:
    return {name: [one.id for one in beside] for name, beside in cautions(found).items()}


def by_question(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [caution["id"] for caution in one["cautions"]] for name, one in answers.items() if "cautions" in one}


def every_answer(stretch: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from stretch["answers"].values()
    yield from stretch.get("birthday", {}).get("answers", {}).values()


def decided_rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    elif path.suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
    else:
        names, *rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        yield from ({str(name): str(cell) for name, cell in zip(names, row, strict=True)} for row in rows)


def csv_of(cases: list[dict[str, str]]) -> str:
    return "\n".join([",".join(HEADS), *(",".join(one.values()) for one in cases)]) + "\n"
