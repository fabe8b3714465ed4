"""Price elasticity on small panels: what it says of them, what it refuses, and its parts against other libraries."""

import numpy as np
import polars as pl
import pyfixest as pf
import pytest

from orchestration.analytics import price_elasticity
from orchestration.analytics.elasticity import jackknife, regression, results, weak_instruments
from orchestration.analytics.elasticity import panel as panels
from orchestration.analytics.price_elasticity import AnalysisError, Limits
from tests import planted_prices

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # inside pyfixest
ROLES = planted_prices.ROLES


@pytest.fixture(scope="module")
def planted():
    return planted_prices.panel(1, plans=14, areas=2, periods=18, feedback=0.0)


def own(found: pl.DataFrame) -> dict:
    return found.filter(pl.col("kind") == "own").row(0, named=True)


def prepared(frame, effects="twoway", **more):
    return panels.prepare(frame, panels.Columns("quantity", "price", "unit", "period", "plan", **more), effects=effects,
                          logs=True, coded=None)


def test_an_estimate_is_that_of_pyfixest(planted):
    found = own(price_elasticity.estimate(planted, **ROLES))
    model = pf.feols("log(quantity) ~ log(price) | unit + period", planted.to_pandas(), vcov={"CRV1": "plan"})
    assert found["status"] == "ok" and found["estimate"] == pytest.approx(model.coef()["log(price)"], abs=1e-10)
    assert found["ci_low"] < planted_prices.OWN < found["ci_high"]


def test_the_standard_error_is_what_refitting_without_each_cluster_gives(planted):
    found = own(price_elasticity.estimate(planted, **ROLES))
    fits = [pf.feols("log(quantity) ~ log(price) | unit + period", planted.filter(pl.col("plan") != plan).to_pandas()
                     ).coef()["log(price)"] for plan in range(14)]
    assert found["std_error"] == pytest.approx(np.sqrt(13 / 14 * ((np.array(fits) - found["estimate"]) ** 2).sum()),
                                               rel=1e-6)
    assert found["method"] == "OLS, unit and period effects, CRV3"


def test_leaving_a_cluster_out_is_right_for_instruments_too(planted):
    panel = prepared(planted, instruments=("cost",))
    whole, left_out = jackknife.coefficients(regression.design(panel, ("price",)))
    formula = "log(quantity) ~ 1 | unit + period | log(price) ~ cost"
    assert whole[0] == pytest.approx(pf.feols(formula, planted.to_pandas()).coef().iloc[-1], abs=1e-8)
    for plan in (0, 9):
        without = pf.feols(formula, planted.filter(pl.col("plan") != plan).to_pandas())
        assert left_out[plan, 0] == pytest.approx(without.coef().iloc[-1], abs=1e-8)


def test_the_effective_f_is_that_of_pyfixest(planted):
    made = planted.with_columns(other=pl.col("cost") + pl.Series(np.random.default_rng(0).normal(size=planted.height)))
    panel = prepared(made, instruments=("cost", "other"))
    apart = np.column_stack([panel.residual(name) for name in ("instrument_0", "instrument_1")])
    products = apart.T @ apart
    sides = np.column_stack([panel.residual(name) for name in ("outcome", "price")])
    found = np.linalg.solve(products, apart.T @ sides)
    covariance, freedom = weak_instruments._sandwich(panel, apart, sides - apart @ found, products, 0)
    form = weak_instruments.ReducedForm(found[:, 0], found[:, 1], covariance, products, freedom)
    model = pf.feols("log(quantity) ~ 1 | unit + period | log(price) ~ cost + other", made.to_pandas(),
                     vcov={"CRV1": "plan"})
    model.IV_Diag()
    assert weak_instruments.effective_f(form)[0] == pytest.approx(model._eff_F, rel=1e-3)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_ends_of_the_anderson_rubin_set_are_where_its_test_turns(count):
    random = np.random.default_rng(count)
    root = random.normal(size=(2 * count, 2 * count)) * 0.05
    price = random.uniform(0.5, 1, count)
    form = weak_instruments.ReducedForm(-0.8 * price, price, root @ root.T, np.eye(count), 20.0)
    low, high, kind = weak_instruments.anderson_rubin(form, 0.95)
    limit = count * weak_instruments.fisher.ppf(0.95, count, 20)

    def statistic(elasticity):
        turned = np.hstack([np.eye(count), -elasticity * np.eye(count)])
        apart = form.of_quantity - elasticity * form.of_price
        return apart @ np.linalg.solve(turned @ form.covariance @ turned.T, apart)

    assert kind == "interval" and low < -0.8 < high
    assert [statistic(low), statistic(high)] == pytest.approx([limit, limit], rel=1e-6)


def test_an_instrument_that_says_nothing_leaves_the_anderson_rubin_set_unbounded():
    form = weak_instruments.ReducedForm(np.array([0.1]), np.array([0.01]), np.eye(2), np.eye(1), 20.0)
    assert weak_instruments.anderson_rubin(form, 0.95) == (None, None, "unbounded")


