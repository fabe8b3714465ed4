"""What the churn library finds of planted hazards and campaigns, beside the truth; the tests hold the same figures."""

from __future__ import annotations

import numpy as np
import polars as pl

from orchestration.analytics import churn, metrics, policy, uplift
from tests import planted_campaign, planted_hazard

TRAIN_MONTHS, TEST_MONTHS = 9, 3
COST = 5.0
HAZARD_COLUMNS = ("seed", "rows", "events", "bayes_auc", "auc", "standard_error", "logistic_auc", "calibration_slope",
                  "calibration_intercept", "worst_cause_share", "ratios_inside", "ratios", "truth_inside")


def hazard(seed: int, persons: int = 20_000, interaction: float = planted_hazard.INTERACTION) -> dict[str, float]:
    """One operator: fitted on nine months of `persons`, judged on the three months after, of three times as many other
    persons, so that what the slope of calibration tells is the model and not the test (standard error about .02).

    worst_cause_share: largest difference between the expected and the true share of a cause among leavers.
    ratios_inside: how many of the planted log-odds lie in the 95 % interval of the logistic part. truth_inside: share
    of rows whose true probability lies in the interval of the score.
    """
    train = planted_hazard.panel(persons, TRAIN_MONTHS, seed, interaction=interaction)
    test = planted_hazard.panel(3 * persons, TRAIN_MONTHS + TEST_MONTHS, seed + 10_000, interaction=interaction,
                                first_person=persons, first_month=TRAIN_MONTHS)
    features = [*planted_hazard.PANEL_FEATURES, "x0_x1"]
    train, test = (frame.with_columns(x0_x1=pl.col("x0") * pl.col("x1")) for frame in (train, test))
    trees = [name for name in features if name != "x0_x1"]
    model = churn.fit(train, label="left", features=trees, entity="person", period="month", cause="cause", seed=seed)
    scored = churn.score(model, test.select(trees), reasons=False)
    left = test["left"].cast(pl.Float64).to_numpy()
    judged = dict(churn.evaluate(test["left"], scored["probability"], draws=2).select("metric", "estimate").iter_rows())
    bayes = metrics.auc(left, test["probability"].to_numpy())
    inside = scored["probability_low"] <= test["probability"], test["probability"] <= scored["probability_high"]
    return {"seed": seed, "rows": test.height, "events": int(left.sum()), "bayes_auc": bayes, "auc": judged["auc"],
            "standard_error": metrics.auc_standard_error(bayes, left.sum(), (1 - left).sum()),
            "logistic_auc": metrics.auc(left, scored["baseline_probability"].to_numpy()),
            "calibration_slope": judged["calibration_slope"], "calibration_intercept": judged["calibration_intercept"],
            "worst_cause_share": worst_cause_share(scored, test), **ratios_inside(train, features, seed),
            "truth_inside": float((inside[0] & inside[1]).mean())}


def worst_cause_share(scored: pl.DataFrame, test: pl.DataFrame) -> float:
    """Shares of the causes in the expected leavers, against those in the true hazards."""
    whole, worst = scored["probability"].sum(), 0.0
    for name in planted_hazard.CAUSES:
        expected = scored[f"probability_{name}"].sum() / whole
        true = (test["probability"] * test[f"share_{name}"]).sum() / test["probability"].sum()
        worst = max(worst, abs(expected - true))
    return worst


def ratios_inside(train: pl.DataFrame, features: list[str], seed: int) -> dict[str, int]:
    """With the interaction as a feature the logistic part is the true form, up to the season."""
    from orchestration.analytics import encoding, logistic

    columns = encoding.learn(train, features)
    person, label = train["person"].to_numpy(), train["left"].cast(pl.Float64).to_numpy()
    table = logistic.ratios(logistic.train(columns, encoding.encode(columns, train), label, person))
    told = {(row["feature"], row["member"]): row for row in table.iter_rows(named=True)}
    truth = {(f"x{number}", ""): planted_hazard.EFFECTS.get(f"x{number}", 0.0) for number in range(12)}
    truth |= {("x0_x1", ""): planted_hazard.INTERACTION, ("tenure", ""): -0.015, ("is_online", ""): -0.3,
              ("plan", "flex"): 0.7, ("plan", "family"): 0.0}
    held = [told[key]["ci_low"] <= np.exp(value) <= told[key]["ci_high"] for key, value in truth.items()]
    return {"ratios_inside": int(sum(held)), "ratios": len(held)}


def campaign(seed: int, rows: int = 20_000) -> dict[str, float]:
    """One randomised campaign with sleeping dogs: the true worth per customer of three lists of equal length."""
    frame = planted_campaign.campaign(rows, seed)
    found = uplift.fit_uplift(frame, outcome="left", treated="treated", features=planted_campaign.FEATURES,
                              entity="customer", treated_share=0.5, seed=seed)
    value, true = frame["value"].to_numpy(), frame["uplift"].to_numpy()
    expected, gain = found.held_out * value - COST, true * value - COST
    by_uplift = expected > 0
    by_risk = policy.top(found.base[:, 0] * value, int(by_uplift.sum()))
    told = policy.policy_values(found, {"uplift": by_uplift, "risk": by_risk}, value=value, cost=np.full(rows, COST),
                                against="risk").filter(pl.col("policy") == "uplift - risk").row(0, named=True)
    return {"seed": seed, "rows": rows, "effect": found.effect, "true_effect": float(true.mean()),
            "standard_error": found.standard_error, "contacted": int(by_uplift.sum()),
            "worth_by_uplift": float((gain * by_uplift).mean()), "worth_by_risk": float((gain * by_risk).mean()),
            "worth_of_oracle": float((gain * (gain > 0)).mean()), "told_difference": told["estimate"],
            "told_low": told["ci_low"], "told_high": told["ci_high"]}
