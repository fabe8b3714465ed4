"""Prices in the published warehouse: the panel against the planted price changes, refusals, bills rated again."""

from pathlib import Path

import pytest

from orchestration import rehearsal
from orchestration.analytics import tariff_rehearsal
from orchestration.analytics.tariff_rehearsal import Tariff
from orchestration.settings import Home

pytestmark = pytest.mark.slow


def test_every_closed_month_has_its_panel_and_its_estimates(ask) -> None:
    closed = ask("select as_of_month from features.feature_as_of where is_closed order by 1")
    for table in ("features.feature_price_month", "mart.price_elasticity", "mart.price_what_if",
                  "mart.price_model_card"):
        assert ask(f"select distinct as_of_month from {table} order by 1") == closed, table


@pytest.mark.requirement("CUS09")
def test_a_planted_price_change_shows_on_its_day_and_counts_by_days(ask) -> None:
    changes = """select changes.offer_id, changes.component_code, changes.valid_from from truth.price_change as changes
        inner join features.feature_as_of as months
            on date_trunc('month', changes.valid_from) = months.as_of_month and months.is_closed"""
    found = ask("""select distinct offer_id, component_code, price_changed_on from features.feature_tariff_month
        where price_changed_on is not null order by all""")
    assert found == ask(f"{changes} order by all") and len(found) > 0
    assert ask(f"""select count(*) from features.feature_tariff_month as months inner join ({changes}) as changes
            on months.offer_id = changes.offer_id and months.component_code = changes.component_code
                and months.price_changed_on = changes.valid_from
        where not months.unit_price_amt between months.lowest_price_amt and months.highest_price_amt
            or months.is_mixed <> (extract(day from changes.valid_from) > 1)""") == [(0,)]


def test_use_in_the_panel_is_that_of_its_subscriptions(ask) -> None:
    assert ask("""with panel as (
            select as_of_month, sum(quantity) as minutes from features.feature_price_month
            where component_code = 'VOICE' group by 1
        ),
        people as (
            select people.as_of_month, sum(uses.originated_minutes) as minutes
            from features.feature_subscription_month as people
            inner join features.feature_usage_month as uses on people.subscription_id = uses.subscription_id
                and people.as_of_month = uses.event_month and uses.known_month <= people.as_of_month
            where people.service_code = 'MOBILE' group by 1
        )
        select count(*) from panel full outer join people using (as_of_month)
        where panel.minutes is distinct from people.minutes""") == [(0,)]


@pytest.mark.requirement("ANA01")
def test_a_sample_with_one_price_change_tells_no_elasticity_and_says_why(ask) -> None:
    assert ask("select count(*) from truth.elasticity") == [(0,)], "the sample answers to prices: test with the truth"
    assert ask("select count(*) from mart.price_elasticity where status = 'ok' or estimate is not null") == [(0,)]
    assert ask("select count(*) from mart.price_elasticity where identification is null") == [(0,)]
    assert ask("select count(*) from mart.price_what_if where volume_change is not null") == [(0,)]


@pytest.mark.requirement("SSV07", "LCK10")
def test_bills_rated_again_under_their_own_tariff_are_what_was_rated(demo: Home, ask, tmp_path: Path) -> None:
    file = tmp_path / "tariff.yaml"
    file.write_text("offer_id: M059\n")
    asked = rehearsal.proposal(file)
    group = rehearsal.read(demo, asked)
    now = Tariff(group.rental, group.prices, group.included)
    told = tariff_rehearsal.compared(group.people, group.use, now, now)
    assert (told["saving_amt"] == 0).all() and told.height == group.people.height > 50
    ((rated,),) = ask("""select sum(uses.rated_amt)::double from usage.fct_usage_month as uses
        inner join features.feature_subscription_month as people on uses.subscription_id = people.subscription_id
            and uses.month_start_date = people.as_of_month where people.offer_id = 'M059'""")
    again = told["now_amt"].sum() - group.rental * told.height
    assert again == pytest.approx(rated, rel=0.03)  # some records are unrated, or rated by an old version
    dearer = Tariff(group.rental, {**group.prices, "VOICE": group.prices["VOICE"] * 1.1}, group.included)
    (row,) = tariff_rehearsal.rehearse(group.people, group.use, now, dearer, group.elasticities,
                                       group.observed).iter_rows(named=True)
    assert row["status"] != "ok" and row["expected_amt"] is None and row["unchanged_use_amt"] > row["now_amt"]
