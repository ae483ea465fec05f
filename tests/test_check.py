"""What officers mistype: each mistake is found, at its place, with what to do, and nothing is decided on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from copies import copied
from golden_files import ROOT
from running import senpolicy
from senpolicy import corpus as corpora
from senpolicy.check import check
from senpolicy.problems import PolicyError, Problem

PARAMETERS = "policy/24-00120/parameters.yaml"
DECISION = "policy/24-00120/decision.yaml"
POINTS = "policy/24-00120/open-points.yaml"
ORDER = "policy/decisions.yaml"
DOCUMENTS = "policy/documents.yaml"
READINGS = "policy/readings.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
FACTS = "rules/facts.yaml"
QUESTIONS = "rules/questions.yaml"
SCOPE = "rules/scope.yaml"
MODERATION = "rules/moderation.yaml"
PROTECTION = "rules/protection.yaml"
EDITION = "descriptors/continuum-draft-2025-06/edition.yaml"


@dataclass(frozen=True)
class Mistake:
    """One thing that an officer writes in place of another, and the problem that it must give.

    `at` is a text on the line of the problem, where that is not the first line that differs; or a file in which the
    problem stands, where that is not the one with the mistake. `says` stands in the message or the help.
    """

    file: str
    right: str
    wrong: str
    code: str
    says: str = ""
    at: str = ""


def value(unit: str, right: str, wrong: str, code: str, says: str = "") -> Mistake:
    """Return a mistake in a value of a parameter."""
    written = f"    unit: {unit}\n    value: "
    return Mistake(PARAMETERS, f"{written}{right}\n", f"{written}{wrong}\n", code, says)


ROW_WHEN = "        when: {fact: setting, one_of: [mainstream, srp, special]}\n"
FIRST_SOURCE = '    source: {document: report, paragraph: "3.20", lines: "162"}\n'
BELOW_AGE = "{fact: age, below: $early_years_oldest_age}"

MISTAKES = {
    # Values of parameters.
    "a comma in an amount": value("pounds_a_year", "6000.00", "6,000", "ambiguous-number", "such as 6000"),
    "a pound sign and a k": value("pounds_a_year", "6000.00", "£6k", "ambiguous-number", "figures only"),
    "an amount in words": value("pounds_a_year", "6000.00", "six thousand", "number", "figures only"),
    "parts of a penny": value("pounds_a_year", "6000.00", "6000.001", "decimals", "at most 2"),
    "an amount with its unit": value("pounds_a_year", "6000.00", "6000 a year", "number"),
    "figures of another script": value("years", "5", "٥", "number"),
    "a time for a number": value("years", "5", "12:30", "ambiguous-number"),
    "no for a number": value("years", "5", "no", "ambiguous-word", "false"),
    "noughts in front": value("years", "5", "00120", "ambiguous-number", "such as 120"),
    "half a year of age": value("years", "5", "5.5", "decimals", "whole number"),
    "per cent for a share": value("share", "0.75", "75", "unit", "0.75 for 75%"),
    "a per cent sign for a share": value("share", "0.75", "75%", "unit", "0.75 for 75%"),
    "a thirteenth month": value("date", "2025-04-01", "2025-13-01", "date", "calendar"),
    "a thirty-first of September": value("date", "2025-04-01", "2025-09-31", "date", "calendar"),
    "day, month, year": value("date", "2025-04-01", "01-04-2025", "date", "year, month, day"),
    "a date with slashes": value("date", "2025-04-01", "01/04/2025", "date", "year, month, day"),
    "a date in words": value("date", "2025-04-01", "1 April 2025", "date", "year, month, day"),
    "a list for an amount": value("pounds_a_year", "6000.00", "[6000.00]", "unit", "Write one value"),
    "no value": value("pounds_a_year", "6000.00", "", "value-missing", "open_point"),
    "a no-break space": value("pounds_a_year", "6000.00", "\u00a06000.00", "number"),
    "a unit mistyped": Mistake(
        PARAMETERS, "unit: pounds_a_year", "unit: pound_a_year", "unknown-value", "'pounds_a_year'"
    ),
    "another unit than elsewhere": Mistake(PARAMETERS, "unit: pounds_a_year", "unit: pounds", "unit-mismatch"),
    "a level that there is not": Mistake(
        PARAMETERS, "- wider_support_and_strategies", "- wider_support", "unknown-value", "adaptation_level"
    ),
    "one level without a list": Mistake(
        PARAMETERS,
        "    value:\n      - sen_support\n      - wider_support_and_strategies\n",
        "    value: sen_support\n",
        "unit",
        "after a dash",
    ),
    "an open point that there is not": Mistake(
        PARAMETERS,
        "    value: 6000.00\n",
        "    value:\n    open_point: A1-rate\n",
        "unknown-open-point",
        at="open_point",
    ),
    # Keys.
    "a key mistyped": Mistake(PARAMETERS, "    label:", "    lable:", "unknown-word", "'label'"),
    "the value's key mistyped": Mistake(
        PARAMETERS, "    value: 6000.00", "    vaule: 6000.00", "unknown-word", "'value'"
    ),
    "a key in capitals": Mistake(PARAMETERS, "    label:", "    Label:", "unknown-word", "'label'"),
    "a key that is written twice": Mistake(
        PARAMETERS,
        "    unit: pounds_a_year\n",
        "    unit: pounds_a_year\n    unit: pounds_a_year\n",
        "written-twice",
        "line 5",
    ),
    "a parameter that is written twice": Mistake(
        PARAMETERS, "  lower_support_limit:", "  first_cost_met_by_school:", "written-twice", "line 3"
    ),
    "a parameter's name in capitals": Mistake(
        PARAMETERS, "  youngest_age:", "  YoungestAge:", "wording", "small letters"
    ),
    "a parameter's name with spaces": Mistake(
        PARAMETERS, "  youngest_age:", "  youngest age:", "wording", "small letters"
    ),
    "a parameter renamed": Mistake(
        PARAMETERS, "  youngest_age:", "  lowest_age:", "unknown-parameter", at="rules/scope.yaml"
    ),
    "the first key mistyped": Mistake(PARAMETERS, "parameters:", "parameter:", "unknown-word", "'parameters'"),
    "no source": Mistake(PARAMETERS, FIRST_SOURCE, "", "missing", "source", at="first_cost_met_by_school:"),
    "no paragraph": Mistake(PARAMETERS, FIRST_SOURCE, "    source: {document: report}\n", "missing", "paragraph"),
    "no document": Mistake(PARAMETERS, FIRST_SOURCE, '    source: {paragraph: "3.20"}\n', "missing", "document"),
    "a source in words": Mistake(PARAMETERS, FIRST_SOURCE, "    source: report 3.20\n", "shape", "map of keys"),
    "a document mistyped": Mistake(
        PARAMETERS, FIRST_SOURCE, FIRST_SOURCE.replace("report", "raport"), "unknown-document", "'report'"
    ),
    "an empty label": Mistake(
        PARAMETERS,
        "    label: The first part of the cost of additional support, which the school meets\n",
        '    label: ""\n',
        "empty",
    ),
    # YAML.
    "a tab": Mistake(PARAMETERS, "    unit: pounds_a_year", "\tunit: pounds_a_year", "tab", "two spaces"),
    "one space too many": Mistake(
        PARAMETERS, "    unit: pounds_a_year", "     unit: pounds_a_year", "not-yaml", "indentation"
    ),
    "one space too few": Mistake(
        PARAMETERS, "    unit: pounds_a_year", "   unit: pounds_a_year", "not-yaml", "same column"
    ),
    "no space behind a colon": Mistake(
        PARAMETERS, "    unit: pounds_a_year", "    unit:pounds_a_year", "not-yaml", "a space"
    ),
    "no colon": Mistake(PARAMETERS, "    unit: pounds_a_year", "    unit pounds_a_year", "not-yaml", "colon"),
    "a colon in a text": Mistake(PARAMETERS, "label: The first", "label: Note: the first", "not-yaml", "quotes"),
    "a bracket that is not closed": Mistake(PARAMETERS, 'lines: "162"}', 'lines: "162"', "not-yaml", "bracket"),
    "a quotation mark that is not closed": Mistake(
        PARAMETERS, 'lines: "162"}', 'lines: "162}', "not-yaml", "quotation mark"
    ),
    "a curly quotation mark": Mistake(
        PARAMETERS, 'paragraph: "3.20", lines: "162"', "paragraph: “3.20”", "smart-quote"
    ),
    "a no-break space for an indentation": Mistake(
        PARAMETERS, "    unit: pounds_a_year", "\u00a0   unit: pounds_a_year", "no-break-space", "ordinary space"
    ),
    "an anchor": Mistake(PARAMETERS, "unit: pounds_a_year", "unit: &unit pounds_a_year", "alias", "in full"),
    "a text that starts with a star": Mistake(PARAMETERS, "label: The first", "label: *The first", "alias", "quotes"),
    "a text that starts with an at": Mistake(PARAMETERS, "label: The first", "label: @The first", "not-yaml", "quotes"),
    "a second document": Mistake(
        PARAMETERS, "  lower_support_limit:", "---\n  lower_support_limit:", "second-document"
    ),
    "a nought byte": Mistake(PARAMETERS, "label: The first", "label: The \0first", "unprintable"),
    # Decisions.
    "a number with a figure too few": Mistake(
        DECISION, "number: 24/00120", "number: 24/0120", "wording", "five figures"
    ),
    "a number that is not the folder's": Mistake(
        DECISION, "number: 24/00120", "number: 24/00129", "folder-name", "24-00129"
    ),
    "a standing mistyped": Mistake(DECISION, "status: taken", "status: takn", "unknown-value", "'taken'"),
    "dates in the wrong order": Mistake(
        DECISION, "earliest: 2025-01-17", "earliest: 2025-06-17", "dates-reversed", "Swap"
    ),
    "a decision replaced that there is not": Mistake(
        DECISION, "replaces: [before-24/00120]", "replaces: [before-24/00121]", "unknown-decision", "before-24/00120"
    ),
    "a list without its brackets": Mistake(
        DECISION, "replaces: [before-24/00120]", "replaces: before-24/00120", "shape", "a list"
    ),
    "a document that there is not": Mistake(
        DECISION, "documents: [report,", "documents: [reports,", "unknown-document", "'report'"
    ),
    "a decision that is not in the order": Mistake(
        ORDER, "  - 24/00117\n", "", "decision-order", at="policy/24-00117/decision.yaml"
    ),
    "a decision mistyped in the order": Mistake(
        ORDER, "  - 24/00117\n", "  - 24/00118\n", "no-decision", "policy/24-00118"
    ),
    "a decision twice in the order": Mistake(
        ORDER, "  - 24/00117\n", "  - 24/00117\n  - 24/00117\n", "written-twice", "Keep one"
    ),
    "a strength that there is not": Mistake(
        DOCUMENTS, "    strength: A\n", "    strength: X\n", "unknown-value", "'A', 'B', 'C'"
    ),
    # Open points and readings.
    "a state mistyped": Mistake(POINTS, "    state: open\n", "    state: opened\n", "unknown-value", "'open'"),
    "a question mistyped": Mistake(
        POINTS, "      route: [community_budget,", "      routes: [community_budget,", "unknown-question", "'route'"
    ),
    "an allowed answer mistyped": Mistake(
        POINTS, "route: [community_budget,", "route: [community_budgets,", "unknown-answer", "'community_budget'"
    ),
    "an open point copied with its id": Mistake(
        POINTS, "  A2-first-6000-in-the-rate:", "  A1-rate-of-exactly-6000:", "written-twice", "line 6"
    ),
    "a point that nobody reads": Mistake(
        POINTS, "    state: open\n", "    state: read\n", "no-reading", "policy/readings.yaml"
    ),
    "a reading of a point that there is not": Mistake(
        READINGS,
        "    point: A3-which-rate-is-existing",
        "    point: A3-which-rate-is-exisiting",
        "unknown-open-point",
        "'A3-which-rate-is-existing'",
    ),
    "a reading copied with its id": Mistake(
        READINGS, "  - id: A3-rate-in-payment", "  - id: A2-first-6000-not-in-the-rate", "same-id", "two readings"
    ),
    "a reading's answer mistyped": Mistake(
        READINGS, "answers: {moderation: not_open}", "answers: {moderation: not_opened}", "not-allowed", "'not_open'"
    ),
    "a reading's question mistyped": Mistake(
        READINGS,
        "answers: {moderation: not_open}",
        "answers: {moderating: not_open}",
        "unknown-question",
        "'moderation'",
    ),
    "a day of adoption with slashes": Mistake(READINGS, "adopted_on: 2026-11-24", "adopted_on: 24/11/2026", "date"),
    # Rules.
    "a fact mistyped": Mistake(
        SCOPE, "{fact: setting, one_of: [pupil", "{fact: seting, one_of: [pupil", "unknown-fact", "'setting'"
    ),
    "an operator mistyped": Mistake(SCOPE, "age, below: $early", "age, bellow: $early", "unknown-word", "'below'"),
    "an operator of another language": Mistake(
        SCOPE, "age, below: $early", "age, less_than: $early", "unknown-word", "at_most"
    ),
    "no operator": Mistake(SCOPE, BELOW_AGE, "{fact: age}", "operator", "exactly one of"),
    "two operators": Mistake(SCOPE, BELOW_AGE, BELOW_AGE[:-1] + ", at_least: 0}", "operator", "2 operators"),
    "a bare number": Mistake(
        SCOPE, "age, below: $early_years_oldest_age", "age, below: 4", "bare-value", "parameters.yaml"
    ),
    "a bare date": Mistake(
        SCOPE, "  - from: $transition_start", "  - from: 2025-04-01", "bare-value", "parameters.yaml"
    ),
    "a bare figure of an answer": Mistake(
        PROTECTION, "low: $protected_share_low", "low: 0.50", "bare-value", "parameters.yaml"
    ),
    "a parameter without its sign": Mistake(SCOPE, "age, below: $early", "age, below: early", "bare-value", "$"),
    "a parameter mistyped": Mistake(
        SCOPE, "below: $early_years", "below: $early_year", "unknown-parameter", "'early_years_oldest_age'"
    ),
    "a figure's parameter mistyped": Mistake(
        PROTECTION,
        "low: $protected_share_low",
        "low: $protected_share_lo",
        "unknown-parameter",
        "'protected_share_low'",
    ),
    "pounds for years": Mistake(
        SCOPE, "below: $early_years_oldest_age", "below: $lower_support_limit", "unit-mismatch", "years"
    ),
    "a version from a number": Mistake(
        SCOPE, "  - from: $transition_start", "  - from: $youngest_age", "unit-mismatch", "date"
    ),
    "a version's start mistyped": Mistake(
        SCOPE, "  - from: $transition_start", "  - from: $transition_starts", "unknown-parameter"
    ),
    "a version's decision mistyped": Mistake(
        SCOPE, "    decision: 24/00120", "    decision: 24/00210", "unknown-decision", "Did you mean"
    ),
    "no decision": Mistake(
        SCOPE, "    decision: 24/00120\n", "", "missing", "decision", at="  - from: $transition_start"
    ),
    "a value mistyped": Mistake(
        SCOPE, "[pupil_referral_unit,", "[pupil_referal_unit,", "unknown-value", "'pupil_referral_unit'"
    ),
    "an answer mistyped": Mistake(SCOPE, "answer: in_scope", "answer: in_scop", "unknown-answer", "'in_scope'"),
    "an open point mistyped": Mistake(
        SCOPE, "point: E2-reception-at-four", "point: E2-reception-at-for", "unknown-open-point", "E2-reception-at-four"
    ),
    "a reading mistyped": Mistake(
        SCOPE, "reads: [E1-completed-years]", "reads: [E1-completed-year]", "unknown-reading", "E1-completed-years"
    ),
    "a row copied with its id": Mistake(SCOPE, "id: nursery-at-four", "id: below-school-age", "same-id", "two rows"),
    "a row without an answer": Mistake(
        SCOPE, "        answer: in_scope\n", "", "missing", "answer", at="      - id: state-funded"
    ),
    "a row without a condition": Mistake(SCOPE, ROW_WHEN, "", "missing", "when", at="      - id: state-funded"),
    "a row without a source": Mistake(
        SCOPE,
        '        source: {document: report, paragraph: "3.7"}\n',
        "",
        "missing",
        "source",
        at="      - id: state-funded",
    ),
    "an order where there is none": Mistake(
        SCOPE, ROW_WHEN, "        when: {fact: setting, below: srp}\n", "operator", "'is' or 'one_of'"
    ),
    "one value behind one_of": Mistake(
        SCOPE, ROW_WHEN, "        when: {fact: setting, one_of: mainstream}\n", "shape", "brackets"
    ),
    "an empty list behind one_of": Mistake(
        SCOPE, ROW_WHEN, "        when: {fact: setting, one_of: []}\n", "shape", "brackets"
    ),
    "a list behind is": Mistake(
        SCOPE, ROW_WHEN, "        when: {fact: setting, is: [mainstream]}\n", "shape", "'one_of'"
    ),
    "true behind a number": Mistake(SCOPE, BELOW_AGE, "{fact: age, is: true}", "bare-value", "'true'"),
    "a question that comes later": Mistake(
        SCOPE, ROW_WHEN, "        when: {fact: route, is: tariff}\n", "question-order", "rules/questions.yaml"
    ),
    "the question itself": Mistake(SCOPE, ROW_WHEN, "        when: {fact: scope, is: in_scope}\n", "question-order"),
    "a fact that is never asked for": Mistake(
        SCOPE,
        "ask: [setting, age, year_group]",
        "ask: [setting, age]",
        "not-asked",
        "year_group",
        at="            - {fact: year_group, below: $reception_year}",
    ),
    "a fact to ask for mistyped": Mistake(
        SCOPE, "ask: [setting, age,", "ask: [setting, agee, age,", "unknown-fact", "'age'"
    ),
    "all mistyped": Mistake(SCOPE, "          all:\n", "          al:\n", "unknown-word", "'all'"),
    "and for all": Mistake(SCOPE, "          all:\n", "          and:\n", "unknown-word", "'all'"),
    "the day in a condition": Mistake(
        MODERATION,
        "{fact: proposed_allocation, at_most: $moderation_trigger}",
        "{fact: decision_date, at_most: $transition_start}",
        "date-in-rule",
        "'from'",
    ),
    "whether there is an answer": Mistake(
        MODERATION,
        "not: {fact: route, is: community_budget}",
        "not: {fact: route, known: true}",
        "operator",
        "'is' or 'one_of'",
    ),
    "maybe for yes or no": Mistake(
        MODERATION, "at_most: $moderation_trigger}", "known: maybe}", "shape", "true or false"
    ),
    "a question's name mistyped": Mistake(
        MODERATION, "question: moderation", "question: moderations", "file-name", "'moderation'"
    ),
    "a question that is not listed": Mistake(
        QUESTIONS, "  - moderation\n", "", "question-list", "'moderation'", at="rules/moderation.yaml"
    ),
    "a question that is listed and has no file": Mistake(
        QUESTIONS, "  - moderation\n", "  - moderation\n  - moderating\n", "question-list", "rules/moderating.yaml"
    ),
    "a question that is listed twice": Mistake(
        QUESTIONS, "  - moderation\n", "  - moderation\n  - moderation\n", "written-twice", "Keep one"
    ),
    # Facts, descriptors, scenarios.
    "a type mistyped": Mistake(FACTS, "    type: money", "    type: mony", "unknown-value", "'money'"),
    "a bound in words": Mistake(FACTS, "    lowest: 0", "    lowest: none", "number"),
    "an edition mistyped": Mistake(
        FACTS,
        "values_from: continuum-draft-2025-06",
        "values_from: continuum-draft-2025-07",
        "unknown-edition",
        "2025-06",
    ),
    "a function that there is not": Mistake(
        FACTS,
        "calculation: issued_after_decision",
        "calculation: issued_after_decided",
        "unknown-calculation",
        "issued_after_decision",
    ),
    "a fact that follows mistyped": Mistake(
        FACTS,
        "    fact: existing_claim\n    value: true",
        "    fact: existing_claims\n    value: true",
        "unknown-fact",
        "'existing_claim'",
    ),
    "a value that does not fit its fact": Mistake(
        FACTS,
        "    fact: existing_claim\n    value: true",
        "    fact: existing_claim\n    value: 7",
        "shape",
        "true or false",
        at="value: 7",
    ),
    "an order of levels in words": Mistake(EDITION, "    order: 2", "    order: two", "number"),
    "two levels with one order": Mistake(EDITION, "    order: 2", "    order: 1", "level-order"),
    "a level copied with its id": Mistake(EDITION, "id: wider_support_and_strategies", "id: sen_support", "same-id"),
    "a draft mistyped": Mistake(EDITION, "status: draft", "status: drafted", "unknown-value", "'draft'"),
    "an assumption that there is not": Mistake(
        SCENARIO,
        "    assumption: made-up-rates",
        "    assumption: made-up-rate",
        "unknown-assumption",
        "'made-up-rates'",
    ),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the corpus, in which each test puts back what it changed."""
    return copied(tmp_path_factory.mktemp("corpus"))


