-- One row per waiver or credit.
with source as (

    select * from {{ source('billing', 'adjustment') }}

)

select
    -- keys
    adjustment_id,
    account_id,
    bill_id,
    approver_staff_id,

    -- attributes
    reason_code,

    -- measures
    cast(amount_fen * 0.01 as decimal(18, 2)) as adjustment_amt,

    -- times
    adjusted_at,
    adjusted_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
