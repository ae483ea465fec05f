"""Which texts of a file are names of something: declared on the model's field, so that one walk checks all of them.

`checking.names` knows which names exist of each kind, and reports those that do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, ForwardRef, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from senpolicy.files.problems import At


@dataclass(frozen=True, eq=False)
class Names:
    """Says that a text is a name: `Annotated[str, Names("document")]`.

    `of` is the key, beside it or around it, that says of what: of which question an answer is. A name that the file
    itself gives is `among` the entries of these keys of it, and `says` is what a message calls it, where not as its
    kind. With a `mark` only a text that begins with it is a name, which is what follows. The kind `id` is what an
    entry of a list calls itself, as no other one of the list.
    """

    kind: str
    of: str = ""
    among: tuple[str, ...] = ()
    says: str = ""
    mark: str = ""


class Named(NamedTuple):
    """A name in a file, without its mark; `key` where it is a key.

    `around` are the models that it is within, the file's first, and the keys that are names, each by its kind.
    """

    path: At
    word: str
    names: Names
    key: bool
    around: tuple[BaseModel | dict[str, str], ...]

    @property
    def of(self) -> str | None:
        """Return what it is a name of, by the nearest key that says so; None where none does."""
        key = self.names.of
        inside = (one if isinstance(one, dict) else vars(one) for one in reversed(self.around))
        return next((one[key] for one in inside if one.get(key) is not None), None)


@dataclass
class Within:
    """What can be a name in a value: the text itself, its keys, or what is in its items (None: nothing)."""

    names: Names | None = None
    key: Names | None = None
    items: Within | None = None


#: A model says itself what in it is a name.
_MODEL = Within()
_MODEL.items = _MODEL


def _within(kind: Any, *said: Any) -> Within | None:
    """Return what can be a name in a value of a type, with what is said of the type; None where nothing can."""
    if get_origin(kind) is Annotated:
        kind, said = get_args(kind)[0], get_args(kind)[1:]
    names = next((one for one in said if isinstance(one, Names)), None)
    parts = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        found = [one for one in map(_within, parts) if one]
        names = names or next((one.names for one in found if one.names), None)
        key = next((one.key for one in found if one.key), None)
        items = next((one.items for one in found if one.items), None)
        return Within(names, key, items) if found or names else None
    if get_origin(kind) is list:
        return Within(items=items) if (items := _within(parts[0])) else None
    if get_origin(kind) is dict:
        keys, items = _within(parts[0]), _within(parts[1])
        return Within(key=keys.names if keys else None, items=items) if keys or items else None
    # What is named before it is made is a model, or holds some.
    if isinstance(kind, ForwardRef) or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return _MODEL
    return Within(names) if names else None


@cache
def name_fields(model: type[BaseModel]) -> list[tuple[str, str, Within]]:
    """Return the fields of a model in which something can be a name: key, attribute, and what can."""
    withins = {name: _within(one.annotation, *one.metadata) for name, one in model.model_fields.items()}
    return [(model.model_fields[name].alias or name, name, within) for name, within in withins.items() if within]


#: What is in the files that were read last, by their models, which are the same only as themselves.
_LATEST: dict[int, tuple[BaseModel, list[Named]]] = {}
_MOST_REMEMBERED = 1024


def named_in_file(model: BaseModel) -> list[Named]:
    """Return what `named` does for the whole model of a file; it is remembered, as several checks ask for it."""
    held = _LATEST.get(id(model))
    if held is None or held[0] is not model:
        if len(_LATEST) >= _MOST_REMEMBERED:
            _LATEST.clear()
        held = _LATEST[id(model)] = (model, named(model))
    return held[1]


def named(model: BaseModel) -> list[Named]:
    """Return every name in a file's model, with the path that leads to it."""
    found: list[Named] = []

    def look(value: object, within: Within, path: At, around: tuple[Any, ...]) -> None:
        if isinstance(value, str):
            if within.names and value.startswith(within.names.mark):
                found.append(Named(path, value.removeprefix(within.names.mark), within.names, False, around))
        elif isinstance(value, BaseModel):
            held, inside = vars(value), (*around, value)
            for key, name, inner in name_fields(type(value)):
                if held[name] is not None:
                    look(held[name], inner, (*path, key), inside)
        elif isinstance(value, dict):
            for key, one in value.items():
                inside = around
                if within.key:
                    found.append(Named((*path, key), key, within.key, True, around))
                    inside = (*around, {within.key.kind: key})
                if within.items:
                    look(one, within.items, (*path, key), inside)
        elif isinstance(value, list) and within.items:
            for index, one in enumerate(value):
                look(one, within.items, (*path, index), around)

    look(model, _MODEL, (), ())
    return found
