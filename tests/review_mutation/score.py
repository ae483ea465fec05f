"""What the review says of each change, held against what deciding shows: the review mutation score."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from platformdirs import user_cache_path
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from copies import copied
from golden_files import ROOT
from review_mutation.brute import Brute, Moved
from review_mutation.changes import KINDS, Change, still
from senpolicy.checking import opening
from senpolicy.checking.corpus import sound
from senpolicy.checking.opening import AS_IT_IS
from senpolicy.comparing import reach
from senpolicy.comparing.differences import Side, report
from senpolicy.comparing.report import title_of
from senpolicy.comparing.review import Review, review
from senpolicy.files.problems import PolicyError
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import EVERY
from senpolicy.policy.timeline import Policy

#: What may be said only where all has been compared and nothing differs.
NOTHING = re.compile(r"no (decision|pound|budget|answer)s? (changes?|moves?)", re.IGNORECASE)
#: Where a review could not be made to its end, nothing is said of what the change does.
STOPPED = "**This review was not made to its end.**"
PROVED = "**Proved: no decision changes.**"
#: So many made pupils and drawn cases are decided for each change. Where its review denies that something moves this is
#: in every way to decide, and golden cases of every time besides; else by the policy as it is.
PUPILS, DRAWN = 150, 250
#: So often another change of a kind is made where `check` refuses it.
TRIES = 25
STILL = 30


@dataclass(frozen=True)
class Verdict:
    """What became of a change: what moves by brute force, whether the review says "nothing", and what is wrong.

    `seed` is that by which the change is made again, and `says` what it does.
    """

    seed: str
    says: str
    moved: Sequence[Moved]
    says_nothing: bool
    wrong: str = ""
    refused: int = 0


def judged(change: Change, moved: Sequence[Moved], text: str) -> str:
    """Return in words what is wrong with a review, "" where nothing is: what moves is named, and never denied."""
    if moved and NOTHING.search(text):
        return f"it says '{NOTHING.search(text)[0]}', and {moved[0]} moves"  # type: ignore[index]
    stopped = STOPPED in text
    for one in () if stopped else moved:
        named = {"refused": ("ecided", "not compared"), "budgets": ("udgets",)}.get(one.about)
        words = named or (title_of(one.about), f"'{one.about}'", one.about)
        # By other ways to decide nothing is told one by one, where the policy as it is differs already.
        if not one.way and not any(word in text for word in words):
            return f"it names nothing of {one.about}, and {one} moves"
    if not change.moves and (moved or PROVED not in text):
        return f"{moved[0]} moves, of a change that may move nothing" if moved else "it does not say that nothing moves"
    return ""


class Jury:
    """The base, and a folder in which one change after another is written."""

    def __init__(self, folder: Path, pupils: int = PUPILS, drawn: int = DRAWN) -> None:
        self.folder = folder
        self.base = sound(corpora.load(ROOT))
        self.brute = Brute(self.base, pupils, drawn)

    def head(self, change: Change) -> Corpus | None:
        """Return the policy with a change, None where `check` refuses it, or it cannot be written."""
        for name in EVERY:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        copied(self.folder)
        try:
            change.write(self.folder)
            return sound(corpora.load(self.folder))
        except (PolicyError, AssertionError, KeyError, IndexError, ValueError):
            return None

    def text(self, head: Corpus) -> str:
        """Return the comment on a head, without its made population, which the brute force makes for itself."""
        sides = Side("base", self.base), Side("head", head)
        try:
            return review(*sides, report(*sides), ([], []), None, AS_IT_IS).markdown()
        except PolicyError as error:  # As the command does: rules that are not sound after all.
            return Review("base", "head", problems=error.problems, stopped="It met what is named here.").markdown()

    def judge(self, change: Change, head: Corpus, source: random.Random) -> Verdict:
        """Return what becomes of the review of a change: how far is looked rests on what it denies."""
        text = self.text(head)
        nothing = bool(NOTHING.search(text))
        moved = [*self.brute.moved(head, source, far=nothing or not change.moves)]
        return Verdict("", change.says, moved, nothing, judged(change, moved, text))

    def made(self, kind: str, seed: str) -> Verdict | None:
        """Return the verdict on the first change of a kind, from a seed, that `check` passes; None where none is."""
        source = random.Random(seed)
        for refused in range(TRIES):
            change = still(source) if kind == "still" else KINDS[kind](source)
            head = self.head(change)
            if head is not None and head.files_digest != self.base.files_digest:
                return replace(self.judge(change, head, source), seed=seed, refused=refused)
        return None


@contextmanager
def bound_once(base: Corpus) -> Iterator[None]:
    """Bind the base once in each way to decide, instead of once more for every change: half of the work of a review."""
    bind: Callable[..., Policy] = opening.policy
    known = cache(lambda asked: bind(base, **dict(asked)))

    def bound(corpus: Corpus, **asked: Any) -> Policy:
        return known(tuple(sorted(asked.items()))) if corpus is base else bind(corpus, **asked)

    with patch.object(opening, "policy", bound), patch.object(reach, "policy", bound):
        yield


class Done:
    """What has been judged, in a file outside the repository: for one state of its files, so that nothing is stale."""

    def __init__(self, file: Path) -> None:
        self.file = file
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        self.known: dict[tuple[str, str], Verdict | None] = {}
        for line in lines:
            kind, seed, one = json.loads(line)
            self.known[kind, seed] = one and Verdict(**{**one, "moved": [Moved(*moved) for moved in one["moved"]]})

    def add(self, kind: str, seed: str, verdict: Verdict | None) -> None:
        """Write down a verdict, at once."""
        self.known[kind, seed] = verdict
        data = verdict and {**vars(verdict), "moved": [[one.way, one.about, one.case] for one in verdict.moved]}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as out:
            out.write(f"{json.dumps([kind, seed, data])}\n")


def state_of(root: Path) -> str:
    """Return the commit of a repository, and a mark of what differs from it there: what is judged rests on both."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=True).stdout

    commit = git("rev-parse", "--short=12", "HEAD").decode().strip()
    read = ("engine", "policy", "rules", "descriptors", "imports", "tests")
    changed = git("diff", "HEAD", "--", *read) + git("ls-files", "--others", "--exclude-standard", "--", *read)
    return f"{commit}-{hashlib.sha256(changed).hexdigest()[:8]}" if changed else commit


