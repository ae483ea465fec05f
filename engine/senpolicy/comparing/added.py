"""What comes of what only the head knows: values of facts, facts and questions, which no case of the base has.

Where no rule tells a value from another one, both are answered alike, and that one is named. Else the answers that a
case with it can have are told. Both are of every day on which the value counts. Of a fact it is told what asks for it,
and of a question for whom it pays in its last version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import z3

from senpolicy.comparing.report import say_answer_name, title_of
from senpolicy.language.conditions import Condition, FactLimit, FactType, Test, tests
from senpolicy.policy.days import is_out
from senpolicy.policy.timeline import Period, Policy
from senpolicy.proving.plain import lowered
from senpolicy.readings.formula import Unprovable
from senpolicy.readings.judge import judge
from senpolicy.readings.say import say, say_date, say_list
from senpolicy.readings.symbolic_case import SymbolicCase

#: Of so many values one after the other it is told what they lead to; of the others how many there are.
MOST_VALUES = 8
WARNINGS = "warnings"


def leads(base: Policy, head: Policy) -> Iterator[str]:
    """Yield in plain sentences what each question, value and fact leads to that only the head knows.

    Of facts that both have, levels by area are left out: what they lead to is what the level leads to.
    """
    yield from (_asked(head, name) for name in head.types if name not in base.types and not head.types[name].is_answer)
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
    if more := found[MOST_VALUES:]:
        yield f"What {len(more)} further values lead to is not told here."


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
        above = _above(policy, kind, value, [one for one in others if one not in like])
        return f"{called} is answered as '{like[0]}' is, in every case: no rule tells them apart.{above}"
    try:
        said = list(_answers(policy, periods, kind, value))
    except Unprovable:
        said = []
    if not said:
        return f"{called} is answered as no other value is; try a case with it."
    return f"{called} is answered as no other value is. What it can lead to: {'; '.join(said)}."


def _above(policy: Policy, kind: FactType, value: str, otherwise: Sequence[str]) -> str:
    """Return of the level above a new one that it is not answered like it, where it is one of these; else ""."""
    fact = policy.corpus.facts.facts.get(kind.name)
    above = kind.values[kind.values.index(value) + 1 :][:1] if fact and fact.values_from else ()
    return "".join(f" '{one}', above it, is not." for one in above if one in otherwise)


def _level(policy: Policy, kind: FactType, value: str) -> str:
    """Return the place of a new level in the order of levels, and from which day on levels decide anything."""
    at = kind.values.index(value)
    labels = [f"'{one}'" for one in kind.value_labels]
    ends = ("above " * (at > 0) + labels[at - 1] if at else ""), (f"below {labels[at + 1]}" if labels[at + 1 :] else "")
    start = next((one.start for one in policy.periods if _asked_on(one, kind.name)), None)
    since = f" No rule but a warning asks for '{kind.name}' before {say_date(start)}." if start else ""
    return f"{labels[at]} (`{value}`) is a new level, {' and '.join(filter(None, ends))}.{since}"


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
    """Yield for whom a new question gives figures; where it gives none, for whom it has which answer."""
    asked = [(one.start, one.questions[name]) for one in policy.periods if name in one.questions]
    question = asked[-1][1] if asked else None
    first = next((start for start, one in asked if question and one.version is question.version), None)
    since = f"from {say_date(first)}" if first else "on every day: the question has no first day"
    answered = [one for one in question.outcomes if one.answer] if question else []
    for one in [row for row in answered if row.gives] or answered:
        yield f"'{name}' is answered '{one.answer}' where {say(one.condition, policy.types)}, {since}."


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
