"""The shape of policy/scenarios/<name>.yaml: assumed values, laid over the policy for modelling only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, model_validator

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import ConditionModel, FigureModel, Model
from senpolicy.files.models.scalars import Id, Name, Text
from senpolicy.files.models.units import Unit, read_in_unit
from senpolicy.language.conditions import Condition, tests


class Assumption(Model):
    """What a scenario assumes, and why."""

    id: Id
    says: Text
    because: Text


class ScenarioParameter(Model):
    """An assumed value: never the council's."""

    label: Text
    unit: Unit
    value: Annotated[Any, WithJsonSchema({"type": ["number", "string", "array"]})]
    assumption: Annotated[Name, Names("assumption", among=("assumptions",))]
    """The id of the assumption that it rests on."""

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
    assumption: Annotated[Name, Names("assumption", among=("assumptions",))]


class ScenarioFile(Model):
    """policy/scenarios/<name>.yaml: assumed values laid over the policy, for modelling only."""

    scenario: Name
    title: Text
    says: Text
    """The mark that every output carries, such as: illustrative, not the council's."""
    edition: Annotated[str, Names("edition")] | None = None
    """The edition of descriptors that is used in place of the council's."""
    assumptions: Annotated[list[Assumption], Field(min_length=1)]
    answers: dict[Annotated[str, Names("question")], dict[str, Text]] = {}
    """Answers that the scenario adds to a question, each in plain words."""
    parameters: dict[str, ScenarioParameter] = {}
    """The assumed values: of the scenario alone where its own rows name them, else in the place of the policy's."""
    settles: list[Settles] = []

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
