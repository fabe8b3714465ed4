-- One row per opportunity and stage reached.
with source as (

    select * from {{ source('crm', 'opportunity') }}

)

select
    -- keys
    opportunity_id,
    stage_code,
    customer_id,
    org_id,
    staff_id,

    -- attributes
    source_code,
    service_code,
    lost_reason_code,

    -- measures
    likelihood_pct,
    cast(value_fen * 0.01 as decimal(18, 2)) as value_amt,

    -- times
    changed_at,
    changed_at_local,
    expected_close_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
