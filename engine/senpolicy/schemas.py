"""JSON Schemas of every kind of file, generated from the models, for editors and for programs that are not Python.

They are draft-07, which editors understand. `disagreements` holds the corpus against them with jsonschema, so that an
editor never accepts what the check refuses for its shape, nor the reverse.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from jsonschema import Draft7Validator

from senpolicy.corpus import Corpus
from senpolicy.layout import KINDS, kind_of
from senpolicy.problems import Problem
from senpolicy.source import Node

_WHOLE = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+\.\d+")


def schema_name(pattern: str) -> str:
    """Return the file name of the schema for a kind of file.

    >>> schema_name("policy/*/open-points.yaml")
    'policy-open-points.schema.json'
    """
    parts = [part for part in pattern.removesuffix(".yaml").split("/") if part != "*"]
    return f"{'-'.join(parts)}.schema.json"


def schemas() -> dict[str, dict[str, Any]]:
    """Return for each kind of file its JSON Schema, by the schema's file name."""
    made = {}
    for pattern, model in KINDS.items():
        schema = {"$schema": "http://json-schema.org/draft-07/schema#", **model.model_json_schema(by_alias=True)}
        schema["description"] = f"{schema.get('description', '')} Files: {pattern}".strip()
        made[schema_name(pattern)] = schema
    return made


def disagreements(corpus: Corpus) -> list[Problem]:
    """Return where a file that its model accepts is refused by its schema; a fault of the engine, not of the file."""
    problems = []
    validators: dict[str, Draft7Validator] = {}
    made = schemas()
    for file, node in corpus.nodes.items():
        pattern, _ = kind_of(file) or ("", None)
        name = schema_name(pattern)
        if name not in validators:
            Draft7Validator.check_schema(made[name])
            validators[name] = Draft7Validator(made[name])
        for error in validators[name].iter_errors(as_editors_read(node)):
            place = node.at(tuple(error.absolute_path))
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
