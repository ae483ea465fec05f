"""Case files: faults of the file, faults of a case, warnings, and never a word of the case in a message."""

from __future__ import annotations

import json
import os
import tracemalloc
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golden_files import ROOT, decider
from senpolicy.deciding import cases as reader
from senpolicy.deciding.cases import Case, Refused, read_file, read_text
from senpolicy.deciding.decide import Decision
from senpolicy.deciding.text import lines
from senpolicy.files import source
from senpolicy.files.problems import PolicyError, Problem

GOOD: dict[str, Any] = {"case_ref": "K-0007", "decision_date": "2025-10-01", "age": "9", "setting": "mainstream"}


def cases_of(text: str, name: str = "cases.yaml") -> list[Case | Refused]:
    """Return the cases of a text under the whole policy."""
    return read_text(text, name, decider(ROOT, None, "all").policy)


def yaml_case(**fields: str) -> str:
    """Return one good case as YAML with some fields written otherwise, as they stand."""
    return "".join(f"{name}: {value}\n" for name, value in (GOOD | fields).items())


def problems(text: str, name: str = "cases.yaml") -> list[Problem]:
    """Return the problems of the one case of a text, which must be refused."""
    (case,) = cases_of(text, name)
    assert isinstance(case, Refused), "the case was let in"
    return list(case.problems)


def only(text: str, name: str = "cases.yaml") -> Problem:
    """Return the one problem of the one case of a text."""
    (problem,) = problems(text, name)
    return problem


def file_fault(text: str, name: str = "cases.yaml") -> Problem:
    """Return the problem of a text for which no case of it is read."""
    with pytest.raises(PolicyError) as raised:
        cases_of(text, name)
    return raised.value.problems[-1]


def facts(text: str, name: str = "cases.yaml") -> dict[str, Any]:
    """Return the facts of the one case of a text, which must be let in."""
    (case,) = cases_of(text, name)
    assert isinstance(case, Case), case
    return dict(case.facts)


# What a value may look like.


@pytest.mark.parametrize(
    ("written", "pence"),
    [("6000.01", 600001), ("6000", 600000), ("6000.0", 600000), ("6000.10", 600010), ("0", 0), ("0.01", 1)],
)
def test_money_is_read_exactly_as_written_as_a_number_and_as_text(written: str, pence: int) -> None:
    """Contract, "A case": `6000.01` is 600,001 pence; money may be given as a number or as text."""
    for text, name in (
        (yaml_case(additional_cost=written), "cases.yaml"),
        (yaml_case(additional_cost=f'"{written}"'), "cases.yaml"),
        (json.dumps(GOOD)[:-1] + f', "additional_cost": {written}}}', "cases.json"),
        (json.dumps(GOOD | {"additional_cost": written}), "cases.json"),
    ):
        assert facts(text, name)["additional_cost"] == pence


#: What is no amount: a sign, a comma, a currency mark, three decimals, and what some reader would take for a number.
NO_MONEY = [
    "-1", "+6000", "-0", "6,000", "6,000.00", "£6000", "$6000", "6000 GBP", "£6k", "6k", "6000.001", "6000.010",
    "6000.", ".5", "1e3", "1E3", "0x10", "0o17", "0b1", "007", "06000.00", ".inf", "-.inf", ".nan", "Infinity", "NaN",
    "1_000", "12:30", "6 000", "6\u00a0000", "٣٠٠", "６０００", "six thousand", "true", "yes", "[6000]",
    "{pounds: 6000}", "[]", "{}", "6000.01.01", "6000/2", "=6000", "'6000 '", "'6000\u00a0'", '"6000\\n"', "1000000000",
]  # fmt: skip


@pytest.mark.parametrize("written", NO_MONEY)
def test_what_is_no_plain_amount_is_refused_by_its_field(written: str) -> None:
    """Contract: more than two decimals, a sign, a comma or a currency mark is a problem; nothing is guessed."""
    problem = only(yaml_case(element3_rate=written))
    assert (problem.code, problem.field, problem.row) == (
        "identifies-a-child" if written == "1000000000" else "not-money",
        "element3_rate",
        1,
    )
    assert problem.place.line == 5
    assert problem.help


@pytest.mark.parametrize(
    "written", ["-1", "1e3", "6000.001", "true", "[6000]", '{"a": 1}', "NaN", "-Infinity", '"6,000"']
)
def test_what_is_no_plain_amount_is_refused_in_json_too(written: str) -> None:
    """The same values, in the other format."""
    text = json.dumps(GOOD)[:-1] + f', "element3_rate": {written}}}'
    problem = only(text, "cases.json")
    assert (problem.code, problem.field) == ("not-money", "element3_rate")


@pytest.mark.parametrize(
    "written",
    ["-1", "26", "9.0", "9.5", "1e1", "0x9", "009", "+9", "-0", "nine", "true", "٩", "９", "12:30", "'9 '", "'\u00a09'",
     "[9]", "99999", "1_0", ".inf"],
)  # fmt: skip
def test_an_age_is_a_plain_whole_number_within_its_bounds(written: str) -> None:
    """Numbers that YAML reads in two ways (009, 0x9, 1e1) are refused, not read in one of them."""
    problem = only(yaml_case(age=written))
    assert (problem.code, problem.field) == ("not-integer", "age")
    assert "None" not in problem.help


@pytest.mark.parametrize("written", ["-1", "0", "14"])
def test_a_year_group_goes_from_nursery_to_sixth_form(written: str) -> None:
    """Contract: -1 is nursery; the only fact that may be below nothing."""
    assert facts(yaml_case(year_group=written, age=""))["year_group"] == int(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [("2025-13-01", "no such day"), ("2025-02-30", "no such day"), ("2025-02-29", "no such day"),
     ("0000-01-01", "no such day"), ("2025-00-10", "no such day"), ("01-04-2025", "not a date"),
     ("01/04/2025", "not a date"), ("2025-4-1", "not a date"), ("20250401", "not a date"), ("2025-04", "not a date"),
     ("2025-W14-2", "not a date"), ("2025-04-01T00:00:00", "not a date"), ("1 April 2025", "not a date"),
     ("٢٠٢٥-٠٤-٠١", "not a date"), ("'2025-04-01 '", "not a date"), ("2025", "not a date"), ("true", "not a date")],
)  # fmt: skip
def test_a_day_is_iso_and_in_the_calendar(written: str, said: str) -> None:
    """Contract: an impossible date is a problem, and no other way of writing one is guessed at."""
    problem = only(yaml_case(ehcp_issued_on=written, plan="ehcp"))
    assert (problem.code, problem.field) == ("not-date", "ehcp_issued_on")
    assert said in problem.message


