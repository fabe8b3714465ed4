-- One row per partner, service and period of a price and share, and list.
with source as (

    select * from {{ source('crm', 'partner_rate') }}

)

select
    -- keys
    partner_id,
    service_code,
    direction_code,
    contract_id,

    -- measures
    cast(unit_fee_fen * 0.01 as decimal(18, 2)) as unit_fee_amt,
    cast(share_rate as decimal(9, 4)) as share_rate,

    -- times
    valid_from,
    valid_to,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
