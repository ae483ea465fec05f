"""Tidying a file: keys in the order of its model, lines in line, each line kept as it is written.

Nothing is rewritten: lines are moved and indented, so a comment or a way of writing cannot be lost. What a map means
by the order of its own names (facts, answers) is left in that order. A file is only tidied where it can be shown that
it then says the same, in the same lines; else it is refused. No library does this here: docs/decisions/ says why.
"""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from senpolicy.checking import golden
from senpolicy.files.models.problems import no_map, problems_of
from senpolicy.files.models.rules import validated
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, WrongUse
from senpolicy.files.source import Node, read
from senpolicy.policy.layout import kind_of, paths
from senpolicy.policy.wording import not_utf_8


def tidy(root: Path, files: Sequence[Path] | None = None) -> tuple[dict[str, str], list[Problem]]:
    """Return the texts of the files that are not in order, and why others cannot be tidied.

    `files` are paths below `root`; without them every file of the policy and every golden case is looked at. Raises
    `WrongUse` for a file that is none of them.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    every = {path.resolve(): name for path, name in _every(root)}
    for path in files if files is not None else every:
        name = every.get(path.resolve())
        if name is None:
            raise WrongUse(f"'{path}' is not a file of this policy.")
        try:
            text = path.read_bytes().decode("utf-8-sig")
            tidied = tidy_text(text, name)
        except UnicodeDecodeError as error:
            problems.append(not_utf_8(name, error))
            continue
        except PolicyError as error:
            problems += error.problems
            continue
        if tidied != text:
            texts[name] = tidied
    return texts, problems


def disorder(root: Path, texts: dict[str, str]) -> Iterator[Problem]:
    """Yield a problem for each file that is not in order, at the first line that `tidy` would write otherwise."""
    for name, text in texts.items():
        was = (root / name).read_bytes().decode("utf-8-sig").splitlines()
        pairs = enumerate(zip_longest(was, text.splitlines()), start=1)
        line = next((number for number, (old, new) in pairs if old != new), 1)
        help = "The workflow of the pull request puts it in order. In a terminal: senpolicy fmt"
        yield Problem(
            Place(name, min(line, max(len(was), 1)), 1), "not-in-order", "This file is not in order from here.", help
        )


def in_order(texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts of files of the policy, by path, in order; one that has problems, or cannot be tidied, as it is."""
    made = dict(texts)
    for name, text in texts.items():
        if model_of(name):
            with suppress(PolicyError):
                made[name] = tidy_text(text, name)
    return made


def _every(root: Path) -> Iterator[tuple[Path, str]]:
    cases = sorted((root / golden.FOLDER).rglob("*.yaml"))
    for path in (*paths(root), *cases):
        name = path.relative_to(root).as_posix()
        if model_of(name):
            yield path, name


def model_of(name: str) -> type[BaseModel] | None:
    """Return the model of a file by its path below the root, None for a file that has none."""
    if name.startswith(f"{golden.FOLDER}/"):
        return golden.GoldenFile
    known = kind_of(name)
    return known[1] if known else None


def tidy_text(text: str, name: str) -> str:
    """Return a file's text in order; raises `PolicyError` where it has problems, or cannot be tidied without loss."""
    model = model_of(name)
    assert model is not None
    was, node = _read(text, name, model)
    made = "\n".join(_Tidy(text, name).file(node, model)) + "\n"
    now, again = _read(made, name, model)
    settled = "\n".join(_Tidy(made, name).file(again, model)) + "\n"
    if was != now or _written(text) != _written(made) or settled != made:
        raise PolicyError([_refused(Place(name, 1, 1))])
    return made


