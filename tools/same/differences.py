"""What differs between two outputs, and which differences a commit names.

A commit names differences by lines of its message, each with the outputs, the place in them, and the reason:

    Differs: decide/* at stdout *.policy.digest, because the digest is taken over the meaning now

Output and place are patterns, in which `*` stands for anything.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any

#: Texts of unlike length are compared by lines up to so many lines: it takes time that grows with their square.
MOST_LINES = 5_000
NAMED = re.compile(r"Differs: (?P<output>\S.*?) at (?P<place>\S.*?), because (?P<why>\S.*)")
#: What a file of Excel says of the time at which it was written.
WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")

#: A difference as it is found: the place by which it can be named, where exactly, and what stands there on each side.
Found = tuple[str, str, str, str]


class WrongName(Exception):
    """Raised where a line of a commit's message names a difference in no way that can be read."""


@dataclass
class Difference:
    """Differences of one output that stand in one place of it, such as one column: the first of them, and how many."""

    output: str
    place: str
    where: str
    was: str
    now: str
    count: int = 1


@dataclass
class Name:
    """Differences that a commit names: patterns for the output and the place, the reason, and what they matched."""

    output: str
    place: str
    why: str
    matched: int = 0
    example: Difference | None = None

    def covers(self, one: Difference) -> bool:
        """Return whether it names this difference."""
        return fnmatchcase(one.output, self.output) and fnmatchcase(one.place, self.place)

    def __str__(self) -> str:
        return f"{self.output} at {self.place}, because {self.why}"


def names_in(message: str) -> list[Name]:
    """Return the differences that a commit's message names; an indented line goes on with the line above it.

    Raises `WrongName` for a line that begins with "Differs:" and cannot be read.
    """
    found = []
    for line in re.sub(r"\n[ \t]+", " ", message).splitlines():
        if line.startswith("Differs:"):
            read = NAMED.fullmatch(line.strip())
            if not read:
                raise WrongName(f"'{line}' cannot be read. Write: Differs: OUTPUT at PLACE, because REASON")
            found.append(Name(read["output"], read["place"], read["why"]))
    return found


def unnamed(differences: Iterable[Difference], names: Iterable[Name]) -> list[Difference]:
    """Return the differences that no name covers; each name counts what it covers, the first name that does."""
    left, names = [], list(names)
    for one in differences:
        name = next((name for name in names if name.covers(one)), None)
        if name is None:
            left.append(one)
        else:
            name.matched += one.count
            name.example = name.example or one
    return left


def differences(output: str, stream: str, was: bytes | None, now: bytes | None) -> list[Difference]:
    """Return how two contents of one stream or file of an output differ, one entry for each place; None is no file.

    The name of the stream ends in .json, .csv or .xlsx where it is read as such; all else is compared line by line.
    Two contents with other bytes differ in at least one place.
    """
    if was == now:
        return []
    if was is None or now is None:
        return [Difference(output, stream, "", *("is there" if one is not None else "is not" for one in (was, now)))]
    kind = stream.rpartition(".")[2]
    if kind == "xlsx":
        found = list(_of_workbooks(was, now))
        if not found:
            return []
    else:
        readers = {"json": _of_json, "csv": _of_csv, "parquet": _of_bytes}
        try:
            found = list(readers.get(kind, _of_text)(was, now))
        except (ValueError, csv.Error):
            found = list(_of_text(was, now))
    places: dict[str, Difference] = {}
    for place, *rest in found or [("bytes", *_first_bytes(was, now))]:
        place = f"{stream} {place}".rstrip()
        if place in places:
            places[place].count += 1
        else:
            places[place] = Difference(output, place, *rest)
    return list(places.values())


def _first_bytes(was: bytes, now: bytes) -> tuple[str, str, str]:
    """Return where two contents differ first, and some of each from there."""
    at = next(at for at, (one, other) in enumerate(zip_longest(was, now)) if one != other)
    start = max(at - 20, 0)
    return f"byte {at + 1}", repr(was[start : at + 40]), repr(now[start : at + 40])


def _of_bytes(was: bytes, now: bytes) -> Iterator[Found]:
    yield ("bytes", *_first_bytes(was, now))


def _of_workbooks(was: bytes, now: bytes) -> Iterator[Found]:
    """Yield the parts of two Excel files that differ, the time of writing aside."""
    sides = []
    for content in (was, now):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            sides.append({name: WRITTEN.sub(rb"\1", packed.read(name)) for name in packed.namelist()})
    before, after = sides
    if list(before) != list(after):
        yield "parts", "", ", ".join(before), ", ".join(after)
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            yield (f"part {name}", *_first_bytes(before[name], after[name]))


# Text


