"""The proofs: every fault that can be planted is found, shown with a pupil, and the pupil is decided for real."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import z3

from bending import ROOT, bent, copied, row
from senpolicy.checking import exhaustive
from senpolicy.checking.corpus import check, sound
from senpolicy.cli import main
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.language.conditions import ORDERED, FactLimit, FactType, Test, Value
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy, policy
from senpolicy.proving.asking import Inquiry
from senpolicy.proving.proofs import ProofReport, _covers, policies, prove
from senpolicy.readings import formula as formulas
from senpolicy.readings.formula import Symbol, Truth, formula, symbol
from senpolicy.readings.judge import judge
from senpolicy.readings.symbolic_case import SymbolicCase


def still() -> float:
    return 0.0


def proved(corpus: Corpus, only: str | None = None, **choice: Any) -> ProofReport:
    return prove(policies(corpus, **choice), clock=still, only=only)


def found(report: ProofReport) -> list[tuple[str, str]]:
    return [(one.about, one.problem.code) for one in report.findings]


@pytest.fixture(scope="module")
def real() -> Corpus:
    return sound(corpora.load(ROOT))


@pytest.fixture(scope="module")
def report(real: Corpus) -> ProofReport:
    return proved(real)


# What holds of the real corpus


def test_every_proof_holds_of_the_real_corpus(real: Corpus, report: ProofReport) -> None:
    """One answer or one open point for every case on every date, and every declared property."""
    assert [str(one.problem) for one in report.findings] == []
    assert list(report.proved) == [*real.questions, *(one.id for one in declared_properties(real.files))]


@pytest.mark.slow
def test_every_proof_holds_of_what_is_only_proposed_too(real: Corpus) -> None:
    """What 25/00108 would leave open reaches every later question, and no row of it is idle."""
    report = proved(real, as_of="25/00108", include_proposed=True)
    assert [str(one.problem) for one in report.findings] == []


def test_an_answer_that_nothing_reaches_is_listed_and_is_no_fault(report: ProofReport) -> None:
    """Answers of the contract that nothing reaches today are listed, not failed."""
    assert ("moderation", "nothing reaches 'open_to_further_moderation'") in report.notes


def test_the_proof_covers_the_policy_as_of_each_decision_and_under_each_scenario(real: Corpus) -> None:
    """A case may be decided as of any decision, so a proof of the last one alone would say too little."""
    chosen = policies(real)
    taken = [number for number in real.order if real.decisions[number].status != "proposed"]
    assert [one.as_of for one in chosen if one.scenario is None] == taken[::-1]
    assert [one.scenario.scenario for one in chosen if one.scenario] == list(real.scenarios)
    every = [one.as_of for one in policies(real, include_proposed=True) if one.scenario is None]
    assert every == list(real.order)[::-1]


# The formulas say what judge says


def tables(of: Policy) -> Iterator[tuple[exhaustive.CaseTable, str]]:
    found, faults = exhaustive.tables(of)
    assert not faults
    for period, by_question in zip(of.periods, found, strict=True):
        for table in by_question.values():
            yield table, f"{table.question.name} from {period.start}"


def fixed(symbols: dict[str, Symbol], names: tuple[str, ...], values: tuple[Value, ...]) -> list[Any]:
    pairs: list[Any] = []
    for name, value in zip(names, values, strict=True):
        one = symbols[name]
        pairs.append((one.known, z3.BoolVal(value is not None)))
        pairs.append((one.value, z3.IntVal(0 if value is None else one.kind.number(value))))
    return pairs


@pytest.mark.slow
def test_formula_agrees_with_judge_on_every_region_of_every_question(real: Corpus) -> None:
    """Two readings of one condition (Cedar's model against the product): no row of any table tells them apart."""
    counted = 0
    for choice in ({}, {"readings": "none"}, {"as_of": real.order[0]}):
        of = policy(real, **choice)
        for table, where in tables(of):
            symbols = {name: symbol(of.types[name]) for name in table.names}
            written = [formula(one.condition, symbols) for one in table.question.outcomes]
            terms = z3.And([z3.Bool(f"mark {at}") == part for at, part in enumerate(itertools.chain(*written))])
            for values in table.rows:
                facts = dict(zip(table.names, values, strict=True))
                expected = [judge(one.condition, facts) for one in table.question.outcomes]
                marks = [mark for held in expected for mark in (held is True, held is False)]
                pairs = fixed(symbols, table.names, values)
                pairs += [(z3.Bool(f"mark {at}"), z3.BoolVal(mark)) for at, mark in enumerate(marks)]
                assert z3.is_true(z3.simplify(z3.substitute(terms, *pairs))), f"{where}: {facts}"
                counted += 1
    assert counted > 4_000


def test_the_answers_that_the_space_derives_are_those_of_the_tables(real: Corpus) -> None:
    """An earlier answer is written in terms of facts: for each row the solver finds a case, with that very answer."""
    of = policy(real)
    found, _ = exhaustive.tables(of)
    for period, by_question in zip(of.periods, found, strict=True):
        space, solver = SymbolicCase(of, period, complete=True), z3.Solver()
        solver.add(space.possible)
        for name, table in by_question.items():
            answers = {answer for answer in table.answers if answer is not None}
            reached = {answer for answer, given in space.answers[name].items() if solver.check(given) == z3.sat}
            assert reached == answers, f"{name} from {period.start}"


def test_every_case_of_the_tables_is_possible_for_the_solver_and_no_refused_one_is(real: Corpus) -> None:
    """The domain is the engine's own: what contradicts is not possible, what follows is there."""
    of = policy(real)
    period = of.periods[-1]
    space, solver = SymbolicCase(of, period, complete=True), z3.Solver()
    solver.add(space.possible)

    def given(facts: dict[str, Value]) -> bool:
        pairs = [(space.given[name], value) for name, value in facts.items()]
        asked = [one.known == (value is not None) for one, value in pairs]
        asked += [one.value == one.kind.number(value) for one, value in pairs if value is not None]
        return bool(solver.check(*asked) == z3.sat)

    assert given({"element3_rate": 100, "existing_claim": True})
    assert not given({"element3_rate": 100, "existing_claim": False})
    assert not given({"element3_rate": 100, "existing_claim": None}), "it follows that there is a claim"
    assert not given({"existing_claim": False, "element3_rate": None}), "it follows that the rate is nothing"
    assert not given({"plan": "sen_support", "ehcp_issued_on": date(2024, 1, 1)})
    assert not given({"decision_date": date(2026, 9, 1), "ehcp_issued_on": date(2026, 9, 2)})
    assert given({"decision_date": date(2026, 9, 1), "ehcp_issued_on": date(2026, 9, 1)})
    assert not given({"decision_date": date(2026, 8, 31)}), "this period starts on 1 September"


@pytest.mark.parametrize("operator", sorted(ORDERED))
@pytest.mark.parametrize(("kind", "values", "by"), [
    ("date", [date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 3), date.max, None], 1),
    ("integer", [*range(-1, 4), None], -2),
    ("money", [0, 1, 599_999, 600_000, 600_001, None], 600_000),
])  # fmt: skip
def test_one_fact_against_another_and_its_formula_agree(operator: str, kind: Any, values: list[Any], by: int) -> None:
    """A fact held against another is read twice, for cases and for the solver; here the two meet on a grid."""
    test = Test("one", operator, None, limit=FactLimit("other", by))
    symbols = {name: symbol(FactType(name, kind)) for name in ("one", "other")}
    truth = formula(test, symbols)
    for pair in itertools.product(values, repeat=2):
        if pair[1] == date.max:
            continue  # No later day can be written.
        pairs = fixed(symbols, ("one", "other"), pair)
        got = Truth(*(z3.is_true(z3.simplify(z3.substitute(part, *pairs))) for part in truth))
        held = judge(test, dict(zip(("one", "other"), pair, strict=True)))
        assert got == (held is True, held is False), pair


