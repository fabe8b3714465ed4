"""Churn against the planted truth: the four views, where leavers went, labels and features of old months."""

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow


@pytest.mark.requirement("ANA22", "LCK06")
@pytest.mark.parametrize("view", ["quantity", "cause", "direction", "structure"])
def test_each_view_holds_every_true_loss_of_every_city_and_month(ask, view: str) -> None:
    found = f"""select month_start_date, org_id, cast(sum(left_count) as bigint) from mart.churn_flow
        where view_code = '{view}' and org_level_code = 'CITY' group by 1, 2 having sum(left_count) > 0"""
    true = """select cast(date_trunc('month', date) as date), cast(org_id as varchar), cast(sum("left") as bigint)
        from truth.population_day group by 1, 2 having sum("left") > 0"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("CUS07")
def test_losses_by_register_are_the_true_ones_and_re_entries_are_netted(ask) -> None:
    found = """select month_start_date, churn_kind_code, cast(sum(left_count) as bigint) from mart.churn_flow
        where view_code = 'quantity' and org_level_code = 'HQ'
            and churn_kind_code in ('port_out', 'involuntary', 'internal_migration') group by 1, 2"""
    true = """select cast(date_trunc('month', left_on) as date), case
            when kind = 'voluntary' then 'internal_migration' else kind end, count(*)
        from truth.leaver where is_counted and (kind <> 'voluntary' or subscription_id in (
            select old_subscription_id from truth.re_entry where kind = 'whole')) group by 1, 2"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from mart.churn_flow where view_code = 'quantity'
        and replaced_count <> case when churn_kind_code = 'internal_migration' then left_count else 0 end""") == [(0,)]


@pytest.mark.requirement("CUS07", "ANA22")
def test_cause_direction_and_structure_are_filled_or_explicitly_unknown(ask) -> None:
    members = ("churn_kind_code", "cause_code", "reason_family_code", "direction_operator_code", "tenure_band_code",
               "value_band_code", "offer_id", "channel_type_code")
    missing = " or ".join(f"{name} is null or {name} = ''" for name in members)
    assert ask(f"select count(*) from mart.churn_flow where {missing}") == [(0,)]
    known, all_ = ask("""select sum(left_count) filter (where cause_code <> '?'), sum(left_count) from mart.churn_flow
        where view_code = 'cause' and org_level_code = 'HQ'""")[0]
    assert 0.6 * all_ <= known < all_  # 85 of 100 who cancel say why; who ports says nothing


def test_the_direction_of_those_who_left_for_a_rival_is_right_where_one_is_shown(ask) -> None:
    right, shown = ask("""select count(*) filter (where found.direction_operator_code = true_.direction_operator_code),
            count(*)
        from customers.fct_leaver as found inner join truth.leaver as true_
            on found.subscription_id = cast(true_.subscription_id as varchar)
        where found.direction_evidence_code in ('port', 'circle') and true_.is_counted""")[0]
    assert shown > 0 and right >= 0.85 * shown


def test_labels_are_what_truly_happened(ask) -> None:
    found = """select subscription_id, label_from, is_left from features.feature_churn_label where is_left is not null
        and subscription_id in (select cast(subscription_id as varchar) from truth.churn_hazard)"""
    true = """select cast(subscription_id as varchar), month, is_left from truth.churn_hazard
        where is_counted and month in (select label_from from features.feature_churn_label where is_left is not null)"""
    both = f"""select count(*), count(*) filter (where found.is_left = true_.is_left) from ({found}) as found
        inner join ({true}) as true_(subscription_id, label_from, is_left) using (subscription_id, label_from)"""
    rows, same = ask(both)[0]
    assert rows > 1000 and same == rows
    assert rows >= 0.93 * ask(f"select count(*) from ({true})")[0][0]


def test_what_moves_people_shows_in_the_features(ask) -> None:
    """The drivers of a month of leaving are those of two months before; `bass bench churn` shows the slow ones too."""
    exact = ask("""select avg(case when features.is_prepaid = (moved.is_prepaid > 0) then 1.0 else 0 end),
            avg(case when features.is_important = (moved.is_large > 0) then 1.0 else 0 end),
            avg(case when features.is_contract_ending = (moved.contract_ends > 0) then 1.0 else 0 end),
            corr(features.rival_call_share, moved.rival_share),
            corr(features.complaint_count + features.fault_count, moved.complaints)
        from features.feature_churn_month as features inner join truth.churn_hazard as moved
            on features.subscription_id = cast(moved.subscription_id as varchar)
            and cast(features.as_of_month + interval 2 month as date) = moved.month""")[0]
    least = (0.999, 0.999, 0.985, 0.7, 0.7)
    assert all(found is not None and found >= limit for found, limit in zip(exact, least, strict=True)), exact


def test_use_in_the_features_is_the_true_use_of_the_month(ask) -> None:
    found = """select subscription_id, strftime(as_of_month, '%Y%m'), record_count, originated_minutes, volume_bytes
        from features.feature_churn_month where record_count > 0"""
    true = """select counted.subscription_id, use.cycle, cast(sum(use.records) as bigint),
            cast(sum(use.originated_minutes) as bigint), cast(sum(use.volume_bytes) as bigint)
        from truth.usage_month as use inner join features.feature_churn_month as counted
            on cast(use.subscription_id as varchar) = counted.subscription_id
            and use.cycle = strftime(counted.as_of_month, '%Y%m')
        group by 1, 2"""
    assert differences(ask, found, true) == []


def test_use_on_degraded_cells_in_the_features_is_the_true_one(ask) -> None:
    found = """select subscription_id, strftime(as_of_month, '%Y%m'), degraded_record_count, degraded_duration_s,
            degraded_volume_bytes
        from features.feature_churn_month where degraded_record_count > 0"""
    true = """select counted.subscription_id, met.cycle, met.degraded, met.degraded_s, met.degraded_bytes
        from truth.usage_quality_month as met inner join features.feature_churn_month as counted
            on cast(met.subscription_id as varchar) = counted.subscription_id
            and met.cycle = strftime(counted.as_of_month, '%Y%m')
        where met.degraded > 0"""
    assert differences(ask, found, true) == []
