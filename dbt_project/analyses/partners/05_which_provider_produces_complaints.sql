-- Question: Which service provider produces complaints and refunds? 哪个服务提供商投诉和退费多？
with orders as (

    select partner_id, count(*) as order_count
    from new_services.fct_service_order_relation
    group by partner_id

),

refunds as (

    select
        partner_id,
        count(*) as refund_count,
        count(case when source_code = 'COMPLAINT' then 1 end) as complaint_count,
        sum(refund_amt) as refund_amt
    from new_services.fct_service_refund
    group by partner_id

)

select
    partners.partner_id,
    partners.partner_name,
    partners.status_code,
    orders.order_count,
    coalesce(refunds.refund_count, 0) as refund_count,
    coalesce(refunds.complaint_count, 0) as complaint_count,
    round(10000.0 * coalesce(refunds.complaint_count, 0) / orders.order_count, 0) as complaints_per_10000_orders
from orders
inner join dim.dim_partner as partners on orders.partner_id = partners.partner_id and partners.is_current
left join refunds on orders.partner_id = refunds.partner_id
order by complaints_per_10000_orders desc, partners.partner_id