def test_a_leap_day_is_a_day() -> None:
    """The calendar's own rule, both ways."""
    assert facts(yaml_case(ehcp_issued_on="2024-02-29", plan="ehcp"))["ehcp_issued_on"] == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("field", "written", "help"),
    [("setting", "Mainstream", "Did you mean 'mainstream'?"), ("setting", "mainstreem", "Did you mean 'mainstream'?"),
     ("setting", "true", "mainstream, srp"), ("setting", "3", "mainstream, srp"),
     ("setting", "[mainstream]", "one plain value"), ("setting", "{is: srp}", "one plain value"),
     ("plan", "EHCP", "Did you mean 'ehcp'?"), ("plan", "EHC plan", "sen_support, ehcp"),
     ("community_start", "2025-09-02", "2025-09-01"), ("community_protection", "no", "kept, opted_out")],
)  # fmt: skip
def test_a_choice_is_one_of_its_values_and_the_help_names_them(field: str, written: str, help: str) -> None:
    """Wrong enumeration: the policy's own words are offered, the case's are not repeated."""
    problem = only(yaml_case(**{field: written}))
    assert (problem.code, problem.field) == ("not-choice", field)
    assert help.lower() in problem.help.lower()


@pytest.mark.parametrize(
    "written", ["yes", "no", "on", "off", "y", "True", "FALSE", "1", "0", "t", "[]", "[true]", "ja"]
)
def test_yes_or_no_is_written_true_or_false(written: str) -> None:
    """YAML 1.1 would read `no` as false: here it is a problem."""
    assert only(yaml_case(existing_claim=written)).code == "not-boolean"


@pytest.mark.parametrize(
    ("text", "name"),
    [(yaml_case(existing_claim="true"), "a.yaml"), (yaml_case(existing_claim='"true"'), "a.yaml"),
     (json.dumps(GOOD | {"existing_claim": True}), "a.json"),
     (json.dumps(GOOD | {"existing_claim": "true"}), "a.json")],
)  # fmt: skip
def test_true_may_be_text_as_in_a_row_of_a_table(text: str, name: str) -> None:
    """Contract: flat, so that a row of a CSV is a case."""
    assert facts(text, name)["existing_claim"] is True


@pytest.mark.parametrize("reference", ["K-0007", "K7", "ab-12345678", "WXYZ1", "K-20991231", "K-99999999"])
def test_a_reference_is_one_to_four_letters_and_one_to_eight_digits(reference: str) -> None:
    """Contract, `case_ref`."""
    (case,) = cases_of(yaml_case(case_ref=reference))
    assert case.ref == reference


@pytest.mark.parametrize(
    "reference",
    ["KKKKK-1", "K-123456789", "K_1", "K--1", "K-", "K", "7", "-7", "'K-7 '", "' K-7'", '"K-7\\n"', "K-٧", "K-７",
     "Ж-7", "É-7", "K\u20107", "K-7\u00a0", "[K-7]", "{ref: K-7}", "true"],
)  # fmt: skip
def test_what_is_no_reference_is_refused_and_not_repeated(reference: str) -> None:
    """A refused reference stands nowhere in what is printed: it may be a name."""
    (case,) = cases_of(yaml_case(case_ref=reference))
    assert isinstance(case, Refused)
    assert case.ref is None
    assert case.to_json()["case_ref"] is None
    assert [problem.code for problem in case.problems] == ["reference"]


@pytest.mark.parametrize("nothing", ["", "~", "null", '""', "''"])
def test_an_empty_field_is_not_known_never_false_and_never_zero(nothing: str) -> None:
    """Contract, "A case"."""
    fields = {"additional_cost": nothing, "existing_claim": nothing, "plan": nothing, "ehcp_issued_on": nothing}
    assert facts(yaml_case(**fields)) == facts(yaml_case())


def test_an_empty_field_is_not_known_in_json_too() -> None:
    """As `null` and as empty text."""
    assert facts(json.dumps(GOOD | {"plan": None, "age": ""}), "a.json").keys() == {"decision_date", "setting"}


