"""Files of schools and councils: what is read is what the file says, and nothing that tells who a child is comes out."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from stdnum.gb import upn
from syrupy.assertion import SnapshotAssertion

from golden_files import FROZEN
from running import senpolicy
from senpolicy.caseloads.files import grids
from senpolicy.caseloads.files.limits import LIMITS
from senpolicy.caseloads.importing import reading as readings
from senpolicy.caseloads.importing import records, values
from senpolicy.caseloads.importing import register as registers
from senpolicy.caseloads.importing.reading import Pupil
from senpolicy.caseloads.importing.run import (
    QUESTION_HEADINGS,
    Imported,
    confirm,
    definitions,
    import_file,
    questions_text,
    write_caseload,
)
from senpolicy.cli.importing import preview_lines, summary_lines
from senpolicy.cli.shared import load_policy
from senpolicy.files.models.imports import ImportFactsFile
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy.timeline import Policy
from wording import Wording

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT.parent / "shared" / "formats"
ON = date(2025, 10, 1)
#: Made-up names, which no output may hold. They are put together here, so that no file of this repository holds one.
NAMES = ("Wren" + "field", "Zebe" + "dee")
REGISTER = (
    "URN,LA (code),EstablishmentNumber,EstablishmentName,TypeOfEstablishment (code),EstablishmentStatus (code),UKPRN\n"
    "990001,999,2001,Made-up Primary,1,1,10999001\n"
    "990002,999,7001,Made-up Special,7,1,10999002\n"
    "990003,999,7003,Made-up House,8,1,10999003\n"
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ROOT, None, False, "all", faults=False)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "schools.csv"
    path.write_text(REGISTER, encoding="utf-8")
    return path


@pytest.fixture
def apart() -> None:
    """Files are read in a process of their own, as users have it."""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Read CSV files in this process, where a test is not about the reading itself: it is ten times as fast."""

    def grids_here(path: Path) -> tuple[list[grids.Grid], tuple[str, ...]]:
        if path.suffix != ".csv":
            return grids.grids_of(path)
        with path.open("rb") as file:
            source = grids.CsvGrid(file, LIMITS)
            rows = [cells for _, columns, _ in source.parts(1000) for cells in zip(*(one for _, one in columns))]  # noqa: B905
        found = [grids.GridRow(int(str(line)), False, [str(cell) for cell in cells]) for _, line, _, _, *cells in rows]
        return [grids.Grid("", found)], ()

    if "apart" not in request.fixturenames:
        monkeypatch.setattr(records, "grids_of", grids_here)
        monkeypatch.setattr(registers, "grids_of", grids_here)


def number(serial: int) -> str:
    """Return a made-up pupil number with its right letter."""
    rest = f"99920012{serial:04d}"
    return f"{upn.calc_check_digit(rest)}{rest}"


def listed(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", separator: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def read(path: Path, policy: Policy, register: Path | None = None, **asked: Any) -> Imported:
    return import_file(path, policy, ON, schools=register, **asked)


HEAD = ["UPN", "Surname", "Forename", "DOB", "Year Group", "SEN Status", "EHCP Issued", "Top-up"]


def row(serial: int, birth: str, year: str, status: str, issued: str = "", rate: str = "") -> list[str]:
    return [number(serial), NAMES[0], NAMES[1], birth, year, status, issued, rate]


def one(path: Path, policy: Policy, cells: Sequence[str], head: Sequence[str] = HEAD, **asked: Any) -> Pupil:
    """Return what is read of a list of one pupil of a school with a number in its title."""
    titles = [["Made-up Primary (DfE No. 999/2001)"], ["SEN register as at 01/10/2025"], []]
    [pupil] = read(listed(path / "list.csv", [*titles, head, cells]), policy, **asked).pupils
    return pupil


# The samples of the papers, where they are held.


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, str) and value.replace(".", "", 1).isdigit() else value


EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")) if SAMPLES.is_dir() else {"files": {}}


#: What the papers call a flag otherwise, and one that says nothing to ask about: a year that a workbook holds as text.
OUR_FLAGS = {"rate_may_postdate_1_april_2025": "rate_may_postdate_cutoff", "year_as_text": None}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this checkout")
@pytest.mark.parametrize("name", [name for name, one in EXPECTED["files"].items() if "rows" in one])
def test_each_sample_is_read_as_its_right_reading_says(policy: Policy, apart: None, name: str) -> None:
    path = SAMPLES / ("sen2" if name.startswith("sen2/") else name)
    found = read(path, policy, SAMPLES / "gias_extract.csv").to_json()
    by_place = {json.dumps(row["at"], sort_keys=True): row for row in found}
    for wanted in EXPECTED["files"][name]["rows"]:
        row = by_place.pop(json.dumps(wanted["at"], sort_keys=True))
        assert isinstance(row["facts"], dict)
        got = {key: _plain(value) for key, value in row["facts"].items() if key in EXPECTED["facts"]}
        if "facts" in wanted:
            assert got == {key: _plain(value) for key, value in wanted["facts"].items()}, wanted["at"]
        assert row["exclude"] == wanted.get("exclude"), wanted["at"]
        flags = {OUR_FLAGS.get(flag, flag) for flag in wanted.get("flags", [])} - {None}
        assert flags <= {*row["flags"]}, wanted["at"]
        if row["exclude"] is None:
            # A year from the day of birth may be asked about, too.
            asked = {key: _plain(value) for key, value in row["candidates"].items()}
            assert asked | {key: _plain(value) for key, value in wanted.get("candidates", {}).items()} == asked
    assert by_place == {}


# Lists.


