"""The shape of a scenario's files: what is assumed, or was weighed, laid over the policy for modelling only.

A scenario is one file, policy/scenarios/<name>.yaml, or a folder of that name with scenario.yaml and beside it the
same kinds of files as a decision's: parameters.yaml, open-points.yaml, and in rules/ versions and further facts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field, PrivateAttr, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import (
    AnswerRow,
    Begun,
    ConditionModel,
    FigureModel,
    Model,
    OpenRow,
    RuleSection,
    Settlement,
    Source,
    Version,
)
from senpolicy.files.models.scalars import Id, Name, Text
from senpolicy.files.models.units import Unit, read_in_unit
from senpolicy.language.conditions import Condition, tests

#: What a scenario's values and rows rest on: what a paper weighs, or what is assumed beyond it.
GROUNDS = ("weighs", "assumptions")
Row = TypeVar("Row", AnswerRow, OpenRow)


class Weighed(Model):
    """What a paper says of an option that it weighs: a fact of the paper, and no decision."""

    id: Id
    says: Text
    source: Source

    @property
    def how(self) -> str:
        """How a row rests on it."""
        return "an option of"

    @property
    def because(self) -> str:
        """Where it is said."""
        return f"Weighed in {self.source.document} {self.source.paragraph}."


class Assumption(Model):
    """What a scenario assumes, and why."""

    id: Id
    says: Text
    because: Text

    @property
    def how(self) -> str:
        """How a row rests on it."""
        return "assumed by"


class ScenarioParameter(Model):
    """An assumed value: never the council's."""

    label: Text
    unit: Unit
    value: Annotated[Any, WithJsonSchema({"type": ["number", "string", "array"]})]
    assumption: Annotated[Name, Names("assumption", among=GROUNDS)]
    """The id of the assumption that it rests on, or of what the paper weighs."""

    _in_unit = model_validator(mode="before")(read_in_unit)


class Settles(Model):
    """Answers that a scenario gives to an open point: rows as in a rule, beside the open row's own condition."""

    point: Annotated[Name, Names("open point")]
    question: Annotated[Name, Names("question")]
    rows: list[ScenarioRow]


class ScenarioRow(Model):
    """One assumed answer."""

    id: Name
    answer: Annotated[Name, Names("answer", of="question")]
    says: Text
    when: ConditionModel
    gives: dict[Name, FigureModel] = {}
    assumption: Annotated[Name, Names("assumption", among=GROUNDS)]


class Kept(Begun):
    """A version of the policy whose rows go on in a scenario's own version, but for some."""

    decision: Annotated[str, Names("decision")]
    without: list[Name] = []
    """The rows of that version that do not count under the scenario, each by its id or its open point."""

    def is_of(self, version: Version) -> bool:
        """Return whether it means a version of the policy."""
        return (version.decision, version.start) == (self.decision, self.start)


class Keeping(Begun):
    """What a version of a scenario says before its rows."""

    keeps: Kept | None = None
    """The version of the policy whose rows go on beside its own, so that none of them is copied."""
    rests_on: Name
    """What its own rows rest on: the id of something that the scenario weighs or assumes."""


class ScenarioVersion(Version, Keeping):
    """The whole rule of a question from one day on, under a scenario; it ends where the next version starts."""

    decision: SkipJsonSchema[str] = ""
    _kept: frozenset[str] = PrivateAttr(frozenset())

    def by(self, row: AnswerRow | OpenRow) -> tuple[str, str]:
        """Return the decision by which a row counts, and what it rests on where it is the scenario's own."""
        kept = self.keeps and row.name in self._kept
        return (self.keeps.decision, "") if kept and self.keeps else (self.decision, self.rests_on)

    def laid(self, number: str, base: Version | None) -> ScenarioVersion:
        """Return it as a version by the decision `number`, with the rows that it keeps of `base` before its own."""
        without = self.keeps.without if self.keeps else []
        before = base or Version.model_construct(decision=number)
        made = ScenarioVersion.model_construct(
            start=self.start,
            decision=number,
            own_answers=[*left(before.own_answers, without), *self.own_answers],
            own_open=[*left(before.own_open, without), *self.own_open],
            sections=[*sections_left(before.sections, without), *self.sections],
            keeps=self.keeps,
            rests_on=self.rests_on,
        )
        made._kept = frozenset(row.name for row in before.rows) - {*without}
        return made

    def keep(self, as_of: ScenarioVersion) -> None:
        """Let the rows be kept that another copy of this version keeps."""
        self._kept = as_of._kept


