"""Which way those go who leave: the share of each cause, given a row and that it leaves.

The hazard of a cause is the hazard of leaving times this share, so causes add up to the whole exactly.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

from orchestration.analytics import resampling
from orchestration.analytics.logistic import Term, design_of

PENALTIES = (0.001, 0.01, 0.1, 1.0)
FOLDS = 5
MOST_EVENTS = 20_000
UNKNOWN_CAUSE = "unknown"


@dataclass(frozen=True)
class Causes:
    """Names in the order of the columns that `shares` returns."""

    names: tuple[str, ...]
    terms: tuple[Term, ...]
    classifier: LogisticRegressionCV | LogisticRegression | None

    def shares(self, matrix: np.ndarray) -> np.ndarray:
        """Rows × causes; each row sums to 1."""
        if self.classifier is None:
            return np.ones((len(matrix), 1))
        return self.classifier.predict_proba(design_of(self.terms, matrix))


def train(terms: tuple[Term, ...], matrix: np.ndarray, cause: np.ndarray, entity: np.ndarray, seed: int) -> Causes:
    """Multinomial logistic regression on the rows that left; the ridge penalty is the one whose log-loss on held-out
    entities is lowest. With few events of the rarest cause the strongest penalty is taken: shares near the average."""
    names, codes = np.unique(cause, return_inverse=True)
    if len(names) == 1:
        return Causes((str(names[0]),), terms, None)
    kept = np.random.default_rng(seed).permutation(len(codes))[:MOST_EVENTS]
    kept = kept if len(np.unique(codes[kept])) == len(names) else np.arange(len(codes))
    design, codes, entity = design_of(terms, matrix[kept]), codes[kept], entity[kept]
    if np.bincount(codes).min() < 2 * FOLDS:
        fitted = LogisticRegression(C=PENALTIES[0], max_iter=500).fit(design, codes)
        return Causes(tuple(map(str, names)), terms, fitted)
    fold = resampling.folds(entity, np.ones(len(codes)), FOLDS, seed)
    splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        fitted = LogisticRegressionCV(Cs=PENALTIES, cv=splits, scoring="neg_log_loss", max_iter=500).fit(design, codes)
    return Causes(tuple(map(str, names)), terms, fitted)
