"""What pydantic finds wrong with a file, as problems with places, in the words of the people who write the files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from senpolicy.files.problems import Fix, Place, Problem, did_you_mean, nearest, nearest_fix
from senpolicy.files.source import Node
from senpolicy.language.conditions import OPERATORS
from senpolicy.language.days import MONTHS


def words_of(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> dict[str, str]:
    """Return every key that a file of this kind knows, at any depth, with the name that the engine has for it."""
    seen = set() if seen is None else seen
    if model in seen:
        return {}
    seen.add(model)
    words: dict[str, str] = {}
    for name, info in model.model_fields.items():
        words.setdefault(info.alias or name, name)
        for inner in models_in(info.annotation):
            words |= {word: own for word, own in words_of(inner, seen).items() if word not in words}
    return words


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that a field's type names, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for inner in getattr(annotation, "__args__", ()):
        found += models_in(inner)
    return found


def problems_of(error: ValidationError, node: Node, model: type[BaseModel]) -> list[Problem]:
    """Return pydantic's findings as problems with places, in the words of the people who write the files."""
    problems = []
    errors = error.errors()
    extras = {e["loc"][:-1]: str(e["loc"][-1]) for e in errors if e["type"] == "extra_forbidden"}
    words_here = words_of(model)
    known = list(words_here)
    meant = {own: word for word, own in words_here.items() if own != word}
    for found in errors:
        loc, kind, context = found["loc"], found["type"], found.get("ctx", {})
        path = tuple(step for step in loc if not (isinstance(step, str) and step.startswith("<")))
        is_key = path[-1:] == ("[key]",)
        path = path[:-1] if is_key else path
        word, language = str(path[-1]) if path else "", "<test>" in loc
        if kind == "own":
            within = node.at(path, key=True)
            place = node.at((*path, context["at"])) if context["at"] else node.at(path)
            # What is missing below a key is shown at the key.
            place = within if context["at"] and place == node.at(path) else place
            given = found.get("input")
            given = given.get(context["at"]) if isinstance(given, dict) else given
            if context["code"] == "date" and isinstance(given, str) and (swapped := _swapped(given)):
                context["help"] += f" If day and month are swapped: {swapped}."
            fix = fix_of(context["code"], given) if isinstance(given, str) and place != within else None
            problems.append(Problem(place, context["code"], context["message"], context["help"], fix=fix))
        elif kind == "extra_forbidden":
            words = ["all", "any", "not", "fact", "because", *OPERATORS] if language else known
            said = f"'{word}' is not a word of this {'language' if language else 'file'}."
            # What the engine calls a key is not a word of a file, and not like one: `start` for `from`.
            help = f"Write '{meant[word]}'." if word in meant else did_you_mean(word, words)
            older = "Run senpolicy upgrade." if word == "calculation" else ""
            help = help or older or "Compare it with its neighbours, or take it out."
            fix = Fix(word, meant[word]) if word in meant else nearest_fix(word, words)
            problems.append(Problem(node.at(path, key=True), "unknown-word", said, help, fix=fix))
        elif kind == "missing":
            beside = extras.get(loc[:-1], "")
            if beside and (language or word in (nearest(beside, known), meant.get(beside))):
                continue  # The mistyped word beside it is reported already.
            place = node.at(path[:-1], key=True)
            problems.append(Problem(place, "missing", f"'{word}' is missing here.", f"Add a line '{word}: ...'."))
        else:
            plainly = _plainly(kind, "a name" if is_key else f"'{word}'", context, found.get("input"))
            given = path[-1] if is_key else found.get("input")
            expected = _expected(context) if kind in ("literal_error", "enum") else []
            fix = fix_of(plainly[0], given, expected, kind) if isinstance(given, str) else None
            problems.append(Problem(node.at(path, key=is_key), *plainly, fix=fix))
    return problems


