"""Each price change by itself: use before and after, against those whose price stayed. Cells, and whole offers.

The month of a change within the month belongs to neither side.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from orchestration.estimates.churn_source import shifted
from orchestration.estimates.price_source import ALL, COMPONENTS, Source

SCHEMA = {"component_code": pl.String, "segment_code": pl.String, "org_id": pl.String, "offer_id": pl.String,
          "changed_on": pl.Date, "window_months": pl.Int64, "status": pl.String}


def events(source: Source, month: date) -> pl.DataFrame:
    """One row per price change, segment and city, and one for the whole offer (ALL)."""
    made = [pl.DataFrame(schema=SCHEMA)]
    for component in COMPONENTS:
        cells, offers = source.cells(component, month), source.offers(component, month)
        whole = offers.with_columns(segment_code=pl.lit(ALL), org_id=pl.lit(ALL))
        for offer, changed_on in changes(offers):
            for rows in (cells, whole):
                made.append(_event(source, rows, component, offer, changed_on))
    return pl.concat(made, how="diagonal_relaxed")


def changes(offers: pl.DataFrame) -> list[tuple[str, date]]:
    """Offer and day of every price change of a component that is known."""
    known = offers.filter(pl.col("price_changed_on").is_not_null())
    return known.select("offer_id", "price_changed_on").unique().sort("offer_id", "price_changed_on").rows()


def months_of(changed_on: date, window: int) -> tuple[list[date], list[date]]:
    """The months before and after a change; its own month is after it if it began with it, else neither."""
    first = changed_on.replace(day=1)
    after = first if changed_on.day == 1 else shifted(first, 1)
    return [shifted(first, -back) for back in range(window, 0, -1)], [shifted(after, on) for on in range(window)]


def _event(source: Source, rows: pl.DataFrame, component: str, offer: str, changed_on: date) -> pl.DataFrame:
    from orchestration.analytics import price_elasticity as pe

    window = int(source.parameters["price_event_months"])
    before, after = months_of(changed_on, window)
    number = {month: place for place, month in enumerate([*before, *after])}
    near = rows.filter(pl.col("as_of_month").is_in(list(number)), pl.col("unit_price_amt") > 0).with_columns(
        per_subscription=pl.when(pl.col("subscription_count") > 0).then(
            pl.col("quantity") / pl.col("subscription_count")),
        place=pl.col("as_of_month").replace_strict(number, return_dtype=pl.Int64))
    scope = near.filter(pl.col("offer_id") == offer).select("unit", "segment_code", "org_id").unique().sort("unit")
    found = pe.price_events(near, quantity="per_subscription", price="unit_price_amt", unit="unit", period="place",
                            window=window, least_comparison=int(source.parameters["price_event_least"]))
    found = found.filter(pl.col("period") == window)
    told = scope.join(found, on="unit", how="left").join(_effective(near, window), on="unit", how="left")
    return told.with_columns(
        pl.lit(component).alias("component_code"), pl.lit(offer).alias("offer_id"),
        pl.lit(changed_on).alias("changed_on"), pl.lit(window).cast(pl.Int64).alias("window_months"),
        pl.col("status").fill_null("low_n"),
        pl.col("identification").fill_null(f"too few rows: {window} months before and after are needed"),
        pl.col("comparison_units").alias("n_obs"), pl.col("price_before").alias("price_before_amt"),
        pl.col("price_after").alias("price_after_amt"))


def _effective(near: pl.DataFrame, window: int) -> pl.DataFrame:
    """What a unit of use really cost on either side: rated ÷ quantity, a second measure and never the price."""
    sides = [pl.col(name).filter((pl.col("place") >= window) == is_after).sum().alias(f"{name}_{is_after}")
             for name in ("rated_amt", "quantity") for is_after in (False, True)]
    ratio = [(pl.col(f"rated_amt_{is_after}") / pl.col(f"quantity_{is_after}").replace(0.0, None)).alias(
        f"effective_price_{name}_amt") for is_after, name in ((False, "before"), (True, "after"))]
    return near.group_by("unit").agg(sides).select("unit", *ratio)
