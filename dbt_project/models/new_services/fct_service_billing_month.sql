-- One row per subscription and month with a fee for value-added services due or billed: what the order relations say
-- is due against the bill. Due but not billed is leakage; billed but not due is a wrong bill.
with sides as (

    select
        subscription_id,
        charge_month as billing_month,
        fee_amt as due_amt,
        cast(0 as decimal(18, 2)) as billed_amt,
        1 as fee_count
    from {{ ref('fct_service_charge') }}
    union all
    select
        subscription_id,
        billing_month,
        cast(0 as decimal(18, 2)) as due_amt,
        gross_amt as billed_amt,
        0 as fee_count
    from {{ ref('fct_bill_charge') }}
    where charge_item_code = 'VAS'

),

-- A month is compared when its bills are there.
billed_months as (

    select distinct billing_month
    from {{ ref('fct_bill_charge') }}

),

summed as (

    select
        sides.subscription_id,
        sides.billing_month,
        cast(sum(sides.due_amt) as decimal(18, 2)) as due_amt,
        cast(sum(sides.billed_amt) as decimal(18, 2)) as billed_amt,
        cast(sum(sides.fee_count) as bigint) as fee_count
    from sides
    inner join billed_months on sides.billing_month = billed_months.billing_month
    group by sides.subscription_id, sides.billing_month

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    summed.subscription_id,
    coalesce(versions.org_id, '?') as org_id,

    -- measures
    summed.fee_count,
    summed.due_amt,
    summed.billed_amt,
    cast(greatest(summed.due_amt - summed.billed_amt, 0) as decimal(18, 2)) as unbilled_amt,
    cast(greatest(summed.billed_amt - summed.due_amt, 0) as decimal(18, 2)) as overbilled_amt,
    'CNY' as currency_code,

    -- times
    summed.billing_month
from summed
left join versions on summed.subscription_id = versions.subscription_id
    and {{ valid_on('versions', add_days(add_months('summed.billing_month', 1), -1)) }}
left join orgs on versions.org_id = orgs.org_id
    and {{ valid_on('orgs', add_days(add_months('summed.billing_month', 1), -1)) }}
