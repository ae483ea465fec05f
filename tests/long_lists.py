"""One of each kind in `make test`, all of them in `make slow`: for long lists whose entries try the same code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import pytest

Value = TypeVar("Value")


def first_of_each(
    values: Iterable[Value], kind: Callable[[Value], Hashable], name: Callable[[Value], str] = str
) -> list[Any]:
    """Return every value as a parameter of a test; all but the first of a kind are left to `make slow`."""
    seen: set[Hashable] = set()
    found = []
    for value in values:
        marks = [pytest.mark.slow] if kind(value) in seen else []
        seen.add(kind(value))
        given = value if isinstance(value, tuple) else (value,)
        found.append(pytest.param(*given, id=name(value), marks=marks))
    return found
