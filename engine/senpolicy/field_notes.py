"""The text that stands below a field of a model in its source, for the hover text of editors and the glossary.

Pydantic could gather it whenever a model is made, and every command would wait for that: it reads the source of each.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import ModuleType

from pydantic import BaseModel


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
