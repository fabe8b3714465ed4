"""Seconds and peak memory of fit, score and evaluate on person-months, in a process of its own.

    python -m tests.benchmarks.churn_speed 20000

Fits on eleven months of 40 features, scores the twelfth (all persons, with reasons) and evaluates it.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import polars as pl
from scipy.special import expit

from tests.benchmarks.printed import in_child, peak_mb

MONTHS = 12
NUMBERS, TEXTS = 36, 4


def table(persons: int, months: int, seed: int) -> pl.DataFrame:
    """About 2 % leave per month; a third of the numbers count, a tenth of the values is missing in some."""
    random = np.random.default_rng(seed)
    rows = persons * months
    columns: dict[str, pl.Series] = {"person": pl.Series(np.tile(np.arange(persons), months)),
                                     "month": pl.Series(np.repeat(np.arange(months), persons))}
    log_odds = np.full(rows, -4.3)
    for number in range(NUMBERS):
        values = random.normal(size=rows)
        if number < NUMBERS // 3:
            log_odds += 0.25 * values
        if number % 6 == 0:
            values[random.random(rows) < 0.1] = np.nan
        columns[f"x{number}"] = pl.Series(values).fill_nan(None)
    for number in range(TEXTS):
        members = random.integers(0, 5 * (number + 1), rows)
        log_odds += 0.1 * (members == 0)
        columns[f"t{number}"] = pl.Series(members).cast(pl.String)
    return pl.DataFrame(columns).with_columns(left=pl.Series(random.random(rows) < expit(log_odds)))


def measure(persons: int) -> dict[str, float]:
    """Runs here and now: seconds by step, and the peak of this process with the table in it."""
    from orchestration.analytics import churn

    frame = table(persons, MONTHS, 1)
    held_before = peak_mb()
    features = [name for name in frame.columns if name not in ("person", "month", "left")]
    steps, began = {}, (time.perf_counter(), time.process_time())

    def done(name: str) -> None:
        nonlocal began
        now = time.perf_counter(), time.process_time()
        steps[f"{name}_s"], steps[f"{name}_cpu_s"] = now[0] - began[0], now[1] - began[1]
        began = now

    past, last = frame.filter(pl.col("month") < MONTHS - 1), frame.filter(pl.col("month") == MONTHS - 1)
    model = churn.fit(past, label="left", features=features, entity="person", period="month")
    done("fit")
    scored = churn.score(model, last)
    done("score")
    churn.evaluate(last["left"], scored["probability"], value=last["x1"].fill_null(0).abs())
    done("evaluate")
    return {"persons": persons, "person_months": frame.height, "features": len(features), **steps,
            "table_mb": frame.estimated_size("mb"), "before_mb": held_before, "peak_mb": peak_mb()}


def measured(persons: int) -> dict[str, float]:
    """`measure` in a process of its own, so that the peak is its own."""
    return in_child("tests.benchmarks.churn_speed", str(persons))


if __name__ == "__main__":
    print(json.dumps({name: round(value, 1) for name, value in measure(int(sys.argv[1])).items()}))
