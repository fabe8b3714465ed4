"""Theme 6, marketing management, against the truth: groups, orders, keeping, pressure, cost, effect, quality of new."""

from __future__ import annotations

import math

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


def test_every_wave_counts_its_groups_and_what_became_of_them(ask):
    found = """select campaign_id, wave_number, sum(target_count), sum(control_count), sum(contacted_count),
               sum(control_contacted_count), sum(responded_count), sum(ordered_count), sum(control_ordered_count)
               from marketing.fct_campaign_wave group by all"""
    true = """select campaign_id, wave_number, target, control, contacted, by_mistake, responded, ordered,
              control_ordered from truth.campaign_wave"""
    assert differences(ask, found, true) == []


def test_orders_are_kept_cancelled_or_still_open_as_they_truly_are(ask):
    found = """select campaign_id, wave_number, subscription_id, is_control, is_kept
               from marketing.fct_campaign_contact where is_ordered"""
    true = "select campaign_id, wave_number, subscription_id, is_control, kept from truth.campaign_order"
    assert differences(ask, found, true) == []


def test_the_planted_uplift_lies_within_what_chance_allows(ask):
    """Per kind of campaign over all its waves: within four standard errors of the rates that were drawn."""
    rows = ask("""select base, uplift, sum(target), sum(ordered), sum(control), sum(control_ordered)
                  from truth.campaign_wave group by base, uplift""")
    assert len(rows) > 1
    for base, uplift, target, ordered, control, control_ordered in rows:
        found = ordered / target - control_ordered / control
        variance = (base + uplift) * (1 - base - uplift) / target + base * (1 - base) / control
        assert abs(found - uplift) < 4 * math.sqrt(variance)


@pytest.mark.requirement("LCK12")
def test_contacts_beyond_the_limit_are_found_by_day_and_city(ask):
    found = """select kpi.period_start, kpi.org_id, kpi.numerator, kpi.denominator from kpi.fct_kpi_day as kpi
               where kpi_id = 'K65' and org_level_code = 'CITY'"""
    true = """select date, cast(org_id as varchar), cast(sum(beyond_limit) as decimal(38, 6)),
              cast(sum(contacts) as decimal(38, 6)) from truth.campaign_pressure group by all"""
    assert differences(ask, found, true) == []
    assert ask("select sum(beyond_limit) from truth.campaign_pressure")[0][0] > 0


