-- One row per subscription drawn for a campaign wave.
with source as (

    select * from {{ source('crm', 'segment_list') }}

)

select
    -- keys
    campaign_id,
    wave_number,
    subscription_id,
    segment_id,
    segment_version,

    -- attributes
    is_control,

    -- times
    listed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
