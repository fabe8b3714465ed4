-- One row per city and day: K04 net added 净增: new less left plus regained.
select
    'K04' as kpi_id,
    'day' as period_type,
    snapshot_date as period_start,
    org_id,
    cast(sum(new_count - left_count + regained_count) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_subscription_flow_day') }}
group by snapshot_date, org_id
