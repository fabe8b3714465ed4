"""Takes frames apart into arrays, and says what is wrong with them before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from orchestration.analytics.errors import AnalysisError

Values = pl.Series | np.ndarray | Sequence[float]


def require_columns(frame: pl.DataFrame, names: Sequence[str], what: str) -> None:
    """Raises AnalysisError when the frame has no rows or lacks one of `names`."""
    if missing := [name for name in names if name not in frame.columns]:
        raise AnalysisError(f"{what}: the frame has no column {', '.join(map(repr, missing))}; "
                            f"it has {', '.join(frame.columns) or 'none'}")
    if frame.is_empty():
        raise AnalysisError(f"{what}: the frame has no rows; check the period and the filter it was read with")


def binary(values: Values, name: str) -> np.ndarray:
    """A 0/1 or boolean column as floats. Raises AnalysisError on other values, nulls, or only one class."""
    series = values if isinstance(values, pl.Series) else pl.Series(name, np.asarray(values))
    if series.is_empty():
        raise AnalysisError(f"{name}: there are no rows")
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise AnalysisError(f"{name} is {series.dtype}: turn it into true and false, such as column == 'yes'")
    if missing := series.null_count():
        raise AnalysisError(f"{name} is null in {missing} rows: leave out rows whose outcome is not known yet")
    array = series.cast(pl.Float64).to_numpy()
    if not np.isin(array, (0.0, 1.0)).all():
        raise AnalysisError(f"{name} holds values other than 0 and 1")
    if array.min() == array.max():
        raise AnalysisError(f"{name} is {int(array[0])} in every row: both outcomes are needed; "
                            "take a longer period or check how it is made")
    return array


def probabilities(values: Values, name: str, rows: int) -> np.ndarray:
    """Numbers within 0 and 1, one per row. Raises AnalysisError otherwise."""
    array = numbers(values, name, rows)
    if array.min() < 0 or array.max() > 1:
        raise AnalysisError(f"{name} must lie within 0 and 1; found {array.min():.4g} to {array.max():.4g}")
    return array


def numbers(values: Values, name: str, rows: int) -> np.ndarray:
    """Finite numbers, one per row. Raises AnalysisError otherwise."""
    series = values if isinstance(values, pl.Series) else pl.Series(name, np.asarray(values))
    array = series.cast(pl.Float64).to_numpy()
    if len(array) != rows:
        raise AnalysisError(f"{name} has {len(array)} rows, the label {rows}: they must come from the same frame")
    if not np.isfinite(array).all():
        raise AnalysisError(f"{name} is null or not a number in {int((~np.isfinite(array)).sum())} rows: "
                            "evaluate only rows with status 'ok'")
    return array


def codes(series: pl.Series) -> np.ndarray:
    """Whole numbers 0, 1, … in the order of the sorted distinct values, so that row order plays no part."""
    if series.null_count():
        raise AnalysisError(f"{series.name} is null in {series.null_count()} rows: every row needs one")
    return (series.rank("dense") - 1).cast(pl.Int64).to_numpy()
