"""Which rows may not be parted, and how the others are: entities, copies of rows, folds, thinned samples."""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.analytics import inputs
from orchestration.analytics.errors import AnalysisError

MOSTLY_COPIES = 0.5


def entities(frame: pl.DataFrame, features: list[str], entity: str | None) -> np.ndarray:
    """The entity of each row as 0, 1, …; rows with one number never stand on both sides of a split.

    Without an entity column, rows whose features are all equal count as one entity: extracts hold the same customer
    twice more often than two customers agree in everything. Where fewer than half of the rows are distinct the
    features are too coarse to tell, and each row is its own entity.
    """
    if entity is not None:
        return inputs.codes(frame[entity])
    numbered = frame.select(pl.struct(features).rank("dense").alias("copy")) if len(features) else frame
    copies = (numbered["copy"] - 1).cast(pl.Int64).to_numpy()
    distinct = int(copies.max()) + 1
    return copies if distinct >= MOSTLY_COPIES * frame.height else np.arange(frame.height)


def folds(entity: np.ndarray, label: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A fold 0 … count-1 per row: an entity has one fold, and entities with events are spread evenly."""
    size = int(entity.max()) + 1
    has_event = np.zeros(size)
    np.maximum.at(has_event, entity, label)
    present = np.zeros(size, dtype=bool)
    present[entity] = True
    order = np.flatnonzero(present)
    if len(order) < count:
        raise AnalysisError(f"{len(order)} entities cannot be parted into {count} folds: more entities are needed")
    order = np.random.default_rng(seed).permutation(order)
    order = order[np.argsort(has_event[order], kind="stable")]
    fold = np.empty(size, dtype=np.int64)
    fold[order] = np.arange(len(order)) % count
    return fold[entity]


def thin(label: np.ndarray, most_rows: int, least_ratio: int, seed: int) -> tuple[np.ndarray, float]:
    """Row numbers that keep every event and, above `most_rows`, a random share of the others; and that share.

    Keeping `least_ratio` non-events per event loses about 1 / least_ratio of the precision; the share kept corrects
    the intercept exactly (prior correction: King and Zeng, Logistic Regression in Rare Events Data, 2001).
    """
    events, others = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    wanted = max(most_rows - len(events), least_ratio * len(events))
    if wanted >= len(others):
        return np.arange(len(label)), 1.0
    kept = np.random.default_rng(seed).choice(others, wanted, replace=False)
    return np.sort(np.concatenate([events, kept])), wanted / len(others)
