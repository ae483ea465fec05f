"""Checks across files: units that fit, sources that are there, an order that holds.

What one file can say of itself is the models' to check, and that each name exists is for `names`; what a rule does to
pupils is for `exhaustive` and the proofs. Every check adds problems, none stops the next, and each passes over a name
that does not exist. Where not every file could be read, none says what may only follow from that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import combinations
from typing import TypeVar

from pydantic import BaseModel

from senpolicy.checking import lock, values
from senpolicy.checking.editions import edition_faults, order_faults
from senpolicy.checking.names import Catalogue, bare_value, by_label, questions
from senpolicy.checking.values import a, could_be, limit_fault
from senpolicy.checking.waiting import waiting
from senpolicy.files.codes import worst_first
from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.names import named, named_in_file
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioParameter, ScenarioRules, ScenarioVersion
from senpolicy.files.models.standings import LATER, STANDINGS, replacing
from senpolicy.files.problems import (
    At,
    Fix,
    Place,
    PolicyError,
    Problem,
    Problems,
    did_you_mean,
    listed,
    nearest,
    nearest_fix,
)
from senpolicy.language.conditions import ORDERED, FactType
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.days import known_by
from senpolicy.policy.layout import BESIDE, SCENARIO_FOLDER, is_one_of, scenario_in
from senpolicy.policy.scenarios import as_decisions, files_of, laid_over, less, number_of
from senpolicy.policy.timeline import policy

#: What an answer says beside its figures (contract, "A decision").
RESERVED = ("answer", "missing_facts", "open_points", "because", "cautions", "did_not_hold")
#: Which unit of a parameter a fact of each type can be held against.
UNITS = {"date": ("date",), "choice": ("levels",)}


def check(corpus: Corpus, unread: Collection[str] = ()) -> list[Problem]:
    """Return every problem of the corpus, worst first; those that are only worth a look are warnings.

    `unread` are the files that could not be read: nothing is said that may only follow from that. Scenarios that are
    laid over the policy as a decision would be are checked where they are laid over it, each by itself.
    """
    # The other files of a scenario rest on one that could not be read.
    spoilt = {scenario_in(file) for file in unread if file.startswith(SCENARIO_FOLDER)}
    whole, corpus = corpus, less(corpus, {*as_decisions(corpus), *spoilt})
    names = Catalogue(corpus, unread)
    checker = _CorpusChecker(corpus, names)
    checker.decisions()
    checker.ordered()
    checker.parameters()
    checker.open_points()
    checker.facts()
    for name in corpus.questions:
        checker.question(name)
    checker.editions()
    for name in corpus.scenarios:
        checker.scenario(name)
    found = {*checker.problems, *names.problems, *values.check(corpus, names), *_bare(whole)}
    if any(is_one_of(name, BESIDE) for name in corpus.files):
        # A decision reads none of what these check.
        from senpolicy.checking import (
            board,
            budgets,
            citations,
            figures,
            imports,
            records,
            roles,
            sentences,
            settling,
            tariffs,
            views,
        )

        checks = (budgets, imports, records, settling, tariffs, views)
        found.update(problem for one in checks for problem in one.check(corpus, names))
        found.update(problem for one in (board, citations, figures, roles, sentences) for problem in one.check(corpus))
        if not unread and all(one.warning for one in found):
            found.update(settling.contradictions(corpus))
    sound, out = not unread and all(one.warning for one in found), waiting(whole) | spoilt
    # A value that its own decision no longer sets is told once, where that decision is.
    said = set() if sound else {f"'{name}' is not a parameter of this policy." for name in lock.gone(whole)}
    for name in as_decisions(whole):
        if name in out:
            continue
        found.update(_laid(whole, name, unread, sound=sound, said=said))
    return worst_first(one for one in found if one.place.file not in unread)


def _bare(corpus: Corpus) -> Iterator[Problem]:
    """Yield the folders of decisions and scenarios of which nothing is read, since no file of theirs is YAML."""
    for pattern, code, lacks in (
        ("policy/[0-9]*", "no-decision", "decision.yaml"),
        (f"{SCENARIO_FOLDER}*", "no-scenario", "scenario.yaml"),
    ):
        for folder in sorted(corpus.root.glob(pattern)):
            if folder.is_dir() and not any(folder.rglob("*.yaml")):
                name = folder.relative_to(corpus.root).as_posix()
                said = f"There is no {lacks} in this folder, and nothing of it is read."
                yield Problem(Place(name), code, said, f"Add {name}/{lacks}, or delete the folder.")


def _laid(corpus: Corpus, name: str, unread: Collection[str], *, sound: bool, said: Collection[str]) -> list[Problem]:
    """Return the problems of a scenario's own files, as those of a decision that comes after all others.

    `sound` says that the policy over which it is laid has none, so that the rules can be bound. Where it has some, only
    names that do not exist are told, but what is `said` elsewhere: all else may follow from them.
    """
    from senpolicy.checking import settling

    files, number = files_of(corpus, name), number_of(name)
    laid, _, scenario = laid_over(less(corpus, corpus.scenarios.keys() - {name}), name, ())
    names = Catalogue(laid, unread, scenario)
    checker = _CorpusChecker(laid, names)
    for file in files:
        if file in corpus.files:
            names.check(corpus.files[file], partial(corpus.place, file), checker.problems)
    if not sound:
        return [one for one in checker.problems if one.place.file in files and one.message not in said]
    checker.assumed = scenario.parameters
    checker.laid(corpus, number, [corpus.files[file] for file in files if file in corpus.files])
    checker.scenario(name)
    found = [*checker.problems, *values.check(laid, names), *settling.of_scenario(laid, names, number, scenario)]
    if all(one.warning for one in found if one.place.file in files):
        found += settling.contradicting(policy(corpus, include_proposed=True, scenario=name))
    return [one for one in found if one.place.file in files]


def sound(corpus: Corpus) -> Corpus:
    """Return the corpus if it has no problems but warnings; raises `PolicyError` with all of them otherwise."""
    problems = check(corpus)
    if any(not problem.warning for problem in problems):
        raise PolicyError(problems)
    return corpus


T = TypeVar("T")


def _coming_back(starts: list[tuple[date, int, T]]) -> Iterator[tuple[date, T, T]]:
    """Yield each day on which an older decision takes over from a newer one that has begun earlier, with both.

    `starts` are days, the ranks of the decisions whose versions or values start on them, and what to call these.
    """
    before: tuple[date, int, T] | None = None
    for one in sorted(starts, key=lambda start: start[:2]):
        last = one[:2] == max(start[:2] for start in starts if start[0] == one[0])
        if last and before and before[1] > one[1]:
            yield one[0], one[2], before[2]
        before = one if last else before


class _CorpusChecker:
    def __init__(self, corpus: Corpus, names: Catalogue) -> None:
        self.corpus, self.names, self.problems, self.types = corpus, names, Problems(), corpus.types
        self.assumed: dict[str, ScenarioParameter] = {}
        #: The types of what is there once a decision has been taken.
        self.known: dict[str, dict[str, FactType]] = {}

    @property
    def listed(self) -> list[str]:
        """Return the decisions that the list of policy/decisions.yaml puts in order."""
        file = self.corpus.files["policy/decisions.yaml"]
        return file.order if isinstance(file, m.DecisionsFile) else []

    def add(
        self,
        file: str,
        path: At,
        code: str,
        message: str,
        help: str = "",
        *,
        key: bool = False,
        warning: bool = False,
        fix: Fix | None = None,
    ) -> None:
        help = help or "Compare it with its neighbours."
        self.problems.add(self.corpus.place(file, *path, key=key), code, message, help, warning=warning, fix=fix)

    def among(self, file: str, path: At, what: str, word: str, names: Collection[str]) -> None:
        """Check that a word is one of the names; where there are none, they could not be read, or that is at fault."""
        if names:
            self.problems.known(partial(self.corpus.place, file, *path), what, word, names)

    def decisions(self) -> None:
        corpus, file = self.corpus, "policy/decisions.yaml"
        unlisted = [number for number in corpus.decisions if number not in (*corpus.order, *corpus.beside)]
        for number in unlisted:
            said = f"'{number}' is not listed in policy/decisions.yaml, and its day does not say where it belongs."
            help = "Add it to 'order' where it was taken, or to 'beside'; or give the day on which it was taken."
            self.add(corpus.file_of(number, "decision.yaml"), ("number",), "decision-order", said, help)
        order = self.listed
        listed = [*order, *corpus.beside]
        # Those that only their day puts in order may be meant by a name of the list that does not exist.
        unlisted = [number for number in corpus.decisions if number not in listed]
        for part, numbers in (("order", order), ("beside", corpus.beside)):
            for index, number in enumerate(numbers):
                if number not in corpus.decisions:
                    near = did_you_mean(number, unlisted) if nearest_fix(number, unlisted) else ""
                    said = f"The folder for '{number}' does not exist."
                    help = near or f"Add {corpus.file_of(number, 'decision.yaml')}, or take it off the list."
                    self.add(file, (part, index), "no-decision", said, help, fix=nearest_fix(number, unlisted))
                if listed.count(number) > 1:
                    self.add(file, (part, index), "written-twice", f"'{number}' is listed twice.", "Keep one.")
        counts = any(corpus.decisions[number].counts() for number in corpus.order if number in corpus.decisions)
        if not counts and self.names.whole("policy/*/decision.yaml"):
            said = "No decision of the order counts: each is proposed, called in or withdrawn."
            self.add(file, ("order",), "nothing-counts", said, "Keep one that was taken, or was in force before.")
        for number, decision in corpus.decisions.items():
            name = corpus.file_of(number, "decision.yaml")
            taken = decision.taken
            if decision.status in ("taken", "called_in") and taken is None:
                said = f"'{number}' is {STANDINGS[decision.status]}, and nothing says when it was taken."
                help = "Add 'taken' with 'day', with 'earliest' and 'latest', or with 'unknown' and why."
                self.add(name, ("status",), "no-date", said, help)
            if decision.status == "proposed" and taken and taken.day:
                said = f"'{number}' is only proposed, and says when it was taken."
                self.add(name, ("status",), "taken-and-planned", said, "Write 'status: taken', or take 'taken' out.")
            if decision.status != "proposed" and decision.planned:
                said = f"'{number}' is {STANDINGS[decision.status]}, and still says for when it is planned."
                help = "Take 'planned' out, or write 'status: proposed'."
                self.add(name, ("planned",), "taken-and-planned", said, help, key=True)
            if taken and taken.earliest and taken.latest and taken.earliest > taken.latest:
                self.add(name, ("taken",), "dates-reversed", "The earliest day is after the latest.", "Swap them.")
            self.later_standing(number, decision)

    def later_standing(self, number: str, decision: m.DecisionFile) -> None:
        """Check what is said of a decision that was called in, withdrawn or replaced, and that no other says it."""
        name, status, words = self.corpus.file_of(number, "decision.yaml"), decision.status, STANDINGS[decision.status]
        by = replacing(self.corpus.decisions, number)
        if status not in LATER and (decision.since or decision.shown_by):
            key = "since" if decision.since else "shown_by"
            said = f"'{number}' is {words}, and says {'since when' if key == 'since' else 'where that is shown'}."
            help = f"Take it out, or write one of these as its status: {', '.join(LATER)}."
            self.add(name, (key,), "later-standing", said, help, key=True)
        if status in LATER and decision.shown_by is None:
            said = f"'{number}' is {words}, and nothing shows it."
            help = "Add 'shown_by' with document and paragraph."
            self.add(name, ("status",), "later-standing", said, help)
        if status == "replaced" and decision.since is None:
            said = f"'{number}' is replaced, and nothing says from when."
            self.add(name, ("status",), "later-standing", said, "Add 'since' with the first day on which it was.")
        if status == "replaced" and not by and self.names.whole("policy/*/decision.yaml"):
            said = f"'{number}' is replaced, and no decision that counts replaces it."
            help = f"Write '{number}' under 'replaces' in the decision that took its place."
            self.add(name, ("status",), "nothing-replaces", said, help)
        if by and status not in ("replaced", "withdrawn"):
            said = f"'{number}' is {words}, and {by[0]} replaces it."
            help = "Write 'status: replaced', with 'since' and 'shown_by'; or take it out of 'replaces' there."
            self.add(name, ("status",), "later-standing", said, help)
        first = decision.taken and (decision.taken.day or decision.taken.earliest)
        if first and decision.since and decision.since < first:
            said = f"'{number}' is {words} since {decision.since}, and was not taken before {first}."
            self.add(name, ("since",), "dates-reversed", said, "Look at both days.")

    def parameters(self) -> None:
        corpus = self.corpus
        for name, setters in corpus.parameters.items():
            for number, parameter in setters:
                file, path = corpus.file_of(number, "parameters.yaml"), ("parameters", name)
                first = setters[0]
                if parameter.unit != first[1].unit:
                    said = f"'{name}' is in {parameter.unit} here, and in {first[1].unit} in {first[0]}."
                    help = f"Use one unit, 'unit: {first[1].unit}'; or give one of the two another name."
                    self.add(file, (*path, "unit"), "unit-mismatch", said, help)
                if parameter.open_point and parameter.value is not None:
                    said = f"'{name}' has a value, and names an open point that says it has none."
                    help = "Take one of the two out."
                    if lock.is_locked(corpus, number, name):
                        help = (
                            f"Write 'value: null' again: {number} left it open. The decision that sets it does so in a "
                            f"file of its own, with its 'from', and settles '{parameter.open_point}'."
                        )
                    self.add(file, (*path, "open_point"), "value-and-open-point", said, help, key=True)
            self.values_by_day(name, setters)

    def values_by_day(self, name: str, setters: list[tuple[str, m.Parameter]]) -> None:
        """Warn where two decisions set a value from one day, and where an older one's comes back in silence."""
        by_day: dict[date, tuple[str, m.Parameter]] = {}
        for number, parameter in setters:
            start, file = parameter.start, self.corpus.file_of(number, "parameters.yaml")
            other = by_day.setdefault(start, (number, parameter)) if start else (number, parameter)
            if other[1].value != parameter.value:
                said = f"'{name}' has two values from {start}, by '{other[0]}' and by '{number}'."
                help = "The decision taken later wins; give them different days if both are to count."
                self.add(file, ("parameters", name, "value"), "two-values", said, help, warning=True)
        starts = [(parameter.start or date.min, rank, number) for rank, (number, parameter) in enumerate(setters)]
        for day, older, newer in _coming_back(starts):
            file = self.corpus.file_of(older, "parameters.yaml")
            self.comes_back(file, ("parameters", name, "from"), f"value of '{name}'", day, older, newer)

    def comes_back(self, file: str, path: At, what: str, day: date, older: str, newer: str) -> None:
        if not self.names.whole("decision", "parameter"):
            return
        said = f"On {day.isoformat()} the {what} by '{older}' comes back, after that by '{newer}', taken later."
        help = f"Let '{newer}' say what holds from that day on, too, or end what '{older}' has planned."
        self.add(file, path, "comes-back", said, help, warning=True)

    def open_points(self) -> None:
        corpus, file = self.corpus, "policy/readings.yaml"
        read = Counter(reading.point for reading in corpus.readings)
        for index, reading in enumerate(corpus.readings):
            path: At = ("readings", index)
            if reading.point not in corpus.open_points:
                continue
            number, point = corpus.open_points[reading.point]
            if point.state == "note":
                said = f"'{reading.point}' is a note and blocks nothing."
                help = f"Set its state to read in {corpus.file_of(number, 'open-points.yaml')}."
                self.add(file, (*path, "point"), "point-is-a-note", said, help)
            if point.state == "open":
                said = f"'{reading.point}' is read here, and its state is still open."
                help = f"Set its state to read in {corpus.file_of(number, 'open-points.yaml')}."
                self.add(file, (*path, "point"), "point-is-open", said, help, warning=True)
            for question, answer in reading.answers.items():
                allowed = point.allows.get(question, [])
                if question in corpus.questions and answer not in allowed:
                    self.add(
                        file,
                        (*path, "answers", question),
                        "not-allowed",
                        f"'{answer}' is not an answer that '{reading.point}' would allow.",
                        did_you_mean(answer, allowed) or "Add it to 'allows' there, with the paragraph.",
                        fix=nearest_fix(answer, allowed),
                    )
        for name, (number, point) in corpus.open_points.items():
            if point.state == "read" and not read[name] and self.names.whole("reading"):
                self.add(
                    corpus.file_of(number, "open-points.yaml"),
                    ("open_points", name, "state"),
                    "no-reading",
                    f"'{name}' is said to be read, and no reading reads it.",
                    "Add a reading to policy/readings.yaml, or set the state to open.",
                )

    def facts(self) -> None:
        corpus, file = self.corpus, "rules/facts.yaml"
        of_children = any(fact.personal for fact in corpus.facts.facts.values())
        for name, fact in corpus.facts.facts.items():
            path: At = ("facts", name)
            if fact.type == "choice" and not fact.values and not fact.values_from:
                self.add(file, path, "no-values", f"'{name}' is a choice and has no values.", "Add 'values'.")
            plain = fact.type == "reference" or (fact.type == "date" and fact.required)
            if "personal" not in fact.model_fields_set and not plain and of_children:
                said = f"'{name}' does not say whether it is something personal."
                help = "Add 'personal: true', as other facts have it; 'personal: false' if it is not about a child."
                self.add(file, path, "missing", said, help, key=True)
            if name in corpus.questions:
                self.add(file, path, "same-id", f"'{name}' is a question too.", "Give the fact another name.", key=True)
            if fact.lowest is not None and fact.highest is not None and fact.lowest > fact.highest:
                said = f"The lowest value of '{name}' is above the highest."
                self.add(file, (*path, "lowest"), "bounds-reversed", said, "Swap them.")
            self.dated(file, path, fact)
            if fact.required and (fact.start or fact.until or fact.decision):
                said = f"Every case needs '{name}', so it counts on every day."
                self.add(file, path, "days", said, "Take out 'from', 'until' and 'decision'.", key=True)
            for value, days in fact.days.items():
                at = (*path, "days", value)
                if fact.values_from:
                    said = f"The values of '{name}' are the levels of an edition, which have their days there."
                    help = f"Write the days of '{value}' into descriptors/{fact.values_from}/edition.yaml."
                    self.add(file, at, "days", said, help, key=True)
                    continue
                self.problems.known(
                    partial(corpus.place, file, *at, key=True), f"'{name}' value", value, [*fact.values], kind="value"
                )
                self.dated(file, at, days)
        for name, kind in (("case_ref", "reference"), ("decision_date", "date")):
            one = corpus.facts.facts.get(name)
            if one is None or one.type != kind or not one.required:
                said = f"'{name}' is not a required fact of the type {kind}."
                help = "No case can be read without it: put it back as it was."
                self.add(file, ("facts", name), "case-without", said, help, key=True)
        for name in corpus.facts.groups:
            if name in corpus.types or name in corpus.facts.facts:
                said = f"'{name}' is a fact or a question too."
                self.add(file, ("groups", name), "same-id", said, "Give the group another name.", key=True)
        for index, follows in enumerate(corpus.facts.follows):
            path = ("follows", index)
            if follows.fact in corpus.types:
                self.value(file, (*path, "value"), follows.value, corpus.types[follows.fact])
                self.brought(file, (*path, "value"), follows.fact, [follows.value], self.since(follows.decision))
            self.condition(file, (*path, "when"), follows.when, self.since(follows.decision), [])
        for key in ("problems", "warnings"):
            for index, rule in enumerate(getattr(corpus.facts, key)):
                path = (key, index)
                answers = list(corpus.questions) if key == "warnings" else []
                self.brought(file, (*path, "field"), rule.field, [], self.since(rule.decision))
                self.condition(file, (*path, "when"), rule.when, self.since(rule.decision), answers, about_facts=True)

    def since(self, decision: str | None) -> str:
        """Return the decision by which a rule about facts counts: the first of all where it names none."""
        return decision if decision in self.corpus.decisions else self.corpus.order[0]

    def dated(self, file: str, path: At, one: m.Dated | EditionFile) -> None:
        """Check the days of what has days of its own, and the decision by which it begins."""
        known = one.decision in self.corpus.decisions
        if one.start and one.decision is None:
            said = "This has a first day, and does not say by which decision."
            self.add(file, (*path, "from"), "days", said, "Add 'decision' with its number.", key=True)
        decision = one.decision if one.decision and known else self.corpus.order[-1]
        self.day(file, (*path, "from"), one.start, decision)
        if known and one.start:
            self.reaches_back(file, (*path, "decision"), one.start, decision)
        until = one.until if isinstance(one, m.Dated) else None
        self.day(file, (*path, "until"), until, self.corpus.order[-1])
        first, last = self.start_of(one.start) if one.start else date.min, self.start_of(until) if until else date.max
        if isinstance(first, date) and isinstance(last, date) and first > last:
            said = f"The first day is {first.isoformat()}, and the last one {last.isoformat()}."
            self.add(file, (*path, "until"), "dates-reversed", said, "Let it end after it has begun.")

    def brought(self, file: str, path: At, fact: str, values: Collection[object], decision: str) -> None:
        """Check that a fact, and values of it, are there once `decision` has been taken."""
        corpus = self.corpus
        if decision in corpus.beside or not self.names.whole("decision"):
            return
        counted = {*corpus.beside, *corpus.order[: corpus.rank(decision) + 1]}
        if decision not in self.known:
            self.known[decision] = known_by(corpus, counted).types
        kinds, declared = self.known[decision], self.types
        missing = [fact] if fact in declared and fact not in kinds else []
        if fact in kinds and declared[fact].type == "choice":
            missing = [one for one in values if one in declared[fact].values and one not in kinds[fact].values]
        for one in missing if declared is corpus.types else ():
            said = f"'{one}' is not there yet by {decision}: a later decision brings it."
            help = "Name that decision here, where this begins with it, or leave it out."
            self.add(file, path, "not-yet-set", said, help)

    def question(self, name: str, *, laid: bool = False) -> None:
        """Check a question; where a scenario is `laid` over it, the rows of the scenario's own versions alone."""
        corpus, question, file = self.corpus, self.corpus.questions[name], f"rules/{name}.yaml"
        names = list(corpus.questions)
        earlier = names[: names.index(name)]
        if "undetermined" in question.answers:
            said = "'undetermined' is what the engine says of a question without an answer."
            self.add(file, ("answers", "undetermined"), "reserved", said, "Leave such cases open, by a row.", key=True)
        for answer, its_days in question.days.items():
            self.dated(file, ("days", answer), its_days)
        starts: Counter[date | str | None] = Counter()
        decided: Counter[tuple[date | str | None, str]] = Counter()
        begun: list[tuple[date, int, int]] = []
        for number, version in enumerate(question.versions):
            path: At = ("versions", number)
            known = version.decision in corpus.decisions
            # Where the decision is mistyped, what it cannot know yet is not worth a message of its own.
            decision = version.decision if known else corpus.order[-1]
            if known and (meant := self.meant_decision(version)):
                names_of, other = meant
                said = f"'{version.decision}' does not set {listed(names_of)}, on which this rests; '{other}' does."
                fix = Fix(version.decision, other)
                self.add(file, (*path, "decision"), "not-yet-set", said, f"Did you mean '{other}'?", fix=fix)
                continue
            self.day(file, (*path, "from"), version.start, decision)
            if known:
                self.reaches_back(file, path, version.start, version.decision)
                # One that names the wrong decision has a problem of its own, and is held against no other.
                ranks = [corpus.rank(one.decision) for one in question.versions
                         if one.decision in corpus.decisions and not self.meant_decision(one)]  # fmt: skip
                later = any(rank < corpus.rank(version.decision) for rank in ranks)
                if version.start is None and later and self.names.whole("decision"):
                    said = f"This version by {version.decision} says no day: it would decide the cases of every day."
                    own = self.own_days(version.decision) or f"$ and the name of one that {version.decision} sets"
                    help = f"Add 'from' with the date from which it counts: {own}."
                    self.add(file, (*path, "decision"), "no-day", said, help)
            start = self.start_of(version.start)
            # What is only proposed keeps nothing from coming back.
            if known and not isinstance(start, str) and corpus.decisions[version.decision].counts():
                begun.append((start, corpus.rank(version.decision), number))
            # A proposal, or a scenario, is there to take the place of what is in force from the same day.
            proposed = known and corpus.decisions[version.decision].status == "proposed"
            days = {version.start} if proposed else {version.start, start}
            days = set() if isinstance(version, ScenarioVersion) else days
            starts.update(days)
            decided[start, version.decision] += 1
            if decided[start, version.decision] > 1:
                said = f"Two versions of '{name}' by {version.decision} start on one day."
                self.add(file, path, "two-versions", said, "Keep one of them.")
            elif any(starts[one] > 1 for one in days):
                said = f"Two versions of '{name}' start on one day."
                help = "The decision taken later wins; give them different days if both are to count."
                self.add(file, path, "same-start", said, help, warning=True)
            if isinstance(version, ScenarioVersion) or not laid:
                self.rows(file, path, name, version, decision)
        for since, older, newer in _coming_back(begun):
            decisions = [question.versions[at].decision for at in (older, newer)]
            self.comes_back(file, ("versions", older, "from"), f"version of '{name}'", since, *decisions)
        for index, caution in enumerate(question.cautions):
            path = ("cautions", index)
            for key, day in (("from", caution.start), ("before", caution.before)):
                self.day(file, (*path, key), day, caution.decision)
            self.condition(file, (*path, "when"), caution.when, caution.decision, [*earlier, name])

    def meant_decision(self, version: m.Version) -> tuple[list[str], str] | None:
        """Return what a version rests on that only one later decision sets, its first day too, and that decision."""
        if version.start is None or not self.names.whole("decision", "parameter"):
            return None
        rank, setters = self.corpus.rank(version.decision), self.corpus.parameters
        if any(self.corpus.rank(number) <= rank for number, _ in setters.get(version.start[1:], ())):
            return None
        later = {}
        for name in {one.word for one in named(version) if one.names.kind == "parameter"} & set(setters):
            ranks = {number: self.corpus.rank(number) for number, _ in setters[name]}
            if min(ranks.values()) > rank and min(ranks.values()) >= 0:
                later[name] = min(ranks, key=lambda number: ranks[number])
        numbers = set(later.values())
        start = version.start[1:]
        latest = max(numbers, key=self.corpus.rank, default="")
        return (sorted(later), latest) if len(later) > 1 and later.get(start) == latest else None

    def rows(self, file: str, path: At, name: str, version: m.Version, decision: str) -> None:
        """Check the rows of a version of a question, and what its sections give them."""
        question, names = self.corpus.questions[name], list(self.corpus.questions)
        earlier = names[: names.index(name)]
        if not version.rows and not version.sections:
            help = "Add an answer under 'answers', or a row under 'open' with the open point."
            self.add(file, path, "no-rows", "This version has no rows.", help)
        for number, section in enumerate(version.sections):
            here = (*path, "sections", number)
            if not section.answers and not section.open:
                help = "Put rows under 'answers' or 'open' of it, or take it out."
                self.add(file, (*here, "heading"), "no-rows", f"'{section.heading}' has no rows.", help)
            self.condition(file, (*here, "given"), section.given, decision, earlier, question.ask)
        ids = Counter(row.name for row in version.rows)
        for placed in version.placed:
            where, row = (*path, *placed.path), placed.row
            self.gives(file, (*where, "gives"), row.gives, decision, name)
            for part, at in placed.parts:
                if at[: len(placed.path)] == placed.path:  # Else it is of the section's `given`, which is checked once.
                    self.condition(file, (*path, *at), part, decision, earlier, question.ask)
            if isinstance(row, m.AnswerRow):
                self.brought(file, (*where, "answer"), name, [row.answer], decision)
                if ids[row.id] > 1:
                    said = f"'{row.id}' is the id of two rows of this version."
                    self.add(file, (*where, "id"), "same-id", said, "Rename one.")
                continue
            if ids[row.name] > 1:
                said = f"'{row.name}' appears twice in this version."
                help = "Join them with 'any', or give each an 'id'."
                self.add(file, (*where, "id" if row.id else "point"), "same-id", said, help)
            points: list[tuple[At, str]] = [((*where, "point"), row.point)]
            for key in ("also", "either"):
                points += [((*where, key, at), one) for at, one in enumerate(getattr(row, key))]
            for at_point, word in points:
                if word in self.corpus.open_points and self.names.whole("question", "answer"):
                    number_of, point = self.corpus.open_points[word]
                    # Beside its own points a row can name those that leave an earlier question open.
                    blocks = {name} if at_point[-1] == "point" else {name, *earlier}
                    register = self.corpus.file_of(number_of, "open-points.yaml")
                    if point.state == "note" and (point.allows or point.allows_text):  # It has been more than a note.
                        said = f"'{word}' is a note, which blocks nothing, and rows of rules leave cases to it."
                        help = "Set its state to open, or to read."
                        self.add(register, ("open_points", word, "state"), "point-does-not-block", said, help)
                    elif point.state == "note":
                        help = f"Name another point, or give it 'allows' and another state in {register}."
                        self.add(
                            file, at_point, "point-does-not-block", f"'{word}' is a note, which blocks nothing.", help
                        )
                    elif not (blocks & set(point.allows) or point.allows_text):
                        said = f"'{word}' does not say which answers of '{name}' it would allow."
                        help = f"Add '{name}' to its 'allows' in {register}."
                        self.add(file, at_point, "point-does-not-block", said, help)

    def start_of(self, written: str | None) -> date | str:
        """Return the day on which a version starts, as the last decision that sets it has it; its name where none."""
        setters = self.corpus.parameters.get((written or "")[1:], [])
        value = setters[-1][1].value if setters else written
        return value if isinstance(value, date) else written or date.min

    def gives(
        self, file: str, path: At, written: Mapping[str, m.Portion | str | bool], decision: str, question: str
    ) -> None:
        """Check the figures of a row: each is declared with the question, and of its unit."""
        declared = self.corpus.questions[question].figures
        for name, value in written.items():
            where = (*path, name)
            if name in RESERVED:
                said = f"'{name}' is a word of every answer, and no figure can be called so."
                self.add(file, where, "reserved", said, "Give the figure another name.", key=True)
                continue
            place = partial(self.corpus.place, file, *where, key=True)
            look = f"Declare it under 'figures' in rules/{question}.yaml, with its unit."
            self.problems.known(place, f"'{question}' figure", name, declared, look=look)
            kind = declared.get(name)
            if isinstance(value, m.Portion):
                self.portion(file, where, value, decision, kind)
            elif isinstance(value, bool) or (kind and kind.unit == "flag"):
                if kind and (kind.unit != "flag" or not isinstance(value, bool)):
                    right = "true or false, without quotation marks" if kind.unit == "flag" else f"{a(kind.unit)} here"
                    said = f"'{str(value).lower()}' is not {right}."
                    help = "Write true or false." if kind.unit == "flag" else "Name a value: $ and its name."
                    self.add(file, where, "unit-mismatch", said, help)
            elif value.startswith("$"):
                parameter = self.parameter(file, where, value, decision)
                if kind and parameter and parameter.unit != kind.unit:
                    self.mismatch(file, where, value, parameter, (kind.unit,), f"'{name}', {a(kind.unit)}", decision)
                elif kind and kind.values and value[1:] not in kind.values and value[1:] in self.corpus.parameters:
                    said = f"'{value}' is not one of the values that '{name}' of '{question}' may be."
                    help = f"Write one of {', '.join(f'${one}' for one in kind.values)}; or add it to 'values' of "
                    help += f"'{name}' under 'figures' in rules/{question}.yaml, where it is meant."
                    self.add(file, where, "not-a-value", said, help)
            elif value.lstrip().startswith("{"):
                said = f"'{value}' is in quotation marks, which make words of it."
                self.add(file, where, "quoted", said, "Take the marks away.", fix=Fix(f'"{value}"', value))
            else:
                self.bare_value(file, where, value)

    def portion(self, file: str, where: At, value: m.Portion, decision: str, kind: m.GivenFigure | None) -> None:
        """Check a portion of a fact: of an amount, by a share or until a day, and in the unit of its figure."""
        fact = self.corpus.facts.facts.get(value.of)
        if value.of in self.types and (fact is None or fact.type != "money"):
            self.add(file, (*where, "of"), "unit-mismatch", f"'{value.of}' is not an amount in pounds.", "Name one.")
        elif kind and fact:
            unit = "pounds" if value.until else fact.unit
            if unit != kind.unit:
                said = f"This portion of '{value.of}' is {a(unit)}, and '{where[-1]}' {a(kind.unit)}."
                help = "A portion until a day is in pounds, any other in the unit of its fact."
                self.add(file, (*where, "of"), "unit-mismatch", said, f"Give the figure that is meant. {help}")
        if value.share:
            self.of_unit(file, (*where, "share"), value.share, decision, "share")
        if value.until:
            self.of_unit(file, (*where, "until"), value.until, decision, "date")
        if value.share and value.until:
            said = f"'{where[-1]}' is a share, and a part of a year too."
            self.add(file, where, "two-figures", said, "Give 'share' or 'until', not both.", key=True)

    def bare_value(
        self, file: str, path: At, value: str | bool | m.FactLimitModel, among: Collection[str] = ()
    ) -> None:
        self.problems.found.append(bare_value(self.corpus, self.corpus.place(file, *path), value, among))

    def of_unit(self, file: str, path: At, written: str, decision: str, unit: str) -> None:
        """Check that `$name` is the name of a value of this unit."""
        if not written.startswith("$"):
            self.bare_value(file, path, written)
            return
        parameter = self.parameter(file, path, written, decision)
        if parameter and parameter.unit != unit:
            self.mismatch(file, path, written, parameter, (unit,), f"'{path[-1]}', {a(unit)}", decision)

    def mismatch(
        self,
        file: str,
        path: At,
        written: str,
        parameter: m.Parameter | ScenarioParameter,
        wanted: Sequence[str],
        what: str,
        decision: str,
    ) -> None:
        """Add that a value is not of a unit that is wanted: at the value, where its own unit is what can be wrong.

        That is so where the decision itself sets it, and no other one, and its value could be one of that unit.
        """
        name = written[1:]
        setters = [number for number, _ in self.corpus.parameters.get(name, [])]
        if could_be(parameter, wanted[0]) and (name in self.assumed or setters == [decision]):
            where = file if name in self.assumed else self.corpus.file_of(decision, "parameters.yaml")
            said = f"'{name}' is {a(parameter.unit)} here, and in {file} it is {what}."
            help = f"Write '{wanted[0]}', where that is its unit; else name another value in {file}."
            fix = Fix(parameter.unit, wanted[0])
            self.add(where, ("parameters", name, "unit"), "unit-mismatch", said, help, fix=fix)
            return
        self.add(file, path, "unit-mismatch", f"'{written}' is {a(parameter.unit)}, and here it is {what}.",
                 f"Name a value of that unit: {wanted[0]}.")  # fmt: skip

    def editions(self) -> None:
        for file, edition in self.corpus.files.items():
            if not isinstance(edition, EditionFile):
                continue
            for path, code, message, help in edition_faults(edition):
                self.add(file, path, code, message, help)
            for index, level in enumerate(edition.levels):
                self.dated(file, ("levels", index), level)
            if edition.replaces:
                self.follows(file, edition)
            elif edition.start:
                said = "This edition has a first day, and does not say which one it takes the place of."
                self.add(file, ("from",), "days", said, "Add 'replaces' with the id of that edition.", key=True)

    def follows(self, file: str, edition: EditionFile) -> None:
        """Check an edition that replaces another one: its days, and its levels beside those that went before."""
        corpus = self.corpus
        for key in ("from", "decision"):
            if getattr(edition, "start" if key == "from" else key) is None:
                said = f"This edition takes the place of '{edition.replaces}', and has no '{key}'."
                help = "Add 'from' with its first day, and 'decision' with the number of the decision that brings it."
                self.add(file, ("replaces",), "days", said, help)
        self.dated(file, (), edition)
        before: list[str] = []
        name = edition.replaces
        while name in corpus.editions and name not in before:
            before.append(name)
            name = corpus.editions[name].replaces
        if edition.edition in before:
            said = "This edition follows itself."
            self.add(file, ("replaces",), "days", said, "Name the one that was used until then.")
            return
        for path, code, message, help in order_faults(edition, [corpus.editions[one] for one in before]):
            self.add(file, path, code, message, help)
        if any(fact.values_from in before for fact in corpus.facts.facts.values()):
            self.areas_rated(file, edition)

    def laid(self, base: Corpus, number: str, files: Sequence[BaseModel]) -> None:
        """Check what a scenario brings as a decision would: values, open points, facts and versions of questions."""
        self.parameters()
        self.open_points()
        for file in files:
            if isinstance(file, m.FactsFile):
                self.facts()
                for key in ("facts", "groups"):
                    for word in vars(base.facts)[key].keys() & vars(file)[key].keys():
                        said = f"'{word}' is a fact of the policy already."
                        path, where = (key, word), f"{SCENARIO_FOLDER}{number.split()[-1]}/rules/facts.yaml"
                        self.problems.add(base.place(where, *path, key=True), "same-id", said, "Give it another name.")
            elif isinstance(file, ScenarioRules):
                name = next(name for name, one in base.files.items() if one is file)
                place = partial(base.place, name, "question")
                listed, look = questions(base), "Look it up in rules/questions.yaml."
                # One that is listed, and is not here, could not be read.
                known = self.problems.known(place, "question", file.question, listed, look=look)
                if known and file.question in self.corpus.questions:
                    self.question(file.question, laid=True)
                    self.kept(base, file)

    def kept(self, base: Corpus, rules: ScenarioRules) -> None:
        """Check that the versions and rows which a scenario's versions keep or leave out are there."""
        file = next(name for name, one in base.files.items() if one is rules)
        grounds = [one.id for scenario in self.corpus.scenarios.values() for one in scenario.grounds]
        for index, version in enumerate(rules.versions):
            place = partial(base.place, file, "versions", index)
            if version.decision:
                said = "A version of a scenario is the scenario's, and no decision's."
                help = "Take 'decision' out; 'rests_on' says why the version is so."
                self.problems.add(place("decision", key=True), "unknown-word", said, help)
            look = "Look it up in scenario.yaml, under 'weighs' and 'assumptions'."
            self.problems.known(partial(place, "rests_on"), "assumption", version.rests_on, grounds, look=look)
            kept = version.keeps
            same = [one for one in base.questions[rules.question].versions if kept and kept.is_of(one)]
            if kept and not same and kept.decision in base.decisions:
                since = f"from '{kept.start}'" if kept.start else "from the beginning"
                said = f"'{rules.question}' has no version by {kept.decision} {since}."
                help = f"Write 'decision' and 'from' as they are in rules/{rules.question}.yaml."
                self.problems.add(place("keeps", key=True), "no-version", said, help)
            for at, name in enumerate(kept.without if kept and same else ()):
                rows = [row.name for row in same[-1].rows]
                look = f"Look it up in rules/{rules.question}.yaml."
                where = partial(place, "keeps", "without", at)
                self.problems.known(where, "row", name, rows, kind="row of a rule", look=look)

    def scenario(self, name: str) -> None:
        corpus, scenario = self.corpus, self.corpus.scenarios[name]
        file = next(file for file, model in corpus.files.items() if model is scenario)
        last = corpus.order[-1]
        if not corpus.order or not any(
            corpus.decisions[one].counts() and one not in scenario.without_decisions
            for one in corpus.order if one in corpus.decisions and one != number_of(name)
        ):  # fmt: skip
            said = "No decision of the order is left under this scenario."
            self.add(file, ("without_decisions",), "nothing-counts", said, "Leave one that was taken.")
        self.types, self.assumed = corpus.types_under(scenario), scenario.parameters
        if scenario.edition in corpus.editions:
            self.edition_in_use(file, corpus.editions[scenario.edition], scenario)
        own = [corpus.files[one] for one in files_of(corpus, name) if one in corpus.files]
        asked = [one.word for held in own for one in named_in_file(held) if one.names.kind == "parameter"]
        known = [*corpus.parameters, *(one for one in asked if one not in scenario.parameters)]
        for key, parameter in scenario.parameters.items():
            held = corpus.parameters.get(key)
            if held and key not in asked and held[0][1].unit != parameter.unit:
                said = f"'{key}' is in {parameter.unit} here, and in {held[0][1].unit} in {held[0][0]}."
                self.add(file, ("parameters", key, "unit"), "unit-mismatch", said, "Use that unit.")
            if not held and key not in asked and self.names.whole("parameter"):
                said = f"Nothing rests on '{key}'."
                help = did_you_mean(key, known) or "Take it out, or name a parameter of the policy."
                self.add(file, ("parameters", key), "idle-parameter", said, help, key=True, fix=nearest_fix(key, known))
            for index, level in enumerate(parameter.value if parameter.unit == "levels" else ()):
                self.among(file, ("parameters", key, "value", index), "level", level, self.level_ids())
        rows: Counter[tuple[str, str]] = Counter()
        for settles in scenario.settles:
            rows.update((settles.question, row.id) for row in settles.rows)
        for index, settles in enumerate(scenario.settles):
            path: At = ("settles", index)
            if settles.question not in corpus.questions:
                continue
            question = corpus.questions[settles.question]
            if settles.point in corpus.open_points and not any(
                settles.point in (row.point, *row.also, *row.either)
                for version in question.versions
                for row in version.open
            ):
                said = f"'{settles.question}' has no row that leaves '{settles.point}' open."
                self.add(file, (*path, "point"), "point-does-not-block", said, "Name one that it has.")
            names = list(corpus.questions)
            for number, row in enumerate(settles.rows):
                where = (*path, "rows", number)
                if rows[settles.question, row.id] > 1:
                    said = f"'{row.id}' is the id of two rows of '{settles.question}'."
                    self.add(file, (*where, "id"), "same-id", said, "Rename one.")
                self.gives(file, (*where, "gives"), row.gives, last, settles.question)
                earlier = names[: names.index(settles.question)]
                self.condition(file, (*where, "when"), row.when, last, earlier, question.ask)
        self.types, self.assumed = corpus.types, {}

    def level_ids(self) -> list[str]:
        """Return the levels that the facts can have, under the scenario that is being checked if any."""
        facts = self.corpus.facts.facts.items()
        return [value for name, fact in facts if fact.values_from for value in self.types[name].values]

    def edition_in_use(self, file: str, edition: EditionFile, scenario: ScenarioFile) -> None:
        """Check that rules and ratings which speak of the council's levels and areas fit those of a scenario."""
        corpus = self.corpus
        # A level that a later decision brings is asked for on its own days; under the scenario nobody has it.
        named = {fact.values_from for fact in corpus.facts.facts.values()} & corpus.editions.keys()
        always = {level.id for one in named for level in corpus.editions[str(one)].levels if level.decision is None}
        for name, setters in corpus.parameters.items():
            held = [level for _, one in setters if one.unit == "levels" for level in one.value or ()]
            for level in dict.fromkeys(held) if name not in scenario.parameters else ():
                if level in always and level not in self.level_ids() and self.names.whole("given fact"):
                    said = f"'{name}' names '{level}', which is not a level of '{edition.edition}'."
                    self.add(file, ("edition",), "unknown-level", said, f"Add '{name}' to the scenario's parameters.")
        self.areas_rated(file, edition)

    def areas_rated(self, file: str, edition: EditionFile) -> None:
        """Check that each area of an edition in use is rated by a fact, where its method rests on the areas."""
        if edition.banding is None or edition.banding.method != "highest_area":
            return
        areas = [area.id for area in edition.areas]
        rated = {name: fact.area for name, fact in self.corpus.facts.facts.items() if fact.area}
        for name, area in rated.items():
            self.among("rules/facts.yaml", ("facts", name, "area"), "area of need", area, areas)
        for area in areas:
            if area not in rated.values() and self.names.whole("given fact"):
                said = f"No fact rates '{area}', so the highest area is never known."
                self.add(file, ("edition",), "area-not-rated", said, "Add a fact for it to rules/facts.yaml.")

    def reaches_back(self, file: str, path: At, written: str | None, decision: str) -> None:
        """Check that a version does not start before its decision can have been taken, unless that is meant."""
        taken = self.corpus.decisions[decision].taken
        first = taken and (taken.day or taken.earliest)
        setters = self.corpus.parameters.get((written or "")[1:], [])
        known = [one for number, one in setters if self.corpus.rank(number) <= self.corpus.rank(decision)]
        whole = self.names.whole("decision", "parameter")
        start = known[-1].value if whole and known and known[-1].unit == "date" else None
        if first and start and start < first and not known[-1].reaches_back:
            said = f"'{written}' is {start.isoformat()}, and {decision} was not taken before {first.isoformat()}."
            own = self.own_days(decision)
            help = "Look at day and month; where it is meant, write 'reaches_back: true' to the parameter."
            # It is the day that is in question, or else which day it is, or whose version.
            if setters[-1][0] == decision:
                file, path = self.corpus.file_of(decision, "parameters.yaml"), ("parameters", str(written)[1:], "value")
            elif own:
                path, help = (*path, "from"), f"Write a date that {decision} sets: {own}."
            else:
                path, help = (
                    (*path, "decision"),
                    f"Name the decision that starts it then: '{setters[-1][0]}' sets the day.",
                )
            self.add(file, path, "starts-before-decision", said, help)

    def own_days(self, decision: str) -> str:
        """Return the names of the dates that a decision sets, each as a rule writes it; "" for none."""
        setters = self.corpus.parameters.items()
        named = [name for name, of in setters if any(one == decision and own.unit == "date" for one, own in of)]
        return ", ".join(f"${name}" for name in named)

    def ordered(self) -> None:
        """Check that what is known of the days, and of what succeeds what, fits the order of the decisions."""
        corpus = self.corpus
        order = [number for number in corpus.order if number in corpus.decisions]
        last: tuple[str, date] | None = None
        early: dict[tuple[str, date], list[tuple[str, date]]] = {}
        for index, number in enumerate(order):
            decision = corpus.decisions[number]
            for other in (*decision.succeeds, *decision.replaces):
                if other in order[index:]:
                    said = f"'{number}' follows '{other}', but comes before it in the order."
                    self.out_of_order(number, said, f"Put '{other}' before it.")
            taken = decision.taken
            day = taken and (taken.day or taken.latest)
            if last and day and day < last[1]:
                early.setdefault(last, []).append((number, day))
            first = taken and (taken.day or taken.earliest)
            if first and (last is None or first > last[1]):
                last = (number, first)
        for (number, first), others in early.items():
            if len(others) > 1:  # One that is too early, not several that are too late.
                names = listed(name for name, _ in others)
                said = f"'{number}' was not taken before {first.isoformat()}, and comes before {names}, taken earlier."
                self.out_of_order(number, said, f"Put '{number}' after '{others[-1][0]}'.")
                continue
            ((other, day),) = others
            said = f"'{other}' was taken by {day.isoformat()}, and '{number}' not before {first.isoformat()}."
            self.out_of_order(other, said, f"Put '{other}' before '{number}'.")
        self.same_day([number for number in order if number not in self.listed])

    def same_day(self, numbers: Sequence[str]) -> None:
        """Check that the order of decisions which only their day puts in order is of no account where it is one day."""
        sets: dict[str, set[str]] = {number: set() for number in numbers}
        for name, setters in self.corpus.parameters.items():
            for number, _ in setters:
                sets.get(number, set()).add(f"value of '{name}'")
        for name, question in self.corpus.questions.items():
            for version in question.versions:
                sets.get(version.decision, set()).add(f"version of '{name}'")
        for one, other in combinations(numbers, 2):
            taken = [self.corpus.decisions[number].taken for number in (one, other)]
            if (
                taken[0]
                and taken[1]
                and taken[0].day
                and taken[0].day == taken[1].day
                and (both := sets[one] & sets[other])
            ):
                said = f"'{one}' and '{other}' were taken on one day, and both set a {min(both)}."
                help = "Which was first? List both in 'order' of policy/decisions.yaml."
                self.add(self.corpus.file_of(other, "decision.yaml"), ("taken", "day"), "decision-order", said, help)

    def out_of_order(self, number: str, said: str, help: str) -> None:
        """Add a problem of a decision's place: in the list, or where its day gives it, in the decision's own file."""
        if number in self.listed:
            self.add("policy/decisions.yaml", ("order", self.listed.index(number)), "out-of-order", said, help)
        else:
            help = f"{help[:-1]} in 'order' of policy/decisions.yaml."
            self.add(self.corpus.file_of(number, "decision.yaml"), ("number",), "out-of-order", said, help)

    def day(self, file: str, path: At, written: str | None, decision: str) -> None:
        if written is not None:
            self.of_unit(file, path, written, decision, "date")

    def parameter(self, file: str, path: At, written: str, decision: str) -> m.Parameter | ScenarioParameter | None:
        """Return the parameter that `$name` names once `decision` has been taken, after checking that it can."""
        name, corpus = written[1:], self.corpus
        if name in self.assumed:
            return self.assumed[name]
        if name not in corpus.parameters:
            return None
        rank, own = corpus.rank(decision), corpus.decisions.get(decision)
        setters = corpus.parameters[name]
        if not self.names.whole("decision", "parameter"):
            return setters[-1][1] if setters[-1][1].value is not None else None
        known = [(number, p) for number, p in setters if number in corpus.beside or corpus.rank(number) <= rank]
        left_out = [one for one in known if not corpus.decisions[one[0]].counts(include_proposed=True)]
        if own and own.counts(include_proposed=True):
            known = [one for one in known if one not in left_out]
        if not known and left_out:
            status = STANDINGS[corpus.decisions[left_out[-1][0]].status]
            said = f"'{written}' is set only by {left_out[-1][0]}, which is {status}: it has no value for {decision}."
            help = "Name another parameter, or leave this out too: its decision rests on one that does not count."
            # What is only proposed counts for nobody yet, so that it waits with the other is not a fault of the policy.
            self.add(file, path, "not-yet-set", said, help, warning=own is not None and own.status == "proposed")
            return None
        if not known:
            said = f"'{written}' is set only by a later decision than {decision}."
            self.add(file, path, "not-yet-set", said, "Name the decision that sets it, or another parameter.")
            return None
        if known[-1][1].value is None:
            said = f"'{written}' has no value: it is an open point."
            self.add(file, path, "not-decided", said, "Leave the case open with a row under 'open'.")
            return None
        return known[-1][1]

    def condition(
        self,
        file: str,
        path: At,
        written: m.ConditionModel,
        decision: str,
        questions: list[str],
        ask: list[str] | None = None,
        *,
        about_facts: bool = False,
    ) -> None:
        """Check a condition; `about_facts` where it is a rule about facts, which may hold one against another."""
        for where, test in _tests(written, path):
            if test.fact in self.corpus.questions and test.fact not in questions and self.names.whole("question"):
                said = f"The answer of '{test.fact}' is not known yet here."
                help = "Only questions that are listed earlier in rules/questions.yaml can be asked for."
                self.add(file, (*where, "fact"), "question-order", said, help)
                continue
            if test.fact not in self.types:
                continue
            if test.fact == "decision_date" and not (about_facts or path[0] == "cautions"):  # It picks a version.
                said = "The day of the decision picks the version of a rule."
                self.add(file, (*where, "fact"), "date-in-rule", said, "Write a version with 'from' instead.")
            if ask is not None and test.fact not in ask:
                said = f"'{test.fact}' is not in the list 'ask' of this question."
                help = "Add it there, at the place where it is to be asked for."
                self.add(file, (*where, "fact"), "not-asked", said, help)
            ((operator, operand),) = test.operators.items()
            self.brought(file, (*where, "fact"), test.fact, [], decision)
            if isinstance(operand, m.FactLimitModel):
                self.related(file, (*where, operator), test, operand, decision, about_facts=about_facts)
            else:
                self.test(file, where, test, decision)

    def related(
        self,
        file: str,
        path: At,
        test: m.TestModel,
        limit: m.FactLimitModel,
        decision: str,
        *,
        about_facts: bool,
    ) -> None:
        """Check a test that holds a fact against another one."""
        kind = self.types[test.fact]
        if not about_facts:
            said = "A row of a question holds a fact against values, not against another fact."
            self.add(
                file, path, "fact-against-fact", said, "Say it under 'problems' or 'warnings' in rules/facts.yaml."
            )
            return
        other = self.types.get(limit.fact)
        if other is None:
            return
        if not kind.ordered or (other.type, other.is_answer) != (kind.type, False):
            said = (
                f"'{test.fact}' cannot be compared with '{limit.fact}': one is a {kind.type}, the other a {other.type}."
            )
            self.add(
                file, (*path, "fact"), "unit-mismatch", said, "Compare two amounts, two whole numbers or two dates."
            )
        elif limit.by is not None and limit.by.startswith("$"):
            units = UNITS.get(kind.type, (kind.unit,))
            if not self.limit(file, (*path, "by"), test.fact, limit.by, units, decision):
                return
            parameter = self.parameter(file, (*path, "by"), limit.by, decision)
            if parameter and (kind.type == "date" or parameter.unit not in units):
                said = f"'{limit.by}' is in {parameter.unit}, and '{test.fact}' is a {kind.type}."
                self.add(file, (*path, "by"), "unit-mismatch", said, "Name a value of the same unit.")
        elif limit.by is not None and kind.type == "money":
            self.bare_value(file, (*path, "by"), limit.by)
        elif limit.by is not None and not re.fullmatch(r"-?[0-9]{1,5}", limit.by):
            said = f"'{limit.by}' is not a whole number."
            self.add(file, (*path, "by"), "number", said, "Write a whole number of days, years or the like.")

    def test(self, file: str, path: At, test: m.TestModel, decision: str) -> None:
        ((operator, operand),), kind = test.operators.items(), self.types[test.fact]
        where = (*path, operator)
        if operator == "known":
            if kind.is_answer:
                said = f"Whether '{test.fact}' has been answered cannot be asked."
                self.add(file, where, "operator", said, "Ask for its answers with 'is' or 'one_of'.")
            return
        if operator in ORDERED and not kind.ordered:
            said = f"'{test.fact}' cannot be compared with '{operator}': its values have no order."
            self.add(file, where, "operator", said, "Use 'is' or 'one_of'.", key=True)
            return
        if isinstance(operand, str) and operand.startswith("$"):
            wanted = UNITS.get(kind.type, (kind.unit,))
            if kind.ordered and not self.limit(file, where, test.fact, operand, wanted, decision):
                return
            parameter = self.parameter(file, where, operand, decision)
            if parameter is None:
                return
            if parameter.unit not in wanted:
                self.mismatch(
                    file, where, operand, parameter, wanted, f"held against '{test.fact}', {a(wanted[0])}", decision
                )
            if kind.type == "choice" and isinstance(parameter.value, list):
                self.levels(file, where, operand[1:], parameter, kind)
            return
        values = operand if isinstance(operand, list) else [operand]
        self.brought(file, where, test.fact, values, decision)
        for index, value in enumerate(values):
            at = (*where, index) if isinstance(operand, list) else where
            if kind.type in ("choice", "boolean"):
                self.value(file, at, value, kind)
            elif value != "0" or kind.type == "date":
                fact = self.corpus.facts.facts.get(test.fact)
                self.bare_value(file, at, value, fact.limits if fact else ())

    def limit(self, file: str, path: At, fact: str, written: str, units: Sequence[str], decision: str) -> bool:
        """Return whether a fact names a parameter of its unit among its limits, after adding a problem if not.

        A scenario's own values are limits of any fact.
        """
        name = written[1:]
        setters = self.corpus.parameters.get(name, [])
        if fact in self.corpus.facts.facts and setters and setters[0][1].unit in units:
            found = limit_fault(self.corpus, fact, name, decision)
            if found:
                self.add(file, path, "not-a-limit", found.message, found.help, fix=found.fix)
            return not found
        return True

    def value(self, file: str, path: At, value: str | bool | m.FactLimitModel, kind: FactType) -> None:
        """Check that a written value is one that a fact can have; of numbers only 0, and of dates none."""
        if kind.type == "choice":
            labels, word = dict(zip(kind.values, kind.value_labels, strict=False)), str(value)
            if word not in kind.values and (called := by_label(word, labels)):
                article = "an" if kind.name[0] in "aeiou" else "a"
                said = f"'{word}' is not {article} '{kind.name}' value of this policy."
                self.add(file, path, "unknown-value", said, f"Did you mean '{called}'?", fix=Fix(word, called))
                return
            self.among(file, path, f"'{kind.name}' value", word, kind.values)
        elif kind.type == "boolean":
            if not isinstance(value, bool):
                said = f"'{kind.name}' is true or false."
                self.add(file, path, "shape", said, "Write true or false, without quotes.")
        elif value != "0" or kind.type == "date":
            self.bare_value(file, path, value)

    def levels(
        self, file: str, path: At, name: str, parameter: m.Parameter | ScenarioParameter, kind: FactType
    ) -> None:
        """Check the levels that a parameter lists: at the place where it lists them, for a decision's parameter."""
        corpus = self.corpus
        setters = [number for number, one in corpus.parameters.get(name, []) if one is parameter]
        edition = corpus.editions.get(corpus.facts.facts[kind.name].values_from or "") if setters else None
        for index, level in enumerate(parameter.value):
            if edition and level not in kind.values and lock.is_as_locked(corpus, setters[0], name):
                # What was decided is as it was, so it is the edition that was changed.
                ids = [one.id for one in edition.levels]
                free = [one for one in ids if one not in parameter.value]
                near = nearest(level, free) or next((one for one in free if level.startswith(one)), None)
                said = f"'{name}' of {setters[0]} names the level '{level}', which is not here."
                help = (
                    "The id of a level never changes: its label may. For levels under other ids from a day on, write a "
                    f"new edition that replaces '{edition.edition}'."
                )
                where: At = ("levels", ids.index(near), "id") if near else ("levels",)
                fix = Fix(near, level) if near else None
                name_of = f"descriptors/{edition.edition}/edition.yaml"
                self.add(name_of, where, "unknown-level", said, help, fix=fix, key=not near)
                continue
            if setters:
                file, path = self.corpus.file_of(setters[0], "parameters.yaml"), ("parameters", name, "value", index)
            self.value(file, path, level, kind)


def _tests(written: m.ConditionModel, path: At) -> Iterator[tuple[At, m.TestModel]]:
    if isinstance(written, m.TestModel):
        yield path, written
    elif isinstance(written, m.NotModel):
        yield from _tests(written.part, (*path, "not"))
    else:
        word = "all" if isinstance(written, m.AllModel) else "any"
        for index, part in enumerate(getattr(written, word)):
            yield from _tests(part, (*path, word, index))
