"""Strict YAML with places: nothing is guessed, and everything knows its place.

PyYAML reads `00120` as 80, `12:30` as 750 and `no` as false, and lets the last of two equal keys win. Here the
parser's events are read one by one instead: every scalar keeps the text that its author wrote, every node its
place, and what could be read in more than one way is refused. Anchors and aliases are refused at the first one,
so a file cannot grow in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from senpolicy.files.problems import At, Place, PolicyError, Problem, Problems
from senpolicy.files.source_problems import ambiguous, is_spoilt, twice

MAX_DEPTH = 60
#: A file with more keys and values than this is not read to its end: each takes some hundred bytes.
MOST_NODES = 1_000_000
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A piece of a YAML file: its kind, its content and its place.

    `content` is the author's text for a scalar, a list of nodes for a list, a dict of nodes for a map. `keys` holds
    the place of each key of a map; `plain` says that a scalar was written without quotes.
    """

    kind: Literal["scalar", "list", "map"]
    place: Place
    content: Any
    plain: bool = False
    keys: dict[str, Place] = field(default_factory=dict)

    def data(self) -> Any:
        """Return plain data: text for every scalar but `true`, `false` and null, which need no quotes."""
        if self.kind == "map":
            return {key: node.data() for key, node in self.content.items()}
        if self.kind == "list":
            return [node.data() for node in self.content]
        if self.plain and self.content in ("", "~", "null"):
            return None
        if self.plain and self.content in ("true", "false"):
            return self.content == "true"
        return self.content

    def at(self, path: At, *, key: bool = False) -> Place:
        """Return the place of what `path` leads to, or of the last part of the way that exists.

        A step that leads nowhere is passed over. With `key` the place of the key itself, where the path ends in one.
        """
        node, place = self, self.place
        for index, step in enumerate(path):
            if node.kind == "map" and isinstance(step, str) and step in node.content:
                place = node.keys[step] if key and index == len(path) - 1 else node.content[step].place
                node = node.content[step]
            elif node.kind == "list" and isinstance(step, int) and step < len(node.content):
                node = node.content[step]
                place = node.place
        return place


def read(text: str, file: str, problems: Problems, *, check_words: bool = True) -> Node | None:
    """Return the tree of one YAML document, or None when the text holds none.

    Problems that leave the tree usable (a key written twice, a word or number that could be read in two ways) are
    added to `problems`. With `check_words` off, as for a file of cases, the latter are left to the reader of the field,
    and no message repeats anything of the text. Raises `PolicyError` for what makes the whole text unreadable: not
    YAML, an alias or anchor, a tag, a second document, too deep; it carries what is in `problems` too.
    """
    try:
        if not is_spoilt(text, own=check_words):
            return _Builder(file, problems, check_words).build(text)
        error = None
    except yaml.YAMLError as raised:
        error = raised
    from senpolicy.files import unreadable  # Where nothing is wrong it would be read for nothing.

    raise PolicyError([*problems, unreadable.problem(error, file, text, repeat=check_words)])


class _Builder:
    def __init__(self, file: str, problems: Problems, check_words: bool) -> None:
        self.file, self.problems, self.check_words = file, problems, check_words
        self.root: Node | None = None
        self.nodes = 0
        # Each open collection, with the key that waits for its value when it is a map.
        self.open: list[tuple[Node, list[tuple[str, Place]]]] = []

    def build(self, text: str) -> Node | None:
        documents = 0
        for event in yaml.parse(text, Loader=_Loader):
            kind = type(event)
            mark: Any = event.start_mark
            place = Place(self.file, mark.line + 1, mark.column + 1)
            if kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self.stop(place, "second-document", "A second document starts here.", "Remove the line '---'.")
            elif kind is yaml.AliasEvent or getattr(event, "anchor", None):
                self.stop(
                    place,
                    "alias",
                    "Aliases ('*') and anchors ('&') are not used in these files.",
                    "Write the values out in full, or put quotes round the text.",
                )
            elif kind is yaml.ScalarEvent:
                self.scalar(event, place)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self.refuse_tag(event, place)
                if len(self.open) >= MAX_DEPTH:
                    self.stop(place, "too-deep", "This is nested too deeply to be read.", "Write it flatter.")
                node = Node("map", place, {}) if kind is yaml.MappingStartEvent else Node("list", place, [])
                self.put(node)
                self.open.append((node, []))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.open.pop()
        return self.root

    def scalar(self, event: Any, place: Place) -> None:
        self.refuse_tag(event, place)
        node = Node("scalar", place, event.value, plain=not event.style)
        if self.open and self.open[-1][0].kind == "map" and not self.open[-1][1]:
            self.open[-1][1].append((event.value, place))
            return
        if node.plain and self.check_words and (said := ambiguous(event.value, place)):
            self.problems.found.append(said)
        self.put(node)

    def put(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.stop(node.place, "too-large", f"This file holds more than {MOST_NODES:,} values.", "Split it.")
        if not self.open:
            self.root = node
            return
        parent, waiting = self.open[-1]
        if parent.kind == "list":
            parent.content.append(node)
        elif not waiting:
            self.stop(
                node.place, "not-yaml", "A key must be a word, not a list or a map.", "Put quotes round the text."
            )
        else:
            key, place = waiting.pop()
            if key in parent.content:
                below = node.kind != "scalar" and parent.content[key].kind != "scalar"
                before = self.problems.found[-1:]
                self.problems.found += twice(key, place, parent.keys[key], below=below, before=before)
            else:
                parent.content[key], parent.keys[key] = node, place

    def refuse_tag(self, event: Any, place: Place) -> None:
        if getattr(event, "tag", None):
            self.stop(place, "tag", "Tags ('!') are not used in these files.", "Put quotes round the text.")

    def stop(self, place: Place, code: str, message: str, help: str) -> None:
        raise PolicyError([*self.problems, Problem(place, code, message, help)])
