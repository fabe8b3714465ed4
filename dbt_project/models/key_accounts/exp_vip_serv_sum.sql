-- One row per local network, service, offer and cycle: what large customers use, VIP_SERV_SUM of the core data
-- standard. Usage that names a subscription without a month of its own stands under the offer ?.
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

subscription_versions as (

    select
        subscription_key,
        customer_id,
        service_code
    from {{ ref('dim_subscription') }}

),

subscription_months as (

    select
        member_months.subscription_id,
        member_months.month_start_date,
        orgs.org_id,
        services.service_code,
        offers.offer_id,
        member_months.is_counted,
        member_months.new_count,
        member_months.regained_count,
        member_months.left_count
    from {{ ref('fct_subscription_month') }} as member_months
    inner join customers on member_months.customer_key = customers.customer_key
    inner join large on customers.customer_id = large.customer_id
        and member_months.month_start_date = large.month_start_date
    left join orgs on member_months.org_key = orgs.org_key
    left join {{ ref('dim_service') }} as services on member_months.service_key = services.service_key
    left join {{ ref('dim_offer') }} as offers on member_months.offer_key = offers.offer_key

),

usage as (

    select
        usage_days.subscription_id,
        {{ month_of('usage_days.event_date') }} as month_start_date,
        min(orgs.org_id) as org_id,
        min(subscription_versions.service_code) as service_code,
        sum(usage_days.billed_minutes) as billed_minutes,
        sum(usage_days.up_bytes + usage_days.down_bytes) as volume_bytes
    from {{ ref('fct_usage_day') }} as usage_days
    inner join subscription_versions on usage_days.subscription_key = subscription_versions.subscription_key
    inner join large on subscription_versions.customer_id = large.customer_id
        and {{ month_of('usage_days.event_date') }} = large.month_start_date
    left join orgs on usage_days.org_key = orgs.org_key
    group by usage_days.subscription_id, {{ month_of('usage_days.event_date') }}

),

joined as (

    select
        coalesce(subscription_months.month_start_date, usage.month_start_date) as month_start_date,
        coalesce(subscription_months.org_id, usage.org_id, '?') as org_id,
        coalesce(subscription_months.service_code, usage.service_code, '?') as service_code,
        coalesce(subscription_months.offer_id, '?') as offer_id,
        case when subscription_months.is_counted then 1 else 0 end as counted_count,
        coalesce(subscription_months.new_count + subscription_months.regained_count, 0) as new_count,
        coalesce(subscription_months.left_count, 0) as left_count,
        coalesce(usage.billed_minutes, 0) as billed_minutes,
        coalesce(usage.volume_bytes, 0) as volume_bytes
    from subscription_months
    full outer join usage on subscription_months.subscription_id = usage.subscription_id
        and subscription_months.month_start_date = usage.month_start_date

)

select
    -- keys
    org_id as local_network_id,
    service_code,
    offer_id,

    -- measures
    cast(sum(counted_count) as bigint) as subscription_count,
    cast(sum(new_count) as bigint) as new_count,
    cast(sum(left_count) as bigint) as left_count,
    cast(sum(billed_minutes) as bigint) as billed_minutes,
    cast(sum(volume_bytes) as bigint) as volume_bytes,

    -- times
    month_start_date as cycle_month,
    {{ add_days(add_months('month_start_date', 1), 9) }} as report_due_date
from joined
group by org_id, service_code, offer_id, month_start_date
