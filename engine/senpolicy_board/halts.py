"""A rater who lies too far from the board is stopped: cases are rated again, and two others decide how it ends.

A moderator is held against the seeds in live work, a Community against the board (`senpolicy_board.communities`). What
tolerance, and how much is rated again, is the board's own (rules/board.yaml). Where it says nothing, nobody is stopped.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import QuerySet

from senpolicy_board import sampling, trail
from senpolicy_board.drawing import NothingDrawn, draw_sample
from senpolicy_board.loading import picked
from senpolicy_board.paragraphs import other_level, place_in
from senpolicy_board.rating import ADJUSTED, AGAIN, ASIDE, SAMPLED, mapped, rated, shifted
from senpolicy_board.scoring import confirmed, may_see_answer, with_all
from senpolicy_board.seeds import in_part, seed_of
from senpolicy_board.standardisation import asked, of_kind, open_halt, results
from senpolicy_board.tables import Account, BoardCase, Halt, HaltPart, Loaded, Scoring, TrailEntry

if TYPE_CHECKING:
    from senpolicy.files.models.board import Settled
    from senpolicy_board.policies import Policies
    from senpolicy_board.web import Visit

#: How a halt ends, in words.
KINDS = {
    "lifted": "Lift it: what is rated from now on counts as before",
    "set_aside": "Set the run aside too: their ratings of cases that nobody has decided count no longer",
    "adjusted": "Adjust the run: their ratings of cases that nobody has decided are read some levels higher or lower",
}
#: Whose a rating is that came with its case.
AS_MAPPED = "As mapped"
#: What each of these does to a rating.
_DOES = {"set_aside": ASIDE, "adjusted": ADJUSTED}
#: A rating of who was stopped: a moderator's, or the case that came with a Community's.
HaltedRating: TypeAlias = "Scoring | BoardCase"


def look(visit: Visit, case: BoardCase) -> None:
    """Stop a moderator who has just confirmed a seed, where one too many in live work lies beyond the tolerance."""
    settled, account = asked(visit.policies), visit.account
    if settled is None or not (settled.last and settled.beyond) or seed_of(case) is None:
        return
    ended = Halt.objects.filter(account=account).order_by("-id").values_list("settled_at", flat=True).first()
    since = [one for one in of_kind(results(account, visit.policies), "live") if ended is None or one.at > ended]
    last = since[-int(settled.last.value) :]
    beyond = sum(one.beyond for one in last)
    if beyond > settled.beyond.value and open_halt(account) is None:
        stop(visit, Halt(account=account, at=visit.now, beyond=beyond, seeds=len(last)), settled.again)


def stop(visit: Visit, halt: Halt, again: Settled | None) -> None:
    """Stop a rater, and have a share of what they rated and nobody decided be rated again; nobody chooses which."""
    halt.save()
    what, who = ("moderator", visit.account.key) if halt.community is None else ("community", "command")
    apart = {} if halt.apart is None else {"apart": halt.apart}
    entry = trail.append(
        visit.now, who, f"{what} stopped", f"halt:{halt.key}", beyond=halt.beyond, seeds=halt.seeds, **apart
    )
    seed = sampling.seed_of(entry.hash)
    found = sorted(undecided(halt, visit.policies), key=lambda one: sampling.place(seed, _case(one).ref or ""))
    drawn = found[: math.ceil(len(found) * int(again.value if again else 0) / 100)]
    if not drawn:
        return
    parts = [_part(halt, one, AGAIN if picked(_case(one)) else SAMPLED) for one in drawn]
    trail.add_all(parts)
    cases = [_case(one).key for one in drawn]
    trail.append(visit.now, "command", "ratings to be checked", f"halt:{halt.key}", seed=seed, cases=cases)
    # Cases of a Community that are in no sample come into one: blind, as all that is moderated.
    plan, out = sampling.Plan((), 100, 0, len(drawn)), {part.case.key for part in parts if part.kind == SAMPLED}
    for loaded in Loaded.objects.filter(cases__key__in=out).distinct().order_by("id"):
        with suppress(NothingDrawn):
            draw_sample(visit, loaded, plan, entry.hash, entry.seq, out)


def _case(rating: HaltedRating) -> BoardCase:
    return rating.case if isinstance(rating, Scoring) else rating


def _part(halt: Halt, rating: HaltedRating, kind: str) -> HaltPart:
    return HaltPart(halt=halt, kind=kind, **{"scoring" if isinstance(rating, Scoring) else "case": rating})


def undecided(halt: Halt, policies: Policies) -> list[HaltedRating]:
    """Return the ratings of who was stopped that count, of cases that nobody has decided: a moderator's of a sample."""
    if halt.community is not None:
        cases = of_community(halt.community, policies).filter(settled_at=None, level__isnull=False)
        return [one for one in with_all(cases.order_by("id")) if seed_of(one) is None and not in_part(one, ASIDE)]
    found = Scoring.objects.filter(
        account=halt.account, confirmed_at__isnull=False, case__settled_at=None, case__facts__isnull=False,
        case__picks__replaced_at=None, case__picks__isnull=False,
    ).exclude(halted__kind=ASIDE)  # fmt: skip
    return list(found.select_related("case").prefetch_related("halted__halt").distinct().order_by("id"))


def run_of(halt: Halt, policies: Policies, kind: str | None) -> list[HaltedRating]:
    """Return the ratings to which an end of this kind does something: of `undecided`, those not adjusted before."""
    return [one for one in undecided(halt, policies) if kind != ADJUSTED or not in_part(one, ADJUSTED)]


def cases_of(halt: Halt, policies: Policies, kind: str | None = None) -> list[BoardCase]:
    """Return the cases of `run_of`."""
    return [_case(one) for one in run_of(halt, policies, kind)]


