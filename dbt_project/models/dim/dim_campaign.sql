-- One row per campaign wave and period without a change, from the full lists; and the unknown member.
with source as (

    select
        *,
        concat(campaign_id, '-', cast(wave_number as string)) as campaign_wave_id
    from {{ ref('stg_crm__campaign') }}

),

versions as (

    {{ history('source', 'campaign_wave_id', [
        'campaign_id', 'wave_number', 'campaign_name', 'goal_code', 'status_code', 'segment_id', 'segment_version',
        'offer_id', 'contact_channel_code', 'owner_staff_id', 'planned_control_share', 'budget_amt', 'margin_amt',
        'horizon_months', 'starts_on', 'ends_on',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['campaign_wave_id', 'valid_from']) }} as campaign_key,
    campaign_wave_id,
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
    budget_amt,
    margin_amt,
    cast(horizon_months as int) as horizon_months,
    starts_on,
    ends_on,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as campaign_key,
    '?' as campaign_wave_id,
    '?' as campaign_id,
    cast(0 as bigint) as wave_number,
    '?' as segment_id,
    cast(0 as bigint) as segment_version,
    '?' as offer_id,
    '?' as owner_staff_id,
    '未知 Unknown' as campaign_name,
    '?' as goal_code,
    '?' as status_code,
    '?' as contact_channel_code,
    cast(0 as decimal(18, 4)) as planned_control_share,
    cast(0 as decimal(18, 2)) as budget_amt,
    cast(0 as decimal(18, 2)) as margin_amt,
    cast(0 as int) as horizon_months,
    cast(null as date) as starts_on,
    cast(null as date) as ends_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
