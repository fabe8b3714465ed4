"""The truth folder: what a correct warehouse must find, computed from the generator's own tables.

Nothing here reads a generated file. Tables are keyed like the facts and KPIs they are compared with; money is
whole fen, days and months are local. What is true by month is in `truth_month`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import price_response, truth_month
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.life import INVALID, PENDING, REACHED, Life
from orchestration.sample_operator.measurement import COUNTERS, Measured, missing_quarters
from orchestration.sample_operator.network import Network
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.population import Population
from orchestration.sample_operator.reference import CITY_IDS
from orchestration.sample_operator.usage import DATA_TYPES, VOICE_TYPES

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

USAGE_TYPES = np.concatenate([VOICE_TYPES, DATA_TYPES])
# billed minutes: each leg rounded up, both directions; originated minutes: those of outgoing calls, which are rated
MEASURES = ("records", "duration_s", "billed_minutes", "originated_minutes", "volume_bytes", "rated_fen")
RELEASES, DROPS = COUNTERS.index("ERAB.RelAttNbr"), COUNTERS.index("ERAB.RelActNbr")


@dataclass
class Counts:
    """Running sums of what is too large to keep as records: usage by month, measurements by day."""

    plan: Plan
    population: Population
    network: Network
    usage: list[np.ndarray] = field(default_factory=list)  # per month: (measure, subscription, usage type)
    usage_day: list[pl.DataFrame] = field(default_factory=list)
    cell_day: list[pl.DataFrame] = field(default_factory=list)

    @classmethod
    def empty(cls, plan: Plan, population: Population, network: Network) -> Counts:
        return cls(plan, population, network)

    def add_usage(self, month: int, day: int, calls: dict, parts: dict) -> None:
        """Every true record by the day of its event, whichever day it is delivered on."""
        size, kinds = self.population.size, len(USAGE_TYPES)
        if len(self.usage) <= month:
            self.usage.append(np.zeros((len(MEASURES), size, kinds)))
        volume = parts["up"] + parts["down"]
        none, zero = np.zeros(len(calls["sub"])), volume * 0
        for records, shift, values in (
            (calls, 0, (none + 1, calls["duration"], calls["every_minute"], calls["minutes"], none, calls["rated"])),
            (parts, len(VOICE_TYPES), (zero + 1, zero, zero, zero, volume, parts["rated"])),
        ):
            slot = records["sub"] * kinds + records["usage"] + shift
            for measure, value in zip(self.usage[month], values, strict=True):
                measure += np.bincount(slot, value, size * kinds).reshape(size, kinds)
            self.usage_day.append(self._by_city(day, records, shift, values))

    def _by_city(self, day: int, records: dict, shift: int, values: tuple) -> pl.DataFrame:
        """Sums by city and usage type; MO, MT and CF together."""
        measures = {name: np.asarray(v, dtype=np.int64) for name, v in zip(MEASURES, values, strict=True)}
        frame = pl.DataFrame({"org_id": self.population.city[records["sub"]],
                              "usage_type_code": records["usage"] + shift, **measures})
        sums = frame.group_by("org_id", "usage_type_code").sum().sort("org_id", "usage_type_code")
        return sums.with_columns(pl.lit(self.plan.date_of(day)).alias("date"))

    def add_measured(self, day: int, measured: Measured, missing: set[int]) -> None:
        """Sums over the quarter-hours delivered, suspect and absent values left out, as a KPI must do."""
        usable = ~measured.suspect[None] & ~measured.nil
        usable[:, :, sorted(missing)] = False
        sums = np.where(usable, measured.values, 0).sum(axis=2)
        # an hour is valid with three usable quarters; drop rates count in valid hours only
        valid = (usable[DROPS].reshape(self.network.size, 24, 4).sum(axis=2) >= 3).repeat(4, axis=1) & usable[DROPS]
        dropped, released = ((measured.values[k] * valid).sum(axis=1) for k in (DROPS, RELEASES))
        self.cell_day.append(pl.DataFrame({
            "date": [self.plan.date_of(day)] * self.network.size, "cell_id": self.network.cell_id,
            "org_id": CITY_IDS[self.network.city], "suspect_quarters": measured.suspect.sum(axis=1),
            "drops_in_valid_hours": dropped, "releases_in_valid_hours": released,
            **dict(zip(COUNTERS, sums, strict=True))}))


def write(folder: Path, world: World, landing: Landing, planted: list[dict], more: dict[str, pl.DataFrame]) -> None:
    """Every table as one Parquet file; `more` are the tables of the subjects beside the spine."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {**file_tables(landing), **population_tables(world), **usage_tables(world), **truth_month.tables(world),
              **plan_tables(world, planted), **more}
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")


