"""A case as its page shows it: the answer first; then why, what is open, what is missing, and how it stood before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from senpolicy.deciding.cases import Case, read_row
from senpolicy.deciding.decide import UNDETERMINED, Answer, Decision, NotIssued, Reason
from senpolicy.deciding.text import say_answer, title
from senpolicy.explaining.explainer import Explained
from senpolicy.files.models.rules import Source
from senpolicy.language.conditions import TestResult
from senpolicy.policy.timeline import Outcome, Policy
from senpolicy.proving.nearest import say_change
from senpolicy.proving.whynot import say_in_the_way, say_name
from senpolicy.readings.say import say_asked, say_margin, say_settled, say_value
from senpolicy_board.policies import BAND, Policies, Result
from senpolicy_board.rating import counts_at
from senpolicy_board.tables import BoardCase


@dataclass(frozen=True)
class CitedPlace:
    """Where something stands in a document: the short form, and the document's title."""

    short: str
    document: str


@dataclass(frozen=True)
class TestLine:
    """A test as a row of a table: the fact, its value, what was asked, by how much, and whether it held."""

    fact: str
    value: str
    asked: str
    margin: str
    held: str

    __test__ = False


@dataclass(frozen=True)
class Why:
    """Why an answer is what it is: the rule in words, its place, its tests, and how it is read or assumed."""

    says: str
    place: CitedPlace
    decision: str
    tests: list[TestLine]
    notes: list[str]


@dataclass(frozen=True)
class OpenPointView:
    """An open point as it touches a case: what the text leaves open, where, and what it would allow."""

    id: str
    title: str
    says: str
    places: list[CitedPlace]
    allows: list[str]
    settle: str


@dataclass(frozen=True)
class AnswerView:
    """A question with its answer in words, why, what is open or missing, and what to watch."""

    name: str
    title: str
    says: str
    state: str
    why: list[Why]
    open: list[OpenPointView]
    missing: list[str]
    cautions: list[tuple[str, CitedPlace]]
    step: bool


@dataclass(frozen=True)
class CaseView:
    """A decided case in words."""

    answers: list[AnswerView]
    steps: list[AnswerView]
    followed: list[tuple[str, str]]
    statements: list[tuple[str, str]]
    level: str
    band: str
    facts: list[tuple[str, str]]
    as_of: str
    problems: list[str]

    @property
    def open(self) -> list[OpenPointView]:
        """Every open point that an answer waits for, each once."""
        found = {one.id: one for answer in self.answers for one in answer.open}
        return list(found.values())

    @property
    def missing(self) -> list[str]:
        """Every fact that an answer waits for, each once."""
        return list(dict.fromkeys(one for answer in self.answers for one in answer.missing))


def place_of(source: Source, policy: Policy) -> CitedPlace:
    """Return where a source stands, with the title of its document."""
    document = policy.corpus.documents.get(source.document)
    return CitedPlace(f"{source.document.replace('-', ' ')}, {source.paragraph}", document.title if document else "")


def view(case: BoardCase, result: Result, policies: Policies) -> CaseView:
    """Return a case in words; one for which no decision is issued has `problems`, and no answers."""
    facts = list(facts_in_words(case, policies))
    stands = counts_at(case, policies)
    level = policies.level_label(stands, case.decision_date)
    if not isinstance(result, Decision):
        said = [result.message] if isinstance(result, NotIssued) else [str(problem) for problem in result.problems]
        return CaseView([], [], [], [], level, "", facts, policies.policy.as_of, said)
    policy = result.policy
    shown = [answer_view(answer, policy) for answer in result.answers.values()]
    rested_on = {
        one.test.fact
        for answer in result.answers.values()
        if not answer.step
        for reason in answer.because
        for one in reason.tests
    }
    missing = [f"{policy.types[name].label} ({name})" for name in result.missing_ratings]
    followed = [(policy.types[name].label, why) for name, why in result.case.followed.items()]
    mapped = result.case.mapped
    statements = [(one.id, one.says) for one in mapped.statements] if mapped else []
    answers = [one for one in shown if not one.step]
    if missing and answers:
        followed += [(name, "not known, and could raise the level of the other ratings") for name in missing]
    return CaseView(
        answers,
        [one for one in shown if one.step and one.name in rested_on],
        followed,
        statements,
        level,
        policies.band_of(stands, case.decision_date) or "",
        facts,
        policy.as_of,
        [],
    )


