-- Question: How long do people wait, and how long until their case is closed, by hour of the day? 各时段的等待时长与结案时长？
with waits as (
    select
        hour_of_day,
        sum(answered_count) as answered_count,
        sum(wait_s) as wait_s
    from service_quality.fct_queue_interval
    group by hour_of_day
),

closings as (
    select
        hour(opened_at_local) as hour_of_day,
        count(*) as opened_count,
        count(ended_at) as closed_count,
        sum(open_s) as open_s,
        quantile_cont(open_s / 3600.0, 0.9) as p90_h
    from service_quality.fct_ticket
    group by all
)

select
    waits.hour_of_day,
    waits.answered_count,
    round(1.0 * waits.wait_s / nullif(waits.answered_count, 0), 1) as wait_s,
    coalesce(closings.opened_count, 0) as opened_count,
    coalesce(closings.closed_count, 0) as closed_count,
    round(closings.open_s / 3600.0 / nullif(closings.closed_count, 0), 1) as closed_after_h,
    round(closings.p90_h, 1) as p90_h
from waits
left join closings on waits.hour_of_day = closings.hour_of_day
order by waits.hour_of_day
