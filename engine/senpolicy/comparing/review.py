"""The review of a change: one comment that says what changes, for whom, from which day, and for how many pounds.

It puts together what other modules find: the exact comparison, the made population, the golden cases, the decisions
that were issued, the locks. What no one knows is said to be not known. Whatever is counted over the made population is
of no child.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from senpolicy.caseloads.population import FILE as MARGINS
from senpolicy.caseloads.population import Population
from senpolicy.caseloads.small_counts import WITHHELD, few, told
from senpolicy.checking import golden, lock
from senpolicy.checking.opening import Asked
from senpolicy.comparing import asking
from senpolicy.comparing.added import MORE_VALUES, first_answered
from senpolicy.comparing.budgets import label_of, what_moves
from senpolicy.comparing.cubes import DECIDED, kinds_of
from senpolicy.comparing.exact import NEEDED, PolicyComparison, Region
from senpolicy.comparing.movement import ALL, NOT_DECIDED, Told, views_of_both
from senpolicy.comparing.paying import paying
from senpolicy.comparing.populations import EXCEEDED, KEPT, PopulationDay, days_apart, moved_population, uncounted
from senpolicy.comparing.reach import WayToDecide, assumed_ways
from senpolicy.comparing.report import ComparisonReport, Side, say_answer_name, say_told, short
from senpolicy.comparing.screen import (
    ENDS_BEFORE,
    Screen,
    Where,
    beside_lines,
    following_lines,
    names_of,
    paid_by,
    pounds_lines,
    where_first,
)
from senpolicy.comparing.shapes import shape
from senpolicy.comparing.taken import LIMITS, editions_apart, limit_of, notes_added, rows_apart, taken_away
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.models.limits import CostNeutrality
from senpolicy.files.models.standings import STANDINGS
from senpolicy.files.problems import PolicyError, Problem, WrongUse
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.settling import settlements
from senpolicy.readings.say import lowered, say_date, say_list, say_settled

#: The first line of the comment, by which it is found again.
MARK = "<!-- senpolicy review -->"
#: Its last line, by which it is known to be whole.
END = "<!-- the end of the review -->"
#: GitHub takes comments of up to 65,536 characters.
LONGEST = 60_000
#: How many kinds of case of each comparison are told where all of them would be too long.
FEWER = (25, 10, 3)
MOST_DAYS = 6
#: So many things that are taken away are told in the comment.
MOST_TAKEN = 30


@dataclass(frozen=True)
class Golden:
    """A golden case that comes out otherwise, with what differs in words."""

    pinned: golden.Pinned
    differs: Sequence[str]


@dataclass(frozen=True)
class Review:
    """Everything that a review found; None for what could not be or was not asked for.

    `stopped` says in a sentence why it could not be made to its end; what it found until then is not told. `aside` are
    sentences about what the money is held against, and `uncounted` the pounds that no sum counts, in words. `taken` are
    sentences about what the change takes away, and `notes` the change notes that it adds, None where none are kept.
    `beside` are the made pupils under each scenario, and if the proposals counted, where something differs for them;
    `left` are sentences about what was not counted. `options` are those of the command, as they are written there.
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
    taken: Sequence[str] = ()
    notes: Sequence[str] | None = None
    beside: Sequence[tuple[str, PopulationDay]] = ()
    left: Sequence[str] = ()
    options: str = ""

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
        if EXCEEDED in words or self.uncounted or self.left:
            return EXCEEDED if EXCEEDED in words else "not known"
        return next((one for one in words if one != KEPT), KEPT)

    @property
    def cost(self) -> str:
        """What the change does to what is paid, in words: "costs more", "may cost more", or "not counted".

        "" where it keeps to the limit, and where no amount changes that anybody knows before or after.
        """
        if self.verdict in ("", KEPT):
            return ""
        if self.verdict == EXCEEDED:
            return "costs more"
        if self.uncounted or not self.left:
            return "may cost more"
        return "not counted" if self.report is None or amounts_apart(self.report) else ""

    @property
    def _limit_told(self) -> tuple[str, str]:
        """Whether the limit is kept, where an amount was held against it; else that none was: a word, and the rest."""
        untested = not any(one.whole.certain[0] or one.whole.possible[0] for one in self.days)
        if untested and not self.uncounted and (self.verdict == KEPT or not self.cost):
            return "not tested", ": of no made pupil is an amount that changes known on both sides"
        return self.verdict, ", as far as both sides are known" * (self.verdict == KEPT)

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
        fence += "\n</details>" * (kept.count("<details>") - kept.count("</details>"))
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
            "made_population_beside": [{"way": says, **one.to_json()} for says, one in self.beside],
            "made_population": [{"pupils": self.pupils, **one.to_json()} for one in self.days],
            "limit": {"share": str(self.limit.share), "verdict": self.verdict, "aside": list(self.aside),
                      "by_day": {day.isoformat(): word for day, word in self.held.items()},
                      "not_counted": list(self.uncounted)} if self.limit else None,
            "golden": [{"case": one.pinned.id, "place": str(one.pinned.place), "differs": list(one.differs)}
                       for one in self.golden],
            "golden_read": self.golden_read,
            "taken_away": list(self.taken),
        }  # fmt: skip

    def _command(self) -> str:
        return f"`senpolicy review {self.base} {self.head}{self.options} --markdown`"

    def _lines(self, most: int | None) -> Iterator[str]:
        yield MARK
        yield "## What this change does"
        yield ""
        report = self.report
        if self.stopped:
            yield f"**This review was not made to its end.** {self.stopped} What the change does is not known."
            yield from (f"- {_said(one)}" for one in self.problems)
            return
        if report is None:
            yield "**The policy does not pass its check,** so what the change does cannot be told yet."
            yield from ("", "### To mend first", "", *(f"- {_said(one)}" for one in self.problems))
            yield from ("", "---", "")
            return
        where = where_first(report)
        yield from self.screen(report, where).lines()
        yield ""
        if where and where.following:
            said = [*following_lines(where, self.days[0] if self.days else None)]
            yield from _folded(f"What follows from that: {say_list(names_of(where.following))}", said)
        yield from _folded("The whole: each kind of case, the money, golden cases, texts", self._whole(report, most))
        yield from ("---", "")
        yield f"Base {short(report.base)}, head {short(report.head)}. Made by {self._command()}."

    def screen(self, report: ComparisonReport, where: Where | None) -> Screen:
        """Return what is told first, on one screen; what two lists would tell is told in one of them."""
        recorded, by = told_by_budgets([*decided(report)], report.budgets or ())
        return Screen(
            verdict=" ".join(self._verdicts(report)),
            decided=recorded,
            decides=decides(report),
            rewritten=rewritten(report),
            budgets=report.budgets or (),
            budgets_by=by,
            gaps=[*untold(report), *report.not_looked_at],
            leads=report.leads,
            mend=together(self.problems),
            rest=[*rest_stays(report, where)],
            unseen=any(one.startswith("The fact ") and " in the head only" in one for one in report.not_compared),
            pounds=[*self._pounds()],
            asks=[*self._asks(report, where)],
            where=where,
            day=self._shown(report, where),
            paying=new_paying(report),
            pupils=self.pupils,
            caseload=report.movement,
        )

    def _shown(self, report: ComparisonReport, where: Where | None) -> PopulationDay | None:
        """Return the day on which made pupils are told: the first on which a new question pays any, else the first."""
        new = {} if where else new_paying(report)
        paid = (one for one in self.days if any(paid_by(one, name, answers) for name, answers in new.items()))
        return next(paid, self.days[0] if self.days else None)

    def _verdicts(self, report: ComparisonReport) -> Iterator[str]:
        if report.proved_alike:
            yield ("**Proved: no decision changes.** For every case that can be, known in full or in part, "
                   "on every day, and no budget moves.")  # fmt: skip
            return
        kinds = sum(len(_kinds(way.compared)) for way in report.beside or ())
        if report.compared is None:
            yield "**The two versions do not know the same facts.**"
        if many := len(_kinds(report.compared or ())):
            first = first_days(report)
            since = f", from {say_date(first[0])}" if first and first[0] != date.min else ""
            yield f"**{_many(many)} decided otherwise{since}.**"
        elif kinds:
            yield f"**{_many(kinds)} decided otherwise, but not by the policy as it is.**"
        if report.budgets:
            yield f"**{what_moves(report.budgets, report.base.corpus, report.head.corpus)}.**"
        if report.not_compared:
            yield "**Not all could be compared, so nothing is proved.**"
            if report.compared and not any(one.regions for one in report.compared):
                yield "Where both know the facts and the question, both answer alike, by the policy as it is."
        elif report.narrowed:
            yield "**Only a part was compared, so nothing is proved.**"
        if self.cost == "not counted":
            yield "**Whether it costs more was not counted.**"
        elif self.cost:
            yield f"**The change {self.cost} than the limit allows.**"
        if self.golden:
            yield f"**{len(self.golden)} golden case{'s' if len(self.golden) != 1 else ''} would come out otherwise.**"

    def _pounds(self) -> Iterator[str]:
        first, *more = [*pounds_lines(self.days)] or [""]
        if first:
            yield first
        if self.days and self.verdict:
            yield f"limit of the base: {''.join(self._limit_told)}"
        yield from more
        yield from beside_lines(self.beside)
        yield from self._not_counted()

    def _not_counted(self) -> Iterator[str]:
        yield from (
            f"not counted: {what}, since its name does not say that it is pounds a year" for what in self.uncounted
        )
        yield from (lowered(one) for one in self.left)
        moves = self.report is not None and not self.report.proved_alike
        if moves and self.limit and not (self.days or self.beside):
            assert self.report is not None
            but = ", but for other ways to decide" if self.report.beside else ""
            yield _none_counted(self.report) or (
                f"no pupil's pounds were counted again: no answer was found that differs{but}"
            )

    def _asks(self, report: ComparisonReport, where: Where | None) -> Iterator[str]:
        """Yield what to ask, the most pressing first."""
        days = [*first_days(report)[:1], *asked_first(report).values()]
        first = min(days, default=None)
        yield from asking.of_taken(self.taken)
        yield from asking.of_gaps(untold(report))
        yield from asking.of_needed(report.not_compared)
        yield from self._asks_of_money()
        yield from asking.of_golden(len(self.golden))
        if where is not None:
            yield from asking.of_answers(where, report.head.corpus)
        yield from asking.of_days(report, first)
        if where is not None:
            yield from asking.of_facts(where)
        yield from asking.of_notes(self.notes, moves=not report.proved_alike)

    def _asks_of_money(self) -> Iterator[str]:
        lost, ended = (self.days[0].gone[0], self.days[0].new) if self.days else (0, (0, (0, 0)))
        yield from asking.of_money(self.cost, lost, 0 if any(ended[1]) else ended[0])

    def _whole(self, report: ComparisonReport, most: int | None) -> Iterator[str]:
        """Yield all that was found, exactly."""
        if self.recorded and not report.problems:  # Else it is told with how the facts differ.
            yield from (*(f"- {one}" for one in self.recorded), "")
        if rows := [*rows_apart(report.base.corpus, report.head.corpus)]:
            yield from ("### Rows that are rewritten", "", *(f"- {one}" for one in rows), "")
        if self.taken:
            yield from ("### What is taken away", "", *(f"- {one}" for one in self.taken[:MOST_TAKEN]))
            if left := self.taken[MOST_TAKEN:]:
                yield f"- and {len(left)} more; `senpolicy review --json` lists all"
            yield ""
        if self.problems:
            yield from ("### To mend first", "", *(f"- {_said(one)}" for one in self.problems), "")
        yield from self._what_differs(report)
        if asks := [*self._asks(report, where_first(report))]:
            yield from ("", "### To ask", "", *(f"- {one}" for one in asks))
        yield from self._compared(report, most)
        yield from self._money()
        yield from self._golden()
        yield ""

    def _what_differs(self, report: ComparisonReport) -> Iterator[str]:
        """Yield what differs, each in a paragraph of its own, and what could not be compared."""
        if report.proved_alike:
            return
        said = []
        if report.compared is None:
            said.append("**The two versions do not know the same facts,** so the exact comparison is left out.")
        elif kinds := len(_kinds(report.compared)):
            first = first_days(report)
            since = f", from {say_date(first[0])}" if first and first[0] != date.min else ""
            said.append(f"**{_many(kinds)} decided otherwise{since}.**")
        said += [f"**{_many(len(_kinds(way.compared)))} decided otherwise {way.says}.**" for way in report.beside or ()]
        if report.budgets:
            said.append(f"**{what_moves(report.budgets, report.base.corpus, report.head.corpus)}.**")
        if report.not_compared:
            said.append("**Not all could be compared, so nothing is proved.** What it is, is told below.")
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
        yield re.sub(r"^### ", "#### ", said, flags=re.M)
        regions = [region for one in report.compared or () for region in one.regions]
        named = dict.fromkeys(name for one in regions for result in (one.base, one.head) for name in result.open_points)
        if named:
            yield from ("", "#### The open points that are named here", "")
        for name in named:
            number, point = {**report.base.corpus.open_points, **report.head.corpus.open_points}[name]
            told = [say_settled(*one) for one in settlements(report.head.corpus) if one[1].point == name]
            settled = f"In the head it is {'; '.join(told)}." if told else f"To settle it: {point.settle}"
            yield f"- `{name}` of {number}: {point.title.rstrip('.')}. {settled}"

    def _money(self) -> Iterator[str]:
        if self.report is not None and self.report.proved_alike:
            yield from ("", "### Money", "", "No decision changes, so no pound moves.", *self.aside)
            yield from (f"- Not compared: {one}." for one in self.report.not_looked_at)
            return
        if self.limit is None and not self.aside:
            return
        heading = f"### Money, over {self.pupils:,} made-up pupils" if self.days else "### Money"
        yield from ("", heading, "")
        if not self.days:
            yield "The pounds of pupils were not counted again. What moves is listed above."
        for one in self.days:
            yield from _day(one)
        for says, one in self.beside:
            yield from (f"#### {says[:1].upper()}{says[1:]}", "")
            yield from _day(one)
        yield from (f"- {one}" for one in self.left)
        for what in self.uncounted:
            yield f"- Not counted: {what}, since its name does not say that it is pounds a year."
        if self.uncounted or self.left:
            yield ""
        if self.days and self.limit:
            share = f"{(self.limit.share * 100).normalize():f}%"
            word, rest = self._limit_told
            source = f"{self.limit.source.document} {self.limit.source.paragraph}"
            yield (
                f"Limit of the base: {share} more, **{word}**{rest}. {self.limit.says} It is an assumption of this "
                f"repository ({source} gives the intent, and no figure). No real child is behind these figures."
            )
        yield from self.aside

    def _golden(self) -> Iterator[str]:
        yield from ("", "### Golden cases", "")
        if not self.golden:
            yield f"All {self.golden_read:,} come out as they are pinned." if self.golden_read else "There are none."
        for one in self.golden:
            yield f"- `{one.pinned.place}` {one.pinned.golden.name} ({one.pinned.golden.paragraph})"
            yield from (f"  - {differs}" for differs in one.differs)


