-- One row per event of a project.
with source as (

    select * from {{ source('crm', 'project') }}

)

select
    -- keys
    project_id,
    event_type_code,
    opportunity_id,
    customer_id,
    org_id,
    staff_id,

    -- attributes
    handling_type_code,
    completion_type_code,
    staff_role_code,

    -- times
    event_at,
    event_at_local,
    promised_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
