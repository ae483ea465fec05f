"""The models of the files: values read exactly, problems in plain words at their places, schemas for editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError
from syrupy.assertion import SnapshotAssertion

from copies import TOY
from golden_files import ROOT, loaded
from senpolicy.files.models import rules as m
from senpolicy.files.models import units
from senpolicy.files.models.documents import DocumentsFile
from senpolicy.files.models.mending import Mend, mend_of
from senpolicy.files.models.problems import models_in, problems_of
from senpolicy.files.models.records import RecordedFact
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.models.units import read_set, read_unit
from senpolicy.files.problems import Fix, Problem, Problems
from senpolicy.files.source import Node, read
from senpolicy.policy import layout
from wording import Wording

TEST = "{fact: age, below: $youngest_age}"


def problems(kind: type[BaseModel], text: str) -> list[Problem]:
    """Return what the model of a file finds wrong with a text."""
    node = read(text, "a.yaml", Problems())
    assert node is not None
    with pytest.raises(ValidationError) as raised:
        m.validated(kind, node)
    return problems_of(raised.value, node, kind)


def only(kind: type[BaseModel], text: str) -> Problem:
    """Return the one thing that is wrong with a text: one mistake is one message."""
    (problem,) = problems(kind, text)
    return problem


def question(condition: str) -> str:
    """Return a file of one question with one row, whose condition stands on line 9."""
    return f"""\
question: scope
asks: Is it?
answers: {{a: A.}}
ask: [age]
versions:
  - decision: x
    answers:
      - {{id: a, answer: a, source: {{document: d, paragraph: "1"}},
         when: {condition}}}
