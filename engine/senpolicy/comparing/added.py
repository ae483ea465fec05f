"""What comes of what only the head knows: values of facts, facts and questions, which no case of the base has.

Where no rule tells a value from another one, both are answered alike, and that one is named. Else the answers that a
case with it can have are told. Both are of every day on which the value counts. Of a fact it is told what asks for it,
and of a question for whom it pays in its last version.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

import z3

from senpolicy.comparing.cubes import Days, say_days
from senpolicy.comparing.exact import joined_days
from senpolicy.comparing.paying import paying
from senpolicy.comparing.report import say_answer_name, title_of
from senpolicy.language.conditions import Condition, FactLimit, FactType, Test, tests
from senpolicy.policy.days import is_out
from senpolicy.policy.timeline import Outcome, Period, Policy
from senpolicy.readings.formula import Unprovable, either
from senpolicy.readings.judge import judge
from senpolicy.readings.say import lowered, say, say_date, say_list
from senpolicy.readings.symbolic_case import SymbolicCase

#: Of so many values one after the other it is told what they lead to; of the others how many there are.
MOST_VALUES = 8
WARNINGS = "warnings"
#: How it begins that more values are new than are told.
MORE_VALUES = "Of more new values "


def leads(base: Policy, head: Policy) -> Iterator[str]:
    """Yield in plain sentences what each question, value and fact leads to that only the head knows.

    Of facts that both have, levels by area are left out: what they lead to is what the level leads to.
    """
    yield from (_asked(head, name) for name in head.types if name not in base.types and not head.types[name].is_answer)
    for name, fact in head.corpus.facts.facts.items():
        if fact.required and name in base.corpus.facts.facts and not base.corpus.facts.facts[name].required:
            days = "" if fact.start or fact.until else ", on every day"
            yield f"A case without '{name}' is refused from this change on{days}."
    for name in head.corpus.questions:
        if name not in base.corpus.questions:
            yield from _pays(head, name)
    found = [
        (name, value)
        for name, fact in head.corpus.facts.facts.items()
        if name in base.types and not fact.area and base.types[name].type == head.types[name].type == "choice"
        for value in head.types[name].values
        if value not in base.types[name].values
    ]
    for name, value in found[:MOST_VALUES]:
        if head.corpus.facts.facts[name].values_from:
            yield _level(head, head.types[name], value)
        yield _leads(head, head.types[name], value, [one for fact, one in found if fact == name])
        if head.corpus.facts.facts[name].values_from:
            yield from _between(head, head.types[name], value)
    if more := found[MOST_VALUES:]:
        yield f"{MORE_VALUES}it is not told here what they lead to: {len(more)}."


def _leads(policy: Policy, kind: FactType, value: str, new: Sequence[str]) -> str:
    called = f"Of '{kind.name}', '{value}'"
    periods = [one for one in policy.periods if not is_out(one.out_of_force, kind.name, value)]
    if not periods:
        return f"{called} is refused on every day."
    # A value that a day refuses is answered as none is on that day.
    others = [
        one for one in kind.values
        if one not in new and not any(is_out(period.out_of_force, kind.name, one) for period in periods)
    ]  # fmt: skip
    like = [other for other in others if all(_alike(period, kind, value, other) for period in periods)]
    if like:
        return f"{called} is answered as '{like[0]}' is, in every case: no rule tells them apart."
    try:
        said = list(_answers(policy, periods, kind, value))
    except Unprovable:
        said = []
    if not said:
        return f"{called} is answered as no other value is; try a case with it."
    return f"{called} is answered as no other value is. What it can lead to: {'; '.join(said)}."


def _level(policy: Policy, kind: FactType, value: str) -> str:
    """Return the place of a new level in the order of levels, and from which day on levels decide anything."""
    at = kind.values.index(value)
    labels = [f"'{one}'" for one in kind.value_labels]
    ends = ("above " * (at > 0) + labels[at - 1] if at else ""), (f"below {labels[at + 1]}" if labels[at + 1 :] else "")
    start = next((one.start for one in policy.periods if _asked_on(one, kind.name)), None)
    since = f" No rule but a warning asks for '{kind.name}' before {say_date(start)}." if start else ""
    return f"{labels[at]} (`{value}`) is a new level, {' and '.join(filter(None, ends))}.{since}"


def _between(policy: Policy, kind: FactType, value: str) -> Iterator[str]:
    """Yield to which answer a new level leads where others lead to another one, all else the same.

    Above it and below it the nearest is told that does, of the first question of which the answer is another.
    """
    at, found = kind.values.index(value), dict[str, list[str]]()
    for places, where in ((range(at + 1, len(kind.values)), "above"), (range(at - 1, -1, -1), "below")):
        each = ((place, [*_answers_apart(policy, kind, value, kind.values[place])]) for place in places)
        place, apart = next((one for one in each if one[1]), (at, []))
        if apart:
            found.setdefault(_leads_apart(apart), []).append(f"'{kind.value_labels[place]}', {where} it,")
    said = [leads.format(f"{say_list(named)} {'lead' if named[1:] else 'leads'}") for leads, named in found.items()]
    if said:
        yield f"All else the same, '{kind.value_labels[at]}' leads {'; and '.join(said)}."


def _leads_apart(apart: Sequence[tuple[str, str, str]]) -> str:
    """Return in words to what a level leads, with a gap for the other level, which leads to something else."""
    question, own = lowered(title_of(apart[0][0])), dict[str, list[str]]()
    for _, mine, other in apart:
        own.setdefault(mine, []).append(other)
    said = [f"to {question} {mine} where {{0}} to {say_list(others, 'or')}" for mine, others in own.items()]
    return "; or ".join(said)


def _answers_apart(policy: Policy, kind: FactType, value: str, other: str) -> Iterator[tuple[str, str, str]]:
    """Yield which answers of the first question that differs a case has with a value, and with another one.

    The case is otherwise the same, and both answers are settled. What no formula can say is left out.
    """
    found = dict[tuple[str, str, str], None]()
    for period in policy.periods:
        try:
            every = SymbolicCase(policy, period)
            results = {name: every.results(name) for name, one in period.questions.items() if not one.step}
        except Unprovable:
            return
        fact = every.given[kind.name]
        with_each = [(fact.value, z3.IntVal(kind.number(one))) for one in (value, other)]
        solver = z3.Solver()
        solver.add(fact.known, *(z3.substitute(one, with_) for one in every.possible for with_ in with_each))
        for name, answers in results.items():
            settled = [(one.answer, holds) for one, holds in answers.items() if one.settled and not one.open_points]
            for (mine, holds), (theirs, holds_too) in itertools.product(settled, settled):
                key = name, say_answer_name(mine), say_answer_name(theirs)
                both = [z3.substitute(one, with_) for one, with_ in zip((holds, holds_too), with_each, strict=True)]
                if mine != theirs and key not in found and solver.check(*both) == z3.sat:
                    found[key] = None
    first = next(iter(found), ("", "", ""))[0]
    yield from (one for one in found if one[0] == first)


def _asked_on(period: Period, name: str) -> bool:
    """Return whether a rule asks for a fact in a period, but for warnings, which decide nothing and refuse nothing."""
    return any(_asks(test, name) for word, of in _conditions(period) if word != WARNINGS for test in tests(of))


def _asked(policy: Policy, name: str) -> str:
    """Return which questions ask for a new fact, themselves or by a caution, and whether rules about facts do."""
    found = dict[str, None]()
    for period in policy.periods:
        for about, condition in _conditions(period):
            if any(_asks(test, name) for test in tests(condition)):
                found[about] = None
    by = say_list(list(found)) if found else ""
    return f"'{name}' is asked for by {by}." if by else f"No rule asks for '{name}', so no answer rests on it."


def _pays(policy: Policy, name: str) -> Iterator[str]:
    """Yield for whom a new question gives figures; where it gives none, for whom it has which answer; on which days."""
    pays = paying(policy.corpus).get(name)
    amounts = f"; it pays {' or '.join(one.partition(' (`')[0] for one in pays.says)}" if pays else ""
    always = policy.periods[0].start is None and name in policy.periods[0].questions
    for one in _told_rows(policy, name):
        days = answered_days(policy, name, str(one.answer))
        when = " and ".join(say_days(span) for span in days) if days else "on no day"
        since = ": the question has no first day" if always and days and days[0][0] is None else ""
        where, more = say(one.condition, policy.types), amounts if one.gives else ""
        yield f"The question '{name}' is answered '{one.answer}' where {where}, {when}{since}{more}."


def _told_rows(policy: Policy, name: str) -> Sequence[Outcome]:
    """Return the rows of a question that are told, of its last version: those with figures, or else with an answer."""
    asked = [one.questions[name] for one in policy.periods if name in one.questions]
    answered = [one for one in asked[-1].outcomes if one.answer] if asked else []
    return [row for row in answered if row.gives] or answered


def answered_days(policy: Policy, name: str, answer: str) -> list[Days]:
    """Return the stretches of days on which some case can have an answer to a question.

    Where no formula can say so, those on which the question is asked.
    """
    asked = [period for period in policy.periods if name in period.questions]
    return joined_days((one.start, one.end) for one in asked if _can_be(policy, one, name, answer))


def first_answered(policy: Policy, name: str) -> date | None:
    """Return the first day on which a case can have an answer that is told of a new question.

    `date.min` where a case can have it on every day, None where it can on no day.
    """
    days = [span for one in _told_rows(policy, name) for span in answered_days(policy, name, str(one.answer))]
    return min((first or date.min for first, _ in days), default=None)


def _can_be(policy: Policy, period: Period, name: str, answer: str) -> bool:
    try:
        every = SymbolicCase(policy, period)
        holds = [formula for one, formula in every.results(name).items() if one.answer == answer]
    except Unprovable:
        return True
    solver = z3.Solver()
    solver.add(*every.possible, either(holds))
    return bool(holds) and solver.check() != z3.unsat


def _alike(period: Period, kind: FactType, value: str, other: str) -> bool:
    """Return whether no test of a period tells two values of a fact apart."""
    asked = [test for _, condition in _conditions(period) for test in tests(condition) if _asks(test, kind.name)]
    return not any(
        isinstance(test.limit, FactLimit) or judge(test, {kind.name: value}) != judge(test, {kind.name: other})
        for test in asked
    )


def _asks(test: Test, name: str) -> bool:
    return test.fact == name or (isinstance(test.limit, FactLimit) and test.limit.fact == name)


def _conditions(period: Period) -> Iterator[tuple[str, Condition]]:
    """Yield every condition of a period with what it is of, but for those that refuse what is not in force."""
    for name, question in period.questions.items():
        yield from ((f"the question '{name}'", one.condition) for one in question.outcomes)
        yield from ((f"cautions of '{name}'", one.condition) for one in question.cautions)
    out = {id(test) for test in period.out_of_force.values()}
    for word, rules in (
        ("what follows", period.follows),
        ("contradictions", period.problems),
        (WARNINGS, period.warnings),
    ):
        yield from ((word, one.condition) for one in rules if id(one.condition) not in out)


def _answers(policy: Policy, periods: Sequence[Period], kind: FactType, value: str) -> Iterator[str]:
    """Yield for each question that is told what a case with a value can be answered on some day."""
    found: dict[str, dict[str, None]] = {}
    for period in periods:
        every = SymbolicCase(policy, period)
        fact = every.given[kind.name]
        solver = z3.Solver()
        solver.add(*every.possible, fact.known, fact.value == fact.kind.number(value))
        for name, question in period.questions.items():
            for result, holds in () if question.step else every.results(name).items():
                said = ", ".join(result.open_points) and f"left open ({', '.join(result.open_points)})"
                said = said or say_answer_name(result.answer)
                if result.settled and said not in found.get(name, {}) and solver.check(holds) != z3.unsat:
                    found.setdefault(name, {})[said] = None
    for name, answers in found.items():
        yield f"{lowered(title_of(name))} {say_list(list(answers), 'or')}"
