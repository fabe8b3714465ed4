"""Stops a model that knows more than can be known before anybody reads its figures."""

from __future__ import annotations

import numpy as np

from orchestration.analytics import metrics
from orchestration.analytics.encoding import Column
from orchestration.analytics.errors import LeakageError

SINGLE_FEATURE_LIMIT = 0.9
STANDARD_ERRORS = 3.0
BINS = 50
MOST_ROWS = 100_000


def refuse_telling_features(columns: tuple[Column, ...], matrix: np.ndarray, label: np.ndarray,
                            half: np.ndarray, seed: int) -> dict[str, float]:
    """The AUC of each feature alone, in whichever direction is higher. Raises LeakageError above .9.

    Numbers are ranked, once with missing values below and once above all others; every feature is also cut into bins
    (a text into its members) whose outcome rate, learnt on one half of the entities (`half` 0 or 1), ranks the other:
    that finds a feature that tells by being missing, or by lying in the middle. Of very long tables a random part is
    looked at: what passes .9 on all rows passes it there.
    """
    if len(label) > MOST_ROWS:
        some = np.random.default_rng(seed).permutation(len(label))[:MOST_ROWS]
        matrix, label, half = matrix[some], label[some], half[some]
    found = {column.name: single_feature_auc(matrix[:, position], label, half, column.is_text)
             for position, column in enumerate(columns)}
    telling = {name: auc for name, auc in found.items() if auc > SINGLE_FEATURE_LIMIT}
    if telling:
        listed = ", ".join(f"{name!r} ({auc:.3f})" for name, auc in sorted(telling.items(), key=lambda item: -item[1]))
        raise LeakageError(f"a feature alone tells the outcome with an AUC above {SINGLE_FEATURE_LIMIT}: {listed}. "
                           "It is probably made of the outcome or known only after it: leave it out, or build it "
                           "from what was known at the as-of date")
    return found


def single_feature_auc(values: np.ndarray, label: np.ndarray, half: np.ndarray, is_text: bool) -> float:
    """The highest AUC that one column reaches by its order, turned order, or rate per bin."""
    found = [_binned_auc(values, label, half, is_text)]
    if not is_text:
        for missing in (-np.inf, np.inf):
            auc = metrics.auc(label, np.where(np.isnan(values), missing, values))
            found += [auc, 1 - auc]
    return float(max(found))


def refuse_above_bayes(auc: float, bayes_auc: float, events: float, others: float) -> None:
    """Raises LeakageError when `auc` beats the best that can be reached by more than 3 standard errors."""
    error = metrics.auc_standard_error(bayes_auc, events, others)
    if auc > bayes_auc + STANDARD_ERRORS * error:
        raise LeakageError(f"AUC {auc:.4f} is {(auc - bayes_auc) / error:.1f} standard errors above the Bayes limit "
                           f"{bayes_auc:.4f}: no honest model can do this; look for features known only after the "
                           "as-of date and for one customer on both sides of a split")


def _binned_auc(values: np.ndarray, label: np.ndarray, half: np.ndarray, is_text: bool) -> float:
    if is_text:
        group = values.astype(np.int64)
    else:
        known = values[~np.isnan(values)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.empty(0)
        group = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    size, base = int(group.max()) + 1, label.mean()
    rate = np.empty(len(label))
    for side in (0, 1):
        learnt = half != side
        rows = np.bincount(group[learnt], minlength=size)
        rates = (np.bincount(group[learnt], label[learnt], size) + base) / (rows + 1)
        rate[~learnt] = rates[group[~learnt]]
    aucs = [metrics.auc(label[half == side], rate[half == side]) for side in (0, 1)
            if 0 < label[half == side].sum() < (half == side).sum()]
    return float(np.mean(aucs)) if aucs else 0.5
