"""Tables as files: CSV and Excel, written as the engine writes a caseload, so that no cell runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
from django.http import HttpResponse

from senpolicy.caseloads.tables import writer
from senpolicy_board.stopping import Stop

#: What a cell of a file may hold, and the kinds of file with their types.
Cell = str | int | date | Decimal | None
KINDS = {
    ".csv": "text/csv; charset=utf-8", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
#: How the cells of a column are written, by the type of the first that holds something; else as text.
_TYPES = {Decimal: pa.decimal128(18, 2), date: pa.date32(), int: pa.int64()}


def saved(name: str, stem: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a table as the file that was asked for by name: `stem` and an ending of `KINDS`.

    A column holds money, days, numbers or text: one of these alone. Raises `Stop` for another name.
    """
    suffix = name.removeprefix(stem)
    if suffix not in KINDS or not name.startswith(stem):
        raise Stop(404, "There is no such file", f"Save {stem}.csv or {stem}.xlsx from the page.")
    cells = list(zip(*rows, strict=True)) or [()] * len(headings)
    kinds = [
        next((_TYPES.get(type(one), pa.string()) for one in column if one is not None), pa.string()) for column in cells
    ]
    schema = pa.schema(list(zip(headings, kinds, strict=True)))
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        written(suffix, schema, cells), content_type=KINDS[suffix], headers={"Content-Disposition": disposition}
    )


def written(suffix: str, schema: pa.Schema, columns: Iterable[Sequence[Cell]]) -> bytes:
    """Return columns as the bytes of a file of a kind of `KINDS`, each by its type in the schema."""
    file = io.BytesIO()
    made = writer(suffix, file, schema)
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    made.write(pa.table(arrays, schema=schema))
    made.close()
    return file.getvalue()


def pounds(pence: int | None) -> Decimal | None:
    """Return pence as pounds with two decimals, None for None.

    >>> pounds(650_050)
    Decimal('6500.50')
    """
    return None if pence is None else Decimal(pence).scaleb(-2)
