-- One row per payment or refund; a payment delivered again on a later day is left out.
with payments as (

    select
        *,
        cast(paid_at_local as date) as paid_date,
        {{ repeats_record(['payment_id']) }} as is_copy
    from {{ ref('stg_billing__payment') }}

),

bills as (

    select distinct bill_id from {{ ref('stg_billing__bill') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

)

select
    -- keys
    {{ surrogate_key(['payments.payment_id']) }} as payment_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as channel_key,
    payments.payment_id,
    payments.account_id,
    payments.bill_id,
    payments.reversal_of_payment_id,

    -- attributes
    payments.payment_method_code,
    case
        when payments.bill_id is null then 'prepayment'
        when bills.bill_id is null then 'unmatched'
        else 'bill'
    end as application_code,
    payments.payment_amt < 0 as is_refund,

    -- measures
    payments.payment_amt,
    'CNY' as currency_code,

    -- times and lineage
    payments.paid_at,
    payments.paid_at_local,
    payments.paid_date,
    payments.source_file,
    payments.line_number,
    payments.file_date
from payments
left join bills on payments.bill_id = bills.bill_id
left join accounts on payments.account_id = accounts.account_id and {{ valid_on('accounts', 'payments.paid_date') }}
left join customers on accounts.customer_id = customers.customer_id
    and {{ valid_on('customers', 'payments.paid_date') }}
left join orgs on customers.org_id = orgs.org_id and {{ valid_on('orgs', 'payments.paid_date') }}
left join channels on payments.channel_id = channels.channel_id
where not payments.is_copy
