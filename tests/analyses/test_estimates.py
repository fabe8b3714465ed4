"""Estimates of churn over a planted panel: what they rest on, when they are made again, what they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration import settings
from orchestration.analytics import metrics
from orchestration.estimates import refresh, store
from orchestration.estimates.churn import TABLES
from orchestration.estimates.churn_source import PARAMETERS, shifted
from orchestration.settings import Home
from tests import planted_hazard

pytestmark = pytest.mark.slow

FIRST, MONTHS, PERSONS = date(2025, 1, 1), 7, 4_000
VALUES = dict(zip(PARAMETERS, (100, 24, 10, 6, 5, 400, 15), strict=True))
UPLIFT = 0.08


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    """Leaving in the month after the as-of month, as the planted hazard of the as-of month has it."""
    frame = planted_hazard.panel(PERSONS, MONTHS, 5, intercept=-3.0)
    as_of = pl.Series([shifted(FIRST, month) for month in frame["month"]])
    return frame.with_columns(
        as_of.alias("as_of_month"), pl.col("person").cast(pl.String).alias("subscription_id"),
        pl.Series([shifted(month, 1) for month in as_of]).alias("label_from"),
        pl.Series([shifted(month, 2) for month in as_of]).alias("label_to"),
        (pl.col("x0") * 10 + 60).cast(pl.Decimal(18, 2)).alias("mean_bill_amt"))


def home_of(folder: Path, panel: pl.DataFrame, last: int) -> Home:
    """A home whose working database knows the features up to the month of that number, and what is over by its end."""
    home = settings.home(folder)
    home.work.mkdir(parents=True)
    until = shifted(FIRST, last)
    features = panel.filter(pl.col("as_of_month") <= until)
    labels = features.with_columns(
        pl.when(pl.col("label_to") <= shifted(until, 1)).then("left").alias("is_left"),
        pl.when("left").then(pl.lit("voluntary_need")).alias("churn_kind_code"))
    lists = features.filter(pl.col("person") % 3 == 0).with_columns(
        (pl.col("person") % 2 == 0).alias("is_treated"), pl.col("label_to").alias("outcome_to"))
    chance = 0.2 - UPLIFT * lists["is_treated"].cast(pl.Float64).to_numpy()
    drawn = np.random.default_rng(3).random(len(panel))[: lists.height]
    lists = lists.with_columns(pl.when(pl.col("outcome_to") <= shifted(until, 1)).then(pl.Series(drawn < chance))
                               .alias("is_left"))
    families = pl.DataFrame({"feature_name": planted_hazard.PANEL_FEATURES, "reason_family_code": "usage"})
    values = pl.DataFrame({"parameter_code": list(VALUES), "parameter_value": [float(v) for v in VALUES.values()]})
    with duckdb.connect(str(home.warehouse)) as warehouse:
        for table, frame, columns in (
            ("features.feature_churn_month", features, "subscription_id, as_of_month, mean_bill_amt, tenure as "
             "tenure_months, " + ", ".join(planted_hazard.PANEL_FEATURES)),
            ("features.feature_churn_label", labels, "subscription_id, as_of_month, is_left, churn_kind_code, "
             "label_from, label_to"),
            ("features.feature_retention_list", lists, "subscription_id, as_of_month, is_treated, is_left, outcome_to"),
            ("reference.churn_features", families, "*"),
            ("reference.parameters", values, "*, date '9999-12-31' as valid_to"),
        ):
            warehouse.execute(f"create schema if not exists {table.partition('.')[0]}")
            warehouse.register("given", frame.to_arrow())
            warehouse.execute(f"create table {table} as select {columns} from given")
    return home


@pytest.fixture(scope="module")
def home(panel: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = home_of(tmp_path_factory.mktemp("home"), panel, MONTHS - 1)
    refresh.refresh(made, lambda text: None)
    return made


def tables(home: Home, month: date) -> dict[str, pl.DataFrame]:
    return {table: store.read(home, table, month) for table in TABLES}


def test_what_is_told_of_a_month_follows_from_what_was_known_by_its_end(panel, home, tmp_path) -> None:
    then = home_of(tmp_path / "then", panel, MONTHS - 2)
    refresh.refresh(then, lambda text: None)
    for number in range(MONTHS - 1):
        before, now = tables(then, shifted(FIRST, number)), tables(home, shifted(FIRST, number))
        assert all(before[table].equals(now[table]) for table in TABLES), number


def test_estimates_are_made_once_and_again_from_the_month_on_in_which_something_changed(home) -> None:
    assert refresh.refresh(home, lambda text: None) == {}
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("""update features.feature_churn_label set is_left = not is_left,
                churn_kind_code = 'voluntary_need'
            where as_of_month = date '2025-05-01' and subscription_id = (
                select min(subscription_id) from features.feature_churn_label where as_of_month = date '2025-05-01')""")
    assert refresh.refresh(home, lambda text: None) == {"churn": [date(2025, 6, 1), date(2025, 7, 1)]}


def test_a_short_file_is_made_again_and_a_month_without_features_goes(home) -> None:
    short, stray = store.path(home, "churn_score", date(2025, 7, 1)), store.path(home, "churn_score", date(2020, 1, 1))
    short.write_bytes(short.read_bytes()[:-9])
    stray.parent.mkdir()
    stray.write_bytes(b"")
    assert refresh.refresh(home, lambda text: None) == {"churn": [date(2025, 7, 1)]}
    assert not stray.parent.exists()


def test_a_month_with_few_outcomes_says_so_and_gives_no_figure(home) -> None:
    first = tables(home, FIRST)
    assert set(first["churn_score"]["status"]) == {"low_n"}
    figures = first["churn_score"].select("estimate", "ci_low", "p_90", "expected_loss_amt", "risk_rank",
                                          "reason_code_1")
    assert figures.null_count().row(0) == (first["churn_score"].height,) * 6
    assert not first["churn_score"]["is_alert"].any()
    assert set(first["retention_value"]["action_code"]) == {"unknown"}


def test_scores_come_out_nearly_as_well_as_the_truth_would_and_not_better(panel, home) -> None:
    last = shifted(FIRST, MONTHS - 1)
    card = tables(home, last)["churn_model_card"].filter(pl.col("section") == "out_of_time")
    found = dict(card.select("item", "estimate").rows())
    judged = panel.filter(pl.col("as_of_month") == shifted(last, -1))
    label, truth = judged["left"].cast(pl.Float64).to_numpy(), judged["probability"].to_numpy()
    bayes, events = metrics.auc(label, truth), label.sum()
    error = metrics.auc_standard_error(bayes, events, len(label) - events)
    assert bayes - 0.03 - 2 * error <= found["auc"] <= bayes + 3 * error, (found["auc"], bayes, error)
    assert found["value_calibration"] == pytest.approx(1, abs=0.25)


@pytest.mark.requirement("ANA05")
def test_alerts_are_as_many_as_people_can_work_through_and_are_judged_later(home) -> None:
    last = tables(home, shifted(FIRST, MONTHS - 1))
    assert last["churn_score"]["is_alert"].sum() == VALUES["churn_alert_count"]
    assert last["churn_score"].filter("is_alert")["estimate"].min() >= last["churn_score"].filter(
        ~pl.col("is_alert"))["estimate"].max()
    judged = dict(last["churn_model_card"].filter(pl.col("section") == "alerts").select("item", "estimate").rows())
    assert judged["alerts_right"] <= judged["alerts"] and 0 < judged["recall"] < 1 and judged["median_lead"] >= 1


def test_the_list_is_of_those_worth_more_than_the_contact_and_holds_a_control_group_back(home) -> None:
    last = tables(home, shifted(FIRST, MONTHS - 1))
    (told,) = last["churn_model_card"].filter(pl.col("section") == "campaign").rows(named=True)
    assert told["status"] == "ok" and told["ci_low"] < UPLIFT < told["ci_high"]
    listed = last["retention_value"].filter(pl.col("action_code").is_in(["contact", "control"]))
    assert listed.height == VALUES["retention_count"] and (listed["net_value_amt"] > 0).all()
    held_back = (listed["action_code"] == "control").sum()
    assert abs(held_back - 60) <= 4 * (400 * 0.15 * 0.85) ** 0.5
    net = listed["estimate"] * listed["value_amt"].cast(pl.Float64) - listed["cost_amt"].cast(pl.Float64)
    assert (net - listed["net_value_amt"].cast(pl.Float64)).abs().max() < 0.02


@pytest.mark.requirement("ANA25")
def test_each_list_has_an_outcome_against_its_control_group(panel, home) -> None:
    last = shifted(FIRST, MONTHS - 1)
    (told,) = tables(home, last)["churn_model_card"].filter(pl.col("section") == "retention_list").rows(named=True)
    listed = tables(home, shifted(last, -1))["retention_value"].join(
        panel.filter(pl.col("as_of_month") == shifted(last, -1)), on="subscription_id")
    counts = {action: listed.filter(pl.col("action_code") == action) for action in ("contact", "control")}
    assert told["n_obs"] == sum(rows.height for rows in counts.values())
    if told["status"] == "ok":
        saved = counts["control"]["left"].mean() - counts["contact"]["left"].mean()
        assert told["estimate"] == pytest.approx(saved) and told["ci_low"] < saved < told["ci_high"]
    else:
        assert min(rows.height for rows in counts.values()) < 30 and told["estimate"] is None


def test_who_has_left_adds_up_over_the_kinds_of_leaving(home) -> None:
    told = tables(home, shifted(FIRST, MONTHS - 1))["churn_incidence"].filter(pl.col("status") == "ok")
    kinds = told.filter(pl.col("churn_kind_code") != "(any)").group_by("tenure_months").agg(pl.col("estimate").sum())
    both = told.filter(pl.col("churn_kind_code") == "(any)").join(kinds, on="tenure_months")
    assert both.height > 10 and (both["estimate"] - both["estimate_right"]).abs().max() < 1e-6
