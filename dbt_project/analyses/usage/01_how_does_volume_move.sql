-- Question: How do minutes, messages and data move from month to month, by service? 各业务使用量逐月变化
select
    date_trunc('month', days.event_date) as month,
    types.usage_class_code,
    sum(days.record_count) as records,
    sum(days.billed_minutes) as billed_minutes,
    round(sum(days.duration_s) / 60.0) as conversation_minutes,
    round(sum(days.up_bytes + days.down_bytes) / 1073741824.0, 1) as volume_gb
from usage.fct_usage_day as days
inner join dim.dim_usage_type as types on days.usage_type_key = types.usage_type_key
where not days.is_excluded
group by all
order by month, types.usage_class_code
