"""The network as customers, managers and engineers see it: lists, look-ups, quality by area, the use that suffered."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orchestration import customer_export
from tests.truth import answer, differences

pytestmark = pytest.mark.slow

END = "(select max(date) + 1 from truth.population_day)"
LAST = "(select max(cycle) from truth.large_customer_month)"
PARTS = "cast(sum(numerator) as decimal(38, 3)), cast(sum(denominator) as decimal(38, 3))"


@pytest.mark.requirement("NET01")
def test_the_customer_list_shows_name_manager_grade_services_and_open_tickets(ask) -> None:
    report = answer("key_accounts/28")
    found = f"select customer_id, name_token, account_manager_staff_id from {report}"
    true = f"""select large.customer_id, names.name_token, coalesce(managers.staff_id, '?')
        from (select distinct cast(customer_id as varchar) as customer_id from truth.large_customer_month
            where cycle = {LAST}) as large
        inner join (select customer_id, max_by(name_token, file_date) as name_token from raw.billing__customer
            group by 1) as names using (customer_id)
        left join (select customer_id, max_by(account_manager_staff_id, file_date) as staff_id
            from raw.crm__key_account group by 1) as managers using (customer_id)"""
    assert differences(ask, found, true) == []
    found = f"select customer_id, cast(open_ticket_count as bigint) from {report}"
    true = f"""with open_tickets as (select owners.customer_id, count(*) as open_count from truth.ticket as tickets
            inner join (select ticket_id, max(customer_id) as customer_id from raw.call_center__ticket group by 1)
                as owners using (ticket_id)
            where closed_at_local >= {END} group by 1)
        select distinct cast(large.customer_id as varchar), coalesce(open_count, 0)
        from truth.large_customer_month as large
        left join open_tickets on open_tickets.customer_id = cast(large.customer_id as varchar) where cycle = {LAST}"""
    assert differences(ask, found, true) == []
    assert ask(f"select count(*) from {report} where service_grade_code = '?' or services is null") == [(0,)]


@pytest.mark.requirement("NET02")
def test_a_name_or_a_number_leads_in_one_step_to_customer_contact_and_manager(ask) -> None:
    true = """with persons as (select customer_id, name_token, phone_token, is_primary, contact_person_id
            from raw.crm__contact_person where status_code = 'ACTIVE'
            qualify file_date = max(file_date) over (partition by contact_person_id)),
        gone as (select contact_person_id from raw.crm__contact_person where status_code = 'LEFT'),
        first_person as (select * from persons where contact_person_id not in (select contact_person_id from gone)
            qualify row_number() over (partition by customer_id order by is_primary desc, contact_person_id) = 1),
        managers as (select customer_id, max_by(account_manager_staff_id, file_date) as staff_id
            from raw.crm__key_account group by 1),
        phones as (select staff_id, max_by(phone_token, file_date) as phone_token from raw.crm__staff group by 1)
        select customer_id, first_person.name_token, first_person.phone_token, staff_id, phones.phone_token
        from managers left join first_person using (customer_id) left join phones using (staff_id)"""
    shown = """customer_id, contact_name_token, contact_phone_token, account_manager_staff_id,
        account_manager_phone_token"""
    for way in ("CUSTOMER_NUMBER", "CUSTOMER_NAME"):
        found = f"""select distinct {shown} from dim.bridge_customer_lookup
            where lookup_code = '{way}' and account_manager_staff_id <> '?'"""
        assert differences(ask, found, true) == []
    found = "select lookup_value, customer_id from dim.bridge_customer_lookup where lookup_code = 'TELEPHONE_NUMBER'"
    true = """select cast(number_token as varchar),
            max_by(customer_id, (cast(opened_at_local as date), subscription_id))
        from (select * from raw.billing__subscription qualify row_number() over (
            partition by subscription_id order by file_date desc) = 1) group by number_token"""
    assert differences(ask, found, true) == []
    assert ask("select max(rows_found) from (select count(*) as rows_found from dim.bridge_customer_lookup "
               "where lookup_code <> 'CUSTOMER_NAME' group by lookup_code, lookup_value)") == [(1,)]


@pytest.mark.requirement("NET06")
def test_service_before_and_after_the_sale_is_recorded_by_customer_and_type(ask) -> None:
    sums = "cast(sum({}) as bigint)"
    found = f"""select customer_id, phase_code, activity_type_code, {sums.format('activity_count')},
        {sums.format('done_count')}, {sums.format('cancelled_count')}
        from {answer('key_accounts/30')} group by 1, 2, 3"""
    true = """select cast(customer_id as varchar),
            case activity_type_code when 'PRESENTATION' then 'PRE_SALE' else 'AFTER_SALE' end, activity_type_code,
            count(*), count(*) filter (where is_done), count(*) filter (where is_cancelled and not is_done)
        from truth.activity group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("NET11")
