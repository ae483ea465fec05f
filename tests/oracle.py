"""The contract, second edition, written a second time: in plain Python, from the papers and not from the rules' YAML.

Nothing of the engine is imported here, so that an error of the rules, of *judge* or of *fire* cannot repeat itself.
There are two layers. `outcome` reads the contract's tables for a *whole* case, of which every fact that applies is known.
`decide` reads its rule for the others: where every whole case that fits the facts given has one answer, that is the answer.

Facts are those of a case: money in whole pence, dates as dates, None for what is not known. Inside, a fact is the *cell* of
the tables in which it lies, such as "below" for an existing rate below £6,000; a cell never depends on a limit's value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, NamedTuple

#: What the rules call a point, a caution, a problem or a warning, where that is not what it is called here.
NAMES: dict[str, str] = {
    "G2-moderation-after-the-transition": "G2-moderation-from-september-2026",
    "claim-without-plan": "claim-without-needs",
    "higher-level-within-first-cost": "cost-below-level",
    "plan-for-september-2026-srp-and-special": "plan-for-september-2026",
    "section-f-whatever-the-band": "section-f",
}

#: The adopted readings that change an answer of the tables, all of them and none.
ALL, NONE = frozenset({"E13", "E14", "F7", "G2"}), frozenset[str]()

APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026 = date(2025, 4, 1), date(2025, 9, 1), date(2026, 9, 1)
#: Three amounts of £6,000, in pence: what the school meets first, the cut between routes, the trigger of moderation.
FIRST_COST = CUT = TRIGGER = 600_000
#: The share of an existing claim that is expected to be protected (report 3.21 B).
LOW, HIGH = Fraction(50, 100), Fraction(75, 100)
#: Where an answer can change: the generator tries each at one below, at and one above.
LIMITS: dict[str, list[Any]] = {
    "decision_date": [APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026],
    "ehcp_issued_on": [APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026],
    "additional_cost": [FIRST_COST],
    "element3_rate": [1, CUT],
    "proposed_allocation": [TRIGGER],
}
LISTED = ("mainstream", "srp", "special")
#: Settings whose funding this policy leaves as it is (7.2), and those of which it says nothing.
OTHERS = ("independent", "non_maintained_special", "early_years", "post16_provider")
UNLISTED = ("pupil_referral_unit", "alternative_provision", "hospital_school")
LEVELS_OF_THE_COMMUNITY = ("sen_support", "wider_support_and_strategies")
#: The values of a fact of words, each of which is to be tried.
VALUES: dict[str, tuple[str, ...]] = {
    "setting": (*LISTED, *OTHERS, *UNLISTED),
    "plan": ("sen_support", "ehcp", "none"),
    "community_start": ("2025-04-01", "2025-09-01"),
    "community_protection": ("kept", "opted_out"),
    "adaptation_level": (*LEVELS_OF_THE_COMMUNITY, "specific_allocation"),
}

Facts = Mapping[str, Any]
#: Points of which one at least is to be named.
Points = frozenset[str]

QUESTIONS = ("scope", "route", "protection", "exceptional_need_claim", "moderation", "band", "amount")

# The cells of each fact. Rates of two cells are two figures, and an amount is the same only where its figures are.
RATES = ("below", "exactly", "above")
CELLS: dict[str, tuple[str, ...]] = {
    "setting": (*LISTED, "outside", "not listed"),
    "age": ("3 or under", "4", "5 to 15", "16", "17 or 18", "19 or over"),
    "year_group": ("nursery", "school", "sixth form"),
    "plan": ("sen_support", "ehcp", "none"),
    "ehcp_issued_on": ("before", "summer", "new"),
    "additional_cost": ("first", "more"),
    "element3_rate": ("none", *RATES),
    "community_start": ("2025-04-01", "2025-09-01"),
    "community_protection": ("kept", "opted_out"),
    "adaptation_level": ("of the Community", "above"),
    "proposed_allocation": ("up to", "above"),
}
#: Facts that exclude values of one another, side by side in a case; every other fact can have any value beside any.
TIED = ("plan", "ehcp_issued_on", "additional_cost", "element3_rate")
FREE = tuple(name for name in CELLS if name not in TIED)
#: The cell of a fact that does not apply, or on which nothing asked depends.
ASIDE = "-"


class Case(NamedTuple):
    """The cells of a case: None is not known, and the rate "some" is above £0 and not known otherwise."""

    period: str
    setting: str | None
    age: str | None
    year_group: str | None
    plan: str | None
    ehcp_issued_on: str | None
    additional_cost: str | None
    element3_rate: str | None
    community_start: str | None
    community_protection: str | None
    adaptation_level: str | None
    proposed_allocation: str | None


class Outcome(NamedTuple):
    """What one whole case has for an answer: the words that it may have, each with how far it carries.

    More than one word means that the question is open: of each set in `needed` a point is to be named, and no point outside
    `points` may be.
    """

    allowed: frozenset[tuple[str, str]]
    needed: frozenset[Points] = frozenset()
    points: Points = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """Return the words alone."""
        return frozenset(word for word, _ in self.allowed)


class Settled(NamedTuple):
    """An answer: its word, and the last day that it carries to, where the contract gives one."""

    word: str
    until: date | None = None


class Unsettled(NamedTuple):
    """What must hold of an answer that is undetermined.

    A fact of `first` comes first, where there is one, unless only the points of an earlier question are repeated; no fact
    outside `missing` is named. Each item of `needed` is what a whole case needs to be named: what they all need is, and of
    each something is. No point outside `points` is named.
    """

    first: frozenset[str]
    missing: frozenset[str]
    needed: frozenset[frozenset[Points]]
    points: Points


# What a case may not be, and what it is warned of.


def contradictions(facts: Facts) -> set[str]:
    """Return the ids of what makes a case one to refuse ("How facts hang together")."""
    rate, cost, issued = facts["element3_rate"], facts["additional_cost"], facts["ehcp_issued_on"]
    claim, plan = facts["existing_claim"], facts["plan"]
    paid = bool(rate) or claim is True
    found = {
        "rate-without-claim": bool(rate) and claim is False,
        "claim-without-rate": rate == 0 and claim is True,
        "cost-below-rate": paid and cost is not None and cost <= FIRST_COST,
        "claim-without-needs": paid and plan == "none",
        "issued-after-decision": issued is not None and issued > facts["decision_date"],
        "issued-without-plan": issued is not None and plan in ("sen_support", "none"),
    }
    return {name for name, holds in found.items() if holds}


def warnings(facts: Facts, answers: Mapping[str, Settled | Unsettled], *, reformed: bool = True) -> set[str]:
    """Return the ids of what a sound case is warned of ("How facts hang together"); the levels are of 24/00120."""
    rate, cost, age, year = (facts[name] for name in ("element3_rate", "additional_cost", "age", "year_group"))
    route = answers["route"]
    elsewhere = isinstance(route, Settled) and route.word != "community_budget"
    above = reformed and level_of(facts["adaptation_level"]) == "above"
    found = {
        "rate-above-cost": bool(rate) and cost is not None and rate > cost - FIRST_COST,
        "cost-below-level": cost is not None and cost <= FIRST_COST and above,
        "proposal-not-counted": facts["proposed_allocation"] is not None and elsewhere,
        "early-start-with-protection": facts["community_start"] == "2025-04-01"
        and facts["community_protection"] == "kept",
        "age-and-year-apart": age is not None and year is not None and not year + 2 <= age <= year + 7,
    }
    return {name for name, holds in found.items() if holds}


# From the facts of a case to its cells.


def coded(facts: Facts, reformed: bool) -> Case:
    """Return the cells of a sound case."""
    return closed(
        Case(
            period_of(facts["decision_date"], reformed),
            setting_of(facts["setting"]),
            age_of(facts["age"]),
            year_of(facts["year_group"]),
            facts["plan"],
            issued_of(facts["ehcp_issued_on"]),
            over(facts["additional_cost"], FIRST_COST, "first", "more"),
            rate_of(facts["element3_rate"], facts["existing_claim"]),
            facts["community_start"],
            facts["community_protection"],
            level_of(facts["adaptation_level"]),
            over(facts["proposed_allocation"], TRIGGER, "up to", "above"),
        )
    )


def period_of(day: date, reformed: bool) -> str:
    """Return the part of the tables; as of a decision before 24/00120 it is always that of the claims."""
    if not reformed or day < APRIL_2025:
        return "claims"
    if day < SEPTEMBER_2025:
        return "summer"
    return "transition" if day < SEPTEMBER_2026 else "planned"


def setting_of(setting: str | None) -> str | None:
    """Return a setting, by the three kinds of the table of scope."""
    if setting is None or setting in LISTED:
        return setting
    return "outside" if setting in OTHERS else "not listed"


def age_of(age: int | None) -> str | None:
    """Return the row of the table of scope."""
    if age is None:
        return None
    for last, row in ((3, "3 or under"), (4, "4"), (15, "5 to 15"), (16, "16"), (18, "17 or 18")):
        if age <= last:
            return row
    return "19 or over"


def year_of(year: int | None) -> str | None:
    """Return the part of the school in which a year is."""
    if year is None:
        return None
    return "nursery" if year < 0 else "school" if year <= 11 else "sixth form"


def issued_of(issued: date | None) -> str | None:
    """Return the row of the table of route for a day of issue."""
    if issued is None:
        return None
    return "before" if issued < APRIL_2025 else "summer" if issued < SEPTEMBER_2025 else "new"


def over(pence: int | None, limit: int, up_to: str, above: str) -> str | None:
    """Return on which side of a limit an amount lies; at the limit it is not above it."""
    if pence is None:
        return None
    return above if pence > limit else up_to


def rate_of(rate: int | None, claim: bool | None) -> str | None:
    """Return the existing allocation; no claim means one of nothing, and so does a rate of £0."""
    if rate is None:
        return None if claim is None else "some" if claim else "none"
    if rate == 0:
        return "none"
    return "below" if rate < CUT else "exactly" if rate == CUT else "above"


def level_of(level: str | None) -> str | None:
    """Return whether a level is one whose pupils the Community funds."""
    if level is None:
        return None
    return "of the Community" if level in LEVELS_OF_THE_COMMUNITY else "above"


def closed(case: Case) -> Case:
    """Return a case with the facts that only one value fits: they count as given."""
    if case.ehcp_issued_on not in (None, ASIDE):
        case = case._replace(plan="ehcp")
    if case.plan == "none" or case.additional_cost == "first":
        case = case._replace(element3_rate="none")
    if case.element3_rate not in (None, "none"):
        case = case._replace(additional_cost="more")
    if case.plan in ("sen_support", "none"):
        case = case._replace(ehcp_issued_on=ASIDE)
    return case


# What the text says, case by case, of a whole case in scope.


def certain(word: str, until: str = "") -> Outcome:
    """Return one answer, and the August until which it carries."""
    return Outcome(frozenset({(word, until)}))


def left_open(points: Iterable[str], *words: str, beside: Iterable[str] = ()) -> Outcome:
    """Return the answers that points allow together; `beside` may be named too."""
    needed = frozenset(frozenset({point}) for point in points)
    return Outcome(frozenset((word, "") for word in words), needed, frozenset(points) | frozenset(beside))


def without_words(*points: str) -> Outcome:
    """Return what points leave open without the words, or figures, that would be allowed: never the same twice."""
    return left_open(points, *(f"{point}, {side}" for point in points for side in ("one way", "another")))


def scope(case: Case) -> Outcome:
    """Return scope: before 1 April 2025 by setting (3.7), from then by setting first, then age (7.2 and the EqIA)."""
    inside, outside = certain("in_scope"), certain("out_of_scope")
    if case.setting == "outside":
        return outside
    if case.setting == "not listed":
        return left_open(["E5-settings-not-listed"], "in_scope", "out_of_scope")
    if case.period == "claims" or (case.setting != "mainstream" and case.period != "planned"):
        return inside
    if case.age in ("3 or under", "19 or over"):
        return outside
    if case.age == "5 to 15":
        return inside
    if case.age == "4":
        at_four = left_open(["E2-reception-at-four"], "in_scope", "out_of_scope")
        return outside if case.year_group == "nursery" else at_four
    if case.year_group == "sixth form":
        return left_open(["E4-state-sixth-forms"], "in_scope", "out_of_scope")
    return left_open(["E3-sixteen-in-both-groups"], "in_scope", "out_of_scope") if case.age == "16" else outside


F7, A1, B5 = "F7-until-fully-implemented", "A1-rate-of-exactly-6000", "B5-ehcp-issued-in-summer-2025"


def route(case: Case, read: frozenset[str]) -> Outcome:
    """Return the route of a pupil in scope."""
    if case.setting != "mainstream":
        average = f"{case.setting}_average_rate"
        if case.period != "planned":
            return certain(average)
        return certain("tariff") if "F7" in read else left_open([F7], average, "tariff")
    if case.plan == "none":
        return certain("school_budget")
    if case.period == "planned" and case.plan == "ehcp" and case.adaptation_level == "above":
        return route_above_the_community(case, read)
    if case.additional_cost == "first":
        return certain("school_budget")
    if case.period == "claims":
        return certain("mainstream_claim")
    if case.period == "summer":
        return route_in_summer(case)
    if case.plan == "sen_support":
        return certain("community_budget")
    if case.period == "transition":
        return route_in_transition(case, read)
    return by_level(case, read, "community_budget")


def route_above_the_community(case: Case, read: frozenset[str]) -> Outcome:
    """Return the route of an EHCP mapped above the Community's levels: by the level alone (E14), from September 2026."""
    if case.additional_cost == "first" and "E14" not in read:
        beside = [] if "F7" in read else [F7]
        return left_open(["E14-level-alone"], "school_budget", "tariff", beside=beside)
    if case.additional_cost == "first" and "F7" not in read:
        # The row names the Community; before the plan a cost of £6,000 or less would be the school's own.
        return left_open([F7], "community_budget", "tariff", "school_budget")
    return by_level(case, read, "tariff")


