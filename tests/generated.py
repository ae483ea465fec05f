"""Generated cases: made from rules/facts.yaml by a seed, each held against the contract's tables in `oracle`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import oracle
from golden_files import ROOT, decider
from senpolicy.cases import Case, Refused, checked
from senpolicy.conditions import FactType, Value, tests
from senpolicy.decide import Answer, Decider, Decision, NotIssued
from senpolicy.problems import Place
from senpolicy.timeline import Period, Policy

#: The policies under which cases are decided, by what the contract says of them: reformed, readings adopted.
POLICIES: dict[tuple[bool, bool], tuple[str | None, str]] = {
    (True, True): (None, "all"),
    (True, False): ("24/00120", "none"),
    (False, True): ("24/00117", "all"),
}
#: Which facts to choose from, to leave one out so that a case does not contradict itself.
CULPRITS = {
    "rate-without-claim": ("element3_rate", "existing_claim"),
    "cost-below-rate": ("additional_cost", "element3_rate"),
    "issued-after-decision": ("ehcp_issued_on",),
    "issued-without-plan": ("ehcp_issued_on",),
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
    tried = values(decider(ROOT, *POLICIES[True, True]).policy)
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
            facts[source.choice(CULPRITS[contradiction])] = None
    return facts


def given(facts: Mapping[str, Value], policy: Policy) -> Case | Refused:
    """Return the case that a file with these facts would give."""
    day = facts["decision_date"]
    assert isinstance(day, date)
    known: Facts = {name: value for name, value in facts.items() if value is not None}
    return checked("G-1", day, known, policy, Place(""))


def said(answer: Answer) -> oracle.Answer | tuple[str, ...]:
    """Return an answer of the engine in the form of the oracle's."""
    if answer.answer != "undetermined":
        return answer.answer
    return ("missing", *answer.missing_facts) if not answer.open_points else ("open", *answer.open_points)


def difference(facts: Facts, by: Decider, *, reformed: bool, read: bool) -> str | None:
    """Return in words how the engine differs from the oracle on one case, None where it does not."""
    case = given(facts, by.policy)
    decision = by.decide(case) if isinstance(case, Case) else None
    return against_contract(facts, case, decision, reformed=reformed, read=read)


def against_contract(
    facts: Facts, case: Case | Refused, decision: Decision | NotIssued | None, *, reformed: bool, read: bool
) -> str | None:
    """Return in words how what the engine said of these facts differs from the oracle, None where it does not."""
    refused = sorted(problem.code for problem in case.problems) if isinstance(case, Refused) else []
    contradicted = sorted(oracle.contradictions(facts))
    if refused != contradicted:
        return f"refused for {refused}, not {contradicted}: {facts}"
    if decision is None:
        return None
    if isinstance(decision, NotIssued):
        return f"{decision.message} {decision.accounts}: {facts}"
    expected = oracle.decide(facts, reformed=reformed, read=read)
    found = {question: said(decision.answers[question]) for question in expected}
    carried = sorted(one.id for question in expected for one in decision.answers[question].cautions)
    cautions = sorted(oracle.cautions(facts, expected, reformed=reformed))
    if found == expected and carried == cautions:
        return None
    return f"{found} with {carried}, not {expected} with {cautions}: {facts}"
