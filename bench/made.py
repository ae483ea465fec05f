"""A made caseload for the benchmarks: pupils of no county, the same for every tool, spread over all routes and days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

STEP = 500_000
DAYS = ["2024-11-01", "2025-05-01", "2025-10-01", "2026-01-15", "2026-09-01"]


def caseload(path: Path, rows: int, seed: int = 5) -> Path:
    """Write a caseload of so many rows as Parquet, unless it stands there already, and return where it stands."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        source, draft = np.random.default_rng(seed), path.with_suffix(".part")
        first = some(source, 0, min(rows, STEP))
        with pq.ParquetWriter(draft, first.schema) as writer:
            writer.write_table(first)
            for start in range(STEP, rows, STEP):
                writer.write_table(some(source, start, min(STEP, rows - start)))
        draft.rename(path)
    return path


def some(source: np.random.Generator, start: int, count: int) -> pa.Table:
    """Return rows that contradict nothing, each with some facts not known."""

    def unknown(share: float) -> Any:
        return source.random(count) < share

    def choice(values: list[str], weights: list[int], share: float) -> pa.Array:
        picked = source.choice(len(values), count, p=np.array(weights) / sum(weights))
        return pa.DictionaryArray.from_arrays(
            pa.array(picked, pa.int32(), mask=unknown(share)), values
        ).dictionary_decode()

    def pounds(pence: Any, mask: Any) -> pa.Array:
        halves = np.stack([pence.astype(np.int64), np.zeros(count, np.int64)], axis=1)
        bits = np.packbits(~mask, bitorder="little")
        return pa.Array.from_buffers(pa.decimal128(11, 2), count, [pa.py_buffer(bits), pa.py_buffer(halves)])

    age = source.integers(3, 20, count)
    ehcp = source.random(count) < 0.35
    claim = source.random(count) < 0.5
    rate = source.integers(1, 1_400_000, count)
    rate[source.random(count) < 0.02] = 600_000
    days = np.datetime64("2019-01-01") + source.integers(0, (date(2024, 10, 31) - date(2019, 1, 1)).days, count)
    cost = np.where(claim, rate + 600_001, source.integers(100_000, 2_000_000, count))
    plan = pa.DictionaryArray.from_arrays(pa.array(ehcp.astype(np.int8), mask=unknown(0.02)), ["sen_support", "ehcp"])
    return pa.table(
        {
            # Seven digits: eight might be a day of birth, and would be refused.
            "case_ref": pa.array(
                [f"{'KLMN'[number // 10_000_000]}-{number % 10_000_000:07}" for number in range(start, start + count)]
            ),
            "decision_date": pa.array(source.choice(np.array(DAYS, "datetime64[D]"), count)),
            "age": pa.array(age.astype(np.int8), mask=unknown(0.02)),
            "year_group": pa.array(np.clip(age - 5, -1, 14).astype(np.int8), mask=unknown(0.03)),
            "setting": choice(
                ["mainstream", "srp", "special", "independent", "pupil_referral_unit"], [75, 6, 11, 5, 3], 0.01
            ),
            "plan": plan.dictionary_decode(),
            "ehcp_issued_on": pa.array(days, mask=~ehcp | unknown(0.05)),
            "additional_cost": pounds(cost, unknown(0.1)),
            "element3_rate": pounds(rate, ~claim | unknown(0.05)),
            "existing_claim": pa.array(claim, mask=unknown(0.05)),
            "community_start": choice(["2025-04-01", "2025-09-01"], [1, 9], 0.03),
            "community_protection": choice(["kept", "opted_out"], [7, 3], 0.05),
            "adaptation_level": choice(
                ["sen_support", "wider_support_and_strategies", "specific_allocation"], [5, 3, 2], 0.2
            ),
            "proposed_allocation": pounds(source.integers(0, 900_000, count), unknown(0.4)),
        }
    )
