"""Mistakes that an officer can make, as data (tests/mistakes), and what the check says of each.

A mistake replaces a text of one file by another, gives the file another name, writes a file that was not there, or takes
one away. It is right to refuse it with `code` at the line that differs (or the first line that holds `at`, or anywhere in
the file named by `in`). It is mended by the fix of the problem, made as it is given; where there is none, by following the
help, which then must hold the words under `says`: by `mend`, or by putting the right text back.

A mend has to give what the author meant, not merely something that passes: the mended file must say what it said before
the mistake, or what `meant` makes of that.

The copy has a made-up decision more, 26/00041, which nothing locks yet: most mistakes are made while one is written. Where
no check can know a mistake, a golden case may: that of the file named by `golden`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from copies import copied, replace, write
from golden_files import FROZEN, ROOT
from senpolicy.checking import golden as golden_cases
from senpolicy.checking import golden_files, lock
from senpolicy.checking.exhaustive import faults, told_once
from senpolicy.checking.recovery import check_all
from senpolicy.files import identifiers
from senpolicy.files.codes import codes, worst_first
from senpolicy.files.digests import PlainData
from senpolicy.files.identifiers import PUPILS, found_in
from senpolicy.files.problems import PolicyError, Problem, Problems
from senpolicy.files.source import Node, read
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
    meant: dict[str, str] = field(default_factory=dict)
    deep: bool = False
    golden: str = ""
    new: bool = False
    gone: bool = False
    encoding: str = "utf-8"
    accepted: str = ""
    #: The list that it is in: the name of its file.
    of: str = ""


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
            Mistake(**{"in_" if key == "in" else key: value for key, value in one.items()}, of=path.stem)
            for one in node.data()["mistakes"]
        ]
    return tuple(found)


def add_made_up_decision(folder: Path) -> None:
    """Record the made-up decision 26/00041 in a copy: it sets a first day and a rate, and a golden case shows it."""
    record = new.Cited("made-up-record", "2")
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
    for step in asked:
        for file, text in step(load(folder)).items():
            write(folder, file, text)
    # Its place follows from its day; it is listed all the same, as mistakes are made in the list too.
    replace(folder, "policy/decisions.yaml", r"^  - 25/00108$", r"\g<0>\n  - 26/00041")
    write(folder, "tests/golden/26-00041/rates.yaml", RATES)


RATES = """\
# yaml-language-server: $schema=../../../schemas/golden.schema.json
as_of: 26/00041
readings: F7-carried-out-as-planned
cases:
  - name: The made-up rate is paid (made up)
    paragraph: made-up-record 2
    case:
      case_ref: NAA-01
      decision_date: 2027-05-01
      age: 9
      setting: mainstream
      plan: sen_support
      additional_cost: 9000
    expect:
      amount:
        answer: known
        pounds_a_year: "7000.00"
