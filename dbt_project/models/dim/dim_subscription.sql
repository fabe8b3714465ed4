-- One row per subscription and period without a change, from the daily lists; and the unknown member.
-- The row of day D holds from D on. status_code is the state as listed; the counted state of a day is
-- in fct_subscription_day, which follows the state changes.
with source as (

    select
        *,
        cast(opened_at_local as date) as opened_on,
        is_test or is_data_sim or is_m2m as is_excluded
    from {{ ref('stg_billing__subscription') }}

),

versions as (

    {{ history('source', 'subscription_id', [
        'account_id', 'customer_id', 'number_token', 'service_code', 'offer_id', 'brand_code',
        'network_generation_code', 'channel_id', 'org_id', 'status_code', 'is_test', 'is_data_sim',
        'is_m2m', 'is_excluded', 'opened_on', 'first_used_at', 'first_used_at_local', 'contract_end_on',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['subscription_id', 'valid_from']) }} as subscription_key,
    subscription_id,
    account_id,
    customer_id,
    offer_id,
    channel_id,
    org_id,

    -- attributes
    number_token,
    service_code,
    brand_code,
    network_generation_code,
    status_code,
    is_test,
    is_data_sim,
    is_m2m,
    is_excluded,
    opened_on,
    first_used_at,
    first_used_at_local,
    contract_end_on,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as subscription_key,
    '?' as subscription_id,
    '?' as account_id,
    '?' as customer_id,
    '?' as offer_id,
    '?' as channel_id,
    '?' as org_id,
    cast(null as bigint) as number_token,
    '?' as service_code,
    '?' as brand_code,
    '?' as network_generation_code,
    '?' as status_code,
    false as is_test,
    false as is_data_sim,
    false as is_m2m,
    false as is_excluded,
    cast(null as date) as opened_on,
    cast(null as timestamp) as first_used_at,
    cast(null as timestamp) as first_used_at_local,
    cast(null as date) as contract_end_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
