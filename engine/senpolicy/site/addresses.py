"""Where each thing of the policy has its page, and links from one page to another."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.models.records import Link
from senpolicy.language.conditions import AllOf, Condition, FactType, Not, Test
from senpolicy.policy.banding import editions_of
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_asked, say_document, say_list, say_test, say_value
from senpolicy.site import words as w
from senpolicy.site.drawings import Part
from senpolicy.site.html import Cell, figure, items, joined, link
from senpolicy.site.today import Today, present


def decision_page(number: str) -> str:
    """Return the page of a decision."""
    return f"policy/decisions/{w.slug(number)}.md"


def question_page(name: str) -> str:
    """Return the page of a question."""
    return f"policy/questions/{name}.md"


def parameter_page(name: str) -> str:
    """Return the page of a parameter."""
    return f"policy/parameters/{name}.md"


def edition_page(name: str) -> str:
    """Return the first page of an edition of descriptors."""
    return f"policy/descriptors/{w.slug(name)}/index.md"


POINTS, READINGS, DOCUMENTS = "policy/open-points.md", "policy/readings.md", "policy/documents.md"
FACTS = "reference/facts.md"
#: Where the pages for schools are.
SCHOOLS = "schools/"
#: The one of them that lists the points which are open, where it is written.
OPEN_FOR_SCHOOLS = "schools/not-decided.md"
_ADDRESS = re.compile(r"((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S*?)(?:,?\s|$)")


def published_at(address: str) -> str | None:
    """Return the web address with which the address of a paper starts; None where it only says in words where it is.

    >>> published_at("legislation.gov.uk/ukpga/2014/6, as explained elsewhere")
    'https://legislation.gov.uk/ukpga/2014/6'
    >>> published_at("council.example, Cabinet Committee, 16 January 2031")
    """
    found = _ADDRESS.match(address)
    return f"https://{found[1]}" if found else None


@dataclass(frozen=True)
class Here:
    """Links and marked figures as they are written on one page. Every method returns HTML.

    `open_on` is the address of the page for schools that lists the open points; empty where no page does.
    """

    page: str
    corpus: Corpus
    today: Today = field(default_factory=present)
    open_on: str = ""

    def first_day(self, name: str) -> date:
        """Return the first day of what a date begins, or the first after what it ends: its name ends in _until or _end.

        Raises KeyError for a parameter that is not known, and TypeError for one that is not a date.
        """
        day = self.last_set(name)[1].value
        if not isinstance(day, date):
            raise TypeError(f"'{name}' is not a date.")
        return day + timedelta(days=name.endswith(("_until", "_end")))

    def since(self, name: str) -> Markup:
        """Return the attributes of what is true once a date has come, or what it ends is over."""
        return self.today.within(self.first_day(name), None)

    def until(self, name: str) -> Markup:
        """Return the attributes of what is true until then: its words are hidden afterwards."""
        return self.today.within(None, self.first_day(name) - timedelta(days=1))

    def between(self, name: str, until: str) -> Markup:
        """Return the attributes of what is true from one date until another: its last day, or the one before it."""
        return self.today.within(self.first_day(name), self.first_day(until) - timedelta(days=1))

    def tense(self, name: str, before: Cell, then: Cell) -> Markup:
        """Return words for the days before a date, and others for those from it: "is planned", "was planned"."""
        return self.today.split(self.first_day(name), before, then)

    def to(self, page: str, text: Cell, anchor: str = "") -> Markup:
        """Return a link to a page, by its path among the Markdown files."""
        target = posixpath.relpath(page, posixpath.dirname(self.page) or ".")
        return link(target.removesuffix(".md") + (".html" if page.endswith(".md") else "") + anchor, text)

    def decision(self, number: str) -> Markup:
        """Return a link to a decision; pages for schools show one that has a name and no number as words."""
        known = number in self.corpus.decisions
        shown = number.replace("-", " ") if self.page.startswith(SCHOOLS) else number
        unbroken = Markup('<span class="nowrap">{}</span>').format(shown)
        return self.to(decision_page(number), unbroken) if known else escape(number)

    def question(self, name: str, text: str = "") -> Markup:
        """Return a link to a question, or to one row of it, named as question/row."""
        of = name.partition("/")[0]
        words = text or w.words(name.replace("/", ": "))
        return self.to(question_page(of), words) if of in self.corpus.questions else escape(words)

    def parameter(self, name: str, text: str = "") -> Markup:
        """Return a link to a parameter, by its label unless other words are given."""
        setters = self.corpus.parameters.get(name)
        return self.to(parameter_page(name), text or setters[-1][1].label) if setters else escape(text or name)

    def value(self, name: str, decision: str = "") -> Markup:
        """Return the value of a parameter, marked; that of the last decision which sets it unless one is named.

        Raises KeyError for a parameter that is not known.
        """
        setters = self.corpus.parameters[name]
        number, parameter = next((one for one in setters if one[0] == decision), self.last_set(name))
        return self.valued(name, number, parameter)

    def last_set(self, name: str) -> tuple[str, m.Parameter]:
        """Return what sets a parameter last, after its decision's number: of those that count, if any does.

        Raises KeyError for a parameter that is not known.
        """
        setters = self.corpus.parameters[name]
        counting = [one for one in setters if self.corpus.decisions[one[0]].counts()]
        return (counting or setters)[-1]

    def valued(self, name: str, number: str, parameter: m.Parameter) -> Markup:
        """Return the value that a decision gives a parameter, marked with both."""
        said = w.format_value(parameter.value, parameter.unit)
        if parameter.unit == "levels" and parameter.value:
            said = self.levels(parameter.value)
        return figure(parameter.value, said, parameter=name, decision=number)

    def levels(self, ids: Sequence[str]) -> str:
        """Return levels by their labels in the edition from which the facts take them, else by their ids as words."""
        kinds = (one for one in self.corpus.types.values() if not one.is_answer and set(ids) <= set(one.values))
        kind = next(kinds, None)
        labels = dict(zip(kind.values, kind.value_labels, strict=True)) if kind else {}
        return ", ".join(labels.get(one, w.words(one)) for one in ids)

    def plain(self, name: str) -> Markup:
        """Return the value of a parameter without "a year"."""
        number, parameter = self.last_set(name)
        said = w.format_value(parameter.value, parameter.unit).removesuffix(" a year")
        return figure(parameter.value, said, parameter=name, decision=number)

    def part(self, name: str, says: str, kind: str, less: str = "") -> Part:
        """Return a share that a parameter holds as a part of a drawing; what is above that of `less`, if it is named.

        Raises KeyError for a parameter that is not known, and TypeError for one that is not a share.
        """
        value, other = (self.last_set(one)[1].value if one else Decimal(0) for one in (name, less))
        if not isinstance(value, Decimal) or not isinstance(other, Decimal):
            raise TypeError(f"'{name}' is not a share.")
        return Part((value - other) * 100, f"{w.format_share(value)} {says}", kind)

    def point(self, name: str, text: str = "") -> Markup:
        """Return a link to an open point, by its title unless other words are given.

        It leads to the register; from a page for schools to the list of theirs, if the point is open.
        """
        if name not in self.corpus.open_points:
            return escape(text or name)
        point = self.corpus.open_points[name][1]
        own = self.open_on not in ("", self.page) and self.page.startswith(SCHOOLS) and point.state == "open"
        return self.to(self.open_on if own else POINTS, text or point.title, f"#{name.lower()}")

    def reading(self, name: str) -> Markup:
        """Return a link to an adopted reading."""
        return self.to(READINGS, name, f"#{name.lower()}")

    def fact(self, name: str, text: str = "") -> Markup:
        """Return a link to a fact."""
        return self.to(FACTS, text or self.corpus.facts.facts[name].label, f"#{name}")

    def edition(self, name: str) -> Markup:
        """Return a link to an edition of descriptors."""
        return self.to(edition_page(name), self.corpus.editions[name].title)

    def days(self, one: m.Dated | EditionFile | None) -> Markup:
        """Return from when until when something counts, and by which decision; nothing where it counts on every day."""
        until = one.until if isinstance(one, m.Dated) else None
        said = [
            Markup("{} {}").format(word, self.value(name.removeprefix("$")))
            for word, name in (("from", one.start if one else None), ("until", until))
            if name
        ]
        if one and one.decision and said:
            said.append(Markup("by {}").format(self.decision(one.decision)))
        return Markup(", ").join(said)

    def levels_of(self, name: str) -> Markup:
        """Return links to an edition whose levels are meant, and to those that replace it, each with its days."""
        first, *later = editions_of(name, self.corpus.editions)
        said = [self.edition(first.edition)]
        said += [Markup("{} {}").format(self.days(one), self.edition(one.edition)) for one in later]
        return Markup("; ").join(said)

    def source(self, source: m.Source) -> Markup:
        """Return document and paragraph, the document as a link: to where it is published, if an address is held.

        Lines are those of a text that this repository holds. They mean nothing to who reads the paper itself, so pages
        for schools leave them out.
        """
        document = self.corpus.documents.get(source.document)
        of = self.source_of(source.document) if document else escape(source.document)
        if self.page.startswith(SCHOOLS):
            return Markup("{} {}").format(of, source.paragraph)
        lines = f" (lines {w.format_range(*source.lines.split('-'))})" if source.lines and "-" in source.lines else ""
        lines = lines or (f" (line {source.lines})" if source.lines else "")
        return Markup("{} {}{}").format(of, source.paragraph, lines)

    def source_of(self, document: str) -> Markup:
        """Return a document as a link: to where it is published, if an address is held, else to its place in the list.

        Raises KeyError for a document that is not known.
        """
        name = say_document(document, self.corpus.documents)
        url = published_at(self.corpus.documents[document].address or "")
        return link(url, name) if url else self.to(DOCUMENTS, name, f"#{document}")

    def published(self, address: str) -> Markup:
        """Return the address of a paper, as a link where it is one."""
        url = published_at(address)
        shown = (url or "").removeprefix("https://")
        return Markup("{}{}").format(link(url, shown), address.removeprefix(shown)) if url else escape(address)

    def sources(self, sources: list[m.Source]) -> Markup:
        """Return several sources."""
        return joined((self.source(one) for one in sources), "; ")

    def bears_on(self, one: Link) -> Markup:
        """Return what a question, an answer or a promise bears on."""
        if one.parameter:
            return self.parameter(one.parameter)
        if one.holds:
            return escape(
                next(held.says for held in declared_properties(self.corpus.files) if held.id == one.holds).rstrip(".")
            )
        return self.point(one.open_point) if one.open_point else self.question(one.rule or "")

    def limit(self, test: Test, kind: FactType) -> Markup:
        """Return the limit of a test, as a marked figure with a link where it is a parameter."""
        said = say_value(test.limit, kind)
        if not test.parameter:
            return escape(said)
        marked = figure(as_set(test.limit, kind), said, parameter=test.parameter)
        return self.to(parameter_page(test.parameter), marked)

    def condition(self, of: Condition, types: dict[str, FactType], *, negated: bool = False) -> Markup:
        """Return a condition as text, or as a list of what must hold, each test as the reading *say* words it."""
        if isinstance(of, Test):
            return self.test(of, types, negated=negated)
        if isinstance(of, Not):
            return self.condition(of.part, types, negated=not negated)
        together = isinstance(of, AllOf) is not negated
        parts = [self.condition(part, types, negated=negated) for part in of.parts]
        if not parts:
            return Markup("in every case" if together else "never")
        if len(parts) == 1:
            return parts[0]
        return Markup("{}\n{}").format("all of these hold:" if together else "at least one of these holds:",
                                       items(parts))  # fmt: skip

    def test(self, test: Test, types: dict[str, FactType], *, negated: bool = False) -> Markup:
        """Return what one test asks, in the words of *say*, with links to the fact and the limit."""
        kind = types[test.fact]
        if kind.is_answer and test.operator != "known":
            return self.answered(test, kind, negated=negated)
        if test.operator == "known" or kind.type == "boolean" or not test.parameter:
            return escape(say_test(test, types, negated=negated))
        whole = say_test(test, types, negated=negated)
        ending = f"{say_asked(test, kind, negated=negated)} {say_value(test.limit, kind)}"
        asked = ending.removesuffix(say_value(test.limit, kind))
        return Markup("{}{}{}").format(whole.removesuffix(ending), asked, self.limit(test, kind))

    def answered(self, test: Test, kind: FactType, *, negated: bool = False) -> Markup:
        """Return what a test asks of the answer to another question: "the route is tariff", "the pupil is in scope"."""
        capitals = w.abbreviations_of(self.corpus)
        limit = test.limit if isinstance(test.limit, tuple) else (test.limit,)
        said = say_list([w.words(str(one), capitals) for one in limit], "or")
        # Answers that name the question themselves say it of the pupil: nobody says "the scope is in scope".
        named = all(test.fact in w.words(one).split() for one in kind.values)
        subject = "the pupil" if named else f"the {w.words(test.fact)}"
        return Markup("{} {} {}").format(
            subject, say_asked(test, kind, negated=negated), self.question(test.fact, said)
        )


def as_set(limit: Any, kind: FactType) -> Any:
    """Return the bound limit of a test as the parameter holds it: pounds for pence, a list for several."""
    if kind.type == "money" and isinstance(limit, int):
        return Decimal(limit).scaleb(-2)
    return list(limit) if isinstance(limit, tuple) else limit
