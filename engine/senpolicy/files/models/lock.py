"""The shape of the lock and of corrections: what was decided stays as it was, or a note says why it does not."""

from __future__ import annotations

from pydantic import Field

from senpolicy.files.models.rules import Model
from senpolicy.files.models.scalars import Id, IsoDate, Name, Text


class LockFile(Model):
    """policy/<decision>/lock.yaml: what a decision that has been taken set, by digest. Lines are added, never changed.

    `senpolicy lock` writes it, or the workflow of a pull request.
    """

    locked: dict[str, str]
    """A digest of its standing and dates, of its documents, and of each parameter that it set, as first locked."""
    corrected: dict[str, dict[str, str]] = {}
    """For each correction by its id, the later digest of what it mended; `gone` for what it took away."""


class EarlierLockFile(Model):
    """policy/lock.yaml: the locks of all decisions in one file. `senpolicy lock` gives each decision its own."""

    locked: dict[str, dict[str, str]]
    """For each decision a digest of its standing and dates, of its documents, and of each parameter that it set."""
    corrections: dict[str, list[Name]] = {}
    """For each decision the corrections that its digests rest on, by their ids."""


class Correction(Model):
    """A mistake in what was recorded of a decision, and how it was mended. It does not change what was decided."""

    id: Id
    """A short name that no other correction of the decision has: limit-mistyped"""
    mends: Name
    """What it mends: a parameter of the decision by its name; standing (number, status, dates); documents; settles."""
    says: Text
    """What was wrong, and what it is now."""
    because: Text
    """How one knows: the paragraph that says so, or what was found."""
    corrected_on: IsoDate
    """The day of the correction: 2026-11-27"""
    by: Text
    """The role that made it; never a person's name."""
    start: IsoDate = Field(alias="from")
    """The first day for which cases may have come out wrongly."""
    until: IsoDate | None = None
    """The last such day, included; left out where it went on."""


class CorrectionsFile(Model):
    """policy/<decision>/corrections.yaml: the mistakes that were mended in what is recorded of a decision."""

    corrections: list[Correction]
    """The corrections, in the order in which they were made."""
