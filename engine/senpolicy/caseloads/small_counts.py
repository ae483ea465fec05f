"""Small counts: of how few pupils a report that may be shared says nothing."""

from __future__ import annotations

#: A count below this, and above 0, could tell who a child is.
LEAST = 5


def shared(number: int) -> int | str:
    """Return a count that may be shared: under five it is not told, above it is rounded to five.

    All are rounded, the totals too, so that what is not told cannot be worked out from the others.

    >>> [shared(number) for number in (0, 3, 7, 12)]
    [0, 'fewer than 5', 5, 10]
    """
    if 0 < number < LEAST:
        return f"fewer than {LEAST}"
    return 5 * ((number + 2) // 5)
