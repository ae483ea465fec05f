"""The board's tests on PostgreSQL: a cluster of its own on loopback, and a database for each board.

    make board-postgres

What cannot be had on this machine is said loudly, and the exit status is then 0.
"""

import glob
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: What a process of PostgreSQL may take, in kB: its planner once took all that there was.
MEMORY = 1_500_000


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
        options = f"-h 127.0.0.1 -p {port} -k {self.folder} -c fsync=off -c max_connections=300"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", f"{self.folder}/log", "-w", "start")
        return f"postgresql://senpolicy@127.0.0.1:{port}/postgres"

    def __exit__(self, *error):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, name, *arguments, check=True):
        limited = ["bash", "-c", f'ulimit -v {MEMORY}; exec "$@"', "bash"]
        command = [*self.user, *limited, str(self.bin / name), *arguments]
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, cwd="/")


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
        files = [
            f"tests/test_board{name}.py"
            for name in (
                "",
                "_accounts",
                "_work",
                "_meetings",
                "_meeting_rules",
                "_mapping",
                "_kept_work",
                "_queue",
                "_proof_postgres",
            )
        ]
        command = [sys.executable, "-m", "pytest", "--no-header", *files]
        # Each test leaves the connections of its own board to the end of the run.
        command += ["-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
        return subprocess.run([*command, *sys.argv[1:]], env={**os.environ, "SENPOLICY_BOARD_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
