"""The text that is written below a field of a model in its source, for the hover text of editors and the glossary.

Pydantic could gather it whenever a model is made, and every command would wait for that: it reads the source of each.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import ModuleType

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from senpolicy.files.digests import PlainData


class Described(BaseModel):
    """A model whose JSON Schema describes each field by the text below it."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, PlainData]:
        """Return the JSON Schema with the text below each field as its description."""
        made = handler(schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, note in field_notes(cls).items():
            properties[cls.model_fields[name].alias or name]["description"] = note
        return made


def field_notes(model: type[BaseModel]) -> dict[str, str]:
    """Return for each field of a model, inherited ones included, the text below it; fields without one are left out."""
    notes: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        module = inspect.getmodule(kind)
        if module is not None and issubclass(kind, BaseModel):
            notes |= _notes(module).get(kind.__qualname__, {})
    return {name: notes[name] for name in model.model_fields if name in notes}


@cache
def _notes(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return the notes of every class at the top of a module, by class and field."""
    tree = ast.parse(inspect.getsource(module))
    return {one.name: dict(_below(one.body)) for one in tree.body if isinstance(one, ast.ClassDef)}


def _below(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(str(note))):
                yield name, inspect.cleandoc(note)
