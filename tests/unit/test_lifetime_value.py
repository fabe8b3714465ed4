"""Retention curves equal what was published, say what they do not know, and turn into money that adds up."""

import numpy as np
import polars as pl
import pytest

from orchestration.analytics import lifetime_value
from orchestration.analytics.errors import AnalysisError
from tests import planted_value
from tests.third_party import retention_cohorts

DISCOUNT = 1 / 1.1


def known(name: str, years: int = 7) -> pl.DataFrame:
    return retention_cohorts.cohort(name).head(years + 1)


@pytest.mark.parametrize("name", retention_cohorts.SURVIVORS)
def test_the_published_cohorts_give_the_published_parameters(name):
    told = lifetime_value.parameters(lifetime_value.fit_retention(known(name)))
    assert told["parameter"].to_list() == ["alpha", "beta"] and told["status"].to_list() == ["ok", "ok"]
    assert told["estimate"].to_list() == pytest.approx(retention_cohorts.PUBLISHED[name], abs=1e-3)


def test_the_log_likelihoods_are_those_that_others_found():
    found = [lifetime_value.fit_retention(known(name)).log_likelihood for name in ("high end", "regular")]
    assert found == pytest.approx([-1611.158, -1680.265], abs=1e-3)


def test_five_years_are_forecast_within_three_percent_where_constant_churn_is_far_off():
    for name, constant in (("high end", 0.21), ("regular", 0.59)):
        tested = lifetime_value.backtest(retention_cohorts.cohort(name), held_out=retention_cohorts.HELD_OUT)
        error = dict(lifetime_value.held_out_error(tested).select("model", "mape").iter_rows())
        assert error["sbg"] <= 0.03 and error["bdw"] <= 0.03
        assert error["constant"] == pytest.approx(constant, abs=0.005)
        inside = tested.filter(pl.col("observed").is_between("ci_low", "ci_high"))["model"].value_counts()
        assert dict(inside.iter_rows()) == {"sbg": 5, "bdw": 5}


def test_retention_rises_with_age_where_customers_differ():
    shown = lifetime_value.points(lifetime_value.fit_retention(known("regular")), 12)
    assert shown["retention"].is_sorted() and shown["survival"].is_sorted(descending=True)
    assert ((shown["ci_low"] < shown["survival"]) & (shown["survival"] < shown["ci_high"])).all()


def test_the_order_of_rows_and_a_table_that_is_cut_into_cohorts_change_nothing():
    table = known("regular")
    same = lifetime_value.fit_retention(table.sample(fraction=1, shuffle=True, seed=3))
    apart = pl.concat([table.with_columns(pl.lit(name).alias("cohort"), pl.col("survivors") * times)
                       for name, times in (("a", 1), ("b", 3))])
    whole = lifetime_value.fit_retention(table.with_columns(pl.col("survivors") * 4))
    found = lifetime_value.fit_retention(apart, cohort="cohort")
    assert np.allclose(same.point, lifetime_value.fit_retention(table).point, atol=1e-6)
    assert np.allclose(found.point, whole.point, atol=1e-5) and found.n_obs == whole.n_obs == 4000


def test_cohorts_of_different_length_share_one_curve():
    long = planted_value.cohort(0.9, 6.0, 30_000, 24, 1).with_columns(pl.lit("first").alias("cohort"))
    short = planted_value.cohort(0.9, 6.0, 30_000, 6, 2).with_columns(pl.lit("second").alias("cohort"))
    later = planted_value.cohort(0.9, 6.0, 30_000, 24, 3).with_columns(pl.lit("old").alias("cohort")).filter(
        pl.col("period") >= 8)
    curve = lifetime_value.fit_retention(pl.concat([long, short, later]), cohort="cohort")
    found = lifetime_value.parameters(curve)
    for value, error, true in zip(found["estimate"], found["standard_error"], (0.9, 6.0), strict=True):
        assert abs(value - true) < 3 * error, found


def test_customers_who_do_not_differ_have_a_curve_but_no_alpha_and_beta():
    survivors = (50_000 * 0.95 ** np.arange(25)).astype(int)
    curve = lifetime_value.fit_retention(pl.DataFrame({"period": range(25), "survivors": survivors}))
    told = lifetime_value.parameters(curve)
    assert curve.status == "ok" and curve.are_alike
    assert told["status"].to_list() == ["not_identified"] * 2 and told["estimate"].null_count() == 2
    assert lifetime_value.points(curve, 12)["survival"][11] == pytest.approx(0.95**12, abs=0.003)


