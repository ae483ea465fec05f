"""Generated cases: made from rules/facts.yaml by a seed, each held against the contract's tables in `oracle`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import oracle
from golden_files import FROZEN, decider
from senpolicy.deciding.cases import Case, Refused, checked
from senpolicy.deciding.decide import Answer, Decider, Decision, NotIssued
from senpolicy.files.problems import Place
from senpolicy.language.conditions import FactType, Value, tests
from senpolicy.policy.timeline import Period, Policy

#: What the contract says of a policy: whether it is as of 24/00120 or later, and which readings are adopted.
Kind = tuple[bool, frozenset[str]]
#: The policies under which cases are decided, by what the contract says of them.
POLICIES: dict[Kind, tuple[str | None, str]] = {
    (True, oracle.ALL): (None, "all"),
    (True, oracle.NONE): ("24/00120", "none"),
    (False, oracle.ALL): ("24/00117", "all"),
}
#: Which facts to choose from, to leave one out so that a case does not contradict itself; several are left out together.
CULPRITS: dict[str, tuple[tuple[str, ...], ...]] = {
    "rate-without-claim": (("element3_rate",), ("existing_claim",)),
    "claim-without-rate": (("element3_rate",), ("existing_claim",)),
    "cost-below-rate": (("additional_cost",), ("element3_rate", "existing_claim")),
    "claim-without-needs": (("plan",), ("element3_rate", "existing_claim")),
    "issued-after-decision": (("ehcp_issued_on",),),
    "issued-without-plan": (("ehcp_issued_on",), ("plan",)),
}
#: Warnings of facts of which the contract says nothing.
ASIDE = {"level-beside-ratings"}
#: The figures of the contract's answers: of protection, and of amount.
FIGURES = {
    "protection": ("low", "high", "approximate", "until"),
    "amount": ("pounds_a_year", "protected_low", "protected_high"),
}
#: What makes the questions after scope matter, drawn more often than its share of the values.
IN_SCOPE: dict[str, list[Value]] = {"setting": [*["mainstream"] * 6, "srp", "special"], "age": [5, 9, 15]}

Facts = dict[str, Value]


def values(policy: Policy) -> dict[str, list[Value]]:
    """Return for each fact of rules/facts.yaml the values to try: every one, or around each limit one below, at, above.

    The limits are those of the contract and those of the rules, so that a wrong one in the rules is tried too.
    """
    asked: dict[str, set[Any]] = {name: set(found) for name, found in oracle.LIMITS.items()}
    for period in policy.periods:
        for name, found in limits(period).items():
            asked.setdefault(name, set()).update(found)
    return {name: of_kind(kind, asked.get(name, set())) for name, kind in policy.types.items() if not kind.is_answer}


def limits(period: Period) -> dict[str, set[Any]]:
    """Return for each fact of a period the limits that its outcomes compare it with."""
    found: dict[str, set[Any]] = {}
    for question in period.questions.values():
        for outcome in question.outcomes:
            for test in tests(outcome.condition):
                if test.operator != "known":
                    limit = test.limit if isinstance(test.limit, tuple) else (test.limit,)
                    found.setdefault(test.fact, set()).update(limit)
    return found


def of_kind(kind: FactType, limits: Iterable[Any]) -> list[Value]:
    """Return the values to try for one fact, without the one that is not known."""
    if kind.type == "boolean":
        return [False, True]
    if kind.type == "choice":
        return list(kind.values)
    if kind.type == "integer":
        return list(range(kind.lowest or 0, (kind.highest or 0) + 1))
    if kind.type == "date":
        return sorted({limit + timedelta(days=by) for limit in limits for by in (-1, 0, 1)})
    return sorted({amount for limit in limits for amount in (limit - 1, limit, limit + 1) if amount >= 0} | {2_000_000})


def strategy() -> SearchStrategy[Facts]:
    """Return the same values for hypothesis, which shrinks towards facts not known and the first value of each."""
    tried = values(decider(FROZEN, *POLICIES[True, oracle.ALL]).policy)
    optional = {name: st.none() | st.sampled_from(found) for name, found in tried.items()}
    return st.fixed_dictionaries(optional | {"decision_date": st.sampled_from(tried["decision_date"])})


def drawn(source: random.Random, tried: Mapping[str, list[Value]]) -> Facts:
    """Return the facts of one case, None where not known; most contradict nothing, and most are in scope."""
    unknown = source.choice((0.0, 0.1, 0.4))
    facts: Facts = {name: None if source.random() < unknown else source.choice(found) for name, found in tried.items()}
    if source.random() < 0.8:
        facts |= {name: source.choice(found) for name, found in IN_SCOPE.items()}
    facts["decision_date"] = source.choice(tried["decision_date"])
    if source.random() < 0.9:
        for contradiction in sorted(oracle.contradictions(facts)):
            facts |= dict.fromkeys(source.choice(CULPRITS[contradiction]))
    return facts


def given(facts: Mapping[str, Value], policy: Policy) -> Case | Refused:
    """Return the case that a file with these facts would give."""
    day = facts["decision_date"]
    assert isinstance(day, date)
    known: Facts = {name: value for name, value in facts.items() if value is not None}
    return checked("G-1", day, known, policy, Place(""))


def difference(facts: Facts, by: Decider, *, reformed: bool, read: frozenset[str]) -> str | None:
    """Return in words how the engine differs from the oracle on one case, None where it does not."""
    case = given(facts, by.policy)
    decision = by.decide(case) if isinstance(case, Case) else None
    return against_contract(facts, case, decision, reformed=reformed, read=read)


def against_contract(
    facts: Facts,
    case: Case | Refused,
    decision: Decision | NotIssued | None,
    *,
    reformed: bool,
    read: frozenset[str],
) -> str | None:
    """Return in words how what the engine said of these facts differs from the oracle, None where it does not."""
    refused = named(problem.code for problem in case.problems) if isinstance(case, Refused) else set()
    contradicted = oracle.contradictions(facts)
    if refused != contradicted:
        return f"refused for {sorted(refused)}, not {sorted(contradicted)}: {facts}"
    if decision is None or isinstance(case, Refused):
        return None
    if isinstance(decision, NotIssued):
        return f"{decision.message} {decision.accounts}: {facts}"
    expected = oracle.decide(facts, reformed=reformed, read=read)
    found = [other_answer(decision.answers[question], wanted) for question, wanted in expected.items()]
    found.append(other_figures(facts, decision, expected))
    found.append(other_cautions(facts, decision, expected, reformed))
    warned, wanted = (
        named(one.code for one in decision.case.warnings) - ASIDE,
        oracle.warnings(facts, expected, reformed=reformed),
    )
    found.append(None if warned == wanted else f"warned of {sorted(warned)}, not {sorted(wanted)}")
    differences = [one for one in found if one]
    return f"{'; '.join(differences)}: {facts}" if differences else None


def named(ids: Iterable[str]) -> set[str]:
    """Return ids of the engine by the oracle's names for them."""
    return {oracle.NAMES.get(one, one) for one in ids}


