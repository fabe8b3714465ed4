-- One row per city and month: K34 complaint rate 万投比: complaint tickets opened over average subscriptions (K05), per 10 000.
with parts as (
    select {{ month_of('ticket_date') }} as period_start, org_id, opened_count as numerator, 0 as denominator from {{ ref('fct_ticket_day') }}
    where ticket_type_code = 'complaint'
    union all
    select period_start, org_id, 0 as numerator, numerator as denominator from {{ ref('kpi_k05_average_subscriptions') }}
)

select
    'K34' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(sum(numerator) as decimal(38, 6)) as numerator,
    cast(sum(denominator) as decimal(38, 6)) as denominator
from parts
group by period_start, org_id
