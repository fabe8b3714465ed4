"""What moves a subscription before it leaves: drawn first, then seen in usage, contacts, payments and lists, and felt
in `hazard`. Nothing here knows who leaves.

Months are rows, subscriptions are columns. Months before the sample count as quiet, but for the level of use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample_operator import campaign_lists, unprompted
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.paying import HOUR, Paying
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import CIRCLE, MOBILE, Population
from orchestration.sample_operator.reference import Tariff

NO_DAY = 1 << 30
FADE_SHARE, FADE_MONTHS, FADE_FACTORS = 0.03, (3, 6), (0.3, 0.75)  # who begins a month to use less, how long, how much
BURST_SHARE, BURST_FACTORS = 0.03, (1.9, 3.2)  # who uses far more in a single month
AWAY_SHARE, AWAY_DAYS = 0.012, 9  # who is away for some days in a month, days on average
PAST = 6  # months before the sample in which a fade may have begun


@dataclass(frozen=True)
class Drivers:
    """What happens by month and subscription; `silent_from` and the days away by subscription."""

    month_days: list[int]
    level: np.ndarray  # of use; its first row is two months before the sample
    burst: np.ndarray
    complaints: np.ndarray
    outages: np.ndarray  # of the home cell
    treated: np.ndarray  # on the list of a retention campaign and not held back
    held_back: np.ndarray
    rival_share: np.ndarray  # by subscription: share of its calls that go to rivals' numbers
    misfit: np.ndarray  # by subscription: how far its use is from what its offer includes, |log| at most 1.5
    silent_from: np.ndarray
    away: tuple[np.ndarray, np.ndarray]

    def level_on(self, day: int) -> np.ndarray:
        month = int(np.searchsorted(self.month_days, day, side="right")) - 1
        return self.level[month + 2] * self.burst[month]

    def away_on(self, day: int) -> np.ndarray:
        return (self.away[0] <= day) & (day < self.away[1])


def draw(plan: Plan, population: Population, network: Network, paying: Paying, active_s: np.ndarray) -> Drivers:
    rng, shape = plan.rng("drivers"), (plan.months, population.size)
    burst = np.where(rng.random(shape) < BURST_SHARE, rng.uniform(*BURST_FACTORS, shape), 1.0)
    treated, held_back = _campaign(plan, population, paying, active_s)
    return Drivers(plan.month_days, _levels(plan, population), burst, _complaints(plan, population),
                   _outages(plan, population, network), treated, held_back, _rival_share(population),
                   _misfit(plan, population), _silent_from(plan, population), _away(plan, population))


def _levels(plan: Plan, population: Population) -> np.ndarray:
    """Ordinary use, less for some months after a fade has begun; quiet ones before the sample fade too."""
    rng, shape = plan.rng("fading use"), (plan.months + PAST, population.size)
    begins = rng.random(shape) < FADE_SHARE
    lasts, factor = rng.integers(*FADE_MONTHS, shape), rng.uniform(*FADE_FACTORS, shape)
    level = np.ones(shape)
    for after in range(FADE_MONTHS[1] - 1):
        there = begins[: shape[0] - after] & (lasts[: shape[0] - after] > after)
        level[after:] = np.where(there, np.minimum(level[after:], factor[: shape[0] - after]), level[after:])
    return level[PAST - 2:]


def _complaints(plan: Plan, population: Population) -> np.ndarray:
    """Complaints and faults that people report by themselves, by month."""
    contacts = unprompted.draw(plan, population, plan.rng("contacts"))
    reasons = unprompted.REASONS[contacts["reason"].to_numpy()]
    hard = np.char.startswith(reasons, "COMPLAINT") | np.char.startswith(reasons, "FAULT")
    month = np.searchsorted(plan.month_days, contacts["second"].to_numpy()[hard] // DAY, side="right") - 1
    counts = np.zeros((plan.months, population.size), dtype=np.int64)
    np.add.at(counts, (month, contacts["sub"].to_numpy()[hard]), 1)
    return counts


def _outages(plan: Plan, population: Population, network: Network) -> np.ndarray:
    """Unplanned outages of the home cell by month in which they began; broadband has no cell."""
    counts = np.zeros((plan.months, network.size), dtype=np.int64)
    for outage in network.outages:
        counts[plan.month_of(outage.begins_s // DAY), outage.cell] += 1
    return counts[:, population.home_cell] * (population.service == MOBILE)


def _campaign(plan: Plan, population: Population, paying: Paying,
              active_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Who is on a list of a retention campaign, and who of them is held back, by month of the list."""
    from orchestration.sample_operator import registers  # which knows what becomes of people

    n = population.size
    consents = registers.customers(plan, population)["has_consent"].to_numpy()[population.customer]
    treated, held_back = (np.zeros((plan.months, n), dtype=bool) for _ in range(2))
    for number, wave in enumerate(campaign_lists.waves(plan)):
        if wave.kind != campaign_lists.RETENTION:
            continue
        second = wave.day * DAY
        drawn, control = campaign_lists.draw(plan, number, n)
        on_list = drawn & consents & (population.service == MOBILE) & population.counted
        on_list &= (active_s < second) & (population.opened_s < second) & ~suspended(plan, population, paying, second)
        treated[wave.month] |= on_list & ~control
        held_back[wave.month] |= on_list & control
    return treated, held_back & ~treated


