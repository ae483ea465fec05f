"""The calculator in the page: the same answers as the engine, and a page that a school can use."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import always
import calculated
import csv_files
import generated
from golden_files import ROOT, Pinned, decider, deciding, every
from senpolicy.deciding.decide import Decider
from senpolicy.policy.timeline import Policy
from senpolicy.site import calculator

#: What may stand in a cell by mistake; what would identify a child is put together here, so that it stands nowhere.
MISTAKES = ["", "1,200", "-5", "£6000", "6000.001", "06000", "1e3", "31/08/2025", "2025-02-30", "2025-9-1", "yes", "True",
            "Mainstream", "EHCP", "x" * 201, "9.5", "26", "-2", " ", "Ada" + " Lovelace", "A123456" + "789012", "ME1" + "4 2XQ",
            "999 " + "123 4567", "a@" + "b.example"]  # fmt: skip


@pytest.fixture
def script(page: Page) -> Page:
    for name in (calculated.SCRIPT, calculator.ASSETS / "list.js"):
        page.add_script_tag(path=name)
    return page


def in_page(script: Page, function: str, *given: Any) -> Any:
    """Return what a function of the page makes of plain data."""
    return script.evaluate(f"(given) => ({function.strip()})(...given)", list(given))


def run(script: Page, policy: Policy, rows: list[Any]) -> Any:
    return in_page(script, calculated.RUN, calculator.compiled(policy), rows)


def text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_every_golden_case_comes_out_as_the_engine_has_it(script: Page) -> None:
    pinned: dict[Decider, list[Pinned]] = {}
    for one in every():
        pinned.setdefault(deciding(one), []).append(one)
    compared = 0
    for by, ones in pinned.items():
        rows = [[[name, text(value)] for name, value in one.golden.case.items()] for one in ones]
        for one, found, expected in zip(ones, run(script, by.policy, rows), calculated.engine(rows, by), strict=True):
            assert found == expected, one.id
            compared += 1
    assert compared == len(every()) > 80


@pytest.mark.parametrize("kind", list(generated.POLICIES))
def test_generated_cases_come_out_as_the_engine_has_them(script: Page, kind: tuple[bool, bool]) -> None:
    """10,000 in all, facts not known and days around every date included."""
    by, source = decider(ROOT, *generated.POLICIES[kind]), random.Random(20261127)
    tried = generated.values(by.policy)
    number = {(True, True): 7000}.get(kind, 1500)
    rows = [calculated.cells(generated.drawn(source, tried), by.policy) for _ in range(number)]
    expected = calculated.engine(rows, by)
    found = run(script, by.policy, rows)
    assert [row for row, ours, theirs in zip(rows, found, expected, strict=True) if ours != theirs] == []
    assert sum("answers" in one for one in expected) > number * 0.8


def test_a_cell_that_the_engine_refuses_is_refused_for_the_same_reason(script: Page) -> None:
    by, source = decider(ROOT, None, "all"), random.Random(7)
    tried = generated.values(by.policy)
    rows = []
    for _ in range(1500):
        row = calculated.cells(generated.drawn(source, tried), by.policy)
        source.choice(row)[1] = source.choice(MISTAKES)
        if source.random() < 0.1:
            row.append([source.choice(["surname", "upn", "colour", "date_of_birth"]), "blue"])
        rows.append(row)
    found, expected = run(script, by.policy, rows), calculated.engine(rows, by)
    assert [row for row, ours, theirs in zip(rows, found, expected, strict=True) if ours != theirs] == []
    codes = {code for one in expected for code in one.get("refused", [])}
    assert codes > {
        "identifies-a-child",
        "too-long",
        "unknown-field",
        "not-money",
        "not-date",
        "reference",
        "missing-field",
    }


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Page:
    """The page as it is opened from a disk, without the site round it."""
    calculator.write(decider(ROOT, None, "all").policy, tmp_path / "assets" / "calculator")
    body = (ROOT / "docs" / "calculator.md").read_text(encoding="utf-8")
    body = body[body.index("<link") : body.rindex("</script>") + len("</script>")]
    (tmp_path / "calculator.html").write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8>{body}", encoding="utf-8"
    )
    page.goto((tmp_path / "calculator.html").as_uri())
    return page


def test_one_pupil_is_decided_in_words(opened: Page) -> None:
    for name, value in {
        "decision_date": "2025-10-01",
        "age": "9",
        "ehcp_issued_on": "2024-05-01",
        "element3_rate": "5999.99",
    }.items():
        opened.fill(f"#fact-{name}", value)
    for name, value in {
        "year_group": "4",
        "setting": "mainstream",
        "plan": "ehcp",
        "community_protection": "kept",
    }.items():
        opened.select_option(f"#fact-{name}", value)
    opened.get_by_role("button", name="Decide", exact=True).click()
    shown = opened.locator(".calculator-result").first
    expect(shown).to_be_focused()
    for words in ("What the policy says for 1 October 2025", "community budget", "about 50% to 75%, until 31 August 2026",
                  "protected: about £2,999.99 to £4,500", "From 1 September 2026:"):  # fmt: skip
        expect(shown).to_contain_text(words)
    shown.locator("summary", has_text="Route: By which route").click()
    expect(shown).to_contain_text("£5,999.99 (below £6,000, by £0.01)")


@pytest.mark.parametrize("typed", ["4000", "4,000", "£4,000", "£4,000.00"])
def test_an_amount_is_read_as_people_type_it_and_both_branches_are_shown(opened: Page, typed: str) -> None:
    """One fact is missing: whether the Community kept the protection. The page says what each answer would make of it."""
    for name, value in {"decision_date": "2025-10-01", "age": "9", "ehcp_issued_on": "2024-05-01"}.items():
        opened.fill(f"#fact-{name}", value)
    opened.fill("#fact-element3_rate", typed)
    for name, value in {
        "year_group": "4",
        "setting": "mainstream",
        "plan": "ehcp",
        "community_start": "2025-09-01",
    }.items():
        opened.select_option(f"#fact-{name}", value)
    opened.get_by_role("button", name="Decide", exact=True).click()
    shown = opened.locator(".calculator-result").first
    expect(shown.locator("dl > dt").first).to_have_text(re.compile("^Amount: What amount"))
    branches = shown.locator("dd.calculator-branch")
    expect(branches.nth(0)).to_contain_text("protected: about £2,000 to £3,000, until 31 August 2026")
    expect(branches.nth(1)).not_to_contain_text("£2,000")
    # The answer follows what is chosen, and a link holds all that was given.
    opened.select_option("#fact-community_protection", "kept")
    expect(branches).to_have_count(0)
    expect(shown).to_contain_text("about £2,000 to £3,000")
    link = shown.get_by_role("link", name="A link to these facts")
    href = str(link.get_attribute("href"))
    assert href.startswith("#")
    assert "element3_rate=4000" in href
    opened.goto("about:blank")
    opened.go_back()
    opened.get_by_role("button", name="Clear").click()
    opened.evaluate("link => { location.hash = link; }", href)
    expect(opened.locator(".calculator-result").first).to_contain_text("about £2,000 to £3,000")
    assert opened.input_value("#fact-community_protection") == "kept"


def section_f(place: Locator) -> Locator:
    return place.locator(".calculator-caution", has_text="The provision in Section F of the plan must be secured")


def test_what_goes_with_an_answer_stands_beside_it_and_behind_no_fold(opened: Page) -> None:
    opened.fill("#fact-decision_date", "2025-10-01")
    opened.fill("#fact-age", "9")
    opened.select_option("#fact-setting", "mainstream")
    opened.select_option("#fact-plan", "ehcp")
    opened.fill("#fact-additional_cost", "9000")
    opened.get_by_role("button", name="Decide", exact=True).click()
    shown = opened.locator(".calculator-result").first
    beside = shown.locator("dl > dt", has_text="Route").locator("xpath=following-sibling::dd[2]")
    expect(beside).to_contain_text("Caution. The provision in Section F of the plan must be secured")
    expect(beside).to_be_visible()
    assert shown.locator("details .calculator-caution").count() == 0
    later = shown.locator("li", has_text="From 1 September 2026:").first
    expect(section_f(later).first).to_be_visible()
    expect(later).to_contain_text("Caution. From September 2026 this rests on a plan of 24/00120.")


def test_clear_takes_away_the_errors_too_and_puts_the_day_of_today_back(opened: Page) -> None:
    today = opened.input_value("#fact-decision_date")
    opened.fill("#fact-decision_date", "2025-10-01")
    opened.fill("#fact-element3_rate", "12,00")
    opened.get_by_role("button", name="Decide", exact=True).click()
    rate = opened.locator("#fact-element3_rate")
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(opened.locator("#fact-age")).not_to_have_attribute("aria-invalid", re.compile(""))
    opened.get_by_role("button", name="Clear").click()
    expect(rate).not_to_have_attribute("aria-invalid", re.compile(""))
    expect(rate).to_have_value("")
    expect(opened.locator("#fact-element3_rate-error")).to_be_hidden()
    expect(rate).not_to_have_attribute("aria-describedby", re.compile("error"))
    assert opened.input_value("#fact-decision_date") == today != ""
    expect(opened.locator(".calculator-result").first).to_be_empty()


def test_the_point_that_the_papers_leave_open_is_named_with_its_paragraph(opened: Page) -> None:
    for name, value in {
        "decision_date": "2025-10-01",
        "age": "9",
        "ehcp_issued_on": "2024-05-01",
        "element3_rate": "6000",
    }.items():
        opened.fill(f"#fact-{name}", value)
    for name, value in {"setting": "mainstream", "plan": "ehcp"}.items():
        opened.select_option(f"#fact-{name}", value)
    opened.get_by_role("button", name="Decide", exact=True).click()
    shown = opened.locator(".calculator-result").first
    expect(shown.locator("dt", has_text="Route").locator("xpath=following-sibling::dd[1]")).to_contain_text(
        "not determined: the papers leave it open"
    )
    shown.locator("summary", has_text="Route: By which route").click()
    expect(shown).to_contain_text("report 3.20")


def test_a_mistake_in_the_form_is_said_beside_its_field(opened: Page) -> None:
    opened.fill("#fact-element3_rate", "12,00")
    opened.get_by_role("button", name="Decide", exact=True).click()
    expect(opened.locator("#fact-element3_rate-error")).to_contain_text("Write figures with at most two decimals")
    expect(opened.locator("#fact-element3_rate")).to_have_attribute(
        "aria-describedby", re.compile("(^| )fact-element3_rate-error$")
    )
    expect(opened.locator(".calculator-result").first).to_contain_text("Not decided")


def rows(*lines: str) -> dict[str, Any]:
    return {"name": "list.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode("utf-8-sig")}


HEAD = "case_ref,decision_date,age,year_group,setting,plan,ehcp_issued_on,element3_rate,school"


def choose(opened: Page, file: dict[str, Any]) -> Any:
    opened.set_input_files("#list-file", file)  # type: ignore[arg-type]
    opened.get_by_role("button", name="Decide the list").click()
    shown = opened.locator(".calculator-result").last
    expect(shown).not_to_be_empty()
    return shown


def test_a_list_is_decided_and_its_bad_rows_are_named_without_their_content(opened: Page) -> None:
    shown = choose(opened, rows(HEAD, 'K-1,2025-10-01,9,4,mainstream,ehcp,2024-05-01,"7200.00",One', "K-2,2025-10-01,9,4,special,ehcp,,,One",
                                'K-3,2025-10-01,9,4,mainstream,ehcp,2024-05-01,"7,200",One', "K-2,2025-10-01,9,4,srp,ehcp,,,One"))  # fmt: skip
    expect(shown).to_contain_text("1 of 4 pupils decided")
    expect(shown.get_by_role("table", name="Each pupil")).to_contain_text("direct existing rate")
    expect(shown.get_by_role("table", name="Money")).to_contain_text("£7,200 a year")
    refused = shown.get_by_role("table", name="Rows that are not decided")
    for words in ("element3_rate: This cannot be read.", "2 rows have this reference"):
        expect(refused).to_contain_text(words)
    expect(refused).not_to_contain_text("7,200")


def test_a_list_names_what_goes_with_each_answer_and_so_does_its_file(opened: Page) -> None:
    shown = choose(
        opened, rows(HEAD, "K-1,2025-10-01,9,4,special,ehcp,,,One", "K-2,2025-10-01,9,4,special,sen_support,,,One")
    )
    numbered = shown.get_by_role("list").first.get_by_role("listitem").all_inner_texts()
    (number,) = [at for at, one in enumerate(numbered, 1) if one.startswith("Route: The provision in Section F")]
    assert numbered[number - 1].endswith("For 1 pupil.")
    table = shown.get_by_role("table", name="Each pupil")
    cells = {
        row.locator("th").inner_text(): row.locator("td[data-label=Route]").inner_text()
        for row in table.locator("tbody tr").all()
    }
    assert f"Caution {number}" in cells["K-1"]
    assert "Caution" not in cells["K-2"]
    with opened.expect_download() as download:
        shown.get_by_role("button", name="Save the answers as a file").click()
    first, second = csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines())
    assert (first["route_cautions"], second["route_cautions"]) == ("section-f", "")
    assert first["route_cautions_words"].startswith("The provision in Section F of the plan must be secured")
    assert second["scope_cautions"] == "council-assumed-responsible"


def test_the_rows_of_a_list_are_counted_as_the_command_counts_them(opened: Page) -> None:
    shown = choose(
        opened, rows(HEAD, "", "K-1,2025-10-01,9,4,special,ehcp,,,One", "", "K-2,2025-10-01,nine,4,special,ehcp,,,One")
    )
    expect(shown.get_by_role("table", name="Rows that are not decided").locator("tbody th")).to_have_text("4")


def test_each_csv_file_is_read_by_the_rules_of_the_command(script: Page) -> None:
    """The files, and what becomes of each, are those to which `tests/test_caseload.py` holds the command."""
    files = [base64.b64encode((csv_files.FOLDER / name).read_bytes()).decode() for name in csv_files.EXPECTED]
    found = in_page(script, csv_files.IN_PAGE, calculator.compiled(decider(ROOT, None, "all").policy), files)
    wanted = json.loads(json.dumps(csv_files.EXPECTED))
    assert dict(zip(csv_files.EXPECTED, found, strict=True)) == wanted
    assert len(found) > 30


def test_cells_are_told_apart_as_python_does_it(script: Page) -> None:
    """20,000 texts of commas, quotation marks and line ends; where neither can read one, both name the same line."""
    source = random.Random(20261129)
    parts = ['"', '"', ",", "\r", "\n", "\r\n", "a", " ", 'b"']
    texts = ["".join(source.choice(parts) for _ in range(source.randint(0, 14))) for _ in range(20_000)]
    texts += ["x" * 131_072 + ",a", "a\n" + "x" * 131_073]
    found = in_page(script, CELLS, texts)
    wanted = [cells_of(text) for text in texts]
    assert [(text, ours) for text, ours, theirs in zip(texts, found, wanted, strict=True) if ours != theirs] == []
    assert 1_000 < sum(isinstance(one, int) for one in wanted) < 19_000


CELLS = """
(texts) => texts.map((text) => {
  try {
    return senpolicyList.cellsOf(text);
  } catch (error) {
    return Number(/^Near line (\\d+):/.exec(error.message)[1]);
  }
})
"""


def cells_of(text: str) -> list[list[str]] | int:
    """Return the cells of a text, or near which line it cannot be read."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error:
        return reader.line_num


