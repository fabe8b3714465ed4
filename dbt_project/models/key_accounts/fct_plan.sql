-- One row per plan figure of a city and period, with what was reached: new subscriptions, revenue of large customers,
-- visits done, value of contracts signed. Amounts are yuan.
with delivered as (

    select
        *,
        {{ repeats_record(['plan_id']) }} as is_copy
    from {{ ref('stg_crm__plan') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

actuals as (

    select
        'DEVELOPMENT' as plan_type_code,
        org_id,
        {{ month_of('snapshot_date') }} as period_start_on,
        sum(new_count) as actual_value
    from {{ ref('fct_subscription_flow_day') }}
    group by org_id, {{ month_of('snapshot_date') }}
    union all
    select
        'REVENUE' as plan_type_code,
        org_id,
        month_start_date as period_start_on,
        sum(net_amt) as actual_value
    from {{ ref('fct_large_customer_month') }}
    where is_large
    group by org_id, month_start_date
    union all
    select
        'VISIT' as plan_type_code,
        orgs.org_id,
        {{ month_of('visits.due_on') }} as period_start_on,
        count(*) as actual_value
    from {{ ref('fct_visit') }} as visits
    inner join orgs on visits.org_key = orgs.org_key
    where visits.is_done and visits.visit_type_code = 'VISIT'
    group by orgs.org_id, {{ month_of('visits.due_on') }}
    union all
    select
        'MARKETING' as plan_type_code,
        orgs.org_id,
        {{ month_of('contracts.signed_on') }} as period_start_on,
        sum(contracts.value_amt) as actual_value
    from {{ ref('fct_contract') }} as contracts
    inner join orgs on contracts.org_key = orgs.org_key
    group by orgs.org_id, {{ month_of('contracts.signed_on') }}

),

plans as (

    select
        *,
        cast(
            case when unit_code = 'fen' then target_value * 0.01 else target_value end as decimal(18, 2)
        ) as planned_value
    from delivered
    where not is_copy

)

select
    -- keys
    {{ surrogate_key(['plans.plan_id']) }} as plan_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    plans.plan_id,
    plans.org_id,

    -- attributes
    plans.plan_type_code,
    plans.status_code,
    plans.reporting_frequency_code,
    case when plans.unit_code = 'fen' then 'yuan' else plans.unit_code end as unit_code,
    coalesce(actuals.actual_value, 0) >= plans.planned_value as is_met,

    -- measures
    plans.planned_value as target_value,
    cast(coalesce(actuals.actual_value, 0) as decimal(18, 2)) as actual_value,

    -- times and lineage
    plans.period_start_on,
    plans.period_end_on,
    plans.source_file,
    plans.line_number,
    plans.file_date
from plans
left join orgs on plans.org_id = orgs.org_id and {{ valid_on('orgs', 'plans.period_start_on') }}
left join actuals on plans.org_id = actuals.org_id
    and plans.plan_type_code = actuals.plan_type_code
    and plans.period_start_on = actuals.period_start_on
