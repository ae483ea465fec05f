"""Cases: files of pupils' facts, read strictly, without ever repeating a value.

A fault of the file (empty, not UTF-8, too large, not YAML, aliases) stops before any case. A fault of a case refuses
that case alone. What looks like a name, a number or a date that identifies a child is looked for first, so that no
message can hold it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from senpolicy.calculations import CALCULATIONS
from senpolicy.conditions import FactType, Value
from senpolicy.descriptors import Banded, banded
from senpolicy.problems import Place, PolicyError, Problem, Problems, nearest
from senpolicy.readings.judge import judge
from senpolicy.source import Node, read
from senpolicy.timeline import CaseRuleInForce, Period, Policy

MAX_BYTES = 20_000_000
REFERENCE = re.compile(r"[A-Za-z]{1,4}-?\d{1,8}")
_MONEY = re.compile(r"\d{1,9}(\.\d{1,2})?")
_IDENTIFIERS = (
    re.compile(r"\b[A-Z]\d{12}\b|\b[A-Z]\d{11}[A-Z]\b", re.I),
    re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b"),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.I),
    re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    re.compile(r"\b[A-Z][a-z]+(?:[-'][A-Z][a-z]+)? [A-Z][a-z]+(?:[-'][A-Z][a-z]+)?\b"),
)
_IDENTIFYING_WORDS = re.compile(
    r"(^|_|-|\s)(name|forename|firstname|surname|lastname|upn|uln|nhs|dob|birth|born|postcode|address|email|phone)",
    re.I,
)
_BIRTHDAY_TAIL = re.compile(r"\d{8}$")


@dataclass(frozen=True)
class Case:
    """A pupil's case: the reference, the day for which it is decided, and the facts that are known.

    `facts` holds what the case gives and what follows from it, and the day as `decision_date`; `followed` says why, for
    each fact that the case did not give itself; `mapped` the level to which its ratings lead, where they do.
    """

    ref: str
    day: date
    facts: Mapping[str, Value]
    followed: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    row: int = 1
    mapped: Banded | None = None


@dataclass(frozen=True)
class Refused:
    """A case that is not decided, and why. `ref` is None where the reference itself is at fault."""

    ref: str | None
    problems: tuple[Problem, ...]
    row: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return what stands in the place of the decision."""
        return {"case_ref": self.ref, "problems": [problem.to_json() for problem in self.problems]}


def read_file(path: Path, policy: Policy) -> list[Case | Refused]:
    """Return the cases of a YAML or JSON file in its order, each ready to be decided or refused.

    Raises `PolicyError` for a fault of the file: missing, empty, not UTF-8, larger than 20 MB, neither YAML nor JSON,
    an alias.
    """
    name = path.name
    place = Place(name)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise PolicyError(
                [
                    Problem(
                        place,
                        "too-large",
                        f"This file is larger than {MAX_BYTES // 1_000_000} MB.",
                        "Split it, or give a caseload as CSV or Parquet.",
                    )
                ]
            )
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyError(
            [Problem(place, "not-utf-8", "This file is not written in UTF-8.", "Save it as UTF-8.")]
        ) from None
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise PolicyError([Problem(place, "no-file", f"This file {reason}.", "Check its name and folder.")]) from None
    return read_text(text, name, policy)


def read_text(text: str, name: str, policy: Policy) -> list[Case | Refused]:
    """Return the cases of YAML or JSON text, as `read_file` does; `name` is the file's name for messages."""
    found = Problems()
    if text.lstrip()[:1] in ("[", "{"):
        rows = _json_rows(text, name)
    else:
        try:
            node = read(text, name, found, check_words=False)
        except PolicyError as error:
            raise PolicyError(_without_quotes(problem) for problem in error.problems) from None
        rows = _yaml_rows(node, name, found)
    if not rows:
        raise PolicyError(
            [
                Problem(
                    Place(name, 1, 1),
                    "empty",
                    "This file holds no case.",
                    "Write one case, or a list of cases, each item after a dash.",
                )
            ]
        )
    cases = [_case(row, number, policy) for number, row in enumerate(rows, 1)]
    return refuse_repeated(cases, name)


