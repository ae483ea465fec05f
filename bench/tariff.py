"""How long plans of bands and rates take over the pupils of Kent with special educational needs: 48,691, 600 schools.

    make bench-tariff             one plan (2 s and 500 MB at most) and twenty (15 s at most)

The pupils, schools and rates are made up, by a seed. Every pupil has a level, so that as many are counted as can be.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
import time
from pathlib import Path

PUPILS, SCHOOLS, COMMUNITIES = 48_691, 600, 48
#: What each may take: seconds, and megabytes of memory.
SECONDS, MEMORY = {1: 2.0, 20: 15.0}, 500
LEVELS = [f"specific_allocation_{number}" for number in (1, 2, 3, 4)]
PLAN = """\
plan: made-up-{number}
title: A made-up plan, to be timed
edition: illustrative
day: 2026-09-01
envelope: {envelope}.00
bands:
  band_1: {{levels: [specific_allocation_1], rate: {rate}.00}}
  band_2: {{levels: [specific_allocation_2], rate: 10000.00}}
  band_3: {{levels: [specific_allocation_3], rate: 14000.00}}
  band_4: {{levels: [specific_allocation_4], rate: 19000.00}}
settings: {{mainstream: 1.00, srp: 1.00, special: 1.05}}
average_in: [special]
limits: {{loss: 0.05, gain: null, guarantee: {{special: 0.00}}}}
others: set_aside
solve: {solve}
"""


def make(folder: Path) -> None:
    """Write a cohort and its schools."""
    chance = random.Random(20261130)
    kinds = ["special"] * 24 + ["srp"] * 76 + ["mainstream"] * (SCHOOLS - 100)
    with (folder / "schools.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["school", "kind", "present_rate", "phase"])
        for number, kind in enumerate(kinds):
            rate = "" if kind == "mainstream" else chance.randrange(8_000, 16_000)
            lines.writerow([f"S{number:03}", kind, rate, chance.choice(["infant", "primary", "secondary"])])
    headings = ["case_ref", "school", "community", "sex", "decision_date", "age", "year_group", "setting", "plan",
                "additional_cost", "element3_rate", "adaptation_level"]  # fmt: skip
    weights = [4 if kind == "mainstream" else 20 if kind == "srp" else 250 for kind in kinds]
    with (folder / "cohort.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(headings)
        for number, school in enumerate(chance.choices(range(SCHOOLS), weights, k=PUPILS), 1):
            age, rate = chance.randrange(5, 16), chance.randrange(100, 14_000)
            own = kinds[school] == "mainstream"
            lines.writerow(
                [f"T-{number:06}", f"S{school:03}", f"C{school % COMMUNITIES:02}", chance.choice(["female", "male"]),
                 "2026-09-01", age, age - 5, kinds[school], "ehcp", rate + 6_000 if own else "", rate if own else "",
                 chance.choice(LEVELS)]
            )  # fmt: skip
    for number in range(20):
        solve = ("scale", "gain_ceiling", "gain_scale", "none")[number % 4]
        said = PLAN.format(number=number, rate=5_000 + 100 * number, solve=solve, envelope=590_000_000)
        (folder / f"plan-{number}.yaml").write_text(said, encoding="utf-8")


def taken(folder: Path, plans: int) -> tuple[float, float, float]:
    """Return what one run takes: seconds by the clock, seconds of the processor, and megabytes of memory."""
    command = [str(Path(sys.executable).with_name("senpolicy")), "tariff", "--json"]
    command += [str(folder / f"plan-{number}.yaml") for number in range(plans)]
    command += ["--cohort", str(folder / "cohort.csv"), "--schools", str(folder / "schools.csv")]
    with (folder / "out.json").open("w", encoding="utf-8") as out, Path(os.devnull).open("w") as nowhere:
        start = time.perf_counter()
        running = os.posix_spawn(
            command[0],
            command,
            dict(os.environ),
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2)],
        )
        _, status, used = os.wait4(running, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit("The command did not end well.")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Time both, print what each takes, and end with 1 where one takes more than it may."""
    given = argparse.ArgumentParser()
    given.add_argument("--times", type=int, default=3)
    times = given.parse_args().times
    with tempfile.TemporaryDirectory(prefix="senpolicy-bench-") as name:
        folder, slow = Path(name), False
        make(folder)
        taken(folder, 1)  # What has passed before is remembered.
        for plans, most in SECONDS.items():
            wall, processor, memory = (min(one) for one in zip(*(taken(folder, plans) for _ in range(times))))
            print(
                f"{plans:>2} plan{'s' if plans > 1 else ' '}, {PUPILS:,} pupils, {SCHOOLS} schools: {wall:.2f} s, "
                f"{processor:.2f} s of the processor, {memory:.0f} MB (at most {most:.0f} s, {MEMORY} MB)"
            )
            slow |= wall > most or memory > MEMORY
    sys.exit(slow)


if __name__ == "__main__":
    main()
