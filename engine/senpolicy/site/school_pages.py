"""The pages for a school: what applies in each stretch of time, the way to a route by questions, and the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from senpolicy.deciding.answers import Answer, Decision
from senpolicy.deciding.cases import Refused, read_file
from senpolicy.deciding.decide import UNDETERMINED, Decider
from senpolicy.files.models import rules as m
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.models.views import SchoolPages, needed, views_of
from senpolicy.files.problems import PolicyError
from senpolicy.language.conditions import FactType, Value
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Outcome, Policy, PortionInForce
from senpolicy.readings.judge import judge
from senpolicy.readings.say import lowered, say_list, say_value
from senpolicy.site import words as w
from senpolicy.site.addresses import Here
from senpolicy.site.drawings import Bar, timeline
from senpolicy.site.html import Cell, items, joined
from senpolicy.site.pages import Site
from senpolicy.site.periods import DAY, PagePeriod, stretches
from senpolicy.site.rows import outcome_gives, points
from senpolicy.site.tree import Ask, Branch, DecisionLeaf, Decisions, Grower, Node, numbered, paths, read, say_values

#: A value that is not known, nor asked about, in the middle of its range.
_NO_FACTS: Mapping[str, Value] = {}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What a school's page asks: the questions until each of which is settled the tree goes on, in their order.

    `pages` are what rules/views.yaml says of these pages besides.
    """

    scope: str
    route: str
    protection: str
    pages: SchoolPages

    @property
    def questions(self) -> tuple[str, str, str]:
        """Return the three questions in their order."""
        return self.scope, self.route, self.protection


def wanted(policy: Policy) -> Wanted:
    """Return what a school's page asks of a policy; raises `WrongUse` where rules/views.yaml does not say so."""
    views = views_of(policy.corpus.files)
    pages, route = needed(views.school, "school"), needed(views.route, "route")
    return Wanted(pages.scope, route, needed(views.protects, "protects").question, pages)


@dataclass(frozen=True)
class AnswerPath:
    """One line of a table: the answers that lead to it, in words, and what the engine then decides."""

    steps: tuple[tuple[str, str], ...]
    leaf: DecisionLeaf


@dataclass(frozen=True)
class PupilGroup:
    """Some pupils of a setting: the ways to their route, and to their protection; no title where all fare alike."""

    title: str
    routes: tuple[AnswerPath, ...]
    protection: tuple[AnswerPath, ...]


@dataclass(frozen=True)
class Setting:
    """A kind of place in scope, and its pupils by parts."""

    title: str
    parts: tuple[PupilGroup, ...]

    @property
    def ways(self) -> list[AnswerPath]:
        """All ways of the setting to a route."""
        return [way for part in self.parts for way in part.routes]


@dataclass(frozen=True)
class SchoolYear:
    """Everything that a page says of one stretch: who is in, by which ways to which route, and what stays open."""

    stretch: PagePeriod
    tree: Node
    scope: tuple[AnswerPath, ...]
    settings: tuple[Setting, ...]
    points: tuple[str, ...]
    questions: list[Ask] = field(default_factory=list)
    results: list[DecisionLeaf] = field(default_factory=list)

    @property
    def page(self) -> str:
        """The page of these days."""
        return f"schools/years/{self.stretch.slug}.md"

    @property
    def finding(self) -> str:
        """The page of the questions."""
        return f"schools/find/{self.stretch.slug}.md"


def years(policy: Policy) -> list[SchoolYear]:
    """Return what the pages say of each stretch, by asking the engine; raises TypeError where it issues no decision."""
    decider = Decider(policy)
    return [_year(decider, stretch) for stretch in stretches(policy)]


