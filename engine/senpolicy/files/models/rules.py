"""The shape of the files that decide: decisions and what they set, open points, readings, rules and facts.

One model per kind of file; those of what else people write are in this folder, too. The models are the manual: their
docstrings and field notes become the hover text of editors, the JSON Schemas and the glossary. Scalars arrive as the
text that the author wrote (`senpolicy.files.source`), so each type reads it itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from senpolicy.files.models.groups import Group
from senpolicy.files.models.names import Names
from senpolicy.files.models.notes import Described
from senpolicy.files.models.scalars import (
    Choices,
    Id,
    IsoDate,
    Lines,
    Marked,
    Name,
    OneOrMore,
    Paragraph,
    Plain,
    Text,
    Whole,
    Written,
    YesNo,
)
from senpolicy.files.models.units import Unit, fault, read_in_unit
from senpolicy.files.problems import At
from senpolicy.files.source import Node
from senpolicy.language.conditions import OPERATORS, AllOf, AnyOf, Condition, Not, Test

Status = Literal["taken", "proposed", "in_force", "called_in", "withdrawn", "replaced"]


M = TypeVar("M", bound=BaseModel)


class Model(Described):
    """Common habits: nothing unknown is let in, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Source(Model):
    """Where a value or rule comes from: the document, and the paragraph in it."""

    document: Annotated[Name, Names("document")]
    """The id of a document in policy/documents.yaml, where its title and address are."""
    paragraph: Paragraph
    """The paragraph, question or heading, as the document numbers it, in quotes so that every program keeps 3.20.

    The number is in the margin of the document, whose address is in policy/documents.yaml.
    """
    lines: Lines | None = None
    """The line or range of lines in the stored text of the document: "156-170"."""
    quote: str | None = None
    """A few words of the text, only where their exact wording decides the rule."""
    address: str | None = None
    """Where a person finds it, for a document that is not listed in policy/documents.yaml."""
    note: str | None = None

    def to_json(self) -> dict[str, str]:
        """Return document and paragraph as plain data."""
        return {"document": self.document, "paragraph": self.paragraph}


class Taken(Model):
    """When a decision was taken: the day, or the two bounds between which it lies, or why it is not known."""

    day: IsoDate | None = None
    earliest: IsoDate | None = None
    latest: IsoDate | None = None
    why: str | None = None
    unknown: str | None = None


class Act(Model):
    """One thing that a decision does."""

    id: Id
    says: Text
    source: Source


class Settlement(Model):
    """An open point that a decision settles from a day on; cases before that day keep it as it was."""

    point: Annotated[Name, Names("open point")]
    """The open point, of whichever decision it is."""
    by: OneOrMore = []
    """What settles it, one or a list: a row of the decision's own version of a question (`route/exactly-6000`), a value
    that the decision sets (`$` and its name), or an adopted reading that it confirms (the reading's id).
    """
    answers: dict[Annotated[str, Names("question")], Annotated[Name, Names("answer", of="question")]] = {}
    """Where the decision's own word is the answer: for each question that the point leaves open, its answer.

    No version of the rule is needed then: from that day on the rows that leave the point open give this answer.
    """
    start: IsoDate = Field(alias="from")
    """The first day for which it is settled; a row or a value by which it is has to count from that day, too."""
    says: Text | None = None
    """How it is settled, in a plain sentence, for the pages and the explanation."""
    source: Source | None = None
    """Where the decision says so. A row or a value has a source of its own; `answers` and a reading need this one."""
    leaves: Text | None = None
    """What of the point stays open, where it is settled in part. Without it the point is settled wholly."""
    reaches_back: YesNo = False
    """For a first day before the decision was taken: that this is meant, and no slip of day and month."""


