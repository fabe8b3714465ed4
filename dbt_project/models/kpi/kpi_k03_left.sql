-- One row per city and day: K03 subscriptions lost 离网: counted the day before, in a final state at the end of it.
select
    'K03' as kpi_id,
    'day' as period_type,
    snapshot_date as period_start,
    org_id,
    cast(sum(left_count) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_subscription_flow_day') }}
group by snapshot_date, org_id
