-- Question: How many customers are in each class, with what revenue, and how do they overlap? 各类大客户数量、收入与重叠
select
    month_start_date,
    is_important,
    is_high_value,
    is_group,
    is_strategic,
    count(*) as customer_count,
    sum(net_amt) as net_amt
from key_accounts.fct_large_customer_month
where is_large
group by all
order by month_start_date, customer_count desc, is_important, is_high_value, is_group, is_strategic
