"""What one written value may mean: what to write in its place, where that is sure, and what to do where it is not."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from senpolicy.files.problems import Fix, nearest
from senpolicy.files.unreadable import look_alike
from senpolicy.language.days import MONTHS

#: The day from which Excel counts the days of a date.
_EXCEL = date(1899, 12, 30)
_NOTHING_YET = re.compile(
    r"(?i)n/?a|tb[acd]|\?+|-+|nil|none|to be (?:agreed|confirmed|decided)|not (?:yet )?(?:agreed|known|decided|set)"
)
_AMOUNT = re.compile(
    r"(?i)£?\s*([0-9]{1,3}(?:[, \xa0][0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?"
    r"(?:\s*(?:pounds?|gbp|per annum|per year|a year|each year|p\.?\s?a\.?|/ ?year|yearly|annually|\.))*"
)
_RANGE = re.compile(r"£?[0-9][0-9,.]*\s*(?:-|–|to|and)\s*£?[0-9][0-9,.]*")
_YEARS = re.compile(r"(?:FY ?)?(20[0-9]{2})\s*[/–-]\s*(?:20)?([0-9]{2})")
#: What people call a value that a file calls otherwise.
_CALLED = {
    "agreed": "taken", "approved": "taken", "adopted": "taken", "decided": "taken", "signed": "taken", "final": "taken",
    "draft": "proposed", "planned": "proposed", "pending": "proposed", "current": "in_force", "revoked": "withdrawn",
    "superseded": "replaced", "adult": "years",
    "%": "per_cent", "percent": "per_cent", "percentage": "per_cent", "pound": "pounds", "gbp": "pounds",
    "pounds per year": "pounds_a_year", "pounds per annum": "pounds_a_year", "day": "date", "number": "count",
}  # fmt: skip
#: Operators as other languages write them, each with the word of ours; those that turn a test round are not among them.
OPERATORS_ELSEWHERE = {
    "=": "is", "==": "is", "eq": "is", "equals": "is", "equal_to": "is", "in": "one_of", "any_of": "one_of",
    "<": "below", "lt": "below", "less_than": "below", "under": "below", "before": "below",
    "<=": "at_most", "lte": "at_most", "le": "at_most", "up_to": "at_most", "max": "at_most", "maximum": "at_most",
    "no_more_than": "at_most",
    ">": "more_than", "gt": "more_than", "greater_than": "more_than", "over": "more_than", "above": "more_than",
    "exceeds": "more_than", "after": "more_than",
    ">=": "at_least", "gte": "at_least", "ge": "at_least", "min": "at_least", "minimum": "at_least",
    "no_less_than": "at_least", "exists": "known", "is_known": "known",
}  # fmt: skip
_COMPARED = re.compile(r"([A-Za-z][\w.-]*)\s*(==?|<=?|>=?)\s*(\$?[\w./-]+)")
_DENIED = re.compile(r"(?:is_?n[o']?t|not?|!=|<>|does_not|unless|except)(?:_?(.*))")


class Mend(NamedTuple):
    """What to do about a value: the help, "" where the plain one says it, and the text to write where that is sure."""

    help: str = ""
    fix: Fix | None = None


def mend_of(code: str, written: str, expected: Sequence[str] = (), kind: str = "", *, may_lack: bool = False) -> Mend:
    """Return what to do about one written value.

    `expected` are the values that can be there, and `kind` the kind of fault as pydantic names it. `may_lack` is for a
    value that an open point can take the place of.

    >>> mend_of("date", "1 April 2026").fix
    Fix(wrong='1 April 2026', right='2026-04-01')
    >>> mend_of("date", "01/04/2026")  # April or January?
    Mend(help='Write year, month, day: 2026-04-01 for 1 April, 2026-01-04 for 4 January.', fix=None)
    """
    if code in ("date", "number") and may_lack and _NOTHING_YET.fullmatch(written.strip()):
        return Mend("Where no value is decided, take 'value' out, and name the open point: open_point: ...")
    if code == "date":
        return _date(written)
    if code == "number":
        return _number(written)
    if code == "unknown-value":
        called = _CALLED.get(written.lower(), "")
        if called in expected:
            return Mend(f"Did you mean '{called}'?", Fix(written, called))
        if written.lower() in ("settled", "closed", "resolved", "answered") and "note" in expected:
            return Mend("Leave the state as it is. What a decision settles is written in its own decision.yaml, under "
                        "'settles'; what a reading answers has the state 'read'.")  # fmt: skip
        if written == "£" and "pounds_a_year" in expected:
            return Mend("Write 'pounds', or 'pounds_a_year' for an amount of a year.")
        near = nearest(written, list(expected))
        if (found := look_alike(written)) and found[1] in expected:
            return _wording(written)
        return Mend(fix=Fix(written, near) if near else None)
    if code == "unit" and (share := re.fullmatch(r"([1-9][0-9]?|100)%?", written)):
        right = "1" if share[1] == "100" else f"0.{share[1]:0>2}"
        return Mend(f"A share lies between 0 and 1: write {right} for {share[1]}%.", Fix(written, right))
    if code == "shape" and kind == "list_type" and re.fullmatch(r"[\w/.-]+", written):
        return Mend(fix=Fix(written, f"[{written}]"))
    return _wording(written) if code == "wording" else Mend()


def _wording(written: str) -> Mend:
    if number := re.fullmatch(r"([0-9]{2})[-_. ]?([0-9]{5})", written):
        return Mend(fix=Fix(written, f"{number[1]}/{number[2]}"))
    if found := look_alike(written):
        return Mend(f"It has {found[0]}. Type it again.", Fix(written, found[1]))
    if test := _COMPARED.fullmatch(written):
        right = f"{test[1]}, {OPERATORS_ELSEWHERE[test[2]]}: {test[3]}"
        return Mend("Write the fact, then the operator in a word, with a comma between.", Fix(written, right))
    return Mend()


def denied(word: str) -> str | None:
    """Return what a word such as `not_one_of` denies, "" for a bare `not`; None for any other word.

    >>> denied("not_one_of"), denied("is_not"), denied("one_of")
    ('one_of', 'is', None)
    """
    found = _DENIED.fullmatch(word)
    if not found:
        return None
    inner = OPERATORS_ELSEWHERE.get(found[1], found[1])
    return inner or "is"


def _number(written: str) -> Mend:
    if _RANGE.fullmatch(written):
        return Mend("A value is one figure. Make two values of a range, one for each end, with a name each.")
    if small := next((one for one in written if one.isdigit() and not one.isdecimal()), ""):
        return Mend(f"It has '{small}', as the mark of a footnote is written. Write the figures without it.")
    plain = "".join(str(unicodedata.digit(one, one)) for one in unicodedata.normalize("NFKD", written).strip())
    if found := look_alike(plain):
        plain = found[1].replace("'", "").replace('"', "")
        if _plain(plain):
            return Mend(f"It has {found[0]}.", Fix(written, plain))
    if _plain(plain) and plain != written:
        return Mend(fix=Fix(written, plain))
    if re.search("[0-9]", plain) and _plain(letters := plain.translate(str.maketrans("OoIl", "0011"))):
        return Mend("It has letters among its figures.", Fix(written, letters))
    if amount := _AMOUNT.fullmatch(plain):
        right = re.sub(r"\D", "", amount[1]) + (amount[2] or "")
        return Mend("Write figures only, such as 6000.00; the unit says of what they are.", Fix(written, right))
    return Mend()


def sum_of(written: str) -> str | None:
    """Return an amount with its pence as answers give it, None for a text that is not an amount in pounds.

    >>> sum_of("£7,000"), sum_of("7000.00"), sum_of("0.50"), sum_of("7000")
    ('7000.00', None, None, None)
    """
    found = _AMOUNT.fullmatch(written)
    if not found or re.fullmatch(r"[0-9]+(\.[0-9]+)?", written):
        return None
    return re.sub(r"\D", "", found[1]) + (found[2] or ".00").ljust(3, "0")


def _plain(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _date(written: str) -> Mend:
    said = re.sub(r"(?i)^(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |(?<=[0-9])(?:st|nd|rd|th)\b|\bof ", "", written)
    said = re.sub(r"[ T]00:00(?::00)?(?:\.0+)?Z?$", "", said.strip())
    if (day := _day(said)) and day != written:
        falls = f"{date.fromisoformat(day):%A}"
        if (named := re.match(r"[A-Za-z]+day", written)) and named[0].capitalize() != falls:
            return Mend(f"{day} is a {falls}. Look the day up again.")
        return Mend(fix=Fix(written, day))
    if swapped := _swapped(written):
        return Mend(f"Write year, month, day: 2025-04-01. If day and month are swapped: {swapped}.")
    if re.fullmatch("[34567][0-9]{4}", said):
        right = (_EXCEL + timedelta(int(said))).isoformat()
        return Mend(f"It looks like Excel's number of a day: {right}.", Fix(written, right))
    if (years := _YEARS.fullmatch(said)) and int(years[2]) == (int(years[1]) + 1) % 100:
        first = years[1]
        return Mend(f"Write a day: {first}-04-01 is the first of a financial year, {first}-09-01 of a school year.")
    if month := _month(said):
        last = monthrange(*month)[1]
        first = f"{month[0]}-{month[1]:02}"
        return Mend(f"Write a day: {first}-01 is the first of that month, {first}-{last} its last.")
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", said):
        year, number = int(found[1]), int(found[2])
        if 1 <= number <= 12 and year and not 1 <= int(found[3]) <= monthrange(year, number)[1]:
            return Mend(f"{MONTHS[number - 1]} {year} has {monthrange(year, number)[1]} days. Look the day up again.")
    if found := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{2}|[0-9]{4})", said):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        ways = [(int(found[1]), int(found[2])), (int(found[2]), int(found[1]))]
        if all(1 <= month <= 12 for _, month in ways):
            first, second = (f"{year}-{month:02}-{day:02} for {day} {MONTHS[month - 1]}" for day, month in ways)
            return Mend(f"Write year, month, day: {first}, {second}.")
    return Mend()


def _month(written: str) -> tuple[int, int] | None:
    """Return year and month of a text that names no day, None for any other."""
    months = [month[:3].lower() for month in MONTHS]
    if found := re.fullmatch(r"([A-Za-z]{3,9}),? ([0-9]{4})", written):
        short = found[1][:3].lower()
        return (int(found[2]), months.index(short) + 1) if short in months else None
    if found := re.fullmatch(r"([0-9]{4})[-/]([0-9]{2})|([0-9]{1,2})/([0-9]{4})", written):
        year, month = int(found[1] or found[4]), int(found[2] or found[3])
        return (year, month) if 1 <= month <= 12 and year else None
    return None


def _day(written: str) -> str | None:
    """Return a date as year, month, day, None where day and month could be taken for each other."""
    months = [month[:3].lower() for month in MONTHS]
    if found := re.fullmatch(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", written):
        if not found[2] and len(written) != 8:
            return None
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})", written):
        day, month, year = (int(part) for part in found.groups())
        if month > 12:
            month, day = day, month
        elif day <= 12 and day != month:
            return None
    elif found := re.fullmatch(r"([0-9]{1,2})[ -]([A-Za-z]{3,9}),?[ -]([0-9]{4})", written):
        if found[2][:3].lower() not in months:
            return None
        day, month, year = int(found[1]), months.index(found[2][:3].lower()) + 1, int(found[3])
    elif (found := re.fullmatch(r"([A-Za-z]{3,9}) ([0-9]{1,2}),? ([0-9]{4})", written)) and found[1][
        :3
    ].lower() in months:
        day, month, year = int(found[2]), months.index(found[1][:3].lower()) + 1, int(found[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _swapped(written: str) -> str | None:
    """Return a date with month and day exchanged where the month as written is above 12, None for any other."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", written)
    return _day(f"{found[1]}-{found[3]}-{found[2]}") if found and found[2] > "12" else None
