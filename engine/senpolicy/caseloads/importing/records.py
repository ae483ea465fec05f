"""From a file as it lies to records: for each pupil, or row, the text of every column that an import knows."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import inf
from pathlib import Path

from senpolicy.caseloads.files.grids import GRIDS, TREES, Grid, GridRow, XmlText, grids_of, leaves_of
from senpolicy.caseloads.importing import values
from senpolicy.caseloads.importing.values import Codes, plain
from senpolicy.files.digests import PlainData
from senpolicy.files.models.imports import CodesOf, ColumnOf, ImportFile, Part, Return
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse, listed, shown_name

#: Headings are looked for in so many rows.
HEADINGS_WITHIN = 40
#: A row of headings has as many that are known.
FEWEST_KNOWN = 2
#: A heading is nearly a field of a case where so much of both is the same: one letter in ten may differ.
NEARLY = 0.9
#: A list of pupils has one of these columns.
OF_PUPILS = ("birth", "year", "status", "plan_yes_no", "issued", "rate", "reference", "upn")
#: The column, the list of codes, and the value of it by which a registration is the main one.
ENROLMENT, MAIN = "enrolment", "main"
NAMES = ("surname", "forename", "full_name")
#: Of columns that hold these only one may be there, or none is read; but where the first is, by imports/columns.yaml.
ONE_ONLY = ("day", "money", "code", "yes_no")
_TOTAL = re.compile(r"(?:grand |sub-? ?)?total|count|average", re.I)
_LAESTAB = re.compile(r"(?<!\d)(\d{3})\s?/\s?(\d{4})(?!\d)|(?<!\d)(\d{7})(?!\d)")
_DAY = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2} \w+ \d{4}"
_SAID = "as at|as of|as on|correct at|effective(?: date)?|version of|date|printed(?: on)?|produced(?: on)?"
_OF_DAY = re.compile(rf"(?:{_SAID})\W{{0,3}}({_DAY})", re.I)
_URN = re.compile(r"\bURN\W{0,3}(\d{6})\b", re.I)
_FINANCIAL_YEAR = re.compile(r"\b(20\d\d)\s?[/-]\s?(?:20)?\d\d\b")
_OF_DAY_CELL = re.compile(r"(?:effective|as at|report)? ?date|as at|effective", re.I)
#: In which month and week of the school year a census is taken: autumn, spring, summer.
_CENSUS = {"autumn": (10, 1), "spring": (1, 3), "summer": (5, 3)}


@dataclass
class PupilRecord:
    """A pupil, or a row: where it is, the text of each column that is known, and what was noticed on the way.

    `periods` are the rows of one pupil in a schedule of payments, in the order of the file.
    """

    at: dict[str, PlainData]
    cells: dict[str, str]
    flags: list[str] = field(default_factory=list)
    excluded: str = ""
    periods: list[dict[str, str]] = field(default_factory=list)


@dataclass
class FileRecords:
    """A file as it was read: its kind, its records, of which day it is, and what was left out, by kind, with counts.

    `columns` are the headings that were read, each with what it was taken for (None: not read), in their order;
    `school` is the number of the one school that the whole file is of, "" for none; `titles` are the texts above and
    beside its lists; `unread` are columns of which there are several, so that none was read; `serials` says whether a
    bare number can be a day.
    """

    kind: ImportFile
    records: list[PupilRecord]
    columns: list[tuple[str, str | None]]
    of_day: date | None = None
    school: str = ""
    left_out: Counter[str] = field(default_factory=Counter)
    titles: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    serials: bool = True
    notes: list[str] = field(default_factory=list)


class Kinds:
    """The kinds of file that are known, with their headings."""

    def __init__(
        self,
        columns: Mapping[str, ColumnOf],
        lists: Mapping[str, CodesOf],
        kinds: Sequence[ImportFile],
        facts: Mapping[str, str],
    ) -> None:
        """Take the columns and lists of codes of imports/, the kinds, and the headings that name a fact of a case."""
        self.columns, self.lists, self.kinds = columns, lists, kinds
        self._facts = {plain(heading): f"fact:{name}" for heading, name in facts.items()}
        self._general = {plain(one): name for name, column in columns.items() for one in column.headings}

    def add(self, kind: ImportFile) -> str:
        """Put a kind before the others, and return its name."""
        self.kinds = [kind, *(one for one in self.kinds if one.kind != kind.kind)]
        return kind.kind

    def named(self, name: str) -> ImportFile:
        """Return the kind of that name; raises `WrongUse` for none."""
        for one in self.kinds:
            if one.kind == name:
                return one
        raise WrongUse(f"'{name}' is not a kind of file. These are: {', '.join(one.kind for one in self.kinds)}.")

    def column(self, heading: str, kind: ImportFile | None = None) -> str | None:
        """Return the column that a heading names, None for none."""
        word = plain(heading)
        own = {plain(one): name for name, words in kind.headings.items() for one in words} if kind else {}
        return own.get(word) or self._general.get(word) or self._facts.get(word)

    def codes(self, kind: ImportFile) -> dict[str, Codes]:
        """Return for each column that is written in codes the list by which it is read in a kind of file."""
        listed = {name: self.lists[one.codes].codes for name, one in self.columns.items() if one.codes}
        return {name: Codes(codes | kind.codes.get(name, {})) for name, codes in listed.items()}

    def is_main(self, cells: Mapping[str, str]) -> bool:
        """Return whether a row is of the pupil's main registration, as far as it says so; one that is silent is."""
        said = cells.get(ENROLMENT, "")
        return not said.strip() or Codes(self.lists[ENROLMENT].codes).read(said).value == MAIN

    def close_to_a_fact(self, heading: str) -> str | None:
        """Return the field of a case that a heading nearly names: it may not be passed over in silence."""
        word = plain(heading)
        near = difflib.get_close_matches(word, self._facts, 1, NEARLY) if len(word) > 5 else []
        return self._facts[near[0]].removeprefix("fact:") if near else None


