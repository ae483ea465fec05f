"""A school's own model: every figure is one that the policy gives, and what may be shared tells of nobody."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import columned
from golden_files import FROZEN, decider
from senpolicy import cli
from senpolicy.caseloads import run as caseload
from senpolicy.caseloads import school_report as report
from senpolicy.caseloads.population import simulate
from senpolicy.caseloads.run import cases, open_caseload
from senpolicy.caseloads.school_model import (
    Cohort,
    PupilAnswer,
    PupilResult,
    SchoolModel,
    SectionPeriod,
    Sums,
    may_be_shared,
    model,
    spans,
)
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import WrongUse
from senpolicy.policy import corpus, scenarios
from senpolicy.policy.timeline import policy as policy_of
from senpolicy.readings.columns import compiled

POLICY = decider(FROZEN, None, "all").policy
HEADINGS = (
    "case_ref", "school", "community", "decision_date", "age", "year_group", "setting", "plan", "ehcp_issued_on",
    "additional_cost", "element3_rate", "existing_claim", "community_start", "community_protection",
    "adaptation_level",
)  # fmt: skip
CLAIM = {"plan": "sen_support", "element3_rate": "4000.01", "existing_claim": "true"}
DIRECT = {"plan": "ehcp", "element3_rate": "9000", "existing_claim": "true", "ehcp_issued_on": "2024-05-01"}
OWN = {"plan": "sen_support", "additional_cost": "5000", "existing_claim": "false"}
AT_THE_LIMIT = {**DIRECT, "element3_rate": "6000"}
NO_DAY = {**DIRECT, "ehcp_issued_on": ""}

Rows = list[dict[str, str]]


def pupils(*facts: dict[str, str], day: str = "2025-04-23", school: str = "Oak Lane", first: int = 1) -> Rows:
    """Return a row for each pupil: nine years old in Year 4 of a mainstream school, unless said otherwise."""
    usual = {
        "school": school, "community": "C07", "decision_date": day, "age": "9", "year_group": "4",
        "setting": "mainstream", "community_start": "2025-09-01", "community_protection": "kept",
    }  # fmt: skip
    return [{"case_ref": f"K-{first + at:04}", **usual, **one} for at, one in enumerate(facts)]


def as_csv(rows: Rows) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADINGS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def modelled(folder: Path, rows: Rows, policy: Any = POLICY, **more: Any) -> SchoolModel:
    """Return the model of rows, by way of a file."""
    file = folder / "pupils.csv"
    file.write_text(as_csv(rows), encoding="utf-8")
    return model(open_caseload(file), policy, engine_name=columned.duckdb(compiled(policy)), **more)


def routes(view: SectionPeriod) -> dict[str, int]:
    """Return how many pupils go each way."""
    return {row.key[0] if len(row.key) == 1 else row.key[1]: row.pupils for row in view.routes}


def test_a_school_worked_out_by_hand(tmp_path: Path) -> None:
    """Report 3.20 and 3.21, option B: claims until August 2025, then the Community, with half to three quarters kept."""
    found = modelled(tmp_path, pupils(CLAIM, CLAIM, DIRECT, OWN, AT_THE_LIMIT))
    spring, year, after = found.whole.views

    assert routes(spring) == {"mainstream_claim": 3, "direct_existing_rate": 1, "school_budget": 1}
    assert spring.total.known == 2 * 400_001 + 900_000 + 600_000
    assert spring.total.most == spring.total.known
    assert routes(year) == {
        "community_budget": 2, "direct_existing_rate": 1, "school_budget": 1, "A1-rate-of-exactly-6000": 1,
    }  # fmt: skip
    assert year.total.known == 900_000
    assert (year.total.low, year.total.high) == (2 * 200_000, 2 * 300_001)
    assert routes(after) == {"community_budget": 2, "school_budget": 1, "adaptation_level": 2}
    assert (after.total.known, after.total.low, after.total.high) == (0, 0, 0)


def test_there_is_no_highest_amount_that_the_text_does_not_give(tmp_path: Path) -> None:
    """A Community may pay more than is protected (P-what-a-community-pays): the most is not known, never the 75%."""
    year = modelled(tmp_path, pupils(CLAIM, DIRECT)).whole.views[1]
    by_route = {row.key[0]: row.sums.most for row in year.routes}

    assert by_route == {"community_budget": None, "direct_existing_rate": 900_000}
    assert year.total.most is None
    shown = report.to_json(modelled(tmp_path, pupils(CLAIM)))[0]["periods"][1]
    assert (shown["protected_high_a_year"], shown["at_most_a_year"]) == ("3000.01", None)


def test_the_periods_are_the_policys_own(tmp_path: Path) -> None:
    """Days on which nothing changes for a case are no boundary; the last period is open, and its first year is shown."""
    found = modelled(tmp_path, pupils(CLAIM))
    days = [(span.first.isoformat(), span.last.isoformat()) for span in found.spans]

    assert days == [("2025-04-01", "2025-08-31"), ("2025-09-01", "2026-08-31"), ("2026-09-01", "2027-08-31")]
    assert any("first year is shown" in said for said in found.assumptions)
    before = policy_of(POLICY.corpus, as_of="before-24/00120")
    assert [str(span) for span in spans(before, date(2025, 5, 1))] == ["1 May 2025 to 30 April 2026"]
    assert len(spans(POLICY, date(2024, 2, 1))) == 4
    assert len(spans(POLICY, date(2027, 2, 1))) == 1


def test_a_part_of_a_year_is_counted_by_days_and_rounded_for_each_pupil(tmp_path: Path) -> None:
    """A stated assumption: 153 of 365 days, to the penny, the least rounded down."""
    spring = modelled(tmp_path, pupils(CLAIM, CLAIM)).whole.views[0]

    assert spring.span.days == 153
    assert spring.total.part_known == 2 * (400_001 * 153 // 365)
    assert spring.total.part_known != 2 * 400_001 * 153 // 365
    year = modelled(tmp_path, pupils(CLAIM)).whole.views[1]
    assert (year.total.part_low, year.total.part_high) == (year.total.low, year.total.high)


def test_a_part_of_pennies_widens_the_range() -> None:
    """The least of a part of a year is rounded down, the most up."""
    spring = spans(POLICY, date(2025, 4, 1))[0]

    assert (spring.share(100), spring.share(100, up=True)) == (41, 42)
    assert (spring.share(365), spring.share(365, up=True)) == (153, 153)


def test_a_pupil_counts_from_the_period_of_the_rows_own_day(tmp_path: Path) -> None:
    """What a plan issued in September says nothing of April; nobody is decided for a day before the file's own."""
    later = pupils({**DIRECT, "ehcp_issued_on": "2025-09-15"}, day="2025-10-01", first=50)
    found = modelled(tmp_path, [*pupils(CLAIM), *later])

    assert [view.pupils for view in found.whole.views] == [1, 2, 2]
    assert found.refused == ()
    assert routes(found.whole.views[1]) == {"community_budget": 2}
    alone = modelled(tmp_path, later)
    assert [str(span.first) for span in alone.spans] == ["2025-09-01", "2026-09-01"]


