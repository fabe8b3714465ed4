-- Question: How uneven are the months: each against the mean of its year? 月不均匀系数
with months as (
    select
        month_start_date as month,
        sum(billed_minutes) as billed_minutes,
        sum(up_bytes + down_bytes) / 1073741824.0 as volume_gb
    from usage.fct_usage_month
    group by all
)
select
    month,
    billed_minutes,
    round(billed_minutes / avg(billed_minutes) over (partition by extract(year from month)), 4) as minutes_coefficient,
    round(volume_gb, 1) as volume_gb,
    round(volume_gb / avg(volume_gb) over (partition by extract(year from month)), 4) as volume_coefficient
from months
order by month
