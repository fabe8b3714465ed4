-- Question: Which large customers show more than one sign of risk? 哪些大客户有流失风险？
select
    customer_id,
    month_start_date,
    net_amt,
    last_month_net_amt,
    missed_circuit_count,
    complaint_count,
    arrears_amt,
    contract_ending_60_count,
    cast(net_amt < 0.8 * last_month_net_amt as int) + cast(missed_circuit_count > 0 as int)
    + cast(coalesce(complaint_count, 0) > 0 as int) + cast(arrears_amt > 0 as int)
    + cast(contract_ending_60_count > 0 as int) as sign_count
from key_accounts.fct_large_customer_month
where is_large
order by sign_count desc, net_amt desc, customer_id, month_start_date
limit 50
