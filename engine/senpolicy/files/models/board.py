"""The shape of rules/board.yaml: what a moderation board needs to know of the policy. No answer rests on it."""

from __future__ import annotations

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


class SampleSettled(Model):
    """How a sample is drawn where nobody says otherwise, and how many rate each of its cases."""

    per_cent: Settled
    """How much of each stratum is drawn, in whole per cent: 10 for a tenth."""
    fewest: Settled
    """How many of each stratum are drawn at least."""
    most: Settled
    """How many of each stratum are drawn at most, beside those that are always seen."""
    crossed: Settled | None = None
    """1: a stratum is a combination of Community, level and size, as without this; 0: each has strata of its own."""
    moderators: Settled
    """How many moderators must confirm their own ratings before the board decides a case."""
    third: Settled | None = None
    """How many levels two ratings may lie apart before one more moderator rates; without it none ever does."""


class ConsistencySettled(Model):
    """By what the page of consistency judges."""

    tolerance: Settled
    """How many levels a Community's average may lie from the board's."""
    floor: Settled
    """From how many cases on a figure of agreement is given."""
    floor_of_group: Settled
    """From how many cases on a figure of a single Community, level or month is given."""
    baseline: Settled
    """How many months at the start the later ones are held against."""
    doubt: Settled
    """A month has drifted where chance alone would show as much in a smaller share of all such comparisons."""
    upper: Settled
    """The upper levels are those that hold at most this share of the cases of the start."""
    near: Settled
    """How many steps the ratings of two cases may lie apart in all, and the cases still count as alike."""


class AreaBoard(Model):
    """An area board, and the Communities of its area."""

    id: Id
    label: Text
    communities: list[Text] = []
    """The Communities of the area, as caseloads name them. One that no area lists is for every meeting."""


class MeetingsSettled(Model):
    """How the board meets."""

    quorum: Settled
    """How many members must be present who may decide a case, before a meeting decides it."""
    areas: list[AreaBoard] = []
    """The area boards. A meeting is of one of them; without any, of all Communities."""


class StandardisationSettled(Model):
    """How moderators are standardised before they rate live cases. Without it nothing of it is asked."""

    practice: Settled | None = None
    """How many practice cases a moderator rates before those by which they qualify; without it none."""
    qualification: Settled
    """How many qualification cases are looked at, the last that a moderator rated."""
    within: Settled
    """How many levels a rating may lie from the agreed level and still be within the tolerance."""
    outside: Settled
    """How many of those qualification cases may lie outside the tolerance."""
    live: Settled | None = None
    """After how many live cases a moderator is given one seed that looks like them; without it none."""
    last: Settled | None = None
    """How many of a moderator's last seeds in live work are looked at, to stop who drifts; without it nobody is."""
    beyond: Settled | None = None
    """How many of those may lie beyond the tolerance before the moderator is stopped; without it nobody is."""
    again: Settled | None = None
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


#: For each figure: the lowest and the highest that it can be, and whether it is a whole number. No floor lies below
#: five, since figures of fewer cases would tell of single pupils.
RANGES: dict[tuple[str, str], tuple[int, int, bool]] = {
    ("sample", "per_cent"): (0, 100, True),
    ("sample", "fewest"): (0, 1_000, True),
    ("sample", "most"): (1, 10_000, True),
    ("sample", "moderators"): (1, 10, True),
    ("sample", "crossed"): (0, 1, True),
    ("sample", "third"): (0, 10, False),
    ("consistency", "tolerance"): (0, 10, False),
    ("consistency", "floor"): (5, 10_000, True),
    ("consistency", "floor_of_group"): (5, 10_000, True),
    ("consistency", "baseline"): (1, 60, True),
    ("consistency", "doubt"): (0, 1, False),
    ("consistency", "upper"): (0, 1, False),
    ("consistency", "near"): (0, 20, True),
    ("meetings", "quorum"): (1, 50, True),
    ("standardisation", "practice"): (0, 100, True),
    ("standardisation", "qualification"): (1, 100, True),
    ("standardisation", "within"): (0, 10, False),
    ("standardisation", "outside"): (0, 100, True),
    ("standardisation", "live"): (1, 1_000, True),
    ("standardisation", "last"): (1, 100, True),
    ("standardisation", "beyond"): (0, 100, True),
    ("standardisation", "again"): (0, 100, True),
}


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
