-- One row per account that owes money at a month-end.
with source as (

    select * from {{ source('billing', 'arrears') }}

)

select
    -- keys
    account_id,

    -- measures
    cast(not_due_fen * 0.01 as decimal(18, 2)) as not_due_amt,
    cast(days_0_30_fen * 0.01 as decimal(18, 2)) as days_0_30_amt,
    cast(days_31_60_fen * 0.01 as decimal(18, 2)) as days_31_60_amt,
    cast(days_61_90_fen * 0.01 as decimal(18, 2)) as days_61_90_amt,
    cast(days_91_180_fen * 0.01 as decimal(18, 2)) as days_91_180_amt,
    cast(days_181_365_fen * 0.01 as decimal(18, 2)) as days_181_365_amt,
    cast(days_over_365_fen * 0.01 as decimal(18, 2)) as days_over_365_amt,

    -- times
    snapshot_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
