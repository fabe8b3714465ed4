"""A small lake for the Spark ring, made as a site's lake is made: sample files, ledger, ingestion.

Few days and subscriptions: Spark's cost here is per query and partition, not per row.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa

from orchestration import board, closing, contracts, deliveries, ingest, ledger, privacy, quality, settings
from orchestration.estimates import refresh, store
from orchestration.sample_operator import write_sample

MEASURED_DAYS = 4  # 15-minute counters are nine rows in ten of the sample; some days of them are enough
JUDGED = ("billing__payment", "billing__bill")  # feeds whose quality is judged, so that ops has check results


def make_lake(root: Path, *, subscribers: int, months: int) -> Path:
    """Writes a sample below `root`, brings it into the lake, and returns the lake."""
    home = settings.Home(root, settings.REPO / "data_contracts", root / "landing", root / "lake")
    known = contracts.load_all(home.contracts)
    write_sample(home.landing, root / "truth", contracts=known, subscribers=subscribers, months=months, seed=11)
    _drop_measurements(home.landing, known["network__measurement"])
    privacy.secret(home, create=True)
    with ledger.Ledger(home.ledger) as book:
        for contract_id, days in _by_contract(deliveries.settle(home, known, book)).items():
            ingest.ingest(home, known[contract_id], days, book)
    for contract_id in JUDGED:
        quality.judge(home, known[contract_id])
    ingest.ensure_schema_partitions(home, known.values())
    _close_january(home)
    _estimate_january(home)
    ledger.export(home)
    board.export(home, known)
    closing.export(home)
    return home.lake


def _close_january(home: settings.Home) -> None:
    """Closed and restated with a figure nobody counted, so that what is read of closed months has rows."""
    for kind, numerator in {"close": Decimal(1), "restate": Decimal(2)}.items():
        figures = [
            {"period_type": "day", "kpi_id": "K02", "definition_version": 1, "breakdown_code": "ALL",
             "rollup_code": "sum", "org_level_code": level, "org_id": "?", "is_in_force": True, "status_code": "final",
             "numerator": numerator, "kpi_value": float(numerator), "period_start": date(2026, 1, 5),
             "period_end": date(2026, 1, 5)}
            for level in ("CITY", "PROVINCE", "HQ")
        ]
        taken = closing.Snapshot("2026-01", 1, "", 0, pa.Table.from_pylist(figures, closing.FIGURES),
                                 closing.FILES.empty_table())
        closing.keep(home, taken, kind, "a restatement of the sample")


def _estimate_january(home: settings.Home) -> None:
    """Estimates that nobody made, so that the marts over them have rows; every fifth subscription has no figure."""
    store.prepare(home, refresh.TABLES)
    month = date(2026, 1, 1)
    people = pl.scan_parquet(home.raw / "billing__subscription" / "file_date=2026-01-*" / "*.parquet").select(
        pl.col("subscription_id").unique().sort()).collect().with_row_index("number")
    is_ok = pl.col("number") % 5 > 0
    chance = pl.when(is_ok).then((pl.col("number") % 97 + 1) / 1000)
    rows = people.with_columns(
        pl.when(is_ok).then(pl.lit("ok")).otherwise(pl.lit("low_n")).alias("status"), chance.alias("estimate"),
        (chance / 2).alias("ci_low"), (chance * 2).alias("ci_high"), pl.lit(0.95).alias("ci_level"),
        chance.alias("p_unknown"), (pl.col("number") % 7 == 0).alias("is_alert"),
        pl.when(is_ok).then(pl.lit("1.50")).cast(pl.Decimal(18, 2)).alias("net_value_amt"),
        pl.lit("leave").alias("action_code"), pl.lit(False).alias("is_control"),
        pl.lit("sample").alias("model_version"))
    told = pl.DataFrame({"tenure_months": [3], "churn_kind_code": ["(any)"], "section": ["training"],
                         "item": ["status"], "model_version": ["sample"], "status": ["ok"], "estimate": [0.5],
                         "ci_low": [0.4], "ci_high": [0.6], "component_code": ["VOICE"], "kind_code": ["cross"],
                         "margin_code": ["usage"], "design_code": ["two_way"], "price_change": [-0.1],
                         "volume_change": [0.1], "revenue_change": [0.0]})
    customers = _customers(home)
    for table, columns in refresh.TABLES.items():
        found = rows if "subscription_id" in columns.names else customers if "customer_id" in columns.names else told
        store.write(home, table, columns, month, found, "the sample")


def _customers(home: settings.Home) -> pl.DataFrame:
    """Estimates of the same kind for customers: value, segments and what was expected of them."""
    people = pl.scan_parquet(home.raw / "billing__customer" / "file_date=2026-01-*" / "*.parquet").select(
        pl.col("customer_id").unique().sort()).collect().with_row_index("number")
    is_ok = pl.col("number") % 5 > 0
    amount = pl.when(is_ok).then(pl.col("number") % 97 + 1).cast(pl.Decimal(18, 2))
    return people.with_columns(
        pl.when(is_ok).then(pl.lit("ok")).otherwise(pl.lit("low_n")).alias("status"), pl.lit(0.99).alias("retention"),
        *(amount.alias(name) for name in ("estimate", "ci_low", "ci_high", "expected_amt", "expected_low_amt",
                                          "expected_high_amt", "margin_amt", "class_from_amt")),
        pl.lit("low").alias("value_class_code"), (pl.col("number") % 10 + 1).alias("decile"),
        pl.lit("111").alias("rfm_cell"), pl.lit(36).alias("horizon_months"), pl.lit(0.99).alias("monthly_discount"),
        pl.lit(9.0).alias("expected_periods"), (pl.col("number") % 3).alias("segment_number"),
        pl.lit("sample").alias("segment_label"), pl.lit("sample").alias("scheme_version"),
        pl.lit(False).alias("is_break"), pl.lit("ok").alias("peers_status"))


def _drop_measurements(landing: Path, contract: contracts.Contract) -> None:
    names = {path: match for path in landing.rglob("*") if (match := contract.file_pattern.match(path.name))}
    days = sorted({match["period"][:8] for match in names.values()})
    for path, match in names.items():
        if match["period"][:8] not in days[:MEASURED_DAYS]:
            path.unlink()


def _by_contract(stale: list[tuple]) -> dict[str, list]:
    found: dict[str, list] = {}
    for contract_id, day in stale:
        found.setdefault(contract_id, []).append(day)
    return found
