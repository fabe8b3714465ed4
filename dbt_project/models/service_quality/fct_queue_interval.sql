-- One row per queue and half-hour, quiet ones included: what the queue counted of the contacts that reached it.
-- A half-hour delivered again within 3 days is left out.
with delivered as (

    select
        *,
        {{ repeats_record(['queue_code', 'interval_at'], within_days=3) }} as is_copy
    from {{ ref('stg_call_center__queue_interval') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

intervals as (

    select
        *,
        cast(interval_at_local as date) as interval_date
    from delivered
    where not is_copy and {{ since_window('file_date') }}

),

centres as (

    select * from {{ ref('dim_contact_centre') }}

),

headquarters as (

    select * from {{ ref('dim_org') }}
    where org_level_code = 'HQ'

)

select
    -- keys
    {{ surrogate_key(['intervals.queue_code', 'intervals.interval_at', 'intervals.file_date']) }} as queue_interval_key,
    coalesce(centres.contact_centre_key, {{ unknown_key() }}) as contact_centre_key,
    coalesce(headquarters.org_key, {{ unknown_key() }}) as org_key,
    intervals.queue_code,

    -- measures
    intervals.offered_count,
    intervals.answered_count,
    intervals.answered_in_limit_count,
    intervals.abandoned_count,
    intervals.short_abandoned_count,
    intervals.wait_s,
    intervals.longest_wait_s,

    -- times and lineage
    intervals.interval_at,
    intervals.interval_at_local,
    intervals.interval_date,
    cast(extract(hour from intervals.interval_at_local) as int) as hour_of_day,
    intervals.source_file,
    intervals.line_number,
    intervals.file_date
from intervals
left join centres on intervals.queue_code = centres.queue_code
left join headquarters on {{ valid_on('headquarters', 'intervals.interval_date') }}
