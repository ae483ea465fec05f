"""Years and days where they are uneven: 29 February, a year of 366 days, and the ends of the calendar."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from golden_files import ROOT, decider, loaded
from long_lists import first_of_each
from senpolicy.caseloads import budgets
from senpolicy.caseloads.budgets import AllocationTable, work_out
from senpolicy.caseloads.run import open_caseload
from senpolicy.caseloads.school_model import model, spans
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import figures_of
from senpolicy.explaining.timeline_of_a_case import Ages, Timeline
from senpolicy.explaining.timeline_of_a_case import timeline as timeline_of
from senpolicy.language.days import DAYS_IN_YEAR, part_of_year, years_after
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import PortionInForce
from senpolicy.readings.columns import _amounts
from senpolicy.site import periods

LEAP = date(2024, 2, 29)
DAY = timedelta(days=1)
#: 28 and 29 February, 1 and 2 March, and a day on which nothing is odd, in years before, in and after a leap year.
ODD = [
    date(year, month, day)
    for year in range(2026, 2030)
    for month, day in ((2, 28), (2, 29), (3, 1), (3, 2), (7, 9))
    if day != 29 or year == 2028
]


def turned(born: date, years: int) -> date:
    """Return the birthday as it is told, written without the engine: who is born on 29 February waits for 1 March."""
    if (born.month, born.day) == (2, 29) and (born.year + years) % 4:
        return date(born.year + years, 3, 1)
    return date(born.year + years, born.month, born.day)


def completed(born: date, day: date) -> int:
    """Return the age of somebody on a day."""
    years = day.year - born.year
    return years if turned(born, years) <= day else years - 1


@pytest.mark.parametrize("start", first_of_each(ODD, lambda day: day.month))
@pytest.mark.parametrize("age", [3, 4])
def test_the_ages_of_four_years_are_those_of_everybody_who_can_have_been_born(start: date, age: int) -> None:
    """By brute force: on each day exactly the ages of all births that fit, and the window exactly their birthdays."""
    first = date(start.year - age - 2, 1, 1)
    births = [one for number in range(1200) if completed(one := first + DAY * number, start) == age]
    ages = Ages(start, age, [])
    assert ages.births == (births[0], births[-1])
    edges = {*ages.edges(start + DAY * 1500)}
    before = ages.on(start)
    for number in range(1462):
        day = start + DAY * number
        found = ages.on(day)
        assert found == tuple(sorted({completed(births[0], day), completed(births[-1], day)})), day
        if number % 50 == 0 or (day.month, day.day) in ((2, 28), (2, 29), (3, 1), (3, 2)):
            assert set(found) == {completed(born, day) for born in births}, day
        if len(found) > 1:
            window = ages.window(day)
            birthdays = [turned(born, found[-1]) for born in births]
            assert (window.earliest, window.latest, window.age) == (min(birthdays), max(birthdays), found[-1])
        assert found == before or day in edges, "an age changes on a day that is no edge"
        before = found


@pytest.mark.parametrize("on", ODD)
def test_a_known_birthday_gives_the_ages_of_everybody_who_can_have_it(on: date) -> None:
    """A birthday on 1 March can be that of somebody born on 29 February, and on 29 February nobody turns 5 from 2023."""
    births = [one for number in range(2000) if turned(one := date(2020, 1, 1) + DAY * number, 5) == on]
    ages = Ages(on - DAY * 10, 4, [(on, 5)])
    assert bool(ages.wrong) is not bool(births)
    for number in range(1000 if births else 0):
        day = on + DAY * number
        assert set(ages.on(day)) == {completed(born, day) for born in births}, day


def test_a_child_of_three_on_29_february_is_five_on_1_march_of_the_year_after() -> None:
    """The case that was told 'turns 5 from 2 March 2029'."""
    text = (
        "case_ref: K-1\ndecision_date: 2028-02-29\nage: 3\nyear_group: 0\nsetting: mainstream\nplan: sen_support\n"
        "existing_claim: false\nadditional_cost: 9000\n"
    )
    by = decider(ROOT, None, "all")
    (case,) = read_text(text, "leap-age.yaml", by.policy)
    assert isinstance(case, Case)
    found = timeline_of(by, case, date(2030, 3, 1))
    assert isinstance(found, Timeline)
    windows = [
        (one.birthday.age, one.birthday.earliest, one.birthday.latest) for one in found.stretches if one.birthday
    ]
    assert (4, date(2028, 3, 1), date(2029, 2, 28)) in windows
    assert (5, date(2029, 3, 1), date(2030, 2, 28)) in windows


def test_years_later_is_the_same_day_and_1_march_for_a_29_february_that_is_not_there() -> None:
    """Also backwards, and never beyond the calendar."""
    assert [years_after(LEAP, years) for years in (-4, -1, 1, 4)] == [
        date(2020, 2, 29), date(2023, 3, 1), date(2025, 3, 1), date(2028, 2, 29),
    ]  # fmt: skip
    assert years_after(date(2096, 2, 29), 4) == date(2100, 3, 1)
    assert (years_after(date(9999, 5, 1), 1), years_after(date(1, 5, 1), -1)) == (date.max, date.min)


# A date of the policy that is a 29 February, and a file's


def leap(**edits: str) -> Corpus:
    """Return the corpus with dates of the policy moved."""
    corpus = loaded(ROOT)
    found = dict(corpus.parameters)
    for name, day in edits.items():
        found[name] = [
            (number, one.model_copy(update={"value": date.fromisoformat(day)})) for number, one in found[name]
        ]
    return replace(corpus, parameters=found)


@pytest.mark.parametrize("as_of", ["before-24/00120", "24/00026"])
def test_a_list_of_29_february_is_modelled_where_the_policy_has_no_date(as_of: str, tmp_path: Path) -> None:
    """The first period is a year from the first day of the file, which is 29 February."""
    path = tmp_path / "leap.csv"
    path.write_text(
        "case_ref,decision_date,age,year_group,setting,plan,existing_claim,element3_rate,additional_cost\n"
        "K-1,2024-02-29,9,4,mainstream,sen_support,true,3000,9000\n"
    )
    chosen = timeline.policy(loaded(ROOT), as_of=as_of)
    found = model(open_caseload(path), chosen)
    assert [(one.first, one.last) for one in found.spans] == [(LEAP, date(2025, 2, 28))]
    assert found.whole.views[0].total.part_known == found.whole.views[0].total.known == 300_000


def test_a_policy_that_begins_or_ends_on_29_february_is_modelled() -> None:
    """The year before its first day, and the year after its last one."""
    chosen = timeline.policy(leap(transition_start="2024-02-29", tariff_start="2028-02-29", banding_start="2028-02-29"))
    found = spans(chosen, date(2023, 6, 1))
    assert (found[0].first, found[0].last) == (date(2023, 3, 1), date(2024, 2, 28))
    assert (found[-1].first, found[-1].last) == (date(2028, 2, 29), date(2029, 2, 28))
    assert all(one.day >= (one.first or date.min) for one in periods.stretches(chosen))


def test_a_list_of_the_last_day_of_the_calendar_is_modelled() -> None:
    """No day comes after it."""
    chosen = timeline.policy(loaded(ROOT), as_of="before-24/00120")
    assert [(one.first, one.last) for one in spans(chosen, date.max)] == [(date.max, date.max)]


def test_the_years_of_budgets_that_begin_on_29_february_follow_on_each_other() -> None:
    """None of their days is in two years, and none in no year."""
    name = budgets.formula_of(decider(ROOT, None, "all").policy).first_day[1:]
    chosen = timeline.policy(leap(**{name: "2024-02-29"}))
    columns = ("pupils", "idaci", "looked_after", "low_prior_attainment", "historic")
    heads = ",".join(("community", *columns))
    table = budgets.read_text(f"{heads}\nNorth,1,1,1,1,1\n", "t.csv", budgets.formula_of(chosen))
    assert isinstance(table, AllocationTable)
    days = [(one.first, one.last) for one in (work_out(chosen, table, year, 100_000) for year in (1, 2, 3))]
    assert days[0] == (LEAP, date(2025, 2, 28))
    assert all(after[0] == before[1] + DAY for before, after in itertools.pairwise(days))


# A part of a year


@pytest.mark.parametrize(("days", "up"), [*itertools.product((1, 153, 364, 365, 366, 518, 900), (False, True))])
def test_a_part_of_a_year_is_by_days_of_365_and_never_more_than_the_year(days: int, up: bool) -> None:
    """One rule for a case, a caseload and a model: a year with a 29 February is paid as a year."""
    until = date(2028, 8, 31)
    day = until - DAY * (days - 1)
    value = PortionInForce("rate", round="up" if up else "down", until=until)
    part = figures_of({"paid": value}, {"rate": 730_001, "decision_date": day})["paid"]
    resolved = pa.table({"rate": pa.array([730_001]), "decision_date": pa.array([day.toordinal()], pa.int32())})
    column = _amounts(np.array([1]), {1: value}, resolved)
    counted = min(days, DAYS_IN_YEAR)
    wanted = -(-730_001 * counted // 365) if up else 730_001 * counted // 365
    assert part["days"] == column["_days"].to_pylist()[0] == days
    assert part["amount"] == part_of_year(730_001, days, up=up) == int(column[""].to_pylist()[0] * 100) == wanted
    assert part["amount"] <= 730_001


def test_a_year_with_a_29_february_is_a_year_in_the_model() -> None:
    """What is told for its days is what is told for a year."""
    chosen = timeline.policy(leap(claims_paid_until="2027-08-31", community_budgets_start="2027-09-01",
                                  direct_payment_until="2028-08-31", protection_until="2028-08-31",
                                  tariff_start="2028-09-01", banding_start="2028-09-01"))  # fmt: skip
    year = next(one for one in spans(chosen, date(2027, 9, 1)) if one.first == date(2027, 9, 1))
    assert (year.days, year.whole_year) == (366, True)
    assert year.share(730_000) == year.share(730_000, up=True) == 730_000
