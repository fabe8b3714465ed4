"""Uplift of a randomised campaign, the retention list by value, and what is refused; the truth is planted."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from orchestration.analytics import early_warning, policy, uplift
from orchestration.analytics.errors import AnalysisError
from tests import planted_campaign as planted

COST = 5.0


def fitted(frame: pl.DataFrame, **options) -> uplift.Campaign:
    return uplift.fit_uplift(frame, outcome="left", treated="treated", features=planted.FEATURES, entity="customer",
                             treated_share=0.5, **options)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return planted.campaign(20_000, 1)


@pytest.fixture(scope="module")
def campaign(frame) -> uplift.Campaign:
    return fitted(frame, seed=1)


def test_the_average_effect_is_the_planted_one(campaign, frame):
    error = abs(campaign.effect - frame["uplift"].mean()) / campaign.standard_error
    assert error < 2.5, f"{error:.1f} standard errors"


def test_the_effect_is_found_where_it_is_and_sleeping_dogs_are_told(campaign):
    fresh = planted.campaign(20_000, 2)
    scored = uplift.score_uplift(campaign, fresh)
    assert np.corrcoef(scored["uplift"], fresh["uplift"])[0, 1] > 0.7
    woken = fresh["uplift"].to_numpy() < -0.1
    assert woken.mean() > 0.1 and (scored["uplift"].to_numpy()[woken] < 0.02).mean() > 0.75


def policies(campaign: uplift.Campaign, frame: pl.DataFrame) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Which customers each policy contacts, and what that is truly worth per customer."""
    value = frame["value"].to_numpy()
    risk = campaign.base[:, 0] * value
    by_value = campaign.held_out * value - COST
    capacity = int((by_value > 0).sum())
    chosen = {"uplift": by_value > 0, "risk": policy.top(risk, capacity),
              "oracle": frame["uplift"].to_numpy() * value > COST}
    gain = frame["uplift"].to_numpy() * value - COST
    return chosen, {name: float((gain * rows).mean()) for name, rows in chosen.items()}


def test_the_list_by_uplift_is_worth_more_than_the_list_by_risk_at_the_same_capacity(campaign, frame):
    chosen, true = policies(campaign, frame)
    assert true["uplift"] > true["risk"] and true["uplift"] > 0.85 * true["oracle"], true
    costs = np.full(frame.height, COST)
    told = policy.policy_values(campaign, chosen, value=frame["value"], cost=costs, against="risk")
    by_name = {row["policy"]: row for row in told.iter_rows(named=True)}
    for name, worth in true.items():
        row = by_name[name]
        error = (row["ci_high"] - row["ci_low"]) / 2 / norm.ppf(0.975)
        assert abs(row["estimate"] - worth) < 3 * error, f"{name}: {row['estimate']:.2f} for {worth:.2f} ± {error:.2f}"
    assert by_name["uplift - risk"]["ci_low"] > 0


def test_an_offer_without_effect_is_told_as_the_same_for_all_and_nearly_none():
    found = fitted(planted.campaign(10_000, 3, effect=0.0), seed=1)
    assert abs(found.effect) < 3 * found.standard_error
    assert np.abs(found.held_out).mean() < 3 * found.standard_error


@pytest.mark.parametrize(("change", "words"), [
    (lambda f: f.with_columns(treated=pl.lit(True)), "control group has 0 rows"),
    (lambda f: f.filter(~pl.col("treated") | (pl.col("customer") % 100 == 0)), "treated group has .* rows"),
    (lambda f: f.with_columns(treated=pl.col("x0") + 2 * pl.col("x5") > 0), "not given by lot"),
    (lambda f: f.filter(pl.col("treated") | (pl.col("customer") % 3 > 0)), "sample ratio"),
])
def test_without_a_lot_there_is_a_status_and_no_figure(frame, change, words):
    import re

    changed = change(frame)
    found = fitted(changed)
    assert found.status == "not_identified" and re.search(words, found.reason), found.reason
    assert uplift.score_uplift(found, changed)["uplift"].null_count() == changed.height
    told = policy.policy_values(found, {"all": np.ones(changed.height, bool)}, value=changed["value"],
                                cost=np.ones(changed.height))
    assert told["estimate"].null_count() == 1 and told["status"][0] == "not_identified"


