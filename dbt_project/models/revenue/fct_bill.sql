-- One row per bill, accumulating: issued, due, first paid, overdue, closed. Owed is net charge plus tax; it is paid by
-- payments for the bill or drawn from advances of the account. What is known ends on the last day payments came for.
with delivered as (

    select
        *,
        {{ repeats_record(['bill_id']) }} as is_copy
    from {{ ref('stg_billing__bill') }}

),

bills as (

    select * from delivered
    where not is_copy

),

known as (

    select max(last_file_date) as last_day
    from {{ ref('ops_feed') }}
    where contract_id = 'billing__payment'

),

arrears_rule as (

    select
        cast(parameter_value as int) as arrears_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'arrears_days'

),

running as (

    select
        entries.bill_id,
        entries.entry_kind_code,
        entries.entry_date,
        entries.entry_amt,
        entries.entry_date <= bills.due_on as is_by_due,
        {{ add_days('bills.due_on', 'arrears_rule.arrears_days') }} as arrears_on,
        sum(entries.entry_amt) over (
            partition by entries.bill_id
            order by
                entries.entry_date,
                case entries.entry_kind_code when 'billed' then 1 when 'adjusted' then 2 when 'drawn' then 3 else 4 end,
                entries.entry_id
            rows between unbounded preceding and current row
        ) as running_amt
    from {{ ref('int_bill_entry') }} as entries
    inner join bills on entries.bill_id = bills.bill_id
    inner join arrears_rule on {{ valid_on('arrears_rule', 'bills.due_on') }}

),

milestones as (

    select
        bill_id,
        {%- for kind in ['paid', 'drawn', 'adjusted'] %}
        cast(sum(
            case when entry_kind_code = '{{ kind }}' then -entry_amt else 0 end
        ) as decimal(18, 2)) as {{ kind }}_amt,
        {%- endfor %}
        cast(sum(entry_amt) as decimal(18, 2)) as balance_amt,
        cast(sum(case when is_by_due then entry_amt else 0 end) as decimal(18, 2)) as balance_at_due_amt,
        cast(sum(
            case when entry_date <= arrears_on then entry_amt else 0 end
        ) as decimal(18, 2)) as balance_at_arrears_amt,
        max(arrears_on) as arrears_on,
        max(entry_date) as last_entry_on,
        count(case when entry_kind_code = 'paid' then 1 end) as payment_count,
        min(case when entry_kind_code in ('paid', 'drawn') and entry_amt < 0 then entry_date end) as first_paid_on,
        max(case
            when running_amt <= 0 and (entry_kind_code = 'billed' or running_amt - entry_amt > 0) then entry_date
        end) as settled_on
    from running
    group by bill_id

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
    {{ surrogate_key(['bills.bill_id']) }} as bill_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    bills.bill_id,
    bills.account_id,

    -- attributes
    bills.billing_cycle,
    cast(
        concat(substr(bills.billing_cycle, 1, 4), '-', substr(bills.billing_cycle, 5, 2), '-01') as date
    ) as billing_month,
    case
        when milestones.balance_amt <= 0 then 'closed'
        when known.last_day >= bills.due_on then 'overdue'
        when milestones.paid_amt + milestones.drawn_amt > 0 then 'part_paid'
        else 'issued'
    end as bill_status_code,
    case
        when milestones.balance_at_due_amt <= 0 then true
        when known.last_day >= bills.due_on then false
    end as is_paid_by_due,

    -- measures
    bills.gross_amt,
    bills.discount_amt,
    bills.net_amt,
    bills.tax_amt,
    cast(bills.net_amt + bills.tax_amt as decimal(18, 2)) as owed_amt,
    milestones.paid_amt,
    milestones.drawn_amt,
    milestones.adjusted_amt,
    milestones.balance_amt,
    milestones.balance_at_due_amt,
    case when known.last_day >= milestones.arrears_on then milestones.balance_at_arrears_amt end as arrears_amt,
    bills.balance_forward_amt,
    milestones.payment_count,
    'CNY' as currency_code,

    -- times and lineage
    bills.issued_on,
    bills.due_on,
    milestones.first_paid_on,
    case
        when milestones.balance_at_due_amt > 0 and known.last_day >= bills.due_on
            then {{ add_days('bills.due_on', 1) }}
    end as overdue_on,
    milestones.arrears_on,
    case when milestones.balance_amt <= 0 then milestones.settled_on end as closed_on,
    milestones.last_entry_on,
    bills.source_file,
    bills.line_number,
    bills.file_date
from bills
inner join milestones on bills.bill_id = milestones.bill_id
cross join known
left join accounts on bills.account_id = accounts.account_id and {{ valid_on('accounts', 'bills.issued_on') }}
left join customers on accounts.customer_id = customers.customer_id
    and {{ valid_on('customers', 'bills.issued_on') }}
left join orgs on customers.org_id = orgs.org_id and {{ valid_on('orgs', 'bills.issued_on') }}
