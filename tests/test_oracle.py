"""The oracle by itself: the contract's own sentences by hand, and its rule for partial cases against every whole case."""

from __future__ import annotations

import random
from datetime import date
from itertools import product
from typing import Any

import pytest

import oracle
from oracle import ALL, NONE, Settled, Unsettled

UNKNOWN: dict[str, Any] = dict.fromkeys([*oracle.CELLS, "existing_claim", "decision_date"])
SEED = 24_00120


def facts(day: str, **known: Any) -> dict[str, Any]:
    """Return the facts of a case; a child of nine in Year 4 of a mainstream school unless said otherwise."""
    usual = {"age": 9, "year_group": 4, "setting": "mainstream"}
    return UNKNOWN | usual | known | {"decision_date": date.fromisoformat(day)}


def said(question: str, known: dict[str, Any], *, read: frozenset[str] = ALL, reformed: bool = True) -> str:
    """Return an answer in one line: its word and last day, what is asked for first, or the points to be named."""
    found = oracle.decide(known, read=read, reformed=reformed)[question]
    if isinstance(found, Settled):
        return f"{found.word} until {found.until}" if found.until else found.word
    if found.first:
        return "asks for " + " or ".join(sorted(found.first))
    return "open: " + " or ".join(
        sorted(" and ".join(sorted("/".join(sorted(one)) for one in needed)) for needed in found.needed)
    )


EHCP = {"plan": "ehcp"}
NO_CLAIM = {"existing_claim": False, "additional_cost": 900_000}
SUMMER, BEFORE = {"ehcp_issued_on": date(2025, 4, 1)}, {"ehcp_issued_on": date(2025, 3, 31)}
ABOVE, WIDER = {"adaptation_level": "specific_allocation"}, {"adaptation_level": "wider_support_and_strategies"}


