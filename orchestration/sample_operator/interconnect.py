"""Calls and messages across the border to other operators: number ranges, and what the counterparts will settle.

The counterpart counts what our records say, except for the planted differences: calls of ours that it did not
count, and a price that was out of force. What own subscribers do abroad crosses no border of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.population import OPERATORS
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

PARTIES, ABROAD = {1: "MOBILE", 2: "MOBILE", 3: "FIXED", 4: "FOREIGN"}, 3
SERVICES = np.array(["VOICE", "SMS"])
# fen per minute or message: (received by us, paid by us), as in the seed interconnect_rates
RATES = {("MOBILE", "VOICE"): (6, 6), ("FIXED", "VOICE"): (6, 6), ("FOREIGN", "VOICE"): (30, 40),
         ("MOBILE", "SMS"): (3, 3), ("FIXED", "SMS"): (3, 3), ("FOREIGN", "SMS"): (10, 20)}
KEY = ["city", "operator", "service"]
MEASURES = ["in_count", "out_count", "in_quantity", "out_quantity"]
SETTLEMENT = "billing__interconnect_settlement"
RANGES = (("188", "OWN", "本网"), ("187", "OWN", "本网"), ("159", "OWN", "本网"), ("571", "OWN", "本网固定"),
          ("186", "RV1", "竞争移动一"), ("130", "RV1", "竞争移动一"), ("189", "RV2", "竞争移动二"),
          ("133", "RV2", "竞争移动二"), ("861", "FIX", "他网固话"), ("852", "INT", "国际"), ("100", "SVC", "特服"),
          ("955", "SVC", "特服"), ("123", "SVC", "特服"))


def observe(world: World, day: int, calls: dict, parts: dict) -> None:
    """Counts and quantities by city, counterpart and service of the records that cross to another network."""
    across = np.isin(calls["operator"], list(PARTIES)) & (calls["roam"] != ABROAD)
    kind = calls["kind"][across]
    is_message, is_in = kind >= 3, np.isin(kind, (1, 4))
    quantity = np.where(is_message, 1, calls["every_minute"][across])
    frame = pl.DataFrame({
        "city": world.population.city[calls["sub"][across]], "operator": calls["operator"][across].astype(np.int64),
        "service": is_message.astype(np.int64), "in_count": is_in.astype(np.int64),
        "out_count": (~is_in).astype(np.int64), "in_quantity": quantity * is_in, "out_quantity": quantity * ~is_in})
    sums = frame.group_by(KEY).sum().with_columns(pl.lit(world.plan.month_of(day)).alias("month"))
    world.drawn.setdefault("interconnect", {}).setdefault("days", []).append(sums)


def send(world: World, out: Landing) -> None:
    plan, drawn = world.plan, world.drawn.setdefault("interconnect", {"days": []})
    ours = _fees(pl.concat(drawn["days"]).group_by("month", *KEY).agg(pl.col(MEASURES).sum()).sort("month", *KEY))
    theirs = _with_differences(ours) if plan.faults else ours.with_columns(pl.lit("").alias("difference_kind"))
    drawn |= {"ours": ours, "theirs": theirs}
    ranges = pl.DataFrame(RANGES, schema=["number_prefix", "operator_code", "operator_name"], orient="row")
    ranges = ranges.with_columns(pl.lit(None, dtype=pl.String).alias("org_id"), pl.lit("20160101").alias("valid_from"))
    for month in range(plan.months):
        last, period = plan.month_days[month + 1] - 1, plan.cycle(month)
        out.send_checked("billing__number_range", [ranges], last, kind="i", period=period)
        rows = _described(world, theirs.filter(pl.col("month") == month))
        out.send_checked(SETTLEMENT, [rows], last, kind="s", period=period, arrives_s=(last + 6) * DAY)


def _fees(frame: pl.DataFrame) -> pl.DataFrame:
    service, operator = frame["service"].to_numpy(), frame["operator"].to_numpy()
    pairs = [RATES[PARTIES[int(o)], SERVICES[s]] for o, s in zip(operator, service, strict=True)]
    received, paid = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return frame.with_columns(pl.Series("fee_in_fen", received) * pl.col("in_quantity"),
                              pl.Series("fee_out_fen", paid) * pl.col("out_quantity"))


def _with_differences(ours: pl.DataFrame) -> pl.DataFrame:
    """Every month one counterpart misses a tenth of our calls in one city, another charges a fen a minute too much."""
    voice, month = pl.col("service") == 0, pl.col("month")
    short = voice & (pl.col("operator") == 1 + month % 2) & (pl.col("city") == month % 3) & (pl.col("in_quantity") > 9)
    dear = voice & (pl.col("operator") == 2 - month % 2) & (pl.col("city") == 3 + month % 3)
    lost_count, lost = pl.col("in_count") // 10, pl.col("in_quantity") // 10
    kind = pl.when(short).then(pl.lit("uncounted")).when(dear).then(pl.lit("old_price")).otherwise(pl.lit(""))
    return ours.with_columns(
        kind.alias("difference_kind"),
        pl.when(short).then(pl.col("in_count") - lost_count).otherwise("in_count").alias("in_count"),
        pl.when(short).then(pl.col("in_quantity") - lost).otherwise("in_quantity").alias("in_quantity"),
        pl.when(short).then((pl.col("in_quantity") - lost) * 6).otherwise("fee_in_fen").alias("fee_in_fen"),
        pl.when(dear).then(pl.col("out_quantity") * 7).otherwise("fee_out_fen").alias("fee_out_fen"))


def _described(world: World, frame: pl.DataFrame) -> pl.DataFrame:
    cycles = [world.plan.cycle(month) for month in range(world.plan.months)]
    brands = pl.Series([PARTIES[o] for o in frame["operator"].to_list()], dtype=pl.String)
    return frame.select(
        pl.Series("settlement_cycle", np.array(cycles)[frame["month"].to_numpy()]),
        pl.Series("own_code", CITY_IDS[frame["city"].to_numpy()]), pl.lit("MOBILE").alias("own_brand_code"),
        pl.Series("other_code", OPERATORS[frame["operator"].to_numpy()]), brands.alias("other_brand_code"),
        pl.Series("service_code", SERVICES[frame["service"].to_numpy()]), *MEASURES, "fee_in_fen", "fee_out_fen")


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Our counts by cycle, city, counterpart and service; and where the settlement differs, by how much and why."""
    drawn = world.drawn["interconnect"]
    ours, theirs = drawn["ours"], drawn["theirs"]
    names = ["settlement_cycle", "own_code", "other_code", "service_code", *MEASURES, "fee_in_fen", "fee_out_fen"]
    mine, said = _described(world, ours).select(names), _described(world, theirs).select(names)
    by = names[:4]
    both = mine.join(said.with_columns(theirs["difference_kind"]), on=by, suffix="_said", maintain_order="left")
    fees = ("fee_in_fen", "fee_out_fen")
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_said") for name in fees)
    difference = both.filter(differs).select(
        *by, "difference_kind", *((pl.col(f"{name}_said") - pl.col(name)).alias(name) for name in fees))
    return {"interconnect_month": mine, "interconnect_difference": difference}
