-- One row per event that moves the market; a full list on each change.
with source as (

    select * from {{ source('crm', 'policy_event') }}

)

select
    -- keys
    event_id,
    operator_code,
    org_id,

    -- attributes
    event_type_code,
    title,

    -- measures
    price_change_share,

    -- times
    announced_on,
    valid_from,
    valid_to,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
