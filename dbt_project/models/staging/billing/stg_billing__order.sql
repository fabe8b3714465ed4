-- One row per order created or changed on the day.
with source as (

    select * from {{ source('billing', 'order') }}

)

select
    -- keys
    order_id,
    status_code,
    subscription_id,
    customer_id,
    offer_id,
    channel_id,
    staff_id,

    -- attributes
    order_type_code,

    -- times
    changed_at,
    changed_at_local,
    created_at,
    created_at_local,
    promised_at,
    promised_at_local,
    completed_at,
    completed_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