def test_every_sum_is_that_of_the_decisions_one_by_one(tmp_path: Path) -> None:
    """The model adds up what judge and fire decide for each pupil on each period's day, and nothing else."""
    made = simulate(corpus.load(FROZEN), 250, random.Random(3))
    file = tmp_path / "made.csv"
    file.write_text(made.to_csv(), encoding="utf-8")
    found = model(open_caseload(file), POLICY, verify=0)
    rows = list(csv.DictReader(io.StringIO(made.to_csv())))
    for view in found.whole.views:
        expected, known, low, open_points, missing = Counter[str](), 0, 0, Counter[str](), Counter[str]()
        for row in rows:
            facts = {name: cell for name, cell in row.items() if cell and name in POLICY.corpus.facts.facts}
            case = read_text(json.dumps([{**facts, "decision_date": view.span.first.isoformat()}]), "c", POLICY)[0]
            assert isinstance(case, Case)
            decision = Decider(POLICY).decide(case)
            assert isinstance(decision, Decision)
            shown = [decision.answers[name] for name in ("route", "protection", "amount")]
            why = [*shown[0].open_points, *shown[0].missing_facts]
            expected[why[0] if why else shown[0].answer] += 1
            known += shown[2].gives.get("pounds_a_year", 0)
            low += shown[2].gives.get("protected_low", 0)
            open_points.update({name for one in shown for name in one.open_points})
            missing.update({name for one in shown for name in one.missing_facts})
        assert routes(view) == expected
        assert (view.total.known, view.total.low) == (known, low)
        assert {one.name.split(" of ")[0]: one.pupils for one in view.points} == open_points
        assert {one.name: one.pupils for one in view.missing} == missing