class DecisionFile(Model):
    """policy/<decision>/decision.yaml: a key decision, its standing and its documents."""

    number: Annotated[str, StringConstraints(pattern=r"^(\d{2}/\d{5}|[a-z][a-z0-9/-]*)$")]
    title: Text
    status: Status
    taken: Taken | None = None
    planned: IsoDate | None = None
    """For a proposed decision: the day from which it is meant to count, where its source names one."""
    since: IsoDate | None = None
    """For one that was called in, withdrawn or replaced: the first day on which it was."""
    shown_by: Source | None = None
    """For one that was called in, withdrawn or replaced: where that is said."""
    decides: list[Act] = []
    documents: list[Annotated[Name, Names("document")]] = []
    replaces: list[Annotated[str, Names("decision")]] = []
    succeeds: list[Annotated[str, Names("decision")]] = []
    settles: list[Settlement] = []
    """The open points that it settles, wholly or in part, each from a day on."""
    notes: list[Text] = []

    def counts(self, include_proposed: bool = False) -> bool:
        """Return whether what it sets counts: not while it is called in, never once withdrawn, a proposal if asked."""
        return self.status in ("taken", "in_force", "replaced") or (include_proposed and self.status == "proposed")


class DecisionsFile(Model):
    """policy/decisions.yaml: the order in which the decisions were taken."""

    order: list[str]
    """The numbers, first to last; `--as-of` follows this list."""
    assumption: Text
    """What the order assumes where the days are not known."""
    beside: list[str] = []
    """Folders that always count (national rules) or only inform; no order is claimed for them."""


class Parameter(Model):
    """A value that a decision sets: never a bare number in a rule."""

    label: Text
    unit: Unit
    value: Annotated[Any, WithJsonSchema({"type": ["number", "string", "array", "null"]})] = None
    """The value in the plain form of its unit; null where it is not decided, with `open_point`."""
    start: IsoDate | None = Field(None, alias="from")
    """The day from which this value counts. A later value of the same name needs one: until then the older counts.

    Without it a value counts from the beginning.
    """
    source: Source
    open_point: Annotated[str, Names("open point")] | None = None
    """For a value that is not decided: the open point that says so."""
    review: IsoDate | None = None
    """The day near which this value should be looked at again."""
    reaches_back: YesNo = False
    """True where a decision changes days before it was taken, and that is meant: no slip of day, month or year.

    Without `from` this value then takes the place of every older one, on every day back to the beginning: say why in
    `note`.
    """
    recorded: YesNo = False
    """True for a value that the decision did not set: it was asked, expected or told elsewhere, and is held with it."""
    note: str | None = None

    _in_unit = model_validator(mode="before")(read_in_unit)

    @model_validator(mode="after")
    def _has_value(self) -> Parameter:
        if self.value is None and not self.open_point:
            raise fault(
                "value-missing",
                "This parameter has no value.",
                "Give its value, or the open_point that says why there is none.",
                at="value",
            )
        return self


class ParametersFile(Model):
    """policy/<decision>/parameters.yaml: the values that the decision sets."""

    parameters: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Parameter]


class OpenPoint(Model):
    """What the text leaves open: where it clashes or is silent, and the answers that it would allow."""

    title: Text
    state: Literal["open", "read", "note"]
    """open: it blocks an answer. read: a reading has been adopted. note: recorded, blocks nothing."""
    says: Text
    where: list[Source]
    allows: dict[Annotated[str, Names("question")], list[Annotated[str, Names("answer", of="question")]]] = {}
    """For each question that it touches, the answers that the text would allow."""
    allows_text: list[Text] = []
    settle: Text
    """What it would take to settle it."""


class OpenPointsFile(Model):
    """policy/<decision>/open-points.yaml: the register of what the decision leaves open."""

    open_points: dict[Name, OpenPoint]


class Reading(Model):
    """How an open point is read until the council settles it: by whom, when, and why."""

    id: Id
    point: Annotated[Name, Names("open point")]
    adopted_on: IsoDate
    by: Text
    """The role that adopted it; never a person's name."""
    says: Text
    because: Text
    about: list[Annotated[Name, Names("fact")]] = []
    """The facts, or questions, on which it bears: a row that rests on it asks for one of them, gives or answers it."""
    answers: dict[Annotated[str, Names("question")], str] = {}
    """Only where the reading itself gives an answer to a question that would otherwise be undetermined."""