"""


# Exact values.


@given(pence=st.integers(-(10**12), 10**12))
def test_an_amount_is_read_to_the_penny(pence: int) -> None:
    """Money is never a float: what is written is what is held."""
    written = f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
    assert read_unit(written, "pounds_a_year") * 100 == pence
    assert isinstance(read_unit(written, "pounds"), Decimal)


@given(day=st.dates())
def test_a_date_is_read_as_written(day: date) -> None:
    """Year, month and day, and nothing else."""
    assert read_unit(day.isoformat(), "date") == day


@pytest.mark.parametrize("unit", ["years", "year_group", "count", "year"])
def test_a_whole_number_is_read_as_one(unit: str) -> None:
    """Ages and counts."""
    assert read_unit("-1", unit) == -1
    assert type(read_unit("16", unit)) is int


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        *(("pounds", text) for text in ("1e3", "6,000", "£1", "", " 1", "1.", ".1", "+1", "٣", "1_0", "NaN")),
        *(("pounds", text) for text in ("Infinity", "0x1", True)),
        *(("pounds", text) for text in ("0.001", ["1"], {"a": "1"})),
        *(("share", text) for text in ("1.01", "-0.01", "75", "75%", "0.5%", "half", True, False)),
        *(("years", text) for text in ("5.0", "five", True, "")),
        *(
            ("date", text)
            for text in ("2025-2-1", "20250201", "2025-02-30", "", "٢٠٢٥-٠١-٠١", True, "2025-01-01T00:00")
        ),
        ("levels", "sen_support"),
    ],
)
def test_what_is_not_of_its_unit_is_refused(unit: str, written: Any) -> None:
    """No float, no rounding, no guess; true is not 1."""
    with pytest.raises(PydanticCustomError) as raised:
        read_unit(written, unit)
    assert raised.value.context
    assert raised.value.context["help"]


@pytest.mark.parametrize(
    ("unit", "written"),
    [("pounds", "-0.01"), ("pounds_a_year", "-7000.00"), ("count", "-1"), ("years", "121"), ("year", "2207"),
     ("date", "2100-01-01"), ("date", "1899-12-31"), ("per_cent", "0.025")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_of_a_decision_and_read_of_a_record(unit: str, written: str) -> None:
    """A paper may well tell of a deficit, or a rise of a fortieth of a per cent; no decision sets one so."""
    read_unit(written, unit)
    with pytest.raises(PydanticCustomError) as raised:
        read_set(written, unit)
    assert (raised.value.context or {})["code"] == "implausible"


@pytest.mark.parametrize(
    ("unit", "written"),
    [("pounds", "0"), ("years", "120"), ("year", "2099"), ("date", "2099-12-31"), ("per_cent", "-1.5"),
     ("per_cent", "0.1"), ("per_cent", "0"), ("year_group", "-1")],
)  # fmt: skip
def test_what_can_be_meant_is_read(unit: str, written: str) -> None:
    assert read_set(written, unit) == read_unit(written, unit)


@pytest.mark.parametrize(("written", "share"), [("0", "0"), ("1", "1"), ("0.50", "0.5"), ("0.333333", "0.333333")])
def test_a_share_lies_between_nothing_and_all(written: str, share: str) -> None:
    """Both ends included."""
    assert read_unit(written, "share") == Decimal(share)


# Problems in the words of those who write the files.


def test_a_typo_in_a_test_is_one_problem_at_its_word() -> None:
    """Design: a union without a discriminator turns one typo into twenty messages; with one, into one."""
    for condition in (TEST, "{all: [" + TEST + "]}", "{any: [{not: " + TEST + "}]}"):
        text = question(condition.replace("below", "belov"))
        problem = only(m.QuestionFile, text)
        assert (problem.code, problem.help) == ("unknown-word", "Did you mean 'below'?")
        assert problem.place.line == 9
        assert text.splitlines()[8][problem.place.column - 1 :].startswith("belov")


@pytest.mark.parametrize(
    ("condition", "code", "word"),
    [
        ("{fcat: age, below: $x}", "unknown-word", "fcat"),
        ("{and: [" + TEST + "]}", "unknown-word", "and"),
        ("{fact: age}", "operator", "{fact"),
        ("{fact: age, below: $x, is: a}", "operator", "{fact"),
        ("{below: $x}", "missing", "when"),
        ("{fact: age, below: [$x]}", "shape", "[$x]"),
        ("{fact: age, one_of: a}", "shape", "a}"),
        ("{fact: age, one_of: [[a]]}", "shape", "[[a]]"),
        ("{fact: age, is: {a: b}}", "shape", "{a: b}"),
        ("{fact: age, known: maybe}", "shape", "maybe"),
        ("{fact: age, is: a, because: [b]}", "shape", "[b]"),
        ("{all: " + TEST + "}", "shape", "{fact"),
        ("{not: [" + TEST + "]}", "shape", "[{fact"),
        ("{fact: a b, is: c}", "wording", "a b"),
        ("a", "shape", "a}"),
        ("[" + TEST + "]", "shape", "[{fact"),
    ],
)
def test_each_mistake_in_a_condition_is_one_problem_at_its_place(condition: str, code: str, word: str) -> None:
    """The column is that of the word, or of the key that lacks something."""
    text = question(condition)
    problem = only(m.QuestionFile, text)
    assert problem.code == code, problem
    assert problem.help
    assert problem.place.line == 9
    assert text.splitlines()[8][problem.place.column - 1 :].startswith(word)


@pytest.mark.parametrize(
    ("kind", "text", "line", "code"),
    [
        (m.DecisionsFile, "order: a\nassumption: b\n", 1, "shape"),
        (m.DecisionsFile, "order: [a]\n", 1, "missing"),
        (m.DecisionsFile, "order:\n  - [a]\nassumption: b\n", 2, "shape"),
        (m.DecisionsFile, "order: [a]\nassumption:\n", 2, "empty"),
        (m.DecisionsFile, 'order: [a]\nassumption: "  "\n', 2, "empty"),
        (DocumentsFile, "documents:\n  a:\n    title: b\n", 2, "missing"),
        (DocumentsFile, "documents:\n  - a\n", 2, "shape"),
        (DocumentsFile, "documents: {a: {title: b, publisher: c, strength: D}}\n", 1, "unknown-value"),
        (DocumentsFile, "documents:\n  a:\n    title: b\n    publisher: c\n    dated: 2025-02-30\n", 5, "date"),
        (m.QuestionsFile, "questions:\n  - a b\n", 2, "wording"),
        (m.QuestionsFile, "questions: {a: b}\n", 1, "shape"),
        (m.FactsFile, "facts:\n  a:\n    label: b\n    type: money\n    required: maybe\n", 5, "shape"),
        (m.FactsFile, "facts:\n  a b:\n    label: b\n    type: money\n", 2, "wording"),
        (ScenarioFile, "scenario: a\ntitle: b\nsays: c\nassumptions: []\n", 4, "missing"),
    ],
)
def test_a_mistake_in_any_file_is_one_problem_at_its_line(
    kind: type[BaseModel], text: str, line: int, code: str
) -> None:
    """In plain words: never the library's own, which speaks of types and of inputs."""
    problem = only(kind, text)
    assert (problem.place.line, problem.code) == (line, code), problem
    assert problem.help
    assert "something else" not in problem.message
    assert not re.search(r"\b(str|dict|bool|int|None|null|input|valid|pydantic|schema)\b", problem.message)