@pytest.mark.parametrize(
    ("question", "known", "wanted"),
    [
        # The table of ages is for SRP and special from 1 September 2026 only.
        ("scope", facts("2026-08-31", setting="srp", age=4, year_group=-1), "in_scope"),
        ("scope", facts("2026-09-01", setting="srp", age=4, year_group=-1), "out_of_scope"),
        ("scope", facts("2026-08-31", setting="special", age=17, year_group=None), "in_scope"),
        ("scope", facts("2026-09-01", setting="special", age=17, year_group=None), "asks for year_group"),
        ("scope", facts("2025-04-01", age=17, year_group=None), "asks for year_group"),
        ("scope", facts("2025-03-31", age=17, year_group=None), "in_scope"),
        ("scope", facts("2025-04-01", age=16, year_group=11), "open: E3-sixteen-in-both-groups"),
        # A pupil with neither a plan nor SEN Support: the school's own budget, whatever the cost.
        ("route", facts("2025-10-01", plan="none", additional_cost=2_000_000), "school_budget"),
        ("route", facts("2026-10-01", plan="none"), "school_budget"),
        ("route", facts("2026-10-01", plan="none", setting="srp"), "tariff"),
        ("route", facts("2025-10-01", additional_cost=900_000), "asks for plan"),
        ("route", facts("2025-10-01", additional_cost=600_000), "school_budget"),
        # From September 2026 the level alone decides above the Community's levels (E14).
        ("route", facts("2026-09-01", **EHCP, **ABOVE, additional_cost=600_000), "tariff"),
        ("route", facts("2026-09-01", **EHCP, **WIDER, additional_cost=600_000), "school_budget"),
        ("route", facts("2026-09-01", **EHCP, **WIDER, additional_cost=600_001), "community_budget"),
        ("route", facts("2026-09-01", **EHCP, **ABOVE), "tariff"),
        ("route", facts("2026-09-01", **EHCP), "asks for adaptation_level"),
        ("route", facts("2026-09-01", **EHCP, additional_cost=600_000), "asks for adaptation_level"),
        # How far a direct rate carries, by the day of issue.
        ("protection", facts("2025-06-01", **BEFORE, element3_rate=600_001), "existing_rate_in_full until 2026-08-31"),
        ("protection", facts("2025-06-01", **SUMMER, element3_rate=600_001), "existing_rate_in_full until 2025-08-31"),
        ("protection", facts("2025-06-01", **EHCP, element3_rate=600_001), "existing_rate_in_full until 2025-08-31"),
        # A claim of summer 2025 is protected in full; before, it is not.
        (
            "protection",
            facts("2025-04-01", plan="sen_support", element3_rate=1, community_start="2025-09-01"),
            "existing_rate_in_full until 2025-08-31",
        ),
        ("protection", facts("2025-03-31", plan="sen_support", element3_rate=1), "none"),
        # Below £6,000 the day of issue does not matter; above it does.
        ("route", facts("2025-10-01", **EHCP, element3_rate=599_999), "community_budget"),
        ("route", facts("2025-10-01", **EHCP, element3_rate=600_000), "asks for ehcp_issued_on"),
        ("route", facts("2025-10-01", **BEFORE, element3_rate=600_000), "open: A1-rate-of-exactly-6000"),
        ("route", facts("2025-10-01", **BEFORE, element3_rate=600_001), "direct_existing_rate"),
        ("route", facts("2025-10-01", **SUMMER, element3_rate=599_999), "community_budget"),
        ("route", facts("2025-10-01", **SUMMER, element3_rate=600_001), f"open: {oracle.B5}"),
        (
            "route",
            facts("2025-10-01", **SUMMER, element3_rate=600_000),
            "open: A1-rate-of-exactly-6000 and B5-ehcp-issued-in-summer-2025",
        ),
        ("route", facts("2025-10-01", **EHCP, **NO_CLAIM), "community_budget"),
        ("route", facts("2025-10-01", ehcp_issued_on=date(2025, 9, 1), element3_rate=900_000), "community_budget"),
        # Claims have ceased and budgets not begun: neither route that is allowed protects.
        (
            "route",
            facts("2025-05-01", **EHCP, **NO_CLAIM, community_start="2025-09-01"),
            "open: B5-between-claims-and-budgets",
        ),
        ("protection", facts("2025-05-01", **EHCP, **NO_CLAIM, community_start="2025-09-01"), "none"),
        # Protection of a share, opted out, and the guarantee of special schools.
        ("protection", facts("2025-10-01", plan="sen_support", additional_cost=700_000,
                             community_protection="opted_out"), "none"),
        ("protection", facts("2025-10-01", plan="sen_support", existing_claim=True, community_protection="kept"),
         "share_of_existing_claim until 2026-08-31"),
        ("protection", facts("2025-10-01", plan="sen_support", additional_cost=700_000),
         "asks for community_protection or existing_claim"),
        ("protection", facts("2026-08-31", setting="special"), "minimum_funding_guarantee"),
        ("protection", facts("2026-08-31", setting="srp"), "none"),
        ("protection", facts("2026-09-01", **EHCP, **ABOVE), "open: G4-protection-on-the-tariff"),
        # Moderation: the question was asked of the transition.
        ("moderation", facts("2026-08-31", plan="sen_support", additional_cost=700_000,
                             proposed_allocation=600_000), "not_open"),
        ("moderation", facts("2026-08-31", plan="sen_support", additional_cost=700_000,
                             proposed_allocation=600_001), "open: G2-moderation-above-the-trigger"),
        ("moderation", facts("2026-09-01", plan="sen_support", additional_cost=700_000,
                             proposed_allocation=600_000), "open: G2-moderation-from-september-2026"),
        # Amounts.
        ("amount", facts("2025-01-01", plan="sen_support", additional_cost=700_000), "asks for existing_claim"),
        ("amount", facts("2025-01-01", plan="sen_support", existing_claim=True), "asks for element3_rate"),
        ("amount", facts("2025-01-01", existing_claim=True), "asks for element3_rate"),
        ("amount", facts("2025-01-01", plan="sen_support", **NO_CLAIM), "open: P-amount-of-a-claim"),
        ("amount", facts("2026-09-01", setting="special"), "open: P-special-average-rate and P-tariff-rates"),
        ("amount", facts("2026-09-01", setting="srp"), "open: P-tariff-rates"),
        # Scope that is open by age comes together again where both ways lead to one answer; an unlisted setting's does not.
        ("moderation", facts("2025-10-01", age=16, year_group=11, plan="none"), "not_applicable"),
        ("moderation", facts("2025-10-01", setting="hospital_school", plan="none"), "open: E5-settings-not-listed"),
    ],
)  # fmt: skip
def test_the_contract_by_hand(question: str, known: dict[str, Any], wanted: str) -> None:
    """Each sentence that the second edition added, on each side of what it says."""
    assert oracle.contradictions(known) == set()
    assert said(question, known) == wanted


