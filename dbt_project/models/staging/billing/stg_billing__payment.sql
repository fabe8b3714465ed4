-- One row per payment or refund.
with source as (

    select * from {{ source('billing', 'payment') }}

)

select
    -- keys
    payment_id,
    account_id,
    bill_id,
    channel_id,
    reversal_of_payment_id,

    -- attributes
    payment_method_code,

    -- measures
    cast(amount_fen * 0.01 as decimal(18, 2)) as payment_amt,

    -- times
    paid_at,
    paid_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
