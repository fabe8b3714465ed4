"""Classes by rank: value classes with their cut-offs, deciles, and recency, frequency and amount (RFM).

Equal values are never in two classes: the class of a tie is that of its best rank, and cut-offs are told with the
classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

DECILES = {str(number): 0.1 for number in range(1, 11)}
FIFTHS = {str(number): 0.2 for number in (5, 4, 3, 2, 1)}


def value_classes(frame: pl.DataFrame, *, value: str, shares: Mapping[str, float],
                  descending: bool = True) -> pl.DataFrame:
    """One row per row of `frame`, in its order: value_rank (1 is the highest; ties share the best), percentile (share
    of rows that are lower, 0 to 1), value_class, class_from (the least value in the class: its cut-off). `shares` names
    the classes from the top with the share of rows that each is to hold, adding up to 1, such as high .2, medium .3,
    low .5. An unknown value has null in all four and does not count in the ranks. `descending=False`: small is best.
    """
    inputs.require_columns(frame, [value], "value_classes")
    if abs(sum(shares.values()) - 1) > 1e-9 or min(shares.values()) <= 0:
        raise AnalysisError(f"the shares of the classes must be above 0 and add up to 1, not {dict(shares)}")
    known = pl.col("value").is_not_null()
    rows = frame.select(pl.col(value).fill_nan(None).alias("value") if frame[value].dtype.is_float()
                        else pl.col(value).alias("value"))
    ranked = rows.with_columns(pl.when(known).then(pl.col("value").rank("min", descending=descending)).cast(
        pl.Int64).alias("value_rank"))
    count = max(ranked["value"].count(), 1)
    place, name, passed = (pl.col("value_rank") - 1) / count, pl.lit(None, dtype=pl.String), 1.0
    for label, share in reversed(list(shares.items())):
        passed -= share
        name = pl.when(known & (place >= passed - 1e-12) & name.is_null()).then(pl.lit(label)).otherwise(name)
    classed = ranked.with_columns(name.alias("value_class"),
                                  ((count - pl.col("value").rank("max", descending=descending)) / count)
                                  .alias("percentile"))
    ends = pl.col("value").min() if descending else pl.col("value").max()
    cut = pl.when(known).then(ends.over("value_class")).alias("class_from")
    return classed.select("value_rank", "percentile", "value_class", cut)


def deciles(frame: pl.DataFrame, *, value: str) -> pl.DataFrame:
    """`value_classes` in ten equal classes: value_rank, percentile, decile (1 is the highest tenth), class_from.
    """
    found = value_classes(frame, value=value, shares=DECILES)
    return found.select("value_rank", "percentile", pl.col("value_class").cast(pl.Int64).alias("decile"), "class_from")


def rfm(frame: pl.DataFrame, *, recency: str, frequency: str, amount: str) -> pl.DataFrame:
    """One row per row of `frame`: recency_score, frequency_score, amount_score (5 best fifth to 1; recency is time
    since the last event, so the smallest is best), rfm_cell (their digits, such as 545). Null where unknown."""
    parts = []
    for column, name in ((recency, "recency"), (frequency, "frequency"), (amount, "amount")):
        found = value_classes(frame, value=column, shares=FIFTHS, descending=name != "recency")
        parts.append(found.select(pl.col("value_class").cast(pl.Int64).alias(f"{name}_score")))
    scored = pl.concat(parts, how="horizontal")
    return scored.with_columns(pl.concat_str(pl.all().cast(pl.String)).alias("rfm_cell"))