@pytest.mark.parametrize("field", ["case_ref", "decision_date"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_required_field_that_is_missing_or_empty_is_a_problem(field: str, gone: bool) -> None:
    """Contract: reference and day are required."""
    fields = {name: value for name, value in (GOOD | {field: ""}).items() if not (gone and name == field)}
    problem = only("".join(f"{name}: {value}\n" for name, value in fields.items()))
    assert (problem.code, problem.field) == ("missing-field", field)


@pytest.mark.parametrize(
    ("field", "near"), [("settings", "setting"), ("Age", "age"), ("additional_costs", "additional_cost")]
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(field: str, near: str) -> None:
    """The field is counted, not quoted: a mistyped column may be a child's name."""
    problem = only(yaml_case(**{field: "9"}))
    assert problem.code == "unknown-field"
    assert "Field 5" in problem.message
    assert near in problem.help
    assert field not in str(problem).replace(f"'{near}'", "")


def test_a_field_that_is_like_no_other_is_refused_and_the_list_named() -> None:
    """Nearest-match help is not the only help."""
    problem = only(yaml_case(zzz="1"))
    assert (problem.code, problem.field) == ("unknown-field", "")
    assert "rules/facts.yaml" in problem.help


# Facts that contradict each other.


CONTRADICTIONS = {
    "rate-without-claim": yaml_case(element3_rate="0.01", existing_claim="false"),
    "claim-without-rate": yaml_case(element3_rate="0", existing_claim="true"),
    "cost-below-rate": yaml_case(additional_cost="6000.00", element3_rate="0.01"),
    "claim-without-plan": yaml_case(plan="none", existing_claim="true"),
    "issued-after-decision": yaml_case(plan="ehcp", ehcp_issued_on="2025-10-02"),
    "issued-without-plan": yaml_case(plan="sen_support", ehcp_issued_on="2025-10-01"),
}
#: The same a penny or a day further, or with one of the two facts not known.
NO_CONTRADICTIONS = {
    "rate-without-claim": [
        yaml_case(element3_rate="0", existing_claim="false"),
        yaml_case(element3_rate="0.01", existing_claim="true"),
        yaml_case(element3_rate="0.01"),
        yaml_case(existing_claim="false"),
    ],
    "claim-without-rate": [
        yaml_case(element3_rate="0.01", existing_claim="true"),
        yaml_case(element3_rate="0", existing_claim="false"),
        yaml_case(element3_rate="0"),
    ],
    "claim-without-plan": [
        yaml_case(plan="none", existing_claim="false"),
        yaml_case(plan="none", element3_rate="0"),
        yaml_case(plan="sen_support", existing_claim="true"),
    ],
    "cost-below-rate": [
        yaml_case(additional_cost="6000.01", element3_rate="0.01"),
        yaml_case(additional_cost="6000.00", element3_rate="0"),
        yaml_case(additional_cost="6000.00"),
        yaml_case(element3_rate="9000"),
    ],
    "issued-after-decision": [yaml_case(plan="ehcp", ehcp_issued_on="2025-10-01"), yaml_case(plan="ehcp")],
    "issued-without-plan": [yaml_case(plan="sen_support"), yaml_case(ehcp_issued_on="2025-10-01")],
}
WARNINGS = {
    "early-start-with-protection": yaml_case(community_start='"2025-04-01"', community_protection="kept"),
    "age-and-year-apart": yaml_case(age="9", year_group="8"),
    "level-beside-ratings": yaml_case(adaptation_level="sen_support", rating_sensory_and_physical="sen_support"),
    "rate-above-cost": yaml_case(additional_cost="9000", element3_rate="3000.01"),
    "higher-level-within-first-cost": yaml_case(additional_cost="6000", adaptation_level="specific_allocation"),
    "proposal-not-counted": yaml_case(plan="none", age="9", setting="mainstream", proposed_allocation="1"),
}
NO_WARNINGS = {
    "early-start-with-protection": [
        yaml_case(community_start='"2025-09-01"', community_protection="kept"),
        yaml_case(community_start='"2025-04-01"', community_protection="opted_out"),
        yaml_case(community_start='"2025-04-01"'),
    ],
    "age-and-year-apart": [yaml_case(age="9", year_group="7"), yaml_case(age="9", year_group="2"), yaml_case(age="9")],
    "level-beside-ratings": [
        yaml_case(adaptation_level="sen_support"),
        yaml_case(rating_sensory_and_physical="sen_support"),
    ],
    "rate-above-cost": [
        yaml_case(additional_cost="9000", element3_rate="3000"),
        yaml_case(additional_cost="4000", element3_rate="0"),
        yaml_case(element3_rate="3000.01"),
    ],
    "higher-level-within-first-cost": [
        yaml_case(additional_cost="6000.01", adaptation_level="specific_allocation"),
        yaml_case(additional_cost="6000", adaptation_level="wider_support_and_strategies"),
    ],
    # On a Community budget it counts; where the route is not known, nothing is said of it.
    "proposal-not-counted": [
        yaml_case(plan="sen_support", age="9", setting="mainstream", additional_cost="9000", proposed_allocation="1"),
        yaml_case(setting="mainstream", proposed_allocation="1"),
    ],
}


def test_every_contradiction_and_warning_of_the_policy_is_tried_here() -> None:
    """A rule about facts that is added to rules/facts.yaml needs its cases here."""
    declared = decider(ROOT, None, "all").policy.corpus.facts
    assert {rule.id for rule in declared.problems} == set(CONTRADICTIONS) == set(NO_CONTRADICTIONS)
    assert {rule.id for rule in declared.warnings} == set(WARNINGS) == set(NO_WARNINGS)


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_facts_that_contradict_each_other_are_refused(rule: str) -> None:
    """Contract, "How facts hang together"."""
    problem = only(CONTRADICTIONS[rule])
    assert (problem.code, problem.row, problem.warning) == (rule, 1, False)
    assert problem.field
    assert problem.help
    assert problem.place.line == 1


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in NO_CONTRADICTIONS for text in NO_CONTRADICTIONS[rule]]
)
def test_facts_that_may_go_together_are_let_in(rule: str, text: str) -> None:
    """The same a penny or a day further, or with a fact that is not known: no contradiction."""
    facts(text)


def decided_of(text: str) -> list[Case | Refused]:
    """Return the cases of a text as they stand once decided, with the warnings that rest on answers."""
    by, found = decider(ROOT, None, "all"), []
    for case in cases_of(text):
        decision = by.decide(case) if isinstance(case, Case) else case
        found.append(decision.case if isinstance(decision, Decision) else case)
    return found


@pytest.mark.parametrize("rule", WARNINGS)
def test_what_is_worth_a_look_is_a_warning_and_the_case_is_decided(rule: str) -> None:
    """Contract: a warning stops nothing."""
    (case,) = decided_of(WARNINGS[rule])
    assert isinstance(case, Case)
    (warning,) = case.warnings
    assert (warning.code, warning.warning, warning.row) == (rule, True, 1)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in NO_WARNINGS for text in NO_WARNINGS[rule]])
def test_what_is_usual_gives_no_warning(rule: str, text: str) -> None:
    """A warning for everything would be read by nobody."""
    (case,) = decided_of(text)
    assert isinstance(case, Case)
    assert case.warnings == ()


# One case and the others.


def three(middle: str) -> str:
    """Return a list of three cases as YAML, good ones around what is given."""
    first, last = yaml_case(case_ref="K-1"), yaml_case(case_ref="K-3")
    return "".join("- " + text.replace("\n", "\n  ").rstrip(" ") for text in (first, middle, last))


@pytest.mark.parametrize(
    ("middle", "code"),
    [
        (yaml_case(case_ref="K-2", age="old"), "not-integer"),
        (yaml_case(case_ref="K-2") + "age: 9\n", "written-twice"),
        (yaml_case(case_ref="K-2") + "pupil:\n  age: 9\n  age: 8\n", "written-twice"),
        ("9\n", "not-a-case"),
        ("[K-2, 2025-10-01]\n", "not-a-case"),
        ("- - K-2\n", "not-a-case"),
        ("\n", "not-a-case"),
    ],
)
def test_a_fault_of_a_case_refuses_that_case_alone(middle: str, code: str) -> None:
    """Contract: the others are decided, and the list holds the problems in its place."""
    first, refused, last = cases_of(three(middle))
    assert isinstance(first, Case)
    assert isinstance(last, Case)
    assert isinstance(refused, Refused)
    assert code in {problem.code for problem in refused.problems}
    assert {problem.row for problem in refused.problems} == {2}
    assert refused.row == 2
    said = refused.to_json()
    assert set(said) == {"case_ref", "problems"}
    assert said["problems"][0].keys() >= {"code", "message", "help", "row"}


