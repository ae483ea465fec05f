"""A second policy, made up for tests (tests/toy): a library's fines. Every command runs on it, with no word of Kent.

Its fines are 20p for each day late, up to £5.00 for a loan; from 1 April 2026 young readers pay half, up to £2.50. A
return up to 3 days late is free. A lost item is billed at between half and all of its price; which part, is open.

The loans of tests/toy/loans.csv, all of 1 May 2026, come to this by hand:

| loan | what it is | days at 20p | charge |
|---|---|--:|---|
| L-1 | a book, an adult, 12 days late | £2.40 | £2.40 |
| L-2 | a book, a young reader, 40 days late | £8.00 | half would be £4.00, and the most is £2.50 |
| L-3 | a film of £15.00, an adult, lost | | open, between £7.50 and £15.00 |
| L-4 | a book, a school, 12 days late | £2.40 | open: whether a school is fined |
| L-5 | an atlas of the reading room | | nothing: it is not lent |
| L-6 | a book, a young reader, 2 days late | £0.40 | nothing: 2 is within the 3 days of grace |
"""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from copies import replace
from golden_files import ROOT, loaded
from running import senpolicy
from senpolicy.checking import golden
from senpolicy.cli import every_command, http
from senpolicy.policy import corpus as corpora
from senpolicy.policy.figures import given

TOY = Path(__file__).parent / "toy"
LOANS, CASES = str(TOY / "loans.csv"), str(TOY / "loans.yaml")
AT = ("--root", str(TOY))
#: Words of the other policy, which no command may say of this one.
OTHERS = re.compile(r"\b(Kent|EHCP|SEN Support|Element 3|Communit(y|ies)|tariff|community_budget|element3_rate)\b")
#: Commands that are tried below, each by its name; the board's are a package's own.
TRIED = {
    *(
        "decide",
        "explain",
        "timeline",
        "check",
        "golden",
        "schemas",
        "figures",
        "open-points",
        "prove",
        "coverage",
        "compare",
    ),
    *("review", "adopt", "lock", "fmt", "upgrade", "budgets", "simulate", "model", "publish", "verify-record", "new"),
    *("tariff", "import", "ledger", "serve", "equality", "options"),
}
NEW = {"decision", "parameter", "open-point", "answer", "settlement", "edition", "case", "correction"}
#: An edition of descriptors, for the tests that need levels; the policy itself rates nothing.
SHELVES = """\
edition: shelves
title: Shelves
status: published
source: {document: byelaws, paragraph: "1"}
levels:
  - {id: low_shelf, label: Low, order: 1}
  - {id: top_shelf, label: Top, order: 2}
areas_held: false
strands_held: false
statements_held: false
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of the toy policy, to be written in."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


@pytest.fixture(scope="module")
def dearer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which no more than £2.00 is charged for a loan: in all, and of a young reader."""
    folder = Path(shutil.copytree(TOY, tmp_path_factory.mktemp("dearer") / "toy"))
    replace(folder, "policy/fines-2026/parameters.yaml", r"value: 2.50", "value: 2.00")
    return folder


