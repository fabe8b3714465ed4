-- One row per session in the app, the online hall or the knowledge base.
with source as (

    select * from {{ source('call_center', 'self_service') }}

)

select
    -- keys
    session_id,
    subscription_id,
    contact_id,

    -- attributes
    channel_code,
    number_token,
    topic_code,
    result_code,

    -- measures
    step_count,

    -- times
    started_at,
    started_at_local,
    ended_at,
    ended_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
