"""Community budgets: exact to the penny, a range wherever the text leaves a share open, and never a guess."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from copy import copy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copies import copied
from copies import replace as edited
from golden_files import FROZEN, ROOT, decider
from running import senpolicy
from senpolicy import cli
from senpolicy.caseloads import budgets, ledger
from senpolicy.caseloads.budgets import AllocationTable, read_quantum, read_text, work_out
from senpolicy.checking import opening
from senpolicy.checking.corpus import check
from senpolicy.files.models.scenarios import Assumption, ScenarioFile, ScenarioParameter
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.policy import corpus, scenarios, timeline

POLICY = decider(FROZEN, None, "all").policy
FORMULA = budgets.formula_of(POLICY)
BASKET = ("idaci", "looked_after", "low_prior_attainment")
HEADINGS = "community,pupils,idaci,looked_after,low_prior_attainment,historic"
GOOD = f"""{HEADINGS}
North,1000,100,10,200,500000
South,2000,500,5,100,400000
East,1000,250,15,300,700000.50
"""
MILLION = Fraction(1, 1_000_000)
many = settings(max_examples=100, deadline=None)


def reading_allocations(path: Path) -> Any:
    """Read a file of allocations, as `ledger` does."""
    return ledger.read_allocations(path, decider(FROZEN, "24/00120", "all").policy, date(2025, 9, 1), date(2026, 8, 31))


def assuming(**shares: Fraction) -> Any:
    """Return the policy with a scenario that assumes these shares."""
    parameters = {
        name: ScenarioParameter(label=name, unit="share", value=budgets.decimal(share), assumption="a")
        for name, share in shares.items()
    }
    scenario = ScenarioFile(
        scenario="assumed",
        title="Assumed",
        says="Illustrative, made up for a test.",
        assumptions=[Assumption(id="a", says="It is assumed.", because="A test needs it.")],
        parameters=parameters,
    )
    binder = copy(POLICY.binder)
    binder.scenario = scenario
    return replace(POLICY, scenario=scenario, binder=binder)


def weighted(weights: tuple[Fraction, ...], **more: Fraction) -> Any:
    """Return the policy with assumed weights of the basket."""
    return assuming(**{f"weight_{name}": weight for name, weight in zip(BASKET, weights, strict=True)}, **more)


def by_hand(table: AllocationTable, at: int, history: Fraction, weights: tuple[Fraction, ...]) -> Fraction:
    """Return one Community's share of the pot as report 3.20 and 5.9 have it, written out here a second time."""

    def share(name: str) -> Fraction:
        return Fraction(table.columns[name][at], sum(table.columns[name]))

    basket = sum((weight * share(name) for name, weight in zip(BASKET, weights, strict=True)), Fraction(0))
    formula = Fraction(1, 2) * share("pupils") + Fraction(1, 2) * basket
    return history * share("historic") + (1 - history) * formula


@st.composite
def tables(draw: st.DrawFn) -> AllocationTable:
    """Make a table in which no column comes to nought."""
    count = draw(st.integers(1, 6))
    columns = {}
    for name in FORMULA.columns:
        cells = draw(st.lists(st.integers(0, 10**9), min_size=count, max_size=count).filter(any))
        columns[name] = tuple(cells)
    return AllocationTable(tuple(f"C{at}" for at in range(count)), columns)


@st.composite
def weights(draw: st.DrawFn) -> tuple[Fraction, ...]:
    """Make weights that come to 1, with the corners among them."""
    first = draw(st.integers(0, 10**6))
    second = draw(st.integers(0, 10**6 - first))
    return (first * MILLION, second * MILLION, (10**6 - first - second) * MILLION)


pots = st.integers(1, 10**11)
histories = st.integers(0, 750_000).map(lambda parts: parts * MILLION)