def taken(path: Path, kinds: Kinds, asked: str | None, on: date) -> FileRecords:
    """Return a file as records.

    Raises `PolicyError` where it is at fault or of no known kind, `WrongUse` for a kind or an ending that is not one.
    """
    wanted = kinds.named(asked) if asked else None
    if path.is_dir():
        return _tables(_grids(sorted(path.glob("*.csv"))), kinds, wanted, shown_name(path))
    suffix = path.suffix.lower()
    if suffix in TREES:
        return _tree(path, kinds, wanted)
    if suffix not in GRIDS:
        raise WrongUse(f"'{path.name}' cannot be read. Use a name that ends in {listed((*GRIDS, *TREES))}.")
    grids, notes = grids_of(path)
    if suffix == ".csv" and len(grids) == 1:
        beside = _beside(path, grids[0], kinds, wanted)
        if beside:
            return beside
    _refuse_other_layouts(path, grids, kinds)
    own = {table for grid in grids if (table := _table_of(grid))}
    if any(kind.record and own & {*kind.record.tables, *kind.record.tables.values()} for kind in kinds.kinds):
        found = _tables(grids, kinds, wanted, shown_name(path))
    else:
        found = _table(path, grids, kinds, wanted, on)
    found.notes += notes
    return found


def _grids(paths: Iterable[Path]) -> Iterator[Grid]:
    """Yield the one sheet of each CSV file."""
    return (grids_of(path)[0][0] for path in paths)


def _refuse_other_layouts(path: Path, grids: Sequence[Grid], kinds: Kinds) -> None:
    """Raise `PolicyError` for a file that is known by its titles and is in a layout that is not."""
    for kind in kinds.kinds:
        titles = {plain(one) for one in kind.not_read}
        if titles and any(plain(cell) in titles for grid in grids for row in grid.rows for cell in row.cells[:1]):
            help = "Bring it as XML, as CSV files out of COLLECT, or as a workbook with such a table on each sheet."
            raise _fault(path, "kind-not-known", f"This layout of a {kind.title} is not known here.", help)


