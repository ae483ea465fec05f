"""Checks across files: names that exist, units that fit, sources that are there, an order that holds.

What one file can say of itself is the models' to check; what a rule does to pupils is `senpolicy.regions`' and the
proofs'. Every check adds problems, none stops the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from senpolicy import model as m
from senpolicy.calculations import CALCULATIONS
from senpolicy.conditions import ORDERED
from senpolicy.corpus import Corpus
from senpolicy.problems import Place, PolicyError, Problem, Problems, did_you_mean

#: Which unit of a parameter a fact of each type can be held against.
UNITS = {"date": ("date",), "choice": ("levels",)}


def check(corpus: Corpus) -> list[Problem]:
    """Return every problem of the corpus, worst first; those that are only worth a look are warnings."""
    checker = _Checker(corpus)
    checker.decisions()
    checker.sources()
    checker.parameters()
    checker.open_points()
    checker.facts()
    for name in corpus.questions:
        checker.question(name)
    checker.declared()
    checker.editions()
    for name in corpus.scenarios:
        checker.scenario(name)
    return sorted(checker.problems, key=lambda problem: (problem.warning, problem))


def sound(corpus: Corpus) -> Corpus:
    """Return the corpus if it has no problems but warnings; raises `PolicyError` with all of them otherwise."""
    problems = check(corpus)
    if any(not problem.warning for problem in problems):
        raise PolicyError(problems)
    return corpus


class _Checker:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self.problems, self.types = corpus, Problems(), corpus.types
        self.assumed: dict[str, m.ScenarioParameter] = {}

    def add(
        self,
        file: str,
        path: tuple[Any, ...],
        code: str,
        message: str,
        help: str = "",
        *,
        key: bool = False,
        warning: bool = False,
    ) -> None:
        self.problems.add(self.corpus.place(file, *path, key=key), code, message, help, warning=warning)

    def known(self, file: str, path: tuple[Any, ...], what: str, word: str, names: Any, *, key: bool = False) -> bool:
        if word in names:
            return True
        self.add(
            file,
            path,
            f"unknown-{what.replace(' ', '-')}",
            f"'{word}' is not a {what} of this policy.",
            did_you_mean(word, names),
            key=key,
        )
        return False

    def decisions(self) -> None:
        corpus, file = self.corpus, "policy/decisions.yaml"
        listed = [*corpus.order, *corpus.beside]
        for number in corpus.decisions:
            if number not in listed:
                self.add(
                    corpus.file_of(number, "decision.yaml"),
                    ("number",),
                    "decision-order",
                    f"'{number}' does not stand in policy/decisions.yaml.",
                    "Add it to 'order' where it was taken, or to 'beside'.",
                )
        for part, numbers in (("order", corpus.order), ("beside", corpus.beside)):
            for index, number in enumerate(numbers):
                if number not in corpus.decisions:
                    self.add(
                        file,
                        (part, index),
                        "no-decision",
                        f"There is no folder for '{number}'.",
                        f"Add {corpus.file_of(number, 'decision.yaml')}, or take it off the list.",
                    )
                if listed.count(number) > 1:
                    self.add(file, (part, index), "written-twice", f"'{number}' is listed twice.", "Keep one.")
        for number, decision in corpus.decisions.items():
            name = corpus.file_of(number, "decision.yaml")
            taken = decision.taken
            if decision.status == "taken" and taken is None:
                self.add(
                    name,
                    ("status",),
                    "no-date",
                    f"'{number}' is taken, and nothing says when.",
                    "Add 'taken' with 'on', with 'earliest' and 'latest', or with 'unknown' and why.",
                )
            if taken and taken.earliest and taken.latest and taken.earliest > taken.latest:
                self.add(name, ("taken",), "dates-reversed", "The earliest day is after the latest.", "Swap them.")
            for key in ("replaces", "succeeds"):
                for index, other in enumerate(getattr(decision, key)):
                    self.known(name, (key, index), "decision", other, corpus.decisions)
            for index, document in enumerate(decision.documents):
                self.known(name, ("documents", index), "document", document, corpus.documents)

    def sources(self) -> None:
        for file, model in self.corpus.files.items():
            for path, source in _sources(model, ()):
                self.known(file, (*path, "document"), "document", source.document, self.corpus.documents)

    def parameters(self) -> None:
        corpus = self.corpus
        for name, setters in corpus.parameters.items():
            for number, parameter in setters:
                file, path = corpus.file_of(number, "parameters.yaml"), ("parameters", name)
                first = setters[0]
                if parameter.unit != first[1].unit:
                    self.add(
                        file,
                        (*path, "unit"),
                        "unit-mismatch",
                        f"'{name}' is in {parameter.unit} here, and in {first[1].unit} in {first[0]}.",
                        "Use one unit, or give one of the two another name.",
                    )
                if parameter.open_point:
                    self.known(file, (*path, "open_point"), "open point", parameter.open_point, corpus.open_points)

    def open_points(self) -> None:
        corpus, file = self.corpus, "policy/readings.yaml"
        read = Counter(reading.point for reading in corpus.readings)
        ids = Counter(reading.id for reading in corpus.readings)
        for index, reading in enumerate(corpus.readings):
            path: tuple[Any, ...] = ("readings", index)
            if ids[reading.id] > 1:
                self.add(
                    file, (*path, "id"), "same-id", f"'{reading.id}' is the id of two readings.", "Give one another id."
                )
            if not self.known(file, (*path, "point"), "open point", reading.point, corpus.open_points):
                continue
            number, point = corpus.open_points[reading.point]
            if point.state == "note":
                self.add(
                    file,
                    (*path, "point"),
                    "point-is-a-note",
                    f"'{reading.point}' is a note and blocks nothing.",
                    f"Set its state to read in {corpus.file_of(number, 'open-points.yaml')}.",
                )
            for question, answer in reading.answers.items():
                if not self.known(file, (*path, "answers", question), "question", question, corpus.questions, key=True):
                    continue
                allowed = point.allows.get(question, [])
                if answer not in allowed:
                    self.add(
                        file,
                        (*path, "answers", question),
                        "not-allowed",
                        f"'{answer}' is not an answer that '{reading.point}' would allow.",
                        did_you_mean(answer, allowed) or "Add it to 'allows' there, with the paragraph.",
                    )
        for name, (number, point) in corpus.open_points.items():
            where = corpus.file_of(number, "open-points.yaml")
            if point.state == "read" and not read[name]:
                self.add(
                    where,
                    ("open_points", name, "state"),
                    "no-reading",
                    f"'{name}' is said to be read, and no reading reads it.",
                    "Add a reading to policy/readings.yaml, or set the state to open.",
                )
            for question, answers in point.allows.items():
                path = ("open_points", name, "allows", question)
                if self.known(where, path, "question", question, corpus.questions, key=True):
                    for index, answer in enumerate(answers):
                        self.known(
                            where, (*path, index), f"'{question}' answer", answer, corpus.questions[question].answers
                        )

    def facts(self) -> None:
        corpus, file = self.corpus, "rules/facts.yaml"
        for name, fact in corpus.facts.facts.items():
            path: tuple[Any, ...] = ("facts", name)
            if fact.values_from:
                self.known(file, (*path, "values_from"), "edition", fact.values_from, corpus.editions)
            elif fact.type == "choice" and not fact.values:
                self.add(file, path, "no-values", f"'{name}' is a choice and has no values.", "Add 'values'.")
            if name in corpus.questions:
                self.add(file, path, "same-id", f"'{name}' is a question too.", "Give the fact another name.", key=True)
        for index, follows in enumerate(corpus.facts.follows):
            path = ("follows", index)
            self.known(file, (*path, "fact"), "fact", follows.fact, corpus.types)
            self.condition(file, (*path, "when"), follows.when, corpus.order[0], [])
        for key in ("problems", "warnings"):
            for index, rule in enumerate(getattr(corpus.facts, key)):
                path = (key, index)
                self.known(file, (*path, "field"), "fact", rule.field, corpus.types)
                if (rule.when is None) == (rule.calculation is None):
                    self.add(
                        file,
                        path,
                        "condition",
                        f"'{rule.id}' needs either 'when' or 'calculation'.",
                        "Give one of them.",
                    )
                if rule.calculation:
                    self.known(file, (*path, "calculation"), "calculation", rule.calculation, CALCULATIONS)
                if rule.when:
                    self.condition(file, (*path, "when"), rule.when, corpus.order[0], [])

    def question(self, name: str) -> None:
        corpus, question, file = self.corpus, self.corpus.questions[name], f"rules/{name}.yaml"
        names = list(corpus.questions)
        earlier = names[: names.index(name)]
        readings = [reading.id for reading in corpus.readings]
        starts: Counter[str | None] = Counter()
        for number, version in enumerate(question.versions):
            path: tuple[Any, ...] = ("versions", number)
            self.known(file, (*path, "decision"), "decision", version.decision, corpus.decisions)
            self.day(file, (*path, "from"), version.start, version.decision)
            starts[version.start] += 1
            if starts[version.start] > 1:
                self.add(
                    file,
                    path,
                    "same-start",
                    f"Two versions of '{name}' start on one day.",
                    "The decision taken later wins; give them different days if both are to count.",
                    warning=True,
                )
            ids = Counter([row.id for row in version.answers] + [row.point for row in version.open])
            for index, row in enumerate(version.answers):
                where = (*path, "answers", index)
                if ids[row.id] > 1:
                    self.add(
                        file,
                        (*where, "id"),
                        "same-id",
                        f"'{row.id}' is the id of two rows of this version.",
                        "Rename one.",
                    )
                self.known(file, (*where, "answer"), f"'{name}' answer", row.answer, question.answers)
                for place, reading in enumerate(row.reads):
                    self.known(file, (*where, "reads", place), "reading", reading, readings)
                self.gives(file, (*where, "gives"), row.gives, version.decision)
                self.condition(file, (*where, "when"), row.when, version.decision, earlier, question.ask)
            for index, open_row in enumerate(version.open):
                where = (*path, "open", index)
                if ids[open_row.point] > 1:
                    self.add(
                        file,
                        (*where, "point"),
                        "same-id",
                        f"'{open_row.point}' stands twice in this version.",
                        "Join them with 'any'.",
                    )
                if self.known(file, (*where, "point"), "open point", open_row.point, corpus.open_points):
                    number_of, point = corpus.open_points[open_row.point]
                    if point.state == "note" or not (name in point.allows or point.allows_text):
                        self.add(
                            file,
                            (*where, "point"),
                            "point-does-not-block",
                            f"'{open_row.point}' does not say which answers of '{name}' it would allow.",
                            f"Add 'allows' to it in {corpus.file_of(number_of, 'open-points.yaml')}; set its state.",
                        )
                self.gives(file, (*where, "gives"), open_row.gives, version.decision)
                self.condition(file, (*where, "when"), open_row.when, version.decision, earlier, question.ask)
        for index, caution in enumerate(question.cautions):
            path = ("cautions", index)
            self.known(file, (*path, "decision"), "decision", caution.decision, corpus.decisions)
            for key, day in (("from", caution.start), ("before", caution.before)):
                self.day(file, (*path, key), day, caution.decision)
            self.condition(file, (*path, "when"), caution.when, caution.decision, [*earlier, name])

    def gives(self, file: str, path: tuple[Any, ...], written: dict[str, Any], decision: str) -> None:
        for name, value in written.items():
            where = (*path, name)
            if isinstance(value, m.Portion):
                if (
                    self.known(file, (*where, "of"), "fact", value.of, self.types)
                    and self.types[value.of].type != "money"
                ):
                    self.add(
                        file, (*where, "of"), "unit-mismatch", f"'{value.of}' is not an amount in pounds.", "Name one."
                    )
                if value.share:
                    self.of_unit(file, (*where, "share"), value.share, decision, "share")
                if value.until:
                    self.of_unit(file, (*where, "until"), value.until, decision, "date")
            elif isinstance(value, str) and value.startswith("$"):
                self.parameter(file, where, value, decision)

    def of_unit(self, file: str, path: tuple[Any, ...], written: str, decision: str, unit: str) -> None:
        """Check that `$name` stands for a value of this unit."""
        if not written.startswith("$"):
            self.add(
                file,
                path,
                "bare-value",
                f"'{written}' stands in the rule itself.",
                "Put it into the decision's parameters.yaml, and write $ and its name here.",
            )
            return
        parameter = self.parameter(file, path, written, decision)
        if parameter and parameter.unit != unit:
            self.add(
                file, path, "unit-mismatch", f"'{written}' is in {parameter.unit}, not a {unit}.", f"Name a {unit}."
            )

    def declared(self) -> None:
        """Check that the declared properties speak of questions, facts and answers that there are."""
        corpus, file = self.corpus, "rules/properties.yaml"
        ids = Counter(one.id for one in corpus.properties)
        for index, one in enumerate(corpus.properties):
            path: tuple[Any, ...] = ("properties", index)
            if ids[one.id] > 1:
                self.add(
                    file, (*path, "id"), "same-id", f"'{one.id}' is the id of two properties.", "Give one another id."
                )
            if one.one_answer:
                self.known(
                    file, (*path, "one_answer", "question"), "question", one.one_answer.question, corpus.questions
                )
            if one.monotone:
                where, name = (*path, "monotone"), one.monotone.question
                self.known(file, (*where, "fact"), "fact", one.monotone.fact, corpus.facts.facts)
                if self.known(file, (*where, "question"), "question", name, corpus.questions):
                    for number, answer in enumerate(one.monotone.order):
                        self.known(
                            file, (*where, "order", number), f"'{name}' answer", answer, corpus.questions[name].answers
                        )
            for number, permitted in enumerate(one.no_fact.exceptions if one.no_fact else ()):
                where = (*path, "no_fact", "exceptions", number)
                self.known(file, (*where, "fact"), "fact", permitted.fact, corpus.facts.facts)
                for at, question in enumerate(permitted.only_in):
                    self.known(file, (*where, "only_in", at), "question", question, corpus.questions)
            for number, exception in enumerate(one.more_facts.exceptions if one.more_facts else ()):
                where = (*path, "more_facts", "exceptions", number)
                self.known(file, (*where, "fact"), "fact", exception.fact, corpus.facts.facts)
                self.known(file, (*where, "question"), "question", exception.question, corpus.questions)

    def editions(self) -> None:
        for file, edition in self.corpus.files.items():
            if not isinstance(edition, m.EditionFile):
                continue
            for path, code, message, help in edition_faults(edition):
                self.add(file, path, code, message, help)

    def scenario(self, name: str) -> None:
        corpus, scenario = self.corpus, self.corpus.scenarios[name]
        file = next(file for file, model in corpus.files.items() if model is scenario)
        assumptions = [assumption.id for assumption in scenario.assumptions]
        last = corpus.order[-1]
        if scenario.edition:
            self.known(file, ("edition",), "edition", scenario.edition, corpus.editions)
        self.types, self.assumed = corpus.types_under(scenario), scenario.parameters
        for key, parameter in scenario.parameters.items():
            self.known(file, ("parameters", key, "assumption"), "assumption", parameter.assumption, assumptions)
            held = corpus.parameters.get(key)
            if held and held[0][1].unit != parameter.unit:
                self.add(
                    file,
                    ("parameters", key, "unit"),
                    "unit-mismatch",
                    f"'{key}' is in {parameter.unit} here, and in {held[0][1].unit} in {held[0][0]}.",
                    "Use that unit.",
                )
        for index, settles in enumerate(scenario.settles):
            path: tuple[Any, ...] = ("settles", index)
            self.known(file, (*path, "point"), "open point", settles.point, corpus.open_points)
            if not self.known(file, (*path, "question"), "question", settles.question, corpus.questions):
                continue
            question = corpus.questions[settles.question]
            if not any(row.point == settles.point for version in question.versions for row in version.open):
                self.add(
                    file,
                    (*path, "point"),
                    "point-does-not-block",
                    f"'{settles.question}' has no row that leaves '{settles.point}' open.",
                    "Name one that it has.",
                )
            names = list(corpus.questions)
            for number, row in enumerate(settles.rows):
                where = (*path, "rows", number)
                answers = [*question.answers, *scenario.answers.get(settles.question, {})]
                self.known(file, (*where, "answer"), f"'{settles.question}' answer", row.answer, answers)
                self.known(file, (*where, "assumption"), "assumption", row.assumption, assumptions)
                self.gives(file, (*where, "gives"), row.gives, last)
                earlier = names[: names.index(settles.question)]
                self.condition(file, (*where, "when"), row.when, last, earlier, question.ask)
        self.types, self.assumed = corpus.types, {}

    def day(self, file: str, path: tuple[Any, ...], written: str | None, decision: str) -> None:
        if written is not None:
            self.of_unit(file, path, written, decision, "date")

    def parameter(
        self, file: str, path: tuple[Any, ...], written: str, decision: str
    ) -> m.Parameter | m.ScenarioParameter | None:
        """Return the parameter that `$name` stands for once `decision` has been taken, after checking that it can."""
        name, corpus = written[1:], self.corpus
        if name in self.assumed:
            return self.assumed[name]
        if not self.known(file, path, "parameter", name, corpus.parameters):
            return None
        rank = corpus.rank(decision)
        known = [p for number, p in corpus.parameters[name] if number in corpus.beside or corpus.rank(number) <= rank]
        if not known:
            self.add(
                file,
                path,
                "not-yet-set",
                f"'{written}' is set only by a later decision than {decision}.",
                "Name the decision that sets it, or another parameter.",
            )
            return None
        if known[-1].value is None:
            self.add(
                file,
                path,
                "not-decided",
                f"'{written}' has no value: it is an open point.",
                "Leave the case open with a row under 'open'.",
            )
            return None
        return known[-1]

    def condition(
        self,
        file: str,
        path: tuple[Any, ...],
        written: m.ConditionModel,
        decision: str,
        questions: list[str],
        ask: list[str] | None = None,
    ) -> None:
        for where, test in _tests(written, path):
            if test.fact in self.corpus.questions and test.fact not in questions:
                self.add(
                    file,
                    (*where, "fact"),
                    "question-order",
                    f"The answer of '{test.fact}' is not known yet here.",
                    "Only questions that stand earlier in rules/questions.yaml can be asked for.",
                )
                continue
            if not self.known(file, (*where, "fact"), "fact", test.fact, self.types):
                continue
            if test.fact == "decision_date":
                self.add(
                    file,
                    (*where, "fact"),
                    "date-in-rule",
                    "The day of the decision picks the version of a rule.",
                    "Write a version with 'from' instead.",
                )
            if ask is not None and test.fact not in ask:
                self.add(
                    file,
                    (*where, "fact"),
                    "not-asked",
                    f"'{test.fact}' is not in the list 'ask' of this question.",
                    "Add it there, at the place where it is to be asked for.",
                )
            self.test(file, where, test, decision)

    def test(self, file: str, path: tuple[Any, ...], test: m.TestModel, decision: str) -> None:
        operator = test.operators()[0]
        operand, kind = test.operand(operator), self.types[test.fact]
        where = (*path, operator)
        if operator == "known":
            if kind.is_answer:
                self.add(
                    file,
                    where,
                    "operator",
                    f"Whether '{test.fact}' has been answered cannot be asked.",
                    "Ask for its answers with 'is' or 'one_of'.",
                )
            return
        if operator in ORDERED and not kind.ordered:
            self.add(
                file,
                where,
                "operator",
                f"'{test.fact}' has no order, so '{operator}' says nothing of it.",
                "Use 'is' or 'one_of'.",
                key=True,
            )
            return
        if isinstance(operand, str) and operand.startswith("$"):
            parameter = self.parameter(file, where, operand, decision)
            if parameter is None:
                return
            wanted = UNITS.get(kind.type, (kind.unit,))
            if parameter.unit not in wanted:
                self.add(
                    file,
                    where,
                    "unit-mismatch",
                    f"'{operand}' is in {parameter.unit}, and '{test.fact}' in {wanted[0]}.",
                    "Name one of the same unit.",
                )
            if kind.type == "choice" and isinstance(parameter.value, list):
                for value in parameter.value:
                    self.known(file, where, f"'{test.fact}' value", value, kind.values)
            return
        values = operand if isinstance(operand, list) else [operand]
        for index, value in enumerate(values):
            at = (*where, index) if isinstance(operand, list) else where
            if kind.type == "choice":
                self.known(file, at, f"'{test.fact}' value", str(value), kind.values)
            elif kind.type == "boolean":
                if not isinstance(value, bool):
                    self.add(
                        file, at, "shape", f"'{test.fact}' is true or false.", "Write true or false, without quotes."
                    )
            elif value != "0":
                self.add(
                    file,
                    at,
                    "bare-value",
                    f"'{value}' stands in the rule itself.",
                    "Put it into the decision's parameters.yaml, and write $ and its name here.",
                )


def _tests(written: m.ConditionModel, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], m.TestModel]]:
    if isinstance(written, m.TestModel):
        yield path, written
    elif isinstance(written, m.NotModel):
        yield from _tests(written.part, (*path, "not"))
    else:
        word = "all" if isinstance(written, m.AllModel) else "any"
        for index, part in enumerate(getattr(written, word)):
            yield from _tests(part, (*path, word, index))


def _sources(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], m.Source]]:
    if isinstance(value, m.Source):
        yield path, value
    elif isinstance(value, m.Model):
        for name in type(value).model_fields:
            alias = type(value).model_fields[name].alias or name
            yield from _sources(getattr(value, name), (*path, alias))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _sources(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _sources(inner, (*path, index))


def edition_faults(edition: m.EditionFile) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
    """Yield (path, code, message, help) for what does not hang together in an edition of descriptors.

    Levels in one order without gaps; each strand described at each level where the statements are held; ids used once;
    ranges of points in order, without gap or overlap; amounts with a unit.
    """
    orders = [level.order for level in edition.levels]
    for index, level in enumerate(edition.levels):
        if orders.count(level.order) > 1:
            yield (
                ("levels", index, "order"),
                "level-order",
                f"Two levels have the order {level.order}.",
                "Number them 1, 2, 3 …",
            )
        elif level.order != index + 1:
            yield (
                ("levels", index, "order"),
                "level-order",
                f"'{level.id}' is number {index + 1} here and has the order {level.order}.",
                "List the levels from the least need to the most, with the orders 1, 2, 3 …",
            )
    for key in ("levels", "areas", "statements"):
        ids = [one.id for one in getattr(edition, key)]
        for index, one in enumerate(ids):
            if ids.index(one) < index:
                yield (
                    (key, index, "id"),
                    "same-id",
                    f"'{one}' is the id of two {key}.",
                    "Give one another id; old ids never change.",
                )
    yield from _statement_faults(edition)
    if edition.banding:
        yield from _banding_faults(edition, edition.banding)


def _statement_faults(edition: m.EditionFile) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
    strands = {(area.id, strand.id) for area in edition.areas for strand in area.strands}
    levels = {level.id for level in edition.levels}
    crossings: Counter[tuple[str, str, str]] = Counter()
    for index, one in enumerate(edition.statements):
        crossings[one.area, one.strand, one.level] += 1
        if (one.area, one.strand) not in strands:
            yield (
                ("statements", index, "strand"),
                "unknown-strand",
                f"'{one.strand}' is not a strand of '{one.area}'.",
                did_you_mean(one.strand, [strand for area, strand in sorted(strands) if area == one.area]),
            )
        if one.level not in levels:
            yield (
                ("statements", index, "level"),
                "unknown-level",
                f"'{one.level}' is not a level.",
                did_you_mean(one.level, levels),
            )
    if edition.statements and edition.statements_held:
        for number, area in enumerate(edition.areas):
            for index, strand in enumerate(area.strands):
                bare = [level.id for level in edition.levels if not crossings[area.id, strand.id, level.id]]
                if bare:
                    yield (
                        ("areas", number, "strands", index),
                        "no-statement",
                        f"'{strand.id}' has no statement at {', '.join(bare)}.",
                        "Add one for each level.",
                    )


def _banding_faults(edition: m.EditionFile, banding: m.Banding) -> Iterator[tuple[tuple[Any, ...], str, str, str]]:
    levels = {level.id for level in edition.levels}
    last: m.Band | None = None
    for index, band in enumerate(banding.bands):
        where = ("banding", "bands", index)
        if band.amount is not None and banding.amount_unit is None:
            yield (
                (*where, "amount"),
                "no-unit",
                f"'{band.id}' has an amount without a unit.",
                "Add amount_unit: pounds_a_year.",
            )
        if band.level is not None and band.level not in levels:
            yield (
                (*where, "level"),
                "unknown-level",
                f"'{band.level}' is not a level.",
                did_you_mean(band.level, levels),
            )
        if band.from_points is None or band.to_points is None:
            continue
        if band.from_points > band.to_points:
            yield where, "points-reversed", f"'{band.id}' ends before it starts.", "Swap from_points and to_points."
        if last is not None and last.to_points is not None:
            if band.from_points <= last.to_points:
                yield (
                    where,
                    "points-overlap",
                    f"'{band.id}' and '{last.id}' share points.",
                    f"Start it at {last.to_points + 1}.",
                )
            elif band.from_points > last.to_points + 1:
                yield (
                    where,
                    "points-gap",
                    f"No band covers the points between '{last.id}' and '{band.id}'.",
                    f"Start it at {last.to_points + 1}.",
                )
        last = band
    for area in [*(banding.weights or {}), *banding.caps]:
        if area not in {one.id for one in edition.areas}:
            yield (
                ("banding",),
                "unknown-area",
                f"'{area}' is not an area of need here.",
                did_you_mean(area, [a.id for a in edition.areas]),
            )
    for index, point in enumerate(banding.open_points):
        if point not in edition.open_points:
            yield (
                ("banding", "open_points", index),
                "unknown-open-point",
                f"'{point}' is not an open point of this edition.",
                did_you_mean(point, edition.open_points),
            )


def place_of_row(corpus: Corpus, outcome_id: str, decision: str) -> Place:
    """Return the place in rules/ of a row, by its id "question/row" and the decision of its version."""
    question, _, row = outcome_id.partition("/")
    file = f"rules/{question}.yaml"
    for number, version in enumerate(corpus.questions[question].versions):
        for part, key in (("answers", "id"), ("open", "point")):
            for index, one in enumerate(getattr(version, part)):
                if getattr(one, key) == row and version.decision == decision:
                    return corpus.place(file, "versions", number, part, index)
    return Place(file, 1, 1)
