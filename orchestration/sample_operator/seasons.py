"""How much a date differs from an ordinary one: weekends, holidays, make-up working days, Spring Festival.

The generator's own calendar, so that a wrong calendar of the warehouse shows. No usage is drawn here.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

SPRING_FESTIVAL = {date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26)}
# first day and number of days off, and the weekend days worked for them, as the yearly notices set them
DAYS_OFF = {
    date(2025, 1, 1): 1, date(2025, 1, 28): 8, date(2025, 4, 4): 3, date(2025, 5, 1): 5, date(2025, 5, 31): 3,
    date(2025, 10, 1): 8, date(2026, 1, 1): 3, date(2026, 2, 15): 9, date(2026, 4, 4): 3, date(2026, 5, 1): 5,
    date(2026, 6, 19): 3, date(2026, 9, 25): 3, date(2026, 10, 1): 7, date(2027, 1, 1): 1, date(2027, 5, 1): 3,
    date(2027, 10, 1): 3,
}
WORKED = {
    date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11), date(2026, 1, 4),
    date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
}
HOLIDAYS = {first + timedelta(days=n) for first, days in DAYS_OFF.items() for n in range(days)}
CALL_HOURS = np.array([6, 3, 2, 1, 1, 2, 8, 22, 48, 66, 72, 68, 58, 50, 54, 58, 60, 66, 68, 64, 56, 42, 26, 13])
FACTORS = {"workday": (1.04, 1.04, 0.96), "weekend": (0.9, 0.9, 1.12), "eve": (1.35, 4.0, 1.15),
           "festival": (0.8, 1.2, 1.25)}


def day_kind(on: date) -> str:
    """Ordinary workday or weekend, eve and first day of the Spring Festival, or one of the six days after."""
    for festival in SPRING_FESTIVAL:
        distance = (on - festival).days
        if distance in (-1, 0):
            return "eve"
        if 0 < distance < 7:
            return "festival"
    return "weekend" if on in HOLIDAYS or (on.weekday() >= 5 and on not in WORKED) else "workday"


def day_factor(on: date) -> tuple[float, float, float]:
    """How much calls, messages and data of a date differ from an ordinary one."""
    return FACTORS[day_kind(on)]


def tables(world: World) -> dict[str, pl.DataFrame]:
    """The planted factor of every date of the sample."""
    dates = [world.plan.date_of(day) for day in range(world.plan.days)]
    factors = [day_factor(on) for on in dates]
    return {"season_day": pl.DataFrame({
        "date": dates, "day_kind": [day_kind(on) for on in dates], "is_worked_weekend": [on in WORKED for on in dates],
        **{name: [factor[k] for factor in factors] for k, name in enumerate(("voice", "message", "data"))}})}
