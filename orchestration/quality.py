"""Quality limits: what came in, judged against the limits that the data owner wrote into the contract.

One profile row per day is counted by the ledger; Great Expectations says which days break a limit.
No limit and no exception from one may enter this module.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration import ledger as ledgers
from orchestration import settings
from orchestration.contracts import Contract, ContractError, Limit
from orchestration.ledger import Ledger
from orchestration.settings import Home

BLOCKING = "error"
MEASURES = {"rowCount": "delivered_rows", "rejectedRows": "rejected_rows", "duplicateValues": "duplicate_rows"}
RESULT = pa.schema(
    [("checked_at", pa.timestamp("us")), ("contract_id", pa.string()), ("file_date", pa.date32())]
    + [(name, pa.string()) for name in ("check_name", "severity", "owner")]
    + [(name, pa.float64()) for name in ("observed", "limit_low", "limit_high")]
    + [("passed", pa.bool_())]
)


def judge(home: Home, contract: Contract, file_dates: Iterable[date] | None = None) -> list[dict[str, Any]]:
    """Judges the days given (all days by default), keeps the results and returns them, one per day and limit."""
    days = None if file_dates is None else set(file_dates)
    profile = [row for row in _profile(home, contract) if days is None or row["file_date"] in days]
    results = _results(contract, profile) if profile and contract.limits else []
    _keep(home, contract.id, days, results)
    return results


def results(home: Home, where: str = "true") -> list[dict[str, Any]]:
    """The results as judged last, oldest day first."""
    if not _path(home).exists():
        return []
    with duckdb.connect() as connection:
        # the path is written out: a bound parameter would make DuckDB import pandas
        source = str(_path(home)).replace("'", "''")
        cursor = connection.execute(f"from '{source}' where {where} order by file_date, contract_id, check_name")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def forget(home: Home, contract: Contract, file_dates: Iterable[date]) -> None:
    """To be called before these days change: a kill must not leave them with the verdict of other rows."""
    if _path(home).exists():
        _keep(home, contract.id, set(file_dates), [])


def unjudged(home: Home, contract: Contract) -> list[date]:
    """Days with accepted files and without results: a kill came between landing and judging them."""
    judged = {row["file_date"] for row in results(home, f"contract_id = '{contract.id}'")}
    return [row["file_date"] for row in _profile(home, contract) if row["file_date"] not in judged]


def red(home: Home) -> list[dict[str, Any]]:
    """The results that close the gate."""
    return results(home, f"severity = '{BLOCKING}' and not passed")


def _profile(home: Home, contract: Contract) -> list[dict[str, Any]]:
    """One row per day: what its accepted files delivered, and each limit's measure under the limit's name."""
    with Ledger(home.ledger) as ledger:
        rows = ledger.rows(
            "select file_date, sum(delivered_rows) as delivered_rows, sum(rejected_rows) as rejected_rows,"
            " sum(duplicate_rows) as duplicate_rows from file"
            " where contract_id = ? and state = 'accepted' and control_kind is null group by file_date",
            (contract.id,),
        )
        totals = {
            (row["file_date"], row["column_name"]): row["total"]
            for row in ledger.rows(
                "select file_date, column_name, sum(cast(delivered_total as real)) as total"
                " from file_total join file using (file_id) where contract_id = ? and state = 'accepted' group by 1, 2",
                (contract.id,),
            )
        }
    return [
        {"file_date": date.fromisoformat(row["file_date"])}
        | {limit.name: _measure(contract, limit, dict(row), totals.get((row["file_date"], limit.column)))
           for limit in contract.limits}
        for row in rows
    ]


def _measure(contract: Contract, limit: Limit, counts: dict[str, Any], total: float | None) -> float:
    if limit.metric == "meanValue":  # per delivered row: tells when a sender changed the unit
        return (total or 0.0) / counts["delivered_rows"] if counts["delivered_rows"] else 0.0
    if limit.metric not in MEASURES:
        raise ContractError(f"{contract.path}: quality {limit.name}: {limit.metric} is not counted for a whole file")
    rows, delivered = counts[MEASURES[limit.metric]], counts["delivered_rows"]
    if limit.unit == "percent":
        return 100.0 * rows / delivered if delivered else 0.0
    return float(rows)


@cache
def _batch_definition() -> Any:
    """Great Expectations takes seconds to import: once, and only when there is something to judge."""
    settings.keep_quiet()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own optional engines
        import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("profile").add_dataframe_asset("days")
    return asset.add_batch_definition_whole_dataframe("all")


def _results(contract: Contract, profile: list[dict[str, Any]]) -> list[dict[str, Any]]:
    import pandas

    batch = _batch_definition().get_batch({"dataframe": pandas.DataFrame(profile)})
    import great_expectations as gx

    between = gx.expectations.ExpectColumnValuesToBeBetween
    suite = gx.ExpectationSuite(
        name=contract.id,
        expectations=[
            between(column=limit.name, min_value=limit.at_least, max_value=limit.at_most) for limit in contract.limits
        ],
    )
    asked = {"result_format": "COMPLETE", "unexpected_index_column_names": ["file_date"]}
    broken = {
        (said.expectation_config.kwargs["column"], entry["file_date"])
        for said in batch.validate(suite, result_format=asked).results
        for entry in said.result.get("unexpected_index_list") or []
    }
    stamp = datetime.now(UTC).replace(tzinfo=None)
    return [
        _result(contract, limit, row, (limit.name, row["file_date"]) not in broken, stamp)
        for row in profile
        for limit in contract.limits
    ]


def _result(contract: Contract, limit: Limit, row: dict[str, Any], passed: bool, stamp: datetime) -> dict[str, Any]:
    return {
        "checked_at": stamp,
        "contract_id": contract.id,
        "file_date": row["file_date"],
        "check_name": limit.name,
        "severity": limit.severity,
        "owner": limit.owner,
        "observed": row[limit.name] if math.isfinite(row[limit.name]) else None,
        "limit_low": limit.at_least,
        "limit_high": limit.at_most,
        "passed": passed,
    }


def _keep(home: Home, contract_id: str, days: set[date] | None, results: list[dict[str, Any]]) -> None:
    """Replaces what is known of these days; a day that has no file any more leaves nothing."""
    path, kept = _path(home), RESULT.empty_table()
    if path.exists():
        known = pq.read_table(path, schema=RESULT)
        judged = pc.equal(known["contract_id"], contract_id)
        if days is not None:
            judged = pc.and_(judged, pc.is_in(known["file_date"], pa.array(sorted(days), pa.date32())))
        kept = known.filter(pc.invert(judged))
    path.parent.mkdir(parents=True, exist_ok=True)
    order = [("contract_id", "ascending"), ("file_date", "ascending"), ("check_name", "ascending")]
    table = pa.concat_tables([kept, pa.Table.from_pylist(results, schema=RESULT)]).sort_by(order)
    ledgers.replace_parquet(table, path)


def _path(home: Home) -> Any:
    return home.ops / "check_result.parquet"
