"""How fast, against what: every figure as measured in one run on this machine, as a table and in build/bench.json.

    make bench                    everything; some minutes
    make bench ARGS="--rows 100000 --only ratios"

Each tool decides the same cases by the same rules, and what it comes to is compared before its time counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from made import caseload as made
from senpolicy.caseloads import run as caseload
from senpolicy.caseloads.engines import engine
from senpolicy.checking.corpus import sound
from senpolicy.deciding.cases import Case, read_file
from senpolicy.deciding.decide import Decider
from senpolicy.deciding.text import lines
from senpolicy.language.conditions import AllOf, Test, facts_of
from senpolicy.policy import corpus
from senpolicy.policy.timeline import Outcome, Period, Policy, QuestionInForce, policy
from senpolicy.readings.columns import UNKNOWN, Columns, code
from senpolicy.readings.fire import UNKNOWN as NOT_KNOWN
from senpolicy.readings.fire import expanded
from senpolicy.readings.judge import judge, trace

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
ENGLAND = 1_670_000
#: The other tools count in 32 bits; what is not known of a whole number is the least that these hold.
LEAST, MOST = -(2**31), 2**31 - 1
QUESTIONS = ("scope", "threshold", "route", "protection", "exceptional_need_claim", "moderation")
CONSOLE = Console(width=118)
FOUND: dict[str, Any] = {}


class Took(NamedTuple):
    """What some work took: seconds by the clock, and seconds of the processor in all threads."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any], times: int = 3) -> Took:
    """Return the least of some runs, of each by itself: what disturbs a run only ever makes it longer."""
    found = []
    for _ in range(times):
        start, used = time.perf_counter(), time.process_time()
        work()
        found.append(Took(time.perf_counter() - start, time.process_time() - used))
    return Took(min(one.wall for one in found), min(one.cpu for one in found))


def report(title: str, headings: list[str], rows: list[list[Any]], notes: str = "") -> None:
    """Print a table and keep it for build/bench.json."""
    table = Table(title=title, title_justify="left", caption=notes or None, caption_justify="left")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left")
    for row in rows:
        table.add_row(
            *(
                f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)
                for cell in row
            )
        )
    CONSOLE.print(table)
    FOUND[title] = {"headings": headings, "rows": rows, "notes": notes}


# One case.


def single(real: Policy, args: argparse.Namespace) -> None:
    """One case with all reasons through both evaluators, split by part, and a decision from a cold start."""
    decider, loop = Decider(real), 200
    cases = [case for case in read_file(ROOT / "tests/cases/every-route.yaml", real) if isinstance(case, Case)]
    for case in cases:
        decider.decide(case)
    parts: dict[str, list[float]] = {name: [] for name in ("judge", "fire", "reasons", "text", "all but text")}
    for case in cases:
        period, decision = real.on(case.day), decider.decide(case)
        facts = {
            **case.facts,
            **{name: None if one.answer == "undetermined" else one.answer for name, one in decision.answers.items()},
        }
        conditions = [outcome.condition for question in period.questions.values() for outcome in question.outcomes]
        because = [reason.outcome.condition for answer in decision.answers.values() for reason in answer.because]
        works: dict[str, Callable[[], Any]] = {
            "judge": partial(lambda conditions, facts: [judge(one, facts) for one in conditions], conditions, facts),
            "fire": partial(decider._fire(period).holding, case.facts),
            "reasons": partial(lambda because, facts: [trace(one, facts) for one in because], because, facts),
            "text": partial(lambda decision: list(lines(decision)), decision),
            "all but text": partial(decider.decide, case),
        }
        for name, work in works.items():
            runs = []
            for _ in range(loop):
                start = time.perf_counter()
                work()
                runs.append(time.perf_counter() - start)
            parts[name].append(statistics.median(runs) * 1e6)
    rows = [[name, statistics.median(found), max(found)] for name, found in parts.items()]
    notes = (
        f"Microseconds, median of {loop} runs of each of {len(cases)} cases; aim 500, at most 1,000. "
        "'all but text' is Decider.decide."
    )
    report("One case", ["part", "median case", "slowest case"], rows, notes)
    (BUILD / "one.yaml").write_text(
        "case_ref: K-1\ndecision_date: 2025-10-01\nage: 9\nsetting: mainstream\nplan: ehcp\n"
    )
    colds = [fresh(["decide", str(BUILD / "one.yaml")]) for _ in range(5)]
    report(
        "One case from a cold start",
        ["", "seconds"],
        [
            ["CPU (aim: at most 0.6)", statistics.median(one["cpu"] for one in colds)],
            ["wall", statistics.median(one["wall"] for one in colds)],
        ],
    )