def test_a_field_that_is_written_twice_refuses_its_row_in_json_too() -> None:
    """JSON lets the last of two equal keys win; in YAML the reader sees the second one's place."""
    twice = json.dumps(GOOD | {"case_ref": "K-2"})[:-1] + ', "age": "10"}'
    text = f"[{json.dumps(GOOD | {'case_ref': 'K-1'})}, {twice}, {json.dumps(GOOD | {'case_ref': 'K-3'})}]"
    first, refused, last = cases_of(text, "cases.json")
    assert (first.ref, last.ref) == ("K-1", "K-3")
    assert isinstance(first, Case)
    assert isinstance(last, Case)
    assert isinstance(refused, Refused)
    assert [(one.code, one.field, one.row) for one in refused.problems] == [("written-twice", "age", 2)]


def test_a_field_that_is_written_twice_is_named_with_its_place_in_yaml() -> None:
    """The field is one that the policy declares; a word that it does not know would not be named."""
    known = only(yaml_case() + "age: 10\n")
    assert (known.code, known.field, known.place.line) == ("written-twice", "age", 5)
    unknown = [one for one in problems(yaml_case() + "zzz: 1\nzzz: 2\n") if one.code == "written-twice"]
    assert [(one.field, one.place.line) for one in unknown] == [("", 6)]


@pytest.mark.parametrize("as_json", [True, False])
def test_of_cases_with_one_reference_none_is_decided_and_the_others_are(as_json: bool) -> None:
    """Contract; a refused case counts as one of them too."""
    rows = [
        GOOD | {"case_ref": ref, "age": age} for ref, age in (("K-1", "9"), ("K-2", "9"), ("K-1", "10"), ("K-1", "old"))
    ]
    text = json.dumps(rows) if as_json else "".join("- " + json.dumps(row) + "\n" for row in rows)
    one, other, second, third = cases_of(text, "cases.json" if as_json else "cases.yaml")
    assert isinstance(other, Case)
    for number, case in ((1, one), (3, second), (4, third)):
        assert isinstance(case, Refused)
        assert case.ref == "K-1"
        assert case.problems[-1].code == "same-reference"
        assert case.problems[-1].row == number
    assert isinstance(third, Refused)
    assert [problem.code for problem in third.problems] == ["not-integer", "same-reference"]


def test_the_whole_list_comes_back_in_the_order_of_the_file() -> None:
    """A consumer may count on the places."""
    cases = cases_of(three(yaml_case(case_ref="K-2", age="old")))
    assert [case.ref for case in cases] == ["K-1", "K-2", "K-3"]
    assert [case.row for case in cases] == [1, 2, 3]


# Faults of the file.


DEEP = 10_000
FILE_FAULTS: dict[str, tuple[str, str]] = {
    "empty": ("", "empty"),
    "blank lines": ("\n \n\t\n", "empty"),
    "comments alone": ("# nothing yet\n", "empty"),
    "an empty document": ("---\n", "empty"),
    "an empty list": ("[]", "empty"),
    "an empty list with a comment": ("# cases\n[]\n", "empty"),
    "an alias": ("- &a {case_ref: K-1}\n- *a\n", "alias"),
    "an anchor without an alias": ("case_ref: &a K-1\n", "alias"),
    "a bomb of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "alias",
    ),
    "a merge key": ("base: &base {age: 9}\ncase: {<<: *base}\n", "alias"),
    "a tag": ("case_ref: !!python/object/apply:os.system [ls]\n", "tag"),
    "a tag of one's own": ("case_ref: !ref K-1\n", "tag"),
    "a second document": (yaml_case() + "---\n" + yaml_case(), "second-document"),
    "brackets nested too deeply": ("[" * DEEP, "too-deep"),
    "brackets nested too deeply, and closed": ("[" * DEEP + "]" * DEEP, "too-deep"),
    "braces nested too deeply": ('{"a":' * DEEP, "too-deep"),
    "lists nested too deeply": ("- " * DEEP + "a", "too-deep"),
    "maps nested too deeply": ("".join("  " * n + "a:\n" for n in range(200)), "too-deep"),
    "a list as a key": ("[1, 2]: 3\n", "not-yaml"),
    "a question mark": ("? {a: 1}\n: 2\n", "not-yaml"),
    "a tab for an indentation": ("-\tcase_ref: K-1\n\tage: 9\n", "tab"),
    "a bracket that is not closed": ("- {case_ref: K-1, age: 9\n- {case_ref: K-2}\n", "not-yaml"),
    "a quotation mark that is not closed": ('case_ref: "K-1\nage: 9\n', "not-yaml"),
    "two colons": ("case_ref: K-1: 2\n", "not-yaml"),
    "a line that does not fit": ("case_ref: K-1\n age: 9\n", "not-yaml"),
    "an at sign": ("case_ref: @K-1\n", "not-yaml"),
    "a nought byte": ("case_ref: K-\x001\n", "unprintable"),
    "a bell": ("case_ref: K-1\x07\n", "unprintable"),
    "an escape code": ("case_ref: \x1b[31mK-1\n", "unprintable"),
    "half a surrogate": ("case_ref: K-\ud800\n", "unprintable"),
    "a no-break space for an indentation": ("- case_ref: K-1\n\u00a0\u00a0age: 9\n", "no-break-space"),
}


@pytest.mark.parametrize("what", FILE_FAULTS)
def test_a_fault_of_the_file_stops_before_any_case(what: str) -> None:
    """Contract: empty, not YAML, aliases; each with a place in the file and what to do."""
    text, code = FILE_FAULTS[what]
    problem = file_fault(text)
    assert problem.code == code
    assert problem.place.file == "cases.yaml"
    assert problem.place.line
    assert problem.help
    assert not problem.field


@pytest.mark.parametrize("text", ["[" * 200, "[" * 200 + '"' + "]" * 200, '\\"[' * 200, "]" * 200 + "{" * 200])
def test_brackets_in_a_text_of_json_are_not_nested(text: str) -> None:
    """What is in quotes is text, also behind a quotation mark of its own."""
    assert only(json.dumps(GOOD | {"plan": text[:150]}), "a.json").code == "not-choice"


JSON_FAULTS = {
    "empty": ("", "empty"),
    "an empty list": ("[]", "empty"),
    "half a list": ('[{"case_ref": "K-1"}, ', "not-json"),
    "a comma at the end": ('{"case_ref": "K-1",}', "not-json"),
    "two cases without a list": (json.dumps(GOOD) + "\n" + json.dumps(GOOD), "not-json"),
    "a comment": ('// cases\n{"case_ref": "K-1"}', "not-json"),
    "single quotes": ("{'case_ref': 'K-1'}", "not-json"),
    "YAML": ("case_ref: K-1\n", "not-json"),
    "a nought byte": ('{"case_ref": "K-\x001"}', "not-json"),
    "brackets nested too deeply": ("[" * DEEP, "too-deep"),
    "brackets nested too deeply, and closed": ("[" * DEEP + "]" * DEEP, "too-deep"),
    "objects nested too deeply": ('{"a":' * DEEP, "too-deep"),
}