def decided(report: ComparisonReport) -> Iterator[str]:
    """Yield what is recorded otherwise, new decisions with the day on which they were taken."""
    base, head = report.base.corpus, report.head.corpus
    told = set()
    for number, one in head.decisions.items():
        if number not in base.decisions:
            day = one.taken.day if one.taken else None
            yield f"{number}, {one.title} ({STANDINGS[one.status]}{f' on {say_date(day)}' if day else ''})"
            told.add(f"Records {number}, {one.title} ({STANDINGS[one.status]}).")
    yield from (said for said in report.recorded if said not in told)


def asked_first(report: ComparisonReport) -> dict[str, date]:
    """Return from which day on each question has an answer that is told, of those that only the head has.

    `date.min` for always; without those that nobody is ever answered so.
    """
    found: dict[str, date] = {}
    for one in (report.compared or ())[:1]:
        for name in one.head.corpus.questions:
            first = None if name in report.base.corpus.questions else first_answered(one.head, name)
            found |= {name: first} if first else {}
    return found


def untold(report: ComparisonReport) -> list[str]:
    """Return what was not compared, without that of which it is told what comes of it."""
    return [one for one in report.not_compared if not _is_told(one, report.leads)]


#: How what only the head knows begins in what was not compared, with its name, and how in what is told of it.
_NEW = {
    re.compile(r"The question '(\w+)' is in the head only\."): ("The question '{}' is answered ",),
    re.compile(r"The fact '(\w+)' is in the head only\."): ("'{}' is asked for by ", "No rule asks for '{}',"),
    # Where values are gone too, nothing is told of those.
    re.compile(r"The fact '(\w+)' has other values in the head: '[^;]* in the head only(?:\.|; so ha)"): ("Of '{}', ",),
    re.compile(rf"{NEEDED}'(\w+)' in the head only"): ("A case without '{}' is refused ",),
}


