"""The shape of policy/documents.yaml: where the papers are found that values and rules cite.

No decision rests on it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from senpolicy.files.models.rules import Model
from senpolicy.files.models.scalars import IsoDate, Lines, Name, Text


class Document(Model):
    """A document that the policy rests on."""

    title: Text
    short: Text | None = None
    """What a page calls it beside a paragraph: "equality assessment". Its id where there is none."""
    publisher: Text
    dated: IsoDate | None = None
    file: str | None = None
    """Its file name in the folder of source documents, where it is held."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The SHA-256 of that file: 64 figures and letters from a to f."""
    lines: Lines | None = None
    """Which lines of that file are this document: "27-368"."""
    address: str | None = None
    """Where a person finds it."""
    strength: Literal["A", "B", "C"] = "A"
    """A: the decision or official page itself. B: a secondary source. C: a lead only."""
    note: str | None = None


class DocumentsFile(Model):
    """policy/documents.yaml: every document that a value or rule cites."""

    documents: dict[Name, Document]