def test_a_list_with_titles_groups_totals_and_repeated_headings_gives_its_pupils_and_no_others(
    tmp_path: Path, policy: Policy
) -> None:
    rows = [
        ["Made-up Primary (DfE No. 999/2001)"], [], HEAD, ["Years 1 and 2"],
        row(1, "05/11/2018", "Year  2", "E - Education, Health and Care Plan", "03/05/2023"), HEAD,
        row(2, "30/06/2019", "Year 1", "K - SEN Support"), ["", "Total (2 pupils)", "", "", "", "", "", "£30"],
        ["A note at the end."],
    ]  # fmt: skip
    found = read(listed(tmp_path / "list.csv", rows, "cp1252"), policy)
    assert [one.facts["plan"] for one in found.pupils] == ["ehcp", "sen_support"]
    assert [one.facts["year_group"] for one in found.pupils] == [2, 1]
    assert found.taken.left_out == {
        "title line": 1, "line of a group or a note": 2, "repeated line of headings": 1, "line of totals": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_a_list_is_read_in_each_encoding_and_with_each_separator(
    tmp_path: Path, policy: Policy, apart: None, encoding: str, separator: str
) -> None:
    rows = [HEAD, row(1, "05/11/2018", "Year 2", "K", "", "£1,000.50")]
    [pupil] = read(listed(tmp_path / "list.csv", rows, encoding, separator), policy).pupils
    assert pupil.candidates["element3_rate"] == 100_050


def test_an_amount_of_a_schools_own_list_is_asked_about_and_never_a_fact(tmp_path: Path, policy: Policy) -> None:
    pupil = one(tmp_path, policy, row(1, "05/11/2018", "2", "E", "03/05/2023", "£ 4,250.50"))
    assert pupil.facts["element3_rate"] is None
    assert pupil.facts["existing_claim"] is None
    assert pupil.candidates == {"element3_rate": 425_050}
    assert "start_of_payment_not_known" in pupil.flags


def test_the_kind_of_school_follows_from_the_register_alone(tmp_path: Path, policy: Policy, register: Path) -> None:
    cells = row(1, "05/11/2018", "2", "K")
    assert one(tmp_path, policy, cells).facts["setting"] is None
    known = one(tmp_path, policy, cells, register=register)
    assert (known.facts["setting"], known.groups["school"]) == ("mainstream", "9992001")
    in_unit = one(tmp_path, policy, [*cells, "Yes"], [*HEAD, "SEN Unit"], register=register)
    assert in_unit.facts["setting"] == "srp"
    assert "sen_unit_read_as_srp" in in_unit.flags


@pytest.mark.parametrize(
    ("status", "plan", "may_be", "flag"),
    [
        ("e", "ehcp", None, "code_in_lower_case"),
        ("S - Statement", None, "ehcp", "retired_status_S"),
        ("K - Education, Health and Care Plan", None, "ehcp", "code_and_description_differ"),
        ("Watching brief", None, None, "local_status"),
        ("", None, None, "status_missing"),
        ("No SEN", "none", None, None),
    ],
)
def test_a_status_is_a_plan_only_where_its_code_and_its_words_say_so(
    tmp_path: Path, policy: Policy, status: str, plan: str | None, may_be: str | None, flag: str | None
) -> None:
    other = row(2, "05/11/2018", "2", "K")
    titles = [["SEN register as at 01/10/2025"], HEAD, row(1, "05/11/2018", "2", status), other]
    pupil = read(listed(tmp_path / "list.csv", titles), policy).pupils[0]
    assert (pupil.facts["plan"], pupil.candidates.get("plan")) == (plan, may_be)
    assert flag is None or flag in pupil.flags


def test_rows_of_one_pupil_are_one_case_and_what_differs_between_them_is_not_known(
    tmp_path: Path, policy: Policy
) -> None:
    head = ["Arbor Student ID", "Date of Birth", "Year group(s) this academic year", "SEN status", "SEN Need",
            "SEN Need Ranking"]  # fmt: skip
    rows = [
        head,
        ["71", "12 Sep 2016", "Year 4", "SEN Support", "SLCN", "2"],
        ["71", "12 Sep 2016", "Year 4", "SEN Support", "ASD", "1"],
        ["72", "13 Sep 2016", "Year 4", "Monitoring", "", ""],
        ["72", "13 Sep 2016", "Year 5", "Monitoring", "", ""],
    ]
    found = read(listed(tmp_path / "list.csv", rows), policy)
    assert found.taken.kind.kind == "arbor"
    first, second = found.pupils
    assert (first.at, first.facts["plan"], first.groups["need"]) == ({"lines": [2, 3]}, "sen_support", "ASD")
    assert (second.facts["plan"], second.facts["year_group"]) == ("none", None)
    assert "two_values" in second.flags


def test_rows_that_may_be_of_one_pupil_are_told_of_where_nothing_tells_them_apart(
    tmp_path: Path, policy: Policy
) -> None:
    rows = [["Pupil", "Year", "SEN", "Provision"], [NAMES[0], "4", "K", "Group"], [NAMES[0], "4", "K", "Reading"],
            [NAMES[1], "5", "E", ""]]  # fmt: skip
    found = read(listed(tmp_path / "list.csv", rows), policy)
    assert ["may_be_one_pupil" in one.flags for one in found.pupils] == [True, True, False]
    assert found.taken.notes[0].startswith("2 rows may be of fewer pupils")


def test_the_day_on_which_a_plan_began_by_a_schools_system_is_asked_about(tmp_path: Path, policy: Policy) -> None:
    rows = [["DOB", "SEN Status", "EHCP start date"], ["05/11/2018", "E", "03/02/2021"]]
    [pupil] = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert (pupil.facts["ehcp_issued_on"], pupil.candidates) == (None, {
        "year_group": 2, "ehcp_issued_on": date(2021, 2, 3)})  # fmt: skip


def test_a_transfer_file_gives_the_latest_status_and_no_place(tmp_path: Path, policy: Policy, register: Path) -> None:
    path = tmp_path / "ctf.xml"
    path.write_text(
        "<CTfile><Header><DateTime>2025-09-20T10:00:00</DateTime></Header><CTFpupilData><Pupil><DOB>2014-03-02</DOB>"
        "<BasicDetails><NCyearActual>7</NCyearActual></BasicDetails><SENhistory><SEN><StartDate>2020-01-01</StartDate>"
        "<SENprovision>E</SENprovision></SEN><SEN><StartDate>2023-02-01</StartDate><SENprovision>K</SENprovision></SEN>"
        "</SENhistory></Pupil></CTFpupilData></CTfile>",
        encoding="utf-8",
    )
    [pupil] = read(path, policy, register).pupils
    assert (pupil.facts["plan"], pupil.facts["year_group"], pupil.facts["setting"]) == ("sen_support", 7, None)
    assert pupil.facts["ehcp_issued_on"] is None
    text = path.read_text(encoding="utf-8").replace("2020-01-01", "2024-01-01")
    path.write_text(text, encoding="utf-8")
    assert read(path, policy, register).pupils[0].facts["plan"] == "ehcp", "the later one, though it comes first"


def test_elements_of_a_file_lie_as_deep_as_a_return_needs_and_no_deeper(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "ctf.xml"
    for deep, fault in ((32, "kind-not-known"), (33, "not-xml")):
        path.write_text("<a>" * deep + "</a>" * deep, encoding="utf-8")
        with pytest.raises(PolicyError) as raised:
            read(path, policy)
        assert [one.code for one in raised.value.problems] == [fault]


def test_a_column_with_a_day_that_can_only_be_month_first_gives_no_day_that_could_be_two(
    tmp_path: Path, policy: Policy
) -> None:
    births = ("12/25/2016", "03/04/2017", "05/05/2017", "20/04/2017")
    rows = [HEAD, *(row(serial, birth, "3", "K") for serial, birth in enumerate(births))]
    pupils = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert [one.facts["age"] for one in pupils] == [None, None, 8, 8]
    assert "day_order_unclear" in pupils[1].flags


def test_a_year_group_of_an_earlier_school_year_is_asked_about(tmp_path: Path, policy: Policy) -> None:
    rows = [["SEN register as at 10/07/2025"], HEAD, row(1, "05/11/2018", "Year 1", "K")]
    [pupil] = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert (pupil.facts["year_group"], pupil.candidates["year_group"]) == (None, 2)


def test_two_columns_that_could_be_the_same_are_both_left_unread(tmp_path: Path, policy: Policy) -> None:
    head = [*HEAD, "Annual top-up"]
    found = read(listed(tmp_path / "list.csv", [head, [*row(1, "05/11/2018", "2", "K", "", "100"), "200"]]), policy)
    assert "element3_rate" not in found.pupils[0].candidates
    assert found.taken.notes == ["2 columns could be 'Top-up in pounds a year'. None of them was read."]


def test_who_has_left_is_left_out_and_a_day_in_the_future_is_not_leaving(tmp_path: Path, policy: Policy) -> None:
    head = [*HEAD, "Leaving Date"]
    rows = [head, *([*row(serial, "05/11/2018", "2", "K"), left] for serial, left in
                    enumerate(("18/07/2025", "01/10/2025", "02/10/2025", "")))]  # fmt: skip
    found = read(listed(tmp_path / "list.csv", rows), policy)
    assert [one.excluded for one in found.pupils] == ["leaver", "leaver", "", ""]


def test_a_field_of_a_case_is_taken_as_it_is_headed(tmp_path: Path, policy: Policy) -> None:
    head = ["case ref", "age", "plan", "additional_cost", "The Community starts on"]
    found = read(listed(tmp_path / "list.csv", [head, ["K-1", "9", "ehcp", "£9,000", "2025-09-01"]]), policy)
    facts = found.pupils[0].facts
    assert (found.pupils[0].ref, facts["age"], facts["plan"]) == ("K-1", 9, "ehcp")
    assert (facts["additional_cost"], facts["community_start"]) == (900_000, "2025-09-01")


# Schedules of payments.

PAID = ["LA Ref", "DOB", "DfE No", "NC Year", "EHCP (Y/N)", "EHCP final issue date", "Annual top-up", "Funding start",
        "Funding end", "Comments"]  # fmt: skip


@pytest.mark.parametrize(
    ("periods", "facts", "may_be"),
    [
        ([("4100", "31/03/2025", "")], {"element3_rate": 410_000, "existing_claim": True}, {}),
        ([("4100", "01/04/2025", "")], {}, {"rate_in_payment": 410_000}),
        ([("4100", "02/04/2025", "")], {}, {"rate_in_payment": 410_000}),
        ([("4100", "01/09/2024", "30/03/2025")], {}, {}),
        (
            [("4100", "01/09/2024", "31/08/2025"), ("5000", "01/09/2025", "")],
            {"element3_rate": 500_000, "existing_claim": True}, {},
        ),
        (
            [("4100", "01/09/2024", "31/07/2025"), ("5000", "01/09/2025", "")],
            {"existing_claim": True}, {"element3_rate": 500_000},
        ),
        ([("TBC", "01/09/2024", "")], {"existing_claim": True}, {}),
        ([("4100", "01/09/2024", ""), ("900", "01/01/2025", "")], {"existing_claim": True}, {}),
        ([("4100", "01/09/2024", "soon")], {}, {}),
    ],
)  # fmt: skip
def test_a_claim_exists_where_the_schedule_shows_payment_across_the_day_and_the_rate_where_it_went_on(
    tmp_path: Path,
    policy: Policy,
    register: Path,
    periods: list[tuple[str, str, str]],
    facts: dict[str, Any],
    may_be: dict[str, Any],
) -> None:
    rows = [["EX1", "05/11/2016", "999/2001", "4", "Y", "03/02/2019", *period, ""] for period in periods]
    [pupil] = read(listed(tmp_path / "paid.csv", [PAID, *rows]), policy, register).pupils
    names = ("element3_rate", "existing_claim")
    assert {name: pupil.facts[name] for name in names if pupil.facts[name] is not None} == facts
    assert pupil.candidates == may_be


def test_a_payment_to_a_school_whose_payments_are_fees_is_asked_about(
    tmp_path: Path, policy: Policy, register: Path
) -> None:
    cells = ["EX1", "05/11/2016", "999/7003", "4", "Y", "03/02/2019", "48,975.00", "05/01/2021", "", ""]
    [pupil] = read(listed(tmp_path / "paid.csv", [PAID, cells]), policy, register).pupils
    assert (pupil.facts["existing_claim"], pupil.facts["element3_rate"]) == (None, None)
    assert pupil.candidates == {"existing_claim": True, "element3_rate": 4_897_500}


# All that is read of a file, row by row.

LISTED = ["Reference", "DOB", "NC Year", "SEN Status", "SEN status description", "EHCP Y/N", "Date EHCP first issued", "EHCP start date",
          "Plan ceased date", "SEN top up per annum", "Top up received", "In SEN unit", "Resource base", "Enrolment status",
          "Leaving date", "Leaver", "On roll", "Estab no", "School", "SEN setting", "Placement type", "Need rank",
          "Primary need", "Sex", "Community"]  # fmt: skip
#: What each row says beside a day of birth and a year that agree, by its heading.
CELLS: list[dict[str, str]] = [
    {},
    *({"DOB": one} for one in ("", "1.9.20", "31 August 2021", "tbc", "02/10/2025", "01/10/2025", "44075")),
    *({"NC Year": one} for one in ("", "N2", "N1", "nursery", "R", "r", " 3 ", "Yr 1", "7", "10", "11", "15", "1/2", "Mixed", "X", "E1")),
    *({"SEN Status": one} for one in ("K", "E", "N", "k", "E ", "K - SEN Support", "K - Education, Health and Care Plan", "S", "EHCP pending", "Z")),
    *({"SEN Status": code, "SEN status description": words} for code, words in
      [("K", "Education, Health and Care Plan"), ("", "SEN Support"), ("Z", "SEN Support")]),
    *({"EHCP Y/N": one} for one in ("Y", "N", "draft", "maybe")),
    *({"SEN Status": code, "EHCP Y/N": one} for code, one in [("E", "N"), ("K", "Y"), ("E", "Y"), ("Z", "N")]),
    *({"SEN Status": "E", "Date EHCP first issued": one} for one in ("03/02/2024", "02/10/2025", "01/10/2025", "soon", "45326")),
    {"SEN Status": "E"}, {"SEN Status": "E", "EHCP start date": "04/02/2024"}, {"SEN Status": "K", "Date EHCP first issued": "03/02/2024"},
    *({"Plan ceased date": one} for one in ("30/09/2025", "01/10/2025", "02/10/2025", "soon")),
    *({"SEN top up per annum": one} for one in ("4,250.50", "£ 0", "nil", "(200)", "-200", "tbc", "12,34")),
    {"SEN top up per annum": "100", "SEN Status": "K"}, {"SEN top up per annum": "100", "SEN Status": "N"},
    {"SEN top up per annum": "100", "SEN Status": "E", "Date EHCP first issued": "01/04/2025"},
    {"SEN top up per annum": "100", "SEN Status": "E", "Date EHCP first issued": "31/03/2025"},
    *({"Top up received": one} for one in ("Y", "N", "maybe")), {"Top up received": "true", "SEN Status": "K"},
    *({"In SEN unit": one} for one in ("Y", "N", "perhaps")), *({"Resource base": one} for one in ("Y", "N", "perhaps")),
    {"In SEN unit": "Y", "Resource base": "Y"}, {"In SEN unit": "Y", "Estab no": "999/7001"},
    *({"Enrolment status": one} for one in ("C", "M", "S", "G", "F", "Current - single registration", "?")),
    *({"Leaving date": one} for one in ("30/09/2025", "01/10/2025", "02/10/2025", "yes", "no", "soon")),
    {"Leaver": "Y"}, {"Leaver": "N"}, {"On roll": "Y"}, {"On roll": "N"},
    *({"Estab no": one} for one in ("999/2001", "9992001", "2001", "7001", "999/7003", "999/9999", "12")),
    *({"Estab no": "", "School": one} for one in ("Made-up Primary", "Made-up Special", "Nowhere School", "Nowhere SEN Unit", "The Base")),
    *({"Estab no": "", "SEN setting": one} for one in ("EHE", "OLA", "OPA", "?")),
    *({"Estab no": "", "Placement type": one} for one in ("Mainstream", "Special", "Unit", "?")),
    *({"Primary need": one} for one in ("ASD", "asd", "SLCN - Speech", "Other")), *({"Sex": one} for one in ("F", "male", "?")),
    {"Community": "North 1"},
]  # fmt: skip


def as_read(found: Imported) -> str:
    """Return in lines what was read: of each pupil what is known, what it may be, and what else is told of it."""
    lines = [f"{heading} as {column}" for heading, column in found.taken.columns if plain_name(heading) != column]
    lines += [f"{number} {what}" for what, number in found.taken.left_out.items()] + list(found.taken.notes)
    for one in found.to_json():
        at = " ".join(f"{key} {value}" for key, value in one["at"].items())
        facts = [f"{name} {value}" for name, value in one["facts"].items() if value is not None]
        facts += [f"{name} {value}?" for name, value in one["candidates"].items()]
        facts += [f"{name}: {value}" for name, value in one["groups"].items()]
        said = [
            ", ".join(facts),
            " ".join(one["flags"]),
            *one["questions"],
            *([f"out: {one['exclude']}"] if one["exclude"] else []),
        ]
        lines.append(f"{at}: {'; '.join(part for part in said if part)}")
    return "\n".join(lines) + "\n"


def plain_name(heading: str) -> str:
    return heading.lower().replace(" ", "_")


@pytest.fixture(scope="module")
def frozen() -> Policy:
    return load_policy(FROZEN, None, False, "all", faults=False)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("as at 01/10/2025", id="same-year"),
        pytest.param("as at 01/07/2025", id="earlier-year"),
        pytest.param("as at 05/09/2026", id="later-year"),
        pytest.param("amounts are for the term", id="another-amount"),
        pytest.param("", id="no-day"),
    ],
)
def test_each_cell_of_a_list_says_this_and_no_more(
    tmp_path: Path, frozen: Policy, register: Path, snapshot: SnapshotAssertion, told: str
) -> None:
    """A row for each that a cell may say, in a list of its day: of an earlier and a later school year too."""
    usual = {"DOB": "05/11/2018", "NC Year": "2", "Estab no": "999/2001"}
    some = (
        CELLS
        if "10" in told
        else [one for one in CELLS if not one.keys() - {"NC Year", "SEN top up per annum", "Top up received", "DOB"}]
    )
    rows = [
        [({"Reference": f"K-{at}"} | usual | one).get(name, "") for name in LISTED] for at, one in enumerate(some, 1)
    ]
    path = listed(tmp_path / "list.csv", [["A list"], [told], LISTED, *rows, ["Total", *[""] * 8, "4,250.50"], LISTED])
    assert as_read(read(path, frozen, register)) == snapshot(extension_class=Wording)


