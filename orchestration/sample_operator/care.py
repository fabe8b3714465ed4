"""The call centre: contacts, and the survey answers that follow them. Tickets are in `tickets`.

Contacts come at a base rate, more from people in a cell that is out, and more from people whose bill is
mostly usage charges.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator import unprompted
from orchestration.sample_operator.billing import Ledger
from orchestration.sample_operator.life import CANCELLED, EXPELLED, INVALID, NEVER, PORTED, Life
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import BROADBAND, Population
from orchestration.sample_operator.unprompted import REASONS
from orchestration.sample_operator.usage import ITEMS

CHANNELS, CHANNEL_SHARES = np.array(["HOTLINE", "ONLINE", "SMS", "SHOP", "SOCIAL"]), [0.7, 0.15, 0.03, 0.08, 0.04]
OUTCOMES = np.array(["answered", "abandoned", "transferred", "self_served"])
REMARKS = np.array(["客户咨询,已解释", '用户称"没有信号",已派单', "同意升级套餐", "要求回电,情绪激动", ""])
LINES = {"HOTLINE": "10000", "SMS": "10001", "ONLINE": "APP", "SHOP": "SHOP", "SOCIAL": "SOCIAL"}
OLD_LINES = {"FAULT": "112", "COMPLAINT": "180", "CONSULT": "114", "ACTIVATE": "189"}  # still dialled by some
OLD_LINE_SHARE, INVITED_SHARE = 0.15, 0.5
KEY_LINE, KEY_QUEUE = "80082810000", "Q_KEY"  # of important customers, day and night
REPEAT_SHARE, REPEAT_DAYS = 0.11, 7
QUEUES = {"FAULT": "Q_FAULT", "COMPLAINT": "Q_COMPLAINT", "ACTIVATE": "Q_SALES"}


def contacts(plan: Plan, population: Population, life: Life, network: Network, ledger: Ledger,
             agents: np.ndarray) -> pl.DataFrame:
    """All contacts in order of time, with working columns `sub`, `second` and `day` beside the delivered ones."""
    rng = plan.rng("contacts")
    base = pl.concat([unprompted.draw(plan, population, rng), _after_outages(population, network, rng),
                      _after_bills(plan, population, ledger, rng)])
    base = _with_repeats(plan, base)
    served = _there(plan, population, life, base["sub"].to_numpy(), base["second"].to_numpy())
    base = base.filter(pl.Series(served)).sort("second", "sub", "reason")
    return _on_old_lines(plan, _known_callers(population, _handled(plan, population, rng, base), rng, agents))


def _on_old_lines(plan: Plan, contact: pl.DataFrame) -> pl.DataFrame:
    """Some of those who call the hotline dial the old line for what they want, also after it was merged."""
    dials = pl.Series(plan.rng("old lines").random(len(contact)) < OLD_LINE_SHARE)
    old = pl.col("reason_code").str.split("_").list.first().replace_strict(OLD_LINES, default=LINES["HOTLINE"])
    return contact.with_columns(
        pl.when(dials & (pl.col("line_code") == LINES["HOTLINE"])).then(old).otherwise("line_code").alias("line_code"))


def _handled(plan: Plan, population: Population, rng: np.random.Generator, base: pl.DataFrame) -> pl.DataFrame:
    """How each contact went: channel, outcome, seconds, and whether a ticket is wanted."""
    n, sub, offered = len(base), base["sub"].to_numpy(), base["second"].to_numpy()
    known = rng.random(n) > 0.06
    channel = rng.choice(5, n, p=CHANNEL_SHARES)
    phone, other = (rng.choice(4, n, p=shares) for shares in ([0.78, 0.06, 0.06, 0.1], [0.85, 0.01, 0.04, 0.1]))
    outcome = np.where(channel == 0, phone, other)
    times = _seconds(rng, n, channel, outcome)
    reason = pl.Series(REASONS[base["reason"].to_numpy()])
    answered = np.isin(outcome, (0, 2))
    ended = offered + times["ivr_s"] + times["wait_s"] + times["talk_s"] + times["hold_s"]
    share = np.where(reason.str.contains("^(FAULT|COMPLAINT)"), 0.65, 0.35 * reason.str.starts_with("ACTIVATE"))
    wants = answered & known & (rng.random(n) < share)
    key = (channel == 0) & known & np.isin(population.customer_type[population.customer[sub]], (2, 3, 4))
    stranger = 13_000_000_000 + rng.integers(0, 999_999_999, n)
    return base.select("sub", "second", "cell").with_columns(
        pl.Series("contact_id", 80_000_000_001 + np.arange(n)), pl.Series("channel_code", CHANNELS[channel]),
        pl.Series("line_code", np.where(key, KEY_LINE, np.array([LINES[name] for name in CHANNELS])[channel])),
        pl.when(pl.Series(key)).then(pl.lit(KEY_QUEUE)).otherwise(
            reason.str.split("_").list.first().replace_strict(QUEUES, default="Q_CONSULT")).alias("queue_code"),
        pl.Series("caller_token", np.where(known, population.number[sub], stranger)),
        plan.moments(offered).alias("offered_at"), plan.moments(ended).alias("ended_at"),
        plan.moments(offered + times["ivr_s"] + times["wait_s"], answered).alias("answered_at"),
        *(pl.Series(name, seconds) for name, seconds in times.items()), pl.Series("outcome_code", OUTCOMES[outcome]),
        reason.alias("reason_code"), pl.Series("ended", ended), pl.Series("day", offered // DAY),
        pl.Series("known", known), pl.Series("answered", answered), pl.Series("wants", wants))


def _known_callers(population: Population, frame: pl.DataFrame, rng: np.random.Generator,
                   agents: np.ndarray) -> pl.DataFrame:
    """Who called, who answered and what was noted; an anonymous caller leaves customer and subscription empty."""
    n, sub = len(frame), frame["sub"].to_numpy()
    when, ticket_number = pl.when(pl.col("known")), 40_000_000 + pl.col("wants").cast(pl.Int64).cum_sum()
    return frame.with_columns(
        when.then(pl.Series(population.customer_id[population.customer[sub]])).alias("customer_id"),
        when.then(pl.Series(population.subscription_id[sub])).alias("subscription_id"),
        pl.when("answered").then(pl.Series(agents[rng.integers(0, len(agents), n)])).alias("staff_id"),
        pl.when("wants").then(pl.format("T{}", ticket_number)).alias("ticket_id"),
        pl.Series("language_code", np.where(rng.random(n) < 0.97, "zh", "en")),
        pl.Series("remark_token", REMARKS[rng.integers(0, 5, n)]).replace("", None))


def _with_repeats(plan: Plan, base: pl.DataFrame) -> pl.DataFrame:
    """Some come back for the same reason within a week, on any channel, and some of those once more."""
    rng, parts = plan.rng("repeat contacts"), [base]
    for _ in range(2):
        again = parts[-1].filter(pl.Series(rng.random(len(parts[-1])) < REPEAT_SHARE))
        later = rng.integers(1800, REPEAT_DAYS * DAY, len(again))
        parts.append(again.with_columns(pl.col("second") + pl.Series(later)))
    return pl.concat(parts)


def _after_outages(population: Population, network: Network, rng: np.random.Generator) -> pl.DataFrame:
    """Some of those who live or work under a dead cell call while it lasts or soon after."""
    parts = [unprompted.frame(*(np.empty(0, dtype=np.int64) for _ in range(4)))]
    for outage in network.outages:
        near = np.flatnonzero(((population.home_cell == outage.cell) | (population.work_cell == outage.cell))
                              & (population.service != BROADBAND))
        calling = near[rng.random(len(near)) < 0.06]
        second = outage.begins_s + 300 + rng.integers(0, outage.lasts_s + 1800, len(calling))
        parts.append(unprompted.frame(calling, second, np.full(len(calling), 3), np.full(len(calling), outage.cell)))
    return pl.concat(parts)


def _after_bills(plan: Plan, population: Population, ledger: Ledger, rng: np.random.Generator) -> pl.DataFrame:
    """Bills of more than 80 yuan of which most is usage charges make some call in the days after the issue."""
    parts = [unprompted.frame(*(np.empty(0, dtype=np.int64) for _ in range(4)))]
    for month, items in enumerate(ledger.items):
        usage = pl.col("net_fen").filter(pl.col("charge_item_code").is_in(ITEMS)).sum()
        by_sub = items.group_by("sub").agg(usage.alias("usage"), pl.col("net_fen").sum()).sort("sub")
        shocked = by_sub.filter(pl.col("net_fen") > 8000, pl.col("usage") * 2 > pl.col("net_fen"))["sub"].to_numpy()
        calling = shocked[rng.random(len(shocked)) < 0.1]
        second = plan.issue_day(month) * DAY + 9 * 3600 + rng.integers(0, 4 * DAY, len(calling))
        parts.append(unprompted.frame(calling, second, np.full(len(calling), 6), np.full(len(calling), -1)))
    return pl.concat(parts)


def _there(plan: Plan, population: Population, life: Life, sub: np.ndarray, second: np.ndarray) -> np.ndarray:
    """True where the subscription exists at that time and the time is inside the sample."""
    gone = np.full(population.size, NEVER)
    final = np.isin(life.status, (CANCELLED, EXPELLED, PORTED, INVALID))
    gone[life.subscription[final]] = life.second[final]
    return (population.opened_s[sub] < second) & (second < gone[sub]) & (second < plan.end_s - 3600)


def _seconds(rng: np.random.Generator, n: int, channel: np.ndarray, outcome: np.ndarray) -> dict[str, np.ndarray]:
    talked, phone = np.isin(outcome, (0, 2)), channel == 0
    wait = np.minimum(np.exp(rng.normal(2.3, 1.0, n)), 600).astype(np.int64)
    return {
        "ivr_s": np.where(phone, rng.integers(15, 90, n), 0),
        "wait_s": np.where(outcome == 3, 0, np.where(outcome == 1, 4 + wait * 2, wait)),
        "talk_s": np.where(talked, np.clip(np.exp(rng.normal(5.0, 0.6, n)), 20, 2400).astype(np.int64), 0),
        "hold_s": np.where(talked & (rng.random(n) < 0.15), rng.integers(10, 120, n), 0),
        "wrap_s": np.where(talked, rng.integers(5, 60, n), 0),
    }


def surveys(plan: Plan, contact: pl.DataFrame) -> pl.DataFrame:
    """Two questions to some of those who were answered; a transferred contact satisfies less."""
    rng = plan.rng("surveys")
    asked = contact.filter(pl.col("answered") & pl.col("known") & pl.Series(rng.random(len(contact)) < 0.18))
    n = len(asked)
    mood = 4.3 - 0.7 * (asked["outcome_code"] == "transferred").to_numpy() - 0.4 * (asked["wait_s"].to_numpy() > 60)
    satisfied = np.clip(np.rint(mood + rng.normal(0, 0.8, n)), 1, 5).astype(np.int64)
    recommend = np.clip(np.rint(2 * satisfied + rng.normal(-0.5, 1.2, n)), 0, 10).astype(np.int64)
    second = asked["ended"].to_numpy() + rng.integers(300, 7200, n)
    base = asked.select("contact_id", "ticket_id", "customer_id", "subscription_id").with_columns(
        pl.Series("response_id", 95_000_001 + np.arange(n)), plan.moments(second).alias("answered_at"),
        pl.Series("wave_code", [f"W{plan.date_of(d):%Y%m}" for d in asked["day"].to_list()], dtype=pl.String),
        pl.Series("day", second // DAY))
    rows = [base.with_columns(pl.lit(name).alias("question_code"), pl.Series("score", score),
                              pl.lit(top).alias("scale_max"))
            for name, score, top in (("SATISFACTION", satisfied, 5), ("RECOMMEND", recommend, 10))]
    return pl.concat(rows).filter(pl.col("day") < plan.days).sort("answered_at", "response_id", "question_code")


def invitations(plan: Plan, contact: pl.DataFrame, answer: pl.DataFrame) -> pl.DataFrame:
    """Everyone who answered was asked for it, and so were others who did not answer."""
    rng = plan.rng("survey invitations")
    also = pl.col("answered") & pl.col("known") & pl.Series(rng.random(len(contact)) < INVITED_SHARE)
    asked = contact.filter(also | pl.col("contact_id").is_in(answer["contact_id"].unique().to_list()))
    second = asked["ended"].to_numpy() + rng.integers(60, 300, len(asked))
    return asked.select("contact_id", "customer_id", "subscription_id").with_columns(
        pl.Series("invitation_id", 97_000_001 + np.arange(len(asked))), plan.moments(second).alias("invited_at"),
        pl.Series("wave_code", [f"W{plan.date_of(d):%Y%m}" for d in asked["day"].to_list()], dtype=pl.String),
        pl.Series("day", second // DAY)).filter(pl.col("day") < plan.days).sort("invited_at", "invitation_id")
