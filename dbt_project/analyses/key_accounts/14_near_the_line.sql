-- Question: Which other customers come close to the high-value line? 哪些普通客户接近高值标准？
select
    customers.customer_id,
    max(revenue.net_amt) as highest_month_amt,
    avg(revenue.net_amt) as average_month_amt,
    max(revenue.line_amt) - max(revenue.net_amt) as gap_amt
from (
    select
        months.customer_key,
        months.revenue_month,
        sum(months.recognised_amt) as net_amt,
        any_value(parameters.parameter_value) as line_amt
    from revenue.fct_revenue_month as months
    inner join reference.parameters as parameters on parameters.parameter_code = 'high_value_line_amt'
        and months.revenue_month >= parameters.valid_from and months.revenue_month < parameters.valid_to
    group by all
) as revenue
inner join dim.dim_customer as customers on revenue.customer_key = customers.customer_key
left join key_accounts.fct_large_customer_month as large on customers.customer_id = large.customer_id and large.is_large
where large.customer_id is null and customers.customer_class_code <> 'own'
group by customers.customer_id
order by gap_amt, customers.customer_id
limit 20
