"""Cumulative incidence by cause: worked by hand, and against hazards that are known."""

import numpy as np
import polars as pl
import pytest

from orchestration.analytics import incidence
from orchestration.analytics.errors import AnalysisError

HAZARDS = {"competitor": 0.03, "need": 0.015, "nonpayment": 0.01}


def table(persons: int, periods: int, seed: int) -> pl.DataFrame:
    """Persons who come in at ages 0 to 3, are watched for `periods`, and leave by constant hazards."""
    random = np.random.default_rng(seed)
    entry = random.integers(0, 4, persons)
    edges = np.cumsum(list(HAZARDS.values()))
    at_risk, parts = np.arange(persons), []
    for age in range(periods):
        here = at_risk[entry[at_risk] <= age]
        way = np.searchsorted(edges, random.random(len(here)), side="right")
        named = np.array([*HAZARDS, None], dtype=object)[way]
        cause = pl.Series(named.tolist(), dtype=pl.String)
        parts.append(pl.DataFrame({"age": np.full(len(here), age), "cause": cause}))
        at_risk = np.setdiff1d(at_risk, here[way < len(HAZARDS)])
    return pl.concat(parts)


def truth(periods: int) -> dict[str, np.ndarray]:
    total = sum(HAZARDS.values())
    gone = 1 - (1 - total) ** np.arange(1, periods + 1)
    return {**{name: gone * hazard / total for name, hazard in HAZARDS.items()}, incidence.ANY: gone}


def test_a_table_worked_by_hand():
    rows = ([(1, "a")] * 20 + [(1, "b")] * 20 + [(1, None)] * 60) + ([(2, "a")] * 30 + [(2, None)] * 30)
    frame = pl.DataFrame(rows, schema={"age": pl.Int64, "cause": pl.String}, orient="row")
    found = {(row["time"], row["cause"]): row for row in
             incidence.cumulative_incidence(frame, time="age", cause="cause").iter_rows(named=True)}
    assert found[1, "a"]["incidence"] == pytest.approx(0.2)
    assert found[2, "a"]["incidence"] == pytest.approx(0.2 + 0.6 * 0.5)
    assert found[2, "b"]["incidence"] == pytest.approx(0.2)
    assert found[2, incidence.ANY]["incidence"] == pytest.approx(0.7)
    assert found[2, "a"]["n_at_risk"] == 60 and found[2, "a"]["n_events"] == 30
    # at the first time the variance is that of a share: .2 × .8 / 100, on the log(-log) scale
    low = 1 - np.exp(np.log(0.8) * np.exp(-1.959964 * np.sqrt(0.2 * 0.8 / 100) / (0.8 * -np.log(0.8))))
    assert found[1, "a"]["ci_low"] == pytest.approx(low, abs=1e-6)


def test_causes_add_up_to_all_at_every_time():
    found = incidence.cumulative_incidence(table(3000, 24, 1), time="age", cause="cause").filter(pl.col("time") > 8)
    by_cause = found.filter(pl.col("cause") != incidence.ANY).group_by("time").agg(pl.col("incidence").sum())
    both = by_cause.join(found.filter(pl.col("cause") == incidence.ANY), on="time")
    assert (both["incidence"] - both["incidence_right"]).abs().max() < 1e-12


def test_without_late_entry_the_incidence_is_the_share_that_has_left():
    """Everybody from the start, nobody cut off: Aalen-Johansen is then plain counting."""
    random = np.random.default_rng(2)
    age, cause = random.integers(0, 10, 500), random.choice(["a", "b"], 500)
    rows = [(t, cause[n] if t == age[n] else None) for n in range(500) for t in range(age[n] + 1)]
    frame = pl.DataFrame(rows, schema={"age": pl.Int64, "cause": pl.String}, orient="row")
    found = incidence.cumulative_incidence(frame, time="age", cause="cause")
    for row in found.filter((pl.col("status") == "ok") & (pl.col("cause") != incidence.ANY)).iter_rows(named=True):
        assert row["incidence"] == pytest.approx(((age <= row["time"]) & (cause == row["cause"])).mean())


def test_shares_of_causes_lie_within_two_points_of_the_truth():
    found = incidence.cumulative_incidence(table(20_000, 24, 3), time="age", cause="cause").filter(pl.col("time") == 23)
    shares = dict(found.select("cause", "incidence").iter_rows())
    for name, expected in truth(24).items():
        assert abs(shares[name] - expected[-1]) < 0.02


@pytest.mark.slow
def test_the_intervals_hold_the_truth_at_their_rate():
    """300 samples of 1,500 persons, each cause at two ages; three binomial standard errors around 95 %."""
    expected, seeds = truth(24), 300
    inside: dict[tuple[str, int], int] = {}
    for seed in range(seeds):
        found = incidence.cumulative_incidence(table(1500, 24, 100 + seed), time="age", cause="cause")
        for row in found.filter(pl.col("time").is_in([11, 23])).iter_rows(named=True):
            held = row["ci_low"] <= expected[row["cause"]][row["time"]] <= row["ci_high"]
            inside[row["cause"], row["time"]] = inside.get((row["cause"], row["time"]), 0) + held
    margin = 3 * np.sqrt(0.95 * 0.05 / seeds)
    assert all(abs(count / seeds - 0.95) < margin for count in inside.values()), inside


def test_few_events_give_no_incidence():
    frame = pl.DataFrame({"age": [0] * 100, "cause": ["a"] * 19 + [None] * 81})
    found = incidence.cumulative_incidence(frame, time="age", cause="cause")
    assert set(found["status"]) == {"low_n"} and found["incidence"].null_count() == found.height


@pytest.mark.parametrize(("rows", "words"), [
    ({"age": [1.5], "cause": ["a"]}, "whole number"),
    ({"age": [1, 3], "cause": ["a", "a"]}, "nobody is at risk at age 2"),
    ({"age": [1], "cause": [None]}, "nobody left"),
])
def test_what_cannot_be_told_is_refused(rows, words):
    frame = pl.DataFrame(rows, schema_overrides={"cause": pl.String})
    with pytest.raises(AnalysisError, match=words):
        incidence.cumulative_incidence(frame, time="age", cause="cause")
