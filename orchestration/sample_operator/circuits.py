"""Leased circuits of organisations: inventory, faults, quarter-hour performance, and their fees on the bills.

Planted: faults of single circuits, circuits that go down with the cell site at their A end, closed circuits,
fees above the high-value line. What follows for availability and credits is in `truth`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import organisations
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

QUARTER = 900
GRADES = np.array(["AAA", "AA", "A", "B"])
BANDWIDTHS = np.array([64, 2048, 10_000, 100_000, 155_000])
PORTS = np.array(["V35", "E1", "FE", "GE", "STM1"])
MISSING_SHARE = 0.0006
NEVER_DAY = 1 << 20


def draw(plan: Plan, population: Population) -> pl.DataFrame:
    """One row per circuit: customer, grade, fee, first day and day of closing."""
    rng, candidates = plan.rng("circuits"), organisations.positions(population, 0)
    n, dear = 8 + plan.subscribers // 300, plan.subscribers // 900
    customer = candidates[rng.integers(0, len(candidates), n)]
    customer[:dear] = candidates[np.arange(min(dear, n)) * 3 % len(candidates)]
    grade = np.where(np.arange(n) < max(dear, 1), 0, rng.choice([1, 2, 3], n, p=[0.25, 0.4, 0.35]))
    speed = np.where(grade == 0, 4, rng.integers(0, 4, n))
    fee = np.where(np.arange(n) < dear, rng.integers(3100, 4800, n), rng.integers(50, 290, n)) * 100
    opened = -rng.integers(30, 2500, n)
    middle = plan.month_days[1] if plan.months > 1 else plan.days // 2
    opened = np.where(np.arange(n) % 11 == 1, middle, opened)
    closed = np.where(np.arange(n) % 9 == 4, middle + rng.integers(1, max(2, plan.days - middle), n), NEVER_DAY)
    return pl.DataFrame({"number": np.arange(n), "circuit_id": 700_001 + np.arange(n), "customer": customer,
                         "city": population.customer_city[customer], "grade": GRADES[grade], "speed": speed,
                         "fee_fen": fee, "opened_day": opened, "closed_day": closed})


def rentals(plan: Plan, population: Population, served: np.ndarray, month: int) -> pl.DataFrame:
    """Fees of a month (sub, fee_fen, circuits), on the first subscription of the customer that is served in it."""
    first, after = plan.month_days[month], plan.month_days[month + 1]
    open_now = draw(plan, population).filter(pl.col("opened_day") < after, pl.col("closed_day") > first)
    fees = open_now.group_by("customer").agg(pl.col("fee_fen").sum(), pl.len().alias("circuits"))
    subs = np.flatnonzero(served)
    carrier = pl.DataFrame({"customer": population.customer[subs], "sub": subs}).group_by("customer").agg(
        pl.col("sub").min())
    return fees.join(carrier, on="customer").sort("sub").select("sub", "fee_fen", "circuits")


def faults(plan: Plan, network: Network, circuit: pl.DataFrame, a_end: np.ndarray) -> pl.DataFrame:
    """When a circuit is down: own faults, and those of the cell site at its A end."""
    rng, n = plan.rng("circuit faults"), len(circuit)
    count = rng.poisson(0.3 * plan.months, n)
    count[:2] = np.maximum(count[:2], 1)
    number = np.arange(n).repeat(count)
    begins = rng.integers(DAY, plan.end_s - DAY, len(number))
    lasts = np.clip(np.exp(rng.normal(8.2, 1.1, len(number))), 120, 100_000).astype(np.int64)
    own = pl.DataFrame({"number": number, "begins_s": begins, "lasts_s": lasts, "of_site": np.zeros(len(number), bool)})
    sites = np.array([network.site_id[outage.cell] for outage in network.outages], dtype=np.int64)
    which, hit = np.nonzero(sites[:, None] == a_end[None, :])
    shared = pl.DataFrame({
        "number": hit, "begins_s": np.array([o.begins_s for o in network.outages], dtype=np.int64)[which],
        "lasts_s": np.array([o.lasts_s for o in network.outages], dtype=np.int64)[which],
        "of_site": np.ones(len(hit), bool)}, schema=own.schema)
    alive = circuit.select("number", "opened_day", "closed_day")
    every = pl.concat([own, shared]).join(alive, on="number")
    inside = (pl.col("begins_s") >= pl.col("opened_day") * DAY) & (pl.col("begins_s") < pl.col("closed_day") * DAY)
    return every.filter(inside).sort("begins_s", "number").drop("opened_day", "closed_day")


def _down(plan: Plan, size: int, faults: pl.DataFrame) -> np.ndarray:
    """Seconds down by circuit and quarter-hour; a quarter-hour cannot be down longer than it lasts."""
    down, edges = np.zeros((size, plan.days * 96), dtype=np.int64), np.arange(plan.days * 96) * QUARTER
    for number, begins, lasts in faults.select("number", "begins_s", "lasts_s").iter_rows():
        first, last = begins // QUARTER, min((begins + lasts) // QUARTER, plan.days * 96 - 1)
        part = edges[first:last + 1]
        down[number, first:last + 1] += np.minimum(begins + lasts, part + QUARTER) - np.maximum(begins, part)
    return np.minimum(down, QUARTER)


def send(world: World, out: Landing) -> None:
    plan, net, circuit = world.plan, world.network, draw(world.plan, world.population)
    a_end, b_end = _ends(plan, net, circuit)
    fault = faults(plan, net, circuit, a_end)
    measured = _measured(plan, circuit, fault)
    world.drawn["circuits"] = {"circuit": circuit, "a_end": a_end, "fault": fault, "measured": measured}
    days = np.searchsorted(measured["day"].to_numpy(), np.arange(plan.days + 1)).tolist()
    for day in range(plan.days):
        stamp = f"{plan.date_of(day):%Y%m%d}"
        listed = _inventory(plan, world.population, circuit, a_end, b_end, day)
        out.send_plain("network__circuit", f"circuit_{stamp}", "csv", listed, day)
        rows = measured.slice(days[day], days[day + 1] - days[day])
        rows = rows.with_columns(plan.moments(rows["begins_s"].to_numpy()).alias("begin_at"))
        out.send_plain("network__circuit_measurement", f"circuit_measurement_{stamp}", "csv", rows, day)


def _ends(plan: Plan, network: Network, circuit: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Sites at both ends, the A end in the customer's city; the first circuit hangs on a site with an outage."""
    rng, city = plan.rng("circuit ends"), circuit["city"].to_numpy()
    near = network.first[city] + (rng.random(len(city)) * network.count[city]).astype(np.int64)
    a_end, b_end = network.site_id[near], network.site_id[rng.integers(0, network.size, len(city))]
    if network.outages:
        a_end[0] = network.site_id[network.outages[-1].cell]
    return a_end, b_end


