"""Names: whatever a file names must exist, and the declaration on the model's field is all that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import ForwardRef

import pytest
from pydantic import BaseModel

from code_use import declared, fields
from golden_files import ROOT
from mistaking import Copy
from senpolicy.checking.names import KINDS
from senpolicy.checking.recovery import check_all
from senpolicy.files.models.names import Named, Names, named
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
    return load(ROOT)


def one_of_each() -> Iterator[tuple[str, Named]]:
    """Yield a name for each declaration of which the policy has one, and the file that it is in."""
    found: dict[tuple[type, Names, bool], tuple[str, Named]] = {}
    for file, model in policy().files.items():
        for one in named(model):
            within = next(held for held in reversed(one.around) if isinstance(held, BaseModel))
            if one.names.kind != "id":
                found.setdefault((type(within), one.names, one.key), (file, one))
    yield from found.values()


@pytest.mark.parametrize(("file", "one"), [pytest.param(*one, id=f"{one[0]} {one[1].path}") for one in one_of_each()])
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