def _table_of(grid: Grid) -> str:
    """Return the element of a return of which a table is, by its first heading; "" for none."""
    first = plain(grid.rows[0].cells[0]) if grid.rows else ""
    return first.removesuffix("tableid") if first.endswith("tableid") else ""


def _fault(path: Path | str, code: str, said: str, help: str) -> PolicyError:
    name = shown_name(path) if isinstance(path, Path) else path
    return PolicyError([Problem(Place(name), code, said, help)])


# Tables.


@dataclass(frozen=True)
class _Table:
    """A sheet with its headings, how many of these are known, and the place of the row in front of the first pupil."""

    grid: Grid
    headings: list[str]
    score: int
    place: int


def _headed(grid: Grid, kinds: Kinds, wanted: ImportFile | None) -> _Table:
    """Return a sheet with the row of which most cells are headings that are known; the first of several.

    Of two rows of headings, one below the other, a column is headed by both together, or by the one that is known.
    """

    def known(headings: Sequence[str]) -> int:
        return sum(kinds.column(one, wanted) is not None for one in headings if one)

    rows = [[cell.strip() for cell in row.cells] for row in grid.rows[:HEADINGS_WITHIN]]
    best = max(range(len(rows)), key=lambda place: (known(rows[place]), -place))
    found = _Table(grid, rows[best], known(rows[best]), best)
    for upper in {best - 1, best} & set(range(len(rows) - 1)):
        both = _two_rows(rows[upper], rows[upper + 1], kinds, wanted)
        if rows[upper] != rows[upper + 1] and known(rows[upper + 1]) >= FEWEST_KNOWN and known(both) > found.score:
            found = _Table(grid, both, known(both), upper + 1)
    return found


def _two_rows(upper: Sequence[str], lower: Sequence[str], kinds: Kinds, wanted: ImportFile | None) -> list[str]:
    found, over = [], ""
    for top, cell in zip(upper, lower, strict=False):
        over = top or over
        said = (f"{over} {cell}", cell, top) if cell else (top,)
        found.append(next((one for one in said if one and kinds.column(one, wanted)), cell or top))
    return found


def _table(path: Path, grids: Sequence[Grid], kinds: Kinds, wanted: ImportFile | None, on: date) -> FileRecords:
    tables = [_headed(grid, kinds, wanted) for grid in grids]
    first = max(tables, key=lambda one: one.score)
    if first.score < FEWEST_KNOWN:
        help = "Name its kind with --kind, or let a reading be proposed with --learn."
        raise _fault(path, "kind-not-known", "No row of this file has headings that are known.", help)
    kind = wanted or _recognised(path, first.headings, kinds)
    if kind.shape == "register":
        said = "This is the register of schools, and no list of pupils."
        raise _fault(path, "kind-not-known", said, "Name it with --schools beside the list of pupils.")
    if kind.shape == "caseload":
        help = f"Use: senpolicy decide {path.name} -o decided.csv"
        raise _fault(path, "kind-not-known", "This is a caseload already.", help)
    # Of the other sheets those are lists too that have about as many headings that are known.
    lists = [
        one for one in tables if one.grid.sheet in kind.sheets or (not kind.sheets and one.score * 2 > first.score)
    ]
    lists = lists or [first]
    others = [one.grid for one in tables if one not in lists]
    found = FileRecords(kind, [], [])
    told = [cell for one in lists for row in one.grid.rows[: one.place] for cell in row.cells if cell]
    beside = [row.cells for grid in others for row in grid.rows[:HEADINGS_WITHIN]]
    found.titles = [*told, *(cell for cells in beside for cell in cells if cell)]
    found.of_day = _day_of_file(path, kind, told, beside, on)
    found.school = _school_of_file(told, beside)
    for one in lists:
        _read_sheet(path, one, kinds, kind, found)
    if others and len(grids) > 1:
        number = "1 sheet has" if len(others) == 1 else f"{len(others)} sheets have"
        found.notes.append(f"{number} no headings of such a list and {'was' if len(others) == 1 else 'were'} not read.")
    found.serials = all(grid.serials for grid in grids)
    found.records = _joined(found.records, kind, kinds)
    _tell_repeated(found)
    return found


