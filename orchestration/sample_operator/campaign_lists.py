"""When campaigns run and who is drawn for them: known before anything happens, so that being asked can have effects.

Who of those drawn may be addressed then, and what comes of it, is in `marketing`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orchestration.sample_operator.plan import Plan

KINDS, RETENTION = 4, 2  # positions in `marketing.KINDS`
FIRST_DAYS = (2, 16)
DRAWN_SHARE, CONTROL_SHARE = 0.25, 0.2


class Wave(NamedTuple):
    """One wave: month of the sample, place in the month, kind of campaign, number within it, first day."""

    month: int
    slot: int
    kind: int
    number: int
    day: int


def waves(plan: Plan) -> list[Wave]:
    """Two campaigns a month in turn, each with two waves."""
    return [Wave(month, slot, (2 * month + slot) % KINDS, number, plan.month_days[month] + after + slot)
            for month in range(plan.months) for slot in (0, 1) for number, after in enumerate(FIRST_DAYS, start=1)]


def draw(plan: Plan, number: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """By subscription: drawn for the wave of that number or not, and held back in case it is."""
    rng = plan.rng("campaign members", number)
    return rng.random(size) < DRAWN_SHARE, rng.random(size) < CONTROL_SHARE
