"""What passes between headquarters and the provinces: the national list of top customers, reports handed in.

Planted: listed numbers that no province knows; reports handed in late, returned, and handed in again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import PROVINCES

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

LONGEST, UNKNOWN = 500, 2
# days after the end of the cycle on which a report is due
REPORTS = {"TOP_CUSTOMER": 10, "VIP_SUMMARY": 10, "VIP_SERV_SUM": 10, "VIP_INCOME_SUM": 12}


def send(world: World, out: Landing) -> None:
    plan, population = world.plan, world.population
    listed = pl.concat([_listed(plan, population, month) for month in range(plan.months)])
    handed_in = _handed_in(plan)
    world.drawn["national_list"] = {"listed": listed, "handed_in": handed_in}
    organisations.send_changes(out, "crm__top_customer_list", "csv", listed)
    organisations.send_changes(out, "crm__report_submission", "jsonl", handed_in.filter(pl.col("at") < plan.end_s))


def _listed(plan: Plan, population: Population, month: int) -> pl.DataFrame:
    """The list of a month: half of the organisations, 500 at most, and two numbers that nobody knows."""
    rng, known = plan.rng("national list", month), organisations.positions(population, 0)
    chosen = np.sort(rng.permutation(known)[:min(LONGEST - UNKNOWN, max(1, len(known) // 2))])
    ids = np.append(population.customer_id[chosen], 9_990_001 + month + np.arange(UNKNOWN))
    place = rng.permutation(len(ids)) + 1
    first = plan.date_of(plan.month_days[month])
    return pl.DataFrame({
        "cycle_code": [plan.cycle(month)] * len(ids), "customer_id": ids, "rank_number": place,
        "listed_on": [first - timedelta(days=3)] * len(ids), "day": [plan.month_days[month]] * len(ids),
        "is_known": np.arange(len(ids)) < len(chosen)}).sort("rank_number")


def _cycles(plan: Plan) -> list[tuple[str, int]]:
    """Cycle and the day on which it ends, from the month before the sample on."""
    before = plan.start - timedelta(days=1)
    return [(f"{before:%Y%m}", 0), *((plan.cycle(month), plan.month_days[month + 1]) for month in range(plan.months))]


def _handed_in(plan: Plan) -> pl.DataFrame:
    """Every version of every report: some late, some returned and sent again, some corrected after acceptance."""
    rng = plan.rng("reports handed in")
    keys = [(report, cycle, province, (ends + due) * DAY) for cycle, ends in _cycles(plan)
            for report, due in REPORTS.items() for province in PROVINCES]
    report, cycle, province, due = (list(column) for column in zip(*keys, strict=True))
    n, limit = len(keys), np.array(due)
    late = np.arange(n) % 7 == 3
    first = limit + np.where(late, rng.integers(3600, 4 * DAY, n), -rng.integers(3600, 6 * DAY, n))
    returned, corrected = np.arange(n) % 5 == 1, np.arange(n) % 5 == 2
    again = first + rng.integers(DAY // 2, 2 * DAY, n)
    base = pl.DataFrame({"report_code": report, "cycle_code": cycle, "org_id": province, "due": limit})
    one = base.with_columns(pl.Series("at", first), pl.lit(1).alias("version_number"),
                            pl.Series("status_code", np.where(returned, "RETURNED", "ACCEPTED")))
    refused = corrected & (np.arange(n) % 2 == 0)  # a correction may be refused: the first version stays in force
    two = base.with_columns(pl.Series("at", again), pl.lit(2).alias("version_number"),
                            pl.Series("status_code", np.where(refused, "RETURNED", "ACCEPTED")))
    every = pl.concat([one, two.filter(pl.Series(returned | corrected))]).sort("at", "report_code", "org_id")
    return every.with_columns(
        pl.format("RS{}{}{}-{}", "cycle_code", "org_id", "report_code", "version_number").alias("submission_id"),
        pl.lit("MONTH").alias("reporting_frequency_code"), plan.moments(every["at"].to_numpy()).alias("submitted_at"),
        (pl.col("at") // DAY).alias("day"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Listed numbers and whether a province knows them; the version of each report in force and whether it is late."""
    drawn, end = world.drawn["national_list"], world.plan.end_s
    inside = drawn["handed_in"].filter(pl.col("at") < end)
    accepted = inside.filter(pl.col("status_code") == "ACCEPTED").sort("at").group_by(
        "report_code", "cycle_code", "org_id", maintain_order=True).last()
    return {
        "top_customer": drawn["listed"].select("cycle_code", "customer_id", "rank_number", "is_known"),
        "report_submission": inside.select("submission_id", (pl.col("at") >= pl.col("due")).alias("is_late")),
        "report_in_force": accepted.select("report_code", "cycle_code", "org_id", "version_number",
                                           (pl.col("at") >= pl.col("due")).alias("is_late")),
    }