def by_level(case: Case, read: frozenset[str], level: str) -> Outcome:
    """Return what the level says, or without F7 what it says beside the route of August 2026."""
    if "F7" in read:
        return certain(level)
    if case.element3_rate == "above":
        return left_open([F7], "direct_existing_rate", level)
    if case.element3_rate == "exactly":
        return left_open([F7, A1], "direct_existing_rate", "community_budget", level)
    return certain(level) if level == "community_budget" else left_open([F7], "community_budget", level)


def route_in_summer(case: Case) -> Outcome:
    """Return the route of a mainstream pupil above the first cost, from 1 April to 31 August 2025."""
    early = case.community_start == "2025-04-01"
    if case.plan == "ehcp" and case.element3_rate == "above":
        return certain("direct_existing_rate")
    if case.element3_rate != "none":
        both = left_open(["B6-early-adopter-existing-claim"], "mainstream_claim", "community_budget")
        return both if early else certain("mainstream_claim")
    neither = left_open(["B5-between-claims-and-budgets"], "community_budget", "school_budget")
    return certain("community_budget") if early else neither


def route_in_transition(case: Case, read: frozenset[str]) -> Outcome:
    """Return the route of an EHCP in mainstream above the first cost, from September 2025 to August 2026."""
    if case.element3_rate == "none" and "E13" not in read and case.ehcp_issued_on == "before":
        return left_open(["E13-no-allocation"], "community_budget", "school_budget")
    if case.element3_rate in ("none", "below") or case.ehcp_issued_on == "new":
        return certain("community_budget")
    if case.ehcp_issued_on == "summer":
        points = [B5, A1] if case.element3_rate == "exactly" else [B5]
        return left_open(points, "community_budget", "direct_existing_rate")
    if case.element3_rate == "exactly":
        return left_open([A1], "direct_existing_rate", "community_budget")
    return certain("direct_existing_rate")


