"""Wrong edits to the real rules, made by program: one small mistake each, labelled with its place."""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from senpolicy.policy.corpus import Corpus

#: What each comparison is taken for by a slip at its limit, and by one of direction.
SLIPS = {"below": "at_most", "at_most": "below", "at_least": "more_than", "more_than": "at_least"}
TURNED = {"below": "more_than", "more_than": "below", "at_most": "at_least", "at_least": "at_most"}

Trail = tuple[Any, ...]


@dataclass(frozen=True)
class Mutant:
    """One wrong edit: what kind of slip it is, where, in words, and the whole file as it then stands."""

    kind: str
    file: str
    place: str
    says: str
    data: Any = field(repr=False, compare=False)
    number: int = 0

    def text(self) -> str:
        """Return the file with the edit, as YAML."""
        return str(yaml.safe_dump(self.data, sort_keys=False, allow_unicode=True))

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}: {self.says}"


class _File:
    """One file of the corpus, from which mutants are made by changing a copy of its data."""

    def __init__(self, corpus: Corpus, file: str) -> None:
        self.corpus, self.file = corpus, file
        self.data = yaml.safe_load((corpus.root / file).read_text(encoding="utf-8"))
        self._kept = pickle.dumps(self.data)  # A copy is read from it in a third of the time of `deepcopy`.

    def at(self, trail: Trail) -> Any:
        found = self.data
        for step in trail:
            found = found[step]
        return found

    def replaced(self, kind: str, trail: Trail, value: Any, says: str) -> Mutant:
        """Return the mutant in which `value` stands at the end of the trail."""
        return self.changed(kind, trail, says, lambda data: _into(data, trail, value))

    def removed(self, kind: str, trail: Trail, says: str) -> Mutant:
        """Return the mutant that lacks what stands at the end of the trail."""
        return self.changed(kind, trail, says, lambda data: _out_of(data, trail))

    def changed(self, kind: str, trail: Trail, says: str, change: Any) -> Mutant:
        data = pickle.loads(self._kept)
        change(data)
        return Mutant(kind, self.file, str(self.corpus.place(self.file, *trail)), says, data)


def _into(data: Any, trail: Trail, value: Any) -> None:
    *way, last = trail
    for step in way:
        data = data[step]
    data[last] = value


def _out_of(data: Any, trail: Trail) -> None:
    *way, last = trail
    for step in way:
        data = data[step]
    del data[last]


def mutants(corpus: Corpus) -> list[Mutant]:
    """Return every mutant of the rules, of the facts and of the values that rules name, in a fixed order."""
    found: list[Mutant] = []
    for name in corpus.questions:
        found += _Question(corpus, name).mutants()
    found += _Facts(corpus).mutants()
    for number in corpus.decisions:
        file = corpus.file_of(number, "parameters.yaml")
        if file in corpus.files:
            found += _values(_File(corpus, file), used(corpus))
    return [replace(mutant, number=number) for number, mutant in enumerate(found, 1)]


def used(corpus: Corpus) -> frozenset[str]:
    """Return the names of the parameters that the rules name."""
    return _names(corpus.root, tuple(f"rules/{name}.yaml" for name in (*corpus.questions, "facts")))


@cache
def _names(root: Path, files: tuple[str, ...]) -> frozenset[str]:
    texts = [(root / file).read_text(encoding="utf-8") for file in files]
    # A comment may hold a name of another kind: the first line of each file says which schema it follows.
    rules = [re.sub(r"(?m)^#.*$", "", text) for text in texts]
    return frozenset(name for text in rules for name in re.findall(r"\$(\w+)", text))


