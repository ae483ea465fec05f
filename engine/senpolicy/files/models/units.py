"""Values as files write them, each read in its unit: exact amounts and shares, days, whole numbers, lists of levels.

What is wrong with one is said in plain words, as an error that becomes a problem at the value's place.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic_core import PydanticCustomError

Unit = Literal[
    "pounds", "pounds_a_year", "share", "per_cent", "date", "years", "year_group", "count", "levels", "year", "text"
]
UNITS: tuple[str, ...] = get_args(Unit)
#: Days of a policy lie in these years.
YEARS = (1900, 2099)
#: Between which numbers a value in a unit lies, both included; None: without end. What is beyond is a slip of writing.
BOUNDS: dict[str, tuple[int, int | None]] = {
    "pounds": (0, None),
    "pounds_a_year": (0, None),
    "count": (0, None),
    "years": (0, 120),
    "year": YEARS,
}
#: Less of a per cent than this is taken for a share: 0.025 for 2.5%.
LEAST_PER_CENT = Decimal("0.1")


def fault(code: str, message: str, help: str = "", at: str = "") -> PydanticCustomError:
    """Return an error that becomes a problem at the field's own place, or at that of the key `at` below it."""
    return PydanticCustomError("own", "{message}", {"code": code, "message": message, "help": help, "at": at})


def read_date(text: Any) -> date:
    """Return the date that ISO text such as 2025-04-01 names; raises an error in plain words for anything else."""
    if isinstance(text, date):
        return text
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise fault("date", f"'{text}' is not a date.", "Write year, month, day: 2025-04-01.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fault("date", f"'{text}' is not a day of the calendar.", "Write year, month, day: 2025-04-01.") from None


def read_number(text: Any, places: int) -> Decimal:
    """Return plain figures as an exact Decimal with at most so many decimals; raises an error in plain words."""
    if isinstance(text, Decimal):
        return text
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise fault("number", f"'{text}' is not a plain number.", "Write figures only, such as 6000.00.")
    if "." in text and places == 0:
        raise fault("decimals", f"'{text}' is not a whole number.", "Write figures only, without decimals.")
    if "." in text and len(text.split(".")[1]) > places:
        raise fault("decimals", f"'{text}' has more than {places} decimals.", f"Write at most {places} decimals.")
    return Decimal(text)


def read_day(text: str | date) -> date:
    """Return a date as `read_date` does; raises an error in plain words, too, for one of an improbable year."""
    day = read_date(text)
    if not within(day.year, YEARS):
        help = f"Days of a policy lie between {YEARS[0]} and {YEARS[1]}: look at the figures of the year."
        near = turned(day, range(YEARS[0], YEARS[1] + 1))
        raise fault("implausible", f"'{text}' is in the year {day.year}.", near or help)
    return day


def turned(day: date, within: range) -> str:
    """Return a help that gives the day with two neighbouring figures of its year changed round, "" where none fits.

    >>> turned(date(2207, 4, 1), range(1900, 2100))
    'Did you mean 2027-04-01?'
    """
    year = f"{day.year:04}"
    years = {int(f"{year[:at]}{year[at + 1]}{year[at]}{year[at + 2 :]}") for at in range(3)} - {day.year}
    right = sorted(years & {*within})
    return f"Did you mean {right[0]}{day.isoformat()[4:]}?" if len(right) == 1 else ""


def within(number: Decimal | int, bounds: tuple[int, int | None]) -> bool:
    """Return whether a number lies between two bounds, both included."""
    lowest, highest = bounds
    return number >= lowest and (highest is None or number <= highest)


def read_in_unit(data: Any) -> Any:
    """Return the data of a parameter with its value read in its unit; raises an error at the place of the value."""
    if not isinstance(data, dict) or data.get("value") is None or data.get("unit") not in UNITS:
        return data
    try:
        return {**data, "value": read_set(data["value"], data["unit"])}
    except PydanticCustomError as error:
        said = error.context or {}
        raise fault(said["code"], said["message"], said["help"], at="value") from None


def read_set(value: str | list[str], unit: str) -> Any:
    """Return a value that a decision sets, as `read_unit` does; raises an error, too, for one that cannot be meant.

    An amount is not below 0, an age not above 120, a year or a day not of another century.
    """
    if unit == "date" and isinstance(value, str):
        return read_day(value)
    if unit == "year" and isinstance(value, str) and (years := re.fullmatch(r"([0-9]{4}) ?[/-] ?[0-9]{2,4}", value)):
        help = f"Write the one in which it begins: {years[1]}. Its first day is a value of its own, in the unit date."
        raise fault("unit", f"'{value}' names two years.", help)
    read = read_unit(value, unit)
    if unit in BOUNDS and not within(read, BOUNDS[unit]):
        lowest, highest = BOUNDS[unit]
        over = f"above {highest}" if read >= lowest else f"below {lowest}"
        help = f"Write a number from {lowest} to {highest}: look for a figure too many, or one that is missing."
        if read < 0:
            help = "Write it without the minus sign. Where it is taken off something, let the label say so."
        raise fault("implausible", f"'{value}' is {over}, and in {unit.replace('_', ' ')} that cannot be meant.", help)
    if unit == "per_cent" and 0 < read < LEAST_PER_CENT:
        said = f"{(read * 100).normalize():f}"
        help = f"Write per cent as people say it: {said} for {said}%. A share has 'unit: share'."
        raise fault("implausible", f"'{value}' per cent is less than a tenth of one.", help)
    return read


def read_unit(value: Any, unit: str) -> Any:
    """Return a written value in its unit: Decimal pounds, share or per cent; date; int; list of ids; text.

    Raises an error in plain words when the value is not of that unit (a share lies between 0 and 1).
    """
    if unit == "levels":
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise fault("unit", "A value in levels is a list of levels.", "Write one level a line, each after a dash.")
        return value
    if isinstance(value, (list, dict)):
        raise fault("unit", f"A value in {unit} is not a list.", "Write one value.")
    if unit == "date":
        return read_date(value)
    if unit in ("years", "year_group", "count", "year"):
        return int(read_number(value, 0))
    if unit in ("pounds", "pounds_a_year"):
        return read_number(value, 2)
    if unit in ("share", "per_cent"):
        per_cent = isinstance(value, str) and value.endswith("%")
        number = read_number(value[:-1] if per_cent else value, 6)
        if per_cent and unit == "per_cent":
            raise fault("number", f"'{value}' has the sign that its unit gives already.", f"Write {value[:-1]}.")
        if per_cent or (unit == "share" and not 0 <= number <= 1):
            raise fault("unit", f"'{value}' is not a share.", "A share lies between 0 and 1: write 0.75 for 75%.")
        return number
    return value


def read_plain(value: Any) -> str | bool:
    """Return one plain value; raises an error in plain words for a list or a map."""
    if isinstance(value, (str, bool)):
        return value
    raise fault("shape", "This must be one plain value.", "Write one; to name several, use 'one_of' with a list.")


def read_choices(value: Any) -> list[str] | str:
    """Return a list of plain values, or `$` and a name; raises an error in plain words for anything else."""
    if isinstance(value, str) and value.startswith("$"):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return value
    raise fault("shape", "'one_of' needs a list of values.", "Write it in brackets: one_of: [this, that].")
