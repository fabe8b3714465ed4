-- One row per city and month: K06 churn rate 离网率: subscriptions lost (K03) over average subscriptions (K05).
with parts as (
    select {{ month_of('period_start') }} as period_start, org_id, numerator, 0 as denominator from {{ ref('kpi_k03_left') }}
    union all
    select period_start, org_id, 0 as numerator, numerator as denominator from {{ ref('kpi_k05_average_subscriptions') }}
)

select
    'K06' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator
from parts
group by period_start, org_id
