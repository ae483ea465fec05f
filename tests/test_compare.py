"""Comparing two versions: regions exact over every case, a caseload without small counts, decisions already issued."""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from bending import bent, copied, row
from copies import git, replace, toy, write
from generated import drawn, given, values
from golden_files import FROZEN, ROOT, loaded
from running import senpolicy
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.checking.corpus import sound
from senpolicy.checking.opening import Asked
from senpolicy.comparing.differences import ComparisonReport, Side, compare, compare_all, policies, report
from senpolicy.comparing.exact import ACCEPTED, CAUTIONS, DECIDED, REFUSED, PolicyComparison, Region, shape
from senpolicy.comparing.issued import outcomes, read_issued
from senpolicy.comparing.movement import ALL, Moved, moved, movement, pairs
from senpolicy.comparing.recorded import recorded
from senpolicy.comparing.report import say_told
from senpolicy.comparing.search import Search
from senpolicy.comparing.suppression import Number, count, withheld
from senpolicy.deciding.cases import Case, holds, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError
from senpolicy.language import partition
from senpolicy.language.conditions import Value
from senpolicy.policy import corpus as corpora
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import FOLDERS
from senpolicy.policy.timeline import Policy
from senpolicy.proving.plain import result_of
from senpolicy.readings import formula
from senpolicy.readings.symbolic_case import SymbolicResult
from wording import Wording, steady

LIMIT = "lower_support_limit"
PARAMETERS = "policy/24-00120/parameters.yaml"


@pytest.fixture(scope="module")
def base() -> Corpus:
    return loaded(FROZEN)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def set_value(folder: Path, name: str, value: str) -> None:
    """Set a parameter of 24/00120 in a copy."""
    replace(folder, PARAMETERS, rf"(^  {name}:\n(?:    .*\n)*?    value: ).*$", rf"\g<1>{value}")


def with_limit(folder: Path, value: str) -> Corpus:
    copied(folder)
    set_value(folder, LIMIT, value)
    return sound(corpora.load(folder))


def last(one: Corpus, other: Corpus) -> PolicyComparison:
    return compare(timeline.policy(one), timeline.policy(other))


@pytest.fixture(scope="module")
def raised(base: Corpus, tmp_path_factory: pytest.TempPathFactory) -> PolicyComparison:
    """What a limit of £7,000 in the place of £6,000 changes."""
    return last(base, with_limit(tmp_path_factory.mktemp("raised"), "7000.00"))


# Nothing changes


def reordered(data: Any) -> None:
    """Turn the rows of every version round, and the parts of every group."""

    def turn(when: Any) -> None:
        for word in ("all", "any"):
            if word in when:
                when[word].reverse()
                for part in when[word]:
                    turn(part)

    for version in data["versions"]:
        for rows in (version["answers"], version.get("open", [])):
            rows.reverse()
            for one in rows:
                turn(one["when"])


def reworded(data: Any) -> None:
    for version in data["versions"]:
        for one in version["answers"]:
            one["says"] = "In other words."
    for caution in data.get("cautions", []):
        caution["says"] = "In other words."


def turned(data: Any) -> None:
    """Say 'not at least' for 'below' and 'not more than' for 'at most': other rules that mean the same."""

    def turn(when: Any) -> Any:
        for word, other in (("below", "at_least"), ("at_most", "more_than")):
            if word in when:
                limit = when.pop(word)
                when.pop("because", None)
                return {"not": {**when, other: limit}}
        for word in ("all", "any"):
            if word in when:
                when[word] = [turn(part) for part in when[word]]
        return when

    for version in data["versions"]:
        for one in (*version["answers"], *version.get("open", [])):
            one["when"] = turn(one["when"])


def test_a_version_against_itself_changes_no_decision(base: Corpus) -> None:
    """Proved, as it stands and as of each decision."""
    assert [one.regions for one in compare_all(policies(base, base))] == [()]


@pytest.mark.parametrize("edit", [reordered, reworded])
def test_a_change_of_order_or_wording_is_proved_to_change_nothing(
    base: Corpus, tmp_path: Path, edit: Callable[[Any], None]
) -> None:
    """The rules are the same ones, so the solver is not even asked."""
    head = bent(tmp_path, **dict.fromkeys(base.questions, edit))
    assert report(Side("a", base), Side("b", head)).proved_alike
    ours, theirs = timeline.policy(base), timeline.policy(head)
    assert [shape(ours, one) for one in ours.periods] == [shape(theirs, one) for one in theirs.periods]


@pytest.mark.slow
def test_other_rules_that_mean_the_same_are_proved_to_change_nothing(base: Corpus, tmp_path: Path) -> None:
    """By solver: nothing but the meaning is the same."""
    head = bent(tmp_path, route=turned, scope=turned, threshold=turned)
    ours, theirs = timeline.policy(base), timeline.policy(head)
    assert [shape(ours, one) for one in ours.periods] != [shape(theirs, one) for one in theirs.periods]
    assert compare(ours, theirs).regions == ()


def test_a_change_of_comments_is_told_apart_from_one_of_contents(base: Corpus, tmp_path: Path) -> None:
    """Texts that differ are listed apart from decisions that do."""
    copied(tmp_path)
    route = tmp_path / "rules/route.yaml"
    route.write_text("# Another comment.\n" + route.read_text(encoding="utf-8"), encoding="utf-8")
    replace(tmp_path, "rules/scope.yaml", r"^asks: .*$", "asks: In other words?")
    found = report(Side("a", base), Side("b", sound(corpora.load(tmp_path))))
    assert found.proved_alike
    assert list(found.notes) == ["rules/route.yaml: comments or layout only", "rules/scope.yaml: changed"]


# What changes is exactly what is said


def dropped_problem(data: Any) -> None:
    data["problems"] = [one for one in data["problems"] if one["id"] != "claim-without-plan"]


def dropped_relation(data: Any) -> None:
    data["problems"] = [one for one in data["problems"] if one["id"] != "issued-after-decision"]


def dropped_consequence(data: Any) -> None:
    del data["follows"][0]


def other_answer(data: Any) -> None:
    row(data, "existing-claim-until-august", 1)["answer"] = "direct_existing_rate"


def other_caution(data: Any) -> None:
    next(one for one in data["cautions"] if one["id"] == "section-f")["when"] = {"fact": "plan", "is": "sen_support"}


