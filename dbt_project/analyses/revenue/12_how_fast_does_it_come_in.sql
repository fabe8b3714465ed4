-- Question: How fast does the money of a bill run come in, day by day after issue? 回款速度
with settled as (
    select
        bills.billing_month,
        date_diff('day', bills.issued_on, entries.entry_date) as days_after_issue,
        -sum(entries.entry_amt) as amount
    from revenue.fct_bill as bills
    inner join revenue.int_bill_entry as entries on bills.bill_id = entries.bill_id
    where entries.entry_kind_code in ('paid', 'drawn')
    group by all
),
owed as (
    select billing_month, sum(owed_amt) as owed_amt from revenue.fct_bill group by all
)
select
    settled.billing_month,
    settled.days_after_issue,
    settled.amount,
    round(100.0 * sum(settled.amount) over (
        partition by settled.billing_month order by settled.days_after_issue) / owed.owed_amt, 2) as collected_pct
from settled
inner join owed on settled.billing_month = owed.billing_month
order by settled.billing_month, settled.days_after_issue