def _of_text(was: bytes, now: bytes) -> Iterator[Found]:
    before, after = (one.decode("utf-8", "backslashreplace").splitlines() for one in (was, now))
    if len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True), 1)
        yield from (("line", f"line {number}", one, other) for number, (one, other) in pairs if one != other)
        return
    yield "lines", "", f"{len(before)} lines", f"{len(after)} lines"
    if max(len(before), len(after)) > MOST_LINES:
        pairs = enumerate(zip(before, after, strict=False), 1)
        yield next((("line", f"line {number}", *two) for number, two in pairs if two[0] != two[1]),
                   ("line", "the end", "", ""))  # fmt: skip
        return
    for tag, start, end, first, last in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield "line", f"line {start + 1}", "\n".join(before[start:end]), "\n".join(after[first:last])


# JSON


def _of_json(was: bytes, now: bytes) -> Iterator[Found]:
    before, after = json.loads(was), json.loads(now)
    found = list(_of_values(before, after, (), ""))
    yield from found
    layouts = _layout(was, before), _layout(now, after)
    if layouts[0] != layouts[1] or (layouts[0] is None and not found):
        yield ("layout", *_first_bytes(was, now))


def _layout(text: bytes, data: Any) -> tuple[Any, ...] | None:
    """Return the indent, whether letters beyond ASCII are escaped, and what ends it; None for any other layout."""
    body = text.rstrip(b"\n")
    for indent in (2, 1, None):
        for ascii_only in (False, True):
            for separators in (None, (",", ":")):
                layout = {"indent": indent, "ensure_ascii": ascii_only, "separators": separators}
                if json.dumps(data, **layout).encode("utf-8", "surrogatepass") == body:
                    return indent, ascii_only, separators, len(text) - len(body)
    return None


def _of_values(was: Any, now: Any, path: tuple[str, ...], where: str) -> Iterator[Found]:
    """Yield where two values differ. An entry of a list is named `*`, so that its number does not matter."""
    if isinstance(was, dict) and isinstance(now, dict):
        shared = [[name for name in one if name in was and name in now] for one in (was, now)]
        if shared[0] != shared[1]:
            yield ".".join((*path, "(order)")), where, ", ".join(shared[0]), ", ".join(shared[1])
        for name in {**was, **now}:
            at = f"{where}.{name}".lstrip(".")
            if name in was and name in now:
                yield from _of_values(was[name], now[name], (*path, name), at)
            else:
                sides = (_said(one[name]) if name in one else "(is not there)" for one in (was, now))
                yield (".".join((*path, name)), at, *sides)
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield (".".join((*path, "(length)")), where, f"{len(was)}: {_said(was)}", f"{len(now)}: {_said(now)}")
            return
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            label = f" ({one['case_ref']})" if isinstance(one, dict) and "case_ref" in one else ""
            yield from _of_values(one, other, (*path, "*"), f"{where}.{number}{label}".lstrip("."))
    elif type(was) is not type(now) or was != now:
        yield ".".join(path), where, _said(was), _said(now)


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# CSV


def _rows(content: bytes) -> Iterator[tuple[list[str], str]]:
    """Yield each row of a file, the headings first, with the text that it was read from."""
    lines = list(io.StringIO(content.decode("utf-8", "backslashreplace"), newline=""))
    reader, begun = csv.reader(lines, strict=True), 0
    for row in reader:
        yield row, "".join(lines[begun : reader.line_num])
        begun = reader.line_num


def _of_csv(was: bytes, now: bytes) -> Iterator[Found]:
    """Yield the columns that differ, for each row; rows are told apart by their first cell."""
    (heads, head_was), (other_heads, head_now) = (next(_rows(one), ([], "")) for one in (was, now))
    if heads != other_heads:
        yield "(columns)", "", ", ".join(heads), ", ".join(other_heads)
    elif head_was != head_now:
        yield "(layout)", "", head_was, head_now
    shared = [(name, heads.index(name), other_heads.index(name)) for name in heads if name in other_heads]
    keys = [[row[0] for row, _ in _rows(one) if row][1:] for one in (was, now)]
    sets = set(keys[0]), set(keys[1])
    for key in dict.fromkeys(key for key in (*keys[0], *keys[1]) if (key in sets[0]) != (key in sets[1])):
        yield ("(rows)", key, *("is there" if key in one else "is not there" for one in sets))
    both = sets[0] & sets[1]
    kept = [[key for key in one if key in both] for one in keys]
    if kept[0] != kept[1]:
        yield "(order)", "", "other rows, or so many of each, follow each other", ""
        return
    for (row, text), (other, other_text) in zip(*(_below(one, both) for one in (was, now)), strict=True):
        if row == other and text != other_text and heads == other_heads:
            yield "(layout)", row[0], text.rstrip(), other_text.rstrip()
        if row == other and heads == other_heads:
            continue
        for name, before, after in shared:
            cells = row[before : before + 1], other[after : after + 1]
            if cells[0] != cells[1]:
                yield (name, row[0], *(cell[0] if cell else "(no cell)" for cell in cells))


def _below(content: bytes, both: set[str]) -> Iterator[tuple[list[str], str]]:
    """Yield the rows below the headings whose first cell is one of these."""
    rows = _rows(content)
    next(rows, None)
    return ((row, text) for row, text in rows if row and row[0] in both)
