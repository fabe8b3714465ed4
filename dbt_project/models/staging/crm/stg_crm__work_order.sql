-- One row per work order and status reached.
with source as (

    select * from {{ source('crm', 'work_order') }}

)

select
    -- keys
    work_order_id,
    status_code,
    service_event_id,
    org_id,
    staff_id,

    -- attributes
    work_order_type_code,
    handling_type_code,
    service_code,
    is_onsite,

    -- times
    changed_at,
    changed_at_local,
    promised_at,
    promised_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