class _Conditions(_File):
    """A file with conditions."""

    def condition(self, trail: Trail) -> Iterator[Mutant]:
        """Yield the mutants of the condition at the end of a trail, its parts included."""
        written = self.at(trail)
        if "fact" in written:
            yield from self.test(trail, written)
            yield self.replaced(
                "not added", trail, {"not": deepcopy(written)}, f"{_short(written)} becomes its opposite"
            )
        elif "not" in written:
            yield self.replaced(
                "not dropped", trail, deepcopy(written["not"]), f"not {_short(written['not'])} loses its not"
            )
            yield from self.condition((*trail, "not"))
        else:
            word = "all" if "all" in written else "any"
            other = "any" if word == "all" else "all"
            if len(written[word]) > 1:
                yield self.replaced(
                    f"{other} for {word}", trail, {other: deepcopy(written[word])}, f"'{word}' becomes '{other}'"
                )
            for at, part in enumerate(written[word]):
                yield self.removed("test dropped", (*trail, word, at), f"{_short(part)} is gone from '{word}'")
                yield from self.condition((*trail, word, at))

    def test(self, trail: Trail, written: dict[str, Any]) -> Iterator[Mutant]:
        fact, kind = written["fact"], self.corpus.types.get(written["fact"])
        operator = next(key for key in written if key not in ("fact", "because"))
        operand = written[operator]
        if operator in SLIPS:
            for name, swaps in (("limit slipped", SLIPS), ("comparison turned", TURNED)):
                changed = {swaps[key] if key == operator else key: value for key, value in written.items()}
                yield self.replaced(name, trail, changed, f"{fact}: '{operator}' becomes '{swaps[operator]}'")
        if isinstance(operand, bool):
            yield self.replaced(
                "yes for no", (*trail, operator), not operand, f"{fact}: {operator} {operand} becomes {not operand}"
            )
        elif isinstance(operand, list) and kind:
            for at, value in enumerate(operand):
                yield self.removed("value dropped", (*trail, operator, at), f"{fact}: '{value}' is dropped")
            for value in [one for one in kind.values if one not in operand][:1]:
                more = [*operand, value]
                yield self.replaced("value added", (*trail, operator), more, f"{fact}: '{value}' is added")
        elif isinstance(operand, str) and operand.startswith("$"):
            for other in self.others(operand[1:]):
                yield self.replaced(
                    "another value", (*trail, operator), f"${other}", f"{fact}: '{operand}' becomes '${other}'"
                )
        elif kind and kind.type == "choice" and operator == "is":
            value = kind.values[(kind.values.index(operand) + 1) % len(kind.values)]
            yield self.replaced("another choice", (*trail, operator), value, f"{fact}: '{operand}' becomes '{value}'")

    def others(self, name: str) -> list[str]:
        """Return the values that are most easily taken for this one: the next two of its unit that rules name."""
        setters = self.corpus.parameters
        same = sorted(one for one in used(self.corpus) if setters[one][0][1].unit == setters[name][0][1].unit)
        following = [*same[same.index(name) + 1 :], *same[: same.index(name)]]
        return following[:2]


class _Question(_Conditions):
    def __init__(self, corpus: Corpus, name: str) -> None:
        super().__init__(corpus, f"rules/{name}.yaml")
        self.name = name

    def mutants(self) -> Iterator[Mutant]:
        for at, version in enumerate(self.data["versions"]):
            yield from self.version(("versions", at), version)
        for at, caution in enumerate(self.data.get("cautions", [])):
            trail: Trail = ("cautions", at)
            yield self.removed("caution removed", trail, f"the caution '{caution['id']}' is gone")
            for key in ("from", "before"):
                if key in caution:
                    yield self.removed("caution's date dropped", (*trail, key), f"'{caution['id']}' loses its '{key}'")
                    yield from self.moved((*trail, key))
            yield from self.condition((*trail, "when"))
        for at, (one, other) in enumerate(itertools.pairwise(self.data["ask"])):
            asked = [*self.data["ask"]]
            asked[at], asked[at + 1] = other, one
            yield self.replaced("asked in another order", ("ask",), asked, f"'{other}' is asked for before '{one}'")

    def version(self, trail: Trail, version: dict[str, Any]) -> Iterator[Mutant]:
        if len(self.data["versions"]) > 1:
            yield self.removed(
                "version removed", trail, f"the version from {version.get('from', 'the first day')} is gone"
            )
        if "from" in version:
            yield from self.moved((*trail, "from"))
        yield from self.rows(trail, version)
        for at, section in enumerate(version.get("sections", [])):
            where = (*trail, "sections", at)
            if "fact" in section["given"]:  # A single test is all of a condition that a section has to have.
                said = f"{_short(section['given'])} is gone from 'given'"
                yield self.replaced("test dropped", (*where, "given"), {"all": []}, said)
            yield from self.condition((*where, "given"))
            yield from self.rows(where, section)

    def rows(self, trail: Trail, holder: dict[str, Any]) -> Iterator[Mutant]:
        """Yield the mutants of the rows of a version, or of a section."""
        for at, row in enumerate(holder.get("answers", [])):
            where = (*trail, "answers", at)
            yield from self.row(where, row)
            yield from self.when(where, row)
        for at, row in enumerate(holder.get("open", [])):
            where = (*trail, "open", at)
            yield self.removed("open point removed", where, f"'{row['point']}' is gone")
            yield from self.figures((*where, "gives"), row.get("gives", {}))
            yield from self.when(where, row)
        points = [row["point"] for row in holder.get("open", [])]
        for at, (one, other) in enumerate(itertools.pairwise(points)):
            if one == other:  # Two rows of one point: it would be no edit.
                continue
            changed = deepcopy(holder["open"])
            changed[at]["point"], changed[at + 1]["point"] = other, one
            yield self.replaced("open points swapped", (*trail, "open"), changed, f"'{one}' and '{other}' are swapped")

    def when(self, trail: Trail, row: dict[str, Any]) -> Iterator[Mutant]:
        if "when" not in row:
            return
        if "sections" in trail:
            yield self.removed("condition dropped", (*trail, "when"), "the row holds wherever its section does")
        yield from self.condition((*trail, "when"))

    def row(self, trail: Trail, row: dict[str, Any]) -> Iterator[Mutant]:
        answers = list(self.data["answers"])
        yield self.removed("row removed", trail, f"'{row['id']}' is gone")
        if len(answers) > 1:
            other = answers[(answers.index(row["answer"]) + 1) % len(answers)]
            yield self.replaced("answer replaced", (*trail, "answer"), other, f"'{row['id']}' answers '{other}'")
            again = {**deepcopy(row), "id": f"{row['id']}-again", "answer": other}
            rows, key = trail[:-1], trail[-1]
            yield self.changed("row written twice", trail, f"'{row['id']}' stands there again and answers '{other}'",
                               lambda data: _insert(data, rows, key + 1, again))  # fmt: skip
        yield from self.figures((*trail, "gives"), row.get("gives", {}))

    def figures(self, trail: Trail, gives: dict[str, Any]) -> Iterator[Mutant]:
        for name, value in gives.items():
            where = (*trail, name)
            yield self.removed("figure dropped", where, f"'{name}' is not given")
            if isinstance(value, bool):
                yield self.replaced("figure changed", where, not value, f"'{name}' becomes {not value}")
            if isinstance(value, str) and value.startswith("$"):
                for other in self.others(value[1:]):
                    yield self.replaced("figure changed", where, f"${other}", f"'{name}': '{value}' becomes '${other}'")
            if isinstance(value, dict) and "round" in value:
                turned = {**value, "round": "up" if value["round"] == "down" else "down"}
                yield self.replaced("figure changed", where, turned, f"'{name}' is rounded {turned['round']}")
        for one, other in itertools.combinations(gives, 2):
            if isinstance(gives[one], type(gives[other])) and gives[one] != gives[other]:
                swapped = {**gives, one: gives[other], other: gives[one]}
                yield self.replaced("figures swapped", trail, swapped, f"'{one}' and '{other}' are swapped")

    def moved(self, trail: Trail) -> Iterator[Mutant]:
        name = self.at(trail)
        for other in self.others(name[1:]):
            yield self.replaced("start moved", trail, f"${other}", f"'{name}' becomes '${other}'")


