"""The rule engine durable-rules 2.0.28, behind the only pattern of use that is safe. No other module imports it.

The engine has defects that would be silent in a funding decision: text compared by prefix, cases joined by a hash,
errors in actions swallowed, memory read after it was freed. What is let through here avoids each of them: its module in
C alone, without the layer in Python that has timer threads and swallows errors (docs/decisions/0029); facts, never
events; exact integers only; every rule one conjunction of comparisons with constants; a fresh session a case, deleted
afterwards, and only after a rule fired in it. An engine that failed once is never used again.
`tests/test_durable.py` holds a test for each defect.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

try:
    import durable_rules_engine as engine
except ImportError as error:  # pragma: no cover - seen only where it was built without the flag
    raise SystemExit(
        "The rule engine durable-rules cannot be loaded: "
        f"{error}.\n  help: On Python 3.13 it must be built with a flag. Run 'make clean .venv', which sets it."
    ) from None

#: Comparisons with a constant, by the operator's name in the engine.
OPERATORS = {"eq": "", "lt": "$lt", "lte": "$lte", "gt": "$gt", "gte": "$gte"}
LARGEST = 2**53 - 1
#: The engine fails at 256 rules with one first condition, and at 255 fields; it hangs at 509 names of answers, and
#: joins no more than 16 facts, of which the case is one.
MOST_RULES = 240
MOST_FIELDS = 200
MOST_ANSWERS = 200
MOST_ANSWERS_OF_A_RULE = 15
CASE = "case"
#: Fields of the engine's own, or of this module's, in the facts that it is given.
_OWN_FIELDS = frozenset({"sid", "k", "v", "id", "sink"})
#: Plain names only: a dot would be a nested field, and the engine hashes letters beyond ASCII in its own way.
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class EngineFault(Exception):
    """Raised when the engine did not do as it should; nothing that it said of the case may be used."""


@dataclass(frozen=True)
class Comparison:
    """A field of a fact compared with a whole number, by the name of an operator in `OPERATORS`."""

    field: str
    operator: str
    number: int


@dataclass(frozen=True)
class Rule:
    """One conjunction: comparisons on the case, and answers (name, code) that must have been inferred before.

    When it holds, `infers` (name, code) becomes an answer for later rules; None where nothing rests on it.
    """

    name: str
    case: tuple[Comparison, ...]
    answers: tuple[tuple[str, int], ...]
    infers: tuple[str, int] | None


def fnv_1a_32(text: str) -> int:
    """Return the 32-bit FNV-1a hash by which the engine tells names apart."""
    total = 2166136261
    for byte in text.encode():
        total = ((total ^ byte) * 16777619) & 0xFFFFFFFF
    return total


class Session:
    """The rules of one period, loaded once; `run` decides one case after another, never two at a time.

    Raises `EngineFault` when the rules lie outside what the engine does safely: two names with one hash, too many rules
    at once, too many fields.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._fields = frozenset(comparison.field for rule in rules for comparison in rule.case)
        _check(rules, self._fields)
        self._in_use = threading.Lock()
        self._names = itertools.count(1)
        self._broken = False
        self._infers = {"_start": None, **{rule.name: rule.infers for rule in rules}}
        definition = {rule.name: {"all": _patterns(rule)} for rule in rules}
        # In every session a rule fires, without which deleting it would free what was never set.
        definition["_start"] = {"all": [{"m": {"k": CASE}}]}
        # Accepts every fact and never fires, so that no fact is refused as one that nobody handles.
        definition["_sink"] = {"all": [{"m": {"$gte": {"sink": 0}}}, {"n": {"k": "never"}}]}
        self._handle = engine.create_ruleset("policy", json.dumps(definition))
        self.run({})

    def run(self, facts: Mapping[str, int]) -> set[str]:
        """Return the names of the rules that fired for a case given as whole numbers; an unknown fact is left out.

        Raises `EngineFault` for a fact that no rule compares, for a value that the engine would not hold exactly, when
        another thread is at work here, and when the engine did not do its work. No message holds a value of the case.
        """
        if not self._in_use.acquire(blocking=False):
            raise EngineFault("this engine is in use by another thread")
        try:
            return self._run(facts)
        finally:
            self._in_use.release()

    def _run(self, facts: Mapping[str, int]) -> set[str]:
        if self._broken:
            raise EngineFault("this engine failed before and is not used again")
        for name, value in facts.items():
            if name not in self._fields:
                raise EngineFault("no rule compares one of the facts that are given")
            if not _exact(value):
                raise EngineFault(f"the fact '{name}' is not a whole number that the engine holds exactly")
        sid = f"s{next(self._names)}"
        fired: set[str] = set()
        inferred: set[tuple[str, int]] = set()
        try:
            state = self._assert({**facts, "sid": sid, "k": CASE, "sink": 0})
            _, told = engine.start_action_for_state(self._handle, state) or (None, None)
            while told:
                name = told.split('"', 2)[1]  # {"rule": {the facts that fit it}}; a name not known is a fault.
                fired.add(name)
                infers = self._infers[name]
                if infers and infers not in inferred:
                    inferred.add(infers)
                    self._assert({"sid": sid, "k": f"answer:{infers[0]}", "v": infers[1], "sink": 0})
                told = engine.complete_and_start_action(self._handle, state)
            if "_start" not in fired:
                raise EngineFault("the session did not run")
            engine.delete_state(self._handle, sid)
        except BaseException as error:
            self._broken = True
            if isinstance(error, EngineFault) or not isinstance(error, Exception):
                raise
            raise EngineFault(f"the rule engine failed ({_kind(error)})") from error
        return fired - {"_start"}

    def _assert(self, fact: Mapping[str, int | str]) -> int:
        """Give the engine a fact, and return the place of its session; any word but that it was taken is a fault."""
        refused, state = engine.assert_fact(self._handle, json.dumps(fact))
        if refused:
            raise EngineFault(f"a fact was not taken (word {refused})")
        return int(state)


