"""The commands. Messages go to standard error, results to standard output; exit 0 fine, 1 problems, 2 wrong use."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from senpolicy.problems import PolicyError, Problem, WrongUse

app = typer.Typer(
    name="senpolicy",
    help="Decide, check and explain a funding policy that is written as YAML.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Root = Annotated[
    Path | None,
    typer.Option("--root", help="The folder that holds policy/, rules/ and descriptors/.", show_default="found"),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The policy as it stood once this decision had been taken.")]
Proposed = Annotated[bool, typer.Option("--include-proposed", help="Count decisions that are only proposed.")]
Readings = Annotated[str, typer.Option("--readings", help="Adopted readings that count: all, none, or up to an id.")]
Scenario = Annotated[
    str | None,
    typer.Option(
        "--scenario", help="Lay the assumed values of this scenario, or file, over the policy, for modelling only."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


@app.command()
def check(
    root: Root = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Look every figure up in the documents of this folder.", show_default=False),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option("--today", help="Warn of what is due on this day or soon after: 2026-09-01.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the whole corpus: YAML, names, dates, sources, gaps and overlaps.

    With --sources: is each figure in the paragraph that it cites? With --today: what falls due?
    """
    from senpolicy import corpus as corpora
    from senpolicy.check import check as check_corpus

    day = _day(today)
    top = find_root(root)
    try:
        loaded = corpora.load(top)
    except PolicyError as error:
        if as_json:
            _print_json(_listed(error.problems))
        raise
    problems = check_corpus(loaded)
    if not any(not problem.warning for problem in problems):
        from senpolicy.schemas import disagreements

        problems += disagreements(loaded)
    looked_up = ""
    if not any(not problem.warning for problem in problems):
        for scenario in (None, *loaded.scenarios):
            problems += _faults(_policy(loaded, None, True, "all", scenario))
        if day:
            from senpolicy.horizon import warnings

            problems += warnings(loaded, day)
    if sources is not None:
        from senpolicy.faithfulness import look_up

        report = look_up(loaded, _texts(loaded, sources))
        problems += [*report.problems, *(one.problem() for one in report.not_checkable)]
        looked_up = f"{len(report.found)} figures found in the sources, {len(report.not_checkable)} not checkable here."
    if as_json:
        _print_json(_listed(problems))
    else:
        for problem in problems:
            say(str(problem))
    errors = sum(not problem.warning for problem in problems)
    counted = (
        f"{len(loaded.decisions)} decisions, {len(loaded.questions)} questions, {len(loaded.open_points)} open points"
    )
    if looked_up:
        say(looked_up)
    say(f"{counted}: {_count(errors, 'problem')}, {_count(len(problems) - errors, 'warning')}.")
    raise typer.Exit(1 if errors else 0)


