"""What is true of campaigns, counted from the generator's own tables: per wave, per contact day, per unknown code.

Kept means: not cancelled and still counted at the end of the third calendar month, that of the order being the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import registers
from orchestration.sample_operator.life import REACHED
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

PRESSURE_DAYS, PRESSURE_LIMIT, KEEP_MONTHS = 30, 2, 3


def tables(world: World) -> dict[str, pl.DataFrame]:
    drawn = world.drawn["marketing"]
    return {"campaign_wave": wave_table(world, drawn), "campaign_order": order_table(world, drawn),
            "campaign_pressure": pressure_table(world, drawn["events"]), "campaign_cost": cost_table(world, drawn),
            "unknown_code": unknown_codes(world)}


def wave_table(world: World, drawn: dict) -> pl.DataFrame:
    """Counts of each wave, with the planted base rate and uplift."""
    from orchestration.sample_operator.marketing import KINDS  # the planner of the waves reads this module

    members = drawn["members"].with_row_index("member")
    for code in ("CONTACTED", "RESPONDED", "ORDERED", "CANCELLED"):
        hit = drawn["events"].filter(pl.col("event_code") == code)["member"]
        members = members.with_columns(pl.col("member").is_in(hit.implode()).alias(code))
    control = pl.col("control")
    sums = members.group_by(pl.col("wave").cast(pl.UInt32)).agg(
        (~control).sum().alias("target"), control.sum().alias("control"),
        (~control & pl.col("CONTACTED")).sum().alias("contacted"),
        (control & pl.col("CONTACTED")).sum().alias("by_mistake"),
        (~control & pl.col("RESPONDED")).sum().alias("responded"),
        (~control & pl.col("ORDERED")).sum().alias("ordered"),
        (control & pl.col("ORDERED")).sum().alias("control_ordered"), pl.col("CANCELLED").sum().alias("cancelled"))
    kind = pl.col("kind")
    planted = [kind.replace_strict(list(range(len(KINDS))), [getattr(k, name) for k in KINDS]).alias(name)
               for name in ("base", "uplift")]
    starts = world.plan.dates(drawn["waves"]["day"].to_numpy()).alias("starts_on")
    return drawn["waves"].with_columns(*planted, starts).join(sums, on="wave", how="left").drop("kind", "day")


def order_table(world: World, drawn: dict) -> pl.DataFrame:
    """Every order of a wave and whether it was kept; null where the sample ends before that can be known."""
    plan, events = world.plan, drawn["events"]
    orders = events.filter(pl.col("event_code") == "ORDERED")
    month = np.searchsorted(plan.month_days, orders["day"].to_numpy(), side="right") - 1
    ends = np.array([*plan.month_days[1:], *[plan.days + 999] * KEEP_MONTHS])[month + KEEP_MONTHS - 1]
    known = ends <= plan.days
    kept = np.zeros(len(orders), dtype=bool)
    for end in np.unique(ends[known]):
        state = world.life.state_at(int(end) * DAY)[orders["sub"].to_numpy()]
        kept |= (ends == end) & np.isin(state, REACHED)
    cancelled = dict(events.filter(pl.col("event_code") == "CANCELLED").select("member", "at").iter_rows())
    gone_s = np.array([cancelled.get(member, plan.end_s + DAY) for member in orders["member"].to_list()])
    kept &= gone_s >= ends * DAY
    waves = drawn["waves"].select(pl.col("wave").cast(pl.Int64), "campaign_id", "wave_number")
    return orders.select(pl.col("wave").cast(pl.Int64), "sub", "control").join(
        waves, on="wave", how="left", maintain_order="left").select(
        "campaign_id", "wave_number",
        pl.Series("subscription_id", world.population.subscription_id[orders["sub"].to_numpy()]).cast(pl.String),
        pl.col("control").alias("is_control"), pl.Series("kept", kept).alias("kept"),
        pl.Series("is_known", known)).with_columns(pl.when("is_known").then("kept").alias("kept")).drop("is_known")


def pressure_table(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """Contacts by day and city, and those beyond the limit of contacts that a subscription may get in 30 days."""
    contacts = events.filter(pl.col("event_code") == "CONTACTED").select("sub", "day").sort("sub", "day")
    before = contacts.join(contacts.rename({"day": "other"}).with_row_index("n"), on="sub").filter(
        (pl.col("other") <= pl.col("day")) & (pl.col("other") > pl.col("day") - PRESSURE_DAYS))
    counts = before.group_by("sub", "day").agg(pl.col("n").n_unique().alias("recent"))
    rows = contacts.join(counts, on=["sub", "day"])
    rows = rows.with_columns(pl.Series("org_id", CITY_IDS[world.population.city[rows["sub"].to_numpy()]]))
    sums = rows.group_by("day", "org_id").agg(pl.len().alias("contacts"),
                                              (pl.col("recent") > PRESSURE_LIMIT).sum().alias("beyond_limit"))
    sums = sums.sort("day", "org_id")
    return sums.with_columns(world.plan.dates(sums["day"].to_numpy()).alias("date")).drop("day")


def cost_table(world: World, drawn: dict) -> pl.DataFrame:
    waves = drawn["waves"].select(pl.col("wave").cast(pl.Int64), "campaign_id", "wave_number")
    return drawn["costs"].join(waves, on="wave").group_by("campaign_id", "wave_number", "item").agg(
        pl.col("amount_fen").sum()).sort("campaign_id", "wave_number", "item")


def unknown_codes(world: World) -> pl.DataFrame:
    """Rows sent with a code that no list knows."""
    rows = registers.accounts(world.plan, world.population)
    found = rows.filter((pl.col("bank_code") == "CGB") & (pl.col("day") < world.plan.days))
    return pl.DataFrame({"domain_code": ["bank"], "contract_id": ["billing__account"], "code": ["CGB"],
                         "rows": [len(found)]}).filter(pl.col("rows") > 0)
