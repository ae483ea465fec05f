"""A proposal of how an unknown kind of list may be read: what each heading could be about, for a person to confirm."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from senpolicy.caseloads.files.grids import Grid, grids_of
from senpolicy.caseloads.importing import values
from senpolicy.caseloads.importing.records import HEADINGS_WITHIN, Kinds
from senpolicy.caseloads.importing.values import Codes, plain
from senpolicy.files.models.imports import CodesOf, ColumnOf
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse, shown_name

#: A heading is like a known one where so much of both is the same.
LIKE = 0.6
#: A column is written in a list of codes, or in days, where so many of its cells are.
MOST = 0.8
#: So many rows are looked at.
TRIED = 200


def proposed(path: Path, name: str, kinds: Kinds, on: date) -> str:
    """Return a file for imports/ that reads lists like this one, with what each column was taken for and why.

    No cell of the list is in it, and no heading that could tell who a child is. Raises `PolicyError` where the file has
    no row that could be headings, `WrongUse` for a name that a file of imports/ cannot have.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise WrongUse(f"'{name}' is not a name for it. Use small letters, figures and hyphens, such as our-list.")
    grids, _ = grids_of(path)
    grid, place = _headings(path, grids, kinds)
    headings = [cell.strip() for cell in grid.rows[place].cells]
    below = [row.cells for row in grid.rows[place + 1 : place + 1 + TRIED]]
    lines, taken = [], dict[str, str]()
    for at, heading in enumerate(headings):
        if not heading:
            continue
        cells = [cell for row in below if at < len(row) and (cell := row[at].strip())]
        column, why = _guess(heading, cells, kinds, on)
        if column and column not in taken and not kinds.column(heading):
            taken[column] = heading
            lines.append(f"  # {kinds.columns[column].label}: {why}.")
            lines.append(f'  {column}: ["{plain(heading)}"]')
        elif column is None:
            # A heading that nobody knows may be a child's name: its place is told, and not its words.
            lines.append(f"  # column {at + 1}: left unread{why}")
    known = [heading for heading in headings if kinds.column(heading)]
    marks = ", ".join(f'"{plain(one)}"' for one in (*taken.values(), *known)[:3])
    head = [
        "# yaml-language-server: $schema=../schemas/imports.schema.json",
        "# A proposal. Check what each heading is taken for, and strike what is wrong.",
        f"import: {name}",
        f"title: Lists like {name}",
        "known_from: A list of the school's own, whose headings a person has checked",
        "strength: C",
        "shape: list",
        "marks:",
        f"  - [{marks}]",
        "headings:" if taken else "headings: {}",
    ]
    return "\n".join([*head, *lines]) + "\n"


def _headings(path: Path, grids: Sequence[Grid], kinds: Kinds) -> tuple[Grid, int]:
    """Return the sheet and the row that look like headings: most of its cells are text, and many rows follow."""
    best: tuple[float, Grid, int] | None = None
    for grid in grids:
        for place, row in enumerate(grid.rows[:HEADINGS_WITHIN]):
            words = [cell for cell in row.cells if any(letter.isalpha() for letter in cell)]
            score = len({plain(cell) for cell in words}) + 3 * sum(kinds.column(cell) is not None for cell in words)
            if len(words) > 1 and len(grid.rows) > place + 1 and (best is None or score > best[0]):
                best = (score, grid, place)
    if best is None:
        said = "No row of this file looks like headings."
        raise PolicyError([Problem(Place(shown_name(path)), "kind-not-known", said, "Put a row of headings above it.")])
    return best[1], best[2]


def _guess(heading: str, cells: Sequence[str], kinds: Kinds, on: date) -> tuple[str | None, str]:
    """Return what a column may be about and why: as its heading is, or as its cells are; None for nothing."""
    known = kinds.column(heading)
    if known:
        return known, "its heading is known"
    fitting = {name: one for name, one in kinds.columns.items() if _fits(one, cells, kinds.lists, on)}
    words = {plain(word): name for name, one in fitting.items() for word in one.headings}
    near = difflib.get_close_matches(plain(heading), words, 1, LIKE)
    if near:
        return words[near[0]], f'its heading is like "{near[0]}"'
    if not cells:
        return None, ""
    coded = [name for name, one in fitting.items() if one.holds == "code"]
    if len({kinds.columns[name].codes for name in coded}) == 1:
        return coded[0], "its cells are codes of that list"
    could = [name for name, one in fitting.items() if one.holds not in ("identifier", "words", "yes_no")]
    return None, f"; by its cells it could be: {', '.join(could)}" if could else ""


def _fits(column: ColumnOf, cells: Sequence[str], lists: Mapping[str, CodesOf], on: date) -> bool:
    """Return whether most cells can be what a column holds; words and numbers of pupils can be anything."""
    if not cells or column.holds in ("identifier", "words"):
        return True
    if column.holds == "code":
        codes = Codes(lists[column.codes or ""].codes)
        good = sum(bool(codes.code_of(values.year_code(cell)) or codes.code_of(cell.split(" - ")[0])) for cell in cells)
    elif column.holds == "day":
        good = sum(values.day(cell, on)[0] is not None for cell in cells)
    elif column.holds == "money":
        good = sum(values.money(cell)[0] is not None for cell in cells)
    else:
        good = sum(values.yes_no(cell) is not None for cell in cells)
    return good >= MOST * len(cells)
