"""The board without a mouse, and at four hundred per cent: the whole work by keys, and every page zoomed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import test_board_consistency as consistency
from board_app import AREAS, PASSWORD, Running, caseload, load, running
from browser.test_board_pages import served
from test_board_mapping import county, unmapped

pytestmark = pytest.mark.browser

#: What can be reached by Tab on a page, in the order of the page: of radio buttons with one name, one; nothing that is
#: hidden or folded away.
STOPS = """() => {
  const all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
  const seen = all.filter(one => one.getClientRects().length && !one.disabled
    && (one.tagName === 'SUMMARY' || !one.closest('details:not([open]) > :not(summary)')));
  const groups = new Map();
  for (const one of seen) if (one.type === 'radio') {
    const kept = groups.get(one.form.action + one.name);
    if (!kept || one.checked) groups.set(one.form.action + one.name, one);
  }
  const stops = seen.filter(one => one.type !== 'radio' || groups.get(one.form.action + one.name) === one);
  stops.forEach((one, number) => one.dataset.stop = number);
  return stops.length;
}"""
#: The stop that has the focus; whether its focus shows by a ring three pixels wide; whether it is in the window (of a
#: table higher than the window, a part), and nothing lies over it.
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getClientRects()[0];
  if (one === document.body || !box) return null;
  const x = Math.max(1, box.left + Math.min(box.width, 12) / 2);
  const y = Math.max(1, box.top + Math.min(box.height, 12) / 2);
  const above = document.elementFromPoint(x, y);
  return {
    stop: one.dataset.stop === undefined ? -1 : Number(one.dataset.stop),
    what: one.outerHTML.slice(0, 160),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3 && one.matches(':focus-visible'),
    inside: box.bottom > 1 && box.top < innerHeight - 1 && box.left >= -1 && box.left < innerWidth,
    open: !!above && (one.contains(above) || above.contains(one) || !!above.closest('label')),
  };
}"""


