-- One row per city, service, measure and month: K71 penetration and active-user rate 渗透率与活跃用户率: subscriptions that
-- used the service over those reached at month end (PENETRATION), and over those that had ordered it (ACTIVE).
with last_days as (
    select flows.* from {{ ref('fct_subscription_flow_day') }} as flows
    inner join {{ last_days_of_months(ref('fct_subscription_flow_day'), 'snapshot_date') }} as last_days
        on flows.snapshot_date = last_days.last_date
),

sides as (
    select
        {{ month_of('last_days.snapshot_date') }} as period_start, last_days.org_id, services.service_code,
        last_days.reached_count, 0 as used_count, 0 as held_count  -- noqa: LT09
    from last_days
    inner join {{ ref('dim_service') }} as services on services.service_class_code = 'vas' and services.service_code <> 'VAS_GATEWAY'
    union all
    select
        snapshot_month as period_start, org_id, service_code, 0 as reached_count,
        max(case when is_used then 1 else 0 end) as used_count, 1 as held_count  -- noqa: LT09
    from {{ ref('fct_service_relation_month') }}
    where not is_excluded
    group by snapshot_month, org_id, service_code, subscription_id
)

select
    'K71' as kpi_id,
    'month' as period_type,
    sides.period_start,
    sides.org_id,
    concat(sides.service_code, ' ', measures.measure_code) as breakdown_code,
    cast(sum(sides.used_count) as decimal(38, 6)) as numerator,
    cast(sum(case when measures.measure_code = 'ACTIVE' then sides.held_count else sides.reached_count end) as decimal(38, 6)) as denominator
from sides
cross join (select 'PENETRATION' as measure_code union all select 'ACTIVE' as measure_code) as measures
group by sides.period_start, sides.org_id, sides.service_code, measures.measure_code
