"""Single cells of schools' files: days, sums of money, codes and school years, each read or not read, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stdnum.gb import upn

from senpolicy.files.models.imports import CodeMeaning
from senpolicy.language.days import MONTHS

#: A school year begins with this month.
FIRST_MONTH = 9
_MONTHS = {month[:3].lower(): number for number, month in enumerate(MONTHS, 1)}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?")
_NAMED_FIRST = re.compile(r"(\d{4})-([A-Za-z]{3,9})-(\d{1,2})(?: \d\d:\d\d(?::\d\d)?)?")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})")
_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: \d\d:\d\d(?::\d\d)?)?")
_SERIAL = re.compile(r"\d{5}(?:\.0)?")
_MONEY = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?")
_NOTHING = ("nil", "none", "nothing")
#: Days that a spreadsheet counts from, so that 1 March 1900 is its day 61.
_EXCEL = date(1899, 12, 30)
_UPN = re.compile(r"[A-Z]\d{11}[0-9A-Z]")
_YES = ("yes", "y", "true", "1", "t")
_NO = ("no", "n", "false", "0", "f")
_YEAR_WORDS = re.compile(r"(?:nationalcurriculumyear|ncyear|yeargroup|year|yr|y)(?=.)")


@dataclass(frozen=True)
class CellReading:
    """What a cell says: the value as text, "" where it is not known; what it may be; and the flags that go with it."""

    value: str = ""
    may_be: str = ""
    flags: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return a heading or a word without capitals, blanks, accents and punctuation, as headings are compared.

    >>> plain("Top-up funding (£ p.a.)")
    'topupfundingpa'
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def school_year(day: date) -> int:
    """Return the year in which the school year of a day began: 2025 for 1 September 2025 and for 31 August 2026."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def completed_years(birth: date, day: date) -> int:
    """Return the completed years on a day. Who was born on 29 February completes one on 1 March where there is none.

    >>> completed_years(date(2012, 2, 29), date(2025, 2, 28)), completed_years(date(2012, 2, 29), date(2025, 3, 1))
    (12, 13)
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def year_of_birth(birth: date, day: date) -> int:
    """Return the national curriculum year that a pupil of that day of birth would be in: -1 nursery, 0 Reception."""
    return school_year(day) - school_year(birth) - 5


def month_first(text: str) -> bool:
    """Return whether figures can only be a day that is written month first, such as 12/25/2024."""
    found = _FIGURES.fullmatch(text.strip())
    return found is not None and int(found[1]) <= 12 < int(found[2])


def ambiguous(text: str) -> bool:
    """Return whether figures would be another day if they were read month first."""
    found = _FIGURES.fullmatch(text.strip())
    return found is not None and int(found[1]) != int(found[2]) and max(int(found[1]), int(found[2])) <= 12


def day(text: str, latest: date, *, serials: bool = True) -> tuple[date | None, str]:
    """Return the day that a cell says, and a flag; None and a flag where it says none.

    Figures are read day first. Of two figures for the year the century is that by which it is not after `latest`. A
    bare number of five figures is a spreadsheet's, unless `serials` are not to be read.

    >>> day("14th March 2012", date(2025, 10, 1)), day("1.9.14", date(2025, 10, 1))
    ((datetime.date(2012, 3, 14), ''), (datetime.date(2014, 9, 1), ''))
    """
    text = text.replace("\u00a0", " ").strip()
    flag = ""
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3])), ""
        if found := _NAMED_FIRST.fullmatch(text):
            return date(int(found[1]), _month(found[2]), int(found[3])), ""
        if found := _NAMED.fullmatch(text):
            return date(_year(found[3], latest), _month(found[2]), int(found[1])), ""
        if found := _FIGURES.fullmatch(text):
            return date(_year(found[3], latest), int(found[2]), int(found[1])), ""
        if serials and _SERIAL.fullmatch(text):
            return _EXCEL + timedelta(days=int(text.removesuffix(".0"))), "date_is_a_serial_number"
    except ValueError:
        flag = "date_not_read"
    return None, flag or "date_not_read"


def _month(word: str) -> int:
    number = _MONTHS.get(word[:3].lower(), 0)
    if not number or not MONTHS[number - 1].lower().startswith(word.lower().rstrip(".")):
        raise ValueError
    return number


def _year(text: str, latest: date) -> int:
    if len(text) == 4:
        return int(text)
    year = latest.year // 100 * 100 + int(text)
    return year if year <= latest.year else year - 100


def money(text: str) -> tuple[Decimal | None, str]:
    """Return the sum in pounds that a cell says; None where it says none, with a flag unless it is empty.

    A pound sign, blanks and commas between thousands are taken off. "Nil" is 0. A sum below 0 is not a rate.

    >>> money("£ 6,480.25"), money("7000,00"), money("tbc")
    ((Decimal('6480.25'), ''), (None, 'amount_not_a_number'), (None, 'amount_not_a_number'))
    """
    bare = re.sub(r"[\s\u00a0£]", "", text)
    if not bare:
        return None, ""
    if bare.lower() in _NOTHING:
        return Decimal(0), ""
    if _MONEY.fullmatch(bare):
        return Decimal(bare.replace(",", "")), ""
    return None, "adjustment_row" if re.fullmatch(r"\(.*\)|-[\d,.]+", bare) and re.search(
        r"\d", bare
    ) else "amount_not_a_number"


def yes_no(text: str) -> bool | None:
    """Return whether a cell says yes; None where it says neither yes nor no."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


