-- One row per bill, subscription and charge item; a line delivered again with the month after is left out.
with delivered as (

    select
        *,
        {{ repeats_record(['bill_id', 'subscription_id', 'charge_item_code'], within_days=31) }} as is_copy
    from {{ ref('stg_billing__bill_item') }}
    where {{ since_window('file_date', lookback_days=31) }}

),

charges as (

    select * from delivered
    where not is_copy and {{ since_window('file_date') }}

),

bills as (

    select
        bill_id,
        bill_key,
        account_key,
        account_id,
        billing_month
    from {{ ref('fct_bill') }}

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

charge_items as (

    select * from {{ ref('dim_charge_item') }}

),

billed as (

    select
        charges.*,
        coalesce(bills.bill_key, {{ unknown_key() }}) as bill_key,
        coalesce(bills.account_key, {{ unknown_key() }}) as account_key,
        bills.account_id,
        coalesce(bills.billing_month, {{ month_of('charges.file_date') }}) as billing_month,
        {{ add_days(add_months("coalesce(bills.billing_month, " ~ month_of('charges.file_date') ~ ")", 1), -1) }} as month_end
    from charges
    left join bills on charges.bill_id = bills.bill_id

)

select
    -- keys
    {{ surrogate_key(['billed.bill_id', 'billed.subscription_id', 'billed.charge_item_code', 'billed.file_date']) }} as bill_charge_key,
    billed.bill_key,
    billed.account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(charge_items.charge_item_key, {{ unknown_key() }}) as charge_item_key,
    billed.bill_id,
    billed.account_id,
    billed.subscription_id,

    -- attributes
    billed.charge_item_code,
    coalesce(charge_items.charge_class_code, '?') as charge_class_code,
    billed.item_name,
    coalesce(subscriptions.service_code, '?') as service_code,
    billed.billing_month,

    -- measures
    billed.gross_amt,
    billed.discount_amt,
    billed.net_amt,
    billed.tax_amt,
    billed.quantity,
    billed.unit_code,
    'CNY' as currency_code,

    -- lineage
    billed.source_file,
    billed.line_number,
    billed.file_date
from billed
left join subscriptions on billed.subscription_id = subscriptions.subscription_id and {{ valid_on('subscriptions', 'billed.month_end') }}
left join customers on subscriptions.customer_id = customers.customer_id and {{ valid_on('customers', 'billed.month_end') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'billed.month_end') }}
left join charge_items on billed.charge_item_code = charge_items.charge_item_code
