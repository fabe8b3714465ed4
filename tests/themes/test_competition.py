"""Theme 4, market competition, against the truth: ports, rivals' numbers, traffic, settlement, shares, events."""

from __future__ import annotations

import pytest

from tests.truth import differences

pytestmark = pytest.mark.slow

MONTH = "strftime({}, '%Y%m')"


def test_completed_ports_are_those_of_the_truth_by_city_and_in_the_kpi(ask) -> None:
    true = "select cycle, cast(org_id as varchar), port_type_code, ports from truth.port_month"
    found = f"""select {MONTH.format('completed_date')}, org_id, port_type_code, count(*)
        from competition.fct_port_request where is_completed group by all"""
    assert differences(ask, found, true) == []
    kpi = f"""select {MONTH.format('period_start')}, org_id, breakdown_code, cast(numerator as bigint)
        from kpi.fct_kpi_month where kpi_id = 'K08' and breakdown_code in ('IN', 'OUT')
            and org_level_code = 'CITY' and numerator <> 0"""
    assert differences(ask, kpi, true) == []


def test_the_port_ratio_is_in_over_out_at_every_level(ask) -> None:
    assert ask("""select count(*) from kpi.fct_kpi_month as ratio
        inner join kpi.fct_kpi_month as ins on ratio.org_id = ins.org_id and ratio.period_start = ins.period_start
            and ins.kpi_id = 'K08' and ins.breakdown_code = 'IN'
        inner join kpi.fct_kpi_month as outs on ratio.org_id = outs.org_id and ratio.period_start = outs.period_start
            and outs.kpi_id = 'K08' and outs.breakdown_code = 'OUT'
        where ratio.kpi_id = 'K08' and ratio.breakdown_code = 'RATIO'
            and (ratio.numerator <> ins.numerator or ratio.denominator <> outs.numerator)""") == [(0,)]


def test_rival_numbers_seen_new_regained_and_lost_are_those_of_the_truth(ask) -> None:
    found = f"""select {MONTH.format('number_month')}, counterpart_operator_code,
        cast(sum(closing_count) as bigint), cast(sum(new_count) as bigint), cast(sum(regained_count) as bigint),
        cast(sum(lost_count) as bigint) from competition.fct_competitor_stock_month group by all"""
    true = 'select cycle, operator_code, reached, "new", regained, lost from truth.rival_number_month'
    assert differences(ask, found, true) == []


def test_calls_and_minutes_with_rival_numbers_are_those_of_the_truth(ask) -> None:
    found = f"""select {MONTH.format('number_month')}, counterpart_operator_code, cast(sum(record_count) as bigint),
        cast(sum(billed_minutes) as bigint) from competition.fct_competitor_number_month group by all"""
    true = "select cycle, operator_code, records, billed_minutes from truth.rival_number_month"
    assert differences(ask, found, true) == []


def test_traffic_to_other_networks_is_that_of_the_truth_to_the_fen(ask) -> None:
    found = f"""select {MONTH.format('settlement_month')}, org_id, counterpart_operator_code, service_code, in_quantity,
        out_quantity, cast(100 * fee_in_amt as bigint), cast(100 * fee_out_amt as bigint)
        from competition.fct_interconnect_settlement"""
    true = """select settlement_cycle, cast(own_code as varchar), other_code, service_code, in_quantity, out_quantity,
        fee_in_fen, fee_out_fen from truth.interconnect_month"""
    assert differences(ask, found, true) == []


def test_every_settlement_difference_is_found_with_its_amount_and_no_other(ask) -> None:
    found = f"""select {MONTH.format('settlement_month')}, org_id, counterpart_operator_code, service_code,
        case when in_quantity <> stated_in_quantity then 'uncounted' else 'old_price' end,
        cast(100 * fee_in_difference_amt as bigint), cast(100 * fee_out_difference_amt as bigint)
        from competition.fct_interconnect_settlement where is_different"""
    true = """select settlement_cycle, cast(own_code as varchar), other_code, service_code, difference_kind,
        fee_in_fen, fee_out_fen from truth.interconnect_difference"""
    assert differences(ask, found, true) == []


@pytest.mark.parametrize(("breakdown", "measure", "condition"), [
    ("MINUTES", "out_quantity - in_quantity", "service_code = 'VOICE'"),
    ("MESSAGES", "out_quantity - in_quantity", "service_code = 'SMS'"),
    ("FEE", "(fee_out_fen - fee_in_fen) / cast(100 as decimal(18, 2))", "true")])
