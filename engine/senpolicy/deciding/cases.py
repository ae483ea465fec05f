"""Cases: files of pupils' facts, read strictly, without ever repeating a value.

A fault of the file (empty, not UTF-8, too large, not YAML, aliases) stops before any case. A fault of a case refuses
that case alone. What looks like a name, a number or a date that identifies a child is looked for first, so that no
message can hold it.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import normalize

from senpolicy.files.digests import PlainData
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, nearest, shown_name
from senpolicy.files.source import MAX_DEPTH, Node, read
from senpolicy.language.conditions import FactType, Value
from senpolicy.policy.banding import Banded, banded
from senpolicy.policy.timeline import CaseRuleInForce, Period, Policy
from senpolicy.readings.judge import judge

MAX_BYTES = 20_000_000
#: A file of more cases than this is a caseload, which has formats of its own.
MOST_CASES = 100_000
#: No field is longer, nor a value of one; what is longer is not even looked at.
LONGEST = 200
REFERENCE = re.compile(r"[A-Za-z]{1,4}-?[0-9]{1,8}")
_MONEY = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: A word that may be part of a name, such as Zoë, O'Hara or Smith-Jones.
_CAPITAL = "[A-Z\u00c0-\u00de]"
_NAMELIKE = rf"(?:{_CAPITAL}['\u2019])?{_CAPITAL}[a-z\u00df-\u00ff]+(?:[-'\u2019]{_CAPITAL}[a-z\u00df-\u00ff]+)?"
IDENTIFIERS = (
    re.compile(r"(?<![a-z0-9])[a-z][0-9]{11}[0-9a-z](?![a-z0-9])", re.I | re.A),
    re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)"),
    re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b", re.I),
    re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    re.compile(rf"\b{_NAMELIKE},?\s{_NAMELIKE}\b"),
)
IDENTIFYING_WORDS = re.compile("name|upn|uln|nhs|dob|birth|born|postcode|post_code|address|email|phone", re.I)
_BIRTHDAY_TAIL = re.compile(r"\d{8}$")
_SPACES = "Take out the space before or after it."
#: A bracket of JSON, or a whole text, in which brackets mean nothing.
_BRACKET = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*+"?', re.S)


@dataclass(frozen=True)
class Case:
    """A pupil's case: the reference, the day for which it is decided, and the facts that are known.

    `facts` holds what the case gives and what follows from it, and the day as `decision_date`; `followed` says why, for
    each fact that the case did not give itself; `mapped` the level by its ratings, or the areas that are still missing;
    `beside` the fields that the reader asked to be set aside, as plain data.
    """

    ref: str
    day: date
    facts: Mapping[str, Value]
    followed: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    row: int = 1
    mapped: Banded | None = None
    beside: Mapping[str, PlainData] = field(default_factory=dict)
    place: Place = field(default_factory=lambda: Place(""))


@dataclass(frozen=True)
class Refused:
    """A case that is not decided, and why. `ref` is None where the reference itself is at fault."""

    ref: str | None
    problems: tuple[Problem, ...]
    row: int = 1

    def to_json(self) -> dict[str, PlainData]:
        """Return what is in the place of the decision."""
        return {"case_ref": self.ref, "problems": [problem.to_json() for problem in self.problems]}


#: How tables begin under a name by which single cases are looked for, and what each is.
_TABLES = {
    b"PK\x03\x04": "an Excel workbook, or another archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), or a document of another program",
    b"PAR1": "a Parquet file",
}
_TABLE = "Save it as a table whose name ends in .xlsx, .csv or .parquet, and name with -o the file to write."


def read_file(path: Path, policy: Policy, beside: Collection[str] = ()) -> list[Case | Refused]:
    """Return the cases of a YAML or JSON file in its order, each ready to be decided or refused.

    Fields named in `beside` are not facts: the caller reads them. Raises `PolicyError` for a fault of
    the file: missing, empty, not UTF-8, larger than 20 MB, neither YAML nor JSON, an alias.
    """
    name = shown_name(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            content = b"" if size > MAX_BYTES else file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        said = "This is a folder, not a file."
        raise _fault(name, "no-file", said, "Name the file in it that holds the cases.") from None
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise _fault(name, "no-file", f"This file {reason}.", "Check its name and folder.") from None
    if max(size, len(content)) > MAX_BYTES:
        raise _too_large(name, f"This file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        for mark, what in _TABLES.items():
            if content.startswith(mark):
                said = f"This is {what}, not a file of cases in YAML or JSON."
                raise _fault(name, "not-utf-8", said, _TABLE) from None
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(name, "not-utf-8", "This file is not written in UTF-8.", "Save it as UTF-8.", line) from None
    return read_text(text, name, policy, beside)


def read_text(text: str, name: str, policy: Policy, beside: Collection[str] = ()) -> list[Case | Refused]:
    """Return the cases of YAML or JSON text, as `read_file` does; `name` is the file's name for messages."""
    text = normalize("NFC", text)  # One name in two forms of Unicode is one name.
    rows = _rows(text, name) if text.strip() else []
    if not rows:
        help = "Write one case, or a list of cases, each item after a dash."
        raise _fault(name, "empty", "This file contains no cases.", help, 1)
    return refuse_repeated([_case(row, number, policy, beside) for number, row in enumerate(rows, 1)], name)