SCHEDULES = [
    [("4100", "01/04/2024", "")], [("4100", "01/04/2025", "")], [("4100", "01/05/2025", "")],
    [("4100", "01/04/2024", "31/03/2025"), ("4200", "01/04/2025", "")],
    [("4100", "01/04/2024", "31/03/2025"), ("4200", "02/04/2025", "")],
    [("4100", "01/04/2024", "30/03/2025"), ("4200", "01/04/2025", "")],
    [("4200", "01/04/2025", "31/08/2025"), ("4300", "01/09/2025", "30/09/2025")],
    [("4200", "01/04/2025", "31/08/2025"), ("4300", "01/09/2025", "01/10/2025")],
    [("4200", "01/04/2024", "01/10/2025"), ("4300", "01/10/2025", "")],
    [("4200", "01/04/2024", "30/09/2025")], [("", "01/04/2024", "")], [("4200", "01/04/2024", ""), ("", "01/04/2025", "")],
    [("4200", "01/04/2024", ""), ("(200)", "01/04/2025", "")], [("tbc", "01/04/2024", "")], [("4200", "", "")], [("0", "", "")],
    [("4200", "01/04/2024", "soon")], [("0", "01/04/2024", "")],
]  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("", id="no-year"),
        pytest.param("2024/25", id="earlier-year"),
        pytest.param("Amounts are per month", id="another-amount"),
    ],
)
def test_each_schedule_of_payments_says_this_and_no_more(
    tmp_path: Path, frozen: Policy, register: Path, snapshot: SnapshotAssertion, told: str
) -> None:
    rows = []
    for at, periods in enumerate(SCHEDULES, 1):
        for place in ("999/2001", "999/7003") if len(periods) == 1 and not told else ("999/2001",):
            ref = f"K-{at}{'' if place == '999/2001' else 'F'}"
            rows += [[ref, "05/11/2016", place, "4", "Y", "03/05/2025", *one, ""] for one in periods]
    rows += [
        ["L-1", "05/11/2016", "999/2001", "4", "N", "", "100", "01/04/2024", "01/05/2025", said]
        for said in ("moved away", "a fee")
    ]
    rows += [["L-2", "05/11/2016", "999/2001", year, "Y", "", "100", "01/04/2024", "", ""] for year in ("4", "5")]
    rows += [["L-3", "05/11/2016", "999/2001", "4", "N", "", "100", "01/04/2024", "", "Paid as a fee"]]
    path = listed(tmp_path / "paid.csv", [[told], PAID, *rows])
    assert as_read(read(path, frozen, register)) == snapshot(extension_class=Wording)


