"""The engines that run the expression of *columns*: DuckDB by default; Polars, Spark and PostgreSQL where asked for.

An embedded engine takes the caseload piece by piece. Spark and PostgreSQL take the whole of it first, and then give the
results in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import pyarrow as pa

from senpolicy.caseloads.tables import PIECE
from senpolicy.files.problems import WrongUse
from senpolicy.readings.columns import Columns

DEFAULT = "duckdb"
EXTRAS = {"polars": "polars", "spark": "pyspark", "postgres": "psycopg"}


class Engine(Protocol):
    """What runs the expression. `whole`: it takes every piece before it gives the first result."""

    whole: bool

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield what the expression gives for the rows of a caseload, in their order, in pieces of any size.

        What one caseload gives is to be taken to its end before the next is begun.
        """

    def close(self) -> None:
        """Let go of everything."""


def engine(wanted: str, columns: Columns) -> Engine:
    """Return the engine of this name (a URL for PostgreSQL); raises `WrongUse` for an unknown or missing one."""
    name = "postgres" if wanted.startswith(("postgres://", "postgresql://")) else wanted
    try:
        if name == "duckdb":
            return DuckDb(columns)
        if name == "polars":
            return Polars(columns)
        if name == "spark":
            return Spark(columns)
        if name == "postgres" and wanted != name:
            return Postgres(columns, wanted)
    except ModuleNotFoundError as error:
        raise WrongUse(
            f"'{name}' needs {error.name}, which is not installed. Install it: pip install '.[{name}]'."
        ) from None
    raise WrongUse(f"'{name}' is not an engine. Use duckdb, polars, spark, or a URL that starts with postgresql://.")


class DuckDb:
    """DuckDB inside this process, in memory. A caseload streams through one query, which is read once."""

    whole = False

    def __init__(self, columns: Columns) -> None:
        import duckdb

        self._schema = pa.schema(list(columns.reads.items()))
        # Nothing is fetched while it runs, and nothing of the disk is touched.
        self._database = duckdb.connect(
            config={
                "threads": 1,
                "enable_external_access": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._database.execute("SET enable_progress_bar = false")  # It would go to standard output.
        self._let_read(iter(()))
        self._database.execute(f"CREATE TEMP VIEW answers AS {columns.sql('duckdb')}")

    def _let_read(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._database.register("cases", pa.RecordBatchReader.from_batches(self._schema, batches))

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the results; see `Engine`."""
        failed: list[Exception] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for table in coded:
                    yield from table.to_batches()
            except Exception as error:  # The engine would make an error of its own of it.
                failed.append(error)

        self._let_read(batches())
        for batch in self._database.sql("FROM answers").to_arrow_reader(PIECE):
            yield pa.Table.from_batches([batch])
        if failed:
            raise failed[0]

    def close(self) -> None:
        """Let go of everything."""
        self._database.close()


class Polars:
    """Polars inside this process."""

    whole = False

    def __init__(self, columns: Columns) -> None:
        import ibis
        import polars

        self._polars, self._columns = polars, columns
        self._backend = ibis.polars.connect()

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the results; see `Engine`."""
        for table in coded:
            self._backend.create_table("cases", self._polars.from_arrow(table), overwrite=True)
            yield self._backend.to_pyarrow(self._columns.expression)

    def close(self) -> None:
        """Let go of everything."""
        self._backend.disconnect()


class Spark:
    """Apache Spark: the session that is running, or one on this machine."""

    whole = True

    def __init__(self, columns: Columns) -> None:
        from pyspark.sql import SparkSession

        self._columns = columns
        self._query = columns.sql("pyspark")
        self._own = SparkSession.getActiveSession() is None
        self._session = (
            SparkSession.builder.appName("senpolicy")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the results; see `Engine`."""
        import tempfile
        from pathlib import Path

        import pyarrow.parquet as pq

        with tempfile.TemporaryDirectory(prefix="senpolicy-") as folder:
            for place, table in enumerate(coded):
                pq.write_table(table, Path(folder) / f"part-{place:06}.parquet")
            self._session.read.parquet(folder).createOrReplaceTempView("cases")
            decided = self._session.sql(f"SELECT * FROM ({self._query}) ORDER BY row")
            rows = decided.toLocalIterator(prefetchPartitions=True)
            while some := list(islice(rows, PIECE)):
                yield as_table(some, self._columns)

    def close(self) -> None:
        """Let go of everything."""
        if self._own:
            self._session.stop()


class Postgres:
    """PostgreSQL: the caseload stands in a temporary table of one session, which ends with it."""

    whole = True

    def __init__(self, columns: Columns, url: str) -> None:
        import psycopg

        self._columns = columns
        self._query = columns.sql("postgres")
        try:
            self._session = psycopg.connect(url)
        except psycopg.Error:
            raise WrongUse(
                "The PostgreSQL of this URL cannot be reached. Check host, port, name and password."
            ) from None

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the results; see `Engine`."""
        sorts = {"int8": "smallint", "int16": "smallint", "int32": "integer", "int64": "bigint"}
        names = ", ".join(f'"{name}"' for name in self._columns.reads)
        fields = ", ".join(f'"{name}" {sorts[width]} NOT NULL' for name, width in self._columns.reads.items())
        with self._session.cursor() as cursor:
            cursor.execute("SET jit = off")  # To compile so long a query takes longer than to run it.
            cursor.execute("DROP TABLE IF EXISTS pg_temp.cases")  # That of the caseload before.
            cursor.execute(f"CREATE TEMPORARY TABLE cases ({fields}) ON COMMIT DROP")
            with cursor.copy(f"COPY cases ({names}) FROM STDIN") as copy:
                for table in coded:
                    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                        copy.write_row(row)
        with self._session.cursor(name="decided") as cursor:
            cursor.execute(f'SELECT * FROM ({self._query}) AS decided ORDER BY "row"')
            while rows := cursor.fetchmany(PIECE):
                yield as_table(rows, self._columns)

    def close(self) -> None:
        """Let go of everything."""
        self._session.close()


def as_table(rows: Sequence[Sequence[Any]], columns: Columns) -> pa.Table:
    """Return rows of an engine as the table that the expression gives."""
    wide = columns.gives
    arrays = [pa.array(cells, sort) for cells, sort in zip(zip(*rows, strict=True), wide.values(), strict=True)]
    return pa.table(arrays, list(wide))
