"""What rules say of facts, values, answers and levels on days on which these do not count.

A case of such a day is refused (`policy.timeline`). Here it is told where a rule of such a day still rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import Test, tests
from senpolicy.policy.days import is_out
from senpolicy.policy.places import place_of_row
from senpolicy.policy.timeline import Outcome, Period, Policy


def out_of_force(policy: Policy) -> Iterator[Problem]:
    """Yield each row that gives an answer on a day on which it does not count, or asks for what never does in its days.

    And each level of an edition in use that a value still names under its old id.
    """
    if policy.scenario:  # It has the same rules.
        return
    never: dict[tuple[Place, str, str], bool] = {}
    for period in policy.periods:
        for question in period.questions.values():
            for outcome in question.outcomes:
                place = place_of_row(policy.corpus, outcome.id, question.version)
                yield from _answers(period, outcome, place)
                for test in tests(outcome.condition):
                    yield from _levels(policy, period, test)
                    for value in () if test.parameter else _asked(test):
                        key = (place, test.fact, value)
                        never[key] = never.get(key, True) and is_out(period.out_of_force, test.fact, value)
    for (place, fact, value), out in never.items():
        if out:
            named = f"'{value}' of '{fact}'" if value else f"'{fact}'"
            said = f"{named} does not count on any day of this version."
            yield Problem(place, "not-in-force", said, "Ask for it in a version of its days, or let it begin earlier.")


def _answers(period: Period, outcome: Outcome, place: Place) -> Iterator[Problem]:
    if outcome.answer and is_out(period.out_of_force, outcome.question, outcome.answer):
        said = f"'{outcome.answer}' does not count {_since(period)}, and this row gives it then."
        help = "Write a version from the day on which another answer takes its place, or give it other days."
        yield Problem(place, "not-in-force", said, help)


def _levels(policy: Policy, period: Period, test: Test) -> Iterator[Problem]:
    """Yield the levels that a value lists and the edition in use has not, though an earlier one had."""
    edition = period.edition
    if edition is None or not test.parameter or not isinstance(test.limit, tuple):
        return
    levels = {level.id for level in policy.corpus.editions[edition.edition].levels}
    found = policy.parameter(test.parameter, period.start or date.min)
    for level in test.limit if test.fact in policy.corpus.facts.facts else ():
        if level not in levels and found:
            names = f"'{test.parameter}' of {found[0]} names '{level}' {_since(period)}"
            said = f"{names}, and this edition has no such level."
            help = (
                "Keep the id of a level that only gets another name, and change its label; or let "
                f"{policy.corpus.editions[edition.edition].decision} set '{test.parameter}' again from that day."
            )
            place = policy.corpus.place(f"descriptors/{edition.edition}/edition.yaml", "levels", key=True)
            yield Problem(place, "not-in-force", said, help)


def _asked(test: Test) -> tuple[str, ...]:
    """Return the values of a choice that a test names; "" for one that names none."""
    limit = test.limit if isinstance(test.limit, tuple) else (test.limit,)
    named = tuple(one for one in limit if isinstance(one, str))
    return named or ("",)


def _since(period: Period) -> str:
    return f"from {period.start.isoformat()}" if period.start else "from the beginning"
