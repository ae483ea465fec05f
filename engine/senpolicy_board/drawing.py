"""Drawing a sample by a plan: of a whole caseload, or of those of its cases that are asked for."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from senpolicy_board import sampling, seeds, trail
from senpolicy_board.loading import group_of
from senpolicy_board.policies import Policies
from senpolicy_board.sampling import seed_of
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase, Loaded, Pick, Sample

if TYPE_CHECKING:
    from senpolicy_board.web import Visit


class NothingDrawn(Stop):
    """Ends a request for a sample of which no case would be drawn."""

    def __init__(self) -> None:
        says = "Every case that it would draw is in a sample or settled. Ask for more of each stratum."
        super().__init__(422, "This plan draws no case", says)


def units_of(policies: Policies, loaded: Loaded) -> list[sampling.SamplingUnit]:
    """Return the cases of a caseload as a sample sees them."""
    board = policies.corpus.board
    return [
        sampling.SamplingUnit(
            case.key,
            case.ref or "",
            (group_of(case, board.community) if board else "") or None,
            case.level,
            case.size,
            bool(case.above_trigger),
            case.settled_at is not None or seeds.seed_of(case) is not None,
        )
        for case in loaded.cases.defer("facts", "answers").prefetch_related("seeds")
    ]


def would_draw(
    policies: Policies, loaded: Loaded, plan: sampling.Plan, seed: int, among: Container[str] | None = None
) -> list[sampling.Drawn]:
    """Return the cases that a plan draws and that are in no sample yet; `among` are the keys of those to draw from."""
    there = set(Pick.objects.filter(case__caseload=loaded, replaced_at=None).values_list("case__key", flat=True))
    units = [one for one in units_of(policies, loaded) if among is None or one.key in among]
    return [one for one in sampling.draw(units, plan, seed) if one.unit.key not in there]


def draw_sample(
    visit: Visit, loaded: Loaded, plan: sampling.Plan, asked: str, entry: int, among: Container[str] | None = None
) -> Sample:
    """Draw a sample and keep it, with its entry in the trail, and return it.

    `asked` and `entry` are the hash and the number of the entry that asks for it: the seed follows from the hash.
    Raises `NothingDrawn` where the plan draws no case.
    """
    seed = seed_of(asked)
    drawn = would_draw(visit.policies, loaded, plan, seed, among)
    if not drawn:
        raise NothingDrawn
    sample: Sample = Sample.objects.create(
        caseload_id=loaded.id, drawn_at=visit.now, drawn_by_id=visit.account.id, seed=seed, plan=plan.to_json()
    )  # fmt: skip
    rows = BoardCase.objects.in_bulk([one.unit.key for one in drawn], field_name="key")
    picks = [Pick(sample=sample, case=rows[one.unit.key], why=one.why, stratum=one.stratum) for one in drawn]
    trail.add_all(picks)
    visit.record(
        "sample drawn", f"sample:{sample.key}", caseload=loaded.key, seed=seed, seed_of_entry=entry,
        plan=plan.to_json(), cases=[pick.case.key for pick in picks],
    )  # fmt: skip
    return sample
