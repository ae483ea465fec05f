"""Agreement, leaning, drift and like cases: held against published values, hand work, and what was put in."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import binomtest, kendalltau

from senpolicy.comparing.intervals import wilson
from senpolicy_board import agreement as agree
from senpolicy_board.agreement import FEW, HELD_BACK, AgreementSettings, RatingUnit, Score
from senpolicy_board.alike import Decided, unlike
from senpolicy_board.drift import Placed, drift

ALL_TOLD = AgreementSettings(least=1, least_of_group=1)
DAY = date(2026, 1, 5)

#: Krippendorff's own example: 4 observers, 12 units, levels 1 to 5. Alpha for ordered data is 0.815.
OBSERVED = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def units_of(rows: Sequence[str]) -> list[RatingUnit]:
    columns = zip(*(row.split() for row in rows), strict=True)
    rated = [tuple(int(one) for one in column if one != ".") for column in columns]
    return [RatingUnit(f"U{number}", "A", levels) for number, levels in enumerate(rated) if len(levels) > 1]


def made(cases: int, levels: int, seed: int, spread: float = 0.8, raters: int = 2) -> list[RatingUnit]:
    """Return units around a true level each, so that raters agree to some extent."""
    chance = random.Random(seed)
    found = []
    for number in range(cases):
        true = chance.uniform(1, levels)
        rated = tuple(min(levels, max(1, round(chance.gauss(true, spread)))) for _ in range(raters))
        found.append(RatingUnit(f"K-{number}", "ABC"[number % 3], rated))
    return found


# The coefficients.


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    """Published: 0.815 for ordered data, with missing values and units of two to four ratings."""
    found = agree.agreement(units_of(OBSERVED), 5, ALL_TOLD, ordered=False)
    assert found.alpha.value == pytest.approx(0.815, abs=0.0005)


def test_kappa_is_that_of_the_classic_table_of_fifty() -> None:
    """Of two levels the weights change nothing: Cohen's kappa of the table 20, 5, 10, 15 is 0.40."""
    pairs = [(1, 1)] * 20 + [(1, 2)] * 5 + [(2, 1)] * 10 + [(2, 2)] * 15
    units = [RatingUnit(str(number), "A", pair) for number, pair in enumerate(pairs)]
    found = agree.agreement(units, 2, ALL_TOLD, ordered=True)
    assert found.kappa.value == pytest.approx(0.4)
    assert (found.exact.value, found.cases) == (pytest.approx(0.7), 50)


def kappa_by_hand(pairs: Sequence[tuple[int, int]]) -> float:
    """Return kappa with quadratic weights as one minus observed over expected squared gaps, pair by pair."""
    seen = sum((one - other) ** 2 for one, other in pairs) / len(pairs)
    expected = sum((one - other) ** 2 for one, _ in pairs for _, other in pairs) / len(pairs) ** 2
    return 1 - seen / expected


