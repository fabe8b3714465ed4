-- One row per account, month-end and ageing bucket: what is owed on issued bills at the end of the month, by days
-- past the due date. NOT_DUE holds what is owed but not past due, so that the buckets add up to all that is owed.
with bills as (

    select * from {{ ref('fct_bill') }}

),

month_ends as (

    select dates.calendar_date as month_end
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('ops_feed') }} as feeds on dates.calendar_date <= feeds.last_file_date
    where dates.is_month_end and feeds.contract_id = 'billing__payment'

),

balances as (

    select
        bills.bill_id,
        bills.due_on,
        bills.account_id,
        month_ends.month_end,
        sum(entries.entry_amt) as balance_amt
    from bills
    inner join month_ends on bills.issued_on <= month_ends.month_end
        and (bills.balance_amt <> 0 or bills.last_entry_on > month_ends.month_end)
    inner join {{ ref('int_bill_entry') }} as entries on bills.bill_id = entries.bill_id
        and month_ends.month_end >= entries.entry_date
    group by bills.bill_id, bills.due_on, bills.account_id, month_ends.month_end

),

aged as (

    select
        *,
        {{ days_between('due_on', 'month_end') }} as overdue_days
    from balances
    where balance_amt <> 0

),

bucketed as (

    select
        account_id,
        month_end,
        case
            when overdue_days < 0 then 'NOT_DUE'
            when overdue_days <= 30 then '0-30'
            when overdue_days <= 60 then '31-60'
            when overdue_days <= 90 then '61-90'
            when overdue_days <= 180 then '91-180'
            when overdue_days <= 365 then '181-365'
            else '>365'
        end as ageing_bucket_code,
        balance_amt
    from aged

),

snapshots as (

    select
        account_id,
        month_end,
        ageing_bucket_code,
        cast(sum(balance_amt) as decimal(18, 2)) as arrears_amt,
        count(*) as bill_count
    from bucketed
    group by account_id, month_end, ageing_bucket_code

),

accounts as (

    select * from {{ ref('dim_account') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    snapshots.account_id,

    -- attributes
    snapshots.ageing_bucket_code,
    snapshots.ageing_bucket_code <> 'NOT_DUE' as is_past_due,

    -- measures
    snapshots.arrears_amt,
    snapshots.bill_count,
    'CNY' as currency_code,

    -- times
    snapshots.month_end
from snapshots
left join accounts on snapshots.account_id = accounts.account_id
    and {{ valid_on('accounts', 'snapshots.month_end') }}
left join customers on accounts.customer_id = customers.customer_id
    and {{ valid_on('customers', 'snapshots.month_end') }}
left join orgs on customers.org_id = orgs.org_id and {{ valid_on('orgs', 'snapshots.month_end') }}