def of_community(name: str, policies: Policies) -> QuerySet[BoardCase]:
    """Return the cases of a Community whose facts are there."""
    part = policies.corpus.board.community if policies.corpus.board else ""
    return BoardCase.objects.filter(**{f"groups__{part}": name}, facts__isnull=False)


def version(halt: Halt, policies: Policies) -> str:
    """Return by what a page that shows a halt as it was earlier is told: its entries, and how many ratings it is of."""
    return f"{TrailEntry.objects.filter(subject=f'halt:{halt.key}').count()}-{len(run_of(halt, policies, halt.kind))}"


def barred(halt: Halt, account: Account, policies: Policies) -> bool:
    """Return whether an account decides nothing of a halt: it is theirs, or they have an interest in its Community."""
    part = policies.corpus.board.community if policies.corpus.board else ""
    named = any((one.part, one.value) == (part, halt.community) for one in account.interests.all())
    return account.pk == halt.account_id or (halt.community is not None and named)


def end(visit: Visit, halt: Halt) -> None:
    """End a halt as two members have decided."""
    does = _DOES.get(halt.kind or "")
    run = run_of(halt, visit.policies, halt.kind) if does else []
    halt.settled_at, halt.settled_by = visit.now, visit.account
    halt.save()
    parts = [_part(halt, one, str(does)) for one in run]
    trail.add_all(parts)
    cases = [_case(part.scoring or part.case).key for part in parts]
    visit.record(
        "halt ended", f"halt:{halt.key}", kind=halt.kind, **details(halt), **({str(halt.kind): cases} if does else {})
    )


def details(halt: Halt) -> dict[str, str | int | None]:
    """Return what the trail says of an adjustment: where, by how many levels, and on which paragraph it rests."""
    return {} if halt.kind != ADJUSTED else {"area": halt.area, "levels": halt.levels, "rests": halt.rests}


@dataclass(frozen=True)
class AdjustedRating:
    """A rating that two members adjusted with its run, in words: whose, how, from which level to which, and why."""

    whose: str
    how: str
    before: str
    after: str
    reason: str
    rests: str
    by: tuple[str, str]
    at: datetime


def how(halt: Halt, policies: Policies) -> str:
    """Return in words how a halt adjusts a run: "2 levels lower in every area and over all"."""
    many = abs(halt.levels or 0)
    where = next(
        (f"in the area {one.label}" for one in policies.areas if one.id == halt.area), "in every area and over all"
    )
    return f"{many} {'level' if many == 1 else 'levels'} {'higher' if (halt.levels or 0) > 0 else 'lower'} {where}"


def adjustments(case: BoardCase, policies: Policies) -> list[AdjustedRating]:
    """Return what two members adjusted of the ratings of a case: first that with which it came."""
    day, every = case.decision_date, [(AS_MAPPED, case.halted.all(), mapped(case, policies))]
    every += [(one.account.label, one.halted.all(), rated(one, policies, day)) for one in confirmed(case)]
    found = []
    for whose, parts, made in every:
        for halt in [one.halt for one in parts if one.kind == ADJUSTED and made.before]:
            before, after = (policies.level_label(one.level, day) for one in (made.before or made, made))
            by = (halt.proposed_by.label, halt.settled_by.label)
            says = place_said(halt.rests, policies)
            found.append(
                AdjustedRating(whose, how(halt, policies), before, after, halt.reason or "", says, by, halt.settled_at)
            )
    return found


def offered(case: BoardCase, policies: Policies) -> dict[str, str]:
    """Return what the form for deciding offers where the run of a Community was adjusted: that level, why, by what."""
    theirs = mapped(case, policies)
    halt = next((one.halt for one in case.halted.all() if theirs.before and one.kind == ADJUSTED), None)
    if halt is None or theirs.level in (None, case.level):
        return {}
    rests, to = halt.rests or "", theirs.level or ""
    fits = place_in(rests, case.decision_date, policies) and not other_level(rests, to, case, policies)
    return {"kind": "changed", "to": to, "reason": halt.reason or "", "paragraph": rests if fits else ""}


def for_notice(case: BoardCase, policies: Policies) -> tuple[str, str, str]:
    """Return what a notice says of an adjusted level that the board has not decided: that, why, by what; or nothing."""
    one = next((one for one in adjustments(case, policies) if one.whose == AS_MAPPED), None)
    if one is None:
        return "", "", ""
    said = f"Two members of the moderation board adjusted the ratings of this Community: {one.how}. This level was "
    return f"{said}{one.before}, and is read as {one.after}.", one.reason, one.rests


def place_said(rests: str | None, policies: Policies) -> str:
    """Return a paragraph on which a decision rests, in words: its document's title, and its number there."""
    document, _, paragraph = (rests or "").partition("/")
    return f"{policies.document(document)}, {paragraph}"


def would_be(halt: Halt, policies: Policies, account: Account) -> tuple[list[tuple[BoardCase, str, str]], int]:
    """Return what an adjustment would do to a run: the cases whose answer an account may see, with both levels.

    Beside them, how many further cases there are: of those the account is told nothing.
    """
    seen, run = [], run_of(halt, policies, halt.kind)
    cases = {one.pk: one for one in with_all(BoardCase.objects.filter(pk__in=[_case(one).pk for one in run]))}
    for rating in run:
        case = cases[_case(rating).pk]
        if may_see_answer(case, account):
            day = case.decision_date
            made = rated(rating, policies, day) if isinstance(rating, Scoring) else mapped(case, policies)
            after = shifted(made, halt, policies, day)
            seen.append((case, policies.level_label(made.level, day), policies.level_label(after.level, day)))
    return seen, len(run) - len(seen)
