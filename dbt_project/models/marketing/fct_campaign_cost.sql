-- One row per cost entry of a campaign wave; an entry delivered again on a later day is left out.
with delivered as (

    select
        *,
        {{ repeats_record(['cost_id']) }} as is_copy
    from {{ ref('stg_crm__campaign_cost') }}

),

costs as (

    select * from delivered
    where not is_copy

),

campaigns as (

    select * from {{ ref('dim_campaign') }}
    where is_current

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['costs.cost_id']) }} as campaign_cost_key,
    coalesce(campaigns.campaign_key, {{ unknown_key() }}) as campaign_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    costs.cost_id,
    costs.campaign_id,
    costs.wave_number,

    -- attributes
    costs.cost_item_code,

    -- measures
    costs.cost_amt,

    -- times and lineage
    costs.cost_on as cost_date,
    costs.source_file,
    costs.line_number,
    costs.file_date
from costs
left join campaigns
    on costs.campaign_id = campaigns.campaign_id
    and costs.wave_number = campaigns.wave_number
left join orgs on costs.org_id = orgs.org_id and {{ valid_on('orgs', 'costs.cost_on') }}
