"""The site: every page is made from the policy, reads aloud well, and shows no figure that the policy does not hold."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import markdown
import pyphen
import pytest
from bs4 import BeautifulSoup
from typer.main import get_command

from copies import append, copied
from editions import framework
from golden_files import FROZEN, decided, decider, every, loaded
from senpolicy.checking.examples import decide_facts
from senpolicy.cli import every_command
from senpolicy.deciding.answers import Decision
from senpolicy.deciding.cases import Case, checked
from senpolicy.deciding.decide import Decider
from senpolicy.files.codes import codes
from senpolicy.files.problems import Place, WrongUse
from senpolicy.policy.corpus import load
from senpolicy.policy.timeline import Policy, policy
from senpolicy.readings.say import lowered
from senpolicy.site import calculator, changes, look, made, navigation, school_site, trust_pages, words
from senpolicy.site.addresses import Here
from senpolicy.site.pages import Site
from senpolicy.site.periods import PagePeriod
from senpolicy.site.school_pages import Saying
from senpolicy.site.tables import with_captions
from senpolicy.site.today import Today
from senpolicy.site.tree import Ask, DecisionLeaf, Node, covers
from test_core_size import CORE

ROOT = Path(__file__).resolve().parents[1]


#: A day after all that the policy plans.
LATER = date(2026, 11, 30)


@cache
def site() -> Site:
    return made(loaded(ROOT), ROOT / "docs", ROOT / "tests" / "golden", get_command(every_command()), LATER)


@cache
def html(name: str) -> str:
    """A page as the site will show it, without what the theme puts around it."""
    text = re.sub(r"\A---\n.*?\n---\n", "", site().pages[name], flags=re.S)
    return markdown.markdown(text, extensions=["attr_list", "md_in_html", "toc", "fenced_code"])


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
        return "not held"
    if unit == "share":
        return ("per cent", Decimal(str(value)) * 100)
    if unit == "per_cent":
        return ("per cent", value)
    if unit in ("pounds", "pounds_a_year"):
        return Decimal(str(value))
    if isinstance(value, list):
        return None
    return value


@pytest.mark.slow
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
    for row in ("rate-below-limit", "new-plan", "plan-above-community-levels"):
        assert f"-{row} }}" in text
    assert text.count("### ") > 25
    assert "golden case" in text


def test_every_rule_says_from_which_files_it_was_made() -> None:
    digest = loaded(ROOT).files_digest
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
    assert (
        '<th scope="row" role="rowheader"><code>x</code></th><td role="cell" data-label="b"><a href="z.html#q">y</a></td>'
        in text
    )
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


@pytest.mark.parametrize("folder", ["tutorials", "how-to", "reference", "decisions", "schools/years", "schools/find"])
def test_the_first_page_of_a_folder_leads_to_all_others(folder: str) -> None:
    hrefs = {one.partition("#")[0] for one in Page(html(f"{folder}/index.md")).hrefs}
    pages = [PurePosixPath(name) for name in site().pages if name.startswith(f"{folder}/")]
    inside = {one.stem for one in pages if str(one.parent) == folder and one.stem != "index"}
    assert {PurePosixPath(one).stem for one in hrefs} >= inside


RATE = """
  rate_of_made_up_band_{band}:
    label: Made-up band {band}
    unit: pounds_a_year
    value: {value}
    from: {day}
    source: {{document: report, paragraph: "3.16"}}
"""


def test_freedom_of_information_says_of_each_band_whether_it_is_identical(tmp_path: Path) -> None:
    """Two yearly decisions set made-up rates: one stays, one rises, one falls, one is new."""
    folder = copied(tmp_path)
    for number, day, rates in (
        ("24-00117", "2025-04-01", {"a": "5000.00", "b": "7000.00", "c": "9000.50"}),
        ("25-00092", "2026-04-01", {"a": "5000.00", "b": "7100.00", "c": "9000.00", "d": "12000.00"}),
    ):
        for band, value in rates.items():
            append(folder, f"policy/{number}/parameters.yaml", RATE.format(band=band, value=value, day=day))
    text = foi(load(folder))
    rows = [
        [one.get_text() for one in row.select("th, td")]
        for row in BeautifulSoup(text, "html.parser").select("tbody tr")
    ]
    assert [row[1:] for row in rows if row[0].startswith("Made-up band")] == [
        ["£5,000 a year, from 1 April 2025", "£5,000 a year, from 1 April 2026", "identical"],
        ["£7,000 a year, from 1 April 2025", "£7,100 a year, from 1 April 2026", "higher"],
        ["£9,000.50 a year, from 1 April 2025", "£9,000 a year, from 1 April 2026", "lower"],
        ["not held", "£12,000 a year, from 1 April 2026", "no earlier value held"],
    ]
    assert "No value of a band is held" not in text


def test_freedom_of_information_today_holds_no_band_and_says_what_stayed(tmp_path: Path) -> None:
    text = foi(loaded(ROOT))
    assert "No value of a band is held" in text
    rows = {
        row.th.get_text(): [one.get_text() for one in row.select("td")]
        for row in BeautifulSoup(text, "html.parser").select("tbody tr")
    }
    years = "{}, from 1 April 2025", "{}, from 1 April 2026"
    for label, values, said in (
        ("The share of the schools block that moves to the high needs block", ("1.2%", "1.2%"), "identical"),
        ("The sum that this transfer comes to, about", ("£16,500,000", "£17,400,000"), "higher"),
        ("The uplift of SEN payments to state-funded schools and post-16 providers", ("not held", "not held"),
         "no value held for either year"),
    ):  # fmt: skip
        assert rows[label] == [*(year.format(value) for year, value in zip(years, values, strict=True)), said]


def test_an_edition_says_of_each_band_whether_its_amount_is_identical() -> None:
    """The published bands of another authority, with one amount set back to that of the earlier year."""
    edition = framework("islington")
    banding = edition.banding
    first, *others = banding.bands
    same = first.model_copy(update={"amount": banding.earlier_amounts[-1].amounts[first.id]})
    changed = edition.model_copy(update={"banding": banding.model_copy(update={"bands": [same, *others]})})
    words = [row[-1] for row in trust_pages.amount_rows(changed)]
    assert words[0] == "identical"
    assert set(words[1:]) == {"higher"}


def foi(corpus) -> str:
    of = Site(corpus, policy(corpus))
    trust_pages.prepare(of)
    of._add("trust/freedom-of-information.md", ROOT / "docs", "trust/freedom-of-information.md.j2", {})
    return of.pages["trust/freedom-of-information.md"]


def test_the_list_of_the_schools_tutorial_is_the_file_beside_it() -> None:
    shown = re.search(r"```\n(case_ref,.*?)```", site().pages["tutorials/a-school.md"], re.S)
    assert shown
    assert shown[1].encode() == site().files["tutorials/pupils.csv"]


def test_every_page_stands_in_the_navigation_once() -> None:
    of = contents()
    listed = [*navigation.named(of.handbook), *of.school_pages]
    assert sorted(listed) == sorted(site().pages)
    assert not any(PurePosixPath(one).suffix != ".md" for one in listed)


#: The most that a page for schools loads before anybody clicks or types, in bytes as they are served unpacked.
HEAVIEST = 300_000


@cache
def contents() -> navigation.Contents:
    return navigation.contents(ROOT / "mkdocs.yml", list(site().pages))


@cache
def for_schools() -> dict[str, bytes]:
    """Each file of the schools' site, and those of the calculator that its page loads."""
    found = school_site.files(site(), contents())
    compiled = json.dumps(calculator.compiled(site().policy), ensure_ascii=False).encode()
    return found | {"assets/calculator/policy.js": compiled} | {
        f"assets/calculator/{one}": (calculator.ASSETS / one).read_bytes() for one in calculator.FILES}  # fmt: skip


