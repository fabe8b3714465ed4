-- One row per staff member, full list on each change.
with source as (

    select * from {{ source('crm', 'staff') }}

)

select
    -- keys
    staff_id,
    org_id,

    -- attributes
    name_token,
    phone_token,
    role_code,
    status_code,

    -- times
    hired_on,
    left_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
