"""Segments are frozen and whole, classes and concentration are counted, and what is not known is said."""

import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from orchestration.analytics import customer_value, mixture
from orchestration.analytics.errors import AnalysisError, LeakageError
from tests import planted_value

FEATURES = ["revenue", "data_mb", "voice_min"]
MEANS = np.array([[6.0, 8.0, 2.0], [4.0, 3.0, 6.0], [2.0, 5.0, 3.5]])


def month(rows: int = 1200, seed: int = 1) -> pl.DataFrame:
    """Three plain groups, a tenth of zero use and some rows of which something is unknown."""
    random = np.random.default_rng(seed)
    group = random.choice(3, rows, p=[0.5, 0.3, 0.2])
    amounts = np.exp(MEANS[group] + 0.5 * random.normal(size=(rows, 3)))
    amounts[:rows // 10] = 0
    frame = pl.DataFrame(amounts, schema=FEATURES).with_columns(
        customer=pl.format("C{}", pl.int_range(rows).shuffle(seed=seed)), group=pl.Series(group))
    return frame.with_columns(pl.when(pl.int_range(rows) >= rows - 5).then(None).otherwise("data_mb").alias("data_mb"))


@pytest.fixture(scope="module")
def scheme() -> customer_value.Scheme:
    return customer_value.segment(month(), features=FEATURES, entity="customer")


def test_the_groups_are_found_and_every_customer_is_in_exactly_one_segment(scheme):
    frame = month()
    found = customer_value.assign(scheme, frame)
    assert found.height == frame.height and found["segment"].null_count() == 0
    assert (scheme.status, len(scheme.labels), set(scheme.statuses)) == ("ok", 3, {"ok"})
    used = found["segment"] > 0
    assert adjusted_rand_score(frame["group"].filter(used), found["segment"].filter(used)) > 0.97
    counts = dict(found["segment"].value_counts().iter_rows())
    assert counts[0] == 120 and counts[-1] == 5 and sum(counts.values()) == 1200


def test_zero_use_is_a_class_of_its_own_and_unknown_is_not_guessed(scheme):
    frame = month()
    found = customer_value.assign(scheme, frame)
    zero, unknown = found.head(120), found.tail(5)
    assert set(zero["segment_label"]) == {"zero use"} and set(zero["status"]) == {"ok"}
    assert set(unknown["segment_label"]) == {"unknown"} and set(unknown["status"]) == {"unknown"}
    assert unknown["distance"].null_count() == 5 and unknown["assignment_confidence"].null_count() == 5


def test_a_label_states_the_behaviour(scheme):
    labels = scheme.labels
    assert "high data_mb" in labels[0] and "high revenue" in labels[0]
    assert "high voice_min" in labels[1] and "low data_mb" in labels[1]
    assert "low revenue" in labels[2] and len(set(labels)) == 3
    told = scheme.profile.filter((pl.col("segment") == 1) & (pl.col("feature") == "data_mb")).row(0, named=True)
    assert told["median"] == pytest.approx(np.exp(8), rel=0.1) and told["level"] == "high"


def test_the_first_feature_orders_the_segments(scheme):
    medians = scheme.profile.filter(pl.col("feature") == "revenue").sort("segment")["median"]
    assert medians.is_sorted(descending=True)


def test_the_order_of_rows_changes_nothing(scheme):
    shuffled = month().sample(fraction=1, shuffle=True, seed=9)
    again = customer_value.segment(shuffled, features=FEATURES, entity="customer")
    assert again.version == scheme.version and again.labels == scheme.labels


def test_a_scheme_is_frozen_and_can_be_kept_as_text(scheme):
    kept = customer_value.from_record(json.loads(json.dumps(customer_value.as_record(scheme))))
    later = month(seed=2)
    assert customer_value.assign(kept, later).equals(customer_value.assign(scheme, later))
    alone = customer_value.assign(scheme, later.head(7))
    assert alone.equals(customer_value.assign(scheme, later).head(7)), "others in the frame must not matter"
    assert customer_value.segments(kept).equals(customer_value.segments(scheme))


def test_units_and_seed_do_not_matter_and_confidence_falls_between_segments(scheme):
    in_kb = month().with_columns(pl.col("data_mb") * 1000)
    other = customer_value.segment(in_kb, features=FEATURES, entity="customer", k=3, seed=7)
    same = customer_value.assign(other, in_kb)["segment"] == customer_value.assign(scheme, month())["segment"]
    assert same.mean() > 0.99
    two = pl.DataFrame(np.exp(np.stack([MEANS[0], (MEANS[0] + MEANS[1]) / 2])), schema=FEATURES)
    found = customer_value.assign(scheme, two.with_columns(customer=pl.Series(["a", "b"])))
    assert found["assignment_confidence"][0] > 0.999 > found["assignment_confidence"][1]
    assert found["distance"][0] < 0.5 < found["distance"][1] and found["second_segment"].null_count() == 0


def test_the_frozen_segments_are_judged_on_a_later_month_and_fall_where_the_groups_are_gone(scheme):
    steady = customer_value.stability(scheme, month(seed=3), draws=6)
    assert steady["status"].to_list() == ["ok"] * 3 and steady["jaccard"].min() > 0.85
    assert set(steady["verdict"]) == {"highly stable"} and steady["share"].sum() == pytest.approx(1)
    random = np.random.default_rng(5)
    gone = pl.DataFrame(np.exp(4 + random.normal(size=(1200, 3))), schema=FEATURES).with_columns(
        customer=pl.int_range(1200))
    assert "unstable" in customer_value.stability(scheme, gone, draws=6)["status"].to_list()


def test_one_group_of_customers_is_said_to_be_one():
    random = np.random.default_rng(6)
    frame = pl.DataFrame(np.exp(4 + random.normal(size=(900, 3))), schema=FEATURES).with_columns(
        customer=pl.int_range(900))
    made = customer_value.segment(frame, features=FEATURES, entity="customer")
    assert (made.status, made.labels, made.statuses) == ("unstable", ("no groups found",), ("unstable",))
    assert "no groups" in made.reason and set(customer_value.assign(made, frame)["segment"]) == {1}
    forced = customer_value.segment(frame, features=FEATURES, entity="customer", k=3)
    assert forced.status == "unstable" and len(forced.labels) == 3 and "unstable" in forced.statuses


def test_few_customers_are_low_n():
    made = customer_value.segment(month(150), features=FEATURES, entity="customer")
    assert (made.status, made.statuses) == ("low_n", ("low_n",)) and "at least 200" in made.reason
    assert set(customer_value.assign(made, month(150))["segment"]) == {-1, 0, 1}
    none = month(150).with_columns(pl.lit(0.0).alias(name) for name in FEATURES)
    empty = customer_value.segment(none, features=FEATURES, entity="customer")
    assert empty.status == "low_n" and set(customer_value.assign(empty, none)["segment"]) == {0}


@pytest.mark.parametrize(("change", "said"), [
    (lambda frame: frame.drop("data_mb"), "no column"), (lambda frame: frame.head(0), "no rows"),
    (lambda frame: pl.concat([frame, frame.head(1)]), "twice"),
    (lambda frame: frame.with_columns(pl.lit("a").alias("data_mb")), "no numbers")])
def test_a_frame_that_cannot_be_segmented_is_refused(scheme, change, said):
    for wrong in (lambda frame: customer_value.assign(scheme, frame),
                  lambda frame: customer_value.segment(frame, features=FEATURES, entity="customer")):
        with pytest.raises(AnalysisError, match=said):
            wrong(change(month()))


def test_a_valley_parts_two_groups_and_none_parts_one_hill():
    def pair(distance: float, spread: float = 1.0) -> mixture.Mixture:
        return mixture.Mixture(np.array([0.9, 0.1]), np.array([[0.0, 0.0], [distance, 0.0]]),
                               np.stack([np.eye(2), spread * np.eye(2)]), np.arange(2), "full")

    # two equal normal groups have two peaks from a distance of two standard deviations on
    assert mixture.gap(pair(1.9), 0, 1) == pytest.approx(0, abs=1e-6) and mixture.gap(pair(3), 0, 1) > 0.2
    assert mixture.gap(pair(0.0, 16.0), 0, 1) == pytest.approx(0, abs=1e-6), "a core and its tails are one group"
    assert mixture.merged(pair(1.9)).groups == 1 and mixture.merged(pair(3)).groups == 2


def test_rows_of_the_migration_matrix_sum_to_one_and_those_who_come_and_go_are_in_it(scheme):
    before = customer_value.assign(scheme, month())
    is_new, name = pl.int_range(1200) < 30, pl.format("N{}", pl.int_range(1200))
    after = customer_value.assign(scheme, month(seed=2).with_columns(
        pl.when(is_new).then(name).otherwise("customer").alias("customer")))
    found = customer_value.migration(before, after, entity="customer")
    assert found.group_by("from_segment").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
        [1.0] * found["from_segment"].n_unique())
    assert found.filter(pl.col("from_segment").is_null())["entities"].sum() == 30
    assert found.filter(pl.col("to_segment").is_null())["entities"].sum() == 30
    assert found["entities"].sum() == 1230
    counts = dict(before["segment"].value_counts().iter_rows())
    assert dict(found.drop_nulls("from_segment").select("from_segment", "from_total").iter_rows()) == counts


