"""Published frameworks of other authorities: the model of descriptors can hold them, and fills nothing in.

The facts are those of the authorities' pages, worked out here once more; where a page gives none, the answer is open.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from editions import FRAMEWORKS, edition, framework
from senpolicy.checking.editions import edition_faults
from senpolicy.policy.banding import Rating, band_of_points, banded

#: Herefordshire's table: points, tariff, pounds a year.
HEREFORDSHIRE = """
0-9 none 0       | 10-14 A1 753    | 15-19 A2 1494   | 20-24 B1 2580   | 25-29 B2 3681   | 30-34 C1 4320
35-39 C2 4974    | 40-44 C3 5613   | 45-49 C4 6378   | 50-54 D1 8814   | 55-59 D2 10218  | 60-64 D3 11625
65-69 D4 13035   | 70-74 E1 14454  | 75-79 E2 15861  | 80-84 E3 17268  | 85-89 E4 18690  | 90-94 F1 20100
95-99 F2 21504   | 100-104 F3 22911 | 105-109 F4 24333
"""
AREAS = ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health",
         "sensory_and_physical")  # fmt: skip

#: Swindon numbers downwards: band 6 is the least need, band 1 the most. The two areas are made up.
SWINDON = """
edition: swindon-bands
title: Bands that count downwards
authority: Swindon Borough Council
not_the_councils: true
status: published
source: {document: swindon-page, paragraph: bands}
levels:
  - {id: band-6, label: Band 6, order: 1}
  - {id: band-5, label: Band 5, order: 2}
  - {id: band-4, label: Band 4, order: 3}
  - {id: band-3, label: Band 3, order: 4}
  - {id: band-2, label: Band 2, order: 5}
  - {id: band-1, label: Band 1, order: 6}
areas: [{id: learning, label: Learning}, {id: health, label: Health}]
strands_held: false
statements_held: false
banding:
  method: highest_area
  bands:
    - {id: band-6, label: Band 6, level: band-6}
    - {id: band-5, label: Band 5, level: band-5}
    - {id: band-4, label: Band 4, level: band-4}
    - {id: band-3, label: Band 3, level: band-3}
    - {id: band-2, label: Band 2, level: band-2}
    - {id: band-1, label: Band 1, level: band-1}
"""


def table() -> list[tuple[int, int, str, Decimal]]:
    """Return Herefordshire's rows as (lowest points, highest points, tariff, pounds a year)."""
    rows = []
    for cell in HEREFORDSHIRE.replace("\n", "|").split("|"):
        if cell.strip():
            points, tariff, amount = cell.split()
            low, high = points.split("-")
            rows.append((int(low), int(high), tariff, Decimal(amount)))
    return rows


@pytest.mark.parametrize("name", sorted(path.name for path in FRAMEWORKS.iterdir()))
def test_a_published_framework_fits_the_model_and_hangs_together(name: str) -> None:
    """The schema is strong enough for real frameworks; each is marked as not the council's."""
    found = framework(name)
    assert list(edition_faults(found)) == []
    assert found.not_the_councils
    assert found.authority


def test_three_published_frameworks_are_held() -> None:
    """There are three; a folder that went missing would leave the tests above without a case."""
    assert sorted(path.name for path in FRAMEWORKS.iterdir()) == ["herefordshire", "islington", "southend"]


@pytest.mark.parametrize(("low", "high", "tariff", "amount"), table(), ids=lambda cell: str(cell))
def test_each_row_of_herefordshires_table_holds_between_both_its_ends(
    low: int, high: int, tariff: str, amount: Decimal
) -> None:
    """Both ends of a range are included; one point outside it another tariff holds."""
    held = framework("herefordshire")
    for points in range(low, high + 1):
        found = band_of_points(held, points)
        assert found.band is not None
        assert (found.points, found.band.id, found.band.amount, found.open_points) == (points, tariff, amount, ())
    rows = [row[2] for row in table()]
    place = rows.index(tariff)
    if place > 0:
        before = band_of_points(held, low - 1).band
        assert before is not None
        assert before.id == rows[place - 1]
    if place + 1 < len(rows):
        after = band_of_points(held, high + 1).band
        assert after is not None
        assert after.id == rows[place + 1]


def test_herefordshires_table_has_21_rows_from_0_to_109_points() -> None:
    """The table of the page, whole: the tests above see each of its rows."""
    assert len(table()) == 21
    bands = framework("herefordshire").banding
    assert bands is not None
    assert [(band.from_points, band.to_points, band.id, band.amount) for band in bands.bands] == table()
    assert bands.amount_unit == "pounds_a_year"


@pytest.mark.parametrize("points", [110, 111, 1000])
def test_from_110_points_herefordshire_has_an_open_point_and_never_a_tariff(points: int) -> None:
    """Nothing is defined there, so nothing is filled in."""
    found = band_of_points(framework("herefordshire"), points)
    assert (found.points, found.band) == (points, None)
    assert found.open_points == ("nothing-at-110-or-more",)


def test_a_table_of_points_takes_points_and_no_ratings() -> None:
    """Herefordshire's statements are not held, so ratings lead to nothing; fewer than no points are wrong use."""
    with pytest.raises(ValueError, match="no method that works on ratings"):
        banded(framework("herefordshire"), {})
    with pytest.raises(ValueError, match="0 or more"):
        band_of_points(framework("herefordshire"), -1)