def until(case: Case) -> str:
    """Return the August until which a direct rate carries, as far as the text does."""
    return "2025" if case.period == "summer" and case.ehcp_issued_on != "before" else "2026"


def protection(case: Case, by: str, read: frozenset[str]) -> Outcome:
    """Return the protection on one route (3.20, 3.21 B, 5.7)."""
    if by == "direct_existing_rate":
        return certain("existing_rate_in_full", until(case))
    if by == "mainstream_claim" and case.period == "summer":
        return certain("existing_rate_in_full", "2025")
    if by == "special_average_rate":
        return certain("minimum_funding_guarantee")
    if by == "tariff":
        return without_words("G4-protection-on-the-tariff")
    return certain("share_of_existing_claim", "2026") if shared(case, by) else certain("none")


def shared(case: Case, by: str) -> bool:
    """Return whether a share of an existing claim is protected."""
    kept = case.community_protection == "kept" and case.element3_rate != "none"
    return by == "community_budget" and case.period == "transition" and kept


def exceptional_need_claim(case: Case, by: str, read: frozenset[str]) -> Outcome:
    """Return whether a claim for exceptional need can be made on one route."""
    if case.setting == "mainstream":
        return certain("not_available")
    on_the_tariff = left_open(["P-exceptional-need-on-the-tariff"], "available", "not_available")
    return on_the_tariff if by == "tariff" else certain("available")


