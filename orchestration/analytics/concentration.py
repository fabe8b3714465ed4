"""How much of the value lies with how few: Lorenz curve, Gini, top shares. Measured, never assumed to be 80 to 20."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from orchestration.analytics import inputs

TOPS = (0.01, 0.05, 0.2)
DRAWS = 500
LEVEL = 0.95
FEW = 100
SCHEMA = {"metric": pl.String, "estimate": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
          "ci_level": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64, "n_obs": pl.Int64,
          "status": pl.String}


def pareto(frame: pl.DataFrame, *, value: str, tops: Sequence[float] = TOPS, draws: int = DRAWS, level: float = LEVEL,
           seed: int = 0) -> pl.DataFrame:
    """One row per metric: metric, estimate, ci_low, ci_high, ci_level, numerator, denominator, n_obs, status.

    `top_<n>_share`: value of the best n % of the rows over the value of all (a row at the edge counts in part);
    `rows_for_80_share`: the share of rows, best first, that hold 80 % of the value; `gini` (0: all alike; with
    negative values it may exceed 1); `negative_share`: what is below zero over what is above. Rows whose value is
    unknown are left out. Interval: bootstrap of rows (Poisson weights, percentile). Fewer than 100 rows: low_n;
    a total that is not above zero: not_identified; both without figures.
    """
    inputs.require_columns(frame, [value], "pareto")
    known = frame[value].cast(pl.Float64).to_numpy()
    worth = np.sort(known[np.isfinite(known)])[::-1]
    names = [*(f"top_{round(100 * top, 6):g}_share" for top in tops), "rows_for_80_share", "gini", "negative_share"]
    status = "low_n" if len(worth) < FEW else "not_identified" if worth.sum() <= 0 else "ok"
    if status != "ok":
        rows = [(name, None, None, None, level, None, None, len(worth), status) for name in names]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")
    quotients = _measured(worth, np.ones(len(worth)), tops)
    random = np.random.default_rng(seed)
    drawn = np.array([_measured(worth, random.poisson(1.0, len(worth)).astype(float), tops) for _ in range(draws)])
    low, high = np.quantile(drawn[:, :, 0] / drawn[:, :, 1], [(1 - level) / 2, (1 + level) / 2], axis=0)
    rows = [(name, top / bottom, *ends, level, top, bottom, len(worth), status)
            for name, (top, bottom), *ends in zip(names, quotients, low, high, strict=True)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def lorenz(frame: pl.DataFrame, *, value: str, points: int = 100) -> pl.DataFrame:
    """The curve to draw, best rows first: row_share (0, 1 / points, … 1) and value_share (of the total; above 1 in
    between where some are negative). Empty where the total is not above zero."""
    inputs.require_columns(frame, [value], "lorenz")
    known = frame[value].cast(pl.Float64).to_numpy()
    worth = np.sort(known[np.isfinite(known)])[::-1]
    if not len(worth) or worth.sum() <= 0:
        return pl.DataFrame(schema={"row_share": pl.Float64, "value_share": pl.Float64})
    shares = np.linspace(0, 1, points + 1)
    held = np.interp(shares * len(worth), np.arange(len(worth) + 1), np.concatenate([[0.0], np.cumsum(worth)]))
    return pl.DataFrame({"row_share": shares, "value_share": held / worth.sum()})


def _measured(worth: np.ndarray, weight: np.ndarray, tops: Sequence[float]) -> np.ndarray:
    """Metrics × (numerator, denominator); `worth` from the highest."""
    rows = np.concatenate([[0.0], np.cumsum(weight)])
    held = np.concatenate([[0.0], np.cumsum(weight * worth)])
    count, total = rows[-1], held[-1]
    found = [(np.interp(top * count, rows, held), total) for top in tops]
    rising = held[:int(held.argmax()) + 1]
    found.append((np.interp(0.8 * total, rising, rows[:len(rising)]), count))
    # twice the area between the curve and the line of equality (trapezes)
    area = ((held[1:] + held[:-1]) * weight).sum()
    found += [(area - count * total, count * total), ((weight * -worth)[worth < 0].sum(),
                                                      (weight * worth)[worth > 0].sum())]
    return np.array(found)
