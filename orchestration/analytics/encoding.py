"""Columns of any kind as one matrix: numbers as they are, texts as codes, missing values as themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.analytics.errors import AnalysisError

UNKNOWN, OTHER, FIRST_MEMBER = 0, 1, 2
MOST_MEMBERS = 250
LEAST_ROWS = 10


@dataclass(frozen=True)
class Column:
    """One feature as the training rows showed it; `members` is None for numbers and booleans."""

    name: str
    members: tuple[str, ...] | None = None

    @property
    def is_text(self) -> bool:
        return self.members is not None


def learn(frame: pl.DataFrame, features: list[str]) -> tuple[Column, ...]:
    """The kind of each feature and, for texts, the members that come up often enough to be learnt from."""
    return tuple(Column(name, _members(frame[name]) if _is_text(frame[name]) else None) for name in features)


def encode(columns: tuple[Column, ...], frame: pl.DataFrame) -> np.ndarray:
    """Rows × features in double precision. Numbers: null, NaN and infinite become NaN. Texts: UNKNOWN for null,
    OTHER for a member that training did not have, else a code of its own.

    Raises AnalysisError when a column changed its kind since training.
    """
    matrix = np.empty((frame.height, len(columns)), dtype=np.float64)
    for position, column in enumerate(columns):
        series = frame[column.name]
        if _is_text(series) != column.is_text and series.dtype != pl.Null:
            raise AnalysisError(f"feature {column.name!r} was {'text' if column.is_text else 'a number'} in training "
                                f"and is {series.dtype} now: give it the same type")
        matrix[:, position] = _text_codes(series, column.members) if column.is_text else _numbers(series)
    return matrix


def _is_text(series: pl.Series) -> bool:
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        return True
    if series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null):
        return False
    raise AnalysisError(f"feature {series.name!r} is {series.dtype}: turn it into a number, a boolean or a text, "
                        "such as months since a date")


def _members(series: pl.Series) -> tuple[str, ...]:
    counts = (series.cast(pl.String).drop_nulls().alias("member").to_frame().group_by("member").len()
              .filter(pl.col("len") >= min(LEAST_ROWS, series.len() // LEAST_ROWS))
              .sort("len", "member", descending=[True, False]))
    return tuple(counts["member"].head(MOST_MEMBERS).to_list())


def _text_codes(series: pl.Series, members: tuple[str, ...]) -> np.ndarray:
    series = series.cast(pl.String)
    found = series.replace_strict(list(members), list(range(FIRST_MEMBER, FIRST_MEMBER + len(members))),
                                  default=OTHER, return_dtype=pl.Float64)
    return found.set(series.is_null(), float(UNKNOWN)).to_numpy()


def _numbers(series: pl.Series) -> np.ndarray:
    array = series.cast(pl.Float64).to_numpy().copy()
    array[~np.isfinite(array)] = np.nan
    return array