def moderation(case: Case, by: str, read: frozenset[str]) -> Outcome:
    """Return whether an allocation on one route is open to further moderation (question 11)."""
    if by != "community_budget":
        return certain("not_applicable")
    both = ("open_to_further_moderation", "not_open")
    if case.period == "planned":
        return left_open(["G2-moderation-from-september-2026"], *both)
    if case.proposed_allocation == "above":
        return left_open(["G2-moderation-above-the-trigger"], *both)
    return certain("not_open") if "G2" in read else left_open(["G2-moderation-at-or-below-the-trigger"], *both)


def band(case: Case, by: str, read: frozenset[str]) -> Outcome:
    """Return the band on one route: none has a name."""
    return without_words("P-bands-not-named") if by == "tariff" else certain("not_applicable")


def amount(case: Case, by: str, read: frozenset[str]) -> Outcome:
    """Return the amount on one route; a known one with its figure, as its word is the same only where that is."""
    if by == "school_budget":
        return certain("not_applicable")
    if by == "direct_existing_rate":
        return certain(f"known: {case.element3_rate}", until(case))
    if by == "mainstream_claim":
        known = certain(f"known: {case.element3_rate}", "2025" if case.period == "summer" else "")
        return known if case.element3_rate != "none" else without_words("P-amount-of-a-claim")
    if by == "tariff":
        special = ["P-special-average-rate"] if case.setting == "special" else []
        return without_words("P-tariff-rates", *special)
    if by == "community_budget":
        return amount_from_the_community(case, by)
    return without_words("P-average-rates-not-held")


