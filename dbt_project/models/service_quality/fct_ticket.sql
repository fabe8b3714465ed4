-- One row per ticket, accumulating: its latest version with the time of every step and the seconds between steps.
-- A ticket ends when it is closed, cancelled or rejected.
with versions as (

    select
        *,
        row_number() over (
            partition by ticket_id
            order by changed_at desc, file_date desc, source_file desc, line_number desc
        ) as version_number,
        count(*) over (partition by ticket_id) as version_count
    from {{ ref('stg_call_center__ticket') }}

),

tickets as (

    select
        *,
        cast(opened_at_local as date) as opened_date,
        coalesce(
            closed_at, case when status_code in ('closed', 'cancelled', 'rejected') then changed_at end
        ) as ended_at,
        coalesce(
            closed_at_local, case when status_code in ('closed', 'cancelled', 'rejected') then changed_at_local end
        ) as ended_at_local,
        coalesce(repaired_at, resolved_at) as restored_at,
        coalesce(repaired_at_local, resolved_at_local) as restored_at_local
    from versions
    where version_number = 1

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

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'contact'

)

select
    -- keys
    {{ surrogate_key(['tickets.ticket_id']) }} as ticket_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as handler_staff_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    tickets.ticket_id,
    tickets.customer_id,
    tickets.subscription_id,
    tickets.cell_id,
    tickets.org_id,

    -- attributes
    tickets.ticket_type_code,
    tickets.severity_code,
    tickets.priority_code,
    tickets.status_code,
    tickets.channel_code,
    tickets.reason_code,
    tickets.customer_grade_code,
    tickets.ended_at is null as is_open,

    -- measures
    {{ seconds_between('tickets.opened_at', 'tickets.dispatched_at') }} as dispatch_s,
    {{ seconds_between('tickets.dispatched_at', 'tickets.accepted_at') }} as accept_s,
    {{ seconds_between('tickets.accepted_at', 'tickets.repaired_at') }} as repair_s,
    {{ seconds_between('tickets.repaired_at', 'tickets.confirmed_at') }} as confirm_s,
    {{ seconds_between('tickets.confirmed_at', 'tickets.closed_at') }} as close_s,
    {{ seconds_between('tickets.opened_at', 'tickets.restored_at') }} as restore_s,
    {{ seconds_between('tickets.opened_at', 'tickets.ended_at') }} as open_s,
    tickets.version_count,

    -- times and lineage
    tickets.opened_at,
    tickets.opened_at_local,
    tickets.requested_resolution_at,
    tickets.expected_resolution_at,
    tickets.dispatched_at,
    tickets.accepted_at,
    tickets.repaired_at,
    tickets.confirmed_at,
    tickets.resolved_at,
    tickets.closed_at,
    tickets.restored_at,
    tickets.ended_at,
    tickets.changed_at,
    tickets.opened_date,
    cast(tickets.restored_at_local as date) as restored_date,
    cast(tickets.ended_at_local as date) as ended_date,
    tickets.source_file,
    tickets.line_number,
    tickets.file_date
from tickets
left join subscriptions on tickets.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'tickets.opened_date') }}
left join customers on coalesce(tickets.customer_id, subscriptions.customer_id) = customers.customer_id
    and {{ valid_on('customers', 'tickets.opened_date') }}
left join orgs on tickets.org_id = orgs.org_id
    and {{ valid_on('orgs', 'tickets.opened_date') }}
left join staff on tickets.handler_staff_id = staff.staff_id
left join cells on tickets.cell_id = cells.cell_id
    and {{ valid_on('cells', 'tickets.opened_date') }}
left join reasons on tickets.reason_code = reasons.reason_code
