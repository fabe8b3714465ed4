"""International roaming (theme 9) against the truth: files, charges to the unit, gaps in sequences, refused files."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

FEED = "concat('billing__tap_', lower(direction_code))"


def test_roaming_charges_are_those_of_the_truth_by_file_day_and_use(ask) -> None:
    found = f"""select {FEED}, partner_code, source_file, event_date, service_kind_code,
        cast(sum(event_count) as bigint), cast(sum(duration_s) as bigint), cast(sum(received_bytes) as bigint),
        cast(sum(sent_bytes) as bigint), cast(sum(charge_units) as bigint), cast(sum(delay_s) as bigint)
        from partners.fct_roaming_charge where service_kind_code <> 'OTHER' group by all"""
    true = """select feed, network, file_name, event_date, service, events, duration_s, received_bytes, sent_bytes,
        charge_units, delay_s from truth.roaming_charge where service <> 'OTHER'"""
    assert differences(ask, found, true) == []


def test_events_of_a_kind_we_do_not_read_keep_their_charge(ask) -> None:
    found = f"""select {FEED}, cast(sum(event_count) as bigint), cast(sum(charge_units) as bigint)
        from partners.fct_roaming_charge where service_kind_code = 'OTHER' group by all"""
    true = """select feed, cast(sum(events) as bigint), cast(sum(charge_units) as bigint)
        from truth.roaming_charge where service = 'OTHER' group by all"""
    assert differences(ask, found, true) == []


def test_every_file_has_the_events_and_the_charge_of_its_audit_block(ask) -> None:
    found = """select files.file_name, files.accepted_rows, cast(totals.control_total as bigint)
        from ops.ops_file as files
        inner join ops.ops_file_total as totals on files.file_id = totals.file_id
        where files.contract_id in ('billing__tap_in', 'billing__tap_out') and files.state = 'accepted'"""
    true = "select file_name, events, charge_units from truth.tap_file"
    assert differences(ask, found, true) == []


def test_a_number_that_was_never_sent_is_on_the_board(ask) -> None:
    found = """select contract_id, right(file_name, 6), file_date from ops.ops_file
        where state = 'missing' and contract_id in ('billing__tap_in', 'billing__tap_out')"""
    true = "select contract_id, printf('%06d', sequence), file_date from truth.tap_gap"
    assert differences(ask, found, true) == []


def test_spoilt_second_versions_are_refused_and_the_first_ones_stay(ask) -> None:
    found = """select file_name, split_part(reason, ':', 1) from ops.ops_file
        where state = 'rejected' and contract_id = 'billing__tap_out'"""
    true = """select file_name, reason from truth.file
        where expected_state = 'rejected' and contract_id = 'billing__tap_out'"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from ops.ops_file where state = 'accepted' and file_name in (
        select replace(file_name, '_v2.', '_v1.') from truth.file where expected_state = 'rejected')""")[0][0] >= 3


def test_charges_in_yuan_follow_from_the_dated_rate(ask) -> None:
    assert ask("""select count(*) > 0, count(*) filter (where charges.charge_amt
            <> round(charges.charge_units * rates.yuan_per_unit / 1000, 2))
        from partners.fct_roaming_charge as charges
        inner join reference.currency_rates as rates on charges.currency_code = rates.currency_code
            and charges.event_date >= rates.valid_from and charges.event_date < rates.valid_to""") == [(True, 0)]


def test_what_our_subscribers_did_abroad_is_in_their_rated_use_too(ask) -> None:
    """Every event of a partner's file is a rated roaming record of the same day, city and seconds of use."""
    assert ask("""with abroad as (
            select event_date, org_id, service_kind_code, sum(event_count) as events
            from partners.fct_roaming_charge where direction_code = 'IN' group by all),
        rated as (
            select event_date, org_id, case when usage_type_code like 'VOICE%' then 'VOICE'
                when usage_type_code like 'SMS%' then 'SMS' else 'DATA' end as service_kind_code,
                sum(record_count) as events
            from usage.fct_usage_day where roam_type_code = 'INTL' group by all)
        select count(*) > 0, count(*) filter (where rated.events is null or rated.events < abroad.events)
        from abroad left join rated using (event_date, org_id, service_kind_code)""") == [(True, 0)]


def test_the_delay_kpi_is_that_of_the_truth(ask) -> None:
    found = """select period_start, cast(numerator as bigint), cast(denominator as bigint)
        from kpi.fct_kpi_day where kpi_id = 'K69' and breakdown_code = 'DELAY' and org_level_code = 'HQ'"""
    true = """select event_date, cast(sum(delay_s) as bigint), cast(sum(events) as bigint)
        from truth.roaming_charge group by all"""
    assert differences(ask, found, true) == []


def test_the_reject_kpi_counts_refused_files_over_all(ask) -> None:
    found = """select cast(sum(numerator) as bigint), cast(sum(denominator) as bigint) from kpi.fct_kpi_day
        where kpi_id = 'K69' and breakdown_code = 'REJECTED' and org_level_code = 'HQ'"""
    true = """select count(*) filter (where expected_state = 'rejected'), count(*) from truth.file
        where contract_id in ('billing__tap_in', 'billing__tap_out') and expected_state in ('accepted', 'rejected')"""
    assert differences(ask, found, true) == []