class Hands:
    """Someone at the board who has keys alone. Each page that they come to is first gone through from end to end."""

    def __init__(self, chromium: Browser, at: str, who: str, faults: list[str]) -> None:
        self.page: Page = chromium.new_context(base_url=at, viewport={"width": 1280, "height": 720}).new_page()
        self.page.set_default_timeout(60_000)
        self.faults, self.walked = faults, set[str]()
        self.page.goto("/sign-in")
        self.look()
        self.to("#sign_in").type(who)
        self.to("#password").type(PASSWORD)
        self.enter()
        assert self.page.locator("h1").inner_text() == "Your work"

    def look(self) -> None:
        """Go through the page by Tab: every stop is met, in the order of the page, shown, and left again."""
        page = self.page
        kind = f"{page.locator('h1').first.inner_text()[:24]}: {page.evaluate(STOPS)}"
        if kind in self.walked:
            return
        self.walked.add(kind)
        wanted = int(page.evaluate(STOPS))
        page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
        page.keyboard.press("Control+Home")
        met: list[int] = []
        for _ in range(wanted + 3):
            page.keyboard.press("Tab")
            found: dict[str, Any] | None = page.evaluate(FOCUSED)
            # Between the last stop and the first the focus may be on the browser itself.
            if found is None and met and 0 not in met:
                continue
            if found is None or (met and found["stop"] == met[0]):
                break
            met.append(found["stop"])
            for name, said in (
                ("ring", "shows no focus"),
                ("inside", "is outside of the window"),
                ("open", "is covered"),
            ):
                if not found[name]:
                    self.faults.append(f"{kind}: {said}: {found['what']}")
        # A page that was asked for at a place in it starts there, and comes round.
        start = met.index(0) if 0 in met else 0
        if met[start:] + met[:start] != list(range(wanted)):
            self.faults.append(f"{kind}: the stops are {met}, not {wanted} in order")

    def to(self, selector: str, number: int = 0) -> Any:
        """Press Tab until something has the focus, and return the keyboard. Fails where Tab does not lead there."""
        target, keyboard = self.page.locator(selector).nth(number), self.page.keyboard
        target.wait_for()
        for _ in range(400):
            if target.evaluate("one => one === document.activeElement"):
                return keyboard
            keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {selector} on {self.page.url}")

    def enter(self) -> None:
        """Press Enter, wait for the page that comes, and go through it."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.look()

    def follow(self, selector: str, number: int = 0) -> None:
        """Go to a link or button, and press Enter on it."""
        self.to(selector, number)
        self.enter()

    def choose(self, name: str, number: int) -> None:
        """Choose a radio button by its number, with Space and the arrows."""
        self.to(f"input[name='{name}']")
        self.page.keyboard.press("Space")
        for _ in range(number):
            self.page.keyboard.press("ArrowDown")
        assert self.page.locator(f"input[name='{name}']").nth(number).is_checked()

    def pick(self, selector: str, value: str) -> None:
        """Choose of a list, by the arrow."""
        keyboard = self.to(selector)
        for _ in range(300):
            if self.page.input_value(selector) == value:
                return
            keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow does not lead to {value}")

    @property
    def title(self) -> str:
        return self.page.locator("h1").inner_text()


def test_the_whole_work_is_done_by_keyboard_alone(chromium: Browser, tmp_path: Path) -> None:
    """From signing in to signing out, by four members, with forms sent by Enter; each page gone through by Tab."""
    board, faults = running(tmp_path), list[str]()
    file = tmp_path / "cases.csv"
    file.write_text(caseload(12), encoding="utf-8")
    with served(board) as at:
        officer, chair, first, second = (
            Hands(chromium, at, who, faults) for who in ("officer", "chair", "mod-1", "mod-2")
        )
        # The first stop of every page leads past its head.
        officer.page.keyboard.press("Control+Home")
        officer.to("a.skip")
        officer.page.keyboard.press("Enter")
        assert officer.page.evaluate("document.activeElement.id") == "main"
        officer.follow("nav a[href='/caseloads']")
        officer.to("#title").type("Autumn 2026")
        officer.to("#file")
        officer.page.set_input_files("#file", file)  # The chooser of files is the browser's own.
        officer.follow("main form button")
        assert officer.title == "Autumn 2026"
        chair.follow("nav a[href='/caseloads']")
        chair.follow("tbody a")
        assert chair.title.startswith("Your interests")
        chair.follow("main form button")
        chair.follow("nav a[href='/caseloads']")
        chair.follow("tbody a")
        chair.follow("a.button")
        chair.to("#by_size").press("Space")
        chair.to("#per_cent").press("Control+a")
        chair.page.keyboard.type("20")
        chair.enter()
        assert chair.page.locator("#counted").count() == 1, "Enter counts, and draws nothing yet"
        chair.follow("button[value=draw]")
        assert chair.title == "Sample"
        chair.to("summary").press("Enter")
        chair.to("details[open] input:not([type=hidden])").type("The papers are not there.")
        chair.enter()
        assert "replaced: The papers are not there." in chair.page.locator("main").inner_text()
        chair.follow("nav a[href='/meetings']")
        chair.to("#title").type("November")
        chair.pick("#area", "area_1")
        for name, value in (("day", "6"), ("month", "10"), ("year", "2026")):
            chair.to(f"#{name}").type(value)
        chair.enter()
        for hands, choice in ((first, 3), (second, 4)):
            hands.follow("nav a[href='/']")
            hands.follow("p.inset a")
            hands.follow("main form button")  # No interest to declare.
            hands.follow("tbody a")
            assert hands.title.startswith("Rate case")
            hands.to("summary").press("Enter")
            assert hands.page.locator("details[open] li").first.is_visible()
            for area in AREAS:
                hands.choose(f"area_{area}", choice)
            hands.to("#note").type("The daily plan decided it.")
            hands.follow("button[value=confirm]")
            assert hands.title.startswith("Rate case"), "the next one"
            hands.follow("p.done a")
            assert hands.title.startswith("Compare and decide: case ")
        # A form that lacks something says so at once, and the focus leads to it.
        first.page.reload()
        first.follow("main form button")
        assert "Choose whether you agree" in first.page.locator("[role=alert]").inner_text()
        first.choose("kind", 1)
        first.pick("#to", "specific_allocation_4")
        first.to("#reason").type("The evidence meets the higher descriptor.")
        first.pick("#paragraph", "report/3.20")
        first.follow("form[action$='/decide'] button")
        assert "Another member approves" in first.page.locator("main").inner_text()
        second.page.reload()
        second.follow("button[value=approve]")
        assert second.page.locator("h2", has_text="What stands").count() == 1
        first.follow("p.back a")
        first.to("#answer")
        first.to("form[hx-get] button").press("Enter")
        first.page.wait_for_selector("#why-not-answer h3, #why-not-answer p")
        first.to("#as_of")
        first.follow("form[action^='/cases/'] >> text=Show side by side")
        assert first.page.locator("table", has_text="Differs").count()
        second.follow("nav a[href='/']")
        second.follow("tbody a")
        second.follow("text=Declare a conflict of interest instead")
        second.choose("kind", 1)
        second.follow("button.warn")
        assert second.title == "Your work"
        chair.to("input[name=present]").press("Space")
        chair.to("#minutes").type("One case was changed.")
        chair.follow("button[value=close]")
        assert "The record was closed" in chair.page.locator("main").inner_text()
        officer.follow("tbody a")
        officer.follow("text=Decision notice")
        for path, title in (("/consistency", "Consistency"), ("/precedents", "Precedents"), ("/trail", "Trail")):
            officer.follow(f"nav a[href='{path}']")
            assert officer.title == title
        officer.follow("a[href='/account']")
        for name, value in (("old", PASSWORD), ("new", f"{PASSWORD} more"), ("again", f"{PASSWORD} more")):
            officer.to(f"#{name}").type(value)
        officer.enter()
        for hands in (first, second, chair):
            hands.follow("text=Sign out")
            assert hands.title == "Sign in"
    assert faults == [], "\n".join(dict.fromkeys(faults))


#: What stands wider than the window, but for a table of data in a box of its own that scrolls, and what is fixed or
#: sticky and would lie over the page.
ZOOMED = """() => {
  const wrong = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} wide in ${innerWidth}`);
  for (const one of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (['fixed', 'sticky'].includes(style.position)) wrong.push(`lies over the page: ${one.outerHTML.slice(0, 80)}`);
    if (!box.width || one.closest('.scroll table, .unseen, .skip, svg') || one.matches('.unseen')) continue;
    if (box.right > innerWidth + 1 && !one.closest('.scroll'))
      wrong.push(`ends at ${Math.round(box.right)}: ${one.outerHTML.slice(0, 80)}`);
    if (['auto', 'scroll'].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1
        && !(one.matches('.scroll') && one.querySelector('table')) && one.tagName !== 'TEXTAREA')
      wrong.push(`scrolls sideways: ${one.outerHTML.slice(0, 80)}`);
    if (style.overflow === 'hidden' && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        && !one.closest('table.figures thead') && one.textContent.trim())
      wrong.push(`is cut off: ${one.outerHTML.slice(0, 80)}`);
  }
  return wrong;
}"""


def test_every_page_can_be_read_at_four_hundred_per_cent(chromium: Browser, tmp_path: Path) -> None:
    """A window of 1280 by 1024 at 400% has 320 by 256 points, each drawn by sixteen: what a browser's zoom makes of it.

    Only tables of data scroll sideways, nothing lies over the page, and every stop of Tab can be seen.
    """
    board, faults = running(tmp_path), list[str]()
    consistency.load(board, consistency.caseload())
    consistency.rate(board)
    for letters in ("MA", "MB"):
        load(board, unmapped(letters) if letters == "MA" else county(), letters)
    with served(board) as at:
        for who, paths in pages(board).items():
            context = chromium.new_context(
                base_url=at, viewport={"width": 320, "height": 256}, screen={"width": 1280, "height": 1024},
                device_scale_factor=4,
            )  # fmt: skip
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto("/sign-in")
            assert page.evaluate("[innerWidth, innerHeight, devicePixelRatio]") == [320, 256, 4]
            faults += [f"/sign-in {one}" for one in page.evaluate(ZOOMED)]
            page.fill("#sign_in", who)
            page.fill("#password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/")
            for path in paths:
                page.goto(path)
                faults += [f"{path}: {one}" for one in page.evaluate(ZOOMED)]
                for _ in range(min(12, page.evaluate(STOPS))):
                    page.keyboard.press("Tab")
                    found = page.evaluate(FOCUSED)
                    if found and not (found["inside"] and found["open"]):
                        faults.append(f"{path}: cannot be seen when it has the focus: {found['what']}")
            context.close()
    assert faults == [], "\n".join(dict.fromkeys(faults))


def pages(board: Running) -> dict[str, list[str]]:
    """Every page of the board that is asked for by GET and shows HTML, by a role that may see it."""
    from senpolicy_board import accounts
    from senpolicy_board.tables import BoardCase, Sample

    with board.store.reading():
        rows = list(BoardCase.objects.order_by("id"))
        case = next((row for row in rows if row.settled_at), rows[0])
        sampled = Sample.objects.first()
        to_map = next(row.key for row in rows if row.level is None)
        keys = {"cases": case.key, "caseloads": case.caseload.key, "samples": sampled.key if sampled else ""}
    meeting = board["chair"].post(
        "/meetings", {"title": "Zoomed", "area": "area_1", "day": "6", "month": "10", "year": "2026"}
    )
    keys["meetings"] = meeting.url.path.rsplit("/", 1)[1]
    found: dict[str, list[str]] = {"officer": [], "chair": [], "mod-3": []}
    roles = {"officer": "officer", "chair": "chair", "mod-3": "moderator"}
    for (method, path), action in board.app.board.actions.items():
        key = keys.get(path.split("/")[1], "")
        if method != "GET" or path.endswith((".pdf", "/record", "/golden", "{name}")) or ("{key}" in path and not key):
            continue
        who = next(one for one in found if roles[one] in accounts.MAY[action])
        found[who].append(path.replace("{key}", to_map if path.endswith("/map") else key))
    found["officer"].append(f"/cases/{keys['cases']}?as_of=before-24/00120")
    return found