def _year(decider: Decider, stretch: PagePeriod) -> SchoolYear:
    made: Decisions = {}
    asks = wanted(decider.policy).questions
    scope = Grower(decider, stretch, asks[:1], told=asks[:1], decisions=made).grow(_NO_FACTS)
    grower = Grower(decider, stretch, asks, decisions=made)
    routes, protection = (
        Grower(decider, stretch, asks[: place + 1], told=(asks[place],), unsettled=False, decisions=made)
        for place in (1, 2)
    )
    tree = grower.grow(_NO_FACTS)
    if scope is None or tree is None:
        raise TypeError("The rules refuse every case.")
    ways = tuple(AnswerPath(steps, leaf) for steps, leaf in paths(scope))
    found: dict[str, Setting] = {}
    for way in (AnswerPath(steps, leaf) for steps, leaf in paths(tree)):
        title = way.steps[0][1] if way.steps else ""
        decided = way.leaf.decision.answers[asks[0]].answer != UNDETERMINED
        if title not in found and decided and _goes_on(way.leaf):
            # The facts by which a pupil is in, and no others: from there every way is shown.
            given = [fact for fact, _ in next(one.steps for one in ways if covers_all(one, way))]
            known = {fact: way.leaf.decision.case.facts[fact] for fact in given}
            found[title] = Setting(title, tuple(_parts(routes, protection, known)))
    questions, leaves = numbered(tree)
    open_here = dict.fromkeys(
        point for leaf in leaves for answer in leaf.decision.answers.values() for point in answer.open_points
    )
    return SchoolYear(stretch, tree, ways, tuple(found.values()), tuple(open_here), questions, leaves)


def _goes_on(leaf: DecisionLeaf) -> bool:
    """Return whether more is to be decided of a case than that it goes on by a process of its own."""
    asks = wanted(leaf.decision.policy)
    return any(_settles(answer, asks) for name, answer in leaf.decision.answers.items()
               if name not in (asks.scope, asks.route) and not answer.step)  # fmt: skip


def _settles(answer: Answer, asks: Wanted) -> bool:
    """Return whether an answer says more than that its question does not arise."""
    return answer.answer != asks.pages.not_arising


def covers_all(scope: AnswerPath, way: AnswerPath) -> bool:
    """Return whether the case of a way is one of those that a way to the answer of who is in stands for."""
    asked = wanted(way.leaf.decision.policy).scope
    return scope.leaf.key == tuple(
        read(answer) for name, answer in way.leaf.decision.answers.items() if name == asked
    ) and {fact for fact, _ in scope.steps} <= {fact for fact, _ in way.steps}


def _parts(routes: Grower, protection: Grower, known: Mapping[str, Value]) -> Iterator[PupilGroup]:
    """Yield the ways of a setting, by the values of the fact that splits them where they differ."""
    kind = routes.policy.types[wanted(routes.policy).pages.split]
    parts = [(value, [one.grow({**known, kind.name: value}) for one in (routes, protection)]) for value in kind.values]
    whole = [one.grow(known) for one in (routes, protection)]
    if all(nodes == parts[0][1] for _, nodes in parts) or all(isinstance(node, DecisionLeaf) for node in whole):
        yield PupilGroup("", *(_ways(node) for node in whole))
        return
    for value, nodes in parts:
        yield PupilGroup(say_values((value,), kind), *(_ways(node) for node in nodes))


def _ways(node: Node | None) -> tuple[AnswerPath, ...]:
    return tuple(AnswerPath(steps, leaf) for steps, leaf in paths(node)) if node else ()


@dataclass(frozen=True)
class ExamplePupil:
    """A made-up pupil: the facts that a page tells of, and the decision of the last day of each stretch of time.

    None where the facts cannot be those of a pupil in these days.
    """

    facts: Mapping[str, Value]
    decisions: tuple[Decision | None, ...]


def examples(policy: Policy, file: Path) -> list[ExamplePupil]:
    """Return the made-up pupils of a file of cases, each decided for every stretch of time; none without the file.

    Raises `PolicyError` for a case that is refused.
    """
    if not file.is_file():
        return []
    decider, days = Decider(policy), [(one, one.day) for one in stretches(policy)]
    found = []
    for case in read_file(file, policy):
        if isinstance(case, Refused):
            raise PolicyError(case.problems)
        told = {name: value for name, value in case.facts.items()
                if value is not None and name != DAY and name not in case.followed}  # fmt: skip
        made = [Grower(decider, one, ()).decision({**told, DAY: day}) for one, day in days]
        found.append(ExamplePupil(told, tuple(made)))
    return found