def fix_of(code: str, written: str, expected: Sequence[str] = (), kind: str = "") -> Fix | None:
    """Return what mends one written value, where only one thing can be meant; None otherwise.

    `expected` are the values that can be there, and `kind` the kind of fault as pydantic names it.

    >>> fix_of("date", "1 April 2026")
    Fix(wrong='1 April 2026', right='2026-04-01')
    >>> fix_of("date", "01/04/2026")  # April or January?
    """
    right = None
    if code == "date":
        right = _day(written)
    elif code == "unknown-value":
        right = nearest(written, list(expected))
    elif code == "number":
        figures = unicodedata.normalize("NFKD", written).strip()
        right = "".join(str(unicodedata.digit(one, one)) for one in figures)
        right = right if right != written and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", right) else None
    elif code == "unit" and (share := re.fullmatch(r"([1-9][0-9]?|100)%", written)):
        right = "1" if share[1] == "100" else f"0.{share[1]:0>2}"
    elif code == "shape" and kind == "list_type" and re.fullmatch(r"[\w/.-]+", written):
        right = f"[{written}]"
    elif code == "wording" and (number := re.fullmatch(r"([0-9]{2})[-_. ]?([0-9]{5})", written)):
        right = f"{number[1]}/{number[2]}"
    return Fix(written, right) if right is not None else None


def _day(written: str) -> str | None:
    """Return a date as year, month, day, None where day and month could be taken for each other."""
    if found := re.fullmatch(r"([0-9]{4})[-/. ]?([0-9]{1,2})[-/. ]?([0-9]{1,2})", written):
        year, month, day = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})", written):
        day, month, year = (int(part) for part in found.groups())
        if month > 12:
            month, day = day, month
        elif day <= 12 and day != month:
            return None
    elif found := re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9}),? ([0-9]{4})", written):
        months = [month[:3].lower() for month in MONTHS]
        if found[2][:3].lower() not in months:
            return None
        day, month, year = int(found[1]), months.index(found[2][:3].lower()) + 1, int(found[3])
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _swapped(written: str) -> str | None:
    """Return a date with month and day exchanged where the month as written is above 12, None for any other."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", written)
    return _day(f"{found[1]}-{found[3]}-{found[2]}") if found and found[2] > "12" else None


def _expected(context: dict[str, Any]) -> list[str]:
    words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    return [word for word in words if word]


#: What each pattern asks for, in words.
_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": "Use letters, figures, '_', '.' and '-', and no spaces.",
    r"^[a-z][a-z0-9_]*$": "Use small letters, figures and '_', and start with a letter.",
    r"^(\d{2}/\d{5}|[a-z][a-z0-9/-]*)$": "Write two figures, a slash and five figures; small letters without a number.",
}
_SHAPES = {
    "list_type": "a list, one item a line after a dash",
    "dict_type": "a map of keys and values",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a map of keys and values",
    "model_attributes_type": "a map of keys and values",
}


def _plainly(kind: str, word: str, context: dict[str, Any], given: Any) -> tuple[str, str, str]:
    said = f"'{given}'" if isinstance(given, str) else f"The value of {word}"
    if kind in ("literal_error", "enum"):
        help = did_you_mean(str(given), _expected(context)) or "Compare it with its neighbours."
        return "unknown-value", f"{said} is not a value of {word}.", help
    if kind == "string_too_short":
        return "empty", f"{word} is empty.".capitalize(), "Write something, or take the line out."
    if kind == "string_pattern_mismatch":
        help = _PATTERNS.get(context.get("pattern", ""), "Compare it with its neighbours.")
        return "wording", f"{said} is not written as {word} should be.", help
    if kind == "too_short":
        return "missing", f"{word} names none.", "Name at least one."
    shape = _SHAPES.get(kind, "something else")
    return "shape", f"{said} should be {shape}.", "Compare it with the same key in another file."


def no_folder(name: str) -> Problem:
    """Return the problem of a folder of the policy that is not there."""
    help = "Run this in the top folder of the repository, or name it with --root."
    return Problem(Place(name), "no-folder", f"The folder '{name}' is not here.", help)


def unknown_file(file: str, help: str) -> Problem:
    """Return the problem of a file that has no place in the layout of the policy."""
    return Problem(Place(file), "unknown-file", "This is not a file that the policy knows.", help)


def not_utf_8(file: str, error: UnicodeDecodeError) -> Problem:
    """Return the problem of a file that is not text in UTF-8, on the line of the first byte that is not."""
    line = error.object.count(b"\n", 0, error.start) + 1
    return Problem(Place(file, line), "not-utf-8", "This file is not written in UTF-8.", "Save it as UTF-8.")


def no_map(file: str, node: Node | None) -> Problem:
    """Return the problem of a file that is empty, or has no keys and values."""
    if node is None or (node.kind == "scalar" and not node.content):
        return Problem(Place(file, 1, 1), "empty", "This file is empty.", "Fill it, or remove it.")
    said = "This file should be a map of keys and values."
    return Problem(node.place, "shape", said, "Compare it with a file of the same name in another folder.")