def alpha_by_hand(units: Sequence[RatingUnit]) -> float:
    """Return alpha for ordered levels from its definition: disagreement seen over disagreement of all values at all."""
    values = [level for unit in units for level in unit.levels]

    def gap(one: int, other: int) -> float:
        low, high = sorted((one, other))
        between = sum(low <= value <= high for value in values)
        return (between - (values.count(low) + values.count(high)) / 2) ** 2

    seen = sum(
        gap(one, other) / (len(unit.levels) - 1) for unit in units for one, other in permutations(unit.levels, 2)
    ) / len(values)
    expected = sum(gap(one, other) for one, other in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1 - seen / expected


@pytest.mark.parametrize(("cases", "levels", "raters", "seed"), [(20, 3, 2, 1), (30, 7, 2, 2), (25, 5, 3, 3)])
def test_coefficients_and_all_draws_are_as_worked_out_by_hand(cases: int, levels: int, raters: int, seed: int) -> None:
    """The libraries, the reckoning for all draws at once, and the definitions written out, come to the same."""
    units = made(cases, levels, seed, raters=raters)
    found = agree.agreement(units, levels, ALL_TOLD, ordered=False)
    pairs = [two for unit in units for pair in combinations(unit.levels, 2) for two in (pair, pair[::-1])]
    assert found.kappa.value == pytest.approx(kappa_by_hand(pairs))
    assert found.alpha.value == pytest.approx(alpha_by_hand(units))
    draws = agree._Draws(units, sorted(unit.case for unit in units), levels, replace(ALL_TOLD, draws=3))
    # A draw is a set of cases with repetition; worked out by hand from the same cases it comes to the same.
    chance = np.random.default_rng(ALL_TOLD.seed)
    times = chance.multinomial(cases, np.full(cases, 1 / cases), size=3)
    order = sorted(units, key=lambda unit: unit.case)
    for number in range(3):
        drawn = [
            replace(unit, case=f"{unit.case}/{n}")
            for unit, t in zip(order, times[number], strict=True)
            for n in range(t)
        ]
        both = [two for unit in drawn for pair in combinations(unit.levels, 2) for two in (pair, pair[::-1])]
        assert draws.kappas(ordered=False)[number] == pytest.approx(kappa_by_hand(both))
        assert draws.alphas()[number] == pytest.approx(alpha_by_hand(drawn))
        assert draws.exact()[number] == pytest.approx(sum(one == other for one, other in both) / len(both))


def test_kappa_of_communities_keeps_the_order_of_the_two() -> None:
    """A Community is not interchangeable with the board: that it rates one level higher throughout must show."""
    units = [RatingUnit(str(number), "A", (level + 1, level)) for number, level in enumerate([1, 2, 3, 4] * 10)]
    found = agree.agreement(units, 5, ALL_TOLD, ordered=True)
    assert found.kappa.value == pytest.approx(kappa_by_hand([unit.levels for unit in units]))  # type: ignore[misc]
    assert (found.exact.value, found.within_one.value) == (0.0, 1.0)


def test_intervals_hold_the_true_value_about_as_often_as_they_say() -> None:
    """An interval that is too narrow would accuse Communities wrongly: of 60 samples at least 51 hold the truth."""

    def draws(cases: int, seed: int, many: int) -> agree._Draws:
        units = made(cases, 5, seed)
        return agree._Draws(units, sorted(unit.case for unit in units), 5, replace(ALL_TOLD, draws=many))

    truth, held = draws(20_000, 99, 2), {"kappa": 0, "exact": 0}
    for seed in range(60):
        found = draws(60, seed, 300)
        for name, drawn, true in (
            ("kappa", found.kappas(ordered=False), truth.kappas(ordered=False).mean()),
            ("exact", found.exact(), truth.exact().mean()),
        ):
            low, high = agree._middle(drawn, ALL_TOLD)
            assert low is not None
            assert high is not None
            held[name] += low <= true <= high
    assert all(51 <= times <= 60 for times in held.values()), held


def test_the_same_ratings_give_the_same_figures() -> None:
    """A figure that is another at each look could not be put before a Community."""
    units = made(40, 5, 4)
    first, again = (agree.agreement(units, 5, ALL_TOLD, ordered=False) for _ in range(2))
    assert first == again
    assert first != agree.agreement(units, 5, replace(ALL_TOLD, seed=2), ordered=False)


# What is not told.


def test_below_the_floor_no_figure_is_given() -> None:
    """A floor on the sample size. Not even the count is told where it is under five."""
    for cases, told in ((19, 19), (5, 5), (4, None), (0, 0)):
        found = agree.agreement(made(cases, 5, 1), 5, AgreementSettings(least=20), ordered=False)
        assert {found.exact.why, found.within_one.why, found.kappa.why, found.alpha.why} == {FEW}
        assert found.cases == told
    assert agree.agreement(made(20, 5, 1), 5, AgreementSettings(least=20), ordered=False).kappa.value is not None


def test_where_all_rate_alike_no_coefficient_is_made_up() -> None:
    units = [RatingUnit(str(number), "A", (3, 3)) for number in range(25)]
    found = agree.agreement(units, 5, ALL_TOLD, ordered=False)
    assert (found.kappa.value, found.alpha.value) == (None, None)
    assert found.exact.value == 1.0
    assert found.exact.low == pytest.approx(wilson(1.0, 25, 0.95)[0])


def test_a_share_against_which_fewer_than_five_stand_is_told_as_a_bound() -> None:
    """Counts under five are not told, nor what tells them: 27 of 30 would."""
    units = [RatingUnit(str(number), "A", (3, 3 if number > 2 else 5)) for number in range(30)]
    found = agree.agreement(units, 5, ALL_TOLD, ordered=False)
    assert (found.exact.value, found.exact.why, found.exact.bound) == (None, HELD_BACK, "over 83%")
    assert (found.within_one.value, found.within_one.low) == (None, None)
    many = [RatingUnit(str(number), "A", (3, 3 if number > 5 else 5)) for number in range(30)]
    assert agree.agreement(many, 5, ALL_TOLD, ordered=False).exact.value == pytest.approx(0.8)


@pytest.mark.parametrize(("alike", "bound"), [(5, "over 44%"), (4, "under 56%")])
def test_a_bound_is_told_from_five_cases_on_the_other_side_on(alike: int, bound: str) -> None:
    """Four of nine stand against it, or for it: the bound is that of five."""
    units = [RatingUnit(str(number), "A", (3, 3 if number < alike else 5)) for number in range(9)]
    assert agree.agreement(units, 5, ALL_TOLD, ordered=False).exact.bound == bound


def test_no_small_count_by_level_or_community_can_be_worked_out() -> None:
    """With one count withheld the total would tell it, so another goes with it."""
    units = [RatingUnit(str(number), "A" if number < 20 else "B" if number < 27 else "C", (1 + number % 4, 1 + number % 4))
             for number in range(30)]  # fmt: skip
    leaning = {one.community: one.cases for one in agree.leanings(units, ALL_TOLD)}
    assert leaning["C"] is None
    assert sum(cases is None for cases in leaning.values()) == 2
    levels = [RatingUnit(str(number), "A", (1, 1) if number < 27 else (2, 2)) for number in range(30)]
    counts = [one.cases for one in agree.agreement(levels, 2, ALL_TOLD, ordered=True).by_level]
    assert counts == [None, None]


def test_wilsons_interval_is_as_published_and_as_scipys() -> None:
    """Newcombe 1998: 81 of 263, and 0 of 20. scipy takes whole counts; a share of pairs has none."""
    for many, cases in [(0, 5), (1, 5), (5, 5), (81, 263)]:
        assert wilson(many / cases, cases, 0.9) == pytest.approx(
            tuple(binomtest(many, cases).proportion_ci(0.9, "wilson"))
        )
    assert wilson(81 / 263, 263, 0.95) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(0.0, 20, 0.95) == (0.0, pytest.approx(0.1611, abs=5e-5))


# Who is compared with whom.


def score(case: str, level: int, rater: str, kind: str, community: str = "A") -> Score:
    return Score(case, community, "level", level, rater, kind, DAY)  # type: ignore[arg-type]


def test_a_community_is_held_against_the_boards_decision_else_against_each_moderator() -> None:
    scores = [
        score("K-1", 3, "A", "community"), score("K-1", 1, "m1", "moderator"), score("K-1", 2, "board", "board"),
        score("K-2", 3, "A", "community"), score("K-2", 4, "m1", "moderator"), score("K-2", 5, "m2", "moderator"),
        score("K-3", 3, "A", "community"), score("K-4", 2, "m1", "moderator"),
    ]  # fmt: skip
    assert [(unit.case, unit.levels) for unit in agree.with_the_board(scores)] == [
        ("K-1", (3, 2)), ("K-2", (3, 4)), ("K-2", (3, 5)),
    ]  # fmt: skip
    assert [(unit.case, unit.levels) for unit in agree.between_moderators(scores)] == [("K-2", (4, 5))]


def test_a_generous_and_a_severe_community_are_found_and_a_fair_one_is_not() -> None:
    """Leniency or severity by Community, and the Communities outside the tolerance."""
    chance, scores = random.Random(5), []
    for number in range(120):
        community, true = ("High", "Low", "Fair")[number % 3], chance.randint(2, 4)
        theirs = true + {"High": chance.choice([0, 1, 1, 1]), "Low": -chance.choice([0, 1, 1, 1]), "Fair": 0}[community]
        scores.append(score(f"K-{number}", theirs, community, "community", community))
        scores.append(score(f"K-{number}", true, "board", "board", community))
    found = agree.overview(scores, ["level"], "level", 5, AgreementSettings())
    by_name = {one.community: one for one in found.leanings}
    assert set(found.outside) == {"High", "Low"}
    assert by_name["High"].clearly
    assert by_name["Low"].clearly
    assert (by_name["High"].mean.value or 0) > 0.5 > -0.5 > (by_name["Low"].mean.value or 0)
    assert by_name["Fair"].mean == agree.Figure(0.0, None, None, agree.ALIKE)


def test_a_community_just_outside_is_not_clearly_so() -> None:
    units = [
        RatingUnit(f"K-{number}", "A", (2 + gap, 2)) for number, gap in enumerate([0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0])
    ]
    (found,) = agree.leanings(units, AgreementSettings())
    assert (found.outside, found.clearly) == (True, False)


# Drift.


def placed(month: int, levels: Sequence[int]) -> list[Placed]:
    return [
        Placed(f"K-{month}-{number}", level, date(2026, month, 1 + number % 28)) for number, level in enumerate(levels)
    ]


def test_the_statistic_is_that_of_the_tortoises_and_hares() -> None:
    """The textbook example of the Mann-Whitney test: of 36 pairs 25 for the one, 11 for the other."""
    order = "THHHHHTTTTTH"[::-1]
    tortoises = [place for place, who in enumerate(order, 1) if who == "T"]
    hares = [place for place, who in enumerate(order, 1) if who == "H"]
    found = drift(placed(1, hares) + placed(2, tortoises), 12, replace(ALL_TOLD, baseline=1))
    assert found.months[0].higher.value == pytest.approx(1 - 25 / 36)


def test_a_drift_upwards_is_found_and_chance_is_not_called_one() -> None:
    """The failure that ended another county's tool (domain.md 5.4): half at the upper levels where it was less."""
    chance = random.Random(3)
    usual, later = [1, 2, 2, 3, 3, 3, 4, 4, 5], [2, 3, 4, 4, 5, 5, 5, 5, 5]
    cases = [one for month in range(1, 4) for one in placed(month, [chance.choice(usual) for _ in range(40)])]
    cases += placed(4, [chance.choice(usual) for _ in range(40)]) + placed(5, [chance.choice(later) for _ in range(40)])
    found = drift(cases, 5, AgreementSettings())
    april, may = found.months
    assert (april.drifted, may.drifted) == ("", "up")
    assert (may.higher.value or 0) > 0.6
    assert (may.chance or 1) < 0.05 < (april.chance or 0)
    assert found.upper_from == 5
    assert found.baseline
    assert found.baseline.name == "2026-01 to 2026-03"
    down = drift([replace(one, level=6 - one.level) for one in cases], 5, AgreementSettings())
    assert down.months[1].drifted == "down"


def test_looking_at_many_months_finds_nothing_where_there_is_nothing() -> None:
    """With 9 later months, each tried at 5%, one in three such years would raise an alarm for nothing."""
    alarms = 0
    for seed in range(16):
        chance = random.Random(seed)
        cases = [one for month in range(1, 13) for one in placed(month, [chance.randint(1, 3) for _ in range(30)])]
        alarms += any(month.drifted for month in drift(cases, 3, AgreementSettings()).months)
    assert alarms <= 3


def test_small_months_are_withheld() -> None:
    cases = placed(1, [1] * 12 + [2] * 9) + placed(2, [1, 1, 2]) + placed(3, [1] * 9 + [2] * 3 + [3] * 7)
    found = drift(cases, 3, AgreementSettings(baseline=1))
    assert found.baseline
    assert found.baseline.levels == (12, 9, 0)
    few, some = found.months
    assert (few.cases, few.levels, few.higher.why) == (None, (None, None, 0), FEW)
    assert some.cases == 19
    assert some.levels[1] is None
    assert sum(one is None for one in some.levels) >= 2


@pytest.mark.parametrize(("number", "told"), [(4, None), (5, 5)])
def test_a_month_is_told_from_five_cases_on(number: int, told: int | None) -> None:
    (month,) = drift(placed(1, [1] * 12) + placed(2, [1] * number), 3, AgreementSettings(baseline=1)).months
    assert (month.cases, month.levels) == (told, (told, 0, 0))


def test_drift_of_no_cases_is_nothing() -> None:
    assert drift([], 5, AgreementSettings()).baseline is None


# Like cases.


def test_like_cases_decided_differently_are_those_that_a_search_of_all_pairs_finds() -> None:
    chance = random.Random(8)
    areas = ("a", "b", "c")
    cases = [
        Decided(str(n), f"K-{n}", "A", {area: chance.randint(1, 3) for area in areas[: chance.choice([0, 2, 3])]}, chance.randint(1, 4))
        for n in range(150)
    ]  # fmt: skip
    for near in (0, 1, 2):
        expected = set()
        for one, other in combinations(cases, 2):
            if one.ratings and one.ratings.keys() == other.ratings.keys():
                steps = sum(abs(one.ratings[area] - other.ratings[area]) for area in one.ratings)
                if steps <= near and abs(one.level - other.level) > steps:
                    expected.add(frozenset((one.case, other.case)))
        found = unlike(cases, near)
        assert {frozenset((pair.one.case, pair.other.case)) for pair in found} == expected
        assert expected
        assert [pair.steps for pair in found] == sorted(pair.steps for pair in found)


def test_a_step_between_ratings_that_is_a_step_between_decisions_is_nothing_odd() -> None:
    one = Decided("1", "K-1", "A", {"a": 2, "b": 1}, 2)
    assert unlike([one, Decided("2", "K-2", "A", {"a": 3, "b": 1}, 3)], 1) == []
    assert len(unlike([one, Decided("3", "K-3", "A", {"a": 2, "b": 1}, 3)], 1)) == 1


def test_kendall_and_kappa_point_the_same_way() -> None:
    """A sanity check from outside: raters who follow each other more closely have the higher kappa."""
    loose, tight = (made(200, 5, 6, spread) for spread in (2.0, 0.3))
    values = [agree.agreement(one, 5, ALL_TOLD, ordered=True).kappa.value or 0 for one in (loose, tight)]
    ranks = [kendalltau(*zip(*(unit.levels for unit in one), strict=True)).statistic for one in (loose, tight)]
    assert values[0] < values[1]
    assert ranks[0] < ranks[1]
    assert not any(math.isnan(value) for value in values)
