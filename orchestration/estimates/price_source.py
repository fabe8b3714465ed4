"""What the price analysis reads of the working database, and a digest of it by month. Calculates nothing.

The panel comes in two forms: cells (offer, segment and city) and offers, which set the prices.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

PANEL = "features.feature_price_month"
NEEDS = (PANEL,)
PARAMETERS = ("price_event_months", "price_event_least", "price_what_if_level_pct")
COMPONENTS = ("VOICE", "SMS", "DATA")
CELL = ["offer_id", "segment_code", "org_id"]
ORDER = ["component_code", *CELL, "as_of_month"]
SUMS = ("quantity", "subscription_count", "before_count", "left_count", "rated_amt", "call_count", "rival_call_count")
ALL = "ALL"


@dataclass(frozen=True)
class Source:
    """panel: the rows of feature_price_month with numbers for decimals; parameters by code."""

    panel: pl.DataFrame
    parameters: dict[str, float]

    def cells(self, component: str, month: date) -> pl.DataFrame:
        """One row per cell and month up to `month`, with `unit`, use per subscription and what the cell weighs."""
        rows = self.panel.filter(pl.col("component_code") == component, pl.col("as_of_month") <= month)
        return _measured(rows.with_columns(unit=pl.concat_str(CELL, separator="|")))

    def offers(self, component: str, month: date) -> pl.DataFrame:
        """The same, one row per offer and month."""
        rows = self.panel.filter(pl.col("component_code") == component, pl.col("as_of_month") <= month)
        same = [name for name in rows.columns if name not in {*SUMS, *CELL, "as_of_month"}]
        summed = rows.group_by("offer_id", "as_of_month").agg(pl.col(SUMS).sum(), pl.col(same).first())
        return _measured(summed.sort("offer_id", "as_of_month").with_columns(unit="offer_id"))


def _measured(rows: pl.DataFrame) -> pl.DataFrame:
    """use: quantity per subscription × mean subscriptions of the unit, so that a Poisson regression weighs a unit by
    its size. stayed: chained share of subscriptions that did not leave. chosen: chained growth of those that stayed by
    people coming from and going to other offers and nowhere. Quantity ÷ the first one is use × stayed × chosen."""
    people, before = pl.col("subscription_count"), pl.col("before_count")
    kept = before - pl.col("left_count")
    is_first = pl.col("as_of_month") == pl.col("as_of_month").min().over("unit")
    known = (before > 0) & (kept > 0)
    steps = rows.with_columns(
        use=pl.when(people > 0).then(pl.col("quantity") / people * people.mean().over("unit")),
        stayed=pl.when(is_first).then(0.0).when(known).then((kept / before).log()),
        chosen=pl.when(is_first).then(0.0).when(known & (people > 0)).then((people / kept).log()))
    return steps.with_columns(pl.col(name).cum_sum().over("unit", order_by="as_of_month").exp()
                              * pl.when(pl.col(name).is_null().cum_max().over("unit", order_by="as_of_month"))
                              .then(None).otherwise(1.0) for name in ("stayed", "chosen"))


def marks(warehouse: duckdb.DuckDBPyConnection, code: str) -> dict[date, str]:
    """By as-of month: a digest of all that its estimates follow from, the months before among it."""
    rows = warehouse.execute(f"select as_of_month, count(*), sum(hash(row_))::varchar from {PANEL} as row_"
                             " group by all order by 1").fetchall()
    said, found = hashlib.sha256(repr((code, sorted(_parameters(warehouse).items()))).encode()), {}
    for month, *what in rows:
        said.update(repr((str(month), *what)).encode())
        found[month] = said.hexdigest()
    return found


def read(warehouse: duckdb.DuckDBPyConnection) -> Source:
    panel = warehouse.execute(f"select * from {PANEL} order by {', '.join(ORDER)}").pl()
    decimals = [name for name, kind in panel.schema.items() if kind.is_decimal()]
    return Source(panel.with_columns(pl.col(decimals).cast(pl.Float64)), _parameters(warehouse))


def _parameters(warehouse: duckdb.DuckDBPyConnection) -> dict[str, float]:
    return dict(warehouse.execute(f"""select parameter_code, parameter_value::double from reference.parameters
        where valid_to = date '9999-12-31' and parameter_code in {PARAMETERS} order by 1""").fetchall())
