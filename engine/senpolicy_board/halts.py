"""A moderator who drifts from the seeds in live work is stopped: cases are rated again, and two decide how it ends.

How many seeds are looked at, how many may lie beyond the tolerance and how much is rated again is the board's own
(rules/board.yaml). Where it says nothing, nobody is stopped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from senpolicy_board import sampling, trail
from senpolicy_board.seeds import seed_of
from senpolicy_board.standardisation import asked, of_kind, open_halt, results
from senpolicy_board.tables import BoardCase, Halt, HaltPart, Scoring, TrailEntry

if TYPE_CHECKING:
    from senpolicy_board.web import Visit

#: How a halt ends, in words.
KINDS = {
    "lifted": "Lift it: live cases are given again",
    "set_aside": "Set the run aside too: their ratings of cases that nobody has decided count no longer",
}


def look(visit: Visit, case: BoardCase) -> None:
    """Stop a moderator who has just confirmed a seed, where one too many in live work lies beyond the tolerance."""
    settled, account = asked(visit.policies), visit.account
    if settled is None or not (settled.last and settled.beyond) or seed_of(case) is None:
        return
    ended = Halt.objects.filter(account=account).order_by("-id").values_list("settled_at", flat=True).first()
    since = [one for one in of_kind(results(account, visit.policies), "live") if ended is None or one.at > ended]
    last = since[-int(settled.last.value) :]
    beyond = sum(one.beyond for one in last)
    if beyond <= settled.beyond.value or open_halt(account) is not None:
        return
    halt = Halt.objects.create(account=account, at=visit.now, beyond=beyond, seeds=len(last))
    entry = trail.append(
        visit.now, account.key, "moderator stopped", f"halt:{halt.key}", beyond=beyond, seeds=len(last)
    )
    _draw(visit, halt, sampling.seed_of(entry.hash), int(settled.again.value) if settled.again else 0)


def undecided(halt: Halt) -> list[Scoring]:
    """Return the ratings of a stopped moderator that count, of sampled cases that nobody has decided."""
    found = Scoring.objects.filter(
        account_id=halt.account_id, confirmed_at__isnull=False, case__settled_at=None, case__facts__isnull=False,
        case__picks__replaced_at=None, case__picks__isnull=False,
    ).exclude(halted__kind="aside")  # fmt: skip
    return list(found.select_related("case").distinct().order_by("id"))


def _draw(visit: Visit, halt: Halt, seed: int, per_cent: int) -> None:
    """Have a share of what a stopped moderator has rated be rated by one more; nobody chooses which."""
    found = sorted(undecided(halt), key=lambda one: sampling.place(seed, one.case.ref or ""))
    drawn = found[: math.ceil(len(found) * per_cent / 100)]
    for one in drawn:
        HaltPart.objects.create(halt=halt, scoring=one, kind="again")
    if drawn:
        cases = [one.case.key for one in drawn]
        trail.append(visit.now, "command", "ratings to be checked", f"halt:{halt.key}", seed=seed, cases=cases)


def version(halt: Halt) -> int:
    """Return how many entries of the trail are about a halt: a page that shows fewer is out of date."""
    return int(TrailEntry.objects.filter(subject=f"halt:{halt.key}").count())


def end(visit: Visit, halt: Halt) -> None:
    """End a halt as two members have decided."""
    halt.settled_at, halt.settled_by = visit.now, visit.account
    halt.save()
    aside = undecided(halt) if halt.kind == "set_aside" else []
    for one in aside:
        HaltPart.objects.create(halt=halt, scoring=one, kind="aside")
    visit.record("halt ended", f"halt:{halt.key}", kind=halt.kind, set_aside=[one.case.key for one in aside])
