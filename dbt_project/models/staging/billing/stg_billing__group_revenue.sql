-- One row per group, payer and charge item of the month: the billing system's own count of group-paid and member-paid
-- revenue.
with source as (

    select * from {{ source('billing', 'group_revenue') }}

)

select
    -- keys
    group_id,
    payer_code,
    charge_item_code,

    -- attributes
    billing_cycle,

    -- measures
    member_count,
    cast(amount_fen * 0.01 as decimal(18, 2)) as amount_amt,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