@pytest.mark.parametrize("what", JSON_FAULTS)
def test_a_fault_of_a_json_file_stops_before_any_case(what: str) -> None:
    """The same for JSON."""
    text, code = JSON_FAULTS[what]
    problem = file_fault(text, "cases.json")
    assert problem.code == code
    assert problem.help
    assert problem.place.line


@pytest.mark.parametrize("text", ["9", '"K-1"', "null", "true", "[1, 2]", "[[]]", '[null, "K-1"]', '["K-1"]'])
def test_json_that_is_no_case_is_refused_item_by_item(text: str) -> None:
    """A scalar, a list of scalars: not cases, and nothing else goes wrong."""
    for case in cases_of(text, "cases.json"):
        assert isinstance(case, Refused)
        assert [problem.code for problem in case.problems] == ["not-a-case"]


@pytest.mark.parametrize(
    "text", ["9", "K-1", "- K-1\n- K-2\n", "- [K-1]\n", "- \n", "null", "--- K-1\n...\n", "|\n  K-1\n"]
)
def test_yaml_that_is_no_case_is_refused_item_by_item(text: str) -> None:
    """The same in YAML."""
    for case in cases_of(text):
        assert isinstance(case, Refused)
        assert [problem.code for problem in case.problems] == ["not-a-case"]


@pytest.mark.parametrize("name", ["cases.json", "cases.yaml", "cases.yml", "cases", "cases.txt", "CASES.JSON"])
def test_json_is_read_whatever_the_name_of_the_file(name: str) -> None:
    """The format is seen from the text."""
    assert facts(json.dumps(GOOD), name)["age"] == 9
    assert len(cases_of(json.dumps([GOOD, GOOD | {"case_ref": "K-8"}]), name)) == 2


def test_yaml_in_brackets_is_still_yaml() -> None:
    """`{case_ref: K-1}` is good YAML, though it starts like JSON."""
    assert facts("{case_ref: K-1, decision_date: 2025-10-01, age: 9}")["age"] == 9
    assert (
        len(cases_of("[{case_ref: K-1, decision_date: 2025-10-01},\n {case_ref: K-2, decision_date: 2025-10-01}]")) == 2
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_ends_of_lines_may_be_those_of_any_system(newline: str) -> None:
    """Files come from Windows too."""
    assert facts(yaml_case().replace("\n", newline)) == facts(yaml_case())


# Faults that are in the bytes.


def from_bytes(folder: Path, content: bytes, name: str = "cases.yaml") -> list[Case | Refused]:
    """Return the cases of a file with these bytes."""
    path = folder / name
    path.write_bytes(content)
    return read_file(path, decider(ROOT, None, "all").policy)


def bytes_fault(folder: Path, content: bytes, name: str = "cases.yaml") -> Problem:
    """Return the problem of a file with these bytes, of which no case is read."""
    with pytest.raises(PolicyError) as raised:
        from_bytes(folder, content, name)
    (problem,) = raised.value.problems
    return problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_a_mark_at_its_start(tmp_path: Path, encoding: str) -> None:
    """Some editors write a byte order mark."""
    for name, text in (("a.yaml", yaml_case()), ("a.json", json.dumps(GOOD))):
        (case,) = from_bytes(tmp_path, text.encode(encoding), name)
        assert isinstance(case, Case)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"case_ref: K-1\nplan: \xa36000\n", 2), (b"\xff\xfe" + "case_ref: K-1".encode("utf-16-le"), 1), (b"\xc3", 1),
     (b"case_ref: K-1 # \xed\xa0\x80\n", 1)],
)  # fmt: skip
def test_a_file_that_is_not_utf_8_is_refused_with_the_line(tmp_path: Path, content: bytes, line: int) -> None:
    """Contract: not UTF-8 is a fault of the file."""
    problem = bytes_fault(tmp_path, content)
    assert (problem.code, problem.place.line) == ("not-utf-8", line)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04\x14\xff", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"PAR1\xff", "Parquet"),
    ],
)
def test_a_workbook_is_not_told_to_be_saved_as_utf_8(tmp_path: Path, content: bytes, what: str) -> None:
    """An .xlsm or .xls is a table under a name that `decide` takes for single cases."""
    problem = bytes_fault(tmp_path, content)
    assert what in problem.message
    assert ".xlsx" in problem.help


