-- One row per event of a subscription in a campaign wave: contacted, not reached, responded, declined, ordered,
-- cancelled.
with source as (

    select * from {{ source('crm', 'campaign_contact') }}

)

select
    -- keys
    event_id,
    campaign_id,
    wave_number,
    subscription_id,
    staff_id,
    order_id,

    -- attributes
    event_code,
    contact_channel_code,

    -- times
    happened_at,
    happened_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