def _fault(name: str, code: str, message: str, help: str, line: int = 0) -> PolicyError:
    return PolicyError([Problem(Place(name, line), code, message, help)])


def _too_large(name: str, message: str) -> PolicyError:
    return _fault(name, "too-large", message, "Split it, or give a caseload as CSV or Parquet.")


def _counted(items: list[Any], name: str) -> list[Any]:
    if len(items) > MOST_CASES:
        raise _too_large(name, f"This file holds more than {MOST_CASES:,} cases.")
    return items


def _rows(text: str, name: str) -> list[_Row]:
    """Return the rows of JSON or YAML; what starts like JSON in a YAML file may still be YAML."""
    ending = name.lower().rpartition(".")[2]
    if ending == "json" or text.lstrip()[0] in "[{":
        try:
            return _json_rows(text, name)
        except PolicyError:
            if ending not in ("yaml", "yml"):
                raise
    found = Problems()
    try:
        return _yaml_rows(read(text, name, found, check_words=False), found)
    except PolicyError as error:
        # Without the fields of keys that were written twice: they may be any words.
        raise PolicyError(replace(problem, field="") for problem in error.problems) from None


def read_row(
    cells: Iterable[tuple[str, Any]], number: int, name: str, policy: Policy, beside: Collection[str] = ()
) -> Case | Refused:
    """Return the case of one row of a caseload, its cells as text, ready to be decided or refused.

    `number` counts the rows of the file from 1; what rows say of each other is for `refuse_repeated`. Fields named in
    `beside` are set aside, as `read_file` does.
    """
    place = Place(name)
    return _case(_Row(place, [(field, value, place) for field, value in cells], []), number, policy, beside)


def read_cell(field: str, value: str, kind: FactType) -> Value:
    """Return one cell as the engine holds it; raises ValueError where `read_row` would have a problem with it."""
    if len(value) > LONGEST or _identifies(field, value, declared=True):
        raise ValueError
    return _value(value, kind)


def identifying(text: str) -> bool:
    """Return whether text holds what may identify a child or a person: a number, postcode, address or a name.

    >>> identifying("Moderator 3"), identifying("Mended " + "Twice")
    (False, True)
    """
    return any(one.search(text) for one in IDENTIFIERS)


def alike(reference: str) -> tuple[str, int]:
    """Return what is left of a reference without capitals, its hyphen and any 0 in front.

    >>> alike("k-01") == alike("K1"), alike("K-10") == alike("K-1")
    (True, False)
    """
    letters = reference.rstrip("0123456789")
    return letters.rstrip("-").upper(), int(reference[len(letters) :])


def refuse_repeated(cases: Iterable[Case | Refused], name: str) -> list[Case | Refused]:
    """Return the cases with those refused that share a reference: none of them is decided.

    A case whose reference is only written otherwise than another's, as k-01 and K1 are, has a warning.
    """
    cases = list(cases)
    counts = Counter(case.ref for case in cases if case.ref)
    written = Counter(alike(ref) for ref in counts if ref)
    checked: list[Case | Refused] = []
    for case in cases:
        if case.ref and counts[case.ref] > 1:
            said = Problem(
                Place(name),
                "same-reference",
                f"{counts[case.ref]} cases have this reference.",
                "Give each case its own reference.",
                row=case.row,
                field="case_ref",
            )
            already = case.problems if isinstance(case, Refused) else ()
            case = Refused(case.ref, (*already, said), case.row)
        elif isinstance(case, Case) and written[alike(case.ref)] > 1:
            message = "Another reference differs from this one in nothing but capitals, a hyphen or a 0 in front."
            help = "If both are of one pupil, keep one of the cases."
            said = Problem(Place(name), "alike-reference", message, help, True, case.row, "case_ref")
            case = replace(case, warnings=(*case.warnings, said))
        checked.append(case)
    return checked