def sen2(*persons: str) -> str:
    """Return a return of SEN2 with these persons; of each what is between its tags, after a day of birth."""
    inside = "".join(f"<Person><PersonBirthDate>2016-11-05</PersonBirthDate>{one}</Person>" for one in persons)
    day = "<Header><CollectionDetails><ReferenceDate>2025-01-16</ReferenceDate></CollectionDetails></Header>"
    return f"<Message>{day}<Persons>{inside}</Persons></Message>"


def plans(*days: str) -> str:
    """Return a request with a plan for each "first day" or "first day/last day"."""
    made = (one.partition("/") for one in days)
    named = "".join(
        f"<NamedPlan><StartDate>{first}</StartDate>{f'<CeaseDate>{last}</CeaseDate>' if last else ''}</NamedPlan>"
        for first, _, last in made
    )
    return f"<Assessment>{named}</Assessment>"


def active(*within: str) -> str:
    return f"<ActivePlans>{''.join(within)}</ActivePlans>"


def place(inside: str, rank: str = "", left: str = "") -> str:
    rank, left = rank and f"<PlacementRank>{rank}</PlacementRank>", left and f"<LeavingDate>{left}</LeavingDate>"
    return f"<PlacementDetail>{inside}{rank}{left}</PlacementDetail>"


MAINSTREAM, SPECIAL = "<URN>990001</URN>", "<URN>990002</URN>"
NEED = "<SENneed><SENtype>ASD</SENtype></SENneed>"
PERSONS = [
    plans("2020-01-01"),
    plans("2020-01-01") + active(place(MAINSTREAM)),
    plans("2020-01-01", "2022-01-01", "2021-01-01") + active(place(MAINSTREAM)),
    plans("2020-01-01", "soon") + active(NEED),
    plans("2020-01-01/2025-01-16"), plans("2020-01-01/2025-01-16") + active(NEED), plans("2020-01-01/2025-01-17"),
    plans("2020-01-01", "2022-01-01/2024-01-01") + active(NEED),
    active(place(MAINSTREAM), place(SPECIAL)), active(place(MAINSTREAM, "2"), place(SPECIAL, "1")),
    active(place(MAINSTREAM, "2"), place(SPECIAL, "10")), active(place(MAINSTREAM), place(SPECIAL, "1")),
    active(place(MAINSTREAM, "", "2025-01-16"), place(SPECIAL)), active(place(MAINSTREAM, "", "2025-01-17"), place(SPECIAL)),
    active(place(MAINSTREAM, "", "2025-01-16")),
    active(place("<UKPRN>10999003</UKPRN>")), active(place("<SENsetting>EHE</SENsetting>")), active(place("<URN>1</URN>")),
    active(place(MAINSTREAM + "<SENunitIndicator>1</SENunitIndicator>")),
    active(place(MAINSTREAM + "<ResourcedProvisionIndicator>1</ResourcedProvisionIndicator>")),
    active("<SENneed><SENtypeRank>2</SENtypeRank><SENtype>ASD</SENtype></SENneed>",
           "<SENneed><SENtypeRank>1</SENtypeRank><SENtype>SLCN</SENtype></SENneed>"),
    active("<TransferLA>999</TransferLA>", place(MAINSTREAM)),
]  # fmt: skip


def test_each_part_of_a_return_says_this_and_no_more(
    tmp_path: Path, frozen: Policy, register: Path, snapshot: SnapshotAssertion
) -> None:
    """Plans that ended, or the latest of several; the place of the first rank; and who is on a request alone."""
    path = tmp_path / "sen2.xml"
    path.write_text(sen2(*(f"<Requests>{one}</Requests>" for one in PERSONS)), encoding="utf-8")
    assert as_read(read(path, frozen, register)) == snapshot(extension_class=Wording)


#: What is above the headings, and what the first cells of other sheets say: of which day and school the list then is.
ABOVE: list[tuple[list[str], list[list[str]], str, str]] = [
    (["SEN register as at 1 October 2025"], [], "2025-10-01", ""),
    (["Printed on 02/10/25", "As of: 02/10/2025"], [], "2025-10-02", ""),
    (["As at 01/10/2025", "As at 02/10/2025"], [], "", ""),
    (["Version of 2025-10-01", "Correct at 1 Oct 2025"], [], "2025-10-01", ""),
    (["1 October 2025"], [], "", ""),
    (["Effective date 01-09-25"], [], "2025-09-01", ""),
    ([], [["Report date", "01/10/2025"]], "2025-10-01", ""),
    ([], [["Effective date", "01/10/2025", "x"], ["As at", "soon"]], "2025-10-01", ""),
    ([], [["x", "As at", "01/10/2025"]], "2025-10-01", ""),
    ([], [["The date", "01/10/2025"]], "", ""),
    (["as at 01/10/2025"], [["date", "02/10/2025"]], "", ""),
    (["Made-up Primary (DfE No. 999/2001)"], [], "", "9992001"),
    (["Made-up Primary 999/2001"], [], "", "9992001"),
    (["DfE 9992001"], [], "", "9992001"),
    (["9992001"], [], "", ""),
    (["999/2001 and 999/7001"], [], "", ""),
    (["999/2001", "DfE number 999 / 2001"], [], "", "9992001"),
    (["1999/20015"], [], "", ""),
    (["Made-up Primary, URN 990001"], [], "", "990001"),
    (["URN: 990001", "999/2001"], [], "", ""),
    ([], [["URN", "990001"]], "", "990001"),
    ([], [["URN", "990001.0"]], "", "990001"),
    ([], [["URN", "9900011"]], "", ""),
    ([], [["DfE number", "9992001"]], "", "9992001"),
    ([], [["LAESTAB", "999-2001"]], "", "9992001"),
    ([], [["Estab", "2001"]], "", ""),
    ([], [["School", "999/2001"]], "", "9992001"),
    ([], [["Sheet of 9992001"]], "", ""),
]


@pytest.mark.parametrize(("above", "others", "day", "school"), ABOVE)
def test_a_list_is_of_the_one_day_and_the_one_school_that_are_named_beside_it(
    above: list[str], others: list[list[str]], day: str, school: str, frozen: Policy
) -> None:
    kind = definitions(frozen)[0].named("pupil-list")
    of_day = records._day_of_file(Path("list.csv"), kind, above, others, ON)
    assert (of_day.isoformat() if of_day else "", records._school_of_file(above, others)) == (day, school)


@pytest.mark.parametrize("file", ["imports/codes.yaml", "imports/columns.yaml", "imports/facts.yaml"])
def test_a_policy_that_lacks_a_part_of_how_files_are_read_reads_none(file: str, frozen: Policy) -> None:
    files = {name: one for name, one in frozen.corpus.files.items() if name != file}
    # Where the codes are not among them, the folder is read by itself: here it has none.
    lacking: Any = SimpleNamespace(corpus=SimpleNamespace(files=files, root=Path("nowhere")))
    with pytest.raises(WrongUse, match="does not say how files are read"):
        definitions(lacking)


