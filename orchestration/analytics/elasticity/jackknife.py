"""Leaves out one cluster at a time and estimates again: the variance that holds its level when clusters are few.

Equals the CRV3 variance of MacKinnon, Nielsen and Webb, Cluster-robust inference: a guide to empirical practice
(Journal of Econometrics 232, 2023), period effects and instruments estimated anew each time. Nothing is refitted row
by row: cross products per cluster are enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Design:
    """Arrays of one regression. `regressors` is rows × k; `instruments` is rows × m, or None where nothing is
    instrumented. `unit` and `period` are codes 0, 1, … or None where there is no such effect; whole units lie in one
    `cluster`, a code below `clusters`. `weight` is one per row, None where all weigh the same."""

    outcome: np.ndarray
    regressors: np.ndarray
    instruments: np.ndarray | None
    cluster: np.ndarray
    clusters: int
    unit: np.ndarray | None = None
    period: np.ndarray | None = None
    weight: np.ndarray | None = None


def coefficients(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients of the regressors (k), and clusters × k: the same without each cluster. Least squares, in two
    stages where there are instruments."""
    k = design.regressors.shape[1]
    told = k if design.instruments is None else k + design.instruments.shape[1]
    parts = np.stack([_gram(design, rows) for rows in _rows_of(design.cluster, design.clusters)])
    effects = np.arange(told, parts.shape[1] - 1)
    right = np.concatenate([np.arange(k), effects])
    left = right if design.instruments is None else np.concatenate([np.arange(k, told), effects])
    whole = parts.sum(axis=0)
    return _solved(whole, left, right)[:k], np.stack([_solved(whole - part, left, right)[:k] for part in parts])


def covariance(estimate: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Of any function of the coefficients, from its value with each cluster left out (clusters × k)."""
    count = len(left_out)
    apart = left_out - estimate
    return (count - 1) / count * apart.T @ apart


def grams(columns: np.ndarray, cluster: np.ndarray, count: int) -> np.ndarray:
    """Clusters × columns × columns of cross products."""
    return np.stack([columns[rows].T @ columns[rows] for rows in _rows_of(cluster, count)])


def unit_means(columns: np.ndarray, unit: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Units × columns."""
    total = np.bincount(unit, weight)
    return np.column_stack([np.bincount(unit, weight * column) / total for column in columns.T])


def _rows_of(cluster: np.ndarray, count: int) -> list[np.ndarray]:
    order = np.argsort(cluster, kind="stable")
    return np.split(order, np.searchsorted(cluster[order], np.arange(1, count)))


def _gram(design: Design, rows: np.ndarray) -> np.ndarray:
    """Cross products in one cluster of regressors, instruments, period effects and outcome, less their unit means.
    Period effects are columns, because they change when a cluster goes; unit effects do not."""
    parts = [design.regressors[rows]]
    if design.instruments is not None:
        parts.append(design.instruments[rows])
    if design.unit is None:
        parts.append(np.ones((len(rows), 1)))
    if design.period is not None:
        parts.append(np.eye(int(design.period.max()) + 1)[:, 1:][design.period[rows]])
    columns = np.column_stack([*parts, design.outcome[rows]])
    weight = np.ones(len(rows)) if design.weight is None else design.weight[rows]
    if design.unit is not None and len(rows):
        _, unit = np.unique(design.unit[rows], return_inverse=True)
        columns = columns - unit_means(columns, unit, weight)[unit]
    return columns.T @ (weight[:, None] * columns)


def _solved(gram: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """From cross products, of which the outcome's are the last."""
    among = np.linalg.pinv(gram[np.ix_(left, left)], hermitian=True)
    if left is right:
        return among @ gram[left, -1]
    projected = gram[np.ix_(left, right)].T @ among
    return np.linalg.pinv(projected @ gram[np.ix_(left, right)], hermitian=True) @ projected @ gram[left, -1]
