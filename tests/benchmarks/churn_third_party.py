"""The churn library on tables of other people, beside the figures that are published for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from orchestration.analytics import churn, metrics, validation
from tests.third_party.churn_sets import Table

FOLDS, REPEATS = 5, 3
Say = Callable[[str, int, int], None]


def copies(table: Table, frame: pl.DataFrame) -> int:
    """Rows whose features equal those of another row."""
    return int(frame.select(table.features(frame)).is_duplicated().sum())


def measured(table: Table, *, together: bool = True, repeats: int = REPEATS, seed: int = 0,
             say: Say | None = None) -> dict[str, object]:
    """One line of the table: 3 × 5 stratified folds, everything learnt inside them.

    `together` keeps rows that are equal in all features on one side; without it rows are parted as the record's were.
    auc is the mean over folds with their standard deviation, as the record's; the other figures are of all rows of a
    repeat, the mean over repeats, and the interval is that of the first repeat.
    """
    frame = table.frame()
    features, entity = table.features(frame), None if together else "row_number"
    rows = frame if together else frame.with_columns(row_number=pl.int_range(frame.height))
    found = validation.cross_validated(rows, label="left", features=features, entity=entity, repeats=repeats,
                                       folds=FOLDS, seed=seed, progress=say)
    folds = [(_auc(part, "probability"), _auc(part, "baseline_probability"))
             for _, part in found.group_by("repeat", "fold", maintain_order=True)]
    told = pl.concat([churn.evaluate(part["left"], part["probability"], draws=200 if repeat == 0 else 2)
                      .with_columns(repeat=pl.lit(repeat))
                      for (repeat,), part in found.group_by("repeat", maintain_order=True)])
    means = dict(told.group_by("metric").agg(pl.col("estimate").mean()).iter_rows())
    first = {row["metric"]: row for row in told.filter(pl.col("repeat") == 0).iter_rows(named=True)}
    auc, logistic = np.mean(folds, axis=0)
    return {"set": table.name, "copies": "together" if together else "anywhere", "rows": frame.height,
            "rate": float(frame["left"].mean()), "auc": float(auc), "fold_sd": float(np.std(folds, axis=0)[0]),
            "auc_low": first["auc"]["ci_low"], "auc_high": first["auc"]["ci_high"], "logistic_auc": float(logistic),
            "lift": means["top_decile_lift"], "empc": means["empc"], "average_precision": means["average_precision"],
            "brier": means["brier"], "slope": means["calibration_slope"], "record_auc": table.record[0],
            "record_lift": table.record[1], "record_empc": table.record[2], "least_auc": table.least_auc,
            "reached": auc >= table.least_auc}


def _auc(part: pl.DataFrame, score: str) -> float:
    return metrics.auc(part["left"].cast(pl.Float64).to_numpy(), part[score].to_numpy())