def test_the_answers_to_a_list_can_be_saved(opened: Page) -> None:
    shown = choose(opened, rows(HEAD, "K-1,,9,4,special,ehcp,,,One"))
    with opened.expect_download() as download:
        shown.get_by_role("button", name="Save the answers as a file").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert saved.splitlines()[0].startswith('"case_ref","decision_date","scope"')
    assert saved.splitlines()[1].startswith('"K-1",')


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (rows("case_ref,decision_date,colour", "K-1,2025-10-01,blue"), "Column 3 is not a fact"),
        (rows("decision_date,age", "2025-10-01,9"), "needs a column called case_ref"),
        (rows("case_ref,age,age", "K-1,9,9"), "Column 3 has the heading of an earlier one"),
        (rows("case_ref,age"), "no pupil below its first row"),
        (rows("case_ref,age", '"K-1,9'), "quotation mark is opened here and never closed"),
        ({"name": "list.csv", "mimeType": "text/csv", "buffer": b"case_ref,age\nK-1,\xa39"}, "not written in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(opened: Page, file: dict[str, Any], said: str) -> None:
    expect(choose(opened, file)).to_contain_text(said)


def test_the_policy_in_the_page_is_small_and_says_which_it_is(opened: Page, tmp_path: Path) -> None:
    written = (tmp_path / "assets" / "calculator" / "policy.js").read_text(encoding="utf-8")
    policy = decider(ROOT, None, "all").policy
    assert len(written) < 200_000
    assert json.loads(written.removeprefix("window.senpolicy = ").rstrip(";\n"))["digest"] == policy.digest
    expect(opened.locator("#calculator")).to_contain_text(
        f"as of decision {policy.as_of}. The digest of what decides begins {policy.digest[:19]};"
    )


def test_the_script_decides_rules_without_a_test_as_the_engine_does(script: Page) -> None:
    policy, source = always.policy(), random.Random(7)
    tried, by = generated.values(policy), Decider(policy)
    rows = [calculated.cells(generated.drawn(source, tried), policy) for _ in range(1500)]
    found, expected = run(script, policy, rows), calculated.engine(rows, by)
    assert [row for row, ours, theirs in zip(rows, found, expected, strict=True) if ours != theirs] == []
    answers = {one["answers"]["always"]["answer"] for one in expected if "answers" in one}
    assert answers == {"holds", "fails", "undetermined"}
