"""Mistakes that an officer can make, as data (tests/mistakes), and what the check says of each.

A mistake replaces a text of one file by another, or gives the file another name. It is right to refuse it with `code` at
the line that differs (or the first line that holds `at`, or anywhere in the file named by `in`). It is mended by the fix
of the problem, made as it is given; where there is none, by following the help, which then must hold the words under
`says`: by `mend`, or by putting the right text back.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from copies import copied
from golden_files import ROOT
from senpolicy.checking import golden_files, lock
from senpolicy.checking.exhaustive import faults
from senpolicy.checking.recovery import check_all
from senpolicy.files import identifiers
from senpolicy.files.codes import codes, worst_first
from senpolicy.files.identifiers import found_in
from senpolicy.files.problems import PolicyError, Problem, Problems
from senpolicy.files.source import read
from senpolicy.policy import corpus as corpora
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus, load
from senpolicy.writing import new

FOLDER = Path(__file__).parent / "mistakes"


@dataclass(frozen=True)
class Mistake:
    """One mistake; `deep` says that only trying the rules on every kind of case shows it, `accepted` why it is let in."""

    what: str
    file: str
    replace: str = ""
    by: str = ""
    rename: str = ""
    code: str = ""
    at: str = ""
    in_: str = ""
    says: str = ""
    mend: dict[str, str] = field(default_factory=dict)
    deep: bool = False
    accepted: str = ""
    made_up: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a mistake: refused at all, by the right code at the right line, and mended as the message says."""

    mistake: Mistake
    problems: tuple[Problem, ...]
    refused: bool
    right: bool
    mended: bool
    by_fix: bool
    why: str = ""


@cache
def every() -> tuple[Mistake, ...]:
    """Return every mistake, by file and in the order of the file."""
    found: list[Mistake] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        problems = Problems()
        node = read(path.read_text(encoding="utf-8"), path.name, problems)
        assert node is not None
        assert not list(problems), list(problems)
        found += [
            Mistake(**{"in_" if key == "in" else key: value for key, value in one.items()})
            for one in node.data()["mistakes"]
        ]
    return tuple(found)


