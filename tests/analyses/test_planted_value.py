"""Segments, retention, watch and potential against customers whose truth is known.

Gates come from standard errors or from the issue; each message tells seed, figure and limit.
"""

import numpy as np
import polars as pl
import pytest

from orchestration.analytics import customer_value, lifetime_value
from tests import planted_value
from tests.benchmarks import value_planted

pytestmark = pytest.mark.slow


def share_limit(share: float, count: int) -> float:
    """Three binomial standard errors below a share."""
    return share - 3 * np.sqrt(share * (1 - share) / count)


@pytest.mark.parametrize("separation", [3, 4])
def test_planted_segments_are_found_nearly_as_well_as_the_true_densities_do(separation):
    found = value_planted.segments(separation, 3, apart=False)
    assert found["ari_share"] >= 0.9, found
    assert (found["status"], found["segments"]) == ("ok", 5) and found["least_jaccard"] >= 0.75, found
    assert found["kept"] >= 0.95, f"customers who did not change keep their label: {found}"


@pytest.mark.parametrize("kind", ["correlated", "heavy tails", "one factor"])
def test_one_group_of_customers_has_no_segments_whatever_its_shape(kind):
    found = value_planted.blob(kind, 1, rows=4000)
    assert (found["segments"], found["status"]) == (1, "unstable"), found


@pytest.mark.parametrize(("alpha", "beta"), [(0.668, 3.806), (1.2, 20.0), (0.704, 1.182)])
def test_planted_cohorts_are_recovered_and_their_survival_is_within_a_point(alpha, beta):
    """20,000 customers: the standard error of survival at 12 periods is about a third of a point."""
    for seed in (1, 2, 3):
        found = value_planted.retention(alpha, beta, seed)
        assert found["alpha_se"] <= 2.5 and found["beta_se"] <= 2.5 and found["points_away"] <= 1, found


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_intervals_of_curve_and_worth_hold_the_truth_at_their_rate(model):
    """150 cohorts of 2,000 customers. Periods of one cohort go together, so cohorts are what is counted."""
    c, cohorts = (1.3 if model == "bdw" else 1.0), 150
    found = [value_planted.retention(1.2, 20.0, seed, customers=2000, model=model, c=c) for seed in range(cohorts)]
    for name in ("curve_inside", "worth_inside"):
        held = np.mean([each[name] for each in found])
        assert share_limit(0.95, cohorts) <= held, f"{name}: {held:.3f} of intervals at 95 %"


def test_a_curve_of_the_wrong_kind_shows():
    """A mutation: where customers differ, constant churn is far from the truth and does not know it."""
    cohort = planted_value.cohort(0.7, 1.2, 20_000, 7, 5)
    shown = lifetime_value.points(lifetime_value.fit_retention(cohort, model="constant"), 12)
    truth = planted_value.survival(0.7, 1.2, np.array([12.0]))[0]
    assert not shown["ci_low"][11] <= truth <= shown["ci_high"][11] and shown["survival"][11] < truth / 2


def test_watch_alarms_as_often_as_noise_does():
    """The rate is that of a twelve-month median and MAD of normal noise, simulated apart from the library."""
    random = np.random.default_rng(1)
    past, now = random.normal(size=(100_000, 12)), random.normal(size=100_000)
    middle = np.median(past, axis=1)
    spread = 1.4826 * np.median(np.abs(past - middle[:, None]), axis=1)
    nominal = float((np.abs(now - middle) > 4 * spread).mean())
    frame = planted_value.accounts(3000, 36, 2)
    found = customer_value.watch(frame, entity="account", period="month", value="spend")
    by_account = found.filter(pl.col("month") >= 24).group_by("account").agg(pl.col("is_break").mean())
    rate, error = by_account["is_break"].mean(), by_account["is_break"].std() / np.sqrt(by_account.height)
    assert abs(rate - nominal) <= 3 * error + 0.002, f"{rate:.4f}, noise alone {nominal:.4f}, error {error:.4f}"


def test_watch_sees_what_broke():
    for broken in (0.5, 1.6):
        found = value_planted.watched(3, broken=broken)
        assert found["seen"] >= 0.9, found
    quiet = value_planted.watched(3, noise=0.02, broken=0.8)
    assert quiet["seen"] >= 0.9 and quiet["false_alarms"] <= 0.02, quiet


def test_upper_quantiles_of_peers_hold_what_they_say_where_spend_varies_more_and_less():
    """8,000 customers; on the whole exact by construction, in each half within three standard errors and 1.5 points."""
    for seed in (1, 2):
        found = value_planted.peers(seed)
        for quantile, name in ((0.8, "low"), (0.9, "high")):
            limit = 3 * np.sqrt(quantile * (1 - quantile) / 4000) + 0.015
            assert abs(found[f"below_{name}"] - quantile) <= 0.005, found
            for half in ("wide", "narrow"):
                assert abs(found[f"below_{name}_{half}"] - quantile) <= limit, found


def test_the_quantile_of_peers_holds_for_customers_that_come_later():
    """The figures of one sample, judged by the true spread of spend at these customers."""
    from scipy.stats import norm

    frame = planted_value.peers(8000, 7)
    found = customer_value.potential(frame, value="spend", features=["a", "b", "c", "d", "trade"], entity="customer")
    for quantile, name in ((0.8, "low"), (0.9, "high")):
        held = norm.cdf((found[f"peers_{name}"].log() - frame["mean"]) / frame["spread"]).mean()
        assert abs(held - quantile) <= 3 * np.sqrt(quantile * (1 - quantile) / 8000), f"{held:.4f} at {quantile}"


def test_intervals_of_concentration_hold_the_truth():
    found = value_planted.concentration(range(100))
    for name in ("top_20_share_inside", "gini_inside"):
        assert found[name] >= share_limit(0.95, 100) - 0.02, found