def test_the_interconnect_balance_is_that_of_the_truth(ask, breakdown: str, measure: str, condition: str) -> None:
    found = f"""select {MONTH.format('period_start')}, org_id, round(cast(numerator as double), 4)
        from kpi.fct_kpi_month where kpi_id = 'K33' and breakdown_code = '{breakdown}' and org_level_code = 'CITY'"""
    true = f"""select settlement_cycle, cast(own_code as varchar), round(cast(sum({measure}) as double), 4)
        from truth.interconnect_month where {condition} group by all"""
    assert differences(ask, found, true) == []


@pytest.mark.requirement("ANA07", "SLA24")
def test_market_shares_are_those_of_the_truth_and_add_up_to_one(ask) -> None:
    found = f"""select {MONTH.format('market_month')}, org_id, operator_code, subscription_count, net_added_count
        from competition.fct_market_operator_month where source_code = 'REG'"""
    true = """select cycle, cast(org_id as varchar), operator_code, subscription_count, net_added_count
        from truth.market_month"""
    assert differences(ask, found, true) == []
    assert ask("""select count(*) from (select sum(subscription_count) - max(market_subscription_count) as rest
        from competition.fct_market_operator_month group by market_month, source_code, org_id) where rest <> 0""") == [
        (0,)]


@pytest.mark.parametrize(("kpi", "own", "market"), [
    ("K31", "subscription_count", "sum(subscription_count)"),
    ("K32", "net_added_count", "greatest(sum(net_added_count), 0)")])
def test_market_kpis_are_those_of_the_truth(ask, kpi: str, own: str, market: str) -> None:
    for level, unit in (("CITY", "cast(org_id as varchar)"), ("HQ", "'10000'")):
        found = f"""select {MONTH.format('period_start')}, org_id, cast(numerator as bigint),
            cast(denominator as bigint) from kpi.fct_kpi_month where kpi_id = '{kpi}' and org_level_code = '{level}'"""
        true = f"""select cycle, {unit}, cast(sum({own}) filter (where operator_code = 'OWN') as bigint),
            cast({market} as bigint) from truth.market_month group by all"""
        assert differences(ask, found, true) == []


def test_no_share_of_growth_is_given_where_the_market_shrinks(ask) -> None:
    assert ask("""select count(*) from kpi.fct_kpi_month
        where kpi_id = 'K32' and denominator <= 0 and kpi_value is not null""") == [(0,)]


def test_the_regulator_knows_our_own_subscriptions_as_we_do(ask) -> None:
    found = """select market_month, org_id, subscription_count from competition.fct_market_operator_month
        where source_code = 'REG' and is_own"""
    own = """select date_trunc('month', period_start)::date, org_id, cast(numerator as bigint) from kpi.fct_kpi_day
        where kpi_id = 'K01' and org_level_code = 'CITY' and org_id <> '?' and period_start = last_day(period_start)"""
    assert differences(ask, found, own) == []


def test_policy_events_are_listed_as_they_were_announced(ask) -> None:
    found = """select event_id, event_type_code, operator_code, announced_on, valid_from
        from competition.fct_policy_event"""
    true = """select event_id, event_type_code, coalesce(operator_code, 'NONE'), announced_on, valid_from
        from truth.policy_event"""
    assert differences(ask, found, true) == []


def test_the_price_cut_of_a_rival_is_seen_in_the_price_index(ask) -> None:
    cut, month = ask("""select price_change_share, date_trunc('month', valid_from)::date
        from competition.fct_policy_event where event_type_code = 'PRICE_CUT'""")[0]
    prices = dict(ask("""select market_month, max(basket_price_amt) from competition.fct_market_operator_month
        where source_code = 'SURV' and operator_code = 'RV1' group by all"""))
    before = max(m for m in prices if m < month)
    assert round(float(prices[month] / prices[before]) - 1, 4) == float(cut)


@pytest.mark.requirement("ORG20")
def test_every_port_interconnect_and_market_row_names_an_operator_of_the_dimension(ask) -> None:
    facts = {"fct_port_request": "counterpart_operator_key", "fct_interconnect_day": "counterpart_operator_key",
             "fct_interconnect_settlement": "counterpart_operator_key", "fct_market_operator_month": "operator_key",
             "fct_competitor_number_month": "counterpart_operator_key"}
    for fact, key in facts.items():
        assert ask(f"""select count(*) > 0, count(*) filter (where operators.operator_code is null
            or operators.operator_code = '?') from competition.{fact} as facts
            left join dim.dim_operator as operators on facts.{key} = operators.operator_key""") == [(True, 0)], fact
