-- Question: Do large customers grow faster than the others, each compared with itself? 大客户与普通客户的可比收入增长？
with amounts as (
    select
        facts.revenue_month,
        customers.customer_id,
        customers.customer_class_code,
        sum(facts.net_amt) as net_amt
    from revenue.fct_revenue_month as facts
    inner join dim.dim_customer as customers on facts.customer_key = customers.customer_key
    where customers.customer_id <> '?'
    group by all
),

pairs as (
    select
        amounts.revenue_month,
        case when large.customer_id is null then amounts.customer_class_code else 'large' end as segment_code,
        amounts.net_amt,
        before.net_amt as last_month_net_amt
    from amounts
    inner join amounts as before on amounts.customer_id = before.customer_id
        and amounts.revenue_month = before.revenue_month + interval 1 month
    left join key_accounts.fct_large_customer_month as large on amounts.customer_id = large.customer_id
        and amounts.revenue_month = large.month_start_date and large.is_large
)

select
    revenue_month,
    segment_code,
    count(*) as customer_count,
    sum(net_amt) as net_amt,
    sum(last_month_net_amt) as last_month_net_amt,
    round(sum(net_amt) / nullif(sum(last_month_net_amt), 0) - 1, 4) as growth
from pairs
group by revenue_month, segment_code
order by revenue_month, segment_code
