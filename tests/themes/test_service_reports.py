"""Reports on service: centre by centre, hour by hour, by wave, grade and reason, by agent."""

from __future__ import annotations

import pytest

from tests.truth import answer, differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("ORG04")
def test_centres_add_up_to_the_total_and_the_total_is_the_kpi(ask) -> None:
    parts = "offered_count, in_limit_count, issue_count, solved_first_count"
    sums = ", ".join(f"cast(sum({part}) as bigint)" for part in parts.split(", "))
    report = answer("service_quality/19")
    assert ask(f"select count(*) from {report} where centre_code <> 'ALL'")[0][0] >= 2
    total = f"select {parts} from {report} where centre_code = 'ALL'"
    assert differences(ask, f"select {sums} from {report} where centre_code <> 'ALL'", total) == []
    true = """select sum(denominator) filter (where kpi_id = 'K38'), sum(numerator) filter (where kpi_id = 'K38'),
            sum(denominator) filter (where kpi_id = 'K36'), sum(numerator) filter (where kpi_id = 'K36')
        from kpi.fct_kpi_month where org_level_code = 'HQ' and is_in_force"""
    assert differences(ask, total, true) == []


@pytest.mark.requirement("LCK19")
def test_waiting_and_closing_by_hour_add_up_to_the_queues_and_the_tickets(ask) -> None:
    report = answer("service_quality/17")
    assert ask(f"select count(distinct hour_of_day) from {report}") == [(24,)]
    found = f"select cast(sum(answered_count) as bigint) from {report}"
    assert differences(ask, found, "select cast(sum(answered_count) as bigint) from truth.queue_day") == []
    ended = "closed_at_local < (select max(date) + 1 from truth.contact_day)"
    found = f"select hour_of_day, opened_count, closed_count, closed_after_h from {report} where opened_count > 0"
    true = f"""select hour(opened_at_local), count(*), count(*) filter (where {ended}),
        round(sum(date_diff('second', opened_at_local, closed_at_local)) filter (where {ended}) / 3600.0
            / nullif(count(*) filter (where {ended}), 0), 1) from truth.ticket group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA12", "SLA17")
def test_satisfaction_is_out_of_100_by_wave_grade_and_reason_with_its_number_of_answers(ask) -> None:
    report = answer("service_quality/18")
    assert ask(f"select count(*) from {report} where satisfaction not between 0 and 100 or answer_count < 1") == [(0,)]
    assert ask(f"""select count(distinct wave_code) > 1, count(distinct service_grade_code) > 2,
        count(distinct reason_code) > 2 from {report}""") == [(True, True, True)]
    found = f"""select wave_code, cast(sum(answer_count) as bigint),
        cast(round(sum(satisfaction * answer_count)) as bigint) from {report} group by all"""
    true = """select wave_code, count(*), cast(sum(score) * 20 as bigint) from raw.call_center__survey
        where question_code = 'SATISFACTION' group by all"""
    assert differences(ask, found, true) == []
    # The KPI counts an answer in the month in which it was given, which may be the one after its wave.
    assert ask(f"select sum(answer_count), round(sum(satisfaction * answer_count)) from {report}") == ask(
        """select sum(denominator), sum(numerator) from kpi.fct_kpi_month
        where kpi_id = 'K50' and breakdown_code = 'SATISFACTION' and org_level_code = 'HQ'""")


@pytest.mark.requirement("SVC01")
def test_complaints_by_reason_and_city_are_those_made_per_10000_subscriptions(ask) -> None:
    found = f"""select opened_month, reason_en, cast(sum(complaint_count) as bigint)
        from {answer('service_quality/03')} group by all"""
    true = """select strftime(tickets.opened_at_local, '%Y-%m'), reasons.level2_name_en, count(*)
        from truth.ticket as tickets
        inner join reference.contact_reasons as reasons on tickets.reason_code = reasons.reason_code
        where tickets.ticket_type_code = 'complaint' group by all"""
    assert differences(ask, found, true) == []
    rates = ask(f"""select opened_month, org_name, abs(sum(per_10000) - max(kpis.kpi_value)) < 0.5
        from {answer('service_quality/03')} as report
        inner join dim.dim_org as orgs using (org_name)
        inner join kpi.fct_kpi_month as kpis on kpis.org_id = orgs.org_id and kpis.kpi_id = 'K34'
            and kpis.org_level_code = 'CITY' and strftime(kpis.period_start, '%Y-%m') = opened_month
        where orgs.is_current group by all""")
    assert len(rates) > 20 and all(row[2] for row in rates)


@pytest.mark.requirement("SVC05")
def test_agents_are_shown_with_handle_time_and_quality_and_small_numbers_are_not(ask) -> None:
    report = answer("service_quality/08")
    found = f"select staff_id, handled_count from {report}"
    true = """select cast(staff_id as varchar), cast(sum(handled_count) as bigint) from truth.agent_day group by 1
        having sum(handled_count) >= 5"""
    assert ask(f"select count(*) from (({found}) except all ({true}))") == [(0,)]
    assert ask(f"""select count(*) from {report} where handled_count < 5 or handle_s is null
        or (answer_count < 5) <> (satisfaction is null)""") == [(0,)]
    assert ask(f"select count(*) from {report} where satisfaction is not null")[0][0] > 5


@pytest.mark.requirement("SLA21", "SLA23")
def test_handle_time_and_contacts_of_an_agent_hour_are_counted_alike_in_every_month(ask) -> None:
    found = f"""select strftime(month, '%Y%m'), cast(handled_count as bigint), cast(handle_s as bigint),
        contacts_per_agent_hour from {answer('service_quality/20')}"""
    true = """select strftime(date, '%Y%m'), cast(sum(handled_count) as bigint),
        cast(sum(talk_s + hold_s + wrap_s) as bigint), round(3600.0 * sum(handled_count) / sum(login_s), 2)
        from truth.agent_day group by all"""
    assert differences(ask, found, true) == []
    found = """select period_start, round(previous_change_share, 9) from kpi.fct_kpi_month
        where kpi_id = 'K37' and org_level_code = 'HQ' and previous_value is not null"""
    true = """select now.period_start, round(now.kpi_value / before.kpi_value - 1, 9) from kpi.fct_kpi_month as now
        inner join kpi.fct_kpi_month as before using (kpi_id, org_id, org_level_code, definition_version)
        where kpi_id = 'K37' and org_level_code = 'HQ' and now.period_start = before.period_start + interval 1 month"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("SLA11")
@pytest.mark.parametrize("kpi", ["K73", "K51", "K40"], ids=["zero distance", "zero interruption", "zero delay"])
def test_distance_interruption_and_delay_are_published_with_their_definition(ask, kpi: str) -> None:
    rows = ask(f"""select distinct rules.formula, rules.name_zh, count(*) filter (where kpis.kpi_value is not null)
        from kpi.fct_kpi_month as kpis
        inner join reference.kpis as rules using (kpi_id, definition_version)
        where kpi_id = '{kpi}' and org_level_code = 'HQ' group by all""")
    assert len(rows) == 1 and rows[0][0] and rows[0][1] and rows[0][2] > 0
