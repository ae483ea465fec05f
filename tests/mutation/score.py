"""Who notices each wrong edit: `check`, a golden case, `prove`; and which of those unnoticed change nothing."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from golden_files import Pinned, differences, every, found_in
from mutation.mutants import Mutant, mutants, written
from mutation.same import CannotCompare, Difference, difference
from senpolicy.checking.corpus import sound
from senpolicy.checking.examples import pupil_yaml
from senpolicy.checking.golden import deciders
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import FOLDERS
from senpolicy.policy.timeline import policy
from senpolicy.proving import proofs

ROOT = Path(__file__).resolve().parents[2]
#: The time that a mutant's proof may take for each question: a mutant that takes longer is not taken for caught.
SECONDS = 20.0


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: who caught it ("" for nobody), or that it is proved to change nothing.

    `pupil` is a case that the mutant decides differently, as a golden case to paste; `said` names what caught it, what
    differs, or why nothing could be proved.
    """

    mutant: Mutant
    by: str = ""
    equivalent: bool = False
    said: str = ""
    pupil: str = ""

    @property
    def survives(self) -> bool:
        """Whether nobody caught it, and it is not proved to change nothing."""
        return not self.by and not self.equivalent


class Jury:
    """The corpus and its golden cases, and a copy below `base` in which one mutant after another stands.

    For one process.
    """

    def __init__(self, root: Path, base: Path, golden: Iterable[Pinned]) -> None:
        self.root, self.folder = root, Path(tempfile.mkdtemp(dir=base))
        for name in FOLDERS:
            shutil.copytree(root / name, self.folder / name)
        self.real = sound(corpora.load(root))
        by, given = deciders(self.real), list(golden)
        # A golden case that is red already catches nothing.
        self.golden = [one for one in given if not _red(one, by)]
        self.red = len(given) - len(self.golden)

    def judge(self, mutant: Mutant) -> Verdict:
        """Return what becomes of a mutant."""
        original = (self.root / mutant.file).read_bytes()
        written(mutant, self.folder)
        try:
            return self._judge(mutant)
        finally:
            (self.folder / mutant.file).write_bytes(original)

    def _judge(self, mutant: Mutant) -> Verdict:
        try:
            bent = sound(corpora.load(self.folder))
        except PolicyError as error:
            return Verdict(mutant, "check", said=error.problems[0].code)
        by = deciders(bent)
        for pinned in self.golden:
            if _red(pinned, by):
                return Verdict(mutant, "golden", said=pinned.golden.name)
        try:
            report = proofs.prove(proofs.policies(bent), clock=time.monotonic, seconds=SECONDS)
        except PolicyError as error:
            return Verdict(mutant, "prove", said=error.problems[0].code)
        if report.faults:
            return Verdict(mutant, "prove", said=report.faults[0].problem.code)
        try:
            found = difference(self.real, bent)
        except CannotCompare as reason:
            return Verdict(mutant, said=f"{reason}")
        if found is None:
            return Verdict(mutant, equivalent=True)
        return Verdict(mutant, said=found.what, pupil=self.golden_case(found, bent, mutant.number))

    def golden_case(self, found: Difference, bent: Corpus, number: int) -> str:
        """Return a golden case that would catch the mutant, after deciding it with both corpora.

        It expects what the real rules say: whoever pastes it works it out from the papers first.
        """
        real, wrong = (
            Decider(policy(corpus, as_of=found.as_of, scenario=found.scenario or None)) for corpus in (self.real, bent)
        )
        case = pupil_yaml(f"MU-{number:04d}", found.facts, real.policy)
        pinned: dict[str, Any] = {
            "name": "What this shows",
            "paragraph": "report 3.20",
            "case": yaml.safe_load(case)[0],
        }
        answers, refused = _decided(real, case)
        others, others_refused = _decided(wrong, case)
        differing = [name for name in answers if _says(answers[name]) != _says(others.get(name))]
        if refused != others_refused:
            pinned |= {"refused": refused} if refused else {"expect": {"scope": found_in(answers["scope"])}}
        elif differing:
            reason = answers[differing[0]]["because"][0]
            pinned["paragraph"] = f"{reason['document']} {reason['paragraph']}"
            pinned["expect"] = {name: found_in(answers[name]) for name in differing}
            pinned["cautions"] = [one["id"] for name in differing for one in answers[name].get("cautions", [])]
        else:
            return f"# Both decide this case alike: the engine and the proof differ.\n{case}"
        header = f"# as_of: {found.as_of}\n" + (f"# scenario: {found.scenario}\n" if found.scenario else "")
        return header + str(yaml.safe_dump([pinned], sort_keys=False, allow_unicode=True))


