"""What of a plan, a cohort and a schools' table does not go together: where no definition says what two fields mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from senpolicy.caseloads.tariff_cohort import SchoolPlace, TariffCohort, pupils_are
from senpolicy.caseloads.tariff_sums import TariffPlan, TariffUnit
from senpolicy.checking.tariffs import PlanWithPlaces
from senpolicy.files.problems import Place, Problem

CODE = "fields-together"


def together(
    written: PlanWithPlaces, plan: TariffPlan, cohort: TariffCohort, units: Sequence[TariffUnit]
) -> Iterator[Problem]:
    """Yield each two fields that nobody has said the meaning of together, and pupils as today of whom no rate is known.

    A figure for them would be a guess.
    """
    yield from _kept(written, plan, cohort, units)
    yield from _parts(written, plan, cohort, units)
    by_place: dict[SchoolPlace, list[TariffUnit]] = {}
    for one in units:
        by_place.setdefault(SchoolPlace(one.school, one.setting), []).append(one)
    for where, some in by_place.items():
        yield from _beside(plan, cohort, where, some)
        yield from _places(plan, cohort, where, some)


def _kept(
    written: PlanWithPlaces, plan: TariffPlan, cohort: TariffCohort, units: Sequence[TariffUnit]
) -> Iterator[Problem]:
    unknown = theirs = 0
    for level, present, other in zip(cohort.level, cohort.present, cohort.elsewhere, strict=True) if plan.own else ():
        if cohort.levels[level] in plan.own:
            unknown += present < 0
            theirs += bool(other)
    if unknown:
        said = f"{pupils_are(unknown)} in a band that pays as today, and without a rate of today."
        yield Problem(written.at("bands"), CODE, said, "Give their rates of today, or the band a rate in pounds.")
    if theirs:
        said = f"{pupils_are(theirs)} in a band that pays as today, and another authority pays."
        yield Problem(Place(cohort.name), CODE, said, "Take these rows out: they count in no cost and no average.")


def _parts(
    written: PlanWithPlaces, plan: TariffPlan, cohort: TariffCohort, units: Sequence[TariffUnit]
) -> Iterator[Problem]:
    """Yield what is not said of pupils who are there for a part of the year."""
    part_year = {one.setting for one in units for seat in (*one.within, *one.outside, *one.kept) if seat.part != 1}
    if part_year and plan.after:
        said = "Some pupils are counted for a part of the year, and for how long in the year after is not known."
        yield Problem(written.at("next"), CODE, said, "Leave 'next' out, or cost whole years alone.")
    for setting in sorted(part_year & plan.core.keys() & plan.guarantee.keys()):
        said = f"In '{setting}' pupils are counted for a part of the year, and the guarantee is on core funding too."
        help = (
            "Whether a place has core funding for that part is not said. Leave 'core' out, or cost whole years alone."
        )
        yield Problem(written.at("core", setting), CODE, said, help)


def _beside(
    plan: TariffPlan, cohort: TariffCohort, where: SchoolPlace, units: Sequence[TariffUnit]
) -> Iterator[Problem]:
    """Yield what is not said of pupils for whom another authority pays, or who are protected alone."""
    school = cohort.schools.rows[where]
    named = f"'{where.school}', {where.setting}"
    theirs = sum(number for one in units for number in one.elsewhere.values())
    if theirs and where.setting not in plan.average_in:
        said = f"In {named} another authority pays for {theirs}, and no average is paid there."
        yield Problem(Place(cohort.name), CODE, said, "Take these rows out: such pupils count in averages alone.")
    if not (school.other or school.lump):
        return
    beside = "'present_other' or 'lump'"
    if theirs:
        said = f"In {named} another authority pays for {theirs}, and the school has {beside}."
        yield Problem(Place(cohort.schools.name), CODE, said, "Which part of it that authority pays is not said.")
    if where.setting in plan.protect:
        said = f"{named} has {beside}, and limits there are pupil by pupil."
        help = f"Leave {beside} empty: no pupil's limit can be on it. Or leave the setting out of 'protect'."
        yield Problem(Place(cohort.schools.name), CODE, said, help)


def _places(
    plan: TariffPlan, cohort: TariffCohort, where: SchoolPlace, units: Sequence[TariffUnit]
) -> Iterator[Problem]:
    """Yield what is not said of a school that is paid for a number of places."""
    school, place = cohort.schools.rows[where], Place(cohort.schools.name)
    if school.pupils_paid is None:
        return
    named, places = f"'{where.school}', {where.setting}", f"'pupils_paid' is {school.pupils_paid}"
    within = sum(number for one in units for number in one.within.values())
    every = sum(number for one in units for of in (one.within, one.outside, one.kept) for number in of.values())
    if where.setting not in plan.average_in:
        said = f"{named}: {places}, and the plan pays no average in '{where.setting}'."
        yield Problem(place, CODE, said, "Add the setting to average_in, or leave the cell empty.")
        return
    if school.pupils_paid < every:
        said = f"{named}: {places}, and {every} are counted there."
        yield Problem(place, CODE, said, "Give at least those who are counted, or leave the cell empty.")
    if not every:
        said = f"{named}: {places}, and nobody is counted there, so its average is not known."
        yield Problem(place, CODE, said, "Leave the cell empty, or map a pupil of the school.")
    elif not within or not units[0].paid or within < every:
        said = (
            f"{named}: {places}, and some pupils there are in no average: their rate of today is not known, or stays."
        )
        yield Problem(place, CODE, said, "Leave the cell empty: a place is paid the average of all who are counted.")
    if cohort.others_at.get(where):
        said = f"{named}: {places}. Not mapped there, or not for certain on the tariff: {cohort.others_at[where]}."
        help = "They would be paid for twice. Map them, or leave the cell empty."
        yield Problem(place, CODE, said, help)
    if school.other or school.lump:
        said = f"{named}: {places}, and the school has 'present_other' or 'lump'."
        yield Problem(place, CODE, said, "Whether it rises with the places is not said. Leave one of them empty.")
    if any(one.elsewhere or any(seat.part != 1 for seat in one.within) for one in units):
        said = f"{named}: {places}, and pupils are there for a part of the year, or paid for by another authority."
        yield Problem(place, CODE, said, "How many of the places are theirs is not said. Leave the cell empty.")
