"""When it runs: one job over every asset, each night and whenever files have arrived.

Both ask the ledger what is stale and request one run for the whole range of days; what a run does is
the business of the assets.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg

from orchestration import steps, transform
from orchestration.ledger import HomeBusy
from orchestration.settings import Home

JOB = "refresh"
FIRST_DAY, LAST_DAY = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def refresh_job() -> Any:
    return dg.define_asset_job(JOB, selection=dg.AssetSelection.all(), description="From landing to published file.")


def nightly(home: Home, built: Sequence[dg.AssetKey]) -> dg.ScheduleDefinition:
    @dg.schedule(name="nightly", job_name=JOB, cron_schedule="0 5 * * *", description="After the night's deliveries.")
    def run_nightly() -> dg.RunRequest | dg.SkipReason:
        return request(home, built, once=False)

    return run_nightly


def arrivals(home: Home, built: Sequence[dg.AssetKey]) -> dg.SensorDefinition:
    @dg.sensor(name="arrivals", job_name=JOB, minimum_interval_seconds=300, description="Complete files in landing.")
    def watch_landing() -> dg.RunRequest | dg.SkipReason:
        return request(home, built, once=True)

    return watch_landing


def request(home: Home, built: Sequence[dg.AssetKey], once: bool) -> dg.RunRequest | dg.SkipReason:
    """One run for what the lake does not hold as delivered, `built` (all that follows from it) included.

    `once`: a run that failed is not asked for again until files or models have changed.
    """
    try:
        stale = steps.settle(home)
    except HomeBusy as busy:
        return dg.SkipReason(str(busy))
    if steps.is_idle(home, stale):
        return dg.SkipReason("nothing new has been delivered")
    mark = hashlib.sha256(f"{sorted(stale.items())} {transform.fingerprint(home)}".encode()).hexdigest()
    wanted = selection(stale, built)
    return dg.RunRequest(run_key=mark if once else None, asset_selection=wanted, tags=range_tags(stale))


def selection(stale: dict[str, list[date]], built: Sequence[dg.AssetKey]) -> list[dg.AssetKey]:
    return [*(dg.AssetKey(["raw", contract_id]) for contract_id in sorted(stale)), *built]


def range_tags(stale: dict[str, list[date]]) -> dict[str, str]:
    days = [day for contract_days in stale.values() for day in contract_days]
    return {FIRST_DAY: str(min(days)), LAST_DAY: str(max(days))} if days else {}
