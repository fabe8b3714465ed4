"""What stands beside the single estimate: events, staggered changes, long run, segments, ranges, what-if."""

import numpy as np
import polars as pl
import pyfixest as pf
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from orchestration.analytics import price_elasticity
from orchestration.analytics.elasticity import dynamics, segments, staggered
from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.price_elasticity import AnalysisError
from tests import planted_prices

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # inside pyfixest
ROLES = {"quantity": "quantity", "price": "price", "unit": "unit", "period": "period"}


def lone_event(after: float = 12.0, quantity_after: float = 80.0, others: int = 20) -> pl.DataFrame:
    """Unit 0 changes its price from 10 in period 4; the others keep it and grow by about a tenth."""
    random = np.random.default_rng(0)
    rows = [{"unit": 0, "period": period, "price": 10.0 if period < 4 else after,
             "quantity": 100.0 if period < 4 else quantity_after} for period in range(8)]
    for unit in range(1, others + 1):
        grown = random.normal(1.1, 0.01)
        rows += [{"unit": unit, "period": period, "price": 5.0, "quantity": 50.0 * (1 if period < 4 else grown)}
                 for period in range(8)]
    return pl.DataFrame(rows)


def test_an_arc_elasticity_is_the_change_beyond_that_of_units_whose_price_stayed():
    found = price_elasticity.price_events(lone_event(), **ROLES).row(0, named=True)
    assert (found["unit"], found["period"], found["status"], found["comparison_units"]) == (0, 4, "ok", 20)
    assert found["arc_without_comparison"] == pytest.approx((-20 / 180) / (2 / 22))
    assert found["comparison_change"] == pytest.approx(0.1 / 2.1, abs=0.003)
    assert found["estimate"] == pytest.approx((-20 / 180 - found["comparison_change"]) / (2 / 22))
    assert found["ci_low"] < found["estimate"] < found["ci_high"]


@pytest.mark.parametrize(("frame", "status"), [
    (lone_event(after=10.05), "price_did_not_move"), (lone_event(others=5), "no_comparison_group"),
    (lone_event(quantity_after=130.0), "positive_own_price"), (lone_event().filter(pl.col("period") > 1), "low_n"),
    (lone_event().with_columns(price=pl.when((pl.col("unit") == 0) & (pl.col("period") > 5)).then(13.0).otherwise(
        "price")), "overlapping_change")])
def test_an_event_that_says_nothing_is_refused(frame, status):
    found = price_elasticity.price_events(frame, **ROLES).row(0, named=True)
    assert found["status"] == status
    assert [found[name] for name in ("estimate", "ci_low", "ci_high", "arc_without_comparison")] == [None] * 4


def test_panels_without_a_price_change_have_no_events():
    assert price_elasticity.price_events(lone_event().filter(pl.col("unit") > 0), **ROLES).height == 0


def test_staggered_changes_are_estimated_as_pyfixest_does_with_and_without_each_cluster():
    frame = planted_prices.staggered(4, plans=14, changed=8, areas=2, periods=14)
    found = price_elasticity.staggered(frame, cluster="plan", **ROLES).row(0, named=True)
    assert found["status"] == "ok" and found["ci_low"] < planted_prices.OWN < found["ci_high"]
    panel = panels.prepare(frame, panels.Columns("quantity", "price", "unit", "period", "plan"), effects="twoway",
                           logs=True, coded=None)
    dosed = staggered._dosed(panel.frame.with_row_index("row"), 0.01)
    left_out = staggered.left_out(dosed, [])
    for plan in (1, 12):
        other = pf.did2s(dosed.filter(pl.col("cluster") != plan).to_pandas(), yname="outcome", treatment="is_treated",
                         first_stage="~ 0 | unit + period", second_stage="~ dose", cluster="cluster")
        assert left_out[plan] == pytest.approx(other.coef()["dose"], abs=1e-5)


@pytest.mark.parametrize(("planted", "status"), [
    (dict(changed=0), "price_did_not_move"), (dict(changed=4), "few_clusters"),
    (dict(changed=18, plans=20), "no_comparison_group"), (dict(trend=-0.2), "pre_trend")])
def test_staggered_changes_without_a_comparison_are_refused(planted, status):
    frame = planted_prices.staggered(1, **{"plans": 24, "changed": 14, "areas": 1, "periods": 16, **planted})
    found = price_elasticity.staggered(frame, cluster="plan", **ROLES)
    assert found["status"].to_list() == [status] and found["estimate"].null_count() == 1


def test_the_long_run_is_the_short_run_over_what_is_forgotten():
    frame = planted_prices.remembering(2, plans=30, periods=25)
    found = price_elasticity.long_run(frame, quantity="quantity", price="price", unit="plan", period="period")
    told = dict(zip(found["kind"], found["estimate"], strict=True))
    assert found["status"].to_list() == ["ok"] * 3
    assert told["long_run"] == pytest.approx(told["short_run"] / (1 - told["persistence"]))
    plain = price_elasticity.long_run(frame, quantity="quantity", price="price", unit="plan", period="period",
                                      correction="none")
    lagged = frame.sort("plan", "period").with_columns(before=pl.col("quantity").log().shift().over("plan"))
    model = pf.feols("log(quantity) ~ log(price) + before | plan + period", lagged.to_pandas())
    assert plain["estimate"].to_list()[:2] == pytest.approx(model.coef().to_list(), abs=1e-8)