def _read_sheet(path: Path, one: _Table, kinds: Kinds, kind: ImportFile, found: FileRecords) -> None:
    """Add the pupils of a sheet to what is found, and how its columns were read."""
    headings = one.headings
    columns = _columns(path, headings, kinds, kind)
    begins = len(found.columns)
    found.columns += zip(headings, columns, strict=True)
    for name in [name for name, count in Counter(one for one in columns if one).items() if count > 1]:
        places = [at for at, column in enumerate(columns) if column == name]
        known = kinds.columns.get(name)
        if known is None or (known.holds in ONE_ONLY and not known.first_of_several):
            label = known.label if known else name
            found.notes.append(f"{len(places)} columns could be '{label}'. None of them was read.")
            found.unread.add(name)
        for at in places if name in found.unread else places[1:]:
            columns[at] = None
            found.columns[begins + at] = (headings[at], None)
    found.left_out["title line"] += one.place
    fixed = kind.sheets.get(one.grid.sheet, {})
    for row in one.grid.rows[one.place + 1 :]:
        what = _no_pupil(row, headings, columns)
        if what:
            found.left_out[what] += 1
            continue
        cells = {name: cell for name, cell in zip(columns, row.cells, strict=False) if name and cell.strip()}
        where: dict[str, PlainData] = {"line": row.number}
        if one.grid.sheet:
            where = {"sheet": one.grid.sheet, "row": row.number}
        record = PupilRecord(where, fixed | cells, ["hidden_row"] if row.hidden else [])
        if kind.leavers:
            record.flags.append("leaver")
            record.excluded = "leaver"
        found.records.append(record)


def _tell_repeated(found: FileRecords) -> None:
    """Tell of rows that may be of one pupil: the names repeat, and nothing else tells whether they are the same."""
    named: dict[str, list[PupilRecord]] = defaultdict(list)
    for record in found.records:
        names = [plain(record.cells.get(one, "")) for one in NAMES]
        if any(names) and not pupil_key(record.cells):
            named["|".join(names)].append(record)
    repeated = [record for several in named.values() if len(several) > 1 for record in several]
    for record in repeated:
        record.flags.append("may_be_one_pupil")
    if repeated:
        said = (
            f"{len(repeated)} rows may be of fewer pupils: a name is there more than once, without a number or a date"
        )
        found.notes.append(f"{said} of birth. Each counts as a pupil. Export the list again with one of these.")


def _recognised(path: Path, headings: Sequence[str], kinds: Kinds) -> ImportFile:
    """Return the kind of a table by its headings: by what only such a file has, then by what it is about."""
    words = {plain(one) for one in headings}
    for kind in kinds.kinds:
        if any({plain(one) for one in mark} <= words for mark in kind.marks):
            return kind
    columns = {kinds.column(one) for one in headings}
    shape = "payments" if {"rate", "paid_from"} <= columns else "list" if columns & set(OF_PUPILS) else ""
    for kind in kinds.kinds:
        if kind.shape == shape and not kind.marks:
            return kind
    help = "Name its kind with --kind, or let a reading be proposed with --learn."
    raise _fault(path, "kind-not-known", "The headings are not those of a list of pupils that is known.", help)


def _columns(path: Path, headings: Sequence[str], kinds: Kinds, kind: ImportFile) -> list[str | None]:
    columns = [kinds.column(one, kind) for one in headings]
    near = [(at, fact) for at, one in enumerate(headings) if not columns[at] and (fact := kinds.close_to_a_fact(one))]
    if near:
        problems = [
            Problem(Place(shown_name(path)), "unknown-column", f"The heading of column {at + 1} is nearly '{fact}'.",
                    f"Write '{fact}', or another heading if it is about something else.")
            for at, fact in near
        ]  # fmt: skip
        raise PolicyError(problems)
    return columns


