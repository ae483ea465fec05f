"""The import of a file: which kind it is, what was read of each pupil, what a person must confirm, and the caseload."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from senpolicy.caseloads.files.limits import suffix_of
from senpolicy.caseloads.groups import is_group
from senpolicy.caseloads.importing import records, values
from senpolicy.caseloads.importing.pseudonyms import Pseudonyms
from senpolicy.caseloads.importing.reading import IN_PAYMENT, Pupil, Reader
from senpolicy.caseloads.importing.records import FileRecords, Kinds
from senpolicy.caseloads.importing.register import Register
from senpolicy.caseloads.importing.values import Codes, plain
from senpolicy.caseloads.tables import whole, writer
from senpolicy.deciding.cases import REFERENCE, read_cell
from senpolicy.files.digests import PlainData
from senpolicy.files.identifiers import is_place_by_itself
from senpolicy.files.models.imports import CODES, COLUMNS, FACTS, CodesFile, ColumnsFile, ImportFactsFile, ImportFile
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, WrongUse, listed, shown_name
from senpolicy.language.conditions import FactType, Value
from senpolicy.policy.corpus import read_as
from senpolicy.policy.layout import kind_of
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_date

#: Figures of a reference in these years may be a day of birth.
EARLIEST, LATEST = 1995, 2030
QUESTION_HEADINGS = ("case_ref", "fact", "may_be", "question", "answer")
#: A further column of a file of questions, which it may lack when it is given back: where the pupil is in the list.
WHERE = "where"


@dataclass
class Imported:
    """What was read of a file, ready to be written: its pupils, how facts are read, and the pseudonyms.

    `labels` say for each column what a person is told that it was taken for.
    """

    name: str
    on: date
    taken: FileRecords
    pupils: list[Pupil]
    told: ImportFactsFile
    types: Mapping[str, FactType]
    keys: Pseudonyms
    labels: Mapping[str, str]
    #: For each group of named places the pupils with a name that may as well be a person's, and the name.
    unsure: dict[str, list[tuple[Pupil, str]]] = field(default_factory=dict)

    @property
    def kept(self) -> list[Pupil]:
        """The pupils that are not left out."""
        return [one for one in self.pupils if not one.excluded]

    def questions(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield for each candidate of a fact: reference, fact, what it may be, the question, and where the pupil is."""
        for pupil in self.kept:
            yield from ((*asked, place_of(pupil)) for asked in self._asked(pupil))

    def _asked(self, pupil: Pupil) -> Iterator[tuple[str, str, str, str]]:
        for name, value in pupil.candidates.items() if not pupil.excluded else ():
            if name != IN_PAYMENT:
                yield pupil.ref, name, as_text(value, self.types[name]), self.asks[name]

    @cached_property
    def asks(self) -> dict[str, str]:
        """What a person is asked about each fact."""
        asks = {name: one.asks for name, one in self.told.facts.items()}
        return asks | {one.claim: one.asks for one in self.told.facts.values() if one.claim}

    def to_json(self) -> list[dict[str, PlainData]]:
        """Return each row as plain data: its place, what was read, what must be confirmed, and why it was left out."""
        found: list[dict[str, PlainData]] = []
        for one in self.pupils:
            row: dict[str, PlainData] = {"at": dict(one.at), "case_ref": one.ref}
            row["facts"] = {name: _plain(value, self.types[name]) for name, value in one.facts.items()}
            row["candidates"] = {
                name: _plain(value, self.types.get(name) or FactType(name, "money"))
                for name, value in one.candidates.items()
            }
            row["groups"] = dict(one.groups)
            row["flags"] = [*one.flags]
            row["questions"] = [ask for *_, ask in self._asked(one)]
            row["exclude"] = one.excluded or None
            found.append(row)
        return found


def place_of(pupil: Pupil) -> str:
    """Return where a pupil is in the file, as a person finds it; "" where the file has no rows or records.

    >>> place_of(Pupil({"sheet": "List", "row": 7}, {}, {}, [], {})), place_of(Pupil({"lines": [6, 8]}, {}, {}, [], {}))
    ('row 7 of List', 'rows 6 and 8')
    """
    at = pupil.at
    sheet = f" of {at['sheet']}" if "sheet" in at else ""
    for key in ("row", "line"):
        if key in at:
            return f"row {at[key]}{sheet}"
        several = at.get(f"{key}s")
        if isinstance(several, list):
            *first, last = map(str, several)
            return f"rows {', '.join(first)} and {last}{sheet}" if first else f"row {last}{sheet}"
    record = re.search(r"\[(\d+)\]$", str(at.get("xpath", "")))
    return f"record {record[1]}" if record else ""


