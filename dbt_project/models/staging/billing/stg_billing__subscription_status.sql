-- One row per state change of a subscription.
with source as (

    select * from {{ source('billing', 'subscription_status') }}

)

select
    -- keys
    subscription_id,
    status_code,

    -- attributes
    reason_code,

    -- times
    effective_at,
    effective_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
