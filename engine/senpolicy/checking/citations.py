"""Citations, as far as they can be checked without the documents.

Lines are in order and within their document, and paragraphs are in the order of their lines.
`faithfulness` looks the documents themselves up, where they are at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from senpolicy.checking.faithfulness import cited, listed_in, span
from senpolicy.files.models.rules import Source
from senpolicy.files.problems import Place, Problem
from senpolicy.policy.corpus import Corpus

_NUMBER = re.compile(r"([0-9]+)\.([0-9]+)")


@dataclass(frozen=True)
class _Citation:
    """A citation of lines of a numbered paragraph."""

    place: Place
    source: Source
    paragraph: tuple[int, int]
    first: int
    last: int

    @property
    def lines(self) -> str:
        """The lines in words: line 162, or lines 156-170."""
        return f"line{'s' if self.last > self.first else ''} {self.source.lines}"

    def contradicts(self, other: _Citation) -> bool:
        """Return whether the two cannot both be right: the later paragraph has the earlier lines, or shares them."""
        if self.paragraph == other.paragraph:
            return False
        one, two = sorted((self, other), key=lambda citation: citation.paragraph)
        return one.last > two.first


def check(corpus: Corpus) -> list[Problem]:
    """Return a problem for each citation whose lines cannot be right."""
    found: list[Problem] = []
    numbered: dict[str, list[_Citation]] = {}
    for name, document in corpus.documents.items():
        if document.lines and (reversed_ := _reversed(document.lines)):
            place = corpus.place(listed_in(corpus, name), "documents", name, "lines")
            found.append(Problem(place, "citation", *reversed_))
    for place, source in dict.fromkeys(cited(corpus)):
        if source.lines is None:
            continue
        fault = _reversed(source.lines) or _outside(corpus, source)
        if fault:
            found.append(Problem(place, "citation", *fault))
        elif number := _NUMBER.fullmatch(source.paragraph):
            paragraph = (int(number[1]), int(number[2]))
            numbered.setdefault(source.document, []).append(_Citation(place, source, paragraph, *span(source.lines)))
    for citations in numbered.values():
        found += _out_of_order(citations)
    return found


def _reversed(lines: str) -> tuple[str, str] | None:
    first, last = span(lines)
    if first <= last:
        return None
    return f"Lines {lines} end before they begin.", "Write the first line, a hyphen and the last."


def _outside(corpus: Corpus, source: Source) -> tuple[str, str] | None:
    document = corpus.documents.get(source.document)
    if document is None or not document.lines or not source.lines or _reversed(document.lines):
        return None
    (start, end), (first, last) = span(document.lines), span(source.lines)
    if start <= first and last <= end:
        return None
    said = f"'{source.document}' has no line {source.lines}."
    return said, f"It is lines {start} to {end}. Look the line up again."


def _out_of_order(citations: list[_Citation]) -> Iterator[Problem]:
    """Yield the citations without which all others of a document agree, the one that contradicts most first."""
    ordered, last = sorted(citations, key=lambda one: (one.paragraph, one.first)), 0
    for _, group in groupby(ordered, key=lambda one: one.paragraph):
        same = list(group)
        if same[0].first < last:
            break
        last = max(one.last for one in same)
    else:
        return  # As in nearly every policy: each later paragraph has later lines.
    against = {
        one.place: {other.place for other in citations if one.contradicts(other)} for one in dict.fromkeys(citations)
    }
    by_place = {one.place: one for one in citations}
    while any(against.values()):
        worst = max(against, key=lambda place: (len(against[place]), place))
        one, other = by_place[worst], by_place[min(against[worst])]
        said = f"{one.lines.capitalize()} cannot be paragraph {one.source.paragraph} of '{one.source.document}'."
        alike = {two.source.paragraph for two in citations if two.first <= one.last and one.first <= two.last}
        elsewhere = sorted(alike - {one.source.paragraph})
        help = (
            f"Paragraph {other.source.paragraph} is {other.lines} ({other.place}). Look both up again. "
            "Name an annex that numbers its own paragraphs: annex 1.1."
        )
        if len(elsewhere) == 1:
            help = f"Elsewhere these lines are paragraph {elsewhere[0]}. Look paragraph and lines up again."
        yield Problem(worst, "citation", said, help)
        del against[worst]
        for places in against.values():
            places.discard(worst)
