"""Cells of any type as the text of a field."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from senpolicy.language.conditions import FactType

#: The content of a cell that cannot be read as one plain value.
UNREADABLE = "(not a plain value)"
_PLAIN_TYPES = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_integer,
    pa.types.is_date32,
)


def as_text(column: pa.Array, kind: FactType | None) -> pa.Array:
    """Return cells of any type as the text of a case's field; an empty text is null."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    sort = column.type
    if pa.types.is_null(sort):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_boolean(sort):
        return pc.if_else(column, "true", "false")
    if pa.types.is_floating(sort):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"\.0$", "")
    elif pa.types.is_decimal(sort):
        money = kind is not None and kind.type == "money"
        zeros, kept = (r"(\.\d\d)0+$", r"\1") if money else (r"\.0+$", "")
        text = pc.replace_substring_regex(column.cast(pa.string()), zeros, kept)
    elif pa.types.is_timestamp(sort) or pa.types.is_date64(sort):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"[ T]00:00:00(\.0+)?(Z|[+-]\d{4})?$", "")
    elif any(plain(sort) for plain in _PLAIN_TYPES):
        text = column.cast(pa.string())
    else:
        text = pc.if_else(pc.is_valid(column), UNREADABLE, None)
    if kind and kind.type == "boolean":  # Spreadsheets write TRUE, and some programs True.
        lower = pc.ascii_lower(text)
        text = pc.if_else(pc.is_in(lower, pa.array(["true", "false"])), lower, text)
    return pc.if_else(pc.equal(text, ""), None, text)
