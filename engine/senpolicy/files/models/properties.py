"""The shape of rules/properties.yaml: what must hold of the rules as a whole, which `senpolicy prove` proves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, model_validator

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model, Source
from senpolicy.files.models.scalars import Id, Name, Text
from senpolicy.files.models.units import fault


class Monotone(Model):
    """All else being equal, a higher value of a fact never gives an answer that comes earlier in the order."""

    question: Annotated[Name, Names("question")]
    fact: Annotated[Name, Names("given fact")]
    """Money, whole numbers and dates by size; a choice in the order of its values, a level in that of its edition."""
    order: list[Annotated[Name, Names("answer", of="question")]] = []
    """The answers from low to high; others are not compared. Absent: all of them, in the order of the question."""


class OneAnswer(Model):
    """No case has two answers to this question on one day."""

    question: Annotated[Name, Names("question")]


class PermittedFact(Model):
    """A fact that is used all the same, where the text names it."""

    fact: Annotated[Name, Names("given fact")]
    only_in: list[Annotated[Name, Names("question")]]
    """The only questions whose conditions may ask for it."""
    because: Text
    source: Source


class NoFact(Model):
    """No fact is about any of these."""

    words: list[Text]
    """Looked for as whole words in the name, label and values of every fact."""
    exceptions: list[PermittedFact] = []


class Unsettled(Model):
    """A question whose answer may change when this fact becomes known."""

    question: Annotated[Name, Names("question")]
    fact: Annotated[Name, Names("given fact")]
    because: Text


class MoreFacts(Model):
    """Learning a fact never changes an answer that was given without it."""

    exceptions: list[Unsettled] = []


class SameAnswer(Model):
    """Where every answer that is still possible is the same, it is given, whatever is missing or open."""

    questions: list[Annotated[Name, Names("question")]] = []
    """The questions for which it must hold; absent: all of them."""


class StaysOpen(Model):
    """Where the text leaves every case that is still possible open, the points are named and no fact is asked for."""

    questions: list[Annotated[Name, Names("question")]] = []
    """The questions for which it must hold; absent: all of them."""


class RulesOut(Model):
    """No answer is given that one to another question rules out, be that one given or allowed by an open point."""

    question: Annotated[Name, Names("question")]
    answers: dict[
        Annotated[Name, Names("answer", of="question")],
        dict[Annotated[Name, Names("question")], list[Annotated[Name, Names("answer", of="question")]]],
    ]
    """For each answer to the question, and each other question, the answers that it rules out."""


class UntilHolds(Model):
    """An answer with a last day is the answer to the same facts on every day until then."""

    questions: list[Annotated[Name, Names("question")]] = []
    """The questions for which it must hold; absent: all of them."""


class Property(Model):
    """What must hold of the rules as a whole, for every case on every day; `senpolicy prove` proves it."""

    id: Id
    says: Text
    source: Source | None = None
    monotone: Monotone | None = None
    one_answer: OneAnswer | None = None
    no_fact: NoFact | None = None
    more_facts: MoreFacts | None = None
    same_answer: SameAnswer | None = None
    """Where every answer that is still possible is the same, it must be given."""
    stays_open: StaysOpen | None = None
    """Where the text leaves every possible case open, no fact must be asked for."""
    rules_out: RulesOut | None = None
    """No answer is given that another one rules out, be that one given or allowed by an open point."""
    until_holds: UntilHolds | None = None
    """An answer with a last day must hold on every day until then."""

    @model_validator(mode="after")
    def _one_form(self) -> Property:
        forms = (
            "monotone", "one_answer", "no_fact", "more_facts", "same_answer", "stays_open", "rules_out", "until_holds"
        )  # fmt: skip
        if sum(getattr(self, form) is not None for form in forms) != 1:
            raise fault(
                "property-form", f"The property '{self.id}' needs exactly one form.", f"Give one of {', '.join(forms)}."
            )
        return self


class PropertiesFile(Model):
    """rules/properties.yaml: what must hold of the rules as a whole."""

    properties: list[Property]


def declared_properties(files: Mapping[str, BaseModel]) -> tuple[Property, ...]:
    """Return what is declared to hold of the rules as a whole, from the files of a corpus, in the order of its file."""
    file = files.get("rules/properties.yaml")
    return tuple(file.properties) if isinstance(file, PropertiesFile) else ()
