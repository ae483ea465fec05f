"""The board's work from mapping to a closed record that verifies, in a browser, each page looked at on its way.

At each page axe-core objects to nothing, and nothing is wider than the window, at 1280 and at 360 points. With
BOARD_PICTURES=folder a picture of each is left there, for somebody to look at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from board_app import AREAS, PASSWORD, Running, faults, running
from board_app import load as load_on
from browser.test_board_keyboard import Hands
from browser.test_board_pages import AXE, TAGS, load, rate, served, signed_in
from running import senpolicy
from test_board_mapping import county, unmapped

pytestmark = pytest.mark.browser

WIDTHS = (1280, 360)
#: Of the case that is decided: the paragraph on which its change rests.
PARAGRAPH = "report/3.20"


class Looker:
    """Looks at pages, and leaves pictures of them."""

    def __init__(self) -> None:
        self.faults, self.source, self.number = list[str](), AXE.read_text(encoding="utf-8"), 0
        named = os.environ.get("BOARD_PICTURES")
        self.folder = Path(named) if named else None

    def at(self, page: Page, name: str) -> None:
        self.number += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                self.faults.append(f"{name} at {width}: wider than its window")
            page.evaluate(self.source)
            told = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
            self.faults += [
                f"{name} at {width}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in told["violations"]
            ]
            if self.folder:
                page.screenshot(path=self.folder / f"{self.number:02}-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 800})


def declare_all(page: Page) -> None:
    """Declare, of every list that is loaded, that one has no interest in it."""
    page.goto("/")
    while page.locator("p.inset a").count():
        page.click("p.inset a >> nth=0")
        page.click("main form button")
        page.wait_for_selector("h1:has-text('Your work')")


def load_list(page: Page, folder: Path, text: str, title: str) -> None:
    file = folder / f"{title.split()[0]}.csv"
    file.write_text(text, encoding="utf-8")
    page.goto("/caseloads")
    page.fill("#title", title)
    page.set_input_files("#file", file)
    page.click("text=Load >> nth=-1")
    page.wait_for_selector(f"h1:has-text('{title}')")


def test_the_whole_work_from_mapping_to_a_record_that_verifies(
    chromium: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board, look = running(tmp_path), Looker()
    who = ("officer", "chair", "mod-1", "mod-2", "mod-3", "observer")
    with served(board) as at:
        windows = {one: signed_in(chromium, at, one, bypass_csp=True, accept_downloads=True) for one in who}
        officer, chair, first, second, third, observer = windows.values()
        load(officer, tmp_path)
        load_list(officer, tmp_path, county(), "County")
        load_list(officer, tmp_path, unmapped("PT"), "Transfers")
        for one in (chair, first, second, third):
            declare_all(one)
        mapped(officer, chair, observer, look)
        key = decided(board, windows, look)
        reopened(windows, key, look)
        closed(windows, at, look)
        head = chair.locator("main dl.facts dd.digest").inner_text()
        chair.goto("/?show=all")
        with chair.expect_download() as saved:
            chair.click("a:has-text('CSV')")
        assert saved.value.path().read_text(encoding="utf-8-sig").startswith('"case",')
    assert look.faults == [], "\n".join(look.faults)
    assert faults(board.store) == []
    board.store.close()
    status, out, err = senpolicy(capsys, "verify-record", "--trail", str(tmp_path / "board.db"), "--head", head)
    assert status == 0, out + err


def mapped(officer: Page, chair: Page, observer: Page, look: Looker) -> None:
    """Say why a list is mapped, map its pupils, see who maps high, and draw a sample of that school first."""
    officer.goto("/mapping")
    officer.click("summary:has-text('why Transfers')")
    officer.select_option("td:has-text('why Transfers') select", "phase_transfer")
    officer.click("td:has-text('why Transfers') button")
    officer.wait_for_selector("td:has-text('Phase transfer')")
    look.at(officer, "mapping-officer")
    officer.click("a:has-text('Map pupil PT-1')")
    look.at(officer, "mapping-form")
    officer.click("main form button")
    officer.wait_for_selector("[role=alert]")
    for _ in range(2):
        for area in AREAS:
            officer.locator(f"input[name=area_{area}]").nth(3).check()
        officer.click("main form button")
    officer.wait_for_selector("h1:has-text('Mapping')")
    chair.goto("/mapping")
    look.at(chair, "mapping-chair")
    chair.click("button:has-text('Draw a sample')")
    chair.wait_for_selector("h1:has-text('Sample')")
    look.at(chair, "sample-of-a-school")
    observer.goto("/mapping")
    look.at(observer, "mapping-shared")


def decided(board: Running, windows: dict[str, Page], look: Looker) -> str:
    """Rate a case blind by two who differ, and have two decide it at a meeting; return its address."""
    chair, first, second, third = (windows[one] for one in ("chair", "mod-1", "mod-2", "mod-3"))
    chair.goto("/meetings")
    look.at(chair, "meetings")
    for name, value in (("title", "November"), ("day", "6"), ("month", "10"), ("year", "2026")):
        chair.fill(f"#{name}", value)
    chair.select_option("#area", "area_1")
    chair.click("main form button")
    for box in chair.locator("input[name=present]").all()[:4]:
        box.check()
    chair.click("button[value=save]")
    first.goto("/")
    look.at(first, "work-of-a-moderator")
    path = str(first.locator("tbody a").first.get_attribute("href"))
    first.goto(path)
    look.at(first, "rating-blind")
    rate(first, path, 5)
    kept_over_the_end_of_a_session(board, second, path, look)
    for who, page in windows.items():
        signed_in_again(page, who)
    key = path.rsplit("/", 1)[0]
    third.goto(f"{key}/conflict")
    look.at(third, "conflict")
    first.goto(f"{key}/decide")
    look.at(first, "compare-and-decide")
    first.check("#kind-changed")
    first.select_option("#to", "specific_allocation_3")
    first.fill("#reason", "The evidence meets the lower descriptor.")
    first.select_option("#paragraph", PARAGRAPH)
    first.click("form[action$='/decide'] button")
    first.wait_for_selector("text=Another member approves")
    chair.goto("/meetings")
    chair.click("tbody a")
    look.at(chair, "meeting-open")
    second.goto(f"{key}/decide")
    second.click("button[value=approve]")
    second.wait_for_selector("h2:has-text('What stands')")
    look.at(second, "decided-by-two")
    return key


def kept_over_the_end_of_a_session(board: Running, page: Page, path: str, look: Looker) -> None:
    """Rate a case on a page that was open when its session ended; sign in again, and send it."""
    page.goto(path)
    for area in AREAS:
        page.locator(f"input[name=area_{area}]").nth(6).check()
    page.fill("#note", "The daily plan decided it.")
    board.clock.pass_by(minutes=31)
    page.click("text=Confirm my ratings")
    page.wait_for_selector("text=What you typed is kept")
    look.at(page, "signed-out")
    page.fill("#sign_in", "mod-2")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is not saved yet")
    assert page.input_value("#note") == "The daily plan decided it."
    look.at(page, "typed-is-there")
    page.click("text=Confirm my ratings")
    page.wait_for_selector("text=Compare them")


def signed_in_again(page: Page, who: str) -> None:
    page.goto("/")
    if page.locator("#sign_in").count():
        page.fill("#sign_in", who)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('Your work')")


def reopened(windows: dict[str, Page], key: str, look: Looker) -> None:
    """Dissent, an appeal, a wish to reopen that a second member grants, and the decision after it."""
    officer, chair, first, second, third = (windows[one] for one in ("officer", "chair", "mod-1", "mod-2", "mod-3"))
    for page, field, what, button in (
        (third, "#because-dissent", "The evidence is of one term.", "Record my dissent"),
        (officer, "#because-appeal", "The school asks for another look.", "Record an appeal"),
        (chair, "#because-reopen", "A report was left out.", "Ask for it to be reopened"),
    ):
        page.goto(f"{key}/history")
        page.fill(field, what)
        page.click(f"button:has-text('{button}')")
        page.wait_for_selector(f"text={what}")
    look.at(chair, "asked-to-be-reopened")
    first.goto("/")
    first.click("a:has-text('Agree to reopen it')")
    look.at(first, "agree-to-reopen")
    first.click("button:has-text('Reopen the case')")
    first.wait_for_selector("dd:has-text('no longer counts')")
    look.at(first, "history")
    chair.goto(f"{key}/decide")
    chair.check("#kind-changed")
    chair.select_option("#to", "specific_allocation_3")
    chair.fill("#reason", "The report was read, and says the same.")
    chair.select_option("#paragraph", PARAGRAPH)
    chair.click("form[action$='/decide'] button")
    second.goto(f"{key}/decide")
    second.click("button[value=approve]")
    second.wait_for_selector("h2:has-text('What stands')")


def closed(windows: dict[str, Page], at: str, look: Looker) -> None:
    """Close the meeting, and print its record; look at what is left."""
    chair, observer = windows["chair"], windows["observer"]
    for page, path, name in ((chair, "/interests", "interests"), (windows["officer"], "/columns", "columns"),
                             (observer, "/", "work-of-an-observer")):  # fmt: skip
        page.goto(path)
        look.at(page, name)
    chair.goto("/meetings")
    chair.click("tbody a")
    chair.fill("#minutes", "One case was changed, reopened and changed again.")
    chair.click("button[value=close]")
    chair.wait_for_selector("text=The record was closed")
    look.at(chair, "meeting-closed")
    assert chair.pdf().startswith(b"%PDF")
    assert chair.url.startswith(at)


def test_mapping_reopening_and_what_was_kept_by_keyboard_alone(chromium: Browser, tmp_path: Path) -> None:
    """Pupils are mapped, a sample is drawn of a school, and what was typed is sent after signing in again, by keys."""
    board, wrong = running(tmp_path), list[str]()
    for number, text in enumerate((county(), unmapped("PT"))):
        load_on(board, text, f"List {number}")
    with served(board) as at:
        officer, chair, first = (Hands(chromium, at, who, wrong) for who in ("officer", "chair", "mod-1"))
        officer.follow("nav a[href='/mapping']")
        officer.to("summary", 1).press("Enter")
        officer.pick("details[open] select", "phase_transfer")
        officer.follow("details[open] button")
        officer.follow("a[href$='/map']")
        for area in AREAS:
            officer.choose(f"area_{area}", 3)
        officer.follow("form.rating button")
        assert officer.title.startswith("Map pupil PT-2"), "the next one"
        chair.follow("nav a[href='/mapping']")
        chair.follow("form[action='/mapping/sample'] button")
        assert chair.title == "Sample"
        first.page.reload()
        first.follow("tbody a")
        for area in AREAS:
            first.choose(f"area_{area}", 3)
        first.to("#note").type("The daily plan decided it.")
        board.clock.pass_by(minutes=31)
        first.follow("button[value=confirm]")
        assert first.title == "Sign in"
        first.to("#sign_in").type("mod-1")
        first.to("#password").type(PASSWORD)
        first.enter()
        assert first.page.input_value("#note") == "The daily plan decided it."
        first.follow("button[value=confirm]")
        assert first.page.locator("p.done").count() == 1
    assert wrong == [], "\n".join(dict.fromkeys(wrong))
