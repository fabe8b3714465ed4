"""Judges probabilities against outcomes: every metric with its interval, and the stop when it is too good."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl

from orchestration.analytics import inputs, leakage, metrics
from orchestration.analytics.inputs import Values
from orchestration.analytics.profit import Offer

DRAWS = 500
LEVEL = 0.95
FEW_EVENTS = 20
METHOD = "bootstrap, percentile"
SCHEMA = {"metric": pl.String, "estimate": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
          "ci_level": pl.Float64, "n_obs": pl.Int64, "n_events": pl.Int64, "method": pl.String, "status": pl.String}


def evaluate(label: Values, probability: Values, *, value: Values | None = None, entity: pl.Series | None = None,
             weight: Values | None = None, bayes_auc: float | None = None, offer: Offer | None = None,
             draws: int = DRAWS, level: float = LEVEL, seed: int = 0) -> pl.DataFrame:
    """One row per metric: AUC, average precision, top-decile lift, EMPC and its best contacted share, Brier,
    calibration slope and intercept; with `value` (what a customer is worth, any unit) also `value_lost` (sum over those
    who left), `value_expected` (sum of probability × value), `value_calibration` (their ratio) and
    `top_decile_value_lift` (ranked by probability × value).

    Columns metric, estimate, ci_low, ci_high, ci_level, n_obs, n_events, method, status (`ok`, or `low_n` without
    figures when there are fewer than 20 events). `entity` resamples whole entities: give it when one customer has
    several rows. `weight` undoes a sample that was drawn by outcome. Raises LeakageError when the AUC is more than 3
    standard errors above `bayes_auc`, the AUC of the true probabilities where they are known; AnalysisError when the
    label has one class only or lengths differ.
    """
    outcome = inputs.binary(label, "label")
    predicted = inputs.probabilities(probability, "probability", len(outcome))
    weights = None if weight is None else inputs.numbers(weight, "weight", len(outcome))
    groups = None if entity is None else inputs.codes(entity)
    offer = offer or Offer()
    exact, coarse = metrics.grouped(predicted), metrics.grouped(predicted, metrics.GROUPS)
    estimates = metrics.measured(exact, *exact.counts(outcome, weights), offer)
    if bayes_auc is not None:
        leakage.refuse_above_bayes(estimates[0], bayes_auc, outcome.sum(), (1 - outcome).sum())
    drawn = metrics.bootstrapped(coarse, outcome, weights, groups, offer, draws, seed)
    parts = [_table(metrics.NAMES, estimates, drawn, outcome, level)]
    if value is not None:
        worth = inputs.numbers(value, "value", len(outcome))
        found, drawn = _valued(outcome, predicted, worth, weights, groups, draws, seed)
        parts.append(_table(tuple(found), np.array(list(found.values())), drawn, outcome, level))
    return pl.concat(parts)


def _table(names: tuple[str, ...], estimates: np.ndarray, drawn: np.ndarray, outcome: np.ndarray,
           level: float) -> pl.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a metric that no draw could measure is null
        edges = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    events = int(outcome.sum())
    enough = min(events, len(outcome) - events) >= FEW_EVENTS
    rows = [(name, *((float(estimate), float(low), float(high)) if enough else (None, None, None)), level,
             len(outcome), events, METHOD, "ok" if enough else "low_n")
            for name, estimate, low, high in zip(names, estimates, *edges, strict=True)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(
        pl.col("estimate", "ci_low", "ci_high").fill_nan(None))


def _valued(outcome: np.ndarray, predicted: np.ndarray, worth: np.ndarray, weights: np.ndarray | None,
            groups: np.ndarray | None, draws: int, seed: int) -> tuple[dict[str, float], np.ndarray]:
    """What leaves in value and how much of it the ranking by expected loss finds in its first tenth."""
    order = np.argsort(-predicted * worth, kind="stable")
    weights = np.ones(len(outcome)) if weights is None else weights[order]
    groups = np.arange(len(outcome)) if groups is None else groups[order]
    lost, expected = (outcome * worth)[order], (predicted * worth)[order]

    def measured(weight: np.ndarray) -> dict[str, float]:
        gone, forecast = weight @ lost, weight @ expected
        return {"value_lost": gone, "value_expected": forecast,
                "value_calibration": gone / forecast if forecast else np.nan,
                "top_decile_value_lift": metrics.lift(np.cumsum(weight * lost), np.cumsum(weight), 0.1)
                if gone else np.nan}

    random = np.random.default_rng(seed)
    drawn = [list(measured(weights * random.poisson(1.0, int(groups.max()) + 1)[groups]).values())
             for _ in range(draws)]
    return measured(weights), np.array(drawn)