def broken(corpus: Path, mistake: Mistake) -> tuple[str, int, str]:
    """Write a mistake into the copy; return the place where it must be found, as file and line, and the old text."""
    path = corpus / mistake.file
    before = path.read_text(encoding="utf-8")
    assert mistake.right in before, f"{mistake.file} no longer says what this mistake is about"
    after = before.replace(mistake.right, mistake.wrong, 1)
    path.write_text(after, encoding="utf-8")
    pairs = zip([*before.splitlines(), None], [*after.splitlines(), None], strict=False)
    line = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
    if mistake.at.endswith(".yaml"):
        return mistake.at, 0, before
    if mistake.at:
        line = next(number for number, text in enumerate(after.splitlines(), 1) if mistake.at in text)
    return mistake.file, line, before


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_found_where_it_is_with_what_to_do(what: str, corpus: Path) -> None:
    """The message names file and line, quotes the author's word, and a second line says what to do."""
    mistake = MISTAKES[what]
    file, line, before = broken(corpus, mistake)
    try:
        found = problems_of(corpus)
    finally:
        (corpus / mistake.file).write_text(before, encoding="utf-8")
    fitting = [one for one in found if one.place.file == file and one.code == mistake.code and not one.warning]
    fitting = [one for one in fitting if line in (0, one.place.line)]
    assert fitting, f"expected {file}:{line} [{mistake.code}], found {found}"
    problem = fitting[0]
    assert problem.place.line
    assert mistake.says in f"{problem.message} {problem.help}"
    assert re.fullmatch(r"['A-Z].*\.", problem.message)
    assert re.fullmatch(r"[A-Z].*\.?", problem.help)


