-- One row per activity and status reached.
with source as (

    select * from {{ source('crm', 'activity') }}

)

select
    -- keys
    activity_id,
    status_code,
    customer_id,
    org_id,
    staff_id,

    -- attributes
    activity_type_code,
    completion_type_code,

    -- times
    changed_at,
    changed_at_local,
    planned_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
