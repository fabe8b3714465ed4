-- One row per bill of the cycle.
with source as (

    select * from {{ source('billing', 'bill') }}

)

select
    -- keys
    bill_id,
    account_id,

    -- attributes
    billing_cycle,

    -- measures
    cast(gross_fen * 0.01 as decimal(18, 2)) as gross_amt,
    cast(discount_fen * 0.01 as decimal(18, 2)) as discount_amt,
    cast(tax_fen * 0.01 as decimal(18, 2)) as tax_amt,
    cast(net_fen * 0.01 as decimal(18, 2)) as net_amt,
    cast(balance_forward_fen * 0.01 as decimal(18, 2)) as balance_forward_amt,

    -- times
    issued_on,
    due_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
