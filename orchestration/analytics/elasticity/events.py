"""One price event at a time: before and after, against units whose price stayed over the same periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.stats import t

from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.elasticity import results
from orchestration.analytics.elasticity.panel import Columns
from orchestration.analytics.errors import AnalysisError

WINDOW = 3
LEAST_MOVE = 0.01
LEAST_COMPARISON = 10
LEVEL = 0.95
SCHEMA = {"unit": pl.Int64, "period": pl.Int64, "price_before": pl.Float64, "price_after": pl.Float64,
          "quantity_before": pl.Float64, "quantity_after": pl.Float64, "comparison_units": pl.Int64,
          "comparison_change": pl.Float64, "arc_without_comparison": pl.Float64, "estimate": pl.Float64,
          "ci_low": pl.Float64, "ci_high": pl.Float64, "ci_level": pl.Float64, "identification": pl.String,
          "status": pl.String}
NUMBERS = ("estimate", "ci_low", "ci_high", "arc_without_comparison")


def arc(before: float, after: float) -> float:
    """Half the change relative to the mean of both: (after − before) ÷ (after + before)."""
    return (after - before) / (after + before)


def price_events(frame: pl.DataFrame, *, quantity: str, price: str, unit: str, period: str, window: int = WINDOW,
                 coded: Mapping[str, Sequence[object]] | None = None, level: float = LEVEL,
                 least_move: float = LEAST_MOVE, least_comparison: int = LEAST_COMPARISON) -> pl.DataFrame:
    """One row per unit and period in which its price changed at all, in the order of unit and period.

    Columns: unit, period (as in the frame), price_before and price_after, quantity_before and quantity_after (means of
    `window` periods each side), comparison_units, comparison_change (mean of their (Q2 − Q1) ÷ (Q1 + Q2)),
    arc_without_comparison, estimate (arc elasticity: ((Q2 − Q1) ÷ (Q1 + Q2) − comparison_change) ÷ ((P2 − P1) ÷
    (P1 + P2))), ci_low, ci_high, ci_level, identification, status. One event is one unit: the interval is as wide as
    the changes of units whose price stayed differ (t of their number less one), because the event's unit would have
    differed as much. Refuses a change below `least_move` (price_did_not_move), too few periods on a side (low_n),
    another change inside the window (overlapping_change), fewer than `least_comparison` units that stayed
    (no_comparison_group) and quantity that rose with its price (positive_own_price). An event is of its unit's own
    list price; it is not corrected for prices that were set because of demand: `staggered` looks for that.
    """
    panel = panels.prepare(frame, Columns(quantity, price, unit, period), effects="twoway", logs=False, coded=coded)
    if panel.frame.select("unit", "period").is_duplicated().any():
        raise AnalysisError("a unit has the same period more than once: give one row per unit and period")
    prices, quantities = _grid(panel.frame, "price"), _grid(panel.frame, "outcome")
    names = [panel.kept[name].unique().sort() for name in (unit, period)]
    rows = []
    with np.errstate(invalid="ignore"):
        moved = np.abs(prices[:, 1:] / prices[:, :-1] - 1) > 1e-9
    for code, since in np.argwhere(moved):
        rows.append({"unit": int(code), "period": int(since) + 1, "ci_level": level,
                     **_event(prices, quantities, int(code), int(since) + 1, window, level, least_move,
                              least_comparison)})
    told = [{**row, **(dict.fromkeys(NUMBERS) if row["status"] != "ok" else {})} for row in rows]
    made = pl.DataFrame(told, schema=SCHEMA, orient="row")
    return made.with_columns(**{key: values.gather(made[key]) for key, values in zip(("unit", "period"), names,
                                                                                    strict=True)})


def _grid(made: pl.DataFrame, name: str) -> np.ndarray:
    """Units × periods, not a number where there is no row."""
    grid = np.full((made["unit"].n_unique(), made["period"].n_unique()), np.nan)
    grid[made["unit"].to_numpy(), made["period"].to_numpy()] = made[name].to_numpy()
    return grid


def _event(prices: np.ndarray, quantities: np.ndarray, code: int, since: int, window: int, level: float,
           least_move: float, least_comparison: int) -> dict[str, object]:
    low, high = max(since - window, 0), min(since + window, prices.shape[1])
    old, new = prices[code, since - 1], prices[code, since]
    found: dict[str, object] = {"price_before": old, "price_after": new}
    if abs(new / old - 1) < least_move:
        return {**found, **results.refused("price_did_not_move", f"{abs(new / old - 1):.2%} of {least_move:.0%}")}
    if since - low < window or high - since < window or np.isnan(quantities[code, low:high]).any():
        return {**found, **results.refused("low_n", f"{window} periods before and after are needed")}
    steady = np.ptp(prices[:, low:high], axis=1) <= 1e-9 * prices[:, low]
    if np.ptp(prices[code, low:since]) > 1e-9 * old or np.ptp(prices[code, since:high]) > 1e-9 * new:
        return {**found, **results.refused("overlapping_change")}
    before, after = (quantities[:, part].mean(axis=1) for part in (slice(low, since), slice(since, high)))
    with np.errstate(invalid="ignore"):
        changes = (after - before) / (after + before)
    others = changes[steady & np.isfinite(changes)]
    found |= {"quantity_before": before[code], "quantity_after": after[code], "comparison_units": len(others)}
    if len(others) < least_comparison:
        return {**found, **results.refused("no_comparison_group", f"{len(others)} of {least_comparison} units")}
    if not np.isfinite(changes[code]):
        return {**found, **results.refused("low_n", "nothing was bought before and after")}
    return {**found, **_elasticity(changes[code], others, arc(old, new), level)}


def _elasticity(change: float, others: np.ndarray, of_price: float, level: float) -> dict[str, object]:
    estimate = (change - others.mean()) / of_price
    count = len(others)
    half = t.ppf((1 + level) / 2, count - 1) * others.std(ddof=1) * np.sqrt(1 + 1 / count) / abs(of_price)
    told = {"comparison_change": others.mean(), "arc_without_comparison": change / of_price, "estimate": estimate,
            "ci_low": estimate - half, "ci_high": estimate + half, "status": "ok",
            "identification": f"before and after, against {count} units whose price stayed"}
    return {**told, **results.refused("positive_own_price")} if estimate > 0 else told
