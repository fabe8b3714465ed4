-- One row per city and month of the waves: K64 cost per kept customer 单位保有成本: cost of the waves whose orders have
-- all reached the end of their third month, over the orders of the target group that were kept.
with decided as (
    select
        campaign_id,
        wave_number
    from {{ ref('fct_campaign_wave') }}
    group by campaign_id, wave_number
    having sum(undecided_count) = 0 and sum(ordered_count) > 0
)

select
    'K64' as kpi_id,
    'month' as period_type,
    facts.wave_month as period_start,
    orgs.org_id,
    cast(sum(facts.cost_amt) as decimal(38, 6)) as numerator,
    cast(sum(facts.kept_count) as decimal(38, 6)) as denominator
from {{ ref('fct_campaign_wave') }} as facts
inner join decided on facts.campaign_id = decided.campaign_id and facts.wave_number = decided.wave_number
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.wave_month is not null
group by facts.wave_month, orgs.org_id
