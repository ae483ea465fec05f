"""What pydantic finds wrong with a file, as problems with places, in the words of the people who write the files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from senpolicy.files.models.mending import OPERATORS_ELSEWHERE, Mend, denied, mend_of
from senpolicy.files.problems import Fix, Place, Problem, did_you_mean, nearest, nearest_fix
from senpolicy.files.source import Node
from senpolicy.language.conditions import OPERATORS

#: What pydantic adds to a way where a field can have one of several shapes; a key such as < is none of it.
_TAG = re.compile("<[a-z]+>")


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
    lacking: dict[tuple[int | str, ...], list[str]] = {}
    for one in errors:
        if one["type"] == "missing":
            lacking.setdefault(one["loc"][:-1], []).append(str(one["loc"][-1]))
    words_here = words_of(model)
    known = list(words_here)
    meant = {own: word for word, own in words_here.items() if own != word}
    for found in errors:
        loc, kind, context = found["loc"], found["type"], found.get("ctx", {})
        path = tuple(step for step in loc if not (isinstance(step, str) and _TAG.fullmatch(step)))
        is_key = path[-1:] == ("[key]",)
        path = path[:-1] if is_key else path
        word, language = str(path[-1]) if path else "", "<test>" in loc
        if kind == "own" and (found.get("input") is not None or context["code"] not in ("date", "number")):
            within = node.at(path, key=True)
            place = node.at((*path, context["at"])) if context["at"] else node.at(path)
            # What is missing below a key is shown at the key.
            place = within if context["at"] and place == node.at(path) else place
            given = found.get("input")
            given = given.get(context["at"]) if isinstance(given, dict) else given
            may_lack = context["at"] == "value"
            mend = mend_of(context["code"], given, may_lack=may_lack) if isinstance(given, str) else Mend()
            if context["code"] == "shape":
                mend = Mend(fix=_reshaped(word, given, _within(node, path[:-1])))
            help = mend.help or context["help"]
            fix = mend.fix if place != within else None
            problems.append(Problem(place, context["code"], context["message"], help, fix=fix))
        elif kind == "extra_forbidden":
            beside = lacking.get(loc[:-1], [])
            here = beside if nearest(word, beside) else known
            words = ["all", "any", "not", "fact", "because", *OPERATORS] if language else here
            if elsewhere := _misplaced(word, _within(node, path[:-1]), _within(node, path), path, known, beside, meant):
                problems.append(replace(elsewhere, place=node.at(path, key=True)))
                continue
            if language and "one_of" in extras_after(_within(node, path[:-1]), word):
                continue  # It is a part of the list, which lacks its brackets; that is told of the list.
            message = f"'{word}' is not a word of this {'language' if language else 'file'}."
            # What the engine calls a key is not a word of a file, and not like one: `start` for `from`.
            right = meant.get(word) or (OPERATORS_ELSEWHERE.get(word) if language else None)
            help = f"Write '{right}'." if right else did_you_mean(word, words)
            older = "Run senpolicy upgrade." if word == "calculation" else ""
            help = help or older or "Compare it with its neighbours, or take it out."
            fix = Fix(word, right) if right else nearest_fix(word, words)
            if language and not right and (inner := denied(word)) is not None:
                help, fix = _DENY.format(inner if inner in OPERATORS else "is"), None
            problems.append(Problem(node.at(path, key=True), "unknown-word", message, help, fix=fix))
        elif kind == "missing":
            extra = extras.get(loc[:-1], "")
            near = (nearest(extra, known), nearest(extra, lacking[loc[:-1]]), meant.get(extra))
            if extra and (language or extra in known or word in near):
                continue  # The mistyped word beside it is reported already.
            place = node.at(path[:-1], key=True)
            problems.append(Problem(place, "missing", f"'{word}' is missing here.", f"Add a line '{word}: ...'."))
        else:
            given = path[-1] if is_key else found.get("input")
            code, said, help = _plainly(kind, "a name" if is_key else f"'{word}'", context, given)
            expected = _expected(context) if kind in ("literal_error", "enum") else []
            mend = mend_of(code, given, expected, kind) if isinstance(given, str) else Mend()
            if isinstance(given, str) and (source := _source(word, kind, given)):
                mend = Mend("Write the document and the paragraph in braces.", source)
            elif word == "taken" and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(given)):
                mend = Mend(f"Write {{day: {given}}}, where that is the day.", Fix(str(given), f"{{day: {given}}}"))
            elif word == "number" and (folder := re.search(r"/([0-9]{2})-([0-9]{5})/", f"{node.place.file}")):
                mend = Mend(fix=Fix(str(given), f"{folder[1]}/{folder[2]}"))
            problems.append(Problem(node.at(path, key=is_key), code, said, mend.help or help, fix=mend.fix))
    return problems


_DENY = "To turn a test round, write it after 'not': not: {{fact: ..., {0}: ...}}"


def extras_after(around: Node, word: str) -> tuple[str, ...]:
    """Return the key of a map that a word without a value follows, which then may be a part of its list; else none."""
    if around.kind != "map" or not _no_value(around.content.get(word)):
        return ()
    before = list(around.content)[: list(around.content).index(word)]
    valued = [one for one in before if not _no_value(around.content[one])]
    return tuple(valued[-1:])


def _within(node: Node, path: tuple[str | int, ...]) -> Node:
    """Return what a way leads to, passing over the steps that lead nowhere, as `Node.at` does."""
    for step in path:
        of_map = node.kind == "map" and step in node.content
        if of_map or (node.kind == "list" and isinstance(step, int) and step < len(node.content)):
            node = node.content[step]
    return node


def _no_value(node: Node | None) -> bool:
    return node is not None and node.kind == "scalar" and node.plain and node.content == ""


def _reshaped(word: str, given: Sequence[str] | None, around: Node) -> Fix | None:
    """Return the fix of a value of the wrong shape: a list without its brackets, or one value in brackets."""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
        return Fix(f"[{given[0]}]", given[0])
    if word == "one_of" and isinstance(given, str) and around.kind == "map":
        more = [one for one in around.content if word in extras_after(around, one)]
        written = ", ".join([given, *more])
        return Fix(written, f"[{written.strip('()')}]")
    return None


def _source(word: str, kind: str, given: str) -> Fix | None:
    """Return the fix of a source that is written as a sentence: report 3.20, or report, paragraph 3.20."""
    found = re.fullmatch(r"([A-Za-z][\w.-]*),? +(?:paragraph|para\.?|par\.?|section|§|p\.?)? ?([\w.]+)", given)
    if word not in ("source", "shown_by") or kind not in ("model_type", "model_attributes_type") or not found:
        return None
    return Fix(given, f'{{document: {found[1]}, paragraph: "{found[2]}"}}')


def _misplaced(
    word: str,
    around: Node,
    own: Node,
    path: tuple[str | int, ...],
    known: list[str],
    lacking: list[str],
    meant: dict[str, str],
) -> Problem | None:
    """Return the problem of a key that is right elsewhere and wrong where it is, without its place; else None."""
    nowhere = Place("")
    if own.kind == "map" and len(set(own.content) & set(around.content)) > 1:
        said = f"'{word}' is within '{path[-2]}', and has the same keys."
        return Problem(
            nowhere, "unknown-word", said, f"Start it in the same column as '{path[-2]}', and what is below it so too."
        )
    if word not in known or word in meant:
        return None
    said = f"'{word}' is not a word of this place."
    if len(lacking) == 1:
        return Problem(nowhere, "unknown-word", said, f"Did you mean '{lacking[0]}'?", fix=Fix(word, lacking[0]))
    return Problem(
        nowhere, "unknown-word", said, "Look where else it is written: it belongs in another column, or list."
    )


def _expected(context: dict[str, Any]) -> list[str]:
    words = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
    return [word for word in words if word]


#: What each pattern asks for, in words.
_PATTERNS = {
    r"^[0-9a-f]{64}$": "A SHA-256 has 64 figures and letters from a to f: copy the whole of it.",
    r"^[0-9]+(-[0-9]+)?$": "Write one line, 162, or the first and the last with a hyphen between, 156-170.",
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
}


def _plainly(kind: str, word: str, context: dict[str, Any], given: Any) -> tuple[str, str, str]:
    said = f"'{given}'" if isinstance(given, str) else f"The value of {word}"
    if given is None and kind.endswith(("_type", "own")):
        help = "Write what belongs there, or take the line out; if nothing is left, the file."
        return "empty", f"{word} is empty.".capitalize(), help
    if isinstance(given, list) and word in ("'when'", "'given'", "'not'"):
        help = "Write 'all:' above the list if every test must hold, 'any:' if one is enough; indent the list below it."
        return "shape", f"{word} has a list, and no word that says how its tests go together.", help
    if kind in ("literal_error", "enum"):
        help = did_you_mean(str(given), _expected(context)) or "Compare it with its neighbours."
        return "unknown-value", f"{said} is not a value of {word}.", help
    if kind == "string_too_short":
        return "empty", f"{word} is empty.".capitalize(), "Write something, or take the line out."
    if kind == "string_pattern_mismatch":
        help = _PATTERNS.get(context.get("pattern", ""), "Compare it with its neighbours.")
        if "no spaces" in help and re.fullmatch(r"[A-Za-z0-9]+( [A-Za-z0-9]+)+", str(given)):
            # A point begins with a letter and a figure; all other names of policies are in small letters.
            name = str(given) if re.match("[A-Z][0-9]", str(given)) else str(given).lower()
            help += f" Perhaps {name.replace(' ', '_')} or {name.replace(' ', '-')}."
        return "wording", f"{said} is not written as {word} should be.", help
    if kind == "too_short":
        return "missing", f"{word} names none.", "Name at least one."
    shape = _SHAPES.get(kind, "something else")
    return "shape", f"{said} should be {shape}.", "Compare it with the same key in another file."


def no_map(file: str, node: Node | None) -> Problem:
    """Return the problem of a file that is empty, or has no keys and values."""
    if node is None or (node.kind == "scalar" and not node.content):
        return Problem(Place(file, 1, 1), "empty", "This file is empty.", "Fill it, or remove it.")
    said = "This file should be a map of keys and values."
    return Problem(node.place, "shape", said, "Compare it with a file of the same name in another folder.")