def amount_from_the_community(case: Case, by: str) -> Outcome:
    """Return the amount that a Community pays: not held, and of a share that is protected the share is open too."""
    pays, share = "P-what-a-community-pays", "C6-share-protected"
    found = without_words(pays)
    return found._replace(
        needed=frozenset({frozenset({pays, share})}), points={pays, share} if shared(case, by) else {pays}
    )


LATER = {
    "protection": protection,
    "exceptional_need_claim": exceptional_need_claim,
    "moderation": moderation,
    "band": band,
    "amount": amount,
}


@cache
def outcome(question: str, case: Case, read: frozenset[str]) -> Outcome:
    """Return what a whole case has for an answer to a question; what an earlier one leaves open, each way."""
    within = scope(case)
    if question == "scope":
        return within
    if case.setting == "not listed":
        # Nothing is said of their routes: every later question is undetermined, and none comes together again.
        return without_words(*within.points)
    found, needed, points = [], [within.needed], within.points
    if "out_of_scope" in within.words:
        found.append(certain("unchanged_process" if question == "route" else "not_applicable"))
    if "in_scope" in within.words:
        by = route(case, read)
        needed, points = [*needed, by.needed], points | by.points
        found += [by] if question == "route" else [LATER[question](case, word, read) for word in sorted(by.words)]
    allowed = frozenset[tuple[str, str]]().union(*(one.allowed for one in found))
    needed.append(frozenset[Points]().union(*(one.needed for one in found)))
    # Only the points of the earliest question that is open need be named; those of later ones may be.
    first = next(filter(None, needed), frozenset())
    together = Outcome(allowed, first, points.union(*(one.points for one in found)))
    return together if len(together.words) > 1 else Outcome(allowed)


# The whole cases that fit what is known of one.


def bare(case: Case, question: str) -> Case:
    """Return a case without the facts on which a question cannot depend."""
    keep = asked(case.period, case.setting, question)
    return Case(case.period, *[cell if name in keep else ASIDE for name, cell in zip(CELLS, case[1:], strict=True)])


