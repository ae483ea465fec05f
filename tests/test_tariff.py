"""A tariff over a cohort: who is counted, what the command says, and what it refuses, each with its place."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

import tariff_oracle as oracle
from copies import TOY
from golden_files import ROOT
from long_lists import first_of_each
from running import senpolicy
from senpolicy.caseloads.tables import RowBatch
from senpolicy.caseloads.tariff_cohort import Schools, TariffCohort, read_cohort, read_schools
from senpolicy.checking.opening import Asked
from senpolicy.checking.tariffs import PlanWithPlaces, node_place, plan_problems, read_plan
from senpolicy.comparing.tariff_report import columns, html
from senpolicy.comparing.tariffs import PlanAnswer, answer, beside, side_by_side, to_csv
from senpolicy.files.models.tariffs import TariffNext, TariffPlanFile
from senpolicy.files.problems import PolicyError, Problem, Problems, WrongUse
from senpolicy.policy import corpus
from senpolicy.policy.corpus import read_as
from senpolicy.policy.editions import under_edition
from senpolicy.policy.layout import RECORDS
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_money
from test_toy_outputs import as_yaml, calm, visible
from wording import Wording

GUIDE = ROOT / "docs" / "how-to"
FILES = [
    str(GUIDE / "illustrative-tariff.yaml"),
    "--cohort",
    str(GUIDE / "illustrative-cohort.csv"),
    "--schools",
    str(GUIDE / "illustrative-schools.csv"),
]
DAY = date(2026, 9, 1)
LEVELS = {f"l{number}": f"specific_allocation_{number}" for number in (1, 2, 3, 4)}


@cache
def policy() -> Policy:
    return under_edition(Asked().of(corpus.load(ROOT, without=RECORDS)), "illustrative")


class Table:
    """Rows of text as a table that was read; a caseload and a schools' table alike."""

    def __init__(self, rows: list[dict[str, str]], name: str = "table.csv", headings: list[str] | None = None) -> None:
        self.rows, self.name, self.notes = rows, name, ()
        self.headings = headings or list(dict.fromkeys(name for row in rows for name in row))

    def _columns(self, only: list[str] | None) -> dict[str, pa.Array]:
        wanted = [name for name in self.headings if only is None or name in only]
        return {name: pa.array([row.get(name) or None for row in self.rows], pa.string()) for name in wanted}

    def pieces(self, types: Any, only: list[str] | None = None) -> Iterator[RowBatch]:
        if self.rows:
            yield RowBatch(np.arange(1, len(self.rows) + 1), self._columns(only))

    def parts(self, only: list[str] | None = None) -> Iterator[Any]:
        yield type("Part", (), {"rows": pa.array(range(1, len(self.rows) + 1)), "cells": self._columns(only),
                                "faults": {}})()  # fmt: skip


def pupil(ref: str, school: str, setting: str, level: str = "specific_allocation_1", **more: str) -> dict[str, str]:
    return {"case_ref": ref, "school": school, "decision_date": "2026-09-01", "age": "9", "year_group": "5",
            "setting": setting, "plan": "ehcp", "adaptation_level": level, "element3_rate": "", **more}  # fmt: skip


def school(name: str, kind: str, rate: str = "", **more: str) -> dict[str, str]:
    return {"school": name, "kind": kind, "present_rate": rate, **more}


def schools(*rows: dict[str, str]) -> Schools:
    return read_schools(Table(list(rows), "schools.csv"), policy())


def cohort(rows: list[dict[str, str]], table: Schools, of: Policy | None = None) -> TariffCohort:
    return read_cohort(Table(rows, "cohort.csv"), of or policy(), table, DAY, verify=20)


def written(**changes: Any) -> str:
    """Return the plan of the guide as YAML, with changes at its top; None takes a key out."""
    text = (GUIDE / "illustrative-tariff.yaml").read_text(encoding="utf-8")
    return yaml.safe_dump({key: one for key, one in (yaml.safe_load(text) | {"day": "2026-09-01"} | changes).items()
                           if one is not None}, sort_keys=False)  # fmt: skip


def plan(text: str) -> PlanWithPlaces:
    problems = Problems()
    file, node = read_as(TariffPlanFile, text.encode(), "plan.yaml", problems)
    problems.stop_on_errors()
    assert file
    return PlanWithPlaces(file, node_place(node))


def refused(text: str) -> list[Problem]:
    """Return what is wrong with a plan."""
    try:
        one = plan(text)
    except PolicyError as error:
        return list(error.problems)
    return plan_problems(policy().corpus, one.file, one.at)


# The example of the guide.