def _listed(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Return problems of the corpus as plain data."""
    return [{"file": problem.place.file, "warning": problem.warning, **problem.to_json()} for problem in problems]


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _day(text: str | None) -> Any:
    """Return the day that is written, None for none; raises `WrongUse` for anything else."""
    if text is None:
        return None
    from senpolicy.model import read_date

    try:
        return read_date(text)
    except ValueError:
        raise WrongUse(f"'{text}' is not a day. Write year, month, day: 2026-09-01.") from None


def _texts(corpus: Any, folder: Path) -> dict[str, bytes]:
    """Return the documents of the policy that lie in `folder`, by file name; raises `WrongUse` for no folder."""
    if not folder.is_dir():
        raise WrongUse(f"There is no folder '{folder}'. Name the one that holds the council's documents.")
    names = {document.file for document in corpus.documents.values() if document.file}
    return {name: (folder / name).read_bytes() for name in sorted(names) if (folder / name).is_file()}


@app.command()
def schemas(
    folder: Annotated[Path, typer.Argument(help="Where to write them, one file a kind.", show_default=False)],
) -> None:
    """Write the JSON Schemas of every kind of file, for editors and other programs."""
    from senpolicy.schemas import schemas as made

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, schema in made().items():
            (folder / name).write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"The schemas cannot be written there: {error.strerror}. Name a folder that can be.") from None
    say(f"{len(made())} schemas written.")


@app.command()
def figures(root: Root = None, as_json: AsJson = False) -> None:
    """List the figures of the sources with their arithmetic worked out, and those that contradict each other."""
    from senpolicy import corpus as corpora
    from senpolicy import figures as checked
    from senpolicy.check import sound

    corpus = sound(corpora.load(find_root(root)))
    if as_json:
        _print_json(checked.to_json(corpus))
        return
    _print_lines(checked.lines(corpus))
    file = checked.recorded(corpus)
    if file:
        say(f"{len(file.figures)} figures, {len(file.contradictions)} contradictions.")


@app.command("open-points")
def open_points(
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Cases as YAML or JSON: show those that each point touches.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """List what the policy leaves open: what it would allow, what would settle it, and how it is read."""
    from senpolicy import register

    policy = load_policy(root, as_of, include_proposed, readings)
    touched, refused = None, 0
    if cases is not None:
        from senpolicy.cases import read_file
        from senpolicy.decide import Decider, Decision

        results = Decider(policy).decide_all(read_file(cases, policy))
        decided = [result for result in results if isinstance(result, Decision)]
        touched, refused = register.touched(policy.corpus, decided), len(results) - len(decided)
    if as_json:
        _print_json(register.to_json(policy.corpus, touched))
    else:
        _print_lines(register.lines(policy.corpus, touched))
    states = [entry.point.state for entry in register.entries(policy.corpus)]
    opened, read, noted = (states.count(state) for state in ("open", "read", "note"))
    say(f"{len(states)} points: {opened} open, {read} read, {noted} notes.")
    if refused:
        say(f"Not decided and not counted: {refused} of the cases; senpolicy decide says why.")
    raise typer.Exit(1 if refused else 0)


@app.command()
def decide(
    file: Annotated[
        Path,
        typer.Argument(help="Cases as YAML or JSON; or a caseload as CSV, Parquet or Excel.", show_default=False),
    ],
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    everything: Annotated[bool, typer.Option("--all", help="Show the answers that did not hold too.")] = False,
    scenario: Scenario = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="For a caseload: the file to write.", show_default=False),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="For a caseload: duckdb, polars, spark, or a URL postgresql://...")
    ] = "duckdb",
    verify: Annotated[
        int, typer.Option("--verify", min=0, help="For a caseload: how many rows to decide again by both evaluators.")
    ] = 1000,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Which rows those are; by default others each time.", show_default=False),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Tell no count of fewer than five, so that the counts may be passed on.")
    ] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Decide each case in FILE and say why; or decide a whole caseload and write it to a file."""
    if file.suffix.lower() in (".csv", ".parquet", ".xlsx"):
        if output is None:
            raise WrongUse(f"Name the file to write: senpolicy decide {file.name} -o decided{file.suffix.lower()}")
        policy = load_policy(root, as_of, include_proposed, readings, scenario)
        _decide_caseload(file, output, policy, engine, verify, seed, share, as_json)
    if output is not None:
        raise WrongUse("-o is for a caseload, whose name ends in .csv, .parquet or .xlsx; cases go to the screen.")
    from senpolicy.cases import Case, read_file
    from senpolicy.decide import Decider, Decision

    policy = load_policy(root, as_of, include_proposed, readings, scenario)
    cases = read_file(file, policy)
    results = Decider(policy).decide_all(cases, everything=everything)
    for case in cases:
        for warning in case.warnings if isinstance(case, Case) else ():
            say(str(warning))
    if as_json:
        _print_json([result.to_json() for result in results])
    else:
        from senpolicy.explain import lines

        _print_lines(line for result in results for line in lines(result, everything=everything))
    decided = [result for result in results if isinstance(result, Decision)]
    refused = len(results) - len(decided)
    unsettled = sum(any(one.answer == "undetermined" for one in result.answers.values()) for result in decided)
    say(
        f"{_count(len(results), 'case')}: {len(decided)} decided, "
        f"of which {unsettled} with something undetermined; {refused} not decided."
    )
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if refused else 0)


def _decide_caseload(
    file: Path, output: Path, policy: Any, engine: str, verify: int, seed: int | None, share: bool, as_json: bool
) -> None:
    import secrets
    import signal

    from senpolicy import caseload

    # Asked to stop, it stops in order, and leaves nothing behind; killed outright it leaves nothing either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    with _progress("Deciding") as progress:
        summary = caseload.decide(file, output, policy, engine_name=engine, verify=verify, seed=seed, progress=progress)
    if as_json:
        _print_json([summary.to_json(share=share)])
    else:
        for line in summary.lines(share=share):
            say(line)
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if summary.refused_rows else 0)


