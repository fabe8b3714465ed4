-- One row per city and month: K05 average subscriptions 平均用户数: half the sum of opening and closing, the closing of a
-- month that is not over being the last day known.
with days as (
    select *, {{ month_of('snapshot_date') }} as month_start, max(snapshot_date) over (partition by {{ month_of('snapshot_date') }}) as month_last
    from {{ ref('fct_subscription_flow_day') }}
)

select
    'K05' as kpi_id,
    'month' as period_type,
    month_start as period_start,
    org_id,
    cast(cast(sum(case when snapshot_date = month_start then opening_count else 0 end
        + case when snapshot_date = month_last then reached_count else 0 end) as decimal(18, 0)) * 0.5 as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from days
group by month_start, org_id
