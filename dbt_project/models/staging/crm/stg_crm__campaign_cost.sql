-- One row per cost entry of a campaign wave.
with source as (

    select * from {{ source('crm', 'campaign_cost') }}

)

select
    -- keys
    cost_id,
    campaign_id,
    wave_number,
    org_id,

    -- attributes
    cost_item_code,

    -- measures
    cast(amount_fen * 0.01 as decimal(18, 2)) as cost_amt,

    -- times
    cost_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
