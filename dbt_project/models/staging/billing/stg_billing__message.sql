-- One row per message through the messaging gateways, in either direction.
with source as (

    select * from {{ source('billing', 'message') }}

)

select
    -- keys
    message_id,
    subscription_id,
    partner_id,
    service_code,

    -- attributes
    number_token,
    record_type_code,
    gateway_code,
    send_status_code,

    -- measures
    content_bytes,

    -- times
    sent_at,
    sent_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