def add(site: Site, docs: Path) -> list[SchoolYear]:
    """Add the pages for schools; return what they say of each stretch. `docs` holds the made-up pupils."""
    found = years(site.policy)
    pupils = examples(site.policy, docs / "schools" / "examples.yaml")
    site.shared |= {"years": found, "pupils": pupils, "say": Saying(site)}
    for place, year in enumerate(found):
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        site.made(year.page, "year.md.j2", year=year, before=before, after=after)
        site.made(year.finding, "find.md.j2", year=year, before=before, after=after)
    site.made(
        "schools/timeline.md",
        "timeline.md.j2",
        days=days_of(site.policy),
        drawing=drawing(site, found),
        routes_through_time=[[bar.name, items(when)] for bar, when in told(bars(site, found), found)],
    )
    return found


@dataclass(frozen=True)
class Saying:
    """How the pages for schools word what the engine decides."""

    site: Site

    @property
    def wanted(self) -> Wanted:
        """What these pages ask."""
        return wanted(self.site.policy)

    @property
    def types(self) -> Mapping[str, FactType]:
        """The types of the facts."""
        return self.site.policy.types

    def fact(self, name: str) -> str:
        """Return the label of a fact."""
        return self.types[name].label

    def asks(self, name: str) -> str:
        """Return the question by which a school is asked for a fact; its label where there is none."""
        return self.site.corpus.facts.facts[name].asks or self.fact(name)

    def hint(self, name: str) -> str:
        """Return what a school should know before it answers; how to write a number is of no use to who chooses."""
        return "" if self.types[name].type == "integer" else self.site.corpus.facts.facts[name].note or ""

    def step(self, fact: str, said: str) -> str:
        """Return one step of a way in words: an age, a year or a choice by itself, others after their short name."""
        kind = self.types[fact]
        if (kind.type == "choice" and not self.site.corpus.facts.facts[fact].short) or kind.unit == "year_group":
            return w.heading(said)
        if kind.unit == "years":
            return f"Aged {said}"
        return named(self.site.corpus.facts.facts[fact].short or self.fact(fact), said)

    def shortened(self, year: SchoolYear) -> list[list[Cell]]:
        """Return the facts that the tables of a year call by a short name, with what each is in full."""
        facts = self.site.corpus.facts.facts
        parts = [part for setting in year.settings for part in setting.parts]
        told = {fact for part in parts for way in (*part.routes, *part.protection) for fact, _ in way.steps}
        return [[short, one.label] for name, one in facts.items() if name in told for short in [one.short] if short]

    def steps(self, way: AnswerPath, without: int = 0) -> Cell:
        """Return the steps of a way as a list, the first few left out."""
        said = [self.step(*one) for one in way.steps[without:]]
        if len(said) == 2 and sum(len(one) for one in said) < 40:
            return ", ".join(said)
        return items(said) if len(said) > 1 else (said[0] if said else "Every pupil")

    def answer(self, here: Here, answer: Answer) -> Markup:
        """Return what an answer means, or what keeps it open, with figures."""
        question = here.corpus.questions[answer.question]
        if answer.answer != UNDETERMINED:
            meant = question.answers.get(answer.answer, w.words(answer.answer))
            figures = gives(here, answer)
            return Markup("{}: {}.").format(meant.rstrip("."), figures) if figures else escape(meant)
        parts = (
            [Markup("not settled: {}").format(points(here, answer.because[0].outcome))] if answer.open_points else []
        )
        parts += [Markup("it depends on one more fact: {}").format(here.fact(name, lowered(self.fact(name))))
                  for name in answer.missing_facts]  # fmt: skip
        return joined(parts, "; ")

    def sources(self, here: Here, answers: Iterable[Answer]) -> Markup:
        """Return the paragraphs on which answers rest, each once."""
        found = {}
        for answer in answers:
            for reason in answer.because if answer.held or answer.open_points else ():
                one = reason.outcome
                text = f"{one.source.document} {one.source.paragraph}"
                found[(one.decision, text)] = Markup("{}, {}").format(
                    here.decision(one.decision), _short(here, one.source)
                )
        return joined(found.values(), "; ")

    def title(self, leaf: DecisionLeaf) -> str:
        """Return the heading of a result: the route by its name, or that it is open."""
        route = leaf.decision.answers[self.wanted.route]
        return "Not decided" if route.answer == UNDETERMINED else w.heading(self.site.words(route.answer))

    def outcome(self, here: Here, leaf: DecisionLeaf) -> Markup:
        """Return in a sentence how support is paid for in a result, or what keeps that open."""
        said = self.answer(here, leaf.decision.answers[self.wanted.route])
        return Markup("{}{}").format(said[:1].upper(), said[1:])

    def money(self, here: Here, leaf: DecisionLeaf) -> Markup:
        """Return what is paid in a year in a result, without the amounts of one pupil; nothing where none is asked."""
        pays = needed(views_of(self.site.corpus.files).pays, "pays")
        answers = leaf.decision.answers
        if answers[self.wanted.route].answer in (UNDETERMINED, self.wanted.pages.elsewhere):
            return Markup("")
        answer = answers[pays.question]
        figures = answer.because[0].outcome.gives if answer.because else {}
        parts = [one for one in (figures.get(name) for name in pays.figures) if isinstance(one, PortionInForce)]
        if not parts:
            return self.answer(here, answer)
        until = figures.get("until")
        last = until_words(here.corpus, until, whole=not parts[0].share)
        of = lowered(self.site.corpus.facts.facts[parts[0].fact].short or self.fact(parts[0].fact))
        shares = " to ".join(w.format_share(one.share) for one in parts if one.share)
        about = "about " if figures.get("approximate") else ""
        said = escape(f"{about}{shares} of the {of} goes on{last}" if shares else f"the {of}{last}")
        return said if answer.answer != UNDETERMINED else Markup("{}; {}").format(said, self.answer(here, answer))

    def ends(self, node: Node) -> str:
        """Return where the answers from here on can lead, as one phrase."""
        found = dict.fromkeys(lowered(self.title(leaf)) for leaf in numbered(node)[1])
        return say_list(list(found), "or")

    def gives(self, ask: Ask, branch: Branch) -> Markup:
        """Return the attributes that say which fact an answer gives, where it stands for one value alone."""
        kind, values = self.types[ask.fact], branch.values
        one = values[0] if len(set(values)) == 1 else None
        if one is None or kind.type == "money":
            return Markup("")
        said = str(one).lower() if isinstance(one, bool) else str(one)
        return Markup(' data-fact="{}" data-value="{}"').format(ask.fact, said)

    def scopes(self, year: SchoolYear) -> dict[str, list[AnswerPath]]:
        """Return the ways to an answer to who is in, by the first step of each: where the pupil is."""
        found: dict[str, list[AnswerPath]] = {}
        for way in year.scope:
            found.setdefault(self.step(*way.steps[0]) if way.steps else "Every pupil", []).append(way)
        return found

    def scope_rows(self, here: Here, ways: Iterable[AnswerPath]) -> list[list[Cell]]:
        """Return a row for each way to an answer to who is in, its first step left out."""
        rows: list[list[Cell]] = []
        for way in ways:
            answer = way.leaf.decision.answers[self.wanted.scope]
            rows.append([self.steps(way, 1), self.answer(here, answer), self.sources(here, [answer])])
        return rows

    def route_rows(self, here: Here, ways: Iterable[AnswerPath]) -> list[list[Cell]]:
        """Return a row for each way to a route."""
        rows: list[list[Cell]] = []
        for way in ways:
            answer = way.leaf.decision.answers[self.wanted.route]
            rows.append([self.steps(way), self.answer(here, answer), self.sources(here, [answer])])
        return rows

    def protection_rows(self, here: Here, ways: Sequence[AnswerPath]) -> list[list[Cell]]:
        """Return a row for each answer to what is protected, with every way to it; the one with most ways last."""
        found: dict[Markup, list[AnswerPath]] = {}
        for way in ways:
            found.setdefault(self.protected(here, way), []).append(way)
        usual = max(found, key=lambda one: len(found[one]))
        rows: list[list[Cell]] = []
        for said in sorted(found, key=usual.__eq__):
            answers = [way.leaf.decision.answers[self.wanted.protection] for way in found[said]]
            when = items(self.in_one_line(way) for way in found[said]) if said != usual else "All other pupils"
            rows.append([when, said, self.sources(here, answers)])
        return rows

    def protected(self, here: Here, way: AnswerPath) -> Markup:
        """Return what a way says of protection; where the route is open, so is this."""
        answers = way.leaf.decision.answers
        if {answers[self.wanted.route].answer, answers[self.wanted.protection].answer} == {UNDETERMINED}:
            return escape("open, as the route is")
        return self.answer(here, answers[self.wanted.protection])

    def change_rows(self, here: Here, differing: Iterable[Any], without: int = 0) -> list[list[Cell]]:
        """Return a row for each difference between two decisions, with every way to it, its first steps left out."""
        return [
            [
                self.steps(one.ways[0], without)
                if len(one.ways) == 1
                else items(self.in_one_line(way, without) for way in one.ways),
                items(dict.fromkeys(self.answer(here, one.before.answers[name]) for name in one.questions)),
                items(dict.fromkeys(self.answer(here, one.after.answers[name]) for name in one.questions)),
            ]
            for one in differing
        ]

    def example_rows(self, here: Here, pupils: Sequence[ExamplePupil], place: int) -> list[list[Cell]]:
        """Return a row for each made-up pupil: who it is, what is paid in a stretch of time, and how.

        Pupils who differ in one fact alone, and come to the same, share a row, in which that fact is left out.
        """
        found: list[tuple[ExamplePupil, set[str], list[Cell]]] = []
        for pupil in pupils:
            decision = pupil.decisions[place]
            if decision is None:
                continue
            said: list[Cell] = [self.paid(here, decision), self.answer(here, decision.answers[self.wanted.route])]
            for other, left_out, already in found:
                apart = _differing(pupil.facts, other.facts)
                if already == said and len(apart) == 1:
                    left_out |= apart
                    break
            else:
                found.append((pupil, set(), said))
        alike = self.alike(pupils)
        return [[self.pupil(pupil, {*alike, *left_out}), *said] for pupil, left_out, said in found]

    def example_changes(self, here: Here, pupils: Sequence[ExamplePupil], place: int) -> list[list[Cell]]:
        """Return a row for each made-up pupil: what is paid in the stretch of time before `place`, and in `place`."""
        rows: list[list[Cell]] = []
        alike = self.alike(pupils)
        for pupil in pupils:
            before, after = pupil.decisions[place - 1 : place + 1]
            if before is not None and after is not None:
                rows.append([self.pupil(pupil, alike), self.paid(here, before), self.paid(here, after)])
        return rows

    def alike(self, pupils: Iterable[ExamplePupil]) -> dict[str, Value]:
        """Return what several made-up pupils share with all to whom it applies: a page tells it once."""
        given: dict[str, list[Value]] = {}
        for pupil in pupils:
            for name, value in pupil.facts.items():
                given.setdefault(name, []).append(value)
        return {name: one[0] for name, one in given.items()
                if len(one) > 1 and len(set(one)) == 1 and self.types[name].type != "integer"}  # fmt: skip

    def alike_in_words(self, pupils: Iterable[ExamplePupil]) -> str:
        """Return what several made-up pupils share, in one line; an empty text where it is nothing."""
        told = [self.step(name, say_value(value, self.types[name])) for name, value in self.alike(pupils).items()]
        return "; ".join(lowered(one) for one in told)

    def pupil(self, pupil: ExamplePupil, alike: Iterable[str] = ()) -> Markup:
        """Return who a made-up pupil is, in one line: where, by which status, and the facts that are not `alike`.

        Age and year are left out too: those of all are told once on a page.
        """
        kinds = [name for name in pupil.facts if self.types[name].type != "integer" and name not in alike]
        told = [self.step(name, say_value(pupil.facts[name], self.types[name])) for name in kinds]
        words = [one if place == 0 else lowered(one) for place, one in enumerate(told)]
        first = Markup("<strong>{}</strong>").format("; ".join(words[:2]))
        return joined([first, *words[2:]], "; ")

    def paid(self, here: Here, decision: Decision) -> Markup:
        """Return what is paid in a year, in pounds: an amount, the ends of a part that is certain, or why none is."""
        pays = needed(views_of(self.site.corpus.files).pays, "pays")
        answer = decision.answers[pays.question]
        figures = [answer.gives.get(name) for name in pays.figures]
        pounds = [w.format_money(one) for one in figures if isinstance(one, int)]
        until = answer.gives.get("until")
        last = until_words(here.corpus, until, whole=len(pounds) == 1)
        if len(pounds) == 1:
            return Markup("{} a year{}").format(pounds[0], last)
        ends = " to ".join(dict.fromkeys(pounds))  # Both are the same where a decision has set the share.
        kept = Markup("{} a year of it goes on{}; ").format(ends, last) if len(pounds) == 2 else Markup("")
        return kept + self.answer(here, answer)

    def planned(self, stretch: PagePeriod) -> bool:
        """Return whether the rules of these days are those that were planned."""
        return is_planned(self.site, stretch)

    def open_days(self, here: Here) -> dict[str, Markup]:
        """Return by open point for which days a pupil can come to it, that of the reader marked; the latest first."""
        found: dict[str, list[Markup]] = {}
        for year in self.site.shared["years"][::-1]:
            now = here.today.within(year.stretch.first, year.stretch.last)
            for point in year.points:
                said = Markup("{} <span {}><strong>(today)</strong></span>").format(year.stretch.title, now)
                found.setdefault(point, []).append(said)
        return {point: items(said[::-1]) for point, said in found.items()}

    def in_one_line(self, way: AnswerPath, without: int = 0) -> str:
        """Return the steps of a way as one line, the first few left out."""
        said = [self.step(*one) for one in way.steps[without:]]
        kinds = [self.types[fact] for fact, _ in way.steps[without:]]
        return "; ".join(one if not place or kinds[place].unit == "year_group" else lowered(one)
                         for place, one in enumerate(said))  # fmt: skip

    def result_rows(self, here: Here, leaf: DecisionLeaf) -> list[list[Cell]]:
        """Return a row for each question of a result; what only repeats the row of an earlier question is left out."""
        rows: list[list[Cell]] = []
        opened: set[tuple[str, ...]] = set()
        repeated = False
        for name, answer in leaf.decision.answers.items():
            aside = name not in (self.wanted.scope, self.wanted.route) and not _settles(answer, self.wanted)
            if answer.step or (aside and not _goes_on(leaf)):
                continue
            if answer.open_points and answer.open_points in opened:
                repeated = True
                continue
            opened.add(answer.open_points)
            asks = here.corpus.questions[name].asks
            rows.append([here.question(name, asks), self.answer(here, answer), self.sources(here, [answer])])
        return [*rows, ["The other questions", "They stay open with it.", ""]] if repeated else rows

    def routes(self, setting: Setting) -> str:
        """Return the routes of a setting as one phrase."""
        found = dict.fromkeys(
            "open" if one.answer == UNDETERMINED else self.site.words(one.answer)
            for one in (way.leaf.decision.answers[self.wanted.route] for way in setting.ways)
        )
        said = [name for name in found if name != "open"]
        words = say_list(said, "or") if said else ""
        return words + (
            "; in some cases it is open" if "open" in found and words else "open" if "open" in found else ""
        )

    def in_short(self, here: Here, setting: Setting) -> Markup:
        """Return each route of a setting with what it means, as a list."""
        found: dict[str, Markup] = {}
        for way in setting.ways:
            answer = way.leaf.decision.answers[self.wanted.route]
            if answer.answer != UNDETERMINED:
                meant = here.corpus.questions[self.wanted.route].answers.get(answer.answer, "")
                found[answer.answer] = Markup("<strong>{}</strong>: {}").format(
                    w.heading(self.site.words(answer.answer)), lowered(meant)
                )
            else:
                found[UNDETERMINED] = escape("In some cases it is open.")
        return items(found[name] for name in sorted(found, key=UNDETERMINED.__eq__))

    def unsettled(self) -> list[str]:
        """Return why an answer may still change when one more fact becomes known, as the policy declares."""
        return [one.because for declared in declared_properties(self.site.corpus.files) if declared.more_facts
                for one in declared.more_facts.exceptions]  # fmt: skip

    def beside(self, year: SchoolYear, leaf: DecisionLeaf) -> list[Any]:
        """Return the cautions that go with a result, those left out that stand at the top of the page."""
        answers = leaf.decision.answers.values()
        found = {one.id: one for answer in answers for one in answer.cautions if one not in year.stretch.banners}
        return list(found.values())

    def perhaps(self, year: SchoolYear, leaf: DecisionLeaf) -> list[Any]:
        """Return the cautions that go with a result where a fact that was not asked says so, and not otherwise."""
        facts: dict[str, Value] = dict(leaf.decision.case.facts)
        for name, answer in leaf.decision.answers.items():
            facts[name] = None if answer.answer == UNDETERMINED else answer.answer
        return [one for one in self.cautions(year.stretch) if judge(one.condition, facts) is None]

    def cautions(self, stretch: PagePeriod) -> list[Any]:
        """Return the cautions that can go with an answer in these days, other than those that go with each."""
        return [one for one in stretch.cautions if one not in stretch.banners]


