"""What does not hang together in an edition of descriptors, or between one and those that it follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from senpolicy.files.models.editions import Band, Banding, EditionFile, Level
from senpolicy.files.problems import At, did_you_mean

#: What does not hang together in an edition: the path to it, a code, a message and what to do.
Fault = tuple[At, str, str, str]


def order_faults(edition: EditionFile, others: Iterable[EditionFile]) -> Iterator[Fault]:
    """Yield each two levels of an edition that the others, which it follows, have in another order."""
    for other in others:
        order = {level.id: level.order for level in other.levels}
        same = [(index, level) for index, level in enumerate(edition.levels) if level.id in order]
        for (_, lower), (index, higher) in pairwise(same):
            if (order[lower.id] < order[higher.id]) is not (lower.order < higher.order):
                said = f"'{higher.id}' comes after '{lower.id}' here, and before it in '{other.edition}'."
                yield ("levels", index, "id"), "level-order", said, "Give a level that asks for other needs a new id."


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
        if orders[level.order] > 1 and level.order == index + 1:
            continue  # The other one is at fault.
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
