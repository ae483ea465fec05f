"""The shape of rules/budgets.yaml: how a pot of money is divided into budgets, year by year."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model, Source
from senpolicy.files.models.scalars import Marked, Name, Text, Written


class BudgetColumn(Model):
    """A column of the file from which budgets are worked out; each one's share is its part of the column's sum."""

    label: Text
    unit: Literal["count", "pounds"]


class BudgetPart(Model):
    """A part of a mix: which column or mix it follows, and how large it is. The parts of a mix add up to 1."""

    of: Annotated[Name, Names("part", among=("columns", "mixes"), says="column or mix")]
    share: Marked | None = None
    """`$` and the name of a parameter that is a share; one without a value leaves the part open. Absent: the rest."""
    at_most: Marked | None = None
    """`$` and the name of the largest share that the text would allow for a part that is open; absent: all of it."""


class BudgetMix(Model):
    """A mix of columns, or of further mixes, by which money is divided."""

    label: Text
    source: Source
    parts: Annotated[list[BudgetPart], Field(min_length=1)]


class BudgetYear(Model):
    """How the pot of one year is divided."""

    year: Written
    """Its number, or `$` and the name of a parameter that is a count."""
    source: Source
    parts: Annotated[list[BudgetPart], Field(min_length=1)]


class Protected(Model):
    """What a budget pays first: the part of earlier claims that is kept, and above what an allocation is looked at."""

    question: Annotated[Name, Names("question")]
    """The question whose answer says that a part of a claim is kept."""
    answer: Annotated[Name, Names("answer", of="question")]
    """That answer."""
    claim: Annotated[Name, Names("fact in pounds")]
    """The fact that is the claim, in pounds a year."""
    least: Name
    """The figure of the answer that is the least share that is kept."""
    most: Name
    """The figure of the answer that is the largest."""
    moderated_above: Marked
    """`$` and the name of the amount for a child, or the average of a group, above which an allocation is marked."""
    source: Source


class BudgetsFile(Model):
    """rules/budgets.yaml: how a pot is divided into budgets, year by year."""

    column: Name
    """The column that names whom each budget is for."""
    label: Text
    """What they are together, as people write it."""
    first_day: Marked
    """`$` and the name of the date on which the first year starts."""
    taken_off_first: Marked
    """`$` and the name of the share that is taken off the pot before it is divided; none while it has no value."""
    columns: dict[Name, BudgetColumn]
    mixes: dict[Name, BudgetMix]
    years: Annotated[list[BudgetYear], Field(min_length=1)]
    protected: Protected | None = None
    """What a budget pays first; a ledger needs it."""
