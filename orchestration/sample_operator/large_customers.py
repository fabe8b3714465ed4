"""Who is a large customer in which month, by each rule: what the theme of large customers must find.

Sends nothing: the rules work on what `groups`, `key_accounts` and the bills have said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

IMPORTANT_TYPES, OWN_USE = (2, 3, 4), 5
LINE_FEN, LEAST_MONTHS, WINDOW_MONTHS = 300_000, 2, 3


def send(world: World, out: Landing) -> None:
    """Nothing is sent; what is true by month is kept."""
    world.drawn["large_customers"] = {"month": pl.concat(_month(world, month) for month in range(world.plan.months))}


def _spend(world: World, month: int) -> np.ndarray:
    """Net fen of every customer in a month."""
    items, population = world.ledger.items[month], world.population
    customer = population.customer[items["sub"].to_numpy()]
    return np.bincount(customer, items["net_fen"].to_numpy(), population.customers).astype(np.int64)


def _month(world: World, month: int) -> pl.DataFrame:
    plan, population = world.plan, world.population
    last, listed = plan.month_days[month + 1] - 1, plan.month_days[month]
    months = range(max(0, month - WINDOW_MONTHS + 1), month + 1)
    high = sum((_spend(world, m) > LINE_FEN).astype(int) for m in months) >= LEAST_MONTHS
    group, member = world.drawn["groups"]["group"], world.drawn["groups"]["member"]
    alive = group.filter(pl.col("closed_day") > last)["group_id"].implode()
    held = member.filter(pl.col("from_day") <= last, pl.col("to_day") > last, pl.col("role_code") != "EMPLOYEE",
                         pl.col("group_id").is_in(alive))
    archive = world.drawn["key_accounts"]["archive"]
    strategic = archive.filter(pl.col("is_strategic"), pl.col("listed_day") <= listed,
                               pl.col("known_day") < max(listed, 1))
    everyone = np.arange(population.customers)
    there = (population.customer_day <= last) & (population.customer_type != OWN_USE)
    frame = pl.DataFrame({
        "customer_id": population.customer_id, "org_id": CITY_IDS[population.customer_city],
        "is_important": np.isin(population.customer_type, IMPORTANT_TYPES), "is_high_value": high,
        "is_group": np.isin(everyone, held["customer"].to_numpy()),
        "is_strategic": np.isin(everyone, strategic["customer"].to_numpy()), "net_fen": _spend(world, month)})
    frame = frame.filter(pl.Series(there)).with_columns(pl.lit(plan.cycle(month)).alias("cycle"))
    return frame.filter(pl.any_horizontal("is_important", "is_high_value", "is_group", "is_strategic"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    return {"large_customer_month": world.drawn["large_customers"]["month"]}
