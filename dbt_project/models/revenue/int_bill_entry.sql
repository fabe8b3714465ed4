-- One row per amount that changes what is owed on a bill: the bill itself (net charge and tax), each payment made for
-- it, each adjustment of it, and what is drawn from advance payments of its account. Advances are used first in,
-- first out: the oldest money for the oldest debt that payments and adjustments leave. Nothing counts before the
-- bill is issued.
with delivered as (

    select
        bill_id,
        account_id,
        issued_on,
        cast(net_amt + tax_amt as decimal(18, 2)) as owed_amt,
        {{ repeats_record(['bill_id']) }} as is_copy
    from {{ ref('stg_billing__bill') }}

),

issued as (

    select
        bill_id,
        account_id,
        'billed' as entry_kind_code,
        bill_id as entry_id,
        issued_on as entry_date,
        owed_amt as entry_amt
    from delivered
    where not is_copy

),

paid as (

    select
        issued.bill_id,
        issued.account_id,
        'paid' as entry_kind_code,
        payments.payment_id as entry_id,
        greatest(payments.paid_date, issued.entry_date) as entry_date,
        cast(-payments.payment_amt as decimal(18, 2)) as entry_amt
    from {{ ref('fct_payment') }} as payments
    inner join issued on payments.bill_id = issued.bill_id

),

adjusted as (

    select
        issued.bill_id,
        issued.account_id,
        'adjusted' as entry_kind_code,
        adjustments.adjustment_id as entry_id,
        greatest(adjustments.adjusted_date, issued.entry_date) as entry_date,
        cast(-adjustments.adjustment_amt as decimal(18, 2)) as entry_amt
    from {{ ref('fct_adjustment') }} as adjustments
    inner join issued on adjustments.bill_id = issued.bill_id

),

direct as (

    select * from issued
    union all
    select * from paid
    union all
    select * from adjusted

),

debts as (

    select
        bill_id,
        account_id,
        min(entry_date) as issued_on,
        greatest(sum(entry_amt), 0) as debt_amt
    from direct
    group by bill_id, account_id

),

-- Debts of an account end to end, and its advances end to end: where the two overlap, an advance pays a bill.
debt_line as (

    select
        *,
        sum(debt_amt) over (
            partition by account_id
            order by issued_on, bill_id
            rows between unbounded preceding and current row
        ) as debt_end
    from debts
    where debt_amt > 0

),

reversals as (

    select
        reversal_of_payment_id,
        sum(payment_amt) as reversed_amt
    from {{ ref('fct_payment') }}
    where reversal_of_payment_id is not null and bill_id is null
    group by reversal_of_payment_id

),

advances as (

    select
        payments.payment_id,
        payments.account_id,
        payments.paid_date,
        payments.payment_amt + coalesce(reversals.reversed_amt, 0) as advance_amt
    from {{ ref('fct_payment') }} as payments
    left join reversals on payments.payment_id = reversals.reversal_of_payment_id
    where payments.application_code = 'prepayment' and payments.reversal_of_payment_id is null

),

advance_line as (

    select
        *,
        sum(advance_amt) over (
            partition by account_id
            order by paid_date, payment_id
            rows between unbounded preceding and current row
        ) as advance_end
    from advances
    where advance_amt > 0

),

drawn as (

    select
        debt_line.bill_id,
        debt_line.account_id,
        'drawn' as entry_kind_code,
        advance_line.payment_id as entry_id,
        greatest(advance_line.paid_date, debt_line.issued_on) as entry_date,
        cast(
            greatest(debt_line.debt_end - debt_line.debt_amt, advance_line.advance_end - advance_line.advance_amt)
            - least(debt_line.debt_end, advance_line.advance_end) as decimal(18, 2)
        ) as entry_amt
    from debt_line
    inner join advance_line on debt_line.account_id = advance_line.account_id
        and debt_line.debt_end - debt_line.debt_amt < advance_line.advance_end
        and advance_line.advance_end - advance_line.advance_amt < debt_line.debt_end

)

select * from direct
union all
select * from drawn
