-- One row per agent and half-hour logged in.
with source as (

    select * from {{ source('call_center', 'agent_interval') }}

)

select
    -- keys
    staff_id,

    -- measures
    login_s,
    talk_s,
    hold_s,
    wrap_s,
    available_s,
    auxiliary_s,
    handled_count,

    -- times
    interval_at,
    interval_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