def _plain(value: Value | None, kind: FactType) -> PlainData:
    if value is None or isinstance(value, bool | str):
        return value
    if kind.type == "money" and isinstance(value, int):
        return as_text(value, kind)
    return value.isoformat() if isinstance(value, date) else value


def as_text(value: Value, kind: FactType) -> str:
    """Return a value as a file of cases writes it: money in pounds with two decimals, a day as year, month, day."""
    if kind.type == "money" and isinstance(value, int):
        return f"{Decimal(value) / 100:.2f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def definitions(policy: Policy) -> tuple[Kinds, ImportFactsFile]:
    """Return how files are read, from imports/; raises `WrongUse` where the policy has none of it."""
    files = policy.corpus.files if CODES in policy.corpus.files else _read(policy.corpus.root)
    codes, columns, facts = files.get(CODES), files.get(COLUMNS), files.get(FACTS)
    if (
        not isinstance(codes, CodesFile)
        or not isinstance(columns, ColumnsFile)
        or not isinstance(facts, ImportFactsFile)
    ):
        raise WrongUse(f"This policy does not say how files are read. It needs {CODES}, {COLUMNS} and {FACTS}.")
    kinds = [one for _, one in sorted(files.items()) if isinstance(one, ImportFile)]
    return Kinds(columns.columns, codes.lists, kinds, fact_headings(policy)), facts


def fact_headings(policy: Policy) -> dict[str, str]:
    """Return each heading that names a fact of a case, with the name of the fact."""
    personal = {name: one for name, one in policy.corpus.facts.facts.items() if not one.required}
    return {heading: name for name, one in personal.items() for heading in (name, one.label, one.short) if heading}


def _read(root: Path) -> dict[str, BaseModel]:
    """Return the files of imports/, which a decision leaves unread; raises `PolicyError` with what is wrong in them."""
    problems, found = Problems(), dict[str, BaseModel]()
    for path in sorted((root / "imports").glob("*.yaml")):
        name = path.relative_to(root).as_posix()
        known = kind_of(name)
        file = read_as(known[1], path.read_bytes(), name, problems)[0] if known else None
        if file is not None:
            found[name] = file
    problems.stop_on_errors()
    return found


def own_kind(path: Path) -> ImportFile:
    """Return a kind of file that a person has written down; raises `PolicyError` where it is not one."""
    problems = Problems()
    try:
        content = path.read_bytes()
    except OSError:
        raise PolicyError(
            [Problem(Place(path.name), "no-file", "This file is not there.", "Check its name.")]
        ) from None
    found, _ = read_as(ImportFile, content, path.name, problems)
    problems.stop_on_errors()
    assert found is not None  # Without a problem there is a file.
    return found


def import_file(
    path: Path,
    policy: Policy,
    on: date,
    *,
    kind: str | None = None,
    schools: Path | None = None,
    keys: Path | None = None,
    of_day: date | None = None,
) -> Imported:
    """Return what a file says of its pupils for a day.

    `of_day` is the day of which the file is, where it does not say so itself. Raises `PolicyError` where the file is at
    fault or of no known kind, `WrongUse` for a kind that does not exist.
    """
    kinds, told = definitions(policy)
    if kind is not None and kind.endswith(".yaml"):
        kind = kinds.add(own_kind(Path(kind)))
    types = {name: one for name, one in policy.types.items() if not one.is_answer}
    register = Register(schools, Codes(kinds.lists["establishment_type"].codes)) if schools else None
    taken = records.taken(path, kinds, kind, on)
    taken.of_day = of_day or taken.of_day
    taken.notes += _told_of(path, taken, kinds)
    limits = {}
    for reading in told.facts.values():
        name = (reading.before or "").removeprefix("$")
        setter = policy.parameter(name, on) if name else None
        if setter and isinstance(setter[1].value, date):
            limits[name] = setter[1].value
    reader = Reader(taken, told, kinds, types, limits, on, register)
    pupils = reader.pupils()
    pseudonyms = Pseudonyms(keys)
    own = [record.cells.get("reference", "").strip() for record in taken.records]
    telling = any(_tells(record.cells) for record in taken.records)
    if telling:
        taken.notes.append("References of this file seem to be made of names or days of birth. None was taken over.")
    # All or none: a running number might be another pupil's own reference.
    kept = not telling and all(REFERENCE.fullmatch(one) for one in own) and len({*own}) == len(own)
    if any(own) and not kept and not telling:
        taken.notes.append("Not every pupil has a reference of its own that can be used. None was taken over.")
    for pupil, record, reference in zip(pupils, taken.records, own, strict=True):
        pupil.ref = reference if kept else pseudonyms.of(records.pupil_key(record.cells) or str(pupil.at))
    unsure: dict[str, list[tuple[Pupil, str]]] = {}
    for name in ("school", *told.groups):
        group = policy.corpus.facts.groups.get(name)
        for pupil in pupils:
            value = pupil.groups.get(name)
            if value is None:
                continue
            if not is_group(value, group):
                del pupil.groups[name]
                pupil.flag("group_not_read")
            elif group and group.named and not group.values and not is_place_by_itself(value):
                unsure.setdefault(name, []).append((pupil, pupil.groups.pop(name)))
    if not pupils:
        said = "This file has headings that are known and no pupil below them."
        raise PolicyError([Problem(Place(shown_name(path)), "empty", said, "Export the list again.")])
    taken.notes += _references(pseudonyms, kept)
    labels = {
        name: f"{one.label}{', dropped' if one.holds == 'identifier' else ''}" for name, one in kinds.columns.items()
    } | {f"fact:{name}": one.label for name, one in types.items()}
    return Imported(shown_name(path), on, taken, pupils, told, types, pseudonyms, labels, unsure)


