"""JSON Schemas of every kind of file, generated from the models, for editors and for programs that are not Python.

They are draft-07, which editors understand, and hold the manual as hover text: what each key means, an example, and
where a paragraph is found. A key's meaning is written once: with its field in the models, or in words.yaml where many
models share it. `disagreements` holds the corpus against them with jsonschema, so that an editor never accepts what
the check refuses for its shape, nor the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from pydantic import BaseModel

from senpolicy.checking import offered
from senpolicy.checking.lock import EARLIER
from senpolicy.checking.offered import Schema
from senpolicy.files.models.notes import field_notes
from senpolicy.files.models.problems import models_in
from senpolicy.files.problems import Fix, Problem, Problems
from senpolicy.files.source import Node, read
from senpolicy.language.conditions import FactType
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import given, part_of_a_year
from senpolicy.policy.layout import KINDS, kind_of, model_of

DRAFT = "http://json-schema.org/draft-07/schema#"
#: Where the schemas are, below the folder that holds the policy.
FOLDER = "schemas"
CASES = "cases.schema.json"
GOLDEN = "golden.schema.json"
#: The kinds of file that have a schema; of the earlier form of the lock nobody writes one.
EDITED = tuple(pattern for pattern in KINDS if pattern != EARLIER)
_WHOLE = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_TYPES: dict[str, Schema] = {
    "reference": {"type": "string", "pattern": "^[A-Za-z]{1,4}-?[0-9]{1,8}$"},
    "date": {"type": "string", "format": "date"},
    "money": {"type": ["number", "string"]},
    "integer": {"type": ["integer", "string"]},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
}


def schema_name(pattern: str) -> str:
    """Return the file name of the schema for a kind of file; kinds of one model have that of the least deep.

    >>> schema_name("policy/*/open-points.yaml"), schema_name("policy/scenarios/*/open-points.yaml")
    ('policy-open-points.schema.json', 'policy-open-points.schema.json')
    """
    same = [one for one, model in KINDS.items() if model == KINDS[pattern]]
    pattern = min(same, key=lambda one: (one.count("/"), same.index(one)))
    parts = [part for part in pattern.removesuffix(".yaml").split("/") if part != "*"]
    return f"{'-'.join(parts)}.schema.json"


def schema_of(name: str) -> str | None:
    """Return the file name of the schema for a file by its path, None for a file of no known kind.

    >>> schema_of("tests/golden/26-00041/rates.yaml"), schema_of("notes.yaml")
    ('golden.schema.json', None)
    """
    if name.startswith("tests/golden/"):
        return GOLDEN
    if name.startswith("tests/cases/"):
        return CASES
    known = kind_of(name)
    return schema_name(known[0]) if known and known[0] in EDITED else None


def modeline(name: str) -> str:
    """Return the first line by which an editor finds the schema of a file; "" for a file of no known kind.

    >>> modeline("rules/scope.yaml")
    '# yaml-language-server: $schema=../schemas/rules.schema.json'
    """
    schema = schema_of(name)
    return f"# yaml-language-server: $schema={'../' * name.count('/')}{FOLDER}/{schema}" if schema else ""


def globs() -> dict[str, list[str]]:
    """Return for each schema the files that it is for, as an editor's settings list them.

    The files of rules/ that have schemas of their own are left out of the pattern for all of them.
    """
    found = {f"{FOLDER}/{name}": patterns for name, patterns in _by_schema().items()}
    own = [Path(one).stem for one in KINDS if one.startswith("rules/") and "*" not in one]
    found[f"{FOLDER}/{schema_name('rules/*.yaml')}"] = [f"rules/!({'|'.join(own)}).yaml"]
    found[f"{FOLDER}/{GOLDEN}"] = ["tests/golden/**/*.yaml"]
    found[f"{FOLDER}/{CASES}"] = ["tests/cases/*.yaml"]
    return found


def _by_schema() -> dict[str, list[str]]:
    """Return the patterns of the files that each schema is for; more than one where their model is one."""
    found: dict[str, list[str]] = {}
    for pattern in EDITED:
        found.setdefault(schema_name(pattern), []).append(pattern)
    return found


def schemas(golden: type[BaseModel] | None = None, corpus: Corpus | None = None) -> dict[str, Schema]:
    """Return for each kind of file its JSON Schema, by the schema's file name.

    With a corpus, those of case files too, whose fields are its facts, and the list of its names, which the others
    offer; with the model of a file of golden cases, that of golden cases.
    """
    names = corpus is not None
    made = {name: _schema(model_of(patterns[0]), ", ".join(patterns), names) for name, patterns in _by_schema().items()}
    if corpus is None:
        return made
    made[offered.FILE] = offered.listed(corpus)
    case = _case(corpus)
    made[CASES] = {
        "$schema": DRAFT,
        "title": "Cases",
        "description": "Cases: one, or a list. Files: tests/cases/*.yaml",
        "definitions": {"case": case},
        "anyOf": [{"type": "array", "items": {"$ref": "#/definitions/case"}}, {"$ref": "#/definitions/case"}],
    }
    if golden is not None:
        made[GOLDEN] = _golden(golden, corpus, case)
    return made


def _schema(model: type[BaseModel], files: str, names: bool) -> Schema:
    """Return a model's schema as draft-07, with the manual at every key; with `names`, a policy's are offered."""
    made = model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    made["definitions"] = made.pop("$defs", {})
    models = {one.__name__: one for one in all_models(model)}
    for name, part in ((model.__name__, made), *made["definitions"].items()):
        properties = part.get("properties", {})
        for key in properties:
            properties[key] = _explained(properties[key], *meaning(name, key, properties[key].get("description", "")))
        if names:
            offered.with_names(models, name, properties)
        if name in models and models[name].__doc__:
            part["description"] = " ".join((models[name].__doc__ or "").split())
    made["description"] = f"{made.get('description', '')} Files: {files}".strip()
    return {"$schema": DRAFT, **made}


def _explained(part: Schema, means: str, example: str) -> Schema:
    """Return the schema of a key with its meaning as hover text; beside a `$ref` draft-07 would not look at it."""
    part = {key: value for key, value in part.items() if key not in ("title", "description")}
    if "$ref" in part:
        part = {"allOf": [{"$ref": part.pop("$ref")}], **part}
    if means:
        hover = f"{means}\n\nExample: `{example}`" if example else means
        part |= {"description": means, "markdownDescription": hover}
    return part


def all_models(model: type[BaseModel], seen: list[type[BaseModel]] | None = None) -> list[type[BaseModel]]:
    """Return a model and every one that its fields hold, at any depth; `seen` are those that are known already."""
    seen = [] if seen is None else seen
    if model not in seen:
        seen.append(model)
        for info in model.model_fields.values():
            for inner in models_in(info.annotation):
                all_models(inner, seen)
    return seen


def undocumented(model: type[BaseModel]) -> Iterator[str]:
    """Yield each key of a kind of file, as "Model.key", of which nothing says what it means."""
    for one in all_models(model):
        notes = field_notes(one)
        for name, info in one.model_fields.items():
            key = info.alias or name
            if not meaning(one.__name__, key, notes.get(name, ""))[0]:
                yield f"{one.__name__}.{key}"


def meaning(model: str, key: str, own: str) -> tuple[str, str]:
    """Return what a key of a model means, and an example ("" for none): its own words first, then the shared ones."""
    shared = _words().get(f"{model}.{key}") or _words().get(key) or ("", "")
    return (" ".join(own.split()), shared[1]) if own else shared


@cache
def _words() -> Mapping[str, tuple[str, str]]:
    problems = Problems()
    node = read((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"), "words.yaml", problems)
    problems.stop_on_errors()
    words = node.data()["words"] if node else {}
    return {word: (said[0], said[1] if len(said) > 1 else "") for word, said in words.items()}


def _case(corpus: Corpus) -> Schema:
    """Return the schema of one case: the facts of the policy, each with its label."""
    facts = corpus.facts.facts
    properties = {}
    for name, fact in facts.items():
        part = dict(_TYPES[fact.type])
        kind = corpus.types.get(name, FactType(name, "choice"))
        # Under a scenario the levels are those of another edition.
        if fact.type == "choice" and kind.values and not fact.values_from:
            part["enum"] = list(kind.values)
        values = [f"`{value}`: {label}" for value, label in zip(kind.values, kind.value_labels, strict=False)]
        means = f"{fact.label}." + (f" {fact.note}" if fact.note else "")
        part["description"] = means
        part["markdownDescription"] = "\n\n".join([means, *values])
        properties[name] = part
    required = [name for name, fact in facts.items() if fact.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _golden(golden: type[BaseModel], corpus: Corpus, case: Schema) -> Schema:
    """Return the schema of a file of golden cases: its model's, with the facts and questions of the policy."""
    made = _schema(golden, "tests/golden/**/*.yaml", names=True)
    # A golden case may hold a fault on purpose, so its values are shown and not held to.
    shown = {
        name: {key: value for key, value in part.items() if key in ("description", "markdownDescription")}
        for name, part in case["properties"].items()
    }
    parts = made["definitions"]
    for part in parts.values():
        properties = part.get("properties", {})
        if "case" in properties:
            properties["case"] |= {"properties": shown, "type": "object"}
        if "expect" in properties:
            expected = {"$ref": "#/definitions/Expected"}
            parts["Expected"]["properties"] |= _figures(corpus)
            parts["Expected"]["additionalProperties"] = False
            for key in ("patternProperties", "propertyNames"):
                properties["expect"].pop(key, None)
            properties["expect"] |= {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    name: {
                        "description": question.asks,
                        "markdownDescription": "\n\n".join(
                            [question.asks, *(f"`{answer}`: {said}" for answer, said in question.answers.items())]
                        ),
                        "anyOf": [{"type": "string"}, expected],
                    }
                    for name, question in corpus.questions.items()
                },
            }
    return made


