"""The shape of descriptors/<edition>/edition.yaml: areas of need, levels, statements, and what leads to a band."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Dated, Model, Source
from senpolicy.files.models.scalars import Id, Marked, Money, Name, Text, Whole


class Level(Dated):
    """A level of adaptation, on the days on which it counts.

    `order` is explicit, 1 being the least need (some authorities number downwards).
    """

    id: Id
    label: Text
    order: Whole
    points: Whole | None = None
    """How many points it counts for before the weight of its area, where the method is one of weighted points."""
    note: str | None = None


class Strand(Model):
    """A strand of an area of need, along which needs are described level by level."""

    id: Id
    label: Text


class Area(Model):
    """An area of need, and its strands as far as they are held."""

    id: Id
    label: Text
    strands: list[Strand] = []
    note: str | None = None


class Statement(Model):
    """A descriptor: what a pupil needs at one level of one strand. Its id never changes."""

    id: Id
    area: Annotated[Name, Names("area", among=("areas",))]
    strand: Name
    level: Annotated[Name, Names("level", among=("levels",))]
    says: Text


class Band(Model):
    """A band, and what leads to it: a range of points, both ends included, or a level. The least need comes first."""

    id: Id
    label: Text
    level: Annotated[str, Names("level", among=("levels",))] | None = None
    from_points: Whole | None = None
    to_points: Whole | None = None
    """Absent beside `from_points`, for the last band only: so many points or more."""
    amount: Money | None = None
    """Where the edition itself sets an amount, in the unit of its banding."""
    note: str | None = None


class EarlierAmounts(Model):
    """The amounts of an earlier year, by band."""

    year: Text
    amounts: dict[str, Money]


class Banding(Model):
    """How ratings lead to a band, as data.

    highest_area: the highest level of any area. weighted_points: the points of each area's levels times its weight,
    capped by area, then the band's range. points_table: points as they are, then the band's range.
    """

    method: Literal["highest_area", "weighted_points", "points_table"]
    points_from: str | None = None
    """How points come about, in words."""
    amount_unit: Literal["pounds_a_year"] | None = None
    """The unit of the bands' amounts; needed as soon as a band has one."""
    amount_is: Literal["exact", "up_to"] | None = None
    year: str | None = None
    weights: dict[Annotated[str, Names("area", among=("areas",))], Whole] | None = None
    """By area; absent where they are not held, with an open point that says so."""
    caps: dict[Annotated[str, Names("area", among=("areas",))], Whole] = {}
    """By area: the most points that it can count for."""
    bands: list[Band] = []
    earlier_amounts: list[EarlierAmounts] = []
    open_points: list[Annotated[str, Names("open point", among=("open_points",))]] = []
    """The edition's open points that come between ratings and a band."""
    notes: list[Text] = []


class EditionPoint(Model):
    """What an edition leaves open, or what of it is not held here."""

    title: Text
    says: Text
    settle: str | None = None
    note: str | None = None


class EditionFile(Model):
    """descriptors/<edition>/edition.yaml: an edition of descriptors: areas of need, levels, statements, banding."""

    edition: Name
    title: Text
    authority: str | None = None
    not_the_councils: bool = False
    status: Literal["draft", "published", "illustrative"]
    decision: Annotated[str, Names("decision")] | None = None
    """The decision that it belongs to; one that `replaces` another counts only once that has been taken."""
    replaces: Annotated[Name, Names("edition")] | None = None
    """The edition in whose place it is used from its first day on; facts and scenarios go on naming the older one."""
    start: Marked | None = Field(None, alias="from")
    source: Source
    levels: list[Level]
    levels_held: bool = True
    """False where the authority has levels, areas, strands or statements that this repository does not hold."""
    areas: list[Area] = []
    areas_held: bool = True
    strands_held: bool = True
    strands_count: Whole | None = None
    statements: list[Statement] = []
    statements_held: bool = True
    banding: Banding | None = None
    open_points: dict[str, EditionPoint] = {}
    notes: list[Text] = []
