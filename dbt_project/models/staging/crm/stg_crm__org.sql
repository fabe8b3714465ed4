-- One row per organisation unit, full list on each change.
with source as (

    select * from {{ source('crm', 'org') }}

)

select
    -- keys
    org_id,
    parent_org_id,

    -- attributes
    org_name,
    org_level_code,
    org_type_code,
    status_code,

    -- times
    valid_from,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
