"""A made population: it matches what is published, says what is assumed, and no child stands behind it."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from copies import copied
from copies import replace as edited
from golden_files import ROOT, decider
from running import senpolicy
from senpolicy import cli
from senpolicy.caseloads import run as caseload
from senpolicy.caseloads.population import FILE, Population, fit, lines, margins_of, schools_table, simulate
from senpolicy.caseloads.tariff_cohort import tariff_of
from senpolicy.checking.corpus import check
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy import corpus

POLICY = decider(ROOT, None, "all").policy
CORPUS = corpus.load(ROOT)
TARIFF = tariff_of(POLICY)
COUNTY = 48_691
Row = dict[str, str]


def made(pupils: int, seed: int = 1) -> Population:
    """Return a made population."""
    return simulate(CORPUS, pupils, random.Random(seed))


def rows_of(population: Population) -> list[Row]:
    """Return the rows of its CSV, as any other program would read them."""
    return list(csv.DictReader(io.StringIO(population.to_csv())))


@pytest.fixture(scope="module")
def county() -> list[Row]:
    """Return the whole county, read back from its CSV."""
    return rows_of(made(COUNTY))


def share(rows: list[Row], column: str, values: set[str]) -> float:
    """Return how many in a hundred rows have one of the values."""
    return 100 * sum(row[column] in values for row in rows) / len(rows)


def test_the_county_has_the_published_counts_and_ages(county: list[Row]) -> None:
    """Equality assessment, "Parent and Carers" and "Age": 34,112 and 14,579; 92.5% and 91.5% aged 5 to 16."""
    counts = Counter(row["plan"] for row in county)
    assert counts == {"sen_support": 34_112, "ehcp": 14_579}
    for plan, printed in (("sen_support", "92.5"), ("ehcp", "91.5")):
        own = [row for row in county if row["plan"] == plan]
        of_age = sum(5 <= int(row["age"]) <= 16 for row in own)
        assert abs(of_age - Fraction(printed) * len(own) / 100) <= Fraction(1, 2)


def test_the_county_has_the_published_settings(county: list[Row]) -> None:
    """Strategy 4: 35% of plans in mainstream, 24 special schools; the assessment's table: who is in which school."""
    plans = [row for row in county if row["plan"] == "ehcp"]
    assert abs(share(plans, "setting", {"mainstream"}) - 35) < 0.01
    assert len({row["school"] for row in county if row["setting"] == "special"}) == 24
    printed = {
        ("special",): 1.3,
        ("pupil_referral_unit", "alternative_provision"): 83.3,
        ("non_maintained_special",): 0.0,
        ("independent",): 100 * 22.3 / (22.3 + 8.7),
    }
    for settings_of, sen_support in printed.items():
        own = [row for row in county if row["setting"] in settings_of]
        assert abs(share(own, "plan", {"sen_support"}) - sen_support) * len(own) < 100  # Less than one pupil.


def test_the_county_has_53_communities_and_about_the_published_top_up(county: list[Row]) -> None:
    """The council's page: 53 Communities. Report 5.1: about £50m of top-up, about £20m of it on SEN Support."""
    assert len({row["community"] for row in county} - {""}) == 53
    paid = Counter[str]()
    for row in county:
        paid[row["plan"]] += int(row["element3_rate"] or 0)
    assert abs(paid["sen_support"] - 20_000_000) < 400_000
    assert abs(paid.total() - 50_000_000) < 1_000_000


def test_the_county_has_the_published_sexes(county: list[Row]) -> None:
    """Equality assessment, "Sex": 61.3% of SEN Support and 71.7% of plans are male; no rule can ask for it."""
    for plan, printed in (("sen_support", "61.3"), ("ehcp", "71.7")):
        own = [row for row in county if row["plan"] == plan]
        male = sum(row["sex"] == "male" for row in own)
        assert abs(male - Fraction(printed) * len(own) / 100) <= Fraction(1, 2)
        assert {row["sex"] for row in own} == {"male", "female"}
    assert "sex" not in POLICY.types


def test_what_is_published_and_cannot_be_made_is_shown_with_its_reason() -> None:
    """Equality assessment, "Race" and its table of schools: the fit shows what is printed, and no column does."""
    population = made(100)
    assert set(population.headings) <= {"school", "community", "sex", *POLICY.corpus.facts.facts}
    left = {one.id: one for one in fit(population) if one.made is None}
    assert set(left) == {"state-nursery-pupils", "all-pupils", "plans-by-ethnic-group"}
    assert all(one.basis.startswith("not made: ") for one in left.values())


