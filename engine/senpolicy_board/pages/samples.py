"""Samples: the plan, what was drawn, and replacements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse

from senpolicy_board import sampling, seeds, trail
from senpolicy_board.drawing import draw_sample, units_of, would_draw
from senpolicy_board.loading import known, picked
from senpolicy_board.scoring import (
    barred,
    case_of,
    confirmed,
    must_declare,
    must_not_be_barred,
    needed,
    sound_words,
    with_all,
)
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import BoardCase, Loaded, Pick, Sample
from senpolicy_board.web import Routes, Visit

routes = Routes()


def _strata(units: list[sampling.SamplingUnit], inside: set[str], plan: sampling.Plan) -> list[tuple[str, int, int]]:
    """Return of each stratum how many cases it has, and how many of those whose keys are `inside`."""
    limits = sampling.limits_of(units)
    every, some = (
        Counter(name for unit in units for name in sampling.strata_of(unit, plan, limits) if unit.key in kept)
        for kept in ({unit.key for unit in units}, inside)
    )  # fmt: skip
    return [(name, every[name], some[name]) for name in sorted(every)]


def _loaded(key: str) -> Loaded:
    loaded = known(key)
    if loaded.removed_at is not None:
        raise Stop(410, "The facts of this caseload have been removed", "No sample can be drawn of it any more.")
    return loaded


@routes.page("/caseloads/{key}/sample", "draw a sample")
def plan_form(visit: Visit, key: str) -> HttpResponse:
    """Show the form for a sampling plan."""
    return _form(visit, key, visit.policies.plan, None)


#: The numbers of a plan, each with its lowest and highest, and what the form calls it.
_NUMBERS = {
    "per_cent": (0, 100, "Share of each stratum, in per cent,"), "fewest": (0, 1_000, "The fewest of each stratum"),
    "most": (0, 10_000, "The most of each stratum"),
}  # fmt: skip


def _form(
    visit: Visit, key: str, plan: sampling.Plan, counts: Counts | None, problems: Sequence[str] = ()
) -> HttpResponse:
    """Return the form, with a plan filled in, or what was typed; `counts` are what it would draw."""
    typed = {name: visit.text(name, 20) if problems else getattr(plan, name) for name in _NUMBERS}
    with visit.store.reading():
        loaded = _loaded(key)
        cases, drawn = list(loaded.cases.defer("facts", "answers")), Sample.objects.filter(caseload=loaded).count()
        triggers = visit.policies.triggers(case.decision_date for case in cases if case.decision_date)
    return visit.page(
        "sample_plan.html.j2", 422 if problems else 200, problems=problems, typed=typed, drawn=drawn, loaded=loaded,
        above=sum(bool(case.above_trigger) for case in cases), plan=plan,
        triggers=triggers, counts=counts, policies=visit.policies,
    )  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """What a plan would draw: cases, of these above the trigger; and of each stratum how many of how many.

    Where strata are not combined the number can differ by a few from seed to seed.
    """

    cases: int
    above: int
    strata: list[tuple[str, int, int]]


def _counts(visit: Visit, loaded: Loaded, plan: sampling.Plan) -> Counts:
    drawn = would_draw(visit.policies, loaded, plan, 0)
    strata = _strata(units_of(visit.policies, loaded), {one.unit.key for one in drawn}, plan)
    return Counts(len(drawn), sum(one.why == "above_trigger" for one in drawn), strata)


@routes.page("/caseloads/{key}/sample", "draw a sample", ["POST"])
def draw(visit: Visit, key: str) -> HttpResponse:
    """Draw a sample by the plan of the form, and record it; or count what it would draw.

    The seed follows from the entry that asks for the sample, so that nobody chooses it.
    """
    by = tuple(name for name in sampling.BY if visit.request.POST.get(f"by_{name}"))
    found, crossed, problems = dict[str, int](), bool(visit.number("crossed", 0, 1)), list[str]()
    for name, (lowest, highest, says) in _NUMBERS.items():
        try:
            found[name] = visit.number(name, lowest, highest)
        except Stop:
            problems.append(f"{says} must be a whole number from {lowest:,} to {highest:,}.")
    if problems:
        kept = visit.policies.plan
        return _form(visit, key, sampling.Plan(by, kept.per_cent, kept.fewest, kept.most, crossed), None, problems)
    plan = sampling.Plan(by, found["per_cent"], found["fewest"], found["most"], crossed)
    if visit.text("do", 20) == "count":
        with visit.store.reading():
            counts = _counts(visit, _loaded(key), plan)
        return _form(visit, key, plan, counts)
    with visit.store.writing():
        loaded = _loaded(key)
        asked = trail.append(visit.now, visit.account.key, "sample asked for", f"caseload:{key}", plan=plan.to_json())
        sample = draw_sample(visit, loaded, plan, asked.hash, asked.seq)
    return visit.go(f"/samples/{sample.key}")


@routes.page("/samples/{key}", "see a sample")
def sample_page(visit: Visit, key: str) -> HttpResponse:
    """Show a sample: its plan, its strata, its cases, and how far each has come."""
    with visit.store.reading():
        sample = _sample(key)
        must_declare(visit.account, sample.caseload)
        plan = _plan(sample)
        units, picks = units_of(visit.policies, sample.caseload), sample.picks.all()
        cases = {case.pk: case for case in with_all(BoardCase.objects.filter(picks__sample=sample))}
        drawn = {cases[pick.case_id].key for pick in picks if pick.replaced_at is None}
        rows = [
            (pick, case, len(confirmed(case)), needed(case, visit.policies), case.outcome, barred(case, visit.account))
            for pick in picks
            for case in [cases[pick.case_id]]
        ]  # fmt: skip
        answer = visit.page(
            "sample.html.j2", sample=sample, plan=plan, strata=_strata(units, drawn, plan), rows=rows,
            limits=sampling.limits_of(units), needed=visit.policies.scorers, policies=visit.policies,
        )  # fmt: skip
    with visit.store.writing():
        visit.record("viewed", f"sample:{key}")
    return answer


def _sample(key: str) -> Sample:
    sample: Sample | None = Sample.objects.select_related("caseload", "drawn_by").filter(key=key).first()
    return there(sample, "sample", "See the caseload's page.")


def _plan(sample: Sample) -> sampling.Plan:
    said = sample.plan
    return sampling.Plan(
        tuple(said["by"]), said["per_cent"], said["fewest"], said["most"], bool(said.get("crossed", True))
    )


@routes.page("/picks/{key}/replace", "draw a sample", ["POST"])
def replace(visit: Visit, key: str) -> HttpResponse:
    """Replace a case of a sample by the next of its stratum, with a reason."""
    because = sound_words(visit.policies, visit.text("because", 300), "Say why the case is replaced.")
    with visit.store.writing():
        pick = Pick.objects.select_for_update().filter(key=key).first()
        if pick is None or pick.replaced_at is not None or pick.case.facts is None:
            raise Stop(404, "There is no such case in a sample", "It may have been replaced already.")
        must_not_be_barred(pick.case, visit.account)
        if pick.case.settled_at is not None or any(one.confirmed_at for one in pick.case.scorings.all()):
            raise Stop(
                409, "This case has been rated", "A case that someone has confirmed ratings for is not replaced."
            )
        sample = pick.sample
        units = units_of(visit.policies, sample.caseload)
        gone = next(unit for unit in units if unit.key == pick.case.key)
        drawn = set(Pick.objects.filter(case__caseload=sample.caseload).values_list("case__key", flat=True))
        found = sampling.replacement(units, _plan(sample), sample.seed, gone, drawn)
        pick.replaced_at, pick.replaced_because = visit.now, because
        if found:
            case = BoardCase.objects.get(key=found.unit.key)
            pick.replaced_by = Pick.objects.create(sample=sample, case=case, why="replacement", stratum=found.stratum)
        pick.save()
        visit.record(
            "case replaced", f"sample:{sample.key}", case=pick.case.key, by=found.unit.key if found else None
        )  # fmt: skip
    return visit.go(f"/samples/{sample.key}")


@routes.page("/cases/{key}/sample", "draw a sample", ["POST"])
def add(visit: Visit, key: str) -> HttpResponse:
    """Put a case into the newest sample of its caseload by hand, so that it is rated."""
    with visit.store.writing():
        case = case_of(key, changing=True)
        must_not_be_barred(case, visit.account)
        sample = Sample.objects.filter(caseload_id=case.caseload_id).order_by("-id").first()
        if sample is None or picked(case) is not None or case.settled_at is not None or seeds.seed_of(case):
            raise Stop(409, "This case cannot be added", "Draw a sample first; or it is in one, settled, or a seed.")
        if any(pick.sample_id == sample.id for pick in case.picks.all()):
            raise Stop(409, "This case was replaced in the sample", "It is not put back into the one that it left.")
        Pick.objects.create(sample=sample, case=case, why="added")
        visit.record("case added", f"sample:{sample.key}", case=key)
    return visit.go(f"/samples/{sample.key}")