def _insert(data: Any, trail: Trail, at: int, value: Any) -> None:
    for step in trail:
        data = data[step]
    data.insert(at, value)


class _Facts(_Conditions):
    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus, "rules/facts.yaml")

    def mutants(self) -> Iterator[Mutant]:
        for at, rule in enumerate(self.data["follows"]):
            yield self.removed("consequence removed", ("follows", at), f"'{rule['fact']}' no longer follows")
            if isinstance(rule["value"], bool):
                trail = ("follows", at, "value")
                yield self.replaced(
                    "consequence changed", trail, not rule["value"], f"'{rule['fact']}' follows as its opposite"
                )
            yield from self.condition(("follows", at, "when"))
        for at, rule in enumerate(self.data["problems"]):
            yield self.removed("contradiction removed", ("problems", at), f"'{rule['id']}' is gone")
            if "when" in rule:
                yield from self.condition(("problems", at, "when"))


def _values(file: _File, names: set[str]) -> Iterator[Mutant]:
    """Yield the mutants of a decision's values: a penny, a day, a year of age, a hundredth, a level."""
    for name, parameter in file.data["parameters"].items():
        value, trail = parameter.get("value"), ("parameters", name, "value")
        if name not in names or value is None:
            continue
        if isinstance(value, date):
            for by in (-1, 1):
                day = value + timedelta(days=by)
                yield file.replaced("a day off", trail, day, f"{name}: {value} becomes {day}")
        elif isinstance(value, list):
            for at, one in enumerate(value):
                yield file.removed("value dropped", (*trail, at), f"{name}: '{one}' is dropped")
        elif isinstance(value, (int, float)):
            whole = parameter["unit"] in ("years", "year_group", "count")
            kind = (
                "one off" if whole else "a penny off" if parameter["unit"].startswith("pounds") else "a hundredth off"
            )
            for by in (-1, 1):
                changed = value + by if whole else f"{value + by / 100:.2f}"
                yield file.replaced(kind, trail, changed, f"{name}: {value} becomes {changed}")


def written(mutant: Mutant, folder: Path) -> None:
    """Write the mutant's file into a copy of the corpus."""
    (folder / mutant.file).write_text(mutant.text(), encoding="utf-8")


def _short(condition: dict[str, Any]) -> str:
    """Return a condition in a few words, for a label."""
    if "fact" in condition:
        return " ".join(
            f"{value}" if key == "fact" else f"{key} {value}" for key, value in condition.items() if key != "because"
        )
    word = next(iter(condition))
    return f"{word} ({'' if word == 'not' else len(condition[word])})".replace(" ()", "")
