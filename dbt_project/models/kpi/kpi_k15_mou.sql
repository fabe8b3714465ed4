-- One row per city and month: K15 MOU 每用户平均通话分钟: billed minutes over average subscriptions (K05).
with parts as (
    select {{ month_of('event_date') }} as period_start, org_id, billed_minutes as numerator, 0 as denominator
    from {{ ref('fct_usage_day') }} where not is_excluded
    union all
    select period_start, org_id, 0 as numerator, numerator as denominator from {{ ref('kpi_k05_average_subscriptions') }}
)

select
    'K15' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator
from parts
group by period_start, org_id
