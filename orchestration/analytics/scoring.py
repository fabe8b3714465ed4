"""Scores rows: probability with interval, causes, reasons and status."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.stats import t

from orchestration.analytics import boosting, encoding, inputs
from orchestration.analytics import reasons as reason
from orchestration.analytics.model import Estimator, Model

LEVEL = 0.95
NUMBERS = ("probability", "probability_low", "probability_high", "log_odds", "baseline_probability")


def score(model: Model, frame: pl.DataFrame, *, reasons: bool = True) -> pl.DataFrame:
    """One row per row of `frame`, in its order: the entity and period of the model where the frame has them, then

    probability, log_odds (calibrated); probability_low, probability_high, ci_level; baseline_probability (logistic);
    probability_<cause> where the model has causes, adding up to probability; reason_code_1..3, reason_family_1..3 and
    reason_value_1..3 (log-odds); status and model_version. A model that is not ok gives nulls and its status.

    The interval is that of the model's estimate: how far it would move if other customers had been drawn for training
    (delete-a-group jackknife over folds of entities, Student's t) and for calibration (sandwich). It says nothing of
    whether this customer leaves, and it does not cover what no feature tells. Raises AnalysisError when a feature is
    missing or changed its kind. Reasons take most of the time: `reasons=False` leaves them out.
    """
    inputs.require_columns(frame, list(model.features), "score")
    kept = frame.select(name for name in (model.entity, model.period) if name in frame.columns)
    if model.status != "ok" or model.estimator is None:
        found = _nothing(frame.height)
    else:
        found = _scored(model, model.estimator, encoding.encode(model.columns, frame), reasons)
    told = (pl.lit(LEVEL).alias("ci_level"), pl.lit(model.status).alias("status"),
            pl.lit(model.version).alias("model_version"))
    return pl.concat([kept, found], how="horizontal").with_columns(told)


def _scored(model: Model, estimator: Estimator, matrix: np.ndarray, with_reasons: bool) -> pl.DataFrame:
    raw = estimator.uncalibrated(matrix)
    log_odds = estimator.calibration.apply(raw)
    half = t.ppf((1 + LEVEL) / 2, len(estimator.replicates) - 1) * np.sqrt(estimator.variance(matrix, raw))
    plain = estimator.baseline_calibration.apply(estimator.offset + estimator.baseline.log_odds(matrix))
    values = (expit(log_odds), expit(log_odds - half), expit(log_odds + half), log_odds, expit(plain))
    parts = [pl.DataFrame(dict(zip(NUMBERS, values, strict=True)))]
    if estimator.causes is not None:
        shares = estimator.causes.shares(matrix)
        parts.append(pl.DataFrame({f"probability_{name}": expit(log_odds) * shares[:, number]
                                   for number, name in enumerate(estimator.causes.names)}))
    if with_reasons:
        parts.append(_reasons(model, estimator, matrix))
    return pl.concat(parts, how="horizontal")


def _reasons(model: Model, estimator: Estimator, matrix: np.ndarray) -> pl.DataFrame:
    """Tree contributions times the slope of calibration: with the mean they add up to the calibrated log-odds."""
    return pl.concat([
        reason.ranked(estimator.calibration.slope * found[:, :-1], model.features, model.families)
        for _, found in boosting.contributions(estimator.booster, matrix)])


def _nothing(rows: int) -> pl.DataFrame:
    texts = {f"reason_{part}_{number}": pl.Float64 if part == "value" else pl.String
             for number in range(1, reason.REASONS + 1) for part in ("code", "family", "value")}
    return pl.DataFrame({name: pl.Series(name, [None] * rows, dtype=kind)
                         for name, kind in {**dict.fromkeys(NUMBERS, pl.Float64), **texts}.items()})
