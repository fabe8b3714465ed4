-- Question: Does data replace voice and messages? 数据是否替代语音和短信？
with months as (

    select
        month_start_date as month_start,
        subscription_id,
        sum(case when usage_type_code like 'VOICE%' then billed_minutes else 0 end) as minutes,
        sum(case when usage_type_code like 'SMS%' then record_count else 0 end) as messages,
        sum(case when usage_type_code in ('DATA', 'DATA_ROAM') then up_bytes + down_bytes else 0 end) / power(1024.0, 2) as megabytes
    from usage.fct_usage_month
    where not is_excluded
    group by all

),

changes as (

    select
        *,
        minutes - lag(minutes) over (partition by subscription_id order by month_start) as minutes_change,
        messages - lag(messages) over (partition by subscription_id order by month_start) as messages_change,
        megabytes - lag(megabytes) over (partition by subscription_id order by month_start) as megabytes_change
    from months

)

select
    month_start,
    case when megabytes_change > 0 then 'more data' else 'less data' end as direction,
    count(*) as user_count,
    round(avg(megabytes_change), 1) as megabytes_change,
    round(avg(minutes_change), 1) as minutes_change,
    round(avg(messages_change), 1) as messages_change
from changes
where megabytes_change is not null
group by all
order by month_start, direction