class ReadingsFile(Model):
    """policy/readings.yaml: the readings adopted, in order of adoption."""

    readings: list[Reading]


class FactLimitModel(Model):
    """Another fact of the same case as the limit of a test about facts."""

    fact: Annotated[Name, Names("fact")]
    by: Written | None = None
    """What is added to it before it is compared: days, whole numbers, or `$` and the name of an amount."""


def _limit_kind(data: Any) -> str:
    return "<fact>" if isinstance(data, (dict, FactLimitModel)) else "<value>"


Limit = Annotated[
    Annotated[FactLimitModel, Tag("<fact>")] | Annotated[Written, Tag("<value>")], Discriminator(_limit_kind)
]


class TestModel(Model):
    """A test: a fact, one operator in words, and what it is held against."""

    __test__ = False
    fact: Annotated[Name, Names("fact")]
    because: str | None = None
    """Why this is asked, in words that can follow 'because'."""
    is_: Plain | None = Field(None, alias="is")
    """The fact is exactly this."""
    one_of: Choices | None = None
    """The fact is one of these."""
    below: Limit | None = None
    """Less than the limit; the limit itself does not hold."""
    at_most: Limit | None = None
    """The limit or less."""
    at_least: Limit | None = None
    """The limit or more."""
    more_than: Limit | None = None
    """More than the limit; the limit itself does not hold."""
    known: YesNo | None = None
    """Whether the case gives the fact at all."""

    @model_validator(mode="after")
    def _one_operator(self) -> TestModel:
        used = self.operators
        if len(used) != 1:
            said = "no operator" if not used else f"{len(used)} operators ({', '.join(used)})"
            raise fault(
                "operator", f"This test on '{self.fact}' has {said}.", f"Give exactly one of {', '.join(OPERATORS)}."
            )
        return self

    @cached_property
    def operators(self) -> dict[str, FactLimitModel | list[str] | str | bool]:
        """The operators that are written, each with its operand, in the order of the language."""
        written = {name: getattr(self, "is_" if name == "is" else name) for name in OPERATORS}
        return {name: operand for name, operand in written.items() if operand is not None}

    @cached_property
    def condition(self) -> Test:
        """The test that this describes, its limit not yet bound."""
        ((operator, operand),) = self.operators.items()
        return Test(self.fact, operator, tuple(operand) if isinstance(operand, list) else operand, self.because or "")


class AllModel(Model):
    """Every part must hold."""

    all: list[ConditionModel]

    @cached_property
    def condition(self) -> Condition:
        """The condition that this describes, its limits not yet bound."""
        return AllOf(tuple(part.condition for part in self.all))


class AnyModel(Model):
    """At least one part must hold."""

    any: Annotated[list[ConditionModel], Field(min_length=1)]

    @cached_property
    def condition(self) -> Condition:
        """The condition that this describes, its limits not yet bound."""
        return AnyOf(tuple(part.condition for part in self.any))


class NotModel(Model):
    """The part must not hold."""

    part: ConditionModel = Field(alias="not")

    @cached_property
    def condition(self) -> Condition:
        """The condition that this describes, its limits not yet bound."""
        return Not(self.part.condition)


def _kind(data: Any) -> str:
    for word, model in (("all", AllModel), ("any", AnyModel), ("not", NotModel)):
        if isinstance(data, model) or (isinstance(data, dict) and word in data and "fact" not in data):
            return f"<{word}>"
    return "<test>"


ConditionModel = Annotated[
    Annotated[TestModel, Tag("<test>")]
    | Annotated[AllModel, Tag("<all>")]
    | Annotated[AnyModel, Tag("<any>")]
    | Annotated[NotModel, Tag("<not>")],
    Discriminator(_kind),
]


