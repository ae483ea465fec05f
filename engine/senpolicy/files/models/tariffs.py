"""The shape of policy/tariffs/<name>.yaml: a plan of bands and rates, to be costed over a mapped cohort.

A plan is nobody's decision: every figure of it is of whoever writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from senpolicy.files.digests import PlainData
from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model
from senpolicy.files.models.scalars import IsoDate, Name, Text
from senpolicy.files.models.units import fault, read_number

#: The most decimals of a share or a factor.
PLACES = 6
_NUMBER = WithJsonSchema({"type": ["number", "string"]})


def _share(
    least: int, most: int | None = None, *, above: bool = False, none: bool = False
) -> Callable[[PlainData], Decimal | None]:
    """Return what reads a share or a factor exactly, from `least` (or above it) to `most`; `none` is None."""

    def read(written: PlainData) -> Decimal | None:
        if none and written == "none":
            return None
        if isinstance(written, str) and written.endswith("%"):
            raise fault("number", f"'{written}' is not a plain number.", "Write 5% as 0.05.")
        found = read_number(written, PLACES)
        if found < least or (above and found == least) or (most is not None and found > most):
            between = (
                f"from {least} to {most}" if most is not None else f"above {least}" if above else f"{least} or more"
            )
            raise fault("out-of-range", f"'{written}' is not {between}.", "Write 5% as 0.05, and the whole as 1.00.")
        return found

    return read


def _pounds(written: PlainData) -> Decimal:
    """Return pounds of 0 or more exactly; raises an error in plain words for anything else."""
    found = read_number(written, 2)
    if found < 0:
        raise fault("below-0", f"'{written}' is below 0.", "Write 0 or more.")
    return found


def _step(written: PlainData) -> Decimal:
    """Return pounds above 0 exactly; raises an error in plain words for anything else."""
    found = read_number(written, 2)
    if found <= 0:
        raise fault("out-of-range", f"Rates cannot be rounded down to '{written}'.", "Write 1.00 for whole pounds.")
    return found


def read_part(written: PlainData) -> Fraction:
    """Return a part of a year exactly, from 0 to 1; raises an error in plain words for anything else."""
    if isinstance(written, str) and re.fullmatch(r"[0-9]{1,3}(/[1-9][0-9]{0,2}|\.[0-9]{1,6})?", written):
        found = Fraction(written)
        if found <= 1:
            return found
    raise fault("out-of-range", f"'{written}' is not a part of a year.", "Write 7/12 for seven months of twelve.")


Pounds = Annotated[Decimal, BeforeValidator(_pounds), _NUMBER]
Rate = Annotated[Decimal | Literal["own"], BeforeValidator(lambda one: one if one == "own" else _pounds(one)), _NUMBER]
Step = Annotated[Decimal, BeforeValidator(_step), _NUMBER]
Factor = Annotated[Decimal, BeforeValidator(_share(0, above=True)), _NUMBER]
Loss = Annotated[Decimal, BeforeValidator(_share(0, 1)), _NUMBER]
Gain = Annotated[Decimal, BeforeValidator(_share(0)), _NUMBER]
Part = Annotated[Fraction, BeforeValidator(read_part), _NUMBER]
Uplift = Annotated[Decimal, BeforeValidator(_share(-1)), _NUMBER]
Guarantee = Annotated[Decimal | None, BeforeValidator(_share(-1, none=True)), _NUMBER]


class TariffBand(Model):
    """A band of a plan."""

    levels: Annotated[list[Text], Field(min_length=1)]
    """The levels of the plan's edition that are in this band; each level is in one band."""
    rate: Rate
    """What the band pays for a pupil, in pounds a year, before the factor of the setting.

    own: each pupil is paid as today, outside limits, averages and scale; for exceptional cases.
    """


class TariffLimits(Model):
    """How far what a school is paid may fall or rise, over its pupils with a rate of today."""

    loss: Loss | None = None
    """The largest part of what is paid today that a school may lose, from 0 to 1; null: no such limit."""
    gain: Gain | None = None
    """The largest part of what is paid today that a school may gain, 0 or more; null: no such limit."""
    guarantee: dict[Name, Guarantee] = {}
    """By setting: the change of the rate per pupil that may not be undercut, such as 0.00 or -0.01; `none`: no such."""