def test_the_retention_list_keeps_a_control_share_and_stays_within_capacity():
    frame = pl.DataFrame({"u": [0.1, -0.2, 0.3, None] * 1000, "v": [100.0] * 4000, "c": [5.0] * 4000})
    found = policy.retention_list(frame, uplift="u", value="v", cost="c", capacity=1500, control_share=0.1, seed=1)
    counts = dict(found["action"].value_counts().iter_rows())
    assert counts["contact"] + counts["control"] == 1500 and counts["unknown"] == 1000
    assert abs(counts["control"] - 150) < 4 * np.sqrt(150 * 0.9)
    assert found.filter(pl.col("net_value") < 0)["action"].unique().to_list() == ["leave"]
    best = found.filter(pl.col("u") == 0.3)["action"].unique().sort().to_list()
    assert best == ["contact", "control"] and found.filter(pl.col("is_control")).height == counts["control"]


def test_the_share_saved_is_told_against_the_control():
    random = np.random.default_rng(4)
    action = random.choice(["contact", "control", "leave"], 20_000, p=[0.5, 0.2, 0.3])
    left = random.random(20_000) < np.where(action == "contact", 0.2, 0.3)
    worked = pl.DataFrame({"left": left, "action": action})
    row = policy.saved(worked, outcome="left", action="action").row(0, named=True)
    assert row["ci_low"] < 0.1 < row["ci_high"] and row["ci_low"] > 0 and row["status"] == "ok"
    alone = pl.DataFrame({"left": [True] * 50, "action": ["contact"] * 50})
    none = policy.saved(alone, outcome="left", action="action")
    assert none["status"][0] == "not_identified" and none["estimate"][0] is None


def test_alerts_keep_to_their_capacity_and_are_judged_by_recall_and_lead():
    frame = pl.DataFrame({"who": list("abcd") * 3, "month": [1] * 4 + [2] * 4 + [3] * 4,
                          "p": [0.9, 0.8, 0.1, None, 0.2, 0.9, 0.8, None, 0.1, 0.3, 0.9, 0.8]})
    found = early_warning.alerts(frame, period="month", probability="p", capacity=2)
    assert found.filter("is_alert")["who"].to_list() == ["a", "b", "b", "c", "c", "d"]
    exits = pl.DataFrame({"who": ["b", "c", "e", "a"], "month": [2, 3, 3, 3]})
    row = early_warning.judged(found, exits, entity="who", period="month", within=2).row(0, named=True)
    assert (row["exits"], row["exits_alerted"], row["recall"]) == (4, 2, 0.5)
    assert (row["alerts"], row["alerts_right"], row["median_lead"]) == (6, 4, 1.0)


def test_the_expected_lost_margin_is_what_the_hazard_takes_of_the_margin():
    frame = pl.DataFrame({"margin": [10.0, -4.0, 10.0], "probability": [0.5, 0.5, None],
                          "probability_low": [0.2, 0.2, None], "probability_high": [0.6, 0.6, None]})
    found = early_warning.expected_loss(frame, margin="margin", periods=2, discount=0.9)
    assert found["expected_lost_margin"][0] == pytest.approx(10 * (0.5 * 0.9 + 0.75 * 0.81))
    assert found["expected_lost_margin"][2] is None
    for low, middle, high in list(found.select("expected_lost_margin_low", "expected_lost_margin",
                                               "expected_lost_margin_high").iter_rows())[:2]:
        assert low < middle < high


def test_a_risk_that_grows_is_told_from_one_that_is_high():
    frame = pl.DataFrame({"who": ["a", "b"] * 4, "month": [1, 1, 2, 2, 3, 3, 4, 4],
                          "log_odds": [-1.0, -4.0, -1.0, -3.0, -1.2, -2.0, -1.0, None]})
    found = early_warning.risen(frame, entity="who", period="month", allowance=0.1)
    assert found.select(frame.columns).equals(frame)
    by_who = found.filter(pl.col("month") == 3)["risen_log_odds"].to_list()
    assert by_who == pytest.approx([0.0, 2.0 - 0.2]) and found["risen_log_odds"].to_list()[-1] is None


def test_gone_within_three_periods_is_one_minus_staying_three_times():
    frame = pl.DataFrame({"probability": [0.1, None], "probability_low": [0.05, None], "probability_high": [0.2, None]})
    row = early_warning.within(frame).row(0, named=True)
    assert row["probability_within_3"] == pytest.approx(1 - 0.9**3)
    assert row["probability_within_1_low"] == pytest.approx(0.05)
    assert early_warning.within(frame)["probability_within_2"][1] is None


def test_an_uplift_on_rows_without_outcomes_is_refused(frame):
    with pytest.raises(AnalysisError, match="who was treated must be known"):
        fitted(frame.with_columns(treated=pl.lit(None, dtype=pl.Boolean)))
