"""Half-hours of the call centre: what the queues and the agents' desks counted of the same contacts.

Contacts themselves are in `care`. A contact counts in the half-hour in which it was offered (queues) or answered
(agents), with all its seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import care, reference
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

SLOT_S, SLOTS = 1800, 48
QUEUES = sorted({*care.QUEUES.values(), "Q_CONSULT", care.KEY_QUEUE})
ANSWER_LIMIT_S, SHORT_ABANDON_S = 20, 5
SHIFTS = np.array([16, 20, 28, 32])  # half-hours at which a shift of eight hours begins
COUNTS = ("offered_count", "answered_count", "answered_in_limit_count", "abandoned_count", "short_abandoned_count",
          "wait_s", "longest_wait_s")


def send(world: World, out: Landing) -> None:
    plan = world.plan
    frames = {"queue_interval": queue_rows(plan, world.contact),
              "agent_interval": agent_rows(plan, world.contact, _agents(plan))}
    world.drawn["contact_centre"] = frames
    for feed, frame in frames.items():
        ordered = frame.sort("day", maintain_order=True)
        edges = np.searchsorted(ordered["day"].to_numpy(), np.arange(plan.days + 1)).tolist()
        for day in range(plan.days):
            rows = ordered.slice(edges[day], edges[day + 1] - edges[day])
            out.send_plain(f"call_center__{feed}", f"{feed}_{plan.date_of(day):%Y%m%d}", "csv", rows, day)


def truth(world: World) -> dict[str, pl.DataFrame]:
    """The queues by day and the agents' handled contacts by day."""
    frames, sums = world.drawn["contact_centre"], pl.col(*COUNTS[:-1]).sum()
    date = world.plan.dates
    queue = frames["queue_interval"].with_columns(date(frames["queue_interval"]["day"].to_numpy()).alias("date"))
    agent = frames["agent_interval"].with_columns(date(frames["agent_interval"]["day"].to_numpy()).alias("date"))
    seconds = pl.col("login_s", "talk_s", "hold_s", "wrap_s", "available_s", "auxiliary_s", "handled_count").sum()
    return {"queue_day": queue.group_by("date", "queue_code").agg(sums).sort("date", "queue_code"),
            "agent_day": agent.group_by("date", "staff_id").agg(seconds).sort("date", "staff_id")}


def _agents(plan: Plan) -> np.ndarray:
    staff = reference.staff_rows(plan, 0)
    return staff.filter(pl.col("role_code") == "AGENT")["staff_id"].to_numpy()


def queue_rows(plan: Plan, contact: pl.DataFrame) -> pl.DataFrame:
    """Every queue and half-hour of the sample, quiet ones included."""
    reached = contact.filter(pl.col("outcome_code") != "self_served")
    waited, lost = pl.col("wait_s"), pl.col("outcome_code") == "abandoned"
    counted = reached.with_columns((pl.col("second") // SLOT_S).alias("slot")).group_by("queue_code", "slot").agg(
        pl.len().alias("offered_count"), pl.col("answered").sum().alias("answered_count"),
        (pl.col("answered") & (waited <= ANSWER_LIMIT_S)).sum().alias("answered_in_limit_count"),
        lost.sum().alias("abandoned_count"), (lost & (waited < SHORT_ABANDON_S)).sum().alias("short_abandoned_count"),
        waited.filter("answered").sum().alias("wait_s"), waited.max().alias("longest_wait_s"))
    slots = plan.days * SLOTS
    grid = pl.DataFrame({"queue_code": np.array(QUEUES).repeat(slots), "slot": np.tile(np.arange(slots), len(QUEUES))})
    rows = grid.join(counted, on=["queue_code", "slot"], how="left").sort("slot", "queue_code")
    return _timed(plan, rows.with_columns(pl.col(*COUNTS).fill_null(0).cast(pl.Int64)))


def agent_rows(plan: Plan, contact: pl.DataFrame, agents: np.ndarray) -> pl.DataFrame:
    """Half-hours on duty, and those in which an agent answered out of hours."""
    rng = plan.rng("agent intervals")
    answered = contact.filter("answered").with_columns(
        ((pl.col("second") + pl.col("ivr_s") + pl.col("wait_s")) // SLOT_S).alias("slot"))
    worked = answered.group_by("staff_id", "slot").agg(
        pl.col("talk_s", "hold_s", "wrap_s").sum(), pl.len().cast(pl.Int64).alias("handled_count"))
    work_s = worked.select(pl.sum_horizontal("talk_s", "hold_s", "wrap_s")).to_series().sum()
    rows = _shifts(plan, rng, agents, work_s).join(worked, on=["staff_id", "slot"], how="full", coalesce=True)
    rows = rows.sort("slot", "staff_id")
    rows = rows.with_columns(pl.col("talk_s", "hold_s", "wrap_s", "handled_count").fill_null(0))
    busy = rows.select(pl.col("talk_s") + pl.col("hold_s") + pl.col("wrap_s")).to_series().to_numpy()
    free = np.where(rows["on_duty"].is_null(), rng.integers(0, 120, len(rows)), np.maximum(SLOT_S - busy, 0))
    away = np.minimum(rng.integers(0, 300, len(rows)) * (rng.random(len(rows)) < 0.4), free).astype(np.int64)
    return _timed(plan, rows.with_columns(pl.Series("auxiliary_s", away), pl.Series("available_s", free - away),
                                          pl.Series("login_s", busy + free)))


def _shifts(plan: Plan, rng: np.random.Generator, agents: np.ndarray, work_s: int) -> pl.DataFrame:
    """Shifts of eight hours, as many as the work fills about half, at most five days of seven."""
    shape = (len(agents), plan.days)
    share = min(work_s / (8 * 3600) / (len(agents) * plan.days), 5 / 7)
    on_duty, begin = rng.random(shape) < share, SHIFTS[rng.integers(0, len(SHIFTS), shape)]
    slot = (np.arange(plan.days) * SLOTS + begin)[:, :, None] + np.arange(16)
    who = np.broadcast_to(agents[:, None, None], slot.shape)
    return pl.DataFrame({"staff_id": who[on_duty].ravel(), "slot": slot[on_duty].ravel()}).with_columns(
        pl.lit(True).alias("on_duty"))


def _timed(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    slot = rows["slot"].to_numpy()
    return rows.with_columns(plan.moments(slot * SLOT_S).alias("interval_at"), pl.Series("day", slot // SLOTS)).filter(
        pl.Series(slot * SLOT_S // DAY < plan.days))
