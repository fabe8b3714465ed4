"""Many segments at once: each drawn towards the others as far as it is uncertain, and discoveries held in check."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.stats import false_discovery_control, norm

from orchestration.analytics import inputs
from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.elasticity import results
from orchestration.analytics.elasticity.panel import Columns
from orchestration.analytics.elasticity.single import LEVEL, rows
from orchestration.analytics.elasticity.variation import Limits

LEAST_SEGMENTS = 5
DISCOVERY_LEVEL = 0.05
SHRUNK = {"shrunk_estimate": pl.Float64, "shrunk_ci_low": pl.Float64, "shrunk_ci_high": pl.Float64,
          "shrinkage": pl.Float64, "q_value": pl.Float64, "is_discovery": pl.Boolean}


def by_segment(frame: pl.DataFrame, *, segment: str, quantity: str, price: str, unit: str | None = None,
               period: str | None = None, cluster: str | None = None, controls: tuple[str, ...] = (),
               cross_prices: tuple[str, ...] = (), instruments: tuple[str, ...] = (), effects: str = "twoway",
               logs: bool = True, coded: dict[str, list[object]] | None = None, plan: str | None = None,
               revenue: str | None = None, margin: str = "usage", level: float = LEVEL,
               limits: Limits | None = None) -> pl.DataFrame:
    """The rows of `estimate` for each segment, with the segment first, and

    shrunk_estimate, shrunk_ci_low, shrunk_ci_high: empirical Bayes across segments of the same price (see `shrunk`);
    shrinkage (0 its own figure, 1 the mean of all); q_value and is_discovery: Benjamini and Hochberg at 5 % over all
    segments of a kind, own and cross apart. A segment with a positive own price shows no number, but counts in what
    the others are drawn to: leaving it out would make every elasticity look larger.
    """
    inputs.require_columns(frame, [segment], "by_segment")
    columns = Columns(quantity, price, unit, period, cluster, tuple(controls), tuple(instruments), tuple(cross_prices),
                      plan, revenue)
    found = []
    for (name,), part in sorted(frame.partition_by(segment, as_dict=True).items(), key=lambda each: str(each[0])):
        panel = panels.prepare(part, columns, effects=effects, logs=logs, coded=coded)
        found += [{"segment": name, **row} for row in rows(panel, limits or Limits(), margin, level)]
    told = results.table({key: value for key, value in row.items() if key != "segment"} for row in found)
    added = pl.DataFrame([_beside(row, found, level) for row in found], schema=SHRUNK, orient="row")
    names = pl.Series(segment, [row["segment"] for row in found], dtype=frame.schema[segment])
    beside = pl.concat([told, added], how="horizontal").insert_column(0, names)
    return beside.with_columns(pl.when(pl.col("status") == "ok").then(pl.col(name)) for name in SHRUNK)


def shrunk(estimates: np.ndarray, errors: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Rows of shrunk estimate, low end, high end, shrinkage; one per estimate (at least five).

    True values are taken as drawn from a normal distribution whose variance is told by the estimates (Paule and
    Mandel 1982); the interval allows for its mean and variance being estimated too (Morris, Parametric empirical Bayes
    inference, JASA 78, 1983).
    """
    count, variance = len(estimates), errors**2
    between = between_variance(estimates, variance)
    weight = 1 / (variance + between)
    mean = float(weight @ estimates / weight.sum())
    drawn = (count - 3) / (count - 1) * variance / (variance + between)
    average = float(weight @ variance / weight.sum()) + between
    spread = (variance * (1 - (count - 1) / count * drawn)
              + 2 / (count - 3) * drawn**2 * average / (variance + between) * (estimates - mean) ** 2)
    middle = (1 - drawn) * estimates + drawn * mean
    half = norm.ppf((1 + level) / 2) * np.sqrt(spread)
    return np.column_stack([middle, middle - half, middle + half, drawn])


def between_variance(estimates: np.ndarray, variance: np.ndarray) -> float:
    """How much true values differ: at this variance the weighted squares are as many as estimates, less one."""
    def excess(between: float) -> float:
        weight = 1 / (variance + between)
        return float(weight @ (estimates - weight @ estimates / weight.sum()) ** 2) - (len(estimates) - 1)

    most = 10 * float(np.var(estimates) + variance.max())
    return 0.0 if excess(0.0) <= 0 else float(brentq(excess, 0.0, most))


def _beside(row: dict[str, object], all_rows: list[dict[str, object]], level: float) -> dict[str, object]:
    if row.get("estimate") is None:
        return dict.fromkeys(SHRUNK)
    made: dict[str, object] = dict.fromkeys(SHRUNK)
    same = [each for each in all_rows if each["target"] == row["target"] and each.get("estimate") is not None]
    if len(same) >= LEAST_SEGMENTS:
        drawn = shrunk(*(np.array([each[name] for each in same]) for name in ("estimate", "std_error")), level)
        made |= dict(zip(("shrunk_estimate", "shrunk_ci_low", "shrunk_ci_high", "shrinkage"),
                         drawn[next(number for number, each in enumerate(same) if each is row)].tolist(), strict=True))
    family = [each for each in all_rows if each["kind"] == row["kind"] and each.get("estimate") is not None]
    q_values = false_discovery_control([each["p_value"] for each in family])
    made["q_value"] = float(q_values[next(number for number, each in enumerate(family) if each is row)])
    made["is_discovery"] = made["q_value"] <= DISCOVERY_LEVEL
    return made
