"""Strict YAML with places: nothing is guessed, and everything knows where it stands.

PyYAML reads `00120` as 80, `12:30` as 750 and `no` as false, and lets the last of two equal keys win. Here the
parser's events are read one by one instead: every scalar keeps the text that its author wrote, every node its
place, and what could be read in more than one way is refused. Anchors and aliases are refused at the first one,
so a file cannot grow in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

<<<<<<< HEAD
from senpolicy.problems import Place, PolicyError, Problem, Problems
from senpolicy.source_problems import ambiguous, not_yaml, unprintable
=======
from senpolicy.problems import Fix, Place, PolicyError, Problem, Problems
>>>>>>> 67ef0fb (Codes of problems with their pages, the text that mends them, and reporters for SARIF and GitHub)

MAX_DEPTH = 60
#: A file with more keys and values than this is not read to its end: each takes some hundred bytes.
MOST_NODES = 1_000_000
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

<<<<<<< HEAD
=======
_AMBIGUOUS_WORDS = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false", "off": "false"}
_PLAIN_WORDS = ("true", "false", "null")
_AMBIGUOUS_NUMBER = re.compile(
    r"[-+]?(0\d+(\.\d+)?|[\d,]*\d,\d[\d,]*(\.\d+)?|\d+(:\d+)+|0[xob][\da-fA-F]+|\d[\d_]*_\d+)", re.A
)
_CURRENCY = re.compile(r"[£$€]\s?[\d.,]+\s?[kKmM]?|[\d.,]+\s?[kKmM£€]", re.A)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_SMART_QUOTES = ("\u201c", "\u201d", "\u2018", "\u2019")
#: What YAML does not allow in a file at all.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A no-break space where YAML needs an ordinary one: it looks the same, and comes with text copied from elsewhere.
_NO_BREAK = re.compile(r"^[ -]*\xa0|:\xa0", re.M)

>>>>>>> 67ef0fb (Codes of problems with their pages, the text that mends them, and reporters for SARIF and GitHub)

@dataclass(slots=True)
class Node:
    """A piece of a YAML file: its kind, its content and its place.

    `content` is the author's text for a scalar, a list of nodes for a list, a dict of nodes for a map. `keys` holds
    the place of each key of a map; `plain` says that a scalar stood without quotes.
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

    def at(self, path: tuple[Any, ...], *, key: bool = False) -> Place:
        """Return the place of what `path` leads to, or of the last part of the way that exists.

        With `key` the place of the key itself, where the path ends in one.
        """
        node, place = self, self.place
        for index, step in enumerate(path):
            if node.kind == "map" and step in node.content:
                place = node.keys[step] if key and index == len(path) - 1 else node.content[step].place
                node = node.content[step]
            elif node.kind == "list" and isinstance(step, int) and step < len(node.content):
                node = node.content[step]
                place = node.place
        return place


def read(text: str, file: str, problems: Problems, *, check_words: bool = True) -> Node | None:
    """Return the tree of one YAML document, or None when the text holds none.

    Problems that leave the tree usable (a key written twice, a word or number that could be read in two ways) are
    added to `problems`; with `check_words` off the latter are left to the reader of the field. Raises `PolicyError`
    for what makes the whole text unreadable: not YAML, an alias or anchor, a tag, a second document, too deep; it
    carries what is in `problems` too.
    """
    if found := unprintable(text, file):
        raise PolicyError([found])
    try:
        return _Builder(file, problems, check_words).build(text)
    except yaml.YAMLError as error:
        raise PolicyError([*problems, not_yaml(error, file, text)]) from None


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
            mark: Any = event.start_mark
            place = Place(self.file, mark.line + 1, mark.column + 1)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.stop(place, "second-document", "A second document starts here.", "Remove the line '---'.")
            elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self.stop(
                    place,
                    "alias",
                    "Aliases ('*') and anchors ('&') are not used in these files.",
                    "Write the values out in full, or put quotes round the text.",
                )
            elif isinstance(event, yaml.ScalarEvent):
                self.scalar(event, place)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self.refuse_tag(event, place)
                if len(self.open) >= MAX_DEPTH:
                    self.stop(place, "too-deep", "This is nested too deeply to be read.", "Write it flatter.")
                if isinstance(event, yaml.MappingStartEvent):
                    node = Node("map", place, {})
                else:
                    node = Node("list", place, [])
                self.put(node)
                self.open.append((node, []))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.open.pop()
        return self.root

    def scalar(self, event: Any, place: Place) -> None:
        self.refuse_tag(event, place)
        node = Node("scalar", place, event.value, plain=not event.style)
        if self.open and self.open[-1][0].kind == "map" and not self.open[-1][1]:
            self.open[-1][1].append((event.value, place))
            return
        if node.plain and self.check_words and (said := ambiguous(event.value)):
            self.problems.add(place, *said)
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
                first = parent.keys[key]
                said = f"This key is written twice; the first is on line {first.line}."
                twice = Problem(place, "written-twice", said, "Keep one of the two.", field=key)
                self.problems.found.append(twice)
            else:
                parent.content[key], parent.keys[key] = node, place

