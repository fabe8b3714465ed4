"""Lists by uplift against lists by risk on planted campaigns (`bass bench churn` does five)."""

import numpy as np
import pytest

from orchestration.analytics import policy, uplift
from tests import planted_campaign as planted
from tests.benchmarks import churn_planted

pytestmark = pytest.mark.slow


def test_the_list_by_uplift_is_worth_more_than_that_by_risk_for_every_seed():
    for seed in range(1, 3):
        found = churn_planted.campaign(seed)
        assert found["worth_by_uplift"] >= found["worth_by_risk"], found
        assert found["worth_by_uplift"] >= 0.85 * found["worth_of_oracle"], found
        assert abs(found["effect"] - found["true_effect"]) <= 3 * found["standard_error"], found


def test_average_effect_and_policy_value_lie_in_their_intervals_at_the_nominal_rate():
    """100 campaigns of 3,000 customers and one fixed policy; three binomial standard errors around 95 %."""
    seeds, inside = 100, {"effect": 0, "policy": 0}
    for seed in range(seeds):
        frame = planted.campaign(3000, 100 + seed)
        found = uplift.fit_uplift(frame, outcome="left", treated="treated", features=planted.FEATURES,
                                  entity="customer", treated_share=0.5, seed=seed)
        if found.status != "ok":  # the checks of the lot refuse one honest campaign in about 500
            continue
        chosen, value = frame["x0"].to_numpy() > 0.5, frame["value"].to_numpy()
        row = policy.policy_values(found, {"high": chosen}, value=value,
                                   cost=np.full(3000, 5.0)).row(0, named=True)
        worth = ((frame["uplift"].to_numpy() * value - 5.0) * chosen).mean()
        inside["policy"] += row["ci_low"] <= worth <= row["ci_high"]
        inside["effect"] += abs(found.effect - frame["uplift"].mean()) <= 1.96 * found.standard_error
    margin = 3 * np.sqrt(0.95 * 0.05 / seeds)
    assert all(count / seeds >= 0.95 - margin for count in inside.values()), inside
