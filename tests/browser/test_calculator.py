"""The calculator in the page: the same answers as the engine, and a page that a school can use."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import calculated
import generated
from golden_files import ROOT, Pinned, decider, deciding, every
from senpolicy.decide import Decider
from senpolicy.publish import calculator
from senpolicy.timeline import Policy

#: What may stand in a cell by mistake; what would identify a child is put together here, so that it stands nowhere.
MISTAKES = ["", "1,200", "-5", "£6000", "6000.001", "06000", "1e3", "31/08/2025", "2025-02-30", "2025-9-1", "yes", "True",
            "Mainstream", "EHCP", "x" * 201, "9.5", "26", "-2", " ", "Ada" + " Lovelace", "A123456" + "789012", "ME1" + "4 2XQ",
            "999 " + "123 4567", "a@" + "b.example"]  # fmt: skip


@pytest.fixture
def script(page: Page) -> Page:
    page.add_script_tag(path=calculated.SCRIPT)
    return page


def run(script: Page, policy: Policy, rows: list[Any]) -> Any:
    return script.evaluate(
        f"([policy, rows]) => ({calculated.RUN.strip()})(policy, rows)", [calculator.compiled(policy), rows]
    )


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


def test_a_rule_that_the_script_cannot_decide_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculator, "CALCULATIONS", frozenset())
    with pytest.raises(NotImplementedError, match="issued_after_decision"):
        calculator.compiled(decider(ROOT, None, "all").policy)


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
    shown.get_by_text("Route: By which route").click()
    expect(shown).to_contain_text("£5,999.99 (below £6,000, by £0.01)")


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
    expect(shown.locator("dd").nth(1)).to_contain_text("not determined: the papers leave it open")
    shown.get_by_text("Route: By which route").click()
    expect(shown).to_contain_text("report 3.20")


def test_a_mistake_in_the_form_is_said_beside_its_field(opened: Page) -> None:
    opened.fill("#fact-element3_rate", "1,200")
    opened.get_by_role("button", name="Decide", exact=True).click()
    expect(opened.locator("#fact-element3_rate-error")).to_contain_text("Write figures with at most two decimals")
    expect(opened.locator("#fact-element3_rate")).to_have_attribute("aria-describedby", "fact-element3_rate-error")
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
    for words in ("element3_rate: This cannot be read.", "Another row has this reference too"):
        expect(refused).to_contain_text(words)
    expect(refused).not_to_contain_text("7,200")


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
        (rows("case_ref,age,age", "K-1,9,9"), "Two columns have the same name"),
        (rows("case_ref,age"), "no pupil below its first row"),
        (rows("case_ref,age", '"K-1,9'), "quotation mark is opened and not closed"),
        ({"name": "list.csv", "mimeType": "text/csv", "buffer": b"case_ref,age\nK-1,\xa39"}, "not plain text in UTF-8"),
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
        f"as of decision {policy.as_of}. Its digest begins {policy.digest[:19]}."
    )