@pytest.mark.parametrize(
    ("known", "read", "wanted"),
    [
        (facts("2025-10-01", **BEFORE, **NO_CLAIM), ALL - {"E13"}, "open: E13-no-allocation"),
        (facts("2025-10-01", **SUMMER, **NO_CLAIM), ALL - {"E13"}, "community_budget"),
        (facts("2025-10-01", **EHCP, **NO_CLAIM), ALL - {"E13"}, "asks for ehcp_issued_on"),
        (facts("2026-09-01", **EHCP, **ABOVE, additional_cost=600_000), ALL - {"E14"}, "open: E14-level-alone"),
        (facts("2026-09-01", **EHCP, **ABOVE, additional_cost=600_001), ALL - {"E14"}, "tariff"),
        (facts("2026-09-01", **EHCP, **ABOVE), ALL - {"E14"}, "asks for additional_cost"),
        (facts("2026-09-01", **EHCP, **WIDER, element3_rate=600_001), ALL - {"F7"}, f"open: {oracle.F7}"),
        (facts("2026-09-01", **EHCP, **WIDER, element3_rate=599_999), ALL - {"F7"}, "community_budget"),
        (facts("2026-09-01", **EHCP, **ABOVE, element3_rate=599_999), ALL - {"F7"}, f"open: {oracle.F7}"),
        (
            facts("2026-09-01", **EHCP, **WIDER, element3_rate=600_000),
            ALL - {"F7"},
            f"open: {oracle.A1} and {oracle.F7}",
        ),
        (facts("2026-09-01", setting="special"), ALL - {"F7"}, f"open: {oracle.F7}"),
        (facts("2026-09-01", plan="sen_support", additional_cost=700_000), NONE, "community_budget"),
        (facts("2026-08-31", setting="special"), NONE, "special_average_rate"),
    ],
)
def test_a_route_without_a_reading(known: dict[str, Any], read: frozenset[str], wanted: str) -> None:
    """What each reading settles is open without it."""
    assert said("route", known, read=read) == wanted


def test_an_earlier_decision_knows_of_no_change() -> None:
    """As of a decision before 24/00120 claims and average rates go on, at any age and by no level."""
    later = facts("2027-01-01", age=18, year_group=13, **EHCP, **ABOVE, element3_rate=900_000)
    answers = oracle.decide(later, reformed=False)
    assert {name: one for name, one in answers.items() if name in ("scope", "route", "protection", "amount")} == {
        "scope": Settled("in_scope"),
        "route": Settled("mainstream_claim"),
        "protection": Settled("none"),
        "amount": Settled("known"),
    }
    assert oracle.figures(later, answers)["amount"] == {"pounds_a_year": 900_000}
    assert oracle.cautions(later, answers, reformed=False)[0] == {"section-f", "council-assumed-responsible"}


@pytest.mark.parametrize(
    ("day", "known", "part"),
    [
        ("2025-04-01", BEFORE, (518, 730_000)),
        ("2025-09-01", BEFORE, (365, 730_000)),
        ("2025-09-02", BEFORE, (364, 728_000)),
        ("2026-08-31", BEFORE, (1, 2_000)),
        ("2025-06-01", SUMMER, (92, 184_000)),
    ],
)
def test_a_part_of_a_year_counts_both_days_and_is_never_more(
    day: str, known: dict[str, Any], part: tuple[int, int]
) -> None:
    """£7,300 a year is £20 a day."""
    paid = facts(day, **known, element3_rate=730_000)
    assert oracle.figures(paid, oracle.decide(paid))["amount"]["part"] == part


