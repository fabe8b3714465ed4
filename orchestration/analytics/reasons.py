"""Why a score is high: the families of features that raise its log-odds most. Associated with, not because of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from orchestration.analytics.errors import AnalysisError

REASONS = 3


def family_of(features: tuple[str, ...], families: Mapping[str, str] | None) -> tuple[str, ...]:
    """The family of each feature; a feature that the mapping leaves out is a family of its own. Raises AnalysisError
    when the mapping names a feature that the model does not have."""
    families = families or {}
    if strange := sorted(set(families) - set(features)):
        raise AnalysisError(f"reason families name features that the model does not have: {', '.join(strange)}")
    return tuple(families.get(name, name) for name in features)


def ranked(contributions: np.ndarray, features: tuple[str, ...], families: tuple[str, ...]) -> pl.DataFrame:
    """reason_code_1..3 (the feature that raises most within its family), reason_family_1..3, reason_value_1..3
    (log-odds that the family adds, all its features together). Only what raises the risk is a reason, the rest is null.

    Summing within a family keeps features that say the same from splitting their weight (Shapley values are additive).
    """
    names = tuple(dict.fromkeys(families))
    member = np.array([names.index(family) for family in families])
    totals = np.zeros((len(contributions), len(names)))
    strongest = np.zeros((len(contributions), len(names)), dtype=np.int64)
    for number in range(len(names)):
        inside = np.flatnonzero(member == number)
        totals[:, number] = contributions[:, inside].sum(axis=1)
        strongest[:, number] = inside[contributions[:, inside].argmax(axis=1)]
    order = np.argsort(-totals, axis=1, kind="stable")[:, :REASONS]
    rows = np.arange(len(contributions))
    found: dict[str, pl.Series] = {}
    for number in range(REASONS):
        if number < order.shape[1]:
            family = order[:, number]
            value, feature = totals[rows, family], strongest[rows, family]
        else:
            value, family, feature = np.zeros(len(rows)), np.zeros(len(rows), int), np.zeros(len(rows), int)
        given = pl.Series(value > 0)
        found[f"reason_code_{number + 1}"] = _named(features, feature, given)
        found[f"reason_family_{number + 1}"] = _named(names, family, given)
        found[f"reason_value_{number + 1}"] = pl.Series(value).set(~given, None)
    return pl.DataFrame(found)


def _named(names: tuple[str, ...], number: np.ndarray, given: pl.Series) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(number).set(~given, None)