@pytest.mark.parametrize(
    ("titles", "on", "day"),
    [
        (["Schedule 2024/25"], ON, "2025-03-31"), (["Schedule 2024-2025", "2024/25"], ON, "2025-03-31"),
        (["Schedule 2024/25", "2025/26"], ON, ""), (["Schedule 2025/26"], ON, ""),
        (["Schedule 2024/25"], date(2025, 3, 31), ""), (["Schedule 2024/25"], date(2025, 4, 1), "2025-03-31"),
        (["2024/25 as at 01/02/2025"], ON, "2025-02-01"),
    ],
)  # fmt: skip
def test_a_schedule_of_a_year_that_is_over_is_of_its_last_day(
    titles: list[str], on: date, day: str, frozen: Policy
) -> None:
    kind = definitions(frozen)[0].named("top-up-schedule")
    of_day = records._day_of_file(Path("paid.csv"), kind, titles, [], on)
    assert (of_day.isoformat() if of_day else "") == day


# Single cells.


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-Jan-16 00:00:00", date(2025, 1, 16)),
        ("29/02/2012", date(2012, 2, 29)),
        ("1.9.14", date(2014, 9, 1)),
        ("1.9.25", date(2025, 9, 1)),
        ("1.9.26", date(1926, 9, 1)),
        ("12 Sep 2023", date(2023, 9, 12)),
        ("40982.0", date(2012, 3, 14)),
        ("31/04/2020", None),
        ("12/25/2020", None),
        ("Spring 2020", None),
    ],
)
def test_a_day_is_read_day_first_or_not_at_all(text: str, day: date | None) -> None:
    assert values.day(text, ON)[0] == day


@pytest.mark.parametrize(
    ("text", "pounds"),
    [("£1,234.50", "1234.50"), ("Nil", "0"), ("1234.5", "1234.5"), ("(517.88)", None), ("1.234,50", None),
     ("12,34", None), ("4k", None), ("1234.567", None), ("15h 30m", None), ("-", None), ("", None)],
)  # fmt: skip
def test_a_sum_is_read_exactly_or_not_at_all(text: str, pounds: str | None) -> None:
    assert values.money(text)[0] == (None if pounds is None else Decimal(pounds))


# What comes out.


def test_nothing_that_tells_who_a_child_is_is_written_shown_or_kept(
    tmp_path: Path, register: Path, apart: None, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[f"List of {NAMES[0]} (DfE No. 999/2001)"], [*HEAD, NAMES[1]],
            [*row(1, "05/11/2018", "2", "E", "03/05/2023", "£100"), NAMES[0]], row(2, "06/11/2018", NAMES[1], NAMES[0])]  # fmt: skip
    path = listed(tmp_path / "list.csv", rows)
    out, asked, keys = (tmp_path / name for name in ("cases.csv", "questions.csv", "keys.json"))
    common = ("import", str(path), "--root", str(ROOT), "--schools", str(register), "--on", "2025-10-01")
    said = [
        senpolicy(capsys, *common, "-o", str(out), "--questions", str(asked), "--keys", str(keys)),
        senpolicy(capsys, *common, "--preview"),
        senpolicy(capsys, *common, "--json"),
        senpolicy(capsys, *common, "--learn", "ours"),
    ]
    assert [status for status, *_ in said] == [0, 0, 0, 0]
    written = [file.read_text(encoding="utf-8") for file in (out, asked, keys)]
    everything = "\n".join([*written, *(text for _, *texts in said for text in texts)]).casefold()
    for secret in (*NAMES, number(1), number(2), "05/11/2018", "2018-11-05"):
        assert secret.casefold() not in everything


def test_what_a_person_confirms_is_written_and_nothing_else(tmp_path: Path, policy: Policy) -> None:
    rows = [HEAD, *(row(serial, "05/11/2018", "2", "E", "03/05/2023", "£100") for serial in (1, 2, 3))]
    found = read(listed(tmp_path / "list.csv", rows), policy)
    asked = list(csv.reader(questions_text(found).splitlines()))
    answers = [asked[0], [*asked[1][:4], "yes"], [*asked[2][:4], "250.75"], [*asked[3][:4], "no"]]
    assert confirm(found, [str(listed(tmp_path / "answers.csv", answers))]) == 2
    assert [one.facts["element3_rate"] for one in found.pupils] == [10_000, 25_075, None]
    assert write_caseload(found, tmp_path / "cases.csv") == 3
    with (tmp_path / "cases.csv").open(encoding="utf-8", newline="") as file:
        assert [line["element3_rate"] for line in csv.DictReader(file)] == ["100.00", "250.75", ""]


def test_a_question_and_what_is_worth_a_look_say_in_which_row_the_pupil_is(tmp_path: Path, policy: Policy) -> None:
    """A running number alone says nothing to whoever has the list: titles and totals stand between its rows."""
    school = [
        ["SEN Register"],
        HEAD,
        *(row(serial, "05/11/2018", "2", "E", "03/05/2023", "£100") for serial in range(9)),
    ]
    found = read(listed(tmp_path / "list.csv", school), policy)
    asked = list(csv.DictReader(questions_text(found).splitlines()))
    assert [one["where"] for one in asked] == [f"row {number}" for number in range(3, 12)]
    [said] = [line for line in preview_lines(found) if "since when" in line]
    assert said.endswith(" (rows 3, 4, 5, 6, 7, 8 and 3 more)")
    # A file of questions of before, without the column, is read as it was.
    before = [[*QUESTION_HEADINGS], ["P-1", "element3_rate", "", "", "yes"]]
    assert confirm(found, [str(listed(tmp_path / "answers.csv", before))]) == 1


def test_a_name_that_may_be_a_persons_is_written_as_a_community_once_it_is_confirmed(
    tmp_path: Path, policy: Policy
) -> None:
    """No list of Communities is held. A code, or a word such as North, says itself that it is a place."""
    names = [NAMES[0] + " Brookfield", "C07", "Thanet North", "Quentin Brookfield", "Jane " + "Brookfield"]
    rows = [[*row(at, "05/11/2018", "2", "K"), name] for at, name in enumerate(names)]
    path, out = listed(tmp_path / "list.csv", [[*HEAD, "Community"], *rows]), tmp_path / "cases.csv"

    def written(found: Imported) -> list[str]:
        write_caseload(found, out)
        with out.open(encoding="utf-8", newline="") as file:
            return [line["community"] for line in csv.DictReader(file)]

    found = read(path, policy)
    assert written(found)[1:] == ["C07", "Thanet North", "", ""]
    [said] = [line for line in summary_lines(found, 0) if "Left out of 'community'" in line]
    assert said.endswith("If it is a place's: --confirm community")
    assert "Quentin" not in said
    assert confirm(found, ["community"]) > 0
    # What is the name of a child in any case is not confirmed with the others.
    assert written(found)[1:] == ["C07", "Thanet North", "Quentin Brookfield", ""]


@pytest.mark.slow
def test_a_caseload_that_was_written_is_decided(
    tmp_path: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["DfE No. 999/2001"], HEAD, row(1, "05/11/2021", "Nursery", "K"), row(2, "06/11/2018", "2", "N")]
    path, out = listed(tmp_path / "list.csv", rows), tmp_path / "cases.csv"
    asked = ("--root", str(ROOT), "--schools", str(register), "--on", "2025-10-01")
    assert senpolicy(capsys, "import", str(path), *asked, "-o", str(out))[0] == 0
    status, _, said = senpolicy(capsys, "decide", str(out), "-o", str(tmp_path / "decided.csv"), "--root", str(ROOT))
    assert (status, "2 rows: 2 decided" in said) == (0, True)


def test_a_pupil_keeps_its_reference_by_the_key_file(tmp_path: Path, policy: Policy) -> None:
    first = read(listed(tmp_path / "list.csv", [HEAD, row(1, "05/11/2018", "2", "K")]), policy)
    keys = tmp_path / "keys.json"
    keys.write_text(first.keys.text(), encoding="utf-8")
    rows = [HEAD, row(2, "05/11/2018", "2", "K"), row(1, "05/11/2018", "2", "K")]
    again = read(listed(tmp_path / "list.csv", rows), policy, keys=keys)
    assert [one.ref for one in again.pupils] == ["P-2", first.pupils[0].ref]


