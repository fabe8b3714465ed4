-- One row per membership that began or changed on the day; everything on the first day.
with source as (

    select * from {{ source('billing', 'group_member') }}

)

select
    -- keys
    group_id,
    customer_id,

    -- attributes
    role_code,
    payer_code,
    is_virtual_net,

    -- times
    valid_from,
    valid_to,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
