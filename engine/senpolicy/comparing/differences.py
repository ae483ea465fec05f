"""Comparing two versions of the policy: exactly, over every case; over a caseload; over decisions already issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from senpolicy.caseloads.groups import open_grouped
from senpolicy.checking.opening import AS_IT_IS, Asked
from senpolicy.comparing.added import leads
from senpolicy.comparing.budgets import sentences
from senpolicy.comparing.carrying import carried
from senpolicy.comparing.cubes import Region
from senpolicy.comparing.exact import PolicyComparison, Seen, compare, compare_all, policies, same_facts
from senpolicy.comparing.issued import outcomes, read_issued
from senpolicy.comparing.movement import (
    CASELOADS,
    Movement,
    Progress,
    moved,
    moved_rows,
    movement,
    pairs,
    views_of_both,
)
from senpolicy.comparing.precedents import hold
from senpolicy.comparing.precedents import read as read_precedents
from senpolicy.comparing.reach import (
    WayToDecide,
    look_beside,
    not_compared,
    not_looked_at,
    only_one_decides,
    ways_apart,
    ways_beside,
)
from senpolicy.comparing.report import LAYOUT, ComparisonReport, Side, differing_texts
from senpolicy.deciding.decide import Decider
from senpolicy.files.models.views import needed
from senpolicy.files.problems import WrongUse, did_you_mean
from senpolicy.policy.timeline import Policy

__all__ = [
    "ComparisonReport",
    "PolicyComparison",
    "Region",
    "Side",
    "compare",
    "compare_all",
    "policies",
    "report",
    "same_facts",
]


def report(
    base: Side,
    head: Side,
    asked: Asked = AS_IT_IS,
    cases: Path | None = None,
    decided: Path | None = None,
    progress: Progress | None = None,
    question: str | None = None,
    precedents: Path | None = None,
    leave_unread: bool = False,
) -> ComparisonReport:
    """Return what differs between two versions: for every case; and over a caseload and issued decisions, if given.

    `precedents` are those of a moderation board, of which is told which the head would overturn.
    `question` is the only one whose answer is compared for every case. Where the facts differ, how is in `problems`;
    what can be carried over onto the facts of both is compared all the same, and where that cannot be, the regions are
    left out. Columns of a caseload that neither declares may be left unread. Unless the question, the decision or
    another choice narrows it, every other way to decide is looked at too. Raises `PolicyError` for faults of the files
    and `WrongUse` for unknown names.
    """
    chosen = chosen_of(base, head, asked)
    views = views_of_both(*chosen[0])
    if cases is not None and decided is None:  # Before anything is compared, which takes its time.
        needed(views.route, "route"), needed(views.pays, "pays")
    if question is not None and question not in base.corpus.questions:
        raise WrongUse(
            f"'{question}' is not a question of this policy. {did_you_mean(question, base.corpus.questions)}"
        )
    # Files are read first: a fault of one is told before what takes its time.
    deciders = [Decider(policy) for policy in chosen[0]]
    read = [ours for ours, _ in pairs(cases, *chosen[0], leave_unread)] if cases is not None and decided else []
    given = None if decided is None else read_issued(decided, deciders[0], read)
    kept = None if precedents is None else read_precedents(precedents)
    problems = [problem for pair in chosen for problem in same_facts(*pair)]
    narrowed = _narrowed([base.as_of, head.as_of, asked.as_of], [base.scenario, head.scenario], asked, question)
    ways = [
        WayToDecide(f"as of {theirs.as_of}" if place else "", ours, theirs)
        for place, (ours, theirs) in enumerate(chosen)
    ]
    others = [] if narrowed else list(ways_beside(base.corpus, head.corpus))
    texts = differing_texts(base.corpus, head.corpus)
    changed = [name for name, what in texts.items() if what != LAYOUT]
    gaps = not_compared(base.corpus, head.corpus, [*ways, *others], changed)
    divided = sentences([(way.says, way.base, way.head) for way in (*ways, *others)])
    seen, compared, on = Seen(), None, chosen
    if problems:
        ours, theirs = carried(base.corpus, head.corpus)
        on = chosen_of(replace(base, corpus=ours), replace(head, corpus=theirs), asked)
    if not any(same_facts(*pair) for pair in on):
        compared = compare_all(on, progress, question, seen)
    # Where something differs already, nothing is proved, and the other ways need not be looked at for it.
    looked = compared is not None and not (narrowed or gaps or any(one.regions for one in compared))
    # Who can decide at all is told always, since no answer shows it.
    beside, unable = look_beside(others, seen) if looked else (None, only_one_decides(ways_apart(others)))
    moves = None
    if cases is not None and decided is None:
        moves = moved_caseload(cases, *chosen[0], progress, leave_unread)
    issued = None if given is None else outcomes(given, *deciders)
    held = None if kept is None else hold(kept, *deciders)
    said = dict.fromkeys(str(problem) for problem in problems)
    listed = {one.base.as_of for one in compared or ()}
    also = [ours.as_of for ours, _ in chosen if compared and ours.as_of not in listed]
    notes = [f"{name}: {what}" for name, what in texts.items()]
    return ComparisonReport(
        base,
        head,
        compared,
        tuple(said),
        moves,
        issued,
        notes,
        question,
        also,
        held,
        beside,
        divided,
        [*gaps, *unable],
        narrowed,
        not_looked_at(changed),
        [*leads(*chosen[0])] if problems or gaps else [],
    )


def moved_caseload(
    cases: Path, base: Policy, head: Policy, progress: Progress | None = None, leave_unread: bool = False
) -> Movement:
    """Return how the cases of a file move between two policies, with every small count withheld.

    Columns of a caseload that neither declares may be left unread; else they are a fault. Raises `PolicyError` for
    faults of the file, and `WrongUse` where no views say by which question cases move.
    """
    route = needed(views_of_both(base, head).route, "route")
    if cases.suffix.lower() in CASELOADS:
        caseload = open_grouped(cases, base, head, leave_unread=leave_unread)
        return movement(moved_rows(caseload, base, head, progress), route, caseload.notes)
    return movement(moved(pairs(cases, base, head), Decider(base), Decider(head), progress), route)


def chosen_of(base: Side, head: Side, asked: Asked) -> list[tuple[Policy, Policy]]:
    """Return the pairs of policies to compare: of the decisions or scenarios that the sides name, or see `policies`."""
    if not (base.as_of or head.as_of or base.scenario or head.scenario):
        return policies(base.corpus, head.corpus, asked)
    one, other = (
        replace(asked, as_of=side.as_of or asked.as_of, scenario=side.scenario or asked.scenario).of(side.corpus)
        for side in (base, head)
    )
    return [(one, other)]


def _narrowed(
    as_of: Sequence[str | None], scenarios: Sequence[str | None], chosen: Asked, question: str | None
) -> list[str]:
    """Return in words what alone was asked for."""
    under = [f"'{one}'" if one else "none" for one in scenarios]
    asked = {
        f"the policy under a scenario: {under[0]} in the base, {under[1]} in the head": any(scenarios),
        f"the policy as of {' and '.join(dict.fromkeys(filter(None, as_of)))}": any(as_of),
        f"the answers to the question '{question}'": question,
        "the policy as it would be if the proposed decisions counted": chosen.include_proposed,
        f"the policy with the readings '{chosen.readings}'": chosen.readings != "all",
        f"the policy under the scenario '{chosen.scenario}'": chosen.scenario,
    }
    return [says for says, wanted in asked.items() if wanted]
