"""Options side by side: one caseload under the policy and under scenarios, as far as each says what becomes of it.

What an option leaves open stays open in its column, and is counted. A case is one of these: nothing is paid; what is
paid in a year is known; of a part both ends are known; or nothing is known of it. Counts under five are withheld, and
so is what would tell one (see `suppression.withheld`); of pounds, too, what a few cases make of the difference of two
sums.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from senpolicy.caseloads.groups import open_grouped
from senpolicy.caseloads.run import cases, decided, references
from senpolicy.caseloads.small_counts import LEAST, WITHHELD, few
from senpolicy.caseloads.templates import page_template
from senpolicy.comparing.movement import CASELOADS, NOT_DECIDED, VERIFIED, Money, Row, money_of, row_money
from senpolicy.comparing.suppression import Number, Part, count, withheld
from senpolicy.deciding.cases import Case, read_file
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.models.views import Pays, needed, views_of
from senpolicy.language.conditions import pounds
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import compiled
from senpolicy.readings.say import say_money

Progress = Callable[[int, int], None]
#: What becomes of the pounds of a case: nothing is paid, the whole is known, both ends of a part are, or nothing is.
NOTHING, WHOLE, PART, OPEN = "nothing", "known", "in_part", "open"
#: So few rows are decided one by one: to write a query for each option takes longer.
FEW = 300
#: What a cell counts: (number of the option, what, which).
Key = tuple[int, str, str]


@dataclass(frozen=True)
class Become:
    """What becomes of one case under one option: its answers, the pounds a year, and the points that leave them open.

    `money` is in pence, low and high; None where it is not known.
    """

    answers: Mapping[str, str]
    money: Money | None
    points: tuple[str, ...]
    whole: bool
    """Whether the pounds are all that is paid, and no part of it."""

    @property
    def paid(self) -> str:
        """What is known of the pounds."""
        if self.money is None:
            return OPEN
        if self.money == (0, 0):
            return NOTHING
        return WHOLE if self.whole else PART


@dataclass(frozen=True)
class Option:
    """One option: the policy that it makes, and what becomes of each case, None for one that is not decided."""

    policy: Policy
    cases: Sequence[Become | None]

    @property
    def name(self) -> str:
        """The scenario's name; "" for the policy itself."""
        return self.policy.scenario.scenario if self.policy.scenario else ""

    @property
    def refused(self) -> int:
        """How many cases are not decided."""
        return sum(case is None for case in self.cases)

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return self.policy.scenario.title if self.policy.scenario else "The policy as it is"