def test_an_export_holds_all_circuits_and_tickets_of_one_customer_and_nobody_elses(demo, ask, tmp_path: Path) -> None:
    owners = ask("""select customer_id, count(*) from raw.network__circuit group by 1 order by 2 desc, 1 limit 2""")
    assert len(owners) == 2
    for (customer, _), (other, _) in (owners, owners[::-1]):
        rows = customer_export.write(demo, customer, tmp_path / customer)
        own, foreign = _circuits(ask, customer), _circuits(ask, other)
        assert own and foreign and not own & foreign
        circuits = _column(tmp_path / customer / "circuits.csv", "circuit_id")
        assert set(circuits) == own and len(circuits) == rows["circuits"]
        availability = _column(tmp_path / customer / "availability.csv", "circuit_id")
        assert set(availability) == own and len(availability) == rows["availability"]
        for name, feed, key in (("tickets", "call_center__ticket", "ticket_id"),
                                ("service_events", "crm__service_event", "service_event_id")):
            true = {row[0] for row in ask(f"select {key} from raw.{feed} where customer_id = '{customer}'")}
            assert set(_column(tmp_path / customer / f"{name}.csv", key)) == true
        named = _column(tmp_path / customer / "tickets.csv", "circuit_id")
        named += _column(tmp_path / customer / "service_events.csv", "circuit_id")
        assert set(named) - {""} <= own
    with pytest.raises(customer_export.UnknownCustomer):
        customer_export.write(demo, "0' or '1' = '1", tmp_path / "nobody")


def _circuits(ask, customer: str) -> set[str]:
    return {row[0] for row in ask(f"select circuit_id from raw.network__circuit where customer_id = '{customer}'")}


def _column(path: Path, name: str) -> list[str]:
    with open(path, encoding="utf-8-sig", newline="") as handle:
        return [row[name] for row in csv.DictReader(handle)]


def test_a_fault_names_the_circuit_of_its_customer(ask) -> None:
    found = "select ticket_id, circuit_id from service_quality.fct_ticket where circuit_id is not null"
    true = """select ticket_id, cast(circuit_id as varchar) from truth.ticket
        where circuit_id is not null and opened_at_local < """ + END
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from service_quality.fct_ticket as tickets
        inner join dim.dim_circuit as circuits using (circuit_key)
        inner join dim.dim_customer as customers on tickets.customer_key = customers.customer_key
        where tickets.circuit_id is not null and circuits.customer_id <> customers.customer_id""") == [(0,)]


@pytest.mark.requirement("NET15")
def test_each_network_kpi_splits_into_town_and_country_and_adds_up_again(ask) -> None:
    report = answer("service_quality/21")
    classes = ask(f"select kpi_id, count(distinct area_class_code) from {report} group by 1 order by 1")
    assert [kpi for kpi, _ in classes] == [f"K{number}" for number in range(51, 61)]
    assert all(count >= 2 for _, count in classes)
    found = f"""select kpi_id, breakdown_code, cast(month as date), city_id, {PARTS} from {report}
        where kpi_id not in ('K53', 'K59') group by 1, 2, 3, 4 having kpi_id <> 'K60' or sum(numerator) > 0"""
    true = f"""select kpi_id, breakdown_code, date_trunc('month', period_start)::date, org_id, {PARTS}
        from kpi.fct_kpi_day where kpi_id in ('K51', 'K54', 'K55', 'K56', 'K57', 'K58', 'K60')
            and breakdown_code <> 'P95' and org_level_code = 'CITY' and is_in_force group by 1, 2, 3, 4
            having kpi_id <> 'K60' or sum(numerator) > 0
        union all select kpi_id, breakdown_code, period_start, org_id, {PARTS} from kpi.fct_kpi_month
        where kpi_id = 'K52' and org_level_code = 'CITY' and is_in_force group by 1, 2, 3, 4"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("NET15")