def test_what_changes_is_told_with_its_day_and_paragraph(tmp_path: Path) -> None:
    """From 1 September 2025 the claim becomes the Community's (report 3.20); a missing day of issue is told as one."""
    year = modelled(tmp_path, pupils(CLAIM, NO_DAY)).whole.views[1]
    told = {(change.before, change.after): change for change in year.changes if change.question == "route"}
    claim = told[
        "By an individual claim, paid directly to the school.",
        "From the budget of the school's Community, on its recommendation.",
    ]

    assert year.span.first == date(2025, 9, 1)
    assert claim.pupils == 1
    assert any("(report 3.20, 24/00120)" in why for why in claim.reasons)
    assert [one.name for one in year.missing] == ["ehcp_issued_on"]
    assert any("The day on which the final EHCP was issued" in after for _, after in told)


def test_the_end_of_a_protection_is_told_where_the_route_stays(tmp_path: Path) -> None:
    """Report 3.21: the protection ends in August 2026; the claim is the Community's before and after."""
    after = modelled(tmp_path, pupils(CLAIM, OWN)).whole.views[2]
    [change] = after.changes

    assert (change.question, change.pupils) == ("protection", 1)
    assert change.before.startswith("A share of the existing claim is expected")
    assert any("(report 3.21, 24/00120)" in why for why in change.reasons)


def test_an_end_of_direct_payment_is_told_though_the_route_is_not_settled_then(tmp_path: Path) -> None:
    """Report 3.20: the rate in full ends for every pupil; what repeats the route alone is told once."""
    found = modelled(tmp_path, pupils(DIRECT, NO_DAY))
    year, after = found.whole.views[1:]

    assert [change.question for change in year.changes] == ["route", "protection"]
    assert [(change.question, change.pupils) for change in after.changes] == [
        ("route", 1), ("route", 1), ("protection", 1),
    ]  # fmt: skip
    assert after.changes[2].before == "The existing rate is paid in full."


def test_the_protection_says_how_much_goes_on_and_until_when(tmp_path: Path) -> None:
    """Report 3.20 and 3.21: the rate in full and the share of a claim go on until 31 August 2026; nothing else does."""
    year = modelled(tmp_path, pupils(CLAIM, DIRECT, OWN)).whole.views[1]

    assert {row.key[0]: report.what_goes_on(row) for row in year.protection} == {
        "share_of_existing_claim": "about £2,000 to £3,000.01, until 31 August 2026",
        "existing_rate_in_full": "£9,000, in full, until 31 August 2026",
        "none": "",
    }


def test_what_is_not_settled_says_where_it_stands_and_what_would_settle_it(tmp_path: Path) -> None:
    """An open point is never a figure: it comes with its paragraphs (A1: report 3.20) and with what would settle it."""
    year = modelled(tmp_path, pupils(AT_THE_LIMIT)).whole.views[1]
    point = next(one for one in year.points if one.name.startswith("A1-"))

    assert point.pupils == 1
    assert "report 3.20" in point.where
    assert point.settle
    assert (year.total.known, year.total.unknown) == (0, 1)


