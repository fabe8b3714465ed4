-- Question: Who pays late: by payment method and credit grade? 哪些客户缴费滞后？
select
    accounts.payment_method_code,
    accounts.credit_grade_code,
    count(*) as bills_due,
    count(*) filter (where bills.is_paid_by_due) as paid_by_due,
    round(100.0 * count(*) filter (where not bills.is_paid_by_due) / count(*), 2) as late_pct,
    sum(bills.balance_at_due_amt) filter (where not bills.is_paid_by_due) as late_amt
from revenue.fct_bill as bills
inner join dim.dim_account as accounts on bills.account_key = accounts.account_key
where bills.is_paid_by_due is not null
group by all
order by late_pct desc, bills_due desc, accounts.payment_method_code, accounts.credit_grade_code
