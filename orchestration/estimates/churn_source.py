"""What the churn analysis reads of the working database, and a digest of it by month. Calculates nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

FEATURES, LABELS = "features.feature_churn_month", "features.feature_churn_label"
RETENTION = "features.feature_retention_list"  # not there when theme marketing is off
NEEDS = (FEATURES, LABELS)
PARAMETERS = ("churn_alert_count", "churn_loss_months", "churn_discount_pct", "churn_stale_months",
              "retention_contact_amt", "retention_count", "retention_control_pct")
KEYS = ["subscription_id", "as_of_month"]
CAMPAIGN = {"subscription_id": pl.String, "as_of_month": pl.Date, "is_treated": pl.Boolean, "is_left": pl.Boolean,
            "outcome_to": pl.Date}


@dataclass(frozen=True)
class Source:
    """Everything that the analysis reads. Decimals are numbers here; money leaves as decimals again.

    features: one row per subscription and as_of_month; labels: the same keys, is_left, churn_kind_code, label_from,
    label_to; campaigns: as CAMPAIGN; both only where the outcome is known. families: feature -> family of reasons.
    """

    features: pl.DataFrame
    labels: pl.DataFrame
    campaigns: pl.DataFrame
    families: dict[str, str]
    parameters: dict[str, float]

    def known_labels(self, month: date) -> pl.DataFrame:
        """Labels whose months are over by the end of `month`, with the features of their as-of month."""
        return self.labels.filter(pl.col("label_to") <= shifted(month, 1)).join(self.features, on=KEYS)

    def known_campaigns(self, month: date) -> pl.DataFrame:
        """The same of retention lists."""
        return self.campaigns.filter(pl.col("outcome_to") <= shifted(month, 1)).join(self.features, on=KEYS)

    def filled(self, rows: pl.DataFrame) -> list[str]:
        """The features that are known in some row: those of a theme that is off are not."""
        return [name for name in self.families if rows[name].null_count() < rows.height]

    @property
    def monthly_discount(self) -> float:
        return (1 + self.parameters["churn_discount_pct"] / 100) ** (-1 / 12)


def marks(warehouse: duckdb.DuckDBPyConnection, code: str) -> dict[date, str]:
    """By as-of month: a digest of all that its estimates follow from."""
    parts = [f"select as_of_month, as_of_month + interval 1 month, 'features', count(*), sum(hash(row_))::varchar"
             f" from {FEATURES} as row_ group by all",
             f"select as_of_month, label_to, 'labels', count(*), sum(hash(row_))::varchar"
             f" from {LABELS} as row_ where is_left is not null group by all"]
    if _has_campaigns(warehouse):
        parts.append(f"select as_of_month, outcome_to, 'campaigns', count(*), sum(hash(row_))::varchar"
                     f" from {RETENTION} as row_ where is_left is not null group by all")
    hashed = defaultdict(list)
    for month, known_by, *what in warehouse.execute(" union all ".join(parts) + " order by all").fetchall():
        hashed[known_by.date()].append((str(month), *what))
    rules = repr((code, sorted(_parameters(warehouse).items()), sorted(_families(warehouse).items())))
    months = [month for (month,) in warehouse.execute(f"select distinct as_of_month from {FEATURES}").fetchall()]
    said = {month: sorted(row for known_by, rows in hashed.items() if known_by <= shifted(month, 1) for row in rows)
            for month in months}
    return {month: hashlib.sha256((rules + repr(rows)).encode()).hexdigest() for month, rows in said.items()}


def read(warehouse: duckdb.DuckDBPyConnection) -> Source:
    families = _families(warehouse)
    names = ", ".join(dict.fromkeys((*KEYS, *families, "tenure_months", "mean_bill_amt")))
    features = warehouse.execute(f"select {names} from {FEATURES} order by as_of_month, subscription_id").pl()
    labels = warehouse.execute(f"""select subscription_id, as_of_month, is_left, churn_kind_code, label_from, label_to
        from {LABELS} where is_left is not null order by as_of_month, subscription_id""").pl()
    campaigns = pl.DataFrame(schema=CAMPAIGN)
    if _has_campaigns(warehouse):
        campaigns = warehouse.execute(f"""select {', '.join(CAMPAIGN)} from {RETENTION}
            where is_left is not null order by as_of_month, subscription_id""").pl()
    decimals = [name for name, kind in features.schema.items() if kind.is_decimal()]
    return Source(features.with_columns(pl.col(decimals).cast(pl.Float64)), labels, campaigns, families,
                  _parameters(warehouse))


def shifted(month: date, months: int) -> date:
    """The first day of the month some months later, or earlier."""
    years, number = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(years, number + 1, 1)


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _families(warehouse: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(warehouse.execute(
        "select feature_name, reason_family_code from reference.churn_features order by 1").fetchall())


def _parameters(warehouse: duckdb.DuckDBPyConnection) -> dict[str, float]:
    return dict(warehouse.execute(f"""select parameter_code, parameter_value::double from reference.parameters
        where valid_to = date '9999-12-31' and parameter_code in {PARAMETERS} order by 1""").fetchall())


def _has_campaigns(warehouse: duckdb.DuckDBPyConnection) -> bool:
    return bool(warehouse.execute("select count(*) from duckdb_tables() where schema_name || '.' || table_name = ?",
                                  (RETENTION,)).fetchone()[0])