def test_a_school_and_a_community_add_up_to_the_whole(tmp_path: Path) -> None:
    """--by school: each pupil is in one section, and the first section is all of them."""
    rows = [*pupils(CLAIM, DIRECT), *pupils(CLAIM, OWN, school="St Mary & St John", first=10)]
    found = modelled(tmp_path, [*rows, *pupils(CLAIM, school="", first=20)], by="school")

    assert [section.name for section in found.sections] == ["", "School: not given", "Oak Lane", "St Mary & St John"]
    assert [section.pupils for section in found.sections] == [5, 1, 2, 2]
    whole, *parts = [section.views[1].total for section in found.sections]
    assert whole.known == sum(part.known for part in parts)
    assert [section.name for section in modelled(tmp_path, rows, by="community").sections] == ["", "C07"]


def test_a_bad_row_is_left_out_of_every_period_and_told_without_its_value(tmp_path: Path) -> None:
    """The others are modelled; the row is named, and what stands in it is never repeated."""
    bad = pupils({**CLAIM, "plan": "Zacharias"}, {**CLAIM, "school": "4857773456"}, first=30)
    found = modelled(tmp_path, [*pupils(CLAIM), *bad])
    said = "\n".join(str(problem) for problem in report.problems(found))

    assert [view.pupils for view in found.whole.views] == [1, 1, 1]
    assert [problem.row for problem in report.problems(found)] == [2, 3]
    assert not re.search("Zacharias|4857773456", said + report.html(found))


@pytest.mark.parametrize("day", ["2024-02-30", "2029-13-01"])
def test_a_row_of_a_day_that_is_none_is_left_out_and_told(tmp_path: Path, day: str) -> None:
    """A slip such as 30 February, before the periods or after them, never counts as if it were the day of a period."""
    found = modelled(tmp_path, [*pupils(CLAIM), *pupils(CLAIM, day=day, first=30)])

    assert [view.pupils for view in found.whole.views] == [1, 1, 1]
    assert [(problem.row, problem.code) for problem in report.problems(found)] == [(2, "not-date")]


def test_a_pupil_refused_in_one_period_counts_in_none(tmp_path: Path) -> None:
    """A plan issued after the row's own day contradicts it, although the next period starts later than both."""
    found = modelled(tmp_path, pupils(CLAIM, {**DIRECT, "ehcp_issued_on": "2025-06-01"}))

    assert [view.pupils for view in found.whole.views] == [1, 1, 1]
    assert [problem.code for problem in report.problems(found)] == ["issued-after-decision"]


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx"])
def test_the_kind_of_file_makes_no_difference(tmp_path: Path, suffix: str) -> None:
    """Dates may stand as dates: a spreadsheet and a table give the model that the CSV gives."""
    rows = [*pupils(CLAIM, DIRECT, AT_THE_LIMIT), *pupils(OWN, day="2025-10-01", first=9)]
    expected = report.to_json(modelled(tmp_path, rows, by="school"))
    file = tmp_path / f"pupils{suffix}"
    if suffix == ".parquet":
        cells = {name: [row.get(name) or None for row in rows] for name in HEADINGS}
        table = pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()})
        days = pa.array([date.fromisoformat(row["decision_date"]) for row in rows], pa.date32())
        pq.write_table(table.set_column(HEADINGS.index("decision_date"), "decision_date", days), file)
    else:
        with xlsxwriter.Workbook(str(file)) as book:
            sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
            sheet.write_row(0, 0, HEADINGS)
            for at, row in enumerate(rows, 1):
                for place, name in enumerate(HEADINGS):
                    if name == "decision_date":
                        sheet.write_datetime(at, place, date.fromisoformat(row[name]), day)
                    else:
                        sheet.write_string(at, place, row.get(name, ""))

    assert report.to_json(model(open_caseload(file), POLICY, by="school")) == expected


def test_school_and_community_pass_through_a_caseload(tmp_path: Path) -> None:
    """They are no facts, and nothing rests on them; they come out as they went in, with the row that they belong to."""
    rows = [*pupils(CLAIM), *pupils({**DIRECT, "community": ""}, school="=St Mary's", first=2), *pupils(OWN, first=3)]
    (tmp_path / "in.csv").write_text(as_csv(rows), encoding="utf-8")
    summary = caseload.decide(tmp_path / "in.csv", tmp_path / "out.csv", POLICY)
    out = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))

    assert summary.verified == 3
    assert [(row["case_ref"], row["school"], row["community"]) for row in out] == [
        ("K-0001", "Oak Lane", "C07"), ("K-0003", "Oak Lane", "C07"),
    ]  # fmt: skip
    assert summary.refused == {"not-a-group": 1}
    for condition in POLICY.corpus.facts.groups:
        assert condition not in POLICY.types


