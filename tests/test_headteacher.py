"""What a headteacher is answered: years and terms, what was before, what others choose, a proposal, and governors' page."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import columned
from formulas import evaluated
from golden_files import FROZEN, ROOT
from senpolicy import cli
from senpolicy.caseloads import school_governors as governors
from senpolicy.caseloads import school_report as report
from senpolicy.caseloads.run import open_caseload
from senpolicy.caseloads.school_model import SchoolModel, Sums, model
from senpolicy.caseloads.school_options import with_options
from senpolicy.caseloads.school_proposal import with_proposal
from senpolicy.caseloads.school_workbook import workbook
from senpolicy.caseloads.school_years import Stretch, falls_due, stretches, years_in
from senpolicy.caseloads.small_counts import LEAST, Withholding
from senpolicy.checking.tariffs import read_plan
from senpolicy.language.conditions import pounds
from senpolicy.policy.editions import under_edition
from senpolicy.readings.columns import compiled
from senpolicy.readings.say import say_money
from test_modelling import CLAIM, DIRECT, NO_DAY, OWN, POLICY, as_csv, pupils
from wording import Wording, steady
from workbooks import Cell, cells, changed, listing, recalculated

KINDS = {"school year": "09-01", "financial year": "04-01"}
NO_CHOICE = {**CLAIM, "community_protection": ""}
PLAN = ROOT / "docs/how-to/illustrative-tariff.yaml"


def modelled(folder: Path, rows: list[dict[str, str]], **more: object) -> SchoolModel:
    """Return the model of rows, with its options, as of a day of 2026."""
    file = folder / "pupils.csv"
    file.write_text(as_csv(rows), encoding="utf-8")
    running = columned.duckdb(compiled(POLICY))
    caseload = open_caseload(file)
    found = model(caseload, POLICY, engine_name=running, verify=0, **more)
    return replace(with_options(found, caseload, engine_name=running), made_on=date(2026, 1, 20))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> SchoolModel:
    """A school: claims, plans paid directly, one without its day, and claims whose Community has not said."""
    rows = pupils(*[CLAIM] * 6, *[DIRECT] * 7, NO_DAY, *[OWN] * 5, *[NO_CHOICE] * 5)
    return modelled(tmp_path_factory.mktemp("school"), rows, terms=[date(2026, 1, 5)])


# Years and terms.


@pytest.mark.slow
def test_a_year_is_cut_at_its_own_days_and_at_the_periods(school: SchoolModel) -> None:
    """£9,000 paid directly from September 2025 to August 2026: 212 days of it before 1 April (contract: days of 365)."""
    [row] = [pupil for pupil in school.pupils if pupil.ref == "K-0007"]
    due = {str(one): pounds(row.due(one, school.spans[one.period]).known) for one in school.days}

    assert due == {
        "1 April 2025 to 31 August 2025": "3772.60",
        "1 September 2025 to 4 January 2026": pounds(900_000 * 126 // 365),
        "5 January 2026 to 31 March 2026": pounds(900_000 * 212 // 365 - 900_000 * 126 // 365),
        "1 April 2026 to 31 August 2026": pounds(900_000 - 900_000 * 212 // 365),
        "1 September 2026 to 31 March 2027": "0.00",
        "1 April 2027 to 31 August 2027": "0.00",
    }
    assert [str(year) for year, _ in school.whole.years] == [
        "school year 2024 to 2025, 1 April 2025 to 31 August 2025 only",
        "school year 2025 to 2026",
        "school year 2026 to 2027",
        "financial year 2025 to 2026",
        "financial year 2026 to 2027",
        "financial year 2027 to 2028, 1 April 2027 to 31 August 2027 only",
    ]


@pytest.mark.slow
def test_years_terms_and_periods_add_up_to_the_same_pennies(school: SchoolModel) -> None:
    """However the days are cut, each kind of year has every pound of the periods once."""
    periods = [
        sum(getattr(view.total, f"part_{name}") for view in school.whole.views) for name in ("known", "low", "high")
    ]
    for kind in KINDS:
        due = [due for year, due in school.whole.years if year.kind == kind]
        assert [sum(getattr(one, name) for one in due) for name in ("known", "low", "high")] == periods
    year, due = school.whole.years[1]
    parts = [school.whole.due[at] for at in year.stretches]
    assert (len(parts), sum(one.known for one in parts)) == (3, due.known)


@given(st.integers(0, 5_000_000), st.lists(st.dates(date(2027, 9, 2), date(2028, 8, 31)), max_size=5), st.booleans())
def test_a_year_with_a_29_february_pays_a_year(amount: int, terms: list[date], up: bool) -> None:
    """366 days are a year, and never more than the amount for one; no cut gains or loses a penny."""
    days = stretches([(date(2027, 9, 1), date(2028, 8, 31))], KINDS, terms)
    found = [falls_due(amount, date(2027, 9, 1), one, up=up) for one in days]

    assert sum(found) == amount
    assert all(one >= 0 for one in found)
    assert [one.whole for one in years_in(days, KINDS)] == [True, False, False]


def test_a_period_of_several_years_pays_each() -> None:
    """A policy that goes on for three years: each year in full."""
    first, days = date(2022, 4, 1), Stretch(date(2022, 4, 1), date(2025, 3, 31), 0)
    assert falls_due(100_000, first, days) == 300_000
    assert falls_due(100_000, first, Stretch(date(2024, 4, 1), date(2025, 3, 31), 0)) == 100_000


# Before, options, a proposal.


def test_what_was_paid_before_is_the_files_own_rate(school: SchoolModel) -> None:
    """An empty rate is not known, and not nothing."""
    assert school.paid_before == (6 * 400_001 + 8 * 900_000 + 5 * 400_001, 19, 5)


def test_an_option_is_the_model_of_a_file_that_says_so(tmp_path: Path, school: SchoolModel) -> None:
    """Kept or opted out for the five whose Community has not said (report 3.21): as if the list had said it."""
    by_value = {one.value: one for one in school.options if one.fact == "community_protection"}
    assert list(by_value) == ["kept", "opted_out"]
    for value, option in by_value.items():
        [period] = option.periods
        said = modelled(tmp_path, pupils(*[{**NO_CHOICE, "community_protection": value}] * 5))
        assert (period.span.first, len(period.pupils)) == (date(2025, 9, 1), 5)
        assert period.sums == said.whole.views[1].total
    assert by_value["kept"].periods[0].sums.high == 5 * 300_001
    levels = [one.value for one in school.options if one.fact == "adaptation_level"]
    assert levels == ["sen_support", "wider_support_and_strategies", "specific_allocation"]


def test_an_option_counts_in_no_sum(school: SchoolModel) -> None:
    """The five are not known for until the Community says."""
    assert school.whole.views[1].total.high == 6 * 300_001


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> SchoolModel:
    """Two are mapped, one is not, and SEN Support is the Community's; with a plan of rates."""
    level = {**DIRECT, "decision_date": "2026-09-01"}
    rows = pupils({**level, "adaptation_level": "specific_allocation_2"}, {**level, "adaptation_level": "specific_allocation_4"},
                  level, CLAIM)  # fmt: skip
    file = tmp_path_factory.mktemp("proposed") / "pupils.csv"
    file.write_text(as_csv(rows), encoding="utf-8")
    plan = read_plan(PLAN, POLICY.corpus).file
    caseload = open_caseload(file)
    return with_proposal(model(caseload, under_edition(POLICY, plan.edition), verify=0), caseload, plan)