def _inventory(plan: Plan, population: Population, circuit: pl.DataFrame, a_end: np.ndarray, b_end: np.ndarray,
               day: int) -> pl.DataFrame:
    """The list of a day: circuits opened so far; a closed one stays on it."""
    n, number = len(circuit), circuit["number"].to_numpy()
    closed = circuit["closed_day"].to_numpy() <= day
    speed = circuit["speed"].to_numpy()
    frame = pl.DataFrame({
        "circuit_id": circuit["circuit_id"], "customer_id": population.customer_id[circuit["customer"].to_numpy()],
        "org_id": CITY_IDS[circuit["city"].to_numpy()], "a_end_site_id": a_end, "b_end_site_id": b_end,
        "service_code": np.where(number % 4 == 3, "VIRTUAL_NET", "LEASED_LINE"),
        "access_type_code": np.array(["FIBRE", "FIBRE", "COPPER", "MICROWAVE"])[number % 4],
        "port_type_code": PORTS[speed],
        "bandwidth_kbps": BANDWIDTHS[speed], "circuit_grade_code": circuit["grade"],
        "monthly_fee_fen": circuit["fee_fen"], "status_code": np.where(closed, "CLOSED", "ACTIVE"),
        "opened_on": plan.dates(circuit["opened_day"].to_numpy()),
        "closed_on": plan.dates(np.where(closed, circuit["closed_day"].to_numpy(), 0), closed),
        "opened": circuit["opened_day"], "n": np.arange(n)})
    return frame.filter(pl.col("opened") <= day)


def _measured(plan: Plan, circuit: pl.DataFrame, fault: pl.DataFrame) -> pl.DataFrame:
    """Every quarter-hour measured while a circuit is in service, in order of day and circuit; a few are missing."""
    rng, n, quarters = plan.rng("circuit measurements"), len(circuit), plan.days * 96
    up = QUARTER - _down(plan, n, fault)
    day = np.arange(quarters) // 96
    there = (day >= circuit["opened_day"].to_numpy()[:, None]) & (day < circuit["closed_day"].to_numpy()[:, None])
    there &= rng.random((n, quarters)) >= MISSING_SHARE
    quarter, number = np.nonzero(there.T)
    seconds = up[number, quarter]
    load = BANDWIDTHS[circuit["speed"].to_numpy()][number] * 125 * (0.05 + 0.4 * rng.random(len(number)))
    errored = np.where(rng.random(len(number)) < 0.02, np.minimum(rng.integers(1, 30, len(number)), seconds), 0)
    frame = pl.DataFrame({
        "circuit_id": circuit["circuit_id"].to_numpy()[number], "begins_s": quarter * QUARTER,
        "granularity_s": np.full(len(number), QUARTER), "up_s": seconds, "errored_s": errored,
        "measured_end_code": np.full(len(number), "A"),
        "in_bytes": (load * seconds).astype(np.int64), "out_bytes": (load * seconds * 0.3).astype(np.int64),
        "day": quarter // 96})
    return frame.sort("day", "circuit_id", "begins_s")


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Seconds measured and up by circuit and month; faults; circuits closed."""
    plan, drawn = world.plan, world.drawn["circuits"]
    circuit, fault = drawn["circuit"], drawn["fault"]
    month = np.searchsorted(plan.month_days, drawn["measured"]["day"].to_numpy(), side="right") - 1
    sums = drawn["measured"].with_columns(pl.Series("month", month)).group_by("circuit_id", "month").agg(
        pl.col("granularity_s").sum().alias("measured_s"), pl.col("up_s").sum(), pl.col("errored_s").sum(),
        pl.col("in_bytes").sum(), pl.col("out_bytes").sum()).sort("circuit_id", "month")
    sums = sums.join(circuit.select("circuit_id", "grade", "fee_fen", "city"), on="circuit_id", maintain_order="left")
    cycle = pl.Series("cycle", [plan.cycle(m) for m in sums["month"].to_list()], dtype=pl.String)
    names = circuit.select("number", "circuit_id")
    return {
        "circuit_month": sums.with_columns(cycle, pl.Series("org_id", CITY_IDS[sums["city"].to_numpy()])).drop("city"),
        "circuit_fault": fault.join(names, on="number", maintain_order="left").with_columns(
            plan.moments(fault["begins_s"].to_numpy()).alias("begins_at_local")).drop("number"),
        "circuit_closed": circuit.filter(pl.col("closed_day") < plan.days).select(
            "circuit_id", plan.dates(circuit.filter(pl.col("closed_day") < plan.days)["closed_day"].to_numpy())
            .alias("closed_on")),
    }
