"""Precedents: the changed decisions of the board, as data for `senpolicy compare`, and as golden cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from senpolicy.checking.golden import found_in
from senpolicy.comparing.issued import ASIDE
from senpolicy.comparing.precedents import Precedent
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import Decision
from senpolicy.policy.timeline import Policy
from senpolicy.writing.lines import flow
from senpolicy_board.casepage import CitedPlace, cautions_of
from senpolicy_board.images import Image
from senpolicy_board.policies import Policies
from senpolicy_board.scoring import ASKED, may_see_answer
from senpolicy_board.tables import Account, BoardOutcome

#: Cells that YAML reads as true and false, and not as words.
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Stored:
    """A precedent with where it comes from on the board: the keys of outcome and case, and when it was approved.

    `cautions` are what goes with its answers, in words, by question.
    """

    precedent: Precedent
    case: str
    ref: str
    approved_at: datetime | None
    cautions: Mapping[str, list[tuple[str, CitedPlace]]]


def precedents(policies: Policies, account: Account | None = None, most: int | None = None) -> list[Stored]:
    """Return the precedents whose facts are still there, the newest first; without cases that `account` may not see.

    `most` are the newest of them that are wanted, None for all.

    One that the policy no longer decides as changed is left out: it says nothing of this policy.
    """
    changed = (
        BoardOutcome.objects.filter(state="stands", kind="changed", content__isnull=False)
        .order_by("-approved_at", "-id")
        .select_related("case", "proposed_by", "approved_by")
        .prefetch_related(*ASKED)
    )
    found = []
    for outcome in changed:
        case = outcome.case
        if account is not None and not may_see_answer(case, account):
            continue
        made = _made(outcome, policies)
        if made is not None:
            precedent, decision = made
            beside = {name: cautions_of(answer, decision.policy) for name, answer in decision.answers.items()}
            found.append(Stored(precedent, case.key, case.ref or "", outcome.approved_at, beside))
        if most is not None and len(found) == most:
            break
    return found


def _made(outcome: BoardOutcome, policies: Policies) -> tuple[Precedent, Decision] | None:
    case, content = outcome.case, outcome.content or {}
    if case.facts is None or case.decision_date is None or not content.get("to"):
        return None
    facts = {name: str(value) for name, value in case.facts.items() if name != "decision_date"}
    policy, by = policies.policy, outcome.approved_by.role if outcome.approved_by else ""
    bare = Precedent(
        outcome.key, case.decision_date, facts, policies.level_fact, content.get("from"), content["to"],
        str(content.get("reason", "")), str(content.get("document", "")), str(content.get("paragraph", "")),
        outcome.proposed_by.role, by, {}, {},
    )  # fmt: skip
    cells = {name: value for name, value in bare.cells().items() if name != "case_ref"}
    decision = policies.decided_as("PR-1", cells)
    if not isinstance(decision, Decision):
        return None
    answers = {
        question: {name: value for name, value in answer.items() if name not in ASIDE}
        for question, answer in decision.plain_answers().items()
    }
    about = {
        "as_of": policy.as_of,
        "digest": policy.digest,
        "readings": policy.readings[-1].id if policy.readings else "none",
        "scenario": policy.scenario.scenario if policy.scenario else None,
    }
    beside = {name: [one.id for one in answer.cautions] for name, answer in decision.answers.items() if answer.cautions}
    return replace(bare, approved_by=by, answers=answers, policy=about, cautions=beside), decision


def golden(precedent: Precedent, policies: Policies) -> str:
    """Return a precedent as the text of a file of golden cases, under a reference that is made up.

    Only the facts on which the answers rest are written, so that it says no more of a pupil than it must; the level is
    the board's. Raises ValueError where the policy does not decide it as changed.
    """
    policy = policies.policy
    cells = precedent.cells() | {"case_ref": f"BP-{int(precedent.id[:7], 16) % 10**8}"}
    decision = _decision(cells, policies, policy)
    rests = {precedent.fact, "case_ref", "decision_date"}
    rests |= {
        result.test.fact for answer in decision.answers.values() for reason in answer.because for result in reason.tests
    }
    fewer = {name: value for name, value in cells.items() if name in rests}
    short = _decision(fewer, policies, policy)
    if _expected(short) == _expected(decision):
        cells, decision = fewer, short
    was, changed = (precedent.was or "none").replace("_", " "), "  # as the board changed it"
    said = f"by the board ({precedent.by}, approved by {precedent.approved_by}): {' '.join(precedent.reason.split())}"
    lines = [
        "# A precedent of the moderation board, as a golden case. The reference is made up, and only facts on which",
        "# the answers rest are here. Before you add it: make sure that nobody could be known from it.",
        f"as_of: {policy.as_of}",
        f"readings: {precedent.policy['readings']}",
    ]
    if policy.scenario:
        lines.append(f"scenario: {policy.scenario.scenario}")
    if any(policy.corpus.decisions[number].status == "proposed" for number in policy.decisions):
        lines.append("include_proposed: true")
    lines += [
        "cases:",
        f"  - name: {flow(f'Precedent {precedent.id[:8]}: the board put this case at {precedent.now}, not {was}')}",
        f"    paragraph: {flow(f'{precedent.document} {precedent.paragraph}')}",
        f"    # Changed {said}",
        "    case:",
        *(
            f"      {name}: {flow(_TRUTH.get(value, value))}{changed if name == precedent.fact else ''}"
            for name, value in cells.items()
        ),
        "    expect:",
        *(
            f"      {name}: {flow(one['answer'] if set(one) == {'answer'} else one)}"
            for name, one in _expected(decision).items()
        ),
        f"    cautions: {flow([one.id for name in _expected(decision) for one in decision.answers[name].cautions])}",
    ]
    return "\n".join(lines) + "\n"


def _decision(cells: Mapping[str, str], policies: Policies, policy: Policy) -> Decision:
    found = policies.decide_cells(cells, policy)
    if isinstance(found, Decision):
        return found
    problems = found.problems if isinstance(found, Refused) else ()
    raise ValueError("; ".join(problem.message for problem in problems) or "The policy does not decide this case.")


def _expected(decision: Decision) -> dict[str, Image]:
    return {name: found_in(answer) for name, answer in decision.plain_answers().items()}