def test_what_is_wrong_with_a_list_is_told_of_the_list_where_a_caseload_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not that each of its columns identifies a child or is no fact, and not that it has no case_ref."""
    path = listed(tmp_path / "list.csv", [[*HEAD, "Aditional cost"], [*row(1, "05/11/2018", "2", "K"), "9000"]])
    status, _, said = senpolicy(capsys, "decide", str(path), "-o", str(tmp_path / "out.csv"), "--root", str(ROOT))
    assert (status, "The heading of column 9 is nearly 'additional_cost'." in said) == (1, True)
    assert "case_ref" not in said


# What cannot be read.


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"one,two\n1,2\n", "kind-not-known"),
        ("a.csv", b"DOB,SEN Status,aditional_cost\n01/01/2015,K,5\n", "unknown-column"),
        ("a.csv", b"DOB,SEN Status,Year\n", "empty"),
        ("a.csv", b"\x81\x8d\x00DOB", "not-text"),
        ("a.csv", b"PK\x03\x04", "not-csv"),
        ("a.xlsx", b"DOB,SEN Status\n", "not-excel"),
        ("a.xml", b"<Message><Pupils>", "not-xml"),
        ("a.xml", b"<Message><a>1</a></Message>", "kind-not-known"),
        ("a.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Message>&a;</Message>", "not-xml"),
        ("a.csv", REGISTER.encode(), "kind-not-known"),
        ("a.csv", b"case_ref,decision_date,age\nK-1,2025-10-01,5\n", "kind-not-known"),
        ("a.csv", b"persontableid,NativeId,personbirthdate\n1,999,2015-Jan-01 00:00:00\n", "kind-not-known"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_plain_problem(
    tmp_path: Path, policy: Policy, apart: None, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PolicyError) as raised:
        read(tmp_path / name, policy)
    assert [problem.code for problem in raised.value.problems] == [code]


@pytest.mark.parametrize(
    "lines",
    [
        # Without the refusal the second pupil is part of a cell of the first, and nobody is told.
        ['1,"Xu,E', "2,Yi,K"],
        ['"1,Xu,E', '"2,Yi,K'],
        ['1,"Xu" Yi,E', "2,Yi,K"],
    ],
)
def test_a_quotation_mark_that_is_never_closed_loses_no_pupil(
    tmp_path: Path, policy: Policy, apart: None, lines: list[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["Pupil,Surname,SEN Status", *lines]) + "\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="In the row on line 2 a quotation mark") as raised:
        read(path, policy)
    assert [problem.code for problem in raised.value.problems] == ["not-csv"]


def test_a_cell_far_out_is_too_large_and_an_unknown_kind_is_told(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write("XFD1", "DOB")
    book.close()
    with pytest.raises(PolicyError, match="columns"):
        read(path, policy)
    with pytest.raises(WrongUse, match="pupil-list"):
        read(path, policy, kind="sims")


def test_a_reading_of_ones_own_is_proposed_and_then_read(
    tmp_path: Path, policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path / "list.csv", [["Ref code", "SEND level", "Yr"], ["K-1", "K", "5"], ["K-2", "E", "6"]])
    status, text, _ = senpolicy(capsys, "import", str(path), "--learn", "ours", "--root", str(ROOT))
    assert status == 0
    assert '  status: ["sendlevel"]' in text
    own = tmp_path / "ours.yaml"
    own.write_text(text, encoding="utf-8")
    found = read(path, policy, kind=str(own))
    assert [one.facts["plan"] for one in found.pupils] == ["sen_support", "ehcp"]


def test_decide_and_model_read_a_schools_own_list_and_tell_first_what_was_read(
    tmp_path: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["DfE No. 999/2001"], HEAD, row(1, "05/11/2021", "Nursery", "K"), row(2, "06/11/2018", "2", "N")]
    path = listed(tmp_path / "list.csv", rows, "cp1252", ";")
    asked = (str(path), "--root", str(ROOT), "--schools", str(register), "--on", "2025-10-01")
    status, _, said = senpolicy(capsys, "decide", *asked, "-o", str(tmp_path / "decided.csv"))
    assert (status, "2 rows: 2 decided" in said) == (0, True)
    assert said.index("To be confirmed") < said.index("2 rows")
    status, shown, _ = senpolicy(capsys, "model", *asked)
    assert (status, "2 pupils" in shown) == (0, True)


def test_a_tariff_is_costed_over_a_schools_own_list_and_tells_first_what_was_read(
    tmp_path: Path, register: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = [*HEAD, "Level of adaptation"]
    rows = [["DfE No. 999/2001"], head, [*row(1, "05/11/2018", "2", "E"), "specific_allocation_2"],
            [*row(2, "06/11/2018", "2", "K"), "sen_support"]]  # fmt: skip
    path = listed(tmp_path / "list.csv", rows, "cp1252", ";")
    rates = tmp_path / "rates.csv"
    rates.write_text("school,kind,present_rate\n9992001,mainstream,\n", encoding="utf-8")
    plan = str(ROOT / "docs/how-to/illustrative-tariff.yaml")
    asked = ("--cohort", str(path), "--schools", str(rates), "--register", str(register), "--root", str(ROOT))
    status, shown, said = senpolicy(capsys, "tariff", plan, *asked, "--json")
    [answer] = json.loads(shown)
    assert (status, answer["pupils"]["counted"]) == (0, 1)
    assert said.index("Level of adaptation: ") < said.index("To be confirmed") < said.index("trial-1: ")
    assert "for 2026-09-01" in said, "the day of the plan, since none was given"


def test_a_file_that_no_import_knows_is_told_of_as_a_caseload(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("case_ref,decision_date,aeg\nK-1,2025-10-01,5\n", encoding="utf-8")
    status, _, said = senpolicy(capsys, "decide", str(path), "-o", str(tmp_path / "out.csv"), "--root", str(ROOT))
    assert (status, "aeg" in said or "age" in said) == (1, True)
    assert "import" not in said


# Kinds that a fresh maker of files found.


@pytest.mark.parametrize(
    ("reference", "taken"),
    [("EX1001", True), ("PA" + "05112018", False), ("PB-" + "20181105", False), ("W051118", False),
     (NAMES[0][:4].upper() + "15", False), ("K-123456", True)],
)  # fmt: skip
def test_a_reference_made_of_a_name_or_a_day_of_birth_is_not_taken_over(
    tmp_path: Path, policy: Policy, reference: str, taken: bool
) -> None:
    rows = [["LA Ref", "Surname", "Forename", "DOB", "SEN Status"], [reference, *NAMES, "05/11/2018", "K"]]
    found = read(listed(tmp_path / "list.csv", rows), policy)
    assert found.pupils[0].ref == (reference if taken else "P-1")
    assert bool(found.taken.notes) is not taken


def test_every_sheet_that_is_a_list_is_read_and_leavers_are_left_out(
    tmp_path: Path, policy: Policy, apart: None
) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, serial in (("Leavers 2025", 1), ("Year 7", 2), ("Year 8", 3), ("Notes", 0)):
        sheet = book.add_worksheet(name)
        rows = [HEAD, row(serial, "05/11/2013", "7", "K")] if serial else [["Made for the office"], ["Nothing else"]]
        for at, cells in enumerate(rows):
            sheet.write_row(at, 0, cells)
    book.close()
    found = read(path, policy)
    assert [(one.at["sheet"], one.excluded) for one in found.pupils] == [
        ("Leavers 2025", "leaver"), ("Year 7", ""), ("Year 8", "")]  # fmt: skip
    assert found.taken.notes == ["1 sheet has no headings of such a list and was not read."]


def test_annex_a_has_plans_on_one_sheet_and_support_on_the_other(tmp_path: Path, policy: Policy, apart: None) -> None:
    path = tmp_path / "annex.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, serial in (("List_1", 1), ("List_2", 2)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["UPN", "Date of birth", "Date initial EHC plan issued"])
        sheet.write_row(1, 0, [number(serial), "05/11/2013", "03/02/2020" if serial == 1 else ""])
    book.close()
    assert [one.facts["plan"] for one in read(path, policy).pupils] == ["ehcp", "sen_support"]


@pytest.mark.parametrize(
    ("heading", "cell", "setting", "may_be"),
    [
        ("SEN Unit", "No", "mainstream", None),
        ("SEN Unit", "Autism base", None, "mainstream"),
        ("In SEN Unit?", "Yes", "srp", None),
        ("Communication base (y/n)", "y", None, "mainstream"),
        ("Enrolment Status", "Subsidiary \u2013 Dual Registration", None, "mainstream"),
        ("Enrolment Status", "Visiting", None, "mainstream"),
    ],
)
def test_a_place_is_asked_about_where_a_unit_or_another_registration_may_be_meant(
    tmp_path: Path, policy: Policy, register: Path, heading: str, cell: str, setting: str | None, may_be: str | None
) -> None:
    pupil = one(tmp_path, policy, [*row(1, "05/11/2018", "2", "K"), cell], [*HEAD, heading], register=register)
    assert (pupil.facts["setting"], pupil.candidates.get("setting")) == (setting, may_be)


@pytest.mark.parametrize(
    ("heading", "cell", "why"),
    [
        ("Plan Ceased Date", "31/07/2025", "plan_ceased"), ("Plan Status", "Ceased", "plan_ceased"),
        ("Left", "19/09/2025", "leaver"), ("Leaver?", "Yes", "leaver"), ("On roll", "No", "leaver"),
        ("Plan Ceased Date", "31/07/2026", ""), ("Leaver?", "No", ""),
    ],
)  # fmt: skip
def test_who_has_left_or_has_no_plan_any_more_is_left_out(
    tmp_path: Path, policy: Policy, heading: str, cell: str, why: str
) -> None:
    pupil = one(tmp_path, policy, [*row(1, "05/11/2018", "2", "E", "03/02/2023"), cell], [*HEAD, heading])
    assert pupil.excluded == why


def test_one_day_that_is_month_first_puts_the_days_of_every_column_in_doubt(tmp_path: Path, policy: Policy) -> None:
    rows = [HEAD, row(1, "10/22/2014", "5", "E", "03/04/2022"), row(2, "22/10/2014", "5", "E", "04/04/2022")]
    first, second = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert (first.facts["age"], first.facts["ehcp_issued_on"]) == (None, None)
    assert {"date_not_read", "day_order_unclear"} <= {*first.flags}
    assert (second.facts["age"], second.facts["ehcp_issued_on"]) == (10, date(2022, 4, 4))


@pytest.mark.parametrize(
    ("title", "rate", "claim"),
    [
        ("Top-up is Element 3 only, after the first £6,000.", 410_000, True),
        ("Amounts are for the term.", None, True),
        ("Amounts include the first £6,000.", None, True),
        ("Top-up schedule 2024/25", None, None),
    ],
)
def test_amounts_of_another_kind_or_year_are_not_the_existing_rate(
    tmp_path: Path, policy: Policy, register: Path, title: str, rate: int | None, claim: bool | None
) -> None:
    cells = ["EX1", "05/11/2016", "999/2001", "4", "Y", "03/02/2019", "4100", "01/09/2024", "", ""]
    [pupil] = read(listed(tmp_path / "paid.csv", [[title], PAID, cells]), policy, register).pupils
    assert (pupil.facts["element3_rate"], pupil.facts["existing_claim"]) == (rate, claim)


def test_a_flag_is_given_once_however_many_columns_differ(tmp_path: Path, policy: Policy) -> None:
    rows = [
        ["EX1", "05/11/2016", "999/2001", "4", "Y", "03/02/2019", "4100", "01/09/2024", "", ""],
        ["EX1", "06/11/2016", "999/2001", "5", "Y", "04/02/2019", "4200", "01/09/2025", "", ""],
    ]
    [pupil] = read(listed(tmp_path / "paid.csv", [PAID, *rows]), policy).pupils
    assert pupil.flags.count("two_values") == 1


def test_a_rate_a_claim_or_an_age_that_is_headed_as_a_fact_is_asked_about_where_a_list_cannot_know_it(
    tmp_path: Path, policy: Policy
) -> None:
    rows = [["List as at 01/03/2025"], ["DOB", "SEN Status", "Element 3 rate", "Existing claim", "Age"],
            ["", "E", "7000", "No", "9"]]  # fmt: skip
    [pupil] = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert [pupil.facts[name] for name in ("element3_rate", "existing_claim", "age")] == [None, None, None]
    assert pupil.candidates == {"element3_rate": 700_000, "age": 9}


def test_two_rows_of_headings_are_read_together_and_a_mixed_class_is_no_year(tmp_path: Path, policy: Policy) -> None:
    rows = [["Pupil", "", "", "SEN", "", "EHCP"], ["Name", "DOB", "Yr", "Status", "Type", "Issued"],
            [NAMES[0], "02.02.16", "1/2", "E", "ASD", "22/07/2021"]]  # fmt: skip
    [pupil] = read(listed(tmp_path / "list.csv", rows), policy).pupils
    assert (pupil.facts["plan"], pupil.facts["ehcp_issued_on"]) == ("ehcp", date(2021, 7, 22))
    assert pupil.facts["year_group"] is None
    assert "year_not_read" in pupil.flags


# What a second reading found.


def test_a_workbook_that_counts_days_from_1904_gives_no_day_for_a_bare_number(
    tmp_path: Path, policy: Policy, apart: None
) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    sheet = book.add_worksheet("List")
    sheet.write_row(0, 0, ["DOB", "SEN Status"])
    sheet.write_row(1, 0, [39520, "K"])
    book.close()
    found = read(path, policy)
    assert found.pupils[0].facts["age"] is None
    assert "date_not_read" in found.pupils[0].flags
    assert any("1904" in note for note in found.taken.notes)


def test_pupils_whose_number_is_only_said_to_be_missing_are_not_one_pupil(tmp_path: Path, policy: Policy) -> None:
    rows = [["LA Ref", "UPN", "SEN Status", "Year"], ["tbc", "n/a", "K", "3"], ["tbc", "n/a", "E", "4"]]
    found = read(listed(tmp_path / "list.csv", rows), policy)
    assert [one.facts["plan"] for one in found.pupils] == ["sen_support", "ehcp"]


@pytest.mark.parametrize("other", ["", "P-1x", "P-2"])
def test_own_references_are_taken_over_for_all_or_for_none(tmp_path: Path, policy: Policy, other: str) -> None:
    """A running number must not be another pupil's own reference."""
    rows = [["LA Ref", "DOB", "SEN Status"], ["P-2", "05/11/2018", "K"], [other, "06/11/2018", "K"]]
    found = read(listed(tmp_path / "list.csv", rows), policy)
    refs = [one.ref for one in found.pupils]
    assert len({*refs}) == len(refs)
    assert refs == (["P-2"] if other == "P-2" else ["P-1", "P-2"])
    assert any("reference of its own" in note for note in found.taken.notes) == (other != "P-2")