def test_a_short_panel_has_no_long_run():
    frame = planted_prices.remembering(2, plans=30, periods=dynamics.LEAST_PERIODS - 1)
    found = price_elasticity.long_run(frame, quantity="quantity", price="price", unit="plan", period="period")
    assert set(found["status"]) == {"short_panel"} and found["estimate"].null_count() == 3


def test_a_quantity_that_forgets_nothing_has_no_long_run():
    frame = planted_prices.remembering(2, plans=30, periods=24, lasts=1.0)
    found = price_elasticity.long_run(frame, quantity="quantity", price="price", unit="plan", period="period")
    assert found.filter(kind="long_run")["status"].item() == "no_long_run"


def test_the_variance_between_segments_is_that_of_statsmodels():
    random = np.random.default_rng(2)
    errors = random.uniform(0.05, 0.3, 12)
    estimates = random.normal(-0.8, 0.2, 12) + random.normal(0, errors)
    other = combine_effects(estimates, errors**2, method_re="iterated")
    assert segments.between_variance(estimates, errors**2) == pytest.approx(other.tau2, abs=1e-4)


def test_shrunk_estimates_are_nearer_to_the_truth_and_their_intervals_hold():
    random = np.random.default_rng(3)
    nearer, inside = [], []
    for _ in range(300):
        errors = random.uniform(0.1, 0.4, 15)
        truth = random.normal(-0.8, 0.15, 15)
        estimates = truth + random.normal(0, errors)
        found = segments.shrunk(estimates, errors)
        nearer.append(((found[:, 0] - truth) ** 2).mean() - ((estimates - truth) ** 2).mean())
        inside.append(((found[:, 1] <= truth) & (truth <= found[:, 2])).mean())
    assert np.mean(nearer) < 0
    assert np.mean(inside) >= 0.95 - 3 * np.std(inside) / np.sqrt(300), np.mean(inside)


def test_segments_are_estimated_apart_and_drawn_together():
    parts = [planted_prices.panel(seed, own=-0.4 - 0.1 * seed, plans=8, areas=1, periods=14, feedback=0.0,
                                  cross={"price_of_data": 0.3}).with_columns(segment=pl.lit(f"s{seed}"))
             for seed in range(6)]
    found = price_elasticity.by_segment(pl.concat(parts), segment="segment", cross_prices=("price_of_data",), **ROLES)
    alone = price_elasticity.estimate(parts[2], cross_prices=("price_of_data",), **ROLES)
    held = found.filter(segment="s2")
    assert held["estimate"].to_list() == alone["estimate"].to_list()
    assert found.height == 12 and found["shrinkage"].is_between(0, 1).all()
    assert (found.filter(kind="own")["q_value"] >= found.filter(kind="own")["p_value"]).all()


def test_an_estimate_outside_of_its_band_raises_an_alarm_and_stays():
    estimates = pl.DataFrame({"margin": ["usage", "usage", "churn", "usage"], "kind": ["own", "own", "own", "cross"],
                              "estimate": [-0.8, -3.0, -0.1, 0.2], "status": ["ok"] * 4})
    found = price_elasticity.plausible(estimates, pl.DataFrame({"margin": ["usage"], "low": [-1.5], "high": [-0.05]}))
    assert found["is_plausible"].to_list() == [True, False, None, None]
    assert found["estimate"].to_list() == estimates["estimate"].to_list()


def test_a_what_if_follows_the_elasticity_and_refuses_prices_nobody_ever_saw():
    found = price_elasticity.what_if(-0.5, 0.1, observed=(-0.12, 0.1), changes=(-0.2, -0.1, 0.0, 0.1))
    assert found["status"].to_list() == ["out_of_range", "ok", "ok", "ok"]
    assert found["volume_change"].to_list()[1:] == pytest.approx([0.9**-0.5 - 1, 0.0, 1.1**-0.5 - 1], abs=1e-3)
    assert found["revenue_change"].to_list()[1:] == pytest.approx([0.9**0.5 - 1, 0.0, 1.1**0.5 - 1], abs=1e-3)
    refused = found.row(0, named=True)
    assert [name for name, value in refused.items() if value is not None] == [
        "price_change", "ci_level", "draws", "identification", "status"]


def test_a_what_if_of_a_refused_estimate_is_refused_by_the_same_status():
    found = price_elasticity.what_if(None, None, observed=(-0.2, 0.2), status="weak_iv")
    assert set(found["status"]) == {"weak_iv"} and found["revenue_change"].null_count() == found.height == 9


def test_a_price_change_of_all_of_it_says_why_not():
    with pytest.raises(AnalysisError, match="leaves no price"):
        price_elasticity.what_if(-0.5, 0.1, observed=(-0.5, 0.5), changes=(-1.0,))


def test_observed_changes_are_those_of_the_units():
    assert price_elasticity.observed_changes(lone_event(after=9.0), price="price", unit="unit",
                                             period="period") == pytest.approx((-0.1, 0.0))