@pytest.mark.parametrize("level", ["level-0", "level-4"])
def test_southends_weights_are_not_held_so_its_band_is_open(level: str) -> None:
    """Five levels, ten bands, and no weight: the ratings lead to an open point, never to points or a band."""
    held = framework("southend")
    assert [entry.label for entry in held.levels] == ["Level 0", "Level 1", "Level 2", "Level 3", "Level 4"]
    assert held.banding is not None
    assert len(held.banding.bands) == 10
    found = banded(held, dict.fromkeys(AREAS, level))
    assert (found.points, found.band, found.level) == (None, None, None)
    assert "weights-not-held" in found.open_points
    assert {band.amount for band in held.banding.bands} == {None}


@pytest.mark.parametrize(
    ("communication", "cognition", "social", "sensory", "points"),
    [
        ((0,), (0, 0), (0,), (0,), 0),
        ((1,), (0, 0), (0,), (0,), 2),
        ((0,), (1, 0), (0,), (0,), 4),
        ((0,), (0, 0), (1,), (0,), 4),
        ((0,), (0, 0), (0,), (1,), 4),
        ((0,), (3, 0), (0,), (0,), 12),
        ((0,), (4, 0), (0,), (0,), 16),  # the cap, reached by one domain
        ((0,), (2, 2), (0,), (0,), 16),  # the cap, reached by both
        ((0,), (3, 2), (0,), (0,), 16),  # 20 without it
        ((0,), (4, 4), (0,), (0,), 16),  # 32 without it
        ((0,), (0, 0), (4, 4), (0,), 32),  # no other area is capped
        ((4, 1), (4, 4), (2,), (3, 0, 1), 50),  # 10 + 16 + 8 + 16
    ],
)
def test_islingtons_points_are_weighted_by_area_and_capped_for_cognition(
    communication: tuple[int, ...],
    cognition: tuple[int, ...],
    social: tuple[int, ...],
    sensory: tuple[int, ...],
    points: int,
) -> None:
    """Weights 2, 4, 4, 4 and a cap of 16: the points are known, the total at which a tariff starts is not held."""
    held = framework("islington")
    given = zip(AREAS, (communication, cognition, social, sensory), strict=True)
    found = banded(held, {area: tuple(f"level-{level}" for level in levels) for area, levels in given})
    assert (found.points, found.band) == (points, None)
    assert "thresholds-not-held" in found.open_points
    assert found.missing == ()


def test_islingtons_points_wait_for_each_area_and_each_domain_that_is_named() -> None:
    """Points are a sum: a rating that is not known can only be asked for."""
    held = framework("islington")
    ratings: dict[str, Rating] = dict.fromkeys(AREAS, "level-2")
    assert banded(held, ratings).points == 4 + 8 + 8 + 8
    assert banded(held, {**ratings, "sensory_and_physical": None}).missing == ("sensory_and_physical",)
    found = banded(held, {**ratings, "cognition_and_learning": ("level-2", None)})
    assert (found.points, found.missing) == (None, ("cognition_and_learning",))


def test_islingtons_amounts_of_both_years_are_held() -> None:
    """Six steps in each year, each an upper bound ("up to"), none of them reached by points that are held."""
    banding = framework("islington").banding
    assert banding is not None
    assert (banding.amount_is, banding.year) == ("up_to", "2021-22")
    assert [band.amount for band in banding.bands] == [1240, 3220, 5510, 8740, 11570, 16910]
    (earlier,) = banding.earlier_amounts
    assert (earlier.year, list(earlier.amounts.values())) == ("2017-18", [1190, 3100, 5300, 8400, 11120, 16260])


@pytest.mark.parametrize(
    ("one", "other", "highest"),
    [("band-6", "band-5", "band-5"), ("band-2", "band-6", "band-2"), ("band-1", "band-2", "band-1")],
)
def test_where_an_authority_numbers_downwards_the_order_decides_and_not_the_number(
    one: str, other: str, highest: str
) -> None:
    """Swindon: band 6 is the lowest. The order is written out, never read off the ids."""
    held = edition(SWINDON)
    assert list(edition_faults(held)) == []
    for ratings in ({"learning": one, "health": other}, {"learning": other, "health": one}):
        found = banded(held, ratings)
        assert found.level is not None
        assert found.band is not None
        assert (found.level.id, found.band.id) == (highest, highest)


def test_only_the_lowest_number_is_the_top_where_an_authority_numbers_downwards() -> None:
    """At the top an area that is not rated changes nothing; at band 6 it can."""
    held = edition(SWINDON)
    top, bottom = banded(held, {"learning": "band-1"}), banded(held, {"learning": "band-6"})
    assert top.band is not None
    assert top.band.id == "band-1"
    assert (bottom.band, bottom.missing) == (None, ("health",))


def test_levels_that_are_listed_by_their_numbers_against_their_order_are_refused() -> None:
    """Listed 1 to 6, with the orders of 6 to 1: one of the two must be wrong, so neither is followed."""
    lines = SWINDON.splitlines(keepends=True)
    first = lines.index("levels:\n") + 1
    turned = "".join([*lines[:first], *reversed(lines[first : first + 6]), *lines[first + 6 :]])
    found = {(code, path) for path, code, _, _ in edition_faults(edition(turned)) if code == "level-order"}
    assert found == {("level-order", ("levels", index, "order")) for index in range(6)}


def test_bands_that_are_listed_against_their_order_are_refused() -> None:
    """Bands stand from the least need to the most, as their levels do."""
    turned = SWINDON.replace("id: band-6, label: Band 6, level: band-6", "id: other, label: Other, level: band-1")
    found = list(edition_faults(edition(turned)))
    assert [(code, path) for path, code, _, _ in found] == [("band-order", ("banding", "bands", 1, "level"))]
