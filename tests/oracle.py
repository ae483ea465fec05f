"""The tables of the contract written a second time, in plain Python, by their rows and not by the rules' YAML.

Nothing of the engine is imported here, so that an error of the rules, of *judge* or of *fire* cannot repeat itself.
Facts are those of a case: money in whole pence, dates as dates, None for what is not known. An answer is its word, or
("missing", fact) for the fact to find out first, or ("open", point).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

Facts = Mapping[str, Any]
Answer = str | tuple[str, str]

APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026 = date(2025, 4, 1), date(2025, 9, 1), date(2026, 9, 1)
LAST_OF_AUGUST_2026 = date(2026, 8, 31)
#: Three amounts of £6,000, in pence: what the school meets first, the cut between routes, the trigger of moderation.
FIRST_COST = CUT = TRIGGER = 600_000
#: Where an answer can change: the generator tries each at one below, at and one above.
LIMITS: dict[str, list[Any]] = {
    "decision_date": [APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026],
    "ehcp_issued_on": [APRIL_2025, SEPTEMBER_2025, SEPTEMBER_2026],
    "additional_cost": [FIRST_COST],
    "element3_rate": [1, CUT],
    "proposed_allocation": [TRIGGER],
}


def contradictions(facts: Facts) -> set[str]:
    """Return the ids of what makes a case one to refuse."""
    rate, cost, issued = facts["element3_rate"], facts["additional_cost"], facts["ehcp_issued_on"]
    found = set()
    if rate and facts["existing_claim"] is False:
        found.add("rate-without-claim")
    if rate and cost is not None and cost <= FIRST_COST:
        found.add("cost-below-rate")
    if issued and issued > facts["decision_date"]:
        found.add("issued-after-decision")
    if issued and facts["plan"] == "sen_support":
        found.add("issued-without-plan")
    return found


def decide(given: Facts, *, reformed: bool = True, read: bool = True) -> dict[str, Answer]:
    """Return the answer of every question of the contract's tables.

    `reformed` is false as of any decision before 24/00120; `read` is false when no adopted reading counts.
    """
    facts = dict(given)
    if facts["element3_rate"]:
        facts["existing_claim"] = True
    if facts["existing_claim"] is False:
        facts["element3_rate"] = 0
    before = not reformed or facts["decision_date"] < APRIL_2025
    within = scope_before(facts) if before else scope(facts)
    if within == "out_of_scope":
        later = dict.fromkeys(("protection", "exceptional_need_claim", "moderation"), "not_applicable")
        return {"scope": within, "route": "unchanged_process", **later}
    if within != "in_scope":
        return dict.fromkeys(("scope", "route", "protection", "exceptional_need_claim", "moderation"), within)
    by = route(facts, before)
    return {
        "scope": within,
        "route": by,
        "protection": protection(facts, by, before),
        "exceptional_need_claim": exceptional_need_claim(facts, by),
        "moderation": moderation(facts, by, read),
    }


def scope_before(facts: Facts) -> Answer:
    """Return scope before 1 April 2025, and as of any decision before 24/00120."""
    setting = facts["setting"]
    if setting is None:
        return ("missing", "setting")
    if setting in ("mainstream", "srp", "special"):
        return "in_scope"
    if setting in ("independent", "non_maintained_special", "early_years", "post16_provider"):
        return "out_of_scope"
    return ("open", "E5-settings-not-listed")


def scope(facts: Facts) -> Answer:
    """Return scope from 1 April 2025: setting first, then age, then year."""
    by_setting, age, year = scope_before(facts), facts["age"], facts["year_group"]
    if by_setting != "in_scope":
        return by_setting
    if age is None:
        return ("missing", "age")
    if age <= 3 or age >= 19:
        return "out_of_scope"
    if 5 <= age <= 15:
        return "in_scope"
    if year is None:
        return ("missing", "year_group")
    if age == 4:
        return "out_of_scope" if year < 0 else ("open", "E2-reception-at-four")
    if year >= 12:
        return ("open", "E4-state-sixth-forms")
    return ("open", "E3-sixteen-in-both-groups") if age == 16 else "out_of_scope"


def route(facts: Facts, before: bool) -> Answer:
    """Return the route of a pupil in scope."""
    day, setting = facts["decision_date"], facts["setting"]
    if setting in ("srp", "special"):
        return "tariff" if not before and day >= SEPTEMBER_2026 else f"{setting}_average_rate"
    cost = facts["additional_cost"]
    if not (facts["element3_rate"] or facts["existing_claim"]):
        if cost is None:
            return ("missing", "additional_cost")
        if cost <= FIRST_COST:
            return "school_budget"
    if before:
        return "mainstream_claim"
    if day < SEPTEMBER_2025:
        return route_in_summer_2025(facts)
    if facts["plan"] is None:
        return ("missing", "plan")
    if facts["plan"] == "sen_support":
        return "community_budget"
    return route_of_a_plan(facts) if day < SEPTEMBER_2026 else route_by_level(facts)


def route_in_summer_2025(facts: Facts) -> Answer:
    """Return the route of a mainstream pupil above the first cost, from 1 April to 31 August 2025."""
    plan, rate, claim, start = (facts[name] for name in ("plan", "element3_rate", "existing_claim", "community_start"))
    # The two columns of the table differ only where the rate is, or may be, above the cut.
    if plan is None and (rate is None or rate > CUT):
        return ("missing", "plan")
    if plan == "ehcp" and rate is not None and rate > CUT:
        return "direct_existing_rate"
    if claim is None:
        return ("missing", "existing_claim")
    if claim and plan == "ehcp" and rate is None:
        return ("missing", "element3_rate")
    if start is None:
        return ("missing", "community_start")
    if claim:
        return "mainstream_claim" if start == "2025-09-01" else ("open", "B6-early-adopter-existing-claim")
    return ("open", "B5-between-claims-and-budgets") if start == "2025-09-01" else "community_budget"


def route_of_a_plan(facts: Facts) -> Answer:
    """Return the route of an EHCP in mainstream, from 1 September 2025 to 31 August 2026."""
    issued, rate = facts["ehcp_issued_on"], facts["element3_rate"]
    if issued is None:
        return ("missing", "ehcp_issued_on")
    if issued >= SEPTEMBER_2025:
        return "community_budget"
    if issued >= APRIL_2025:
        return ("open", "B5-ehcp-issued-in-summer-2025")
    if rate is None:
        return ("missing", "element3_rate")
    if rate == CUT:
        return ("open", "A1-rate-of-exactly-6000")
    return "community_budget" if rate < CUT else "direct_existing_rate"


def route_by_level(facts: Facts) -> Answer:
    """Return the route of an EHCP in mainstream, from 1 September 2026."""
    level = facts["adaptation_level"]
    if level is None:
        return ("missing", "adaptation_level")
    return "community_budget" if level in ("sen_support", "wider_support_and_strategies") else "tariff"


def protection(facts: Facts, by: Answer, before: bool) -> Answer:
    """Return the protection of a pupil in scope."""
    if isinstance(by, tuple):
        return by
    if by == "direct_existing_rate":
        return "existing_rate_in_full"
    if not before and facts["setting"] != "mainstream" and facts["decision_date"] >= SEPTEMBER_2026:
        return ("open", "G4-protection-on-the-tariff")
    if by != "community_budget" or not SEPTEMBER_2025 <= facts["decision_date"] <= LAST_OF_AUGUST_2026:
        return "none"
    if facts["existing_claim"] is None:
        return ("missing", "existing_claim")
    if not facts["existing_claim"]:
        return "none"
    if facts["community_protection"] is None:
        return ("missing", "community_protection")
    return "share_of_existing_claim" if facts["community_protection"] == "kept" else "none"


def exceptional_need_claim(facts: Facts, by: Answer) -> Answer:
    """Return whether a pupil in scope can have a claim for exceptional need."""
    if facts["setting"] == "mainstream":
        return "not_available"
    return ("open", "P-exceptional-need-on-the-tariff") if by == "tariff" else "available"


def moderation(facts: Facts, by: Answer, read: bool) -> Answer:
    """Return whether the allocation of a pupil in scope is open to further moderation."""
    if isinstance(by, tuple):
        return by
    if by != "community_budget":
        return "not_applicable"
    proposed = facts["proposed_allocation"]
    if proposed is None:
        return ("missing", "proposed_allocation")
    if proposed > TRIGGER:
        return ("open", "G2-moderation-above-the-trigger")
    return "not_open" if read else ("open", "G2-moderation-at-or-below-the-trigger")


def cautions(facts: Facts, answers: Mapping[str, Answer], *, reformed: bool = True) -> set[str]:
    """Return the cautions that go with the answers of `decide`."""
    day, plan, issued = facts["decision_date"], facts["plan"], facts["ehcp_issued_on"]
    planned = reformed and day >= SEPTEMBER_2026
    found = set()
    if answers["scope"] == "in_scope":
        found.add("council-assumed-responsible")
    if plan == "ehcp":
        found.add("section-f")
    if answers["route"] == "school_budget":
        found.add("sen-notional-top-up")
    if planned:
        found.add("plan-for-september-2026")
    if answers["route"] == "tariff" and facts["setting"] != "mainstream" and plan == "sen_support":
        found.add("no-plan-on-tariff")
    if answers["route"] == "community_budget" and plan == "ehcp" and issued and issued >= APRIL_2025 and not planned:
        found.add("new-plan-whatever-its-size")
    return found
