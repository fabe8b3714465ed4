-- Question: How do minutes, messages and data move from month to month, by service? 各业务使用量逐月变化
select
    months.month_start_date as month,
    types.usage_class_code,
    sum(months.record_count) as records,
    sum(months.billed_minutes) as billed_minutes,
    round(sum(months.duration_s) / 60.0) as conversation_minutes,
    round(sum(months.up_bytes + months.down_bytes) / 1073741824.0, 1) as volume_gb
from usage.fct_usage_month as months
inner join dim.dim_usage_type as types on months.usage_type_key = types.usage_type_key
where not months.is_excluded
group by all
order by month, types.usage_class_code
