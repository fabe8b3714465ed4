-- One row per service on the monthly settlement statement of a partner.
with source as (

    select * from {{ source('billing', 'partner_statement') }}

)

select
    -- keys
    partner_id,
    cycle,
    service_code,
    direction_code,

    -- measures
    quantity,
    cast(gross_fen * 0.01 as decimal(18, 2)) as gross_amt,
    cast(share_rate as decimal(9, 4)) as share_rate,
    cast(payable_fen * 0.01 as decimal(18, 2)) as payable_amt,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