class Codes:
    """A list of codes, by which cells are read."""

    def __init__(self, codes: Mapping[str, CodeMeaning]) -> None:
        self._codes = {name.upper(): (name, code) for name, code in codes.items()}
        self._words = {plain(word): (name, code) for name, code in codes.items() for word in code.words}

    def read(self, text: str) -> CellReading:
        """Return what a cell says: a code, its words, or both with a dash between them."""
        bare = " ".join(text.replace("\u00a0", " ").split())
        if not bare:
            return CellReading()
        found = self._known(bare)
        if found:
            return self._told(found[1], text, found[0])
        code, dash, words = re.sub(r"\s*[-\u2013:]\s+", "\0", bare, count=1).partition("\0")
        first = self._codes.get(code.strip().upper()) if dash else None
        if not first:
            return CellReading(flags=("local_status",))
        second = self._words.get(plain(words))
        told = self._told(first[1], code, first[0])
        if second and second[0] != first[0]:
            other = second[1].value or second[1].may_be or ""
            return CellReading(may_be=other, flags=("code_and_description_differ",))
        return told

    def code_of(self, text: str) -> str:
        """Return the code that a cell says, "" for none."""
        found = self._known(" ".join(text.split()))
        return found[0] if found else ""

    def _known(self, bare: str) -> tuple[str, CodeMeaning] | None:
        return self._codes.get(bare.upper()) or self._words.get(plain(bare))

    def _told(self, code: CodeMeaning, text: str, name: str) -> CellReading:
        flags = [code.flag] if code.flag else []
        if text.strip() != text and text.strip().upper() == name.upper():
            flags.append("code_with_space")
        if text.strip() == name.lower() != name:
            flags.append("code_in_lower_case")
        return CellReading(code.value or "", "" if code.value else code.may_be or "", tuple(flags))


def year_code(text: str) -> str:
    """Return the code of a year group without the words around it: "Year  4", "Yr 8" and "4.0" are 4.

    >>> year_code("Year N2"), year_code("Yr 8"), year_code("7.0")
    ('N2', '8', '7')
    """
    bare = re.sub(r"\.0$", "", text.strip())
    if re.search(r"[0-9a-z]\s*[/&,+\u2013-]\s*[0-9]", bare, re.I):
        return bare  # Two years, of a mixed class.
    word = plain(bare)
    rest = _YEAR_WORDS.sub("", word, count=1)
    return rest.upper() if re.fullmatch(r"\d{1,2}|[nre]\d?|[xm]", rest) else bare


def upn_flags(text: str) -> tuple[str, ...]:
    """Return what is to be said of a pupil number: it is temporary, its letter is wrong, or it is in small letters."""
    number = re.sub(r"\s", "", text)
    if not _UPN.fullmatch(number.upper()):
        return ()
    flags = ("upn_lower_case",) if number != number.upper() else ()
    number = number.upper()
    if number[-1].isalpha():
        return (*flags, "temporary_upn")
    # The library's own check asks for authorities as they were in 2011, and refuses sound numbers of later ones.
    return flags if upn.calc_check_digit(number[1:]) == number[0] else (*flags, "upn_check_letter_wrong")
