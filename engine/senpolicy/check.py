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
    return sorted(checker.problems, key=lambda problem: (problem.warning, problem))


def sound(corpus: Corpus) -> Corpus:
    """Return the corpus if it has no problems but warnings; raises `PolicyError` with all of them otherwise."""
    problems = check(corpus)
    if any(not problem.warning for problem in problems):
        raise PolicyError(problems)
    return corpus


class _Checker:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self.problems = corpus, Problems()

    def add(self, file: str, path: tuple[Any, ...], code: str, message: str, help: str = "", *, key: bool = False,
            warning: bool = False) -> None:  # fmt: skip
        self.problems.add(self.corpus.place(file, *path, key=key), code, message, help, warning=warning)

    def known(self, file: str, path: tuple[Any, ...], what: str, word: str, names: Any, *, key: bool = False) -> bool:
        if word in names:
            return True
        self.add(file, path, f"unknown-{what.replace(' ', '-')}", f"'{word}' is not a {what} of this policy.",
                 did_you_mean(word, names), key=key)  # fmt: skip
        return False

    def decisions(self) -> None:
        corpus, file = self.corpus, "policy/decisions.yaml"
        listed = [*corpus.order, *corpus.beside]
        for number in corpus.decisions:
            if number not in listed:
                self.add(corpus.file_of(number, "decision.yaml"), ("number",), "decision-order",
                         f"'{number}' does not stand in policy/decisions.yaml.",
                         "Add it to 'order' where it was taken, or to 'beside'.")  # fmt: skip
        for part, numbers in (("order", corpus.order), ("beside", corpus.beside)):
            for index, number in enumerate(numbers):
                if number not in corpus.decisions:
                    self.add(file, (part, index), "no-decision", f"There is no folder for '{number}'.",
                             f"Add {corpus.file_of(number, 'decision.yaml')}, or take it off the list.")  # fmt: skip
                if listed.count(number) > 1:
                    self.add(file, (part, index), "written-twice", f"'{number}' is listed twice.", "Keep one.")
        for number, decision in corpus.decisions.items():
            name = corpus.file_of(number, "decision.yaml")
            taken = decision.taken
            if decision.status == "taken" and taken is None:
                self.add(name, ("status",), "no-date", f"'{number}' is taken, and nothing says when.",
                         "Add 'taken' with 'on', with 'earliest' and 'latest', or with 'unknown' and why.")  # fmt: skip
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
                    self.add(file, (*path, "unit"), "unit-mismatch",
                             f"'{name}' is in {parameter.unit} here, and in {first[1].unit} in {first[0]}.",
                             "Use one unit, or give one of the two another name.")  # fmt: skip
                if parameter.open_point:
                    self.known(file, (*path, "open_point"), "open point", parameter.open_point, corpus.open_points)

    def open_points(self) -> None:
        corpus, file = self.corpus, "policy/readings.yaml"
        read = Counter(reading.point for reading in corpus.readings)
        ids = Counter(reading.id for reading in corpus.readings)
        for index, reading in enumerate(corpus.readings):
            path = ("readings", index)
            if ids[reading.id] > 1:
                self.add(file, (*path, "id"), "same-id", f"'{reading.id}' is the id of two readings.", "Give one another id.")
            if not self.known(file, (*path, "point"), "open point", reading.point, corpus.open_points):
                continue
            number, point = corpus.open_points[reading.point]
            if point.state == "note":
                self.add(file, (*path, "point"), "point-is-a-note", f"'{reading.point}' is a note and blocks nothing.",
                         f"Set its state to read in {corpus.file_of(number, 'open-points.yaml')}.")  # fmt: skip
            for question, answer in reading.answers.items():
                if not self.known(file, (*path, "answers", question), "question", question, corpus.questions, key=True):
                    continue
                allowed = point.allows.get(question, [])
                if answer not in allowed:
                    self.add(file, (*path, "answers", question), "not-allowed",
                             f"'{answer}' is not an answer that '{reading.point}' would allow.",
                             did_you_mean(answer, allowed) or "Add it to 'allows' there, with the paragraph.")  # fmt: skip
        for name, (number, point) in corpus.open_points.items():
            where = corpus.file_of(number, "open-points.yaml")
            if point.state == "read" and not read[name]:
                self.add(where, ("open_points", name, "state"), "no-reading", f"'{name}' is said to be read, and no reading reads it.",
                         "Add a reading to policy/readings.yaml, or set the state to open.")  # fmt: skip
            for question, answers in point.allows.items():
                path = ("open_points", name, "allows", question)
                if self.known(where, path, "question", question, corpus.questions, key=True):
                    for index, answer in enumerate(answers):
                        self.known(where, (*path, index), f"'{question}' answer", answer, corpus.questions[question].answers)

    def facts(self) -> None:
        corpus, file = self.corpus, "rules/facts.yaml"
        for name, fact in corpus.facts.facts.items():
            path = ("facts", name)
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
                    self.add(file, path, "condition", f"'{rule.id}' needs either 'when' or 'calculation'.", "Give one of them.")
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
                self.add(file, path, "same-start", f"Two versions of '{name}' start on one day.",
                         "The decision taken later wins; give them different days if both are to count.", warning=True)  # fmt: skip
            ids = Counter([row.id for row in version.answers] + [row.point for row in version.open])
            for index, row in enumerate(version.answers):
                where = (*path, "answers", index)
                if ids[row.id] > 1:
                    self.add(file, (*where, "id"), "same-id", f"'{row.id}' is the id of two rows of this version.", "Rename one.")
                self.known(file, (*where, "answer"), f"'{name}' answer", row.answer, question.answers)
                for place, reading in enumerate(row.reads):
                    self.known(file, (*where, "reads", place), "reading", reading, readings)
                for key, value in row.gives.items():
                    if isinstance(value, str) and value.startswith("$"):
                        self.parameter(file, (*where, "gives", key), value, version.decision)
                self.condition(file, (*where, "when"), row.when, version.decision, earlier, question.ask)
            for index, open_row in enumerate(version.open):
                where = (*path, "open", index)
                if ids[open_row.point] > 1:
                    self.add(file, (*where, "point"), "same-id", f"'{open_row.point}' stands twice in this version.", "Join them with 'any'.")
                if self.known(file, (*where, "point"), "open point", open_row.point, corpus.open_points):
                    number_of, point = corpus.open_points[open_row.point]
                    if point.state == "note" or not (name in point.allows or point.allows_text):
                        self.add(file, (*where, "point"), "point-does-not-block",
                                 f"'{open_row.point}' does not say which answers of '{name}' it would allow.",
                                 f"Add 'allows' to it in {corpus.file_of(number_of, 'open-points.yaml')}, and set its state.")  # fmt: skip
                self.condition(file, (*where, "when"), open_row.when, version.decision, earlier, question.ask)
        for index, caution in enumerate(question.cautions):
            path = ("cautions", index)
            self.known(file, (*path, "decision"), "decision", caution.decision, corpus.decisions)
            for key, day in (("from", caution.start), ("before", caution.before)):
                self.day(file, (*path, key), day, caution.decision)
            self.condition(file, (*path, "when"), caution.when, caution.decision, [*earlier, name])

    def day(self, file: str, path: tuple[Any, ...], written: str | None, decision: str) -> None:
        if written is None:
            return
        if not written.startswith("$"):
            self.add(file, path, "bare-value", f"'{written}' stands in the rule itself.",
                     "Put the date into the decision's parameters.yaml, and write $ and its name here.")  # fmt: skip
            return
        parameter = self.parameter(file, path, written, decision)
        if parameter and parameter.unit != "date":
            self.add(file, path, "unit-mismatch", f"'{written}' is in {parameter.unit}, not a date.", "Name a date.")

    def parameter(self, file: str, path: tuple[Any, ...], written: str, decision: str) -> m.Parameter | None:
        """Return the parameter that `$name` stands for once `decision` has been taken, after checking that it can."""
        name, corpus = written[1:], self.corpus
        if not self.known(file, path, "parameter", name, corpus.parameters):
            return None
        rank = corpus.rank(decision)
        known = [p for number, p in corpus.parameters[name] if number in corpus.beside or corpus.rank(number) <= rank]
        if not known:
            self.add(file, path, "not-yet-set", f"'{written}' is set only by a later decision than {decision}.",
                     "Name the decision that sets it, or another parameter.")  # fmt: skip
            return None
        if known[-1].value is None:
            self.add(file, path, "not-decided", f"'{written}' has no value: it is an open point.",
                     "Leave the case open with a row under 'open'.")  # fmt: skip
            return None
        return known[-1]

    def condition(
        self, file: str, path: tuple[Any, ...], written: m.ConditionModel, decision: str, questions: list[str],
        ask: list[str] | None = None,
    ) -> None:  # fmt: skip
        for where, test in _tests(written, path):
            if test.fact in self.corpus.questions and test.fact not in questions:
                self.add(file, (*where, "fact"), "question-order", f"The answer of '{test.fact}' is not known yet here.",
                         "Only questions that stand earlier in rules/questions.yaml can be asked for.")  # fmt: skip
                continue
            if not self.known(file, (*where, "fact"), "fact", test.fact, self.corpus.types):
                continue
            if test.fact == "decision_date":
                self.add(file, (*where, "fact"), "date-in-rule", "The day of the decision picks the version of a rule.",
                         "Write a version with 'from' instead.")  # fmt: skip
            if ask is not None and test.fact not in ask:
                self.add(file, (*where, "fact"), "not-asked", f"'{test.fact}' is not in the list 'ask' of this question.",
                         "Add it there, at the place where it is to be asked for.")  # fmt: skip
            self.test(file, where, test, decision)

    def test(self, file: str, path: tuple[Any, ...], test: m.TestModel, decision: str) -> None:
        operator = test.operators()[0]
        operand, kind = test.operand(operator), self.corpus.types[test.fact]
        where = (*path, operator)
        if operator == "known":
            if kind.is_answer:
                self.add(file, where, "operator", f"Whether '{test.fact}' has been answered cannot be asked.",
                         "Ask for its answers with 'is' or 'one_of'.")  # fmt: skip
            return
        if operator in ORDERED and not kind.ordered:
            self.add(file, where, "operator", f"'{test.fact}' has no order, so '{operator}' says nothing of it.",
                     "Use 'is' or 'one_of'.", key=True)  # fmt: skip
            return
        if isinstance(operand, str) and operand.startswith("$"):
            parameter = self.parameter(file, where, operand, decision)
            if parameter is None:
                return
            wanted = UNITS.get(kind.type, (kind.unit,))
            if parameter.unit not in wanted:
                self.add(file, where, "unit-mismatch",
                         f"'{operand}' is in {parameter.unit}, and '{test.fact}' in {wanted[0]}.", "Name one of the same unit.")  # fmt: skip
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
                    self.add(file, at, "shape", f"'{test.fact}' is true or false.", "Write true or false, without quotes.")
            elif value != "0":
                self.add(file, at, "bare-value", f"'{value}' stands in the rule itself.",
                         "Put it into the decision's parameters.yaml, and write $ and its name here.")  # fmt: skip


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
