-- One row per subscription and as-of month in which it counted, as the registers said by then: age on net, contract,
-- class of customer, how the account pays. Excluded numbers (test, data-only, machine) are left out.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

subscription_rows as (

    {{ known_rows('billing__subscription', [
        'subscription_id', 'account_id', 'customer_id', 'service_code', 'offer_id', 'channel_id', 'org_id',
        'network_generation_code', 'status_code', 'is_test', 'is_data_sim', 'is_m2m', 'opened_at_local',
        'contract_end_on',
    ]) }}

),

subscriptions as (

    {{ newest_known('subscription_rows', 'subscription_id', [
        'account_id', 'customer_id', 'service_code', 'offer_id', 'channel_id', 'org_id', 'network_generation_code',
        'status_code', 'is_test', 'is_data_sim', 'is_m2m', 'opened_at_local', 'contract_end_on',
    ], 'months') }}

),

account_rows as (

    {{ known_rows('billing__account', ['account_id', 'is_prepaid', 'credit_grade_code']) }}

),

accounts as (

    {{ newest_known('account_rows', 'account_id', ['is_prepaid', 'credit_grade_code'], 'months') }}

),

customer_rows as (

    {{ known_rows('billing__customer', [
        'customer_id', 'customer_type_code', 'service_grade_code', 'is_important', 'group_id',
    ]) }}

),

customers as (

    {{ newest_known('customer_rows', 'customer_id', [
        'customer_type_code', 'service_grade_code', 'is_important', 'group_id',
    ], 'months') }}

),

counted as (

    select subscriptions.*
    from subscriptions
    inner join {{ ref('subscription_states') }} as states on subscriptions.status_code = states.state_code
    where
        states.is_reached
        and not (subscriptions.is_test or subscriptions.is_data_sim or subscriptions.is_m2m)

),

holdings as (

    select
        as_of_month,
        customer_id,
        count(*) as subscription_count
    from counted
    group by as_of_month, customer_id

),

rules as (

    {{ parameters_of(['contract_end_watch_months']) }}

)

select
    -- keys
    counted.subscription_id,
    counted.account_id,
    counted.customer_id,
    counted.org_id,
    counted.offer_id,

    -- attributes
    counted.service_code,
    counted.network_generation_code,
    channels.channel_type_code as entry_channel_type_code,
    customers.customer_type_code,
    customers.service_grade_code,
    accounts.credit_grade_code,
    coalesce(accounts.is_prepaid, false) as is_prepaid,
    coalesce(customers.is_important, false) as is_important,
    customers.group_id is not null as is_group_member,
    counted.contract_end_on is not null as has_contract,
    coalesce(
        {{ months_between('months.as_of_month', 'counted.contract_end_on') }} between 1
        and rules.contract_end_watch_months, false
    ) as is_contract_ending,

    -- measures
    {{ months_between('counted.opened_at_local', 'months.as_of_month') }} as tenure_months,
    {{ days_between('counted.opened_at_local', 'months.as_of_date') }} as tenure_days,
    {{ months_between('months.as_of_month', 'counted.contract_end_on') }} as months_to_contract_end,
    holdings.subscription_count as customer_subscription_count,

    -- times
    months.as_of_month,
    months.as_of_date
from counted
cross join rules
inner join months on counted.as_of_month = months.as_of_month
left join accounts on counted.as_of_month = accounts.as_of_month and counted.account_id = accounts.account_id
left join customers on counted.as_of_month = customers.as_of_month and counted.customer_id = customers.customer_id
left join holdings on counted.as_of_month = holdings.as_of_month and counted.customer_id = holdings.customer_id
left join {{ ref('dim_channel') }} as channels on counted.channel_id = channels.channel_id
