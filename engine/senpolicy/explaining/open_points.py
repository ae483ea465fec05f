"""The register of open points: what is open, how it is read, what would settle it, and which cases each one touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from senpolicy.deciding.decide import UNDETERMINED, Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.models import rules as m
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_date

#: A line of text: a style for terminals ("" for none) and the text.
Line = tuple[str, str]
#: So many references are printed in a line; JSON has them all.
SHOWN = 12
_STATES = {"open": "yellow", "read": "green", "note": "dim"}


@dataclass(frozen=True)
class OpenPointEntry:
    """An open point, the decision whose text it is about, and the readings adopted of it, in order of adoption."""

    id: str
    decision: str
    point: m.OpenPoint
    readings: tuple[m.Reading, ...]

    def to_json(self) -> dict[str, PlainData]:
        """Return the entry as plain data."""
        point = self.point
        return {
            "id": self.id,
            "title": point.title,
            "state": point.state,
            "decision": self.decision,
            "says": point.says,
            "where": [
                {**source.to_json(), **({"lines": source.lines} if source.lines else {})} for source in point.where
            ],
            "allows": point.allows,
            "allows_text": point.allows_text,
            "settle": point.settle,
            "readings": [
                {
                    "id": reading.id,
                    "by": reading.by,
                    "adopted_on": reading.adopted_on.isoformat(),
                    "says": reading.says,
                    "because": reading.because,
                    "answers": reading.answers,
                }
                for reading in self.readings
            ],
        }


@dataclass
class Touched:
    """The references of the cases that an open point touches, in the order of the cases.

    `undetermined`: something is undetermined because of it. `directly` and `inherited` count the answers by question:
    those that the point itself keeps open, and those that need one of these. `by_reading`: an answer rests on a row
    that rests on a reading of the point; `rows` counts those rows.
    """

    undetermined: list[str] = field(default_factory=list)
    directly: Counter[str] = field(default_factory=Counter)
    inherited: Counter[str] = field(default_factory=Counter)
    by_reading: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, PlainData]:
        """Return counts and references as plain data."""
        return {
            "undetermined": {
                "count": len(self.undetermined),
                "refs": self.undetermined,
                "directly": dict(self.directly),
                "inherited": dict(self.inherited),
            },
            "by_reading": {"count": len(self.by_reading), "refs": self.by_reading, "rows": dict(self.rows)},
        }


def entries(corpus: Corpus) -> list[OpenPointEntry]:
    """Return the register, in the order of the files."""
    return [
        OpenPointEntry(name, decision, point, tuple(reading for reading in corpus.readings if reading.point == name))
        for name, (decision, point) in corpus.open_points.items()
    ]


def touched(corpus: Corpus, decisions: Iterable[Decision]) -> dict[str, Touched]:
    """Return for every open point the cases that it touches."""
    points = {reading.id: reading.point for reading in corpus.readings}
    found = {name: Touched() for name in corpus.open_points}
    for decision in decisions:
        open_here: set[str] = set()
        read_here: set[str] = set()
        for answer in decision.answers.values():
            if answer.answer == UNDETERMINED:
                open_here |= set(answer.open_points)
                for name in answer.open_points:
                    # An answer that no row gave repeats what another question leaves open.
                    (found[name].directly if answer.held else found[name].inherited)[answer.question] += 1
            else:
                outcome = answer.because[0].outcome
                resting = {points[one] for one in (*outcome.reads, outcome.reading) if one}
                read_here |= resting
                for name in resting:
                    found[name].rows[outcome.id] += 1
        for name in open_here:
            found[name].undetermined.append(decision.case.ref)
        for name in read_here:
            found[name].by_reading.append(decision.case.ref)
    return found


def to_json(corpus: Corpus, cases: Mapping[str, Touched] | None = None) -> list[dict[str, PlainData]]:
    """Return the register as plain data, with the cases that each entry touches where they are given."""
    return [
        {**entry.to_json(), **({"cases": cases[entry.id].to_json()} if cases is not None else {})}
        for entry in entries(corpus)
    ]


def lines(corpus: Corpus, cases: Mapping[str, Touched] | None = None) -> Iterator[Line]:
    """Yield the register as lines of text."""
    for entry in entries(corpus):
        point = entry.point
        yield _STATES[point.state], f"{entry.id} ({entry.decision}, {point.state}): {point.title}"
        where = "; ".join(
            f"{source.document} {source.paragraph}{f', line {source.lines}' if source.lines else ''}"
            for source in point.where
        )
        yield "", f"  {point.says} ({where})"
        for question, answers in point.allows.items():
            words = [answer.replace("_", " ") for answer in answers]
            yield "", f"  The text would allow, for {question.replace('_', ' ')}: {', or '.join(words)}."
        if point.allows_text:
            yield "", f"  The text would allow: {' / '.join(point.allows_text)}"
        for reading in entry.readings:
            yield "green", f"  Read as: {reading.says}"
            yield "dim", f"    {reading.id}, by {reading.by}, {say_date(reading.adopted_on)}. {reading.because}"
        yield "", f"  What would settle it: {point.settle}"
        if cases is not None:
            yield from _cases(cases[entry.id])
        yield "", ""


def _cases(found: Touched) -> Iterator[Line]:
    if found.undetermined:
        yield "yellow", f"  Undetermined because of it: {_refs(found.undetermined)}"
        through = f" itself; through it {_counts(found.inherited)}" if found.inherited else ""
        yield "yellow", f"    {_counts(found.directly)}{through}"
    if found.by_reading:
        yield "", f"  Decided by a row that rests on its reading: {_refs(found.by_reading)}"
        yield "", f"    {_counts(found.rows)}"
    if not found.undetermined and not found.by_reading:
        yield "dim", "  No case is touched."


def _refs(refs: list[str]) -> str:
    more = len(refs) - SHOWN
    listed = ", ".join(refs[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{len(refs)} case{'' if len(refs) == 1 else 's'} ({listed})"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
