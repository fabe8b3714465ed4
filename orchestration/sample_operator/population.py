"""Customers, accounts and subscriptions, those of the first day and those that will come.

Everything about them that does not change stands here as arrays by position; what happens to them over
time is in `life`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.reference import CITY_IDS, CITY_WEIGHTS, MOBILE_OFFERS

CIRCLE = 12
OPERATORS = np.array(["OWN", "RV1", "RV2", "FIX", "INT", "SVC"])
PREFIXES = {0: (188, 187, 159), 1: (186, 130), 2: (189, 133)}
MOBILE, BROADBAND = 0, 1
ORDINARY_OFFERS, M2M_OFFER, DATA_SIM_OFFER, FIRST_BROADBAND = 8, 8, 9, 10
TYPES = np.array(["10", "20", "30", "40", "50", "60"])


@dataclass(frozen=True)
class Population:
    """Positions link everything: `customer`, `account` of a subscription are positions, never ids."""

    initial: int  # subscriptions that exist on the first day stand first
    customers: int
    accounts: int
    customer_type: np.ndarray
    customer_city: np.ndarray
    customer_day: np.ndarray
    account_customer: np.ndarray
    account_prepaid: np.ndarray
    account_day: np.ndarray
    customer: np.ndarray
    account: np.ndarray
    city: np.ndarray
    service: np.ndarray
    offer: np.ndarray
    is_test: np.ndarray
    is_data_sim: np.ndarray
    is_m2m: np.ndarray
    opened_s: np.ndarray
    number: np.ndarray
    channel: np.ndarray
    call_rate: np.ndarray
    call_mu: np.ndarray
    data_rate: np.ndarray
    data_mu: np.ndarray
    home_cell: np.ndarray
    work_cell: np.ndarray
    circle_number: np.ndarray
    circle_operator: np.ndarray
    circle_toll: np.ndarray

    @property
    def size(self) -> int:
        return len(self.customer)

    @property
    def counted(self) -> np.ndarray:
        return ~(self.is_test | self.is_data_sim | self.is_m2m)

    @property
    def subscription_id(self) -> np.ndarray:
        return 60_000_000_001 + np.arange(self.size)

    @property
    def customer_id(self) -> np.ndarray:
        return 10_000_000_001 + np.arange(self.customers)

    @property
    def account_id(self) -> np.ndarray:
        return 20_000_000_001 + np.arange(self.accounts)


def build(plan: Plan, network: Network) -> Population:
    """Draws the population; later comers are appended, so positions of the first ones never move."""
    rng = plan.rng("population")
    kind, owner, opened = _owners(plan, rng)
    city_of_customer = rng.choice(len(CITY_IDS), len(kind), p=CITY_WEIGHTS)
    n, initial = len(owner), plan.subscribers
    first_open = np.full(len(kind), plan.end_s, dtype=np.int64)
    np.minimum.at(first_open, owner, opened)
    account, account_customer = _accounts(owner)
    account_open = np.full(len(account_customer), plan.end_s, dtype=np.int64)
    np.minimum.at(account_open, account, opened)
    city = city_of_customer[owner]
    flags = _flags(rng, kind[owner])
    service = _service(rng, kind[owner], owner, flags)
    wealth = rng.normal(size=len(kind))
    offer, habits = _habits(rng, wealth[owner], service, flags)
    prepaid = (rng.random(len(account_customer)) < 0.33) & (kind[account_customer] == 0)
    home, work = _cells(rng, network, city), _cells(rng, network, city)
    numbers = _own_numbers(rng, n, service)
    return Population(
        initial=initial, customers=len(kind), accounts=len(account_customer), customer_type=kind,
        customer_city=city_of_customer, customer_day=np.floor_divide(first_open, DAY),
        account_customer=account_customer, account_prepaid=prepaid, account_day=np.floor_divide(account_open, DAY),
        customer=owner, account=account, city=city, service=service, offer=offer, is_test=flags == 1,
        is_data_sim=flags == 2, is_m2m=flags == 3, opened_s=opened, number=numbers,
        channel=CITY_IDS[city] * 100 + rng.integers(1, 9, n), home_cell=home, work_cell=work, **habits,
        **_circles(rng, numbers, city, service))


def _owners(plan: Plan, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer types, the customer of each subscription, and when each subscription was opened."""
    many = plan.subscribers
    kind = rng.choice(6, many, p=[0.952, 0.036, 0.006, 0.003, 0.003, 0.0])
    kind[:6] = [0, 1, 2, 3, 4, 5]
    size = np.where(kind == 0, 1 + rng.poisson(0.32, many), 2 + np.exp(rng.normal(1.1, 1.1, many)).astype(int))
    size = np.minimum(size, max(4, many // 40))
    size[5] = max(1, many // 400)
    reach = np.cumsum(size)
    held = int(np.searchsorted(reach, many)) + 1
    size = size[:held]
    size[-1] -= reach[held - 1] - many
    owner = np.arange(held).repeat(size)
    age = np.minimum(rng.exponential(1100, many), 5000).astype(np.int64) + 20
    opened = -age * DAY + rng.integers(8 * 3600, 20 * 3600, many)
    # later comers, from the second day on
    daily = rng.poisson(plan.effects.monthly_new * many / 30, plan.days - 1)
    day = (1 + np.arange(plan.days - 1)).repeat(daily)
    known = rng.random(len(day)) < 0.18
    fresh = np.cumsum(~known) - 1 + held
    public = np.flatnonzero(kind[:held] == 0)
    later = np.where(known, public[rng.integers(0, len(public), len(day))], fresh)
    later_kind = np.where(rng.random(int((~known).sum())) < 0.985, 0, 1)
    open_s = np.sort(day * DAY + rng.integers(9 * 3600, 20 * 3600, len(day)))
    return np.concatenate([kind[:held], later_kind]), np.concatenate([owner, later]), np.concatenate([opened, open_s])


def commitments(plan: Plan, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Day on which each subscription's contract ends, and whether it is bound by one at all."""
    bound = plan.rng("commitment").random(population.size) < 0.45
    opened = population.opened_s // DAY
    return opened + 730 + (opened < -730) * 730, bound


def groups(plan: Plan, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """By customer: number of the group it belongs to (-1 if none), and whether the group pays its bills."""
    rng = plan.rng("groups")
    many = max(3, population.initial // 400)
    member = (population.customer_type == 1) & (rng.random(population.customers) < 0.3)
    member |= (population.customer_type == 0) & (rng.random(population.customers) < 0.02)
    group = np.where(member, rng.integers(0, many, population.customers), -1)
    return group, member & (rng.random(population.customers) < 0.6)


def _accounts(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One account per customer; a customer with many subscriptions pays some of them from a second one."""
    order = np.argsort(owner, kind="stable")
    nth = np.empty(len(owner), dtype=np.int64)
    first = np.concatenate([[0], np.flatnonzero(np.diff(owner[order])) + 1])
    nth[order] = np.arange(len(owner)) - np.repeat(first, np.diff(np.append(first, len(owner))))
    second = (nth >= 4) & (nth % 2 == 1)
    key = owner * 2 + second
    keys, account = np.unique(key, return_inverse=True)
    return account, keys // 2


def _flags(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """0 ordinary, 1 test number (own use), 2 data-only card, 3 machine card (organisations)."""
    u = rng.random(len(kind))
    flags = np.where(u < 0.012, 2, 0)
    flags = np.where((kind >= 1) & (kind <= 4) & (u > 0.93), 3, flags)
    return np.where(kind == 5, 1, flags)


def _service(rng: np.random.Generator, kind: np.ndarray, owner: np.ndarray, flags: np.ndarray) -> np.ndarray:
    follow_up = np.concatenate([[False], owner[1:] == owner[:-1]])
    share = np.where(kind > 0, 0.08, np.where(follow_up, 0.30, 0.05))
    return np.where((rng.random(len(kind)) < share) & (flags == 0), BROADBAND, MOBILE)


def _habits(rng: np.random.Generator, wealth: np.ndarray, service: np.ndarray,
            flags: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Main offer and appetite: log-normal, correlated inside a customer, so that revenue has a heavy tail."""
    n = len(service)
    taste = 0.87 * wealth + 0.5 * rng.normal(size=n)
    target = np.exp(np.log(13) + 1.55 * taste)  # yuan a month that the subscription is after
    offer = np.searchsorted([12, 27, 48, 78, 150, 300, 500], target)
    offer = np.where(service == BROADBAND, FIRST_BROADBAND + np.searchsorted([45, 130], target), offer)
    offer = np.where(flags == 2, DATA_SIM_OFFER, np.where(flags == 3, M2M_OFFER, offer))
    included = np.array([o[4][0] for o in MOBILE_OFFERS] + [0] * 3)[offer]
    mega = np.array([o[6][0] for o in MOBILE_OFFERS] + [150_000] * 3)[offer]
    minutes = (80 + 0.48 * included) * np.exp(rng.normal(-0.1, 0.45, n)) * np.clip(target / 22, 0.5, 1.2)
    megabytes = (700 + 0.55 * mega) * np.exp(rng.normal(-0.2, 0.6, n))
    call_rate = 6.0 * np.exp(rng.normal(-0.06, 0.35, n)) * (service == MOBILE) * (flags < 2)
    data_rate = np.where(flags == 3, 0.5, np.where(service == BROADBAND, 3.0, 3.0 * np.exp(rng.normal(-0.045, 0.3, n))))
    calls = np.maximum(call_rate, 0.1) * 0.42 * 30.4
    seconds = np.maximum((minutes / calls - 0.45) * 60, 15)
    part = megabytes * 2**20 / (data_rate * 30.4)
    return offer, {"call_rate": call_rate, "call_mu": np.log(seconds) - 0.32, "data_rate": data_rate,
                   "data_mu": np.log(part) - 0.5}


def _cells(rng: np.random.Generator, network: Network, city: np.ndarray) -> np.ndarray:
    return network.first[city] + (rng.random(len(city)) * network.count[city]).astype(np.int64)


def _own_numbers(rng: np.random.Generator, n: int, service: np.ndarray) -> np.ndarray:
    """Distinct numbers of eleven digits; fixed access has a range of its own."""
    prefix = np.array(PREFIXES[0])[rng.integers(0, 3, n)]
    return np.where(service == BROADBAND, 571, prefix) * 100_000_000 + (np.arange(n) * 7_919 + 10_000_019) % 99_999_989


def _circles(rng: np.random.Generator, numbers: np.ndarray, city: np.ndarray, service: np.ndarray) -> dict:
    """Each subscription's usual dozen of counterparts, the nearest first; own ones live mostly in the same city."""
    n = len(numbers)
    operator = rng.choice(6, (n, CIRCLE), p=[0.545, 0.18, 0.17, 0.06, 0.006, 0.039])
    serial = rng.integers(10_000_000, 99_999_999, (n, CIRCLE))
    prefix = np.where(operator == 1, np.array(PREFIXES[1])[serial % 2], np.array(PREFIXES[2])[serial % 2])
    number = prefix * 100_000_000 + serial
    number = np.where(operator == 3, (8610 + serial % 10) * 100_000_000 + serial, number)
    number = np.where(operator == 4, 85_200_000_000 + serial, number)
    number = np.where(operator == 5, np.array([10086, 95588, 95533, 12315])[serial % 4], number)
    mobile = np.flatnonzero(service == MOBILE)
    mobile = mobile[np.argsort(city[mobile], kind="stable")]
    near = np.searchsorted(city[mobile], city)
    many = np.maximum(np.searchsorted(city[mobile], city, side="right") - near, 1)
    friend = mobile[np.minimum(near[:, None] + (rng.random((n, CIRCLE)) * many[:, None]).astype(int), len(mobile) - 1)]
    stranger = mobile[rng.integers(0, len(mobile), (n, CIRCLE))]
    friend = np.where(rng.random((n, CIRCLE)) < 0.85, friend, stranger)
    own = operator == 0
    toll = np.where(own, city[friend] != city[:, None], (rng.random((n, CIRCLE)) < 0.12) & (operator < 4))
    return {"circle_number": np.where(own, numbers[friend], number), "circle_operator": operator.astype(np.int8),
            "circle_toll": toll}
