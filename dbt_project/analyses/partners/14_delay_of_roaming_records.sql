-- Question: How long after a call abroad does its record reach us? 漫游话单延迟多久？
select
    partner_code,
    direction_code,
    sum(event_count) as event_count,
    round(sum(delay_s) / 3600.0 / nullif(sum(event_count), 0), 1) as mean_delay_hours,
    round(max(delay_s / 3600.0 / nullif(event_count, 0)), 1) as longest_mean_delay_hours
from partners.fct_roaming_charge
group by partner_code, direction_code
order by mean_delay_hours desc, partner_code, direction_code
