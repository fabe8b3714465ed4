-- One row per ticket, accumulating: its latest version with the time of every step and the seconds between steps.
-- A ticket ends when it is closed, cancelled or rejected. It is judged by the promise in force when it was opened, for
-- its type, its service and the grade that the customer list gave the customer on that day (without one, the ticket's).
with snapshots as (

    select
        *,
        lag(handler_staff_id) over (
            partition by ticket_id
            order by changed_at, file_date, source_file, line_number
        ) as last_handler_staff_id
    from {{ ref('stg_call_center__ticket') }}

),

versions as (

    select
        *,
        count(case when handler_staff_id <> last_handler_staff_id then 1 end) over (
            partition by ticket_id
        ) as handover_count,
        {{ is_newest(['ticket_id'], 'changed_at') }} as is_newest,
        count(*) over (partition by ticket_id) as version_count
    from snapshots

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
    where is_newest

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

-- Whose ticket it is, as subscription and customer were on the day on which it was opened.
owners as (

    select
        tickets.ticket_id,
        tickets.ticket_type_code,
        tickets.service_code,
        tickets.opened_date,
        coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
        coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
        coalesce(customers.service_grade_code, tickets.customer_grade_code) as customer_grade_code,
        '*' as circuit_grade_code
    from tickets
    left join subscriptions on tickets.subscription_id = subscriptions.subscription_id
        and {{ valid_on('subscriptions', 'tickets.opened_date') }}
    left join customers on coalesce(tickets.customer_id, subscriptions.customer_id) = customers.customer_id
        and {{ valid_on('customers', 'tickets.opened_date') }}

),

faults as (

    select
        ticket_id,
        lag(opened_at) over (partition by subscription_id order by opened_at, ticket_id) as last_fault_at
    from tickets
    where ticket_type_code = 'fault' and subscription_id is not null

),

repeat_rule as (

    select
        cast(parameter_value as int) as repeat_fault_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'repeat_fault_days'

),

sla_services as (

    select * from {{ ref('sla_services') }}

),

promises as (

    {{ sla_promises('owners', 'ticket_id') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

staff_versions as (

    select * from {{ ref('dim_staff_version') }}

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

circuits as (

    select * from {{ ref('dim_circuit') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'contact'

)

select
    -- keys
    {{ surrogate_key(['tickets.ticket_id']) }} as ticket_key,
    owners.customer_key,
    owners.subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(promises.sla_policy_key, {{ unknown_key() }}) as sla_policy_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as handler_staff_key,
    coalesce(first_owners.staff_key, {{ unknown_key() }}) as first_owner_staff_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(circuits.circuit_key, {{ unknown_key() }}) as circuit_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    tickets.ticket_id,
    tickets.customer_id,
    tickets.subscription_id,
    tickets.cell_id,
    tickets.circuit_id,
    tickets.org_id,

    -- attributes
    tickets.ticket_type_code,
    tickets.severity_code,
    tickets.priority_code,
    tickets.status_code,
    tickets.channel_code,
    coalesce(staff_versions.role_code, '?') as handler_role_code,
    tickets.reason_code,
    owners.customer_grade_code,
    tickets.service_code,
    coalesce(sla_services.is_central_control, false) as is_central_control,
    coalesce(tickets.is_green_channel, false) as is_green_channel,
    coalesce(
        {{ seconds_between('faults.last_fault_at', 'tickets.opened_at') }}
            <= 86400 * repeat_rule.repeat_fault_days, false
    ) as is_repeat_fault,
    tickets.ended_at is null as is_open,

    -- measures
    {{ seconds_between('tickets.opened_at', 'tickets.dispatched_at') }} as dispatch_s,
    {{ seconds_between('tickets.dispatched_at', 'tickets.accepted_at') }} as accept_s,
    {{ seconds_between('tickets.accepted_at', 'tickets.repaired_at') }} as repair_s,
    {{ seconds_between('tickets.repaired_at', 'tickets.confirmed_at') }} as confirm_s,
    {{ seconds_between('tickets.confirmed_at', 'tickets.closed_at') }} as close_s,
    {{ seconds_between('tickets.opened_at', 'tickets.restored_at') }} as restore_s,
    {{ seconds_between('tickets.opened_at', 'tickets.ended_at') }} as open_s,
    cast({{ seconds_between('tickets.opened_at', 'tickets.accepted_at') }} / 60.0 as decimal(18, 2))
        as first_response_min,
    cast(tickets.handover_count as bigint) as handover_count,
    tickets.version_count,

    -- times and lineage
    tickets.opened_at,
    tickets.opened_at_local,
    tickets.dispatched_at_local,
    tickets.accepted_at_local,
    tickets.repaired_at_local,
    tickets.confirmed_at_local,
    tickets.restored_at_local,
    tickets.ended_at_local,
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
inner join owners on tickets.ticket_id = owners.ticket_id
left join orgs on tickets.org_id = orgs.org_id
    and {{ valid_on('orgs', 'tickets.opened_date') }}
left join staff on tickets.handler_staff_id = staff.staff_id
left join staff_versions on tickets.handler_staff_id = staff_versions.staff_id
    and {{ valid_on('staff_versions', 'tickets.opened_date') }}
left join staff as first_owners on tickets.first_owner_staff_id = first_owners.staff_id
left join services on tickets.service_code = services.service_code
left join sla_services on tickets.service_code = sla_services.service_code
left join promises on tickets.ticket_id = promises.ticket_id
left join faults on tickets.ticket_id = faults.ticket_id
left join repeat_rule on {{ valid_on('repeat_rule', 'tickets.opened_date') }}
left join cells on tickets.cell_id = cells.cell_id
    and {{ valid_on('cells', 'tickets.opened_date') }}
left join circuits on tickets.circuit_id = circuits.circuit_id
    and {{ valid_on('circuits', 'tickets.opened_date') }}
left join reasons on tickets.reason_code = reasons.reason_code
