-- One row per account with a bill that fell due in the three months up to an as-of date, as known by then: how many of
-- its bills were not paid on their due day, and by how many days. What is paid after the as-of date is not known yet.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

bill_rows as (

    {{ known_rows('billing__bill', ['bill_id', 'account_id', 'due_on']) }}

),

payment_rows as (

    {{ known_rows('billing__payment', ['bill_id', 'payment_amt', 'paid_at_local']) }}

),

due as (

    select
        months.as_of_month,
        months.as_of_date,
        bill_rows.account_id,
        bill_rows.bill_id,
        max(bill_rows.due_on) as due_on
    from bill_rows
    inner join months on bill_rows.known_month <= months.as_of_month and bill_rows.due_on <= months.as_of_date
        and bill_rows.due_on > {{ add_months('months.as_of_date', -3) }}
    group by months.as_of_month, months.as_of_date, bill_rows.account_id, bill_rows.bill_id

),

first_payments as (

    select
        due.as_of_month,
        due.bill_id,
        min(cast(payment_rows.paid_at_local as date)) as paid_on
    from due
    inner join payment_rows on due.bill_id = payment_rows.bill_id and due.as_of_month >= payment_rows.known_month
        and due.as_of_date >= cast(payment_rows.paid_at_local as date)
    where payment_rows.payment_amt > 0
    group by due.as_of_month, due.bill_id

),

settled as (

    select
        due.*,
        {{ months_between('due.due_on', 'due.as_of_month') }} as months_ago,
        {{ days_between('due.due_on', 'coalesce(first_payments.paid_on, due.as_of_date)') }} as late_days
    from due
    left join first_payments on due.as_of_month = first_payments.as_of_month and due.bill_id = first_payments.bill_id

)

select
    -- keys
    account_id,

    -- measures
    count(case when late_days > 0 and months_ago = 0 then 1 end) as late_bill_count,
    count(case when late_days > 0 then 1 end) as late_bill_count_3m,
    cast(sum(greatest(late_days, 0)) as bigint) as late_days_3m,

    -- times
    as_of_month,
    as_of_date
from settled
group by account_id, as_of_month, as_of_date