def file_tables(landing: Landing) -> dict[str, pl.DataFrame]:
    """Every file, its counts and sums, and the same by feed and day over the files in force."""
    files, totals = [], []
    for s in landing.sent:
        accepted = s.delivered_rows - s.rejected_rows - s.duplicate_rows
        files.append((s.contract_id, s.file_name, s.relative_path, s.file_date, s.version, s.state, s.reason,
                      s.size_bytes, s.delivered_rows, accepted, s.rejected_rows, s.duplicate_rows))
        for name, value in s.delivered.items():
            rejected, duplicate = s.rejected.get(name, 0), s.duplicate.get(name, 0)
            totals.append((s.contract_id, s.file_name, s.file_date, s.state, name, value, value - rejected - duplicate,
                           rejected, duplicate))
    file = pl.DataFrame(files, orient="row", infer_schema_length=None, schema=[
        "contract_id", "file_name", "relative_path", "file_date", "version", "expected_state", "reason", "size_bytes",
        "delivered_rows", "accepted_rows", "rejected_rows", "duplicate_rows"])
    total = pl.DataFrame(totals, orient="row", infer_schema_length=None, schema=[
        "contract_id", "file_name", "file_date", "expected_state", "column_name", "delivered_total", "accepted_total",
        "rejected_total", "duplicate_total"])
    in_force = pl.col("expected_state") == "accepted"
    rows = pl.col("delivered_rows", "accepted_rows", "rejected_rows", "duplicate_rows").sum()
    sums = pl.col("delivered_total", "accepted_total", "rejected_total", "duplicate_total").sum()
    day = file.filter(in_force).group_by("contract_id", "file_date").agg(pl.len().alias("files"), rows)
    day_total = total.filter(in_force).group_by("contract_id", "file_date", "column_name").agg(sums)
    return {"file": file, "file_total": total, "feed_day": day.sort("contract_id", "file_date"),
            "feed_total": day_total.sort("contract_id", "file_date", "column_name")}


