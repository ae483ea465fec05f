"""A region: cases for which one thing differs between two policies, on what each side rests, and that in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.deciding.text import say_figures
from senpolicy.language.conditions import FactType
from senpolicy.language.partition import covers
from senpolicy.policy.timeline import Figure, PortionInForce
from senpolicy.proving.plain import say_ranges
from senpolicy.readings.say import lowered, say_date, say_figure
from senpolicy.readings.symbolic_case import SymbolicResult

#: The first and the last day of a stretch, both included; None: without end.
Days = tuple[date | None, date | None]
#: The parts of a policy that are held against each other beside its questions.
DECIDED, CAUTIONS = "decided at all", "cautions"
REFUSED, ACCEPTED = SymbolicResult("not decided: its facts contradict each other"), SymbolicResult("decided")


@dataclass(frozen=True, order=True)
class Ground:
    """A row on which a result rests: its id, the decision, the document and paragraph, and the open point or reading.

    A rule about facts has no decision and no paragraph.
    """

    rule: str
    decision: str = ""
    document: str = ""
    paragraph: str = ""
    open_point: str = ""
    reading: str = ""

    @property
    def place(self) -> str:
        """Where the text is: "26/00041, report 3.20"; of a rule about facts its id."""
        return f"{self.decision}, {self.document} {self.paragraph}" if self.decision else self.rule

    def to_json(self) -> dict[str, str]:
        """Return the row as plain data, without what it has not."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class FactBounds:
    """The values of one fact in a region, and whether it may be unknown.

    `values` are ranges of whole numbers, both ends included (see `language.partition`).
    """

    values: tuple[tuple[int, int], ...]
    unknown: bool


@dataclass(frozen=True)
class Region:
    """Cases for which one thing differs: what it is in the base and in the head, for which facts, on which days.

    A fact that `facts` leaves out may be anything. `related` are rules about several facts, such as two days, that must
    hold, or must not, besides. Facts that follow from others count, unless `as_given` says otherwise. `grounds` are the
    rows that decide there, of the base and of the head. `pupil` is one such case, as YAML that `decide` reads.
    """

    about: str
    base: SymbolicResult
    head: SymbolicResult
    facts: tuple[tuple[str, FactBounds], ...]
    days: tuple[Days, ...]
    related: tuple[tuple[str, bool], ...] = ()
    grounds: tuple[tuple[Ground, ...], tuple[Ground, ...]] = ((), ())
    as_given: bool = False
    pupil: str = field(compare=False, default="")


def days_of(first: int, last: int) -> Days:
    """Return the days from one day number to another, both included."""
    return (None if first == date.min.toordinal() else date.fromordinal(first),
            None if last == date.max.toordinal() else date.fromordinal(last))  # fmt: skip


# In words


def say_compared(result: SymbolicResult, kinds: Mapping[str, FactType]) -> str:
    """Return the result of a question in words: "undetermined (A1-rate-of-exactly-6000)", "none"."""
    words = result.answer if result.answer.startswith("with") else result.answer.replace("_", " ")
    if result.answer == UNDETERMINED:
        missing = [f"{name} is not known" for name in result.missing]
        words += f" ({', '.join([*result.open_points, *missing])})"
    of_days = [name for name, value in result.figures if isinstance(value, PortionInForce) and value.until]
    figures = {name: _figure(value, kinds) for name, value in result.figures}
    parts = [f"and {figures.pop(name)}" for name in of_days]
    said = [words, say_figures(figures), *parts]
    return ", ".join(one for one in said if one)


def _figure(value: Figure | PortionInForce, kinds: Mapping[str, FactType]) -> Figure | str:
    if not isinstance(value, PortionInForce):
        return value
    share = f"{say_figure(value.share)} of " if value.share is not None else ""
    until = f" for the days until {say_date(value.until)}" if value.until else ""
    return f"{share}{lowered(kinds[value.fact].label or value.fact).partition(',')[0]}{until}"


def say_days(days: Days) -> str:
    """Return days in words, both ends included: "from 1 April 2025 to 31 August 2025", "on every day"."""
    first, last = days
    if first is None:
        return "on every day" if last is None else f"until {say_date(last)}"
    if first == last:
        return f"on {say_date(first)}"
    return f"from {say_date(first)}" + (f" to {say_date(last)}" if last else " on")


def say_bounds(name: str, bounds: FactBounds, kinds: Mapping[str, FactType], limits: Iterable[Any]) -> str:
    """Return the bounds of one fact in words: "age in completed years: at least 5 and below 16"."""
    kind = kinds[name]
    words = []
    if bounds.values:
        words.append(
            "known, whatever it is" if covers(kind, bounds.values) else say_ranges(bounds.values, kind, limits)
        )
    if bounds.unknown:
        words.append("not known")
    return f"{lowered(kind.label or name)}: {' or '.join(words)}"


def say_grounds(grounds: tuple[Sequence[Ground], Sequence[Ground]]) -> str:
    """Return on what a region rests, in words: "rests on 26/00041, report 3.20, before and after"."""
    was, now = (", and ".join(dict.fromkeys(one.place for one in side)) for side in grounds)
    if was == now:
        return f"rests on {now}, before and after" if now else "rests on no row"
    return f"rests on {now or 'no row'} (before: {was or 'no row'})"


def kinds_of(regions: Iterable[Region]) -> list[list[Region]]:
    """Return regions by kind of case: those of the same facts and days, in which several things differ, in one list."""
    found: dict[Any, list[Region]] = {}
    for one in regions:
        found.setdefault((one.facts, one.days, one.related, one.as_given), []).append(one)
    return list(found.values())
