"""Whether the prices of a panel moved in a way that can tell an elasticity, before anything is estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.analytics.elasticity import results
from orchestration.analytics.elasticity.panel import Panel

LEAST_ROWS = 30
LEAST_CLUSTERS = 6
LEAST_MOVE = 0.01
OWN_SHARE = 0.001
PLAN_SHARE = 0.1
SAME_AS_UNIT_VALUE = 0.95
STILL = 1e-9


@dataclass(frozen=True)
class Limits:
    """`least_move` is a relative change; `least_clusters` counts clusters whose price moved by that; `plan_share` is
    the share of the price's variation that may come from changes of plan."""

    least_rows: int = LEAST_ROWS
    least_clusters: int = LEAST_CLUSTERS
    least_move: float = LEAST_MOVE
    plan_share: float = PLAN_SHARE


Refusal = dict[str, object]


def refusal(panel: Panel, limits: Limits) -> Refusal | None:
    """Why the own price cannot tell anything, or None."""
    if panel.frame.height < limits.least_rows:
        return results.refused("low_n", f"{panel.frame.height} of {limits.least_rows}")
    if np.ptp(panel.residual("outcome")) < STILL:
        return results.refused("not_identified", f"{panel.columns.quantity} did not move apart from what all did")
    move = largest_move(panel, "log_price")
    if move < limits.least_move:
        return results.refused("price_did_not_move", f"{move:.2%} of {limits.least_move:.0%}")
    if panel.clusters and (moved := moved_clusters(panel, limits.least_move)) < limits.least_clusters:
        return results.refused("few_clusters", f"{moved} of {limits.least_clusters}")
    if panel.columns.revenue and is_unit_value(panel):
        return results.refused("price_is_unit_value")
    if panel.columns.plan and (share := share_of_plan_changes(panel)) > limits.plan_share:
        return results.refused("plan_choice_moved", f"{share:.0%} of its variation, {limits.plan_share:.0%} allowed")
    return moved_together(panel, "price", (), limits)


def moved_together(panel: Panel, name: str, others: tuple[str, ...], limits: Limits) -> Refusal | None:
    """Why `name` cannot be told from the effects (and `others`), or None."""
    key = "log_price" if name == "price" else name
    whole = spread(panel, key)
    apart = panel.residual(key, others)
    status = "not_identified" if others else "moved_together"
    if np.ptp(apart) < limits.least_move or apart.var() < OWN_SHARE * whole.var():
        return results.refused(status, f"{panel.named[name]} moved by {np.ptp(apart):.2%} apart from "
                               + ("the controls and other prices" if others else "what all did"))
    return None


def largest_move(panel: Panel, name: str) -> float:
    """Largest relative change of a logarithmic price within a unit (over all rows where units play no part)."""
    groups = panel.frame.group_by("unit") if "unit" in panel.effects else panel.frame.group_by(pl.lit(0))
    return float(np.expm1(groups.agg(pl.col(name).max() - pl.col(name).min())[name].max()))


def moved_clusters(panel: Panel, least_move: float) -> int:
    """Clusters in which the price of some unit moved; without unit effects, clusters whose price is not the mean's."""
    if "unit" not in panel.effects:
        return panel.clusters
    ranges = panel.frame.group_by("cluster", "unit").agg(pl.col("log_price").max() - pl.col("log_price").min())
    return ranges.filter(pl.col("log_price") >= np.log1p(least_move))["cluster"].n_unique()


def spread(panel: Panel, name: str) -> np.ndarray:
    """Less the mean of the unit, or of all."""
    column = pl.col(name)
    return panel.frame.select(column - (column.mean().over("unit") if "unit" in panel.effects else column.mean())
                              ).to_series().to_numpy()


def is_unit_value(panel: Panel) -> bool:
    """The price equals revenue over quantity, and changes nearly every period as no list price does."""
    columns, frame = panel.columns, panel.kept.filter(pl.col(panel.columns.quantity) > 0)
    ratio = frame[columns.revenue].cast(pl.Float64) / frame[columns.quantity].cast(pl.Float64)
    same = ((frame[columns.price].cast(pl.Float64) / ratio - 1).abs() < 1e-6).mean()
    if not columns.unit or not columns.period:
        return same >= SAME_AS_UNIT_VALUE
    steps = frame.sort(columns.unit, columns.period).select(
        pl.col(columns.price).cast(pl.Float64).pct_change().over(columns.unit).abs() > 1e-6).to_series().drop_nulls()
    return bool(same >= SAME_AS_UNIT_VALUE and steps.mean() > 0.5)


def share_of_plan_changes(panel: Panel) -> float:
    """Share of the price's variation within units that is gone when only rows of one plan are compared."""
    price, plan = panel.frame["log_price"], panel.kept[panel.columns.plan]
    made = panel.frame.select("log_price", *(["unit"] if "unit" in panel.frame.columns else [])).with_columns(plan=plan)
    by = [name for name in ("unit",) if name in made.columns]
    whole = (price - made.select(pl.col("log_price").mean().over(by) if by else pl.col("log_price").mean()
                                 ).to_series()).var()
    within = (price - made.select(pl.col("log_price").mean().over([*by, "plan"])).to_series()).var()
    return 1 - within / whole