@cache
def asked(period: str, setting: str | None, question: str) -> set[str]:
    """Return the facts on which a question can depend, as far as the period and the setting show it."""
    found = {"setting"}
    if setting in ("outside", "not listed"):
        return found
    if period != "claims" and (setting in ("mainstream", None) or period == "planned"):
        found |= {"age", "year_group"}
    if question == "scope" or setting in ("srp", "special"):
        return found
    found |= {"plan", "additional_cost", "element3_rate"}
    found |= {
        "claims": set(),
        "summer": {"ehcp_issued_on", "community_start"},
        "transition": {"ehcp_issued_on"},
        "planned": {"adaptation_level"},
    }[period]
    if period == "transition" and question in ("protection", "amount"):
        found.add("community_protection")
    if period in ("summer", "transition") and question == "moderation":
        found.add("proposed_allocation")
    return found


def cells(case: Case, fact: str) -> tuple[str, ...]:
    """Return the cells that fit one fact of a case, by itself."""
    known = getattr(case, fact)
    if known == "some":
        return RATES
    # In summer 2025 no plan is of a later day; that cell has there the answers of its neighbour.
    return CELLS[fact] if known is None else (known,)


def whole_cases(question: str, case: Case) -> Iterator[Case]:
    """Yield every whole case that fits a case and is no problem, by the facts on which a question can depend."""
    for one in with_free_facts(question, case):
        yield from tied_cases(one)


def with_free_facts(question: str, case: Case) -> Iterator[Case]:
    """Yield a case with every combination of the facts that are not tied to others; the setting shows which are asked."""
    for setting in cells(case, "setting"):
        there = bare(case._replace(setting=setting), question)
        for one in product(*(cells(there, fact) if fact in FREE else (getattr(there, fact),) for fact in CELLS)):
            yield Case(there.period, *one)


def tied_cases(case: Case) -> Iterator[Case]:
    """Yield the whole cases that fit a case of which only facts that are tied to one another are not known."""
    first = Case._fields.index(TIED[0])
    before, known, after = case[:first], case[first : first + len(TIED)], case[first + len(TIED) :]
    for tied in ties(case.period, *known):
        yield Case(*before, *tied, *after)


@cache
def ties(period: str, *known: str | None) -> tuple[tuple[str, ...], ...]:
    """Return the combinations of the facts that are tied to one another which fit what is known and are no problem."""
    case = Case(period, *[None] * len(CELLS))._replace(**dict(zip(TIED, known, strict=True)))
    found = []
    for plan in cells(case, "plan"):
        issued = cells(case, "ehcp_issued_on") if plan == "ehcp" else (ASIDE,)
        for tied in product((plan,), issued, cells(case, "additional_cost"), cells(case, "element3_rate")):
            paid = tied[3] not in ("none", ASIDE)
            if not paid or (plan != "none" and tied[2] != "first"):
                found.append(tied)
    return tuple(found)


# Which facts can change what is said.


def allowed_words(found: Outcome) -> frozenset[Any]:
    """Return what a fact can change while some whole case has an answer: the words."""
    return found.words


def needed_points(found: Outcome) -> frozenset[Any]:
    """Return what a fact can change where every whole case is open: the points."""
    return frozenset({found.needed})


def telling(question: str, case: Case, read: frozenset[str], sign: Any) -> frozenset[str]:
    """Return the facts not known that can change, by `sign`, what is said: in some case that fits, to know it does."""
    # Between a setting outside the policy and one that is not listed every answer differs, whatever else is known.
    found = {"setting"} if case.setting is None else set[str]()
    seen: dict[tuple[str | None, ...], frozenset[Any]] = {}
    free = [fact for fact in FREE if fact != "setting" and getattr(case, fact) is None]
    unknown = [(Case._fields.index(fact), fact) for fact in free]
    for one in whole_cases(question, case):
        here = sign(outcome(question, one, read))
        for place, fact in unknown:
            if fact not in found and seen.setdefault((fact, *one[:place], *one[place + 1 :]), here) != here:
                found.add(fact)
    for one in with_free_facts(question, case):
        found |= telling_of_the_tied(question, one, read, sign)
    return frozenset(found)


