"""Cases by the thousand through *columns*, *judge* and *fire*, and by the contract's tables where those speak of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

import generated
from golden_files import FROZEN, decider
from senpolicy.caseloads.engines import Engine, engine
from senpolicy.caseloads.run import expected
from senpolicy.deciding.cases import Case, Refused
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.language.conditions import Value
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import Columns, code
from senpolicy.readings.columns import compiled as shared

#: As of which decision, with which readings, under which scenario.
Kind = tuple[str | None, str, str | None]

#: What the contract says (reformed, readings adopted) of a policy: as of which decision, with which readings, no scenario.
CONTRACT: dict[Kind, generated.Kind] = {(*chosen, None): said for said, chosen in generated.POLICIES.items()}
#: These, and one of which the contract says nothing: a scenario.
KINDS = (*CONTRACT, (None, "all", "illustrative"))


@dataclass(frozen=True)
class Compiled:
    """A policy with its evaluators, and with its columns in DuckDB."""

    policy: Policy
    columns: Columns
    decider: Decider
    running: Engine


@cache
def compiled(kind: Kind) -> Compiled:
    """Return the frozen policy of this kind, compiled: once in each process, since it takes seconds."""
    # Without a scenario it is what other tests decide by too.
    by = decider(FROZEN, *kind) if kind[2] else decider(FROZEN, *kind[:2])
    columns = shared(by.policy)
    return Compiled(by.policy, columns, by, duckdb(columns))


@cache
def duckdb(columns: Columns) -> Engine:
    """Return the engine that runs these columns: once in each process, since each reads the whole query."""
    return engine("duckdb", columns)


def coded(columns: Columns, facts: Sequence[generated.Facts]) -> pa.Table:
    """Return facts as the whole numbers that the expression reads."""
    found: dict[str, Any] = {"row": range(1, len(facts) + 1)}
    for name in columns.facts:
        found[name] = [code(columns.types[name], one[name]) for one in facts]
    return pa.table({name: pa.array(found[name], width) for name, width in columns.reads.items()})


def rows_of(columns: Columns, resolved: pa.Table) -> list[dict[str, Any]]:
    """Return what the expression gave, in words, less what is empty."""
    found = columns.answers(resolved).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def broken(bits: int, rules: Sequence[Any]) -> set[str]:
    """Return the ids of the rules about facts whose bits are set."""
    return {rule.id for place, rule in enumerate(rules) if bits >> place & 1}


@dataclass
class Tally:
    """What came of many cases: how many were decided, what was answered, and the first differences."""

    decided: int = 0
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def drawn(source: random.Random, tried: dict[str, list[Value]]) -> generated.Facts:
    """Return the facts of one case; one day in ten is a leap day, or far from every date of the policy."""
    facts = generated.drawn(source, tried)
    if source.random() < 0.1:
        day = source.choice(
            [date(2024, 2, 29), date(2028, 2, 29), date(1999, 12, 31), date(2031, 1, 1), date(9999, 12, 31)]
        )
        facts["decision_date"] = day
    return facts


def agree(seed: int, number: int, kind: Kind) -> Tally:
    """Return what came of so many sound cases, made from `seed`; those that contradict themselves come on top."""
    by, contract = compiled(kind), CONTRACT.get(kind)
    chosen, columns, source, tally = by.policy, by.columns, random.Random(seed), Tally()
    tried, cases = generated.values(chosen), list[tuple[generated.Facts, Case | Refused]]()
    while tally.decided < number:
        facts = drawn(source, tried)
        cases.append((facts, generated.given(facts, chosen)))
        tally.decided += isinstance(cases[-1][1], Case)
    resolved = pa.concat_tables(by.running.resolved(iter([coded(columns, [facts for facts, _ in cases])])))
    resolved = resolved.combine_chunks()
    problems, warnings = resolved["problems"].to_pylist(), resolved["warnings"].to_pylist()
    for place, row in enumerate(rows_of(columns, resolved)):
        facts, case = cases[place]
        refused = {problem.code for problem in case.problems} if isinstance(case, Refused) else set()
        if refused != broken(problems[place], columns.problem_rules):
            tally.differences.append(f"refused for {sorted(refused)}: {facts}")
        decision = by.decider.decide(case) if isinstance(case, Case) else None
        if contract:
            reformed, read = contract
            said = generated.against_contract(facts, case, decision, reformed=reformed, read=read)
            tally.differences += [f"contract: {said}"] if said else []
        if decision:
            said = difference(decision, row, broken(warnings[place], columns.warning_rules))
            tally.differences += [f"{said}: {facts}"] if said else []
            tally.answered.update((name, row[name]) for name in columns.questions if name in row)
            if isinstance(decision, Decision):
                open_or_missing = (
                    (name, one)
                    for name, answer in decision.answers.items()
                    for one in (answer.open_points or answer.missing_facts[:1])
                )
                tally.answered.update(open_or_missing)
        if len(tally.differences) > 5:
            break
    return tally


def difference(decision: Any, row: dict[str, Any], warned: set[str]) -> str | None:
    """Return in words how a row differs from a decision, None where it does not."""
    if not isinstance(decision, Decision):
        return f"not issued: {decision.message}"
    wanted = expected(decision)
    del wanted["case_ref"], wanted["decision_date"]
    if {problem.code for problem in decision.case.warnings} != warned:
        return f"warned of {warned}"
    names = [name for name in {*wanted, *row} if wanted.get(name) != row.get(name)]
    return ", ".join(f"{name}: {row.get(name)}, not {wanted.get(name)}" for name in sorted(names)) or None
