"""What the network department writes down: the maintenance log and the planned works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import reference
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

TEXTS = np.array([
    "现场更换射频单元,业务恢复", '清洁风扇;告警"高温"消除', "重启基带板, 观察正常", "㵘水站油机发电",
    "例行巡检,无异常"])
ACTIONS = np.array(["REPAIR", "REPLACE", "RESET"])
WORKS = np.array(["CUTOVER", "UPGRADE", "POWER"])


def send(world: World, out: Landing) -> None:
    frames = {"maintenance_log": log_rows(world), "planned_work": work_rows(world)}
    world.drawn["maintenance"] = frames
    for feed, frame in frames.items():
        edges = np.searchsorted(frame["day"].to_numpy(), np.arange(world.plan.days + 1)).tolist()
        for day in range(world.plan.days):
            rows = frame.slice(edges[day], edges[day + 1] - edges[day])
            out.send_plain(f"network__{feed}", f"{feed}_{world.plan.date_of(day):%Y%m%d}", "csv", rows, day)


def truth(world: World) -> dict[str, pl.DataFrame]:
    frames = world.drawn["maintenance"]
    log = frames["maintenance_log"].select("log_id", "object_type_code", "object_id", "ticket_id", "work_id")
    works = frames["planned_work"].select("work_id", "cell_id", "begins_at", "ends_at")
    return {"maintenance_log": log, "planned_work": works}


def work_rows(world: World) -> pl.DataFrame:
    """Announced two days before they begin."""
    plan, net, rng = world.plan, world.network, world.plan.rng("work papers")
    works = pl.DataFrame([(w.number, w.cell, w.begins_s, w.lasts_s) for w in net.works], orient="row",
                         schema={"number": pl.Int64, "cell": pl.Int64, "begins": pl.Int64, "lasts": pl.Int64})
    number, begins = works["number"].to_numpy(), works["begins"].to_numpy()
    kinds = rng.integers(0, len(WORKS), int(number.max(initial=0)) + 1)
    staff = reference.staff_rows(plan, 0).filter(pl.col("role_code") == "APPROVER")["staff_id"].to_numpy()
    return works.select(
        pl.format("PW{}", 100_001 + pl.col("number")).alias("work_id"),
        pl.Series("cell_id", net.cell_id[works["cell"].to_numpy()]).cast(pl.String),
        pl.Series("work_type_code", WORKS[kinds[number]]), pl.Series("approver_staff_id", staff[number % len(staff)]),
        plan.moments(begins).alias("begins_at"), plan.moments(begins + works["lasts"].to_numpy()).alias("ends_at"),
        pl.Series("day", np.maximum(begins // DAY - 2, 0))).sort("day", "work_id", "cell_id")


def log_rows(world: World) -> pl.DataFrame:
    """Entries of repairs (tickets and outages), of planned works and of inspections."""
    plan, rng = world.plan, world.plan.rng("maintenance log")
    parts = [_repairs(world, rng), _outages(world), _circuits(world), _planned(world), _inspections(world, rng)]
    rows = pl.concat(parts).filter(pl.col("ends") < plan.end_s).sort("ends", "object_id", "begins")
    n = len(rows)
    staff = reference.staff_rows(plan, 0).filter(pl.col("role_code") == "ENGINEER")["staff_id"].to_numpy()
    fixed = pl.Series(ACTIONS[rng.integers(0, len(ACTIONS), n)])
    return rows.with_columns(
        pl.format("ML{}", 500_001 + pl.int_range(n)).alias("log_id"), pl.coalesce("action_code", fixed),
        pl.coalesce("staff_id", pl.Series(staff[rng.integers(0, len(staff), n)])).alias("staff_id"),
        plan.moments(rows["begins"].to_numpy()).alias("started_at"),
        plan.moments(rows["ends"].to_numpy()).alias("ended_at"),
        pl.Series("text_token", TEXTS[rng.integers(0, len(TEXTS), n)]), (pl.col("ends") // DAY).alias("day"))


def _entries(kind: str, objects: np.ndarray, begins: np.ndarray, ends: np.ndarray, **more) -> pl.DataFrame:
    n, none = len(objects), pl.lit(None, dtype=pl.String)
    frame = pl.DataFrame({"object_type_code": [kind] * n, "object_id": np.asarray(objects), "begins": begins,
                          "ends": ends}, schema_overrides={"object_type_code": pl.String, "begins": pl.Int64,
                                                           "ends": pl.Int64})
    given = [pl.Series(name, values) for name, values in more.items()]
    missing = [none.alias(name) for name in ("ticket_id", "work_id", "action_code") if name not in more]
    missing += [pl.lit(None, dtype=pl.Int64).alias("staff_id")] if "staff_id" not in more else []
    return frame.with_columns(pl.col("object_id").cast(pl.String), *given, *missing).select(
        "object_type_code", "object_id", "begins", "ends", "ticket_id", "work_id", "action_code", "staff_id")


def _repairs(world: World, rng: np.random.Generator) -> pl.DataFrame:
    fault = world.ticket.filter(pl.col("ticket_type_code") == "fault")
    fault = fault.filter(pl.Series(rng.random(len(fault)) < 0.6))
    parts = []
    for kind, column in (("CELL", "cell_id"), ("SUBSCRIPTION", "subscription_id")):
        known = pl.col("cell_id").is_not_null()
        rows = fault.filter(known if kind == "CELL" else ~known)
        ends = rows["repaired"].to_numpy()
        parts.append(_entries(kind, rows[column].to_numpy(), np.maximum(ends - 3600, rows["accepted"].to_numpy()), ends,
                              ticket_id=rows["ticket_id"], staff_id=rows["handler_staff_id"]))
    return pl.concat(parts)


def _outages(world: World) -> pl.DataFrame:
    net = world.network
    begins, lasts, cell = (np.array([getattr(o, name) for o in net.outages], dtype=np.int64)
                           for name in ("begins_s", "lasts_s", "cell"))
    return _entries("CELL", net.cell_id[cell], begins + np.minimum(lasts // 2, 1800), begins + lasts)


def _circuits(world: World) -> pl.DataFrame:
    """Repairs of circuits that failed by themselves."""
    fault = world.drawn["circuits"]["fault"].filter(~pl.col("of_site"))
    begins, lasts = fault["begins_s"].to_numpy(), fault["lasts_s"].to_numpy()
    circuit = world.drawn["circuits"]["circuit"]["circuit_id"].to_numpy()[fault["number"].to_numpy()]
    return _entries("CIRCUIT", circuit, begins + np.minimum(lasts // 2, 3600), begins + lasts)


def _planned(world: World) -> pl.DataFrame:
    net = world.network
    number, begins, lasts, cell = (np.array([getattr(w, name) for w in net.works], dtype=np.int64)
                                   for name in ("number", "begins_s", "lasts_s", "cell"))
    return _entries("CELL", net.cell_id[cell], begins, begins + lasts,
                    work_id=pl.Series([f"PW{100_001 + n}" for n in number.tolist()], dtype=pl.String),
                    action_code=pl.Series(["UPGRADE"] * len(number), dtype=pl.String))


def _inspections(world: World, rng: np.random.Generator) -> pl.DataFrame:
    n = rng.poisson(0.03 * world.network.size * world.plan.days)
    begins = rng.integers(0, world.plan.days, n) * DAY + rng.integers(9 * 3600, 17 * 3600, n)
    objects = world.network.cell_id[rng.integers(0, world.network.size, n)]
    return _entries("CELL", objects, begins, begins + rng.integers(900, 7200, n),
                    action_code=pl.Series(["INSPECT"] * n, dtype=pl.String))
