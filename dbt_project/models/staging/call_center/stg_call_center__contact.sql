-- One row per contact on one channel.
with source as (

    select * from {{ source('call_center', 'contact') }}

)

select
    -- keys
    contact_id,
    staff_id,
    customer_id,
    subscription_id,
    ticket_id,

    -- attributes
    channel_code,
    line_code,
    queue_code,
    caller_token,
    outcome_code,
    reason_code,
    language_code,
    remark_token,

    -- measures
    ivr_s,
    wait_s,
    talk_s,
    hold_s,
    wrap_s,

    -- times
    offered_at,
    offered_at_local,
    answered_at,
    answered_at_local,
    ended_at,
    ended_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
