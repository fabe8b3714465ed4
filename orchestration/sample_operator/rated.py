"""Usage of a day as the charging system's rotated files, late records included.

Turns the positions of `usage` into delivered columns. Times are written as whole numbers
(yyyymmddhh24miss), which is what makes this fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import OPERATORS, Population
from orchestration.sample_operator.usage import DATA_TYPES, DIRECTIONS, ROAMING, VOICE_TYPES

VOICE, DATA = "billing__rated_voice", "billing__rated_data"
DIRECTION_OF = np.array([0, 1, 2, 0, 1])
APNS = np.array(["cmnet", "ims", "iot.bass", "fixed"])


@dataclass
class Outbox:
    """Late records by feed and by the day on which they will be sent."""

    waiting: dict[tuple[str, int], list[pl.DataFrame]] = field(default_factory=dict)


def stamps(plan: Plan, day: int, second: np.ndarray) -> np.ndarray:
    """Seconds of a day (which may run into the next one) as yyyymmddhh24miss numbers."""
    today, next_day = (int(f"{plan.date_of(d):%Y%m%d}") for d in (day, day + 1))
    date, rest = np.where(second >= DAY, next_day, today), second % DAY
    return date * 1_000_000 + rest // 3600 * 10_000 + rest // 60 % 60 * 100 + rest % 60


def _codes(codes: np.ndarray, values: np.ndarray) -> pl.Series:
    return pl.Series(np.asarray(values, dtype=np.uint8)).cat.to(pl.Enum(list(codes)))


def _ids(plan: Plan, day: int, kind: int, n: int) -> np.ndarray:
    return (int(f"{plan.date_of(day):%Y%m%d}") * 10 + kind) * 1_000_000_000 + 1 + np.arange(n)


def _cell(network: Network, cell: np.ndarray) -> pl.Series:
    known = pl.Series(cell >= 0)
    return pl.select(pl.when(known).then(pl.Series(network.cell_id[cell]))).to_series()


def voice_frame(plan: Plan, population: Population, network: Network, day: int, r: dict) -> pl.DataFrame:
    sub = r["sub"]
    return pl.DataFrame({
        "call_id": _ids(plan, day, 1, len(sub)), "subscription_id": population.subscription_id[sub],
        "number_token": population.number[sub], "direction_code": _codes(DIRECTIONS, DIRECTION_OF[r["kind"]]),
        "usage_type_code": _codes(VOICE_TYPES, r["usage"]), "counterpart_token": r["number"],
        "counterpart_operator_code": _codes(OPERATORS, r["operator"]), "started_at": stamps(plan, day, r["second"]),
        "duration_s": r["duration"], "cell_id": _cell(network, r["cell"]), "roam_type_code": _codes(ROAMING, r["roam"]),
        "tariff_version": r["version"], "rated_fen": r["rated"], "free_unit_used": r["free"],
        "period": r["second"] // (plan.rotation_minutes * 60),
    })


def data_frame(plan: Plan, population: Population, network: Network, day: int, r: dict) -> pl.DataFrame:
    sub = r["sub"]
    fixed = r["usage"] == 2
    is_5g = (network.generation[r["cell"]] == "5G") & (r["cell"] >= 0)
    access = np.where(fixed, 2, np.where(is_5g, 1, 0))
    apn = np.where(fixed, 3, np.where(population.is_m2m[sub], 2, 0))
    return pl.DataFrame({
        "session_id": _ids(plan, day, 2, len(sub)), "subscription_id": population.subscription_id[sub],
        "number_token": population.number[sub], "usage_type_code": _codes(DATA_TYPES, r["usage"]),
        "started_at": stamps(plan, day, r["second"]), "ended_at": stamps(plan, day, r["second"] + r["lasts"]),
        "up_bytes": r["up"], "down_bytes": r["down"], "access_point_name": _codes(APNS, apn),
        "radio_access_code": _codes(np.array(["4G", "5G", "FIXED"]), access), "cell_id": _cell(network, r["cell"]),
        "roam_type_code": _codes(ROAMING, r["roam"]), "tariff_version": r["version"], "rated_fen": r["rated"],
        "free_unit_used": r["free"], "period": r["second"] // (plan.rotation_minutes * 60),
    })


def send(plan: Plan, landing: Landing, outbox: Outbox, contract_id: str, prefix: str, frame: pl.DataFrame,
         day: int) -> None:
    """Sends a day's records except the late ones, and the late ones of earlier days that arrive today."""
    on_time = _hold_back(plan, outbox, contract_id, frame, day)
    arrived = outbox.waiting.pop((contract_id, day), [])
    every = pl.concat([on_time, *arrived]).sort("period", "started_at", maintain_order=True)
    landing.send_rotated(contract_id, prefix, every.drop("period"), every["period"], day)


def _hold_back(plan: Plan, outbox: Outbox, contract_id: str, frame: pl.DataFrame, day: int) -> pl.DataFrame:
    """A small share arrives one or two days later, never across the end of a month."""
    if plan.month_of(day) != plan.month_of(min(day + 2, plan.days - 1)) or day + 2 >= plan.days:
        return frame
    rng = plan.rng("late" + contract_id, day)
    late = pl.Series(rng.random(len(frame)) < plan.effects.late_record_share)
    held = frame.filter(late)
    delay = pl.Series(rng.integers(1, 3, len(held)))
    period = pl.Series("period", rng.integers(0, 24 * 60 // plan.rotation_minutes, len(held)))
    held = held.with_columns(period)
    for days in (1, 2):
        outbox.waiting.setdefault((contract_id, day + days), []).append(held.filter(delay == days))
    return frame.filter(~late)


def cell_quarters(network: Network, r: dict) -> np.ndarray:
    """Bytes down and up per cell and quarter-hour, as the radio network carried them: (2, cells, 96)."""
    here = r["cell"] >= 0
    slot = r["cell"][here] * 96 + r["second"][here] // 900
    return np.stack([np.bincount(slot, r[name][here], network.size * 96).reshape(network.size, 96)
                     for name in ("down", "up")])