def test_the_county_of_the_makefile_is_said_to_be_made_up_first() -> None:
    """Its plan passes the check, says so in its title, which every output has, and so does the first line of all."""
    assert "made up" in read_plan(GUIDE / "illustrative-county.yaml", policy().corpus).file.title
    (recipe,) = re.findall(r"^tariff:.*\n\t@echo (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe.startswith('"All of this is made up')


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """The guide's example by the command itself."""
    with pytest.MonkeyPatch.context() as patch:
        printed = io.StringIO()
        patch.setattr("sys.stdout", printed)
        patch.setattr("sys.argv", ["senpolicy", "tariff", *FILES, "--json"])
        from senpolicy.cli import main

        with pytest.raises(SystemExit) as left:
            main()
    assert not left.value.code
    (found,) = json.loads(printed.getvalue())
    return found


def test_the_example_of_the_guide_is_as_it_works_it_out(example: dict[str, Any]) -> None:
    """Each figure is worked out by hand in test_tariff_sums.py and in the guide."""
    assert (example["solved"], example["scale"], example["headroom"]) == ("exactly", "2803/3080", "4.00")
    assert example["pupils"] == {
        "counted": 10,
        "not_mapped": 1,
        "undetermined": 0,
        "not_by_tariff": 1,
        "refused": 0,
    }
    assert example["cost"] == {
        "present": "101500.00",
        "before_limits": "98281.00",
        "after_limits": "99996.00",
        "others": "0.00",
        "leaving": "3000.00",
        "least": None,
        "most": None,
    }
    assert [(one["band"], one["pupils"], one["rate"]) for one in example["bands"]] == [
        ("band_1", 3, "6370.00"),
        ("band_2", 4, "9100.00"),
        ("band_3", 2, "12740.00"),
        ("band_4", 1, "17291.00"),
    ]
    assert [(one["school"], one["limited"], one["change"], one["held_by"]) for one in example["schools"]] == [
        ("A", "48231.00", "231.00", "none"),
        ("B", "29925.00", "-1575.00", "loss"),
        ("C", "21840.00", "-160.00", "none"),
    ]
    assert example["drift"]["headroom_bears"] == "4/20931"


def test_the_guide_shows_what_its_example_gives(example: dict[str, Any]) -> None:
    """Its plan is the one of the file, and its figures are those of the answer."""
    guide = (GUIDE / "set-the-tariff.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert [yaml.safe_load(one) for one in shown] == [
        yaml.safe_load((GUIDE / "illustrative-tariff.yaml").read_text(encoding="utf-8"))
    ]
    figures = [example["scale"], *example["if_mapped"].values(), example["set_aside"]]
    figures += [_spoken(one["limited"]) for one in example["schools"]]
    figures += [_spoken(one["rate"]) for one in example["bands"]]
    figures += [_spoken(example["drift"]["if_all_move_up"]), _spoken(example["cost"]["after_limits"])]
    assert [one for one in figures if one not in guide] == []
    part = Fraction(example["drift"]["headroom_bears"])
    assert f"{part.numerator} / {part.denominator:,}" in guide


def _spoken(pounds: str) -> str:
    return f"{int(pounds.removesuffix('.00')):,}"


def test_pupils_of_a_group_are_paid_their_schools_average_or_their_part_of_what_a_limit_gives(
    example: dict[str, Any],
) -> None:
    """C01: three of A at 48,231 / 4 = 12,057.75, and two of B, of whose 29,925 they get 6,370 and 9,100 parts of
    28,210: 6,757.25806 and 9,653.22580, rounded down 16,410.48. The odd penny of B is its third pupil's: his remainder
    is the largest. C02 has all else.
    """
    c01, c02 = [one for one in example["groups"] if one["group"] == "community"]
    assert (c01["pupils"], c01["limited"]) == (5, "52583.73")
    assert (c02["pupils"], c02["limited"]) == (5, "47412.27")


def test_small_groups_are_withheld_and_so_is_who_loses_where_few_do(example: dict[str, Any]) -> None:
    """Each phase has three or four pupils; of the five of C02 two lose nothing."""
    phases = [one for one in example["groups"] if one["group"] == "phase"]
    assert len(phases) == 3
    assert all(one["pupils"] is None and one["limited"] is None for one in phases)
    assert all(one["lose"] is None for one in example["groups"])


def test_every_output_says_whose_the_figures_are_and_who_is_set_aside(
    example: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "No decision sets them" in example["says"]
    assert example["set_aside"].startswith("1 pupil is set aside")
    assert example["if_mapped"] == {"like_mapped": "47/432", "lowest": "47/280", "highest": "47/760"}

    status, out, err = senpolicy(capsys, "tariff", *FILES, "-o", str(tmp_path / "out.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert (status, out) == (0, "")
    assert "No decision sets them" in err
    assert [(row["school"], row["limited"], row["set_aside"]) for row in rows] == [
        ("A", "48231.00", "1"),
        ("B", "29925.00", "1"),
        ("C", "21840.00", "1"),
    ]
    assert all("No decision sets them" in row["says"] for row in rows)


def test_the_report_is_one_page_with_a_table_beside_each_chart(
    example: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It asks for nothing else, says whose the figures are, and has those of the answer that tell of no few pupils."""
    senpolicy(capsys, "tariff", *FILES, "-o", str(tmp_path / "out.html"))
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="|https?:|@import|url\(', page)
    assert example["says"].replace("'", "&#39;") in page
    for said in ("£99,996", "£4 within the envelope of £100,000", "2803/3080", "£17,291"):
        assert said in page, said
    # One is not mapped, one goes elsewhere, one is in the highest band: neither they nor what tells of them.
    assert "Do not pass this page on" in page
    for said in ("47/432", "0.1678", "1 pupil", "1 not mapped", "£3,000", "£36,400", "£98,281", "-£3,219", "2 lose"):
        assert said not in page, said
    assert not [said for said in ("48,231", "1,575", "21,840") if said in page], "no school has five pupils"
    assert page.count("<svg") == 6
    for caution in example["cautions"].values():
        assert caution.replace("'", "&#39;") in page


def test_the_report_has_every_school_but_those_of_fewer_than_five_pupils_and_what_tells_of_them() -> None:
    """Twice the example, and T, an infant school of two. Of its phase T is the only one besides B, so B's six pupils
    would tell of it, as the whole of the phase is shown.
    """
    made, given = (
        list(csv.DictReader(io.StringIO((GUIDE / f"illustrative-{name}.csv").read_text(encoding="utf-8"))))
        for name in ("cohort", "schools")
    )
    rows = [{**row, "case_ref": f"T-{number:02}"} for number, row in enumerate([*made, *made])]
    table = [{**row, "phase": "infant" if row["school"] == "B" else "primary"} for row in given]
    twice = written(envelope="200000.00")
    whole = html([answer(plan(twice), policy(), cohort(rows, schools(*table)))])
    for said in ("£96,462", "-£3,150", "-5.0%"):
        assert said in whole, said
    assert "fewer than five pupils are counted there" not in whole
    found = answer(plan(twice), policy(), cohort(rows, schools(*table)))
    held = dict(columns(found))["Held by"]
    assert {one.held_by: held(one) for one in found.cost.schools} == {"none": "-", "loss": "the limit on losses"}

    few = [*rows, *(pupil(f"K-{one}", "T", "special") for one in (1, 2))]
    with_few = schools(*table, school("T", "special", "9000", phase="infant"))
    one = answer(plan(twice), policy(), cohort(few, with_few))
    assert {where for where, _ in one.too_few} == {"T", "B"}
    page = html([one])
    assert "it would tell of so few elsewhere: B (srp), T (special).</p>" in page
    assert not any(f'<th scope="row">{name}</th>' in page for name in "TB")
    assert all(said not in page for said in ("T, special:", "B, srp:", "-£3,150"))
    assert '<th scope="row">A</th>' in page


def many(times: int, extra: list[dict[str, str]] | None = None, mapped: bool = True, **changes: Any) -> PlanAnswer:
    """Return the answer to the guide's example several times over, less who is not mapped, if wanted."""
    made, found = (
        list(csv.DictReader(io.StringIO((GUIDE / f"illustrative-{name}.csv").read_text(encoding="utf-8"))))
        for name in ("cohort", "schools")
    )
    some = [row for row in made if row["adaptation_level"] or not mapped]
    rows = [{**row, "case_ref": f"T-{number:02}"} for number, row in enumerate(some * times)]
    return answer(plan(written(**changes)), policy(), cohort([*rows, *(extra or [])], schools(*found)))


def test_a_large_cohort_is_shared_whole() -> None:
    """Nothing is withheld where every number is of five pupils or more."""
    one = many(6, mapped=False, envelope="600000.00")
    page = html([one])
    for said in (
        "6 pupils are set aside",
        "6 are not mapped",
        "£18,000 is paid today for pupils",
        "By the bands&#39; rates<",
    ):
        assert said in page, said
    assert '<td class="number" data-label="Pupils">24</td>' in "".join(page.split("\n"))
    assert not re.search("withheld|Do not pass", page.partition("<body>")[2].replace("A dash is what is withheld", ""))


@pytest.mark.parametrize("others", ["as_today", "lowest", "highest", "like_mapped"])
def test_what_is_kept_for_few_is_told_neither_by_itself_nor_by_a_difference(others: str) -> None:
    extra = [pupil(f"U-{at}", "C", "mainstream", "", element3_rate="6543.21") for at in range(3)]
    one = many(6, extra, others=others, solve="none", envelope="800000.00")
    assert one.cohort.others.number == 3
    page, whole = html([one, many(6, envelope="600000.00")]), one.cost.whole
    for amount in (one.cost.others, whole, one.cost.headroom):
        assert say_money(amount) not in page
    assert "It is within the envelope of £800,000." in page
    told = dict(beside([one], shared=True))
    assert {told[name] for name in ("others", "headroom", "drift that is borne")} == {"withheld"}
    assert "Do not pass this page on" in page


def test_how_few_are_counted_is_told_neither_below_a_plan_nor_beside_others() -> None:
    made = [pupil(f"U-{at}", "S", "special") for at in range(4)]
    table = schools(school("S", "special", "1000"))
    one = answer(plan(written(solve="none", envelope="900000.00")), policy(), cohort(made, table))
    assert one.cohort.pupils["counted"] == 4
    page = html([one, many(6, envelope="600000.00")])
    assert "How many are counted for 1 September 2026 is withheld" in page
    assert "Do not pass this page on" in html([one])
    assert dict(beside([one], shared=True))["counted"] == "withheld"
    assert dict(beside([one]))["counted"] == "4"


def test_a_part_of_those_set_aside_is_not_told_by_the_whole() -> None:
    """Three are not mapped and eight are open: neither the three, nor the eight beside the eleven."""
    extra = [pupil(f"U-{at}", "C", "mainstream", "", element3_rate="8000") for at in range(3)]
    extra += [pupil(f"V-{at}", "C", "mainstream", age="", year_group="", element3_rate="8000") for at in range(8)]
    one = many(6, extra, envelope="600000.00")
    counts = (one.cohort.pupils["not_mapped"], one.cohort.pupils["undetermined"], one.cohort.others.number)
    assert counts == (3, 8, 11)
    page = html([one])
    assert "11 pupils are set aside, and not in the cost: how many are not mapped" in page
    assert not re.search(r"\b(3|8) (are )?(not mapped|undetermined|whose)", page)


def test_schools_that_gain_are_counted_among_those_that_are_shown() -> None:
    """T, of two pupils, is the only one that gains nothing: beside the table the sum of all would say so."""
    made = [pupil(f"T-{at}", name, "special") for name in ("S", "U") for at in range(10)]
    made = [
        {**row, "case_ref": f"T-{at}"} for at, row in enumerate([*made, *(pupil("", "T", "special") for _ in "12")])
    ]
    table = schools(*(school(name, "special", "1000" if name != "T" else "90000") for name in "STU"))
    one = answer(plan(written(solve="none", envelope="900000.00")), policy(), cohort(made, table))
    assert {where for where, _ in one.too_few} >= {"T"}
    page = html([one])
    assert f"Of {len(one.shown_schools)} schools" in page or "No school may be shown" in page
    assert "Of 3 schools" not in page


def test_screen_and_report_say_what_was_solved_and_what_holds_in_the_same_words() -> None:
    """Also where no limit on gains is needed, or nothing fits."""
    for changes in ({}, {"solve": "gain_ceiling"}, {"solve": "gain_scale", "envelope": "900000.00"},
                    {"solve": "gain_ceiling", "envelope": "1.00"}, {"solve": "none"}):  # fmt: skip
        one = many(6, envelope="600000.00") if not changes else many(6, **{"envelope": "620000.00"} | changes)
        screen, page = [text.strip() for _, text in one.lines()], html([one])
        assert one.solved_line() in screen
        assert one.solved_line().replace("'", "&#39;") in page
    held = many(6, envelope="600000.00")
    assert any("held by the limit on losses" in text for _, text in held.lines())
    assert '<td class="number" data-label="Held by">the limit on losses</td>' in html([held])


def twice_the_example() -> PlanAnswer:
    """Return the answer to twice the guide's example, of which A has eight pupils and is paid for ten places."""
    made, found = (
        list(csv.DictReader(io.StringIO((GUIDE / f"illustrative-{name}.csv").read_text(encoding="utf-8"))))
        for name in ("cohort", "schools")
    )
    rows = [{**row, "case_ref": f"T-{number:02}", "sex": "female" if number else "male"}
            for number, row in enumerate([*made, *made])]  # fmt: skip
    table = schools(*({**row, "pupils_paid": "10" if row["school"] == "A" else ""} for row in found))
    text = written(envelope="300000.00", solve="none", next={"uplift": "0.02", "loss": "0.015"})
    return answer(plan(text), policy(), cohort(rows, table))


def test_the_report_shows_each_school_what_further_fields_make_of_it() -> None:
    """Of a group of one pupil and of all others no row is shown: both are named below the table."""
    one = twice_the_example()
    page = html([one])
    a = next(row for row in one.schools() if row["school"] == "A")
    assert (a["for_places"], a["next_year"]) == ("26500.00", "108120.00")
    for heading, said in (("For further places", "£26,500"), ("In the year after", "£108,120")):
        assert f'data-label="{heading}">{said}</td>' in page
        assert heading not in html([example_with()])
    assert "with 2% more on every rate" in page
    assert "no school loses more than 1.5% of what it is paid" in page
    assert "Withheld of Sex: female, male." in page
    assert "  withheld, too few or it would tell of too few: female, male" in [text for _, text in one.lines()]


def test_a_school_that_maps_high_stands_out_of_the_funnel() -> None:
    """Two levels alike often in 39 schools of twenty; in one all are at the higher level."""
    rows = [
        pupil(f"K-{place * 20 + one}", f"S{place:02}", "srp",
              LEVELS["l4"] if place == 7 or one % 2 else LEVELS["l1"])
        for place in range(40) for one in range(20)
    ]  # fmt: skip
    table = schools(*(school(f"S{place:02}", "srp", "9000") for place in range(40)))
    found = answer(plan(written()), policy(), cohort(rows, table))
    assert [(one.school, one.stands_out) for one in found.funnel if one.stands_out != "no"] == [("S07", "high")]
    assert "S07, srp: 4.00" in " ".join(text for _, text in found.lines())


def test_several_plans_are_shown_side_by_side(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(written(plan="trial-2", solve="gain_ceiling", envelope="104000.00"), encoding="utf-8")
    status, out, _ = senpolicy(capsys, "tariff", FILES[0], str(other), *FILES[1:])
    assert status == 0
    lines = out.splitlines()
    assert lines[1].startswith("1 pupil is set aside")
    table = lines[lines.index("Side by side") :]
    assert table[1].split() == ["trial-1", "trial-2"]
    assert next(line for line in table if line.startswith("headroom")).split()[1:] == ["£4", "£4"]
    assert next(line for line in table if line.startswith("limit on gains")).split()[-2:] == ["-", "107/2500"]

    status, _, err = senpolicy(capsys, "tariff", FILES[0], FILES[0], *FILES[1:])
    assert (status, "one name" in err) == (2, True)


def test_an_output_replaces_none_of_what_was_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mine = tmp_path / "cohort.csv"
    mine.write_bytes((GUIDE / "illustrative-cohort.csv").read_bytes())
    status, _, err = senpolicy(
        capsys, "tariff", FILES[0], "--cohort", str(mine), "--schools", FILES[-1], "-o", str(mine)
    )
    assert (status, "replace" in err) == (2, True)


def test_a_folder_as_the_output_is_told_as_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = senpolicy(capsys, "tariff", *FILES, "-o", str(tmp_path))
    assert (status, err) == (
        2,
        f"'{tmp_path}' is a folder. Name a file in it that ends in .html or .xlsx or .csv or .json.\n",
    )


# Who is counted.


def test_each_row_is_the_first_that_holds() -> None:
    table = schools(school("A", "mainstream"), school("S", "special", "9000"))
    rows = [
        pupil("K-1", "A", "mainstream", element3_rate="7000"),
        pupil("K-2", "S", "special"),
        pupil("K-3", "S", "special", ""),  # On the tariff, and not mapped.
        pupil("K-4", "A", "mainstream", ""),  # By which route hangs on the level alone.
        pupil("K-5", "A", "mainstream", "", age=""),  # Nor is it known whether it is in scope.
        pupil("K-6", "A", "mainstream", "sen_support", element3_rate="2000"),
        pupil("K-7", "A", "mainstream", "sen_support", plan="sen_support", additional_cost="9000"),
        pupil("K-8", "A", "independent"),
        pupil("K-9", "A", "mainstream", "no such level"),
        pupil("K-9", "A", "mainstream"),
    ]
    found = cohort(rows, table)
    assert dict(found.pupils) == {"counted": 2, "not_mapped": 2, "undetermined": 1, "not_by_tariff": 3, "refused": 2}
    assert sum(found.pupils.values()) == len(rows)
    assert found.leaving == 2_000_00
    assert dict(found.others.pupils) == {"special": 1, "mainstream": 2}
    assert (found.others.present, found.others.unpaid) == (9_000_00, 2)


def test_a_row_of_another_day_counts_for_the_plans_and_is_told() -> None:
    table = schools(school("S", "special", "9000"))
    found = cohort([pupil("K-1", "S", "special", decision_date="2025-10-01"), pupil("K-2", "S", "special")], table)
    assert (found.pupils["counted"], found.moved) == (2, 1)
    notes = list(answer(plan(written()), policy(), found).notes())
    assert notes[0] == "1 row of the cohort has another day than 1 September 2026, for which all are decided."


def test_a_rate_that_follows_from_other_facts_is_known() -> None:
    """No claim in payment is a rate of nothing, as it is for every decision; an empty cell is not."""
    table = schools(school("A", "mainstream"))
    rows = [pupil("K-1", "A", "mainstream", existing_claim="false"), pupil("K-2", "A", "mainstream")]
    found = cohort(rows, table)
    assert found.present.tolist() == [0, -1]


def test_a_special_school_has_a_rate_for_each_need_and_one_for_all_others() -> None:
    table = schools(
        school("S", "special", "9000", need="autism"),
        school("S", "special", "8000"),
        school("T", "special", "", need="x"),
    )
    rows = [
        pupil("K-1", "S", "special", need="autism"),
        pupil("K-2", "S", "special", need="speech"),
        pupil("K-3", "S", "special", need=""),
        pupil("K-4", "T", "special", need="x"),
        pupil("K-5", "T", "special", need="y"),
    ]
    assert cohort(rows, table).present.tolist() == [9_000_00, 8_000_00, 8_000_00, -1, -1]


def test_ratings_by_area_lead_to_a_level_as_they_do_for_a_decision() -> None:
    table = schools(school("S", "special", "9000"))
    ratings = {
        f"rating_{area}": "specific_allocation_2"
        for area in ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health",
                     "sensory_and_physical")
    }  # fmt: skip
    found = cohort([pupil("K-1", "S", "special", "", **ratings)], table)
    assert [found.levels[one] for one in found.level.tolist()] == ["specific_allocation_2"]


def test_of_one_day_decides_as_the_whole_policy_does() -> None:
    """What is left out, to be fast, decides nothing on the way to a route."""
    table = schools(school("S", "special", "9000"))
    rows = [pupil("K-1", "S", "special"), pupil("K-2", "S", "special", age="17", year_group="12")]
    assert dict(cohort(rows, table).pupils)["counted"] == 2 - dict(cohort(rows, table).pupils)["undetermined"]


# Against the reckoning of its own, from a file's rows on.


@pytest.mark.parametrize(
    ("seed", "further"),
    first_of_each([(3, False), (14, False), (29, False), *((one, True) for one in range(12))], lambda one: one[1]),
)
def test_a_cohort_of_rows_is_as_the_reckoning_has_it(seed: int, further: bool) -> None:
    """With the further fields of a plan too: every seed has some of them."""
    made, pupils = oracle.county(random.Random(seed))
    pupils = [one for one in pupils if one["present"] is not None or one["setting"] == "mainstream"]
    if further:
        made, pupils = oracle.with_further_fields(random.Random(seed), made, pupils)
    rates = {(one["school"], one["setting"]): one["present"] for one in pupils}
    places = made.get("places", {})
    table = schools(
        *(school(f"S{n}", kind, _pounds(rates.get((f"S{n}", kind))) if kind != "mainstream" else "",
                 pupils_paid=str(places.get((f"S{n}", kind), "")))
          for n in range(4) for kind in oracle.SETTINGS)
    )  # fmt: skip
    rows = [
        pupil(one["ref"], one["school"], one["setting"], LEVELS[one["level"]], community=f"C{number % 3}",
              element3_rate=_pounds(one["present"]) if one["setting"] == "mainstream" else "",
              **({"weight": str(oracle.part(one)), "paid_by": "other" if one.get("elsewhere") else ""} if further else {}))
        for number, one in enumerate(pupils)
    ]  # fmt: skip
    found = answer(_plan_of(made), policy(), cohort(rows, table))
    wanted = oracle.reckon(made, pupils)
    assert (found.cost.solved, found.cost.scale) == (wanted["solved"], wanted["scale"])
    nobody = (0, 0, 0, "none")
    paid = {(one.school, one.setting): (one.paid, one.new, one.limited, one.held_by) for one in found.cost.schools}
    assert {where: one for where, one in paid.items() if one != nobody} == {
        where: one for where, one in wanted["schools"].items() if one != nobody
    }
    assert found.cost.further == wanted["further"]
    assert (found.cost.next_year.after_limits if found.cost.next_year else None) == wanted["next"]
    today, own, after = found.pay
    assert [int(one.sum()) for one in (today, own, after)] == [
        found.cost.present, found.cost.before_limits, found.cost.after_limits
    ]  # fmt: skip
    assert sum(one.pupils for one in found.cost.schools) == found.cohort.pupils["counted"] - found.paid_elsewhere
    assert sum(int(row["pupils"]) for row in csv.DictReader(io.StringIO(to_csv([found])))) == sum(
        pupils for _, pupils, *_ in found.bands
    )
    assert html([found])
    assert sum(cost for *_, cost in found.bands) == found.cost.before_limits

    random.Random(seed).shuffle(rows)
    again = answer(_plan_of(made | {"bands": dict(reversed(made["bands"].items()))}), policy(), cohort(rows, table))
    assert json.dumps(again.to_json()) == json.dumps(found.to_json())
    assert to_csv([again]) == to_csv([found])


def test_pupils_who_are_not_phased_in_are_others_as_worked_out_in_the_guide(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A is paid 43,000 and B 24,000; six others are paid 51,500, as today."""
    path = tmp_path / "plan.yaml"
    text = written(others="as_today", solve="none")
    path.write_text(f"{text}phase_in: {{year_group: [4, 5, 6], ehcp_issued_on: 2026-09-01}}\n", encoding="utf-8")
    status, out, err = senpolicy(capsys, "tariff", str(path), *FILES[1:], "--json")
    assert status == 0, err
    (found,) = json.loads(out)
    assert {one["school"]: one["limited"] for one in found["schools"] if one["pupils"]} == {
        "A": "43000.00",
        "B": "24000.00",
    }
    assert (found["cost"]["others"], found["headroom"]) == ("51500.00", "-18500.00")
    assert found["pupils"] == {"counted": 5, "not_mapped": 1, "undetermined": 0, "not_by_tariff": 1, "refused": 0,
                               "not_phased_in": 5}  # fmt: skip
    assert "5 not phased in by year_group or ehcp_issued_on" in found["set_aside"]
    assert "Of 5 who are not phased in a fact is not known by which they might be." in found["notes"]


# Further fields, on the example of the guide.


def example_with(
    pupils: dict[str, dict[str, str]] | None = None,
    places: dict[str, dict[str, str]] | None = None,
    times: int = 1,
    **changes: Any,
) -> PlanAnswer:
    """Return the answer to the guide's example, with cells of pupils and schools changed, and keys of the plan.

    Each pupil is there so many times.
    """
    made, found = (
        list(csv.DictReader(io.StringIO((GUIDE / f"illustrative-{name}.csv").read_text(encoding="utf-8"))))
        for name in ("cohort", "schools")
    )
    more = sorted({name for one in (pupils or {}).values() for name in one})
    rows = [{**dict.fromkeys(more, ""), **row, **(pupils or {}).get(row["case_ref"], {})} for row in made]
    rows = [row | {"case_ref": f"{row['case_ref']}{again or ''}"} for again in range(times) for row in rows]
    table = [{**row, "pupils_paid": "", **(places or {}).get(row["school"], {})} for row in found]
    text = written(**({"solve": "none"} | changes))
    assert refused(text) == []
    return answer(plan(text), policy(), cohort(rows, schools(*table)))


def paid_in(found: PlanAnswer, school: str) -> tuple[int, int, int, str]:
    (one,) = (one for one in found.cost.schools if one.school == school)
    return one.paid, one.new, one.limited, one.held_by


def bands_of_the_guide() -> dict[str, Any]:
    bands: dict[str, Any] = yaml.safe_load(written())["bands"]
    return bands


def test_a_pupil_for_a_part_of_the_year_is_worked_out_as_in_the_guide() -> None:
    """K-07 for 7/12: 10,500 × 7/12 = 6,125 today, 14,000 × 7/12 = 8,166.66 by the plan. B's floor is 25,768.75."""
    found = example_with({"K-07": {"weight": "7/12"}})
    assert paid_in(found, "B") == (27_125_00, 25_166_66, 25_768_75, "loss")
    assert any(note.startswith("1 pupil is counted for a part of the year") for note in found.notes())
    assert sum(found.pay[2].tolist()) == found.cost.after_limits
    # One who is not mapped costs his part: 7,000 x 1/2.
    others = example_with({"K-11": {"weight": "0.5"}}, others="lowest")
    assert (others.cost.others, others.cohort.others.number) == (3_500_00, 1)


def test_an_average_of_parts_of_the_year_is_that_of_a_whole_one() -> None:
    """K-01 for half the year: A is paid 9,500 + 14,000 + 20,000 = 43,500 for 3.5 years of pupils, 12,428.57 each."""
    found = example_with({"K-01": {"weight": "1/2"}})
    assert paid_in(found, "A") == (42_000_00, 43_500_00, 43_500_00, "none")
    paid = dict(zip(sorted(f"K-{n:02}" for n in range(1, 11)), found.pay[2].tolist(), strict=True))
    assert [paid[f"K-0{n}"] for n in (1, 2, 3, 4)] == [6_214_29, 12_428_57, 12_428_57, 12_428_57]


def test_places_that_are_paid_for_are_worked_out_as_in_the_guide() -> None:
    """Six places beyond A's four pupils at 13,250. The scale then counts A's pay ten quarters of itself."""
    found = example_with(places={"A": {"pupils_paid": "10"}})
    assert paid_in(found, "A") == (48_000_00, 53_000_00, 53_000_00, "none")
    assert (found.cost.further, found.cost.headroom) == (79_500_00, 100_000_00 - 108_000_00 - 79_500_00)
    data = found.to_json()
    assert data["cost"]["places"] == "79500.00"  # type: ignore[index, call-overload]
    assert [one["for_places"] for one in found.schools()] == ["79500.00", "0.00", "0.00"]
    assert "For places beyond these pupils" in html([found])
    solved = example_with(places={"A": {"pupils_paid": "10"}}, solve="scale", envelope="200000.00")
    assert solved.cost.solved == "exactly"
    assert 0 <= solved.cost.headroom < 16 * 100


def test_limits_pupil_by_pupil_are_worked_out_as_in_the_guide() -> None:
    """K-08 brings 7,500 and may lose 5%: 7,125. The two others gain, without a limit."""
    found = example_with(protect={"mainstream": "pupil"})
    assert paid_in(found, "C") == (22_000_00, 24_000_00, 24_125_00, "loss")
    row = [*found.schools()][2]
    assert (row["pupils_held"], row["pupils"]) == (1, 3)
    assert "pupils_held" in to_csv([found]).splitlines()[0]
    assert found.pay[2].tolist()[-3:] == [7_125_00, 7_000_00, 10_000_00]


def test_a_band_that_pays_as_today_is_worked_out_as_in_the_guide() -> None:
    """A's pupil at level 4 stays at 12,000; the other three are held at 36,000 by the guarantee."""
    bands = bands_of_the_guide()
    found = example_with(bands=bands | {"band_4": bands["band_4"] | {"rate": "own"}})
    assert paid_in(found, "A") == (48_000_00, 46_000_00, 48_000_00, "guarantee")
    assert found.bands[-1] == ("band_4", 1, None, 12_000_00)
    assert found.to_json()["bands"][-1]["rate"] == "own"  # type: ignore[index, call-overload]
    assert "Do not pass this on" in " ".join(found.notes())
    assert "as today" in html([found])
    scaled = example_with(bands=bands | {"band_4": bands["band_4"] | {"rate": "own"}}, solve="scale", envelope="100000")
    assert (scaled.cost.solved, "band_4" in scaled.cost.rates) == ("exactly", False)


def test_a_pupil_for_whom_another_authority_pays_is_worked_out_as_in_the_guide() -> None:
    """A's average is 13,250 with K-01, and is paid for the three others."""
    found = example_with({"K-01": {"paid_by": "other"}})
    assert paid_in(found, "A") == (36_000_00, 34_000_00, 39_750_00, "none")
    assert found.to_json()["pupils"]["counted_and_paid_for_by_another"] == 1  # type: ignore[index, call-overload]
    assert [one.pupils for one in found.cost.schools] == [3, 3, 3]
    assert sum(number for _, number, *_ in found.bands) == 9
    assert sum(found.pay[2].tolist()) == found.cost.after_limits
    # One who is not mapped is in no cost either.
    others = example_with({"K-11": {"paid_by": "other"}}, others="lowest")
    assert (others.cost.others, others.cohort.others.number) == (0, 0)
    said = "No pupil is set aside: for the one who is not mapped, or whose route is open, another authority pays."
    assert others.first_line() == said
    some = example_with({"K-03": {"paid_by": "other", "adaptation_level": ""}})
    assert some.first_line().startswith(
        "1 pupil is set aside, and not in the cost: 2 not mapped, 0 whose route is open, less 1 "
    )


def test_the_year_after_is_worked_out_as_in_the_guide() -> None:
    """B is held at 98.5% of this year's 29,925, which is 29,476.125, rounded up."""
    found = example_with(solve="scale", next={"uplift": "0.02", "loss": "0.015"})
    after = found.cost.next_year
    assert after
    assert [one.limited for one in after.schools] == [49_195_62, 29_476_13, 22_276_80]
    assert found.to_json()["next_year"] == {"uplift": "1/50", "loss": "3/200", "cost": "100948.55"}
    assert [one["next_year"] for one in found.schools()] == ["49195.62", "29476.13", "22276.80"]
    assert any("the year after" in note and "£100,948.55" in note for note in found.notes())


@pytest.mark.parametrize(
    ("pupils", "places", "changes", "said"),
    [
        ({"K-07": {"weight": "0"}}, {}, {}, "K-07, column 'weight': this is not a part of a year"),
        ({"K-07": {"weight": "1.01"}}, {}, {}, "K-07, column 'weight': this is not a part of a year"),
        ({"K-07": {"weight": "half"}}, {}, {}, "K-07, column 'weight': this is not a part of a year"),
        ({}, {"A": {"pupils_paid": "3"}}, {}, "'pupils_paid' is 3, and 4 are counted there"),
        ({}, {"A": {"pupils_paid": "ten"}}, {}, "Row 1, column 'pupils_paid': this is not a whole number"),
        ({}, {"B": {"pupils_paid": "9"}}, {}, "the plan pays no average in 'srp'"),
        ({}, {"A": {"pupils_paid": "9", "lump": "5"}}, {}, "the school has 'present_other' or 'lump'"),
        ({"K-01": {"weight": "1/2"}}, {"A": {"pupils_paid": "9"}}, {}, "there for a part of the year"),
        ({"K-03": {"adaptation_level": ""}}, {"A": {"pupils_paid": "9"}}, {}, "Not mapped there, or not for certain on the tariff: 1."),
        ({}, {"A": {"pupils_paid": "9", "present_rate": ""}}, {}, "some pupils there are in no average"),
        ({"K-05": {"paid_by": "other"}}, {}, {}, "In 'B', srp another authority pays for 1, and no average"),
        ({"K-01": {"paid_by": "other"}}, {"A": {"lump": "5"}}, {}, "Which part of it that authority pays"),
        ({}, {"C": {"lump": "5"}}, {"protect": {"mainstream": "pupil"}}, "limits there are pupil by pupil"),
        ({"K-07": {"weight": "1/2"}}, {}, {"next": {"uplift": "0", "loss": "0"}}, "for how long in the year after"),
        ({"K-01": {"weight": "1/2"}}, {}, {"core": {"special": "10000"}}, "the guarantee is on core funding too"),
        ({}, {"A": {"present_rate": ""}}, {"bands": "own"}, "1 pupil is in a band that pays as today, and without"),
        ({"K-01": {"paid_by": "other"}}, {}, {"bands": "own"}, "1 pupil is in a band that pays as today, and another"),
    ],
)  # fmt: skip
def test_fields_of_which_nobody_has_said_what_they_mean_together_are_refused(
    pupils: dict[str, dict[str, str]],
    places: dict[str, dict[str, str]],
    changes: dict[str, Any],
    said: str,
    snapshot: SnapshotAssertion,
) -> None:
    if changes.get("bands") == "own":
        bands = bands_of_the_guide()
        changes = {"bands": bands | {"band_4": bands["band_4"] | {"rate": "own"}}}
    if any("lump" in one for one in places.values()):
        places = {name: {"lump": "", **places.get(name, {})} for name in "ABC"}
    with pytest.raises(PolicyError) as told:
        example_with(pupils, places, **changes)
    assert said in str(told.value)
    assert str(told.value) == snapshot
    assert all(one.help for one in told.value.problems)


def test_a_payer_that_is_not_known_refuses_its_row() -> None:
    found = example_with({"K-01": {"paid_by": "Essex"}})
    assert found.cohort.pupils["refused"] == 1


@pytest.mark.parametrize("seed", range(8))
def test_a_phase_counts_whom_the_reckoning_counts(seed: int) -> None:
    source = random.Random(seed)
    made, pupils = oracle.county(source)
    pupils = [one | {"year_group": source.choice([3, 5, 6, 8])} for one in pupils if one["setting"] == "mainstream"]
    rows = [
        pupil(one["ref"], one["school"], "mainstream", LEVELS[one["level"]], year_group=str(one["year_group"]),
              age=str(one["year_group"] + 4), element3_rate=_pounds(one["present"]))
        for one in pupils
    ]  # fmt: skip
    table = schools(*(school(f"S{n}", "mainstream") for n in range(4)))
    read = read_cohort(Table(rows, "cohort.csv"), policy(), table, DAY, phase_in={"year_group": ["5", "8"]}, verify=5)
    found = answer(_plan_of(made), policy(), read)
    wanted = oracle.reckon(made, oracle.phased_in({"year_group": [5, 8]}, pupils))
    assert (found.cost.solved, found.cost.scale) == (wanted["solved"], wanted["scale"])
    paid = {(one.school, one.setting): one for one in found.cost.schools if one.pupils}
    assert {where: (one.paid, one.new, one.limited, one.held_by) for where, one in paid.items()} == wanted["schools"]
    assert read.not_yet + read.pupils["counted"] == len(pupils)


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        ({"yeargroup": ["0"]}, "unknown-fact"),
        ({"sex": ["male"]}, "unknown-fact"),
        ({"year_group": "2026-09-01"}, "phase-in"),
        ({"ehcp_issued_on": ["2026-09-01"]}, "phase-in"),
        ({"element3_rate": ["1"]}, "phase-in"),
        ({"year_group": ["seven"]}, "unknown-value"),
        ({"setting": ["specal"]}, "unknown-value"),
    ],
)
def test_a_phase_that_names_nobody_is_refused(
    tmp_path: Path, phase: dict[str, Any], code: str, snapshot: SnapshotAssertion
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(written(phase_in=phase), encoding="utf-8")
    with pytest.raises(PolicyError) as told:
        read_plan(path, policy().corpus)
    assert [one.code for one in told.value.problems] == [code]
    assert told.value.problems[0].place.line > 1
    assert str(told.value) == snapshot


def _pounds(amount: int | None) -> str:
    return "" if amount is None else f"{amount // 100}.{amount % 100:02}"


def _plan_of(made: dict[str, Any]) -> PlanWithPlaces:
    def share(value: Fraction | None) -> str | None:
        return None if value is None else f"{float(value):.6f}"

    # A third has no end as a decimal, so what was read is put in its place.
    text = written(
        bands={name: {"levels": [LEVELS[one] for one in levels], "rate": _pounds(rate)}
               for name, (levels, rate) in made["bands"].items()}
        | ({"own": {"levels": [LEVELS[one] for one in made["own"]], "rate": "own"}} if made.get("own") else {}),
        protect=dict.fromkeys(made.get("protect", ()), "pupil"),
        settings={name: share(one) for name, one in made["factors"].items()},
        average_in=made["average_in"],
        limits={"loss": share(made["loss"]), "gain": share(made["gain"]),
                "guarantee": {name: share(one) for name, one in made["guarantee"].items()}},
        core={name: _pounds(one) for name, one in made["core"].items()},
        envelope=_pounds(made["envelope"]), solve=made["solve"], round_down_to=_pounds(made["step"]),
    )  # fmt: skip
    one = plan(text)
    limits = one.file.limits.model_copy(update={"loss": made["loss"], "gain": made["gain"]})
    after = TariffNext.model_construct(uplift=made["next"][0], loss=made["next"][1]) if made.get("next") else None
    return replace(one, file=one.file.model_copy(update={"limits": limits, "next": after}))


def test_groups_add_up_to_what_is_paid_and_none_of_fewer_than_five_is_shown() -> None:
    chance = random.Random(7)
    table = schools(*(school(f"S{n}", "special", "12000.01", phase=("primary", "secondary")[n % 2]) for n in range(5)))
    rows = [
        pupil(f"K-{number}", f"S{chance.randrange(5)}", "special", chance.choice(list(LEVELS.values())),
              sex=chance.choice(["female", "male"]), community=chance.choice(["C1", "C2", "C3"] if number > 3 else ["C4"]))
        for number in range(1, 90)
    ]  # fmt: skip
    found = answer(plan(written(solve="gain_scale", envelope="1090000.00")), policy(), cohort(rows, table))
    assert found.cost.solved == "exactly"
    by_name: dict[str, list[Any]] = {}
    for one in found.groups:
        by_name.setdefault(one.group, []).append(one)
    assert set(by_name) == {"community", "sex", "phase"}
    for name in ("sex", "phase"):
        assert sum(one.pupils for one in by_name[name]) == 89
        assert sum(one.limited for one in by_name[name]) == found.cost.after_limits
        assert sum(one.present for one in by_name[name]) == found.cost.present
    withheld = [one.value for one in by_name["community"] if one.pupils is None]
    assert "C4" in withheld
    assert len(withheld) == 2, "a total less all others would tell of the one"


def test_groups_hold_what_a_school_is_paid_beside_its_pupils_on_both_sides() -> None:
    """Of twelve pupils at 9,000, as today, six are C1's; the school has 1,000.01 beside it, today and by the plan."""
    rows = [pupil(f"K-{one:02}", "B", "srp", LEVELS["l2"], community="C1" if one < 6 else "C2") for one in range(12)]
    table = schools(school("B", "srp", "9000", present_other="1000.01", lump="1000.01"))
    text = written(solve="none", settings={"srp": "0.9"}, limits={})
    found = answer(plan(text), policy(), cohort(rows, table))
    assert [one.change for one in found.cost.schools] == [0]
    assert [(one.change, one.lose) for one in found.groups if one.group == "community"] == [(0, 0), (0, 0)]
    for name, whole in (("present", found.cost.present), ("new", found.cost.before_limits)):
        assert sum(getattr(one, name) for one in found.groups) == whole

    nothing = schools(school("B", "srp", "0", lump="1000.01"))
    found = answer(plan(text), policy(), cohort(rows, nothing))
    assert sum(one.limited or 0 for one in found.groups) == found.cost.after_limits == 109_000_01


def test_how_many_lose_is_not_told_by_another_groups_numbers() -> None:
    """Of C1 three lose. Of women and men 39 do together, so of C2 and C3 not both numbers can be shown."""
    rows = [
        pupil(f"K-{one:02}", "A", "mainstream", community="C1" if one < 8 else "C2" if one < 40 else "C3",
              sex="female" if one % 4 < 2 else "male",
              element3_rate="8000" if one < 3 or (one >= 8 and one % 2) else "6000")
        for one in range(80)
    ]  # fmt: skip
    text = written(solve="none", limits={"guarantee": {"special": "none"}})
    found = answer(plan(text), policy(), cohort(rows, schools(school("A", "mainstream"))))
    lose = {one.value: one.lose for one in found.groups}
    assert (lose["female"] or 0) + (lose["male"] or 0) == 39
    assert [lose[one] for one in ("C1", "C2", "C3")].count(None) >= 2


def test_no_interval_tells_how_few_lose_in_all() -> None:
    """Three lose of forty, all in C1. An interval of C2, of whom none does, would be that beside 0 of 16 and 3 of 24."""
    rows = [
        pupil(f"K-{one:02}", "A", "mainstream", community="C1" if one < 8 else "C2" if one < 24 else "C3",
              element3_rate="8000" if one < 3 else "6000")
        for one in range(40)
    ]  # fmt: skip
    text = written(solve="none", limits={"guarantee": {"special": "none"}})
    found = answer(plan(text), policy(), cohort(rows, schools(school("A", "mainstream"))))
    assert [one.pupils for one in found.groups if one.group == "community"] == [8, 16, 16]
    assert [one.interval for one in found.groups] == [None] * len(found.groups)


def test_what_fewer_than_five_pupils_are_paid_today_is_not_shown() -> None:
    """Six pupils are C1's, and one of them has a rate of today, which is all that is paid today for C1."""
    rows = [
        pupil(f"K-{one:02}", "A", "mainstream", community=f"C{(one > 5) + (one > 20) + 1}",
              element3_rate="7000" if one in (0, *range(10, 40)) else "")
        for one in range(40)
    ]  # fmt: skip
    found = answer(plan(written(solve="none")), policy(), cohort(rows, schools(school("A", "mainstream"))))
    c1, *others = (one for one in found.groups if one.group == "community")
    assert (c1.present, c1.change, c1.paid_today, c1.lose) == (None, None, None, None)
    assert [one.present for one in others].count(None) >= 1, "a total less all others would tell of the one"
    assert "7,000" not in " ".join(text for _, text in found.lines() if text.strip().startswith("C1"))


def test_an_envelope_that_every_scale_meets_is_not_said_to_be_too_small() -> None:
    rows = [pupil(f"K-{one}", "S", "special") for one in range(3)]
    text = written(limits={"gain": "0", "guarantee": {"special": "none"}})
    for envelope, said in (("30000.00", "Every scale fits"), ("1.00", "Nothing fits")):
        changed = yaml.safe_dump(yaml.safe_load(text) | {"envelope": envelope})
        if said == "Nothing fits":
            changed = changed.replace("guarantee:\n    special: none", "guarantee:\n    special: '0'")
        found = answer(plan(changed), policy(), cohort(rows, schools(school("S", "special", "9000"))))
        assert found.cost.solved == "no"
        shown = " ".join(text for _, text in found.lines())
        assert said in shown
        assert said in html([found])
        assert ("othing fits" in shown) == (said == "Nothing fits")


# What is refused, or told.


@pytest.mark.parametrize(
    ("changes", "code", "line"),
    [
        ({"bands": {"a": {"levels": ["specific_allocation_1"], "rate": "-1"}}}, "below-0", "rate:"),
        ({"bands": {"a": {"levels": ["specific_allocation_1"], "rate": "seven"}}}, "number", "rate:"),
        ({"bands": {"a": {"levels": ["specific_alocation_1"], "rate": "1"}}}, "unknown-level", "alocation"),
        ({"bands": {"a": {"levels": ["specific_allocation_1"], "rate": "9"},
                    "b": {"levels": ["specific_allocation_1"], "rate": "9"}}}, "level-in-two-bands", ""),
        ({"bands": {"a": {"levels": ["specific_allocation_2"], "rate": "8.99"},
                    "b": {"levels": ["specific_allocation_1"], "rate": "9"}}}, "rate-falls", "8.99"),
        ({"bands": {}}, "missing", "bands"),
        ({"settings": {"srp": "0"}}, "out-of-range", "srp"),
        ({"settings": {"spr": "1.00"}}, "unknown-value", "spr"),
        ({"average_in": ["speical"]}, "unknown-value", "speical"),
        ({"limits": {"loss": "1.01", "guarantee": {"special": "none"}}}, "out-of-range", "loss"),
        ({"limits": {"loss": "5%", "guarantee": {"special": "none"}}}, "number", "loss"),
        ({"limits": {"gain": "-0.01", "guarantee": {"special": "none"}}}, "out-of-range", "gain"),
        ({"limits": {"loss": "0.05"}}, "no-guarantee", "limits"),
        ({"limits": {"gain": "0.1", "guarantee": {"special": "0.00"}}, "solve": "gain_scale"}, "solved-and-given", "solve"),
        ({"round_down_to": "0"}, "out-of-range", "round_down_to"),
        ({"envelope": "-1"}, "below-0", "envelope"),
        ({"solve": "scales"}, "unknown-value", "solve"),
        ({"day": "1 September 2026"}, "date", "day"),
        ({"tariff_part": "13/12"}, "out-of-range", "13/12"),
        ({"colour": "red"}, "unknown-word", "colour"),
        ({"protect": {"special": "pupil"}}, "fields-together", "special: pupil"),
        ({"protect": {"speical": "pupil"}}, "unknown-value", "speical"),
        ({"protect": {"srp": "pupils"}}, "unknown-value", "srp"),
        ({"bands": {"a": {"levels": ["specific_allocation_1"], "rate": "own"}}}, "fields-together", "bands"),
        ({"bands": {"a": {"levels": ["specific_allocation_1"], "rate": "owns"}}}, "number", "rate:"),
        ({"next": {"uplift": "0.02"}}, "missing", "next"),
        ({"next": {"uplift": "2%", "loss": "0"}}, "number", "uplift"),
        ({"next": {"uplift": "0.02", "loss": "0.05"}, "limits": {"guarantee": {"special": "none"}}}, "fields-together", "uplift"),
        ({"next": {"uplift": "0.02", "loss": "0.05"}, "tariff_part": "7/12"}, "fields-together", "uplift"),
        ({"next": {"uplift": "0.02", "loss": "0.05"}, "phase_in": {"year_group": ["0"]}}, "fields-together", "uplift"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused_at_its_place_with_what_to_do(
    changes: dict[str, Any], code: str, line: str, snapshot: SnapshotAssertion
) -> None:
    text = written(**changes)
    found = [one for one in refused(text) if one.code == code]
    assert found, refused(text)
    assert found[0].help
    assert line in text.splitlines()[found[0].place.line - 1]
    assert "\n".join(map(str, refused(text))) == snapshot


def test_a_plan_that_gives_the_part_of_the_first_year_says_what_that_costs() -> None:
    table = schools(school("S", "special", "9000"))
    text = written(solve="none", tariff_part="7/12")
    found = answer(plan(text), policy(), cohort([pupil("K-1", "S", "special", "specific_allocation_2")], table))
    assert found.to_json()["first_year"] == {"tariff_part": "7/12", "cost": "9583.34"}
    assert any("7/12 is on the tariff" in note for note in found.notes())
    assert answer(plan(written()), policy(), found.cohort).to_json()["first_year"] is None


def test_a_plan_that_says_that_nothing_is_guaranteed_is_let_in() -> None:
    assert refused(written(limits={"guarantee": {"special": "none"}})) == []
    assert refused(written()) == []


def test_a_plan_that_is_not_there_or_names_no_edition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no-file"):
        read_plan(tmp_path / "none.yaml", policy().corpus)
    (tmp_path / "plan.yaml").write_text(written(edition="ilustrative"), encoding="utf-8")
    with pytest.raises(PolicyError, match="Did you mean 'illustrative'"):
        read_plan(tmp_path / "plan.yaml", policy().corpus)


def test_levels_and_settings_that_the_plan_lacks_are_told_with_how_many_pupils() -> None:
    table = schools(school("S", "special", "9000"), school("B", "srp", "9000"))
    rows = [pupil("K-1", "S", "special", "specific_allocation_4"), pupil("K-2", "B", "srp", "universal")]
    text = written(bands={"a": {"levels": ["specific_allocation_4"], "rate": "1"}}, settings={"special": "1.00"})
    with pytest.raises(PolicyError) as told:
        answer(plan(text), policy(), cohort(rows, table))
    assert [(one.code, one.place.line > 0) for one in told.value.problems] == [
        ("level-without-band", True),
        ("no-setting", True),
    ]
    assert "1 pupil is counted at the level 'universal'" in str(told.value)


def test_a_school_that_the_table_lacks_is_told_with_how_many_pupils_and_what_to_do() -> None:
    rows = [pupil("K-1", "Sx", "special"), pupil("K-2", "S", "srp"), pupil("K-3", "", "special")]
    with pytest.raises(PolicyError) as told:
        cohort(rows, schools(school("S", "special", "9000")))
    assert {one.code for one in told.value.problems} == {"no-school"}
    said = str(told.value)
    assert "1 pupil is counted in 'S', srp, which schools.csv lacks." in said
    assert "1 pupil is counted without a school." in said


def test_core_funding_without_a_guarantee_is_told_to_be_in_no_figure() -> None:
    table, rows = schools(school("S", "special", "9000")), [pupil("K-1", "S", "special")]
    limits = {"loss": "0.05", "guarantee": {"special": "none"}}
    found = answer(plan(written(core={"special": "10000.00"}, limits=limits)), policy(), cohort(rows, table))
    assert "In 'special' the plan gives core funding and no guarantee: no figure rests on the core funding." in list(
        found.notes()
    )
    held = answer(plan(written(core={"special": "10000.00"})), policy(), cohort(rows, table))
    assert "no guarantee" not in " ".join(held.notes())


def test_a_school_that_the_cohort_lacks_has_a_row_of_noughts_and_no_average() -> None:
    table = schools(school("S", "special", "9000", lump="500"), school("T", "special", "9000", lump="500"))
    found = answer(plan(written()), policy(), cohort([pupil("K-1", "S", "special")], table))
    assert list(found.schools())[1] == {
        "school": "T", "setting": "special", "pupils": 0, "present": "0.00", "new": "0.00", "limited": "0.00",
        "change": "0.00", "held_by": "none",
    }  # fmt: skip
    notes = " ".join(found.notes())
    assert "1 row of the schools' table has nobody who is counted." in notes
    assert "1 of them would be paid an average of their own, which is not known" in notes
    assert "In 'special' the guarantee holds" in notes


def test_a_cohort_or_a_table_without_rows_is_refused() -> None:
    headings = list(pupil("K-1", "S", "special"))
    with pytest.raises(PolicyError, match="no cases"):
        read_cohort(Table([], "cohort.csv", headings), policy(), schools(school("S", "special", "9000")), DAY)
    with pytest.raises(PolicyError, match="no rows"):
        read_schools(Table([], "schools.csv", ["school", "kind", "present_rate"]), policy())


def test_a_cohort_of_which_nobody_is_mapped_is_told() -> None:
    table = schools(school("S", "special", "9000"))
    found = answer(plan(written()), policy(), cohort([pupil("K-1", "S", "special", "")], table))
    assert "Nobody is counted" in next(iter(found.notes()))
    assert found.if_mapped["like_mapped"] is None
    assert found.cost.solved == "no", "whatever the scale, the cost is nothing"
    assert [said.split(". ")[-1] for said in found.unsolved()] == ["Map the cohort first."]
    early = answer(plan(written()), policy(), cohort([pupil("K-1", "S", "independent")], table))
    assert [said.split(". ")[-1] for said in early.unsolved()] == ["Look at the plan's day."]


def test_why_a_plan_is_not_solved_is_said_beside_a_file_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Not in the file alone: the command ends with 1, and whoever sees that is told why and what to do."""
    (tmp_path / "plan.yaml").write_text(written(envelope="5000"), encoding="utf-8")
    status, _, err = senpolicy(
        capsys, "tariff", str(tmp_path / "plan.yaml"), *FILES[1:], "-o", str(tmp_path / "out.json")
    )
    said = (
        "trial-1: Nothing fits the envelope: the plan costs at least £98,825, whatever the figure. Raise the envelope"
    )
    assert (status, said in err) == (1, True)
    gains = example_with(envelope="5000", solve="gain_scale")
    assert [said.split("figure. ")[1] for said in gains.unsolved()] == [
        "Raise the envelope, lower the rates, or let schools lose more."
    ]


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"envelope": str(10**30), "solve": "scale"}, (5, 11)),
        ({"limits": {"guarantee": {"special": str(10**25)}}}, None),
        ({"bands": {"band_1": {"levels": [*LEVELS.values()], "rate": str(10**25)}}}, None),
        ({"next": {"uplift": str(10**25), "loss": "0"}}, None),
    ],
)
def test_more_money_than_can_be_added_up_is_refused(changes: dict[str, Any], at: tuple[int, int] | None) -> None:
    with pytest.raises(PolicyError, match="more than can be added up") as told:
        example_with(**changes)
    (problem,) = told.value.problems
    assert problem.code == "out-of-range"
    assert at in (None, (problem.place.line, problem.place.column))


@pytest.mark.parametrize("key", ["envelope", "day", "round_down_to"])
def test_a_key_with_nothing_behind_it_is_told_as_empty(key: str) -> None:
    """In words of the file, and not as the `None` that it is in Python."""
    given = re.search(rf"^{key}: .*$", written(), re.MULTILINE)
    assert given
    (problem,) = refused(written().replace(given[0], f"{key}:"))
    assert (problem.code, problem.message) == ("empty", f"'{key}' is empty.")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"present_rate": "-5"}, "not-a-number"),
        ({"present_rate": "9,000"}, "not-a-number"),
        ({"present_rate": "9000.001"}, "not-a-number"),
        ({"kind": "specal"}, "unknown-value"),
        ({"kind": "mainstream"}, "present-rate"),
        ({"school": ""}, "not-a-group"),
        ({"school": "A1234" + "56789012"}, "not-a-group"),
        ({"phase": "someone@" + "example.org"}, "not-a-group"),
        ({"factor": "0"}, "out-of-range"),
        ({"school": "T"}, "same-name"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_the_schools_table_is_refused_with_its_row(
    row: dict[str, str], code: str, snapshot: SnapshotAssertion
) -> None:
    rows = [
        school("T", "special", "9000", phase="", factor=""),
        school("S", "special", "9000", phase="", factor="") | row,
    ]
    with pytest.raises(PolicyError) as told:
        schools(*rows)
    (problem,) = told.value.problems
    assert (problem.code, problem.place.line) == (code, 3)
    assert problem.message.startswith("Row 2")
    assert str(problem) == snapshot
    assert "example.org" not in str(told.value)
    assert "56789012" not in str(told.value)


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("upn", "identifies-a-child"),
        ("shoe", "unknown-column"),
        ("presnt_rate", "unknown-column"),
        ("kind", "written-twice"),
    ],
)
def test_a_heading_of_the_schools_table_that_is_not_known_is_refused(
    heading: str, code: str, snapshot: SnapshotAssertion
) -> None:
    table = Table([], "schools.csv", ["school", "kind", "present_rate", heading])
    with pytest.raises(PolicyError) as told:
        read_schools(table, policy())
    assert [one.code for one in told.value.problems] == [code]
    assert "shoe" not in str(told.value)
    assert str(told.value) == snapshot


def test_a_policy_that_does_not_say_what_a_plan_is_costed_by_says_so() -> None:
    toy = Asked().of(corpus.load(TOY))
    with pytest.raises(WrongUse, match=r"views\.yaml does not say by what a plan"):
        read_schools(Table([], "schools.csv", ["school"]), toy)


def test_a_scenario_with_another_edition_is_refused() -> None:
    laid = Asked(scenario="illustrative").of(policy().corpus)
    with pytest.raises(WrongUse, match="Use one edition for both"):
        under_edition(laid, "continuum-draft-2025-06")
    with pytest.raises(WrongUse, match="not an edition"):
        under_edition(laid, "none")
    assert under_edition(laid, "illustrative") is laid


def test_a_table_of_schools_under_a_scenario_says_so() -> None:
    laid = Asked(scenario="illustrative").of(policy().corpus)
    assert laid.scenario
    table = schools(school("S", "special", "9000"))
    found = answer(plan(written()), policy(), cohort([pupil("K-1", "S", "special")], table))
    assert laid.scenario.says in to_csv([replace(found, policy=laid)])


def test_a_plan_in_the_policy_is_checked_with_it() -> None:
    from senpolicy.checking import tariffs
    from senpolicy.checking.names import Catalogue

    one = policy().corpus
    problems = Problems()
    file, node = read_as(TariffPlanFile, written(limits={"loss": "0.05"}).encode(), "policy/tariffs/x.yaml", problems)
    assert file
    held = replace(one, files={**one.files, "policy/tariffs/x.yaml": file},
                   nodes={**one.nodes, "policy/tariffs/x.yaml": node})  # fmt: skip
    assert {problem.code for problem in tariffs.check(held, Catalogue(held))} == {"file-name", "no-guarantee"}


VARIANTS: dict[str, dict[str, Any]] = {
    "part-of-the-first-year": {"tariff_part": "7/12", "limits": {"loss": "0.05", "gain": "0.1", "guarantee": {"special": "-0.05"}}},
    "the-year-after": {"solve": "scale", "next": {"uplift": "0.02", "loss": "0.015"}, "others": "lowest"},
    "too-small-an-envelope": {"solve": "scale", "envelope": "1.00", "others": "as_today"},
    "a-ceiling-on-gains": {"solve": "gain_ceiling", "envelope": "99000.00", "others": "highest"},
    "a-share-of-gains": {"solve": "gain_scale", "envelope": "9900000.00", "others": "like_mapped",
                         "core": {"special": "10000"}},
    "pupil-by-pupil": {"protect": {"mainstream": "pupil"}, "pupils": {"K-07": {"weight": "7/12"}, "K-11": {"element3_rate": "900"}}},
    "places-and-another-payer": {"pupils": {"K-01": {"paid_by": "other"}}, "places": {"B": {"pupils_paid": "10"}}, "average_in": ["special", "srp"]},
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_all_that_is_said_of_a_plan(name: str, snapshot: SnapshotAssertion) -> None:
    """Its lines, alone and beside another plan, its JSON and its table: nothing goes missing or changes unread."""
    found = example_with(**VARIANTS[name])
    both = [found, example_with()]
    lines = [*found.lines(), *side_by_side(both)]
    said = "\n".join(f"{style:>8} | {text}".rstrip() for style, text in lines)
    assert calm(f"{said}\n\n{as_yaml(found.to_json())}\n{to_csv(both)}") == snapshot(extension_class=Wording)


@pytest.mark.parametrize("name", VARIANTS)
def test_all_that_a_report_shows_of_a_plan(name: str, snapshot: SnapshotAssertion) -> None:
    """Each pupil of the example is there six times, so that next to nothing is withheld. Not what the policy cautions."""
    changes = {"envelope": "600000.00"} | VARIANTS[name]
    if "places" in changes:
        changes |= {"places": {"B": {"pupils_paid": "60"}}}
    said = calm(visible(html([example_with(times=6, **changes)])))
    assert re.sub(r"^- (The provision in|From) .*\n|; policy as of .*", "", said, flags=re.MULTILINE) == snapshot(
        extension_class=Wording
    )
