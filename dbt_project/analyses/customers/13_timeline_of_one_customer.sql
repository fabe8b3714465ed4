-- Question: What happened to one customer, in time order? 一个客户的全部往来（按时间排列）？
with events as (
    select
        customer_key,
        created_at_local as happened_at,
        'order' as kind,
        order_id as id,
        order_type_code as detail
    from customers.fct_order
    union all
    select
        customer_key,
        issued_on,
        'bill',
        bill_id,
        cast(net_amt as varchar)
    from revenue.fct_bill
    union all
    select
        customer_key,
        paid_at_local,
        'payment',
        payment_id,
        cast(payment_amt as varchar)
    from revenue.fct_payment
    union all
    select
        customer_key,
        offered_at_local,
        'contact',
        contact_id,
        reason_code
    from service_quality.fct_contact
    union all
    select
        customer_key,
        opened_at_local,
        'ticket',
        ticket_id,
        reason_code
    from service_quality.fct_ticket
),

timelines as (
    select
        customers.customer_id,
        events.happened_at,
        events.kind,
        events.id,
        events.detail
    from events
    inner join dim.dim_customer as customers on events.customer_key = customers.customer_key
    where customers.customer_id <> '?'
),

chosen as (
    select customer_id
    from timelines
    group by customer_id
    order by count(distinct kind) desc, count(*) desc, customer_id
    limit 1
)

select timelines.*
from timelines
semi join chosen on timelines.customer_id = chosen.customer_id
order by timelines.happened_at, timelines.kind, timelines.id
