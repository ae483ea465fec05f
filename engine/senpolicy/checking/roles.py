"""Who may sign a reading or a correction: a role, never a person. Its words are listed in policy/roles.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel, Field

from senpolicy.files.models.lock import CorrectionsFile
from senpolicy.files.models.rules import Model, ReadingsFile
from senpolicy.files.problems import Problem
from senpolicy.policy.corpus import Corpus

FILE = "policy/roles.yaml"
_TITLES = re.compile(r"\b(mr|mrs|ms|miss|mx|dr|prof|cllr|sir|dame|rev)\b\.?|@", re.I)
#: These join the words of a role.
_JOINING = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "the", "this", "to", "with"}


class RolesFile(Model):
    """policy/roles.yaml: the words of which the name of a role is made, so that nobody signs with a name."""

    roles: list[str] = Field(min_length=1)
    """Words that are a role by themselves, in small letters; one of them is in every signature: board, officer"""
    of: list[str] = Field(default_factory=list)
    """Words that say whose role it is, in small letters: moderation, finance"""


def check(corpus: Corpus) -> Iterator[Problem]:
    """Yield each reading and correction that no role has signed, where the policy says what roles there are."""
    words = corpus.files.get(FILE)
    for file, model in corpus.files.items() if words else ():
        key = {ReadingsFile: "readings", CorrectionsFile: "corrections"}.get(type(model), "")
        for index, one in enumerate(getattr(model, key, ())):
            if found := fault_of(one.by, words):
                yield Problem(corpus.place(file, key, index, "by"), "no-role", *found)


def fault_of(by: str, file: BaseModel | None) -> tuple[str, str] | None:
    """Return what keeps a signature from being a role, and what to do; None for a role.

    A role has a word of the list `roles` in it, and no word that is in neither list: in small letters too, for so
    a surname may be written.
    """
    roles = {word.lower() for word in file.roles} if isinstance(file, RolesFile) else set()
    known = roles | {word.lower() for word in file.of} if isinstance(file, RolesFile) else roles
    words = re.findall(r"[^\W\d_]+", re.sub(r"['’]s\b", "", by))  # Of the board's chair: no word of its own.
    if _TITLES.search(by) or not any(_one(word) & roles for word in words):
        some = ", ".join(sorted(roles)[:4])
        return (
            "This names no role.",
            f"Give the role, never a person's name: The moderation board. Its words are listed in {FILE}: {some} …",
        )
    for word in words:
        if not _one(word) & (known | _JOINING):
            return (
                f"'{word}' is not a word of a role.",
                f"Give the role alone, never a person's name. If it is a word of one, add it to {FILE} under 'of'.",
            )
    return None


def _one(word: str) -> set[str]:
    return {word.lower(), word.lower().removesuffix("s")}
