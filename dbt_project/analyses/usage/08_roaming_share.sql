-- Question: How much of the use happens away from home? 漫游使用占比
select
    month_start_date as month,
    roam_type_code,
    sum(billed_minutes) as billed_minutes,
    round(sum(up_bytes + down_bytes) / 1073741824.0, 2) as volume_gb,
    round(100.0 * sum(billed_minutes) / sum(sum(billed_minutes)) over (partition by month_start_date), 2)
        as minutes_share_pct
from usage.fct_usage_month
group by month_start_date, roam_type_code
order by month, billed_minutes desc, roam_type_code
