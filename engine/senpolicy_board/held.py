"""What a database of the board holds, value by value, so that what cannot be read is named and nothing is raised."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from senpolicy_board.images import Cell, Image, Shape
from senpolicy_board.tables import TABLES, Column, written


class Unreadable:
    """A value that is not of its column's kind."""


def columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the columns that a table has in the database."""
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            return [one.name for one in connection.introspection.get_table_description(cursor, table)]
        # Of SQLite Django reads how each column is sorted too, by parsing its table's statement: that took longer than
        # the proof itself.
        cursor.execute("SELECT name FROM pragma_table_xinfo(%s) WHERE hidden <> 1", [table])
        return [name for (name,) in cursor]


def rows(connection: BaseDatabaseWrapper, shape: Shape) -> Iterator[Image]:
    """Yield the rows of a table in the order of its key; what cannot be read is `Unreadable`.

    Columns that the database does not have are empty.
    """
    there, kinds = set(columns(connection, shape.table)), TABLES[shape.table]._meta.concrete_fields
    names = [name for name in shape.columns if name in there]
    kind = {field.attname: _reader(field, connection.vendor) for field in kinds}
    readers = [kind.get(name, _as_it_is) for name in names]
    # With a sign before them SQLite gives columns as they are, whatever their declared type; and PostgreSQL gives JSON
    # as text, of whichever of its two kinds it is.
    json_too = {field.attname for field in kinds if isinstance(field, models.JSONField)}
    as_text = {name: f'"{name}"::text' if name in json_too else f'"{name}"' for name in names}
    asked = ", ".join(f'+"{name}"' if connection.vendor == "sqlite" else as_text[name] for name in names)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f'SELECT {asked} FROM "{shape.table}" ORDER BY "{shape.key}"')
        for row in cursor:
            found: Image = dict.fromkeys(shape.columns)
            for name, reader, value in zip(names, readers, row, strict=True):
                try:
                    found[name] = value if value is None else reader(value)
                except (ValueError, TypeError, AttributeError, RecursionError):
                    found[name] = Unreadable()
            yield found


def _as_it_is(value: Cell) -> Cell:
    return value


def _reader(field: Column, vendor: str) -> Callable[[Cell], Cell]:
    if isinstance(field, models.JSONField):
        return json.loads
    if vendor != "sqlite":
        return _as_it_is
    # SQLite keeps whatever it is given: what stands there must be what would be written for it.
    if isinstance(field, models.DateTimeField):
        return lambda value: _same(datetime.fromisoformat(value).replace(tzinfo=UTC), written, value)
    if isinstance(field, models.DateField):
        return lambda value: _same(date.fromisoformat(value), date.isoformat, value)
    if isinstance(field, models.BooleanField):
        return lambda value: _same(bool(value), int, value)
    return _as_it_is


def _same(read: Cell, write: Callable[[Cell], Cell], value: Cell) -> Cell:
    if write(read) != value:
        raise ValueError
    return read
