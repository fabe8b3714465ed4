"""One partitioned raw asset, with its check `contract`, per file in data_contracts/. Knows no single feed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

import dagster as dg

from orchestration import contracts, quality, steps
from orchestration.contracts import Contract
from orchestration.ledger import Ledger
from orchestration.settings import Home

PERIOD = {"15 minute": timedelta(minutes=15), "day": timedelta(days=1), "month": timedelta(days=31)}
Stale = Callable[[str], dict[str, list[date]]]


def raw_assets(home: Home, say: steps.Say = steps.silent) -> list[dg.AssetsDefinition]:
    days = days_of(home)
    stale = cache(lambda run_id: steps.settle(home))  # one look at the landing folder per run
    return [_raw_asset(home, contract, days, stale, say) for contract in contracts.load_all(home.contracts).values()]


def days_of(home: Home) -> dg.DailyPartitionsDefinition:
    """Every day from the earliest file to the latest, or to today when that is later."""
    today = datetime.now(UTC).date()
    with Ledger(home.ledger) as ledger:
        seen = ledger.rows("select min(file_date) as first, max(file_date) as last from file")[0]
    first = min(today, date.fromisoformat(seen["first"] or str(today)))
    ahead = (date.fromisoformat(seen["last"] or str(today)) - today).days
    return dg.DailyPartitionsDefinition(start_date=str(first), end_offset=max(ahead, 0) + 1)


def _raw_asset(
    home: Home, contract: Contract, days: dg.DailyPartitionsDefinition, stale: Stale, say: steps.Say
) -> dg.AssetsDefinition:
    key = dg.AssetKey(["raw", contract.id])

    @dg.asset(
        key=key,
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=f"raw_{contract.family}",
        description=f"{contract.description} ({contract.business_name})",
        kinds={"parquet"},
        freshness_policy=_freshness(contract),
        check_specs=[dg.AssetCheckSpec("contract", asset=key, description=f"Quality limits agreed in {contract.id}.")],
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        span = context.partition_key_range
        first, last = date.fromisoformat(span.start), date.fromisoformat(span.end)
        wanted = [day for day in stale(context.run.run_id).get(contract.id, []) if first <= day <= last]
        landed = steps.land(home, contract, wanted, say)
        yield dg.MaterializeResult(metadata={
            "days": len(landed.partitions),
            "files": landed.total("files"),
            "dagster/row_count": landed.total("accepted_rows"),
            "rejected_rows": landed.total("rejected_rows"),
            "duplicate_rows": landed.total("duplicate_rows"),
        })
        yield _check_result(home, contract, first, last)

    return land


def _check_result(home: Home, contract: Contract, first: date, last: date) -> dg.AssetCheckResult:
    judged = [r for r in quality.results(home) if r["contract_id"] == contract.id and first <= r["file_date"] <= last]
    broken = [result for result in judged if not result["passed"]]
    blocking = any(result["severity"] == quality.BLOCKING for result in broken)
    return dg.AssetCheckResult(
        check_name="contract",
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        metadata={"judged": len(judged), "broken": [f"{r['file_date']} {r['check_name']}" for r in broken]},
    )


def _freshness(contract: Contract) -> dg.FreshnessPolicy | None:
    """Late is what the contract calls late; a feed that comes on change is never late."""
    period = PERIOD.get(contract.frequency)
    if period is None:
        return None
    return dg.FreshnessPolicy.time_window(fail_window=period + timedelta(minutes=contract.lateness_minutes))
