"""How a request ends early."""

from __future__ import annotations

from typing import TypeVar

Row = TypeVar("Row")


def there(found: Row | None, what: str, says: str) -> Row:
    """Return a row that was asked for; raises `Stop` where it is not there: "There is no such" and what it is."""
    if found is None:
        raise Stop(404, f"There is no such {what}", says)
    return found


class Stop(Exception):
    """Raised where a request ends early: with a page that says why, or by going elsewhere."""

    def __init__(self, status: int, title: str = "", says: str = "", *, to: str = "", wrote: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.says, self.to, self.wrote = status, title, says, to, wrote
