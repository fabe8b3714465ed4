-- Question: How much service does each segment take per 1 000 yuan it pays? 各客群每千元收入的服务投入？
with efforts as (
    select
        customer_key,
        count(*) as contact_count,
        sum(handle_s) as handle_s
    from service_quality.fct_contact
    group by customer_key
),

amounts as (
    select
        customer_key,
        sum(net_amt) as net_amt
    from revenue.fct_revenue_month
    group by customer_key
)

select
    case when large.customer_id is null then customers.customer_class_code else 'large' end as segment_code,
    count(distinct customers.customer_id) as customer_count,
    sum(amounts.net_amt) as net_amt,
    sum(efforts.contact_count) as contact_count,
    sum(efforts.handle_s) as handle_s,
    round(1000.0 * sum(efforts.handle_s) / nullif(sum(amounts.net_amt), 0), 1) as handle_s_per_1000_yuan
from dim.dim_customer as customers
left join efforts on customers.customer_key = efforts.customer_key
left join amounts on customers.customer_key = amounts.customer_key
left join (
    select distinct customer_id
    from key_accounts.fct_large_customer_month
    where is_large
) as large on customers.customer_id = large.customer_id
group by segment_code
order by net_amt desc nulls last
