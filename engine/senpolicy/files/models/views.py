"""The shape of rules/views.yaml: of which questions, answers and figures tables and pages are made.

No answer rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, model_validator

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model
from senpolicy.files.models.scalars import Name, Text
from senpolicy.files.models.units import fault
from senpolicy.files.problems import WrongUse

FILE = "rules/views.yaml"
T = TypeVar("T")


class Pays(Model):
    """The question that pays, and which of what it gives are pounds a year."""

    question: Annotated[Name, Names("question")]
    """The question whose answers pay."""
    nothing: Annotated[Name, Names("answer", of="question")]
    """The answer by which nothing is paid; it counts as no pounds."""
    known: Name
    """The figure that is the whole amount of a year."""
    least: Name | None = None
    """The figure that is the least of a part that is certain where the whole is not known."""
    most: Name | None = None
    """The figure that is the most of that part."""

    @model_validator(mode="after")
    def _both_ends(self) -> Pays:
        if (self.least is None) != (self.most is None):
            raise fault("missing", "One end of a range is named alone.", "Name both 'least' and 'most', or neither.")
        return self

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the figures that are pounds a year: what is known, the least and the most; less those not named."""
        return tuple(one for one in (self.known, self.least, self.most) if one)


class Protects(Model):
    """The question that promises something until a day."""

    question: Annotated[Name, Names("question")]
    """The question whose answers promise it."""
    until: Name
    """The figure that is the last day of the promise."""


def _first_day(written: str) -> str:
    """Return the first day of every year of a kind, as it is written; raises an error in plain words for none."""
    try:
        date.fromisoformat(f"2001-{written}")  # Of 29 February there is not one in every year.
    except ValueError:
        raise fault("not-date", f"'{written}' is not a day of every year.", "Write month and day: 09-01.") from None
    return written


class SchoolModelView(Model):
    """What the model of a school's pupils shows beside the money of each period."""

    before: Annotated[Name, Names("fact in pounds")] | None = None
    """The fact that is what was paid before, in pounds a year."""
    years: dict[Text, Annotated[str, AfterValidator(_first_day)]] = {}
    """The kinds of year by which sums are told, each with its first day: month and day."""
    options: list[Annotated[Name, Names("fact that is a choice")]] = []
    """The facts, choices, that nobody can look up yet: where one is missing, each of its values is tried."""


class SchoolPages(Model):
    """What the pages say that are made for each stretch of time: who is in, by which route, and what is protected."""

    scope: Annotated[Name, Names("question")]
    """The question that says who is in. Its first fact divides the page."""
    split: Annotated[Name, Names("fact that is a choice")]
    """The fact, a choice, by which the tables of a page are split where it makes a difference."""
    elsewhere: Annotated[Name, Names("answer", of="route")]
    """The answer to the route for cases that the policy leaves to another process; it is not drawn as a route."""
    not_arising: Annotated[Name, Names("answer")]
    """The answer by which a question says that it does not arise; it is left out of a page."""


class DraftedBands(Model):
    """Which question gives a band to a level, and what of it a plan answers."""

    question: Annotated[Name, Names("question")]
    """The question whose answers are the bands."""
    row: Annotated[Name, Names("open point")]
    """The point by which a row of it leaves the bands open."""


class DraftedRates(Model):
    """Which question pays a band's rate, and which of its rows leave it open."""

    question: Annotated[Name, Names("question")]
    """The question that pays."""
    answer: Annotated[Name, Names("answer", of="question")]
    """Its answer where the rate is known."""
    figure: Name
    """The figure that is the rate."""
    rows: dict[Name, list[Name]]
    """The rows that leave it open, by id or point, each with the kinds of place that it is for."""
    settles: Annotated[Name, Names("open point")]
    """The point that the rates settle."""


class DraftedLimits(Model):
    """Which question says how gains and losses are limited, and which values hold the limits."""

    question: Annotated[Name, Names("question")]
    """The question whose answer is that they are limited."""
    row: Annotated[Name, Names("open point")]
    """The point by which a row of it leaves that open."""
    answer: Name
    """The answer that a plan with limits gives; it need not be there yet."""
    label: Text
    """What that answer says, in plain words."""
    loss: Annotated[Name, Names("parameter")]
    """The value, in per cent, that is the largest loss."""
    gain: Annotated[Name, Names("parameter")]
    """The value, in per cent, that is the largest gain."""


