-- One row per number range, monthly full list.
with source as (

    select * from {{ source('billing', 'number_range') }}

)

select
    -- keys
    number_prefix,
    operator_code,
    org_id,

    -- attributes
    operator_name,

    -- times
    valid_from,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