def _is_told(gap: str, leads: Sequence[str]) -> bool:
    if any(one.startswith(MORE_VALUES) for one in leads):
        return False
    named = [(found[1], begins) for pattern, begins in _NEW.items() if (found := pattern.match(gap))]
    told = [begin.format(name) for name, begins in named for begin in begins]
    return any(one.startswith(begin) for begin in told for one in leads)


def told_by_budgets(recorded: Sequence[str], budgets: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what is recorded otherwise, without the values that the sentences about budgets tell, and whose those are.

    These sentences name the value and tell both of its figures, with the years.
    """
    ends = re.compile(r"\(`(\w+)`\)\.$")  # A sentence of another way to decide ends with that way.
    named = {found[1] for one in budgets if (found := ends.search(one))}
    said = [(one, ends.search(one)) for one in recorded]
    gone = [one for one, found in said if found and found[1] in named]
    left = [one for one in recorded if one not in gone]
    return left, list(dict.fromkeys(re.split(r"[: ]", one)[0] for one in gone))


def together(problems: Sequence[Problem]) -> list[str]:
    """Return problems in words, those of one kind that differ in the name alone at once."""
    found: dict[tuple[str, ...], list[tuple[str, Problem]]] = {}
    for one in problems:
        _, name, rest = re.split(r"^('[^']*')", one.message, maxsplit=1) if one.message[0] == "'" else ("", "", "")
        help = one.help.replace(name.strip("'"), "") if name else one.help
        found.setdefault((one.place.file, one.code, rest or one.message, help), []).append((name, one))
    said = []
    for (_, first), *others in found.values():
        also = [f"{name} (line {one.place.line})" for name, one in others]
        more = f"; so {'do' if also[1:] else 'does'} {say_list(also)}." if also else "."
        said.append(_said(replace(first, message=f"{first.message.removesuffix('.')}{more}") if also else first))
    return said


def rest_stays(report: ComparisonReport, where: Where | None) -> Iterator[str]:
    """Yield what is proved to stay by the policy as it is: of cases with all their facts, and of other answers."""
    if where is None or where.says or report.not_compared or report.narrowed:
        return
    regions = [region for one in report.compared or () for region in one.regions]
    if all(one.base.missing or one.head.missing for one in regions):
        yield "Only where a fact is not known: a case with all its facts is decided as before, by the policy as it is."
    told = {one.about for one in where.main}
    if {one.about for one in regions} == told:
        pays = views_of_both(where.compared.base, where.compared.head).pays
        amount = f": {pays.question.replace('_', ' ')} stays as it is" if pays and pays.question not in told else ""
        yield f"No other answer changes, by the policy as it is{amount}."


def _none_counted(report: ComparisonReport) -> str:
    """Return what is told of pounds where budgets alone move, by all that was compared; else ""."""
    compared = report.compared is not None and not (report.not_compared or report.beside or report.narrowed)
    if not (report.budgets and compared and not any(one.regions for one in report.compared or ())):
        return ""
    whose = label_of(report.base.corpus, report.head.corpus)
    return f"no pupil's answer changes; which of the {whose} gain, and which lose, is not counted"


def new_paying(report: ComparisonReport) -> dict[str, Collection[str | None]]:
    """Return the questions that pay and that only the head has, each with the answers that come with pounds."""
    pays = paying(report.head.corpus)
    return {name: one.answers for name, one in pays.items() if name not in report.base.corpus.questions}


def decides(report: ComparisonReport) -> bool:
    """Return whether a decision, a reading or a correction comes with the change, or a decision's standing changes."""
    base, head = report.base.corpus, report.head.corpus
    standing = [{number: one.status for number, one in corpus.decisions.items()} for corpus in (base, head)]
    mended = [{one.id for number in corpus.decisions for one in lock.corrections_of(corpus, number).corrections}
              for corpus in (base, head)]  # fmt: skip
    read = [{one.id for one in corpus.readings} for corpus in (base, head)]
    return standing[0] != standing[1] or bool(mended[1] - mended[0]) or read[0] != read[1]


def rewritten(report: ComparisonReport) -> list[str]:
    """Return which rows are rewritten; where nothing else tells what differs, which files do."""
    both = report.base.corpus, report.head.corpus
    found = [*editions_apart(*both), *rows_apart(*both)]
    told = found or report.recorded or report.not_compared or report.budgets
    return found if told else list(report.notes)


def _said(problem: Problem) -> str:
    return f"`{problem.place}` {problem.message} `[{problem.code}]` {problem.help}".rstrip()


def _folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("<details>", f"<summary>{summary}</summary>", "", *lines, "</details>", "")


def _kinds(compared: Sequence[PolicyComparison]) -> list[list[Region]]:
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
        said = f"{figures[0]} a year before, {figures[1]} after, {figures[2]}"
        yield (f"- By the question '{name}', for the {told(paid.pupils)} pupils whom it pays: "
               f"{WITHHELD if few(paid.pupils) else said}.")  # fmt: skip
    for name, count in one.half.items():
        yield (f"- By the question '{name}', the pounds of {told(count)} "
               "pupils are known under one of the two versions only, and are not counted.")  # fmt: skip
    for word, (count, money) in (("after the change only", one.new), ("before the change only", one.gone)):
        if count:
            said = WITHHELD if few(count) else f"{_cell(money)} a year"
            yield (f"- Known {word}, for {told(count)} pupils: {said}. "
                   "Whether that is more or less than on the other side, nobody can tell.")  # fmt: skip
    if one.refused:
        yield f"- {told(one.refused).capitalize()} pupils are decided by neither version, and are not counted."
    if one.apart:
        number = told(one.apart).capitalize()
        yield f"- {number} pupils are decided under one of the two versions only, and are not counted."
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


def _number(known: int | None, count: int) -> str:
    return told(count) if known is not None or few(count) else "\\*"


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


def amounts_apart(report: ComparisonReport) -> bool:
    """Return whether an amount may change that somebody knows before or after: what no comparison reached included."""
    if report.compared is None or report.not_compared:
        return True
    pays = {*paying(report.base.corpus), *paying(report.head.corpus)}
    regions = [region for one in report.compared for region in one.regions]
    return any(
        one.about == DECIDED
        or (one.about in pays and any(side.answer != UNDETERMINED or side.figures for side in (one.base, one.head)))
        for one in regions
    )


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
        taken=taken_away(base.corpus, head.corpus, cases),
        notes=notes_added(base.corpus.root, head.corpus.root),
    )
    if found.limit is None or population is None:
        # Where no decision changes, no limit is asked for.
        silent = limit is None or report.proved_alike
        said = f"No pupils could be made up, for there is no {MARGINS}: the limit of cost was not looked at."
        return found if silent else replace(found, left=[said])
    seed = found.limit.seed
    assumed = _assumed(base.corpus, head.corpus)
    policies = asked.of(base.corpus), asked.of(head.corpus)
    starts = {*first_days(report)}
    if report.compared is None or report.not_compared:
        starts |= {*days_apart(*policies)}
    if not starts and report.proved_alike:
        return found
    made = population(seed)
    stands = date.fromisoformat(max(made.columns["decision_date"]))
    wanted = sorted({max(one, stands) for one in starts})
    with TemporaryDirectory(prefix="senpolicy-") as name:
        days = [moved_population(*policies, made, day, Path(name)) for day in wanted[:MOST_DAYS]]
        beside = [*_beside(assumed, made, stands, Path(name))]
    left, aside = [*_left_out(report, wanted, stands)], [*found.aside, *_before(report, stands)]
    return replace(found, days=days, pupils=made.pupils, beside=beside, left=left, aside=aside)


