"""What a customer is still worth: survival × margin, discounted, with its interval, and how a curve did on held-out
periods. The curves are in `retention`; callers need only this module.

A customer of age a that is here now has S(a + t) / S(a) chances in one to pay in t periods; its past is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import norm

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.retention import (
    LEVEL,
    MODELS,
    Curve,
    fit_retention,
    parameters,
    points,
    slopes_of,
)

__all__ = ["MODELS", "AnalysisError", "Curve", "backtest", "fit_retention", "held_out_error", "lifetime_value",
           "lifetime_values", "parameters", "points", "worth_of_one"]

WORTH = {"age": pl.Int64, "retention": pl.Float64, "expected_periods": pl.Float64, "factor": pl.Float64,
         "factor_low": pl.Float64, "factor_high": pl.Float64}
HELD_OUT = {"model": pl.String, "period": pl.Int64, "observed": pl.Float64, "survival": pl.Float64,
            "ci_low": pl.Float64, "ci_high": pl.Float64, "ci_level": pl.Float64, "error_share": pl.Float64,
            "n_obs": pl.Int64, "status": pl.String}


def worth_of_one(curve: Curve, *, discount: float, horizon: int, ages: Sequence[int] = (0,),
                 level: float = LEVEL) -> pl.DataFrame:
    """One row per age (whole periods a customer has been there): age, retention (the chance to stay the next period),
    expected_periods (of the next `horizon`), factor (the same discounted: what a margin of 1 per period is worth
    now, Σ dᵗ·S(a + t) / S(a), t = 1 … horizon), factor_low, factor_high, then horizon, discount, ci_level, model,
    n_obs, status. Value is margin × factor, so that money stays decimal wherever it is multiplied.

    `discount` d is what 1 of the next period is worth today, 1 / (1 + rate). The interval is that of the curve
    (observed information, delta method on the logarithm). A curve that is not ok gives its status and nulls.
    """
    _check(discount, horizon)
    age = np.asarray(list(ages), dtype=float)
    if len(age) and (age.min() < 0 or (age % 1).any()):
        raise AnalysisError("an age is how many whole periods a customer has been there: 0, 1, …")
    told = {"horizon": horizon, "discount": discount, "ci_level": level, "model": curve.model, "n_obs": curve.n_obs,
            "status": curve.status}
    told = [pl.lit(value).alias(name) for name, value in told.items()]
    if curve.status != "ok":
        return pl.DataFrame({"age": list(ages), **dict.fromkeys(list(WORTH)[1:], [None] * len(age))},
                            schema=WORTH).with_columns(told)
    weights = discount ** np.arange(1, horizon + 1)
    factor = _discounted(curve, age, weights)
    slopes = slopes_of(curve, lambda moved: np.log(_discounted(moved, age, weights)))
    half = norm.ppf((1 + level) / 2) * np.sqrt(np.einsum("ij,jk,ik->i", slopes, curve.covariance, slopes))
    return pl.DataFrame({
        "age": age.astype(np.int64), "retention": curve.survival(age + 1) / curve.survival(age),
        "expected_periods": _discounted(curve, age, np.ones(horizon)), "factor": factor,
        "factor_low": factor * np.exp(-half), "factor_high": np.minimum(factor * np.exp(half), weights.sum())},
        schema=WORTH).with_columns(told)


def lifetime_value(curve: Curve, margin: float | Sequence[float], *, discount: float, horizon: int, age: int = 0,
                   margin_error: float = 0.0, level: float = LEVEL) -> pl.DataFrame:
    """One row: lifetime_value, ci_low, ci_high, ci_level, margin (of the first period), retention, expected_periods,
    horizon, discount, age, model, n_obs, status.

    `margin` per period, any currency unit: a number, or one per period of the horizon (a path). `margin_error` is the
    standard error of its level as a share of it (.1 is 10 %); the curve and the margin count as independent.
    """
    _check(discount, horizon)
    path = np.broadcast_to(np.asarray(margin, dtype=float), (horizon,)) if np.ndim(margin) == 0 else np.asarray(margin)
    if path.shape != (horizon,) or not np.isfinite(path.astype(float)).all() or margin_error < 0:
        raise AnalysisError(f"margin is a number or {horizon} of them (the horizon), and margin_error at least 0")
    worth = worth_of_one(curve, discount=discount, horizon=horizon, ages=[age], level=level)
    kept = worth.select("retention", "expected_periods", "horizon", "discount", "age", "model", "n_obs", "status")
    found = dict.fromkeys(("lifetime_value", "ci_low", "ci_high"))
    if curve.status == "ok":
        weights = path * discount ** np.arange(1, horizon + 1)
        value = float(_discounted(curve, np.array([float(age)]), weights)[0])
        slopes = slopes_of(curve, lambda moved: _discounted(moved, np.array([float(age)]), weights))[0]
        error = np.sqrt(slopes @ curve.covariance @ slopes + (margin_error * value) ** 2)
        half = norm.ppf((1 + level) / 2) * error
        found = {"lifetime_value": value, "ci_low": value - half, "ci_high": value + half}
    values = pl.DataFrame({**found, "ci_level": level, "margin": float(path[0])},
                          schema_overrides=dict.fromkeys(found, pl.Float64))
    return pl.concat([values, kept], how="horizontal")


def lifetime_values(curve: Curve, frame: pl.DataFrame, *, age: str, margin: str, discount: float, horizon: int,
                    level: float = LEVEL) -> pl.DataFrame:
    """One row per row of `frame`, in its order: lifetime_value, ci_low, ci_high (of the curve alone; a negative margin
    turns the ends around), retention, expected_periods, ci_level, horizon, discount, model, status. Null where age or
    margin is null (status unknown)."""
    inputs.require_columns(frame, [age, margin], "lifetime_values")
    rows = frame.select(pl.col(age).cast(pl.Int64).alias("age"), pl.col(margin).cast(pl.Float64).alias("margin"))
    ages = rows["age"].drop_nulls().unique().sort().to_list()
    worth = worth_of_one(curve, discount=discount, horizon=horizon, ages=ages, level=level)
    joined = rows.join(worth, on="age", how="left", maintain_order="left")
    ends = [pl.col("margin") * pl.col(name) for name in ("factor_low", "factor_high")]
    unknown = pl.any_horizontal(pl.col("age", "margin").is_null())
    return joined.select(
        (pl.col("margin") * pl.col("factor")).alias("lifetime_value"),
        pl.when(~unknown).then(pl.min_horizontal(ends)).alias("ci_low"),
        pl.when(~unknown).then(pl.max_horizontal(ends)).alias("ci_high"), "retention", "expected_periods",
        pl.lit(level).alias("ci_level"), pl.lit(horizon).alias("horizon"), pl.lit(discount).alias("discount"),
        pl.lit(curve.model).alias("model"),
        pl.when(unknown).then(pl.lit("unknown")).otherwise(pl.lit(curve.status)).alias("status"))


def backtest(survivors: pl.DataFrame, *, held_out: int, models: Sequence[str] = tuple(MODELS), period: str = "period",
             count: str = "survivors", level: float = LEVEL) -> pl.DataFrame:
    """Fits each model to the table of one cohort without its last `held_out` periods, and forecasts these. One row per
    model and held-out period: model, period, observed (share of the start), survival (forecast), ci_low, ci_high,
    ci_level, error_share (|forecast / observed - 1|), n_obs, status."""
    inputs.require_columns(survivors, [period, count], "backtest")
    table = survivors.sort(period)
    if not 0 < held_out < table.height - 1:
        raise AnalysisError(f"backtest: {table.height - 1} periods cannot hold out {held_out} and still be fitted")
    known, late = table.head(table.height - held_out), table.tail(held_out)
    observed = late[count].cast(pl.Float64).to_numpy() / float(table[count][0])
    parts = []
    for model in models:
        curve = fit_retention(known, model=model, period=period, count=count)
        found = points(curve, int(late[period].max() - table[period][0]), level).tail(held_out)
        parts.append(found.with_columns(
            pl.lit(model).alias("model"), pl.Series("observed", observed), pl.lit(curve.n_obs).alias("n_obs"),
            (pl.col("survival") / pl.Series(observed) - 1).abs().alias("error_share")).select(list(HELD_OUT)))
    return pl.concat(parts)


def held_out_error(tested: pl.DataFrame) -> pl.DataFrame:
    """One row per model of `backtest`: model, mape (mean of error_share), n_periods, status."""
    return tested.group_by("model", maintain_order=True).agg(
        pl.col("error_share").mean().alias("mape"), pl.len().alias("n_periods"), pl.col("status").first())


def _discounted(curve: Curve, age: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ weight_t · S(age + t) / S(age), per age."""
    time = np.arange(1, len(weights) + 1)
    return (curve.survival(age[:, None] + time) / curve.survival(age)[:, None]) @ weights


def _check(discount: float, horizon: int) -> None:
    if not 0 < discount <= 1:
        raise AnalysisError(f"discount is what 1 of the next period is worth today: above 0, at most 1, not {discount}")
    if horizon < 1:
        raise AnalysisError(f"horizon is how many periods are counted: at least 1, not {horizon}")
