-- One row per subscription, event date, usage type, direction, counterpart operator, roam type, service and city.
-- An event date is computed again in full when a file from the window on holds,
-- or once held, one of its records.
with touched_dates as (

    {{ touched_dates('event_date', ref('fct_usage_event'), 'event_date', 'file_date') }}

),

events as (

    select events.*
    from {{ ref('fct_usage_event') }} as events
    inner join touched_dates on events.event_date = touched_dates.event_date

),

usage_days as (

    select
        subscription_id,
        subscription_key,
        org_key,
        usage_type_key,
        counterpart_operator_key,
        usage_type_code,
        service_code,
        direction_code,
        counterpart_operator_code,
        roam_type_code,
        count(*) as record_count,
        cast(sum(duration_s) as bigint) as duration_s,
        cast(sum(billed_minutes) as bigint) as billed_minutes,
        cast(sum(up_bytes) as bigint) as up_bytes,
        cast(sum(down_bytes) as bigint) as down_bytes,
        cast(sum(rated_amt) as decimal(18, 2)) as rated_amt,
        min(file_date) as first_file_date,
        max(file_date) as last_file_date,
        event_date
    from events
    group by
        subscription_id, subscription_key, org_key, usage_type_key, counterpart_operator_key, usage_type_code,
        service_code, direction_code, counterpart_operator_code, roam_type_code, event_date

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

)

select
    -- keys
    usage_days.subscription_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    usage_days.org_key,
    usage_days.usage_type_key,
    usage_days.counterpart_operator_key,
    usage_days.subscription_id,
    coalesce(subscriptions.org_id, '?') as org_id,

    -- attributes
    usage_days.usage_type_code,
    usage_days.service_code,
    usage_days.direction_code,
    usage_days.counterpart_operator_code,
    usage_days.roam_type_code,
    coalesce(subscriptions.is_excluded, false) as is_excluded,

    -- measures
    usage_days.record_count,
    usage_days.duration_s,
    usage_days.billed_minutes,
    usage_days.up_bytes,
    usage_days.down_bytes,
    usage_days.rated_amt,

    -- lineage
    usage_days.first_file_date,
    usage_days.last_file_date,
    usage_days.event_date
from usage_days
left join subscriptions on usage_days.subscription_key = subscriptions.subscription_key
left join accounts on subscriptions.account_id = accounts.account_id
    and {{ valid_on('accounts', 'usage_days.event_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'usage_days.event_date') }}
