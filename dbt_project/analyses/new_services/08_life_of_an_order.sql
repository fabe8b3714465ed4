-- Question: How long is an order kept? 订购能保持多久？
with known as (

    select max(snapshot_date) as last_date from new_services.fct_service_relation_day

)

select
    relations.service_code,
    relations.partner_id,
    count(*) as order_count,
    round(100.0 * count(case when relations.ended_date < relations.ordered_date + 7 then 1 end) / count(*), 1) as ended_in_7_days_percent,
    round(100.0 * count(case when relations.ended_date < relations.ordered_date + 30 then 1 end) / count(*), 1) as ended_in_30_days_percent
from new_services.fct_service_order_relation as relations
cross join known
where not relations.is_stock and relations.ordered_date + 30 <= known.last_date
group by relations.service_code, relations.partner_id
order by ended_in_7_days_percent desc, relations.service_code, relations.partner_id
