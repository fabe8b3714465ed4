"""Estimates against ranges that others published: an alarm, never a correction."""

from __future__ import annotations

import polars as pl

from orchestration.analytics import inputs


def plausible(estimates: pl.DataFrame, bands: pl.DataFrame, *, by: tuple[str, ...] = ("margin",)) -> pl.DataFrame:
    """The estimates with band_low, band_high and is_plausible: whether an own elasticity with status ok lies within
    the band of its margin (`by` may name more columns, such as a product). Null where there is no estimate, no band,
    or the row is not an own price. `bands` has the columns of `by`, low and high. Raises AnalysisError where one lacks.
    """
    inputs.require_columns(bands, [*by, "low", "high"], "plausible: bands")
    inputs.require_columns(estimates, [*by, "kind", "estimate", "status"], "plausible: estimates")
    held = bands.select(*by, pl.col("low").cast(pl.Float64).alias("band_low"),
                        pl.col("high").cast(pl.Float64).alias("band_high"))
    asked = (pl.col("status") == "ok") & (pl.col("kind") == "own")
    return estimates.join(held, on=list(by), how="left", maintain_order="left").with_columns(
        is_plausible=pl.when(asked).then(pl.col("estimate").is_between("band_low", "band_high")))
