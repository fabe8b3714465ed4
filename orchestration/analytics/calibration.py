"""Makes log-odds true: a line through held-out log-odds, with the uncertainty of the line.

Logistic recalibration (Platt 1999) and not isotonic regression: it keeps the ranking, needs few events, and its
uncertainty is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

FEW_EVENTS = 50


@dataclass(frozen=True)
class Calibration:
    """calibrated log-odds = intercept + slope × log-odds; `covariance` is 2 × 2."""

    intercept: float
    slope: float
    covariance: np.ndarray

    def apply(self, log_odds: np.ndarray) -> np.ndarray:
        return self.intercept + self.slope * log_odds

    def variance(self, log_odds: np.ndarray) -> np.ndarray:
        """Of the calibrated log-odds, from the calibration rows alone."""
        (first, both), (_, second) = self.covariance
        return np.maximum(first + 2 * both * log_odds + second * log_odds**2, 0)


def fit(log_odds: np.ndarray, label: np.ndarray, weight: np.ndarray, entity: np.ndarray) -> Calibration:
    """Weighted maximum likelihood, covariance by the sandwich over entities. With fewer than 50 events only the
    intercept moves: a slope from so few would be noise."""
    full = label.sum() >= FEW_EVENTS
    design = np.column_stack([np.ones_like(log_odds), log_odds if full else np.zeros_like(log_odds)])
    offset = np.zeros_like(log_odds) if full else log_odds
    free = 2 if full else 1
    line = np.zeros(free)
    for _ in range(50):
        fitted = expit(offset + design[:, :free] @ line)
        bread = np.linalg.inv((design[:, :free] * (weight * fitted * (1 - fitted))[:, None]).T @ design[:, :free])
        step = bread @ (design[:, :free].T @ (weight * (label - fitted)))
        line += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    residual = weight * (label - fitted)
    summed = np.column_stack([np.bincount(entity, design[:, number] * residual) for number in range(free)])
    covariance = np.zeros((2, 2))
    covariance[:free, :free] = bread @ (summed.T @ summed) @ bread
    return Calibration(float(line[0]), float(line[1]) if full else 1.0, covariance)
