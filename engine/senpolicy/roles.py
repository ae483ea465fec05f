"""Who may sign a reading or a correction: a role, never a person. Its words stand in policy/roles.yaml."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field

from senpolicy.identifiers import is_given_name
from senpolicy.model import Model

FILE = "policy/roles.yaml"
_TITLES = re.compile(r"\b(mr|mrs|ms|miss|mx|dr|prof|cllr|sir|dame|rev)\b\.?|@", re.I)
#: With a capital these begin a sentence or join the words of a role.
_JOINING = {"a", "an", "and", "for", "in", "of", "on", "the", "this"}


class RolesFile(Model):
    """policy/roles.yaml: the words of which the name of a role is made, so that nobody signs with a name."""

    roles: list[str] = Field(min_length=1)
    """Words that are a role by themselves, in small letters; one of them stands in every signature: board, officer"""
    of: list[str] = Field(default_factory=list)
    """Words that say whose role it is, in small letters: moderation, finance"""


def fault_of(by: str, file: BaseModel | None) -> tuple[str, str] | None:
    """Return what keeps a signature from being a role, and what to do; None for a role.

    A role has a word of the list `roles` in it, and no word with a capital that stands in neither list.
    """
    roles = {word.lower() for word in file.roles} if isinstance(file, RolesFile) else set()
    known = roles | {word.lower() for word in file.of} if isinstance(file, RolesFile) else roles
    words = re.findall(r"[^\W\d_]+", by)
    if _TITLES.search(by) or not any(_one(word) & roles for word in words):
        some = ", ".join(sorted(roles)[:4])
        return (
            "This names no role.",
            f"Give the role, never a person's name: The moderation board. Its words stand in {FILE}: {some} …",
        )
    for word in words:
        strange = word[0].isupper() and not _one(word) & (known | _JOINING)
        if strange or (is_given_name(word) and not _one(word) & known):
            return (
                f"'{word}' is no word of a role.",
                f"Give the role alone, never a person's name. If it is a word of one, add it to {FILE} under 'of'.",
            )
    return None


def _one(word: str) -> set[str]:
    return {word.lower(), word.lower().removesuffix("s")}