def school_pages() -> dict[str, BeautifulSoup]:
    return {name: BeautifulSoup(text.decode(), "html.parser") for name, text in for_schools().items()
            if name.endswith(".html")}  # fmt: skip


def loaded_by(name: str, page: BeautifulSoup) -> set[str]:
    """The files that a page loads by itself."""
    named = [one.get("src") or one.get("href") for one in page.select("script[src], link[rel=stylesheet], img, source")]
    return {posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in named}


@pytest.mark.slow
def test_no_page_for_schools_is_heavy_and_none_loads_what_the_search_reads() -> None:
    files = for_schools()
    weights = {}
    for name, page in school_pages().items():
        also = loaded_by(name, page)
        assert f"{school_site.FOLDER}/{school_site.INDEX}" not in also, name
        weights[name] = len(files[name]) + sum(len(files[one]) for one in also)
    assert len(weights) > 30
    assert {name: weight for name, weight in weights.items() if weight > HEAVIEST} == {}


def test_no_style_holds_a_colour_that_all_styles_share() -> None:
    styles = [*school_site.ASSETS.rglob("*.css"), *(ROOT / "docs").rglob("*.css")]
    shared = set(re.findall("#[0-9a-f]{6}", look.colours()))
    assert len(shared) > 25
    assert len(styles) > 3
    assert {path.name: found for path in styles for found in [shared & set(re.findall("#[0-9a-f]{6}", path.read_text()))]
            if found} == {}  # fmt: skip
    named = {one for path in styles for one in re.findall(r"var\(--sen-([a-z-]+)", path.read_text())}
    assert named <= set(re.findall("--sen-([a-z-]+):", look.colours()))


def test_each_page_for_schools_has_a_title_and_a_description_and_no_path_from_the_root() -> None:
    pages = school_pages()
    for said in (lambda page: page.title.get_text(), lambda page: page.select_one("meta[name=description]")["content"],
                 lambda page: page.h1.get_text()):  # fmt: skip
        assert len({said(page) for page in pages.values()}) == len(pages)
    for name, page in pages.items():
        assert not page.select("[href^='/'], [src^='/'], [action^='/']"), name
        assert len(page.select("h1")) == 1, name
        assert [one["aria-current"] for one in page.select("nav.pages a[aria-current]")] == ["page"], name
        assert loaded(ROOT).files_digest not in page.get_text(), name


def test_every_page_for_schools_is_reached_from_each_other_and_so_is_the_handbook() -> None:
    pages = school_pages()
    for name, page in pages.items():
        led = {posixpath.normpath(posixpath.join(posixpath.dirname(name), one["href"].partition("#")[0] or name))
               for one in page.select("a[href]") if not re.match("[a-z]+:", one["href"])}  # fmt: skip
        assert {*pages, "handbook.html"} <= led | {name}, name


@pytest.mark.slow
def test_each_word_of_the_field_is_explained_and_led_to_where_it_first_stands() -> None:
    corpus, page = loaded(ROOT), school_pages()["schools/words.html"]
    words = site().shared["meanings"]
    explained = {one["id"]: one.get_text() for one in page.select("dt")}
    assert list(explained) == [one.id for one in words]
    wanted = {"SEN", "Element 3", "notional budget", "High needs block", "IDACI", "MFG", "Safety Valve", "SENCO", "Area board",
              "EHCP", "SRP", "Section F", "Community", "Tariff"}  # fmt: skip
    assert {one for one in wanted if not any(one in term for term in explained.values())} == set()
    assert {source.document for one in words for source in one.source} <= set(corpus.documents)
    assert all(one.says or one.defined for one in words)
    assert {one.point for one in words if one.point} <= set(corpus.open_points)
    for name, other in school_pages().items():
        led = [one["href"].partition("#")[2] for one in other.select("a.word")]
        assert len(led) == len(set(led)), f"{name}: once a page"
        assert set(led) <= set(explained), name
    first = school_pages()["schools/community-budget.html"].select_one("article p:has(a.word[href$='#community'])")
    assert first.get_text().startswith("A Community's budget follows two things")
    assert not page.select("a.word")
    for body in ("<p>A notional top-up, a notional top-up.</p>", "<p>A notional top-up, and top-up.</p>"):
        said = school_site.with_meanings(body, words, "words.html")
        assert re.findall(r'#([a-z0-9-]+)">', said) == ["sen-notional-top-up", "element-3"][: 1 + ("and" in body)]


def test_a_site_map_names_every_page_once() -> None:
    text = school_site.sitemap("https://council.example/sen/", ["index.html", "schools/words.html"])
    assert re.findall(r"<loc>(.*?)</loc>", text) == [
        "https://council.example/sen/index.html",
        "https://council.example/sen/schools/words.html",
    ]


