"""Elasticities of planted prices: found without bias, told with honest intervals, and wrong when taken naively."""

import numpy as np
import pytest

from tests import planted_prices
from tests.benchmarks import elasticity_planted

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("own", [-0.1, -1.5])
def test_prices_set_on_demand_are_seen_through_and_the_naive_figure_is_wrong(own):
    """60 seeds; coverage within three binomial standard errors (`bass bench elasticity` does 200 seeds of four)."""
    found = elasticity_planted.truth(own, 60)
    margin = 3 * np.sqrt(0.95 * 0.05 / 60)
    assert found["worst_bias"] <= found["allowed"], found
    covered = [found[name] for name in ("covered", "covered_data", "covered_rival", "covered_ar")]
    assert min(covered) >= 0.95 - margin, found
    assert found["naive"] > own + 0.3 and found["naive_two_way"] > own + 0.1, found


def test_intervals_hold_when_few_plans_changed_their_price_where_the_usual_ones_do_not():
    found = elasticity_planted.few_clusters(24, 80, changed=4)
    assert found["covered"] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / found["seeds"]), found
    assert found["covered_crv1"] < found["covered"], found


def test_staggered_changes_find_the_truth_and_see_prices_that_follow_demand():
    honest = elasticity_planted.staggered(40)
    assert honest["ok"] >= 37 and abs(honest["mean"] - planted_prices.OWN) <= 0.05, honest
    assert honest["covered"] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / honest["ok"]), honest
    assert elasticity_planted.staggered(20, trend=-0.1)["pre_trend"] >= 18


def test_the_half_panel_correction_takes_the_bias_of_a_lagged_quantity_out():
    plain, corrected = (elasticity_planted.long_run(0.5, 24, 40, each) for each in ("none", "half_panel"))
    assert plain["bias_lasts"] < -0.03 < -abs(corrected["bias_lasts"]), (plain, corrected)
    assert corrected["covered_long"] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 40), corrected


def test_rehearsed_intervals_hold_the_effect_and_what_is_then_seen():
    """80 % intervals of 120 price changes, three binomial standard errors."""
    found = elasticity_planted.rehearsal(120)
    margin = 3 * np.sqrt(0.8 * 0.2 / found["price_changes"])
    assert found["price_changes"] >= 110, found
    assert all(abs(found[name] - 0.8) <= margin for name in ("effect_covered", "seen_covered")), found
