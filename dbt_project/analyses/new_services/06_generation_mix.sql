-- Question: How are users and traffic spread over the generations of handsets? 各代终端的用户与流量构成？
select
    months.month_start_date as month_start,
    subscriptions.network_generation_code,
    count(distinct months.subscription_id) as user_count,
    round(sum(months.up_bytes + months.down_bytes) / power(1024.0, 3), 1) as gigabytes,
    round(sum(months.up_bytes + months.down_bytes) / power(1024.0, 2) / count(distinct months.subscription_id), 1) as megabytes_per_user
from usage.fct_usage_month as months
inner join dim.dim_subscription as subscriptions on months.subscription_key = subscriptions.subscription_key
where months.usage_type_code in ('DATA', 'DATA_ROAM')
group by all
order by month_start, subscriptions.network_generation_code