@pytest.mark.slow
def test_a_proposal_that_pays_a_band_as_today_gives_no_rate_for_it(proposed: SchoolModel, tmp_path: Path) -> None:
    """Its pupil is among those for whom the plan has no rate, and the proposal says so."""
    level = {**DIRECT, "decision_date": "2026-09-01"}
    rows = pupils(*({**level, "adaptation_level": f"specific_allocation_{number}"} for number in (2, 4)))
    file = tmp_path / "pupils.csv"
    file.write_text(as_csv(rows), encoding="utf-8")
    plan, caseload = read_plan(PLAN, POLICY.corpus).file, open_caseload(file)
    own = plan.bands["band_4"].model_copy(update={"rate": "own"})
    plan = plan.model_copy(update={"bands": {**plan.bands, "band_4": own}})
    of_two = replace(proposed, pupils=model(caseload, proposed.policy, verify=0).pupils)
    made = with_proposal(of_two, caseload, plan).proposal
    assert made
    assert ([one.id for one in made.bands], made.mapped, len(made.left_out)) == (["band_1", "band_2", "band_3"], 1, 1)
    assert any("Pupils in 'band_4' are paid as today" in note for note in made.notes)


@pytest.mark.slow
def test_a_proposal_is_the_bands_rate_with_its_factor_and_in_no_sum(proposed: SchoolModel) -> None:
    """The one that is not mapped would get between the least and the most rate."""
    found = proposed
    assert found.proposal is not None

    assert {one.id: one.paid for one in found.proposal.bands if one.paid} == {
        "band_2": {"K-0001": (1_000_000, Fraction(1))}, "band_4": {"K-0002": (1_900_000, Fraction(1))},
    }  # fmt: skip
    assert (found.proposal.sum, found.proposal.low, found.proposal.high) == (2_900_000, 700_000, 1_900_000)
    assert found.whole.views[-1].total.known == found.whole.views[-1].total.supposed == 0
    page = report.html(found)
    assert "Proposed, and not decided" in page
    assert "£29,000" in page
    assert "Here they are as written, not scaled." in page
    sheets = cells(workbook(found))
    assert [sheets["Proposed", f"D{row}"].value for row in range(6, 11)] == [0.0, 10_000.0, 0.0, 19_000.0, 29_000.0]


