"""The shape of the files that record rather than decide: consultation, figures, strategy, national duties.

No rule rests on them. They show what a decision came from, and are checked against it and against their sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from senpolicy.files.digests import PlainData
from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model, Source
from senpolicy.files.models.scalars import Id, Name, Text, Whole
from senpolicy.files.models.units import Unit, fault, read_number, read_unit

RecordUnit = Literal[Unit, "million_pounds", "weeks"]
RECORD_UNITS: tuple[str, ...] = get_args(RecordUnit)
RecordedStatus = Literal["proposed", "under_development", "in_use"]

#: A plain number of a record, whatever its unit: exact, with at most six decimals.
Figure = Annotated[
    Decimal, BeforeValidator(lambda text: read_number(text, 6)), WithJsonSchema({"type": ["number", "string"]})
]
_Value = Annotated[Any, WithJsonSchema({"type": ["number", "string"]})]


def _listed(data: Any) -> Any:
    return [data] if isinstance(data, dict) else data


@dataclass(frozen=True)
class _OneOrMore:
    """Says in the JSON Schema that an item may be written for a list of one."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, PlainData]:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


#: One source, or a list of them; read as a list.
Sources = Annotated[list[Source], Field(min_length=1), BeforeValidator(_listed), _OneOrMore()]


def read_record(value: Any, unit: str) -> Any:
    """Return a written value in the unit of a record; raises an error in plain words when it is not of that unit."""
    if unit == "weeks":
        return int(read_number(value, 0))
    if unit == "million_pounds":
        return read_number(value, 6)
    return read_unit(value, unit)


class Record(Model):
    """What records have in common: no case rests on them, and a decision leaves them unread."""


class RecordedFact(Record):
    """A fact that a document states, for the pages; no rule rests on it."""

    label: Text
    unit: RecordUnit
    value: _Value
    printed: bool = True
    """False where the value is our own count of what the source prints, not printed there itself."""
    source: Sources
    note: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, data: Any) -> Any:
        return _with_value(data)


def _with_value(data: Any) -> Any:
    if not isinstance(data, dict) or "value" not in data or data.get("unit") not in RECORD_UNITS:
        return data
    if data["value"] is None:
        raise fault("value-missing", "This has no value.", "Give what the source states, or take it out.", at="value")
    try:
        return {**data, "value": read_record(data["value"], data["unit"])}
    except PydanticCustomError as error:
        said = error.context or {}
        raise fault(said["code"], said["message"], said["help"], at="value") from None


class Link(Record):
    """What a record bears on: a parameter, a row of a rule, an open point, or what must hold of the rules."""

    parameter: Annotated[Name, Names("parameter")] | None = None
    rule: Annotated[Text, Names("row of a rule")] | None = None
    """The question and the row, as in route/new-plan."""
    open_point: Annotated[Name, Names("open point")] | None = None
    holds: Annotated[Name, Names("property")] | None = None
    """The id of what rules/properties.yaml declares to hold of the rules as a whole."""

    @model_validator(mode="after")
    def _one_kind(self) -> Link:
        if sum(one is not None for one in (self.parameter, self.rule, self.open_point, self.holds)) != 1:
            raise fault("link", "A link names one thing.", "Give one of parameter, rule, open_point, holds.")
        return self


class ActionCode(Record):
    """What a code of action in a table of responses means."""

    code: Whole
    means: Text
    source: Sources


class ConsultationHead(Record):
    """Which decision was consulted on, when, and who answered."""

    decision: Annotated[str, Names("decision")]
    title: Text
    facts: dict[Name, RecordedFact]
    action_codes: list[ActionCode]
    results_held: bool
    """Whether this repository holds how many agreed with what."""
    notes: list[Text] = []


class Category(Record):
    """A group of a table of responses, and the questions that it is about."""

    id: Id
    label: Text
    questions: list[Annotated[Name, Names("question asked", among=("questions",))]]
    source: Sources
    note: Text | None = None


