"""The site: every page is made from the policy, reads aloud well, and shows no figure that the policy does not hold."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest

from golden_files import loaded
from senpolicy.publish import made, navigation
from senpolicy.publish.site import Site
from senpolicy.publish.tables import with_captions

ROOT = Path(__file__).resolve().parents[1]


@cache
def site() -> Site:
    return made(loaded(ROOT), ROOT / "docs", ROOT / "tests" / "golden")


class Page(HTMLParser):
    """What a test asks of a page: its marked figures, ids, links, tables, and the tags in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: list[tuple[dict[str, str | None], str]] = []
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._figure: dict[str, str | None] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.hrefs.append(str(found["href"]))
        if tag == "data":
            self._figure = found

    def handle_data(self, data: str) -> None:
        if self._figure is not None:
            self.figures.append((self._figure, data))
            self._figure = None


MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
MONTHS += ["October", "November", "December"]


def read_back(text: str) -> object:
    """Return what a figure on a page says, read by rules of the test's own."""
    text = text.removesuffix(" a year")
    if found := re.fullmatch(r"£([0-9,]+(?:\.[0-9]{2})?)", text):
        return Decimal(found[1].replace(",", ""))
    if found := re.fullmatch(r"([0-9.]+)%", text):
        return ("per cent", Decimal(found[1]))
    if found := re.fullmatch(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})", text):
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    if text in ("nursery", "Reception"):
        return {"nursery": -1, "Reception": 0}[text]
    if found := re.fullmatch(r"(?:Year )?([0-9]+)(?: years?)?", text):
        return int(found[1])
    return text


def as_shown(value: object, unit: str) -> object:
    """Return the value of a parameter as `read_back` gives it."""
    if value is None:
        return "not decided"
    if unit == "share":
        return ("per cent", Decimal(str(value)) * 100)
    if unit == "per_cent":
        return ("per cent", value)
    if unit in ("pounds", "pounds_a_year"):
        return Decimal(str(value))
    if isinstance(value, list):
        return None
    return value


def test_every_figure_on_the_pages_is_the_one_in_the_yaml() -> None:
    corpus, seen = loaded(ROOT), set()
    for name, text in site().pages.items():
        for marks, shown in Page(text).figures:
            parameter = marks.get("data-parameter")
            if parameter is None:
                continue
            setters = dict(corpus.parameters[parameter])
            values = [setters[marks["data-decision"]]] if marks.get("data-decision") else list(setters.values())
            wanted = [as_shown(one.value, one.unit) for one in values]
            assert read_back(shown) in wanted or None in wanted, f"{name}: {parameter} is shown as {shown}"
            assert (
                marks["value"] in [str(one.value if one.value is not None else "") for one in values] or None in wanted
            )
            seen.add(parameter)
    assert seen == set(corpus.parameters)


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("policy/decisions/{}.md", lambda corpus: [number.replace("/", "-") for number in corpus.decisions]),
        ("policy/questions/{}.md", lambda corpus: corpus.questions),
        ("policy/parameters/{}.md", lambda corpus: corpus.parameters),
        ("policy/descriptors/{}/index.md", lambda corpus: corpus.editions),
    ],
)
def test_everything_in_the_policy_has_a_page(family: str, names) -> None:
    assert [one for one in names(loaded(ROOT)) if family.format(one) not in site().pages] == []


def test_every_open_point_reading_and_paper_has_its_place() -> None:
    corpus = loaded(ROOT)
    for page, ids in (
        ("open-points", corpus.open_points),
        ("readings", [one.id for one in corpus.readings]),
        ("documents", corpus.documents),
    ):
        text = site().pages[f"policy/{page}.md"]
        assert [one for one in ids if f"{{: #{one.lower()} }}" not in text] == []


def test_each_version_of_a_question_shows_every_row_with_its_paragraph() -> None:
    text = site().pages["policy/questions/route.md"]
    for row in ("existing-plan-lower-level", "new-plan", "plan-above-community-levels"):
        assert f"-{row} }}" in text
    assert text.count("### ") > 25
    assert "golden case" in text


def test_every_rule_says_which_policy_it_was_made_from() -> None:
    digest = loaded(ROOT).digest
    made_pages = [page for page in site().pages if page.startswith("policy/") and page != "policy/documents.md"]
    assert [page for page in made_pages if digest not in site().pages[page]] == []


def test_tables_have_a_caption_and_heads_have_a_scope() -> None:
    for name, text in site().pages.items():
        tags = Page(text).tags
        assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags), name
        assert all(marks.get("scope") in ("row", "col") for tag, marks in tags if tag == "th"), name
        assert not re.search(r"^\|?\s*-{3,}\s*\|", text, re.M), f"{name}: a table without a caption"


def test_markdown_tables_become_tables_with_a_caption() -> None:
    text = with_captions("## Costs\n\n| a | b |\n|---|---|\n| `x` | [y](z.md#q) |\n\n```\n| a | b |\n|---|---|\n```\n")
    assert "<caption>Costs</caption>" in text
    assert '<th scope="row"><code>x</code></th><td data-label="b"><a href="z.html#q">y</a></td>' in text
    assert text.count("<table") == 1
    assert "<caption>By year</caption>" in with_captions(
        "# A\n\nTable: By year\n\n| a |\n|---|\n| 1 |\n".replace("| a |", "| a | b |")
        .replace("|---|", "|---|---|")
        .replace("| 1 |", "| 1 | 2 |")
    )


def test_the_accessibility_statement_is_recent() -> None:
    text = site().pages["accessibility-statement.md"]
    tested = date.fromisoformat(re.search(r"^tested_on: (\S+)$", text, re.M)[1])
    assert date.today() - timedelta(days=365) <= tested <= date.today(), "Test the site again, and date it."
    day = f"{tested.day} {MONTHS[tested.month - 1]} {tested.year}"
    assert f"last tested on {day}" in text


def test_every_page_stands_in_the_navigation_once() -> None:
    nav = navigation.opened(ROOT / "mkdocs.yml", list(site().pages))
    listed = list(navigation._named(nav))
    assert sorted(listed) == sorted(site().pages)
    assert not any(PurePosixPath(one).suffix != ".md" for one in listed)
