-- One row per campaign wave and city: members and control group with what became of them, and the cost.
with members as (

    select
        campaign_id,
        wave_number,
        org_key,
        sum(case when is_control then 0 else 1 end) as target_count,
        sum(case when is_control then 1 else 0 end) as control_count,
        sum(case when is_contacted and not is_control then 1 else 0 end) as contacted_count,
        sum(case when is_contacted and is_control then 1 else 0 end) as control_contacted_count,
        sum(case when is_responded and not is_control then 1 else 0 end) as responded_count,
        sum(case when is_ordered and not is_control then 1 else 0 end) as ordered_count,
        sum(case when is_ordered and is_control then 1 else 0 end) as control_ordered_count,
        sum(case when is_kept and not is_control then 1 else 0 end) as kept_count,
        sum(case when is_ordered and is_kept is null then 1 else 0 end) as undecided_count,
        cast(0 as decimal(18, 2)) as cost_amt
    from {{ ref('fct_campaign_contact') }}
    group by campaign_id, wave_number, org_key

),

costs as (

    select
        campaign_id,
        wave_number,
        org_key,
        sum(cost_amt) as cost_amt
    from {{ ref('fct_campaign_cost') }}
    group by campaign_id, wave_number, org_key

),

both_sides as (

    select * from members
    union all
    select
        campaign_id,
        wave_number,
        org_key,
        {%- for column in ['target', 'control', 'contacted', 'control_contacted', 'responded', 'ordered',
            'control_ordered', 'kept', 'undecided'] %}
        0 as {{ column }}_count,
        {%- endfor %}
        cost_amt
    from costs

),

campaigns as (

    select * from {{ ref('dim_campaign') }}
    where is_current

)

select
    -- keys
    coalesce(campaigns.campaign_key, {{ unknown_key() }}) as campaign_key,
    both_sides.org_key,
    both_sides.campaign_id,
    both_sides.wave_number,

    -- attributes
    coalesce(max(campaigns.goal_code), '?') as goal_code,
    coalesce(max(campaigns.contact_channel_code), '?') as contact_channel_code,
    cast(coalesce(max(campaigns.margin_amt * campaigns.horizon_months), 0) as decimal(18, 2)) as order_margin_amt,

    -- measures
    {%- for column in ['target', 'control', 'contacted', 'control_contacted', 'responded', 'ordered', 'control_ordered',
        'kept', 'undecided'] %}
    cast(sum(both_sides.{{ column }}_count) as bigint) as {{ column }}_count,
    {%- endfor %}
    cast(sum(both_sides.cost_amt) as decimal(18, 2)) as cost_amt,

    -- times
    max(campaigns.starts_on) as wave_start_date,
    max({{ month_of('campaigns.starts_on') }}) as wave_month
from both_sides
left join campaigns
    on both_sides.campaign_id = campaigns.campaign_id
    and both_sides.wave_number = campaigns.wave_number
group by
    coalesce(campaigns.campaign_key, {{ unknown_key() }}),
    both_sides.org_key,
    both_sides.campaign_id,
    both_sides.wave_number