def test_a_value_in_a_wrong_form_is_shown_at_the_value_and_not_at_the_parameter() -> None:
    """A parameter has many lines."""
    text = (
        'parameters:\n  a:\n    label: b\n    unit: date\n    value: soon\n    source: {document: c, paragraph: "1"}\n'
    )
    problem = only(m.ParametersFile, text)
    assert (problem.code, problem.place.line, problem.place.column) == ("date", 5, 12)


def test_a_value_that_is_missing_is_shown_at_its_key_or_else_at_the_parameter() -> None:
    """Empty behind its key, or not there at all."""
    text = 'parameters:\n  a:\n    label: b\n    unit: date\n    value:\n    source: {document: c, paragraph: "1"}\n'
    assert [only(m.ParametersFile, text).place.line] == [5]
    assert [only(m.ParametersFile, text.replace("    value:\n", "")).place.line] == [2]
    fine = text.replace("    value:\n", "    value:\n    open_point: d\n")
    node = read(fine, "a.yaml", Problems())
    assert node is not None
    assert m.validated(m.ParametersFile, node).parameters["a"].value is None


def test_a_mistyped_key_is_one_problem_and_not_a_missing_one_too() -> None:
    """The nearest word is the one that is missing."""
    problem = only(m.DecisionsFile, "oder: [a]\nassumption: b\n")
    assert (problem.code, problem.help) == ("unknown-word", "Did you mean 'order'?")


WRITTEN = [
    "6000", "6000.00", "6000.005", "6,000", "6 000", "6.000,00", "7000,5", "\u00a36k", "\u00a36,000 a year", "6000 pounds", "-5", "0", "0.0005", "1", "0.75",
    "75%", "75", "100%", "1.5", "120", "121", "-1", "14", "15", "1e3", "O.75", "6l", "5-10", "\uff15", "2027-04-01", "2027-4-1", "1 April 2027", "01/04/2027",
    "13/04/2027", "April 2027", "2027/28", "2027-28", "1899-04-01", "2207-04-01", "2027-02-30", "2027-31-01", "46478", "20270401", "spring", "TBC", "n/a", "nil", "[a, b]", "{a: b}",
    '""', "~", "true",
]  # fmt: skip
VALUE = """\
parameters:
  a:
    label: b
    unit: UNIT
    value: WRITTEN
    source: {document: c, paragraph: "1"}
"""


def told(kind: type[BaseModel], text: str) -> str:
    """Return what is said of a text, by the reader of YAML and then by its model; "read" where it is right."""
    found = Problems()
    node = read(text, "a.yaml", found)
    if node is not None:
        try:
            m.validated(kind, node)
        except ValidationError as error:
            found.found += problems_of(error, node, kind)
    return "\n".join(map(str, found)) or "read"


def test_what_is_said_of_each_value_in_each_unit(snapshot: SnapshotAssertion) -> None:
    """With the text to write, where only one can be meant: whatever the unit is, and however people write it."""
    said = []
    for written in WRITTEN:
        by: dict[str, list[str]] = {}
        for unit in (one for one in units.UNITS if one != "levels"):
            text = VALUE.replace("UNIT", unit).replace("WRITTEN", written)
            by.setdefault(told(m.ParametersFile, text), []).append(unit)
        said += [f"== {written}", *(f"{', '.join(of)}: {one.removeprefix('a.yaml:')}" for one, of in by.items())]
    assert "\n".join(said) == snapshot(extension_class=Wording)


