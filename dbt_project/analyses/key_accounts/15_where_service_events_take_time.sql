-- Question: In which step of one-stop service does the time go? 一站式服务的时间花在哪一步？
select
    events.event_type_code,
    steps.step_number,
    steps.step_code,
    count(*) as step_count,
    round(avg(steps.step_s) / 3600, 2) as average_hours,
    round(quantile_disc(steps.step_s, 0.9) / 3600.0, 2) as p90_hours
from key_accounts.fct_service_event_step as steps
inner join key_accounts.fct_service_event as events on steps.service_event_key = events.service_event_key
group by all
order by events.event_type_code, steps.step_number
