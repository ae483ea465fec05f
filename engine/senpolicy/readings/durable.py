"""The rule engine durable-rules 2.0.28, behind the only pattern of use that is safe. No other module imports it.

The engine has defects that would be silent in a funding decision: text compared by prefix, cases joined by a hash,
errors in actions swallowed, memory read after it was freed. What is let through here avoids each of them: no timer
threads; facts, never events; exact integers only; every rule one conjunction of comparisons with constants; a fresh
session a case, deleted afterwards, and only after an action ran in it; errors in actions collected and raised. An
engine that failed once is never used again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

try:
    from durable import engine
except ImportError as error:  # pragma: no cover - seen only where it was built without the flag
    raise SystemExit(
        "The rule engine durable-rules cannot be loaded: "
        f"{error}.\n  help: On Python 3.13 it must be built with a flag. Run 'make clean .venv', which sets it."
    ) from None

#: Comparisons with a constant, by the operator's name in the engine.
OPERATORS = {"eq": "", "lt": "$lt", "lte": "$lte", "gt": "$gt", "gte": "$gte"}
LARGEST = 2**53 - 1
#: The engine fails at 256 rules with one first condition, and at 255 fields.
MOST_RULES = 240
MOST_FIELDS = 200
CASE = "case"


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


class _QuietHost(engine.Host):  # type: ignore[misc]
    """A host without its two endless chains of timer threads."""

    def _run(self) -> None:
        pass


def fnv_1a_32(text: str) -> int:
    """Return the 32-bit FNV-1a hash by which the engine tells names apart."""
    total = 2166136261
    for byte in text.encode():
        total = ((total ^ byte) * 16777619) & 0xFFFFFFFF
    return total


class Session:
    """The rules of one period, loaded once; `run` decides one case after another, in one thread.

    Raises `EngineFault` when the rules lie outside what the engine does safely: two names with one hash, too many rules
    at once, too many fields.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._check(rules)
        self._fired: list[str] = []
        self._errors: list[BaseException] = []
        self._inferred: set[tuple[str, int]] = set()
        self._names = itertools.count(1)
        self._broken = False
        definition = {rule.name: {"all": _patterns(rule), "run": self._action(rule)} for rule in rules}
        # Every session starts with an action, without which deleting it would free what was never set.
        definition["_start"] = {"all": [{"m": {"k": CASE}}], "run": self._start}
        # Accepts every fact and never fires, so that no fact is refused as one that nobody handles.
        definition["_sink"] = {"all": [{"m": {"$gte": {"sink": 0}}}, {"n": {"k": "never"}}], "run": self._start}
        self._host = _QuietHost()
        self._host.set_rulesets({"policy": definition})
        self.run({}, warm_up=True)

    def run(self, facts: Mapping[str, int], *, warm_up: bool = False) -> set[str]:
        """Return the names of the rules that fired for a case given as whole numbers; an unknown fact is left out.

        Raises `EngineFault` for a value that the engine would not hold exactly, and when it did not do its work.
        """
        if self._broken:
            raise EngineFault("this engine failed before and is not used again")
        for name, value in facts.items():
            if type(value) is not int or not -LARGEST <= value <= LARGEST:
                raise EngineFault(f"the fact '{name}' is not a whole number that the engine holds exactly")
        self._fired, self._errors, self._inferred = [], [], set()
        self._sid = sid = f"s{next(self._names)}"
        try:
            state = self._host.assert_fact("policy", {**facts, "sid": sid, "k": CASE, "sink": 0})
            if self._errors:
                raise EngineFault(f"an action failed: {self._errors[0]}") from self._errors[0]
            if not isinstance(state, dict) or "exception" in state:
                raise EngineFault(f"an action failed: {state}")
            if "_start" not in self._fired:
                raise EngineFault("the session did not run")
            self._host.delete_state("policy", sid)
        except BaseException as error:
            self._broken = True
            if isinstance(error, EngineFault) or not isinstance(error, Exception):
                raise
            raise EngineFault(f"the rule engine failed: {error}") from error
        return set(self._fired) - {"_start"}

    def _start(self, context: Any) -> None:
        self._fired.append("_start")

    def _action(self, rule: Rule) -> Callable[[Any], None]:
        def act(context: Any) -> None:
            try:
                self._fired.append(rule.name)
                if rule.infers and rule.infers not in self._inferred:
                    self._inferred.add(rule.infers)
                    name, code = rule.infers
                    context.assert_fact({"sid": self._sid, "k": f"answer:{name}", "v": code, "sink": 0})
            except BaseException as error:
                # The engine swallows what an action raises; it is raised again after the run.
                self._errors.append(error)

        return act

    def _check(self, rules: Sequence[Rule]) -> None:
        fields = {"sid", "k", "v", "id", "sink", "$s", *(c.field for rule in rules for c in rule.case)}
        by_hash: dict[int, str] = {}
        for name in sorted(fields):
            other = by_hash.setdefault(fnv_1a_32(name), name)
            if other != name:
                raise EngineFault(f"the engine cannot tell the facts '{other}' and '{name}' apart; rename one")
        if len(fields) > MOST_FIELDS:
            raise EngineFault(f"{len(fields)} facts are more than the engine holds ({MOST_FIELDS})")
        if len(rules) > MOST_RULES:
            raise EngineFault(f"{len(rules)} rules are more than one session holds ({MOST_RULES})")
        names = [rule.name for rule in rules]
        if len(set(names)) != len(names):
            raise EngineFault("two rules have one name")


def _patterns(rule: Rule) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = [{"k": CASE}]
    for one in rule.case:
        if type(one.number) is not int or not -LARGEST <= one.number <= LARGEST:
            raise EngineFault(f"'{one.number}' is not a whole number that the engine holds exactly")
        term = {one.field: one.number}
        terms.append({OPERATORS[one.operator]: term} if OPERATORS[one.operator] else term)
    patterns: list[dict[str, Any]] = [{"c": terms[0] if len(terms) == 1 else {"$and": terms}}]
    for place, (name, code) in enumerate(rule.answers):
        patterns.append({f"d{place}": {"$and": [{"k": f"answer:{name}"}, {"v": code}]}})
    return patterns