def other_figure(data: Any) -> None:
    row(data, "existing-claim-protected", 2)["gives"]["high"] = "$protected_share_low"


def asked_in_another_order(data: Any) -> None:
    data["ask"].remove("plan")
    data["ask"].insert(data["ask"].index("community_start"), "plan")


def rewritten(folder: Path, name: str, edit: Callable[[Any], None]) -> Corpus:
    return bent(folder, **{name: edit})


CHANGES: dict[str, Callable[[Path], Corpus]] = {
    "limit": lambda folder: with_limit(folder, "7000.00"),
    "answer": lambda folder: rewritten(folder, "route", other_answer),
    "fact against fact": lambda folder: rewritten(folder, "facts", dropped_relation),
    "caution": lambda folder: rewritten(folder, "route", other_caution),
    "figure": lambda folder: rewritten(folder, "protection", other_figure),
    "order of asking": lambda folder: rewritten(folder, "route", asked_in_another_order),
    "contradiction": lambda folder: rewritten(folder, "facts", dropped_problem),
    "consequence": lambda folder: rewritten(folder, "facts", dropped_consequence),
}


def told(decision: Decision | None, about: str, other: Decision | None) -> SymbolicResult:
    """Return what a decision comes to in the words of a region."""
    if about == DECIDED:
        return REFUSED if decision is None else ACCEPTED
    assert decision is not None
    kind, _, question = about.partition(": ")
    if kind == CAUTIONS:
        raise AssertionError("cautions are looked at one by one")
    return result_of(decision.answers[question or kind], decision.period.questions[question or kind])


def shown(decision: Decision, region: Region) -> SymbolicResult:
    """Return what a decision comes to in the words of this region; of a caution, whether it goes with the answer."""
    kind, _, question = region.about.partition(": ")
    if kind != CAUTIONS:
        return told(decision, region.about, decision)
    caution = region.base.answer.partition(" ")[2]
    goes = any(one.id == caution for one in decision.answers[question].cautions)
    return SymbolicResult(f"{'with' if goes else 'without'} {caution}")


def within(region: Region, facts: Mapping[str, Value], of: Policy) -> bool:
    """Return whether a case lies in a region; what follows from its facts counts, where the region says so."""
    taken = given(facts, of)
    facts = facts if region.as_given or not isinstance(taken, Case) else taken.facts
    for says, wanted in region.related:
        rule = next(one for period in of.periods for one in period.problems if one.says == says)
        if holds(rule, {name: value for name, value in facts.items() if value is not None}) is not wanted:
            return False
    day = facts["decision_date"]
    assert isinstance(day, date)
    if not any((first or date.min) <= day <= (final or date.max) for first, final in region.days):
        return False
    for name, bounds in region.facts:
        value = facts.get(name)
        if value is None:
            if not bounds.unknown:
                return False
        elif not any(low <= of.types[name].number(value) <= high for low, high in bounds.values):
            return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_case_is_decided_otherwise_exactly_where_a_region_says_so(base: Corpus, tmp_path: Path, change: str) -> None:
    """The exact regions. Both policies decide the same drawn cases; no difference lies outside, none is false."""
    ours, theirs = timeline.policy(base), timeline.policy(CHANGES[change](tmp_path))
    found = compare(ours, theirs)
    assert found.regions
    source, tried, by = random.Random(3), values(ours), (Decider(ours), Decider(theirs))
    for name, more in values(theirs).items():
        tried[name] = list(dict.fromkeys([*tried[name], *more]))
    differing = 0
    for number in range(500):
        facts = drawn(source, tried)
        if number % 2:
            facts = {**facts, **near(source.choice(found.regions), source, ours)}
        cases = [given(facts, decider.policy) for decider in by]
        decided = [
            decider.decide(case) if isinstance(case, Case) else None for decider, case in zip(by, cases, strict=True)
        ]
        was, now = (one if isinstance(one, Decision) else None for one in decided)
        if was is None and now is None:
            continue  # A region speaks of cases that one of the two decides.
        abouts = [DECIDED] if was is None or now is None else list(was.answers)
        for about in abouts:
            pair = told(was, about, now), told(now, about, was)
            regions = {(one.base, one.head) for one in found.regions if one.about == about and within(one, facts, ours)}
            assert regions == ({pair} if pair[0] != pair[1] else set()), f"{about}: {pair}, {facts}"
            differing += pair[0] != pair[1]
        if was and now:
            for name, answer in was.answers.items():
                carried = {one.id for one in answer.cautions} ^ {one.id for one in now.answers[name].cautions}
                said = {one.base.answer.partition(" ")[2] for one in found.regions
                        if one.about == f"{CAUTIONS}: {name}" and within(one, facts, ours)}  # fmt: skip
                assert said == carried
                differing += bool(carried)
    assert differing >= 10


def test_rules_that_leave_a_gap_are_not_compared_and_it_is_said_where(base: Corpus, tmp_path: Path) -> None:
    """It was a traceback: no row of the amount speaks of a tariff before there is one."""

    def too_early(data: Any) -> None:
        row(data, "new-plan", 2)["answer"] = "tariff"

    with pytest.raises(PolicyError) as raised:
        last(base, rewritten(tmp_path, "route", too_early))
    (problem,) = raised.value.problems
    assert problem.code == "not-sound"
    assert "'amount'" in problem.message
    assert "senpolicy prove" in problem.help


def near(region: Region, source: random.Random, of: Policy) -> dict[str, Value]:
    """Return facts in or just outside a region, so that the drawn cases meet it often."""
    found: dict[str, Value] = {}
    for name, bounds in region.facts:
        kind = of.types[name]
        edges = [at for one in bounds.values for at in one]
        if not edges or (bounds.unknown and source.random() < 0.3):
            found[name] = None
            continue
        at = source.choice(edges)
        lowest, highest = partition.bounds(kind)
        at = min(max(at + source.choice((0, 0, 0, 1, -1)), lowest), highest)
        found[name] = partition.value_of(kind, at)
    first, final = source.choice(region.days)
    day = first or (final and final - timedelta(days=1)) or date(2025, 10, 1)
    return {**found, "decision_date": day}


