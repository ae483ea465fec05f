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
from senpolicy.comparing.telling import Nearness, by_nearness, nearness
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.deciding.text import say_answer, title
from senpolicy.files.models.rules import Fact
from senpolicy.language.conditions import FactType
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import lowered, say_date, say_list, say_money, say_value
from senpolicy.readings.symbolic_case import SymbolicResult

#: What one screen holds: so many lines, so many characters in all, and in a line.
MOST_LINES, MOST_CHARACTERS, WIDEST = 25, 2_500, 200
#: The lines beside, which are the same in every review: its mark, the heading, and a blank line above and below.
BESIDE = 4
#: A label of up to so many characters is short enough for it.
SHORT = 40
#: How it is said that all that differs is over on the day of the made pupils.
ENDS_BEFORE = "all that differs ends before that day"
#: What ends a line that has not room for every condition.
MORE = "; and {} more, below"
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
        return self.common(cause.regions, self.shared(told) if told else ())

    def common(self, regions: Sequence[Region], told: Collection[str] = ()) -> list[str]:
        """Return in words what all cases of regions of one matter have in common, less what is `told`.

        Days come first, then what sets these cases apart from those that stay as they are.
        """
        return shared_by(regions, self.compared, told, self.types, self.near(regions[0].about))

    def near(self, about: str) -> Mapping[str, Nearness]:
        """Return how near facts are to the rows that differ, of a matter or of the first that differs."""
        if about not in self._near:
            base, head = self.compared.base, self.compared.head
            own = [one for one in self.compared.regions if one.about == about]
            self._near[about] = nearness(base, head, own) or nearness(base, head, self.main[0].regions)
        return self._near[about]

    @cached_property
    def _near(self) -> dict[str, Mapping[str, Nearness]]:
        return {}

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
    `budgets_by` are the decisions whose values the budgets tell, and `rest` say what is proved to stay.
    `unseen` is whether facts or values are new, which no made pupil has.
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
    budgets_by: Sequence[str] = ()
    rest: Sequence[str] = ()
    unseen: bool = False

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
        by = f" ({', '.join(self.budgets_by)})" if self.budgets_by else ""
        yield from _listed(f"Budgets{by}", self.budgets, room.decided)
        yield from _listed("Not compared", self.gaps, room.decided)
        yield from _listed("New, so not compared", self.leads, room.decided)
        yield from self._many()
        yield from _listed("Pounds a year", self.pounds, room.decided + (room.decided > 1))
        yield from self._examples()
        yield from _listed("To ask", [_both_ends(one, room.wide - 20, 5 / 9) for one in self.asks], room.asks)

    def _whom(self, room: Room) -> Iterator[str]:
        if self.where is None:
            # Of a new question it is told below how many it pays.
            of = {name: one for name, one in self.day.moves.items() if name not in self.paying} if self.day else {}
            found = [f"{title(name)}: {_counted(moves)}" for name, moves in of.items()]
            yield from _listed("Among the made pupils", found, room.moves)
            return
        where, told = self.where, self._told
        way = f" ({where.says})" if where.says else ""
        main = where.main[0]
        for cause in where.main:
            shared = where.shared(cause)
            more = " …" if room.moves > 2 else MORE
            said, left = _fitted(
                f"- **{_changes(cause)}**{way} {shared[0]}, ", cause.regions, shared[1:], room.wide, more
            )
            yield said
            if left and more != MORE:
                yield f"  - … and {_with_room(left, room.wide - 10)[0]}"
            moves = moves_of(cause, told)
            most = max(1, room.moves // len(where.main))
            for one in moves[:most]:
                said = f"  - {_move(one, where.compared, counted=bool(told))}"
                only = where.common(one.regions, shared)
                yield _fitted(f"{said}, ", one.regions, only, room.wide)[0] if only else said
            if len(moves) == 1:
                yield from (f"  - {one}" for one in _either(where, cause, shared, most))
            if further := max(0, len(moves) - most):
                yield f"  - and {further} other change{'s' if further > 1 else ''}, below"
        for cause in where.beside[: room.decided]:
            (move, *_), bounds = moves_of(cause, told), where.shared(cause, main)
            said = _move(move, where.compared, counted=bool(told) and cause.about in told)
            wide = room.wide - min(len(said), room.wide // 2)
            yield f"{_fitted(f'- **{_changes(cause)} too**, ', cause.regions, bounds, wide)[0]}; {said}"
        if others := where.beside[room.decided :]:
            yield f"- Changed too, below: {say_list(names_of(others))}."
        if where.following:
            yield f"- Follows from that, folded below: {say_list(names_of(where.following))}."
        yield from (f"- {one}" for one in self.rest)

    @property
    def _told(self) -> Moves:
        """From which answer to which made pupils move; they are counted by the policy as it is alone."""
        return self.day.moves if self.day and self.where and not self.where.says else {}

    def _many(self) -> Iterator[str]:
        said = []
        if self.day is not None:
            on = f"of {self.pupils:,} made-up pupils on {say_date(self.day.day)}"
            new = {name: paid_by(self.day, name, answers) for name, answers in self.paying.items()}
            if set(self.day.moves) - set(new) or not new:
                said.append(f"{how_many(self.day.changed)} {on}")
            unseen = self._differs_unseen(self.day) or (self.unseen and not self.day.changed)
            said += ["none of them is of a kind that changes"] * unseen
            over = self._ends_before(self.day) and not any(ENDS_BEFORE in one for one in self.pounds)
            said += ["what differs first ends before that day"] * over
            said += [f"'{name}' pays {how_many(paid)}{'' if said else f' {on}'}" for name, paid in new.items()]
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

    def _ends_before(self, day: PopulationDay) -> bool:
        """Return whether what differs first, by the policy as it is, is over before the day of the made pupils."""
        if self.where is None or self.where.says:
            return False
        spans = [span for cause in self.where.main for region in cause.regions for span in region.days]
        return all(last is not None and last < day.day for _, last in spans)

    def _examples(self) -> Iterator[str]:
        for region in examples(self.where.main, self._told)[:1] if self.where else ():
            assert self.where is not None
            said = example(region, self.where)
            if said:
                yield f"- **For example**, {said[0]}"
                yield f"  - {said[1]}"


def _changes(cause: Cause) -> str:
    return f"{title_of(cause.about)} {'change' if cause.about.startswith(CAUTIONS) else 'changes'}"


def _fitted(
    said: str, regions: Sequence[Region], bounds: Sequence[str], wide: int, more: str = MORE
) -> tuple[str, Sequence[str]]:
    """Return a line with what cases of these regions have in common, and what of it there was no room for.

    Of several kinds of case not all that have this in common are meant. `more` ends a line that has not room for all.
    """
    if not bounds:
        return f"{said}of cases that have nothing in common", ()
    (kind, *_), *others = kinds_of(regions)
    said += "only where " if others or kind.related else "where "
    kept, left = _with_room(bounds, wide - len(said), more)
    return said + kept, left


def _with_room(bounds: Sequence[str], wide: int, more: str = MORE) -> tuple[str, Sequence[str]]:
    """Return as many of these conditions as there is room for, the first at least, and those that are left."""
    for many in range(len(bounds), 0, -1):
        left = bounds[many:]
        said = "; ".join(bounds[:many]) + (more.format(len(left)) if left else "")
        if many == 1 or len(said) <= wide:
            break
    return said, left


def _either(where: Where, cause: Cause, shared: Collection[str], most: int) -> list[str]:
    """Return what sets each kind of case apart from the others of which a matter differs; nothing where all is shared.

    Of more kinds than there is room for the first are told.
    """
    kinds = kinds_of(cause.regions)
    bounds = [where.common(regions, shared) for regions in kinds]
    each = dict.fromkeys("; ".join(one) for one in bounds)
    days = {where.common(regions)[0] for regions in kinds}
    if len(each) < 2 or any(not set(one) - days for one in bounds):
        return []
    said = [f"{'either' if number == 0 else 'or'} {one}" for number, one in enumerate(each)]
    left = len(said) - most
    return said if left < 1 else [*said[:most], f"or of {left} other kind{'s' if left > 1 else ''} of case, below"]


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
    known = by_nearness(known, where.near(region.about))
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
    found: dict[str, list[str]] = {}
    for says, one in days:
        told = [f"{how_many(one.changed)} decided otherwise", *_refused(one)]
        found.setdefault(f"on {say_date(one.day)}: {'; '.join(told)}; {_pounds(one)}", []).append(says)
    for told_of, (first, *others) in found.items():
        alike = [one.removeprefix(f"{first}, ") for one in others]
        yield f"{first}, {told_of}{f'; so too {say_list(alike)}' if alike else ''}"


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