def named(fact: str, said: str) -> str:
    """Return what is said of a fact after its name; without a colon where the name asks for a day by its last word.

    >>> named("Existing rate", "nothing"), named("The Community starts on", "1 May 2031")
    ('Existing rate: nothing', 'The Community starts on 1 May 2031')
    """
    return f"{fact} {said}" if fact.endswith(" on") else f"{fact}: {said}"


def planned_from(site: Site) -> date | None:
    """Return the first day for which a decision is proposed whose outcome is not known; None where there is none."""
    return _planned_from(site.corpus)


def _planned_from(corpus: Corpus) -> date | None:
    days = [one.planned for one in corpus.decisions.values() if one.status == "proposed" and one.planned]
    return min(days, default=None)


def until_words(corpus: Corpus, last: object, *, whole: bool) -> str:
    """Return until when an amount goes on: ", until 1 May 2031"; an empty text where there is no last day.

    What goes on as a `whole` until the day of a plan is said to be planned so, since the plan may be late.
    """
    if not isinstance(last, date):
        return ""
    return f", {'planned ' * (whole and last + _DAY == _planned_from(corpus))}until {w.format_date(last)}"


def is_planned(site: Site, stretch: PagePeriod) -> bool:
    """Return whether the rules of these days are those that were planned: what was decided for them is not known."""
    first = planned_from(site)
    return bool(first and stretch.first and stretch.first >= first)


