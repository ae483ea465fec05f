"""What keeps a text from being read as YAML, in words for its author: spoilt characters, and lines that do not fit.

It is read only where something is wrong.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import yaml

from senpolicy.files.problems import Fix, Place, Problem
from senpolicy.files.source_problems import MERGE_MARK, MISREAD, MOST_CHARACTERS, SPOILT, WEB_CHARACTER

#: Letters and marks that are easily taken for others. Of other scripts only the letters of Greek and Cyrillic that no
#: reader can tell from a Latin one.
_LOOKS_LIKE = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
    **dict(zip("АВСЕНІЈКМОРЅТХУаеорсухіјѕ", "ABCEHIJKMOPSTXYaeopcyxijs", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι", "ABEZHIKMNOPTYXovi", strict=True)),
}
_BULLET = re.compile(r"\s*([\u2010-\u2015\u2212•‣◦▪●·*])[ \xa0]*(?=\S)")
_TABLE = re.compile(r"\s*\|.*\|\s*")
_KEY = re.compile(r"(?P<before>\s*(?:- )*)(?P<key>[A-Za-z_][\w./-]*):(?: +(?P<rest>\S.*))?")
_NO_COLON = re.compile(r"(?P<before>\s*(?:- )*)(?P<key>[a-z][a-z_]*) +(?P<rest>[^\s:].*)")
_NO_SPACE = re.compile(r"(?P<before>\s*)-(?P<rest>[^\s-].*)")
_TEXT_BEGINS = re.compile(r":\s*[|>][-+]?\s*")
#: A key, its value, and after a comma the next key: the inside of braces.
_INSIDE_BRACES = re.compile(r"[a-z_]+: [^,{}\[\]]+(?:, ?[a-z_]+: [^,{}]+)+")
_NO_COMMA = re.compile(r"([\w/.-]+|\"[^\"]*\"|'[^']*'|[\])}]) +([a-z_]+): ")


def look_alike(text: str) -> tuple[str, str] | None:
    """Return of the first character that looks like another what it is, and the text with plain ones; else None.

    >>> look_alike("7000–7500"), look_alike("made-up")
    (("an en dash (U+2013), not '-'", '7000-7500'), None)
    """
    plain = [one if one.isascii() else _LOOKS_LIKE.get(one) or unicodedata.normalize("NFKC", one) for one in text]
    odd = next(((one, like) for one, like in zip(text, plain, strict=True) if one != like), None)
    return (f"{character(odd[0])}, not '{odd[1]}'", "".join(plain)) if odd else None


def character(one: str) -> str:
    """Return a character's name as a reader can look it up.

    >>> character("–"), character("ﬁ")
    ('an en dash (U+2013)', 'the letters fi in one character (U+FB01)')
    """
    name = unicodedata.name(one, "control character").lower().replace("zero width", "zero-width")
    name = re.sub("cyrillic|greek|latin", lambda found: found[0].capitalize(), name)
    ligature = name.startswith("Latin small ligature")
    article = "an" if name[0] in "aeiou" else "a"
    said = f"the letters {unicodedata.normalize('NFKC', one)} in one character" if ligature else f"{article} {name}"
    return f"{said} (U+{ord(one):04X})"


def spoilt(text: str, file: str) -> Problem:
    """Return the problem of a text for which `source_problems.is_spoilt` holds, at the first place of its kind."""
    if found := MERGE_MARK.search(text):
        marks = "<<<<<<<, ======= and >>>>>>>"
        help = (
            f"Keep the lines that are right, of those above and those below =======, and take out the marks: {marks}."
        )
        if "<<<<<<<" not in text:
            help = "Look whether the lines above it and those below it are all to stay, then take it out."
        said = "This line was left by a merge, where two changes of one place did not fit together."
        return Problem(_place(file, text, found.start()), "merge-mark", said, help)
    if found := SPOILT.search(text):
        place, one = _place(file, text, found.start()), found[0]
        if one == "\ufffd":
            said = "A character was lost here when the file was saved; this mark (U+FFFD) is in its place."
            return Problem(place, "lost-character", said, "Write what was here. The last version of the file has it.")
        said = f"There is an unprintable character here: {character(one)}."
        fix = None if one in "\x85\u2028\u2029" else Fix(one, "")
        return Problem(place, "unprintable", said, "Remove it.", fix=fix)
    if found := MISREAD.search(text):
        wrong = found[0]
        meant = wrong.encode("cp1252", "replace").decode("utf-8", "replace")
        said = f"'{wrong}' is how '{meant}' looks when a file is opened in the wrong encoding."
        help = f"Write '{meant}', and look for more of the kind: the whole file was opened so."
        return Problem(_place(file, text, found.start()), "misread", said, help, fix=Fix(wrong, meant))
    if found := WEB_CHARACTER.search(text):
        meant = html.unescape(found[0]).replace("\xa0", " ")
        said = f"'{found[0]}' is how a web page writes {repr(meant) if meant.strip() else 'a space'}."
        fix, help = Fix(found[0], meant), "Write the character itself."
        if figures := re.compile(r"[0-9]+(?:\.[0-9]+)?(?=\s*$)", re.M).match(text, found.end()):
            fix, help = (
                Fix(found[0] + figures[0], figures[0]),
                "Write figures only; the unit says that they are pounds.",
            )
        return Problem(_place(file, text, found.start()), "web-character", said, help, fix=fix)
    said = f"This file has {len(text):,} characters; the policy's own have at most {MOST_CHARACTERS:,}."
    return Problem(Place(file, 1, 1), "too-large", said, "Look for a text that was pasted in by mistake, or split it.")


class _Fault(NamedTuple):
    """What the YAML reader was at when it failed: the lines, where it noticed (from 0), and where it had begun."""

    lines: list[str]
    line: int
    column: int
    began: int | None

    @property
    def text(self) -> str:
        """The line itself."""
        return self.lines[self.line] if self.line < len(self.lines) else ""

    def above(self, line: int | None = None) -> tuple[int, str]:
        """Return the nearest line above that is neither blank nor a comment, with its number; (-1, "") for none."""
        line = self.line if line is None else line
        for number in range(line - 1, -1, -1):
            if self.lines[number].strip() and not self.lines[number].lstrip().startswith("#"):
                return number, self.lines[number]
        return -1, ""


class _Said(NamedTuple):
    """What is said of a fault: code, message, help, and the place (from 0) with what mends it."""

    code: str
    message: str
    help: str
    line: int
    column: int
    fix: Fix | None = None


def problem(error: yaml.YAMLError | None, file: str, text: str, *, repeat: bool) -> Problem:
    """Return what keeps a text from being read: what the YAML reader raised, or, with None, what it is spoilt by.

    Without `repeat` nothing of the text is in it, nor a text to write: a file of cases may hold a child's name.
    """
    if error:
        found = not_yaml(error, file, text, _KINDS if repeat else _WITHOUT_WORDS)
        return found if repeat else replace(found, fix=None)
    found = spoilt(text, file)
    return found if repeat else Problem(found.place, found.code, *_UNREPEATED.get(found.code, _SOMETHING))


#: What is said of a spoilt text that nothing may be repeated of.
_UNREPEATED = {
    "merge-mark": ("This line was left by a merge.", "Keep the lines that are right, and take out the marks."),
    "lost-character": ("A character was lost here when the file was saved.", "Write what was here."),
    "unprintable": ("There is an unprintable character here.", "Remove it."),
}
_SOMETHING = ("This cannot be read.", "Compare the line with its neighbours.")


def not_yaml(error: yaml.YAMLError, file: str, text: str, kinds: Iterable[_Kind]) -> Problem:
    """Return what the YAML reader found as a problem at its place, in the author's words.

    The first of `kinds` that fits says it, else what the reader said, of which nothing repeats the text.
    """
    context, said = str(getattr(error, "context", "")), str(getattr(error, "problem", ""))
    began, noticed = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    if noticed:
        fault = _Fault(text.splitlines(), noticed.line, noticed.column, began.line if began else None)
        for kind in kinds:
            if told := kind(fault):
                place = Place(file, told.line + 1, told.column + 1)
                return Problem(place, told.code, told.message, told.help, fix=told.fix)
    mark = began if began and _LATE.search(context) else noticed
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    if found := _NO_BREAK.search(text):
        return Problem(_place(file, text, found.end() - 1), "no-break-space", *_NO_BREAK_SAID, fix=Fix("\xa0", " "))
    for pattern, message, help in _MEANINGS:
        if re.search(pattern, f"{context}: {said}"):
            return Problem(place, "not-yaml", message, help)
    return Problem(place, "not-yaml", "This cannot be read as YAML.", "Compare the line with its neighbours.")


def _no_break(fault: _Fault) -> _Said | None:
    """Of a no-break space before or after the key of the line, or of one above that it was read with."""
    for line in sorted({fault.line, fault.above()[0], fault.line if fault.began is None else fault.began}):
        found = _NO_BREAK_AT_KEY.match(fault.lines[line]) if 0 <= line < len(fault.lines) else None
        if found:
            return _Said("no-break-space", *_NO_BREAK_SAID, line, found.end() - 1, Fix("\xa0", " "))
    return None


def _tab(fault: _Fault) -> _Said | None:
    if "\t" not in fault.text[: fault.column + 1]:
        return None
    said, indent, meant = (
        "A tab is used where spaces are needed.",
        fault.text[: _indent(fault.text)],
        _meant_indent(fault),
    )
    if indent.startswith("\t") and meant is not None:
        help = f"Indent the line with {meant} spaces."
        return _Said("tab", said, help, fault.line, 0, Fix(indent, " " * meant))
    return _Said("tab", said, "Indent with two spaces.", fault.line, fault.column)


def _meant_indent(fault: _Fault) -> int | None:
    """Return how far a line is to be indented by the line above it, None where that is not sure."""
    _, above = fault.above()
    if above.lstrip().startswith("-"):
        return None
    return _indent(above) + (2 if above.rstrip().endswith(":") else 0)


def _bullet(fault: _Fault) -> _Said | None:
    for line in dict.fromkeys((fault.line if fault.began is None else fault.began, fault.line)):
        text = fault.lines[line] if line < len(fault.lines) else ""
        if found := _BULLET.match(text):
            said, help = f"This line starts with {character(found[1])}, not with '-'.", "Start an item with a hyphen."
            fix = Fix(text[found.start(1) :], f"- {text[found.end() :]}")
            return _Said("not-yaml", said, help, line, found.start(1), fix)
    return None


def _table(fault: _Fault) -> _Said | None:
    if not _TABLE.fullmatch(fault.text):
        return None
    said, help = "This is a row of a table.", "Write each value with a key of its own, a line each: rate_of_band_1: ..."
    return _Said("not-yaml", said, help, fault.line, _indent(fault.text))


def _no_space(fault: _Fault) -> _Said | None:
    for line in (fault.line, fault.above()[0]):
        found = _NO_SPACE.fullmatch(fault.lines[line]) if 0 <= line < len(fault.lines) else None
        if found:
            said, help = "A space is missing after this dash.", "Write a dash, a space and the item."
            fix = Fix(f"-{found['rest']}", f"- {found['rest']}")
            return _Said("not-yaml", said, help, line, found.end("before"), fix)
    return None


def _quotes(fault: _Fault) -> _Said | None:
    """Of a text in quotation marks that holds one of the same."""
    for line in dict.fromkeys((fault.line, fault.began if fault.began is not None else fault.line)):
        found = _KEY.fullmatch(fault.lines[line]) if line < len(fault.lines) else None
        rest = (found["rest"] or "").rstrip() if found else ""
        mark = rest[:1]
        if not found or mark not in ("'", '"') or len(rest) < 3 or not rest.endswith(mark):
            continue
        inner = rest[1:-1]
        if mark not in inner.replace(mark * 2, ""):
            continue
        other = '"' if mark == "'" else "'"
        said = f"The text in quotation marks ends at the next {mark}, which is within the text."
        fix = Fix(rest, f"{other}{inner}{other}") if other not in inner and "\\" not in inner else None
        help = f"Put {other} round the whole text." if fix else f"Write {mark * 2} for each {mark} within the text."
        return _Said("not-yaml", said, help, line, found.start("rest"), fix)
    return None


def _stays_quoted(fault: _Fault) -> _Said | None:
    """Of a text whose closing quotation mark is missing: the text then goes on until the next mark, lines below."""
    for line in range(min(fault.line, len(fault.lines) - 1), max(-1, fault.line - 30), -1):
        found = _KEY.fullmatch(fault.lines[line])
        rest = (found["rest"] or "").rstrip() if found else ""
        mark, ends = rest[:1], fault.lines[line + 1 : fault.line + 1]
        if not found or mark not in ("'", '"') or rest.count(mark) > 1 or not any(mark in one for one in ends):
            continue
        if any(_indent(one) <= len(found["before"]) and _KEY.match(one) for one in ends):
            said = "The text in quotation marks that begins here is not closed on this line."
            fix = Fix(rest, rest + mark)
            return _Said("not-yaml", said, f"Write {mark} where it ends.", line, found.start("rest"), fix)
    return None


def _no_colon(fault: _Fault) -> _Said | None:
    """Of a key that lacks its colon: the line itself, or the one above, whose value then seems to go on."""
    number, above = fault.above()
    for line, text, beside in ((number, above, fault.text), (fault.line, fault.text, above)):
        found, indents = _NO_COLON.fullmatch(text), (_indent(beside), _indent(beside) - 2)
        if (
            found
            and found["key"] in _keys(fault.lines)
            and _KEY.fullmatch(beside.rstrip())
            and len(found["before"]) in indents
        ):
            said, key = f"The key '{found['key']}' has no colon.", found["key"]
            fix = Fix(text[found.start("key") :], f"{key}: {found['rest']}")
            return _Said(
                "not-yaml", said, f"Write a colon and a space after it: '{key}: ...'.", line, found.start("key"), fix
            )
    return None


def _colon_in_text(fault: _Fault) -> _Said | None:
    """Of a value with a colon in it: a text that needs quotation marks, or a map that lacks its braces."""
    found = _KEY.fullmatch(fault.text)
    if not found or not found["rest"] or ": " not in found["rest"] or found["rest"][0] in "{[\"'":
        return None
    whole = fault.text[found.start("key") :].rstrip()
    if found["before"].strip() and _INSIDE_BRACES.fullmatch(whole):
        said, help = "This is more than one key in a line, without braces.", "Put braces round them."
        return _Said("not-yaml", said, help, fault.line, found.start("key"), Fix(whole, "{" + whole + "}"))
    rest = found["rest"].rstrip()
    if _INSIDE_BRACES.fullmatch(rest):
        said, help = "This is more than one key in a line, without braces.", "Put braces round them."
        return _Said("not-yaml", said, help, fault.line, found.start("rest"), Fix(rest, "{" + rest + "}"))
    said, help = (
        "There is a colon in this text, and no quotes round it.",
        "Put quotes round the text.",
    )
    fix = Fix(rest, f'"{rest}"') if '"' not in rest and "\\" not in rest and " #" not in rest else None
    return _Said("not-yaml", said, help, fault.line, found.start("rest"), fix)


def _brackets(fault: _Fault) -> _Said | None:
    """Of braces and brackets within a line: a comma that is missing, a semicolon for one, one that stays open."""
    for line in dict.fromkeys((fault.began if fault.began is not None else fault.line, fault.line)):
        text = fault.lines[line] if line < len(fault.lines) else ""
        at = text.find("{")
        if at < 0 or text.count('"') % 2:
            continue
        if found := re.compile(r"; +(?=[a-z_]+: )").search(text, at):
            said, help = "A semicolon is used here for a comma.", "Write a comma between the keys."
            return _Said("not-yaml", said, help, line, found.start(), Fix(found[0], ", "))
        if found := _NO_COMMA.search(text, at):
            said, help = f"A comma is missing before '{found[2]}'.", "Write a comma between the keys."
            return _Said("not-yaml", said, help, line, found.start(), Fix(found[0], f"{found[1]}, {found[2]}: "))
        if found := re.compile(r"[\])}] +[\[{]").search(text, at):
            comma = Fix(found[0], ", ".join(found[0].split()))
            return _Said(
                "not-yaml", "A comma is missing here.", "Write one between the two.", line, found.start(), comma
            )
        for opened, closed in ("{}", "[]"):
            if text.count(opened) > text.count(closed) and not text.rstrip().endswith((",", opened)):
                said = "A bracket is opened here and not closed."
                where = _left_open(text, opened, closed)
                return _Said("not-yaml", said, f"Write {closed} where it ends.", line, where)
    return None


def _left_open(text: str, opened: str, closed: str) -> int:
    stack: list[int] = []
    for at, one in enumerate(text):
        if one == opened:
            stack.append(at)
        elif one == closed and stack:
            stack.pop()
    return stack[0] if stack else 0


def _stays_open(fault: _Fault) -> _Said | None:
    """Of a quotation mark in braces that is not closed in its line."""
    for line in dict.fromkeys((fault.began if fault.began is not None else fault.line, fault.line)):
        text = fault.lines[line] if line < len(fault.lines) else ""
        if text.count('"') % 2 and "{" in text:
            at = text.rindex('"')
            rest = text[at:].rstrip()
            closed = re.fullmatch(r'("[^{}\[\]":]+)([}\]]*)', rest)
            fix = Fix(rest, f'{closed[1]}"{closed[2]}') if closed else None
            said, help = "A quotation mark is opened here and not closed.", "Close it after the text."
            return _Said("not-yaml", said, help, line, at, fix)
    return None


def _text_goes_on(fault: _Fault) -> _Said | None:
    """Of a line that belongs to the text above it, and is not indented as far."""
    for line in dict.fromkeys((fault.line if fault.began is None else fault.began, fault.line)):
        text = fault.lines[line] if line < len(fault.lines) else ""
        word = text.split(maxsplit=1)[:1]
        if not word or _KEY.match(text) or _LIST_ITEM.match(text) or word[0] in _keys(fault.lines):
            continue
        inner, (number, above) = None, fault.above(line)
        while number >= 0 and not _KEY.match(above):
            inner, (number, above) = _indent(above), fault.above(number)
        key = _KEY.match(above)
        rest = (key["rest"] or "") if key else ""
        if key is None or not rest or rest[0] in "{[":
            continue
        deeper = inner if inner is not None and _TEXT_BEGINS.fullmatch(f":{rest}") else len(key["before"]) + 2
        said = "This line is not a key and a value. It looks like a part of the text above it."
        help, indent = f"Indent it with {deeper} spaces, as a part of that text.", text[: _indent(text)]
        return _Said("not-yaml", said, help, line, 0, Fix(indent, " " * deeper) if indent else None)
    return None


_LIST_ITEM = re.compile(r"\s*-(?: |$)")


def _indented(fault: _Fault) -> _Said | None:
    """Of a key that starts in a column of its own."""
    found = _KEY.match(fault.text)
    if not found or found["before"].strip():
        return None
    indent, key, above = len(found["before"]), found["key"], fault.above()[1]
    if indent > _indent(above) and re.search(r"(?:^|\s)[\w./-]+:\s*$|^\s*- ", above):
        return None  # It may be the first of what belongs to the line above.
    beside = _beside(fault.lines[: fault.line])
    if not beside or indent in beside:
        return None
    # Where else the file has this key: after which other, in the same column.
    after = set()
    for line, text in enumerate(fault.lines):
        other = _KEY.match(text)
        if other and other["key"] == key and line != fault.line:
            after.add(_beside(fault.lines[:line]).get(len(other["before"])))
    likely = [column for column, name in beside.items() if name in after] or list(beside)
    near = min(likely, key=lambda one: abs(one - indent))
    sure = [one for one in likely if abs(one - indent) == abs(near - indent)] == [near]
    said = f"'{key}' starts in column {indent + 1}, where no key above it starts."
    help = f"Start it in column {near + 1}, as '{beside[near]}' above does." if sure else _ALIGN
    return _Said(
        "not-yaml", said, help, fault.line, 0, Fix(" " * indent, " " * near) if sure and indent and near else None
    )


_ALIGN = "Start it in the same column as the keys that it belongs to."


def _keys(lines: list[str]) -> set[str]:
    """Return the keys that some line has: a word that is one of them is meant as one."""
    return {found["key"] for text in lines if (found := _KEY.match(text))}


def _beside(lines: list[str]) -> dict[int, str]:
    """Return the keys beside which a line below these can be, by their columns."""
    found: dict[int, str] = {}
    for text in reversed(lines):
        key = _KEY.match(text)
        if key and (not found or len(key["before"]) < min(found)):
            found[len(key["before"])] = key["key"]
    return found


_Kind = Callable[[_Fault], _Said | None]
#: The kinds that say nothing of the words of the text.
_WITHOUT_WORDS: tuple[_Kind, ...] = (_tab, _no_break)
#: What each kind of fault looks like in the lines, in the order in which it is looked for.
_KINDS: tuple[_Kind, ...] = (
    *_WITHOUT_WORDS, _bullet, _table, _no_space, _stays_open, _quotes, _stays_quoted, _brackets, _colon_in_text,
    _text_goes_on, _no_colon, _indented,
)  # fmt: skip

#: What the YAML reader says of a fault, and what it means to the author. In the order in which they are looked for.
_MEANINGS = (
    (
        "cannot start any token",
        "This character is not allowed here.",
        "If it is a tab, indent with two spaces instead; if it is part of a text, put quotes round the text.",
    ),
    (
        "mapping values are not allowed",
        "A colon is not allowed here.",
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
        "This line is not a key and a value.",
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
#: Faults that the YAML reader notices late; their place is where it began to read the piece.
_LATE = re.compile("flow mapping|flow sequence|quoted scalar|simple key")
#: A no-break space where YAML needs an ordinary one: it looks the same, and comes with text copied from elsewhere.
_NO_BREAK = re.compile(r"^[ -]*\xa0|:\xa0", re.M)
_NO_BREAK_AT_KEY = re.compile(r"[ -]*(?:[\w./-]+:)?\xa0")
_NO_BREAK_SAID = ("A no-break space is used here.", "Type an ordinary space instead.")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _place(file: str, text: str, at: int) -> Place:
    return Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