def test_months_without_any_quantity_count_and_nothing_is_added_to_them():
    frame = planted_prices.panel(3, plans=12, areas=2, periods=15, feedback=0.0, cost_sd=0.5)
    made = frame.with_columns(quantity=pl.Series(np.random.default_rng(3).poisson(frame["quantity"] / 30)))
    assert (made["quantity"] == 0).mean() > 0.1
    found = own(price_elasticity.estimate(made, cross_prices=list(planted_prices.CROSS), **ROLES))
    assert found["status"] == "ok" and found["method"].startswith("PPML")
    assert found["ci_low"] < planted_prices.OWN < found["ci_high"] and found["ci_high"] - found["ci_low"] < 1.2
    model = pf.fepois("quantity ~ log(price) + log(price_of_data) + log(price_of_rival) | unit + period",
                      made.to_pandas(), vcov={"CRV3": "plan"}, fixef_rm="none")
    assert found["estimate"] == pytest.approx(model.coef()["log(price)"], abs=1e-6)
    refitted = np.sqrt(model.se()["log(price)"] ** 2 / model._ssc[0] * 11 / 12)  # its own factor taken out
    assert found["std_error"] == pytest.approx(refitted, rel=0.03)  # one Newton step per cluster


@pytest.mark.parametrize("status", planted_prices.untellable())
def test_what_cannot_be_told_is_refused_by_its_own_status_and_without_a_number(status):
    frame, more = planted_prices.untellable()[status]
    found = price_elasticity.estimate(frame, **ROLES, **more)
    assert found["status"].to_list() == [status], found["identification"].to_list()
    assert found.select(results.NUMBERS).null_count().sum_horizontal().item() == len(results.NUMBERS)
    assert found["identification"].item() and found["n_obs"].item() > 0


def test_a_cross_price_that_is_the_same_for_all_is_refused_alone(planted):
    made = planted.with_columns(list_price_of_all=5.0 + 0.1 * pl.col("period"))
    found = price_elasticity.estimate(made, cross_prices=["price_of_data", "list_price_of_all"], **ROLES)
    assert found["status"].to_list() == ["ok", "ok", "moved_together"]
    alone = price_elasticity.estimate(made, cross_prices=["price_of_data"], **ROLES)
    assert found["estimate"].to_list() == [*alone["estimate"].to_list(), None]


def test_coded_values_are_never_averaged_in(planted):
    made = planted.with_columns(price=pl.when(pl.int_range(pl.len()) % 50 == 7).then(999.0).otherwise("price"))
    found = own(price_elasticity.estimate(made, coded={"price": [999]}, **ROLES))
    clean = own(price_elasticity.estimate(made.filter(pl.col("price") != 999), **ROLES))
    assert found["rows_left_out"] == (made["price"] == 999).sum() > 0
    assert (found["estimate"], found["std_error"]) == (clean["estimate"], clean["std_error"])


def test_row_order_the_unit_of_money_and_the_names_of_columns_play_no_part(planted):
    found = own(price_elasticity.estimate(planted, **ROLES))
    other = planted.sample(fraction=1, shuffle=True, seed=1).with_columns(pl.col("price") * 100).rename(
        {"price": "price of a minute | fen", "plan": "plan ~ 1"})
    roles = {**ROLES, "price": "price of a minute | fen", "cluster": "plan ~ 1"}
    again = own(price_elasticity.estimate(other, **roles))
    assert again["estimate"] == pytest.approx(found["estimate"], abs=1e-9)
    assert again["std_error"] == pytest.approx(found["std_error"], abs=1e-9)


def test_without_logarithms_the_elasticity_is_that_at_the_means():
    random = np.random.default_rng(1)
    price = random.uniform(5, 15, (12, 20))
    frame = pl.DataFrame({"unit": np.repeat(np.arange(12), 20), "period": np.tile(np.arange(20), 12),
                          "price": price.ravel(),
                          "quantity": (200 - 6 * price + random.normal(0, 2, (12, 20))).ravel()})
    found = own(price_elasticity.estimate(frame, quantity="quantity", price="price", unit="unit", period="period",
                                          logs=False))
    assert found["estimate"] == pytest.approx(-6 * frame["price"].mean() / frame["quantity"].mean(), rel=0.02)


@pytest.mark.parametrize(("change", "said"), [
    (dict(effects="both"), "effects is"), (dict(unit=None), "needs the column of the unit"),
    (dict(controls=["price"]), "two roles"), (dict(coded={"revenue": [0]}), "does not use"),
    (dict(cluster="period"), "more than one cluster"), (dict(quantity="nothing"), "no column 'nothing'"),
    (dict(controls=["word"]), "must be numbers")])
def test_an_argument_that_cannot_be_used_says_why(planted, change, said):
    with pytest.raises(AnalysisError, match=said):
        price_elasticity.estimate(planted.with_columns(word=pl.lit("a")), **{**ROLES, **change})


def test_a_price_of_zero_must_be_named_as_a_code(planted):
    made = planted.with_columns(price=pl.when(pl.col("plan") == 3).then(0.0).otherwise("price"))
    with pytest.raises(AnalysisError, match="above 0"):
        price_elasticity.estimate(made, **ROLES)
    assert own(price_elasticity.estimate(made, coded={"price": [0]}, **ROLES))["status"] == "ok"


def test_limits_are_the_callers(planted):
    found = price_elasticity.estimate(planted, limits=Limits(least_clusters=15), **ROLES)
    assert found["status"].to_list() == ["few_clusters"] and "14 of 15" in found["identification"].item()
