"""Theme 1, customers, against the truth: stock and flow of every unit, leavers, re-entries, silence, reorganisation."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow
PROVINCE = """case when org_id in (select city_id from truth.reorganisation) and date >= (
    select valid_from from truth.reorganisation) then (select province_id from truth.reorganisation)
    else org_id // 1000 * 1000 end"""
AS_IT_IS = """case when org_id in (select city_id from truth.reorganisation)
    then (select province_id from truth.reorganisation) else org_id // 1000 * 1000 end"""


@pytest.mark.requirement("ORG01")
def test_stock_and_flow_of_every_province_and_day_equal_the_truth(ask) -> None:
    measures = ("reached", '"new"', '"left"')
    found = """select snapshot_date, org_id, reached_count, new_count, left_count from customers.fct_org_flow_day
        where org_level_code = 'PROVINCE' and reached_count + new_count + left_count > 0"""
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in measures)
    true = f"""select * from (select date, cast({PROVINCE} as varchar), {sums} from truth.population_day group by 1, 2)
        where reached + "new" + "left" > 0"""
    assert differences(ask, found, true) == []


def test_reached_follows_from_the_day_before_in_every_unit_of_every_level(ask) -> None:
    assert ask("""select * from (
        select *, lag(reached_count) over (partition by org_level_code, org_id order by snapshot_date) as before
        from customers.fct_org_flow_day)
        where reached_count <> opening_count + new_count + regained_count + corrected_in_count + moved_in_count
            + reassigned_in_count - left_count - corrected_out_count - moved_out_count - reassigned_out_count
        or before <> opening_count""") == []
    assert ask("select count(distinct org_level_code) from customers.fct_org_flow_day where org_id <> '?'") == [(3,)]


