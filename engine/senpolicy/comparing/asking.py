"""What a reviewer should ask of a change: only of what was found, and nothing that the papers would have to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from senpolicy.comparing.exact import NEEDED
from senpolicy.comparing.report import ComparisonReport
from senpolicy.comparing.screen import Where, how_many
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_date, say_list


def of_taken(taken: Sequence[str]) -> Iterator[str]:
    """Yield the question why something was taken away, the first of it told."""
    if taken:
        more = f" And {len(taken) - 1} more, below." if len(taken) > 1 else ""
        yield f"Why is this taken away, or made weaker? {taken[0]}{more}"


def of_gaps(gaps: Sequence[str]) -> Iterator[str]:
    """Yield what to ask where not all could be compared."""
    needed = [one for one in gaps if one.startswith(NEEDED)]
    yield from (f"Is it meant? {one}" for one in needed)
    if len(needed) < len(gaps):
        yield "Who looks at what could not be compared? This review cannot say what becomes of it."


def of_money(cost: str, lost: int) -> Iterator[str]:
    """Yield what to ask of what it costs, `Review.cost`, and of so many pupils whose pounds are not known now."""
    if cost == "not counted":
        yield "Who counts what it costs? The made pupils do not show it."
    elif cost:
        yield f"Is the cost meant? The change {cost} than the limit of the base allows."
    if lost:
        yield f"Is it meant that of {how_many(lost)} made-up pupils nobody can say any longer what is paid?"


def of_answers(where: Where, head: Corpus) -> Iterator[str]:
    """Yield what to ask of the answers that become others: open points that come or go."""
    regions = [region for cause in where.main for region in cause.regions]
    came, went = _apart((one.base.open_points, one.head.open_points) for one in regions)
    if came:
        more = f", and {len(came) - 1} more" if len(came) > 1 else ""
        title = head.open_points[came[0]][1].title.rstrip(".") if came[0] in head.open_points else ""
        yield f"Is it meant that cases are left open by {came[0]} ({title}){more}?"
    elif went:
        more = f", and {len(went) - 1} more" if len(went) > 1 else ""
        yield f"Which words settle what was open: {went[0]}{more}?"


def of_facts(where: Where) -> Iterator[str]:
    """Yield what to ask of facts on which answers wait now, and did not."""
    regions = [region for cause in where.main for region in cause.regions]
    asked, _ = _apart((one.base.missing, one.head.missing) for one in regions)
    if asked:
        yield f"Is what is asked for now, and was not, to hand at schools: {say_list(asked[:4])}?"


def _apart(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> tuple[list[str], list[str]]:
    """Return the names that only the second sides have, and those that only the first ones have."""
    was, now = dict[str, None](), dict[str, None]()
    for one, other in pairs:
        was |= dict.fromkeys(one)
        now |= dict.fromkeys(other)
    return [name for name in now if name not in was], [name for name in was if name not in now]


def of_days(report: ComparisonReport, first: date | None) -> Iterator[str]:
    """Yield what to ask where a decision changes days before it was taken, or where no decision is recorded with it.

    `first` is the first day on which something differs, None where there is none.
    """
    base, head = report.base.corpus, report.head.corpus
    new = [one for number, one in head.decisions.items() if number not in base.decisions and one.counts()]
    for one in new:
        taken = one.taken and (one.taken.day or one.taken.latest)
        if first and taken and first < taken:
            since = "always" if first == date.min else say_date(first)
            yield f"Does {one.number} reach back to {since}? It was taken on {say_date(taken)}."
    if not new and first:
        yield "Which decision says so? None is recorded with this change; what was issued may come out otherwise."


def of_golden(differ: int) -> Iterator[str]:
    """Yield what to ask of golden cases that come out otherwise."""
    if differ:
        yield f"Are the golden cases meant to come out otherwise ({differ:,} of them, listed below)?"


def of_notes(added: Sequence[str] | None, *, moves: bool) -> Iterator[str]:
    """Yield what to ask where something moves, and no change note says so."""
    if moves and added is not None and not added:
        yield "Where is the change note? None comes with this change."
