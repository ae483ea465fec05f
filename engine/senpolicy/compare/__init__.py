"""Comparing two versions of the policy: exactly, over every case; over a caseload; over decisions already issued."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from senpolicy.cases import Case, Refused
from senpolicy.compare.issued import outcomes, read_issued
from senpolicy.compare.movement import CASELOADS, Progress, moved, moved_rows, movement, pairs
from senpolicy.compare.precedents import hold
from senpolicy.compare.precedents import read as read_precedents
from senpolicy.compare.region import Region
from senpolicy.compare.regions import Compared, compare, compare_all, policies, same_facts
from senpolicy.compare.report import Report, Side, differing_texts
from senpolicy.decide import Decider
from senpolicy.problems import WrongUse, did_you_mean

__all__ = ["Compared", "Region", "Report", "Side", "compare", "compare_all", "policies", "report", "same_facts"]


def report(
    base: Side,
    head: Side,
    as_of: str | None = None,
    choice: Mapping[str, Any] | None = None,
    cases: Path | None = None,
    decided: Path | None = None,
    progress: Progress | None = None,
    question: str | None = None,
    precedents: Path | None = None,
) -> Report:
    """Return what differs between two versions: for every case; and over a caseload and issued decisions, if given.

    `precedents` are those of a moderation board, of which is told which the head would overturn.
    `question` is the only one whose answer is compared for every case. Where the facts differ, the regions are left
    out, and why stands in `problems`; the rest is compared on the facts that both share. Raises `PolicyError` for
    faults of the files and `WrongUse` for unknown names.
    """
    chosen = policies(base.corpus, head.corpus, as_of, **(choice or {}))
    problems = [problem for pair in chosen for problem in same_facts(*pair)]
    if question is not None and question not in base.corpus.questions:
        raise WrongUse(
            f"'{question}' is not a question of this policy. {did_you_mean(question, base.corpus.questions)}"
        )
    compared = None if problems else compare_all(chosen, progress, question)
    deciders = [Decider(policy) for policy in chosen[0]]
    moves, issued, read = None, None, list[Case | Refused]()
    if cases is not None and decided is None and cases.suffix.lower() in CASELOADS:
        from senpolicy.caseload.tables import open_caseload

        caseload = open_caseload(cases)
        moves = movement(moved_rows(caseload, *chosen[0], progress), caseload.notes)
    elif cases is not None:
        both = pairs(cases, *chosen[0])
        read = [ours for ours, _ in both]
        if decided is None:
            moves = movement(moved(both, deciders[0], deciders[1], progress))
    if decided is not None:
        issued = outcomes(read_issued(decided, deciders[0], read), deciders[0], deciders[1])
    held = None if precedents is None else hold(read_precedents(precedents), *deciders)
    said = dict.fromkeys(str(problem) for problem in problems)
    texts = differing_texts(base.corpus, head.corpus)
    listed = {one.base.as_of for one in compared or ()}
    also = [ours.as_of for ours, _ in chosen if compared and ours.as_of not in listed]
    return Report(base, head, compared, tuple(said), moves, issued, texts, question, also, held)