def test_segments_of_two_versions_are_not_compared(scheme):
    found = customer_value.assign(scheme, month())
    other = found.with_columns(pl.lit("another").alias("scheme_version"))
    with pytest.raises(AnalysisError, match="versions"):
        customer_value.migration(found, other, entity="customer")


def test_value_classes_hold_their_shares_and_tell_their_cut_offs():
    frame = pl.DataFrame({"value": np.random.default_rng(1).permutation(1000).astype(float)})
    found = customer_value.value_classes(frame, value="value", shares={"high": 0.2, "medium": 0.3, "low": 0.5})
    counts = dict(found["value_class"].value_counts().iter_rows())
    assert counts == {"high": 200, "medium": 300, "low": 500} and sum(counts.values()) == frame.height
    cuts = dict(found.select("value_class", "class_from").unique().iter_rows())
    assert cuts == {"high": 800.0, "medium": 500.0, "low": 0.0}
    with pytest.raises(AnalysisError, match="add up to 1"):
        customer_value.value_classes(frame, value="value", shares={"high": 0.2, "low": 0.5})


def test_equal_values_are_in_one_class_and_unknown_ones_in_none():
    frame = pl.DataFrame({"value": [9, 5, 5, 5, 4, 3, 2, 1, 0, -1, None]})
    found = customer_value.deciles(frame, value="value")
    assert found["decile"].to_list() == [1, 2, 2, 2, 5, 6, 7, 8, 9, 10, None]
    assert found["value_rank"].to_list() == [1, 2, 2, 2, 5, 6, 7, 8, 9, 10, None]
    assert found["percentile"][0] == pytest.approx(0.9) and found["percentile"][9] == 0


