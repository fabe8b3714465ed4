-- Question: What share of the traffic do the heaviest tenth of the users make? 流量最高的一成用户占多少流量？
with users as (

    select
        month_start_date as month_start,
        subscription_id,
        sum(up_bytes + down_bytes) / power(1024.0, 2) as megabytes
    from usage.fct_usage_month
    where usage_type_code in ('DATA', 'DATA_ROAM') and not is_excluded
    group by all

),

ranked as (

    select
        *,
        percent_rank() over (partition by month_start order by megabytes desc, subscription_id) as rank_share
    from users

)

select
    month_start,
    count(*) as user_count,
    round(avg(megabytes), 1) as megabytes_per_user,
    round(100 * sum(case when rank_share < 0.1 then megabytes else 0 end) / nullif(sum(megabytes), 0), 1) as heavy_percent,
    round(100.0 * count(case when megabytes > 20480 then 1 end) / count(*), 1) as over_20_gb_percent
from ranked
group by month_start
order by month_start
