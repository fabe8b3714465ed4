"""When subscriptions leave and for what cause: a discrete-time hazard by month with planted coefficients.

The log-odds of a cause in month k are linear in what could be seen at the end of month k - 2: notice is given before
one leaves. So the planted chance is also the best forecast that anyone can make then (the Bayes probability). What can
be counted ahead (age on net, the end of a contract) is that of month k. Reads drivers, draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample_operator.drivers import Drivers, suspension_s
from orchestration.sample_operator.paying import HOUR, NEVER, Paying
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE, Population, commitments

CAUSES = np.array(["PRICE", "COMPETITOR", "QUALITY", "SERVICE", "MOVE", "CONTRACT_END", "CUSTOMER_REQUEST"])
CANCEL_SHARES = np.array([0.24, 0.24, 0.14, 0.06, 0.12, 0.12, 0.08])
PORT_SHARES = np.array([0.3, 0.5, 0.15, 0.05, 0, 0, 0])
CONTRACT_END = CAUSES.tolist().index("CONTRACT_END")
NOTICE = 2  # months between what is seen and the month of leaving
DRIVERS = ("use_decline", "use_burst", "paid_late", "complaints", "outages", "rival_share", "misfit", "tenure_log",
           "is_prepaid", "contract_ends", "is_bound", "is_large", "is_silent", "campaign")
# log-odds per unit of each driver, a row per cause
LOG_ODDS = np.array([
    # decline burst late complaints outages rival misfit tenure prepaid ends bound large silent campaign
    [1.3, 2.8, 0.8, 0.9, 0.0, 2.0, 2.4, -1.2, 1.0, 0.3, -2.8, -1.2, 0.0, 1.0],
    [3.0, 0.8, 0.3, 0.8, 0.3, 10.0, 0.8, -1.3, 1.1, 0.8, -2.8, -1.4, 1.0, 1.0],
    [1.3, 0.0, 0.0, 2.0, 2.7, 3.0, 0.0, -0.9, 0.6, 0.0, -2.2, -1.0, 0.0, 1.0],
    [0.8, 0.0, 0.0, 3.0, 0.6, 0.0, 0.0, -0.9, 0.6, 0.0, -2.2, -1.4, 0.0, 1.0],
    [0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.6, 0.0, -1.4, 0.0, 0.6, 1.0],
    [0.8, 0.4, 0.0, 0.5, 0.0, 3.0, 0.8, -0.4, 0.0, 4.4, 0.0, -1.0, 0.0, 1.0],
    [2.0, 0.0, 0.6, 0.0, 0.0, 0.0, 0.0, -0.9, 1.0, 0.0, -1.6, 0.0, 2.2, 1.0],
])
PERSUADED, DISTURBED = -0.9, 0.8  # log-odds that a retention campaign adds: the wavering stay, the bound wake up
MOST = 0.6  # no month takes more
SAMPLED = 100_000  # person-months from which the intercepts are found


@dataclass(frozen=True)
class Hazard:
    """By month and subscription: planted chance of each cause (third axis) and the drivers behind it.

    `begins_s`, `ends_s`: when somebody may leave in a month: not before a new one is settled, not while suspended. Who
    never pays again is suspended until he is closed: such a month is not open, though nobody could have known before.
    """

    chance: np.ndarray
    drivers: np.ndarray
    effect: np.ndarray  # log-odds that a retention campaign of the month adds, or would add
    begins_s: np.ndarray
    ends_s: np.ndarray
    intercept: np.ndarray
    ports: np.ndarray  # by cause: share of those leaving for it who take their number along, if they can

    @property
    def lived(self) -> np.ndarray:
        """Chance to leave by one's own will in the months that are open for it."""
        return self.chance.sum(axis=2) * (self.ends_s > self.begins_s)


def build(plan: Plan, population: Population, drivers: Drivers, paying: Paying, settled_s: np.ndarray) -> Hazard:
    """`settled_s`: the second from which each subscription may leave by its own will, NEVER if it may not."""
    contract = commitments(plan, population)
    effect = _effects(plan, drivers, contract)
    shown = np.stack([_seen(plan, population, drivers, paying, effect, contract, month)
                      for month in range(plan.months)])
    begins_s, ends_s = _open(plan, population, paying, settled_s)
    first, length = np.array(plan.month_days[:-1])[:, None] * DAY, np.diff(plan.month_days)[:, None] * DAY
    there = np.clip((first + length - np.maximum(first, settled_s)) / length, 0, 1)  # who joins is at risk for the rest
    odds = shown @ LOG_ODDS.T
    ended = contract[1] & (contract[0] * DAY < first + 31 * DAY)
    odds[:, :, CONTRACT_END] = np.where(ended, odds[:, :, CONTRACT_END], -np.inf)
    cancel, port = plan.effects.monthly_cancel * CANCEL_SHARES, plan.effects.monthly_port_out * PORT_SHARES
    intercept = _intercepts(odds, cancel + port, there > 0)
    weight = np.exp(odds + intercept)
    chance = weight / (1 + weight.sum(axis=2, keepdims=True))
    chance *= np.minimum(1, MOST / np.maximum(chance.sum(axis=2, keepdims=True), 1e-12)) * there[:, :, None]
    return Hazard(chance, shown, effect, begins_s, ends_s, intercept, port / (cancel + port))


