-- One row per account and complete month since its first bill or payment: opening + billed - paid - adjusted = closing.
-- The flows come from bills, payments and adjustments; opening and closing from what is owed on each bill at the end of
-- the month less what is paid in advance. A closing below zero is money that the customer has with us.
with bills as (

    select
        bill_id,
        account_id,
        issued_on,
        owed_amt
    from {{ ref('fct_bill') }}

),

events as (

    select
        account_id,
        issued_on as event_date,
        owed_amt as billed_amt,
        0 as paid_amt,
        0 as adjusted_amt
    from bills
    union all
    select
        coalesce(bills.account_id, payments.account_id) as account_id,
        payments.paid_date as event_date,
        0 as billed_amt,
        payments.payment_amt as paid_amt,
        0 as adjusted_amt
    from {{ ref('fct_payment') }} as payments
    left join bills on payments.bill_id = bills.bill_id
    union all
    select
        coalesce(bills.account_id, adjustments.account_id) as account_id,
        adjustments.adjusted_date as event_date,
        0 as billed_amt,
        0 as paid_amt,
        adjustments.adjustment_amt as adjusted_amt
    from {{ ref('fct_adjustment') }} as adjustments
    left join bills on adjustments.bill_id = bills.bill_id

),

flows as (

    select
        account_id,
        {{ month_of('event_date') }} as receivable_month,
        sum(billed_amt) as billed_amt,
        sum(paid_amt) as paid_amt,
        sum(adjusted_amt) as adjusted_amt
    from events
    group by account_id, {{ month_of('event_date') }}

),

month_ends as (

    select
        dates.calendar_date as month_end,
        dates.month_start_date as receivable_month
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('ops_feed') }} as feeds on dates.calendar_date <= feeds.last_file_date
    where dates.is_month_end and feeds.contract_id = 'billing__payment'

),

account_months as (

    select
        first_months.account_id,
        month_ends.receivable_month,
        month_ends.month_end,
        {{ add_days('month_ends.receivable_month', -1) }} as last_month_end
    from (
        select
            account_id,
            min(receivable_month) as first_month
        from flows
        group by account_id
    ) as first_months
    inner join month_ends on first_months.first_month <= month_ends.receivable_month

),

-- Money received or credited, and the part of it that bills have used, at the end of each month.
credits as (

    select
        account_id,
        event_date as credit_date,
        paid_amt + adjusted_amt as credit_amt
    from events
    union all
    select
        account_id,
        entry_date as credit_date,
        entry_amt as credit_amt
    from {{ ref('int_bill_entry') }}
    where entry_kind_code <> 'billed'

),

advances as (

    select
        account_months.account_id,
        account_months.month_end,
        sum(credits.credit_amt) as advance_amt
    from account_months
    inner join credits on account_months.account_id = credits.account_id
        and account_months.month_end >= credits.credit_date
    group by account_months.account_id, account_months.month_end

),

debts as (

    select
        account_id,
        month_end,
        sum(arrears_amt) as debt_amt
    from {{ ref('fct_arrears_snapshot') }}
    group by account_id, month_end

),

balances as (

    select
        account_months.account_id,
        account_months.month_end,
        cast(coalesce(debts.debt_amt, 0) as decimal(18, 2)) as debt_amt,
        cast(coalesce(advances.advance_amt, 0) as decimal(18, 2)) as advance_amt
    from account_months
    left join debts on account_months.account_id = debts.account_id and account_months.month_end = debts.month_end
    left join advances on account_months.account_id = advances.account_id
        and account_months.month_end = advances.month_end

),

accounts as (

    select * from {{ ref('dim_account') }}

)

select
    -- keys
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    account_months.account_id,

    -- measures
    cast(coalesce(opening_balances.debt_amt - opening_balances.advance_amt, 0) as decimal(18, 2)) as opening_amt,
    cast(coalesce(flows.billed_amt, 0) as decimal(18, 2)) as billed_amt,
    cast(coalesce(flows.paid_amt, 0) as decimal(18, 2)) as paid_amt,
    cast(coalesce(flows.adjusted_amt, 0) as decimal(18, 2)) as adjusted_amt,
    cast(closing_balances.debt_amt - closing_balances.advance_amt as decimal(18, 2)) as closing_amt,
    closing_balances.debt_amt as closing_debt_amt,
    closing_balances.advance_amt as closing_advance_amt,
    'CNY' as currency_code,

    -- times
    account_months.receivable_month
from account_months
inner join balances as closing_balances on account_months.account_id = closing_balances.account_id
    and account_months.month_end = closing_balances.month_end
left join balances as opening_balances on account_months.account_id = opening_balances.account_id
    and account_months.last_month_end = opening_balances.month_end
left join flows on account_months.account_id = flows.account_id
    and account_months.receivable_month = flows.receivable_month
left join accounts on account_months.account_id = accounts.account_id
    and {{ valid_on('accounts', 'account_months.month_end') }}
