-- One row per event of a subscription in a campaign wave; an event delivered again on a later day is left out. For a
-- contact it says how many contacts, itself included, the subscription had within the days of the pressure rule.
with delivered as (

    select
        *,
        cast(happened_at_local as date) as event_date,
        {{ repeats_record(['event_id']) }} as is_copy
    from {{ ref('stg_crm__campaign_contact') }}

),

events as (

    select
        *,
        event_code = 'CONTACTED' as is_contact,
        {{ days_between("cast('2000-01-01' as date)", 'event_date') }} as day_number
    from delivered
    where not is_copy

),

parameters as (

    select
        valid_from,
        valid_to,
        max(case when parameter_code = 'contact_pressure_days' then parameter_value end) as pressure_days,
        max(case when parameter_code = 'contact_pressure_limit' then parameter_value end) as pressure_limit
    from {{ ref('parameters') }}
    where parameter_code in ('contact_pressure_days', 'contact_pressure_limit')
    group by valid_from, valid_to

),

-- Pairs of contacts of one subscription: few, since nobody is in more than a handful of waves at a time.
recent as (

    select
        events.event_id,
        cast(count(*) as bigint) as recent_contact_count,
        max(parameters.pressure_limit) as pressure_limit
    from events
    inner join parameters on {{ valid_on('parameters', 'events.event_date') }}
    inner join events as earlier
        on events.subscription_id = earlier.subscription_id
        and earlier.is_contact
        and events.day_number >= earlier.day_number
        and events.day_number < earlier.day_number + parameters.pressure_days
    where events.is_contact
    group by events.event_id

),

campaigns as (

    select * from {{ ref('dim_campaign') }}

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['events.event_id']) }} as campaign_event_key,
    coalesce(campaigns.campaign_key, {{ unknown_key() }}) as campaign_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    events.event_id,
    events.campaign_id,
    events.wave_number,
    events.subscription_id,
    events.order_id,

    -- attributes
    events.event_code,
    events.contact_channel_code,
    coalesce(customers.has_consent, false) as has_consent,
    coalesce(recent.recent_contact_count > recent.pressure_limit, false) as is_beyond_limit,

    -- measures
    coalesce(recent.recent_contact_count, cast(0 as bigint)) as recent_contact_count,

    -- times and lineage
    events.happened_at,
    events.happened_at_local,
    events.event_date,
    events.source_file,
    events.line_number,
    events.file_date
from events
left join recent on events.event_id = recent.event_id
left join campaigns
    on events.campaign_id = campaigns.campaign_id
    and events.wave_number = campaigns.wave_number
    and {{ valid_on('campaigns', 'events.event_date') }}
left join subscriptions on events.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'events.event_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'events.event_date') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'events.event_date') }}
left join staff on events.staff_id = staff.staff_id
