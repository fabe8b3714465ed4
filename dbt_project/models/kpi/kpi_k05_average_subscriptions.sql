-- One row per city and month: K05 average subscriptions 平均用户数: half the sum of opening and closing; the
-- closing of a month that is not over is the last day known.
select
    'K05' as kpi_id,
    'month' as period_type,
    {{ month_of('flows.snapshot_date') }} as period_start,
    flows.org_id,
    cast(cast(sum(
        case when flows.snapshot_date = {{ month_of('flows.snapshot_date') }} then flows.opening_count else 0 end
        + case when last_days.last_date is not null then flows.reached_count else 0 end
    ) as decimal(18, 0)) * 0.5 as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_subscription_flow_day') }} as flows
left join {{ last_days_of_months(ref('fct_subscription_flow_day'), 'snapshot_date') }} as last_days
    on flows.snapshot_date = last_days.last_date
group by {{ month_of('flows.snapshot_date') }}, flows.org_id