# Faults that are planted are found


def pupils(report: ProofReport, of: Corpus) -> list[Decision | NotIssued]:
    """Return what becomes of every pupil of a report, read as `decide` reads a file."""
    by = Decider(policy(of))
    cases = read_text("".join(text for one in report.findings for text in one.pupils), "pupils.yaml", by.policy)
    assert all(isinstance(case, Case) for case in cases), "a witness must not contradict itself"
    return [by.decide(case) for case in cases if isinstance(case, Case)]


def test_the_gap_at_exactly_6000_is_found_when_its_open_point_is_taken_away(tmp_path: Path) -> None:
    """The fault that the real text has, and that only its open point covers."""

    def take_away(data: Any) -> None:
        opens = data["versions"][2]["open"]
        opens.remove(row(data, "A1-rate-of-exactly-6000", 2))

    corpus = bent(tmp_path, route=take_away)
    report = proved(corpus, "route")
    assert found(report) == [("route", "gap")]
    assert report.findings[0].pupils[0].startswith("- case_ref: W-0001\n")
    assert "element3_rate: 6000.00" in report.findings[0].pupils[0]
    assert "No answer and no open point of 'route' covers a pupil on" in report.findings[0].problem.message
    (decided,) = pupils(report, corpus)
    assert isinstance(decided, NotIssued)
    assert "No answer and no open point" in decided.message


def test_an_overlap_is_found_when_a_row_is_written_twice_with_another_answer(tmp_path: Path) -> None:
    """Unique, not first match: two rows that can hold together are a fault, whatever their order."""

    def write_twice(data: Any) -> None:
        again = {**deepcopy(row(data, "sen-support", 3)), "id": "again", "answer": "tariff"}
        data["versions"][3]["answers"].append(again)

    corpus = bent(tmp_path, route=write_twice)
    report = proved(corpus, "route")
    assert found(report) == [("route", "overlap")]
    (decided,) = pupils(report, corpus)
    assert isinstance(decided, NotIssued)
    assert sorted(decided.accounts["judge"]) == ["route/again", "route/sen-support"]