def _assumed(base: Corpus, head: Corpus) -> list[WayToDecide]:
    """Return under which scenarios, and whether with the proposals, made pupils may differ that both sides decide.

    Where one cannot decide nobody would get what the other answers.
    """
    apart = [way for way in assumed_ways(base, head) if _of_its_own(way) and days_apart(way.base, way.head)]
    return [way for way in apart if not any(way.refused)]


def _beside(
    ways: Iterable[WayToDecide], made: Population, stands: date, work: Path
) -> Iterator[tuple[str, PopulationDay]]:
    """Yield the made pupils in each of these ways, from the first day on that differs."""
    for way in ways:
        starts = days_apart(way.base, way.head)
        # Since ever a fact or an answer may have one value more; an answer differs from the first day of its rules.
        first = next((day for day in starts if _asks_otherwise(way, day)), starts[0])
        yield way.says, moved_population(way.base, way.head, made, max(first, stands), work)


def _asks_otherwise(way: WayToDecide, day: date) -> bool:
    """Return whether the rules of some question differ on a day."""
    ours, theirs = (shape(of, of.on(day))[0] for of in (way.base, way.head))
    return ours != theirs


def _of_its_own(way: WayToDecide) -> bool:
    """Return whether a scenario, or what is proposed, is another itself: all else is counted by the policy as it is."""
    if way.base.scenario or way.head.scenario:
        return way.base.scenario != way.head.scenario
    return way.proposals and _proposed(way.base.corpus) != _proposed(way.head.corpus)


