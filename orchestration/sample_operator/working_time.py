"""Working time of the operator: seconds between nine and six on working days, holidays and make-up days included.

A clock that counts working seconds from the first day of the sample on, and back. Nothing is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.sample_operator.plan import DAY, Plan
from orchestration.settings import SEEDS

BEGINS_S, WORKING_DAY_S = 9 * 3600, 9 * 3600
BEYOND = 120  # days after the end of a sample in which its last tickets are closed


@dataclass(frozen=True)
class WorkingTime:
    """`before` holds the working seconds before each day, one day more than there are days."""

    is_workday: np.ndarray
    before: np.ndarray

    def clock(self, second: np.ndarray) -> np.ndarray:
        day, rest = second // DAY, second % DAY
        return self.before[day] + np.clip(rest - BEGINS_S, 0, WORKING_DAY_S) * self.is_workday[day]

    def moment(self, clock: np.ndarray) -> np.ndarray:
        """The first second at which the clock shows this."""
        day = np.searchsorted(self.before[1:], clock, side="left")
        return day * DAY + BEGINS_S + clock - self.before[day]


def build(plan: Plan) -> WorkingTime:
    listed = pl.read_csv(SEEDS / "holidays.csv", try_parse_dates=True).select("calendar_date", "day_kind_code")
    kind = {day: code == "workday" for day, code in listed.iter_rows()}
    days = [plan.date_of(day) for day in range(plan.days + BEYOND)]
    works = np.array([kind.get(day, day.weekday() < 5) for day in days], dtype=np.int64)
    return WorkingTime(works, np.concatenate([[0], np.cumsum(works * WORKING_DAY_S)]))