def _short(here: Here, source: m.Source) -> Markup:
    return here.source(m.Source(document=source.document, paragraph=source.paragraph))


def gives(here: Here, answer: Answer) -> Markup:
    """Return the figures of an answer that a parameter sets, marked: "about 50% to 75%, until 31 August 2026"."""
    outcome: Outcome = answer.because[0].outcome
    named = {what: value[1:] for what, value in outcome_gives(here, answer.question, outcome).items()
             if isinstance(value, str) and value.startswith("$")}  # fmt: skip
    said: list[Markup] = []
    about = "about " if answer.gives.get("approximate") else ""
    for low in [one for one in named if one.endswith("low") and one.replace("low", "high") in named]:
        high = low.replace("low", "high")
        what = f"{w.words(low.removesuffix('low').strip('_'))}: " if low != "low" else ""
        said.append(Markup("{}{}{} to {}").format(what, about, here.plain(named.pop(low)), here.plain(named.pop(high))))
    for name, value in named.items():
        day = here.last_set(value)[1].value
        planned = not said and isinstance(day, date) and day + _DAY == _planned_from(here.corpus)
        said.append(Markup("{}{} {}").format("planned " * planned, w.words(name), here.plain(value)))
    return joined(said)


def _differing(facts: Mapping[str, Value], others: Mapping[str, Value]) -> set[str]:
    return {name for name in {*facts, *others} if facts.get(name) != others.get(name)}