def wanted(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Yield the kinds of so many changes in turn, and a share of changes that move nothing, each with its seed."""
    kinds = [*KINDS]
    for number in range(count):
        yield kinds[number % len(kinds)], f"{seed}/{number}"
    for number in range(max(1, round(STILL * count / 200))):
        yield "still", f"{seed}/still/{number}"


def main(seed: int = 1, count: int = 200, only: str = "") -> int:
    """Judge the reviews of so many changes and print the score; return 1 where one is wrong, 0 otherwise.

    `only` is a kind, or the seed of one change. What was judged before of the same files is not judged again.
    """
    jobs = [one for one in wanted(seed, count) if only in ("", *one)]
    done = Done(user_cache_path("senpolicy") / "review-mutation" / f"{state_of(ROOT)}.jsonl")
    console = Console(stderr=True)
    columns = *Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn()
    with (
        tempfile.TemporaryDirectory(prefix="review-mutation-") as folder,
        Progress(*columns, console=console, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task("Reviews", total=len(jobs), completed=sum(one in done.known for one in jobs))
        left = [one for one in jobs if one not in done.known]
        jury = Jury(Path(folder)) if left else None
        with bound_once(jury.base) if jury else nullcontext():
            for kind, own in left:
                assert jury is not None
                started = time.process_time()
                done.add(kind, own, verdict := jury.made(kind, own))
                said = "every change of it was refused" if verdict is None else line(verdict)
                bar.advance(task)
                print(f"{time.process_time() - started:4.0f} s  {kind:<13}{own:<12}{said}", flush=True)
    found = [(kind, done.known[kind, own]) for kind, own in jobs]
    print("\n".join(lines(found)))
    return 1 if any(one is None or one.wrong for _, one in found) else 0


def line(verdict: Verdict) -> str:
    """Return a verdict in one line."""
    moved = f"{len(verdict.moved)} moved" if verdict.moved else "nothing found to move"
    said = "says nothing changes" if verdict.says_nothing else "says what changes, or was not compared"
    wrong = f" WRONG: {verdict.wrong}" if verdict.wrong else ""
    return f"{moved}; {said}: {verdict.says[:90]}{wrong}"


def lines(found: Sequence[tuple[str, Verdict | None]]) -> Iterator[str]:
    """Yield the score by kind, and every review that is wrong."""
    yield ""
    right: Counter[str] = Counter()
    for kind, total in Counter(kind for kind, _ in found).items():
        verdicts = [one for of, one in found if of == kind and one]
        right[kind] = sum(not one.wrong for one in verdicts)
        moved = sum(bool(one.moved) for one in verdicts)
        yield f"{kind:<14}{right[kind]:>4} of {total:>3} right; brute force finds that {moved} move something"
    moving = [(kind, one) for kind, one in found if kind != "still"]
    score = sum(bool(one and not one.wrong) for _, one in moving)
    yield f"review mutation score: {score} of {len(moving)} ({100 * score / max(1, len(moving)):.1f}%)"
    same = [one for kind, one in found if kind == "still"]
    yield f"changes that move nothing, and the sentence is printed: {sum(bool(one and not one.wrong) for one in same)} of {len(same)}"
    yield f"refused by check, and made again: {sum(one.refused for _, one in found if one)}"
    yield from (f"WRONG {kind} {one.seed}: {one.says}: {one.wrong}" for kind, one in found if one and one.wrong)


if __name__ == "__main__":
    sys.exit(main())
