"""The site as it was built: every figure is the one in the YAML, and every link leads somewhere.

`make docs-test` runs this on build/site, `make zensical` on its own; `--site` names another folder. The YAML is read
here by rules of the test's own, as text, so that a fault of the engine's reader or of a page cannot hide.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from html import unescape
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.site

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MONEY = re.compile(r"£[0-9][0-9,]*(?:\.[0-9]+)?(?: ?(?:million|m|k)\b)?")
SHARE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?%")
DAY = re.compile(r"\b([0-9]{1,2}) (" + "|".join(MONTHS) + r") ([0-9]{4})\b")


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest) -> Path:
    folder = Path(request.config.getoption("--site") or ROOT / "build" / "site")
    assert (folder / "index.html").is_file(), f"No site was built in {folder}: make docs"
    return folder


@cache
def texts(built: Path) -> dict[str, str]:
    """Each page as it was built."""
    return {
        path.relative_to(built).as_posix(): path.read_text(encoding="utf-8") for path in sorted(built.rglob("*.html"))
    }


@cache
def pages(built: Path) -> dict[str, BeautifulSoup]:
    """The article of each page, without what the theme puts round it; parsing that too would take a minute."""
    found = {name: re.search(r"<article\b.*</article>", text, re.S) for name, text in texts(built).items()}
    return {name: BeautifulSoup(one[0], "html.parser") for name, one in found.items() if one}


def marks(text: str, name: str) -> list[str]:
    """The values of an attribute in a page, in their order."""
    return [unescape(one.strip("\"'")) for one in re.findall(rf"\s{name}=(\"[^\"]*\"|'[^']*'|[^\s>\"']+)", text)]


# The YAML, as text


@cache
def plain(path: str) -> object:
    """A file of the policy, every scalar as it is written."""
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def at(path: str, place: str) -> str:
    found = plain(path)
    for step in place.split("|"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    assert isinstance(found, str)
    return found


@cache
def set_by() -> dict[tuple[str, str], tuple[str, str]]:
    """For each parameter and decision the unit and the value, as they are written; "null" for none."""
    found = {}
    for path in sorted((ROOT / "policy").glob("*/parameters.yaml")):
        number = plain(str(path.with_name("decision.yaml").relative_to(ROOT)))["number"]
        for name, one in plain(str(path.relative_to(ROOT)))["parameters"].items():
            value = one["value"]
            found[name, number] = (one["unit"], " ".join(value) if isinstance(value, list) else value)
    return found


# What a page says, read back


def number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def means(shown: str, unit: str) -> object:
    """What a figure on a page says in the unit of the file, as a number, a day or words; None where it says nothing."""
    shown = shown.removesuffix(" a year")
    if unit == "levels":
        return shown.lower().replace(" or ", ", ")
    if unit == "text" and shown != "not held":
        return number(shown) if re.fullmatch(r"[0-9][0-9,.]*", shown) else shown
    if shown == "not held":
        return "nothing"
    if found := DAY.fullmatch(shown):
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])).isoformat()
    if found := re.fullmatch(r"(-?)£([0-9,.]+)( million)?", shown):
        wanted = {"pounds": "", "pounds_a_year": "", "million_pounds": " million"}
        return number(found[1] + found[2]) if (found[3] or "") == wanted.get(unit) else None
    if found := re.fullmatch(r"([0-9,.]+)%", shown):
        return number(found[1]) / {"share": 100, "per_cent": 1}[unit]
    if shown in ("nursery", "Reception"):
        return Fraction({"nursery": -1, "Reception": 0}[shown])
    if found := re.fullmatch(r"(?:Year )?(-?[0-9][0-9,.]*)(?: (?:years?|weeks?))?", shown):
        return number(found[1])
    return shown


def written(value: str, unit: str) -> object:
    """What the file says, to be held against `means`."""
    if value in ("null", "~", ""):
        return "nothing"
    if unit == "levels":
        return ", ".join(one.replace("_", " ") for one in value.split(" "))
    if unit == "text":
        # A span of years is written in the style of the house.
        value = re.sub(r"\b(20[0-9]{2})-(?:20)?([0-9]{2})\b", r"\1 to 20\2", value)
        if "/" in value:  # It is shown as the paper prints it, and is no number to be worked out.
            return value
    try:
        return number(value)
    except ValueError:
        return value


@dataclass(frozen=True)
class Shown:
    """A marked figure of a page: where it stands in the files, what is behind it, and what is written."""

    page: str
    address: tuple[str, ...]
    unit: str
    value: str
    text: str


def figures(built: Path) -> list[Shown]:
    return [
        Shown(page, address(one.attrs), one.get("data-unit", ""), one["value"], one.get_text())
        for page, soup in pages(built).items()
        for one in soup.find_all("data")
    ]


def address(marks: dict[str, str]) -> tuple[str, ...]:
    if "data-parameter" in marks:
        return ("parameter", marks["data-parameter"], marks.get("data-decision", ""))
    if "data-worked-out" in marks:
        return ("worked out", marks["data-file"], marks["data-worked-out"])
    return ("file", marks["data-file"], marks["data-at"])


def in_the_files(shown: Shown) -> list[tuple[str, str]]:
    """The unit and the value of a figure as the files have it; several for a parameter that names no decision."""
    kind, *rest = shown.address
    if kind == "parameter":
        name, number_ = rest
        return [found for (one, by), found in set_by().items() if one == name and number_ in ("", by)]
    if kind == "worked out":
        return [(shown.unit, f"{worked_out(*rest)}")]
    return [(shown.unit, at(*rest))]


def worked_out(path: str, place: str) -> Decimal:
    """A figure worked out again: names, numbers and + - * / ( ) of the file, as fractions."""
    one = plain(path)["figures"][int(place)]
    assert re.fullmatch(r"[a-z0-9_ .()+*/-]+", one["arithmetic"])
    exact = re.sub(r"\b[0-9]+(?:\.[0-9]+)?\b", lambda found: f"Fraction('{found[0]}')", one["arithmetic"])
    terms = {name: Fraction(value) for name, value in one["terms"].items()}
    result = eval(exact, {"__builtins__": {}, "Fraction": Fraction}, terms)
    step = Fraction(one["rounding"].get("to", "0.01"))
    whole = int(result / step + Fraction(1, 2)) * step
    return Decimal(whole.numerator) / Decimal(whole.denominator)


def wrong(shown: Shown) -> str | None:
    """What is wrong with a figure, None where the page says what the file says."""
    held = in_the_files(shown)
    if not any(means(shown.text, unit) == written(value, unit) for unit, value in held):
        return f"{shown.page}: {shown.address} is shown as '{shown.text}', and is {held}"
    if not any(written(shown.value, unit) == written(value, unit) for unit, value in held):
        return f"{shown.page}: behind '{shown.text}' stands {shown.value}, and not {held}"
    return None


def test_every_marked_figure_is_the_one_in_the_yaml(built: Path) -> None:
    """What is written on the page, and the value behind it."""
    shown = figures(built)
    assert [said for one in shown for said in [wrong(one)] if said] == []
    assert len(shown) > 600


def test_every_value_and_recorded_figure_stands_on_a_page(built: Path) -> None:
    """None is left out: each value of a decision, and each recorded figure of every record."""
    seen = {one.address for one in figures(built)}
    wanted = {("parameter", *one) for one in set_by()}
    for path in ["policy/figures.yaml", "policy/margins.yaml", *(
        str(one.relative_to(ROOT)) for name in ("consultation", "strategy") for one in (ROOT / "policy").glob(f"*/{name}.yaml")
    )]:  # fmt: skip
        wanted |= {("file", path, place) for place in recorded_places(path)}
    assert len(wanted) > 300
    assert sorted(wanted - seen) == []


#: The keys of a record below which a figure stands.
HOLDS = ("value", "stated", "derived", "total", "pupils", "points", "count")


def recorded_places(path: str) -> Iterator[str]:
    """Where the figures of a record stand."""

    def walk(node: object, place: tuple[str, ...]) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from walk(value, (*place, key))
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from walk(value, (*place, str(index)))
        elif (
            node not in ("null", "true", "false")
            and place[-1] != "step"
            and (place[-1] in HOLDS or {"terms", "into", "between"} & set(place[-2:-1]))
        ):
            yield "|".join(place)

    return walk(plain(path), ())


def test_a_figure_that_is_changed_in_the_yaml_is_noticed(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value is changed alone, as a slip of the hand would: the pages that show it no longer agree."""
    by_address: dict[tuple[str, ...], Shown] = {}
    for one in figures(built):
        by_address.setdefault(one.address, one)
    unnoticed = []
    for one in by_address.values():
        held = in_the_files(one)
        monkeypatch.setitem(
            globals(), "in_the_files", lambda _, held=held: [(unit, slipped(value)) for unit, value in held]
        )
        if wrong(one) is None:
            unnoticed.append(one.address)
        monkeypatch.undo()
    assert len(by_address) > 300
    assert unnoticed == []


