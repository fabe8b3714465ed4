"""Tickets that contacts lead to: their steps, and the daily snapshots of those that changed.

Every step has a limit, and whether it keeps it is drawn before how long it takes: `missed_<step>` is what the
service-level tables must find. Faults run day and night, everything else in working time.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from orchestration.sample_operator import circuits, registers, working_time
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import BROADBAND, Population
from orchestration.sample_operator.reference import CITY_IDS
from orchestration.sample_operator.working_time import WORKING_DAY_S

STEPS = ("opened", "accepted", "resolved", "closed")
STATUS = ("acknowledged", "inProgress", "resolved", "closed")
GROUP_SERVICES = np.array(["CENTREX", "VNET", "NGN_VNET", "CRBT", "S800", "S4008"])
TOLL_FREE = ("S800", "S4008")
HOUR, DISPATCH_S, ACCEPT_S, CONFIRM_S = 3600, 15 * 60, 30 * 60, 15 * 60
# from this day on, broadband of ordinary customers is repaired within 36 hours, not 48
POLICY_CHANGE, BROADBAND_C_H, BROADBAND_C_LATER_H = date(2026, 2, 1), 48, 36
MISSED = {"dispatch": 0.06, "accept": 0.09, "restore": 0.05, "confirm": 0.07, "feedback": 0.05, "done": 0.04}


def tickets(plan: Plan, population: Population, network: Network, contact: pl.DataFrame,
            engineers: np.ndarray) -> pl.DataFrame:
    """One row per ticket with the second of every step."""
    rng = plan.rng("tickets")
    base = contact.filter(pl.col("wants"))
    sub, cell = base["sub"].to_numpy(), base["cell"].to_numpy()
    grade = registers.grades_on(plan, population, population.customer[sub], base["ended"].to_numpy() // DAY)
    kind = _kinds(rng, base["reason_code"])
    service = _services(rng, population, sub)
    times = _steps(plan, rng, base["ended"].to_numpy(), kind, grade, service)
    key = np.isin(grade, ("P", "G"))
    place = pl.select(pl.when(pl.Series(cell >= 0)).then(pl.Series(network.cell_id[cell]))).to_series()
    other = engineers[(sub + 1 + rng.integers(0, 5, len(sub))) % len(engineers)]
    kept = base.select("ticket_id", "channel_code", "reason_code", "customer_id", "subscription_id", "sub",
                       pl.col("staff_id").alias("first_owner_staff_id"))
    return kept.with_columns(
        pl.Series("ticket_type_code", kind), pl.Series("severity_code", np.where(kind == "fault", "major", "minor")),
        pl.Series("priority_code", np.where(key, "1", "3")), place.alias("cell_id"),
        _circuit(plan, population, population.customer[sub], kind, times["opened"]),
        pl.Series("handler_staff_id", engineers[sub % len(engineers)]),
        pl.Series("second_handler", np.where(rng.random(len(sub)) < 0.12, other, engineers[sub % len(engineers)])),
        pl.Series("org_id", CITY_IDS[population.city[sub]]).cast(pl.String), pl.Series("service_code", service),
        pl.Series("is_green_channel", key & (rng.random(len(sub)) < 0.5)),
        pl.Series("customer_grade_code", grade, dtype=pl.String),
        pl.Series("requested", times["opened"] + DAY), **{name: pl.Series(value) for name, value in times.items()})


def _kinds(rng: np.random.Generator, reason: pl.Series) -> np.ndarray:
    """Some complaints are brought to the regulator."""
    fault, wish = (reason.str.starts_with(word).to_numpy() for word in ("FAULT", "ACTIVATE"))
    other = np.where(rng.random(len(reason)) < 0.05, "appeal", "complaint")
    return np.where(fault, "fault", np.where(wish, "request", other))


def _services(rng: np.random.Generator, population: Population, sub: np.ndarray) -> np.ndarray:
    """Organisations have trouble with their group services too."""
    own = np.where(population.service[sub] == BROADBAND, "BROADBAND", "MOBILE")
    group = (population.customer_type[population.customer[sub]] > 0) & (rng.random(len(sub)) < 0.4)
    return np.where(group, GROUP_SERVICES[rng.integers(0, len(GROUP_SERVICES), len(sub))], own)


def _circuit(plan: Plan, population: Population, customer: np.ndarray, kind: np.ndarray,
             opened: np.ndarray) -> pl.Series:
    """The circuit that a fault names: the first one of the customer in service when the ticket is opened."""
    there = circuits.draw(plan, population).select("customer", "circuit_id", "opened_day", "closed_day")
    fault = pl.DataFrame({"ticket": np.arange(len(kind)), "customer": customer, "opened": opened, "kind": kind})
    inside = pl.col("opened").is_between(pl.col("opened_day") * DAY, pl.col("closed_day") * DAY - 1)
    first = fault.filter(pl.col("kind") == "fault").join(there, on="customer").filter(inside).group_by("ticket").agg(
        pl.col("circuit_id").min())
    return fault.join(first, on="ticket", how="left", maintain_order="left")["circuit_id"]


def restore_limit_s(plan: Plan, opened: np.ndarray, grade: np.ndarray, service: np.ndarray) -> np.ndarray:
    """What is promised, written down a second time: the warehouse has it as dated policies."""
    key, later = np.isin(grade, ("P", "G")), opened >= (POLICY_CHANGE - plan.start).days * DAY
    hours = np.where(key, 20, np.where(grade == "A", 24, 48))
    hours = np.where(np.isin(service, TOLL_FREE), np.where(key, 12, 24), hours)
    plain = (service == "BROADBAND") & ~key & (grade != "A")
    return np.where(plain, np.where(later, BROADBAND_C_LATER_H, BROADBAND_C_H), hours) * HOUR


def _steps(plan: Plan, rng: np.random.Generator, opened: np.ndarray, kind: np.ndarray, grade: np.ndarray,
           service: np.ndarray) -> dict[str, np.ndarray]:
    fault = kind == "fault"
    limit = restore_limit_s(plan, opened, grade, service)
    repair, office = _repair(rng, opened, limit), _office(plan, rng, opened, kind)
    columns = [name for name in repair if not name.startswith("missed")]
    return {"opened": opened, **{name: np.where(fault, repair[name], office[name]) for name in columns},
            **{f"missed_{step}": found[f"missed_{step}"] & (fault == (found is repair))
               for found in (repair, office) for step in MISSED if f"missed_{step}" in found}}


def _repair(rng: np.random.Generator, opened: np.ndarray, limit: np.ndarray) -> dict[str, np.ndarray]:
    """Steps of a fault by the wall clock: dispatch, accept, repair, confirm, close."""
    n = len(opened)
    late = {step: rng.random(n) < MISSED[step] for step in ("dispatch", "accept", "restore", "confirm")}
    dispatched = opened + _spent(rng, late["dispatch"], DISPATCH_S, 420)
    accepted = dispatched + _spent(rng, late["accept"], ACCEPT_S, 840)
    repaired = opened + _spent(rng, late["restore"], limit, 7.5 * HOUR, accepted - opened + 120)
    confirmed = repaired + _spent(rng, late["confirm"], CONFIRM_S, 480)
    return {"dispatched": dispatched, "accepted": accepted, "repaired": repaired, "confirmed": confirmed,
            "resolved": confirmed, "closed": confirmed + rng.integers(600, 12 * HOUR, n), "expected": opened + limit,
            "answer_due": opened,
            **{f"missed_{step}": flags for step, flags in late.items()}}


def _office(plan: Plan, rng: np.random.Generator, opened: np.ndarray, kind: np.ndarray) -> dict[str, np.ndarray]:
    """Steps of a complaint, an appeal or a request by the working clock: an answer first, then the end."""
    time, n = working_time.build(plan), len(opened)
    late = {step: rng.random(n) < MISSED[step] for step in ("feedback", "done")}
    limit = np.where(kind == "appeal", 5, 3) * WORKING_DAY_S
    begun = time.clock(opened)
    answer = _spent(rng, late["feedback"], WORKING_DAY_S, 2 * HOUR)
    done = _spent(rng, late["done"], limit, 0.9 * WORKING_DAY_S, answer + 600)
    accepted, closed = time.moment(begun + answer), time.moment(begun + done)
    confirmed = accepted + (closed - accepted) * 4 // 5
    return {"dispatched": opened + np.minimum(rng.integers(60, 900, n), (accepted - opened) // 2),
            "accepted": accepted, "repaired": accepted + (closed - accepted) // 2, "confirmed": confirmed,
            "resolved": confirmed, "closed": closed, "expected": time.moment(begun + limit),
            "answer_due": time.moment(begun + WORKING_DAY_S),
            **{f"missed_{step}": flags for step, flags in late.items()}}


def _spent(rng: np.random.Generator, late: np.ndarray, limit: int | np.ndarray, median: float,
           least: int | np.ndarray = 30) -> np.ndarray:
    """Seconds within the limit or beyond it; a few end exactly on it, and a few one second after it."""
    n, edge = len(late), rng.random(len(late)) < 0.02
    within = np.clip(np.exp(rng.normal(np.log(median), 0.7, n)), least, limit)
    beyond = limit + 1 + np.minimum(rng.exponential(0.5, n), 0.9) * limit
    spent = np.where(late, np.where(edge, limit + 1, beyond), np.where(edge, limit, within))
    return spent.astype(np.int64)


def snapshots(plan: Plan, ticket: pl.DataFrame) -> pl.DataFrame:
    """One row per ticket and day on which it changed: what was known of it after the last change of that day."""
    steps = pl.concat([ticket.select("ticket_id", pl.col(step).alias("at"), pl.lit(k).alias("step"))
                       for k, step in enumerate(STEPS)]).filter(pl.col("at") < plan.end_s)
    last = steps.group_by("ticket_id", (pl.col("at") // DAY).alias("day")).agg(pl.col("at").max(), pl.col("step").max())
    rows = last.join(ticket, on="ticket_id").sort("day", "at", "ticket_id")
    status = pl.Series("status_code", np.array(STATUS)[rows["step"].to_numpy()], dtype=pl.String)
    handler = pl.when(pl.col("step") < 2).then("handler_staff_id").otherwise("second_handler")
    rows = rows.with_columns(status, _history(plan, rows), handler.alias("handler_staff_id"))
    known = {"dispatched_at": "dispatched", "accepted_at": "accepted", "repaired_at": "repaired",
             "confirmed_at": "confirmed", "resolved_at": "resolved", "closed_at": "closed"}
    at = rows["at"].to_numpy()
    always = {"opened_at": "opened", "requested_resolution_at": "requested", "expected_resolution_at": "expected",
              "changed_at": "at"}
    columns = [plan.moments(rows[source].to_numpy(), rows[source].to_numpy() <= at).alias(name)
               for name, source in known.items()]
    columns += [plan.moments(rows[source].to_numpy()).alias(name) for name, source in always.items()]
    ids = pl.col("subscription_id", "customer_id", "handler_staff_id", "first_owner_staff_id").cast(pl.String)
    return rows.with_columns(columns).with_columns(ids)


def _history(plan: Plan, rows: pl.DataFrame) -> pl.Expr:
    """Status changes so far, as a list of objects."""
    elements = []
    for name, status in zip(STEPS, STATUS, strict=True):
        when = plan.moments(rows[name].to_numpy()).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
        elements.append(pl.struct(pl.lit(status).alias("status"), when.alias("changeDate"),
                                  pl.lit("flow").alias("changeReason")))
    return pl.concat_list(elements).list.head(pl.col("step") + 1).alias("status_changes")