def test_each_region_has_a_case_that_shows_it(raised: PolicyComparison) -> None:
    """A witness for each, ready for `decide`, and it comes out under both as the region says."""
    assert raised.regions
    by = Decider(raised.base), Decider(raised.head)
    for region in raised.regions:
        results = []
        for decider in by:
            (case,) = read_text(region.pupil, "witness.yaml", decider.policy)
            assert isinstance(case, Case)
            decision = decider.decide(case)
            assert isinstance(decision, Decision)
            results.append(shown(decision, region))
            assert within(region, case.facts, raised.base)
        assert results == [region.base, region.head]


def test_a_date_that_moves_by_a_day_changes_one_day(base: Corpus, tmp_path: Path) -> None:
    """The dates. The transition a day later: every difference in scope lies on 1 April 2025."""
    copied(tmp_path)
    set_value(tmp_path, "transition_start", "2025-04-02")
    head = sound(corpora.load(tmp_path))
    found = compare(timeline.policy(base), timeline.policy(head), only="scope")
    assert {one.about for one in found.regions} == {"scope"}
    assert {one.days for one in found.regions} == {((date(2025, 4, 1), date(2025, 4, 1)),)}


def test_a_penny_changes_a_penny(base: Corpus, tmp_path: Path) -> None:
    """A limit of £6,000.01: the rate of exactly £6,000 and that of £6,000.01, and no other."""
    head = timeline.policy(with_limit(tmp_path, "6000.01"))
    found = compare(timeline.policy(base), head, only="route")
    rates = {bounds.values for one in found.regions for name, bounds in one.facts if name == "element3_rate"}
    assert rates == {((600_000, 600_000),), ((600_001, 600_001),)}


def test_a_difference_as_of_an_earlier_decision_alone_is_found(base: Corpus, tmp_path: Path) -> None:
    """`--as-of` decides by it, so a comparison of the last one alone would say too little."""
    copied(tmp_path)
    replace(tmp_path, "policy/before-24-00120/parameters.yaml", r"(first_cost_met_by_school:\n(?:    .*\n)*?    value: ).*$",
            r"\g<1>6500.00")  # fmt: skip
    # The later value has no day, so it says that it takes the place of this one back to the beginning.
    replace(tmp_path, "policy/24-00120/parameters.yaml", r"(first_cost_met_by_school:\n(?:    .*\n)*?    value: .*)$",
            r"\g<1>\n    reaches_back: true")  # fmt: skip
    head = sound(corpora.load(tmp_path))
    found = compare_all(policies(base, head), only="threshold")
    early = [one for one in found if one.base.as_of != base.order[-1]]
    days = {one.days for compared in early for one in compared.regions}
    assert any(final is None or final > date(2025, 4, 1) for span in days for _, final in span)


@pytest.mark.slow
def test_what_the_last_policy_tells_is_not_told_again_for_earlier_ones(base: Corpus, tmp_path: Path) -> None:
    """One change, one list."""
    assert len(compare_all(policies(base, with_limit(tmp_path, "7000.00")), only="route")) == 1


def test_a_new_decision_is_compared_with_the_policy_before_it(base: Corpus, tmp_path: Path) -> None:
    """What a pull request does: a decision more in the head, and a limit that counts from a day on."""
    copied(tmp_path)
    write(
        tmp_path,
        "policy/26-00041/decision.yaml",
        "number: 26/00041\ntitle: Made up\nstatus: taken\ntaken: {day: 2026-03-01}\n",
    )
    write(
        tmp_path,
        "policy/26-00041/parameters.yaml",
        f"""\
parameters:
  {LIMIT}:
    label: The limit
    unit: pounds_a_year
    value: 7000.00
    from: 2026-03-01
    source: {{document: report, paragraph: "3.20"}}
""",
    )
    replace(tmp_path, "policy/decisions.yaml", rf"^  - {base.order[-1]}$", r"\g<0>\n  - 26/00041")
    found = report(Side("a", base), Side("b", sound(corpora.load(tmp_path))), question="route")
    (one,) = found.compared or ()
    assert one.head.as_of == "26/00041"
    assert {region.days for region in one.regions} == {((date(2026, 3, 1), date(2026, 8, 31)),)}
    assert "24/00120" in found.also


@pytest.mark.slow
def test_a_question_that_one_version_does_not_ask_is_no_proof(base: Corpus, tmp_path: Path) -> None:
    """A decision then says more, or less, whatever the other answers are."""
    copied(tmp_path)
    replace(tmp_path, "rules/questions.yaml", r"^  - threshold$", r"\g<0>\n  - school_size")
    write(
        tmp_path,
        "rules/school_size.yaml",
        """\
question: school_size
asks: Is the pupil in a mainstream school?
answers: {yes_it_is: It is., no_it_is_not: It is not.}
ask: [setting]
versions:
  - decision: before-24/00120
    answers:
      - {id: it-is, answer: yes_it_is, source: {document: report, paragraph: "3.7"}, when: {fact: setting, is: mainstream}}
      - id: it-is-not
        answer: no_it_is_not
        source: {document: report, paragraph: "3.7"}
        when: {not: {fact: setting, is: mainstream}}
""",
    )
    found = report(Side("a", base), Side("b", sound(corpora.load(tmp_path))))
    assert not found.proved_alike
    assert "not compared: the question 'school_size' is in the head only." in "\n".join(
        line for _, line in found.lines()
    )


# On the toy policy (tests/toy), of which every part can be changed in a moment


def toyed(folder: Path, *edits: tuple[str, str, str]) -> Corpus:
    folder.mkdir()
    return sound(corpora.load(toy(folder, *edits)))


#: The rows and the caution of the toy policy, so that each word of the language is in a condition.
WORDED = (
    ("rules/handling.yaml", r"^    when: {fact: handling, is: fined}$", "    when: {not: {fact: lost, is: true}}"),
    ("rules/facts.yaml", r"^      all:$", "      any:"),
)


