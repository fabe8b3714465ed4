-- One row per alarm and state message.
with source as (

    select * from {{ source('network', 'alarm') }}

)

select
    -- keys
    alarm_id,
    state_code,
    external_alarm_id,
    cell_id,

    -- attributes
    object_type_code,
    alarm_type_code,
    severity_code,
    probable_cause_code,
    specific_problem,
    is_root_cause,
    is_service_affecting,
    is_planned,
    affected_services,

    -- times
    changed_at,
    changed_at_local,
    raised_at,
    raised_at_local,
    cleared_at,
    cleared_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
