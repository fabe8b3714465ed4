-- Question: Is the control group as large as planned, and was it left alone? 对照组比例是否达标、是否被误接触？
select
    waves.campaign_id,
    waves.wave_number,
    max(campaigns.planned_control_share) as planned_control_share,
    round(sum(waves.control_count) * 1.0 / nullif(sum(waves.control_count + waves.target_count), 0), 4) as control_share,
    sum(waves.control_count) as control_count,
    sum(waves.control_contacted_count) as contacted_by_mistake
from marketing.fct_campaign_wave as waves
inner join dim.dim_campaign as campaigns on waves.campaign_key = campaigns.campaign_key
group by waves.campaign_id, waves.wave_number
order by contacted_by_mistake desc, waves.campaign_id, waves.wave_number;
