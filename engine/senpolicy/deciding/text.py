"""Explaining: a decision as lines of text, the answer first, then why, then what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from senpolicy.deciding.answers import GivenFigure
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import UNDETERMINED, Answer, Decision, NotIssued, Reason
from senpolicy.language.days import DAYS_IN_YEAR
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_caution, say_date, say_figure, say_result, say_settled

#: A line of an explanation: a style for terminals ("" for none) and the text.
Line = tuple[str, str]
WIDTH = 24


def lines(result: Decision | NotIssued | Refused, *, everything: bool = False) -> Iterator[Line]:
    """Yield the lines that explain a decision, or say why there is none."""
    if isinstance(result, Refused):
        yield "bold red", f"{result.ref or f'case {result.row}'}: not decided"
        for problem in result.problems:
            yield "red", f"  {problem}"
    elif isinstance(result, NotIssued):
        yield "bold red", f"{result.case.ref}: no decision is issued. {result.message}"
        for who, account in result.accounts.items():
            yield "red", f"  {who}: {', '.join(account) or 'nothing holds'}"
    else:
        yield from _decision(result, everything)


def _decision(decision: Decision, everything: bool) -> Iterator[Line]:
    policy, case = decision.policy, decision.case
    yield "bold", f"{case.ref}, decided for {say_date(case.day)}, policy as of {policy.as_of}"
    if policy.scenario:
        yield "bold magenta", f"  {policy.scenario.says} (scenario {policy.scenario.scenario})"
    shown = [answer for answer in decision.answers.values() if not answer.step]
    for answer in shown:
        style = "yellow" if answer.answer == UNDETERMINED else "green"
        yield style, f"  {title(answer.question):<{WIDTH}}{say_answer(answer)}"
    yield "", ""
    rested_on = {result.test.fact for answer in shown for reason in answer.because for result in reason.tests}
    for answer in decision.answers.values():
        if not answer.step or everything or answer.question in rested_on:
            yield from _why(answer, policy, everything)
    for fact, why in case.followed.items():
        yield "dim", f"  {policy.types[fact].label}: not given, and follows. {why}"
    for statement in case.mapped.statements if case.mapped else ():
        yield "", f"    {statement.id}: {statement.says}"
    for name in decision.missing_ratings:
        yield "", f"  Not known, and could raise the level of the other ratings: {policy.types[name].label} ({name})"
    yield "", ""


def _why(answer: Answer, policy: Policy, everything: bool) -> Iterator[Line]:
    if answer.answer == UNDETERMINED:
        yield from _undetermined(answer, policy)
    else:
        for reason in answer.because:
            yield from _reason(f"{title(answer.question)}: {say_answer(answer)}", reason, policy)
    yield from caution_lines(answer)
    if everything:
        for reason in answer.did_not_hold:
            outcome = reason.outcome
            yield "dim", f"    did not hold: {outcome.id} ({outcome.answer or 'open point'})"
            for result in reason.supporting:
                yield "dim", f"      {say_result(result, policy.types)}"


def caution_lines(answer: Answer, margin: int = 4) -> Iterator[Line]:
    """Yield a line for each caution that goes with an answer."""
    for caution in answer.cautions:
        yield "cyan", f"{' ' * margin}caution: {say_caution(caution)}"


def _undetermined(answer: Answer, policy: Policy) -> Iterator[Line]:
    yield "yellow", f"  {title(answer.question)}: undetermined"
    for name in answer.missing_facts:
        yield "", f"    not known: {policy.types[name].label} ({name})"
    for name in answer.open_points:
        number, point = policy.corpus.open_points[name]
        where = ", ".join(f"{source.document} {source.paragraph}" for source in point.where)
        allowed = [answer.replace("_", " ") for answer in point.allows.get(answer.question, [])] or point.allows_text
        yield "", f"    open point {name} of {number}: {point.title}"
        yield "", f"      {point.says} ({where})"
        if allowed:
            yield "", f"      The text would allow: {'; '.join(allowed)}."
        for number, settles in policy.settled:
            if settles.point == name:
                left = f" What is left: {settles.leaves}" if settles.leaves else ""
                yield "green", f"      {title(say_settled(number, settles))}.{left}"


def _reason(title: str, reason: Reason, policy: Policy) -> Iterator[Line]:
    outcome = reason.outcome
    yield "", f"  {title}"
    place = f"{outcome.decision}, {outcome.source.document} {outcome.source.paragraph}"
    if outcome.assumed and outcome.point:
        place = f"assumed; left open by {place}"
    yield "", f"    {outcome.says or outcome.id} ({place})"
    for result in reason.supporting:
        if not policy.types[result.test.fact].is_answer:
            yield "", f"    - {say_result(result, policy.types)}"
    for number, settles in reason.settled(policy):
        about = policy.corpus.open_points[settles.point][1].title
        yield "green", f"    {say_settled(number, settles)}: {about} ({settles.point})"
    if outcome.reads:
        yield "dim", f"    words read as in {', '.join(outcome.reads)}"
    for assumption in policy.scenario.grounds if policy.scenario else ():
        if assumption.id == outcome.assumed:
            says = f"{assumption.how} the scenario: {assumption.says} {assumption.because}"
            yield "magenta", f"    {says} ({assumption.id})"
    for reading in policy.readings:
        if reading.id == outcome.reading:
            yield "", f"    by the adopted reading {reading.id}: {reading.says}"
            yield "dim", f"      adopted on {say_date(reading.adopted_on)} by {reading.by}. {reading.because}"


def title(question: str) -> str:
    """Return the name of a question as a heading: "Exceptional need claim"."""
    return question[:1].upper() + question[1:].replace("_", " ")


def say_answer(answer: Answer) -> str:
    """Return an answer with its figures as one phrase: "direct existing rate", "undetermined: age"."""
    words = answer.answer.replace("_", " ")
    if answer.answer == UNDETERMINED:
        words += f": {', '.join([*answer.missing_facts, *answer.open_points])}"
    words = ", ".join(filter(None, [words, say_figures(answer.gives)]))
    return f"{words} (assumed)" if answer.assumed else words


def say_figures(gives: Mapping[str, GivenFigure]) -> str:
    """Return the figures that go with an answer as one phrase: "about 50% to 75%, until 31 August 2026"."""
    left = {name: value for name, value in gives.items() if not isinstance(value, dict)}
    about = "about " if left.pop("approximate", False) else ""
    said = []
    for name in [name for name in left if name.endswith("low") and name.replace("low", "high") in left]:
        what = name.removesuffix("low").strip("_")
        low, high = left.pop(name), left.pop(name.replace("low", "high"))
        ends = say_figure(low) if low == high else f"{say_figure(low)} to {say_figure(high)}"
        said.append(f"{what + ': ' if what else ''}{about}{ends}")
    if "pounds_a_year" in left:  # A figure that is called as its unit.
        said.append(f"{say_figure(left.pop('pounds_a_year'))} a year")
    said += [f"{one.replace('_', ' ')} {say_figure(left.pop(one))}" for one in [*left] if isinstance(left[one], date)]
    for part in (value for value in gives.values() if isinstance(value, dict)):
        many = f"{part['days']} days" if part["days"] != 1 else "1 day"
        more = "more than a year, so the amount of a year; " if part["days"] > DAYS_IN_YEAR else ""
        said.append(f"{say_figure(part['amount'])} for the {many} left ({more}by {part['assumes']})")
    return ", ".join(said + [f"{name.replace('_', ' ')} {say_figure(value)}" for name, value in left.items()])