def test_few_leavers_give_a_status_and_no_number():
    table = pl.DataFrame({"period": [0, 1, 2, 3], "survivors": [500, 497, 492, 490]})
    curve = lifetime_value.fit_retention(table)
    assert curve.status == "low_n" and "10 left" in curve.reason
    assert lifetime_value.parameters(curve)["estimate"].null_count() == 2
    assert lifetime_value.points(curve, 3)["survival"].null_count() == 3
    value = lifetime_value.lifetime_value(curve, 10.0, discount=DISCOUNT, horizon=12)
    assert value["lifetime_value"][0] is None and value["status"][0] == "low_n"


@pytest.mark.parametrize(("period", "survivors", "said"), [
    ([0, 1, 3], [10, 9, 8], "gaps"), ([0, 1, 1], [10, 9, 8], "comes twice"), ([0, 1, 2], [10, 11, 8], "rises"),
    ([0, 1, 2], [10, None, 8], "null"), ([0.0, 1.0, 2.0], [10, 9, 8], "whole number"), ([0], [10], "two periods")])
def test_a_table_that_is_no_cohort_is_refused(period, survivors, said):
    with pytest.raises(AnalysisError, match=said):
        lifetime_value.fit_retention(pl.DataFrame({"period": period, "survivors": survivors}))


def test_value_is_survival_times_margin_discounted():
    curve = lifetime_value.fit_retention(known("high end"))
    value = lifetime_value.lifetime_value(curve, 100.0, discount=DISCOUNT, horizon=10).row(0, named=True)
    by_hand = 100 * sum(DISCOUNT**t * s for t, s in enumerate(lifetime_value.points(curve, 10)["survival"], start=1))
    assert value["lifetime_value"] == pytest.approx(by_hand, rel=1e-12)
    assert value["ci_low"] < by_hand < value["ci_high"]
    assert (value["horizon"], value["discount"], value["status"]) == (10, DISCOUNT, "ok")
    assert value["retention"] == pytest.approx(3.8061 / (0.6681 + 3.8061), abs=1e-3)


def test_the_value_of_an_old_customer_counts_from_its_age():
    curve = lifetime_value.fit_retention(known("regular"))
    share = curve.survival(np.arange(16))
    value = lifetime_value.lifetime_value(curve, [10.0] * 5, discount=1.0, horizon=5, age=10)["lifetime_value"][0]
    assert value == pytest.approx(10 * share[11:16].sum() / share[10])


def test_a_margin_that_is_not_sure_widens_the_interval():
    curve = lifetime_value.fit_retention(known("regular"))
    sure, unsure = (lifetime_value.lifetime_value(curve, 10.0, discount=0.9, horizon=5, margin_error=error).row(
        0, named=True) for error in (0.0, 0.1))
    assert unsure["lifetime_value"] == sure["lifetime_value"]
    half = (unsure["ci_high"] - unsure["ci_low"]) / 2
    assert half == pytest.approx(np.hypot((sure["ci_high"] - sure["ci_low"]) / 2, 1.96 * 0.1 * sure["lifetime_value"]),
                                 rel=1e-4)


def test_each_customer_has_the_factor_of_its_age_and_unknown_stays_unknown():
    curve = lifetime_value.fit_retention(known("regular"))
    rows = pl.DataFrame({"age": [0, 7, None, 3, 7], "margin": [10.0, -4.0, 5.0, None, 8.0]})
    found = lifetime_value.lifetime_values(curve, rows, age="age", margin="margin", discount=0.9, horizon=12)
    factors = dict(lifetime_value.worth_of_one(curve, discount=0.9, horizon=12, ages=[0, 7]).select(
        "age", "factor").iter_rows())
    expected = [10 * factors[0], -4 * factors[7], None, None, 8 * factors[7]]
    assert found["lifetime_value"].to_list() == pytest.approx(expected, abs=1e-12)
    assert found["status"].to_list() == ["ok", "ok", "unknown", "unknown", "ok"]
    assert found["ci_low"].null_count() == 2 and (found["ci_low"] <= found["ci_high"]).drop_nulls().all()


@pytest.mark.parametrize(("options", "said"), [
    ({"discount": 1.1, "horizon": 3}, "discount"), ({"discount": 0.9, "horizon": 0}, "horizon"),
    ({"discount": 0.9, "horizon": 3, "margin": [1.0, 2.0]}, "3 of them")])
def test_a_discount_or_horizon_that_cannot_be_is_refused(options, said):
    curve = lifetime_value.fit_retention(known("regular"))
    with pytest.raises(AnalysisError, match=said):
        lifetime_value.lifetime_value(curve, **{"margin": 1.0, **options})
