-- Question: How are users and traffic spread over the generations of handsets? 各代终端的用户与流量构成？
select
    cast(date_trunc('month', days.event_date) as date) as month_start,
    subscriptions.network_generation_code,
    count(distinct days.subscription_id) as user_count,
    round(sum(days.up_bytes + days.down_bytes) / power(1024.0, 3), 1) as gigabytes,
    round(sum(days.up_bytes + days.down_bytes) / power(1024.0, 2) / count(distinct days.subscription_id), 1) as megabytes_per_user
from usage.fct_usage_day as days
inner join dim.dim_subscription as subscriptions on days.subscription_key = subscriptions.subscription_key
where days.usage_type_code in ('DATA', 'DATA_ROAM')
group by all
order by month_start, subscriptions.network_generation_code
