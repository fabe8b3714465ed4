"""What happens to subscriptions: opening, first use, arrears, cancellation, porting, change of offer.

One event is (subscription, second, new state, reason). How accounts pay (`paying`), what moves people (`drivers`) and
when they leave for it (`hazard`) is drawn first, in this order; here it becomes events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from orchestration.sample_operator import churn, drivers, hazard
from orchestration.sample_operator import paying as pay
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.paying import NEVER
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE, ORDINARY_OFFERS, Population

ACTIVE, ONE_WAY, TWO_WAY, PENDING = 1000, 1010, 1020, 1030
CANCELLED, EXPELLED, PORTED, INVALID = 2010, 2020, 2040, 9000
REACHED = (ACTIVE, ONE_WAY, TWO_WAY)
HOUR = 3600


@dataclass(frozen=True)
class Life:
    """Events sorted by subscription and time; payment seconds by account and cycle (NEVER = unpaid)."""

    subscription: np.ndarray
    second: np.ndarray
    status: np.ndarray
    reason: np.ndarray
    initial_status: np.ndarray  # 0 where the subscription does not exist on the first day
    pays_at: np.ndarray
    offer: np.ndarray  # by month and subscription
    ported_in: np.ndarray
    first_used: np.ndarray  # second of first use, NEVER if not yet
    churn: churn.Churn  # why and whereto, should it leave; silence and re-entry
    drivers: drivers.Drivers
    hazard: hazard.Hazard
    paying: pay.Paying
    circles: churn.Circles | None = None

    def state_at(self, second: int) -> np.ndarray:
        """State of every subscription just before a second."""
        state = self.initial_status.copy()
        before = self.second < second
        state[self.subscription[before]] = self.status[before]
        return state

    def status_of_leaving(self) -> np.ndarray:
        """The final state of every subscription that left within the sample, 0 of the others."""
        status = np.zeros(len(self.initial_status), dtype=np.int64)
        final = np.isin(self.status, (CANCELLED, EXPELLED, PORTED))
        status[self.subscription[final]] = self.status[final]
        return status


def live(plan: Plan, population: Population, network: Network) -> Life:
    rng = plan.rng("life")
    n = population.size
    fresh = np.arange(n) >= population.initial
    paying = pay.draw(plan, population, rng)
    initial, owing = _first_day(population, rng)
    paying = replace(paying, pays_at=np.where(owing[:, None], NEVER, paying.pays_at))
    pays_at = paying.pays_at
    ported_in = fresh & (population.service == MOBILE) & population.counted & (rng.random(n) < 0.12)
    active_s, opening = _opening(plan, population, initial, fresh, ported_in, rng)
    moved = drivers.draw(plan, population, network, paying, active_s)
    risk = hazard.build(plan, population, moved, paying, _settled(population, active_s, initial))
    patience, taken = rng.exponential(1, n), rng.random(n)
    leaves_s, ports, leaves_in = hazard.leaving(population, risk, patience, taken)
    why, leaves_s = churn.choose(plan, population, moved, risk, active_s, leaves_s, ports, leaves_in)
    leaving = (ports, churn.stated(plan, why))
    chains = _arrears(plan, population, pays_at, active_s, leaves_s)
    leaves_s = _stay_if_suspended(chains, leaves_s)
    expelled = _old_debt(population, initial, rng)
    events = [*opening, *_close(leaves_s, leaving), *_suspend(plan, chains), expelled]
    columns = [np.concatenate(parts) for parts in zip(*events, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    inside = order[columns[1][order] < plan.end_s]
    columns = [column[inside] for column in columns]
    first_used = np.where(fresh | (initial == PENDING), active_s, population.opened_s + 2 * HOUR)
    life = Life(*columns, initial_status=initial, pays_at=pays_at, offer=_offers(plan, population, rng),
                ported_in=ported_in, first_used=first_used, churn=why, drivers=moved, hazard=risk, paying=paying)
    return replace(life, circles=churn.circles(population, life))


def _first_day(population: Population, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """State on the first day: nearly all active, a few not yet used, a few long in arrears."""
    n, first = population.size, np.arange(population.size) < population.initial
    ordinary = (population.customer_type[population.account_customer] == 0) & ~population.account_prepaid
    owing = ordinary & (rng.random(population.accounts) < 0.006) & (population.account_day < 0)
    pending = (rng.random(n) < 0.003) & (population.service == MOBILE) & population.counted
    state = np.where(owing[population.account], TWO_WAY, np.where(pending, PENDING, ACTIVE))
    return np.where(first, state, 0), owing


def _opening(plan: Plan, population: Population, initial: np.ndarray, fresh: np.ndarray, ported_in: np.ndarray,
             rng: np.random.Generator) -> tuple[np.ndarray, list]:
    """The second from which each subscription is active, and the events up to then."""
    n, opened = population.size, population.opened_s
    waits = fresh & (population.service == MOBILE) & population.counted & ~ported_in & (rng.random(n) < 0.3)
    delay = rng.integers(2 * HOUR, 5 * DAY, n)
    invalid = waits & (rng.random(n) < 0.03)
    at_start = initial == PENDING
    active_s = np.where(waits, opened + delay, np.where(at_start, DAY + delay, opened))
    active_s = np.where(invalid | (initial == TWO_WAY), NEVER, active_s)
    straight = fresh & ~waits
    events = [
        _events(straight & ~ported_in, opened, ACTIVE, "OPEN"),
        _events(straight & ported_in, opened, ACTIVE, "PORT_IN"),
        _events(waits, opened, PENDING, "OPEN"), _events(waits & ~invalid | at_start, active_s, ACTIVE, "FIRST_USE"),
        _events(invalid, opened + delay, INVALID, "CORRECTION"),
    ]
    return active_s, events


def _events(mask: np.ndarray, second: np.ndarray, status: int, reason: str) -> tuple:
    who = np.flatnonzero(mask)
    return who, second[who].astype(np.int64), np.full(len(who), status), np.full(len(who), reason, dtype="U20")


def _settled(population: Population, active_s: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """From when on a subscription may leave by its own will: who is new stays for some weeks, who owes money does."""
    first = np.arange(population.size) < population.initial
    settled = np.where(first, np.maximum(DAY, active_s + 2 * DAY), active_s + 20 * DAY)
    return np.where((active_s >= NEVER) | (initial == TWO_WAY), NEVER, settled)


def _close(leaves_s: np.ndarray, leaving: tuple) -> list:
    ports, reasons = leaving
    cancels = np.flatnonzero((leaves_s < NEVER) & ~ports)
    events = (cancels, leaves_s[cancels], np.full(len(cancels), CANCELLED), reasons[cancels])
    return [_events((leaves_s < NEVER) & ports, leaves_s, PORTED, "PORT_OUT"), events]


def _arrears(plan: Plan, population: Population, pays_at: np.ndarray, active_s: np.ndarray,
             leaves_s: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Per cycle: which subscriptions are suspended five days after the due date, until when, from when."""
    chains, gone = [], np.zeros(population.size, dtype=bool)
    for month in range(plan.months):
        suspends = drivers.suspension_s(plan, month)
        paid = pays_at[:, month]
        known = population.account_day < plan.month_days[month + 1]
        owing = (paid > suspends) & ~population.account_prepaid & known
        hit = owing[population.account] & (active_s < suspends - DAY) & (leaves_s > suspends) & ~gone
        until = paid[population.account]
        chains.append((hit, until, suspends))
        gone |= hit & (until >= NEVER)
    return chains


