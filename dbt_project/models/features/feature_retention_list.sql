-- One row per subscription and month in which it stood on the list of a retention campaign: addressed or held back by
-- lot, and whether it left by the end of the retention_outcome_months after. Who was addressed by one wave of the month
-- and held back by another is left out: which of the two counts cannot be said. As of the month before, features of it
-- were known.
{{ config(enabled=theme_is_on('marketing')) }}

with rules as (

    {{ parameters_of(['retention_outcome_months']) }}

),

seen as (

    select max(snapshot_date) as last_date from {{ ref('fct_subscription_flow_day') }}

),

listed as (

    select
        members.subscription_id,
        {{ month_of('members.listed_on') }} as listed_month,
        min(members.listed_on) as listed_on,
        max(case when members.is_control then 0 else 1 end) as is_treated,
        min(case when members.is_control then 0 else 1 end) as is_always_treated
    from {{ ref('stg_crm__segment_list') }} as members
    inner join {{ ref('dim_campaign') }} as campaigns on members.campaign_id = campaigns.campaign_id
        and members.wave_number = campaigns.wave_number and campaigns.goal_code = 'RETENTION'
    group by members.subscription_id, {{ month_of('members.listed_on') }}

),

dated as (

    select
        listed.subscription_id,
        listed.is_treated = 1 as is_treated,
        listed.listed_on,
        {{ add_months('listed.listed_month', '1 + rules.retention_outcome_months') }} as outcome_to,
        listed.listed_month,
        {{ add_months('listed.listed_month', -1) }} as as_of_month
    from listed
    cross join rules
    where listed.is_treated = listed.is_always_treated

),

losses as (

    select distinct
        dated.subscription_id,
        dated.listed_month
    from dated
    inner join {{ ref('fct_churn') }} as churn on dated.subscription_id = churn.subscription_id
        and dated.listed_on <= churn.left_on and dated.outcome_to > churn.left_on and not churn.is_replaced

)

select
    -- keys
    dated.subscription_id,

    -- attributes
    dated.is_treated,
    case when seen.last_date >= {{ add_days('dated.outcome_to', -1) }}
        then losses.subscription_id is not null end as is_left,

    -- times
    dated.listed_on,
    dated.outcome_to,
    dated.listed_month,
    dated.as_of_month
from dated
cross join seen
left join losses on dated.subscription_id = losses.subscription_id and dated.listed_month = losses.listed_month
