"""Problems: what is wrong, where it stands, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in a file: its name, and line and column counted from 1 (0 where there is none)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that is wrong, in the reader's words.

    `code` is stable and short. `row` (counted from 1) and `field` are given for case files, whose values
    are never repeated in a message. `warning` marks what is worth a look but stops nothing.
    """

    place: Place
    code: str
    message: str
    help: str = ""
    warning: bool = False
    row: int = 0
    field: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.file else ""
        kind = "warning: " if self.warning else ""
        field = f", {self.field}" if self.field else ""
        row = f"case {self.row}{field}: " if self.row else ""
        text = f"{where}{kind}{row}{self.message} [{self.code}]"
        return f"{text}\n  help: {self.help}" if self.help else text

    def to_json(self) -> dict[str, object]:
        """Return the problem as plain data; `line`, `row` and `field` only where they say something."""
        data: dict[str, object] = {"code": self.code, "message": self.message, "help": self.help}
        if self.row:
            data["row"] = self.row
        if self.field:
            data["field"] = self.field
        if self.place.line:
            data["line"], data["column"] = self.place.line, self.place.column
        return data


class PolicyError(Exception):
    """Raised where work cannot go on; carries every problem found, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WrongUse(Exception):
    """Raised when the caller asks for something that does not exist; the message says what does."""


@dataclass
class Problems:
    """A collection that grows while files are read."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, code: str, message: str, help: str = "", *, warning: bool = False) -> None:
        """Add one problem; the arguments are those of `Problem`."""
        self.found.append(Problem(place, code, message, help, warning))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    @property
    def errors(self) -> list[Problem]:
        """The problems that are more than warnings."""
        return [problem for problem in self.found if not problem.warning]

    def stop_on_errors(self) -> None:
        """Raise `PolicyError` with everything found if any of it is more than a warning."""
        if self.errors:
            raise PolicyError(self.found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a help line that names the nearest known word, or the known words when they are few; "" otherwise.

    >>> did_you_mean("atleast", ["at_least", "at_most"])
    "Did you mean 'at_least'?"
    >>> did_you_mean("xyz", ["a", "b"])
    "Use one of 'a', 'b'."
    """
    names = list(known)
    near = nearest(word, names)
    if near:
        return f"Did you mean '{near}'?"
    return f"Use one of {listed(names)}." if 0 < len(names) <= 12 else ""


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is most like `word`, or None when none is much like it."""
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.7)
    return lower[near[0]] if near else None


def listed(words: Iterable[str]) -> str:
    """Return words in quotes with commas between.

    >>> listed(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(f"'{word}'" for word in words)