# Scenarios.

SIXTY = b"""\
# Illustrative: made up for a test.
scenario: sixty
title: Sixty per cent is protected
says: "Illustrative: an assumed share, not the council's."
assumptions:
  - {id: sixty, says: The share that is protected is 60%., because: It lies between the two ends.}
parameters:
  protected_share_low: {label: a share, unit: share, value: 0.6, assumption: sixty}
  protected_share_high: {label: a share, unit: share, value: 0.6, assumption: sixty}
"""


def test_an_assumed_share_is_marked_wherever_it_shows(tmp_path: Path) -> None:
    """A figure that rests on a scenario says so, in the page, in the lines and in the data."""
    with_file, name = scenarios.with_scenario(POLICY.corpus, SIXTY, "s.yaml")
    found = modelled(tmp_path, pupils(CLAIM, DIRECT), policy_of(with_file, scenario=name))
    year = found.whole.views[1]
    page = report.html(found)

    assert (year.total.low, year.total.high) == (240_000, 240_001)
    assert [row.sums.assumed for row in year.routes] == [row.key[0] == "community_budget" for row in year.routes]
    assert "about £2,400 to £2,400.01 (assumed)" in page
    assert page.count("Illustrative: an assumed share, not the council&#39;s.") > 5
    assert all("not the council&#39;s" in caption for caption in re.findall("<caption>(.*?)</caption>", page))
    assert "It lies between the two ends." in page
    assert "protected (assumed)" in "\n".join(text for _, text in report.lines(found))
    data = report.to_json(found)[0]
    assert data["scenario"]["says"] == "Illustrative: an assumed share, not the council's."
    assert with_file.files_digest != POLICY.corpus.files_digest


def test_an_assumed_rate_is_never_counted_as_certain(tmp_path: Path) -> None:
    """Under the illustrative scenario the tariff has rates; they stand in a column of their own."""
    levels = {**DIRECT, "adaptation_level": "specific_allocation_2"}
    policy = policy_of(POLICY.corpus, scenario="illustrative")
    after = modelled(tmp_path, pupils(levels, {**levels, "adaptation_level": "sen_support"}), policy).whole.views[2]

    assert (after.total.known, after.total.supposed) == (0, 1_000_000)
    assert "£10,000 assumed" in report.amount_words(after.total)
    assert [row.sums.assumed for row in after.routes if row.key == ("tariff",)] == [True]


# What may be shared.

fates = st.builds(
    PupilResult,
    *(
        st.builds(PupilAnswer, st.sampled_from(["one", "two", "three"]), st.just(""), st.just(()), st.just(()))
        for _ in PupilResult._fields
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.tuples(fates, fates), st.integers(1, 12), max_size=9))
def test_nothing_that_is_shared_is_made_of_fewer_than_five(groups: dict[tuple[PupilResult, PupilResult], int]) -> None:
    """Each group that fares alike has five pupils or more, the rest too: so has any sum or difference of them."""
    every = [Cohort(one, count) for one, count in groups.items()]
    shown, together = may_be_shared(every)

    assert all(one.pupils >= 5 for one in shown)
    assert together == 0 or together >= 5 or not shown
    assert sum(one.pupils for one in shown) + together == sum(groups.values())
    if all(count >= 5 for count in groups.values()):
        assert len(shown) == len(groups)


def counts(data: Any) -> list[int]:
    """Return every count of pupils in a report's data."""
    if isinstance(data, list):
        return [count for one in data for count in counts(one)]
    if not isinstance(data, dict):
        return []
    found = []
    for name, value in data.items():
        if name in ("pupils", "counted_together", "pupils_with_more_not_known"):
            found.append(value or 0)
        elif name in ("open_points", "missing_facts"):
            found += value.values()
        else:
            found += counts(value)
    return found


