"""The churn model against hazards that are known: as good as can be, never better, and sure of itself at its rate.

Gates come from standard errors or from the issue; each message tells seed, figure and limit.
"""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from orchestration.analytics import churn, encoding, logistic, metrics, validation
from tests import planted_hazard as planted
from tests.benchmarks import churn_planted

SEEDS = range(1, 3)  # `bass bench churn` does five
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def operators() -> list[dict[str, float]]:
    """Two operators of 20,000 subscriptions, fitted on nine months, judged on three later months of other persons."""
    return [churn_planted.hazard(seed) for seed in SEEDS]


def test_the_model_ranks_nearly_as_well_as_the_truth_and_never_better(operators):
    for found in operators:
        low, high = found["bayes_auc"] - 0.02, found["bayes_auc"] + 3 * found["standard_error"]
        assert low <= found["auc"] <= high, found


def test_probabilities_of_later_months_are_true(operators):
    for found in operators:
        assert 0.9 <= found["calibration_slope"] <= 1.1, found


def test_shares_of_causes_are_within_two_points(operators):
    for found in operators:
        assert found["worst_cause_share"] <= 0.02, found


def test_planted_ratios_lie_in_their_intervals_as_often_as_they_say(operators):
    """Coefficients of the operators together: binomial, three standard errors below 95 %."""
    inside, count = (sum(found[name] for found in operators) for name in ("ratios_inside", "ratios"))
    assert inside / count >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / count), f"{inside} of {count}"


def test_hazard_ratios_hold_the_truth_at_the_nominal_rate():
    """300 samples of 4,000 rows in the true form, twelve coefficients; each within three binomial standard errors."""
    truth = np.array([planted.EFFECTS.get(name, 0.0) for name in planted.FEATURES])
    inside, seeds = np.zeros(len(truth)), 300
    for seed in range(seeds):
        frame = planted.cross_section(4000, 500 + seed, intercept=-2.2, interaction=0.0)
        columns = encoding.learn(frame, planted.FEATURES)
        fitted = logistic.train(columns, encoding.encode(columns, frame), frame["left"].cast(pl.Float64).to_numpy(),
                                np.arange(frame.height))
        table = logistic.ratios(fitted)
        inside += ((table["ci_low"].to_numpy() <= np.exp(truth)) & (np.exp(truth) <= table["ci_high"].to_numpy()))
    margin = 3 * np.sqrt(0.95 * 0.05 / seeds)
    assert (np.abs(inside / seeds - 0.95) < margin + 0.005).all(), (inside / seeds).round(3)


def test_intervals_of_ratios_hold_for_persons_who_come_many_times_only_with_the_person_as_entity():
    """Six equal rows per person, 200 samples; x6 has no effect, so its ratio is 1."""
    held, seeds = {"person": 0, "row": 0}, 200
    for seed in range(seeds):
        frame = pl.concat([planted.cross_section(800, 900 + seed, intercept=-1.5, interaction=0.0)] * 6)
        columns = encoding.learn(frame, planted.FEATURES)
        matrix, label = encoding.encode(columns, frame), frame["left"].cast(pl.Float64).to_numpy()
        for name, entity in (("person", frame["person"].to_numpy()), ("row", np.arange(frame.height))):
            table = logistic.ratios(logistic.train(columns, matrix, label, entity))
            row = table.row(by_predicate=pl.col("feature") == "x6", named=True)
            held[name] += row["ci_low"] <= 1 <= row["ci_high"]
    assert held["person"] / seeds >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / seeds), held
    assert held["row"] / seeds < 0.75, held


def test_the_interval_of_a_score_holds_what_other_samples_would_give():
    """30 models of 4,000 other persons each: how often the interval of one holds the mean of all, at 300 fresh rows."""
    fresh, draws = planted.cross_section(300, 1), 30
    found = []
    for seed in range(draws):
        frame = planted.cross_section(4000, 2000 + seed)
        model = churn.fit(frame, label="left", features=planted.FEATURES, entity="person", seed=seed)
        found.append(churn.score(model, fresh, reasons=False))
    odds = np.stack([scored["log_odds"].to_numpy() for scored in found])
    low, high = (np.stack([scored[name].to_numpy() for scored in found])
                 for name in ("probability_low", "probability_high"))
    mean = expit(odds.mean(axis=0))
    share = ((low <= mean) & (mean <= high)).mean()
    assert share >= 0.93, f"{share:.3f} of intervals at 95 %"


def test_out_of_time_the_panel_is_judged_by_models_of_earlier_months_and_other_persons():
    frame = planted.panel(6000, 8, seed=11, intercept=-3.2)
    found = validation.out_of_time(frame, label="left", features=planted.PANEL_FEATURES, entity="person",
                                   period="month", test_periods=2)
    late = frame.with_row_index("row").filter(pl.col("month") >= 6)
    assert found["row"].to_list() == late["row"].to_list()
    left = late["left"].cast(pl.Float64).to_numpy()
    bayes = metrics.auc(left, late["probability"].to_numpy())
    error = metrics.auc_standard_error(bayes, left.sum(), (1 - left).sum())
    auc = metrics.auc(left, found["probability"].to_numpy())
    assert bayes - 0.05 <= auc <= bayes + 3 * error, f"{auc:.4f}, Bayes {bayes:.4f}, standard error {error:.4f}"


def test_what_is_known_a_month_too_early_shows_above_the_bayes_limit():
    """A mutation: the noise of next month's draw is a feature, weak enough to pass as a single feature."""
    frame = planted.cross_section(20_000, 12)
    hint = frame["left"].cast(pl.Float64) * 1.2 + pl.Series(np.random.default_rng(1).normal(size=frame.height))
    leaking, features = frame.with_columns(hint=hint), [*planted.FEATURES, "hint"]
    train, test = leaking.head(10_000), leaking.tail(10_000)
    model = churn.fit(train, label="left", features=features, entity="person")
    bayes = metrics.auc(test["left"].cast(pl.Float64).to_numpy(), test["probability"].to_numpy())
    scored = churn.score(model, test, reasons=False)
    with pytest.raises(churn.LeakageError, match="above the Bayes limit"):
        churn.evaluate(test["left"], scored["probability"], bayes_auc=bayes, draws=2)
