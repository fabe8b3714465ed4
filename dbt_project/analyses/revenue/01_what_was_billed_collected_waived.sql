-- Question: What was billed, paid, waived and is still owed, month by month? 每月出账、回款、减免、余额
select
    receivable_month,
    sum(opening_amt) as opening_amt,
    sum(billed_amt) as billed_amt,
    sum(paid_amt) as paid_amt,
    sum(adjusted_amt) as adjusted_amt,
    sum(closing_amt) as closing_amt,
    sum(closing_debt_amt) as owed_to_us_amt,
    sum(closing_advance_amt) as paid_in_advance_amt
from revenue.fct_receivable_month
group by all
order by receivable_month