def parts_of(data: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to each part of plain data, outer ones first."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, one in inside:
        yield (*at, key)
        yield from parts_of(one, (*at, key))


def in_form(data: Any, at: tuple[str | int, ...], form: str) -> Any:
    """Return a copy of plain data in which one part is written in another form, or left out."""
    key, *rest = at
    if rest:
        inner = in_form(data[key], tuple(rest), form)
        return data | {key: inner} if isinstance(data, dict) else [*data[:key], inner, *data[key + 1 :]]
    if isinstance(data, list):
        return [*data[:key], *([] if form == "nothing" else [as_form(data[key], form)]), *data[key + 1 :]]
    if form == "nothing":
        return {one: value for one, value in data.items() if one != key}
    if form == "a key with a letter more":
        return {f"{one}s" if one == key else one: value for one, value in data.items()}
    return data | {key: as_form(data[key], form)}


def as_form(value: Any, form: str) -> Any:
    return [value] if form == "a list" else {"x": value} if form == "a map" else "x y"


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("rules/handling.yaml", id="question"),
        pytest.param("policy/fines-2024/decision.yaml", id="decision"),
        pytest.param("policy/fines-2024/open-points.yaml", id="open-points"),
    ],
)
def test_what_is_said_of_each_part_of_a_file_in_a_wrong_form(file: str, snapshot: SnapshotAssertion) -> None:
    """Each part once: as a list, as a word, as a word with a letter too many for its key, and left out."""
    known = layout.kind_of(file)
    assert known is not None
    data = yaml.safe_load((TOY / file).read_text(encoding="utf-8"))
    said, seen = [], set[tuple[str, ...]]()
    for at in parts_of(data):
        path = tuple("*" if isinstance(key, int) else key for key in at)
        if path in seen:
            continue
        seen.add(path)
        for form in ("a list", "a map", "a word", "a key with a letter more", "nothing"):
            if form == "a key with a letter more" and isinstance(at[-1], int):
                continue
            text = yaml.safe_dump(in_form(data, at, form), sort_keys=False, allow_unicode=True, width=1000)
            if (one := told(known[1], text)) != "read":
                said.append(f"== {'/'.join(path)} as {form}\n{one}")
    assert "\n".join(said) == snapshot(extension_class=Wording)


# Schemas.


KINDS = dict.fromkeys(map(layout.model_of, layout.KINDS))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_file_has_a_schema_that_is_one(kind: type[BaseModel]) -> None:
    """Issue: JSON Schemas generated from the models, and checked with jsonschema."""
    jsonschema.Draft202012Validator.check_schema(kind.model_json_schema())


def as_editors_read_it(node: Node) -> Any:
    """Return plain data as YAML 1.2 has it, in which plain figures are numbers."""
    if node.kind == "map":
        return {key: as_editors_read_it(value) for key, value in node.content.items()}
    if node.kind == "list":
        return [as_editors_read_it(value) for value in node.content]
    if node.plain and re.fullmatch(r"[-+]?[0-9]+", node.content):
        return int(node.content)
    if node.plain and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+", node.content):
        return float(node.content)
    return node.data()


@pytest.mark.parametrize("file", sorted(loaded(ROOT).files))
def test_each_file_of_the_policy_fits_the_schema_of_its_kind(file: str) -> None:
    """An editor that checks as one types must not find fault with what `senpolicy check` lets in."""
    corpus = loaded(ROOT)
    validator = jsonschema.Draft202012Validator(type(corpus.files[file]).model_json_schema())
    assert [error.message for error in validator.iter_errors(as_editors_read_it(corpus.nodes[file]))] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (m.DecisionsFile, "oder: [a]\nassumption: b\n"),
        (m.QuestionFile, question("{fact: age, belov: $x}")),
        (m.QuestionFile, question("{fact: age, one_of: []}")),
        (m.QuestionFile, question("{fact: age, is: [a]}")),
    ],
)
def test_a_schema_refuses_what_the_model_refuses(kind: type[BaseModel], text: str) -> None:
    """A schema that lets everything in would be no help to an editor."""
    node = read(text, "a.yaml", Problems())
    assert node is not None
    assert problems(kind, text)
    validator = jsonschema.Draft202012Validator(kind.model_json_schema())
    assert list(validator.iter_errors(as_editors_read_it(node)))