@app.command()
def prove(
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    question: Annotated[str | None, typer.Option("--question", help="Prove this question or property alone.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="The time for each question and property.")] = 60,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where something was not proved in time, too.")
    ] = False,
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Prove that every case has one answer or one open point on every date, and what else is declared.

    Without --as-of or --scenario: as of each decision that has been taken, and under each scenario.
    """
    import time

    from senpolicy import corpus as corpora
    from senpolicy import prove as proofs
    from senpolicy.check import sound

    chosen = proofs.policies(sound(corpora.load(find_root(root))), as_of=as_of, include_proposed=include_proposed,
                             readings=readings, scenario=scenario)  # fmt: skip
    with _progress("Proving") as progress:
        report = proofs.prove(chosen, clock=time.monotonic, seconds=seconds, only=question, progress=progress)
    if as_json:
        _print_json(report.to_json())
    else:
        _print_lines(report.lines())
    say(
        f"{len(report.proved)} proved, {len(report.faults)} faults, {len(report.unproved)} not proved in {seconds:g} s."
    )
    raise typer.Exit(1 if report.faults or (strict and report.unproved) else 0)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="CASE", help="Cases as YAML or JSON.", show_default=False)],
    why_not: Annotated[
        str | None,
        typer.Option("--why-not", help="Why not this answer: route=tariff, or tariff alone.", show_default=False),
    ] = None,
    nearest: Annotated[
        bool, typer.Option("--nearest", help="The smallest changes of fact that would lead to another answer.")
    ] = False,
    other_days: Annotated[
        bool, typer.Option("--other-days", help="What the same facts come to on other days.")
    ] = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Explain each case: why, what is still possible, why not another answer, and what would lead to it."""
    from senpolicy.cases import read_file
    from senpolicy.decide import Decider, Decision
    from senpolicy.explain import lines
    from senpolicy.explaining import Explained, Explainer

    policy = load_policy(root, as_of, include_proposed, readings, scenario)
    explainer = Explainer(Decider(policy), why_not, nearest=nearest, other_days=other_days)
    results = explainer.decider.decide_all(read_file(file, policy))
    explained = [explainer.explain(result) if isinstance(result, Decision) else result for result in results]
    if as_json:
        _print_json([one.to_json() for one in explained])
    else:
        for result, one in zip(results, explained, strict=True):
            _print_lines(lines(result))
            _print_lines(one.lines() if isinstance(one, Explained) else ())
    raise typer.Exit(1 if any(not isinstance(result, Decision) for result in results) else 0)


@app.command()
def timeline(
    file: Annotated[Path, typer.Argument(metavar="CASE", help="Cases as YAML or JSON.", show_default=False)],
    until: Annotated[
        str | None, typer.Option("--until", help="The last day: 2027-08-31.", show_default="a year after the last date")
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show on which days any answer of a case changes, and what changes.

    A case may give facts with dates beside its own: changes: [{from: 2026-01-05, facts: {setting: srp}}].
    """
    from senpolicy.cases import Case, read_file
    from senpolicy.decide import Decider
    from senpolicy.explain import lines
    from senpolicy.stretches import Timeline
    from senpolicy.stretches import timeline as timeline_of

    policy, last = load_policy(root, as_of, include_proposed, readings, scenario), _day(until)
    decider = Decider(policy)
    cases = read_file(file, policy, beside=("changes",))
    results = [timeline_of(decider, case, last) if isinstance(case, Case) else case for case in cases]
    if as_json:
        _print_json([result.to_json() for result in results])
    else:
        for result in results:
            _print_lines(result.lines() if isinstance(result, Timeline) else lines(result))
    raise typer.Exit(1 if any(not isinstance(result, Timeline) for result in results) else 0)


@app.command()
def budgets(
    file: Annotated[
        Path, typer.Argument(help="A CSV file with a row for each Community; see the guide.", show_default=False)
    ],
    year: Annotated[int, typer.Option("--year", help="The year of the budgets: 1, 2 or 3.", show_default=False)],
    quantum: Annotated[
        str, typer.Option("--quantum", help="The pot of that year in pounds: 50000000.00", show_default=False)
    ],
    scenario: Scenario = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The CSV file to write.", show_default="the screen")
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Work out the Communities' budgets of a year, exactly; a range where the policy leaves a share open."""
    from senpolicy import budgets as sums

    pot = sums.read_quantum(quantum)
    policy = load_policy(root, as_of, include_proposed, "all", scenario, faults=False)
    found = sums.work_out(policy, sums.read_file(file, policy), year, pot)
    if output is not None:
        _write(output, found.to_csv())
    if as_json:
        _print_json(found.to_json())
    elif output is None:
        print(found.to_csv(), end="")
    for line in found.lines():
        say(line)


@app.command()
def compare(
    base: Annotated[str, typer.Argument(help="A folder, or a revision of the repository: main.", show_default=False)],
    head: Annotated[str, typer.Argument(help="Another folder or revision.", show_default=False)],
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="A caseload: who moves, and the pounds; no small counts.", show_default=False),
    ] = None,
    decided: Annotated[
        Path | None,
        typer.Option("--decided", help="What `decide --json` printed: what would differ.", show_default=False),
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Compare the answers to this question alone.", show_default=False)
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Compare two versions of the policy: for which cases, and on which days, a decision changes; or that none does.

    Without --as-of: as each version stands, and as of each decision that both have taken.
    """
    from senpolicy import compare as comparing
    from senpolicy.check import sound
    from senpolicy.corpus import load
    from senpolicy.revisions import version

    chosen: dict[str, Any] = {"include_proposed": include_proposed, "readings": readings, "scenario": scenario}
    with version(base, find_root(root)) as ours, version(head, find_root(root)) as theirs:
        before, after = comparing.Side(base, sound(load(ours))), comparing.Side(head, sound(load(theirs)))
        for side in (before, after):
            faults = _faults(_policy(side.corpus, None, **chosen))
            if faults:
                raise PolicyError(faults)
        with _progress("Comparing") as progress:
            report = comparing.report(before, after, as_of, chosen, cases, decided, progress, question)
    if as_json:
        _print_json([report.to_json()])
    elif markdown:
        print(report.markdown())
    else:
        _print_lines(report.lines())
    raise typer.Exit(1 if report.problems else 0)


@app.command()
def coverage(
    folder: Annotated[Path | None, typer.Argument(help="The golden cases.", show_default="tests/golden")] = None,
    fail_under: Annotated[
        float, typer.Option("--fail-under", min=0, max=100, help="Exit with 1 if less than this per cent is tried.")
    ] = 0,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show what of the policy the golden cases try, and for all that they do not, a case to paste."""
    from senpolicy import coverage as covering
    from senpolicy.check import sound
    from senpolicy.corpus import load

    top = find_root(root)
    corpus = sound(load(top, records=False))
    with _progress("Trying") as progress:
        found = covering.coverage(corpus, covering.golden_cases(folder or top / "tests" / "golden"), progress)
    if as_json:
        _print_json([found.to_json()])
    else:
        _print_lines(found.lines())
    raise typer.Exit(1 if found.per_cent < fail_under else 0)


@app.command()
def simulate(
    pupils: Annotated[int, typer.Option("--pupils", help="How many pupils to make up.", show_default=False)],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same pupils.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The CSV file to write.", show_default="the screen")
    ] = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Make up a caseload after published figures, for trying things without a child's data; and show its fit."""
    import random

    from senpolicy import corpus as corpora
    from senpolicy import simulate as made
    from senpolicy.check import sound

    if output is not None and output.suffix.lower() != ".csv":
        raise WrongUse(f"'{output.name}' is not a CSV file. Use a name that ends in .csv.")
    if output is None and as_json:
        raise WrongUse("--json shows the fit; name the file for the pupils with -o.")
    population = made.simulate(sound(corpora.load(find_root(root))), pupils, random.Random(seed))
    if output is not None:
        _write(output, population.to_csv())
        if as_json:
            _print_json([one.to_json() for one in made.fit(population)])
        else:
            _print_lines(made.lines(population))
        say(f"{pupils} made pupils, seed {seed}: written to {output.name}.")
        return
    print(population.to_csv(), end="")
    for _, line in made.lines(population):
        say(line)


@app.command("model")
def model_command(
    file: Annotated[
        Path, typer.Argument(help="A caseload as CSV, Parquet or Excel: a row for each pupil.", show_default=False)
    ],
    scenario: Scenario = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The HTML report to write.", show_default="the screen")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Show each by itself, too: school or community.", show_default=False)
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Show no group of fewer than five pupils, so that it may be passed on.")
    ] = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Model what a school's pupils attract in each period of the policy, what changes when, and what is open."""
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise WrongUse(f"'{output.name}' is not a page. Use a name that ends in .html.")
    policy = load_policy(root, as_of, include_proposed, readings, scenario)

    from senpolicy import modelling
    from senpolicy.caseload import open_caseload
    from senpolicy.modelling import report

    with _progress("Modelling") as progress:
        found = modelling.model(open_caseload(file), policy, by=by, share=share, progress=progress)
    if output is not None:
        _write(output, report.html(found))
        say(f"Written: {output.name}")
    if as_json:
        _print_json(report.to_json(found))
    elif output is None:
        _print_lines(report.lines(found))
    for problem in report.problems(found):
        say(str(problem))
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if found.refused else 0)


def load_policy(
    root: Path | None,
    as_of: str | None,
    include_proposed: bool,
    readings: str,
    scenario: str | None = None,
    *,
    faults: bool = True,
) -> Any:
    """Return the checked policy; raises `PolicyError` when the corpus has problems, `WrongUse` for unknown names.

    `scenario` is the name of one, or a file that holds one. Without `faults`, the rules that decide cases are not tried
    on every kind of case: for what decides none.
    """
    from senpolicy import corpus as corpora
    from senpolicy.check import sound

    # What only records is left unread: no case rests on it, and a decision should not wait for it.
    corpus = corpora.load(find_root(root), records=False)
    if scenario is not None and scenario not in corpus.scenarios and Path(scenario).is_file():
        corpus, scenario = corpora.with_scenario(corpus, Path(scenario).read_bytes(), Path(scenario).name)
    policy = _policy(sound(corpus), as_of, include_proposed, readings, scenario)
    found = _faults(policy) if faults else []
    if found:
        raise PolicyError(found)
    return policy


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    from senpolicy.caseload.tables import whole

    if not path.parent.is_dir():
        raise WrongUse(f"There is no folder for '{path.name}' to stand in.")
    with whole(path) as file:
        file.write(text.encode("utf-8"))


def _policy(corpus: Any, as_of: str | None, include_proposed: bool, readings: str, scenario: str | None = None) -> Any:
    from senpolicy.timeline import policy

    return policy(corpus, as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario)


def _faults(policy: Any) -> list[Problem]:
    """Return the faults of the rules on every kind of case; a pass is remembered by the digest of what it rests on."""
    engine = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        engine.update(path.read_bytes())
    readings = ",".join(reading.id for reading in policy.readings)
    scenario = policy.scenario.scenario if policy.scenario else ""
    named = "\n".join([policy.digest, *policy.decisions, readings, scenario, engine.hexdigest()])
    passed = _cache() / "agreed" / hashlib.sha256(named.encode()).hexdigest()
    # A place to remember is a convenience: without one the check is made again.
    with suppress(OSError):
        if passed.exists():
            return []
    from senpolicy.regions import faults

    with _progress("Checking every kind of case") as progress:
        found = faults(policy, progress)
    if not found:
        with suppress(OSError):
            passed.parent.mkdir(parents=True, exist_ok=True)
            passed.touch()
    return found


def _cache() -> Path:
    """Return the folder for what may be forgotten; for a user without a home it is one that cannot be there."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:
        base = os.devnull
    return Path(base) / "senpolicy"


def find_root(given: Path | None) -> Path:
    """Return the folder of the policy: the one given, the nearest above this one that has it, or the engine's own.

    The engine's own is the checkout that it stands in, or what an installed package carries.
    """
    if given is not None:
        if any((given / name).is_dir() for name in ("policy", "rules", "descriptors")):
            return given
        raise WrongUse(f"There is no policy in '{given}'. Name the folder that holds policy/, rules/ and descriptors/.")
    try:
        here = Path.cwd()
    except OSError:
        raise WrongUse("The folder of this command is gone. Go to another, or name the policy's with --root.") from None
    engine = Path(__file__).resolve()
    for folder in (here, *here.parents, engine.parent / "data", *engine.parents):
        if (folder / "policy").is_dir() and (folder / "rules").is_dir():
            return folder
    raise WrongUse("There is no folder with policy/ and rules/ here or above. Name it with --root.")


def say(text: str) -> None:
    """Print a message on standard error."""
    print(text, file=sys.stderr)


def _print_json(data: list[Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _print_lines(lines: Iterable[tuple[str, str]]) -> None:
    if not sys.stdout.isatty():
        for _, text in lines:
            print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in lines:
        indent = len(text) - len(text.lstrip())
        lines_of_it = Text(text.lstrip(), style=style).wrap(console, max(console.width - indent - 2, 30))
        for number, wrapped in enumerate(lines_of_it):
            wrapped.rstrip()
            console.print(" " * (indent + 2 if number else indent), wrapped, sep="", end="\n", soft_wrap=True)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def main() -> None:
    """Run the command line; problems and wrong use become messages, never tracebacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # The same bytes whatever the language of the machine.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except PolicyError as error:
        if "--json" in sys.argv and "check" not in sys.argv[1:2]:
            _print_json([])  # Nothing could be decided; `check` has listed its problems already.
        for problem in error.problems:
            say(str(problem))
        say(f"{_count(sum(not problem.warning for problem in error.problems), 'problem').capitalize()}.")
        sys.exit(1)
    except WrongUse as error:
        say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
