"""A caseload: one row a case, read from CSV, Parquet or Excel, decided by *columns*, written whole or not at all.

A row whose every cell is plainly sound goes through the columns alone. Any other is read again on its own by
`deciding.cases`, so that it is refused, or not, exactly as it would be in a file of cases, and with the same words.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from senpolicy.caseloads.engines import DEFAULT, Engine, engine
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.files.limits import suffix_of
from senpolicy.caseloads.groups import is_group, left_unread, undeclared, with_groups
from senpolicy.caseloads.small_counts import shared
from senpolicy.caseloads.tables import Caseload, RowBatch, Writer, fault, open_caseload, whole, writer
from senpolicy.deciding.cases import Case, Refused, read_cell, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.language.conditions import FactType
from senpolicy.language.partition import MOST_PENCE, bounds
from senpolicy.policy.timeline import CautionInForce, Policy
from senpolicy.readings.columns import ABSENT, FAULT, UNKNOWN, WIDTH, Columns, code, compiled
from senpolicy.readings.say import say_caution

__all__ = ["Differ", "Done", "Summary", "decide", "decided", "expected", "open_caseload"]

Progress = Callable[[int, int], None]
#: How many pieces may wait to be written.
AHEAD = 2
#: A reference that is surely one, and surely no identifier; any other is looked at by itself.
_REFERENCE = r"^[A-Za-z]{1,4}-?\d{1,8}$"
_IDENTIFIER = (
    r"(?i)^(dob|upn|nhs)|[a-z-]((199[5-9]|20[0-2]\d|2030)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(199[5-9]|20[0-2]\d|2030))$"
)
_PENCE = r"^(0|[1-9]\d{0,8})(\.\d{1,2})?$"
REFUSED_HEADINGS = ("row", "field", "code", "message", "help")


class Differ(PolicyError):
    """Raised where the columns and the other two readings do not give the same; nothing is written then."""


@dataclass
class Summary:
    """What became of a caseload: how many cases, the answers and cautions by question, and what was wrong.

    `says` gives for each question what its cautions say, by id.
    """

    name: str
    seed: int
    says: dict[str, dict[str, CautionInForce]]
    files: tuple[str, ...]
    notes: tuple[str, ...]
    rows: int = 0
    decided: int = 0
    undetermined: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    refused_rows: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    cautions: dict[str, Counter[str]] = field(default_factory=dict)
    verified: int = 0

    def to_json(self, *, share: bool) -> dict[str, Any]:
        """Return the counts as plain data; with `share`, none from which a pupil can be identified."""

        def shown(number: int) -> int | str:
            return shared(number) if share else number

        counts = {
            "rows": self.rows,
            "decided": self.decided,
            "with_something_undetermined": self.undetermined,
            "refused": self.refused_rows,
        }
        return {
            "caseload": self.name,
            **{name: shown(number) for name, number in counts.items()},
            "answers": {
                name: {answer: shown(n) for answer, n in sorted(by.items())} for name, by in self.answers.items()
            },
            "problems": {name: shown(n) for name, n in sorted(self.refused.items())},
            "warnings": {name: shown(n) for name, n in sorted(self.warnings.items())},
            "cautions": {
                name: {one: {"rows": shown(n), "says": say_caution(self.says[name][one])} for one, n in by.items()}
                for name, by in self.cautions.items()
            },
            "verified": shown(self.verified),
            "seed": self.seed,
            "files": list(self.files),
            "notes": list(self.notes),
        }

    def lines(self, *, share: bool) -> list[str]:
        """Return the counts in plain lines; with `share`, none from which a pupil can be identified."""
        data = self.to_json(share=share)
        said = (
            f"{_rows(data['rows'])}: {data['decided']} decided, "
            f"of which {data['with_something_undetermined']} with something undetermined; {data['refused']} refused."
        )
        found = [said]
        for name, by in data["answers"].items():
            if by:
                found.append(f"  {name}: " + ", ".join(f"{answer} {count}" for answer, count in by.items()))
        for name, by in data["cautions"].items():
            found.append(f"  cautions with {name}: " + ", ".join(f"{one} {said['rows']}" for one, said in by.items()))
            found += [f"    {one}: {said['says']}" for one, said in by.items()]
        for what, by in (("refused for", data["problems"]), ("warned of", data["warnings"])):
            if by:
                found.append(f"  {what}: " + ", ".join(f"{name} {count}" for name, count in by.items()))
        if self.refused_rows:
            said = f"{self.files[-1]} says of each refused row which field is wrong and what to do."
            found.append(f"{said} Row 1 is the first below the headings. Mend the rows, and decide the caseload again.")
        if self.verified:
            found.append(f"{_rows(data['verified'])} decided again by both evaluators, seed {self.seed}: the same.")
        found += self.notes
        found.append(f"Written: {', '.join(self.files)}")
        return found


def _rows(number: int | str) -> str:
    return f"{number} {'row' if number == 1 else 'rows'}"


@dataclass
class Done:
    """One piece, decided: the table to write, the rows refused, and counts.

    `facts` are the facts that the columns keep, for the rows of the table, each as its whole number.
    """

    table: pa.Table
    refused: list[Refused]
    warnings: Counter[str]
    cautions: dict[str, Counter[str]]
    undetermined: int
    sample: list[tuple[Case | Refused, dict[str, Any] | None]]
    rows: int
    facts: pa.Table


def decide(
    path: Path,
    out: Path,
    policy: Policy,
    *,
    engine_name: str | Engine = DEFAULT,
    verify: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
    leave_unread: bool = False,
) -> Summary:
    """Decide a caseload and write it to `out`; the rows refused go to a file beside it, with the reasons.

    Returns the counts. Columns that are not declared may be left unread; else they are refused. An engine of the
    policy's columns may be given instead of a name; it is left open. As many rows as `verify` says, picked by `seed`,
    are decided again by *judge* and *fire*; raises `Differ`, and writes nothing, where anything differs. Raises
    `PolicyError` for a fault of the file, `WrongUse` for names.
    """
    suffix = suffix_of(out)
    beside = out.with_name(f"{out.stem}.refused.csv")
    if any(one.exists() and path.exists() and one.samefile(path) for one in (out, beside)):
        raise WrongUse("The output would replace the caseload. Give it another name.")
    if not out.parent.is_dir():
        raise WrongUse(f"The folder for '{out.name}' does not exist. Make it, or name another.")
    caseload = open_caseload(path)
    caseload = left_unread(caseload, policy) if leave_unread else caseload
    check_headings(caseload, policy)
    columns = compiled(policy)
    with _begun(caseload, columns, engine_name, verify, seed) as (chosen, work):
        summary = Summary(caseload.name, seed, columns.cautions, (out.name,), caseload.notes)
        # While one piece is put into words and written, the next is read and decided.
        with (
            whole(out) as file,
            Reasons(beside) as reasons,
            _Sink(work, suffix, file, reasons, summary) as sink,
            ThreadPoolExecutor(1) as pool,
        ):
            waiting: deque[Future[None]] = deque()
            for piece, resolved in work.resolved(chosen):
                waiting.append(pool.submit(sink.take, piece, resolved))
                if len(waiting) > AHEAD:
                    waiting.popleft().result()
                if progress:
                    progress(summary.rows, work.rows)
            while waiting:
                waiting.popleft().result()
            sink.finish()
    if summary.refused_rows:
        summary.files = (*summary.files, beside.name)
    return summary


@contextmanager
def _begun(
    caseload: Caseload, columns: Columns, wanted: str | Engine, verify: int, seed: int
) -> Iterator[tuple[Engine, _Work]]:
    """Give an engine and what is done to each piece; an engine that was begun here is let go of in the end."""
    with ThreadPoolExecutor(1) as pool:  # The references are gone through while the query is written.
        gone_through = pool.submit(references, caseload, columns.types)
        chosen = engine(wanted, columns) if isinstance(wanted, str) else wanted
    with closing(chosen) if isinstance(wanted, str) else nullcontext():
        rows, repeated = gone_through.result()
        _some(rows, caseload)
        yield chosen, _Work(caseload, columns, repeated, rows, sampled(rows, verify, seed))


def _some(rows: int, caseload: Caseload) -> None:
    """Raise `PolicyError` where a caseload has no rows."""
    if not rows:
        raise fault(caseload.name, "empty", "This file contains no cases.", "Write one row a pupil.")


def decided(
    caseload: Caseload, columns: Columns, *, by: str | Engine = DEFAULT, verify: int = 1000, seed: int = 0
) -> Iterator[Done]:
    """Yield a caseload piece by piece, decided, for another use than a file; raises as `decide` does.

    `by` is an engine's name, or an engine of these columns, which is left open for the next caseload: the pieces of one
    are to be taken to the end before that.
    """
    check_headings(caseload, columns.policy)
    with _begun(caseload, columns, by, verify, seed) as (chosen, work):
        for piece, resolved in work.resolved(chosen):
            done = work.done(piece, resolved)
            work.verify(done)
            yield done


def cases(caseload: Caseload, policy: Policy) -> Iterator[tuple[Case | Refused, dict[str, str]]]:
    """Yield each row as `deciding.cases` reads it, with the groups that its pupil is counted to; decides nothing.

    The blanks around a group's name are left out, so that it stays one group.

    Raises `PolicyError` for a fault of the file, as `decide` does.
    """
    check_headings(caseload, policy)
    columns = compiled(policy)
    rows, repeated = references(caseload, columns.types)
    _some(rows, caseload)
    work = _Work(caseload, columns, repeated, rows, set())
    for piece in work.pieces():
        groups = {name: piece.text(name).to_pylist() for name in work.groups}
        for place, case in piece.read(np.arange(len(piece.raw))):
            yield case, {name: cells[place].strip() for name, cells in groups.items() if cells[place]}


def check_headings(caseload: Caseload, policy: Policy) -> None:
    """Raise `PolicyError` with everything that is wrong with the headings; none that might identify is repeated."""
    declared = policy.corpus.facts.facts
    groups = policy.corpus.facts.groups
    place, found = Place(caseload.name), []
    named = [heading for heading in caseload.headings if heading]
    for number, heading in enumerate(caseload.headings, 1):
        if heading in declared or heading in groups:
            if caseload.headings.index(heading) < number - 1:
                found.append(
                    Problem(
                        place,
                        "written-twice",
                        f"Column {number} has the heading of an earlier one.",
                        "Keep one of the two.",
                        field=heading,
                    )
                )
        elif said := undeclared(heading, number, caseload.name, named, policy):
            found.append(said)
    if found and all(one.code == "unknown-field" and not one.field for one in found) and len(found) == len(named):
        told = "None of the headings in the first row is a fact that the policy knows."
        help = "Put the headings, such as case_ref and decision_date, into the first row; in Excel of the first sheet."
        raise PolicyError([Problem(place, "unknown-field", told, help)])
    for name, fact in declared.items():
        if fact.required and name not in named:
            found.append(
                Problem(place, "missing-field", f"There is no column '{name}'.", "Every case needs it.", field=name)
            )
    if found:
        raise PolicyError(found)


def references(caseload: Caseload, types: dict[str, FactType]) -> tuple[int, dict[str, int]]:
    """Return the number of the last row, and each reference that several rows have, with how many.

    Eight bytes are kept for each row, and no more; where two are the same the file is gone through once again.
    """
    numbers, last = [], 0
    for piece in caseload.pieces(types, only=["case_ref"]):
        numbers.append(_fingerprints(as_text(piece.columns["case_ref"], None)))
        last = int(piece.rows[-1])
    together = np.concatenate(numbers) if numbers else np.array([], np.uint64)
    numbers.clear()
    together.sort()
    twice = np.unique(together[1:][together[1:] == together[:-1]])
    counts: Counter[str] = Counter()
    for piece in caseload.pieces(types, only=["case_ref"]) if len(twice) else ():
        refs = as_text(piece.columns["case_ref"], None)
        counts.update(refs.filter(pa.array(np.isin(_fingerprints(refs), twice))).drop_null().to_pylist())
    return last, {ref: count for ref, count in counts.items() if count > 1}


def _fingerprints(refs: pa.Array) -> NDArray[np.uint64]:
    """Return a number of 64 bits for each reference; two that are not the same hardly ever have the same."""
    short = pc.if_else(pc.less_equal(pc.binary_length(refs), 16), refs, "")  # A longer one is not a reference.
    bytes16 = pc.ascii_rpad(pc.fill_null(short, ""), 16).cast(pa.binary()).cast(pa.binary(16))
    halves = np.frombuffer(bytes16.buffers()[1], dtype=np.uint64).reshape(-1, 2)
    low = halves[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    return (low ^ low >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9) ^ halves[:, 1] * np.uint64(0x94D049BB133111EB)


def sampled(rows: int, count: int, seed: int) -> set[int]:
    """Return the numbers of so many rows, spread over the caseload: one of each equal stretch, picked by the seed."""
    count = min(count, rows)
    picked = set()
    for place in range(count):
        first, following = rows * place // count, rows * (place + 1) // count
        said = hashlib.sha256(f"{seed}/{place}".encode()).digest()
        picked.add(1 + first + int.from_bytes(said[:8], "big") % (following - first))
    return picked


class _Work:
    """What is done to each piece; shared by the threads that do it, none of which changes it."""

    def __init__(
        self, caseload: Caseload, columns: Columns, repeated: dict[str, int], rows: int, sample: set[int]
    ) -> None:
        self.caseload, self.columns, self.policy, self.rows = caseload, columns, columns.policy, rows
        self.repeated, self.sample = repeated, np.array(sorted(sample), dtype=np.int64)
        self._repeated = pa.array(list(repeated), pa.string())
        self.labels = labels(columns)
        self.groups = [name for name in columns.policy.corpus.facts.groups if name in caseload.headings]
        self._decider: Decider | None = None

    def resolved(self, engine: Engine) -> Iterator[tuple[_Piece, pa.Table]]:
        """Yield each piece of the caseload with what the expression gives for its rows."""
        waiting: deque[_Piece] = deque()

        def coded() -> Iterator[pa.Table]:
            for piece in self.pieces():
                if not engine.whole:
                    waiting.append(piece)
                yield piece.coded

        pieces = self.pieces() if engine.whole else _taken(waiting)
        rest: pa.Table | None = None
        piece: _Piece | None = None
        for result in engine.resolved(coded()):
            rest = result if rest is None else pa.concat_tables([rest, result])
            while rest.num_rows:
                piece = next(pieces) if piece is None else piece
                if rest.num_rows < len(piece.raw):
                    break
                yield piece, rest.slice(0, len(piece.raw)).combine_chunks()
                rest, piece = rest.slice(len(piece.raw)), None
        if piece is not None or next(pieces, None) is not None:
            raise AssertionError("The engine gave other rows than it was given.")

    def pieces(self) -> Iterator[_Piece]:
        """Yield the caseload as whole numbers."""
        for raw in self.caseload.pieces(self.columns.types):
            yield _Piece(raw, self)

    def done(self, piece: _Piece, resolved: pa.Table) -> Done:
        """Return one piece, decided."""
        raw = piece.raw
        if not np.array_equal(resolved["row"].to_numpy(), raw.rows):
            raise AssertionError("The engine gave the rows in another order.")
        refused, columns = piece.refused, self.columns
        contradicts = (resolved["problems"].to_numpy() != 0) | _without_rules(resolved, columns)
        for place, case in piece.read(np.flatnonzero(contradicts & ~piece.out)):
            if isinstance(case, Case):
                raise self.differ([case.row])
            piece.refuse(place, case)
        for place in np.flatnonzero(_faults(resolved, columns) & ~piece.out).tolist():
            row = int(raw.rows[place])
            said = Problem(
                Place(self.caseload.name),
                "not-issued",
                "The rules have no one answer for this case.",
                "Report it; do not decide it by hand.",
                row=row,
            )
            piece.refuse(place, Refused(piece.text("case_ref")[place].as_py(), (said,), row))
        keep = np.flatnonzero(~piece.out)
        kept = resolved.take(keep) if piece.out.any() else resolved
        answers = columns.answers(kept)
        table = self._table(piece, keep, answers)
        undetermined = np.zeros(len(keep), dtype=bool)
        for name in columns.questions:
            numbers = kept[name].to_numpy()
            undetermined |= (numbers > FAULT) & (numbers < columns.stride)
        return Done(
            table,
            [refused[place] for place in sorted(refused)],
            _warned(kept, columns),
            _cautioned(kept, columns),
            int(undetermined.sum()),
            self._sample(piece, keep, table),
            len(raw),
            kept.select(list(columns.keeps)),
        )

    def _table(self, piece: _Piece, keep: NDArray[np.int64], answers: pa.Table) -> pa.Table:
        days = piece.coded["decision_date"].combine_chunks().take(keep).to_numpy() - date(1970, 1, 1).toordinal()
        columns = {
            "case_ref": piece.text("case_ref").take(keep),
            "decision_date": pa.array(days, pa.int32()).cast(pa.date32()),
            **{name: piece.text(name).take(keep) for name in self.groups},
        }
        columns |= dict(zip(answers.column_names, answers.columns, strict=True))
        same = pa.array(np.zeros(len(keep), dtype=np.int8))
        columns |= {name: pa.DictionaryArray.from_arrays(same, [text]) for name, text in self.labels.items()}
        return pa.table(columns)

    def _sample(
        self, piece: _Piece, keep: NDArray[np.int64], table: pa.Table
    ) -> list[tuple[Case | Refused, dict[str, Any] | None]]:
        rows = piece.raw.rows
        picked = self.sample[np.searchsorted(self.sample, rows[0]) : np.searchsorted(self.sample, rows[-1], "right")]
        places = np.flatnonzero(np.isin(rows, picked))
        decided = table.take(np.flatnonzero(np.isin(keep, places))).to_pylist()
        by_place = dict(zip(keep[np.isin(keep, places)].tolist(), decided, strict=True))
        return [(case, by_place.get(place)) for place, case in piece.read(places)]

    def verify(self, done: Done) -> int:
        """Return of how many rows the sample was, decided again by *judge* and *fire*; raises `Differ`."""
        if done.sample:
            self._decider = self._decider or Decider(self.policy)
        for case, row in done.sample:
            same = row is None
            if isinstance(case, Case) and self._decider:
                decision = self._decider.decide(case)
                beside = {*self.labels, *self.groups}
                known = {name: value for name, value in (row or {}).items() if value is not None and name not in beside}
                same = isinstance(decision, Decision) and row is not None and expected(decision) == known
            if not same:
                raise self.differ([case.row])
        return len(done.sample)

    def differ(self, rows: Iterable[int]) -> Differ:
        """Return the error of rows on which the readings do not give the same."""
        said = "The columns and the other readings of the rules differ."
        help = "Nothing was written. This is a fault of the engine: report it."
        return Differ([Problem(Place(self.caseload.name), "readings-differ", said, help, row=row) for row in rows])


def _taken(waiting: deque[_Piece]) -> Iterator[_Piece]:
    while waiting:
        yield waiting.popleft()


class _Piece:
    """A piece with its cells as whole numbers, and the rows of it that are refused."""

    def __init__(self, raw: RowBatch, work: _Work) -> None:
        self.raw, self._work = raw, work
        self.out = np.zeros(len(raw), dtype=bool)
        self.refused: dict[int, Refused] = {}
        self._texts: dict[str, pa.Array] = {}
        sound = np.ones(len(raw), dtype=bool)
        coded = {}
        types = work.columns.types
        for name in work.columns.facts:
            coded[name], fine = coded_column(raw.columns.get(name), types[name], len(raw))
            sound &= fine
        for name in work.groups:
            named, group = self.text(name).unique().drop_null().to_pylist(), work.policy.corpus.facts.groups[name]
            odd = pa.array([one for one in named if not is_group(one, group)], pa.string())
            sound &= ~pc.is_in(self.text(name), odd).to_numpy(zero_copy_only=False)
        sound &= coded["decision_date"] != UNKNOWN["date"]
        refs = self.text("case_ref")
        fine = pc.and_(
            pc.match_substring_regex(refs, _REFERENCE), pc.invert(pc.match_substring_regex(refs, _IDENTIFIER))
        )
        sound &= pc.fill_null(fine, False).to_numpy(zero_copy_only=False)
        if work.repeated:
            sound &= ~pc.is_in(refs, work._repeated).to_numpy(zero_copy_only=False)
        for place, case in self.read(np.flatnonzero(~sound)):
            if isinstance(case, Refused):
                self.refuse(place, case)
            else:  # What looked odd is sound after all.
                for name in work.columns.facts:
                    value = None if name in case.followed else case.facts.get(name)
                    coded[name][place] = code(types[name], value)
        self.coded = pa.table(
            {"row": raw.rows, **{name: pa.array(numbers, WIDTH[types[name].type]) for name, numbers in coded.items()}}
        )

    def text(self, name: str) -> pa.Array:
        """Return the cells of a column as text, null where there is none."""
        if name not in self._texts:
            column = self.raw.columns.get(name)
            kind = self._work.columns.types.get(name)
            self._texts[name] = pa.nulls(len(self.raw), pa.string()) if column is None else as_text(column, kind)
        return self._texts[name]

    def read(self, places: NDArray[np.int64]) -> Iterator[tuple[int, Case | Refused]]:
        """Yield the rows at these places as `senpolicy.deciding.cases` reads them."""
        work, types = self._work, self._work.columns.types
        if not len(places):
            return
        texts: dict[str, list[str | None]] = {}
        groups: dict[str, list[str | None]] = {}
        for name, column in self.raw.columns.items():
            if name == "case_ref" or name in types or name in work.groups:
                into = groups if name in work.groups else texts
                into[name] = as_text(column.take(pa.array(places)), types.get(name)).to_pylist()
        for at, place in enumerate(places.tolist()):
            number = int(self.raw.rows[place])
            if place in self.raw.faults:
                yield place, Refused(None, (self.raw.faults[place],), number)
                continue
            case = read_row(
                [(name, cells[at] or "") for name, cells in texts.items()], number, work.caseload.name, work.policy
            )
            if case.ref in work.repeated:
                said = Problem(
                    Place(work.caseload.name),
                    "same-reference",
                    f"{work.repeated[case.ref]} cases have this reference.",
                    "Give each case its own reference.",
                    row=number,
                    field="case_ref",
                )
                case = Refused(case.ref, (*(case.problems if isinstance(case, Refused) else ()), said), number)
            given = {name: cells[at] or "" for name, cells in groups.items()}
            yield place, with_groups(case, given, work.caseload.name, work.policy)

    def refuse(self, place: int, refused: Refused) -> None:
        """Keep why a row is not decided."""
        self.refused[place], self.out[place] = refused, True


def coded_column(column: pa.Array | None, kind: FactType, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return a column's cells as whole numbers, and whether each is surely sound; the others have any number."""
    width = np.dtype(WIDTH[kind.type])
    if column is None:
        return np.full(count, UNKNOWN[kind.type], width), np.ones(count, dtype=bool)
    typed = _typed(column, kind)
    if typed is not None:
        numbers, fine = typed
        empty = column.is_null().to_numpy(zero_copy_only=False)
        return np.where(empty, UNKNOWN[kind.type], np.where(fine, numbers, 0)).astype(width), fine | empty
    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        cells = pa.DictionaryArray.from_arrays(column.indices, as_text(column.dictionary, kind))
        return _distinct(cells, kind)
    text = as_text(column, kind)
    if kind.type != "money":
        return _distinct(text.dictionary_encode(), kind)
    plain = pc.fill_null(pc.match_substring_regex(text, _PENCE), False)
    pounds = pc.if_else(plain, text, None).cast(pa.decimal128(11, 2))
    empty = text.is_null().to_numpy(zero_copy_only=False)
    numbers = np.where(pounds.is_null().to_numpy(zero_copy_only=False), UNKNOWN["money"], _unscaled(pounds)[0])
    return numbers, plain.to_numpy(zero_copy_only=False) | empty