def test_costs_are_right_to_the_fen(ask):
    found = """select campaign_id, wave_number, cost_item_code, cast(100 * sum(cost_amt) as bigint)
               from marketing.fct_campaign_cost group by all"""
    true = """select campaign_id, wave_number, item, cast(sum(amount_fen) as bigint) from truth.campaign_cost
              group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("MKT02")
def test_a_campaign_keeps_its_budgets_with_their_dates(ask):
    rows = ask("""select campaign_id, wave_number, count(distinct budget_amt) from dim.dim_campaign
                  where campaign_id <> '?' group by all having count(distinct budget_amt) > 1""")
    first = ask("select min(campaign_id) from dim.dim_campaign where campaign_id <> '?'")[0][0]
    assert sorted(rows) == [(name, wave, 2) for name in (first, first[:-1] + "2") for wave in (1, 2)]


@pytest.mark.requirement("MKT03", "ANA18")
def test_campaign_results_add_up_by_owner(ask):
    found = """select campaigns.owner_staff_id, count(*) from marketing.fct_campaign_contact as facts
               inner join dim.dim_staff as staff on facts.owner_staff_key = staff.staff_key
               inner join dim.dim_campaign as campaigns on facts.campaign_key = campaigns.campaign_key
               where staff.staff_id = campaigns.owner_staff_id and facts.is_ordered group by all"""
    true = """select cast(waves.owner as varchar), count(*) from truth.campaign_order as orders
              inner join truth.campaign_wave as waves using (campaign_id, wave_number) group by all"""
    assert differences(ask, found, true) == []


def test_the_effect_kpi_is_what_the_truth_gives(ask):
    found = """select period_start, breakdown_code, cast(numerator as double), cast(denominator as double)
               from kpi.fct_kpi_month where kpi_id = 'K63' and org_level_code = 'HQ' and breakdown_code <> 'ROI'"""
    true = """with months as (
                  select date_trunc('month', starts_on)::date as month, sum(responded) as r, sum(contacted) as c,
                         sum(ordered) as o, sum(target) as t, sum(control_ordered) as co, sum(control) as n
                  from truth.campaign_wave group by all)
              select month, 'RESPONSE', r::double, c::double from months
              union all select month, 'CONVERSION', o::double, t::double from months
              union all select month, 'UPLIFT', (o * n - co * t)::double, (t * n)::double from months"""
    assert differences(ask, found, true) == []


def test_return_on_investment_is_recomputed_from_orders_and_costs(ask):
    rows = ask("""with waves as (
                      select waves.campaign_id, waves.wave_number, date_trunc('month', starts_on)::date as month,
                             ordered - control_ordered * target / control as gained from truth.campaign_wave as waves),
                  costs as (select campaign_id, wave_number, sum(amount_fen) / 100 as cost from truth.campaign_cost
                            group by all),
                  planted as (
                      select month, sum(gained * margin_amt * horizon_months) - sum(cost) as numerator
                      from waves inner join costs using (campaign_id, wave_number)
                      inner join dim.dim_campaign as plans using (campaign_id, wave_number)
                      where plans.is_current group by month)
                  select abs(planted.numerator - kpi.numerator) from planted
                  left join kpi.fct_kpi_month as kpi on kpi.period_start = planted.month and kpi.kpi_id = 'K63'
                      and kpi.breakdown_code = 'ROI' and kpi.org_level_code = 'HQ'""")
    assert rows and all(row[0] is not None and row[0] < 0.1 for row in rows)


def test_the_cost_of_a_kept_customer_counts_only_waves_that_are_decided(ask):
    found = """select cast(100 * sum(numerator) as bigint), cast(sum(denominator) as bigint) from kpi.fct_kpi_month
               where kpi_id = 'K64' and org_level_code = 'HQ'"""
    true = """with decided as (select campaign_id, wave_number from truth.campaign_order group by all
                               having count(*) = count(kept) and count(case when not is_control then 1 end) > 0)
              select (select cast(sum(amount_fen) as bigint) from truth.campaign_cost
                      semi join decided using (campaign_id, wave_number)),
                     (select count(*) from truth.campaign_order semi join decided using (campaign_id, wave_number)
                      where kept and not is_control)"""
    assert differences(ask, found, true) == []


def test_re_entries_are_those_that_were_planted_or_happened(ask):
    """Every customer who changes his number as a whole is found with both numbers, and nobody else."""
    found = """select subscription_id, replaced_subscription_id from marketing.fct_new_subscription where is_reentry"""
    true = """select cast(new_subscription_id as varchar), cast(old_subscription_id as varchar) from truth.re_entry
              where kind = 'whole'"""
    assert differences(ask, found, true) == []


def test_the_re_entry_share_has_all_new_subscriptions_below_it(ask):
    found = """select period_start, org_id, denominator from kpi.fct_kpi_month where kpi_id = 'K09'
               and org_level_code = 'HQ'"""
    true = """select date_trunc('month', period_start)::date, org_id, sum(numerator) from kpi.fct_kpi_day
              where kpi_id = 'K02' and org_level_code = 'HQ' group by all having sum(numerator) > 0"""
    assert differences(ask, found, true) == []


def test_survival_of_new_is_recomputed_from_the_events(ask):
    """Who came in a month, and has not left at the end of the third month, by the events as they truly happened."""
    found = """select period_start, cast(numerator as bigint), cast(denominator as bigint) from kpi.fct_kpi_month
               where kpi_id = 'K10' and org_level_code = 'HQ'"""
    true = """with ends as (select max(date) as last_date from truth.population_day),
              entries as (select subscription_id, date_trunc('month', date)::date as month from truth.subscription_event
                          where is_new and is_counted),
              judged as (select entries.*, (month + interval 3 month)::date as after from entries, ends
                         where month + interval 3 month - interval 1 day <= last_date),
              states as (select judged.month, judged.subscription_id,
                                arg_max(e.status_code, e.effective_at_local) as state
                         from judged inner join truth.subscription_event as e using (subscription_id)
                         where e.date < judged.after group by all)
              select month, count(case when state in (1000, 1010, 1020) then 1 end), count(*)
              from states group by month"""
    assert differences(ask, found, true) == []


def test_every_channel_shows_the_quality_of_what_it_sold(ask):
    rows = ask("""select channels.channel_type_code, count(*), count(is_kept), count(is_zero_use)
                  from marketing.fct_new_subscription as facts
                  inner join dim.dim_channel as channels on facts.entry_channel_key = channels.channel_key
                  group by all""")
    assert len(rows) > 3 and all(row[1] >= row[3] for row in rows) and sum(row[2] for row in rows) > 0
