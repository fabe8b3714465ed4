-- One row per account and complete month since its first bill: owed at the start, billed, paid, adjusted, owed at
-- the end. Start and end come from the balances of the bills, the flows from their entries; they must agree.
with flows as (

    select
        account_id,
        {{ month_of('entry_date') }} as receivable_month,
        sum(case when entry_kind_code = 'billed' then entry_amt else 0 end) as billed_amt,
        sum(case when entry_kind_code = 'paid' then -entry_amt else 0 end) as paid_amt,
        sum(case when entry_kind_code = 'adjusted' then -entry_amt else 0 end) as adjusted_amt
    from {{ ref('int_bill_entry') }}
    group by account_id, {{ month_of('entry_date') }}

),

balances as (

    select
        account_id,
        month_end,
        sum(arrears_amt) as balance_amt
    from {{ ref('fct_arrears_snapshot') }}
    group by account_id, month_end

),

months as (

    select
        dates.calendar_date as month_end,
        {{ month_of('dates.calendar_date') }} as receivable_month
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('ops_feed') }} as feeds on feeds.contract_id = 'billing__payment' and dates.calendar_date <= feeds.last_file_date
    where dates.is_month_end

),

first_months as (

    select
        account_id,
        min(receivable_month) as first_month
    from flows
    group by account_id

),

account_months as (

    select
        first_months.account_id,
        months.receivable_month,
        months.month_end,
        {{ add_days('months.receivable_month', -1) }} as last_month_end
    from first_months
    inner join months on first_months.first_month <= months.receivable_month

)

select
    -- keys
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    account_months.account_id,

    -- measures
    cast(coalesce(opening.balance_amt, 0) as decimal(18, 2)) as opening_amt,
    cast(coalesce(flows.billed_amt, 0) as decimal(18, 2)) as billed_amt,
    cast(coalesce(flows.paid_amt, 0) as decimal(18, 2)) as paid_amt,
    cast(coalesce(flows.adjusted_amt, 0) as decimal(18, 2)) as adjusted_amt,
    cast(coalesce(closing.balance_amt, 0) as decimal(18, 2)) as closing_amt,
    'CNY' as currency_code,

    -- times
    account_months.receivable_month
from account_months
left join flows on account_months.account_id = flows.account_id and account_months.receivable_month = flows.receivable_month
left join balances as opening on account_months.account_id = opening.account_id and account_months.last_month_end = opening.month_end
left join balances as closing on account_months.account_id = closing.account_id and account_months.month_end = closing.month_end
left join {{ ref('dim_account') }} as accounts on account_months.account_id = accounts.account_id
    and {{ valid_on('accounts', 'account_months.month_end') }}