class ConsultedQuestion(Record):
    """A question that was asked, in our own words, and what it bears on."""

    id: Id
    asks: Text | None
    wording_lost: bool = False
    """True where the wording is not in what is held; `asks` is then null."""
    category: Annotated[Name, Names("category", among=("categories",))] | None
    source: Sources
    bears_on: list[Link] = []
    note: Text | None = None

    @model_validator(mode="after")
    def _asked_or_lost(self) -> ConsultedQuestion:
        if (self.asks is None) != self.wording_lost:
            raise fault(
                "wording",
                f"'{self.id}' does not say what it asks, or says it although its wording is lost.",
                "Give 'asks', or set wording_lost: true and asks: null.",
            )
        return self


class Response(Record):
    """A comment of schools, and what the council answered to it with which codes of action."""

    id: Id
    category: Annotated[Name, Names("category", among=("categories",))]
    questions: list[Name]
    stance: Literal["for", "against"] | None = None
    comment: Text
    answer: Text | None
    answered_with: Annotated[Name, Names("response", among=("responses",))] | None = None
    """For a comment without an answer of its own: the response whose answer is its answer too."""
    action: list[Whole]
    source: Sources
    shaped: list[Link] = []
    """What of the decided text, or of what it leaves open, shows the effect."""
    note: Text | None = None

    @model_validator(mode="after")
    def _answered(self) -> Response:
        if self.answer is None and (not self.answered_with or self.action):
            raise fault(
                "no-answer",
                f"'{self.id}' has no answer of its own.",
                "Name under answered_with the response whose answer is for both, and leave action empty.",
            )
        if self.answer is not None and (self.answered_with or not self.action):
            raise fault(
                "no-action",
                f"'{self.id}' is answered, and no code of action goes with it.",
                "Give action as a list of codes, and no answered_with.",
            )
        return self


class Difference(Record):
    """Where the decided text differs from what was consulted on."""

    id: Id
    consulted: Text
    decided: Text
    questions: list[Annotated[Name, Names("question asked", among=("questions",))]]
    responses: list[Annotated[Name, Names("response", among=("responses",))]]
    source_consulted: Sources
    source_decided: Sources
    open_point: Annotated[Name, Names("open point")] | None = None
    note: Text | None = None


class ConsultationFile(Record):
    """policy/<decision>/consultation.yaml: what was asked, what came back, and what each answer shaped."""

    consultation: ConsultationHead
    categories: list[Category]
    questions: list[ConsultedQuestion]
    responses: list[Response]
    differences: list[Difference]


class Rounding(Record):
    """How closely a result is held against what is printed."""

    to: Figure | None = None
    """To the nearest so much of the unit; a half goes up, away from zero."""
    tolerance: Figure | None = None
    """Not rounded: the two may differ by so much, and no more."""

    @model_validator(mode="after")
    def _one_way(self) -> Rounding:
        given = [one for one in (self.to, self.tolerance) if one is not None]
        if len(given) != 1 or given[0] <= 0:
            raise fault("rounding", "A rounding needs one number above 0.", "Give 'to' or 'tolerance'.")
        return self


class CheckedFigure(Record):
    """A figure of the sources, and the arithmetic that it can be checked by."""

    id: Name
    row: Name | None
    """The row of the list of checks from which it comes."""
    label: Text
    says: Text
    unit: RecordUnit
    stated: Figure | None
    """What the text prints; null where it prints no such figure, with `derived`."""
    derived: Figure | None = None
    """What the arithmetic gives, where nothing is printed to hold it against."""
    printed: bool = True
    """False where `stated` is what must hold by itself (the parts of a whole), not something printed."""
    terms: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Figure]
    arithmetic: Text
    """Names of terms and numbers, joined by + - * / and parentheses."""
    rounding: Rounding
    outcome: Literal["agrees", "contradicts", "derived"]
    source: Sources
    note: Text | None = None

    @model_validator(mode="after")
    def _stated_or_derived(self) -> CheckedFigure:
        if not ((self.stated is None) == (self.derived is not None) == (self.outcome == "derived")):
            raise fault(
                "outcome",
                f"'{self.id}' is stated, derived, or both at once.",
                "Give 'stated' with the outcome agrees or contradicts, or null with 'derived' and that outcome.",
            )
        return self