@cache
def telling_of_the_tied(question: str, case: Case, read: frozenset[str], sign: Any) -> frozenset[str]:
    """Return the same of facts that are tied to one another, where all others are known."""
    found = set[str]()
    for fact, more in learnt(case):
        if signs(question, more, read, sign) != signs(question, case, read, sign):
            found.add(fact)
        found |= telling_of_the_tied(question, more, read, sign)
    return frozenset(found)


@cache
def signs(question: str, case: Case, read: frozenset[str], sign: Any) -> frozenset[Any]:
    """Return what the whole cases that fit a case show together."""
    return frozenset[Any]().union(*(sign(outcome(question, one, read)) for one in tied_cases(case)))


def learnt(case: Case) -> Iterator[tuple[str, Case]]:
    """Yield a case with one more of the tied facts known, and the name of that fact."""
    for fact in ("plan", "ehcp_issued_on", "additional_cost"):
        if getattr(case, fact) is None:
            for cell in cells(case, fact):
                if cell != "none" or case.element3_rate in (None, "none"):
                    yield fact, closed(case._replace(**{fact: cell}))
    if case.element3_rate is None:
        for cell in ("none", "some"):
            yield "existing_claim", closed(case._replace(element3_rate=cell))
    if case.element3_rate in (None, "some"):
        for cell in cells(case, "element3_rate"):
            yield "element3_rate", closed(case._replace(element3_rate=cell))


def order(question: str, case: Case) -> Iterator[set[str]]:
    """Yield the facts in the order in which the contract's tables ask for them; those of one set in either order."""
    yield from ({"setting"}, {"age"}, {"year_group"}, {"plan"})
    if case.period == "planned":
        yield {"adaptation_level"}
    yield {"additional_cost"}
    if case.period == "summer":
        yield {"existing_claim", "element3_rate"} if case.plan == "ehcp" else {"existing_claim"}
    yield from ({"community_start"}, {"ehcp_issued_on"})
    if question == "protection":
        yield {"existing_claim", "community_protection"}
    if question == "moderation":
        yield {"proposed_allocation"}
    if question == "amount":
        yield {"existing_claim"}
    yield from ({"element3_rate"}, {"existing_claim"})


@cache
def answered(question: str, case: Case, read: frozenset[str]) -> tuple[str, str] | Unsettled:
    """Return the answer to a question of a case, with the August until which it carries, or what must hold of it."""
    found = {outcome(question, one, read) for one in whole_cases(question, case)}
    words = {word for one in found for word in one.words}
    if len(words) == 1:
        return words.pop(), min(august for one in found for _, august in one.allowed)
    points = frozenset(point for one in found for point in one.points)
    if all(len(one.words) > 1 for one in found):
        missing = telling(question, case, read, needed_points)
        return Unsettled(frozenset(), missing, frozenset(one.needed for one in found), points)
    missing = telling(question, case, read, allowed_words)
    first = next(frozenset(facts & missing) for facts in order(question, case) if facts & missing)
    return Unsettled(first, missing, frozenset(), points)


def repeated(found: Unsettled, earlier: Iterable[Settled | Unsettled]) -> Unsettled:
    """Return what must hold of a question that repeats what earlier ones lack and leave open.

    What an earlier one asks for first comes first, wherever it can change the later answer too; else either may.
    """
    lacking = [one for one in earlier if isinstance(one, Unsettled)]
    missing = found.missing.union(*(one.missing for one in lacking))
    points = found.points.union(*(one.points for one in lacking))
    if not found.first:  # Every whole case is open.
        return found._replace(missing=missing, points=points)
    asked_first = next((one.first & found.missing for one in lacking if one.first & found.missing), None)
    first = asked_first or found.first.union(*(one.first for one in lacking))
    return Unsettled(first, missing, found.needed.union(*(one.needed for one in lacking)), points)