class Portion(Model):
    """A figure worked out from a fact in pounds: all of it, a share of it, or the part of a year of it."""

    of: Annotated[Name, Names("fact")]
    """The fact, in pounds a year."""
    share: Written | None = None
    """`$` and the name of a parameter that is a share."""
    round: Literal["down", "up"] = "down"
    """How parts of a penny are rounded: down for the low end of a range, up for the high end."""
    until: Written | None = None
    """`$` and the name of a date: then the days from the decision's to that one, both included, by 365ths.

    They can be more than a year; the figure is never more than the fact.
    """


def _figure_kind(data: Any) -> str:
    return "<portion>" if isinstance(data, (dict, Portion)) else "<plain>"


FigureModel = Annotated[
    Annotated[Portion, Tag("<portion>")] | Annotated[Plain, Tag("<plain>")], Discriminator(_figure_kind)
]


class AnswerRow(Model):
    """One way to an answer: when the condition holds, this is the answer."""

    id: Name
    answer: Annotated[Name, Names("answer", of="question")]
    says: Text | None = None
    """The row in a plain sentence, for the pages and the explanation."""
    source: Source
    reads: list[Annotated[Name, Names("reading")]] = []
    """The readings on whose understanding of the words this row rests."""
    if_read: list[Annotated[Name, Names("open point")]] = []
    """The row counts only where each of these open points has an adopted reading."""
    if_open: list[Annotated[Name, Names("open point")]] = []
    """The row counts only while none of these open points has an adopted reading."""
    when: ConditionModel
    gives: dict[Name, FigureModel] = {}
    """Figures that go with the answer; `$` and a name means a parameter."""

    @property
    def name(self) -> str:
        """What the row is called within its version."""
        return self.id


class OpenRow(Model):
    """Cases that the text leaves open: when the condition holds, the answer is undetermined, with the point."""

    point: Annotated[Name, Names("open point")]
    id: Name | None = None
    """The row's name, where the point has more than one row in a version; else it is called as its point."""
    also: list[Annotated[Name, Names("open point")]] = []
    """More points that leave the same cases open: all of them have to be settled."""
    either: list[Annotated[Name, Names("open point")]] = []
    """More points. Which of them all leaves the case open turns on a fact that is not known."""
    still_open: dict[Annotated[Name, Names("open point")], list[Annotated[Name, Names("answer")]]] = {}
    """Of a point under `either`: the answers to it with which, once it is settled, the others leave the case open.

    With any other answer the fact that tells which point it is matters, so the row no longer counts.
    """
    allows: list[Annotated[Name, Names("answer", of="question")]] = []
    """The answers that the text would allow these cases, where they are fewer than the point's."""
    if_read: list[Annotated[Name, Names("open point")]] = []
    """The row counts only where each of these open points has an adopted reading."""
    if_open: list[Annotated[Name, Names("open point")]] = []
    """The row counts only while none of these open points has an adopted reading."""
    when: ConditionModel
    gives: dict[Name, FigureModel] = {}
    """Figures that are known all the same, such as the part that is protected."""

    @property
    def name(self) -> str:
        """What the row is called within its version."""
        return self.id or self.point


class SectionAnswerRow(AnswerRow):
    """One way to an answer in a section: when the section's `given` and the row's own condition both hold."""

    when: ConditionModel = AllModel(all=[])
    """What must hold beside the section's `given`; left out where that alone is the row's condition."""


class SectionOpenRow(OpenRow):
    """Cases of a section that the text leaves open: when its `given` and the row's own condition both hold."""

    when: ConditionModel = AllModel(all=[])
    """What must hold beside the section's `given`; left out where that alone is the row's condition."""


class RuleSection(Model):
    """Rows that share a condition, which is written once, under a heading like one of a paper."""

    heading: Text
    given: ConditionModel
    answers: list[SectionAnswerRow] = []
    open: list[SectionOpenRow] = []