def test_each_overlap_of_a_question_is_found(tmp_path: Path) -> None:
    """A report that stopped at the first fault would send its reader round again for each."""

    def write_twice(data: Any) -> None:
        for name in ("srp-or-special", "sen-support"):
            data["versions"][3]["answers"].append({**deepcopy(row(data, name, 3)), "id": f"{name}-again"})

    report = proved(bent(tmp_path, route=write_twice), "route")
    assert [code for _, code in found(report)] == ["overlap", "overlap"]


def test_a_fault_of_one_question_is_not_blamed_on_those_that_rest_on_it(tmp_path: Path) -> None:
    """Cases that an earlier question does not decide are counted out, but for the property that is about just them."""

    def write_twice(data: Any) -> None:
        again = {**deepcopy(row(data, "five-to-fifteen")), "id": "again", "answer": "out_of_scope"}
        data["versions"][1]["answers"].append(again)

    assert {about for about, _ in found(proved(bent(tmp_path, scope=write_twice), as_of="24/00120"))} == {
        "scope",
        "no-pupil-by-two-routes",
    }


def test_a_case_without_an_answer_is_no_witness_against_a_property(tmp_path: Path) -> None:
    """The second of two cases has to be decided too: learning the plan leads into a gap here, another fault."""

    def narrow(data: Any) -> None:
        listed = row(data, "state-funded-setting", 0)
        listed["when"] = {"all": [listed["when"], {"fact": "plan", "known": False}]}
        data["ask"].append("plan")

    corpus = bent(tmp_path, scope=narrow)
    assert found(proved(corpus, "more-facts-never-change-an-answer")) == []
    assert ("scope", "gap") in found(proved(corpus, "scope"))


def test_an_overlap_that_only_an_earlier_answer_rules_out_is_none(tmp_path: Path) -> None:
    """Only combinations that a case can have count: the answers of earlier questions are derived, not guessed."""

    def widen(data: Any) -> None:
        data["versions"][1]["answers"][0]["when"] = {"all": [
            {"fact": "scope", "is": "out_of_scope"}, {"fact": "route", "is": "unchanged_process"}]}  # fmt: skip

    assert found(proved(bent(tmp_path, exceptional_need_claim=widen), "exceptional_need_claim")) == []


DEAD: dict[str, tuple[str, str, str, Any]] = {
    "a row": ("route", "sen-support", "can never hold",
              lambda when: when["all"].append({"fact": "plan", "is": "ehcp"})),
    "a test that never holds": ("exceptional_need_claim", "mainstream", "'route is' never holds here",
                                lambda when: when["all"].append({"any": [
                                    {"fact": "route", "one_of": ["community_budget", "tariff", "school_budget"]},
                                    {"fact": "route", "is": "srp_average_rate"}]})),
    "a test that never fails": ("scope", "nineteen-or-over", "'age at_least' never fails here",
                                lambda when: when["all"].append({"fact": "age", "at_least": "0"})),
    "a branch": ("route", "sen-support", "never holds by this branch",
                 lambda when: when["all"].append({"any": [{"fact": "plan", "is": "sen_support"},
                                                          {"fact": "plan", "is": "ehcp"}]})),
    "a value": ("exceptional_need_claim", "mainstream", "is never 'mainstream_claim' where",
                lambda when: when["all"].append({"fact": "route", "one_of": [
                    "community_budget", "tariff", "school_budget", "mainstream_claim"]})),
}  # fmt: skip


@pytest.mark.parametrize("what", DEAD)
def test_a_part_of_the_rules_that_can_never_matter_is_found(what: str, tmp_path: Path) -> None:
    """No row, test or branch of rules/ is dead."""
    question, name, message, edit = DEAD[what]

    def plant(data: Any) -> None:
        edit(row(data, name, {"route": 3, "scope": -1}.get(question, 1))["when"])

    dead = [one.problem for one in proved(bent(tmp_path, **{question: plant}), question).findings
            if one.problem.code == "dead"]  # fmt: skip
    assert any(
        message in one.message and one.place.file == f"rules/{question}.yaml" and one.place.line > 1 for one in dead
    ), dead


def test_a_row_that_only_an_answer_of_an_open_point_can_reach_is_not_idle(tmp_path: Path) -> None:
    """The phases of 25/00108 allow an average rate, and never a claim: the one row is waited for, the other idle."""

    def claim(data: Any) -> None:
        again = {
            **deepcopy(row(data, "on-average-rate")),
            "id": "on-a-claim",
            "when": {"fact": "route", "is": "mainstream_claim"},
        }
        data["versions"][-1]["answers"].append(again)

    report = proved(bent(tmp_path, exceptional_need_claim=claim), "exceptional_need_claim", as_of="25/00108",
                    include_proposed=True)  # fmt: skip
    assert [one.problem.message for one in report.findings] == ["'exceptional_need_claim/on-a-claim' can never hold."]


