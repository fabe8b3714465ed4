-- One row per subscription, day and kind of money lost or wrongly charged. UNRATED and WRONG_VERSION: usage records of
-- the day that were not rated, or rated by a tariff version not in force. UNBILLED: the monthly fee of its tariff is
-- not in the bill of a subscription that was active on every day of the month; it stands on the last day of the month.
{{ config(enabled=theme_is_on('revenue') and theme_is_on('usage') and theme_is_on('customers')) }}

with rated_wrong as (

    select
        difference_kind_code as leakage_kind_code,
        subscription_id,
        subscription_key,
        org_key,
        event_date as leakage_date,
        count(*) as record_count,
        sum(expected_amt) as expected_amt,
        sum(rated_amt) as charged_amt
    from {{ ref('fct_rating_difference') }}
    group by difference_kind_code, subscription_id, subscription_key, org_key, event_date

),

billed_months as (

    select distinct
        billing_month,
        {{ add_days(add_months('billing_month', 1), -1) }} as month_end
    from {{ ref('fct_bill') }}

),

active_months as (

    select
        subscription_days.subscription_id,
        billed_months.billing_month,
        billed_months.month_end
    from {{ ref('fct_subscription_day') }} as subscription_days
    inner join billed_months on {{ month_of('subscription_days.snapshot_date') }} = billed_months.billing_month
    where subscription_days.state_code = '1000'
    group by subscription_days.subscription_id, billed_months.billing_month, billed_months.month_end
    having count(*) = extract(day from billed_months.month_end)

),

billed_fees as (

    select distinct
        subscription_id,
        billing_month,
        charge_item_code
    from {{ ref('fct_bill_charge') }}
    where charge_class_code = 'rental'

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

tariffs as (

    select * from {{ ref('dim_tariff_version') }}
    where component_code in ('RENTAL', 'BROADBAND')

),

unbilled as (

    select
        'UNBILLED' as leakage_kind_code,
        active_months.subscription_id,
        subscriptions.subscription_key,
        coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
        active_months.month_end as leakage_date,
        1 as record_count,
        cast(tariffs.unit_price_amt as decimal(18, 2)) as expected_amt,
        cast(0 as decimal(18, 2)) as charged_amt
    from active_months
    inner join subscriptions on active_months.subscription_id = subscriptions.subscription_id
        and {{ valid_on('subscriptions', 'active_months.month_end') }}
    inner join tariffs on subscriptions.offer_id = tariffs.offer_id
        and {{ valid_on('tariffs', 'active_months.billing_month') }}
    left join {{ ref('dim_org') }} as orgs on subscriptions.org_id = orgs.org_id
        and {{ valid_on('orgs', 'active_months.month_end') }}
    left join billed_fees on active_months.subscription_id = billed_fees.subscription_id
        and active_months.billing_month = billed_fees.billing_month
        and tariffs.component_code = billed_fees.charge_item_code
    where billed_fees.subscription_id is null and tariffs.unit_price_amt > 0

),

suspects as (

    select * from rated_wrong
    union all
    select * from unbilled

)

select
    -- keys
    suspects.subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    suspects.org_key,
    suspects.subscription_id,
    coalesce(subscriptions.org_id, '?') as org_id,

    -- attributes
    suspects.leakage_kind_code,

    -- measures
    cast(suspects.record_count as bigint) as record_count,
    cast(suspects.expected_amt as decimal(18, 2)) as expected_amt,
    cast(suspects.charged_amt as decimal(18, 2)) as charged_amt,
    cast(suspects.expected_amt - suspects.charged_amt as decimal(18, 2)) as leakage_amt,
    'CNY' as currency_code,

    -- times
    suspects.leakage_date
from suspects
left join subscriptions on suspects.subscription_key = subscriptions.subscription_key
left join {{ ref('dim_customer') }} as customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'suspects.leakage_date') }}
