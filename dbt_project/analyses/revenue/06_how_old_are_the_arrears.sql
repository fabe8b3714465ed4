-- Question: How old is the money owed, and what did each month move? 欠费帐龄
select
    month_end,
    ageing_bucket_code,
    count(distinct account_id) as accounts,
    sum(bill_count) as bills,
    sum(arrears_amt) as arrears_amt,
    round(100.0 * sum(arrears_amt) / sum(sum(arrears_amt)) over (partition by month_end), 2) as share_pct
from revenue.fct_arrears_snapshot
group by month_end, ageing_bucket_code
order by month_end, ageing_bucket_code
