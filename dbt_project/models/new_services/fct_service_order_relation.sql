-- One row per order relation: a subscription has a value-added service of a partner from an order to the next
-- cancellation. It holds on a day when ordered_date <= day and (ended_date is null or ended_date > day); its city is
-- that of the day of the order.
with effective as (

    select * from {{ ref('fct_service_order_event') }}
    where is_effective

),

paired as (

    select
        *,
        lead(changed_at) over (
            partition by subscription_id, service_code, partner_id order by changed_at, action_code desc
        ) as ended_at,
        lead(event_date) over (
            partition by subscription_id, service_code, partner_id order by changed_at, action_code desc
        ) as ended_date,
        lead(source_code) over (
            partition by subscription_id, service_code, partner_id order by changed_at, action_code desc
        ) as end_source_code
    from effective

),

subscriptions as (

    select
        subscription_key,
        org_id,
        is_excluded
    from {{ ref('dim_subscription') }}

)

select
    -- keys
    {{ surrogate_key(['paired.subscription_id', 'paired.service_code', 'paired.partner_id',
                      'paired.changed_at']) }} as service_order_relation_key,
    paired.subscription_key,
    paired.customer_key,
    paired.org_key,
    paired.service_key,
    paired.partner_key,
    paired.subscription_id,
    coalesce(subscriptions.org_id, '?') as org_id,
    paired.service_code,
    paired.partner_id,

    -- attributes
    paired.source_code as order_source_code,
    paired.end_source_code,
    paired.is_stock,
    paired.ended_at is null as is_open,
    coalesce(subscriptions.is_excluded, false) as is_excluded,

    -- measures
    cast({{ days_between('paired.event_date', 'paired.ended_date') }} as int) as life_days,

    -- times and lineage
    paired.changed_at as ordered_at,
    paired.event_date as ordered_date,
    paired.ended_at,
    paired.ended_date,
    paired.file_date
from paired
left join subscriptions on paired.subscription_key = subscriptions.subscription_key
where paired.action_code = 'ORDER'
