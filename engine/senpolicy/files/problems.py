"""Problems: what is wrong, where it is, and what to do about it."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from senpolicy.files.digests import PlainData

#: The way to a part of a file: keys of maps, and places in lists, counted from 0.
At = tuple[str | int, ...]


class Place(NamedTuple):
    """A place in a file: its name, and line and column counted from 1 (0 where there is none)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a problem: `wrong` is at the problem's place, and `right` is to replace it."""

    wrong: str
    right: str


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that is wrong, in the reader's words.

    `code` is stable and short, and has a page (`files.codes`). `row` (counted from 1) and `field` are given for
    case files, whose values are never repeated in a message. `warning` marks what is worth a look but stops nothing.
    `fix` is given where only one text can be meant.
    """

    place: Place
    code: str
    message: str
    help: str = ""
    warning: bool = False
    row: int = 0
    field: str = ""
    fix: Fix | None = dataclasses.field(default=None, compare=False)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.file else ""
        kind = "warning: " if self.warning else ""
        field = f", {self.field}" if self.field else ""
        row = f"case {self.row}{field}: " if self.row else ""
        text = f"{where}{kind}{row}{self.message} [{self.code}]"
        return "\n  ".join([text, *self.advice()])

    def advice(self) -> list[str]:
        """Return what to do, in one or two lines: the help, and the text to write where there is but one."""
        lines = [f"help: {self.help}"] if self.help else []
        return [*lines, f"write: {self.fix.right}"] if self.fix and self.fix.right.strip() else lines

    def to_json(self) -> dict[str, PlainData]:
        """Return the problem as plain data; `line`, `row`, `field` and `fix` only where they say something."""
        data: dict[str, PlainData] = {"code": self.code, "message": self.message, "help": self.help}
        if self.row:
            data["row"] = self.row
        if self.field:
            data["field"] = self.field
        if self.place.line:
            data["line"], data["column"] = self.place.line, self.place.column
        if self.fix:
            data["fix"] = {"wrong": self.fix.wrong, "right": self.fix.right}
        return data

    def span(self, text: str) -> tuple[int, int] | None:
        """Return where in the text of its file the words are that the fix replaces, None where they are not there."""
        if self.fix is None or not self.place.line:
            return None
        at = sum(len(line) for line in text.splitlines(keepends=True)[: self.place.line - 1])
        at += max(self.place.column - 1, 0)
        if text[at : at + 1] in ("'", '"') and not self.fix.wrong.startswith(text[at]):
            at += 1  # The place of a text in quotes is that of its mark.
        return (at, at + len(self.fix.wrong)) if text.startswith(self.fix.wrong, at) else None

    def mended(self, text: str) -> str | None:
        """Return the text of its file with the fix made, None where there is none to make."""
        span = self.span(text)
        return text[: span[0]] + self.fix.right + text[span[1] :] if span and self.fix else None


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

    found: list[Problem] = dataclasses.field(default_factory=list)

    def add(
        self,
        place: Place,
        code: str,
        message: str,
        help: str = "",
        *,
        warning: bool = False,
        fix: Fix | None = None,
    ) -> None:
        """Add one problem; the arguments are those of `Problem`."""
        self.found.append(Problem(place, code, message, help, warning, fix=fix))

    def known(
        self, at: Callable[[], Place], what: str, word: str, names: Collection[str], *,
        kind: str = "", look: str = "Look it up in the policy.", where: str = "of this policy", mark: str = "",
    ) -> bool:  # fmt: skip
        """Return whether a word is one of the names, after adding a problem if not.

        `what` says of what: "question", "'scope' answer". The code has `kind` where that is not all of it; `look` helps
        where no name is near; `mark` is written before the word.
        """
        if word not in names:
            kind = kind or what.rpartition("' ")[2]  # "'scope' answer" is an answer
            article = "an" if what.strip("'")[0] in "aeiou" else "a"
            said = f"'{word}' is not {article} {what} {where}."
            self.add(at(), f"unknown-{kind.replace(' ', '-')}", said, did_you_mean(word, names) or look,
                     fix=nearest_fix(word, names, mark))  # fmt: skip
        return word in names

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


def nearest_fix(word: str, known: Iterable[str], mark: str = "") -> Fix | None:
    """Return the fix that puts the nearest known word in the place of `word`, each after `mark`; None without one.

    >>> nearest_fix("atleast", ["at_least", "at_most"])
    Fix(wrong='atleast', right='at_least')
    """
    near = nearest(word, list(known))
    return Fix(mark + word, mark + near) if near else None


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is most like `word`, None where none is, or two alike.

    >>> nearest("wider", ["wide_open", "wilder", "wider_support"])
    'wider_support'
    """
    lower = {name.lower(): name for name in known}
    # A word that was not written to its end, or the mark of a point, is nearer to the whole than to any of its length.
    begun = [name for name in lower if name.startswith(word.lower() + "-" * (len(word) <= 3))]
    if len(begun) == 1:
        return lower[begun[0]]
    # Letters that changed places weigh too much in a short word, and tell a number from its neighbours.
    turned = [name for name in lower if sorted(name) == sorted(word.lower()) and len(name) > 2]
    if len(turned) == 1:
        return lower[turned[0]]
    near = difflib.get_close_matches(word.lower(), lower, n=2, cutoff=0.7)
    if len(near) == 2 and _likeness(near[0], word) == _likeness(near[1], word):
        return None  # Which of the two is meant would be a guess.
    return lower[near[0]] if near else None


def _likeness(name: str, word: str) -> float:
    """Return how like a word a name is, from 0 to 1, as `difflib` has it."""
    return difflib.SequenceMatcher(None, name, word.lower()).ratio()


def listed(words: Iterable[str]) -> str:
    """Return words in quotes with commas between.

    >>> listed(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(f"'{word}'" for word in words)


def shown_name(path: Path) -> str:
    """Return the name of a file as it can be printed: it comes before every message."""
    return "".join(letter if letter.isprintable() else "?" for letter in path.name)
