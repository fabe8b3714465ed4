"""Judges a way of modelling on rows that its models never saw: repeated folds, or the latest periods."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from orchestration.analytics import inputs, resampling
from orchestration.analytics.errors import AnalysisError
from orchestration.analytics.model import Progress
from orchestration.analytics.scoring import score
from orchestration.analytics.training import fit

KEPT = ("probability", "baseline_probability", "status")


def cross_validated(frame: pl.DataFrame, *, label: str, features: list[str], entity: str | None = None,
                    folds: int = 5, repeats: int = 3, seed: int = 0, progress: Progress | None = None,
                    **options: Any) -> pl.DataFrame:
    """Stratified folds of entities, each scored by a model fitted on the others; everything that is learnt (members of
    texts, calibration) is learnt inside. One row per repeat and row of `frame`: repeat, fold, row, the label,
    probability, baseline_probability, status. `options` go to `fit`."""
    outcome = inputs.binary(frame[label], label)
    group = resampling.entities(frame, features, entity)
    parts = []
    for repeat in range(repeats):
        fold = resampling.folds(group, outcome, folds, seed + 1000 * repeat)
        for number in range(folds):
            if progress:
                progress("cross-validate", repeat * folds + number, repeats * folds)
            model = fit(frame.filter(pl.Series(fold != number)), label=label, features=features, entity=entity,
                        seed=seed + repeat, **options)
            parts.append(_scored(model, frame, fold == number, label).with_columns(
                pl.lit(repeat).alias("repeat"), pl.lit(number).alias("fold")))
    return pl.concat(parts).sort("repeat", "row")


def out_of_time(frame: pl.DataFrame, *, label: str, features: list[str], entity: str, period: str,
                test_periods: int = 1, folds: int = 2, seed: int = 0, progress: Progress | None = None,
                **options: Any) -> pl.DataFrame:
    """The latest `test_periods` periods, scored by models of earlier periods and of other entities: a customer who
    is still here in the last month has stayed in every month before, and a model that saw it would know. Rows and
    columns as in `cross_validated`, with entity and period. Raises AnalysisError when no earlier period is left."""
    outcome, when = inputs.binary(frame[label], label), inputs.codes(frame[period])
    if not 0 < test_periods <= when.max():
        raise AnalysisError(f"out_of_time: {when.max() + 1} periods cannot hold {test_periods} for the test and one "
                            "before: give a longer table")
    late = when > when.max() - test_periods
    fold = resampling.folds(inputs.codes(frame[entity]), outcome, folds, seed)
    parts = []
    for number in range(folds):
        if progress:
            progress("test on later periods", number, folds)
        model = fit(frame.filter(pl.Series(~late & (fold != number))), label=label, features=features, entity=entity,
                    period=period, seed=seed, **options)
        scored = _scored(model, frame, late & (fold == number), label, entity, period)
        parts.append(scored.with_columns(pl.lit(number).alias("fold")))
    return pl.concat(parts).sort("row")


def _scored(model: Any, frame: pl.DataFrame, chosen: np.ndarray, *kept: str) -> pl.DataFrame:
    rows = frame.with_row_index("row").filter(pl.Series(chosen))
    scored = score(model, rows.select(model.features), reasons=False)
    return pl.concat([rows.select("row", *kept), scored.select(KEPT)], how="horizontal")