def test_recency_counts_the_other_way_round():
    rows = pl.DataFrame({"days": range(10), "events": range(10), "amount": [1.0] * 9 + [None]})
    found = customer_value.rfm(rows, recency="days", frequency="events", amount="amount")
    assert found["recency_score"].to_list() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert found["frequency_score"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found["rfm_cell"][0] == "515" and found["rfm_cell"][9] is None


def test_concentration_is_counted_exactly():
    spend = pl.DataFrame({"spend": [80.0] * 20 + [1.0] * 79 + [-9.0]})
    found = {row["metric"]: row for row in customer_value.pareto(spend, value="spend", draws=50).iter_rows(named=True)}
    top = found["top_20_share"]
    assert (top["numerator"], top["denominator"]) == (1600, 1670) and top["estimate"] == pytest.approx(1600 / 1670)
    assert found["rows_for_80_share"]["estimate"] == pytest.approx(0.8 * 1670 / 80 / 100)
    assert found["negative_share"]["estimate"] == pytest.approx(9 / 1679)
    values = np.sort(spend["spend"].to_numpy())
    differences = np.abs(values[:, None] - values).mean() / (2 * values.mean())
    assert found["gini"]["estimate"] == pytest.approx(differences)
    curve = customer_value.lorenz(spend, value="spend", points=10)
    assert curve["value_share"][2] == pytest.approx(1600 / 1670) and curve["value_share"][10] == pytest.approx(1)


def test_concentration_of_few_or_of_nothing_is_not_told():
    few = customer_value.pareto(pl.DataFrame({"spend": [1.0] * 99}), value="spend")
    nothing = customer_value.pareto(pl.DataFrame({"spend": [-1.0] * 150}), value="spend")
    assert set(few["status"]) == {"low_n"} and set(nothing["status"]) == {"not_identified"}
    assert few["estimate"].null_count() == few.height and nothing["estimate"].null_count() == nothing.height
    assert customer_value.lorenz(pl.DataFrame({"spend": [0.0]}), value="spend").is_empty()


def test_an_account_is_watched_by_its_own_past_only():
    spend = [100, 104, 97, 101, 99, 103, 98, 150, 101, None, 30]
    frame = pl.DataFrame({"account": ["A"] * 11, "month": range(11), "spend": spend})
    found = customer_value.watch(frame, entity="account", period="month", value="spend")
    assert found["status"].to_list() == ["low_n"] * 6 + ["ok"] * 3 + ["unknown", "ok"]
    assert found["direction"].to_list() == [None] * 7 + ["above", None, None, "below"]
    seventh = found.row(7, named=True)
    spread = 1.4826 * 2  # the median of 100, 104, 97, 101, 99, 103, 98 is 100, that of their distances 2
    assert seventh["expected"] == 100 and seventh["n_history"] == 7
    assert seventh["expected_high"] == pytest.approx(100 + 4 * spread)
    assert seventh["distance"] == pytest.approx(50 / spread)
    earlier = customer_value.watch(frame.head(8), entity="account", period="month", value="spend")
    assert earlier.equals(found.head(8)), "what comes later must not change what was expected"


def test_the_season_of_all_accounts_is_taken_out():
    frame = planted_value.accounts(60, 36, 1, noise=0.02)
    found = customer_value.watch(frame, entity="account", period="month", value="spend").filter(pl.col("month") >= 24)
    middle = np.median(planted_value.SEASON)
    seasons = found.group_by("month").agg(pl.col("season").first()).sort("month")["season"].to_numpy()
    assert np.abs(seasons - planted_value.SEASON / middle).max() < 0.03
    assert (found["expected"] / found["spend"]).is_between(0.85, 1.15).mean() > 0.99


def test_a_watch_that_cannot_be_kept_is_refused():
    frame = pl.DataFrame({"account": ["A", "A"], "month": [1, 1], "spend": [1.0, 2.0]})
    with pytest.raises(AnalysisError, match="twice"):
        customer_value.watch(frame, entity="account", period="month", value="spend")


def test_potential_is_what_peers_spend_beyond_the_own_value():
    frame = planted_value.peers(1500, 1).with_columns(
        pl.when(pl.int_range(1500) == 0).then(None).otherwise("spend").alias("spend"))
    found = customer_value.potential(frame, value="spend", features=["a", "b", "c", "d", "trade"], entity="customer")
    assert found["status"].to_list() == ["unknown"] + ["ok"] * 1499 and found["potential_low"][0] is None
    known = found.tail(1499)
    assert (known["peers_low"] <= known["peers_high"]).all() and (known["potential_low"] >= 0).all()
    expected = (known["peers_low"] - known["spend"]).clip(lower_bound=0)
    assert np.allclose(known["potential_low"], expected)
    # conformal quantiles hold what they say on held-out customers, up to the one in n + 1
    assert (known["spend"] <= known["peers_low"]).mean() == pytest.approx(0.8, abs=0.02)


def test_peers_are_not_told_by_what_they_spend_and_few_peers_tell_nothing():
    frame = planted_value.peers(1000, 2).with_columns((pl.col("spend") * 1.2).alias("bill"))
    with pytest.raises(LeakageError, match="in other words"):
        customer_value.potential(frame, value="spend", features=["a", "bill"], entity="customer")
    few = customer_value.potential(frame.head(400), value="spend", features=["a", "b"], entity="customer")
    assert set(few["status"]) == {"low_n"} and few["potential_high"].null_count() == 400
