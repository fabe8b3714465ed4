-- One row per planned work and cell it takes out of service.
with source as (

    select * from {{ source('network', 'planned_work') }}

)

select
    -- keys
    work_id,
    cell_id,
    approver_staff_id,

    -- attributes
    work_type_code,

    -- times
    begins_at,
    begins_at_local,
    ends_at,
    ends_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