def test_every_made_pupil_can_be_decided(tmp_path: Path) -> None:
    """The facts hang together: no row of the caseload is refused, and none is worth a second look."""
    (tmp_path / "made.csv").write_text(made(3000).to_csv(), encoding="utf-8")
    summary = caseload.decide(tmp_path / "made.csv", tmp_path / "out.csv", POLICY, verify=50, seed=1)

    assert (summary.decided, summary.refused_rows, dict(summary.warnings)) == (3000, 0, {})
    assert len(summary.answers["route"]) > 5


def test_a_school_has_one_community_and_a_community_one_start_and_protection(county: list[Row]) -> None:
    """What belongs to a Community is the same for each of its pupils."""
    for whole, part in (
        ("school", "community"),
        ("community", "community_start"),
        ("community", "community_protection"),
    ):
        rows = [row for row in county if row[whole] and not row[whole].startswith("X")]
        assert len({(row[whole], row[part]) for row in rows}) == len({row[whole] for row in rows})
    assert not any(row["community"] for row in county if row["setting"] == "independent")


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Deterministic for a seed, and another seed gives other pupils with the same margins."""
    assert made(500, 3).to_csv() == made(500, 3).to_csv()
    assert made(500, 3).to_csv() != made(500, 4).to_csv()


def test_references_are_made_ones() -> None:
    """S-000001 and on: nobody takes one for a child's."""
    refs = [row["case_ref"] for row in rows_of(made(120))]
    assert refs[0] == "S-000001"
    assert refs[-1] == "S-000120"
    assert len(set(refs)) == 120


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400), st.integers(0, 10**6))
def test_any_number_of_pupils_meets_every_margin_of_its_making(pupils: int, seed: int) -> None:
    """Proportions are met by largest remainder, not drawn: none is off by a whole pupil."""
    population = made(pupils, seed)
    steps = {step.id for step in population.margins.steps}
    for one in fit(population):
        if one.id in steps and one.difference is not None and one.value != "different":
            assert abs(one.difference) < 1, one


def test_every_margin_has_a_source_or_is_labelled_an_assumption() -> None:
    """A margin that no source gives says so wherever it is shown."""
    shown = list(fit(made(200)))
    text = "\n".join(line for _, line in lines(made(200)))
    for one in (*margins_of(CORPUS).steps, *margins_of(CORPUS).margins):
        bases = {found.basis for found in shown if found.id == one.id}
        if one.assumption:
            assert all(basis == f"assumption: {one.assumption}" for basis in bases)
            assert one.assumption in text
        else:
            assert bases
            assert not any(found.assumed for found in shown if found.id == one.id)


def test_the_fit_shows_what_is_published_first_and_figures_as_people_write_them() -> None:
    """A reader looks for the published figures; what is assumed stands apart, under its own heading."""
    text = [line for _, line in lines(made(COUNTY))]
    published, not_made, assumed = (text.index(one) for one in ("Published", "Published, and not made", "Assumed"))

    assert published < not_made < assumed
    assert re.search(r" sen_support +34,112 +34,112 +0  eqia Parent and Carers", "\n".join(text[published:not_made]))
    assert re.search(r" sum +£50,000,000 +£4\d,\d{3},\d{3} +-£\d+,\d{3}  report 5.1", "\n".join(text[:not_made]))
    assert all("  assumption" in line for line in text[assumed + 1 : text.index("", assumed)])
    assert not any("  assumption" in line for line in text[:assumed])


def test_the_fit_counts_the_pupils_and_not_the_making() -> None:
    """A pupil changed after the making shows in the fit."""
    population = made(1000)
    population.columns["plan"][population.columns["plan"].index("ehcp")] = "sen_support"
    first = {one.value: one for one in fit(population) if one.id == "plans"}

    assert first["ehcp"].difference is not None
    assert first["ehcp"].difference < Fraction(-1, 2)


def test_the_margins_stand_in_the_policy_and_are_checked(tmp_path: Path) -> None:
    """No figure stands in the code; a step without a basis, of an unknown column or too early is a problem."""
    code = (ROOT / "engine/senpolicy/caseloads/population.py").read_text(encoding="utf-8")
    assert not [word for word in ("34112", "14579", "92.5", "53", "sen_support") if word in code]
    copied(tmp_path)
    file = "policy/margins.yaml"
    sound = (tmp_path / file).read_text(encoding="utf-8")
    for pattern, by, code in (
        (r"column: rate_band$", "column: rate_bnd", "unknown-column"),
        (r"of: \{plan: sen_support, age_group: other\}$", "of: {plan: sen_support, age_grup: other}", "not-filled"),
        (r"into: \{sen_support: 34112,", "into: {sen_suport: 34112,", "unknown-value"),
        (r"- id: ages-plans", "- id: plans", "same-id"),
    ):
        edited(tmp_path, file, pattern, by)
        codes = [problem.code for problem in check(corpus.load(tmp_path)) if problem.place.file == file]
        assert code in codes, pattern
        (tmp_path / file).write_text(sound, encoding="utf-8")


