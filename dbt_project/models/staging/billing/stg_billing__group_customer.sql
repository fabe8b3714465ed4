-- One row per group customer founded or changed on the day; everything on the first day.
with source as (

    select * from {{ source('billing', 'group_customer') }}

)

select
    -- keys
    group_id,
    parent_group_id,
    signer_customer_id,
    manager_staff_id,
    org_id,

    -- attributes
    name_token,
    tie_type_code,
    industry_code,
    key_level_code,
    status_code,

    -- times
    established_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
