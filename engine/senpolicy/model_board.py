"""The shape of rules/board.yaml: what a moderation board needs to know of the policy. No answer rests on it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from senpolicy.model import Model, Name, Source, Text


class AlwaysSeen(Model):
    """The cases that a moderation board sees whatever its sample: those whose fact is above an amount."""

    fact: Name
    more_than: str
    """`$` and the name of an amount."""
    says: Text
    source: Source


class BoardFile(Model):
    """rules/board.yaml: what a moderation board needs to know of the policy."""

    community: Name
    """The group of a caseload between which decisions are kept alike."""
    sizes: Annotated[list[Name], Field(min_length=1)]
    """Facts in pounds: the first that is known is the size of a case."""
    always: AlwaysSeen
    disputes: Name
    """The open point that holds what is known of how a decision is disputed."""
