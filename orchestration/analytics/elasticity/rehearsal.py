"""What a price change would do, drawn from what is known of the elasticity: nothing outside of what was observed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import norm, t

from orchestration.analytics.elasticity import results
from orchestration.analytics.errors import AnalysisError

CHANGES = tuple(round(-0.20 + 0.05 * step, 2) for step in range(9))
DRAWS = 4000
LEVEL = 0.80
SCHEMA = {"price_change": pl.Float64, "volume_change": pl.Float64, "volume_change_low": pl.Float64,
          "volume_change_high": pl.Float64, "revenue_change": pl.Float64, "revenue_change_low": pl.Float64,
          "revenue_change_high": pl.Float64, "chance_revenue_rises": pl.Float64, "ci_level": pl.Float64,
          "draws": pl.Int64, "identification": pl.String, "status": pl.String}


def what_if(estimate: float | None, std_error: float | None, *, observed: tuple[float, float],
            changes: Sequence[float] = CHANGES, status: str = "ok", clusters: int | None = None,
            other_sd: float = 0.0, level: float = LEVEL, draws: int = DRAWS, seed: int = 0) -> pl.DataFrame:
    """One row per price change (a share: −0.2 is 20 % cheaper): volume_change and revenue_change (shares; medians of
    the draws) with their intervals, chance_revenue_rises, ci_level, draws, identification, status.

    estimate, std_error, status and clusters (whose price moved) are those of a row of `estimate` or `long_run`;
    elasticities are drawn from Student's t of clusters − 1. Volume changes by (1 + change) ** elasticity, revenue by
    one power more. `observed` is the smallest and the largest price change that the estimate comes from, as shares:
    outside of it out_of_range, without a number. other_sd: standard deviation of the logarithm of volume that other
    causes bring over the same time; with it the interval is for what will be seen, without it for the effect alone.
    Raises AnalysisError for arguments that cannot be used.
    """
    _require(observed, changes, std_error, status, other_sd)
    if status != "ok" or estimate is None or std_error is None:
        return _table([{"price_change": change, **results.refused(status if status != "ok" else "not_identified")}
                       for change in changes], level, draws)
    random = np.random.default_rng(seed)
    uniform = random.permutation((np.arange(draws) + 0.5) / draws)
    standard = t.ppf(uniform, clusters - 1) if clusters else norm.ppf(uniform)
    elasticity, noise = estimate + std_error * standard, random.normal(0, other_sd, draws)
    rows = []
    for change in changes:
        if observed[0] - 1e-9 <= change <= observed[1] + 1e-9:
            rows.append({"price_change": change, **_effect(elasticity, noise, change, level)})
        else:
            rows.append({"price_change": change, **results.refused(
                "out_of_range", f"prices changed by {observed[0]:+.1%} to {observed[1]:+.1%}")})
    return _table(rows, level, draws)


def observed_changes(frame: pl.DataFrame, *, price: str, unit: str, period: str) -> tuple[float, float]:
    """The smallest and largest relative change of a unit's price from one of its periods to the next (0 if none)."""
    steps = frame.sort(unit, period).select(pl.col(price).cast(pl.Float64).pct_change().over(unit)).to_series()
    steps = steps.drop_nulls()
    return (min(float(steps.min()), 0.0), max(float(steps.max()), 0.0)) if len(steps) else (0.0, 0.0)


def other_causes_sd(frame: pl.DataFrame, *, quantity: str, price: str, unit: str, period: str, elasticity: float,
                    window: int = 3) -> float:
    """Standard deviation of the logarithm of a unit's volume, `window` periods against the `window` before, that
    neither its price (at `elasticity`) nor the period explains: what `what_if` calls other_sd. Every unit and every
    window in the frame counts. Raises AnalysisError where no unit has twice the window, or a quantity is 0."""
    if (frame[quantity] <= 0).any():
        raise AnalysisError(f"{quantity} is 0 or less in some rows: take a longer period or a larger unit")
    logged = frame.sort(unit, period).select(unit, period, left=(
        pl.col(quantity).cast(pl.Float64).log() - elasticity * pl.col(price).cast(pl.Float64).log()))
    apart = logged.with_columns(pl.col("left") - pl.col("left").mean().over(period))
    mean = pl.col("left").rolling_mean(window).over(unit)
    change = apart.with_columns(mean=mean).select(
        pl.col("mean") - pl.col("mean").shift(window).over(unit)).to_series().drop_nulls()
    if len(change) < 2:
        raise AnalysisError(f"no unit has {2 * window} periods: take a shorter window or more periods")
    return float(change.std())


def _require(observed: tuple[float, float], changes: Sequence[float], std_error: float | None, status: str,
             other_sd: float) -> None:
    if observed[0] > observed[1] or observed[0] <= -1:
        raise AnalysisError(f"observed is {observed}: give the smallest and the largest price change, as shares")
    if any(change <= -1 for change in changes):
        raise AnalysisError("a price change of -100 % or more leaves no price: give shares such as -0.1")
    if status not in results.STATUSES:
        raise AnalysisError(f"status is {status!r}: take it from the row of the estimate")
    if other_sd < 0 or (std_error is not None and std_error < 0):
        raise AnalysisError("std_error and other_sd are standard deviations: 0 or more")


def _effect(elasticity: np.ndarray, noise: np.ndarray, change: float, level: float) -> dict[str, object]:
    volume = np.exp(elasticity * np.log1p(change) + noise)
    ends = (0.5, (1 - level) / 2, (1 + level) / 2)
    volumes, revenues = np.quantile(volume, ends) - 1, np.quantile(volume * (1 + change), ends) - 1
    told = dict(zip(("volume_change", "volume_change_low", "volume_change_high"), volumes.tolist(), strict=True))
    told |= dict(zip(("revenue_change", "revenue_change_low", "revenue_change_high"), revenues.tolist(), strict=True))
    return {**told, "chance_revenue_rises": float((volume * (1 + change) > 1).mean()), "status": "ok",
            "identification": "elasticities drawn from the estimate's own uncertainty"}


def _table(rows: list[dict[str, object]], level: float, draws: int) -> pl.DataFrame:
    return pl.DataFrame([{**row, "ci_level": level, "draws": draws} for row in rows], schema=SCHEMA, orient="row")