@pytest.mark.parametrize(
    "edit",
    [
        ("rules/handling.yaml", r"not: {fact: lost, is: true}", "not: {fact: lost, is: false}"),
        ("rules/handling.yaml", r"{not: {fact: lost, is: true}}", "{fact: lost, is: true}"),
        ("rules/handling.yaml", r"id: hardship", "id: distress"),
        ("rules/facts.yaml", r"^      any:$", "      all:"),
        ("rules/facts.yaml", r"days_late, at_most", "days_late, below"),
        ("rules/facts.yaml", r"{fact: run_up, more_than", "{fact: price, more_than"),
        ("rules/facts.yaml", r"school: a school}", "school: a school, staff: one of the staff}"),
        ("rules/charge.yaml", r"round: up}$(?=\n  - from)", "round: down}"),
        ("rules/charge.yaml", r"gives: {to_pay: \$most_charged}$(?=\n    open)", "gives: {to_pay: {of: run_up}}"),
        ("rules/charge.yaml", r"ask: \[lent, handling, card", "ask: [handling, lent, card"),
        ("policy/fines-2024/parameters.yaml", r"value: 5.00$", "value: 5.01"),
        ("policy/fines-2026/parameters.yaml", r"value: 2026-08-31$", "value: 2026-08-30"),
    ],
)
def test_what_may_decide_a_case_otherwise_is_never_passed_over_as_the_same(
    tmp_path: Path, edit: tuple[str, str, str]
) -> None:
    """Two periods that count as the same are not compared: so nothing on which a decision rests may be left out."""
    ours, theirs = (timeline.policy(corpora.load(toy(folder, *edits)))
                    for folder, edits in ((tmp_path / "a", WORDED), (tmp_path / "b", (*WORDED, edit))))  # fmt: skip
    assert [shape(ours, one) for one in ours.periods] != [shape(theirs, one) for one in theirs.periods]


def test_a_caution_that_comes_of_something_else_is_a_difference(tmp_path: Path) -> None:
    """A change below a `not` alone: the rows are the same, and the caution is with other cases."""
    base = toyed(tmp_path / "a", WORDED[0])
    head = toyed(tmp_path / "b", (*WORDED[0][:2], "    when: {not: {fact: lost, is: false}}"))
    found = last(base, head)
    assert {(one.about, one.base.answer, one.head.answer) for one in found.regions} == {
        ("cautions: handling", "with hardship", "without hardship"),
        ("cautions: handling", "without hardship", "with hardship"),
    }


def test_a_kind_of_case_is_searched_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one kind of case is charged and handled otherwise, the solver is not asked for it again: it takes long."""
    searched, generalised = [], Search.generalised

    def noted(*words: Any) -> Any:
        searched.append(generalised(*words))
        return searched[-1]

    monkeypatch.setattr(Search, "generalised", noted)
    base = toyed(tmp_path / "a")
    head = toyed(tmp_path / "b", ("policy/fines-2024/parameters.yaml", r"value: 3$", "value: 5"))
    found = last(base, head).regions
    assert {one.about for one in found} == {DECIDED, "handling", "charge", f"{CAUTIONS}: handling"}
    assert len(searched) == len(set(searched)) < len(found)


SET = "policy/fines-2026/parameters.yaml"
ANOTHER = """  fine_for_noise:
    label: A fine for noise
    unit: pounds
    value: 1.00
    from: 2026-04-01
    source: {document: notice, paragraph: "1"}
"""


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ((SET, r"value: 2.50$", "value: 2.00"),
         "fines-2026: the most that a young reader is charged for one loan is £2; it was £2.50 (`most_charged_young`)."),
        ((SET, r"    value: 2.50$", "    value: 2.50\n    from: 2026-05-01"),
         "fines-2026: the most that a young reader is charged for one loan is £2.50 from 1 May 2026; it was £2.50 "
         "(`most_charged_young`)."),
        ((SET, r"^parameters:\n", "parameters:\n" + ANOTHER),
         "fines-2026 sets a fine for noise: £1 from 1 April 2026 (`fine_for_noise`)."),
        (("policy/readings.yaml", r"^  - id: D1-closed-days-count$", "  - id: D1-closed-days-do-not"),
         "Adopts a reading of D1-which-days-count (The library committee, 2 February 2026): Days on which the library "
         "is closed count as days late."),
    ],
)  # fmt: skip
def test_a_comparison_says_which_values_and_readings_are_recorded_otherwise(
    tmp_path: Path, edits: tuple[str, str, str], said: str
) -> None:
    """By what they say, in the direction of the change; nothing is said the other way round, or of what is the same."""
    base, head = (corpora.load(toy(tmp_path / name, *words)) for name, words in (("a", ()), ("b", (edits,))))
    assert said in list(recorded(base, head))
    assert list(recorded(base, base)) == []
    if ANOTHER in edits[2]:
        no_longer = "fines-2026 sets a fine for noise no longer; it was £1 (`fine_for_noise`)."
        assert list(recorded(head, base)) == [no_longer]


def test_a_decision_by_a_proposal_is_one_of_the_base_that_proposes_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As of the proposed decision, the policy is the base's own, though the base is what counts today."""
    standing = ("policy/fines-2026/decision.yaml", r"^status: taken\ntaken: .*$", "status: proposed")
    folder = toy(tmp_path, standing)
    _, out, said = senpolicy(capsys, "decide", str(folder / "loans.yaml"), "--json", "--root", str(folder),
                             "--as-of", "fines-2026", "--include-proposed")  # fmt: skip
    assert out, said
    (tmp_path / "decided.json").write_text(out, encoding="utf-8")
    by = Decider(timeline.policy(corpora.load(folder)))
    assert by.policy.decisions == ("fines-2024",)
    found = read_issued(tmp_path / "decided.json", by)
    assert [one.by_base for one in found] == [True, True]


# What cannot be compared


def another_fact(folder: Path) -> Corpus:
    return bent(folder, facts=with_transport)


def with_transport(data: Any) -> None:
    """Add a fact to those of rules/facts.yaml."""
    data["facts"]["has_transport"] = {"label": "Whether there is transport", "type": "boolean", "personal": True}


def another_fact_and_value(folder: Path) -> Corpus:
    return another_value(folder, with_transport)


def another_value(folder: Path, *further: Callable[[Any], None]) -> Corpus:
    def edit(data: Any) -> None:
        data["facts"]["setting"]["values"]["ship"] = "a school on a ship"
        for one in further:
            one(data)

    def settled(data: Any) -> None:
        for version in data["versions"]:
            for one in (*version["answers"], *version.get("open", [])):
                if "independent" in one["when"].get("one_of", []):
                    one["when"]["one_of"].append("ship")

    return bent(folder, facts=edit, scope=settled)


