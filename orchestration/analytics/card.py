"""What is told about a model: its card, the ratios of its logistic part, and how rows have drifted since training."""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.analytics import drift, encoding, inputs, logistic
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.model import Model

SCHEMA = {"model_version": pl.String, "section": pl.String, "item": pl.String, "estimate": pl.Float64,
          "ci_low": pl.Float64, "ci_high": pl.Float64, "ci_level": pl.Float64, "n_obs": pl.Int64,
          "detail": pl.String, "status": pl.String}


def card(model: Model, *, out_of_time: pl.DataFrame | None = None, drifted: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per section and item: model_version, section, item, estimate, ci_low, ci_high, ci_level, n_obs, detail
    (text), status.

    Sections: `training` (counts, periods, base rate), `held_out` and `baseline` (metrics of rows that the models did
    not see), `calibration` (the line that was applied), `hazard_ratio` (logistic part), `feature` (share of the
    trees' gain; the detail gives the AUC of the feature alone and its reason family), and, where given, `out_of_time`
    (a frame of `evaluate`) and `drift` (a frame of `psi`).
    """
    parts = [_facts(model)]
    if model.estimator is not None:
        parts += [_metrics(model.metrics, "held_out"), _metrics(model.baseline_metrics, "baseline"),
                  _calibration(model), _ratios(model), _features(model)]
    if out_of_time is not None:
        parts.append(_metrics(out_of_time, "out_of_time"))
    if drifted is not None:
        parts.append(drifted.select(pl.lit("drift").alias("section"), pl.col("feature").alias("item"),
                                    pl.col("psi").alias("estimate"), "n_obs", "status"))
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *parts], how="diagonal_relaxed").select(list(SCHEMA))
    return found.with_columns(pl.lit(model.version).alias("model_version"), pl.col("status").fill_null(model.status))


def hazard_ratios(model: Model, level: float = 0.95) -> pl.DataFrame:
    """The ratios of the logistic part (`logistic.ratios`); `status` is that of the model. Raises AnalysisError when
    there were too few events for a model."""
    if model.estimator is None:
        raise AnalysisError(f"model {model.version} has status {model.status}: it has no hazard ratios")
    return logistic.ratios(model.estimator.baseline, level).with_columns(pl.lit(model.status).alias("status"))


def psi(model: Model, frame: pl.DataFrame) -> pl.DataFrame:
    """The drift of each feature of `frame` against the rows of training (`drift.psi`)."""
    inputs.require_columns(frame, list(model.features), "psi")
    return drift.psi(model.reference, encoding.encode(model.columns, frame))


def _facts(model: Model) -> pl.DataFrame:
    rows = [("training", name, None if isinstance(value, str) else float(value), str(value))
            for name, value in {**model.facts, "status": model.status}.items()]
    return pl.DataFrame(rows, schema=["section", "item", "estimate", "detail"], orient="row",
                        schema_overrides={"estimate": pl.Float64})


def _metrics(found: pl.DataFrame, section: str) -> pl.DataFrame:
    return found.select(pl.lit(section).alias("section"), pl.col("metric").alias("item"), "estimate", "ci_low",
                        "ci_high", "ci_level", "n_obs", pl.col("method").alias("detail"), "status")


def _calibration(model: Model) -> pl.DataFrame:
    line = model.estimator.calibration
    error = np.sqrt(np.diag(line.covariance))
    return pl.DataFrame({
        "section": ["calibration"] * 3, "item": ["intercept", "slope", "offset"],
        "estimate": [line.intercept, line.slope, model.estimator.offset],
        "ci_low": [line.intercept - 1.96 * error[0], line.slope - 1.96 * error[1], None],
        "ci_high": [line.intercept + 1.96 * error[0], line.slope + 1.96 * error[1], None],
        "ci_level": [0.95, 0.95, None]})


def _ratios(model: Model) -> pl.DataFrame:
    named = pl.when(pl.col("member") == "").then("feature").otherwise(pl.format("{}: {}", "feature", "member"))
    return hazard_ratios(model).select(
        pl.lit("hazard_ratio").alias("section"), named.alias("item"),
        pl.col("ratio").alias("estimate"), "ci_low", "ci_high", "ci_level")


def _features(model: Model) -> pl.DataFrame:
    gain = model.estimator.booster.feature_importance(importance_type="gain")
    details = [f"alone {model.single_feature_auc[name]:.3f}; family {family}"
               for name, family in zip(model.features, model.families, strict=True)]
    return pl.DataFrame({"section": ["feature"] * len(gain), "item": list(model.features),
                         "estimate": gain / max(gain.sum(), np.finfo(float).tiny), "detail": details})
