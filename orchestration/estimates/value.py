"""What customers are still worth, in which segment they are, and what key customers were expected to spend.

Only what was so by the end of a month has a part in its estimates. How things are estimated is said in
`orchestration.analytics`; here is which rows and parameters it gets. Segments are in `segments`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from orchestration.estimates import segments, value_card, value_source
from orchestration.estimates.value_source import Source

if TYPE_CHECKING:
    from orchestration.analytics.lifetime_value import Curve

NEEDS, marks, read = value_source.NEEDS, value_source.marks, value_source.read
PEERS = ["customer_class_code", "customer_type_code", "industry_code", "service_grade_code", "age_months",
         "subscription_count", "newest_network_count", "service_class_count", "vas_service_count", "record_count",
         "originated_minutes", "volume_bytes", "circle_count", "active_day_count"]
KEPT = 48  # months of spend that a watched account is looked at over

_TEXT, _NUMBER, _COUNT, _MONEY = pa.string(), pa.float64(), pa.int64(), pa.decimal128(18, 2)
TABLES = {
    "customer_value": pa.schema([
        ("customer_id", _TEXT), ("status", _TEXT), ("estimate", _MONEY), ("ci_low", _MONEY), ("ci_high", _MONEY),
        ("ci_level", _NUMBER), ("retention", _NUMBER), ("expected_periods", _NUMBER), ("margin_amt", _MONEY),
        ("age_months", _COUNT), ("horizon_months", _COUNT), ("monthly_discount", _NUMBER), ("method", _TEXT),
        ("peers_status", _TEXT), ("peers_low_amt", _MONEY), ("peers_high_amt", _MONEY), ("room_low_amt", _MONEY),
        ("room_high_amt", _MONEY), ("value_class_code", _TEXT), ("class_from_amt", _MONEY),
        ("value_percentile", _NUMBER), ("decile", _COUNT), ("recency_score", _COUNT), ("frequency_score", _COUNT),
        ("amount_score", _COUNT), ("rfm_cell", _TEXT), ("n_obs", _COUNT), ("model_version", _TEXT)]),
    **segments.TABLES,
    **value_card.TABLES,
    "key_account_watch": pa.schema([
        ("customer_id", _TEXT), ("status", _TEXT), ("actual_amt", _MONEY), ("expected_amt", _MONEY),
        ("expected_low_amt", _MONEY), ("expected_high_amt", _MONEY), ("season_factor", _NUMBER),
        ("mad_distance", _NUMBER), ("is_break", pa.bool_()), ("direction_code", _TEXT), ("n_history", _COUNT),
        ("mad_count", _NUMBER)]),
}
Earlier = Callable[[str, date], pl.DataFrame | None]
Say = Callable[[str], None]


def estimate(source: Source, month: date, earlier: Earlier, say: Say) -> dict[str, pl.DataFrame]:
    """The tables of one month. `earlier(table, month)` gives those of months before."""
    active, rules = source.active(month), source.parameters[month]
    say("retention and lifetime value")
    survivors = value_card.survivors(source.until(month))
    curve = value_card.curve(survivors)
    say("segments")
    found = segments.estimate(source, month, earlier)
    values = _values(active, curve, rules) if active.height else pl.DataFrame(schema={"customer_id": pl.String})
    say("card and watch")
    return {"customer_value": values, **found,
            "value_model_card": value_card.card(survivors, curve, active, values, found["segment_scheme"]),
            "key_account_watch": _watched(source.until(month), month, rules)}


def margin() -> pl.Expr:
    """The mean charges of a month less what serving costs where that is known: net revenue without a cost feed."""
    return pl.col("mean_revenue_amt") - pl.col("direct_cost_amt").cast(pl.Float64).fill_null(0.0)


def _values(active: pl.DataFrame, curve: Curve | None, rules: dict[str, float]) -> pl.DataFrame:
    """One row per active customer: lifetime value, what its peers spend, classes by rank."""
    from orchestration.analytics import customer_value, lifetime_value

    rows = active.with_columns(margin().alias("margin"))
    shares = {"high": rules["value_high_pct"] / 100, "medium": rules["value_medium_pct"] / 100}
    classes = customer_value.value_classes(rows, value="margin", shares=shares | {"low": 1 - sum(shares.values())})
    rfm = customer_value.rfm(rows, recency="days_since_own_use", frequency="active_day_count",
                             amount="mean_revenue_amt")
    tenths = customer_value.deciles(rows, value="margin").select("decile")
    peers = customer_value.potential(rows, value="mean_revenue_amt", features=PEERS, entity="customer_id").select(
        pl.col("status").alias("peers_status"), pl.col("peers_low").alias("peers_low_amt"),
        pl.col("peers_high").alias("peers_high_amt"), pl.col("potential_low").alias("room_low_amt"),
        pl.col("potential_high").alias("room_high_amt"))
    horizon, discount = int(rules["value_horizon_months"]), (1 + rules["churn_discount_pct"] / 100) ** (-1 / 12)
    if curve is None:
        worth = rows.select("customer_id").with_columns(
            status=pl.lit("low_n"), method=pl.lit("none")).drop("customer_id")
    else:
        worth = lifetime_value.lifetime_values(curve, rows, age="age_months", margin="margin", discount=discount,
                                               horizon=horizon).rename({"lifetime_value": "estimate"})
        worth = worth.select("estimate", "ci_low", "ci_high", "ci_level", "retention", "expected_periods", "status",
                             pl.col("model").alias("method"))
    told = pl.concat([rows.select("customer_id", "age_months", pl.col("margin").alias("margin_amt")), worth,
                      classes.select(pl.col("value_class").alias("value_class_code"),
                                     pl.col("class_from").alias("class_from_amt"),
                                     pl.col("percentile").alias("value_percentile")), tenths, rfm, peers],
                     how="horizontal")
    return money(told.with_columns(
        pl.lit(horizon).alias("horizon_months"), pl.lit(discount).alias("monthly_discount"),
        pl.lit(0 if curve is None else curve.n_obs).alias("n_obs"),
        pl.lit(value_card.version(curve)).alias("model_version")))


def _watched(known: pl.DataFrame, month: date, rules: dict[str, float]) -> pl.DataFrame:
    """One row per organisation and customer that was large in any month so far: what it was expected to spend."""
    from orchestration.analytics import customer_value

    number = pl.col("as_of_month").dt.year().cast(pl.Int64) * 12 + pl.col("as_of_month").dt.month()
    mine = known.filter(
        (pl.col("customer_class_code") == "organisation") | pl.col("is_large").any().over("customer_id"),
        pl.col("customer_id") != "?").with_columns(number.alias("number"))
    now = month.year * 12 + month.month
    mine = mine.filter(pl.col("number") > now - KEPT)
    if mine.filter(pl.col("number") == now).is_empty():
        return pl.DataFrame(schema={"customer_id": pl.String})
    found = customer_value.watch(mine, entity="customer_id", period="number", value="revenue_amt",
                                 k=rules["watch_mad_count"])
    return money(found.filter(pl.col("number") == now).select(
        "customer_id", "status", "is_break", "n_history", pl.col("revenue_amt").alias("actual_amt"),
        pl.col("expected").alias("expected_amt"), pl.col("expected_low").alias("expected_low_amt"),
        pl.col("expected_high").alias("expected_high_amt"), pl.col("season").alias("season_factor"),
        pl.col("distance").alias("mad_distance"), pl.col("direction").alias("direction_code"),
        pl.lit(rules["watch_mad_count"]).alias("mad_count")))


def money(frame: pl.DataFrame) -> pl.DataFrame:
    """Amounts leave as decimals, rounded to fen."""
    names = [name for name in frame.columns if name.endswith("_amt") or name in ("estimate", "ci_low", "ci_high")]
    return frame.with_columns(pl.col(names).round(2).cast(pl.Decimal(18, 2)))
