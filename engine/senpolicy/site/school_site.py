"""The site for schools, families and governors: whole small pages of HTML, with a navigation and search of their own.

The pages that mkdocs.yml lists under `extra: schools:` are made here, so that they need none of the theme's weight and
can be read from a folder as they are. MkDocs takes them for ready files and builds the handbook round them.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import markdown
import yaml
from markupsafe import Markup, escape
from pydantic import ValidationError

from senpolicy.files.models.rules import Model, Source
from senpolicy.files.problems import WrongUse
from senpolicy.site import look
from senpolicy.site.navigation import Contents, Entry
from senpolicy.site.pages import TEMPLATES, Site

ASSETS = Path(__file__).with_name("assets")
FOLDER = "assets/schools"
#: What each page loads, and what its search loads once somebody types.
FILES = ("school-site.css", "school-site.js")
INDEX = "search.js"

_MARKDOWN_LINK = re.compile(r'(\]\(|href=")([^)\s":]*?)\.(md|html)(#[^)\s"]*)?(?=[)"])')
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
#: Where no word is linked to its meaning: in a link already, in a head, in a name, in what is drawn or typed, and in
#: what is not so on the day on which the page is made.
_UNLINKED = frozenset({"a", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "th", "dt", "svg", "code", "pre", "script",
                       "style", "button", "label", "summary", "strong", "hidden"})  # fmt: skip
#: What a search does not read.
_UNREAD = frozenset({"svg", "script", "style", "noscript"})


class Word(Model):
    """A word of the field that the pages for schools explain, as docs/schools/_words.yaml has it.

    `forms` are as it is written on a page, and `id` is its place on the page of words. What it means is said here,
    or by the id `defined` in a record of the policy. `point` and `page` lead further, the latter in the words of `see`.
    """

    id: str
    forms: list[str]
    term: str = ""
    says: str = ""
    defined: str = ""
    source: tuple[Source, ...] = ()
    point: str = ""
    page: str = ""
    see: str = ""


def words_of(docs: Path) -> list[Word]:
    """Return the words that the pages for schools explain, none without a file; raises `WrongUse` for a faulty one."""
    file = docs / "schools" / "_words.yaml"
    if not file.is_file():
        return []
    try:
        return [Word.model_validate(one) for one in yaml.safe_load(file.read_text(encoding="utf-8"))["words"]]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"])
        raise WrongUse(f"A word of {file} is not as it has to be: {where}: {first['msg']}.") from error


@dataclass(frozen=True)
class SchoolPage:
    """A page of the schools' site: its path, its heading, its text, and its parts by their place and heading.

    `description` tells what a reader finds there, `short` is its name in the navigation, `tags` are words by which it
    is looked for, and `boost` says how much the search makes of it. `lists_parts`: a long page lists its parts.
    """

    name: str
    heading: str
    body: str
    sections: tuple[tuple[str, str], ...]
    description: str = ""
    short: str = ""
    tags: tuple[str, ...] = ()
    boost: float = 1.0
    lists_parts: bool = True

    @property
    def address(self) -> str:
        """Return the address below the site's root."""
        return f"{self.name.removesuffix('.md')}.html"

    def to(self, other: str) -> str:
        """Return the way from this page to another page or file of the site."""
        return posixpath.relpath(re.sub(r"\.md$", ".html", other), posixpath.dirname(self.name) or ".")


def files(site: Site, of: Contents) -> dict[str, bytes]:
    """Return every file of the schools' site by its path: pages, what they load, and what their search reads.

    Raises `WrongUse` for a page that mkdocs.yml lists and nobody has written, for one without a heading or a
    description, or with that of another.
    """
    for name in of.school_pages:
        if name not in site.pages:
            raise WrongUse(f"mkdocs.yml lists '{name}' as a page for schools, and docs/ has no such page. Write it.")
    found = [_page(name, site.pages[name]) for name in of.school_pages]
    _told_apart(found)
    words: list[Word] = site.shared["meanings"]
    template = _template()
    made: dict[str, bytes] = {}
    for page in found:
        words_page = page.to(WORDS) if page.name != WORDS else ""
        body = with_meanings(page.body, words, words_page) if words_page else page.body
        groups = [(title, [(page.to(one), _short(found, one), one == page.name) for one in pages])
                  for title, pages in _groups(of.schools)]  # fmt: skip
        above, end, below = body.partition("</h1>")
        text = template.render(page=page, of=of, heading=Markup(above + end), body=Markup(below), groups=groups,
                               folder=FOLDER, index=INDEX)  # fmt: skip
        made[page.address] = text.encode()
    for name in FILES:
        own = (ASSETS / name).read_text(encoding="utf-8")
        made[f"{FOLDER}/{name}"] = (look.colours() + own if name.endswith(".css") else own).encode()
    made[f"{FOLDER}/{INDEX}"] = _index(found).encode()
    return made


#: The page on which the words of the field are explained.
WORDS = "schools/words.md"


def handbook(site: Site, of: Contents) -> dict[str, str]:
    """Return the pages of the handbook by their path, with links to pages of the schools' site as to ready files."""
    own = set(of.school_pages)
    return {name: _to_ready_pages(name, text, own) for name, text in site.pages.items() if name not in own}


def _to_ready_pages(name: str, text: str, own: set[str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), f"{found[2]}.md"))
        return f"{found[1]}{found[2]}.html{found[4] or ''}" if target in own else found[0]

    return _MARKDOWN_LINK.sub(replaced, text)


