"""The columns by which a caseload is counted: what may be in them, and columns that nobody has declared.

A group is declared in rules/facts.yaml. Its values are shown in reports, so they tell of no child, and none that may is
ever repeated. A column that is not declared is told by its position, and left unread where that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from unicodedata import category

from senpolicy.caseloads.tables import Caseload, RowBatch, open_caseload
from senpolicy.deciding.cases import IDENTIFIERS, Case, Refused, read_row
from senpolicy.files.identifiers import tells_of_a_child
from senpolicy.files.models.groups import Group
from senpolicy.files.problems import Place, Problem, nearest
from senpolicy.language.conditions import FactType
from senpolicy.policy.timeline import Policy

#: A day, as in a date of birth.
_DATED = re.compile(r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?:\d{2})?|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})(?!\d)")
#: What may be in the name of what pupils are counted to, a school and the like, beside letters and figures.
_IN_GROUPS = " .,:!'\u2018\u2019&/()+-\u2013"
_LONGEST_GROUP = 80
#: What to do about a column that is not declared.
UNDECLARED = (
    "Take it out, leave it unread with --leave-unread, or declare it in rules/facts.yaml under groups to count by it."
)


def is_group(text: str, group: Group | None = None) -> bool:
    """Return whether text can be the name or number of what pupils are counted to, and tells of no child.

    Without a `group` it is to be the name of a school or place. Where a group lists its values, no other is one.
    Letters and figures of every script are fine, with the marks that belong to them. It begins with one of them, so
    that no spreadsheet takes it for a formula.

    >>> is_group("St Anne 2"), is_group("Ysgol G\u0175yr: Infants"), is_group("St Anne " + "1/2/" + "2014")
    (True, True, False)
    """
    if group and group.values:
        return text in group.values
    sorts = [category(letter)[0] for letter in text]
    if not 0 < len(text) <= _LONGEST_GROUP or sorts[0] not in "LN":
        return False
    if any(sort not in "LMN" and letter not in _IN_GROUPS for letter, sort in zip(text, sorts, strict=True)):
        return False
    found = any(one.search(text) for one in (*IDENTIFIERS[:-1], _DATED))
    return not (found or tells_of_a_child(text, named=group is None or group.named))


def not_a_group(name: str, group: Group | None) -> tuple[str, str]:
    """Return what is wrong with a value that is not one of a group, without repeating it, and what to do."""
    if group and group.values:
        use = f"Use one of {', '.join(group.values)}" if len(group.values) > 1 else f"Write {group.values[0]}"
        return "This is not one of the values of this group.", f"{use}, or leave the cell empty."
    said = "This is not a name or number by which pupils can be counted."
    help = "Begin with a letter or a figure. Use letters, figures and spaces, and nothing that belongs to one child."
    if group and group.named:
        help += " Where a place is called after a person, add what it is, such as 'school', or use its number."
    elif group:
        help += f" What only looks like a name is listed under the values of '{name}' in rules/facts.yaml."
    return said, help


def with_groups(case: Case | Refused, given: Mapping[str, str], name: str, policy: Policy) -> Case | Refused:
    """Return a case, or refuse it where a value in the column of a group is not one; `name` is the file's."""
    groups = policy.corpus.facts.groups
    for column, text in given.items():
        if text and not is_group(text, groups[column]):
            said, help = not_a_group(column, groups[column])
            problem = Problem(Place(name), "not-a-group", said, help, row=case.row, field=column)
            case = Refused(case.ref, (*(case.problems if isinstance(case, Refused) else ()), problem), case.row)
    return case


def undeclared(heading: str, number: int, name: str, named: Collection[str], policy: Policy) -> Problem | None:
    """Return what is wrong with the heading of a column that the policy does not declare, None where it does.

    The heading, which may be a child's name, is not repeated: the column is told by its `number`. `named` are all
    headings of the file. `field` is the known name to which it is close, "" where it is close to none.
    """
    declared = {**policy.corpus.facts.facts, **policy.corpus.facts.groups}
    if not heading or heading in declared:
        return None
    read = read_row([(heading, "")], 0, name, policy)
    if isinstance(read, Refused) and any(one.code == "identifies-a-child" for one in read.problems):
        said = f"Column {number} looks like something that identifies a child."
        help = "Take it out; a case has a pseudonymous reference only."
        return Problem(Place(name), "identifies-a-child", said, help)
    near = nearest(heading, [one for one in declared if one not in named])
    help = f"Did you mean '{near}'?" if near else UNDECLARED
    said = f"Column {number} is not a fact that the policy knows."
    return Problem(Place(name), "unknown-field", said, help, field=near or "")


class _Without:
    """A caseload without some of its columns, of which no cell is read; see `Caseload`."""

    def __init__(self, caseload: Caseload, aside: Collection[str], *notes: str) -> None:
        self._caseload, self._notes, self.name = caseload, notes, caseload.name
        # Without its heading a column keeps its place, by which the others are told.
        self.headings = ["" if name in aside else name for name in caseload.headings]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the file as a whole."""
        return (*self._caseload.notes, *self._notes)

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows; see `Caseload`."""
        wanted = [name for name in self.headings if name and (only is None or name in only)]
        for piece in self._caseload.pieces(types, wanted):
            yield replace(piece, columns={name: cells for name, cells in piece.columns.items() if name in wanted})


def without(caseload: Caseload, aside: Collection[str]) -> Caseload:
    """Return a caseload without the columns of these headings."""
    return _Without(caseload, aside) if aside else caseload


def left_unread(caseload: Caseload, *policies: Policy) -> Caseload:
    """Return a caseload without the columns that none of these policies declares; its notes say which they were.

    One whose heading is close to a known name, or may identify a child, stays, so that it is refused. So do all where
    no heading is known: they are then no headings.
    """
    named = [heading for heading in caseload.headings if heading]
    aside: dict[str, list[int]] = {}
    for number, heading in enumerate(caseload.headings, 1):
        found = [undeclared(heading, number, caseload.name, named, policy) for policy in policies]
        if all(one and one.code == "unknown-field" and not one.field for one in found):
            aside.setdefault(heading, []).append(number)
    if not aside or len(aside) == len({*named}):
        return caseload
    return _Without(caseload, aside, *columns_unread(number for listed in aside.values() for number in listed))


def open_grouped(path: Path, *policies: Policy, leave_unread: bool = False) -> Caseload:
    """Return the caseload in a file, with the columns left unread, if wanted, that none of the policies declares.

    Raises `PolicyError` where the file is at fault, `WrongUse` for another kind of file.
    """
    caseload = open_caseload(path)
    return left_unread(caseload, *policies) if leave_unread else caseload


def columns_unread(numbers: Iterable[int]) -> Iterator[str]:
    """Yield a sentence that says which columns were left unread, none where there are none.

    >>> list(columns_unread([4, 2]))
    ['Columns 2 and 4 are not declared, and were left unread.']
    """
    said = [str(number) for number in sorted(numbers)]
    if len(said) == 1:
        yield f"Column {said[0]} is not declared, and was left unread."
    elif said:
        yield f"Columns {', '.join(said[:-1])} and {said[-1]} are not declared, and were left unread."
