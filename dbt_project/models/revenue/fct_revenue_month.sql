-- One row per subscription, month and charge class: revenue recognised in the month of the billing cycle.
with charges as (

    select
        subscription_key,
        customer_key,
        org_key,
        subscription_id,
        service_code,
        charge_class_code,
        cast(sum(gross_amt) as decimal(18, 2)) as gross_amt,
        cast(sum(discount_amt) as decimal(18, 2)) as discount_amt,
        cast(sum(net_amt) as decimal(18, 2)) as net_amt,
        cast(sum(tax_amt) as decimal(18, 2)) as tax_amt,
        billing_month
    from {{ ref('fct_bill_charge') }}
    group by subscription_key, customer_key, org_key, subscription_id, service_code, charge_class_code, billing_month

),

subscriptions as (

    select
        subscription_key,
        org_id,
        is_excluded
    from {{ ref('dim_subscription') }}

)

select
    -- keys
    charges.subscription_key,
    charges.customer_key,
    charges.org_key,
    charges.subscription_id,
    coalesce(subscriptions.org_id, '?') as org_id,

    -- attributes
    charges.service_code,
    charges.charge_class_code,
    coalesce(subscriptions.is_excluded, false) as is_excluded,

    -- measures
    charges.gross_amt,
    charges.discount_amt,
    charges.net_amt,
    charges.tax_amt,
    charges.net_amt as recognised_amt,
    'CNY' as currency_code,

    -- times
    charges.billing_month as revenue_month
from charges
left join subscriptions on charges.subscription_key = subscriptions.subscription_key