def _page(name: str, text: str) -> SchoolPage:
    head = re.match(r"---\n(.*?)\n---\n", text, re.S)
    about = (yaml.safe_load(head[1]) if head else None) or {}
    made = markdown.markdown(text[head.end() :] if head else text, extensions=["attr_list", "md_in_html", "toc"])
    body = _MARKDOWN_LINK.sub(lambda found: f"{found[1]}{found[2]}.html{found[4] or ''}", made)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", body, re.S)
    if heading is None:
        raise WrongUse(f"The page '{name}' has no heading. Begin it with a line such as '# Who decides?'.")
    sections = tuple((id_, _plain(name)) for id_, name in re.findall(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', body, re.S))
    title = _plain(heading[1])
    return SchoolPage(
        name,
        title,
        body,
        sections,
        description=about.get("description", ""),
        short=about.get("short", title),
        tags=tuple(str(one) for one in about.get("tags", ())),
        boost=about.get("search", {}).get("boost", 1.0),
        lists_parts="hide" not in about,
    )


def _told_apart(pages: Sequence[SchoolPage]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for page in pages:
        for what, text in (("heading", page.heading), ("description", page.description)):
            if not text:
                raise WrongUse(f"The page '{page.name}' has no {what}. Say in a line what a reader finds there.")
            other = seen.setdefault((what, text), page.name)
            if other != page.name:
                raise WrongUse(f"The pages '{other}' and '{page.name}' have the same {what}. Tell them apart.")


def _groups(nav: Sequence[Entry]) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of a navigation in their order, each with its pages; no title for those outside of any."""
    alone: list[str] = []
    for entry in nav:
        if isinstance(entry, dict):
            if alone:
                yield "", alone
                alone = []
            title, value = next(iter(entry.items()))
            yield title, [one for one in ([value] if isinstance(value, str) else value) if isinstance(one, str)]
        else:
            alone.append(entry)
    if alone:
        yield "", alone


def _short(pages: Sequence[SchoolPage], name: str) -> str:
    return next(one.short for one in pages if one.name == name)


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("school-site.html.j2")


class _Pieces(HTMLParser):
    """Takes a page apart into its tags and texts, each text with the tags in which it stands."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[tuple[str, bool, tuple[str, ...]]] = []
        self._within: list[str] = []
        self._hidden: list[int] = []
        self.feed(text)
        self.close()

    def _put(self, piece: str, *, text: bool = False) -> None:
        self.pieces.append((piece, text, (*self._within, *(["hidden"] if self._hidden else []))))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._put(self.get_starttag_text() or "")
        if tag not in _VOID:
            if "hidden" in dict(attrs):
                self._hidden.append(len(self._within))
            self._within.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._put(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            while self._within.pop() != tag:
                pass
            self._hidden = [depth for depth in self._hidden if depth < len(self._within)]
        self._put(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._put(data, text=True)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};", text=True)

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};", text=True)

    def handle_comment(self, data: str) -> None:
        self._put(f"<!--{data}-->")


def with_meanings(body: str, words: Sequence[Word], words_page: str) -> str:
    """Return a page with each word of the field linked to its meaning where the word first stands.

    >>> with_meanings("<h1>An SRP</h1><p>An SRP, and an SRP.</p>", [Word(id="srp", forms=["SRP"])], "words.html")
    '<h1>An SRP</h1><p>An <a class="word" href="words.html#srp">SRP</a>, and an SRP.</p>'
    """
    left = {form: one.id for one in words for form in one.forms}
    # The longest form is looked for first, and each at every place: a word within another is never taken for it.
    forms = "|".join(re.escape(one) for one in sorted(left, key=len, reverse=True))
    done = []
    for piece, text, within in _Pieces(body).pieces:
        if not text or not left or _UNLINKED & set(within):
            done.append(piece)
            continue
        said, place = [], 0
        for found in re.finditer(rf"(?<![\w-])(?:{forms})(?![\w-])", piece):
            anchor = left.get(found[0])
            if anchor is None:
                continue
            for form in [form for form, of in left.items() if of == anchor]:
                del left[form]
            said.append(piece[place : found.start()])
            said.append(f'<a class="word" href="{words_page}#{anchor}">{found[0]}</a>')
            place = found.end()
        done.append("".join([*said, piece[place:]]))
    return "".join(done)


def _index(pages: Iterable[SchoolPage]) -> str:
    """Return the script that holds what the search reads; a script, since a page in a folder may not fetch a file."""
    rows = []
    for page in pages:
        body = re.sub(r"<h1[^>]*>.*?</h1>", "", page.body, flags=re.S)
        headings = " ".join(_plain(one) for one in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", body, re.S))
        read = " ".join(piece for piece, text, within in _Pieces(body).pieces if text and not _UNREAD & set(within))
        texts = [page.heading, page.description, " ".join(page.tags), headings, " ".join(unescape(read).split())]
        rows.append([page.address, *texts, page.boost])
        # Who looks for a word reads its meaning among the results.
        for place, term, meaning in re.findall(r'<dt id="([^"]+)">(.*?)</dt>\s*<dd>(.*?)</dd>', page.body, re.S):
            says = _plain(re.sub(r'<span class="source">.*?</span>', "", meaning, flags=re.S))
            rows.append([f"{page.address}#{place}", _plain(term), says, "", "", "", page.boost])
    return f"window.schoolSearch = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"


def _plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", markup)).split())


def sitemap(address: str, pages: Iterable[str]) -> str:
    """Return the map of a site that is served at `address`, from the paths of its pages below it."""
    places = [f"  <url><loc>{escape(address.rstrip('/'))}/{one}</loc></url>" for one in pages]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join([head, *places, "</urlset>", ""])