@many
@given(tables(), weights(), histories, pots, st.sampled_from([1, 2, 3]))
def test_figures_come_to_the_quantum_and_are_what_the_paragraphs_say(
    table: AllocationTable, basket: tuple[Fraction, ...], history: Fraction, pot: int, year: int
) -> None:
    """I1, I3 and I4 of the facts: each is its exact share of the pot to within a penny, and the sum is the pot."""
    found = work_out(weighted(basket, year_2_historic_share=history), table, year, pot)
    share = {1: Fraction(3, 4), 2: history, 3: Fraction(0)}[year]

    assert found.settled
    assert sum(row.low for row in found.rows) == pot
    for at, row in enumerate(found.rows):
        exact = pot * by_hand(table, at, share, basket)
        assert row.low == row.high
        assert math.floor(exact) <= row.low <= math.ceil(exact)


@many
@given(tables(), weights(), histories, pots, st.sampled_from([1, 2, 3]))
def test_a_range_holds_the_figure_of_every_weighting_and_year_two_share(
    table: AllocationTable, basket: tuple[Fraction, ...], history: Fraction, pot: int, year: int
) -> None:
    """Report 3.20 gives no weights, and 5.9 no shares of the second year: no figure that they allow falls outside."""
    found = work_out(POLICY, table, year, pot)
    share = {1: Fraction(3, 4), 2: history, 3: Fraction(0)}[year]

    assert not found.settled
    for at, row in enumerate(found.rows):
        assert row.low <= pot * by_hand(table, at, share, basket) <= row.high


@many
@given(tables(), pots, st.sampled_from([1, 2, 3]))
def test_each_end_of_a_range_is_reached_by_some_weighting(table: AllocationTable, pot: int, year: int) -> None:
    """A range wider than the text allows would be a guess too: its ends are the corners, to the penny."""
    found = work_out(POLICY, table, year, pot)
    shares = {1: [Fraction(3, 4)], 2: [Fraction(0), Fraction(3, 4)], 3: [Fraction(0)]}[year]
    corners = [tuple(Fraction(int(at == place)) for at in range(3)) for place in range(3)]

    for at, row in enumerate(found.rows):
        figures = [pot * by_hand(table, at, share, corner) for share in shares for corner in corners]
        assert row.low == math.floor(min(figures))
        assert row.high == math.ceil(max(figures))


@many
@given(tables(), weights(), pots)
def test_the_first_year_never_gives_less_than_three_quarters_of_history(
    table: AllocationTable, basket: tuple[Fraction, ...], pot: int
) -> None:
    """I2 of the facts: with nothing taken off, a protection of up to 75% can always be paid (report 5.9)."""
    for policy in (POLICY, weighted(basket)):
        for at, row in enumerate(work_out(policy, table, 1, pot).rows):
            history = Fraction(table.columns["historic"][at], sum(table.columns["historic"]))
            assert row.low >= math.floor(Fraction(3, 4) * history * pot)


@many
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.integers(1, 50), pots, st.sampled_from([1, 2, 3]))
def test_equal_shares_on_every_indicator_give_the_population_share(
    pupils: list[int], times: int, pot: int, year: int
) -> None:
    """I4 of the facts: then it does not matter what is open, and the range is a single figure but for its rounding."""
    columns = {name: tuple(one * times for one in pupils) for name in FORMULA.columns}
    table = AllocationTable(tuple(f"C{at}" for at in range(len(pupils))), {**columns, "pupils": tuple(pupils)})

    for row, one in zip(work_out(POLICY, table, year, pot).rows, pupils, strict=True):
        exact = Fraction(pot * one, sum(pupils))
        assert (row.low, row.high) == (math.floor(exact), math.ceil(exact))


@many
@given(tables(), weights(), pots, st.randoms())
def test_the_order_of_the_rows_decides_nothing(
    table: AllocationTable, basket: tuple[Fraction, ...], pot: int, source: Any
) -> None:
    """An odd penny goes to the largest remainder, of equals to the first name: never to the first row."""
    order = list(range(len(table.names)))
    source.shuffle(order)
    columns = {name: tuple(cells[at] for at in order) for name, cells in table.columns.items()}
    moved = AllocationTable(tuple(table.names[at] for at in order), columns)

    expected = {row.name: row for row in work_out(weighted(basket), table, 1, pot).rows}
    assert {row.name: row for row in work_out(weighted(basket), moved, 1, pot).rows} == expected