class TariffNext(Model):
    """The year after the plan's: from what limits leave this year."""

    uplift: Uplift
    """By what part every rate rises in the year after, such as 0.02; below 0 it falls."""
    loss: Loss
    """The largest part of what a school is paid this year that it may lose in the year after, from 0 to 1."""


class TariffPlanFile(Model):
    """policy/tariffs/<name>.yaml: a plan of bands and rates; its figures are of whoever writes it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    plan: Name
    """The name of the plan, by which every output calls it; a plan in policy/tariffs/ has its file's name."""
    title: Text
    edition: Annotated[str, Names("edition")]
    """The edition of descriptors whose levels the plan names, and by which its pupils are mapped."""
    day: IsoDate
    """The day for which every pupil's route is decided."""
    envelope: Pounds
    """What may be spent, in pounds a year, on the pupils counted, and on the others where they are costed."""
    bands: Annotated[dict[Name, TariffBand], Field(min_length=1)]
    """The bands, by id."""
    settings: Annotated[dict[Name, Factor], Field(min_length=1)]
    """By setting: the factor on every rate there; 1.00 where the rate is the same."""
    average_in: list[Name] = []
    """The settings in which every pupil of a school is paid the average of the school's own rates."""
    limits: TariffLimits = TariffLimits()
    """The limits on gains and losses."""
    core: dict[Name, Pounds] = {}
    """By setting: what is paid for a place beside the rate, where the guarantee is on both together."""
    protect: dict[Name, Literal["pupil"]] = {}
    """The settings in which limits hold for each pupil, and not for the school as a whole: {mainstream: pupil}."""
    next: TariffNext | None = None
    """What becomes of the counted pupils in the year after, held against what they are paid in this one."""
    tariff_part: Part | None = None
    """The part of the first financial year in which the tariff is paid, such as 7/12; before, it is as today."""
    phase_in: (
        Annotated[dict[Annotated[Name, Names("given fact")], list[Text] | IsoDate], Field(min_length=1)] | None
    ) = None
    """Who is on the tariff in this plan's year: by fact, its values, or the first day; all others are among `others`.

    year_group: [0, 7] and ehcp_issued_on: 2026-09-01 mean Reception, Year 7 and every plan that was issued from then
    on. One of them is enough. Left out: everybody.
    """
    others: Literal["set_aside", "as_today", "like_mapped", "lowest", "highest"] = "set_aside"
    """What becomes of pupils who are not mapped or phased in, or whose route is open: set aside, or costed, and how."""
    solve: Literal["none", "scale", "gain_ceiling", "gain_scale"] = "none"
    """What is worked out so that the plan fits its envelope.

    none: nothing. scale: the largest scale of all rates. gain_ceiling: the highest limit on gains. gain_scale: the
    largest share of each gain that can be kept.
    """
    round_down_to: Step = Decimal("1.00")
    """To what a rate that was solved for is rounded down, in pounds."""

    @model_validator(mode="after")
    def _year_after(self) -> TariffPlanFile:
        if self.next is None:
            return self
        if self.limits.loss is None and self.limits.gain is None and not any(
            share is not None for share in self.limits.guarantee.values()
        ):  # fmt: skip
            said = "The year after follows from what limits leave this year, and the plan has no limits."
            raise fault("fields-together", said, "Give a limit under limits, or leave 'next' out.", at="next")
        for name in ("tariff_part", "phase_in"):
            if getattr(self, name) is not None:
                said = f"'next' is about whole years and all pupils, and '{name}' is not."
                raise fault("fields-together", said, "Leave one of the two out.", at="next")
        return self

    @model_validator(mode="after")
    def _solved_or_given(self) -> TariffPlanFile:
        if self.solve in ("gain_ceiling", "gain_scale") and self.limits.gain is not None:
            said = f"'{self.solve}' works out the limit on gains, and the plan gives one."
            raise fault("solved-and-given", said, "Write gain: null, or solve something else.", at="solve")
        return self
