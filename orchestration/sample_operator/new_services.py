"""Feeds of value-added services: order relations, messages through the gateways, refunds.

What is ordered and charged is decided in `value_added`; here it becomes rows, and truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import value_added
from orchestration.sample_operator.life import ACTIVE, NEVER, ONE_WAY
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import MOBILE, Population
from orchestration.sample_operator.reference import CITY_IDS
from orchestration.sample_operator.value_added import CODES, PUSHER, SERVICES

if TYPE_CHECKING:
    from orchestration.sample_operator.landing_files import Landing
    from orchestration.sample_operator.operator import World

SOURCES = np.array(["APP", "SMS", "SHOP", "HOTLINE"])
REFUND_REASONS = np.array(["NOT_ORDERED", "NOT_SATISFIED", "CHARGED_TWICE", "FORGOTTEN"])
REFUND_SOURCES = np.array(["COMPLAINT", "SELF_SERVICE", "PROACTIVE"])
FAILED = np.array(["EXPIRED", "UNDELIVERABLE", "REJECTED"])
SPAM_PER_SUBSCRIBER = 0.03  # a month, from the pusher to people who ordered nothing


def send(world: World, out: Landing) -> None:
    plan, people, life = world.plan, world.population, world.life
    relation = value_added.relations(plan, people, life)
    charge = pl.concat([value_added.charges(plan, life, relation, month) for month in range(plan.months)])
    refund = _refunds(plan, charge)
    message = _messages(plan, world, relation)
    world.drawn["new_services"] = {"relation": relation, "charge": charge, "refund": refund, "message": message}
    for day, rows in enumerate(_by_day(_actions(plan, people, relation), plan.days)):
        out.send_checked("billing__service_order", [rows], day, kind="i" if day == 0 else "a")
    for day, rows in enumerate(_by_day(_refund_rows(plan, people, refund), plan.days)):
        out.send_checked("billing__service_refund", [rows], day)
    for day, rows in enumerate(_by_day(_message_rows(plan, people, message), plan.days)):
        out.send_plain("billing__message", f"message_{plan.date_of(day):%Y%m%d}", "txt", rows, day)


def _by_day(frame: pl.DataFrame, days: int) -> list[pl.DataFrame]:
    edges = np.searchsorted(frame["day"].to_numpy(), np.arange(days + 1)).tolist()
    return [frame.slice(edges[day], edges[day + 1] - edges[day]) for day in range(days)]


def _actions(plan: Plan, people: Population, relation: pl.DataFrame) -> pl.DataFrame:
    """Orders and ends in order of time; what was ordered before the sample comes on its first day."""
    source = SOURCES[plan.rng("order sources").choice(4, len(relation), p=[0.5, 0.3, 0.12, 0.08])]
    base = relation.with_columns(pl.Series("source_code", source))
    ends = base.filter(pl.col("ended") < NEVER).with_columns(
        pl.col("ended").alias("at"), pl.lit("CANCEL").alias("action_code"),
        pl.when(pl.col("end_reason") == value_added.SYSTEM).then(pl.lit("SYSTEM")).otherwise("source_code").alias(
            "source_code"))
    orders = base.with_columns(pl.col("ordered").alias("at"), pl.lit("ORDER").alias("action_code"))
    rows = pl.concat([orders, ends.select(orders.columns)]).sort("at", "sub", "service", "action_code")
    return rows.select(
        pl.Series("subscription_id", people.subscription_id[rows["sub"].to_numpy()]),
        pl.Series("service_code", CODES[rows["service"].to_numpy()]), "partner_id", "action_code", "source_code",
        plan.moments(rows["at"].to_numpy()).alias("changed_at"),
        pl.max_horizontal(pl.col("at") // DAY, 0).alias("day")).sort("day", maintain_order=True)


def _refunds(plan: Plan, charge: pl.DataFrame) -> pl.DataFrame:
    """Fees given back some days after they were taken: most forced ones, few of the others."""
    rng, n = plan.rng("service refunds"), len(charge)
    forced, pusher = charge["is_forced"].to_numpy(), (charge["partner_id"] == PUSHER).to_numpy()
    chance = np.where(forced, 0.75, np.where(pusher, 0.05, 0.012))
    hit = (rng.random(n) < chance) & ~charge["is_unbilled"].to_numpy()
    moment = charge["charge_day"].to_numpy() * DAY + rng.integers(1, 13, n) * DAY + rng.integers(9, 18, n) * 3600
    moment = np.maximum(moment, charge["ordered"].to_numpy() + 3600)
    reason = np.where(forced, 0, rng.integers(1, 4, n))
    source = np.where(forced, rng.choice(3, n, p=[0.8, 0.1, 0.1]), rng.choice(3, n, p=[0.2, 0.6, 0.2]))
    return charge.with_columns(
        pl.Series("second", moment), pl.Series("reason_code", REFUND_REASONS[reason]),
        pl.Series("source_code", REFUND_SOURCES[source])).filter(
            pl.Series(hit), pl.col("second") < plan.end_s).sort("second", "sub", "service").with_row_index("n")


def _refund_rows(plan: Plan, people: Population, refund: pl.DataFrame) -> pl.DataFrame:
    return refund.select(
        pl.format("F{}", 8_000_000 + pl.col("n")).alias("refund_id"),
        pl.Series("subscription_id", people.subscription_id[refund["sub"].to_numpy()]),
        pl.Series("service_code", CODES[refund["service"].to_numpy()]), "partner_id", "reason_code", "source_code",
        plan.dates(refund["charge_day"].to_numpy()).alias("charged_on"), pl.col("fee_fen").alias("amount_fen"),
        plan.moments(refund["second"].to_numpy()).alias("refunded_at"), (pl.col("second") // DAY).alias("day"))


def _messages(plan: Plan, world: World, relation: pl.DataFrame) -> pl.DataFrame:
    """Requests (MO) and pushes (MT) of the relations of each month, and unwanted pushes of one seller."""
    parts = [_of_month(plan, relation, month) for month in range(plan.months)]
    rng, people = plan.rng("spam"), world.population
    mobile = np.flatnonzero((people.service == MOBILE)[: people.initial])
    n = max(5, int(SPAM_PER_SUBSCRIBER * plan.subscribers * plan.months))
    hit = mobile[rng.integers(0, len(mobile), n)]
    second = rng.integers(0, plan.days, n) * DAY + rng.integers(9, 22, n) * 3600 + rng.integers(0, 3600, n)
    holders = relation.filter(pl.col("partner_id") == PUSHER)["sub"].to_numpy()
    parts.append(_message(hit, np.full(n, len(CODES) - 1), np.full(n, PUSHER), second, np.zeros(n, dtype=bool)).filter(
        pl.Series(~np.isin(hit, holders))).with_columns(pl.lit(True).alias("is_spam")))
    every = pl.concat(parts).sort("second", "sub", "service", "is_mo").with_row_index("n")
    return _delivered(plan, world, every)


def _of_month(plan: Plan, relation: pl.DataFrame, month: int) -> pl.DataFrame:
    rng, n = plan.rng("messages", month), len(relation)
    first, after = (plan.month_days[month + k] * DAY for k in (0, 1))
    begins = np.maximum(relation["ordered"].to_numpy(), first)
    ends = np.minimum(relation["ended"].to_numpy(), after)
    share = np.clip((ends - begins) / (after - first), 0, 1)
    habit = np.array([service[7:10] for service in SERVICES])[relation["service"].to_numpy()].reshape(n, 3)
    uses = rng.poisson(habit[:, 1] * share) * (rng.random(n) < habit[:, 0]) * ~relation["is_forced"].to_numpy()
    pushes = rng.poisson(habit[:, 2] * share)
    who = np.concatenate([np.arange(n).repeat(uses), np.arange(n).repeat(pushes)])
    is_mo = np.arange(len(who)) < uses.sum()
    second = begins[who] + (rng.random(len(who)) * (ends - begins)[who]).astype(np.int64)
    sub, service = (relation[name].to_numpy()[who] for name in ("sub", "service"))
    return _message(sub, service, relation["partner_id"].to_numpy()[who], second, is_mo)


def _message(sub: np.ndarray, service: np.ndarray, partner: np.ndarray, second: np.ndarray,
             is_mo: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"sub": sub, "service": service, "partner_id": pl.Series(partner, dtype=pl.String),
                         "second": second, "is_mo": is_mo}).with_columns(pl.lit(False).alias("is_spam"))


def _delivered(plan: Plan, world: World, every: pl.DataFrame) -> pl.DataFrame:
    """Requests are accepted; a push fails more often from one seller, and always when the number is cut off."""
    rng, n = plan.rng("message delivery"), len(every)
    mo = every["is_mo"].to_numpy()
    state = value_added.state_at(world.life, every["sub"].to_numpy(), every["second"].to_numpy())
    poor = (every["partner_id"] == PUSHER).to_numpy()
    fails = ~mo & ((rng.random(n) < np.where(poor, 0.2, 0.03)) | ~np.isin(state, (ACTIVE, ONE_WAY)))
    status = np.where(mo, "ACCEPTED", np.where(fails, FAILED[rng.integers(0, 3, n)], "DELIVERED"))
    size = np.where(mo, rng.integers(1, 20, n), rng.integers(40, 1400, n))
    return every.with_columns(pl.Series("send_status_code", status), pl.Series("content_bytes", size))


def _message_rows(plan: Plan, people: Population, message: pl.DataFrame) -> pl.DataFrame:
    sub = message["sub"].to_numpy()
    long = pl.col("content_bytes") > 140
    return message.select(
        (700_000_000_001 + pl.col("n").cast(pl.Int64)).alias("message_id"),
        pl.when("is_mo").then(pl.lit("MO")).otherwise(pl.lit("MT")).alias("record_type_code"),
        pl.when(long).then(pl.lit("MMSGW")).otherwise(pl.lit("SMSGW")).alias("gateway_code"), "partner_id",
        pl.Series("service_code", CODES[message["service"].to_numpy()]),
        pl.Series("subscription_id", people.subscription_id[sub]), pl.Series("number_token", people.number[sub]),
        "send_status_code", "content_bytes", plan.moments(message["second"].to_numpy()).alias("sent_at"),
        (pl.col("second") // DAY).alias("day"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    plan, people, drawn = world.plan, world.population, world.drawn["new_services"]
    named = {name: _named(plan, people, drawn[name]) for name in ("relation", "charge", "refund", "message")}
    ended = pl.col("ended") < NEVER
    relation = named["relation"].with_columns(
        plan.dates(drawn["relation"]["ordered"].to_numpy() // DAY).alias("ordered_on"),
        plan.dates(np.minimum(drawn["relation"]["ended"].to_numpy(), plan.end_s) // DAY).alias("ended_on"))
    relation = relation.with_columns(pl.when(ended).then("ended_on").alias("ended_on"))
    charge = named["charge"].with_columns(plan.dates(drawn["charge"]["charge_day"].to_numpy()).alias("charged_on"))
    refund = named["refund"].with_columns(plan.dates(drawn["refund"]["second"].to_numpy() // DAY).alias("refunded_on"))
    keys = ["cycle", "org_id", "service_code", "partner_id"]
    month = named["message"].group_by(*keys, "is_mo", "is_spam", "send_status_code").agg(
        pl.len().alias("messages"), pl.col("content_bytes").sum(), pl.col("subscription_id").n_unique().alias("users"))
    kept = ["subscription_id", "org_id", "service_code", "partner_id"]
    return {
        "service_relation": relation.select(*kept, "ordered_on", "ended_on", "end_reason", "is_forced", "is_unbilled"),
        "service_charge": charge.select(*kept, "cycle", "charged_on", "fee_fen", "is_unbilled"),
        "service_refund": refund.select(*kept, "cycle", "refunded_on", "fee_fen", "reason_code", "source_code"),
        "unbilled_relation": charge.filter("is_unbilled").select(*kept, "cycle", "fee_fen"),
        "message_month": month.sort(*keys, "is_mo", "is_spam", "send_status_code"),
    }


def _named(plan: Plan, people: Population, frame: pl.DataFrame) -> pl.DataFrame:
    """Ids for positions; the cycle of a charge is its month, of a refund or message that of its second."""
    sub = frame["sub"].to_numpy()
    extra = []
    if "second" in frame.columns:
        months = np.searchsorted(plan.month_days, frame["second"].to_numpy() // DAY, side="right") - 1
        extra = [pl.Series("cycle", [plan.cycle(m) for m in range(plan.months)], dtype=pl.String).gather(months)]
    elif "month" in frame.columns:
        extra = [pl.Series("cycle", [plan.cycle(m) for m in range(plan.months)], dtype=pl.String).gather(
            frame["month"].to_numpy())]
    return frame.with_columns(
        pl.Series("subscription_id", people.subscription_id[sub]), pl.Series("org_id", CITY_IDS[people.city[sub]]),
        pl.Series("service_code", CODES[frame["service"].to_numpy()]), *extra)
