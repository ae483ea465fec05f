"""Checks of what settles open points: decisions, the readings until then, and the values that nothing reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial

from senpolicy.checking.names import DECISION, READINGS, Catalogue
from senpolicy.files.models import rules as m
from senpolicy.files.models.names import named_in_file
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Fix, Place, Problem, Problems, did_you_mean, listed, nearest, nearest_fix
from senpolicy.language.conditions import facts_of
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import RECORDS, is_one_of, paths
from senpolicy.policy.settling import settlements
from senpolicy.policy.timeline import Outcome, Policy, QuestionInForce, policy

#: The parts of a row under `open` that name open points.
NAMING = ("point", "also", "either")
_VALUES = ("parameter", "amount in pounds a year")


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return what is wrong with what decisions settle, with the readings until then, and with values nobody reads."""
    checker = _SettlingChecker(corpus, names)
    for number, decision in corpus.decisions.items():
        for index, one in enumerate(decision.settles):
            checker.settlement(number, ("settles", index), one)
    checker.undecided()
    checker.blocking()
    checker.readings()
    checker.unread()
    return list(checker.problems)


def of_scenario(corpus: Corpus, names: Catalogue, number: str, scenario: ScenarioFile) -> list[Problem]:
    """Return what is wrong with what a scenario settles, laid over the corpus as the decision `number`.

    A value that it assumes is as good as one that a decision sets: it counts on every day.
    """
    checker = _SettlingChecker(corpus, names)
    checker.assumed = scenario.parameters.keys()
    for index, one in enumerate(scenario.settled):
        checker.settlement(number, ("settles", index), one)
    checker.undecided()
    checker.blocking()
    checker.readings()
    return list(checker.problems)


def to_come(corpus: Corpus, today: date) -> list[Problem]:
    """Return a problem for a decision or a reading that is dated on a day to come.

    A clock that is slow must not put the whole record into the future: what is dated by the day of another decision or
    reading, or before it, is not to come, whatever the clock says.
    """
    acts: list[tuple[date, str, At, str, str]] = []
    look = "Look at day, month and year."
    for number, decision in corpus.decisions.items():
        file, taken = corpus.file_of(number, "decision.yaml"), decision.taken
        if taken and (day := taken.day or taken.earliest):
            path: At = ("taken", "day" if taken.day else "earliest")
            said = f"'{number}' was taken on {day}, a day that is still to come."
            acts.append(
                (day, file, path, said, f"{look} For a decision that is not taken yet, write 'status: proposed'.")
            )
    for index, reading in enumerate(corpus.readings):
        said = f"'{reading.id}' was adopted on {reading.adopted_on}, a day that is still to come."
        acts.append((reading.adopted_on, READINGS, ("readings", index, "adopted_on"), said, look))
    problems = Problems()
    days = sorted(day for day, *_ in acts)
    known = max(today, days[-2] if len(days) > 1 else today)
    for day, file, path, said, help in acts:
        if day > known:
            problems.add(corpus.place(file, *path), "yet-to-come", said, help)
    return list(problems)


def contradictions(corpus: Corpus) -> list[Problem]:
    """Return where a rule or a value in force leaves open what a decision has settled, or rests on what has ended.

    The corpus must be sound otherwise: its policies are bound. Proposed decisions are looked at as if they counted.
    """
    if not any(decision.settles for decision in corpus.decisions.values()):
        return []
    found: list[Problem] = []
    for proposed in (False, True):
        for readings in ("all", "none"):
            bound = policy(corpus, include_proposed=proposed, readings=readings)
            if bound.settled and not (proposed and settlements(corpus) == bound.settled):
                found += contradicting(bound)
    return list(dict.fromkeys(found))


def contradicting(bound: Policy) -> list[Problem]:
    """Return the same of one policy."""
    problems = Problems()
    _Contradictions(bound, problems).find()
    return list(problems)


def read(corpus: Corpus) -> set[str]:
    """Return the parameters that a rule, a scenario or a record names: on these something rests, or a page says so."""
    decided = (m.DecisionFile, m.ParametersFile)
    found = set[str]()
    for file in corpus.files.values():
        if not isinstance(file, decided):
            # What a scenario assumes itself under the same name does not tell of a decision's value.
            own = file.parameters.keys() if isinstance(file, ScenarioFile) else ()
            found |= {one.word for one in named_in_file(file) if one.names.kind in _VALUES and one.word not in own}
    return found


