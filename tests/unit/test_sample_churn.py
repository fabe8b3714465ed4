"""Leaving as the sample operator plants it: what was drawn happens, and the truth folder says by what chance."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from orchestration.sample_operator import Plan, hazard, truth_churn
from orchestration.sample_operator.operator import draw


@pytest.fixture(scope="module")
def world():
    return draw(Plan(20_000, 10, 11, date(2025, 6, 1)))


@pytest.fixture(scope="module")
def months(world) -> pl.DataFrame:
    """Person-months for which two months before are in the sample."""
    return truth_churn.tables(world)["churn_hazard"].filter(pl.col("month") >= world.plan.date_of(
        world.plan.month_days[hazard.NOTICE]), ~pl.col("is_replaced"))


def test_as_many_leave_as_their_chances_say_in_every_tenth_of_the_chance(months):
    rank = pl.col("p_left").rank("ordinal").cast(pl.Int64)
    sums = months.group_by((rank * 10 // (pl.len() + 1)).alias("tenth")).agg(
        pl.col("p_left").sum().alias("due"), pl.col("is_left").sum(), (pl.col("p_left") * (1 - pl.col("p_left"))).sum(
        ).sqrt().alias("se"), pl.len())
    apart = sums.with_columns(((pl.col("is_left") - pl.col("due")) / pl.col("se")).alias("z")).sort("tenth")
    assert (apart["z"].abs() < 3.5).all(), apart


def test_the_best_possible_forecast_is_good_but_no_oracle(months):
    gone, rank = months["is_left"].to_numpy(), months["p_left"].rank().to_numpy()
    left, stayed = int(gone.sum()), int((~gone).sum())
    auc = (rank[gone].sum() - left * (left + 1) / 2) / (left * stayed)
    assert 0.75 <= auc <= 0.85, (auc, left, stayed)


def test_causes_come_in_the_shares_that_their_chances_say(world, months):
    left = pl.DataFrame({"subscription_id": world.population.subscription_id, "cause": world.life.churn.cause,
                         "kind": world.life.status_of_leaving()})
    gone = months.filter("is_left").join(left, on="subscription_id")
    gone = gone.with_columns(pl.when(pl.col("kind") == 2020).then(pl.lit("ARREARS")).otherwise("cause").alias("cause"))
    for cause in (*hazard.CAUSES.tolist(), "ARREARS"):
        chance = months[f"p_{cause.lower()}"]
        due, se = chance.sum(), float(np.sqrt((chance * (1 - chance)).sum()))
        assert abs(int((gone["cause"] == cause).sum()) - due) < 4 * se, (cause, due, se)


def test_leaving_keeps_the_rates_of_the_plan(world, months):
    rate = months.filter(pl.col("is_left")).height / months.height
    planned = world.plan.effects.monthly_cancel + world.plan.effects.monthly_port_out
    assert 0.75 * planned <= rate <= 1.35 * planned


def test_a_retention_campaign_keeps_some_wakes_up_others_and_is_drawn_by_lot(world):
    uplift = truth_churn.tables(world)["churn_uplift"]
    assert {int(sign) for sign in np.sign(uplift["log_odds"])} == {-1, 0, 1}
    assert (uplift.filter(pl.col("log_odds") < 0)["uplift"] >= 0).all()
    assert (uplift.filter(pl.col("log_odds") > 0)["uplift"] <= 0).all()
    held = uplift.group_by("is_treated").agg(pl.col("p_untreated").mean(), pl.len()).sort("is_treated")
    kept, asked = held["p_untreated"]
    assert abs(kept - asked) < 0.15 * asked  # the same people by lot
    assert 0.1 < held["len"][0] / held["len"].sum() < 0.3


@pytest.mark.parametrize(("people", "months"), [(50, 1), (60, 2), (300, 3)])
def test_small_samples_have_hazards_too(people, months):
    tables = truth_churn.tables(draw(Plan(people, months, 3)))
    chance = tables["churn_hazard"]["p_left"]
    assert chance.is_between(0, 1).all() and chance.is_not_nan().all()
