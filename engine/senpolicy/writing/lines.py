"""Putting text into YAML files line by line, so that everything else in them stays as its author laid it out."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from senpolicy.files.problems import At, Place, PolicyError, Problem, Problems
from senpolicy.files.source import Node, read

WIDTH = 118
_BARE = re.compile(r"[A-Za-z£$][^:#\[\]{}\"'|>&*!%@`,\n\t]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: The last item of a list in brackets, up to the bracket that closes it: one within quotes or in a comment does not.
_LAST = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'])(?:(?! #)[^\]])*\]""")

#: What can be written into a file; a number that is not whole is a Decimal.
Yaml: TypeAlias = str | bool | int | Decimal | date | Sequence["Yaml"] | Mapping[str, "Yaml"] | None


class Flow(dict[str, Yaml]):
    """A map that is written in braces, on one line."""


class FlowList(list[Yaml]):
    """A list that is written in brackets, on one line."""


class Quoted(str):
    """Text that is written in quotes, whatever it looks like: a paragraph such as "3.20"."""


def scalar(value: Yaml, *, flow: bool = False) -> str:
    """Return one value as YAML on one line: plain where it can only be read as it is meant, else in quotes.

    >>> scalar("a word"), scalar("no"), scalar(Quoted("3.20")), scalar("a: b"), scalar(None)
    ('a word', '"no"', '"3.20"', '"a: b"', 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, Decimal, int)):
        return str(value)
    text = " ".join(str(value).split())
    if not isinstance(value, Quoted):
        plain = _NUMBER.fullmatch(text) if not flow else _NUMBER.fullmatch(text) or _BARE.fullmatch(text)
        if (plain or not flow) and _reads_as(text, text):
            return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reads_as(written: str, text: str) -> bool:
    problems = Problems()
    try:
        node = read(f"- {written}\n", "", problems)
    except PolicyError:
        return False
    one = node.content[0] if node and node.kind == "list" else None
    return bool(one and one.kind == "scalar" and one.data() == text and not problems.found)


def block(value: Mapping[str, Yaml] | Sequence[Yaml], indent: int = 0) -> list[str]:
    """Return a map or a list as lines of YAML in the style of these files; keys without a value are left out."""
    lines: list[str] = []
    pad = " " * indent
    if isinstance(value, Mapping):
        for key, one in value.items():
            if one is None or (isinstance(one, (list, Mapping)) and not one):
                continue
            lines += _entry(str(key), one, indent)
        return lines
    for one in value:
        if isinstance(one, Flow) and len(f"{pad}- {flow(one)}") <= WIDTH:
            lines.append(f"{pad}- {flow(one)}")
        elif isinstance(one, Mapping):
            inner = block(one, indent + 2)
            lines += [f"{pad}- {inner[0].lstrip()}", *inner[1:]]
        else:
            lines += _folded(f"{pad}- ", one, indent + 2)
    return lines


def _entry(key: str, value: Yaml, indent: int) -> list[str]:
    pad = " " * indent
    if isinstance(value, FlowList) and len(one := f"{pad}{key}: {flow(value)}") <= WIDTH:
        return [one]
    if isinstance(value, Flow):
        one = f"{pad}{key}: {flow(value)}"
        return [one] if len(one) <= WIDTH else [f"{pad}{key}:", *block(dict(value), indent + 2)]
    if isinstance(value, (Mapping, list)):
        return [f"{pad}{key}:", *block(value, indent + 2)]
    return _folded(f"{pad}{key}: ", value, indent + 2)


def _folded(head: str, value: Yaml, indent: int) -> list[str]:
    one = f"{head}{scalar(value)}"
    if len(one) <= WIDTH or not isinstance(value, str):
        return [one]
    text = " ".join(value.split())
    return [f"{head}>-", *textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent,
                                        break_long_words=False, break_on_hyphens=False)]  # fmt: skip


def wrapped(key: str, value: Yaml, indent: int) -> list[str]:
    """Return a key and a condition as lines: on one; else in brackets, part after part; else one part a line.

    >>> wrapped("when", {"all": [Flow({"fact": "plan", "is": "ehcp"}), Flow({"fact": "age", "known": True})]}, 2)
    ['  when: {all: [{fact: plan, is: ehcp}, {fact: age, known: true}]}']
    """
    head, close, parts = f"{' ' * indent}{key}: ", "", [value]
    if len(head + flow(value)) <= WIDTH:
        return [head + flow(value)]
    if isinstance(value, dict) and not isinstance(value, Flow):
        ((word, inner),) = value.items()
        if isinstance(inner, list):
            head, close, parts = f"{head}{{{word}: [", "]}", inner
    lines, margin = [head], " " * len(head)
    for part, end in zip(parts, [","] * (len(parts) - 1) + [close], strict=True):
        text = flow(part) + end
        if lines[-1] != head and len(f"{lines[-1]} {text}") <= WIDTH:
            lines[-1] += f" {text}"
            continue
        if lines[-1] != head:
            lines.append(margin)
        if len(margin + text) > WIDTH and isinstance(part, Flow) and "because" in part:
            lines[-1] += f"{flow({**part, 'because': None})[:-1]},"
            lines.append(f"{margin} because: {scalar(part['because'], flow=True)}}}{end}")
        else:
            lines[-1] += text
    return lines if max(map(len, lines)) <= WIDTH else block({key: value}, indent)


def flow(value: Yaml) -> str:
    """Return a value on one line, maps in braces and lists in brackets.

    >>> flow({"fact": "plan", "one_of": ["ehcp", "sen_support"]})
    '{fact: plan, one_of: [ehcp, sen_support]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items() if one is not None) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value, flow=True)


