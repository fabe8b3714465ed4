-- One row per service-affecting, unplanned alarm: its cell, how long it lasted, how many subscriptions and customers
-- used the cell in the days before, and how many of them told us of a fault until an hour after its end.
with alarms as (

    select * from {{ ref('fct_alarm') }}
    where is_service_affecting and not is_planned

),

hits as (

    select * from {{ ref('bridge_alarm_service') }}

),

hit_totals as (

    select
        alarm_id,
        count(*) as subscription_count,
        count(distinct customer_id) as customer_count
    from hits
    group by alarm_id

),

faults as (

    select
        contacts.subscription_id,
        contacts.offered_at
    from {{ ref('fct_contact') }} as contacts
    inner join {{ ref('dim_reason') }} as reasons on contacts.reason_key = reasons.reason_key
    where reasons.level1_code = 'FAULT'

),

fault_totals as (

    select
        hits.alarm_id,
        count(*) as fault_contact_count
    from hits
    inner join alarms on hits.alarm_id = alarms.alarm_id
    inner join faults on hits.subscription_id = faults.subscription_id
        and alarms.raised_at <= faults.offered_at
        and {{ add_seconds('alarms.cleared_at', 3600) }} > faults.offered_at
    group by hits.alarm_id

)

select
    -- keys
    alarms.alarm_key,
    alarms.network_element_key,
    alarms.org_key,
    alarms.alarm_id,
    alarms.cell_id,

    -- attributes
    alarms.probable_cause_code,
    alarms.severity_code,
    alarms.is_open,

    -- measures
    alarms.duration_s,
    coalesce(hit_totals.subscription_count, 0) as subscription_count,
    coalesce(hit_totals.customer_count, 0) as customer_count,
    coalesce(fault_totals.fault_contact_count, 0) as fault_contact_count,
    cast(alarms.duration_s * coalesce(hit_totals.customer_count, 0) / 60.0 as decimal(38, 6)) as customer_minutes,

    -- times
    alarms.raised_at,
    alarms.raised_at_local,
    alarms.cleared_at,
    alarms.raised_date
from alarms
left join hit_totals on alarms.alarm_id = hit_totals.alarm_id
left join fault_totals on alarms.alarm_id = fault_totals.alarm_id
