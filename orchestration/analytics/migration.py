"""Who moved from which segment to which between two months of one scheme."""

from __future__ import annotations

import polars as pl

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

SCHEMA = {"from_segment": pl.Int64, "to_segment": pl.Int64, "entities": pl.Int64, "from_total": pl.Int64,
          "share": pl.Float64}


def migration(before: pl.DataFrame, after: pl.DataFrame, *, entity: str, segment: str = "segment") -> pl.DataFrame:
    """One row per pair of segments that somebody moved between or stayed in: from_segment (null: was not there
    before), to_segment (null: is not there any more), entities, from_total (of the row of the matrix), share (the
    quotient; the shares of a from_segment add up to 1). Both frames have each entity once.

    Raises AnalysisError when they were assigned by two versions of a scheme (column scheme_version): their segments
    are not the same ones.
    """
    for frame, name in ((before, "before"), (after, "after")):
        inputs.require_columns(frame, [entity, segment], f"migration, {name}")
        if frame[entity].n_unique() != frame.height or frame[segment].null_count():
            raise AnalysisError(f"migration, {name}: an entity comes twice or has no segment")
    _same_version(before, after)
    moved = before.select(entity, pl.col(segment).alias("from_segment")).join(
        after.select(entity, pl.col(segment).alias("to_segment")), on=entity, how="full", coalesce=True)
    counted = moved.group_by("from_segment", "to_segment").agg(pl.len().cast(pl.Int64).alias("entities"))
    total = pl.col("entities").sum().over("from_segment").alias("from_total")
    return counted.with_columns(total).with_columns(
        (pl.col("entities") / pl.col("from_total")).alias("share")).sort("from_segment", "to_segment").cast(SCHEMA)


def _same_version(before: pl.DataFrame, after: pl.DataFrame) -> None:
    versions = [set(frame["scheme_version"].unique().to_list()) for frame in (before, after)
                if "scheme_version" in frame.columns]
    if versions and len(set.union(*versions)) > 1:
        raise AnalysisError("migration: the frames are of different schemes or versions; assign both months with one")
