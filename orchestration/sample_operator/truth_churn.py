"""What is true of leaving: every leaver, re-entry and silent number; the planted hazards, coefficients and uplifts.

`churn_hazard` gives the chance of leaving in each month by cause, for those at risk when the month begins: the best
forecast that anyone can make two months before (the Bayes probability), because nothing later has a part in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import hazard, paying
from orchestration.sample_operator.churn import FRIENDS, RE_ENTRY_DAYS, rival_number
from orchestration.sample_operator.life import CANCELLED, EXPELLED, NEVER, PORTED, REACHED
from orchestration.sample_operator.plan import DAY
from orchestration.sample_operator.population import MOBILE, OPERATORS
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

LEFT_KINDS = {CANCELLED: "voluntary", EXPELLED: "involuntary", PORTED: "port_out"}
ARREARS = "ARREARS"


def tables(world: World) -> dict[str, pl.DataFrame]:
    """All tables of this module by name."""
    return {"leaver": _leavers(world), "re_entry": _re_entries(world), "silent_subscription": _silent(world),
            "churn_hazard": _hazards(world), "churn_coefficient": _coefficients(world), "churn_uplift": _uplifts(world)}


def _hazards(world: World) -> pl.DataFrame:
    """One row per subscription and month at whose beginning it could still leave: chances, drivers, outcome."""
    plan, people, life = world.plan, world.population, world.life
    left_s, again = _left_s(world), _re_entries(world).filter(pl.col("kind") == "whole")["old_subscription_id"]
    frames = []
    for month in range(plan.months):
        begins, ends = plan.month_days[month] * DAY, plan.month_days[month + 1] * DAY
        who = np.flatnonzero(_at_risk(world, month))
        chance, arrears = life.hazard.chance[month, who].astype(float), _arrears(world, month)[who]
        left = (left_s[who] >= begins) & (left_s[who] < ends)
        replaced = left & np.isin(people.subscription_id[who], again.to_numpy())
        chance *= (1 - arrears)[:, None]  # who is to be closed for his debt is suspended before
        frames.append(pl.DataFrame({
            "subscription_id": people.subscription_id[who],
            "month": [plan.date_of(plan.month_days[month])] * len(who), "is_counted": people.counted[who],
            "p_left": chance.sum(axis=1) + arrears,
            **{f"p_{cause.lower()}": chance[:, k] for k, cause in enumerate(hazard.CAUSES)}, "p_arrears": arrears,
            **{name: life.hazard.drivers[month, who, k] for k, name in enumerate(hazard.DRIVERS)},
            "is_left": left & ~replaced, "is_replaced": replaced}))
    return pl.concat(frames)


def _at_risk(world: World, month: int) -> np.ndarray:
    """Reached at the beginning of a month, settled for a month, and not already to be closed for an older debt."""
    plan, people, life = world.plan, world.population, world.life
    begins = plan.month_days[month] * DAY
    there = np.isin(life.state_at(begins), REACHED) & (life.initial_status != 1020)
    there &= life.hazard.begins_s[0] <= begins + DAY
    unpaid = (life.pays_at[people.account][:, : max(month - hazard.NOTICE, 0)] >= NEVER).any(axis=1)
    return there & ~(unpaid & ~people.account_prepaid[people.account])


def _arrears(world: World, month: int) -> np.ndarray:
    """Chance that the bill which closes a subscription in a month is the first one not paid any more."""
    people, cycle = world.population, month - hazard.NOTICE
    if cycle < 0:
        return np.zeros(people.size)
    known = people.account_day < world.plan.month_days[cycle + 1]
    return np.where(known, world.life.paying.never[:, cycle], 0.0)[people.account]


def _left_s(world: World) -> np.ndarray:
    life, left = world.life, np.full(world.population.size, NEVER)
    gone = np.isin(life.status, list(LEFT_KINDS))
    np.minimum.at(left, life.subscription[gone], life.second[gone])
    return left


def _coefficients(world: World) -> pl.DataFrame:
    """One row per cause and driver: log-odds per unit and hazard ratio; the intercept is a driver of its own."""
    rows = [(cause, name, float(value)) for cause, odds, first in zip(
        hazard.CAUSES, hazard.LOG_ODDS, world.life.hazard.intercept, strict=True)
        for name, value in (("intercept", first), *zip(hazard.DRIVERS, odds, strict=True))]
    rows += [(ARREARS, name, value) for name, value in paying.NEVER_LOG_ODDS.items()]
    frame = pl.DataFrame(rows, schema=["cause_code", "driver", "log_odds"], orient="row")
    return frame.with_columns(pl.col("log_odds").exp().alias("hazard_ratio"))


def _uplifts(world: World) -> pl.DataFrame:
    """One row per subscription and month on the list of a retention campaign: chance of leaving in the second and third
    month after with and without it. A positive uplift keeps people, a negative one wakes them up."""
    plan, people, life = world.plan, world.population, world.life
    frames = []
    for month in range(plan.months - hazard.NOTICE):
        who = np.flatnonzero(life.drivers.treated[month] | life.drivers.held_back[month])
        after = [m for m in (month + hazard.NOTICE, month + hazard.NOTICE + 1) if m < plan.months]
        without, with_it = (1 - np.prod([1 - _shifted(life.hazard, m, who, month, asked) for m in after], axis=0)
                            for asked in (False, True))
        frames.append(pl.DataFrame({
            "subscription_id": people.subscription_id[who],
            "month": [plan.date_of(plan.month_days[month])] * len(who),
            "is_treated": life.drivers.treated[month, who], "log_odds": life.hazard.effect[month, who],
            "p_untreated": without, "p_treated": with_it, "uplift": without - with_it}))
    schema = {"subscription_id": pl.Int64, "month": pl.Date, "is_treated": pl.Boolean, "log_odds": pl.Float64,
              "p_untreated": pl.Float64, "p_treated": pl.Float64, "uplift": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *(frame.cast(schema) for frame in frames)])


def _shifted(risk: hazard.Hazard, month: int, who: np.ndarray, listed: int, asked: bool) -> np.ndarray:
    """The chance of leaving in a month had the campaign of the month `listed` reached all of them, or none."""
    chance = risk.chance[month, who].sum(axis=1).astype(float)
    had = risk.drivers[month, who, hazard.DRIVERS.index("campaign")]
    odds = chance / np.maximum(1 - chance, 1e-9) * np.exp((risk.effect[listed, who] if asked else 0.0) - had)
    return odds / (1 + odds)


def _leavers(world: World) -> pl.DataFrame:
    """Every leaver with true cause and direction, and by what its direction can be seen."""
    plan, people, life = world.plan, world.population, world.life
    left = np.isin(life.status, list(LEFT_KINDS))
    sub, status = life.subscription[left], life.status[left]
    cause = np.where(status == EXPELLED, "ARREARS", life.churn.cause[sub])
    direction = np.where(status == EXPELLED, "NONE", life.churn.direction[sub])
    talks = (people.call_rate[sub] > 0) & ((people.circle_operator[sub] == 0).sum(axis=1) >= FRIENDS)
    seen = np.where(status == PORTED, "port", np.where(talks, "circle", "none"))
    evidence = np.where(direction == "NONE", "none", seen)
    leaver = pl.DataFrame({
        "subscription_id": people.subscription_id[sub], "org_id": CITY_IDS[people.city[sub]],
        "left_on": plan.dates(life.second[left] // DAY), "kind": [LEFT_KINDS[int(code)] for code in status],
        "stated_reason_code": life.reason[left], "cause_code": cause, "direction_operator_code": direction,
        "direction_evidence": evidence, "is_counted": people.counted[sub],
        "rival_number": np.where(evidence == "circle", rival_number(sub, np.searchsorted(OPERATORS[:3], direction)),
                                 0)})
    return leaver.sort("left_on", "subscription_id")


def _silent(world: World) -> pl.DataFrame:
    plan, people, life = world.plan, world.population, world.life
    quiet = np.flatnonzero(life.churn.silent_from < plan.days)
    return pl.DataFrame({"subscription_id": people.subscription_id[quiet],
                           "silent_from": plan.dates(life.churn.silent_from[quiet]),
                           "is_still_called": life.churn.only_incoming[quiet]})


def _re_entries(world: World) -> pl.DataFrame:
    """The rule: a customer opens a mobile number while another one of his in the same city is closed by himself at most
    RE_ENTRY_DAYS before or after. `is_planted` tells those that are no coincidence; a part replacement is planted."""
    people, life = world.population, world.life
    closed = life.status == CANCELLED
    ordinary = (people.service == MOBILE) & people.counted
    first = {"second": people.opened_s, "customer": people.customer, "city": people.city, "new": np.arange(people.size)}
    began = np.isin(np.arange(people.size), life.subscription[np.isin(life.status, (1000,))])
    news = pl.DataFrame(first).filter(pl.Series((np.arange(people.size) >= people.initial) & ordinary & began))
    old = life.subscription[closed]
    olds = pl.DataFrame({"old": old, "customer": people.customer[old], "city": people.city[old],
                         "closed": life.second[closed], "old_day": people.opened_s[old] // DAY}).filter(
        pl.Series(ordinary[old]))
    pairs = news.join(olds, on=["customer", "city"]).filter(pl.col("old_day") < pl.col("second") // DAY)
    apart = (pl.col("closed") // DAY - pl.col("second") // DAY).abs()
    pairs = pairs.filter(apart <= RE_ENTRY_DAYS).sort("new", apart, "closed", "old").unique(
        "new", keep="first", maintain_order=True).with_columns(pl.lit("whole").alias("kind"))
    part = np.flatnonzero((life.churn.replaces >= 0) & ~life.churn.wholly & began)
    parts = pl.DataFrame({"new": part, "old": life.churn.replaces[part]}).with_columns(
        pl.lit("part").alias("kind"), pl.lit(None, dtype=pl.Int64).alias("closed")).filter(
        ~pl.col("new").is_in(pairs["new"].implode()))
    rows = pl.concat([pairs.select("new", "old", "kind", "closed"), parts.select("new", "old", "kind", "closed")])
    new, gone = rows["new"].to_numpy(), rows["old"].to_numpy()
    return pl.DataFrame({
        "new_subscription_id": people.subscription_id[new], "old_subscription_id": people.subscription_id[gone],
        "customer_id": people.customer_id[people.customer[new]], "org_id": CITY_IDS[people.city[new]],
        "kind": rows["kind"], "opened_on": world.plan.dates(people.opened_s[new] // DAY),
        "closed_on": world.plan.dates(rows["closed"].fill_null(0).to_numpy() // DAY,
                                      rows["closed"].is_not_null().to_numpy()),
        "is_planted": life.churn.replaces[new] == gone}).sort("opened_on", "new_subscription_id")