class Lines:
    """A YAML file as lines, with its tree: where something ends, and what to put there."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.lines = text.splitlines()
        self.node = read(text, name, Problems())

    def __str__(self) -> str:
        return self.newline.join(self.lines) + self.newline

    def find(self, *path: str | int) -> Node | None:
        """Return the node that a path leads to, None where there is none."""
        node = self.node
        for step in path:
            if node is None:
                return None
            within = isinstance(step, int) and -len(node.content) <= step < len(node.content)
            if not (step in node.content if node.kind == "map" else node.kind == "list" and within):
                return None
            node = node.content[step]
        return node

    def span(self, *path: str | int) -> tuple[int, int]:
        """Return the lines that hold what `path` leads to: the first, and the one after the last, counted from 0.

        The key or the dash is among them, comments before it are not. Raises `PolicyError` where it is not in
        lines of its own: a list in brackets, say.
        """
        parent = self.find(*path[:-1])
        node = self.find(*path)
        if node is None or parent is None:
            raise AssertionError(f"{self.name} has nothing at {path}")
        column, start = self._column(parent), node.place.line - 1
        if parent.kind == "map":
            start = parent.keys[str(path[-1])].line - 1
            own = node.kind == "list" and node.place.column - 1 == column
        else:
            own = False
            while self.lines[start][column : column + 1] != "-" or self.lines[start][:column].strip(" -"):
                start -= 1
        return start, self._end(start, column, "-" if own else "")

    def _column(self, node: Node) -> int:
        """Return the column, counted from 0, in which the keys of a map or the dashes of a list are."""
        place = node.place
        line = self.lines[place.line - 1]
        opened = line[place.column - 1 : place.column]
        if opened in ("[", "{") or line[: place.column - 1].strip(" -"):
            said = "This is written on one line, so nothing can be added to it here."
            help = "Write it one item a line, each after a dash, and try again."
            raise PolicyError([Problem(place, "in-one-line", said, help)])
        return place.column - 1

    def _end(self, start: int, column: int, own: str) -> int:
        """Return the line after the last that belongs to what starts on a line in a column.

        `own` is what lines in that very column may begin with: the dashes of a list that is not indented.
        """
        last = start
        for number in range(start + 1, len(self.lines)):
            line = self.lines[number]
            bare = line.strip()
            indent = len(line) - len(line.lstrip(" "))
            comment = bare.startswith("#")
            if bare and not comment and (indent < column or (indent == column and not (own and bare.startswith(own)))):
                break
            if bare and (indent > column or not comment):
                last = number
        return last + 1

    def add(self, path: At, value: Yaml, *, gap: bool = False) -> None:
        """Add an item to the list, or the keys of a map to the map, that `path` leads to, after its last one.

        `gap` leaves an empty line before it. Raises `PolicyError` where it does not have one item a line.
        """
        node = self.find(*path)
        if node is None or node.kind == "scalar" or not node.content:
            said = f"There is nothing under '{path[-1]}' to add to."
            place = self.node.at(tuple(path)) if self.node else Place(self.name, 1, 1)
            raise PolicyError([Problem(place, "nothing-to-add-to", said, "Write the first one by hand.")])
        if self._in_brackets(node, value):
            return
        column = self._column(node)
        _, end = self.span(*path, len(node.content) - 1 if node.kind == "list" else list(node.content)[-1])
        made = block(value if node.kind == "map" and isinstance(value, Mapping) else [value], column)
        self.put(end, [*([""] if gap else []), *made])

    def _in_brackets(self, node: Node, value: Yaml) -> bool:
        """Add a plain value to a list of plain values in brackets on one line, and return whether it is such a list."""
        number, plain = node.place.line - 1, isinstance(value, str)
        line = self.lines[number]
        if node.kind != "list" or line[node.place.column - 1] != "[" or not plain:
            return False
        if any(one.kind != "scalar" or one.place.line - 1 != number for one in node.content):
            return False
        last = _LAST.match(line, node.content[-1].place.column - 1)
        close = last.end() - 1 if last else 0
        made = f"{line[:close].rstrip()}, {scalar(value, flow=True)}{line[close:]}"
        if not last or len(made) > WIDTH:
            return False
        self.replace(number, number + 1, [made])
        return True

    def put(self, at: int, lines: Iterable[str]) -> None:
        """Put lines before the line `at` (counted from 0), and read the text again."""
        self.lines[at:at] = lines
        self._again()

    def replace(self, start: int, end: int, lines: Iterable[str]) -> None:
        """Put lines in the place of those from `start` up to `end`, and read the text again."""
        self.lines[start:end] = lines
        self._again()

    def _again(self) -> None:
        self.node = read(str(self), self.name, Problems())