# The workbook.


def test_the_workbook_holds_the_engines_figures_beside_formulas(school: SchoolModel) -> None:
    """Sums are formulas, the engine's figure beside each; a pupil's amount is the decision, and none to fill in."""
    found = cells(workbook(school))
    year = school.whole.views[1].total

    assert list(dict.fromkeys(sheet for sheet, _ in found)) == ["Read me", "Summary", "Years", "Options", "Pupils"]
    assert "20 January 2026" in str(found["Read me", "A3"].value)
    assert [found["Summary", f"{letter}10"].value for letter in "BCEFH"] == [
        24, year.known / 100, year.low / 100, year.high / 100, year.unknown,
    ]  # fmt: skip
    assert all(
        cell.formula for (sheet, at), cell in found.items() if sheet == "Summary" and re.fullmatch("[C-H]10", at)
    )
    assert [at for (_, at), cell in found.items() if cell.filled] == ["B5"]
    amounts = [one.value for (sheet, at), one in found.items() if sheet == "Pupils" and re.fullmatch(r"L\d+", at)]
    assert sum(one for one in amounts if isinstance(one, float)) == year.known / 100


def test_every_sheet_and_formula_is_as_read(
    school: SchoolModel, proposed: SchoolModel, snapshot: SnapshotAssertion
) -> None:
    """Each workbook, as text. That formulas are right is held by `make workbook`; here none changes unread."""
    for name, one in {"school": school, "proposed": replace(proposed, made_on=date(2026, 1, 20))}.items():
        assert steady(listing(workbook(one))) == snapshot(extension_class=Wording, name=name)


def test_no_text_of_a_file_is_a_formula(tmp_path: Path) -> None:
    """A school's name that begins like a formula is text."""
    found = cells(workbook(modelled(tmp_path, pupils(CLAIM, school="=1+1 School"), by="school")))
    assert "1+1 School" not in "".join(one.formula for one in found.values())


@pytest.mark.workbook
def test_libreoffice_gives_the_schools_figures_again(
    tmp_path: Path, school: SchoolModel, proposed: SchoolModel
) -> None:
    figures_again(school, proposed, lambda books: recalculated(books, tmp_path))


