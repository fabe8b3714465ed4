-- One row per order or cancellation of a value-added service; the first copy of a record wins. An order of what is
-- ordered already, or a cancellation of what is not, is kept and changes nothing (is_effective is false).
with messages as (

    select
        *,
        cast(changed_at_local as date) as event_date,
        row_number() over (
            partition by subscription_id, service_code, partner_id, action_code, changed_at
            order by file_date, source_file, line_number
        ) as copy_number,
        min(file_date) over () as first_date
    from {{ ref('stg_billing__service_order') }}

),

-- An order comes before a cancellation of the same second.
events as (

    select
        messages.*,
        lag(messages.action_code) over (
            partition by messages.subscription_id, messages.service_code, messages.partner_id
            order by messages.changed_at, messages.action_code desc
        ) as previous_action_code
    from messages
    where messages.copy_number = 1

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

partners as (

    select * from {{ ref('dim_partner') }}

)

select
    -- keys
    {{ surrogate_key(['events.subscription_id', 'events.service_code', 'events.partner_id', 'events.action_code',
                      'events.changed_at']) }} as service_order_event_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    events.subscription_id,
    events.service_code,
    events.partner_id,

    -- attributes
    events.action_code,
    events.source_code,
    coalesce(events.previous_action_code, 'CANCEL') <> events.action_code as is_effective,
    events.event_date < events.first_date as is_stock,

    -- times and lineage
    events.changed_at,
    events.changed_at_local,
    events.event_date,
    events.file_date
from events
left join versions on events.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'events.event_date') }}
left join customers on versions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'events.event_date') }}
left join orgs on versions.org_id = orgs.org_id and {{ valid_on('orgs', 'events.event_date') }}
left join services on events.service_code = services.service_code
left join partners on events.partner_id = partners.partner_id
    and {{ valid_on('partners', 'events.event_date') }}