@dataclass(frozen=True)
class NamedDay:
    """A day on which something starts, or the last day of something: the parameters that say so."""

    day: date
    named: tuple[tuple[str, str], ...]


def days_of(policy: Policy) -> list[NamedDay]:
    """Return the dates that taken decisions set, in order of time, with what each is; none that is only recorded."""
    found: dict[date, dict[str, str]] = {}
    for name, setters in policy.corpus.parameters.items():
        counted = [(number, one) for number, one in setters
                   if number in policy.decisions and one.unit == "date" and not one.recorded]  # fmt: skip
        for number, one in counted[-1:]:
            if one.value is not None:
                found.setdefault(one.value, {})[name] = number
    return [NamedDay(day, tuple(found[day].items())) for day in sorted(found)]


@dataclass(frozen=True)
class Event:
    """Something that happened or is to happen: its day, or the first and the last that it can have been."""

    first: date
    last: date
    decision: str
    named: tuple[str, ...] = ()


def events(policy: Policy) -> list[Event]:
    """Return in order of time the decisions that were taken, and the dates that they set and a rule uses.

    An event of a decision has no values under `named`. A decision whose days are not known is left out.
    """
    found = []
    for number in (*policy.corpus.order, *policy.corpus.beside):
        taken = policy.corpus.decisions[number].taken
        days = [day for day in (taken.day, taken.earliest, taken.latest) if day] if taken else []
        if days:
            found.append(Event(min(days), max(days), number))
    for day in days_of(policy):
        by = {number: tuple(name for name, one in day.named if one == number) for _, number in day.named}
        found += [Event(day.day, day.day, number, named) for number, named in by.items()]
    return sorted(found, key=lambda one: (one.first, one.last, one.decision))