def _no_pupil(row: GridRow, headings: Sequence[str], columns: Sequence[str | None]) -> str:
    """Return what a row is that is not a pupil's: "" where it is one."""
    cells = [cell.strip() for cell in row.cells]
    filled = [cell for cell in cells if cell]
    if sum(cell == heading for cell, heading in zip(cells, headings, strict=False) if heading) >= max(
        2, len(filled) - 1
    ):
        return "repeated line of headings"
    names = ("surname", "forename", "full_name", "pupil_number", "upn", "reference", None)
    total = any(_TOTAL.match(cell) for cell, name in zip(cells, columns, strict=False) if name in names)
    pupil = any(cell for cell, name in zip(cells, columns, strict=False) if name in ("birth", "year", "status"))
    if total and not pupil:
        return "line of totals"
    if len(filled) == 1 and len(headings) > 2:
        return "line of a group or a note"
    told = [name for name, cell in zip(columns, cells, strict=False) if name and cell]
    return "" if told else "line without anything that is read"


def pupil_key(cells: Mapping[str, str]) -> str:
    """Return what tells which pupil a row is about: "" where nothing does."""
    for name in ("reference", "upn", "pupil_number"):
        key = re.sub(r"[^0-9A-Z]", "", cells.get(name, "").upper())
        if any(letter.isdigit() for letter in key):  # "n/a" and "tbc" are of no pupil.
            return f"{name}:{key}"
    names, birth = [plain(cells.get(one, "")) for one in NAMES], plain(cells.get("birth", ""))
    return "names:" + "|".join([*names, birth]) if any(names) and birth else ""


def _joined(records: Sequence[PupilRecord], kind: ImportFile, kinds: Kinds) -> list[PupilRecord]:
    """Return one record for each pupil: the rows of one pupil joined, what differs between them left unknown."""
    ranked = {name for name, one in kinds.columns.items() if one.ranked}
    rows: dict[str, list[PupilRecord]] = defaultdict(list)
    for number, record in enumerate(records):
        rows[pupil_key(record.cells) or f"row:{number}"].append(record)
    found = []
    for several in rows.values():
        if kind.shape == "payments":
            found.append(_paid(several, ranked))
            continue
        if len(several) > 1:
            main = [one for one in several if kinds.is_main(one.cells)]
            several = main or several
        found.append(several[0] if len(several) == 1 else _merged(several, ranked))
    return found


def _rank(text: str) -> float:
    """Return a rank as a number, one that is not told behind all others."""
    return int(text) if text.strip().isdigit() else inf


def _places(records: Sequence[PupilRecord]) -> dict[str, PlainData]:
    key = "rows" if "row" in records[0].at else "lines"
    numbers: list[PlainData] = [one.at.get("row", one.at.get("line")) for one in records]
    held: dict[str, PlainData] = {"sheet": records[0].at["sheet"]} if "sheet" in records[0].at else {}
    return held | {key: numbers}


def _merged(several: Sequence[PupilRecord], ranked_columns: Collection[str]) -> PupilRecord:
    ranked = sorted(several, key=lambda one: _rank(one.cells.get("rank", "")))
    cells: dict[str, str] = {}
    flags = list(dict.fromkeys(flag for one in several for flag in one.flags))
    for name in dict.fromkeys(name for one in several for name in one.cells):
        different = {one.cells[name].strip() for one in several if name in one.cells}
        if len(different) == 1 or name in ranked_columns:
            cells[name] = next(one.cells[name] for one in ranked if name in one.cells)
        elif "two_values" not in flags:
            flags.append("two_values")
    excluded = several[0].excluded if all(one.excluded for one in several) else ""
    return PupilRecord(_places(several), cells, flags, excluded)


