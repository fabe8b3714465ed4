-- One row per cell, daily full list.
with source as (

    select * from {{ source('network', 'cell') }}

)

select
    -- keys
    cell_id,
    site_id,
    area_id,
    org_id,

    -- attributes
    site_name,
    vendor_code,
    area_class_code,
    generation_code,
    status_code,

    -- measures
    longitude,
    latitude,

    -- times
    installed_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
