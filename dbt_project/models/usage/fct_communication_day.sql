-- One row per subscription and day with use: whether it used the network itself or was only called.
-- Own use is an outgoing call or message, or data. A day is computed again when its usage is.
with touched_dates as (

    {{ touched_dates('event_date', ref('fct_usage_day'), 'event_date', 'last_file_date') }}

),

usage_days as (

    select usage_days.*
    from {{ ref('fct_usage_day') }} as usage_days
    inner join touched_dates on usage_days.event_date = touched_dates.event_date

)

select
    -- keys
    max(subscription_key) as subscription_key,
    max(org_key) as org_key,
    subscription_id,
    max(org_id) as org_id,

    -- attributes
    max(case when direction_code in ('MO', 'NONE') then 1 else 0 end) = 1 as is_communicating,

    -- measures
    cast(sum(record_count) as bigint) as record_count,
    cast(sum(case when direction_code in ('MO', 'NONE') then record_count else 0 end) as bigint) as own_record_count,

    -- lineage
    max(last_file_date) as last_file_date,
    event_date
from usage_days
group by subscription_id, event_date
