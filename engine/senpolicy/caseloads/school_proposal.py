"""What a plan of bands and rates would pay for the pupils of a school's model: a proposal, and nobody's decision.

It is each band's rate with the factor of the setting, before any limit on gains and losses: limits are of a whole
school or county, and `senpolicy tariff` works them out. Nothing of it counts in a model's sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from senpolicy.caseloads.run import decided
from senpolicy.caseloads.school_model import ProposedBand, SchoolModel, TariffProposal
from senpolicy.caseloads.tables import Caseload
from senpolicy.caseloads.tariff_cohort import IN, OnDay, of_one_day, phased_in, tariff_of
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.models.tariffs import TariffPlanFile
from senpolicy.files.models.views import Tariff, needed, views_of
from senpolicy.files.problems import listed
from senpolicy.language.conditions import pence
from senpolicy.readings.columns import compiled


def with_proposal(found: SchoolModel, caseload: Caseload, plan: TariffPlanFile) -> SchoolModel:
    """Return a model with what a plan would pay; its policy is one with the levels of the plan's edition."""
    policy, of = found.policy, tariff_of(found.policy)
    route = needed(views_of(policy.corpus.files).route, "route")
    columns = compiled(
        of_one_day(policy, plan.day, route), tuple(dict.fromkeys((of.level, of.place, *(plan.phase_in or ()))))
    )
    levels, places = policy.types[of.level].values, policy.types[of.place].values
    rated = {name: band.rate for name, band in plan.bands.items() if isinstance(band.rate, Decimal)}
    band_of = {level: name for name in rated for level in plan.bands[name].levels}
    counted = {one.ref for one in found.pupils}
    paid: dict[str, dict[str, tuple[int, Fraction]]] = {name: {} for name in rated}
    not_mapped: dict[str, tuple[int, int]] = {}
    left_out = set()
    for done in decided(OnDay(caseload, plan.day), columns, verify=0):
        comes_in = phased_in(done.facts, plan.phase_in, policy).tolist()
        facts = zip(*(done.facts[name].to_pylist() for name in (of.level, of.place)), comes_in, strict=True)
        wanted = ["case_ref", route, f"{route}_missing", f"{route}_open_points"]
        for (level, place, phase), row in zip(facts, done.table.select(wanted).to_pylist(), strict=True):
            ref, answer, missing, points = (row[name] for name in wanted)
            setting = places[place] if place >= 0 else ""
            if ref not in counted:
                continue
            lacks = answer == UNDETERMINED and missing == of.level and not points
            if answer != of.answer and not lacks:
                continue
            if phase != IN or setting not in plan.settings or (level >= 0 and levels[level] not in band_of):
                left_out.add(ref)
                continue
            factor = Fraction(plan.settings[setting])
            rates = {name: int(pence(rate) * factor) for name, rate in rated.items()}
            if level >= 0 and not lacks:
                paid[band_of[levels[level]]][ref] = (rates[band_of[levels[level]]], factor)
            else:
                not_mapped[ref] = (min(rates.values()), max(rates.values()))
    bands = tuple(ProposedBand(name, rate, paid[name]) for name, rate in rated.items())
    notes = (*_notes(plan), *_notes_of_pupils(caseload, of))
    made = TariffProposal(plan.plan, plan.title, plan.day, bands, not_mapped, frozenset(left_out), notes)
    return replace(found, proposal=made)


def _notes(plan: TariffPlanFile) -> Iterator[str]:
    """Yield what of a plan is not in the figures of one school."""
    if plan.solve == "scale":
        yield "The plan scales its rates to an envelope, over a whole county. Here they are as written, not scaled."
    own = [name for name, band in plan.bands.items() if band.rate == "own"]
    if own:
        yield f"Pupils in {listed(own)} are paid as today by the plan. They are among those for whom it has no rate."
    if plan.average_in:
        yield (
            "In some settings the plan pays each pupil the average of the school's own rates. Where the list "
            "has all pupils of a school the sum is the same, but a single pupil's part of it is not the band's rate."
        )


def _notes_of_pupils(caseload: Caseload, of: Tariff) -> Iterator[str]:
    """Yield what of the list's columns is not in the figures."""
    if of.weight in caseload.headings:
        yield f"Each rate is that of a whole year, whatever the column '{of.weight}' says."
    if of.elsewhere and of.elsewhere.group in caseload.headings:
        yield f"A pupil for whom another authority pays is shown like all others (column '{of.elsewhere.group}')."