@many
@given(tables(), weights(), st.integers(0, 10**6), pots)
def test_what_is_taken_off_first_is_left_out_of_every_budget(
    table: AllocationTable, basket: tuple[Fraction, ...], parts: int, pot: int
) -> None:
    """Question 9 asks whether chair and administrator come off the top; a scenario may say so, and it shows."""
    found = work_out(weighted(basket, top_slice=parts * MILLION), table, 3, pot)

    assert found.taken_off == pot * parts // 10**6
    assert sum(row.low for row in found.rows) + found.taken_off == pot


@many
@given(tables(), st.integers(0, 10**6 - 1), st.integers(0, 10**6), pots)
def test_weights_known_in_part_leave_a_range_over_the_others(
    table: AllocationTable, first: int, second: int, pot: int
) -> None:
    """A scenario may assume one weight; the others are then whatever is left, in any proportion."""
    known = first * MILLION
    found = work_out(assuming(weight_idaci=known), table, 3, pot)
    ends = [(known, 1 - known, Fraction(0)), (known, Fraction(0), 1 - known)]
    between = second * MILLION * (1 - known)

    for at, row in enumerate(found.rows):
        figures = [pot * by_hand(table, at, Fraction(0), one) for one in ends]
        assert (row.low, row.high) == (math.floor(min(figures)), math.ceil(max(figures)))
        assert row.ends == ("excluded" if min(figures) < max(figures) else "included")
        inside = pot * by_hand(table, at, Fraction(0), (known, between, 1 - known - between))
        assert row.low <= inside <= row.high


def test_of_equal_remainders_the_first_name_gets_the_penny() -> None:
    """A stated rule for odd pennies: which row comes first in the file makes no difference."""
    table = read_text(f"{HEADINGS}\nC,1,1,1,1,1\nA,1,1,1,1,1\nB,1,1,1,1,1\n", "c.csv", FORMULA)
    found = work_out(weighted((Fraction(1), Fraction(0), Fraction(0))), table, 1, 100)

    assert [(row.name, row.low) for row in found.rows] == [("C", 33), ("A", 34), ("B", 33)]


def test_a_worked_example_by_hand() -> None:
    """Report 3.20 and 5.9, added up on paper: 75% of history, and of the rest half by pupils, half by one indicator."""
    table = read_text(GOOD, "communities.csv", FORMULA)
    found = work_out(weighted((Fraction(1), Fraction(0), Fraction(0))), table, 1, read_quantum("1000000.00"))

    # North: 0.75 * 500000 / 1600000.50 + 0.25 * (0.5 * 1000 / 4000 + 0.5 * 100 / 850) = 0.28033080...
    assert [row.low for row in found.rows] == [28033081, 32352935, 39613984]


def test_without_a_scenario_each_range_names_its_open_points() -> None:
    """The basket has no weights (C4), the second year no shares (C1): the range says so, and what would settle it."""
    table = read_text(GOOD, "communities.csv", FORMULA)
    first, second = (work_out(POLICY, table, year, 100) for year in (1, 2))

    assert first.open_points == ("C4-weights-of-the-basket", "P-chair-and-administrator")
    assert second.open_points == ("C1-year-two-share", "C4-weights-of-the-basket", "P-chair-and-administrator")
    assert {one["taken_off_first"] for one in second.to_json()} == {"0.00"}
    said = "\n".join(second.lines())
    assert "more than 0% and less than 75% by historic (open point C1-year-two-share)" in said
    assert "The weights and data that the council used" in said
    assert "All this holds if nothing is taken off first (open point P-chair-and-administrator)." in said


def test_year_one_is_september_2025_to_august_2026() -> None:
    """The contract: N is 1, 2 or 3, and nothing else; later years are for a later decision."""
    table = read_text(GOOD, "communities.csv", FORMULA)
    found = [work_out(POLICY, table, year, 100) for year in (1, 2, 3)]

    assert [one.first.isoformat() for one in found] == ["2025-09-01", "2026-09-01", "2027-09-01"]
    assert [one.last.isoformat() for one in found] == ["2026-08-31", "2027-08-31", "2028-08-31"]
    for year in (0, 4, -1):
        with pytest.raises(WrongUse, match="Use one of '1', '2', '3'"):
            work_out(POLICY, table, year, 100)