def _paid(several: Sequence[PupilRecord], ranked_columns: Collection[str]) -> PupilRecord:
    merged = _merged(several, ranked_columns) if len(several) > 1 else several[0]
    merged.flags = [flag for flag in merged.flags if flag != "two_values"]
    for name in ("birth", "year", "issued", "school_number", "urn", "plan_yes_no", "status"):
        if len({one.cells[name].strip() for one in several if name in one.cells}) > 1:
            merged.flags.append("two_values")
            merged.cells.pop(name, None)
    merged.cells["comments"] = " ".join(one.cells["comments"] for one in several if "comments" in one.cells)
    return PupilRecord(_places(several), merged.cells, merged.flags, merged.excluded, [one.cells for one in several])


def _day_of_file(
    path: Path, kind: ImportFile, above: Sequence[str], others: Sequence[Sequence[str]], on: date
) -> date | None:
    """Return the day of which a list says it is, by its titles, its other sheets or its name; None for none or two."""
    for pattern in kind.file_names:
        found = named_by(pattern, path.name)
        if found and {"year", "term"} <= set(found.groupdict()) and found["term"].lower() in _CENSUS:
            return census_day(int(found["year"]), found["term"].lower())
    told = [found[1] for text in above for found in _OF_DAY.finditer(text)]
    told += [cell for cells in others for label, cell in pairwise(cells) if _OF_DAY_CELL.fullmatch(label.strip())]
    days = {day for text in told if (day := values.day(text, on)[0])}
    if len(days) == 1:
        return days.pop()
    years = {int(one[1]) for text in above for one in _FINANCIAL_YEAR.finditer(text)}
    if not days and kind.shape == "payments" and len(years) == 1:
        # A schedule of a year that is over says what was so on the last day of it.
        last = date(years.pop() + 1, 3, 31)
        return last if last < on else None
    return None


def named_by(pattern: str, name: str) -> re.Match[str] | None:
    """Return how a file's name fits the pattern of a kind, with its parts by name; None where it does not."""
    parts = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[A-Za-z0-9]+)", re.escape(pattern)).replace(r"\*", ".*")
    return re.fullmatch(parts, name, re.I)


def census_day(year: int, term: str) -> date:
    """Return the day of a school census: the first Thursday of October, the third of January or of May.

    >>> census_day(2025, "spring"), census_day(2025, "autumn")
    (datetime.date(2025, 1, 16), datetime.date(2025, 10, 2))
    """
    month, week = _CENSUS[term]
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (week - 1))


def _school_of_file(above: Sequence[str], others: Sequence[Sequence[str]]) -> str:
    """Return the number of the one school that the titles, or another sheet, name; "" for none or several."""
    slashed = [cell for cells in others for cell in cells if "/" in cell]
    named = [one for text in (*above, *slashed) for one in _LAESTAB.finditer(text) if one[1] or "dfe" in text.lower()]
    found = {one[1] + one[2] if one[1] else one[3] for one in named}
    found |= {one[1] for text in (*above, *(cell for cells in others for cell in cells)) for one in _URN.finditer(text)}
    for label, cell in (pair for cells in others for pair in pairwise(cells)):
        number = re.sub(r"\.0$|[^0-9]", "", cell)
        if (re.search(r"dfe|laestab|estab", label, re.I) and len(number) == 7) or (
            label.strip().upper() == "URN" and len(number) == 6
        ):
            found.add(number)
    return found.pop() if len(found) == 1 else ""


# Returns.


@dataclass
class Element:
    """An element of a return: its texts by name, and the elements within it by name, in their order."""

    texts: dict[str, str] = field(default_factory=dict)
    within: dict[str, list[Element]] = field(default_factory=lambda: defaultdict(list))

    def below(self, path: str) -> list[Element]:
        """Return the elements at a path below this one."""
        found = [self]
        for name in path.lower().split("/"):
            found = [one for element in found for one in element.within.get(name, ())]
        return found

    def text(self, name: str) -> str:
        """Return the one text of a name in this element or within those below it that are there once; "" for none."""
        name = name.lower()
        if name in self.texts:
            return self.texts[name]
        found = (one[0].text(name) for one in self.within.values() if len(one) == 1)
        return next((text for text in found if text), "")