def left(rows: Sequence[Row], without: Collection[str]) -> list[Row]:
    """Return rows but for those of some names."""
    return [row for row in rows if row.name not in without]


def sections_left(sections: Sequence[RuleSection], without: Collection[str]) -> list[RuleSection]:
    """Return sections but for rows of some names, and those that have none left."""
    made = [
        one.model_copy(update={"answers": left(one.answers, without), "open": left(one.open, without)})
        for one in sections
    ]
    return [one for one in made if one.answers or one.open]


class ScenarioSettlement(Settlement):
    """An open point that is settled under a scenario, from a day on."""

    becomes: Annotated[Name, Names("open point")] | None = None
    """The open point that leaves its cases open once it is settled, such as what is paid beside a share now known.

    In the rows that name the settled point it is then in its place, whatever their day.
    """


class ScenarioRules(Model):
    """policy/scenarios/<name>/rules/<question>.yaml: whole versions of a question that count under a scenario."""

    question: Name
    ask: list[Annotated[Name, Names("fact")]] = []
    """Further facts on which its versions rest, asked for after those of the question itself."""
    versions: Annotated[list[ScenarioVersion], Field(min_length=1)]


class ScenarioFile(Model):
    """policy/scenarios/<name>.yaml, or scenario.yaml in a folder of that name: what is laid over the policy.

    For modelling only: nothing of it counts without `--scenario`.
    """

    scenario: Name
    title: Text
    says: Text
    """The mark that every output carries, such as: illustrative, not the council's."""
    edition: Annotated[str, Names("edition")] | None = None
    """The edition of descriptors that is used in place of the council's."""
    weighs: list[Weighed] = []
    """What a paper says of the option that this is, each with its paragraph: facts of the paper, nothing decided."""
    assumptions: Annotated[list[Assumption], Field(min_length=1)]
    """What is assumed beyond any paper, so that cases can be worked out."""
    as_of: Annotated[str, Names("decision")] | None = None
    """The last decision that counts under the scenario: it is not held against what is decided later."""
    without_decisions: list[Annotated[str, Names("decision")]] = []
    """Decisions of the policy that do not count under the scenario: it goes on as if they had not been taken."""
    settled: list[ScenarioSettlement] = []
    """Open points that are settled under the scenario as a decision settles them: by a row, a value or an answer."""
    answers: dict[Annotated[str, Names("question")], dict[str, Text]] = {}
    """Answers that the scenario adds to a question, each in plain words."""
    parameters: dict[str, ScenarioParameter] = {}
    """The assumed values: of the scenario alone where its own rows name them, else in the place of the policy's."""
    settles: list[Settles] = []

    @property
    def grounds(self) -> list[Weighed | Assumption]:
        """What its values and rows rest on: what a paper weighs, then what is assumed."""
        return [*self.weighs, *self.assumptions]

    def rows_of(
        self, question: str, point: str, bind: Callable[[ConditionModel], Condition],
        made: Mapping[str, set[str | None]], facts: Collection[str], taken: Collection[str],
    ) -> Iterator[tuple[ScenarioRow, Condition]]:  # fmt: skip
        """Yield the answers that it gives to an open point of a question, each with its condition bound by `bind`.

        Left out is one that asks for a level or an answer of its own that it does not give by then: no case would have
        it, or it is the policy's. `made` are the answers that it alone gives, by question; `facts` those whose
        levels are not its own; `taken` the names of rows of the policy, beside which a row has another id.
        """
        for one in self.settles:
            for row in one.rows if (one.question, one.point) == (question, point) else ():
                if not self.asks_for_others(condition := bind(row.when), made, facts):
                    yield row.model_copy(update={"id": self.own(row.id)}) if row.id in taken else row, condition

    def own(self, row: str) -> str:
        """Return what a row of the scenario is called where the policy has one of its id."""
        return f"{self.scenario}.{row}"

    def asks_for_others(
        self, condition: Condition, made: Mapping[str, set[str | None]], facts: Collection[str]
    ) -> bool:
        """Return whether a condition asks for what is not the scenario's by then under a name that is used here."""
        for test in tests(condition):
            named = test.limit if isinstance(test.limit, tuple) else (test.limit,)
            own = self.answers.get(test.fact, {})
            if test.fact in facts or any(one in own and one not in made.get(test.fact, ()) for one in named):
                return True
        return False