@dataclass(frozen=True)
class Options:
    """Several options over one caseload, with every small count withheld.

    `questions` are those by whose answers cases are counted: the route, then what is protected, where there is one.
    """

    options: Sequence[Option]
    questions: Sequence[str]
    notes: Sequence[str] = field(default_factory=tuple)

    @cached_property
    def cells(self) -> dict[Key, list[int]]:
        """The cases of each count, by their place."""
        found: dict[Key, list[int]] = {}
        for at, option in enumerate(self.options):
            for number, case in enumerate(option.cases):
                keys = [(at, "all", "")]
                if case is None:
                    keys.append((at, "all", NOT_DECIDED))
                else:
                    keys += [(at, question, case.answers.get(question, NOT_DECIDED)) for question in self.questions]
                    keys += [(at, "paid", case.paid), *((at, "point", name) for name in case.points)]
                for key in keys:
                    found.setdefault(key, []).append(number)
        return found

    @cached_property
    def hidden(self) -> set[Key]:
        """The counts that are withheld."""
        cells = {key: count(numbers) for key, numbers in self.cells.items()}
        return withheld(cells, [(at, "all", "") for at in range(len(self.options))])

    @cached_property
    def hidden_sums(self) -> set[Key]:
        """The sums of pounds that are withheld.

        Of two sums that differ by what a few cases get, of one option or of two, the later one is withheld: the
        difference tells it.
        """
        cells: dict[Key, Number] = {}
        gone = set[Key]()
        for at, option in enumerate(self.options):
            for kind, end in ((WHOLE, 0), (PART, 0), (PART, 1)):
                key = (at, kind, ("low", "high")[end])
                parts = frozenset(_parts(option, kind, end))
                others = (number.plus for one, number in cells.items() if one not in gone)
                apart = (len({case for case, _ in parts ^ other}) for other in others)
                if (at, "paid", kind) in self.hidden or few(*apart):
                    gone.add(key)
                cells[key] = Number(parts)
        return withheld(cells, gone=gone)

    def count(self, at: int, what: str, which: str) -> int | None:
        """Return a count of an option, None where it is withheld."""
        return None if (at, what, which) in self.hidden else len(self.cells.get((at, what, which), ()))

    def pounds(self, at: int, kind: str, end: int = 0) -> int | None:
        """Return a sum of an option in pence, None where it is withheld."""
        if (at, kind, ("low", "high")[end]) in self.hidden_sums:
            return None
        return sum(case.money[end] for case in self.options[at].cases if case and case.money and case.paid == kind)

    def named(self, at: int, what: str) -> dict[str, int | None]:
        """Return the counts of an option by answer or point, in the order of the files, of those that have a case."""
        there = {which for one, kind, which in self.cells if (one, kind) == (at, what)}
        known = self.words(at, what)
        order = [which for which in (*known, *sorted(there - known.keys())) if which in there]
        return {which: self.count(at, what, which) for which in order}

    def words(self, at: int, what: str) -> dict[str, str]:
        """Return the words of what is counted: of answers those of the question, of points their titles."""
        policy = self.options[at].policy
        if what == "point":
            return {name: point.title for name, (_, point) in policy.corpus.open_points.items()}
        added = policy.scenario.answers.get(what, {}) if policy.scenario else {}
        return {**policy.corpus.questions[what].answers, **added, UNDETERMINED: "Open, or a fact is missing."}

    def to_json(self) -> dict[str, PlainData]:
        """Return the options as plain data; null where a count or a sum is withheld."""
        return {
            "options": [self._one(at) for at in range(len(self.options))],
            "says": SAYS,
            "withheld": f"Counts from 1 to {LEAST - 1}, and what would tell one, are null.",
            "notes": list(self.notes),
        }

    def _one(self, at: int) -> dict[str, PlainData]:
        option = self.options[at]
        scenario = option.policy.scenario
        weighs, assumes = (scenario.weighs, scenario.assumptions) if scenario else ((), ())
        paid: dict[str, dict[str, PlainData]] = {
            kind: {"pupils": self.count(at, "paid", kind)} for kind in (NOTHING, WHOLE, PART, OPEN)
        }
        for kind, name, end in ((WHOLE, "pounds_a_year", 0), (PART, "low", 0), (PART, "high", 1)):
            told = self.pounds(at, kind, end)
            paid[kind][name] = None if told is None else pounds(told)
        return {
            "scenario": {"name": scenario.scenario, "says": scenario.says} if scenario else None,
            "title": option.title,
            "policy": {"as_of": option.policy.as_of, "digest": option.policy.digest},
            "weighs": [{"id": one.id, "says": one.says, **one.source.to_json()} for one in weighs],
            "assumes": [{"id": one.id, "says": one.says, "because": one.because} for one in assumes],
            "pupils": self.count(at, "all", ""),
            "not_decided": self.count(at, "all", NOT_DECIDED),
            "answers": {
                question: [{"answer": name, "pupils": number} for name, number in self.named(at, question).items()]
                for question in self.questions
            },
            "paid": {kind: dict(held) for kind, held in paid.items()},
            "open_points": [{"open_point": name, "pupils": number} for name, number in self.named(at, "point").items()],
        }

    def rows(self) -> list[tuple[str, list[str]]]:
        """Return the options as a table: what is told, and of each option its figure, in words."""
        every = range(len(self.options))

        def counts(what: str, which: str) -> list[str]:
            return [_say(self.count(at, what, which)) for at in every]

        def sums(kind: str, end: int = 0) -> list[str]:
            found = [self.pounds(at, kind, end) for at in every]
            return [WITHHELD if one is None else say_money(one) for one in found]

        found = [("pupils", counts("all", "")), ("not decided", counts("all", NOT_DECIDED))]
        for question in self.questions:
            names = dict.fromkeys(name for at in every for name in self.named(at, question))
            title = question.replace("_", " ")
            found += [(f"{title}: {name.replace('_', ' ')}", counts(question, name)) for name in names]
        found += [
            ("nothing is paid", counts("paid", NOTHING)),
            ("known what is paid", counts("paid", WHOLE)),
            ("pounds a year, known", sums(WHOLE)),
            ("known in part", counts("paid", PART)),
            ("pounds a year, least of the part", sums(PART)),
            ("pounds a year, most of the part", sums(PART, 1)),
            ("open what is paid", counts("paid", OPEN)),
        ]
        points = dict.fromkeys(name for at in every for name in self.named(at, "point"))
        return found + [(f"open by {name}", counts("point", name)) for name in points]

    def to_csv(self) -> str:
        """Return a row for each figure as CSV, a column for each option; the first rows say what each option is."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["", *(one.name or "policy" for one in self.options)])
        writer.writerow(["title", *(one.title for one in self.options)])
        writer.writerow(["says", *(self.mark(one) for one in self.options)])
        grounds = [" ".join(self.grounds(one)) for one in self.options]
        writer.writerow(["rests on", *grounds])
        writer.writerows([what, *figures] for what, figures in self.rows())
        return text.getvalue()

    def mark(self, option: Option) -> str:
        """Return what is said of an option wherever its figures show."""
        scenario = option.policy.scenario
        return scenario.says if scenario else f"The policy as of {option.policy.as_of}."

    def grounds(self, option: Option) -> list[str]:
        """Return what an option rests on, in words: what a paper weighs, and what is assumed beyond it."""
        scenario = option.policy.scenario
        return [f"{one.how} the scenario: {one.says} {one.because}" for one in scenario.grounds] if scenario else []

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the options in words, one after another, each line with its style."""
        yield "bold", SAYS
        rows = self.rows()
        for at, option in enumerate(self.options):
            yield "", ""
            yield "bold", option.title + (f" ({option.name})" if option.name else "")
            yield "magenta" if option.name else "", f"  {self.mark(option)}"
            for what, figures in rows:
                if figures[at] not in ("0", say_money(0)):
                    yield "", f"  {what}: {figures[at]}"
            yield from (("dim", f"  {one}") for one in self.grounds(option))


