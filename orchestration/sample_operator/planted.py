"""What is planted in the lives, the usage and the money of the spine: watched day by day, told in the truth folder;
and the billing system's own list of arrears, which a warehouse's arrears must equal.

The planting itself is in `churn`, `hazard`, `leakage` and `seasons`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import leakage, seasons, truth_churn
from orchestration.sample_operator.churn import SILENT_DAYS
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.life import REACHED
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.population import groups
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

BUCKETS = ("not_due_fen", "days_0_30_fen", "days_31_60_fen", "days_61_90_fen", "days_91_180_fen", "days_181_365_fen",
           "days_over_365_fen")
EDGES = (0, 31, 61, 91, 181, 366)


def observe(world: World, day: int, calls: dict, parts: dict) -> None:
    leakage.watch(world, day, 1, calls)
    leakage.watch(world, day, 2, parts)
    _note_activity(world, day, calls, parts)


def send(world: World, out: Landing) -> None:
    """The arrears of every month-end, on the day after it."""
    world.drawn["planted"]["arrears"] = [arrears_rows(world, month) for month in range(world.plan.months)]
    for month, rows in enumerate(world.drawn["planted"]["arrears"]):
        last = world.plan.month_days[month + 1] - 1
        out.send_checked("billing__arrears", [rows], last, kind="s", period=world.plan.cycle(month))


def truth(world: World) -> dict[str, pl.DataFrame]:
    return {**truth_churn.tables(world), **leakage.tables(world), **seasons.tables(world),
            "silent_day": pl.concat(world.drawn["planted"]["silent"]), "group_paid_month": _group_paid(world)}


def _note_activity(world: World, day: int, calls: dict, parts: dict) -> None:
    """Last day of any use and of own use by subscription, and by city who is silent at the end of the day."""
    people, plan = world.population, world.plan
    opened = np.maximum(people.opened_s // DAY, -1)
    kept = world.drawn.setdefault("planted", {"any": opened.copy(), "own": opened.copy(), "silent": []})
    own = (calls["kind"] == 0) | (calls["kind"] == 3)
    for name, chosen in (("any", calls["sub"]), ("own", calls["sub"][own])):
        kept[name][chosen] = day
        kept[name][parts["sub"]] = day
    reached = np.isin(world.life.state_at((day + 1) * DAY), REACHED) & people.counted
    known = day >= SILENT_DAYS - 1
    city = {name: np.bincount(people.city[reached & (day - kept[name] >= SILENT_DAYS)], minlength=len(CITY_IDS))
            for name in ("any", "own")}
    kept["silent"].append(pl.DataFrame({
        "date": [plan.date_of(day)] * len(CITY_IDS), "org_id": CITY_IDS, "is_known": [known] * len(CITY_IDS),
        "reached": np.bincount(people.city[reached], minlength=len(CITY_IDS)), "silent_v1": city["any"],
        "silent_v2": city["own"]}))


def arrears_rows(world: World, month: int) -> pl.DataFrame:
    """What postpaid accounts owe at a month-end on the bills issued by then, by days past the due date.

    Prepaid accounts have paid before they are billed.
    """
    plan, people, ledger = world.plan, world.population, world.ledger
    ends = plan.month_days[month + 1]
    settled = pl.concat([frame.filter(pl.col("second") < ends * DAY, pl.col("role") < 3).select("bill_id", "amount_fen")
                         for frame in ledger.payments]
                        + [frame.filter(pl.col("second") < ends * DAY).select("bill_id", "amount_fen")
                           for frame in ledger.adjustments]).group_by("bill_id").sum()
    rows = []
    for cycle, frame in enumerate(ledger.bills):
        if plan.issue_day(cycle) >= ends:
            break
        bucket = int(np.searchsorted(EDGES, ends - 1 - plan.due_day(cycle), side="right"))
        left = frame.join(settled, on="bill_id", how="left").select(
            "account", (pl.col("amount") - pl.col("amount_fen").fill_null(0)).alias("owed"),
            pl.lit(BUCKETS[bucket]).alias("bucket"))
        rows.append(left.filter(pl.Series(~people.account_prepaid[left["account"].to_numpy()]), pl.col("owed") != 0))
    empty = pl.DataFrame(schema={"account": pl.Int64, "owed": pl.Int64, "bucket": pl.String})
    owed = pl.concat([empty, *rows], how="vertical_relaxed")
    wide = owed.group_by("account").agg(
        pl.col("owed").filter(pl.col("bucket") == name).sum().alias(name) for name in BUCKETS).sort("account")
    return wide.select(pl.Series("account_id", people.account_id[wide["account"].to_numpy()]),
                       plan.dates(np.full(len(wide), ends - 1)).alias("snapshot_on"), *BUCKETS)


def _group_paid(world: World) -> pl.DataFrame:
    """Net charges by cycle, group, whether the group pays, and charge item."""
    plan, people = world.plan, world.population
    group, pays = groups(plan, people)
    items = pl.concat(world.ledger.items)
    owner = people.account_customer[items["account"].to_numpy()]
    rows = items.select("charge_item_code", "net_fen", "month").with_columns(
        pl.Series("group", group[owner]), pl.Series("is_group_paid", pays[owner]))
    rows = rows.filter(pl.col("group") >= 0).group_by("month", "group", "is_group_paid", "charge_item_code").agg(
        pl.col("net_fen").sum()).sort("month", "group", "is_group_paid", "charge_item_code")
    return rows.select(
        pl.col("month").replace_strict(list(range(plan.months)), [plan.cycle(m) for m in range(plan.months)],
                                       return_dtype=pl.String).alias("cycle"),
        pl.format("G{}", 1000 + pl.col("group")).alias("group_id"), "is_group_paid", "charge_item_code", "net_fen")
