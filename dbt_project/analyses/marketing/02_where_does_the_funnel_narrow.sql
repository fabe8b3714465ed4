-- Question: How many were targeted, reached, interested, ordered and kept in each wave? 各波次目标、接触、响应、订购、保有各多少？
select
    waves.campaign_id,
    waves.wave_number,
    waves.wave_start_date,
    waves.contact_channel_code,
    sum(waves.target_count) as targeted,
    sum(waves.contacted_count) as contacted,
    sum(waves.responded_count) as responded,
    sum(waves.ordered_count) as ordered,
    sum(waves.kept_count) as kept,
    sum(waves.undecided_count) as not_yet_decided,
    round(sum(waves.contacted_count) * 1.0 / nullif(sum(waves.target_count), 0), 3) as contact_rate,
    round(sum(waves.responded_count) * 1.0 / nullif(sum(waves.contacted_count), 0), 3) as response_rate
from marketing.fct_campaign_wave as waves
group by waves.campaign_id, waves.wave_number, waves.wave_start_date, waves.contact_channel_code
order by waves.wave_start_date, waves.campaign_id;
