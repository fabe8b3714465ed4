"""Whether the rows of today look like those of training: population stability index (PSI) per feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.analytics.encoding import FIRST_MEMBER, Column

BINS = 10
WATCH, SHIFTED = 0.1, 0.25
SCHEMA = {"feature": pl.String, "psi": pl.Float64, "psi_by_chance": pl.Float64, "n_obs": pl.Int64,
          "n_reference": pl.Int64, "status": pl.String}


@dataclass(frozen=True)
class Reference:
    """Shares of the training rows per bin; inner edges for numbers, codes for texts, missing values a bin of theirs."""

    column: Column
    edges: np.ndarray
    share: np.ndarray
    rows: int


def learn(columns: tuple[Column, ...], matrix: np.ndarray, weight: np.ndarray) -> tuple[Reference, ...]:
    """Deciles of each number (fewer where values repeat), members of each text."""
    found = []
    for position, column in enumerate(columns):
        values = matrix[:, position]
        known = values[~np.isnan(values)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
        reference = Reference(column, np.empty(0) if column.is_text else edges, np.empty(0), len(values))
        counted = np.bincount(_bins(reference, values), weight, _size(reference))
        found.append(Reference(column, reference.edges, counted / weight.sum(), len(values)))
    return tuple(found)


def psi(references: tuple[Reference, ...], matrix: np.ndarray) -> pl.DataFrame:
    """One row per feature: psi, psi_by_chance (its mean when nothing has changed, (bins - 1)(1/n + 1/m)), n_obs,
    n_reference and status: ok below .1, watch below .25, else shifted."""
    rows = [_one(reference, matrix[:, position]) for position, reference in enumerate(references)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _one(reference: Reference, values: np.ndarray) -> tuple[str, float, float, int, int, str]:
    counted = np.bincount(_bins(reference, values), minlength=_size(reference))
    used = (counted > 0) | (reference.share > 0)
    # half a row in an empty bin: a bin that only one side has counts, and does not make the index infinite
    now = (counted[used] + 0.5) / (len(values) + 0.5 * used.sum())
    then = (reference.share[used] * reference.rows + 0.5) / (reference.rows + 0.5 * used.sum())
    index = float(((now - then) * np.log(now / then)).sum())
    chance = float((used.sum() - 1) * (1 / len(values) + 1 / reference.rows))
    status = "ok" if index < WATCH else "watch" if index < SHIFTED else "shifted"
    return reference.column.name, index, chance, len(values), reference.rows, status


def _size(reference: Reference) -> int:
    members = reference.column.members
    return len(reference.edges) + 2 if members is None else FIRST_MEMBER + len(members)


def _bins(reference: Reference, values: np.ndarray) -> np.ndarray:
    if reference.column.is_text:
        return values.astype(np.int64)
    bins = np.searchsorted(reference.edges, values, side="left")
    return np.where(np.isnan(values), len(reference.edges) + 1, bins)
