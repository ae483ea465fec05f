"""Columns by which a caseload is counted: what may be in them, and those that nobody has declared.

The names and numbers are put together here, so that none stands whole in any file.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest

from copies import TOY, replace, toy
from running import senpolicy
from senpolicy.caseloads.groups import is_group, left_unread
from senpolicy.caseloads.tables import RowBatch
from senpolicy.checking.opening import Asked
from senpolicy.files.models.groups import Group
from senpolicy.policy import corpus

GENRE = (
    "rules/facts.yaml",
    r"^  branch: .*",
    r"\g<0>" + "\n  reader: {label: Kind of reader, plural: Kinds of reader}",
)
ETHNICITY = Group(label="Ethnic group", plural="Ethnic groups")
LISTED = Group(label="Looked after", plural="Looked after", values=["yes", "no", "Robin " + "Hood"])
SCHOOL = Group(label="School", plural="Schools", named=True)
PERSONS = [
    "Amelia " + "Brookes",
    "BROOKES " + "Amelia",
    "amelia " + "brookes",
    "Zacharias " + "Quentin",
    "QUENTIN " + "ZACHARIAS",
    "Amelia",
]


@pytest.mark.parametrize(
    "value",
    ["White British", "Gypsy / Roma", "Black, Black British, Caribbean or African", "Mixed: White and Asian",
     "Any other ethnic group", "Roman Catholic", "Speech, Language and Communication Needs", "all-through", "WBRI"],
)  # fmt: skip
def test_groups_of_pupils_are_not_taken_for_names(value: str) -> None:
    assert is_group(value, ETHNICITY)


@pytest.mark.parametrize("value", PERSONS)
def test_a_name_is_no_group_of_pupils(value: str) -> None:
    assert not is_group(value, ETHNICITY)


@pytest.mark.parametrize(
    "value", ["A1234567890" + "12", "943 476 " + "5919", "ME14 " + "1XQ", "2014-02-" + "03", "3 February " + "2014"]
)
@pytest.mark.parametrize("group", [ETHNICITY, SCHOOL], ids=["ethnicity", "school"])
def test_what_belongs_to_one_child_is_no_group(value: str, group: Group) -> None:
    assert not is_group(value, group)


def test_a_school_may_be_called_after_a_person_and_a_child_is_no_school() -> None:
    assert is_group("Quentin Brookes Academy", SCHOOL)
    assert is_group("St Oliver's", SCHOOL)
    assert not is_group("Amelia " + "Brookes", SCHOOL)


@pytest.mark.parametrize(
    "value", ["Jane " + "Smith", "Smith, " + "Jane", "Jane " + "Wood", "J. " + "Smith", "J " + "Smith"]
)
def test_a_child_is_neither_a_school_nor_a_community(value: str) -> None:
    """A common given name, an initial, and a surname that is a word of places too."""
    assert not is_group(value, SCHOOL)


@pytest.mark.parametrize("value", ["St Jane's", "Jane Smith Primary School", "Jane Wood Infants", "Westward Ho!", "Oak Lane",
                                   "Ysgol G\u0175yr", "Tunbridge Wells", "Isle of Sheppey", "A North", "C07"])  # fmt: skip
def test_the_names_of_places_are_taken(value: str) -> None:
    assert is_group(value, SCHOOL)


def test_a_group_that_lists_its_values_has_no_others() -> None:
    assert is_group("Robin " + "Hood", LISTED)
    assert not is_group("maybe", LISTED)


def loans(folder: Path, **columns: str) -> str:
    """Return the file of the toy's loans with further columns, each with one value for all."""
    with (TOY / "loans.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, **columns} for row in csv.DictReader(file)]
    path = folder / "loans.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_an_undeclared_column_is_told_by_its_place_and_how_to_declare_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Neither its heading nor what is in it is repeated: either may be a name."""
    file = loans(tmp_path, zacharias=PERSONS[3])
    status, out, err = senpolicy(capsys, "decide", file, "-o", str(tmp_path / "out.csv"), "--root", str(TOY))
    assert status == 1
    assert f"Column {len(Path(file).read_text().splitlines()[0].split(','))} is not" in err
    assert "declare it in rules/facts.yaml under groups" in err
    assert "acharias" not in out + err


def test_an_undeclared_column_is_left_unread_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = loans(tmp_path, zacharias=PERSONS[3])
    out = tmp_path / "out.csv"
    status, printed, err = senpolicy(capsys, "decide", file, "-o", str(out), "--root", str(TOY), "--leave-unread")
    assert status == 0, err
    assert "is not declared, and was left unread." in err
    assert "acharias" not in printed + err + out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("heading", "code"), [("days_lat", "unknown-field"), ("surname", "identifies-a-child")])
