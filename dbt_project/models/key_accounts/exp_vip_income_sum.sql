-- One row per local network, service, charge item and cycle: income from large customers, VIP_INCOME_SUM of the core
-- data standard.
with large as (

    select
        customer_id,
        month_start_date
    from {{ ref('fct_large_customer_month') }}
    where is_large

),

customers as (

    select
        customer_key,
        customer_id
    from {{ ref('dim_customer') }}

),

orgs as (

    select
        org_key,
        org_id
    from {{ ref('dim_org') }}

),

charges as (

    select
        orgs.org_id,
        charges.service_code,
        charges.charge_item_code,
        charges.gross_amt,
        charges.discount_amt,
        charges.net_amt,
        charges.tax_amt,
        charges.billing_month
    from {{ ref('fct_bill_charge') }} as charges
    inner join customers on charges.customer_key = customers.customer_key
    inner join large on customers.customer_id = large.customer_id
        and charges.billing_month = large.month_start_date
    left join orgs on charges.org_key = orgs.org_key

)

select
    -- keys
    coalesce(org_id, '?') as local_network_id,
    service_code,
    charge_item_code,

    -- measures
    cast(sum(gross_amt) as decimal(18, 2)) as gross_amt,
    cast(sum(discount_amt) as decimal(18, 2)) as discount_amt,
    cast(sum(net_amt) as decimal(18, 2)) as net_amt,
    cast(sum(tax_amt) as decimal(18, 2)) as tax_amt,
    'CNY' as currency_code,

    -- times
    billing_month as cycle_month,
    {{ add_days(add_months('billing_month', 1), 9) }} as report_due_date
from charges
group by coalesce(org_id, '?'), service_code, charge_item_code, billing_month
