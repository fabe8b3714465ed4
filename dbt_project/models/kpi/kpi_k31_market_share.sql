-- One row per city and month: K31 market share 市场份额: own subscriptions over those of all operators, by the regulator.
select
    'K31' as kpi_id,
    'month' as period_type,
    market_month as period_start,
    org_id,
    cast(sum(subscription_count) as decimal(38, 6)) as numerator,
    cast(sum(market_subscription_count) as decimal(38, 6)) as denominator
from {{ ref('fct_market_operator_month') }}
where source_code = 'REG' and is_own
group by market_month, org_id
