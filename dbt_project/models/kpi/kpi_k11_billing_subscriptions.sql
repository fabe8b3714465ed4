-- One row per city and month: K11 billing subscriptions 出账用户: subscriptions with a net charge above zero.
with billed as (
    select
        revenue_month,
        org_id,
        subscription_id
    from {{ ref('fct_revenue_month') }}
    where not is_excluded
    group by revenue_month, org_id, subscription_id
    having sum(net_amt) > 0
)

select
    'K11' as kpi_id,
    'month' as period_type,
    revenue_month as period_start,
    org_id,
    cast(count(*) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from billed
group by revenue_month, org_id