def facts_in_words(case: BoardCase, policies: Policies, *, blind: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the facts that a case gives, as label and value.

    With `blind`, only those that say nothing of a level or an amount: what a moderator may see before rating.
    """
    policy = policies.policy
    declared = policy.corpus.facts.facts
    cells = {"case_ref": case.ref or "", **(case.facts or {})}
    read = read_row(cells.items(), 1, "", policy)
    known = read.facts if isinstance(read, Case) else {}
    for name in case.facts or {}:
        fact, kind = declared.get(name), policy.types.get(name)
        if fact is None or kind is None or name == "decision_date":
            continue
        if blind and (fact.area or fact.from_ratings or fact.type == "money"):
            continue
        if isinstance(read, Case):
            yield fact.label, say_value(known.get(name), kind)
        else:  # The policy does not read the case as it is now, so it is told as it was given.
            cell = str((case.facts or {})[name])
            rated = fact.area or fact.from_ratings
            yield fact.label, policies.level_label(cell, case.decision_date) if rated else cell.replace("_", " ")


def answer_view(answer: Answer, policy: Policy) -> AnswerView:
    """Return one answer in words."""
    state = "undetermined" if answer.answer == UNDETERMINED else "assumed" if answer.assumed else "settled"
    return AnswerView(
        answer.question,
        title(answer.question),
        say_answer_short(answer, policy),
        state,
        [why_view(reason, policy) for reason in answer.because] if state != "undetermined" else [],
        [open_view(name, answer.question, policy) for name in answer.open_points],
        [f"{policy.types[name].label}" for name in answer.missing_facts],
        cautions_of(answer, policy),
        answer.step,
    )


def cautions_of(answer: Answer | None, policy: Policy) -> list[tuple[str, CitedPlace]]:
    """Return what goes with an answer, each with its place; nothing where there is no answer."""
    return [(one.says, place_of(one.source, policy)) for one in answer.cautions] if answer else []


def bear_in_mind(policy: Policy, days: Iterable[date], names: Iterable[str]) -> list[tuple[str, CitedPlace]]:
    """Return what can go with the answers to some questions on these days, each once, with its place."""
    periods = {id(period): period for period in map(policy.on, days)}.values()
    asked = [period.questions[name] for period in periods for name in names if name in period.questions]
    found = {one.says: (one.says, place_of(one.source, policy)) for question in asked for one in question.cautions}
    return list(found.values())


def say_answer_short(answer: Answer, policy: Policy) -> str:
    """Return an answer as one phrase, with its figures; what an undetermined one waits for is said elsewhere."""
    if answer.answer != UNDETERMINED:
        said = say_answer(answer)
        return said[:1].upper() + said[1:]
    waits = []
    if answer.missing_facts:
        waits.append("a fact is missing")
    if answer.open_points:
        waits.append("the text leaves it open")
    figures = say_answer(answer).split(", ", len(answer.missing_facts) + len(answer.open_points))
    extra = figures[-1] if answer.gives and len(figures) > 1 else ""
    return f"Undetermined: {' and '.join(waits) or 'an earlier answer is'}{f' ({extra})' if extra else ''}"


def why_view(reason: Reason, policy: Policy) -> Why:
    """Return one reason in words."""
    outcome = reason.outcome
    adopted = {one.id: one.says for one in policy.readings}
    notes = [f"Read so: {' '.join(adopted.get(one, one) for one in outcome.reads)}"] if outcome.reads else []
    assumed = policy.scenario.grounds if policy.scenario else ()
    rests_on = [one for one in assumed if one.id == outcome.assumed]
    notes += [f"{one.how.capitalize()} the scenario: {one.says} {one.because}" for one in rests_on]
    read = [one for one in policy.readings if one.id == outcome.reading]
    notes += [f"By the adopted reading {one.id}: {one.says} {one.because}" for one in read]
    for number, settles in reason.settled(policy):
        about = policy.corpus.open_points[settles.point][1].title
        notes.append(f"{title(say_settled(number, settles))}: {about} ({settles.point})")
    tests = [
        test_line(one, policy) for one in reason.supporting if not policy.types[one.test.fact].is_answer
    ]  # fmt: skip
    says = outcome.says or _words_of(outcome, policy)
    return Why(says, place_of(outcome.source, policy), outcome.decision, tests, notes)


def _words_of(outcome: Outcome, policy: Policy) -> str:
    """Return in words what a row without words of its own gives: those of its question's file for the answer."""
    question = policy.corpus.questions.get(outcome.question)
    words = question.answers.get(outcome.answer or "") if question else None
    return words or say_name(outcome.id.split("/")[-1])


def test_line(result: TestResult, policy: Policy) -> TestLine:
    """Return one test as a row: "Age | 9 | at least 5 | 4 | yes"."""
    test, kind = result.test, policy.types[result.test.fact]
    asked = say_asked(test, kind, negated=result.negated).removeprefix("is ")
    limit = "" if test.operator == "known" else say_value(test.limit, kind)
    if kind.type == "boolean" and test.operator != "known":
        asked, limit = "", say_value(test.limit is not result.negated, kind)
    elif test.operator == "is":
        asked = asked.removeprefix("is")
    held = "not known" if result.held is None else "yes" if result.held is not result.negated else "no"
    margin = say_margin(result.margin, kind) if result.margin is not None else ""
    words = " ".join(word for word in (asked, limit) if word)
    return TestLine(kind.label or test.fact, say_value(result.value, kind), words, margin, held)


def open_view(name: str, question: str, policy: Policy) -> OpenPointView:
    """Return an open point as it touches a question."""
    _, point = policy.corpus.open_points[name]
    allowed = [say_name(one) for one in point.allows.get(question, [])] or list(point.allows_text)
    return OpenPointView(
        name, point.title, point.says, [place_of(one, policy) for one in point.where], allowed, point.settle
    )


@dataclass(frozen=True)
class NowAndThen:
    """One question as it comes out now and as of an earlier decision, and what goes with each answer."""

    title: str
    now: str
    then: str
    differs: bool
    cautions_now: list[tuple[str, CitedPlace]]
    cautions_then: list[tuple[str, CitedPlace]]


def beside(now: Result, then: Result) -> list[NowAndThen]:
    """Return both versions of every question, side by side; empty where either has no decision."""
    if not isinstance(now, Decision) or not isinstance(then, Decision):
        return []
    found = []
    for name in dict.fromkeys([*now.answers, *then.answers]):
        one, other = now.answers.get(name), then.answers.get(name)
        asked = one or other
        if asked and not asked.step:
            said = say_answer_short(one, now.policy) if one else "not asked"
            before = say_answer_short(other, then.policy) if other else "not asked"
            goes, went = cautions_of(one, now.policy), cautions_of(other, then.policy)
            found.append(NowAndThen(title(name), said, before, said != before or goes != went, goes, went))
    return found


@dataclass(frozen=True)
class NearestView:
    """Why not another answer, and the smallest changes of fact that lead there, in words."""

    wanted: str
    rows: list[tuple[str, CitedPlace, list[str]]]
    changes: list[tuple[list[str], list[tuple[str, str, str, list[tuple[str, CitedPlace]]]]]]
    nowhere: bool
    holds: bool


def nearest_view(found: Explained, wanted: str) -> NearestView:
    """Return what was found in words."""
    policy = found.decision.policy
    rows: list[tuple[str, CitedPlace, list[str]]] = []
    if found.why_not and not found.why_not.holds:
        for row in found.why_not.rows:
            parts = [said for part in row.in_the_way for said in _in_the_way(part, policy)]
            says = row.outcome.says or _words_of(row.outcome, policy)
            rows.append((says, place_of(row.outcome.source, policy), parts))
    changes = []
    for change in found.changes[:5]:
        facts = [say_change(one, found.search) for one in change.facts] if found.search else []
        answers = [
            (title(name), say_answer_short(now, policy), say_answer_short(then, policy), cautions_of(then, policy))
            for name, (now, then) in change.answers.items()
        ]
        changes.append((facts, answers))
    holds = bool(found.why_not and found.why_not.holds)
    question, _, answer = wanted.partition("=")
    return NearestView(f"{title(question)}: {say_name(answer)}", rows, changes, bool(found.nowhere), holds)


def _in_the_way(part: Any, policy: Policy) -> list[str]:
    if part.result:
        return [say_in_the_way(part.result, policy.types)]
    ways = ["; ".join(said for one in way for said in _in_the_way(one, policy)) for way in part.one_of]
    return [f"one of: {' | '.join(ways)}"]


def others(decision: Decision) -> list[tuple[str, str]]:
    """Return every other answer that can be asked for, as ("question=answer", words); the next band first."""
    policy = decision.policy
    found: list[tuple[str, str]] = []
    for name, question in decision.period.questions.items():
        if question.step or name not in decision.answers:
            continue
        answers = [one for one in policy.types[name].values if one != decision.answers[name].answer]
        found += [(f"{name}={one}", f"{title(name)}: {say_name(one)}") for one in answers]
    first = next_band(decision)
    return sorted(found, key=lambda one: one[0] != first)


def next_band(decision: Decision) -> str:
    """Return "question=answer" for the band above the case's own (or the first), "" where the policy has no bands."""
    edition = decision.period.edition
    bands = [band.id for band in edition.banding.bands] if edition and edition.banding else []
    bands = [band for band in bands if BAND in decision.policy.types and band in decision.policy.types[BAND].values]
    if not bands or BAND not in decision.answers:
        return ""
    now = decision.answers[BAND].answer
    at = bands.index(now) + 1 if now in bands else 0
    return f"{BAND}={bands[min(at, len(bands) - 1)]}" if at < len(bands) else ""
