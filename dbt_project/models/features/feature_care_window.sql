-- One row per subscription that contacted us or stood on a campaign list in the three months up to an as-of date, as
-- known by then: complaints and faults, repeats within repeat_contact_days, and what campaigns did. Being held back
-- counts beside being addressed: lists are drawn by lot.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

rules as (

    {{ parameters_of(['repeat_contact_days']) }}

),

contact_rows as (

    {{ known_rows('call_center__contact', [
        'contact_id', 'subscription_id', 'reason_code', 'offered_at', 'offered_at_local',
    ]) }}

),

contacts as (

    select
        months.as_of_month,
        months.as_of_date,
        contact_rows.subscription_id,
        {{ months_between('contact_rows.offered_at_local', 'months.as_of_month') }} as months_ago,
        reasons.level1_code,
        {{ days_between(
            'lag(contact_rows.offered_at) over (partition by months.as_of_month, contact_rows.subscription_id, '
            ~ 'reasons.level1_code order by contact_rows.offered_at, contact_rows.contact_id)',
            'contact_rows.offered_at'
        ) }} as days_after
    from contact_rows
    inner join months on contact_rows.known_month <= months.as_of_month
        and cast(contact_rows.offered_at_local as date) <= months.as_of_date
        and cast(contact_rows.offered_at_local as date) >= {{ add_months('months.as_of_month', -2) }}
    left join {{ ref('contact_reasons') }} as reasons on contact_rows.reason_code = reasons.reason_code
    where contact_rows.subscription_id is not null

),

cared as (

    select
        contacts.as_of_month,
        contacts.as_of_date,
        contacts.subscription_id,
        count(*) as contact_count_3m,
        count(case when contacts.months_ago = 0 and contacts.level1_code = 'COMPLAINT' then 1 end) as complaint_count,
        count(case when contacts.months_ago = 0 and contacts.level1_code = 'FAULT' then 1 end) as fault_count,
        count(case when contacts.level1_code in ('COMPLAINT', 'FAULT') then 1 end) as complaint_count_3m,
        count(case when contacts.days_after <= rules.repeat_contact_days then 1 end) as repeat_contact_count_3m,
        0 as retention_count_2m,
        0 as retention_control_count_2m,
        0 as campaign_count_3m
    from contacts
    cross join rules
    group by contacts.as_of_month, contacts.as_of_date, contacts.subscription_id

),

campaign_rows as (

    {{ known_rows('crm__campaign', ['campaign_id', 'wave_number', 'goal_code']) }}

),

goals as (

    select
        campaign_id,
        wave_number,
        max(goal_code) as goal_code,
        min(known_month) as known_month
    from campaign_rows
    group by campaign_id, wave_number

),

member_rows as (

    {{ known_rows('crm__segment_list', ['campaign_id', 'wave_number', 'subscription_id', 'is_control', 'listed_on']) }}

),

listed as (

    select
        months.as_of_month,
        months.as_of_date,
        member_rows.subscription_id,
        cast(0 as bigint) as contact_count_3m,
        cast(0 as bigint) as complaint_count,
        cast(0 as bigint) as fault_count,
        cast(0 as bigint) as complaint_count_3m,
        cast(0 as bigint) as repeat_contact_count_3m,
        count(case when goals.goal_code = 'RETENTION' and not member_rows.is_control
            and member_rows.listed_on >= {{ add_months('months.as_of_month', -1) }} then 1 end) as retention_count_2m,
        count(case when goals.goal_code = 'RETENTION' and member_rows.is_control
            and member_rows.listed_on >= {{ add_months('months.as_of_month', -1) }} then 1 end)
            as retention_control_count_2m,
        count(case when not member_rows.is_control then 1 end) as campaign_count_3m
    from member_rows
    inner join months on member_rows.known_month <= months.as_of_month and member_rows.listed_on <= months.as_of_date
        and member_rows.listed_on >= {{ add_months('months.as_of_month', -2) }}
    left join goals on member_rows.campaign_id = goals.campaign_id and member_rows.wave_number = goals.wave_number
        and months.as_of_month >= goals.known_month
    group by months.as_of_month, months.as_of_date, member_rows.subscription_id

),

parts as (

    select * from cared
    union all
    select * from listed

)

{% set measures = [
    'contact_count_3m', 'complaint_count', 'fault_count', 'complaint_count_3m', 'repeat_contact_count_3m',
    'retention_count_2m', 'retention_control_count_2m', 'campaign_count_3m',
] -%}
select
    -- keys
    subscription_id,

    -- measures
    {%- for measure in measures %}
    cast(sum({{ measure }}) as bigint) as {{ measure }},
    {%- endfor %}

    -- times
    as_of_month,
    as_of_date
from parts
group by subscription_id, as_of_month, as_of_date
