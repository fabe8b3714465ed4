-- One row per campaign wave, full list on each change.
with source as (

    select * from {{ source('crm', 'campaign') }}

)

select
    -- keys
    campaign_id,
    wave_number,
    segment_id,
    segment_version,
    offer_id,
    owner_staff_id,

    -- attributes
    campaign_name,
    goal_code,
    status_code,
    contact_channel_code,
    planned_control_share,
    horizon_months,

    -- measures
    cast(budget_fen * 0.01 as decimal(18, 2)) as budget_amt,
    cast(margin_fen * 0.01 as decimal(18, 2)) as margin_amt,

    -- times
    starts_on,
    ends_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