@pytest.mark.parametrize(
    ("change", "names"),
    [(another_fact_and_value, ["has_transport", "setting"]),
     pytest.param(another_fact, ["has_transport"], marks=pytest.mark.slow),
     pytest.param(another_value, ["setting"], marks=pytest.mark.slow)],
)  # fmt: skip
def test_facts_that_differ_are_said_clearly(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: Callable[[Path], Corpus], names: list[str]
) -> None:
    """Exit 1 for the proof; what both know is compared, and so is the caseload, on the facts that both share."""
    base, head, cases = tmp_path / "base", tmp_path / "head", ROOT / "tests/cases/every-route.yaml"
    copied(base)
    change(head)
    for side in (base, head):  # Each scenario is tried by itself, which takes its time; one shows as much as ten.
        for scenario in (side / "policy/scenarios").iterdir():
            if scenario.is_dir():
                shutil.rmtree(scenario)
    status, out, _ = senpolicy(capsys, "compare", str(base), str(head), "--cases", str(cases), "--json")
    (data,) = json.loads(out)
    assert status == 1
    told = [one for one in data["problems"] if "[facts-differ]" in one]
    assert told == data["problems"][: len(told)], "what differs in the facts is told first"
    assert [name for name in names if not any(f"'{name}'" in one for one in told)] == [], told
    assert data["proved_alike"] is False
    assert [one["regions"] for one in data["differences"]] == [[]]
    assert data["movement"]["total"]["difference"] in ({"low": "0.00", "high": "0.00"}, None)


def test_a_rule_that_cannot_be_written_as_a_formula_is_said_clearly(
    base: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unprovable rule; the message says what to do."""
    head = with_limit(tmp_path, "7000.00")
    monkeypatch.delitem(formula._COMPARED, "more_than")
    with pytest.raises(PolicyError, match="cannot be proved"):
        last(base, head)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with two commits: the corpus, and the corpus with another limit."""
    folder = tmp_path / "repository"
    copied(folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "One")
    set_value(folder, LIMIT, "6000.01")
    git(folder, "commit", "--quiet", "-am", "Two")
    for name in FOLDERS:
        shutil.rmtree(folder / name)
    (folder / "read.me").write_text("Nothing")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "Three")
    shutil.copytree(FROZEN / "policy", folder / "policy")
    shutil.copytree(FROZEN / "rules", folder / "rules")
    shutil.copytree(FROZEN / "descriptors", folder / "descriptors")
    return folder


def test_revisions_are_compared_as_they_are_in_git(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    """Folders or git revisions; what lies in the folder does not matter."""
    named = "HEAD~2", "HEAD~1", "--question", "route"
    status, out, _ = senpolicy(capsys, "compare", *named, "--root", str(repository), "--json")
    (data,) = json.loads(out)
    assert (status, data["proved_alike"]) == (0, False)
    status, out, _ = senpolicy(capsys, "compare", "HEAD~2", str(FROZEN), "--root", str(repository), "--json")
    assert json.loads(out)[0]["proved_alike"]


@pytest.mark.parametrize(
    ("named", "code"), [("nosuch", "no-revision"), ("--upload-pack=x", "no-revision"), ("HEAD", "no-policy")]
)
def test_a_revision_that_does_not_exist_is_said_clearly(
    capsys: pytest.CaptureFixture[str], repository: Path, named: str, code: str
) -> None:
    """Exit 1, and nothing on standard output."""
    status, out, err = senpolicy(capsys, "compare", "--root", str(repository), "--", named, str(FROZEN))
    assert (status, out) == (1, "")
    assert f"[{code}]" in err


@pytest.mark.parametrize("leads", ["/etc/hostname", "../../outside.yaml", "facts.yaml"])
def test_a_revision_that_holds_a_link_is_refused(
    capsys: pytest.CaptureFixture[str], repository: Path, leads: str
) -> None:
    """A revision is what it holds: a link, wherever it leads, is said by the place where it stands."""
    (repository / "rules" / "linked.yaml").symlink_to(leads)
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "A link")
    status, out, err = senpolicy(capsys, "compare", "HEAD", str(FROZEN), "--root", str(repository))
    assert (status, out) == (1, "")
    assert "[revision-link]" in err
    assert "rules/linked.yaml" in err
    assert "Traceback" not in err


