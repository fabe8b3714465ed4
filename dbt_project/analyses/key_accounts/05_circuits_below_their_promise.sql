-- Question: Which circuits missed their availability, and what credit is due? 哪些电路未达标，应赔付多少？
select
    months.month_start_date,
    months.circuit_id,
    months.customer_id,
    months.circuit_grade_code,
    round(months.up_s / nullif(months.measured_s, 0), 6) as availability,
    months.availability_target,
    months.fault_count,
    months.monthly_fee_amt,
    months.credit_amt
from key_accounts.fct_circuit_month as months
where not months.is_target_met
order by months.credit_amt desc, months.month_start_date, months.circuit_id
