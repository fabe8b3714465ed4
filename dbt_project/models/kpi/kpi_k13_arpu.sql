-- One row per city and month: K13 ARPU 每用户平均收入: recognised revenue over average subscriptions (K05).
with parts as (
    select revenue_month as period_start, org_id, recognised_amt as numerator, 0 as denominator
    from {{ ref('fct_revenue_month') }} where not is_excluded
    union all
    select period_start, org_id, 0 as numerator, numerator as denominator from {{ ref('kpi_k05_average_subscriptions') }}
)

select
    'K13' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator
from parts
group by period_start, org_id