def _read(text: str, name: str, model: type[BaseModel]) -> tuple[str, Node]:
    """Return what a file says, as JSON in which the order of names counts, and its tree."""
    if model is golden.GoldenFile:
        cases, tree = golden.parsed(text, name)
        return cases.model_dump_json(by_alias=True), tree
    problems = Problems()
    node = read(text, name, problems)
    if node is None or node.kind != "map":
        raise PolicyError([*problems, no_map(name, node)])
    try:
        said = validated(model, node).model_dump_json(by_alias=True)
    except ValidationError as error:
        raise PolicyError([*problems, *problems_of(error, node, model)]) from None
    problems.stop_on_errors()
    return said, node


def _written(text: str) -> Counter[str]:
    """Return what is on the lines of a text, without its place."""
    return Counter(line.strip().removeprefix("- ").strip() for line in text.splitlines() if line.strip())


def _refused(place: Place) -> Problem:
    said = "This cannot be put in order without losing something."
    return Problem(place, "not-tidied", said, "Put the keys in the order of a neighbouring file by hand.")


class _Tidy:
    def __init__(self, text: str, name: str) -> None:
        self.name, self.lines = name, [line.rstrip() for line in text.splitlines()]

    def file(self, node: Node, model: type[BaseModel]) -> list[str]:
        first = min(place.line for place in node.keys.values()) - 1
        made = [*self.lines[:first], *self.map(node, [model], first, len(self.lines), 0)]
        while made and not made[-1]:
            made.pop()
        return made

    def value(self, node: Node, kinds: list[Any], start: int, end: int, indent: int) -> list[str]:
        """Return the lines from `start` to `end` that hold a map or list which starts there, indented so far."""
        if node.kind == "map":
            return self.map(node, kinds, start, end, indent)
        column = node.place.column - 1
        starts = [self._dash(item, column) for item in node.content]
        made: list[str] = []
        for number, item in enumerate(node.content):
            if number:
                made += self.moved(self.end(starts[number - 1], column), starts[number], column, indent)
            stop = self.end(starts[number], column)
            made += self.item(item, _items(kinds), starts[number], stop, column, indent)
        return made + self.moved(self.end(starts[-1], column), end, column, indent)

    def item(self, node: Node, kinds: list[Any], start: int, end: int, column: int, indent: int) -> list[str]:
        pad = " " * indent
        own = node.place.column - 1
        if not self.in_block(node):
            return self.moved(start, end, column, indent)
        if node.place.line - 1 != start:
            raise PolicyError([_refused(node.place)])
        first = self.lines[start]
        self.lines[start] = " " * own + first[own:]  # As if it were without its dash.
        made = self.value(node, kinds, start, end, indent + 2)
        self.lines[start] = first
        at = next(number for number, line in enumerate(made) if line.strip() and not line.lstrip().startswith("#"))
        lead = [pad + line.strip() if line else line for line in made[:at]]
        return [*lead, f"{pad}- {made[at].lstrip()}", *made[at + 1 :]]

    def map(self, node: Node, kinds: list[Any], start: int, end: int, indent: int) -> list[str]:
        places = list(node.keys.values())
        column, names = places[0].column - 1, list(node.keys)
        ends = [self.end(place.line - 1, column, self._indentless(node.content[name], column))
                for name, place in node.keys.items()]  # fmt: skip
        blocks: dict[str, list[str]] = {}
        before = places[0].line - 1
        model = _model(kinds, names)
        for number, name in enumerate(names):
            first = places[number].line - 1
            lead = self.moved(before, first, column, indent)
            below = _below(kinds, model, name)
            blocks[name] = [*lead, *self.entry(node.content[name], below, first, ends[number], column, indent)]
            before = ends[number]
        rest = self.moved(before, end, column, indent)
        wanted = _order(model, names)
        if wanted != names and any(line.strip() for line in rest):
            place = Place(self.name, before + 1 + next(n for n, line in enumerate(rest) if line.strip()), 1)
            said = "What this comment belongs to cannot be told, and the keys above it are not in order."
            raise PolicyError([Problem(place, "not-tidied", said, f"Put them in order by hand: {', '.join(wanted)}")])
        return [line for name in wanted for line in blocks[name]] + rest

    def entry(self, node: Node, kinds: list[Any], start: int, end: int, column: int, indent: int) -> list[str]:
        if not self.in_block(node):
            return self.moved(start, end, column, indent)
        first = node.place.line - 1
        if node.kind == "list":
            first = self._dash(node.content[0], node.place.column - 1)
        head = self.moved(start, start + 1, column, indent)
        head += self.moved(start + 1, first, node.place.column - 1, indent + 2)
        return [*head, *self.value(node, kinds, first, end, indent + 2)]

    def in_block(self, node: Node) -> bool:
        """Return whether a node has lines of its own: a map or a list that is not in brackets."""
        if node.kind == "scalar" or not node.content:
            return False
        line, column = self.lines[node.place.line - 1], node.place.column - 1
        return line[column : column + 1] not in ("{", "[")

    def _dash(self, item: Node, column: int) -> int:
        line = item.place.line - 1
        while self.lines[line][column : column + 1] != "-":
            line -= 1
        return line

    def _indentless(self, node: Node, column: int) -> bool:
        return node.kind == "list" and self.in_block(node) and node.place.column - 1 == column

    def end(self, start: int, column: int, indentless: bool = False) -> int:
        """Return the line after the last that belongs to what starts on a line, with its key or dash in a column."""
        last = start
        for number in range(start + 1, len(self.lines)):
            line = self.lines[number]
            bare = line.strip()
            indent = len(line) - len(line.lstrip(" "))
            comment = bare.startswith("#")
            dashed = indentless and indent == column and bare.startswith("-")
            if bare and not comment and indent <= column and not dashed:
                break
            if bare and (indent > column or dashed):
                last = number
        return last + 1

    def moved(self, start: int, end: int, column: int, indent: int) -> list[str]:
        """Return lines as they are, further in or out by as much as their column moves."""
        by = indent - column
        if not by:
            return self.lines[start:end]
        found = []
        for line in self.lines[start:end]:
            has = len(line) - len(line.lstrip(" "))
            found.append(" " * max(has + by, 0) + line.lstrip(" ") if line else line)
        return found


