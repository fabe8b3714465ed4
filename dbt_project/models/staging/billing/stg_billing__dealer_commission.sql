-- One row per amount of commission earned by or taken back from an agent.
with source as (

    select * from {{ source('billing', 'dealer_commission') }}

)

select
    -- keys
    commission_id,
    dealer_id,
    channel_id,
    subscription_id,
    clawback_of as clawback_of_commission_id,

    -- attributes
    rule_code,

    -- measures
    cast(amount_fen * 0.01 as decimal(18, 2)) as commission_amt,

    -- times
    earned_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