def _tree(path: Path, kinds: Kinds, wanted: ImportFile | None) -> FileRecords:
    head: dict[str, str] = {}
    elements: dict[tuple[str, int], Element] = {}
    made: dict[tuple[str, tuple[int, ...]], Element] = {}
    kind, starts = wanted, dict[str, ImportFile]()
    for one in kinds.kinds:
        if one.record and one.shape == "return" and (wanted is None or one is wanted):
            starts |= {record.at: one for record in one.record.records}
    for leaf in leaves_of(path):
        start = next((one for one in starts if leaf.path.startswith(f"{one}/")), None)
        if start is None:
            head.setdefault(leaf.path, leaf.text)
            continue
        kind = kind or starts[start]
        _put(leaf, start, elements, made)
    if kind is None or not kind.record or not elements:
        known = ", ".join(one.title for one in kinds.kinds if one.record)
        raise _fault(path, "kind-not-known", "This XML file is not a return that is known, or is of no pupil.",
                     f"These can be read: {known}.")  # fmt: skip
    found = FileRecords(kind, [], [(name, column) for column, name in kind.record.columns.items()])
    found.of_day = next(
        (day for one in kind.record.day if (day := values.day(head.get(one, "")[:10], date.max)[0])), None
    )
    found.school = next(
        (number for one in kind.record.school if (number := "".join(head.get(part, "") for part in one))), ""
    )
    leaving = {one.at for one in kind.record.records if one.leavers}
    for (path_of, place), element in elements.items():
        where: dict[str, PlainData] = {"xpath": f"/{path_of}[{place}]"}
        found.records.append(_record(where, element, kind.record, found.of_day, path_of in leaving))
    return found


def _put(
    leaf: XmlText,
    start: str,
    elements: dict[tuple[str, int], Element],
    made: dict[tuple[str, tuple[int, ...]], Element],
) -> None:
    """Put a leaf into the element that holds it, and make those around it."""
    depth = start.count("/") + 1
    names = leaf.path.split("/")
    number = leaf.where[depth - 1]
    at = elements.get((start, number))
    if at is None:
        at = elements[start, number] = Element()
        made.clear()  # What is within a record that is done is not come back to.
    for deep in range(depth, len(names) - 1):
        key = ("/".join(names[: deep + 1]), leaf.where[: deep + 1])
        inner = made.get(key)
        if inner is None:
            inner = made[key] = Element()
            at.within[names[deep].lower()].append(inner)
        at = inner
    at.texts[names[-1].lower()] = leaf.text


def _record(at: dict[str, PlainData], element: Element, told: Return, of_day: date | None, left: bool) -> PupilRecord:
    record = PupilRecord(at, {name: text for name, tag in told.columns.items() if (text := element.text(tag).strip())})
    if left:
        record.flags.append("leaver")
        record.excluded = "leaver"
    there = element.below(told.present.at) if told.present else []
    for part in told.parts:
        _add_part(record, element.below(part.at), part, of_day, bool(there))
    if told.present and not record.excluded:
        if there:
            record.cells["status"] = told.present.status
            if told.present.transferred and any(one.text(told.present.transferred) for one in there):
                record.flags.append("plan_transferred_in")
        else:
            record.flags.append(told.present.missing)
    return record


def _add_part(record: PupilRecord, found: Sequence[Element], part: Part, of_day: date | None, there: bool) -> None:
    """Add to a record the columns of the part that is in force on the day of the return."""
    current = []
    for one in found:
        ended = values.day(one.text(part.ended), date.max)[0] if part.ended and one.text(part.ended) else None
        if ended is None or (of_day is not None and ended > of_day):
            current.append(one)
    if found and not current:
        if part.all_ended and not there:
            record.flags.append(part.all_ended)
            record.excluded = part.all_ended
        return
    if len(current) < len(found) and part.some_ended:
        record.flags.append(part.some_ended)
    if not current:
        return
    if len(current) > 1 and part.several:
        record.flags.append(part.several)
    if part.rank:
        lowest = min(_rank(one.text(part.rank)) for one in current)
        current = [one for one in current if _rank(one.text(part.rank)) == lowest]
    if part.latest:
        days = [
            (values.day(one.text(part.latest), date.max)[0] or date.min, place) for place, one in enumerate(current)
        ]
        current = [current[max(days)[1]]]
    for name, tag in part.columns.items():
        texts = {one.text(tag).strip() for one in current}
        if len(texts) == 1 and (text := texts.pop()):
            record.cells[name] = text
        elif len(texts) > 1 and "two_values" not in record.flags:
            record.flags.append("two_values")


