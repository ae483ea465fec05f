"""Names: whatever a file names must exist, and the declaration on the model's field is all that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import ForwardRef

import pytest
from pydantic import BaseModel

from code_use import declared, fields
from copies import TOY, toy
from golden_files import FROZEN
from long_lists import first_of_each
from mistaking import Copy
from senpolicy.checking import golden_files
from senpolicy.checking.names import KINDS
from senpolicy.checking.recovery import check_all
from senpolicy.files.models.names import Named, Names, named
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus, load


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the policy, in which each test puts back what it changed."""
    return Copy(tmp_path_factory.mktemp("names"))


def test_every_kind_of_name_is_known_and_no_declaration_is_hidden() -> None:
    """A kind that nothing gives, or a declaration that the walk cannot see, would check nothing in silence."""
    names = [one for info in fields() for one in declared(info.annotation, *info.metadata)]
    assert len(names) > 100
    for one in names:
        assert one.kind == "id" or one.among or one.of or one.kind in KINDS, one
    # Of what is named before it is made the walk sees the value alone.
    assert not [one for one in fields() if isinstance(one.annotation, ForwardRef) and "Names" in str(one.annotation)]


@cache
def policy() -> Corpus:
    return load(FROZEN)


def one_of_each() -> Iterator[tuple[str, Named]]:
    """Yield a name for each declaration of which the policy has one, and the file that it is in."""
    found: dict[tuple[type, Names, bool], tuple[str, Named]] = {}
    for file, model in policy().files.items():
        for one in named(model):
            within = next(held for held in reversed(one.around) if isinstance(held, BaseModel))
            if one.names.kind != "id":
                found.setdefault((type(within), one.names, one.key), (file, one))
    yield from found.values()


@pytest.mark.parametrize(
    ("file", "one"),
    first_of_each(one_of_each(), lambda one: one[1].names.kind, lambda one: f"{one[0]} {one[1].path}"),
)
def test_a_name_that_there_is_not_is_refused_at_its_place(file: str, one: Named, copy: Copy) -> None:
    """Each kind of name is written wrongly once: it is told at its place, with what to do and what to write."""
    path = copy.root / file
    before = path.read_text(encoding="utf-8")
    place = policy().place(file, *one.path, key=one.key)
    lines = before.splitlines(keepends=True)
    line = lines[place.line - 1]
    at = line.index(one.word, place.column - 1)
    lines[place.line - 1] = f"{line[:at]}{one.word}-x{line[at + len(one.word) :]}"
    path.write_text("".join(lines), encoding="utf-8")
    try:
        with copy.remembering():
            found = [problem for problem in check_all(copy.root).problems if problem.place == place]
    finally:
        path.write_text(before, encoding="utf-8")
    told = [problem for problem in found if problem.code.startswith("unknown-")]
    assert told, found
    assert f"'{one.word}-x' is not a" in told[0].message
    assert told[0].help
    fix = told[0].fix
    assert fix is None or fix.right.removeprefix("$") != f"{one.word}-x"


GOLDEN = "tests/golden/fines-2026/fines.yaml"


@pytest.mark.parametrize(
    ("pattern", "by", "code", "word"),
    [
        (r"^as_of: .*$", "as_of: fines-2028", "unknown-decision", "fines-2028"),
        (r"^readings: D1-closed-days-count$", "readings: D1-x", "unknown-reading", "D1-x"),
        (r"^as_of: .*$", r"\g<0>\nscenario: dear", "unknown-scenario", "dear"),
        (r"paragraph: notice 1", "paragraph: notices 1", "unknown-document", "notices"),
        (r"paragraph: notice 1", "paragraph: notice", "missing", ""),
        (r"cautions: \[hardship\]", "cautions: [hardships]", "unknown-caution", "hardships"),
        (r"cautions: \[hardship\]", "warnings: [late]", "unknown-rule-about-facts", "late"),
        (r"expect: {handling: fined, charge: {answer: owed, to_pay: .2.40.}", "refused: [days]#", "unknown-rule-about-facts", "days"),
        (r"{handling: fined(?=.*2.40)", "{handing: fined", "unknown-question", "handing"),
        (r"to_pay: .5.00.", "pay: '5.00'", "unknown-figure", "pay"),
        (r"handling: billed", "handling: bill", "unknown-answer", "bill"),
        (r"open: \[L1-price-of-lost-items\]", "open: [L1-price]", "unknown-open-point", "L1-price"),
        (r"case_ref: F-2", "case_ref: F-1", "same-reference", ""),
        (r"case_ref: F-2, decision_date", "case_ref: F-2, days: 2, decision_date", "unknown-field", ""),
        (r"item: book, card: adult, lost: false, days_late: 40", "item: boo, days_late: 40", "not-choice", ""),
    ],
)  # fmt: skip
def test_a_golden_case_names_only_what_there_is(pattern: str, by: str, code: str, word: str, tmp_path: Path) -> None:
    """Of the toy policy: each name in a file of golden cases is written wrongly once, and each is told at its line."""
    root = toy(tmp_path, (GOLDEN, pattern, by))
    lines = zip(
        (TOY / GOLDEN).read_text("utf-8").splitlines(), (root / GOLDEN).read_text("utf-8").splitlines(), strict=False
    )
    changed = next(number for number, (old, new) in enumerate(lines, 1) if old != new)
    corpus = load(root)
    found = golden_files.in_file(corpus, GOLDEN, lambda scenario: timeline.policy(corpus, scenario=scenario))
    told = [one for one in found if one.code == code]
    assert [one.place.line in (changed, changed + 1) for one in told] == [True], found
    assert word in told[0].message