def test_a_date_without_a_version_is_found(tmp_path: Path) -> None:
    """Every date has one version of each question."""

    def start_late(data: Any) -> None:
        data["versions"] = data["versions"][1:]

    report = proved(bent(tmp_path, scope=start_late), "scope")
    assert ("scope", "no-version") in found(report)
    assert any("before 1 April 2025" in one.problem.message for one in report.findings)


def test_two_versions_of_one_decision_on_one_day_are_found(tmp_path: Path) -> None:
    """Of one decision neither version is the later, so `check` stops it before anything is proved."""

    def write_twice(data: Any) -> None:
        data["versions"].append(deepcopy(data["versions"][-1]))

    with pytest.raises(PolicyError, match="two-versions"):
        proved(bent(tmp_path, scope=write_twice), "scope")


def test_contradictions_that_leave_no_case_at_all_are_found(tmp_path: Path) -> None:
    """A proof about nothing would hold: an empty domain is a fault of its own."""

    def forbid(data: Any) -> None:
        data["problems"].append({"id": "never", "field": "plan", "when": {"all": []}, "says": "No.", "help": "None."})

    assert ("facts", "no-case") in found(proved(bent(tmp_path, facts=forbid), as_of="24/00120"))


def test_a_rule_about_facts_that_can_never_hold_is_found(tmp_path: Path) -> None:
    """What facts say of each other stands in rules/ too: a contradiction that no case can have protects nothing."""

    def forbid(data: Any) -> None:
        never = {"all": [{"fact": "plan", "is": "ehcp"}, {"fact": "plan", "is": "sen_support"}]}
        data["problems"].append({"id": "never", "field": "plan", "when": never, "says": "No.", "help": "None."})

    (one,) = proved(bent(tmp_path, facts=forbid), as_of="24/00120").findings
    assert (one.about, one.problem.message) == ("facts", "'never' can never hold.")
    assert one.problem.place.file == "rules/facts.yaml"


def test_an_answer_tested_where_it_cannot_hinder_is_not_idle(tmp_path: Path) -> None:
    """A test on an answer makes its row wait for that answer, even before the reform, where no route is a Community's."""

    def wait(data: Any) -> None:
        row(data, "no-community-budget", 0)["when"] = {"not": {"fact": "route", "is": "community_budget"}}

    assert ("moderation", "dead") not in found(proved(bent(tmp_path, moderation=wait), "moderation", as_of="24/00120"))


def test_all_pupils_of_a_report_can_be_pasted_into_one_file(tmp_path: Path) -> None:
    """A witness is ready to run: no two share a reference, and each is decided, or not issued, as its fault says."""

    def take_away(data: Any) -> None:
        for version in data["versions"]:
            version.pop("open", None)

    corpus = bent(tmp_path, route=take_away)
    report = proved(corpus, "route")
    assert [code for _, code in found(report)] == ["gap", "gap"]
    assert all(isinstance(one, NotIssued) for one in pupils(report, corpus))


def test_a_pupil_of_an_earlier_policy_names_the_option_with_which_to_decide(tmp_path: Path) -> None:
    """As of another decision the same case may come out otherwise: the witness says which decision it was."""

    def take_away(data: Any) -> None:
        del data["versions"][0]["answers"][1]

    last, *others = policies(bent(tmp_path, exceptional_need_claim=take_away))
    earlier = next(one for one in others if one.as_of == "24/00026")
    for chosen, start in (
        ([last, earlier], "- case_ref: W-0001\n"),
        ([replace(last, periods=()), earlier], "# decide with --as-of 24/00026\n"),
    ):
        report = prove(chosen, clock=still, only="exceptional_need_claim")
        assert found(report)[0] == ("exceptional_need_claim", "gap")
        assert report.findings[0].pupils[0].startswith(start)


# Declared properties


def pair(report: ProofReport, of: Corpus, question: str) -> list[str]:
    return [one.answers[question].answer for one in pupils(report, of) if isinstance(one, Decision)]


def test_a_higher_level_that_leaves_the_tariff_is_found_with_two_pupils(tmp_path: Path) -> None:
    """At a fixed date a higher mapped level never moves a pupil from tariff to Community."""

    edition = "descriptors/continuum-draft-2025-06/edition.yaml"
    corpus = with_bands(tmp_path, lambda text: swapped(text, "- id: sen_support", "- id: specific_allocation"), edition)
    report = proved(corpus, "higher-level-stays-on-the-tariff")
    assert found(report) == [("higher-level-stays-on-the-tariff", "property")]
    assert pair(report, corpus, "route") == ["tariff", "community_budget"]


def test_two_routes_on_one_day_are_found(tmp_path: Path) -> None:
    """No pupil is paid by two routes on one day."""

    def widen(data: Any) -> None:
        row(data, "srp-or-special", 3)["when"]["all"][1]["one_of"].append("mainstream")

    report = proved(bent(tmp_path, route=widen), "no-pupil-by-two-routes")
    assert found(report) == [("no-pupil-by-two-routes", "property")]
    assert "setting: mainstream" in report.findings[0].pupils[0]