def test_a_corpus_with_problems_is_said_clearly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 1; what does not pass `check` is not compared."""
    copied(tmp_path)
    replace(tmp_path, "rules/scope.yaml", r"^question: scope$", "question: skope")
    status, out, err = senpolicy(capsys, "compare", str(FROZEN), str(tmp_path))
    assert (status, out) == (1, "")
    assert "scope.yaml" in err or "skope" in err


# Withholding small counts


Table = list[list[int]]


def published(table: Table) -> dict[Any, Number]:
    """Return a table as the counts that are published of it: its cells, their totals, and the total of all."""
    numbers = itertools.count()
    cells: dict[Any, list[int]] = {(r, c): [next(numbers) for _ in range(number)]
                                   for r, line in enumerate(table) for c, number in enumerate(line)}  # fmt: skip
    rows, columns = range(len(table)), range(len(table[0]))
    sums = {("row", r): [case for c in columns for case in cells[r, c]] for r in rows}
    sums |= {("column", c): [case for r in rows for case in cells[r, c]] for c in columns}
    sums["all"] = [case for r in rows for case in sums["row", r]]  # type: ignore[index]
    return {key: count(cases) for key, cases in {**cells, **sums}.items()}


def told_for_certain(table: Table, hidden: set[Any]) -> list[Any]:
    """Return the small cells that a reader can work out, by trying every table that looks the same."""
    rows, columns = len(table), len(table[0])
    places = [(r, c) for r in range(rows) for c in range(columns)]
    sums = {key: len(one.cases) for key, one in published(table).items() if key not in hidden}
    most = 14

    def tables(chosen: dict[Any, int], left: Sequence[Any]) -> Iterator[dict[Any, int]]:
        for key, wanted in sums.items():
            part, number = key if isinstance(key, tuple) else ("all", 0)
            inside = [p for p in places if part == "all" or (part == "row" and p[0] == number) or
                      (part == "column" and p[1] == number)]  # fmt: skip
            if isinstance(part, str):
                known = [chosen[p] for p in inside if p in chosen]
                if sum(known) > wanted or (len(known) == len(inside) and sum(known) != wanted):
                    return
        if not left:
            yield chosen
            return
        place, *rest = left
        options = range(1, most) if place in hidden else [table[place[0]][place[1]]]
        for value in options:
            yield from tables({**chosen, place: value}, rest)

    certain = []
    for place in places:
        number = table[place[0]][place[1]]
        if 0 < number < LEAST:
            assert place in hidden
            others = (one for one in tables({}, places) if one[place] != number)
            if next(others, None) is None:
                certain.append(place)
    return certain


def test_no_small_count_can_be_worked_out_from_those_that_are_shown() -> None:
    """Never recoverable by subtraction. Brute force: every table that looks the same is tried."""
    source = random.Random(20)
    for _ in range(60):
        shape_of = source.choice([(2, 2), (2, 3), (1, 4), (3, 2)])
        table = [[source.choice([0, 1, 2, 4, 5, 6, 9]) for _ in range(shape_of[1])] for _ in range(shape_of[0])]
        cells = published(table)
        assert told_for_certain(table, withheld(cells)) == [], table


def test_the_brute_force_sees_what_a_total_gives_away() -> None:
    """To withhold the small count alone tells it: 10 and a total of 13."""
    table = [[10, 3], [20, 30]]
    assert told_for_certain(table, {(0, 1)}) == [(0, 1)]
    assert (0, 1) in withheld(published(table))


@pytest.mark.parametrize("number", [1, 4])
def test_a_count_under_five_is_withheld_and_five_is_shown(number: int) -> None:
    """Nought is shown, one to four are not."""
    cells = {"small": count(range(number)), "five": count(range(10, 15)), "nought": count([])}
    assert withheld(cells) == {"small"}


def test_two_counts_of_one_are_told_by_their_total_so_a_third_is_withheld() -> None:
    """Nought is shown, so a reader knows that both are at least one: with a total of two both are told."""
    table = [[40, 1, 1]]
    assert (0, 0) in withheld(published(table))


def test_a_sum_of_pounds_that_others_make_up_is_withheld_with_a_small_one() -> None:
    """Pounds of three pupils are the total less the others: the total, or another, goes too."""
    cells = {
        "few": Number(frozenset((case, "base") for case in range(3))),
        "many": Number(frozenset((case, "base") for case in range(3, 20))),
        "all": Number(frozenset((case, "base") for case in range(20))),
    }
    assert len(withheld(cells)) == 2
    assert withheld(cells, told=["all"]) == {"few", "many"}


def test_a_difference_does_not_tell_what_a_move_of_few_is_made_of() -> None:
    """Head less base of a move of three, beside both of its sides: to show them all would tell it."""
    few = [(case, side) for side in ("base", "head") for case in range(3)]
    base, head = ([part for part in few if part[1] == side] for side in ("base", "head"))
    more = [(case, "base") for case in range(3, 20)]
    cells = {
        "move": Number(frozenset(head), frozenset(base)),
        "base": Number(frozenset([*base, *more])),
        "stay": Number(frozenset(more)),
        "head": Number(frozenset([*head, *((case, "head") for case in range(3, 20))])),
    }
    hidden = withheld(cells)
    assert "move" in hidden


# A caseload


def caseload(folder: Path, number: int = 120) -> Path:
    """Return a file of made-up pupils with schools and Communities."""
    source, cases = random.Random(9), []
    for at in range(number):
        age = source.randint(4, 17)
        case: dict[str, Any] = {
            "case_ref": f"M-{at + 1}",
            "decision_date": "2025-10-01",
            "age": age,
            "year_group": age - 5,
        }
        case |= {
            "setting": source.choice([*["mainstream"] * 8, "srp", "independent"]),
            "plan": source.choice(["ehcp", "sen_support"]),
        }
        if case["plan"] == "ehcp":
            case["ehcp_issued_on"] = source.choice(["2023-06-12", "2025-09-20"])
        case["element3_rate"] = source.choice(["3000", "6000.01", "6500", "7200", "12000"])
        case["community_protection"] = source.choice(["kept", "opted_out"])
        case["school"] = f"S{source.randint(1, 6)}"
        case["community"] = f"C{int(case['school'][1:]) % 2}"
        cases.append(case)
    path = folder / "caseload.yaml"
    path.write_text(yaml.safe_dump(cases), encoding="utf-8")
    return path


def moves(base: Corpus, head: Corpus, cases: Path) -> Any:
    found = report(Side("base", base), Side("head", head), cases=cases, question="band")
    assert found.movement is not None
    return found.movement


def test_a_null_comparison_gives_exactly_nothing(base: Corpus, tmp_path: Path) -> None:
    """Exactly £0.00, in every sum that is told."""
    found = moves(base, base, caseload(tmp_path))
    assert say_told(found.total.difference, signed=True) == "£0.00"
    sums = [one for members in found.by.values() for _, _, one in members.values()]
    assert {one.difference for one in sums} <= {(0, 0), (0, None), None}
    assert found.movers == []
    for matrix in found.matrices.values():
        assert all(was == now for was, now in matrix if ALL not in (was, now))


def test_the_movement_is_what_deciding_each_case_twice_gives(base: Corpus, tmp_path: Path) -> None:
    """The counts that are shown are the true ones, and those withheld are the small ones and what would tell them."""
    head, path = with_limit(tmp_path / "head", "7000.00"), caseload(tmp_path)
    found = moves(base, head, path)
    expected: dict[tuple[str, str, str], int] = {}
    total = 0
    by = [Decider(timeline.policy(one)) for one in (base, head)]
    for case in yaml.safe_load(path.read_text(encoding="utf-8")):
        case = {name: value for name, value in case.items() if name not in ("school", "community")}
        decided = []
        for decider in by:
            (one,) = read_text(json.dumps([case]), "one.json", decider.policy)
            assert isinstance(one, Case)
            decision = decider.decide(one)
            assert isinstance(decision, Decision)
            decided.append(decision)
        for name in found.matrices:
            key = name, decided[0].answers[name].answer, decided[1].answers[name].answer
            expected[key] = expected.get(key, 0) + 1
        total += 1
    assert found.cases == total
    for name, matrix in found.matrices.items():
        shown = {(name, was, now): number for (was, now), number in matrix.items() if ALL not in (was, now)}
        assert shown.keys() == {key for key in expected if key[0] == name}
        assert all(number is None or number == expected[key] for key, number in shown.items())
        assert all(shown[key] is None for key in shown if expected[key] < LEAST)
    assert any(number is None for matrix in found.matrices.values() for number in matrix.values())
    assert found.total.difference is not None
    assert found.total.difference[0] < 0


def test_pounds_are_those_that_the_decisions_give(base: Corpus) -> None:
    """An amount that nobody knows is no pound: a case counts where both know it, and by a low and a high end."""
    one = [Moved({"route": ("a", "b")}, (700_000, 700_000), (350_000, 525_000), {"school": "S1"})] * 6
    two = [Moved({"route": ("a", "b")}, (700_000, 700_000), None, {"school": "S1"})] * 6
    found = movement([*one, *two], "route")
    assert found.total.base == (4_200_000, 4_200_000)
    assert found.total.difference == (-2_100_000, -1_050_000)
    assert found.by["school"]["S1"][2].head == (2_100_000, 3_150_000)
    assert found.movers[0][0] == "a to b"
    assert found.matrices["route"]["a", "b"] == 12


def test_a_caseload_too_small_for_anything_tells_nothing() -> None:
    """Three pupils in all: every count is under five, the total too."""
    found = movement([Moved({"route": ("a", "b")}, (100, 100), (200, 200), {})] * 3, "route")
    assert found.cases is None
    assert set(found.matrices["route"].values()) == {None}
    assert found.total.difference is None
    assert found.movers == []


@pytest.mark.slow
def test_a_caseload_is_read_from_csv_as_from_yaml(base: Corpus, tmp_path: Path) -> None:
    """The same pupils, row by row; where there is no such engine the test says so."""
    pytest.importorskip("pyarrow")
    path = caseload(tmp_path)
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = list(dict.fromkeys(name for case in cases for name in case))
    lines = [",".join(names), *(",".join(str(case.get(name, "")) for name in names) for case in cases)]
    other = tmp_path / "caseload.csv"
    other.write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = with_limit(tmp_path / "head", "7000.00")
    assert moves(base, head, other) == moves(base, head, path)


# Decisions already issued


def issued(capsys: pytest.CaptureFixture[str], folder: Path, text: str) -> Path:
    """Return the file that `decide --json` gives for cases."""
    (folder / "cases.yaml").write_text(text, encoding="utf-8")
    _, out, _ = senpolicy(capsys, "decide", str(folder / "cases.yaml"), "--json", "--root", str(FROZEN))
    path = folder / "decided.json"
    path.write_text(out, encoding="utf-8")
    return path


DIRECT = """\
- case_ref: D-1
  decision_date: 2025-10-01
  age: 9
  setting: mainstream
  plan: ehcp
  ehcp_issued_on: 2023-06-12
  element3_rate: 6500
  community_protection: kept
