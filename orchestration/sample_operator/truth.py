"""The truth folder: what a correct warehouse must find, computed from the generator's own tables.

Nothing here reads a generated file. Tables are keyed like the facts and KPIs they are compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing


@dataclass
class Counts:
    """Running sums that are too large to keep as records."""

    usage: np.ndarray

    @classmethod
    def empty(cls, plan, population, network) -> Counts:
        return cls(np.zeros(1))

    def add_usage(self, month, day, calls, parts) -> None:
        pass

    def add_measured(self, day, measured, missing) -> None:
        pass


def file_rows(landing: Landing) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every file with its counts, and per file and summed column the totals."""
    files, totals = [], []
    for s in landing.sent:
        accepted = s.delivered_rows - s.rejected_rows - s.duplicate_rows
        files.append((s.contract_id, s.file_name, s.relative_path, s.file_date, s.version, s.state, s.reason, s.size_bytes,
                      s.delivered_rows, accepted, s.rejected_rows, s.duplicate_rows))
        for name, value in s.delivered.items():
            rejected, duplicate = s.rejected.get(name, 0), s.duplicate.get(name, 0)
            totals.append((s.contract_id, s.file_name, s.file_date, s.state, name, value, value - rejected - duplicate,
                           rejected, duplicate))
    file = pl.DataFrame(files, orient="row", infer_schema_length=None, schema=[
        "contract_id", "file_name", "relative_path", "file_date", "version", "expected_state", "reason", "size_bytes",
        "delivered_rows", "accepted_rows", "rejected_rows", "duplicate_rows"])
    total = pl.DataFrame(totals, orient="row", infer_schema_length=None, schema=[
        "contract_id", "file_name", "file_date", "expected_state", "column_name", "delivered_total", "accepted_total",
        "rejected_total", "duplicate_total"])
    return file, total


def write(folder: Path, world, landing: Landing, planted: list[dict]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file, total = file_rows(landing)
    counted = ("files", "delivered_rows", "accepted_rows", "rejected_rows", "duplicate_rows")
    in_force = pl.col("expected_state") == "accepted"
    feed_day = file.filter(in_force).with_columns(pl.lit(1).alias("files")).group_by(
        "contract_id", "file_date").agg(pl.col(*counted).sum()).sort("contract_id", "file_date")
    feed_total = total.filter(in_force).group_by("contract_id", "file_date", "column_name").agg(
        pl.col("delivered_total", "accepted_total", "rejected_total", "duplicate_total").sum()).sort(
        "contract_id", "file_date", "column_name")
    for name, frame in {"file": file, "file_total": total, "feed_day": feed_day, "feed_total": feed_total}.items():
        frame.write_parquet(folder / f"{name}.parquet")
