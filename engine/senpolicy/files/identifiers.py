"""What could tell who a child is, looked for in files that everybody can read; what is found is never repeated.

Looked for are pupil numbers (UPN), NHS numbers by their check digit, postcodes, email addresses and dates of birth in
every file, and in files about pupils (golden cases, example cases, tables) names and stray dates too. A pupil number in
one piece is known by its shape, whatever its check letter: one with a slip in it still tells who a child is. One in
parts is known by its check letter. Names are found by a list of common given names (given_names.txt: those that are not
everyday words), and by two words with capitals of which one is not a word of the policy. So are they in the columns
by which a caseload is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from stdnum.gb import nhs, upn

from senpolicy.files.problems import Place, Problem
from senpolicy.language.days import MONTHS

#: Folders whose files are about pupils, real or made up, and those that only should not name any.
PUPILS = ("tests/golden", "tests/cases")
OTHERS = ("policy", "rules", "descriptors", "docs")
#: Kinds of file that are read; a table is about pupils wherever it lies.
TEXTS = (".yaml", ".yml", ".json", ".csv", ".md", ".txt")
TABLES = (".csv",)
MAX_BYTES = 5_000_000

_UPN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][0-9]{11}[0-9A-Za-z](?![A-Za-z0-9])", re.A)
#: The parts of a UPN: its check letter, then authority, school, year and serial number.
_UPN_IN_PARTS = re.compile(
    r"(?<![A-Za-z0-9])([A-HJ-NP-RT-Z])[ -]?([0-9]{3})[ -]?([0-9]{4})[ -]?([0-9]{2})[ -]?([0-9]{2}[0-9A-HJ-NP-RT-Z])"
    r"(?![A-Za-z0-9])",
    re.A | re.I,
)
_TEN_FIGURES = re.compile(r"(?<![0-9A-Za-z/.-])[0-9]{3}([ -]?)[0-9]{3}\1[0-9]{4}(?![0-9A-Za-z/-])", re.A)
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNP-Y]?) ?[0-9][ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.I
)
#: A telephone number of the United Kingdom, in any spacing.
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+44|0)(?:[ -]?\(?[0-9]\)?){9,10}(?![0-9A-Za-z])", re.A)
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MONTH = "|".join(month[:3] for month in MONTHS)
_DATE = re.compile(
    rf"(?<![0-9])(?:(?P<first>(?:19|20)[0-9]{{2}})[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}"
    rf"|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?P<last>(?:19|20)?[0-9]{{2}})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)? (?:{_MONTH})[a-z]*,? (?P<words>(?:19|20)[0-9]{{2}}))(?![0-9])",
    re.I,
)
_BIRTH = re.compile(r"(?<![A-Za-z])(?:d\.?o\.?b\.?|date[ _-]of[ _-]birth|birth[ _-]?da(?:y|te)|born)(?![A-Za-z])", re.I)
#: How far behind a word for birth its date may be.
_NEAR = 24
_CAPITAL = "[A-Z\u00c0-\u00de]"
_NAME = rf"(?:(?:O|D|Mc|Mac)['\u2019]?)?{_CAPITAL}[a-z\u00df-\u00ff]+(?:[-'\u2019]{_CAPITAL}[a-z\u00df-\u00ff]+)?"
_PAIR = re.compile(rf"(?<![\w'\u2019-])(?P<one>{_NAME}),? (?P<two>{_NAME})(?![\w\u2019-])")
_WORD = re.compile(r"[A-Za-z\u00c0-\u00ff]+(?:['\u2019-][A-Za-z\u00c0-\u00ff]+)*")
#: A field that no file about pupils may have, whatever is in it.
_FIELD = re.compile(
    r"(?P<field>(?:first|last|given|family|sur|full|child|pupil)[_ -]?name|forename|upn|uln|nhs(?:[_ -]?(?:no|number))?"
    r"|dob|date[_ -]of[_ -]birth|birth[_ -]?date|post[_ -]?code|address|e-?mail|phone)\"?'?\s*[:,]",
    re.I,
)
#: An initial before a name, as on a list of pupils.
_INITIAL = re.compile(rf"{_CAPITAL}(?:\. ?| ){_NAME}")
#: Words of groups that are common surnames too.
_SURNAMES = frozenset({
    "black", "church", "day", "duke", "english", "foster", "green", "hall", "hard", "heath", "hill", "king", "lane",
    "marsh", "price", "prince", "small", "walk", "ward", "white", "wood", "woods", "young",
})  # fmt: skip
_HELP = "Take it out. If it is real, tell whoever is responsible for data protection before anything is pushed."


def scanned(root: Path, dates: Set[str]) -> Iterator[Problem]:
    """Yield a problem for whatever in the files below `root` could tell who a child is.

    `dates` are the fields whose dates are facts of a case. Only the files of the folders named here are read, and of
    each at most five million bytes; what is not UTF-8 is another check's to say.
    """
    texts = dict(_texts(root, (*OTHERS, *PUPILS)))
    words = _vocabulary(text for name, text in texts.items() if not _about_pupils(name))
    for name, text in texts.items():
        yield from found_in(text, name, words if _about_pupils(name) else None, dates)


def _about_pupils(name: str) -> bool:
    return name.startswith(PUPILS) or name.endswith(TABLES)


def _texts(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in TEXTS and path.is_file():
                with path.open("rb") as file:
                    yield path.relative_to(root).as_posix(), file.read(MAX_BYTES).decode("utf-8", "replace")


def _vocabulary(texts: Iterator[str]) -> frozenset[str]:
    """Return every word that the policy and its pages use, in small letters."""
    return frozenset().union(*map(_words, texts))


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in set(_WORD.findall(text)))


def found_in(text: str, name: str, words: Set[str] | None, dates: Set[str]) -> Iterator[Problem]:
    """Yield a problem for each thing in a text that could tell who a child is; `name` is its file's, for messages.

    `words` are those of the policy for a file about pupils, and None for any other; `dates` as for `scanned`.
    """
    seen: set[tuple[int, str]] = set()
    for at, what in sorted(_found(text, words, dates)):
        line = text.count("\n", 0, at) + 1
        if (line, what) not in seen:
            seen.add((line, what))
            place = Place(name, line, at - text.rfind("\n", 0, at))
            yield Problem(place, "identifies-a-child", f"This looks like {what}.", _HELP)


def unrepeated(problems: Iterable[Problem], text: str, dates: Set[str]) -> list[Problem]:
    """Return the problems of a text about pupils, each that could repeat who a child is without any of its words.

    That is one on a line that may tell it, or that says it itself. The words of the policy are not known here, so any
    two words with capitals may be a name: what is left out need not be one. `dates` as for `scanned`.
    """
    kept = list(problems)
    lines = {text.count("\n", 0, at) + 1 for at, _ in _found(text, frozenset(), dates)} if kept else set()
    for number, one in enumerate(kept):
        said = " ".join([one.message, *one.advice()])
        if one.code != "identifies-a-child" and (one.place.line in lines or any(_found(said, frozenset(), dates))):
            kept[number] = replace(one, fix=None)
            if "'" in one.message + one.help:  # What is quoted may be it.
                what = "This is wrong, and not repeated here, as it may tell who a child is."
                kept[number] = replace(one, message=what, help="Compare the line with its neighbours.", fix=None)
    return kept


def vocabulary(root: Path) -> frozenset[str]:
    """Return the words that the policy below a folder and its pages use, in small letters, and those of groups."""
    return _vocabulary(text for name, text in _texts(root, OTHERS) if not _about_pupils(name)) | _group_words()


def told_in(text: str, words: Set[str]) -> list[str]:
    """Return the words of a free text that may tell who somebody is, in their order; none where none does.

    `words` are those that are not names: see `vocabulary`. A name that is common counts however it is written; two
    words with capitals only where neither is a word of groups, such as a school's.
    """
    known, spans = _group_words(), set[tuple[int, int]]()
    for word in _WORD.finditer(text):
        if is_given_name(word.group()) and word.group().lower() not in words:
            spans.add(word.span())
    shown = text.title() if text.isupper() else text
    for one in _PAIR.finditer(shown):
        pair = {one["one"].lower(), one["two"].lower()}
        if not pair <= words and not pair & known:
            spans.add(one.span())
    spans |= {one.span() for kind in (_UPN, _TEN_FIGURES, _POSTCODE, _EMAIL, _PHONE) for one in kind.finditer(text)}
    spans |= {one.span() for one in _DATE.finditer(text) if _may_be_birth(one)}
    spans |= {one.span() for one in _BIRTH.finditer(text) if re.search("[0-9]", text[one.end() : one.end() + _NEAR])}
    for one in _UPN_IN_PARTS.finditer(text):
        letter, *parts = one.groups()
        if upn.calc_check_digit("".join(parts).upper()) == letter.upper():
            spans.add(one.span())
    return [text[start:end] for start, end in sorted(spans)]


@cache
def _given_names() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "given_names.txt").read_text(encoding="utf-8").split())


def is_given_name(word: str) -> bool:
    """Return whether a word is one of the common given names that are not everyday words."""
    return word.lower() in _given_names()


@cache
def _group_words() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "group_words.txt").read_text(encoding="utf-8").split())


def tells_of_a_child(text: str, *, named: bool) -> bool:
    """Return whether the value of a column by which pupils are counted may tell who a child is.

    That is a number, an address or a day as in any file, or a name: two words with capitals that are not words of
    groups (group_words.txt), or a common given name. Where values are `named` after schools or places, only a given
    name is looked for, without any word of a group beside it; or an initial before one word. A word of groups that is a
    common surname too says nothing in a name of two words.

    >>> tells_of_a_child("White British", named=False), tells_of_a_child("Quentin " + "Brookes", named=False)
    (False, True)
    >>> tells_of_a_child("Quentin " + "Brookes", named=True), tells_of_a_child("Amelia " + "Brookes", named=True)
    (False, True)
    >>> tells_of_a_child("Amelia " + "Wood", named=True), tells_of_a_child("Amelia Wood School", named=True)
    (True, False)
    """
    if any(_found(text, None, frozenset())) or any(_may_be_birth(one) for one in _DATE.finditer(text)):
        return True
    words, known = _WORD.findall(text), _group_words()
    given = any(is_given_name(word) and word.lower() not in known for word in words)
    if named:
        return not _tell_of_a_place(words) and (given or _INITIAL.fullmatch(text) is not None)
    pairs = _PAIR.finditer(text.title() if text.isupper() else text)
    return given or any(not {one["one"].lower(), one["two"].lower()} <= known for one in pairs)


def is_place_by_itself(text: str) -> bool:
    """Return whether a name says itself that it is a place's: by a figure, a single letter or a word of groups.

    >>> is_place_by_itself("C07"), is_place_by_itself("Isle of Sheppey"), is_place_by_itself("Quentin " + "Brookes")
    (True, True, False)
    """
    return _tell_of_a_place(_WORD.findall(text)) or len(text) == 1 or any(letter.isdigit() for letter in text)


def _tell_of_a_place(words: Sequence[str]) -> bool:
    """Return whether one of the words of a name is a word of groups; of two words none that is a surname too."""
    return not {word.lower() for word in words}.isdisjoint(_group_words() - (_SURNAMES if len(words) == 2 else set()))


def _found(text: str, words: Set[str] | None, dates: Set[str]) -> Iterator[tuple[int, str]]:
    yield from ((one.start(), "a pupil number") for one in _UPN.finditer(text))
    for one in _UPN_IN_PARTS.finditer(text):
        letter, *parts = one.groups()
        if upn.calc_check_digit("".join(parts).upper()) == letter.upper():
            yield one.start(), "a pupil number"
    for one in _TEN_FIGURES.finditer(text):
        if nhs.is_valid(one.group()):
            yield one.start(), "an NHS number"
    yield from ((one.start(), "a postcode") for one in _POSTCODE.finditer(text) if one.group().upper() == one.group())
    yield from ((one.start(), "an email address") for one in _EMAIL.finditer(text))
    for one in _BIRTH.finditer(text):
        if _DATE.search(text, one.end(), one.end() + _NEAR):
            yield one.start(), "a date of birth"
    if words is None:
        return
    yield from ((one.start(), "a postcode") for one in _POSTCODE.finditer(text))
    yield from ((one.start(), "a field that names a child") for one in _FIELD.finditer(text))
    for one in _TEN_FIGURES.finditer(text):
        yield one.start(), "an NHS number"
    for one in _DATE.finditer(text):
        if not _is_fact(text, one.start(), dates) and _may_be_birth(one):
            yield one.start(), "a date of birth"
    for one in _PAIR.finditer(text):
        if not {one["one"].lower(), one["two"].lower()} <= words:
            yield one.start(), "the name of a person"
    for one in _WORD.finditer(text):
        if one.group()[0].isupper() and is_given_name(one.group()):
            yield one.start(), "the name of a person"


def _is_fact(text: str, at: int, dates: Set[str]) -> bool:
    """Return whether the date at a place is the value of a fact, as in `decision_date: 2026-03-05`."""
    before = re.search(r"([A-Za-z_]+)\"?: *[\"']?$", text[max(text.rfind("\n", 0, at), at - 80) : at])
    return before is not None and before[1] in dates


def _may_be_birth(date: re.Match[str]) -> bool:
    year = date["first"] or date["last"] or date["words"]
    return 1995 <= int(year if len(year) == 4 else f"20{year}") <= 2022
