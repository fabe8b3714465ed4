"""Contacts that come at a base rate, whatever happens to network and bills; what becomes of them is in `care`.

Drawn from what never changes about people, so that complaints can be among the reasons for which they leave.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import BROADBAND, Population
from orchestration.sample_operator.seasons import CALL_HOURS

REASONS = np.array([
    "CONSULT_BILL", "CONSULT_TARIFF", "CONSULT_OTHER", "FAULT_NO_SIGNAL", "FAULT_SLOW_DATA", "FAULT_BROADBAND",
    "COMPLAINT_BILL", "COMPLAINT_QUALITY", "COMPLAINT_SERVICE", "COMPLAINT_SPAM", "ACTIVATE_SERVICE", "ACTIVATE_OFFER",
    "OTHER"])
REASON_SHARES = np.array([18, 16, 12, 5, 6, 4, 5, 4, 3, 3, 9, 8, 7]) / 100
PER_MONTH = 0.42  # contacts per subscription


def draw(plan: Plan, population: Population, rng: np.random.Generator) -> pl.DataFrame:
    """Contacts that come by themselves; the same for the same stream, so that they are known before anybody leaves."""
    n = rng.poisson(PER_MONTH * population.initial * plan.days / 30.4)
    sub = rng.integers(0, population.size, n)
    hour = rng.choice(24, n, p=CALL_HOURS / CALL_HOURS.sum())
    second = rng.integers(0, plan.days, n) * DAY + hour * 3600 + rng.integers(0, 3600, n)
    reason = rng.choice(len(REASONS), n, p=REASON_SHARES)
    fixed = population.service[sub] == BROADBAND
    reason = np.where(fixed & np.isin(reason, (3, 4)), 5, np.where(~fixed & (reason == 5), 4, reason))
    return frame(sub, second, reason, np.where(reason == 4, population.home_cell[sub], -1))


def frame(sub: np.ndarray, second: np.ndarray, reason: np.ndarray, cell: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"sub": sub, "second": second, "reason": reason, "cell": cell},
                        schema={"sub": pl.Int64, "second": pl.Int64, "reason": pl.Int64, "cell": pl.Int64})
