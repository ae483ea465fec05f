"""The records: consultation, strategy, duties. What they name exists, and no decision waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from copies import append, copied, replace
from golden_files import ROOT, loaded
from senpolicy import corpus as corpora
from senpolicy.checks.corpus import check, sound
from senpolicy.corpus import Corpus
from senpolicy.layout import BESIDE, RECORDS
from senpolicy.models import records as r
from senpolicy.problems import PolicyError, Problem
from senpolicy.timeline import policy

CONSULTATION = "policy/24-00120/consultation.yaml"
STRATEGY = "policy/24-00121/strategy.yaml"


@pytest.fixture(scope="module")
def real() -> Corpus:
    return sound(corpora.load(ROOT))


def consultation(corpus: Corpus) -> r.ConsultationFile:
    file = corpus.files[CONSULTATION]
    assert isinstance(file, r.ConsultationFile)
    return file


def problems(root: Path) -> list[Problem]:
    """Return what a check of the corpus finds, whether reading it fails already or not."""
    try:
        return check(corpora.load(root))
    except PolicyError as error:
        return list(error.problems)


# What the files hold


def test_every_question_that_was_asked_is_recorded_and_the_lost_one_is_said_to_be_lost(real: Corpus) -> None:
    """The wording of question 4 is not in the text, so nothing is put down to it."""
    questions = {one.id: one for one in consultation(real).questions}
    assert list(questions) == [*(f"Q{n}" for n in range(1, 6)), "Q5a", *(f"Q{n}" for n in range(6, 18))]
    assert [name for name, one in questions.items() if one.wording_lost] == ["Q4"]
    assert questions["Q4"].bears_on == []


def test_every_response_has_its_action_codes_or_names_the_answer_that_stands_for_it(real: Corpus) -> None:
    """The response and its action code 1 to 3."""
    file = consultation(real)
    answered = {one.id: set(one.action) for one in file.responses if one.answer}
    assert len(file.responses) == 97
    assert set().union(*answered.values()) == {1, 2, 3} == {one.code for one in file.consultation.action_codes}
    assert all(one.answer or one.answered_with in answered for one in file.responses)


def test_every_difference_between_what_was_consulted_and_decided_shows_both_texts(real: Corpus) -> None:
    """A reader can see how the consulted text differs from the decided one, and where each stands."""
    for one in consultation(real).differences:
        assert {source.document for source in one.source_consulted} == {"analysis"}, one.id
        assert {source.document for source in one.source_decided} <= {"report", "prod"}, one.id


def test_the_open_points_that_the_consultation_shaped_are_linked(real: Corpus) -> None:
    """Each code that the consultation bears on leads there from a question, an answer or a difference."""
    file = consultation(real)
    links = [link for one in file.questions for link in one.bears_on]
    links += [link for one in file.responses for link in one.shaped]
    linked = {link.open_point for link in links} | {one.open_point for one in file.differences}
    codes = {name.split("-")[0] for name in linked if name}
    assert codes >= {"A1", "A2", "A3", "B2", "B3", "B5", "C1", "C4", "C6", "C7", "C8", "C10", "E7", "G2", "G3", "G4"}


def test_the_strategy_holds_what_the_site_is_to_publish(real: Corpus) -> None:
    """Five ambitions, three proposed designations beside five current ones, a scale of five points."""
    file = real.files[STRATEGY]
    assert isinstance(file, r.StrategyFile)
    assert (len(file.ambitions), len(file.designations.current), len(file.designations.proposed)) == (5, 5, 3)
    assert (file.outcome_scale.points, file.outcome_scale.labels) == (5, None)
    assert {one.ambition for one in file.monitoring} == {one.id for one in file.ambitions}


def test_the_national_duties_are_held_each_with_its_source(real: Corpus) -> None:
    """Section F, and the exception route that every band carries."""
    file = real.files["policy/national/duties.yaml"]
    assert isinstance(file, r.DutiesFile)
    assert {"children-and-families-act-2014", "ad-v-hackney"} <= {one.source[0].document for one in file.duties}


# What is refused


BROKEN = [
    (CONSULTATION, r"^    category: srp-allocation\n(?=    source)", "    category: srp-aloc\n", "unknown-category"),
    (CONSULTATION, r"^    questions: \[Q3\]\n(?=    source)", "    questions: [Q33]\n", "unknown-question-asked"),
    (CONSULTATION, r"^    category: srp-2026\n(?=    source: .*analysis)", "    category: april-2026\n", "category"),
    (CONSULTATION, r"^    category: notional-budget\n(?=.*paragraph: .Q5a)", "    category: null\n", "category"),
    (CONSULTATION, r"population_share", "populaton_share", "unknown-parameter"),
    (CONSULTATION, r"(?<=rule: )route/sen-support", "route/sen-suport", "unknown-row-of-a-rule"),
    (CONSULTATION, r"(?<=open_point: )E7-sen-support-above-6000", "E7-sen-support", "unknown-open-point"),
    (CONSULTATION, r"^    action: \[3\]\n(?=(.*\n){1,8}  - id: R30)", "    action: [4]\n", "unknown-action"),
    (CONSULTATION, r"^    answered_with: R39\n(?=(.*\n){2,8}  - id: R41)", "    answered_with: R41\n", "no-answer"),
    (CONSULTATION, r"^    answered_with: R39\n(?=(.*\n){2,8}  - id: R41)", "", "no-answer"),
    (CONSULTATION, r"^    action: \[2\]\n(?=(.*\n){1,6}  - id: R38)", "    action: []\n", "no-action"),
    (CONSULTATION, r"^    wording_lost: true\n", "", "wording"),
    (CONSULTATION, r"^  - id: R02$", "  - id: R01", "same-id"),
    (CONSULTATION, r"^    responses: \[R31\]", "    responses: [R131]", "unknown-response"),
    (CONSULTATION, r"\{parameter: population_share\}", "{parameter: population_share, rule: route/new-plan}", "link"),
    (CONSULTATION, r"^    - code: 3$", "    - code: 2", "same-id"),
    (CONSULTATION, r"^      value: 593$", "      value: many", "number"),
    (CONSULTATION, r"^      value: 593$", "      value: null", "value-missing"),
    (CONSULTATION, r"(?<=document: )response(?=, .*lines: .813.)", "answers", "unknown-document"),
    (CONSULTATION, r"(?<=\{)document(?=: response, .*lines: .813.)", "documnt", "unknown-word"),
    (CONSULTATION, r"^        - \{document(?=: analysis, .*lines: .570.)", "        - {documnt", "unknown-word"),
    (CONSULTATION, r"^  decision: 24/00120", "  decision: 24/00121x", "unknown-decision"),
    (STRATEGY, r"^    order: 2$", "    order: 3", "order"),
    (STRATEGY, r"^    ambition: voice\n(?=.*children take)", "    ambition: voices\n", "unknown-ambition"),
    (STRATEGY, r"^  labels: null$", "  labels: [one, two]", "count"),
    (STRATEGY, r"^    direction: down$", "    direction: sideways", "unknown-value"),
    ("policy/national/duties.yaml", r"^  - id: exception-route$", "  - id: secure-section-f", "same-id"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "pattern", "by", "code"), BROKEN)
def test_a_name_that_leads_nowhere_is_refused_in_its_place(
    tmp_path: Path, file: str, pattern: str, by: str, code: str
) -> None:
    """Every reference of a record exists: a mistyped one would show a link that leads nowhere."""
    root = copied(tmp_path)
    before = (root / file).read_text(encoding="utf-8").splitlines()
    replace(root, file, pattern, by)
    after = (root / file).read_text(encoding="utf-8").splitlines()
    first = next(number for number, (old, new) in enumerate(zip(before, after, strict=False), 1) if old != new)
    found = [problem for problem in problems(root) if problem.code == code]
    assert found, [str(problem) for problem in problems(root)]
    assert {problem.place.file for problem in found} == {file}
    near = min(abs(problem.place.line - first) for problem in found)
    assert near <= 10 or "notional-budget" in pattern, "the category stands far from the question that it names"
    assert all(problem.help for problem in found)


# No decision waits for them


def test_a_decision_is_the_same_whether_what_it_does_not_rest_on_is_read_or_not() -> None:
    """The lock, limits, roles, properties, budgets and the board's file say nothing of a case, and cost time to read."""
    whole, lean = loaded(ROOT), sound(corpora.load(ROOT, without=BESIDE))
    unread = {name for name in whole.files if name not in lean.files}
    assert {"policy/lock.yaml", "policy/roles.yaml", "rules/board.yaml", "rules/budgets.yaml"} <= unread
    assert not any(name.endswith(("parameters.yaml", "open-points.yaml", "edition.yaml")) for name in unread)
    assert policy(lean).periods == policy(whole).periods
    assert (lean.digest, lean.types, lean.facts) == (whole.digest, whole.types, whole.facts)


def test_a_decision_reads_no_record_and_the_digest_counts_them_all_the_same(tmp_path: Path) -> None:
    """No rule rests on a record, and a cold start should not pay for one; the digest is of every byte."""
    root = copied(tmp_path)
    whole, lean = corpora.load(root), corpora.load(root, without=RECORDS)
    assert {name for name in whole.files if name not in lean.files} == {
        name for name, file in whole.files.items() if isinstance(file, r.Record)
    }
    assert whole.digest == lean.digest
    append(root, CONSULTATION, "# A word more.\n")
    assert corpora.load(root, without=RECORDS).digest != whole.digest
    append(root, CONSULTATION, "and: [a, mistake\n")
    corpora.load(root, without=RECORDS)
    with pytest.raises(PolicyError):
        corpora.load(root)