def _beside(path: Path, grid: Grid, kinds: Kinds, wanted: ImportFile | None) -> FileRecords | None:
    """Return the return of which a CSV file is one table, with the files beside it; None where it is none of these."""
    headings = {plain(cell) for cell in grid.rows[0].cells} if grid.rows else set()
    for kind in kinds.kinds:
        if kind.record and kind.record.tables and (wanted in (None, kind)):
            own = {f"{name}tableid" for name in (*kind.record.tables, *kind.record.tables.values())}
            if own & headings and "nativeid" in headings:
                pattern = next((one for one in kind.file_names if "{table}" in one), "*.csv")
                named = re.compile(re.escape(pattern).replace(r"\{table\}", r"\w+").replace(r"\*", "(.*)"), re.I)
                mine = named.fullmatch(path.name)
                beside = ((one, named.fullmatch(one.name)) for one in sorted(path.parent.glob("*.csv")))
                same = [one for one, other in beside if mine and other and other.groups() == mine.groups()]
                return _tables(_grids(same or [path]), kinds, kind, shown_name(path))
    return None


def _tables(grids: Iterable[Grid], kinds: Kinds, wanted: ImportFile | None, name: str) -> FileRecords:
    """Return a return that is one table for each kind of element, joined by their keys."""
    tables: dict[str, list[dict[str, str]]] = {}
    for grid in grids:
        headings = [plain(cell) for cell in grid.rows[0].cells] if grid.rows else []
        if own := _table_of(grid):
            tables[own] = [
                dict(zip(headings, (cell.strip() for cell in row.cells), strict=False)) for row in grid.rows[1:]
            ]
    for kind in kinds.kinds:
        if not kind.record or not kind.record.tables or (wanted and kind is not wanted):
            continue
        top = next((one for one in kind.record.tables.values() if one not in kind.record.tables), "")
        needed = (top, *kind.record.tables)
        if top in tables:
            missing = [one for one in needed if one not in tables]
            if missing:
                raise _fault(name, "kind-not-known", f"Of this return these tables are missing: {', '.join(missing)}.",
                             "Put all tables of the return in one folder, and name any of them.")  # fmt: skip
            return _from_tables(kind, kind.record, top, tables)
    raise _fault(
        name, "kind-not-known", "These files are not a return that is known.", "Name one file, or a return's folder."
    )


def _from_tables(
    kind: ImportFile, told: Return, top: str, tables: Mapping[str, Sequence[Mapping[str, str]]]
) -> FileRecords:
    elements = {one: [Element(dict(row)) for row in rows] for one, rows in tables.items()}
    by_key = {one: {row.texts.get(f"{one}tableid", ""): row for row in rows} for one, rows in elements.items()}
    for one, outer in told.tables.items():
        for element in elements[one]:
            around = by_key[outer].get(element.texts.get(f"{outer}tableid", ""))
            if around is not None:
                around.within[one].append(element)
    found = FileRecords(kind, [], [(name, column) for column, name in told.columns.items()])
    heads = [row for one, rows in tables.items() if one not in told.tables and one != top for row in rows]
    for path in told.day:
        texts = {head.get(plain(path.rpartition("/")[2]), "") for head in heads}
        found.of_day = next((day for text in texts if (day := values.day(text, date.max)[0])), found.of_day)
    for element in elements[top]:
        number = element.texts.get(f"{top}tableid", "")
        at: dict[str, PlainData] = {f"{top}tableid": int(number) if number.isdigit() else number}
        found.records.append(_record(at, element, told, found.of_day, False))
    return found
