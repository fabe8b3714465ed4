-- One row per entry of the maintenance log, with the cell, circuit or subscription worked on and the ticket or planned
-- work behind it if there is one; an entry delivered again is left out.
with delivered as (

    select
        *,
        cast(started_at_local as date) as work_date,
        {{ repeats_record(['log_id']) }} as is_copy
    from {{ ref('stg_network__maintenance_log') }}

),

entries as (

    select * from delivered
    where not is_copy

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

circuits as (

    select * from {{ ref('dim_circuit') }}

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

tickets as (

    select
        ticket_id,
        ticket_key
    from {{ ref('fct_ticket') }}

)

select
    -- keys
    {{ surrogate_key(['entries.log_id']) }} as maintenance_log_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(circuits.circuit_key, {{ unknown_key() }}) as circuit_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    coalesce(tickets.ticket_key, {{ unknown_key() }}) as ticket_key,
    entries.log_id,
    entries.object_id,
    entries.ticket_id,
    entries.work_id,

    -- attributes
    entries.object_type_code,
    entries.action_code,
    entries.text_token,
    entries.ticket_id is not null and tickets.ticket_key is null as is_ticket_unknown,
    coalesce(cells.cell_id, circuits.circuit_id, subscriptions.subscription_id) is null as is_object_unknown,

    -- measures
    {{ seconds_between('entries.started_at', 'entries.ended_at') }} as duration_s,

    -- times and lineage
    entries.started_at,
    entries.started_at_local,
    entries.ended_at,
    entries.ended_at_local,
    entries.work_date,
    entries.source_file,
    entries.line_number,
    entries.file_date
from entries
left join cells on case when entries.object_type_code = 'CELL' then entries.object_id end = cells.cell_id
    and {{ valid_on('cells', 'entries.work_date') }}
left join circuits on case when entries.object_type_code = 'CIRCUIT' then entries.object_id end = circuits.circuit_id
    and {{ valid_on('circuits', 'entries.work_date') }}
left join subscriptions
    on case when entries.object_type_code = 'SUBSCRIPTION' then entries.object_id end = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'entries.work_date') }}
left join orgs on coalesce(cells.org_id, circuits.org_id, subscriptions.org_id) = orgs.org_id
    and {{ valid_on('orgs', 'entries.work_date') }}
left join staff on entries.staff_id = staff.staff_id
left join tickets on entries.ticket_id = tickets.ticket_id