def _figures(corpus: Corpus) -> dict[str, dict[str, str]]:
    """Return the schema of each figure that an answer of the policy gives, as a golden file writes it."""
    found: dict[str, dict[str, str]] = {}
    for question, one in corpus.questions.items():
        for _, figure, written in given(corpus, question):
            kind = "object" if part_of_a_year(written) else "boolean" if isinstance(written, bool) else "string"
            means = f"A figure of an answer to '{question}': {one.asks}"
            found.setdefault(figure, {"description": means, "markdownDescription": means, "type": kind})
    return dict(sorted(found.items()))


def disagreements(corpus: Corpus) -> list[Problem]:
    """Return where a file that its model accepts is refused by its schema.

    A text that is written in figures alone lacks its quotes: an editor takes it for a number. Any other difference is a
    fault of the engine, not of the file.
    """
    problems = []
    validators: dict[str, Draft7Validator] = {}
    made = schemas()
    for file, node in corpus.nodes.items():
        name = schema_of(file)
        if name is None:
            continue
        if name not in validators:
            Draft7Validator.check_schema(made[name])
            validators[name] = Draft7Validator(made[name])
        for error in validators[name].iter_errors(as_editors_read(node)):
            place = node.at(tuple(error.absolute_path))
            if error.validator == "type" and type(error.instance) in (int, Decimal):
                written = str(error.instance)
                said = f"'{written}' is a text here, and other programs read a number."
                fix = Fix(written, f'"{written}"')
                problems.append(Problem(place, "ambiguous-number", said, "Put quotes round it.", fix=fix))
                continue
            said = f"The schema {name} refuses what the model accepts: {error.validator}."
            problems.append(Problem(place, "schema-differs", said, "This is a fault of the engine: report it."))
    return problems


def as_editors_read(node: Node) -> Any:
    """Return plain data as an editor reads YAML: figures are numbers (here Decimal), dates are text."""
    if node.kind == "map":
        return {key: as_editors_read(one) for key, one in node.content.items()}
    if node.kind == "list":
        return [as_editors_read(one) for one in node.content]
    value = node.data()
    if node.plain and isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return int(value)
        if _DECIMAL.fullmatch(value):
            return Decimal(value)
    return value
