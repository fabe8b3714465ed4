"""Alerts at a capacity that people can work through, how early they came, and what is at stake."""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError


def alerts(scores: pl.DataFrame, *, period: str, probability: str, capacity: int) -> pl.DataFrame:
    """`scores` with risk_rank (1 is the highest probability of the period) and is_alert: the `capacity` highest of each
    period. Rows without a probability get neither."""
    inputs.require_columns(scores, [period, probability], "alerts")
    if capacity < 1:
        raise AnalysisError(f"capacity is how many alerts a period can be worked through: at least 1, not {capacity}")
    rank = pl.col(probability).rank("ordinal", descending=True).over(period)
    return scores.with_columns(rank.alias("risk_rank")).with_columns(
        (pl.col("risk_rank") <= capacity).fill_null(False).alias("is_alert"))


def risen(scores: pl.DataFrame, *, entity: str, period: str, log_odds: str = "log_odds",
          allowance: float = 0.1) -> pl.DataFrame:
    """`scores` with risen_log_odds: how far the log-odds of the entity stand above their lowest point so far, less
    `allowance` per period since then (a one-sided CUSUM of their changes, Page 1954). A risk that grows is an earlier
    sign than one that is high. `period` is a whole number; a null score gives null and does not count."""
    inputs.require_columns(scores, [entity, period, log_odds], "risen")
    level = pl.col(log_odds) - allowance * pl.col(period)
    ordered = scores.with_row_index("_place").sort(entity, period)
    found = ordered.with_columns((level - level.cum_min().over(entity)).alias("risen_log_odds"))
    return found.sort("_place").drop("_place")


def within(scores: pl.DataFrame, periods: tuple[int, ...] = (1, 2, 3)) -> pl.DataFrame:
    """probability_within_<n>, with _low and _high, per row: gone within n periods at today's hazard, 1 - (1 - h)ⁿ."""
    inputs.require_columns(scores, ["probability", "probability_low", "probability_high"], "within")
    return scores.select([(1 - (1 - pl.col(f"probability{end}")) ** number).alias(f"probability_within_{number}{end}")
                          for number in periods for end in ("", "_low", "_high")])


def judged(alerted: pl.DataFrame, exits: pl.DataFrame, *, entity: str, period: str, within: int) -> pl.DataFrame:
    """How the alerts did: one row with exits, exits_alerted (alerted in the `within` periods up to the exit's),
    recall, alerts, alerts_right, precision, median_lead (periods from the first of those alerts to the exit).

    `alerted` is what `alerts` gives, `period` a whole number; `exits` has entity and period of leaving, once each.
    """
    inputs.require_columns(alerted, [entity, period, "is_alert"], "judged")
    inputs.require_columns(exits, [entity, period], "judged")
    raised = alerted.filter("is_alert").select(entity, pl.col(period).alias("raised"))
    pairs = raised.join(exits.select(entity, pl.col(period).alias("gone")), on=entity, how="inner").with_columns(
        (pl.col("gone") - pl.col("raised")).alias("lead")).filter(pl.col("lead").is_between(0, within - 1))
    leads = pairs.group_by(entity).agg(pl.col("lead").max())
    return pl.DataFrame([{
        "exits": exits.height, "exits_alerted": leads.height, "recall": leads.height / exits.height,
        "alerts": raised.height, "alerts_right": pairs.height,
        "precision": pairs.height / raised.height if raised.height else None, "median_lead": leads["lead"].median()}])


def expected_loss(frame: pl.DataFrame, *, margin: str, periods: int, discount: float,
                  probability: str = "probability") -> pl.DataFrame:
    """expected_lost_margin, expected_lost_margin_low and _high per row: the margin of the next `periods` periods that
    is lost when the entity goes on leaving at today's hazard, Σ m·dᵗ·(1 − S(t)), S(t) = (1 − h)ᵗ, d = `discount` per
    period. The interval is that of the hazard (columns `<probability>_low` and `_high`); the margin is taken as given.
    Null where the probability is."""
    named = [probability, f"{probability}_low", f"{probability}_high"]
    inputs.require_columns(frame, [margin, *named], "expected_loss")
    if not 0 < discount <= 1:
        raise AnalysisError(f"discount is what 1 of the next period is worth today: above 0, at most 1, not {discount}")
    worth = frame[margin].cast(pl.Float64).to_numpy()
    time = np.arange(1, periods + 1)
    found = {}
    for name, ending in zip(named, ("", "_low", "_high"), strict=True):
        hazard = frame[name].cast(pl.Float64).to_numpy()[:, None]
        lost = worth * ((1 - (1 - hazard) ** time) * discount**time).sum(axis=1)
        found[f"expected_lost_margin{ending}"] = pl.Series(lost).fill_nan(None)
    # a negative margin turns the ends around
    ends = np.sort(np.stack([found[f"expected_lost_margin{end}"].to_numpy() for end in ("_low", "_high")]), axis=0)
    return pl.DataFrame({"expected_lost_margin": found["expected_lost_margin"],
                         "expected_lost_margin_low": pl.Series(ends[0]).fill_nan(None),
                         "expected_lost_margin_high": pl.Series(ends[1]).fill_nan(None)})


def remaining_value(frame: pl.DataFrame, *, margin: str, periods: int, discount: float,
                    probability: str = "probability") -> pl.Series:
    """What an entity still brings in the next `periods` periods if it leaves at today's hazard: Σ m·dᵗ·(1 − h)ᵗ, in the
    unit of the margin. Null where the probability is."""
    inputs.require_columns(frame, [margin, probability], "remaining_value")
    time = np.arange(1, periods + 1)
    stayed = (1 - frame[probability].cast(pl.Float64).to_numpy()[:, None]) ** time
    worth = frame[margin].cast(pl.Float64).to_numpy() * (stayed * discount**time).sum(axis=1)
    return pl.Series("remaining_value", worth).fill_nan(None)