def test_the_command_writes_the_caseload_and_prints_the_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With -o the fit is the result; without it the pupils are, and the fit goes to standard error."""

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["senpolicy", "simulate", "--root", str(ROOT), *args])
        try:
            cli.main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capsys.readouterr()

    file = tmp_path / "made.csv"
    status, out, err = run("--pupils", "60", "--seed", "5", "-o", str(file))
    assert status == 0
    assert "eqia Age" in out
    assert "assumption" in out
    status, printed, err = run("--pupils", "60", "--seed", "5")
    assert printed == file.read_text(encoding="utf-8") == made(60, 5).to_csv()
    assert "eqia Age" in err
    for wrong in (
        ("--pupils", "0", "--seed", "1"),
        ("--pupils", "5"),
        ("--pupils", "5", "--seed", "1", "-o", "a.xlsx"),
    ):
        assert run(*wrong)[0] == 2


# Mapped, with schools, for a tariff.


@pytest.fixture(scope="module")
def mapped() -> Population:
    """Return a tenth of the county, mapped to the illustrative edition."""
    return simulate(CORPUS, 4869, random.Random(1), "illustrative")


def test_a_mapped_county_has_levels_of_its_edition_in_all_three_settings(mapped: Population) -> None:
    """Nobody outside mainstream, SRPs and special schools is mapped, and nobody to a level of another edition."""
    levels = {one.id for one in CORPUS.editions["illustrative"].levels}
    found: dict[str, set[str]] = {}
    for row in rows_of(mapped):
        found.setdefault(row["setting"], set()).add(row["adaptation_level"])
    above = {one for one in levels if one.startswith("specific_allocation")}
    assert {setting for setting, of in found.items() if of - {""}} == {"mainstream", "srp", "special"}
    for setting in ("mainstream", "srp", "special"):
        assert above <= found[setting] <= {*levels, ""}


@pytest.mark.parametrize("edition", ["illustrative", "continuum-draft-2025-06"])
def test_a_mapped_population_meets_every_margin_of_its_making(edition: str) -> None:
    """What replaces a step takes it out of the fit, and each assumption is said."""
    population = simulate(CORPUS, 700, random.Random(2), edition)
    shown = [one for one in fit(population) if one.made is not None and one.unit in ("pupils", "names")]
    steps = {one.id for one in population.steps}
    assert {"schools", "day"}.isdisjoint(steps)
    assert all(abs(one.difference or 0) < 1 for one in shown if one.id in steps and one.value != "different")
    told = "\n".join(line for _, line in lines(population))
    assert all(one.assumption in told for one in population.steps if one.assumption)


def test_the_schools_of_a_mapped_county_are_paid_what_the_report_says(mapped: Population) -> None:
    """Report 5.1: about £80m of Element 3 in SRPs and special schools, and about £50m of top-up in mainstream.

    Counted from the table itself: each pupil there is paid the rate of her school, and of her need where it has some.
    """
    table = list(csv.DictReader(io.StringIO(schools_table(mapped, TARIFF))))
    rates = {(one["school"], one["kind"], one["need"]): one["present_rate"] for one in table}
    assert len(rates) == len(table)
    paid, pupils = Counter[str](), Counter[str]()
    for row in rows_of(mapped):
        if row["school"]:
            where = (row["school"], row["setting"])
            rate = rates.get((*where, row["need"]), rates.get((*where, "")))
            assert rate is not None
            assert (rate == "") == (row["setting"] == "mainstream")
            paid[row["setting"]] += int(rate or row["element3_rate"] or 0)
            pupils[row["setting"]] += 1
    part = Fraction(4869, COUNTY)
    held = pupils["srp"] + pupils["special"]
    assert abs(paid["srp"] + paid["special"] - 80_000_000 * part) <= Fraction(held, 2)
    assert abs(paid["mainstream"] - 50_000_000 * part) < 1_000_000 * part
    assert all(len({one["phase"] for one in table if one["school"] == name}) == 1 for name, _, _ in rates)
    assert len({one["present_rate"] for one in table if one["kind"] == "srp"}) > 50
    assert max(Counter(one["school"] for one in table if one["kind"] == "special").values()) > 1


def test_schools_differ_in_size_and_size_follows_from_their_pupils(mapped: Population) -> None:
    """A funnel of schools of one size would show nothing."""
    special = Counter(row["school"] for row in rows_of(mapped) if row["setting"] == "special")
    assert len(special) == 24
    assert max(special.values()) > 2 * min(special.values())
    sizes = {row["school"]: row["size"] for row in rows_of(mapped) if row["setting"] == "special"}
    ends = {size: {special[school] for school, of in sizes.items() if of == size} for size in ("small", "large")}
    assert max(ends["small"]) <= min(ends["large"])


def test_without_an_edition_pupils_are_as_they_were() -> None:
    """What rests on a seed, such as the pounds of a review, does not move by what only mapped populations have."""
    without = replace(CORPUS, files={**CORPUS.files, FILE: margins_of(CORPUS).model_copy(update={"mapped": None})})
    assert simulate(without, 300, random.Random(4)).to_csv() == made(300, 4).to_csv()
    with pytest.raises(WrongUse, match="Write it there under 'mapped'"):
        simulate(without, 300, random.Random(4), "illustrative")
    with pytest.raises(WrongUse, match=r"levels of 'nowhere'.*It does for 'continuum"):
        simulate(CORPUS, 300, random.Random(4), "nowhere")


@pytest.mark.slow
def test_every_command_takes_a_mapped_county_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run makes pupils and schools of the edition in use; a tariff, a decision, a ledger and a model take them."""
    pupils, table, communities = (tmp_path / name for name in ("made.csv", "schools.csv", "communities.csv"))
    files = ("-o", str(pupils), "--schools", str(table))
    status, _, said = senpolicy(capsys, "simulate", "--pupils", "600", "--seed", "1", *files)
    assert (status, "Their schools, made up like them: written to schools.csv." in said) == (0, True)
    one_band = {"band": {"levels": ["specific_allocation"], "rate": 9000}}
    plan = {"plan": "one", "title": "One band (made up)", "edition": "continuum-draft-2025-06", "day": "2026-09-01",
            "envelope": 900000, "bands": one_band, "settings": {"mainstream": 1, "srp": 1, "special": 1},
            "limits": {"guarantee": {"special": "none"}}}  # fmt: skip
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    status, out, _ = senpolicy(capsys, "tariff", str(tmp_path / "plan.yaml"), "--cohort", str(pupils),
                               "--schools", str(table), "--json")  # fmt: skip
    (found,) = json.loads(out)
    assert (status, found["pupils"]["refused"]) == (0, 0)
    assert {"community", "sex", "need", "phase", "size"} == {one["group"] for one in found["groups"]}
    assert {one["setting"] for one in found["mapping"] if one["levels"]} == {"mainstream", "srp", "special"}
    rows = [f"C{number:02},5000,1000,40,1500,900000" for number in range(1, 54)]
    communities.write_text("\n".join(["community,pupils,idaci,looked_after,low_prior_attainment,historic", *rows]))
    status, _, said = senpolicy(capsys, "ledger", str(communities), "--claims", str(pupils), "--year", "1",
                                "--quantum", "50000000")  # fmt: skip
    assert (status, "left out" in said) == (0, False)
    assert senpolicy(capsys, "decide", str(pupils), "-o", str(tmp_path / "decided.csv"), "--verify", "20")[0] == 0
    assert senpolicy(capsys, "model", str(pupils))[0] == 0
    both = ("--pupils", "5", "--seed", "1", "-o", str(pupils), "--schools", str(pupils))
    assert senpolicy(capsys, "simulate", *both)[0] == 2


