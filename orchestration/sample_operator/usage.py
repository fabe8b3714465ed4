"""Rated usage of one day: call legs, messages and data session parts.

Rating rule (also what a check of the rating may assume): minutes are rounded up per call; units beyond what
the offer includes in the calendar month cost the component's price of the version in force on the day of
the event, rounded to fen per record. Roaming and international use is never included and costs a multiple
of the component price (`MULTIPLE`). Incoming use is free. Days must be generated in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from orchestration.sample_operator import leakage, price_response
from orchestration.sample_operator.life import ACTIVE, ONE_WAY, Life
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import BROADBAND, CIRCLE, Population
from orchestration.sample_operator.reference import Tariff
from orchestration.sample_operator.seasons import CALL_HOURS, day_factor

VOICE_TYPES = np.array(["VOICE_LOCAL", "VOICE_TOLL", "VOICE_ROAM", "VOICE_INTL", "SMS", "SMS_ROAM"])
DATA_TYPES = np.array(["DATA", "DATA_ROAM", "DATA_FIXED"])
DIRECTIONS = np.array(["MO", "MT", "CF"])
ROAMING = np.array(["HOME", "PROVINCE", "NATION", "INTL"])
ITEMS = ("VOICE", "SMS", "DATA", "ROAM", "INTL")
VOICE_ITEM, DATA_ITEM = np.array([0, 0, 3, 4, 1, 3]), np.array([2, 3, 2])
MULTIPLE = {"VOICE_ROAM": 1.5, "VOICE_INTL": 5.0, "SMS_ROAM": 2.0, "DATA_ROAM": 3.0}
KINDS = np.cumsum([0.42, 0.355, 0.005, 0.165, 0.055])  # MO call, MT call, forwarded, MO message, MT message
DATA_HOURS = np.array([30, 18, 10, 7, 6, 8, 18, 36, 48, 52, 55, 58, 68, 60, 52, 52, 54, 60, 66, 74, 82, 84, 70, 48])


@dataclass
class Meter:
    """What the rating engine remembers within a calendar month, by subscription."""

    size: int
    minutes: np.ndarray = field(init=False)
    messages: np.ndarray = field(init=False)
    bytes: np.ndarray = field(init=False)
    charge: np.ndarray = field(init=False)  # fen by subscription and usage item
    quantity: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.minutes, self.messages, self.bytes = (np.zeros(self.size) for _ in range(3))
        self.charge = np.zeros((self.size, len(ITEMS)), dtype=np.int64)
        self.quantity = np.zeros((self.size, len(ITEMS)))

    def add(self, sub: np.ndarray, item: np.ndarray, rated: np.ndarray, quantity: np.ndarray) -> None:
        slot, cells = sub * len(ITEMS) + item, self.size * len(ITEMS)
        self.charge += np.bincount(slot, rated, cells).astype(np.int64).reshape(self.charge.shape)
        self.quantity += np.bincount(slot, quantity, cells).reshape(self.quantity.shape)


@dataclass(frozen=True)
class Service:
    """From and until which second of the day each subscription may start (and may only be called)."""

    begins: np.ndarray
    ends: np.ndarray
    incoming_only: np.ndarray
    silent: np.ndarray
    level: np.ndarray  # of use, as a factor on how often
    circle_number: np.ndarray
    circle_operator: np.ndarray


def service_of_day(population: Population, life: Life, day: int, state: np.ndarray) -> Service:
    """`state` is that at midnight. A subscription that changes today is served up to or from the change."""
    silent = (life.churn.silent_from <= day) | life.drivers.away_on(day)
    called, numbers = silent & life.churn.only_incoming, life.circles.on(population, day)
    served = np.isin(state, (ACTIVE, ONE_WAY))
    begins, ends = np.zeros(len(state)), np.where(served, DAY, 0)
    today = np.flatnonzero((life.second >= day * DAY) & (life.second < (day + 1) * DAY))
    who, second, status = life.subscription[today], life.second[today] - day * DAY, life.status[today]
    was_served = served[who]
    np.minimum.at(ends, who[was_served & (status != ACTIVE)], second[was_served & (status != ACTIVE)])
    starts = ~was_served & (status == ACTIVE)
    begins[who[starts]], ends[who[starts]] = second[starts], DAY
    return Service(begins, ends, (state == ONE_WAY) | called, silent & ~called,
                   life.drivers.level_on(day), *numbers)


def _starts(rng: np.random.Generator, n: int, hours: np.ndarray) -> np.ndarray:
    """Seconds of the day by the diurnal profile, smooth over quarter-hours."""
    quarters = np.interp(np.arange(96) / 4, np.arange(25), np.append(hours, hours[0]))
    share = np.cumsum(quarters) / quarters.sum()
    return np.minimum(np.searchsorted(share, rng.random(n)), 95) * 900 + rng.integers(0, 900, n)


def _legs(plan: Plan, rng: np.random.Generator, rate: np.ndarray, hours: np.ndarray,
          service: Service) -> tuple[np.ndarray, np.ndarray]:
    """Subscription and second of every event of the day, sorted by both; only while served."""
    count = rng.poisson(rate * (service.ends > service.begins))
    sub = np.arange(len(rate)).repeat(count)
    second = _starts(rng, len(sub), hours)
    order = np.argsort(sub * DAY + second, kind="stable")
    sub, second = sub[order], second[order]
    inside = (second >= service.begins[sub]) & (second < service.ends[sub])
    return sub[inside], second[inside]


def _places(rng: np.random.Generator, population: Population, network: Network,
            sub: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cell (-1 abroad) and kind of roaming: home or work mostly, sometimes elsewhere in the country."""
    n, u = len(sub), rng.random(len(sub))
    city = population.city[sub]
    cell = np.where(u < 0.55, population.home_cell[sub], population.work_cell[sub])
    local = network.first[city] + (rng.random(n) * network.count[city]).astype(np.int64)
    cell = np.where(u > 0.85, local, cell)
    v, roam = rng.random(n), np.zeros(n, dtype=np.int8)
    province = (city // 4 * 4 + (city + rng.integers(1, 4, n)) % 4)
    nation = (city + 4 * rng.integers(1, 3, n)) % 12
    roam[v > 0.952], roam[v > 0.984], roam[v > 0.9992] = 1, 2, 3
    away = np.where(roam == 1, province, nation)
    visited = network.first[away] + (rng.random(n) * network.count[away]).astype(np.int64)
    return np.where(roam == 0, cell, np.where(roam == 3, -1, visited)), roam


def _in_service(network: Network, cell: np.ndarray, at: np.ndarray) -> np.ndarray:
    """False where the cell was out at that second."""
    alive = np.ones(len(cell), dtype=bool)
    for outage in network.dark:
        alive &= ~((cell == outage.cell) & (at >= outage.begins_s) & (at < outage.begins_s + outage.lasts_s))
    return alive


def _free(sub: np.ndarray, units: np.ndarray, used: np.ndarray, included: np.ndarray) -> np.ndarray:
    """Included units that each record may still use; `used` is moved on. Records are sorted by subscription."""
    running = np.cumsum(units)
    first = np.searchsorted(sub, sub)
    before = used[sub] + running - units - (running - units)[first] if len(sub) else units
    used += np.bincount(sub, units, len(used))
    return np.clip(included[sub] - before, 0, units)


def calls(plan: Plan, population: Population, network: Network, service: Service, tariff: Tariff, meter: Meter,
          offer: np.ndarray, day: int) -> dict[str, np.ndarray]:
    """Call legs and messages of a day by position: everything but the look of the file."""
    rng = plan.rng("calls", day)
    voice, message, _ = day_factor(plan.date_of(day))
    share = np.diff(KINDS, prepend=0) * np.array([voice, voice, voice, message, message])
    own = share[0] / share.sum()
    answer = price_response.factors(plan, "VOICE", day)  # own calls answer to prices; being called does not
    often = population.call_rate * service.level * ~service.silent * (0.78 * voice + 0.22 * message)
    often = often if answer is None else often * (1 + own * (answer[offer] - 1))
    sub, second = _legs(plan, rng, often, CALL_HOURS, service)
    cell, roam = _places(rng, population, network, sub)
    alive = _in_service(network, cell, day * DAY + second)
    sub, second, cell, roam = sub[alive], second[alive], cell[alive], roam[alive]
    n, drawn = len(sub), rng.random(len(sub))
    drawn = drawn if answer is None else price_response.tilted(drawn, own, answer[offer[sub]])
    kind = np.searchsorted(np.cumsum(share) / share.sum(), drawn)
    barred = service.incoming_only[sub]
    kind = np.where(barred & (kind == 0), 1, np.where(barred & (kind == 3), 4, kind))
    seconds = np.exp(population.call_mu[sub] + 0.8 * rng.normal(size=n)).astype(np.int64)
    is_call, is_own = kind < 3, (kind == 0) | (kind == 3)
    duration = np.where(is_call, np.clip(seconds, 1, 7200), 0)
    near = np.minimum((CIRCLE * rng.random(n) ** 1.9).astype(np.int64), CIRCLE - 1)
    operator = service.circle_operator[sub, near]
    away = roam >= 2
    usage = np.where(is_call, np.where(away, 2, np.where(operator == 4, 3, population.circle_toll[sub, near])),
                     np.where(away, 5, 4)).astype(np.int8)
    records = {"sub": sub, "second": second, "cell": cell, "roam": roam, "kind": kind, "duration": duration,
               "usage": usage, "operator": operator, "number": service.circle_number[sub, near]}
    return records | _rate_calls(plan, records, is_own, tariff, meter, offer, day)


def _rate_calls(plan: Plan, records: dict, is_own: np.ndarray, tariff: Tariff, meter: Meter, offer: np.ndarray,
                day: int) -> dict:
    sub, usage, plan_of = records["sub"], records["usage"], offer[records["sub"]]
    every_minute = -(-records["duration"] // 60)
    minutes = every_minute * is_own
    message = ((records["kind"] == 3) * 1).astype(np.int64)
    free_min = _free(sub, minutes * (usage <= 1), meter.minutes, tariff.included["VOICE"][offer])
    free_sms = _free(sub, message * (usage == 4), meter.messages, tariff.included["SMS"][offer])
    multiple = np.array([MULTIPLE.get(name, 1.0) for name in VOICE_TYPES])[usage]
    units = {"VOICE": (minutes - free_min) * multiple, "SMS": (message - free_sms) * multiple}
    due = leakage.rate(units, tariff.price, plan_of)
    rated, version = leakage.rated_calls(plan, day, is_own, units, due, tariff, plan_of)
    meter.add(sub, VOICE_ITEM[usage], rated, minutes + message)
    return {"minutes": minutes, "every_minute": every_minute, "rated": rated,
            "free": (free_min * 60 + free_sms).astype(np.int64),
            "version": version, "due": due}


def sessions(plan: Plan, population: Population, network: Network, service: Service, tariff: Tariff, meter: Meter,
             offer: np.ndarray, day: int) -> dict[str, np.ndarray]:
    """Data session parts of a day by position."""
    rng = plan.rng("sessions", day)
    often = population.data_rate * service.level * day_factor(plan.date_of(day))[2]
    often = often * ~(service.incoming_only | service.silent)
    answer = price_response.factors(plan, "DATA", day)
    often = often if answer is None else often * answer[offer]
    sub, second = _legs(plan, rng, often, DATA_HOURS, service)
    cell, roam = _places(rng, population, network, sub)
    fixed = population.service[sub] == BROADBAND
    cell, roam = np.where(fixed, -1, cell), np.where(fixed, 0, roam)
    alive = _in_service(network, cell, day * DAY + second)
    sub, second, cell, roam, fixed = (a[alive] for a in (sub, second, cell, roam, fixed))
    n = len(sub)
    volume = np.clip(np.exp(population.data_mu[sub] + rng.normal(size=n)), 2048, 4e10).astype(np.int64)
    up = (volume * (0.04 + 0.12 * rng.random(n))).astype(np.int64)
    usage = np.where(fixed, 2, np.where(roam >= 2, 1, 0)).astype(np.int8)
    plan_of = offer[sub]
    allowance = tariff.included["DATA"][offer] * 2**20
    free = np.where(fixed, volume, _free(sub, volume * (usage == 0), meter.bytes, allowance))
    multiple = np.where(usage == 1, MULTIPLE["DATA_ROAM"], 1.0)
    due = leakage.rate({"DATA": (volume - free) / 2**20 * multiple}, tariff.price, plan_of)
    rated = leakage.rated_data(plan, day, due)
    meter.add(sub, DATA_ITEM[usage], rated, volume / 2**20)
    lasts = 30 + (3000 * rng.random(n) ** 2).astype(np.int64)
    return {"sub": sub, "second": second, "lasts": lasts, "cell": cell, "roam": roam, "usage": usage, "up": up,
            "down": volume - up, "rated": rated, "free": free.astype(np.int64), "version": tariff.version[plan_of],
            "due": due}
