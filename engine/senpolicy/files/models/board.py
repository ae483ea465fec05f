"""The shape of rules/board.yaml: what a moderation board needs to know of the policy. No answer rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model, Source
from senpolicy.files.models.scalars import Id, Name, Text
from senpolicy.files.models.units import read_number

Figure = Annotated[Decimal, BeforeValidator(lambda text: read_number(text, 2)), WithJsonSchema({"type": "number"})]


class AlwaysSeen(Model):
    """The cases that a moderation board sees whatever its sample: those whose fact is above an amount."""

    fact: Annotated[Name, Names("fact in pounds")]
    more_than: Annotated[str, Names("amount in pounds a year", mark="$")]
    """`$` and the name of an amount."""
    says: Text
    source: Source


class Settled(Model):
    """A figure that a board settles for itself. No answer rests on it."""

    says: Text
    """What the figure is, in a few words that come before it on the page."""
    value: Figure
    """The figure, with two decimals at most."""
    source: Source | None = None
    """The paragraph that gives it, or from which it follows."""
    assumption: Text | None = None
    """What of it no source gives, so that nobody takes it for the council's."""


@dataclass(frozen=True)
class FigureRange:
    """The lowest and the highest that a settled figure can be, and whether it is a whole number.

    No floor lies below five, since figures of fewer cases would tell of single pupils.
    """

    lowest: int
    highest: int
    whole: bool = True


class SampleSettled(Model):
    """How a sample is drawn where nobody says otherwise, and how many rate each of its cases."""

    per_cent: Annotated[Settled, FigureRange(0, 100)]
    """How much of each stratum is drawn, in whole per cent: 10 for a tenth."""
    fewest: Annotated[Settled, FigureRange(0, 1_000)]
    """How many of each stratum are drawn at least."""
    most: Annotated[Settled, FigureRange(1, 10_000)]
    """How many of each stratum are drawn at most, beside those that are always seen."""
    crossed: Annotated[Settled | None, FigureRange(0, 1)] = None
    """1: a stratum is a combination of Community, level and size, as without this; 0: each has strata of its own."""
    moderators: Annotated[Settled, FigureRange(1, 10)]
    """How many moderators must confirm their own ratings before the board decides a case."""
    third: Annotated[Settled | None, FigureRange(0, 10, whole=False)] = None
    """How many levels two ratings may lie apart before one more moderator rates; without it none ever does."""


class ConsistencySettled(Model):
    """By what the page of consistency judges."""

    tolerance: Annotated[Settled, FigureRange(0, 10, whole=False)]
    """How many levels a Community's average may lie from the board's."""
    floor: Annotated[Settled, FigureRange(5, 10_000)]
    """From how many cases on a figure of agreement is given."""
    floor_of_group: Annotated[Settled, FigureRange(5, 10_000)]
    """From how many cases on a figure of a single Community, level or month is given."""
    baseline: Annotated[Settled, FigureRange(1, 60)]
    """How many months at the start the later ones are held against."""
    doubt: Annotated[Settled, FigureRange(0, 1, whole=False)]
    """A month has drifted where chance alone would show as much in a smaller share of all such comparisons."""
    upper: Annotated[Settled, FigureRange(0, 1, whole=False)]
    """The upper levels are those that hold at most this share of the cases of the start."""
    near: Annotated[Settled, FigureRange(0, 20)]
    """How many steps the ratings of two cases may lie apart in all, and the cases still count as alike."""
    again: Annotated[Settled | None, FigureRange(0, 100)] = None
    """How much of what a Community beyond the tolerance rated and nobody decided is rated again, in per cent; without
    it no Community is stopped."""


class AreaBoard(Model):
    """An area board, and the Communities of its area."""

    id: Id
    label: Text
    communities: list[Text] = []
    """The Communities of the area, as caseloads name them. One that no area lists is for every meeting."""


class MeetingsSettled(Model):
    """How the board meets."""

    quorum: Annotated[Settled, FigureRange(1, 50)]
    """How many members must be present who may decide a case, before a meeting decides it."""
    areas: list[AreaBoard] = []
    """The area boards. A meeting is of one of them; without any, of all Communities."""


class StandardisationSettled(Model):
    """How moderators are standardised before they rate live cases. Without it nothing of it is asked."""

    practice: Annotated[Settled | None, FigureRange(0, 100)] = None
    """How many practice cases a moderator rates before those by which they qualify; without it none."""
    qualification: Annotated[Settled, FigureRange(1, 100)]
    """How many qualification cases are looked at, the last that a moderator rated."""
    within: Annotated[Settled, FigureRange(0, 10, whole=False)]
    """How many levels a rating may lie from the agreed level and still be within the tolerance."""
    outside: Annotated[Settled, FigureRange(0, 100)]
    """How many of those qualification cases may lie outside the tolerance."""
    live: Annotated[Settled | None, FigureRange(1, 1_000)] = None
    """After how many live cases a moderator is given one seed that looks like them; without it none."""
    last: Annotated[Settled | None, FigureRange(1, 100)] = None
    """How many of a moderator's last seeds in live work are looked at, to stop who drifts; without it nobody is."""
    beyond: Annotated[Settled | None, FigureRange(0, 100)] = None
    """How many of those may lie beyond the tolerance before the moderator is stopped; without it nobody is."""
    again: Annotated[Settled | None, FigureRange(0, 100)] = None
    """How much of what a stopped moderator rated and nobody decided is rated again, in per cent; without it none."""


class MappingReason(Model):
    """Why a pupil is mapped now: a step of the order in which pupils are mapped."""

    id: Id
    label: Text


class MappingSettled(Model):
    """In which order pupils are mapped to a level."""

    order: Annotated[list[MappingReason], Field(min_length=1)]
    """The reasons for which pupils are mapped, those who come first before the others."""
    source: Source
    """The paragraph that gives the order, or from which it follows."""
    assumption: Text | None = None
    """What of it no source settles, so that nobody takes it for the council's decision."""


class BoardFile(Model):
    """rules/board.yaml: what a moderation board needs to know of the policy."""

    community: Annotated[Name, Names("group")]
    """The group of a caseload between which decisions are kept alike."""
    sizes: Annotated[list[Annotated[Name, Names("fact in pounds")]], Field(min_length=1)]
    """Facts in pounds: the first that is known is the size of a case."""
    always: AlwaysSeen
    sample: SampleSettled
    """How the board draws its sample."""
    consistency: ConsistencySettled
    """By what the page of consistency judges."""
    meetings: MeetingsSettled | None = None
    """How the board meets; without it no quorum is asked for, and a meeting is of all Communities."""
    standardisation: StandardisationSettled | None = None
    """How moderators are standardised; without it nobody is asked to qualify, and no seed is given."""
    mapping: MappingSettled | None = None
    """In which order pupils are mapped; without it the board has no page of mapping."""
    disputes: Annotated[Name, Names("open point")]
    """The open point that holds what is known of how a decision is disputed."""