def test_the_formulas_give_the_schools_figures_again(school: SchoolModel, proposed: SchoolModel) -> None:
    """As LibreOffice does, which is not at hand in each run."""
    figures_again(school, proposed, lambda books: {name: evaluated(book) for name, book in books.items()})


def figures_again(
    school: SchoolModel,
    proposed: SchoolModel,
    work_out: Callable[[dict[str, bytes]], Mapping[str, Mapping[tuple[str, str], Cell]]],
) -> None:
    """All formulas, worked out afresh, come to the engine's pennies; at the ends of a protected part to its ends."""
    books = {"school": workbook(school), "proposed": workbook(proposed)}
    books["most"] = changed(books["school"], {("Summary", "B5"): "1"})
    books["dearer"] = changed(books["proposed"], {("Proposed", "B7"): "10000.01"})
    found = work_out(books)

    def off(one: Cell, other: Cell) -> bool:
        return isinstance(one.value, float) and abs(one.value - float(other.value or 0)) > 1e-9

    for name in ("school", "proposed"):
        formulas = {at: one for at, one in cells(books[name]).items() if one.formula}
        assert len(formulas) > 40
        assert not [at for at, one in formulas.items() if off(one, found[name][at])]
    assert found["most"]["Summary", "G10"].value == pytest.approx(school.whole.views[1].total.high / 100)
    assert found["dearer"]["Proposed", "D10"].value == pytest.approx(29_000.01)


# The page for governors.


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 24), st.lists(st.integers(0, 2**24 - 1), max_size=8))
def test_what_is_told_divides_nobody_into_fewer_than_five(number: int, wanted: list[int]) -> None:
    """Every part into which the told sets divide the pupils is of five or more, or of nobody."""
    page = Withholding(number)
    everybody = (1 << number) - 1
    told = [one & everybody for one in wanted if page.may_tell(one & everybody)]
    parts: dict[tuple[bool, ...], int] = {}
    for pupil in range(number):
        where = tuple(bool(one >> pupil & 1) for one in told)
        parts[where] = parts.get(where, 0) + 1

    assert not told or min(parts.values()) >= LEAST


def test_governors_read_the_heads_figures_or_that_they_are_withheld(school: SchoolModel) -> None:
    """Every amount and count of the page is in the head's report of the same run."""
    page, head = governors.html(school), report.html(school)
    found = governors.page_of(school)
    year = found.rows[2]

    assert (year.name, year.stands) == ("1 September 2025 to 31 August 2026", "now")
    assert (year.certain, year.protected) == ("£63,000", "about £12,000 to £18,000.06")
    assert found.rows[0].certain == say_money(school.paid_before[0])
    for figure in {*re.findall(r"£[\d,.]*\d", page), *re.findall(r"\b[\d,]+ pupils", page)} - {f"{LEAST} pupils"}:
        assert figure in head or f">{figure.removesuffix(' pupils')}<" in head, figure
    assert "withheld" in page
    assert "NO_DAY" not in page
    assert not re.search(r"K-\d{4}|pupils\.csv", page)


def test_a_period_that_would_tell_of_one_pupil_is_withheld(tmp_path: Path) -> None:
    """Six are paid directly, then five: the difference between two sums would be one child's rate."""
    rows = pupils(*[DIRECT] * 5, {**NO_DAY, "element3_rate": "7350"}, *[OWN] * 7)
    found = governors.page_of(modelled(tmp_path, rows))

    assert [row.certain for row in found.rows] == ["withheld", "withheld", "£45,000", "–"]
    assert found.rows[1].name == "1 April 2025 to 31 August 2025"
    assert {row.name: row.certain for row in found.years}["financial year 2025 to 2026"] == "withheld"


