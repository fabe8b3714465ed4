"""One-stop service events of organisations, their steps, and the work orders behind them.

Planted: events that follow faults of circuits, requests refused because the network does not reach the place,
and how long each step and each work order took, misses of the limits among them.
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

HOUR, LEFT_S = 3600, 40 * DAY
INSTALL, CHANGE, FAULT, QUERY = range(4)
TYPES = np.array(["APPLY", "APPLY", "FAULT", "CONSULT"])
APPLICATIONS = {INSTALL: "OPEN", CHANGE: "UPGRADE"}
METHODS = np.array(["MANAGER", "HOTLINE", "SHOP", "ONLINE"])
SERVICES = np.array(["LEASED_LINE", "MOBILE", "BROADBAND"])
PROMISED_H = np.array([120, 72, 24, 24])
WORK_H = np.array([40.0, 20.0, 3.0, 2.0])  # median hours of work by type
HANDLING = ("DISPATCH", "ACCEPT", "FINISH", "CHECK")  # what brings a work order into each of its states
STEPS = ("ACCEPT", "DISPATCH", "HANDLE", "CONFIRM")
ENDS = ("accepted", "dispatched", "handled", "confirmed")
ORDER_TYPES = np.array(["INSTALL", "CHANGE", "REPAIR", "SURVEY"])


def send(world: World, out: Landing) -> None:
    plan, population = world.plan, world.population
    event = _requests(world)
    order = _orders(plan, event)
    event = _finished(event, order)
    world.drawn["one_stop"] = {"event": event, "order": order}
    organisations.send_changes(out, "crm__service_event", "json", _event_rows(plan, population, event))
    organisations.send_changes(out, "crm__work_order", "txt", _order_rows(plan, order))


def _requests(world: World) -> pl.DataFrame:
    """Events as they are opened: ordinary requests, and one per circuit fault that lasts over ten minutes."""
    plan, population, drawn = world.plan, world.population, world.drawn["circuits"]
    rng, customer = plan.rng("service events"), organisations.positions(population, 0)
    n = max(20, int(len(customer) * plan.months * 0.7))
    who = customer[rng.integers(0, len(customer), n)]
    opened = rng.integers(0, plan.days, n) * DAY + rng.integers(8 * HOUR, 20 * HOUR, n)
    kind = rng.choice([INSTALL, CHANGE, QUERY], n, p=[0.35, 0.25, 0.4])
    asked = pl.DataFrame({"customer": who, "opened": opened, "kind": kind, "circuit": np.full(n, -1),
                          "down_s": np.zeros(n, dtype=np.int64)})
    fault = drawn["fault"].filter(pl.col("lasts_s") > 600)
    number = fault["number"].to_numpy()
    notices = rng.integers(60, 600, len(fault))
    broken = pl.DataFrame({
        "customer": drawn["circuit"]["customer"].to_numpy()[number], "opened": fault["begins_s"].to_numpy() + notices,
        "kind": np.full(len(fault), FAULT), "circuit": number, "down_s": fault["lasts_s"].to_numpy() - notices})
    event = pl.concat([asked, broken]).sort("opened", "customer", "kind", "circuit").with_row_index("number")
    n = len(event)
    kind = event["kind"].to_numpy()
    count = np.where(kind == INSTALL, rng.integers(1, 4, n), np.where(kind == CHANGE, rng.integers(1, 3, n), 1))
    refused = (kind == INSTALL) & (rng.random(n) < 0.06)
    accepted = event["opened"].to_numpy() + np.exp(rng.normal(np.log(300), 0.5, n)).astype(np.int64)
    return event.with_columns(
        pl.Series("city", population.customer_city[event["customer"].to_numpy()]), pl.Series("accepted", accepted),
        pl.Series("refused", refused), pl.Series("orders", np.where(refused, 0, count)),
        pl.Series("method", rng.integers(0, 4, n)), pl.Series("green", rng.random(n) < 0.3),
        pl.Series("promised", event["opened"].to_numpy() + PROMISED_H[kind] * HOUR))


def _orders(plan: Plan, event: pl.DataFrame) -> pl.DataFrame:
    """Work orders of each event with the second of every status; repair of a circuit ends when it is up again."""
    rng, row = plan.rng("work orders"), np.arange(len(event)).repeat(event["orders"].to_numpy())
    n, kind = len(row), event["kind"].to_numpy()[row]
    place = np.arange(n) - np.searchsorted(row, row)
    dispatched = event["accepted"].to_numpy()[row] + _wait(rng, n, 5 * 60, 0.7)
    accepted = dispatched + _wait(rng, n, 14 * 60, 0.7)
    down_until = event["opened"].to_numpy()[row] + event["down_s"].to_numpy()[row]
    worked = accepted + _wait(rng, n, 1.0, 0.8, WORK_H[kind] * HOUR)
    done = np.where(kind == FAULT, np.maximum(down_until, accepted + 60), worked)
    confirmed = done + _wait(rng, n, 8 * 60, 0.6)
    unaccepted, unfinished = _left_open(plan, kind, event["opened"].to_numpy()[row], dispatched)
    accepted, done, confirmed = (
        accepted + unaccepted * LEFT_S, done + (unaccepted | unfinished) * LEFT_S,
        confirmed + (unaccepted | unfinished) * LEFT_S)
    city = event["city"].to_numpy()[row]
    elsewhere = (place > 0) & (rng.random(n) < 0.3)
    city = np.where(elsewhere, rng.integers(0, len(CITY_IDS), n), city)
    promised = event["promised"].to_numpy()[row] - (event["orders"].to_numpy()[row] - 1 - place) * 12 * HOUR
    return pl.DataFrame({
        "event": row, "place": place, "kind": kind, "city": city, "turn": event["customer"].to_numpy()[row] + place,
        "service": np.where(kind == FAULT, 0, (event["customer"].to_numpy()[row] + place) % 3),
        "onsite": rng.random(n) < 0.6,
        "opened": event["opened"].to_numpy()[row], "promised": promised, "DISPATCHED": dispatched,
        "ACCEPTED": accepted, "DONE": done, "CLOSED": confirmed}).with_row_index("number")


def _left_open(plan: Plan, kind: np.ndarray, opened: np.ndarray,
               dispatched: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orders that nobody takes, and orders taken that nobody finishes, before the sample ends: two in three of those
    of the last days, repairs left out."""
    known = np.where((kind != FAULT) & (dispatched < plan.end_s), dispatched, -1)
    recent = (known >= 0) & (opened >= min(plan.end_s - 10 * DAY, known.max(initial=0) - DAY))
    turn = np.cumsum(recent) % 3  # the first one of them is taken and not finished
    return recent & (turn == 2), recent & (turn == 1)


