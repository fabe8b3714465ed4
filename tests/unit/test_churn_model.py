"""The churn model on small planted tables: what it takes, what it returns, what it refuses."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from orchestration.analytics import churn, metrics, resampling
from orchestration.analytics.errors import AnalysisError, LeakageError
from tests import planted_hazard as planted

FAMILIES = {"x0": "price", "x1": "price", "x2": "network", "tenure": "contract"}


@pytest.fixture(scope="module")
def months() -> pl.DataFrame:
    return planted.panel(1500, 6, seed=3, intercept=-2.6)


@pytest.fixture(scope="module")
def model(months) -> churn.Model:
    return churn.fit(months, label="left", features=planted.PANEL_FEATURES, entity="person", period="month",
                     cause="cause", families=FAMILIES, seed=1)


@pytest.fixture(scope="module")
def scores(model) -> pl.DataFrame:
    return churn.score(model, planted.panel(800, 6, seed=4, intercept=-2.6, first_person=10_000))


def test_a_score_is_a_row_per_row_with_interval_causes_and_status(model, scores):
    assert model.status == "ok" and set(scores["status"]) == {"ok"}
    assert scores.columns[:2] == ["person", "month"]
    low, middle, high = (scores[name] for name in ("probability_low", "probability", "probability_high"))
    assert ((low < middle) & (middle < high) & (low > 0) & (high < 1)).all()
    assert scores["model_version"].unique().to_list() == [model.version]


def test_causes_add_up_to_the_probability(scores):
    named = [f"probability_{name}" for name in sorted(planted.CAUSES)]
    together = scores.select(pl.sum_horizontal(named)).to_series()
    assert (together - scores["probability"]).abs().max() < 1e-12


def test_reasons_are_families_that_raise_the_risk_strongest_first(scores):
    values = scores.select(f"reason_value_{number}" for number in (1, 2, 3))
    assert (values["reason_value_1"].drop_nulls() > 0).all()
    assert (values["reason_value_1"] >= values["reason_value_2"].fill_null(0)).all()
    assert (values["reason_value_2"].fill_null(0) >= values["reason_value_3"].fill_null(0)).all()
    by_price = scores.filter(pl.col("reason_family_1") == "price")
    assert by_price.height > 0 and set(by_price["reason_code_1"]) <= {"x0", "x1"}
    assert set(scores["reason_family_1"].drop_nulls()) <= {*FAMILIES.values(), *planted.PANEL_FEATURES}


def test_all_contributions_and_the_mean_are_the_log_odds(model):
    from orchestration.analytics import boosting, encoding

    frame = planted.panel(100, 1, seed=5, intercept=-2.6)
    matrix = encoding.encode(model.columns, frame)
    _, parts = next(iter(boosting.contributions(model.estimator.booster, matrix)))
    line = model.estimator.calibration
    total = line.intercept + line.slope * (model.estimator.offset + parts.sum(axis=1))
    assert np.allclose(total, churn.score(model, frame)["log_odds"], atol=1e-6)


def test_the_same_seed_gives_the_same_model_and_another_seed_another(months):
    some = months.head(2500)

    def fitted(seed: int) -> churn.Model:
        return churn.fit(some, label="left", features=planted.FEATURES, entity="person", seed=seed)

    first, again, other = fitted(1), fitted(1), fitted(2)
    one, two = churn.score(first, some, reasons=False), churn.score(again, some, reasons=False)
    assert one.equals(two) and first.version == again.version != other.version


def test_nulls_unseen_members_and_other_number_types_are_taken_as_they_come(model):
    frame = planted.panel(50, 1, seed=6, intercept=-2.6).with_columns(
        pl.lit("never seen").alias("region"), pl.lit(None, dtype=pl.Float64).alias("x0"),
        pl.col("tenure").cast(pl.Decimal(10, 2)), pl.lit(None, dtype=pl.String).alias("plan"),
        pl.lit(float("inf")).alias("x1"))
    scored = churn.score(model, frame)
    assert scored["probability"].null_count() == 0 and scored["probability"].is_between(0, 1).all()


def test_a_text_that_is_missing_in_training_is_learnt_as_unknown():
    random = np.random.default_rng(1)
    unknown = random.random(4000) < 0.3
    left = random.random(4000) < np.where(unknown, 0.3, 0.05)
    frame = pl.DataFrame({"id": range(4000), "plan": np.where(unknown, "", random.choice(["a", "b"], 4000)),
                          "left": left, "noise": random.normal(size=4000)}).with_columns(
        pl.when(pl.col("plan") != "").then("plan").alias("plan"))
    model = churn.fit(frame, label="left", features=["plan", "noise"], entity="id")
    means = churn.score(model, frame).with_columns(frame["plan"]).group_by("plan").agg(pl.col("probability").mean())
    assert means.filter(pl.col("plan").is_null())["probability"][0] == pytest.approx(0.3, abs=0.05)
    ratio = churn.hazard_ratios(model).filter(pl.col("member") == "(unknown)").row(0, named=True)
    assert ratio["ci_low"] < (0.3 / 0.7) / (0.05 / 0.95) < ratio["ci_high"]


def test_base_rate_brings_a_rebalanced_sample_to_the_true_rate():
    whole = planted.cross_section(20_000, 7)
    balanced = whole.filter(pl.col("left") | (pl.Series(np.random.default_rng(2).random(20_000)) < 0.06))
    assert balanced["left"].mean() > 0.4
    rate = float(whole["left"].mean())
    model = churn.fit(balanced, label="left", features=planted.FEATURES, entity="person", base_rate=rate)
    fresh = planted.cross_section(20_000, 8)
    mean = churn.score(model, fresh, reasons=False)["probability"].mean()
    error = np.sqrt(rate * (1 - rate) * 2 / 20_000)
    assert abs(mean - rate) < 4 * error + 0.05 * rate, f"{mean:.4f} for {rate:.4f}, standard error {error:.4f}"


def test_no_entity_stands_on_both_sides_and_copies_count_as_one():
    frame = pl.DataFrame({"a": [1.0, 2.0, 1.0, 3.0, 2.0, None, None], "b": ["x", "y", "x", "y", "z", "y", "y"]})
    copies = resampling.entities(frame, ["a", "b"], None)
    assert copies[0] == copies[2] and copies[5] == copies[6] and len(set(copies)) == 5
    entity = np.repeat(np.arange(200), 5)
    label = (np.arange(1000) % 50 == 0).astype(float)
    fold = resampling.folds(entity, label, 5, seed=1)
    assert all(len(set(fold[entity == number])) == 1 for number in range(200))
    assert np.ptp([label[fold == number].sum() for number in range(5)]) <= 1


def test_coarse_features_do_not_make_everybody_one_entity():
    frame = pl.DataFrame({"a": [1, 2] * 50})
    assert len(set(resampling.entities(frame, ["a"], None))) == 100


@pytest.mark.parametrize("leak", ["copy", "turned", "missing", "middle", "text"])
def test_a_feature_that_tells_the_outcome_stops_the_fit(leak):
    frame = planted.cross_section(5000, 9)
    left, noise = frame["left"].to_numpy(), np.random.default_rng(3).normal(size=5000)
    leaks = {"copy": pl.Series(left + 0.2 * noise), "turned": pl.Series(-1.0 * left + 0.2 * noise),
             "missing": pl.Series(noise).set(pl.Series(left), None),
             "middle": pl.Series(np.where(left, 0.05 * noise, np.sign(noise) + 0.05 * noise)),
             "text": pl.Series(np.where(left, "gone", "here"))}
    with pytest.raises(LeakageError, match=r"'state' \(1\.000|'state' \(0\.9.*leave it out"):
        churn.fit(frame.with_columns(leaks[leak].alias("state")), label="left", entity="person",
                  features=[*planted.FEATURES, "state"])


def test_a_shuffled_label_gives_no_score():
    frame = planted.cross_section(6000, 10)
    shuffled = frame.with_columns(frame["left"].shuffle(seed=5))
    model = churn.fit(shuffled, label="left", features=planted.FEATURES, entity="person")
    auc = model.metrics.filter(pl.col("metric") == "auc")["estimate"][0]
    events = shuffled["left"].sum()
    assert abs(auc - 0.5) < 4 * metrics.auc_standard_error(0.5, events, 6000 - events)
    assert model.status == "not_identified"
    scored = churn.score(model, frame)
    assert set(scored["status"]) == {"not_identified"}
    assert scored["probability"].null_count() == scored["reason_code_1"].null_count() == 6000


def test_few_events_give_a_status_and_no_score():
    frame = planted.cross_section(600, 11)
    model = churn.fit(frame, label="left", features=planted.FEATURES, entity="person")
    assert model.status == "low_n" and frame["left"].sum() < 50
    assert churn.score(model, frame)["probability"].null_count() == 600
    with pytest.raises(AnalysisError, match="low_n"):
        churn.hazard_ratios(model)
    assert "training" in churn.card(model)["section"]


def test_the_card_tells_what_was_held_out_the_baseline_the_features_and_the_drift(model, months):
    drifted = churn.psi(model, months.with_columns(pl.col("x2") + 1.5))
    told = churn.card(model, out_of_time=model.metrics, drifted=drifted)
    assert set(told["section"]) == {"training", "held_out", "baseline", "calibration", "hazard_ratio", "feature",
                                    "out_of_time", "drift"}
    by_item = {row["item"]: row for row in told.filter(pl.col("section") == "drift").iter_rows(named=True)}
    assert by_item["x2"]["status"] == "shifted" and by_item["x3"]["status"] == "ok"
    assert told["model_version"].unique().to_list() == [model.version]
    facts = dict(told.filter(pl.col("section") == "training").select("item", "detail").iter_rows())
    assert (facts["train_from"], facts["train_to"], facts["n_obs"]) == ("0", "5", str(months.height))


def test_progress_is_told_in_order(months):
    told = []
    churn.fit(months.head(2500), label="left", features=planted.FEATURES, entity="person",
              progress=lambda *step: told.append(step))
    done = [step[1] for step in told]
    assert done == sorted(done) and told[-1][1] == told[-1][2] == done[-1]


@pytest.mark.parametrize(("change", "arguments", "words"), [
    (lambda f: f.head(0), {}, "no rows"),
    (lambda f: f.drop("x3"), {}, "no column 'x3'"),
    (lambda f: f.with_columns(left=pl.lit(False)), {}, "both outcomes are needed"),
    (lambda f: f.with_columns(left=pl.lit("no")), {}, "turn it into true and false"),
    (lambda f: f.with_columns(x3=pl.lit(date(2026, 1, 1))), {}, "months since a date"),
    (lambda f: f.with_columns(person=pl.lit(None)), {}, "every row needs one"),
    (lambda f: f.head(4), {}, "folds: more entities|both outcomes"),
    (lambda f: f, {"features": []}, "no feature is named"),
    (lambda f: f, {"features": ["x1", "x1"]}, "named twice: x1"),
    (lambda f: f, {"features": ["x1", "left"]}, "left cannot be a feature"),
    (lambda f: f, {"base_rate": 5}, "between 0 and 1"),
    (lambda f: f, {"families": {"y": "price"}}, "does not have: y"),
])
def test_what_cannot_be_fitted_is_refused_with_what_to_do(months, change, arguments, words):
    options = {"label": "left", "features": planted.FEATURES, "entity": "person", **arguments}
    with pytest.raises(AnalysisError, match=words):
        churn.fit(change(months.head(300)), **options)


def test_a_feature_that_changed_its_kind_or_is_missing_is_refused_at_scoring(model, months):
    with pytest.raises(AnalysisError, match="'x0' was a number in training"):
        churn.score(model, months.with_columns(pl.lit("a").alias("x0")))
    with pytest.raises(AnalysisError, match="no column 'plan'"):
        churn.score(model, months.drop("plan"))
