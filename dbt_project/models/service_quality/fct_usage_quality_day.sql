-- One row per subscription and day with use: how many of its records name a cell, how many of these fall into an hour
-- in which the cell was measured well enough to be judged, and how many into a degraded one (fct_network_cell_hour).
-- A day is computed again in full when its usage or its measurements are.
with touched_dates as (

    {{ touched_dates('event_date', ref('fct_usage_event'), 'event_date', 'file_date') }}
    union
    select measured_date as event_date from {{ ref('fct_network_cell_hour') }}
    where {{ since_window('file_date') }}

),

cell_hours as (

    select
        facts.cell_id,
        facts.hour_at,
        max(case when facts.is_degraded then 1 else 0 end) as is_degraded,
        max(facts.file_date) as file_date
    from {{ ref('fct_network_cell_hour') }} as facts
    inner join touched_dates on facts.measured_date = touched_dates.event_date
    where facts.is_valid
    group by facts.cell_id, facts.hour_at

),

events as (

    select
        events.subscription_id,
        events.subscription_key,
        events.org_key,
        events.cell_id,
        cast(date_trunc('hour', events.started_at) as timestamp) as hour_at,
        events.duration_s,
        events.up_bytes + events.down_bytes as volume_bytes,
        events.event_date,
        events.file_date
    from {{ ref('fct_usage_event') }} as events
    inner join touched_dates on events.event_date = touched_dates.event_date

)

select
    -- keys
    max(events.subscription_key) as subscription_key,
    max(events.org_key) as org_key,
    events.subscription_id,

    -- measures
    cast(count(*) as bigint) as record_count,
    cast(count(events.cell_id) as bigint) as located_record_count,
    cast(count(cell_hours.is_degraded) as bigint) as measured_record_count,
    cast(sum(coalesce(cell_hours.is_degraded, 0)) as bigint) as degraded_record_count,
    cast(sum(case when events.cell_id is not null then events.duration_s else 0 end) as bigint) as located_duration_s,
    cast(sum(coalesce(cell_hours.is_degraded, 0) * events.duration_s) as bigint) as degraded_duration_s,
    cast(sum(case when events.cell_id is not null then events.volume_bytes else 0 end) as bigint)
        as located_volume_bytes,
    cast(sum(coalesce(cell_hours.is_degraded, 0) * events.volume_bytes) as bigint) as degraded_volume_bytes,

    -- lineage
    max(greatest(events.file_date, coalesce(cell_hours.file_date, events.file_date))) as last_file_date,
    events.event_date
from events
left join cell_hours on events.cell_id = cell_hours.cell_id and events.hour_at = cell_hours.hour_at
group by events.subscription_id, events.event_date
