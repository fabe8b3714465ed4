-- One row per cycle, own city, counterpart operator and service: what the counterpart counted and will settle.
with source as (

    select * from {{ source('billing', 'interconnect_settlement') }}

)

select
    -- keys
    settlement_cycle,
    own_code as org_id,
    other_code as operator_code,
    service_code,

    -- attributes
    own_brand_code,
    other_brand_code,

    -- measures
    in_count,
    out_count,
    in_quantity,
    out_quantity,
    cast(fee_in_fen * 0.01 as decimal(18, 2)) as fee_in_amt,
    cast(fee_out_fen * 0.01 as decimal(18, 2)) as fee_out_amt,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
