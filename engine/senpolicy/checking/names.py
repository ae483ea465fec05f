"""The names in every file of a policy: which exist of each kind, and a problem for each name that does not exist.

The fields of the models declare which texts are names (`files.models.names`). The other checks look at what else has
to fit where a name is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import NamedTuple

from pydantic import BaseModel

from senpolicy.checking import lock
from senpolicy.files.models.documents import DocumentsFile
from senpolicy.files.models.names import Names, named_in_file
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.models.rules import FactLimitModel, QuestionsFile
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Fix, Place, Problem, Problems
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.days import NOT_IN_FORCE
from senpolicy.policy.layout import kind_of, matches

ORDER, DOCUMENTS, READINGS = "policy/decisions.yaml", "policy/documents.yaml", "policy/readings.yaml"
FACTS, QUESTIONS, RULES = "rules/facts.yaml", "rules/questions.yaml", "rules/*.yaml"
DECISION, PARAMETERS, POINTS = (f"policy/*/{name}.yaml" for name in ("decision", "parameters", "open-points"))
CODES, COLUMNS, IMPORTS = (f"imports/{name}.yaml" for name in ("codes", "columns", "facts"))
EDITIONS, SCENARIOS = "descriptors/*/edition.yaml", "policy/scenarios/*.yaml"


class Kind(NamedTuple):
    """A kind of names: which there are, and the files that give them. `says` and `code` are as the kind itself."""

    names: Callable[[Corpus], Iterable[str]]
    files: tuple[str, ...]
    says: str = ""
    code: str = ""


def _facts(corpus: Corpus, kind: str) -> list[str]:
    return [name for name, fact in corpus.facts.facts.items() if fact.type == kind]


def questions(corpus: Corpus) -> list[str]:
    """Return the questions that are listed, those too whose file cannot be read."""
    file = corpus.files[QUESTIONS]
    return file.questions if isinstance(file, QuestionsFile) else []


def _not_in_force(corpus: Corpus) -> Iterable[str]:
    """Yield the ids of the problems of cases that give a fact, or a value of it, on a day of another time."""
    levels = any(
        edition.replaces or any(one.start or one.until for one in edition.levels)
        for edition in corpus.editions.values()
    )
    for name, fact in corpus.facts.facts.items():
        if fact.start or fact.until or fact.days or (fact.values_from and levels):
            yield f"{name}{NOT_IN_FORCE}"


def _rows(corpus: Corpus) -> Iterable[str]:
    versions = ((question, version) for question, rule in corpus.questions.items() for version in rule.versions)
    return (f"{question}/{row.id}" for question, version in versions for row in version.answers)


def _of_imports(key: str, name: str, corpus: Corpus) -> Iterable[str]:
    """Return the names that a file of imports/ gives under a key; none where the policy reads no files."""
    found: Iterable[str] = getattr(corpus.files.get(name), key, ())
    return found


#: Every kind of name that one file gives and another one uses.
KINDS: dict[str, Kind] = {
    "decision": Kind(lambda corpus: corpus.decisions, (ORDER,)),
    "document": Kind(lambda corpus: corpus.documents, (DOCUMENTS, "policy/*/documents.yaml")),
    "reading": Kind(lambda corpus: [one.id for one in corpus.readings], (READINGS,)),
    "open point": Kind(lambda corpus: corpus.open_points, (POINTS,)),
    "parameter": Kind(lambda corpus: corpus.parameters, (PARAMETERS,)),
    "amount in pounds a year": Kind(
        lambda corpus: [name for name, setters in corpus.parameters.items() if setters[0][1].unit == "pounds_a_year"],
        (PARAMETERS,),
    ),
    # What a condition can ask for; the answer of an earlier question is a fact for those after it.
    "fact": Kind(lambda corpus: [*corpus.types, *questions(corpus)], (FACTS, QUESTIONS)),
    "given fact": Kind(
        lambda corpus: [name for name, kind in corpus.types.items() if not kind.is_answer], (FACTS,), "fact", "fact"
    ),
    "fact in pounds": Kind(lambda corpus: _facts(corpus, "money"), (FACTS,)),
    "fact that is a choice": Kind(lambda corpus: _facts(corpus, "choice"), (FACTS,), code="fact"),
    "group": Kind(lambda corpus: corpus.facts.groups, (FACTS,)),
    "rule about facts": Kind(
        lambda corpus: [
            *(one.id for one in (*corpus.facts.problems, *corpus.facts.warnings)),
            *_not_in_force(corpus),
        ],
        (FACTS, EDITIONS),
    ),
    "question": Kind(questions, (QUESTIONS,)),
    "answer": Kind(lambda corpus: [word for one in corpus.questions.values() for word in one.answers], (RULES,)),
    "row of a rule": Kind(_rows, (RULES,)),
    "caution": Kind(lambda corpus: [one.id for rule in corpus.questions.values() for one in rule.cautions], (RULES,)),
    "property": Kind(lambda corpus: [one.id for one in declared_properties(corpus.files)], ("rules/properties.yaml",)),
    "edition": Kind(lambda corpus: corpus.editions, (EDITIONS,)),
    "scenario": Kind(lambda corpus: corpus.scenarios, (SCENARIOS,)),
    "column of an import": Kind(partial(_of_imports, "columns", COLUMNS), (COLUMNS,), "column", "import-name"),
    "list of codes": Kind(partial(_of_imports, "lists", CODES), (CODES,), "list of codes", "import-name"),
    "flag of an import": Kind(partial(_of_imports, "flags", IMPORTS), (IMPORTS,), "flag", "import-name"),
}


#: In so many places a name is rarely mistyped: it is gone where it was defined.
_MANY = 3


class Catalogue:
    """The names that the files of a corpus give; of a kind that an `unread` file gives too, not all are known.

    With a `scenario`, those too that it gives, for the files of its folder.
    """

    def __init__(self, corpus: Corpus, unread: Iterable[str] = (), scenario: ScenarioFile | None = None) -> None:
        self.corpus, self.scenario = corpus, scenario
        self.files_unread = frozenset(unread)
        self.unread = {known[0] for name in self.files_unread if (known := kind_of(name))}
        self._names = cache(lambda kind: dict.fromkeys(KINDS[kind].names(corpus)))

    def whole(self, *kinds: str) -> bool:
        """Return whether every file was read that gives names of these kinds, or has one of these patterns."""
        return all(self.unread.isdisjoint(KINDS[one].files if one in KINDS else (one,)) for one in kinds)

    @cached_property
    def problems(self) -> list[Problem]:
        """A problem for each name in the files of the corpus that does not exist, and each id that is given twice."""
        found = Problems()
        for file, model in self.corpus.files.items():
            self.check(model, partial(self.corpus.place, file), found)
        return list(self._told_once(found))

    def sound(self, file: str) -> bool:
        """Return whether every name in a file of the corpus exists."""
        found = Problems()
        self.check(self.corpus.files[file], partial(self.corpus.place, file), found)
        return not found.found

    def _told_once(self, found: Iterable[Problem]) -> Iterator[Problem]:
        """Yield problems; a name that many places use and nothing defines is told once, where it was taken out.

        Where one file alone uses it, and another name is near, it is mistyped there, and told at each place.
        """
        uses: dict[tuple[str, str], list[Problem]] = {}
        for one in found:
            uses.setdefault((one.code, one.message), []).append(one)
        gone = lock.gone(self.corpus) if any(code == "unknown-parameter" for code, _ in uses) else {}
        for (code, message), alike in uses.items():
            name = message.split("'")[1] if code == "unknown-parameter" else ""
            if name in gone:
                number, called = gone[name]
                yield lock.gone_problem(self.corpus, number, name, called, f", and {_places(alike)}")
                continue
            place = self._defined(code, message) if len(alike) >= _MANY else None
            mistyped = alike[0].fix and len({one.place.file for one in alike}) == 1
            if place is None or (mistyped and place.file != alike[0].place.file):
                yield from alike
                continue
            word = message.split("'")[1]
            listing = [one.place for one in sorted(alike) if matches(one.place.file, DECISION)]
            home = listing[0].file.replace("decision.yaml", "documents.yaml") if listing else ""
            if place.file == DOCUMENTS and len({one.file for one in listing}) == 1 and (other := self._unnamed(home)):
                said = f"'{other}' is named nowhere, and {len(alike)} places name '{word}', which is described nowhere."
                where, help = self.corpus.place(home, "documents", other, key=True), f"Call it '{word}' here."
                yield Problem(where, code, said, f"{help} Or correct those places.", fix=Fix(other, word))
                continue
            if place.file == DOCUMENTS and not alike[0].fix and len({one.file for one in listing}) == 1:
                said = f"{message[:-1]}, and {len(alike)} places name it."
                yield Problem(listing[0], code, said, f"Describe '{word}' in {home}, or correct these places.")
                continue
            said = f"{message[:-1]}, and {_places(alike)}."
            yield Problem(place, code, said, f"Put '{word}' back here, or correct those places.")

    def _unnamed(self, file: str) -> str | None:
        """Return the document of a decision's own list that nothing names, None where there is not just one."""
        own = self.corpus.files.get(file)
        named = {one.word for model in self.corpus.files.values() for one in named_in_file(model)
                 if one.names.kind == "document"}  # fmt: skip
        left = [name for name in own.documents if name not in named] if isinstance(own, DocumentsFile) else []
        return left[0] if len(left) == 1 else None

    def _defined(self, code: str, message: str) -> Place | None:
        """Return the place of the list that would define a name, None where it may be in several files."""
        if found := re.fullmatch(r"'[^']+' is not an? '([^']+)' answer of this policy\.", message):
            return self.corpus.place(f"rules/{found[1]}.yaml", "answers", key=True)
        for kind, one in KINDS.items():
            file = one.files[0]
            if (
                code == f"unknown-{(one.code or kind).replace(' ', '-')}"
                and "*" not in file
                and file in self.corpus.nodes
            ):
                return self.corpus.nodes[file].at((next(iter(self.corpus.nodes[file].content), ""),), key=True)
        return None

    def check(self, model: BaseModel, at: Callable[..., Place], problems: Problems) -> None:
        """Add a problem for each name in a file that does not exist, and for each id that is given twice.

        `at` gives the place of a path, or of its `key`.
        """
        known = cache(partial(self._known, model))
        ids: dict[tuple[At, str], list[At]] = {}
        for one in named_in_file(model):
            if one.names.kind == "id":
                ids.setdefault((one.path[:-2], one.word), []).append(one.path)
                continue
            names, of = one.names, one.of if one.names.of else None
            there = known(names, of)
            if there is None or one.word in there:
                continue
            kind = KINDS.get(names.kind)
            says, code = names.says or names.kind, names.kind
            where, look = "here", "where it is defined"
            if kind and not names.among:
                says, code = kind.says or says, kind.code or code
                where, look = "of this policy", f"in {_look(kind.files[0])}"
            if names.of:
                says, look = f"'{of}' {says}", f"in rules/{of}.yaml"
            place, look = partial(at, *one.path, key=one.key), f"Look it up {look}."
            if "fact" in (kind and (kind.code or names.kind), names.kind) and one.word in self.corpus.facts.groups:
                said = f"'{one.word}' is a group: pupils are counted by it, and no rule may ask for it."
                problems.add(place(), "unknown-fact", said, "Ask for a fact, or take the test out.")
                continue
            problems.known(place, says, one.word, there, kind=code, look=look, where=where, mark=names.mark)
        for (listed, word), paths in ids.items():
            for path in paths if len(paths) > 1 else ():
                said = f"'{word}' is an id more than once under '{listed[-1]}'."
                problems.add(at(*path, key=False), "same-id", said, "Give one another id; old ids never change.")

    def _known(self, model: BaseModel, names: Names, of: str | None) -> Collection[str] | None:
        """Return the names that there are for one in a file; None where not all are known, or not what they are of."""
        if names.among:
            given = [getattr(model, key) for key in names.among]
            return [word for part in given for word in (part if isinstance(part, dict) else [one.id for one in part])]
        named = getattr(model, "scenario", "")
        scenario = model if isinstance(model, ScenarioFile) else self.corpus.scenarios.get(named, self.scenario)
        if names.of:
            if of not in self.corpus.questions:
                return None
            return [*self.corpus.questions[of].answers, *(scenario.answers.get(of, ()) if scenario else ())]
        if not self.whole(names.kind):
            return None
        known = self._names(names.kind)
        return {**known, **scenario.parameters} if scenario and names.kind == "parameter" else known


