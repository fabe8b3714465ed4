"""Expected maximum profit of a retention campaign (EMPC), with the share of customers to contact.

Verbraken, Verbeke, Baesens, A Novel Profit Maximizing Metric for Measuring Classification Performance of Customer
Churn Prediction Models, IEEE TKDE 25(5), 2013. The offer is taken by a share of churners that is Beta(alpha, beta)
distributed; non-churners who are contacted always take it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import betainc


@dataclass(frozen=True)
class Offer:
    """What an offer costs and saves, in one currency. The defaults are those of the paper and of `empulse`."""

    alpha: float = 6.0
    beta: float = 14.0
    lifetime_value: float = 200.0
    incentive: float = 10.0
    contact: float = 1.0


def expected_maximum_profit(events: np.ndarray, others: np.ndarray, offer: Offer) -> tuple[float, float]:
    """Profit per customer, and the share of customers contacted, at the best threshold for each accepted share.

    `events` and `others`: counts (or weights) per group of equal scores, highest score first.
    """
    total = events.sum() + others.sum()
    churned, stayed = _hull(events, others)
    reached, wasted = churned / total, stayed / total
    incentive, contact = offer.incentive / offer.lifetime_value, offer.contact / offer.lifetime_value
    gain = np.diff(reached)
    with np.errstate(divide="ignore"):
        worth_it = ((incentive + contact) * np.diff(wasted) / gain + contact) / (1 - incentive)
    edges = np.concatenate([[0.0], np.clip(worth_it, 0, 1), [1.0]])
    share = np.diff(betainc(offer.alpha, offer.beta, edges))
    mean = offer.alpha / (offer.alpha + offer.beta)
    accepted = mean * np.diff(betainc(offer.alpha + 1, offer.beta, edges))
    profit = ((1 - incentive) * reached * accepted
              - (contact * reached + (incentive + contact) * wasted) * share).sum()
    return float(offer.lifetime_value * profit), float(((reached + wasted) * share).sum())


def _hull(events: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the convex hull of the ROC curve as running counts from (0, 0).

    They are the blocks of an isotonic regression of the outcome on the score (Fawcett, Niculescu-Mizil, PAV and the
    ROC Convex Hull, Machine Learning 68, 2007).
    """
    rows = events + others
    events, others, rows = (counts[rows > 0] for counts in (events, others, rows))
    ends = isotonic_regression(events / rows, weights=rows, increasing=False).blocks
    return (np.concatenate([[0.0], np.cumsum(events)])[ends], np.concatenate([[0.0], np.cumsum(others)])[ends])
