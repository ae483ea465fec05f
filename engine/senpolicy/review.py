"""The review of a change: one comment that says what changes, for whom, from which day, and what it comes to.

It puts together what other modules find: the exact comparison, the made population, the golden cases, the decisions
that were issued, the locks. What no one knows is said to be not known. Whatever is counted over the made population is
of no child.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from senpolicy import golden
from senpolicy.checks import lock
from senpolicy.compare import Report, Side
from senpolicy.compare.movement import (
    AMOUNT,
    HIGH,
    KNOWN,
    LOW,
    NOTHING,
    ROUTE,
    Money,
    Moved,
    Movement,
    Sum,
    Told,
    movement,
)
from senpolicy.compare.region import kinds_of
from senpolicy.compare.report import say_answer_name, say_money, say_sum, short
from senpolicy.conditions import pence
from senpolicy.corpus import Corpus
from senpolicy.everycase import lowered
from senpolicy.model import Parameter
from senpolicy.models.limits import CostNeutrality, LimitsFile
from senpolicy.problems import PolicyError, Problem, WrongUse
from senpolicy.readings.say import say_date, say_figure
from senpolicy.readings.say import say_money as say_pounds
from senpolicy.simulate import Population
from senpolicy.timeline import Policy, policy

#: The first line of the comment, by which it is found again.
MARK = "<!-- senpolicy review -->"
#: GitHub takes comments of up to 65,536 characters.
LONGEST = 60_000
#: How many kinds of case of each comparison are told where all of them would be too long.
FEWER = (25, 10, 3)
MOST_DAYS = 3
WITHHELD_UNDER = 5
LIMITS = "policy/limits.yaml"


@dataclass(frozen=True)
class Day:
    """The made population on one day: how it moves, and the pounds that are known on one side only.

    `new` and `gone` are, of the pupils whose pounds are known in the head alone and in the base alone, how many they
    are and what they come to, low and high. `known` are the routes on which any pupil's pounds are known under both.
    `total` is what those come to that are known under both, in the base and in the head: made-up pupils, so it is whole
    even where the movement withholds it.
    """

    day: date
    movement: Movement
    total: tuple[Money, Money]
    new: tuple[int, Money]
    gone: tuple[int, Money]
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Golden:
    """A golden case that comes out otherwise, with what differs in words."""

    pinned: golden.Pinned
    differs: Sequence[str]


@dataclass(frozen=True)
class Review:
    """Everything that a review found; None for what could not be or was not asked for."""

    base: str
    head: str
    report: Report | None = None
    problems: Sequence[Problem] = ()
    proposed: Report | None = None
    recorded: Sequence[str] = ()
    days: Sequence[Day] = ()
    pupils: int = 0
    limit: CostNeutrality | None = None
    golden: Sequence[Golden] = ()
    golden_read: int = 0
    changed: Sequence[str] = field(default_factory=tuple)

    @property
    def passed_limit(self) -> list[Day]:
        """The days on which the change costs more than the limit allows, as far as both sides are known."""
        return [one for one in self.days if self.limit and _over(one.total, self.limit.share)]

    @property
    def failed(self) -> bool:
        """Whether the change fails the review: problems, or a limit that is passed."""
        report = self.report
        return bool(self.problems or self.passed_limit or (report is not None and report.problems))

    def markdown(self) -> str:
        """Return the comment, no longer than a comment may be: with fewer kinds of case, before anything else goes."""
        text = ""
        for most in (None, *FEWER):
            text = "\n".join(self._lines(most)) + "\n"
            if len(text) <= LONGEST:
                return text
        kept = text[:LONGEST].rsplit("\n", 1)[0]
        fence = "\n```" if kept.count("```") % 2 else ""
        return f"{kept}{fence}\n\n*The rest is left out: a comment has an end.* All of it: {self._command()}\n"

    def to_json(self) -> dict[str, Any]:
        """Return what was found as plain data."""
        return {
            "base": self.base,
            "head": self.head,
            "failed": self.failed,
            "problems": [{"file": one.place.file, **one.to_json()} for one in self.problems],
            "proved_alike": self.report.proved_alike if self.report else None,
            "comparison": self.report.to_json() if self.report else None,
            "recorded": list(self.recorded),
            "made_population": [
                {"day": one.day.isoformat(), "pupils": self.pupils, **one.movement.to_json()} for one in self.days
            ],
            "limit_passed_on": [one.day.isoformat() for one in self.passed_limit],
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
        if self.proposed is not None and not self.proposed.proved_alike:
            yield from ("", "### If the proposed decisions counted", "")
            yield self.proposed.markdown(most)
        yield from ("", "---", "")
        if self.report is not None:
            yield f"Base {short(self.report.base)}, head {short(self.report.head)}. Made by {self._command()}."

    def _verdict(self) -> Iterator[str]:
        report = self.report
        if report is None:
            yield "**The policy does not pass its check,** so what the change does cannot be told yet."
            return
        if report.proved_alike:
            yield ("**Proved: no decision changes.** For every case that can be, known in full or in part, "
                   "on every day.")  # fmt: skip
        elif report.compared is None:
            yield "**The two versions do not know the same facts,** so the exact comparison is left out."
        else:
            kinds = len(kinds_of(one for each in report.compared for one in each.regions))
            first = first_days(report)
            since = f", from {say_date(first[0])}" if first and first[0] != date.min else ""
            many = f"{kinds} kinds of case are" if kinds != 1 else "One kind of case is"
            yield f"**{many} decided otherwise{since}.**"
        if self.passed_limit:
            yield ""
            yield "**The change costs more than the limit allows** (see Money)."
        if self.golden:
            yield ""
            yield f"**{len(self.golden)} golden case{'s' if len(self.golden) != 1 else ''} would come out otherwise.**"

    def _compared(self, report: Report, most: int | None) -> Iterator[str]:
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
        if self.limit is None:
            return
        if not self.days:
            yield from ("", "### Money", "", "No decision changes, so no pound moves.")
            return
        yield from ("", f"### Money, over {self.pupils:,} made-up pupils", "")
        for one in self.days:
            total = one.movement.total
            yield f"On {say_date(one.day)}, pounds a year where they are known under both versions:"
            yield from ("", "| route | pupils before | pounds before | pupils after | pounds after | difference |",
                        "|---|--:|--:|--:|--:|--:|")  # fmt: skip
            for name, (was, now, sums) in one.movement.by.get(ROUTE, {}).items():
                counts = ["\\*" if count is None else f"{count:,}" for count in (was, now)]
                pounds = [_cell(sums, sums.base), _cell(sums, sums.head), _cell(sums, sums.difference, signed=True)]
                if name not in one.known:
                    pounds = ["not known"] * 3
                cells = [say_answer_name(name), counts[0], pounds[0], counts[1], *pounds[1:]]
                yield f"| {' | '.join(cells)} |"
            yield (f"| **all** | | {_cell(total, total.base)} | | {_cell(total, total.head)} | "
                   f"**{_cell(total, total.difference, signed=True)}** |")  # fmt: skip
            yield ""
            for word, (count, money) in (("after the change only", one.new), ("before the change only", one.gone)):
                if count:
                    shown = "fewer than five" if count < WITHHELD_UNDER else f"{count:,}"
                    told = "withheld" if count < WITHHELD_UNDER else f"{_whole(say_money(money))} a year"
                    yield (f"- Known {word}, for {shown} pupils: {told}. Whether that is more or less than on the "
                           "other side, nobody can tell.")  # fmt: skip
            yield ""
        share = f"{(self.limit.share * 100).normalize():f}%"
        verdict = "passed" if self.passed_limit else "kept, as far as both sides are known"
        yield (f"Limit: {share} more, **{verdict}**. {self.limit.says} It is an assumption of this repository "
               f"({self.limit.source.document} {self.limit.source.paragraph} gives the intent, and no figure). "
               "No child stands behind these figures.")  # fmt: skip

    def _golden(self) -> Iterator[str]:
        yield from ("", "### Golden cases", "")
        if not self.golden:
            yield f"All {self.golden_read:,} come out as they are pinned."
        for one in self.golden:
            yield f"- `{one.pinned.place}` {one.pinned.golden.name} ({one.pinned.golden.paragraph})"
            yield from (f"  - {differs}" for differs in one.differs)


def _cell(sums: Sum, money: Told | None, *, signed: bool = False) -> str:
    return _whole(say_sum(sums, money, signed=signed)).replace("*", "\\*")


def _whole(said: str) -> str:
    """Return pounds without the pence where there are none, as people write them."""
    return re.sub(r"\.00\b", "", said)


def _over(total: tuple[Money, Money], share: Decimal) -> bool:
    """Return whether what is known under both costs more than the limit allows, at the low or at the high end."""
    return any(now > was * (1 + share) for was, now in zip(*total, strict=True))


def first_days(report: Report) -> list[date]:
    """Return the days on which stretches begin in which something differs, the first first; `date.min` for always."""
    starts = {first or date.min for one in report.compared or () for region in one.regions for first, _ in region.days}
    return sorted(starts)


def limit_of(corpus: Corpus) -> CostNeutrality | None:
    """Return how much more a change may cost, None where the policy sets no limit."""
    file = corpus.files.get(LIMITS)
    return file.cost_neutrality if isinstance(file, LimitsFile) else None


def moved_population(base: Policy, head: Policy, population: Population, day: date, work: Path) -> Day:
    """Return what becomes of a made population on one day under two policies, decided by the columns engine.

    `work` is a folder for the file that is decided. A pupil who cannot be decided that day is left out.
    """
    file = work / f"made-{day.isoformat()}.csv"
    columns = {**population.columns, "decision_date": [day.isoformat()] * population.pupils}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(population.headings)
    writer.writerows(zip(*(columns[name] for name in population.headings), strict=True))
    file.write_text(text.getvalue(), encoding="utf-8")
    was, now = (_decided(file, one) for one in (base, head))
    both = [Moved({ROUTE: (was[ref][0], now[ref][0])}, was[ref][1], now[ref][1], {}) for ref in was if ref in now]
    new = [one.head for one in both if one.head is not None and one.base is None]
    gone = [one.base for one in both if one.base is not None and one.head is None]
    known = {answer for one in both if one.base and one.head for answer in one.answers[ROUTE]}
    sums = [(one.base, one.head) for one in both if one.base is not None and one.head is not None]
    total = _sum([was for was, _ in sums]), _sum([now for _, now in sums])
    return Day(day, movement(both), total, (len(new), _sum(new)), (len(gone), _sum(gone)), frozenset(known))


def _sum(money: Sequence[Money]) -> Money:
    return sum(low for low, _ in money), sum(high for _, high in money)


def _decided(file: Path, under: Policy) -> dict[str, tuple[str, Money | None]]:
    """Return each pupil's route and pounds a year, low and high, None where nobody knows them."""
    from senpolicy.caseload import decided, open_caseload
    from senpolicy.readings.columns import Columns

    found: dict[str, tuple[str, Money | None]] = {}
    for done in decided(open_caseload(file), Columns(under), verify=0):
        names = set(done.table.column_names)
        wanted = ["case_ref", ROUTE, AMOUNT, *(f"{AMOUNT}_{one}" for one in (KNOWN, LOW, HIGH))]
        cells = {name: done.table[name].to_pylist() for name in wanted if name in names}
        nothing: list[Any] = [None] * done.table.num_rows
        rows = zip(*(cells.get(name, nothing) for name in wanted), strict=True)
        for ref, route, amount, known, low, high in rows:
            money: Money | None = None
            if amount == NOTHING:
                money = (0, 0)
            elif known is not None:
                money = (pence(known), pence(known))
            elif low is not None and high is not None:
                money = (pence(low), pence(high))
            found[ref] = (route, money)
    return found


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


