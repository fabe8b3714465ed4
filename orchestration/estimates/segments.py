"""Segments of behaviour by month under a scheme that stays frozen, and who moved between them.

A scheme is made of the first month that has enough customers, and again when it has served its time; the months between
use its record. A month in which the scheme is new compares with the month before under the new one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from orchestration.estimates.churn_source import months_between, shifted
from orchestration.estimates.value_source import Source

if TYPE_CHECKING:
    from orchestration.analytics.customer_value import Scheme

FEATURES = ["revenue", "voice", "data", "circle", "services"]
MB = 1024 * 1024

_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
TABLES = {
    "customer_segment": pa.schema([
        ("customer_id", _TEXT), ("segment_number", _COUNT), ("segment_label", _TEXT), ("distance", _NUMBER),
        ("second_segment_number", _COUNT), ("assignment_confidence", _NUMBER), ("status", _TEXT),
        ("scheme_version", _TEXT)]),
    "segment_scheme": pa.schema([
        ("scheme_version", _TEXT), ("made_of_month", pa.date32()), ("segment_number", _COUNT),
        ("segment_label", _TEXT), ("share", _NUMBER), ("jaccard", _NUMBER), ("status", _TEXT), ("reason", _TEXT),
        ("n_obs", _COUNT), ("features", _TEXT), ("record", _TEXT)]),
    "segment_migration": pa.schema([
        ("scheme_version", _TEXT), ("from_segment_number", _COUNT), ("to_segment_number", _COUNT),
        ("customer_count", _COUNT), ("from_count", _COUNT), ("share", _NUMBER)]),
}
Earlier = Callable[[str, date], pl.DataFrame | None]


def estimate(source: Source, month: date, earlier: Earlier) -> dict[str, pl.DataFrame]:
    """The tables of one month; without a row where nobody is active."""
    now = features(source.active(month))
    if now.is_empty():
        return {table: pl.DataFrame(schema={columns.names[0]: pl.String}) for table, columns in TABLES.items()}
    from orchestration.analytics import customer_value

    scheme, made = _scheme(source, month, now, earlier)
    after = customer_value.assign(scheme, now)
    rows = features(source.active(shifted(month, -1)))
    before = customer_value.assign(scheme, rows) if rows.height else after.clear()
    moved = customer_value.migration(before, after, entity="customer_id").rename(
        {"from_segment": "from_segment_number", "to_segment": "to_segment_number", "entities": "customer_count",
         "from_total": "from_count"}) if rows.height else pl.DataFrame(schema={"scheme_version": pl.String})
    names = {"segment": "segment_number", "second_segment": "second_segment_number"}
    told = customer_value.segments(scheme).rename({"segment": "segment_number"}).with_columns(
        pl.lit(made).alias("made_of_month"), pl.lit(scheme.reason).alias("reason"),
        pl.lit(json.dumps(customer_value.as_record(scheme))).alias("record"))
    return {"customer_segment": after.rename(names), "segment_scheme": told,
            "segment_migration": moved.with_columns(pl.lit(scheme.version).alias("scheme_version"))}


def features(rows: pl.DataFrame) -> pl.DataFrame:
    """What customers are grouped by, a month: yuan, minutes of own calls, megabytes, numbers in touch, services. The
    names stand in the labels of segments, as in "high data, no voice"."""
    return rows.select(
        "customer_id", pl.col("mean_revenue_amt").alias("revenue"), pl.col("originated_minutes").alias("voice"),
        (pl.col("volume_bytes") / MB).alias("data"), pl.col("circle_count").alias("circle"),
        pl.col("service_count").alias("services"))


def _scheme(source: Source, month: date, now: pl.DataFrame, earlier: Earlier) -> tuple[Scheme, date]:
    """The scheme of the month before as long as it lasts, else one made of this month; and the month it was made of."""
    from orchestration.analytics import customer_value

    last = earlier("segment_scheme", shifted(month, -1))
    if last is not None and last.height:
        made, record = last["made_of_month"][0], json.loads(last["record"][0])
        is_young = months_between(made, month) < source.parameters[month]["segment_scheme_months"]
        if is_young and record["status"] != "low_n" and record["features"] == FEATURES:
            return customer_value.from_record(record), made
    return customer_value.segment(now, features=FEATURES, entity="customer_id"), month