# Where each model is used


def _options(kind: Any) -> Iterator[Any]:
    """Yield what an annotation allows, without the words around it."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _options(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(kind):
            yield from _options(one)
    else:
        yield kind


def _items(kinds: Sequence[Any]) -> list[Any]:
    return [inner for kind in kinds for one in _options(kind) if get_origin(one) is list for inner in get_args(one)]


def _model(kinds: Sequence[Any], names: Sequence[str]) -> type[BaseModel] | None:
    for kind in kinds:
        for one in _options(kind):
            if isinstance(one, type) and issubclass(one, BaseModel) and set(names) <= set(_fields(one)):
                return one
    return None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _below(kinds: Sequence[Any], model: type[BaseModel] | None, name: str) -> list[Any]:
    if model is not None:
        return [_fields(model)[name]]
    return [get_args(one)[1] for kind in kinds for one in _options(kind) if get_origin(one) is dict]


def _order(model: type[BaseModel] | None, names: list[str]) -> list[str]:
    """Return keys in the order of the model's fields; names of a map's own stay as they are."""
    if model is None:
        return names
    fields = list(_fields(model))
    if {"fact", "because", "known"} <= set(fields):  # A reason reads best after what it is the reason of.
        fields.append(fields.pop(fields.index("because")))
    # What a kind of its own adds comes before what the figures of every kind rest on.
    adds = set(fields) - {name for base in model.__bases__ if issubclass(base, BaseModel) for name in _fields(base)}
    inherited = {"source", "assumption"} - set(model.__annotations__) if adds else set()
    if adds and "until" in set(fields) - set(model.__annotations__):  # The days of what has some come last.
        inherited |= {"from", "decision", "until"}
    fields = sorted(fields, key=lambda name: name in inherited)
    return sorted(names, key=fields.index)
