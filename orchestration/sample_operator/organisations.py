"""Organisations among the customers and the staff who serve them: what the large-customer subjects share.

Draws nothing of its own; feeds stand in `groups`, `circuits`, `key_accounts`, `sales` and `one_stop`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator import reference
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS

ORGANISATION_TYPES = (1, 2, 3, 4)  # enterprise, government, party, military
GRADES = np.array(["C", "A", "P", "P", "G", "C"])  # service grade of an organisation by customer type


def positions(population: Population, before_day: int) -> np.ndarray:
    """Organisations that are customers before a day."""
    there = np.isin(population.customer_type, ORGANISATION_TYPES) & (population.customer_day < before_day)
    return np.flatnonzero(there)


def staff_of(plan: Plan, role: str, city: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Someone with a role in each city, by turns; someone of another city where a city has none."""
    staff = reference.staff_rows(plan, 0).filter(pl.col("role_code") == role)
    everyone, home = staff["staff_id"].to_numpy(), staff["org_id"].to_numpy()
    lists = [everyone[home == org] if (home == org).any() else everyone for org in CITY_IDS]
    width = max(len(found) for found in lists)
    table = np.stack([np.resize(found, width) for found in lists])
    count = np.array([len(found) for found in lists])
    return table[city, turn % count[city]]


def send_changes(out: Landing, contract_id: str, suffix: str, frame: pl.DataFrame) -> None:
    """One file for every day that has rows; rows keep their order."""
    feed, inside = contract_id.split("__")[1], frame.filter(pl.col("day") < out.plan.days)
    for (day,), rows in sorted(inside.partition_by("day", as_dict=True, maintain_order=True).items()):
        out.send_plain(contract_id, f"{feed}_{out.plan.date_of(day):%Y%m%d}", suffix, rows, day)


def send_checked_changes(out: Landing, contract_id: str, frame: pl.DataFrame) -> None:
    """The same for a feed with check files: everything on the first day, then what changed."""
    inside = frame.filter(pl.col("day") < out.plan.days)
    for (day,), rows in sorted(inside.partition_by("day", as_dict=True, maintain_order=True).items()):
        out.send_checked(contract_id, [rows], day, kind="a" if day else "i")


def states(base: pl.DataFrame, plan: Plan, seconds: dict[str, str], code: str = "status_code") -> pl.DataFrame:
    """One row per state reached inside the sample: state name -> column with its second (null: never reached)."""
    parts = [base.with_columns(pl.lit(name).alias(code), pl.col(column).alias("at"), pl.lit(rank).alias("rank"))
             for rank, (name, column) in enumerate(seconds.items())]
    rows = pl.concat(parts).filter(pl.col("at").is_not_null(), pl.col("at") < plan.end_s).sort("at", "number", "rank")
    rows = rows.with_columns((pl.col("at") // DAY).alias("day"))
    return rows.with_columns(plan.moments(rows["at"].to_numpy()).alias("changed_at"))
