"""Reports on the market and on our own growth: sources, policy events, channels, volumes against earlier months."""

from __future__ import annotations

import pytest

from tests.truth import answer, differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("OPR03")
def test_every_policy_event_has_date_scope_and_kind_and_stands_beside_its_month(ask) -> None:
    assert ask("""select count(*) from competition.fct_policy_event as events
        inner join dim.dim_org as orgs on events.org_key = orgs.org_key
        where events.valid_from is null or events.event_type_code is null or orgs.org_id = '?'""") == [(0,)]
    report = answer("competition/13")
    months = "(select min(date) from truth.population_day) and (select max(date) from truth.population_day)"
    assert differences(ask, f"select event_id, event_type_code from {report} where event_id is not null",
                       f"""select event_id, event_type_code from truth.policy_event
                           where valid_from between {months}""") == []
    assert differences(ask, f"select distinct strftime(month, '%Y%m'), net_amt > 0, churn_pct > 0 from {report}",
                       "select distinct cycle, true, true from truth.month") == []


@pytest.mark.requirement("OPR04", "MKT01")
def test_every_market_figure_states_its_source_and_how_sure_it_is(ask) -> None:
    """A survey has wave, sample and method; the truth lies within its interval about as often as it promises."""
    report = answer("competition/14")
    assert ask(f"""select count(*) from {report} where source_code is null or method_name is null or survey_on is null
        or (source_code = 'SURV') <> (sample_size > 0 and half_width_95 is not null and confidence = 'sample')
        or (source_code = 'REG') <> (confidence = 'full count')""") == [(0,)]
    within, all_ = ask(f"""with true_ as (select cycle, cast(org_id as varchar) as org_id, operator_code,
                subscription_count / sum(subscription_count) over (partition by cycle, org_id) as true_share
            from truth.market_month where source_code = 'REG')
        select count(*) filter (where abs(share - true_share) <= half_width_95), count(*) from {report} as found
        inner join true_ on strftime(found.market_month, '%Y%m') = true_.cycle and found.org_id = true_.org_id
            and found.operator_code = true_.operator_code
        where source_code = 'SURV'""")[0]
    assert all_ > 50 and within / all_ > 0.85


@pytest.mark.requirement("SUB06", "ANA27")
def test_channels_show_cost_volume_and_quality_and_no_cost_is_missing_not_zero(ask) -> None:
    report = answer("partners/18")
    assert ask(f"select sum(new_count) from {report}") == ask("""select sum("new") from truth.population_day""")
    assert ask(f"""select cast(sum(cost_amt) * 100 as bigint) from {report}""") == ask(
        "select cast(sum(amount_fen) as bigint) from truth.commission where error_code <> 'FORGOTTEN'")
    assert ask(f"""select count(*) from {report} where (channel_type_code = 'AGENT') <> (cost_amt is not null)
        or (cost_amt is null) <> (cost_per_new_amt is null) or (kept_share is null)""") == [(0,)]
    kept = ask("""select count(*), count(*) filter (where numerator > 0 and denominator > 0) from kpi.fct_kpi_month
        where kpi_id = 'K64' and org_level_code = 'HQ'""")[0]
    assert kept[0] == kept[1] > 0  # a month without a decided wave has no cost per kept customer, not one of zero


@pytest.mark.requirement("ANA03", "LCK11")
def test_volume_by_service_city_and_month_is_compared_where_there_is_a_base(ask) -> None:
    report = answer("usage/13")
    found = f"""select strftime(month, '%Y%m'), usage_class_code, city_id, cast(record_count as bigint),
        cast(billed_minutes as bigint), cast(volume_bytes as bigint) from {report} where city_id <> '?'"""
    true = """select strftime(use.date, '%Y%m'), types.usage_class_code, cast(use.org_id as varchar),
            cast(sum(use.records) as bigint), cast(sum(use.billed_minutes) as bigint),
            cast(sum(use.volume_bytes) as bigint)
        from truth.usage_day as use inner join reference.usage_types as types using (usage_type_code) group by all"""
    assert differences(ask, found, true) == []
    first = f"(select min(month) from {report})"
    assert ask(f"""select count(*) filter (where records_on_last_month is not null and month = {first}),
        count(*) filter (where records_on_last_month is null and month > {first} and city_id <> '?'),
        count(records_on_last_year) filter (where month < {first} + interval 1 year) from {report}""") == [(0, 0, 0)]


@pytest.mark.requirement("LCK12")
def test_colliding_campaigns_are_listed_with_the_subscriptions_they_share(ask) -> None:
    """Contacts per subscription and month across all campaigns add up to those made."""
    per_month = """select date_trunc('month', event_date) as month, subscription_id, count(*) as contacts,
            count(distinct campaign_id) as campaigns
        from marketing.fct_campaign_event where event_code = 'CONTACTED' group by all"""
    assert ask(f"select sum(contacts) from ({per_month})") == ask("select sum(contacts) from truth.campaign_pressure")
    several = ask(f"select count(distinct subscription_id) from ({per_month}) where campaigns > 1")[0][0]
    listed = ask(f"select sum(subscription_count), count(*) from {answer('marketing/05')}")[0]
    assert several > 0 and listed[0] >= several and listed[1] > 0


@pytest.mark.requirement("OPR02")
def test_the_catalogue_of_a_past_day_can_be_read_and_retired_offers_stay(ask) -> None:
    """A pack of messages is retired with the second list, a smaller one is gone from it; both keep their prices."""
    changed = "(select min(file_date) from raw.billing__offer where lifecycle_status_code = 'retired')"
    assert ask(f"""select offer_id, lifecycle_status_code, is_on_sale, valid_to = {changed}, withdrawn_on = {changed}
        from dim.dim_offer_version where offer_id in ('A005', 'A003') order by offer_id, valid_from""") == [
            ("A003", "active", False, False, True), ("A005", "active", False, True, None),
            ("A005", "retired", False, False, None)]
    for list_date in ("(select min(file_date) from raw.billing__offer)", changed):
        found = f"""select offer_id, offer_name, lifecycle_status_code from dim.dim_offer_version
            where {list_date} >= valid_from and {list_date} < valid_to and offer_id <> '?'
                and coalesce(withdrawn_on > {list_date}, true)"""
        true = f"""select distinct offer_id, offer_name, lifecycle_status_code from raw.billing__offer
            where file_date = {list_date}"""
        assert differences(ask, found, true) == []
    assert ask("""select offer_id, cast(unit_price_amt as int), cast(included_quantity as int)
        from dim.dim_tariff_version where offer_id in ('A003', 'A005') order by 1""") == [
            ("A003", 0, 50), ("A005", 0, 100)]
