"""Value-added services: what is sold by whom at what price, who has ordered it, and what is charged for it.

An order relation begins with the order (the fee of the first month is taken at once) and ends when it is
cancelled or the subscription leaves; on every first of a month the fee is taken if, at the end of that day, the
relation holds and the subscription may use the network. Money that is due but never reaches a bill is planted
here (`is_unbilled`). Files are written in `new_services`.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from orchestration.sample_operator.life import ACTIVE, CANCELLED, EXPELLED, INVALID, NEVER, ONE_WAY, PORTED, Life
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE, Population

# service, fee, sellers with shares, share of subscriptions on the first day, orders per subscription and month,
# growth of orders by month, months it is kept, share of holders who use it in a month, uses and pushes a month
SERVICES = (
    ("VAS_RING", 500, (("SP901", 0.7), ("SP902", 0.3)), 0.045, 0.006, 1.0, 18, 0.35, 1.5, 2),
    ("VAS_NEWS", 300, (("SP903", 0.6), ("CP951", 0.4)), 0.025, 0.007, 0.45, 6, 0.30, 2.0, 20),
    ("VAS_READ", 500, (("CP952", 1.0),), 0.015, 0.004, 1.0, 14, 0.60, 6.0, 4),
    ("VAS_MUSIC", 1000, (("CP953", 0.5), ("SP904", 0.5)), 0.020, 0.006, 1.1, 14, 0.70, 7.0, 3),
    ("VAS_VIDEO", 1500, (("CP954", 0.6), ("SP905", 0.4)), 0.010, 0.006, 1.7, 24, 0.80, 9.0, 3),
    ("VAS_GAME", 2000, (("SP906", 0.6), ("SP907", 0.4)), 0.010, 0.006, 1.0, 10, 0.50, 8.0, 4),
)
CODES = np.array([service[0] for service in SERVICES])
FEES = np.array([service[1] for service in SERVICES])
PARTNERS = np.array(sorted({partner for service in SERVICES for partner, _ in service[2]}))
PUSHER = "SP906"  # half of its orders were never wanted: they are cancelled within days and mostly refunded
FORCED_SHARE, UNBILLED_SHARE, MOST_ORDERS = 0.5, 0.02, 0.03
LEFT = (CANCELLED, EXPELLED, PORTED, INVALID)
NONE, CUSTOMER, SYSTEM = 0, 1, 2


def relations(plan: Plan, population: Population, life: Life) -> pl.DataFrame:
    """One row per subscription and service ordered: seller, seconds of order and end, reason of the end, plants."""
    left = np.full(population.size, NEVER)
    final = np.isin(life.status, LEFT)
    np.minimum.at(left, life.subscription[final], life.second[final])
    parts = [_of_service(plan, population, life, left, k) for k in range(len(SERVICES))]
    every = pl.concat(parts).sort("ordered", "sub", "service")
    some = plan.rng("unbilled relations").permutation(len(every))[: math.ceil(len(every) * UNBILLED_SHARE)]
    return every.with_columns(pl.Series("is_unbilled", np.isin(np.arange(len(every)), some)))


def _of_service(plan: Plan, population: Population, life: Life, left: np.ndarray, k: int) -> pl.DataFrame:
    code, _, sellers, held, monthly, growth, kept, *_ = SERVICES[k]
    rng, n = plan.rng("value-added " + code), population.size
    wants = (population.service == MOBILE) & population.counted & (population.call_rate > 0)
    holds = wants & (life.initial_status == ACTIVE) & (rng.random(n) < held)
    chance = np.minimum(monthly * growth ** np.arange(plan.months), MOST_ORDERS)
    hits = rng.random((plan.months, n)) < chance[:, None]
    month = hits.argmax(axis=0)
    first, after = (np.array(plan.month_days)[month + step] for step in (0, 1))
    ordered = (first + (rng.random(n) * (after - first)).astype(np.int64)) * DAY + rng.integers(8, 22, n) * 3600
    ordered += rng.integers(0, 3600, n)
    past = np.maximum(-rng.integers(5, 900, n) * DAY + rng.integers(8, 22, n) * 3600, population.opened_s + 3600)
    ordered = np.where(holds, past, ordered)
    orders = holds | (wants & hits.any(axis=0) & (state_at(life, np.arange(n), ordered) == ACTIVE))
    lasts = np.maximum(rng.exponential(kept * 30 * DAY, n).astype(np.int64), 2 * DAY)
    names, shares = zip(*sellers, strict=True)
    partner = np.array(names)[rng.choice(len(names), n, p=shares)]
    forced = ~holds & (partner == PUSHER) & (rng.random(n) < FORCED_SHARE)
    lasts = np.where(forced, rng.integers(1, 6, n) * DAY + rng.integers(0, 7200, n), lasts)
    cancelled = np.where(holds, np.maximum(past, 0), ordered) + lasts
    ended = np.minimum(cancelled, left)
    reason = np.where(ended >= plan.end_s, NONE, np.where(cancelled <= left, CUSTOMER, SYSTEM))
    return pl.DataFrame({
        "sub": np.arange(n), "service": np.full(n, k), "partner_id": partner, "ordered": ordered,
        "ended": np.where(ended >= plan.end_s, NEVER, ended), "end_reason": reason, "is_forced": forced,
    }).filter(pl.Series(orders))


def state_at(life: Life, sub: np.ndarray, second: np.ndarray) -> np.ndarray:
    """State of each subscription just before its own second."""
    if not len(life.subscription):  # nobody's state changes
        return life.initial_status[sub]
    span = 1 << 34  # more seconds than any sample has; life is sorted by subscription and time
    asked = np.clip(second, 0, span - 1) + sub * span
    rank = np.searchsorted(life.subscription * span + life.second, asked)
    last = np.maximum(rank - 1, 0)
    known = (rank > 0) & (life.subscription[last] == sub)
    return np.where(known, life.status[last], life.initial_status[sub])


def charges(plan: Plan, life: Life, relation: pl.DataFrame, month: int) -> pl.DataFrame:
    """The relations whose fee is taken in a month, with the day on which it is taken and the fee."""
    first, after = plan.month_days[month], plan.month_days[month + 1]
    day, ended = relation["ordered"].to_numpy() // DAY, relation["ended"].to_numpy() // DAY
    served = np.isin(life.state_at((first + 1) * DAY), (ACTIVE, ONE_WAY))[relation["sub"].to_numpy()]
    new = (day >= first) & (day < after)
    due = new | ((day < first) & (ended > first) & served)
    return relation.with_columns(
        pl.Series("charge_day", np.where(new, day, first)), pl.lit(month).alias("month"),
        pl.Series("fee_fen", FEES[relation["service"].to_numpy()])).filter(pl.Series(due))


def billed(plan: Plan, population: Population, life: Life, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Fen and number of fees on the bill of each subscription for a month."""
    due = charges(plan, life, relations(plan, population, life), month).filter(~pl.col("is_unbilled"))
    sub = due["sub"].to_numpy()
    fees = np.bincount(sub, due["fee_fen"].to_numpy(), population.size).astype(np.int64)
    return fees, np.bincount(sub, minlength=population.size)
