"""What the rule language cannot say: named pure functions over the facts of one case, each with its source.

A function returns True, False, or None where a fact that it needs is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from senpolicy.conditions import Value

Calculation = Callable[[Mapping[str, Value]], bool | None]


def issued_after_decision(facts: Mapping[str, Value]) -> bool | None:
    """Return whether the plan was issued after the day for which the case is decided (contract, "A case")."""
    issued, decided = facts.get("ehcp_issued_on"), facts.get("decision_date")
    if not isinstance(issued, date) or not isinstance(decided, date):
        return None
    return issued > decided


def age_far_from_year_group(facts: Mapping[str, Value]) -> bool | None:
    """Return whether the age is more than two years from those of the year group (contract, "A case").

    The pupils of a national curriculum year N turn N + 5 in it: they are N + 4 or N + 5 years old.
    """
    age, year = facts.get("age"), facts.get("year_group")
    if not isinstance(age, int) or not isinstance(year, int):
        return None
    return not year + 4 - 2 <= age <= year + 5 + 2


CALCULATIONS: dict[str, Calculation] = {
    function.__name__: function for function in (issued_after_decision, age_far_from_year_group)
}
