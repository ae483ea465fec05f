"""Descriptors: from ratings against an edition of descriptors to a level and a band, by the edition's own method.

The method is data of the edition (`model.Banding`). What the edition leaves open, or what of it is not held, stays
undetermined: no threshold, weight or band is ever filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from senpolicy.model import Band, EditionFile, Level, Statement


@dataclass(frozen=True)
class Banded:
    """What ratings come to: a level or points, the band if one is defined, and what decided it.

    `open_points` are ids of the edition's own open points; `missing` the areas that would settle it.
    """

    level: Level | None = None
    points: int | None = None
    band: Band | None = None
    areas: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    open_points: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def banded(edition: EditionFile, ratings: Mapping[str, str | None]) -> Banded:
    """Return the level and band to which ratings by area lead, by the edition's method.

    `ratings` gives for each area of need the id of a level, None where it is not known. Raises ValueError when the
    edition has no method that works on ratings by area (a table of points takes points: see `band_of_points`).
    """
    method = edition.banding.method if edition.banding else None
    if method == "highest_area":
        return _highest(edition, ratings)
    if method == "weighted_points":
        return _weighted(edition, ratings)
    raise ValueError(f"the edition '{edition.edition}' has no method that works on ratings by area")


def _highest(edition: EditionFile, ratings: Mapping[str, str | None]) -> Banded:
    levels = {level.id: level for level in edition.levels}
    known = {area.id: levels[rated] for area in edition.areas if (rated := ratings.get(area.id)) is not None}
    missing = tuple(area.id for area in edition.areas if area.id not in known)
    top = max(levels.values(), key=lambda level: level.order)
    highest = max(known.values(), key=lambda level: level.order, default=None)
    # An area that is not rated can only raise the level, unless the highest there is has been reached.
    if highest is None or (missing and highest != top):
        return Banded(missing=missing)
    areas = tuple(area for area, level in known.items() if level == highest)
    statements = tuple(one for one in edition.statements if one.area in areas and one.level == highest.id)
    band = next((band for band in edition.banding.bands if band.level == highest.id), None) if edition.banding else None
    return Banded(highest, None, band, areas, statements)


def _weighted(edition: EditionFile, ratings: Mapping[str, str | None]) -> Banded:
    banding = edition.banding
    if banding is None or banding.weights is None:
        return Banded(open_points=tuple(banding.open_points) if banding else ())
    missing = tuple(area.id for area in edition.areas if ratings.get(area.id) is None)
    if missing:
        return Banded(missing=missing)
    worth = {level.id: level.order - 1 for level in edition.levels}
    total = 0
    for area in edition.areas:
        points = worth[ratings[area.id] or ""] * banding.weights[area.id]
        total += min(points, banding.caps.get(area.id, points))
    return band_of_points(edition, total)


def band_of_points(edition: EditionFile, points: int) -> Banded:
    """Return the band whose range holds so many points, or the open points of the edition where none is defined."""
    banding = edition.banding
    bands = banding.bands if banding else []
    for band in bands:
        if band.from_points is not None and band.to_points is not None and band.from_points <= points <= band.to_points:
            return Banded(points=points, band=band)
    return Banded(points=points, open_points=tuple(banding.open_points) if banding else ())