def _check(rules: Sequence[Rule], fields: frozenset[str]) -> None:
    """Raise `EngineFault` when the rules lie outside what the engine does safely."""
    for name in sorted(fields):
        if name in _OWN_FIELDS or not _PLAIN_NAME.fullmatch(name):
            raise EngineFault(f"the engine cannot hold a fact of the name '{name}'; rename it")
    by_hash: dict[int, str] = {}
    for name in sorted({*fields, *_OWN_FIELDS, "$s"}):
        other = by_hash.setdefault(fnv_1a_32(name), name)
        if other != name:
            raise EngineFault(f"the engine cannot tell the facts '{other}' and '{name}' apart; rename one")
    answers = {name for rule in rules for name, _ in rule.answers}
    if len(fields) > MOST_FIELDS:
        raise EngineFault(f"{len(fields)} facts are more than the engine holds ({MOST_FIELDS})")
    if len(rules) > MOST_RULES:
        raise EngineFault(f"{len(rules)} rules are more than one session holds ({MOST_RULES})")
    if len(answers) > MOST_ANSWERS:
        raise EngineFault(f"answers to {len(answers)} questions are more than the engine holds ({MOST_ANSWERS})")
    used = {"_start", "_sink"}
    for rule in rules:
        if rule.name in used:
            raise EngineFault(f"two rules have the name '{rule.name}'")
        used.add(rule.name)
        joined, most = len(rule.answers), MOST_ANSWERS_OF_A_RULE
        if joined > most:
            raise EngineFault(f"'{rule.name}' rests on {joined} answers, more than the engine joins ({most})")
        codes = [code for _, code in (*rule.answers, *([rule.infers] if rule.infers else []))]
        if not all(_exact(number) for number in (*codes, *(one.number for one in rule.case))):
            raise EngineFault(f"'{rule.name}' holds a number that the engine does not hold exactly")


def _exact(value: object) -> bool:
    return type(value) is int and -LARGEST <= value <= LARGEST


def _kind(error: Exception) -> str:
    """Return what kind of error it is: its text may hold facts of the case."""
    number = re.search(r"error code: (\d+)", str(error))
    return f"error {number.group(1)}" if number else type(error).__name__


def _patterns(rule: Rule) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = [{"k": CASE}]
    for one in rule.case:
        term = {one.field: one.number}
        terms.append({OPERATORS[one.operator]: term} if OPERATORS[one.operator] else term)
    patterns: list[dict[str, Any]] = [{"c": terms[0] if len(terms) == 1 else {"$and": terms}}]
    for place, (name, code) in enumerate(rule.answers):
        patterns.append({f"d{place}": {"$and": [{"k": f"answer:{name}"}, {"v": code}]}})
    return patterns