class _SettlingChecker:
    def __init__(self, corpus: Corpus, names: Catalogue) -> None:
        self.corpus, self.names, self.problems = corpus, names, Problems()
        #: The values that a scenario assumes.
        self.assumed: Collection[str] = ()

    def add(self, file: str, path: At, code: str, message: str, help: str, *, key: bool = False,
            warning: bool = False) -> None:  # fmt: skip
        self.problems.add(self.corpus.place(file, *path, key=key), code, message, help, warning=warning)

    def settlement(self, number: str, path: At, one: m.Settlement) -> None:
        """Check one thing that a decision settles: by what, from when, and that this is so."""
        corpus, file = self.corpus, self.corpus.file_of(number, "decision.yaml")
        if not one.by and not one.answers:
            said = f"'{one.point}' is to be settled, and nothing says by what."
            self.add(file, (*path, "point"), "settles-nothing", said, "Add 'by' or 'answers'.")
        readings = {reading.id for reading in corpus.readings}
        own_word = bool(one.answers) or not readings.isdisjoint(one.by)
        if own_word and one.source is None:
            said = f"'{one.point}' is settled by the decision's own word, and nothing shows where that is."
            self.add(file, (*path, "point"), "settled-by", said, "Add 'source' with document and paragraph.")
        for index, by in enumerate(one.by):
            self.by((number, file), (*path, "by", index), one, by)
        whole = [other for other in corpus.decisions[number].settles if other.point == one.point and not other.leaves]
        if len(whole) > 1 and one is whole[1]:
            said = f"'{number}' settles '{one.point}' twice."
            self.add(file, (*path, "point"), "written-twice", said, "Keep one, or say under 'leaves' what each leaves.")
        taken = corpus.decisions[number].taken
        first = taken and (taken.day or taken.earliest)
        if first and one.start < first and not one.reaches_back and not (one.by and not own_word):
            said = f"'{one.point}' is settled from {one.start}, and {number} was not taken before {first}."
            help = "Look at day and month; where it is meant, write 'reaches_back: true' beside it."
            self.add(file, (*path, "from"), "starts-before-decision", said, help)
        point = corpus.open_points[one.point][1] if one.point in corpus.open_points else None
        if point is None or not self.names.whole("question", "answer"):
            return
        for question, answer in one.answers.items():
            rule, where = corpus.questions.get(question), (*path, "answers", question)
            if rule and not any(one.point in _points_of(row) for version in rule.versions for row in version.open):
                said = f"'{question}' has no row that leaves '{one.point}' open."
                help = "Take it out; or write a version of the question, and name its row under 'by'."
                self.add(file, where, "point-does-not-block", said, help, key=True)
            elif rule and answer in rule.answers and answer not in point.allows.get(question, []):
                said = f"'{answer}' is not an answer that '{one.point}' would allow."
                help = did_you_mean(answer, point.allows.get(question, []))
                more = "Where it is meant, write a version of the question, and name its row under 'by'."
                self.add(file, where, "not-allowed", said, f"{help} {more}".strip())

    def by(self, of: tuple[str, str], path: At, one: m.Settlement, by: str) -> None:
        """Check a row, a value or a reading by which a decision settles a point."""
        (number, file), corpus = of, self.corpus
        place = partial(corpus.place, file, *path)
        if by.startswith("$"):
            if by[1:] in self.assumed:
                return
            setters = dict(corpus.parameters.get(by[1:], []))
            if not setters or not self.names.whole("parameter"):
                return
            home = corpus.file_of(number, "parameters.yaml")
            if number not in setters:
                said = f"'{by}' is not a value that {number} sets."
                self.add(file, path, "settled-by", said, f"Set it in {home}, or name a value that it sets.")
            elif setters[number].value is None:
                said = f"'{by}' has no value, so it settles nothing."
                self.add(file, path, "settled-by", said, f"Give its value in {home}.")
            elif setters[number].start != one.start:
                start = setters[number].start
                since = f"from {start}" if start else "from the beginning"
                said = f"'{by}' counts {since}, and '{one.point}' is settled by it from {one.start}."
                help = f"Write one day in both: 'from: {one.start}' in {home}"
                help += f", or 'from: {start}' here." if start else "."
                self.add(file, path, "settled-day", said, help)
            elif self.names.whole("question") and by[1:] not in read(self.corpus):
                said = f"'{by}' is read by no rule, so it settles nothing."
                help = "Name it in a rule or in rules/budgets.yaml, or settle the point by what a rule reads."
                self.add(file, path, "settles-nothing", said, help)
        elif "/" in by:
            question, _, name = by.partition("/")
            if not self.names.whole("question", "parameter"):
                return
            rule = corpus.questions.get(question)
            if f"rules/{question}.yaml" in self.names.files_unread:
                return
            if rule is None:
                known = [f"{other}/{name}" for other in corpus.questions]
                self.problems.known(
                    place, "row of a rule", by, known, look="Write the question, a stroke, and the row."
                )
                return
            own = {
                row.id: version for version in rule.versions if version.decision == number for row in version.answers
            }
            if name not in own:
                rows = [f"{question}/{row}" for row in own]
                said = f"'{by}' is not a row of a version of '{question}' by {number}."
                self.row((number, place()), by, rows, said)
            elif (own[name].start or "$")[0] != "$":
                return  # It is told where the day is written.
            elif (start := self.start_of(own[name])) != one.start:
                since = f"from {start}" if start else "from the beginning"
                said = f"'{by}' counts {since}, and '{one.point}' is settled by it from {one.start}."
                self.add(file, path, "settled-day", said, "Write one day in both.")
        elif self.names.whole("reading"):
            found = {reading.id: reading for reading in corpus.readings}
            look = "Write $ before the name of a value, or question/row for a row."
            if by not in found and by in corpus.parameters:
                said = f"'{by}' is the name of a value, and has no mark."
                self.problems.add(place(), "unknown-reading", said, f"Write '${by}'.", fix=Fix(by, f"${by}"))
            elif self.problems.known(place, "reading", by, found, look=look) and found[by].point != one.point:
                said = f"'{by}' is a reading of '{found[by].point}', not of '{one.point}'."
                self.add(file, path, "settled-by", said, "Name a reading of the point.")

    def row(self, of: tuple[str, Place], by: str, rows: list[str], said: str) -> None:
        """Tell of a row by which a decision settles a point, and which none of its versions has."""
        (number, place), (question, _, name) = of, by.partition("/")
        fix = nearest_fix(by, rows)
        # Numbered rows are near each other: where the decision names the nearest one too, this one was left out.
        if fix and fix.right in {one for settled in self.corpus.decisions[number].settles for one in settled.by}:
            fix = None
        help = (
            f"Did you mean '{fix.right}'?" if fix else f"Write a version of '{question}' by {number} that has the row."
        )
        if rows and not fix:
            most = f" {listed(rows)}" if len(rows) <= 12 else " its others"
            help = f"Write the row '{name}' in rules/{question}.yaml, or name one of{most}."
        self.problems.add(place, "settled-by", said, help, fix=fix)

    def start_of(self, version: m.Version) -> date | None:
        setters = self.corpus.parameters.get((version.start or "")[1:], [])
        value = setters[-1][1].value if setters else None
        return value if isinstance(value, date) else None

    def undecided(self) -> None:
        """Check that a value which a point says is not decided is set by a decision that settles the point."""
        if DECISION in self.names.unread:
            return  # It may say what it settles.
        for name, setters in self.corpus.parameters.items():
            for at, (number, parameter) in enumerate(setters):
                points = [one.open_point for _, one in setters[:at] if one.value is None and one.open_point]
                if parameter.value is None or not points:
                    continue
                settled = self.corpus.decisions[number].settles
                beside = [one.by for one in settled if one.point == points[-1]]
                # A name that is mistyped, its point's or its own, is told of where it is.
                named_so = any(f"${name}" in one.by and one.point not in self.corpus.open_points for one in settled)
                if not named_so and not any({f"${name}", name}.intersection(by) for by in beside):
                    home = self.corpus.file_of(number, "decision.yaml")
                    said = f"'{name}' has a value here, and '{points[-1]}' says that it is not decided."
                    day = parameter.start or "the first day"
                    help = f"Add to 'settles' in {home}: {{point: {points[-1]}, by: ${name}, from: {day}}}."
                    if beside and beside[-1]:
                        whole = ", ".join((*beside[-1], f"${name}"))
                        help = f"Write in {home}, below 'point: {points[-1]}': by: [{whole}]."
                    where = ("parameters", name, "value")
                    self.add(self.corpus.file_of(number, "parameters.yaml"), where, "not-settled", said, help)

    def blocking(self) -> None:
        """Warn of a point that is said to be open and leaves nothing open: no answer, and no value."""
        if self.names.unread:
            return  # What could not be read may be what is left open by it.
        versions = [version for rule in self.corpus.questions.values() for version in rule.versions]
        blocks = {point for version in versions for row in version.open for point in _points_of(row)}
        blocks |= {
            one.open_point for setters in self.corpus.parameters.values() for _, one in setters if one.open_point
        }
        if any(name not in self.corpus.open_points for name in blocks):
            return  # A mistyped name is told of where it is.
        for name, (number, point) in self.corpus.open_points.items():
            if point.state == "open" and name not in blocks:
                said = f"'{name}' is said to be open, and no rule and no value is left open by it."
                help = "Leave cases open by it with a row under 'open' of a rule; or write 'state: note'."
                file = self.corpus.file_of(number, "open-points.yaml")
                # A point is written before the row that names it, so this is only told.
                self.add(file, ("open_points", name, "state"), "blocks-nothing", said, help, warning=True)

    def readings(self) -> None:
        """Check that each point has one reading, that they are in order, and that rows rest on those that fit."""
        first: dict[str, m.Reading] = {}
        last: m.Reading | None = None
        for index, reading in enumerate(self.corpus.readings):
            other = first.setdefault(reading.point, reading)
            if other is not reading:
                said = f"'{reading.point}' is read already, by '{other.id}'."
                self.add(READINGS, ("readings", index, "point"), "two-readings", said, "Keep one of the two readings.")
            if last and reading.adopted_on < last.adopted_on:
                said = f"'{last.id}' is listed before '{reading.id}', and was adopted later, on {last.adopted_on}."
                help = "Look at the two days; the readings are in the order in which they were adopted."
                self.add(READINGS, ("readings", index - 1, "adopted_on"), "readings-order", said, help)
            last = reading
        if not self.names.whole("reading", "fact"):
            return
        known = {one.id: one for one in self.corpus.readings}
        path: At
        for question, rule in self.corpus.questions.items():
            for number, version in enumerate(rule.versions):
                for placed in version.placed:
                    row = placed.row
                    beside = row.still_open if isinstance(row, m.OpenRow) else {}
                    for name in beside.keys() - set(row.either if isinstance(row, m.OpenRow) else ()):
                        said = f"'{name}' is not one of the points under 'either' of this row."
                        path = ("versions", number, *placed.path, "still_open", name)
                        help = "Add it to 'either', or take it out here."
                        self.add(f"rules/{question}.yaml", path, "not-beside", said, help, key=True)
                    if isinstance(row, m.AnswerRow):
                        for at, name in enumerate(row.reads):
                            if name in known:
                                path = ("versions", number, *placed.path, "reads", at)
                                self.rests_on(f"rules/{question}.yaml", path, question, row, known[name])

    def rests_on(self, file: str, path: At, question: str, row: m.AnswerRow, reading: m.Reading) -> None:
        """Check that a row has to do with a reading on which it rests: it asks for what that is about, or gives it."""
        if not reading.about:
            at = self.corpus.readings.index(reading)
            said = f"'{reading.id}' does not say what it is about, and rows rest on it."
            help = f"Add the facts, or the questions, on which it bears, such as 'about: [{question}]'."
            self.add(READINGS, ("readings", at, "id"), "reading-about", said, help, warning=True)
            return
        figures = (value.of for value in row.gives.values() if isinstance(value, m.Portion))
        if not {question, *facts_of(row.when.condition), *figures} & set(reading.about):
            said = f"'{reading.id}' is about {listed(reading.about)}, with which this row has nothing to do."
            self.add(file, path, "reading-about", said, "Take it out, or name the reading on which the row rests.")

    def unread(self) -> None:
        """Warn of a value that nothing reads, where its decision has a part in deciding or a name is near it."""
        known, corpus = read(self.corpus), self.corpus
        below = (path.relative_to(corpus.root).as_posix() for path in paths(corpus.root))
        if self.names.unread or any(is_one_of(name, RECORDS) and name not in corpus.files for name in below):
            return  # A record that was left unread may name it.
        deciding = {version.decision for rule in corpus.questions.values() for version in rule.versions}
        deciding |= {number for name in known for number, _ in corpus.parameters.get(name, [])}
        for name, setters in corpus.parameters.items():
            for number, parameter in setters:
                status = corpus.decisions[number].status
                if name in known or parameter.recorded or parameter.value is None or number not in corpus.order:
                    continue
                near = nearest(name, sorted(known)) if len(setters) == 1 else None
                if status in ("taken", "proposed") and (near or number in deciding):
                    said = f"'{name}' is read by nothing, so no answer rests on it."
                    help = f"Did you mean '{near}'?" if near else "Name it in a rule; or write 'recorded: true' to it."
                    where = ("parameters", name)
                    file = corpus.file_of(number, "parameters.yaml")
                    self.add(file, where, "nothing-reads", said, help, key=True, warning=True)


