-- One row per city, service, measure and month: K71 penetration and active-user rate 渗透率与活跃用户率: subscriptions that
-- used the service over those reached at month end (PENETRATION), and over those that had ordered it (ACTIVE).
with users as (
    select snapshot_month, org_id, service_code, max(case when is_used then 1 else 0 end) as used_count  -- noqa: LT05,LT09
    from {{ ref('fct_service_relation_month') }}
    where not is_excluded
    group by snapshot_month, org_id, service_code, subscription_id
),

parts as (
    select snapshot_month, org_id, concat(service_code, ' ACTIVE') as code, used_count, 1 as base_count from users  -- noqa: LT05,LT09
    union all
    select snapshot_month, org_id, concat(service_code, ' PENETRATION') as code, used_count, 0 as base_count from users  -- noqa: LT05,LT09
    union all
    select {{ month_of('flows.snapshot_date') }} as snapshot_month, flows.org_id, concat(services.service_code, ' PENETRATION') as code, 0 as used_count, flows.reached_count as base_count  -- noqa: LT05,LT09
    from {{ ref('fct_subscription_flow_day') }} as flows
    inner join {{ last_days_of_months(ref('fct_subscription_flow_day'), 'snapshot_date') }} as last_days
        on flows.snapshot_date = last_days.last_date
    inner join {{ ref('dim_service') }} as services
        on services.service_class_code = 'vas' and services.service_code <> 'VAS_GATEWAY'
)

select
    'K71' as kpi_id,
    'month' as period_type,
    snapshot_month as period_start,
    org_id,
    code as breakdown_code,
    cast(sum(used_count) as decimal(38, 6)) as numerator,
    cast(sum(base_count) as decimal(38, 6)) as denominator
from parts
group by snapshot_month, org_id, code