@pytest.mark.slow
def test_a_page_for_schools_that_repeats_or_lacks_its_description_is_refused() -> None:
    name = "schools/section-f.md"
    other = re.search(r"^description: .*$", site().pages["schools/diagnosis.md"], re.M)[0]
    for text, said in ((other, "have the same description"), ("", "has no description")):
        changed = re.sub(r"^description: .*\n", f"{text}\n" if text else "", site().pages[name], flags=re.M)
        wrong = replace(site(), pages=site().pages | {name: changed})
        with pytest.raises(WrongUse, match=said):
            school_site.files(wrong, contents())


def test_a_page_for_schools_that_is_listed_and_not_written_is_refused() -> None:
    wrong = replace(site(), pages={name: text for name, text in site().pages.items() if name != "index.md"})
    with pytest.raises(WrongUse, match=r"mkdocs\.yml lists 'index\.md' as a page for schools"):
        school_site.files(wrong, contents())


def test_the_handbook_leads_to_pages_for_schools_as_to_ready_files() -> None:
    pages = school_site.handbook(site(), contents())
    assert not set(pages) & set(contents().school_pages)
    assert "](index.html)" in pages["handbook.md"]
    assert "](policy/index.md)" in pages["handbook.md"]


def reached(node: Node, case: Case, by: Policy) -> Iterator[DecisionLeaf]:
    """Every leaf to which a case can come, whatever the facts are that it does not give and that do not contradict it."""
    if isinstance(node, DecisionLeaf):
        yield node
        return
    known = case.facts.get(node.fact)
    for branch in node.branches:
        if known is not None:
            yield from reached(branch.to, case, by) if covers(branch, known) else ()
            continue
        for value in (one for one in branch.values if one is not None):
            whole = checked(case.ref, case.day, {**case.facts, node.fact: value}, by, Place(""))
            if isinstance(whole, Case):
                yield from reached(branch.to, whole, by)


def test_the_way_by_questions_leads_to_what_the_engine_decides() -> None:
    """Every golden case, read as the policy stands now, takes the tree of its day to the engine's own answers."""
    by, settled = decider(ROOT, None, "all"), 0
    for pinned in every():
        decision = decided(pinned.golden, by)
        if pinned.scenario or not isinstance(decision, Decision):
            continue
        day = decision.case.day
        (year,) = [
            one
            for one in site().shared["years"]
            if (one.stretch.first or date.min) <= day <= (one.stretch.last or date.max)
        ]
        told = [decision.answers[name] for name in ("scope", "route", "protection")]
        leaves = [
            [leaf.decision.answers[one.question] for one in told]
            for leaf in reached(year.tree, decision.case, site().policy)
        ]
        wanted = [(one.answer, one.open_points, one.held) for one in told]
        found = [[(one.answer, one.open_points, one.held) for one in leaf] for leaf in leaves]
        if any(one.missing_facts for one in told):
            assert len(found) > 1, f"{pinned.id}: the tree asks for less than the engine"
            continue
        settled += 1
        for leaf in found:
            # What the tree asks beyond the engine tightens a figure or tells which point it is, and no more.
            assert [one for one, *_ in leaf] == [one for one, *_ in wanted], pinned.id
            assert all(set(one) <= set(other) for (_, one, _), (_, other, _) in zip(leaf, wanted, strict=True))
        assert asks_more(year.tree, decision.case.facts) or found == [wanted] * len(found), pinned.id
    assert settled > 100


def asks_more(node: Node, facts: Mapping[str, object]) -> bool:
    """Whether a case comes to a question for a fact that it does not give."""
    if isinstance(node, DecisionLeaf) or facts.get(node.fact) is None:
        return isinstance(node, Ask)
    return any(asks_more(one.to, facts) for one in node.branches if covers(one, facts[node.fact]))


def test_a_table_tells_a_figure_apart_where_one_more_fact_would_tighten_it() -> None:
    """In the summer of 2025 the old rate of an older plan goes on for a year longer than that of a later one."""
    text = " ".join(visible("schools/years/1-april-2025-to-31-august-2025.md").split())
    rate = r"existing rate: more than £6,000; plan \(EHCP\) issued: {} The existing rate is paid in full: {}"
    for issued, last in (
        ("before 1 April 2025", "planned until 31 August 2026"),
        ("from 1 April 2025", "until 31 August 2025"),
    ):
        assert re.search(rate.format(issued, last), text), issued
    assert "existing rate: more than £0 The" not in text, "a fact that changes nothing is not asked for"


def test_what_changed_holds_for_every_pupil_of_its_lines() -> None:
    """Every golden case, under each two decisions, comes by the tree for both to what the engine decides by each."""
    tried = differ = 0
    for change in (one for one in site().shared["changes"] if not one.alike):
        before, after = Decider(change.base), Decider(change.head)
        shown = {leaf for span in change.spans for one in span.differing for leaf in [one.ways[0].leaf]}
        for pinned in every():
            decisions = [decided(pinned.golden, by) for by in (before, after)]
            if pinned.scenario or not all(isinstance(one, Decision) for one in decisions):
                continue
            case = decisions[1].case
            (span,) = [
                one
                for one in change.spans
                if (one.stretch.first or date.min) <= case.day <= (one.stretch.last or date.max)
            ]
            if case.facts != decisions[0].case.facts or case.facts.get("ehcp_issued_on", date.min) > span.stretch.day:
                continue
            wanted = tuple(tuple(changes.told(one).items()) for one in decisions)
            leaves = list(reached(span.tree, case, change.head))
            missing = any(one.missing_facts for decision in decisions for one in decision.answers.values())
            assert missing or asks_more(span.tree, case.facts) or wanted in [leaf.key for leaf in leaves], pinned.id
            words = [[[(name, said[0]) for name, said in one] for one in key] for key in (leaf.key for leaf in leaves)]
            assert missing or all(one == [[(name, said[0]) for name, said in one] for one in wanted] for one in words)
            if len({leaf.key for leaf in leaves}) == 1:
                tried += 1
                differ += wanted[0] != wanted[1]
                assert (leaves[0] in shown) == (wanted[0] != wanted[1]), pinned.id
    assert tried > 60
    assert differ > 30


