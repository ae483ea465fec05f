"""What a reviewer should ask of a change: only of what was found, and nothing that the papers would have to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from senpolicy.comparing.exact import NEEDED
from senpolicy.comparing.report import ComparisonReport, title_of
from senpolicy.comparing.screen import Where, how_many
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import lowered, say_date, say_list


def of_taken(taken: Sequence[str]) -> Iterator[str]:
    """Yield the question why something was taken away, the first of it told."""
    if taken:
        more = f" And {len(taken) - 1} more, below." if len(taken) > 1 else ""
        yield f"Why is this taken away, or made weaker? {taken[0]}{more}"


def of_gaps(gaps: Sequence[str]) -> Iterator[str]:
    """Yield what to ask where not all could be compared: of gaps of which it is not told what comes of them."""
    unable = [one for one in gaps if " can decide " in one]
    if unable:
        yield "Who mends the rules, so that both versions can decide there?"
    if len(unable) < len(gaps):
        yield "Who looks at what could not be compared? This review cannot say what becomes of it."


def of_needed(gaps: Sequence[str]) -> Iterator[str]:
    """Yield what to ask of facts that every case needs in the head only."""
    names = [one.removeprefix(NEEDED).split("'")[1] for one in gaps if one.startswith(NEEDED) and " head only" in one]
    if names:
        yield f"Is what every case needs now to hand at schools, of each pupil: {say_list(names)}?"


def of_money(cost: str, lost: int, ended: int) -> Iterator[str]:
    """Yield what to ask of what it costs, `Review.cost`, and of made pupils whose pounds are not known on both sides.

    Of `lost` they are not known now; `ended` are paid nothing now, and it was open before.
    """
    if cost == "not counted":
        yield "Who counts what it costs? The made pupils do not show it."
    elif cost:
        yield f"Is the cost meant? The change {cost} than the limit of the base allows."
    if lost:
        yield f"Is it meant that of {how_many(lost)} made-up pupils nobody can say any longer what is paid?"
    if ended:
        yield f"Is it meant that {how_many(ended)} made-up pupils are paid nothing by this policy, which was open?"


def of_answers(where: Where, head: Corpus) -> Iterator[str]:
    """Yield what to ask of the answers that become others: open points that come or go, and figures that go."""
    regions = [region for cause in where.main for region in cause.regions]
    came = dict.fromkeys(name for one in regions for name in one.head.open_points if name not in one.base.open_points)
    went = dict.fromkeys(name for one in regions for name in one.base.open_points if not one.head.open_points)
    if came:
        first = next(iter(came))
        more = f", and {len(came) - 1} more" if len(came) > 1 else ""
        title = head.open_points[first][1].title.rstrip(".") if first in head.open_points else ""
        yield f"Is it meant that cases are left open by {first} ({title}){more}?"
    if went:
        more = f", and {len(went) - 1} more" if len(went) > 1 else ""
        yield f"Which words settle what was open: {next(iter(went))}{more}?"
    alike = [one for one in regions if one.base.answer == one.head.answer and one.base.figures]
    for about, name in dict.fromkeys(
        (one.about, name) for one in alike for name, _ in one.base.figures if name not in dict(one.head.figures)
    ):
        yield f"Why does {lowered(title_of(about))} give no '{name}' any longer?"


def of_facts(where: Where) -> Iterator[str]:
    """Yield what to ask of facts on which answers wait now, and did not."""
    regions = [region for cause in where.main for region in cause.regions]
    was = {name for one in regions for name in one.base.missing}
    asked = dict.fromkeys(name for one in regions for name in one.head.missing if name not in was)
    if asked:
        yield f"Is what is asked for now, and was not, to hand at schools: {say_list(list(asked)[:4])}?"


def of_days(report: ComparisonReport, first: date | None) -> Iterator[str]:
    """Yield what to ask where a decision changes days before it was taken, or where no decision is recorded with it.

    `first` is the first day on which something differs, None where there is none.
    """
    base, head = report.base.corpus, report.head.corpus
    new = [one for number, one in head.decisions.items() if number not in base.decisions and one.counts()]
    for one in new:
        taken = one.taken and (one.taken.day or one.taken.latest)
        if first and taken and first < taken:
            since = "over every earlier day" if first == date.min else f"to {say_date(first)}"
            yield f"Does {one.number} reach back {since}? It was taken on {say_date(taken)}."
    # What is assumed or proposed alone nobody has decided yet.
    apart = report.budgets or any(not one.startswith("The scenario ") for one in report.not_compared)
    if not new and (first or (apart and not report.beside)):
        more = "; what was issued may come out otherwise" if first else ""
        yield f"Which decision says so? None is recorded with this change{more}."


def of_golden(differ: int) -> Iterator[str]:
    """Yield what to ask of golden cases that come out otherwise."""
    if differ:
        yield f"Are the golden cases meant to come out otherwise ({differ:,} of them, listed below)?"


def of_notes(added: Sequence[str] | None, *, moves: bool) -> Iterator[str]:
    """Yield what to ask where something moves, and no change note says so."""
    if moves and added is not None and not added:
        yield "Where is the change note? None comes with this change."
