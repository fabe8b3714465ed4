-- Question: Which share of contacts is answered within 20 seconds, by queue and hour of the day? 各队列分时段的20秒接通率是多少？
select
    centres.queue_name_en,
    centres.queue_name_zh,
    intervals.hour_of_day,
    sum(intervals.offered_count) as offered_count,
    round(100.0 * sum(intervals.answered_in_limit_count) / nullif(sum(intervals.offered_count), 0), 1) as in_time_pct,
    round(100.0 * sum(intervals.abandoned_count) / nullif(sum(intervals.offered_count), 0), 1) as abandoned_pct
from service_quality.fct_queue_interval as intervals
inner join dim.dim_contact_centre as centres on intervals.contact_centre_key = centres.contact_centre_key
group by all
having sum(intervals.offered_count) > 0
order by centres.queue_name_en, intervals.hour_of_day
