"""What a comparison found: as lines, as Markdown and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from senpolicy.comparing.budgets import what_moves
from senpolicy.comparing.cubes import (
    FactBounds,
    Region,
    days_of,
    kinds_of,
    say_bounds,
    say_compared,
    say_days,
    say_grounds,
)
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.comparing.issued import IssuedOutcome, differing_only
from senpolicy.comparing.movement import ALL, Movement, Sum, Told
from senpolicy.comparing.paying import paying
from senpolicy.comparing.precedents import Held
from senpolicy.comparing.precedents import lines as precedent_lines
from senpolicy.comparing.reach import DifferingWay
from senpolicy.comparing.recorded import recorded
from senpolicy.comparing.telling import Nearness, by_nearness
from senpolicy.deciding.text import Line, title
from senpolicy.files.digests import PlainData
from senpolicy.files.models.views import views_of
from senpolicy.language.conditions import FactType, written
from senpolicy.language.partition import covers, joined, value_of
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import EVERY, paths
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import lowered, say_date, say_money, say_value
from senpolicy.readings.symbolic_case import SymbolicResult

WITHHELD = "*"
WITHHELD_NOTE = f"{WITHHELD} a count under five, or one that would tell such a count, and what rests on it: withheld."


@dataclass(frozen=True)
class Side:
    """One of the two versions: what it was called, and its corpus.

    With `as_of`, a decision, the policy once it was taken; with `scenario`, the policy under it. `meaning` is then the
    digest of what that policy decides by: its files are those of any other.
    """

    name: str
    corpus: Corpus
    as_of: str | None = None
    scenario: str | None = None
    meaning: str | None = None

    @property
    def digest(self) -> str:
        """What tells it from others: the digest of its files, or of what one policy of them decides by."""
        return self.meaning or self.corpus.files_digest

    def to_json(self) -> dict[str, PlainData]:
        """Return the name and the digest."""
        return {"name": self.name, "digest": self.digest}


@dataclass(frozen=True)
class ComparisonReport:
    """Everything that was compared; what was not asked for is None.

    `question` is the only one whose answer was compared, None for all that a decision says. `also` are decisions as of
    which nothing differs beyond what `compared` tells. `problems` say how the facts differ. Then `compared` is of both
    versions carried over onto the facts of both, None where that cannot be.

    `beside` are the other ways of deciding in which something differs, None where they were not looked at; `budgets`
    what of the budgets is divided otherwise, None likewise; `not_compared` what only one version knows or asks; and
    `narrowed` what alone was asked for. `not_looked_at` is what people are told beside decisions and budgets, where
    files differ on which it rests; `leads` what comes of what only the head knows. All of these are
    sentences, or the ends of one.
    """

    base: Side
    head: Side
    compared: Sequence[PolicyComparison] | None = None
    problems: Sequence[str] = ()
    movement: Movement | None = None
    outcomes: Sequence[IssuedOutcome] | None = None
    notes: Sequence[str] = field(default_factory=tuple)
    question: str | None = None
    also: Sequence[str] = ()
    precedents: Sequence[Held] | None = None
    beside: Sequence[DifferingWay] | None = None
    budgets: Sequence[str] | None = None
    not_compared: Sequence[str] = ()
    narrowed: Sequence[str] = ()
    not_looked_at: Sequence[str] = ()
    leads: Sequence[str] = ()

    @property
    def proved_alike(self) -> bool:
        """Whether it is proved that no decision and no budget changes, in any way of deciding that there is."""
        looked_at = self.beside is not None and self.budgets is not None
        return looked_at and self._alike and not (self.beside or self.budgets or self.narrowed)

    @property
    def _alike(self) -> bool:
        """Whether everything that was asked for could be compared, and every case is answered alike."""
        return self.compared is not None and not self.not_compared and not any(one.regions for one in self.compared)

    @property
    def gaps(self) -> list[str]:
        """What was not compared, in plain sentences."""
        found = list(self.not_compared)
        if self.narrowed:
            found.append(f"What was asked for is {' and '.join(self.narrowed)} alone; nothing is said of the rest.")
        elif self.beside is None:
            found.append("What proposed decisions, scenarios and other readings do, since something differs already.")
        return found

    def _rest(self) -> str:
        """Return what is proved of every case that no difference names."""
        if self.question:
            return f"the answer to '{self.question}' is proved to stay"
        if self.not_compared or self.budgets:
            of = "of the facts and values that both know, " if self.problems else ""
            return f"{of}it is proved that the answers to what both versions ask stay as they are"
        return "it is proved that nothing changes"

    @cached_property
    def recorded(self) -> list[str]:
        """What one version records and the other does not, in plain sentences."""
        return list(recorded(self.base.corpus, self.head.corpus))

    def _not_counted(self) -> Iterator[Line]:
        """Yield what the pounds of a caseload leave out: they are those of one question."""
        pays = {**paying(self.base.corpus), **paying(self.head.corpus)}
        counted = views_of(self.base.corpus.files, self.head.corpus.files).pays
        for name in (one for one in pays if counted is None or one != counted.question):
            yield "yellow", f"Not counted: what the question '{name}' pays."

    def _proved(self) -> str:
        """Return what is told of a policy in which every case is answered alike."""
        if self.proved_alike:
            return _PROVED
        if self.question and self._alike:
            return f"Proved: the answer to '{self.question}' never changes."
        return "What both versions ask is answered alike here. That is not all: see what differs, or was not compared."

    @property
    def marks(self) -> list[str]:
        """What each scenario says of itself under which the versions are compared."""
        policies = [one for compared in self.compared or () for one in (compared.base, compared.head)]
        return list(dict.fromkeys(one.scenario.says for one in policies if one.scenario))

    def lines(self) -> Iterator[Line]:
        """Yield the report as lines of text."""
        yield "bold", f"Base {self.base.name} ({short(self.base)}) against head {self.head.name} ({short(self.head)})"
        yield from (("magenta", mark) for mark in self.marks)
        for section, lines in self._sections():
            yield "", ""
            yield "bold", section
            yield from lines

    def markdown(self, most: int | None = None) -> str:
        """Return the report as Markdown, for a pull request: with `most` so many kinds of case of each comparison."""
        found = [
            f"Base `{self.base.name}` ({short(self.base)}) against head `{self.head.name}` ({short(self.head)})",
            "",
            *(line for mark in self.marks for line in (mark, "")),
        ]
        for section, lines in self._sections("```", most):
            found += [f"### {section}", "", *(text for _, text in lines), ""]
        return "\n".join(found)

    def _sections(self, fence: str = "", most: int | None = None) -> Iterator[tuple[str, list[Line]]]:
        for problem in self.problems:
            heading = "The rules could not be compared" if self.compared is None else "The facts differ"
            yield heading, [("red", problem)]
        if self.leads:
            yield "What is new", [("", f"- {one}") for one in self.leads]
        rest = self._rest()
        for compared in self.compared or ():
            style = "green" if self._alike else "yellow"
            yield _heading(compared), [*_regions(compared, fence, rest, most)] or [(style, self._proved())]
        if self.also:
            beyond = "What both versions ask is answered alike there, beyond this."
            if self.proved_alike or not (self.not_compared or self.budgets or self.beside):
                beyond = "Nothing differs beyond this."
            yield f"The policy as of {', '.join(self.also)}", [("green", beyond)]
        for way in self.beside or ():
            for compared in way.compared:
                yield way.says[:1].upper() + way.says[1:], [*_regions(compared, fence, rest, most)]
        if self.problems and self.recorded:
            yield "What is recorded", [("", f"- {one}") for one in self.recorded]
        if self.budgets:
            moving = what_moves(self.budgets, self.base.corpus, self.head.corpus)
            yield moving, [("yellow", f"- {one}") for one in self.budgets]
        if (self.problems or self.compared is not None) and not self.proved_alike and self.gaps:
            yield "Not compared", [("yellow", f"- not compared: {lowered(one)}") for one in self.gaps]
        if self.movement:
            yield "Movement of the caseload", [*_fenced(_matrices(self.movement), fence)]
            lines = [*_pounds(self.movement), *self._not_counted()]
            yield "Pounds a year, as far as known", [*_fenced(lines, fence)]
        if self.outcomes is not None:
            yield "Decisions already issued", [*_fenced(_issued(self.outcomes), fence)]
        if self.precedents is not None:
            yield "Precedents of the board", [*_fenced(precedent_lines(self.precedents), fence)]
        if self.notes:
            yield "Texts that differ", [("", f"- {note}") for note in self.notes]

    def to_json(self) -> dict[str, PlainData]:
        """Return the report as plain data."""
        data: dict[str, PlainData] = {"base": self.base.to_json(), "head": self.head.to_json()}
        if self.problems:
            data["problems"] = list(self.problems)
        data["proved_alike"] = self.proved_alike
        if self.leads:
            data["leads"] = list(self.leads)
        if self.question:
            data["question"] = {"question": self.question, "proved_alike": self._alike}
        if self.compared is not None:
            data["differences"] = [_compared_json(one) for one in self.compared]
            data["nothing_further_as_of"] = list(self.also)
        data["differences_beside"] = [
            {"way": way.says, "differences": [_compared_json(one) for one in way.compared]} for way in self.beside or ()
        ]
        data["budgets"] = list(self.budgets or ())
        data["not_compared"] = [] if self.proved_alike else self.gaps
        if self.movement:
            data["movement"] = self.movement.to_json()
        if self.outcomes is not None:
            data["issued"] = [one.to_json() for one in differing_only(self.outcomes)]
            data["issued_read"] = len(self.outcomes)
        if self.precedents is not None:
            data["precedents"] = [one.to_json() for one in self.precedents]
        data["texts"] = list(self.notes)
        return data


_PROVED = "Proved: no decision changes. For every case that can be, known in full or in part, on every day."


#: What is said of a file in which only comments or layout differ.
LAYOUT = "comments or layout only"


def short(side: Side) -> str:
    """Return the beginning of its digest."""
    return side.digest[:19]


def differing_texts(base: Corpus, head: Corpus) -> dict[str, str]:
    """Return which files differ, by path, and whether in more than comments and layout."""
    ours, theirs = (
        {path.relative_to(one.root).as_posix(): path for path in paths(one.root, EVERY)} for one in (base, head)
    )
    found = {}
    for name in sorted({*ours, *theirs}):
        if name not in ours or name not in theirs:
            found[name] = "gone" if name in ours else "new"
        elif ours[name].read_bytes() != theirs[name].read_bytes():
            alike = name in base.files and base.files[name] == head.files.get(name)
            found[name] = LAYOUT if alike else "changed"
    return found


def _compared_json(one: PolicyComparison) -> dict[str, PlainData]:
    return {
        "as_of": {"base": one.base.as_of, "head": one.head.as_of},
        "summary": _summary_json(one),
        "regions": [region_json(region, one) for region in one.regions],
    }


def region_json(region: Region, compared: PolicyComparison) -> dict[str, PlainData]:
    """Return a region as plain data: ranges with both ends included, null where there is no end."""
    types = compared.base.types

    def value(name: str, number: int) -> Any:
        return written(types[name].type, value_of(types[name], number))

    return {
        "about": region.about,
        "base": _result_json(region.base, types),
        "head": _result_json(region.head, types),
        "facts": {
            name: {"ranges": [[value(name, first), value(name, last)] for first, last in bounds.values],
                   "or_not_known": bounds.unknown}
            for name, bounds in region.facts
        },
        "facts_are": "as given" if region.as_given else "given, or as they follow from others",
        **({"related": [{"says": says, "holds": holds} for says, holds in region.related]} if region.related else {}),
        "days": [{"from": first.isoformat() if first else None, "until": last.isoformat() if last else None}
                 for first, last in region.days],
        "rests_on": {side: [one.to_json() for one in grounds]
                     for side, grounds in zip(("base", "head"), region.grounds, strict=True)},
        "case": region.pupil,
    }  # fmt: skip


def _result_json(result: SymbolicResult, types: Mapping[str, FactType]) -> dict[str, PlainData]:
    data: dict[str, PlainData] = {"answer": result.answer, "says": say_compared(result, types)}
    if result.open_points:
        data["open_points"] = list(result.open_points)
    if result.missing:
        data["missing_facts"] = list(result.missing)
    return data


def _heading(compared: PolicyComparison) -> str:
    base, head = compared.base.as_of, compared.head.as_of
    return f"The policy as of {base}" if base == head else f"The policy as of {base}, and with the change as of {head}"


def _regions(compared: PolicyComparison, fence: str, rest: str, most: int | None) -> Iterator[Line]:
    kinds = kinds_of(compared.regions)
    if not kinds:
        return
    many = f"{len(kinds)} kinds of case are" if len(kinds) > 1 else "One kind of case is"
    yield "yellow", f"{many} decided otherwise; for every other case that can be, {rest}."
    if len(kinds) > 1:
        yield from _summary(compared)
    abouts = list(dict.fromkeys(one.about for one in compared.regions))
    # A kind goes where the first thing changes; those that are settled come before those of which a fact is missing.
    ordered = sorted(kinds, key=lambda kind: (abouts.index(kind[0].about), any(map(_waits, kind))))
    of = [next(index for index, about in enumerate(abouts) if about == kind[0].about) for kind in ordered]
    for number, (kind, about) in enumerate(zip(ordered[:most], of[:most], strict=True), 1):
        if len(kinds) > 1 and of.index(about) == number - 1:
            yield "", ""
            yield "bold", _group(abouts[about], of.count(about), others=about > 0)
        yield from _kind(kind, number, compared, fence)
    if left := len(ordered[most:]) if most is not None else 0:
        yield "", ""
        many = f"{left} more kinds of case are" if left > 1 else "One more kind of case is"
        yield "yellow", f"{many} left out here. `senpolicy compare` lists all."


def _group(about: str, count: int, *, others: bool) -> str:
    more = f"{count} more kind" if others else f"{count} kind"
    return f"{title_of(about)}: {more}{'s' if count > 1 else ''} of case"


def _kind(kind: Sequence[Region], number: int, compared: PolicyComparison, fence: str) -> Iterator[Line]:
    types, first = compared.base.types, kind[0]
    said = "; ".join(say_days(one) for one in first.days)
    yield "", ""
    yield "bold", f"{number}. {said[:1].upper()}{said[1:]}"
    yield "", ""
    follows = _follows(compared.base) if not first.as_given else set()
    for name, bounds in first.facts:
        also = ""
        if name in follows:
            known = ", given or as it follows from other facts"
            also = known if bounds.values else ", and it does not follow from other facts"
        yield "", f"   - {say_bounds(name, bounds, types, compared.limits.get(name, ()))}{also}"
    for says, holds in first.related:
        yield "", f"   - {'' if holds else 'not: '}{lowered(says)}"
    if not first.facts and not first.related:
        yield "", "   - every case"
    yield "", ""
    for one in kind:
        was, now = (say_compared(result, types) for result in (one.base, one.head))
        yield "green", f"   * {title_of(one.about.partition(': ')[2] or one.about)}: {now} (was {was})"
        yield "dim", f"     {say_grounds(one.grounds)}"
    yield "", ""
    pupil = first.pupil.replace("W-0001", f"W-{number:04d}")
    yield "dim", "   One such case:"
    yield from _fenced([("dim", f"   {line}") for line in pupil.splitlines()], fence and f"   {fence}yaml")


def _follows(policy: Policy) -> set[str]:
    """Return the facts that can follow from others."""
    rated = {name for name, fact in policy.corpus.facts.facts.items() if fact.from_ratings}
    return {rule.field for period in policy.periods for rule in period.follows} | rated


def _waits(region: Region) -> bool:
    return bool(region.base.missing or region.head.missing)


def title_of(about: str) -> str:
    """Return the name of a matter as a title: "Route", "Cautions of route"."""
    kind, _, question = about.partition(": ")
    return f"{title(kind)} of {question.replace('_', ' ')}" if question else title(about)


@dataclass(frozen=True)
class _Short:
    """In short, what differs of one thing: in how many kinds of case, and what all of them have in common.

    `moves` are from one answer to another, those in the most kinds of case first; in `waiting` a fact is not known.
    """

    about: str
    kinds: int
    shared: Sequence[str]
    moves: Sequence[tuple[SymbolicResult, SymbolicResult, Sequence[Region]]]
    waiting: Sequence[Region]


def _in_short(compared: PolicyComparison) -> Iterator[_Short]:
    for about, regions in _by(compared.regions, lambda one: one.about).items():
        moves = _by((one for one in regions if not _waits(one)), lambda one: (one.base, one.head))
        many = sorted(moves.items(), key=lambda move: -len(kinds_of(move[1])))
        yield _Short(
            about,
            len(kinds_of(regions)),
            shared_by(regions, compared),
            [(base, head, moved) for (base, head), moved in many],
            [one for one in regions if _waits(one)],
        )


def _summary(compared: PolicyComparison) -> Iterator[Line]:
    """Yield in short, by question, from what to what, for whom roughly, and on which days."""
    types = compared.base.types
    yield "", ""
    yield "bold", "In short"
    yield "", ""
    for one in _in_short(compared):
        of = f"{one.kinds} kind{'s' if one.kinds > 1 else ''} of case"
        yield "bold", f"- {title_of(one.about)}, in {of}: {'; '.join(one.shared)}"
        for base, head, moved in one.moves[:MOST_MOVES]:
            was, now = (say_compared(result, types) for result in (base, head))
            yield "green", f"  - from {was} to {now}{_more(shared_by(moved, compared, one.shared))}"
        left = [region for _, _, moved in one.moves[MOST_MOVES:] for region in moved]
        if left:
            yield "", f"  - and {len(one.moves) - MOST_MOVES} other changes, in {len(kinds_of(left))} kinds of case"
        if one.waiting:
            kinds = len(kinds_of(one.waiting))
            yield "", (f"  - in {kinds} kind{'s' if kinds > 1 else ''} a fact is not known before or after: "
                       f"{_asked(one.waiting)}{_more(shared_by(one.waiting, compared, one.shared))}")  # fmt: skip


def _summary_json(compared: PolicyComparison) -> list[dict[str, PlainData]]:
    """Return what is told in short as plain data, with every change; `shared` and `only` are in words, days first."""
    types = compared.base.types
    found = []
    for one in _in_short(compared):
        told: dict[str, PlainData] = {"about": one.about, "kinds_of_case": one.kinds, "shared": list(one.shared)}
        told["changes"] = [
            {"base": _result_json(base, types), "head": _result_json(head, types),
             "kinds_of_case": len(kinds_of(moved)), "only": shared_by(moved, compared, one.shared)}
            for base, head, moved in one.moves
        ]  # fmt: skip
        if one.waiting:
            told["fact_not_known"] = {"kinds_of_case": len(kinds_of(one.waiting)), "says": _asked(one.waiting),
                                      "only": shared_by(one.waiting, compared, one.shared)}  # fmt: skip
        found.append(told)
    return found


#: So many changes of one question are told in short, those of the most kinds of case first.
MOST_MOVES = 6


def _more(said: Sequence[str]) -> str:
    return f": {'; '.join(said)}" if said else ""


def _asked(regions: Sequence[Region]) -> str:
    """Return which facts are asked for first, before and after, in words."""
    was = {name for one in regions for name in one.base.missing}
    now = {name for one in regions for name in one.head.missing}
    said = [f"{word} for {', '.join(sorted(names))}" for word, names in (("before", was), ("now", now)) if names]
    return f"asked {' and '.join(said)}"


def shared_by(
    regions: Sequence[Region],
    compared: PolicyComparison,
    told: Collection[str] = (),
    types: Mapping[str, FactType] | None = None,
    near: Mapping[str, Nearness] | None = None,
) -> list[str]:
    """Return what all regions have in common, days first, less what is `told`: all of their cases lie within it.

    `types` call the facts by other names than those of the base. Those facts come first that are the nearest to what
    differs, by `near`.
    """
    types = types or compared.base.types
    spans = joined(((one or date.min).toordinal(), (other or date.max).toordinal())
                   for region in regions for one, other in region.days)  # fmt: skip
    said = [", ".join(say_days(days_of(*span)) for span in spans)]
    common = set.intersection(*({name for name, _ in one.facts} for one in regions))
    for name in by_nearness((name for name, _ in regions[0].facts if name in common), near or {}):
        each = [bounds for one in regions for of, bounds in one.facts if of == name]
        whole = FactBounds(tuple(joined(span for one in each for span in one.values)), any(one.unknown for one in each))
        if covers(types[name], whole.values):
            continue
        words = say_bounds(name, whole, types, compared.limits.get(name, ()))
        label, _, values = words.partition(": ")
        # Of most of the values those are told that are left.
        inside = {at for first, last in whole.values for at in range(first, last + 1)} if types[name].values else set()
        left = [one for at, one in enumerate(types[name].values) if at not in inside]
        if 2 * len(left) < len(inside) and not whole.unknown:
            said.append(f"{label.partition(',')[0]}: any but {say_value(tuple(left), types[name])}")
            continue
        alone = speaks_for_itself(name, values, types) and not whole.unknown
        said.append(values if alone else f"{label.partition(',')[0]}: {values}")
    return [one for one in said if one not in told]


def speaks_for_itself(name: str, words: str, types: Mapping[str, FactType]) -> bool:
    """Return whether the values of a choice say of what they are: no number, and not what another fact can be too."""
    kind = types[name]
    others = {
        label for other, one in types.items() if other != name and not one.is_answer for label in one.value_labels
    }
    shared = others.intersection(kind.value_labels)
    return kind.type == "choice" and not words[:1].isdigit() and not any(label in words for label in shared)


#: By what regions are grouped.
Key = TypeVar("Key")


def _by(regions: Iterable[Region], key: Callable[[Region], Key]) -> dict[Key, list[Region]]:
    found: dict[Key, list[Region]] = {}
    for one in regions:
        found.setdefault(key(one), []).append(one)
    return found


def _fenced(lines: Sequence[Line] | Iterator[Line], fence: str) -> Iterator[Line]:
    if fence:
        yield "", fence
    yield from lines
    if fence:
        yield "", fence.replace("yaml", "")


# Tables


def _matrices(movement: Movement) -> Iterator[Line]:
    for name, matrix in movement.matrices.items():
        rows = [*dict.fromkeys(was for was, _ in matrix if was != ALL), ALL]
        columns = [*dict.fromkeys(now for _, now in matrix if now != ALL), ALL]
        words = [say_answer_name(one) for one in columns]
        wide = max(len(say_answer_name(one)) for one in rows)
        yield "bold", f"{title(name)}, from (rows) to (columns)"
        yield "", " ".join([" " * wide, *words])
        for was in rows:
            cells = [_count(matrix.get((was, now), 0)) for now in columns]
            padded = [f"{cell:>{len(word)}}" for cell, word in zip(cells, words, strict=True)]
            yield "", " ".join([f"{say_answer_name(was):<{wide}}", *padded])
        yield "", ""
    yield from _withheld_note(movement)
    yield from (("", note) for note in movement.notes)


def _pounds(movement: Movement) -> Iterator[Line]:
    for name, members in movement.by.items():
        shown = {one: told for one, told in members.items() if told[0] is not None or told[1] is not None}
        # Apart from each other: how many there are, and the pounds of those of them whose pounds are known.
        counts = [["by " + name, "cases in the base", "in the head"]]
        counts += [[say_answer_name(one), _count(was), _count(now)] for one, (was, now, _) in shown.items()]
        yield from _table(counts)
        if len(shown) < len(members):
            yield "dim", f"and {len(members) - len(shown)} more, whose counts are withheld"
        yield "", ""
        rows = [["by " + name, "base", "head", "difference", "pounds known of"]]
        for one, (_, _, sums) in shown.items():
            rows.append([say_answer_name(one), say_sum(sums, sums.base), say_sum(sums, sums.head),
                         say_sum(sums, sums.difference, signed=True), sums.known or WITHHELD])  # fmt: skip
        yield from _table(rows)
        yield "", ""
    total = movement.total
    yield from _table(
        [
            ["all", "base", "head", "difference", "pounds known of"],
            ["", say_sum(total, total.base), say_sum(total, total.head), say_sum(total, total.difference, signed=True),
             total.known or WITHHELD],
        ]
    )  # fmt: skip
    if movement.movers:
        yield "", ""
        yield from _table([["largest movers", "cases", "difference"],
                           *([say_answer_name(name), _count(count), say_told(money, signed=True)]
                             for name, count, money in movement.movers)])  # fmt: skip
    yield "", ""
    for said in _OF_POUNDS:
        yield "dim", said
    yield from _withheld_note(movement)


_OF_POUNDS = (
    "Pounds of the cases whose amount is known under both: as the decision gives it, the low and high end of a",
    "protected part, or nothing where this policy pays nothing. Of 'some', the amount of the others is not known and",
    "not in the sum; of 'none', no amount is known. A difference by route is of what the route pays.",
    "A range says what it may be; the difference of two ranges is told from low end to low end, and high to high.",
    "Share one such report about the same pupils: of two, one may be subtracted from the other.",
)


def _withheld_note(movement: Movement) -> Iterator[Line]:
    cells = [count for matrix in movement.matrices.values() for count in matrix.values()]
    sums = [one for members in movement.by.values() for _, _, one in members.values()]
    told = all(one.known == "none" or (one.known and one.difference and one.difference[1] is not None)
               for one in (*sums, movement.total))  # fmt: skip
    if None in cells or movement.cases is None or not told:
        yield "dim", WITHHELD_NOTE


def say_sum(sums: Sum, money: Told | None, *, signed: bool = False) -> str:
    """Return pounds of a sum, "not known" where no amount is, and a sign where it is withheld."""
    return "not known" if sums.known == "none" else say_told(money, signed=signed)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    wide = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first, *rest = (f"{cell:<{wide[at]}}" if at == 0 else f"{cell:>{wide[at]}}" for at, cell in enumerate(row))
        yield "", "  ".join([first, *rest]).rstrip()


def _issued(outcomes: Sequence[IssuedOutcome]) -> Iterator[Line]:
    found = [*differing_only(outcomes)]
    read = f"{len(outcomes)} decision{'s' if len(outcomes) != 1 else ''} read"
    yield "", f"{read}; {len(found) or 'none'} would come out differently."
    others = sum(not one.issued.by_base for one in outcomes)
    if others:
        yield "yellow", f"{others} of them rest on another version of the policy than the base."
    for one in found:
        yield "", ""
        yield "bold", f"{one.issued.ref}, decided for {say_date(one.issued.day)}"
        if one.note:
            yield "red", f"  {one.note}"
        if one.first:
            last = f" to {say_date(one.last)}" if one.last else " on"
            yield "", f"  differs from {say_date(one.first)}{last}, were the facts the same"
        for name, (was, now) in one.changed.items():
            yield "green", f"  {title(name)}: {_plain(now)} (issued: {_plain(was)})"
        if one.asks:
            why = (
                "the case does not give"
                if one.issued.whole
                else "cannot be told from the decision, which does not record"
            )
            yield "yellow", f"  {why} {', '.join(one.asks)}"
        if (one.changed or one.first) and not one.note:
            yield from _money_lines(one)


def _money_lines(one: IssuedOutcome) -> Iterator[Line]:
    was, then = (say_told(money) if money else "not known" for money in (one.base, one.head))
    if one.difference is None:
        if was != then:
            yield "", f"  pounds a year: {was} issued, {then} then"
        return
    yield "", f"  pounds a year: {was} issued, {then} then: {say_told(one.difference, signed=True)}"
    if one.for_the_days is not None and one.first and one.last:
        days = (one.last - one.first).days + 1
        yield "", f"  for those {days} days, by 365ths: {say_told(one.for_the_days, signed=True)}"


def _plain(answer: Mapping[str, Any] | None) -> str:
    if answer is None:
        return "not asked"
    words = say_answer_name(str(answer["answer"]))
    aside = [*answer.get("open_points", []), *(f"{name} is not known" for name in answer.get("missing_facts", []))]
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in answer.items()
               if name not in ("answer", "open_points", "missing_facts")]  # fmt: skip
    return words + (f" ({', '.join(aside)})" if aside else "") + (f", {', '.join(figures)}" if figures else "")


def say_answer_name(answer: str) -> str:
    """Return an answer or a move in words."""
    return answer.replace("_", " ")


def say_told(money: Told | None, *, full: bool = True, signed: bool = False) -> str:
    """Return pounds as far as they may be told, `full` with pence throughout; a range by its two ends.

    >>> say_told((299999, 450000)), say_told((-100, -100), signed=True), say_told((0, 0), signed=True)
    ('£2,999.99 to £4,500.00', '-£1.00', '£0.00')
    >>> say_told((299999, None))
    '£2,999.99 to *'
    """
    if money is None:
        return WITHHELD
    said = [WITHHELD if one is None else say_money(one, full=full, signed=signed) for one in money]
    return said[0] if money[0] == money[1] else " to ".join(said)


def _count(count: int | None) -> str:
    return WITHHELD if count is None else f"{count:,}"
