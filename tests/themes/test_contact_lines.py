"""Lines, reasons and surveys: what a contact counts under, what it was about, who was asked afterwards."""

from __future__ import annotations

import re
from datetime import date

import pytest

from orchestration import settings
from tests.truth import answer, differences

pytestmark = pytest.mark.slow

MERGED_ON = date(2026, 2, 1)
OLD = ("112", "114", "180", "189")


@pytest.mark.requirement("ORG05")
def test_contacts_on_an_old_line_count_for_it_before_the_merger_and_under_the_new_one_after(ask) -> None:
    assert ask("select distinct merged_on, merged_line_code from reference.contact_line_mergers") == [
        (MERGED_ON, "10000")]
    found = """select contacts.contact_date, lines.line_code, cast(count(*) as bigint)
        from service_quality.fct_contact as contacts
        inner join dim.dim_contact_channel as lines using (contact_channel_key) group by all"""
    true = f"""select date, case when line_code in {OLD} and date >= date '{MERGED_ON}' then '10000' else line_code end,
        cast(sum(contacts) as bigint) from truth.contact_line_day group by all"""
    assert differences(ask, found, true) == []
    dialled = "select contact_date, line_code, count(*) from service_quality.fct_contact group by all"
    assert differences(ask, dialled, "select date, line_code, sum(contacts) from truth.contact_line_day group by all"
                       ) == []
    assert ask(f"""select count(*) filter (where date < date '{MERGED_ON}') > 0, count(*) filter (
        where date >= date '{MERGED_ON}') > 0 from truth.contact_line_day where line_code in {OLD}""") == [(True, True)]


@pytest.mark.requirement("ORG06")
def test_every_contact_carries_one_of_four_reasons_or_other_and_the_share_of_other_is_watched(ask) -> None:
    found = """select contact_date, reason_class_code, cast(count(*) as bigint) from service_quality.fct_contact
        group by all"""
    true = """select date, reason_class_code, cast(sum(contacts) as bigint) from truth.contact_line_day group by all"""
    assert differences(ask, found, true) == []
    found = """select month_start_date, cast(watched_record_count as bigint), cast(record_count as bigint)
        from ops.ops_watched_share where parameter_code = 'other_reason_limit_pct'"""
    true = """select date_trunc('month', date)::date, cast(coalesce(sum(contacts) filter (
        where reason_class_code = 'OTHER'), 0) as bigint), cast(sum(contacts) as bigint)
        from truth.contact_line_day group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("LCK04")
def test_the_reasons_of_a_day_are_delivered_before_the_nightly_run_of_the_next_morning(ask) -> None:
    """The files of a day come in before the run at five; after it every contact of the day stands with its reason."""
    schedule = (settings.REPO / "orchestration" / "schedules.py").read_text(encoding="utf-8")
    hour = int(re.search(r'cron_schedule="0 (\d+) \* \* \*"', schedule).group(1))
    assert hour < 8
    assert ask(f"""select count(*), count(*) filter (
            where arrived_at + interval 8 hour >= file_date + interval 1 day + interval {hour} hour)
        from ops.ops_file where contract_id = 'call_center__contact' and state = 'accepted'""")[0][1] == 0
    last = "(select max(date) from truth.contact_line_day)"
    assert ask(f"""select reasons.level1_code, reasons.reason_code <> '?', count(*) > 0
        from service_quality.fct_contact as contacts inner join dim.dim_reason as reasons using (reason_key)
        where contact_date = {last} group by all having reasons.reason_code = '?'""") == []
    found = f"""select reason_class_code, count(*) from service_quality.fct_contact where contact_date = {last}
        group by 1"""
    true = f"select reason_class_code, sum(contacts) from truth.contact_line_day where date = {last} group by 1"
    assert differences(ask, found, true) == []


@pytest.mark.requirement("CUS03")
def test_a_survey_keeps_score_scale_wave_and_the_share_of_those_asked_who_answered(ask) -> None:
    found = """select wave_code, count(*), count(*) filter (where is_answered)
        from service_quality.fct_survey_invitation group by all"""
    assert differences(ask, found, "select wave_code, invited, answered from truth.survey_wave") == []
    found = """select wave_code, satisfaction_score, satisfaction_scale_max, count(*)
        from service_quality.fct_survey_invitation where is_answered group by all"""
    true = """select wave_code, score, scale_max, count(*) from raw.call_center__survey
        where question_code = 'SATISFACTION' group by all"""
    assert differences(ask, found, true) == []
    report = answer("service_quality/18")
    assert ask(f"""select count(*) from {report} where answer_count is null or response_rate is null
        or invited_count < answer_count""") == [(0,)]
    assert ask(f"select sum(invited_count) > sum(answer_count), min(answer_count) > 0 from {report}") == [(True, True)]


@pytest.mark.requirement("CUS03")
def test_no_worked_question_and_no_kpi_shows_a_mean_score_without_the_number_of_answers(ask) -> None:
    shown = [path for path in (settings.DBT_PROJECT / "analyses").glob("*/*.sql")
             if "satisfaction" in path.read_text(encoding="utf-8").split("\n", 1)[1]]
    assert len(shown) >= 3
    assert [path.name for path in shown if "answer_count" not in path.read_text(encoding="utf-8")] == []
    assert ask("select count(*) from kpi.fct_kpi_month where kpi_id = 'K50' and denominator is null") == [(0,)]