def test_the_reorganisation_moves_the_whole_stock_of_the_city_on_its_day(ask) -> None:
    found = """select snapshot_date, org_id, reassigned_in_count, reassigned_out_count
        from customers.fct_org_flow_day where reassigned_in_count + reassigned_out_count > 0"""
    stock = """(select cast(sum(reached) as bigint) from truth.population_day where org_id in (select city_id from
        truth.reorganisation) and date = (select valid_from - 1 from truth.reorganisation))"""
    true = f"""select valid_from, cast(province_id as varchar), {stock}, 0 from truth.reorganisation
        union all select valid_from, cast(city_id // 1000 * 1000 as varchar), 0, {stock} from truth.reorganisation"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ORG14")
@pytest.mark.parametrize(("column", "province"), [("province_id", PROVINCE), ("current_province_id", AS_IT_IS)])
def test_a_province_as_it_was_and_as_it_is(ask, column: str, province: str) -> None:
    found = f"""select flows.snapshot_date, orgs.{column}, cast(sum(flows.reached_count) as bigint)
        from customers.fct_subscription_flow_day as flows
        inner join dim.dim_org as orgs on flows.org_key = orgs.org_key group by 1, 2"""
    true = f"""select date, cast({province} as varchar), cast(sum(reached) as bigint) from truth.population_day
        group by 1, 2"""
    assert differences(ask, found, f"select * from ({true}) as t(a, b, c) where c > 0") == []


def test_as_it_was_and_as_it_is_differ_only_before_the_reorganisation(ask) -> None:
    moved = ask("""select count(*), max(flows.snapshot_date) < (select valid_from from truth.reorganisation)
        from customers.fct_subscription_flow_day as flows inner join dim.dim_org as orgs using (org_key)
        where orgs.province_id <> orgs.current_province_id""")
    assert moved[0][0] > 0 and moved[0][1]


@pytest.mark.requirement("CUS07")
def test_every_leaver_is_found_with_kind_and_stated_reason(ask) -> None:
    found = """select subscription_id, left_on, leave_kind_code, reason_code, is_counted from customers.fct_leaver"""
    true = "select cast(subscription_id as varchar), left_on, kind, stated_reason_code, is_counted from truth.leaver"
    assert differences(ask, found, true) == []


def test_leavers_state_their_true_cause_in_the_share_that_is_planted(ask) -> None:
    """85 of 100 say why they leave; those who only change the number never do."""
    said, all_ = ask("""select count(*) filter (where found.reason_code = true_.cause_code), count(*)
        from customers.fct_leaver as found
        inner join truth.leaver as true_ on found.subscription_id = cast(true_.subscription_id as varchar)
        where true_.kind = 'voluntary' and true_.cause_code not in ('RE_ENTRY', 'CUSTOMER_REQUEST')""")[0]
    assert all_ > 10 and 0.7 <= said / all_ <= 0.97


@pytest.mark.requirement("CUS07")
def test_a_port_out_goes_where_the_clearing_house_says(ask) -> None:
    found = """select subscription_id, direction_operator_code from customers.fct_leaver
        where leave_kind_code = 'port_out'"""
    true = """select cast(subscription_id as varchar), direction_operator_code from truth.leaver
        where kind = 'port_out'"""
    assert differences(ask, found, true) == []


def test_a_circle_taken_over_shows_the_rival(ask) -> None:
    """Of those who left for a rival at least a month before the end nearly all are found; hardly any is wrong."""
    right, wrong, all_ = ask("""
        with planted as (
            select cast(subscription_id as varchar) as subscription_id, direction_operator_code, direction_evidence
            from truth.leaver where kind = 'voluntary' and is_counted
                and left_on between (select start + 14 from truth.sample)
                    and (select max(left_on) - 30 from truth.leaver))
        select
            count(*) filter (where planted.direction_evidence = 'circle'
                and found.direction_operator_code = planted.direction_operator_code),
            count(*) filter (where found.direction_evidence_code = 'circle'
                and found.direction_operator_code <> planted.direction_operator_code),
            count(*) filter (where planted.direction_evidence = 'circle')
        from planted inner join customers.fct_leaver as found using (subscription_id)""")[0]
    assert all_ > 0 and right >= 0.75 * all_ and wrong <= 0.1 * all_ + 1


def test_every_whole_re_entry_is_found_and_no_other(ask) -> None:
    found = """select subscription_id, replaced_subscription_id, opened_on, replaced_ended_on
        from customers.fct_re_entry where replacement_kind_code = 'whole'"""
    true = """select cast(new_subscription_id as varchar), cast(old_subscription_id as varchar), opened_on, closed_on
        from truth.re_entry where kind = 'whole'"""
    assert differences(ask, found, true) == []


def test_part_re_entries_are_found_once_the_silence_is_long_enough(ask) -> None:
    missed = ask("""select new_subscription_id from truth.re_entry where kind = 'part' and is_planted
        and opened_on <= (select max(date) - 33 from truth.population_day)
        and cast(old_subscription_id as varchar) not in (
            select subscription_id from customers.fct_leaver)
        and cast(new_subscription_id as varchar) not in (select subscription_id from customers.fct_re_entry)""")
    planted = ask("select count(*) from truth.re_entry where kind = 'part' and is_planted")[0][0]
    assert len(missed) <= 0.2 * planted + 1


@pytest.mark.parametrize("version", [1, 2])
def test_silent_share_equals_the_truth_under_both_definitions(ask, version: int) -> None:
    found = f"""select period_start, org_id, cast(numerator as bigint), cast(denominator as bigint)
        from kpi.fct_kpi_day where kpi_id = 'K12' and org_level_code = 'CITY' and definition_version = {version}"""
    true = f"""select date, cast(org_id as varchar), cast(silent_v{version} as bigint), cast(reached as bigint)
        from truth.silent_day where is_known and reached > 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("OPR01")
def test_the_new_definition_is_in_force_from_its_day_and_the_old_one_stays_readable(ask) -> None:
    assert ask("""select definition_version, is_in_force, min(period_start) >= '2026-03-01'
        from kpi.fct_kpi_day where kpi_id = 'K12' and org_level_code = 'HQ' group by 1, 2 order by 1, 2""") == [
            (1, False, True), (1, True, False), (2, False, False), (2, True, True)]


def test_annualised_churn_follows_from_the_churn_rate_of_each_unit(ask) -> None:
    rows = ask("""select a.kpi_value, 1 - power(1 - m.kpi_value, 12) from kpi.fct_kpi_month as a
        inner join kpi.fct_kpi_month as m on m.kpi_id = 'K06' and a.org_id = m.org_id
            and a.org_level_code = m.org_level_code and a.period_start = m.period_start
        where a.kpi_id = 'K07' and m.kpi_value is not null""")
    assert rows and all(abs(found - true) < 1e-6 for found, true in rows)
