-- One row per rated call leg or message.
with source as (

    select * from {{ source('billing', 'rated_voice') }}

)

select
    -- keys
    call_id,
    subscription_id,
    cell_id,

    -- attributes
    number_token,
    direction_code,
    usage_type_code,
    counterpart_token,
    counterpart_operator_code,
    roam_type_code,
    tariff_version,

    -- measures
    duration_s,
    cast(rated_fen * 0.01 as decimal(18, 2)) as rated_amt,
    free_unit_used,

    -- times
    started_at,
    started_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