def _effects(plan: Plan, drivers: Drivers, contract: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """What a retention campaign of each month adds to the log-odds of those it reaches."""
    effects = []
    for month, first in enumerate(plan.month_days[:-1]):
        wavering = (drivers.level[month + 2] < 0.78) | (drivers.burst[month] > 1) | (drivers.complaints[month] > 0)
        wavering |= drivers.misfit > 1
        effects.append(np.where(wavering, PERSUADED, np.where(_is_bound(contract, first), DISTURBED, 0.0)))
    return np.stack(effects)


def _is_bound(contract: tuple[np.ndarray, np.ndarray], day: int) -> np.ndarray:
    """Whether a contract still runs for three months."""
    ends, bound = contract
    return bound & (ends >= day + 92)


def _seen(plan: Plan, population: Population, drivers: Drivers, paying: Paying, effect: np.ndarray,
          contract: tuple[np.ndarray, np.ndarray], month: int) -> np.ndarray:
    """Drivers of a month of leaving: subscriptions by drivers."""
    then, first, nothing = month - NOTICE, plan.month_days[month], np.zeros(population.size)
    ends, bound = contract
    late = paying.late_before(max(then, 0))[population.account]
    columns = (
        -np.log(drivers.level[then + 2]),
        drivers.burst[then] > 1 if then >= 0 else nothing, late if then >= 0 else nothing,
        np.minimum(drivers.complaints[then], 2) if then >= 0 else nothing,
        np.minimum(drivers.outages[then], 2) if then >= 0 else nothing, drivers.rival_share, drivers.misfit,
        np.log((np.maximum(first - population.opened_s // DAY, 0) + 90) / 365),
        population.account_prepaid[population.account], bound & (ends >= first - 31) & (ends < first + 31),
        _is_bound(contract, first), np.isin(population.customer_type[population.customer], (2, 3, 4)),
        drivers.silent_from <= plan.month_days[max(then, 0)],
        sum((drivers.treated[m] * effect[m] for m in (then, then - 1) if m >= 0), nothing))
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def _open(plan: Plan, population: Population, paying: Paying, settled_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The span of each month in which each subscription may leave by its own will; empty where there is none."""
    edges = np.array(plan.month_days) * DAY
    begins = np.maximum(edges[:-1, None], np.broadcast_to(settled_s, (plan.months, population.size)))
    ends = np.repeat(edges[1:, None], population.size, axis=1)
    pays = paying.pays_at[population.account]
    postpaid = ~population.account_prepaid[population.account]
    for cycle in range(plan.months):
        stop = suspension_s(plan, cycle)
        owing = postpaid & (pays[:, cycle] > stop)
        back = pays[:, cycle] + 2 * DAY
        for month in range(plan.months):
            inside = owing & (edges[month + 1] > stop) & (edges[month] < back)
            before = inside & (edges[month] < stop)
            ends[month] = np.where(before, np.minimum(ends[month], stop - HOUR), ends[month])
            begins[month] = np.where(inside & ~before, np.maximum(begins[month], back), begins[month])
    return begins, np.maximum(ends, begins)


def _intercepts(odds: np.ndarray, rates: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Such that each cause has its planned rate on average over the subscriptions and months at risk."""
    found = np.log(rates)
    shown = odds[at_risk]
    weight = np.exp(shown[:: 1 + len(shown) // SAMPLED])
    for _ in range(25):
        scaled = weight * np.exp(found)
        mean = (scaled / (1 + scaled.sum(axis=1, keepdims=True))).mean(axis=0)
        found = found + np.where(mean > 0, np.log(rates / np.maximum(mean, 1e-12)), 0)
    return found


def leaving(population: Population, hazard: Hazard, patience: np.ndarray,
            taken: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Second of leaving (NEVER if not), whether by porting, and the month: whoever's cumulative hazard exceeds his
    patience (standard exponential) leaves, and takes the number along where `taken` (uniform) says so."""
    rate = -np.log1p(-hazard.lived)
    reach = np.cumsum(rate, axis=0)
    goes, month = reach[-1] >= patience, np.minimum((reach < patience).sum(axis=0), len(reach) - 1)
    who = np.arange(population.size)
    step = np.maximum(rate[month, who], 1e-12)
    within = np.clip(1 - (reach[month, who] - patience) / step, 0, 0.999)
    begins, ends = hazard.begins_s[month, who], hazard.ends_s[month, who]
    second = (begins + within * np.maximum(ends - begins - DAY, 1)).astype(np.int64)
    second = second // DAY * DAY + 9 * HOUR + second % (11 * HOUR)  # shops close at night
    can = (population.service == MOBILE) & population.counted
    chance = hazard.chance[month, who]
    share = (chance * hazard.ports).sum(axis=1) / np.maximum(chance.sum(axis=1), 1e-12)
    return np.where(goes, second, NEVER), can & (taken < share), month


def causes(hazard: Hazard, month: np.ndarray, ports: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The cause for which each would leave in its month, given how it leaves; `chosen` is uniform."""
    weight = hazard.chance[month, np.arange(len(month))] + 1e-15
    weight = weight * np.where(ports[:, None], hazard.ports, 1 - hazard.ports) + 1e-18
    share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    return CAUSES[np.minimum((share < chosen[:, None]).sum(axis=1), len(CAUSES) - 1)].astype("U20")
