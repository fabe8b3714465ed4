-- One row per subscription, month and charge class: revenue recognised in the month of the billing cycle.
select
    -- keys
    subscription_key,
    customer_key,
    org_key,
    subscription_id,

    -- attributes
    service_code,
    charge_class_code,

    -- measures
    cast(sum(gross_amt) as decimal(18, 2)) as gross_amt,
    cast(sum(discount_amt) as decimal(18, 2)) as discount_amt,
    cast(sum(net_amt) as decimal(18, 2)) as net_amt,
    cast(sum(tax_amt) as decimal(18, 2)) as tax_amt,
    cast(sum(net_amt) as decimal(18, 2)) as recognised_amt,
    'CNY' as currency_code,

    -- times
    billing_month as revenue_month
from {{ ref('fct_bill_charge') }}
group by
    subscription_key, customer_key, org_key, subscription_id, service_code, charge_class_code, billing_month