def html(found: Options) -> str:
    """Return the options over one caseload as one HTML page that asks for nothing else."""
    return page_template("options.html.j2").render(found=found, says=SAYS)


#: What every output says first.
SAYS = (
    "Options side by side, on the days of the caseload. A scenario is not the policy: nothing of it is decided. What "
    "an option leaves open is counted, and no figure is put in its place."
)


def _say(number: int | None) -> str:
    return WITHHELD if number is None else str(number)


def _parts(option: Option, kind: str, end: int) -> Iterator[Part]:
    """Yield the pounds of one kind: each case with its amount, so that the same amount is the same part elsewhere."""
    for number, case in enumerate(option.cases):
        if case and case.money and case.paid == kind:
            yield number, str(case.money[end])


def options(
    file: Path, policies: Sequence[Policy], progress: Progress | None = None, leave_unread: bool = False
) -> Options:
    """Return what becomes of a caseload, or of a file of cases, under each policy; the first is the policy itself.

    Columns of a caseload that none declares may be left unread; else they are a fault. A row that a policy refuses is
    not decided under it. Raises `PolicyError` for a fault of the file, and `WrongUse`
    where the views do not say which question is the route, and which one pays.
    """
    views = views_of(policies[0].corpus.files)
    pays, route = needed(views.pays, "pays"), needed(views.route, "route")
    questions = [route, *([views.protects.question] if views.protects else [])]
    listed = file.suffix.lower() in CASELOADS
    caseload = open_grouped(file, *policies, leave_unread=leave_unread) if listed else None
    made: list[tuple[Policy, dict[str, Become], int]] = []
    for done, policy in enumerate(policies, 1):
        found: dict[str, Become] = {}
        columns = compiled(policy)
        rows = references(caseload, columns.types)[0] if caseload else 0
        if caseload and rows > FEW:
            wanted = ["case_ref", *(f"{name}{end}" for name in (*questions, pays.question) for end in ("", POINTS))]
            wanted += [f"{pays.question}_{name}" for name in pays.figures]
            for piece in decided(caseload, columns, verify=VERIFIED):
                table = piece.table.select([name for name in wanted if name in piece.table.column_names])
                found |= {row["case_ref"]: _of_row(row, questions, pays) for row in table.to_pylist()}
        else:
            read = [case for case, _ in cases(caseload, policy)] if caseload else read_file(file, policy)
            by = Decider(policy)
            decisions = [by.decide(one) for one in read if isinstance(one, Case)]
            found = {one.case.ref: _of_decision(one, questions, pays) for one in decisions if isinstance(one, Decision)}
            rows = len(read)
        made.append((policy, found, rows))
        if progress:
            progress(done, len(policies))
    return Options(_aligned(made), questions, tuple(caseload.notes) if caseload else ())


#: What the column ends in that names the open points of a question.
POINTS = "_open_points"


def _aligned(made: Sequence[tuple[Policy, dict[str, Become], int]]) -> list[Option]:
    """Return options whose cases are in one order, by reference; what none of them decided comes last."""
    every = sorted({ref for _, found, _ in made for ref in found})
    return [
        Option(policy, [*(found.get(ref) for ref in every), *[None] * (rows - len(every))])
        for policy, found, rows in made
    ]


def _of_row(row: Row, questions: Sequence[str], pays: Pays) -> Become:
    """Return what becomes of a row of a decided caseload."""
    points = dict.fromkeys(
        point for name in (*questions, pays.question) for point in str(row.get(f"{name}{POINTS}") or "").split()
    )
    whole = row.get(f"{pays.question}_{pays.known}") is not None
    answers = {name: str(row.get(name) or UNDETERMINED) for name in questions}
    return Become(answers, row_money(row, pays), tuple(points), whole)


def _of_decision(decision: Decision, questions: Sequence[str], pays: Pays) -> Become:
    """Return the same of a case."""
    of = {name: decision.answers[name] for name in (*questions, pays.question) if name in decision.answers}
    points = dict.fromkeys(point for answer in of.values() for point in answer.open_points)
    whole = pays.question in of and pays.known in of[pays.question].gives
    answers = {name: of[name].answer if name in of else UNDETERMINED for name in questions}
    return Become(answers, money_of(decision, pays), tuple(points), whole)