# The peak that the system tells of a finished process may be its parent's, so it says its own at its end.
COMMAND = """
import os, sys
from senpolicy.cli import program
end = os._exit
def told(code):
    with open("/proc/self/status") as file:
        print(next(line for line in file if line.startswith("VmHWM")), end="", file=sys.stderr, flush=True)
    end(code)
os._exit = told
program()
"""


def fresh(arguments: list[str]) -> dict[str, float]:
    """Return wall seconds, CPU seconds and peak memory of the command line in a process of its own."""
    command = [sys.executable, "-c", COMMAND, *arguments, "--root", str(ROOT)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(said.decode())
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": int(said.split()[-2]) / 1024}


# The same rules in other tools.


def rules_of(real: Policy) -> list[dict[str, Any]]:
    """Return the six questions as plain data: for each way to come out, conjunctions of tests on whole numbers."""
    marks = {"eq": "==", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
    found = []
    for name in QUESTIONS:
        ids: list[str] = []
        ways = []
        for period in real.periods:
            within = [
                ("decision_date", mark, day.toordinal())
                for mark, day in (("gte", period.start), ("lte", period.end))
                if day
            ]
            for outcome in period.questions[name].outcomes:
                if outcome.id not in ids:
                    ids.append(outcome.id)
                anyof = []
                for conjunction in expanded(outcome.condition, real.types):
                    tests = list(within)
                    for one in sorted(conjunction, key=str):
                        field, mark, number = (
                            (one[0], "eq", one[1]) if isinstance(one, tuple) else (one.field, one.operator, one.number)
                        )
                        number = UNKNOWN[real.types[field].type] if number == NOT_KNOWN else number
                        tests.append((field, mark, min(max(number, LEAST), MOST)))
                    anyof.append(tests)
                written = [[f"({field} {marks[mark]} {number})" for field, mark, number in tests] for tests in anyof]
                answer = code(real.types[name], outcome.answer)
                ways.append(
                    {
                        "answer": answer,
                        "place": ids.index(outcome.id),
                        "any": anyof,
                        "fields": sorted({test[0] for tests in anyof for test in tests}),
                        "text": " or ".join("(" + " and ".join(one) + ")" for one in written),
                        "vector": " | ".join("(" + " & ".join(one) + ")" for one in written),
                    }
                )
        found.append({"name": name, "ids": ids, "ways": ways})
    return found


def coded_of(columns: Columns, path: Path) -> pa.Table:
    """Return a caseload as whole numbers."""
    work = caseload._Work(caseload.open_caseload(path), columns, {}, 0, set())
    return pa.concat_tables(piece.coded for piece in work.pieces()).combine_chunks()


def followed(real: Policy, coded: pa.Table) -> dict[str, Any]:
    """Return whole numbers with what follows from others filled in, as the other tools are given them."""
    names = tuple(name for name in coded.column_names if name != "row")
    filled = engine("duckdb", Columns(real, keeps=names)).resolved(iter([coded]))
    table = pa.concat_tables(filled).combine_chunks().sort_by("row")
    return {name: table[name].to_numpy().astype(np.int64).clip(LEAST, MOST) for name in names}


def places(answers: pa.Table, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return our own results as places in each question's list of outcomes, -1 where none held."""
    return {
        one["name"]: np.array(
            [-1 if rule is None else one["ids"].index(rule) for rule in answers[one["name"] + "_rule"].to_pylist()]
        )
        for one in rules
    }


def ratios(real: Policy, args: argparse.Namespace) -> None:
    """The same rules and cases in zen-engine, openfisca-core, rule-engine, and in a query written by hand."""
    columns, rules = Columns(real), rules_of(real)
    path = made(BUILD / "bench" / f"{args.rows}.parquet", args.rows)
    coded = coded_of(columns, path)
    folder = BUILD / "bench"
    (folder / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    np.savez(
        folder / "cases.npz",
        **{name: numbers for name, numbers in followed(real, coded).items() if not name.startswith("rating_")},
    )
    running = engine("duckdb", columns)

    def ours(table: pa.Table) -> pa.Table:
        return columns.answers(pa.concat_tables(running.resolved(iter([table]))).combine_chunks())

    mine = places(ours(coded.slice(0, min(args.rows, 100_000))), rules)
    counts = {"openfisca-core": args.rows, "zen-engine": min(args.rows, 100_000), "rule-engine": min(args.rows, 1_000)}
    took = {count: timed(partial(ours, coded.slice(0, count)), 5) for count in {args.rows, *counts.values()}}
    rows = []

    def row(what: str, count: int, one: Took, base: Took) -> None:
        rows.append([what, count, one.wall, one.cpu, int(count / one.wall), one.wall / base.wall, one.cpu / base.cpu])

    for count in sorted(took, reverse=True):
        row("senpolicy: words, missing facts, money", count, took[count], took[count])
    numbers = timed(lambda: pa.concat_tables(running.resolved(iter([coded]))), 5)
    row("senpolicy: rule ids and missing facts, as numbers", args.rows, numbers, took[args.rows])
    for tool, count in counts.items():
        done = subprocess.run(
            [str(args.others), str(ROOT / "bench/others.py"), tool, str(folder), str(count)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{tool}: {done.stderr[-2000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        with np.load(folder / f"{tool}.npz") as found:
            for one in rules:
                seen = min(count, len(mine[one["name"]]))
                if not np.array_equal(found[one["name"]][:seen], mine[one["name"]][:seen]):
                    raise SystemExit(f"{tool} does not come to the same for {one['name']}.")
        row(f"{tool}: rule ids alone", count, Took(said["seconds"], said["cpu"]), took[count])
    notes = (
        "Our time counts planning the query, deciding and putting into words, from whole numbers; theirs the call "
        "alone, on the same numbers, with the rules read in advance. 'Times ours' is against our row of as many cases. "
        "The results were compared, and were the same. Aims: zen-engine at least 20, openfisca-core at least 1."
    )
    headings = ["tool", "cases", "seconds", "CPU seconds", "cases a second", "times ours", "CPU, times ours"]
    report("Against other tools", headings, rows, notes)
    by_hand(columns, coded, path, rules, args)


def by_hand(
    columns: Columns, coded: pa.Table, path: Path, rules: list[dict[str, Any]], args: argparse.Namespace
) -> None:
    """Our query beside the one written by hand, both in DuckDB on two threads."""
    database = duckdb.connect(config={"threads": 2})
    database.execute(f"CREATE TABLE cases AS FROM read_parquet('{path}')")
    hand, ours = (ROOT / "bench/hand.sql").read_text(encoding="utf-8"), duckdb.connect(config={"threads": 2})
    ours.register("given", coded)
    ours.execute("CREATE TABLE cases AS FROM given")
    query = columns.sql("duckdb")
    compared(
        columns.answers(ours.sql(f"{query} ORDER BY row").to_arrow_table().combine_chunks()),
        database.sql(f"{hand} ORDER BY case_ref").to_arrow_table(),
    )
    by = timed(lambda: database.sql(hand).to_arrow_table(), 7)
    own = timed(lambda: ours.sql(query).to_arrow_table(), 7)
    words = timed(lambda: columns.answers(ours.sql(query).to_arrow_table().combine_chunks()), 7)
    out = BUILD / "bench" / "out.parquet"
    whole = timed(
        lambda: duckdb.connect(config={"threads": 2}).execute(
            f"COPY ({hand.replace('FROM cases', f'FROM read_parquet({str(path)!r})')}) TO '{out}' (FORMAT parquet)"
        )
    )
    decided = timed(lambda: caseload.decide(path, out, columns.policy, verify=0))
    rows = [
        [what, one.wall, one.cpu, one.wall / base.wall, one.cpu / base.cpu]
        for what, one, base in (
            ("written by hand: six questions, ids alone", by, by),
            ("ours: all questions, as numbers", own, by),
            ("ours: all questions, in words, with figures", words, by),
            ("by hand, Parquet to Parquet, nothing checked", whole, whole),
            ("ours, Parquet to Parquet, every cell checked", decided, whole),
        )
    ]
    report(
        "Against a query written by hand",
        ["in DuckDB, two threads", "seconds", "CPU seconds", "times by hand", "CPU, times by hand"],
        rows,
        f"{args.rows:,} cases; the results were compared row by row before the timing. Aim: within 1.5 times.",
    )


def compared(answers: pa.Table, hand: pa.Table) -> None:
    """Stop where the query by hand comes to anything else than ours: the rule, the open point or the missing fact."""
    for name in QUESTIONS:
        mine = zip(
            *(answers[f"{name}{suffix}"].to_pylist() for suffix in ("_rule", "_open_points", "_missing")), strict=True
        )
        for row, ((rule, point, fact), other) in enumerate(zip(mine, hand[name].to_pylist(), strict=True)):
            said = rule or (f"missing {fact}" if fact else point)
            if other not in (said, f"{other.partition('/')[0]}/{said}"):
                raise SystemExit(f"By hand row {row} is {other!r} for {name}, and ours {said!r}.")


# A caseload, from Parquet to Parquet.


def england(real: Policy, args: argparse.Namespace) -> None:
    """Every pupil with SEN in England, from a cold start."""
    path, out = made(BUILD / "bench" / f"{ENGLAND}.parquet", ENGLAND), BUILD / "bench" / "out.parquet"
    rows = []
    for verify in (0, 1000):
        runs = [fresh(["decide", str(path), "-o", str(out), "--verify", str(verify)]) for _ in range(3)]
        best = min(runs, key=lambda run: run["wall"])
        rows.append([f"--verify {verify}", best["wall"], best["cpu"], best["peak"]])
    report(
        f"{ENGLAND:,} pupils, Parquet to Parquet, cold",
        ["", "seconds", "CPU seconds", "peak MB"],
        rows,
        "The best of three. Aim: 5 s and 1 GB on two cores.",
    )


def growth(real: Policy, args: argparse.Namespace) -> None:
    """What more rows cost, and what more rules cost."""
    rows = []
    for count in (10_000, 100_000, 1_000_000, 10_000_000):
        if count > args.most:
            continue
        path, out = made(BUILD / "bench" / f"{count}.parquet", count), BUILD / "bench" / "out.parquet"
        one = fresh(["decide", str(path), "-o", str(out), "--verify", "0"])
        rows.append([count, one["wall"], one["cpu"], one["cpu"] / count * 1e6, one["peak"]])
    report("More rows", ["rows", "seconds", "CPU seconds", "CPU microseconds a row", "peak MB"], rows)
    path = made(BUILD / "bench" / "1000000.parquet", 1_000_000)
    rows = []
    for count in (50, 200, 500):
        columns = Columns(with_rules(real, count))
        coded = coded_of(columns, path)
        start = time.perf_counter()
        query = columns.sql("duckdb")
        compiled = time.perf_counter() - start
        running = engine("duckdb", columns)
        took = timed(lambda running=running, coded=coded: [one.num_rows for one in running.resolved(iter([coded]))])
        rows.append([count, compiled, len(query) // 1000, took.wall, took.cpu])
    report(
        "More rules (1,000,000 rows, made-up question)",
        ["rules", "compile seconds", "query kB", "decide seconds", "CPU seconds"],
        rows,
    )


def with_rules(real: Policy, count: int) -> Policy:
    """Return a policy of one question with so many rules, each a setting, a plan and a stretch of cost."""
    settings = real.types["setting"].values
    bands = count // (len(settings) * 2 if count > 50 else 10)
    settings = settings if count > 50 else settings[:5]
    source = next(iter(real.periods[0].questions.values())).outcomes[0].source
    outcomes = []
    for place, (setting, plan, band) in enumerate(
        (s, p, b) for s in settings for p in ("sen_support", "ehcp") for b in range(bands)
    ):
        tests = [Test("setting", "is", setting, limit=setting), Test("plan", "is", plan, limit=plan)]
        low, high = band * 2_000_000 // bands, (band + 1) * 2_000_000 // bands
        tests.append(Test("additional_cost", "at_least", low, limit=low))
        if band < bands - 1:
            tests.append(Test("additional_cost", "below", high, limit=high))
        answer = real.types["route"].values[place % len(real.types["route"].values)]
        outcomes.append(Outcome(f"route/{place}", "route", AllOf(tuple(tests)), "made", source, answer))
    if count == 50:
        outcomes.append(
            Outcome(
                "route/else",
                "route",
                AllOf((Test("setting", "one_of", None, limit=tuple(real.types["setting"].values[5:])),)),
                "made",
                source,
                None,
                "made",
            )
        )
    ask = tuple(dict.fromkeys(fact for one in outcomes for fact in facts_of(one.condition)))
    question = QuestionInForce("route", False, ask, "made", tuple(outcomes), ())
    last = real.periods[-1]
    return replace(real, periods=(Period(None, None, {"route": question}, last.follows, last.problems, last.warnings),))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast, against what.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="cases for the comparison with other tools")
    parser.add_argument("--most", type=int, default=10_000_000, help="the most rows for the growth")
    parser.add_argument("--only", choices=["single", "ratios", "england", "growth"], action="append")
    parser.add_argument(
        "--others", type=Path, default=ROOT / ".bench/bin/python", help="the Python that has the other tools"
    )
    args = parser.parse_args()
    (BUILD / "bench").mkdir(parents=True, exist_ok=True)
    real = policy(sound(corpus.load(ROOT)))
    FOUND["machine"] = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg()[0],
        "corpus": real.corpus.files_digest,
    }
    CONSOLE.print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start, Python {platform.python_version()}"
    )
    for name, work in (("single", single), ("ratios", ratios), ("england", england), ("growth", growth)):
        if not args.only or name in args.only:
            work(real, args)
    (BUILD / "bench.json").write_text(json.dumps(FOUND, indent=1), encoding="utf-8")
    CONSOLE.print("Kept in build/bench.json")


if __name__ == "__main__":
    main()
