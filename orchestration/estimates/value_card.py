"""What the value estimates rest on: survivors and the curve fitted to them, how the curve did on months it did not see,
how much lies with how few, and whether segments stay.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from orchestration.analytics.lifetime_value import Curve

MODELS = ("sbg", "bdw")
BETTER = 2.0  # of the information criterion, for the longer model
HELD_OUT = 3  # months that the curve is tested on
POINTS = 50  # of the Lorenz curve
SHOWN = 60  # months of age of the retention curve

_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
TABLES = {
    "value_model_card": pa.schema([
        ("model_version", _TEXT), ("section", _TEXT), ("item", _TEXT), ("place", _NUMBER), ("estimate", _NUMBER),
        ("ci_low", _NUMBER), ("ci_high", _NUMBER), ("ci_level", _NUMBER), ("n_obs", _COUNT), ("detail", _TEXT),
        ("status", _TEXT)]),
}
CARD = {"section": pl.String, "item": pl.String, "place": pl.Float64, "estimate": pl.Float64, "ci_low": pl.Float64,
        "ci_high": pl.Float64, "ci_level": pl.Float64, "n_obs": pl.Int64, "detail": pl.String, "status": pl.String}


def survivors(known: pl.DataFrame) -> pl.DataFrame:
    """One row per cohort (month of joining and first month seen) and age: customers active without a break since.

    Months before a gap in the bills do not count: nobody can tell who stayed over it.
    """
    number = pl.col("as_of_month").dt.year().cast(pl.Int64) * 12 + pl.col("as_of_month").dt.month()
    rows = known.filter("is_active").select("customer_id", "age_months", number.alias("number"))
    months = rows["number"].unique().sort()
    gaps = months.filter(months.diff().fill_null(1) > 1)
    rows = rows.filter(pl.col("number") >= (gaps[-1] if len(gaps) else 0), pl.col("age_months") >= 0)
    first = pl.col("number").min().over("customer_id")
    place = pl.col("number").rank("ordinal").over("customer_id").cast(pl.Int64) - 1
    there = rows.with_columns(first.alias("first"), (pl.col("number") - place).alias("run")).filter(
        pl.col("run") == pl.col("first"))
    start = pl.col("age_months").min().over("customer_id").alias("start")
    counted = there.with_columns(start).group_by("first", "start", "number").agg(pl.len().alias("survivors"))
    grid = counted.select("first", "start").unique().join(months.to_frame(), how="cross").filter(
        pl.col("number") >= pl.col("first"))
    return grid.join(counted, on=["first", "start", "number"], how="left").select(
        pl.format("{}-{}", "first", "start").alias("cohort"), pl.col("survivors").fill_null(0).cast(pl.Int64),
        (pl.col("start") + pl.col("number") - pl.col("first")).alias("period")).sort("cohort", "period")


def curve(table: pl.DataFrame, models: tuple[str, ...] = MODELS) -> Curve | None:
    """The curve whose information criterion is best, the shorter model unless the longer is better by 2; None where no
    customer was seen twice."""
    from orchestration.analytics import lifetime_value

    if table.is_empty() or table["cohort"].n_unique() == table.height:
        return None
    fitted = [lifetime_value.fit_retention(table, model=model, cohort="cohort") for model in models]
    best = fitted[0]
    for one in fitted[1:]:
        if one.status == "ok" and (best.status != "ok" or _criterion(one) < _criterion(best) - BETTER):
            best = one
    return best


def version(fitted: Curve | None) -> str:
    """The same for the same curve, and for no other."""
    said = None if fitted is None else (fitted.model, [round(float(each), 6) for each in fitted.point], fitted.n_obs)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def card(table: pl.DataFrame, fitted: Curve | None, active: pl.DataFrame, values: pl.DataFrame,
         scheme: pl.DataFrame) -> pl.DataFrame:
    """One row per section and item, with `place` where items are in an order."""
    parts = [_retention(table, fitted), _back_test(table, fitted), _concentration(active), _overlap(active, values),
             _segments(scheme)]
    rows = pl.concat([part.select(pl.col(name).cast(kind) if name in part.columns else pl.lit(None, kind).alias(name)
                                  for name, kind in CARD.items()) for part in parts if part is not None])
    figures = pl.col("estimate", "ci_low", "ci_high")
    return rows.with_columns(pl.when(pl.col("status") == "ok").then(figures), pl.lit(version(fitted)).alias(
        "model_version"))


def _criterion(one: Curve) -> float:
    return 2 * len(one.point) - 2 * one.log_likelihood


def _retention(table: pl.DataFrame, fitted: Curve | None) -> pl.DataFrame:
    from orchestration.analytics import lifetime_value

    if fitted is None:
        return pl.DataFrame({"section": ["retention"], "item": ["model"], "detail": ["none: nobody was seen twice"],
                             "status": ["low_n"]})
    facts = pl.DataFrame({"section": ["retention"], "item": ["model"], "n_obs": [fitted.n_obs],
                          "detail": [f"{fitted.model}, {fitted.leavers} left"
                                     + (f"; {fitted.reason}" if fitted.reason else "")],
                          "estimate": [float(fitted.leavers)], "status": [fitted.status]})
    named = lifetime_value.parameters(fitted).with_columns(
        pl.lit("parameter").alias("section"), pl.col("parameter").alias("item"))
    shape = lifetime_value.points(fitted, SHOWN).with_columns(
        pl.lit("survival").alias("section"), pl.format("month {}", "period").alias("item"),
        pl.col("period").alias("place"), pl.col("survival").alias("estimate"))
    return pl.concat([facts, named, shape], how="diagonal_relaxed")


def _back_test(table: pl.DataFrame, fitted: Curve | None) -> pl.DataFrame:
    """Customers there at the beginning of the last months: how many stayed, and how many the curve without these months
    says. All cohorts together, because each is small."""
    import numpy as np

    ages = table.group_by("cohort").agg(pl.col("period").min().alias("start"), pl.len().alias("months"))
    most = ages["months"].max() if ages.height else 0
    if fitted is None or most < HELD_OUT + 3:
        return pl.DataFrame({"section": ["back_test"], "item": ["stayed"], "status": ["low_n"], "detail": [
            f"needs {HELD_OUT + 3} months of bills"]})
    rows = table.join(ages, on="cohort").with_columns((pl.col("period") - pl.col("start")).alias("seen"))
    last = most - 1 - HELD_OUT
    # a cohort that was first seen later has fewer months: its last ones are held out all the same
    cut = pl.col("months") - 1 - HELD_OUT
    learnt = curve(rows.filter(pl.col("seen") <= cut, cut >= 1).select(table.columns), (fitted.model,))
    if learnt is None or learnt.status != "ok":
        return pl.DataFrame({"section": ["back_test"], "item": ["stayed"], "status": ["low_n"],
                             "detail": ["too few left in the months before"]})
    held = rows.filter(pl.col("months") - 1 >= HELD_OUT, pl.col("seen") >= cut).sort("cohort", "seen")
    starts = held.group_by("cohort", maintain_order=True).agg(
        pl.col("survivors").first().alias("began"), pl.col("survivors").last().alias("stayed"),
        pl.col("period").first().alias("age"))
    age, began = starts["age"].to_numpy(), starts["began"].to_numpy()
    chance = learnt.survival(age + HELD_OUT) / learnt.survival(age)
    expected, spread = float(chance @ began), float(np.sqrt((chance * (1 - chance)) @ began))
    total, stayed = float(began.sum()), float(starts["stayed"].sum())
    return pl.DataFrame({
        "section": ["back_test"] * 2, "item": ["stayed", "expected"], "n_obs": [int(total)] * 2, "ci_level": [0.95] * 2,
        "estimate": [stayed / total, expected / total], "ci_low": [None, (expected - 1.96 * spread) / total],
        "ci_high": [None, min((expected + 1.96 * spread) / total, 1.0)], "status": ["ok"] * 2,
        "detail": [f"share of those there who were still there {HELD_OUT} months later",
                   f"the same by the curve of the {last} months before"]})


def _concentration(active: pl.DataFrame) -> pl.DataFrame | None:
    from orchestration.analytics import customer_value

    if active.is_empty():
        return None
    found = customer_value.pareto(active, value="revenue_amt").with_columns(
        pl.lit("concentration").alias("section"), pl.col("metric").alias("item"))
    drawn = customer_value.lorenz(active, value="revenue_amt", points=POINTS).with_columns(
        pl.lit("lorenz").alias("section"), pl.format("best {}", pl.col("row_share").round(4)).alias("item"),
        pl.col("row_share").alias("place"), pl.col("value_share").alias("estimate"), pl.lit("ok").alias("status"),
        pl.lit(active.height).alias("n_obs"))
    return pl.concat([found, drawn], how="diagonal_relaxed")


def _overlap(active: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame | None:
    """How many of the best fifth by spend are among the best fifth by lifetime value."""
    if values.is_empty() or "estimate" not in values.columns or values["estimate"].null_count() == values.height:
        return pl.DataFrame({"section": ["overlap"], "item": ["top_20_by_spend_and_value"], "status": ["low_n"]})
    both = active.select("customer_id", "revenue_amt").join(values.select("customer_id", "estimate"), on="customer_id")
    count = max(both.height // 5, 1)
    spend, worth = (set(both.sort(pl.col(name), "customer_id", descending=[True, False], nulls_last=True).head(count)[
        "customer_id"]) for name in ("revenue_amt", "estimate"))
    return pl.DataFrame({"section": ["overlap"], "item": ["top_20_by_spend_and_value"], "n_obs": [count],
                         "estimate": [len(spend & worth) / count], "status": ["ok"]})


def _segments(scheme: pl.DataFrame) -> pl.DataFrame | None:
    if scheme.is_empty():
        return None
    return scheme.filter(pl.col("segment_number") > 0).select(
        pl.lit("segment").alias("section"), pl.col("segment_label").alias("item"),
        pl.col("segment_number").alias("place"), pl.col("jaccard").alias("estimate"), "n_obs", "status",
        pl.col("reason").alias("detail"))
