"""What a command asks at the terminal: one thing after another, and a wrong answer again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping

import typer
from pydantic_core import PydanticCustomError

from senpolicy.cli.shared import day_of, say
from senpolicy.files.models.units import read_set
from senpolicy.files.problems import WrongUse, did_you_mean
from senpolicy.policy.corpus import Corpus
from senpolicy.writing.lines import Yaml
from senpolicy.writing.new import Cited

#: Raises `WrongUse` for an answer that cannot be right.
Right = Callable[[str], Mapping[str, Yaml] | None]


def asked(
    value: str | None, option: str, question: str, *, needed: bool = True, right: Right | None = None
) -> str | None:
    """Return what an option gives, or what is answered at the terminal; raises `WrongUse` where neither is there.

    At the terminal an answer that is not `right` is said to be wrong, and asked for again.
    """
    if value is not None and value.strip():
        return value.strip()
    while sys.stdin.isatty() and sys.stderr.isatty():
        given = str(typer.prompt(question, default="" if not needed else None, show_default=False, err=True)).strip()
        if not given:
            if needed:
                continue
            return None
        try:
            if right is not None:
                right(given)
        except WrongUse as error:
            say(str(error))
            continue
        return given
    if needed:
        raise WrongUse(f"{question}? Say it with {option}.")
    return None


def needs(value: str | None, option: str, question: str, right: Right | None = None) -> str:
    """Return what has to be given; raises `WrongUse` where it is not."""
    return asked(value, option, question, right=right) or ""


def one_of(names: Collection[str], what: str) -> Right:
    """Return a check that an answer is one of the names."""

    def right(given: str) -> None:
        if given.removeprefix("$") not in names:
            raise WrongUse(f"'{given}' is not {what}. {did_you_mean(given, names)}".strip())

    return right


def cited(corpus: Corpus, *, known: bool = True) -> Right:
    """Return a check that an answer names a document, one of the policy if it is to be `known`, and a paragraph."""

    def right(given: str) -> None:
        document = Cited.of(given).document
        if known:
            one_of(corpus.documents, "a document of this policy")(document)

    return right


def in_unit(unit: str) -> Right:
    """Return a check that an answer is a value in the unit; levels are given with commas between."""

    def right(given: str) -> None:
        try:
            read_set(given.split(",") if unit == "levels" else given, unit)
        except PydanticCustomError as error:
            said = error.context or {}
            raise WrongUse(f"{said['message']} {said['help']}".strip()) from None

    return right


def day(given: str) -> None:
    """Raise `WrongUse` where an answer is not a day."""
    day_of(given)
