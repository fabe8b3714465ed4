"""The hazard of a person-month as an ensemble of small trees (LightGBM), in log-odds.

A row is one entity in one period, the outcome whether it left in the window after it: a model of such rows is a
discrete-time hazard model, with censoring and features that change over time in one table.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from orchestration.analytics.encoding import Column

try:
    import lightgbm as lgb
except OSError as error:  # its library is there, what that is linked with is not
    raise ImportError("LightGBM needs the system library libgomp: apt-get install libgomp1") from error

TREES = 250
MOST_EVENTS_FOR_SMALL_TREES = 2000
BATCH = 100_000
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.03, "min_data_in_leaf": 60, "feature_fraction": 0.6, "lambda_l2": 5.0,
    "max_cat_to_onehot": 32, "cat_smooth": 20.0, "min_data_per_group": 60, "feature_pre_filter": False,
    "deterministic": True, "force_row_wise": True, "verbosity": -1,
}


def train(columns: tuple[Column, ...], matrix: np.ndarray, label: np.ndarray, seed: int) -> lgb.Booster:
    """Deterministic for a seed. Leaves grow with the number of events, from 8 to 16."""
    leaves = 8 if label.sum() <= MOST_EVENTS_FOR_SMALL_TREES else 16
    texts = [position for position, column in enumerate(columns) if column.is_text]
    data = lgb.Dataset(matrix, label, categorical_feature=texts, params=PARAMETERS, free_raw_data=True)
    return lgb.train({**PARAMETERS, "num_leaves": leaves, "seed": seed}, data, num_boost_round=TREES)


def log_odds(booster: lgb.Booster, matrix: np.ndarray) -> np.ndarray:
    """One value per row, as of the sample that the trees were trained on."""
    return np.asarray(booster.predict(matrix, raw_score=True))


def contributions(booster: lgb.Booster, matrix: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows × (features + 1) in log-odds, batch by batch: TreeSHAP (Lundberg et al. 2020); the last column is the mean
    over the training rows, and a row adds up to `log_odds`."""
    for start in range(0, len(matrix), BATCH):
        rows = slice(start, min(start + BATCH, len(matrix)))
        yield rows, np.asarray(booster.predict(matrix[rows], pred_contrib=True))
