"""What a fitted churn model is: the parts that score a row, and the facts that its card tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from orchestration.analytics import boosting
from orchestration.analytics.boosting import lgb
from orchestration.analytics.calibration import Calibration
from orchestration.analytics.causes import Causes
from orchestration.analytics.drift import Reference
from orchestration.analytics.encoding import Column
from orchestration.analytics.logistic import Baseline

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Estimator:
    """Everything that turns a matrix into log-odds. `replicates` were trained without one fold of entities each, on
    the periods before calibration; `offset` brings the training sample to the true rate."""

    booster: lgb.Booster
    replicates: tuple[lgb.Booster, ...]
    baseline: Baseline
    offset: float
    calibration: Calibration
    baseline_calibration: Calibration
    causes: Causes | None

    def uncalibrated(self, matrix: np.ndarray) -> np.ndarray:
        return self.offset + boosting.log_odds(self.booster, matrix)

    def variance(self, matrix: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
        """Of the calibrated log-odds: delete-a-group jackknife over the replicates (Kott 2001) plus calibration."""
        spread = np.stack([boosting.log_odds(booster, matrix) for booster in self.replicates])
        count = len(self.replicates)
        jackknife = (count - 1) * spread.var(axis=0)
        return self.calibration.slope**2 * jackknife + self.calibration.variance(log_odds)


@dataclass(frozen=True)
class Model:
    """`status` is ok, low_n (too few events; no estimator) or not_identified (held-out rows are not ranked better than
    by chance). Only an ok model gives figures. `metrics` are of held-out rows."""

    features: tuple[str, ...]
    label: str
    entity: str | None
    period: str | None
    families: tuple[str, ...]
    columns: tuple[Column, ...]
    reference: tuple[Reference, ...]
    version: str
    status: str
    estimator: Estimator | None
    facts: dict[str, float | int | str] = field(default_factory=dict)
    single_feature_auc: dict[str, float] = field(default_factory=dict)
    metrics: pl.DataFrame = field(default_factory=pl.DataFrame)
    baseline_metrics: pl.DataFrame = field(default_factory=pl.DataFrame)
