"""Small counts and small sums: none is shown, and none follows from what is shown, not even for a clever reader."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from copies import copied, replace
from golden_files import FROZEN, ROOT, loaded
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.checking.board import FILE as BOARD
from senpolicy.checking.board import check as check_board
from senpolicy.checking.corpus import check
from senpolicy.comparing.differences import ComparisonReport, Side
from senpolicy.comparing.movement import Moved, Movement, Sum, movement
from senpolicy.comparing.report import say_told
from senpolicy.files.models import board
from senpolicy.policy import corpus


def a_population(seed: int, pupils: int) -> list[Moved]:
    """Return made pupils on three routes, of whom few move: paid in full, protected in part, or paid nothing."""
    source, cases = random.Random(seed), []
    routes = ["direct", "community", "budget"]
    for _ in range(pupils):
        was = source.choices(routes, [3, 3, 2])[0]
        now = was if source.random() < 0.9 else source.choice(routes)
        rate, unknown = source.randint(6001, 20000) * 100, source.random() < 0.2
        part = None if unknown else (rate // 2, rate // 4 * 3)
        pounds = {"direct": (rate, rate), "community": part, "budget": (0, 0)}
        school = source.randint(1, 7)
        groups = {"school": f"S{school}", "community": f"C{school % 2}"}
        cases.append(Moved({"route": (was, now)}, pounds[was], pounds[now], groups))
    return cases


class Reader:
    """Who knows every sum that is shown as one of single pupils' pounds, and solves for those of a few.

    A pupil whose pounds stay is one unknown, of whose protected claim a low end is two parts and a high end three.
    """

    def __init__(self, cases: Sequence[Moved]) -> None:
        self.cases = cases
        self.known = [number for number, one in enumerate(cases) if one.base and one.head]
        self.places: dict[tuple[int, int], int] = {}
        for number in self.known:
            both = cases[number].base, cases[number].head
            for side in (0, 1):
                at = (number, 2 if both[0] == both[1] else side)
                if both[side] != (0, 0):
                    self.places.setdefault(at, len(self.places))

    def sum(self, numbers: Iterable[int], side: int, exact: int, part: int) -> np.ndarray[Any, Any]:
        found = np.zeros(len(self.places))
        for number in numbers:
            both = self.cases[number].base, self.cases[number].head
            pounds = both[side]
            if pounds and pounds != (0, 0):
                at = self.places[number, 2 if both[0] == both[1] else side]
                found[at] = exact if pounds[0] == pounds[1] else part
        return found

    def members(self, name: str, member: str) -> tuple[list[int], list[int]]:
        """Return who is counted there in the base, and in the head."""
        if name == "all":
            return self.known, self.known
        if name != "route":
            found = [number for number in self.known if self.cases[number].groups[name] == member]
            return found, found
        both = [[n for n in self.known if self.cases[n].answers["route"][side] == member] for side in (0, 1)]
        return both[0], both[1]

    def told(self, found: Movement) -> np.ndarray[Any, Any]:
        rows = [np.zeros(len(self.places))]
        every = [(name, member, money) for name, of in found.by.items() for member, (_, _, money) in of.items()]
        for name, member, money in [*every, ("all", "", found.total)]:
            for side, numbers in enumerate(self.members(name, member)):
                ends = (money.base, money.head)[side] or ()
                rows += [self.sum(numbers, side, 1, 2 + at) for at, end in enumerate(ends) if end is not None]
        for name, _, ends in found.movers:
            was, sign, now = name.partition(" to ")
            moved = [number for number in self.known if self.cases[number].answers["route"] == (was, now)]
            rows += [self.sum(moved, 1, 1, 2 + at) - self.sum(moved, 0, 1, 2 + at)
                     for at, end in enumerate(ends) if sign and end is not None]  # fmt: skip
        return np.array(rows)

    def works_out(self, found: Movement) -> list[tuple[str, str, str]]:
        """Return the sums of one to four pupils' pounds that follow from those that are shown."""
        rows, certain = self.told(found), []
        rank = np.linalg.matrix_rank(rows)
        for name, member in [(name, member) for name, of in found.by.items() for member in of] + [("all", "")]:
            was, now = self.members(name, member)
            for of, weights in {"whole": (1, 2), "exact": (1, 0), "part": (0, 1)}.items():
                sums = [self.sum(was, 0, *weights), self.sum(now, 1, *weights)]
                for which, one in zip(("base", "head", "difference"), [*sums, sums[1] - sums[0]], strict=True):
                    few = 0 < len({number for (number, _), at in self.places.items() if one[at]}) < LEAST
                    if few and np.linalg.matrix_rank(np.vstack([rows, one])) == rank:
                        certain.append((name, member, f"{of} {which}"))
        return certain


