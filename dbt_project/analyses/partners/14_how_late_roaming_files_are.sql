-- Question: How long is it from a call abroad to the file with it? 漫游话单从发生到到达的时延？
select
    partner_code,
    direction_code,
    count(distinct source_file) as files_with_events,
    sum(event_count) as events,
    round(sum(delay_s) / 3600.0 / nullif(sum(event_count), 0), 1) as mean_hours,
    round(max(delay_s / nullif(event_count, 0)) / 86400.0, 1) as longest_days
from partners.fct_roaming_charge
group by all
order by mean_hours desc