def test_accessibility_and_alarms_of_town_and_country_are_those_of_the_cities(ask) -> None:
    days = """select orgs.org_id, cells.measured_date,
            cast(sum(connection_success_count) * sum(bearer_success_count) as decimal(38, 0)),
            cast(sum(connection_attempt_count) * sum(bearer_attempt_count) as decimal(38, 0))
        from service_quality.fct_network_cell_day as cells inner join dim.dim_org as orgs using (org_key)
        where hour_count > 0 group by 1, 2"""
    true = """select org_id, period_start, cast(numerator as decimal(38, 0)), cast(denominator as decimal(38, 0))
        from kpi.fct_kpi_day where kpi_id = 'K53' and org_level_code = 'CITY' and is_in_force"""
    assert differences(ask, days, true) == []
    found = f"""select city_id, cast(sum(numerator) as bigint) from {answer('service_quality/21')}
        where kpi_id = 'K59' group by 1"""
    true = """select org_id, cast(sum(numerator) as bigint) from kpi.fct_kpi_day
        where kpi_id = 'K59' and org_level_code = 'CITY' and is_in_force group by 1 having sum(numerator) > 0"""
    assert differences(ask, found + " having sum(numerator) > 0", true) == []


@pytest.mark.requirement("NET16")
def test_speed_congestion_and_fibre_are_shown_by_area_and_month(ask) -> None:
    report = answer("service_quality/22")
    found = f"select area_id, strftime(month, '%Y%m') from {report}"
    true = """select distinct areas.area_id, strftime(cells.date, '%Y%m') from truth.cell_day as cells
        inner join (select distinct cell_id, area_id from raw.network__cell) as areas
            on areas.cell_id = cast(cells.cell_id as varchar)"""
    assert differences(ask, found, true) == []
    found = f"""select cast(month as date), cast(sum(circuit_count) as bigint), cast(sum(fibre_count) as bigint)
        from {report} group by 1"""
    true = """select date_trunc('month', file_date)::date, count(*), count(*) filter (where access_type_code = 'FIBRE')
        from raw.network__circuit where status_code = 'ACTIVE' and file_date = last_day(file_date) group by 1"""
    assert differences(ask, found, true) == []
    assert ask(f"select count(*) from {report} where throughput_kbps is null or congested_hours_pct is null") == [(0,)]
    assert ask(f"select sum(congested_hours_pct) > 0, count(distinct fibre_pct) > 1 from {report}") == [(True, True)]


@pytest.mark.requirement("CUS10", "NET18")
def test_the_share_of_use_on_degraded_cells_is_the_true_one_or_there_is_no_location(ask) -> None:
    measures = {"record_count": "records", "located_record_count": "located", "measured_record_count": "measured",
                "degraded_record_count": "degraded", "located_duration_s": "located_s",
                "degraded_duration_s": "degraded_s", "located_volume_bytes": "located_bytes",
                "degraded_volume_bytes": "degraded_bytes"}
    found = f"""select strftime(month_start_date, '%Y%m'), subscription_id, {', '.join(measures)}, location_code
        from service_quality.fct_usage_quality_month where record_count > 0"""
    true = f"""select cycle, cast(subscription_id as varchar), {', '.join(measures.values())},
        case when located > 0 then 'LOCATED' else 'NO_LOCATION_DATA' end from truth.usage_quality_month"""
    assert differences(ask, found, true) == []
    assert ask("""select count(distinct location_code), sum(degraded_record_count) > 0,
        bool_or(location_code = 'NO_LOCATION_DATA' and record_count > 0) from service_quality.fct_usage_quality_month"""
               ) == [(2, True, True)]


