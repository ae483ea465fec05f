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


def read_in_unit(data: Any) -> Any:
    """Return the data of a parameter with its value read in its unit; raises an error at the place of the value."""
    if not isinstance(data, dict) or data.get("value") is None or data.get("unit") not in UNITS:
        return data
    try:
        return {**data, "value": read_unit(data["value"], data["unit"])}
    except PydanticCustomError as error:
        said = error.context or {}
        raise fault(said["code"], said["message"], said["help"], at="value") from None


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
