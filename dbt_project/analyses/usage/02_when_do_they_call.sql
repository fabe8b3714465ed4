-- Question: At which hours of the day is the network busy: calls and data? 一天中的忙时分布
select
    extract(hour from started_at_local) as hour,
    count(*) filter (where record_kind_code = 'rated_voice') as calls_and_messages,
    round(sum(up_bytes + down_bytes) / 1073741824.0, 2) as volume_gb,
    round(100.0 * count(*) filter (where record_kind_code = 'rated_voice')
        / sum(count(*) filter (where record_kind_code = 'rated_voice')) over (), 2) as call_share_pct
from usage.fct_usage_event
where event_date >= (select max(event_date) - 6 from usage.fct_usage_event)
group by all
order by hour
