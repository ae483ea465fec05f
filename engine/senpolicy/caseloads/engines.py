"""The engines that run the expression of *columns*: DuckDB by default, and Spark where asked for.

DuckDB takes the caseload piece by piece. Spark takes the whole of it first, and then gives the results in the order of
the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from senpolicy.caseloads.tables import PIECE
from senpolicy.files.problems import WrongUse
from senpolicy.readings.columns import Columns

if TYPE_CHECKING:
    from typing_extensions import CapsuleType

DEFAULT = "duckdb"


class Engine(Protocol):
    """What runs the expression. `whole`: it takes every piece before it gives the first result."""

    whole: bool

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield what the expression gives for the rows of a caseload, in their order, in pieces of any size.

        What one caseload gives is to be taken to its end before the next is begun.
        """

    def close(self) -> None:
        """Let go of everything."""


def engine(name: str, columns: Columns) -> Engine:
    """Return the engine of this name; raises `WrongUse` for an unknown or missing one."""
    try:
        if name == "duckdb":
            return DuckDb(columns)
        if name == "spark":
            return Spark(columns)
    except ModuleNotFoundError as error:
        raise WrongUse(
            f"'{name}' needs {error.name}, which is not installed. Install it: pip install '.[{name}]'."
        ) from None
    raise WrongUse(f"'{name}' is not an engine. Use duckdb or spark.")


class DuckDb:
    """DuckDB inside this process, in memory. The query is read and planned once; each piece of a caseload runs it."""

    whole = False

    def __init__(self, columns: Columns) -> None:
        import duckdb

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
        # The query is long, of one table and without a join: all further planning takes longer than it saves.
        every = self._database.execute("SELECT name FROM duckdb_optimizers()").fetchall()
        idle = ",".join(name for (name,) in every if name != "expression_rewriter")
        self._database.execute(f"SET disabled_optimizers = '{idle}'")
        self._cases = _Cases(pa.schema(list(columns.reads.items())))
        self._database.register("cases", self._cases)
        self._database.execute(f"PREPARE answers AS {columns.sql('duckdb')}")
        # In a thread of its own: where a signal reaches DuckDB at work, an error of its own takes the place of what the
        # handler raised.
        self._aside = ThreadPoolExecutor(1)

    def resolved(self, coded: Iterator[pa.Table]) -> Iterator[pa.Table]:
        """Yield the results; see `Engine`."""
        for table in coded:
            self._cases.table = table
            yield self._aside.submit(self._answers).result()

    def _answers(self) -> pa.Table:
        return self._database.sql("EXECUTE answers").to_arrow_table(PIECE)

    def close(self) -> None:
        """Let go of everything."""
        self._aside.shutdown()
        self._database.close()


class _Cases:
    """What the query of DuckDB reads: the table that is at hand when it runs."""

    def __init__(self, schema: pa.Schema) -> None:
        self.table = schema.empty_table()

    def __arrow_c_schema__(self) -> CapsuleType:
        schema: CapsuleType = self.table.schema.__arrow_c_schema__()
        return schema

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType:
        stream: CapsuleType = self.table.__arrow_c_stream__(requested_schema)
        return stream


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


def as_table(rows: Sequence[Sequence[Any]], columns: Columns) -> pa.Table:
    """Return rows of an engine as the table that the expression gives."""
    wide = columns.gives
    arrays = [pa.array(cells, sort) for cells, sort in zip(zip(*rows, strict=True), wide.values(), strict=True)]
    return pa.table(arrays, list(wide))
