-- One row per amount that changes what is owed on a bill: the bill itself (net charge and tax), each payment
-- applied to it and each adjustment. What is paid before the bill is issued counts from the day of issue.
with bills as (

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
    from bills
    where not is_copy

),

payments as (

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

adjustments as (

    select
        issued.bill_id,
        issued.account_id,
        'adjusted' as entry_kind_code,
        adjustments.adjustment_id as entry_id,
        greatest(adjustments.adjusted_date, issued.entry_date) as entry_date,
        cast(-adjustments.adjustment_amt as decimal(18, 2)) as entry_amt
    from {{ ref('fct_adjustment') }} as adjustments
    inner join issued on adjustments.bill_id = issued.bill_id

)

select * from issued
union all
select * from payments
union all
select * from adjustments
