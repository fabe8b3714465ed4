"""Estimates of value over a planted panel: the curve is the planted one, schemes stay frozen, breaks are seen."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from orchestration.estimates import value, value_card
from orchestration.estimates.churn_source import shifted
from orchestration.estimates.value_source import Source

pytestmark = pytest.mark.slow

FIRST, MONTHS, PERSONS = date(2025, 1, 1), 14, 700
ALPHA, BETA = 1.0, 12.0
BROKEN = ("000003", 12)  # this organisation spends a fifth from that month on
RULES = {"value_horizon_months": 36.0, "value_high_pct": 20.0, "value_medium_pct": 30.0, "segment_scheme_months": 12.0,
         "watch_mad_count": 4.0, "churn_discount_pct": 10.0}


@pytest.fixture(scope="module")
def source() -> Source:
    """Three kinds of customers; each leaves with a chance of its own, drawn from a beta distribution."""
    random = np.random.default_rng(11)
    joined = random.integers(-6, 3, PERSONS)
    life = random.geometric(random.beta(ALPHA, BETA, PERSONS))
    joined[int(BROKEN[0])], life[int(BROKEN[0])] = -6, 100
    kind = np.arange(PERSONS) % 3
    size = np.exp(np.array([3.0, 4.5, 6.5])[kind] + 0.2 * random.normal(size=PERSONS))
    rows = []
    for number in range(MONTHS):
        here = (joined <= number) & (number - joined < life)
        noise = np.exp(0.05 * random.normal(size=PERSONS))
        factor = np.where((np.arange(PERSONS) == int(BROKEN[0])) & (number >= BROKEN[1]), 0.2, 1.0)
        month = shifted(FIRST, number)
        rows.append(pl.DataFrame({
            "customer_id": [f"{person:06}" for person in range(PERSONS)], "mean_revenue_amt": size * noise,
            "revenue_amt": size * noise * factor, "age_months": number - joined, "there": here,
            "originated_minutes": size * np.array([0.2, 3.0, 1.0])[kind] * noise,
            "volume_bytes": size * np.array([9e6, 2e5, 5e6])[kind] * noise,
            "circle_count": 5 + 20 * kind, "service_count": 1 + kind, "subscription_count": 1 + kind,
            "service_class_count": 1 + kind, "active_day_count": 20 + kind, "record_count": 30 * (1 + kind),
            "customer_class_code": np.where(kind == 0, "organisation", "public")}).filter("there").with_columns(
            pl.lit(month).alias("as_of_month"), pl.lit(shifted(month, 1) - timedelta(days=1)).alias("as_of_date")))
    frame = pl.concat(rows).with_columns(
        pl.lit(True).alias("is_active"), pl.lit(False).alias("is_large"),
        pl.lit(None, pl.Float64).alias("direct_cost_amt"), pl.lit(3).alias("days_since_own_use"),
        pl.lit("10").alias("customer_type_code"), pl.lit("x").alias("industry_code"),
        pl.lit("C").alias("service_grade_code"), pl.lit(0).alias("newest_network_count"),
        pl.lit(0).alias("vas_service_count"))
    return Source(frame, {shifted(FIRST, number): RULES for number in range(MONTHS)})


@pytest.fixture(scope="module")
def made(source: Source) -> dict[date, dict[str, pl.DataFrame]]:
    """The first two months, the one with the break, and the one in which the scheme has served its year."""
    found: dict[date, dict[str, pl.DataFrame]] = {}
    for number in range(MONTHS):
        month = shifted(FIRST, number)
        if number in (0, 1, 11, 12):
            found[month] = value.estimate(source, month, lambda table, of: found.get(of, {}).get(table),
                                          lambda text: None)
        else:  # the scheme alone is handed on
            found[month] = found[shifted(month, -1)]
    return found


def test_the_curve_of_the_estimates_is_the_planted_one(source):
    curve = value_card.curve(value_card.survivors(source.features))
    age = np.arange(1, 13)
    true = np.cumprod((BETA + age - 1) / (ALPHA + BETA + age - 1))
    assert curve.status == "ok" and np.abs(curve.survival(age) - true).max() < 0.06


def test_a_customer_who_was_away_is_not_followed_further_and_a_gap_in_the_bills_ends_what_is_known(source):
    some = source.features.filter(pl.col("customer_id").is_in(["000001"]))
    away = some.filter(pl.col("as_of_month") != some["as_of_month"].sort()[1])
    assert value_card.survivors(some)["survivors"].sum() >= value_card.survivors(away)["survivors"].sum()
    months = source.features.filter(pl.col("as_of_month") != shifted(FIRST, 5))
    assert value_card.survivors(months)["cohort"].str.split("-").list.first().cast(pl.Int64).min() == 2025 * 12 + 7


def test_lifetime_values_lie_in_their_intervals_and_rise_with_the_margin(made):
    found = made[shifted(FIRST, 12)]["customer_value"]
    assert set(found["status"]) == {"ok"} and found.select(
        ((pl.col("ci_low") <= pl.col("estimate")) & (pl.col("estimate") <= pl.col("ci_high"))).all()).item()
    shares = found["value_class_code"].value_counts(normalize=True)
    assert dict(shares.iter_rows())["high"] == pytest.approx(0.2, abs=0.01)


def test_a_scheme_stays_frozen_for_its_year_and_is_then_made_anew(made):
    version = {month: tables["segment_scheme"]["scheme_version"][0] for month, tables in made.items()}
    assert version[FIRST] == version[shifted(FIRST, 1)] == version[shifted(FIRST, 11)] != version[shifted(FIRST, 12)]
    first = made[FIRST]["segment_scheme"].filter(pl.col("segment_number") > 0)
    assert first.height == 3 and set(first["status"]) == {"ok"}
    moved = made[shifted(FIRST, 1)]["segment_migration"]
    stayed = moved.filter(pl.col("from_segment_number") == pl.col("to_segment_number"))["customer_count"].sum()
    both = moved.drop_nulls(["from_segment_number", "to_segment_number"])["customer_count"].sum()
    assert stayed >= 0.95 * both


def test_an_account_that_breaks_out_is_seen_in_the_month_it_does_and_not_before(made):
    customer, number = BROKEN
    before, after = (made[shifted(FIRST, month)]["key_account_watch"].filter(pl.col("customer_id") == customer)
                     for month in (number - 1, number))
    assert before["is_break"].to_list() == [False] and after["is_break"].to_list() == [True]
    assert after["direction_code"].to_list() == ["below"]
    assert made[FIRST]["key_account_watch"]["status"].unique().to_list() == ["low_n"]
    others = made[shifted(FIRST, number)]["key_account_watch"].filter(pl.col("customer_id") != customer)
    assert others["is_break"].mean() < 0.1


def test_the_card_holds_the_curve_its_back_test_and_the_concentration(made):
    card = made[shifted(FIRST, 12)]["value_model_card"]
    assert {"retention", "parameter", "survival", "back_test", "concentration", "lorenz", "overlap", "segment"} == set(
        card["section"])
    tested = card.filter(pl.col("section") == "back_test")
    stayed, expected = tested.sort("item", descending=True)["estimate"].to_list()
    assert stayed == pytest.approx(expected, abs=0.06)
