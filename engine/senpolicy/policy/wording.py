"""What is wrong with the files of a policy before any is understood, in words.

It is read only where something is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError

from senpolicy.files.models.problems import no_map, problems_of
from senpolicy.files.problems import Place, PolicyError, Problem, did_you_mean, nearest
from senpolicy.files.source import Node
from senpolicy.policy.layout import FOLDERS, KINDS, kind_of

__all__ = ["misnamed", "no_map", "not_read", "not_utf_8", "of_error"]

#: What the programs of an office leave beside a file, and what they are.
_LEFT_BEHIND = {
    "~$": "Word or Excel made this file while another was open.",
    ".~lock.": "LibreOffice made this file while another was open.",
    "desktop.ini": "Windows made this file.",
    "thumbs.db": "Windows made this file.",
    ".ds_store": "macOS made this file.",
}
#: How programs call a copy: "parameters - Copy", "Copy of parameters", "parameters (1)", "parameters_old".
_COPY = re.compile(
    r"(?i)(?:[ _-]*(?:copy|kopie|backup|bak|old|new|draft|final|v[0-9]+|[(][0-9]+[)]))+$|^copy (?:[(][0-9]+[)] )?of "
)
_KEPT = (".md",)
#: The endings with which a file of the policy may be named, the longer before those that end it.
_ENDINGS = (".yaml.yaml", ".yaml.txt", ".yaml.yml", ".yaml.bak", ".yaml~", ".yaml", ".yml.txt", ".yml", ".txt", ".json")


def of_error(
    error: UnicodeDecodeError | PolicyError | ValidationError,
    name: str,
    node: Node | None,
    kind: type[BaseModel],
    before: list[Problem],
) -> list[Problem]:
    """Return what is wrong with a file that cannot be read, after what was found `before` the error."""
    if isinstance(error, PolicyError):
        return list(error.problems)
    if isinstance(error, UnicodeDecodeError):
        return [*before, not_utf_8(name, error)]
    # What the reader of the file has said of a place already is not said again.
    said = {problem.place for problem in before}
    assert node is not None
    return [*before, *(one for one in problems_of(error, node, kind) if one.place not in said)]


def not_utf_8(file: str, error: UnicodeDecodeError) -> Problem:
    """Return the problem of a file that is not text in UTF-8, on the line of the first byte that is not."""
    line = error.object.count(b"\n", 0, error.start) + 1
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        said, help = "This file is written in UTF-16, which some programs call Unicode.", "Save it as UTF-8."
        return Problem(Place(file, line), "not-utf-8", said, help)
    byte = error.object[error.start : error.start + 1]
    meant = byte.decode("cp1252", "replace")
    said = "This file is not written in UTF-8."
    help = "Open it again in the encoding in which it was saved, then save it as UTF-8."
    if byte >= b"\x80" and meant.isprintable() and meant != "\ufffd":
        said = f"This file is not written in UTF-8: what is here is '{meant}' in Windows-1252."
        help = f"Open it as Windows-1252, look that '{meant}' is here, and save it as UTF-8; saved at once, it is lost."
    return Problem(Place(file, line), "not-utf-8", said, help)


def not_read(root: Path, strange: Collection[str], there: Collection[str]) -> list[Problem]:
    """Return the problem of each folder that the policy lacks, and of each file in them that has no place there.

    `strange` are the files of no known kind, `there` all of them.
    """
    beside = [path.name for path in sorted(root.iterdir()) if path.is_dir() and path.name not in FOLDERS]
    found = []
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            near = nearest(folder, beside)
            help = "Run this in the top folder of the repository, or name it with --root."
            help = f"Name the folder '{near}' so." if near else help
            found.append(Problem(Place(folder), "no-folder", f"The folder '{folder}' is not here.", help))
    return [*found, *(one for name in strange if (one := _strange(name, there)))]


def is_plain(stem: str) -> bool:
    """Return whether a file is named, its ending apart, as files of cases are: small letters, figures and hyphens."""
    return re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9]+)*", stem) is not None


def _strange(name: str, there: Collection[str]) -> Problem | None:
    if PurePosixPath(name).suffix in _KEPT:
        return None
    said = misnamed(name, there, lambda one: kind_of(one) is not None)
    if said is None and PurePosixPath(name).suffix.lower() in (".yaml", ".yml", ".json"):
        said = "This is not a file that the policy knows.", _where_it_belongs(name)
    elif said is None:
        said = (
            "This file is not read: it is not YAML.",
            "Keep it elsewhere, and write what it sets into the policy's files.",
        )
    return Problem(Place(name), "unknown-file", *said)


def misnamed(
    name: str, there: Collection[str], known: Callable[[str], bool], *, read: bool = False
) -> tuple[str, str] | None:
    """Return what is wrong with a file's name as message and help, None where that cannot be told from the name.

    `there` are the files of the folder and beside it, `known` tells whether one is named as it should be. `read` is
    for one that is read all the same.
    """
    path = PurePosixPath(name)
    for start, said in _LEFT_BEHIND.items():
        if path.name.lower().startswith(start):
            return f"{said} It does not belong to the policy.", "Delete it, and keep such files out of the repository."
    if path.suffix in _KEPT:
        return None
    for right, said in _respelt(path):
        if known(str(path.with_name(right))):
            other = str(path.with_name(right)) in there
            help = (
                f"Keep what is right in '{right}', which is there already, and delete this one."
                if other
                else f"Name it '{right}'."
            )
            return f"{said}{'' if read else ', so it is not read'}.", help
    return None


def _respelt(path: PurePosixPath) -> Iterator[tuple[str, str]]:
    """Yield how a file's name may be meant, each with what is wrong with it as it is."""
    name = path.name
    if name != name.strip():
        yield name.strip(), "The name of this file starts or ends with a space"
    plain = unicodedata.normalize("NFKC", name).strip()
    ending = next((one for one in _ENDINGS if plain.lower().endswith(one)), "")
    if not ending and "." in plain:
        return  # It is of another kind.
    stem = plain[: len(plain) - len(ending)]
    if ending != ".yaml":
        yield f"{stem}.yaml", "The name of this file does not end in .yaml"
    if plain != plain.lower():
        yield f"{stem.lower()}.yaml", "The name of this file has capitals"
    if (original := _COPY.sub("", stem).strip()) != stem and original:
        yield f"{original.lower()}.yaml", f"This looks like a copy of '{original.lower()}.yaml'"
    spaced = re.sub(r"[ _]+", "-", stem.lower())
    if spaced != stem:
        yield f"{spaced}.yaml", "The name of this file is not written as the policy's are"


def _where_it_belongs(name: str) -> str:
    """Return where a file belongs that the policy does not know by its path: the nearest path, or what folders hold."""
    folder, own = PurePosixPath(name).parent, PurePosixPath(name)
    beside = [PurePosixPath(pattern).name for pattern in KINDS if pattern.startswith("policy/*/")]
    near = nearest(own.stem, [one.removesuffix(".yaml") for one in beside])
    if near and name.startswith("policy/") and name.count("/") == 2:
        return f"Did you mean '{folder}/{near}.yaml'?"
    plain = [pattern for pattern in KINDS if "*" not in pattern]
    if help := did_you_mean(name, plain):
        return help
    if near and name.startswith("policy/"):
        return f"Name it {near}.yaml, in the folder of its decision."
    return (
        f"A decision's folder holds {', '.join(beside)}; rules are in rules/, scenarios in policy/scenarios/, and "
        "descriptors in descriptors/<edition>/edition.yaml."
    )
