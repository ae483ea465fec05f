"""Faithfulness: is the figure that the policy takes from a document really in the paragraph that it cites?

Reports write one figure in many ways (£6k, £6,000, 50%, August 2026), so each value is looked for in all of them. A
document that is not at hand is listed, with its address, and never counts as found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from senpolicy.files.models import records as r
from senpolicy.files.models import rules as m
from senpolicy.files.models.documents import Document
from senpolicy.files.models.names import named_in_file
from senpolicy.files.problems import Place, Problem, Problems
from senpolicy.language.days import MONTHS
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import each

#: The records that hold facts, with the key of their head.
_WITH_FACTS: dict[type, str] = {
    r.ConsultationFile: "consultation",
    r.StrategyFile: "strategy",
    r.BackgroundFile: "background",
}
_NUMBERED = re.compile(r"^\W*(\d+)\.(\d+)\.?(?=\s|\*|$)")
_PARAGRAPH = re.compile(r"\d+\.\d+")
_WORDS = ["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ORDINALS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
#: The unit of a term of arithmetic, which its figure does not state: any number.
NUMBER = "number"


@dataclass(frozen=True)
class Claim:
    """A figure that the policy takes from documents: its name, its place here, its value, and where it should be.

    With `in_each` it must be in every place that is cited, otherwise in one of them.
    """

    name: str
    place: Place
    value: Any
    unit: str
    sources: tuple[m.Source, ...]
    in_each: bool = True


@dataclass(frozen=True)
class NotCheckable:
    """A figure whose document is not at hand, and where a person finds that document."""

    place: Place
    name: str
    document: str
    address: str

    def problem(self) -> Problem:
        """Return it as a warning, for the list of a check."""
        said = f"{self.name} cannot be checked here: '{self.document}' is not among the sources."
        return Problem(self.place, "not-checkable", said, f"Where it is found: {self.address}.", warning=True)


@dataclass(frozen=True)
class FaithfulnessReport:
    """What looking the figures up gave: those found, those not checkable here, and the problems."""

    found: tuple[str, ...]
    not_checkable: tuple[NotCheckable, ...]
    problems: tuple[Problem, ...]


def listed_in(corpus: Corpus, document: str) -> str:
    """Return the file that says what a document is, by the document's id."""
    own = (name for name, file in each(corpus.files, "policy/*/documents.yaml") if document in file.documents)
    return next(own, "policy/documents.yaml")


def look_up(corpus: Corpus, texts: Mapping[str, bytes]) -> FaithfulnessReport:
    """Return for every figure of the policy whether it is in the paragraph that it cites.

    `texts` gives the documents that are at hand by file name. A document whose bytes are not those that were cited, a
    paragraph or quotation that is not there, and a figure that is not in its paragraph are problems, each in its place.
    """
    problems = Problems()
    found: list[str] = []
    absent: list[NotCheckable] = []
    lines = {name: text.decode("utf-8", "replace").splitlines() for name, text in texts.items()}
    held: dict[str, _Held] = {}
    for name, document in corpus.documents.items():
        if document.file in lines:
            held[name] = _Held.of(document, lines[document.file])
            if document.sha256 != hashlib.sha256(texts[document.file]).hexdigest():
                problems.add(
                    corpus.place(listed_in(corpus, name), "documents", name),
                    "document-changed",
                    f"'{document.file}' is not the file that was cited; its sha256 differs.",
                    "Compare the two, then correct the sha256 or the values that cite it.",
                )
    for place, source in cited(corpus):
        fault = held[source.document].misplaced(source) if source.document in held else None
        if fault:
            problems.add(place, "not-in-source", *fault)
    for claim in claims(corpus):
        stands = [held[source.document].stands(claim, source) for source in claim.sources if source.document in held]
        away = [source.document for source in claim.sources if source.document not in held]
        if not all(stands) if claim.in_each else not away and not any(stands):
            where = " or ".join(f"{source.document} {source.paragraph}" for source in claim.sources)
            problems.add(
                claim.place,
                "not-in-source",
                f"{claim.name}: the figure {written_plainly(claim.value)} is not in {where}.",
                "Read the paragraph again: correct the value, or cite the paragraph that has it.",
            )
        elif any(stands):
            found.append(claim.name)
        else:
            cannot = corpus.documents.get(away[0])
            address = (cannot.address if cannot else None) or "no address is held"
            absent.append(NotCheckable(claim.place, claim.name, away[0], address))
    return FaithfulnessReport(tuple(found), tuple(absent), tuple(sorted(set(problems))))


def claims(corpus: Corpus) -> Iterator[Claim]:
    """Yield every figure that the policy says is in a document: parameters, recorded facts, checked figures."""
    for name, setters in corpus.parameters.items():
        for number, parameter in setters:
            if parameter.value is not None:
                place = corpus.place(corpus.file_of(number, "parameters.yaml"), "parameters", name, "source")
                yield Claim(f"{number} {name}", place, parameter.value, parameter.unit, (parameter.source,))
    for file, record in corpus.files.items():
        if key := _WITH_FACTS.get(type(record), ""):
            head = getattr(record, key)
            for name, fact in head.facts.items():
                if fact.printed:
                    place = corpus.place(file, key, "facts", name, "source")
                    yield Claim(f"{head.decision} {key} {name}", place, fact.value, fact.unit, tuple(fact.source))
        elif isinstance(record, r.FiguresFile):
            yield from _figures(corpus, file, record)
        elif isinstance(record, r.MarginsFile):
            yield from _margins(corpus, file, record)


