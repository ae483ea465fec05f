"""The standings of a decision: what each is called, and why a decision of that standing does not count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from senpolicy.files.models.rules import DecisionFile

#: What each standing is called; the first word of a sentence where it begins one.
STANDINGS = {
    "taken": "taken",
    "proposed": "proposed",
    "in_force": "in force",
    "called_in": "called in",
    "withdrawn": "withdrawn",
    "replaced": "replaced",
}
#: Why a decision does not count, as the end of a sentence that begins with its number, and what to do.
NOT_COUNTED = {
    "proposed": "is only proposed. Add --include-proposed to see what it would do.",
    "called_in": "has been called in: it does not count until it is released. Name a decision before it.",
    "withdrawn": "was withdrawn, so it never counts. Name a decision before it.",
}
#: The standings that a decision can get after it has been taken or proposed, each with a day and a source.
LATER = ("called_in", "withdrawn", "replaced")


def replacing(decisions: Mapping[str, DecisionFile], number: str) -> list[str]:
    """Return the numbers of the decisions that count and take the place of this one."""
    return [one.number for one in decisions.values() if number in one.replaces and one.counts()]