def other_answer(answer: Answer, wanted: oracle.Settled | oracle.Unsettled) -> str | None:
    """Return in words how an answer of the engine differs from the oracle's, None where it does not."""
    if isinstance(wanted, oracle.Settled):
        return None if answer.answer == wanted.word else f"{said(answer)}, not {wanted.word}"
    if answer.answer != "undetermined":
        return f"{said(answer)}, not undetermined"
    wrong = oracle.unlike(wanted, answer.missing_facts, named(answer.open_points))
    return f"{said(answer)}, {wrong}" if wrong else None


def said(answer: Answer) -> str:
    """Return an answer of the engine in one line."""
    why = [*answer.missing_facts, *answer.open_points]
    return f"{answer.question} {answer.answer} {why or ''}".rstrip()


def other_figures(facts: Facts, decision: Decision, expected: Mapping[str, Any]) -> str | None:
    """Return in words how figures differ by a penny or more, or are there on one side alone; None where none does."""
    for question, wanted in oracle.figures(facts, expected).items():
        gives = decision.answers[question].gives
        figures = {name: (gives.get(name), wanted.get(name)) for name in FIGURES[question]}
        if wanted.get("pounds_a_year") is not None:
            part = gives.get("part_year") or {}
            days, pence = wanted.get("part", (0, None))
            figures |= {"until": (gives.get("until"), wanted.get("until")), "part": (part.get("amount"), pence)}
            # A part of more than a year is the year: its days may be told either way.
            figures["days"] = (min(part.get("days", 0), 365), min(days, 365))
        for name, (found, right) in figures.items():
            if not close(found, right):
                return f"{question} {name} {found}, not {right}"
    return None


def close(found: Any, wanted: Any) -> bool:
    """Return whether two figures are one but for rounding to the penny."""
    if found is None or wanted is None or isinstance(wanted, date):
        return found == wanted
    return abs(Fraction(found) - wanted) < (1 if isinstance(found, int) else Fraction(1, 10**6))


def not_spoken_of(day: date) -> set[str]:
    """Return the caution of a day before or after the financial years of which the papers speak; no table has it."""
    if day < date(2022, 4, 1):
        return {"day-before-the-papers"}
    return {"day-after-the-papers"} if day > date(2028, 3, 31) else set()


def other_cautions(facts: Facts, decision: Decision, expected: Mapping[str, Any], reformed: bool) -> str | None:
    """Return in words which cautions are lacking or too many, None where none is."""
    carried = named(one.id for question in expected for one in decision.answers[question].cautions)
    must, may = oracle.cautions(facts, expected, reformed=reformed)
    must |= not_spoken_of(facts["decision_date"])
    lacking, beyond = sorted(must - carried), sorted(carried - must - may)
    return f"lacks the cautions {lacking}, has {beyond} beyond" if lacking or beyond else None