#: One of each way in which a problem comes about: YAML, model, names across files, units, order.
SEEN_BY_COMMANDS = [
    "a tab", "a key that is written twice", "a comma in an amount", "a key mistyped", "a document mistyped",
    "an operator mistyped", "pounds for years", "a question that comes later", "a number that is not the folder's",
    "a decision that is not in the order",
]  # fmt: skip


@pytest.mark.parametrize("what", SEEN_BY_COMMANDS)
def test_check_fails_on_a_mistake_and_nothing_is_decided(
    what: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`senpolicy check` and `decide` refuse both: exit 1, with the place and the help on standard error."""
    mistake = MISTAKES[what]
    file, line, before = broken(corpus, mistake)
    try:
        checked = senpolicy(capsys, "check", "--root", str(corpus))
        decided = senpolicy(capsys, "decide", str(ROOT / "tests/cases/every-route.yaml"), "--root", str(corpus))
    finally:
        (corpus / mistake.file).write_text(before, encoding="utf-8")
    place = re.escape(file) + (f":{line}" if line else r":\d+")
    for status, out, err in (checked, decided):
        assert (status, out) == (1, "")
        excerpt = r"(\n +\d* \| .*){0,2}"
        assert re.search(rf"^{place}:\d+: .* \[{mistake.code}\]{excerpt}\n  help: .+$", err, re.MULTILINE), err
    assert "problem" in checked[2].splitlines()[-1]


def test_forty_mistakes_and_more_are_tried() -> None:
    """The list may grow, and not shrink below what was asked for."""
    assert len(MISTAKES) >= 100
    assert len({(one.file, one.right, one.wrong) for one in MISTAKES.values()}) == len(MISTAKES)


def problems_of(root: Path) -> list[Problem]:
    """Return every problem of the corpus below `root`."""
    try:
        return check(corpora.load(root, records=False))
    except PolicyError as error:
        return list(error.problems)


def test_the_corpus_itself_has_no_problem() -> None:
    """Without this no mistake above would show anything."""
    assert problems_of(ROOT) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("# nothing yet\n", "empty"),
        ("- a\n- b\n", "shape"),
        ("hello\n", "shape"),
        ("---\n...\n", "empty"),
    ],
)
@pytest.mark.parametrize("file", [PARAMETERS, READINGS, SCOPE, FACTS, EDITION])
def test_a_file_that_holds_nothing_or_no_map_is_said_to(file: str, text: str, code: str, corpus: Path) -> None:
    """An empty file in the place of a decision's values is not a decision without values."""
    path = corpus / file
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(text, encoding="utf-8")
        found = problems_of(corpus)
    finally:
        path.write_text(before, encoding="utf-8")
    assert (file, code) in {(problem.place.file, problem.code) for problem in found}
    assert all(problem.help for problem in found)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"# Values.\nparameters:\n  a:\n    label: \xa36000\n", 4), ("parameters:".encode("utf-16"), 1)],
)
def test_a_file_that_is_not_utf_8_is_refused_with_the_line(content: bytes, line: int, corpus: Path) -> None:
    """Saved by an editor in the encoding of the machine."""
    path = corpus / PARAMETERS
    before = path.read_bytes()
    try:
        path.write_bytes(content)
        found = problems_of(corpus)
    finally:
        path.write_bytes(before)
    assert (PARAMETERS, line, "not-utf-8") in {(one.place.file, one.place.line, one.code) for one in found}


