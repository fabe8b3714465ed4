-- One row per one-stop service event, accumulating: its latest snapshot, and how long it took from opening to the end.
with versions as (

    select
        *,
        {{ is_newest(['service_event_id'], 'changed_at') }} as is_newest,
        count(*) over (partition by service_event_id) as version_count
    from {{ ref('stg_crm__service_event') }}

),

events as (

    select
        *,
        cast(opened_at_local as date) as opened_date
    from versions
    where is_newest

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

circuits as (

    select * from {{ ref('dim_circuit') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['events.service_event_id']) }} as service_event_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(circuits.circuit_key, {{ unknown_key() }}) as circuit_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as first_owner_staff_key,
    events.service_event_id,
    events.customer_id,
    events.circuit_id,

    -- attributes
    events.service_code,
    events.event_type_code,
    events.application_type_code,
    events.acceptance_method_code,
    events.priority_code,
    events.is_green_channel,
    events.status_code,
    events.refusal_code,
    events.status_code = 'CANCELLED' as is_refused,
    events.closed_at is null as is_open,
    events.closed_at <= events.promised_at as is_promise_met,

    -- measures
    {{ seconds_between('events.opened_at', 'events.closed_at') }} as total_s,
    cast(events.version_count as bigint) as version_count,

    -- times and lineage
    events.opened_at,
    events.opened_at_local,
    events.opened_date,
    events.promised_at,
    events.closed_at,
    cast(events.closed_at_local as date) as closed_date,
    events.changed_at,
    events.source_file,
    events.line_number,
    events.file_date
from events
left join customers on events.customer_id = customers.customer_id
    and {{ valid_on('customers', 'events.opened_date') }}
left join orgs on events.org_id = orgs.org_id and {{ valid_on('orgs', 'events.opened_date') }}
left join services on events.service_code = services.service_code
left join circuits on events.circuit_id = circuits.circuit_id
    and {{ valid_on('circuits', 'events.opened_date') }}
left join staff on events.first_owner_staff_id = staff.staff_id