def test_a_decision_that_changes_no_rule_is_said_to_change_nothing() -> None:
    text = site().pages["policy/changes.md"]
    of = text[text.index("{: #25-00092 }") :]
    assert "Every case is decided as before" in of
    assert "What differs" not in of


def test_every_way_of_the_tree_is_shown_and_ends() -> None:
    for year in site().shared["years"]:
        text = site().pages[year.finding]
        page = Page(text)
        ends = [f"question-{n}" for n in range(1, len(year.questions) + 1)]
        ends += [f"result-{n}" for n in range(1, len(year.results) + 1)]
        assert all(f"{{: #{one} }}" in text for one in ends)
        assert {one[1:] for one in page.hrefs if one.startswith("#")} >= set(ends) - {"question-1"}


def test_a_result_shows_what_repeats_an_earlier_answer_once() -> None:
    """An open point of the first question keeps all others open; where the policy does not decide, they do not arise."""
    for year in site().shared["years"]:
        for text in re.findall(r"<table>.*?</table>", site().pages[year.finding], flags=re.S):
            soup = BeautifulSoup(text, "html.parser")
            said = [row.select("td")[0].get_text() for row in soup.select("tbody tr")]
            opened = [one for one in said if one.startswith("open: ")]
            assert len(opened) == len(set(opened)), text
            if said[0].startswith("It does not"):
                assert len(said) == 2
            if opened[:1] == said[:1]:
                assert said[1:] == ["They stay open with it."]


def test_every_result_for_a_plan_says_that_section_f_must_be_secured() -> None:
    """A budget is no limit to a plan: a school that follows the questions to their end reads it there."""
    for year in site().shared["years"]:
        sections = re.split(r"## Result \d+: ", site().pages[year.finding])[1:]
        for leaf, section in zip(year.results, sections, strict=True):
            plan, says = leaf.decision.case.facts.get("plan"), "The provision in Section F of the plan must be secured"
            known, _, perhaps = section.partition("Where it fits the pupil")
            assert (says in known) == (plan == "ehcp")
            assert (says in perhaps) == (plan is None)


def test_a_page_that_shows_answers_gives_every_caution_that_can_go_with_them() -> None:
    """The pages of each stretch of time, all dates at a glance, and what changed between decisions."""
    routes = re.split(r"^### ", site().pages["schools/timeline.md"], flags=re.M)[1:]
    for year, part in zip(site().shared["years"], routes, strict=False):
        page = site().pages[year.page]
        for one in (one for asked in year.stretch.period.questions.values() for one in asked.cautions):
            if elsewhere(one.id, year.stretch):
                assert one.says not in page + part, "it is about other days"
                continue
            assert page.index(one.says) < page.index("## Who is covered"), "before the first answer"
            assert page.count(one.says) == 1, "each sentence once, with all its paragraphs"
            assert one.says in part
    for change in site().shared["changes"]:
        for span in (span for span in change.spans if span.differing):
            anchor = f"{{: #{words.slug(change.head.as_of)}-{span.stretch.slug} }}"
            part = re.split(r"^##", site().pages["policy/changes.md"].split(anchor)[1], flags=re.M)[0]
            for one in (one for asked in span.stretch.period.questions.values() for one in asked.cautions):
                assert (one.says in part) == (not elsewhere(one.id, span.stretch))


def elsewhere(caution: str, days: PagePeriod) -> bool:
    """Whether a caution is about days before or after the papers, and these days are not."""
    first, last = (loaded(ROOT).parameters[f"papers_{one}_day"][-1][1].value for one in ("first", "last"))
    before, after = (days.first is None or days.first < first), (days.last is None or days.last > last)
    return {"day-before-the-papers": not before, "day-after-the-papers": not after}.get(caution, False)


def test_the_data_of_the_calculator_holds_what_every_caution_says() -> None:
    policy_ = site().policy
    said = {one["says"] for one in calculator.compiled(policy_)["cautions"]}
    every = {one.says for period in policy_.periods for asked in period.questions.values() for one in asked.cautions}
    assert said == every


def test_a_question_says_where_no_other_answer_fits_what_was_answered() -> None:
    asks = [ask for year in site().shared["years"] for ask in year.questions]
    told = sum(site().pages[year.finding].count("it does not fit what you answered") for year in site().shared["years"])
    assert told == sum(not ask.whole for ask in asks) > 0
    assert all(ask.whole for ask in asks if len(ask.branches) > 1 and ask.fact != "element3_rate")


def test_a_condition_on_an_earlier_answer_reads_as_people_say_it() -> None:
    said = {one: " ".join(visible(f"policy/questions/{one}.md").split()) for one in loaded(ROOT).questions}
    assert "the pupil is in scope" in said["protection"]
    assert "the route is not community budget" in said["moderation"]
    assert "the route is one of community budget or school budget" in said["protection"]
    assert "the route is one of SRP average rate or special average rate" in said["amount"]
    assert [one for one, text in said.items() if re.search(r"scope is (in|out of) scope", text)] == []


def test_decisions_without_a_place_in_the_order_stand_apart_from_it() -> None:
    ordered, beside = BeautifulSoup(html("policy/decisions/index.md"), "html.parser").select("table")
    corpus = loaded(ROOT)
    for table, numbers in ((ordered, corpus.order), (beside, corpus.beside)):
        assert [row.th.get_text() for row in table.select("tbody tr")] == list(numbers)


def test_a_value_names_every_file_of_the_rules_that_rests_on_it() -> None:
    for path in (ROOT / "rules").glob("*.yaml"):
        for name in set(re.findall(r"(?<=[ \[]\$)[a-z][a-z0-9_]+\b(?!=)", path.read_text(encoding="utf-8"))):
            text = site().pages[f"policy/parameters/{name}.md"]
            assert "No rule rests on it" not in text, f"{path.name}: {name}"
            if path.stem not in loaded(ROOT).questions:
                assert f"<code>rules/{path.name}</code>" in text


def test_the_pages_of_a_year_carry_its_banner_and_its_open_points() -> None:
    planned = site().pages["schools/years/from-1-september-2026.md"]
    assert "The outcome of 25/00108" in planned
    assert 'class="banner"' not in site().pages["schools/years/2025-to-2026.md"]
    year = site().pages["schools/years/2025-to-2026.md"]
    assert "#a1-rate-of-exactly-6000" in year
    assert 'data-parameter="protected_share_low"' in year


