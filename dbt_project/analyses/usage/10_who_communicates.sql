-- Question: How many subscriptions communicate on a day, and how many are only called? 每日通信用户数
select
    event_date,
    count(*) as used,
    count(*) filter (where is_communicating) as communicating,
    count(*) filter (where not is_communicating) as only_called,
    sum(own_record_count) as own_records
from usage.fct_communication_day
group by all
order by event_date
