"""The metrics agree with the libraries that are known for them, and their intervals hold what they promise."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from orchestration.analytics import churn, metrics
from orchestration.analytics.errors import AnalysisError, LeakageError
from orchestration.analytics.profit import Offer


def drawn(rows: int, seed: int, base: float = -2.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes drawn from the very probabilities that are judged: calibration is perfect by construction."""
    random = np.random.default_rng(seed)
    truth = 1 / (1 + np.exp(-(base + random.normal(size=rows))))
    return (random.random(rows) < truth).astype(int), truth


def found(label, probability, **options) -> dict[str, float]:
    return dict(churn.evaluate(label, probability, draws=20, **options).select("metric", "estimate").iter_rows())


@pytest.mark.parametrize(("digits", "seed"), [(16, 1), (2, 2), (1, 3)])
def test_the_metrics_are_those_of_scikit_learn_and_empulse_also_with_ties(digits, seed):
    empulse = pytest.importorskip("empulse.metrics")
    label, truth = drawn(4000, seed)
    score = truth.round(digits)
    mine = found(label, score)
    assert mine["auc"] == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    assert mine["average_precision"] == pytest.approx(average_precision_score(label, score), abs=1e-12)
    assert mine["brier"] == pytest.approx(brier_score_loss(label, score), abs=1e-12)
    assert mine["empc"] == pytest.approx(empulse.empc_score(label, score), abs=1e-9)
    assert mine["empc_contact_share"] == pytest.approx(empulse.empc_score.optimal_rate(label, score), abs=1e-9)
    if digits == 16:  # with ties in the limit the place of a row in the file would decide
        assert mine["top_decile_lift"] == pytest.approx(empulse.lift_score(label, score), abs=1e-12)


def test_the_profit_measure_follows_its_campaign():
    empulse = pytest.importorskip("empulse.metrics")
    label, truth = drawn(2000, 4)
    offer = Offer(alpha=2, beta=5, lifetime_value=500, incentive=30, contact=2)
    expected = empulse.empc_score(label, truth, alpha=2, beta=5, clv=500, incentive_cost=30, contact_cost=2)
    assert found(label, truth, offer=offer)["empc"] == pytest.approx(expected, abs=1e-9)


def test_a_line_through_log_odds_is_told_by_slope_and_intercept():
    label, truth = drawn(200_000, 5)
    log_odds = np.log(truth / (1 - truth))
    too_sure = 1 / (1 + np.exp(-2 * log_odds))
    assert found(label, too_sure)["calibration_slope"] == pytest.approx(0.5, abs=0.02)
    too_high = 1 / (1 + np.exp(-(log_odds + 0.7)))
    measured = found(label, too_high)
    assert measured["calibration_intercept"] == pytest.approx(-0.7, abs=0.05)
    assert measured["calibration_slope"] == pytest.approx(1.0, abs=0.04)


def test_a_weight_undoes_a_sample_drawn_by_outcome():
    label, truth = drawn(100_000, 6, base=-3)
    kept = (label == 1) | (np.random.default_rng(1).random(len(label)) < 0.2)
    weight = np.where(label == 1, 1.0, 5.0)[kept]
    whole, sample = found(label, truth), found(label[kept], truth[kept], weight=weight)
    for name, tolerance in (("auc", 0.01), ("brier", 0.002), ("top_decile_lift", 0.1), ("calibration_slope", 0.05)):
        assert sample[name] == pytest.approx(whole[name], abs=tolerance), name


def test_value_tells_what_leaves_and_ranks_by_expected_loss():
    label, truth = drawn(50_000, 7)
    value = np.random.default_rng(2).lognormal(size=len(label))
    measured = found(label, truth, value=value)
    assert measured["value_lost"] == pytest.approx((label * value).sum())
    assert measured["value_expected"] == pytest.approx((truth * value).sum())
    assert measured["value_calibration"] == pytest.approx(1, abs=0.05)
    assert measured["top_decile_value_lift"] > found(label, truth, value=np.ones(len(label)))["top_decile_value_lift"]


def test_a_score_above_the_bayes_limit_stops_and_one_below_does_not():
    label, truth = drawn(20_000, 8)
    bayes = metrics.auc(label, truth)
    churn.evaluate(label, truth, bayes_auc=bayes, draws=10)
    leaking = truth + 0.3 * label
    with pytest.raises(LeakageError, match=r"standard errors above the Bayes limit.*as-of"):
        churn.evaluate(label, leaking / leaking.max(), bayes_auc=bayes, draws=10)


def test_intervals_widen_when_the_rows_of_an_entity_say_the_same():
    label, truth = drawn(2000, 9)
    ten = {"label": np.repeat(label, 10), "probability": np.repeat(truth, 10)}
    entity = pl.Series(np.repeat(np.arange(2000), 10))

    def width(**options) -> float:
        row = churn.evaluate(**ten, draws=200, **options).row(0, named=True)
        return row["ci_high"] - row["ci_low"]

    assert width(entity=entity) > 2.5 * width()


def test_few_events_give_a_status_and_no_figure():
    label = np.zeros(500, dtype=int)
    label[:19] = 1
    table = churn.evaluate(label, np.linspace(0.9, 0.1, 500), draws=5)
    assert set(table["status"]) == {"low_n"} and table["estimate"].null_count() == table.height


@pytest.mark.parametrize(("label", "probability", "words"), [
    ([0, 0, 0], [0.1, 0.2, 0.3], "both outcomes are needed"),
    ([1, 1], [0.1, 0.2], "both outcomes are needed"),
    ([], [], "there are no rows"),
    ([0, 1], [0.1, 0.2, 0.3], "must come from the same frame"),
    ([0, 1], [0.1, 1.2], "within 0 and 1"),
    ([0, 1], [0.1, None], "only rows with status 'ok'"),
    ([0, None], [0.1, 0.2], "not known yet"),
    (["no", "yes"], [0.1, 0.2], "turn it into true and false"),
    ([0, 2], [0.1, 0.2], "other than 0 and 1"),
])
def test_what_cannot_be_judged_is_refused_with_what_to_do(label, probability, words):
    with pytest.raises(AnalysisError, match=words):
        churn.evaluate(pl.Series("label", label, strict=False), pl.Series(probability, dtype=pl.Float64))


@pytest.mark.slow
def test_the_intervals_hold_the_truth_as_often_as_they_say():
    """200 samples of 4,000 rows against the metric of a million rows of the same law, at 95 %."""
    label, truth = drawn(1_000_000, 10)
    scored = metrics.grouped(truth)
    target = dict(zip(metrics.NAMES, metrics.measured(scored, *scored.counts(label, None), Offer()), strict=True))
    seeds, inside = 200, dict.fromkeys(metrics.NAMES, 0)
    for seed in range(seeds):
        table = churn.evaluate(*drawn(4000, 1000 + seed), draws=200, seed=seed)
        for row in table.iter_rows(named=True):
            inside[row["metric"]] += row["ci_low"] <= target[row["metric"]] <= row["ci_high"]
    # a percentile bootstrap of 200 draws loses about a point; three binomial standard errors (1.5 points each) below it
    share = {name: count / seeds for name, count in inside.items()}
    assert all(0.89 <= value <= 0.99 for value in share.values()), share