def test_a_personal_characteristic_as_a_fact_is_found(tmp_path: Path) -> None:
    """Sex, race, religion and the like are no facts at all, even where one is said not to be about a child."""

    def add(data: Any) -> None:
        data["facts"]["first_choice"] = {"label": "The school's religion", "type": "boolean", "personal": False}

    (one,) = proved(bent(tmp_path, facts=add), "no-personal-characteristic").findings
    assert "'first_choice' speaks of 'religion'" in one.problem.message


def test_age_outside_the_questions_that_the_text_names_is_found(tmp_path: Path) -> None:
    """Age enters only where the text names it (7.2), as a recorded exception."""

    def add(data: Any) -> None:
        data["ask"].append("age")
        row(data, "srp-or-special", 3)["when"]["all"].append({"fact": "age", "at_least": "$youngest_age"})

    (one,) = proved(bent(tmp_path, route=add), "no-personal-characteristic").findings
    assert "'route' asks for 'age', which only 'scope' may" in one.problem.message


def test_an_answer_that_more_facts_change_is_found_unless_it_is_recorded(tmp_path: Path) -> None:
    """Nothing is guessed: what is decided without a fact stays when the fact comes, but for the recorded exceptions."""

    def guess(data: Any) -> None:
        for version in data["versions"]:
            within = row({"versions": [version]}, "cost-within")
            within["when"] = {"any": [within["when"], {"all": [
                {"fact": name, "known": False} for name in ("additional_cost", "existing_claim", "element3_rate")]}]}  # fmt: skip

    def record(data: Any) -> None:
        one = next(one for one in data["properties"] if one["id"] == "more-facts-never-change-an-answer")
        facts = ("additional_cost", "existing_claim", "element3_rate")
        one["more_facts"] = {"exceptions": [
            {"question": "threshold", "fact": fact, "because": "A cost that is not known is taken for none."}
            for fact in facts]}  # fmt: skip

    corpus = bent(tmp_path / "guess", threshold=guess)
    report = proved(corpus, "more-facts-never-change-an-answer")
    assert set(found(report)) == {("more-facts-never-change-an-answer", "property")}
    first = [one for one in report.findings if "'threshold' changes" in one.problem.message]
    assert {next(iter(pair(ProofReport([one]), corpus, "threshold"))) for one in first} == {"not_exceeded"}
    recorded = proved(
        bent(tmp_path / "record", threshold=guess, properties=record), "more-facts-never-change-an-answer"
    )
    assert not [one for one in recorded.findings if "'threshold' changes" in one.problem.message]


