"""The radio network: cells and sites, outages, planned works, alarms. Measurements are in `measurement`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.sample_operator.plan import DAY, Outage, Plan
from orchestration.sample_operator.reference import CITIES, CITY_IDS, CITY_WEIGHTS

CAUSES = np.array(["POWER_FAILURE", "TRANSMISSION_FAILURE", "HARDWARE_FAILURE", "SOFTWARE_ERROR", "HIGH_TEMPERATURE",
                   "CONGESTION"])
CAUSE_TYPES = np.array(["equipmentAlarm", "communicationsAlarm", "equipmentAlarm", "processingErrorAlarm",
                        "environmentalAlarm", "qualityOfServiceAlarm"])
PROBLEMS = np.array(["市电停电", "传输链路中断", "射频单元故障", "软件异常重启", "机柜温度过高", "无线资源拥塞"])
SEVERITIES = np.array(["major", "minor", "warning"])


@dataclass(frozen=True)
class Work:
    """One cell that a planned work takes out of service; works of the same number belong together."""

    number: int
    cell: int
    begins_s: int
    lasts_s: int


@dataclass(frozen=True)
class Network:
    """Cells by position; `first` and `count` give the block of cells of each city."""

    cell_id: np.ndarray
    site_id: np.ndarray
    city: np.ndarray
    generation: np.ndarray
    first: np.ndarray
    count: np.ndarray
    outages: tuple[Outage, ...]
    works: tuple[Work, ...]

    @property
    def size(self) -> int:
        return len(self.cell_id)

    @property
    def dark(self) -> tuple[Outage | Work, ...]:
        """Every time that a cell carries nothing, planned or not."""
        return (*self.outages, *self.works)


def build(plan: Plan) -> Network:
    """About one cell per 120 subscriptions, at least one in every city, three sectors to a site."""
    count = np.maximum(1, np.round(plan.subscribers * CITY_WEIGHTS / 120).astype(int))
    city = np.arange(len(CITY_IDS)).repeat(count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    within = np.arange(len(city)) - first[city]
    site = CITY_IDS[city] * 10_000 + within // 3 + 1
    rng = plan.rng("network")
    generation = np.where(rng.random(len(city)) < 0.35, "5G", "4G")
    outages = _outages(plan, len(city))
    works = _works(plan, site, outages)
    return Network(site * 10 + within % 3 + 1, site, city, generation, first, count, outages, works)


def _outages(plan: Plan, cells: int) -> tuple[Outage, ...]:
    """About one outage a month for every eight cells, half an hour to ten hours long."""
    if plan.effects.outages is not None:
        return plan.effects.outages
    rng = plan.rng("outages")
    n = max(2, round(plan.months * cells / 8))
    begins = np.sort(rng.integers(DAY, plan.end_s - DAY // 2, n))
    lasts = np.clip(np.exp(rng.normal(9.0, 0.8, n)), 1800, 36_000).astype(int)
    return tuple(Outage(int(c), int(b), int(d))
                 for c, b, d in zip(rng.integers(0, cells, n), begins, lasts, strict=True))


def _works(plan: Plan, site: np.ndarray, outages: tuple[Outage, ...]) -> tuple[Work, ...]:
    """About one a month for every ten cells, at night, on all cells of a site; never near an outage of one of them."""
    rng = plan.rng("planned works")
    sites = np.unique(site)
    n = max(2, round(plan.months * len(site) / 10))
    place = sites[rng.integers(0, len(sites), n)]
    day = rng.integers(1, plan.days, n)
    begins, lasts = day * DAY + 3600 + rng.integers(0, 4, n) * 900, rng.integers(2, 11, n) * 900
    hurt = {(int(site[o.cell]), o.begins_s // DAY + near) for o in outages for near in (-1, 0, 1)}
    taken = {key: k for k, key in enumerate(zip(place.tolist(), day.tolist(), strict=True)) if key not in hurt}
    return tuple(Work(k, int(cell), int(begins[k]), int(lasts[k])) for k in sorted(taken.values())
                 for cell in np.flatnonzero(site == place[k]))


def cell_rows(plan: Plan, network: Network) -> pl.DataFrame:
    """The inventory, the same every day."""
    rng, n = plan.rng("inventory"), network.size
    area = rng.choice(3, n, p=[0.55, 0.25, 0.2])
    return pl.DataFrame({
        "cell_id": network.cell_id, "site_id": network.site_id,
        "site_name": pl.Series(np.array(list(CITIES.values()))[network.city]) + pl.Series(
            network.site_id % 10_000).cast(pl.String) + "号站, 基站",
        "vendor_code": np.array(["HW", "ZTE", "ERI"])[network.site_id % 3],
        "area_id": network.site_id // 10_000 * 10 + area,
        "area_class_code": np.array(["URBAN", "SUBURBAN", "RURAL"])[area],
        "org_id": CITY_IDS[network.city], "generation_code": network.generation,
        "longitude": np.round(104 + network.city * 1.1 + rng.random(n) * 0.4, 6),
        "latitude": np.round(24 + network.city * 0.8 + rng.random(n) * 0.4, 6),
        "installed_on": plan.dates(-rng.integers(200, 3500, n)), "status_code": np.full(n, "IN_SERVICE"),
    })


def unavailable(plan: Plan, network: Network, day: int) -> np.ndarray:
    """Seconds without service per cell and quarter-hour of a day."""
    lost = np.zeros((network.size, 96))
    begins = day * DAY + np.arange(96) * 900
    for outage in network.dark:
        ends_s = outage.begins_s + outage.lasts_s
        lost[outage.cell] += np.clip(np.minimum(ends_s, begins + 900) - np.maximum(outage.begins_s, begins), 0, 900)
    return np.minimum(lost, 900)


def alarm_rows(plan: Plan, network: Network) -> pl.DataFrame:
    """State messages of all alarms: those of outages and of planned works affect service, the rest are noise."""
    rng, dark = plan.rng("alarms"), network.dark
    n_out, n = len(dark), rng.poisson(0.12 * network.size * plan.days)
    cell = np.concatenate([[o.cell for o in dark], rng.integers(0, network.size, n)]).astype(int)
    raised = np.concatenate([[o.begins_s + 20 for o in dark], rng.integers(0, plan.end_s, n)])
    cleared = np.concatenate([[o.begins_s + o.lasts_s + 30 for o in dark],
                              raised[n_out:] + np.exp(rng.normal(8, 1.2, n)).astype(int) + 60]).astype(np.int64)
    affects = np.arange(n_out + n) < n_out
    planned = affects & (np.arange(n_out + n) >= len(network.outages))
    cause = np.where(affects, rng.integers(0, 4, n_out + n), rng.integers(1, 6, n_out + n))
    severity = np.where(affects, "critical", SEVERITIES[rng.integers(0, 3, n_out + n)])
    order = np.argsort(raised, kind="stable")
    base = pl.DataFrame({
        "cell": cell, "raised": raised.astype(np.int64), "cleared": cleared, "affects": affects, "planned": planned,
        "cause": cause, "severity": severity,
    })[order].with_row_index("number")
    return _messages(plan, network, base, rng)


def _messages(plan: Plan, network: Network, base: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    updated = base.filter(pl.Series(rng.random(len(base)) < 0.15))
    moment = {
        "raised": base.with_columns(pl.col("raised").alias("at")),
        "updated": updated.with_columns(((pl.col("raised") + pl.col("cleared")) // 2).alias("at")),
        "cleared": base.with_columns(pl.col("cleared").alias("at")),
    }
    every = pl.concat([frame.with_columns(pl.lit(state).alias("state_code")) for state, frame in moment.items()])
    every = every.filter(pl.col("at") < plan.end_s).sort("at", "number", "state_code")
    done = every["state_code"].to_numpy() == "cleared"
    cause, affects = every["cause"].to_numpy(), every["affects"].to_numpy()
    hit, unhurt = pl.lit(["VOICE", "DATA"]), pl.lit([], dtype=pl.List(pl.String))
    services = pl.when(pl.col("affects")).then(hit).otherwise(unhurt)
    return every.select(
        pl.format("AL{}", 10_000_000 + pl.col("number")).alias("alarm_id"), "state_code",
        plan.moments(every["at"].to_numpy()).alias("changed_at"),
        pl.format("OMC-{}", pl.col("number")).alias("external_alarm_id"),
        pl.Series("cell_id", network.cell_id[every["cell"].to_numpy()]).cast(pl.String),
        pl.lit("EUtranCell").alias("object_type_code"), pl.Series("alarm_type_code", CAUSE_TYPES[cause]),
        pl.when(pl.Series(done)).then(pl.lit("cleared")).otherwise(pl.col("severity")).alias("severity_code"),
        pl.Series("probable_cause_code", CAUSES[cause]), pl.Series("specific_problem", PROBLEMS[cause]),
        plan.moments(every["raised"].to_numpy()).alias("raised_at"),
        plan.moments(every["cleared"].to_numpy(), done).alias("cleared_at"),
        pl.col("affects").alias("is_root_cause"), pl.Series("is_service_affecting", affects),
        pl.col("planned").alias("is_planned"), services.alias("affected_services"),
        (pl.col("at") // DAY).alias("day"),
    )
