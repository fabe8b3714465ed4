-- One row per subscription and month in which it was present or used: how much of its use was in degraded hours of the
-- cells it used, or that no record tells where it was (location_code NO_LOCATION_DATA).
{% set measures = [
    'record_count', 'located_record_count', 'measured_record_count', 'degraded_record_count', 'located_duration_s',
    'degraded_duration_s', 'located_volume_bytes', 'degraded_volume_bytes',
] -%}

with present as (

    select
        subscription_id,
        subscription_key,
        month_start_date
    from {{ ref('fct_subscription_month') }}
    where {{ since_window('month_start_date', lookback_days=62) }}

),

-- The month of the first day of the window and the one before it, for late records, are written whole.
used as (

    select
        subscription_id,
        max_by(subscription_key, event_date) as subscription_key,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        {{ month_of('event_date') }} as month_start_date
    from {{ ref('fct_usage_quality_day') }}
    where {{ since_window(month_of('event_date'), lookback_days=62) }}
    group by subscription_id, {{ month_of('event_date') }}

),

months as (

    select
        coalesce(present.subscription_id, used.subscription_id) as subscription_id,
        coalesce(present.subscription_key, used.subscription_key) as subscription_key,
        {%- for measure in measures %}
        used.{{ measure }},
        {%- endfor %}
        coalesce(present.month_start_date, used.month_start_date) as month_start_date
    from present
    full outer join used on present.subscription_id = used.subscription_id
        and present.month_start_date = used.month_start_date

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

dates as (

    select * from {{ ref('dim_date') }}

)

select
    -- keys
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    months.subscription_id,
    subscriptions.customer_id,

    -- attributes
    case
        when coalesce(months.located_record_count, 0) > 0 then 'LOCATED' else 'NO_LOCATION_DATA'
    end as location_code,

    -- measures
    {%- for measure in measures %}
    cast(coalesce(months.{{ measure }}, 0) as bigint) as {{ measure }},
    {%- endfor %}

    -- times
    months.month_start_date
from months
left join subscriptions on months.subscription_key = subscriptions.subscription_key
left join dates on months.month_start_date = dates.calendar_date
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'dates.month_end_date') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'dates.month_end_date') }}