@pytest.mark.parametrize(("seed", "pupils"), [(1, 30), (2, 45), (4, 60), (5, 60), (3, 150), (6, 200)])
def test_no_pounds_of_a_few_follow_from_those_that_are_shown(seed: int, pupils: int) -> None:
    """Not from sides, differences, totals, nor from both ends of a range: by linear algebra, apart from the solver."""
    cases = a_population(seed, pupils)
    reader, found = Reader(cases), movement(cases, "route")
    assert reader.works_out(found) == []
    if pupils >= 150:
        assert len(reader.told(found)) > 15, "what can be shown is shown"


def test_the_reader_sees_what_shown_sums_give_away() -> None:
    """Twenty pupils of a school stay as they are and one moves: base and head, both shown, tell that one's rate."""
    stays = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": "S1"})] * 20
    moves = [Moved({"route": ("direct", "community")}, (720_000,) * 2, (360_000, 540_000), {"school": "S1"})]
    reader = Reader([*stays, *moves])
    whole = Sum((14_720_000,) * 2, (14_360_000, 14_540_000), (-360_000, -180_000))
    shown = Movement(21, {}, {"school": {"S1": (21, 21, whole)}}, [], whole)
    assert ("school", "S1", "whole difference") in reader.works_out(shown)
    found = movement([*stays, *moves], "route")
    assert found.by["school"]["S1"][2].head is None
    assert found.by["school"]["S1"][2].base == (14_720_000, 14_720_000)
    assert reader.works_out(found) == []


def test_one_protected_claim_is_not_told_by_both_ends_of_a_sum() -> None:
    """Half to three quarters of one claim among twenty exact rates: the ends lie a quarter of it apart."""
    exact = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": "S1"})] * 20
    part = [Moved({"route": ("community", "community")}, (300_000, 450_000), (300_000, 450_000), {"school": "S1"})]
    more = [Moved({"route": ("community", "community")}, (200_000, 300_000), (200_000, 300_000), {"school": "S2"})] * 9
    other = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": "S2"})] * 9
    found = movement([*exact, *part, *more, *other], "route").by["school"]
    assert found["S1"][2].base == (14_300_000, None)
    assert found["S2"][2].base == (8_100_000, None)  # The total less its high end would tell the other.
    assert say_told(found["S1"][2].base) == "£143,000.00 to *"


@pytest.mark.parametrize("pupils", [3, 4])
def test_pounds_are_not_told_where_the_count_is_withheld(pupils: int) -> None:
    """Nor that none of three pupils of a school has any: one pupil's nothing is a pupil's too."""
    few = [Moved({"route": ("budget", "budget")}, (0, 0), (0, 0), {"school": "S1"})] * pupils
    many = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": f"S{n}"})
            for n in (2, 3, 4) for _ in range(9)]  # fmt: skip
    found = movement([*few, *many], "route").by["school"]
    assert found["S1"] == (None, None, Sum(None, None, None, ""))
    assert sum(found[f"S{n}"][2].base is None for n in (2, 3, 4)) == 1, "the total less the others would tell nothing"


def test_of_five_pupils_of_a_school_nothing_is_withheld() -> None:
    """Five is enough: that none of them has pounds is told, and so is what all other schools have."""
    five = [Moved({"route": ("budget", "budget")}, (0, 0), (0, 0), {"school": "S1"})] * 5
    many = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": f"S{n}"})
            for n in (2, 3, 4) for _ in range(9)]  # fmt: skip
    found = movement([*five, *many], "route").by["school"]
    assert found["S1"] == (5, 5, Sum((0, 0), (0, 0), (0, 0), "all"))
    assert {found[f"S{n}"][2].base for n in (2, 3, 4)} == {(6_300_000, 6_300_000)}


def school(name: str, pupils: int, pounds: int) -> list[Moved]:
    """Return pupils of a school who stay as they are."""
    return [Moved({"route": ("direct", "direct")}, (pounds,) * 2, (pounds,) * 2, {"school": name})] * pupils


LARGE = [one for name in ("S2", "S3", "S4") for one in school(name, 9, 700_000)]


def large_shown(found: Movement) -> int:
    """Return of how many of the three large schools the pounds are shown."""
    return sum(found.by["school"][name][2].base is not None for name in ("S2", "S3", "S4"))


def test_the_pounds_of_five_pupils_of_a_school_are_told() -> None:
    assert movement([*school("S1", 5, 800_000), *LARGE], "route").by["school"]["S1"][2].base == (4_000_000, 4_000_000)


def test_five_pupils_without_pounds_hide_nobody() -> None:
    """That they have nothing is told; so the total would tell the three, and a large school goes with them."""
    found = movement([*school("S1", 5, 0), *school("S5", 3, 800_000), *school("S5", 6, 0), *LARGE], "route")
    assert found.by["school"]["S1"][2].base == (0, 0)
    assert large_shown(found) == 2


def test_two_times_four_pupils_without_pounds_are_not_told_by_the_total() -> None:
    """The total less the large schools is nothing: it would tell that neither four has anything."""
    assert large_shown(movement([*school("S1", 4, 0), *school("S5", 4, 0), *LARGE], "route")) == 2


