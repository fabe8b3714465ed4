-- One row per subscription and month in which it was present on some day, with its last day of the month.
with subscription_days as (

    select
        *,
        {{ month_of('snapshot_date') }} as month_start_date
    from {{ ref('fct_subscription_day') }}

),

-- The month of the first day of the window is written whole: 31 days back reach its first day.
window_days as (

    select * from subscription_days
    where {{ since_window('month_start_date', lookback_days=31) }}

),

last_days as (

    select
        month_start_date,
        max(snapshot_date) as last_date
    from window_days
    group by month_start_date

),

summed as (

    select
        month_start_date,
        subscription_id,
        max_by(subscription_key, snapshot_date) as subscription_key,
        max_by(org_key, snapshot_date) as org_key,
        max_by(state_code, snapshot_date) as state_code,
        max_by(is_counted, snapshot_date) as last_is_counted,
        min_by(was_counted, snapshot_date) as was_counted,
        max(snapshot_date) as snapshot_date,
        cast(sum(case when is_new then 1 else 0 end) as bigint) as new_count,
        cast(sum(case when is_regained then 1 else 0 end) as bigint) as regained_count,
        cast(sum(case when is_left then 1 else 0 end) as bigint) as left_count,
        cast(sum(case when is_corrected_in then 1 else 0 end) as bigint) as corrected_in_count,
        cast(sum(case when is_corrected_out then 1 else 0 end) as bigint) as corrected_out_count,
        cast(sum(case when is_counted then 1 else 0 end) as bigint) as counted_day_count
    from window_days
    group by month_start_date, subscription_id

),

months as (

    select
        summed.*,
        last_days.last_date,
        summed.last_is_counted and summed.snapshot_date = last_days.last_date as is_counted
    from summed
    inner join last_days on summed.month_start_date = last_days.month_start_date

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

bands as (

    select * from {{ ref('dim_profile_band') }}
    where scheme_code = 'TENURE'

),

described as (

    select
        months.*,
        versions.customer_id,
        versions.account_id,
        versions.service_code,
        versions.offer_id,
        versions.channel_id,
        coalesce(versions.is_excluded, false) as is_excluded,
        {{ months_between('versions.opened_on', 'months.month_start_date') }} as tenure_months
    from months
    left join versions on months.subscription_key = versions.subscription_key

)

select
    -- keys
    described.subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    described.org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(offers.offer_key, {{ unknown_key() }}) as offer_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as entry_channel_key,
    coalesce(bands.profile_band_key, {{ unknown_key() }}) as tenure_band_key,
    described.subscription_id,

    -- attributes
    described.state_code,
    described.is_excluded,
    described.was_counted,
    described.is_counted,
    described.tenure_months,

    -- measures
    described.new_count,
    described.regained_count,
    described.corrected_in_count,
    described.left_count,
    described.corrected_out_count,
    described.counted_day_count,

    -- times
    described.last_date = dates.month_end_date as is_complete,
    described.snapshot_date,
    described.month_start_date
from described
left join customers on described.customer_id = customers.customer_id
    and {{ valid_on('customers', 'described.snapshot_date') }}
left join accounts on described.account_id = accounts.account_id
    and {{ valid_on('accounts', 'described.snapshot_date') }}
left join services on described.service_code = services.service_code
left join offers on described.offer_id = offers.offer_id
left join channels on described.channel_id = channels.channel_id
left join bands on described.tenure_months >= bands.lower_value and described.tenure_months < bands.upper_value
left join {{ ref('dim_date') }} as dates on described.last_date = dates.calendar_date
