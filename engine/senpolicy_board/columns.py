"""The columns that a caseload may have, in words, and a template of one; from the facts of the policy."""

from __future__ import annotations

from dataclasses import dataclass

from senpolicy_board.policies import Policies


@dataclass(frozen=True)
class CaseloadColumn:
    """A column of a caseload: its name, what it holds, what may be written there in words, and whether it is needed."""

    name: str
    label: str
    holds: str
    needed: bool


#: What is written for each type of fact.
_HOLDS = {
    "reference": "one to four letters, a hyphen or none, one to eight figures: no name, no number of a person",
    "date": "a day: 2026-09-01", "money": "pounds, with two decimals at most: 6000 or 6000.50",
    "integer": "a whole number", "boolean": "true or false", "choice": "",
}  # fmt: skip


def columns(policies: Policies) -> list[CaseloadColumn]:
    """Return the columns, those that are needed first; a cell that is left empty is not known."""
    facts, found = policies.corpus.facts, []
    levels = [level.id for level in policies.levels_on(None)]
    for name, fact in facts.facts.items():
        in_words = fact.values.items() if isinstance(fact.values, dict) else ()
        values = [f"{value} ({words})" for value, words in in_words] or list(fact.values)
        values = values or (levels if fact.values_from else [])
        holds = f"one of {', '.join(values)}" if values else _HOLDS[fact.type]
        if fact.lowest is not None and fact.highest is not None:
            holds += f" from {fact.lowest} to {fact.highest}"
        found.append(CaseloadColumn(name, fact.label, holds, bool(fact.required)))
    for name, group in facts.groups.items():
        holds = f"one of {', '.join(group.values)}" if group.values else "text, by which pupils are counted"
        found.append(CaseloadColumn(name, group.label, holds, needed=False))
    return sorted(found, key=lambda one: not one.needed)
