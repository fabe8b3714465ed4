"""Commission of the agents by rule, month by month, with the errors planted in it.

Rules: a number that becomes active earns ACTIVATE, one still kept after 90 days STAY, its first three bills
SHARE; a number that leaves within 90 days of its opening costs the ACTIVATE again (CLAWBACK).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import farming
from orchestration.sample_operator.life import CANCELLED, EXPELLED, NEVER, PORTED
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

ACTIVATE_FEN, STAY_FEN, SHARE_PERCENT, KEEP_DAYS = 3000, 2000, 5, 90
AGENT_OUTLETS = (3, 4)
RULES = ("ACTIVATE", "STAY", "SHARE", "CLAWBACK")


def brought(world: World) -> pl.DataFrame:
    """The later comers that agents brought and that became active: when, and when they left."""
    people, life = world.population, world.life
    fresh = (np.arange(people.size) >= people.initial) & np.isin(people.channel % 100, AGENT_OUTLETS)
    fresh &= (people.opened_s < world.plan.end_s) & (life.first_used < world.plan.end_s)
    left = np.full(people.size, NEVER)
    final = np.isin(life.status, (CANCELLED, EXPELLED, PORTED))
    np.minimum.at(left, life.subscription[final], life.second[final])
    sub = np.flatnonzero(fresh)
    channel = people.channel[sub]
    return pl.DataFrame({
        "sub": sub, "channel_id": channel, "opened": people.opened_s[sub], "active": life.first_used[sub],
        "left": left[sub],
        "dealer_id": [f"D{c // 100}{c % 100}" for c in channel.tolist()]}, schema_overrides={"dealer_id": pl.String})


def rows(world: World) -> pl.DataFrame:
    """One row per amount, numbered in order of month; the month is the one in which it was earned."""
    plan, base = world.plan, brought(world)
    stays = (base["opened"].to_numpy() // DAY + KEEP_DAYS) * DAY  # counted in days, whatever the hour of opening
    until = base.with_columns(pl.Series("until", stays))
    kept = (until["left"] >= until["until"]).to_numpy()
    gone = pl.Series(~kept) & (pl.col("left") < plan.end_s)
    parts = [_amount(base, "ACTIVATE", base["active"], ACTIVATE_FEN),
             _amount(base, "STAY", pl.Series(stays), STAY_FEN).filter(pl.Series(kept), pl.col("second") < plan.end_s),
             _amount(base, "CLAWBACK", base["left"], -ACTIVATE_FEN).filter(gone), _shares(world, base)]
    every = pl.concat(parts)
    month = np.searchsorted(plan.month_days, every["second"].to_numpy() // DAY, side="right") - 1
    every = every.with_columns(pl.Series("month", month), pl.col("rule").cast(pl.Enum(RULES)))
    return _numbered(_with_errors(plan, every))


def _amount(base: pl.DataFrame, rule: str, second: pl.Series, fen: int) -> pl.DataFrame:
    return base.select("sub", "channel_id", "dealer_id", "opened", "left", pl.lit(rule).alias("rule"),
                       second.alias("second"), pl.lit(fen, dtype=pl.Int64).alias("amount_fen"))


def _shares(world: World, base: pl.DataFrame) -> pl.DataFrame:
    """A part of the net charge of the bills of the month of opening and the two after it, earned at month end."""
    plan, parts = world.plan, [_amount(base, "SHARE", base["active"], 0).head(0)]
    opened = np.searchsorted(plan.month_days, base["opened"].to_numpy() // DAY, side="right") - 1
    for month, items in enumerate(world.ledger.items):
        net = np.bincount(items["sub"].to_numpy(), items["net_fen"].to_numpy(), world.population.size)
        fen = (net[base["sub"].to_numpy()].astype(np.int64) * SHARE_PERCENT + 50) // 100
        ends = pl.Series(np.full(len(base), plan.month_days[month + 1] * DAY - 1))
        due = (opened <= month) & (opened > month - 3) & (fen > 0)
        parts.append(_amount(base, "SHARE", ends, 0).with_columns(pl.Series("amount_fen", fen)).filter(pl.Series(due)))
    return pl.concat(parts)


def _with_errors(plan: Plan, every: pl.DataFrame) -> pl.DataFrame:
    """Two errors: one activation paid twice, one clawback forgotten."""
    rng = plan.rng("commission errors")
    every = every.sort("month", "rule", "sub").with_columns(pl.lit("").alias("error_code"))
    active, back = (np.flatnonzero((every["rule"] == rule).to_numpy()) for rule in ("ACTIVATE", "CLAWBACK"))
    forgotten = rng.choice(back, min(1, len(back)), replace=False)
    twice = rng.choice(active, min(1, len(active)), replace=False)
    errors = np.where(np.isin(np.arange(len(every)), forgotten), "FORGOTTEN", "")
    more = every[twice.tolist()].with_columns(pl.lit("TWICE").alias("error_code"))
    return pl.concat([every.with_columns(pl.Series("error_code", errors, dtype=pl.String)), more])


def _numbered(every: pl.DataFrame) -> pl.DataFrame:
    """Numbers of the amounts paid; a clawback names the activation it takes back."""
    paid = every.filter(pl.col("error_code") != "FORGOTTEN").sort("month", "rule", "sub", "error_code")
    paid = paid.with_row_index("n")
    paid = paid.with_columns(pl.format("C{}", 600_000 + pl.col("n")).alias("commission_id"))
    first = paid.filter(pl.col("rule") == "ACTIVATE", pl.col("error_code") == "").select(
        "sub", pl.col("commission_id").alias("clawback_of"), pl.lit("CLAWBACK").cast(pl.Enum(RULES)).alias("rule"))
    paid = paid.join(first, on=["sub", "rule"], how="left", maintain_order="left")
    lost = every.filter(pl.col("error_code") == "FORGOTTEN")
    return pl.concat([paid, lost], how="diagonal")


def file_rows(plan: Plan, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of one month as delivered; what was forgotten is not in the file."""
    frame = frame.filter(pl.col("commission_id").is_not_null())
    return frame.select(
        "commission_id", "dealer_id", "channel_id", (60_000_000_001 + pl.col("sub")).alias("subscription_id"),
        pl.col("rule").cast(pl.String).alias("rule_code"),
        "amount_fen", "clawback_of", plan.dates(frame["second"].to_numpy() // DAY).alias("earned_on"))


def truth(world: World, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    plan, people = world.plan, world.population
    cycles = pl.Series([plan.cycle(m) for m in range(plan.months)], dtype=pl.String)
    named = frame.with_columns(
        pl.Series("subscription_id", people.subscription_id[frame["sub"].to_numpy()]),
        pl.col("rule").cast(pl.String).alias("rule_code"), cycles.gather(frame["month"].to_numpy()).alias("cycle"))
    farmed = np.flatnonzero(farming.farmed_numbers(plan, people) & (people.opened_s < plan.end_s))
    base = brought(world)
    return {
        "commission": named.select("cycle", "dealer_id", "subscription_id", "rule_code", "amount_fen", "error_code"),
        "farmed_number": pl.DataFrame({
            "subscription_id": people.subscription_id[farmed], "opened_on": plan.dates(people.opened_s[farmed] // DAY),
            "org_id": CITY_IDS[people.city[farmed]],
            "is_active": np.isin(farmed, base["sub"].to_numpy())}),
        "dealer_number": base.select(
            "dealer_id", pl.Series("subscription_id", people.subscription_id[base["sub"].to_numpy()]),
            plan.dates(base["opened"].to_numpy() // DAY).alias("opened_on")),
    }
