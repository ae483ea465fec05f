"""Small counts: of how few pupils a report that may be shared says nothing.

A count by itself is `shared` or `told`. Figures over some of the same pupils, side by side: `Withholding`. Rows of
groups with a total, where one that is withheld could be worked out from the others: `comparing/suppression`. The page
for schools has `Withholding` too, in `site/assets/school/model.js`.
"""

from __future__ import annotations

#: A count below this, and above 0, could tell who a child is.
LEAST = 5
#: What is said in the place of a figure that may not be shared.
WITHHELD = "withheld"


def shared(number: int) -> int | str:
    """Return a count that may be shared: under five it is not told, above it is rounded to five.

    All are rounded, the totals too, so that what is not told cannot be worked out from the others.

    >>> [shared(number) for number in (0, 3, 7, 12)]
    [0, 'fewer than 5', 5, 10]
    """
    if few(number):
        return told(number)
    return 5 * ((number + 2) // 5)


def few(*numbers: int) -> bool:
    """Return whether one of these numbers of pupils is of so few that it could tell who a child is."""
    return any(0 < number < LEAST for number in numbers)


def told(number: int, shared: bool = True) -> str:
    """Return a number of pupils as it is told, in what may be `shared` without those of fewer than five.

    >>> told(0), told(3), told(1200), told(3, shared=False)
    ('0', 'fewer than 5', '1,200', '3')
    """
    return f"fewer than {LEAST}" if shared and few(number) else f"{number:,}"


class Withholding:
    """Which figures may be told side by side, each a sum or a count over some of the same pupils.

    All sets of pupils that are told divide the pupils into parts of which the figures are made. A figure is withheld
    where any part would be of fewer than five: so no sum or difference of what is told is of fewer. What matters most
    is asked about first. Pupils are the bits of a whole number.
    """

    def __init__(self, pupils: int) -> None:
        self._parts = [(1 << pupils) - 1] if pupils >= LEAST else []

    def may_tell(self, pupils: int) -> bool:
        """Return whether a figure over these pupils may be told beside those before, and remember it if so.

        >>> page = Withholding(20)
        >>> page.may_tell(0b1111), page.may_tell(0b11111), page.may_tell(0b1111111)
        (False, True, False)
        """
        parts = [part for one in self._parts for part in (one & pupils, one & ~pupils) if part]
        if not parts or any(part.bit_count() < LEAST for part in parts):
            return False
        self._parts = parts
        return True
