-- One row per bill, subscription and charge item.
with source as (

    select * from {{ source('billing', 'bill_item') }}

)

select
    -- keys
    bill_id,
    subscription_id,
    charge_item_code,

    -- attributes
    item_name,
    unit_code,
    charge_status_code,

    -- measures
    cast(gross_fen * 0.01 as decimal(18, 2)) as gross_amt,
    cast(discount_fen * 0.01 as decimal(18, 2)) as discount_amt,
    cast(tax_fen * 0.01 as decimal(18, 2)) as tax_amt,
    cast(net_fen * 0.01 as decimal(18, 2)) as net_amt,
    quantity,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
