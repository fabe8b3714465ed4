"""What an entity could spend: what the best of its peers spend, less what it spends itself, as a range.

Peers are entities that look alike in the features. Their upper quantiles come from models that did not see the entity,
and are moved until they hold as many as they say (conformalised quantile regression, one-sided; Romano, Patterson and
Candès, NeurIPS 2019).
"""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.stats import spearmanr

from orchestration.analytics import encoding, inputs, resampling
from orchestration.analytics.encoding import Column
from orchestration.analytics.errors import AnalysisError, LeakageError

QUANTILES = (0.8, 0.9)
FOLDS = 5
LEAST_ROWS = 500
SAME = 0.98
TREES = 150
PARAMETERS = {"objective": "quantile", "learning_rate": 0.06, "num_leaves": 12, "min_data_in_leaf": 40,
              "lambda_l2": 1.0, "deterministic": True, "force_row_wise": True, "verbosity": -1}
ESTIMATES = {"peers_low": pl.Float64, "peers_high": pl.Float64, "potential_low": pl.Float64,
             "potential_high": pl.Float64}


def potential(frame: pl.DataFrame, *, value: str, features: list[str], entity: str,
              quantiles: tuple[float, float] = QUANTILES, seed: int = 0) -> pl.DataFrame:
    """One row per row of `frame`, in its order: entity, value, peers_low and peers_high (what the `quantiles` of its
    peers spend, in the unit of the value), potential_low and potential_high (these less the own value, at least 0),
    quantile_low, quantile_high, n_obs, status. Every figure comes from models that did not see the entity.

    Where the value is null: peers' figures without a potential, status unknown. Fewer than 500 known rows: low_n,
    without figures. Raises LeakageError when a feature is the value in other words (rank correlation of .98 or more).
    """
    inputs.require_columns(frame, [value, entity, *features], "potential")
    if not 0 < quantiles[0] <= quantiles[1] < 1:
        raise AnalysisError(f"quantiles are two shares between 0 and 1, the lower first, not {quantiles}")
    worth = frame[value].cast(pl.Float64).to_numpy()
    known = np.isfinite(worth)
    kept = frame.select(entity, value)
    told = [pl.lit(quantiles[0]).alias("quantile_low"), pl.lit(quantiles[1]).alias("quantile_high"),
            pl.lit(int(known.sum())).alias("n_obs")]
    if known.sum() < LEAST_ROWS:
        empty = pl.DataFrame({name: [None] * frame.height for name in ESTIMATES}, schema=ESTIMATES)
        return pl.concat([kept, empty], how="horizontal").with_columns(*told, pl.lit("low_n").alias("status"))
    columns = encoding.learn(frame, features)
    matrix = encoding.encode(columns, frame)
    _refuse_copies(matrix[known], worth[known], columns)
    fold = resampling.folds(inputs.codes(frame[entity]), np.zeros(len(worth)), FOLDS, seed)
    ends = np.sort(np.stack([_quantile(columns, matrix, worth, known, fold, each, seed) for each in quantiles]), axis=0)
    room = np.maximum(ends - worth, 0)
    found = pl.DataFrame(dict(zip(ESTIMATES, [*ends, *room], strict=True))).fill_nan(None)
    status = pl.Series("status", np.where(known, "ok", "unknown"))
    return pl.concat([kept, found], how="horizontal").with_columns(*told, status)


def _quantile(columns: tuple[Column, ...], matrix: np.ndarray, worth: np.ndarray, known: np.ndarray, fold: np.ndarray,
              quantile: float, seed: int) -> np.ndarray:
    """The conformal upper quantile of each row, in the unit of the value. The models learn logarithms: quantiles of
    them are logarithms of quantiles, and a few very large customers do not decide."""
    logs = np.sign(worth) * np.log1p(np.abs(worth))
    texts = [position for position, column in enumerate(columns) if column.is_text]
    predicted = np.empty(len(worth))
    for number in range(FOLDS):
        learn, held = known & (fold != number), fold == number
        settings = {**PARAMETERS, "alpha": quantile, "seed": seed}
        data = lgb.Dataset(matrix[learn], logs[learn], categorical_feature=texts, params=settings)
        predicted[held] = np.asarray(lgb.train(settings, data, num_boost_round=TREES).predict(matrix[held]))
    # the smallest move that holds ceil((n + 1) · quantile) of n held-out rows
    missed = np.sort(logs[known] - predicted[known])
    move = missed[min(int(np.ceil((len(missed) + 1) * quantile)), len(missed)) - 1]
    moved = predicted + move
    return np.sign(moved) * np.expm1(np.abs(moved))


def _refuse_copies(matrix: np.ndarray, worth: np.ndarray, columns: tuple[Column, ...]) -> None:
    for position, column in enumerate(columns):
        seen = ~np.isnan(matrix[:, position])
        if column.is_text or seen.sum() < LEAST_ROWS or np.ptp(matrix[seen, position]) == 0:
            continue
        found = abs(spearmanr(matrix[seen, position], worth[seen]).statistic)
        if found >= SAME:
            raise LeakageError(f"feature {column.name!r} is the value in other words (rank correlation {found:.3f}): "
                               "peers must be alike in what they are, not in what they spend")
