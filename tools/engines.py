"""Every engine on the same caseload: DuckDB, Polars, Spark in local mode and a PostgreSQL of its own on loopback.

    make engines

Each decides 20,000 generated cases by the policy as it is, and by the illustrative scenario, and what it writes is
compared with what the default engine writes, cell by cell. Where apt-get may be used, what the machine lacks is
installed. What cannot be had is left out, and said loudly at the end; --require-all makes that a failure.
"""

import argparse
import contextlib
import glob
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
#: What a process of PostgreSQL may take, in kB: its planner once took all that there was.
MEMORY = 1_500_000
PACKAGES = {"spark": "default-jre-headless", "postgres": "postgresql"}


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


class Postgres:
    """A PostgreSQL cluster in a folder of its own, on a free port of loopback; stopped and removed at the end."""

    def __enter__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl")) or [shutil.which("pg_ctl") or ""]
        self.bin = Path(found[-1]).parent
        self.folder = tempfile.mkdtemp(prefix="senpolicy-postgres-")
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        port = random.SystemRandom().randint(20_000, 40_000)
        data = f"{self.folder}/data"
        self.run("initdb", "-D", data, "-A", "trust", "-U", "senpolicy", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {self.folder} -c fsync=off"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", f"{self.folder}/log", "-w", "start")
        return f"postgresql://senpolicy@127.0.0.1:{port}/postgres"

    def __exit__(self, *error):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, *arguments, check=True):
        limited = ["bash", "-c", f'ulimit -v {MEMORY}; exec "$@"', "bash"]
        command = [*self.user, *limited, str(self.bin / name), *arguments]
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, cwd="/")


def lacking():
    """Return for each engine what it lacks on this machine."""
    found = {}
    for name, module in (("polars", "polars"), ("spark", "pyspark"), ("postgres", "psycopg")):
        if importlib.util.find_spec(module) is None:
            found[name] = f"the library {module}"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        found.setdefault("spark", "a Java")
    if not glob.glob("/usr/lib/postgresql/*/bin/pg_ctl") and shutil.which("pg_ctl") is None:
        found.setdefault("postgres", "a PostgreSQL")
    return found


def install(missing):
    """Install what Debian's packages have of what is lacking, where that is allowed; return whether it was tried."""
    wanted = [PACKAGES[name] for name, what in missing.items() if what.startswith("a ")]
    if not wanted or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"Installing {', '.join(wanted)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *wanted]):
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


def differing(urls, scenario, folder):
    """Return the engines that write anything else than the default one does."""
    chosen = policy(loaded(ROOT), scenario=scenario)
    made(folder / "cases.parquet", chosen)

    def decide(engine, out):
        start = time.monotonic()
        summary = caseload.decide(
            folder / "cases.parquet", folder / f"{out}.parquet", chosen, engine_name=engine, verify=100
        )
        took = time.monotonic() - start
        print(
            f"{scenario or 'the policy':14} {out:9} {summary.decided:,} decided, {summary.refused_rows:,} refused, "
            f"{took:.1f} s",
            flush=True,
        )
        return pq.read_table(folder / f"{out}.parquet"), (folder / f"{out}.refused.csv").read_bytes()

    wanted, different = decide("duckdb", "duckdb"), []
    for name, url in urls.items():
        table, reasons = decide(url, name)
        if not table.equals(wanted[0]) or reasons != wanted[1]:
            different.append(name)
    return different + [name for name, url in urls.items() if not same_again(url, chosen, folder / "cases.parquet")]


def same_again(name, chosen, path):
    """Return whether one engine gives the same for a caseload that it is given a second time, as a model does."""
    columns = compiled(chosen)
    with contextlib.closing(engines.engine(name, columns)) as running:
        first, second = (
            [done.table for done in caseload.decided(caseload.open_caseload(path), columns, by=running, verify=0)]
            for _ in range(2)
        )
    return pa.concat_tables(first).equals(pa.concat_tables(second))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--require-all", action="store_true", help="fail where an engine cannot be had here")
    args = parser.parse_args()
    tried = install(lacking())
    missing, different = lacking(), []
    with contextlib.ExitStack() as stack:
        urls = {name: name for name in ("polars", "spark") if name not in missing}
        if "spark" in urls:
            stack.callback(spark_session().stop)
        if "postgres" not in missing:
            urls["postgres"] = stack.enter_context(Postgres())
        for scenario in SCENARIOS:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            different += differing(urls, scenario, folder)
    for engine in different:
        print(f"{engine} DECIDES OTHERWISE THAN duckdb", file=sys.stderr)
    for engine, what in missing.items():
        print(f"!!! {engine.upper()} WAS LEFT OUT: this machine lacks {what} !!!", file=sys.stderr)
    if not different and not missing:
        print("All four engines write the same.")
    sys.exit(1 if different or (missing and (tried or args.require_all)) else 0)


if __name__ == "__main__":
    main()