def test_a_shared_report_holds_no_small_count_and_none_by_subtraction(tmp_path: Path) -> None:
    """Schools of many sizes: every count is nought or five and more, and the total tells nothing of a small school."""
    made = simulate(corpus.load(FROZEN), 1500, random.Random(8))
    file = tmp_path / "made.csv"
    file.write_text(made.to_csv(), encoding="utf-8")
    data = report.to_json(model(open_caseload(file), POLICY, by="school", share=True, verify=0))
    hidden = [section for section in data if section["pupils"] is None]

    assert not [count for count in counts(data) if 0 < count < 5]
    assert hidden
    assert data[0]["pupils"] == sum(section["pupils"] or 0 for section in data[1:])
    assert data[0]["counted_together"] == sum(section["counted_together"] for section in data[1:])
    for at, period in enumerate(data[0]["periods"]):
        parts = [section["periods"][at] for section in data[1:] if section["periods"]]
        assert period["pupils"] == sum(part["pupils"] for part in parts)
        assert len(counts(period)) > 3


def test_a_change_of_one_pupil_does_not_show_between_two_periods(tmp_path: Path) -> None:
    """Six are paid directly, then five: without the sixth being set apart, the difference would be her rate."""
    rows = pupils(*[DIRECT] * 5, {**NO_DAY, "element3_rate": "7350"}, *[CLAIM] * 7)
    plain = modelled(tmp_path, rows).whole
    assert [routes(view).get("direct_existing_rate") for view in plain.views[:2]] == [6, 5]

    found = modelled(tmp_path, rows, share=True)
    shared = found.whole
    assert shared.together == 6
    assert [routes(view) for view in shared.views[:2]] == [{"mainstream_claim": 7}, {"community_budget": 7}]
    for text in (report.html(found), json.dumps(report.to_json(found))):
        assert "7,350" not in text
        assert "7350" not in text


def test_a_sum_of_which_one_pupil_alone_has_a_part_is_not_shared(tmp_path: Path) -> None:
    """Six protected claims, of which one rate is known: the sum over six would be one child's rate."""
    rows = pupils(
        {**CLAIM, "element3_rate": "4321"}, *[{**CLAIM, "element3_rate": ""}] * 6, *[OWN] * 5, day="2025-10-01"
    )
    [year, _] = modelled(tmp_path, rows).whole.views
    assert (year.total.low, year.total.protected) == (216_050, 1)

    found = modelled(tmp_path, rows, share=True)
    assert found.whole.together == 6
    assert all(view.total.low == view.total.high == 0 for view in found.whole.views)
    for text in (report.html(found), json.dumps(report.to_json(found))):
        assert not re.search("2,?160|3,?240", text)


def test_a_school_of_fewer_than_five_shows_nothing(tmp_path: Path) -> None:
    """Not its pupils, not its amounts, and not by way of the total."""
    rows = [*pupils(*[CLAIM] * 8), *pupils(DIRECT, DIRECT, school="Small School", first=50)]
    found = modelled(tmp_path, rows, by="school", share=True)
    page = report.html(found)

    assert [(one.name, one.hidden, one.pupils) for one in found.sections] == [
        ("", False, 8), ("Oak Lane", False, 8), ("Small School", True, 0),
    ]  # fmt: skip
    assert "fewer than 5 pupils" in page
    assert "18,000" not in page


@pytest.mark.parametrize(("number", "hidden"), [(4, True), (5, False)])
def test_a_school_is_shown_from_five_pupils_on(tmp_path: Path, number: int, hidden: bool) -> None:
    """And counted in the total from five on: with four the total would tell of them."""
    rows = [*pupils(*[CLAIM] * 8), *pupils(*[DIRECT] * number, school="Small School", first=50)]
    found = modelled(tmp_path, rows, by="school", share=True)

    assert [(one.hidden, one.pupils, one.together) for one in found.sections] == [
        (False, 8 if hidden else 13, 0), (False, 8, 0), (hidden, 0 if hidden else 5, 0),
    ]  # fmt: skip
    assert found.whole.views[0].total.known == 8 * 400_001 + (0 if hidden else 5 * 900_000)


