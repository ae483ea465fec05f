"""What is wrong with a text as YAML, and what could be read in more than one way, in words for its author."""

from __future__ import annotations

import re

import yaml

from senpolicy.files.problems import Fix, Place, Problem

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


def unprintable(text: str, file: str) -> Problem | None:
    """Return the problem of the first character that YAML does not allow at all, None where there is none."""
    if found := _UNPRINTABLE.search(text):
        place = _place(file, text, found.start())
        return Problem(place, "unprintable", "There is an unprintable character here.", "Remove it.")
    return None


def ambiguous(text: str, place: Place) -> Problem | None:
    """Return the problem of a scalar without quotes that could be read in two ways, None for any other."""
    if len(text) > 5 and text[0].isalpha():
        return None  # Prose, as most of it is: no word, number or amount that could be read twice starts so.
    word = text.lower()
    quoted = f'put quotes round it: "{text}"'
    if word in _AMBIGUOUS_WORDS or (word in _PLAIN_WORDS and text != word):
        meant = _AMBIGUOUS_WORDS.get(word, word)
        said = f"'{text}' could be read as {meant}, or as the word."
        return Problem(place, "ambiguous-word", said, f"Write {meant}, or {quoted}.")
    if _AMBIGUOUS_NUMBER.fullmatch(text):
        plain = text.replace(",", "").replace("_", "").lstrip("0")
        number = plain if plain.replace(".", "", 1).isdigit() else "6000"
        said = f"'{text}' could be read in more than one way."
        # Commas between thousands mean one thing; noughts in front, colons and the like may mean several.
        fix = Fix(text, plain) if _THOUSANDS.fullmatch(text) else None
        help = f"Write a plain number such as {number}, or {quoted}."
        return Problem(place, "ambiguous-number", said, help, fix=fix)
    if _CURRENCY.fullmatch(text):
        help = "Write figures only, such as 6000 or 6000.00; the unit says that they are pounds."
        return Problem(place, "ambiguous-number", f"'{text}' is not a plain number.", help, fix=_figures(text))
    if text.startswith(_SMART_QUOTES):
        said = "This starts with a curly quotation mark."
        help = "Use straight quotation marks: \" or '."
        return Problem(place, "smart-quote", said, help, fix=_straight(text))
    return None


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


def not_yaml(error: yaml.YAMLError, file: str, text: str) -> Problem:
    """Return what the YAML reader found as a problem at its place, in the author's words."""
    context, said = str(getattr(error, "context", "")), str(getattr(error, "problem", ""))
    began, noticed = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    mark = began if began and _LATE.search(context) else noticed
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    lines = text.splitlines()
    if noticed and noticed.line < len(lines) and "\t" in lines[noticed.line][: noticed.column + 1]:
        place = Place(file, noticed.line + 1, noticed.column + 1)
        said = "A tab is used where spaces are needed."
        return Problem(place, "tab", said, "Indent with two spaces.", fix=_spaces(lines, noticed.line))
    if found := _NO_BREAK.search(text):
        place = _place(file, text, found.end() - 1)
        said = "A no-break space is used here."
        return Problem(place, "no-break-space", said, "Type an ordinary space instead.", fix=Fix("\xa0", " "))
    for pattern, message, help in _MEANINGS:
        if re.search(pattern, f"{context}: {said}"):
            return Problem(place, "not-yaml", message, help)
    return Problem(place, "not-yaml", "This cannot be read as YAML.", "Compare the line with its neighbours.")


def _spaces(lines: list[str], number: int) -> Fix | None:
    """Return the fix that indents a line as the one above it, or by two more below a key; None for a tab elsewhere."""
    line = lines[number]
    indent = line[: len(line) - len(line.lstrip())]
    above = next((one for one in reversed(lines[:number]) if one.strip() and not one.lstrip().startswith("#")), "")
    if not indent.startswith("\t") or above.lstrip().startswith("-"):
        return None
    deeper = 2 if above.rstrip().endswith(":") else 0
    return Fix(indent, " " * (len(above) - len(above.lstrip()) + deeper))


def _place(file: str, text: str, at: int) -> Place:
    return Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
