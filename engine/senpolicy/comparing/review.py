"""The review of a change: one comment that says what changes, for whom, from which day, and for how many pounds.

It puts together what other modules find: the exact comparison, the made population, the golden cases, the decisions
that were issued, the locks. What no one knows is said to be not known. Whatever is counted over the made population is
of no child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from senpolicy.caseloads.population import Population
from senpolicy.checking import golden, lock
from senpolicy.checking.opening import Asked
from senpolicy.comparing.budgets import label_of
from senpolicy.comparing.cubes import kinds_of
from senpolicy.comparing.differences import ComparisonReport, Side
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.comparing.movement import ALL, NOT_DECIDED, Told
from senpolicy.comparing.populations import EXCEEDED, KEPT, PopulationDay, days_apart, moved_population, uncounted
from senpolicy.comparing.report import say_answer_name, say_told, short
from senpolicy.files.models.limits import CostNeutrality, LimitsFile
from senpolicy.files.problems import PolicyError, Problem, WrongUse
from senpolicy.policy.corpus import Corpus
from senpolicy.proving.plain import lowered
from senpolicy.readings.say import say_date

#: The first line of the comment, by which it is found again.
MARK = "<!-- senpolicy review -->"
#: Its last line, by which it is known to be whole.
END = "<!-- the end of the review -->"
#: GitHub takes comments of up to 65,536 characters.
LONGEST = 60_000
#: How many kinds of case of each comparison are told where all of them would be too long.
FEWER = (25, 10, 3)
MOST_DAYS = 3
WITHHELD_UNDER = 5
LIMITS = "policy/limits.yaml"


@dataclass(frozen=True)
class Golden:
    """A golden case that comes out otherwise, with what differs in words."""

    pinned: golden.Pinned
    differs: Sequence[str]


@dataclass(frozen=True)
class Review:
    """Everything that a review found; None for what could not be or was not asked for.

    `stopped` says in a sentence why it could not be made to its end; what it found until then is not told. `aside` are
    sentences about what the money is held against, and `uncounted` the pounds that no sum counts, in words.
    """

    base: str
    head: str
    report: ComparisonReport | None = None
    problems: Sequence[Problem] = ()
    recorded: Sequence[str] = ()
    days: Sequence[PopulationDay] = ()
    pupils: int = 0
    limit: CostNeutrality | None = None
    golden: Sequence[Golden] = ()
    golden_read: int = 0
    aside: Sequence[str] = ()
    uncounted: Sequence[str] = ()
    stopped: str = ""

    @property
    def held(self) -> dict[date, str]:
        """For each day that was counted, whether the change keeps to the limit there, as far as both are known."""
        return {one.day: one.whole.against(self.limit.share) for one in self.days} if self.limit else {}

    @property
    def verdict(self) -> str:
        """Whether the change keeps to the limit: the worst of all days; "" where there is no limit."""
        if self.limit is None:
            return ""
        words = set(self.held.values())
        if EXCEEDED in words or self.uncounted:
            return EXCEEDED if EXCEEDED in words else "not known"
        return next((one for one in words if one != KEPT), KEPT)

    @property
    def failed(self) -> bool:
        """Whether the change fails the review: problems, a limit that is not kept, or no whole review."""
        differ = self.report is not None and self.report.problems
        return bool(self.problems or self.stopped or differ or self.verdict not in ("", KEPT))

    def markdown(self) -> str:
        """Return the comment, no longer than a comment may be: with fewer kinds of case, before anything else goes."""
        text = ""
        for most in (None, *FEWER):
            text = "\n".join(self._lines(most)) + "\n"
            if len(text) <= LONGEST:
                return f"{text}{END}\n"
        kept = text[:LONGEST].rsplit("\n", 1)[0]
        fence = "\n```" if kept.count("```") % 2 else ""
        return f"{kept}{fence}\n\n*The rest is left out: a comment has an end.* All of it: {self._command()}\n{END}\n"

    def to_json(self) -> dict[str, Any]:
        """Return what was found as plain data."""
        return {
            "base": self.base,
            "head": self.head,
            "failed": self.failed,
            "stopped": self.stopped or None,
            "problems": [{"file": one.place.file, **one.to_json()} for one in self.problems],
            "proved_alike": self.report is not None and self.report.proved_alike,
            "comparison": self.report.to_json() if self.report else None,
            "recorded": list(self.recorded),
            "made_population": [{"pupils": self.pupils, **one.to_json()} for one in self.days],
            "limit": {"share": str(self.limit.share), "verdict": self.verdict, "aside": list(self.aside),
                      "by_day": {day.isoformat(): word for day, word in self.held.items()},
                      "not_counted": list(self.uncounted)} if self.limit else None,
            "golden": [{"case": one.pinned.id, "place": str(one.pinned.place), "differs": list(one.differs)}
                       for one in self.golden],
            "golden_read": self.golden_read,
        }  # fmt: skip

    def _command(self) -> str:
        return f"`senpolicy review {self.base} {self.head} --markdown`"

    def _lines(self, most: int | None) -> Iterator[str]:
        yield MARK
        yield "## What this change does"
        yield ""
        yield from self._verdict()
        if self.stopped:
            yield from (f"- `{one.place}` {one.message} `[{one.code}]` {one.help}".rstrip() for one in self.problems)
            return
        if self.recorded:
            yield ""
            yield from (f"- {one}" for one in self.recorded)
        if self.problems:
            yield from ("", "### To mend first", "")
            for problem in self.problems:
                yield f"- `{problem.place}` {problem.message} `[{problem.code}]` {problem.help}".rstrip()
        if self.report is not None:
            yield from self._compared(self.report, most)
            yield from self._money()
            yield from self._golden()
        yield from ("", "---", "")
        if self.report is not None:
            yield f"Base {short(self.report.base)}, head {short(self.report.head)}. Made by {self._command()}."

    def _verdict(self) -> Iterator[str]:
        report = self.report
        if self.stopped:
            yield f"**This review was not made to its end.** {self.stopped} What the change does is not known."
            return
        if report is None:
            yield "**The policy does not pass its check,** so what the change does cannot be told yet."
            return
        if report.proved_alike:
            yield ("**Proved: no decision changes.** For every case that can be, known in full or in part, "
                   "on every day, and no budget moves.")  # fmt: skip
        else:
            yield from self._what_differs(report)
        if self.verdict not in ("", KEPT):
            may = "costs more" if self.verdict == EXCEEDED else "may cost more"
            yield ""
            yield f"**The change {may} than the limit allows** (see Money)."
        if self.golden:
            yield ""
            yield f"**{len(self.golden)} golden case{'s' if len(self.golden) != 1 else ''} would come out otherwise.**"

    def _what_differs(self, report: ComparisonReport) -> Iterator[str]:
        """Yield what differs, each in a paragraph of its own, and what could not be compared."""
        said = []
        if report.compared is None:
            said.append("**The two versions do not know the same facts,** so the exact comparison is left out.")
        elif kinds := len(_kinds(report.compared)):
            first = first_days(report)
            since = f", from {say_date(first[0])}" if first and first[0] != date.min else ""
            said.append(f"**{_many(kinds)} decided otherwise{since}.**")
        said += [f"**{_many(len(_kinds(way.compared)))} decided otherwise {way.says}.**" for way in report.beside or ()]
        if report.budgets:
            of = label_of(report.base.corpus, report.head.corpus)
            said.append(f"**The budgets of the {of} move:** {' '.join(report.budgets)}")
        if report.not_compared:
            listed = [f"- not compared: {lowered(one)}" for one in report.not_compared]
            said.append("\n".join(["**Not all could be compared, so nothing is proved:**", "", *listed]))
        elif report.narrowed:
            said.append(f"**Nothing is proved:** what was asked for is {' and '.join(report.narrowed)} alone.")
        yield "\n\n".join(said)

    def _compared(self, report: ComparisonReport, most: int | None) -> Iterator[str]:
        if report.proved_alike and not report.outcomes and not report.precedents:
            if report.notes:
                yield from ("", "### Texts that differ", "", *(f"- {note}" for note in report.notes))
            return
        yield from ("", "### For whom, and from which day", "")
        said = report.markdown(most).split("\n", 2)[-1]
        yield said.replace("\n### ", "\n#### ").replace("### ", "#### ", 1) if said.startswith("### ") else said
        regions = [region for one in report.compared or () for region in one.regions]
        named = dict.fromkeys(name for one in regions for result in (one.base, one.head) for name in result.open_points)
        if named:
            yield from ("", "#### The open points that are named here", "")
        for name in named:
            number, point = {**report.base.corpus.open_points, **report.head.corpus.open_points}[name]
            yield f"- `{name}` of {number}: {point.title.rstrip('.')}. To settle it: {point.settle}"

    def _money(self) -> Iterator[str]:
        if self.report is not None and self.report.proved_alike:
            yield from ("", "### Money", "", "No decision changes, so no pound moves.", *self.aside)
            return
        if self.limit is None and not self.aside:
            return
        heading = f"### Money, over {self.pupils:,} made-up pupils" if self.days else "### Money"
        yield from ("", heading, "")
        if not self.days:
            yield "The pounds of pupils were not counted again. What moves is listed above."
        for one in self.days:
            yield from _day(one)
        for what in self.uncounted:
            yield f"- Not counted: {what}, since its name does not say that it is pounds a year."
        if self.uncounted:
            yield ""
        if self.days and self.limit:
            share = f"{(self.limit.share * 100).normalize():f}%"
            known = ", as far as both sides are known" if self.verdict == KEPT else ""
            yield (f"Limit of the base: {share} more, **{self.verdict}**{known}. {self.limit.says} It is an assumption "
                   f"of this repository ({self.limit.source.document} {self.limit.source.paragraph} gives the intent, "
                   "and no figure). No real child is behind these figures.")  # fmt: skip
        yield from self.aside

    def _golden(self) -> Iterator[str]:
        yield from ("", "### Golden cases", "")
        if not self.golden:
            yield f"All {self.golden_read:,} come out as they are pinned."
        for one in self.golden:
            yield f"- `{one.pinned.place}` {one.pinned.golden.name} ({one.pinned.golden.paragraph})"
            yield from (f"  - {differs}" for differs in one.differs)


def _kinds(compared: Sequence[PolicyComparison]) -> list[Any]:
    return kinds_of(region for one in compared for region in one.regions)


def _many(kinds: int) -> str:
    return f"{kinds} kinds of case are" if kinds != 1 else "One kind of case is"


def _day(one: PopulationDay) -> Iterator[str]:
    """Yield the pounds of a day. The pupils and the pounds of a row are counted over the same pupils."""
    total, known = one.movement.total, one.movement.cases
    yield (f"On {say_date(one.day)}, for the {_number(known, one.total.pupils)} pupils whose pounds a year are known "
           "under both versions:")  # fmt: skip
    yield from ("", "| route | pupils before | pounds before | pupils after | pounds after | difference |",
                "|---|--:|--:|--:|--:|--:|")  # fmt: skip
    for name, (was, now, sums) in one.movement.routes.items():
        apart = None if sums.difference is None else one.changes.get(name, (0, 0))
        cells = [_count(was), _cell(sums.base), _count(now), _cell(sums.head), _cell(apart, signed=True)]
        yield f"| {' | '.join([say_answer_name(name), *cells])} |"
    apart = None if total.difference is None else one.total.change
    yield f"| **all** | | {_cell(total.base)} | | {_cell(total.head)} | **{_cell(apart, signed=True)}** |"
    yield ""
    yield from _not_known(one)
    for name, paid in one.others.items():
        figures = [_cell(money, signed=at == 2) for at, money in enumerate((paid.base, paid.head, paid.change))]
        yield (f"- By the question '{name}', for the {paid.pupils:,} pupils whom it pays: {figures[0]} a year before, "
               f"{figures[1]} after, {figures[2]}.")  # fmt: skip
    for word, (count, money) in (("after the change only", one.new), ("before the change only", one.gone)):
        if count:
            told = "withheld" if count < WITHHELD_UNDER else f"{_cell(money)} a year"
            yield (f"- Known {word}, for {_number(None if count < WITHHELD_UNDER else count, count)} pupils: {told}. "
                   "Whether that is more or less than on the other side, nobody can tell.")  # fmt: skip
    if one.apart:
        yield f"- {one.apart:,} pupils are decided under one of the two versions only, and are not counted."
    yield ""


def _not_known(one: PopulationDay) -> Iterator[str]:
    """Yield on which routes those pupils are whose pounds are not in the sums."""
    moves = one.rest.matrices.get(one.rest.route, {})
    routes = [was for was, now in moves if now == ALL and was != ALL]
    routes += [now for was, now in moves if was == ALL and now != ALL and now not in routes]
    said = []
    for name in (one for one in routes if one != NOT_DECIDED):
        was, now = (_count(moves.get(cell, 0)) for cell in ((name, ALL), (ALL, name)))
        said.append(f"{say_answer_name(name)} {was} before and {now} after")
    if said:
        yield f"- Not in these sums, since their pounds are not known under both: {'; '.join(said)}."


def _number(told: int | None, count: int) -> str:
    return f"{count:,}" if told is not None else "fewer than five" if count < WITHHELD_UNDER else "\\*"


def _count(count: int | None) -> str:
    return "\\*" if count is None else f"{count:,}"


def _cell(money: Told | None, *, signed: bool = False) -> str:
    """Return pounds as people write them, without pence where there are none; of a range what they may be."""
    may = "may be " if money and money[0] != money[1] else ""
    return may + say_told(money, full=False, signed=signed).replace("*", "\\*")


def first_days(report: ComparisonReport) -> list[date]:
    """Return the days on which stretches begin in which something differs, the first first; `date.min` for always."""
    starts = {first or date.min for one in report.compared or () for region in one.regions for first, _ in region.days}
    return sorted(starts)


def limit_of(corpus: Corpus) -> CostNeutrality | None:
    """Return how much more a change may cost, None where the policy sets no limit."""
    file = corpus.files.get(LIMITS)
    return file.cost_neutrality if isinstance(file, LimitsFile) else None


def golden_differences(cases: Sequence[golden.Pinned], corpus: Corpus) -> list[Golden]:
    """Return which golden cases come out otherwise in a corpus, each by all that its file pins."""
    by = golden.deciders(corpus)
    found = []
    for pinned in cases:
        try:
            differs = golden.differences(pinned.golden, by(pinned))
        except (PolicyError, WrongUse) as error:
            differs = [str(error)]
        if differs:
            found.append(Golden(pinned, differs))
    return found


def locks(base: Corpus, head: Corpus) -> list[Problem]:
    """Return what is wrong with the locks of the head: changes without a note, and a lock that was merely rewritten."""
    found = [problem for problem in lock.check(head) if not problem.warning]
    now = lock.locks_of(head)
    for number, was in lock.locks_of(base).items():
        made = lock.corrections_of(head, number).corrections
        mended = {one.mends for one in made if one.id not in was.file.corrected}
        for name in lock.changed(was.digests, now[number].digests if number in now else {}):
            if name not in mended:
                said = f"The lock of '{name}' of {number} was rewritten, and no correction says why."
                where = head.place(lock.file_of(head, number), "locked", key=True)
                found.append(Problem(where, "locked", said, "Put it back, or: senpolicy new correction"))
    return found


def review(
    base: Side,
    head: Side,
    report: ComparisonReport,
    cases: tuple[Sequence[golden.Pinned], Sequence[golden.Pinned]],
    population: Callable[[int], Population] | None,
    asked: Asked,
) -> Review:
    """Return the review of a change from what has been compared.

    `cases` are the golden cases of the base and of the head; `population` makes pupils from a seed, None where there
    are no margins to make them after. `asked` is which policy is counted. The limit is that of the
    base: what a change is held to, it cannot set itself.
    """
    seen = {one.id for one in cases[1]}
    pinned = [*cases[1], *(one for one in cases[0] if one.id not in seen)]
    limit = limit_of(base.corpus)
    found = Review(
        base.name,
        head.name,
        report,
        locks(base.corpus, head.corpus),
        report.recorded,
        limit=limit if population is not None else None,
        golden=golden_differences(pinned, head.corpus),
        golden_read=len(pinned),
        aside=list(_limits_apart(limit, limit_of(head.corpus))),
        uncounted=[] if report.proved_alike else uncounted(base.corpus, head.corpus),
    )
    if found.limit is None or population is None:
        return found
    policies = asked.of(base.corpus), asked.of(head.corpus)
    starts = {*first_days(report)}
    if report.compared is None or report.not_compared:
        starts |= {*days_apart(*policies)}
    if not starts:
        return found
    made = population(found.limit.seed)
    stands = date.fromisoformat(max(made.columns["decision_date"]))
    wanted = sorted({max(one, stands) for one in starts})[:MOST_DAYS]
    with TemporaryDirectory(prefix="senpolicy-") as name:
        days = [moved_population(*policies, made, day, Path(name)) for day in wanted]
    return replace(found, days=days, pupils=made.pupils)


def _limits_apart(base: CostNeutrality | None, head: CostNeutrality | None) -> Iterator[str]:
    """Yield in a sentence how the head's own limit differs, which does not count for it."""
    shares = [None if one is None else f"{(one.share * 100).normalize():f}%" for one in (base, head)]
    if shares[0] is None and shares[1] is not None:
        yield f"The base sets no limit. That of the change itself, {shares[1]}, does not count for it."
    elif shares[0] != shares[1]:
        own = "sets none" if shares[1] is None else f"sets {shares[1]}"
        yield f"The limit of the base counts, {shares[0]}; the change itself {own} ({LIMITS})."
