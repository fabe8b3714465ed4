-- One row per unit and month: K32 incremental share 新增市场份额: own net growth over that of all operators, by the
-- regulator; no share where the market does not grow.
with own as (
    select
        market_month,
        org_key,
        net_added_count,
        market_net_added_count
    from {{ ref('fct_market_operator_month') }}
    where source_code = 'REG' and is_own
),

at_levels as ({{ at_every_level('own', ['market_month', 'net_added_count', 'market_net_added_count']) }})

select
    'K32' as kpi_id,
    'month' as period_type,
    market_month as period_start,
    org_id,
    cast(sum(net_added_count) as decimal(38, 6)) as numerator,
    cast(case when sum(market_net_added_count) > 0 then sum(market_net_added_count) else 0 end as decimal(38, 6))
        as denominator
from at_levels
group by market_month, org_id
