"""A word that is not one of the names that it could be: the problem that every check of names adds."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from senpolicy.files.problems import Fix, did_you_mean, nearest_fix


class Unknown(NamedTuple):
    """What is wrong with a word: the code, the message and the help of a problem, and the fix where there is one."""

    code: str
    message: str
    help: str
    fix: Fix | None


def unknown(
    what: str,
    word: str,
    names: Collection[str],
    *,
    kind: str = "",
    look: str = "Look it up in the policy.",
    where: str = "of this policy",
    mark: str = "",
) -> Unknown | None:
    """Return what is wrong with a word that is to be one of the names; None where it is one.

    `what` says what it is to be: "question", "'scope' answer". `kind` is what the code names, where that is not the
    whole of `what`. `look` is the help where no name is near, and `mark` is written before the word.

    >>> unknown("question", "rout", ["scope", "route"])[:3]
    ('unknown-question', "'rout' is not a question of this policy.", "Did you mean 'route'?")
    """
    if word in names:
        return None
    kind = kind or what.rpartition("' ")[2]  # "'scope' answer" is an answer
    article = "an" if what.strip("'")[0] in "aeiou" else "a"
    return Unknown(
        f"unknown-{kind.replace(' ', '-')}",
        f"'{word}' is not {article} {what} {where}.",
        did_you_mean(word, names) or look,
        nearest_fix(word, names, mark),
    )