def _wait(rng: np.random.Generator, n: int, median_s: float, spread: float,
          times: np.ndarray | float = 1.0) -> np.ndarray:
    return (np.exp(rng.normal(np.log(median_s), spread, n)) * times).astype(np.int64) + 30


def _finished(event: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """A step of the event ends with the last of its work orders; a refused one ends with its acceptance."""
    last = order.group_by("event").agg(
        pl.col("DISPATCHED").max().alias("dispatched"), pl.col("DONE").max().alias("handled"),
        pl.col("CLOSED").max().alias("confirmed")).with_columns(pl.col("event").cast(pl.UInt32).alias("number"))
    event = event.join(last.drop("event"), on="number", how="left", maintain_order="left")
    return event.with_columns(pl.coalesce("confirmed", "accepted").alias("closed"))


def _event_rows(plan: Plan, population: Population, event: pl.DataFrame) -> pl.DataFrame:
    """One row per event and day on which it changed: what was known of it after the last change of that day."""
    steps = [event.select("number", pl.col(name).alias("at"), pl.lit(k).alias("step"))
             for k, name in enumerate(("opened", *ENDS))]
    changes = pl.concat(steps).filter(pl.col("at").is_not_null(), pl.col("at") < plan.end_s)
    last = changes.group_by("number", (pl.col("at") // DAY).alias("day")).agg(pl.col("at").max(), pl.col("step").max())
    rows = last.join(event, on="number").sort("day", "at", "number")
    customer, kind = rows["customer"].to_numpy(), rows["kind"].to_numpy()
    over = (rows["closed"] <= rows["at"]).to_numpy()
    ended = pl.when(pl.col("refused")).then(pl.lit("CANCELLED")).otherwise(pl.lit("DONE"))
    owner = organisations.staff_of(plan, "SALES", rows["city"].to_numpy(), customer)
    return rows.with_columns(
        pl.format("SE{}", 100_001 + pl.col("number")).alias("service_event_id"),
        plan.moments(rows["at"].to_numpy()).alias("changed_at"),
        pl.Series("customer_id", population.customer_id[customer]).cast(pl.String),
        pl.Series("org_id", CITY_IDS[rows["city"].to_numpy()]).cast(pl.String),
        pl.when(pl.col("circuit") >= 0).then((700_001 + pl.col("circuit")).cast(pl.String)).alias("circuit_id"),
        pl.when(pl.col("circuit") >= 0).then(pl.lit("LEASED_LINE")).otherwise(
            pl.Series(SERVICES[customer % 3])).alias("service_code"),
        pl.Series("event_type_code", TYPES[kind]),
        pl.col("kind").replace_strict(APPLICATIONS, default=None).alias("application_type_code"),
        pl.Series("acceptance_method_code", METHODS[rows["method"].to_numpy()]),
        pl.Series("priority_code", np.array(["2", "3", "1", "3"])[kind]),
        pl.col("green").alias("is_green_channel"),
        pl.when(pl.Series(over)).then(ended).otherwise(pl.lit("OPEN")).alias("status_code"),
        pl.when(pl.Series(over) & pl.col("refused")).then(pl.lit("REACH")).alias("refusal_code"),
        pl.Series("first_owner_staff_id", owner).cast(pl.String),
        plan.moments(rows["opened"].to_numpy()).alias("opened_at"),
        plan.moments(rows["promised"].to_numpy()).alias("promised_at"),
        plan.moments(rows["closed"].to_numpy(), over).alias("closed_at"), _steps(plan, rows, owner))


def _steps(plan: Plan, rows: pl.DataFrame, owner: np.ndarray) -> pl.Expr:
    """Steps finished so far, as a list of objects; each begins where the one before ended."""
    elements, begins = [], "opened"
    for name, ends in zip(STEPS, ENDS, strict=True):
        begin, end = (plan.moments(rows[column].fill_null(0).to_numpy()).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
                      for column in (begins, ends))
        elements.append(pl.struct(pl.lit(name).alias("step"), pl.Series(owner).cast(pl.String).alias("owner"),
                                  begin.alias("begin"), end.alias("end")))
        begins = ends
    return pl.concat_list(elements).list.head(pl.col("step")).alias("steps")


def _order_rows(plan: Plan, order: pl.DataFrame) -> pl.DataFrame:
    names = ("DISPATCHED", "ACCEPTED", "DONE", "CLOSED")
    rows = organisations.states(order, plan, {name: name for name in names})
    city, kind = rows["city"].to_numpy(), rows["kind"].to_numpy()
    work = np.where((kind == INSTALL) & (rows["place"].to_numpy() > 0), 1, np.array([0, 1, 2, 3])[kind])
    return rows.with_columns(
        pl.format("WO{}", 500_001 + pl.col("number")).alias("work_order_id"),
        pl.format("SE{}", 100_001 + pl.col("event")).alias("service_event_id"), pl.Series("org_id", CITY_IDS[city]),
        pl.Series("staff_id", organisations.staff_of(plan, "ENGINEER", city, rows["turn"].to_numpy())),
        pl.Series("work_order_type_code", ORDER_TYPES[work]),
        pl.Series("service_code", SERVICES[rows["service"].to_numpy()]),
        pl.col("status_code").replace_strict(dict(zip(names, HANDLING, strict=True))).alias("handling_type_code"),
        pl.col("onsite").alias("is_onsite"),
        plan.moments(rows["promised"].to_numpy()).alias("promised_at"))


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Seconds of each event and of each limit of its work orders, as far as they ended inside the sample."""
    plan, event, order = world.plan, *world.drawn["one_stop"].values()
    closed = event.filter(pl.col("closed") < plan.end_s)
    late = pl.col("CLOSED") < plan.end_s
    circuit = world.drawn["circuits"]["circuit"].select(pl.col("number").alias("circuit"), "grade")
    grade = event.join(circuit, on="circuit", how="left").select(
        pl.col("number").cast(pl.Int64).alias("event"), "grade")
    return {
        "service_event": closed.select(
            pl.format("SE{}", 100_001 + pl.col("number")).alias("service_event_id"), "refused",
            pl.Series("org_id", CITY_IDS[closed["city"].to_numpy()]),
            pl.Series("type", TYPES[closed["kind"].to_numpy()]),
            (pl.col("closed") - pl.col("opened")).alias("total_s"),
            (pl.col("closed") <= pl.col("promised")).alias("is_promise_met"),
            plan.dates(closed["closed"].to_numpy() // DAY).alias("closed_on")),
        "work_order": order.filter(late).join(grade, on="event", how="left", maintain_order="left").select(
            pl.format("WO{}", 500_001 + pl.col("number")).alias("work_order_id"),
            pl.Series("type", TYPES[order.filter(late)["kind"].to_numpy()]), "grade",
            (pl.col("DISPATCHED") - pl.col("opened")).alias("dispatch_s"),
            (pl.col("ACCEPTED") - pl.col("DISPATCHED")).alias("accept_s"),
            (pl.col("DONE") - pl.col("opened")).alias("restore_s"),
            (pl.col("CLOSED") - pl.col("DONE")).alias("confirm_s")),
    }