def _distinct(cells: pa.DictionaryArray, kind: FactType) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read each different text once, as `senpolicy.deciding.cases` reads it."""
    numbers, fine = [UNKNOWN[kind.type]], [True]  # The first is for empty cells.
    for text in cells.dictionary.to_pylist():
        try:
            value = read_cell(kind.name, text, kind) if text is not None else None
            numbers.append(code(kind, value))
            fine.append(True)
        except ValueError:
            numbers.append(UNKNOWN[kind.type])
            fine.append(False)
    places = pc.fill_null(cells.indices.cast(pa.int64()), -1).to_numpy() + 1
    return np.array(numbers, dtype=WIDTH[kind.type])[places], np.array(fine)[places]


def _typed(column: pa.Array, kind: FactType) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """Return numbers and soundness of a column whose type is the fact's own, None for any other."""
    sort = column.type
    if kind.type == "boolean" and pa.types.is_boolean(sort):
        held = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
        return held.astype(np.int64), np.ones(len(column), dtype=bool)
    if kind.type == "date" and pa.types.is_date32(sort):
        days = pc.fill_null(column.cast(pa.int32()), 0).to_numpy().astype(np.int64) + date(1970, 1, 1).toordinal()
        return days, (days >= date.min.toordinal()) & (days <= date.max.toordinal())
    if kind.type in ("integer", "money") and pa.types.is_integer(sort) and not pa.types.is_uint64(sort):
        whole = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
        if kind.type == "money":
            fine = (whole >= 0) & (whole <= MOST_PENCE // 100)
            return np.where(fine, whole, 0) * 100, fine
        lowest, highest = bounds(kind)
        return whole, (whole >= lowest) & (whole <= highest)
    if kind.type == "money" and pa.types.is_decimal128(sort) and 0 <= sort.scale <= 18:
        numbers, fine = _unscaled(column)
        if sort.scale > 2:
            fine &= numbers % 10 ** (sort.scale - 2) == 0
            numbers //= 10 ** (sort.scale - 2)
        else:
            fine &= numbers <= MOST_PENCE
            numbers = np.where(fine, numbers, 0) * 10 ** (2 - sort.scale)
        return numbers, fine & (numbers >= 0) & (numbers <= MOST_PENCE)
    return None


def _unscaled(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return decimals without their point, and whether 64 bits hold each; where a cell is null, anything."""
    halves = np.frombuffer(column.buffers()[1], dtype=np.int64).reshape(-1, 2)[
        column.offset : column.offset + len(column)
    ]
    low, high = halves[:, 0].copy(), halves[:, 1]
    return low, high == low >> 63


def _faults(resolved: pa.Table, columns: Columns) -> NDArray[np.bool_]:
    found = np.zeros(resolved.num_rows, dtype=bool)
    for name in columns.questions:
        found |= resolved[name].to_numpy() == FAULT
    return found


def _without_rules(resolved: pa.Table, columns: Columns) -> NDArray[np.bool_]:
    """Return where no question has a version on the day: such a row is refused as it is read."""
    found = np.ones(resolved.num_rows, dtype=bool)
    for name in columns.questions:
        found &= resolved[name].to_numpy() == ABSENT
    return found


def _warned(kept: pa.Table, columns: Columns) -> Counter[str]:
    bits = kept["warnings"].to_numpy()
    counts = {rule.id: int((bits >> place & 1).sum()) for place, rule in enumerate(columns.warning_rules)}
    return Counter({name: count for name, count in counts.items() if count})


def _cautioned(kept: pa.Table, columns: Columns) -> dict[str, Counter[str]]:
    """Return for each question with cautions how many rows each goes with; one that goes with none is left out."""
    found = {}
    for name, cautions in columns.cautions.items():
        bits = kept[f"{name}_cautions"].to_numpy()
        counts = {one: int((bits >> place & 1).sum()) for place, one in enumerate(cautions)}
        found[name] = Counter({one: count for one, count in counts.items() if count})
    return found


class Reasons:
    """The rows refused and why, in a file of their own: there only when a row was refused, and never a cell's value."""

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, ExitStack()
        self._lines: Any = None

    def __enter__(self) -> Reasons:
        return self

    def write(self, refused: Refused) -> None:
        """Add one line for each problem of a row."""
        if self._lines is None:
            file = io.TextIOWrapper(self._stack.enter_context(whole(self._path)), encoding="utf-8", newline="")
            self._stack.callback(file.detach)
            self._lines = csv.writer(file)
            self._lines.writerow(REFUSED_HEADINGS)
        for problem in refused.problems:
            self._lines.writerow([problem.row, problem.field, problem.code, problem.message, problem.help])

    def __exit__(self, *error: Any) -> None:
        if self._lines is None and error[0] is None:
            self._path.unlink(missing_ok=True)  # One of an earlier run would speak of other rows.
        self._stack.__exit__(*error)


def labels(columns: Columns) -> dict[str, str]:
    """Return what every row says of the policy that decided it."""
    policy = columns.policy
    found = {"policy_as_of": policy.as_of, "policy_digest": policy.digest}
    if policy.scenario:
        found |= {"scenario": policy.scenario.scenario, "scenario_says": policy.scenario.says}
    return found


def expected(decision: Decision) -> dict[str, Any]:
    """Return a decision of `deciding.decide` as a row of the output, less the labels; what is empty is left out."""
    row: dict[str, Any] = {"case_ref": decision.case.ref, "decision_date": decision.case.day}
    for name, answer in decision.answers.items():
        row[name] = answer.answer
        row[f"{name}_rule"] = answer.held
        row[f"{name}_open_points"] = " ".join(answer.open_points)
        row[f"{name}_missing"] = " ".join(answer.missing_facts)
        row[f"{name}_cautions"] = " ".join(dict.fromkeys(one.id for one in answer.cautions))
        for figure, value in answer.gives.items():
            if isinstance(value, dict):  # The part of a year.
                row[f"{name}_{figure}"] = Decimal(value["amount"]).scaleb(-2)
                row[f"{name}_{figure}_days"] = value["days"]
            elif isinstance(value, int) and not isinstance(value, bool):
                row[f"{name}_{figure}"] = Decimal(value).scaleb(-2)
            else:
                row[f"{name}_{figure}"] = value
    return {name: value for name, value in row.items() if value not in (None, "")}


class _Sink:
    """Where the pieces go, in their order: into words, onto the disk, and into the counts."""

    def __init__(self, work: _Work, suffix: str, file: IO[bytes], reasons: Reasons, summary: Summary) -> None:
        self._work, self._suffix, self._file = work, suffix, file
        self._reasons, self._summary = reasons, summary
        self._pen: Writer | None = None

    def take(self, piece: _Piece, resolved: pa.Table) -> None:
        """Write one piece, verify its part of the sample, and count."""
        done = self._work.done(piece, resolved)
        self._summary.verified += self._work.verify(done)
        self._pen = self._pen or writer(self._suffix, self._file, done.table.schema)
        self._pen.write(done.table)
        for refused in done.refused:
            self._reasons.write(refused)
        _count(self._summary, done, self._work.columns)

    def finish(self) -> None:
        """Finish the file."""
        if self._pen:
            self._pen.close()

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pen:
            with suppress(OSError):  # The disk may be full, which is being said already.
                self._pen.abandon()


def _count(summary: Summary, done: Done, columns: Columns) -> None:
    summary.rows += done.rows
    summary.decided += done.table.num_rows
    summary.undetermined += done.undetermined
    summary.refused_rows += len(done.refused)
    summary.warnings += done.warnings
    for name, counts in done.cautions.items():
        if counts:
            summary.cautions.setdefault(name, Counter()).update(counts)
    for refused in done.refused:
        summary.refused.update({problem.code for problem in refused.problems})
    for name in columns.questions:
        counted = done.table[name].combine_chunks().value_counts().to_pylist()
        by = summary.answers.setdefault(name, Counter())
        by.update({one["values"]: one["counts"] for one in counted if one["values"] is not None})
