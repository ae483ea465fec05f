"""The pages of the site: hand-written ones with their slots filled, and those made from the policy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from senpolicy.files.problems import WrongUse, did_you_mean
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import lowered
from senpolicy.site import html, record_rows, rows, words
from senpolicy.site.addresses import OPEN_FOR_SCHOOLS, Here
from senpolicy.site.tables import with_captions
from senpolicy.site.today import Today, present

TEMPLATES = Path(__file__).with_name("templates")

#: What every template can use, beside what is particular to a page.
PIECES: dict[str, Any] = {
    "table": html.table,
    "items": html.items,
    "joined": html.joined,
    "figure": html.figure,
    "format_value": words.format_value,
    "format_range": words.format_range,
    "format_days": words.format_days,
    "stretch": words.format_stretch,
    "heading_of": words.heading,
    "Markup": Markup,
    "one_day": timedelta(days=1),
    "is_year": lambda one: bool(one.first and one.last and words.is_school_year(one.first, one.last)),
}

#: How much a search makes of a folder's pages beside others: what people ask first, then what makes up the policy. An
#: entry of one thing answers few of their questions, and there are many.
SEARCHED = {
    "schools/": 12.0,
    "calculator.md": 12.0,
    "policy/open-points.md": 6.0,
    "policy/parameters/": 0.2,
    "policy/descriptors/": 0.2,
    "schools/years/": 1.0,
    "schools/find/": 0.5,
    "reference/problems/": 0.05,
    "decisions/": 0.05,
    "explanation/": 0.2,
}


@dataclass
class Site:
    """What is to be written: the text of each page by its path, and further files by theirs.

    The pages stand in the order in which they were added; that is their order in the navigation too. `left_out` says
    why a page was not made, by its path. `docs` holds the hand-written pages, and the parts that others take from them.
    """

    corpus: Corpus
    policy: Policy
    today: Today = field(default_factory=present)
    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)
    docs: Path | None = None
    _abbreviations: set[str] = field(default_factory=set)
    _environments: dict[Path, jinja2.Environment] = field(default_factory=dict)

    def words(self, name: str) -> str:
        """Return an id of the policy as words, with the abbreviations that its files use in capitals."""
        self._abbreviations = self._abbreviations or words.abbreviations_of(self.corpus)
        return words.words(name, self._abbreviations)

    def made(self, page: str, template: str, **values: Any) -> None:
        """Add a page made from one of the engine's own templates."""
        self._add(page, TEMPLATES, template, values)

    def written(self, docs: Path) -> None:
        """Add every file of a folder; a page that ends in .md.j2 has slots, which are filled from the policy."""
        self.shared["headings"] = {
            path.relative_to(docs).as_posix(): found[1]
            for path in sorted(docs.rglob("*.md"))
            for found in [re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.M)]
            if found
        }
        for path in sorted(docs.rglob("*")):
            name = path.relative_to(docs).as_posix()
            if not path.is_file() or any(part.startswith((".", "_")) for part in name.split("/")):
                continue
            if name.endswith(".md.j2"):
                self.filled(docs, name)
            elif name.endswith(".md"):
                self.put(name, with_captions(path.read_text(encoding="utf-8")))
            else:
                self.files[name] = path.read_bytes()

    def filled(self, docs: Path, name: str) -> None:
        """Add the page of a file in a folder that ends in .md.j2, its slots filled."""
        self._add(name.removesuffix(".j2"), docs, name, {})

    def _add(self, page: str, folder: Path, template: str, values: Mapping[str, Any]) -> None:
        listed = self.docs is not None and (self.docs / f"{OPEN_FOR_SCHOOLS}.j2").is_file()
        here = Here(page, self.corpus, self.today, OPEN_FOR_SCHOOLS if listed else "")
        text = self._environment(folder).get_template(template).render(
            here=here, corpus=self.corpus, policy=self.policy, page=page, **self.shared, **values
        )  # fmt: skip
        self.put(page, with_captions(text))

    def put(self, page: str, text: str) -> None:
        """Add a page whose text is made already; raises `WrongUse` where there is one of that name."""
        if page in self.pages:
            raise WrongUse(f"The page '{page}' is made from the policy; there is no room for another of that name.")
        weight = max(((len(start), of) for start, of in SEARCHED.items() if page.startswith(start)), default=None)
        if weight:
            own = text.startswith("---\n")
            head, _, rest = text.removeprefix("---\n").partition("---\n") if own else ("", "", text)
            text = f"---\n{head}search:\n  boost: {weight[1]}\n---\n{rest}"
        self.pages[page] = words.house_style(text)

    def _environment(self, folder: Path) -> jinja2.Environment:
        if folder not in self._environments:
            made = jinja2.Environment(
                loader=jinja2.FileSystemLoader([folder, TEMPLATES, *([self.docs] if self.docs else [])]),
                autoescape=True,
                undefined=jinja2.StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                keep_trailing_newline=True,
            )
            made.filters |= {
                "words": self.words,
                "heading": words.heading,
                "lower_first": lowered,
                "day": words.format_date,
                "money": words.format_money,
                "share": words.format_share,
                "count": words.count,
                "slug": words.slug,
            }
            made.filters |= rows.FILTERS
            made.globals |= PIECES | rows.GLOBALS | record_rows.GLOBALS
            made.globals["said"] = self.words
            made.globals["answer_rows"] = lambda here, question: rows.answer_rows(here, question, self.words)
            self._environments[folder] = made
        return self._environments[folder]

    def write(self, folder: Path, pages: Mapping[str, str], ready: Mapping[str, bytes]) -> None:
        """Write these pages, those that are ready and every file below `folder`, which is emptied first.

        Raises `WrongUse` for a folder that holds something else.
        """
        mark = folder / ".made-by-senpolicy"
        if folder.exists() and any(folder.iterdir()) and not mark.exists():
            raise WrongUse(f"'{folder}' holds something else. Name a folder that is empty, or not there yet.")
        if folder.exists():
            shutil.rmtree(folder)
        for name, content in {**{page: text.encode() for page, text in pages.items()}, **ready, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()


def named(what: str, name: str, known: Mapping[str, Any]) -> Any:
    """Return what stands under a name; raises `WrongUse` with the nearest one for a name that is not known."""
    if name not in known:
        raise WrongUse(f"This policy has no {what} '{name}'. {did_you_mean(name, known)}")
    return known[name]