@pytest.mark.parametrize(
    ("file", "code"),
    [("rules/route.yml", "unknown-file"), ("policy/readings.json", "unknown-file"),
     ("policy/26-00001/parameter.yaml", "unknown-file"), ("policy/26-00001/parameters.yaml", "no-decision")],
)  # fmt: skip
def test_a_file_with_another_name_or_without_its_decision_is_not_passed_over(
    file: str, code: str, tmp_path: Path
) -> None:
    """What is not read must not look as if it were."""
    copied(tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text((ROOT / PARAMETERS).read_text(encoding="utf-8"), encoding="utf-8")
    assert (file, code) in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize("file", [ORDER, DOCUMENTS, READINGS, FACTS, QUESTIONS])
def test_a_file_that_is_gone_is_missed(file: str, tmp_path: Path) -> None:
    """Each of these is needed; without it nothing is decided."""
    (copied(tmp_path) / file).unlink()
    assert (file, "no-file") in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize("folder", ["policy", "rules", "descriptors"])
def test_a_folder_that_is_gone_is_missed(folder: str, tmp_path: Path) -> None:
    """All three belong together."""
    (copied(tmp_path) / folder).rename(tmp_path / "gone")
    assert (folder, "no-folder") in {(problem.place.file, problem.code) for problem in problems_of(tmp_path)}


@pytest.mark.parametrize(
    ("file", "copy"),
    [("rules/route.yaml", "rules/route-2.yaml"), (EDITION, "descriptors/continuum-2026/edition.yaml"),
     (SCENARIO, "policy/scenarios/another.yaml"), (DECISION, "policy/26-00001/decision.yaml")],
)  # fmt: skip
def test_a_file_that_is_copied_and_not_renamed_inside_is_refused(file: str, copy: str, tmp_path: Path) -> None:
    """Two files of one name: whichever is read last would win in silence."""
    text = (copied(tmp_path) / file).read_text(encoding="utf-8")
    (tmp_path / copy).parent.mkdir(exist_ok=True)
    (tmp_path / copy).write_text(text, encoding="utf-8")
    assert copy in {one.place.file for one in problems_of(tmp_path) if one.code in ("file-name", "folder-name")}


def test_the_questions_in_another_order_are_refused_at_each_test_that_comes_too_early(corpus: Path) -> None:
    """A question may rest on the answers of those before it only."""
    path = corpus / QUESTIONS
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(
            before.replace("  - moderation\n", "").replace("questions:\n", "questions:\n  - moderation\n"),
            encoding="utf-8",
        )
        found = problems_of(corpus)
    finally:
        path.write_text(before, encoding="utf-8")
    assert {(problem.place.file, problem.code) for problem in found} == {("rules/moderation.yaml", "question-order")}


def test_two_versions_with_one_start_are_worth_a_warning_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Design: the decision taken later wins, and `check` reports it."""
    text = (copied(tmp_path) / MODERATION).read_text(encoding="utf-8")
    version = text[text.index("  - from: $transition_start") :]
    later = version.replace("decision: 24/00120", "decision: 24/00121", 1)
    (tmp_path / MODERATION).write_text(text.rstrip("\n") + "\n" + later, encoding="utf-8")
    (warning,) = problems_of(tmp_path)
    assert (warning.code, warning.warning, warning.place.file) == ("same-start", True, MODERATION)
    assert warning.place.line == text.count("\n") + 1
    status, _, err = senpolicy(capsys, "check", "--root", str(tmp_path))
    assert status == 0
    assert "warning: " in err
    assert "1 warning." in err


def test_mistakes_in_several_files_are_all_said_once(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run shows everything: the reader of one file does not repeat what was found in another."""
    mistakes = [MISTAKES["a comma in an amount"], MISTAKES["a state mistyped"], MISTAKES["an operator mistyped"]]
    mistakes += [MISTAKES["two levels with one order"], MISTAKES["a day of adoption with slashes"]]
    alias = Mistake(DOCUMENTS, "    publisher:", "    publisher: &p", "alias")
    places = [(mistake, broken(corpus, mistake)) for mistake in [*mistakes, alias]]
    try:
        _, _, err = senpolicy(capsys, "check", "--root", str(corpus))
    finally:
        for mistake, (_, _, before) in places:
            (corpus / mistake.file).write_text(before, encoding="utf-8")
    for mistake, (file, line, _) in places:
        if mistake.code != "level-order":  # A check across files, which begins once each can be read.
            assert len(re.findall(rf"^{file}:{line}:\d+: .* \[{mistake.code}\]$", err, re.MULTILINE)) == 1, err
    assert f"{err.count('  help: ')} problems, no warnings." in err


def test_json_lists_the_same_problems_whether_the_files_can_be_read_or_not(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check --json` prints one list, of everything that is wrong, and nothing else on standard output."""
    for what in ("a tab", "a document mistyped"):
        file, line, before = broken(corpus, MISTAKES[what])
        try:
            status, out, err = senpolicy(capsys, "check", "--json", "--root", str(corpus))
        finally:
            (corpus / file).write_text(before, encoding="utf-8")
        assert status == 1
        (problem,) = json.loads(out)
        assert (problem["file"], problem["line"], problem["code"]) == (file, line, MISTAKES[what].code)
        assert problem.keys() >= {"message", "help", "column", "warning"}
        assert "1 problem" in err
