"""What differs by itself, and what only follows: a question whose rows differ, and those that rest on its answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from senpolicy.comparing.cubes import CAUTIONS, DECIDED, Region
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.comparing.shapes import plain_rule, shape
from senpolicy.policy.timeline import Period, Policy


@dataclass(frozen=True)
class Cause:
    """One matter that differs, and the regions in which it does, those of its own rows first told."""

    about: str
    regions: Sequence[Region]


def causes(compared: PolicyComparison) -> tuple[list[Cause], list[Cause]]:
    """Return what differs because its own rows do, and what differs only since an earlier answer does.

    Both in the order of deciding, cautions last. Where no rows differ, but levels say, the first matter is the cause.
    """
    by: dict[str, list[Region]] = {}
    for region in compared.regions:
        by.setdefault(region.about, []).append(region)
    # Answers come before which cases are decided at all, and what goes with an answer last.
    order = sorted(by, key=lambda about: (about.startswith(CAUTIONS), about == DECIDED))
    found = [Cause(about, by[about]) for about in order]
    own = [one for one in found if any(_of_itself(compared, one.about, region) for region in one.regions)]
    own = own or found[:1]
    return own, [one for one in found if one not in own]


def _of_itself(compared: PolicyComparison, about: str, region: Region) -> bool:
    for first, _ in region.days:
        day = first or date.min
        if _rows(compared.base, compared.base.on(day), about) != _rows(compared.head, compared.head.on(day), about):
            return True
    return False


def _rows(of: Policy, period: Period, about: str) -> Hashable:
    """Return what decides a matter in a period: the rows of a question, its cautions, or the rules about facts."""
    if about == DECIDED:
        return frozenset(plain_rule(rule) for rule in period.problems)
    kind, _, name = about.rpartition(": ")
    questions: Mapping[Hashable, tuple[Hashable, ...]] = {one[0]: one for one in shape(of, period)[0]}
    own = questions.get(name, ())
    return own[-1:] if kind == CAUTIONS else own[:-1]