@pytest.mark.requirement("CUS10")
def test_every_customer_month_has_a_share_or_says_that_there_is_no_location(ask) -> None:
    report = answer("service_quality/23")
    assert ask(f"""select count(*) from {report} where (located_record_count = 0)
        <> (degraded_use_pct = 'no location data 无位置数据') or degraded_use_pct is null""") == [(0,)]
    found = f"select strftime(month_start_date, '%Y%m'), cast(sum(record_count) as bigint) from {report} group by 1"
    assert differences(ask, found, f"""select cycle, cast(sum(records) as bigint) from truth.usage_quality_month
        where cycle = {LAST} group by 1""") == []


@pytest.mark.requirement("NET17")
def test_outages_by_age_of_the_equipment_are_those_planted(ask) -> None:
    found = f"select age_band, cast(failure_count as bigint) from {answer('service_quality/12')}"
    true = """with cells as (select cell_id, min(installed_on) as installed_on from raw.network__cell group by 1),
        planted as (select date_diff('day', installed_on, cast(begins_at_local + interval 20 second as date)) as age
            from truth.outage inner join cells on cells.cell_id = cast(outage.cell_id as varchar))
        select case when age < 3 * 365 then '1: under 3 years' when age < 6 * 365 then '2: 3 to 6 years'
            else '3: over 6 years' end, count(*) from planted group by 1"""
    assert differences(ask, f"{found} where failure_count > 0", true) == []


@pytest.mark.requirement("SLA15")
def test_open_work_orders_are_listed_with_step_owner_and_age(ask) -> None:
    found = f"select work_order_id, current_step_code from {answer('key_accounts/20')} where is_open"
    true = """select work_order_id, case max_by(status_code, changed_at) when 'DISPATCHED' then 'ACCEPT'
            when 'ACCEPTED' then 'WORK' when 'DONE' then 'CONFIRM' end
        from raw.crm__work_order group by 1 having max_by(status_code, changed_at) <> 'CLOSED'"""
    assert differences(ask, found, true) == []
    assert ask(f"""select count(*) from {answer('key_accounts/20')}
        where is_open and (owner_staff_id = '?' or age_hours < 0 or age_hours is null)""") == [(0,)]


@pytest.mark.requirement("SLA22")
def test_turnover_of_agents_is_that_of_the_staff_list(ask) -> None:
    report = answer("service_quality/24")
    found = f"""select strftime(month_start_date, '%Y%m'), cast(joined_count as bigint), cast(left_count as bigint),
        attrition_pct from {report}"""
    true = """with months as (select date_trunc('month', date)::date as first, last_day(max(date)) as last
            from truth.population_day group by 1),
        counted as (select first,
            count(*) filter (where hired_on < first and (left_on is null or left_on >= first)) as opening,
            count(*) filter (where hired_on between first and last) as joined,
            count(*) filter (where left_on between first and last) as gone from truth.staff, months
            where role_code = 'AGENT' group by 1)
        select strftime(first, '%Y%m'), joined, gone, round(200.0 * gone / (2 * opening + joined - gone), 2)
        from counted"""
    assert differences(ask, found, true) == []
    assert ask(f"select sum(left_count) > 0, count(*) filter (where opening_count + joined_count - left_count "
               f"<> closing_count) from {report}") == [(True, 0)]


@pytest.mark.requirement("SAL09")
def test_the_sales_funnel_shows_the_drop_off_by_step(ask) -> None:
    found = f"select step_code, cast(reached_count as bigint) from {answer('key_accounts/31')} where reached_count > 0"
    true = """select case stage_code when 'FOUND' then 'UNDERSTAND' when 'QUALIFIED' then 'GRADE'
            when 'PROPOSED' then 'OFFER' when 'WON' then 'SELL' else 'AFTER_SALE' end, count(*)
        from truth.opportunity_stage where stage_code in ('FOUND', 'QUALIFIED', 'PROPOSED', 'WON', 'ACCEPTED')
        group by 1"""
    assert differences(ask, found, true) == []
    assert ask(f"""select count(*) from {answer('key_accounts/31')} where step_number < 5
        and reached_count <> passed_count + lost_here_count + still_here_count""") == [(0,)]
