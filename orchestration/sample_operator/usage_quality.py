"""What subscriptions met in the network: how much of their use fell into degraded hours of the cells they used.

Sends nothing. The hours are judged from the counters drawn for `measurement`, which do not depend on the usage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import measurement
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.measurement import COUNTERS
from orchestration.sample_operator.plan import Plan

if TYPE_CHECKING:
    from orchestration.sample_operator.network import Network
    from orchestration.sample_operator.operator import World

DROP_PCT, BUSY_PCT, FULL_QUARTERS = 1, 80, 3
RELEASES, DROPS, BLOCKS, LOST = (COUNTERS.index(name) for name in (
    "ERAB.RelAttNbr", "ERAB.RelActNbr", "RRU.PrbTotDl", "RRU.CellUnavailableTime"))
MEASURES = ("records", "located", "measured", "degraded", "located_s", "degraded_s", "located_bytes", "degraded_bytes")


def hours(plan: Plan, network: Network, day: int, missing: set[int]) -> tuple[np.ndarray, np.ndarray]:
    """By cell and hour of a day: measured well enough to be judged; degraded."""
    drawn = measurement.measure(plan, network, np.zeros((2, network.size, 96)), day)
    usable = ~drawn.suspect
    usable[:, sorted(missing)] = False
    drops, releases, lost = (_hourly(drawn.values[k] * usable) for k in (DROPS, RELEASES, LOST))
    known = usable & ~drawn.nil[BLOCKS]
    blocks, samples = np.round(_hourly(drawn.values[BLOCKS] * known), 1), _hourly(known)
    valid = _hourly(usable) >= FULL_QUARTERS
    poor = (lost > 0) | (100 * drops > DROP_PCT * releases) | (blocks > BUSY_PCT * samples)
    return valid, valid & poor


def _hourly(quarters: np.ndarray) -> np.ndarray:
    return quarters.reshape(len(quarters), 24, 4).sum(axis=2)


def observe(world: World, day: int, calls: dict[str, np.ndarray], parts: dict[str, np.ndarray]) -> None:
    plan, net, size = world.plan, world.network, world.population.size
    drawn = world.drawn.setdefault("usage_quality", {"missing": measurement.missing_quarters(plan)})
    sums = drawn.setdefault(plan.month_of(day), np.zeros((len(MEASURES), size), dtype=np.int64))
    valid, degraded = hours(plan, net, day, drawn["missing"].get(day, set()))
    for records, seconds, volume in ((calls, calls["duration"], calls["sub"] * 0),
                                     (parts, parts["sub"] * 0, parts["up"] + parts["down"])):
        cell, hour, here = records["cell"], records["second"] // 3600, records["cell"] >= 0
        judged, poor = here & valid[cell, hour], here & degraded[cell, hour]
        weights = (here | True, here, judged, poor, seconds * here, seconds * poor, volume * here, volume * poor)
        for k, weight in enumerate(weights):
            sums[k] += np.bincount(records["sub"], weight, size).astype(np.int64)


def send(world: World, out: Landing) -> None:
    """Nothing is sent."""


def truth(world: World) -> dict[str, pl.DataFrame]:
    """By subscription with use and month: records and volume, those from a known cell, those in degraded hours."""
    plan, people = world.plan, world.population
    months = [pl.DataFrame({
        "cycle": [plan.cycle(month)] * people.size, "subscription_id": people.subscription_id,
        **dict(zip(MEASURES, world.drawn["usage_quality"][month], strict=True))}) for month in range(plan.months)]
    return {"usage_quality_month": pl.concat(months).filter(pl.col("records") > 0)}
