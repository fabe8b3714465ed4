"""The estimates on other people's data, against what is published for them and against a second library."""

import numpy as np
import pytest
import statsmodels.api as sm
from linearmodels import IV2SLS, PanelOLS

from orchestration.analytics import price_elasticity
from tests.third_party import cigarettes


@pytest.fixture(scope="module")
def changes():
    return cigarettes.ten_year_changes()


@pytest.mark.parametrize("instruments", cigarettes.RECORDS)
def test_ten_year_changes_give_the_published_elasticity_and_standard_error(changes, instruments):
    found = price_elasticity.estimate(changes, quantity="packs", price="price", controls=["income"],
                                      instruments=instruments, effects="none").row(0, named=True)
    estimate, error = cigarettes.RECORDS[instruments]
    assert found["status"] == "ok" and found["n_obs"] == 48
    assert (found["estimate"], found["std_error"]) == pytest.approx((estimate, error), abs=1e-3)
    assert found["ar_set"] == "interval" and found["ar_low"] < estimate < found["ar_high"]


def test_the_first_stages_are_those_of_the_textbook(changes):
    """33.7 and 107.2 (Stock and Watson, table 12.1); with one instrument the effective F is that F."""
    found = [price_elasticity.estimate(changes, quantity="packs", price="price", controls=["income"], effects="none",
                                       instruments=[name]).row(0, named=True)
             for name in ("sales_tax", "cigarette_tax")]
    assert [each["first_stage_f"] for each in found] == pytest.approx([33.7, 107.2], abs=0.05)
    assert [each["first_stage_f_needed"] for each in found] == pytest.approx([23.1, 23.1], abs=0.05)


@pytest.mark.parametrize("instruments", cigarettes.RECORDS)
def test_linearmodels_gives_the_same_two_stage_estimate(changes, instruments):
    found = price_elasticity.estimate(changes, quantity="packs", price="price", controls=["income"],
                                      instruments=instruments, effects="none").row(0, named=True)
    made = changes.drop("state").to_pandas().assign(one=1.0)
    other = IV2SLS(np.log(made["packs"]), made[["one", "income"]], np.log(made["price"]),
                   made[list(instruments)]).fit(cov_type="robust", debiased=True)
    assert (found["estimate"], found["std_error"]) == pytest.approx(
        (other.params["price"], other.std_errors["price"]), abs=1e-6)


@pytest.mark.parametrize("effects", cigarettes.PANEL_RECORDS)
def test_the_panel_of_states_gives_the_elasticities_of_its_source(shared, effects):
    found = price_elasticity.estimate(cigarettes.states_and_years(shared), quantity="sales", price="price",
                                      cross_prices=["price_of_neighbours"], controls=["income"], unit="state",
                                      period="year", effects=effects).row(0, named=True)
    assert found["status"] == "ok" and (found["n_obs"], found["n_clusters"]) == (1380, 46)
    assert found["estimate"] == pytest.approx(cigarettes.PANEL_RECORDS[effects], abs=1e-3)


def test_lagged_sales_give_the_short_and_long_run_of_the_source(shared):
    found = price_elasticity.long_run(cigarettes.states_and_years(shared), quantity="sales", price="price",
                                      cross_prices=["price_of_neighbours"], controls=["income"], unit="state",
                                      period="year", correction="none")
    told = dict(zip(found["kind"], found["estimate"], strict=True))
    short, lasts, long = cigarettes.DYNAMIC_RECORD
    assert (told["short_run"], told["persistence"]) == pytest.approx((short, lasts), abs=1e-3)
    assert told["long_run"] == pytest.approx(long, abs=0.05)


def test_linearmodels_gives_the_same_panel_estimate(shared):
    frame = cigarettes.states_and_years(shared)
    found = price_elasticity.estimate(frame, quantity="sales", price="price", cross_prices=["price_of_neighbours"],
                                      controls=["income"], unit="state", period="year")
    made = frame.to_pandas().set_index(["state", "year"])
    other = PanelOLS(np.log(made["sales"]), made[["income"]].assign(
        price=np.log(made["price"]), neighbours=np.log(made["price_of_neighbours"])), entity_effects=True,
        time_effects=True).fit()
    assert found["estimate"].to_list() == pytest.approx([other.params["price"], other.params["neighbours"]], abs=1e-6)


def test_statsmodels_gives_the_same_pooled_estimate(shared):
    frame = cigarettes.states_and_years(shared)
    found = price_elasticity.estimate(frame, quantity="sales", price="price", cross_prices=["price_of_neighbours"],
                                      controls=["income"], effects="none")
    made = frame.to_pandas()
    design = sm.add_constant(np.column_stack([np.log(made["price"]), np.log(made["price_of_neighbours"]),
                                              made["income"]]))
    other = sm.OLS(np.log(made["sales"]), design).fit(cov_type="HC1")
    assert found["estimate"].to_list() == pytest.approx(other.params[1:3].to_list(), abs=1e-6)
    assert found["std_error"].to_list() == pytest.approx(other.bse[1:3].to_list(), abs=1e-6)