def refuse_repeated(cases: Iterable[Case | Refused], name: str) -> list[Case | Refused]:
    """Return the cases with those refused that share a reference: none of them is decided."""
    cases = list(cases)
    counts = Counter(case.ref for case in cases if case.ref)
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
        checked.append(case)
    return checked


@dataclass
class _Row:
    """One case as it stands in the file: field, text or plain value, place; and what is wrong with its shape."""

    place: Place
    cells: list[tuple[str, Any, Place]]
    faults: list[Problem]


def _yaml_rows(node: Node | None, name: str, found: Problems) -> list[_Row]:
    if node is None or (node.kind == "scalar" and not node.content):
        return []
    items = node.content if node.kind == "list" else [node]
    rows = []
    for number, item in enumerate(items):
        row = _Row(item.place, [], [])
        if item.kind != "map":
            row.faults.append(_not_a_case(item.place))
        else:
            for key, value in item.content.items():
                content = value.data() if value.kind == "scalar" else value.content
                row.cells.append((key, content, value.place))
        following = items[number + 1].place if number + 1 < len(items) else None
        row.faults += [
            _without_quotes(p) for p in found if p.place >= item.place and (not following or p.place < following)
        ]
        rows.append(row)
    return rows


def _json_rows(text: str, name: str) -> list[_Row]:
    class Pairs(list[tuple[str, Any]]):
        pass

    try:
        data = json.loads(text, object_pairs_hook=Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        problem = Problem(
            Place(name, error.lineno, error.colno),
            "not-json",
            "This cannot be read as JSON.",
            "Check the commas, quotation marks and brackets here.",
        )
        raise PolicyError([problem]) from None
    except RecursionError:
        raise PolicyError(
            [Problem(Place(name), "too-deep", "This is nested too deeply to be read.", "Write it flatter.")]
        ) from None
    items = [data] if isinstance(data, Pairs) else data
    rows = []
    for item in items:
        row = _Row(Place(name), [], [])
        if not isinstance(item, Pairs):
            row.faults.append(_not_a_case(row.place))
        else:
            row.cells = [(key, value, row.place) for key, value in item]
            if len({key for key, _ in item}) < len(item):
                row.faults.append(
                    Problem(row.place, "written-twice", "A field is written twice.", "Keep one of the two.")
                )
        rows.append(row)
    return rows


def _not_a_case(place: Place) -> Problem:
    return Problem(
        place, "not-a-case", "This is not a case.", "A case is a map of fields and values, such as 'age: 9'."
    )


def _without_quotes(problem: Problem) -> Problem:
    """Return a problem of the reader without the author's words, which in a case file may be about a child."""
    if "'" in problem.message:
        return Problem(problem.place, problem.code, "This cannot be read.", "Compare the line with its neighbours.")
    return problem


def _case(row: _Row, number: int, policy: Policy) -> Case | Refused:
    problems = list(row.faults)
    facts: dict[str, Value] = {}
    declared = policy.corpus.facts.facts
    reference: str | None = None
    day: date | None = None
    for field_number, (name, value, place) in enumerate(row.cells, 1):
        if _identifies(name, value, name in declared):
            problems.append(
                Problem(
                    place,
                    "identifies-a-child",
                    "This looks like something that identifies a child.",
                    "Leave it out; a case has a pseudonymous reference only.",
                    field=name if name in declared else "",
                )
            )
        elif name not in declared:
            near = nearest(name, list(declared))
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
                        "One to four letters, an optional hyphen, one to eight digits: K-0007.",
                        field=name,
                    )
                )
        else:
            kind = policy.types[name]
            try:
                facts[name] = _value(value, kind)
            except ValueError as error:
                message, help = error.args
                problems.append(Problem(place, f"not-{kind.type}", message, help, field=name))
    for name, fact in declared.items():
        given = {key for key, value, _ in row.cells if value not in (None, "")}
        if fact.required and name not in given:
            problems.append(
                Problem(row.place, "missing-field", f"'{name}' is missing.", "Every case needs it.", field=name)
            )
    maybe_day = facts.get("decision_date")
    day = maybe_day if isinstance(maybe_day, date) else None
    if not problems and day and reference:
        return checked(reference, day, facts, policy, row.place, number)
    return Refused(reference, tuple(_at_row(problem, number) for problem in problems), number)


