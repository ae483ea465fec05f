"""The timeline of a case: the days on which any answer changes, or a caution that goes with it, and what changes.

Three things change an answer: a date of the policy, facts that a case gives with dates (`changes`), and a birthday. A
case holds completed years on one day, never a date of birth, so a birthday is a window of days: within it the answers
until the birthday and those from it are both shown. A year group rolls on only where `changes` say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from senpolicy.deciding.cases import Case, Refused, checked, read_cell, read_row
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.deciding.text import WIDTH, Line, caution_lines, say_answer, title
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Place, Problem, WrongUse
from senpolicy.language.conditions import Value, tests
from senpolicy.language.days import years_after
from senpolicy.language.partition import cells_of
from senpolicy.policy.days import NOT_IN_FORCE
from senpolicy.policy.timeline import Policy
from senpolicy.proving.nearest import differing, given_facts, warned
from senpolicy.readings.say import say_date
from senpolicy.readings.symbolic_case import conditions_of

ONE_DAY = timedelta(days=1)
#: A timeline looks for birthdays as far before its first day as after it: the calendar ends with the year 9999.
YEARS = range(1900, 3000)


@dataclass(frozen=True)
class FactsFrom:
    """Facts that are otherwise from a day on; None: not known from then on."""

    day: date
    facts: Mapping[str, Value]


@dataclass(frozen=True)
class Birthday:
    """A birthday of which no day is known: its window, both ends included, and the age that the pupil turns."""

    earliest: date
    latest: date
    age: int


@dataclass(frozen=True)
class CasePeriod:
    """Days, both ends included, on which a case gives the same; and why it does not on the day before.

    Where a birthday may lie in the stretch and would change an answer, `birthday` is its window and the age that the
    pupil turns, and `from_birthday` the decision from it on.
    """

    first: date
    last: date
    because: tuple[str, ...]
    decision: Decision
    birthday: Birthday | None = None
    from_birthday: Decision | None = None

    def changed(self, before: CasePeriod | None) -> tuple[list[str], list[str]]:
        """Return the answers that differ from the stretch before, and those that differ from the birthday on.

        Within one window the days until the birthday are held against each other, and so are those from it on.
        """
        last = before and (before.from_birthday or before.decision)
        after = self.decision
        if before and before.from_birthday and before.birthday == self.birthday:
            last, after = before.decision, before.from_birthday
        return (
            list(differing(last, self.decision)) if last else [],
            list(differing(after, self.from_birthday)) if self.from_birthday else [],
        )

    def warned(self, before: CasePeriod | None) -> list[str]:
        """Return the questions whose answer has other cautions than at the end of the stretch before."""
        then = warned(before.from_birthday or before.decision) if before else {}
        return [name for name, cautions in warned(self.decision).items() if name in then and then[name] != cautions]


@dataclass(frozen=True)
class Timeline:
    """The results of a case from its day until another, stretch by stretch.

    It ends where a fact, or its value, no longer counts: `then` are the problems of the case from the next day on.
    """

    case: Case
    until: date
    stretches: tuple[CasePeriod, ...]
    then: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, PlainData]:
        """Return the stretches as plain data: days, what changed, and the answers without their reasons."""
        policy = self.stretches[0].decision.policy
        return {
            "case_ref": self.case.ref,
            "from": self.case.day.isoformat(),
            "until": self.until.isoformat(),
            "policy": {"as_of": policy.as_of, "digest": policy.digest},
            "stretches": [*self._json()],
            **({"then": [problem.to_json() for problem in self.then]} if self.then else {}),
        }

    def _json(self) -> Iterator[dict[str, PlainData]]:
        before: CasePeriod | None = None
        for one in self.stretches:
            changed, from_birthday = one.changed(before)
            data: dict[str, PlainData] = {"from": one.first.isoformat(), "until": one.last.isoformat()}
            data |= {"because": list(one.because), "changed": changed, "cautions_changed": one.warned(before)}
            data |= {"answers": _answers(one.decision)}
            if one.birthday and one.from_birthday:
                data["birthday"] = {
                    "age": one.birthday.age,
                    "earliest": one.birthday.earliest.isoformat(),
                    "latest": one.birthday.latest.isoformat(),
                    "changed": from_birthday,
                    "answers": _answers(one.from_birthday),
                }
            yield data
            before = one

    def lines(self) -> Iterator[Line]:
        """Yield the timeline as lines, each answer or caution that differs from the stretch before with a star."""
        policy = self.stretches[0].decision.policy
        head = f"{self.case.ref}, from {say_date(self.case.day)} to {say_date(self.until)}, policy as of {policy.as_of}"
        yield "bold", head
        before: CasePeriod | None = None
        for one in self.stretches:
            changed, from_birthday = one.changed(before)
            yield "", ""
            days = f"{say_date(one.first)} to {say_date(one.last)}" if one.first < one.last else say_date(one.first)
            yield "bold", f"  {days}"
            for because in one.because:
                yield "dim", f"    {because}"
            if one.birthday:
                window = f"{say_date(one.birthday.earliest)} to {say_date(one.birthday.latest)}"
                yield "", f"    The pupil turns {one.birthday.age} on a day from {window}; no date of birth is held."
                yield "", "    Until that birthday:"
            yield from _answer_lines(one.decision, changed, before)
            if one.from_birthday:
                yield "", "    From that birthday on:"
                yield from _answer_lines(one.from_birthday, from_birthday)
            before = one
        for problem in self.then:
            yield "yellow", f"  {problem.message} {problem.help}"
        yield "", ""


def _answers(decision: Decision) -> dict[str, PlainData]:
    aside = ("because", "did_not_hold")
    found: dict[str, PlainData] = {}
    for name, answer in decision.answers.items():
        if not answer.step:
            data = answer.to_json(decision.policy)
            found[name] = {key: value for key, value in data.items() if key not in aside}
    return found


def _answer_lines(decision: Decision, changed: list[str], before: CasePeriod | None = None) -> Iterator[Line]:
    then = warned(before.from_birthday or before.decision) if before else warned(decision)
    for name, answer in decision.answers.items():
        if not answer.step:
            mark, style = ("* ", "yellow") if name in changed else ("  ", "")
            yield style, f"    {mark}{title(name):<{WIDTH}}{say_answer(answer)}"
            for caution, (colour, line) in zip(answer.cautions, caution_lines(answer, 0), strict=True):
                yield colour, f"      {'  ' if caution.id in then.get(name, ()) else '* '}{line}"


def changes_of(case: Case, policy: Policy) -> list[FactsFrom] | Refused:
    """Return the facts that a case gives with dates under `changes`, by day, or refused with everything wrong there.

    Each item has `from`, a day after that of the decision, and `facts`, read as strictly as those of a case; an empty
    one is not known from then on.
    """
    written = case.beside.get("changes")
    if written in (None, "", []):
        return []
    found: list[FactsFrom] = []
    problems: list[Problem] = []
    for number, item in enumerate(written if isinstance(written, list) else [written], 1):
        read = _change(case, number, item, policy)
        if isinstance(read, FactsFrom):
            found.append(read)
        else:
            problems += read
    days = [one.day for one in found]
    if len(set(days)) < len(days):
        problems.append(_problem(case, "same-day", "Two of the changes are from one day.", "Write them as one."))
    return Refused(case.ref, tuple(problems), case.row) if problems else sorted(found, key=lambda one: one.day)


def _change(case: Case, number: int, item: Any, policy: Policy) -> FactsFrom | list[Problem]:
    help = "Write each as {from: 2026-01-05, facts: {setting: srp}}."
    if not isinstance(item, dict) or set(item) != {"from", "facts"} or not isinstance(item["facts"], dict):
        return [_problem(case, "not-a-change", f"Change {number} is not a day and facts.", help)]
    if not isinstance(item["from"], str):
        return [_problem(case, "not-a-date", f"The day of change {number} is not a date.", help)]
    try:
        day = read_cell("decision_date", item["from"], policy.types["decision_date"])
    except ValueError as error:
        message, help = error.args if len(error.args) == 2 else ("This is not a date.", help)
        return [_problem(case, "not-date", f"Change {number}: {message}", help)]
    assert isinstance(day, date)
    if day <= case.day:
        said = f"Change {number} is not after the day of the decision."
        return [_problem(case, "change-too-early", said, "Give the facts of the case as they are on its own day.")]
    facts: dict[str, PlainData] = item["facts"]
    aside = {"case_ref", "decision_date", "changes"} & set(facts)
    if aside or not facts:
        said = f"Change {number} changes no fact of the pupil."
        return [_problem(case, "not-a-change", said, "Give the facts that are otherwise from that day on.")]
    cells = [("case_ref", case.ref), ("decision_date", day.isoformat()), *facts.items()]
    row = read_row(cells, case.row, "", policy)
    if isinstance(row, Refused):
        return [replace(one, message=f"Change {number}: {one.message}") for one in row.problems]
    given = given_facts(row)
    return FactsFrom(day, {name: given.get(name) for name in facts})


def _problem(case: Case, code: str, message: str, help: str) -> Problem:
    return Problem(Place(""), code, message, help, row=case.row, field="changes")


class Ages:
    """Which ages a pupil may have on a day: one or two, as far as completed years on one day tell.

    `births` are the first and last day on which the pupil can have been born: none is held, and more than these is not
    known. A change of age is a birthday: where one is given, every later and earlier one is known.
    """

    def __init__(self, day: date, age: int, changes: list[tuple[date, int]]) -> None:
        self.births = _births(day, age)
        self.birthday = next(((on, turned) for on, turned in changes if turned != age), None)
        self.wrong: list[int] = []
        for number, (on, turned) in enumerate(changes):
            told = [self.births, _births(on, turned)]
            if self.birthday == (on, turned):
                told.append(_births(on - ONE_DAY, turned - 1))
            first, last = max(one for one, _ in told), min(one for _, one in told)
            if first > last:
                self.wrong.append(number)
            else:
                self.births = first, last

    def on(self, day: date) -> tuple[int, ...]:
        """Return the ages that the pupil may have on a day from that of the decision on, lowest first."""
        first, last = self.births
        return tuple(range(_full_years(last, day), _full_years(first, day) + 1))

    def window(self, day: date) -> Birthday:
        """Return the birthday that may have been or be still to come, on a day on which two ages are possible."""
        turned = self.on(day)[-1]
        earliest, latest = (years_after(born, turned) for born in self.births)
        return Birthday(earliest, latest, turned)

    def edges(self, until: date) -> Iterator[date]:
        """Yield the days on which what is known of the age changes."""
        for born in self.births:
            for years in range(until.year - born.year + 1):
                yield years_after(born, years)


def _births(day: date, age: int) -> tuple[date, date]:
    """Return the first and the last day of birth with which somebody is so many completed years old on a day."""
    return _last_birth(day, age + 1) + ONE_DAY, _last_birth(day, age)


def _last_birth(day: date, years: int) -> date:
    """Return the last day of birth with which somebody has turned so many years by a day."""
    born = years_after(day, -years)
    return born if years_after(born, years) <= day else born - ONE_DAY


def _full_years(start: date, day: date) -> int:
    years = day.year - start.year
    return years if years_after(start, years) <= day else years - 1


def timeline(decider: Decider, case: Case, until: date | None = None) -> Timeline | Refused | NotIssued:
    """Return the results of a case from its day until another, or why it cannot be said.

    Without `until`: to a year after the last date of the policy, of the changes and of the case itself. Raises
    `WrongUse` for a day before that of the case, and for one that no pupil of the policy can see.
    """
    policy = decider.policy
    changes = changes_of(case, policy)
    if isinstance(changes, Refused):
        return changes
    starts = [period.start for period in policy.periods if period.start]
    if until is None:
        last = max([case.day, *starts, *(one.day for one in changes)])
        until = years_after(last, 1) - ONE_DAY if last.year in YEARS else last
    if not (case.day.year in YEARS and until.year in YEARS):
        said = f"from {YEARS[0]} to {YEARS[-1]}"
        raise WrongUse(f"A timeline can be drawn for the years {said}; that of {case.ref} lies beyond.")
    if until < case.day:
        raise WrongUse(f"The timeline of {case.ref} would end before it starts, on {case.day}.")
    return _DayWalk(decider, case, changes, until).timeline()


class _DayWalk:
    def __init__(self, decider: Decider, case: Case, changes: list[FactsFrom], until: date) -> None:
        self.decider, self.policy, self.case, self.changes, self.until = decider, decider.policy, case, changes, until
        kinds = self.policy.types
        self.age = next((name for name, kind in kinds.items() if kind.type == "integer" and kind.unit == "years"), "")
        now = given_facts(case).get(self.age)
        turned = [(one.day, one.facts[self.age]) for one in changes if self.age in one.facts]
        known = [(day, age) for day, age in turned if isinstance(age, int)]
        # Once the age is given as not known, nothing more is said of it.
        self.ages = Ages(case.day, now, known) if isinstance(now, int) and len(known) == len(turned) else None

    def timeline(self) -> Timeline | Refused | NotIssued:
        if self.ages and self.ages.wrong:
            said = "The age of a change does not follow from the age on the day of the decision."
            problem = _problem(self.case, "age-does-not-follow", said, "Check both ages and both days.")
            return Refused(self.case.ref, (problem,), self.case.row)
        edges = sorted(day for day in self.edges() if self.case.day <= day <= self.until)
        found: list[CasePeriod] = []
        for first, following in zip(edges, [*edges[1:], self.until + ONE_DAY], strict=True):
            stretch = self.stretch(first, following - ONE_DAY)
            if (
                isinstance(stretch, Refused)
                and found
                and all(one.code.endswith(NOT_IN_FORCE) for one in stretch.problems)
            ):
                return Timeline(self.case, first - ONE_DAY, tuple(found), stretch.problems)
            if not isinstance(stretch, CasePeriod):
                return stretch
            if found and _same(found[-1], stretch):
                birthday, after = stretch.birthday, stretch.from_birthday
                found[-1] = replace(found[-1], last=stretch.last, birthday=birthday, from_birthday=after)
            else:
                found.append(replace(stretch, because=tuple(self.because(first))))
        return Timeline(self.case, self.until, tuple(found))

    def edges(self) -> set[date]:
        """Return every day on which something could change."""
        days = {self.case.day, *(one.day for one in self.changes)}
        days |= {period.start for period in self.policy.periods if period.start}
        for period in self.policy.periods:
            asked = [test for one in conditions_of(period) for test in tests(one) if test.fact == "decision_date"]
            days |= {date.fromordinal(cell.first) for cell in cells_of(self.policy.types["decision_date"], asked)}
        return days | set(self.ages.edges(self.until) if self.ages else ())

    def stretch(self, first: date, last: date) -> CasePeriod | Refused | NotIssued:
        facts = given_facts(self.case)
        for change in self.changes:
            if change.day <= first:
                facts |= change.facts
        ages: tuple[Value, ...] = self.ages.on(first) if self.ages else (facts.get(self.age),)
        decided: list[Decision] = []
        for age in ages:
            known = {name: value for name, value in {**facts, self.age: age}.items() if name and value is not None}
            case = checked(
                self.case.ref, first, {**known, "decision_date": first}, self.policy, Place(""), self.case.row
            )
            if isinstance(case, Refused):
                told = [replace(one, message=f"From {say_date(first)} on: {one.message}") for one in case.problems]
                return Refused(case.ref, tuple(told), case.row)
            decision = self.decider.decide(case)
            if isinstance(decision, NotIssued):
                return decision
            decided.append(decision)
        if self.ages and len(decided) > 1 and _differ(*decided):
            return CasePeriod(first, last, (), decided[0], self.ages.window(first), decided[1])
        return CasePeriod(first, last, (), decided[0])

    def because(self, day: date) -> Iterator[str]:
        """Yield what happens on a day: the dates of the policy by their labels, and the facts that change."""
        if any(period.start == day for period in self.policy.periods) and day > self.case.day:
            named = [
                f"{setters[-1][1].label} ({setters[-1][0]})"
                for setters in ([one for one in every if one[0] in self.policy.decisions]
                                for every in self.policy.corpus.parameters.values())
                if setters and setters[-1][1].unit == "date" and setters[-1][1].value == day
            ]  # fmt: skip
            for number, one in self.policy.settled:
                if one.start == day:
                    about = self.policy.corpus.open_points[one.point][1].title
                    named.append(f"{about}: settled{' in part' if one.leaves else ''} by {number}")
            yield from named or ["A date of the policy."]
        for change in self.changes:
            if change.day == day:
                yield f"Facts change: {', '.join(change.facts)}."
        if (
            self.ages
            and self.ages.birthday
            and day > self.case.day
            and self.ages.on(day) != self.ages.on(day - ONE_DAY)
        ):
            yield f"A birthday: {self.ages.on(day)[0]}."


def _same(one: CasePeriod, after: CasePeriod) -> bool:
    """Return whether one stretch goes on in the next: the same answers and cautions, or the same until a birthday."""
    if _differ(one.decision, after.decision):
        return False
    if one.from_birthday is None or after.from_birthday is None:
        return one.from_birthday is None
    return one.birthday == after.birthday and not _differ(one.from_birthday, after.from_birthday)


def _differ(one: Decision, other: Decision) -> bool:
    """Return whether two decisions differ in an answer, or in what goes with one."""
    return bool(differing(one, other)) or warned(one) != warned(other)