@pytest.mark.parametrize(("sums", "told"), [({"low": 0}, False), ({"high": 0}, False), ({}, True)])
def test_a_range_of_which_few_make_an_end_is_withheld(tmp_path: Path, sums: dict[str, int], told: bool) -> None:
    """Of eight with a protected part two alone have a low end above 0, or two alone a range: the two ends tell theirs."""
    found = modelled(tmp_path, pupils(*[CLAIM] * 8, *[OWN] * 7))
    at = next(at for at, span in enumerate(found.spans) if found.stands(span) == "now")
    protected = [one for one in found.pupils if at in one.sums and one.sums[at].high]
    assert len(protected) == 8
    for one in protected[2:]:
        one.sums[at].low = sums.get("low", one.sums[at].low)
        if "high" in sums:
            one.sums[at].high = one.sums[at].low
    (row,) = (one for one in governors.page_of(found).rows if one.stands == "now")
    assert row.protected.startswith("about" if told else "withheld")


def test_governors_are_told_that_no_amount_does_not_mean_no_money(tmp_path: Path) -> None:
    """The page of a browser says it too. A dash alone would be read as nothing that is paid."""
    said = "That does not mean that nothing is paid"
    opted_out = {**CLAIM, "community_protection": "opted_out"}
    assert said in governors.html(modelled(tmp_path, pupils(*[opted_out] * 8)))
    assert said not in governors.html(modelled(tmp_path, pupils(*[DIRECT] * 8)))
    assert said not in governors.html(modelled(tmp_path, pupils(*[OWN] * 8)))


def test_fewer_than_five_pupils_make_no_page(tmp_path: Path) -> None:
    """Nothing but that it is so."""
    found = modelled(tmp_path, pupils(*[DIRECT] * 4))
    assert not governors.page_of(found).rows
    assert "£" not in governors.html(found)
    assert Sums(known=1).has[0]


# The page.


def test_a_county_has_contents_and_prints_its_first_part_alone(tmp_path: Path) -> None:
    """Of many schools the print has the whole and the table of all; of a few each."""
    many = [row for at in range(12) for row in pupils(CLAIM, OWN, school=f"School {at}", first=10 * at + 1)]
    page = report.html(modelled(tmp_path, many, by="school"))
    assert page.count('class="on-screen"') == 12
    assert "The print has the whole and the table of all schools." in page
    few = report.html(modelled(tmp_path, many[:8], by="school"))
    assert 'class="on-screen"' not in few
    assert few.count('href="#part-2"') == 2


@pytest.mark.slow
def test_the_command_writes_workbook_and_page_with_the_day_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run for the head and the governors; what would let a pupil be worked out is refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("senpolicy.cli.modelling.today", lambda: date(2026, 1, 20))
    Path("p.csv").write_text(as_csv(pupils(*[CLAIM] * 5, *[DIRECT] * 5)), encoding="utf-8")

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["senpolicy", "model", "p.csv", "--root", str(FROZEN), *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    assert run("-o", "r.xlsx", "--governors", "g.html", "--term-begins", "2026-01-05") == (
        0, "", "Written: r.xlsx\nWritten: g.html\n",
    )  # fmt: skip
    assert "Made on 20 January 2026." in Path("g.html").read_text(encoding="utf-8")
    status, out, _ = run("--json")
    [data] = json.loads(out)
    assert (status, data["made_on"], data["before"]["pupils"]) == (0, "2026-01-20", 10)
    assert [one["certain"] for one in data["years"] if one["kind"] == "school year" and one["whole"]] == [
        "45000.00",
        "0.00",
    ]
    for wrong in (("-o", "s.xlsx", "--share"), ("--governors", "s.html", "--share"), ("--term-begins", "soon"),
                  ("--governors", "s.pdf"), ("-o", "s.html", "--governors", "./s.html"),
                  ("-o", "r.xlsx", "--plan", "r.xlsx")):  # fmt: skip
        assert run(*wrong)[0] == 2
    Path("p.csv").write_text(as_csv(pupils(CLAIM)).split("\n", 1)[0], encoding="utf-8")
    status, _, said = run("-o", "s.html")
    assert (status, "p.csv: This file contains no cases." in said) == (1, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.html", "p.csv", "r.xlsx"]
