"""Tickets that contacts lead to: their steps, and the daily snapshots of those that changed."""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS

STEPS = ("opened", "accepted", "resolved", "closed")
STATUS = ("acknowledged", "inProgress", "resolved", "closed")
GRADES = np.array(["C", "A", "P", "P", "G", "C"])  # service grade by customer type


def tickets(plan: Plan, population: Population, network: Network, contact: pl.DataFrame,
            engineers: np.ndarray) -> pl.DataFrame:
    """One row per ticket with the second of every step."""
    rng = plan.rng("tickets")
    base = contact.filter(pl.col("wants"))
    n, sub, cell = len(base), base["sub"].to_numpy(), base["cell"].to_numpy()
    opened = base["ended"].to_numpy()
    dispatched = opened + _wait(rng, n, 7 * 60, 0.7)
    accepted = dispatched + _wait(rng, n, 14 * 60, 0.7)
    repaired = accepted + _wait(rng, n, 7.5 * 3600, 0.9)
    confirmed = repaired + _wait(rng, n, 8 * 60, 0.6)
    closed = confirmed + rng.integers(3600, 30 * 3600, n)
    grade = GRADES[population.customer_type[population.customer[sub]]]
    limit = np.where(np.isin(grade, ("P", "G")), 20, np.where(grade == "A", 24, 48)) * 3600
    reason = base["reason_code"]
    fault, appeal = reason.str.starts_with("FAULT").to_numpy(), rng.random(n) < 0.03
    kind = np.where(fault, "fault", np.where(appeal, "appeal", "complaint"))
    place = pl.select(pl.when(pl.Series(cell >= 0)).then(pl.Series(network.cell_id[cell]))).to_series()
    kept = base.select("ticket_id", "channel_code", "reason_code", "customer_id", "subscription_id", "sub")
    return kept.with_columns(
        pl.Series("ticket_type_code", kind), pl.Series("severity_code", np.where(fault, "major", "minor")),
        pl.Series("priority_code", np.where(np.isin(grade, ("P", "G")), "1", "3")), place.alias("cell_id"),
        pl.Series("handler_staff_id", engineers[sub % len(engineers)]),
        pl.Series("org_id", CITY_IDS[population.city[sub]]).cast(pl.String),
        pl.Series("customer_grade_code", grade), pl.Series("requested", opened + 24 * 3600),
        pl.Series("expected", opened + limit),
        pl.Series("opened", opened), pl.Series("dispatched", dispatched), pl.Series("accepted", accepted),
        pl.Series("repaired", repaired), pl.Series("confirmed", confirmed), pl.Series("resolved", confirmed),
        pl.Series("closed", closed))


def _wait(rng: np.random.Generator, n: int, median_s: float, spread: float) -> np.ndarray:
    return np.exp(rng.normal(np.log(median_s), spread, n)).astype(np.int64) + 30


def snapshots(plan: Plan, ticket: pl.DataFrame) -> pl.DataFrame:
    """One row per ticket and day on which it changed: what was known of it after the last change of that day."""
    steps = pl.concat([ticket.select("ticket_id", pl.col(step).alias("at"), pl.lit(k).alias("step"))
                       for k, step in enumerate(STEPS)]).filter(pl.col("at") < plan.end_s)
    last = steps.group_by("ticket_id", (pl.col("at") // DAY).alias("day")).agg(pl.col("at").max(), pl.col("step").max())
    rows = last.join(ticket, on="ticket_id").sort("day", "at", "ticket_id")
    status = pl.Series("status_code", np.array(STATUS)[rows["step"].to_numpy()], dtype=pl.String)
    rows = rows.with_columns(status, _history(plan, rows))
    known = {"dispatched_at": "dispatched", "accepted_at": "accepted", "repaired_at": "repaired",
             "confirmed_at": "confirmed", "resolved_at": "resolved", "closed_at": "closed"}
    at = rows["at"].to_numpy()
    always = {"opened_at": "opened", "requested_resolution_at": "requested", "expected_resolution_at": "expected",
              "changed_at": "at"}
    columns = [plan.moments(rows[source].to_numpy(), rows[source].to_numpy() <= at).alias(name)
               for name, source in known.items()]
    columns += [plan.moments(rows[source].to_numpy()).alias(name) for name, source in always.items()]
    ids = pl.col("subscription_id", "customer_id", "handler_staff_id").cast(pl.String)
    return rows.with_columns(columns).with_columns(ids)


def _history(plan: Plan, rows: pl.DataFrame) -> pl.Expr:
    """Status changes so far, as a list of objects."""
    elements = []
    for name, status in zip(STEPS, STATUS, strict=True):
        when = plan.moments(rows[name].to_numpy()).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
        elements.append(pl.struct(pl.lit(status).alias("status"), when.alias("changeDate"),
                                  pl.lit("flow").alias("changeReason")))
    return pl.concat_list(elements).list.head(pl.col("step") + 1).alias("status_changes")