class ContradictingFigure(Record):
    """One of the figures that do not agree with each other."""

    value: _Value
    unit: RecordUnit
    of_what: Text
    printed: bool = True
    result_of: Annotated[Name, Names("figure", among=("figures", "contradictions"))] | None = None
    """For a value that is not printed: the checked figure whose arithmetic gives it."""
    source: Sources

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, data: Any) -> Any:
        return _with_value(data)

    @model_validator(mode="after")
    def _whose(self) -> ContradictingFigure:
        if self.printed == (self.result_of is not None):
            raise fault(
                "printed",
                "A figure is either printed or the result of our arithmetic.",
                "Set printed: false and name the checked figure under result_of, or neither.",
            )
        return self


class Contradiction(Record):
    """Figures that contradict each other: shown, and not resolved."""

    id: Name
    row: Name | None
    """The row of the register from which it comes; null for one that was found since."""
    what: Text
    kind: Literal["contradiction", "rounding"]
    figures: Annotated[list[ContradictingFigure], Field(min_length=2)]
    note: Text | None = None


class FiguresFile(Record):
    """policy/figures.yaml: figures of the sources with their arithmetic, and those that contradict each other."""

    figures: list[CheckedFigure]
    contradictions: list[Contradiction]


class StrategyHead(Record):
    """A strategy's name, years and facts."""

    decision: Annotated[str, Names("decision")]
    title: Text
    from_year: Whole
    to_year: Whole
    notes: list[Text] = []
    facts: dict[Name, RecordedFact] = {}


class Ambition(Record):
    """An ambition of a strategy, in our own words."""

    id: Id
    order: Whole
    title: Text
    gist: Text
    named_in_report: Text | None = None
    source: Sources


class Designation(Record):
    """What a special school is for."""

    id: Id
    label: Text
    admission: Text | None = None
    also: Text | None = None
    source: Sources


class Designations(Record):
    """The designations of special schools: the current ones, and those that are proposed beside them."""

    current: list[Designation]
    proposed: list[Designation]
    status: RecordedStatus
    source: Sources
    notes: list[Text] = []


class OutcomeScale(Record):
    """The scale on which outcomes are to be recorded, as far as it is held."""

    status: RecordedStatus
    points: Whole
    labels: list[Text] | None
    purpose: Text = Field(alias="for")
    dimensions: list[Name] | None
    dimensions_known: list[Name] = []
    """Those that are named where the whole list is not held."""
    first_trials: Text | None = None
    source: Sources
    notes: list[Text] = []


class Measure(Record):
    """What a strategy is monitored by."""

    id: Id
    ambition: Annotated[Name, Names("ambition", among=("ambitions",))]
    measures: Text
    direction: Literal["up", "down"]
    """In which direction it should go."""
    source: Sources


class StrategyFile(Record):
    """policy/<decision>/strategy.yaml: a strategy as data; it has no funding rule."""

    strategy: StrategyHead
    ambitions: list[Ambition]
    ambition_notes: list[Text] = []
    designations: Designations
    outcome_scale: OutcomeScale
    monitoring: list[Measure]
    monitoring_notes: list[Text] = []


class BackgroundHead(Record):
    """Of which decision the background is told, and what the front sheet of its report says."""

    decision: Annotated[str, Names("decision")]
    title: Text
    facts: dict[Name, RecordedFact] = {}
    notes: list[Text] = []


class ConsideredOption(Record):
    """A way that was considered beside the one that was decided."""

    id: Id
    says: Text
    outcome: Literal["preferred", "not_preferred", "dismissed", "later"]
    """later: it is kept for further thought."""
    because: Text | None = None
    source: Sources


class AgreedAction(Record):
    """An action to which the council has bound itself towards another body."""

    id: Id
    number: Text
    """Its number in the agreement."""
    says: Text
    source: Sources
    bears_on: list[Link] = []


class EqualityGroup(Record):
    """What an equality assessment answers for one characteristic."""

    id: Id
    label: Text
    section: Whole
    """The section of the assessment that is about it."""
    negative_impacts: Literal["yes", "no", "no_and_yes"]
    """no_and_yes: both words are in the field."""
    mitigations: list[Annotated[Name, Names("mitigation", among=("mitigations",))]] = []
    """The ids of the actions that are promised for it."""
    counted_by: list[Annotated[Name, Names("group")]] = []
    """The groups of rules/facts.yaml by which its pupils can be counted; none where no column tells them."""
    source: Sources