@pytest.mark.parametrize(("exact", "shown"), [(4, False), (5, True)])
def test_both_ends_of_a_sum_are_shown_from_five_exact_rates_on(exact: int, shown: bool) -> None:
    """The ends of the claims in part tell what is exact: the rates of four pupils, or of five."""
    rates = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": "S1"})] * exact
    parts = [Moved({"route": ("community", "community")}, (300_000, 450_000), (300_000, 450_000), {"school": name})
             for name in ("S1", "S2") for _ in range(9)]  # fmt: skip
    more = [Moved({"route": ("direct", "direct")}, (700_000,) * 2, (700_000,) * 2, {"school": "S2"})] * 9
    base = movement([*rates, *parts, *more], "route").by["school"]["S1"][2].base
    assert (base == (2_700_000 + exact * 700_000, 4_050_000 + exact * 700_000)) is shown


def test_no_amount_known_is_not_nothing_paid() -> None:
    """A rate that nobody knows is not £0.00, and where some are known that is said."""
    unknown = [Moved({"route": ("average", "average")}, None, None, {"school": "S1"})] * 9
    nothing = [Moved({"route": ("budget", "budget")}, (0, 0), (0, 0), {"school": "S1"})] * 9
    found = movement([*unknown, *nothing], "route")
    assert found.by["route"]["average"][2] == Sum(None, None, None, "none")
    assert found.by["route"]["budget"][2] == Sum((0, 0), (0, 0), (0, 0), "all")
    assert found.by["school"]["S1"][2].known == "some"
    said = "\n".join(
        line for _, line in ComparisonReport(Side("a", loaded(ROOT)), Side("b", loaded(ROOT)), movement=found).lines()
    )
    assert re.search(r"^average +9 +9$", said, re.MULTILINE)
    assert re.search(r"^average +not known +not known +not known +none$", said, re.MULTILINE)
    assert re.search(r"^budget +£0\.00 +£0\.00 +£0\.00 +all$", said, re.MULTILINE)


@pytest.mark.parametrize("floor", ["floor: 20", "floor_of_group: 10"])
def test_a_board_sets_no_floor_below_five(tmp_path: Path, floor: str) -> None:
    """Figures of four cases would tell of single pupils, so `check` refuses such a floor."""
    copied(tmp_path)
    name, value = floor.split(": ")
    found = []
    for now in ("5", "4"):
        replace(tmp_path, "rules/board.yaml", rf"(  {name}:\n.*\n    value: ){value}$", rf"\g<1>{now}")
        found.append([problem.code for problem in check(corpus.load(tmp_path))])
        value = now
    assert found == [[], ["settled-range"]]


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "beyond"),
    [("per_cent", 0, 100, 1), ("fewest", 0, 1_000, 1), ("most", 1, 10_000, 1), ("moderators", 1, 10, 1),
     ("tolerance", 0, 10, "0.01"), ("floor", 5, 10_000, 1), ("floor_of_group", 5, 10_000, 1), ("baseline", 1, 60, 1),
     ("doubt", 0, 1, "0.01"), ("upper", 0, 1, "0.01"), ("near", 0, 20, 1)],
)  # fmt: skip
def test_each_figure_of_a_board_is_within_its_range(name: str, lowest: int, highest: int, beyond: int | str) -> None:
    """Both ends can be set, and nothing beyond them; the help gives them."""
    whole = loaded(FROZEN)
    assert whole.board
    part = "sample" if name in type(whole.board.sample).model_fields else "consistency"

    def told(value: Decimal) -> list[str]:
        settled = getattr(whole.board, part)
        one = settled.model_copy(update={name: getattr(settled, name).model_copy(update={"value": value})})
        board = whole.board.model_copy(update={part: one}) if whole.board else None
        return [one.help for one in check_board(dataclasses.replace(whole, files=whole.files | {BOARD: board}))]

    step, number = Decimal(beyond), "a whole number" if beyond == 1 else "a number"
    assert told(Decimal(lowest)) == told(Decimal(highest)) == []
    refused = [f"Write {number} from {lowest:,} to {highest:,}."]
    assert told(lowest - step) == told(highest + step) == refused
    assert told(lowest + Decimal("0.5")) == (refused if beyond == 1 else [])


def test_each_figure_that_a_board_settles_has_its_range() -> None:
    """A figure without one would be taken whatever it is."""
    sections = [one for one in vars(board).values() if isinstance(one, type) and one.__name__.endswith("Settled")]
    figures = [
        (section.__name__, name, any(isinstance(found, board.FigureRange) for found in field.metadata))
        for section in sections
        for name, field in getattr(section, "model_fields", {}).items()
        if field.annotation in (board.Settled, board.Settled | None)
    ]
    assert len(figures) == 23
    assert [one for one in figures if not one[2]] == []
