"""The shape of the columns by which a caseload is counted; they decide nothing."""

from __future__ import annotations

from pydantic import ConfigDict

from senpolicy.files.models.notes import Described
from senpolicy.files.models.scalars import Text, YesNo


class Group(Described):
    """A column of a caseload that says to what a pupil is counted; no rule can ask for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    label: Text
    plural: Text
    named: YesNo = False
    """true where its values are names of schools or places, in which two words with capitals do not name a person."""
    values: list[Text] = []
    """All of its values; any other is refused. What is listed is never taken for the name of a person."""
