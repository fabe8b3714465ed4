-- Question: How concentrated is revenue: shares of the top customers, Gini coefficient? 收入集中度
with customers as (
    select customers.customer_id, sum(revenue.recognised_amt) as amount
    from revenue.fct_revenue_month as revenue
    inner join dim.dim_customer as customers on revenue.customer_key = customers.customer_key
    where not revenue.is_excluded
        and revenue.revenue_month = (select max(revenue_month) from revenue.fct_revenue_month)
    group by all
    having sum(revenue.recognised_amt) > 0
),
ranked as (
    select
        amount,
        row_number() over (order by amount desc, customer_id) as place,
        count(*) over () as customer_count,
        sum(amount) over () as total
    from customers
)
select
    max(customer_count) as customers,
    round(100.0 * sum(case when 100 * (place - 1) < customer_count then amount end) / max(total), 2) as top_1_pct,
    round(100.0 * sum(case when 5 * (place - 1) < customer_count then amount end) / max(total), 2) as top_20_pct,
    round(sum((customer_count + 1 - 2.0 * place) * amount) / (max(customer_count) * max(total)), 4) as gini
from ranked