"""


class Copy:
    """A copy of the policy and its cases, in which one file at a time is wrong; what is read once is not read again."""

    def __init__(self, folder: Path) -> None:
        self.root = copied(folder, FROZEN)
        for name, of in (("tests/golden", FROZEN), ("tests/cases", ROOT)):
            shutil.copytree(of / name, folder / name)
        add_made_up_decision(folder)
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
        return self.shown(Mistake("", file, deep=deep))

    def _problems(self, file: str, deep: bool, golden: str = "") -> list[Problem]:
        everything = check_all(self.root)
        corpus, found = everything.corpus, everything.problems
        if corpus is None:
            return found
        if not any(not one.warning and one.place.file.startswith("policy/") for one in found):
            found += lock.check(corpus)
        if any(not one.warning for one in found):
            return worst_first(found)
        policies = {name: timeline.policy(corpus, scenario=name) for name in (None, *corpus.scenarios)}
        if file.startswith("tests/"):
            found += [one for folder in PUPILS for one in golden_files.misnamed_in(self.root, folder)]
        if file.startswith("tests/") and (self.root / file).is_file():
            found += golden_files.in_file(corpus, file, policies.__getitem__)
            dates = {name for name, kind in corpus.types.items() if kind.type == "date"}
            text = (self.root / file).read_text(encoding="utf-8")
            found += found_in(text, file, self.words, dates)
        if deep:
            found += told_once((policy, faults(policy)) for policy in policies.values())
        if golden and not any(not one.warning for one in found):
            by = golden_cases.deciders(corpus)
            cases = golden_cases.load(self.root / golden, golden)
            found += [one for pinned in cases for one in golden_cases.problems(pinned, by(pinned))]
        return worst_first(found)

    @contextmanager
    def wrong(self, mistake: Mistake) -> Iterator[tuple[str, str]]:
        """Make a mistake, give the file's text before and after, and put everything back."""
        path = self.root / mistake.file
        if mistake.new:
            made = [one for one in path.parents if not one.exists()]
            write(self.root, mistake.file, mistake.by)
            try:
                yield "", mistake.by
            finally:
                path.unlink()
                for folder in made:
                    folder.rmdir()
            return
        before = path.read_text(encoding="utf-8")
        if mistake.gone:
            path.unlink()
            try:
                yield before, ""
            finally:
                path.write_text(before, encoding="utf-8")
            return
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
        path.write_text(after, encoding=mistake.encoding)
        try:
            yield before, after
        finally:
            path.write_text(before, encoding="utf-8")

    def outcome(self, mistake: Mistake) -> Outcome:
        """Return what becomes of a mistake, and of its mend."""
        with self.wrong(mistake) as (before, after):
            found = self.shown(mistake)
            errors = [one for one in found if not one.warning]
            assert all(one.code in codes() for one in errors), "a code without a page"
            file = mistake.in_ or mistake.rename or mistake.file
            whole = mistake.in_ or mistake.rename or mistake.new or mistake.gone
            line = 0 if whole else line_of(mistake, before, after)
            fitting = [one for one in errors if one.place.file == file and one.code == mistake.code]
            fitting = [one for one in fitting if line in (0, one.place.line)]
            if not errors or not fitting:
                told = [f"{one.place} [{one.code}]" for one in errors]
                why = f"expected {file}:{line} [{mistake.code}], found {told}"
                return Outcome(mistake, tuple(found), bool(errors), False, False, False, why)
            mended, by_fix, why = self.mend(mistake, fitting[0], before, after)
        return Outcome(mistake, tuple(found), True, True, mended, by_fix, why)

    def shown(self, mistake: Mistake) -> list[Problem]:
        """Return what is told of a mistake that has been made, worst first."""
        with self.remembering():
            try:
                return self._problems(mistake.rename or mistake.file, mistake.deep, mistake.golden)
            except PolicyError as error:
                return worst_first(error.problems)

    def mend(self, mistake: Mistake, problem: Problem, before: str, after: str) -> tuple[bool, bool, str]:
        """Return whether following the message gives what the author meant, whether by the fix alone, and why not."""
        here = problem.place.file == mistake.file
        text = problem.mended(after) if here else None
        if problem.fix is not None and text is None and here and not mistake.rename:
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
        left = [one for one in self.shown(mistake) if not one.warning]
        if left:
            return False, by_fix, f"after mending: {left}"
        meant = before.replace(mistake.meant["replace"], mistake.meant["by"], 1) if mistake.meant else before
        same = says(text) == says(meant)
        return same, by_fix, "" if same else f"the mended file does not say what was meant: {problem}"


def says(text: str) -> PlainData:
    """Return what a file says, as plain data; a sum is the same however many decimals it has, a paragraph is not."""
    node = read(text, "file", Problems(), check_words=False)
    return _said(node, "") if node else None


def _said(node: Node, key: str) -> PlainData:
    if node.kind == "map":
        return {name: _said(one, name) for name, one in node.content.items()}
    if node.kind == "list":
        return [_said(one, key) for one in node.content]
    number = key not in ("paragraph", "lines") and re.fullmatch(r"-?[0-9]+[.][0-9]+", node.content)
    return node.content.rstrip("0").rstrip(".") if number else node.content


def line_of(mistake: Mistake, before: str, after: str) -> int:
    """Return the line on which a mistake is to be shown, counted from 1."""
    if mistake.at:
        return after.count("\n", 0, after.index(mistake.at)) + 1
    pairs = zip([*before.splitlines(), None], [*after.splitlines(), None], strict=False)
    return next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