@dataclass(frozen=True)
class PlacedRow:
    """A row with its whole condition, and the path below its version at which it is written.

    `parts` are what must hold for the row to hold, each with its own path: for a row of a section, the parts of the
    section's `given` come first.
    """

    row: AnswerRow | OpenRow
    path: At
    parts: tuple[tuple[ConditionModel, At], ...]


def _parts(written: ConditionModel, *path: str | int) -> list[tuple[ConditionModel, At]]:
    if isinstance(written, AllModel):
        return [(part, (*path, "all", at)) for at, part in enumerate(written.all)]
    return [(written, path)]


class Begun(Model):
    """From when something counts, and by which decision; without either it always has."""

    start: Marked | None = Field(None, alias="from")
    decision: Annotated[str, Names("decision")] | None = None


class Dated(Begun):
    """From when until when something counts, and by which decision; without any of these it always counts."""

    until: Marked | None = None
    """The last day, included: `$` and the name of a date. It ends once a decision that counts has set that date."""


class Version(Begun):
    """The whole rule of a question from one day on; it ends where the next version starts."""

    decision: Annotated[str, Names("decision")]
    own_answers: list[AnswerRow] = Field([], alias="answers")
    own_open: list[OpenRow] = Field([], alias="open")
    sections: list[RuleSection] = []

    def by(self, row: AnswerRow | OpenRow) -> tuple[str, str]:
        """Return the decision by which a row counts, and the assumption of a scenario on which it rests ("": none)."""
        return self.decision, ""

    @cached_property
    def placed(self) -> list[PlacedRow]:
        """Every row with its whole condition and its place: the answers, then the open ones, as they are written."""
        found: list[PlacedRow] = []
        rows: dict[str, Sequence[AnswerRow | OpenRow]] = {"answers": self.own_answers, "open": self.own_open}
        for word, own in rows.items():
            found += [PlacedRow(row, (word, at), ((row.when, (word, at, "when")),)) for at, row in enumerate(own)]
            for number, section in enumerate(self.sections):
                for at, row in enumerate(getattr(section, word)):
                    path: At = ("sections", number, word, at)
                    parts = [*_parts(section.given, *path[:2], "given"), *_parts(row.when, *path, "when")]
                    every = [part for part, _ in parts]
                    when = every[0] if len(every) == 1 else AllModel.model_construct(all=every)
                    found.append(PlacedRow(row.model_copy(update={"when": when}), path, tuple(parts)))
        return found

    @cached_property
    def rows(self) -> list[AnswerRow | OpenRow]:
        """Every row with its whole condition, answers first."""
        return [one.row for one in self.placed]

    @cached_property
    def answers(self) -> list[AnswerRow]:
        """The rows that answer, those of sections with their whole condition."""
        return [row for row in self.rows if isinstance(row, AnswerRow)]

    @cached_property
    def open(self) -> list[OpenRow]:
        """The rows that the text leaves open, those of sections with their whole condition."""
        return [row for row in self.rows if isinstance(row, OpenRow)]


class Caution(Model):
    """What goes with an answer without changing it."""

    id: Id
    decision: Annotated[str, Names("decision")]
    says: Text
    source: Source
    when: ConditionModel
    start: Marked | None = Field(None, alias="from")
    before: Marked | None = None
    """The first day on which it no longer counts: `$` and the name of a parameter."""


class GivenFigure(Model):
    """A figure that rows of a question give with their answer, as they name it under `gives`."""

    unit: Literal["pounds", "pounds_a_year", "share", "per_cent", "date", "text", "flag"]
    """Its unit; flag: true or false. A figure is a value of this unit, or a portion of a fact of it.

    A portion for a part of a year is in pounds: it is paid once.
    """
    says: Text | None = None
    """What it is, in plain words."""
    values: list[Annotated[Name, Names("parameter")]] = []
    """The parameters that it may be, where it may not be every one of its unit: one day is not another."""
    always_with: list[Annotated[Name, Names("answer", of="question")]] = []
    """The answers that never go without it."""
    not_below: Annotated[Name, Names("figure", among=("figures",))] | None = None
    """The figure that it is never below, where a row gives both: that of the low end, for a high end."""