def test_a_share_of_a_rate_that_is_known_is_the_protected_part() -> None:
    """The amount that a Community pays is open; half to three quarters of the claim is protected."""
    kept = facts("2025-10-01", plan="sen_support", element3_rate=500_000, community_protection="kept")
    answers = oracle.decide(kept)
    assert isinstance(answers["amount"], Unsettled)
    assert oracle.figures(kept, answers)["amount"] == {"protected_low": 250_000, "protected_high": 375_000}
    out = kept | {"community_protection": "opted_out"}
    assert oracle.figures(out, oracle.decide(out))["amount"] == {}


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"element3_rate": 1, "existing_claim": False}, {"rate-without-claim"}),
        ({"element3_rate": 0, "existing_claim": True}, {"claim-without-rate"}),
        ({"element3_rate": 0, "existing_claim": False}, set()),
        ({"existing_claim": True, "additional_cost": 600_000}, {"cost-below-rate"}),
        ({"existing_claim": True, "additional_cost": 600_001}, set()),
        ({"element3_rate": 0, "additional_cost": 600_000}, set()),
        ({"element3_rate": 1, "plan": "none"}, {"claim-without-needs"}),
        ({"element3_rate": 0, "plan": "none"}, set()),
        ({**BEFORE, "plan": "none"}, {"issued-without-plan"}),
        ({"ehcp_issued_on": date(2025, 10, 2), "plan": "ehcp"}, {"issued-after-decision"}),
        ({"ehcp_issued_on": date(2025, 10, 1), "plan": "ehcp"}, set()),
    ],
)
def test_what_a_case_may_not_be(known: dict[str, Any], wanted: set[str]) -> None:
    """Facts that exclude one another, on each side."""
    assert oracle.contradictions(facts("2025-10-01", **known)) == wanted


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"additional_cost": 1_000_000, "element3_rate": 400_001}, {"rate-above-cost"}),
        ({"additional_cost": 1_000_000, "element3_rate": 400_000}, set()),
        ({**ABOVE, "additional_cost": 600_000}, {"cost-below-level"}),
        ({**WIDER, "additional_cost": 600_000}, set()),
        ({"plan": "none", "proposed_allocation": 1}, {"proposal-not-counted"}),
        ({"plan": "sen_support", "additional_cost": 600_001, "proposed_allocation": 1}, set()),
        ({"plan": "sen_support", "proposed_allocation": 1}, set()),
        ({"community_start": "2025-04-01", "community_protection": "kept"}, {"early-start-with-protection"}),
        ({"age": 5}, {"age-and-year-apart"}),
        ({"age": 6}, set()),
        ({"age": 11}, set()),
        ({"age": 12}, {"age-and-year-apart"}),
    ],
)
def test_what_a_case_is_warned_of(known: dict[str, Any], wanted: set[str]) -> None:
    """Facts that sit oddly beside one another, on each side."""
    case = facts("2025-10-01", **known)
    assert oracle.warnings(case, oracle.decide(case)) == wanted


@pytest.mark.parametrize(
    ("day", "known", "wanted"),
    [
        ("2025-10-01", {**SUMMER, "element3_rate": 1}, {"section-f", "new-plan-whatever-its-size"}),
        ("2025-10-01", {**BEFORE, "element3_rate": 1}, {"section-f"}),
        ("2025-10-01", {"plan": "none"}, {"sen-notional-top-up"}),
        ("2026-09-01", {"setting": "srp", "plan": "none"}, {"plan-for-september-2026", "no-plan-on-tariff"}),
        ("2026-08-31", {"setting": "srp", "plan": "none"}, set()),
    ],
)
def test_cautions(day: str, known: dict[str, Any], wanted: set[str]) -> None:
    """What goes with an answer; a day of issue means a plan."""
    case = facts(day, **known)
    assert oracle.cautions(case, oracle.decide(case))[0] == wanted | {"council-assumed-responsible"}


def test_what_an_undetermined_answer_may_name_is_bounded_on_both_sides() -> None:
    """A comparison that could not fail would show nothing."""
    lacking = oracle.decide(facts("2025-10-01", **EHCP, element3_rate=700_000))["route"]
    both = oracle.decide(facts("2025-10-01", **SUMMER, element3_rate=600_000))["route"]
    either = oracle.decide(facts("2025-10-01", age=16, year_group=None))["scope"]
    assert all(isinstance(one, Unsettled) for one in (lacking, both, either))
    assert oracle.unlike(lacking, ["ehcp_issued_on"], set()) is None
    assert oracle.unlike(lacking, ["ehcp_issued_on"], {oracle.B5}) is None
    assert oracle.unlike(lacking, [], {oracle.B5})
    assert oracle.unlike(lacking, ["ehcp_issued_on", "plan"], set())
    assert oracle.unlike(lacking, ["ehcp_issued_on"], {oracle.F7})
    assert oracle.unlike(both, [], {oracle.B5, oracle.A1}) is None
    assert oracle.unlike(both, [], {oracle.B5})
    assert oracle.unlike(both, ["ehcp_issued_on"], {oracle.B5, oracle.A1})
    sixteen = {"E3-sixteen-in-both-groups", "E4-state-sixth-forms"}
    assert oracle.unlike(either, [], sixteen) is None
    assert oracle.unlike(either, ["year_group"], sixteen) is None
    assert oracle.unlike(either, ["year_group"], {"E4-state-sixth-forms"})