class Copy:
    """A copy of the policy and its cases, in which one file at a time is wrong; what is read once is not read again."""

    def __init__(self, folder: Path) -> None:
        self.root = copied(folder)
        for name in ("tests/golden", "tests/cases"):
            shutil.copytree(ROOT / name, folder / name)
        texts = identifiers._texts(ROOT, identifiers.OTHERS)
        self.words = identifiers._vocabulary(text for _, text in texts)
        self.read: dict[tuple[str, bytes], Any] = {}
        self._read_as = corpora.read_as
        self.scanned: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
        self.capitals: dict[str, frozenset[str]] = {}
        self._found = identifiers._found

    def read_as(self, kind: Any, content: bytes, name: str, problems: Problems) -> Any:
        if (name, content) not in self.read:
            own = Problems()
            self.read[name, content] = (*self._read_as(kind, content, name, own), own.found)
        file, node, found = self.read[name, content]
        problems.found += found
        return file, node

    def found(self, text: str, words: Set[str] | None, dates: Set[str]) -> list[tuple[int, str]]:
        """Return what tells who a child is; of the words, only those in a name matter."""
        if text not in self.capitals:
            pairs = identifiers._PAIR.finditer(text)
            self.capitals[text] = frozenset(word.lower() for one in pairs for word in (one["one"], one["two"]))
        known = None if words is None else self.capitals[text] & words
        key = (text, known, frozenset(dates))
        if key not in self.scanned:
            self.scanned[key] = list(self._found(text, words, dates))
        return self.scanned[key]

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Read no file twice, and scan none twice, while this holds."""
        corpora.read_as, identifiers._found = self.read_as, self.found
        try:
            yield
        finally:
            corpora.read_as, identifiers._found = self._read_as, self._found

    def problems(self, file: str, *, deep: bool) -> list[Problem]:
        """Return what is wrong, with the rules tried on every kind of case if `deep`; worst first."""
        with self.remembering():
            try:
                return self._problems(file, deep)
            except PolicyError as error:
                return worst_first(error.problems)

    def _problems(self, file: str, deep: bool) -> list[Problem]:
        everything = check_all(self.root)
        corpus, found = everything.corpus, everything.problems
        if corpus is None or any(not one.warning for one in found):
            return found
        found += lock.check(corpus)
        policies = {name: timeline.policy(corpus, scenario=name) for name in (None, *corpus.scenarios)}
        if file.startswith("tests/"):
            found += golden_files.in_file(corpus, file, policies.__getitem__)
            dates = {name for name, kind in corpus.types.items() if kind.type == "date"}
            text = (self.root / file).read_text(encoding="utf-8")
            found += found_in(text, file, self.words, dates)
        if deep:
            found += [one for policy in policies.values() for one in faults(policy)]
        return worst_first(found)

    @cached_property
    def made_up(self) -> dict[str, str]:
        """The texts of the files with the made-up decision 26/00041, which sets a first day and a rate that is paid."""
        record = new.Cited("made-up-record", "2")
        before: dict[Path, str | None] = {}
        decision = new.NewDecision(
            "26/00041", "A made-up decision", "taken", [("made-up", "Sets a made-up rate.", record)],
            [new.NewDocument("made-up-record", "A made-up record", "Nobody")], date(2026, 11, 3),
        )  # fmt: skip
        values = [
            ("made_up_start", "First day (made up)", "date", "2027-04-01"),
            ("made_up_rate", "Rate (made up)", "pounds_a_year", "7000.00"),
        ]
        asked: list[Callable[[Corpus], dict[str, str]]] = [
            lambda corpus: new.decision(corpus, decision),
            *(partial(new.parameter, new=new.NewValue("26/00041", *one, record)) for one in values),
            lambda corpus: new.answer(corpus, new.NewAnswer(
                "amount", "26/00041", "made_up_start", "P-what-a-community-pays", "the-made-up-rate", "known",
                "The made-up rate is paid.", record, (), {"pounds_a_year": "$made_up_rate"})),
        ]  # fmt: skip
        made: dict[str, str] = {}
        for step in asked:
            texts = step(load(self.root))
            for file, text in texts.items():
                path = self.root / file
                before.setdefault(path, path.read_text(encoding="utf-8") if path.exists() else None)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            made |= texts
        self.restore(before)
        return made

    @staticmethod
    def restore(before: dict[Path, str | None]) -> None:
        """Put back the texts of files, and take away those that were not there."""
        for path, text in before.items():
            if text is not None:
                path.write_text(text, encoding="utf-8")
                continue
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()

    @contextmanager
    def wrong(self, mistake: Mistake) -> Iterator[tuple[str, str]]:
        """Make a mistake, in the policy with the made-up decision if it is there, and put everything back."""
        texts = {self.root / file: text for file, text in (self.made_up if mistake.made_up else {}).items()}
        before = {path: path.read_text(encoding="utf-8") if path.exists() else None for path in texts}
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            with self._wrong(mistake) as both:
                yield both
        finally:
            self.restore(before)

    @contextmanager
    def _wrong(self, mistake: Mistake) -> Iterator[tuple[str, str]]:
        """Make a mistake, give the file's text before and after, and put everything back."""
        path = self.root / mistake.file
        before = path.read_text(encoding="utf-8")
        if mistake.rename:
            moved = self.root / mistake.rename
            moved.parent.mkdir(parents=True, exist_ok=True)
            path.rename(moved)
            try:
                yield before, before
            finally:
                moved.rename(path)
                if not any(moved.parent.iterdir()):
                    moved.parent.rmdir()
            return
        assert mistake.replace in before, f"{mistake.file} no longer says what '{mistake.what}' is about"
        after = before.replace(mistake.replace, mistake.by, 1)
        path.write_text(after, encoding="utf-8")
        try:
            yield before, after
        finally:
            path.write_text(before, encoding="utf-8")

    def outcome(self, mistake: Mistake) -> Outcome:
        """Return what becomes of a mistake, and of its mend."""
        with self.wrong(mistake) as (before, after):
            found = self.problems(mistake.file, deep=mistake.deep)
            errors = [one for one in found if not one.warning]
            assert all(one.code in codes() for one in errors), "a code without a page"
            file = mistake.in_ or mistake.rename or mistake.file
            line = 0 if mistake.in_ or mistake.rename else line_of(mistake, before, after)
            fitting = [one for one in errors if one.place.file == file and one.code == mistake.code]
            fitting = [one for one in fitting if line in (0, one.place.line)]
            if not errors or not fitting:
                why = (
                    f"expected {file}:{line} [{mistake.code}], found {[f'{one.place} [{one.code}]' for one in errors]}"
                )
                return Outcome(mistake, tuple(found), bool(errors), False, False, False, why)
            mended, by_fix, why = self.mend(mistake, fitting[0], before, after)
        return Outcome(mistake, tuple(found), True, True, mended, by_fix, why)

    def mend(self, mistake: Mistake, problem: Problem, before: str, after: str) -> tuple[bool, bool, str]:
        """Return whether following the message leads to green, whether by the fix alone, and why not."""
        text = problem.mended(after) if problem.place.file == mistake.file else None
        if problem.fix is not None and text is None and problem.place.file == mistake.file:
            return False, True, f"the fix {problem.fix} does not stand at {problem.place}"
        by_fix = text is not None
        if text is None:
            said = f"{problem.message} {problem.help}"
            if not mistake.says or mistake.says not in said:
                return False, False, f"the message does not say '{mistake.says}': {said}"
            text = after.replace(mistake.mend["replace"], mistake.mend["by"], 1) if mistake.mend else before
        if mistake.says and mistake.says not in str(problem):
            return False, by_fix, f"the message does not say '{mistake.says}': {problem}"
        if text == before:
            return True, by_fix, ""
        path = self.root / mistake.file
        path.write_text(text, encoding="utf-8")
        left = [one for one in self.problems(mistake.file, deep=mistake.deep) if not one.warning]
        return not left, by_fix, f"after mending: {left}" if left else ""


def line_of(mistake: Mistake, before: str, after: str) -> int:
    """Return the line on which a mistake is to be shown, counted from 1."""
    if mistake.at:
        return after.count("\n", 0, after.index(mistake.at)) + 1
    pairs = zip([*before.splitlines(), None], [*after.splitlines(), None], strict=False)
    return next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