def unlike(wanted: Unsettled, missing: Sequence[str], points: Set[str]) -> str | None:
    """Return in words how what an undetermined answer names is not what must hold of it, None where it is."""
    if wanted.first and (missing or not wanted.needed) and not set(missing[:1]) & wanted.first:
        return f"but should ask first for {sorted(wanted.first)}"
    if beyond := {*missing} - wanted.missing | points - wanted.points:
        return f"but {sorted(beyond)} can change nothing"
    everywhere = frozenset.intersection(*wanted.needed) if wanted.needed else frozenset()
    if not all(one & points for one in everywhere):
        return f"but should name one of each of {[sorted(one) for one in everywhere]}"
    if not all(any(one & points for one in needed) for needed in wanted.needed):
        return f"but of each of {[[sorted(one) for one in needed] for needed in wanted.needed]} should name a point"
    return None


# The answers of a case, and what goes with them.


def decide(given: Facts, *, reformed: bool = True, read: frozenset[str] = ALL) -> dict[str, Settled | Unsettled]:
    """Return the answer of every question of the contract's tables, for a case that contradicts nothing.

    `reformed` is false as of any decision before 24/00120; `read` holds the readings that are adopted.
    """
    case = coded(given, reformed)
    answers: dict[str, Settled | Unsettled] = {}
    for question in QUESTIONS:
        found = answered(question, bare(case, question), read)
        if isinstance(found, Unsettled):
            answers[question] = repeated(found, [answers[one] for one in ("scope", "route") if one in answers])
        else:
            answers[question] = Settled(found[0].split(":")[0], last_day(found[1]))
    return answers


def last_day(august: str) -> date | None:
    """Return the last day of an August, as 31 August inclusive (B10)."""
    day = timedelta(days=1)
    return {"": None, "2025": SEPTEMBER_2025 - day, "2026": SEPTEMBER_2026 - day}[august]


def figures(facts: Facts, answers: Mapping[str, Settled | Unsettled]) -> dict[str, dict[str, Any]]:
    """Return the figures of protection and amount: money in pence, exact, and shares.

    `part` is of a year: the days from the decision's to the last, both counted, and the pence for them, at most a year's.
    """
    kept, paid = answers["protection"], answers["amount"]
    found: dict[str, dict[str, Any]] = {"protection": {}, "amount": {}}
    rate, shares = facts["element3_rate"], isinstance(kept, Settled) and kept.word == "share_of_existing_claim"
    if isinstance(kept, Settled) and kept.until:
        found["protection"]["until"] = kept.until
    if shares:
        found["protection"] |= {"low": LOW, "high": HIGH, "approximate": True}
    if shares and isinstance(paid, Unsettled) and rate:
        found["amount"] = {"protected_low": rate * LOW, "protected_high": rate * HIGH}
    if isinstance(paid, Settled) and paid.word == "known":
        found["amount"]["pounds_a_year"] = rate
        if paid.until:
            days = (paid.until - facts["decision_date"]).days + 1
            found["amount"] |= {"until": paid.until, "part": (days, min(Fraction(days, 365), Fraction(1)) * rate)}
    return found


def cautions(
    facts: Facts, answers: Mapping[str, Settled | Unsettled], *, reformed: bool = True
) -> tuple[set[str], set[str]]:
    """Return the cautions that go with the answers of `decide`: those that must, and those that also may."""
    case, issued = coded(facts, reformed), facts["ehcp_issued_on"]
    words = {name: one.word if isinstance(one, Settled) else None for name, one in answers.items()}
    new = words["route"] == "community_budget" and issued is not None and issued >= APRIL_2025
    planned, no_plan = case.period == "planned", case.setting in ("srp", "special") and case.plan not in ("ehcp", None)
    must = {
        "council-assumed-responsible": words["scope"] == "in_scope",
        "section-f": case.plan == "ehcp",
        "sen-notional-top-up": words["route"] == "school_budget",
        "plan-for-september-2026": planned and case.setting in LISTED,
        "no-plan-on-tariff": planned and no_plan and words["route"] == "tariff",
        "new-plan-whatever-its-size": new and not planned,
    }
    may = {
        # The contract says "a date from 1 September 2026", with a paragraph for three settings only.
        "plan-for-september-2026": planned,
        # It says "from 1 September 2026", whatever the route and the scope.
        "no-plan-on-tariff": planned and no_plan,
        # It sets no end to this; the paragraph speaks of plans issued during the transition (3.20).
        "new-plan-whatever-its-size": new,
    }
    return {name for name, holds in must.items() if holds}, {name for name, holds in may.items() if holds}
