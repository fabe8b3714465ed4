-- One row per ticket and snapshot in which it changed.
with source as (

    select * from {{ source('call_center', 'ticket') }}

)

select
    -- keys
    ticket_id,
    customer_id,
    handler_staff_id,
    first_owner_staff_id,
    subscription_id,
    cell_id,
    circuit_id,
    org_id,
    service_code,

    -- attributes
    ticket_type_code,
    severity_code,
    priority_code,
    status_code,
    channel_code,
    reason_code,
    customer_grade_code,
    is_green_channel,
    status_changes,

    -- times
    changed_at,
    changed_at_local,
    opened_at,
    opened_at_local,
    requested_resolution_at,
    requested_resolution_at_local,
    expected_resolution_at,
    expected_resolution_at_local,
    dispatched_at,
    dispatched_at_local,
    accepted_at,
    accepted_at_local,
    repaired_at,
    repaired_at_local,
    confirmed_at,
    confirmed_at_local,
    resolved_at,
    resolved_at_local,
    closed_at,
    closed_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
