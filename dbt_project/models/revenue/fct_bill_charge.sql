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
        coalesce(bills.billing_month, {{ month_of('charges.file_date') }}) as billing_month
    from charges
    left join bills on charges.bill_id = bills.bill_id

),

dated as (

    select
        *,
        {{ add_days(add_months('billing_month', 1), -1) }} as month_end
    from billed

)

select
    -- keys
    {{ surrogate_key(
        ['dated.bill_id', 'dated.subscription_id', 'dated.charge_item_code', 'dated.file_date']
    ) }} as bill_charge_key,
    dated.bill_key,
    dated.account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(charge_items.charge_item_key, {{ unknown_key() }}) as charge_item_key,
    dated.bill_id,
    dated.account_id,
    dated.subscription_id,

    -- attributes
    dated.charge_item_code,
    coalesce(charge_items.charge_class_code, '?') as charge_class_code,
    dated.item_name,
    coalesce(subscriptions.service_code, '?') as service_code,
    dated.billing_month,

    -- measures
    dated.gross_amt,
    dated.discount_amt,
    dated.net_amt,
    dated.tax_amt,
    dated.quantity,
    dated.unit_code,
    'CNY' as currency_code,

    -- lineage
    dated.source_file,
    dated.line_number,
    dated.file_date
from dated
left join subscriptions on dated.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'dated.month_end') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'dated.month_end') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'dated.month_end') }}
left join charge_items on dated.charge_item_code = charge_items.charge_item_code