def slipped(value: str) -> str:
    """A value with its last digit raised by one; a word where there is none."""
    digits = [place for place, one in enumerate(value) if one.isdigit()]
    if not digits:
        return "1" if value in ("null", "~", "") else f"{value}_more"
    last = digits[-1]
    return f"{value[:last]}{(int(value[last]) + 1) % 10}{value[last + 1 :]}"


# Figures within sentences


@cache
def amounts_in_the_files() -> set[str]:
    """Every amount, share and day that a file of the policy or a golden case holds, as a page may write it."""
    found: set[str] = set()
    for folder in ("policy", "rules", "descriptors", "tests/golden"):
        for path in (ROOT / folder).rglob("*.yaml"):
            for one in scalars(plain(str(path.relative_to(ROOT)))):
                found |= set(amounts(one))
                found |= set(as_amounts(one))
    return found


def scalars(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from scalars(value)
    elif isinstance(node, list):
        for value in node:
            yield from scalars(value)
    else:
        yield str(node)


def as_amounts(value: str) -> Iterator[str]:
    """A plain number as pounds, millions and per cent; a day, and those on both sides of it."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        for days in (-1, 0, 1):
            day = date.fromisoformat(value) + timedelta(days=days)
            yield f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    elif re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        exact = Decimal(value)
        for mark, scaled in (
            ("£{}", exact),
            ("£{} million", exact),
            ("{}%", exact),
            ("{}%", exact * 100),
            ("£{} million", exact / 1_000_000),
        ):
            yield mark.format(tidy(scaled))


def tidy(value: Decimal) -> str:
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}0" if re.search(r"\.[0-9]$", text) and value < 0 else text


def amounts(text: str) -> Iterator[str]:
    """Every amount, share and day of a text, each in one form."""
    for one in MONEY.findall(text):
        yield re.sub(r" ?m(illion)?$", " million", re.sub(r"\.00$", "", one.rstrip(",")))
    yield from SHARE.findall(text)
    for found in DAY.finditer(text):
        yield found[0]


#: Pages whose figures are examples, and say so: a pupil made up to learn by, an amount of a message, a benchmark.
EXAMPLES = (
    "tutorials/",
    "how-to/",
    "reference/",
    "decisions/",
    "explanation/",
    "calculator.html",
    "accessibility-statement.html",
    "404.html",
)


def test_no_amount_share_or_day_in_a_sentence_is_one_that_no_file_holds(built: Path) -> None:
    """Figures that are not marked too: whatever a page for schools, of the policy or of trust says is in the files."""
    found = []
    for name, soup in pages(built).items():
        if name.startswith(EXAMPLES):
            continue
        said = [
            one
            for one in soup.find_all(string=True)
            if not one.find_parent(["code", "pre", "script", "style", "data", "time"])
            # A pupil, a claim or a pot that is made up says so.
            and not one.find_parent(class_="made-up")
        ]
        text = " ".join(said)
        found += [f"{name}: {one}" for one in amounts(re.sub(r"\s+", " ", text)) if one not in amounts_in_the_files()]
    assert found == []


# Links, ids, hosts


def test_every_link_and_place_is_there(built: Path) -> None:
    ids = {name: {"", *marks(text, "id")} for name, text in texts(built).items()}
    files = {path.relative_to(built).as_posix() for path in built.rglob("*")}
    gone, followed = [], 0
    for name, text in texts(built).items():
        for href in marks(text, "href"):
            if re.match(r"[a-z]+:", href):
                continue
            path, _, place = href.partition("#")
            start = "" if path.startswith("/") else posixpath.dirname(name)
            key = posixpath.normpath(posixpath.join(start, path.lstrip("/"))) if path else name
            key = posixpath.normpath(f"{key}/index.html") if path.endswith("/") or key == "." else key
            followed += 1
            if key not in files or (key in ids and place not in ids[key]):
                gone.append(f"{name}: {href}")
    assert gone == []
    assert followed > 5000


def test_without_an_address_there_is_no_site_map(built: Path) -> None:
    """An empty one would tell a search engine that there are no pages. What another builder writes is its own."""
    if built == ROOT / "build" / "site":
        assert not list(built.glob("sitemap*"))


def test_no_id_stands_twice_on_a_page(built: Path) -> None:
    twice = {
        f"{name}: {one}"
        for name, soup in pages(built).items()
        for one, times in Counter(tag["id"] for tag in soup.select("[id]")).items()
        if times > 1
    }
    assert twice == set()


def test_tables_have_captions_and_heads_have_scopes(built: Path) -> None:
    wrong_tables = []
    for name, soup in pages(built).items():
        for table in soup.select("table"):
            heads = table.select("th")
            if table.caption is None or not heads or any(one.get("scope") not in ("row", "col") for one in heads):
                wrong_tables.append(f"{name}: {table.get_text(' ', strip=True)[:60]}")
    assert wrong_tables == []


def test_drawings_have_a_title_and_a_description(built: Path) -> None:
    drawn = [(name, one) for name, soup in pages(built).items() for one in soup.select("svg[role=img]")]
    assert {name for name, _ in drawn} >= {"schools/timeline.html"}
    for name, one in drawn:
        ids = [one["aria-labelledby"], one["aria-describedby"]]
        assert [tag.get("id") for tag in one.find_all(["title", "desc"])] == ids, name
        assert all(tag.get_text(strip=True) for tag in one.find_all(["title", "desc"])), name