TYPED = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d"
    r"|\b20\d\d-\d\d"
    r"|\b(?:in|since|until|from|by|late|early|before|after) (?:late |early |summer )?20\d\d",
    re.I,
)
#: What is no prose of a page: slots, words by which it is looked for, and the names of a law and of a strategy.
NO_PROSE = re.compile(r"{{.*?}}|{%.*?%}|^tags: .*$|Act 2014|strategy for 2025 to 2028", re.M | re.S)
#: The statement of accessibility tells of its own day, and a test holds that it is recent.
OF_ITS_OWN_DAY = "accessibility-statement.md"


def typed(text: str) -> list[str]:
    """The days, months and years that are typed into the prose of a page."""
    return TYPED.findall(NO_PROSE.sub(" ", text))


def test_no_day_of_a_page_for_schools_is_typed() -> None:
    """A day comes from the policy, so that it moves with it and has its tense."""
    docs, made = ROOT / "docs", Path(school_site.__file__).with_name("templates")
    hand_written = [
        docs / one for page in contents().school_pages for one in (page, f"{page}.j2") if page != OF_ITS_OWN_DAY
    ]
    of_the_engine = ["day-of-change", "find", "made-from", "reader-day", "timeline", "what-has-changed", "year"]
    files = [
        *(one for one in hand_written if one.is_file()),
        *(docs / "_parts").iterdir(),
        *(made / f"{name}.md.j2" for name in of_the_engine),
        docs / "schools" / "_words.yaml",
    ]
    assert len(files) > 35
    assert {path.name: found for path in files if (found := typed(path.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    "prose",
    [
        "From 1 September 2026 it is so.",
        "It began in April 2025.",
        "Since 2025 it is so.",
        "in late 2024",
        "2026-09-01",
    ],
)
def test_a_day_that_is_typed_is_noticed(prose: str) -> None:
    assert typed(prose)
    assert not typed('<li {{ here.since("x_2026") }}>From {{ here.plain("tariff_start") }} it is so (24/00120).</li>')


def test_a_page_for_schools_that_turns_on_the_day_says_which_day_it_takes_for_today() -> None:
    """Without scripts it shows what was so when it was made, so a reader has to see when that was."""
    turning = {name: page for name, page in school_pages().items() if page.select("main [data-first]:not(svg *)")}
    assert len(turning) > 20
    assert [name for name, page in turning.items() if not page.select("main time.reader-day")] == []


#: Pages that tell of today.
TOLD = ("index.md", "bands-and-rates.md", "protection.md", "what-a-school-gets.md", "who-is-covered.md",
        "who-decides.md", "srp-and-special.md", "mapping.md", "one-figure.md", "community-budget.md")  # fmt: skip


#: What a page says of the end of direct payment once its day has passed: that the plan was carried out is a reading.
IN_PLACE = "This site does not know whether the new model is in place. We take it that it is, as planned"


def shown_on(day: date, *pages: str) -> dict[str, str]:
    """Hand-written pages for schools as a reader without scripts sees them on a day, one line each."""
    of_day = Site(site().corpus, site().policy, Today(day), shared=site().shared)
    for name in pages:
        of_day.filled(ROOT / "docs", f"schools/{name}.j2")
    found = {}
    for name, text in of_day.pages.items():
        found[name.removeprefix("schools/")] = seen(text)
    return found


def test_the_pages_for_schools_say_what_is_so_on_the_day_before_on_and_after_each_date() -> None:
    def value(name: str) -> date:
        found = policy(site().corpus).parameter(name, date.max)
        assert found is not None
        return found[1].value

    tariff, protected, budgets, direct = (
        value(one) for one in ("tariff_start", "protection_until", "community_budgets_start", "direct_payment_until")
    )
    pages = {day + timedelta(days=by): shown_on(day + timedelta(days=by), *TOLD)
             for day in {tariff, protected, budgets, value("transition_start"), value("claims_paid_until")}
             for by in (-1, 0, 1)}  # fmt: skip
    for day, page in pages.items():
        rates, kept, first = page["bands-and-rates.md"], page["protection.md"], page["index.md"]
        assert ("We could find no decision on its rates." in rates) is (day < tariff), day
        assert ("This site does not know what the council decided." in rates) is (day >= tariff), day
        assert ("The protection has ended." in kept) is (day > protected), day
        assert ("is expected to go on" in kept) is (day <= protected), day
        assert ("called Communities, have a budget" in first) is (day >= budgets), day
        assert ("Community could opt out" in kept, "Community may opt out" in kept) == (
            day > protected,
            day <= protected,
        )
        assert ("We could find no paper that sets an amount for today" in page["what-a-school-gets.md"]) is (
            day >= tariff
        ), day
        assert ("Nothing has changed yet." in page["srp-and-special.md"]) is (day < tariff), day
        assert ("Whether it still can is open" in page["srp-and-special.md"]) is (day >= tariff), day
        assert ("the level decides, as it was planned" in page["mapping.md"]) is (day >= tariff), day
        assert ("A new plan goes to the Community's budget" in page["who-decides.md"]) is (budgets <= day < tariff), day
        # Each page that tells of today tells of one stretch of time, and of that in which the day lies.
        for one in ("what-a-school-gets.md", "who-is-covered.md"):
            said = re.findall(
                r"(Today's rules|As planned): (.*?)(?: What a school gets| A mainstream school)", page[one]
            )
            here = next(s for s in site().shared["years"] if (s.stretch.first or day) <= day <= (s.stretch.last or day))
            told = "As planned" if day >= tariff else "Today's rules"
            assert said == [(told, lowered(here.stretch.title))], (day, one)
        covered, figure = page["who-is-covered.md"], page["one-figure.md"]
        assert ("whether an old rate followed the pupil" in covered) is (day > protected), day
        assert ("the old rate was to go on until 31 August 2026, or until the new model" in figure) is (
            day > protected
        ), day
        for one in ("index.md", "what-a-school-gets.md", "protection.md", "who-decides.md", "one-figure.md"):
            assert (IN_PLACE in page[one]) is (day > direct), (day, one)
            assert "old rate" not in page[one] or ("until the new model is fully in place" in page[one]), (day, one)
        assert ("1 September 2026 (now)" in page["community-budget.md"]) is (tariff <= day), day


def seen(text: str) -> str:
    """What a reader without scripts sees of a page, in one line."""
    soup = BeautifulSoup(text, "html.parser")
    for one in soup.select("[hidden]"):
        one.decompose()
    return re.sub(r"\s+", " ", soup.get_text())


def test_the_page_of_a_day_of_change_says_in_short_what_is_so_before_and_after_it() -> None:
    (change,) = [one for one in site().shared["days_of_change"] if one.page.endswith("from-1-september-2026.md")]
    told = {}
    for day in (change.last, change.day):
        of_day = Site(site().corpus, site().policy, Today(day), docs=ROOT / "docs", shared=site().shared)
        of_day.made(change.page, "day-of-change.md.j2", change=change, others=[], named=[])
        told[day] = seen(of_day.pages[change.page])
    before, after = told.values()
    for now, then in (
        ("old rate above £6,000 is to keep that rate", "old rate above £6,000 was to keep that rate"),
        ("second year begins on 1 September 2026", "second year began on 1 September 2026"),
        ("Their agreements are to end on 31 August 2026", "Their agreements were to end on 31 August 2026"),
        ("a special school can claim", "a special school could claim"),
        ("It is planned from 1 September 2026", "It was planned from 1 September 2026"),
    ):
        assert [now in before, then in before, now in after, then in after] == [True, False, False, True], now
    assert (IN_PLACE in before, IN_PLACE in after) == (False, True)
    assert "In which order the bands are phased in" in before
    assert "In which order the bands are phased in" in after
    assert "A second look at allocations. What applies from this day is open" in after
    assert "For all others who is covered, how support is paid for and what is protected stay as they were." in after


def test_the_last_day_of_an_agreement_is_not_told_as_over() -> None:
    for day, said in (
        (date(2026, 8, 31), "agreements of SRPs are to end on"),
        (date(2026, 9, 1), "agreements of SRPs were to end on"),
    ):
        assert said in shown_on(day, "srp-and-special.md")["srp-and-special.md"]


def test_what_is_planned_is_not_told_as_the_rules_of_today() -> None:
    planned, before = (site().pages[f"schools/years/{one}.md"] for one in ("from-1-september-2026", "2025-to-2026"))
    assert "These are the rules that were planned for today" in planned
    assert "These are the rules of today" in before
    assert "planned for today" not in before


def test_a_caution_of_some_days_alone_begins_with_them() -> None:
    found = {name: re.findall(r"<strong>([^<]*)\.</strong> The papers do not speak", site().pages[f"schools/{name}.md"])
             for name in ("timeline", "years/before-1-april-2025", "years/from-1-september-2026", "years/2025-to-2026")}  # fmt: skip
    first, last = "Before 1 April 2022", "From 1 April 2028"
    assert list(found.values()) == [[first, last], [first], [last], []]


def test_made_up_pupils_who_come_to_the_same_share_a_row() -> None:
    """On the tariff it no longer matters whether a Community kept the protection, and so no row asks for it."""
    soup = BeautifulSoup(site().pages["schools/what-a-school-gets.md"], "html.parser")
    rows = {
        table.caption.get_text(): [row.th.get_text() for row in table.select("tbody tr")]
        for table in soup.select("table")
    }
    plans = {caption.partition(", ")[2].partition(" (")[0]: [one for one in told if "existing rate: £4,000" in one]
             for caption, told in rows.items()}  # fmt: skip
    kept, opted_out = plans["2025 to 2026"]
    assert "protection kept" in kept
    assert "opted out of protection" in opted_out
    mapped, not_mapped = plans["from 1 September 2026"]
    assert ("protection" in mapped, "Wider Support" in mapped) == (False, True)
    assert "level of adaptation" not in not_mapped


def test_each_decision_says_what_it_did() -> None:
    page = BeautifulSoup(html("schools/what-has-changed.md"), "html.parser").get_text()
    assert "Moves 1.2% of the schools block, about £17.4m, to the high needs block." in page
    assert "Commissions no SRP places for social, emotional and mental health needs." in page
    assert "financial years of which the papers speak" not in page, "no decision set these days"


def test_the_table_of_open_points_says_for_which_days_each_is_open() -> None:
    soup = BeautifulSoup(site().pages["schools/not-decided.md"], "html.parser")
    days = {row.th.get_text(): row.td.get_text(" ", strip=True) for row in soup.table.select("tbody tr")}
    assert days["An existing rate of exactly £6,000"] == "2025 to 2026 (today)"
    assert days["Moderation from September 2026"] == "From 1 September 2026 (today)"
    assert days["The shares of the second year"] == "its entry says"
    told = list(days.values())
    past = next(place for place, one in enumerate(told) if one.startswith("2025 to 2026") and "From" not in one)
    assert not [one for one in told[past:] if "From 1 September 2026" in one], "what is open last comes first"


def test_a_page_for_schools_leads_to_the_list_of_what_is_open_and_to_the_register_for_the_rest() -> None:
    pages = site().pages
    assert 'href="not-decided.html#a1-rate-of-exactly-6000"' in pages["schools/one-figure.md"]
    assert 'id="a1-rate-of-exactly-6000"' in pages["schools/not-decided.md"]
    assert 'href="../policy/open-points.html#a1-rate-of-exactly-6000"' in pages["schools/not-decided.md"]
    assert 'href="../policy/open-points.html#f7-until-fully-implemented"' in pages["schools/one-figure.md"]
    assert "not-decided.html#" not in "".join(text for name, text in pages.items() if name.startswith("policy/"))


def test_a_made_up_pupil_is_shown_with_what_the_engine_decides() -> None:
    """The example of the first question: a plan of May 2024 with £4,000, where the Community kept the protection."""
    before, after = (
        shown_on(day, "what-a-school-gets.md")["what-a-school-gets.md"] for day in (date(2026, 8, 31), date(2026, 9, 1))
    )
    facts = {"decision_date": date(2026, 8, 31), "age": 9, "year_group": 4, "setting": "mainstream", "plan": "ehcp",
             "ehcp_issued_on": date(2024, 5, 1), "element3_rate": 400_000, "community_protection": "kept"}  # fmt: skip
    decision = decide_facts(decider(ROOT, None, "all"), facts, "T-1")
    assert isinstance(decision, Decision)
    kept = [decision.answers["amount"].gives[end] for end in ("protected_low", "protected_high")]
    ends = " to ".join(dict.fromkeys(words.format_money(one) for one in kept))
    assert f"{ends} a year of it goes on, until 31 August 2026" in before
    assert "£7,200 a year, planned until 31 August 2026" in before
    assert "goes on" not in after
    assert "£7,200 a year" not in after


def test_a_part_that_is_sure_to_the_penny_is_told_as_one_amount() -> None:
    """Where a decision sets one share, its two ends are the same."""
    of = Site(loaded(FROZEN), policy(loaded(FROZEN)))
    facts = {"decision_date": date(2026, 8, 31), "age": 9, "year_group": 4, "setting": "mainstream", "plan": "ehcp",
             "ehcp_issued_on": date(2024, 5, 1), "element3_rate": 400_000, "community_protection": "kept"}  # fmt: skip
    decision = decide_facts(decider(FROZEN, None, "all"), facts, "T-1")
    assert isinstance(decision, Decision)
    here, amount = Here("schools/one.md", of.corpus), decision.answers["amount"]
    for ends, said in (((200_000, 300_000), "£2,000 to £3,000 a year"), ((260_000, 260_000), "£2,600 a year")):
        gives = {**amount.gives, "protected_low": ends[0], "protected_high": ends[1]}
        told = replace(decision, answers={**decision.answers, "amount": replace(amount, gives=gives)})
        assert Saying(of).paid(here, told).startswith(f"{said} of it goes on, until 31 August 2026; ")


def test_the_day_of_change_holds_every_pupil_of_its_lines() -> None:
    """Facts that meet a line, decided for the day before and for the day itself, give what the line says."""
    tried = 0
    for change in site().shared["days_of_change"]:
        for differing in change.differing:
            for way in differing.ways:
                facts = {name: value for name, value in way.leaf.decision.case.facts.items() if name != "decision_date"}
                both = [
                    decide_facts(decider(ROOT, None, "all"), {**facts, "decision_date": day}, "T-1")
                    for day in (change.last, change.day)
                ]
                if not all(isinstance(one, Decision) for one in both):
                    continue
                was, now = (
                    {name: one.answers[name].answer for name in ("scope", "route", "protection")} for one in both
                )
                shown = ({name: of.answers[name].answer for name in was} for of in (differing.before, differing.after))
                assert [was, now] == list(shown)
                tried += 1
    assert tried > 20


def test_the_worked_example_of_the_budgets_is_what_the_command_gives() -> None:
    example = site().shared["budget_example"]
    assert [year.year for year in example.years] == [1, 2, 3]
    assert all(sum(row.low for row in year.rows) <= example.pot <= sum(row.high for row in year.rows)
               for year in example.years)  # fmt: skip
    text = html("schools/community-budget.md")
    assert "£898,840 to £909,809" in text  # 75% of £912,000, and between the least and most of 25% by the formula.
    assert len(BeautifulSoup(text, "html.parser").select("svg[aria-labelledby=budgets-title] rect")) == 9


def test_the_timeline_says_in_words_what_its_picture_shows() -> None:
    text = site().pages["schools/timeline.md"]
    assert '<title id="timeline-title">' in text
    described = re.search(r"<desc[^>]*>(.*?)</desc>", text)[1]
    assert "Tariff: From 1 September 2026 (planned)." in described
    late = "2025 to 2026; From 1 September 2026 (if the plan is not in place)."
    assert f"Special average rate: Before 1 April 2025; 1 April 2025 to 31 August 2025; {late}" in described
    assert f"Direct existing rate: 1 April 2025 to 31 August 2025; {late}" in described
    assert "School budget: Before 1 April 2025; 1 April 2025 to 31 August 2025; 2025 to 2026; From" in described
    early = "1 April 2025 to 31 August 2025 (only where the Community starts on 1 April 2025 (early adopter))"
    assert f"Community budget: {early}; 2025 to 2026; From 1 September 2026 (planned)." in described
    drawn = BeautifulSoup(text, "html.parser").select_one("svg")
    kinds = ["bar", "some", "planned"]
    bars = {kind: len(drawn.select(f"rect.{kind}")) for kind in kinds}
    assert bars == {"bar": 6, "some": 2, "planned": 6}
    table = {row.th.get_text(): [one.get_text() for one in row.select("li")]
             for row in BeautifulSoup(text, "html.parser").table.select("tbody tr")}  # fmt: skip
    assert described == " ".join(f"{route}: {'; '.join(when)}." for route, when in table.items())
    assert len(drawn.select("g[data-first]:not([hidden])")) == 1, "today lies in one stretch of time"


def test_the_parts_of_a_drawing_make_a_whole() -> None:
    drawn = 0
    for name in ("community-budget", "protection"):
        for svg in BeautifulSoup(html(f"schools/{name}.md"), "html.parser").select("svg:has(rect.part)"):
            rows: dict[str, Decimal] = {}
            for part in svg.select("rect.part"):
                assert Decimal(part["x"].rstrip("%")) == rows.get(part["y"], 0), "each begins where the last ends"
                rows[part["y"]] = rows.get(part["y"], Decimal(0)) + Decimal(part["width"].rstrip("%"))
            assert set(rows.values()) == {100}
            drawn += len(rows)
    assert drawn == 5


def test_the_comments_of_the_consultation_are_counted_by_the_councils_marks() -> None:
    page = BeautifulSoup(html("schools/what-schools-said.md"), "html.parser")
    rows = {row.th.get_text(): row.select("td")[-1].get_text() for row in page.select("table")[-1].select("tbody tr")}
    assert rows == {"Mark 1": "26", "Mark 2": "71", "Mark 3": "13"}
    assert all(f"{mark}: {count} comments" in page.svg.get_text() for mark, count in rows.items())


def test_the_page_on_how_it_is_built_has_every_room_and_the_core() -> None:
    text = site().pages["explanation/architecture.md"]
    engine = ROOT / "engine" / "senpolicy"
    assert [path.name for path in engine.glob("*.py") if path.name != "__init__.py"] == [], "no module lies flat"
    rooms = {path.parent.name for path in engine.glob("*/__init__.py")}
    assert {room for room in rooms if f"<code>{room}</code>" not in text} == set()
    assert "`engine/senpolicy_board/`" in text
    core = {name.removesuffix(".py") for name in CORE}
    assert {one for one in core if f"<code>{one}</code>" not in text} == set()
    named = set(re.findall(r"<code>([a-z]+(?:/[a-z_]+)+)</code>", text))
    there = {
        one for one in named if (engine / f"{one}.py").is_file() or (engine / one).is_dir() or (ROOT / one).is_dir()
    }
    assert named - there == set(), "a module of the engine, a room, or a folder of the repository"


def test_every_command_option_and_code_has_its_place() -> None:
    text = site().pages["reference/commands.md"]
    group = get_command(every_command())
    assert [name for name in group.commands if f"## {name} {{:" not in text] == []
    options = {one for command in group.commands.values() for param in command.params for one in param.opts}
    assert [
        one
        for one in options
        if one.startswith("--") and one != "--help" and f"<code>{one}" not in text and f", {one}" not in text
    ] == []
    assert [name for name in codes() if f"reference/problems/{name}.md" not in site().pages] == []


def test_every_fact_and_kind_of_file_has_its_place() -> None:
    corpus = loaded(ROOT)
    assert [name for name in corpus.facts.facts if f"{{: #{name} }}" not in site().pages["reference/facts.md"]] == []
    assert "policy/*/parameters.yaml" in site().pages["reference/files.md"]
    assert 'data-label="What it holds"></td>' not in site().pages["reference/files.md"]
    assert "community budget" in site().pages["reference/glossary.md"]


def test_every_link_and_every_place_on_a_page_is_there() -> None:
    """Links in Markdown are checked by MkDocs too; those in HTML tables are not."""
    pages = {name: Page(html(name)) for name in site().pages}
    ids = {name: {*page.ids, ""} for name, page in pages.items()}
    further = {*site().files, *(f"assets/calculator/{one}" for one in ("policy.js", *calculator.FILES))}
    wrong = []
    for name, page in pages.items():
        for href in page.hrefs:
            if re.match(r"[a-z]+:", href):
                continue
            path, _, place = href.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            target = target if target in further else re.sub(r"\.html$", ".md", target)
            if target not in further and (target not in ids or place not in ids[target]):
                wrong.append(f"{name}: {href}")
    assert wrong == []


def visible(name: str) -> str:
    """What a page says, without code and names of files."""
    soup = BeautifulSoup(html(name), "html.parser")
    for one in soup.select("code, pre, script, style"):
        one.decompose()
    return soup.get_text(" ")


#: What the house style of GOV.UK does not say, and what it says instead.
UNWANTED = {
    r"\bin order to\b": "to",
    r"\butili[sz]e": "use",
    r"\bleverag": "use",
    r"\bfacilitat": "help",
    r"\bplease\b": "nothing",
    r"\be\.?g\.?(?=[\s,])": "for example",
    r"\bi\.e\.|\bie\b": "that is",
    r"\betc\b": "what else there is",
    r"\bprior to\b": "before",
    r"\bin respect of\b": "about",
    r"\bcommence": "start",
    r"(?<![\d/.-])20\d\d[-/\u2013](20)?\d\d(?![\d-])": "2025 to 2026",
    r"£[\d,]+\.00\b": "£3,500",
    r"£\d{4,}": "£3,500",
    r"£ \d": "£3,500",
    r"\b\d{1,2}(st|nd|rd|th) (of )?[A-Z][a-z]+": "1 April",
    r"\b\d{1,2}/\d{1,2}/\d{2,4}\b": "1 April 2025",
    r"\b\d+ percent\b|\bper cent of\b": "%",
    r"\bclick here\b": "words that say where a link leads",
}


#: A slip of a paper, quoted as it stands there.
QUOTED = "'2025-25'"


def test_no_page_uses_words_and_forms_that_the_house_style_does_not() -> None:
    found = []
    for name in site().pages:
        if not name.startswith(("decisions/", "reference/problems/")):
            text = visible(name)
            found += [
                f"{name}: '{one[0]}': write {instead}"
                for pattern, instead in UNWANTED.items()
                for one in [re.search(pattern, text)]
                if one
            ]
    assert [one for one in found if QUOTED not in one] == []


OLDEST = 12


def syllables_of(word: str, hyphens: pyphen.Pyphen) -> int:
    """The greater of two counts: places at which a line may break, which are too few, and groups of vowels that sound."""
    sounding = re.sub(r"(?:[^laeiouy]es|[^dt]ed|[^laeiouy]e)$", lambda end: end[0][0], word.lower().strip("'\u2019-"))
    return max(len(hyphens.positions(word)) + 1, len(re.findall(r"[aeiouy]+", sounding)))


def reading_age(text: str) -> float:
    """The age by which a text can be read, by the grade of Flesch and Kincaid."""
    hyphens = pyphen.Pyphen(lang="en_GB")
    sentences = [one for one in re.split(r"(?<=[.!?])\s+|\n", text) if re.search(r"[A-Za-z]{2}", one)]
    words = re.findall(r"[A-Za-z][A-Za-z'\u2019-]*", text)
    syllables = sum(syllables_of(word, hyphens) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59 + 5


def body(name: str) -> str:
    """The running text of a page, a paragraph or item a line; what is too short for a sentence is left out."""
    soup = BeautifulSoup(html(name), "html.parser")
    for one in soup.select("pre, svg, table, .made-from, .source, .soft"):
        one.decompose()
    lines = [one.get_text(" ", strip=True) for one in soup.select("p, li, dd") if not one.find(["p", "li"])]
    return "\n".join(re.sub(r"\s+", " ", one) for one in lines if len(one.split()) > 5)


def test_pages_for_schools_can_be_read_at_twelve() -> None:
    pages = contents().school_pages
    assert len(pages) > 30
    ages = {name: round(reading_age(body(name)), 1) for name in pages}
    assert {name: age for name, age in ages.items() if age > OLDEST} == {}


def test_reading_age_tells_plain_words_from_others() -> None:
    plain = "The school pays the first part. The council pays the rest."
    other = "Notwithstanding the aforementioned considerations, responsibility for remuneration remains predominantly institutional."
    assert reading_age(plain) < 10 < 20 < reading_age(other)
