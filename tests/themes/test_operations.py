"""The KPIs of our own work, counted a second time: unknown members, files, reconciliations; and the glossary."""

from __future__ import annotations

import csv

import pytest

from orchestration import settings
from tests.truth import differences


@pytest.mark.slow
def test_the_unknown_member_share_is_counted_again_from_the_facts(ask):
    found = """select period_start, numerator, denominator from kpi.fct_kpi_month
               where kpi_id = 'K75' and breakdown_code = 'reason' and org_level_code = 'HQ'"""
    true = """select date_trunc('month', day)::date, sum(case when reason_key = md5('?') then 1 else 0 end), count(*)
              from (select contact_date as day, reason_key from service_quality.fct_contact
                    union all select opened_date, reason_key from service_quality.fct_ticket) group by 1"""
    assert differences(ask, found, true) == []


@pytest.mark.slow
def test_files_that_came_twice_are_those_that_were_planted(ask):
    found = """select period_start, cast(numerator as bigint) from kpi.fct_kpi_day
               where kpi_id = 'K76' and breakdown_code = 'DUPLICATE' and org_level_code = 'HQ' and numerator > 0"""
    true = "select file_date, count(*) from truth.file where expected_state = 'duplicate' group by file_date"
    assert differences(ask, found, true) == []


@pytest.mark.slow
def test_every_feed_and_measure_that_is_compared_agrees_on_every_day(ask):
    found = """select period_start, cast(numerator as bigint), cast(denominator as bigint) from kpi.fct_kpi_day
               where kpi_id = 'K77' and org_level_code = 'HQ'"""
    true = """select period_start, count(distinct (subject, measure)), count(distinct (subject, measure))
              from ops.ops_layer_total where period_start <= (select max(period_start) from kpi.fct_kpi_day
                                                              where kpi_id = 'K77') group by period_start"""
    assert differences(ask, found, true) == []


def test_every_theme_explains_its_words():
    with open(settings.SEEDS / "glossary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    themes = {"customers", "usage", "revenue", "competition", "service_quality", "marketing", "key_accounts",
              "new_services", "partners", "ops"}
    assert {row["theme"] for row in rows} == themes and len(rows) >= 80
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in row["term_zh"]) and len(row["definition"]) > 20
               for row in rows)