def _told_of(path: Path, taken: FileRecords, kinds: Kinds) -> Iterator[str]:
    """Yield what is to be said of a file whose name is that of another kind, or that is newer than its codes."""
    for other in kinds.kinds if not path.is_dir() else ():
        if other.kind != taken.kind.kind and any(records.named_by(one, path.name) for one in other.file_names):
            yield f"The name is that of another kind of file: {other.title}. It was read by what is in it."
    known = taken.kind.codes_known_to
    if known is not None and taken.of_day is not None and taken.of_day > known:
        yield (
            f"The file is of {say_date(taken.of_day)}, and the codes of such files are known here up to "
            f"{say_date(known)}. A newer code is not read. See whether any code means something else by now."
        )


def _references(keys: Pseudonyms, own: bool) -> Iterator[str]:
    """Yield that the references of a file are not those of the key file."""
    if keys.held and own:
        yield "The file's own references were taken over. They are not those of the key file, which does not know them."
    elif keys.held and not keys.met:
        yield (
            "The key file knows none of these pupils. Another file of the same school that names its pupils by other "
            "numbers gives them other references: do not put the two together."
        )


def _tells(cells: Mapping[str, str]) -> bool:
    """Return whether a reference may tell who a pupil is: it has a day, the year of birth, or letters of the name."""
    own = cells.get("reference", "").strip().upper()
    if not REFERENCE.fullmatch(own):
        return False
    letters, figures = "".join(filter(str.isalpha, own)), "".join(filter(str.isdigit, own))
    born = values.day(cells.get("birth", ""), date.max)[0]
    if len(figures) == 8:
        days = (values.day(one, date.max)[0] for one in (f"{figures[:2]}/{figures[2:4]}/{figures[4:]}",
                                                         f"{figures[:4]}-{figures[4:6]}-{figures[6:]}"))  # fmt: skip
        if any(one is not None and EARLIEST <= one.year <= LATEST for one in days):
            return True
    if born is not None and figures in (f"{born:%d%m%y}", f"{born:%y%m%d}"):
        return True
    names = [plain(cells.get(one, "")).upper() for one in records.NAMES]
    words = [word.upper() for one in records.NAMES for word in cells.get(one, "").split()]
    initials = {"".join(word[:1] for word in words), "".join(word[:1] for word in reversed(words))}
    with_year = born is not None and figures.endswith(f"{born.year % 100:02}")
    return (len(letters) > 2 and any(one.startswith(letters) for one in names if one)) or (
        letters in initials and with_year
    )


def confirm(found: Imported, answers: Sequence[str]) -> int:
    """Make facts of candidates that a person confirmed, and return how many.

    An answer is the name of a fact, for all its candidates; that of a group, for all names of places in it; a fact and
    its value, for all of whom it is not known; or a file of questions in which "answer" was filled in with yes, no or
    the right value. Raises `WrongUse` for anything
    else, `PolicyError` for an answer that is not a value.
    """
    done = 0
    for answer in answers:
        if answer in found.types:
            for pupil in found.kept:
                if answer in pupil.candidates:
                    pupil.facts[answer] = pupil.candidates.pop(answer)
                    done += 1
        elif answer in found.told.groups:
            for pupil, value in found.unsure.pop(answer, ()):
                pupil.groups[answer] = value
                done += 1
        elif "=" in answer:
            done += _for_all(found, *(part.strip() for part in answer.split("=", 1)))
        elif answer.lower().endswith(".csv"):
            done += _from_file(found, Path(answer))
        else:
            raise WrongUse(f"'{answer}' is neither a fact of a case, nor FACT=VALUE, nor a file of questions (.csv).")
    return done