def test_before_the_decision_there_are_no_budgets() -> None:
    """As of 24/00026 no formula had been decided: that is wrong use, not a figure."""
    table = read_text(GOOD, "communities.csv", FORMULA)
    with pytest.raises(WrongUse, match="has no budgets"):
        work_out(decider(FROZEN, "24/00026", "all").policy, table, 1, 100)


def test_one_community_gets_everything_and_thousands_are_divided_alike() -> None:
    """Neither one row nor thousands are a special case."""
    alone = work_out(POLICY, read_text(f"{HEADINGS}\nOne,1,1,1,1,0.01\n", "c.csv", FORMULA), 2, 12345)
    rows = [f"C{at},{at},{at % 7},{at % 11},{at % 13},{at * 3}.5" for at in range(1, 5001)]
    many = read_text("\n".join([HEADINGS, *rows]), "c.csv", FORMULA)
    found = work_out(weighted((Fraction(1, 5), Fraction(2, 5), Fraction(2, 5))), many, 1, 10**10)

    # Every share that the text allows gives it the whole pot, so there is no end to leave out.
    assert [(row.low, row.high, row.ends) for row in alone.rows] == [(12345, 12345, "included")]
    assert sum(row.low for row in found.rows) == 10**10


BAD = {
    "a comma in a number": (GOOD.replace("2000", '"2,000"'), "'2,000' is not a whole number", "Row 2, column 'pupils'"),
    "a negative": (GOOD.replace("500,5", "-500,5"), "'-500' is not a whole number", "Row 2, column 'idaci'"),
    "text": (GOOD.replace(",15,", ",few,"), "'few' is not a whole number", "Row 3, column 'looked_after'"),
    "a decimal count": (GOOD.replace(",200,", ",200.5,"), "'200.5' is not", "Row 1, column 'low_prior_attainment'"),
    "three decimals": (GOOD.replace("700000.50", "700000.505"), "at most two decimals", "Row 3, column 'historic'"),
    "a currency mark": (GOOD.replace(",400000", ",£400000"), "'£400000' is not pounds", "Row 2, column 'historic'"),
    "an exponent": (GOOD.replace(",400000", ",4e5"), "'4e5' is not pounds", "Row 2, column 'historic'"),
    "an empty cell": (GOOD.replace(",5,", ",,"), "an empty cell is not", "Row 2, column 'looked_after'"),
    "a name twice": (GOOD.replace("East", "North"), "'North' is in row 1 already", "Row 3, column 'community'"),
    "no name": (GOOD.replace("East", ""), "this is not a name", "Row 3, column 'community'"),
    "a person's name": (
        GOOD.replace("East", "Jane " + "Smith"),
        "looks like the name of a person",
        "such as 'Community'",
    ),
    "a formula for a name": (GOOD.replace("East", "=1+1"), "this is not a name", "Row 3, column 'community'"),
    "a column missing": (GOOD.replace("historic", "past"), "There is no column 'historic'", "'past', is not a column"),
    "a column renamed": (GOOD.replace("looked_after", "lookedafter"), "Did you mean 'looked_after'", "Column 4"),
    "a column twice": (GOOD.replace("idaci", "pupils"), "appears twice", "There is no column 'idaci'"),
    "a column too many": (GOOD.replace("\n", ",\n").replace("historic,", "historic,x"), "'x', is not", "Take it out"),
    "a cell too many": (GOOD.replace("North,", "North,1,"), "Row 1 has 7 cells", "6 headings"),
    "semicolons": (GOOD.replace(",", ";"), "not separated by commas", "CSV UTF-8"),
    "headings alone": (f"{HEADINGS}\n", "headings but no rows", "one row for each"),
    "nothing": ("", "is empty", "Write the headings"),
    "a quotation mark": (GOOD.replace("South", '"South'), "cannot be read as CSV", "quotation marks"),
}


