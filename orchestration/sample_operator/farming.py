"""A planted dealer who farms numbers 养卡: opened for the commission, never used, kept until the money is paid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE, Population
from orchestration.sample_operator.reference import CITY_IDS

CITY, OUTLET = 0, 3  # positions: the largest city, its first agent
FROM_DAY, TO_DAY = 3, 50
SHARE = 0.6  # of the ordinary mobile numbers opened there between these days


def channel_id() -> int:
    return int(CITY_IDS[CITY]) * 100 + OUTLET


def plant(plan: Plan, population: Population) -> Population:
    """The same population with some later comers of one city sold by the farming dealer and never used."""
    farmed = farmed_numbers(plan, population)
    return replace(
        population, channel=np.where(farmed, channel_id(), population.channel),
        offer=np.where(farmed, 0, population.offer), call_rate=np.where(farmed, 0.0, population.call_rate),
        data_rate=np.where(farmed, 0.0, population.data_rate))


def farmed_numbers(plan: Plan, population: Population) -> np.ndarray:
    """True for the farmed ones; drawn from what farming does not change, so that it can be asked again."""
    first, last = FROM_DAY * DAY, TO_DAY * DAY
    opened = population.opened_s
    ordinary = (population.service == MOBILE) & population.counted & (population.city == CITY)
    fresh = ordinary & (opened >= first) & (opened < last) & (np.arange(population.size) >= population.initial)
    return fresh & (plan.rng("farming").random(population.size) < SHARE)
