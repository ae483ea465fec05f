"""Descriptors: from ratings against an edition of descriptors to a level and a band, by the edition's own method.

The method is data of the edition (`model.Banding`). What the edition leaves open, or what of it is not held, stays
undetermined: no threshold, weight or band is ever filled in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from senpolicy.files.models.editions import Band, Banding, EditionFile, Level, Statement
from senpolicy.files.problems import At, did_you_mean

#: The rating of an area: the id of a level, or one for each strand that is rated; None where it is not known.
Rating = str | tuple[str | None, ...] | None
#: What does not hang together in an edition: the path to it, a code, a message and what to do.
Fault = tuple[At, str, str, str]


@dataclass(frozen=True)
class Banded:
    """The result of ratings: a level or points, the band if one is defined, and what decided it.

    `open_points` are ids of the edition's own open points; `missing` the areas that would settle it.
    """

    level: Level | None = None
    points: int | None = None
    band: Band | None = None
    areas: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    open_points: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def banded(edition: EditionFile, ratings: Mapping[str, Rating]) -> Banded:
    """Return the level or points, and the band, to which ratings by area lead, by the edition's method.

    An area that is not in `ratings`, or a strand of it that is None, is not known. Raises ValueError when the edition
    has no method that works on ratings by area (a table of points takes points: see `band_of_points`).
    """
    method = edition.banding.method if edition.banding else None
    if edition.banding and method == "highest_area":
        return _highest(edition, edition.banding, ratings)
    if edition.banding and method == "weighted_points":
        return _weighted(edition, edition.banding, ratings)
    raise ValueError(f"the edition '{edition.edition}' has no method that works on ratings by area")


def _rated(edition: EditionFile, ratings: Mapping[str, Rating]) -> tuple[dict[str, list[Level]], tuple[str, ...]]:
    """Return for each area the levels at which it is rated, and the areas of which something is not known."""
    levels = {level.id: level for level in edition.levels}
    rated, missing = {}, []
    for area in edition.areas:
        given = ratings.get(area.id)
        strands = given if isinstance(given, tuple) else (given,)
        rated[area.id] = [levels[one] for one in strands if one is not None]
        if len(rated[area.id]) < max(len(strands), 1):
            missing.append(area.id)
    return rated, tuple(missing)


def _highest(edition: EditionFile, banding: Banding, ratings: Mapping[str, Rating]) -> Banded:
    rated, missing = _rated(edition, ratings)
    top = max(edition.levels, key=lambda level: level.order)
    highest = max((one for levels in rated.values() for one in levels), key=lambda level: level.order, default=None)
    # An area that is not rated can only raise the level, unless the highest there is has been reached.
    if highest is None or (missing and highest != top):
        return Banded(missing=missing)
    areas = tuple(area for area, levels in rated.items() if highest in levels)
    statements = tuple(one for one in edition.statements if one.area in areas and one.level == highest.id)
    band = next((band for band in banding.bands if band.level == highest.id), None)
    return Banded(highest, None, band, areas, statements)


def _weighted(edition: EditionFile, banding: Banding, ratings: Mapping[str, Rating]) -> Banded:
    worth = {level.id: level.points for level in edition.levels}
    if banding.weights is None or None in worth.values():
        return Banded(open_points=tuple(banding.open_points))
    rated, missing = _rated(edition, ratings)
    if missing:
        return Banded(missing=missing)
    total = 0
    for area, levels in rated.items():
        points = sum(worth[level.id] or 0 for level in levels) * banding.weights[area]
        total += min(points, banding.caps.get(area, points))
    return band_of_points(edition, total)


def band_of_points(edition: EditionFile, points: int) -> Banded:
    """Return the band whose range holds so many points, or the open points of the edition where none is defined.

    Raises ValueError for fewer than 0 points.
    """
    if points < 0:
        raise ValueError("points are 0 or more")
    banding = edition.banding
    for band in banding.bands if banding else ():
        ends_later = band.to_points is None or points <= band.to_points
        if band.from_points is not None and band.from_points <= points and ends_later:
            return Banded(points=points, band=band)
    return Banded(points=points, open_points=tuple(banding.open_points) if banding else ())


def edition_faults(edition: EditionFile) -> Iterator[Fault]:
    """Yield what does not hang together in an edition of descriptors.

    Levels in one order without gaps; each strand described at each level where the statements are held;
    a method that has what it needs, or an open point for it; ranges of points in order, without gap or overlap; amounts
    with a unit.
    """
    yield from _level_faults(edition.levels)
    yield from _held_faults(edition)
    yield from _statement_faults(edition)
    if edition.banding:
        banding = edition.banding
        yield from _band_faults(edition, banding.bands, banding)
        yield from _method_faults(edition, banding)


def _level_faults(levels: Sequence[Level]) -> Iterator[Fault]:
    orders = Counter(level.order for level in levels)
    for index, level in enumerate(levels):
        where = ("levels", index, "order")
        if orders[level.order] > 1:
            yield where, "level-order", f"Two levels have the order {level.order}.", "Number them 1, 2, 3 …"
        elif level.order != index + 1:
            said = f"'{level.id}' is number {index + 1} here and has the order {level.order}."
            help = "List the levels from the least need to the most, with the orders 1, 2, 3 …"
            yield where, "level-order", said, help
    for index, (lower, higher) in enumerate(pairwise(levels)):
        if lower.points is not None and higher.points is not None and higher.points < lower.points:
            said = f"'{higher.id}' counts for less than '{lower.id}' below it."
            yield ("levels", index + 1, "points"), "level-points", said, "More need never counts for less."


def _held_faults(edition: EditionFile) -> Iterator[Fault]:
    """Yield each part that is said to be held, and is empty."""
    strands = edition.areas and all(area.strands for area in edition.areas)
    for part, there in (("levels", edition.levels), ("areas", edition.areas), ("strands", strands)):
        if getattr(edition, f"{part}_held") and not there:
            said = f"The {part} of this edition are not all here."
            yield (f"{part}_held",), "not-held", said, f"List them, or write '{part}_held: false'."


def _statement_faults(edition: EditionFile) -> Iterator[Fault]:
    strands = {area.id: [strand.id for strand in area.strands] for area in edition.areas}
    levels = [level.id for level in edition.levels]
    crossings: Counter[tuple[str, str, str]] = Counter()
    for index, one in enumerate(edition.statements):
        crossings[one.area, one.strand, one.level] += 1
        if one.area in strands and one.strand not in strands[one.area]:
            said = f"'{one.strand}' is not a strand of '{one.area}'."
            help = did_you_mean(one.strand, strands[one.area])
            yield ("statements", index, "strand"), "unknown-strand", said, help
    for number, area in enumerate(edition.areas if edition.statements_held else ()):
        for index, strand in enumerate(area.strands):
            bare = [level for level in levels if not crossings[area.id, strand.id, level]]
            if bare:
                said = f"'{strand.id}' has no statement at {', '.join(bare)}."
                help = "Add one for each level, or write 'statements_held: false'."
                yield ("areas", number, "strands", index), "no-statement", said, help


def _band_faults(edition: EditionFile, bands: Sequence[Band], banding: Banding) -> Iterator[Fault]:
    order = {level.id: level.order for level in edition.levels}
    lower: Band | None = None
    for index, band in enumerate(bands):
        where = ("banding", "bands", index)
        if band.amount is not None and banding.amount_unit is None:
            said = f"'{band.id}' has an amount without a unit."
            yield (*where, "amount"), "no-unit", said, "Add amount_unit: pounds_a_year."
        if lower and lower.level in order and band.level in order and order[band.level] <= order[lower.level]:
            said = f"'{band.id}' is not for a higher level than '{lower.id}' before it."
            yield (*where, "level"), "band-order", said, "List the bands from the least need to the most."
        yield from _range_faults(where, lower, band)
        lower = band


def _range_faults(where: At, lower: Band | None, band: Band) -> Iterator[Fault]:
    start, end = band.from_points, band.to_points
    if start is None:
        if end is not None or (lower and lower.from_points is not None):
            said = f"'{band.id}' does not say from how many points it counts."
            yield where, "points-missing", said, "Add from_points."
        return
    if end is not None and start > end:
        yield where, "points-reversed", f"'{band.id}' ends before it starts.", "Swap from_points and to_points."
    if lower is None:
        if start > 0:
            yield where, "points-gap", f"No band covers the points below '{band.id}'.", "Start it at 0, or add a band."
        elif start < 0:
            yield where, "points-below-0", f"'{band.id}' starts below 0 points.", "Start it at 0."
    elif lower.from_points is None:
        said = f"'{lower.id}' does not say from how many points it counts, and '{band.id}' does."
        yield where, "points-missing", said, "Give the points of all bands, or of none."
    elif lower.to_points is None:
        said = f"'{lower.id}' has no upper end, and '{band.id}' starts above it."
        yield where, "points-overlap", said, f"Add to_points: {start - 1} to '{lower.id}'."
    elif start <= lower.to_points:
        said = f"'{band.id}' and '{lower.id}' share points."
        yield where, "points-overlap", said, f"Start it at {lower.to_points + 1}."
    elif start > lower.to_points + 1:
        said = f"No band covers the points between '{lower.id}' and '{band.id}'."
        yield where, "points-gap", said, f"Start it at {lower.to_points + 1}."


def _method_faults(edition: EditionFile, banding: Banding) -> Iterator[Fault]:
    """Yield what the method needs and has neither a value nor an open point that says why."""
    for key, values in (("weights", banding.weights or {}), ("caps", banding.caps)):
        for area, value in values.items():
            if value < 0:
                said = f"'{area}' has a value below 0."
                yield ("banding", key, area), "below-0", said, "More need never counts for less."
    if banding.method == "highest_area":
        for index, band in enumerate(banding.bands):
            if band.level is None:
                said = f"'{band.id}' does not say which level it is for."
                yield ("banding", "bands", index), "no-level", said, "Add its level."
        return
    if banding.weights is not None:
        for area in [one.id for one in edition.areas if one.id not in banding.weights]:
            yield ("banding", "weights"), "no-weight", f"'{area}' has no weight.", "Add it; 1 where it counts once."
        for index, level in enumerate(edition.levels):
            if level.points is None:
                said = f"'{level.id}' does not say for how many points it counts."
                yield ("levels", index), "no-points", said, "Add its points."
    unknown_weights = banding.method == "weighted_points" and banding.weights is None
    unknown_ranges = any(band.from_points is None for band in banding.bands) or not banding.bands
    for missing, what in ((unknown_weights, "weights"), (unknown_ranges, "bands")):
        if missing and not banding.open_points:
            said = f"The method needs {what} with points, and no open point says why they are missing."
            yield ("banding",), "not-held", said, "Add them, or an open point with what it would take to settle it."
