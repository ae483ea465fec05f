"""The commands that both sides are given, by part, in words that are the same for both."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from same.inputs import POLICIES, SEED, Cases, Inputs
from same.trees import ROOT, Side

ROOT_OF = ("--root", "root")
#: What the engine makes at random in a record, so that nobody can guess it: its salt, and the digests that hold it.
RANDOM = re.compile(
    rb'^( "digest": "|  "(?:salt|facts|reasons)": ")(?:sha256:[0-9a-f]{64}|[0-9a-f]{32})(?=",?$)', re.MULTILINE
)

#: What a command leaves beside what it prints, by name.
Gather = Callable[[Side], dict[str, bytes]]


@dataclass(frozen=True)
class Run:
    """A command, and what is compared of it: its exit status, both streams, and the files that it writes.

    `cases` is how many cases it decides. `then` are commands that follow it on the same side, one after another.
    """

    name: str
    words: tuple[str, ...]
    cases: int = 0
    files: tuple[str, ...] = ()
    gather: Gather | None = None
    then: tuple[Run, ...] = field(default=())

    @property
    def part(self) -> str:
        return self.name.partition("/")[0]


def first(inputs: Inputs) -> list[Run]:
    """Return the runs that need nothing of what the base has issued; those that take longest come first."""
    return [
        *proving(), *generated(inputs), *golden(inputs), *examples(), *about_the_policy(), *caseloads(inputs.odd),
        writing(),
    ]  # fmt: skip


def second(mistakes: list[str]) -> list[Run]:
    """Return the runs that read what the base has issued, or a policy that was changed by commands."""
    return [*changing(), *modelling(), *recording(), *mistaken(mistakes)]


def json_commands() -> set[str]:
    """Return the names of all commands that are run with --json."""
    nothing = Inputs([Cases("x.json", 1)], [Cases("x.csv", 1)], [Cases("x.json", 1)], ["x.csv"])
    runs = [*first(nothing), *second(["x"])]
    return {one.words[0] for run in runs for one in (run, *run.then) if "--json" in one.words}


def run(name: str, *words: str, cases: int = 0, files: tuple[str, ...] = (), gather: Gather | None = None) -> Run:
    """Return a run of a command by the policy of its side."""
    return Run(name, (*words, *ROOT_OF), cases, files, gather)


def generated(inputs: Inputs) -> Iterator[Run]:
    """Yield the generated cases: every one by the columns under each policy, some by all evaluators, with reasons."""
    for cases in inputs.caseloads:
        for word, policy in POLICIES.items():
            if ("--scenario" in policy) != ("--scenario" in cases.policy):
                continue
            out = f"out/{cases.name}-{word}.csv"
            words = ("decide", f"inputs/{cases.file}", "-o", out, "--json", "--seed", str(SEED), *policy)
            files = (out, out.replace(".csv", ".refused.csv"))
            yield run(f"generated/{cases.name}-{word}", *words, cases=cases.count, files=files)
    for cases in inputs.reasons:
        yield run(f"reasons/{cases.name}", "decide", f"inputs/{cases.file}", "--json", *cases.policy, cases=cases.count)


def golden(inputs: Inputs) -> Iterator[Run]:
    """Yield the golden cases, decided and explained by what their files pin."""
    for cases in inputs.golden:
        file = f"inputs/{cases.file}"
        yield run(f"golden/{cases.name}", "decide", file, "--json", "--all", *cases.policy, cases=cases.count)


def examples() -> Iterator[Run]:
    """Yield the example cases: decided, explained, on a timeline; as JSON and in words."""
    routes, scenario = "inputs/every-route.yaml", ("inputs/illustrative.yaml", "--scenario", "illustrative")
    for word, policy in POLICIES.items():
        yield run(f"examples/decide-{word}", "decide", routes, "--json", *policy, cases=12)
    yield run("examples/decide-all", "decide", routes, "--all")
    yield run("examples/decide-illustrative", "decide", *scenario, "--json")
    yield run("examples/explain-illustrative", "explain", *scenario, "--json", "--nearest", "--other-days")
    yield run("examples/explain-nearest", "explain", routes, "--json", "--nearest", "--other-days")
    yield run("examples/explain-why-not", "explain", routes, "--json", "--why-not", "route=tariff")
    yield run("examples/explain-in-words", "explain", routes, "--nearest", "--other-days", "--readings", "none")
    yield run("examples/explain-generated", "explain", "inputs/explained.json", "--json")
    yield run("examples/timeline", "timeline", routes, "--json")
    yield run("examples/timeline-illustrative", "timeline", *scenario, "--json", "--until", "2028-08-31")
    yield run("examples/timeline-generated", "timeline", "inputs/explained.json", "--json", "--readings", "none")
    yield run("examples/timeline-in-words", "timeline", routes)


def proving() -> Iterator[Run]:
    """Yield the proofs and the coverage. The time for each proof is so long that a busy machine changes nothing."""
    yield run("policy/prove", "prove", "--json", "--seconds", "600")
    yield run("policy/coverage", "coverage", "--json")


def about_the_policy() -> Iterator[Run]:
    """Yield what commands say of the policy itself."""
    yield run("policy/prove-one-in-words", "prove", "--question", "route", "--as-of", "24/00117", "--seconds", "600")
    yield run("policy/golden", "golden", "--json")
    yield run("policy/check", "check", "--json", "--today", "2026-09-01")
    yield run("policy/check-sarif", "check", "--format", "sarif", "--today", "2026-09-01")
    yield run("policy/check-github", "check", "--format", "github", "--today", "2028-09-01")
    yield run("policy/check-explain", "check", "--explain", "unknown-fact")
    sources = ROOT.parent / "shared" / "sources"
    if sources.is_dir():  # The council's documents stand beside a checkout, where there are any.
        yield run("policy/check-sources", "check", "--json", "--sources", str(sources))
    yield run("policy/open-points", "open-points", "--json")
    yield run("policy/open-points-touched", "open-points", "--json", "--cases", "inputs/every-route.yaml")
    yield run("policy/open-points-in-words", "open-points", "--readings", "none")
    yield run("policy/figures", "figures", "--json")
    yield run("policy/figures-in-words", "figures")
    yield run("policy/fmt", "fmt", "--check", "--json")
    yield run("policy/upgrade", "upgrade", "--check", "--json")
    yield run("policy/schemas", "schemas", "out/schemas", gather=folder("out/schemas", "*.json"))
    yield run("policy/publish", "publish", "--out", "out/pages", gather=folder("out/pages/docs/downloads", "*"))


def caseloads(odd: list[str]) -> Iterator[Run]:
    """Yield the example caseloads, to each kind of file, and the files with odd cells or odd layouts."""
    for kind in ("csv", "parquet", "xlsx"):
        out = f"out/pupils-{kind}.{kind}"
        yield run(
            f"caseloads/pupils-{kind}", "decide", "inputs/pupils.csv", "-o", out, "--json", "--seed", "1", files=(out,)
        )
    yield run("caseloads/pupils-share", "decide", "inputs/pupils.csv", "-o", "out/shared.csv", "--json", "--share",
              "--seed", "1", files=("out/shared.csv",))  # fmt: skip
    yield run("caseloads/pupils-in-words", "decide", "inputs/pupils.csv", "-o", "out/words.csv", "--seed", "1",
              "--scenario", "illustrative", files=("out/words.csv",))  # fmt: skip
    for name in odd:
        out = f"out/{name.replace('.', '-')}.csv"
        yield run(f"caseloads/{name}", "decide", f"inputs/{name}", "-o", out, "--json", "--seed", "1",
                  files=(out, out.replace(".csv", ".refused.csv")))  # fmt: skip
    for year in ("1", "2", "3"):
        words = ("budgets", "inputs/illustrative-communities.csv", "--year", year, "--quantum", "2500000")
        out = f"out/budgets-{year}.csv"
        yield run(f"caseloads/budgets-{year}", *words, "--json", "-o", out, files=(out,))
        yield run(f"caseloads/budgets-{year}-assumed", *words, "--json", "--scenario",
                  "root/docs/how-to/illustrative-weights.yaml")  # fmt: skip
    yield run("caseloads/ledger", "ledger", "inputs/illustrative-communities.csv", "--claims", "inputs/claims.csv",
              "--year", "1", "--quantum", "2500000", "--json")  # fmt: skip
    yield run("caseloads/tariff", "tariff", "inputs/illustrative-tariff.yaml", "--cohort",
              "inputs/illustrative-cohort.csv", "--schools", "inputs/illustrative-schools.csv", "--json")  # fmt: skip
    yield run("caseloads/equality", "equality", "inputs/illustrative-cohort.csv", "24/00117", "24/00120", "--json")
    yield run("caseloads/options", "options", "inputs/illustrative-cohort.csv", "--scenarios", "option-a,model-1",
              "--json")  # fmt: skip
    yield run("caseloads/import", "import", "inputs/list.csv", "--on", "2025-10-01", "--json")
    out = "out/simulated.csv"
    yield run("caseloads/simulate", "simulate", "--pupils", "2000", "--seed", "7", "-o", out, "--json", files=(out,))
    mapped, schools = "out/mapped.csv", "out/schools.csv"
    yield run("caseloads/simulate-mapped", "simulate", "--pupils", "600", "--seed", "7", "--edition", "illustrative",
              "-o", mapped, "--schools", schools, "--json", files=(mapped, schools))  # fmt: skip


def writing() -> Run:
    """Return the commands that record a decision with a rate and an answer in a copy, and adopt a reading there."""
    source, copy = ("--source", "made-up-record 2"), ("--root", "changed")
    words: dict[str, tuple[str, ...]] = {
        "decision": ("new", "decision", "26/00041", "--title", "A made-up decision (nobody took it)", "--taken-on",
                     "2026-11-03", "--does", "Sets a made-up rate.", *source, "--document-title", "A made-up record",
                     "--publisher", "Nobody"),
        "date": ("new", "parameter", "26/00041", "made_up_start", "--label", "A start (made up)", "--unit", "date",
                 "--value", "2027-04-01", *source),
        "rate": ("new", "parameter", "26/00041", "made_up_rate", "--label", "A rate (made up)", "--unit",
                 "pounds_a_year", "--value", "7500.00", *source),
        "answer": ("new", "answer", "amount", "--decision", "26/00041", "--from", "made_up_start", "--of",
                   "P-what-a-community-pays", "--answer", "known", "--gives", "pounds_a_year=$made_up_rate", "--says",
                   "The made-up rate is paid.", *source),
        "case": ("new", "case", "26/00041", "--file", "made-up", "--name", "The made-up rate is paid (made up)",
                 *source, "--fact", "decision_date=2027-04-01", "--fact", "age=9", "--fact", "setting=mainstream",
                 "--fact", "plan=sen_support", "--fact", "additional_cost=9000", "--expect", "amount=known",
                 "--expect", "amount.pounds_a_year=7500.00"),
        "adopt": ("adopt", "A1-rate-of-exactly-6000", "direct_existing_rate", "--by", "The moderation board",
                  "--because", "Made up.", "--on", "2026-11-29"),
        "lock": ("lock",),
        "lock-check": ("lock", "--check"),
        "fmt": ("fmt", "--check", "--json"),
        "check": ("check", "--json"),
    }  # fmt: skip
    one, *more = (Run(f"writing/{name}", (*said, *copy)) for name, said in words.items())
    *more, last = more
    return Run(one.name, one.words, then=(*more, Run(last.name, last.words, gather=lines_written)))


def changing() -> Iterator[Run]:
    """Yield the comparisons of a side's policy with the copy that was changed, and of the policy with itself."""
    both, illustrative = ("root", "changed"), ("--scenario", "illustrative")
    yield run("changes/compare-cases", "compare", *both, "--cases", "inputs/few.csv", "--as-of", "24/00120", "--json")
    yield run("changes/compare", "compare", *both, "--json")
    yield run("changes/compare-markdown", "compare", *both, "--markdown", "--question", "amount")
    yield run("changes/compare-in-words", "compare", *both, "--question", "route")
    yield run("changes/compare-itself", "compare", "root", "root", "--json")
    yield run("changes/compare-decided", "compare", *both, "--decided", "inputs/decided.json", "--json")
    yield run("changes/compare-precedents", "compare", *both, "--precedents", "inputs/precedents.json", *illustrative,
              "--json")  # fmt: skip
    issued = ("--decided", "inputs/decided.json", "--precedents", "inputs/precedents.json", "--pupils", "1000")
    yield run("changes/review", "review", *both, *issued, "--json")
    yield run("changes/review-markdown", "review", *both, *issued, "--markdown")
    yield run("changes/decide", "decide", "inputs/every-route.yaml", "--json", "--root", "changed")


