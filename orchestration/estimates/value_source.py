"""What the value analysis reads of the working database, and a digest of it by month. Calculates nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

FEATURES = "features.feature_customer_month"
NEEDS = (FEATURES,)
PARAMETERS = ("value_horizon_months", "value_high_pct", "value_medium_pct", "segment_scheme_months", "watch_mad_count",
              "churn_discount_pct")


@dataclass(frozen=True)
class Source:
    """Everything that the analysis reads: one row per customer and billed month, decimals as numbers; parameters as
    they stand at the end of each month."""

    features: pl.DataFrame
    parameters: dict[date, dict[str, float]]

    def until(self, month: date) -> pl.DataFrame:
        """What was so by the end of the month."""
        return self.features.filter(pl.col("as_of_month") <= month)

    def active(self, month: date) -> pl.DataFrame:
        """The customers with a subscription that counts at the end of the month."""
        return self.features.filter((pl.col("as_of_month") == month) & pl.col("is_active"))


def marks(warehouse: duckdb.DuckDBPyConnection, code: str) -> dict[date, str]:
    """By month: a digest of all that its estimates follow from, which is the month and everything before it."""
    rows = warehouse.execute(f"""select as_of_month, count(*), sum(hash(row_))::varchar from {FEATURES} as row_
        group by all order by all""").fetchall()
    rules, found, seen = _parameters(warehouse), {}, []
    for month, *said in rows:
        seen.append((str(month), *said, sorted(rules[month].items())))
        found[month] = hashlib.sha256(repr((code, seen)).encode()).hexdigest()
    return found


def read(warehouse: duckdb.DuckDBPyConnection) -> Source:
    features = warehouse.execute(f"select * from {FEATURES} order by as_of_month, customer_id").pl()
    decimals = [name for name, kind in features.schema.items() if kind.is_decimal()]
    return Source(features.with_columns(pl.col(decimals).cast(pl.Float64)), _parameters(warehouse))


def _parameters(warehouse: duckdb.DuckDBPyConnection) -> dict[date, dict[str, float]]:
    """By month: each parameter as it stands on the last day. A new value counts from its month on."""
    rows = warehouse.execute(f"""select as_of_month, parameter_code, parameter_value::double
        from (select as_of_month, max(as_of_date) as as_of_date from {FEATURES} group by all) as months
        inner join reference.parameters on as_of_date >= valid_from and as_of_date < valid_to
            and parameter_code in {PARAMETERS} order by 1, 2""").fetchall()
    found: dict[date, dict[str, float]] = {}
    for month, code, value in rows:
        found.setdefault(month, {})[code] = value
    return found
