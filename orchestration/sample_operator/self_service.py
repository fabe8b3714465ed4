"""Sessions in which customers help themselves: app, online hall, knowledge base; some end with an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.reference import CITY_IDS
from orchestration.sample_operator.unprompted import REASON_SHARES, REASONS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

PER_MONTH = 0.6  # sessions per subscription
HANDED_OVER = 0.12  # share of known contacts that began as a session


def send(world: World, out: Landing) -> None:
    plan, rows = world.plan, sessions(world)
    world.drawn["self_service"] = {"session": rows}
    edges = np.searchsorted(rows["day"].to_numpy(), np.arange(plan.days + 1)).tolist()
    for day in range(plan.days):
        part = rows.slice(edges[day], edges[day + 1] - edges[day])
        out.send_plain("call_center__self_service", f"self_service_{plan.date_of(day):%Y%m%d}", "jsonl", part, day)


def truth(world: World) -> dict[str, pl.DataFrame]:
    rows = world.drawn["self_service"]["session"]
    org = CITY_IDS[world.population.city[rows["sub"].to_numpy()]]
    counted = rows.with_columns(world.plan.dates(rows["day"].to_numpy()).alias("date"), pl.Series("org_id", org))
    keys = ["date", "org_id", "channel_code", "result_code"]
    return {"self_service_day": counted.group_by(keys).agg(pl.len().alias("sessions")).sort(keys)}


def sessions(world: World) -> pl.DataFrame:
    """In order of time, with the day of the file and the position of the subscription beside the delivered columns."""
    plan, people, rng = world.plan, world.population, world.plan.rng("self service")
    n = rng.poisson(PER_MONTH * people.initial * plan.days / 30.4)
    sub, second = rng.integers(0, people.size, n), rng.integers(0, plan.end_s - 7200, n)
    there = people.opened_s[sub] < second
    alone = pl.DataFrame({
        "sub": sub, "second": second, "topic_code": rng.choice(REASONS, n, p=REASON_SHARES),
        "result_code": np.where(rng.random(n) < 0.83, "solved", "abandoned"),
        "contact_id": pl.Series([None] * n, dtype=pl.Int64)}).filter(pl.Series(there))
    contact = world.contact.filter("known", pl.col("second") > 1800)
    contact = contact.filter(pl.Series(rng.random(len(contact)) < HANDED_OVER))
    before = rng.integers(400, 1800, len(contact))
    handed = contact.select("sub", pl.col("second") - pl.Series(before), pl.col("reason_code").alias("topic_code"),
                            pl.lit("to_agent").alias("result_code"), "contact_id")
    rows = pl.concat([alone, handed]).sort("second", "sub", "topic_code")
    m, sub, second = len(rows), rows["sub"].to_numpy(), rows["second"].to_numpy()
    return rows.with_columns(
        pl.format("SS{}", 700_000_001 + pl.int_range(m)).alias("session_id"),
        pl.Series("channel_code", rng.choice(np.array(["APP", "WEB", "KNOWLEDGE"]), m, p=[0.7, 0.2, 0.1])),
        pl.Series("number_token", people.number[sub]).cast(pl.String),
        pl.Series("subscription_id", people.subscription_id[sub]).cast(pl.String), pl.col("contact_id").cast(pl.String),
        pl.Series("step_count", rng.integers(1, 12, m)), plan.moments(second).alias("started_at"),
        plan.moments(second + rng.integers(20, 400, m)).alias("ended_at"), pl.Series("day", second // DAY))