def _points_of(row: m.OpenRow) -> list[str]:
    return [row.point, *row.also, *row.either]


class _Contradictions:
    """What one bound policy contradicts of what its decisions settle."""

    def __init__(self, bound: Policy, problems: Problems) -> None:
        self.policy, self.corpus, self.problems = bound, bound.corpus, problems

    def find(self) -> None:
        for number, one in self.policy.settled:
            if one.leaves is None:
                self.values(number, one)
                self.named_again(number, one)
                for question, outcome in self.in_force(one.start):
                    self.outcome(number, one, question, outcome)

    def in_force(self, start: date) -> Iterator[tuple[QuestionInForce, Outcome]]:
        """Yield every outcome in force on a day or later, with its question."""
        for period in self.policy.periods:
            if period.end is None or period.end >= start:
                for question in period.questions.values():
                    yield from ((question, outcome) for outcome in question.outcomes)

    def outcome(self, number: str, one: m.Settlement, question: QuestionInForce, outcome: Outcome) -> None:
        from_here = self.policy.settled[self.policy.settled.index((number, one)) :]
        confirmed = {by for _, other in from_here for by in other.by}
        ended = {reading.id for reading in self.corpus.readings if reading.point == one.point} - confirmed
        for name in ended.intersection(outcome.reads):
            said = (
                f"'{outcome.id}' rests on the reading '{name}', which ends on {one.start}: {number} settles its point."
            )
            help = (f"If {number} confirms it, name it under 'by'; else write a version of '{question.name}' by "
                    f"{number} from that day.")  # fmt: skip
            self.at_settlement(number, one, "reading-goes-on", said, help)
        if one.point not in outcome.open_points:
            return
        version = self.corpus.questions[question.name].versions[question.version]
        if self.corpus.rank(version.decision) >= self.corpus.rank(number):
            said = f"'{one.point}' is left open here, and {number} settles it from {one.start}."
            help = f"Give the row an answer; or say under 'leaves' in {number} what of the point stays open."
            for placed in version.placed:
                if f"{question.name}/{placed.row.name}" == outcome.id:
                    path = ("versions", question.version, *placed.path, "point")
                    self.problems.add(self.corpus.place(f"rules/{question.name}.yaml", *path), "still-open", said, help)
            return
        said = (
            f"'{one.point}' is settled from {one.start}, and '{outcome.id}' by {version.decision} leaves it open still."
        )
        help = (
            f"Give its answer to '{question.name}' under 'answers'; or write a version of that question by {number} "
            "from that day, and name its row under 'by'."
        )
        self.at_settlement(number, one, "still-open", said, help)

    def named_again(self, number: str, one: m.Settlement) -> None:
        """Add a problem where a version of the decision itself leaves the point open, by itself or beside another.

        Not where a reading that it confirms answers the row, or keeps the row from counting; nor where a point beside
        the row's own is settled by word or reading: it was taken over so, and a fact or its own point decides.
        """
        binder = self.policy.binder
        worded = bool(one.answers) or any(reading.id in one.by for reading in self.corpus.readings)
        for name, rule in self.corpus.questions.items():
            _, reading, _ = binder.points(one.start).answers.get((one.point, name), ("", None, None))
            for at, version in enumerate(rule.versions):
                if version.decision != number:
                    continue
                for placed in version.placed:
                    counts = isinstance(placed.row, m.OpenRow) and binder.counting([placed.row], one.start)
                    for key in NAMING if counts else ():
                        held = getattr(placed.row, key)
                        if (one.point == held and not reading) or (key != "point" and one.point in held and not worded):
                            said = f"'{one.point}' is left open here, and {number} settles it from {one.start}."
                            first = "Give the row an answer" if key == "point" else "Take it out of the row"
                            help = f"{first}; or say under 'leaves' in {number} what of the point stays open."
                            within = () if key == "point" else (held.index(one.point),)
                            path = ("versions", at, *placed.path, key, *within)
                            self.problems.add(self.corpus.place(f"rules/{name}.yaml", *path), "still-open", said, help)

    def values(self, number: str, one: m.Settlement) -> None:
        for name, setters in self.corpus.parameters.items():
            days = [one.start, *(held.start for _, held in setters if held.start and held.start > one.start)]
            for found in (self.policy.parameter(name, day) for day in days):
                held = found[1] if found else None
                if isinstance(held, m.Parameter) and held.value is None and held.open_point == one.point:
                    said = f"'{one.point}' is settled from {one.start}, and '{name}' still has no value because of it."
                    home = self.corpus.file_of(number, "parameters.yaml")
                    help = f"Set it in {home} from that day; or say under 'leaves' what of the point stays open."
                    self.at_settlement(number, one, "still-open", said, help)

    def at_settlement(self, number: str, one: m.Settlement, code: str, message: str, help: str) -> None:
        index = self.corpus.decisions[number].settles.index(one)
        where = self.corpus.place(self.corpus.file_of(number, "decision.yaml"), "settles", index, "point")
        self.problems.add(where, code, message, help)