def suspended(plan: Plan, population: Population, paying: Paying, second: int) -> np.ndarray:
    """Whether a subscription's account is suspended at a second, should it still be there."""
    begins = np.array([suspension_s(plan, month) for month in range(plan.months)])
    hit = ((begins < second) & (paying.pays_at > second)).any(axis=1) & ~population.account_prepaid
    return hit[population.account]


def suspension_s(plan: Plan, cycle: int) -> int:
    """Five days after the due date of a bill, in the morning."""
    return (plan.due_day(cycle) + 5) * DAY + 9 * HOUR


def _rival_share(population: Population) -> np.ndarray:
    """Circles are called nearest first: the weights are those of `usage.calls`."""
    edges = (np.arange(CIRCLE + 1) / CIRCLE) ** (1 / 1.9)
    return (np.isin(population.circle_operator, (1, 2)) * np.diff(edges)).sum(axis=1)


def _misfit(plan: Plan, population: Population) -> np.ndarray:
    """Expected megabytes of a month against those included, for mobile offers that include some."""
    included = Tariff(plan, 0).included["DATA"][population.offer]
    expected = population.data_rate * 30.4 * np.exp(population.data_mu + 0.5) / 2**20
    apart = np.abs(np.log(np.maximum(expected, 1) / np.maximum(included, 1)))
    return np.where((included > 0) & (population.service == MOBILE) & (population.data_rate > 0),
                    np.minimum(apart, 1.5), 0.0)


def _silent_from(plan: Plan, population: Population) -> np.ndarray:
    """A few ordinary mobile subscriptions use nothing from some day on, half of them from the first."""
    rng, n = plan.rng("silence"), population.size
    quiet = (np.arange(n) < population.initial) & (population.service == MOBILE) & population.counted
    quiet &= rng.random(n) < plan.effects.silent_share
    return np.where(quiet, np.where(rng.random(n) < 0.5, 0, rng.integers(0, plan.days, n)), NO_DAY)


def _away(plan: Plan, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Days, first and after the last, on which a subscription is not used because its holder is away; once at most."""
    rng, n = plan.rng("days away"), population.size
    goes = (rng.random(n) < AWAY_SHARE * plan.months) & (population.service == MOBILE) & population.counted
    begins = rng.integers(0, plan.days, n)
    lasts = np.minimum(1 + rng.exponential(AWAY_DAYS, n).astype(np.int64), 60)
    return np.where(goes, begins, NO_DAY), begins + lasts
