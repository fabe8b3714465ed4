-- Question: Which campaign worked, measured against its control group? 哪个营销活动真正有效（与对照组相比）？
with sums as (
    select
        campaign_id,
        sum(target_count) as target_count,
        sum(control_count) as control_count,
        sum(ordered_count) * 1.0 / nullif(sum(target_count), 0) as target_rate,
        sum(control_ordered_count) * 1.0 / nullif(sum(control_count), 0) as control_rate
    from marketing.fct_campaign_wave
    group by campaign_id
)

select
    sums.campaign_id,
    max(campaigns.campaign_name) as campaign_name,
    max(sums.target_count) as target_count,
    max(sums.control_count) as control_count,
    round(max(target_rate), 4) as target_rate,
    round(max(control_rate), 4) as control_rate,
    round(max(target_rate - control_rate), 4) as uplift,
    round(max(1.96 * sqrt(
        target_rate * (1 - target_rate) / target_count + control_rate * (1 - control_rate) / control_count
    )), 4) as half_interval_95
from sums
left join dim.dim_campaign as campaigns on sums.campaign_id = campaigns.campaign_id and campaigns.is_current
group by sums.campaign_id
order by uplift desc, sums.campaign_id;