class QuestionFile(Model):
    """rules/<question>.yaml: one question, its answers in plain words, and its rule by date."""

    question: Name
    asks: Text
    leaves_out: list[Act] = []
    """What a reader may take it to ask, and it does not: shown with it, so that no answer is read as more."""
    step: YesNo = False
    """A step on the way to the questions of the contract; it is shown apart from them."""
    answers: dict[Name, Text]
    days: dict[Annotated[Name, Names("answer", of="question")], Dated] = {}
    """For an answer that does not count on every day, such as a band that is renamed: from when until when."""
    figures: dict[Name, GivenFigure] = {}
    """The figures that its rows give, each by its name."""
    ask: list[Annotated[Name, Names("fact")]]
    """The facts that the question rests on, in the order in which they are asked for when they are not known."""
    versions: list[Version]
    cautions: list[Caution] = []


class QuestionsFile(Model):
    """rules/questions.yaml: the questions in the order in which they are decided."""

    questions: list[Name]


class Fact(Dated):
    """A fact that a case may give: on the days on which it counts."""

    label: Text
    short: Text | None = None
    """What a table calls it where the label is too long: "Existing rate"."""
    asks: Text | None = None
    """The question by which a school is asked for it: "How are the pupil's needs recorded?"."""
    type: Literal["reference", "date", "money", "integer", "choice", "boolean"]
    unit: Literal["", "pounds", "pounds_a_year", "years", "year_group", "count", "year"] = ""
    """For money and whole numbers: the unit, as values have it."""
    values: dict[str, Text] | list[str] = {}
    """For a choice: each value, with its plain words."""
    days: dict[Name, Dated] = {}
    """For a value that does not count on every day, such as a new setting: from when until when."""
    values_from: Annotated[str, Names("edition")] | None = None
    """For a choice among levels: the edition of descriptors whose levels are the values."""
    area: str | None = None
    """For a rating: the area of need that it rates."""
    from_ratings: YesNo = False
    """For a level: whether it follows from the ratings, where the edition has a method and the case gives no level."""
    lowest: Whole | None = None
    highest: Whole | None = None
    required: YesNo = False
    personal: YesNo = False
    """Whether it says something of a child, as all but the reference and the date do."""
    limits: list[Annotated[Name, Names("parameter")]] = []
    """For money, whole numbers and dates: the parameters that it may be held against, and no other.

    So of several amounts that are equal today none is taken for another.
    """
    note: str | None = None


class Follows(Model):
    """A fact that follows from others, where the case does not give it."""

    when: ConditionModel
    fact: Annotated[Name, Names("given fact")]
    value: Plain
    because: Text
    decision: Annotated[str, Names("decision")] | None = None
    """The decision by which it counts, where it rests on what that decision brought; else it always counts."""


class CaseRule(Model):
    """Facts that contradict each other (a problem) or that are worth a look (a warning)."""

    id: Id
    when: ConditionModel
    """Tests on facts; a warning may ask for an answer too, and is then given once the case is decided."""
    decision: Annotated[str, Names("decision")] | None = None
    """The decision by which it counts, where it rests on what that decision set; else it always counts."""
    field: Annotated[Name, Names("fact")]
    says: Text
    help: Text


class FactsFile(Model):
    """rules/facts.yaml: every fact that a case may give, and how facts hang together."""

    facts: dict[Name, Fact]
    groups: dict[Name, Group] = {}
    follows: list[Follows] = []
    problems: list[CaseRule] = []
    warnings: list[CaseRule] = []


def validated(model: type[M], node: Node) -> M:
    """Return the file's model; raises `pydantic.ValidationError` for `senpolicy.files.models.problems` to explain.

    A key is only ever the word of the language: what Python has to call it (`is_`, `start`) is not a word of a file.
    """
    return model.model_validate(node.data(), by_alias=True, by_name=False)