def _for_all(found: Imported, name: str, text: str) -> int:
    kind = found.types.get(name)
    if kind is None or kind.type not in ("choice", "boolean"):
        alike = [one for one, its in found.types.items() if its.type in ("choice", "boolean")]
        raise WrongUse(f"'{name}' cannot be given for all pupils at once. These can: {listed(alike)}.")
    try:
        value = read_cell(name, text, kind)
    except ValueError:
        said = listed(kind.values) if kind.values else "true or false"
        raise WrongUse(f"'{text}' is not a value of '{name}'. Use {said}.") from None
    lacking = [one for one in found.kept if one.facts.get(name) is None]
    for pupil in lacking:
        pupil.facts[name] = value
        pupil.candidates.pop(name, None)
    return len(lacking)


def _from_file(found: Imported, path: Path) -> int:
    from senpolicy.caseloads.files.grids import grids_of
    from senpolicy.caseloads.importing.values import money, yes_no

    rows = grids_of(path)[0][0].rows
    headings = rows[0].cells
    if tuple(headings[: len(QUESTION_HEADINGS)]) != QUESTION_HEADINGS:
        help = f"Its headings are: {', '.join(QUESTION_HEADINGS)}. Write one with --questions."
        raise PolicyError([Problem(Place(path.name), "not-questions", "This is not a file of questions.", help)])
    pupils, done, problems = {one.ref: one for one in found.kept}, 0, []
    for row in rows[1:]:
        ref, name, _, _, answer = (cell.strip() for cell in row.cells[:5])
        pupil, said = pupils.get(ref), yes_no(answer)
        if not answer or said is False:
            continue
        if pupil is None or name not in found.types or (said and name not in pupil.candidates):
            said_so = f"Line {row.number} asks about what this file does not leave open."
            problems.append(
                Problem(Place(path.name, row.number), "not-questions", said_so, "Write the questions again.")
            )
            continue
        if said and found.types[name].type != "boolean":
            pupil.facts[name] = pupil.candidates.pop(name)
        else:
            kind = found.types[name]
            pounds = money(answer)[0] if kind.type == "money" else None
            text = f"{pounds:f}" if pounds is not None else {True: "true", None: answer}[said or None]
            try:
                pupil.facts[name] = read_cell(name, text, kind)
            except ValueError:
                said_so = f"The answer in line {row.number} is not a value of '{name}'."
                problems.append(
                    Problem(Place(path.name, row.number), "not-questions", said_so, "Write yes, no or a value.")
                )
                continue
            pupil.candidates.pop(name, None)
        done += 1
    if problems:
        raise PolicyError(problems)
    return done


def questions_text(found: Imported) -> str:
    """Return the questions that are open as CSV, with a column for the answers."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow((*QUESTION_HEADINGS, WHERE))
    rows.writerows((*asked, "", where) for *asked, where in found.questions())
    return out.getvalue()


def write_caseload(found: Imported, output: Path) -> int:
    """Write the pupils that are not left out as a caseload, whole or not at all; return how many there are."""
    kept = found.kept
    names = [name for name in found.types if any(one.facts.get(name) is not None for one in kept)]
    groups = [name for name in ("school", *found.told.groups) if any(name in one.groups for one in kept)]
    columns = {"case_ref": pa.array([one.ref for one in kept], pa.string())}
    columns["decision_date"] = pa.array([found.on] * len(kept), pa.date32())
    for name in names:
        columns[name] = _column([one.facts.get(name) for one in kept], found.types[name])
    for name in groups:
        columns[name] = pa.array([one.groups.get(name) for one in kept], pa.string())
    table = pa.table(columns)
    with whole(output) as file:
        out = writer(suffix_of(output), file, table.schema)
        try:
            out.write(table)
            out.close()
        finally:
            out.abandon()
    return len(kept)


def _column(cells: list[Value | None], kind: FactType) -> pa.Array:
    if kind.type == "money":
        pounds = [Decimal(one) / 100 if isinstance(one, int) else None for one in cells]
        return pa.array(pounds, pa.decimal128(12, 2))
    sorts = {"integer": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}
    return pa.array(cells, sorts.get(kind.type, pa.string()))
