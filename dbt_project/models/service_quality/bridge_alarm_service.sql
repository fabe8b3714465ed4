-- One row per service-affecting, unplanned alarm and subscription that it hits: one that used the cell in the 7 days
-- (parameter usual_cell_days) before the day of the alarm. Tells which customers and services stand behind an alarm.
with rule as (

    select
        cast(parameter_value as int) as usual_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'usual_cell_days'

),

alarms as (

    select
        alarms.alarm_key,
        alarms.alarm_id,
        alarms.cell_id,
        alarms.raised_date,
        {{ add_days('alarms.raised_date', '-rule.usual_days') }} as usual_from
    from {{ ref('fct_alarm') }} as alarms
    inner join rule on {{ valid_on('rule', 'alarms.raised_date') }}
    where
        alarms.is_service_affecting and not alarms.is_planned
        and {{ since_window('alarms.raised_date', lookback_days=3) }}

),

-- Records come at most a few days late.
events as (

    select
        cell_id,
        subscription_id,
        event_date
    from {{ ref('fct_usage_event') }}
    where cell_id is not null and {{ since_window('file_date', lookback_days=35) }}

),

hits as (

    select
        alarms.alarm_key,
        alarms.alarm_id,
        alarms.cell_id,
        alarms.raised_date,
        events.subscription_id,
        count(*) as usage_count,
        count(distinct events.event_date) as usage_day_count
    from alarms
    inner join events on alarms.cell_id = events.cell_id
        and alarms.usual_from <= events.event_date and alarms.raised_date > events.event_date
    group by alarms.alarm_key, alarms.alarm_id, alarms.cell_id, alarms.raised_date, events.subscription_id

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

services as (

    select * from {{ ref('dim_service') }}

)

select
    -- keys
    hits.alarm_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    hits.alarm_id,
    hits.subscription_id,
    subscriptions.customer_id,
    hits.cell_id,

    -- measures
    hits.usage_count,
    hits.usage_day_count,

    -- times
    hits.raised_date
from hits
left join subscriptions on hits.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'hits.raised_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'hits.raised_date') }}
left join services on subscriptions.service_code = services.service_code