def test_the_text_below_a_field_is_its_description_in_the_schema() -> None:
    """Editors show it; a field that is written under another name has it too, and one without a text has none."""
    told = m.ParametersFile.model_json_schema(by_alias=True)["$defs"]["Parameter"]["properties"]
    assert told["from"]["description"].startswith("The day from which this value counts")
    assert "description" not in told["label"]
    lowest = RecordedFact.model_json_schema(by_alias=True)["properties"]
    assert lowest["printed"]["description"].startswith("False where")


def test_no_file_takes_a_key_by_the_name_that_the_engine_has_for_it() -> None:
    """A file says `from` and `is`; `start` and `is_` would be a second language that nobody has written down."""
    every: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = list(KINDS)
    while waiting:
        if (one := waiting.pop()) not in every:
            every.add(one)
            waiting += [inner for field in one.model_fields.values() for inner in models_in(field.annotation)]
    tried = 0
    for model in every:
        for name, field in model.model_fields.items():
            if field.alias not in (None, name):
                found = [one for one in problems(model, f"{name}: x\n") if one.code == "unknown-word"]
                assert [(one.help, one.fix and one.fix.right) for one in found] == [
                    (f"Write '{field.alias}'.", field.alias)
                ]
                tried += 1
    assert tried >= 7


@pytest.mark.parametrize(
    ("code", "written", "help"),
    [
        ("number", "6000\u00b2", "'\u00b2'"),  # The mark of a footnote, copied with the figure from a report.
        ("number", "6000\u2460", "'\u2460'"),
        ("date", "Monday 3 November 2026", "2026-11-03 is a Tuesday"),
        ("date", "2026-11-31", "November 2026 has 30 days"),
        ("date", "0026-01-02", ""),
    ],
)
def test_what_may_be_meant_otherwise_is_not_written_for_the_author(code: str, written: str, help: str) -> None:
    """A fix is made without a second look: 60002 pounds for 6000 and a mark would pass every check."""
    mend = mend_of(code, written)
    assert mend.fix is None
    assert help in mend.help
    assert bool(mend.help) == bool(help)


def test_a_day_of_the_week_that_is_right_is_left_out() -> None:
    """It is written in letters and minutes, never in a file."""
    assert mend_of("date", "Tuesday, 3 November 2026").fix == Fix("Tuesday, 3 November 2026", "2026-11-03")


STATUSES = ["taken", "proposed", "in_force", "called_in", "withdrawn", "replaced"]
UNITS = ["pounds", "pounds_a_year", "share", "per_cent", "date", "years", "count"]


@pytest.mark.parametrize(
    ("said", "expected", "meant"),
    [
        *((word, STATUSES, "taken") for word in ("agreed", "Approved", "adopted", "decided", "signed", "final")),
        *((word, STATUSES, "proposed") for word in ("draft", "planned", "pending")),
        *((word, STATUSES, meant) for word, meant in (("current", "in_force"), ("revoked", "withdrawn"), ("superseded", "replaced"))),
        *((word, UNITS, "per_cent") for word in ("%", "percent", "percentage")),
        *((word, UNITS, "pounds") for word in ("pound", "GBP")),
        *((word, UNITS, "pounds_a_year") for word in ("pounds per year", "pounds per annum")),
        ("adult", UNITS, "years"), ("day", UNITS, "date"), ("number", UNITS, "count"),
    ],
)  # fmt: skip
def test_what_people_call_a_status_or_a_unit_is_understood(said: str, expected: list[str], meant: str) -> None:
    assert mend_of("unknown-value", said, expected) == Mend(f"Did you mean '{meant}'?", Fix(said, meant))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("is", "= == eq equals equal_to"), ("one_of", "in any_of"), ("below", "< lt less_than under before"),
        ("at_most", "<= lte le up_to max maximum no_more_than"), ("more_than", "> gt greater_than over above exceeds after"),
        ("at_least", ">= gte ge min minimum no_less_than"), ("known", "exists is_known"),
    ],
)  # fmt: skip
def test_an_operator_as_other_languages_write_it_is_understood(word: str, said: str) -> None:
    for one in said.split():
        text = f"problems: [{{id: x, field: age, says: X, when: {{fact: age, '{one}': $youngest_age}}}}]\nfacts: {{}}\n"
        found = [problem for problem in problems(m.FactsFile, text) if problem.code == "unknown-word"]
        assert [(problem.help, problem.fix) for problem in found] == [(f"Write '{word}'.", Fix(one, word))], one
