"""How well probabilities rank and how true they are. Every figure comes from counts per group of equal scores.

Because only counts enter, a bootstrap draws counts instead of rows, and 200,000 rows take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from orchestration.analytics.profit import Offer, expected_maximum_profit

NAMES = ("auc", "average_precision", "top_decile_lift", "empc", "empc_contact_share", "brier", "calibration_slope",
         "calibration_intercept")
GROUPS = 2000
EDGE = 1e-9


@dataclass(frozen=True)
class Grouped:
    """Rows by score, highest first. `group` says where each row went; the others have one value per group."""

    group: np.ndarray
    log_odds: np.ndarray
    event_loss: np.ndarray
    other_loss: np.ndarray

    def counts(self, label: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Weight of events and of other rows per group."""
        weight = np.ones(len(label)) if weight is None else weight
        size = len(self.log_odds)
        events = np.bincount(self.group, weight * label, size)
        return events, np.maximum(np.bincount(self.group, weight * (1 - label), size), 0)


def grouped(probability: np.ndarray, most: int | None = None) -> Grouped:
    """Equal scores share a group; with `most`, neighbouring scores share one, in groups of about equal size."""
    distinct, group = np.unique(-probability, return_inverse=True)
    if most is not None and len(distinct) > most:
        order = np.cumsum(np.bincount(group)) - 1
        _, coarse = np.unique(order * most // len(probability), return_inverse=True)
        group = coarse[group]
    rows = np.bincount(group)
    clipped = np.clip(probability, EDGE, 1 - EDGE)
    return Grouped(group, *(np.bincount(group, values) / rows for values in
                            (logit(clipped), (1 - probability) ** 2, probability**2)))


def measured(scores: Grouped, events: np.ndarray, others: np.ndarray, offer: Offer) -> np.ndarray:
    """One value per name of NAMES."""
    rows, total_events, total_others = events + others, events.sum(), others.sum()
    above = np.cumsum(events)
    slope, intercept = _recalibration(scores.log_odds, events, rows)
    return np.array([
        auc_of_counts(events, others),
        (events[rows > 0] * above[rows > 0] / np.cumsum(rows)[rows > 0]).sum() / total_events,
        lift(above, np.cumsum(rows), 0.1),
        *expected_maximum_profit(events, others, offer),
        (events @ scores.event_loss + others @ scores.other_loss) / (total_events + total_others),
        slope,
        intercept,
    ])


def auc_of_counts(events: np.ndarray, others: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; counts per group, highest score first."""
    below = others.sum() - np.cumsum(others) + others / 2
    return float(events @ below / (events.sum() * others.sum()))


def auc(label: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area under the ROC curve, ties counted half."""
    _, group = np.unique(-score, return_inverse=True)
    weight = np.ones(len(label)) if weight is None else weight
    return auc_of_counts(np.bincount(group, weight * label), np.bincount(group, weight * (1 - label)))


def auc_standard_error(auc: float, events: float, others: float) -> float:
    """Hanley and McNeil, The Meaning and Use of the Area under a ROC Curve, Radiology 143, 1982."""
    both_events, both_others = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (events - 1) * (both_events - auc**2) + (others - 1) * (both_others - auc**2))
    return float(np.sqrt(max(variance, 0.0) / (events * others)))


def lift(above: np.ndarray, depth: np.ndarray, fraction: float) -> float:
    """Events in the top `fraction` against their share at random; a group cut by the limit counts in proportion."""
    reached = np.interp(fraction * depth[-1], np.concatenate([[0.0], depth]), np.concatenate([[0.0], above]))
    return float(reached / above[-1] / fraction)


def bootstrapped(scores: Grouped, label: np.ndarray, weight: np.ndarray | None, entity: np.ndarray | None,
                 offer: Offer, draws: int, seed: int) -> np.ndarray:
    """Draws × NAMES. Each entity (each row without them) comes in as often as a Poisson(1) draw says, which is the
    bootstrap of large samples (Hanley and MacGibbon 2006; Chamandy et al. 2012)."""
    return np.array([measured(scores, events, others, offer)
                     for events, others in _drawn(scores, label, weight, entity, draws, seed)
                     if events.sum() > 0 and others.sum() > 0])


def _drawn(scores: Grouped, label: np.ndarray, weight: np.ndarray | None, entity: np.ndarray | None, draws: int,
           seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(seed)
    if entity is None and weight is None:
        events, others = scores.counts(label, None)
        for _ in range(draws):
            yield random.poisson(events).astype(float), random.poisson(others).astype(float)
        return
    entity = np.arange(len(label)) if entity is None else entity
    weight = np.ones(len(label)) if weight is None else weight
    for _ in range(draws):
        yield scores.counts(label, weight * random.poisson(1.0, int(entity.max()) + 1)[entity])


def _recalibration(log_odds: np.ndarray, events: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
    """Slope of a logistic regression of the outcome on the log-odds (1 is right), and its intercept when the slope is
    held at 1 (0 is right); Cox 1958, Van Calster et al., Calibration: the Achilles heel, BMC Medicine 17, 2019."""
    slope = _logistic(np.vstack([np.ones_like(log_odds), log_odds]), np.zeros_like(log_odds), events, rows)[1]
    return float(slope), float(_logistic(np.ones((1, len(log_odds))), log_odds, events, rows)[0])


def _logistic(design: np.ndarray, offset: np.ndarray, events: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Maximum likelihood by Newton's method; design is coefficients × groups. NaN where there is no maximum."""
    coefficients = np.zeros(len(design))
    for _ in range(30):
        fitted = expit(offset + coefficients @ design)
        information = (design * (rows * fitted * (1 - fitted))) @ design.T
        try:
            step = np.linalg.solve(information, design @ (events - rows * fitted))
        except np.linalg.LinAlgError:
            return np.full(len(design), np.nan)
        coefficients += np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-9:
            return coefficients
    return np.full(len(design), np.nan)
