"""The names of a policy in the schemas, so that an editor offers them and says what each means.

Which text is a name is declared on the models (`files.models.names`); here the schemas say the same to editors. A name
that is not listed is not underlined: the check knows better, and a new one is listed only once it has been merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from senpolicy.checking.names import KINDS
from senpolicy.files.models.names import Names, Within, name_fields
from senpolicy.files.models.rules import Parameter
from senpolicy.policy.corpus import Corpus

#: The file of the schemas that lists the names, and no other does.
FILE = "names.schema.json"
Schema = dict[str, Any]


def listed(corpus: Corpus) -> Schema:
    """Return the schema that lists each kind of name, and says what each name means."""
    definitions = {}
    for kind, known in KINDS.items():
        says = _SAYS.get(kind)
        for mark in _marks(kind):
            there = dict.fromkeys(known.names(corpus))
            names = [_one(f"{mark}{name}", says(corpus, name) if says else "") for name in there]
            definitions[_key(kind, mark)] = {"anyOf": [*names, {"type": "string"}]}
    title = "The names of this policy, which editors offer"
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, "definitions": definitions}


def _one(name: str, says: str) -> dict[str, str]:
    return {"const": name, **({"description": says} if says else {})}


def _marks(kind: str) -> tuple[str, ...]:
    return ("", "$") if kind in ("parameter", "amount in pounds a year") else ("",)


def _key(kind: str, mark: str) -> str:
    return kind.replace(" ", "-") + ("-marked" if mark else "")


def with_names(models: Mapping[str, type[BaseModel]], name: str, properties: Schema) -> None:
    """Let the properties of a model's schema offer the names that its fields hold."""
    for key, _, within in name_fields(models[name]) if name in models else ():
        if key in properties:
            properties[key] = _offering(properties[key], within)


def _offering(part: Schema, within: Within) -> Schema:
    """Return the schema of a value that offers the names in it: its own, those of its keys, those of its items."""
    if offered := _reference(within.names):
        told: Schema = {key: part[key] for key in ("description", "markdownDescription", "default") if key in part}
        rest = {key: one for key, one in part.items() if key not in told}
        # What the key means is shown as the title, above what the name means.
        title = {"title": told["description"]} if "description" in told else {}
        return {**title, **told, "anyOf": [offered, *(rest["anyOf"] if set(rest) == {"anyOf"} else [rest])]}
    inner = within.items if within.items is not within else None
    if "anyOf" in part:
        part = {**part, "anyOf": [_offering(one, within) for one in part["anyOf"]]}
    if inner and part.get("type") == "array":
        part = {**part, "items": _offering(part["items"], inner)}
    if part.get("type") == "object":
        if keys := _reference(within.key):
            part = {**part, "propertyNames": keys}
        if inner and isinstance(part.get("additionalProperties"), dict):
            part = {**part, "additionalProperties": _offering(part["additionalProperties"], inner)}
        if inner and "patternProperties" in part:
            offering = {key: _offering(one, inner) for key, one in part["patternProperties"].items()}
            part = {**part, "patternProperties": offering}
    return part


def _reference(names: Names | None) -> dict[str, str] | None:
    """Return the schema that lists names of a kind; None where they are not the policy's, but the file's own."""
    if names is None or names.among or names.kind not in KINDS:
        return None
    return {"$ref": f"{FILE}#/definitions/{_key(names.kind, names.mark)}"}


# What each kind of name means, in words


def _decision(corpus: Corpus, name: str) -> str:
    return corpus.decisions[name].title


def _document(corpus: Corpus, name: str) -> str:
    document = corpus.documents[name]
    dated = f", {document.dated.isoformat()}" if document.dated else ""
    return f"{document.title} ({document.publisher}{dated})"


def _open_point(corpus: Corpus, name: str) -> str:
    number, point = corpus.open_points[name]
    return f"{point.title} ({number}, {point.state})"


def _parameter(corpus: Corpus, name: str) -> str:
    setters = corpus.parameters[name]
    values = "; ".join(f"{_value(one)} by {number}" for number, one in setters)
    return f"{setters[0][1].label}. In {setters[0][1].unit}: {values}"


def _value(one: Parameter) -> str:
    if one.value is None:
        return "not decided"
    return ", ".join(one.value) if isinstance(one.value, list) else str(one.value)


def _fact(corpus: Corpus, name: str) -> str:
    if name in corpus.questions:
        return f"The answer to '{name}': {corpus.questions[name].asks}"
    fact = corpus.facts.facts.get(name)
    return f"{fact.label}. {fact.note or ''}".strip() if fact else ""


def _answer(corpus: Corpus, name: str) -> str:
    found = (f"{question}: {one.answers[name]}" for question, one in corpus.questions.items() if name in one.answers)
    return "; ".join(found)


def _row(corpus: Corpus, name: str) -> str:
    question, _, row = name.partition("/")
    versions = corpus.questions[question].versions
    return next((one.says or "" for version in versions for one in version.answers if one.id == row), "")


def _reading(corpus: Corpus, name: str) -> str:
    return next(one.says for one in corpus.readings if one.id == name)


def _caution(corpus: Corpus, name: str) -> str:
    return next(one.says for rule in corpus.questions.values() for one in rule.cautions if one.id == name)


def _rule_about_facts(corpus: Corpus, name: str) -> str:
    return next(_said(one) for one in (*corpus.facts.problems, *corpus.facts.warnings) if one.id == name)


def _said(one: BaseModel) -> str:
    return str(vars(one).get("says") or "")


_SAYS: dict[str, Callable[[Corpus, str], str]] = {
    "decision": _decision,
    "document": _document,
    "reading": _reading,
    "open point": _open_point,
    "parameter": _parameter,
    "amount in pounds a year": _parameter,
    "fact": _fact,
    "given fact": _fact,
    "fact in pounds": _fact,
    "fact that is a choice": _fact,
    "rule about facts": _rule_about_facts,
    "question": lambda corpus, name: corpus.questions[name].asks if name in corpus.questions else "",
    "answer": _answer,
    "row of a rule": _row,
    "caution": _caution,
    "scenario": lambda corpus, name: corpus.scenarios[name].title,
}


def new_names(stored: Schema, now: Schema) -> Iterator[str]:
    """Yield the names that a stored list lacks, or holds and should not, or says otherwise of."""
    for key, one in now["definitions"].items():
        was = {
            name["const"]: name for name in stored["definitions"].get(key, {"anyOf": []})["anyOf"] if "const" in name
        }
        told = {name["const"]: name for name in one["anyOf"] if "const" in name}
        yield from (name for name in {**was, **told} if was.get(name) != told.get(name))