def test_a_need_of_the_tenth_rank_does_not_come_before_the_second(tmp_path: Path, policy: Policy) -> None:
    head = ["Arbor Student ID", "SEN status", "SEN Need", "SEN Need Ranking"]
    rows = [head, ["71", "SEN Support", "SLCN", "10"], ["71", "SEN Support", "ASD", "2"]]
    assert read(listed(tmp_path / "list.csv", rows), policy).pupils[0].groups["need"] == "ASD"


def test_of_two_schools_of_one_number_the_open_one_counts(tmp_path: Path, policy: Policy, register: Path) -> None:
    first, *others = REGISTER.splitlines()
    closed = "990009,999,2001,Made-up Primary before,14,2,"
    for lines in ([first, closed, *others], [first, *others, closed]):
        register.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pupil = one(tmp_path, policy, row(1, "05/11/2018", "2", "K"), register=register)
        assert pupil.facts["setting"] == "mainstream"
        assert "closed_establishment" not in pupil.flags


def test_rows_of_one_pupil_with_two_other_registrations_leave_the_place_open(
    tmp_path: Path, policy: Policy, register: Path
) -> None:
    rows = [["DfE No. 999/2001"], [*HEAD, "Enrolment Status"], [*row(1, "05/11/2018", "2", "K"), "S"],
            [*row(1, "05/11/2018", "2", "K"), "G"]]  # fmt: skip
    [pupil] = read(listed(tmp_path / "list.csv", rows), policy, register).pupils
    assert (pupil.facts["setting"], pupil.candidates["setting"]) == (None, "mainstream")


def test_a_preview_writes_nothing_and_nothing_is_written_over_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path / "list.csv", [HEAD, row(1, "05/11/2018", "2", "E", "03/05/2023", "£100")])
    before = path.read_bytes()
    common = ("import", str(path), "--root", str(ROOT), "--on", "2025-10-01")
    written = [tmp_path / name for name in ("a.csv", "b.csv", "c.json")]
    options = [word for pair in zip(("-o", "--questions", "--keys"), map(str, written), strict=True) for word in pair]
    assert senpolicy(capsys, *common, "--preview", *options)[0] == 0
    assert not any(one.exists() for one in written)
    for option in ("-o", "--questions", "--keys"):
        status, _, said = senpolicy(capsys, *common, "-o", str(written[0]), option, str(path))
        assert (status, "is the file that is read" in said) == (2, True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("option", "name", "right"), [("--questions", "q.xlsx", ".csv"), ("--keys", "k.csv", ".json")])
