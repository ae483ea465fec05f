"""Values in their units, as people write them: "£6,000 a year", "75%", "Year 3", "1 week"."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from senpolicy.language.conditions import pence
from senpolicy.policy.figures import POUNDS
from senpolicy.readings.say import YEAR_GROUPS, say_date, say_money


def in_words(value: Any, unit: str) -> str:
    """Return a value that is held in its unit, as people write it.

    `value` is what the models read in that unit: Decimal pounds, share or per cent; date; whole number; list of ids;
    text.

    >>> in_words(Decimal("6000"), "pounds_a_year"), in_words(Decimal("0.75"), "share")
    ('£6,000 a year', '75%')
    >>> in_words(Decimal(1200), "per_cent"), in_words(date(2025, 4, 1), "date")
    ('1,200%', '1 April 2025')
    >>> in_words(14143, "count"), in_words(-1, "year_group"), in_words(1, "years")
    ('14,143', 'nursery', '1 year')
    >>> in_words(["sen_support", "wider_support"], "levels"), in_words(Decimal("-51"), "million_pounds")
    ('sen support, wider support', '-£51 million')
    """
    if unit in POUNDS:
        return say_money(pence(Decimal(value))) + (" a year" if unit == "pounds_a_year" else "")
    if unit == "million_pounds":
        return say_millions(Decimal(value))
    if unit in ("share", "per_cent"):
        return f"{say_number(Decimal(value) * (100 if unit == 'share' else 1))}%"
    if isinstance(value, date):
        return say_date(value)
    if unit == "levels":
        return ", ".join(one.replace("_", " ") for one in value)
    if unit == "year_group":
        return YEAR_GROUPS.get(value, f"Year {value}")
    if unit in ("years", "weeks"):
        return f"{value} {unit.removesuffix('s') if value == 1 else unit}"
    if unit == "year":
        return str(value)
    return say_number(value) if isinstance(value, (Decimal, int)) else str(value)


def say_millions(amount: Decimal, millions: str = " million") -> str:
    """Return millions of pounds as people write them.

    >>> say_millions(Decimal("-51.0")), say_millions(Decimal("16.5"), "m")
    ('-£51 million', '£16.5m')
    """
    return f"{'-' if amount < 0 else ''}£{say_number(abs(amount))}{millions}"


def say_number(number: Decimal | int) -> str:
    """Return a number with commas over 999 and no needless zeros.

    >>> say_number(Decimal("14143.50")), say_number(3)
    ('14,143.5', '3')
    """
    digits = f"{Decimal(number):,f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