class Promise(Record):
    """What the papers promise to do, whom it is for, and what of the policy shows whether it is kept."""

    id: Id
    says: Text
    source: Sources
    bears_on: list[Link] = []
    note: Text | None = None


class BackgroundFile(Record):
    """policy/<decision>/background.yaml: what the papers say beside the values, and what they promise."""

    background: BackgroundHead
    """Whose background it is, with the facts of the front sheet."""
    options: list[ConsideredOption] = []
    """The ways that were considered, one item a way."""
    agreement: list[AgreedAction] = []
    """The actions of an agreement with another body that the papers cite."""
    equality: list[EqualityGroup] = []
    """What the equality assessment answers, one item a characteristic, in the order of its sections."""
    mitigations: list[Promise] = []
    """What an equality assessment promises against negative impacts."""
    reviews: list[Promise] = []
    """What is to be looked at again."""


class Definition(Record):
    """What a word of the papers means, where they or the law say it."""

    id: Id
    term: Text
    """The word or words that are explained."""
    says: Text
    source: Sources
    note: Text | None = None


class Duty(Record):
    """A national duty that bears on every case."""

    id: Id
    says: Text
    source: Sources
    note: Text | None = None


class DutiesFile(Record):
    """policy/<folder>/duties.yaml: duties that no decision of the council can set aside."""

    duties: list[Duty]
    definitions: list[Definition] = []
    """What words of the papers mean, where the papers or the law say it."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


#: Which pupils are meant: for each column the values that they have; none is all of them.
Whom = dict[
    Name,
    Annotated[
        list[str],
        BeforeValidator(_as_list),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ],
]


#: The value under `into` that leaves a cell empty.
NOT_KNOWN = "not_known"


class Numbered(Record):
    """Names that are made by counting, each for as many pupils as the next, unless they are `uneven`."""

    prefix: str = ""
    after: Name | None = None
    """The column whose value comes before the prefix: then so many for each of its values."""
    count: Whole
    uneven: Annotated[Whole, Field(ge=1)] = 1
    """The first name is for so many times as many pupils as the last, and those between in even steps."""


class Between(Record):
    """Whole numbers, pounds or days, each as likely as the next; both ends are included."""

    first: Annotated[str, Field(alias="from")]
    last: Annotated[str, Field(alias="to")]
    step: Whole = 1


class Shifted(Record):
    """The whole number of another column, and so much more; left empty where the fact does not go so far."""

    of: Name
    plus: Whole


class Averaged(Record):
    """Rates that all pupils alike in some columns share, in whole pounds, scaled so that they add up to a total."""

    by: Annotated[list[Name], Field(min_length=1)]
    """The columns in which the pupils of one rate are alike, such as the school."""
    first: Annotated[Whole, Field(alias="from", ge=1)]
    """The least that is drawn before scaling."""
    last: Annotated[Whole, Field(alias="to")]
    """The most that is drawn before scaling."""
    total: Whole
    """What all of them add up to, as nearly as whole pounds can, for as many pupils as the figures hold for."""

    @model_validator(mode="after")
    def _in_order(self) -> Averaged:
        if self.last < self.first:
            said = f"From {self.first} to {self.last} there is nothing."
            raise fault("step", said, "Write the smaller number first.", at="from")
        return self


class Based(Record):
    """What a figure of a made population rests on: a source, or else an assumption, which says why it was made."""

    id: Id
    says: Text
    column: Name
    of: Whom = {}
    into: dict[str, Figure] = {}
    """For each value how many, or in what proportion; `not_known` leaves the cell empty."""
    rest: str | None = None
    """The value of all others, where the figures under `into` are parts of 100."""
    source: Sources | None = None
    assumption: Text | None = None

    @model_validator(mode="after")
    def _one_basis(self) -> Based:
        if (self.source is None) == (self.assumption is None):
            help = "Give 'source', or 'assumption' with why it was made."
            raise fault("basis", f"'{self.id}' rests on no source, or on one and an assumption too.", help)
        total = sum(self.into.values(), Decimal(0))
        if self.rest is not None and total > 100:
            raise fault("rest", f"'{self.id}' has parts of more than 100.", "Correct them, or leave out 'rest'.")
        # Counts add up to anything. Parts of 100 are mostly written with decimals, and rounded.
        if (
            any(one % 1 for one in self.into.values())
            and self.rest is None
            and 80 < total < 120
            and abs(total - 100) > 1
        ):
            raise fault(
                "rest", f"The parts of '{self.id}' add up to {total}, not to 100.", "Look them up again.", at="into"
            )
        return self

    @property
    def weights(self) -> dict[str, Decimal]:
        """Return the proportion of each value."""
        rest = {self.rest: 100 - sum(self.into.values(), Decimal(0))} if self.rest is not None else {}
        return {**self.into, **rest}


class MakingStep(Based):
    """How one column of a made population is filled, for some of its pupils."""

    by: Name | None = None
    """The column whose values are divided instead of the pupils: all pupils of one value get the same."""
    by_size: bool = False
    """With `by`: its values are divided in the order of how many pupils they have, the fewest first."""
    numbered: Numbered | None = None
    between: Between | None = None
    shifted: Shifted | None = None
    averaged: Averaged | None = None
    """Rates that pupils alike in some columns share, which add up to a total."""
    instead_of: list[Name] = []
    """In `mapped`: the steps in whose place this one is."""

    @model_validator(mode="after")
    def _one_way(self) -> MakingStep:
        if sum(bool(one) for one in (self.into, self.numbered, self.between, self.shifted, self.averaged)) != 1:
            help = "Give one of into, numbered, between, shifted, averaged."
            raise fault("step", f"'{self.id}' fills its column in no way, or in several.", help)
        return self


class PopulationMargin(Based):
    """A published figure that the made population is held against, beside those from which it is made."""

    total: Figure | None = None
    """For a column in pounds: its sum for the whole population."""

    @model_validator(mode="after")
    def _one_measure(self) -> PopulationMargin:
        if bool(self.into) == (self.total is not None):
            raise fault("margin", f"'{self.id}' measures nothing, or two things.", "Give 'into' or 'total'.")
        return self


class NotMade(Record):
    """A published margin that the made population cannot have, and why."""

    id: Id
    says: Text
    into: dict[str, Figure]
    why: Text
    source: Sources


class MappedPopulation(Record):
    """How pupils of a made population are mapped to levels, in schools with rates of today."""

    steps: list[MakingStep]
    """Further steps, after those that every population has."""
    levels: dict[Annotated[Name, Names("edition")], list[MakingStep]]
    """By edition of descriptors: the steps that fill its levels."""
    margins: list[PopulationMargin] = []
    rate: Name
    """The helper that holds what is paid today for a pupil at the rate of her school."""
    of_schools: list[Annotated[Name, Names("group")]] = []
    """The groups that the table of schools has."""


class MarginsFile(Record):
    """policy/margins.yaml: the figures after which a population is made up, to try things without a child's data."""

    pupils: Whole
    """For how many pupils the counts hold; for another number they are scaled."""
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,3}-$")]
    """What each made reference begins with."""
    helpers: list[Name] = []
    """Columns that are needed in the making, and left out in the end."""
    left_empty: dict[Annotated[Name, Names("given fact")], Text] = {}
    """Facts that are not known for any made pupil, and why."""
    steps: list[MakingStep]
    margins: list[PopulationMargin] = []
    not_made: list[NotMade] = []
    mapped: MappedPopulation | None = None
    """What more there is where pupils are mapped: `senpolicy simulate --edition`."""

    @property
    def every_step(self) -> dict[tuple[str, ...], list[MakingStep]]:
        """Return the lists of steps by their path: those of every population, and those of mapped ones."""
        found: dict[tuple[str, ...], list[MakingStep]] = {("steps",): self.steps}
        if self.mapped:
            found["mapped", "steps"] = self.mapped.steps
            found |= {("mapped", "levels", name): steps for name, steps in self.mapped.levels.items()}
        return found

    @property
    def every_margin(self) -> dict[tuple[str, ...], list[PopulationMargin]]:
        """Return the lists of margins by their path: that of every population, and that of mapped ones."""
        found: dict[tuple[str, ...], list[PopulationMargin]] = {("margins",): self.margins}
        if self.mapped:
            found["mapped", "margins"] = self.mapped.margins
        return found
