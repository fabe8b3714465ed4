-- One row per version of a subscription, month, city, usage type, direction, counterpart operator and roam type: the
-- days of fct_usage_day added up, for questions over many months. A month is computed again in full when one of its
-- days is, or once held a record of the files that are new.
with touched_months as (

    {{ touched_dates('month_start_date', ref('fct_usage_day'), month_of('event_date'), 'last_file_date') }}

),

touched_dates as (

    select dates.calendar_date
    from {{ ref('dim_date') }} as dates
    inner join touched_months on dates.month_start_date = touched_months.month_start_date

),

days as (

    select usage_days.*
    from {{ ref('fct_usage_day') }} as usage_days
    inner join touched_dates on usage_days.event_date = touched_dates.calendar_date

)

select
    -- keys
    subscription_key,
    org_key,
    usage_type_key,
    counterpart_operator_key,
    subscription_id,

    -- attributes
    usage_type_code,
    service_code,
    direction_code,
    counterpart_operator_code,
    roam_type_code,
    is_excluded,

    -- measures
    cast(sum(record_count) as bigint) as record_count,
    cast(sum(duration_s) as bigint) as duration_s,
    cast(sum(billed_minutes) as bigint) as billed_minutes,
    cast(sum(up_bytes) as bigint) as up_bytes,
    cast(sum(down_bytes) as bigint) as down_bytes,
    cast(sum(rated_amt) as decimal(18, 2)) as rated_amt,

    -- lineage
    max(last_file_date) as last_file_date,
    {{ month_of('event_date') }} as month_start_date
from days
group by
    subscription_key, org_key, usage_type_key, counterpart_operator_key, subscription_id, usage_type_code,
    service_code, direction_code, counterpart_operator_code, roam_type_code, is_excluded, {{ month_of('event_date') }}