def recorded(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield in plain sentences which decisions, values, readings and corrections the head has and the base has not."""
    for number, decision in head.decisions.items():
        if number not in base.decisions:
            yield f"Records {number}, {decision.title} ({decision.status.replace('_', ' ')})."
        elif base.decisions[number].status != decision.status:
            yield f"{number} is now {decision.status.replace('_', ' ')}; it was {base.decisions[number].status}."
        held = {one.id for one in lock.corrections_of(base, number).corrections} if number in base.decisions else set()
        for one in lock.corrections_of(head, number).corrections:
            if one.id not in held:
                until = f" to {say_date(one.until)}" if one.until else " on"
                yield f"Corrects {number}: {one.says} Affects {say_date(one.start)}{until}."
    for name, setters in head.parameters.items():
        before = dict(base.parameters.get(name, []))
        for number, parameter in setters:
            since = f" from {say_date(parameter.start)}" if parameter.start else ""
            if number not in before:
                yield f"{number} sets {lowered(parameter.label)}: {_said(parameter)}{since} (`{name}`)."
            elif (before[number].value, before[number].start) != (parameter.value, parameter.start):
                was = _said(before[number])
                yield f"{number}: {lowered(parameter.label)} is {_said(parameter)}{since}; it was {was} (`{name}`)."
    known = {one.id for one in base.readings}
    for reading in head.readings:
        if reading.id not in known:
            yield f"Adopts a reading of {reading.point} ({reading.by}, {say_date(reading.adopted_on)}): {reading.says}"


def _said(parameter: Parameter) -> str:
    """Return the value of a parameter as people write it: "£7,000 a year", "75%", "1 April 2027", "left open"."""
    value, unit = parameter.value, parameter.unit
    if value is None:
        return "left open"
    if unit in ("pounds", "pounds_a_year"):
        return say_pounds(pence(value)) + (" a year" if unit == "pounds_a_year" else "")
    if unit == "per_cent":
        return f"{value.normalize():f}%"
    if isinstance(value, list):
        return ", ".join(say_answer_name(one) for one in value)
    return say_figure(value) if isinstance(value, date | Decimal) else str(value)


def locks(base: Corpus, head: Corpus) -> list[Problem]:
    """Return what is wrong with the locks of the head: changes without a note, and a lock that was merely rewritten."""
    found = [problem for problem in lock.check(head) if not problem.warning]
    was, now = lock.lock_of(base), lock.lock_of(head)
    for number, digests in was.locked.items():
        held = set(was.corrections.get(number, ()))
        mended = {one.mends for one in lock.corrections_of(head, number).corrections if one.id not in held}
        for name in lock.changed(digests, now.locked.get(number, {})):
            if name not in mended:
                said = f"The lock of '{name}' of {number} was rewritten, and no correction says why."
                where = head.place(lock.FILE, "locked", number, key=True)
                found.append(Problem(where, "locked", said, "Put it back, or: senpolicy new correction"))
    return found


def review(
    base: Side,
    head: Side,
    report: Report,
    cases: tuple[Sequence[golden.Pinned], Sequence[golden.Pinned]],
    population: Callable[[int], Population] | None,
    choice: dict[str, Any],
    proposed: Report | None = None,
) -> Review:
    """Return the review of a change from what has been compared.

    `cases` are the golden cases of the base and of the head; `population` makes pupils from a seed, None where there
    are no margins to make them after. `choice` is how policies are chosen, as for `policy`.
    """
    seen = {one.id for one in cases[1]}
    pinned = [*cases[1], *(one for one in cases[0] if one.id not in seen)]
    limit, days, pupils = limit_of(head.corpus) or limit_of(base.corpus), list[Day](), 0
    if limit is not None and population is not None and first_days(report):
        made = population(limit.seed)
        pupils = made.pupils
        stands = date.fromisoformat(max(made.columns["decision_date"]))
        wanted = list(dict.fromkeys(max(one, stands) for one in first_days(report)))[:MOST_DAYS]
        policies = policy(base.corpus, **choice), policy(head.corpus, **choice)
        with TemporaryDirectory(prefix="senpolicy-") as name:
            days = [moved_population(*policies, made, day, Path(name)) for day in wanted]
    return Review(
        base.name,
        head.name,
        report,
        locks(base.corpus, head.corpus),
        proposed,
        list(recorded(base.corpus, head.corpus)),
        days,
        pupils,
        limit if population is not None else None,
        golden_differences(pinned, head.corpus),
        len(pinned),
    )