def test_what_is_mistyped_or_identifies_is_refused_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, heading: str, code: str
) -> None:
    """To leave a fact unread would decide its cases as if nothing were known of it."""
    path = Path(loans(tmp_path, **({"surname": "x"} if heading == "surname" else {})))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("days_late", "days_lat", 1) if heading == "days_lat" else text, encoding="utf-8")
    arguments = ("decide", str(path), "-o", str(tmp_path / "out.csv"), "--root", str(TOY), "--leave-unread")
    status, _, err = senpolicy(capsys, *arguments)
    assert status == 1
    assert f"[{code}]" in err
    assert not (tmp_path / "out.csv").exists()


def test_no_cell_of_a_column_that_is_left_unread_is_asked_for() -> None:
    asked: list[list[str] | None] = []

    class Table:
        name, headings, notes = "a.csv", ["case_ref", "shoe_size", "decision_date"], ()

        def pieces(self, types: object, only: list[str] | None = None) -> list[RowBatch]:
            asked.append(only)
            return [RowBatch(pa.array([1]).to_numpy(), {name: pa.array(["x"]) for name in only or self.headings})]

    policy = Asked().of(corpus.load(TOY))
    (piece,) = left_unread(Table(), policy).pieces({})
    assert asked == [["case_ref", "decision_date"]]
    assert [*piece.columns] == ["case_ref", "decision_date"]


def test_no_rule_asks_for_a_group(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = toy(tmp_path, GENRE, ("rules/facts.yaml", r"fact: days_late, at_most", "fact: reader, at_most"))
    status, out, err = senpolicy(capsys, "check", "--root", str(folder))
    assert status == 1
    assert "'reader' is a group: pupils are counted by it, and no rule may ask for it. [unknown-fact]" in out + err


def test_a_group_that_only_the_head_declares_is_counted_by(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A change that declares a column shows what the change does by it."""
    folder = toy(tmp_path, GENRE)
    file = loans(tmp_path, reader="Grown up")
    status, out, err = senpolicy(capsys, "compare", str(TOY), str(folder), "--cases", file, "--json")
    assert status == 0, err
    by = json.loads(out)[0]["movement"]["cases_by"]
    assert [one["name"] for one in by["reader"]] == ["Grown up"]


def test_a_value_that_may_be_a_name_refuses_its_row_and_is_not_repeated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder, out = toy(tmp_path, GENRE), tmp_path / "out.csv"
    file = loans(tmp_path, reader=PERSONS[0])
    _, printed, err = senpolicy(capsys, "decide", file, "-o", str(out), "--root", str(folder))
    refused = (tmp_path / "out.refused.csv").read_text(encoding="utf-8")
    assert "not-a-group" in refused
    assert "Brookes" not in printed + err + refused + out.read_text(encoding="utf-8")
    replace(folder, "rules/facts.yaml", r"(plural: Kinds of reader)", r"\g<1>, values: [young, old]")
    senpolicy(capsys, "decide", file, "-o", str(out), "--root", str(folder))
    assert "Use one of young, old, or leave the cell empty." in (tmp_path / "out.refused.csv").read_text(
        encoding="utf-8"
    )