@pytest.mark.parametrize(("text", "said", "place"), BAD.values(), ids=BAD)
def test_a_bad_file_is_a_clear_problem_with_row_and_column(text: str, said: str, place: str) -> None:
    """Whoever sends the file learns which cell to mend, from the first message."""
    with pytest.raises(PolicyError) as error:
        read_text(text, "communities.csv", FORMULA)

    assert said in str(error.value)
    assert place in str(error.value)
    assert str(error.value).startswith("communities.csv")


def test_every_problem_of_a_file_is_told_at_once() -> None:
    """All problems in one run: a file is mended once."""
    with pytest.raises(PolicyError) as error:
        read_text(GOOD.replace("1000,100", "x,y").replace("2000", "z"), "c.csv", FORMULA)

    assert [problem.place.line for problem in error.value.problems] == [2, 2, 3]


@pytest.mark.parametrize("column", list(FORMULA.columns))
def test_a_column_that_comes_to_nought_has_no_shares(column: str) -> None:
    """Nothing can be divided by nought; a column on which a year does not rest may be empty of figures."""
    table = read_text(GOOD, "c.csv", FORMULA)
    bare = AllocationTable(table.names, {**table.columns, column: (0, 0, 0)}, "c.csv")
    with pytest.raises(PolicyError, match=f"'{column}' sums to zero"):
        work_out(POLICY, bare, 1, 100)
    if column == "historic":
        assert work_out(POLICY, bare, 3, 100).rows == work_out(POLICY, table, 3, 100).rows


@pytest.mark.parametrize("text", ["1,000", "1000.005", "-5", "0", "0.00", "£5", "1e6", "", " 5", "five", "١"])
def test_a_quantum_is_plain_pounds(text: str) -> None:
    """What could be read in two ways is not read at all."""
    with pytest.raises(WrongUse, match="is not a pot"):
        read_quantum(text)


