"""The board's tests on PostgreSQL: a cluster of its own on loopback, and a database for each board.

    make board-postgres

What cannot be had on this machine is said loudly, and the exit status is then 0.
"""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys

from engines import Postgres


def main():
    if os.geteuid() == 0 and not glob.glob("/usr/lib/postgresql/*/bin/pg_ctl") and shutil.which("apt-get"):
        print("Installing PostgreSQL", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "postgresql"], check=False, env=quiet, stdout=subprocess.DEVNULL
        )
    lacking = []
    if not glob.glob("/usr/lib/postgresql/*/bin/pg_ctl") and shutil.which("pg_ctl") is None:
        lacking.append("a PostgreSQL (apt-get install postgresql)")
    if importlib.util.find_spec("psycopg") is None:
        lacking.append("the library psycopg")
    if lacking:
        print(f"LEFT OUT: the board on PostgreSQL. There is not: {', '.join(lacking)}.", file=sys.stderr)
        return 0
    with Postgres() as url:
        command = [sys.executable, "-m", "pytest", "--no-header", "tests/test_board.py", "tests/test_board_work.py"]
        # Each test leaves the connections of its own board to the end of the run.
        command += ["-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
        return subprocess.run([*command, *sys.argv[1:]], env={**os.environ, "SENPOLICY_BOARD_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
