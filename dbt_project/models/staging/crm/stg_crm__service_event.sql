-- One row per one-stop service event and snapshot in which it changed.
with source as (

    select * from {{ source('crm', 'service_event') }}

)

select
    -- keys
    service_event_id,
    customer_id,
    org_id,
    circuit_id,
    first_owner_staff_id,

    -- attributes
    service_code,
    event_type_code,
    application_type_code,
    acceptance_method_code,
    priority_code,
    is_green_channel,
    status_code,
    refusal_code,
    steps,

    -- times
    changed_at,
    changed_at_local,
    opened_at,
    opened_at_local,
    promised_at,
    promised_at_local,
    closed_at,
    closed_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