<<<<<<< HEAD
=======
    def look_at_words(self, node: Node) -> None:
        text, word = node.content, node.content.lower()
        quoted = f'put quotes round it: "{text}"'
        if word in _AMBIGUOUS_WORDS or (word in _PLAIN_WORDS and text != word):
            meant = _AMBIGUOUS_WORDS.get(word, word)
            self.problems.add(
                node.place,
                "ambiguous-word",
                f"'{text}' could be read as {meant}, or as the word.",
                f"Write {meant}, or {quoted}.",
            )
        elif _AMBIGUOUS_NUMBER.fullmatch(text):
            plain = text.replace(",", "").replace("_", "").lstrip("0")
            number = plain if plain.replace(".", "", 1).isdigit() else "6000"
            self.problems.add(
                node.place,
                "ambiguous-number",
                f"'{text}' could be read in more than one way.",
                f"Write a plain number such as {number}, or {quoted}.",
                # Commas between thousands mean one thing; noughts in front, colons and the like may mean several.
                fix=Fix(text, plain) if _THOUSANDS.fullmatch(text) else None,
            )
        elif _CURRENCY.fullmatch(text):
            self.problems.add(
                node.place,
                "ambiguous-number",
                f"'{text}' is not a plain number.",
                "Write figures only, such as 6000 or 6000.00; the unit says that they are pounds.",
                fix=_figures(text),
            )
        elif text.startswith(_SMART_QUOTES):
            self.problems.add(
                node.place,
                "smart-quote",
                "This starts with a curly quotation mark.",
                "Use straight quotation marks: \" or '.",
                fix=_straight(text),
            )

>>>>>>> 67ef0fb (Codes of problems with their pages, the text that mends them, and reporters for SARIF and GitHub)
    def refuse_tag(self, event: Any, place: Place) -> None:
        if getattr(event, "tag", None) not in (None, "!"):
            self.stop(place, "tag", "Tags ('!') are not used in these files.", "Put quotes round the text.")

    def stop(self, place: Place, code: str, message: str, help: str) -> None:
        raise PolicyError([*self.problems, Problem(place, code, message, help)])
<<<<<<< HEAD
=======


#: What the YAML reader says of a fault, and what it means to the author. In the order in which they are looked for.
_MEANINGS = (
    (
        "cannot start any token",
        "This character cannot stand here.",
        "If it is a tab, indent with two spaces instead; if it is part of a text, put quotes round the text.",
    ),
    (
        "mapping values are not allowed",
        "A colon stands where none can.",
        "Check the indentation, or put quotes round a text that holds a colon.",
    ),
    (
        "flow mapping|flow sequence|flow node",
        "A bracket is opened here and not closed, or the text after it does not fit.",
        "Check for a missing bracket, comma or quotation mark.",
    ),
    ("quoted scalar", "A quotation mark is opened here and not closed.", "Close it."),
    (
        "could not find expected ':'",
        "This line holds no key and value.",
        "Check that the key ends in a colon and a space, and that every quotation mark is closed.",
    ),
    (
        "did not find expected key|block mapping",
        "This line does not fit the lines above it.",
        "Check that the key ends in a colon and starts in the same column as its neighbours.",
    ),
    (
        "block collection|block sequence|did not find expected '-'",
        "This line does not fit the list above it.",
        "Start every item of the list in the same column, with a dash and a space.",
    ),
)
#: Faults that the YAML reader notices late; they stand where it began to read the piece.
_LATE = re.compile("flow mapping|flow sequence|quoted scalar|simple key")


def _not_yaml(error: yaml.YAMLError, file: str, text: str) -> Problem:
    context, said = str(getattr(error, "context", "")), str(getattr(error, "problem", ""))
    began, noticed = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    mark = began if began and _LATE.search(context) else noticed
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    lines = text.splitlines()
    if noticed and noticed.line < len(lines) and "\t" in lines[noticed.line][: noticed.column + 1]:
        place = Place(file, noticed.line + 1, noticed.column + 1)
        said = "A tab stands where spaces are needed."
        return Problem(place, "tab", said, "Indent with two spaces.", fix=Fix("\t", "  "))
    if found := _NO_BREAK.search(text):
        place = _place(file, text, found.end() - 1)
        said = "A no-break space stands here."
        return Problem(place, "no-break-space", said, "Type an ordinary space instead.", fix=Fix("\xa0", " "))
    for pattern, message, help in _MEANINGS:
        if re.search(pattern, f"{context}: {said}"):
            return Problem(place, "not-yaml", message, help)
    return Problem(place, "not-yaml", "This cannot be read as YAML.", "Compare the line with its neighbours.")


def _figures(amount: str) -> Fix | None:
    """Return the fix that writes an amount such as £6k in figures; None where a figure might be meant otherwise."""
    figures = re.fullmatch(r"£?\s?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]{1,2})?\s?([kK])?£?", amount)
    if not figures or (figures[2] and figures[3]):
        return None
    return Fix(amount, figures[1].replace(",", "") + (figures[2] or "") + ("000" if figures[3] else ""))


def _straight(text: str) -> Fix | None:
    """Return the fix that puts straight quotation marks in the place of curly ones at both ends of a text."""
    inner = text[1:-1]
    if len(text) < 2 or not text.endswith(_SMART_QUOTES) or '"' in inner or "\\" in inner:
        return None
    return Fix(text, f'"{inner}"')


def _place(file: str, text: str, at: int) -> Place:
    return Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
>>>>>>> 67ef0fb (Codes of problems with their pages, the text that mends them, and reporters for SARIF and GitHub)