def routes_by_stretch(years_: Sequence[SchoolYear]) -> dict[str, list[bool]]:
    """Return for each route that an answer names whether some pupil comes to it in each stretch."""
    found: dict[str, list[bool]] = {}
    for place, year in enumerate(years_):
        for leaf in year.results:
            asks = wanted(leaf.decision.policy)
            route = leaf.decision.answers[asks.route].answer
            if route not in (UNDETERMINED, asks.pages.elsewhere):
                found.setdefault(route, [False] * len(years_))[place] = True
    return found


def only_for(site: Site, years_: Sequence[SchoolYear], route: str) -> list[str]:
    """Return by stretch for whom alone a route is there: a choice that all who come to it share, then and not always.

    Empty where there is none, or where it is so in every stretch in which the route is there.
    """
    kinds, facts_ = site.policy.types, site.corpus.facts.facts
    shared: list[set[tuple[str, str]] | None] = []
    for year in years_:
        asks = wanted(site.policy)
        cases = [leaf.decision.case.facts for leaf in year.results if leaf.decision.answers[asks.route].answer == route]
        told = [{(name, say_value(value, kinds[name])) for name, value in facts.items()
                 if value is not None and kinds[name].type == "choice"} for facts in cases]  # fmt: skip
        shared.append(set.intersection(*told) if told else None)
    held = [one for one in shared if one is not None]
    always = set.intersection(*held) if held else set()
    return ["; ".join(named(lowered(facts_[name].short or kinds[name].label), said)
                      for name, said in sorted((one or set()) - always)) for one in shared]  # fmt: skip


