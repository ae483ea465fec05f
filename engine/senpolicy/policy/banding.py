"""Descriptors: from ratings against an edition of descriptors to a level and a band, by the edition's own method.

The method is data of the edition (`model.Banding`). What the edition leaves open, or what of it is not held, stays
undetermined: no threshold, weight or band is ever filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter

from senpolicy.files.models.editions import Band, Banding, EditionFile, Level, Statement

#: The rating of an area: the id of a level, or one for each strand that is rated; None where it is not known.
Rating = str | tuple[str | None, ...] | None


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


def editions_of(named: str, editions: Mapping[str, EditionFile], instead: str | None = None) -> list[EditionFile]:
    """Return the editions whose levels a fact can have: the one that it names, and then those that replace it.

    `instead` is the edition that a scenario puts in the place of the first: it gives way on the day on which another
    begins.
    """
    names = [named]
    for name in names:
        names += [one.edition for one in editions.values() if one.replaces == name and one.edition not in names]
    names[0] = instead or named
    return [editions[name] for name in dict.fromkeys(names) if name in editions]


def in_use(
    editions: Sequence[EditionFile], day: date, span: Callable[[Level | EditionFile], tuple[date, date]]
) -> EditionFile | None:
    """Return the edition of these that has begun last on a day, with the levels that count on it; None of none.

    The first has always begun. `span` gives the first and the last day of an edition or a level.
    """
    if not editions:
        return None
    begun = [(span(one)[0], place) for place, one in enumerate(editions) if place and span(one)[0] <= day]
    edition = editions[max(begun)[1] if begun else 0]
    levels = [one for one in edition.levels if span(one)[0] <= day <= span(one)[1]]
    return edition if levels == edition.levels else edition.model_copy(update={"levels": levels})


def numbered(levels: Iterable[Level]) -> list[Level]:
    """Return levels with the orders 1, 2, 3 …, those that are not among them passed over."""
    return [level.model_copy(update={"order": place}) for place, level in enumerate(levels, 1)]


def every_level(editions: Sequence[EditionFile]) -> dict[str, str]:
    """Return the label of every level of editions that follow each other, the least need first.

    A level that is called otherwise later on has all its labels, in the order of the editions. Where two editions put
    the same levels in another order (`order_faults`), they are as they come.
    """
    labels: dict[str, dict[str, None]] = {}
    for edition in editions:
        for level in edition.levels:
            labels.setdefault(level.id, {})[level.label] = None
    try:
        order = [*TopologicalSorter(_below(editions)).static_order()]
    except CycleError:
        order = [*labels]
    return {level: ", later ".join(labels[level]) for level in order}


def _below(editions: Iterable[EditionFile]) -> dict[str, list[str]]:
    """Return for each level those that come next below it in one of the editions."""
    below: dict[str, list[str]] = {}
    for edition in editions:
        before: list[str] = []
        for level in sorted(edition.levels, key=lambda one: one.order):
            below.setdefault(level.id, []).extend(before)
            before = [level.id]
    return below
