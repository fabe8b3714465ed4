"""Selling to organisations: contracts and their renewal, opportunities through their stages, projects.

Planted: contracts that run out inside the sample and which of them are renewed, the share of opportunities won,
projects that miss the date promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

HOUR = 3600
STAGES = ("FOUND", "QUALIFIED", "PROPOSED", "NEGOTIATION", "WON", "LOST")
LIKELIHOOD = (10, 25, 50, 75, 100, 0)
SERVICES = np.array(["LEASED_LINE", "VIRTUAL_NET", "MOBILE", "BROADBAND"])
SOURCES = np.array(["VISIT", "HOTLINE", "TENDER", "CAMPAIGN"])
METHODS = np.array(["DIRECT", "AGENT", "TENDER"])
LOST_REASONS = np.array(["PRICE", "RIVAL", "REACH", "BUDGET"])
PASSES, WINS, RENEWS, IN_TIME = 0.85, 0.62, 0.7, 0.8
NEVER_DAY = 1 << 20


def send(world: World, out: Landing) -> None:
    plan, population = world.plan, world.population
    opportunity = opportunities(plan, population)
    contract = contracts(plan, population, opportunity)
    project = _projects(plan, opportunity)
    world.drawn["sales"] = {"opportunity": opportunity, "contract": contract, "project": project}
    organisations.send_changes(out, "crm__opportunity", "jsonl", _opportunity_rows(plan, population, opportunity))
    organisations.send_changes(out, "crm__contract", "csv", _contract_rows(plan, population, contract))
    organisations.send_changes(out, "crm__project", "txt", _project_rows(plan, population, project))


def opportunities(plan: Plan, population: Population) -> pl.DataFrame:
    """One row per opportunity with the second of each stage it reaches."""
    rng, customer = plan.rng("opportunities"), organisations.positions(population, 0)
    n = max(16, int(len(customer) * plan.months * 0.6))
    who = customer[rng.integers(0, len(customer), n)]
    at = np.sort(rng.integers(0, plan.days - 1, n)) * DAY + rng.integers(9 * HOUR, 17 * HOUR, n)
    gaps = np.exp(rng.normal(np.log(4.0), 0.6, (n, 4)))
    stage = at[:, None] + np.concatenate([np.zeros((n, 1)), np.cumsum(gaps, axis=1)], axis=1) * DAY
    reached = np.cumprod(rng.random((n, 3)) < PASSES, axis=1).sum(axis=1)  # last stage before the end, 0 to 3
    wins = (reached == 3) & (rng.random(n) < WINS)
    ends = stage[np.arange(n), reached + 1].astype(np.int64)
    known = {name: _known(stage[:, k].astype(np.int64), reached >= k) for k, name in enumerate(STAGES[:4])}
    return pl.DataFrame({
        "number": np.arange(n), "customer": who, "city": population.customer_city[who],
        "service": rng.integers(0, 4, n), "source": rng.integers(0, 4, n), "reason": rng.integers(0, 4, n),
        "value_fen": np.round(np.exp(rng.normal(15.4, 0.8, n))).astype(np.int64) * 100 // 100,
        "expected_day": at // DAY + 30, "opened_s": at, "ends_s": ends, "wins": wins, **known,
        "WON": _known(ends, wins), "LOST": _known(ends, ~wins)}).with_columns(
            pl.format("OP{}", 40_001 + pl.col("number")).alias("opportunity_id"))


def _known(values: np.ndarray, known: np.ndarray) -> pl.Series:
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()


def _opportunity_rows(plan: Plan, population: Population, opportunity: pl.DataFrame) -> pl.DataFrame:
    rows = organisations.states(opportunity, plan, {name: name for name in STAGES}, code="stage_code")
    customer, city = rows["customer"].to_numpy(), rows["city"].to_numpy()
    lost = pl.when(pl.col("stage_code") == "LOST")
    return rows.with_columns(
        pl.Series("customer_id", population.customer_id[customer]).cast(pl.String),
        pl.Series("org_id", CITY_IDS[city]).cast(pl.String),
        pl.Series("staff_id", organisations.staff_of(plan, "SALES", city, customer)).cast(pl.String),
        pl.Series("source_code", SOURCES[rows["source"].to_numpy()]),
        pl.Series("service_code", SERVICES[rows["service"].to_numpy()]),
        pl.Series("likelihood_pct", np.array(LIKELIHOOD)[rows["rank"].to_numpy()]),
        plan.dates(rows["expected_day"].to_numpy()).alias("expected_close_on"),
        lost.then(pl.Series(LOST_REASONS[rows["reason"].to_numpy()])).alias("lost_reason_code"))


def contracts(plan: Plan, population: Population, opportunity: pl.DataFrame) -> pl.DataFrame:
    """Contracts in force at the start, their renewals, and those that opportunities led to; days from the start."""
    rng, customer = plan.rng("contracts"), organisations.positions(population, 0).repeat(2)
    n = len(customer)
    ends = np.where(rng.random(n) < 0.45, rng.integers(1, plan.days, n), plan.days + rng.integers(0, 700, n))
    begins = ends - 365 * np.where(ends >= 700, 3, rng.integers(2, 4, n))
    stops = _known(rng.integers(1, plan.days, n), (rng.random(n) < 0.04) & (ends >= plan.days))
    old = pl.DataFrame({
        "customer": customer, "service": rng.integers(0, 4, n), "method": rng.integers(0, 3, n),
        "kind": np.tile([0, 1], n // 2), "value_fen": rng.integers(2_000, 90_000, n) * 10_000,
        "signed_day": begins - 15, "begins_day": begins, "ends_day": ends, "stops_day": stops})
    old = old.with_columns(pl.lit(None, pl.String).alias("opportunity_id"),
                           pl.lit(None, pl.String).alias("renewal_of_contract_id"),
                           pl.format("CT{}", 20_001 + pl.int_range(n)).alias("contract_id"))
    ended = old.filter(pl.col("ends_day") < plan.days)
    ended = ended.filter(pl.Series(rng.random(len(ended)) < RENEWS))
    ahead = pl.Series(rng.integers(0, 20, len(ended)))
    renewed = ended.with_columns(
        pl.col("contract_id").alias("renewal_of_contract_id"), (pl.col("contract_id") + "R").alias("contract_id"),
        (pl.col("ends_day") - ahead).clip(lower_bound=0).alias("signed_day"), pl.col("ends_day").alias("begins_day"),
        (pl.col("ends_day") + 730).alias("ends_day"), pl.lit(None, pl.Int64).alias("stops_day"))
    won = opportunity.filter(pl.col("wins"), pl.col("ends_s") < plan.end_s)
    fresh = won.select(
        "customer", "service", (pl.col("source") % 3).alias("method"), (pl.col("number") % 3).alias("kind"),
        "value_fen",
        (pl.col("ends_s") // DAY).alias("signed_day"), (pl.col("ends_s") // DAY + 10).alias("begins_day"),
        (pl.col("ends_s") // DAY + 740).alias("ends_day"), pl.lit(None, pl.Int64).alias("stops_day"), "opportunity_id",
        pl.lit(None, pl.String).alias("renewal_of_contract_id"),
        pl.format("CT{}", 80_001 + pl.col("number")).alias("contract_id"))
    every = pl.concat([old, renewed, fresh])
    return every.with_columns(pl.Series("city", population.customer_city[every["customer"].to_numpy()]))


def _contract_rows(plan: Plan, population: Population, contract: pl.DataFrame) -> pl.DataFrame:
    parts = [contract.with_columns(pl.lit(status).alias("status_code"), pl.col(day).clip(lower_bound=0).alias("day"),
                                   pl.col(day).alias("changed")).filter(pl.col(day).is_not_null())
             for status, day in (("ACTIVE", "signed_day"), ("TERMINATED", "stops_day"), ("EXPIRED", "ends_day"))]
    rows = pl.concat(parts).filter(pl.col("changed") < plan.days)
    rows = rows.filter(~((pl.col("status_code") == "EXPIRED") & pl.col("stops_day").is_not_null()))
    rows = rows.sort("day", "contract_id", "status_code")
    customer, city = rows["customer"].to_numpy(), rows["city"].to_numpy()
    dates = {"signed_on": "signed_day", "valid_from": "begins_day", "valid_to": "ends_day", "changed_on": "changed"}
    return rows.with_columns(
        pl.Series("customer_id", population.customer_id[customer]), pl.Series("org_id", CITY_IDS[city]),
        pl.Series("contract_type_code", np.array(["SERVICE", "LEASE", "ICT"])[rows["kind"].to_numpy()]),
        pl.Series("service_code", SERVICES[rows["service"].to_numpy()]),
        pl.Series("sales_method_code", METHODS[rows["method"].to_numpy()]),
        pl.Series("staff_id", organisations.staff_of(plan, "SALES", city, customer)),
        *(plan.dates(rows[day].to_numpy()).alias(name) for name, day in dates.items()))


def _projects(plan: Plan, opportunity: pl.DataFrame) -> pl.DataFrame:
    """A project for each opportunity won: promised after 45 days, one in five is late, a few are cancelled."""
    rng, won = plan.rng("projects"), opportunity.filter(pl.col("wins"), pl.col("ends_s") < plan.end_s - DAY)
    n, at = len(won), won["ends_s"].to_numpy()
    late, stops = rng.random(n) >= IN_TIME, rng.random(n) < 0.05
    quick = np.minimum(plan.days // 3, 25)
    lasts = np.where(late, 46 + rng.integers(0, 20, n), rng.integers(quick // 2, quick + 1, n)) * DAY
    part = {"DELIVERY": 0.1, "ACCEPTED": 0.8, "CLOSED": 1.0}
    seconds = {name: _known((at + DAY // 2 + lasts * share).astype(np.int64), ~stops) for name, share in part.items()}
    return won.select("customer", "city", "opportunity_id", "ends_s").with_columns(
        pl.Series("STARTED", at + DAY // 2), *(values.alias(name) for name, values in seconds.items()),
        _known(at + 8 * DAY, stops).alias("STOPPED"), pl.Series("promised_day", at // DAY + 45),
        pl.Series("partial", rng.random(n) < 0.1),
    ).with_row_index("number").with_columns(pl.format("PJ{}", 5_001 + pl.col("number")).alias("project_id"))


def _project_rows(plan: Plan, population: Population, project: pl.DataFrame) -> pl.DataFrame:
    names = {"STARTED": "START", "DELIVERY": "DELIVER", "ACCEPTED": "ACCEPT", "CLOSED": "CLOSE", "STOPPED": "CLOSE"}
    rows = organisations.states(project, plan, {name: name for name in names}, code="event_type_code")
    customer, city = rows["customer"].to_numpy(), rows["city"].to_numpy()
    how = pl.when(pl.col("partial")).then(pl.lit("PARTLY")).otherwise(pl.lit("WON"))
    return rows.with_columns(
        pl.Series("customer_id", population.customer_id[customer]), pl.Series("org_id", CITY_IDS[city]),
        pl.Series("staff_id", organisations.staff_of(plan, "ENGINEER", city, customer)),
        pl.col("event_type_code").replace_strict(names).alias("handling_type_code"),
        pl.when(pl.col("event_type_code") == "CLOSED").then(how).when(pl.col("event_type_code") == "STOPPED").then(
            pl.lit("STOPPED")).alias("completion_type_code"),
        pl.lit("ENGINEER").alias("staff_role_code"),
        pl.col("changed_at").alias("event_at"), plan.dates(rows["promised_day"].to_numpy()).alias("promised_on"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Opportunities closed, contracts that ran out and whether they were renewed, projects done and in time."""
    plan, drawn = world.plan, world.drawn["sales"]
    closed = drawn["opportunity"].filter(pl.col("ends_s") < plan.end_s)
    ended = drawn["contract"].filter(pl.col("ends_day") < plan.days, pl.col("stops_day").is_null())
    renewed = drawn["contract"]["renewal_of_contract_id"].drop_nulls()
    done = drawn["project"].filter(pl.col("CLOSED") < plan.end_s)
    reached = [drawn["opportunity"].filter(pl.col(stage) < plan.end_s).select(
        "opportunity_id", pl.lit(stage).alias("stage_code")) for stage in STAGES]
    accepted = drawn["project"].filter(pl.col("ACCEPTED") < plan.end_s)
    return {
        "opportunity_stage": pl.concat([*reached, accepted.select(
            "opportunity_id", pl.lit("ACCEPTED").alias("stage_code"))]),
        "opportunity": closed.select(
            "opportunity_id", pl.Series("org_id", CITY_IDS[closed["city"].to_numpy()]), "wins", "value_fen",
            (pl.col("ends_s") - pl.col("opened_s")).alias("cycle_s"),
            plan.dates(closed["ends_s"].to_numpy() // DAY).alias("closed_on")),
        "contract_ended": ended.select(
            "contract_id", pl.Series("org_id", CITY_IDS[ended["city"].to_numpy()]), "value_fen",
            plan.dates(ended["ends_day"].to_numpy()).alias("ended_on"),
            pl.col("contract_id").is_in(renewed.implode()).alias("is_renewed")),
        "project_done": done.select(
            "project_id", (pl.col("CLOSED") // DAY <= pl.col("promised_day")).alias("is_in_time"),
            plan.dates(done["CLOSED"].to_numpy() // DAY).alias("done_on")),
    }
