"""The first screen of a review: what was decided, for whom it changes, how many, how many pounds, and what to ask.

One cause is told once: what only follows from an earlier answer is named, and told below the fold. What is cut short
here is told whole there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from senpolicy.caseloads.small_counts import told
from senpolicy.comparing.causes import Cause, causes
from senpolicy.comparing.cubes import CAUTIONS, Region, kinds_of, say_compared
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.comparing.movement import ALL, Movement, views_of_both
from senpolicy.comparing.populations import PopulationDay, ToldAnswer
from senpolicy.comparing.report import (
    ComparisonReport,
    say_answer_name,
    say_told,
    shared_by,
    speaks_for_itself,
    title_of,
)
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.deciding.text import say_answer, title
from senpolicy.files.models.rules import Fact
from senpolicy.language.conditions import FactType
from senpolicy.policy.timeline import Policy
from senpolicy.proving.plain import lowered
from senpolicy.readings.say import say_date, say_list, say_money, say_value
from senpolicy.readings.symbolic_case import SymbolicResult

#: What one screen holds: so many lines, so many characters in all, and in a line.
MOST_LINES, MOST_CHARACTERS, WIDEST = 25, 2_500, 200
#: The lines beside, which are the same in every review: its mark, the heading, and a blank line above and below.
BESIDE = 4
#: A label of up to so many characters is short enough for it.
SHORT = 40
#: For each question from which answer to which, and how many made pupils; see `PopulationDay.moves`.
Moves = Mapping[str, Mapping[tuple[ToldAnswer, ToldAnswer], int]]


@dataclass(frozen=True)
class Room:
    """How much of each thing there is room for: moves, what was decided, questions to ask, and the width of a line."""

    moves: int
    decided: int
    asks: int
    wide: int


#: From the most to the least; the first that fits is taken. Lines go before they are cut short.
ROOMS = [
    Room(*room, wide)
    for wide in (WIDEST, 160, 120, 80)
    for room in ((4, 3, 4), (4, 3, 3), (3, 3, 3), (3, 2, 3), (2, 2, 3), (2, 2, 2), (1, 1, 2), (1, 1, 1))
]


@dataclass(frozen=True)
class Where:
    """Where something differs first: a comparison, and in words the way of deciding, "" for the policy as it is."""

    compared: PolicyComparison
    says: str

    @cached_property
    def _causes(self) -> tuple[list[Cause], list[Cause]]:
        return causes(self.compared)

    @cached_property
    def main(self) -> list[Cause]:
        """The first matter that differs by itself; where it is a step on the way, the first that follows too."""
        own, following = self._causes
        steps = {name for name, one in self.compared.head.corpus.questions.items() if one.step}
        return own[:1] + [one for one in following if one.about not in steps][: own[0].about in steps]

    @cached_property
    def beside(self) -> list[Cause]:
        """What differs by itself too, of other cases than the first."""
        return [one for one in self._causes[0][1:] if self.shared(one, self.main[0])]

    @cached_property
    def following(self) -> list[Cause]:
        """What only follows: from an earlier answer, or from the same rows for no other cases."""
        every = [one for causes in self._causes for one in causes]
        return [one for one in every if one not in self.main and one not in self.beside]

    def shared(self, cause: Cause, told: Cause | None = None) -> list[str]:
        """Return in words what all cases have in common of which a matter differs, less what was told of another."""
        return shared_by(cause.regions, self.compared, self.shared(told) if told else (), self.types)

    @cached_property
    def types(self) -> dict[str, FactType]:
        """The types of facts, called by short names."""
        facts = self.compared.head.corpus.facts.facts
        return {name: replace(kind, label=_short(name, kind, facts.get(name)))
                for name, kind in self.compared.base.types.items()}  # fmt: skip


def _short(name: str, kind: FactType, fact: Fact | None) -> str:
    """Return what a fact is called on one screen: its short name, or its label where that is not long."""
    label = kind.label.partition(",")[0]
    return (fact and fact.short) or (label if len(label) <= SHORT else name.replace("_", " "))


@dataclass(frozen=True)
class Screen:
    """What the first screen tells, in sentences; in each list the most important first.

    `verdict` is the first line. `decided` say what is recorded, `rewritten` which rows are written again, `budgets` how
    these are divided, `gaps` what was not compared, `leads` what comes of what is new, `mend` what to mend first, and
    `pounds` what it costs. `decides` is whether anybody decided what is recorded, or only wrote it otherwise. `day` is
    that of which the made pupils are told. `paying` are new questions that pay, with the answers that come with pounds.
    """

    verdict: str
    decided: Sequence[str]
    rewritten: Sequence[str]
    budgets: Sequence[str]
    gaps: Sequence[str]
    leads: Sequence[str]
    mend: Sequence[str]
    pounds: Sequence[str]
    asks: Sequence[str]
    where: Where | None = None
    day: PopulationDay | None = None
    pupils: int = 0
    caseload: Movement | None = None
    decides: bool = True
    paying: Mapping[str, Collection[str | None]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the screen in Markdown, within the bounds of one screen."""
        for room in ROOMS:
            found = [cut(one, room.wide) for one in self._lines(room)]
            if len(found) <= MOST_LINES - BESIDE and sum(len(one) + 1 for one in found) <= MOST_CHARACTERS - 80:
                break
        return found

    def _lines(self, room: Room) -> Iterator[str]:
        yield self.verdict
        yield ""
        yield from _listed("To mend first", self.mend, min(room.decided, 2))
        decided = [_both_ends(one, room.wide - 30) for one in self.decided]
        yield from _listed("What was decided" if self.decides else "What is written otherwise", decided, room.decided)
        yield from _listed("What is rewritten", self.rewritten, room.decided if not decided else 1)
        yield from self._whom(room)
        yield from _listed("Budgets", self.budgets, room.decided)
        yield from _listed("Not compared", self.gaps, room.decided)
        yield from _listed("What is new", self.leads, room.decided)
        yield from self._many()
        yield from _listed("Pounds a year", self.pounds, room.decided + (room.decided > 1))
        yield from self._examples()
        yield from _listed("To ask", [_both_ends(one, room.wide - 20, 5 / 9) for one in self.asks], room.asks)

    def _whom(self, room: Room) -> Iterator[str]:
        if self.where is None:
            of = self.day.moves if self.day else {}
            found = [f"{title(name)}: {_counted(moves)}" for name, moves in of.items()]
            yield from _listed("Among the made pupils", found, room.moves)
            return
        where, told = self.where, self._told
        way = f" ({where.says})" if where.says else ""
        main = where.main[0]
        for cause in where.main:
            days, *bounds = where.shared(cause)
            yield f"- **{_changes(cause)}**{way} {days}, {_where(bounds)}"
            moves = moves_of(cause, told)
            most = max(1, room.moves // len(where.main))
            yield from (f"  - {_move(one, where.compared, counted=bool(told))}" for one in moves[:most])
            if left := max(0, len(moves) - most):
                yield f"  - and {left} other change{'s' if left > 1 else ''}, below"
        for cause in where.beside[: room.decided]:
            (move, *_), bounds = moves_of(cause, told), where.shared(cause, main)
            said = _move(move, where.compared, counted=bool(told) and cause.about in told)
            yield f"- **{_changes(cause)} too**, {_where(bounds)}; {said}"
        if more := where.beside[room.decided :]:
            yield f"- Changed too, below: {say_list(names_of(more))}."
        if where.following:
            yield f"- Follows from that, folded below: {say_list(names_of(where.following))}."

    @property
    def _told(self) -> Moves:
        """From which answer to which made pupils move; they are counted by the policy as it is alone."""
        return self.day.moves if self.day and self.where and not self.where.says else {}

    def _many(self) -> Iterator[str]:
        said = []
        if self.day is not None:
            said.append(f"{how_many(self.day.changed)} of {self.pupils:,} made-up pupils on {say_date(self.day.day)}")
            said += ["none of them is of a kind that changes"] * self._differs_unseen(self.day)
            for name, answers in self.paying.items():
                paid = how_many(paid_by(self.day, name, answers))
                said.append(f"'{name}' is new to each that is asked, and pays {paid}")
            said += _refused(self.day)
        if self.caseload is not None:
            own = [one.about for one in self.where.main] if self.where else []
            named = next((one for one in own if one in self.caseload.matrices), self.caseload.route)
            said.append(_of_caseload(self.caseload, named))
        if said:
            yield f"- **How many:** {'; '.join(said)}."

    def _differs_unseen(self, day: PopulationDay) -> bool:
        """Return whether something differs on the day of the made pupils, and none of them shows it."""
        if self.where is None or self.where.says or day.changed or day.refused:
            return False
        spans = [span for cause in self.where.main for region in cause.regions for span in region.days]
        return any((first or date.min) <= day.day <= (last or date.max) for first, last in spans)

    def _examples(self) -> Iterator[str]:
        for region in examples(self.where.main, self._told)[:1] if self.where else ():
            assert self.where is not None
            said = example(region, self.where)
            if said:
                yield f"- **For example**, {said[0]}"
                yield f"  - {said[1]}"


def _changes(cause: Cause) -> str:
    return f"{title_of(cause.about)} {'change' if cause.about.startswith(CAUTIONS) else 'changes'}"


def _where(bounds: Sequence[str]) -> str:
    return f"where {'; '.join(bounds)}" if bounds else "of cases that have nothing in common"


def cut(line: str, wide: int) -> str:
    """Return a line, no longer than this: cut after a word where it is."""
    if len(line) <= wide:
        return line
    kept = line[: wide - 6].rsplit(" ", 1)[0].rstrip(" ,;:(")
    # What is begun in bold or as code has to be ended.
    for mark in ("**", "`"):
        if kept.count(mark) % 2:
            kept += mark
    return f"{kept} …"


def _both_ends(said: str, wide: int, part: float = 1 / 3) -> str:
    """Return a sentence, cut in its middle where it is long: its ends tell who says it, and the value.

    Its first end takes this part of the room.
    """
    if len(said) <= wide:
        return said
    at = int(wide * part)
    first, last = said[:at].rsplit(" ", 1)[0], said[-(wide - at - 3) :].partition(" ")[2]
    both = f"{first} … {last}"
    for mark in ("**", "`"):
        both = both.replace(mark, "") if both.count(mark) % 2 else both
    return both


def how_many(count: int) -> str:
    """Return a number of made-up pupils in words; see `small_counts.told`."""
    return told(count) if count else "none"


def paid_by(day: PopulationDay, question: str, answers: Collection[str | None]) -> int:
    """Return how many made pupils a new question answers on a day with one of the answers that come with pounds."""
    return sum(count for (_, now), count in day.moves.get(question, {}).items() if now[0] in answers)


def _listed(label: str, said: Sequence[str], most: int) -> Iterator[str]:
    """Yield one bullet for one sentence, and one below another for several; how many there are more is told."""
    if len(said) == 1:
        yield f"- **{label}:** {said[0]}"
    elif said and most == 1:
        yield f"- **{label}** ({len(said) - 1} more, below)**:** {said[0]}"
    elif said:
        yield f"- **{label}:**"
        yield from (f"  - {one}" for one in said[:most])
        if len(said) > most:
            yield f"  - and {len(said) - most} more, below"


@dataclass(frozen=True)
class Move:
    """From one result to another, in how many kinds of case, and of how many made pupils."""

    base: SymbolicResult
    head: SymbolicResult
    regions: Sequence[Region]
    pupils: int = 0


def moves_of(cause: Cause, told: Moves) -> list[Move]:
    """Return from what to what a matter changes: those first that make most of the made pupils move, then most kinds.

    What waits for a fact comes last.
    """
    by: dict[tuple[SymbolicResult, SymbolicResult], list[Region]] = {}
    for region in cause.regions:
        by.setdefault((region.base, region.head), []).append(region)
    counts = _plain_counts(told.get(cause.about, {}))
    found = [Move(*both, regions, counts.get((_key(both[0]), _key(both[1])), 0)) for both, regions in by.items()]
    # Moves that differ in figures alone are counted together; the count is told with each.
    return sorted(found, key=lambda one: (_waits(one), -one.pupils, -len(kinds_of(one.regions))))


def _waits(move: Move) -> bool:
    return bool(move.base.missing or move.head.missing)


_Key = tuple[str, frozenset[str], frozenset[str]]


def _key(result: SymbolicResult) -> _Key:
    return result.answer, frozenset(result.open_points), frozenset(result.missing)


def _plain_counts(moves: Mapping[tuple[ToldAnswer, ToldAnswer], int]) -> Counter[tuple[_Key, _Key]]:
    found: Counter[tuple[_Key, _Key]] = Counter()
    for both, count in moves.items():
        was, now = ((answer, frozenset(points), frozenset(missing)) for answer, points, missing in both)
        found[was, now] += count
    return found


def _move(move: Move, compared: PolicyComparison, *, counted: bool) -> str:
    was, now = (say_compared(one, compared.base.types) for one in (move.base, move.head))
    said = f"from {was} to {now}"
    if move.regions[0].about.startswith(CAUTIONS):
        word, _, name = now.partition(" ")
        said = f"the caution '{name}' {'comes' if word == 'with' else 'goes'}"
    return said + (f": {how_many(move.pupils)} of the made-up pupils" if counted else "")


def _counted(moves: Mapping[tuple[ToldAnswer, ToldAnswer], int]) -> str:
    first = sorted(moves.items(), key=lambda one: -one[1])
    said = [f"from {_told(was)} to {_told(now)}, {how_many(count)}" for (was, now), count in first[:3]]
    return "; ".join([*said, *([f"and {len(first) - 3} other changes"] if len(first) > 3 else [])])


def _told(answer: ToldAnswer) -> str:
    name, points, missing = answer
    aside = [*points, *(f"{one} is not known" for one in missing)]
    return say_answer_name(name) + (f" ({', '.join(aside)})" if aside else "")


def names_of(matters: Iterable[Cause]) -> list[str]:
    """Return the names of matters, as they are written within a sentence."""
    return [lowered(title_of(one.about)) for one in matters]


def following_lines(where: Where, day: PopulationDay | None) -> Iterator[str]:
    """Yield in short what follows from an earlier answer, for the fold below the first screen."""
    told = day.moves if day and not where.says else {}
    for cause in where.following:
        kinds = len(kinds_of(cause.regions))
        yield f"- **{title_of(cause.about)}**, in {kinds} kind{'s' if kinds > 1 else ''} of case"
        moves = moves_of(cause, told)
        yield from (f"  - {_move(one, where.compared, counted=bool(told))}" for one in moves[:6])
        if len(moves) > 6:
            yield f"  - and {len(moves) - 6} other changes"


def where_first(report: ComparisonReport) -> Where | None:
    """Return where something differs first: in the policy as it is, as of an earlier decision, or in another way."""
    for number, compared in enumerate(report.compared or ()):
        if compared.regions:
            return Where(compared, f"in the policy as of {compared.head.as_of} alone" if number else "")
    for way in report.beside or ():
        return Where(way.compared[0], way.says)
    return None


def examples(own: Sequence[Cause], told: Moves) -> list[Region]:
    """Return the regions whose cases show it best: one of each move, what is settled first, then what moves most."""
    listed = [one for cause in own for one in moves_of(cause, told)]

    def plain(move: Move) -> tuple[bool, bool, int]:
        return _waits(move), UNDETERMINED in (move.base.answer, move.head.answer), -move.pupils

    return [move.regions[0] for move in sorted(listed, key=plain)]


def example(region: Region, where: Where) -> tuple[str, str] | None:
    """Return the case of a region in words, and what both versions decide for it; None where a version cannot read it.

    The case is decided again by both: what is told of it is what `decide` says.
    """
    sides = [_decided(region.pupil, policy) for policy in (where.compared.base, where.compared.head)]
    case = next((one.case for one in sides if isinstance(one, Decision)), None)
    if case is None:
        return None
    types = where.types
    known = [name for name in case.facts if name != "decision_date" and name not in case.followed]
    said = []
    for name in known:
        words = say_value(case.facts[name], types[name])
        alone = speaks_for_itself(name, words, types)
        colon = ":" if types[name].type == "boolean" else ""
        said.append(words if alone else f"{lowered(types[name].label)}{colon} {words}")
    was, now = sides
    if not isinstance(was, Decision) or not isinstance(now, Decision):
        side = "after" if isinstance(was, Decision) else "before"
        return f"on {say_date(case.day)}: {'; '.join(said)}", f"the facts contradict each other {side} the change"
    told = []
    views = views_of_both(where.compared.base, where.compared.head)
    first = [*(one.about for one in where.main), views.pays and views.pays.question]
    for name, answer in sorted(now.answers.items(), key=lambda one: one[0] not in first):
        before = was.answers.get(name)
        shown = not answer.step or name in first
        if shown and before is not None and say_answer(before) != say_answer(answer):
            told.append(f"{title(name).lower()} {say_answer(before)} becomes {say_answer(answer)}")
    cautions = [{one.id for answer in side.answers.values() for one in answer.cautions} for side in (was, now)]
    says = {one.id: one.says for answer in now.answers.values() for one in answer.cautions}
    told += [f"caution {one} comes: {says[one].rstrip('.')}" for one in sorted(cautions[1] - cautions[0])]
    told += [f"caution {one} goes" for one in sorted(cautions[0] - cautions[1])]
    return f"on {say_date(case.day)}: {'; '.join(said)}", "; ".join(told) or "the same answers, by other rows"


def _decided(pupil: str, policy: Policy) -> Decision | None:
    known = set(policy.corpus.facts.facts)
    (case,) = read_text(pupil, "example", policy, _fields(pupil) - known)
    if not isinstance(case, Case):
        return None
    found = Decider(policy).decide(case)
    return found if isinstance(found, Decision) else None


def _fields(pupil: str) -> set[str]:
    return {line.strip("- ").partition(":")[0] for line in pupil.splitlines()}


def pounds_lines(days: Sequence[PopulationDay]) -> Iterator[str]:
    """Yield by how much the pounds of the made pupils change: for certain, perhaps, and where nobody can tell."""
    told = [f"{_pounds(one)}" for one in days]
    for number, (one, said) in enumerate(zip(days, told, strict=True)):
        if number == 0 or said != told[number - 1]:
            yield f"from {say_date(one.day)}: {said}" if number else f"on {say_date(one.day)}: {said}"


def beside_lines(days: Sequence[tuple[str, PopulationDay]]) -> Iterator[str]:
    """Yield the same under each scenario, and if the proposals counted, for those where something differs."""
    for says, one in days:
        told = [f"{how_many(one.changed)} decided otherwise", *_refused(one)]
        yield f"{says}, on {say_date(one.day)}: {'; '.join(told)}; {_pounds(one)}"


def _refused(one: PopulationDay) -> list[str]:
    refused = how_many(one.refused)
    return [f"{refused} are decided by neither version, so they do not show what changes"] if one.refused else []


def _pounds(one: PopulationDay) -> str:
    paid, said = one.whole, []
    if paid.certain[0]:
        said.append(f"certain {say_money(paid.certain[1], signed=True)} ({how_many(paid.certain[0])} pupils)")
    if paid.possible[0]:
        ends = say_told(paid.possible[1], full=False, signed=True)
        said.append(f"possible: may be {ends} ({how_many(paid.possible[0])} pupils)")
    if not said:
        said.append("nothing differs where both sides are known")
    for word, (count, money) in (("after", one.new), ("before", one.gone)):
        if count and any(money):
            said.append(f"of {how_many(count)} pupils the pounds are known {word} the change only")
        elif count:
            told = "open, and is nothing" if word == "after" else "nothing, and is open"
            said.append(f"of {how_many(count)} pupils the amount was {told} after the change")
    return "; ".join(said)


def _of_caseload(moved: Movement, question: str) -> str:
    """Return of how many cases of a caseload the answer to a question changes, as far as that may be told."""
    if moved.cases is None:
        return "of the caseload given too few cases to be told"
    matrix = moved.matrices.get(question, {})
    cells = [count for (was, now), count in matrix.items() if was != now and ALL not in (was, now)]
    told = sum(count for count in cells if count is not None)
    withheld = None in cells
    many = f"{'at least ' if withheld else ''}{told:,}" if told or not withheld else "some, too few to be told,"
    said = f"{many} of the {moved.cases:,} cases of the caseload given, by {say_answer_name(question)}"
    money = moved.total.difference
    if moved.total.known == "none" or money is None:
        return said
    may = "may be " if money[0] != money[1] else ""
    return f"{said} ({may}{say_told(money, full=False, signed=True)} a year)"
