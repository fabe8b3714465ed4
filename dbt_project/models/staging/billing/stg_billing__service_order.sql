-- One row per order or cancellation of a value-added service; all relations in force on the first day.
with source as (

    select * from {{ source('billing', 'service_order') }}

)

select
    -- keys
    subscription_id,
    service_code,
    partner_id,

    -- attributes
    action_code,
    source_code,

    -- times
    changed_at,
    changed_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