def bare_value(
    corpus: Corpus, place: Place, value: str | bool | FactLimitModel, among: Collection[str] = ()
) -> Problem:
    """Return the problem of a value in the place of a name: `$` may be all that is missing.

    `among` are the names that may be in its place, where they are known.
    """
    written = str(value).lower() if isinstance(value, bool) else value
    help = "Put it into the decision's parameters.yaml, and write $ and its name here."
    assumed = [name for one in corpus.scenarios.values() for name in one.parameters]
    name = written.lstrip("£$") if isinstance(written, str) else ""  # On some keyboards the two signs share a key.
    fix = Fix(str(written), f"${name}") if name in corpus.parameters or name in assumed else None
    if fix:
        help = f"To name the value, write ${name}, with its mark."
    same = [one for one, setters in corpus.parameters.items() if any(_is(held.value, written) for _, held in setters)]
    same = [one for one in same if one in among] or same
    if same and len(same) <= 3:
        names = " or ".join(f"${one}" for one in same)
        help = (
            f"Write {names}, which has this value, if that is meant; else put it into the decision's parameters.yaml."
        )
    return Problem(place, "bare-value", f"'{written}' is written in the rule itself.", help, fix=fix)


def _is(value: Decimal | date | str | None, written: str | bool | FactLimitModel) -> bool:
    """Return whether a parameter has the value that is written, a day or an amount."""
    if isinstance(value, Decimal) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(written)):
        return value == Decimal(str(written))
    return isinstance(value, date) and value.isoformat() == written


def by_label(word: str, labels: Mapping[str, str]) -> str | None:
    """Return the name whose label, or the beginning of it, somebody wrote instead of it; None where none or two fit.

    >>> by_label("Level 1", {"level_1": "Level 1 (made up)", "level_10": "Level 10 (made up)"})
    'level_1'
    """
    meant = word.lower().rstrip(".")
    found = [name for name, label in labels.items()
             if re.match(rf"{re.escape(meant)}(?!\w)", label.lower()) and len(meant) > 3]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _places(uses: Sequence[Problem]) -> str:
    """Return how many places name something, and the first of them."""
    places = ", ".join(str(one.place) for one in sorted(uses)[:_MANY])
    return f"{len(uses)} places name it, such as {places}" if len(uses) > 1 else f"{places} names it"


def _look(pattern: str) -> str:
    """Return where names are looked up that files of a pattern give.

    >>> _look("policy/*/parameters.yaml"), _look("rules/facts.yaml"), _look("descriptors/*/edition.yaml")
    ('the parameters.yaml of the decisions', 'rules/facts.yaml', 'descriptors/')
    """
    folder, _, name = pattern.rpartition("/")
    return f"the {name} of the decisions" if folder == "policy/*" else pattern.partition("*")[0]
