"""The shape of the limits that a change of the policy is held to."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from senpolicy.files.models.rules import Model, Source
from senpolicy.files.models.scalars import Text, Whole
from senpolicy.files.models.units import read_unit

Share = Annotated[Decimal, BeforeValidator(lambda text: read_unit(text, "share")), WithJsonSchema({"type": "number"})]


class CostNeutrality(Model):
    """How much more a change may cost."""

    says: Text
    """What is held against what, in a plain sentence."""
    share: Share
    """How much more a change may cost in a year, as a share of what it costs before: 0.00 for not a penny more."""
    source: Source
    """The paragraph that says what is intended."""
    assumption: Text
    """What of this no source gives, so that nobody takes it for the council's."""
    seed: Whole = 1
    """From which seed the population is made, so that every review counts the same pupils."""


class LimitsFile(Model):
    """policy/limits.yaml: what a change of the policy is held to. `senpolicy review` applies it."""

    cost_neutrality: CostNeutrality
    """How much more a change may cost, over a population that is made up."""
