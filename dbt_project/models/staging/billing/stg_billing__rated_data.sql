-- One row per rated data session part.
with source as (

    select * from {{ source('billing', 'rated_data') }}

)

select
    -- keys
    session_id,
    subscription_id,
    cell_id,

    -- attributes
    number_token,
    usage_type_code,
    access_point_name,
    radio_access_code,
    roam_type_code,
    tariff_version,

    -- measures
    up_bytes,
    down_bytes,
    cast(rated_fen * 0.01 as decimal(18, 2)) as rated_amt,
    free_unit_used,

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
