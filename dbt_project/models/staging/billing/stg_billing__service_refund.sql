-- One row per refund of a fee for a value-added service.
with source as (

    select * from {{ source('billing', 'service_refund') }}

)

select
    -- keys
    refund_id,
    subscription_id,
    service_code,
    partner_id,

    -- attributes
    reason_code,
    source_code,

    -- measures
    cast(amount_fen * 0.01 as decimal(18, 2)) as refund_amt,

    -- times
    charged_on,
    refunded_at,
    refunded_at_local,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