def population_tables(world: World) -> dict[str, pl.DataFrame]:
    """Events as they happened, and the daily stock and flow that follow from them by city."""
    plan, people, life = world.plan, world.population, world.life
    flows = _flows(people, life)
    base = np.isin(life.initial_status, REACHED) & people.counted
    opening = np.bincount(people.city[base], minlength=len(CITY_IDS))
    event = pl.DataFrame({
        "subscription_id": people.subscription_id[life.subscription],
        "org_id": CITY_IDS[people.city[life.subscription]],
        "effective_at_local": plan.moments(life.second), "date": plan.dates(life.second // DAY),
        "status_code": life.status,
        "reason_code": life.reason, "is_counted": people.counted[life.subscription], "is_new": flows == 1,
        "is_left": flows == -1,
    })
    return {"subscription_event": event.sort("effective_at_local", "subscription_id"),
            "population_day": _stock(plan, people, life, flows, opening)}


def _flows(people: Population, life: Life) -> np.ndarray:
    """+1 where an event brings a subscription into the reached ones, -1 where it takes it out; 0 for excluded ones."""
    same = np.concatenate([[False], life.subscription[1:] == life.subscription[:-1]])
    before = np.where(same, np.concatenate([[0], life.status[:-1]]), life.initial_status[life.subscription])
    was, is_now = np.isin(before, REACHED), np.isin(life.status, REACHED)
    flow = is_now.astype(int) - was.astype(int)
    wrong = np.isin(life.status, (INVALID, PENDING))
    return np.where(people.counted[life.subscription] & ~wrong, flow, 0)


def _stock(plan: Plan, people: Population, life: Life, flows: np.ndarray, opening: np.ndarray) -> pl.DataFrame:
    cities = len(CITY_IDS)
    slot = life.second // DAY * cities + people.city[life.subscription]
    new, left = (np.bincount(slot[flows == sign], minlength=plan.days * cities).reshape(plan.days, cities)
                 for sign in (1, -1))
    reached = opening + np.cumsum(new - left, axis=0)
    return pl.DataFrame({
        "date": plan.dates(np.arange(plan.days).repeat(cities)), "org_id": np.tile(CITY_IDS, plan.days),
        "reached": reached.ravel(), "new": new.ravel(), "left": left.ravel(),
        "regained": np.zeros(new.size, dtype=np.int64)})


def usage_tables(world: World) -> dict[str, pl.DataFrame]:
    people, plan = world.population, world.plan
    kinds = len(USAGE_TYPES)
    months = []
    for month, sums in enumerate(world.counts.usage):
        frame = pl.DataFrame({
            "cycle": [plan.cycle(month)] * (people.size * kinds),
            "subscription_id": people.subscription_id.repeat(kinds),
            "org_id": CITY_IDS[people.city].repeat(kinds), "is_counted": people.counted.repeat(kinds),
            "usage_type_code": np.tile(USAGE_TYPES, people.size),
            **{name: sums[k].ravel().astype(np.int64) for k, name in enumerate(MEASURES)}})
        months.append(frame.filter(pl.col("records") > 0))
    day = pl.concat(world.counts.usage_day).with_columns(
        pl.col("org_id").replace_strict(list(range(len(CITY_IDS))), CITY_IDS.tolist()),
        pl.col("usage_type_code").replace_strict(list(range(kinds)), USAGE_TYPES.tolist()))
    return {"usage_month": pl.concat(months), "usage_day": day.select("date", "org_id", "usage_type_code", *MEASURES),
            "cell_day": pl.concat(world.counts.cell_day)}


def plan_tables(world: World, planted: list[dict]) -> dict[str, pl.DataFrame]:
    """What was planted on purpose."""
    plan, net = world.plan, world.network
    missing = [(plan.date_of(day), quarter) for day, quarters in sorted(missing_quarters(plan).items())
               for quarter in sorted(quarters)]
    outages = pl.DataFrame({
        "cell_id": [int(net.cell_id[o.cell]) for o in net.outages],
        "begins_at_local": plan.moments(np.array([o.begins_s for o in net.outages], dtype=np.int64)),
        "lasts_s": [o.lasts_s for o in net.outages]})
    prices = [{**asdict(c), "valid_from": plan.date_of(c.day)} for c in plan.price_changes]
    moves = [{**asdict(m), "valid_from": plan.date_of(m.day)} for m in [plan.reorganisation] if m]
    return {
        "sample": pl.DataFrame([{"subscribers": plan.subscribers, "months": plan.months, "seed": plan.seed,
                                 "start": plan.start, "faults": plan.faults,
                                 "rotation_minutes": plan.rotation_minutes}]),
        "missing_quarter": pl.DataFrame(missing, orient="row", schema={"date": pl.Date, "quarter": pl.Int64}),
        "outage": outages, "price_change": pl.DataFrame(prices),
        "elasticity": price_response.table(plan), "reorganisation": pl.DataFrame(moves),
        "fault": pl.DataFrame(planted),
    }