def test_what_is_wrong_with_the_steps_of_mapped_pupils_is_told_at_its_line(tmp_path: Path) -> None:
    """A level of another edition, a step in whose place none is, and a helper that nothing fills."""
    copied(tmp_path)
    file = "policy/margins.yaml"
    sound = (tmp_path / file).read_text(encoding="utf-8")
    for pattern, by, code in (
        (r"specific_allocation_4: 3$", "specific_allocation_5: 3", "unknown-value"),
        (r"^    continuum-draft-2025-06:$", "    continuum-draft:", "unknown-edition"),
        (r"instead_of: \[schools\]", "instead_of: [shools]", "unknown-step"),
        (r"rate: average_rate$", "rate: averages", "not-filled"),
        (r"by: \[school, need\]", "by: [school, ned]", "not-filled"),
        (r"from: 8000, to: 16000", "from: 8000, to: 1600", "step"),
    ):  # fmt: skip
        edited(tmp_path, file, pattern, by)
        try:
            found = check(corpus.load(tmp_path))
        except PolicyError as error:
            found = list(error.problems)
        lines_of = (tmp_path / file).read_text(encoding="utf-8").splitlines()
        first = by.split()[0]
        assert any(one.code == code and first in lines_of[(one.place.line or 1) - 1] for one in found), (by, found)
        (tmp_path / file).write_text(sound, encoding="utf-8")


def test_a_number_that_cannot_be_made_is_wrong_use() -> None:
    """References have six to seven figures: a caseload larger than that is none of this county's."""
    for pupils in (0, -1, 10_000_000):
        with pytest.raises(WrongUse, match="cannot be made"):
            made(pupils)