def _red(pinned: Pinned, by: Callable[[Pinned], Decider]) -> bool:
    try:
        return bool(differences(pinned.golden, by(pinned)))
    except Exception:  # A golden case whose policy or decision fails altogether is red too.
        return True


def _decided(by: Decider, case: str) -> tuple[dict[str, Any], list[str]]:
    """Return the answers to a case, and why it is refused: one of the two is empty."""
    (read,) = read_text(case, "mutant.yaml", by.policy)
    result = by.decide(read) if isinstance(read, Case) else read
    data = result.to_json()
    if isinstance(result, Decision):
        return data["answers"], []
    return {}, sorted(one["code"] for one in data["problems"])


def _says(answer: dict[str, Any] | None) -> Any:
    """Return what an answer says, without its reasons."""
    return answer and {**found_in(answer), "cautions": [one["id"] for one in answer.get("cautions", [])]}


@cache
def jury(root: Path, base: Path) -> Jury:
    """Return this process's jury."""
    return Jury(root, base, every())


@cache
def all_mutants(root: Path) -> list[Mutant]:
    """Return every mutant of the corpus below `root`."""
    return mutants(sound(corpora.load(root)))


def _verdict(job: tuple[Path, Path, int]) -> Verdict:
    root, base, number = job
    return jury(root, base).judge(all_mutants(root)[number])


def verdicts(root: Path, numbers: Iterable[int], processes: int) -> Iterator[Verdict]:
    """Yield the verdict on each of these mutants, as they come."""
    context = get_context("fork")
    # A new process now and then: the rule engine never gives back what a set of rules took.
    with tempfile.TemporaryDirectory(prefix="mutants-") as base, context.Pool(processes, maxtasksperchild=30) as pool:
        yield from pool.imap_unordered(_verdict, [(root, Path(base), number) for number in numbers], chunksize=4)


def main(processes: int = 2) -> int:
    """Judge every mutant and print the score; return 1 where one survives, 0 otherwise."""
    console, found = Console(stderr=True), all_mutants(ROOT)
    with tempfile.TemporaryDirectory() as base:
        red = Jury(ROOT, Path(base), every()).red
    if red:
        sys.stdout.write(f"{red} golden cases are red without any edit. Mend them first.\n")
        return 1
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("Wrong edits", total=len(found))
        done = []
        for verdict in verdicts(ROOT, range(len(found)), processes):
            done.append(verdict)
            bar.advance(task)
    sys.stdout.write("\n".join(lines(done)) + "\n")
    return 1 if any(one.survives for one in done) else 0


def lines(done: list[Verdict]) -> Iterator[str]:
    """Yield the report: who caught how many of each kind, the score, and every survivor with a case for it."""
    caught = Counter(one.by or ("changes nothing" if one.equivalent else "survives") for one in done)
    kinds = Counter(one.mutant.kind for one in done)
    yield f"{len(done)} wrong edits of {len(kinds)} kinds:"
    for kind, count in sorted(kinds.items()):
        by = Counter(
            one.by or ("changes nothing" if one.equivalent else "SURVIVES") for one in done if one.mutant.kind == kind
        )
        yield f"  {kind:<24}{count:>5}   {', '.join(f'{who} {times}' for who, times in sorted(by.items()))}"
    for one in sorted((one for one in done if one.survives), key=lambda one: one.mutant.number):
        yield ""
        yield f"survives: {one.mutant}"
        yield f"  differs in {one.said.split(': ', 1)[0]}" if one.pupil else f"  {one.said}"
        for line in one.pupil.splitlines():
            yield f"  {line}"
    yield ""
    for one in sorted((one for one in done if one.equivalent), key=lambda one: one.mutant.number):
        yield f"changes nothing: {one.mutant}"
    changing = [one for one in done if not one.equivalent]
    noticed = len(changing) - caught["survives"]
    yield ""
    yield (f"caught by check {caught['check']}, by golden cases {caught['golden']}, by prove {caught['prove']}; "
           f"proved to change nothing {caught['changes nothing']}; surviving {caught['survives']}")  # fmt: skip
    yield f"policy mutation score: {noticed} of {len(changing)} ({100 * noticed / max(len(changing), 1):.1f}%)"