"""


def test_a_decision_that_would_come_out_differently_is_named_with_its_days_and_pounds(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """From which day, and the pounds: the rate in full then, half to three quarters of it protected now."""
    path = issued(capsys, tmp_path, DIRECT)
    head = with_limit(tmp_path / "head", "7000.00")
    found = report(Side("a", base), Side("b", head), cases=tmp_path / "cases.yaml", decided=path, question="band")
    assert found.movement is None
    (one,) = found.outcomes or ()
    assert one.changed["route"][0]["answer"] == "direct_existing_rate"
    assert one.changed["route"][1]["answer"] == "community_budget"
    assert (one.first, one.last) == (date(2025, 10, 1), date(2026, 8, 31))
    assert (one.base, one.head) == ((650_000, 650_000), (325_000, 487_500))
    assert one.difference == (-325_000, -162_500)
    assert one.for_the_days == (-298_287, -149_143)  # 335 days of 365, to the penny.


def test_a_decision_that_records_too_little_is_not_guessed_at(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """A decision records the facts of its tests alone; what the head asks for beside them is named."""
    path = issued(capsys, tmp_path, DIRECT)
    decided = Decider(timeline.policy(base)), Decider(timeline.policy(with_limit(tmp_path / "head", "7000.00")))
    (one,) = outcomes(read_issued(path, decided[0]), *decided)
    assert one.asks == ("community_protection", "proposed_allocation")
    assert one.head is None
    assert one.difference is None


def test_a_decision_that_differs_only_later_says_from_which_day(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """A correction of what holds from September 2026 leaves the answer of 2025 as it is."""

    def edit(data: Any) -> None:
        row(data, "plan-above-community-levels", 3)["answer"] = "community_budget"

    path = issued(capsys, tmp_path, DIRECT + "  adaptation_level: specific_allocation\n")
    head = bent(tmp_path / "head", route=edit)
    by = Decider(timeline.policy(base)), Decider(timeline.policy(head))
    (case,) = read_text((tmp_path / "cases.yaml").read_text(), "cases.yaml", by[0].policy)
    (one,) = outcomes(read_issued(path, by[0], [case]), *by)
    assert one.changed == {}
    assert (one.first, one.last) == (date(2026, 9, 1), None)


def test_a_decision_that_stays_as_it_is_is_not_named(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """Every route of the examples, against the same version: none differs."""
    path = issued(capsys, tmp_path, (ROOT / "tests/cases/every-route.yaml").read_text(encoding="utf-8"))
    by = Decider(timeline.policy(base))
    found = outcomes(read_issued(path, by), by, by)
    assert len(found) == 12
    assert [one for one in found if one.changed or one.first or one.note] == []


def test_a_decision_that_rests_on_another_version_than_the_base_is_counted(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """By the digest that it carries: what differs may then be the base's own doing."""
    path = issued(capsys, tmp_path, DIRECT)
    data = json.loads(path.read_text())
    by = Decider(timeline.policy(base))
    of_files = base.files_digest  # As decisions were printed before they named the meaning.
    early = timeline.policy(base, as_of="24/00117").digest
    for as_of, digest, expected in (("25/00092", by.policy.digest, True), ("25/00092", of_files, True),
                                    ("24/00117", early, True), ("25/00092", early, False), ("25/0", early, False),
                                    ("25/00092", "sha256:00", False)):  # fmt: skip
        data[0]["policy"] = {"as_of": as_of, "digest": digest}
        path.write_text(json.dumps(data))
        (one,) = read_issued(path, by)
        assert one.by_base is expected


