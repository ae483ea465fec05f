"""The register of open points: what is open, how it is read, what would settle it, and which cases each one touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from senpolicy.deciding.answers import settled_json
from senpolicy.deciding.decide import UNDETERMINED, Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.models import rules as m
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.settling import Settled, settlements
from senpolicy.readings.say import say_date, say_settled

#: A line of text: a style for terminals ("" for none) and the text.
Line = tuple[str, str]
#: So many references are printed in a line; JSON has them all.
SHOWN = 12
_STATES = {"open": "yellow", "read": "green", "note": "dim", "settled": "green"}


@dataclass(frozen=True)
class OpenPointEntry:
    """An open point, the decision whose text it is about, and the readings adopted of it, in order of adoption.

    `settled` is what decisions settle of it, in order of time, each after the decision's number.
    """

    id: str
    decision: str
    point: m.OpenPoint
    readings: tuple[m.Reading, ...]
    settled: tuple[Settled, ...] = ()

    @property
    def ends(self) -> Settled | None:
        """What settles the point wholly, first; None while some of it is open, read or only recorded."""
        return next((one for one in self.settled if one[1].leaves is None), None)

    @property
    def state(self) -> str:
        """How it is now: "settled" where a decision settles it wholly; else as its file says, open, read or note."""
        return "settled" if self.ends else self.point.state

    def ended(self, reading: m.Reading) -> Settled | None:
        """Return what ends a reading of the point, None where it goes on: a decision may confirm it.

        What one decision confirms, a later one ends that settles the point wholly without it.
        """
        last = max((place for place, (_, one) in enumerate(self.settled, 1) if reading.id in one.by), default=0)
        return next((one for one in self.settled[last:] if one[1].leaves is None), None)

    def confirmed(self, reading: m.Reading) -> Settled | None:
        """Return which decision confirms a reading of the point, None where none does."""
        return next((one for one in self.settled if reading.id in one[1].by), None)

    def to_json(self) -> dict[str, PlainData]:
        """Return the entry as plain data."""
        point = self.point
        return {
            "id": self.id,
            "title": point.title,
            "state": self.state,
            **({"settled": [settled_json(*one) for one in self.settled]} if self.settled else {}),
            **({"state_before": point.state} if self.ends else {}),
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
                    **({"ends": ended[1].start.isoformat()} if (ended := self.ended(reading)) else {}),
                }
                for reading in self.readings
            ],
        }


@dataclass
class Touched:
    """The references of the cases that an open point touches, in the order of the cases.

    `undetermined`: something is undetermined because of it. `directly` and `inherited` count the answers by question:
    those that the point itself keeps open, and those that need one of these. `by_reading`: an answer rests on a row
    that rests on a reading of the point; `rows` counts those rows. `by_decision`: an answer rests on a row, a value or
    a word by which a decision settles the point.
    """

    undetermined: list[str] = field(default_factory=list)
    directly: Counter[str] = field(default_factory=Counter)
    inherited: Counter[str] = field(default_factory=Counter)
    by_reading: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    by_decision: list[str] = field(default_factory=list)

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
            **({"by_decision": {"count": len(self.by_decision), "refs": self.by_decision}} if self.by_decision else {}),
        }


def entries(corpus: Corpus, counted: Collection[str] | None = None) -> list[OpenPointEntry]:
    """Return the register, in the order of the files, with what the decisions that are `counted` settle.

    None: every decision that counts, and no proposal.
    """
    settled = settlements(corpus, counted)
    return [
        OpenPointEntry(
            name,
            decision,
            point,
            tuple(reading for reading in corpus.readings if reading.point == name),
            tuple(one for one in settled if one[1].point == name),
        )
        for name, (decision, point) in corpus.open_points.items()
    ]


def say_state(entry: OpenPointEntry) -> str:
    """Return how a point is: "open", "settled by 26/00041, from 1 April 2027", "open; settled in part by …"."""
    said = [say_settled(*one) for one in ([entry.ends] if entry.ends else entry.settled)]
    return "; ".join([*([] if entry.ends else [entry.point.state]), *said])


def touched(corpus: Corpus, decisions: Iterable[Decision]) -> dict[str, Touched]:
    """Return for every open point the cases that it touches."""
    points = {reading.id: reading.point for reading in corpus.readings}
    found = {name: Touched() for name in corpus.open_points}
    for decision in decisions:
        open_here: set[str] = set()
        read_here: set[str] = set()
        settled_here: set[str] = set()
        for answer in decision.answers.values():
            if answer.answer == UNDETERMINED:
                open_here |= set(answer.open_points)
                for name in answer.open_points:
                    # An answer that no row gave repeats what another question leaves open.
                    (found[name].directly if answer.held else found[name].inherited)[answer.question] += 1
            else:
                outcome = answer.because[0].outcome
                settled_here |= {one.point for _, one in answer.because[0].settled(decision.policy)}
                resting = {points[one] for one in (*outcome.reads, outcome.reading) if one}
                read_here |= resting
                for name in resting - settled_here:
                    found[name].rows[outcome.id] += 1
        for name in open_here:
            found[name].undetermined.append(decision.case.ref)
        for name in read_here - settled_here:
            found[name].by_reading.append(decision.case.ref)
        for name in settled_here:
            found[name].by_decision.append(decision.case.ref)
    return found


def to_json(
    register: Iterable[OpenPointEntry], cases: Mapping[str, Touched] | None = None
) -> list[dict[str, PlainData]]:
    """Return the register as plain data, with the cases that each entry touches where they are given."""
    return [
        {**entry.to_json(), **({"cases": cases[entry.id].to_json()} if cases is not None else {})} for entry in register
    ]


def lines(register: Iterable[OpenPointEntry], cases: Mapping[str, Touched] | None = None) -> Iterator[Line]:
    """Yield the register as lines of text."""
    for entry in register:
        point = entry.point
        yield _STATES[entry.state], f"{entry.id} ({entry.decision}, {say_state(entry)}): {point.title}"
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
            if ended := entry.ended(reading):
                yield "", f"    It counts for days before {say_date(ended[1].start)}."
            elif confirmed := entry.confirmed(reading):
                yield "", f"    Confirmed by {confirmed[0]}, from {say_date(confirmed[1].start)}."
        yield from _settled(entry)
        if not entry.ends:
            yield "", f"  What would settle it: {point.settle}"
        if cases is not None:
            yield from _cases(cases[entry.id])
        yield "", ""


def _settled(entry: OpenPointEntry) -> Iterator[Line]:
    for number, one in entry.settled:
        said = say_settled(number, one)
        words = "; ".join([*one.by, *(f"{question.replace('_', ' ')} {answer.replace('_', ' ')}"
                                      for question, answer in one.answers.items())])  # fmt: skip
        yield "green", f"  {said[0].upper()}{said[1:]}: {one.says or words}"
        if one.says:
            yield "dim", f"    By: {words}"
        if one.leaves:
            yield "", f"    What is left open: {one.leaves}"
    if entry.ends:
        yield "", f"  For days before {say_date(entry.ends[1].start)}: {entry.point.state}."


def _cases(found: Touched) -> Iterator[Line]:
    if found.undetermined:
        yield "yellow", f"  Undetermined because of it: {_refs(found.undetermined)}"
        through = f" itself; through it {_counts(found.inherited)}" if found.inherited else ""
        yield "yellow", f"    {_counts(found.directly)}{through}"
    if found.by_reading:
        yield "", f"  Decided by a row that rests on its reading: {_refs(found.by_reading)}"
        yield "", f"    {_counts(found.rows)}"
    if found.by_decision:
        yield "", f"  Decided by what a decision settles of it: {_refs(found.by_decision)}"
    if not found.undetermined and not found.by_reading and not found.by_decision:
        yield "dim", "  No case is touched."


def _refs(refs: list[str]) -> str:
    more = len(refs) - SHOWN
    listed = ", ".join(refs[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{len(refs)} case{'' if len(refs) == 1 else 's'} ({listed})"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