def test_questions_and_keys_are_what_their_names_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, name: str, right: str
) -> None:
    """A workbook that holds lines of text opens in no spreadsheet, and the import has ended well."""
    path = listed(tmp_path / "list.csv", [HEAD, row(1, "05/11/2018", "2", "E", "03/05/2023", "£100")])
    words = ("import", str(path), "--root", str(ROOT), "-o", str(tmp_path / "a.csv"), option, str(tmp_path / name))
    status, _, said = senpolicy(capsys, *words)
    assert (status, f"Use a name that ends in {right}." in said) == (2, True)
    assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


def test_a_caseload_without_its_day_is_refused_and_not_decided_for_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path / "list.csv", [["case_ref", "age", "plan"], ["K-1", "9", "ehcp"]])
    out = tmp_path / "out.csv"
    status, _, said = senpolicy(capsys, "decide", str(path), "-o", str(out), "--root", str(ROOT))
    assert (status, "decision_date" in said, out.exists()) == (1, True, False)


def test_each_flag_that_the_engine_gives_says_something(policy: Policy) -> None:
    """Every text that the engine hands on as a flag is one of imports/facts.yaml."""
    told = policy.corpus.files["imports/facts.yaml"]
    assert isinstance(told, ImportFactsFile)
    given: set[str] = set()
    for module in (records, registers, values, readings):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("flag", "append")
            ):
                given |= {
                    one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    given = {one for one in given if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", one)}
    assert len(given) > 30
    assert given <= {*told.flags}


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no files in memory alone")
def test_what_was_read_of_a_list_never_waits_on_the_disk(
    tmp_path: Path, policy: Policy, apart: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a file on the disk")

    monkeypatch.setattr("senpolicy.caseloads.files.apart.tempfile.TemporaryFile", refused)
    rows = [HEAD, row(1, "05/11/2018", "2", "K")]
    assert len(read(listed(tmp_path / "list.csv", rows), policy).pupils) == 1


# Bad input of every kind: told, and nothing half-done.


def import_with(capsys: pytest.CaptureFixture[str], path: Path, *args: str) -> tuple[int, str]:
    """Return exit status and messages of an import into out.csv beside the file."""
    out = str(path.parent / "out.csv")
    status, _, said = senpolicy(
        capsys, "import", str(path), "-o", out, "--on", "2026-11-30", "--root", str(ROOT), *args
    )
    return status, said


def test_a_file_of_another_kind_under_a_known_name_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A school's own list that is called as the export of a census is: read by its headings, and said so."""
    path = listed(tmp_path / "2025_autumn_pupilonroll.csv", [HEAD, row(1, "05/11/2018", "2", "K")])
    status, said = import_with(capsys, path)
    assert status == 0
    assert "The name is that of another kind of file: School census as an authority exports it" in said


@pytest.mark.parametrize(("content", "says"), [(b"", ""), (b"%PDF-1.7", ""), (b"\xd0\xcf\x11\xe0", "Excel workbook")])
def test_what_is_not_a_workbook_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], apart: None, content: bytes, says: str
) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(content)
    status, said = import_with(capsys, path)
    assert (status, says in said) == (1, True)
    assert not (tmp_path / "out.csv").exists()


def test_a_workbook_with_a_password_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], apart: None) -> None:
    names = (name.encode("utf-16le").ljust(128, b"\0") for name in ("Root Entry", "EncryptedPackage", "EncryptionInfo"))
    path = tmp_path / "register.xlsx"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 504 + b"".join(names) + b"\0" * 4096)
    status, said = import_with(capsys, path)
    assert (status, "locked with a password" in said) == (1, True)
    assert not (tmp_path / "out.csv").exists()


def test_a_file_newer_than_its_codes_says_so_and_reads_no_new_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A census of 2027 with a status that is not on the list: no plan is read from it."""
    head = ["pupilonrolltableid", "NativeId", "dob", "senprovision", "ncyearactual", "enrolstatus"]
    rows = [["1", "999", "2018-Nov-05 00:00:00", "V", "4", "C"], ["2", "999", "2018-Nov-06 00:00:00", "E", "4", "C"]]
    path = listed(tmp_path / "2027_autumn_pupilonroll.csv", [head, *rows])
    status, said = import_with(capsys, path)
    assert (status, "the codes of such files are known here up to 31 August 2026" in said) == (0, True)
    plans = [one["plan"] for one in csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines())]
    assert plans == ["", "ehcp"]


def test_two_files_of_one_school_with_other_references_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key file knows the pupils of the first by their numbers; the second has references of its own, or none."""
    keys = ("--keys", str(tmp_path / "keys.json"))
    first = listed(tmp_path / "first.csv", [HEAD, row(1, "05/11/2018", "2", "K")])
    assert "key file" not in import_with(capsys, first, *keys)[1]
    assert "key file" not in import_with(capsys, first, *keys)[1]
    own = listed(tmp_path / "own.csv", [["Reference", "DOB", "SEN Status"], ["EX-1001", "05/11/2018", "K"]])
    assert "They are not those of the key file" in import_with(capsys, own, *keys)[1]
    other = listed(tmp_path / "other.csv", [["Admission No", "DOB", "SEN Status"], ["77", "05/11/2018", "K"]])
    assert "The key file knows none of these pupils." in import_with(capsys, other, *keys)[1]


def test_a_return_in_one_workbook_is_read_as_its_files_are_and_the_template_is_told(
    tmp_path: Path, policy: Policy, apart: None
) -> None:
    """Each module of SEN2 on a sheet of its own, headed as out of COLLECT; the template's layout is not held."""
    tables = {
        "person": [["persontableid", "NativeId", "personbirthdate"], ["1", "999", "2015-Jan-31 00:00:00"]],
        "requests": [["requeststableid", "persontableid"], ["2", "1"]],
        "assessment": [["assessmenttableid", "requeststableid"], ["3", "2"]],
        "namedplan": [["namedplantableid", "assessmenttableid", "startdate", "ceasedate"], ["4", "3", "2024-Mar-01 00:00:00", ""]],
        "plandetail": [["plandetailtableid", "namedplantableid"], ["5", "4"]],
        "activeplans": [["activeplanstableid", "requeststableid"], ["6", "2"]],
        "placementdetail": [["placementdetailtableid", "activeplanstableid"], ["7", "6"]],
        "senneed": [["senneedtableid", "activeplanstableid"], ["8", "6"]],
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(tmp_path / "sen2.xlsx"))
    (tmp_path / "files").mkdir()
    for name, rows in tables.items():
        sheet = book.add_worksheet(name)
        for at, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                sheet.write(at, place, int(cell) if cell.isdigit() else cell)
        listed(tmp_path / "files" / f"Blade-Export_01-02-2025_{name}.csv", rows)
    book.close()
    found, files = read(tmp_path / "sen2.xlsx", policy), read(tmp_path / "files", policy)
    assert found.to_json() == files.to_json()
    [facts] = [pupil.facts for pupil in found.pupils]
    assert (facts["age"], facts["plan"], facts["ehcp_issued_on"]) == (10, "ehcp", date(2024, 3, 1))
    template = listed(
        tmp_path / "template.csv", [["Person Record"], ["UPN", "Date of Birth"], [number(1), "2015-01-31"]]
    )
    with pytest.raises(PolicyError, match="layout of a SEN2"):
        read(template, policy)


def test_what_is_the_same_for_all_is_given_for_those_of_whom_it_is_not_known(tmp_path: Path, policy: Policy) -> None:
    """A person says it once; what the file itself says stays, and only choices can be given so."""
    found = read(
        listed(tmp_path / "list.csv", [HEAD, row(1, "05/11/2018", "2", "K"), row(2, "06/11/2018", "2", "")]), policy
    )
    assert confirm(found, ["community_start=2025-09-01", "plan=none"]) == 3
    assert [one.facts["plan"] for one in found.pupils] == ["sen_support", "none"]
    assert [one.facts["community_start"] for one in found.pupils] == ["2025-09-01"] * 2
    for wrong in ("age=9", "community_start=soon", "shoe=red"):
        with pytest.raises(WrongUse):
            confirm(found, [wrong])