def _figures(corpus: Corpus, file: str, record: r.FiguresFile) -> Iterator[Claim]:
    for index, figure in enumerate(record.figures):
        place, name = corpus.place(file, "figures", index, "source"), f"figure {figure.id}"
        sources = tuple(figure.source)
        if figure.printed and figure.stated is not None:
            yield Claim(name, place, figure.stated, figure.unit, sources, in_each=False)
        for term, value in figure.terms.items():
            yield Claim(f"{name} {term}", place, value, NUMBER, sources, in_each=False)
    for index, one in enumerate(record.contradictions):
        for number, part in enumerate(one.figures):
            if part.printed:
                place = corpus.place(file, "contradictions", index, "figures", number, "source")
                yield Claim(f"contradiction {one.id} {number + 1}", place, part.value, part.unit, tuple(part.source))


def _margins(corpus: Corpus, file: str, record: r.MarginsFile) -> Iterator[Claim]:
    every: dict[tuple[str, ...], Sequence[r.Based | r.NotMade]] = {
        **record.every_step,
        **record.every_margin,
        ("not_made",): record.not_made,
    }
    for path, listed in every.items():
        for index, one in enumerate(listed):
            if one.source is None:
                continue
            place, sources = corpus.place(file, *path, index, "source"), tuple(one.source)
            for value, figure in one.into.items():
                yield Claim(f"margin {one.id} {value}", place, figure, NUMBER, sources)
            if isinstance(one, r.MakingStep) and one.numbered:
                yield Claim(f"margin {one.id}", place, one.numbered.count, NUMBER, sources)
            if isinstance(one, r.PopulationMargin) and one.total is not None:
                yield Claim(f"margin {one.id}", place, one.total / 1_000_000, "million_pounds", sources)


def cited(corpus: Corpus) -> Iterator[tuple[Place, m.Source]]:
    """Yield every source that a file of the policy, a rule or an edition cites, with its place."""
    for file, model in corpus.files.items():
        for one in named_in_file(model):
            if isinstance(source := one.around[-1], m.Source):
                yield corpus.place(file, *one.path[:-1]), source


@dataclass(frozen=True)
class _Held:
    """A document that is at hand: the lines of its file, which of them it is, and its numbered paragraphs."""

    lines: list[str]
    first: int
    last: int
    paragraphs: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, document: Document, lines: list[str]) -> _Held:
        """Return the document as `lines` of its file hold it."""
        first, last = span(document.lines) if document.lines else (1, len(lines))
        return cls(lines, first, last, numbered(lines, first, last))

    def cited(self, source: m.Source) -> tuple[int, int] | None:
        """Return the lines that a source cites: its own, or those of its paragraph where that has a number."""
        return span(source.lines) if source.lines else self.paragraphs.get(source.paragraph)

    def text(self, source: m.Source) -> str:
        """Return the text that a source cites, on one line; "" where the source names neither lines nor a number."""
        first, last = self.cited(source) or (1, 0)
        return " ".join(self.lines[first - 1 : last])

    def stands(self, claim: Claim, source: m.Source) -> bool:
        """Return whether the figure is where the source points."""
        return stands_in(claim.value, claim.unit, self.text(source))

    def misplaced(self, source: m.Source) -> tuple[str, str] | None:
        """Return what is wrong with where a source points, as (what, what to do), None where nothing is.

        Its lines must lie in the document, and in its paragraph where that has a number; its quotation must be there.
        """
        name, paragraph = source.document, self.paragraphs.get(source.paragraph)
        if paragraph is None and self.paragraphs and _PARAGRAPH.fullmatch(source.paragraph):
            return f"'{name}' has no paragraph {source.paragraph}.", "Correct the paragraph."
        first, last = self.cited(source) or (self.first, self.last)
        if not (self.first <= first <= last <= self.last):
            said = f"Line {source.lines} is not in '{name}'."
            return said, f"That document is lines {self.first} to {self.last}."
        if paragraph and not (paragraph[0] <= first and last <= paragraph[1]):
            said = f"Line {source.lines} is not in paragraph {source.paragraph} of '{name}'."
            return said, f"That paragraph is lines {paragraph[0]} to {paragraph[1]}."
        if source.quote and _one_line(source.quote) not in _one_line(self.text(source)):
            return f"'{source.quote}' is not written there.", "Quote what the text says, letter by letter."
        return None


def _one_line(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("**", "").split()).casefold()


def span(lines: str) -> tuple[int, int]:
    """Return the first and last line that "156-170" or "162" means.

    >>> span("156-170"), span("162")
    ((156, 170), (162, 162))
    """
    first, _, last = lines.partition("-")
    return int(first), int(last or first)


