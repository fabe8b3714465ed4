-- One row per circuit and quarter-hour.
with source as (

    select * from {{ source('network', 'circuit_measurement') }}

)

select
    -- keys
    circuit_id,

    -- attributes
    measured_end_code,

    -- measures
    granularity_s,
    up_s,
    errored_s,
    in_bytes,
    out_bytes,

    -- times
    begin_at,
    begin_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
