"""An extract of the national register of schools: what kind of school a number or a name is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from senpolicy.caseloads.files.grids import grids_of
from senpolicy.caseloads.importing.values import Codes, plain
from senpolicy.files.problems import Place, PolicyError, Problem, shown_name

URN, UKPRN, AUTHORITY, NUMBER = "urn", "ukprn", "lacode", "establishmentnumber"
NAME, TYPE, STATUS = "establishmentname", "typeofestablishmentcode", "establishmentstatuscode"
CLOSED = "2"
#: What is taken off a number as a list has it: 999/2001, and 9992001.0 as a spreadsheet may write it.
NOT_FIGURES = re.compile(r"\.0$|[^0-9]")


@dataclass(frozen=True)
class School:
    """A school of the register: its number as it is written in a caseload, its setting, "" for none, and flags."""

    number: str
    name: str
    setting: str
    flags: tuple[str, ...] = ()


class Register:
    """The schools of an extract, by each of their numbers, and by name."""

    def __init__(self, path: Path, types: Codes) -> None:
        """Read the extract; raises `PolicyError` where it cannot be read, or has no numbers and types of schools."""
        grids, _ = grids_of(path)
        rows = grids[0].rows
        headings = [plain(cell) for cell in rows[0].cells] if rows else []
        if URN not in headings or TYPE not in headings:
            said = (
                "This is not an extract of the register of schools: 'URN' or 'TypeOfEstablishment (code)' is missing."
            )
            help = "Download 'all establishment data' from the register, and leave these columns in."
            raise PolicyError([Problem(Place(shown_name(path)), "no-register", said, help)])
        self._by_number: dict[str, School] = {}
        self._by_name: dict[str, list[School]] = {}
        for row in rows[1:]:
            cells = dict(zip(headings, (cell.strip() for cell in row.cells), strict=False))
            read = types.read(cells[TYPE])
            flags = list(read.flags) if read.value else ["type_without_setting"]
            if "hospital" in cells.get(NAME, "").lower():
                flags.append("hospital_school_not_told_by_type")
            if cells.get(STATUS) == CLOSED:
                flags.append("closed_establishment")
            both = cells.get(AUTHORITY, "") + cells.get(NUMBER, "")
            number = both if re.fullmatch(r"\d{7}", both) else cells[URN]
            school = School(number, cells.get(NAME, ""), read.value, tuple(flags))
            for key in (both, cells[URN], cells.get(UKPRN, "")):
                held = self._by_number.get(key)
                # An academy keeps the number of the school that closed for it.
                if key and (held is None or "closed_establishment" in held.flags):
                    self._by_number[key] = school
            self._by_name.setdefault(plain(school.name), []).append(school)

    def numbered(self, *numbers: str) -> School | None:
        """Return the school with one of these numbers: authority and establishment, URN or UKPRN; None for none."""
        bare = (NOT_FIGURES.sub("", number) for number in numbers)
        return next((self._by_number[one] for one in bare if one in self._by_number), None)

    def named(self, name: str) -> School | None:
        """Return the one school of a name; None where there is none, or more than one."""
        found = self._by_name.get(plain(name), [])
        return found[0] if len(found) == 1 else None