def test_a_file_of_200_mb_is_refused_by_its_size_without_being_read(tmp_path: Path) -> None:
    """Contract: too large is a fault of the file; it must not fill the memory first."""
    path = tmp_path / "cases.yaml"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(PolicyError) as raised:
            read_file(path, decider(ROOT, None, "all").policy)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert [problem.code for problem in raised.value.problems] == ["too-large"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_file_without_a_size_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device or a pipe says that its size is nothing."""
    monkeypatch.setattr(reader, "MAX_BYTES", 1000)
    with pytest.raises(PolicyError) as raised:
        read_file(Path("/dev/zero"), decider(ROOT, None, "all").policy)
    assert [problem.code for problem in raised.value.problems] == ["too-large"]


def test_a_file_of_exactly_the_largest_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit itself is fine; one byte more is not."""
    content = yaml_case().encode()
    monkeypatch.setattr(reader, "MAX_BYTES", len(content))
    assert isinstance(from_bytes(tmp_path, content)[0], Case)
    assert bytes_fault(tmp_path, content + b"\n").code == "too-large"


@pytest.mark.parametrize("name", ["cases.yaml", "cases.json"])
def test_more_cases_than_a_file_may_hold_are_refused_before_any_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caseload has formats of its own; a file of a few million dashes must not fill the memory."""
    monkeypatch.setattr(reader, "MOST_CASES", 2)
    rows = [GOOD | {"case_ref": f"K-{number}"} for number in range(3)]
    assert len(cases_of(json.dumps(rows[:2]), name)) == 2
    assert file_fault(json.dumps(rows), name).code == "too-large"


def test_a_yaml_file_of_more_values_than_can_be_held_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader stops at the place, rather than when the memory is full."""
    monkeypatch.setattr(source, "MOST_NODES", 100)
    problem = file_fault("- a\n" * 1000)
    assert (problem.code, problem.place.line) == ("too-large", 100)


@pytest.mark.parametrize(
    ("letters", "codes"), [(200, ("unknown-field", "not-choice")), (201, ("too-long", "too-long"))]
)
def test_what_is_just_too_long_is_said_to_be_and_not_read(letters: int, codes: tuple[str, str]) -> None:
    """Of a name and of a value alike; up to that length each is told by what is wrong with it."""
    row = {"case_ref": "K-1", "decision_date": "2025-10-01"}
    for more, code in zip(({"x" * letters: 1}, {"setting": "x" * letters}), codes, strict=True):
        (found,) = cases_of(json.dumps(row | more), "a.json")
        assert isinstance(found, Refused)
        assert [problem.code for problem in found.problems] == [code]


def test_a_field_of_a_million_letters_is_refused_without_being_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for identifiers takes the square of the length: it is not begun on a text that no field can hold."""

    def looked_at(name: str, value: Any, declared: bool) -> bool:
        assert len(name) <= reader.LONGEST
        assert not isinstance(value, str) or len(value) <= reader.LONGEST
        return False

    monkeypatch.setattr(reader, "_identifies", looked_at)
    long = "a" * 1_000_000
    assert only(yaml_case(plan=long)).code == "too-long"
    assert only(json.dumps(GOOD | {long: "1"}), "a.json").code == "too-long"
    assert only(yaml_case() + f"? {long}\n: 1\n").code == "too-long"
    assert "too-long" in {problem.code for problem in problems(yaml_case(case_ref=long))}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "is not there"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to(path), "cannot be read"),
        (lambda path: path.symlink_to("nowhere"), "is not there"),
        (lambda path: path.symlink_to("long" * 100), "cannot be read"),
    ],
)
def test_what_is_no_file_is_said_plainly(tmp_path: Path, make: Any, said: str) -> None:
    """Missing, a folder, a link that leads nowhere."""
    path = tmp_path / "cases.yaml"
    make(path)
    with pytest.raises(PolicyError) as raised:
        read_file(path, decider(ROOT, None, "all").policy)
    (problem,) = raised.value.problems
    assert problem.code == "no-file"
    assert said in problem.message


def test_a_file_that_may_not_be_read_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission: also where the tests run as a user who may read everything."""

    def refuse(self: Path, *args: Any, **others: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    path = tmp_path / "cases.yaml"
    path.write_text(yaml_case(), encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PolicyError) as raised:
        read_file(path, decider(ROOT, None, "all").policy)
    assert "cannot be read" in str(raised.value)


@pytest.mark.skipif(os.name != "posix", reason="other systems do not allow such names")
@pytest.mark.parametrize("name", [b"cases\x1b[31m.yaml", b"cases\xff.yaml", b"cases\n.yaml"])
def test_the_name_of_a_file_is_printed_without_what_cannot_be_printed(tmp_path: Path, name: bytes) -> None:
    """A file name stands before each message, and may hold an escape code or a byte of another encoding."""
    (case,) = from_bytes(tmp_path, yaml_case(age="old").encode(), os.fsdecode(name))
    assert isinstance(case, Refused)
    said = str(case.problems[0])
    assert said.isprintable() or "\n  help" in said
    assert "\x1b" not in said
    said.encode("utf-8")


# What identifies a child.


IDENTIFIERS = {
    "a name": "Anneliese Quackenbush",
    "a name with a hyphen": "Mary-Ann Smith-Jones",
    "a name with an apostrophe": "Maeve O'Hara",
    "a name beyond ASCII": "Zoë Müller",
    "a name, the surname first": "Quackenbush, Anneliese",
    "a unique pupil number": "H801200001001",
    "a unique pupil number in small letters": "h801200001001",
    "a temporary pupil number": "H80120000100A",
    "an NHS number": "9990000000",
    "an NHS number with spaces": "999 000 0000",
    "an NHS number with hyphens": "999-000-0000",
    "an NHS number with no-break spaces": "943\u00a0476\u00a05919",
    "a postcode": "ZZ99 9ZZ",
    "a postcode without a space": "me141xq",
    "an email address": "a.quackenbush@example.org",
}


@pytest.mark.parametrize("what", IDENTIFIERS)
def test_what_looks_like_an_identifier_is_refused_as_one(what: str) -> None:
    """Contract: a name, a UPN, an NHS number: refused, in a declared field, in any other, and as a key."""
    secret = IDENTIFIERS[what]
    for text in (yaml_case(plan=f'"{secret}"'), yaml_case(zzz=f'"{secret}"'), yaml_case() + f'"{secret}": 1\n'):
        assert only(text).code == "identifies-a-child"


@pytest.mark.parametrize(
    "field",
    ["name", "pupil_name", "Forename", "surname", "first name", "firstName", "UPN", "upn", "nhs_number", "NHS no",
     "dob", "DOB", "date_of_birth", "dateOfBirth", "birthday", "born_on", "home postcode", "address",
     "parent_email", "phone"],
)  # fmt: skip
def test_a_field_that_would_hold_an_identifier_is_refused_as_one(field: str) -> None:
    """A date of birth cannot be told from any other date, so the field is looked at."""
    problem = only(yaml_case() + f"{field}: 2016-03-12\n")
    assert (problem.code, problem.field) == ("identifies-a-child", "")


@pytest.mark.parametrize(
    ("text", "code", "field", "help"),
    [
        ("Decision Date: 2025-10-01\n", "unknown-field", "decision_date", "Did you mean 'decision_date'?"),
        ("YEAR-GROUP: 4\n", "unknown-field", "year_group", "Did you mean 'year_group'?"),
        ("setting: Mainstream School\n", "identifies-a-child", "setting", "'mainstream'"),
        ("plan: Education Plan\n", "identifies-a-child", "plan", "Use one of sen_support, ehcp, none."),
        ("element3_rate: '4000 '\n", "not-money", "element3_rate", "Take out the space"),
        ("age: ' 9'\n", "not-integer", "age", "Take out the space"),
        ("age: ' nine'\n", "not-integer", "age", "Write figures only."),
    ],
)
def test_a_slip_is_told_from_a_name(text: str, code: str, field: str, help: str) -> None:
    """Two capitals look like a name; whoever wrote a heading or a value so is told what belongs there."""
    problem = only("case_ref: K-1\ndecision_date: 2025-10-01\n" + text)
    assert (problem.code, problem.field) == (code, field)
    assert help in problem.help


@pytest.mark.parametrize(
    "reference",
    ["K-20160312", "K20160312", "K-12032016", "k12032016", "DOB-1", "dob1", "UPN-12", "NHS1234", "H801200001001",
     "9990000000"],
)  # fmt: skip
def test_a_reference_that_holds_an_identifier_is_refused_as_one(reference: str) -> None:
    """The authority's own pseudonymous reference: not a date of birth behind a letter."""
    (case,) = cases_of(yaml_case(case_ref=reference))
    assert isinstance(case, Refused)
    assert case.ref is None
    assert [problem.code for problem in case.problems] == ["identifies-a-child"]


@pytest.mark.parametrize(
    "reference", ["K-20161312", "K-20160332", "K-18160312", "K-20991231", "K-2016031", "K-99999999"]
)
def test_a_reference_that_only_counts_is_let_in(reference: str) -> None:
    """Eight digits that are no day on which a pupil can have been born."""
    facts(yaml_case(case_ref=reference))


#: Where a secret may stand in a YAML file; {s} is the secret as it is, {q} in quotes.
YAML_PLACES = {
    "a value": yaml_case() + "plan: {q}\n",
    "the value of a choice": yaml_case(setting="{q}"),
    "the value of a date": yaml_case(decision_date="{q}"),
    "the value of an amount": yaml_case(additional_cost="{q}"),
    "the value of a number": yaml_case(age="{q}"),
    "the value of yes or no": yaml_case(existing_claim="{q}"),
    "the reference": yaml_case(case_ref="{q}"),
    "part of the reference": yaml_case(case_ref='"K-7 {s}"'),
    "the value of an unknown field": yaml_case() + "zzz: {q}\n",
    "a key": yaml_case() + "{q}: 1\n",
    "a key like a fact": yaml_case() + '"setting {s}": 1\n',
    "a key without a value": yaml_case() + "{q}:\n",
    "a key that is written twice": yaml_case() + "{q}: 1\n{q}: 2\n",
    "a key that is written twice before an error": yaml_case() + "{q}: 1\n{q}: 2\nage: [\n",
    "the value of a key that is written twice": yaml_case() + "age: {q}\nage: {q}\n",
    "the reference, written twice": yaml_case() + "case_ref: {q}\n",
    "a nested value": yaml_case() + "plan: {{pupil: {q}}}\n",
    "a nested key": yaml_case() + "plan: {{{q}: 1}}\n",
    "a nested list": yaml_case() + "plan: [{q}, [{q}]]\n",
    "a list of scalars": "- {q}\n- {q}\n",
    "a scalar": "{q}\n",
    "an item beside a good case": "- {{case_ref: K-1, decision_date: 2025-10-01}}\n- {q}\n",
    "a block of text": yaml_case() + "plan: |\n  {s}\n  {s}\n",
    "an unclosed quotation mark": yaml_case() + 'plan: "{s}\n',
    "an unclosed bracket": yaml_case() + "plan: [{q}\n",
    "an unclosed brace": "{{case_ref: K-1, {q}\n",
    "two colons": yaml_case() + "plan: {s}: {s}\n",
    "a line without a colon": yaml_case() + "{s}\nage: 3\n",
    "a line that does not fit": yaml_case() + "  {s}: 1\n {s}: 2\n",
    "a tab": yaml_case() + "\t{s}: 1\n",
    "an anchor": yaml_case() + "plan: &x {q}\n",
    "the name of an anchor": yaml_case() + "plan: &{s} x\n",
    "the name of an alias": yaml_case() + "plan: *{s}\n",
    "a tag": yaml_case() + "plan: !{s} x\n",
    "a directive": "%{s}\n---\n" + yaml_case(),
    "a second document": yaml_case() + "---\n{q}: {q}\n",
    "an unknown escape": yaml_case() + 'plan: "\\z{s}"\n',
    "an at sign": yaml_case() + "plan: @{s}\n",
    "a nought byte": yaml_case() + "plan: {s}\x00\n",
    "a no-break space": yaml_case() + "\u00a0\u00a0{s}: x\n - y",
    "a comment beside an error": yaml_case() + "# {s}\n]\n",
    "a curly quotation mark": yaml_case() + "plan: \u201c{s}\u201d\n",
    "an ambiguous word beside it": yaml_case() + "plan: no\nzzz: {q}\n",
    "a long text": yaml_case() + "plan: " + "{s} " * 50 + "\n",
    "a key that is a list": yaml_case() + "[{q}]: 1\n",
}
JSON_PLACES = {
    "a value": '{{"case_ref": "K-1", "decision_date": "2025-10-01", "plan": {q}}}',
    "a key": '{{"case_ref": "K-1", "decision_date": "2025-10-01", {q}: 1}}',
    "a key that is written twice": '{{"case_ref": "K-1", "decision_date": "2025-10-01", {q}: 1, {q}: 2}}',
    "the reference": '{{"case_ref": {q}, "decision_date": "2025-10-01"}}',
    "the reference, written twice": '{{"case_ref": "K-1", "case_ref": {q}, "decision_date": "2025-10-01"}}',
    "a nested value": '{{"case_ref": "K-1", "decision_date": "2025-10-01", "plan": {{{q}: [{q}, {{{q}: {q}}}]}}}}',
    "a list of scalars": "[{q}, {q}]",
    "a scalar": "{q}",
    "a bare word": '{{"case_ref": "K-1", "plan": {s}}}',
    "an unclosed quotation mark": '{{"case_ref": "K-1", "plan": "{s}}}',
    "a missing comma": '{{"case_ref": "K-1" {q}: 2}}',
    "a comma too many": '{{"plan": {q},}}',
    "an unknown escape": '{{"plan": "\\z{s}"}}',
    "text behind the end": '{{"case_ref": "K-1"}} {s}',
    "single quotes": "{{'plan': '{s}'}}",
    "a case behind a good one": '[{{"case_ref": "K-1", "decision_date": "2025-10-01"}}, {{{q}: {q}}}]',
}
#: One of each kind, and what a person might put in place of a reference or a day.
SECRETS = [
    "Anneliese Quackenbush", "Zoë Müller", "Quackenbush", "H801200001001", "999 000 0000", "9990000000", "ZZ99 9ZZ",
    "a.quackenbush@example.org", "dob 12/03/2016", "DOB-20160312", "12.03.2016", "born 2016-03-12",
]  # fmt: skip


def everything_said(text: str, name: str) -> tuple[str, int]:
    """Return all that the engine says of a file, in every form, and how many of its cases are let in."""
    try:
        cases = cases_of(text, name)
    except PolicyError as error:
        return json.dumps([str(error), *(problem.to_json() for problem in error.problems)], ensure_ascii=False), 0
    by = decider(ROOT, None, "all")
    said: list[Any] = []
    for case in cases:
        if isinstance(case, Refused):
            said += [case.to_json(), [line for _, line in lines(case)], [str(problem) for problem in case.problems]]
        else:
            said += [by.decide(case).to_json(), [str(problem) for problem in case.warnings]]
    return json.dumps(said, ensure_ascii=False), sum(isinstance(case, Case) for case in cases)


def parts(secret: str) -> list[str]:
    """Return the pieces of a secret that would give it away."""
    words = [word for word in secret.replace("@", " ").replace(",", " ").split() if len(word) > 3]
    return [secret, *(word for word in words if word not in ("born",))]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", YAML_PLACES)
def test_no_message_about_a_yaml_file_repeats_what_stands_in_it(where: str, secret: str) -> None:
    """Contract: problems name row and field and never echo the value; the scan comes before any message."""
    quoted = '"' + secret + '"'
    text = YAML_PLACES[where].format(s=secret, q=quoted)
    said, let_in = everything_said(text, "cases.yaml")
    assert let_in == (where == "an item beside a good case"), "what identifies a child was let in"
    for part in parts(secret):
        assert part.lower() not in said.lower()


#: What the reader of the policy's own files knows to name or to mend, each with a text in it.
UNREADABLE = {
    "a tab": "age: 9\n\t{s}: 1\n",
    "a no-break space": "age: 9\n\xa0{s}: 1\n plan: 2\n",
    "a bullet": "plan:\n• {s}: 1\n- b\n",
    "a row of a table": "age: 9\n| {s} | 9 |\n",
    "a dash without a space": "- age: 9\n-{s}\n",
    "a quotation mark that is not closed": 'plan: {{{s}: "{s}}}\n',
    "a quotation mark within a text": "plan: '{s}'s {s}'\n",
    "a semicolon for a comma": "plan: {{{s}: {s}; {s}: {s}; b: c}}\n",
    "a missing comma": "plan: {{age: {s} {s}: 1}}\n",
    "a bracket that is not closed": "plan: [{s}\nage: 9\n",
    "a colon in a text": "plan: {s}: {s}\n",
    "keys without braces": "plan: {s}: {s}, {s}: {s}\n",
    "a text that goes on": "plan: {s}\n{s} {s}\nage: 9\n",
    "a missing colon": "{s}: 1\n{s} 2\nage: 9\n",
    "a key in a column of its own": "plan:\n    {s}: 1\n  {s}: 2\n",
    "an alias": "plan: *{s}\n",
    "a tag": "plan: !{s} 1\n",
    "a mark of a merge": "<<<<<<< {s}\nage: 9\n",
    "a lost character": "plan: {s}\ufffd{s}\n",
    "an unprintable character": "plan: {s}\x07{s}\n",
    "a misread character before an error": "plan: {s}\u00c3\u00ab{s}\nage: [\n",
    "a character of a web page before an error": "plan: {s}&pound;2016\nage: [\n",
}


@pytest.mark.parametrize("where", UNREADABLE)
def test_what_is_said_of_an_unreadable_file_of_cases_does_not_depend_on_its_words(where: str) -> None:
    """So it cannot tell them, neither in its words nor in a text to write."""
    said = []
    for word in ("quackenbush", "featherston"):
        with pytest.raises(PolicyError) as raised:
            cases_of(UNREADABLE[where].format(s=word), "cases.yaml")
        said.append([(str(problem), problem.to_json()) for problem in raised.value.problems])
    assert said[0] == said[1]
    assert not any("fix" in data for _, data in said[0])
    assert not any(sign in text for text, _ in said[0] for sign in ("\u00c3", "&pound;", "\x07", "2016", "U+"))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", JSON_PLACES)
@pytest.mark.parametrize("name", ["cases.json", "cases.yaml"])
def test_no_message_about_a_json_file_repeats_what_stands_in_it(where: str, secret: str, name: str) -> None:
    """The same in the other format, and in that format under the name of the first."""
    text = JSON_PLACES[where].format(s=secret, q=json.dumps(secret, ensure_ascii=False))
    said, let_in = everything_said(text, name)
    assert let_in == (where == "a case behind a good one"), "what identifies a child was let in"
    for part in parts(secret):
        assert part.lower() not in said.lower()


# Anything at all.


quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS = st.sampled_from(
    [*GOOD, "plan", "element3_rate", "existing_claim", "year_group", "ehcp_issued_on", "community_start"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**20), st.text(max_size=12),
    st.sampled_from(["K-1", "2025-10-01", "2025-02-30", "mainstream", "ehcp", "6000.01", "6000.001", "", "9", "true"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
ROWS = st.lists(st.dictionaries(FIELDS | st.text(max_size=6), VALUES, max_size=8) | VALUES, min_size=1, max_size=4)


@quick
@given(text=st.text(max_size=300), name=st.sampled_from(["cases.yaml", "cases.json", "cases"]))
def test_any_text_is_cases_or_a_problem(text: str, name: str) -> None:
    """No text of any kind ends in anything but cases, refused cases or a fault of the file."""
    everything_said(text, name)


@quick
@given(text=st.text(alphabet="- :{}[]\"'#&*!|>%@,?\n\tKa1.", max_size=80))
def test_any_text_of_what_yaml_is_made_of_is_cases_or_a_problem(text: str) -> None:
    """The same, for texts that come near to being YAML."""
    everything_said(text, "cases.yaml")


@settings(quick, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_cases_or_a_problem(content: bytes, tmp_path: Path) -> None:
    """The same, from a file."""
    with suppress(PolicyError):
        from_bytes(tmp_path, content)


@quick
@given(rows=ROWS)
def test_any_small_structure_is_decided_or_refused(rows: list[Any]) -> None:
    """Each item of a list comes back, as a case or with problems that have a help."""
    for text, name in (
        (json.dumps(rows), "cases.json"),
        ("".join(f"- {json.dumps(row)}\n" for row in rows), "cases.yaml"),
    ):
        cases: list[Case | Refused] = []
        with suppress(PolicyError):  # A text may hold what YAML does not allow.
            cases = cases_of(text, name)
        if not cases:
            assert name == "cases.yaml"
            continue
        assert len(cases) == len(rows)
        for case in cases:
            for problem in case.problems if isinstance(case, Refused) else case.warnings:
                assert problem.help
                assert problem.row == case.row
        everything_said(text, name)