def test_a_shared_page_says_that_its_amounts_are_those_of_the_pupils_shown(tmp_path: Path) -> None:
    """Nothing certain among those shown is not nothing certain: the page says whose amounts they are."""
    page = report.html(modelled(tmp_path, pupils(*[CLAIM] * 8, *[DIRECT] * 2, *[OWN] * 3), share=True))

    assert "5 of them are counted together and are in no table and no sum below." in page
    assert "The amounts are those of the other 8 alone." in page


def test_a_blank_behind_its_name_makes_no_other_school(tmp_path: Path) -> None:
    """Names that are typed by hand end in blanks; a school in two parts would have neither right."""
    rows = [*pupils(*[CLAIM] * 3), *pupils(*[CLAIM] * 4, school="Oak Lane ", first=50)]
    found = modelled(tmp_path, rows, by="school")

    assert [(one.name, one.pupils) for one in found.sections] == [("", 7), ("Oak Lane", 7)]
    [*_, (_, groups)] = cases(open_caseload(tmp_path / "pupils.csv"), POLICY)
    assert groups["school"] == "Oak Lane"


def test_where_all_are_counted_together_no_amount_is_told_at_all(tmp_path: Path) -> None:
    """A short list has no amounts to share: "nothing by this policy" for nobody would be read as no money."""
    rows = [*pupils(*[CLAIM] * 3, *[DIRECT] * 3), *pupils(*[CLAIM] * 6, school="Park Road", first=50)]
    found = modelled(tmp_path, rows, by="school", share=True)
    _, few, many = found.sections

    assert (few.name, few.pupils, few.together, few.views) == ("Oak Lane", 6, 6, ())
    assert many.views
    text = "\n".join(line for _, line in report.lines(found))
    assert "  6 pupils, counted together so that nobody can be identified." in text
    assert " 0 pupils" not in text
    page = report.html(found)
    assert "the other 0 alone" not in page
    assert page.count("all counted together") == 1
    assert [len(section["periods"]) for section in report.to_json(found)] == [3, 0, 3]


# The page.


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag, and that it is open."""
        self.tags.append((tag, dict(attrs)))
        self.open += [tag] if tag not in ("meta", "br") else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        assert self.open.pop() == tag, tag


def test_the_page_asks_for_nothing_and_every_table_has_its_headings(tmp_path: Path) -> None:
    """One file that works on its own: charts as inline SVG with words, tables with captions and scopes."""
    rows = [*pupils(CLAIM, DIRECT, OWN, AT_THE_LIMIT, NO_DAY), *pupils(CLAIM, school="St Mary & St John", first=20)]
    text = report.html(modelled(tmp_path, rows, by="school"))
    page = Page(text)
    named = Counter(tag for tag, _ in page.tags)
    anchors = {attributes.get("id") for _, attributes in page.tags}

    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(named)
    assert not re.search(r"https?:|url\(|@import|src=", text)
    assert all(a["href"] and a["href"][1:] in anchors for tag, a in page.tags if tag == "a")
    assert named["h1"] == 1
    assert named["caption"] == named["table"] > 5
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert named["svg"] == 2 * 3 * 3
    assert all(a.get("role") == "img" and a.get("aria-label") for tag, a in page.tags if tag == "svg")
    assert ("html", {"lang": "en-GB"}) in page.tags
    assert "St Mary &amp; St John" in text
    assert "St Mary & St John" not in text


def test_a_name_cannot_change_the_page(tmp_path: Path) -> None:
    """What stands in a file is text and nothing else, the file's own name too."""
    rows = pupils(CLAIM, school="O'Hara (A & B), 1-2")
    file = tmp_path / "<b>x.csv"
    file.write_text(as_csv(rows), encoding="utf-8")
    text = report.html(model(open_caseload(file), POLICY, by="school"))

    assert "<b>" not in text
    assert "&lt;b&gt;x.csv" in text
    assert "O&#39;Hara (A &amp; B), 1-2" in text


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    """No clock, no chance: a report can be compared with an earlier one, and rows in another order change nothing."""
    rows = pupils(CLAIM, DIRECT, OWN, AT_THE_LIMIT, NO_DAY)
    first = report.html(modelled(tmp_path, rows))

    assert report.html(modelled(tmp_path, rows)) == first
    assert report.html(modelled(tmp_path, rows[::-1])) == first


