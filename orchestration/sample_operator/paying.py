"""How accounts pay: in time, late, or from some cycle on never. Drawn first, because arrears suspend subscriptions.

Some accounts are late more often than others, and who was late lately stops paying more often: `never` is the planted
chance to pay no more, from which `hazard` takes the true chance of leaving in arrears.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population

NEVER = 1 << 50
HOUR = 3600
CARELESS_SHARE, CARELESS_TIMES = 0.12, 5.0  # how many are late how much more often
NEVER_LOG_ODDS = {"paid_late": 2.2, "paid_late_before": 1.4}


@dataclass(frozen=True)
class Paying:
    """By account and cycle: second of payment (NEVER = unpaid), paid late, and the chance to pay no more from it on."""

    pays_at: np.ndarray
    late: np.ndarray
    never: np.ndarray

    def late_before(self, cycle: int) -> np.ndarray:
        """Whether the bill before that of a cycle was paid late, by account."""
        return self.late[:, cycle - 1] if cycle >= 1 else np.zeros(len(self.late), dtype=bool)


def draw(plan: Plan, population: Population, rng: np.random.Generator) -> Paying:
    shape, effects = (population.accounts, plan.months), plan.effects
    careless = plan.rng("careless payers").random(population.accounts) < CARELESS_SHARE
    ordinary = effects.late_payer_share / (1 + CARELESS_SHARE * (CARELESS_TIMES - 1))
    late = rng.random(shape) < np.where(careless, CARELESS_TIMES, 1)[:, None] * ordinary
    late &= ~population.account_prepaid[:, None]
    never = _never(population, late, effects.never_payer_share)
    gone = np.logical_or.accumulate(rng.random(shape) < never, axis=1)
    issue, due = (np.array([of(month) for month in range(plan.months)]) for of in (plan.issue_day, plan.due_day))
    day = np.where(late, due + rng.integers(1, 28, shape), issue + rng.integers(1, 17, shape))
    second = day * DAY + rng.integers(8 * HOUR, 22 * HOUR, shape)
    return Paying(np.where(gone | population.account_prepaid[:, None], NEVER, second), late & ~gone, never)


def _never(population: Population, late: np.ndarray, share: float) -> np.ndarray:
    """Chance by account and cycle: log-odds in the lateness of the two bills before, `share` on average."""
    none = np.zeros((len(late), 1), dtype=bool)
    last, before = np.hstack([none, late])[:, :-1], np.hstack([none, none, late])[:, :-2]
    odds = np.exp(NEVER_LOG_ODDS["paid_late"] * last + NEVER_LOG_ODDS["paid_late_before"] * before)
    chance = share * odds / odds[~population.account_prepaid].mean() if (~population.account_prepaid).any() else odds
    return np.where(population.account_prepaid[:, None], 0.0, np.minimum(chance, 0.5))
