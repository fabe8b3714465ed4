-- Question: How available are circuits by grade? 各等级电路可用率
select
    month_start_date,
    circuit_grade_code,
    count(*) as circuit_count,
    round(sum(up_s) / nullif(sum(measured_s), 0), 6) as availability,
    round(sum(missing_s) / nullif(sum(expected_s), 0), 6) as missing_share,
    count(*) filter (is_target_met) as met_count,
    sum(credit_amt) as credit_amt
from key_accounts.fct_circuit_month
group by all
order by month_start_date, circuit_grade_code
