"""Shares and other fractions as decimals: exactly where they have an end, else rounded as the caller says."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction


def decimal(share: Fraction) -> Decimal:
    """Return a share as a Decimal: exact, since shares are written with at most six decimals.

    >>> decimal(Fraction(3, 8))
    Decimal('0.375')
    """
    return Decimal(share.numerator) / Decimal(share.denominator)


def say_per_cent(share: Fraction) -> str:
    """Return a share of at most six decimals in per cent, with as many decimals as it has.

    >>> say_per_cent(Fraction(1, 50)), say_per_cent(Fraction(3, 200))
    ('2%', '1.5%')
    """
    text = say_decimal(100 * share, 4)
    return f"{text.rstrip('0').rstrip('.')}%"


def say_decimal(value: Fraction, places: int, rounded: Callable[[Fraction], int] = math.floor) -> str:
    """Return a fraction as text with so many decimals: rounded down, or as `rounded` does, and exact until then.

    >>> say_decimal(Fraction(2803, 3080), 4), say_decimal(Fraction(-1, 3), 1, round)
    ('0.9100', '-0.3')
    """
    return f"{Decimal(rounded(value * 10**places)).scaleb(-places):f}"
