"""What one page needs to decide a case: what each level would bring, like cases, precedents, on what it may rest."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from senpolicy.comparing.movement import money_of
from senpolicy.deciding.decide import Decision
from senpolicy.deciding.text import title
from senpolicy.files.models.views import views_of
from senpolicy.readings.say import say_money
from senpolicy_board.casepage import CitedPlace, cautions_of, say_answer_short
from senpolicy_board.gather import described
from senpolicy_board.policies import Policies, Result
from senpolicy_board.rating import ASIDE, mapped, rated
from senpolicy_board.scoring import ASKED, confirmed, may_see_answer, with_all
from senpolicy_board.seeds import in_part
from senpolicy_board.tables import Account, BoardCase, BoardOutcome

#: How many like cases and how many precedents the page shows.
MOST = 5
#: Among how many cases, those settled last, like ones are looked for: a page reads no more, however long a board runs.
AMONG = 200


def levels_of(case: BoardCase, policies: Policies) -> dict[str, list[str]]:
    """Return the levels at which a case was mapped or rated, from the least, each with whose they are."""
    found: dict[str, list[str]] = {}
    theirs, aside = mapped(case, policies), ", set aside" if in_part(case, ASIDE) else ""
    for said, level in ((f"As mapped{aside}", case.level), ("As mapped, adjusted", theirs.before and theirs.level)):
        if level:
            found.setdefault(level, []).append(said)
    for one in confirmed(case):
        level = rated(one, policies, case.decision_date).level
        if level:
            found.setdefault(level, []).append(one.account.label)
    order = {level.id: level.order for level in policies.levels_on(case.decision_date)}
    return dict(sorted(found.items(), key=lambda one: order.get(one[0], 0)))


def spread(case: BoardCase, policies: Policies) -> int:
    """Return how many levels lie between the lowest and the highest at which a case was mapped or rated."""
    order = {level.id: level.order for level in policies.levels_on(case.decision_date)}
    known = [order[level] for level in levels_of(case, policies) if level in order]
    return max(known) - min(known) if known else 0


def without_level(case: BoardCase, policies: Policies) -> bool:
    """Return whether one of the ratings of a case gives no level."""
    return any(rated(one, policies, case.decision_date).level is None for one in confirmed(case))


def differing(case: BoardCase, policies: Policies) -> bool:
    """Return whether the ratings of a case differ, or one of them could not say the level."""
    return spread(case, policies) > 0 or without_level(case, policies)


def takes_two(case: BoardCase, to: str | None, policies: Policies) -> bool:
    """Return whether a decision departs from a rating, or from the level as it was mapped: two members take it.

    So do they where that has been set aside with its run, or adjusted.
    """
    ratings = [rated(one, policies, case.decision_date).level for one in confirmed(case)]
    theirs = (case.level, mapped(case, policies).level)
    return in_part(case, ASIDE) or any(level != to for level in (*theirs, *ratings))


@dataclass(frozen=True)
class Effect:
    """What the policy makes of a case at a level: each answer in words, what goes with them, and the pounds a year.

    `whose` are those who put it there; `pounds` is "not known" where the policy does not give the sum.
    """

    level: str
    whose: list[str]
    answers: list[tuple[str, str]]
    cautions: list[tuple[str, CitedPlace]]
    pounds: str
    pence: tuple[int, int] | None


def effects(case: BoardCase, policies: Policies) -> list[Effect]:
    """Return what each level in play would bring, from the lowest; answers that no level changes are left out."""
    results = {level: _at(case, level, policies) for level in levels_of(case, policies)}
    said: dict[str, dict[str, str]] = {
        level: {name: say_answer_short(answer, one.policy) for name, answer in one.answers.items() if not answer.step}
        for level, one in results.items() if isinstance(one, Decision)
    }  # fmt: skip
    names = list(dict.fromkeys(name for one in said.values() for name in one))
    unlike = [name for name in names if len({one.get(name) for one in said.values()}) > 1 or len(said) == 1]
    found = []
    for level, whose in levels_of(case, policies).items():
        result, pence = results[level], pounds_of(results[level], policies)
        decided = result.answers if isinstance(result, Decision) else {}
        answers = [(title(name), said[level][name]) for name in unlike if name in decided]
        careful = [one for name in unlike for one in cautions_of(decided.get(name), policies.policy)]
        found.append(Effect(level, whose, answers, careful, _pounds(pence), pence))
    return found


def at_stake(case: BoardCase, policies: Policies) -> int | None:
    """Return by how many pence a year the levels in play differ, None where one of the sums is not known."""
    ends = [pounds_of(_at(case, level, policies), policies) for level in levels_of(case, policies)]
    known = [one for one in ends if one is not None]
    if len(known) < len(ends) or not known:
        return None if ends else 0
    return max(high for _, high in known) - min(low for low, _ in known)


def _at(case: BoardCase, level: str, policies: Policies) -> Result:
    return policies.decided_as(case.ref or "", {**(case.facts or {}), policies.level_fact: level})


def pounds_of(result: Result, policies: Policies) -> tuple[int, int] | None:
    """Return the pence a year that a decision gives, low and high; None where nobody knows what is paid."""
    return money_of(result, views_of(policies.corpus.files).pays) if isinstance(result, Decision) else None


def _pounds(pence: tuple[int, int] | None) -> str:
    if pence is None:
        return "not known"
    low, high = (say_money(one) for one in pence)
    return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class Like:
    """A settled case like another: its case, at which level it was decided, and how many steps its ratings lie away."""

    case: BoardCase
    level: str
    steps: int


def like_cases(case: BoardCase, policies: Policies, account: Account) -> list[Like]:
    """Return the cases of the same edition, of those settled last, whose ratings by area lie nearest, these first."""
    mine = described(case, policies)
    edition, found = _edition(case, policies), []
    settled = BoardCase.objects.filter(settled_at__isnull=False, facts__isnull=False).exclude(pk=case.pk)
    for one in with_all(settled.order_by("-settled_at"))[:AMONG] if mine else ():
        theirs = described(one, policies)
        alike = theirs.keys() == mine.keys() and _edition(one, policies) == edition
        outcome = one.outcome
        if not alike or outcome is None or not may_see_answer(one, account):
            continue
        steps = sum(abs(theirs[area] - level) for area, level in mine.items())
        found.append(Like(one, str((outcome.content or {}).get("to")), steps))
    return sorted(found, key=lambda one: one.steps)[:MOST]


def _edition(case: BoardCase, policies: Policies) -> str:
    edition = policies.edition_on(case.decision_date)
    return edition.edition if edition else ""


def precedents_for(case: BoardCase, policies: Policies, account: Account) -> list[BoardOutcome]:
    """Return the newest changes that are valid from or to one of the levels in play, of other cases."""
    levels = set(levels_of(case, policies))
    changed = BoardOutcome.objects.filter(~Q(case=case), state="stands", kind="changed", content__isnull=False)
    return [
        one for one in changed.select_related("case").prefetch_related(*ASKED).order_by("-approved_at")
        if levels & {(one.content or {}).get("from"), (one.content or {}).get("to")}
        and may_see_answer(one.case, account)
    ][:MOST]  # fmt: skip
