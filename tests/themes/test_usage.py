"""Theme 2, usage, against the truth: volumes, who communicates, rating, the network's volume, the seasons."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


def test_use_of_every_city_day_and_type_equals_the_truth(ask) -> None:
    found = """select event_date, org_id, usage_type_code, cast(sum(record_count) as bigint),
            cast(sum(duration_s) as bigint), cast(sum(billed_minutes) as bigint),
            cast(sum(up_bytes + down_bytes) as bigint), cast(sum(100 * rated_amt) as bigint)
        from usage.fct_usage_day where org_id <> '?' group by 1, 2, 3"""
    true = """select date, cast(org_id as varchar), usage_type_code, records, duration_s, billed_minutes, volume_bytes,
        rated_fen from truth.usage_day"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("CUS09")
def test_every_record_rated_wrong_is_found_to_the_fen_and_no_other(ask) -> None:
    found = """select record_kind_code, record_id, subscription_id, event_date, lower(difference_kind_code),
        cast(100 * expected_amt as bigint), cast(100 * rated_amt as bigint) from usage.fct_rating_difference"""
    true = """select record_kind, cast(record_id as varchar), cast(subscription_id as varchar), date, kind, due_fen,
        rated_fen from truth.leakage_record"""
    assert differences(ask, found, true) == []


def test_subscriptions_planted_silent_are_silent_from_their_day(ask) -> None:
    """Who is only called is silent by own use, but not by any use."""
    rows = ask("""select planted.is_still_called, count(*), count(own.subscription_id), count(any_.subscription_id)
        from truth.silent_subscription as planted
        left join usage.fct_silent_period as own on own.subscription_id = cast(planted.subscription_id as varchar)
            and own.use_kind_code = 'OWN' and own.is_open
        left join usage.fct_silent_period as any_ on any_.subscription_id = cast(planted.subscription_id as varchar)
            and any_.use_kind_code = 'ANY' and any_.is_open
        where planted.silent_from <= (select max(date) - 35 from truth.population_day) group by 1 order by 1""")
    (_, quiet, own, any_), (_, called, own_of_called, any_of_called) = rows
    assert (own, any_) == (quiet, quiet) and own_of_called == called and any_of_called < called


def test_the_network_carried_what_was_billed_in_every_city_and_month(ask) -> None:
    rows = ask("""select org_id, sum(difference_bytes) * 1.0 / sum(network_bytes), sum(compared_hour_count) * 1.0
        / sum(hour_count) from usage.fct_volume_control_day group by org_id, date_trunc('month', control_date)""")
    assert rows and all(0 <= share < 0.02 and compared > 0.9 for _, share, compared in rows)


def test_the_warehouse_knows_the_working_days_that_the_operator_worked(ask) -> None:
    found = """select calendar_date, is_makeup_workday from dim.dim_date
        where calendar_date in (select date from truth.season_day)"""
    assert differences(ask, found, "select date, is_worked_weekend from truth.season_day") == []


def test_use_moves_with_the_seasons_as_planted(ask) -> None:
    """Messages of the eve are about four times those of a working day; a worked weekend is a working day."""
    rows = ask("""
        with days as (
            select event_date, sum(record_count) filter (where usage_type_code like 'SMS%') as messages,
                sum(record_count) filter (where usage_type_code like 'VOICE%') as calls
            from usage.fct_usage_day group by 1)
        select seasons.day_kind, seasons.is_worked_weekend, avg(messages), avg(calls)
        from days inner join truth.season_day as seasons on days.event_date = seasons.date group by 1, 2""")
    mean = {(kind, worked): (messages, calls) for kind, worked, messages, calls in rows}
    workday = mean["workday", False]
    assert 3 < mean["eve", False][0] / workday[0] < 5
    assert 0.9 < mean["workday", True][1] / workday[1] < 1.1
    assert 0.65 < mean["festival", False][1] / workday[1] < 0.95


def test_yield_of_minutes_and_megabytes_is_counted_again_from_the_truth(ask) -> None:
    found = """select strftime(period_start, '%Y%m'), org_id, breakdown_code, round(cast(numerator as double), 2),
            round(cast(denominator as double), 2)
        from kpi.fct_kpi_month where kpi_id = 'K17' and org_level_code = 'CITY'"""
    true = """select cycle, cast(org_id as varchar), 'MINUTE', round(net_fen / 100.0, 2), round(billed_minutes * 1.0, 2)
        from truth.month union all
        select cycle, cast(org_id as varchar), 'MB', round(net_fen / 100.0, 2), round(mobile_data_bytes / 1048576.0, 2)
        from truth.month"""
    assert differences(ask, found, true) == []
