-- One row per city and month: K14 billing ARPU 出账用户平均收入: recognised revenue over billing subscriptions (K11).
with subscriptions as (
    select
        revenue_month,
        org_id,
        subscription_id,
        sum(recognised_amt) as amount
    from {{ ref('fct_revenue_month') }}
    where not is_excluded
    group by revenue_month, org_id, subscription_id
)

select
    'K14' as kpi_id,
    'month' as period_type,
    revenue_month as period_start,
    org_id,
    cast(sum(amount) as decimal(38, 6)) as numerator,
    cast(count(case when amount > 0 then 1 end) as decimal(38, 6)) as denominator
from subscriptions
group by revenue_month, org_id
