-- Question: Is the large-customer hotline answered day and night? 大客户专线（7×24）昼夜应答率如何？
select
    bands.time_band_code,
    bands.name_zh as time_band_zh,
    sum(intervals.offered_count) as offered_count,
    sum(intervals.answered_count) as answered_count,
    round(100.0 * sum(intervals.answered_count) / nullif(sum(intervals.offered_count), 0), 1) as answered_pct
from service_quality.fct_queue_interval as intervals
inner join dim.dim_contact_centre as centres
    on intervals.contact_centre_key = centres.contact_centre_key and centres.is_key_customer
inner join reference.time_bands as bands on intervals.hour_of_day = bands.hour_of_day
group by all
order by min(bands.hour_of_day)