class Drafted(Model):
    """What of this policy a plan sets where it is written as a proposed decision."""

    bands: DraftedBands
    """Which question gives a band to a level."""
    rates: DraftedRates
    """Which question pays a band's rate."""
    limits: DraftedLimits | None = None
    """Which question says how gains and losses are limited; without it no limits are written."""
    below: Annotated[Name, Names("parameter")] | None = None
    """The value that lists the levels below the tariff; it is set again where the plan's edition has others."""
    example: dict[Annotated[Name, Names("given fact")], Text] = {}
    """The facts, beside place and level, of a made-up pupil who is on the tariff: for the golden cases of the draft."""


class PaidElsewhere(Model):
    """Which pupils another authority pays for."""

    group: Annotated[Name, Names("group")]
    """The group that says who pays."""
    value: Text
    """Its value where another authority does."""


class Tariff(Model):
    """By what a plan of bands and rates is costed over a cohort: which pupils it is for, and what is paid today."""

    answer: Annotated[Name, Names("answer", of="route")]
    """The answer to the route by which a pupil is on the tariff."""
    leaves: list[Annotated[Name, Names("answer", of="route")]] = []
    """The answers by which a pupil's money of today goes to another budget."""
    level: Annotated[Name, Names("fact that is a choice")]
    """The fact that is the level to which a pupil is mapped."""
    place: Annotated[Name, Names("fact that is a choice")]
    """The fact that is the kind of place; its values are the settings of a plan."""
    paid_today: Annotated[Name, Names("fact in pounds")]
    """The fact that is what is paid today for a pupil who brings a rate of her own."""
    own_rates: list[Name] = []
    """The kinds of place whose pupils bring their own rates; of all others the schools' table gives the rate."""
    guaranteed: list[Name] = []
    """The kinds of place for which a plan has to say what is guaranteed, or that nothing is."""
    school: Annotated[Name, Names("group")]
    """The group that is the school."""
    need: Annotated[Name, Names("group")] | None = None
    """The group by which one school may have several rates of today."""
    weight: Annotated[Name, Names("group")] | None = None
    """The group that says for what part of the year a pupil is there, such as 7/12."""
    elsewhere: PaidElsewhere | None = None
    """Which pupils another authority pays for: they count in averages, and in no cost."""
    draft: Drafted | None = None
    """What a plan sets where it is written as a proposed decision."""


class ViewsFile(Model):
    """rules/views.yaml: of which questions, answers and figures tables and pages are made. No answer rests on it."""

    route: Annotated[Name, Names("question")] | None = None
    """The question by whose answers cases are counted, and are said to move."""
    pays: Pays | None = None
    """Which question pays, and how much."""
    protects: Protects | None = None
    """Which question promises something until a day."""
    school: SchoolPages | None = None
    """What the pages of each stretch of time are made of."""
    tariff: Tariff | None = None
    """By what a plan of bands and rates is costed."""
    model: SchoolModelView | None = None
    """What the model of a school's pupils shows beside the money of each period."""
    bands: list[Name] = []
    """How the names of values begin that say what a band pays; a page shows them apart from other values."""


#: What a key of the file says, for a command that needs it and does not find it.
SAYS = {
    "route": "by which question cases move",
    "pays": "which question pays",
    "protects": "which question promises something until a day",
    "school": "of which questions the pages of each stretch of time are made",
    "tariff": "by what a plan of bands and rates is costed",
    "draft": "what of this policy a plan sets",
}


def views_of(*files: Mapping[str, BaseModel]) -> ViewsFile:
    """Return the views of the first of these corpora's files that have any; where none has, views that name nothing."""
    found = (one[FILE] for one in files if FILE in one)
    return next((one for one in found if isinstance(one, ViewsFile)), ViewsFile())


def needed(found: T | None, key: str) -> T:
    """Return what a key of the views holds; raises `WrongUse` where nothing was written under it."""
    if found is None:
        raise WrongUse(f"{FILE} does not say {SAYS[key]}. Write it there under '{key}', or make the file.")
    return found
