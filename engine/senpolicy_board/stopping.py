"""How a request ends early."""

from __future__ import annotations


class Stop(Exception):
    """Raised where a request ends early: with a page that says why, or by going elsewhere."""

    def __init__(self, status: int, title: str = "", says: str = "", *, to: str = "", wrote: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.says, self.to, self.wrote = status, title, says, to, wrote