def with_bands(folder: Path, edit: Callable[[str], str], file: str) -> Corpus:
    """Return the corpus after an edit of a file of the illustrative bands, checked like any other."""
    path = copied(folder) / file
    before = path.read_text(encoding="utf-8")
    path.write_text(edit(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    return sound(corpora.load(folder))


def swapped(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


BANDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "the rows that link levels with bands": (
        "policy/scenarios/illustrative.yaml",
        lambda text: swapped(text, "answer: band_2", "answer: band_3"),
    ),
    "the order of the bands": (
        "policy/scenarios/illustrative.yaml",
        lambda text: swapped(text, "    band_1: Band 1 of", "    band_4: Band 4 of"),
    ),
    "the levels of the edition": (
        "descriptors/illustrative/edition.yaml",
        lambda text: swapped(text, "specific_allocation_2", "specific_allocation_3"),
    ),
}


@pytest.mark.parametrize("what", BANDS)
def test_a_higher_need_that_gives_a_lower_band_is_found_with_two_pupils(what: str, tmp_path: Path) -> None:
    """By the rows, by the order of the bands, by the edition: two pupils show it, decided by that scenario."""
    file, edit = BANDS[what]
    corpus = with_bands(tmp_path, edit, file)
    report = proved(corpus, "higher-level-never-lower-band")
    assert {about for about, _ in found(report)} == {"higher-level-never-lower-band"}
    texts = report.findings[0].pupils
    assert len(texts) == 2
    assert all(text.startswith("# decide with --scenario illustrative\n") for text in texts)
    of = policy(corpus, scenario="illustrative")
    levels, bands, by = of.types["adaptation_level"].values, of.types["band"].values, Decider(of)
    places = []
    for case in read_text("".join(texts), "pupils.yaml", of):
        assert isinstance(case, Case)
        decided = by.decide(case)
        assert isinstance(decided, Decision)
        level = case.facts["adaptation_level"]
        assert isinstance(level, str)
        places.append((levels.index(level), bands.index(decided.answers["band"].answer)))
    (low, high_band), (high, low_band) = places
    assert low < high
    assert high_band > low_band


def test_a_fact_that_is_not_known_and_taken_for_the_cheaper_one_is_found(tmp_path: Path) -> None:
    """A guess: a plan that is not known counts as SEN Support, and the answer changes when it becomes known."""

    def guess(data: Any) -> None:
        parts = row(data, "sen-support", 3)["when"]["all"]
        at = next(at for at, part in enumerate(parts) if part.get("fact") == "plan")
        parts[at] = {"any": [parts[at], {"fact": "plan", "known": False}]}

    corpus = bent(tmp_path, route=guess)
    report = proved(corpus, "more-facts-never-change-an-answer")
    assert set(found(report)) == {("more-facts-never-change-an-answer", "property")}
    (first, *_) = [one for one in report.findings
                   if "'route' changes" in one.problem.message and one.pupils[0].startswith("- case_ref")]  # fmt: skip
    given, changed = pair(ProofReport([first]), corpus, "route")
    assert given == "community_budget"
    assert changed != given
    assert "plan:" not in first.pupils[0]
    assert "plan: " in first.pupils[1]


def test_an_answer_that_is_certain_and_withheld_is_found(tmp_path: Path) -> None:
    """F3: a rate of £4,000 whose day of issue is not known leads to the Community, whatever the day."""

    def ask_for_the_day(data: Any) -> None:
        parts = row(data, "rate-below-limit", 2)["when"]["all"]
        parts.append({"any": [{"fact": "ehcp_issued_on", "below": "$community_budgets_start"},
                              {"fact": "ehcp_issued_on", "at_least": "$community_budgets_start"}]})  # fmt: skip

    corpus = bent(tmp_path, route=ask_for_the_day)
    report = proved(corpus, "what-cannot-matter-is-not-asked", as_of="24/00120")
    assert ("what-cannot-matter-is-not-asked", "property") in found(report)
    said = [one for one in report.findings if "each value of 'ehcp_issued_on' leads to 'community_budget'" in
            one.problem.message]  # fmt: skip
    (pupil,) = pupils(ProofReport(said), corpus)
    assert isinstance(pupil, Decision)
    assert pupil.answers["route"].missing_facts


def test_an_answer_to_which_all_that_an_open_point_allows_leads_is_found(tmp_path: Path) -> None:
    """Of an open point each answer that it allows counts: between claims and budgets neither protects anything."""

    def wait_for_the_route(data: Any) -> None:
        row(data, "no-existing-claim", 1)["when"]["all"].append(
            {"fact": "route", "one_of": ["community_budget", "school_budget"]}
        )

    report = proved(bent(tmp_path, protection=wait_for_the_route), "what-cannot-matter-is-not-asked", as_of="24/00120")
    assert any("'protection' is undetermined, though every answer that an open point allows leads to 'none'" in
               one.problem.message for one in report.findings)  # fmt: skip


@pytest.mark.slow
def test_a_fact_that_is_asked_for_in_vain_is_found(tmp_path: Path) -> None:
    """At sixteen every year leaves it open, so the year settles nothing."""

    def ask_for_the_year(data: Any) -> None:
        for version in data["versions"]:
            version["open"] = [one for one in version["open"] if one.get("id") != "sixteen-and-year-not-known"]

    report = proved(bent(tmp_path, scope=ask_for_the_year), "what-stays-open-is-named", as_of="24/00120")
    assert any("'scope' is undetermined, though each value of 'year_group' leaves it open" in one.problem.message
               for one in report.findings)  # fmt: skip


PROPOSED = {"as_of": "25/00108", "include_proposed": True}
#: An edit for each, the policy that it is proved of, and what is said of the pupil who shows it.
AGAINST: dict[str, tuple[str, Callable[[Any], None], dict[str, Any], str]] = {
    "D1, by the level alone though a direct rate is possible": (
        "protection",
        lambda data: row(data, "transition-over")["when"]["all"][2]["any"][2]["all"].pop(),
        PROPOSED,
        "'route' may be 'direct_existing_rate', and yet 'protection' is 'none'",
    ),
    "D2, by the level alone though a Community is possible": (
        "moderation",
        lambda data: row(data, "other-route")["when"]["any"].append(
            {"all": [{"fact": "plan", "is": "ehcp"}, {"fact": "setting", "is": "mainstream"},
                     {"not": {"fact": "adaptation_level", "one_of": "$community_levels"}}]}),
        PROPOSED,
        "'route' may be 'community_budget', and yet 'moderation' is 'not_applicable'",
    ),
    "of the policy as taken, at exactly £6,000": (
        "protection",
        lambda data: row(data, "community-opted-out", 2)["when"]["all"][-1]["any"].append(
            {"fact": "element3_rate", "at_most": "$lower_support_limit"}),
        {"as_of": "24/00120"},
        "'route' may be 'direct_existing_rate', and yet 'protection' is 'none'",
    ),
    "where the route is decided": (
        "protection",
        lambda data: row(data, "existing-rate", 2).update(answer="none", gives={}),
        {"as_of": "24/00120"},
        "'route' is 'direct_existing_rate', and yet 'protection' is 'none'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", AGAINST)
@pytest.mark.slow
def test_an_answer_against_what_an_open_route_allows_is_found(what: str, tmp_path: Path) -> None:
    """Of an open point each answer that it allows counts: none of them may rule out an answer that is given."""
    question, edit, choice, said = AGAINST[what]
    corpus = bent(tmp_path, **{question: edit})
    report = proved(corpus, "no-answer-against-the-route", **choice)
    assert set(found(report)) == {("no-answer-against-the-route", "property")}
    (shown,) = [one for one in report.findings if said in one.problem.message]
    (case,) = read_text("\n".join(shown.pupils), "pupils.yaml", policy(corpus, **choice))
    assert isinstance(case, Case)
    decision = Decider(policy(corpus, **choice)).decide(case)
    assert isinstance(decision, Decision)
    assert f"'{decision.answers[question].answer}'" in said.rpartition(" is ")[2]


def test_a_promise_beyond_the_day_on_which_it_is_lost_is_found(tmp_path: Path) -> None:
    """F1: a plan of May 2025 was promised its rate until August 2026, and lost it in September 2025."""

    def promise(data: Any) -> None:
        row(data, "existing-rate-of-a-later-plan", 1)["gives"]["until"] = "$direct_payment_until"

    corpus = bent(tmp_path, protection=promise)
    report = proved(corpus, "no-promise-outlasts-its-answer", as_of="24/00120")
    assert found(report) == [("no-promise-outlasts-its-answer", "property")]
    assert "is promised beyond" in report.findings[0].problem.message
    first, later = pair(report, corpus, "protection")
    assert (first, later) == ("existing_rate_in_full", "undetermined")


#: For each declared property the tests in which rules that break it are found.
SEEDED: dict[str, list[Callable[..., None]]] = {
    "no-pupil-by-two-routes": [test_two_routes_on_one_day_are_found],
    "higher-level-stays-on-the-tariff": [test_a_higher_level_that_leaves_the_tariff_is_found_with_two_pupils],
    "higher-level-never-lower-band": [test_a_higher_need_that_gives_a_lower_band_is_found_with_two_pupils],
    "no-personal-characteristic": [
        test_a_personal_characteristic_as_a_fact_is_found,
        test_age_outside_the_questions_that_the_text_names_is_found,
    ],
    "more-facts-never-change-an-answer": [test_a_fact_that_is_not_known_and_taken_for_the_cheaper_one_is_found],
    "what-cannot-matter-is-not-asked": [
        test_an_answer_that_is_certain_and_withheld_is_found,
        test_an_answer_to_which_all_that_an_open_point_allows_leads_is_found,
    ],
    "what-stays-open-is-named": [test_a_fact_that_is_asked_for_in_vain_is_found],
    "no-answer-against-the-route": [test_an_answer_against_what_an_open_route_allows_is_found],
    "no-promise-outlasts-its-answer": [test_a_promise_beyond_the_day_on_which_it_is_lost_is_found],
}


def test_each_declared_property_is_broken_on_purpose_somewhere(real: Corpus) -> None:
    """A property that has never been seen to fail proves little: a new one needs rules that break it, here."""
    assert list(SEEDED) == [one.id for one in declared_properties(real.files)]


def test_a_property_of_what_does_not_exist_is_a_problem_with_its_place(tmp_path: Path) -> None:
    """Names are checked: a property of a misspelt question would hold for want of cases."""
    folder = copied(tmp_path)
    path = folder / "rules" / "properties.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("question: route", "question: rout").replace("fact: adaptation_level", "fact: level"))
    problems = [one for one in check(corpora.load(folder)) if one.place.file == "rules/properties.yaml"]
    assert {"unknown-question", "unknown-fact"} <= {one.code for one in problems}
    assert all(one.place.line > 1 for one in problems)
    mistyped = [one for one in problems if one.code == "unknown-question"]
    assert len({one.place for one in mistyped}) == text.count("question: route") > 2
    assert {one.help for one in mistyped} == {"Did you mean 'route'?"}


def test_a_property_of_answers_that_do_not_exist_is_a_problem_with_its_place(tmp_path: Path) -> None:
    """What rules out a misspelt answer, or one to a misspelt question, would rule out nothing."""
    folder = copied(tmp_path)
    path = folder / "rules" / "properties.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("        tariff:\n", "        tarif:\n").replace(
        "          band: [not", "          bands: [not"
    )
    path.write_text(text.replace("amount: [known]", "amount: [knwon]"), encoding="utf-8")
    problems = [one for one in check(corpora.load(folder)) if one.place.file == "rules/properties.yaml"]
    lines = text.splitlines()
    assert [(one.code, lines[one.place.line - 1].split(":")[0].strip()) for one in problems] == [
        ("unknown-answer", "tarif"), ("unknown-question", "bands"), ("unknown-answer", "amount")]  # fmt: skip


def test_a_property_needs_exactly_one_form(tmp_path: Path) -> None:
    """A property that claims nothing proves nothing."""
    folder = copied(tmp_path)
    path = folder / "rules" / "properties.yaml"
    path.write_text("properties:\n  - id: empty\n    says: Nothing at all.\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"rules/properties\.yaml:2:\d+: The property 'empty' needs exactly one form"):
        corpora.load(folder)


# Time, and what cannot be proved


def test_what_takes_too_long_is_said_to_be_not_proved(real: Corpus) -> None:
    """An honest 'not proved in N s': never a pass for want of time."""
    ticks = itertools.count()
    report = prove(policies(real), clock=lambda: float(next(ticks)), seconds=2)
    late = {one.about for one in report.unproved}
    assert "route" in late
    assert late.isdisjoint(report.proved)
    assert report.faults == []
    assert "'route' was not proved in 2 s." in [one.problem.message for one in report.unproved]


def test_an_answer_of_the_solver_that_it_does_not_know_is_no_proof(
    real: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """z3 says unknown where its own time runs out; that is neither proved nor a fault."""
    monkeypatch.setattr(z3.Solver, "check", lambda *_: z3.unknown)
    report = proved(real, "route")
    assert [one.about for one in report.unproved] == ["facts", "route"]
    assert report.proved == {}


def test_not_known_as_the_last_answer_of_the_solver_is_no_proof_either(
    real: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a property rests on one question to the solver, that one must not be taken for a no."""
    monkeypatch.setattr(z3.Solver, "check", lambda *_: z3.unknown)
    of = policy(real)
    one = replace(of, periods=of.periods[-1:])
    report = prove([one], clock=still, only="no-pupil-by-two-routes")
    assert "no-pupil-by-two-routes" in {one.about for one in report.unproved}
    assert report.proved == {}


def test_where_no_time_is_left_nothing_is_asked_any_more(real: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time limit that let each further question have its millisecond would be none."""
    monkeypatch.setattr(z3.Solver, "check", lambda *_: pytest.fail("asked"))
    report = prove(policies(real), clock=still, seconds=0, only="route")
    assert [one.about for one in report.unproved] == ["facts", "route"]


def test_what_is_proved_of_a_period_is_taken_over_only_for_the_same_rules_within_its_days(real: Corpus) -> None:
    """Proofs of several decisions share periods; a day outside, or another version, is proved anew."""
    period = policy(real).periods[-1]
    assert period.start is not None
    narrow = replace(period, end=period.start)
    (name, question), *_ = period.questions.items()
    other = replace(period, questions={**period.questions, name: replace(question, version=99)})
    assert _covers(period, narrow)
    assert not _covers(narrow, period)
    assert not _covers(period, other)


def test_a_rule_that_has_no_formula_is_said_to_be_unprovable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unprovable rule is said clearly, with its place."""
    monkeypatch.delitem(formulas._COMPARED, "more_than")
    said = r"rules/facts\.yaml:\d+:\d+: The test '.*' cannot be proved"
    with pytest.raises(PolicyError, match=said):
        proved(bent(tmp_path))


def test_a_witness_that_the_evaluator_decides_otherwise_is_never_shown_as_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every witness is decided for real; where the two differ, the engine is at fault and says so."""
    monkeypatch.setattr(Inquiry, "decided", lambda *_: None)

    def take_away(data: Any) -> None:
        data["versions"][2]["open"].remove(row(data, "A1-rate-of-exactly-6000", 2))

    assert found(proved(bent(tmp_path, route=take_away), "route")) == [("route", "proof-differs")]


def test_a_name_that_is_neither_question_nor_property_is_wrong_use(real: Corpus) -> None:
    """Errors name what does exist."""
    with pytest.raises(WrongUse, match="Did you mean 'route'"):
        proved(real, "rout")


# The command


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["senpolicy", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_the_command_exits_with_1_for_a_fault_and_prints_a_pupil(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contract's exit status, and one JSON list on standard output."""

    def take_away(data: Any) -> None:
        data["versions"][2]["open"].remove(row(data, "A1-rate-of-exactly-6000", 2))

    bent(tmp_path, route=take_away)
    assert run(["prove", "--question", "route", "--root", str(tmp_path)], monkeypatch) == 1
    assert "- case_ref: W-0001\n" in capsys.readouterr().out
    assert run(["prove", "--question", "route", "--json", "--root", str(tmp_path)], monkeypatch) == 1
    printed = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in printed if one["result"] == "fault"] == ["gap"]


def test_the_command_exits_with_0_when_time_runs_out_and_with_1_when_it_is_strict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A warning is fine by the contract; --strict is for those who need the proof."""
    arguments = ["prove", "--question", "route", "--seconds", "0", "--root", str(ROOT)]
    assert run(arguments, monkeypatch) == 0
    assert "'route' was not proved in 0 s." in capsys.readouterr().out
    assert run([*arguments, "--strict"], monkeypatch) == 1