def _stay_if_suspended(chains: list, leaves_s: np.ndarray) -> np.ndarray:
    """Who is suspended does not cancel or port meanwhile."""
    for hit, until, suspends in chains:
        leaves_s = np.where(hit & (leaves_s > suspends) & (leaves_s <= until + DAY), NEVER, leaves_s)
    return leaves_s


def _suspend(plan: Plan, chains: list) -> list:
    """One-way suspension, two-way after a week, out after a month, back on payment."""
    events = []
    for hit, until, begins in chains:
        # a bill due on the 20th: suspended on the 25th, cut on the 1st to 4th, closed five weeks after the due date
        steps = ((begins, ONE_WAY), (begins + 7 * DAY, TWO_WAY), (begins + 30 * DAY, EXPELLED))
        for second, status in steps:
            there = hit & (until > second)
            events.append(_events(there, np.full(len(hit), second) + np.arange(len(hit)) % HOUR, status, "ARREARS"))
        events.append(_events(hit & (until < NEVER), until + HOUR, ACTIVE, "PAYMENT"))
    return events


def _old_debt(population: Population, initial: np.ndarray, rng: np.random.Generator) -> tuple:
    """Those in arrears since before the sample are closed within its first weeks."""
    second = rng.integers(2, 40, population.accounts) * DAY + 10 * HOUR
    return _events(initial == TWO_WAY, second[population.account], EXPELLED, "ARREARS")


def _offers(plan: Plan, population: Population, rng: np.random.Generator) -> np.ndarray:
    """The main offer by month: a few ordinary mobile subscriptions move one step up or down on the first."""
    offers = [population.offer]
    movable = (population.offer < ORDINARY_OFFERS) & (population.service == MOBILE)
    for month in range(1, plan.months):
        moves = movable & (rng.random(population.size) < plan.effects.monthly_offer_change)
        moves &= population.opened_s < (plan.month_days[month] - 20) * DAY
        step = np.where(rng.random(population.size) < 0.6, 1, -1)
        offers.append(np.where(moves, np.clip(offers[-1] + step, 0, ORDINARY_OFFERS - 1), offers[-1]))
    return np.stack(offers)