SCENARIO = """\
# Illustrative: made up for a test.
scenario: thirds
title: Weights made up for a test
says: "Illustrative: assumed weights, not the council's."
assumptions:
  - {id: weights, says: The three indicators count alike., because: It is the simplest guess.}
  - {id: halfway, says: History counts half of its first share., because: It is halfway.}
parameters:
  weight_idaci: {label: a weight, unit: share, value: 0.4, assumption: weights}
  weight_looked_after: {label: a weight, unit: share, value: 0.3, assumption: weights}
  weight_low_prior_attainment: {label: a weight, unit: share, value: 0.3, assumption: weights}
  year_2_historic_share: {label: a share, unit: share, value: 0.375, assumption: halfway}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a sound file and a scenario, in which the commands are run."""
    (tmp_path / "c.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "read", [lambda path: budgets.read_file(path, decider(FROZEN, "24/00120", "all").policy), reading_allocations]
)
def test_a_file_of_another_kind_is_not_read_as_csv(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "communities.ods"
    path.write_text("community,pupils\nA,1\n", encoding="utf-8")
    with pytest.raises(WrongUse, match=r"communities\.ods.*\.csv, \.parquet, \.xlsx"):
        read(path)


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[int, str, str]:
    """Return exit status, output and messages of `senpolicy budgets`."""
    monkeypatch.setattr(sys, "argv", ["senpolicy", "budgets", "--root", str(FROZEN), *args])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_the_command_writes_ranges_and_says_what_they_rest_on(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: community and low, high on standard output; in words, on standard error, why."""
    status, out, err = run(capsys, monkeypatch, "c.csv", "--year", "1", "--quantum", "1000000")
    rows = list(csv.DictReader(io.StringIO(out)))

    assert status == 0
    assert list(rows[0]) == ["community", "low", "high", "ends"]
    assert [row["community"] for row in rows] == ["North", "South", "East"]
    assert rows[0] == {"community": "North", "low": "280330.80", "high": "307291.60", "ends": "excluded"}
    assert "75% by historic (24/00120, report 5.9)" in err


def test_budgets_wait_for_no_rule_that_decides_cases(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no answer covers some kind of case, cases are not decided; the division of the budgets is as it was."""
    words = ("c.csv", "--year", "1", "--quantum", "1000000")
    whole = run(capsys, monkeypatch, *words)
    gap = Problem(Place("rules/route.yaml", 1), "gap", "No answer covers some kind of case.", "Add one.")
    monkeypatch.setattr(opening, "_faults", lambda *_: [gap])
    assert senpolicy(capsys, "decide", str(ROOT / "tests/cases/every-route.yaml"), "--root", str(ROOT))[0] == 1
    assert run(capsys, monkeypatch, *words) == whole


def test_a_scenario_gives_figures_that_say_what_they_assume_on_every_output(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure that rests on an assumption says so: in each row, in each object, and in the words beside it."""
    given = ("c.csv", "--year", "2", "--quantum", "1000000.01", "--scenario", "s.yaml")
    assumed = "historic 37.5%, idaci 40%, looked_after 30%, low_prior_attainment 30%"
    status, out, err = run(capsys, monkeypatch, *given, "-o", "out.csv")
    rows = list(csv.DictReader(io.StringIO((folder / "out.csv").read_text(encoding="utf-8"))))

    assert (status, out) == (0, "")
    assert sum(Decimal(row["budget"]) for row in rows) == Decimal("1000000.01")
    assert {row["scenario"] for row in rows} == {"Illustrative: assumed weights, not the council's."}
    assert {row["assumes"] for row in rows} == {assumed}
    assert f"Assumed: {assumed}." in err
    assert "It is halfway. (halfway)" in err

    status, out, _ = run(capsys, monkeypatch, *given, "--json")
    objects = json.loads(out)
    assert [one["budget"] for one in objects] == [row["budget"] for row in rows]
    assert all(one["scenario"]["name"] == "thirds" and one["assumes"]["historic"] == "0.375" for one in objects)


def test_a_scenario_that_does_not_add_up_is_a_problem_at_its_own_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights come to 1, the second year's history is at most the first's, and a mistyped name is never passed over."""
    wrong = SCENARIO.replace("value: 0.4,", "value: 0.5,").replace("0.375", "0.8")
    (folder / "s.yaml").write_text(wrong, encoding="utf-8")
    status, out, err = run(capsys, monkeypatch, "c.csv", "--year", "3", "--quantum", "1", "--scenario", "s.yaml")

    assert (status, out) == (1, "")
    assert "s.yaml:11:70: The shares of 'basket' add up to 1.1, not to 1." in err
    fits = "weight_idaci to 0.4, weight_looked_after to 0.2, weight_low_prior_attainment to 0.2"
    assert f"Correct one of them: {fits}." in err
    assert "s.yaml:12:63: 'historic' is given 0.8, and the text allows at most 0.75." in err

    (folder / "s.yaml").write_text(SCENARIO.replace("weight_idaci", "weight_idacy"), encoding="utf-8")
    status, out, err = run(capsys, monkeypatch, "c.csv", "--year", "3", "--quantum", "1", "--scenario", "s.yaml")
    assert (status, out) == (1, "")
    assert "s.yaml:9:3: Nothing rests on 'weight_idacy'." in err
    assert "Did you mean 'weight_idaci'?" in err


def test_a_bad_file_leaves_an_earlier_output_as_it_was(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output appears whole or not at all, and no draft is left behind."""
    (folder / "out.csv").write_text("earlier", encoding="utf-8")
    (folder / "c.csv").write_text(GOOD.replace("North,1000", "North,many"), encoding="utf-8")
    status, out, err = run(capsys, monkeypatch, "c.csv", "--year", "1", "--quantum", "1000000", "-o", "out.csv")

    assert (status, out) == (1, "")
    assert "c.csv:2: Row 1, column 'pupils': 'many' is not a whole number." in err
    assert (folder / "out.csv").read_text(encoding="utf-8") == "earlier"
    assert sorted(path.name for path in folder.iterdir()) == ["c.csv", "out.csv", "s.yaml"]


@pytest.mark.parametrize(
    "args",
    [
        ("c.csv", "--year", "4", "--quantum", "1"),
        ("c.csv", "--year", "0", "--quantum", "1"),
        ("c.csv", "--year", "two", "--quantum", "1"),
        ("c.csv", "--year", "1", "--quantum", "1,000"),
        ("c.csv", "--year", "1", "--quantum", "10.005"),
        ("c.csv", "--year", "1"),
        ("c.csv", "--quantum", "1"),
        ("c.csv", "--year", "1", "--quantum", "1", "--scenario", "none"),
        ("c.csv", "--year", "1", "--quantum", "1", "-o", "c.csv"),
        ("c.csv", "--year", "1", "--quantum", "1", "-o", "out.xlsx"),
        ("c.csv", "--year", "1", "--quantum", "1", "-o", "out.html"),
    ],
)
def test_wrong_use_ends_with_two(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]
) -> None:
    """The contract: 0 fine, 1 problems, 2 wrong use; and never a traceback. The file itself is never written over."""
    before = (folder / "c.csv").read_bytes()
    status, out, err = run(capsys, monkeypatch, *args)

    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert (folder / "c.csv").read_bytes() == before


def test_how_budgets_are_put_together_is_checked(tmp_path: Path) -> None:
    """Names that lead nowhere, numbers in the rule and parts that do not come to 1 are found before any figure is."""
    faults = {
        r"of: basket": ("of: baskets", "unknown-part"),
        r"\$deprivation_share": ("$deprivation", "unknown-parameter"),
        r"share: \$population_share": ("share: 0.5", "bare-value"),
        r"share: \$historic_share_year_1\}": ("share: $community_budgets_start}", "unit-mismatch"),
        r"share: \$formula_share_year_1": ("share: $historic_share_year_1", "shares-do-not-sum"),
        r"of: pupils": ("of: historic", "used-twice"),
        r"year: 2": ("year: 1", "written-twice"),
    }
    file = "rules/budgets.yaml"
    copied(tmp_path)
    sound = (tmp_path / file).read_text(encoding="utf-8")
    for pattern, (by, code) in faults.items():
        edited(tmp_path, file, pattern, by)
        found = [problem for problem in check(corpus.load(tmp_path)) if not problem.warning]
        assert [problem.code for problem in found][:1] == [code], pattern
        assert found[0].place.file == file
        assert found[0].place.line > 1
        (tmp_path / file).write_text(sound, encoding="utf-8")
    assert not check(corpus.load(tmp_path))


def test_the_engine_knows_no_column_and_no_share() -> None:
    """How budgets are put together stands in rules/ and policy/, so that another council's needs no code."""
    code = (ROOT / "engine/senpolicy/caseloads/budgets.py").read_text(encoding="utf-8")
    for word in (*FORMULA.columns, *FORMULA.mixes, FORMULA.column, "0.75", "C4", "kent"):
        assert not {f"'{word}'", f'"{word}"'} & set(re.findall(r"'[^']*'|\"[^\"]*\"", code)), word


def test_the_guide_shows_what_its_example_gives() -> None:
    """Figures in a guide are worked out again; the example says of itself that it is made up."""
    policy, folder = decider(ROOT, None, "all").policy, ROOT / "docs/how-to"
    guide = (folder / "community-budgets.md").read_text(encoding="utf-8")
    table = budgets.read_file(folder / "illustrative-communities.csv", policy)
    ranges = work_out(policy, table, 2, read_quantum("2500000"))
    assert ranges.to_csv() in guide
    assert all(name.startswith("Illustrative") for name in table.names)

    file = folder / "illustrative-weights.yaml"
    with_file, name = scenarios.with_scenario(policy.corpus, file.read_bytes(), file.name)
    assert not check(with_file)
    figures = work_out(timeline.policy(with_file, scenario=name), table, 2, read_quantum("2500000"))
    assert f"£{Decimal(figures.rows[1].low) / 100:,}" in guide
