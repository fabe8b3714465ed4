"""What passes between headquarters and the provinces: the list of top customers, the answer, reports handed in."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("LCD13", "STD06", "STD07")
def test_each_customer_on_the_list_is_answered_and_an_unknown_one_is_reported_back(ask) -> None:
    found = """select cycle_code, customer_id, rank_number, answer_code <> 'UNKNOWN', answer_code = 'REPORTED',
            cast(coalesce(net_amt, 0) * 100 as bigint)
        from key_accounts.exp_top_customer"""
    true = """select listed.cycle_code, cast(listed.customer_id as varchar), listed.rank_number, listed.is_known,
            large.customer_id is not null or spenders.customer_id is not null,
            coalesce(large.net_fen, cast(spenders.net_amt * 100 as bigint), 0)
        from truth.top_customer as listed
        left join (select distinct cycle, customer_id, net_fen from truth.large_customer_month) as large
            on listed.cycle_code = large.cycle and listed.customer_id = large.customer_id
        left join (select strftime(month_start_date, '%Y%m') as cycle, customer_id, net_amt
                from key_accounts.fct_large_customer_month where not is_large) as spenders
            on listed.cycle_code = spenders.cycle and cast(listed.customer_id as varchar) = spenders.customer_id"""
    assert differences(ask, found, true) == []
    assert ask("""select count(distinct answer_code) >= 2, bool_or(answer_code = 'UNKNOWN' and province_id = '?')
        from key_accounts.exp_top_customer""") == [(True, True)]


@pytest.mark.requirement("LCD13")
def test_a_province_answers_for_its_own_listed_customers_only(ask) -> None:
    found = """select province_id, count(*) from key_accounts.exp_top_customer where answer_code <> 'UNKNOWN'
        group by province_id"""
    true = """with ends as (select distinct cycle_code, last_day(strptime(cycle_code, '%Y%m')::date) as month_end
            from truth.top_customer)
        select provinces.province_id, count(*) from truth.top_customer as listed
        inner join ends using (cycle_code)
        inner join dim.dim_customer as customers on cast(listed.customer_id as varchar) = customers.customer_id
            and month_end between customers.valid_from and customers.valid_to - 1
        inner join dim.dim_org as provinces on customers.org_id = provinces.org_id
            and month_end between provinces.valid_from and provinces.valid_to - 1
        where listed.is_known group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("STD11", "STD12")
def test_late_and_repeated_reports_keep_their_versions_and_the_last_accepted_is_in_force(ask) -> None:
    found = "select submission_id, is_late from key_accounts.fct_report_submission"
    assert differences(ask, found, "select submission_id, is_late from truth.report_submission") == []
    found = """select report_code, cycle_code, org_id, version_number, is_late from dim.dim_report_cycle
        where status_code = 'ACCEPTED'"""
    true = """select report_code, cycle_code, cast(org_id as varchar), version_number, is_late
        from truth.report_in_force"""
    assert differences(ask, found, true) == []
    assert ask("""select bool_or(is_late), bool_or(version_number = 2), bool_or(submission_count > version_number),
            bool_or(status_code = 'OPEN'), bool_and(due_on > closes_on)
        from dim.dim_report_cycle where report_code <> '?'""") == [(True, True, True, True, True)]
    found = """select report_code, cycle_code, org_id, submitted_at_local from dim.dim_report_cycle
        where version_number = 2"""
    true = """select report_code, cycle_code, org_id, submitted_at_local from raw.crm__report_submission
        where version_number = 2 and status_code = 'ACCEPTED'"""
    assert differences(ask, found, true) == []
