-- Question: Which customers and services stand behind the worst alarm? 影响最大的告警涉及哪些客户和业务？
with worst as (

    select alarm_id
    from service_quality.fct_outage_impact
    order by customer_minutes desc nulls last, alarm_id
    limit 1

)

select
    hits.alarm_id,
    customers.customer_type_name_zh,
    customers.service_grade_name_zh,
    services.service_name_zh,
    count(*) as subscription_count,
    count(distinct hits.customer_id) as customer_count,
    sum(hits.usage_count) as usage_count
from service_quality.bridge_alarm_service as hits
inner join worst on hits.alarm_id = worst.alarm_id
inner join dim.dim_customer as customers on hits.customer_key = customers.customer_key
inner join dim.dim_service as services on hits.service_key = services.service_key
group by all
order by subscription_count desc