def modelling() -> Iterator[Run]:
    """Yield the models of a school and of a county."""
    yield run("models/school", "model", "inputs/pupils.csv", "--json")
    yield run("models/school-share", "model", "inputs/pupils.csv", "--json", "--share")
    yield run("models/school-page", "model", "inputs/pupils.csv", "-o", "out/report.html", files=("out/report.html",))
    yield run(
        "models/governors",
        "model",
        "inputs/pupils.csv",
        "--governors",
        "out/governors.html",
        files=("out/governors.html",),
    )
    yield run("models/county", "model", "inputs/made.csv", "--json", "--by", "community")
    yield run("models/county-assumed", "model", "inputs/made.csv", "--json", "--scenario", "illustrative", "--readings",
              "none")  # fmt: skip


def recording() -> Iterator[Run]:
    """Yield the records: those that the base has issued are checked, and each side writes its own."""
    yield run("records/verify", "verify-record", "inputs/records", "--json")
    yield run("records/verify-in-words", "verify-record", "inputs/records")
    yield run(
        "records/write", "decide", "inputs/every-route.yaml", "--json", "--records", "out/records", gather=records
    )


def mistaken(names: list[str]) -> Iterator[Run]:
    """Yield the checks of copies of the policy in each of which one thing is wrong."""
    for name in names:
        yield Run(name, ("check", "--json", "--root", name))


def folder(name: str, pattern: str) -> Gather:
    """Return what gathers the files of a folder below the one in which commands run."""

    def gather(side: Side) -> dict[str, bytes]:
        paths = sorted(path for path in (side.folder / name).rglob(pattern) if path.is_file())
        return {path.relative_to(side.folder / name).as_posix(): path.read_bytes() for path in paths}

    return gather


def records(side: Side) -> dict[str, bytes]:
    """Return the records that a side wrote, less what is made at random, by reference and day."""
    found = {}
    for path in sorted((side.folder / "out" / "records").glob("*.json")):
        found[f"{path.stem.rpartition('-')[0]}.json"] = RANDOM.sub(rb"\1(random)", path.read_bytes())
    return found


def lines_written(side: Side) -> dict[str, bytes]:
    """Return the lines that commands added to the copy of a side's policy, or took from it, file by file."""
    before, after, found = side.tree, side.folder / "changed", {}
    for path in sorted(path for path in after.rglob("*") if path.is_file()):
        name = path.relative_to(after)
        old = _lines(before / name)
        if old != (new := _lines(path)):
            changed = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
            found[name.as_posix()] = "\n".join(line for line in changed if not line.startswith("@@")).encode()
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