def checked(
    reference: str, day: date, facts: dict[str, Value], policy: Policy, place: Place, row: int = 1
) -> Case | Refused:
    """Return the case with what follows from its facts, or refused when they contradict each other."""
    period = policy.on(day)
    contradictions = [rule for rule in period.problems if holds(rule, facts)]
    if contradictions:
        return Refused(reference, tuple(_said(rule, place, row) for rule in contradictions), row)
    warnings = tuple(_said(rule, place, row, warning=True) for rule in period.warnings if holds(rule, facts))
    known, followed = with_consequences(facts, period)
    mapped = mapped_level(known, followed, policy)
    return Case(reference, day, known, followed, warnings, row, mapped)


def mapped_level(facts: dict[str, Value], followed: dict[str, str], policy: Policy) -> Banded | None:
    """Add the level to which ratings by area lead, where the edition has a method; return what decided it, or None."""
    edition, declared = policy.edition, policy.corpus.facts.facts
    level = next((name for name, fact in declared.items() if fact.from_ratings), None)
    if edition is None or edition.banding is None or level is None or facts.get(level) is not None:
        return None
    ratings = {fact.area: str(facts[name]) if name in facts else None for name, fact in declared.items() if fact.area}
    if edition.banding.method != "highest_area" or not any(ratings.values()):
        return None
    mapped = banded(edition, ratings)
    if mapped.level is None:
        return None
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
    """Return whether a rule about facts holds for sure; what is not known holds nothing."""
    if rule.calculation:
        return CALCULATIONS[rule.calculation](facts) is True
    return rule.condition is not None and judge(rule.condition, facts) is True


def _said(rule: CaseRuleInForce, place: Place, row: int, *, warning: bool = False) -> Problem:
    return Problem(place, rule.id, rule.says, rule.help, warning, row, rule.field)


def _at_row(problem: Problem, row: int) -> Problem:
    return Problem(problem.place, problem.code, problem.message, problem.help, problem.warning, row, problem.field)


def _identifies(name: str, value: Any, declared: bool) -> bool:
    if not declared and (_IDENTIFYING_WORDS.search(name) or any(one.search(name) for one in _IDENTIFIERS)):
        return True
    if not isinstance(value, str):
        return False
    if name == "case_ref" and REFERENCE.fullmatch(value):
        return value.upper().startswith(("DOB", "UPN", "NHS")) or _is_birthday(value)
    return any(one.search(value) for one in _IDENTIFIERS)


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
    if kind.type == "boolean":
        if value in (True, False, "true", "false"):
            return value in (True, "true")
        raise ValueError("This is neither true nor false.", "Write true or false, or leave it empty when not known.")
    if not isinstance(value, str):
        raise ValueError("This is not a single value.", "Write one plain value.")
    if kind.type == "choice":
        if value in kind.values:
            return value
        near = nearest(value, list(kind.values))
        known = ", ".join(kind.values)
        raise ValueError(
            "This is not one of the values of this field.",
            f"Did you mean '{near}'?" if near else f"Use one of {known}.",
        )
    if kind.type == "date":
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            raise ValueError("There is no such day.", "Write year, month, day: 2025-10-01.") from None
        raise ValueError("This is not a date.", "Write year, month, day: 2025-10-01.")
    if kind.type == "money":
        if _MONEY.fullmatch(value):
            whole, _, part = value.partition(".")
            return int(whole) * 100 + int(part.ljust(2, "0") or "0")
        raise ValueError(
            "This is not an amount in pounds.",
            "Write figures with at most two decimals: 6000.01, with no sign, comma or currency mark.",
        )
    if not re.fullmatch(r"-?\d{1,4}", value):
        raise ValueError("This is not a whole number.", "Write figures only.")
    number = int(value)
    if (kind.lowest is not None and number < kind.lowest) or (kind.highest is not None and number > kind.highest):
        raise ValueError("This number is outside what the field allows.", f"Use {kind.lowest} to {kind.highest}.")
    return number
