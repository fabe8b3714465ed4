"""Seconds and peak memory of one estimate on subscription-months, in a process of its own.

    python -m tests.benchmarks.elasticity_speed 20000
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import polars as pl

from tests.benchmarks.printed import peak_mb

MONTHS, PLANS = 24, 40


def measure(subscriptions: int) -> dict[str, float]:
    """Every subscription on one of 40 plans, whose prices move month by month; two-way effects, cluster the plan."""
    from orchestration.analytics import price_elasticity

    random = np.random.default_rng(1)
    plan = np.repeat(random.integers(0, PLANS, subscriptions), MONTHS)
    month = np.tile(np.arange(MONTHS), subscriptions)
    price = random.normal(1, 0.15, (PLANS, MONTHS))[plan, month]
    quantity = np.exp(np.repeat(random.normal(4, 0.5, subscriptions), MONTHS) - 0.8 * price
                      + random.normal(0, 0.4, len(plan)))
    frame = pl.DataFrame({"subscription": np.repeat(np.arange(subscriptions), MONTHS), "plan": plan, "month": month,
                          "quantity": quantity, "price": np.exp(price)})
    before, began = peak_mb(), (time.perf_counter(), time.process_time())
    row = price_elasticity.estimate(frame, quantity="quantity", price="price", unit="subscription", period="month",
                                    cluster="plan").row(0, named=True)
    return {"subscriptions": subscriptions, "rows": frame.height, "estimate": row["estimate"],
            "std_error": row["std_error"], "wall_s": time.perf_counter() - began[0],
            "cpu_s": time.process_time() - began[1], "table_mb": frame.estimated_size("mb"), "before_mb": before,
            "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