def shelved(folder: Path) -> None:
    """Give a policy the edition of the shelves."""
    (folder / "descriptors/shelves").mkdir()
    (folder / "descriptors/shelves/edition.yaml").write_text(SHELVES, encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> tuple[str, str]:
    """Return what a command prints on both streams; it ends with the status, and says no word of the other policy."""
    found, out, err = senpolicy(capsys, *arguments)
    assert found == status, (out, err)
    assert not OTHERS.search(out + err), OTHERS.search(out + err)
    return out, err


def data(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    return json.loads(run(capsys, *arguments, "--json", status=status)[0])


def test_every_command_is_tried_here() -> None:
    """One that is new needs a test on the toy policy too, or a reason for none: those of the board are its own."""
    app = every_command()
    names = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    groups = {one.name: one.typer_instance for one in app.registered_groups}
    assert {*names, *groups} - {"board"} == TRIED
    assert groups["new"] is not None
    assert {one.name for one in groups["new"].registered_commands} == NEW


def test_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = run(capsys, "check", *AT)
    assert err == "2 decisions, 4 questions, 3 open points: no problems, no warnings.\n"


def test_decide_gives_the_fines_that_are_worked_out_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    young, lost = data(capsys, "decide", CASES, *AT)
    assert young["answers"]["handling"]["answer"] == "fined"
    assert {"answer": "owed", "to_pay": "2.50"}.items() <= young["answers"]["charge"].items()
    assert young["answers"]["amnesty"]["open_until"] == "2026-08-31"
    assert [one["id"] for one in young["answers"]["handling"]["cautions"]] == ["hardship"]
    assert {"bill_low": "7.50", "bill_high": "15.00"}.items() <= lost["answers"]["charge"].items()
    assert lost["answers"]["charge"]["open_points"] == ["L1-price-of-lost-items"]


def test_before_the_second_decision_a_young_reader_pays_as_an_adult(capsys: pytest.CaptureFixture[str]) -> None:
    """£8.00 for 40 days, of which no more than £5.00 is charged."""
    young = data(capsys, "decide", CASES, *AT, "--as-of", "fines-2024")[0]
    assert young["answers"]["charge"]["to_pay"] == "5.00"


def test_decide_of_a_caseload_writes_a_row_for_each_loan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "decided.csv"
    _, err = run(capsys, "decide", LOANS, "-o", str(out), *AT)
    with out.open(encoding="utf-8") as file:
        rows = {row["case_ref"]: row for row in csv.DictReader(file)}
    assert {ref: row["handling"] for ref, row in rows.items()} == {
        "L-1": "fined", "L-2": "fined", "L-3": "billed", "L-4": "undetermined", "L-5": "desk", "L-6": "let_off"
    }  # fmt: skip
    assert {ref: row["charge_to_pay"] for ref, row in rows.items() if row["charge_to_pay"]} == {
        "L-1": "2.40",
        "L-2": "2.50",
    }
    assert (rows["L-3"]["charge_bill_low"], rows["L-3"]["charge_bill_high"]) == ("7.50", "15.00")
    assert "6 rows decided again by both evaluators" in err


def test_explain_says_it_in_the_policys_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capsys, "explain", CASES, *AT)
    assert "Charge                  owed, to pay £2.50" in out
    assert "what the days late come to at 20p a day: £8 (more than £5, by £3)" in out
    assert "bill: £7.50 to £15" in out
    assert "open until 31 August 2026" in out


def test_timeline_shows_the_day_of_half_fines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Until 31 March 2026 the £8.00 of 40 days are cut to £5.00, from 1 April to the £2.50 of a young reader."""
    case = tmp_path / "case.yaml"
    case.write_text(Path(CASES).read_text(encoding="utf-8").replace("2026-05-01", "2026-03-01"), encoding="utf-8")
    (young, _) = data(capsys, "timeline", str(case), *AT, "--until", "2026-06-30")
    charged = [(one["from"], one["answers"]["charge"]["to_pay"]) for one in young["stretches"]]
    assert charged == [("2026-03-01", "5.00"), ("2026-04-01", "2.50")]


def test_records_are_verified(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(capsys, "decide", CASES, "--records", str(tmp_path / "records"), *AT)
    files = sorted(str(path) for path in (tmp_path / "records").glob("*.json"))
    assert len(files) == 2
    _, err = run(capsys, "verify-record", *files, *AT)
    assert err.endswith("2 records: 2 valid, 0 refused.\n")


def test_prove_finds_one_answer_for_every_loan(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(capsys, "prove", "--strict", *AT)
    assert [line.split()[0] for line in out.splitlines() if "proved: one answer" in line] == [
        "lent", "handling", "amnesty", "charge"
    ]  # fmt: skip
    assert "4 proved, 0 faults" in err


def test_the_golden_cases_come_out_as_they_are_pinned() -> None:
    by = golden.deciders(corpora.load(TOY))
    pinned = golden.every(TOY)
    assert len(pinned) == 4
    assert [golden.differences(one.golden, by(one)) for one in pinned] == [[]] * 4


def test_what_comes_out_otherwise_is_told_in_plain_words_on_its_line(
    capsys: pytest.CaptureFixture[str], toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason and its paragraph, for the page of the forge too; what no case expects is a warning."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    out, err = run(capsys, "golden", *AT)
    assert (out, err.splitlines()[-1]) == ("", "4 golden cases: no differences, 6 lacking.")
    assert "No golden case expects the answer 'nothing_owed' of 'charge'. [golden-lacks]" in err
    assert len(data(capsys, "golden", "--strict", *AT, status=1)) == 6
    replace(toy, "tests/golden/fines-2026/fines.yaml", r'to_pay: "2.40"', 'to_pay: "2.50"')
    replace(toy, "tests/golden/fines-2026/fines.yaml", r"cautions: \[hardship\]", "cautions: []")
    out, _ = run(capsys, "golden", "--format", "github", "--root", str(toy), status=1)
    charge, cautions, *rest = out.splitlines()
    assert charge.startswith("::error file=tests/golden/fines-2026/fines.yaml,line=8,col=31,title=golden-differs::"
                             "'charge' of F-1 should be owed, to_pay 2.50 by byelaws 3, and is owed, to_pay 2.40. "
                             "Help: The rules say: ")  # fmt: skip
    assert cautions.startswith("::error file=tests/golden/fines-2026/fines.yaml,line=9,")
    assert "'cautions' of F-1 should be none by byelaws 3, and is hardship." in cautions
    assert all(one.startswith("::warning ") for one in rest)


def test_a_golden_case_may_name_the_figures_of_its_question_alone(
    capsys: pytest.CaptureFixture[str], toy: Path
) -> None:
    replace(toy, "tests/golden/fines-2026/fines.yaml", r'to_pay: "2.40"', 'to_pai: "2.40"')
    _, err = run(capsys, "check", "--root", str(toy), status=1)
    assert "fines.yaml:8:" in err
    assert "'to_pai' is not a 'charge' figure of this policy. [unknown-figure]" in err
    assert "Did you mean 'to_pay'?" in err


def test_coverage_counts_what_the_golden_cases_try(capsys: pytest.CaptureFixture[str]) -> None:
    """Four cases reach of 19 rows: goes-out, late, gone, young, others, by-the-day, capped, half-by-the-day: 8."""
    out, _ = run(capsys, "coverage", *AT)
    assert out.startswith("4 golden cases try ")
    assert re.search(r"rows\s+8 of\s+19\n", out)
    assert re.search(r"open points\s+1 of\s+3\n", out)


def test_open_points_are_listed_and_figures_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(capsys, "open-points", *AT)
    assert "S1-cards-of-schools (fines-2024, open)" in out
    assert err == "3 points: 2 open, 1 read, 0 notes.\n"
    out, err = run(capsys, "figures", *AT)
    assert out.strip() == ""
    assert "there is no policy/figures.yaml" in err


def test_compare_names_the_loans_that_change(capsys: pytest.CaptureFixture[str], dearer: Path) -> None:
    """The most that a young reader is charged falls from £2.50 to £2.00; it is reached where more than £5.00 run up."""
    (found,) = data(capsys, "compare", str(TOY), str(dearer), *AT)
    (as_of,) = [one for one in found["differences"] if one["regions"]]
    assert {one["about"] for one in as_of["regions"]} == {"charge"}
    (region,) = as_of["regions"]
    assert (region["base"]["says"], region["head"]["says"]) == ("owed, to pay £2.50", "owed, to pay £2")
    assert region["facts"]["run_up"]["ranges"] == [["5.01", "999999999.99"]]
    assert region["days"] == [{"from": "2026-04-01", "until": None}]


def test_compare_of_a_caseload_sums_the_pounds(
    capsys: pytest.CaptureFixture[str], dearer: Path, tmp_path: Path
) -> None:
    """Ten loans as L-2: 10 times £2.50 are £25.00, 10 times £2.00 are £20.00; ten as L-1 stay at £24.00."""
    lines = (TOY / "loans.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"A-{at}{line[3:]}" for line in lines[1:3] for at in range(len(line), len(line) + 10)]
    rows = [f"A-{place}{row[row.index(',') :]}" for place, row in enumerate(rows)]
    file = tmp_path / "many.csv"
    file.write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    (found,) = data(capsys, "compare", str(TOY), str(dearer), "--cases", str(file), "--question", "lent", *AT)
    moved = found["movement"]
    assert moved["cases"] == 20
    assert moved["cases_by"]["handling"] == [{"name": "fined", "base": 20, "head": 20}]
    assert moved["total"]["base"] == {"low": "49.00", "high": "49.00"}
    assert moved["total"]["head"] == {"low": "44.00", "high": "44.00"}
    assert moved["total"]["difference"] == {"low": "-5.00", "high": "-5.00"}


def test_a_base_without_views_is_counted_by_those_of_the_head(
    capsys: pytest.CaptureFixture[str], toy: Path, dearer: Path
) -> None:
    """An older revision has no such file. Where neither has one, issued decisions are compared without pounds."""
    (toy / "rules/views.yaml").unlink()
    for base, head in ((toy, dearer), (dearer, toy)):
        run(capsys, "compare", str(base), str(head), "--cases", LOANS, "--question", "lent", *AT)
    issued = toy / "issued.json"
    issued.write_text(run(capsys, "decide", CASES, *AT, "--json")[0], encoding="utf-8")
    (found,) = data(capsys, "compare", str(toy), str(toy), "--decided", str(issued), "--question", "lent", *AT)
    assert (found["issued_read"], found["issued"]) == (2, [])


def test_compare_of_issued_decisions_names_the_one_that_changes(
    capsys: pytest.CaptureFixture[str], dearer: Path, tmp_path: Path
) -> None:
    """L-2 was charged £2.50 and would be charged £2.00.

    L-3 stays as it is: its price is not recorded, for no row tests it, and both versions take the same shares of it.
    """
    issued = tmp_path / "issued.json"
    issued.write_text(run(capsys, "decide", CASES, *AT, "--json")[0], encoding="utf-8")
    (found,) = data(
        capsys, "compare", str(TOY), str(dearer), "--decided", str(issued), "--question", "lent", *AT
    )  # fmt: skip
    (changed,) = found["issued"]
    assert changed["case_ref"] == "L-2"
    assert changed["pounds_a_year"]["difference"] == {"low": "-0.50", "high": "-0.50"}


def test_review_says_what_a_change_does(capsys: pytest.CaptureFixture[str], dearer: Path) -> None:
    """Of the golden cases none is a young reader at the most, so all stay; what was locked has changed."""
    out, _ = run(capsys, "review", str(TOY), str(dearer), *AT, status=1)
    assert "**One kind of case is decided otherwise, from 1 April 2026.**" in out
    assert "'most_charged_young' of fines-2026 differs from what was locked." in out
    assert "All 4 come out as they are pinned." in out


def with_loans(folder: Path) -> Path:
    """A policy to which ten made-up loans and a limit of cost were added: 40 days late, half of them of young readers."""
    same = {"decision_date": "2026-05-01", "item": "book", "lost": "false", "days_late": "40", "run_up": "8.00"}
    steps = [*((column, {value: 10}) for column, value in same.items()), ("card", {"young": 5, "adult": 5})]
    margins = {"pupils": 10, "prefix": "T-", "steps": [
        {"id": column, "says": f"The {column}", "column": column, "into": into, "assumption": "Made up."}
        for column, into in steps
    ]}  # fmt: skip
    limits = {"cost_neutrality": {"says": "No more.", "share": "0.00", "assumption": "Made up.", "seed": 1,
                                  "source": {"document": "notice", "paragraph": "1"}}}  # fmt: skip
    for name, file in (("margins", margins), ("limits", limits)):
        (folder / f"policy/{name}.yaml").write_text(json.dumps(file), encoding="utf-8")
    return folder


def test_simulate_and_review_count_the_pounds_of_made_up_loans(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Five adults are charged £5.00 and five young readers £2.50: £37.50 in all; at £2.00 it is £35.00, £2.50 less."""
    now = with_loans(Path(shutil.copytree(TOY, tmp_path / "now")))
    less = with_loans(Path(shutil.copytree(TOY, tmp_path / "less")))
    replace(less, "policy/fines-2026/parameters.yaml", r"value: 2.50", "value: 2.00")
    run(capsys, "lock", "--root", str(now))
    (less / "policy/fines-2026/lock.yaml").unlink()
    run(capsys, "lock", "--root", str(less))
    made, _ = run(capsys, "simulate", "--pupils", "10", "--seed", "1", "--root", str(now))
    assert [line.count(",young,") for line in made.splitlines()].count(1) == 5
    for base, head, difference, verdict in ((now, less, "-2.50", "kept"), (less, now, "2.50", "exceeded")):
        out, _ = senpolicy(capsys, "review", str(base), str(head), "--json", *AT)[1:]
        (found,) = json.loads(out)
        (day,) = found["made_population"]
        assert day["total"]["difference"] == {"low": difference, "high": difference}
        assert {day["total"]["base"]["low"], day["total"]["head"]["low"]} == {"37.50", "35.00"}
        assert found["limit"]["verdict"] == verdict
    for folder in (now, less):
        (folder / "rules/views.yaml").unlink()
    out, err = run(capsys, "review", str(now), str(less), *AT, status=2)
    assert (out, err.count("\n")) == ("", 1)
    assert "rules/views.yaml does not say by which question cases move." in err


def test_model_sums_what_is_charged(capsys: pytest.CaptureFixture[str]) -> None:
    """£2.40 and £2.50 are £4.90; the lost film may be £7.50 to £15.00; of L-3 and L-4 the charge is not known."""
    whole, north, south = data(capsys, "model", LOANS, "--by", "branch", *AT)
    (period,) = whole["periods"]
    assert (whole["pupils"], period["pupils"], period["from"]) == (6, 6, "2026-04-01")
    assert (period["certain_a_year"], period["pupils_with_more_not_known"]) == ("4.90", 2)
    assert (period["protected_low_a_year"], period["protected_high_a_year"]) == ("7.50", "15.00")
    assert {one["answer"]: one["pupils"] for one in period["routes"]} == {
        "fined": 2, "billed": 1, "desk": 1, "let_off": 1, "undetermined": 1
    }  # fmt: skip
    assert {(one["answer"], one.get("until"), one["pupils"]) for one in period["protection"]} == {
        ("promised", "2026-08-31", 2),
        ("no_promise", None, 3),
        ("does_not_arise", None, 1),
    }
    assert [(one["section"], one["periods"][0]["certain_a_year"]) for one in (north, south)] == [
        ("North", "4.90"),
        ("South", "0.00"),
    ]


def test_publish_makes_the_pages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, err = run(capsys, "publish", "-o", str(tmp_path / "site"), *AT)
    pages = tmp_path / "site" / "docs"
    assert "Left out: sitemap.xml. It holds whole addresses: give yours as site_url in mkdocs.yml." in err
    assert not (pages / "sitemap.xml").exists()
    year = (pages / "schools/years/from-1-april-2026.md").read_text(encoding="utf-8")
    assert "Is this a loan?" in year
    assert "What is protected: the card stays open until a day: open until" in year
    found = (pages / "schools/find/from-1-april-2026.md").read_text(encoding="utf-8")
    assert "Days late" in found
    assert (pages / "assets/calculator/policy.js").is_file()
    for page in (*pages.glob("schools/**/*.md"), *pages.glob("policy/**/*.md")):
        assert not OTHERS.search(page.read_text(encoding="utf-8")), page


def test_a_site_map_holds_both_sites_where_the_address_is_known(
    capsys: pytest.CaptureFixture[str], toy: Path, tmp_path: Path
) -> None:
    config = toy / "mkdocs.yml"
    config.write_text(
        config.read_text(encoding="utf-8") + "site_url: https://library.example/fines/\n", encoding="utf-8"
    )
    _, err = run(capsys, "publish", "-o", str(tmp_path / "with"), "--root", str(toy))
    assert "sitemap.xml" not in err
    pages = tmp_path / "with/docs"
    told = re.findall(
        "<loc>https://library.example/fines/(.*?)</loc>", (pages / "sitemap.xml").read_text(encoding="utf-8")
    )
    made = {
        path.relative_to(pages).with_suffix(".html").as_posix()
        for path in pages.rglob("*")
        if path.suffix in (".md", ".html")
    }
    assert len(told) == len(set(told)) > 20
    assert set(told) == made


def test_the_server_answers_by_this_policy_too(capsys: pytest.CaptureFixture[str]) -> None:
    _, printed, _ = senpolicy(capsys, "decide", CASES, *AT, "--json")
    with TestClient(http.application(TOY)) as client:
        text = json.dumps(yaml.safe_load(Path(CASES).read_text(encoding="utf-8")), default=str)
        assert client.post("/decide", content=text).text == printed
        assert "rules/charge.yaml" in client.get("/policy").json()


def test_what_this_policy_does_not_have_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, toy: Path
) -> None:
    for arguments, said in (
        (("budgets", LOANS, "--year", "1", "--quantum", "100.00"), "there is no rules/budgets.yaml."),
        (("simulate", "--pupils", "10", "--seed", "1"), "there is no policy/margins.yaml."),
        (("ledger", LOANS, "--claims", LOANS, "--year", "1", "--quantum", "1"), "there is no rules/budgets.yaml."),
        (("import", LOANS, "--preview"), "This policy does not say how files are read."),
        (("model", LOANS, "--by", "school"), "A model cannot be split by 'school'. Use one of 'branch'."),
    ):
        out, err = run(capsys, *arguments, *AT, status=2)
        assert (out, err.count("\n")) == ("", 1)
        assert said in err
    (toy / "mkdocs.yml").unlink()
    _, err = run(capsys, "publish", "-o", str(tmp_path / "site"), "--root", str(toy), status=2)
    assert "There is no mkdocs.yml" in err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("route", "rules/views.yaml does not say by which question cases move."),
        ("pays", "rules/views.yaml does not say which question pays."),
        ("protects", "rules/views.yaml does not say which question promises something until a day."),
        ("school", "rules/views.yaml does not say of which questions the pages"),
        ("", "rules/views.yaml does not say "),
    ],
)
@pytest.mark.slow
def test_without_its_view_a_command_says_what_is_missing_and_makes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, toy: Path, key: str, said: str
) -> None:
    """`key` is the part that the views lack; without any the whole file is missing."""
    views = toy / "rules/views.yaml"
    if key:
        replace(toy, "rules/views.yaml", rf"^{key}:.*\n(  .*\n)*", "")
    else:
        views.unlink()
    at, site = ("--root", str(toy)), tmp_path / "site"
    commands: dict[tuple[str, ...], tuple[str, ...]] = {
        ("model", LOANS, *at): ("route", "pays", "protects", ""),
        ("compare", str(toy), str(toy), "--cases", LOANS, *at): ("route", "pays", ""),
        ("publish", "-o", str(site), *at): ("route", "protects", "school", ""),
    }
    for arguments, needs in commands.items():
        if key in needs:
            out, err = run(capsys, *arguments, status=2)
            assert (out, err.count("\n")) == ("", 1)
            assert said in err
            assert f"Write it there under '{key}" in err
    assert not site.exists() or key == "pays"
    run(capsys, "check", *at)
    run(capsys, "decide", CASES, *at)
    run(capsys, "explain", CASES, *at)
    run(capsys, "decide", LOANS, "-o", str(tmp_path / "decided.csv"), *at)


