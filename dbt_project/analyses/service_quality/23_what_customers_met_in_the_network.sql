-- Question: How much of its use did each customer have on degraded cells in the last month? 客户在质差小区的使用占比
select
    facts.month_start_date,
    customers.customer_id,
    customers.service_grade_code,
    sum(facts.record_count) as record_count,
    sum(facts.located_record_count) as located_record_count,
    case
        when sum(facts.located_record_count) > 0
            then cast(round(100.0 * sum(facts.degraded_record_count) / sum(facts.located_record_count), 1) as varchar)
        else 'no location data 无位置数据'
    end as degraded_use_pct,
    round(100.0 * sum(facts.degraded_volume_bytes) / nullif(sum(facts.located_volume_bytes), 0), 1) as degraded_volume_pct
from service_quality.fct_usage_quality_month as facts
inner join dim.dim_customer as customers on facts.customer_key = customers.customer_key
where customers.customer_id <> '?'
    and facts.month_start_date = (select max(month_start_date) from service_quality.fct_usage_quality_month)
group by all
order by sum(facts.degraded_record_count) desc, customers.customer_id