# The rule for partial cases, by every whole case of real values.

DAYS = [date(2025, 3, 31), date(2025, 8, 31), date(2025, 9, 1), date(2026, 9, 1)]
TRIED: dict[str, list[Any]] = {
    "age": [3, 4, 9, 16, 18, 19],
    "year_group": [-1, 11, 12],
    "setting": ["mainstream", "srp", "special", "independent", "hospital_school"],
    "plan": ["sen_support", "ehcp", "none"],
    "ehcp_issued_on": [None, date(2025, 3, 31), date(2025, 8, 31), date(2025, 9, 1)],
    "additional_cost": [600_000, 600_001],
    "element3_rate": [0, 1, 599_999, 600_000, 600_001, 900_000],
    "existing_claim": [False, True],
    "community_start": ["2025-04-01", "2025-09-01"],
    "community_protection": ["kept", "opted_out"],
    "adaptation_level": ["sen_support", "specific_allocation"],
    "proposed_allocation": [600_000, 600_001],
}
#: How many facts are not known at most, so that every whole case can be tried.
MOST = 5


def drawn(source: random.Random) -> dict[str, Any]:
    """Return a case of which some facts are not known and that contradicts nothing."""
    while True:
        known = UNKNOWN | {name: source.choice(values) for name, values in TRIED.items()}
        known |= {"decision_date": source.choice(DAYS)}
        if source.random() < 0.8:
            known |= {"setting": "mainstream", "age": 9}
        known |= dict.fromkeys(source.sample([*TRIED], source.randrange(MOST)))
        if not oracle.contradictions(known):
            return known


def completed(known: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every whole case of the values tried that fits what is known and is no problem."""
    lacking = [name for name in TRIED if known[name] is None]
    found = []
    for values in product(*(TRIED[name] for name in lacking)):
        case = known | dict(zip(lacking, values, strict=True))
        whole = (case["plan"] == "ehcp") == (case["ehcp_issued_on"] is not None)
        if whole and not oracle.contradictions(case):
            found.append(case)
    return found


def possible(question: str, case: dict[str, Any], read: frozenset[str], reformed: bool) -> set[str]:
    """Return the answers that a whole case may have, an amount with its figure."""
    found = oracle.outcome(question, oracle.coded(case, reformed), read)
    return {f"known: {case['element3_rate']}" if word.startswith("known") else word for word in found.words}


@pytest.mark.parametrize(("read", "reformed"), [(ALL, True), (NONE, True), (ALL, False)])
@pytest.mark.slow
def test_an_answer_is_given_where_every_whole_case_has_it_and_only_there(read: frozenset[str], reformed: bool) -> None:
    """The rule, by the plainest way there is; and what is named as missing is enough to say what is open."""
    source = random.Random(SEED)
    for _ in range(250):
        known = drawn(source)
        whole = completed(known)
        assert whole, known
        answers = oracle.decide(known, read=read, reformed=reformed)
        for question, found in answers.items():
            each = [possible(question, case, read, reformed) for case in whole]
            words = set.union(*each)
            assert isinstance(found, Settled) == (len(words) == 1), (question, known, words)
            if isinstance(found, Settled):
                assert found.word == words.pop().split(":")[0]
                continue
            assert bool(found.first) == any(len(one) == 1 for one in each), (question, known)
            case = source.choice(whole)
            told = known | {name: case[name] for name in found.missing}
            then = oracle.decide(told, read=read, reformed=reformed)[question]
            assert isinstance(then, Settled) or not then.first, (question, known, told)


def test_more_facts_never_change_an_answer_and_only_tighten_how_far_it_carries() -> None:
    """With each fact that is learnt an answer keeps its word, and carries as far or further."""
    source = random.Random(SEED)
    for _ in range(300):
        more = drawn(source)
        then = oracle.decide(more)
        for name in (name for name in TRIED if more[name] is not None):
            for question, found in oracle.decide(more | {name: None}).items():
                if isinstance(found, Settled):
                    later = then[question]
                    assert isinstance(later, Settled), (question, name, more)
                    assert later.word == found.word, (question, name, more)
                    assert found.until is None or (later.until and later.until >= found.until), (question, name, more)
