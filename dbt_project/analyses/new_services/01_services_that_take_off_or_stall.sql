-- Question: Which services take off, which stall? 哪些业务起飞，哪些停滞？
select
    days.service_code,
    services.service_name_zh,
    cast(date_trunc('month', days.snapshot_date) as date) as month_start,
    sum(days.ordered_count) as ordered_count,
    sum(days.ended_count) as ended_count,
    sum(case when days.snapshot_date = dates.month_end_date then days.closing_count else 0 end) as closing_count
from new_services.fct_service_relation_day as days
inner join dim.dim_service as services on days.service_key = services.service_key
inner join dim.dim_date as dates on days.snapshot_date = dates.calendar_date
group by all
order by days.service_code, month_start
