-- One row per city and month: K16 DOU 每用户平均流量: mobile data bytes over the mobile subscriptions that used
-- data in the month; shown in MB.
select
    'K16' as kpi_id,
    'month' as period_type,
    {{ month_of('event_date') }} as period_start,
    org_id,
    cast(sum(up_bytes + down_bytes) as decimal(38, 6)) as numerator,
    cast(count(distinct subscription_id) as decimal(38, 6)) as denominator
from {{ ref('fct_usage_day') }}
where service_code = 'MOBILE' and not is_excluded and up_bytes + down_bytes > 0
group by {{ month_of('event_date') }}, org_id
