"""What a database of the board holds, value by value, so that what cannot be read is named and nothing is raised."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Boolean, Connection, Date, column, inspect, select, table
from sqlalchemy.types import NullType

from senpolicy_board.images import Image, Shape
from senpolicy_board.tables import Base, Utc

#: Kinds that SQLite has no type for: what stands there must be what would be written for it.
_EXACT = (Boolean, Date, Utc)


class Unreadable:
    """A value that is not of its column's kind."""


def rows(connection: Connection, shape: Shape) -> Iterator[Image]:
    """Yield the rows of a table in the order of its key; what cannot be read is `Unreadable`.

    Columns that the database does not have are empty.
    """
    made = Base.metadata.tables[shape.table]
    there = {one["name"] for one in inspect(connection).get_columns(shape.table)}
    names = [name for name in shape.columns if name in there]
    readers = {name: made.c[name].type.dialect_impl(connection.dialect) for name in names}
    convert = {name: kind.result_processor(connection.dialect, None) for name, kind in readers.items()}
    raw = select(*(column(name, NullType()) for name in names)).select_from(table(shape.table))
    ordered = raw.order_by(column(shape.key)).execution_options(yield_per=500)
    written = {
        name: made.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for name in names if connection.dialect.name == "sqlite" and isinstance(made.c[name].type, _EXACT)
    }  # fmt: skip
    for row in connection.execute(ordered):
        found: Image = dict.fromkeys(shape.columns)
        for name, value in zip(names, row, strict=True):
            try:
                reader, writer = convert[name], written.get(name)
                found[name] = reader(value) if reader and value is not None else value
                # SQLite keeps whatever it is given, and a moment is read from a text that only begins as one.
                if writer and writer(found[name]) != value:
                    found[name] = Unreadable()
            except (ValueError, TypeError, AttributeError, RecursionError):
                found[name] = Unreadable()
        yield found