@dataclass
class _Row:
    """One case as the file has it: field, text or plain value, place; and what is wrong with its shape."""

    place: Place
    cells: list[tuple[str, Any, Place]]
    faults: list[Problem]


def _yaml_rows(node: Node | None, found: Problems) -> list[_Row]:
    if node is None or (node.kind == "scalar" and not node.content):
        return []
    items = _counted(node.content if node.kind == "list" else [node], node.place.file)
    rows = []
    twice = deque(sorted(found))
    for number, item in enumerate(items):
        row = _Row(item.place, [], [])
        if item.kind != "map":
            row.faults.append(_not_a_case(item.place))
        else:
            for key, value in item.content.items():
                content = value.data() if value.kind == "scalar" else value.content
                row.cells.append((key, content, value.place))
        following = items[number + 1].place if number + 1 < len(items) else None
        while twice and (following is None or twice[0].place < following):
            row.faults.append(twice.popleft())
        rows.append(row)
    return rows


class _Pairs(list[tuple[str, Any]]):
    """A map of a JSON file, a key that is written twice still there twice."""


def _json_rows(text: str, name: str) -> list[_Row]:
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found.group(), 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, found.start()) + 1
            raise _fault(name, "too-deep", "This is nested too deeply to be read.", "Write it flatter.", line)
    try:
        data = json.loads(text, object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        place = Place(name, error.lineno, error.colno)
        help = "Check the commas, quotation marks and brackets here."
        raise PolicyError([Problem(place, "not-json", "This cannot be read as JSON.", help)]) from None
    rows = []
    for item in _counted(data if type(data) is list else [data], name):
        row = _Row(Place(name), [], [])
        if not isinstance(item, _Pairs):
            row.faults.append(_not_a_case(row.place))
        else:
            row.cells = [(key, value, row.place) for key, value in item]
            for key in _repeated(item):
                said = "A field is written twice."
                row.faults.append(Problem(row.place, "written-twice", said, "Keep one of the two.", field=key))
        rows.append(row)
    return rows


def _repeated(value: Any) -> Iterator[str]:
    """Yield each key that is written more than once in one map, at any depth."""
    if isinstance(value, _Pairs):
        yield from (key for key, times in Counter(key for key, _ in value).items() if times > 1)
    for one in (part for _, part in value) if isinstance(value, _Pairs) else value if isinstance(value, list) else ():
        yield from _repeated(one)


def _data(value: Any) -> Any:
    """Return the content of a field that is set aside as plain data."""
    if isinstance(value, Node):
        return value.data()
    if isinstance(value, _Pairs):
        return {key: _data(one) for key, one in value}
    if isinstance(value, dict):
        return {key: _data(one) for key, one in value.items()}
    return [_data(one) for one in value] if isinstance(value, list) else value


def _not_a_case(place: Place) -> Problem:
    return Problem(
        place, "not-a-case", "This is not a case.", "A case is a map of fields and values, such as 'age: 9'."
    )


def _case(row: _Row, number: int, policy: Policy, beside: Collection[str] = ()) -> Case | Refused:
    facts: dict[str, Value] = {}
    aside: dict[str, PlainData] = {}
    declared = policy.corpus.facts.facts
    problems = [replace(one, field=one.field if one.field in declared else "", row=number) for one in row.faults]
    if problems and not row.cells:
        return Refused(None, tuple(problems), number)
    reference: str | None = None
    day: date | None = None
    for field_number, (name, value, place) in enumerate(row.cells, 1):
        if len(name) > LONGEST or (isinstance(value, str) and len(value) > LONGEST):
            said = f"Field {field_number} of this case is longer than {LONGEST} letters."
            field = name if name in declared else ""
            problems.append(Problem(place, "too-long", said, "Write one plain value.", field=field))
        elif name in beside and name in policy.corpus.facts.groups:  # Who asks for them looks at what is in them.
            aside[name] = _data(value)
        elif _identifies(name, value, name in declared or bool(_written_otherwise(name, declared))):
            problems.append(
                Problem(
                    place,
                    "identifies-a-child",
                    "This looks like something that identifies a child.",
                    _instead(value, policy.types[name])
                    if name in declared and name != "case_ref"
                    else "Leave it out; a case has a pseudonymous reference only.",
                    field=name if name in declared else "",
                )
            )
        elif name in beside:
            aside[name] = _data(value)
        elif name not in declared:
            near = _written_otherwise(name, declared) or nearest(name, list(declared))
            problems.append(
                Problem(
                    place,
                    "unknown-field",
                    f"Field {field_number} of this case is not a fact that the policy knows.",
                    f"Did you mean '{near}'?" if near else "See rules/facts.yaml for the facts.",
                    field=near or "",
                )
            )
        elif value is None or value == "":
            continue
        elif name == "case_ref":
            reference = value if isinstance(value, str) and REFERENCE.fullmatch(value) else None
            if reference is None:
                problems.append(
                    Problem(
                        place,
                        "reference",
                        "This is not a reference.",
                        _SPACES
                        if isinstance(value, str) and REFERENCE.fullmatch(value.strip())
                        else "One to four letters, an optional hyphen, one to eight digits: K-0007.",
                        field=name,
                    )
                )
        else:
            kind = policy.types[name]
            try:
                facts[name] = _value(value, kind)
            except ValueError as error:
                message, help = error.args
                if isinstance(value, str) and value != value.strip() and _is_value(value.strip(), kind):
                    help = _SPACES
                problems.append(Problem(place, f"not-{kind.type}", message, help, field=name))
    given = {key for key, value, _ in row.cells if value is not None and value != ""}
    for name, fact in declared.items():
        if fact.required and name not in given:
            problems.append(
                Problem(row.place, "missing-field", f"'{name}' is missing.", "Every case needs it.", field=name)
            )
    maybe_day = facts.get("decision_date")
    day = maybe_day if isinstance(maybe_day, date) else None
    if not problems and day and reference:
        case = checked(reference, day, facts, policy, row.place, number)
        return replace(case, beside=aside) if aside and isinstance(case, Case) else case
    return Refused(reference, tuple(replace(problem, row=number) for problem in problems), number)


def checked(
    reference: str, day: date, facts: dict[str, Value], policy: Policy, place: Place, row: int = 1
) -> Case | Refused:
    """Return the case with what follows from its facts, or refused when they contradict each other.

    It is refused, too, where no question has a version on its day: there would be nothing to decide.
    """
    period = policy.on(day)
    if not period.questions:
        said = "No question of this policy has a version on this day, so nothing is decided."
        help = "Check the day, or decide by the policy as of another decision."
        return Refused(reference, (Problem(place, "no-rules-yet", said, help, row=row, field="decision_date"),), row)
    contradictions = [rule for rule in period.problems if holds(rule, facts)]
    if contradictions:
        return Refused(reference, tuple(_said(rule, place, row) for rule in contradictions), row)
    warnings = tuple(_said(rule, place, row, warning=True) for rule in period.warnings if holds(rule, facts))
    known, followed = with_consequences(facts, period)
    mapped = mapped_level(known, followed, policy, period.edition)
    return Case(reference, day, known, followed, warnings, row, mapped, place=place)


def with_warnings(case: Case, period: Period, facts: Mapping[str, Value]) -> Case:
    """Return a case with the warnings that rest on answers; `facts` holds the answers too, None where undetermined."""
    # What holds without the answers has been said already.
    later = [rule for rule in period.warnings if holds(rule, facts) and not holds(rule, case.facts)]
    if not later:
        return case
    return replace(case, warnings=(*case.warnings, *(_said(one, case.place, case.row, warning=True) for one in later)))


def mapped_level(
    facts: dict[str, Value], followed: dict[str, str], policy: Policy, edition: EditionFile | None
) -> Banded | None:
    """Add the level to which ratings by area lead in an edition; return what decided it, or the areas that are missing.

    None where there is no rating, where the case gives the level itself, or where the edition has no such method.
    """
    declared = policy.corpus.facts.facts
    level = next((name for name, fact in declared.items() if fact.from_ratings), None)
    if edition is None or edition.banding is None or level is None or facts.get(level) is not None:
        return None
    ratings = {fact.area: str(facts[name]) if name in facts else None for name, fact in declared.items() if fact.area}
    if edition.banding.method != "highest_area" or not any(ratings.values()):
        return None
    mapped = banded(edition, ratings)
    if mapped.level is not None:
        facts[level] = mapped.level.id
        followed[level] = (
            f"The highest rating of any area decides: {', '.join(area.replace('_', ' ') for area in mapped.areas)}."
        )
    return mapped


def with_consequences(facts: Mapping[str, Value], period: Period) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the facts with those that follow from them, and for each of the latter why it follows."""
    known, followed = dict(facts), {}
    grew = True
    while grew:
        grew = False
        for rule in period.follows:
            if known.get(rule.field) is None and holds(rule, known):
                known[rule.field], followed[rule.field], grew = rule.value, rule.says, True
    return known, followed


def holds(rule: CaseRuleInForce, facts: Mapping[str, Value]) -> bool:
    """Return whether a rule about facts holds for sure; what is not known proves nothing."""
    return judge(rule.condition, facts) is True


def _said(rule: CaseRuleInForce, place: Place, row: int, *, warning: bool = False) -> Problem:
    return Problem(place, rule.id, rule.says, rule.help, warning, row, rule.field)


def _instead(value: Any, kind: FactType) -> str:
    """Return what to write into a fact's field instead of what may identify a child."""
    try:
        _value(value, kind)
    except ValueError as error:
        return f"Nothing that tells who a child is may be written here. {error.args[1]}"
    return "Leave it out; a case has a pseudonymous reference only."


def _is_value(value: Any, kind: FactType) -> bool:
    try:
        _value(value, kind)
    except ValueError:
        return False
    return True


def _written_otherwise(name: str, declared: Collection[str]) -> str | None:
    """Return the fact that a name means but for capitals, and spaces or hyphens in place of underlines."""
    meant = re.sub(r"[\s_-]+", "_", name.strip().lower())
    return meant if meant in declared else None


def _identifies(name: str, value: Any, declared: bool) -> bool:
    if not declared and (IDENTIFYING_WORDS.search(name) or any(one.search(name) for one in IDENTIFIERS)):
        return True
    if not isinstance(value, str):
        return False
    if name == "case_ref" and REFERENCE.fullmatch(value):
        return value.upper().startswith(("DOB", "UPN", "NHS")) or _is_birthday(value)
    return any(one.search(value) for one in IDENTIFIERS)


def _is_birthday(reference: str) -> bool:
    tail = _BIRTHDAY_TAIL.search(reference)
    if not tail:
        return False
    digits = tail.group()
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        if 1995 <= int(year) <= 2030 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return True
    return False


def _value(value: Any, kind: FactType) -> Value:
    """Return a written value as the engine holds it; raises ValueError(message, help) that does not repeat it."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else value
    if not isinstance(text, str):
        raise ValueError("This is not a single value.", "Write one plain value.")
    if kind.type == "boolean":
        if text in ("true", "false"):
            return text == "true"
        raise ValueError("This is neither true nor false.", "Write true or false, or leave it empty when not known.")
    if kind.type == "choice":
        if text in kind.values:
            return text
        near = nearest(text, list(kind.values))
        known = ", ".join(kind.values)
        raise ValueError(
            "This is not one of the values of this field.",
            f"Did you mean '{near}'?" if near else f"Use one of {known}.",
        )
    if kind.type == "date":
        if not _DAY.fullmatch(text):
            raise ValueError("This is not a date.", "Write year, month, day: 2025-10-01.")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("There is no such day.", "Write year, month, day: 2025-10-01.") from None
    if kind.type == "money":
        if not _MONEY.fullmatch(text):
            raise ValueError(
                "This is not an amount in pounds.",
                "Write figures with at most two decimals: 6000.01, with no sign, comma or currency mark.",
            )
        whole, _, part = text.partition(".")
        return int(whole) * 100 + int(part.ljust(2, "0"))
    if not _WHOLE.fullmatch(text):
        raise ValueError("This is not a whole number.", "Write figures only.")
    number = int(text)
    if (kind.lowest is not None and number < kind.lowest) or (kind.highest is not None and number > kind.highest):
        lowest, highest = ("any" if bound is None else bound for bound in (kind.lowest, kind.highest))
        raise ValueError("This number is outside what the field allows.", f"Use {lowest} to {highest}.")
    return number
