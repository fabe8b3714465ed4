-- One row per queue and half-hour.
with source as (

    select * from {{ source('call_center', 'queue_interval') }}

)

select
    -- keys
    queue_code,

    -- measures
    offered_count,
    answered_count,
    answered_in_limit_count,
    abandoned_count,
    short_abandoned_count,
    wait_s,
    longest_wait_s,

    -- times
    interval_at,
    interval_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