def test_a_bar_is_as_long_as_its_figure() -> None:
    """The chart shows the table's figures, and nothing is left out for being small."""
    drawn = report.pieces([("a", 500, ""), ("b", 1, ""), ("c", 499, "")], 100_000)

    assert [(one.start, one.width) for one in drawn] == [(0, 5), (5, 4), (5, 5)]
    assert report.pieces([("a", 0, "")], 0) == []


# The command.


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[int, str, str]:
    """Return exit status, output and messages of `senpolicy model`."""
    monkeypatch.setattr(sys, "argv", ["senpolicy", "model", "--root", str(FROZEN), *args])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), *capsys.readouterr()


def test_many_bad_rows_do_not_flood_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten problems are told, how many rows are left out, and where the others are to be read."""
    monkeypatch.chdir(tmp_path)
    bad = pupils(*[{**CLAIM, "plan": "none"}] * 30, first=30)
    Path("p.csv").write_text(as_csv([*pupils(CLAIM), *bad]), encoding="utf-8")
    status, _, err = run(capsys, monkeypatch, "p.csv", "-o", "r.html")
    assert (status, err.count("[claim-without-plan]")) == (1, 10)
    assert err.endswith(
        "30 rows left out. Row 1 is the first below the headings. "
        "To see what is wrong with every row: senpolicy decide p.csv -o decided.csv\n"
    )


def test_the_command_writes_a_page_or_prints_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -o the page; without it lines, or data with --json and nothing else on standard output."""
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text(as_csv(pupils(CLAIM, DIRECT)), encoding="utf-8")
    Path("s.yaml").write_bytes(SIXTY)
    status, out, err = run(capsys, monkeypatch, "p.csv", "-o", "r.html")
    assert (status, out) == (0, "")
    assert Path("r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    status, out, err = run(capsys, monkeypatch, "p.csv", "--json", "--scenario", "s.yaml")
    assert json.loads(out)[0]["scenario"]["name"] == "sixty"
    assert "not the council's" in err
    status, out, err = run(capsys, monkeypatch, "p.csv", "--by", "school")
    assert "Oak Lane" in out
    Path("p.csv").write_text(as_csv(pupils(CLAIM, {**DIRECT, "age": "many"})), encoding="utf-8")
    status, out, err = run(capsys, monkeypatch, "p.csv", "-o", "r.html")
    assert status == 1
    assert "case 2" in err
    assert "many" not in err


@pytest.mark.parametrize(
    "args",
    [
        ("p.csv", "--by", "town"),
        ("p.csv", "-o", "r.pdf"),
        ("p.csv", "--scenario", "none"),
        ("q.csv", "--by", "school"),
        ("p.csv", "-o", "nowhere/r.html"),
    ],
)
def test_wrong_use_ends_with_two_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]
) -> None:
    """A column that is not there, a name that is not known: a message, and no output."""
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text(as_csv(pupils(CLAIM)), encoding="utf-8")
    Path("q.csv").write_text("case_ref,decision_date\nK-1,2025-10-01\n", encoding="utf-8")
    status, out, err = run(capsys, monkeypatch, *args)

    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "q.csv"]


def test_a_model_cannot_be_split_by_a_fact(tmp_path: Path) -> None:
    """School and Community are no facts of a case, and facts are no groups: nobody is counted by plan or age."""
    with pytest.raises(WrongUse, match="cannot be split by 'plan'"):
        modelled(tmp_path, pupils(CLAIM), by="plan")


def test_the_sums_of_sums_are_sums() -> None:
    """Every figure is added, each by itself."""
    total = Sums(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    total.add(Sums(10, 20, 30, 40, 50, 60, 70, 80, 90, 100, True))

    assert total == Sums(11, 22, 33, 44, 55, 66, 77, 88, 99, 110, True)
    assert total.most is None
    assert Sums(known=5, supposed=2).most == 7
