-- One row per sales channel, monthly full list.
with source as (

    select * from {{ source('billing', 'channel') }}

)

select
    -- keys
    channel_id,
    dealer_id,
    org_id,

    -- attributes
    channel_type_code,
    name,

    -- times
    opened_on,
    closed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
