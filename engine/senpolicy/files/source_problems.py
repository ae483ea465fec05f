"""What is wrong with a text as YAML, and what could be read in more than one way, in words for its author."""

from __future__ import annotations

import re

from senpolicy.files.problems import Fix, Place, Problem

_AMBIGUOUS_WORDS = {"y": "true", "yes": "true", "on": "true", "n": "false", "no": "false", "off": "false"}
_PLAIN_WORDS = ("true", "false", "null")
_AMBIGUOUS_NUMBER = re.compile(
    r"[-+]?(0\d+(\.\d+)?|[\d,]*\d,\d[\d,]*(\.\d+)?|\d+(:\d+)+|0[xob][\da-fA-F]+|\d[\d_]*_\d+)", re.A
)
_CURRENCY = re.compile(r"[£$€]\s?[\d.,]+\s?[kKmM]?|[\d.,]+\s?[kKmM£€]", re.A)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_SMART_QUOTES = ("\u201c", "\u201d", "\u2018", "\u2019")
#: What no file of text needs: what YAML does not allow, what nobody can see, line ends of other systems, and marks of a
#: program's own or for a character that was lost.
SPOILT = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\uf900-\ufffc\U00010000-\U0010ffff]|[\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
#: Characters of UTF-8 that were read as Windows-1252: Â£ for £.
MISREAD = re.compile(
    "[\u00c2\u00c3][\xa0-\xbf]|\u00e2\u20ac[\u2122\u02dc\u0153\u201c\u201d\u00a6\u00a2]|\u00e2\u201a\u00ac"
)
#: What a merge leaves where two changes do not fit together.
MERGE_MARK = re.compile(r"^(?:<{7} |>{7} |\|{7} |={7}\r?$)", re.M)
WEB_CHARACTER = re.compile(
    r"&(?:amp|pound|nbsp|quot|apos|lt|gt|euro|[nm]dash|[lr][sd]quo|hellip|#[0-9]{2,4}|#x[0-9a-f]{2,4});"
)
#: A file of the policy with more than this is not read: none that a person writes is so long.
MOST_CHARACTERS = 1_000_000
_BEGINS = "Where another entry begins here, put a dash and a space before it; else keep one of the two."
_TWICE = {"fact": "Write each test by itself, in braces, below 'all' or 'any': - {fact: ..., is: ...}", "id": _BEGINS}


def is_spoilt(text: str, *, own: bool) -> bool:
    """Return whether a text has what no file may have; `own` for one of the policy's.

    Those are never very long, and are looked through for words that a wrong encoding or a web page spoilt. In another's
    file such words may be meant. `unreadable.spoilt` says what it is.
    """
    if SPOILT.search(text) or MERGE_MARK.search(text):
        return True
    return own and bool(MISREAD.search(text) or WEB_CHARACTER.search(text) or len(text) > MOST_CHARACTERS)


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
    if pence := re.fullmatch(r"([0-9]+),([0-9]{1,2})", text):
        point, none = f"{pence[1]}.{pence[2]}", pence[1] + pence[2]
        sure = len(pence[1]) > 3 or pence[1] == "0"  # 7000,00 or 0,40; 60,00 may be a slip for 6,000.
        help = f"Write a point for the comma: {point}." if sure else f"Write {point} or {none}, whichever is meant."
        said, fix = f"'{text}' could be read in more than one way.", Fix(text, point) if sure else None
        return Problem(place, "ambiguous-number", said, help, fix=fix)
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


def twice(key: str, place: Place, first: Place, *, below: bool, before: list[Problem]) -> list[Problem]:
    """Return the problem of a key that a map has already; `below` where there are lists or maps below both.

    None is returned where the problem `before` is of two tests in one map: what else is there twice follows from it.
    """
    if any(one.code == "written-twice" and one.field == "fact" and one.place.line == place.line for one in before):
        return []
    said = f"This key is written twice; the first is on line {first.line}."
    join = "Put what is below both below one of them; or give one its own name, where it was copied."
    help = _TWICE.get(key) or (join if below else "Keep one of the two.")  # To keep one of two tests loses the other.
    return [Problem(place, "written-twice", said, help, field=key)]


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
