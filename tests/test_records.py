"""The records: consultation, strategy, duties. What they name exists, and no decision waits for them."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from copies import append, copied, replace, toy
from golden_files import ROOT, loaded
from running import senpolicy
from senpolicy.checking.corpus import check, sound
from senpolicy.checking.names import Catalogue
from senpolicy.files.models import records as r
from senpolicy.files.models.names import Named, named
from senpolicy.files.problems import At, PolicyError, Problem, Problems
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import BESIDE, RECORDS
from senpolicy.policy.timeline import policy

CONSULTATION = "policy/24-00120/consultation.yaml"
STRATEGY = "policy/24-00121/strategy.yaml"
BACKGROUND = "policy/24-00120/background.yaml"


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


def test_the_definition_of_sen_is_held_with_the_paragraph_that_gives_it(real: Corpus) -> None:
    """The report uses it for a child of compulsory school age (1.1, line 72)."""
    file = real.files["policy/national/duties.yaml"]
    assert isinstance(file, r.DutiesFile)
    defined = {one.id: one for one in file.definitions}
    assert {"sen", "sen-support", "ehcp", "element-3"} <= set(defined)
    assert (defined["sen"].source[0].document, defined["sen"].source[0].lines) == ("report", "70-72")


def background(corpus: Corpus, number: str = "24-00120") -> r.BackgroundFile:
    file = corpus.files[f"policy/{number}/background.yaml"]
    assert isinstance(file, r.BackgroundFile)
    return file


def test_the_actions_of_the_agreement_are_held_by_their_numbers(real: Corpus) -> None:
    """Report 5.3, lines 220 to 222."""
    held = {one.number: one.source[0].lines for one in background(real).agreement}
    assert held == {"3.1": "220", "3.7": "221", "3.8": "222"}


def test_the_equality_assessment_is_held_section_by_section_with_what_it_promises(real: Corpus) -> None:
    """Sections 19 to 28: eight answer yes, one of them no as well, and each of the eight names mitigating actions."""
    groups = background(real).equality
    assert [one.section for one in groups] == list(range(19, 29))
    yes = [one for one in groups if one.negative_impacts != "no"]
    assert len(yes) == 8
    assert [one.id for one in groups if one.negative_impacts == "no_and_yes"] == ["disability"]
    assert all(one.mitigations for one in yes)
    assert all("area-moderation-boards" in one.mitigations for one in yes)
    assert [one.negative_impacts for one in background(real, "24-00121").equality] == ["no"] * 10


def test_what_is_promised_can_be_held_against_something_or_says_that_it_cannot(real: Corpus) -> None:
    """A promise that leads to nothing could be broken without anybody seeing it."""
    file = background(real)
    for one in (*file.mitigations, *file.reviews):
        assert one.bears_on or one.note or one.id == "data-protection", one.id


def test_the_ways_that_were_not_taken_are_held(real: Corpus) -> None:
    """4.1 to 4.4, the option dropped in 4.6, the four of 3.21 and the one kept for later (line 165)."""
    found = {one.id: one.outcome for one in background(real).options}
    assert found["plans-only"] == "dismissed"
    assert found["pupils-supported-locally"] == "later"
    assert [name for name, outcome in found.items() if outcome == "preferred"] == ["protection-b"]
    assert len(found) == 9


def test_a_value_that_no_decision_set_is_marked_as_recorded(real: Corpus) -> None:
    """24/00026 set no number of Communities or boards, and 24/00120 no trigger of moderation."""
    recorded = {(number, name) for name, setters in real.parameters.items() for number, one in setters if one.recorded}
    assert {("24/00026", "communities"), ("24/00026", "area_boards"), ("24/00120", "moderation_trigger")} <= recorded
    assert [name for name, setters in real.parameters.items() for number, one in setters
            if number == "24/00026" and not one.recorded] == []  # fmt: skip
    asked = [(number, name) for name, setters in real.parameters.items() for number, one in setters
             if one.source.paragraph.startswith("Q") and not one.recorded]  # fmt: skip
    assert asked == [], "a question of a consultation sets nothing"


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
    ("policy/national/duties.yaml", r"^  - id: sen-support$", "  - id: sen", "same-id"),
    (BACKGROUND, r"^  decision: 24/00120$", "  decision: 24/00129", "unknown-decision"),
    (BACKGROUND, r"^  - id: tariff-alone$", "  - id: keep-the-four-systems", "same-id"),
    (BACKGROUND, r"^      - other-ages-unchanged$", "      - other-ages", "unknown-mitigation"),
    (BACKGROUND, r"^  - id: tariff-for-complex-needs$", "  - id: tariff-for-all", "idle-mitigation"),
    (BACKGROUND, r"(?<=parameter: )area_boards", "area_bords", "unknown-parameter"),
    (BACKGROUND, r"(?<=- \{holds: )no-personal-characteristic(?=\}\n  - id: needs-met)", "no-such", "unknown-property"),
    (BACKGROUND, r"^    outcome: later$", "    outcome: soon", "unknown-value"),
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


def test_no_two_entries_of_any_list_have_one_id() -> None:
    """Of every list of the policy whose entries have ids: the last is given that of the first, and is told with it."""
    corpus = loaded(ROOT)
    lists: set[str] = set()
    for file, model in corpus.files.items():
        by_list: dict[At, list[Named]] = {}
        for one in named(model):
            if one.names.kind == "id":
                by_list.setdefault(one.path[:-2], []).append(one)
        for path, (first, *others) in by_list.items():
            if others and (kind := f"{type(model).__name__} {path[-1]}") not in lists:
                lists.add(kind)
                changed = model.model_copy(deep=True)
                entry = next(one for one in named(changed) if one.path == others[-1].path).around[-1]
                assert isinstance(entry, BaseModel)
                entry.__dict__["id"] = first.word
                found = Problems()
                Catalogue(corpus).check(changed, partial(corpus.place, file), found)
                twice = [problem for problem in found if problem.code == "same-id"]
                assert [problem.place for problem in twice] == [
                    corpus.place(file, *one.path) for one in (first, others[-1])
                ]
                assert twice[0].message == f"'{first.word}' is an id more than once under '{path[-1]}'."
    assert len(lists) > 20


def step(into: dict[str, str], rest: str | None) -> r.MakingStep:
    given = {"id": "plans", "says": "Made up.", "column": "plan", "assumption": "Made up.", "into": into, "rest": rest}
    return r.MakingStep.model_validate(given)


@pytest.mark.parametrize(
    ("into", "rest", "left"),
    [
        ({"sen_support": "70", "ehcp": "20.5"}, "not_known", {"not_known": Decimal("9.5")}),
        ({"sen_support": "70", "ehcp": "30"}, "not_known", {"not_known": Decimal(0)}),
        ({"sen_support": "3", "ehcp": "1"}, None, {}),
    ],
)
def test_the_rest_is_what_a_hundred_leaves(into: dict[str, str], rest: str | None, left: dict[str, Decimal]) -> None:
    """Without a rest the figures are proportions, of whatever whole."""
    assert step(into, rest).weights == {name: Decimal(weight) for name, weight in into.items()} | left


def test_parts_of_more_than_a_hundred_leave_no_rest() -> None:
    with pytest.raises(ValidationError, match="parts of more than 100"):
        step({"sen_support": "100.1"}, "ehcp")


# No decision waits for them


def test_a_decision_is_the_same_whether_what_it_does_not_rest_on_is_read_or_not() -> None:
    """The lock, limits, roles, properties, budgets and the board's file say nothing of a case, and cost time to read."""
    whole, lean = loaded(ROOT), sound(corpora.load(ROOT, without=BESIDE))
    unread = {name for name in whole.files if name not in lean.files}
    assert {"policy/24-00120/lock.yaml", "policy/roles.yaml", "rules/board.yaml", "rules/budgets.yaml"} <= unread
    assert not any(name.endswith(("parameters.yaml", "open-points.yaml", "edition.yaml")) for name in unread)
    assert policy(lean).periods == policy(whole).periods
    assert (lean.files_digest, lean.types, lean.facts) == (whole.files_digest, whole.types, whole.facts)