def _proposed(corpus: Corpus) -> list[Hashable]:
    """Return what the proposed decisions say: the values that they set, and the rules that they write."""
    numbers = {number for number, one in corpus.decisions.items() if one.status == "proposed"}
    values = [(name, number, str(one.value), one.start) for name, setters in corpus.parameters.items()
              for number, one in setters if number in numbers]  # fmt: skip
    rules = [version.model_dump_json() for question in corpus.questions.values() for version in question.versions
             if version.decision in numbers]  # fmt: skip
    return [*sorted(numbers), *values, *rules]


def _left_out(report: ComparisonReport, wanted: Sequence[date], stands: date) -> Iterator[str]:
    """Yield on which days something differs, and the made pupils could not be, or were not, counted."""
    if {True} == _past(report, stands):
        yield f"The made pupils are of {say_date(stands)}; {ENDS_BEFORE}."
    if more := wanted[MOST_DAYS:]:
        yield f"What begins later, on {say_list([say_date(one) for one in more])}, was not counted."


def _before(report: ComparisonReport, stands: date) -> Iterator[str]:
    """Yield in a sentence that some of what differs, not all, was over before the day of the made pupils."""
    if {True, False} == _past(report, stands):
        yield f"What differs only before {say_date(stands)}, the day of the made pupils, was not counted."


def _past(report: ComparisonReport, stands: date) -> set[bool]:
    """Return of what differs whether it ends before a day: both where some does, nothing where nothing differs."""
    every = (region.days for one in report.compared or () for region in one.regions)
    return {all(last is not None and last < stands for _, last in days) for days in every}


def _limits_apart(base: CostNeutrality | None, head: CostNeutrality | None) -> Iterator[str]:
    """Yield in a sentence how the head's own limit differs, which does not count for it."""
    shares = [None if one is None else f"{(one.share * 100).normalize():f}%" for one in (base, head)]
    if shares[0] is None and shares[1] is not None:
        yield f"The base sets no limit. That of the change itself, {shares[1]}, does not count for it."
    elif shares[0] != shares[1]:
        own = "sets none" if shares[1] is None else f"sets {shares[1]}"
        yield f"The limit of the base counts, {shares[0]}; the change itself {own} ({LIMITS})."