def test_a_decision_is_made_without_the_views(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """No answer rests on them: `decide` does not even read a file that is broken, which `check` refuses."""
    (toy / "rules/views.yaml").write_text("rout: [\n", encoding="utf-8")
    run(capsys, "decide", CASES, "--root", str(toy))
    run(capsys, "check", "--root", str(toy), status=1)


def test_the_policy_is_written_on(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """A third decision, a value, an open point, an answer that rests on them, and a case: a week late costs nothing.

    From 1 September 2026 a return up to 7 days late is free; the fine of 5 days at 20p, £1.00, is no longer charged.
    """
    at = ("--root", str(toy))
    run(capsys, "new", "decision", "fines-2027", "--title", "A week of grace", "--taken-on", "2026-07-06",
        "--does", "Makes a week late free.", "--source", "week 1", "--document-title", "Notice of a week",
        "--publisher", "The made-up library", "--dated", "2026-07-06", *at)  # fmt: skip
    run(capsys, "new", "parameter", "fines-2027", "week_start", "--label", "The first day of a free week", "--unit",
        "date", "--value", "2026-09-01", "--source", "week 1", *at)  # fmt: skip
    run(capsys, "new", "parameter", "fines-2027", "week_days", "--label", "Days late that cost nothing then",
        "--unit", "count", "--value", "7", "--source", "week 1", *at)  # fmt: skip
    run(capsys, "new", "open-point", "fines-2027", "W1-half-days", "--title", "Whether half a day counts", "--says",
        "The notice counts days.", "--source", "week 1", "--settle", "A word in the notice.", "--allows-text",
        "whole days alone", "--allows-text", "half days too", *at)  # fmt: skip
    run(capsys, "new", "answer", "handling", "--decision", "fines-2027", "--from", "week_start", "--of", "late",
        "--when", "days_late at_most $week_days", "--answer", "let_off", "--id", "within-a-week", "--says",
        "A week late costs nothing.", "--source", "week 1", *at)  # fmt: skip
    run(capsys, "new", "case", "fines-2027", "--file", "week", "--name", "Five days late", "--source", "week 1",
        "--fact", "decision_date=2026-10-01", "--fact", "item=book", "--fact", "card=adult", "--fact", "lost=false",
        "--fact", "days_late=5", "--fact", "run_up=1.00", "--expect", "handling=let_off", "--expect",
        "charge=nothing_owed", *at)  # fmt: skip
    run(capsys, "new", "case", "fines-2027", "--file", "week", "--name", "Twelve days late", "--source", "byelaws 3",
        "--fact", "decision_date=2026-10-01", "--fact", "item=book", "--fact", "card=adult", "--fact", "lost=false",
        "--fact", "days_late=12", "--fact", "run_up=2.40", "--expect", "charge=owed", "--expect",
        "charge.to_pay=2.40", *at)  # fmt: skip
    run(capsys, "lock", *at)
    run(capsys, "fmt", "--check", *at)
    run(capsys, "check", *at)


#: What begins the decision that the two tests below write on.
WEEK = ("new", "decision", "fines-2027", "--title", "Schools are let off", "--taken-on", "2026-07-06", "--does",
        "Lets schools off.", "--source", "week 1", "--document-title", "Notice of a week", "--publisher",
        "The made-up library", "--dated", "2026-07-06")  # fmt: skip


def test_a_decision_settles_an_open_point_by_its_own_word(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """From 1 September 2026 a school is let off, so the £2.40 of L-4 is not charged; the day before, that is open.

    The fine of L-1, an adult as late, is £2.40 on both days. What part of a lost film's price is charged stays open.
    """
    at = ("--root", str(toy))
    run(capsys, *WEEK, *at)
    run(capsys, "new", "settlement", "fines-2027", "S1-cards-of-schools", "--from", "2026-09-01", "--answer",
        "handling=let_off", "--says", "A school is not fined.", "--source", "week 2", *at)  # fmt: skip
    run(capsys, "lock", *at)
    run(capsys, "fmt", "--check", *at)
    run(capsys, "check", *at)
    run(capsys, "prove", "--strict", *at)
    text = Path(LOANS).read_text(encoding="utf-8")
    found = {}
    for day in ("2026-08-31", "2026-09-01"):
        (toy / "loans.csv").write_text(text.replace("2026-05-01", day), encoding="utf-8")
        run(capsys, "decide", str(toy / "loans.csv"), "-o", str(toy / "decided.csv"), *at)
        rows = csv.DictReader((toy / "decided.csv").read_text(encoding="utf-8").splitlines())
        found[day] = {row["case_ref"]: (row["handling"], row["charge"], row["charge_to_pay"]) for row in rows}
    before, after = found.values()
    assert before["L-4"] == ("undetermined", "undetermined", "")
    assert after["L-4"] == ("let_off", "nothing_owed", "")
    assert after == before | {"L-4": after["L-4"]}
    assert after["L-1"] == ("fined", "owed", "2.40")
    assert after["L-3"] == ("billed", "undetermined", "")
    points = {one["id"]: one for one in data(capsys, "open-points", *at)}
    assert {name: one["state"] for name, one in points.items()} == {
        "D1-which-days-count": "read",
        "L1-price-of-lost-items": "open",
        "S1-cards-of-schools": "settled",
    }


def test_an_edition_begins_with_what_another_one_says(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """The two shelves of the first are those of the second, which has a name, a title and a source of its own."""
    at = ("--root", str(toy))
    shelved(toy)
    run(capsys, *WEEK, *at)
    run(capsys, "new", "edition", "shelves-2026-09", "--of", "shelves", "--title", "Shelves of September", "--source",
        "week 3", "--decision", "fines-2027", *at)  # fmt: skip
    run(capsys, "lock", *at)
    run(capsys, "fmt", "--check", *at)
    run(capsys, "check", *at)
    assert (toy / "descriptors/shelves/edition.yaml").read_text(encoding="utf-8") == SHELVES
    made = yaml.safe_load((toy / "descriptors/shelves-2026-09/edition.yaml").read_text(encoding="utf-8"))
    assert made == yaml.safe_load(SHELVES) | {
        "edition": "shelves-2026-09",
        "title": "Shelves of September",
        "status": "draft",
        "decision": "fines-2027",
        "source": {"document": "week", "paragraph": "3"},
    }


def test_a_reading_is_adopted_and_a_mistake_is_mended(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """By the reading a school is let off, so L-4 owes nothing.

    The most that is charged was £4.00: then the £8.00 of an adult's 40 days are cut to that.
    """
    at = ("--root", str(toy))
    run(capsys, "adopt", "S1-cards-of-schools", "let_off", "--by", "The library committee", "--because",
        "Schools borrow for their readers.", "--on", "2026-03-02", *at)  # fmt: skip
    run(capsys, "decide", LOANS, "-o", str(toy / "decided.csv"), *at)
    rows = csv.DictReader((toy / "decided.csv").read_text(encoding="utf-8").splitlines())
    assert [(row["handling"], row["charge"]) for row in rows if row["case_ref"] == "L-4"] == [
        ("let_off", "nothing_owed")
    ]
    run(capsys, "new", "correction", "fines-2024", "most_charged", "--says", "The most is £4.00, not £5.00.",
        "--because", "The byelaws say so.", "--by", "The library committee", "--from", "2024-01-08", "--value",
        "4.00", "--on", "2026-03-02", *at)  # fmt: skip
    run(capsys, "lock", *at)
    case = toy / "adult.yaml"
    case.write_text(Path(CASES).read_text(encoding="utf-8").replace("young", "adult"), encoding="utf-8")
    adult = data(capsys, "decide", str(case), *at)[0]
    assert adult["answers"]["charge"]["to_pay"] == "4.00"


def test_schemas_are_written_and_files_are_in_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run(capsys, "fmt", "--check", *AT)
    senpolicy(capsys, "schemas", str(tmp_path), *AT)
    made = json.loads((tmp_path / "golden.schema.json").read_text(encoding="utf-8"))
    figures = made["definitions"]["Expected"]["properties"].keys()
    assert {"to_pay", "bill_low", "bill_high", "open_until"} <= figures
    assert "pounds_a_year" not in figures


def test_rules_of_an_older_form_are_upgraded_and_decide_the_same(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    def answers() -> Any:
        found = data(capsys, "decide", CASES, "--root", str(toy))
        return [(one["answers"], one["policy"]["digest"]) for one in found]

    before = answers()
    assert "rules/handling.yaml" in run(capsys, "upgrade", "--check", "--root", str(toy), status=1)[0]
    run(capsys, "upgrade", "--root", str(toy))
    assert answers() == before
    run(capsys, "upgrade", "--check", "--root", str(toy))
    run(capsys, "fmt", "--check", "--root", str(toy))


def test_the_guide_names_the_files_that_a_policy_needs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a file that it calls needed the check fails; without one that it does not, cases are decided still."""
    page = (ROOT / "docs/how-to/another-policy.md").read_text(encoding="utf-8")
    needed = dict(re.findall(r"^\| `([^`]+)` \| (yes|no) \|", page, re.M))
    there = {path.relative_to(TOY).as_posix() for path in TOY.rglob("*.y*ml")} - {"loans.yaml"}
    kinds = {re.sub(r"fines-20\d\d|lent|handling|amnesty|charge", "*", name) for name in there}
    assert {re.sub(r"fines-20\d\d|charge", "*", name) for name in needed} == kinds
    for place, (name, is_needed) in enumerate(needed.items()):
        folder = Path(shutil.copytree(TOY, tmp_path / str(place)))
        (folder / name).unlink()
        run(capsys, "check", "--root", str(folder), status=1 if is_needed == "yes" else 0)
        if is_needed == "no":
            run(capsys, "decide", CASES, "--root", str(folder))


def test_the_views_of_the_guide_are_those_of_the_toy() -> None:
    page = (ROOT / "docs/how-to/another-policy.md").read_text(encoding="utf-8")
    assert (TOY / "rules/views.yaml").read_text(encoding="utf-8") in page


def test_options_are_counted_by_what_the_views_say(capsys: pytest.CaptureFixture[str]) -> None:
    """A policy without scenarios has one option, itself; its questions are those that its views name."""
    _, out, err = senpolicy(capsys, "options", LOANS, *AT, "--json")
    (found,) = json.loads(out)
    assert [one["scenario"] for one in found["options"]] == [None], err
    assert found["options"][0]["pupils"] == len(Path(LOANS).read_text(encoding="utf-8").splitlines()) - 1
    assert not OTHERS.search(out + err)


def test_a_tariff_is_costed_by_what_the_views_say(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """Shelves are the levels here, cards the settings, branches the schools. Of the two late loans whose shelf is known
    the young reader's brings its own rate of £8.00, and the adult's is paid by the table; a plan gives £3.00 and £4.00.
    """
    shelved(toy)
    facts = toy / "rules" / "facts.yaml"
    text = facts.read_text(encoding="utf-8")
    text = text.replace("  lost:", "  shelf: {label: The shelf, type: choice, values_from: shelves}\n  lost:")
    facts.write_text(text, encoding="utf-8")
    with (toy / "rules" / "views.yaml").open("a", encoding="utf-8") as file:
        file.write("tariff: {answer: fined, level: shelf, place: card, paid_today: run_up, own_rates: [young], "
                   "school: branch}\n")  # fmt: skip
    (toy / "plan.yaml").write_text(
        """\
plan: trial
title: Two shelves
edition: shelves
day: 2026-05-01
envelope: 10.00
bands: {low: {levels: [low_shelf], rate: 3.00}, top: {levels: [top_shelf], rate: 4.00}}
settings: {adult: 1.00, young: 1.00}
""",
        encoding="utf-8",
    )
    (toy / "cohort.csv").write_text(
        "case_ref,branch,decision_date,item,card,days_late,run_up,lost,shelf\n"
        "L-1,North,2026-05-01,book,adult,12,2.40,false,low_shelf\n"
        "L-2,North,2026-05-01,book,young,40,8.00,false,top_shelf\n"
        "L-3,North,2026-05-01,book,adult,12,2.40,false,\n",
        encoding="utf-8",
    )
    (toy / "schools.csv").write_text("branch,kind,present_rate\nNorth,adult,2.00\nNorth,young,\n", encoding="utf-8")
    cohort, table = str(toy / "cohort.csv"), str(toy / "schools.csv")
    at = ("--cohort", cohort, "--schools", table, "--root", str(toy))
    status, out, err = senpolicy(capsys, "tariff", str(toy / "plan.yaml"), *at, "--json")
    assert status == 0, err
    (found,) = json.loads(out)
    assert [(one["setting"], one["present"], one["new"]) for one in found["schools"]] == [
        ("adult", "2.00", "3.00"),
        ("young", "8.00", "4.00"),
    ]
    assert found["pupils"] | {"counted": 2, "not_mapped": 1} == found["pupils"]


# The engine's own text


#: Words of the real policy that the engine writes too, each with the reason why it is no name of the policy's there.
EVERYDAY = {
    "case_ref": "every policy has it: the reference of a case",
    "decision_date": "every policy has it: the day of a case",
    "known": "an operator of the language",
    "none": "no reading, no amount, no answer: a word of options and of JSON",
    "low": "an end of a range, in JSON and in the name of a figure",
    "high": "the other end",
    "approximate": "a word of the language of figures: the range beside it is said with 'about'",
    "until": "the last day of a part of a year, of a period, and a key of JSON",
    "amount": "a part of a year's own pounds, and a key of JSON",
    "pounds_a_year": "a unit",
    "year_group": "a unit",
    "moderation": "a key of the ledger, in the contract",
    "route": "a key of rules/views.yaml",
    "scope": "a key of rules/views.yaml",
    "protection": "a key of the JSON of a model, which stays",
    "age": "a key of the JSON of a timeline, for a birthday",
    "kept": "a limit that a change keeps to",
    "exceeded": "a limit that a change does not keep to",
    "school": "a key of rules/views.yaml",
    "community": "a key of rules/board.yaml",
    "tariff": "a command, and a key of rules/views.yaml",
    "plan": "a key of a plan of rates, and of its JSON",
    "setting": "a key of the JSON and the CSV of a plan of rates",
    "band": "a key of the JSON of a plan of rates",
}


def names_of_the_policy() -> set[str]:
    """Return every name of a question, an answer, a row, a figure, a fact and a value of one in rules/."""
    corpus = loaded(ROOT)
    found: set[str] = set()
    for name, question in corpus.questions.items():
        found |= {name, *question.answers, *(figure for _, figure, _ in given(corpus, name))}
        found |= {row.name for version in question.versions for row in version.rows}
    for name, fact in corpus.facts.facts.items():
        found |= {name, *fact.values}
    return found | set(corpus.facts.groups)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module with their lines, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in words:
            yield one.lineno, one.value


def test_the_engine_writes_no_name_of_the_policy() -> None:
    names = names_of_the_policy()
    assert {"element3_rate", "community_budget", "protected_low", "existing-rate", "school"} <= names
    engine = ROOT / "engine" / "senpolicy"
    found = [
        f"{path.relative_to(engine)}:{line}: {text}"
        for path in sorted(engine.rglob("*.py"))
        if "board" not in path.relative_to(engine).parts
        for line, text in strings(path)
        if text in names and text not in EVERYDAY
    ]
    assert not found, "\n".join(found)


def test_nor_does_a_template_or_a_script() -> None:
    """Names of two words and more: a plain word, such as 'plan', stands in any sentence."""
    names = {name for name in names_of_the_policy() if re.search("[_-]", name) and not name[:1].isdigit()}
    engine = ROOT / "engine" / "senpolicy"
    texts = [*engine.rglob("*.j2"), *engine.rglob("*.js")]
    assert len(texts) > 30
    found = [
        f"{path.relative_to(engine)}: {word}"
        for path in texts
        for word in sorted(set(re.findall(r"[a-z0-9]+(?:[_-][a-z0-9]+)+", path.read_text(encoding="utf-8"))))
        if word in names and word not in EVERYDAY
    ]
    assert not found, "\n".join(found)