def records_of(capsys: pytest.CaptureFixture[str], folder: Path, text: str) -> Path:
    """Return the folder of records that `decide --records` gives for cases."""
    (folder / "cases.yaml").write_text(text, encoding="utf-8")
    named = "decide", str(folder / "cases.yaml"), "--records", str(folder / "records"), "--root", str(FROZEN)
    senpolicy(capsys, *named)
    return folder / "records"


def test_decision_records_are_read_with_all_their_facts_and_figures(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path
) -> None:
    """What a council keeps: a record holds every fact, so nothing is asked for, and the pounds are those of the case."""
    (file,) = records_of(capsys, tmp_path, DIRECT).iterdir()
    by = Decider(timeline.policy(base))
    (same,) = outcomes(read_issued(file, by), by, by)
    assert (same.changed, same.first, same.note) == ({}, None, "")
    (one,) = outcomes(read_issued(file, by), by, Decider(timeline.policy(with_limit(tmp_path / "head", "7000.00"))))
    assert one.issued.whole
    assert one.changed["route"][1]["answer"] == "community_budget"
    assert one.changed["protection"][0]["until"] == "2026-08-31"
    assert (one.base, one.head) == ((650_000, 650_000), (325_000, 487_500))
    assert "threshold" not in one.issued.answers


def test_a_folder_of_records_is_read_as_one_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As `decide --records` leaves them; every route of the examples against the same version: none differs."""
    folder = records_of(capsys, tmp_path, (ROOT / "tests/cases/every-route.yaml").read_text(encoding="utf-8"))
    named = "compare", str(FROZEN), str(FROZEN), "--decided", str(folder), "--question", "scope"
    status, out, _ = senpolicy(capsys, *named, "--json")
    (data,) = json.loads(out)
    assert (status, data["issued"], data["issued_read"]) == (0, [], 12)


@pytest.mark.parametrize(("what", "said"), [("facts", "no longer holds the pupil's facts"), ("age", "is not valid")])
def test_a_record_that_does_not_stand_is_told_and_not_used(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path, what: str, said: str
) -> None:
    """Facts taken out, or one changed after the record was sealed: it is named, and nothing is worked out from it."""
    (file,) = records_of(capsys, tmp_path, DIRECT).iterdir()
    record = json.loads(file.read_text(encoding="utf-8"))
    if what == "facts":
        del record["facts"], record["reasons"]
    else:
        record["facts"]["known"]["age"]["value"] = 8
    file.write_text(json.dumps(record), encoding="utf-8")
    by = Decider(timeline.policy(base))
    (one,) = outcomes(read_issued(file, by), by, by)
    assert said in one.note
    assert (one.changed, one.base, one.head) == ({}, None, None)


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"case_ref": "K-1"}]', '[{"case_ref": "K-1", "decision_date": "x", "answers": {}}]']
)
def test_a_file_that_holds_no_decisions_is_said_clearly(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    """Exit 1, and what to give instead."""
    path = tmp_path / "decided.json"
    path.write_text(text, encoding="utf-8")
    status, _, err = senpolicy(capsys, "compare", str(FROZEN), str(FROZEN), "--decided", str(path))
    assert status == 1
    assert "senpolicy decide CASES --json" in err


# The report


def test_compare_says_it_in_words(
    capsys: pytest.CaptureFixture[str], base: Corpus, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """What a policy officer reads on a pull request, and a board before it adopts a change; as text and as Markdown."""
    head = with_limit(tmp_path / "head", "6000.01")
    path = issued(capsys, tmp_path, DIRECT.replace("6500", "6000.01") + "  proposed_allocation: 4000\n")
    cases = tmp_path / "cases.yaml"
    found = report(Side("main", base), Side("proposal", head), Asked("24/00120"), cases, path, question="route")
    wording = snapshot.use_extension(Wording)
    assert steady("\n".join(line for _, line in found.lines())) == wording(name="text")
    assert steady(found.markdown()) == wording(name="markdown")


def test_the_movement_is_told_in_words(
    base: Corpus, raised: PolicyComparison, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """The matrix by question, pounds by route, school and Community, and what is withheld."""
    pair = pairs(caseload(tmp_path), raised.base, raised.head)
    found = movement(moved(pair, Decider(raised.base), Decider(raised.head)), "route")
    lines = ComparisonReport(Side("main", base), Side("proposal", raised.head.corpus), movement=found).lines()
    told = "\n".join(line for _, line in lines)
    assert steady(told[: told.index("Texts that") if "Texts that" in told else None]) == snapshot.use_extension(Wording)


def test_a_proof_that_nothing_changes_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence that a reviewer looks for."""
    status, out, _ = senpolicy(capsys, "compare", str(FROZEN), str(FROZEN))
    assert status == 0
    assert "Proved: no decision changes." in out


@pytest.mark.slow
def test_two_decisions_of_one_policy_are_compared_by_their_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """What a decision changed, without a folder for the policy before it: as the two policies differ."""
    numbers = "before-24/00120", "24/00120"
    named = "compare", *numbers, "--question", "protection", "--root", str(FROZEN)
    status, out, _ = senpolicy(capsys, *named, "--json")
    (data,) = json.loads(out)
    assert (status, data["base"]["name"], data["head"]["name"]) == (0, *numbers)
    wanted = compare(*(timeline.policy(loaded(FROZEN), as_of=number) for number in numbers), only="protection")
    (found,) = data["differences"]
    assert len(found["regions"]) == len(wanted.regions) > 0
    assert not data["proved_alike"]
    assert any("24/00120" in gap for gap in data["not_compared"])


def test_what_is_neither_a_version_nor_a_decision_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = senpolicy(capsys, "compare", "24/00119", "24/00120", "--root", str(FROZEN))
    assert status == 1
    assert "'24/00119' is neither a folder here nor a revision of this repository." in err
    assert "Or name a decision or a scenario of this policy." in err


def test_the_collector_waits_while_the_solver_chooses() -> None:
    """Where it frees memory in between, another of several equal cases may be shown in the next run."""
    collecting = []
    with contextlib.suppress(ValueError), formula.steady():
        collecting.append(gc.isenabled())
        raise ValueError
    assert [*collecting, gc.isenabled()] == [False, True]