def test_a_decision_reads_no_record_and_the_digest_of_the_files_counts_them_all_the_same(tmp_path: Path) -> None:
    """No rule rests on a record, and a cold start should not pay for one; the digest of the files is of every byte."""
    root = copied(tmp_path)
    whole, lean = corpora.load(root), corpora.load(root, without=RECORDS)
    assert {name for name in whole.files if name not in lean.files} == {
        name for name, file in whole.files.items() if isinstance(file, r.Record)
    }
    assert whole.files_digest == lean.files_digest
    append(root, CONSULTATION, "# A word more.\n")
    assert corpora.load(root, without=RECORDS).files_digest != whole.files_digest
    append(root, CONSULTATION, "and: [a, mistake\n")
    corpora.load(root, without=RECORDS)
    with pytest.raises(PolicyError):
        corpora.load(root)


@pytest.mark.parametrize("command", ["decide", "decide-many", "explain", "timeline"])
def test_no_command_that_decides_cases_waits_for_a_file_on_which_no_case_rests(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Somebody is at work on the roles and the views: cases are decided all the same, and a check tells of both."""
    root = toy(tmp_path)
    for file in ("policy/roles.yaml", "rules/views.yaml"):
        append(root, file, "and: [a, mistake\n")
    words = {"decide-many": ("decide", str(root / "loans.csv"), "-o", str(tmp_path / "decided.csv"), "--verify", "0")}
    status, _, said = senpolicy(
        capsys, *words.get(command, (command, str(root / "loans.yaml"))), "--root", str(root), "--json"
    )
    assert status == 0, said
    if command == "decide":
        status, _, said = senpolicy(capsys, "check", "--root", str(root))
        assert (status, "policy/roles.yaml" in said, "rules/views.yaml" in said) == (1, True, True)
