-- One row per entry of the maintenance log.
with source as (

    select * from {{ source('network', 'maintenance_log') }}

)

select
    -- keys
    log_id,
    object_id,
    ticket_id,
    work_id,
    staff_id,

    -- attributes
    object_type_code,
    action_code,
    text_token,

    -- times
    started_at,
    started_at_local,
    ended_at,
    ended_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
