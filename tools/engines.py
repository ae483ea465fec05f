"""Both engines on the same caseload: DuckDB, and Spark in local mode.

    make engines

Each decides 20,000 generated cases by the policy as it is, and by the illustrative scenario, and what it writes is
compared with what the default engine writes, cell by cell. Where apt-get may be used, what the machine lacks is
installed. What cannot be had is left out, and said loudly at the end; --require-all makes that a failure.
"""

import argparse
import contextlib
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import generated
from golden_files import ROOT, loaded
from senpolicy.caseloads import engines
from senpolicy.caseloads import run as caseload
from senpolicy.deciding.cases import Refused
from senpolicy.language.conditions import written
from senpolicy.policy.timeline import policy
from senpolicy.readings.columns import compiled

CASES = 20_000
SCENARIOS = (None, "illustrative")
JAVA = "default-jre-headless"


def made(path, chosen):
    """Write generated cases as text; one in a hundred is spoilt, so that refused rows are compared too."""
    source, tried, rows = random.Random(20_000), generated.values(chosen), []
    while len(rows) < CASES:
        facts = generated.drawn(source, tried)
        if source.random() < 0.01 or not isinstance(generated.given(facts, chosen), Refused):
            cells = {name: written(chosen.types[name].type, value) for name, value in facts.items()}
            cells = {name: str(cell).lower() if isinstance(cell, bool) else cell for name, cell in cells.items()}
            cells = {name: None if cell is None else str(cell) for name, cell in cells.items()}
            if source.random() < 0.005:
                cells["age"] = "nine"
            rows.append({"case_ref": f"G-{len(rows):07}", **cells})
    pq.write_table(pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}), path)


def lacking():
    """Return what Spark lacks on this machine, "" for nothing."""
    if importlib.util.find_spec("pyspark") is None:
        return "the library pyspark"
    return "" if shutil.which("java") or "JAVA_HOME" in os.environ else "a Java"


def install(missing):
    """Install Java from Debian's packages where it is lacking and that is allowed; return whether it was tried."""
    if missing != "a Java" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("Installing Java", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", JAVA]):
        subprocess.run(["apt-get", "-qq", *command], check=False, stdout=subprocess.DEVNULL, env=quiet)
    return True


def spark_session():
    """Return a session in local mode that listens on loopback alone, for all runs."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2]").appName("senpolicy-engines")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def alike(scenario, folder):
    """Return whether Spark writes what DuckDB writes."""
    chosen = policy(loaded(ROOT), scenario=scenario)
    made(folder / "cases.parquet", chosen)

    def decide(engine):
        start = time.monotonic()
        out = folder / f"{engine}.parquet"
        summary = caseload.decide(folder / "cases.parquet", out, chosen, engine_name=engine, verify=100)
        took = time.monotonic() - start
        print(
            f"{scenario or 'the policy':14} {engine:9} {summary.decided:,} decided, {summary.refused_rows:,} refused, "
            f"{took:.1f} s",
            flush=True,
        )
        return pq.read_table(out), (folder / f"{engine}.refused.csv").read_bytes()

    (wanted, why), (found, reasons) = decide("duckdb"), decide("spark")
    return found.equals(wanted) and reasons == why and same_again(chosen, folder / "cases.parquet")


def same_again(chosen, path):
    """Return whether Spark gives the same for a caseload that it is given a second time, as a model does."""
    columns = compiled(chosen)
    with contextlib.closing(engines.engine("spark", columns)) as running:
        first, second = (
            [done.table for done in caseload.decided(caseload.open_caseload(path), columns, by=running, verify=0)]
            for _ in range(2)
        )
    return pa.concat_tables(first).equals(pa.concat_tables(second))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--require-all", action="store_true", help="fail where Spark cannot be had here")
    args = parser.parse_args()
    tried, missing = install(lacking()), lacking()
    if missing:
        print(f"!!! SPARK WAS LEFT OUT: this machine lacks {missing} !!!", file=sys.stderr)
        sys.exit(1 if tried or args.require_all else 0)
    with contextlib.ExitStack() as stack:
        stack.callback(spark_session().stop)
        same = [alike(scenario, Path(stack.enter_context(tempfile.TemporaryDirectory()))) for scenario in SCENARIOS]
    print("Both engines write the same." if all(same) else "SPARK DECIDES OTHERWISE THAN DUCKDB")
    sys.exit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
