-- One row per measured object, counter and granularity period.
-- The cell is what follows the last = of the measured object.
with source as (

    select * from {{ source('network', 'measurement') }}

)

select
    -- keys
    measured_object,
    meas_info_id,
    job_id,
    counter_name,
    {{ text_match('measured_object', '([^=]+)$') }} as cell_id,

    -- attributes
    managed_element,
    value_text,
    is_suspect,

    -- measures
    value_number,
    granularity_s,

    -- times
    begin_at,
    begin_at_local,
    end_at,
    end_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
