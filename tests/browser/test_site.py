"""The built site in a browser: accessible, private, searchable, and nothing runs off the screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from typer.main import get_command

from golden_files import loaded
from senpolicy.cli import every_command
from senpolicy.site import publish

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: In the dark scheme only what turns on colour can differ.
COLOUR = ["cat.color"]

#: One page of every kind.
KINDS = [
    "index.html",
    "404.html",
    "handbook.html",
    "schools/what-schools-said.html",
    "calculator.html",
    "accessibility-statement.html",
    "schools/index.html",
    "schools/years/2025-to-2026.html",
    "schools/years/from-1-september-2026.html",
    "schools/find/2025-to-2026.html",
    "schools/find/2025-to-2026.html#all-questions",
    "schools/timeline.html",
    "schools/not-decided.html",
    "schools/one-figure.html",
    "policy/index.html",
    "policy/decisions/index.html",
    "policy/decisions/24-00120.html",
    "policy/decisions/25-00108.html",
    "policy/questions/route.html",
    "policy/parameters/lower_support_limit.html",
    "policy/open-points.html",
    "policy/readings.html",
    "policy/documents.html",
    "policy/changes.html",
    "policy/figures.html",
    "policy/made-up-pupils.html",
    "policy/consultation-24-00120.html",
    "policy/strategy-24-00121.html",
    "policy/duties-national.html",
    "schools/what-a-school-gets.html",
    "schools/from-1-september-2026.html",
    "schools/what-has-changed.html",
    "schools/community-budget.html",
    "schools/who-is-covered.html",
    "schools/words.html",
    "schools/in-the-papers.html",
    "schools/srp-and-special.html",
    "policy/descriptors/continuum-draft-2025-06/index.html",
    "policy/descriptors/illustrative/matrix.html",
    "policy/descriptors/illustrative/cognition-and-learning.html",
    "policy/descriptors/illustrative/level-sen-support.html",
    "trust/downloads.html",
    "trust/freedom-of-information.html",
    "trust/transparency-record.html",
    "tutorials/first-case.html",
    "how-to/decide-a-caseload.html",
    "reference/commands.html",
    "reference/problems/index.html",
    "reference/problems/ambiguous-number.html",
    "reference/facts.html",
    "reference/glossary.html",
    "explanation/architecture.html",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly from what stands here."""
    out = tmp_path_factory.mktemp("built") / "build"
    publish(
        loaded(ROOT),
        ROOT / "docs",
        ROOT / "mkdocs.yml",
        ROOT / "tests" / "golden",
        out,
        get_command(every_command()),
        date(2025, 10, 1),
    )
    build = ["-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", str(out / "mkdocs.yml")]
    subprocess.run([sys.executable, *build], check=True, timeout=300, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return out / "site"


@pytest.fixture(scope="module")
def served(built: Path) -> Iterator[str]:
    """Where the site is served from: this machine alone."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *of: Any, **named: Any) -> None:
            super().__init__(*of, directory=str(built), **named)

        def log_message(self, *of: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def needs_axe() -> None:
    if not AXE.is_file():
        pytest.skip("LEFT OUT: axe-core is not here; `make browser` installs it with npm.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_every_kind_of_page_is_accessible_private_and_reflows(
    chromium: Browser, served: str, built: Path, needs_axe: None, width: int, scheme: Any
) -> None:
    """Axe finds nothing; nothing runs off the screen; no request goes to another host; no script fails."""
    asked: list[str] = []
    found: list[str] = []
    # Without motion: a page that opens at a place in it scrolls, and what the head then fades out would be half faded.
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
    )
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: found.append(f"a script failed: {error}"))
    for kind in KINDS:
        assert (built / kind.partition("#")[0]).is_file(), f"There is no page {kind} any more."
        page.goto(served + kind)
        page.evaluate(axe())
        result = page.evaluate(
            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})",
            TAGS if scheme == "light" else COLOUR,
        )
        found += [f"{kind}: {one['id']}: {json.dumps([node['target'] for node in one['nodes'][:3]])}"
                  for one in result["violations"]]  # fmt: skip
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{kind} is wider than {width} pixels")
        expect(page.locator("footer a[href$='accessibility-statement.html']").last).to_be_attached()
    context.close()
    assert found == []
    assert [url for url in asked if not url.startswith((served, "data:", "blob:"))] == []


def test_no_page_names_another_host_that_it_would_ask(built: Path) -> None:
    wrong = []
    for path in built.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        wrong += [f"{path.relative_to(built)}: {mark}" for mark in ('src="http', "src='http", 'rel="stylesheet" href="http',
                                                                    "@import url(http", 'rel="preconnect"') if mark in text]  # fmt: skip
    assert wrong == []


#: What people type, and the pages of which one must be among the first three.
SEARCHES = {
    "protection": ("schools/protection.html",),
    "how much": ("schools/what-a-school-gets.html",),
    "how much will my school get": ("schools/what-a-school-gets.html",),
    "appeal": ("schools/disagree.html",),
    "complaint": ("schools/disagree.html",),
    "tribunal": ("schools/disagree.html",),
    "mediation": ("schools/disagree.html",),
    "IASK": ("schools/disagree.html",),
    "phone": ("schools/disagree.html", "schools/ask-for-money.html"),
    "advice phone": ("schools/disagree.html",),
    "contact": ("schools/ask-for-money.html",),
    "official": ("schools/ask-for-money.html",),
    "calendar": ("schools/ask-for-money.html",),
    "apply": ("schools/ask-for-money.html",),
    "request form": ("schools/ask-for-money.html",),
    "ask for money": ("schools/ask-for-money.html",),
    "my child has no plan": ("schools/no-plan.html",),
    "deficit": ("schools/from-schools-budgets.html",),
    "overspend": ("schools/from-schools-budgets.html",),
    "moves": ("schools/who-is-covered.html",),
    "leaves": ("schools/who-is-covered.html",),
    "plan ends": ("schools/who-is-covered.html",),
    "Year 11": ("schools/who-is-covered.html",),
    "fees": ("schools/who-is-covered.html",),
    "notional": ("schools/one-figure.html",),
    "how many communities": ("schools/who-decides.html",),
    "board dates": ("schools/moderation.html", "schools/who-decides.html"),
    "white paper": ("schools/not-decided.html",),
    "SEND reform": ("schools/not-decided.html",),
    "SEMH": ("schools/srp-and-special.html",),
    "independent school": ("schools/who-is-covered.html",),
    "hospital school": ("schools/who-is-covered.html",),
    "reception": ("schools/who-is-covered.html",),
    "sixth form": ("schools/who-is-covered.html",),
    "SENCO": ("schools/index.html", "schools/words.html"),
    "bands": ("schools/bands-and-rates.html",),
    "rates": ("schools/bands-and-rates.html",),
    "banding": ("schools/bands-and-rates.html",),
    "tariff rates": ("schools/bands-and-rates.html",),
    "section F": ("schools/section-f.html",),
    "EHCP": (
        "schools/section-f.html",
        "schools/words.html",
        "schools/who-decides.html",
        "schools/what-a-school-gets.html",
    ),
    "autism": ("schools/diagnosis.html",),
    "ADHD": ("schools/diagnosis.html",),
    "diagnosis": ("schools/diagnosis.html",),
    "new special schools": ("schools/special-schools.html",),
    "special school": (
        "schools/special-schools.html",
        "schools/who-is-covered.html",
        "schools/what-a-school-gets.html",
    ),
    "community budget": ("schools/community-budget.html",),
    "IDACI": ("schools/community-budget.html",),
    "deprivation": ("schools/community-budget.html",),
    "looked after": ("schools/community-budget.html",),
    "what changed": ("schools/what-has-changed.html",),
    "September 2026": ("schools/from-1-september-2026.html",),
    "consultation": ("schools/what-schools-said.html",),
    "who decides": ("schools/who-decides.html",),
    "opt out": ("schools/protection.html", "schools/who-decides.html"),
    "6000": ("schools/one-figure.html",),
    "£6,000": ("schools/one-figure.html",),
    "calculator": ("calculator.html",),
    "top-up": ("schools/index.html", "schools/words.html", "schools/what-a-school-gets.html"),
    "element 3": ("schools/index.html", "schools/words.html", "schools/what-a-school-gets.html"),
    "governors": ("index.html", "schools/index.html"),
    "exceptional need": ("schools/srp-and-special.html",),
    "average rate": ("schools/srp-and-special.html",),
    "loss limit": ("schools/srp-and-special.html",),
    "moderation": ("schools/moderation.html",),
    "who maps pupils": ("schools/mapping.html",),
    "when are budgets published": ("schools/when-is-money-known.html",),
    "transfer to high needs": ("schools/from-schools-budgets.html",),
    "notional top-up": ("schools/one-figure.html",),
    "new plan": ("schools/who-decides.html",),
    "which council pays": ("schools/who-is-covered.html",),
    "need a plan": ("schools/diagnosis.html",),
    "contingency": ("schools/who-decides.html", "schools/community-budget.html", "schools/ask-for-money.html"),
    "keep back": ("schools/who-decides.html", "schools/community-budget.html", "schools/ask-for-money.html"),
    "over 6000 moderation": ("schools/moderation.html",),
    "EPN": ("schools/srp-and-special.html",),
    "PRU": ("schools/who-is-covered.html",),
    "sixteen": ("schools/who-is-covered.html",),
    "will my child lose support": ("schools/lose-support.html",),
    "lose support": ("schools/lose-support.html",),
    "what to put in a budget": ("schools/when-is-money-known.html",),
    "teaching assistant hours": ("schools/lose-support.html", "schools/no-plan.html"),
    "cut": ("schools/lose-support.html", "schools/from-schools-budgets.html"),
    "payment date": ("schools/when-is-money-known.html",),
    "when paid": ("schools/when-is-money-known.html",),
    "inflation": ("schools/when-is-money-known.html",),
    "home education": ("schools/who-is-covered.html",),
    "home educated": ("schools/who-is-covered.html",),
    "find my community": ("schools/who-decides.html",),
    "new EHCP March 2026": ("schools/who-decides.html",),
    "evidence": ("schools/mapping.html",),
    "how many answered": ("schools/what-schools-said.html",),
    "total top-up": ("schools/from-schools-budgets.html",),
    "SENIF": ("schools/ask-for-money.html",),
    "LIFT": ("schools/ask-for-money.html",),
    "EBSA": ("schools/ask-for-money.html",),
    "transport": ("schools/ask-for-money.html",),
    "SRP": (
        "schools/srp-and-special.html",
        "schools/who-is-covered.html",
        "schools/what-a-school-gets.html",
        "schools/words.html",
    ),
}


#: What officers type in the handbook's own search.
HANDBOOK_SEARCHES = {
    "ambiguous-number": "reference/problems/ambiguous-number.html",
    "pull request": "tutorials/a-first-change.html",
    "open points": "policy/open-points.html",
    "moderation": "policy/questions/moderation.html",
}
FIRST_THREE = "all => all.slice(0, 3).map(one => new URL(one.querySelector('a').href).pathname.slice(1))"


@pytest.mark.parametrize("start", ["index.html", "schools/years/2025-to-2026.html"])
def test_search_finds_what_people_look_for_among_the_first_three(page: Page, served: str, start: str) -> None:
    found = {}
    page.goto(served + start)
    for words in SEARCHES:
        page.get_by_role("searchbox").fill(words)
        results = page.locator("#search-results li")
        expect(results.first).to_be_visible()
        found[words] = results.evaluate_all(FIRST_THREE)
    assert {words: pages for words, pages in found.items() if not set(SEARCHES[words]) & set(pages)} == {}


def test_search_works_in_a_folder_and_below_a_path_and_says_where_it_finds_nothing(page: Page, built: Path) -> None:
    page.goto((built / "schools" / "find" / "index.html").as_uri())
    page.get_by_role("searchbox").fill("xylophone")
    expect(page.get_by_role("status")).to_have_text("Nothing found. Try one word, or look through all pages.")
    page.get_by_role("searchbox").fill("appeal")
    page.locator("#search-results a").first.click()
    expect(page).to_have_url((built / "schools" / "disagree.html").as_uri())


def test_the_handbook_has_a_search_of_its_own(page: Page, served: str) -> None:
    found = {}
    for words in HANDBOOK_SEARCHES:
        page.goto(served + "handbook.html")
        page.locator(".md-search__input").first.fill(words)
        results = page.locator(".md-search-result__item")
        expect(results.first).to_be_visible(timeout=60_000)
        found[words] = results.evaluate_all(FIRST_THREE)
    assert {words: pages for words, pages in found.items() if HANDBOOK_SEARCHES[words] not in pages} == {}


def test_a_page_for_schools_loads_little_until_somebody_searches(page: Page, served: str) -> None:
    loaded: list[tuple[str, int]] = []
    page.on("response", lambda response: loaded.append((response.url, len(response.body()))))
    page.goto(served + "index.html", wait_until="networkidle")
    assert 5_000 < sum(size for _, size in loaded) < 300_000
    assert not [url for url, _ in loaded if "search" in url]
    page.get_by_role("searchbox").focus()
    page.wait_for_function("window.schoolSearch")


def test_the_list_of_all_pages_is_folded_on_a_phone_and_opens_by_the_link_to_it(page: Page, served: str) -> None:
    first = page.locator("nav.pages a").first
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(served + "schools/section-f.html")
    expect(first).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(served + "schools/section-f.html")
    expect(first).to_be_hidden()
    page.get_by_role("link", name="All pages").click()
    expect(first).to_be_visible()


def test_the_way_by_questions_works_without_javascript(chromium: Browser, served: str) -> None:
    """One question at a time, by links alone; and all at once for whoever asks."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served + "schools/find/2025-to-2026.html")
    seen = page.locator(".step h2:visible")
    for answer in ("A mainstream school", "5 to 15", "SEN Support", "More than £6,000", "No"):
        assert [one.startswith("Question") for one in seen.all_inner_texts()] == [True]
        page.locator("ul.choices:visible").get_by_role("link", name=answer, exact=True).click()
    assert "#result-" in page.url
    assert [one.partition(": ")[2] for one in seen.all_inner_texts()] == ["community budget"]
    page.get_by_role("link", name="Show all questions and results").click()
    assert seen.count() == page.locator(".step").count() > 20
    context.close()


def test_the_way_by_questions_keeps_the_answers_and_each_can_be_changed(page: Page, served: str) -> None:
    """Answers so far with change, not sure, one sentence with money, a next step that holds the facts, and a link."""
    page.goto(served + "schools/find/2025-to-2026.html")
    heading, given = page.locator(".step h2:visible"), page.locator(".given li")

    def answer(name: str) -> None:
        asked = heading.inner_text()
        page.locator("ul.choices:visible").get_by_role("link", name=name, exact=True).click()
        expect(heading).not_to_have_text(asked)

    for one in ("A mainstream school", "5 to 15", "SEN Support", "Not sure"):
        answer(one)
    expect(heading).to_have_text(re.compile("^Not sure: what does the additional support"))
    expect(page.locator("ul.choices:visible li").first).to_have_text("£6,000 or less: school budget")
    answer("More than £6,000")
    answer("No")
    expect(heading).to_have_text(re.compile("community budget$"))
    outcome = page.locator(".outcome:visible")
    assert outcome.all_inner_texts() == [
        "From the budget of the school's Community, on its recommendation.",
        "In a year: not settled: What a Community pays for a pupil",
    ]
    assert given.all_inner_texts()[:2] == [
        "In what kind of place is the pupil educated? A mainstream school Change",
        "How old is the pupil on the day of the decision, in completed years? 5 to 15 Change",
    ]
    assert given.count() == 5
    facts = page.locator(".try:visible a").get_attribute("href")
    assert facts.endswith(
        "calculator.html#decision_date=2026-08-31&setting=mainstream&plan=sen_support&existing_claim=false"
    )
    held = page.url
    page.goto("about:blank")
    page.goto(held)
    expect(heading).to_have_text(re.compile("community budget$"))
    given.nth(2).get_by_role("link", name="Change").click()
    expect(heading).to_have_text("Question 4: How are the pupil's needs recorded?")
    assert given.count() == 2
    answer("Neither SEN Support nor an EHCP")
    expect(outcome.first).to_have_text("From the school's own budget; no Element 3 funding is paid.")
    page.go_back()
    expect(heading).to_have_text("Question 4: How are the pupil's needs recorded?")
    page.get_by_role("link", name="Start again").last.click()
    expect(heading).to_have_text(re.compile("^Question 1:"))
    assert given.count() == 0


def test_what_applies_today_is_marked_by_the_readers_own_day(chromium: Browser, served: str) -> None:
    for day, said in (("2025-03-31", "Before 1 April 2025"), ("2026-08-31", "School year 2025 to 2026 (1 September 2025 to 31 August 2026)"),
                      ("2026-09-01", "From 1 September 2026")):  # fmt: skip
        context = chromium.new_context()
        page = context.new_page()
        page.clock.set_fixed_time(f"{day}T12:00:00")
        page.goto(served + "schools/years/index.html")
        assert page.locator("li:has([data-first]:visible)").all_inner_texts() == [f"{said} (today)"]
        context.close()


def test_the_skip_link_leads_past_the_navigation(page: Page, served: str) -> None:
    page.goto(served + "schools/years/2025-to-2026.html")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert "Skip to content" in link.inner_text()
    link.press("Enter")
    assert "#" in page.url