def numbered(lines: list[str], first: int, last: int) -> dict[str, tuple[int, int]]:
    """Return the lines of each numbered paragraph ("3.20") between two lines, counted from 1, both included.

    A number starts a paragraph where it is the first of the next section, or a later one of the same: any other, such
    as a lower one, is part of a quotation.
    """
    starts: list[tuple[int, str]] = []
    current = (0, 0)
    for number in range(first, last + 1):
        match = _NUMBERED.match(lines[number - 1])
        section, rank = (int(match[1]), int(match[2])) if match else current
        if (section, rank) == (current[0] + 1, 1) or (section == current[0] and rank > current[1]):
            current = (section, rank)
            starts.append((number, f"{section}.{rank}"))
    ends = [*(start - 1 for start, _ in starts[1:]), last][: len(starts)]
    return {name: (start, end) for (start, name), end in zip(starts, ends, strict=True)}


def stands_in(value: Any, unit: str, text: str) -> bool:
    """Return whether a value is in a text in any of the ways in which a report writes it.

    >>> stands_in(Decimal("6000.00"), "pounds_a_year", "costs above £6k"), stands_in(Decimal("0.5"), "share", "150%")
    (True, False)
    """
    if unit == "levels":
        return all(_found(re.escape(str(one).replace("_", " ")), text) for one in value)
    return any(_found(form, text) for form in forms(value, unit))


def _found(pattern: str, text: str) -> bool:
    # Neither a part of a longer number nor of a longer word: not 50 in 150 or 50.5, not three in threefold.
    return re.search(rf"(?<![\dA-Za-z.,£])(?:{pattern})(?![\dA-Za-z%])(?!,\d)(?!\.\d)", text, re.I) is not None


def forms(value: Any, unit: str) -> Iterator[str]:
    """Yield the patterns in which a report writes a value of a unit."""
    if unit in ("pounds", "pounds_a_year"):
        amount = Decimal(value)
        yield rf"c?£ ?{_number(amount)}(?! ?(?:k|m|bn|thousand|million|billion)\b)"
        yield rf"c?£ ?{_number(amount / 1000)} ?(?:k|thousand)"
        yield rf"c?£ ?{_number(amount / 1_000_000)} ?(?:m|million)"
    elif unit == "million_pounds":
        yield rf"c?£ ?{_number(Decimal(value))} ?(?:m|million)"
    elif unit == "share":
        yield rf"{_number(Decimal(value) * 100)} ?(?:%|per ?cent|(?:-| to )\d+ ?(?:%|per ?cent))"
    elif unit == "per_cent":
        yield rf"{_number(Decimal(value))} ?(?:%|per ?cent)"
        yield rf"(?<=[\t>]){_number(Decimal(value))}(?=[\s<]|$)"  # a cell of a table whose heading says per cent
    elif unit == "date":
        yield from _dates(value)
    elif unit == "weeks":
        yield rf"(?:{value}|{_WORDS[value]})[ -]weeks?" if value < len(_WORDS) else rf"{value}[ -]weeks?"
    elif unit in ("count", "years", "year_group", "year"):
        yield str(value) if unit == "year" else _number(Decimal(value))
        if 0 < value < len(_WORDS):
            yield _WORDS[value]
        if 0 < value < len(_ORDINALS):
            yield rf"{_ORDINALS[value]}|{value}(?:st|nd|rd|th)"
    elif unit == NUMBER:
        number = Decimal(value)
        yield rf"(?:c?£ ?)?{_number(number)} ?(?:%|per ?cent|k|m|million)?"
        if 0 < number < 1:
            yield rf"{_number(number * 100)} ?(?:%|per ?cent)"
    else:
        yield re.escape(str(value))


def _dates(day: date) -> Iterator[str]:
    month = MONTHS[day.month - 1]
    names = rf"(?:{month}|{month[:3]}\.?" + (r"|Sept\.?)" if day.month == 9 else ")")
    year = rf"(?:{day.year}|{day.year % 100:02d})"
    yield rf"{day.day}(?:st|nd|rd|th)?(?:<sup>\w+</sup>)? {names}(?: {year}|(?! ?\d))"
    if day.day == 1 or (day + timedelta(days=1)).day == 1:
        # A month alone means its first day or its last, by a reading; with another day before it, it does not.
        yield rf"(?<!\d )(?<!\d(?:st|nd|rd|th) )(?<!</sup> ){names} {year}"
    if (day.month, day.day) in ((4, 1), (3, 31)):
        # A financial year alone means its first day or its last.
        first = day.year if day.month == 4 else day.year - 1
        yield rf"{first}[-/–](?:{(first + 1) // 100})?{(first + 1) % 100:02d}"


def _number(number: Decimal) -> str:
    """Return the pattern of a number with or without commas, and with or without noughts after the point."""
    plain = f"{number.normalize():f}"
    whole, _, part = plain.partition(".")
    return rf"(?:{whole}|{int(whole):,})" + (rf"\.{part}0*" if part else r"(?:\.0+)?")


def written_plainly(value: Any) -> str:
    """Return a value as the files have it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
