"""Seconds and peak memory of the value analyses, in a process of its own.

    python -m tests.benchmarks.value_speed 20000

Segments of six features, and 24 months of spend of as many accounts.
"""

from __future__ import annotations

import json
import sys
import time

import polars as pl

from tests import planted_value
from tests.benchmarks.printed import in_child, peak_mb

MONTHS = 24


def measure(entities: int) -> dict[str, float]:
    """Runs here and now: seconds by step, and the peak of this process with the tables in it."""
    from orchestration.analytics import customer_value, lifetime_value

    frame, _ = planted_value.groups(entities, 4, 3)
    months, kin = planted_value.accounts(entities, MONTHS, 3), planted_value.peers(entities, 3)
    survivors = planted_value.cohort(1.2, 20, entities, MONTHS, 3)
    held_before, features, steps, began = peak_mb(), planted_value.FEATURES, {}, (
        time.perf_counter(), time.process_time())

    def done(name: str) -> None:
        nonlocal began
        now = time.perf_counter(), time.process_time()
        steps[f"{name}_s"], steps[f"{name}_cpu_s"] = now[0] - began[0], now[1] - began[1]
        began = now

    scheme = customer_value.segment(frame, features=features, entity="customer")
    done("segment")
    before = customer_value.assign(scheme, frame)
    done("assign")
    customer_value.stability(scheme, frame)
    done("stability")
    customer_value.migration(before, before, entity="customer")
    done("migration")
    customer_value.value_classes(frame, value="x0", shares={"high": 0.2, "medium": 0.3, "low": 0.5})
    customer_value.rfm(frame, recency="x1", frequency="x2", amount="x0")
    done("classes")
    customer_value.pareto(frame, value="x0")
    done("pareto")
    customer_value.watch(months, entity="account", period="month", value="spend")
    done("watch")
    customer_value.potential(kin, value="spend", features=["a", "b", "c", "d", "trade"], entity="customer")
    done("potential")
    curve = lifetime_value.fit_retention(survivors)
    tenure = frame.select("x0", (pl.col("customer") % 60).alias("age"))
    lifetime_value.lifetime_values(curve, tenure, age="age", margin="x0", discount=0.99, horizon=36)
    done("lifetime")
    size = sum(table.estimated_size("mb") for table in (frame, months, kin))
    return {"entities": entities, "months": MONTHS, **steps, "tables_mb": size, "before_mb": held_before,
            "peak_mb": peak_mb()}


def measured(entities: int) -> dict[str, float]:
    """`measure` in a process of its own, so that the peak is its own."""
    return in_child("tests.benchmarks.value_speed", str(entities))


if __name__ == "__main__":
    print(json.dumps({name: round(value, 2) for name, value in measure(int(sys.argv[1])).items()}))
