"""Price estimates over a planted panel: what was planted is found, refusals say why, old months stay as they were."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration.estimates import price, store
from orchestration.estimates.churn_source import shifted

pytestmark = pytest.mark.slow
FIRST, MONTHS, OFFERS, CITIES = date(2025, 1, 1), 6, 14, 4
OWN = {"VOICE": -0.6, "SMS": 0.0, "DATA": -0.9}
CROSS = {"VOICE": ("DATA", 0.2), "SMS": ("VOICE", 0.0), "DATA": ("VOICE", 0.0)}
MOVED = {"VOICE": range(8), "SMS": (), "DATA": range(4, 12)}  # SMS stays; some offers change both prices


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    """Offers in cities; a moved price changes once, in month 2 or 3. Two subscriptions of a hundred leave a month."""
    random, rows = np.random.default_rng(5), []
    factor = {name: random.choice([0.7, 0.8, 1.25, 1.4], OFFERS) for name in OWN}
    noise = random.normal(0, 0.03, (3, OFFERS, CITIES, MONTHS))
    for month in range(MONTHS):
        for offer in range(OFFERS):
            change = {name: factor[name][offer] if offer in MOVED[name] and month >= 2 + offer % 2 else 1.0
                      for name in OWN}
            for place, name in enumerate(OWN):
                other, cross = CROSS[name]
                for city in range(CITIES):
                    people = round(500 * 0.98**month)
                    use = 50 * change[name] ** OWN[name] * change[other] ** cross * np.exp(
                        noise[place, offer, city, month] + 0.1 * np.sin(month))
                    moved_now = change[name] != 1 and month == 2 + offer % 2
                    rows.append((name, f"M{offer:02}", "10", f"C{city}", people * use, people, round(people / 0.98),
                                 0.1 * change[name], *(0.1 * change[each] for each in OWN),
                                 shifted(FIRST, month) if moved_now else None, shifted(FIRST, month)))
    names = ["component_code", "offer_id", "segment_code", "org_id", "quantity", "subscription_count", "before_count",
             "unit_price_amt", "voice_price_amt", "sms_price_amt", "data_price_amt", "price_changed_on", "as_of_month"]
    made = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return made.with_columns(
        left_count=pl.col("before_count") - pl.col("subscription_count"), rated_amt=pl.col("quantity") * 0.05,
        call_count=pl.lit(100), rival_call_count=pl.lit(30), interconnect_rate_amt=pl.lit(0.06))


def source(panel: pl.DataFrame, last: int) -> tuple[price.Source, dict[date, str]]:
    values = {"price_event_months": 2.0, "price_event_least": 10.0, "price_what_if_level_pct": 80.0}
    given = pl.DataFrame({"parameter_code": list(values), "parameter_value": list(values.values())})
    known = panel.filter(pl.col("as_of_month") <= shifted(FIRST, last))
    with duckdb.connect() as warehouse:
        warehouse.register("known", known.to_arrow())
        warehouse.register("given", given.to_arrow())
        warehouse.execute("create schema features; create schema reference")
        warehouse.execute("create table features.feature_price_month as select * from known")
        warehouse.execute("create table reference.parameters as select *, date '9999-12-31' as valid_to from given")
        return price.read(warehouse), price.marks(warehouse, "code")


def estimated(panel: pl.DataFrame, last: int, month: int) -> dict[str, pl.DataFrame]:
    return price.estimate(source(panel, last)[0], shifted(FIRST, month), lambda *_: None, lambda _: None)


@pytest.fixture(scope="module")
def found(panel: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return estimated(panel, MONTHS - 1, MONTHS - 1)


def whole(found: dict[str, pl.DataFrame], **more: str) -> pl.DataFrame:
    return found["price_elasticity"].filter(segment_code="ALL", org_id="ALL", design_code="two_way", **more)


@pytest.mark.requirement("ANA01")
@pytest.mark.parametrize("component", ["VOICE", "DATA"])
def test_the_planted_elasticities_lie_in_their_intervals(found, component: str) -> None:
    rows = {row["kind_code"]: row for row in whole(found, component_code=component, margin_code="usage").to_dicts()}
    for kind, true in (("own", OWN[component]), ("cross", CROSS[component][1])):
        assert rows[kind]["status"] == "ok" and rows[kind]["ci_low"] <= true <= rows[kind]["ci_high"], rows[kind]
    assert rows["own"]["n_clusters"] == OFFERS and rows["own"]["n_moved_clusters"] == 8


def test_the_total_is_what_use_choice_and_churn_do_together(found) -> None:
    """Nobody chooses or leaves because of a price here, so that the total is the use; churn is the same for all."""
    for component in ("VOICE", "DATA"):
        still = whole(found, component_code=component, kind_code="own", margin_code="churn")
        assert still["status"].to_list() == ["not_identified"] and still["estimate"].is_null().all()
        told = {row["margin_code"]: row["estimate"] for row in
                whole(found, component_code=component, kind_code="own").to_dicts()}
        assert told["total"] == pytest.approx(told["usage"], abs=0.02)


@pytest.mark.requirement("ANA01")
def test_a_price_that_did_not_move_gives_no_number_anywhere(found) -> None:
    told = found["price_elasticity"].filter(component_code="SMS")
    used = told.filter(kind_code="own", margin_code="usage")
    assert set(used["status"]) == {"price_did_not_move"} and told["estimate"].is_null().all()
    assert found["price_what_if"].filter(component_code="SMS")["volume_change"].is_null().all()
    assert found["price_event"].filter(component_code="SMS").is_empty()


@pytest.mark.requirement("ANA01")
def test_each_price_change_has_its_arc_elasticity_against_those_whose_price_stayed(found) -> None:
    events = found["price_event"].filter(component_code="DATA")
    assert events.height == 8 * (CITIES + 1)  # by city, and the whole offer
    cells = events.filter(pl.col("org_id") != "ALL", pl.col("status") == "ok")
    assert cells.height > 20
    covered = ((cells["ci_low"] <= -0.9) & (cells["ci_high"] >= -0.9)).mean()
    assert covered > 0.8 and cells["estimate"].median() == pytest.approx(-0.9, abs=0.2)


def test_a_change_of_price_that_was_never_seen_is_not_rehearsed(found) -> None:
    told = found["price_what_if"].filter(component_code="VOICE", margin_code="usage", segment_code="ALL", org_id="ALL")
    ok = told.filter(status="ok")
    assert ok["price_change"].min() == -0.2 and (ok["volume_change"] * ok["price_change"] <= 0).all()
    assert ok.filter(pl.col("price_change") < 0)["revenue_change"].max() < 0  # inelastic: cheaper brings in less


def test_finished_changes_are_rehearsed_without_their_own_offer(found) -> None:
    (row,) = found["price_model_card"].filter(section="back_test").rows(named=True)
    assert row["n_obs"] == 16 and row["estimate"] > 0.5 and row["status"] == "ok"


def test_what_is_told_of_a_month_does_not_change_with_later_ones(panel, found) -> None:
    then, now = estimated(panel, 3, 3), estimated(panel, MONTHS - 1, 3)
    assert all(then[table].equals(now[table]) for table in price.TABLES)
    before, after = source(panel, 3)[1], source(panel, MONTHS - 1)[1]
    assert before.items() <= after.items() and len(set(after.values())) == MONTHS


def test_a_first_month_refuses_everything_and_is_kept_as_a_file(panel, tmp_path: Path) -> None:
    from orchestration import settings

    told, home = estimated(panel, 0, 0), settings.home(tmp_path)
    assert told["price_elasticity"]["estimate"].is_null().all() and "ok" not in told["price_elasticity"]["status"]
    for table, columns in price.TABLES.items():
        store.write(home, table, columns, FIRST, told[table], "mark")
        assert store.read(home, table, FIRST).columns == columns.names