def bars(site: Site, years_: Sequence[SchoolYear]) -> list[Bar]:
    """Return the routes through time; planned is what comes from the day of a decision whose outcome is not known."""
    planned = [is_planned(site, year.stretch) for year in years_]
    late = late_routes(site, years_)
    return [Bar(w.heading(site.words(route)), held, only_for(site, years_, route), planned,
                [route in found and not now for found, now in zip(late, held, strict=True)])
            for route, held in routes_by_stretch(years_).items()]  # fmt: skip


def late_routes(site: Site, years_: Sequence[SchoolYear]) -> list[set[str]]:
    """Return by stretch the routes that go on into it if the plan for it is not in place.

    They are those of the stretch before that an open point allows, whose adopted reading says that the plan was carried
    out: a reading on which the routes of the stretch rest, and those of the stretch before do not.
    """
    route, points_ = wanted(site.policy).route, site.corpus.open_points
    rests = [{reading for leaf in year.results for reason in leaf.decision.answers[route].because
              for reading in reason.outcome.reads} for year in years_]  # fmt: skip
    found: list[set[str]] = [set()]
    for place, year in enumerate(years_[1:], 1):
        read = {one.point for one in site.corpus.readings if one.id in rests[place] - rests[place - 1]}
        allowed = {one for name in read for one in points_[name][1].allows.get(route, ())}
        before = {name for name, held in routes_by_stretch(years_).items() if held[place - 1]}
        found.append(allowed & before if is_planned(site, year.stretch) else set())
    return found


def told(routes: Sequence[Bar], years_: Sequence[SchoolYear]) -> Iterator[tuple[Bar, list[str]]]:
    """Yield each route through time with its stretches in words."""
    for bar in routes:
        yield bar, bar.told([year.stretch.title for year in years_])


def drawing(site: Site, years_: Sequence[SchoolYear]) -> Markup:
    """Return the routes through time as SVG."""
    routes = bars(site, years_)
    edges = [year.stretch.first for year in years_[1:] if year.stretch.first]
    said = " ".join(f"{bar.name}: {'; '.join(when)}." for bar, when in told(routes, years_))
    today = [site.today.within(year.stretch.first, year.stretch.last) for year in years_]
    return timeline("timeline", "The routes through time", said, edges, routes, today)
